"""The recipe "Add a dataset format" of CONTRIBUTING.md, followed in a copy of the packages."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import blocks

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = ("mlcc_core", "plugins", "libs")
REGISTRY = re.compile(r"^FORMATS = \(\n.*?^(?=\)$)", re.MULTILINE | re.DOTALL)
ROWS = [{"prompt": f"p{n} ü", "completion": f"c: {n}"} for n in range(20)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The packages with the format of the page."""
    root = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("*.pyc"))
    reader, entry = (b for b in blocks(ROOT / "CONTRIBUTING.md") if is_of_mlcc(b))
    (root / reader.file).write_text(reader.text)
    registry = root / entry.file
    changed, count = REGISTRY.subn(lambda found: found[0] + entry.text, registry.read_text())
    assert count == 1
    registry.write_text(changed)
    return root


def is_of_mlcc(block):
    return (block.file or "").startswith("mlcc_core/")


def run(copy, *arguments):
    path = os.pathsep.join(str(copy / part) for part in (".", "plugins", "libs"))
    return subprocess.run(
        [sys.executable, "-P", "-c", "from mlcc_core.cli import main; main()", *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )


def ltsv(rows):
    return "".join("\t".join(f"{k}:{v}" for k, v in row.items()) + "\n" for row in rows)


def test_the_recipe_touches_two_files():
    files = [b.file for b in blocks(ROOT / "CONTRIBUTING.md") if is_of_mlcc(b)]
    assert files == ["mlcc_core/staging/read/ltsv.py", "mlcc_core/helpers/formats.py"]


def test_good_rows_are_read(copy, tmp_path):
    (tmp_path / "data.ltsv").write_text(ltsv(ROWS))
    fixed = tmp_path / "fixed.jsonl"
    done = run(copy, "check", f"{tmp_path}", "--technique", "sft", "--fixed", f"{fixed}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [json.loads(line) for line in fixed.read_text().splitlines()] == ROWS


def test_a_bad_row_is_an_error_with_its_line(copy, tmp_path):
    lines = ltsv(ROWS).splitlines(keepends=True)
    lines.insert(7, "prompt:p\tno label\n")
    path = tmp_path / "data.ltsv"
    path.write_text("".join(lines))
    done = run(copy, "check", f"{path}", "--technique", "sft", "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads(done.stdout)
    (error,) = report["errors"]
    assert (error["file"], error["line"], error["found"]) == (
        "data.ltsv",
        8,
        "the field 'no label'",
    )
    assert (report["rows"], report["valid"]) == (len(ROWS) + 1, len(ROWS))


def test_hints_name_the_suffix(copy, tmp_path):
    done = run(copy, "check", f"{tmp_path}", "--technique", "sft")
    assert ".ltsv" in done.stdout + done.stderr


def test_the_recipe_is_typed_and_tidy(copy):
    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", *command, "--config", str(ROOT / "pyproject.toml"), "mlcc_core"],
            cwd=copy,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
