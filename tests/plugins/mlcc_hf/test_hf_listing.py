"""What ``hf://`` URIs mean."""

from __future__ import annotations

import pytest

from mlcc_core import PlatformError
from mlcc_hf import plugin as source
from tests.plugins.mlcc_hf.hubs import ROW, TWO_CONFIGS, access, listing, names, refused

PARQUET = b"PAR1"


@pytest.fixture
def gsm8k(hub):
    files = {"README.md": TWO_CONFIGS}
    for name in ("main/train-0", "main/train-1", "main/test-0", "socratic/all"):
        files[f"{name}.parquet"] = PARQUET
    return hub.add("openai/gsm8k", files)


@pytest.fixture
def transcripts(hub):
    folders = {f"{f}/{s}.jsonl.gz": b"x" for f in ("base", "online") for s in ("train", "test")}
    return hub.add("org/transcripts", {**folders, "red-team/attempts.jsonl.gz": b"y"})


def test_a_config_and_its_train_split_are_read_from_the_header(gsm8k, hub):
    found = listing("hf://openai/gsm8k?config=main")
    assert [file.name for file in found.files] == ["main/train-0.parquet", "main/train-1.parquet"]
    assert (found.label, found.revision) == ("openai/gsm8k", gsm8k.refs["main"])
    test = "test: 1 file; not trained on"
    assert found.notes == ("config: main", "split: train", test)
    assert found.other_splits == {"test": "hf://openai/gsm8k?config=main&split=test"}
    assert len(hub.requests()) == 1


def test_a_split_is_named_in_the_path(gsm8k):
    assert names("hf://openai/gsm8k/test?config=main") == ["main/test-0.parquet"]


def test_several_configs_without_a_default_are_listed(gsm8k):
    error = refused("hf://openai/gsm8k")
    assert "2 configs and no default" in error.what
    assert error.detail == ("Configs: main, socratic",)
    assert error.hint == "--dataset 'hf://openai/gsm8k?config=main'"


def test_an_unknown_config_names_the_close_one(gsm8k):
    assert refused("hf://openai/gsm8k?config=mian").hint == (
        "--dataset 'hf://openai/gsm8k?config=main'"
    )


def test_a_config_in_the_place_of_a_split_is_explained(gsm8k):
    error = refused("hf://openai/gsm8k/socratic")
    assert error.what == "'socratic' is a config of openai/gsm8k, not a split."
    assert names(error.hint.split("'")[1]) == ["socratic/all.parquet"]


def test_an_unknown_split_lists_the_splits(gsm8k):
    error = refused("hf://openai/gsm8k/tset?config=main")
    assert error.detail == ("Splits: train: 2 files, test: 1 file",)
    assert error.hint == "--dataset 'hf://openai/gsm8k?config=main&split=test'"


def test_a_default_config_is_taken(hub):
    header = TWO_CONFIGS.replace(b"config_name: main\n", b"config_name: main\n  default: true\n")
    hub.add("org/data", {"README.md": header, "main/train-0.parquet": PARQUET})
    assert listing("hf://org/data").notes == (
        "config: main",
        "split: train",
        "test: 0 files (main/test-* fits none); not trained on",
        "other configs, not read: socratic",
    )


def test_a_pattern_picks_among_all_files_of_the_repository(gsm8k):
    assert names("hf://openai/gsm8k?file=*test*") == ["main/test-0.parquet"]
    assert len(names("hf://openai/gsm8k?file=parquet")) == 4


def test_a_pattern_picks_within_a_split_or_config_that_is_named(gsm8k):
    assert names("hf://openai/gsm8k/train?config=main&file=*-1*") == ["main/train-1.parquet"]
    error = refused("hf://openai/gsm8k?config=socratic&file=train")
    assert error.detail == ("Available files:", "  socratic/all.parquet")


def test_without_a_header_splits_are_told_from_names(hub):
    files = dict.fromkeys(("train.jsonl", "dev.jsonl", "README.md", "notes.txt"), ROW)
    hub.add("org/data", files)
    assert names("hf://org/data") == ["train.jsonl"]
    assert names("hf://org/data/validation") == ["dev.jsonl"]


