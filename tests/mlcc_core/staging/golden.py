"""Digests of the staged bytes of small datasets of every format and shape (``golden.json``).

Staged data is found again by a key of which ``RULES`` (``mlcc_core/staging/run/preview.py``)
is a part: where the same dataset is staged as other bytes than before, ``RULES`` has to be raised,
or data that was staged by an earlier version is trained on. ``test_golden.py`` compares. After
raising ``RULES``, or adding a case here, write the file anew::

    python -m tests.mlcc_core.staging.golden
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import zstandard

from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.staging import stage
from mlcc_core.staging.run.preview import RULES
from tests.mlcc_core.staging.datasets import PAIRS, PREFERENCES, PROMPTS, on_disk, parquet
from tests.mlcc_core.staging.datasets import make_job as in_memory

FILE = Path(__file__).with_name("golden.json")
COMMAND = "python -m tests.mlcc_core.staging.golden"

Rows = list[dict[str, Any]]

TEXT = ["plain", "", " Zürich \U0001f600 ", 'quotes " and \\ and \t', "two\nlines", "\u2028 </s>"]


def said(content: str, role: str = "assistant") -> dict[str, str]:
    return {"role": role, "content": content}


def shared(content: str, role: str = "gpt") -> dict[str, str]:
    return {"from": role, "value": content}


def pairs(of: Callable[[str], Any]) -> Rows:
    return [{"prompt": "Q", "chosen": of(text), "rejected": of(f"not {text}")} for text in TEXT]


TALK = [said("Q", "user"), said("A"), said("Q2", "user")]
WHOLE = DatasetSchema(
    (Column("messages", ("conversation",)), Column("tools", ("tools",), required=False)),
    {"messages": []},
)
FUNCTION = {"name": "f", "parameters": {"type": "object"}}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
KEPT: Rows = [
    {"prompt": [said("Q", "user")], "reward_model": "judge", "n": 1, "f": 0.1, "b": True},
    {"prompt": [said("R", "user")], "reward_model": "judge", "n": -(2**53), "f": 2.5, "b": None},
]
MISFITS: Rows = [*pairs(lambda text: [said(text)]), pairs(lambda text: [said(text)] * 2)[0]]

SHAPES: dict[str, tuple[Rows, Any, dict[str, Any]]] = {
    "text": (pairs(str), PREFERENCES, {}),
    "renamed": (
        [{"q": text, "a": text[::-1], "id": n} for n, text in enumerate(TEXT)],
        PAIRS,
        {"column_map": (("q", "prompt"), ("a", "completion"))},
    ),
    "joined": (
        [{"q": text, "more": text[:1], "a": "x", "id": n} for n, text in enumerate(TEXT) if text],
        PAIRS,
        {"column_map": ((("q", "more"), "prompt"), ("a", "completion"), ("id", None))},
    ),
    "single_dict": (pairs(said), PREFERENCES, {}),
    "single_message": (pairs(lambda text: [said(text)]), PREFERENCES, {}),
    "same_role": (pairs(lambda text: [said(text), said("more")]), PREFERENCES, {}),
    "mixed_roles": (pairs(lambda text: [said("Q", "user"), said(text)]), PREFERENCES, {}),
    "sharegpt": (pairs(lambda text: [shared("Q", "human"), shared(text)]), PREFERENCES, {}),
    "skipped": (MISFITS, PREFERENCES, {"on_misfit": "skip"}),
    "extracted": (
        [{"chosen": [*TALK, said(t)], "rejected": [*TALK, said(f"not {t}")]} for t in TEXT],
        PREFERENCES,
        {"extract_prompt": True},
    ),
    "conversations": (
        [{"messages": [*TALK, said(t)]} for t in TEXT],
        PAIRS,
        {"from_messages": True},
    ),
    "wrapped": ([{"prompt": text, "reward_model": "judge"} for text in TEXT], PROMPTS, {}),
    "translated": (
        [{"prompt": [shared(t, "human")], "reward_model": "j"} for t in TEXT],
        PROMPTS,
        {},
    ),
    "kept": (KEPT, PROMPTS, {}),
    "whole": ([{"messages": [*TALK, said(t)]} for t in TEXT], WHOLE, {}),
    "whole with tools": (
        [{"messages": [said("Q", "user"), CALL, said(t)], "functions": [FUNCTION]} for t in TEXT],
        WHOLE,
        {},
    ),
    "chat as text": (pairs(lambda text: json.dumps([said(text)])), PREFERENCES, {}),
    "preferred": (
        [
            {
                "input": {"messages": [said("Q", "user")], "parallel_tool_calls": True},
                "preferred_output": [said(text)],
                "non_preferred_output": [said(f"not {text}")],
            }
            for text in TEXT
        ],
        PREFERENCES,
        {},
    ),
}
"""A dataset, the schema it is staged for and the conversion that is asked for, by shape."""


def _with_nulls(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with an empty field more in each message."""

    def more(value: Any) -> Any:
        if isinstance(value, list):
            return [more(message) for message in value]
        return {"name": None, **value} if isinstance(value, dict) else value

    return {name: more(value) for name, value in row.items()}


