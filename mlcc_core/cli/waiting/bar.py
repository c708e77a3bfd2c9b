"""The bar of a terminal: a title, how far, and as many numbers as there is room for."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

from mlcc_core.cli.folding.width import display_width

BAR = 16
"""Columns of the bar itself."""


def new_bar() -> Progress:
    """Return a bar on stderr; a task has a field ``text``, with parts that commas divide."""
    return Progress(
        TextColumn("{task.description}", table_column=Column(no_wrap=True), markup=False),
        BarColumn(bar_width=BAR, table_column=Column(no_wrap=True)),
        _Share(table_column=Column(no_wrap=True)),
        _Numbers(table_column=Column(ratio=1, no_wrap=True)),
        console=_Narrower(stderr=True),
        expand=True,
    )


def parts_that_fit(text: str, width: int) -> str:
    """Return the first parts of a text that fit, whole ones alone.

    Args:
        text: parts, divided by commas.
        width: in columns.

    Example:
        >>> parts_that_fit("step 3/20, 5 s left, loss 0.81", 22)
        'step 3/20, 5 s left'
    """
    shown = ""
    for part in text.split(", "):
        longer = f"{shown}, {part}" if shown else part
        if display_width(longer) > width:
            break
        shown = longer
    return shown


class _Narrower(Console):
    """Leaves room for the ``^C`` that a terminal echoes: a wrapped line is drawn twice."""

    @property
    def options(self) -> ConsoleOptions:
        options = super().options
        options.max_width = max(1, options.max_width - len("^C") - 1)
        return options


class _Share(ProgressColumn):
    """The percentage, where there is one."""

    def render(self, task: Task) -> Text:
        return Text("" if task.total is None else f"{task.percentage:>3.0f} %")


class _Numbers(ProgressColumn):
    """The text of the task, without the parts for which there is no room."""

    def render(self, task: Task) -> _Parts:
        return _Parts(str(task.fields["text"]))


class _Parts:
    """A text that is drawn without the parts for which there is no room."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(0, display_width(self._text))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(parts_that_fit(self._text, options.max_width), no_wrap=True)
