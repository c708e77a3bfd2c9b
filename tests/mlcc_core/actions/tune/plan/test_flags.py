"""Flags: whose they are, and what they may be."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mlcc_core.contract.options import EvaluatorArg, EvaluatorKind, Option
from mlcc_core.errors import ExitCode
from mlcc_core.testing.platform import FakePlatform
from mlcc_file import plugin as file_source
from tests.mlcc_core.actions.tune.plan.planning import plan, problems
from tests.mlcc_core.world import First, Scored, World


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


def test_one_command_leaves_out_all_that_is_wrong(world: World):
    found = problems(world, values={"epochs": 0, "lora_rank": 0, "learning_rate": 0.1})
    command = world.request(values={"learning_rate": 0.1}).command_line()
    assert {error.hint for error in found} == {f"{command}   # without --epochs, --lora-rank"}


def test_a_bound_is_written_out(world: World):
    (found,) = problems(world, values={"batch_size": 0})
    assert found.what.endswith("expected an integer from 1 to 1000000.")


def test_a_number_may_be_written_as_an_integer(world: World):
    assert plan(world, values={"learning_rate": 1}).spec.hyperparameters == {"lr": 1}


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


class Another(Scored):
    """A technique that shares an option."""

    name: ClassVar[str] = "another"


def test_an_option_of_several_other_techniques_names_all(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    nouns = [*world.nouns, Another()]
    monkeypatch.setattr(World, "nouns", nouns)
    (found,) = problems(world, values={"samples": 3})
    assert found.what.endswith("; it belongs to another, scored.")


def test_an_evaluator_setting_with_a_technique_that_has_no_such_evaluator(world: World):
    (found,) = problems(world, platform="elsewhere", values={"patience": 1.0})
    assert "--patience (a reward prompt) does not apply to technique 'fake'" in found.what
    assert "it belongs to no installed technique" in found.what


def test_an_option_of_any_evaluator(world: World):
    (found,) = problems(world, platform="elsewhere", values={"most_wrong": 5})
    assert found.what == (
        "--most-wrong (a reward function or a reward prompt) does not apply to technique 'fake', "
        "which takes no evaluator; it belongs to scored."
    )
    assert "--technique scored" in found.hint


def test_an_option_of_any_evaluator_belongs_to_each(world: World):
    asked = {"technique": "scored", "platform": "elsewhere"}
    values = {"scorer": "s.py", "most_wrong": 5, "patience": 1.0}
    dataset = world.write("scored.jsonl", [{"prompt": "a"}])
    (found,) = problems(world, **asked, dataset=dataset, values=values)
    assert found.what.startswith("--patience (a reward prompt) does not apply")
    del values["patience"]
    spec = plan(world, **asked, dataset=dataset, values=values).spec
    assert spec.evaluator.settings == {"most_wrong": 5}


def test_an_option_that_nobody_has(world: World):
    (found,) = problems(world, values={"temperature": 1.0})
    assert found.what == "--temperature does not apply to platform 'fake'."


def test_a_choice_that_is_none(world: World):
    (found,) = problems(world, platform="elsewhere", values={"queue": "medium"})
    assert found.what == "--queue 'medium' is not allowed: expected one of slow, fast."


def test_an_empty_value_is_no_value(world: World):
    (found,) = problems(world, technique="scored", values={"scorer": ""})[:1]
    assert found.what == "--scorer is empty: expected a value."


def test_an_unknown_training_type_is_mended(world: World):
    (found,) = problems(world, training_type="full_rank")
    assert found.hint == world.request(training_type="full-rank").command_line()


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
    spec = plan(doubled, technique="double", values={"function": "f.py"}).spec
    assert spec.evaluator.value == "f.py"


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        (Option("--take", int, "", minimum=1), 0, "pass --take 1"),
        (Option("--take", int, "", minimum=1), "x", "pass --take 1"),
        (Option("--share", float, "", minimum=0.5, maximum=2), 9.0, "pass --share 2"),
        (Option("--form", str, "", choices=("wide", "narrow")), "x", "pass --form wide"),
        (Option("--name", str, "", "NAME"), "", "pass --name NAME"),
        (Option("--quick", bool, ""), "x", "pass --quick"),
    ],
)
def test_a_hint_names_a_value_that_is_allowed(option: Option, value: object, hint: str):
    wrong = option.check(value)
    assert wrong is not None
    assert wrong.hint == hint


def test_a_number_of_rows_out_of_range_is_mended_by_one_paste(world: World):
    (error,) = problems(world, take=0)
    assert error.hint == f"{world.request().command_line()}   # all rows"
