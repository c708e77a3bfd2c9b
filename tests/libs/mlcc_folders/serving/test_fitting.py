"""Adapters on bases: real ones of a few thousand parameters, under all kinds of names."""

import json
import shlex
import shutil

import pytest

from mlcc_core.errors import MlccError
from mlcc_engine.base import bases, fingerprint
from mlcc_folders.folder_answering import FolderAnswering
from mlcc_folders.serving import deployment
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


def test_the_same_weights_under_another_path_fit(served, context, base, tmp_path):
    adapter = lora(tmp_path / "adapter", base)
    copy = shutil.copytree(base, tmp_path / "copy")
    served.deploy(context, str(copy))
    assert served.add_adapter(context, "tuned", str(adapter)).status == "InService"
    assert served.deployed(context)[0].status == "InService"
    assert len(served.deploy(context, str(base))) == 1


def test_the_same_weights_under_a_hub_id_fit(served, context, base, tmp_path):
    adapter = lora(tmp_path / "adapter", base, name="org/name")
    served.deploy(context, str(base))
    assert served.add_adapter(context, "tuned", str(adapter)).status == "InService"


def test_other_weights_under_the_same_name_do_not_fit(
    served, context, base, other_base, tmp_path, error
):
    place = shutil.copytree(base, tmp_path / "place")
    adapter = lora(tmp_path / "adapter", place)
    served.deploy(context, str(place))
    served.add_adapter(context, "tuned", str(adapter))
    shutil.copy(other_base / "model.safetensors", place)
    found = error(FolderAnswering("mlcc-tiny").find_subject, context, "tuned")
    assert "other weights than those of" in found.what
    assert found.hint == "mlcc adapter remove tuned"
    (_, warning) = served.deploy(context, str(place))
    assert "other weights" in warning
    assert served.deployed(context)[0].status == "OtherBase"
    served.remove_adapter(context, "tuned")
    found = error(served.add_adapter, context, "tuned", str(adapter))
    assert (found.where, found.hint) == ("--weights", "mlcc adapter list")


def test_the_hint_deploys_what_is_there(served, context, base, other_base, tmp_path, error):
    place = shutil.copytree(base, tmp_path / "a place")
    adapter = lora(tmp_path / "adapter", place)
    served.deploy(context, str(other_base))
    found = error(served.add_adapter, context, "tuned", str(adapter))
    assert shlex.split(found.hint)[-2:] == ["--model-data", str(place)]
    served.deploy(context, shlex.split(found.hint)[-1])
    assert served.add_adapter(context, "tuned", str(adapter)).status == "InService"
    served.remove_adapter(context, "tuned")
    served.deploy(context, str(other_base))
    shutil.rmtree(place)
    assert str(place) not in error(served.add_adapter, context, "tuned", str(adapter)).hint


def test_listing_reads_no_weights(served, context, base, tmp_path, monkeypatch):
    adapter = lora(tmp_path / "adapter", base)
    served.deploy(context, str(base))
    served.add_adapter(context, "tuned", str(adapter))
    kept = json.loads(deployment.deployment_file(context.root).read_text())
    assert kept["base_fingerprint"] == fingerprint.fingerprint(base)
    monkeypatch.setattr(fingerprint, "fingerprint", None)
    assert served.deployed(context)[0].status == "InService"


def test_adapters_from_elsewhere_fit_by_shape(served, context, base, tmp_path):
    said = []
    context = type(context)(context.root, "demo", say=said.append)
    adapter = lora(tmp_path / "adapter", base, name="org/other", record=False)
    served.deploy(context, str(base))
    assert served.add_adapter(context, "tuned", str(adapter)).status == "InService"
    assert "org/other" in said[0]
    assert said[0].startswith("⚠️")


def test_adapters_from_elsewhere_of_another_shape(served, context, base, tmp_path, error):
    adapter = lora(tmp_path / "adapter", base, name="org/other", record=False, intermediate_size=32)
    served.deploy(context, str(base))
    found = error(served.add_adapter, context, "tuned", str(adapter))
    assert found.hint == "mlcc deploy --force-ic --model-data org/other"


def test_adapters_from_elsewhere_of_a_path_that_is_gone(served, context, base, tmp_path, error):
    adapter = lora(tmp_path / "a", base, name="/gone/model", record=False, intermediate_size=32)
    served.deploy(context, str(base))
    assert "/gone" not in error(served.add_adapter, context, "tuned", str(adapter)).hint


def test_a_record_of_before_is_read(served, context, base, tmp_path):
    adapter = lora(tmp_path / "adapter", base, record=False)
    served.deploy(context, str(base))
    served.add_adapter(context, "tuned", str(adapter))
    path = deployment.deployment_file(context.root)
    document = json.loads(path.read_text())
    del document["base_fingerprint"], document["others"][0]["record"]
    path.write_text(json.dumps(document))
    assert served.deployed(context)[0].status == "InService"


def test_an_adapter_is_found_on_a_copy_of_its_base(served, context, base, tmp_path):
    adapter = lora(tmp_path / "adapter", base)
    served.deploy(context, str(shutil.copytree(base, tmp_path / "copy")))
    served.add_adapter(context, "tuned", str(adapter))
    found = FolderAnswering("mlcc-tiny").find_subject(context, "tuned")
    assert found is not None
    assert found.model == str(tmp_path / "copy")
