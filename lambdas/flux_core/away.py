"""Whether an error says that somebody is away whom the work needs, rather than that the work itself is wrong."""

from http import HTTPStatus

import psycopg
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from .queue import QueueError
from .secrets import SecretError

_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "LimitExceededException")


def is_away(error: BaseException) -> bool:
    """True for a database, a secret, a queue or a service of AWS that cannot be reached, is busy or fails."""
    match error:
        case psycopg.OperationalError() | SecretError() | QueueError():
            return True
        case ClientError():
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", HTTPStatus.OK)
            code = error.response.get("Error", {}).get("Code", "")
            return status >= HTTPStatus.INTERNAL_SERVER_ERROR or any(word in code for word in _THROTTLED)
        case ParamValidationError():
            return False
        case BotoCoreError():
            return True
        case _:
            return False
