"""Tokens, gates and a Hub that fails."""

from __future__ import annotations

import logging
import time
from email.utils import formatdate

import pytest

from mlcc_core import Access, MlccError, PlatformError
from mlcc_hf import plugin as source
from tests.plugins.mlcc_hf.hubs import ROW, access, listing, names, read, refused
from tests.servers.wire import Fault

GOOD = "hf_GoodGoodGood"
OTHER = "hf_OtherOther"


@pytest.fixture
def closed(hub):
    hub.users.update({GOOD: "alice", OTHER: "bob"})
    hub.add("org/private", {"train.jsonl": ROW}, private=True, readers=["alice"])
    hub.add(
        "org/gated", {"train.jsonl": ROW, "x.parquet": b"PAR1"}, gated="auto", readers=["alice"]
    )
    hub.add("org/open", {"train.jsonl": ROW})
    return hub


def test_a_gate_without_a_token_says_where_to_go_and_what_to_set(closed):
    error = refused("hf://org/gated")
    assert "is gated" in error.what
    assert f"{closed.endpoint}/datasets/org/gated" in error.hint
    assert "export HF_TOKEN=" in error.hint


def test_a_gate_that_the_account_has_not_passed_says_so(closed):
    error = refused("hf://org/gated", OTHER)
    assert "has no access to it yet" in error.what
    assert f"{closed.endpoint}/datasets/org/gated" in error.hint


def test_a_missing_and_a_private_dataset_look_the_same(closed):
    for name in ("org/private", "org/nothing"):
        error = refused(f"hf://{name}")
        assert f"{name} does not exist" in error.what
        assert "or it is private" in error.what
        assert "export HF_TOKEN=" in error.hint
        assert "may not see it" in refused(f"hf://{name}", OTHER).what


def test_a_token_opens_what_its_account_may_read(closed):
    assert read("hf://org/private", GOOD) == ROW
    assert read("hf://org/gated/train.jsonl", GOOD) == ROW


def test_a_bad_token_is_called_bad(closed):
    error = refused("hf://org/private", "hf_wrong", exit_code=3)
    assert "does not accept HF_TOKEN" in error.what
    assert "hf_wrong" not in repr(error.as_json())


def test_a_token_that_is_none_never_goes_out(closed):
    error = refused("hf://org/private", "two words", exit_code=3)
    assert "not a token" in error.what
    assert all("authorization" not in request.headers for request in closed.requests())


def test_a_public_dataset_needs_no_token_and_asks_for_none(closed):
    def never(credential):
        raise AssertionError("asked for a token")

    (file,) = source.list("hf://org/open", Access({"HF_ENDPOINT": closed.endpoint}, never)).files
    with source.open(file, Access({"HF_ENDPOINT": closed.endpoint}, never)) as opened:
        assert opened.read() == ROW


def test_the_token_never_reaches_the_cdn(closed):
    assert read("hf://org/gated/x.parquet", GOOD) == b"PAR1"
    assert closed.requests("cdn")
    assert all("authorization" not in request.headers for request in closed.requests("cdn"))


def test_the_token_is_neither_logged_nor_shown(closed, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        read("hf://org/private", GOOD)
        refused("hf://org/nothing", GOOD)
    captured = capfd.readouterr()
    assert GOOD not in caplog.text + captured.out + captured.err


def test_a_disabled_dataset_is_called_so(closed):
    closed.add("org/bad", {"train.jsonl": ROW}, disabled=True)
    assert "was disabled" in refused("hf://org/bad").what


def test_a_busy_hub_is_asked_again(closed):
    again = {"Retry-After": "0"}
    closed.plan(Fault(path="/api/", status=503, headers=again, times=2))
    closed.plan(Fault(path="/api/", status=429, headers={"RateLimit": '"api";r=0;t=0'}))
    assert names("hf://org/open") == ["train.jsonl"]
    assert [request.status for request in closed.requests()] == [503, 503, 429, 200]


def test_what_the_hub_asks_to_wait_is_waited(closed, monkeypatch):
    waited = []
    monkeypatch.setattr("mlcc_core.helpers.http.retries.time.sleep", waited.append)
    later = formatdate(time.time() + 30, usegmt=True)
    asked = [{"Retry-After": "7"}, {"RateLimit": '"api";r=0;t=3'}, {"Retry-After": later}]
    closed.plan(*(Fault(path="/api/", status=429, headers=headers) for headers in asked))
    assert names("hf://org/open") == ["train.jsonl"]
    assert waited[:2] == [7.0, 3.0]
    assert 25 < waited[2] <= 30


def test_a_throttled_request_is_repeated_with_the_token(closed):
    closed.plan(Fault(status=429, headers={"Retry-After": "3600"}))
    assert listing("hf://org/open", GOOD).label == "org/open"
    assert [r.headers.get("authorization") for r in closed.requests()] == [None, f"Bearer {GOOD}"]


def test_a_long_throttle_is_not_waited_for(closed):
    closed.plan(Fault(status=429, headers={"Retry-After": "3600"}, times=9))
    error = refused("hf://org/open", exit_code=3)
    assert "for 3600 s more" in error.what
    assert "export HF_TOKEN=" in error.hint


def test_a_hub_that_stays_down_is_the_platforms_failure(closed):
    closed.plan(Fault(status=500, headers={"Retry-After": "0"}, times=99))
    assert "answered 500" in refused("hf://org/open", exit_code=3).what
    assert len(closed.requests()) == 5


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("mlcc_core.helpers.http.retries.WAITS", (0.01, 0.01))


def test_no_connection_is_the_platforms_failure(hub, monkeypatch, impatient):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    error = refused("hf://org/open", exit_code=3)
    assert "cannot be reached" in error.what


def test_a_connection_that_drops_is_tried_again(closed, impatient):
    closed.plan(Fault(refuse=True), Fault(cut=10), Fault(cut=10, reset=True))
    with pytest.raises(PlatformError, match="cannot be reached"):
        listing("hf://org/open")
    assert names("hf://org/open") == ["train.jsonl"]


def test_an_address_that_is_none_is_refused(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "localhost:8080")
    assert "is not a web address" in refused("hf://org/open").what


def test_something_else_than_a_hub_is_called_so(s3, hub, monkeypatch, impatient):
    monkeypatch.setenv("HF_ENDPOINT", f"{s3.endpoint}/moto-api/data.json?")
    assert "does not answer as a Hub" in refused("hf://org/open", exit_code=3).what


def test_offline_mode_is_respected(closed, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert refused("hf://org/open").hint == "unset HF_HUB_OFFLINE"


def test_offline_mode_is_respected_for_files_that_were_listed_before(closed, monkeypatch):
    from huggingface_hub import constants

    (file,) = listing("hf://org/open").files
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(MlccError, match="HF_HUB_OFFLINE is set"):
        source.open(file, access())


def test_access_is_asked_for_with_the_declared_credential(closed):
    asked = []

    def secret(credential):
        asked.append(credential)
        return GOOD

    source.list("hf://org/private", Access({"HF_ENDPOINT": closed.endpoint}, secret))
    assert asked == [source.credential]


def test_a_file_that_vanished_since_is_an_error_while_reading(hub):
    hub.add("org/data", {"train.jsonl": ROW})
    (file,) = listing("hf://org/data").files
    hub.repos.clear()
    with pytest.raises(MlccError), source.open(file, access()) as opened:
        opened.read()
