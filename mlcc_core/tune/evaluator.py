"""Which evaluator a job uses: the flag, else the one that the dataset names."""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core.errors import MlccError
from mlcc_core.options import Evaluator, EvaluatorArg, Option
from mlcc_core.staging import EvaluatorValues


def from_flag(
    given: tuple[EvaluatorArg, str] | None,
    options: Mapping[str, object],
    declared: tuple[Option, ...],
) -> Evaluator | None:
    """The evaluator that a flag names, with the platform's options that belong to its kind."""
    if given is None:
        return None
    argument, value = given
    return Evaluator(
        argument.kind, value, argument.option.flag, settings_for(argument, options, declared)
    )


def from_dataset(
    arguments: tuple[EvaluatorArg, ...],
    values: EvaluatorValues,
    options: Mapping[str, object],
    declared: tuple[Option, ...],
) -> Evaluator | None:
    """The one evaluator that all rows of a dataset name; ``None`` if the technique takes none.

    Raises:
        MlccError: rows name several, or only in the object form, or none does.
    """
    if not arguments:
        return None
    argument = arguments[0]
    flag = argument.option.flag
    if values.objects:
        raise MlccError(
            f"{values.objects:,} rows give {argument.column!r} as an object, which names no "
            "evaluator to call.",
            where=argument.column,
            hint=f"pass {flag} {argument.option.metavar or 'VALUE'}; it is used for every row",
        )
    if values.distinct > 1:
        shown = [f"{value}: {count:,} rows" for value, count in values.counts[:10]]
        more = values.distinct - len(shown)
        raise MlccError(
            f"The rows name {values.distinct} different evaluators in {argument.column!r}, "
            "expected one for the whole job.",
            where=argument.column,
            detail=[*shown, *([f"and {more} more"] if more > 0 else [])],
            hint=f"pass {flag} {argument.option.metavar or 'VALUE'}; it is used for every row",
        )
    if not values.counts:
        raise MlccError(
            f"No {argument.kind.value} is given: neither {flag} nor a column {argument.column!r}.",
            where=flag,
            hint=f"pass {flag} {argument.option.metavar or 'VALUE'}",
        )
    value = values.counts[0][0]
    settings = settings_for(argument, options, declared)
    return Evaluator(argument.kind, value, argument.column, settings)


def settings_for(
    argument: EvaluatorArg, options: Mapping[str, object], declared: tuple[Option, ...]
) -> dict[str, object]:
    """The given platform options that belong to evaluators of this kind, by key."""
    keys = {option.key for option in declared if option.evaluator is argument.kind}
    return {key: value for key, value in options.items() if key in keys}
