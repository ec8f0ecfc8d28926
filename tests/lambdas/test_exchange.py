"""The bounds of an exchange, over TLS and without."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from flux_core.exchange import Exchange, ExchangeError, TooLargeError, TooSlowError

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Name: Value\r\n\r\nok"

type Talk = Callable[[socket.socket], None]


def receive(connection: socket.socket) -> None:
    """Read one request, which ends with its body."""
    while not connection.recv(65_536).endswith(b"x"):
        pass


@contextmanager
def talking(talk: Talk, certificate: Path | None) -> Iterator[str]:
    """A server that deals with one connection after the other; gives its address."""
    with ExitStack() as stack, socket.create_server(("127.0.0.1", 0)) as listening:
        server: socket.socket = listening
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server = stack.enter_context(context.wrap_socket(listening, server_side=True))

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        receive(connection)
                        talk(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"{'http' if certificate is None else 'https'}://127.0.0.1:{server.getsockname()[1]}"
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def make_certificate(folder: Path) -> Path:
    """One that this machine signs itself, with its key in the same file."""
    file = folder / "certificate.pem"
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file)
    name = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    made = subprocess.run(["openssl", "req", "-x509", *key, *name], check=True, capture_output=True).stdout
    file.write_bytes(file.read_bytes() + made)
    return file


@pytest.fixture(params=["http", "https"])
def certificate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path | None:
    if request.param == "http":
        return None
    made = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


def ask(url: str, *, seconds: float = 0.5, max_bytes: int = 1_000) -> bytes:
    return Exchange(url, max_bytes=max_bytes).ask("POST", "/", headers={}, body=b"x", seconds=seconds).content


def test_connections_are_kept_and_replaced_when_the_server_has_ended_them(certificate: Path | None) -> None:
    connections: list[int] = []

    def twice(connection: socket.socket) -> None:
        connections.append(1)
        connection.sendall(GOOD)
        receive(connection)
        connection.sendall(GOOD)

    with talking(twice, certificate) as url:
        exchange = Exchange(url, max_bytes=1_000)
        answers = [exchange.ask("POST", "/", headers={}, body=b"x", seconds=5) for _ in range(4)]
    assert {(answer.status, answer.content, answer.headers["x-name"]) for answer in answers} == {(200, b"ok", "Value")}
    assert len(connections) == 2


def drip(connection: socket.socket) -> None:
    for byte in GOOD.replace(b"2\r\n", b"900\r\n") + b"." * 900:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def hang(connection: socket.socket) -> None:
    time.sleep(1.5)
    connection.sendall(GOOD)


@pytest.mark.parametrize("talk", [drip, hang])
def test_an_answer_that_drips_or_does_not_come_is_waited_for_no_longer_than_asked(
    certificate: Path | None, talk: Talk
) -> None:
    with talking(talk, certificate) as url:
        began = time.monotonic()
        with pytest.raises(TooSlowError):
            ask(url)
        assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (GOOD.replace(b"2\r\n", b"3000\r\n") + b"." * 3_000, TooLargeError),
        (GOOD.replace(b"2\r\n", b"3\r\n"), ExchangeError),
        (b"", ExchangeError),
        (b"220 mail.example ESMTP\r\n", ExchangeError),
    ],
)
def test_an_answer_that_is_none_or_not_whole_is_an_error(
    certificate: Path | None, answer: bytes, error: type[ExchangeError]
) -> None:
    with talking(lambda connection: connection.sendall(answer), certificate) as url, pytest.raises(error):
        ask(url)


def test_an_answer_without_a_length_ends_with_the_connection(certificate: Path | None) -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\nall of it"
    with talking(lambda connection: connection.sendall(answer), certificate) as url:
        assert ask(url) == b"all of it"


def test_a_server_whose_certificate_others_signed_is_not_trusted(tmp_path: Path) -> None:
    with (
        talking(drip, make_certificate(tmp_path)) as url,
        pytest.raises(ExchangeError, match="certificate verify failed"),
    ):
        ask(url)
