"""The way into Datadog: whose keys, and what is said when it refuses."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from flux_infra.config import Datadog, FluxConfig

from ..errors import DatadogError

# Datadog's own names for them; its client reads them from the environment and says them nowhere.
KEYS = ("DD_API_KEY", "DD_APP_KEY")
RIGHTS = "dashboards_read, dashboards_write, monitors_read, monitors_write, slos_read, slos_write, metrics_read"


def settings_of(config: FluxConfig) -> Datadog:
    """The environment's Datadog.

    Raises:
        DatadogError: it has none.
    """
    if config.datadog is None:
        raise DatadogError(
            f"--env {config.name}: sends nothing to Datadog",
            remedy=f"set datadog=Datadog(...) of {config.name} in flux_infra/environments.py; docs/datadog.md says how",
        )
    return config.datadog


def configure(settings: Datadog) -> Configuration:
    """Return how Datadog is reached, with the operator's own keys.

    Raises:
        DatadogError: a key is missing.
    """
    missing = [name for name in KEYS if not os.environ.get(name)]
    if missing:
        raise DatadogError(
            f"{' and '.join(missing)}: not set in this shell",
            remedy=f"make an application key of your own with {RIGHTS} (Organization Settings, Application Keys), and "
            f"export {' and '.join(KEYS)}",
        )
    configuration = Configuration(enable_retry=True)  # after a 429, when Datadog says
    configuration.server_variables["site"] = settings.site
    return configuration


@contextmanager
def datadog(configuration: Configuration) -> Iterator[ApiClient]:
    """A client; what Datadog refuses ends in an error that says what to do.

    Raises:
        DatadogError: it refused, or does not answer.
    """
    try:
        with ApiClient(configuration) as client:
            yield client
    except ApiException as error:
        if error.status in (401, 403):
            remedy = f"use an API key of this site, and an application key with {RIGHTS}"
        elif error.status == 429:
            remedy = "wait a minute, then run this again; what was written stays"
        else:
            remedy = "run './flux datadog plan' to see what was written; then mend what Datadog names"
        raise DatadogError(f"Datadog refused ({error.status}): {error.body}", remedy=remedy) from error
    except HTTPError as error:
        raise DatadogError(
            f"Datadog does not answer at {configuration.host}: {error}", remedy="check the network, then try again"
        ) from error
