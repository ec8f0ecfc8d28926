"""What RDS and ElastiCache share here: TLS endpoints on 127.0.0.1 in front of servers without TLS."""

import socket
import ssl
from functools import cache

from .settings import HOST, settings
from .shutdown import at_shutdown
from .tls.authority import CertificateAuthority
from .tls.terminator import Opening, Terminator, TerminatorThread


@cache
def _thread() -> TerminatorThread:
    """The one thread of all terminators."""
    thread = TerminatorThread()
    at_shutdown("TLS terminators", thread.stop)
    return thread


@cache
def _certificate() -> ssl.SSLContext:
    """What all terminators show."""
    return CertificateAuthority(settings().authority.parent).server_context()


def expose(backend: int, *, port: int, opening: Opening) -> Terminator:
    """Serve what listens on port `backend` with TLS, on `port` or, if another program has that, on a free port."""
    return Terminator.listen(_thread(), port=port, backend=backend, context=_certificate(), opening=opening)


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def install() -> None:
    """Make the certificate authority, and see to it that terminators end after everything that uses them."""
    _certificate()
    _thread()
