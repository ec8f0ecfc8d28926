"""What the configuration of delivery may say: whose account, which repository, which branches."""

from dataclasses import replace

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from flux_infra.config import Branch, ConfigError, Delivery, OptOut
from flux_infra.config.accounts import require_own_accounts
from flux_infra.delivery.identities import identities
from flux_infra.delivery.stack import DeliveryStack
from flux_infra.environments import DELIVERY, DEV, PROD, STAGING


def test_environments_may_share_an_account_only_if_somebody_says_why() -> None:
    neighbour = replace(STAGING, account=PROD.account)

    with pytest.raises(ConfigError, match="prod shares it with staging; give prod an account of its own"):
        require_own_accounts([replace(neighbour, own_account=OptOut(reason="one account is all we have")), PROD])
    require_own_accounts(
        [
            replace(neighbour, own_account=OptOut(reason="one account is all we have")),
            replace(PROD, own_account=OptOut(reason="one account is all we have")),
        ]
    )


def test_ephemeral_environments_may_share_an_account() -> None:
    require_own_accounts([DEV, DEV.named("pr-1")])


def test_two_environments_of_one_account_share_one_provider() -> None:
    shared = replace(STAGING, account=PROD.account)
    found = identities(DELIVERY, [shared, PROD])

    template = Template.from_stack(DeliveryStack(App(), identities=found))

    template.resource_count_is("AWS::IAM::OIDCProvider", 1)
    template.resource_count_is("AWS::IAM::Role", 8)


@pytest.mark.parametrize("repository", ["flux", "flux-app/*", "flux-app/flux:x", "*/flux", ""])
def test_a_repository_is_one_name_without_wildcards(repository: str) -> None:
    with pytest.raises(ConfigError, match=r"Delivery\.repository"):
        Delivery(repository=repository, branches=(), previews="dev")


@pytest.mark.parametrize(
    ("ids", "complaint"),
    [
        ({"owner_id": 1}, "together or not at all"),
        ({"repository_id": 1}, "together or not at all"),
        ({"owner_id": 0, "repository_id": 1}, "gh api repos/OWNER/NAME"),
        ({"owner_id": 1, "repository_id": -7}, "gh api repos/OWNER/NAME"),
    ],
)
def test_the_numbers_of_a_repository_are_two_or_none(ids: dict[str, int], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        Delivery(
            repository="a/b",
            branches=(),
            previews="dev",
            owner_id=ids.get("owner_id"),
            repository_id=ids.get("repository_id"),
        )


def test_a_name_that_no_longer_suffices_needs_the_numbers() -> None:
    with pytest.raises(ConfigError, match="nobody could take the roles"):
        replace(DELIVERY, names_suffice=False)


def test_a_branch_goes_to_one_environment_and_is_tried_on_a_branch_that_exists() -> None:
    main = Branch(name="main", environment="prod")

    with pytest.raises(ConfigError, match="one branch"):
        Delivery(repository="a/b", branches=(main, replace(main, name="other")), previews="dev")
    with pytest.raises(ConfigError, match="tried_on must name one of main"):
        Delivery(repository="a/b", branches=(replace(main, tried_on="staging"),), previews="dev")
    with pytest.raises(ConfigError, match="tried on itself"):
        replace(main, tried_on="main")


def test_production_takes_only_what_staging_has_run() -> None:
    main = DELIVERY.branch_of("prod")

    assert main is not None
    assert main.tried_on == "staging"
    assert [b.environment for b in DELIVERY.branches if b.name == "staging"] == ["staging"]
