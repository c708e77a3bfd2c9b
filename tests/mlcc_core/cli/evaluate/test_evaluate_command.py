"""``mlcc evaluate``: what it prints, and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import jsonschema
import pytest

from mlcc_core.actions.evaluate.rows.samples import Row
from mlcc_core.cli.documents.schema import json_schema
from mlcc_core.contract.metric import Sample
from mlcc_core.errors import ExitCode, PlatformError
from mlcc_core.testing.metric import FakeMetric
from tests.mlcc_core.actions.evaluate.conftest import Lab, right_after
from tests.mlcc_core.cli.conftest import Mlcc


def test_a_table_rows_and_a_verdict(lab: Lab, mlcc: Mlcc) -> None:
    (job,) = lab.world.jobs()
    said = mlcc("evaluate", "--metric", "same", "--metric", "size")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].split() == [
        "metric",
        job,
        *["base", "difference", "95", "%", "interval", "verdict"],
    ]
    assert lines[1].split()[:5] == ["Same", "text", "1", "0", "+1"]
    assert lines[1].split()[-1] == "better"
    assert "📋 Rows that gained most by Same text:" in lines
    assert "lost most" not in said.out
    assert sum("reference" in line for line in lines) == 3
    assert lines[-1] == f"✅ {job} against base: better, by Same text 0 → 1 on 24 rows."
    assert "Decides: Same text (higher is better). Also: Size." in said.err
    assert f"Asking {job}: 24 of 24" in said.err or f"Asking {job}: 1 of 24" in said.err


def test_the_system_message_of_a_file(lab: Lab, mlcc: Mlcc, tmp_path: Path) -> None:
    file = tmp_path / "brief.txt"
    file.write_text("\ufeffBe brief.\n")
    document = json.loads(mlcc("evaluate", "--system", f"@{file}", "--json").out)
    (evaluation,) = document["evaluations"]
    assert evaluation["settings"]["system"] == "Be brief."
    said = mlcc("evaluate", "--system", "@nofile")
    assert said.code == 1
    assert said.crosses == ["❌ --system: nofile cannot be read: No such file or directory."]


def test_an_empty_system_message_is_none() -> None:
    own = Row(prompt=({"role": "system", "content": "Own."}, {"role": "user", "content": "Hi"}))
    assert own.prompt_with("").messages == ({"role": "user", "content": "Hi"},)
    assert own.prompt_with(None).messages == own.prompt


def test_the_document_has_every_row(lab: Lab, mlcc: Mlcc) -> None:
    said = mlcc("evaluate", "--json")
    assert said.code == 0
    document = json.loads(said.out)
    jsonschema.validate(document, json_schema("evaluate"))
    (evaluation,) = document["evaluations"]
    assert len(evaluation["rows"]) == 24
    assert evaluation["metrics"][0]["decides"] is True


@pytest.mark.parametrize(
    ("wrong", "required", "code"),
    [
        (("base",), "better", 0),
        (("base",), "not-worse", 0),
        ((), "better", 4),
        ((), "not-worse", 0),
        (("proj",), "better", 4),
        (("proj",), "not-worse", 4),
    ],
)
def test_a_required_verdict_decides_the_exit_code(
    lab: Lab, mlcc: Mlcc, wrong: tuple[str, ...], required: str, code: int
) -> None:
    (job,) = lab.world.jobs()
    lab.answers.reply = right_after(*(job if name == "proj" else name for name in wrong))
    said = mlcc("evaluate", "--metric", "same", "--require", required)
    assert said.code == code
    assert len(said.crosses) == (code != 0)
    if code:
        (cross,) = said.crosses
        assert cross.startswith(f"❌ --require {required}: {job} against base by Same text: ")
    assert "verdict" in said.out  # the table is shown all the same


def test_too_few_rows_meet_no_requirement(lab: Lab, mlcc: Mlcc) -> None:
    said = mlcc("evaluate", "--metric", "same", "--samples", "5", "--require", "not-worse")
    assert said.code == ExitCode.UNMET
    assert "too few rows, expected better or no difference shown" in said.crosses[0]


def test_a_judge_that_is_down_ends_with_its_code_after_the_table(lab: Lab, mlcc: Mlcc) -> None:
    lab.answers.fail("judgements", PlatformError("The judge does not answer."))
    words = ("evaluate", "--metric", "same", "--metric", "preferred", "--judge", "big")
    said = mlcc(*words)
    assert said.code == ExitCode.PLATFORM
    assert said.crosses == ["❌ The judge does not answer."]
    assert "Same text" in said.out


class Wordless(FakeMetric):
    """A metric that finds no value in any row."""

    name: ClassVar[str] = "wordless"
    title: ClassVar[str] = "Wordless"
    rank: ClassVar[int] = 2

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [None for _ in samples]


@pytest.mark.parametrize(("rows", "code"), [(24, ExitCode.DONE), (5, ExitCode.UNMET)])
def test_a_default_metric_without_a_value_leaves_the_code_to_the_decision(
    lab: Lab, mlcc: Mlcc, rows: int, code: int
) -> None:
    lab.metrics.append(Wordless())
    said = mlcc("evaluate", "--require", "better", "--samples", str(rows))
    assert said.code == code
    line = f"⚠️  Not measured: Wordless: none of {rows} rows has a value."
    assert line in said.out.splitlines()
    assert mlcc("evaluate").code == 0
    assert mlcc("evaluate", "--metric", "wordless").code == ExitCode.INPUT  # it was asked for


def test_an_endpoint_that_is_gone_is_one_line(lab: Lab, mlcc: Mlcc) -> None:
    lab.answers.break_after = (7, PlatformError("The endpoint is gone."))
    said = mlcc("evaluate", "--metric", "same")
    assert said.code == ExitCode.PLATFORM
    assert said.crosses == ["❌ The endpoint is gone."]
    assert "   The same command goes on: 7 new answers stored." in said.err.splitlines()
    assert "   mlcc evaluate --metric same" in said.err.splitlines()
    assert mlcc("evaluate", "--metric", "same").code == 0
    assert len(lab.answers.asked) == 48


def test_a_request_that_is_wrong_is_one_line(lab: Lab, mlcc: Mlcc) -> None:
    for words in (("--metric", "sam"), ("nothing",), ("--dataset", "train.jsonl")):
        said = mlcc("evaluate", *words)
        assert said.code == ExitCode.INPUT
        assert len(said.crosses) == 1
        assert said.out == ""


def test_metrics_that_are_installed_are_named_in_the_help(lab: Lab, mlcc: Mlcc) -> None:
    text = " ".join(mlcc("evaluate", "--help").out.split())
    assert "Installed: likelihood, preferred, rewarded, same, size." in text


def test_runs_show_lists_evaluations(lab: Lab, mlcc: Mlcc) -> None:
    (job,) = lab.world.jobs()
    assert mlcc("evaluate", "--metric", "same").code == 0
    said = mlcc("runs", "show", job)
    assert "against base: Same text 0 → 1, better" in said.out
