"""The settings that there are: fields of a trainer's Config, and of LoRA."""

from __future__ import annotations

import dataclasses
import enum
import json
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlcc_engine.settings import values
from mlcc_engine.settings.owned import NEVER, NEW_BY_NAME, instead_of
from mlcc_engine.settings.ranges import range_of
from mlcc_engine.train import defaults
from mlcc_engine.train.trainers import Trainer


@dataclass(frozen=True, slots=True)
class Known:
    """A setting that can be given.

    Attributes:
        name: as the Config has it.
        of: the trainer's own, or LoRA's.
        annotation: of its values, resolved.
        default: of its field.
        help: of its field, one line; empty where it has none.
        choices: the values that its field names and a job can use; empty for any.
    """

    name: str
    of: Literal["trainer", "lora"]
    annotation: Any
    default: Any
    help: str
    choices: Sequence[Any] = ()

    def read(self, value: Any) -> Any:
        """Return a value as the field has it.

        Raises:
            Unfit: it is of another type, out of range or not a choice.
        """
        found = values.read(self.annotation, value)
        if self.choices and found is not None and found not in self.choices:
            raise values.Unfit
        bounds = range_of(self.name)
        number = isinstance(found, (int, float)) and not isinstance(found, bool)
        if number and bounds is not None and not bounds.holds(found):
            raise values.Unfit
        return found

    def in_words(self) -> str:
        """Describe its values: ``a number from 0 to 1 or null``."""
        if self.choices:
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        words, bounds = values.in_words(self.annotation), range_of(self.name)
        if bounds is None:
            return words
        noun = "a number" if "a number" in words else "an integer"
        return words.replace(noun, f"{noun} {bounds.in_words()}", 1)

    def texts(self) -> list[str]:
        """Return the texts that it takes, where it takes only some."""
        named = self.choices or list(values.named(self.annotation))
        return [each for each in named if isinstance(each, str)]

    def shown_default(self) -> str:
        """Return the default as a user would type it."""
        plain = self.default.value if isinstance(self.default, enum.Enum) else self.default
        return plain if isinstance(plain, str) and plain else json.dumps(plain, default=str)


def of_trainer(trainer: Trainer, fixed: Mapping[str, Any]) -> dict[str, Known]:
    """Return the settings of a trainer's Config, by name.

    Args:
        trainer: whose Config it is.
        fixed: settings of the recipe, which are then the defaults.
    """
    return _known(trainer.config, "trainer", fixed)


def of_lora() -> dict[str, Known]:
    """Return the settings of LoRA, by name."""
    from peft import LoraConfig

    return _known(LoraConfig, "lora", defaults.LORA)


def _known(
    config: Any, of: Literal["trainer", "lora"], fixed: Mapping[str, Any]
) -> dict[str, Known]:
    found = {}
    annotations = _annotations(config)
    for field in dataclasses.fields(config):
        annotation = annotations.get(field.name, Any)
        gone = field.name in NEW_BY_NAME and field.name not in fixed
        if gone or instead_of(field.name) or not values.members(annotation):
            continue
        help_ = " ".join(str(field.metadata.get("help") or "").split())
        choices = tuple(field.metadata.get("choices") or _usable(field.name, annotation))
        default = fixed.get(field.name, _default(field))
        found[field.name] = Known(field.name, of, annotation, default, _sentence(help_), choices)
    return found


def _usable(name: str, annotation: Any) -> list[Any]:
    """Return the values of a setting that jobs can use, where its annotation names more."""
    never = NEVER.get(name, {})
    return [each for each in values.named(annotation) if each not in never] if never else []


def _annotations(config: Any) -> Mapping[str, Any]:
    """Return the annotations of a Config's fields; none where they cannot be resolved."""
    try:
        return typing.get_type_hints(config)
    except (NameError, TypeError, AttributeError):
        return {}


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return None if field.default is dataclasses.MISSING else field.default


def _sentence(text: str) -> str:
    """Return the first sentence of a help text."""
    first, dot, _ = text.partition(". ")
    return first + dot.strip()
