"""The database's schema, brought up to date while the functions are being deployed."""

from collections.abc import Iterable

from aws_cdk import CustomResource, Duration
from constructs import Construct, IDependable

from ..constructs.artifacts import Artifacts
from .function import FluxFunction


class Migrations(Construct):
    """Runs the `migrate` function whenever the migrations change, and fails the deployment when it fails.

    No alias of a function that `precede` was called with moves before the schema is the one that it expects.
    """

    def __init__(self, scope: Construct, construct_id: str, *, migrate: FluxFunction, artifacts: Artifacts) -> None:
        super().__init__(scope, construct_id)
        # CloudFormation invokes asynchronously, and Lambda keeps such an event for six hours and tries it three times.
        # A migration that starts after CloudFormation has given up would change the schema under the older code.
        migrate.alias.configure_async_invoke(retry_attempts=0, max_event_age=Duration.minutes(1))
        self._run = CustomResource(
            self,
            "Run",
            resource_type="Custom::Migrations",
            service_token=migrate.alias.function_arn,
            # A function that died cannot answer: give up a minute after it must have, not after the default hour.
            service_timeout=Duration.seconds(migrate.size.timeout_seconds + 60),
            properties={"Migrations": artifacts.migrations_hash()},
        )
        self._run.node.add_dependency(migrate.alias)

    @property
    def done(self) -> IDependable:
        """What depends on it waits for the migrations."""
        return self._run

    def precede(self, functions: Iterable[FluxFunction]) -> None:
        """Let these functions' traffic wait for the migrations."""
        for function in functions:
            function.alias.node.add_dependency(self._run)
