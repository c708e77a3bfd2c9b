import json
from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_core.actions.tune.job.proof import changed_spec, differences
from mlcc_core.contract.job import DatasetRef
from mlcc_core.contract.options import Evaluator, EvaluatorKind
from mlcc_core.errors import MlccError, Problems
from tests.plugins.mlcc_local import weights
from tests.plugins.mlcc_local.conftest import NAME

JUDGE = {"judge_url": "http://127.0.0.1:1/v1"}


def function(value, origin="--reward-function", flag="--reward-function"):
    return Evaluator(EvaluatorKind.FUNCTION, value, origin, {}, flag)


def prompt(value, settings=JUDGE, origin="--reward-prompt", flag="--reward-prompt"):
    return Evaluator(EvaluatorKind.PROMPT, value, origin, settings, flag)


@pytest.fixture(autouse=True)
def no_hub(monkeypatch):
    """No Hub can be asked: a name of it is kept as it is."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")


@pytest.fixture
def reward(tmp_path):
    path = tmp_path / "reward.py"
    path.write_text("def lambda_handler(events):\n    return {}\n\nscore = lambda_handler\n")
    return path


@pytest.fixture
def error(local, context, spec):
    """The one error of a spec with these changes."""

    def of(**changes):
        with pytest.raises(MlccError) as caught:
            local.runner.build_request(context, spec(**changes))
        return caught.value

    return of


def test_request_says_what_was_ordered(local, context, spec, reward):
    asked = spec(
        evaluator=function("reward.py:score"),
        hyperparameters={"lora_rank": 8, "lora_alpha": 16, "train_batch_size": 4, "beta": 0.1},
        trainer_settings={"num_generations": 4},
    )
    body = local.runner.build_request(context, asked).body
    request = body["request"]
    assert request["lora"] == {"r": 8, "lora_alpha": 16}
    assert request["hyperparameters"] == {"global_batch_size": 4, "beta": 0.1}
    assert request["evaluator"]["value"] == f"{reward}:score"
    assert request["evaluator"]["argument"] == "reward_funcs"
    assert differences(asked, local.runner.read_spec(body)) == []
    json.dumps(body)


def test_request_says_how_rows_reach_the_trainer(local, context, spec):
    body = local.runner.build_request(context, spec(rows="as-is")).body
    assert body["request"]["row_form"] == "as-is"
    other = local.runner.build_request(context, spec()).body
    assert local.runner.read_spec(body) != local.runner.read_spec(other)


def test_job_claims_what_its_request_claims(local, context, spec, reward, until):
    asked = spec(evaluator=function("reward.py"), model="mlcc-tiny")
    request = local.runner.build_request(context, asked)
    local.runner.submit(context, NAME, request)
    described = until(NAME, lambda state: state.final).reported
    assert changed_spec(local.runner.read_spec(request.body), described) == []
    assert differences(asked, described) == []


def test_tampered_request_is_noticed(local, context, spec, submit):
    submit("complete")
    path = context.root / ".mlcc" / "jobs" / NAME / "request.json"
    document = json.loads(path.read_text())
    document["trainer"] = "trl:DPOTrainer"
    path.write_text(json.dumps(document))
    described = local.runner.describe(context, NAME).reported
    assert differences(spec(trainer_settings={"act": "complete"}), described) != []
    path.write_text("[]")
    assert local.runner.describe(context, NAME).reported is None


def test_waiting_dataset_is_no_error(local, context, spec):
    request = local.runner.build_request(context, spec(dataset=None))
    assert request.body["request"]["dataset"] is None
    assert local.runner.read_spec(request.body).dataset is None


def test_held_out_rows_are_part_of_the_request(local, context, spec, tmp_path, until):
    (tmp_path / "held_out.jsonl").write_text('{"prompt": "1 + 1 =", "completion": "2"}\n')
    data = replace(spec().dataset, validation="held_out.jsonl")
    request = local.runner.build_request(context, spec(dataset=data))
    assert request.body["request"]["validation"] == str(tmp_path / "held_out.jsonl")
    assert differences(spec(dataset=data), local.runner.read_spec(request.body)) == []
    assert differences(spec(), local.runner.read_spec(request.body)) != []
    assert "validation" not in local.runner.build_request(context, spec()).body["request"]
    local.runner.submit(context, NAME, request)
    described = until(NAME, lambda state: state.final).reported
    assert changed_spec(local.runner.read_spec(request.body), described) == []


def test_held_out_rows_that_are_gone(error, spec):
    data = replace(spec().dataset, validation="gone.jsonl")
    assert "gone.jsonl is not a file" in error(dataset=data).what


def test_changed_content_changes_the_request(local, context, spec, reward):
    asked = spec(evaluator=function("reward.py"))
    before = local.runner.build_request(context, asked)
    reward.write_text(reward.read_text() + "# changed\n")
    after = local.runner.build_request(context, asked)
    assert before.body != after.body
    assert local.runner.read_spec(before.body).extra != local.runner.read_spec(after.body).extra


def test_nothing_is_created(local, context, spec):
    before = sorted(context.root.rglob("*"))
    local.runner.build_request(context, spec())
    assert sorted(context.root.rglob("*")) == before


def test_every_problem_is_told_at_once(error):
    problems = error(
        model="no such/model/here",
        hyperparameters={"max_length": 2},
        evaluator=prompt("missing.txt", {}),
    )
    assert isinstance(problems, Problems)
    assert len(problems.problems) == 4


def test_relative_model_folder_is_claimed_as_it_was_typed(local, context, spec, tmp_path):
    model = weights.model(tmp_path / "mine")
    asked = spec(model="./mine")
    body = local.runner.build_request(context, asked).body
    assert body["request"]["model"] == str(model)
    assert local.runner.read_spec(body).model == "./mine"


@pytest.mark.parametrize("name", ["Qwen/Qwen3-0.6B", "gpt2"])
def test_hub_ids_pass(local, context, spec, name):
    assert local.runner.build_request(context, spec(model=name)).body["request"]["model"] == name


def test_catalog_id_becomes_a_hub_id(local, context, spec, tmp_path):
    from mlcc_core.actions.context import hub_ids
    from mlcc_core.catalog.lookup import load_catalog
    from mlcc_core.loader.manager import build_manager

    known = next(model for model in load_catalog().models if model.hub_id)
    context = replace(context, hub_id=hub_ids(build_manager()))
    body = local.runner.build_request(context, spec(model=known.id)).body
    assert body["request"]["model"] == known.hub_id
    assert local.runner.read_spec(body).model == known.id


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mlcc-tyni", "mlcc-tiny"),
        ("./nothing", "neither a folder"),
        ("/nothing/here", "neither a folder"),
        ("a/b/c", "neither a folder"),
        ("a b", "neither a folder"),
        ("a\nb", "neither a folder"),
        ("..", "no model"),
        ("", "neither a folder"),
        ("https://example.com/x", "neither a folder"),
    ],
)
def test_bad_models(error, name, said):
    found = error(model=name)
    assert said in found.what
    assert (found.where, found.exit_code) == ("--model", 1)


def test_adapter_is_no_model(error, tmp_path):
    (tmp_path / "ad").mkdir()
    (tmp_path / "ad" / "adapter_config.json").write_text("{}")
    assert "adapter" in error(model=str(tmp_path / "ad")).what


def test_pickled_model_is_refused(error, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "config.json").write_text("{}")
    (tmp_path / "old" / "pytorch_model.bin").write_bytes(b"x")
    assert "pickle" in error(model="./old").what


@pytest.mark.parametrize(
    ("values", "training_type"),
    [
        ({"max_length": 4}, "lora"),
        ({"max_length": 4096}, "lora"),
        ({"lora_rank": 512}, "lora"),
        ({"lora_rank": 8}, "full-rank"),
        ({"train_batch_size": 0}, "lora"),
        ({"num_train_epochs": True}, "lora"),
        ({"max_prompt_length": 1500, "max_completion_length": 1500}, "lora"),
    ],
)
def test_bad_hyperparameters(error, values, training_type):
    flags = dict.fromkeys(values, "--the-flag")
    found = error(hyperparameters=values, hyperparameter_flags=flags, training_type=training_type)
    assert "--the-flag" in found.where
    assert found.hint


@pytest.mark.parametrize(("value", "nearest"), [(4, 8), (4096, 2048), (float("nan"), 8), ("a", 8)])
def test_the_nearest_value_that_can_be_used_is_the_hint(error, value, nearest):
    found = error(hyperparameters={"max_length": value}, hyperparameter_flags={"max_length": "--l"})
    assert found.hint == f"--l {nearest}"


def test_tiny_bounds_are_for_the_tiny_model_alone(local, context, spec):
    asked = spec(model="org/big", hyperparameters={"max_length": 4096})
    body = local.runner.build_request(context, asked).body
    assert body["request"]["hyperparameters"]["max_length"] == 4096


def test_missing_dataset(error, tmp_path):
    gone = DatasetRef(str(tmp_path / "gone.jsonl"), "x")
    assert error(dataset=gone).where == "--dataset"


def test_arn_says_how_to_pass_a_file(error):
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    found = error(evaluator=function(arn))
    assert found.hint == "pass --reward-function path.py[:name]"
    assert arn in found.what
    found = error(evaluator=function(arn, origin="reward_model"))
    assert found.hint == "pass --reward-function path.py[:name]"
    assert "reward_model" in found.where


def test_hints_name_the_flag_of_the_technique(error, tmp_path):
    (tmp_path / "judge.txt").write_text(" ")
    (tmp_path / "reward.py").write_text("def score(events): ...")
    found = error(evaluator=function("gone.py", origin="scorer", flag="--scorer"))
    assert (found.where, found.hint) == ("column 'scorer'", "pass --scorer path.py[:name]")
    found = error(evaluator=function("reward.py:scor", origin="scorer", flag="--scorer"))
    assert (found.where, found.hint) == ("column 'scorer'", "pass --scorer reward.py:score")
    found = error(evaluator=prompt("judge.txt", origin="rubric", flag="--rubric"))
    assert (found.where, found.hint) == ("column 'rubric'", "pass --rubric FILE")
    found = error(evaluator=prompt("judge.txt", origin="--rubric", flag="--rubric"))
    assert (found.where, found.hint) == ("--rubric", "pass --rubric FILE")


def test_bucket_prompt_says_how_to_pass_a_file(error):
    found = error(evaluator=prompt("s3://bucket/judge.txt"))
    assert found.hint == "pass --reward-prompt FILE"


@pytest.mark.parametrize(
    ("content", "value", "said"),
    [
        (None, "reward.py", "does not exist"),
        ("def scores(e): ...", "reward.py", "'lambda_handler'"),
        ("def score(e): ...", "reward.py:scor", "Did you mean 'score'"),
        ("def lambda_handler(", "reward.py", "reward.py:1 is not valid Python"),
        ("\0", "reward.py", "not valid Python"),
        ("def f(e): ...", ".", "is not a file"),
        ("def f(e): ...", "reward.txt", "does not exist"),
        ("async def lambda_handler(e): ...", "reward.py", "'lambda_handler'"),
    ],
)
def test_bad_functions(error, tmp_path, content, value, said):
    if content is not None:
        (tmp_path / "reward.py").write_text(content)
    found = error(evaluator=function(value))
    assert said in found.what
    assert found.where == "--reward-function"
    assert found.hint


def test_function_is_found_without_running_its_file(local, context, spec, tmp_path):
    text = (
        "raise SystemExit\ntry:\n    from x import score\nexcept ImportError:\n    score = None\n"
    )
    (tmp_path / "reward.py").write_text(text)
    body = local.runner.build_request(context, spec(evaluator=function("reward.py:score"))).body
    assert body["request"]["evaluator"]["value"] == f"{tmp_path / 'reward.py'}:score"


def test_file_of_the_project_is_found_from_a_folder_below(
    local, context, spec, reward, monkeypatch
):
    (context.root / "below").mkdir()
    monkeypatch.chdir(context.root / "below")
    body = local.runner.build_request(context, spec(evaluator=function("reward.py"))).body
    assert Path(body["request"]["evaluator"]["value"].rpartition(":")[0]) == reward


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"  \n", "empty"), (b"\xff\xfe", "not UTF-8"), (b"a\0b", "binary")],
)
def test_bad_prompts(error, tmp_path, content, said):
    (tmp_path / "judge.txt").write_bytes(content)
    assert said in error(evaluator=prompt("judge.txt")).what


@pytest.mark.parametrize(
    ("settings", "where", "said"),
    [
        ({}, "--judge-url", "needs a judge"),
        ({"judge_url": "localhost:8000"}, "--judge-url", "not an address"),
        ({"judge_url": "http://[::1"}, "--judge-url", "not an address"),
        ({"judge_url": "http://user:secret@host/v1"}, "--judge-url", "password"),
        ({"judge_model": "./none"}, "--judge-model", "neither"),
    ],
)
def test_bad_judges(error, tmp_path, settings, where, said):
    (tmp_path / "judge.txt").write_text("Score it.")
    found = error(evaluator=prompt("judge.txt", settings))
    assert said in found.what
    assert found.where == where
    assert "secret" not in f"{found.what} {found.hint}"


def test_judge_is_part_of_the_request(local, context, spec, tmp_path):
    (tmp_path / "judge.txt").write_text("Score it.")
    settings = {"judge_url": "http://127.0.0.1:1/v1", "judge_model": "some name"}
    body = local.runner.build_request(context, spec(evaluator=prompt("judge.txt", settings))).body
    assert body["request"]["evaluator"]["settings"] == settings
    assert body["request"]["evaluator"]["kind"] == "prompt"


@pytest.mark.parametrize("kind", ["function", "prompt"])
def test_limit_of_failed_rewards_is_part_of_the_request(local, context, spec, reward, kind):
    (reward.parent / "judge.txt").write_text("Score it.")
    limit = {"max_failed_rewards": 5}
    evaluator = (
        Evaluator(
            EvaluatorKind.FUNCTION, "reward.py", "--reward-function", limit, "--reward-function"
        )
        if kind == "function"
        else prompt("judge.txt", {**JUDGE, **limit})
    )
    settings = local.runner.build_request(context, spec(evaluator=evaluator)).body["request"][
        "evaluator"
    ]["settings"]
    assert settings == (limit if kind == "function" else {**JUDGE, **limit})


def test_prompt_with_two_ranges_is_refused_before_the_job(error, tmp_path):
    (tmp_path / "judge.txt").write_text("Rate from 1 to 10. Score between 0 and 5.")
    found = error(evaluator=prompt("judge.txt"))
    assert "from 1 to 10 and from 0 to 5: expected one range" in found.what
    assert "judge.txt" in found.what
    assert found.where == "--reward-prompt"
    assert found.hint == "state one of them alone in the file: Score from 1 to 10."


def test_the_number_of_rows_reaches_the_engine(local, context, spec, dataset):
    from mlcc_core.contract.job import DatasetRef

    assert local.runner.build_request(context, spec()).body["request"]["rows"] == 1
    unknown = DatasetRef(str(dataset), "abc")
    assert "rows" not in local.runner.build_request(context, spec(dataset=unknown)).body["request"]
