"""Roles that AWS services assume for Flux."""

from aws_cdk import aws_iam as iam
from constructs import Construct


class ServiceRole(iam.Role):
    """A role trusted by one service, whose permissions are one managed policy of its own.

    Left to itself, a role keeps them as an inline policy, which no list of policies shows and which has no versions to
    go back to (NIST 800-53 R5 AC-6, PCI DSS 7.2: IAMNoInlinePolicy). Grants work as on any other role.
    """

    def __init__(self, scope: Construct, construct_id: str, *, service: str, for_account: str = "") -> None:
        """Create the role.

        service: like `lambda.amazonaws.com`. for_account: let the service act for this account alone (the confused
        deputy problem, IAM User Guide); empty for a service that does not say for whom it acts.
        """
        conditions = {"StringEquals": {"aws:SourceAccount": for_account}} if for_account else None
        super().__init__(scope, construct_id, assumed_by=iam.ServicePrincipal(service, conditions=conditions))
        self._policy: iam.ManagedPolicy | None = None

    def add_to_principal_policy(self, statement: iam.PolicyStatement) -> iam.AddToPrincipalPolicyResult:
        """Add to the managed policy, which exists from the first statement on: AWS refuses an empty one."""
        if self._policy is None:
            self._policy = iam.ManagedPolicy(self, "DefaultPolicy", roles=[self])
        self._policy.add_statements(statement)
        return iam.AddToPrincipalPolicyResult(statement_added=True, policy_dependable=self._policy)
