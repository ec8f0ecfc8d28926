"""Records of texts that somebody else wrote down: a function's settings, a secret.

Not pydantic's models: importing it takes as long as all else that the webhook does until its first answer
(docs/decisions/0074).
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Self, dataclass_transform


class TextsError(ValueError):
    """Members are missing or no texts. names: theirs."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"{', '.join(names)}: must be there, and a text that is not empty")
        self.names = names


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Texts:
    """A record of texts, none of them empty. A subclass names them, and gives a default to those that may be missing.

    Its methods have pydantic's names. Never shown by repr.
    """

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True, repr=False)(cls)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    @classmethod
    def model_validate(cls, values: Mapping[str, object]) -> Self:
        """The record in a mapping, whose other members are ignored.

        Raises:
            TextsError: members are missing or wrong.
        """
        # The subclass is a dataclass by now, which type checkers do not see from here.
        known = fields(cls)  # type: ignore[arg-type]
        wrong = [
            each.name
            for each in known
            if not (
                (isinstance(value := values.get(each.name), str) and value)
                or (each.name not in values and each.default is not MISSING)
            )
        ]
        if wrong:
            raise TextsError(wrong)
        return cls(**{each.name: values[each.name] for each in known if each.name in values})
