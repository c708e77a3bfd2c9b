"""Plans: everything that is wrong is found at once, and nothing is done."""

from __future__ import annotations

import json
import shlex
from typing import ClassVar

import pytest

from mlcc_core.errors import ExitCode, MlccError, PlatformError, Problems
from mlcc_core.options import EvaluatorArg, EvaluatorKind, Option
from mlcc_core.platform import Check
from mlcc_core.technique import Recipe
from mlcc_core.testing.platform import FakePlatform
from mlcc_core.tune.plan import Plan, build_plan
from mlcc_file import plugin as file_source
from tests.tune.world import First, World

READING = {"checks", "build_request", "list_jobs", "find_staged", "describe", "secret"}


def plan(world: World, **given: object) -> Plan:
    return build_plan(world.session(given.get("platform")), world.request(**given))


def problems(world: World, **given: object) -> list[MlccError]:
    with pytest.raises(MlccError) as caught:
        plan(world, **given)
    error = caught.value
    return list(error.problems) if isinstance(error, Problems) else [error]


def test_a_plan_has_no_side_effect(world: World):
    before = {path: path.read_bytes() for path in world.root.rglob("*") if path.is_file()}
    for platform in (None, "elsewhere"):
        found = plan(world, platform=platform, values={"epochs": 2})
        assert found.order.hyperparameters == {"num_epochs": 2}
    for fake in (world.platform, world.elsewhere):
        assert set(fake.calls) <= READING
        assert fake.calls
    assert before == {path: path.read_bytes() for path in world.root.rglob("*") if path.is_file()}


def test_every_problem_at_once(world: World):
    dataset = world.write("bad.jsonl", [{"prompt": "a", "answer": "b"}])
    world.platform.prerequisites = (Check("torch", "missing", "not installed", "pip install x"),)
    world.platform.problems = (MlccError("no such queue", hint="mlcc doctor"),)
    found = problems(
        world,
        dataset=dataset,
        training_type="lora-rank",
        model=" ",
        values={"epochs": 0, "learning_rate": 7.0, "scorer": "x.py", "queue": "slow"},
    )
    said = " | ".join(problem.what for problem in found)
    for part in (
        "Unknown training type 'lora-rank'",
        "--epochs 0 is out of range: expected an integer from 1 to 10000",
        "--learning-rate 7.0 is out of range",
        "--scorer (a reward function) does not apply to technique 'fake', which takes no ev",
        "--queue does not apply to platform 'fake'; it belongs to platform elsewhere",
        "--model is empty",
        "torch: not installed",
        "completion",
    ):
        assert part in said
    assert all(problem.hint for problem in found)
    error = Problems(found)
    assert error.exit_code == ExitCode.PLATFORM
    assert len(error.as_json()["problems"]) == len(found)


def test_prerequisites_that_cannot_be_looked_at(world: World):
    world.platform.fail("checks", PlatformError("no network", hint="mlcc doctor"))
    found = problems(world, values={"epochs": 0})
    assert [problem.what[:3] for problem in found] == ["--e", "no "]


def test_what_the_platform_finds_wrong_is_among_the_problems(world: World):
    world.platform.problems = (MlccError("one"), PlatformError("two"))
    found = problems(world, values={"epochs": 0})
    assert [problem.what[:3] for problem in found] == ["--e", "one", "two"]


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"epochs": 0}, "--epochs 0 is out of range"),
        ({"epochs": -1}, "--epochs -1 is out of range"),
        ({"epochs": 10**400}, "is out of range"),
        ({"epochs": True}, "--epochs is True: expected an integer"),
        ({"epochs": "3"}, "--epochs is '3': expected an integer"),
        ({"epochs": 1.5}, "--epochs is 1.5: expected an integer"),
        ({"learning_rate": float("nan")}, "--learning-rate nan is out of range"),
        ({"learning_rate": float("inf")}, "--learning-rate inf is out of range"),
        ({"learning_rate": 0.0}, "--learning-rate 0.0 is out of range"),
        ({"lora_rank": 4097}, "--lora-rank 4097 is out of range"),
    ],
)
def test_a_hyperparameter_out_of_range(world: World, values: dict, part: str):
    (found,) = problems(world, values=values)
    assert part in found.what
    assert found.exit_code == ExitCode.INPUT
    flag = found.what.split()[0]
    assert found.where == flag
    assert found.hint == f"{world.request().command_line()}   # without {flag}"


