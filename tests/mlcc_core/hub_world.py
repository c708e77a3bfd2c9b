"""A world whose run left an adapter in a folder of this machine, and a hub in memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcc_core.actions.runs.tracking import remember_output
from mlcc_core.contract.job import Output
from mlcc_core.project.records import RunRecord, write_record
from mlcc_core.testing.model_hub import FakeModelHub
from tests.mlcc_core.world import World, make_world


class Folders(dict[str, str]):
    """What the fake platform holds: any folder is an adapter, too."""

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        return super().get(key) or ("adapter" if Path(key).is_dir() else default)


class HubWorld(World):
    """Fakes, and a hub."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.hub = FakeModelHub()
        self.platform.artifacts = Folders(self.platform.artifacts)

    @property
    def nouns(self) -> list[object]:
        return [*super().nouns, self.hub]

    def finished(self, **changed: object) -> RunRecord:
        """A run that completed, with its output in a folder."""
        job = self.tune().job
        folder = self.root / "outputs" / job
        folder.mkdir(parents=True, exist_ok=True)
        config = {
            "base_model_name_or_path": str(self.root / "cache" / "base"),
            "r": 64,
            "lora_alpha": 32,
            "target_modules": ["layers.0.q_proj", "layers.1.v_proj"],
        }
        (folder / "adapter_config.json").write_text(json.dumps(config))
        (folder / "adapter_model.safetensors").write_bytes(
            (2).to_bytes(8, "little") + b"{}" + bytes(range(64))
        )
        (folder / "optimizer.pt").write_bytes(b"state")
        (folder / "trainer_state.json").write_text("{}")
        remember_output(self.project, job, "fake", Output("adapter", str(folder)))
        write_record(self.project, self.record(job).model_copy(update=changed))
        return self.record(job)


def make_hub_world(root: Path, monkeypatch: pytest.MonkeyPatch) -> HubWorld:
    """A new project in ``root``, which is the current folder, with a dataset."""
    monkeypatch.chdir(root)
    make_world(root)
    return HubWorld(root)
