"""Generated datasets in the shapes that real ones have, for the staging benchmark.

Text is drawn from a fixed seed: words of hexadecimal digits, some with quotes, line breaks and
letters beyond ASCII, so that escaping and UTF-8 cost what they cost in real data.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

GROUP = 20_000
"""Rows of a Parquet row group."""

Row = dict[str, Any]


class Text:
    """Random text of about the number of words asked for."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        words = [f"{self._dice.getrandbits(28):x}" for _ in range(8192)]
        words[::97] = ["café", '"quoted"', "line\nbreak", "日本", "🙂", "tab\t"] * 14 + ["end"]
        self._joined = [" ".join(words[i : i + 16]) for i in range(0, 8192, 16)]

    def __call__(self, words: int) -> str:
        pieces = self._dice.choices(self._joined, k=max(1, words // 16))
        return f"{self._dice.getrandbits(60):x} " + " ".join(pieces)


@dataclass(frozen=True)
class Shape:
    """A dataset to generate.

    Attributes:
        name, about: for the table.
        technique: whose schema it is staged for.
        row: makes one row.
        form: ``parquet``, ``arrow``, ``csv`` or ``jsonl``.
        flatten: how ``chosen`` and ``rejected`` become strings: ``dict``, ``one``, ``same``,
            ``mixed``; empty for none.
        rewrite: ``extract_prompt`` or ``from_messages``: the columns are made of others; empty
            for neither.
        column_map: of the conversion; empty for none.
        whole: conversations are written as they are.
        rows_per_file: 0 for one file.
        share: rows of this shape for one row asked for (long rows are fewer).
    """

    name: str
    about: str
    technique: str
    row: Callable[[Text], Row]
    form: str = "parquet"
    flatten: str = ""
    rewrite: str = ""
    column_map: str = ""
    whole: bool = False
    rows_per_file: int = 0
    share: float = 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        if self.whole:
            return ("messages",)
        pair = ("prompt", "completion")
        return pair if self.technique == "sft" else ("prompt", "chosen", "rejected")

    @property
    def source_columns(self) -> tuple[str, ...]:
        """The columns of the files that are needed."""
        if self.column_map:
            return ("instruction", "input", "output")
        made_of = {"extract_prompt": ("chosen", "rejected"), "from_messages": ("messages",)}
        return made_of.get(self.rewrite, self.columns)

    def write(self, folder: Path, rows: int) -> list[Path]:
        """Write the files, and return their paths in reading order."""
        folder.mkdir()
        text = Text(rows)
        count = max(1, round(rows * self.share))
        each = self.rows_per_file or count
        paths = []
        for start in range(0, count, each):
            paths.append(folder / f"part-{len(paths):05}.{self.form}")
            size = min(each, count - start)
            _WRITERS[self.form](paths[-1], (self.row(text) for _ in range(size)))
        return paths


def _pairs(text: Text) -> Row:
    return {"prompt": text(48), "completion": text(112)}


def _instructions(text: Text) -> Row:
    some = text(16)
    return {"instruction": text(32), "input": some if some[0] < "8" else "", "output": text(112)}


def _turn(text: Text, role: str = "assistant", words: int = 80) -> Row:
    return {"role": role, "content": text(words)}


def _answers(text: Text, answer: Callable[[], Any]) -> Row:
    return {"prompt": text(48), "chosen": answer(), "rejected": answer()}


def _conversation(text: Text, question: str) -> list[Row]:
    return [{"role": "user", "content": question}, _turn(text)]


def _preferences(text: Text) -> Row:
    question = text(48)
    return {name: _conversation(text, question) for name in ("chosen", "rejected")}


def _messages(text: Text) -> Row:
    return {"messages": _conversation(text, text(48))}


def _talk(text: Text) -> Row:
    turns = [_turn(text, role, 32) for role in ("user", "assistant") * 2]
    return {"messages": [{"role": "system", "content": "Be terse."}, *turns]}


def _wide(text: Text) -> Row:
    return _pairs(text) | {f"extra_{n:02}": n * 7 if n % 2 else f"note {n}" for n in range(60)}


SHAPES = (
    Shape("flat", "two text columns, SFT", "sft", _pairs),
    Shape(
        "dict",
        "answers as one message",
        "dpo",
        lambda text: _answers(text, lambda: _turn(text)),
        flatten="dict",
    ),
    Shape(
        "one",
        "answers as a list of one message",
        "dpo",
        lambda text: _answers(text, lambda: [_turn(text)]),
        flatten="one",
    ),
    Shape(
        "same-role",
        "answers as three messages of one role",
        "dpo",
        lambda text: _answers(text, lambda: [_turn(text, words=32) for _ in range(3)]),
        flatten="same",
    ),
    Shape(
        "mixed",
        "answers as conversations",
        "dpo",
        lambda text: _answers(
            text, lambda: [_turn(text, role, 32) for role in ("user", "assistant", "user")]
        ),
        flatten="mixed",
    ),
    Shape(
        "shards",
        "files of 7,500 rows",
        "dpo",
        lambda text: _answers(text, lambda: [_turn(text)]),
        flatten="one",
        rows_per_file=7500,
    ),
    Shape("wide", "60 columns that are not written", "sft", _wide),
    Shape(
        "long",
        "rows of 90 kB",
        "sft",
        lambda text: {"prompt": text(2000), "completion": text(8000)},
        share=0.01,
    ),
    Shape("arrow", "an Arrow file", "sft", _pairs, form="arrow"),
    Shape("csv", "CSV, line breaks in fields", "sft", _pairs, form="csv"),
    Shape("jsonl", "JSON lines", "sft", _pairs, form="jsonl"),
    *(
        Shape(f"{name}-{form}", f"{flag}, {form}", technique, row, form=form, rewrite=rewrite)
        for name, flag, technique, row, rewrite in (
            ("extract", "--extract-prompt", "dpo", _preferences, "extract_prompt"),
            ("messages", "--from-messages", "sft", _messages, "from_messages"),
        )
        for form in ("parquet", "jsonl")
    ),
    *(
        Shape(
            f"join-{form}",
            f"--column-map with a join, {form}",
            "sft",
            _instructions,
            form=form,
            column_map="instruction+input:prompt,output:completion",
        )
        for form in ("parquet", "csv", "jsonl")
    ),
    *(
        Shape(f"whole-{form}", f"messages, SFT, {form}", "sft", _talk, form=form, whole=True)
        for form in ("parquet", "jsonl")
    ),
)


def _write_parquet(path: Path, rows: Iterator[Row]) -> None:
    import pyarrow.parquet as pq

    _write_tables(lambda schema: pq.ParquetWriter(path, schema), rows)


def _write_arrow(path: Path, rows: Iterator[Row]) -> None:
    import pyarrow as pa

    _write_tables(lambda schema: pa.ipc.new_file(str(path), schema), rows)


def _write_tables(open_writer: Callable[[Any], Any], rows: Iterator[Row]) -> None:
    """Write groups of rows to what ``open_writer`` makes for their Arrow schema."""
    import pyarrow as pa

    batch = list(islice(rows, GROUP))
    schema = pa.Table.from_pylist(batch[:1]).schema
    with open_writer(schema) as writer:
        while batch:
            writer.write_table(pa.Table.from_pylist(batch, schema))
            batch = list(islice(rows, GROUP))


def _write_csv(path: Path, rows: Iterator[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        first = next(rows)
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


def _write_jsonl(path: Path, rows: Iterator[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


_WRITERS = {
    "parquet": _write_parquet,
    "arrow": _write_arrow,
    "csv": _write_csv,
    "jsonl": _write_jsonl,
}
