"""Whether anybody hears of alarms: e-mail subscriptions that wait to be confirmed."""

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from flux_infra.config import Severity
from flux_infra.constructs.names import topic_arn, topic_name

from .account import Account
from .check import Answer, Check, ok, to_do


def checks(account: Account) -> Iterator[Check]:
    """One row for each of the environment's topics."""
    for severity in Severity:
        yield Check(
            what=f"subscription to {topic_name(account.config, severity)}",
            needed=f"confirmed by {account.config.email(severity)}",
            ask=partial(_confirmed, account, severity),
            emulated=True,
        )


def _confirmed(account: Account, severity: Severity) -> Answer:
    email, topic = account.config.email(severity), topic_arn(account.config, severity)
    try:
        pages = account.topics.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        subscriptions = {
            subscription["Endpoint"]: subscription["SubscriptionArn"]
            for page in pages
            for subscription in page["Subscriptions"]
            if subscription["Protocol"] == "email"
        }
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NotFound", "NotFoundException"}:
            raise
        return to_do("no such topic yet", "deploy, then confirm what SNS sends")
    arn = subscriptions.get(email)
    if arn is None:
        return to_do("not subscribed", f"scripts/cdk deploy 'Flux-{account.config.name}/*'")
    if not arn.startswith("arn:"):  # "PendingConfirmation", or "Deleted" after an unsubscribe
        return to_do(
            f"{email}: {arn}",
            f"open the e-mail 'AWS Notification - Subscription Confirmation' to {email} and follow its link; after "
            "three days the link is dead, and aws sns subscribe "
            f"--topic-arn {topic} --protocol email --notification-endpoint {email} sends another",
        )
    return ok("confirmed")
