"""What a rehearsal would have changed outside the function, seen at its border and told to the release gate."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict, cast

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from mypy_boto3_sqs import SQSClient
    from pydantic import JsonValue

# A real queue takes a moment, and whoever answers before it has answered may have lost the message.
QUEUE_SECONDS = 0.03

# In a message's text: the rehearsed queue does not take it, as a real one at times.
REFUSED = "rehearsal-refused"


class Report(TypedDict):
    """What the gate reads.

    messages: bodies that would be on a queue now, in the order in which it took them.
    writes: transactions that would be committed, each as the database saw it at its end.
    asked: what the model was asked.
    """

    messages: list[str]
    writes: "list[JsonValue]"
    asked: "list[JsonValue]"


@dataclass(kw_only=True)
class Effects:
    """Collects them."""

    messages: list[str] = field(default_factory=list)
    writes: "list[JsonValue]" = field(default_factory=list)
    asked: "list[JsonValue]" = field(default_factory=list)

    def take(self) -> Report:
        """What has been collected since the last time."""
        report = Report(messages=self.messages[:], writes=self.writes[:], asked=self.asked[:])
        for collected in (self.messages, self.writes, self.asked):
            collected.clear()
        return report

    def stand_in_for(self, sqs: "SQSClient") -> "SQSClient":
        """Let the client's calls end here: SQS never hears of them."""

        def answer(params: Mapping[str, object], **_: object) -> tuple["_Answer", Mapping[str, object]]:
            body = json.loads(bytes(params["body"]) if isinstance(params["body"], bytes) else str(params["body"]))
            try:
                return _Answer(HTTPStatus.OK), self.take_messages("", body)
            except ClientError as error:
                return _Answer(HTTPStatus.SERVICE_UNAVAILABLE), error.response

        # The stubs know no handler that answers; this event asks for one (botocore, BaseClient._make_api_call).
        sqs.meta.events.register("before-call.sqs", cast("Callable[..., None]", answer))
        return sqs

    def take_messages(self, operation: str, parameters: Mapping[str, object]) -> dict[str, object]:
        """Answer as SQS does to an operation (flux_core.aws_json.Call)."""
        time.sleep(QUEUE_SECONDS)
        batch = cast("list[dict[str, str]]", parameters.get("Entries", []))
        bodies = [str(entry["MessageBody"]) for entry in [*batch, parameters] if "MessageBody" in entry]
        if any(REFUSED in body for body in bodies):
            refusal = "the rehearsal's queue does not take it"
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": refusal}}, operation)
        self.messages.extend(bodies)
        taken = [{"Id": entry["Id"], "MessageId": "rehearsal"} for entry in batch]
        return {"MessageId": "rehearsal", "Successful": taken, "Failed": []}

    def watch(self, model: "SageMakerRuntimeClient") -> "SageMakerRuntimeClient":
        """Note what the client asks; the model answers."""

        def note(params: Mapping[str, object], **_: object) -> None:
            self.asked.append(json.loads(bytes(body)) if isinstance(body := params["Body"], bytes) else None)

        model.meta.events.register("before-parameter-build.sagemaker-runtime.InvokeEndpoint", note)
        return model


@dataclass(frozen=True)
class _Answer:
    """As much of an HTTP response as botocore looks at."""

    status_code: HTTPStatus
