"""The certificate authority of AWS on this machine, in the place of Amazon's."""

import ssl
from pathlib import Path

import trustme


class CertificateAuthority:
    """An authority made once per folder; clients trust `certificate`.

    Attributes:
        certificate: PEM file of the authority's own certificate.
    """

    def __init__(self, folder: Path) -> None:
        """Load the authority in `folder`, or make one there."""
        self.certificate = folder / "authority.pem"
        key = folder / "authority-key.pem"
        if key.exists():
            self._authority = trustme.CA.from_pem(self.certificate.read_bytes(), key.read_bytes())
            return
        self._authority = trustme.CA(organization_name="AWS on this machine")
        folder.mkdir(parents=True, exist_ok=True)
        self._authority.cert_pem.write_to_path(self.certificate)
        key.touch(mode=0o600)
        self._authority.private_key_pem.write_to_path(key)

    def server_context(self) -> ssl.SSLContext:
        """A context for servers on this machine, with a new certificate for 127.0.0.1 and localhost."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        return context
