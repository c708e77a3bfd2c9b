"""``mlcc evaluate --managed``: evaluations that a platform runs as jobs of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from mlcc_core.actions.evaluate.stored import read_latest_evaluation
from mlcc_core.cli.documents.schema import json_schema
from mlcc_core.errors import PlatformError
from mlcc_core.testing.parts.managed import FakeManaged
from tests.mlcc_core.actions.evaluate.conftest import Lab
from tests.mlcc_core.cli.conftest import Mlcc

BENCHMARK = ("evaluate", "--managed", "--benchmark", "quiz")
JUDGE = ("evaluate", "--managed", "--judge", "fake-judge")


def managed(lab: Lab) -> FakeManaged:
    found = lab.world.platform.evaluations
    assert found is not None
    return found


def jobs(lab: Lab) -> list[str]:
    return [name for name in lab.world.jobs() if "-eval-" in name]


def run_of(lab: Lab) -> str:
    return next(name for name in lab.world.jobs() if "-eval-" not in name)


def test_a_benchmark_compares_a_run_with_its_base(lab: Lab, mlcc: Mlcc) -> None:
    said = mlcc(*BENCHMARK)
    assert said.code == 0, said.err
    assert len(jobs(lab)) == 2
    assert "Submitted proj-eval-" in said.err
    assert "by benchmark quiz" not in said.err
    assert "better" in said.out
    evaluation = read_latest_evaluation(lab.world.project, run_of(lab))
    assert evaluation is not None
    assert evaluation.dataset == "benchmark quiz"
    assert evaluation.settings["managed"] == "benchmark"
    assert {evaluation.settings["job"], evaluation.settings["against_job"]} == {*jobs(lab)}
    assert evaluation.deciding is not None
    assert evaluation.deciding.mean == 1.0
    assert evaluation.deciding.verdict == "better"
    assert len(evaluation.rows) == 30


def test_the_same_again_pays_nothing(lab: Lab, mlcc: Mlcc) -> None:
    mlcc(*BENCHMARK)
    said = mlcc(*BENCHMARK)
    assert said.code == 0
    assert len(jobs(lab)) == 2
    assert "done before" in said.err


def test_the_base_is_found_again_for_another_run(lab: Lab, mlcc: Mlcc) -> None:
    mlcc(*BENCHMARK)
    lab.world.tune(validation="24", force=True, values={"epochs": 2})
    assert mlcc(*BENCHMARK).code == 0
    assert len(jobs(lab)) == 3


def test_a_judge_reads_the_held_out_rows_once_staged(lab: Lab, mlcc: Mlcc) -> None:
    assert mlcc(*JUDGE).code == 0
    staged = [key for key in lab.world.platform.staged if key.startswith("evaluation-")]
    assert len(staged) == 1
    assert lab.world.platform.staged[staged[0]][0].count(b"\n") == 24
    mlcc(*JUDGE, "--metric", "harmless")
    assert [key for key in lab.world.platform.staged if key.startswith("evaluation-")] == staged
    assert len(jobs(lab)) == 4


def test_a_judge_may_need_a_job_that_asks_first(lab: Lab, mlcc: Mlcc) -> None:
    managed(lab).asks_first = True
    said = mlcc(*JUDGE)
    assert said.code == 0, said.err
    assert len(jobs(lab)) == 4
    bodies = [lab.world.platform.jobs[name].body for name in jobs(lab)]
    asked = {body["replies"] for body in bodies if body["evaluation"] == "judge"}
    assert asked == {n for n in jobs(lab) if lab.world.platform.jobs[n].body["judge"] is None}
    assert mlcc(*JUDGE, "--metric", "harmless").code == 0
    assert len(jobs(lab)) == 6, "the replies are there already"


def test_a_scorer_of_the_platform(lab: Lab, mlcc: Mlcc) -> None:
    said = mlcc("evaluate", "--managed", "--metric", "fake_scorer")
    assert said.code == 0, said.err
    assert len(jobs(lab)) == 2


def test_the_reward_function_of_the_run_scores(lab: Lab, mlcc: Mlcc) -> None:
    lab.world.write("scored.jsonl", [{"prompt": f"{n} + 1 ="} for n in range(60)])
    dataset = str(lab.world.root / "scored.jsonl")
    run = lab.world.tune(
        technique="scored", dataset=dataset, validation="24", values={"scorer": "mine.py"}
    ).job
    said = mlcc("evaluate", run, "--managed", "--metric", "rewarded")
    assert said.code == 0, said.err
    assert {lab.world.platform.jobs[n].body["evaluator"] for n in jobs(lab)} == {"mine.py"}


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ((), "--benchmark NAME, --metric NAME"),
        (("--benchmark", "quizz"), "Unknown benchmark 'quizz'. Did you mean 'quiz'?"),
        (("--judge", "nobody"), "Unknown judge 'nobody'."),
        (("--metric", "rewarded"), "trained without a reward function"),
        (("--metric", "same"), "measured from here"),
        (("--metric", "nothing"), "Unknown scorer 'nothing'."),
        (("--benchmark", "quiz", "--samples", "5"), "--samples is given with --managed"),
        (("--benchmark", "quiz", "--system", "Hm"), "--system is given with --managed"),
        (("--judge", "fake-judge", "--samples", "0"), "--samples is 0"),
        (("--benchmark", "quiz", "--poll-interval", "0"), "--poll-interval 0.0 is out of range"),
        (("--benchmark", "quiz", "--against", "nobody"), "neither a run of this project nor"),
        (("base", "--benchmark", "quiz"), "which is the target itself"),
    ],
)
def test_a_wrong_request_creates_nothing(
    lab: Lab, mlcc: Mlcc, words: tuple[str, ...], what: str
) -> None:
    said = mlcc("evaluate", "--managed", *words)
    assert said.code == 1
    (cross,) = said.crosses
    assert what in cross
    assert not jobs(lab)
    assert not [key for key in lab.world.platform.staged if key.startswith("evaluation-")]


def test_a_platform_without(lab: Lab, mlcc: Mlcc) -> None:
    lab.world.platform.evaluations = None
    said = mlcc(*BENCHMARK)
    assert said.code == 1
    assert "runs no evaluations as jobs" in said.crosses[0]


@pytest.mark.parametrize("flag", ["--dry-run", "--no-wait", "--force"])
def test_flags_of_jobs_need_jobs(lab: Lab, mlcc: Mlcc, flag: str) -> None:
    said = mlcc("evaluate", flag)
    assert said.code == 1
    assert f"{flag} is given without --managed" in said.crosses[0]


def test_a_dry_run_shows_plan_and_requests(lab: Lab, mlcc: Mlcc) -> None:
    said = mlcc(*JUDGE, "--dry-run")
    assert said.code == 0, said.err
    assert "to be created" in said.out
    assert '"evaluation": "judge"' in said.out
    assert not jobs(lab)
    assert not [key for key in lab.world.platform.staged if key.startswith("evaluation-")]
    document: Any = mlcc(*JUDGE, "--dry-run", "--json").document
    (plan,) = document["managed"]
    assert [job["status"] for job in plan["jobs"]] == [None, None]
    mlcc(*JUDGE)
    assert {job["job"] for job in plan["jobs"]} == {*jobs(lab)}


def test_documents_are_valid(lab: Lab, mlcc: Mlcc) -> None:
    for more in (("--dry-run",), ("--no-wait",), ()):
        document = {"schema_version": 1, **mlcc(*BENCHMARK, *more, "--json").document}
        jsonschema.validate(document, json_schema("evaluate"))
    assert document["evaluations"][0]["settings"]["benchmark"] == "quiz"


def test_without_waiting_the_same_command_goes_on(lab: Lab, mlcc: Mlcc) -> None:
    said = mlcc(*BENCHMARK, "--no-wait")
    assert said.code == 0
    assert len(jobs(lab)) == 2
    assert "mlcc evaluate --benchmark quiz --managed   # goes on" in said.out
    assert mlcc(*BENCHMARK).code == 0
    assert len(jobs(lab)) == 2


def test_a_job_that_fails_says_why_and_is_begun_anew_on_demand(lab: Lab, mlcc: Mlcc) -> None:
    lab.world.platform.course = ("running", "failed")
    said = mlcc(*BENCHMARK)
    assert said.code == 2
    assert "the loss is not a number" in said.crosses[0]
    assert "--force" in said.err
    lab.world.platform.course = ("completed",)
    assert mlcc(*BENCHMARK).code == 2
    assert mlcc(*BENCHMARK, "--force").code == 0
    assert sum(name.endswith("-2") for name in jobs(lab)) == 2


def test_a_job_that_is_another_one_is_stopped(lab: Lab, mlcc: Mlcc) -> None:
    lab.world.platform.tamper = lambda body: (
        {**body, "benchmark": "other"} if "evaluation" in body else body
    )
    said = mlcc(*BENCHMARK)
    assert said.code == 2
    assert "is not what was sent, and was stopped" in said.crosses[0]
    assert "benchmark: sent 'quiz', found 'other'" in said.err
    assert mlcc(*BENCHMARK).code == 2, "it is not taken for what was asked later on either"


def test_a_job_that_completed_unwatched_is_compared_all_the_same(lab: Lab, mlcc: Mlcc) -> None:
    mlcc(*BENCHMARK, "--no-wait")
    for job in (lab.world.platform.jobs[name] for name in jobs(lab)):
        job.looks = 10
    managed(lab).misread = lambda found: replace(found, model="other-model")
    lab.world.platform.tamper = lambda body: body
    for path in (lab.world.root / ".mlcc/evaluation-jobs").glob("*.json"):
        path.write_text(path.read_text().replace('"proved"', '"sent"'))
    said = mlcc(*BENCHMARK)
    assert said.code == 2
    assert "is not what was sent, and is completed already" in said.crosses[0]


def test_stop_and_logs_take_its_name(lab: Lab, mlcc: Mlcc) -> None:
    mlcc(*BENCHMARK, "--no-wait")
    name = jobs(lab)[0]
    assert mlcc("stop", name[:-2]).code == 0
    assert mlcc("logs", name).code == 0
    assert "stopp" in mlcc("logs", name).out
    assert mlcc(*BENCHMARK).code == 2


def test_means_with_errors_are_compared_unpaired(lab: Lab, mlcc: Mlcc) -> None:
    managed(lab).keeps = "errors"
    said = mlcc(*BENCHMARK)
    assert said.code == 0
    assert "unpaired" in said.out
    evaluation = read_latest_evaluation(lab.world.project, run_of(lab))
    assert evaluation is not None
    assert evaluation.deciding is not None
    assert evaluation.deciding.verdict == "better"
    low, high = evaluation.deciding.interval or (0.0, 0.0)
    assert low + high == pytest.approx(2 * evaluation.deciding.difference)


def test_means_alone_have_no_verdict(lab: Lab, mlcc: Mlcc) -> None:
    managed(lab).keeps = "means"
    said = mlcc(*BENCHMARK, "--require", "better")
    assert said.code == 4
    assert "no verdict" in said.crosses[0]
    assert "no verdict, as nothing tells how sure" in said.out
    run = run_of(lab)
    for words in (("runs", "show", run), ("runs", "list"), ("runs", "report", run)):
        shown = mlcc(*words)
        assert shown.code == 0, shown.err
    report = next((lab.world.root).rglob("*.html")).read_text()
    assert "nothing tells how sure the difference is" in report
    assert "rows not told" in report
    assert mlcc("evaluate", "--managed", "--benchmark", "quiz", "--json").document["evaluations"]


def test_a_lost_look_goes_on(lab: Lab, mlcc: Mlcc) -> None:
    mlcc(*BENCHMARK, "--no-wait")
    error = PlatformError("Throttled.")
    error.transient = True
    managed(lab).fail("reported", error)
    assert mlcc(*BENCHMARK).code == 0


def test_runs_list_names_evaluations_that_go_on(lab: Lab, mlcc: Mlcc) -> None:
    lab.world.platform.course = ("running",)
    assert mlcc(*BENCHMARK, "--no-wait").code == 0
    said = mlcc("runs", "list")
    assert said.code == 0, said.err
    command = f"mlcc evaluate {run_of(lab)} --benchmark quiz --managed"
    for job in jobs(lab):
        assert f"↻ {job}, an evaluation, goes on with: {command}" in said.out
    (first, _) = jobs(lab)
    lab.world.platform.jobs[first].course = ("completed",)
    mlcc(*BENCHMARK, "--dry-run")
    assert f"↻ {first}," in mlcc("runs", "list").out, "its result was not collected"
    for name in jobs(lab):
        lab.world.platform.jobs[name].course = ("completed",)
    assert mlcc(*command.split()[1:]).code == 0
    assert "↻" not in mlcc("runs", "list").out


def test_a_failed_job_is_over_and_its_successor_is_collected(lab: Lab, mlcc: Mlcc) -> None:
    lab.world.platform.course = ("running", "failed")
    assert mlcc(*BENCHMARK).code == 2
    lab.world.platform.course = ("completed",)
    assert mlcc(*BENCHMARK, "--force").code == 0
    assert "↻" not in mlcc("runs", "list").out


def test_a_damaged_record_of_a_job_is_told_and_the_others_listed(lab: Lab, mlcc: Mlcc) -> None:
    lab.world.platform.course = ("running",)
    assert mlcc(*BENCHMARK, "--no-wait").code == 0
    (damaged, whole) = jobs(lab)
    folder = lab.world.project.state_folder / "evaluation-jobs"
    (folder / f"{damaged}.json").write_text("{")
    said = mlcc("runs", "list")
    assert said.code == 0, said.err
    assert f"{damaged}.json cannot be read" in said.err
    assert f"↻ {whole}," in said.out
