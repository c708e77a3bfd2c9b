"""Several forms of a dataset: the first that the data has and that the model takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlcc_core import Column, DatasetSchema, TargetModel
from mlcc_core.errors import MlccError
from mlcc_core.staging.run.look.forms import choose_form, taken_forms
from mlcc_core.staging.run.preview import preview
from mlcc_core.testing.technique import DEFAULT
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet

TALK = [{"role": "user", "content": "1 + 1"}, {"role": "assistant", "content": "2"}]
MESSAGES = DatasetSchema(
    (Column("messages", ("messages",)), Column("tools", ("array",), required=False)),
    {"messages": TALK},
    format="messages",
)
FORMS = (DEFAULT, MESSAGES)
MODEL = TargetModel("some/model")


@pytest.mark.parametrize(
    ("row", "conversion", "form"),
    [
        ({"prompt": "p", "completion": "c"}, {}, "default"),
        ({"messages": TALK}, {}, "messages"),
        ({"messages": TALK, "prompt": "p", "completion": "c"}, {}, "default"),
        ({"chat": TALK}, {"column_map": (("chat", "messages"),)}, "messages"),
        ({"messages": TALK}, {"from_messages": True}, "default"),
    ],
)
def test_the_first_form_whose_columns_the_data_has_is_used(row, conversion, form):
    for files in ({"d.jsonl": jsonl(row)}, {"d.parquet": parquet([row])}):
        job = make_job(files, MESSAGES, **conversion)
        assert choose_form(job, FORMS, MODEL, named_only=False).schema.format == form


def test_without_a_fitting_form_the_error_lists_what_each_lacks_and_what_there_is():
    job = make_job(jsonl({"input": "q", "completion": "a"}))
    chosen = choose_form(job, FORMS, MODEL, named_only=False)
    assert chosen.schema == DEFAULT
    assert chosen.others == ("Form 'messages' lacks: messages.",)
    job = replace(job, schema=chosen.schema, other_forms=chosen.others)
    (error,) = preview(job).problems
    assert error.what == "Column 'prompt' is missing in data.jsonl, which has: input, completion."
    assert "Form 'messages' lacks: messages." in error.detail
    assert '--column-map "input:prompt"' in (error.hint or "")


def test_of_many_forms_the_first_are_told():
    many = [
        DatasetSchema((Column(f"column_{n}"),), {f"column_{n}": ""}, format=f"form_{n}")
        for n in range(20)
    ]
    others = choose_form(make_job(jsonl({"x": 1})), many, MODEL, named_only=False).others
    assert others[0] == "Form 'form_1' lacks: column_1."
    assert others[5:] == ("… and 14 more forms.",)


def test_the_format_of_the_catalog_decides_for_its_model():
    named = TargetModel("some/model", "messages")
    assert taken_forms(FORMS, named, named_only=False) == [MESSAGES]
    assert taken_forms(FORMS, MODEL, named_only=True) == [DEFAULT]
    assert taken_forms(FORMS, MODEL, named_only=False) == FORMS
    with pytest.raises(MlccError, match=r"'other'.*expected one of default, messages"):
        taken_forms(FORMS, TargetModel("some/model", "other"), named_only=False)
    job = make_job(jsonl({"prompt": "p", "completion": "c"}))
    chosen = choose_form(job, FORMS, named, named_only=True)
    assert chosen.schema == MESSAGES
    assert chosen.others == ("Form 'default' is not for model 'some/model'.",)


def test_a_file_that_cannot_be_read_is_left_to_the_preview():
    assert choose_form(make_job(b"not json\n"), FORMS, MODEL, named_only=False).schema == DEFAULT
    assert choose_form(make_job(b""), FORMS, MODEL, named_only=False).schema == DEFAULT
