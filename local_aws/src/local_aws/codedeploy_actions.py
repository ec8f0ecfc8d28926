"""What deployments do to ministack's functions."""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from collections.abc import Mapping
from http import HTTPStatus
from typing import override

from ministack.services import cloudwatch, lambda_svc

from . import metric_alarms
from .codedeploy_types import REGISTRY
from .releases.engine import Aws, Engine


class Ministack(Aws):
    """Deployments act on ministack's Lambda and ask CloudWatch's alarms."""

    @override
    def shift(self, function: str, alias: str, version: str, weights: Mapping[str, float]) -> None:
        routing = {"AdditionalVersionWeights": dict(weights)}
        status, _, body = lambda_svc._update_alias(
            function, alias, {"FunctionVersion": version, "RoutingConfig": routing}
        )
        if status >= HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"UpdateAlias of {function}:{alias} answered {status}: {body!r}")

    @override
    def invoke(self, function: str, event: Mapping[str, str]) -> str | None:
        record, configured, name = lambda_svc._get_func_record_for_ref(function)
        if record is None:
            return f"the function {name} does not exist"
        executable = lambda_svc._execution_record_for_config(record, configured)
        answered = lambda_svc._execute_function_with_config_scope(executable, dict(event))
        return str(answered.get("body")) if answered.get("error") else None

    @override
    def alarm_state(self, name: str) -> str | None:
        # DescribeAlarms, asked for names alone, answers metric alarms; CodeDeploy's guide speaks of those only
        # ("Configure advanced options for a deployment group"). So a composite alarm stops nothing.
        return "OK" if name in cloudwatch._composite_alarms else metric_alarms.state_of(name)


AWS = Ministack()
ENGINE = Engine(REGISTRY, AWS)
"""Runs every deployment."""
