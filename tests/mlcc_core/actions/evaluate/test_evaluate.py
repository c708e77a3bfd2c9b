"""Runs compared with their base on held-out rows, with models in memory."""

from __future__ import annotations

import pytest

from mlcc_core.actions.evaluate.stored import read_evaluations
from mlcc_core.contract.job import Output
from tests.mlcc_core.actions.evaluate.conftest import Lab, right_after


def test_the_latest_run_is_compared_with_its_base_on_its_held_out_rows(lab: Lab) -> None:
    (job,) = lab.world.jobs()
    found = lab.evaluate()
    assert (found.target, found.against, found.job) == (job, "base", job)
    assert len(found.rows) == 24
    assert found.dataset == f"held-out rows of {lab.world.root / 'train.jsonl'}"
    loss, size, same = found.metrics
    assert (loss.metric, loss.decides, loss.mean, loss.against) == ("likelihood", True, 1.0, 2.0)
    assert (loss.difference, loss.verdict) == (-1.0, "better")
    assert (size.metric, size.verdict, size.decides) == ("size", None, False)
    assert "before" in size.note
    assert (same.metric, same.mean, same.verdict) == ("same", 1.0, "better")
    assert found.problems == ()
    first = found.rows[0]
    assert first.expected == first.reply
    assert first.against_reply == "7"
    assert first.values["likelihood"] == 1.0
    assert lab.evaluations == [found]
    assert read_evaluations(lab.world.project, job) == [found]


def test_what_is_to_come_is_said_before_anything_is_asked(lab: Lab) -> None:
    lab.answers.notices = ("ℹ️  48 requests to the endpoint.",)
    lab.answers.fail("open", RuntimeError("not yet"))
    said: list[str] = []
    lab.world.heard.lines = said
    lab.refused()
    assert lab.answers.asked == []
    text = "\n".join(said)
    assert "against base on 24 rows: held-out rows of" in text
    assert "Decides: Loss of tests (nats, lower is better). Also: Size, Same text." in text
    why = "It decides by default, as the rows hold expected replies; --metric NAME chooses another."
    assert why in text
    assert "To ask: 48 replies of at most 256 tokens and log-probabilities of 48 replies" in text
    assert "ℹ️  48 requests to the endpoint." in text


def test_that_no_verdict_can_come_of_few_rows_is_said_before(lab: Lab) -> None:
    found = lab.evaluate(samples=3)
    assert {result.verdict for result in found.metrics} == {"too few rows", None}
    said = "\n".join(lab.world.heard.lines)
    assert "3 rows: too few for a verdict, which takes 20" in said


def test_nothing_that_is_stored_is_asked_again(lab: Lab) -> None:
    first = lab.evaluate(metrics=("same", "likelihood"))
    asked = len(lab.answers.asked)
    assert asked == 96
    again = lab.evaluate(metrics=("same", "likelihood"))
    assert len(lab.answers.asked) == asked
    assert lab.answers.calls.count("open") == 1  # nothing had to be made ready
    assert again.metrics == first.metrics
    assert "Nothing to ask; 96 answers stored already." in "\n".join(lab.world.heard.lines)
    lab.evaluate(metrics=("same",), max_new_tokens=3)
    assert len(lab.answers.asked) == asked + 48
    lab.evaluate(metrics=("same",), system="Be brief.")
    assert len(lab.answers.asked) == asked + 96


@pytest.mark.parametrize("name", ["proj-fake", "fake"])
def test_a_run_is_named_by_a_start_or_its_technique(lab: Lab, name: str) -> None:
    assert lab.evaluate(name, metrics=("same",)).job == lab.world.jobs()[0]


def test_runs_models_and_the_base_are_compared_in_any_way(lab: Lab) -> None:
    (job,) = lab.world.jobs()
    turned = lab.evaluate("base", against=job, metrics=("same",))
    assert (turned.target, turned.against, turned.job) == ("base", job, None)
    assert turned.metrics[0].verdict == "worse"
    lab.answers.models.add("mine")
    lab.answers.reply = right_after("base", "mine")
    mine = lab.evaluate("mine", against=job, metrics=("same",))
    assert (mine.target, mine.job, mine.metrics[0].verdict) == ("mine", None, "worse")
    first, second = lab.evaluate_all(job, "mine", dataset="new.jsonl", **new(lab))
    assert [first.target, second.target] == [job, "mine"]
    assert lab.answers.opened[-1] == (job, "base", "mine")  # each is made ready once


def new(lab: Lab) -> dict[str, object]:
    """Write a dataset of rows that no run was trained on."""
    rows = [{"prompt": f"{i} + 1 =", "completion": str(i + 1)} for i in range(100, 130)]
    lab.world.write("new.jsonl", rows)
    return {"metrics": ("same",), "technique": "fake"}


def test_a_dataset_is_converted_as_tune_does(lab: Lab) -> None:
    lab.world.write("asked.jsonl", [{"q": f"{i} + 1 =", "a": str(i + 1)} for i in range(200, 230)])
    found = lab.evaluate(
        dataset="asked.jsonl", column_map="q:prompt,a:completion", metrics=("same",)
    )
    assert len(found.rows) == 30
    assert found.dataset == "asked.jsonl"
    assert found.metrics[0].mean == 1.0


