"""Addresses of the Hub as other tools and browsers write them."""

from __future__ import annotations

import pytest

from mlcc_core.loader.manager import build_manager
from mlcc_hf import plugin as source
from mlcc_hf.web import addresses
from tests.plugins.mlcc_hf.hubs import ROW, TWO_CONFIGS, access, listing, names, refused

PARQUET = b"PAR1"
COPIES = "refs/convert/parquet"
DATA = "hf://datasets/org/name"
PAGE = "https://huggingface.co/datasets/org/name"
TRAIN, TEST = "default/train/0000.parquet", "default/test/0000.parquet"


@pytest.fixture
def data(hub):
    """A dataset of text, its Parquet copies, and a pull request."""
    files = {
        "README.md": b"# Data\n",
        "data/train.jsonl": ROW,
        "data/test.jsonl": ROW,
        "a b.csv": b"x",
    }
    repo = hub.add("org/name", files)
    copies = {f"default/{s}/0000.parquet": PARQUET for s in ("train", "test")}
    repo.commit(copies, ref=COPIES)
    repo.commit({"new.jsonl": ROW}, ref="refs/pr/3")
    repo.commit({"old.jsonl": ROW}, ref="v1.0")
    return repo


@pytest.mark.parametrize(
    ("address", "read"),
    [
        (f"{DATA}@~parquet/{TRAIN}", [TRAIN]),
        (f"{DATA}@~parquet/default/train/*.parquet", [TRAIN]),
        (f"{DATA}@~parquet/default/train", [TRAIN]),
        (f"{DATA}@~parquet", [TRAIN]),
        (f"{DATA}@~parquet/test", [TEST]),
        ("hf://org/name@~parquet", [TRAIN]),
        ("hf://org/name?revision=~parquet", [TRAIN]),
        ("hf://org/name?revision=refs/convert/parquet", [TRAIN]),
        (f"{DATA}@refs/convert/parquet/default/test/0000.parquet", [TEST]),
        (f"{DATA}@refs%2Fconvert%2Fparquet/default/test/*", [TEST]),
        (f"{DATA}@refs/pr/3/new.jsonl", ["new.jsonl"]),
        (f"{DATA}@refs/pr/3", ["new.jsonl"]),
        (f"{DATA}@v1.0/*.jsonl", ["old.jsonl"]),
        (f"{DATA}/data/train.jsonl", ["data/train.jsonl"]),
        (f"{DATA}/data/*.jsonl", ["data/test.jsonl", "data/train.jsonl"]),
        (f"{DATA}/**/t[er]*.jsonl", ["data/test.jsonl", "data/train.jsonl"]),
        (f"{DATA}/", ["data/train.jsonl"]),
        (PAGE, ["data/train.jsonl"]),
        (f"{PAGE}/", ["data/train.jsonl"]),
        ("http://www.huggingface.co/datasets/org/name#dataset-card", ["data/train.jsonl"]),
        ("HTTPS://HuggingFace.co/datasets/org/name", ["data/train.jsonl"]),
        ("https://hf.co/datasets/org/name?split=test", ["data/test.jsonl"]),
        (f"{PAGE}/tree/main", ["data/train.jsonl"]),
        (f"{PAGE}/tree/main/data", ["data/train.jsonl"]),
        (f"{PAGE}/tree/v1.0", ["old.jsonl"]),
        (f"{PAGE}/tree/refs%2Fpr%2F3", ["new.jsonl"]),
        (f"{PAGE}/tree/refs%2Fconvert%2Fparquet/default", [TRAIN]),
        (f"{PAGE}/blob/main/data/test.jsonl", ["data/test.jsonl"]),
        (f"{PAGE}/blob/main/a%20b.csv", ["a b.csv"]),
        (f"{PAGE}/resolve/main/data/test.jsonl?download=true", ["data/test.jsonl"]),
        (f"{PAGE}/raw/v1.0/old.jsonl", ["old.jsonl"]),
        (f"{PAGE}/viewer", ["data/train.jsonl"]),
        (f"{PAGE}/viewer/default/test?row=3&views%5B%5D=x", ["data/test.jsonl"]),
        (f"{PAGE}/discussions/3", ["data/train.jsonl"]),
    ],
)  # fmt: skip
def test_it_is_read_as_what_it_means(data, address, read):
    found = build_manager([source]).source_for(address).list(address, access())
    assert [file.name for file in found.files] == read
    again = found.shown
    assert again.startswith("hf://")
    assert names(again) == read


@pytest.mark.parametrize("page", ["", "/tree/main/data", "/blob/main/data/train.jsonl"])
def test_pages_of_a_mirror_are_read_as_those_of_the_hub(data, page):
    mirror = access().settings["HF_ENDPOINT"]
    address = f"{mirror}/datasets/org/name{page}"
    assert address.startswith(addresses(f"{mirror}/")[-1])
    assert names(address) == ["data/train.jsonl"]
    assert "not the page of a dataset" in refused(f"{mirror}/spaces/org/name").what


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://huggingface.co/org/name", "the page of a model; a dataset of that name would be hf://org/name"),
        ("https://huggingface.co/spaces/org/name", "not the page of a dataset"),
        ("https://huggingface.co/datasets", "not the page of a dataset"),
        ("https://huggingface.co/datasets/squad", "not the page of a dataset"),
        (f"{PAGE}/settings", "the dataset itself is hf://org/name"),
    ],
)  # fmt: skip
def test_a_page_of_something_else_is_told_so(hub, address, said):
    assert said in refused(address).what
    assert not hub.requests()


