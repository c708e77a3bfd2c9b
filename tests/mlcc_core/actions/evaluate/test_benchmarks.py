"""Benchmarks, which bring documents and a metric, with models in memory."""

from __future__ import annotations

from typing import Any

import pytest

from mlcc_core.actions.evaluate.stored import read_evaluations
from mlcc_core.contract.platform.benchmark import Benchmark
from mlcc_core.errors import ExitCode, PlatformError
from tests.mlcc_core.actions.evaluate.conftest import Lab

DOCUMENTS = tuple(f"document {place % 40}" for place in range(44))  # four come twice


@pytest.fixture(autouse=True)
def known(lab: Lab) -> None:
    for name, up in (("easy", True), ("errors", False)):
        found = Benchmark(name, f"/{name}.yaml", f"{name}_acc", f"{name} acc", up, DOCUMENTS, name)
        lab.answers.benchmarks[name] = found


def test_a_run_is_compared_on_the_documents_of_a_benchmark(lab: Lab) -> None:
    found = lab.evaluate(benchmarks=("easy",))
    (job,) = lab.world.jobs()
    (result,) = found.metrics
    assert (found.target, found.dataset, found.technique) == (job, "benchmark easy", "fake")
    assert (result.metric, result.title, result.decides) == ("easy_acc", "easy acc", True)
    assert (result.mean, result.against, result.verdict, result.rows) == (1.0, 0.0, "better", 40)
    first = found.rows[0]
    assert first.prompt == ({"role": "user", "content": "document 0"},)
    assert (first.expected, first.reply, first.against_reply) == ("yes", "1", "0")
    assert found.settings["benchmark"] == "easy"
    assert lab.evaluations == [found] == read_evaluations(lab.world.project, job)
    said = "\n".join(lab.world.heard.lines)
    assert "against base on 40 documents: benchmark easy" in said
    assert "Decides: easy acc (higher is better)." in said
    assert "To ask: 80 answers; 0 answers stored already." in said
    assert "40 of 44 documents taken, each content once, by their content." in said


def test_no_document_is_asked_twice(lab: Lab) -> None:
    lab.answers.break_after = (50, PlatformError("The process died."))
    error = lab.refused(benchmarks=("easy",))
    assert error.exit_code == ExitCode.PLATFORM
    assert "The same command goes on: 50 new answers stored." in error.detail
    lab.evaluate(benchmarks=("easy",))
    lab.evaluate(benchmarks=("easy",), samples=10)
    assert len(lab.answers.asked) == 80
    assert "Nothing to ask; 20 answers stored already." in "\n".join(lab.world.heard.lines)


def test_samples_are_taken_by_content(lab: Lab) -> None:
    asked = [row.row for row in lab.evaluate(benchmarks=("easy",), samples=10).rows]
    assert sorted(asked) == sorted(set(DOCUMENTS))[:10]
    assert "10 documents: too few for a verdict" in "\n".join(lab.world.heard.lines)


def test_each_benchmark_makes_an_evaluation_and_each_is_required(lab: Lab) -> None:
    easy, errors = lab.evaluate_all(benchmarks=("easy", "errors", "easy"), require="better")
    assert (easy.metrics[0].verdict, errors.metrics[0].verdict) == ("better", "worse")


def test_a_model_without_a_run_needs_no_technique(lab: Lab) -> None:
    found = lab.evaluate("other-model", benchmarks=("easy",))
    assert (found.target, found.technique, found.job) == ("other-model", "", None)


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        ({"metrics": ("same",)}, "--metric"),
        ({"dataset": "train.jsonl"}, "--dataset"),
        ({"system": "Be brief."}, "--system"),
        ({"max_new_tokens": 3}, "--max-new-tokens"),
        ({"judge": "model"}, "--judge"),
    ],
)
def test_what_a_benchmark_brings_is_not_asked_for(
    lab: Lab, given: dict[str, Any], flag: str
) -> None:
    error = lab.refused(benchmarks=("easy",), **given)
    assert (error.where, error.hint) == (flag, "mlcc evaluate --benchmark easy")


def test_a_platform_without_benchmarks_says_so(lab: Lab) -> None:
    assert lab.refused(benchmarks=("hard",)).what == "This platform runs no benchmarks."
    assert lab.answers.asked == []
