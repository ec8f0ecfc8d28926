"""AWS's Signature Version 4 (IAM User Guide, "Create a signed AWS API request"), without botocore's, which takes 50 ms.

docs/decisions/0074.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Signs what is posted to a service's root.

    token: of a role's session; None for a user's keys.
    """

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False)
    region: str
    service: str

    def sign(self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime) -> dict[str, str]:
        """The headers with the signature. Their names are in small letters, the host's among them."""
        moment = now.strftime("%Y%m%dT%H%M%SZ")
        signed = {**headers, "x-amz-date": moment, **({"x-amz-security-token": self.token} if self.token else {})}
        names = ";".join(sorted(signed))
        lines = [f"{name}:{signed[name]}" for name in sorted(signed)]
        request = "\n".join(["POST", "/", "", *lines, "", names, hashlib.sha256(body).hexdigest()])
        scope = [moment[:8], self.region, self.service, "aws4_request"]
        text = "\n".join(["AWS4-HMAC-SHA256", moment, "/".join(scope), hashlib.sha256(request.encode()).hexdigest()])
        signature = _hmac(reduce(_hmac, scope, f"AWS4{self.secret_key}".encode()), text).hex()
        credential = "/".join([self.access_key, *scope])
        signed["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
        return signed


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