def test_a_pattern_across_splits_is_told(data):
    found = listing(f"{DATA}/data/*.jsonl")
    assert found.notes == (
        "2 files",
        "files of 2 splits by their names, all of them read: train: 1 file, test: 1 file",
    )
    assert names(refused(f"{DATA}/x/*.jsonl").hint.split("'")[1])
    assert "must stand alone" in refused(f"{DATA}/**.jsonl").what


def test_two_splits_at_once_are_refused(data):
    error = refused("hf://org/name/test?split=train")
    assert "names two splits" in error.what
    assert names(error.hint.split("'")[1]) == ["data/train.jsonl"]


SCRIPT = "holds a loading script (qa.py), which is never run, and no data file"


@pytest.fixture
def script(hub):
    """A dataset that is a loading script, of several configs, with its Parquet copies."""
    repo = hub.add("org/qa", {"qa.py": b"raise SystemExit", "README.md": b"# QA\n"})
    copies = {f"{c}/{s}/0000.parquet": PARQUET for c in ("main", "hard") for s in ("train", "test")}
    repo.commit({**copies, "main/train/0001.parquet": PARQUET}, ref=COPIES)
    return repo


def test_a_script_is_offered_by_its_copies_one_config_at_a_time(script):
    error = refused("hf://org/qa")
    assert error.what == (f"Dataset org/qa {SCRIPT}; its Parquet copies have 2 configs: name one.")
    assert error.detail == ("Configs: hard, main",)
    assert error.hint == "--dataset 'hf://org/qa?config=hard&revision=refs/convert/parquet'"
    assert names(error.hint.split("'")[1]) == ["hard/train/0000.parquet"]


def test_a_config_of_a_script_is_read_from_its_copies(script):
    found = listing("hf://org/qa?config=main")
    assert [file.name for file in found.files] == [
        "main/train/0000.parquet",
        "main/train/0001.parquet",
    ]
    assert found.revision == script.refs[COPIES]
    assert found.notes == (
        f"{SCRIPT}: read from its Parquet copies (refs/convert/parquet)",
        "config: main",
        "split: train",
        "test: 1 file; not trained on",
    )
    assert names(found.other_splits["test"]) == ["main/test/0000.parquet"]
    assert names("hf://org/qa/test?config=hard") == ["hard/test/0000.parquet"]


@pytest.mark.parametrize(
    "uri",
    [
        "hf://org/qa?revision=refs/convert/parquet",
        "hf://datasets/org/qa@~parquet",
        "hf://datasets/org/qa@~parquet/**/*.parquet",
        "hf://datasets/org/qa@~parquet/*/train/*.parquet",
        "hf://org/qa?file=*train*",
    ],
)
def test_configs_of_copies_are_never_merged(script, uri):
    error = refused(uri)
    assert error.detail == ("Configs: hard, main",)
    assert all(name.startswith("hard/train/") for name in names(error.hint.split("'")[1]))


def test_a_config_and_a_split_may_be_the_path_of_copies(script):
    for uri in ("hf://datasets/org/qa@~parquet/main", "hf://org/qa/main", "hf://org/qa/main/train"):
        found = listing(uri)
        assert len(found.files) == 2
        assert names(found.other_splits["test"]) == ["main/test/0000.parquet"]


def test_a_script_with_one_config_is_read_with_a_note(hub):
    repo = hub.add("org/one", {"one.py": b"raise SystemExit"})
    repo.commit(
        {"plain_text/one-train.parquet": PARQUET, "plain_text/one-test.parquet": PARQUET},
        ref=COPIES,
    )
    found = listing("hf://org/one")
    assert [file.name for file in found.files] == ["plain_text/one-train.parquet"]
    assert found.notes[1] == "config: plain_text"


def test_a_split_that_is_copied_in_part_is_said_so(hub):
    repo = hub.add("org/large", {"large.py": b""})
    repo.commit({"default/partial-train/0000.parquet": PARQUET}, ref=COPIES)
    notes = listing("hf://org/large").notes
    assert "the Hub has copied only the first part of this split to Parquet" in notes
    assert "split: train" in notes


def test_a_script_without_copies_is_refused(hub):
    hub.add("org/old", {"old.py": b"raise SystemExit"}).commit({"a.png": b""}, ref=COPIES)
    assert "loading script (old.py), which is never run" in refused("hf://org/old").what
    assert "loading script" in refused("hf://org/old?revision=main").what


def test_a_readme_of_configs_is_followed_from_a_page(hub):
    files = {
        "README.md": TWO_CONFIGS,
        "main/train-0.parquet": PARQUET,
        "socratic/a.parquet": PARQUET,
    }
    hub.add("org/data", files)
    error = refused("https://huggingface.co/datasets/org/data")
    assert error.hint == "--dataset 'hf://org/data?config=main'"
    page = "https://huggingface.co/datasets/org/data/viewer/socratic/train"
    found = listing(page)
    assert [file.name for file in found.files] == ["socratic/a.parquet"]
    assert found.shown == "hf://org/data?config=socratic&split=train"
