"""Other weights in the place of those that are deployed, and the same ones again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlcc_core import Context
from mlcc_core.errors import MlccError
from mlcc_folders.folder_serving import FolderServing
from mlcc_folders.serving import deployment
from tests.plugins.mlcc_local import weights


def adapter(folder: Path, numbers: int = 4, **changes: str) -> Path:
    weights.adapter(folder, **changes)
    (folder / "adapter_model.safetensors").write_bytes(weights.safetensors(numbers))
    return folder


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return adapter(tmp_path / "one")


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return adapter(tmp_path / "two", 8)


def unpacked(context: Context) -> list[str]:
    return sorted(path.name for path in (context.root / ".mlcc" / "adapters").glob("*"))


def test_an_update_is_listed_with_its_source(
    served: FolderServing, context: Context, one: Path, two: Path
):
    served.add_adapter(context, "tuned", str(one))
    updated = served.update(context, "tuned", str(two))
    assert (updated.name, updated.source, updated.status) == ("tuned", str(two), "InService")
    assert list(served.deployed(context)) == [updated]
    assert deployment.read(context.root).find("tuned").path == str(two)


def test_archives_take_turns(served: FolderServing, context: Context, one: Path, two: Path):
    archives = [str(weights.tar(f"{folder}.tar.gz", folder)) for folder in (one, two)]
    served.add_adapter(context, "tuned", archives[0])
    for archive, folder in ((archives[1], "tuned.2"), (archives[0], "tuned"), (archives[1], None)):
        served.update(context, "tuned", archive)
        assert served.holds(context, "tuned", archive)
        assert unpacked(context) == [folder or "tuned.2"]
    served.update(context, "tuned", str(one))
    assert unpacked(context) == []
    served.update(context, "tuned", archives[0])
    served.remove_adapter(context, "tuned")
    assert unpacked(context) == []


def test_what_fails_leaves_what_is_deployed(
    served: FolderServing, context: Context, one: Path, tmp_path: Path
):
    archive = weights.tar(tmp_path / "one.tar.gz", one)
    foreign = adapter(tmp_path / "foreign", base="/another/model")
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(archive.read_bytes()[:-40])
    packed = weights.tar(tmp_path / "foreign.tar.gz", foreign)
    served.add_adapter(context, "tuned", str(archive))
    before = deployment.deployment_file(context.root).read_bytes()
    model = weights.model(tmp_path / "model")
    for wrong in ("nowhere", str(foreign), str(packed), str(damaged), str(model)):
        with pytest.raises(MlccError):
            served.update(context, "tuned", wrong)
        assert deployment.deployment_file(context.root).read_bytes() == before
        assert served.deployed(context)[0].status == "InService"
        assert unpacked(context) == ["tuned"]
    with pytest.raises(MlccError, match="Unknown adapter or model 'other'"):
        served.update(context, "other", str(one))


def test_the_same_weights_wherever_they_are(
    served: FolderServing, context: Context, one: Path, two: Path, tmp_path: Path
):
    served.add_adapter(context, "tuned", str(one))
    copy = shutil.copytree(one, tmp_path / "copy")
    packed = weights.tar(tmp_path / "packed.tar.gz", one)
    for same in (one, f"file://{one}", copy, packed):
        assert served.holds(context, "tuned", str(same))
    assert not served.holds(context, "tuned", str(two))
    with pytest.raises(MlccError, match="does not exist"):
        served.holds(context, "tuned", "nowhere")
    assert not list((context.root / ".mlcc").glob("weights-*"))
    shutil.rmtree(one)
    assert not served.holds(context, "tuned", str(copy))


def test_models_are_compared_and_updated(served: FolderServing, context: Context, tmp_path: Path):
    first, copy, other = (weights.model(tmp_path / name) for name in ("first", "copy", "other"))
    (other / "model.safetensors").write_bytes(weights.safetensors(8))
    served.add_component(context, "whole", str(first))
    assert served.holds(context, "whole", str(copy))
    assert not served.holds(context, "whole", str(other))
    assert not served.holds(context, "whole", "org/name")
    assert served.update(context, "whole", str(other)).source == str(other)
    with pytest.raises(MlccError):
        served.update(context, "whole", str(adapter(tmp_path / "lora")))


def test_the_command_for_another_base(served: FolderServing, context: Context, tmp_path: Path):
    model = weights.model(tmp_path / "model")
    assert served.base_command(context, "mlcc-tiny") is None
    command = f"mlcc deploy --force-ic --model-data {model}"
    assert served.base_command(context, str(model)) == command
    served.deploy(context, str(model))
    assert served.base_command(context, str(shutil.copytree(model, tmp_path / "copy"))) is None
    assert served.base_command(context, "mlcc-tiny") is not None
    assert served.base_command(context, str(tmp_path / "gone")) is None
