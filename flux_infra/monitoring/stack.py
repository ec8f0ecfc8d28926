"""Monitoring layer: who hears of what, and what they see when they look."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from ..compute.stack import ComputeStack
from ..config import Backups, FluxConfig, Severity
from ..data.cache import FluxCache
from ..data.stack import DataStack
from ..frontend.stack import FrontendStack
from ..ml.endpoint import ForecastEndpoint
from .api import ApiSection
from .backups import BackupsSection
from .burn_rates import ObjectivesSection
from .cache import CacheSection
from .dashboard import FluxDashboard
from .database import DatabaseSection
from .database_events import DatabaseEvents
from .datadog import DatadogIntegration
from .domain import DomainSection
from .functions import FunctionsSection
from .model import ModelSection
from .paging import Paging
from .queries import SavedQueries
from .queues import QueuesSection
from .rotations import RotationsSection
from .schedules import SchedulesSection
from .section import Section
from .site import SiteSection
from .topics import AlertTopics


class MonitoringStack(Stack):
    """A topic for each severity, the alarms that speak to them, and the dashboard."""

    def __init__(  # noqa: PLR0913 - everything that is watched
        self,
        scope: Construct,
        *,
        config: FluxConfig,
        data: DataStack,
        model: ForecastEndpoint,
        compute: ComputeStack,
        http_api: apigateway.HttpApi,
        frontend: FrontendStack,
    ) -> None:
        super().__init__(scope, "Monitoring", description=f"Flux {config.name}: alarms and dashboard")
        topics = AlertTopics(self, "Alerts", config=config).topics
        sections: list[Section] = [
            *(
                [ObjectivesSection(self, "Objectives", config=config, http_api_id=http_api.api_id)]
                if config.objectives is True
                else []
            ),
            SiteSection(self, "Site", config=config, distribution=frontend.distribution),
            ApiSection(self, "Api", config=config, http_api=http_api),
            FunctionsSection(self, "Functions", config=config, functions=compute.functions.all),
            RotationsSection(
                self,
                "Rotations",
                config=config,
                functions=(*compute.rotations, frontend.origin_rotation),
            ),
            QueuesSection(self, "Queues", config=config, queues=compute.queues.all),
            SchedulesSection(self, "Schedules", config=config, rules=compute.queues.schedules.values()),
            DatabaseSection(self, "Database", config=config, instance=data.database.instance),
            CacheSection(self, "Cache", config=config, node_ids=_node_ids(data.cache)),
            ModelSection(self, "Model", config=config, endpoint=model),
        ]
        DatabaseEvents(self, "DatabaseEvents", config=config, topic=topics[Severity.TICKET])
        if config.domain and config.domain.owns_zone is True:
            sections.append(DomainSection(self, "Domain", config=config, domain=config.domain))
        if isinstance(config.backups, Backups) and data.backups is not None:
            vault = data.backups.vault
            sections.append(BackupsSection(self, "Backups", config=config, settings=config.backups, vault=vault))
        paging = Paging(
            self,
            "Paging",
            config=config,
            topics=topics,
            notices=[notice for section in sections for notice in section.notices],
        )
        FluxDashboard(self, "Dashboard", config=config, sections=sections, alarms=list(paging.alarms.values()))
        if config.datadog is not None:
            integration = DatadogIntegration(self, "Datadog", config=config, settings=config.datadog)
            CfnOutput(self, "DatadogRole", value=integration.role.role_name)
        SavedQueries(
            self,
            "Queries",
            config=config,
            functions=[each.name for each in (*compute.functions.all, *compute.rotations, frontend.origin_rotation)],
        )


def _node_ids(cache: FluxCache) -> list[str]:
    """Return the nodes' names: the group's with a number, as ElastiCache gives them when cluster mode is off."""
    group = cache.replication_group
    return [f"{group.ref}-{number:03}" for number in range(1, int(group.num_cache_clusters or 1) + 1)]
