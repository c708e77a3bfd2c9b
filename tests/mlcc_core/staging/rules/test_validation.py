"""Types, nulls, blanks, evaluators: what a row must be."""

import io
import json

import pytest

from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.errors import MlccError
from mlcc_core.staging import DatasetError, check, preview, stage, validate_in_place
from tests.mlcc_core.staging.datasets import PAIRS, PROMPTS, jsonl, make_job, parquet, staged

GOOD = {"prompt": "p", "completion": "c"}
USER = {"role": "user", "content": "q"}


def test_first_malformed_line_is_shown_with_the_expected_format():
    rows = [GOOD, {"prompt": "p", "completion": 7}, GOOD, {"prompt": None, "completion": "c"}]
    with pytest.raises(DatasetError) as caught:
        staged(make_job(jsonl(*rows)))
    error = caught.value
    assert error.what == "data.jsonl, line 2, column 'completion': found number, expected string."
    assert error.detail == (
        '{"prompt": "p", "completion": 7}',
        "Expected format:",
        '{"prompt": "What?", "completion": "That."}',
        "Required keys: prompt (string), completion (string)",
        "data.jsonl, line 4, column 'prompt': found null, expected string",
    )
    assert (error.total, error.exit_code) == (2, 1)
    document = json.loads(json.dumps(error.as_json()))
    assert document["error_count"] == 2
    assert [e["line"] for e in document["errors"]] == [2, 4]


def test_long_lines_are_shortened_in_messages():
    with pytest.raises(DatasetError) as caught:
        staged(make_job(jsonl({"prompt": "p" * 5000, "completion": ["\x1b[31m"]})))
    assert len(caught.value.detail[0]) <= 165
    assert "\x1b" not in caught.value.detail[0]


def test_every_wrong_row_is_kept():
    job = make_job(jsonl(*[GOOD] * 20, *[{"prompt": "p", "completion": 1}] * 500))
    with pytest.raises(DatasetError) as caught:
        staged(job)
    assert (caught.value.total, len(caught.value.errors)) == (500, 500)
    assert caught.value.detail[-1] == "… and 497 more"


@pytest.mark.parametrize("value", [None, 1, True, ["a"], {"a": 1}, 1.5])
def test_only_strings_are_strings(value):
    with pytest.raises(DatasetError, match="line 12, column 'prompt'"):
        staged(make_job(jsonl(*[GOOD] * 11, {**GOOD, "prompt": value})))


def test_missing_key_is_an_error():
    with pytest.raises(DatasetError, match="line 2, column 'completion': found no such key"):
        staged(make_job(jsonl(GOOD, {"prompt": "p"})))
    with pytest.raises(DatasetError, match="line 1, column 'completion': found no such key"):
        staged(make_job(jsonl({"prompt": "p"}, GOOD)))


@pytest.mark.parametrize(
    "pack", [lambda rows: {"d.jsonl": jsonl(*rows)}, lambda rows: {"d.parquet": parquet(rows)}]
)
def test_blank_strings_are_counted_and_warned_of(pack):
    rows = [GOOD, {"prompt": "", "completion": " \n\u3000"}, {"prompt": "p", "completion": ""}]
    found, report = staged(make_job(pack(rows)))
    assert found == rows
    assert sorted(report.warnings) == [
        "1 row has an empty column 'prompt'.",
        "2 rows have an empty column 'completion'.",
    ]


@pytest.mark.parametrize("name", ["d.jsonl", "d.parquet"])
def test_whatever_shows_as_nothing_is_blank(name):
    blanks = [char for char in map(chr, range(0x110000)) if char.isspace() or char == "\ufeff"]
    rows = [{"prompt": "p", "completion": char * 2} for char in blanks]
    report = check(make_job({name: parquet(rows) if name.endswith("parquet") else jsonl(*rows)}))
    assert report.columns[1].empty == len(blanks)
    assert report.warnings == (f"{len(blanks)} rows have an empty column 'completion'.",)


def test_broken_lines_are_rows_with_errors():
    text = jsonl(GOOD) + b'{"prompt": "p"\n' + b"not json\n" + jsonl(GOOD)
    report = check(make_job(text))
    assert (report.rows, report.valid, report.error_count) == (4, 2, 2)
    assert [(e.line, e.column) for e in report.errors] == [(2, None), (3, None)]
    with pytest.raises(DatasetError, match="line 2: found a value that does not end"):
        staged(make_job(text))


TYPES = {
    "number": (1.5, "1"),
    "boolean": (False, 0),
    "array": ([], {}),
    "object": ({}, []),
    "string": ("", None),
}


@pytest.mark.parametrize("kind", TYPES)
def test_column_types(kind):
    schema = DatasetSchema((Column("x", (kind,)),), example={})
    good, bad = TYPES[kind]
    assert staged(make_job(jsonl({"x": good}), schema))[0] == [{"x": good}]
    with pytest.raises(DatasetError):
        staged(make_job(jsonl({"x": bad}), schema))


