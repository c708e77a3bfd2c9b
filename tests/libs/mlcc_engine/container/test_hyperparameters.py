"""A request travels as hyperparameters and arrives as it was."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core import MlccError
from mlcc_engine.container.hyperparameters import (
    LONGEST,
    Places,
    as_hyperparameters,
    read_hyperparameters,
)
from mlcc_engine.request import Judging, Request, Start

PLACES = Places("/in/train.jsonl", "/out", "/in/files")

texts = st.text(max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
mappings = st.dictionaries(texts, json_values, max_size=3)
names = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
evaluators = st.builds(
    Judging,
    st.just("function"),
    st.builds("/in/files/{}.py:{}".format, names, names),
    texts,
    mappings,
) | st.builds(Judging, st.just("prompt"), names.map("/in/files/{}".format), texts, mappings)
starts = st.builds(
    Start,
    st.sampled_from(["adapter", "model"]),
    st.just("/in/start"),
    texts,
    st.lists(mappings, max_size=2).map(tuple),
)
requests = st.builds(
    Request,
    job=texts,
    technique=texts,
    trainer=texts,
    model=texts,
    training_type=st.sampled_from(["lora", "full-rank"]),
    dataset=st.just(PLACES.dataset),
    output=st.just(PLACES.output),
    hyperparameters=mappings,
    lora=mappings,
    settings=mappings,
    evaluator=st.none() | evaluators,
    seed=st.integers(),
    thinking=st.sampled_from([None, "on", "off"]),
    save_dtype=st.sampled_from(["base", "float32"]),
    cache=st.none() | texts,
    rows=st.none() | st.integers(),
    take=st.none() | st.integers(),
    row_form=st.sampled_from(["conversation", "as-is"]),
    callbacks=st.lists(texts, max_size=3).map(tuple),
    platform=texts,
    validation=st.none() | st.just("/in/validation.jsonl"),
    eval_every=st.none() | texts,
    stop_early=st.none() | st.integers(),
    start=st.none() | starts,
    user_settings=mappings,
    packing=st.none() | st.booleans(),
    processes=st.integers(),
    quantize=st.sampled_from([None, "4bit"]),
    checkpoint_every=st.none() | texts,
)


@given(requests)
def test_a_request_arrives_as_it_was(request: Request) -> None:
    values = as_hyperparameters(request)
    assert all(isinstance(text, str) and len(text) <= LONGEST for text in values.values())
    start = request.start.path if request.start else None
    places = replace(PLACES, validation=request.validation, start=start)
    again = read_hyperparameters(values, places)
    assert again == request
    assert repr(asdict(again)) == repr(asdict(request))  # 1 and 1.0 are not the same


def plain(job: str = "", **changes: Any) -> Request:
    return Request(
        job, "sft", "trl:SFTTrainer", "org/m", "lora", PLACES.dataset, PLACES.output, **changes
    )


def test_only_what_differs_is_said() -> None:
    asked = plain(
        hyperparameters={"learning_rate": 1e-4},
        evaluator=Judging("function", "/home/me/rewards.py:score"),
        start=Start("adapter", "/home/me/out", "5f"),
        validation="/home/me/v.jsonl",
    )
    assert as_hyperparameters(asked) == {
        "mlcc_entry": "engine",
        "technique": "sft",
        "trainer": "trl:SFTTrainer",
        "model": "org/m",
        "training_type": "lora",
        "hyperparameters": '{"learning_rate": 0.0001}',
        "evaluator": '{"kind": "function", "value": "rewards.py:score", '
        '"argument": "reward_funcs", "settings": {}}',
        "start": '{"kind": "adapter", "fingerprint": "5f", "lineage": []}',
    }


def test_long_values_go_in_pieces() -> None:
    asked = plain(user_settings={"text": "x" * 3 * LONGEST}, job="a")
    values = as_hyperparameters(asked)
    assert [name for name in values if name.startswith("user_settings")] == [
        "user_settings",
        "user_settings.2",
        "user_settings.3",
        "user_settings.4",
    ]
    assert read_hyperparameters(dict(reversed(values.items())), PLACES) == asked
    del values["user_settings.2"]
    with pytest.raises(MlccError, match=r"A piece of the hyperparameter user_settings is missing"):
        read_hyperparameters(values, PLACES)


def test_a_model_and_a_name_of_the_container() -> None:
    places = replace(PLACES, model="/in/model", job="tune-1")
    read = read_hyperparameters(as_hyperparameters(plain()), places)
    assert (read.model, read.job) == ("/in/model", "tune-1")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"color": "red"}, "The hyperparameter color is not of a training request."),
        ({"rows": "many"}, "The hyperparameter rows is not JSON: many."),
        ({"rows": '"7"'}, "rows of this job does not fit: found '7', input should be a valid int"),
        ({"lora": "[1]"}, "lora of this job does not fit: found [1]"),
        ({"training_type": "both"}, "training_type of this job does not fit: found 'both'"),
        ({"evaluator": '{"kind": "oracle"}'}, "evaluator.kind of this job does not fit"),
        ({"start": "7"}, "start of this job does not fit: found 7"),
        ({"seed": 7}, "The hyperparameter seed is not a string: 7."),
    ],
)
def test_a_wrong_value_is_named(changes: Any, words: str) -> None:
    with pytest.raises(MlccError) as raised:
        read_hyperparameters(as_hyperparameters(plain(job="a")) | changes, PLACES)
    assert words in raised.value.what
    assert "\n" not in raised.value.what


def test_a_missing_value_is_named() -> None:
    values = as_hyperparameters(plain(job="a"))
    del values["trainer"]
    with pytest.raises(MlccError, match="hyperparameter trainer of this job does not fit, field"):
        read_hyperparameters(values, PLACES)


def test_a_start_without_its_channel() -> None:
    values = as_hyperparameters(plain(job="a", start=Start("model", "/x", "5f")))
    with pytest.raises(MlccError, match=r"start\.path"):
        read_hyperparameters(values, PLACES)
