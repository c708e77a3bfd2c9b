"""Command-line options that plugins bring along."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal

from mlcc_core.errors import MlccError


class EvaluatorKind(Enum):
    """The kinds of scorers of a model's replies while it learns by reinforcement."""

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
            this kind, or of one of these kinds, and is an input error with any other.
        limits: the value is the most tokens that a whole ``row`` or its ``prompt`` may have:
            ``mlcc check`` takes the option too, and counts the rows that are longer.
        reads_rows: the value decides how rows are read, or what of them is trained: ``mlcc
            check`` takes the option too, and gives it to the counter of tokens as a setting of
            the recipe.
        decides: the value changes what a job trains: another value asks for another job. How
            often a job is saved, for example, does not.
        on_resume: of an option that decides nothing: ``JobRunner.resume`` takes a value that is
            given when an interrupted job goes on, such as a longer limit of time, from
            ``context.options``. It is then remembered with the run.
        repeated: the flag may be given several times; its value is a tuple of what was given,
            in that order, and a list in a run file.
        also: what other programs call it, ``("--lr", "--lr-init")``. Someone who types one is told
            this flag, with the value that was given; it is not taken. Large and small letters, and
            ``_`` for ``-``, are the same. ``"--load-in-4bit=4bit"`` is a switch there that stands
            for the value ``4bit`` here.
    """

    flag: str
    type: type[str] | type[int] | type[float] | type[bool]
    help: str
    metavar: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    evaluator: EvaluatorKind | tuple[EvaluatorKind, ...] | None = None
    limits: Literal["row", "prompt"] | None = None
    reads_rows: bool = False
    decides: bool = True
    on_resume: bool = False
    repeated: bool = False
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the name in Python, plans and records: ``--like-this`` is ``like_this``."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def evaluators(self) -> tuple[EvaluatorKind, ...]:
        """Return the kinds of evaluator that the option belongs to, which may be none."""
        if self.evaluator is None or isinstance(self.evaluator, tuple):
            return self.evaluator or ()
        return (self.evaluator,)

    def check(self, value: object) -> MlccError | None:
        """Return the error for a value of the wrong type, out of range or not a choice.

        Of an option that may be repeated it is the error for the first such value.
        """
        if not self.repeated:
            return self._check_one(value)
        if not isinstance(value, (tuple, list)) or not value:
            expected = f"a list of values, each {self.range_text()}"
            return self._refusal(f"{self.flag} is {value!r}: expected {expected}.", value)
        return next((wrong for one in value if (wrong := self._check_one(one))), None)

    def _check_one(self, value: object) -> MlccError | None:
        if not self._has_type(value):
            return self._refusal(f"{self.flag} is {value!r}: expected {self.range_text()}.", value)
        if isinstance(value, str):
            if self.choices and value not in self.choices:
                return self._refusal(
                    f"{self.flag} {value!r} is not allowed: expected {self.range_text()}.", value
                )
            if not value.strip():
                return self._refusal(f"{self.flag} is empty: expected {self.range_text()}.", value)
        elif isinstance(value, (int, float)) and not self._within(value):
            return self._refusal(
                f"{self.flag} {value} is out of range: expected {self.range_text()}.", value
            )
        return None

    def range_text(self) -> str:
        """Return the allowed values in words, for help and errors: ``an integer from 1 to 512``."""
        if self.type is str:
            return f"one of {', '.join(self.choices)}" if self.choices else "a value"
        if self.type is bool:
            return "no value"
        noun = "an integer" if self.type is int else "a number"
        if self.minimum is not None and self.maximum is not None:
            return f"{noun} from {_written(self.minimum)} to {_written(self.maximum)}"
        if self.minimum is not None:
            return f"{noun} of at least {_written(self.minimum)}"
        if self.maximum is not None:
            return f"{noun} of at most {_written(self.maximum)}"
        return noun

    def _has_type(self, value: object) -> bool:
        if isinstance(value, bool):
            return self.type is bool
        return isinstance(value, (int, float) if self.type is float else self.type)

    def _within(self, value: float) -> bool:
        """Return whether a number is one (not NaN, not infinite) and within the bounds."""
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        return low <= value <= high and value not in (math.inf, -math.inf)

    def _refusal(self, what: str, value: object) -> MlccError:
        instead = "" if self.type is bool else f" {self._instead(value)}"
        return MlccError(what, where=self.flag, hint=f"pass {self.flag}{instead}")

    def _instead(self, value: object) -> str:
        """Return a value that is allowed: of numbers, the nearest one."""
        if self.type is str:
            return self.choices[0] if self.choices else self.metavar or "VALUE"
        bounds = [bound for bound in (self.minimum, self.maximum) if bound is not None]
        if not bounds:
            return self.metavar or "NUMBER"
        low, high = bounds[0], bounds[-1]
        above = self._has_type(value) and isinstance(value, (int, float)) and value > high
        return _written(high if above else low)


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
        flag: the technique's flag that names another one (``--scorer``), for hints.
        folder: of the dataset whose column names it, where that is on this machine: a relative
            path starts from there.
    """

    kind: EvaluatorKind
    value: str
    origin: str
    settings: Mapping[str, object]
    flag: str
    folder: Path | None = None

    @property
    def named_by_rows(self) -> bool:
        """Return whether a column of the dataset names it, and no flag."""
        return self.origin != self.flag

    @property
    def where(self) -> str:
        """Return the place that names it, for messages: ``--scorer``, or ``column 'scorer'``."""
        return f"column {self.origin!r}" if self.named_by_rows else self.origin

    def error(self, what: str, better: str) -> MlccError:
        """Make the error for this evaluator.

        Args:
            what: one line: the fault.
            better: the value to pass in its place: ``path.py[:name]``.
        """
        return MlccError(what, where=self.where, hint=f"pass {self.flag} {better}")


MAX_JUDGE_PROMPT = 1 << 20
"""Bytes of a prompt; far more than a judge reads."""


def check_judge_prompt(evaluator: Evaluator, data: bytes, name: str, form: str) -> str:
    """Give the text of a judge's prompt.

    Args:
        evaluator: names the prompt.
        data: its content; one byte more than ``MAX_JUDGE_PROMPT`` is enough of a longer one.
        name: its path or URI, for messages.
        form: how a prompt is named on this platform, for the hint: ``FILE``, ``s3://…``.

    Raises:
        MlccError: it is larger than 1 MiB, not UTF-8 text, or empty.
    """
    if len(data) > MAX_JUDGE_PROMPT:
        raise evaluator.error(f"{name} is larger than 1 MiB, expected the prompt of a judge.", form)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise evaluator.error(
            f"{name} is not UTF-8 text (byte {error.start}), expected the prompt of a judge.", form
        ) from None
    if "\0" in text:
        raise evaluator.error(f"{name} is binary, expected the prompt of a judge.", form)
    if not text.strip():
        raise evaluator.error(f"{name} is empty, expected the prompt of a judge.", form)
    return text


def _written(bound: float) -> str:
    """Return a bound as a user would type it: 1000000, 1e-12."""
    return str(bound) if isinstance(bound, int) else f"{bound:g}"
