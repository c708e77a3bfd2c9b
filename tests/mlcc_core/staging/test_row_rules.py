"""Rules of rows that a schema declares, in all ways of staging, to the end of one reference."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core.contract.technique.row_rules import MessageRules
from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.errors import ContractBreach, MlccError
from mlcc_core.staging import DatasetError, DatasetJob, check, validate_in_place
from tests.example_count import examples
from tests.mlcc_core.staging.datasets import (
    PAIRS,
    PREFERENCES,
    jsonl,
    make_job,
    on_disk,
    parquet,
    staged,
)
from tests.mlcc_core.staging.reference import expected_prompt

DIFFERENT = replace(PREFERENCES, differ=(("chosen", "rejected"),))
ASKING = MessageRules(not_last=("assistant",))


def prompts(rules: MessageRules) -> DatasetSchema:
    return DatasetSchema(
        columns=(Column("prompt", ("messages",), messages=rules),),
        example={"prompt": [{"role": "user", "content": "What?"}]},
    )


def turns(*roles: str) -> list[dict[str, str]]:
    return [{"role": role, "content": f"text {number}"} for number, role in enumerate(roles)]


def ways(rows: list[Any], schema: DatasetSchema, folder: Path, **conversion: Any) -> Any:
    columns = {"d.parquet": parquet(rows, row_group_size=3)}
    yield make_job({"d.jsonl": jsonl(*rows)}, schema, **conversion)
    yield make_job(columns, schema, **conversion)
    alone = folder / f"{len(list(folder.iterdir()))}"
    alone.mkdir()
    yield on_disk(columns, alone, schema, **conversion)


def checked(job: DatasetJob) -> Any:
    fixed = io.BytesIO()
    report = check(job, fixed=fixed)
    return [json.loads(line) for line in fixed.getvalue().splitlines()], report


ROLES = st.sampled_from(
    ["user", "User", "human", "assistant", "Assistant", "gpt", "system", "tool"]
)
RULES = st.builds(
    MessageRules,
    roles=st.sampled_from([(), ("user", "assistant"), ("System", "user", "assistant")]),
    last_role=st.sampled_from([(), ("user",), ("user", "tool"), ("assistant",)]),
    not_last=st.sampled_from([(), ("assistant",), ("Tool", "system")]),
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": ROLES | ROLES | ROLES | st.none(), "content": st.sampled_from(["", "a", "b\n"])}
    ),
    max_size=3,
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=examples(80))
@given(
    column=st.lists(MESSAGES, min_size=1, max_size=9) | st.lists(st.just("a"), min_size=1),
    rules=RULES,
)
def test_messages(column, rules, tmp_path_factory):
    lower = [tuple(map(str.lower, part)) for part in (rules.roles, rules.last_role, rules.not_last)]
    outcomes = [expected_prompt(prompt, *lower) for prompt in column]
    rows = [{"prompt": prompt} for prompt in column]
    errors = []
    for job in ways(rows, prompts(rules), tmp_path_factory.mktemp("files"), on_misfit="skip"):
        found, report = checked(job)
        good = [{"prompt": outcome} for outcome in outcomes if isinstance(outcome, list)]
        assert found == good
        assert report.ledger.failed == outcomes.count("error")
        assert report.ledger.skipped == outcomes.count("misfit")
        skipped = report.ledger.files[0].skipped
        errors.append(([(e.line, e.column, e.found, e.expected) for e in report.errors], skipped))
    assert errors[0] == errors[1] == errors[2]


@pytest.mark.parametrize(
    ("rules", "roles", "error"),
    [
        (
            ASKING,
            ("user", "gpt"),
            "found a last message with the role 'gpt', expected a last message not of 'assistant'",
        ),
        (
            MessageRules(roles=("user", "assistant")),
            ("system", "user"),
            "found message 1 with the role 'system', expected messages of 'user' or 'assistant'",
        ),
        (
            MessageRules(last_role=("assistant",)),
            ("user", "assistant", "tool"),
            "found a last message with the role 'tool', expected a last message of 'assistant'",
        ),
    ],
)
def test_a_broken_rule_names_its_place_the_role_and_those_allowed(rules, roles, error, tmp_path):
    good = "assistant" if rules.last_role else "user"
    rows = [{"prompt": turns(good)}, {"prompt": turns(*roles)}]
    for job in ways(rows, prompts(rules), tmp_path):
        with pytest.raises(DatasetError) as caught:
            staged(job)
        unit = "line" if "jsonl" in job.listing.files[0].name else "row"
        place = f"{job.listing.files[0].name}, {unit} 2, column 'prompt'"
        assert caught.value.what == f"{place}: {error}."
        assert caught.value.hint == job.command_with(on_misfit="skip")
        assert roles[-1] in caught.value.detail[0]


def test_rows_that_should_differ_and_do_not_are_counted_and_told(tmp_path):
    same = {"prompt": "p", "chosen": "a", "rejected": "a"}
    rows = [{"prompt": "p", "chosen": "a", "rejected": "b"}, same, same]
    for job in ways(rows, DIFFERENT, tmp_path):
        found, report = staged(job)
        assert found == rows
        (warning,) = report.warnings
        assert warning.startswith("2 rows of 3 with the same in 'chosen' and 'rejected'")
        assert warning.endswith(f"\n{job.command_with(on_misfit='skip')}")
        assert checked(job)[1].warnings == report.warnings
    for job in ways(rows, DIFFERENT, tmp_path, on_misfit="skip"):
        found, report = staged(job)
        assert (found, report.warnings) == (rows[:1], ())
        assert report.ledger.files[0].skipped == {"rejected: the same as chosen": 2}


def test_rows_of_which_none_differs_teach_nothing(tmp_path):
    rows = [{"prompt": f"p{n}", "chosen": "a", "rejected": "a"} for n in range(12)]
    for job in ways(rows, DIFFERENT, tmp_path):
        for use in (staged, checked, lambda job: validate_in_place(job, full=True)):
            with pytest.raises(MlccError, match="are the same in all 12 rows of org/data"):
                use(job)
    for job in ways(rows, DIFFERENT, tmp_path, on_misfit="skip"):
        with pytest.raises(MlccError, match="No row of org/data is left"):
            staged(job)


def test_a_wrong_row_is_wrong_though_its_answers_are_the_same(tmp_path):
    rows = [{"prompt": None, "chosen": "a", "rejected": "a"}]
    for job in ways(rows, replace(DIFFERENT, columns=(PREFERENCES.columns)), tmp_path):
        _, report = checked(job)
        assert [error.column for error in report.errors] == ["prompt"]


def test_messages_and_a_string_that_becomes_one_differ_by_what_is_written(tmp_path):
    columns = (Column("prompt", ("messages",)), Column("other", ("messages",)))
    example = {"prompt": turns("user"), "other": turns("system")}
    schema = DatasetSchema(columns, example, differ=(("prompt", "other"),))
    said = [{"role": "user", "content": "a"}]
    rows = [{"prompt": "a", "other": said}, {"prompt": "b", "other": said}]
    for job in ways(rows, schema, tmp_path, on_misfit="skip"):
        found, _ = staged(job)
        assert found == [{"prompt": [{"role": "user", "content": "b"}], "other": said}]
    rows = [{"prompt": said, "other": said}, {"prompt": turns("user"), "other": said}]
    for job in ways(rows, schema, tmp_path, on_misfit="skip"):
        assert staged(job)[0] == rows[1:]


def test_values_that_differ_in_their_text_alone_are_the_same():
    columns = (Column("a", ("object",)), Column("b", ("object",)))
    schema = DatasetSchema(columns, {"a": {}, "b": {}}, differ=(("a", "b"),))
    data = (
        b'{"a": {"x": 1, "y": "\\u00e9"}, "b": {"y":"\xc3\xa9","x":1}}\n{"a":{},"b":{"x":null}}\n'
    )
    found, report = staged(make_job(data, schema, on_misfit="skip"))
    assert (found, report.ledger.skipped) == ([{"a": {}, "b": {"x": None}}], 1)


def test_rows_that_lack_one_of_the_two_keep_the_rule(tmp_path):
    columns = (Column("a"), Column("b", required=False))
    schema = DatasetSchema(columns, {"a": "x"}, differ=(("a", "b"),))
    rows = [{"a": "x", "b": None}, {"a": "y", "b": "x"}]
    for job in ways(rows, schema, tmp_path):
        assert [row["a"] for row in staged(job)[0]] == ["x", "y"]


def test_rules_hold_in_place():
    rows = [{"prompt": turns("user")}, {"prompt": turns("user", "assistant")}]
    job = make_job(jsonl(*rows), prompts(ASKING))
    for full in (True, False):
        with pytest.raises(DatasetError, match="line 2, column 'prompt': found a last message"):
            validate_in_place(job, full=full)


def test_context_is_written_beside_the_row_as_it_is_and_named(tmp_path):
    context = Column("source", required=True, context=True)
    schema = replace(PAIRS, columns=(*PAIRS.columns, context))
    rows = [{"prompt": "p", "completion": "c", "source": "s", "unused": 1}]
    for job in ways(rows, schema, tmp_path):
        found, report = staged(job)
        assert found == [{"prompt": "p", "completion": "c", "source": "s"}]
        assert "Column 'source' is kept beside each row as context" in report.notes
    rows = [{"prompt": "p", "completion": "c", "source": turns("user")}]
    for job in ways(rows, schema, tmp_path):
        with pytest.raises(Exception, match="source"):
            staged(job)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Column("a", ("text",)), "expected one of: string, number"),  # type: ignore[arg-type]
        (lambda: Column("a", ("string")), "expected a tuple of: string, number"),  # type: ignore[arg-type]
        (lambda: Column("a", messages=ASKING), "expected 'messages' among them"),
        (lambda: replace(PAIRS, differ=(("prompt", "no"),)), "expected two of the columns prompt"),
        (lambda: replace(PAIRS, columns=PAIRS.columns * 2), "a column is named twice"),
    ],
)
def test_a_schema_that_contradicts_itself_is_refused_where_it_is_made(make, words):
    with pytest.raises(ContractBreach, match=words):
        make()
