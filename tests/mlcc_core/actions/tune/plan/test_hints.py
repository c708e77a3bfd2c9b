"""Hints of platforms, as whole commands to be pasted."""

from __future__ import annotations

import pytest

from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.actions.tune.plan.hints import whole_command
from mlcc_core.errors import MlccError
from tests.mlcc_core.world import World


@pytest.mark.parametrize(
    ("hint", "command"),
    [
        (
            "--max-seq-length 125",
            "./do/tune --technique sft --epochs 2 --max-seq-length 125 --dataset a.jsonl",
        ),
        (
            "pass --epochs 3   # or fewer",
            "./do/tune --technique sft --epochs 3 --dataset a.jsonl   # or fewer",
        ),
        (
            "--model org/m --new",
            "./do/tune --technique sft --model org/m --epochs 2 --new --dataset a.jsonl",
        ),
        (
            "--judge-url 'http://a b'",
            './do/tune --technique sft --epochs 2 --judge-url "http://a b" --dataset a.jsonl',
        ),
        (
            "--dataset s3://b/a.jsonl",
            "./do/tune --technique sft --epochs 2 --dataset s3://b/a.jsonl",
        ),
        (
            "pass --tag a=b --tag c=d",
            "./do/tune --technique sft --epochs 2 --tag a=b --tag c=d --dataset a.jsonl",
        ),
        (
            "pass --subnets a,b",
            "./do/tune --technique sft --epochs 2 --subnets a,b --dataset a.jsonl",
        ),
        (
            "leave --epochs out",
            "./do/tune --technique sft --dataset a.jsonl   # without --epochs",
        ),
        ("leave --packing out", None),
        ("leave --epochs out, or pass --training-type lora", None),
        ("mlcc tune --status", None),
        ("pass --judge-url URL, or --judge-model ORG/NAME", None),
        ("--model NAME of the Hub", None),
        ("don't", None),
        ("--it's", None),
        ("use a smaller --batch-size", None),
        (None, None),
    ],
)
def test_flags_alone_become_a_command(world: World, hint: str | None, command: str | None):
    request = world.request(technique="sft", dataset="a.jsonl", values={"epochs": 2})
    assert whole_command(hint, request) == command


@pytest.mark.parametrize(
    ("hint", "inputs"),
    [
        ("pass --input data=/d/rows", "--input test=s3://b/t --input data=/d/rows"),
        ("pass --input code=data/   # a copy", "--input code=data/ --input test=s3://b/t"),
        ("pass --input a=1 --input b=2", None),
    ],
)
def test_a_channel_of_a_hint_takes_the_place_of_the_same_data(hint: str, inputs: str | None):
    request = ScriptRequest("a.py", inputs={"code": "/d/rows", "test": "s3://b/t"})
    command = whole_command(hint, request) or ""
    inputs = inputs or "--input code=/d/rows --input test=s3://b/t --input a=1 --input b=2"
    assert command.partition("   #")[0] == f"./do/train --script a.py {inputs}"


@pytest.mark.parametrize("step", ["build_request", "forecast"])
def test_an_error_of_the_platform_is_mended_by_one_paste(world: World, step: str):
    world.platform.fail(step, MlccError("Every row is cut.", hint="--max-seq-length 125"))
    error = world.refused()
    assert error.hint == world.request(values={"max_seq_length": 125}).command_line()


def test_a_job_that_failed_is_mended_by_one_paste(world: World):
    world.platform.course = ("running", "failed")
    world.platform.reason = "Lost.\n--epochs 3"
    error = world.refused()
    again = world.request(values={"epochs": 3}).command_line(force=True)
    assert error.hint == f"{again}   # once that is mended"
