"""The JSON Schemas in docs/schemas are those of the documents that the commands print."""

import json
from pathlib import Path

import jsonschema
import pytest

from mlcc_core.cli.documents import DOCUMENTS
from mlcc_core.cli.documents.schema import json_schema

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"


def test_every_document_has_a_schema():
    assert {path.stem for path in FOLDER.iterdir()} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_published_schema_is_that_of_the_code(name):
    """After a change: ``python -m mlcc_core.cli.documents docs/schemas``."""
    schema = json.loads((FOLDER / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema == json_schema(name)
