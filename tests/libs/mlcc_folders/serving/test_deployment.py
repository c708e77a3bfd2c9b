import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError, PlatformError
from mlcc_folders.folder_answering import FolderAnswering
from mlcc_folders.serving import archives, deployment, serving
from tests.plugins.mlcc_local import weights

ANSWERING = FolderAnswering("mlcc-tiny")

ADD = """
import sys
from pathlib import Path
from mlcc_core.errors import MlccError
from mlcc_core import Context
from mlcc_folders.folder_serving import FolderServing
root, source, *names = sys.argv[1:]
for name in names:
    try:
        FolderServing("mlcc-tiny").add_adapter(Context(Path(root), "demo"), name, source)
    except MlccError as error:
        print(error.what)
"""


@pytest.fixture
def error():
    """The error of a call."""

    def of(call, *arguments):
        with pytest.raises(MlccError) as caught:
            call(*arguments)
        return caught.value

    return of


@pytest.fixture
def adapter(tmp_path):
    return weights.adapter(tmp_path / "adapter")


@pytest.fixture
def model(tmp_path):
    return weights.model(tmp_path / "model")


def unpacked(context):
    return context.root / ".mlcc" / "adapters"


def test_adapter_is_added_listed_and_removed(served, context, adapter):
    added = served.add_adapter(context, "tuned", str(adapter))
    assert (added.kind, added.source, added.status) == ("adapter", str(adapter), "InService")
    assert list(served.deployed(context)) == [added]
    served.remove_adapter(context, "tuned")
    assert list(served.deployed(context)) == []
    assert adapter.is_dir()


def test_component_is_added(served, context, model):
    added = served.add_component(context, "whole", f"file://{model}")
    assert (added.kind, added.status) == ("model", "InService")


@pytest.mark.parametrize("name", ["a b", "a\nb", 'a"b', "..", "a/..", "-a", "", "a" * 64, "é"])
def test_bad_names_are_refused(served, context, adapter, error, name):
    found = error(served.add_adapter, context, name, str(adapter))
    assert "expected 1 to 63" in found.what
    assert "\n" not in found.what


def test_taken_name(served, context, adapter, model, error):
    served.add_adapter(context, "tuned", str(adapter))
    assert "taken" in error(served.add_adapter, context, "tuned", str(adapter)).what
    assert "taken" in error(served.add_component, context, "tuned", str(model)).what


def test_unknown_name(served, context, adapter, error):
    served.add_adapter(context, "tuned", str(adapter))
    assert "'tuned'" in error(served.remove_adapter, context, "tuner").what
    assert ANSWERING.find_subject(context, "tuner") is None


def test_model_for_an_adapter_names_the_other_command(served, context, adapter, model, error):
    found = error(served.add_adapter, context, "x", str(model))
    assert "add-ic" in found.hint
    found = error(served.add_component, context, "x", str(adapter))
    assert "adapter add" in found.hint


def test_adapter_of_another_base_is_refused(served, context, tmp_path, error):
    other = weights.adapter(tmp_path / "other", base="org/other")
    found = error(served.add_adapter, context, "x", str(other))
    assert "org/other" in found.what
    assert found.hint == "mlcc deploy --force-ic --model-data org/other"
    assert list(served.deployed(context)) == []


def test_base_comes_from_the_project(served, tmp_path):
    context = Context(tmp_path, "demo", {"MODEL_ID": "org/other"})
    other = weights.adapter(tmp_path / "other", base="org/other")
    assert served.add_adapter(context, "x", str(other)).status == "InService"


def test_replacing_the_base_reports_adapters_that_no_longer_fit(served, context, adapter, model):
    served.add_adapter(context, "tuned", str(adapter))
    lines = served.deploy(context, str(model))
    assert any("tuned" in line and "does not fit" in line for line in lines)
    assert served.deployed(context)[0].status == "OtherBase"
    assert len(served.deploy(context, None)) == 1
    assert served.deployed(context)[0].status == "InService"


