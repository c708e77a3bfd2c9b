"""Splits told from names."""

from __future__ import annotations

import time

import pytest

from mlcc_core.helpers.splits import is_held_out, names_like, splits_by_name, validation_split


@pytest.mark.parametrize(
    ("splits", "own"),
    [
        (["train", "test"], None),
        (["dev", "test"], "dev"),
        (["validation_sft", "validation", "val"], "validation"),
        (["train_val", "eval"], None),
        (["valid_prefs"], "valid_prefs"),
        (["interval"], None),
        ([], None),
    ],
)
def test_the_own_validation_split_is_found_by_its_words(splits, own):
    assert validation_split(splits) == own


@pytest.mark.parametrize("split", ["test", "test_sft", "validation", "dev", "eval.1", "Testing"])
def test_splits_for_tests_and_validation_are_held_out(split):
    assert is_held_out(split)


@pytest.mark.parametrize("split", ["train", "train_test", "all", "contest", "prefs", "latest"])
def test_other_splits_are_not_held_out(split):
    assert not is_held_out(split)


def test_capital_letters_do_not_matter():
    assert splits_by_name(["Train.csv", "TEST.csv"]) == {
        "train": ["Train.csv"],
        "test": ["TEST.csv"],
    }


def test_training_files_beside_a_folder_of_tests_are_found():
    told = splits_by_name(["eval/a.csv", "train.csv", "x.csv"])
    assert told == {"train": ["train.csv"], "test": ["eval/a.csv"]}


def test_shards_come_before_folders_and_folders_before_files():
    shards = ["data/all-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"]
    assert list(splits_by_name([*shards, "train/x.csv"])) == ["test", "all"]
    assert list(splits_by_name(["dev/train.csv", "test.csv"])) == ["validation"]


def test_no_name_tells_no_split():
    assert splits_by_name([]) == {}
    assert splits_by_name(["b.csv", "a.csv"]) == {"train": ["a.csv", "b.csv"]}


@pytest.mark.slow
def test_a_hundred_thousand_names_take_a_moment():
    names = [f"part/train/{number:06}.parquet" for number in range(100_000)]
    start = time.process_time()
    assert len(splits_by_name(names)["train"]) == len(names)
    assert len(names_like(names, "**/train/*.parquet")) == len(names)
    assert time.process_time() - start < 10