def test_files_that_no_split_claims_are_mentioned(transcripts):
    found = listing("hf://org/transcripts")
    assert [file.name for file in found.files] == ["base/train.jsonl.gz", "online/train.jsonl.gz"]
    assert found.notes == (
        "split: train",
        "test: 2 files; not trained on",
        "left out, in no split by their names: red-team/attempts.jsonl.gz",
    )


def test_a_folder_is_read_as_a_dataset_of_its_own(transcripts):
    assert names("hf://org/transcripts/base") == ["base/train.jsonl.gz"]
    assert names("hf://org/transcripts/base/test") == ["base/test.jsonl.gz"]
    assert names("hf://org/transcripts/red-team") == ["red-team/attempts.jsonl.gz"]


def test_a_file_is_named_by_its_path(gsm8k):
    (file,) = listing("hf://openai/gsm8k/main/test-0.parquet").files
    assert names(file.uri) == ["main/test-0.parquet"]


def test_splits_without_train_must_be_named_unless_there_is_one(hub):
    shards = {f"data/{s}-00000-of-00001.parquet": PARQUET for s in ("train_prefs", "test_prefs")}
    hub.add("org/prefs", shards)
    error = refused("hf://org/prefs")
    assert "2 splits and none is 'train'" in error.what
    assert error.detail == ("Splits: test_prefs: 1 file, train_prefs: 1 file",)
    assert error.hint == "--dataset 'hf://org/prefs?split=train_prefs'"
    hub.add("org/one", {"data/prefs-00000-of-00001.parquet": PARQUET})
    assert listing("hf://org/one").notes == ("split: prefs",)


def test_a_lone_test_split_is_trained_on_only_by_its_name(hub):
    hub.add("org/one", {"data/test_sft-00000-of-00001.parquet": PARQUET})
    error = refused("hf://org/one")
    assert error.what.endswith("has no split 'train', only 'test_sft': name it to train on it.")
    assert listing(error.hint.split("'")[1]).notes == ("split: test_sft",)


def test_the_same_rows_in_two_formats_are_read_once(hub):
    hub.add("org/data", {"a.jsonl": ROW, "a.csv": ROW, "b.jsonl": ROW})
    found = listing("hf://org/data")
    assert [file.name for file in found.files] == ["a.jsonl", "b.jsonl"]
    assert found.notes[-1] == "left out, of other formats: a.csv"


def test_a_broken_header_is_named_and_a_pattern_goes_around_it(hub):
    header = b"---\nconfigs:\n- data_files: x\n---\n"
    hub.add("org/data", {"README.md": header, "train.jsonl": ROW})
    assert "configs header that cannot be understood" in refused("hf://org/data").what
    assert names("hf://org/data?file=train") == ["train.jsonl"]
    hub.add("org/data", {"README.md": b"---\n{[\n---\n", "train.jsonl": ROW})
    assert "holds YAML that cannot be read" in refused("hf://org/data").what


@pytest.mark.parametrize("place", ["https://example.com/x.jsonl", "/etc/passwd", "zip://a::b.zip"])
def test_a_header_that_leads_elsewhere_is_refused(hub, place):
    header = f"---\nconfigs:\n- config_name: a\n  data_files: {place}\n---\n".encode()
    hub.add("org/data", {"README.md": header, "train.jsonl": ROW})
    assert "outside of its own files" in refused("hf://org/data").what
    assert len(hub.requests()) == 1


def test_configs_may_stand_in_a_file_of_their_own(hub):
    config = b"configs:\n- config_name: a\n  data_files: two.jsonl\n"
    hub.add("org/data", {".huggingface.yaml": config, "one.jsonl": ROW, "two.jsonl": ROW})
    assert names("hf://org/data") == ["two.jsonl"]


