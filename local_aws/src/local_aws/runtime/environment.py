"""The environment variables of a function's process: Lambda's own, the function's, and what makes AWS local."""

from collections.abc import Mapping
from pathlib import Path

from ..settings import ACCOUNT, Settings
from .function import Function


def variables(  # noqa: PLR0913, PLR0917 - each is one of Lambda's variables
    function: Function, task_root: Path, runtime: Path, stream: str, api: str, around: Settings
) -> Mapping[str, str]:
    """Everything the process sees; nothing of the host's environment is in it.

    runtime: folder of AWS's runtime client. stream: the process's log stream. api: address of the runtime API.

    "Defined runtime environment variables" in the Lambda Developer Guide, less what only Amazon Linux needs. The last
    three are the only difference between a function here and on AWS; PGSSLROOTCERT replaces the function's own, because
    nothing here holds a certificate of Amazon's.
    """
    return {
        **function.variables,
        "_HANDLER": function.handler,
        "AWS_ACCESS_KEY_ID": ACCOUNT,  # which ministack takes for the account
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON" if function.json_logs else "Text",
        **({"AWS_LAMBDA_LOG_LEVEL": function.log_level} if function.json_logs else {}),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_REGION": function.region,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "LAMBDA_RUNTIME_DIR": str(runtime),
        "LAMBDA_TASK_ROOT": str(task_root),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(runtime),
        "TZ": ":UTC",
        "AWS_ENDPOINT_URL": around.url,
        "PGSSLROOTCERT": str(around.authority),
        "SSL_CERT_FILE": str(around.authority),
    }