def test_a_number_may_be_written_as_an_integer(world: World):
    assert plan(world, values={"learning_rate": 1}).order.hyperparameters == {"lr": 1}


@pytest.mark.parametrize("key", ["lora_rank", "lora_alpha"])
def test_lora_flags_mean_nothing_to_full_rank(world: World, key: str):
    (found,) = problems(world, training_type="full-rank", values={key: 8})
    assert "only applies when --training-type is lora, not full-rank" in found.what
    assert found.hint.startswith(
        f"./do/tune --technique fake --training-type full-rank --dataset {world.request().dataset}"
    )
    assert plan(world, values={key: 8})


def test_a_refused_option_names_what_to_use(world: World):
    dataset = world.write("scored.jsonl", [{"prompt": "a", "reward_model": "s.py"}])
    (found,) = problems(world, technique="scored", dataset=dataset, values={"max_seq_length": 9})
    assert "does not apply to technique 'scored'; use --samples" in found.what


def test_an_option_of_another_technique(world: World):
    (found,) = problems(world, values={"samples": 3})
    assert found.what == "--samples does not apply to technique 'fake'; it belongs to scored."


def test_an_evaluator_setting_with_a_technique_that_has_no_such_evaluator(world: World):
    (found,) = problems(world, platform="elsewhere", values={"patience": 1.0})
    assert "--patience (a reward prompt) does not apply to technique 'fake'" in found.what
    assert "it belongs to no installed technique" in found.what


def test_an_option_that_nobody_has(world: World):
    (found,) = problems(world, values={"temperature": 1.0})
    assert found.what == "--temperature does not apply to platform 'fake'."


def test_a_choice_that_is_none(world: World):
    (found,) = problems(world, platform="elsewhere", values={"queue": "medium"})
    assert found.what == "--queue 'medium' is not allowed: expected one of slow, fast."


def test_an_empty_value_is_no_value(world: World):
    (found,) = problems(world, technique="scored", values={"scorer": ""})[:1]
    assert found.what == "--scorer is empty: expected a value."


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"technique": "fak"}, "Unknown technique 'fak'. Did you mean 'fake'?"),
        ({"technique": "secnd"}, "Unknown technique 'secnd'. Did you mean 'second'?"),
        ({"platform": "elswhere"}, "Unknown platform 'elswhere'. Did you mean 'elsewhere'?"),
        ({"dataset": "fiel://x"}, "Unknown dataset scheme 'fiel'. Did you mean 'file'?"),
    ],
)
def test_unknown_names_show_close_matches(world: World, given: dict, meant: str):
    (found,) = problems(world, **given)
    assert found.what == meant
    assert found.hint == "mlcc plugins"
    assert found.exit_code == ExitCode.INPUT


def test_an_unknown_training_type_is_mended(world: World):
    (found,) = problems(world, training_type="full_rank")
    assert found.hint == world.request(training_type="full-rank").command_line()


class Rare(First):
    """Only one platform trains it."""

    name: ClassVar[str] = "rare"
    recipes: ClassVar[dict[str, Recipe]] = {"elsewhere": First.recipes["fake"]}


class Wider(World):
    """With one more technique."""

    @property
    def nouns(self) -> list[object]:
        return [Rare(), self.platform, self.elsewhere]


def test_a_technique_without_a_recipe_names_the_platforms_that_train_it(world: World):
    wider = Wider(world.root)
    (found,) = problems(wider, technique="rare")
    assert found.what == (
        "Technique 'rare' cannot be trained on platform 'fake'; it can on: elsewhere."
    )
    assert found.hint == wider.request(technique="rare", platform="elsewhere").command_line()


class Double(First):
    """Takes a function or a prompt."""

    name: ClassVar[str] = "double"
    evaluators: ClassVar[tuple[EvaluatorArg, ...]] = (
        EvaluatorArg(Option("--function", str, "A function"), EvaluatorKind.FUNCTION),
        EvaluatorArg(Option("--judge", str, "A judge"), EvaluatorKind.PROMPT),
    )


