"""Well-known datasets, each with its outcome for the techniques that a user would try.

Staged as they are, or refused with a command that is then run: what the user would paste.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mlcc_core import Access
from mlcc_core.cli.main import run
from mlcc_hf import plugin as hub_source
from tests.mlcc_core.staging import real_datasets as data
from tests.mlcc_core.staging.real_datasets import REPOS, turns

pytestmark = pytest.mark.slow

MOST_STEPS = 4


@pytest.fixture(autouse=True)
def published(hub, folder):
    """The Hub with all of them, and an empty folder to work in."""
    for name, files in REPOS.items():
        hub.add(name, files)


@dataclass(frozen=True)
class Checked:
    """The result of ``mlcc check``: its exit code, its output, and the rows that it wrote."""

    code: int
    said: str
    rows: list[Any]

    @property
    def hint(self) -> str:
        """The command that it offers."""
        lines = [line.strip() for line in self.said.splitlines()]
        return next(
            line for line in reversed(lines) if line.startswith(("mlcc check", "--dataset"))
        )


def check(capsys, words):
    """Run ``mlcc check``, and look at the rows that it would train on."""
    out = Path("out.jsonl")
    out.unlink(missing_ok=True)
    Path("out.rejects.jsonl").unlink(missing_ok=True)
    code = run([*words, "--fixed", str(out)])
    said = "".join(capsys.readouterr()).replace(" --fixed out.jsonl", "")
    assert "Traceback" not in said
    rows = [json.loads(line) for line in out.read_text().splitlines()] if code == 0 else []
    return Checked(code, said, rows)


def following_hints(capsys, outcome):
    """Check a dataset, and paste what each refusal offers, which must hold the expected words."""
    words = ["check", outcome.uri, "--technique", outcome.technique]
    for expected in outcome.hints:
        found = check(capsys, words)
        assert found.code == 1, found.said
        assert expected in found.hint, found.said
        offered = shlex.split(found.hint.replace("…", "judge.txt"))
        if offered[0] == "--dataset":
            words = ["check", offered[1], "--technique", outcome.technique]
        else:
            words = offered[1:]
    found = check(capsys, words)
    assert found.code == 0, found.said
    return found


class Outcome(NamedTuple):
    """The expected result of a dataset.

    Attributes:
        technique, uri: what is asked for.
        hints: words of the command that each refusal offers, until one is none.
        rows: what is written in the end.
    """

    technique: str
    uri: str
    hints: list[str]
    rows: list[Any]

    def __str__(self) -> str:
        return f"{self.technique} {self.uri}"


def pair(prompt, completion):
    return {"prompt": prompt, "completion": completion}


def talk(*contents):
    return {"messages": turns(*contents)}


def triple(prompt="Q", chosen="good", rejected="bad"):
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}


WITH_SYSTEM = "system: Be kind.\nuser: Q"
FLATTENED = triple("Q", "user: Q\nassistant: good", "user: Q\nassistant: bad")
GUANACO = "### Human: Hi?### Assistant: Hello.### Human: Why?### Assistant:"

OUTCOMES = [
    Outcome(
        "sft",
        "hf://tatsu-lab/alpaca",
        ['--column-map "instruction+input:prompt,output:completion"'],
        [pair("Name a colour.", "Red."), pair("Add.\n\n1, 2", "3")],
    ),
    Outcome(
        "sft",
        "hf://databricks/databricks-dolly-15k",
        ['--column-map "instruction+context:prompt,response:completion"'],
        [pair("Who?\n\nA text.", "She.")],
    ),
    Outcome(
        "sft",
        "hf://openai/gsm8k",
        ["?config=main", '--column-map "question:prompt,answer:completion"'],
        [pair("2 + 16?", "Add <<2+16=18>>18.\n#### 18")],
    ),
    Outcome(
        "rlvr",
        "hf://openai/gsm8k?config=socratic",
        ['--column-map "question:prompt" --reward-function …'],
        [{"prompt": turns("2 + 16?"), "answer": "Add <<2+16=18>>18.\n#### 18"}],
    ),
    Outcome(
        "dpo",
        "hf://Anthropic/hh-rlhf",
        ["--extract-prompt"],
        [triple(data.TRANSCRIPT, "I think yes.", "I think no.")] * 4,
    ),
    Outcome(
        "dpo",
        "hf://Anthropic/hh-rlhf/helpful-base/test",
        ["--extract-prompt"],
        [triple(data.TRANSCRIPT, "I think yes.", "I think no.")],
    ),
    Outcome(
        "sft",
        "hf://Anthropic/hh-rlhf/helpful-base",
        ['--column-map "chosen:messages" --from-messages'],
        [pair(data.TRANSCRIPT, "I think yes.")],
    ),
    Outcome(
        "dpo",
        "hf://HuggingFaceH4/ultrafeedback_binarized",
        ["ultrafeedback_binarized?split=train_prefs"],
        [FLATTENED],
    ),
    Outcome(
        "sft",
        "hf://HuggingFaceH4/ultrafeedback_binarized/train_sft",
        [],
        [talk("Q", "good")],
    ),
    Outcome("dpo", "hf://trl-lib/ultrafeedback_binarized", ["--extract-prompt"], [triple()]),
    Outcome(
        "sft",
        "hf://trl-lib/ultrafeedback_binarized",
        ['--column-map "chosen:messages" --from-messages'],
        [pair("Q", "good")],
    ),
    Outcome(
        "dpo",
        "hf://nvidia/When2Call?config=train_pref",
        [
            "messages:prompt,chosen_response:chosen,rejected_response:rejected,tools:-",
        ],
        [triple()],
    ),
    Outcome(
        "dpo",
        "hf://nvidia/When2Call?file=train_pref",
        ["messages:prompt,chosen_response:chosen,rejected_response:rejected"],
        [triple()],
    ),
    Outcome(
        "sft",
        "hf://nvidia/When2Call?config=train_sft",
        [],
        [
            talk("Q", "A") | {"tools": [{"type": "function", "function": json.loads(data.TOOL)}]},
            talk("Q", "A"),
        ],
    ),
    Outcome(
        "dpo",
        "hf://Intel/orca_dpo_pairs",
        ['--column-map "system+question:prompt"'],
        [triple(), triple("Be kind.\n\nQ")],
    ),
    Outcome(
        "sft",
        "hf://Intel/orca_dpo_pairs",
        ['--column-map "system+question:prompt,chosen:completion"'],
        [pair("Q", "good"), pair("Be kind.\n\nQ", "good")],
    ),
    Outcome(
        "sft",
        "hf://HuggingFaceH4/orca_dpo_pairs/train_prefs",
        ['--column-map "chosen:messages" --from-messages'],
        [pair(WITH_SYSTEM, "good")],
    ),
    Outcome(
        "sft",
        "hf://HuggingFaceH4/ultrachat_200k/train_sft",
        [],
        [talk("Q", "A", "R", "B")] * 3,
    ),
    Outcome(
        "sft",
        "hf://timdettmers/openassistant-guanaco",
        ['--column-map "text:messages" --from-messages'],
        [pair(GUANACO, "So.")],
    ),
    Outcome("sft", "hf://trl-lib/kto-mix-14k", [], [pair("Q", "A")] * 2),
    Outcome("rlvr", "hf://verl/gsm8k", [], [data.VERL]),
    Outcome(
        "rlvr",
        "hf://allenai/RLVR-GSM",
        ['--column-map "messages:prompt,ground_truth:reference_answer" --reward-function …'],
        [{"prompt": turns("2 + 16?"), "reference_answer": "18", "dataset": "gsm8k"}],
    ),
    Outcome(
        "rlaif",
        "hf://allenai/RLVR-GSM",
        ['--column-map "messages:prompt,ground_truth:reference_answer" --reward-prompt …'],
        [{"prompt": turns("2 + 16?"), "reference_answer": "18", "dataset": "gsm8k"}],
    ),
    Outcome(
        "dpo",
        "hf://llamafactory/dpo_en_demo",
        ['--column-map "conversations:prompt"', "--on-misfit skip"],
        [triple()],
    ),
    Outcome(
        "sft",
        "hf://llamafactory/dpo_en_demo",
        ['--column-map "conversations:prompt,chosen:completion"', "--on-misfit skip"],
        [pair("Q", "good")],
    ),
    Outcome("sft", "hf://llamafactory/kto_en_demo", [], [talk("Q", "A")]),
    Outcome("sft", "hf://org/tools", [], [data.CALLED]),
    Outcome(
        "sft",
        "hf://org/marks",
        ['--column-map "images:-"'],
        [talk("<image>What?", "A cat.")],
    ),
]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=str)
def test_staged_after_what_each_refusal_offers(capsys, outcome):
    assert following_hints(capsys, outcome).rows == outcome.rows


REPEATING = [
    ("hf://HuggingFaceH4/ultrafeedback_binarized?split=train_prefs", triple()),
    ("hf://HuggingFaceH4/orca_dpo_pairs/train_prefs", triple(WITH_SYSTEM)),
]


@pytest.mark.parametrize(("uri", "row"), REPEATING)
def test_answers_that_repeat_the_prompt_are_told_with_the_command_that_splits_them(
    capsys, uri, row
):
    found = check(capsys, ["check", uri, "--technique", "dpo"])
    assert (found.code, "repeat the prompt" in found.said) == (0, True)
    assert "--extract-prompt" in found.hint
    assert check(capsys, shlex.split(found.hint)[1:]).rows == [row]


LOST = [
    ("sft", "hf://org/pictures", "message 1 with a content part of type 'image_url'"),
    ("dpo", "hf://llamafactory/v1_dpo_demo", "found a message with 'loss_weight' beside role"),
]


@pytest.mark.parametrize(("technique", "uri", "reason"), LOST)
def test_what_text_cannot_hold_is_refused_with_the_reason(capsys, technique, uri, reason):
    found = check(capsys, ["check", uri, "--technique", technique])
    assert found.code == 1
    assert reason in found.said
    assert "mlcc check" not in found.said  # no command would keep a row


UNFIT = [
    ("dpo", "hf://trl-lib/kto-mix-14k", "<chosen column>:chosen,<rejected column>:rejected"),
    ("sft", "hf://verl/gsm8k", "<completion column>:completion"),
    ("dpo", "hf://nvidia/When2Call/mcq", "question:prompt,<chosen column>:chosen"),
]


@pytest.mark.parametrize(("technique", "uri", "hint"), UNFIT)
def test_what_no_column_looks_like_is_left_to_fill_in(capsys, technique, uri, hint):
    found = check(capsys, ["check", uri, "--technique", technique])
    assert found.code == 1
    assert hint in found.hint


def test_configs_that_were_not_looked_at_are_named(capsys):
    found = check(capsys, ["check", "hf://nvidia/When2Call", "--technique", "dpo"])
    assert "Splits: llm_judge: 1 file, mcq: 1 file" in found.said
    assert "Other configs (?config=<name>): train_pref, train_sft" in found.said


def test_a_pattern_that_all_files_fit_shows_how_they_differ(capsys):
    found = check(capsys, ["check", "hf://nvidia/When2Call?file=*call*", "--technique", "dpo"])
    assert "Schema divergence detected across files in nvidia/When2Call." in found.said
    assert "?file=*pref*" in found.hint
    chosen = check(capsys, shlex.split(found.hint)[1:])
    assert check(capsys, shlex.split(chosen.hint)[1:]).rows == [triple()]


LAYOUTS = [
    ("hf://tatsu-lab/alpaca", ["data/train-00000-of-00001-a09b74b3ef9c3b56.parquet"]),
    ("hf://databricks/databricks-dolly-15k", ["databricks-dolly-15k.jsonl"]),
    ("hf://openai/gsm8k/test?config=main", ["main/test-00000-of-00001.parquet"]),
    (
        "hf://Anthropic/hh-rlhf",
        [
            "harmless-base/train.jsonl.gz",
            "helpful-base/train.jsonl.gz",
            "helpful-online/train.jsonl.gz",
            "helpful-rejection-sampled/train.jsonl.gz",
        ],
    ),
    ("hf://Anthropic/hh-rlhf/helpful-online/test", ["helpful-online/test.jsonl.gz"]),
    (
        "hf://HuggingFaceH4/ultrachat_200k/train_sft",
        [f"data/train_sft-{n:05}-of-00003.parquet" for n in range(3)],
    ),
    (
        "hf://timdettmers/openassistant-guanaco",
        ["openassistant_best_replies_train.jsonl"],
    ),
    (
        "hf://timdettmers/openassistant-guanaco/test",
        ["openassistant_best_replies_eval.jsonl"],
    ),
    ("hf://verl/gsm8k", ["train.parquet"]),
    ("hf://llamafactory/dpo_en_demo", ["dpo_en_demo.json"]),
    ("hf://nvidia/When2Call?config=train_sft", ["train/when2call_train_sft.jsonl"]),
    ("hf://nvidia/When2Call/mcq", ["test/when2call_test_mcq.jsonl"]),
]


@pytest.mark.parametrize(("uri", "names"), LAYOUTS)
def test_the_files_that_are_meant(uri, names):
    assert [file.name for file in hub_source.list(uri, Access()).files] == names