def test_undeploy_takes_everything_down(served, context, adapter):
    served.add_adapter(context, "tuned", str(weights.tar(context.root / "a.tar.gz", adapter)))
    served.undeploy(context)
    assert list(served.deployed(context)) == []
    assert not unpacked(context).exists()


def test_weights_that_vanish_are_told(served, context, adapter, error):
    served.add_adapter(context, "tuned", str(adapter))
    adapter.rename(context.root / "moved")
    assert served.deployed(context)[0].status == "Gone"
    assert "are gone" in error(ANSWERING.find_subject, context, "tuned").what


def test_a_base_that_vanishes_is_told(served, context, adapter, model, error):
    served.deploy(context, str(model))
    moved = model.rename(context.root / "moved")
    told = error(ANSWERING.deployed_base, context, "mlcc-tiny")
    assert f"is gone: {model}" in told.what
    assert told.hint.startswith("mlcc deploy --force-ic --model-data ")
    assert list(served.deployed(context)) == []
    served.deploy(context, str(moved))
    assert serving.base_at_hand(context, "mlcc-tiny") == str(moved)


def test_damaged_record_is_told_and_can_be_cleared(served, context, adapter, error):
    served.add_adapter(context, "tuned", str(adapter))
    deployment.deployment_file(context.root).write_text('{"base": 1}')
    assert "undeploy" in error(served.deployed, context).hint
    served.undeploy(context)
    assert list(served.deployed(context)) == []


def test_processes_do_not_lose_each_others_adapters(served, context, adapter):
    command = [sys.executable, "-c", ADD, str(context.root), str(adapter)]
    groups = [[f"a{i}-{j}" for j in range(5)] for i in range(3)]
    children = [subprocess.Popen([*command, *names, "same"]) for names in groups]
    assert [child.wait(timeout=200) for child in children] == [0, 0, 0]
    expected = sorted([name for names in groups for name in names] + ["same"])
    assert sorted(item.name for item in served.deployed(context)) == expected


@pytest.mark.parametrize("prefix", ["", "out/"])
def test_archives_are_unpacked(served, context, adapter, prefix):
    archive = weights.tar(context.root / "a.tar.gz", adapter, prefix)
    assert served.add_adapter(context, "tuned", str(archive)).status == "InService"
    served.remove_adapter(context, "tuned")
    assert list(unpacked(context).iterdir()) == []


def test_zip_is_unpacked(served, context, adapter):
    archive = weights.zipped(context.root / "a.zip", adapter)
    assert served.add_adapter(context, "tuned", str(archive)).status == "InService"


ESCAPES = [
    (weights.member("../evil"), b"x"),
    (weights.member("/tmp/evil"), b"x"),
    (weights.member("a/../../evil"), b"x"),
    (weights.member("link", tarfile.SYMTYPE, "/etc/passwd"), b""),
    (weights.member("hard", tarfile.LNKTYPE, "adapter_config.json"), b""),
    (weights.member("pipe", tarfile.FIFOTYPE), b""),
    (weights.member("device", tarfile.CHRTYPE), b""),
    (weights.member("adapter_config.json"), b"{}"),
]


def around(root):
    """What lies in the project, at any depth, and beside it."""
    return {*weights.names_under(root), *(f"../{path.name}" for path in root.parent.iterdir())}


@pytest.mark.parametrize("extra", ESCAPES, ids=lambda extra: extra[0].name)
def test_archives_that_leave_their_folder_are_refused(served, context, adapter, error, extra):
    archive = weights.tar(context.root / "evil.tar.gz", adapter, extra=[extra])
    before = around(context.root)
    assert repr(extra[0].name) in error(served.add_adapter, context, "x", str(archive)).what
    new = around(context.root) - before
    assert all(name.endswith((".mlcc", "adapters", ".lock")) for name in new)


def test_zip_that_leaves_its_folder_is_refused(served, context, adapter, error):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    for extra in (("../evil", b"x"), (link, b"/etc/passwd")):
        archive = weights.zipped(context.root / "evil.zip", adapter, extra=[extra])
        assert error(served.add_adapter, context, "x", str(archive)).exit_code == 1
    assert list(unpacked(context).iterdir()) == []


