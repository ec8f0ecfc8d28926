"""`./flux redrive`: dead letters are listed, looked at, sent back to their queue, or dropped."""

import argparse
import re
import signal
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from ..aws import Aws, connect, find_environment
from ..console import Console, Verbs, add_verb
from ..dead_letters import HOLD_SECONDS, DeadLetters, Letter, Look, reasons
from ..errors import OpsError
from ..page.counted import Counted
from ..page.rendering import spoken
from ..queues import messages, oldest_seconds, work_queues
from ..reads import Json
from ..report import table

EXAMPLES = """\
examples:
  ./flux redrive --env prod                          how many dead letters each queue has, and how old they are
  ./flux redrive pos-sync --env prod                 what they are: id, type, whose, age, which error
  ./flux redrive pos-sync --env prod --send all      send them back to their queue; says what will happen, then asks
  ./flux redrive pos-sync --env prod --send ID       this one alone
  ./flux redrive pos-sync --env prod --drop ID       delete it for good; 'all' deletes those that were shown

A message that failed five times is a dead letter. SQS keeps it until 14 days after it was first sent. Find its id in
the worker's log (/flux/<env>/sync or forecast), mend the cause, then send it back: it is a new message with a new id,
and is here again after five more failures. Work that is done twice changes nothing.

To look at messages hides them from others until they are given back: seconds, also after Ctrl-C; after a crash two
minutes. RECEIVED counts looks too. No body is shown, as it is a restaurant's. 'all' is sent back by SQS itself, which
goes on when this command is ended.

It needs an operator's rights: sqs:ReceiveMessage, ChangeMessageVisibility, DeleteMessage, GetQueueAttributes,
StartMessageMoveTask and ListMessageMoveTasks on the dead letters, sqs:SendMessage on the queue, and the use of its key.
"""

ALL = "all"

# How long it is watched how SQS sends all back: SQS takes 500 a second at most.
PATIENCE_SECONDS = 15 * 60

# More are counted, and stand in the JSON document.
SHOWN = 50


def add(verbs: Verbs) -> None:
    """Teach the command line."""
    verb = add_verb(verbs, "redrive", purpose="dead letters: list, look, send back, drop", examples=EXAMPLES, run=run)
    verb.add_argument("queue", nargs="?", metavar="QUEUE", help="like pos-sync; without it all are listed")
    action = verb.add_mutually_exclusive_group()
    action.add_argument("--send", type=_which, metavar="ID", help="send this message back to its queue, or 'all'")
    action.add_argument("--drop", type=_which, metavar="ID", help="delete this message for good, or 'all'")


def _which(text: str) -> str:
    if re.fullmatch(rf"{ALL}|[0-9a-f-]{{36}}", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r}: give a message's id as './flux redrive QUEUE' shows it, or 'all'")
    return text


def run(arguments: argparse.Namespace) -> int:
    """List, look, send back or drop; 0 if it did what it says.

    Raises:
        OpsError: it cannot, with the reason.
    """
    console = Console.of(arguments)
    if arguments.queue is None and (arguments.send or arguments.drop):
        raise OpsError(
            "--send and --drop: of which queue?", remedy="give its name: ./flux redrive --env NAME lists them"
        )
    aws = connect(find_environment(arguments.env))
    console.heading(aws)
    if arguments.queue is None:
        return _list(console, aws)
    # What is held must be given back, also by a job that is cancelled.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    dead = _find(aws, arguments.queue)
    dead.require_still()
    look = _explained(console, aws, dead.look())
    which = arguments.send or arguments.drop
    chosen = [each for each in look.letters if which in {None, ALL, each.id}]
    if look.letters and not chosen:
        raise OpsError(
            f"message {which}: it is not among the {_letters(look)} of {dead.queue.name}{_elsewhere(look)}",
            remedy=f"somebody has sent it back or dropped it, or looks at it: look again in {spoken(HOLD_SECONDS)}",
        )
    console.echo(_table(chosen) if which not in {None, ALL} and chosen else _shown(dead, look))
    if which is None or not chosen:
        letters = [_document(each) for each in chosen]
        console.result(queue=dead.queue.name, dead_letters=letters, elsewhere=look.elsewhere)
        return 0 if which in {None, ALL} else 1
    act = _send if arguments.send else _drop
    try:
        return act(console, dead, chosen, everything=which == ALL)
    except KeyboardInterrupt as error:
        raise OpsError(
            "interrupted: what was asked for may be done in part, and SQS goes on with what it sends back itself",
            remedy=f"see what is left: ./flux redrive {dead.queue.name} --env {aws.config.name}",
        ) from error


def _find(aws: Aws, name: str) -> DeadLetters:
    queues = work_queues(aws)
    for queue in queues:
        if queue.name == name:
            return DeadLetters(aws=aws, queue=queue)
    names = " or ".join(queue.name for queue in queues)
    raise OpsError(
        f"queue {name!r}: {aws.config.name} has no queue of work of that name",
        remedy=f"give {names}: the queue whose dead letters are meant",
    )


