"""Folders with splits are read by the rule of the Hub."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from mlcc_core import Access, MlccError
from mlcc_core.helpers.splits import validation_split
from mlcc_file import plugin as source

ROW = b'{"prompt": "a", "completion": "b"}\n'

HEADER = b"""---
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
- config_name: socratic
  data_files: socratic/*
---
# Data
"""


def one_config(*lines: str) -> bytes:
    """A README with these lines as ``data_files`` of its config."""
    files = "".join(f"\n    {line}" for line in lines)
    return f"---\nconfigs:\n- config_name: a\n  data_files:{files}\n---\n".encode()


@pytest.fixture
def put(tmp_path):
    """Writes files below a folder of a name with a blank, and returns it."""

    def write(*names: str, **contents: bytes) -> Path:
        root = tmp_path / "my data"
        readme = {"README.md": contents["readme"]} if "readme" in contents else {}
        for name, data in {**dict.fromkeys(names, ROW), **readme}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return root

    return write


def listing(uri):
    return source.list(str(uri), Access())


def names(uri):
    return [file.name for file in listing(uri).files]


def refused(uri):
    with pytest.raises(MlccError) as raised:
        listing(uri)
    assert raised.value.exit_code == 1
    assert "\n" not in raised.value.what
    return raised.value


def mended(error):
    """What the command of an error lists."""
    flag, uri = shlex.split(error.hint)
    assert flag == "--dataset"
    return names(uri)


def test_the_test_file_beside_the_training_file_is_not_trained_on(put):
    found = listing(put("train.jsonl", "test.jsonl", "val.jsonl"))
    assert [file.name for file in found.files] == ["train.jsonl"]
    assert found.notes == ("split: train", "validation: 1 file, test: 1 file; not trained on")


def test_other_splits_are_listed_by_their_uris(put):
    found = listing(put("train.jsonl", "test.jsonl", "val.jsonl"))
    assert list(found.other_splits) == ["validation", "test"]
    assert names(found.other_splits[validation_split(found.other_splits)]) == ["val.jsonl"]
    assert names(found.other_splits["test"]) == ["test.jsonl"]


def test_a_split_is_named_as_of_the_hub(put):
    root = put("train.jsonl", "test.jsonl", "dev.jsonl")
    for uri in (
        f"{root}/validation",
        f"{root}?split=validation",
        f"{root.as_uri()}?split=validation",
    ):
        assert names(uri) == ["dev.jsonl"]
    assert "'tset'" in refused(f"{root}?split=tset").what
    assert mended(refused(f"{root}?split=tset")) == ["test.jsonl"]
    assert "does not exist" in refused(f"{root}/tset").what


@pytest.mark.parametrize(
    "words",
    [
        ("train-00000-of-00003.parquet", "test-00000-of-00001.parquet"),
        ("data/train-00000-of-00003.parquet", "data/test-00000-of-00001.parquet"),
        ("data/train/x.jsonl", "data/test/x.jsonl"),
        ("Train.csv", "Test.csv"),
        ("my_training 1.jsonl", "my_eval 1.jsonl"),
        ("train.jsonl.gz", "evaluation.jsonl.gz"),
        ("train.jsonl", "eval/suite.jsonl"),
    ],
    ids=lambda words: words[0],
)
def test_split_words_stand_in_names_of_files_and_folders(put, words):
    found = listing(put(*words))
    assert [file.name for file in found.files] == [words[0]]
    assert found.notes[1] == "test: 1 file; not trained on"


@pytest.mark.parametrize("name", ["contest.jsonl", "latest.jsonl", "devices.jsonl", "interval.csv"])
def test_a_part_of_a_word_is_no_split(put, name):
    root = put(name, "more" + Path(name).suffix)
    assert len(names(root)) == 2
    assert not listing(root).other_splits


def test_a_readme_comes_before_the_words(put):
    root = put("main/train-0.jsonl", "main/test-0.jsonl", "socratic/x.jsonl", readme=HEADER)
    error = refused(root)
    assert error.detail == ("Configs: main, socratic",)
    assert mended(error) == ["main/train-0.jsonl"]
    assert listing(f"{root}?config=main").notes[:3] == (
        "config: main",
        "split: train",
        "test: 1 file; not trained on",
    )
    assert names(f"{root}?config=main&split=test") == ["main/test-0.jsonl"]
    assert names(f"{root}/test?config=main") == ["main/test-0.jsonl"]
    assert names(listing(f"{root}?config=main").other_splits["test"]) == ["main/test-0.jsonl"]
    assert mended(refused(f"{root}?config=mian")) == ["main/train-0.jsonl"]


def test_a_default_config_is_read_and_the_others_are_named(put):
    header = HEADER.replace(b"- config_name: socratic", b"- default: true\n  config_name: socratic")
    root = put("main/train-0.jsonl", "socratic/x.jsonl", readme=header)
    assert names(root) == ["socratic/x.jsonl"]
    assert "other configs, not read: main" in listing(root).notes


def test_a_pattern_of_the_readme_that_fits_no_file_is_named(put):
    header = one_config("- {split: train, path: data/train-*}")
    root = put("data/training.jsonl", readme=header)
    error = refused(root)
    assert error.what == (
        f"The README of {root} names files for split 'train' that are not there: "
        "'data/train-*' fits no file."
    )
    assert mended(error) == ["data/training.jsonl"]
    several = header.replace(b"data/train-*", b"[data/training*, more/*]")
    assert "'more/*' fits no file" in refused(put(readme=several)).what


def test_a_pattern_of_another_split_that_fits_no_file_is_in_the_note(put):
    header = HEADER.replace(b"main/test-*", b"gone/*")
    root = put("main/train-0.jsonl", "socratic/x.jsonl", readme=header)
    found = listing(f"{root}?config=main")
    assert "test: 0 files (gone/* fits none); not trained on" in found.notes
    assert not found.other_splits


def test_files_of_two_splits_are_counted(put):
    header = one_config("- {split: train, path: '*'}", "- {split: test, path: b*}")
    found = listing(put("a.jsonl", "b.jsonl", readme=header))
    assert len(found.files) == 2
    assert "test: 1 file (1 of them read as train, too); not trained on" in found.notes


def test_a_folder_with_only_a_test_split_wants_it_named(put):
    root = put("data/test-00000-of-00001.parquet")
    error = refused(root)
    assert error.what == f"{root} has no split 'train', only 'test': name it to train on it."
    assert error.detail == ("Splits: test: 1 file",)
    assert mended(error) == ["data/test-00000-of-00001.parquet"]


def test_a_folder_that_the_user_calls_test_may_be_read(put):
    root = put("test/test-0.jsonl", "train/x.jsonl")
    assert names(root / "test") == ["test-0.jsonl"]
    assert names(f"{root}?split=test") == ["test/test-0.jsonl"]


def test_files_beside_a_lone_test_split_are_offered(put):
    root = put("eval/suite.jsonl", "chat-a.jsonl", "chat-b.jsonl")
    error = refused(root)
    assert error.detail[1:] == ("In no split by their names:", "  chat-a.jsonl", "  chat-b.jsonl")
    assert mended(error) == ["chat-a.jsonl", "chat-b.jsonl"]


def test_several_splits_without_train_are_listed(put):
    root = put(
        *(f"data/{s}-00000-of-00001.parquet" for s in ("test_sft", "train_sft", "train_gen"))
    )
    error = refused(root)
    assert error.what == f"{root} has 3 splits and none is 'train': name one."
    assert mended(error) == ["data/train_gen-00000-of-00001.parquet"]


def test_files_in_no_split_are_named(put):
    found = listing(put("train.jsonl", "extra.jsonl"))
    assert found.notes == (
        "split: train",
        "left out, in no split by their names: extra.jsonl",
    )


def test_of_the_same_rows_in_two_formats_one_is_read(put):
    found = listing(put("a.jsonl", "b.jsonl", "a.csv"))
    assert [file.name for file in found.files] == ["a.jsonl", "b.jsonl"]
    assert "left out, of other formats: a.csv" in found.notes


def test_a_file_pattern_picks_among_all_files_or_within_a_split(put):
    root = put("train-a.jsonl", "train-b.jsonl", "test.jsonl")
    assert names(f"{root}?file=test*") == ["test.jsonl"]
    mixed = "files of 2 splits by their names, all of them read: train: 2 files, test: 1 file"
    assert listing(f"{root}?file=*").notes == (mixed, "3 files")
    assert names(f"{root}/train?file=*-a*&split=train") == ["train-a.jsonl"]
    assert names(f"{root}?split=train&file=*-b*") == ["train-b.jsonl"]
    assert not listing(f"{root}?file=test*").other_splits
    assert listing(f"{root}?split=train&file=*").split == "train"


def test_only_data_files_of_a_clone_count(put):
    beside = (".git/train.jsonl", ".cache/huggingface/download/data/test.jsonl", "LICENSE", "a.png")
    root = put("data.jsonl", "dataset_infos.json", ".gitattributes", *beside)
    (root / ".git" / "objects").mkdir()
    assert names(root) == ["data.jsonl"]


def test_a_folder_of_the_librarys_cache_is_its_main_commit(put):
    root = put("snapshots/aaa/train.jsonl", "snapshots/bbb/train.jsonl", "snapshots/bbb/test.jsonl")
    (root / "blobs").mkdir()
    (root / "refs").mkdir()
    assert "2 commits of a dataset and none is main" in refused(root).what
    assert mended_by_last_words(refused(root)) == ["train.jsonl"]
    (root / "refs" / "main").write_text("bbb")
    (root / "snapshots/bbb/train.jsonl").rename(root / "blobs" / "1f")
    (root / "snapshots/bbb/train.jsonl").symlink_to(Path("..", "..", "blobs", "1f"))
    found = listing(root)
    assert [file.path for file in found.files] == [root / "snapshots/bbb/train.jsonl"]
    assert found.notes[0] == "commit bbb, from the cache of the Hub's library"
    assert names(found.other_splits["test"]) == ["test.jsonl"]


def mended_by_last_words(error):
    return names(shlex.split(error.hint.partition("--dataset ")[2])[0])


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b"---\n{[\n---\n", "holds YAML that cannot be read"),
        (b"---\nconfigs:\n- data_files: x\n---\n", "has no config_name"),
        (b"---\nconfigs: all\n---\n", "must be a list"),
        (one_config("{train: x}"), "must be a pattern or a list"),
        (one_config("../x"), "outside of its own files"),
        (one_config("/etc/*"), "outside of its own files"),
        (one_config("'**.jsonl'"), "must stand alone"),
    ],
)  # fmt: skip
def test_a_readme_that_cannot_be_followed_is_told_with_a_way_around(put, header, said):
    error = refused(put("train.jsonl", readme=header))
    assert said in error.what
    assert mended(error) == ["train.jsonl"]


@pytest.mark.parametrize(
    "readme", [b"# Data\n", b"---\nlicense: mit\n---\n", b"---\n", b"\xff\xfe", b"---\n- 1\n---\n"]
)
def test_a_readme_without_configs_says_nothing(put, readme):
    assert names(put("train.jsonl", "test.jsonl", readme=readme)) == ["train.jsonl"]


def test_a_file_has_no_splits(put):
    root = put("train.jsonl")
    error = refused(f"{root}/train.jsonl?split=test")
    assert error.what == f"{root / 'train.jsonl'} is a file, which has no split 'test'."
    assert mended(error) == ["train.jsonl"]


def test_a_mistyped_part_of_the_query_is_told(put):
    assert "Did you mean ?split=?" in refused(f"{put('train.jsonl')}?splt=test").what


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("datasets/org/name", "hf://datasets/org/name"),
        ("org/name", "hf://org/name"),
        ("org/name?config=main", "hf://org/name?config=main"),
        ("huggingface.co/datasets/org/name/tree/main", "https://huggingface.co/datasets/org/name/tree/main"),
    ],
)  # fmt: skip
def test_a_name_of_the_hub_is_offered_as_its_uri(given, meant, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    error = refused(given)
    assert "a dataset of the Hugging Face Hub begins with hf://" in error.what
    assert shlex.split(error.hint) == ["--dataset", meant]


@pytest.mark.parametrize("given", ["data/train.jsonl", "nothing", "/org/name", "org/x/name"])
def test_other_paths_are_just_missing(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "Hub" not in refused(given).what


@pytest.fixture
def saved(tmp_path):
    """Saves a folder of splits as the datasets library does."""

    def save(*splits, record=None):
        for split in splits:
            folder = tmp_path / "saved" / split
            folder.mkdir(parents=True)
            for name in ("data-00000-of-00001.arrow", "dataset_info.json", "cache-1a2b.arrow"):
                (folder / name).write_bytes(b"{}")
            state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}
            (folder / "state.json").write_text(json.dumps(state))
        text = json.dumps({"splits": splits}) if record is None else record
        (tmp_path / "saved" / "dataset_dict.json").write_text(text)
        return tmp_path / "saved"

    return save


def test_of_saved_splits_train_is_read(saved):
    found = listing(saved("test", "train"))
    assert [file.name for file in found.files] == ["train/data-00000-of-00001.arrow"]
    assert found.notes == ("split: train", "test: 1 file; not trained on")
    assert names(found.other_splits["test"]) == ["test/data-00000-of-00001.arrow"]


def test_a_lone_saved_split_of_any_other_name_is_read(saved):
    assert listing(saved("prefs")).notes == ("split: prefs",)


def test_a_lone_saved_test_split_wants_to_be_named(saved):
    folder = saved("test")
    assert "only 'test'" in refused(folder).what
    assert names(folder / "test") == ["data-00000-of-00001.arrow"]


def test_several_saved_splits_want_a_choice(saved):
    folder = saved("test", "validation")
    error = refused(folder)
    assert error.what == f"{folder} has 2 splits and none is 'train': name one."
    assert error.detail == ("Splits: test: 1 file, validation: 1 file",)
    assert mended(error) == ["test/data-00000-of-00001.arrow"]
    assert names(f"{folder}?file=test/*") == ["test/data-00000-of-00001.arrow"]


RECORDS = ["", "[]", "{}", '{"splits": 5}', '{"splits": ["", "..", "/", "c", null, "\\u0000"]}']


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_that_names_no_split_of_the_folder_is_none(saved, record):
    assert len(names(saved("a", "b", record=record))) == 2
