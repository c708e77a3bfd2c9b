"""One command of every kind that a hint prints, run where it was printed, far from the data."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.mlcc_core.helpers.hints.shell import ODD, mlcc, run_line
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet

FINE = {"prompt": "p", "completion": "c"}
TALK = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]


def zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, content)
    return made.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def database(table: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        name = table.replace('"', '""')
        made.execute(f'CREATE TABLE "{name}" (prompt, completion)')
        made.execute(f'INSERT INTO "{name}" VALUES (?, ?)', ("p", "c"))
        made.commit()
        return made.serialize()


def wide_zstd(content: bytes) -> bytes:
    """Compress as ``zstd --long=28`` does: with a window that is wider than what is unpacked."""
    options = zstandard.ZstdCompressionParameters(window_log=28, compression_level=1)
    packer = zstandard.ZstdCompressor(compression_params=options).compressobj()
    return packer.compress(content) + packer.flush()


@dataclass(frozen=True)
class Case:
    """A dataset that is refused with a hint of a kind.

    Attributes:
        files: by name, within a folder of an odd name.
        words: of the command, behind the dataset.
        writes: the file that the command makes, which is checked then.
        technique: of the check.
    """

    files: Mapping[str, bytes]
    words: tuple[str, ...] = ()
    writes: str = ""
    technique: str = "sft"


CASES = {
    "the same command with another dataset or conversion": Case(
        {f"{ODD}.jsonl": jsonl({"input": "a", **FINE} | {"input": "p"})},
        ("--column-map", "inptu:prompt,prompt:-,completion:completion"),
    ),
    "columns of context joined to what they belong to": Case(
        {f"{ODD}.jsonl": jsonl({**FINE, "System Prompt": "s"})}
    ),
    "columns of context left out on purpose": Case(
        {f"{ODD}.jsonl": jsonl({**FINE, "System Prompt": ["s"]})}
    ),
    "columns that are likely what is missing": Case(
        {f"{ODD}.jsonl": jsonl({f"What is the question, {ODD}?": "q", "answer": "a"})}
    ),
    "a rewrite that makes what is missing": Case(
        {
            f"{ODD}.jsonl": jsonl(
                {"chosen": TALK, "rejected": [TALK[0], {**TALK[1], "content": "b"}]}
            )
        },
        technique="dpo",
    ),
    "a pattern for files with the same columns": Case(
        {
            "call one.jsonl": jsonl(FINE),
            "general, two.jsonl": jsonl({"text": "t"}),
        }
    ),
    "rows of a JSON document, one a line": Case(
        {f"{ODD}.json.gz": gzip.compress(json.dumps({"train": [FINE, FINE]}).encode())},
        writes=f"{ODD}.rows.jsonl",
    ),
    "messages that were printed, as rows": Case(
        {f"{ODD}.jsonl": jsonl({**FINE, "prompt": str(TALK)})}, writes=f"{ODD}.rows.jsonl"
    ),
    "a table with the names of its columns": Case(
        {f"{ODD}.csv": b"What is it?,A house.\nWho is it?,Ada.\nWhere?,There.\n"},
        writes=f"{ODD}.header.csv",
    ),
    "a file that is written anew": Case(
        {f"{ODD}.csv": b"My export,\nprompt,completion\np,c\nq,d\n"}, writes=f"{ODD}.table.csv"
    ),
    "columns made of what a structure holds": Case(
        {f"{ODD}.parquet": parquet([{"what's asked": FINE, "n": 1}])},
        ("--column-map", "what's asked.prompt:prompt,what's asked.completion:completion"),
        writes=f"{ODD}.flat.parquet",
    ),
    "what is in an archive": Case(
        {f"{ODD}.jsonl": zipped("within.jsonl", jsonl(FINE))}, writes="within.jsonl"
    ),
    "a table of a database, as CSV": Case(
        {f"{ODD}.jsonl": database(f"rows of {ODD}")}, writes="rows.csv"
    ),
}

ANEW = {
    "compressed twice": Case(
        {f"{ODD}.jsonl.gz": gzip.compress(gzip.compress(jsonl(FINE)))},
        writes=f"{ODD}.unpacked.jsonl",
    ),
    "Windows-1252": Case(
        {f"{ODD}.jsonl": '{"prompt": "Größe?", "completion": "é"}\n'.encode("cp1252")},
        writes=f"{ODD}.utf8.jsonl",
    ),
    "UTF-16 without a mark": Case(
        {f"{ODD}.jsonl": (jsonl(FINE) * 20).decode().encode("utf-16-le")},
        writes=f"{ODD}.utf8.jsonl",
    ),
    "another compression": Case(
        {f"{ODD}.jsonl": bz2.compress(jsonl(FINE))}, writes=f"{ODD}.unpacked.jsonl"
    ),
    "a wide window": Case(
        {f"{ODD}.jsonl.zst": wide_zstd(jsonl(FINE))}, writes=f"{ODD}.unpacked.jsonl"
    ),
    "a tape archive": Case(
        {f"{ODD}.jsonl": tarred("within.jsonl", jsonl(FINE))}, writes="within.jsonl"
    ),
    "a structure in JSON": Case(
        {f"{ODD}.jsonl": jsonl({"what's asked": FINE, "n": 1})},
        ("--column-map", "what's asked.prompt:prompt,what's asked.completion:completion"),
        writes=f"{ODD}.flat.jsonl",
    ),
    "packed Parquet": Case(
        {f"{ODD}.parquet.gz": gzip.compress(parquet([FINE]))}, writes=f"{ODD}.parquet"
    ),
}
"""More files that are written anew."""

NAMING_CHECK = "the command that reports every error"
"""A kind that ``check`` itself never prints."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*CASES, *ANEW])
def test_a_printed_command_works_from_another_folder(kind, tmp_path, shell):
    case = {**CASES, **ANEW}[kind]
    data, here = tmp_path / f"data {ODD}", tmp_path / "here"
    data.mkdir()
    here.mkdir()
    for name, content in case.files.items():
        (data / name).write_bytes(content)
    dataset = data if len(case.files) > 1 else data / next(iter(case.files))
    options = ("--technique", case.technique)
    refused = mlcc("check", *options, f"{dataset}", *case.words, "--json", cwd=here)
    assert refused.returncode == 1, refused.stderr
    error = json.loads(refused.stdout)["error"]
    done = shell(error["hint"], here)
    if case.writes:
        assert done.returncode == 0, done.stderr
        done = mlcc("check", *options, case.writes, cwd=here)
    assert done.returncode == 0, (error["hint"], done.stdout, done.stderr)
    assert "all good" in done.stdout


@pytest.mark.slow
def test_the_command_that_reports_every_error_works(tmp_path, shell):
    data = tmp_path / f"{ODD}.jsonl"
    data.write_bytes(jsonl(FINE, {"prompt": 1, "completion": "c"}))
    job = make_job(b"")
    listing = replace(job.listing, uri=str(data), shown=str(data))
    hint = replace(job, listing=listing, check_command="mlcc check --technique sft").check_hint()
    assert hint is not None
    done = shell(hint, tmp_path)
    assert done.returncode == 1
    assert f"{data.name}:2, prompt: found number, expected string" in done.stdout


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    return lambda line, cwd: run_line(line, cwd, tmp_path / "programs")
