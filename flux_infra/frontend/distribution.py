"""The CloudFront distribution: one address for the site and its API."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from ..config import FluxConfig
from ..constructs.origin import ORIGIN_FIELD, ORIGIN_HEADER
from ..constructs.site_manifest import HASHED_FILES, MISSING
from .headers import API_CONTENT, SITE_CONTENT, SecurityHeaders
from .releases import SiteReleases


class FluxDistribution(Construct):
    """`/api/*` goes to the HTTP API uncached; everything else is the site, cached, from its private bucket.

    Pages come from the live release, which functions at the edge look up. Hashed files are the same for every release,
    so a tab that was opened before a release still gets those of its own.

    The one error response is for 403, S3's answer to who asks for what is not there (nobody may list the bucket).
    CloudFront applies it to every behavior; the api answers no 403, so none of its answers is hidden.

    Attributes:
        distribution: the distribution.
    """

    def __init__(  # noqa: PLR0913 - each is one part of the edge
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        site: s3.IBucket,
        releases: SiteReleases,
        logs: s3.IBucket,
        http_api: apigateway.HttpApi,
        origin_secret: secretsmanager.ISecret,
        firewall_arn: str,
        certificate: acm.ICertificate | None,
    ) -> None:
        super().__init__(scope, construct_id)
        origin = origins.S3BucketOrigin.with_origin_access_control(site)
        headers = SecurityHeaders(self, "SiteHeaders", content=SITE_CONTENT)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Flux {config.name}",
            default_behavior=_site(origin, headers, functions=releases.associations),
            additional_behaviors={
                "/api/*": self._api(http_api, origin_secret),
                f"/{HASHED_FILES}*": _site(origin, headers),
            },
            default_root_object="index.html",  # FSBP CloudFront.1; the function at the edge would do without
            error_responses=[
                cloudfront.ErrorResponse(
                    http_status=403,
                    response_http_status=404,
                    response_page_path=f"/{MISSING}",
                    ttl=Duration.seconds(10),
                )
            ],
            domain_names=[config.domain.name] if config.domain else None,
            certificate=certificate,
            # CloudFront fixes the choice for its own certificate; ours lets us refuse anything older.
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if certificate else None,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,  # North America and Europe, where the restaurants are
            web_acl_id=firewall_arn,
            enable_logging=True,
            log_bucket=logs,
            log_file_prefix="cloudfront/",
        )

    def _api(self, http_api: apigateway.HttpApi, origin_secret: secretsmanager.ISecret) -> cloudfront.BehaviorOptions:
        stack = Stack.of(self)
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                f"{http_api.api_id}.execute-api.{stack.region}.{stack.url_suffix}",
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                read_timeout=Duration.seconds(30),  # as long as API Gateway itself waits
                # A dynamic reference: CloudFormation puts the value in when it makes or changes the distribution.
                custom_headers={ORIGIN_HEADER: origin_secret.secret_value_from_json(ORIGIN_FIELD).unsafe_unwrap()},
            ),
            # Not redirected: a password or a sale sent in the clear has already been read.
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # API Gateway answers only to its own host name; everything else of the request reaches it.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            compress=False,
            response_headers_policy=SecurityHeaders(self, "ApiHeaders", content=API_CONTENT).policy,
        )


def _site(
    origin: cloudfront.IOrigin,
    headers: SecurityHeaders,
    *,
    functions: Sequence[cloudfront.FunctionAssociation] | None = None,
) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=origin,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
        cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
        compress=True,
        response_headers_policy=headers.policy,
        function_associations=functions,
    )