def test_a_pattern_that_fits_no_file_is_named(hub):
    header = b"---\nconfigs:\n- config_name: a\n  data_files: gone/*\n---\n"
    hub.add("org/data", {"README.md": header, "train.jsonl": ROW})
    error = refused("hf://org/data")
    assert "split 'train' that are not there: 'gone/*' fits no file" in error.what
    assert names(error.hint.split("'")[1]) == ["train.jsonl"]
    assert refused("hf://org/data/train").what == error.what


def test_a_split_of_pictures_lists_them(hub):
    header = b"---\nconfigs:\n- config_name: a\n  data_files: img/*\n---\n"
    hub.add("org/data", {"README.md": header, "img/a.png": b"x", "img/b.png": b"x", "c.csv": b""})
    assert "  img/a.png" in refused("hf://org/data/train").detail


def test_a_revision_is_pinned(hub):
    repo = hub.add("org/data", {"train.jsonl": b"old"})
    old = repo.refs["main"]
    repo.commit({"train.jsonl": b"newer"})
    repo.commit({"train.jsonl": b"branch!"}, ref="refs/pr/1")
    assert listing("hf://org/data").files[0].size == 5
    assert listing(f"hf://org/data?revision={old}").files[0].size == 3
    assert listing("hf://org/data?revision=refs/pr/1").files[0].size == 7
    assert listing(f"hf://datasets/org/data@{old}/train.jsonl").revision == old
    assert "no revision 'v9'" in refused("hf://org/data?revision=v9").what


def test_a_renamed_dataset_is_followed_and_said_so(hub):
    hub.add("org/new", {"train.jsonl": ROW})
    hub.renamed["org/old"] = "org/new"
    found = listing("hf://org/old")
    assert found.label == "org/new"
    assert found.notes[0] == "renamed on the Hub: now org/new"


def test_an_empty_repository_and_one_with_only_a_script_are_told_apart(hub):
    hub.add("org/empty", {".gitattributes": b"x"})
    assert refused("hf://org/empty").detail == ("It is empty.",)
    hub.add("org/old", {"old.py": b"raise SystemExit", "README.md": b"#"})
    assert "loading script (old.py), which is never run" in refused("hf://org/old").what


def test_a_large_repository_is_listed_whole(hub):
    hub.add("org/large", {f"d{n % 7}/{n:04}.jsonl": b"%d" % n for n in range(1200)})
    files = listing("hf://org/large").files
    assert len(files) == 1200
    with source.open(files[-1], access()) as opened:
        assert opened.read() == files[-1].name[3:7].lstrip("0").encode()


@pytest.mark.parametrize(
    "uri",
    ["hf://", "hf://gsm8k", "hf://spaces/a/b", "hf://a/b--c", "hf://a/..", "hf://-a/b", "hf://a/b@",
     "hf://a/b@x?revision=y", "hf://a b/c"],
)  # fmt: skip
def test_a_malformed_uri_is_refused_without_asking(hub, uri):
    assert "cannot be read" in refused(uri).what
    assert not hub.requests()


def test_a_fingerprint_follows_the_content_not_the_commit(hub):
    repo = hub.add("org/data", {"train.jsonl": ROW, "big.parquet": PARQUET})

    def prints():
        files = listing("hf://org/data?file=*").files
        return {file.name: file.fingerprint for file in files}

    before = prints()
    repo.commit({"train.jsonl": ROW * 2, "big.parquet": PARQUET})
    after = prints()
    assert after["train.jsonl"] != before["train.jsonl"]
    assert after["big.parquet"] == before["big.parquet"]


def test_a_name_that_leads_out_of_its_folder_is_not_copied(hub, tmp_path):
    hub.add("org/data", {"../evil.jsonl": ROW, "train.jsonl": ROW})
    assert names("hf://org/data?file=*") == ["train.jsonl"]
    (file,) = listing("hf://org/data/../evil.jsonl").files
    with pytest.raises(PlatformError, match="leads out of its folder"):
        source.fetch(file, tmp_path / "in", access())
    assert not (tmp_path / "evil.jsonl").exists()
