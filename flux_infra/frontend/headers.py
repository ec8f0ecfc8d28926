"""The security headers that CloudFront adds to every response."""

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

# What the site's pages may do: load files of their own origin and talk to it. No script or style that stands in a page
# is obeyed, whoever wrote it there; the build moves Next.js's own into files (build/site_scripts.py).
SITE_CONTENT = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self'; "
    "connect-src 'self'; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)

# An API's answer is data; a browser that is tricked into showing it as a page may load nothing.
API_CONTENT = "default-src 'none'; frame-ancestors 'none'"


# What no page of Flux asks a browser for, so that nothing that gets into one can.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


class SecurityHeaders(Construct):
    """HTTPS only for two years; no sniffing, framing, referrer to others or devices; and the content policy given.

    Attributes:
        policy: the response headers policy of one behavior.
    """

    def __init__(self, scope: Construct, construct_id: str, *, content: str) -> None:
        super().__init__(scope, construct_id)
        self.policy = cloudfront.ResponseHeadersPolicy(
            self,
            "Policy",
            comment="Flux security headers",
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header="Permissions-Policy", value=PERMISSIONS, override=True)
                ]
            ),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(730), include_subdomains=True, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override=True
                ),
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=content, override=True
                ),
            ),
        )
