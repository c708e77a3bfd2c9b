"""A CSV file whose fields have another character between them: the command that writes commas."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from mlcc_core.staging.advice.trial import Fix
from mlcc_core.staging.model.hints import file_word, hint_kind
from mlcc_core.staging.model.request import DatasetJob

OTHER_DELIMITERS = (";", "|", "\t")
"""Characters that spreadsheets and databases write between fields in place of a comma."""


@hint_kind("a table with commas between its fields")
def other_delimiter(job: DatasetJob, file: str, names: Sequence[str]) -> Fix | None:
    """Return the fix for a CSV file whose single column is a header with another delimiter."""
    sign = next((sign for sign in OTHER_DELIMITERS if sign in names[0]), "") if names else ""
    if not sign or len(names) > 1 or not file.lower().endswith(".csv"):
        return None
    program = (
        f"csv.writer(sys.stdout).writerows(csv.reader(sys.stdin, delimiter={json.dumps(sign)}))"
    )
    command = shlex.join(("python3", "-c", f"import csv, sys; {program}"))
    return Fix(
        f"{command} < {file_word(job.listing, file)} > commas.csv   # then name commas.csv",
        (f"Its fields seem to be separated by {sign!r}, expected commas.",),
    )
