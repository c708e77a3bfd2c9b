"""Pushing: checked first, one commit, private, without a leak; and nothing the second time."""

from __future__ import annotations

import json
import shlex

import pytest

from mlcc_core.actions.push.push import push
from mlcc_core.actions.push.request import PushRequest
from mlcc_core.actions.runs.remove import RemoveRunsRequest, remove_runs
from mlcc_core.contract.model_hub import Upload
from mlcc_core.contract.source import Access
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.project.records import write_record
from mlcc_core.testing.model_hub import FakeModelHub
from tests.mlcc_core.hub_world import HubWorld

SECRET = "hf_" + "x7Kq" * 5


@pytest.fixture
def run(world):
    return world.finished()


def pushed(world, repo="me/tuned", **given):
    return push(world.session(), PushRequest(repo, **given))


def refused(world, repo="me/tuned", **given):
    with pytest.raises(MlccError) as raised:
        pushed(world, repo, **given)
    assert "\n" not in raised.value.what
    assert list(world.project.state_folder.glob(".push*")) == []
    return raised.value


def contents(world, repo="me/tuned"):
    kept = world.hub.repos[repo]
    return kept.contents[kept.found.revision]


def test_an_adapter_leaves_with_its_card_and_nothing_else(world, run):
    done = pushed(world)
    files = contents(world)
    assert set(files) == {"README.md", "adapter_config.json", "adapter_model.safetensors"}
    assert (done.private, done.changed, done.form, done.job) == (True, True, "adapter", run.job)
    assert any("--from-hub me/tuned" in line for line in done.loads)
    config = json.loads(files["adapter_config.json"])
    assert config["base_model_name_or_path"] == "fake-model"
    assert all(str(world.root).encode() not in data for data in files.values())
    assert b'from_pretrained("me/tuned")' in files["README.md"]
    assert list(world.project.state_folder.glob(".push*")) == []


def test_a_base_that_was_a_folder_is_not_named_as_if_it_were_on_a_hub(world, run, tmp_path):
    own = tmp_path / "models" / "gpt2"
    own.mkdir(parents=True)
    request = {**run.request, "model": str(own)}
    write_record(world.project, run.model_copy(update={"request": request}))
    record = {"format": 1, "asked": str(own), "hub_id": None}
    (world.root / "outputs" / run.job / "base_model.json").write_text(json.dumps(record))
    pushed(world)
    left = json.loads(contents(world)["base_model.json"])
    assert (left["asked"], left["folder"]) == (None, "gpt2")


def test_the_same_again_changes_nothing(world, run):
    first, second = pushed(world), pushed(world)
    assert (second.changed, second.revision) == (False, first.revision)


def test_what_is_there_already_is_looked_at_first(world, run):
    first = pushed(world)
    assert any("Uploading 3 files" in line for line in world.heard.lines)
    world.heard.lines.clear()
    calls = world.hub.calls.count("upload")
    assert pushed(world).revision == first.revision
    assert not any("Uploading" in line for line in world.heard.lines)
    assert world.hub.calls.count("upload") == calls
    path = world.root / "outputs" / run.job / "adapter_config.json"
    path.write_text(path.read_text().replace("64", "32"))
    assert pushed(world).changed
    assert any("Uploading 2 files" in line for line in world.heard.lines)  # and the card


def test_another_form_takes_the_place_of_one_only_where_that_is_said(world, run, tmp_path):
    folder = tmp_path / "whole"
    folder.mkdir()
    (folder / "README.md").write_text("---\ntags:\n- mlcc\n---\n")
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(bytes(16))
    world.hub.upload(Access(), Upload("me/tuned", folder, "A whole model"))
    error = refused(world)
    assert error.what == (
        "me/tuned holds a whole model, in whose place an adapter would come: config.json, "
        "model.safetensors would be removed."
    )
    assert error.hint.startswith("mlcc push me/tuned --replace   # ")
    assert "config.json" in contents(world)
    assert pushed(world, replace=True).removed == ("config.json", "model.safetensors")
    assert "in whose place a whole model would come" in refused(world, merged=True).what
    assert "adapter_model.safetensors" in contents(world)


