"""Chat format: detected, noted, flattened, refused."""

import json

import pytest

from mlcc_core.errors import PlatformError
from mlcc_core.staging import DatasetError, preview
from tests.mlcc_core.staging.datasets import (
    PAIRS,
    PREFERENCES,
    PROMPTS,
    jsonl,
    make_job,
    parquet,
    staged,
)


def message(content, role="assistant", **more):
    return {"role": role, "content": content, **more}


def pair(chosen, rejected="no", prompt="p"):
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}


def both_ways(rows):
    return [{"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}]


TABLE = {
    "single_dict": (message("text"), "text", "extracted content field"),
    "single_message": ([message("hi", "user")], "hi", "extracted content field"),
    "same_role": ([message("A"), message("B")], "A\nB", "newline-joined content (2 messages)"),
    "mixed_roles": (
        [message("Q", "user"), message("A")],
        "user: Q\nassistant: A",
        "role-prefixed messages (2 messages)",
    ),
}


@pytest.mark.parametrize("strategy", TABLE)
@pytest.mark.parametrize("way", [0, 1])
def test_strategies(strategy, way):
    value, text, what = TABLE[strategy]
    job = make_job(both_ways([pair(value)] * 12)[way], PREFERENCES)
    rows, report = staged(job)
    assert rows == [pair(text)] * 12
    assert report.notes == (
        f"Auto-converted column 'chosen' from chat-format to string\nFormat: {what}",
    )
    assert preview(job).strategies == {"chosen": strategy}
    assert preview(job).notes == report.notes
    assert not preview(job).plain


def test_every_required_string_column_is_flattened_and_no_other():
    rows = [{"prompt": [message("q", "user")], "completion": message("a")}]
    assert staged(make_job(jsonl(*rows), PAIRS))[0] == [{"prompt": "q", "completion": "a"}]
    judged = [{"prompt": [message("q", "user")], "reward_model": message("a"), "x": message("b")}]
    assert staged(make_job(jsonl(*judged), PROMPTS))[0] == judged


def test_share_gpt_keys_are_chat_format_too():
    rows = [pair({"from": "gpt", "value": "a"}, [{"from": "gpt", "value": "b"}])]
    for files in both_ways(rows):
        assert staged(make_job(files, PREFERENCES))[0] == [pair("a", "b")]


def test_strings_among_chat_values_pass_through():
    rows = [pair(message("a")), pair("plain"), pair([message("one of a list")])]
    found, _ = staged(make_job(jsonl(*rows), PREFERENCES))
    assert [row["chosen"] for row in found] == ["a", "plain", "one of a list"]


def test_first_record_decides_and_a_later_chat_value_is_an_error():
    job = make_job(jsonl(pair("text"), *[pair(message("chat"))] * 3), PREFERENCES)
    with pytest.raises(DatasetError) as caught:
        staged(job)
    assert (
        caught.value.what == "data.jsonl, line 2, column 'chosen': found object, expected string."
    )
    assert caught.value.total == 3


MISFITS = {
    "a second message": ([message("a")], [message("a"), message("b")]),
    "a second role": ([message("a"), message("b")], [message("a"), message("b", "user")]),
    "a content that is not text": (message("a"), message(None)),
    "a role that is not a string": (message("a"), message("b", None)),
    "a field 'tool_calls' beside role": (
        message("a", tool_calls=None),
        message("", tool_calls=[{"id": 1}]),
    ),
    "no message": ([message("a")], []),
}


@pytest.mark.parametrize("reason", MISFITS)
@pytest.mark.parametrize("way", [0, 1])
def test_misfits_stop_or_are_left_out(reason, way, tmp_path):
    first, odd = MISFITS[reason]
    rows = (
        [pair(first)] * 20 + [pair(odd), pair(first), pair(odd, prompt="second")] + [pair(odd)] * 4
    )
    files = both_ways(rows)[way]
    name, unit = (("d.jsonl", "line"), ("d.parquet", "row"))[way]
    rejects = tmp_path / "rejects.jsonl"
    with pytest.raises(DatasetError) as caught:
        staged(make_job(files, PREFERENCES), rejects=rejects)
    error = caught.value
    assert error.what.startswith(f"{name}, {unit} 21, column 'chosen': found ")
    assert error.total == 6
    assert sum(f"{name}, {unit} 2" in line for line in error.detail) == 2
    assert error.detail[-1] == "… and 3 more"
    assert error.hint == "./do/tune --technique x --dataset memory://org/data --on-misfit skip"
    assert list(tmp_path.iterdir()) == []

    found, report = staged(make_job(files, PREFERENCES, on_misfit="skip"), rejects=rejects)
    assert len(found) == 21
    assert report.ledger.files[0].skipped == {f"chosen: {reason}": 6}
    lines = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [(line["file"], line["line"], line["column"]) for line in lines[:2]] == [
        (name, 21, "chosen"),
        (name, 23, "chosen"),
    ]
    assert lines[0]["reason"] == error.what.removesuffix(".").partition(": ")[2]
    assert lines[1]["row"]["prompt"] == "second"
    assert sorted(tmp_path.iterdir()) == [rejects]


def test_other_errors_stop_also_where_misfits_are_skipped(tmp_path):
    rows = [pair([message("a")]), pair([message("a")] * 2), pair(5)]
    job = make_job(jsonl(*rows), PREFERENCES, on_misfit="skip")
    with pytest.raises(DatasetError, match="line 3, column 'chosen': found a number") as caught:
        staged(job, rejects=tmp_path / "rejects")
    assert caught.value.total == 1
    assert list(tmp_path.iterdir()) == []


def test_objects_that_are_no_chat_are_errors_not_misfits():
    rows = [pair(message("a")), pair({"a": 1}), pair([message("a"), None])]
    with pytest.raises(DatasetError) as caught:
        staged(make_job(jsonl(*rows), PREFERENCES, on_misfit="skip"))
    assert caught.value.total == 2
    assert "an object with the keys 'a'" in caught.value.what


def test_parts_of_text_are_joined_and_other_parts_are_misfits():
    parts = [{"type": "text", "text": "a"}, {"text": "b", "cache_control": None}]
    rows, _ = staged(make_job(jsonl(pair([message(parts)])), PREFERENCES))
    assert rows[0]["chosen"] == "a\nb"
    picture = [*parts, {"type": "image_url", "image_url": {"url": "x"}}]
    with pytest.raises(DatasetError, match="a content part of type 'image_url'"):
        staged(make_job(jsonl(pair([message(picture)])), PREFERENCES))


def test_nothing_is_staged_when_every_row_is_a_misfit():
    from mlcc_core.errors import MlccError

    rows = [pair([message(None)])] * 3
    with pytest.raises(MlccError, match="No row of org/data is left: all 3 were skipped"):
        staged(make_job(jsonl(*rows), PREFERENCES, on_misfit="skip"))


def test_dropped_roles_that_differ_are_told():
    rows = [pair(message("a")), pair(message("b", "user")), pair(message("c", "user"))]
    for files in both_ways(rows):
        _, report = staged(make_job(files, PREFERENCES))
        (warning,) = report.warnings
        assert warning.startswith("2 rows have another role in column 'chosen' than the first")


def test_no_transform_detects_and_halts():
    rows = [pair(message("a"), [message("b")])]
    for files in both_ways(rows):
        job = make_job(files, PREFERENCES, uri="hf://my-org/my-dataset", transform=False)
        inspection = preview(job)
        (error,) = inspection.problems
        assert error.what == (
            "Column 'chosen' contains chat-format data (detected: single_dict) "
            "but --no-transform is active."
        )
        assert error.detail == (
            "Column 'rejected' contains chat-format data, too (detected: single_message).",
            "Remove --no-transform to enable automatic conversion:",
        )
        assert error.hint == "./do/tune --technique x --dataset hf://my-org/my-dataset"
        assert inspection.strategies == {"chosen": "single_dict", "rejected": "single_message"}


def test_no_transform_leaves_plain_data_alone():
    assert staged(make_job(jsonl(pair("a")), PREFERENCES, transform=False))[0] == [pair("a")]


def test_answers_that_repeat_the_prompt_are_told():
    talk = [message("q", "user"), message("a")]
    job = make_job(jsonl(pair(talk, talk)), PREFERENCES)
    (warning,) = preview(job).warnings
    assert warning.endswith("--dataset memory://org/data --extract-prompt")


def test_rejects_that_cannot_be_written_are_the_platforms_fault(tmp_path):
    (tmp_path / "file").write_text("")
    rows = [pair([message("a")]), pair([message("a")] * 2)]
    with pytest.raises(PlatformError, match=r"The rejects file .* cannot be written"):
        staged(
            make_job(jsonl(*rows), PREFERENCES, on_misfit="skip"),
            rejects=tmp_path / "file" / "rejects",
        )


def test_older_rejects_do_not_stay(tmp_path):
    rejects = tmp_path / "rejects"
    rejects.write_text("old")
    staged(make_job(jsonl(pair("a")), PREFERENCES), rejects=rejects)
    assert not rejects.exists()
