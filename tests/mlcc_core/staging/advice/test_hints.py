"""One command of every kind that a hint prints, run where it was printed, far from the data."""

from __future__ import annotations

import gzip
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import mlcc_core.staging
from mlcc_core.staging.model.hints import KINDS
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet

for _module in pkgutil.walk_packages(mlcc_core.staging.__path__, "mlcc_core.staging."):
    importlib.import_module(_module.name)

ODD = """it's "odd", a: b+c=d"""
"""A name with all that shells and column maps read as something else."""

FINE = {"prompt": "p", "completion": "c"}
TALK = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]


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
    "packed Parquet": Case(
        {f"{ODD}.parquet.gz": gzip.compress(parquet([FINE]))}, writes=f"{ODD}.parquet"
    ),
}
"""More files that are written anew."""

NAMING_CHECK = "the command that reports every error"
"""A kind that ``check`` itself never prints."""


def mlcc(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    program = "from mlcc_core.cli.main import run; import sys; sys.exit(run(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    """Run a line as pasted into a shell, in a folder, with ``mlcc`` among its programs."""
    programs = tmp_path / "programs"
    programs.mkdir()
    script = programs / "mlcc"
    program = "from mlcc_core.cli.main import run; import sys; sys.exit(run(sys.argv[1:]))"
    script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{program}' \"$@\"\n")
    script.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"

    def run(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": path}
        return subprocess.run(
            ["sh", "-c", line],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env=environment,
        )

    return run


def test_every_kind_has_a_case():
    assert set(KINDS) == {*CASES, NAMING_CHECK}


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