def test_bomb_is_bounded(served, context, adapter, error, monkeypatch):
    monkeypatch.setattr(archives, "MIN_BOUND", 1 << 20)
    extra = [(weights.member("zeros"), bytes(8 << 20))]
    archive = weights.tar(context.root / "bomb.tar.gz", adapter, extra=extra)
    assert "would unpack to more" in error(served.add_adapter, context, "x", str(archive)).what
    assert list(unpacked(context).iterdir()) == []


def test_header_that_claims_gigabytes_is_refused(served, context, adapter, error):
    header = weights.member("././@PaxHeader", tarfile.XHDTYPE)
    header.size = 10 << 30
    path = context.root / "header.tar.gz"
    import gzip

    path.write_bytes(gzip.compress(header.tobuf() + bytes(1 << 20)))
    assert "damaged" in error(served.add_adapter, context, "x", str(path)).what


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_truncated_archives(served, context, adapter, error, name):
    make = weights.zipped if name.endswith("zip") else weights.tar
    path = make(context.root / name, adapter)
    path.write_bytes(path.read_bytes()[:200])
    found = error(served.add_adapter, context, "x", str(path))
    assert (found.exit_code, found.where) == (1, "--weights")
    path.write_bytes(b"nonsense")
    assert "damaged" in error(served.add_adapter, context, "x", str(path)).what


@pytest.mark.parametrize("name", ["w.bin", "w.pt", "w.pth", "w.pkl"])
def test_pickle_is_refused(served, context, tmp_path, error, name):
    (tmp_path / name).write_bytes(b"\x80\x04")
    assert "pickle" in error(served.add_adapter, context, "x", str(tmp_path / name)).what


def test_folder_with_pickled_weights_is_refused(served, context, adapter, error):
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    assert "pickle" in error(served.add_adapter, context, "x", str(adapter)).what


def test_trainer_leftovers_beside_safetensors_are_no_hindrance(served, context, adapter):
    (adapter / "training_args.bin").write_bytes(b"x")
    assert served.add_adapter(context, "x", str(adapter)).name == "x"


@pytest.mark.parametrize("keep", [4, 30, -1])
def test_truncated_weights(served, context, adapter, model, error, keep):
    for folder, name, add in (
        (adapter, "adapter_model.safetensors", served.add_adapter),
        (model, "model.safetensors", served.add_component),
    ):
        file = folder / name
        file.write_bytes(file.read_bytes()[:keep])
        assert "damaged" in error(add, context, "x", str(folder)).what


def test_other_adapters_than_lora_are_refused(served, context, tmp_path, error):
    other = weights.adapter(tmp_path / "ia3", kind="IA3")
    assert "expected LORA" in error(served.add_adapter, context, "x", str(other)).what


def test_missing_shard_is_named(served, context, model, error):
    index = '{"weight_map": {"a": "model-00001-of-00002.safetensors"}}'
    (model / "model.safetensors.index.json").write_text(index)
    assert "model-00001" in error(served.add_component, context, "x", str(model)).what


@pytest.mark.parametrize("weights_uri", ["s3://bucket/adapter.tar.gz", "none", "a\0b"])
def test_weights_that_are_not_here(served, context, error, weights_uri):
    found = error(served.add_adapter, context, "x", weights_uri)
    assert found.where == "--weights"
    assert found.hint


def test_one_file_of_weights_points_to_its_folder(served, context, adapter, error):
    found = error(served.add_adapter, context, "x", str(adapter / "adapter_model.safetensors"))
    assert found.hint == f"pass --weights {adapter}"


def test_unreadable_record_is_a_platform_error(served, context, error):
    deployment.deployment_file(context.root).mkdir(parents=True)
    assert isinstance(error(served.deployed, context), PlatformError)


def test_unpacked_base_is_replaced(served, context, model):
    archive = weights.tar(context.root / "m.tar.gz", model)
    served.deploy(context, str(archive))
    served.deploy(context, str(archive))
    base = deployment.read(context.root).base
    assert (Path(base) / "config.json").is_file()
