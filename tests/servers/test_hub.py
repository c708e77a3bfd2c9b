"""The Hub stand-in as the real clients see it."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.servers import wire
from tests.servers.hub import Hub
from tests.servers.wire import Fault

RESOLVE = "/datasets/org/data/resolve/main/"
TRAIN = b'{"prompt": "a"}\n' * 1000
README = b"---\nconfigs:\n- config_name: main\n  data_files: train.jsonl\n---\nText\n"


@pytest.fixture
def api(hub: Hub):
    from huggingface_hub import HfApi

    return HfApi(endpoint=hub.endpoint, token=False)


@pytest.fixture
def download(api, tmp_path):
    def get(name, **options):
        path = api.hf_hub_download(
            "org/data", name, repo_type="dataset", cache_dir=tmp_path, **options
        )
        return Path(path).read_bytes()

    return get


def test_info_has_sizes_checksums_and_the_readmes_header(api, hub):
    hub.add("org/data", {"README.md": README, "a.parquet": b"PAR1"})
    info = api.dataset_info("org/data", files_metadata=True)
    assert info.card_data["configs"] == [{"config_name": "main", "data_files": "train.jsonl"}]
    assert [(s.rfilename, s.size, bool(s.lfs)) for s in info.siblings] == [
        ("README.md", len(README), False),
        ("a.parquet", 4, True),
    ]


def test_a_tree_comes_in_pages(api, hub):
    hub.add("org/data", {f"part-{n}.jsonl": b"{}" for n in range(5)})
    hub.page = 2
    tree = api.list_repo_tree("org/data", repo_type="dataset", recursive=True)
    assert [entry.path for entry in tree] == [f"part-{n}.jsonl" for n in range(5)]
    assert len(hub.requests()) == 3


def test_a_renamed_repository_is_followed(api, hub):
    hub.add("org/data", {})
    hub.renamed["old/data"] = "org/data"
    assert api.dataset_info("old/data").id == "org/data"


@pytest.mark.parametrize(
    ("settings", "token", "error"),
    [
        ({"private": True}, False, "RepositoryNotFoundError"),
        ({"private": True}, "hf_bob", "RepositoryNotFoundError"),
        ({"gated": "auto"}, False, "GatedRepoError"),
        ({"gated": "auto"}, "hf_bob", "GatedRepoError"),
        ({"disabled": True}, False, "DisabledRepoError"),
        ({}, "hf_nobody", "HfHubHTTPError"),
    ],
)
def test_a_closed_repository_answers_as_the_hub_does(api, hub, settings, token, error):
    from huggingface_hub import errors

    hub.users.update({"hf_alice": "alice", "hf_bob": "bob"})
    hub.add("org/data", {"train.jsonl": TRAIN}, readers=["alice"], **settings)
    with pytest.raises(getattr(errors, error)):
        api.auth_check("org/data", repo_type="dataset", token=token)
    with pytest.raises(getattr(errors, error)):
        api.get_hf_file_metadata(url=f"{hub.endpoint}{RESOLVE}train.jsonl", token=token)


def test_a_reader_opens_a_private_repository(download, hub):
    hub.users["hf_alice"] = "alice"
    hub.add("org/data", {"a.parquet": b"PAR1"}, private=True, readers=["alice"])
    assert download("a.parquet", token="hf_alice") == b"PAR1"
    assert all("authorization" not in request.headers for request in hub.requests("cdn"))


def test_a_cut_download_can_be_resumed_by_range(download, hub):
    hub.add("org/data", {"train.jsonl": TRAIN})
    hub.plan(Fault(path="train.jsonl", method="GET", cut=100))
    assert download("train.jsonl") == TRAIN


def test_a_reset_reaches_the_client_as_one(download, hub):
    import httpx2

    hub.add("org/data", {"train.jsonl": TRAIN})
    hub.plan(Fault(path="train.jsonl", method="GET", cut=100, reset=True))
    with pytest.raises(httpx2.ReadError):
        download("train.jsonl")


def test_an_unknown_revision_and_file_are_named_as_such(download, api, hub):
    from huggingface_hub.errors import RemoteEntryNotFoundError, RevisionNotFoundError

    hub.add("org/data", {"train.jsonl": TRAIN})
    with pytest.raises(RevisionNotFoundError):
        api.dataset_info("org/data", revision="v9")
    with pytest.raises(RemoteEntryNotFoundError):
        download("test.jsonl")


def test_an_older_commit_stays_readable(download, hub):
    repo = hub.add("org/data", {"train.jsonl": b"old"})
    old = repo.refs["main"]
    repo.commit({"train.jsonl": b"new"})
    assert download("train.jsonl", revision=old) == b"old"


def put(hub, data):
    digest = hashlib.sha256(data).hexdigest()
    request = urllib.request.Request(f"{hub.cdn}/lfs/{digest}?Signature=signed", data, method="PUT")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status, digest


def test_a_large_file_is_taken_whole(hub):
    data = bytes((1 << 26) + 1)  # more than fits into buffers anywhere on the way
    status, digest = put(hub, data)
    assert status == 200
    assert hub.objects[digest] == data


def test_a_file_past_the_limit_is_refused_and_not_cut(hub, monkeypatch):
    monkeypatch.setattr(wire, "BODY_LIMIT", 1000)
    with pytest.raises(urllib.error.HTTPError) as raised:
        put(hub, bytes(1001))
    with raised.value as answer:
        assert answer.code == 413
    assert hub.objects == {}
