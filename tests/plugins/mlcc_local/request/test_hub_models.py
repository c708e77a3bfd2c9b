"""Models of the Hub: the real clients against a Hub on this machine."""

import json
import shutil
from collections import namedtuple

import pytest

from mlcc_core.errors import MlccError, PlatformError
from mlcc_engine.base import bases
from mlcc_engine.hub import cache, fetch
from mlcc_engine.hub.names import HubName, parse
from mlcc_folders.model.pinning import pinned
from tests.plugins.mlcc_local.weights import safetensors

MODEL = {
    "config.json": b'{"model_type": "llama"}',
    "tokenizer.json": b"{}",
    "chat_template.jinja": b"{{ messages }}",
    "model.safetensors": safetensors(),
}
DEAD = "http://127.0.0.1:9"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def add(hub):
    """Publish ``org/name`` with these files beside, or in place of, a model's; return its commit.

    A value of ``None`` leaves a file out.
    """

    def of(files=None, **options):
        wanted = {k: v for k, v in {**MODEL, **(files or {})}.items() if v is not None}
        return hub.add("org/name", wanted, kind="model", **options).refs["main"]

    return of


@pytest.fixture
def refusal():
    def of(call, *arguments, **options):
        with pytest.raises(MlccError) as caught:
            call(*arguments, **options)
        assert "\n" not in caught.value.what
        return caught.value

    return of


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("org/name", HubName("org/name")),
        ("org/name@refs/pr/1", HubName("org/name", "refs/pr/1")),
        ("gpt2@v1.0", HubName("gpt2", "v1.0")),
        ("org/name@", None),
        ("org/name@a@b", None),
        ("org/name@../x", None),
        ("a/b/c", None),
        ("./a", None),
    ],
)
def test_names(typed, expected):
    assert parse(typed) == expected


def test_a_plan_has_the_commit(add, local, context, spec):
    first = add()
    request = local.runner.build_request(context, spec(model="org/name"))
    assert request.body["request"]["model"] == f"org/name@{first}"
    assert request.notes == (f"org/name is taken as it is now on the Hub: commit {first[:8]}.",)
    reported = local.runner.read_spec(request.body)
    assert reported.model == "org/name"
    assert reported.extra["model_revision"] == first
    second = add({"README.md": b"moved"})
    moved = local.runner.read_spec(local.runner.build_request(context, spec(model="org/name")).body)
    assert moved.extra["model_revision"] == second != first


def test_revisions_are_taken_wherever_a_model_is_named(add, hub, local, context, spec):
    commit = add()
    hub.repos["model", "org/name"].commit({**MODEL, "extra.json": b"{}"}, ref="try")
    tried = hub.repos["model", "org/name"].refs["try"]
    assert pinned("org/name@try") == f"org/name@{tried}"
    assert pinned(f"org/name@{commit}") == f"org/name@{commit}"
    request = local.runner.build_request(context, spec(model=f"org/name@{commit}"))
    assert request.notes == ()
    assert local.runner.read_spec(request.body).model == f"org/name@{commit}"


def test_a_revision_that_does_not_exist(add, local, context, spec, refusal):
    add()
    error = refusal(local.runner.build_request, context, spec(model="org/name@gone"))
    assert "'org/name' has no revision 'gone'" in error.what
    assert (error.where, error.hint) == ("--model", "--model org/name")


def test_a_name_that_does_not_exist(hub, local, context, spec, refusal):
    error = refusal(local.runner.build_request, context, spec(model="org/nmae"))
    assert "'org/nmae' does not exist on the Hub, or is private" in error.what
    assert "hf auth login" in error.hint


@pytest.mark.parametrize("token", [None, "stranger"])
def test_gated_models_are_refused_before_a_job(
    add, hub, local, context, spec, refusal, monkeypatch, token
):
    add(gated="manual", readers=["ann"])
    hub.users.update({"stranger": "bob", "known": "ann"})
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    error = refusal(local.runner.build_request, context, spec(model="org/name"))
    assert error.exit_code == 1
    assert f"its licence is to be accepted at {hub.endpoint}/org/name" in error.what
    assert error.hint.startswith("hf auth login")


