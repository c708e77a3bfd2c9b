"""A Hub that refuses or fails while a model is pushed: one line each, nothing half-visible."""

from __future__ import annotations

import dataclasses

import pytest

from mlcc_core import MlccError, PlatformError, Upload
from mlcc_core.helpers.http import retries
from mlcc_hf import HuggingFaceHub
from tests.plugins.mlcc_hf.hubs import access
from tests.servers.wire import Fault

TOKEN = "hf_GoodGoodGood"
OBJECT = "/lfs/"


@pytest.fixture
def shelf(hub, monkeypatch):
    """The stand-in, with an account; waits between tries are short."""
    hub.users[TOKEN] = "alice"
    hub.orgs["alice"] = {"team"}
    monkeypatch.setattr(retries, "WAITS", (0.01, 0.01))
    return hub


@pytest.fixture
def upload(tmp_path):
    folder = tmp_path / "upload"
    folder.mkdir()
    (folder / "README.md").write_text("---\ntags:\n- mlcc\n---\n")
    (folder / "adapter_model.safetensors").write_bytes(bytes(range(256)) * 4096)
    return Upload("alice/tuned", folder, "Add an adapter")


def send(upload):
    return HuggingFaceHub().upload(access(TOKEN), upload)


def refused(call, exit_code=3):
    with pytest.raises(MlccError) as raised:
        call()
    error = raised.value
    assert error.exit_code == exit_code
    assert "\n" not in error.what
    assert error.hint
    assert TOKEN not in repr(error.as_json())
    return error


def files(shelf, repo="alice/tuned"):
    found = shelf.repos.get(("model", repo))
    return sorted(found.at("main").files) if found else None


@pytest.mark.parametrize(
    ("status", "exit_code", "what"),
    [
        (401, 3, "does not accept HF_TOKEN"),
        (403, 3, "does not let HF_TOKEN write to alice/tuned (403)"),
        (409, 1, "was changed by others meanwhile (409)"),
        (412, 1, "was changed by others meanwhile (412)"),
        (413, 1, "does not take files of that size"),
        (429, 3, "throttles requests"),
        (500, 3, "it answered 500"),
    ],
)
def test_a_commit_that_is_refused(shelf, upload, status, exit_code, what):
    shelf.plan(Fault(path="/commit/main", method="POST", status=status, times=9))
    error = refused(lambda: send(upload), exit_code)
    assert what in error.what
    assert files(shelf) == [".gitattributes"]
    shelf.forget()
    found = HuggingFaceHub().find(access(TOKEN), "alice/tuned")
    send(dataclasses.replace(upload, revision=found.revision))
    assert "adapter_model.safetensors" in files(shelf)
    assert [r for r in shelf.requests("cdn") if r.method == "PUT"] == []  # sent once, not again


def test_a_commit_whose_answer_is_lost_is_made_once(shelf, upload):
    shelf.plan(Fault(path="/commit/main", method="POST", status=503, times=1))
    send(upload)
    assert len(shelf.repos["model", "alice/tuned"].commits) == 2


def test_a_large_file_whose_sending_breaks_is_sent_again(shelf, upload):
    shelf.plan(Fault(path=OBJECT, method="PUT", origin="cdn", take=1000))
    send(upload)
    puts = [request.status for request in shelf.requests("cdn") if request.method == "PUT"]
    assert puts == [0, 200]
    assert all("authorization" not in request.headers for request in shelf.requests("cdn"))


@pytest.mark.parametrize(
    ("status", "what"), [(403, "does not let HF_TOKEN write"), (413, "of that size")]
)
def test_a_large_file_that_is_refused(shelf, upload, status, what):
    shelf.plan(Fault(path=OBJECT, method="PUT", origin="cdn", status=status, times=9))
    assert what in refused(lambda: send(upload), 1 if status == 413 else 3).what
    assert files(shelf) == [".gitattributes"]


def test_a_large_file_that_is_damaged_on_its_way_is_said_with_the_stores_own_words(shelf, upload):
    ids = {"x-amz-request-id": "4B2A"}
    shelf.plan(Fault(path=OBJECT, method="PUT", origin="cdn", status=400, headers=ids, times=9))
    error = refused(lambda: send(upload))
    assert "does not take what was sent to alice/tuned (400)" in error.what
    assert "injected" in error.what
    assert "4B2A" in error.hint
    assert "later" not in error.hint
    assert files(shelf) == [".gitattributes"]


