"""The whole page of a report: one file, with its style and its search, that asks for nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files

from mlcc_core.actions.runs.report.draw.curves import charts
from mlcc_core.actions.runs.report.html import Markup, tag
from mlcc_core.actions.runs.report.model import Headline, Report
from mlcc_core.actions.runs.report.page.data import data_section
from mlcc_core.actions.runs.report.page.examples import examples_section
from mlcc_core.actions.runs.report.page.metrics import metrics_section
from mlcc_core.actions.runs.report.page.origin import origin_sections
from mlcc_core.actions.runs.report.page.parts import command, section

GENERATOR = tag("meta", name="generator", content="mlcc runs report")
"""The element by which a report is told from other files, those with its command among them."""

MARKS = {"good": "✓", "bad": "✗", "open": "?"}


def page_of(report: Report) -> str:
    """Return the page of a report as HTML."""
    style, script = _file("style.css"), _file("search.js")
    allowed = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        GENERATOR,
        tag("meta", http_equiv="Content-Security-Policy", content=f"{allowed}; img-src data:"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", href="data:,"),
        tag("title", f"{report.job}: {report.headline.title}"),
        tag("style", Markup(style)),
    )
    body = tag("body", tag("main", *_parts(report)), tag("script", Markup(script)))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _parts(report: Report) -> Iterator[Markup]:
    yield _top(report)
    yield _verdict(report.headline)
    if report.evaluation is not None:
        yield metrics_section(report.evaluation)
    drawn = list(charts(report.curves))
    if drawn:
        yield section("Curves", tag("div", *drawn, class_="charts"))
    yield data_section(report.data)
    yield from origin_sections(report)
    if report.evaluation is not None:  # last, as they are many
        yield from examples_section(report.evaluation)


def _top(report: Report) -> Markup:
    facts = (report.technique, report.model, report.platform, report.status, report.sent)
    return tag(
        "header",
        tag("h1", report.job),
        tag("p", " · ".join(fact for fact in facts if fact), class_="facts"),
    )


def _verdict(headline: Headline) -> Markup:
    return tag(
        "section",
        tag("p", tag("i", MARKS[headline.mood], aria_hidden="true"), headline.title, class_="word"),
        tag("p", headline.text) if headline.text else None,
        command(headline.command) if headline.command else None,
        class_=f"verdict {headline.mood}",
    )


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the word by which a page allows just this style or script, and no other."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
