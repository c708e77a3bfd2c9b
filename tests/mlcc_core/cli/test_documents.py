"""Documents that commands print are valid by their published schemas."""

import io
import json

import jsonschema
import pytest

from mlcc_core.cli.documents import json_schema
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

TUNE = ("tune", "--technique", "fake", "--dataset", "train.jsonl")
COMMANDS = {
    "tune-dry-run": (*TUNE, "--dry-run"),
    "tune": TUNE,
    "tune-status": ("tune", "--status"),
    "stop": ("stop", "fake"),
    "logs": ("logs", "fake"),
    "adapter-list": ("adapter", "list"),
    "test": ("test", "--adapter", "tuned"),
    "test-each": ("test", "Hi", "2 + 2?", "--adapter", "tuned"),
    "chat": ("chat", "tuned", "--both"),
    "runs-list": ("runs", "list"),
    "runs-remove": ("runs", "remove", "fake", "--yes", "--force"),
    "runs-show": ("runs", "show", "fake", "--as-file"),
    "wait": ("wait", "fake"),
    "check": ("check", "train.jsonl", "--technique", "fake"),
    "doctor": ("doctor",),
    "catalog-list": ("catalog", "list"),
    "error": ("test", "--adapter", "nothing-of-that-name"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_document_is_valid(world: World, mlcc: Mlcc, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Hi\n/clear\n"))
    assert mlcc(*TUNE).code == 0
    assert mlcc("adapter", "add", "tuned", "--from-tune").code == 0
    said = mlcc(*COMMANDS[name], "--json")
    document = json.loads(said.out)
    jsonschema.validate(document, json_schema(name))
    assert ("error" in document) == (name == "error")


def test_a_field_that_is_missing_is_noticed():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema_version": 1, "job": "a"}, json_schema("stop"))
