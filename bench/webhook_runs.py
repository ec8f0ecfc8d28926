"""Runs webhook functions as the emulator does: `python -m bench.webhook_runs FOLDER BUNDLE...`, in its environment.

FOLDER: to work in. What comes out is JSON: for each bundle `cold`, the CPU of a fresh process until it has accepted its
first event, and `warm`, the median time of the handler for those after it, both in milliseconds and once for each run.
Runs alternate. AWS is a stub on the loopback that answers at once.
"""

import base64
import hashlib
import hmac
import json
import shutil
import sys
import threading
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from statistics import median

from local_aws.runtime.client import runtime_folder
from local_aws.runtime.function import Function, Invocation
from local_aws.runtime.worker import Worker
from local_aws.settings import Settings
from local_aws.values import Json

RUNS = 9
EVENTS = 500
PATH = "/api/v1/webhooks/square"
SUBSCRIPTION = {"signature_key": "key of the subscription", "notification_url": f"https://flux.example{PATH}"}
BODY = json.dumps(
    {
        "merchant_id": "6SSW7HV8K2ST5",
        "type": "order.updated",
        "event_id": "116038d3-2948-439f-8679-fc86dbf80f69",
        "created_at": "2026-11-29T12:00:00.000Z",
        "data": {
            "type": "order_updated",
            "id": "eA3vssLHKJrv9H0IdJCM3gNqfdcZY",
            "object": {
                "order_updated": {
                    "created_at": "2026-11-29T11:59:58.000Z",
                    "location_id": "FPYCBCHYMXFK1",
                    "order_id": "eA3vssLHKJrv9H0IdJCM3gNqfdcZY",
                    "state": "COMPLETED",
                    "updated_at": "2026-11-29T12:00:00.000Z",
                    "version": 2,
                }
            },
        },
    }
)
ANSWERS = {
    b"GetSecretValue": json.dumps({"SecretString": json.dumps(SUBSCRIPTION), "CreatedDate": 1.8e9}).encode(),
    b"SendMessage": json.dumps({"MessageId": "00000000-0000-4000-8000-000000000000"}).encode(),
}


class Aws(StreamRequestHandler):
    """Secrets Manager and SQS, as far as a webhook asks them. http.server would be slower than the webhook."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the connection ends."""
        while self.rfile.readline():
            lines = (line.lower().partition(b":") for line in iter(self.rfile.readline, b"\r\n"))
            headers = {name: value.strip() for name, _, value in lines}
            self.rfile.read(int(headers[b"content-length"]))
            operation = headers[b"x-amz-target"].rpartition(b".")[2]
            answer = next(answer for name, answer in ANSWERS.items() if name.lower() == operation)
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: 1\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer)
            )


def run(bundle: Path, around: Settings) -> tuple[float, float]:
    """One process: the CPU until its first answer, and the median time of later ones."""
    worker = Worker(_function(), bundle, around)
    try:
        cold, _ = _deliver(worker)
        return cold, median(wall for _, wall in (_deliver(worker) for _ in range(EVENTS)))
    finally:
        worker.stop()


def _deliver(worker: Worker) -> tuple[float, float]:
    """CPU of the process so far, and the time of the handler, in milliseconds."""
    outcome = worker.invoke(Invocation(request_id=str(uuid.uuid4()), arn="arn:aws:lambda:bench", event=_event()))
    match outcome.payload:
        case {"statusCode": HTTPStatus.ACCEPTED, "cpu": float(cpu), "wall": float(wall)}:
            return cpu, wall
        case _:
            raise RuntimeError(f"the event was not accepted: {outcome.payload}, {outcome.log}")


def _function() -> Function:
    return Function(
        name="webhook",
        version="1",
        revision="1",
        code="",
        handler="stopwatch.handler",
        log_group="webhook",
        log_level="INFO",
        system_log_level="WARN",
        region="us-east-1",
        timeout=10,
        memory=512,
        json_logs=True,
        variables={
            "BENCH_HANDLER": "webhook.handler",
            "FLUX_ENVIRONMENT": "bench",
            "POS_SYNC_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/pos-sync",
            "POWERTOOLS_SERVICE_NAME": "webhook",
            "SQUARE_WEBHOOK_SECRET": "square/webhook",
        },
    )


def _event() -> Json:
    signed = hmac.digest(
        SUBSCRIPTION["signature_key"].encode(), (SUBSCRIPTION["notification_url"] + BODY).encode(), hashlib.sha256
    )
    http: Json = {
        "method": "POST",
        "path": PATH,
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "Square",
    }
    return {
        "version": "2.0",
        "routeKey": "ANY /api/v1/webhooks/{provider}",
        "rawPath": PATH,
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "host": "flux.example",
            "x-amz-cf-id": "a" * 56,
            "x-square-hmacsha256-signature": base64.b64encode(signed).decode(),
        },
        "requestContext": {"http": http, "requestId": "request-1", "stage": "$default"},
        "isBase64Encoded": False,
        "body": BODY,
    }


def main(folder: Path, bundles: Sequence[Path]) -> None:
    """Measure all bundles, after one run each that is not counted, and print what they took."""
    aws = ThreadingTCPServer(("127.0.0.1", 0), Aws)
    aws.daemon_threads = True
    threading.Thread(target=aws.serve_forever, daemon=True).start()
    python = Path(sys.executable).resolve()  # of no environment: a function sees its bundle and nothing else
    around = Settings(port=aws.server_address[1], state=folder, python=python)
    around.functions.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("stopwatch.py"), runtime_folder(python, around.functions))
    runs = [[run(bundle, around) for bundle in bundles] for _ in range(RUNS + 1)][1:]
    taken = [
        {"cold": [each[n][0] for each in runs], "warm": [each[n][1] for each in runs]} for n in range(len(bundles))
    ]
    sys.stdout.write(json.dumps(taken))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(bundle) for bundle in sys.argv[2:]])
