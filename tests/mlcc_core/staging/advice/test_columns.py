"""Column maps, missing columns, files that differ."""

from dataclasses import replace

import pytest

from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.errors import ContractBreach, MlccError
from mlcc_core.staging import parse_column_map, preview
from mlcc_core.staging.advice.divergence import with_file_pattern
from tests.mlcc_core.staging.datasets import (
    PAIRS,
    PREFERENCES,
    PROMPTS,
    jsonl,
    make_job,
    parquet,
    staged,
)

COMMAND = "./do/tune --technique x --dataset memory://org/data"
USER = {"role": "user", "content": "q"}
REPLY = {"role": "assistant", "content": "a"}


def both_ways(rows):
    return [{"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}]


def problem(job):
    (error,) = preview(job).problems
    with pytest.raises(MlccError) as caught:
        staged(job)
    assert caught.value.what == error.what
    return error


def test_parses_pairs():
    assert parse_column_map("input:prompt, output : completion") == (
        ("input", "prompt"),
        ("output", "completion"),
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "'' is not a pair"),
        ("input", "'input' is not a pair"),
        ("a:b,", "'' is not a pair"),
        ("a:b:c", "'a:b:c' is not a pair"),
        (":b", "':b' is not a pair"),
        ("a:", "'a:' is not a pair"),
        ("a:b,a:c", "column 'a' is renamed twice"),
        ("a:c,b:c", "column 'c' is the target of two"),
    ],
)
def test_bad_pairs(text, what):
    with pytest.raises(MlccError) as caught:
        parse_column_map(text)
    assert what in caught.value.what
    assert caught.value.where == "--column-map"


@pytest.mark.parametrize("way", [0, 1])
def test_renames_before_everything_else(way):
    rows = [{"input": [USER], "output": REPLY, "prompt": "old"}] * 3
    pairs = parse_column_map("input:prompt,output:completion,prompt:old")
    found, report = staged(make_job(both_ways(rows)[way], PAIRS, column_map=pairs))
    assert found == [{"prompt": "q", "completion": "a"}] * 3
    assert (report.columns, report.dropped) == (("prompt", "completion"), ("old",))


@pytest.mark.parametrize("way", [0, 1])
def test_swaps(way):
    rows = [{"prompt": "a", "completion": "b"}]
    pairs = parse_column_map("prompt:completion,completion:prompt")
    found, _ = staged(make_job(both_ways(rows)[way], PAIRS, column_map=pairs))
    assert found == [{"prompt": "b", "completion": "a"}]


@pytest.mark.parametrize("way", [0, 1])
def test_unknown_source(way):
    rows = [{"input": "a", "output": "b"}]
    pairs = parse_column_map("inptu:prompt,output:completion")
    error = problem(make_job(both_ways(rows)[way], column_map=pairs))
    assert "Unknown column 'inptu'" in error.what
    assert "Did you mean 'input'?" in error.what
    assert error.detail == ("Columns: input, output",)
    assert error.hint == f'{COMMAND} --column-map "input:prompt,output:completion"'


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize("typed", ["Frage=prompt,Antwort=completion", "prompt:Frage"])
def test_a_map_the_wrong_way_round_is_one_error(way, typed):
    rows = [{"Frage": "a", "Antwort": "b"}]
    pairs = parse_column_map(typed)
    error = problem(make_job(both_ways(rows)[way], column_map=pairs))
    assert "wrong way round" in error.what
    assert "'Frage'" in error.what
    right = ",".join(f"{target}:{source}" for source, target in pairs)
    assert error.hint == f'{COMMAND} --column-map "{right}"'


@pytest.mark.parametrize("way", [0, 1])
def test_two_columns_of_text_are_taken_in_their_order(way):
    rows = [{"Frage": "a", "Antwort": "b"}]
    error = problem(make_job(both_ways(rows)[way], PAIRS))
    assert error.hint == f'{COMMAND} --column-map "Frage:prompt,Antwort:completion"'


@pytest.mark.parametrize("more", [{"Nummer": 1}, {"Nummer": "1", "Thema": "c"}])
def test_other_columns_are_not_taken_in_their_order(more):
    error = problem(make_job({"d.jsonl": jsonl({"Frage": "a", **more})}, PAIRS))
    assert "<prompt column>:prompt" in error.hint


@pytest.mark.parametrize("way", [0, 1])
def test_target_that_exists(way):
    rows = [{"input": "a", "prompt": "c", "completion": "b"}]
    error = problem(make_job(both_ways(rows)[way], column_map=(("input", "prompt"),)))
    assert "Column 'input' cannot be renamed to 'prompt'" in error.what
    assert error.hint == f'{COMMAND} --column-map "input:prompt,prompt:-"'


