"""What CloudFront proves itself by to the HTTP API: a header that the distribution's configuration holds.

The authorizer takes AWSPENDING, AWSCURRENT and AWSPREVIOUS, so edges may send either while a change spreads.

Source: CloudFront API Reference, UpdateDistribution; docs/decisions/0026.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from flux_core.bounded_aws import bounded
from flux_core.secrets import Secret

from .settings import OriginRotationSettings
from .strategy import RotationError, Strategy, Value, Values, random_text

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_lambda import LambdaClient

# A change reaches all edges in minutes. The function itself has 300 s; Secrets Manager repeats a step that fails.
DEPLOYED_SECONDS = 240
_POLL_SECONDS = 5

# An update takes CloudFront longer than other calls take other services.
CLIENT_CONFIG = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 2})


class OriginValue(Secret):
    """value: of the header."""

    value: str


class OriginRotation(Strategy):
    """Has CloudFront send the new value, once the authorizer is seen to take it."""

    def __init__(  # noqa: PLR0913 - whom it asks, and about what
        self,
        cloudfront: "CloudFrontClient",
        functions: "LambdaClient",
        *,
        distribution: str,
        header: str,
        authorizer: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cloudfront = cloudfront
        self._functions = functions
        self._distribution = distribution
        self._header_name = header
        self._authorizer = authorizer
        self._sleep = sleep

    def create(self, current: str, *, token: str) -> str:
        """Another value; 64 characters as in flux_infra/data/secrets.py."""
        del token
        return json.dumps({**json.loads(current), "value": random_text(64)})

    def put_into_force(self, values: Values) -> None:
        """Change the distribution, and wait until every edge has it."""
        value = _value(values.pending)
        self._require_accepted(value)
        answer = self._cloudfront.get_distribution_config(Id=self._distribution)
        config = answer["DistributionConfig"]
        header = self._find_header(config)
        if header["HeaderValue"] != value:
            header["HeaderValue"] = value
            # IfMatch: whoever changes the distribution meanwhile, like a deployment, is not undone.
            self._cloudfront.update_distribution(
                Id=self._distribution, DistributionConfig=config, IfMatch=answer["ETag"]
            )
        self._wait_until_deployed()

    def test(self, pending: Value) -> None:
        """See that the distribution sends the value at every edge, and that the authorizer takes it."""
        value = _value(pending)
        self._wait_until_deployed()
        config = self._cloudfront.get_distribution_config(Id=self._distribution)["DistributionConfig"]
        if self._find_header(config)["HeaderValue"] != value:
            raise RotationError(
                f"distribution {self._distribution} sends another value of {self._header_name} than the one to be "
                "tested; a deployment has put back the one before. Nothing is broken; rotate again"
            )
        self._require_accepted(value)

    def _require_accepted(self, value: str) -> None:
        payload = {"version": "2.0", "type": "REQUEST", "identitySource": [value]}
        answer = self._functions.invoke(FunctionName=self._authorizer, Payload=json.dumps(payload).encode())
        if "FunctionError" in answer or json.loads(answer["Payload"].read()) != {"isAuthorized": True}:
            raise RotationError(
                f"the authorizer {self._authorizer} does not take the value; CloudFront goes on sending what it takes. "
                "Read the authorizer's log"
            )

    def _find_header(self, config: Mapping[str, object]) -> dict[str, str]:
        """One custom header of an origin, which changes the configuration that it is part of."""
        match config:
            case {"Origins": {"Items": [*origins]}}:
                for origin in origins:
                    for header in origin.get("CustomHeaders", {}).get("Items", ()):
                        if header["HeaderName"].lower() == self._header_name:
                            found: dict[str, str] = header
                            return found
            case _:
                pass
        raise RotationError(
            f"no origin of distribution {self._distribution} is sent {self._header_name}; deploy the frontend stack"
        )

    def _wait_until_deployed(self) -> None:
        for _ in range(DEPLOYED_SECONDS // _POLL_SECONDS):
            if self._cloudfront.get_distribution(Id=self._distribution)["Distribution"]["Status"] == "Deployed":
                return
            self._sleep(_POLL_SECONDS)
        raise RotationError(
            f"distribution {self._distribution} is not deployed to all edges after {DEPLOYED_SECONDS} s. Both values "
            "work; Secrets Manager begins the step again"
        )


def _value(version: Value) -> str:
    return OriginValue.model_validate_json(version.content).value


def build_origin() -> OriginRotation:
    """From the environment."""
    settings = OriginRotationSettings.load()
    return OriginRotation(
        bounded(boto3.client("cloudfront", config=CLIENT_CONFIG)),
        bounded(boto3.client("lambda", config=CLIENT_CONFIG)),
        distribution=settings.distribution_id,
        header=settings.origin_header,
        authorizer=settings.authorizer,
    )
