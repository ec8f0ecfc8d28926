"""Lambda's versions: published only when something has changed, and aliases only of versions that exist.

"Lambda doesn't publish a version if the function's configuration and code haven't changed since the last version"
(PublishVersion): the last one's number comes back, and CloudFormation refuses a new `AWS::Lambda::Version`. ministack
compares revisions, which change with every update, also with one back to what was before.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from collections.abc import Mapping
from typing import cast, override

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from .resources import Request, Resource, Stock, register
from .runtime.records import LATEST
from .values import Json, Properties

type Record = Mapping[str, dict[str, dict[str, dict[str, Json]]]]
type Answer = tuple[int, dict[str, str], bytes]

_CONTENT = (
    *("Architectures", "CodeSha256", "DeadLetterConfig", "Environment", "EphemeralStorage", "FileSystemConfigs"),
    *("Handler", "ImageConfigResponse", "KMSKeyArn", "Layers", "LoggingConfig", "MemorySize", "PackageType", "Role"),
    *("Runtime", "Timeout", "TracingConfig", "VpcConfig"),
)
"""The members of a function's configuration that make a version another one."""


def _compare(function: Record) -> None:
    """Let ministack's comparison of revisions say whether the last version is the function as it is now."""
    versions, now = function["versions"], function["config"]
    if versions:
        last = versions[max(versions, key=int)]
        same = all(last["config"].get(member) == now.get(member) for member in _CONTENT)
        cast("dict[str, object]", last)["function_revision"] = now["RevisionId"] if same else None


def _missing(function: Mapping[str, Mapping[str, Json]] | None, wanted: list[str]) -> str | None:
    """The first of these versions that the function has not; None also if there is no function."""
    if function is None:
        return None  # ministack says so itself
    return next((version for version in wanted if version != LATEST and version not in function["versions"]), None)


def require_version(properties: Properties) -> None:
    """Refuse a template's alias of a version that does not exist.

    Raises:
        ValueError: in Lambda's own words.
    """
    record, name, _, _ = provisioners._lambda_function_for_cfn_ref(properties.text("FunctionName"))
    missing = _missing(record, [properties.text("FunctionVersion")])
    if missing is not None:
        raise ValueError(f"Function not found: {name}:{missing} (Service: Lambda, Status Code: 404)")


def _install_aliases() -> None:
    create, update = lambda_svc._create_alias, lambda_svc._update_alias

    def refusal(function: str, data: Mapping[str, Json]) -> Answer | None:
        weights = Properties(data).child("RoutingConfig").child("AdditionalVersionWeights").values
        record = lambda_svc._functions.get(function)
        missing = _missing(record, [Properties(data).text("FunctionVersion", LATEST), *weights])
        if record is None or missing is None:
            return None
        arn = f"{record['config']['FunctionArn']}:{missing}"
        refused: Answer = error_response_json("ResourceNotFoundException", f"Function not found: {arn}", 404)
        return refused

    def create_alias(func_name: str, data: Mapping[str, Json]) -> Answer:
        answer: Answer = refusal(func_name, data) or create(func_name, data)
        return answer

    def update_alias(func_name: str, alias_name: str, data: Mapping[str, Json]) -> Answer:
        answer: Answer = refusal(func_name, data) or update(func_name, alias_name, data)
        return answer

    lambda_svc._create_alias, lambda_svc._update_alias = create_alias, update_alias


def _install_publishing() -> None:
    publish = lambda_svc._publish_version

    def publish_version(name: str, data: Mapping[str, Json]) -> Answer:
        if name in lambda_svc._functions:
            _compare(lambda_svc._functions[name])
        answer: Answer = publish(name, data)
        return answer

    lambda_svc._publish_version = publish_version


class Version(Stock):
    """`AWS::Lambda::Version`: fails where Lambda would not publish one."""

    name = "AWS::Lambda::Version"

    @override
    def create(self, request: Request) -> Resource:
        record, _, _, _ = provisioners._lambda_function_for_cfn_ref(request.properties.text("FunctionName"))
        if record is not None:
            _compare(record)
        return super().create(request)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return self.create(request) if old != request.properties else super().update(physical_id, old, request)


def install() -> None:
    """Publish versions and point aliases as Lambda does."""
    _install_publishing()
    _install_aliases()
    register(Version())
