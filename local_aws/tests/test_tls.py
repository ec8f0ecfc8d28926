import secrets
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from local_aws.servers.postgres import Master, PostgresServer
from local_aws.tls.authority import CertificateAuthority
from local_aws.tls.postgres import postgres_tls
from local_aws.tls.terminator import Opening, Terminator, TerminatorThread, plain_tls

from .emulator import state_folder

MASTER = Master(username="owner", password=secrets.token_hex(8), database="shop")


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Terminators for one test."""

    authority: CertificateAuthority
    thread: TerminatorThread

    def listen(self, backend: int, opening: Opening) -> Terminator:
        context = self.authority.server_context()
        return Terminator.listen(self.thread, port=0, backend=backend, context=context, opening=opening)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Tls]:
    thread = TerminatorThread()
    yield Tls(authority=CertificateAuthority(tmp_path / "tls"), thread=thread)
    thread.stop()


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends back the first thing that it gets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(connection.recv(1024))

        threading.Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def trusting(authority: Path) -> ssl.SSLContext:
    """As strict as a client can be: Python's default checks, and the host's name."""
    return ssl.create_default_context(cafile=authority)


def exchange(port: int, context: ssl.SSLContext, host: str = "127.0.0.1") -> bytes:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        connection.sendall(b"hello")
        return connection.recv(1024)


def test_a_client_that_trusts_the_authority_reaches_the_server_behind(tls: Tls, echo: int) -> None:
    endpoint = tls.listen(echo, plain_tls)
    assert exchange(endpoint.port, trusting(tls.authority.certificate)) == b"hello"
    endpoint.close()


def test_a_client_that_trusts_only_public_authorities_does_not(tls: Tls, echo: int) -> None:
    endpoint = tls.listen(echo, plain_tls)
    with pytest.raises(ssl.SSLCertVerificationError):
        exchange(endpoint.port, ssl.create_default_context())
    endpoint.close()


def test_the_certificate_is_for_this_machine_only(tls: Tls, echo: int) -> None:
    endpoint = tls.listen(echo, plain_tls)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        exchange(endpoint.port, trusting(tls.authority.certificate), host="database.example.com")
    endpoint.close()


def test_clear_text_never_reaches_the_server_behind(tls: Tls, echo: int) -> None:
    endpoint = tls.listen(echo, plain_tls)
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=5) as plain:
        plain.sendall(b"PING\r\n" * 10)
        assert b"PING" not in plain.recv(1024)
    endpoint.close()


def test_a_closed_terminator_listens_no_more(tls: Tls, echo: int) -> None:
    endpoint = tls.listen(echo, plain_tls)
    endpoint.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", endpoint.port), timeout=5)


def test_another_port_is_taken_when_the_wanted_one_is_not_free(tls: Tls, echo: int) -> None:
    context = tls.authority.server_context()
    endpoint = Terminator.listen(tls.thread, port=echo, backend=echo, context=context, opening=plain_tls)
    assert endpoint.port != echo
    endpoint.close()


def test_an_authority_stays_the_same_in_its_folder(tmp_path: Path) -> None:
    first = CertificateAuthority(tmp_path).certificate.read_bytes()
    assert CertificateAuthority(tmp_path).certificate.read_bytes() == first


def test_the_authoritys_key_is_for_its_owner_only(tmp_path: Path) -> None:
    CertificateAuthority(tmp_path)
    assert (tmp_path / "authority-key.pem").stat().st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with state_folder() as folder, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        probe.close()
        server = PostgresServer(folder / "data", port, master=MASTER, parameters={"fsync": "off"})
        server.start()
        yield server
        server.stop()


def connect(port: int, *, sslmode: str, authority: Path | None = None) -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        dbname=MASTER.database,
        user=MASTER.username,
        password=MASTER.password,
        connect_timeout=5,
        sslmode=sslmode,
        sslrootcert=None if authority is None else str(authority),
    )


def test_postgresql_is_reached_with_verified_tls(tls: Tls, postgres: PostgresServer) -> None:
    endpoint = tls.listen(postgres.port, postgres_tls)
    with connect(endpoint.port, sslmode="verify-full", authority=tls.authority.certificate) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("owner",)
    endpoint.close()


def test_postgresql_moves_large_results_both_ways(tls: Tls, postgres: PostgresServer) -> None:
    endpoint = tls.listen(postgres.port, postgres_tls)
    text = "x" * 3_000_000
    with connect(endpoint.port, sslmode="verify-full", authority=tls.authority.certificate) as connection:
        assert connection.execute("SELECT %s::text", [text]).fetchone() == (text,)
    endpoint.close()


def test_postgresql_refuses_clear_text_in_the_words_of_rds(tls: Tls, postgres: PostgresServer) -> None:
    endpoint = tls.listen(postgres.port, postgres_tls)
    with pytest.raises(psycopg.OperationalError, match='user "owner", database "shop", no encryption'):
        connect(endpoint.port, sslmode="disable")
    endpoint.close()
