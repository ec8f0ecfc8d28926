"""What the functions need, each behind a proxy that fails as it is told; a real server is stopped for real."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil
import pytest

from flux_core.cache import build_client
from flux_core.secrets import Login
from flux_core.settings import CacheSettings
from tests.support.fault_proxy import FaultProxy, Way

from ..support.endpoints import sagemaker
from ..support.platform import CACHE_USER, Platform
from ..support.stopping import stopped, stopped_database
from .cells import Dependency


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """The servers behind their proxies. cache: Valkey's process."""

    platform: Platform
    cache: psutil.Process
    proxies: Mapping[Dependency, FaultProxy]

    @contextmanager
    def failing(self, dependency: Dependency, way: Way) -> Iterator[None]:
        """Let one of them fail. PostgreSQL and Valkey hang because their processes are stopped."""
        with ExitStack() as stack:
            match dependency, way:
                case "PostgreSQL", Way.HUNG:
                    stack.enter_context(stopped_database(self.platform))
                case "Valkey", Way.HUNG:
                    stack.enter_context(stopped([self.cache]))
                case _:
                    stack.enter_context(self.proxies[dependency].failing(way))
            yield


@contextmanager
def proxied(platform: Platform) -> Iterator[Dependencies]:
    """Lead the functions through proxies."""
    with ExitStack() as stack:
        stack.enter_context(sagemaker())
        ports: dict[Dependency, int] = {
            "PostgreSQL": platform.database_port,
            "Valkey": int(platform.environment["CACHE_PORT"]),
            "Secrets Manager": _port("AWS_ENDPOINT_URL"),
            "SQS": _port("AWS_ENDPOINT_URL"),
            "SageMaker": _port("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"),
            "Square": _port("SQUARE_API_URL"),
        }
        proxies = {name: stack.enter_context(FaultProxy(port)) for name, port in ports.items()}
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for variable, dependency in _PORT_VARIABLES.items():
            patch.setenv(variable, str(proxies[dependency].port))
        for variable, dependency in _URL_VARIABLES.items():
            patch.setenv(variable, f"http://127.0.0.1:{proxies[dependency].port}")
        yield Dependencies(platform=platform, cache=_cache_process(), proxies=proxies)


_PORT_VARIABLES: Mapping[str, Dependency] = {"DATABASE_PORT": "PostgreSQL", "CACHE_PORT": "Valkey"}
_URL_VARIABLES: Mapping[str, Dependency] = {
    "AWS_ENDPOINT_URL_SECRETS_MANAGER": "Secrets Manager",
    "AWS_ENDPOINT_URL_SQS": "SQS",
    "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "SageMaker",
    "SQUARE_API_URL": "Square",
}


def _port(variable: str) -> int:
    port = urlsplit(os.environ[variable]).port
    assert port is not None
    return port


def _cache_process() -> psutil.Process:
    with build_client(CacheSettings.load(), Login.model_validate(CACHE_USER), retries=0) as admin:
        server = admin.info("server")
    assert isinstance(server, dict)
    return psutil.Process(server["process_id"])
