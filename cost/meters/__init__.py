"""One meter for each type of resource that costs money, by subject."""

from ..meter import Meters
from . import edge, functions, messages, model, monitoring, network, stores

METERS = Meters(
    network.METERS | stores.METERS | model.METERS | functions.METERS | messages.METERS | edge.METERS | monitoring.METERS
)
