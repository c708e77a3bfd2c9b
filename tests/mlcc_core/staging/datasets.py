"""A dataset of files in memory, and jobs over it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from mlcc_core.contract.source import Access, DatasetFile, Listing, Source
from mlcc_core.contract.technique.schema import Column, DatasetSchema, FlattenRules
from mlcc_core.staging import Conversion, DatasetJob, StagingReport, stage

PAIRS = DatasetSchema(
    columns=(Column("prompt"), Column("completion")),
    example={"prompt": "What?", "completion": "That."},
)
PREFERENCES = DatasetSchema(
    columns=(Column("prompt"), Column("chosen"), Column("rejected")),
    example={"prompt": "What?", "chosen": "That.", "rejected": "No."},
)
PROMPTS = DatasetSchema(
    columns=(
        Column("prompt", ("messages",)),
        Column("reward_model", ("string", "object"), evaluator=True, note="judge"),
    ),
    example={"prompt": [{"role": "user", "content": "What?"}], "reward_model": "judge"},
    keep_other_columns=True,
)


class Memory(Source):
    """Files by name, read from memory."""

    name = "memory"
    schemes = ("memory",)
    uri_help = "memory://dataset[?file=pattern]"

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.opened: list[str] = []

    def list(self, uri: str, access: Access) -> Listing:
        files = tuple(
            DatasetFile(name, f"{uri}/{name}", len(data), sha256(data).hexdigest())
            for name, data in self.files.items()
        )
        return Listing(uri, files, "org/data")

    def open(self, file: DatasetFile, access: Access) -> BinaryIO:
        self.opened.append(file.name)
        return io.BytesIO(self.files[file.name])


def make_job(
    files: Mapping[str, bytes] | bytes,
    schema: DatasetSchema = PAIRS,
    *,
    uri: str = "memory://org/data",
    evaluator_given: bool = False,
    **conversion: Any,
) -> DatasetJob:
    """A job over ``files`` (bytes alone are ``data.jsonl``) as a command line would make it."""
    source = Memory(files if isinstance(files, Mapping) else {"data.jsonl": files})
    access = Access(settings={}, secret=lambda credential: None)
    rules = FlattenRules(
        tuple(c.name for c in schema.required if c.types == ("string",) and not c.evaluator)
    )
    return DatasetJob(
        source=source,
        listing=source.list(uri, access),
        access=access,
        schema=schema,
        flatten=rules,
        conversion=replace(Conversion(), **conversion),
        evaluator_given=evaluator_given,
        command="./do/tune --technique x",
        check_command="mlcc check --technique x",
        evaluator_flags=("--judge",),
    )


class OnDisk(Memory):
    """Files by name, each read from a file of this machine."""

    def __init__(self, files: Mapping[str, bytes], folder: Path) -> None:
        super().__init__(files)
        self.folder = folder

    def list(self, uri: str, access: Access) -> Listing:
        listing = super().list(uri, access)
        files = (replace(file, path=self.folder / file.name) for file in listing.files)
        return replace(listing, files=tuple(files))

    def open(self, file: DatasetFile, access: Access) -> BinaryIO:
        path = self.folder / file.name
        if not path.exists():
            path.write_bytes(self.files[file.name])
        return path.open("rb")


def on_disk(files: Mapping[str, bytes], folder: Path, *args: Any, **options: Any) -> DatasetJob:
    """A job as :func:`make_job` makes it, over files below ``folder``."""
    job = make_job(files, *args, **options)
    source = OnDisk(files, folder)
    return replace(job, source=source, listing=source.list(job.listing.uri, job.access))


def jsonl(*rows: Any) -> bytes:
    """The rows as JSON lines."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def staged(job: DatasetJob, **options: Any) -> tuple[list[Any], StagingReport]:
    """Stage ``job``: the rows that were written, and the report, whose ledger adds up."""
    sink = io.BytesIO()
    report = stage(job, sink, **options)
    data = sink.getvalue()
    assert report.bytes == len(data)
    assert data.endswith(b"\n")
    rows = [json.loads(line) for line in data.split(b"\n")[:-1]]
    assert report.rows == len(rows) == report.ledger.written
    assert report.ledger.read == report.ledger.written + report.ledger.skipped
    return rows, report


def parquet(rows: Any, **options: Any) -> bytes:
    """Rows (or an Arrow table) as a Parquet file."""
    table = pa.Table.from_pylist(rows) if isinstance(rows, list) else rows
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()
