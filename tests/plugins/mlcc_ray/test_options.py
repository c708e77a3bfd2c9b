"""The resources that a worker takes: read strictly, told as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mlcc_core.errors import MlccError
from mlcc_ray.options import parse_resources, resources_text


@pytest.mark.parametrize(
    ("text", "resources"),
    [
        ("CPU=2", {"CPU": 2}),
        ("GPU=1,CPU=4", {"GPU": 1, "CPU": 4}),
        (" GPU = 1 , CPU = 4 ", {"GPU": 1, "CPU": 4}),
        ("GPU=0,CPU=1", {"CPU": 1}),
        ("CPU=1,memory=8GiB", {"CPU": 1, "memory": 8 * 2**30}),
        ("CPU=1,memory=1024", {"CPU": 1, "memory": 1024}),
        ("CPU=1,TPU=0.5", {"CPU": 1, "TPU": 0.5}),
        ("CPU=1,accelerator_type:A100=0.001", {"CPU": 1, "accelerator_type:A100": 0.001}),
    ],
)
def test_amounts_are_read_by_rays_names(text, resources):
    assert parse_resources(text) == resources


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        ("gpu=1", "Did you mean 'GPU'?", "pass --resources GPU=1"),
        ("GPUs=1", "Did you mean 'GPU'?", "pass --resources GPU=1"),
        ("Memory=1GiB", "Did you mean 'memory'?", "pass --resources memory=1GiB"),
        ("GPU", "'GPU' is not NAME=AMOUNT", "pass --resources GPU=1,CPU=4"),
        ("GPU=1,", "'' is not NAME=AMOUNT", "pass --resources GPU=1,CPU=4"),
        ("CPU=1,CPU=2", "CPU is named twice", "pass --resources GPU=1,CPU=4"),
        ("CPU=-1", "CPU is '-1', expected a number", "pass --resources GPU=1,CPU=4"),
        ("CPU=nan", "CPU is 'nan', expected a number", "pass --resources GPU=1,CPU=4"),
        ("CPU=1e3", "CPU is '1e3', expected a number", "pass --resources GPU=1,CPU=4"),
        ("CPU=1.5", "CPU is 1.5, expected a whole number", "pass --resources GPU=1,CPU=4"),
        ("memory=8GB", "memory is '8GB', expected bytes", "pass --resources GPU=1,CPU=4"),
        (f"memory={'9' * 400}GiB", "expected bytes", "pass --resources GPU=1,CPU=4"),
        (f"memory={'9' * 5000}", "expected bytes", "pass --resources GPU=1,CPU=4"),
        (f"CPU={'9' * 400}", "expected a number", "pass --resources GPU=1,CPU=4"),
        ("CPU=0", "at least one CPU or GPU", "pass --resources GPU=1,CPU=4"),
        ("GPU=4", "a worker trains on one GPU", "pass --workers 4 --resources GPU=1"),
    ],
)
def test_what_is_wrong_with_an_amount_is_told_with_what_is_right(text, told, hint):
    with pytest.raises(MlccError) as caught:
        parse_resources(text)
    assert told in caught.value.what
    assert caught.value.hint == hint
    assert len(caught.value.what) < 300


@given(some.text(max_size=40) | some.from_regex(r"(CPU|GPU|memory|a)=[0-9.]{1,500}(GiB)?"))
def test_any_text_is_read_or_refused(text):
    try:
        resources = parse_resources(text)
    except MlccError:
        return
    assert resources
    assert all(amount > 0 for amount in resources.values())


@given(
    some.dictionaries(
        some.sampled_from(["CPU", "GPU", "memory", "TPU"]), some.integers(1, 1), min_size=1
    )
)
def test_what_is_written_is_read(resources):
    text = ",".join(f"{name}={amount}" for name, amount in resources.items())
    assert parse_resources(text) == resources


def test_amounts_are_told_as_people_read_them():
    assert resources_text({"CPU": 4.0, "GPU": 1.0}) == "4 CPUs, 1 GPU"
    assert resources_text({"memory": 8 * 2.0**30}) == "8 GiB of memory"
    assert resources_text({"memory": 9000 * 2.0**30}) == "9000 GiB of memory"
    assert resources_text({"memory": 19.78 * 2.0**30}) == "19.8 GiB of memory"
