"""What an operator is told when something cannot be done."""


class OpsError(Exception):
    """A command cannot go on.

    why: names the thing and its value.
    remedy: what to do about it; a command to type wherever there is one.
    """

    def __init__(self, why: str, *, remedy: str) -> None:
        super().__init__(f"{why}\n  what to do: {remedy}")
        self.why = why
        self.remedy = remedy


class OutputError(OpsError):
    """What a command says cannot be written where it was sent."""


class SiteError(OpsError):
    """The site's live release was not changed."""


class DatadogError(OpsError):
    """Datadog holds something else than it should, or could not be asked."""
