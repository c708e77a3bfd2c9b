"""The hyperparameters of a script, held to what the service takes: all of them strings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlcc_core import MlccError
from mlcc_core.helpers import plural
from mlcc_engine.container.layout import ENTRY

FLAG = "--hyperparameter"

MOST, LONGEST_NAME, LONGEST = 100, 256, 2500
"""Hyperparameters of a job, and characters of a name and of a value (botocore, SageMaker)."""

SCRIPT = "script:"
"""Begins the value of the hyperparameter that says what is run."""


def check(given: Mapping[str, str]) -> Iterator[MlccError]:
    """Yield an error for every hyperparameter that the service does not take as it is."""
    if len(given) >= MOST:
        yield MlccError(
            f"The script has {plural(len(given), 'hyperparameter')}: SageMaker takes {MOST} for a "
            "job, of which one says what is run.",
            where=FLAG,
            hint="put them in a file, and pass it: --input config=FILE",
        )
    for name, value in given.items():
        wrong = _wrong(name, value)
        if wrong is not None:
            yield MlccError(
                f"{FLAG} {name} {wrong}.",
                where=FLAG,
                hint="put it in a file, and pass that: --input config=FILE",
            )


def _wrong(name: str, value: str) -> str | None:
    if name == ENTRY:
        return "is mlcc's own: it says what a job runs"
    if len(name) > LONGEST_NAME:
        return f"has a name of {len(name)} characters: SageMaker takes {LONGEST_NAME}"
    if len(value) > LONGEST:
        return f"has {len(value):,} characters: SageMaker takes {LONGEST:,}"
    if "\n" in value or "\r" in value:
        return "has several lines: SageMaker takes one"
    return None


def values(script: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the hyperparameters of a job that runs a script.

    Args:
        script: the file's name.
        given: the user's, which come as they are.

    Example:
        >>> values("train.py", {"epochs": "3"})
        {'mlcc_entry': 'script:train.py', 'epochs': '3'}
    """
    return {ENTRY: f"{SCRIPT}{script}", **given}


def script_of(given: Mapping[str, str]) -> str | None:
    """Return the name of the script that a job runs; ``None`` for a job of the engine."""
    entry = given.get(ENTRY, "")
    return entry.removeprefix(SCRIPT) if entry.startswith(SCRIPT) else None