def _list(console: Console, aws: Aws) -> int:
    counted = Counted(aws=aws, now=datetime.now(UTC))
    rows, documents = [], list[Json]()
    for queue in work_queues(aws):
        found = messages(aws, queue.dead_letters)
        dead, elsewhere = found["ApproximateNumberOfMessages"], found["ApproximateNumberOfMessagesNotVisible"]
        oldest = oldest_seconds(counted, queue.dead_letters) if dead + elsewhere else None
        move = DeadLetters(aws=aws, queue=queue).last_move()
        going = f"being sent back: {move.moved} of about {move.total}" if move and move.under_way else ""
        age = "-" if oldest is None else spoken(oldest)
        rows.append((queue.name, str(dead), age, str(elsewhere), going))
        documents.append({"queue": queue.name, "dead_letters": dead, "oldest_seconds": oldest, "elsewhere": elsewhere})
    console.echo(table(("QUEUE", "DEAD LETTERS", "OLDEST", "BEING LOOKED AT", ""), rows))
    console.result(queues=documents)
    return 0


def _explained(console: Console, aws: Aws, look: Look) -> Look:
    """With the errors that the workers' logs tell of, as far as they can be asked."""
    if not look.letters:
        return look
    try:
        known = reasons(aws, look.letters, now=datetime.now(UTC))
    except (OpsError, ClientError) as error:
        console.echo(f"Which errors they were is not known: {str(error).splitlines()[0]}\n")
        return look
    return replace(look, letters=[replace(each, reason=each.reason or known.get(each.id, "")) for each in look.letters])


def _shown(dead: DeadLetters, look: Look) -> str:
    if not look.letters:
        return f"{dead.queue.name} has no dead letters{_elsewhere(look)}."
    more = "" if look.complete else ". There are more: this was seen in the time that one look may take"
    return f"{_table(look.letters)}\n\n{_letters(look)} of {dead.queue.name}{_elsewhere(look)}{more}."


def _table(letters: Sequence[Letter]) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            each.id,
            each.type or "unreadable",
            each.whose or "-",
            spoken((now - each.sent).total_seconds()),
            str(each.received),
            each.reason or "-",
        )
        for each in letters[:SHOWN]
    ]
    head = ("MESSAGE, THE OLDEST FIRST", "TYPE", "WHOSE", "AGE", "RECEIVED", "ERROR")
    more = f"\nand {len(letters) - SHOWN} more, which --json shows" if len(letters) > SHOWN else ""
    return table(head, rows) + more


def _letters(look: Look) -> str:
    return "1 dead letter" if len(look.letters) == 1 else f"{len(look.letters)} dead letters"


def _elsewhere(look: Look) -> str:
    return f", and {look.elsewhere} that somebody else looks at" if look.elsewhere else ""


def _send(console: Console, dead: DeadLetters, chosen: Sequence[Letter], *, everything: bool) -> int:
    name, environment = dead.queue.name, dead.aws.config.name
    console.echo(
        f"\n{_counted(len(chosen))} will go back to the queue {name}, with a new id. "
        "What fails five more times is here again."
        + ("\nSQS sends back all that there is then, also what has come since this look." if everything else "")
    )
    if not console.confirm(environment, f"send {_counted(len(chosen))} back to {name}"):
        return 1
    if not everything:
        sent = dead.send_back(chosen[0].id)
        if not sent:
            return _gone(console, chosen[0].id)
        console.echo(f"\nSent back: 1, as message {sent}.")
        console.result(queue=name, sent=1, ids=[sent])
        return 0
    console.echo("\nSending back ...")
    move = dead.send_all_back(patience_seconds=PATIENCE_SECONDS)
    left = sum(messages(dead.aws, dead.queue.dead_letters).values())
    console.result(queue=name, sent=move.moved, left=left, status=move.status)
    if move.under_way:
        console.echo(
            f"Sent back: {move.moved} of about {move.total} so far; SQS goes on. './flux redrive' shows how far."
        )
        return 0
    if move.status != "COMPLETED":
        raise OpsError(
            f"queue {name}: SQS has sent back {move.moved} of about {move.total}, then ended as {move.status} "
            f"{move.reason}".rstrip(),
            remedy="mend what it names, as rights to send to the queue or to use its key; then run this again",
        )
    rest = f" {left} are here still or again: look at them." if left else ""
    console.echo(f"Sent back: {move.moved}.{rest}")
    return 0


def _drop(console: Console, dead: DeadLetters, chosen: Sequence[Letter], *, everything: bool) -> int:
    name, environment = dead.queue.name, dead.aws.config.name
    console.echo(f"\n{_counted(len(chosen))} will be deleted for good. What is asked for in it stays undone.")
    if not console.confirm(environment, f"delete {_counted(len(chosen))} of {name}"):
        return 1
    ids: Collection[str] = {each.id for each in chosen}
    dropped = dead.drop(ids)
    console.result(queue=name, dropped=dropped, asked=len(ids))
    if dropped == 0 and not everything:
        return _gone(console, chosen[0].id)
    gone = len(ids) - dropped
    console.echo(f"\nDropped: {dropped}." + (f" {gone} were not seen again: look again." if gone else ""))
    return 1 if gone else 0


def _gone(console: Console, message_id: str) -> int:
    console.echo(f"\nNothing was changed: message {message_id} is not there any more, or somebody else looks at it.")
    return 1


def _counted(number: int) -> str:
    return "1 message" if number == 1 else f"{number} messages"


def _document(letter: Letter) -> Json:
    return {**asdict(letter), "sent": letter.sent.isoformat()}
