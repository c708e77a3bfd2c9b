"""Output of the command line: results on stdout, notes and progress on stderr, or one document.

A command takes a :class:`Console` by ``@click.pass_obj`` and its ``--json`` and ``--debug`` by
:func:`common_options`. Nothing else in the project prints.
"""

from __future__ import annotations

import json
import math
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO, TypeVar

import click

from mlcc_core.cli.folding.folding import folded
from mlcc_core.cli.folding.width import columns_of
from mlcc_core.cli.meant.letters import spelled_out
from mlcc_core.cli.screen.colours import colour_of, painted, shows_colours
from mlcc_core.cli.screen.tables import table_lines
from mlcc_core.cli.streams import reader_may_go, silence
from mlcc_core.cli.waiting import spinner
from mlcc_core.errors import MlccError, Problems

F = TypeVar("F", bound=Callable[..., Any])

CONTROLS = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)
}
"""Control characters, which a terminal would act on, as Python writes them."""

SCHEMA_VERSION = 1
"""The version of every ``--json`` document; :mod:`mlcc_core.cli.documents` has their fields."""

ONGOING = " …"
"""The end of a line about something that takes a while: the spinner goes on with its words."""

SIGNS = " ⏳💬ℹ⚠📋\ufe0f"
"""Signs and blanks before the words of a line."""

IN_CELLS = {**CONTROLS, 9: "\\t", 10: "\\n"}
"""Those, and characters that would break a row of a table."""


