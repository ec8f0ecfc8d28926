"""A secret that gets a new value by itself."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IDependable

from ..config import OptOut
from ..constructs.grants import grant_secret_rotation
from .context import FunctionContext
from .function import FluxFunction


class SecretRotation(Construct):
    """A function that rotates one secret and may touch no other, and the schedule that starts it.

    One function for each secret, not one for all: whoever could write every secret would own everything. All run the
    code of lambdas/rotation; see docs/decisions/0027.

    Attributes:
        secret: what is rotated.
        function: who rotates; grant it what its strategy needs.
    """

    def __init__(  # noqa: PLR0913 - what differs between rotations
        self,
        scope: Construct,
        construct_id: str,
        *,
        context: FunctionContext,
        name: str,
        secret: secretsmanager.ISecret,
        strategy: str,
        settings: str = "RotationSettings",
        after: IDependable | None = None,
    ) -> None:
        """Create function, permission and schedule (FSBP SecretsManager.1, SecretsManager.4).

        name: of the function, like "rotate-cache-login"; operators type it.
        strategy: which of lambdas/rotation/handler.py.
        settings: which class of lambdas/rotation/settings.py the strategy reads, if more than its secret.
        after: what must have happened before Secrets Manager tries the rotation, which it does when it is scheduled.
        """
        super().__init__(scope, construct_id)
        config = context.config
        self.secret = secret
        self.function = FluxFunction(
            self,
            "Rotate",
            package="rotation",
            name=name,
            context=context,
            description=f"gives a secret a new value: {name}",
            settings=settings,
        )
        self.function.set_variables({"ROTATED_SECRET": secret.secret_arn, "ROTATION_STRATEGY": strategy})
        grant_secret_rotation(secret, key=context.data.key, to=self.function.function)
        # The unqualified function, as in all of Secrets Manager's documentation: there is no traffic to shift.
        function = self.function.function
        permission = lambda_.CfnPermission(
            self,
            "RotateBySecretsManager",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="secretsmanager.amazonaws.com",
            source_account=config.account,
            source_arn=secret.secret_arn,
        )
        if isinstance(config.rotation_days, OptOut):
            return
        schedule = secretsmanager.CfnRotationSchedule(
            self,
            "Schedule",
            secret_id=secret.secret_arn,
            rotation_lambda_arn=function.function_arn,
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                automatically_after_days=config.rotation_days
            ),
            # A deployment that rotates would tie its success to that of five other systems.
            rotate_immediately_on_update=False,
        )
        schedule.node.add_dependency(permission, self.function)  # Secrets Manager tries it at once
        if after is not None:
            schedule.node.add_dependency(after)
