"""The proxy fails as it is told, and is well again afterwards: to a client that is connected, and to another one."""

import socket
import threading
from collections.abc import Iterator

import pytest

from .fault_proxy import HTTP_HUGE, HTTP_WRONG, FaultProxy, Way

SILENCE_SECONDS = 0.5


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    """A server that says everything again, in capitals; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


def _accept(listener: socket.socket) -> None:
    while True:
        try:
            client = listener.accept()[0]
        except OSError:
            return  # closed: the tests are over
        threading.Thread(target=_echo, args=(client,), daemon=True).start()


def _echo(client: socket.socket) -> None:
    with client:
        try:
            while chunk := client.recv(1024):
                client.sendall(chunk.upper())
        except ConnectionError:
            return


@pytest.fixture
def proxy(echo: int) -> Iterator[FaultProxy]:
    with FaultProxy(echo, delay=0.01) as proxy:
        yield proxy


def connect(proxy: FaultProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=10)


def ask(client: socket.socket, *, up_to: int = 2) -> bytes:
    """What comes back for two bytes, until there is enough, or the connection ends."""
    client.sendall(b"ab")
    found = b""
    while len(found) < up_to and (chunk := client.recv(1024)):
        found += chunk
    return found


def has_ended(client: socket.socket) -> bool:
    try:
        return client.recv(1024) == b""
    except ConnectionError:
        return True


def is_silent(client: socket.socket) -> bool:
    client.settimeout(SILENCE_SECONDS)
    try:
        ask(client)
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize("way", Way)
def test_a_proxy_passes_everything_on_before_and_after_it_fails(proxy: FaultProxy, way: Way) -> None:
    with connect(proxy) as client:
        assert ask(client) == b"AB"
    with proxy.failing(way):
        pass
    with connect(proxy) as client:
        assert ask(client) == b"AB"


def test_a_server_that_is_away_refuses_and_cuts_what_was_connected(proxy: FaultProxy) -> None:
    with connect(proxy) as before:
        assert ask(before) == b"AB"
        with proxy.failing(Way.AWAY):
            with pytest.raises(ConnectionRefusedError):
                connect(proxy)
            assert has_ended(before)


@pytest.mark.parametrize("way", [Way.HUNG, Way.SWALLOWED])
def test_a_silent_server_takes_connections_and_answers_on_none(proxy: FaultProxy, way: Way) -> None:
    with connect(proxy) as before:
        assert ask(before) == b"AB"
        with connect(proxy) as meanwhile:
            with proxy.failing(way):
                assert is_silent(before)
                assert is_silent(meanwhile)
            assert has_ended(meanwhile)  # what disappeared never comes


@pytest.mark.parametrize("way", [Way.SLOW, Way.DRIPPING])
def test_a_late_answer_is_whole(proxy: FaultProxy, way: Way) -> None:
    with connect(proxy) as before, proxy.failing(way), connect(proxy) as meanwhile:
        assert ask(before) == ask(meanwhile) == b"AB"


def test_half_an_answer_is_half_of_it(proxy: FaultProxy) -> None:
    with connect(proxy) as before, proxy.failing(Way.CUT):
        assert ask(before) == b"A"


def test_a_wrong_answer_is_a_page_for_people(proxy: FaultProxy) -> None:
    with connect(proxy) as before, proxy.failing(Way.WRONG):
        assert ask(before, up_to=len(HTTP_WRONG)) == HTTP_WRONG


def test_an_answer_that_does_not_end_goes_on(proxy: FaultProxy) -> None:
    with connect(proxy) as before, proxy.failing(Way.HUGE):
        found = ask(before, up_to=3_000_000)
    assert found.startswith(HTTP_HUGE)
    assert set(found.removeprefix(HTTP_HUGE)) == set(b" ")
