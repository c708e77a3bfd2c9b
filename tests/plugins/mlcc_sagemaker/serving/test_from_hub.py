"""An adapter of a Hub on an endpoint of the account: packed to the project's bucket, once."""

from __future__ import annotations

import json

import pytest

from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN

pytest.importorskip("sagemaker.core")


def archive_of(account):
    """The archive that is deployed as ``tuned``."""
    return account.components.components["tuned"]["Specification"]["Container"]["ArtifactUrl"]


def test_it_is_added_once_updated_and_known_by_its_origin(deployed, account, hub):
    def pushed(rank):
        files = outputs.adapter(QWEN, rank=rank, under="")
        repo = hub.add("alice/qa", files, kind="model")
        return f"hub alice/qa@{repo.refs['main'][:7]}"

    first = pushed(8)
    added = deployed("adapter", "add", "tuned", "--from-hub", "alice/qa", "--json")
    assert added.code == 0, added
    assert json.loads(added.out)["source"] == first
    assert archive_of(account).startswith(f"s3://{BUCKET}/demo/adapters/")
    account.log.clear()
    again = deployed("adapter", "add", "tuned", "--from-hub", "alice/qa", "--json")
    assert json.loads(again.out)["changed"] is False
    assert account.log.writing() == []
    before, second = archive_of(account), pushed(16)
    taken = deployed("adapter", "add", "tuned", "--from-hub", "alice/qa")
    assert taken.code == 1
    assert "mlcc adapter update tuned --from-hub alice/qa" in taken.err
    updated = deployed("adapter", "update", "tuned", "--from-hub", "alice/qa", "--json")
    assert updated.code == 0, updated
    assert json.loads(updated.out)["source"] == second != first
    assert archive_of(account) != before
    listed = json.loads(deployed("adapter", "list", "--json").out)["adapters"]
    assert [row["source"] for row in listed] == [second]


def test_one_of_another_base_is_not_packed(deployed, account, hub):
    hub.add(
        "alice/other", outputs.adapter("meta-textgeneration-llama-3-2-1b", under=""), kind="model"
    )
    account.log.clear()
    ran = deployed("adapter", "add", "tuned", "--from-hub", "alice/other")
    assert ran.code == 1
    assert f"the project deploys {QWEN}" in ran.err
    assert "--from-hub" in ran.err
    assert account.log.writing() == []
