"""Lets the alarms be heard: each by its severity's topic, and one cause once."""

from collections.abc import Iterable, Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from ..config import FluxConfig
from ..constructs.names import alarm_name
from .causes import explanations
from .section import Notice, as_construct_id
from .topics import Topics

# An alarm may fire a moment before the one that explains it. What waits is never the first to page for its cause.
WAIT = Duration.minutes(2)

# After an outage the queues still hold late work for a while, which is the same cause's.
_LATE_WORK = Duration.minutes(15)


class Paging(Construct):
    """Says every notice when it begins and when it is over, unless another alarm that fires explains it.

    CloudWatch suppresses the actions of composite alarms only, and by one alarm each ("Suppressing composite alarm
    actions", CloudWatch User Guide): so a notice with an explanation becomes a composite alarm, and several
    explanations become one that tells nobody.

    Attributes:
        alarms: by subject, the alarm that speaks for each notice.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, topics: Topics, notices: Iterable[Notice]
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._notices = {notice.subject: notice for notice in notices}
        self._heard: dict[str, cloudwatch.AlarmBase] = {}
        for notice in self._notices.values():
            action = actions.SnsAction(topics[notice.severity])
            alarm = self._speaker(notice)
            alarm.add_alarm_action(action)
            alarm.add_ok_action(action)
        self.alarms: Mapping[str, cloudwatch.AlarmBase] = {subject: self._heard[subject] for subject in self._notices}

    def _speaker(self, notice: Notice) -> cloudwatch.AlarmBase:
        """The alarm that says it; those that explain it are made before."""
        if notice.subject not in self._heard:
            because = [self._speaker(self._notices[each]) for each in explanations(notice.subject, self._config)]
            self._heard[notice.subject] = (
                notice.parts[0] if len(notice.parts) == 1 and not because else self._composite(notice, because)
            )
        return self._heard[notice.subject]

    def _composite(self, notice: Notice, because: list[cloudwatch.AlarmBase]) -> cloudwatch.CompositeAlarm:
        name = as_construct_id(notice.subject)
        return cloudwatch.CompositeAlarm(
            self,
            name,
            composite_alarm_name=alarm_name(self._config, notice.subject),
            alarm_description=notice.description,
            alarm_rule=cloudwatch.AlarmRule.all_of(*(_fires(part) for part in notice.parts)),
            actions_suppressor=self._any_of(notice, because),
            actions_suppressor_wait_period=WAIT if because else None,
            actions_suppressor_extension_period=_extension(notice) if because else None,
        )

    def _any_of(self, notice: Notice, because: list[cloudwatch.AlarmBase]) -> cloudwatch.IAlarm | None:
        if len(because) <= 1:
            return because[0] if because else None
        subject = f"{notice.subject}-explained"
        return cloudwatch.CompositeAlarm(
            self,
            as_construct_id(subject),
            composite_alarm_name=alarm_name(self._config, subject),
            alarm_description=f"Keeps {alarm_name(self._config, notice.subject)} quiet: another tells of its cause.",
            alarm_rule=cloudwatch.AlarmRule.any_of(*(_fires(each) for each in because)),
        )


def _extension(notice: Notice) -> Duration:
    """How long it stays quiet when what explains it is over: until it would be over itself, and what waits then."""
    return Duration.seconds(max(_LATE_WORK.to_seconds(), notice.lasts + WAIT.to_seconds()))


def _fires(alarm: cloudwatch.IAlarm) -> cloudwatch.IAlarmRule:
    return cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM)