def test_boolean_is_no_number():
    with pytest.raises(DatasetError, match="found boolean, expected number"):
        staged(make_job(jsonl({"x": True}), DatasetSchema((Column("x", ("number",)),), example={})))


def test_optional_columns_may_be_null_or_missing_but_not_wrong():
    schema = DatasetSchema((Column("a"), Column("b", required=False)), example={})
    rows = [{"a": "x"}, {"a": "x", "b": None}, {"b": "y", "a": "x"}]
    found, _ = staged(make_job(jsonl(*rows), schema))
    assert found == [{"a": "x"}, {"a": "x", "b": None}, {"a": "x", "b": "y"}]
    with pytest.raises(DatasetError, match="column 'b': found number"):
        staged(make_job(jsonl({"a": "x", "b": 1}), schema))


def prompts(*values, **more):
    return jsonl(*({"prompt": value, "reward_model": "j", **more} for value in values))


PARTS = [{"type": "text", "text": "q"}, {"text": "r"}]


@pytest.mark.parametrize(
    "value",
    [
        [USER],
        [{"role": "system", "content": ""}, USER],
        [{"role": "user", "content": PARTS}],
        [{**USER, "name": "n", "tool_calls": None}],
    ],
)
def test_messages_are_written_as_they_are(value):
    rows = [{"prompt": value, "reward_model": "j"}]
    for files in ({"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}):
        found, report = staged(make_job(files, PROMPTS))
        shown = json.loads(json.dumps(found).replace(', "text": null', ""))
        assert shown[0]["prompt"][0]["role"] == value[0]["role"]
        assert report.notes == ()
    assert staged(make_job(jsonl(*rows), PROMPTS))[0] == rows


NO_MESSAGES = {
    "an empty array": [],
    "a string as message 1": ["q"],
    "message 1 with the keys 'from', 'text'": [{"from": "human", "text": "q"}],
    "message 1 with the keys 'from', 'value', 'role'": [
        {"from": "human", "value": "q", "role": "x"}
    ],
    "message 2 with a content that is null": [USER, {"from": "human", "value": None}],
    "message 2 with the keys 'role'": [USER, {"role": "user"}],
    "message 1 with a role that is null": [{"role": None, "content": "q"}],
    "message 1 with a content that is null": [{"role": "user", "content": None}],
    "message 1 with a content part of type 'image_url'": [
        {"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}
    ],
    "message 1 with a content part with 'image' beside its text": [
        {"role": "user", "content": [{"type": "text", "text": "q", "image": "x"}]}
    ],
    "object": USER,
    "number": 5,
}


@pytest.mark.parametrize("found", NO_MESSAGES)
def test_what_is_no_array_of_messages(found):
    with pytest.raises(DatasetError) as caught:
        staged(make_job(prompts([USER], NO_MESSAGES[found]), PROMPTS))
    assert f"line 2, column 'prompt': found {found}, expected" in caught.value.what


@pytest.mark.parametrize("way", [0, 1])
def test_string_prompt_is_wrapped_with_a_note(way):
    rows = [{"prompt": "q", "reward_model": "j"}] * 3
    files = ({"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)})[way]
    job = make_job(files, PROMPTS)
    found, report = staged(job)
    assert found == [{"prompt": [USER], "reward_model": "j"}] * 3
    assert report.notes == (
        "Wrapped column 'prompt' from string to messages\nFormat: one user message",
    )
    assert not preview(job).plain
    refused = make_job(files, PROMPTS, transform=False)
    with pytest.raises(MlccError, match=r"found string.*expected array of message objects"):
        staged(refused)


@pytest.mark.parametrize("way", [0, 1])
def test_messages_of_from_and_value_get_role_and_content_with_a_note(way):
    names = ("system", "human", "GPT", "observation")
    turns = [{"from": name, "value": f"{name}?", "weight": n} for n, name in enumerate(names)]
    rows = [{"prompt": turns, "reward_model": "j"}] * 3
    files = ({"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)})[way]
    job = make_job(files, PROMPTS)
    found, report = staged(job)
    roles = ("system", "user", "assistant", "observation")
    expected = [
        {"role": role, "content": f"{name}?", "weight": n}
        for n, (role, name) in enumerate(zip(roles, names, strict=True))
    ]
    assert found == [{"prompt": expected, "reward_model": "j"}] * 3
    (note,) = report.notes
    assert note == (
        "Renamed the keys of messages in column 'prompt' from 'from' and 'value'\n"
        "Format: role and content; human is user, gpt is assistant"
    )
    assert not preview(job).plain
    refused = make_job(files, PROMPTS, transform=False)
    with pytest.raises(MlccError, match=r"the keys 'from', 'value', .*expected array of message"):
        staged(refused)


def test_messages_of_from_and_value_beside_others():
    good = [USER, {"role": "assistant", "content": "a"}]
    other = [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]
    found, report = staged(make_job(prompts(good, other, other[:1] + good[1:]), PROMPTS))
    assert [row["prompt"] for row in found] == [good] * 3
    assert len(report.notes) == 1


@pytest.mark.parametrize("way", [0, 1])
def test_evaluators(way):
    def files(*values):
        rows = [{"prompt": [USER], "reward_model": value} for value in values]
        return ({"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)})[way]

    _, report = staged(make_job(files("a", "b", "a"), PROMPTS))
    assert report.evaluators.counts == (("a", 2), ("b", 1))
    assert (report.evaluators.distinct, report.evaluators.objects) == (2, 0)
    rule = {"style": "rule", "ground_truth": "4"}
    _, report = staged(make_job(files(rule, rule), PROMPTS))
    assert (report.evaluators.counts, report.evaluators.objects) == ((), 2)
    with pytest.raises(DatasetError, match="column 'reward_model': found null"):
        staged(make_job(files("a", None), PROMPTS))
    found, report = staged(make_job(files("a", None), PROMPTS, evaluator_given=True))
    assert [row["reward_model"] for row in found] == ["a", None]
    assert report.evaluators.counts == ()


def test_evaluator_column_may_be_missing_where_a_flag_names_it():
    rows = [{"prompt": [USER], "answer": 4, "z": None}]
    found, report = staged(make_job(jsonl(*rows), PROMPTS, evaluator_given=True))
    assert found == rows
    assert report.columns == ("prompt", "answer", "z")


def test_other_columns_follow_in_source_order():
    text = b'{"z": 1.50, "reward_model": "j", "a": {"b": [1e2]}, "prompt": "q", "m": null}\n'
    sink = io.BytesIO()
    stage(make_job(text, PROMPTS), sink)
    assert sink.getvalue() == (
        b'{"prompt":[{"role":"user","content":"q"}],"reward_model":"j","z":1.50,'
        b'"a":{"b": [1e2]},"m":null}\n'
    )


def test_plain_data_could_be_used_as_it_is():
    assert preview(make_job(jsonl(GOOD))).plain
    for job in (
        make_job(jsonl({**GOOD, "x": 1})),
        make_job({"a.jsonl": jsonl(GOOD), "b.jsonl": jsonl(GOOD)}),
        make_job(jsonl(GOOD).replace(b"\n", b"\r\n")),
        make_job(b"\xef\xbb\xbf" + jsonl(GOOD)),
        make_job({"d.json": json.dumps([GOOD]).encode()}),
        make_job({"d.parquet": parquet([GOOD])}),
        make_job(jsonl({"prompt": "p"})),
        make_job(jsonl({"input": "p", "completion": "c"}), column_map=(("input", "prompt"),)),
    ):
        assert not preview(job).plain


def test_in_place_the_first_ten_lines_are_looked_at_or_all():
    job = make_job(jsonl(*[GOOD] * 10, {"prompt": 1, "completion": "c"}))
    report = validate_in_place(job)
    assert (report.rows, report.bytes) == (10, 0)
    with pytest.raises(DatasetError, match="line 11, column 'prompt'"):
        validate_in_place(job, full=True)
    with pytest.raises(DatasetError, match="line 3"):
        validate_in_place(make_job(jsonl(GOOD, GOOD, {"prompt": 1, "completion": "c"})))
    assert validate_in_place(make_job(jsonl(*[GOOD] * 30)), full=True).rows == 30


def test_in_place_a_string_is_no_message():
    job = make_job(prompts(*[[USER]] * 10, "q"), PROMPTS)
    with pytest.raises(DatasetError, match="line 11, column 'prompt': found string"):
        validate_in_place(job, full=True)


def test_what_is_not_plain_is_not_validated_in_place():
    with pytest.raises(MlccError, match="cannot be used as it is"):
        validate_in_place(make_job({"d.json": json.dumps([GOOD]).encode()}))


def test_converse_messages():
    schema = DatasetSchema(
        format="converse",
        columns=(Column("system", ("array",), required=False), Column("messages", ("messages",))),
        example={"messages": [{"role": "user", "content": [{"text": "q"}]}]},
    )
    row = {"system": [{"text": "s"}], "messages": [{"role": "user", "content": [{"text": "q"}]}]}
    for files in ({"d.jsonl": jsonl(row)}, {"d.parquet": parquet([row])}):
        assert staged(make_job(files, schema))[0] == [row]
    with pytest.raises(DatasetError) as caught:
        staged(make_job(jsonl({"messages": "q"}), schema))
    assert '{"messages": [{"role": "user", "content": [{"text": "q"}]}]}' in caught.value.detail


def test_pairs_need_no_second_look_at_columns_that_are_dropped():
    rows = [{**GOOD, "x": {"any": [1, None, "thing"]}}]
    assert staged(make_job(jsonl(*rows), PAIRS))[0] == [GOOD]
