"""The model's instances."""

from collections.abc import Iterator

from policy.model import Resource
from policy.values import as_number, as_text

from ..meter import HOURS, Meters, Site, Use

METERS = Meters()


@METERS.of("AWS::SageMaker::EndpointConfig")
def endpoint_config(resource: Resource, site: Site) -> Iterator[Use]:
    """The instances of each variant, around the clock."""
    for variant in resource.items("ProductionVariants"):
        instances = as_number(variant.get("InitialInstanceCount")) or 0
        yield Use(item="model", price=as_text(variant.get("InstanceType")), quantity=HOURS * instances)
