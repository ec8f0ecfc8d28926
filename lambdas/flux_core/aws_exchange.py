"""HTTP with AWS: bounded in time and size, in botocore's words, and what is not AWS's is refused."""

from collections.abc import Mapping
from http import HTTPStatus

from botocore.exceptions import HTTPClientError, ReadTimeoutError

from .exchange import Answer, Exchange, ExchangeError, TooSlowError

# The largest answer that is asked for, a page of CodeDeploy's or RDS's, has some hundred KiB.
MAX_BYTES = 4 * 1024 * 1024

# Where botocore looks for the id that AWS gives every request (botocore/parsers.py).
_REQUEST_IDS = frozenset({"x-amzn-requestid", "x-amz-request-id"})


class AwsExchange:
    """Asks one server of AWS.

    server: its base address. max_bytes: the most that an answer may have.
    connect_seconds, read_seconds: together they are what an answer may take.
    """

    def __init__(self, server: str, *, connect_seconds: float, read_seconds: float, max_bytes: int = MAX_BYTES) -> None:
        self._server = server
        self._exchange = Exchange(server, max_bytes=max_bytes, connect_seconds=connect_seconds)
        self._seconds = connect_seconds + read_seconds

    def ask(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Send a request once, and read its answer.

        Raises:
            HTTPClientError: there is no complete answer of AWS, in time and within the limit.
        """
        try:
            answer = self._exchange.ask(method, path, headers=headers, body=body, seconds=self._seconds)
        except TooSlowError as error:
            raise ReadTimeoutError(endpoint_url=self._server, error=error) from error
        except ExchangeError as error:
            raise HTTPClientError(error=error) from error
        if answer.status < HTTPStatus.MULTIPLE_CHOICES and not _REQUEST_IDS & answer.headers.keys():
            raise HTTPClientError(error="this is no answer of AWS: it has no request id")
        return answer
