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
from .business import BusinessSection
from .cache import CacheSection
from .dashboards import FluxDashboards
from .database import DatabaseSection
from .database_events import DatabaseEvents
from .datadog import DatadogIntegration
from .deliveries import DeliveriesSection
from .domain import DomainSection
from .functions import FunctionsSection
from .model import ModelSection
from .network import NetworkSection
from .paging import Paging
from .probe import Probe, ProbeSection
from .queries import SavedQueries
from .queues import QueuesSection
from .released import ReleasesSection
from .rotations import RotationsSection
from .schedules import SchedulesSection
from .section import Section
from .site import SiteSection
from .square import SquareSection
from .topics import AlertTopics


class MonitoringStack(Stack):
    """A topic for each severity, the alarms that speak to them, and the dashboards."""

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
        super().__init__(scope, "Monitoring", description=f"Flux {config.name}: alarms and dashboards")
        topics = AlertTopics(self, "Alerts", config=config).topics
        overview: list[Section] = [BusinessSection(self, "Business", config=config)]
        if config.objectives is True:
            overview.insert(0, ObjectivesSection(self, "Objectives", config=config, http_api_id=http_api.api_id))
        overview.append(DeliveriesSection(self, "Deliveries", config=config, topics=topics))
        parts: dict[str, list[Section]] = {
            "frontend": [SiteSection(self, "Site", config=config, distribution=frontend.distribution)],
            "api": [ApiSection(self, "Api", config=config, http_api=http_api)],
            "compute": [
                FunctionsSection(self, "Functions", config=config, functions=compute.functions.all),
                QueuesSection(self, "Queues", config=config, queues=compute.queues.all),
                SquareSection(self, "Square", config=config),
                SchedulesSection(self, "Schedules", config=config, rules=compute.queues.schedules.values()),
                RotationsSection(
                    self, "Rotations", config=config, functions=(*compute.rotations.functions, frontend.origin_rotation)
                ),
            ],
            "data": [
                DatabaseSection(self, "Database", config=config, instance=data.database.instance),
                CacheSection(self, "Cache", config=config, node_ids=_node_ids(data.cache)),
            ],
            "ml": [ModelSection(self, "Model", config=config, endpoint=model)],
            "network": [
                NetworkSection(self, "Network", config=config, nat_gateways=compute.context.network.nat_gateways)
            ],
            "releases": [ReleasesSection(self, "Releases", config=config, functions=compute.functions.released)],
        }
        if config.domain and frontend.certificate:
            parts["frontend"].append(
                DomainSection(self, "Domain", config=config, domain=config.domain, certificate=frontend.certificate)
            )
        if isinstance(config.backups, Backups) and data.backups is not None:
            vault = data.backups.vault
            parts["data"].append(BackupsSection(self, "Backups", config=config, settings=config.backups, vault=vault))
        functions = [*compute.functions.all, *compute.rotations.functions, frontend.origin_rotation]
        if data.secrets.probe is not None:
            secret = data.secrets.probe
            probe = Probe(
                self,
                "Probe",
                context=compute.context,
                frontend=frontend,
                secret=secret,
                rotated=[*compute.rotations.secrets, data.secrets.origin],
            )
            functions.append(probe.function)
            CfnOutput(self, "ProbeFunctionName", value=probe.function.function.function_name)
            CfnOutput(self, "ProbeRuleName", value=probe.rule.rule_name)
            parts["frontend"].append(ProbeSection(self, "Journey", config=config, function=probe.function))
        DatabaseEvents(self, "DatabaseEvents", config=config, topic=topics[Severity.TICKET])
        sections = [*overview, *(section for part in parts.values() for section in part)]
        notices = [notice for section in sections for notice in section.notices]
        paging = Paging(self, "Paging", config=config, topics=topics, notices=notices)
        FluxDashboards(
            self,
            "Dashboards",
            config=config,
            overview=overview,
            parts=parts,
            alarms=list(paging.alarms.values()),
        )
        if config.datadog is not None:
            integration = DatadogIntegration(self, "Datadog", config=config, settings=config.datadog)
            CfnOutput(self, "DatadogRole", value=integration.role.role_name)
        SavedQueries(
            self,
            "Queries",
            config=config,
            functions=[each.name for each in functions],
        )


def _node_ids(cache: FluxCache) -> list[str]:
    """Return the nodes' names: the group's with a number, as ElastiCache gives them when cluster mode is off."""
    group = cache.replication_group
    return [f"{group.ref}-{number:03}" for number in range(1, int(group.num_cache_clusters or 1) + 1)]
