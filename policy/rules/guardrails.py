"""How the endpoint gets a new model: a canary, alarms that take it back, and time for both."""

from collections.abc import Iterable, Mapping

from ..finding import Broken, Rules
from ..model import Environment, Resource, plain
from ..values import Json, as_list, as_map, as_number, as_text, dig
from .model import CONFIG, ENDPOINT

RULES = Rules()
_ALARMS = {"${Ml/ForecastGuardrailsErrors}", "${Ml/ForecastGuardrailsLatency}"}
_SOURCE = "SageMaker Developer Guide, Blue/Green Deployments, Auto-Rollback Configuration and Monitoring"
_STARTS = 1_800  # seconds; instances take about ten minutes to start, and a rollback starts them once more


def bake_seconds(environment: Environment) -> int:
    """How long a new model must have answered some requests before it answers all; 0 where it need not."""
    return 60 * (environment.config.model.bake_minutes if environment.config else 10)


@RULES.rule("ML-CANARY", source=_SOURCE, remedy="half of the requests at most, for as long as configured")
def a_new_model_gets_few_requests_first(environment: Environment) -> Iterable[Broken]:
    """And the old instances stay until the alarms have had their say."""
    bake = bake_seconds(environment)
    for endpoint in environment.of(ENDPOINT) if bake else []:
        update = as_map(endpoint.get("DeploymentConfig.BlueGreenUpdatePolicy"))
        routing = as_map(update.get("TrafficRoutingConfiguration"))
        kind = as_text(routing.get("Type"))
        step = as_map(routing.get({"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(kind, "")))
        wait = as_number(routing.get("WaitIntervalInSeconds")) or 0
        stays = as_number(update.get("TerminationWaitInSeconds")) or 0
        whole = as_number(update.get("MaximumExecutionTimeoutInSeconds")) or 0
        if not 0 < _share(environment, endpoint, step) <= 0.5:
            yield Broken(resource=endpoint, what=f"moves {kind or 'all'} {dict(step)} of the requests at once")
        if not bake <= wait <= 3_600:
            yield Broken(resource=endpoint, what=f"waits {wait:g} s after its first step; must be {bake} or more")
        if not 60 <= stays <= 3_600:
            yield Broken(resource=endpoint, what=f"ends its old instances {stays:g} s after the last request to them")
        if not wait + stays + _STARTS <= whole <= 28_800:
            yield Broken(resource=endpoint, what=f"gives a deployment {whole:g} s, which is no time for its waits")


def _share(environment: Environment, endpoint: Resource, step: Mapping[str, Json]) -> float:
    """Return the share of the instances that a step is."""
    value = as_number(step.get("Value")) or 0
    if as_text(step.get("Type")) == "CAPACITY_PERCENT":
        return value / 100
    config = environment.find(endpoint.text("EndpointConfigName"))
    total = config.number("ProductionVariants.0.InitialInstanceCount") if config and config.type == CONFIG else None
    return value / total if total and as_text(step.get("Type")) == "INSTANCE_COUNT" else 1


@RULES.rule("ML-ROLLBACK", source=_SOURCE, remedy="name both alarms of guardrails.py")
def alarms_take_a_model_back(environment: Environment) -> Iterable[Broken]:
    """Errors and slowness; what they watch, expected_alarms.py says."""
    for endpoint in environment.of(ENDPOINT) if bake_seconds(environment) else []:
        listed = as_list(endpoint.get("DeploymentConfig.AutoRollbackConfiguration.Alarms"))
        missing = _ALARMS - {plain(as_text(dig(alarm, "AlarmName"))) for alarm in listed}
        if missing:
            yield Broken(resource=endpoint, what=f"keeps a model whatever {', '.join(sorted(missing))} say")
