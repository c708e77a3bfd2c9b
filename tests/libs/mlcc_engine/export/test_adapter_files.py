"""The files of an adapter that leave: the base by a name that others know, or by none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine.export import adapter_files
from tests.plugins.mlcc_local.weights import adapter, model


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder whose name could be one of the Hub."""
    return model(tmp_path / "models" / "gpt2")


def written(
    tmp_path: Path, base: str, record: Mapping[str, Any] | None
) -> tuple[str | None, Any, Any]:
    """The name of the base, the adapter's config and the record of its base, as they leave."""
    folder = adapter(tmp_path / "adapter", base=base)
    known = {"format": 1, "fingerprint": None, "hub_id": None, "revision": None}
    if record is not None:
        (folder / "base_model.json").write_text(json.dumps({**known, **record}))
    out = tmp_path / "out"
    out.mkdir()
    name = adapter_files.write(folder, base, out)
    leaves = out / "base_model.json"
    assert all(str(tmp_path).encode() not in path.read_bytes() for path in out.iterdir())
    return (
        name,
        json.loads((out / "adapter_config.json").read_bytes())["base_model_name_or_path"],
        json.loads(leaves.read_bytes()) if leaves.is_file() else None,
    )


def test_a_folder_is_no_name_that_others_know(tmp_path: Path, base: Path) -> None:
    record = {"asked": None, "folder": "gpt2"}
    name, config, left = written(tmp_path, str(base), record)
    assert (name, config) == (None, "gpt2")
    assert (left["asked"], left["folder"]) == (None, "gpt2")


def test_older_adapters_name_the_folder_itself(tmp_path: Path, base: Path) -> None:
    name, config, left = written(tmp_path, str(base), {"asked": str(base)})
    assert (name, config) == (None, "gpt2")
    assert (left["asked"], left["folder"]) == (None, "gpt2")


def test_an_adapter_made_elsewhere_names_nothing(tmp_path: Path, base: Path) -> None:
    assert written(tmp_path, str(base), None) == (None, None, None)


def test_a_folder_of_a_model_of_the_hub_is_that_model(tmp_path: Path, base: Path) -> None:
    record = {"asked": str(base), "hub_id": "org/name"}
    name, config, left = written(tmp_path, str(base), record)
    assert (name, config) == ("org/name", "org/name")
    assert (left["asked"], left["folder"]) == (None, None)


def test_a_name_stays(tmp_path: Path) -> None:
    name, config, left = written(tmp_path, "org/name", {"asked": "org/name", "hub_id": "org/name"})
    assert (name, config, left["asked"]) == ("org/name", "org/name", "org/name")
