"""A queue of work, and the queue of what could not be done."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

# A message must fail for good reasons, not because it was received while its function was throttled or redeployed
# (Lambda Developer Guide, "Configuring a queue to use with Lambda": at least 5).
MAX_RECEIVES = 5

# What a message's consumer gets to work with, in timeouts of its function (the same page: at least 6).
VISIBILITY_TIMEOUTS = 6


class FluxQueue(Construct):
    """An encrypted SQS queue with its dead-letter queue; both refuse plain HTTP.

    Attributes:
        name: like "pos-sync"; operators type it.
        url_variable: the environment variable in which functions find its URL.
        longest_wait, late: how long the oldest message may wait, and what it means for restaurants when it does.
        queue: work to do, kept for 4 days (SQS's own default).
        dead_letters: messages that failed MAX_RECEIVES times, kept for 14 days: the most SQS offers, so that a
            week-end and a fix fit in.
    """

    def __init__(  # noqa: PLR0913 - what differs between queues
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        key: kms.IKey,
        consumer_timeout_seconds: int,
        longest_wait: Duration,
        late: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        self.name, self.longest_wait, self.late = name, longest_wait, late
        self.url_variable = f"{name.upper().replace('-', '_')}_QUEUE_URL"
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(VISIBILITY_TIMEOUTS * consumer_timeout_seconds),
            retention_period=Duration.days(4),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )

    def grant_send(self, to: iam.IGrantable) -> None:
        """Let `to` send messages, and use the key as SQS asks senders to (SQS Developer Guide, "Key management").

        The queue's own `grant_send_messages` would permit every way of re-encrypting with the key as well.
        """
        iam.Grant.add_to_principal(grantee=to, actions=["sqs:SendMessage"], resource_arns=[self.queue.queue_arn])
        iam.Grant.add_to_principal(
            grantee=to, actions=["kms:Decrypt", "kms:GenerateDataKey"], resource_arns=[self._key.key_arn]
        )
