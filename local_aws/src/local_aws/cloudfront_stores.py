"""Key value stores, read by CloudFront functions.

ministack has the stores and runs the functions, but a function that imports `cloudfront`, the module through which
functions read stores, fails. Here the import becomes a module that holds what the function's store holds at that
moment, which is sooner than on AWS: there a write reaches the edges within seconds.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import json
import re

from ministack.services import cloudfront, cloudfront_keyvaluestore

_IMPORT = re.compile(r"""^import\s+(\w+)\s+from\s+['"]cloudfront['"]\s*;?[ \t]*$""", re.MULTILINE)

# "Helper methods for key value stores", CloudFront Developer Guide. On one line, so that errors name the right one.
_MODULE = (
    "const {name} = {{ kvs: () => {{ "
    "const items = {items}; "
    "const missing = (key) => {{ throw new Error('KeyValueStore: key not found: ' + key); }}; "
    "if (items === null) {{ throw new Error('KeyValueStore: no store is associated with this function'); }} "
    "return {{ "
    "exists: async (key) => key in items, "
    "get: async (key, options) => key in items "
    "? (options && options.format === 'json' ? JSON.parse(items[key]) : items[key]) : missing(key) "
    "}}; }} }};"
)


def with_store(code: bytes, items: dict[str, str] | None) -> bytes:
    """A function's code with its store inside.

    Args:
        code: as it was published.
        items: the entries of the store that is associated with the function; None if there is none.
    """
    text = code.decode()
    return _IMPORT.sub(lambda found: _MODULE.format(name=found[1], items=json.dumps(items)), text).encode()


def _items(function_arn: str) -> dict[str, str] | None:
    published = cloudfront._function_view(cloudfront._functions[function_arn.rpartition("/")[2]], "LIVE")
    stores: list[str] = published["kvs_arns"]
    if not stores:
        return None
    found = cloudfront_keyvaluestore._stores.get(stores[0])  # CloudFront associates one at the most
    return dict(found["items"]) if found else {}


def install() -> None:
    """Let functions read stores."""
    published = cloudfront.live_function_code

    def live_function_code(function_arn: str) -> bytes | None:
        code: bytes | None = published(function_arn)
        return None if code is None else with_store(code, _items(function_arn))

    cloudfront.live_function_code = live_function_code
