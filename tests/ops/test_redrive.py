"""`./flux redrive` against the SQS of this machine: nothing is lost, and what is looked at stays as it is."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flux_infra.constructs.names import log_group_name
from local.gameday.incidents import INCIDENTS
from local.runbooks import filled, looked_up
from ops import dead_letters
from ops.aws import Aws, find_environment
from ops.command import main
from ops.dead_letters import FAILED, DeadLetters, Letter
from ops.errors import OpsError
from ops.queues import WorkQueue, messages
from tests.ops.doctor.stubs import SESSION, Refusal, answering
from tests.support import emulator

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef, MessageTypeDef

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
DEV = find_environment("dev")
SECRET = "EAAAl-of-a-merchant"  # noqa: S105 - what must not be shown
CONNECTION = "0b8e6f0e-5a57-4d3c-9a64-0d7f1b7d4a11"


def event(number: int = 0) -> str:
    """A webhook's, with what nobody may see who is not the restaurant."""
    told = {"type": "payment.updated", "merchant_id": "ML0A1B2C3D4E", "data": {"note": f"{SECRET} {number}"}}
    return json.dumps({"type": "square.event", "event": told})


@dataclass(frozen=True, kw_only=True)
class Account:
    """The environment dev on the AWS of this machine, with one queue of work."""

    aws: Aws
    dead: DeadLetters

    def give_up(self, *bodies: str, attributes: Mapping[str, str] | None = None) -> list[str]:
        """Let messages fail until they are dead letters; answers their ids."""
        told: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()
        }
        there = self.counts()[0] + len(bodies)
        sent = [
            self.aws.sqs.send_message(QueueUrl=self.dead.queue.url, MessageBody=body, MessageAttributes=told)
            for body in bodies
        ]
        while self.counts()[0] < there:
            self.aws.sqs.receive_message(QueueUrl=self.dead.queue.url, MaxNumberOfMessages=10)
        return [each["MessageId"] for each in sent]

    def counts(self) -> tuple[int, int]:
        """How many dead letters there are to be received, and how many somebody has received."""
        found = messages(self.aws, self.dead.queue.dead_letters)
        return found["ApproximateNumberOfMessages"], found["ApproximateNumberOfMessagesNotVisible"]

    def until_still(self) -> None:
        """Wait until SQS sends nothing back any more."""
        deadline = time.monotonic() + 20
        while (move := self.dead.last_move()) is None or move.under_way:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def work(self) -> "list[MessageTypeDef]":
        """What is on the queue of work; it is taken off."""
        taken: list[MessageTypeDef] = []
        url = self.dead.queue.url
        while found := self.aws.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60, MessageAttributeNames=["All"]
        ).get("Messages", []):
            for message in found:
                self.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            taken += found
        return taken


@pytest.fixture(scope="module")
def here() -> Iterator[Aws]:
    with emulator.running() as found:
        aws = Aws(config=DEV, session=found.session(), url=found.url, operator="arn:aws:iam::222222222222:user/anna")
        for worker in ("sync", "forecast"):
            aws.logs.create_log_group(logGroupName=log_group_name(DEV, worker))
        yield aws


@pytest.fixture
def account(here: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setattr("ops.verbs.redrive.connect", lambda _: here)
    resources = {
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 1_209_600}},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 0,
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 1},
            },
        },
    }
    outputs = {"PosSyncQueueUrl": {"Value": {"Ref": "Queue"}}, "PosSyncDeadLettersUrl": {"Value": {"Ref": "Dead"}}}
    name = "Flux-dev-Compute"
    here.stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources, "Outputs": outputs}))
    here.stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (stack,) = here.stacks.describe_stacks(StackName=name)["Stacks"]
    found = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    queue = WorkQueue(name="pos-sync", url=found["PosSyncQueueUrl"], dead_letters=found["PosSyncDeadLettersUrl"])
    yield Account(aws=here, dead=DeadLetters(aws=here, queue=queue))
    here.stacks.delete_stack(StackName=name)
    here.stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def flux(*arguments: str) -> int:
    return main(["redrive", *arguments, "--env", "dev"])


