"""The evaluator of a job: the flag, else the one that the dataset names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mlcc_core.contract.options import Evaluator, EvaluatorArg, Option
from mlcc_core.errors import MlccError
from mlcc_core.staging import EvaluatorValues
from mlcc_core.staging.model.request import quote


def from_flag(
    given: tuple[EvaluatorArg, str] | None,
    options: Mapping[str, object],
    declared: tuple[Option, ...],
) -> Evaluator | None:
    """Return the evaluator that a flag names, with the platform options of its kind."""
    if given is None:
        return None
    argument, value = given
    flag = argument.option.flag
    return Evaluator(argument.kind, value, flag, settings_for(argument, options, declared), flag)


def from_dataset(
    arguments: tuple[EvaluatorArg, ...],
    values: EvaluatorValues,
    options: Mapping[str, object],
    declared: tuple[Option, ...],
    *,
    command: str,
    first: bool = False,
    folder: Path | None = None,
) -> Evaluator | None:
    """Return the one evaluator that all rows name; ``None`` if the technique takes none.

    Args:
        arguments: the evaluators that the technique takes.
        values: the evaluators that the rows name.
        options: the platform's options that were given, by key.
        declared: the platform's options.
        command: the user's command line, for hints.
        first: only the first rows were looked at.
        folder: of the dataset, where that is on this machine.

    Raises:
        MlccError: rows name several, or only in the object form, or none does.
    """
    if not arguments:
        return None
    argument = arguments[0]
    flag = argument.option.flag
    likeliest = argument.option.metavar or "VALUE"
    if values.counts:
        likeliest = quote(_as_flag(values.counts[0][0], folder))
    hint = f"{command} {flag} {likeliest}   # for every row"
    among = "Among the first rows: " if first else ""
    if values.objects:
        rows = "1 row gives" if values.objects == 1 else f"{values.objects:,} rows give"
        raise MlccError(
            f"{among}{rows} {argument.column!r} as an object, which names no evaluator to call.",
            where=argument.column,
            hint=hint,
        )
    if values.distinct > 1:
        shown = [
            f"{value}: {count:,} {'row' if count == 1 else 'rows'}"
            for value, count in values.counts[:10]
        ]
        more = values.distinct - len(shown)
        raise MlccError(
            f"{among}The rows name {values.distinct} different evaluators in "
            f"{argument.column!r}, expected one for the whole job.",
            where=argument.column,
            detail=[*shown, *([f"and {more} more"] if more > 0 else [])],
            hint=hint,
        )
    if not values.counts:
        raise MlccError(
            f"No {argument.kind.value} is given: neither {flag} nor a column {argument.column!r}.",
            where=flag,
            hint=hint,
        )
    return evaluator_of(argument, values.counts[0][0], options, declared, folder)


def _as_flag(value: str, folder: Path | None) -> str:
    """Return a value of rows as a flag takes it, whose path starts from the current folder."""
    path, colon, name = value.rpartition(":")
    for text, rest in ((value, ""), (path, colon + name)):
        if folder is not None and text and (folder / text).is_file():
            return os.path.relpath(folder / text) + rest
    return value


def evaluator_of(
    argument: EvaluatorArg,
    value: str,
    options: Mapping[str, object],
    declared: tuple[Option, ...],
    folder: Path | None,
) -> Evaluator:
    """Return the evaluator that a row names, with the platform options of its kind."""
    settings = settings_for(argument, options, declared)
    flag = argument.option.flag
    return Evaluator(argument.kind, value, argument.column, settings, flag, folder)


def settings_for(
    argument: EvaluatorArg, options: Mapping[str, object], declared: tuple[Option, ...]
) -> dict[str, object]:
    """Return the given platform options that belong to evaluators of this kind, by key."""
    keys = {option.key for option in declared if argument.kind in option.evaluators}
    return {key: value for key, value in options.items() if key in keys}
