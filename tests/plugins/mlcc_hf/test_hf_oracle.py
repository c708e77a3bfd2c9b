"""Splits are what the ``datasets`` library says they are, asked through its front door."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.plugins.mlcc_hf.hubs import ROW, TWO_CONFIGS, listing

pytestmark = pytest.mark.slow

ASK = """
import json, sys
from datasets import load_dataset_builder

answers = {}
for name, config, revision in json.loads(sys.argv[1]):
    files = load_dataset_builder(name, config, revision=revision).config.data_files
    answers[name + ":" + (config or "")] = {
        str(split): [url.partition("@")[2].partition("/")[2] for url in urls]
        for split, urls in files.items()
    }
print(json.dumps(answers))
"""

LAYOUTS = {
    "one-file": ["instruction.jsonl"],
    "words-in-names": ["my_train.jsonl", "my_eval.jsonl", "other.jsonl"],
    "words-in-folders": ["a/training/x.jsonl", "a/dev/y.jsonl", "test-set/z.jsonl", "train.jsonl"],
    "sharded": [
        *("data/train-00000-of-00002-abc.parquet", "data/train-00001-of-00002-def.parquet"),
        *("data/test_sft-00000-of-00001.parquet", "extra.parquet"),
    ],
    "hidden": ["x/.hidden/a.jsonl", "__pycache__/b.jsonl", "x/c.jsonl", "dataset_dict.json"],
    "gzipped": ["base/train.jsonl.gz", "base/test.jsonl.gz", "red/attempts.jsonl.gz"],
    "many": [f"part-{n}.csv" for n in range(30)],
    "odd-names": ["tra in.jsonl", "ü.jsonl", "x'y.jsonl"],
}

LISTS = b"""---
configs:
- config_name: a
  data_files:
  - split: train
    path:
    - x/*
    - y/1.jsonl
  - split: rest
    path: '**/*z*'
---
"""

HEADERS = {
    "two-configs": (
        TWO_CONFIGS,
        ["main/train-0.parquet", "main/test-0.parquet", "socratic/x.parquet"],
        ["main", "socratic"],
    ),
    "data-dir": (
        b"---\nconfigs:\n- config_name: a\n  data_dir: a\n- config_name: b\n  data_dir: b\n---\n",
        ["a/train.jsonl", "a/test.jsonl", "b/x.jsonl"],
        ["a", "b"],
    ),
    "lists": (
        LISTS,
        ["x/0.jsonl", "x/1.jsonl", "y/0.jsonl", "y/1.jsonl", "y/deep/z.jsonl"],
        ["a"],
    ),
}


@pytest.fixture(scope="module")
def published():
    """Layouts by dataset, with their configs."""
    plain = {f"org/{name}": (dict.fromkeys(files, ROW), [None]) for name, files in LAYOUTS.items()}
    headed = {
        f"org/{name}": ({"README.md": header, **dict.fromkeys(files, ROW)}, configs)
        for name, (header, files, configs) in HEADERS.items()
    }
    return plain | headed


def test_splits_and_files_are_the_librarys(hub, published):
    questions = []
    for name, (files, configs) in published.items():
        repo = hub.add(name, files)
        questions += [(name, config, repo.refs["main"]) for config in configs]
    answer = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(questions)],
        env={**os.environ, "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    expected = json.loads(answer.stdout)
    for name, config, _ in questions:
        splits = expected[f"{name}:{config or ''}"]
        query = f"?config={config}" if config else ""
        ours = {s: [f.name for f in listing(f"hf://{name}/{s}{query}").files] for s in splits}
        assert ours == splits
