"""The findings of ``mlcc check``, for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.cli.console import Console
from mlcc_core.helpers.text import indented, listed, plural

if TYPE_CHECKING:
    from mlcc_core.staging import CheckReport, RowError, TokenSummary

SHOWN = 20
"""Errors that people see one by one; more are grouped, and as many groups seen."""

PERCENTILES: Mapping[int, str] = {0: "least", 50: "median", 90: "90 %", 99: "99 %", 100: "most"}


def show(console: Console, report: CheckReport, fixed: Path | None) -> None:
    """Show everything that there is to say; ``fixed`` is where the good rows went."""
    for note in report.notes:
        console.result(indented(f"ℹ️  {note}"))
    _show_verdict(console, report)
    if report.dropped:
        console.result(f"ℹ️  Columns not written: {', '.join(report.dropped)}")
    for warning in (*report.warnings, *token_warnings(report)):
        console.result(indented(f"⚠️  {warning}"))
    if report.duplicates:
        console.result(f"⚠️  {plural(report.duplicates, 'row')} the same as an earlier one")
    lengths = [
        (column.name, f"{column.empty:,}", *_cells(column.lengths))
        for column in report.columns
        if column.lengths
    ]
    console.result("📋 Lengths in characters")
    console.table(("column", "empty", *PERCENTILES.values()), lengths)
    _show_tokens(console, report)
    _show_rows(console, report)
    if fixed is not None:
        _show_fixed(console, report, fixed)


def _show_fixed(console: Console, report: CheckReport, fixed: Path) -> None:
    """Show where the good rows went; they are a part where a file could not be read to its end."""
    unread = [entry.file for entry in report.ledger.files if entry.unread]
    written = f"{plural(report.valid, 'row')} written to {fixed}"
    if not report.valid:
        console.result(f"ℹ️  No row is good: {fixed} was not written")
    elif unread:
        console.result(f"⚠️  {written}, a part: {', '.join(unread)} could not be read to the end")
    else:
        console.result(f"✅ {written}")
    if report.ledger.skipped:
        from mlcc_core.actions.check import rejects_of

        console.result(f"ℹ️  Rows left out, with the reasons: {rejects_of(fixed)}")


def _show_rows(console: Console, report: CheckReport) -> None:
    if report.held_out is not None:
        console.result(f"📋 {report.held_out}")
    console.result(f"📋 Rows: {report.ledger.in_words()}")
    for entry in report.ledger.files:
        for reason, count in entry.skipped.items():
            console.result(f"   {entry.file}: {count:,} {reason}")
        if entry.unread:
            console.result(f"   {entry.file}: {entry.unread}")


def _show_verdict(console: Console, report: CheckReport) -> None:
    if report.ok:
        left_out = report.ledger.skipped
        good = f"{report.valid:,} good and {left_out:,} left out" if left_out else "all good"
        console.result(
            f"✅ {plural(report.rows, 'row')}, {good}; {report.bytes:,} bytes as JSON lines"
        )
    elif report.error_count:
        _show_errors(console, report)
    else:
        console.result(f"❌ No row is left: all {report.rows:,} were left out")


def _show_errors(console: Console, report: CheckReport) -> None:
    console.result(f"❌ {report.error_count:,} of {plural(report.rows, 'row')} wrong")
    if report.fault_count <= SHOWN:
        for error in report.errors:
            console.result(f"   {_line(error)}")
    else:
        _show_kinds(console, report)
    if report.valid and any(kind.first.misfit for kind in report.kinds):
        console.result("ℹ️  Rows that conversion would damage or that break a rule can be left out:")
        console.result(f"   {console.command_with('--on-misfit', 'skip')}")


def _show_kinds(console: Console, report: CheckReport) -> None:
    """Show each kind with its first place; the numbers shown add up to all errors."""
    from mlcc_core.staging import ERRORS_KEPT

    for kind in report.kinds[:SHOWN]:
        like = f"; {kind.count - 1:,} more like this" if kind.count > 1 else ""
        console.result(f"   {_line(kind.first)}{like}")
    others = len(report.kinds) - SHOWN
    if others > 0:
        left = report.fault_count - sum(kind.count for kind in report.kinds[:SHOWN])
        console.result(f"   and {left:,} more of {plural(others, 'other kind')}")
    has = "each" if report.fault_count <= ERRORS_KEPT else f"the first {ERRORS_KEPT:,}"
    console.result(f"   --json has {has} of the {report.fault_count:,} errors")


def _show_tokens(console: Console, report: CheckReport) -> None:
    if report.no_tokens is not None:
        console.result(indented(f"ℹ️  Tokens were not counted. {report.no_tokens}"))
    tokens = report.tokens
    if tokens is None or not (tokens.prompt or tokens.row):
        return
    part = "" if tokens.rows == report.valid else f", first {plural(tokens.rows, 'row')}"
    console.result(f"📋 Lengths in tokens of {tokens.tokenizer}, {tokens.how}{part}")
    named = (("prompt", tokens.prompt), ("whole row", tokens.row), ("trained", tokens.trained))
    lengths = [(name, *_cells(found)) for name, found in named if found]
    console.table(("part", *PERCENTILES.values()), lengths)


def token_warnings(report: CheckReport) -> Iterable[str]:
    """Rows that a limit would cut, and rows that could not be counted."""
    tokens = report.tokens
    if tokens is None:
        return
    part = "" if tokens.rows == report.valid else f" of the first {tokens.rows:,}"
    if tokens.rows_cut:
        nothing = (
            f"; {tokens.rows_without_reply:,} of them would train nothing, as the prompt alone "
            "fills that"
            if tokens.rows_without_reply
            else ""
        )
        yield (
            f"{plural(tokens.rows_cut, 'row')}{part} would be cut at "
            f"{tokens.max_seq_length:,} tokens (longest: {tokens.row[100]:,}){nothing}"
        )
    if tokens.prompts_too_long:
        count = tokens.prompts_too_long
        yield (
            f"{count:,} prompt{'s are' if count > 1 else ' is'} longer than "
            f"{tokens.max_prompt_length:,} tokens (longest: {tokens.prompt[100]:,})"
        )
    if tokens.rows_untrained:
        counted = "" if report.valid == report.rows else ", counted among the good ones"
        yield (
            f"Nothing is trained in {plural(tokens.rows_untrained, 'row')}{part}: "
            f"{_untrained_rows(tokens)}{counted}"
        )
    if tokens.rows_refused:
        refused = plural(tokens.rows_refused, "row")
        yield f"{refused}{part} cannot be counted in tokens: {tokens.refusal}"


def _untrained_rows(tokens: TokenSummary) -> str:
    """Name the rows in which nothing is trained: ``rows 61, 70 and 5 more``."""
    numbers = [f"{number:,}" for number in tokens.untrained]
    left = tokens.rows_untrained - len(numbers)
    told = [", ".join(numbers), f"{left:,} more"] if left else numbers
    return f"row{'s' * (tokens.rows_untrained > 1)} {listed(told)}"


def _cells(lengths: Mapping[int, int]) -> Iterable[str]:
    return (f"{lengths.get(percent, 0):,}" for percent in PERCENTILES)


def _line(error: RowError) -> str:
    place = f"{error.file}:{error.row_number}" + (f", {error.column}" if error.column else "")
    return f"{place}: {error.said}"
