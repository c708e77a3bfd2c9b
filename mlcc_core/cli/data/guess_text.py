"""A fit that was guessed, shown before it is asked about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlcc_core.contract.technique.schema import ANY_FORMAT
from mlcc_core.helpers.text import plural

if TYPE_CHECKING:
    from mlcc_core.actions.guess.fit import Fit
    from mlcc_core.actions.tune.plan.request import TuneRequest

LONGEST = 300
"""Characters of an example row that are shown."""


def fit_lines(fit: Fit[TuneRequest]) -> Iterator[str]:
    """Yield the lines about a fit: technique, form, columns, one row as it would be written."""
    row = json.dumps(fit.first_row, ensure_ascii=False)
    rows = {
        "technique": f"{fit.technique}: {fit.title}",
        "form": "" if fit.form == ANY_FORMAT else fit.form,
        "columns": " ".join(fit.flags) or f"{', '.join(fit.columns)}, as they are",
        "dropped": ", ".join(fit.dropped),
        "first row": row if len(row) <= LONGEST else f"{row[:LONGEST]} …",
        "command": fit.request.command_line(),
    }
    yield f"📋 {fit.request.dataset} would be trained on like this:"
    for name, value in rows.items():
        if value:
            yield f"   {name:<10} {value}"
    if fit.kept < fit.read:
        wrong = plural(fit.read - fit.kept, "row is", "rows are")
        yield f"⚠️  {wrong} not right among the first {fit.read:,}."
