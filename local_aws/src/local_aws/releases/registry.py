"""Everything CodeDeploy remembers: applications, groups, configurations, deployments."""

import threading

from .deployment import Deployment, Group
from .shifting import BUILT_IN, TrafficShift


class CodeDeployError(Exception):
    """A request that CodeDeploy refuses. code: the exception's name in its API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Registry:
    """The account's CodeDeploy in memory; forgotten with the emulator. Safe for use from many threads.

    Attributes:
        applications: names. groups: by application and name. configurations: the account's own, by name.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.applications: set[str] = set()
        self.groups: dict[tuple[str, str], Group] = {}
        self.configurations: dict[str, TrafficShift] = {}
        self._deployments: dict[str, Deployment] = {}

    def configuration(self, name: str) -> TrafficShift:
        """The deployment configuration of that name, the account's own or CodeDeploy's."""
        shift = self.configurations.get(name) or BUILT_IN.get(name)
        if shift is None:
            raise CodeDeployError(
                "DeploymentConfigDoesNotExistException", f"No deployment configuration found for name: {name}"
            )
        return shift

    def group(self, application: str, name: str) -> Group:
        """The deployment group of that name."""
        if application not in self.applications:
            raise CodeDeployError("ApplicationDoesNotExistException", f"No application found for name: {application}")
        group = self.groups.get((application, name))
        if group is None:
            raise CodeDeployError("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
        return group

    def add(self, deployment: Deployment) -> None:
        """Admit a new deployment.

        Raises:
            CodeDeployError: another one of the same group is under way.
        """
        with self._lock:
            running = [
                other
                for other in self._deployments.values()
                # By name: a deployment may override what its group says.
                if (other.group.application, other.group.name) == (deployment.group.application, deployment.group.name)
                and not other.ended
            ]
            if running:
                raise CodeDeployError(
                    "DeploymentLimitExceededException",
                    f"The Deployment Group '{deployment.group.name}' already has an active Deployment "
                    f"'{running[0].identifier}'",
                )
            self._deployments[deployment.identifier] = deployment

    def deployment(self, identifier: str) -> Deployment:
        """The deployment with that identifier."""
        found = self._deployments.get(identifier)
        if found is None:
            raise CodeDeployError("DeploymentDoesNotExistException", f"The deployment {identifier} could not be found")
        return found

    def deployments(self) -> list[Deployment]:
        """All deployments, the latest first."""
        with self._lock:
            return list(reversed(self._deployments.values()))
