"""Well-known datasets as repositories of the Hub: their files, headers, columns and nesting.

The rows are invented; each repository has the layout of the one whose name it bears.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from typing import Any

from tests.mlcc_core.staging.datasets import jsonl, parquet

Repo = dict[str, bytes]

TALK = ("user", "assistant", "user", "assistant")
OPENAI = ("role", "content")
SHARE_GPT = ("from", "value")


def turns(
    *contents: str, roles: Sequence[str] = TALK, keys: tuple[str, str] = OPENAI
) -> list[dict[str, str]]:
    """A conversation: the contents, said by the roles in turn."""
    return [{keys[0]: role, keys[1]: text} for role, text in zip(roles, contents, strict=False)]


def header(yaml: str) -> bytes:
    """A README with this YAML at its top."""
    return f"---\n{yaml}---\n# Data\n".encode()


def in_splits(splits: Sequence[str], rows: list[Any], shards: int = 1) -> Repo:
    """Parquet files in ``data/``, one config, each split with the same rows."""
    lines = "".join(f"  - split: {split}\n    path: data/{split}-*\n" for split in splits)
    files = {
        f"data/{split}-{n:05}-of-{shards:05}.parquet": parquet(rows)
        for split in splits
        for n in range(shards)
    }
    readme = header(f"configs:\n- config_name: default\n  data_files:\n{lines}")
    return {"README.md": readme, **files}


ALPACA = [
    {"instruction": "Name a colour.", "input": "", "output": "Red.", "text": "all of it"},
    {"instruction": "Add.", "input": "1, 2", "output": "3", "text": "all of it"},
]
DOLLY = [{"instruction": "Who?", "context": "A text.", "response": "She.", "category": "qa"}]
GSM8K = [{"question": "2 + 16?", "answer": "Add <<2+16=18>>18.\n#### 18"}]
TRANSCRIPT = "\n\nHuman: Hi\n\nAssistant: I think so.\n\nHuman: So?\n\nAssistant:"
HH = [{"chosen": f"{TRANSCRIPT} I think yes.", "rejected": f"{TRANSCRIPT} I think no."}]
GOOD, BAD = turns("Q", "good"), turns("Q", "bad")
ULTRA = {"chosen": GOOD, "rejected": BAD, "score_chosen": 8.0, "score_rejected": 2.0}
ULTRA_H4 = {"prompt": "Q", "prompt_id": "1", "messages": GOOD, **ULTRA}
WITH_SYSTEM = ("system", "user", "assistant")
ORCA_H4 = {
    "chosen": turns("Be kind.", "Q", "good", roles=WITH_SYSTEM),
    "rejected": turns("Be kind.", "Q", "bad", roles=WITH_SYSTEM),
    "prompt": "Q",
}
ORCA = [
    {"system": "", "question": "Q", "chosen": "good", "rejected": "bad"},
    {"system": "Be kind.", "question": "Q", "chosen": "good", "rejected": "bad"},
]
TOOL = '{"name": "f", "parameters": {}}'
CALL_PAIR = {
    "tools": [TOOL],
    "messages": turns("Q"),
    "chosen_response": {"role": "assistant", "content": "good"},
    "rejected_response": {"role": "assistant", "content": "bad"},
}
CALL_TALKS = [
    {"tools": [TOOL], "messages": turns("Q", "A")},
    {"tools": [], "messages": turns("Q", "A")},
]
CHATS = [{"prompt": "Q", "prompt_id": "1", "messages": turns("Q", "A", "R", "B")}]
GUANACO = [{"text": "### Human: Hi?### Assistant: Hello.### Human: Why?### Assistant: So."}]
KTO = [
    {"prompt": turns("Q"), "completion": turns("A", roles=["assistant"]), "label": label}
    for label in (True, False)
]
VERL = {
    "data_source": "openai/gsm8k",
    "prompt": turns("2 + 16?"),
    "ability": "math",
    "reward_model": {"style": "rule", "ground_truth": "18"},
    "extra_info": {"index": 0, "split": "train"},
}
RLVR_GSM = [{"messages": turns("2 + 16?"), "ground_truth": "18", "dataset": "gsm8k"}]
DEMO_ROLES = ("human", "gpt", "human")
DPO_DEMO = [
    {
        "conversations": turns(*asked, roles=DEMO_ROLES, keys=SHARE_GPT),
        "chosen": {"from": "gpt", "value": "good"},
        "rejected": {"from": "gpt", "value": "bad"},
    }
    for asked in (["Q"], ["Q", "A", "R"])
]
KTO_DEMO = [{"messages": turns("Q", "A"), "label": True}]


def _parts(answer: str) -> list[dict[str, Any]]:
    return [
        {"role": role, "content": [{"type": "text", "value": text}], "loss_weight": weight}
        for role, text, weight in (("user", "Q", 0.0), ("assistant", answer, 1.0))
    ]


V1_DEMO = [{"chosen_messages": _parts("good"), "rejected_messages": _parts("bad")}]
CALL = {"type": "function", "function": {"name": "f", "arguments": "{}"}}
TOOLS = [
    {
        "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "content": "Sun"},
            {"role": "assistant", "content": "Sunny."},
        ]
    }
]
ARGUMENTS = {"type": "function", "function": {"name": "f", "arguments": {}}}
CALLED = {
    "messages": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "tool_calls": [ARGUMENTS]},
        {"role": "tool", "content": "Sun"},
        {"role": "assistant", "content": "Sunny."},
    ]
}
PICTURE = [{"type": "image_url", "image_url": {"url": "x"}}, {"type": "text", "text": "What?"}]
PICTURES = [
    {"messages": [{"role": "user", "content": PICTURE}, {"role": "assistant", "content": "A cat."}]}
]
MARKS = [{"messages": turns("<image>What?", "A cat."), "images": ["a.png"]}]

GSM8K_HEADER = header("""configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
- config_name: socratic
  data_files:
  - split: train
    path: socratic/train-*
  - split: test
    path: socratic/test-*
