"""``?file=`` patterns: what they match, and which one is suggested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.helpers.selection import (
    close_files,
    is_data_file,
    matching,
    select_files,
    split_query,
    suggest_pattern,
)

WHEN2CALL = ["call_train_00000.parquet", "general_train_00000.parquet"]

NAMES = st.lists(
    st.from_regex(r"([a-c]{1,3}/)?[a-c0-1_.\-]{1,8}\.(jsonl|parquet)", fullmatch=True),
    unique=True,
    max_size=8,
)


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("*call*", ["call_train_00000.parquet"]),
        ("call", ["call_train_00000.parquet"]),
        ("train", WHEN2CALL),
        ("general_train_0000?.parquet", ["general_train_00000.parquet"]),
        ("[cg]*", WHEN2CALL),
        ("*CALL*", []),
        ("call*train", []),
    ],
)
def test_a_pattern_means_these_files(pattern, chosen):
    assert matching(WHEN2CALL, pattern) == chosen


def test_a_glob_is_on_the_whole_name_first():
    names = ["train/a.jsonl", "test/train.jsonl"]
    assert matching(names, "train*") == ["train/a.jsonl"]
    assert matching(names, "*/train*") == ["test/train.jsonl"]


def test_a_glob_that_fits_no_whole_name_is_tried_on_base_names():
    assert matching(["data/train-0.jsonl", "data/test-0.jsonl"], "train-*") == [
        "data/train-0.jsonl"
    ]


def test_a_plain_pattern_is_on_the_base_name_only():
    assert matching(["call/a.jsonl", "b/call.jsonl"], "call") == ["b/call.jsonl"]


def test_no_match_lists_all_files():
    with pytest.raises(MlccError, match=r"No file of org/data matches \?file=sft") as raised:
        select_files(WHEN2CALL, "sft", label="org/data")
    assert [line.strip() for line in raised.value.detail[1:]] == WHEN2CALL


@given(NAMES, st.text("abc*?[]-!01./", max_size=6))
def test_a_selection_keeps_the_order_and_invents_nothing(names, pattern):
    chosen = matching(names, pattern)
    assert chosen == [name for name in names if name in chosen]


@given(NAMES.filter(bool), st.data())
def test_a_suggestion_separates_exactly(names, data):
    fitting = data.draw(st.lists(st.sampled_from(names), unique=True))
    others = [name for name in names if name not in fitting]
    pattern = suggest_pattern(fitting, others)
    if pattern is not None:
        assert set(matching(names, pattern)) == set(fitting)
        assert split_query(f"x://y?file={pattern}", ("file",)) == ("x://y", {"file": pattern})


@pytest.mark.parametrize(
    ("fitting", "others", "pattern"),
    [
        (WHEN2CALL[:1], WHEN2CALL[1:], "*call*"),
        (WHEN2CALL[1:], WHEN2CALL[:1], "*general*"),
        (["train1.jsonl", "train2.jsonl"], ["test1.jsonl"], "*train*"),
        (["sft/a.jsonl", "sft/b.jsonl"], ["dpo/a.jsonl"], "*sft*"),
        (["a.jsonl"], ["a.parquet"], "*jsonl*"),
        (["a.jsonl"], ["aa.jsonl"], "a.*"),
        (["x-a.jsonl", "b.jsonl"], ["x-b.jsonl", "a.jsonl"], None),
        (["a.jsonl"], [], None),
        ([], ["a.jsonl"], None),
    ],
)
def test_the_suggestion_is_the_shortest_telling_part(fitting, others, pattern):
    assert suggest_pattern(fitting, others) == pattern


@pytest.mark.parametrize(
    "name",
    ["a.parquet", "d/train.JSONL", "x.jsonl.gz", "x.csv.zst", "y.tsv", "z.ndjson", "data.arrow"],
)
def test_data_files_are_known_by_their_suffix(name):
    assert is_data_file(name)


@pytest.mark.parametrize(
    "name",
    ["README.md", ".a.jsonl", ".cache/a.jsonl", "__x/a.jsonl", "dataset_info.json", "a.jsonl.bak",
     "_SUCCESS", "gz", "a.gz", "train.txt"],
)  # fmt: skip
def test_other_files_are_not_data(name):
    assert not is_data_file(name)


@pytest.mark.parametrize(
    ("uri", "values"),
    [
        ("hf://a/b", {}),
        ("hf://a/b?file=*call*", {"file": "*call*"}),
        ("hf://a/b?file=train-0000?-*", {"file": "train-0000?-*"}),
        ("hf://a/b?file=a%20b&config=c", {"file": "a b", "config": "c"}),
    ],
)
def test_a_query_is_read(uri, values):
    assert split_query(uri, ("file", "config")) == ("hf://a/b", values)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("?flie=x", "Did you mean [?]file="),
        ("?file=", "'file' has no value"),
        ("?file=a&file=b", "given twice"),
        ("?", "'' is none"),
    ],
)
def test_a_bad_query_is_refused(query, problem):
    with pytest.raises(MlccError, match=problem):
        split_query("hf://a/b" + query, ("file", "config"))


@pytest.mark.parametrize(
    "query",
    [
        "?table=a&kee=4f1c",
        "?table=&key=4f1c",
        "?key=4f1c&key=4f1c",
        "?key=pass&4f1c",
        "?key=pass&4f1c=x",
    ],
)
def test_a_bad_query_shows_no_key(query):
    with pytest.raises(MlccError) as caught:
        split_query("db://me:4f1c@h/a.db" + query, ("table", "key"))
    assert "4f1c" not in str(caught.value.as_json())
    assert "db://me@h/a.db" in caught.value.what


def test_a_value_that_was_cut_at_its_sign_is_mended():
    with pytest.raises(MlccError, match="' 2' is none of its parts") as caught:
        split_query("db://a.db?query=SELECT 1 & 2", ("query",))
    assert "%26" in (caught.value.hint or "")
    assert split_query("db://a.db?query=SELECT 1 %26 2", ("query",))[1] == {"query": "SELECT 1 & 2"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("trian.jsonl", ["train.jsonl"]),
        ("train.json", ["train.jsonl"]),
        ("train", ["train.jsonl"]),
        ("data/trian-0.parquet", ["data/train.jsonl"]),
        ("other.jsonl", []),
        ("x.jsonl.gz", []),
        ("evaluation.jsonl.gz", ["eval-nation.csv.gz"]),
    ],
)
def test_a_shared_suffix_makes_no_two_names_alike(name, meant):
    known = ["train.jsonl", "prompts.jsonl", "rewards.jsonl.gz", "eval-nation.csv.gz", "docs/"]
    known = [f"data/{entry}" for entry in known] if name.startswith("data/") else known
    assert close_files(name, known) == meant
