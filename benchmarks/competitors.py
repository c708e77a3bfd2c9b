"""The ways to make JSON lines of a dataset that the staging benchmark compares.

Each takes the paths of one shape and a path to write to, and writes the same: the columns of the
technique, chat format flattened, one row a line. Only ``mlcc`` validates every row.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from shapes import Shape


def mlcc(shape: Shape, paths: tuple[Path, ...], out: Path) -> None:
    """Stage with mlcc: every row is validated and accounted for."""
    from mlcc_core.staging import stage

    with out.open("wb", 0) as sink:
        stage(job(shape, paths), sink)


@functools.cache
def job(shape: Shape, paths: tuple[Path, ...]) -> Any:
    """Return the request of ``mlcc tune`` to the pipeline; made before the clock starts."""
    from mlcc_core.contract.source import Access
    from mlcc_core.contract.technique.schema import TargetModel
    from mlcc_core.loader.manager import build_manager
    from mlcc_core.staging import Conversion, DatasetJob, parse_column_map

    plugins = build_manager()
    technique = plugins.technique(shape.technique)
    form = "messages" if shape.whole else "default"
    schema = technique.dataset_schema(TargetModel("any", form))
    source = plugins.sources["file"]
    access = Access()
    return DatasetJob(
        source=source,
        listing=source.list(str(paths[0] if len(paths) == 1 else paths[0].parent), access),
        access=access,
        schema=schema,
        flatten=technique.flatten_rules(schema),
        conversion=Conversion(
            column_map=parse_column_map(shape.column_map) if shape.column_map else (),
            **{shape.rewrite: True} if shape.rewrite else {},
        ),
        evaluator_given=False,
        command="mlcc tune",
    )


def polars(shape: Shape, paths: tuple[Path, ...], out: Path) -> None:
    """Stream a bare lazy scan into ``sink_ndjson``: the limit. Nothing is validated."""
    import polars as pl

    if shape.form == "parquet":
        scan = pl.scan_parquet(list(paths))
    elif shape.form == "arrow":
        scan = pl.scan_ipc(list(paths))
    elif shape.form == "csv":
        scan = pl.scan_csv(list(paths), infer_schema=False)
    else:
        scan = pl.scan_ndjson(list(paths))
    element = pl.element().struct
    turn = pl.concat_str(element.field("role"), pl.lit(": "), element.field("content"))

    def content(name: str, index: int) -> Any:
        return pl.col(name).list.get(index).struct.field("content")

    def text(name: str) -> Any:
        if shape.rewrite:
            asked = name == "prompt"
            source = name if name in shape.source_columns else shape.source_columns[0]
            return content(source, 0 if asked else -1).alias(name)
        value = pl.col(name)
        flat = {
            "dict": lambda: value.struct.field("content"),
            "one": lambda: value.list.first().struct.field("content"),
            "same": lambda: value.list.eval(element.field("content")).list.join("\n"),
            "mixed": lambda: value.list.eval(turn).list.join("\n"),
        }
        return flat[shape.flatten]().alias(name) if shape.flatten else value

    if shape.column_map:
        parts = [
            pl.when(pl.col(name) != "").then(pl.col(name)) for name in ("instruction", "input")
        ]
        prompt = pl.concat_str(parts, separator="\n\n", ignore_nulls=True).alias("prompt")
        scan.select(prompt, pl.col("output").alias("completion")).sink_ndjson(out)
        return
    columns = [
        text(name) if name != "prompt" or shape.rewrite else pl.col(name) for name in shape.columns
    ]
    scan.select(columns).sink_ndjson(out)


def datasets(shape: Shape, paths: tuple[Path, ...], out: Path) -> None:
    """Use the Hub's library: streaming, ``map`` per row, orjson."""
    import orjson
    from datasets import load_dataset

    kind = "json" if shape.form == "jsonl" else shape.form
    files = [str(path) for path in paths]
    rows = load_dataset(kind, data_files=files, split="train", streaming=True)
    rows = rows.select_columns(list(shape.source_columns))
    rows = rows.map(lambda row: flattened(shape, row))
    if shape.column_map:
        rows = rows.remove_columns(list(shape.source_columns))
    if shape.rewrite == "from_messages":
        rows = rows.remove_columns("messages")
    with out.open("wb") as sink:
        for row in rows:
            sink.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def loop(shape: Shape, paths: tuple[Path, ...], out: Path) -> None:
    """Convert row by row, as most converters do: ``to_pylist``, ``json.dumps``."""
    with out.open("w", encoding="utf-8") as sink:
        for path in paths:
            for row in _rows(shape, path):
                chosen = {name: row[name] for name in shape.source_columns}
                text = json.dumps(flattened(shape, chosen), ensure_ascii=False)
                sink.write(text + "\n")


def _rows(shape: Shape, path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    if shape.form == "jsonl":
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)
        return
    if shape.form == "csv":
        options = pc.ParseOptions(newlines_in_values=True)
        batches = pc.open_csv(path, parse_options=options)
    elif shape.form == "arrow":
        reader = pa.ipc.open_file(path)
        batches = map(reader.get_batch, range(reader.num_record_batches))
    else:
        batches = pq.ParquetFile(path).iter_batches(columns=list(shape.source_columns))
    for batch in batches:
        yield from batch.to_pylist()


def flattened(shape: Shape, row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with its answers, and the prompt made of them, as strings."""
    if shape.column_map:
        parts = filter(None, (row["instruction"], row["input"]))
        return {"prompt": "\n\n".join(parts), "completion": row["output"]}
    if shape.rewrite:
        conversations = [row[name] for name in shape.source_columns]
        answers = [messages[-1]["content"] for messages in conversations]
        return dict(zip(shape.columns, [conversations[0][0]["content"], *answers], strict=True))
    if not shape.flatten:
        return row
    for name in ("chosen", "rejected"):
        value = row[name]
        messages = value if isinstance(value, list) else [value]
        if shape.flatten == "mixed":
            row[name] = "\n".join(f"{turn['role']}: {turn['content']}" for turn in messages)
        else:
            row[name] = "\n".join(turn["content"] for turn in messages)
    return row


def validate(shape: Shape, paths: tuple[Path, ...], _out: Path) -> None:
    """Validate JSON lines in place, as ``--validate full`` does."""
    from mlcc_core.staging import validate_in_place

    validate_in_place(job(shape, paths), full=True)


def divide(shape: Shape, paths: tuple[Path, ...], out: Path) -> None:
    """Stage with mlcc, a tenth of the rows held out of training."""
    from mlcc_core.staging import stage
    from mlcc_core.staging.model.hold_out import HoldOut
    from mlcc_core.staging.run.held_out import HeldOutPart

    held_out = out.with_name("held_out.jsonl")
    with out.open("wb", 0) as sink, held_out.open("wb", 0) as other:
        stage(job(shape, paths), sink, held_out=HeldOutPart(HoldOut("0.1", 0.1), other))
    held_out.unlink()


def loads(_shape: Shape, paths: tuple[Path, ...], _out: Path) -> None:
    """Call ``orjson.loads`` for every line: the limit of validation in Python."""
    import orjson

    for path in paths:
        with path.open("rb") as lines:
            for line in lines:
                orjson.loads(line)


WAYS: dict[str, Callable[[Shape, tuple[Path, ...], Path], None]] = {
    way.__name__: way for way in (mlcc, polars, datasets, loop, validate, loads, divide)
}
