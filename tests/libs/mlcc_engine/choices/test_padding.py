"""The decision between padded and packed batches."""

from __future__ import annotations

from typing import Any

import pytest

from mlcc_engine.choices.padding import choose, heaviest, longest_of
from mlcc_engine.request import Request

WIDTH = 576
UNEVEN = {20: 90, 200: 10}
EVEN = {95: 50, 100: 50}


def request(**changes: Any) -> Request:
    fields = {"trainer": "trl:SFTTrainer", "training_type": "lora", **changes}
    return Request(job="", technique="", model="", dataset="", output="", **fields)


def test_much_padding_is_packed_and_little_is_not() -> None:
    packed = choose(request(), {}, UNEVEN, 8, WIDTH)
    assert packed.packed
    (line,) = packed.in_words()
    assert line.startswith("Rows of a batch are packed, if the model keeps them apart: padding is ")
    assert line.endswith("69% of their tokens otherwise (--no-packing)")
    assert choose(request(), {}, EVEN, 8, WIDTH).in_words() == [
        "Rows of a batch are padded: padding is 2% of their tokens"
    ]


def test_long_batches_are_padded() -> None:
    found = choose(request(), {}, {1000: 60, 4000: 40}, 8, WIDTH)
    assert not found.packed
    assert found.why.endswith("and attention over 17,600 tokens at once would take longer")


def test_one_row_at_a_time_has_no_padding() -> None:
    assert not choose(request(), {}, UNEVEN, 1, WIDTH).packed


@pytest.mark.parametrize(
    ("changes", "values"),
    [
        ({"processes": 2}, {}),
        ({"row_form": "as-is"}, {}),
        ({"trainer": "trl:DPOTrainer"}, {}),
        ({"packing": False}, {}),
        ({}, {"neftune_noise_alpha": 5.0}),
    ],
)
def test_where_packing_is_no_default(changes: dict[str, Any], values: dict[str, Any]) -> None:
    assert not choose(request(**changes), values, UNEVEN, 8, WIDTH).packed


def test_packing_that_is_asked_for_needs_no_padding() -> None:
    assert choose(request(packing=True), {}, EVEN, 8, WIDTH).packed


def test_the_longest_of_a_batch() -> None:
    assert longest_of({10: 1, 20: 1}, 1) == 15
    assert longest_of({10: 1, 20: 1}, 2) == 17.5
    assert longest_of({7: 5}, 8) == 7


def test_a_heavy_batch_is_no_heavier_than_a_padded_one() -> None:
    assert heaviest({10: 5}, 4, 100) == 40
    assert heaviest({10: 5, 100: 5}, 4, 100) <= 400
    assert heaviest({10: 5, 100: 5}, 4, 50) <= 200
