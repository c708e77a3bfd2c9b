"""Documents that leave this machine, and space that is asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mlcc_core import PlatformError
from mlcc_engine.export import space
from mlcc_engine.export.clean import clean
from tests.plugins.mlcc_local.weights import model


def test_places_go_and_all_else_stays(tmp_path: Path) -> None:
    document = {
        "_name_or_path": "org/name",
        "model_type": "llama",
        "text_config": {"_name_or_path": str(Path.home()), "size": 3},
        "made": f"file://{tmp_path}/x",
        "words": ["/usr", "a"],
        "path": "/",
    }
    (tmp_path / "config.json").write_text(json.dumps(document))
    (tmp_path / "tokenizer.json").write_text("{  }")
    clean(tmp_path, [str(tmp_path)])
    assert json.loads((tmp_path / "config.json").read_bytes()) == {
        "model_type": "llama",
        "text_config": {"size": 3},
        "words": ["/usr", "a"],
        "path": "/",
    }
    assert (tmp_path / "tokenizer.json").read_text() == "{  }"


def test_too_little_space_is_said_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = model(tmp_path / "model")
    space.check(str(source), 4, tmp_path)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10**6))
    with pytest.raises(PlatformError) as caught:
        space.check(str(source), 4, tmp_path)
    assert caught.value.what.startswith("The export needs 34 MB of space, and the disk has 1 MB")
    assert str(caught.value.hint).startswith("df ")
