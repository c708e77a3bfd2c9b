import time
import tomllib
from pathlib import Path

import pytest

from mlcc_core.contract.options import Evaluator, EvaluatorKind
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers import install_command
from mlcc_folders import checks
from mlcc_folders.worker import worker
from mlcc_local.job import runner as local_runner
from tests.libs.mlcc_engine.rl import judge_server
from tests.plugins.mlcc_local.conftest import with_request

pytestmark = pytest.mark.slow

ROWS = [{"prompt": [{"role": "user", "content": "2 + 2"}], "reference_answer": "4"}]

SCORES = """
import json

def lambda_handler(events):
    print("scoring", len(events))
    scores = [
        {"id": e["id"], "aggregate_reward_score": float(e["messages"][-1]["content"] == "4")}
        for e in events
    ]
    return {"statusCode": 200, "body": json.dumps(scores)}
"""


@pytest.fixture
def attempt(local, context, spec, tmp_path):
    """Try a reward function out."""

    def of(code, rows=ROWS):
        (tmp_path / "reward.py").write_text(code)
        evaluator = Evaluator(
            EvaluatorKind.FUNCTION, "reward.py", "--reward-function", {}, "--reward-function"
        )
        return local.runner.try_evaluator(
            *with_request(local, context, spec(evaluator=evaluator)), rows
        )

    return of


def test_function_is_tried(attempt):
    (line,) = attempt(SCORES)
    assert "lambda_handler scored 3 trial replies from 0 to 1" in line


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def lambda_handler(events): raise ValueError('no such key')", "no such key"),
        ("def lambda_handler(events): return 'good'", "'good'"),
        ("import os\ndef lambda_handler(events): os._exit(7)", "exit code 7"),
        ("import os\ndef lambda_handler(events): os.abort()", "signal 6"),
        ("import missing_package\nlambda_handler = 1", "missing_package"),
        ("def lambda_handler(events): return {'statusCode': 500}", "statusCode"),
    ],
)
def test_broken_functions(attempt, code, said):
    with pytest.raises(MlccError) as caught:
        attempt(code)
    assert said.strip("'") in f"{caught.value.what} {caught.value.detail}"
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def lambda_handler(events): return b'x' * (1 << 62)", "ran out of memory"),
        (
            "x = b'x' * (1 << 62)\ndef lambda_handler(events): pass",
            "Importing reward.py: this machine ran out of memory",
        ),
        (
            "import os\ndef lambda_handler(events): os.kill(os.getpid(), 9)",
            "was killed by signal 9, as happens when memory runs out",
        ),
    ],
)
def test_memory_that_runs_out_is_the_machines_fault(attempt, code, said):
    with pytest.raises(PlatformError, match=said) as caught:
        attempt(code)
    assert caught.value.hint


def test_function_that_hangs_is_killed(attempt, monkeypatch):
    seconds = {EvaluatorKind.FUNCTION: 2.0}
    monkeypatch.setattr(local_runner, "TRIAL_SECONDS", seconds)
    began = time.monotonic()
    with pytest.raises(MlccError, match="longer than 2 seconds"):
        attempt("import time\ndef lambda_handler(events): time.sleep(60)")
    assert time.monotonic() - began < 40


def test_what_a_failing_function_prints_is_shown(attempt):
    with pytest.raises(MlccError) as caught:
        attempt("def lambda_handler(events):\n    print('debugging')\n    return 1")
    assert "debugging" in caught.value.detail


def test_judge_that_is_down_is_the_platforms_fault(local, context, spec, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    (tmp_path / "judge.txt").write_text("Score it.")
    settings = {"judge_url": "http://127.0.0.1:9/v1"}
    evaluator = Evaluator(
        EvaluatorKind.PROMPT, "judge.txt", "--reward-prompt", settings, "--reward-prompt"
    )
    with pytest.raises(PlatformError, match=r"cannot be reached: .*pauses of 3 seconds in all"):
        local.runner.try_evaluator(*with_request(local, context, spec(evaluator=evaluator)), ROWS)


def test_judge_is_tried_and_its_form_told(local, context, spec, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    (tmp_path / "judge.txt").write_text("Rate it from 1 to 5.")
    with judge_server(lambda *_: (200, '{"score": 2}')) as stub:
        settings = {"judge_url": stub.url, "max_failed_rewards": 0}
        evaluator = Evaluator(
            EvaluatorKind.PROMPT, "judge.txt", "--reward-prompt", settings, "--reward-prompt"
        )
        (line,) = local.runner.try_evaluator(
            *with_request(local, context, spec(evaluator=evaluator)), ROWS
        )
    assert line.endswith('one trial reply 2; expected is JSON with "score", a number from 1 to 5.')


def test_a_trial_leaves_nothing_beside_the_function(attempt, tmp_path):
    (tmp_path / "words.py").write_text("GOOD = '4'")
    attempt(f"import words\n{SCORES}")
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_dry_run_tries_functions_and_judges_that_are_here(local, context, spec):
    def why(kind, settings):
        evaluator = Evaluator(kind, "judge.txt", "--flag", settings, "--flag")
        return local.runner.why_untried(context, spec(evaluator=evaluator))

    assert why(EvaluatorKind.FUNCTION, {}) is None
    assert why(EvaluatorKind.PROMPT, {"judge_model": "mlcc-tiny"}) is None
    assert "cost money" in why(EvaluatorKind.PROMPT, {"judge_url": "http://127.0.0.1:9/v1"})
    assert "downloaded" in why(EvaluatorKind.PROMPT, {"judge_model": "nobody/has-this"})


def test_no_rows_no_trial(attempt):
    assert attempt("def lambda_handler(events): raise ValueError", rows=[]) == ()


def test_errand_reports_its_own_failures(context):
    with pytest.raises(MlccError, match="KeyError"):
        worker.run_worker("forecast", {}, context.root, 60)


def test_checks_name_what_is_missing(local, context, spec, monkeypatch):
    assert {check.state for check in local.checks(context)} <= {"ok", "warning"}
    monkeypatch.setitem(checks.PACKAGES, "no_such_package", "1")
    monkeypatch.setitem(checks.PACKAGES, "nor_this_one", "1")
    monkeypatch.setitem(checks.PACKAGES, "trl", "99")
    states = {check.name: check for check in local.checks(context)}
    assert states["packages"].found == "not installed: no_such_package, nor_this_one"
    assert states["packages"].hint == install_command("mlcc[local]")
    assert "99" in states["trl"].found
    told = r"needs trl \(.*99 or later\); packages \(not installed: no_such_package, nor_this_one\)"
    with pytest.raises(MlccError, match=told) as caught:
        local.runner.forecast(*with_request(local, context, spec()))
    assert caught.value.hint == install_command("mlcc[local]")


def test_versions_are_those_of_the_extra():
    pyproject = Path(__file__).parents[4] / "pyproject.toml"
    document = tomllib.loads(pyproject.read_text())
    wanted = dict(
        text.split(">=") for text in document["project"]["optional-dependencies"]["local"]
    )
    del wanted["gguf"]  # reads the demo's model, which asks for it by itself
    assert wanted.items() <= checks.PACKAGES.items()