def test_a_name_that_may_not_be_made(shelf, upload):
    shelf.roles[TOKEN] = "narrow"
    error = refused(lambda: send(upload))
    assert "does not let HF_TOKEN write to alice/tuned" in error.what
    assert files(shelf) is None


def test_a_card_that_the_hub_does_not_take(shelf, upload):
    (upload.folder / "README.md").write_text("---\nbase_model: /cache/base\n---\n")
    assert '"base_model" with value "/cache/base"' in refused(lambda: send(upload)).what
    assert files(shelf) == [".gitattributes"]


def test_a_network_that_is_gone(upload, monkeypatch):
    monkeypatch.setattr(retries, "WAITS", (0.01,))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "cannot be reached" in refused(lambda: send(upload)).what
    check = HuggingFaceHub().check_upload
    assert "cannot be reached" in refused(lambda: check(access(TOKEN), "alice/x")).what


def test_the_account_is_checked_before_anything_is_made(shelf):
    def check(repo="alice/tuned", token=TOKEN):
        HuggingFaceHub().check_upload(access(token), repo)

    check()
    check("team/tuned")
    error = refused(lambda: check(token=None), 1)
    assert "needs a token" in error.what
    assert error.hint == "export HF_TOKEN=<token>"
    kept = dataclasses.replace(access(None), keeps_secrets=True)
    error = refused(lambda: HuggingFaceHub().check_upload(kept, "alice/tuned"), 1)
    assert "mlcc secrets set" in error.hint
    assert "does not accept HF_TOKEN" in refused(lambda: check(token="hf_wrong")).what
    error = refused(lambda: check("bob/tuned"), 1)
    assert "may not write to bob" in error.what
    assert error.detail == ("It may write to: alice, team",)
    shelf.roles[TOKEN] = "read"
    assert "may only read" in refused(check).what
    assert shelf.repos == {}


def test_a_renamed_repository_is_found_under_its_new_name(shelf):
    shelf.add("alice/new", {"README.md": b""}, kind="model")
    shelf.renamed["alice/old"] = "alice/new"
    assert HuggingFaceHub().find(access(TOKEN), "alice/old").repo == "alice/new"


def test_a_name_that_is_none_of_the_hub_names_no_folder_and_no_command(shelf):
    shelf.add("org/a;b", {"README.md": b""}, kind="model")
    shelf.renamed["alice/old"] = "org/a;b"
    error = refused(lambda: HuggingFaceHub().find(access(TOKEN), "alice/old"))
    assert "does not answer as a Hub" in error.what


def test_a_gated_model_is_told_apart(shelf, tmp_path):
    shelf.add("org/base", {"adapter_config.json": b"{}"}, kind="model", gated="auto")
    found = HuggingFaceHub().find(access(), "org/base")
    call = HuggingFaceHub().download
    error = refused(lambda: call(access(), found, tmp_path, ["adapter_config.json"]), 1)
    assert "Model org/base is gated" in error.what
    assert f"{shelf.endpoint}/org/base" in error.hint


def test_a_download_that_breaks_is_resumed_and_one_that_lies_is_refused(shelf, tmp_path):
    data = bytes(range(256)) * 4096
    shelf.add("org/lora", {"adapter_model.safetensors": data}, kind="model")
    found = HuggingFaceHub().find(access(), "org/lora")
    name = "adapter_model.safetensors"
    shelf.plan(Fault(path=OBJECT, method="GET", cut=5000, reset=True))
    HuggingFaceHub().download(access(), found, tmp_path / "a", [name])
    assert (tmp_path / "a" / name).read_bytes() == data
    shelf.plan(Fault(path=OBJECT, method="GET", flip=7, times=9))
    with pytest.raises(PlatformError):
        HuggingFaceHub().download(access(), found, tmp_path / "b", [name])
    assert not (tmp_path / "b" / name).exists()


def test_names_of_datasets():
    named = HuggingFaceHub().dataset_id
    assert named("hf://org/data/test?config=main") == "org/data"
    assert named("https://huggingface.co/datasets/org/data/viewer") == "org/data"
    for other in ("train.jsonl", "s3://b/k", "hf://org/data?token=x", "https://e.org/org/data"):
        assert named(other) is None
