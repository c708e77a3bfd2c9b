"""The shapes of well-known datasets, each with its outcome: staged, flattened, or refused with
the command that works. The rows are invented; the columns and their nesting are the datasets'."""

import pytest

from mlcc_core.errors import MlccError, Problems
from mlcc_core.staging import inspect, parse_column_map
from tests.staging.datasets import PAIRS, PREFERENCES, PROMPTS, jsonl, make_job, staged


def turns(*contents, roles=("user", "assistant"), keys=("role", "content")):
    pairs = zip(roles, contents, strict=False)
    return [{keys[0]: role, keys[1]: content} for role, content in pairs]


ALPACA = {"instruction": "Name a colour.", "input": "", "output": "Red.", "text": "all of it"}
DOLLY = {"instruction": "Who?", "context": "A text.", "response": "She.", "category": "open_qa"}
GSM8K = {"question": "2 + 16?", "answer": "Add.\n#### 18"}
TRANSCRIPTS = {
    "chosen": "\n\nHuman: Hi\n\nAssistant: Hello.",
    "rejected": "\n\nHuman: Hi\n\nAssistant: No.",
}
IMPLICIT = {"chosen": turns("Q", "good"), "rejected": turns("Q", "bad"), "score_chosen": 8.0}
EXPLICIT = {"prompt": "Q", "messages": turns("Q", "good"), **IMPLICIT}
TOOLS = {
    "tools": ['{"name": "f"}'],
    "messages": turns("Q"),
    "chosen_response": {"role": "assistant", "content": "good"},
    "rejected_response": {"role": "assistant", "content": "bad"},
}
ORCA = {"system": "", "question": "Q", "chosen": "good", "rejected": "bad"}
CHATS = {"prompt": "Q", "prompt_id": "1", "messages": turns("Q", "A")}
VERL = {
    "data_source": "gsm8k",
    "prompt": turns("2 + 16?"),
    "ability": "math",
    "reward_model": {"style": "rule", "ground_truth": "18"},
    "extra_info": {"index": 0},
}
KTO = {"prompt": turns("Q"), "completion": [{"role": "assistant", "content": "A"}], "label": True}
SHARE_GPT = {
    "conversations": [{"from": "human", "value": "Q"}],
    "chosen": {"from": "gpt", "value": "good"},
    "rejected": {"from": "gpt", "value": "bad"},
}
ANSWERS = {"prompt": "Q", "chosen": "good", "rejected": "bad"}

STAGED = {
    "alpaca": (ALPACA, PAIRS, {"column_map": "instruction:prompt,output:completion"},
               {"prompt": "Name a colour.", "completion": "Red."}),
    "dolly": (DOLLY, PAIRS, {"column_map": "instruction:prompt,response:completion"},
              {"prompt": "Who?", "completion": "She."}),
    "gsm8k": (GSM8K, PAIRS, {"column_map": "question:prompt,answer:completion"},
              {"prompt": "2 + 16?", "completion": "Add.\n#### 18"}),
    "transcripts": (TRANSCRIPTS, PREFERENCES, {"extract_prompt": True},
                    {"prompt": "Hi", "chosen": "Hello.", "rejected": "No."}),
    "implicit": (IMPLICIT, PREFERENCES, {"extract_prompt": True}, ANSWERS),
    "explicit": (EXPLICIT, PREFERENCES, {"extract_prompt": True}, ANSWERS),
    "orca": (ORCA, PREFERENCES, {"column_map": "question:prompt"}, ANSWERS),
    "chats": (CHATS, PAIRS, {"from_messages": True}, {"prompt": "Q", "completion": "A"}),
    "share-gpt": (SHARE_GPT, PREFERENCES, {"column_map": "conversations:prompt"}, ANSWERS),
    "verl": (VERL, PROMPTS, {}, VERL),
    "kto": (KTO, PAIRS, {}, {"prompt": "Q", "completion": "A"}),
}  # fmt: skip


@pytest.mark.parametrize("name", STAGED)
def test_staged(name):
    row, schema, options, expected = STAGED[name]
    if "column_map" in options:
        options = options | {"column_map": parse_column_map(options["column_map"])}
    rows, _ = staged(make_job(jsonl(row, row), schema, **options))
    if name == "transcripts":
        assert [row["chosen"] for row in rows] == ["Hello.", "Hello."]
        assert all("Hi" in row["prompt"] for row in rows)
        return
    assert rows == [expected] * 2


REFUSED = {
    "alpaca": (ALPACA, PAIRS, "--column-map"),
    "dolly": (DOLLY, PAIRS, "--column-map"),
    "gsm8k": (GSM8K, PAIRS, "--column-map"),
    "transcripts": (TRANSCRIPTS, PREFERENCES, "--extract-prompt"),
    "implicit": (IMPLICIT, PREFERENCES, "--extract-prompt"),
    "orca": (ORCA, PREFERENCES, "--column-map"),
    "chats": ({"messages": turns("Q", "A")}, PAIRS, "--from-messages"),
    "when2call": (TOOLS, PREFERENCES, "--column-map"),
    "share-gpt": (SHARE_GPT, PREFERENCES, "--column-map"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_command_that_works(name):
    row, schema, flag = REFUSED[name]
    problems = inspect(make_job(jsonl(row, row), schema)).problems
    assert flag in (problems[0].hint or "")


def test_explicit_prompts_that_the_answers_repeat_are_told():
    assert "--extract-prompt" in inspect(make_job(jsonl(EXPLICIT), PREFERENCES)).warnings[0]


PICTURE = [{"type": "image_url", "image_url": {"url": "x"}}, {"type": "text", "text": "What?"}]
CALL = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f"}}]}
LOST = {
    "pictures": {**ANSWERS, "prompt": [{"role": "user", "content": PICTURE}]},
    "tool calls": {**ANSWERS, "chosen": [CALL]},
}


@pytest.mark.parametrize("name", LOST)
def test_what_text_cannot_hold_is_a_misfit_never_dropped(name):
    plain = {key: turns("Q") for key in ANSWERS}
    with pytest.raises((MlccError, Problems), match="found"):
        staged(make_job(jsonl(plain, LOST[name]), PREFERENCES))
    rows, report = staged(make_job(jsonl(plain, LOST[name]), PREFERENCES, on_misfit="skip"))
    assert len(rows) == report.ledger.skipped == 1
