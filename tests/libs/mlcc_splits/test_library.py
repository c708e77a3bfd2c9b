"""The rule gives what the ``datasets`` library gives, for READMEs and for names of any kind."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcc_core import MlccError
from mlcc_core.helpers.splits import names_like
from mlcc_splits import Config, Configs, Place, configs_of, splits_of
from tests.example_count import examples
from tests.libs.mlcc_splits.names_fs import PROTOCOL, ROOT, register

data_files = pytest.importorskip("datasets.data_files")
pytestmark = pytest.mark.slow

WORDS = st.sampled_from(
    [
        *("train", "training", "test", "testing", "eval", "evaluation"),
        *("dev", "val", "valid", "validation"),
        *("contest", "data", "a", "x1", "sft", "training2", "__pycache__", ".hidden"),
    ]
)
SIGNS = st.sampled_from(["-", "_", ".", " ", "1", "+", "", "é"])
PART = (
    st.lists(st.one_of(WORDS, SIGNS), min_size=1, max_size=4)
    .map("".join)
    .filter(lambda part: part.strip(".") and not part.startswith(("_", "-")))
)
SHARDS = st.builds(
    "data/{}-0000{}-of-00003{}.parquet".format,
    st.sampled_from(["train", "test", "validation", "test_sft", "all"]),
    st.integers(0, 2),
    st.sampled_from(["", "-1a2b"]),
)
NAMES = st.one_of(
    st.builds("{}/{}.jsonl".format, st.lists(PART, min_size=1, max_size=3).map("/".join), PART),
    PART.map("{}.jsonl".format),
    SHARDS,
)
GLOB_PART = st.one_of(
    PART,
    st.just("*"),
    st.just("**"),
    st.lists(
        st.sampled_from(["*", "?", "[a-t]", "[!x]", "[", "]", "[]a]", "[z-a]", "[-._ 0-9]", "[^a]"])
        | st.sampled_from(["train", "test", "-", ".jsonl", "\\", "[t-]", "[a-c-e]", "[&&~]"]),
        min_size=1,
        max_size=4,
    ).map("".join),
)
GLOB = st.lists(GLOB_PART, min_size=1, max_size=3).map("/".join)


@pytest.fixture(scope="module", autouse=True)
def _registered():
    register()


def place(names):
    return Place("Dataset org/name", sorted(names), lambda **parts: f"hf://org/name?{parts}")


def theirs(names, pattern):
    """What the library resolves a pattern to."""
    from datasets import DownloadConfig

    options = DownloadConfig(storage_options={PROTOCOL: {"names": tuple(names)}})
    root = f"{PROTOCOL}://{ROOT}"
    try:
        found = data_files.resolve_pattern(pattern, root, download_config=options)
    except FileNotFoundError:
        return []
    return [path.removeprefix(f"{root}/") for path in found]


def their_splits(names):
    """What the library makes of names alone."""
    from datasets import DownloadConfig

    options = DownloadConfig(storage_options={PROTOCOL: {"names": tuple(names)}})
    try:
        patterns = data_files.get_data_patterns(f"{PROTOCOL}://{ROOT}", download_config=options)
    except FileNotFoundError:
        return {}
    return {
        str(split): list(dict.fromkeys(name for one in several for name in theirs(names, one)))
        for split, several in patterns.items()
    }


@settings(max_examples=examples(300), deadline=None)
@given(st.sets(NAMES, max_size=6), GLOB)
def test_a_pattern_means_the_same_files(names, pattern):
    try:
        expected = theirs(names, pattern)
    except ValueError:
        with pytest.raises(ValueError, match="must stand alone"):
            names_like(names, pattern)
    else:
        assert names_like(names, pattern) == expected


@settings(max_examples=examples(300), deadline=None)
@given(st.sets(NAMES, min_size=1, max_size=6))
def test_names_tell_the_same_splits(names):
    ours = {name: list(split.files) for name, split in splits_of(place(names)).items()}
    expected = their_splits(names)
    if "train" in ours and "train" not in expected:
        # Theirs has no training split, as folders name others; ours looks at the files beside.
        beside = {name for name in names if not any(name in files for files in expected.values())}
        assert set(ours.pop("train")) <= beside
    one_format = {split: files for split, files in expected.items() if files}
    suffixes = {name.rpartition(".")[2] for name in names}
    if len(suffixes) == 1:
        assert ours == one_format
    else:
        assert list(ours) == list(one_format)
        assert all(set(ours[split]) <= set(one_format[split]) for split in ours)


CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "config_name": st.sampled_from(["default", "a", "b"]),
        "default": st.booleans(),
        "data_dir": st.sampled_from(["data", "x/y"]),
        "data_files": st.one_of(
            st.sampled_from(["x/*", "a.jsonl"]),
            st.lists(st.sampled_from(["x/*", "a.jsonl"]), min_size=1, max_size=2),
            st.lists(
                st.fixed_dictionaries(
                    {"split": st.sampled_from(["train", "test", "test-1", "a.b"])},
                    optional={"path": st.sampled_from(["x/*", ["x/*", "y"], {"a": 1}])},
                ),
                min_size=1,
                max_size=2,
            ),
            st.just({"train": "x"}),
        ),
    },
)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(CONFIG, max_size=3))
def test_a_header_means_the_same_configs(entries):
    from datasets.utils.metadata import MetadataConfigs

    names = [entry.get("config_name") for entry in entries]
    try:
        theirs = MetadataConfigs.from_dataset_card_data({"configs": entries})
        default = theirs.get_default_config_name()
        patterns = {
            name: part.get("data_files") and data_files.sanitize_patterns(part["data_files"])
            for name, part in theirs.items()
        }
    except (ValueError, TypeError):
        patterns = None
    try:
        ours = configs_of({"configs": entries}, place([]))
    except MlccError:
        assert patterns is None or len(set(names)) < len(names)
    else:
        assert patterns is not None
        assert ours.default == default
        assert {name: config.patterns for name, config in ours.parts.items()} == patterns
        assert isinstance(ours, Configs)


def test_a_folder_of_a_config_is_where_its_patterns_begin():
    names = ["a/x/1.jsonl", "x/2.jsonl"]
    splits = splits_of(place(names), Config("a", {"train": ["./x/*"]}))
    assert splits["train"].files == ("a/x/1.jsonl",)
