"""Bytes of the Hub arrive whole and unharmed, or not at all."""

from __future__ import annotations

import io
import os

import pytest

from mlcc_core import PlatformError
from mlcc_hf import plugin as source
from tests.plugins.mlcc_hf.hubs import access, listing, read
from tests.servers.repos import Blob, Commit
from tests.servers.wire import Fault

TEXT = b'{"prompt": "a"}\n' * 60_000
LARGE = os.urandom(3 << 20)

SMALL_AND_LARGE = pytest.mark.parametrize(
    ("name", "content", "origin"),
    [("train.jsonl", TEXT, "hub"), ("train.parquet", LARGE, "cdn")],
)


@pytest.fixture
def data(hub, monkeypatch):
    monkeypatch.setattr("mlcc_core.helpers.http.retries.WAITS", (0.01, 0.01, 0.01, 0.01))
    hub.add("org/data", {"train.jsonl": TEXT, "train.parquet": LARGE, "empty.jsonl": b""})
    return hub


@SMALL_AND_LARGE
def test_a_file_is_read_whole(data, name, content, origin):
    assert read(f"hf://org/data/{name}") == content


def test_an_empty_file_is_read_without_asking(data):
    (file,) = listing("hf://org/data/empty.jsonl").files
    data.forget()
    with source.open(file, access()) as opened:
        assert opened.read() == b""
    assert not data.requests()


@SMALL_AND_LARGE
@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_is_taken_up_where_it_was(data, name, content, origin, reset):
    cuts = [Fault(path="/", origin=origin, method="GET", cut=n, reset=reset) for n in (999, 5, 9)]
    (file,) = listing(f"hf://org/data/{name}").files
    data.plan(*cuts)
    with source.open(file, access()) as opened:
        assert opened.read() == content
    assert sum(request.sent for request in data.requests(origin)) < len(content) * 1.5


@SMALL_AND_LARGE
def test_a_flipped_byte_is_found(data, name, content, origin):
    (file,) = listing(f"hf://org/data/{name}").files
    data.plan(Fault(origin=origin, flip=500_000, times=99))
    with (
        source.open(file, access()) as opened,
        pytest.raises(PlatformError, match="arrived damaged: its checksum"),
    ):
        opened.read()


@SMALL_AND_LARGE
def test_a_file_that_is_too_short_is_found(data, name, content, origin):
    (file,) = listing(f"hf://org/data/{name}").files
    data.plan(Fault(origin=origin, method="GET", shorten=1, times=99))
    with (
        source.open(file, access()) as opened,
        pytest.raises(PlatformError, match=f"{len(content) - 1} bytes instead of {len(content)}"),
    ):
        opened.read()


@SMALL_AND_LARGE
def test_nothing_is_left_of_a_copy_that_failed(data, name, content, origin, tmp_path):
    (file,) = listing(f"hf://org/data/{name}").files
    data.plan(Fault(origin=origin, flip=7, times=99))
    with pytest.raises(PlatformError):
        source.fetch(file, tmp_path, access())
    assert list(tmp_path.iterdir()) == []
    data.forget()
    assert source.fetch(file, tmp_path, access()).read_bytes() == content


@SMALL_AND_LARGE
def test_a_server_that_ignores_ranges_is_read_right(data, name, content, origin):
    (file,) = listing(f"hf://org/data/{name}").files
    data.plan(Fault(origin=origin, method="GET", no_ranges=True, times=99))
    with source.open(file, access()) as opened:
        opened.seek(700_001)
        assert opened.read(10) == content[700_001:700_011]
        opened.seek(0)
        assert opened.read() == content


@SMALL_AND_LARGE
def test_a_server_that_is_busy_is_asked_again(data, name, content, origin):
    (file,) = listing(f"hf://org/data/{name}").files
    data.plan(Fault(origin=origin, status=503, times=2), Fault(origin=origin, refuse=True))
    with source.open(file, access()) as opened:
        assert opened.read() == content


def test_only_what_is_needed_is_asked_for(data):
    (file,) = listing("hf://org/data/train.parquet").files
    data.forget()
    with source.open(file, access()) as opened:
        opened.seek(-8, io.SEEK_END)
        assert opened.read(8) == LARGE[-8:]
        opened.seek(1 << 20)
        assert opened.read(8) == LARGE[1 << 20 :][:8]
    assert sum(request.sent for request in data.requests("cdn")) < 300_000


def test_the_redirect_is_asked_for_once(data):
    (file,) = listing("hf://org/data/train.parquet").files
    data.forget()
    with source.open(file, access()) as opened:
        opened.read()
    assert len(data.requests("hub")) == 1
    assert len(data.requests("cdn")) > 2


def test_an_expired_address_is_asked_for_anew(data):
    (file,) = listing("hf://org/data/train.parquet").files
    with source.open(file, access()) as opened:
        opened.read(10)
        data.forget()
        data.plan(Fault(origin="cdn", status=403))
        assert opened.read() == LARGE[10:]
    assert len(data.requests("hub")) == 1


def test_the_listed_commit_is_read_even_if_there_is_a_newer_one(data):
    (file,) = listing("hf://org/data/train.jsonl").files
    data.repos["dataset", "org/data"].commit({"train.jsonl": b"newer"})
    with source.open(file, access()) as opened:
        assert opened.read() == TEXT


@pytest.mark.parametrize("name", ["long.jsonl", "train.parquet"])
def test_another_file_under_the_listed_commit_is_noticed(data, name):
    """A mirror that is not as strict as the Hub about commits."""
    repo = data.add("org/mirrored", {"long.jsonl": TEXT * 3, "train.parquet": LARGE[1:]})
    (file,) = listing(f"hf://org/mirrored/{name}").files
    with source.open(file, access()) as opened:
        opened.read(10)
        commit = repo.at("main")
        blob = commit.files[name]
        changed = {**commit.files, name: Blob(blob.content[::-1], blob.large)}
        repo.commits[commit.sha] = Commit(changed)
        opened.seek(2 << 20)
        with pytest.raises(PlatformError, match=f"{name} has changed since it was listed"):
            opened.read(10)


def test_another_version_at_the_same_address_is_noticed(data):
    (file,) = listing("hf://org/data/train.parquet").files
    with source.open(file, access()) as opened:
        opened.read(10)
        data.plan(Fault(origin="cdn", headers={"ETag": '"another"'}))
        opened.seek(1 << 20)
        with pytest.raises(PlatformError, match=r"train\.parquet has changed"):
            opened.read(10)


@pytest.mark.parametrize(
    "name", ["a b.jsonl", "100%.jsonl", "q?x=1&y.jsonl", "ü/#1.jsonl", "é'\".jsonl"]
)
def test_any_name_can_be_read(hub, name):
    hub.add("org/names", {name: TEXT})
    (file,) = listing("hf://org/names?file=*").files
    assert file.name == name
    with source.open(file, access()) as opened:
        assert opened.read() == TEXT
