from dataclasses import replace

import pytest

from flux_infra.config import ConfigError, Domain, FluxConfig, OptOut
from flux_infra.environments import DEV, LOCAL, PROD, STAGING, environments


def test_a_preview_joins_them_shaped_like_dev_and_ephemeral() -> None:
    preview = environments(preview="pr-123")[-1]

    assert preview == DEV.named("pr-123")
    assert preview.ephemeral


def test_a_preview_leaves_the_domain_to_the_environment_that_has_it() -> None:
    domain = Domain(name="dev.flux.example", zone_name="flux.example", zone_id="Z0123456789")
    assert replace(DEV, domain=domain).named("pr-123").domain is None


@pytest.mark.parametrize("name", ["prod", "pr-", "pr-12a", "pr-1;x", ""])
def test_a_preview_cannot_take_another_name(name: str) -> None:
    with pytest.raises(ConfigError, match="like -c preview=pr-123"):
        environments(preview=name)


def test_only_selects_environments_by_name() -> None:
    assert [config.name for config in environments(only="prod,local")] == ["local", "prod"]
    assert [config.name for config in environments(only="pr-123", preview="pr-123")] == ["pr-123"]


def test_an_unknown_name_in_only_is_told_with_the_names_that_exist() -> None:
    with pytest.raises(ConfigError, match=r"only='lokal': no such environment; must be one of local, dev, "):
        environments(only="lokal")


@pytest.mark.parametrize("config", [STAGING, PROD], ids=lambda config: config.name)
def test_what_people_rely_on_survives_a_zone_and_its_own_deletion(config: FluxConfig) -> None:
    assert not config.ephemeral
    assert config.database.standby is True
    assert config.cache.failover is True
    assert config.model.instances >= 2
    assert config.network.nat_gateways == len(config.network.zones)


def test_production_spans_three_zones_and_is_released_by_canary() -> None:
    assert len(PROD.network.zones) == 3
    assert PROD.traffic_shift == "CANARY_10PERCENT_10MINUTES"
    assert PROD.database.backup_days == 35
    assert PROD.square_api_url == "https://connect.squareup.com"


def test_only_production_speaks_to_the_real_square() -> None:
    assert [c.name for c in environments() if "connect.squareup.com" in c.square_api_url] == ["prod"]


def test_whoever_saves_on_a_safeguard_says_why() -> None:
    for config in (LOCAL, DEV):
        assert isinstance(config.database.standby, OptOut)
        assert isinstance(config.cache.failover, OptOut)
        assert isinstance(config.stateful, OptOut)


def test_local_is_dev_in_the_emulators_account_released_like_production() -> None:
    assert LOCAL.account == "000000000000"
    # By canary, too, but a shorter one: nobody wants to wait for it, and no alarm is late on this machine.
    assert LOCAL.traffic_shift == "CANARY_10PERCENT_5MINUTES"
    assert LOCAL.functions == DEV.functions


def test_environments_do_not_share_accounts_or_addresses() -> None:
    standing = (DEV, STAGING, PROD)

    assert len({config.account for config in standing}) == len(standing)
    assert len({config.network.cidr for config in standing}) == len(standing)  # so that they could be peered
