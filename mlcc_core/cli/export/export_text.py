"""An export for people: the files, how it answers, how other programs load it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from mlcc_core.actions.export.asking import Asked
from mlcc_core.actions.export.export import ExportResult
from mlcc_core.actions.export.request import ExportRequest
from mlcc_core.cli.console import Console
from mlcc_core.cli.evaluate.evaluation_text import shortened
from mlcc_core.helpers.text import plural


def show(console: Console, result: ExportResult, request: ExportRequest) -> None:
    """Show what was written, how its answers compare, and how it is loaded."""
    size = sum(file.bytes for file in result.files)
    numbers = f", {result.dtype}" if result.dtype else ""
    console.result(
        f"✅ {os.path.relpath(result.path)}: {plural(len(result.files), 'file')}, "
        f"{in_words(size)}{numbers}"
    )
    for line in (*result.notes, *_answers(result, request)):
        console.result(line)
    console.result("   Load it:")
    for line in load_lines(result.loads):
        console.result(line)


def load_lines(loads: Mapping[str, str]) -> list[str]:
    """Return the lines that say how other programs load an export.

    Two blanks at least are between a program and its command: so it is known for a command, which
    is broken in a narrow terminal so that it still runs when it is pasted.
    """
    return [f"     {program:<14}{line}" for program, line in loads.items()]


def in_words(size: int) -> str:
    """Return a size for people: ``270 MB``."""
    for unit, worth in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if size >= worth:
            return f"{size / worth:.3g} {unit}"
    return f"{size} bytes"


def _answers(result: ExportResult, request: ExportRequest) -> Iterator[str]:
    if request.prompts == 0:
        yield "ℹ️  It was not asked again (--prompts 0)."
    elif result.asked is not None:
        yield from _compared(result, result.asked, request)


def _compared(result: ExportResult, asked: Asked, request: ExportRequest) -> Iterator[str]:
    mark = "⚠️ " if asked.differences else "✅"
    yield (
        f"{mark} {asked.equal:,} of {plural(asked.prompts, 'answer')} are the tuned model's "
        f"({asked.rows})."
    )
    for first in asked.differences[:1]:
        yield f"   {shortened(first.prompt)}"
        yield f"     tuned      {shortened(first.tuned)}"
        yield f"     exported   {shortened(first.written)}"
        if result.dtype not in (None, "float32"):
            yield f"   As computed, in twice the space: {request.command_line(dtype='float32')}"
