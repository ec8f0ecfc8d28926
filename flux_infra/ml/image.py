"""The container image that SageMaker serves the model with."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EcrImage:
    """An image in another account's registry.

    account: 12 digits, the registry's owner.
    """

    account: str
    region: str
    repository: str
    tag: str

    @property
    def uri(self) -> str:
        """What `docker pull` and SageMaker take."""
        return f"{self.account}.dkr.ecr.{self.region}.amazonaws.com/{self.repository}:{self.tag}"

    @property
    def repository_arn(self) -> str:
        """What a role must be allowed to pull from."""
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.repository}"


# AWS's prebuilt scikit-learn container: scikit-learn 1.4, Python 3.10, CPU. Account and tag are from the SageMaker
# Python SDK's image_uri_config/sklearn.json (version "1.4-2", registry of us-east-1).
SCIKIT_LEARN_IMAGE = EcrImage(
    account="683313688378", region="us-east-1", repository="sagemaker-scikit-learn", tag="1.4-2-cpu-py3"
)
