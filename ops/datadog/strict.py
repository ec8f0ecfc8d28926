"""Documents as models of Datadog's own client. It takes what it does not know without a word; here that is an error."""

from collections.abc import Iterable, Iterator, Mapping

from datadog_api_client.model_utils import ModelNormal, ModelSimple, UnparsedObject, validate_and_convert_types

from ..errors import DatadogError
from ..reads import Json


def as_model[Model: ModelNormal](kind: type[Model], document: Json) -> Model:
    """Return the document as the client's model.

    Raises:
        DatadogError: the client does not know a field or a value in it, or it is of another type.
    """
    try:
        model = validate_and_convert_types(document, (kind,), [kind.__name__], True, True)  # noqa: FBT003 - not ours
    except (TypeError, ValueError) as error:
        raise DatadogError(f"{kind.__name__}: {error}", remedy=_REMEDY) from error
    if not isinstance(model, kind):
        raise DatadogError(f"{kind.__name__}: not understood as a whole", remedy=_REMEDY)
    for where in unknown(model, kind.__name__):
        raise DatadogError(f"{where}: unknown to datadog-api-client", remedy=_REMEDY)
    return model


_REMEDY = "mend it where ops/datadog/wanted.py makes it; if it is new at Datadog, take a newer datadog-api-client"


def unknown(value: object, where: str, *, fields: bool = True) -> Iterator[str]:
    """Yield the values of a model that the client does not know, by their paths; with `fields` the fields as well."""
    # The client has no public names for what it could not parse, and for what a model holds.
    if isinstance(value, UnparsedObject) or (isinstance(value, ModelSimple) and value._unparsed):  # noqa: SLF001
        yield where
        return
    if fields and isinstance(value, ModelNormal):
        yield from (f"{where}.{name}" for name in value._data_store if name not in value.attribute_map)  # noqa: SLF001
    for name, each in _parts(value):
        yield from unknown(each, f"{where}.{name}", fields=fields)


def _parts(value: object) -> Iterable[tuple[object, object]]:
    if isinstance(value, ModelNormal):
        return _parts(value._data_store)  # noqa: SLF001
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()
