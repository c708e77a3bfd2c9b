"""Benchmarks of lm-eval in local files, with models that were really trained."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlcc_core import EvaluateRequest, ExitCode, MlccError, Session, evaluate, open_session
from mlcc_core.helpers import install_command
from mlcc_core.loader.manager import build_manager
from mlcc_core.project.new_project import create_project
from mlcc_core.project.project import Project
from tests.libs.mlcc_engine.answers.models import HELD_OUT, KINGS, PLACES, Made, facts

pytestmark = pytest.mark.slow

CHOICES = {
    "task": "rulers",
    "dataset_path": "json",
    "dataset_kwargs": {"data_files": {"test": "rulers.jsonl"}},  # beside the task
    "test_split": "test",
    "output_type": "multiple_choice",
    "doc_to_text": "{{question}}",
    "doc_to_choice": "{{choices}}",
    "doc_to_target": "{{right}}",
    "target_delimiter": "",
    "metric_list": [{"metric": "acc"}],
}
REPLIES = {
    **{key: CHOICES[key] for key in ("dataset_path", "dataset_kwargs", "test_split")},
    "task": "said_rulers",
    "output_type": "generate_until",
    "doc_to_text": "{{question}}",
    "doc_to_target": "{{choices[right]}}",
    "generation_kwargs": {"until": ["\n"], "max_gen_toks": 24},
    "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
}


@pytest.fixture
def learned(made: Made) -> Path:
    """An adapter that was trained on the answers, asked in other words."""
    return made.learned


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    plugins = build_manager()
    create_project(tmp_path, plugins, name="proj", platform="local")
    tasks = tmp_path / "tasks"
    tasks.mkdir()
    (tasks / "rulers.jsonl").write_text("".join(json.dumps(each) + "\n" for each in documents()))
    written("choices", CHOICES)
    written("replies", REPLIES)
    return open_session(project=Project(tmp_path), plugins=plugins, platform="local")


def documents() -> list[Mapping[str, Any]]:
    """Questions that were not trained on, each with four kings."""
    found = []
    for place, row in enumerate(facts(HELD_OUT)):
        kings = sorted(KINGS[(place + step) % len(KINGS)] for step in (0, 3, 7, 11))
        choices = [f"{king} rules {PLACES[place % len(PLACES)]}." for king in kings]
        right = choices.index(row["completion"])
        found.append({"question": row["prompt"], "choices": choices, "right": right})
    return found


def written(name: str, task: object) -> str:
    path = Path("tasks") / f"{name}.yaml"
    path.write_text(task if isinstance(task, str) else yaml.safe_dump(task))
    return str(path)


def test_a_model_that_learned_the_answers_is_better(
    session: Session, learned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = ("tasks/choices.yaml", "tasks/replies.yaml")
    request = EvaluateRequest((str(learned),), benchmarks=tasks)
    choices, replies = evaluate(session, request)
    for found, title in ((choices, "rulers acc"), (replies, "said_rulers exact_match")):
        (result,) = found.metrics
        assert (result.title, result.verdict, result.rows) == (title, "better", 32)
        assert result.mean > 0.6
        assert result.against < 0.5
        for row in found.rows:
            assert row.expected is not None
            assert row.values[result.metric] == float(row.reply == row.expected)
    assert choices.rows[0].prompt[-1]["content"] == documents()[0]["question"]
    assert replies.rows[0].expected == documents()[0]["choices"][documents()[0]["right"]]

    as_rows = "".join(json.dumps(row) + "\n" for row in facts(HELD_OUT))
    Path("asked.jsonl").write_text(as_rows)
    ours = EvaluateRequest(
        (str(learned),),
        dataset="asked.jsonl",
        technique="sft",
        metrics=("exact_match",),
        max_new_tokens=24,
    )
    (measured,) = evaluate(session, ours)  # the model is asked in the same words
    assert measured.metrics[0].mean == replies.metrics[0].mean

    capsys.readouterr()
    (again,) = evaluate(session, replace(request, benchmarks=tasks[:1]))
    assert (again.metrics, again.rows) == (choices.metrics, choices.rows)
    assert "Nothing to ask; 64 answers stored already." in capsys.readouterr().err


def test_examples_are_the_same_whatever_else_is_asked(session: Session) -> None:
    """So that an answer can be stored by its document alone."""
    shots = {**REPLIES, "num_fewshot": 2, "fewshot_split": "test"}
    written("shots", shots)
    alone, among = prompts([5]), prompts([1, 2, 5])
    assert alone[0] == among[2]
    assert alone[0].count(" rules ") > 2


def prompts(documents: list[int]) -> list[str]:
    """Return the prompts of documents, in a process of its own."""
    code = (
        "import json; from pathlib import Path; from mlcc_engine.benchmarks.tasks import load;"
        "loaded = load(Path('tasks/shots.yaml').resolve()).task;"
        f"loaded.build_all_requests(samples={documents!r}, rank=0, world_size=1);"
        "print(json.dumps([each.args[0] for each in loaded.instances]))"
    )
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def refused(session: Session, benchmark: str) -> MlccError:
    with pytest.raises(MlccError) as caught:
        evaluate(session, EvaluateRequest(("mlcc-tiny",), "tuned", benchmarks=(benchmark,)))
    assert "\n" not in caught.value.what
    assert caught.value.hint
    return caught.value


@pytest.fixture
def tuned(session: Session, learned: Path) -> None:
    Path("tuned").symlink_to(learned)


CORPUS = {
    **REPLIES,
    "output_type": "loglikelihood_rolling",
    "metric_list": [{"metric": "word_perplexity"}],
}


@pytest.mark.usefixtures("tuned")
@pytest.mark.parametrize(
    ("task", "what"),
    [
        ("task: [rulers\n", "it is not YAML, line 2: did not find expected"),
        ({"hello": 1}, "Unknown config shape: keys=['hello']"),
        ({**CHOICES, "output_type": "guess"}, "Got invalid output_type 'guess'"),
        ({**CHOICES, "doc_to_text": "{{nothing}}"}, "'nothing' is undefined"),
        ({**CHOICES, "dataset_kwargs": {"data_files": "gone.jsonl"}}, "its data are missing"),
        (CORPUS, "no number for each document: it is measured by word_perplexity"),
    ],
)
def test_a_task_that_cannot_be_used_is_one_line(session: Session, task: object, what: str) -> None:
    error = refused(session, written("odd", task))
    assert what in error.what
    assert "odd.yaml" in str(error.where)
    assert error.exit_code == ExitCode.INPUT


@pytest.mark.usefixtures("tuned")
def test_names_are_looked_up(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    offline = refused(session, "arc_easy")
    assert "The dataset allenai/ai2_arc ARC-Easy of the benchmark cannot be reached" in offline.what
    assert offline.exit_code == ExitCode.PLATFORM
    unknown = refused(session, "arc_eazy")
    assert unknown.what.startswith("Unknown benchmark 'arc_eazy'. Did you mean 'arc_easy'")
    assert "There is no file tasks/none.yaml" in refused(session, "tasks/none.yaml").what
    monkeypatch.setitem(sys.modules, "lm_eval", None)
    missing = refused(session, "arc_easy")
    assert "lm-eval, which is not installed" in missing.what
    assert missing.hint == install_command("mlcc[bench]")
