"""The token for private datasets, in Secrets Manager and nowhere else."""

from __future__ import annotations

import io
import sys

import pytest

from mlcc_core.contract.source import Credential
from mlcc_core.errors import MlccError
from tests.plugins.mlcc_sagemaker.conftest import make_context

TOKEN = "hf_secretsecretsecret"
HF = Credential("HF_TOKEN", "private and gated datasets", "https://huggingface.co/settings/tokens")


def project(aws, root, value=TOKEN):
    prompts = []
    context = make_context(root, aws, read_secret=lambda text: prompts.append(text) or value)
    return context, prompts


def test_a_secret_is_stored_checked_read_and_removed(aws, platform, tmp_path):
    context, prompts = project(aws, tmp_path)
    assert "is not stored" in platform.account.secrets(context, "check", HF)[0]
    assert platform.account.secret(context, HF) is None
    assert platform.account.secrets(context, "set", HF) == [
        "✅ HF_TOKEN is stored as mlcc/HF_TOKEN."
    ]
    assert "HF_TOKEN" in prompts[0]
    assert platform.account.secrets(context, "check", HF) == [
        "✅ HF_TOKEN is stored as mlcc/HF_TOKEN."
    ]
    assert platform.account.secret(context, HF) == TOKEN
    assert "can be restored" in platform.account.secrets(context, "remove", HF)[0]
    assert platform.account.secrets(context, "remove", HF) == ["ℹ️  HF_TOKEN is not stored."]
    assert platform.account.secret(context, HF) is None


def test_a_secret_is_replaced_and_brought_back(aws, platform, tmp_path):
    platform.account.secrets(project(aws, tmp_path, "old")[0], "set", HF)
    context, _ = project(aws, tmp_path, "new")
    platform.account.secrets(context, "set", HF)
    assert platform.account.secret(context, HF) == "new"
    platform.account.secrets(context, "remove", HF)
    platform.account.secrets(context, "set", HF)
    assert platform.account.secret(context, HF) == "new"


def test_no_value(aws, platform, tmp_path):
    with pytest.raises(MlccError, match="No value was given"):
        platform.account.secrets(project(aws, tmp_path, "")[0], "set", HF)
    assert not aws.log.writing()


def test_checking_does_not_read_the_value(aws, platform, tmp_path):
    context, _ = project(aws, tmp_path)
    platform.account.secrets(context, "set", HF)
    aws.log.clear()
    platform.account.secrets(context, "check", HF)
    assert not aws.log.calls("GetSecretValue")


def test_a_secret_that_we_may_not_read_is_none(aws, platform, tmp_path):
    context, _ = project(aws, tmp_path)
    platform.account.secrets(context, "set", HF)
    aws.inject("secretsmanager:GetSecretValue", "denied", times=None)
    assert platform.account.secret(context, HF) is None


def test_on_the_command_line_the_value_is_nowhere_to_be_seen(mlcc, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(TOKEN + "\n"))
    stored = mlcc("secrets", "set")
    assert stored.code == 0, stored
    checked = mlcc("secrets", "check", "--json")
    assert TOKEN not in stored.out + stored.err + checked.out + checked.err
    for path in mlcc.project.rglob("*"):
        assert path.is_dir() or TOKEN not in path.read_text(errors="replace")
