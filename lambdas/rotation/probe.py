"""The probe's secret: probe, api and webhook read it anew for each run, so it is in force where it is kept."""

import json

from flux_core.probe import ProbeSecret
from flux_core.texts import TextsError

from .strategy import RotationError, Strategy, Value, random_text


class ProbeRotation(Strategy):
    """Makes a password."""

    def create(self, current: str, *, token: str) -> str:
        """A random one."""
        del current, token
        return json.dumps({"password": random_text()})

    def test(self, pending: Value) -> None:
        """Refuse what nobody could sign in with."""
        try:
            ProbeSecret.model_validate_json(pending.content)
        except TextsError as error:
            raise RotationError("the new value is no secret of the probe; the current one goes on working") from error
