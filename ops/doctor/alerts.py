"""Whether anybody hears of alarms: e-mail subscriptions that wait to be confirmed."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from flux_infra.constructs.names import alerts_topic_arn, alerts_topic_name

from .account import Account
from .check import Answer, Check, ok, to_do


def checks(account: Account) -> Iterator[Check]:
    """One row for the environment's topic."""
    yield Check(
        what=f"subscription to {alerts_topic_name(account.config)}",
        needed=f"confirmed by {account.config.alert_email}",
        ask=lambda: _confirmed(account),
        emulated=True,
    )


def _confirmed(account: Account) -> Answer:
    email = account.config.alert_email
    try:
        pages = account.topics.get_paginator("list_subscriptions_by_topic").paginate(
            TopicArn=alerts_topic_arn(account.config)
        )
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
            f"--topic-arn {alerts_topic_arn(account.config)} --protocol email --notification-endpoint {email} sends "
            "another",
        )
    return ok("confirmed")