def test_target_that_appears_in_a_later_row():
    rows = [{"input": "a", "completion": "b"}] * 11
    rows.append({"input": "a", "prompt": "x", "completion": "b"})
    with pytest.raises(MlccError, match="line 12: found 'prompt' beside the column"):
        staged(make_job(jsonl(*rows), column_map=(("input", "prompt"),)))


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize(
    ("row", "schema", "flags"),
    [
        (
            {"instruction": "a", "input": "", "output": "b", "text": "c"},
            PAIRS,
            '--column-map "instruction:prompt,output:completion"',
        ),
        (
            {"question": "a", "answer": "b"},
            PAIRS,
            '--column-map "question:prompt,answer:completion"',
        ),
        ({"Prompt": "a", "completion": "b"}, PAIRS, '--column-map "Prompt:prompt"'),
        ({"prompt": "a", "compleition": "b"}, PAIRS, '--column-map "compleition:completion"'),
        (
            {"prompt": "a", "chosen_response": "b", "rejected_response": "c"},
            PREFERENCES,
            '--column-map "chosen_response:chosen,rejected_response:rejected"',
        ),
        ({"messages": [USER, REPLY]}, PAIRS, "--from-messages"),
        (
            {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
            PAIRS,
            '--column-map "conversations:messages" --from-messages',
        ),
        ({"chosen": [USER, REPLY], "rejected": [USER, REPLY]}, PREFERENCES, "--extract-prompt"),
        (
            {"chosen": "\n\nHuman: q\n\nAssistant: a", "rejected": "\n\nHuman: q\n\nAssistant: b"},
            PREFERENCES,
            "--extract-prompt",
        ),
        (
            {"messages": [USER], "reward_model": "j"},
            PROMPTS,
            '--column-map "messages:prompt"',
        ),
        ({"prompt": [USER], "x": 1}, PROMPTS, "--judge …"),
    ],
)
def test_missing_column_suggests_the_mend(way, row, schema, flags):
    error = problem(make_job(both_ways([row])[way], schema))
    assert "missing in" in error.what
    assert error.hint == f"{COMMAND} {flags}"
    assert "Expected format:" in error.detail


MARKED = DatasetSchema(
    (
        Column("prompt"),
        Column("completion"),
        Column("label", ("boolean",), also=("thumbs_up", "rating", "target")),
    ),
    {"prompt": "p", "completion": "c", "label": True},
)
"""Its ``target`` is the label, which elsewhere is a name of completions."""


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize(
    ("row", "pairs"),
    [
        ({"prompt": "p", "completion": "c", "rating": True}, "rating:label"),
        ({"prompt": "p", "completion": "c", "Thumbs_Up": True}, "Thumbs_Up:label"),
        ({"prompt": "p", "completion": "c", "rating": True, "thumbs_up": True}, "thumbs_up:label"),
        (
            {"question": "q", "answer": "a", "rating": True},
            "question:prompt,answer:completion,rating:label",
        ),
        ({"prompt": "p", "reply": "c", "target": True}, "reply:completion,target:label"),
    ],
)
def test_other_names_that_a_technique_gives_its_column_are_proposed(way, row, pairs):
    hint = problem(make_job(both_ways([row])[way], MARKED)).hint
    assert hint == f'{COMMAND} --column-map "{pairs}"'


def test_other_names_change_no_key_and_no_row():
    plain = replace(MARKED, columns=tuple(replace(column, also=()) for column in MARKED.columns))
    row = {"prompt": "p", "completion": "c", "label": True, "rating": False}
    jobs = [make_job(jsonl(row), schema) for schema in (MARKED, plain)]
    assert len({preview(job).key for job in jobs}) == 1
    written = {"prompt": "p", "completion": "c", "label": True}
    assert [staged(job)[0] for job in jobs] == [[written]] * 2
    first = jobs[0].schema_identity()["columns"][0]
    assert first == {
        "name": "prompt",
        "types": ("string",),
        "required": True,
        "evaluator": False,
        "note": "",
        "messages": None,
        "context": False,
        "learned": False,
        "part": None,
    }, "what decides how rows are read: another field here is another key of every dataset"


def test_a_table_whose_header_has_another_name_of_a_column_has_a_header():
    job = make_job({"d.csv": b"1,2,rating\nWhy,So,true\nHow,Thus,false\n"}, MARKED)
    assert "are missing in" in problem(job).what


@pytest.mark.parametrize("also", ["rating", ["rating"], (1,), ("",)])
def test_other_names_are_a_tuple_of_texts(also):
    with pytest.raises(ContractBreach, match="other names of column 'label'"):
        Column("label", also=also)


@pytest.mark.parametrize("way", [0, 1])
def test_missing_column_without_a_guess(way):
    error = problem(make_job(both_ways([{"prompt": "a", "zzz": "b"}])[way]))
    name = ("d.jsonl", "d.parquet")[way]
    assert error.what == f"Column 'completion' is missing in {name}, which has: prompt, zzz."
    assert error.detail[-1] == "Required keys: prompt (string), completion (string)"
    assert error.hint == f'{COMMAND} --column-map "<completion column>:completion"'


@pytest.mark.parametrize("way", [0, 1])
def test_none_of_columns_that_may_all_be_missing(way):
    schema = DatasetSchema((Column("text", required=False),), example={"text": "t"})
    error = problem(make_job(both_ways([{"body": "a"}] * 3)[way], schema))
    assert error.what.startswith("Column 'text' is missing in d.")


def test_rows_without_any_column_of_the_schema_are_empty_objects():
    schema = DatasetSchema((Column("text", required=False),), example={"text": "t"})
    rows = [{"body": "x"}] * 9 + [{"text": "a"}] + [{"body": "x"}] * 9
    assert staged(make_job(jsonl(*rows), schema))[0] == [{}] * 9 + [{"text": "a"}] + [{}] * 9


def test_suggestion_keeps_what_was_asked_for():
    pairs = (("question", "prompt"),)
    job = make_job(jsonl({"question": "a", "answer": "b"}), column_map=pairs, on_misfit="skip")
    assert problem(job).hint == (
        f'{COMMAND} --column-map "question:prompt,answer:completion" --on-misfit skip'
    )


def when2call(*, uri="hf://nvidia/When2Call", more=None):
    files = {
        "call_train_00000.parquet": parquet([{"prompt": "a", "chosen": "b", "rejected": "c"}]),
        "general_train_00000.parquet": parquet([{"prompt": "a", "completion": "b"}]),
        **(more or {}),
    }
    return make_job(files, PREFERENCES, uri=uri)


def test_divergence_reads_as_documented():
    error = problem(when2call())
    assert error.what == "Schema divergence detected across files in org/data."
    assert error.detail == (
        "📄 call_train_00000.parquet",
        "Columns: chosen, prompt, rejected",
        "📄 general_train_00000.parquet",
        "Columns: completion, prompt",
        "Files have different column sets. Use ?file=<pattern> to select compatible files:",
    )
    assert error.hint == ('./do/tune --technique x --dataset "hf://nvidia/When2Call?file=*call*"')


def test_divergence_keeps_other_parts_of_the_uri():
    error = problem(when2call(uri="hf://o/d?file=*.parquet&revision=abc"))
    assert error.hint.endswith('--dataset "hf://o/d?file=*call*&revision=abc"')


def test_divergence_across_formats_and_many_files():
    more = {
        f"call_{i}.jsonl": jsonl({"rejected": "", "chosen": "", "prompt": ""}) for i in range(5)
    }
    error = problem(when2call(more=more))
    assert "📄 … and 3 more with the same columns" in error.detail
    assert '?file=*call*"' in error.hint


def test_divergence_looks_at_renamed_columns():
    files = {
        "a.jsonl": jsonl({"input": "a", "completion": "b"}),
        "b.jsonl": jsonl({"prompt": "a", "completion": "b"}),
    }
    error = problem(make_job(files, column_map=(("input", "prompt"),)))
    assert "Unknown column 'input' in the column map: b.jsonl" in error.what


def test_one_file_or_equal_sets_in_any_order_are_no_divergence():
    files = {
        "a.jsonl": jsonl(
            {"prompt": "a", "completion": "b"}, {"completion": "d", "prompt": "c", "x": 1}
        ),
        "b.parquet": parquet([{"completion": "f", "prompt": "e"}]),
    }
    found, report = staged(make_job(files))
    assert found == [
        {"prompt": "a", "completion": "b"},
        {"prompt": "c", "completion": "d"},
        {"prompt": "e", "completion": "f"},
    ]
    assert report.dropped == ("x",)
    assert [entry.written for entry in report.ledger.files] == [2, 1]


def test_keys_that_only_some_rows_have_are_no_divergence():
    some, more = {"prompt": "a", "completion": "b"}, {"prompt": "a", "completion": "b", "x": 1}
    files = {"a.jsonl": jsonl(some, more), "b.jsonl": jsonl(more, some)}
    assert len(staged(make_job(files))[0]) == 4


def test_equal_names_may_have_other_types_in_other_files():
    import pyarrow as pa

    rows = {"prompt": ["a"], "completion": ["b"]}
    files = {
        "a.parquet": parquet(pa.table(rows)),
        "b.parquet": parquet(
            pa.table({k: pa.array(v).dictionary_encode() for k, v in rows.items()})
        ),
        "c.parquet": parquet(
            pa.table({k: pa.array(v, pa.large_string()) for k, v in rows.items()})
        ),
    }
    assert staged(make_job(files))[0] == [{"prompt": "a", "completion": "b"}] * 3


def test_pattern_is_escaped_for_a_uri():
    assert with_file_pattern("hf://o/d/train", "*a&b*") == "hf://o/d/train?file=*a%26b*"
    assert with_file_pattern("d", "*a*", "train") == "d?file=*a*&split=train"
    assert with_file_pattern("d?split=dev", "*a*", "dev") == "d?file=*a*&split=dev"


def test_a_strange_column_of_another_format_is_no_delimiter():
    job = make_job({"d.parquet": parquet([{"prompt;completion": "a"}])})
    with pytest.raises(MlccError) as caught:
        staged(job)
    assert "--column-map" in caught.value.hint
