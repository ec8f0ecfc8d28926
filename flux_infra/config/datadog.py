"""What an environment sends to Datadog, if it sends anything."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

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

_ARN = r"arn:aws:secretsmanager:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):secret:[\w/+=.@-]+-[A-Za-z0-9]{6}"


@dataclass(frozen=True, kw_only=True)
class Datadog:
    """Datadog, as one environment uses it; docs/datadog.md says how to set it up and what it costs.

    site: Datadog's, as the address of its pages ends: `datadoghq.com`, `datadoghq.eu`, `us5.datadoghq.com`.
    key_secret: ARN of the secret in this account that holds `{"api_key": "..."}`, the form that Firehose reads. The key
        itself stands nowhere in this repository.
    external_id: what Datadog showed when the account was added to its AWS integration. No secret: it keeps Datadog from
        acting in this account for another of its customers.
    """

    site: str
    key_secret: str
    external_id: str

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

    def check_place(self, *, account: str, region: str) -> None:
        """Check that the secret lives where the environment does.

        Raises:
            ConfigError: it is of another account or region.
        """
        found = re.fullmatch(_ARN, self.key_secret)
        require(
            found is not None and (found["account"], found["region"]) == (account, region),
            "Datadog.key_secret",
            self.key_secret,
            f"must be in the environment's own account and region, {account} and {region}; make the secret there",
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