def test_the_queues_are_listed_with_how_many_dead_letters_they_have_and_how_old_they_are(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.give_up(event(), event())
    time.sleep(2.5)  # SQS counts
    assert flux() == 0
    queue, count, age, unit, elsewhere = capsys.readouterr().out.splitlines()[-1].split()
    assert (queue, count, unit, elsewhere) == ("pos-sync", "2", "s", "0")
    assert 1 <= int(age) <= 60


def test_a_look_shows_ids_and_types_and_errors_and_nothing_that_is_a_restaurants(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, connection, nonsense = account.give_up(
        event(), json.dumps({"type": "sync.connection", "connection_id": CONNECTION}), f"{SECRET} in no JSON"
    )
    group, now = log_group_name(DEV, "sync"), int(time.time() * 1000)
    account.aws.logs.create_log_stream(logGroupName=group, logStreamName=mine)
    line = {"message": f"{FAILED}, or moves it", "message_id": mine, "exception": SECRET}
    account.aws.logs.put_log_events(
        logGroupName=group,
        logStreamName=mine,
        logEvents=[
            {"timestamp": now - 10, "message": json.dumps(line | {"exception_name": "TimeoutError"})},
            {"timestamp": now, "message": json.dumps(line | {"exception_name": "SquareError"})},
        ],
    )
    assert flux("pos-sync") == 0
    shown = capsys.readouterr().out
    rows = {words[0]: words[1:] for line in shown.splitlines() if len(words := line.split()) > 5}
    assert rows[mine][:3] == ["payment.updated", "merchant", "ML0A1B2C3D4E"]
    assert rows[mine][-1] == "SquareError"
    assert rows[connection][:3] == ["sync.connection", "connection", CONNECTION]
    assert rows[nonsense][:2] == ["unreadable", "-"]
    assert flux("pos-sync", "--json") == 0
    told = capsys.readouterr()
    assert [each["id"] for each in json.loads(told.out)["dead_letters"]] == [mine, connection, nonsense]
    assert SECRET not in shown + told.out + told.err


def test_what_fails_is_logged_in_the_words_that_are_looked_for() -> None:
    assert FAILED in (ROOT / "lambdas/flux_core/batch.py").read_text()


def test_logs_that_cannot_be_asked_cost_the_errors_and_not_the_look(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.give_up(event())
    monkeypatch.setattr(dead_letters, "WORKERS", ["nobody"])
    assert flux("pos-sync") == 0
    shown = capsys.readouterr().out
    assert "Which errors they were is not known: " in shown
    assert "1 dead letter of pos-sync" in shown


def test_looking_at_300_messages_again_and_again_changes_nothing(account: Account) -> None:
    sent = account.give_up(*map(event, range(300)))
    for _ in range(4):
        look = account.dead.look()
        assert {letter.id for letter in look.letters} == set(sent)
        assert (look.complete, look.elsewhere) == (True, 0)
        assert account.counts() == (300, 0)
    assert account.work() == []


def test_a_look_ends_when_its_time_is_over_and_says_that_there_are_more(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.give_up(*map(event, range(25)))
    monkeypatch.setattr(dead_letters, "LOOK_SECONDS", -1)
    assert flux("pos-sync") == 0
    assert "10 dead letters of pos-sync. There are more: " in capsys.readouterr().out
    assert account.counts() == (25, 0)


def test_300_messages_are_sent_back_each_once(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.give_up(*map(event, range(300)))
    assert flux("pos-sync", "--send", "all", "--yes") == 0
    shown = capsys.readouterr().out
    assert "300 messages will go back to the queue pos-sync" in shown
    assert "and 250 more, which --json shows" in shown
    assert shown.endswith("Sent back: 300.\n")
    assert sorted(message["Body"] for message in account.work()) == sorted(map(event, range(300)))
    assert account.counts() == (0, 0)


def test_one_message_is_sent_back_with_what_it_carries_and_the_others_stay(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.give_up(event(1), event(2))
    (mine,) = account.give_up(event(3), attributes={"RequestId": "the-request"})
    assert flux("pos-sync", "--send", mine, "--yes") == 0
    (back,) = account.work()
    assert back["Body"] == event(3)
    assert back["MessageAttributes"]["RequestId"]["StringValue"] == "the-request"
    assert f"Sent back: 1, as message {back['MessageId']}." in capsys.readouterr().out
    assert account.counts() == (2, 0)


def test_a_tick_that_eventbridge_could_not_deliver_tells_why_and_goes_to_the_queue(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """No queue has given it up, so SQS by itself does not know where it belongs."""
    account.aws.sqs.send_message(
        QueueUrl=account.dead.queue.dead_letters,
        MessageBody='{"type": "sync.tick"}',
        MessageAttributes={"ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"}},
    )
    assert flux("pos-sync", "--send", "all", "--yes") == 0
    assert "NO_PERMISSIONS" in capsys.readouterr().out
    assert [message["Body"] for message in account.work()] == ['{"type": "sync.tick"}']


def test_a_drop_deletes_what_was_shown_and_nothing_that_has_come_since(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.give_up(*map(event, range(25)))

    def confirm(*_: object) -> bool:
        account.aws.sqs.send_message(QueueUrl=account.dead.queue.dead_letters, MessageBody="later")
        return True

    monkeypatch.setattr("ops.console.Console.confirm", confirm)
    assert flux("pos-sync", "--drop", "all") == 0
    assert capsys.readouterr().out.endswith("Dropped: 25.\n")
    assert account.counts() == (1, 0)
    assert account.work() == []


def test_one_message_is_dropped_and_the_others_stay(account: Account) -> None:
    _, mine, _ = account.give_up(event(1), event(2), event(3))
    assert flux("pos-sync", "--drop", mine, "--yes") == 0
    assert mine not in {letter.id for letter in account.dead.look().letters}
    assert account.counts() == (2, 0)


def test_what_a_game_day_does_with_a_poison_message_ends_it(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    (cure,) = [each.cure for each in INCIDENTS if each.name == "poison-message"]
    assert cure is not None
    account.give_up("no message of ours")
    values: dict[str, str] = {}
    for command in cure.commands:
        assert main(filled(command, values).split()[1:]) == 0
        values |= looked_up(capsys.readouterr().out, cure.looks_up)
    assert account.counts() == (0, 0)


@pytest.mark.parametrize("action", ["--send", "--drop"])
def test_without_a_yes_nothing_is_changed(
    action: str, account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.give_up(event())
    monkeypatch.setattr("sys.stdin", None)
    assert flux("pos-sync", action, "all") == 1
    assert "Nothing was changed" in capsys.readouterr().out
    assert account.counts() == (1, 0)


HELD = """
import signal, sys, time
from local.gameday.incidents import INCIDENTS
from local.runbooks import filled, looked_up
from ops import dead_letters
from ops.aws import Aws, find_environment
from ops.command import main
from ops.verbs import redrive
from tests.support.emulator import Aws as Emulator

found = Emulator(url=sys.argv[1], authority="")
aws = Aws(config=find_environment("dev"), session=found.session(), url=found.url, operator="arn")
redrive.connect = lambda _: aws
dead_letters.HOLD_SECONDS = 3

def wait(message):
    print("held", flush=True)
    time.sleep(60)

dead_letters.Letter.of = wait
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is begun without it
sys.exit(main(["redrive", "pos-sync", "--env", "dev"]))
"""


@pytest.mark.parametrize(("end", "given_back"), [(signal.SIGINT, 3), (signal.SIGTERM, 3), (signal.SIGKILL, 0)])
def test_a_look_that_is_ended_gives_back_at_once_and_one_that_is_killed_when_its_time_is_over(
    end: signal.Signals, given_back: int, account: Account
) -> None:
    account.give_up(event(1), event(2), event(3))
    program = [sys.executable, "-c", HELD, str(account.aws.url)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as looking:
        assert looking.stdout is not None
        assert any("held" in line for line in looking.stdout)
        assert account.counts() == (0, 3)
        looking.send_signal(end)
        looking.wait()
        assert account.counts() == (given_back, 3 - given_back)
        assert looking.stderr is not None
        assert "Traceback" not in looking.stderr.read()
    time.sleep(0 if given_back else 3)
    assert len(account.dead.look().letters) == 3


def test_a_crash_between_sending_and_deleting_leaves_two_of_a_message_and_never_none(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> int:
        raise KeyboardInterrupt

    (mine,) = account.give_up(event())
    monkeypatch.setattr("ops.dead_letters._Hands.delete", crash)
    assert flux("pos-sync", "--send", mine, "--yes") == 1
    assert "may be done in part" in capsys.readouterr().err
    assert [message["Body"] for message in account.work()] == [event()]
    assert account.counts() == (1, 0)


def twice[Answer](act: Callable[[], Answer]) -> list[Answer | OpsError]:
    """What two people get who do the same at the same time."""

    def tried() -> Answer | OpsError:
        try:
            return act()
        except OpsError as error:
            return error

    with ThreadPoolExecutor(2) as people:
        return [each.result() for each in [people.submit(tried) for _ in range(2)]]


def test_two_people_who_send_the_same_message_back_send_it_once(account: Account) -> None:
    mine, *_ = account.give_up(*map(event, range(30)))
    sent = [each for each in twice(lambda: account.dead.send_back(mine)) if each]
    assert [message["MessageId"] for message in account.work()] == sent
    assert account.counts() == (29, 0)


def test_two_people_who_send_all_back_send_each_message_once(account: Account) -> None:
    account.give_up(*map(event, range(300)))
    assert account.dead.arns
    refused = [
        each for each in twice(lambda: account.dead.send_all_back(patience_seconds=20)) if isinstance(each, OpsError)
    ]
    assert [each.why.partition(" since")[0] for each in refused] == [
        "queue pos-sync: its dead letters are being sent back"
    ]
    account.until_still()
    assert sorted(message["Body"] for message in account.work()) == sorted(map(event, range(300)))


def test_two_people_who_drop_all_delete_each_message_once(account: Account) -> None:
    sent = set(account.give_up(*map(event, range(300))))
    dropped = [each for each in twice(lambda: account.dead.drop(sent)) if isinstance(each, int)]
    left, held = account.counts()
    assert (sum(dropped) + left, held) == (300, 0)


def test_what_somebody_else_looks_at_is_told_and_left_to_them(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine,) = account.give_up(event())
    account.aws.sqs.receive_message(QueueUrl=account.dead.queue.dead_letters, VisibilityTimeout=60)
    assert flux("pos-sync") == 0
    assert "pos-sync has no dead letters, and 1 that somebody else looks at." in capsys.readouterr().out
    account.give_up(event())
    assert flux("pos-sync", "--drop", mine, "--yes") == 1
    told = capsys.readouterr().err
    assert f"message {mine}: it is not among the 1 dead letter of pos-sync, and 1 that somebody else looks at" in told
    assert "look again in 2 min" in told


def test_nobody_looks_while_sqs_sends_back(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.give_up(event(1), event(2), event(3))
    dead, work = account.dead.arns
    account.aws.sqs.start_message_move_task(SourceArn=dead, DestinationArn=work, MaxNumberOfMessagesPerSecond=1)
    assert flux("pos-sync", "--drop", "all", "--yes") == 1
    assert "its dead letters are being sent back since" in capsys.readouterr().err
    assert flux() == 0
    assert "being sent back: " in capsys.readouterr().out
    account.until_still()
    assert account.counts() == (0, 0)


def test_sqs_that_cannot_send_back_says_why(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.give_up(event(), "x" * 2000)
    account.aws.sqs.set_queue_attributes(QueueUrl=account.dead.queue.url, Attributes={"MaximumMessageSize": "1024"})
    assert flux("pos-sync", "--send", "all", "--yes") == 1
    assert "SQS has sent back 1 of about 2, then ended as FAILED InvalidParameterValue" in capsys.readouterr().err
    assert account.counts() == (1, 0)


@pytest.mark.parametrize("flags", [[], ["--send", "all", "--yes"], ["--drop", "all", "--yes"]])
def test_a_queue_without_dead_letters_says_so(
    flags: list[str], account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert flux("pos-sync", *flags) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "pos-sync has no dead letters."
    assert account.counts() == (0, 0)


@pytest.mark.parametrize("name", ["sales", "pos-sync-dead-letters", "Flux-dev-Compute-Dead", "orders.fifo"])
def test_a_name_that_is_no_queue_of_work_is_answered_with_those_that_are(
    name: str, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.counts() == (0, 0)
    assert flux(name) == 1
    assert capsys.readouterr().err == (
        f"flux: queue {name!r}: dev has no queue of work of that name\n"
        "  what to do: give pos-sync: the queue whose dead letters are meant\n"
    )


def test_a_queue_that_gives_up_to_another_one_is_refused(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.aws.sqs.set_queue_attributes(QueueUrl=account.dead.queue.url, Attributes={"RedrivePolicy": ""})
    assert flux("pos-sync") == 1
    assert "queue pos-sync: what it gives up does not go to arn:aws:sqs:" in capsys.readouterr().err


def test_a_fifo_queue_is_refused() -> None:
    queue = WorkQueue(name="orders", url="https://sqs.test/1/orders.fifo", dead_letters="https://sqs.test/1/dead.fifo")
    with pytest.raises(OpsError, match=r"queue orders: it is a FIFO queue"):
        DeadLetters(aws=Aws(config=DEV, session=SESSION, url=None, operator="arn"), queue=queue).require_still()


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.AccessDeniedException"])
def test_whoever_lacks_the_right_is_told_to_use_a_role_that_has_it(
    code: str, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(account.aws.sqs, ("get_queue_attributes", Refusal(code))):
        assert flux("pos-sync") == 1
    assert "use a role that may do this" in capsys.readouterr().err


def test_what_a_look_does_not_know_is_not_shown() -> None:
    def letter(body: str) -> Letter:
        return Letter.of(
            {
                "MessageId": "1",
                "Body": body,
                "Attributes": {"SentTimestamp": "0", "ApproximateReceiveCount": "6"},
            }
        )

    for body in ("[]", "1", '{"type": 7}', '{"type": "Anna Rossi"}', '{"type": {"a": 1}}', "[" * 100_000):
        assert (letter(body).type, letter(body).whose) == ("", "")
    told = letter(
        json.dumps({"type": "square.event", "event": {"type": "order.updated", "merchant_id": "a@b.example"}})
    )
    assert (told.type, told.whose) == ("order.updated", "")
