"""Prompts that hide in the answers or in a conversation, moved on request."""

import pytest

from mlcc_core.contract.technique.schema import Column, DatasetSchema
from mlcc_core.errors import MlccError
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

MESSAGES = DatasetSchema(
    columns=(Column("prompt", ("messages",)), Column("completion", ("messages",))),
    example={},
)


def user(text):
    return {"role": "user", "content": text}


def reply(text):
    return {"role": "assistant", "content": text}


SYSTEM = {"role": "system", "content": "s"}


def both_ways(rows):
    return [{"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}]


def preferences(chosen, rejected, **more):
    return {"chosen": chosen, "rejected": rejected, **more}


def triple(prompt, chosen="a", rejected="b"):
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}


EXTRACTED = {
    "trl": (preferences([user("q"), reply("a")], [user("q"), reply("b")]), triple("q")),
    "with a system message": (
        preferences([SYSTEM, user("q"), reply("a")], [SYSTEM, user("q"), reply("b")]),
        triple("system: s\nuser: q"),
    ),
    "several turns": (
        preferences(
            [user("q"), reply("x"), user("r"), reply("a")],
            [user("q"), reply("x"), user("r"), reply("b")],
        ),
        triple("user: q\nassistant: x\nuser: r"),
    ),
    "equal answers": (
        preferences([user("q"), reply("a")], [user("q"), reply("a")]),
        triple("q", "a", "a"),
    ),
    "prompt says the same": (
        preferences([user("q"), reply("a")], [user("q"), reply("b")], prompt="q"),
        triple("q"),
    ),
    "prompt is one of the messages": (
        preferences([SYSTEM, user("q"), reply("a")], [SYSTEM, user("q"), reply("b")], prompt="q"),
        triple("system: s\nuser: q"),
    ),
    "prompt stands alone": (preferences([reply("a")], [reply("b")], prompt="q"), triple("q")),
    "plain": (preferences("a", "b", prompt="q"), triple("q")),
    "transcripts": (
        preferences(
            "\n\nHuman: I think\n\nAssistant: no\n\nHuman: q\n\nAssistant: a",
            "\n\nHuman: I think\n\nAssistant: no\n\nHuman: q\n\nAssistant: b",
        ),
        triple("\n\nHuman: I think\n\nAssistant: no\n\nHuman: q\n\nAssistant:"),
    ),
}


@pytest.mark.parametrize("case", EXTRACTED)
@pytest.mark.parametrize("way", [0, 1])
def test_extracts_prompts(case, way):
    row, written = EXTRACTED[case]
    job = make_job(both_ways([row] * 3)[way], PREFERENCES, extract_prompt=True)
    found, report = staged(job)
    assert found == [written] * 3
    assert list(found[0]) == ["prompt", "chosen", "rejected"]
    assert report.notes == ("Extracted column 'prompt' from what 'chosen' and 'rejected' share",)
    assert report.columns == ("prompt", "chosen", "rejected")
    assert report.dropped == ()


GOOD = preferences([user("q"), reply("a")], [user("q"), reply("b")])
NOT_EXTRACTED = {
    "chosen: no shared prompt": preferences([user("q"), reply("a")], [user("r"), reply("b")]),
    "chosen: answers of several messages": preferences(
        [user("q"), reply("x"), user("r"), reply("a")], [user("q"), reply("b")]
    ),
    "rejected: no answer": preferences([user("q"), reply("a")], [user("q"), user("b")]),
    "chosen: a content that is not text": preferences(
        [user("q"), reply(None)], [user("q"), reply("b")]
    ),
    "rejected: a field 'name' beside role": preferences(
        [user("q"), reply("a")], [user("q"), {**reply("b"), "name": "n"}]
    ),
    "chosen: tools": preferences(
        [user("q"), {"role": "tool", "content": "t"}, reply("a")], [user("q"), reply("b")]
    ),
}


@pytest.mark.parametrize("reason", NOT_EXTRACTED)
@pytest.mark.parametrize("way", [0, 1])
def test_rows_without_a_prompt_to_extract_are_misfits(reason, way):
    rows = [GOOD] * 12 + [NOT_EXTRACTED[reason]]
    files = both_ways(rows)[way]
    with pytest.raises(DatasetError, match="13") as caught:
        staged(make_job(files, PREFERENCES, extract_prompt=True))
    assert caught.value.errors[0].misfit
    assert "--extract-prompt" in caught.value.hint
    found, report = staged(make_job(files, PREFERENCES, extract_prompt=True, on_misfit="skip"))
    assert len(found) == 12
    assert report.ledger.files[0].skipped == {reason: 1}


def test_another_prompt_is_never_thrown_away():
    rows = [{**GOOD, "prompt": "something else"}]
    with pytest.raises(DatasetError, match="column 'prompt': found another prompt"):
        staged(make_job(jsonl(*rows), PREFERENCES, extract_prompt=True))


def test_transcripts_that_part_early_are_misfits():
    rows = [preferences("\n\nHuman: q\n\nAssistant: a", "\n\nHuman: r\n\nAssistant: b")]
    with pytest.raises(DatasetError, match="no shared transcript"):
        staged(make_job(jsonl(*rows), PREFERENCES, extract_prompt=True))
    with pytest.raises(DatasetError, match="a string that is not a transcript"):
        staged(
            make_job(jsonl(preferences("I think a", "I think b")), PREFERENCES, extract_prompt=True)
        )


CONVERSATIONS = {
    "one turn": ({"messages": [user("q"), reply("a")]}, {"prompt": "q", "completion": "a"}),
    "several turns": (
        {"messages": [SYSTEM, user("q"), reply("x"), user("r"), reply("a")], "source": "s"},
        {"prompt": "system: s\nuser: q\nassistant: x\nuser: r", "completion": "a"},
    ),
    "prompt repeats the first message": (
        {"messages": [user("q"), reply("x"), user("r"), reply("a")], "prompt": "q"},
        {"prompt": "user: q\nassistant: x\nuser: r", "completion": "a"},
    ),
    "a transcript": (
        {"messages": "\n\nHuman: q\n\nAssistant: x\n\nHuman: r\n\nAssistant: a"},
        {"prompt": "\n\nHuman: q\n\nAssistant: x\n\nHuman: r\n\nAssistant:", "completion": "a"},
    ),
    "a transcript of another style, and columns that say the same": (
        {"messages": "### Human: q### Assistant: a", "prompt": "q", "completion": "a"},
        {"prompt": "### Human: q### Assistant:", "completion": "a"},
    ),
    "no tools": (
        {"messages": [user("q"), reply("a")], "tools": None},
        {"prompt": "q", "completion": "a"},
    ),
}


@pytest.mark.parametrize("case", CONVERSATIONS)
@pytest.mark.parametrize("way", [0, 1])
def test_conversations_become_pairs(case, way):
    row, written = CONVERSATIONS[case]
    found, report = staged(make_job(both_ways([row] * 3)[way], PAIRS, from_messages=True))
    assert found == [written] * 3
    assert report.columns == ("prompt", "completion")
    assert report.dropped == (("source",) if "source" in row else ())
    assert report.notes[0].startswith(
        "Made columns 'prompt' and 'completion' from column 'messages'"
    )


def test_share_gpt_conversations_by_way_of_a_map():
    row = {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}
    pairs = (("conversations", "messages"),)
    job = make_job(jsonl(row), MESSAGES, column_map=pairs, from_messages=True)
    assert staged(job)[0] == [
        {
            "prompt": [{"role": "human", "content": "q"}],
            "completion": [{"role": "gpt", "content": "a"}],
        }
    ]
    strings = make_job(jsonl(row), PAIRS, column_map=pairs, from_messages=True)
    assert staged(strings)[0] == [{"prompt": "q", "completion": "a"}]


def test_conversations_stay_arrays_where_the_schema_wants_them():
    row = {"messages": [SYSTEM, user("q"), reply("a")]}
    for files in both_ways([row]):
        found, _ = staged(make_job(files, MESSAGES, from_messages=True))
        assert found == [{"prompt": [SYSTEM, user("q")], "completion": [reply("a")]}]


NO_CONVERSATIONS = {
    "messages: no answer": {"messages": [user("q"), reply("a"), user("r")]},
    "messages: no conversation": {"messages": [reply("a")]},
    "messages: tools": {"messages": [user("q"), {"role": "tool", "content": "t"}, reply("a")]},
    "messages: a content that is not text": {"messages": [user("q"), reply(None)]},
    "messages: a field 'tool_calls' beside role": {
        "messages": [user("q"), {**reply("a"), "tool_calls": [{"id": "1"}]}]
    },
}


@pytest.mark.parametrize("reason", NO_CONVERSATIONS)
@pytest.mark.parametrize("way", [0, 1])
def test_conversations_without_an_answer_are_misfits(reason, way):
    rows = [{"messages": [user("q"), reply("a")]}, NO_CONVERSATIONS[reason]]
    job = make_job(both_ways(rows)[way], PAIRS, from_messages=True, on_misfit="skip")
    found, report = staged(job)
    assert len(found) == 1
    assert report.ledger.files[0].skipped == {reason: 1}


NO_TRANSCRIPTS = {
    "messages: no transcript": {"messages": "q"},
    "messages: no answer": {"messages": "### Human: q### Assistant: a### Human: r"},
    "prompt: another prompt": {"messages": "### Human: q### Assistant: a", "prompt": "r"},
    "completion: another completion": {
        "messages": "### Human: q### Assistant: a",
        "completion": "b",
    },
}


@pytest.mark.parametrize("reason", NO_TRANSCRIPTS)
@pytest.mark.parametrize("way", [0, 1])
def test_strings_without_a_reply_are_misfits(reason, way):
    good = {"messages": "### Human: q### Assistant: a", "prompt": None, "completion": None}
    files = both_ways([good, {**good, **NO_TRANSCRIPTS[reason]}])[way]
    found, report = staged(make_job(files, PAIRS, from_messages=True, on_misfit="skip"))
    assert len(found) == 1
    assert report.ledger.files[0].skipped == {reason: 1}


def test_tools_are_refused():
    row = {"messages": [user("q"), reply("a")], "tools": ['{"name": "f"}']}
    with pytest.raises(DatasetError, match="column 'tools': found tools"):
        staged(make_job(jsonl(row), PAIRS, from_messages=True))


def test_null_conversation_is_an_error():
    rows = [{"messages": [user("q"), reply("a")]}, {"messages": None}]
    with pytest.raises(DatasetError, match="line 2, column 'messages': found null"):
        staged(make_job(jsonl(*rows), PAIRS, from_messages=True, on_misfit="skip"))


def test_completion_that_says_something_else_is_never_thrown_away():
    row = {"messages": [user("q"), reply("a")], "completion": "b"}
    with pytest.raises(DatasetError, match="column 'completion': found another completion"):
        staged(make_job(jsonl(row), PAIRS, from_messages=True))


@pytest.mark.parametrize(
    ("schema", "flags", "what", "hint"),
    [
        (PAIRS, {"extract_prompt": True}, "--extract-prompt makes the columns prompt, chosen", ""),
        (PROMPTS, {"from_messages": True}, "--from-messages makes the columns prompt, compl", ""),
        (
            PREFERENCES,
            {"extract_prompt": True, "from_messages": True},
            "--extract-prompt and --from-messages contradict each other.",
            " --extract-prompt",
        ),
        (
            PAIRS,
            {"from_messages": True, "transform": False},
            "--from-messages and --no-transform contradict each other.",
            " --from-messages",
        ),
    ],
)
def test_repairs_that_make_no_sense_are_refused(schema, flags, what, hint):
    job = make_job(jsonl({"messages": [user("q"), reply("a")]}), schema, **flags)
    error = preview(job).problems[0]
    assert error.what.startswith(what)
    assert error.hint == f"./do/tune --technique x --dataset memory://org/data{hint}"
    with pytest.raises(MlccError):
        staged(job)


@pytest.mark.parametrize("way", [0, 1])
def test_missing_conversation_suggests_the_map(way):
    row = {"conversation": [user("q"), reply("a")]}
    (error,) = preview(make_job(both_ways([row])[way], PAIRS, from_messages=True)).problems
    assert "Column 'messages' is missing in" in error.what
    assert error.hint.endswith('--column-map "conversation:messages" --from-messages')
