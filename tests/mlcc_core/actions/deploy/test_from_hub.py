"""Adapters from a hub: at one commit, weights and configs alone, remembered by their origin."""

from __future__ import annotations

import pytest

from mlcc_core.actions.deploy.adapters import add_adapter, deployed
from mlcc_core.actions.deploy.weights import WeightsRequest
from mlcc_core.actions.push.push import push
from mlcc_core.actions.push.request import PushRequest
from mlcc_core.contract.model_hub import Upload
from mlcc_core.contract.source import Access
from mlcc_core.errors import MlccError, PlatformError


@pytest.fixture
def model(world):
    world.finished()
    return push(world.session(), PushRequest("me/tuned"))


def add(world, text, name="tuned", **given):
    return add_adapter(world.session(), WeightsRequest(name, from_hub=text, **given))


def refused(world, text, **given):
    with pytest.raises(MlccError) as raised:
        add(world, text, **given)
    return raised.value


def folders(world):
    return sorted(path.name for path in (world.root / ".mlcc" / "hub" / "fake").glob("*"))


def test_an_adapter_is_fetched_once_and_listed_by_its_origin(world, model):
    origin = f"hub me/tuned@{model.revision[:7]}"
    assert add(world, "me/tuned").source == origin
    assert [item.source for item in deployed(world.session())] == [origin]
    assert folders(world) == [f"me--tuned@{model.revision[:12]}"]
    (folder,) = (world.root / ".mlcc" / "hub" / "fake").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
    }
    add(world, f"me/tuned@{model.revision[:10]}", name="again")
    assert world.hub.calls.count("download") == 1


def test_a_fetch_that_was_cut_off_is_gone_on_with(world, model):
    world.hub.fail("download", PlatformError("The connection was lost."), after=True)
    assert refused(world, "me/tuned").what == "The connection was lost."
    assert folders(world) == [f"me--tuned@{model.revision[:12]}.partial"]
    add(world, "me/tuned")
    assert folders(world) == [f"me--tuned@{model.revision[:12]}"]


def test_other_weights_under_the_name_have_another_origin(world, model):
    add(world, "me/tuned")
    serving = world.platform.serving
    serving.remove_adapter(world.session().context, "tuned")
    (world.root / "mine").mkdir()
    other = WeightsRequest("tuned", weights=str(world.root / "mine"))
    add_adapter(world.session(), other)
    assert [item.source for item in deployed(world.session())] == [str(world.root / "mine")]


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"adapter_config.json": b"{}", "adapter_model.bin": b"1"}, "no weights in safetensors"),
        ({"config.json": b"{}", "model.safetensors": b"1"}, "a whole model, expected an adapter"),
        ({"notes.txt": b"1"}, "something else, expected an adapter"),
    ],
)
def test_what_is_not_an_adapter_is_not_fetched(world, tmp_path, files, what):
    folder = tmp_path / "upload"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    world.hub.upload(Access(), Upload("me/other", folder, "Other"))
    error = refused(world, "me/other")
    assert what in error.what
    if "config.json" in files:
        assert error.hint == "mlcc deploy --force-ic --model-data me/other"
    assert "download" not in world.hub.calls


def test_what_is_not_there_is_said(world):
    assert "has no model me/nope" in refused(world, "me/nope").what
    assert "expected ORG/NAME" in refused(world, "nope").what


def test_weights_come_from_one_place(world, model):
    for given in ({"weights": "x"}, {"from_tune": True}):
        assert "not several" in refused(world, "me/tuned", **given).what
    with pytest.raises(MlccError, match="Expected one of --from-tune, --weights or --from-hub"):
        add_adapter(world.session(), WeightsRequest("tuned"))