""")
WHEN2CALL_HEADER = header("""configs:
- config_name: test
  data_files:
  - split: llm_judge
    path: test/when2call_test_llm_judge.jsonl
  - split: mcq
    path: test/when2call_test_mcq.jsonl
  default: true
- config_name: train_sft
  data_files:
  - split: train
    path: train/when2call_train_sft.jsonl
- config_name: train_pref
  data_files:
  - split: train
    path: train/when2call_train_pref.jsonl
""")
TEST_CALL = [{"uuid": "1", "question": "Q", "tools": [TOOL], "answers": {"direct": "a"}}]

REPOS: dict[str, Repo] = {
    "tatsu-lab/alpaca": {
        "README.md": header("dataset_info:\n  splits:\n  - name: train\n    num_examples: 2\n"),
        "data/train-00000-of-00001-a09b74b3ef9c3b56.parquet": parquet(ALPACA),
    },
    "databricks/databricks-dolly-15k": {
        "README.md": b"# Dolly\n",
        "databricks-dolly-15k.jsonl": jsonl(*DOLLY),
    },
    "openai/gsm8k": {
        "README.md": GSM8K_HEADER,
        **{
            f"{config}/{split}-00000-of-00001.parquet": parquet(GSM8K)
            for config in ("main", "socratic")
            for split in ("train", "test")
        },
    },
    "Anthropic/hh-rlhf": {
        "README.md": header("license: mit\n"),
        **{
            f"{folder}/{split}.jsonl.gz": gzip.compress(jsonl(*HH))
            for folder in (
                *("harmless-base", "helpful-base", "helpful-online"),
                "helpful-rejection-sampled",
            )
            for split in ("train", "test")
        },
        "red-team-attempts/red_team_attempts.jsonl.gz": gzip.compress(b'[{"transcript": "x"}]'),
    },
    "HuggingFaceH4/ultrafeedback_binarized": in_splits(
        ("train_prefs", "train_sft", "test_prefs", "test_sft", "train_gen", "test_gen"), [ULTRA_H4]
    ),
    "trl-lib/ultrafeedback_binarized": in_splits(("train", "test"), [ULTRA]),
    "nvidia/When2Call": {
        "README.md": WHEN2CALL_HEADER,
        "test/when2call_test_llm_judge.jsonl": jsonl(*TEST_CALL),
        "test/when2call_test_mcq.jsonl": jsonl(*TEST_CALL),
        "train/when2call_train_sft.jsonl": jsonl(*CALL_TALKS),
        "train/when2call_train_pref.jsonl": jsonl(CALL_PAIR),
    },
    "Intel/orca_dpo_pairs": {"README.md": b"# Orca\n", "orca_rlhf.jsonl": jsonl(*ORCA)},
    "HuggingFaceH4/orca_dpo_pairs": in_splits(("train_prefs", "test_prefs"), [ORCA_H4]),
    "HuggingFaceH4/ultrachat_200k": {
        **in_splits(("test_sft", "train_gen", "test_gen"), CHATS),
        **in_splits(("train_sft",), CHATS, shards=3),
        "README.md": in_splits(("train_sft", "test_sft", "train_gen", "test_gen"), CHATS)[
            "README.md"
        ],
    },
    "timdettmers/openassistant-guanaco": {
        "README.md": b"A subset of the Open Assistant dataset.\n",
        "openassistant_best_replies_train.jsonl": jsonl(*GUANACO),
        "openassistant_best_replies_eval.jsonl": jsonl(*GUANACO),
    },
    "trl-lib/kto-mix-14k": in_splits(("train", "test"), KTO),
    "verl/gsm8k": {"train.parquet": parquet([VERL]), "test.parquet": parquet([VERL])},
    "allenai/RLVR-GSM": in_splits(("train", "test"), RLVR_GSM),
    "llamafactory/dpo_en_demo": {"dpo_en_demo.json": json.dumps(DPO_DEMO, indent=2).encode()},
    "llamafactory/kto_en_demo": {"kto_en_demo.json": json.dumps(KTO_DEMO, indent=2).encode()},
    "llamafactory/v1_dpo_demo": {"v1_dpo_demo.jsonl": jsonl(*V1_DEMO)},
    "org/tools": {"train.jsonl": jsonl(*TOOLS)},
    "org/pictures": {"train.jsonl": jsonl(*PICTURES)},
    "org/marks": {"train.jsonl": jsonl(*MARKS)},
}
