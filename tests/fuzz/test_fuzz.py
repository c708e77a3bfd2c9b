"""Whatever the bytes and the words, nothing but our own errors leaves the readers and parsers.

Bounded by default; ``pytest tests/fuzz --fuzz 20000`` looks at that many examples a test.
"""

import contextlib
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core.contract.source import Access
from mlcc_core.errors import MlccError
from mlcc_core.project.config import changed_text, parse_config
from mlcc_core.staging import DatasetError, check, parse_column_map, stage
from mlcc_file import FileSource
from mlcc_hf.uri import parse as parse_hub_uri
from mlcc_s3.uri import parse as parse_s3_uri
from tests.mlcc_core.staging.datasets import PAIRS, PREFERENCES, make_job
from tests.mlcc_core.staging.read.csv.strict_csv import same

EXAMPLES = int(os.environ.get("MLCC_FUZZ", "150"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + EXAMPLES)]
fuzz = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])

GOOD = {"prompt": "a", "completion": "b", "chosen": [{"role": "user", "content": "c"}]}
JSON_PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\",
    b"\\u",
    b"d800",
    b"0041",
    b"null",
    b"NaN",
    b"1e999",
    b"-",
    b"0",
    b" ",
    b"\r",
    b"\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b'"prompt"',
    b'"completion"',
    b'"role"',
    b'"content"',
    "\u2028\U0001f600".encode(),
    json.dumps(GOOD).encode(),
    b"[" * 600,
]
TABLE_PIECES = [
    b"prompt",
    b"completion",
    b"chosen",
    b",",
    b"\t",
    b'"',
    b'""',
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xff",
    b"a b",
    b"\xef\xbb\xbf",
    b"prompt,completion\n",
    "é\u2028".encode(),
    b"'",
    b"=1+1",
]
CONFIG_PIECES = [
    "export ",
    "A",
    "B_1",
    "=",
    "'",
    '"',
    "$",
    "`",
    "\\",
    "\n",
    "#",
    " ",
    "$(",
    ")",
    ";",
    "&",
    "é",
    "\0",
    "export PROJECT_NAME=x\n",
    "\t",
    "\r",
    "\u2028",
]
URI_PIECES = [
    "hf://",
    "s3://",
    "datasets/",
    "org",
    "/",
    "name",
    "?",
    "file=",
    "config=",
    "revision=",
    "&",
    "*",
    "[",
    "%",
    "%2F",
    "%zz",
    "#",
    "@",
    ":",
    "é",
    " ",
    "\0",
    "\n",
    "..",
    "//",
    "a" * 300,
]
PATH_PIECES = [
    *("file:", "file://", "file:///", "localhost", "a.jsonl", "a", "/", "./", "..", "~", "?file="),
    *("?", "*", "[", "]", "%", "%00", "%zz", "%ff", "#", ":", "é", " ", "\0", "\n", "\ud800"),
    "a" * 300,
]
MAP_PIECES = ["a", "prompt", ":", ",", " ", "é", "\n", "\0", '"', "::", ",,"]


@pytest.fixture(scope="module")
def folder_of_one(tmp_path_factory):
    """A current folder with one dataset; other folders count as empty: one may be the root."""
    folder = tmp_path_factory.mktemp("paths")
    (folder / "a.jsonl").write_bytes(json.dumps(GOOD).encode())
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlcc_file.folder._walk", lambda root: {})
        yield folder


def made_of(pieces):
    return st.lists(st.sampled_from(pieces), max_size=24).map(pieces[0][:0].join)


def reported(call):
    """Call it; return the words of an error of ours, or None without one: no other may come."""
    try:
        call()
    except MlccError as error:
        return str(error)
    return None


def both(name, data):
    for schema in (PAIRS, PREFERENCES):
        sink = io.BytesIO()
        reported(lambda schema=schema, sink=sink: stage(make_job({name: data}, schema), sink))
        for row in sink.getvalue().split(b"\n")[:-1]:
            assert isinstance(json.loads(row), dict)
        reported(lambda schema=schema: check(make_job({name: data}, schema)))


@fuzz
@given(made_of(JSON_PIECES) | st.binary(max_size=80))
def test_json_lines(data):
    both("data.jsonl", data)


@fuzz
@given(st.lists(made_of(JSON_PIECES), max_size=6))
def test_damaged_rows_among_good_ones_are_all_accounted_for(damaged):
    good = json.dumps({"prompt": "a", "completion": "b"}).encode()
    rows = [good, *(row.replace(b"\n", b"") for row in damaged), good]
    try:
        report = check(make_job({"data.jsonl": b"\n".join(rows)}))
    except DatasetError:
        raise
    except MlccError:
        return
    blank = sum(not row.strip(b" \t\r") for row in rows)
    assert report.ledger.read == len(rows) - blank
    assert report.ledger.read == report.ledger.written + report.ledger.failed


@fuzz
@given(made_of(JSON_PIECES))
def test_json_arrays(data):
    both("data.json", b"[" + data)


@fuzz
@given(made_of(TABLE_PIECES) | st.binary(max_size=80), st.sampled_from(["csv", "tsv"]))
def test_tables_of_text(data, form):
    both(f"data.{form}", data)


@fuzz
@given(
    made_of(TABLE_PIECES) | st.binary(max_size=80),
    st.sampled_from([",", "\t"]),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_tables_of_text_are_the_same_wherever_they_are_cut(data, sign, block, chunk):
    header = f"prompt{sign}completion\n".encode()
    same(header + data, sign, block, chunk, None)


@fuzz
@given(made_of(MAP_PIECES) | st.text(max_size=20))
def test_column_maps(text):
    assert reported(lambda: parse_column_map(text)) != ""


@pytest.mark.parametrize("parse", [parse_hub_uri, parse_s3_uri])
@fuzz
@given(text=made_of(URI_PIECES) | st.text(max_size=30))
def test_uris(parse, text):
    assert reported(lambda: parse(text)) != ""


@fuzz
@given(text=made_of(PATH_PIECES) | st.text(max_size=30))
def test_paths(folder_of_one, text):
    assert reported(lambda: FileSource().list(text, Access())) != ""


@fuzz
@given(made_of(CONFIG_PIECES) | st.text(max_size=60), st.text(max_size=20))
def test_project_files(text, value):
    path = Path("do/config")

    def read_and_change():
        config = parse_config(path, text)
        changed = changed_text(config, {"PROJECT_NAME": value})
        assert parse_config(path, changed).known()["PROJECT_NAME"] == value

    assert reported(read_and_change) != ""
