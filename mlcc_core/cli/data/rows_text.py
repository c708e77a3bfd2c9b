"""Rows as the model reads them, for people: what is trained is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core.helpers.text import indented

if TYPE_CHECKING:
    from mlcc_core.cli.console import Console
    from mlcc_core.contract.tokens import TextPart
    from mlcc_core.staging import CheckReport


def show_rows(console: Console, report: CheckReport, asked: int) -> None:
    """Show the first good rows, each text under its own line.

    Args:
        console: takes them.
        report: of the check.
        asked: so many rows are to be shown.
    """
    if not asked or not report.valid:
        return
    if not report.shown:
        why = report.no_tokens or "Nothing on this platform knows how the model reads them."
        console.result(indented(f"ℹ️  Rows are not shown. {why}"))
        return
    marks = "in reverse" if console.colours else "in ⟦brackets⟧"
    for number, row in enumerate(report.shown, start=1):
        if row.refusal is not None:
            console.result(indented(f"⚠️  Row {number} cannot be trained on: {row.refusal}"))
        for column, parts in row.texts.items():
            console.result(f"📋 Row {number}, {column} ({_what_is_trained(parts, marks)})")
            console.marked((part.text, part.trained) for part in parts)


def _what_is_trained(parts: tuple[TextPart, ...], marks: str) -> str:
    if any(part.trained for part in parts):
        return f"what is trained is {marks}"
    return "nothing of it is trained"