def test_a_dataset_of_another_technique_is_refused_in_one_line(lab: Lab) -> None:
    lab.world.write("other.jsonl", [{"prompt": "a", "chosen": "b", "rejected": "c"}])
    error = lab.refused(dataset="other.jsonl")
    assert "completion" in error.what
    assert "\n" not in error.what
    assert lab.answers.asked == []


def test_a_run_without_held_out_rows_names_the_command_that_mends_it(lab: Lab) -> None:
    lab.world.write("other.jsonl", [{"prompt": "a", "completion": "b"}] * 3)
    other = str(lab.world.root / "other.jsonl")
    job = lab.world.tune(dataset=other, validation="none", force=True).job
    error = lab.refused()
    assert "No rows were held out" in error.what
    assert error.hint is not None
    assert error.hint.startswith(f"mlcc evaluate {job} --dataset DATASET")
    assert "--validation 0.1" in error.hint


def test_samples_are_chosen_by_their_content(lab: Lab) -> None:
    few = {row.row for row in lab.evaluate(samples=5, metrics=("same",)).rows}
    more = {row.row for row in lab.evaluate(samples=9, metrics=("same",)).rows}
    assert len(few) == 5
    assert few < more
    assert lab.evaluate(samples=5, metrics=("same",)).metrics[0].verdict == "too few rows"


def test_rows_that_another_repeats_count_once(lab: Lab) -> None:
    lab.world.write("twice.jsonl", [{"prompt": "900 + 1 =", "completion": "901"}] * 3)
    assert len(lab.evaluate(dataset="twice.jsonl", metrics=("same",)).rows) == 1
    assert "ℹ️  2 rows that another one repeats left out." in lab.world.heard.lines


@pytest.mark.parametrize(
    ("targets", "given", "what"),
    [
        (("nothing",), {}, "'nothing' is neither a run of this project"),
        (("fakr",), {}, "Did you mean 'fake'?"),
        (("base",), {}, "'base' would be compared with 'base', which is the target itself"),
        ((), {"metrics": ("sam",)}, "Did you mean 'same'?"),
        ((), {"metrics": ("rewarded",)}, "Reward needs more: no evaluator is known"),
        ((), {"metrics": ("preferred",)}, "--judge is missing"),
        ((), {"metrics": ("size",), "require": "better"}, "no metric that is asked for has a"),
        ((), {"samples": 0}, "--samples is 0, expected at least 1"),
        ((), {"technique": "second"}, "was trained with 'fake'"),
        ((), {"platform": "elsewhere"}, "was trained on platform 'fake'"),
        (("other-model",), {"against": "fake-model"}, "--technique is missing"),
        ((), {"dataset": "gone.jsonl"}, "gone.jsonl"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    lab: Lab, targets: tuple[str, ...], given: dict[str, object], what: str
) -> None:
    error = lab.refused(*targets, **given)
    assert what in error.what
    assert "\n" not in error.what
    assert error.hint
    assert lab.answers.asked == []


def test_metrics_that_cannot_be_had_say_where_they_can(lab: Lab) -> None:
    lab.answers.without = {"log_probabilities": "an endpoint tells none; on `local` they are."}
    found = lab.evaluate()
    assert [metric.metric for metric in found.metrics] == ["same", "size"]
    assert found.metrics[0].decides
    lines = "\n".join(lab.world.heard.lines)
    assert "likelihood is left out: an endpoint tells none" in lines
    error = lab.refused(metrics=("likelihood",))
    assert "Loss of tests cannot be had here: an endpoint tells none" in error.what


def test_a_run_that_is_not_done_cannot_be_asked(lab: Lab) -> None:
    lab.world.platform.course = ("running",)
    lab.world.write("more.jsonl", [{"prompt": "a", "completion": "b"}] * 4)
    more = str(lab.world.root / "more.jsonl")
    started = lab.world.tune(dataset=more, wait=False, force=True)
    assert "is not finished" in lab.refused(started.job).what
    assert lab.evaluate(metrics=("same",)).job != started.job


def test_a_platform_without_answers_says_so(lab: Lab) -> None:
    lab.world.platform.answers = None
    assert "answers no evaluations" in lab.refused().what


def test_the_base_of_a_whole_model_is_that_of_the_project(lab: Lab) -> None:
    new(lab)
    asked = {"dataset": "new.jsonl", "technique": "fake", "metrics": ("same",)}
    lab.evaluate("other-model", **asked)
    assert {title for title, _ in lab.answers.asked} == {"other-model", "base"}
    assert "the target itself" in lab.refused("fake-model", **asked).what


def test_equal_outputs_at_two_places_are_two_models(lab: Lab) -> None:
    one = lab.answers.run_subject(lab.world.session().context, "a", "m", Output("adapter", "x"))
    two = lab.answers.run_subject(lab.world.session().context, "b", "m", Output("adapter", "y"))
    assert one.fingerprint != two.fingerprint
