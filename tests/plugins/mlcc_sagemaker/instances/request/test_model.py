"""Models that jobs on instances begin with: of the Hub, in S3, and built in."""

from __future__ import annotations

import shlex

import pytest

from mlcc_core.errors import MlccError, PlatformError
from mlcc_sagemaker.aws.account import role_of
from mlcc_sagemaker.instances.request.model import find_model
from tests.aws_account.training import outputs
from tests.plugins.mlcc_local import weights
from tests.plugins.mlcc_sagemaker.artifacts import archive, put

CONFIG = b'{"model_type": "llama", "max_position_embeddings": 512}'
MODEL = {"config.json": CONFIG, "tokenizer.json": b"{}", "model.safetensors": weights.safetensors()}


@pytest.fixture
def find(place):
    return lambda name: find_model(place, name, role_of(place))


@pytest.fixture
def in_bucket(account):
    put(account, "models/mine/", {**outputs.full_model("x", ""), "config.json": CONFIG}, "data")
    return "s3://data/models/mine"


@pytest.fixture
def published(hub):
    def of(**options):
        return hub.add("org/name", MODEL, kind="model", **options).refs["main"]

    return of


def stored(account):
    account.account.client("secretsmanager").create_secret(
        Name="mlcc/HF_TOKEN", SecretString="known"
    )


def test_the_built_in_model(find):
    found = find("mlcc-tiny")
    assert (found.name, found.channel, found.secret) == ("mlcc-tiny", None, None)
    assert found.context


def test_the_small_model_of_a_package_is_the_one_of_the_hub(find, hub):
    commit = hub.add("HuggingFaceTB/SmolLM2-135M-Instruct", MODEL, kind="model").refs["main"]
    assert find("smollm2-135m").name == f"HuggingFaceTB/SmolLM2-135M-Instruct@{commit}"


def test_a_model_of_the_hub_with_the_commit_that_it_means_now(find, published, account):
    commit = published()
    account.log.clear()
    found = find("org/name")
    assert (found.name, found.secret) == (f"org/name@{commit}", None)
    assert account.log.names() == []


def test_a_name_of_the_catalog(account, tmp_path, hub):
    from tests.plugins.mlcc_sagemaker.conftest import make_context

    commit = hub.add("org/name", MODEL, kind="model").refs["main"]
    known = make_context(tmp_path, account, hub_id={"short-name": "org/name"}.get)
    assert find_model(known, "short-name", None).name == f"org/name@{commit}"


def test_without_the_hub_its_name_is_taken(find, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    found = find("org/name")
    assert (found.name, found.secret) == ("org/name", None)


def test_without_the_hub_a_stored_token_is_named(find, account, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    stored(account)
    assert find("org/name").secret == "mlcc/HF_TOKEN"


def test_a_gated_model_takes_a_token_that_is_stored(find, published, account, hub, refusal):
    commit = published(gated="manual", readers=["ann"])
    hub.users["known"] = "ann"
    error = refusal(find, "org/name")
    assert "is gated" in error.what
    stored(account)
    found = find("org/name")
    assert (found.name, found.secret) == (f"org/name@{commit}", "mlcc/HF_TOKEN")


def test_a_token_of_this_machine_does_not_reach_the_job(
    find, published, account, hub, refusal, monkeypatch
):
    published(gated="manual", readers=["ann"])
    hub.users["known"] = "ann"
    monkeypatch.setenv("HF_TOKEN", "known")
    error = refusal(find, "org/name")
    assert "the job needs a token of the Hub" in error.what
    assert error.hint == "mlcc secrets set"


def test_a_model_that_the_hub_does_not_have(find, hub, refusal):
    error = refusal(find, "org/nmae")
    assert "'org/nmae' does not exist on the Hub, or is private" in error.what


def test_a_model_in_a_bucket(find, in_bucket, account):
    found = find(in_bucket)
    assert found.name == found.channel == f"{in_bucket}/"
    assert found.context == 512
    put(account, "models/mine/", {"model.safetensors": b"other"}, "data")
    assert find(in_bucket).fingerprint != found.fingerprint


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "holds no model"),
        ({"config.json": CONFIG}, "holds no model"),
        (outputs.adapter("x", under=""), "holds a LoRA adapter"),
    ],
)
def test_what_is_no_model_in_a_bucket(find, account, refusal, files, words):
    put(account, "odd/", files, "data")
    error = refusal(find, "s3://data/odd")
    assert words in error.what
    assert error.where == "--model"


def test_an_archive_is_to_be_unpacked(find, account, refusal):
    put(account, "odd/", {"model.tar.gz": archive(outputs.full_model("x", ""))}, "data")
    error = refusal(find, "s3://data/odd/model.tar.gz")
    assert "is an archive" in error.what


def test_a_bucket_that_is_not_there(find, refusal):
    assert "holds no" in refusal(find, "s3://none-of-mine/model").what


def test_a_folder_of_this_machine_is_brought_to_s3_first(find, place, tmp_path, refusal):
    folder = weights.model(tmp_path / "my model")
    for typed in ("./my model", str(folder)):
        error = refusal(find, typed)
        assert "on this machine" in error.what
        words = shlex.split(error.hint, comments=True)
        assert words == ["aws", "s3", "cp", "--recursive", str(folder), "s3://BUCKET/PREFIX"]


@pytest.mark.parametrize("name", ["", "./none", "https://huggingface.co/org/name", "a/b/c"])
def test_what_is_no_model_at_all(find, name):
    with pytest.raises(MlccError) as caught:
        find(name)
    assert not isinstance(caught.value, PlatformError)
