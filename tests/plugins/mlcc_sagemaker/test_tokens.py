"""A check in tokens before a paid job: by the tokenizer that the catalog's Hub id names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from tests.plugins.mlcc_sagemaker.conftest import QWEN

ROWS = [
    {"prompt": "What is the capital of France?", "completion": "Paris. " * 60},
    {"prompt": "Hi", "completion": "Hello."},
]


def test_a_model_of_the_catalog(mlcc, in_cache, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    said = mlcc(
        *("check", str(tmp_path / "rows.jsonl"), "--technique", "sft", "--json"),
        *("--max-seq-length", "100"),
    )
    assert said.code == 0, said
    tokens = json.loads(said.out)["tokens"]
    assert tokens["tokenizer"] == in_cache
    assert tokens["rows_cut"] == 1


def test_where_the_service_cuts_is_not_known(platform, in_cache, context) -> None:
    from mlcc_sft import plugin as sft

    known = Context(context.root, "demo", hub_id=lambda name: in_cache)
    with platform.runner.token_counter(
        known, QWEN, sft.mlcc_trainer("sagemaker_serverless")
    ) as counter:
        assert counter.row_limit is None


def test_a_model_whose_tokenizer_is_not_public(platform, tmp_path: Path) -> None:
    with pytest.raises(MlccError, match="names no repository on the Hub") as caught:
        platform.runner.token_counter(Context(tmp_path, "demo"), "amazon-nova-micro", None)
    assert caught.value.hint == "mlcc catalog list"
