"""The kinds of object that Flux keeps in Datadog: how each is read, made, changed and deleted.

Ours are known by their tags; a dashboard, which takes none of one's own, by its title.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, cast

from datadog_api_client import ApiClient
from datadog_api_client.model_utils import ModelNormal, model_to_dict
from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.api.service_level_objectives_api import ServiceLevelObjectivesApi
from datadog_api_client.v1.model.dashboard import Dashboard
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_update_request import MonitorUpdateRequest
from datadog_api_client.v1.model.service_level_objective import ServiceLevelObjective
from datadog_api_client.v1.model.service_level_objective_request import ServiceLevelObjectiveRequest

from ..errors import DatadogError
from ..reads import Json
from .strict import as_model, unknown


@dataclass(frozen=True, kw_only=True)
class Found:
    """An object of ours as Datadog holds it."""

    id: str
    document: Json


class Kind(Protocol):
    """One kind of object. name: as people call it."""

    name: ClassVar[str]

    def read(self) -> Mapping[str, Found]:
        """Return ours, by tag or title."""

    def create(self, document: Json) -> None:
        """Make a new one."""

    def update(self, found_id: str, document: Json) -> None:
        """Change one."""

    def delete(self, found_id: str) -> None:
        """Delete one."""


def found_by_tag(models: Iterable[ModelNormal], tag: str) -> Mapping[str, Found]:
    """Return the objects by the longest of their tags that begin with ours.

    Raises:
        DatadogError: Datadog's answer holds what the client does not know, or two objects have the same tag.
    """
    objects: dict[str, Found] = {}
    for model in models:
        document = document_of(model)
        own = [text for text in cast("list[str]", document["tags"]) if text.startswith(f"{tag}:")]
        key = max(own, key=len, default=tag)
        if key in objects:
            raise DatadogError(
                f"{key}: two objects in Datadog have this tag, {objects[key].id} and {document['id']}",
                remedy="delete the one that somebody copied, in Datadog",
            )
        objects[key] = Found(id=str(document["id"]), document=document)
    return objects


def document_of(model: ModelNormal) -> dict[str, Json]:
    """Return a model as JSON.

    Raises:
        DatadogError: it holds values that the client does not know. New fields it may: Datadog adds them at any time.
    """
    for where in unknown(model, type(model).__name__, fields=False):
        raise DatadogError(
            f"{where}: Datadog answers what datadog-api-client does not know", remedy="take a newer datadog-api-client"
        )
    document: dict[str, Json] = model_to_dict(model, serialize=True)
    return document


@dataclass(frozen=True, kw_only=True)
class Slos:
    """Service level objectives."""

    client: ApiClient
    tag: str
    name: ClassVar[str] = "SLO"

    def read(self) -> Mapping[str, Found]:
        """Return ours, by tag."""
        api = ServiceLevelObjectivesApi(self.client)
        return found_by_tag(list(api.list_slos_with_pagination(tags_query=self.tag)), self.tag)

    def create(self, document: Json) -> None:
        """Make a new one."""
        ServiceLevelObjectivesApi(self.client).create_slo(as_model(ServiceLevelObjectiveRequest, document))

    def update(self, found_id: str, document: Json) -> None:
        """Change one."""
        ServiceLevelObjectivesApi(self.client).update_slo(found_id, as_model(ServiceLevelObjective, document))

    def delete(self, found_id: str) -> None:
        """Delete one."""
        ServiceLevelObjectivesApi(self.client).delete_slo(found_id)


@dataclass(frozen=True, kw_only=True)
class Monitors:
    """Monitors."""

    client: ApiClient
    tag: str
    name: ClassVar[str] = "monitor"

    def read(self) -> Mapping[str, Found]:
        """Return ours, by tag."""
        api = MonitorsApi(self.client)
        return found_by_tag(list(api.list_monitors_with_pagination(monitor_tags=self.tag)), self.tag)

    def create(self, document: Json) -> None:
        """Make a new one."""
        MonitorsApi(self.client).create_monitor(as_model(Monitor, document))

    def update(self, found_id: str, document: Json) -> None:
        """Change one."""
        MonitorsApi(self.client).update_monitor(int(found_id), as_model(MonitorUpdateRequest, document))

    def delete(self, found_id: str) -> None:
        """Delete one."""
        MonitorsApi(self.client).delete_monitor(int(found_id))


@dataclass(frozen=True, kw_only=True)
class Dashboards:
    """Dashboards. title: of the one that is ours."""

    client: ApiClient
    title: str
    name: ClassVar[str] = "dashboard"

    def read(self) -> Mapping[str, Found]:
        """Return ours, by title."""
        api = DashboardsApi(self.client)
        ids = [str(each.id) for each in api.list_dashboards_with_pagination() if each.title == self.title]
        found = [document_of(api.get_dashboard(each)) for each in ids]
        if len(found) > 1:
            raise DatadogError(
                f"{self.title!r}: two dashboards in Datadog have this title, {' and '.join(ids)}",
                remedy="rename or delete the one that somebody copied, in Datadog",
            )
        return {str(each["title"]): Found(id=str(each["id"]), document=each) for each in found}

    def create(self, document: Json) -> None:
        """Make a new one."""
        DashboardsApi(self.client).create_dashboard(as_model(Dashboard, document))

    def update(self, found_id: str, document: Json) -> None:
        """Change one."""
        DashboardsApi(self.client).update_dashboard(found_id, as_model(Dashboard, document))

    def delete(self, found_id: str) -> None:
        """Delete one."""
        DashboardsApi(self.client).delete_dashboard(found_id)
