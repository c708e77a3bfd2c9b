"""``mlcc export``: what it prints, and its exit codes."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import jsonschema

from mlcc_core.cli.documents.schema import json_schema
from mlcc_core.cli.export.export_text import load_lines
from mlcc_core.cli.folding.folding import folded
from mlcc_core.errors import ExitCode, PlatformError
from tests.mlcc_core.actions.export.conftest import Yard
from tests.mlcc_core.cli.conftest import Mlcc


def test_files_answers_and_lines(yard: Yard, mlcc: Mlcc) -> None:
    said = mlcc("export", "--to", "out/qa")
    assert said.code == 0
    first, answers, *rest = said.out.splitlines()
    assert first.startswith("✅ out/qa: 2 files, ")
    assert first.endswith(", float32")
    assert answers.startswith("✅ 20 of 20 answers are the tuned model's (held-out rows of ")
    assert rest == ["   Load it:", "     fake          fake load out/qa"]
    assert said.err.startswith("Looking at the model …")
    assert f"Writing {yard.job} as merged …" in said.err


def test_a_long_command_is_broken_so_that_it_runs_when_pasted() -> None:
    command = """python -c "import sys; path = sys.argv[1]; print('loaded', path)" exported/qa"""
    (line,) = load_lines({"transformers": command})
    shown = folded(line, 60)
    pasted = shown.partition("transformers")[2]
    assert "\n" in pasted
    # A shell takes a backslash away with the line break after it.
    assert shlex.split(pasted.replace("\\\n", "")) == shlex.split(command)


def test_the_document_has_counts(yard: Yard, mlcc: Mlcc) -> None:
    yard.exports.title = "nearly"
    right = yard.answers.reply
    yard.answers.reply = lambda title, text: (
        "other" if title == "nearly" and text.startswith("1") else right(title, text)
    )
    said = mlcc("export", yard.job, "--to", "qa.gguf", "--dtype", "q8_0", "--json")
    assert said.code == 0
    document = json.loads(said.out)
    jsonschema.validate(document, json_schema("export"))
    asked = document["asked"]
    assert asked["equal"] + len(asked["differences"]) == asked["prompts"] == 20
    assert [file["name"] for file in document["files"]] == ["qa.Modelfile", "qa.gguf"]
    assert document["dtype"] == "q8_0"


def test_the_first_difference_is_shown_with_the_flag_that_changes_it(
    yard: Yard, mlcc: Mlcc
) -> None:
    yard.exports.title = "nearly"
    right = yard.answers.reply
    yard.answers.reply = lambda title, text: (
        "other" if title == "nearly" and text.startswith("1") else right(title, text)
    )
    lines = mlcc("export", "--to", "out", "--dtype", "bf16").out.splitlines()
    assert lines[1].startswith("⚠️  ")
    assert " of 20 answers are the tuned model's" in lines[1]
    assert lines[4] == "     exported   other"
    assert lines[5].endswith("mlcc export --to out --dtype float32")


def test_errors_are_one_line(yard: Yard, mlcc: Mlcc) -> None:
    Path("out").mkdir()
    Path("out/mine").write_text("x")
    said = mlcc("export", "--to", "out")
    assert said.code == ExitCode.INPUT
    assert len(said.crosses) == 1
    assert "is not empty; nothing is overwritten." in said.crosses[0]
    yard.exports.fail("export", PlatformError("Cannot write the export: the disk is full."))
    said = mlcc("export", "--to", "other")
    assert said.code == ExitCode.PLATFORM
    assert said.crosses == ["❌ Cannot write the export: the disk is full."]
    assert not Path("other").exists()


def test_nothing_asked_is_said(yard: Yard, mlcc: Mlcc) -> None:
    assert (
        "It was not asked again (--prompts 0)."
        in mlcc("export", "--to", "out", "--prompts", "0").out
    )
