"""Plans: everything that is wrong is found at once, and nothing is done."""

from __future__ import annotations

import json
import shlex
from typing import ClassVar

import pytest

from mlcc_core.actions.tune.plan.dataset import check_command
from mlcc_core.contract.platform.values import Check
from mlcc_core.contract.settings import Setting
from mlcc_core.contract.technique.recipe import Recipe
from mlcc_core.errors import ExitCode, MlccError, PlatformError, Problems
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.actions.tune.plan.planning import plan, problems
from tests.mlcc_core.world import First, World

READING = {"checks", "build_request", "list_jobs", "find_staged", "describe", "secret"}


def test_a_plan_has_no_side_effect(world: World):
    before = {path: path.read_bytes() for path in world.root.rglob("*") if path.is_file()}
    for platform in (None, "elsewhere"):
        found = plan(world, platform=platform, values={"epochs": 2})
        assert found.spec.hyperparameters == {"num_epochs": 2}
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
    assert error.exit_code == ExitCode.INPUT
    assert len(error.as_json()["problems"]) == len(found)


def test_a_prerequisite_that_the_request_finds_too_is_said_once(world: World):
    found, mend = "'me' is no role", "pass --role NAME"
    wrong = MlccError(f"{found}.", where="--role", hint=mend)
    missing = (Check("role", "missing", found, mend), Check("disk", "missing", "full", "rm"))
    world.platform.prerequisites, world.platform.problems = missing, (wrong,)
    assert [problem.what for problem in problems(world)] == ["disk: full", wrong.what]


def test_a_setting_without_a_value_that_the_platform_misses_too_is_said_once(world: World):
    world.platform.settings = (Setting("QUEUE", "Where jobs wait", required=True),)
    wrong = MlccError("No queue is named.", where="QUEUE", hint="export QUEUE=fast")
    world.platform.problems = (wrong,)
    assert [problem.what for problem in problems(world)] == [wrong.what]


def test_prerequisites_that_cannot_be_looked_at(world: World):
    world.platform.fail("checks", PlatformError("no network", hint="mlcc doctor"))
    found = problems(world, values={"epochs": 0})
    assert [problem.what[:3] for problem in found] == ["--e", "no "]


def test_what_the_platform_finds_wrong_is_among_the_problems(world: World):
    world.platform.problems = (MlccError("one"), PlatformError("two"))
    found = problems(world, values={"epochs": 0})
    assert [problem.what[:3] for problem in found] == ["--e", "one", "two"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"platform": "elswhere"}, "Unknown platform 'elswhere'. Did you mean 'elsewhere'?"),
        ({"dataset": "fiel://x"}, "Unknown dataset scheme 'fiel'. Did you mean 'file'?"),
        ({"technique": "zzz"}, "Unknown technique 'zzz'."),
    ],
)
def test_unknown_names_show_close_matches(world: World, given: dict, meant: str):
    (found,) = problems(world, **given)
    assert found.what == meant
    assert found.hint == "mlcc plugins"
    assert found.exit_code == ExitCode.INPUT


@pytest.mark.parametrize(
    ("typed", "meant"), [("fak", "fake"), ("secnd", "second"), ("Tuning", "second")]
)
def test_an_unknown_technique_is_answered_with_the_command(world: World, typed: str, meant: str):
    (found,) = problems(world, technique=typed)
    assert found.what == f"Unknown technique {typed!r}. Did you mean {meant!r}?"
    assert f" --technique {meant} " in f"{found.hint} "


@pytest.mark.parametrize("typed", ["lora", "full-rank"])
def test_a_training_type_is_not_a_technique(world: World, typed: str):
    found, *_ = problems(world, technique=typed)
    assert found.what.startswith(f"Unknown technique {typed!r}, which is a training type")
    assert f"--training-type {typed}" in (found.hint or "")


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
    assert check_command(request) == 'mlcc check --technique fake --model "my model"'


def test_a_hint_of_the_staging_pipeline_keeps_every_flag(world: World):
    dataset = world.write(
        "chat.jsonl", [{"prompt": [{"role": "user", "content": "a"}], "completion": "b"}]
    )
    (found,) = problems(world, dataset=dataset, transform=False, values={"epochs": 2})
    assert f"./do/tune --technique fake --epochs 2 --dataset {dataset}" in "\n".join(
        [found.what, *found.detail, found.hint or ""]
    )


def test_a_preview_is_json(world: World):
    assert json.dumps(plan(world).draft.body)


def test_a_file_of_which_rows_are_taken_is_staged(world: World):
    assert plan(world).dataset.in_place is not None
    few = plan(world, take=1).dataset
    assert few.in_place is None
    assert few.undivided == plan(world).dataset.in_place
