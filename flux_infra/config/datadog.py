"""What an environment sends to Datadog, if it sends anything."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .checked import checked
from .functions import FUNCTIONS
from .rules import require

# Datadog's account on AWS by its site, as Datadog's own template trusts it (DataDog/cloudformation-template,
# aws_quickstart/main_extended.yaml, 2026-06). Without the sites of the US government, which live in AWS GovCloud.
DATADOG_ACCOUNTS: Mapping[str, str] = {
    "datadoghq.com": "464622532012",
    "datadoghq.eu": "464622532012",
    "us3.datadoghq.com": "464622532012",
    "us5.datadoghq.com": "464622532012",
    "ap1.datadoghq.com": "417141415827",
    "ap2.datadoghq.com": "412381753143",
    "uk1.datadoghq.com": "117348461845",
}

_ARN = r"arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}"


# Traced invocations are what Datadog charges for. A webhook has 1.5 billion a month in production.
_TRACEABLE = tuple(name for name in FUNCTIONS if name != "webhook")

_LAYER = r"arn:aws:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+"


@checked
@dataclass(frozen=True, kw_only=True)
class Tracing:
    """Traces of some functions, which are built with Datadog's library and run beside Datadog's extension.

    functions: their packages, like `api`. Not `webhook`.
    extension_layer: ARN, with its version, of Datadog's extension, copied into this account: nothing that runs beside a
        database's password is fetched from somebody else's account, or changes without a release.
    key_secret: ARN of the secret in this account whose whole text is the API key, the form that the extension reads.
    """

    functions: tuple[str, ...]
    extension_layer: str
    key_secret: str

    def __post_init__(self) -> None:
        for name in self.functions:
            require(
                name != "webhook",
                "Tracing.functions",
                name,
                "is called 1.5 billion times a month, and Datadog charges by traced invocation: about 15,000 USD. Its "
                "metrics are streamed anyway; leave it out",
            )
        require(
            bool(self.functions) and set(self.functions) <= set(_TRACEABLE),
            "Tracing.functions",
            self.functions,
            f"must be some of {', '.join(_TRACEABLE)}; for no traces leave out tracing",
        )
        require(
            re.fullmatch(_LAYER, self.extension_layer) is not None,
            "Tracing.extension_layer",
            self.extension_layer,
            "must be the ARN of a layer version in this account, like 'arn:aws:lambda:us-east-1:333333333333:layer:"
            "Datadog-Extension:103'; docs/datadog.md says how to copy it",
        )
        require_secret_arn("Tracing.key_secret", self.key_secret)


@checked
@dataclass(frozen=True, kw_only=True)
class Datadog:
    """Datadog, as one environment uses it; docs/datadog.md says how to set it up and what it costs.

    site: Datadog's, as the address of its pages ends: `datadoghq.com`, `datadoghq.eu`, `us5.datadoghq.com`.
    key_secret: ARN of the secret in this account that holds `{"api_key": "..."}`, the form that Firehose reads. The key
        itself stands nowhere in this repository.
    external_id: what Datadog showed when the account was added to its AWS integration. No secret: it keeps Datadog from
        acting in this account for another of its customers.
    tracing: which functions are traced, or None for none.
    """

    site: str
    key_secret: str
    external_id: str
    tracing: Tracing | None = None

    def __post_init__(self) -> None:
        require(
            self.site in DATADOG_ACCOUNTS,
            "Datadog.site",
            self.site,
            f"must be one of {', '.join(DATADOG_ACCOUNTS)}; the address of your Datadog pages ends in it",
        )
        require_secret_arn("Datadog.key_secret", self.key_secret)
        require(
            re.fullmatch(r"[0-9a-zA-Z]{8,64}", self.external_id) is not None,
            "Datadog.external_id",
            self.external_id,
            "must be the External ID of 8 to 64 letters and digits that Datadog shows for this account (Integrations, "
            "AWS, account details)",
        )

    @property
    def aws_account(self) -> str:
        """The account from which Datadog takes the integration's role."""
        return DATADOG_ACCOUNTS[self.site]

    def traces(self, package: str) -> bool:
        """Whether the function with this package is traced."""
        return self.tracing is not None and package in self.tracing.functions

    def check_place(self, *, account: str, region: str) -> None:
        """Check that secrets and layer live where the environment does.

        Raises:
            ConfigError: one is of another account or region.
        """
        places = {"Datadog.key_secret": self.key_secret}
        if self.tracing is not None:
            places["Tracing.key_secret"] = self.tracing.key_secret
            places["Tracing.extension_layer"] = self.tracing.extension_layer
        for field, arn in places.items():
            require(
                arn.split(":")[3:5] == [region, account],
                field,
                arn,
                f"must be in the environment's own account and region, {account} and {region}; make it there",
            )


def require_secret_arn(field: str, value: str) -> None:
    """Raise ConfigError unless the value is a secret's whole ARN."""
    require(
        re.fullmatch(_ARN, value) is not None,
        field,
        value if value.startswith("arn:") else "(not shown, it may be a key)",
        "must be a secret's whole ARN with the six characters at its end; aws secretsmanager describe-secret shows it. "
        "Never write the key itself here",
    )
