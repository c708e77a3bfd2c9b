"""Adapters on bases: real ones of a few thousand parameters, under all kinds of names."""

import json
import shlex
import shutil

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine.base import bases, fingerprint
from mlcc_local.serving import deployment
from tests.libs.mlcc_engine import folders


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    return folders.save(folders.llama(), tmp_path_factory.mktemp("base") / "model")


@pytest.fixture(scope="session")
def other_base(tmp_path_factory):
    return folders.save(folders.llama(seed=1), tmp_path_factory.mktemp("other") / "model")


def lora(folder, trained_on, *, name=None, record=True, **changes):
    """An adapter as a job leaves it, or as one from elsewhere: without a record."""
    folders.save_lora(folders.llama(**changes), folder, name or str(trained_on))
    if record:
        base = name or str(trained_on)
        bases.write(folder, str(trained_on), base, str(trained_on), folder)
    return folder


@pytest.fixture
def error():
    def of(call, *arguments):
        with pytest.raises(MlccError) as caught:
            call(*arguments)
        return caught.value

    return of


def test_the_same_weights_under_another_path_fit(local, context, base, tmp_path):
    adapter = lora(tmp_path / "adapter", base)
    copy = shutil.copytree(base, tmp_path / "copy")
    local.deploy(context, str(copy))
    assert local.add_adapter(context, "tuned", str(adapter)).status == "InService"
    assert local.deployed(context)[0].status == "InService"
    assert len(local.deploy(context, str(base))) == 1


def test_the_same_weights_under_a_hub_id_fit(local, context, base, tmp_path):
    adapter = lora(tmp_path / "adapter", base, name="org/name")
    local.deploy(context, str(base))
    assert local.add_adapter(context, "tuned", str(adapter)).status == "InService"


def test_other_weights_under_the_same_name_do_not_fit(
    local, context, base, other_base, tmp_path, error
):
    place = shutil.copytree(base, tmp_path / "place")
    adapter = lora(tmp_path / "adapter", place)
    local.deploy(context, str(place))
    local.add_adapter(context, "tuned", str(adapter))
    shutil.copy(other_base / "model.safetensors", place)
    found = error(local.ask, context, "hi", "tuned")
    assert "other weights than those of" in found.what
    assert found.hint == "mlcc adapter remove tuned"
    (_, warning) = local.deploy(context, str(place))
    assert "other weights" in warning
    assert local.deployed(context)[0].status == "OtherBase"
    local.remove_adapter(context, "tuned")
    found = error(local.add_adapter, context, "tuned", str(adapter))
    assert (found.where, found.hint) == ("--weights", "mlcc adapter list")


def test_the_hint_deploys_what_is_there(local, context, base, other_base, tmp_path, error):
    place = shutil.copytree(base, tmp_path / "a place")
    adapter = lora(tmp_path / "adapter", place)
    local.deploy(context, str(other_base))
    found = error(local.add_adapter, context, "tuned", str(adapter))
    assert shlex.split(found.hint)[-2:] == ["--model-data", str(place)]
    local.deploy(context, shlex.split(found.hint)[-1])
    assert local.add_adapter(context, "tuned", str(adapter)).status == "InService"
    local.remove_adapter(context, "tuned")
    local.deploy(context, str(other_base))
    shutil.rmtree(place)
    assert str(place) not in error(local.add_adapter, context, "tuned", str(adapter)).hint


def test_listing_reads_no_weights(local, context, base, tmp_path, monkeypatch):
    adapter = lora(tmp_path / "adapter", base)
    local.deploy(context, str(base))
    local.add_adapter(context, "tuned", str(adapter))
    kept = json.loads(deployment.deployment_file(context.root).read_text())
    assert kept["base_fingerprint"] == fingerprint.fingerprint(base)
    monkeypatch.setattr(fingerprint, "fingerprint", None)
    assert local.deployed(context)[0].status == "InService"


def test_adapters_from_elsewhere_fit_by_shape(local, context, base, tmp_path):
    said = []
    context = type(context)(context.root, "demo", say=said.append)
    adapter = lora(tmp_path / "adapter", base, name="org/other", record=False)
    local.deploy(context, str(base))
    assert local.add_adapter(context, "tuned", str(adapter)).status == "InService"
    assert "org/other" in said[0]
    assert said[0].startswith("⚠️")


def test_adapters_from_elsewhere_of_another_shape(local, context, base, tmp_path, error):
    adapter = lora(tmp_path / "adapter", base, name="org/other", record=False, intermediate_size=32)
    local.deploy(context, str(base))
    found = error(local.add_adapter, context, "tuned", str(adapter))
    assert found.hint == "mlcc deploy --force-ic --model-data org/other"


def test_adapters_from_elsewhere_of_a_path_that_is_gone(local, context, base, tmp_path, error):
    adapter = lora(tmp_path / "a", base, name="/gone/model", record=False, intermediate_size=32)
    local.deploy(context, str(base))
    assert "/gone" not in error(local.add_adapter, context, "tuned", str(adapter)).hint


def test_a_record_of_before_is_read(local, context, base, tmp_path):
    adapter = lora(tmp_path / "adapter", base, record=False)
    local.deploy(context, str(base))
    local.add_adapter(context, "tuned", str(adapter))
    path = deployment.deployment_file(context.root)
    document = json.loads(path.read_text())
    del document["base_fingerprint"], document["others"][0]["record"]
    path.write_text(json.dumps(document))
    assert local.deployed(context)[0].status == "InService"


def test_an_adapter_is_asked_on_a_copy_of_its_base(local, context, base, tmp_path):
    adapter = lora(tmp_path / "adapter", base)
    local.deploy(context, str(shutil.copytree(base, tmp_path / "copy")))
    local.add_adapter(context, "tuned", str(adapter))
    assert isinstance(local.ask(context, "hi", "tuned"), str)
