"""Documents that commands print are valid by their published schemas."""

import io
import json
from typing import Any

import jsonschema
import pytest

from mlcc_core.cli.documents.schema import json_schema
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

TUNE = ("tune", "--technique", "fake", "--dataset", "train.jsonl")
COMMANDS = {
    "tune-dry-run": (*TUNE, "--dry-run"),
    "tune": TUNE,
    "tune-status": ("tune", "--status"),
    "stop": ("stop", "fake"),
    "logs": ("logs", "fake"),
    "adapter-add": ("adapter", "update", "tuned", "--from-tune"),
    "adapter-list": ("adapter", "list"),
    "adapter-remove": ("adapter", "remove", "tuned"),
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
    "catalog-validate": ("catalog", "validate"),
    "bootstrap": ("bootstrap", "--yes"),
    "init": ("init", "another"),
    "init-update": ("init", "--update"),
    "plugins": ("plugins",),
    "plugins-new": ("plugins", "new", "metric", "brevity"),
    "undeploy": ("undeploy", "--yes"),
    "deploy": ("deploy", "--yes"),
    "error": ("test", "--adapter", "nothing-of-that-name"),
}


def strict(schema: dict[str, Any], *, open_at_the_top: bool) -> dict[str, Any]:
    """A schema that takes no field that it does not name."""
    objects = [*schema.get("$defs", {}).values(), *([] if open_at_the_top else [schema])]
    for each in objects:
        if "properties" in each:
            each["additionalProperties"] = False
    return schema


@pytest.mark.parametrize("name", COMMANDS)
def test_document_is_valid(world: World, mlcc: Mlcc, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Hi\n/clear\n"))
    assert mlcc(*TUNE).code == 0
    assert mlcc("adapter", "add", "tuned", "--from-tune").code == 0
    said = mlcc(*COMMANDS[name], "--json")
    document = json.loads(said.out)
    jsonschema.validate(document, strict(json_schema(name), open_at_the_top=name == "init"))
    assert ("error" in document) == (name == "error")


def test_a_field_that_is_missing_is_noticed():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema_version": 1, "job": "a"}, json_schema("stop"))
