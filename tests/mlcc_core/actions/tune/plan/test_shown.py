"""A signed address, or one with a key: its secret is used, and neither shown nor kept."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest

from mlcc_core.actions.check import check
from mlcc_core.actions.guess.guess import guess
from mlcc_core.actions.requests import CheckRequest
from mlcc_core.actions.tune.dry_run import dry_run
from mlcc_core.cli.tune.plan_text import plan_document, plan_lines
from mlcc_core.contract.source import Access, DatasetFile, Listing, OtherUri
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import shown_uri
from mlcc_core.testing.source import FakeSource
from tests.mlcc_core.world import ROWS, World

PLACE = "https://data.example.org/train.jsonl"
SIGNED = "https://me:pw@data.example.org/train.jsonl?X-Sign=4f1c&for=me#part"
KEYED = "memory://me:pw@host/t.db?table=a&key=4f1c"
KEYED_SHOWN = "memory://me@host/t.db?table=a"
DATA = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


class Signed(FakeSource):
    """A file at an address that only its query opens."""

    name: ClassVar[str] = "signed"
    schemes: ClassVar[tuple[str, ...]] = ("https",)

    def list(self, uri: str, access: Access) -> Listing:
        assert uri == SIGNED
        return Listing(uri, tuple(map(self._file, self.files)), "train.jsonl")

    def _file(self, name: str) -> DatasetFile:
        data = self.files[name]
        return DatasetFile(name, SIGNED, len(data), str(len(data)))


@pytest.fixture
def source(world: World, monkeypatch: pytest.MonkeyPatch) -> Signed:
    signed = Signed({"train.jsonl": DATA})
    monkeypatch.setattr(World, "nouns", [signed, *world.nouns])
    return signed


@pytest.fixture
def keyed(world: World, monkeypatch: pytest.MonkeyPatch) -> Keyed:
    keyed = Keyed({"train.jsonl": DATA})
    others = [noun for noun in world.nouns if not isinstance(noun, FakeSource)]
    monkeypatch.setattr(World, "nouns", [keyed, *others])
    return keyed


class Keyed(FakeSource):
    """A table that a key in the address opens."""

    def list(self, uri: str, access: Access) -> Listing:
        if uri != KEYED:
            raise OtherUri("There is no such table.", uri=KEYED)
        return Listing(uri, tuple(map(self._file, self.files)), "train.jsonl")

    def _file(self, name: str) -> DatasetFile:
        data = self.files[name]
        return DatasetFile(name, KEYED, len(data), str(len(data)))


def safe(text: object) -> str:
    assert "4f1c" not in str(text)
    assert "pw@" not in str(text)
    return str(text)


def test_what_is_shown_of_addresses():
    assert shown_uri(SIGNED) == PLACE
    assert shown_uri("HTTP://h/a?x") == "HTTP://h/a"
    assert shown_uri("https://h?x=1@2/3") == "https://h"
    for uri in ("hf://org/name?config=main", "s3://b/k?versionId=1", "a b?.jsonl"):
        assert shown_uri(uri) == uri
    file = DatasetFile("a", SIGNED, 1, "f")
    assert (file.uri, file.shown) == (SIGNED, PLACE)
    assert Listing(SIGNED, (file,), "a", shown="the file").shown == "the file"


def test_a_signature_is_in_no_plan_record_line_or_document(world: World, source: Signed):
    found = dry_run(world.session(), world.request(dataset=SIGNED))
    assert PLACE in safe("\n".join(plan_lines(found)))
    safe(json.dumps(plan_document(found), default=str))
    record = world.record(world.tune(dataset=SIGNED).job)
    assert record.dataset == PLACE
    safe(record.model_dump_json())
    safe(world.heard.lines)
    for path in world.root.rglob("*"):
        if path.is_file():
            safe(path.read_bytes())


@pytest.mark.parametrize(
    "data", [b'{"input": "q", "output": "a"}\n', DATA + b'{"prompt": 1}\n', b""]
)
def test_a_signature_is_in_no_error_or_hint(world: World, source: Signed, data: bytes):
    source.files["train.jsonl"] = data
    safe(json.dumps(world.refused(dataset=SIGNED).as_json()))
    try:
        safe(check(world.session(), CheckRequest("fake", SIGNED)))
    except MlccError as failure:
        safe(json.dumps(failure.as_json()))


def test_a_signature_is_in_no_comparison_of_two_requests(world: World, source: Signed):
    world.tune(dataset=SIGNED)
    source.files["train.jsonl"] = DATA * 2
    assert PLACE in safe(json.dumps(world.refused(dataset=SIGNED).as_json()))


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        (KEYED, KEYED_SHOWN),
        ("db://h/a.db?key=4f1c", "db://h/a.db"),
        ("db://h/a.db?API-Key=4f1c&table=a", "db://h/a.db?table=a"),
        ("db://h/a.db?auth_token=4f1c&clientSecret=4f1c", "db://h/a.db"),
        ("db://h/a.db?query=SELECT 'a:b@c'", "db://h/a.db?query=SELECT 'a:b@c'"),
        ("db://h/a.db?sort_key=a&tokens=5", "db://h/a.db?sort_key=a&tokens=5"),
        ("train?key=4f1c.jsonl", "train?key=4f1c.jsonl"),
    ],
)
def test_keys_and_passwords_of_other_schemes_are_left_out(uri: str, shown: str):
    assert shown_uri(uri) == shown


def test_a_key_is_in_no_plan_record_line_or_file(world: World, keyed: Keyed):
    found = dry_run(world.session(), world.request(dataset=KEYED))
    assert KEYED_SHOWN in safe("\n".join(plan_lines(found)))
    record = world.record(world.tune(dataset=KEYED).job)
    assert record.dataset == record.given["dataset"] == KEYED_SHOWN
    assert KEYED_SHOWN in safe(record.command)
    safe(world.heard.lines)
    for path in world.root.rglob("*"):
        if path.is_file():
            safe(path.read_bytes())


def test_a_key_is_in_no_guess_comparison_or_suggested_command(world: World, keyed: Keyed):
    assert safe(guess(world.session(), CheckRequest("", KEYED)).dataset) == KEYED_SHOWN
    world.tune(dataset=KEYED)
    keyed.files["train.jsonl"] = DATA * 2
    assert KEYED_SHOWN in safe(json.dumps(world.refused(dataset=KEYED).as_json()))
    safe(json.dumps(world.refused(dataset="memory://other").as_json()))
    safe(json.dumps(OtherUri("There is no such table.", uri=KEYED).as_json()))
