"""Runs a model's inference script, inside a process of plain Python: the part of SageMaker's container that is code.

Usage: process.py <model folder> <script's folder> <script's module>

Standard library only; nothing of this package can be imported here. Speaks JSON, one object a line: first
{"ready": true}, then for each request on standard input {"body", "content_type", "accept"} an answer on standard
output {"body", "content_type"} or {"error", "status"}; bodies in base64. What the script prints goes to standard error.
"""

import base64
import importlib
import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Protocol, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

# The container hands input_fn text for these and bytes for others (sagemaker-containers, UTF8_TYPES).
_TEXT_TYPES = ("application/json", "text/csv")


class InferenceScript(Protocol):
    """The four functions of script mode (SageMaker Python SDK, "Using Scikit-learn")."""

    def model_fn(self, model_dir: str) -> object:
        """Load the model."""

    def input_fn(self, request_body: str | bytes, request_content_type: str) -> object:
        """Read a request."""

    def predict_fn(self, input_data: object, model: object) -> object:
        """Answer it."""

    def output_fn(self, prediction: object, accept: str) -> object:
        """Write the answer: text or bytes, or either with its content type."""


def _transform(script: InferenceScript, model: object, request: "Mapping[str, str]") -> dict[str, str]:
    content_type, accept = request["content_type"], request["accept"]
    raw = base64.b64decode(request["body"])
    content = raw.decode() if content_type.partition(";")[0].strip() in _TEXT_TYPES else raw
    prediction = script.predict_fn(script.input_fn(content, content_type), model)
    output = script.output_fn(prediction, accept)
    if isinstance(output, tuple):
        output, accept = output
    if isinstance(output, str):
        output = output.encode()
    if not isinstance(output, bytes):
        message = f"output_fn returned {type(output).__name__}, not text or bytes"
        raise TypeError(message)
    return {"body": base64.b64encode(output).decode(), "content_type": accept}


def _serve(script: InferenceScript, model: object, requests: TextIO, answers: TextIO) -> None:
    for line in requests:
        try:
            answer = _transform(script, model, json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever the script raises is the model's answer, status 500
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


def main() -> None:
    """Load script and model, then answer until standard input ends."""
    model_folder, script_folder, module = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # from here on, a print in the script is a line in the log
    sys.path.insert(0, script_folder)
    script = cast("InferenceScript", importlib.import_module(module))
    model = script.model_fn(model_folder)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    _serve(script, model, sys.stdin, answers)


if __name__ == "__main__":
    main()
