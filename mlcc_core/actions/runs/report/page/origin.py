"""The origin of a run: its settings, the runs before it, and the command that makes it again."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core.actions.runs.compare.settings import value_text
from mlcc_core.actions.runs.report.html import Markup, tag
from mlcc_core.actions.runs.report.model import Report
from mlcc_core.actions.runs.report.page.parts import command, section, table


def origin_sections(report: Report) -> Iterator[Markup]:
    """Yield settings with their origin, lineage, further facts, and the command."""
    settings = [(each.name, value_text(each.value), each.origin) for each in report.settings]
    yield section("Settings", table(("setting", "value", "from"), settings))
    yield section("Lineage", tag("ol", *(tag("li", run) for run in _lineage(report))))
    if report.facts:
        yield section("Made with", table(("name", "value"), list(report.facts.items())))
    yield section("Make it again", *_again(report))


def _lineage(report: Report) -> Iterator[str]:
    yield from report.lineage or ((report.model,) if report.model else ())
    yield f"{report.technique} {report.job}"


def _again(report: Report) -> Iterator[Markup]:
    if report.command is not None:
        yield command(report.command)
    if report.run_file is not None:
        yield tag("p", "Or as a run file:", class_="facts")
        yield command(report.run_file.rstrip())
    if report.command is None and report.run_file is None:
        yield tag("p", "The record does not hold how this run was asked for.")
