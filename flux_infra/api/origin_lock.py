"""The API answers only what came through CloudFront, where the firewall is."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_authorizers import HttpLambdaAuthorizer, HttpLambdaResponseType

from ..constructs.origin import ORIGIN_HEADER

# How long API Gateway may keep an answer of the authorizer. CloudFront sends the same value with every request, so a
# few invocations a minute stand for thousands of requests a second; and a value out of use is refused within a minute:
# after this, and the authorizer's own KEEP_SECONDS.
KEEP = Duration.seconds(30)


class OriginLock(HttpLambdaAuthorizer):
    """Asks the authorizer about `ORIGIN_HEADER`: 401 without the header, 403 with a wrong value, 500 if it fails.

    The header is the identity source, so API Gateway refuses requests without it by itself and keeps answers by value.
    docs/decisions/0026 has the reasons.
    """

    def __init__(self, *, authorizer: lambda_.IAlias) -> None:
        super().__init__(
            "OriginLock",
            authorizer,
            identity_source=[f"$request.header.{ORIGIN_HEADER}"],
            response_types=[HttpLambdaResponseType.SIMPLE],
            results_cache_ttl=KEEP,
        )