def test_a_run_is_named_by_a_start_of_its_name_or_its_technique(world, run):
    assert pushed(world, target=run.job[:12]).job == run.job
    assert pushed(world, target="fake").job == run.job
    assert "is not a run of this project" in refused(world, target="base").what


def test_all_is_checked_before_anything_is_made(world, run):
    world.hub.forbidden.add("them")
    assert "belongs to others" in refused(world, "them/tuned").what
    assert "expected ORG/NAME" in refused(world, "tuned").what
    assert "No evaluation" in refused(world, examples=2).what
    assert world.hub.repos == {}
    assert "upload" not in world.hub.calls


def test_a_repository_with_other_files_is_not_overwritten(world, run, tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"1")
    world.hub.upload(Access(), Upload("me/tuned", folder, "Theirs"))
    error = refused(world)
    assert "holds 1 file that mlcc did not push" in error.what
    assert error.hint.startswith("mlcc push me/tuned --replace   # ")
    assert pushed(world, replace=True).removed == ("model.bin",)
    assert "model.bin" not in contents(world)


def test_public_is_asked_about_and_private_is_not_made_public(world, run):
    said_no = refused(world, target=run.job, message="it's new", public=True)
    assert "was not made" in said_no.what
    assert shlex.split(said_no.hint) == [
        "mlcc",
        "push",
        run.job,
        "me/tuned",
        "--message",
        "it's new",
    ]
    assert not pushed(world, public=True, assume_yes=True).private
    error = refused(world)
    assert "is public, and a push is private" in error.what
    assert error.hint.startswith("mlcc push me/tuned --public   # ")
    assert pushed(world, public=True).changed is False


def test_a_hub_that_fails_leaves_nothing(world, run):
    world.hub.fail("upload", PlatformError("The hub is down.", hint="again"))
    assert refused(world).what == "The hub is down."
    assert world.hub.repos == {}
    assert pushed(world).changed


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("generation_config.json", '{"a": "/home/alice/x"}', "somebody's folder"),
        ("chat_template.jinja", "{# ROOT/train.jsonl #}", "a path of this machine"),
        ("special_tokens_map.json", '{"a": "TOKEN"}', "a secret of this project"),
        ("config.json", '{"a": "hf_AbCdEfGhIjKlMnOpQrSt"}', "looks like a token"),
    ],
)
def test_a_leak_is_refused(world, run, monkeypatch, name, text, what):
    monkeypatch.setenv("MY_API_KEY", SECRET)
    text = text.replace("ROOT", str(world.root)).replace("TOKEN", SECRET)
    (world.root / "outputs" / run.job / name).write_text(text)
    error = refused(world)
    assert name in error.what
    assert what in error.what
    assert SECRET not in repr(error.as_json())
    assert world.hub.repos == {}


def test_names_in_the_metadata_of_weights_are_looked_at(world, run):
    header = json.dumps({"__metadata__": {"from": f"{world.root}/x"}}).encode()
    path = world.root / "outputs" / run.job / "adapter_model.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    assert "a path of this machine" in refused(world).what


def test_a_model_without_weights_is_not_pushed(world, run):
    assert "holds no weights" in refused(world, merged=True).what  # the fake exports others
    assert world.hub.repos == {}


def test_one_of_several_hubs_is_named(world, run):
    class Other(FakeModelHub):
        name = "other"

    others = Other()

    class Two(HubWorld):
        nouns = property(lambda self: [*HubWorld.nouns.fget(world), others])

    two = Two(world.root)
    assert "Several hubs" in refused(two).what
    assert pushed(two, hub="other").changed
    assert "me/tuned" in others.repos
    assert "There is no hub" in refused(two, hub="nope").what


def test_a_run_that_is_removed_meanwhile_is_named(world, run, monkeypatch):
    find = world.hub.find

    def gone(*given):
        (world.root / "outputs" / run.job / "adapter_model.safetensors").unlink()
        remove_runs(world.session(), RemoveRunsRequest((run.job,), assume_yes=True))
        return find(*given)

    monkeypatch.setattr(world.hub, "find", gone)
    error = refused(world)
    assert error.what == f"{run.job} was removed while it was being pushed."
    assert error.hint == "mlcc runs list"
