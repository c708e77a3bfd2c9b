"""The rows of a run: the ledger, and how long they are."""

from __future__ import annotations

from mlcc_core.actions.runs.report.draw.histogram import histogram
from mlcc_core.actions.runs.report.html import Markup, tag
from mlcc_core.actions.runs.report.model import Data, Lengths
from mlcc_core.actions.runs.report.page.parts import section, table

COLUMNS = ("file", "read", "to train on", "held out", "left out", "wrong")


def data_section(data: Data) -> Markup:
    """Return the dataset, where each of its rows went, and the lengths of those trained on."""
    form = f" ({data.form})" if data.form else ""
    rows = [(name, *(f"{count:,}" for count in counts)) for name, *counts in data.files]
    return section(
        "Data",
        tag("p", f"{data.dataset}{form}") if data.dataset else None,
        *(tag("p", line, class_="facts") for line in data.lines),
        table(COLUMNS, rows, numbers=range(1, len(COLUMNS))) if rows else None,
        _lengths(data.lengths) if data.lengths is not None else None,
    )


def _lengths(lengths: Lengths) -> Markup:
    said = (
        f"shortest {lengths.shortest:,}, median {lengths.median:,}, longest {lengths.longest:,}"
        + ("" if lengths.whole else f"; the first {lengths.rows:,} rows")
    )
    title = tag("b", "Characters a row, of those trained on")
    caption = tag("figcaption", title, tag("span", said, class_="legend"))
    return tag("div", tag("figure", caption, histogram(lengths), class_="chart"), class_="charts")
