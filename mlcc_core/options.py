"""Command-line options that plugins bring along."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from mlcc_core.errors import MlccError


class EvaluatorKind(Enum):
    """How the replies of a model are scored while it learns by reinforcement."""

    FUNCTION = "reward function"
    PROMPT = "reward prompt"


@dataclass(frozen=True, slots=True)
class Option:
    """A flag of ``mlcc tune`` that a technique or a platform declares.

    Attributes:
        flag: as typed, ``--like-this``.
        type: ``str``, ``int``, ``float`` or ``bool`` (a flag without a value).
        help: one line for ``--help``.
        metavar: the value's name in the help, for example ``TOKENS``.
        minimum, maximum: inclusive bounds of a number; ``None`` for none.
        choices: the allowed values of a string; empty for any.
        evaluator: given, the option means something only to techniques with an evaluator of
            this kind, and is an input error with any other.
    """

    flag: str
    type: type[str] | type[int] | type[float] | type[bool]
    help: str
    metavar: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    evaluator: EvaluatorKind | None = None

    @property
    def key(self) -> str:
        """The option's name in Python, plans and records: ``--like-this`` is ``like_this``."""
        return self.flag.removeprefix("--").replace("-", "_")

    def check(self, value: object) -> MlccError | None:
        """The error for a value that is out of range or not among the choices, else ``None``."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            low, high = self.minimum, self.maximum
            if (
                not math.isfinite(value)
                or (low is not None and value < low)
                or (high is not None and value > high)
            ):
                return MlccError(
                    f"{self.flag} {value} is out of range: expected {self.range_text()}.",
                    where=self.flag,
                    hint=f"pass {self.flag} with {self.range_text()}",
                )
        elif self.choices and value not in self.choices:
            return MlccError(
                f"{self.flag} {value!r} is not allowed: expected one of {', '.join(self.choices)}.",
                where=self.flag,
                hint=f"pass {self.flag} {self.choices[0]}",
            )
        return None

    def range_text(self) -> str:
        """The allowed range in words, for help and errors: ``an integer from 1 to 512``."""
        noun = "an integer" if self.type is int else "a number"
        if self.minimum is not None and self.maximum is not None:
            return f"{noun} from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"{noun} of at least {self.minimum:g}"
        if self.maximum is not None:
            return f"{noun} of at most {self.maximum:g}"
        return noun


@dataclass(frozen=True, slots=True)
class EvaluatorArg:
    """An evaluator that a technique takes, and the flag that names it.

    Attributes:
        option: the flag; its value is the evaluator for every row.
        kind: function or prompt; the platform knows how to run each.
        column: the dataset column that names the evaluator when the flag is not given.
    """

    option: Option
    kind: EvaluatorKind
    column: str = "reward_model"


@dataclass(frozen=True, slots=True)
class Evaluator:
    """The evaluator that a job uses.

    Attributes:
        kind: function or prompt.
        value: as given: an ARN, an S3 URI, ``path.py[:name]``, a file.
        origin: the flag or the column it came from, for messages.
        settings: the options that belong to it (``judge_url``, ``judge_model``), by key.
    """

    kind: EvaluatorKind
    value: str
    origin: str
    settings: Mapping[str, object]
