"""An adapter whose base is not where it was: the error's commands make it answer again."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from mlcc_core import Context, MlccError
from mlcc_engine.base import fingerprint
from mlcc_folders.answering.subjects import find_subject
from mlcc_folders.folder_serving import FolderServing
from tests.plugins.mlcc_local import weights


def test_the_printed_commands_find_a_base_that_was_moved(tmp_path: Path) -> None:
    base = weights.model(tmp_path / "base")
    adapter = weights.adapter(tmp_path / "the adapter", base="base")
    record = {"format": 1, "asked": None, "folder": "base"}
    record["fingerprint"] = fingerprint.find(str(base), tmp_path)
    (adapter / "base_model.json").write_text(json.dumps(record))
    moved = base.rename(tmp_path / "moved")
    context = Context(tmp_path, "demo")
    with pytest.raises(MlccError, match="was a folder 'base'") as caught:
        find_subject(context, str(adapter), "mlcc-tiny")
    deploy, add = (shlex.split(line, comments=True) for line in str(caught.value.hint).split("&&"))
    serving = FolderServing("mlcc-tiny")
    assert deploy == ["mlcc", "deploy", "--force-ic", "--model-data", "FOLDER"]
    serving.deploy(context, str(moved))
    assert add[:-1] == ["mlcc", "adapter", "add", "tuned", "--weights"]
    serving.add_adapter(context, "tuned", add[-1])
    found = find_subject(context, "tuned", "mlcc-tiny")
    assert found is not None
    assert (found.title, found.model) == ("tuned", str(moved))
