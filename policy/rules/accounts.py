"""Whatever an environment speaks to is its own account's, in its own region; the exceptions stand here."""

import re
from collections.abc import Iterable, Iterator

from ..finding import Broken, Rules
from ..model import Environment
from ..values import texts_within

RULES = Rules()

_ARN = re.compile(r"arn:(?P<partition>[^:\s]*):(?P<service>[^:\s]*):(?P<region>[^:\s]*):(?P<account>[^:\s]*):")
_REGISTRY = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.")
_QUEUE = re.compile(r"\bsqs\.[a-z0-9-]+\.amazonaws\.com/(?P<account>\d{12})/")
_ACCOUNT = re.compile(r"\d{12}")
_PLACE = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")

# AWS's own accounts: its managed policies, its integrations of Lambda, its images of SageMaker.
_OF_AWS = {("iam", "aws"), ("apigateway", "lambda"), ("ecr", "683313688378")}


@RULES.rule(
    "ACCOUNTS-OURS", source="FSBP IAM; confused deputy", remedy="name this account's own, or say here why another's"
)
def nothing_speaks_to_another_account(environment: Environment) -> Iterable[Broken]:
    """Neither by an ARN, nor by a number, nor by a registry; and no wildcard stands for every account."""
    for resource in environment.resources():
        for path, text in texts_within(resource.properties):
            odd = next(iter(_elsewhere(environment, path, text)), "")
            if odd:
                yield Broken(resource=resource, what=f"{path} speaks of {odd}")
                break
    for stack in environment.stacks:
        for path, text in texts_within(stack.deployed):
            odd = next(iter(_elsewhere(environment, path, text.replace("${AWS::Partition}", "aws"))), "")
            if odd:
                yield Broken(subject=stack.layer, what=f"the manifest's {path} of {stack.name} speaks of {odd}")


def _elsewhere(environment: Environment, path: str, text: str) -> Iterator[str]:
    """Yield what in a text belongs to somebody else, or to another region than the environment's and its copies'."""
    regions = {"", environment.region, environment.copy_region}
    for match in _ARN.finditer(text):
        owner = match["account"]
        if match["partition"] != "aws":
            yield f"the partition {match['partition'] or 'of nobody'}"
        if owner not in ("", environment.account) and (match["service"], owner) not in _OF_AWS:
            yield f"the account {owner}"
        if match["region"] not in regions:
            yield f"the region {match['region']}"
    for match in (*_REGISTRY.finditer(text), *_QUEUE.finditer(text)):
        if match["account"] != environment.account and ("ecr", match["account"]) not in _OF_AWS:
            yield f"the account {match['account']}"
    words = path.lower()
    if _ACCOUNT.fullmatch(text) and text != environment.account and ("account" in words or "principal" in words):
        yield f"the account {text}"
    if _PLACE.fullmatch(text) and words.endswith("region") and text not in regions:
        yield f"the region {text}"