class Console:
    """The streams that a command writes to.

    Attributes:
        json: results leave as one JSON document on stdout, and nothing else does.
        debug: tracebacks are shown.
        quiet: results for people are not shown (a command that runs inside another).
        asks: the user may be asked (not within another command).
        words: the command line, without the program's name; letters of flags spelled out.
        typed: the same as it was typed.
        documented: the document was printed.
        unread: the reader of stdout has gone (``mlcc … | head``). Results then go nowhere,
            and the command goes on: its exit code is its verdict. A command that prints as long
            as there is a reader looks at this.
    """

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.json = False
        self.debug = False
        self.quiet = False
        self.asks = True
        self.words = tuple(spelled_out(words))
        self.typed = tuple(words)
        self.documented = False
        self.unread = False

    def note(self, line: str = "") -> None:
        """Print a note or a plain line of progress, for people, on stderr."""
        spinner.clear()
        if line.endswith(ONGOING):
            spinner.name(line.removesuffix(ONGOING).lstrip(SIGNS))
        self._say(fitting(line.translate(CONTROLS), sys.stderr))

    def aside(self, line: str) -> None:
        """Print a note on stderr that takes the eye from nothing: dim on a terminal."""
        if shows_colours(sys.stderr):
            spinner.clear()
            self._say(click.style(fitting(line.translate(CONTROLS), sys.stderr), dim=True))
        else:
            self.note(line)

    def result(self, text: str = "", *, whole: bool = False) -> None:
        """Print a result for people, on stdout; nothing with ``--json``.

        Args:
            text: one or several lines, which are folded to the width of a terminal.
            whole: it is a file's content, of which no line may be folded.
        """
        if not (self.json or self.quiet):
            shown = text.translate(CONTROLS)
            self._print(shown if whole else fitting(shown, sys.stdout))

    def piece(self, text: str, *, dim: bool = False) -> None:
        """Print the next part of a result, which its reader sees at once.

        Args:
            text: as it goes on, without a line break.
            dim: where a terminal shows colours.
        """
        if not (self.json or self.quiet):
            shown = text.translate(CONTROLS)
            self._print(click.style(shown, dim=True) if dim and self.colours else shown, end="")

    def document(self, data: Mapping[str, object]) -> None:
        """Print the result for scripts, on stdout, once; nothing without ``--json``."""
        if self.json and not self.documented:
            self.documented = True
            ascii_only = not (sys.stdout.encoding or "").lower().startswith("utf")
            text = json.dumps(
                plain({"schema_version": SCHEMA_VERSION, **data}),
                ensure_ascii=ascii_only,
                indent=2,
                default=str,
                allow_nan=False,
            )
            self._print(text)

    def marked(self, parts: Iterable[tuple[str, bool]]) -> None:
        """Print a text with marked parts: in reverse on a terminal, in ⟦brackets⟧ elsewhere.

        Nothing is printed with ``--json``.

        Args:
            parts: of the text, and whether each is marked.
        """
        if self.json or self.quiet:
            return
        mark = _in_reverse if self.colours else "⟦{}⟧".format
        shown = ((part.translate(CONTROLS), marked) for part, marked in parts)
        self._print("".join(mark(part) if marked else part for part, marked in shown))

    def drawing(self, lines: Iterable[str]) -> None:
        """Print lines of a drawing, with its colours, on stdout; nothing with ``--json``."""
        if not (self.json or self.quiet):
            for line in lines:
                self._print(line)

    @property
    def colours(self) -> bool:
        """Return whether results go to a terminal that shows colours."""
        return shows_colours(sys.stdout)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print rows as a table; nothing with ``--json``.

        It is drawn on a terminal that is wide enough, and aligned text in a pipe. On a narrow
        terminal each row is a paragraph.
        """
        if self.json or self.quiet:
            return
        cells = [tuple(cell.translate(IN_CELLS) for cell in row) for row in rows]
        on_terminal = sys.stdout.isatty()
        if on_terminal and self._drawn_table(columns, cells):
            return
        width = columns_of(sys.stdout) if on_terminal else None
        for line in table_lines(columns, cells, width):
            self._print(line)

    def error(self, error: MlccError) -> None:
        """Show an error: people read stderr, scripts the document on stdout."""
        self.document({"error": error.as_json()})
        problems = error.problems if isinstance(error, Problems) else (error,)
        for problem in problems:
            for line in error_lines(problem):
                self.note(line)

    def command_with(self, *flags: str) -> str:
        """Return the command line as it was typed, with further flags, for hints."""
        return shlex.join(("mlcc", *self.words, *flags))

    def _say(self, text: str) -> None:
        with reader_may_go(sys.stderr):
            click.echo(text, err=True, color=shows_colours(sys.stderr) or None)

    def _print(self, text: str, end: str = "\n") -> None:
        spinner.clear(within_line=not (text + end).endswith("\n"))
        try:
            click.echo(f"{text}{end}", nl=False, color=shows_colours(sys.stdout) or None)
        except BrokenPipeError:
            self.unread = True
            silence(sys.stdout)

    @staticmethod
    def _drawn_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bool:
        """Draw the table if it fits without a cut or fold; return True if it was drawn."""
        from rich.box import SIMPLE_HEAD
        from rich.console import Console as RichConsole
        from rich.measure import Measurement
        from rich.table import Table
        from rich.text import Text

        table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        spinner.clear()
        console = RichConsole()
        unbounded = console.options.update_width(1_000_000)
        if Measurement.get(console, unbounded, table).maximum > console.width:
            return False
        console.print(table)
        return True


def fitting(text: str, stream: TextIO) -> str:
    """Return ``text`` as ``stream`` shows it: a terminal in lines that fit, and with colours."""
    coloured = shows_colours(stream)
    width = columns_of(stream) if stream.isatty() else None
    shown = []
    for line in text.split("\n"):
        colour = colour_of(line) if coloured else None
        parts = [line] if width is None else folded(line, width).split("\n")
        shown += [painted(part, colour) for part in parts]
    return "\n".join(shown)


def _in_reverse(text: str) -> str:
    """Return a text as a terminal shows it in reverse, line by line, without line breaks."""
    return "\n".join(click.style(line, reverse=True) if line else "" for line in text.split("\n"))


def plain(data: object) -> object:
    """Return ``data`` as JSON has it: numbers that JSON lacks (NaN, infinities) are null."""
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [plain(value) for value in data]
    return data


def error_lines(error: MlccError) -> list[str]:
    """Return the lines of an error: the ❌ line, then detail and the mending command, indented."""
    first, *rest = error.what.splitlines() or [""]
    place = f"{error.where}: " if error.where and error.where not in error.what else ""
    lines = [f"❌ {place}{first}", *rest]
    lines += [f"   {line}" if line else "" for line in error.detail]
    if error.hint:
        lines += [f"   {line}" for line in hint_lines(error.hint)]
    return lines


def hint_lines(hint: str) -> list[str]:
    """Return the lines of a hint: a remark about the command (``# …``) has its own line.

    A line that is copied whole must run, and zsh takes ``#`` at its prompt for an argument.
    """
    command, mark, remark = hint.partition("   # ")
    return [command, f"# {remark}"] if mark else [command]


def common_options(command: F) -> F:
    """Add ``--json`` and ``--debug``; both set the command's :class:`Console`."""

    def switch(name: str) -> Callable[[click.Context, click.Parameter, bool], None]:
        def turn_on(context: click.Context, _: click.Parameter, value: bool) -> None:
            if value:
                setattr(context.find_object(Console), name, True)

        return turn_on

    command = click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=switch("debug"),
        help="Show tracebacks.",
    )(command)
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=switch("json"),
        help="Print one JSON document on stdout.",
    )(command)