def test_a_token_that_the_hub_refuses(add, monkeypatch, refusal):
    add()
    monkeypatch.setenv("HF_TOKEN", "expired")
    error = refusal(pinned, "org/name")
    assert isinstance(error, PlatformError)
    assert "refuses the token" in error.what


def test_without_the_hub_the_commit_on_this_machine_counts(add, monkeypatch):
    commit = add()
    fetch.obtain("org/name", weights=True)
    monkeypatch.setenv("HF_ENDPOINT", DEAD)
    assert pinned("org/name") == f"org/name@{commit}"
    assert pinned("org/other") == "org/other"
    assert fetch.obtain(f"org/name@{commit}", weights=True).endswith(commit)
    with pytest.raises(PlatformError, match="org/other"):
        fetch.obtain("org/other", weights=False)


def test_only_what_is_loaded_is_downloaded(add, hub):
    commit = add(
        {
            "model-00001-of-00001.safetensors": safetensors(),
            "pytorch_model.bin": b"pickle",
            "model-q4.gguf": b"GGUF",
            "onnx/model.json": b"{}",
            "logo.png": b"png",
        }
    )
    described = fetch.obtain(f"org/name@{commit}", weights=False)
    assert sorted(p.name for p in cache.find(HubName("org/name")).iterdir()) == [
        "chat_template.jinja",
        "config.json",
        "tokenizer.json",
    ]
    whole = fetch.obtain("org/name", weights=True)
    assert whole == described
    assert {p.name for p in cache.find(HubName("org/name")).iterdir()} == set(MODEL)
    assert cache.last_seen("org/name") == commit
    assert bases.name_of(f"org/name@{commit}", cache.cache_folder()) == "org/name"
    assert bases.revision_of(whole) == commit


def test_a_disk_that_would_fill(add, monkeypatch, refusal):
    commit = add()
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(10**9, 10**9 - 10**6, 10**6))
    error = refusal(fetch.foresee, f"org/name@{commit}")
    assert isinstance(error, PlatformError)
    assert error.exit_code == 3
    assert "of which 1.0 MB are free" in error.what
    assert "HF_HOME" in error.hint
    assert not cache.cache_folder().exists()


@pytest.mark.parametrize(
    ("files", "says", "hint"),
    [
        ({"pytorch_model.bin": b"x"}, "pickled weights alone (pytorch_model.bin)", "org/name@REV"),
        ({"model-q4.gguf": b"x"}, "GGUF", "ORG/NAME"),
        ({}, "has no weights", "ORG/NAME"),
        ({"config.json": None, "adapter_config.json": b"{}"}, "is a LoRA adapter", "ORG/NAME"),
        ({"config.json": None, "a.gguf": b"x"}, "GGUF", "ORG/NAME"),
        ({"config.json": None}, "config.json is missing", "ORG/NAME"),
    ],
)
def test_what_is_no_model(add, refusal, files, says, hint):
    add({"model.safetensors": None, **files})
    error = refusal(fetch.foresee, "org/name")
    assert says in error.what
    assert hint in error.hint
    assert error.where == "--model"


def test_what_is_in_the_cache_needs_no_room(add, monkeypatch):
    add()
    fetch.obtain("org/name", weights=True)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(1, 1, 0))
    fetch.foresee("org/name")


def test_where_the_weights_are_broken_the_cache_is_not_whole(add, monkeypatch):
    add()
    folder = fetch.obtain("org/name", weights=True)
    (cache.find(HubName("org/name")) / "model.safetensors").unlink()
    monkeypatch.setenv("HF_ENDPOINT", DEAD)
    assert fetch.obtain("org/name", weights=False) == folder
    with pytest.raises(PlatformError, match="Cannot download"):
        fetch.obtain("org/name", weights=True)
    assert json.loads((cache.find(HubName("org/name")) / "config.json").read_text())


def test_the_address_of_the_hub_is_that_of_the_environment_now(hub, monkeypatch):
    from huggingface_hub import HfApi

    from mlcc_engine.hub.look import access

    assert HfApi(endpoint=access()["endpoint"]).endpoint == hub.endpoint
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.endpoint)
    monkeypatch.delenv("HF_ENDPOINT")
    assert HfApi(endpoint=access()["endpoint"]).endpoint == "https://huggingface.co"
