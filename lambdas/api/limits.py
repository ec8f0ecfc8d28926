"""How often somebody may try to sign in (docs/decisions/0045).

The firewall limits each address over all accounts. Here each account is limited: for each address by itself, so that a
stranger elsewhere keeps nobody out; and for all addresses together from which it was never signed in, so that many
addresses do not help a stranger.
"""

import hashlib
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from flux_core.cache import Cache

# Of one account from one address.
TRIES = 10
WINDOW_SECONDS = 5 * 60

# Of one account from all unfamiliar addresses (NIST SP 800-63B, 5.2.2: no more than 100 failures in a row).
UNFAMILIAR_TRIES = 100
UNFAMILIAR_WINDOW_SECONDS = 60 * 60

# How long an address from which somebody has signed in stays familiar.
FAMILIAR_SECONDS = 30 * 24 * 60 * 60


class SignInLimits:
    """Counts tries in the cache. Without it nothing is counted here, and only the firewall's limit holds."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def begin(self, email: str, address: str) -> int | None:
        """Count a try before its password is looked at; the seconds to wait if it is one too many, otherwise None.

        An account that nobody has is counted like any other, so the answer does not tell whether there is one.
        """
        here = self._cache.count(_pair(email, address), seconds=WINDOW_SECONDS)
        if here is not None and here.number > TRIES:
            return here.seconds_left
        if self._cache.get(_familiar(email, address)) is not None:
            return None
        anywhere = self._cache.count(_account(email), seconds=UNFAMILIAR_WINDOW_SECONDS)
        if anywhere is not None and anywhere.number > UNFAMILIAR_TRIES:
            return anywhere.seconds_left
        return None

    def succeeded(self, email: str, address: str) -> None:
        """The password was right: the address is the account's own from now on."""
        self._cache.forget(_pair(email, address))
        if self._cache.get(_familiar(email, address)) is None:
            self._cache.count_down(_account(email))
        self._cache.set(_familiar(email, address), b"1", seconds=FAMILIAR_SECONDS)


def viewer_address(event: Mapping[str, object]) -> str:
    """Whose request it is, by address, from an event of API Gateway (payload format 2.0).

    CloudFront appends its viewer's address to `X-Forwarded-For`, whatever the viewer wrote there before; whether API
    Gateway appends CloudFront's after it, in which case it is the source's, makes no difference here. An IPv6 viewer
    has 2^64 addresses at hand, which count as one.
    """
    source = ""
    match event:
        case {"requestContext": {"http": {"sourceIp": str(source)}}}:
            pass
    forwarded: list[str] = []
    match event:
        case {"headers": {"x-forwarded-for": str(listed)}}:
            forwarded = [each.strip() for each in listed.split(",")]
    if forwarded and forwarded[-1] == source:
        forwarded.pop()
    text = forwarded[-1] if forwarded else source
    try:
        address = ip_address(text)
    except ValueError:
        return source
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)


def _pair(email: str, address: str) -> str:
    return f"sign-in:{_hashed(email, address)}"


def _familiar(email: str, address: str) -> str:
    return f"sign-in:familiar:{_hashed(email, address)}"


def _account(email: str) -> str:
    return f"sign-in:account:{_hashed(email)}"


def _hashed(*parts: str) -> str:
    """The cache holds nobody's address, of either kind."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
