"""The AppSpec of a Lambda deployment ("AppSpec file structure for AWS Lambda deployments")."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..values import InvalidValueError, Json, Properties

BEFORE = "BeforeAllowTraffic"
AFTER = "AfterAllowTraffic"


class AppSpecError(ValueError):
    """The AppSpec cannot be used; the message says why."""


@dataclass(frozen=True, kw_only=True)
class AppSpec:
    """Move one alias from one version to another.

    hooks: names or ARNs of the validation functions, by lifecycle event.
    """

    function: str
    alias: str
    current: str
    target: str
    hooks: Mapping[str, str]

    @classmethod
    def parse(cls, content: str) -> Self:
        """Read an AppSpec written as JSON (CodeDeploy also takes YAML).

        Raises:
            AppSpecError: it is not JSON, or not one of exactly one Lambda function.
        """
        try:
            document: Json = json.loads(content)
            spec = Properties({"AppSpec": document}).child("AppSpec")
            resources = [
                Properties(resource.values).child(name)
                for resource in spec.children("Resources")
                for name in resource.values
            ]
            if len(resources) != 1:
                raise AppSpecError(f"the AppSpec file must name exactly one resource, found {len(resources)}")
            properties = resources[0].child("Properties")
            return cls(
                function=properties.text("Name"),
                alias=properties.text("Alias"),
                current=properties.text("CurrentVersion"),
                target=properties.text("TargetVersion"),
                hooks={event: hook.text(event) for hook in spec.children("Hooks") for event in hook.values},
            )
        except (json.JSONDecodeError, InvalidValueError) as error:
            raise AppSpecError(f"the AppSpec file is not valid: {error}") from error

    @property
    def content(self) -> str:
        """The AppSpec as JSON."""
        versions = {"CurrentVersion": self.current, "TargetVersion": self.target}
        properties = {"Name": self.function, "Alias": self.alias, **versions}
        return json.dumps(
            {
                "version": 0.0,
                "Resources": [{self.function: {"Type": "AWS::Lambda::Function", "Properties": properties}}],
                "Hooks": [{event: hook} for event, hook in self.hooks.items()],
            }
        )

    @property
    def sha256(self) -> str:
        """Of the content, in hexadecimal."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    def reversed(self) -> Self:
        """Back to where it came from, without hooks: the AppSpec of a rollback."""
        return type(self)(function=self.function, alias=self.alias, current=self.target, target=self.current, hooks={})


def of_revision(revision: Properties) -> AppSpec:
    """The AppSpec in CreateDeployment's `revision`: of the type AppSpecContent, or String as it was called before.

    Raises:
        AppSpecError: see `AppSpec.parse`; or the revision is of another type, like a file in S3.
    """
    for member in ("appSpecContent", "string"):
        if member in revision:
            return AppSpec.parse(revision.child(member).text("content"))
    raise AppSpecError("revision: must be of type AppSpecContent for the Lambda compute platform here")
