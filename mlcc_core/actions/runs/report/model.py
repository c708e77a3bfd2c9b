"""Everything that a report of a run shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mlcc_core.actions.runs.compare.curves import Curve
from mlcc_core.actions.runs.compare.settings import Setting
from mlcc_core.contract.evaluation import Evaluation

Mood = Literal["good", "bad", "open"]


def signed(value: float) -> str:
    """Return a difference for people: ``+0.5``, ``-0.5``, ``0``."""
    return f"{value:+.3g}" if value else "0"


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict at the top.

    Attributes:
        mood: of the verdict; ``open`` where there is none yet.
        title: the verdict in a few words.
        text: the numbers behind it.
        command: the command that leads further; ``None`` where nothing has to be done.
    """

    mood: Mood
    title: str
    text: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of the rows that were trained on, in characters.

    Attributes:
        rows: that were measured.
        whole: those are all of them.
        bars: from, to and number of rows, in order; the last one holds longer ones, too.
        shortest, median, longest: rows.
    """

    rows: int
    whole: bool
    bars: tuple[tuple[int, int, int], ...]
    shortest: int
    median: int
    longest: int


@dataclass(frozen=True, slots=True)
class Data:
    """The rows of a run.

    Attributes:
        dataset, form: as they are shown.
        lines: the ledger in words.
        files: name, read, to train on, held out, left out and wrong rows of each file.
        lengths: of the rows that were trained on; ``None`` where they cannot be read any more.
    """

    dataset: str
    form: str
    lines: tuple[str, ...]
    files: tuple[tuple[str, int, int, int, int, int], ...]
    lengths: Lengths | None


@dataclass(frozen=True, slots=True)
class Report:
    """A run, as its report shows it; texts are free of secrets and of places on this machine.

    Attributes:
        job, technique, platform, status, model: of the run.
        sent: when, in words.
        headline: the verdict.
        curves: its numbers over its steps.
        evaluation: the latest one.
        data: its rows.
        settings: everything that decided it.
        lineage: the runs that it went on from, oldest first, in words.
        facts: further names and values: output, time taken, libraries.
        command: asks for the same run again.
        run_file: likewise, as a file.
    """

    job: str
    technique: str
    platform: str
    status: str
    model: str
    sent: str
    headline: Headline
    curves: tuple[Curve, ...]
    evaluation: Evaluation | None
    data: Data
    settings: tuple[Setting, ...]
    lineage: tuple[str, ...]
    facts: Mapping[str, str]
    command: str | None
    run_file: str | None
