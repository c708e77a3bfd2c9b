"""Staging from a Hub that is busy, cut off or wrong: the whole dataset, or one clear error."""

from __future__ import annotations

import gzip
import random

import pytest
import zstandard

from tests.mlcc_core.staging.datasets import jsonl, parquet
from tests.servers.wire import Fault

pytestmark = pytest.mark.slow

URI = "hf://org/data"
CHANCE = random.Random(7)
ROWS = [
    {"prompt": f"{n} + 1 =", "completion": CHANCE.randbytes(512).hex(), "id": str(n)}
    for n in range(4800)
]
EXPECTED = [{"prompt": row["prompt"], "completion": row["completion"]} for row in ROWS]
TEXT = jsonl(*ROWS)
FORMATS = {
    "train.jsonl": TEXT,
    "train.jsonl.gz": gzip.compress(TEXT),
    "train.jsonl.zst": zstandard.ZstdCompressor(write_checksum=True).compress(TEXT),
    "train.parquet": parquet(ROWS, row_group_size=600, write_page_checksum=True),
}


@pytest.fixture(params=FORMATS)
def data(request, hub):
    """A dataset of one large file."""
    hub.add("org/data", {request.param: FORMATS[request.param]})
    return request.param


def faults(name, **what):
    """Faults of the origin that serves the content of ``name``, after the first look at it."""
    origin = "hub" if name.endswith(".jsonl") else "cdn"
    return Fault(path="/", origin=origin, method="GET", **what)


PASSING = {
    "throttled": [{"status": 429, "headers": {"Retry-After": "0"}, "times": 3}],
    "busy": [{"status": 503, "times": 3}],
    "refused": [{"refuse": True, "times": 3}],
    "cut": [{"cut": size} for size in (70_000, 5, 100_000, 1)],
    "reset": [{"cut": size, "reset": True} for size in (70_000, 5, 100_000, 1)],
}
AT_MOST = {"train.parquet": 2.5}
"""Bytes that may be sent, as multiples of the file: a preview reads the first rows, too."""


@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_is_waited_out_and_taken_up_where_it_stopped(tune, hub, data, kind):
    hub.plan(*(faults(data, after=4, **what) for what in PASSING[kind]))
    assert tune(URI) == 0, tune.err
    assert tune.rows() == EXPECTED
    assert not hub.pending(), "they did not all strike"
    sent = sum(request.sent for request in hub.requests() if "/api/datasets" not in request.path)
    assert sent < AT_MOST.get(data, 1.5) * len(FORMATS[data])


LASTING = {
    "busy": ({"status": 503}, "answered 503"),
    "throttled": ({"status": 429, "headers": {"Retry-After": "3600"}}, "for 3600 s more (429)"),
    "refused": ({"refuse": True}, "cannot be reached"),
    "cut": ({"cut": 0}, "cannot be reached"),
    "shorter": ({"shorten": 1}, "arrived damaged"),
    "another": ({"headers": {"ETag": '"another"'}}, "has changed"),
}


MIDDLE = {"train.jsonl": 8, "train.parquet": 8}
"""Requests until rows are staged, and not all of them."""


@pytest.mark.parametrize("data", MIDDLE, indirect=True)
@pytest.mark.parametrize("kind", LASTING)
def test_what_lasts_is_one_error_and_leaves_nothing(tune, hub, data, kind):
    what, said = LASTING[kind]
    hub.plan(faults(data, times=999, after=MIDDLE[data], **what))
    assert said in tune.refused(URI)
    assert tune.code == 3
    hub.forget()
    assert tune(URI) == 0
    assert tune.rows() == EXPECTED


def test_a_flipped_byte_never_becomes_a_row(tune, hub, data):
    hub.plan(faults(data, flip=len(FORMATS[data]) // 2, times=999))
    assert "arrived damaged: its checksum is not the listed one" in tune.refused(URI)
    assert tune.code == 3
    hub.forget()
    assert tune(URI) == 0
    assert tune.rows() == EXPECTED


def test_a_revision_that_moves_on_is_read_as_it_was_listed(tune, hub, data):
    repo = hub.repos["dataset", "org/data"]
    listed = repo.refs["main"]
    tune.after_batch = lambda: repo.commit({data: b"newer"})
    assert tune(URI) == 0
    assert tune.rows() == EXPECTED
    assert f'"revision": "{listed}"' in next(tune.root.glob(".mlcc/staged/*.json")).read_text()


def test_a_file_that_is_damaged_where_it_lies_is_the_datasets_fault(tune, hub, data):
    content = bytearray(FORMATS[data])
    content[len(content) // 2] ^= 0xFF
    hub.add("org/data", {data: bytes(content)})
    assert data in tune.refused(URI)
    assert tune.code == 1