class OnlyFunctions(FakePlatform):
    """Cannot ask a judge."""

    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = (EvaluatorKind.FUNCTION,)


class Doubled(World):
    """With a technique of two evaluators."""

    @property
    def nouns(self) -> list[object]:
        return [Double(), OnlyFunctions(), file_source]


def test_one_evaluator_is_enough(world: World):
    doubled = Doubled(world.root)
    values = {"function": "f.py", "judge": "j.txt"}
    (found,) = problems(doubled, technique="double", values=values)
    assert found.what == "--function and --judge exclude each other: expected one evaluator."
    (found,) = problems(doubled, technique="double", values={"judge": "j.txt"})
    assert "cannot run a reward prompt" in found.what
    order = plan(doubled, technique="double", values={"function": "f.py"}).order
    assert order.evaluator.value == "f.py"


class Demanding(FakePlatform):
    """Has no model of its own."""

    default_model: ClassVar[str | None] = None


def test_no_model_is_named(world: World):
    world.platform = Demanding()
    world.project.set({"MODEL_ID": None})
    (found,) = problems(world)
    assert found.what.startswith("No model is named")
    assert "mlcc catalog list" in found.hint


def test_a_missing_dataset_and_a_bad_flag_come_together(world: World):
    found = problems(world, dataset="nowhere.jsonl", values={"epochs": 0})
    assert len(found) == 2
    assert "nowhere.jsonl" in found[1].what


def test_a_bad_column_map_is_one_of_the_problems(world: World):
    for text in ("", "a", "a:b:c"):
        (found,) = problems(world, column_map=text)
        assert found.where == "--column-map"


def test_the_same_question_has_the_same_hash(world: World):
    one = plan(world, values={"epochs": 2, "batch_size": 4})
    other = plan(world, values={"batch_size": 4, "epochs": 2}, poll_interval=3.0, wait=False)
    assert one.digest == other.digest
    different = [
        plan(world, values={"epochs": 3, "batch_size": 4}),
        plan(world, values={"epochs": 2}),
        plan(world, values={"epochs": 2, "batch_size": 4}, platform="elsewhere"),
        plan(world, values={"epochs": 2, "batch_size": 4}, technique="second"),
        plan(world, values={"epochs": 2, "batch_size": 4}, model="other"),
    ]
    assert len({one.digest, *(d.digest for d in different)}) == 6


def test_a_command_line_comes_back_as_it_was_typed(world: World):
    request = world.request(
        dataset="hf://org/name?file=*it's*",
        platform="elsewhere",
        model="my model",
        training_type="full-rank",
        values={"epochs": 3, "learning_rate": 2e-4, "queue": "$(touch x)"},
        column_map="in put:prompt",
        transform=False,
        on_misfit="skip",
        extract_prompt=True,
        from_messages=True,
        validate="full",
        skip_reward_check=True,
        force=True,
        wait=False,
    )
    assert shlex.split(request.command_line(force=True)) == [
        *("./do/tune", "--technique", "fake", "--platform", "elsewhere", "--model", "my model"),
        *("--training-type", "full-rank", "--epochs", "3", "--learning-rate", "0.0002"),
        *("--queue", "$(touch x)", "--validate", "full", "--skip-reward-check"),
        *("--dataset", "hf://org/name?file=*it's*", "--column-map", "in put:prompt"),
        *("--no-transform", "--on-misfit", "skip", "--extract-prompt", "--from-messages"),
        "--force",
    ]
    assert "--force" not in request.command_line()
    assert request.check_command == 'mlcc check --technique fake --model "my model"'


def test_a_hint_of_the_staging_pipeline_keeps_every_flag(world: World):
    dataset = world.write(
        "chat.jsonl", [{"prompt": [{"role": "user", "content": "a"}], "completion": "b"}]
    )
    (found,) = problems(world, dataset=dataset, transform=False, values={"epochs": 2})
    assert f"./do/tune --technique fake --epochs 2 --dataset {dataset}" in "\n".join(
        [found.what, *found.detail, found.hint or ""]
    )


def test_a_preview_is_json(world: World):
    assert json.dumps(plan(world).preview.body)
