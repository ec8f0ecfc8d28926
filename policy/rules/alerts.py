"""The alerts topic: encrypted, under its name, heard by the configured people, and by nobody else."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..finding import Broken, Rules
from ..model import Environment, Resource, plain
from ..values import Json, as_list, as_map, as_text
from ..wanted import ABSENT, NOT_TRUE

RULES = Rules()
TOPIC = "AWS::SNS::Topic"

RULES.demands(
    TOPIC,
    ("TOPIC-ORDER", "FifoTopic", NOT_TRUE, "SNS Developer Guide, FIFO topics", "they reach no e-mail address"),
    (
        "TOPIC-HOLDS-NOTHING-BACK",
        "DataProtectionPolicy",
        ABSENT,
        "SNS Developer Guide, Message data protection",
        "deliver every alert as it is: such a policy can hold messages back, and copy them elsewhere",
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Listener:
    """Whoever hears a topic; resource: the subscription, or the topic that names it itself."""

    topic: str
    protocol: str
    endpoint: str
    filtered: bool
    resource: Resource


def _listener(topic: str, body: Mapping[str, Json], resource: Resource) -> _Listener:
    return _Listener(
        topic=topic,
        protocol=as_text(body.get("Protocol")),
        endpoint=plain(as_text(body.get("Endpoint"))),
        filtered=bool(body.get("FilterPolicy")),
        resource=resource,
    )


def _listeners(environment: Environment) -> Iterator[_Listener]:
    for topic in environment.of(TOPIC):
        for body in as_list(topic.get("Subscription")):
            yield _listener(topic.refers(), as_map(body), topic)
    for subscription in environment.of("AWS::SNS::Subscription"):
        yield _listener(subscription.text("TopicArn"), subscription.properties, subscription)


@RULES.rule("ALERTS-TOPIC", source="FSBP SNS.1", remedy="encrypt the topic, keep its name and its subscriber")
def alerts_reach_somebody(environment: Environment) -> Iterable[Broken]:
    """Encrypted with its own key, under the name that earlier layers speak to, and read by the configured address."""
    topic = environment.named("Monitoring/AlertsTopic")
    if topic is None:
        return
    if topic.text("KmsMasterKeyId") not in ("${Monitoring/AlertsKey.Arn}", "${Monitoring/AlertsKey}"):
        yield Broken(resource=topic, what="is not encrypted with its own key")
    if topic.text("TopicName") != f"flux-{environment.name}-alerts":
        yield Broken(resource=topic, what="is not called as the release alarms believe")
    address = environment.config.alert_email if environment.config else None
    heard = [
        listener
        for listener in _listeners(environment)
        if listener.topic == topic.refers()
        and listener.protocol in _BY_MAIL
        and address in (None, listener.endpoint)
        and not listener.filtered
    ]
    if not heard:
        yield Broken(resource=topic, what="is heard by nobody, or not by the configured address")


_BY_MAIL = ("email", "email-json")


@RULES.rule(
    "ALERTS-PRIVATE", source="OWASP, Information exposure", remedy="subscribe addresses of alert_email's domain alone"
)
def alerts_reach_nobody_else(environment: Environment) -> Iterable[Broken]:
    """They say what is broken and under which names; whoever reads them knows where to strike, and when."""
    domain = environment.config.alert_email.partition("@")[2] if environment.config else ""
    for listener in _listeners(environment):
        theirs = listener.endpoint.partition("@")[2]
        if listener.protocol not in _BY_MAIL or (domain and theirs != domain):
            yield Broken(resource=listener.resource, what=f"tells {listener.endpoint or 'nobody'} what goes wrong")
        place = listener.resource.text("Region")
        if place not in ("", environment.region):
            yield Broken(resource=listener.resource, what=f"listens in {place}, where no alarm speaks")


@RULES.rule("TOPIC-POLICIES", source="FSBP SNS.4", remedy="attach it to a topic of these stacks, by reference")
def topic_policies_belong_to_our_topics(environment: Environment) -> Iterable[Broken]:
    """One that names its topic by text is judged with no topic, and opens it all the same."""
    ours = {topic.refers() for topic in environment.of(TOPIC)}
    for policy in environment.of("AWS::SNS::TopicPolicy"):
        if set(policy.texts("Topics")) - ours or not policy.texts("Topics"):
            yield Broken(resource=policy, what=f"opens {policy.texts('Topics') or 'nothing'}")