for _name in ("single_dict", "single_message", "same_role", "mixed_roles"):
    _rows, _schema, _ = SHAPES[_name]
    SHAPES[f"{_name} or text"] = ([*_rows, *pairs(str), *map(_with_nulls, _rows)], _schema, {})
# Rows of several kinds are converted one by one, not in blocks.


def compact(value: object) -> str:
    """Return ``value`` as JSON without blanks: a value that is kept is kept as it is written."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def lines(rows: Rows) -> bytes:
    return "".join(f"{compact(row)}\n" for row in rows).encode()


def arrow(rows: Rows, writer: Callable[..., Any]) -> bytes:
    table = pa.Table.from_pylist(rows)
    sink = io.BytesIO()
    with writer(sink, table.schema) as made:
        made.write_table(table)
    return sink.getvalue()


def delimited(rows: Rows, sign: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=sign, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


FORMATS: Mapping[str, Callable[[Rows], bytes]] = {
    "jsonl": lines,
    "jsonl.gz": lambda rows: gzip.compress(lines(rows)),
    "jsonl.zst": lambda rows: zstandard.compress(lines(rows)),
    "json": lambda rows: compact(rows).encode(),
    "csv": lambda rows: delimited(rows, ","),
    "csv.gz": lambda rows: gzip.compress(delimited(rows, ",")),
    "csv.zst": lambda rows: zstandard.compress(delimited(rows, ",")),
    "tsv": lambda rows: delimited(rows, "\t"),
    "parquet": parquet,
    "arrow": lambda rows: arrow(rows, pa.ipc.new_file),
    "arrows": lambda rows: arrow(rows, pa.ipc.new_stream),
}
FLAT = ("csv", "tsv")
"""Formats that hold text alone."""

TYPED = ("parquet", "arrow", "arrows")
"""Formats in which a column has one type."""


def cases() -> Iterator[str]:
    """Yield the name of each case: ``mixed_roles/jsonl.gz``, and of those read from a disk."""
    for shape, (rows, _, _) in SHAPES.items():
        texts = all(isinstance(value, (str, int)) for row in rows for value in row.values())
        for form in FORMATS:
            if (texts or not form.startswith(FLAT)) and not (
                shape.endswith("or text") and form in TYPED
            ):
                yield f"{shape}/{form}"
                yield f"{shape}/{form}/disk"


def digest(case: str, folder: Path) -> str:
    """Return the digest of what a case is staged as."""
    shape, form, *where = case.split("/")
    rows, schema, conversion = SHAPES[shape]
    files = {f"data.{form}": FORMATS[form](rows)}
    make = (lambda *a, **o: on_disk(a[0], folder, *a[1:], **o)) if where else in_memory
    sink = io.BytesIO()
    stage(make(files, schema, **conversion), sink)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def digests() -> dict[str, str]:
    """Return the digests of all cases, as they are now."""
    found = {}
    for case in cases():
        with tempfile.TemporaryDirectory() as folder:
            found[case] = digest(case, Path(folder))
    return found


def changed(saved: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return the cases that are staged as other bytes than before; new cases are none."""
    return [case for case, value in saved.items() if found.get(case, value) != value]


def write(path: Path, rules: int, found: Mapping[str, str]) -> str | None:
    """Write the file anew; return why not, where ``RULES`` has to be raised first."""
    if path.exists():
        saved = json.loads(path.read_text())
        other = changed(saved["digests"], found)
        if other and rules <= saved["rules"]:
            return (
                f"{len(other)} cases are staged as other bytes, {other[0]} among them, and RULES "
                f"is still {rules}: raise it in mlcc_core/staging/run/preview.py, then run "
                f"{COMMAND} again."
            )
    document = {"rules": rules, "digests": dict(found)}
    path.write_text(json.dumps(document, indent=1) + "\n")
    return None


if __name__ == "__main__":
    sys.exit(write(FILE, RULES, digests()))
