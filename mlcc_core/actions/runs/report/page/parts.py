"""Parts of which sections are made: headings, tables in boxes of their own, commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlcc_core.actions.runs.report.html import Markup, tag


def section(title: str, *children: str | None, class_: str | None = None) -> Markup:
    """Return a section under its heading."""
    return tag("section", tag("h2", title), *children, class_=class_)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()
) -> Markup:
    """Return a table in a box; on a narrow page, each row is a list of its labelled cells.

    Args:
        columns: their heads.
        rows: the cells of each, the first of which names it.
        numbers: places of columns that are aligned on the right.
    """

    def kind(place: int) -> str | None:
        return "number" if place in numbers else None

    head = tag("tr", *(tag("th", name, class_=kind(n)) for n, name in enumerate(columns)))
    body = (
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            *(
                tag("td", tag("div", cell), class_=kind(n), data_column=columns[n])
                for n, cell in enumerate(row[1:], 1)
            ),
        )
        for row in rows
    )
    whole = tag("table", tag("thead", head), tag("tbody", *body))
    return tag("div", whole, class_="wide", tabindex=0)


def command(text: str) -> Markup:
    """Return a command, to be copied."""
    return tag("pre", tag("code", text), tabindex=0)
