"""A file at an address reads as a file of this machine does, or not at all."""

import io
import os
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers.http import ChangedError, DamagedError, HttpError, HttpFile
from mlcc_core.helpers.ranged import verifies
from tests.example_count import examples
from tests.mlcc_core.helpers.http.web import Web
from tests.servers.wire import Fault

DATA = os.urandom(3 << 20)
SECRET = "?X-Amz-Signature=5ecret"


@pytest.fixture
def data(web):
    web.files["/train.bin"] = DATA
    return web


def at(web, path="/train.bin", **known):
    return HttpFile(web.address + path, **known)


def read(file):
    with file.open() as reader:
        return reader.read()


def test_size_and_version_cost_one_small_request(data):
    file = at(data)
    assert file.size == len(DATA)
    assert len(file.version) == 32
    assert [request.sent for request in data.requests()] == [1]


def test_a_listed_file_is_read_without_further_questions(data):
    listed = at(data)
    file = at(data, size=listed.size, version=listed.version)
    data.journal.forget()
    assert read(file) == DATA
    assert sum(request.sent for request in data.requests()) == len(DATA)


def test_only_what_is_needed_is_asked_for(data):
    with at(data).open() as reader:
        reader.seek(-8, io.SEEK_END)
        assert reader.read() == DATA[-8:]
    assert sum(request.sent for request in data.requests()) < 200_000


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("content", [b"", b"a", DATA])
def test_files_of_any_size_are_read_with_and_without_ranges(web, ranges, content):
    web.ranges = ranges
    web.files["/f"] = content
    assert read(at(web, "/f")) == content
    assert at(web, "/f").size == len(content)


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_is_taken_up_where_it_was(data, reset):
    data.plan(*(Fault(cut=n, reset=reset, after=1) for n in (999, 5, 9, 70_000, 3, 8, 11)))
    assert read(at(data)) == DATA
    assert sum(request.sent for request in data.requests()) < len(DATA) * 1.5


def test_a_cut_without_ranges_starts_over_and_goes_on(data):
    data.ranges = False
    data.plan(*(Fault(cut=n) for n in (10, 800_000, 1_900_000)))
    assert read(at(data)) == DATA


@pytest.mark.parametrize("ranges", [True, False])
def test_a_server_that_always_cuts_ends_the_patience(data, ranges):
    data.ranges = ranges
    data.plan(Fault(cut=0, times=99))
    with pytest.raises(HttpError, match="the connection broke"):
        read(at(data, size=len(DATA)))


def test_without_ranges_a_cut_at_one_place_ends_the_patience(data):
    data.ranges = False
    data.plan(Fault(cut=700_000, times=99))
    with pytest.raises(HttpError, match="the connection broke"):
        read(at(data))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(data, status):
    data.plan(Fault(status=status, times=2), Fault(refuse=True))
    assert read(at(data)) == DATA


def test_a_server_that_stays_down_is_given_up(data):
    data.plan(Fault(status=503, times=99))
    with pytest.raises(HttpError, match="answered 503"):
        read(at(data))
    assert len(data.requests()) == 5


def test_the_wait_that_is_asked_for_is_kept_up_to_a_minute(data, monkeypatch):
    waits = []
    monkeypatch.setattr("mlcc_core.helpers.http.retries.time.sleep", waits.append)
    data.plan(
        Fault(status=429, headers={"Retry-After": "60"}),
        Fault(status=503, headers={"RateLimit": '"api";r=0;t=3'}),
        Fault(status=503, headers={"RateLimit": '"api";r=9;t=50'}),
        Fault(status=429, headers={"Retry-After": "61"}),
    )
    with pytest.raises(HttpError, match="for 61 s more"):
        read(at(data))
    assert waits == [60.0, 3.0, 0.01]


def test_without_ranges_the_file_is_read_once(data):
    data.ranges = False
    with at(data).open() as reader:
        reader.seek(2 << 20)
        assert reader.read(10) == DATA[2 << 20 :][:10]
        reader.seek(0)
        assert reader.read() == DATA
    assert len([request for request in data.requests() if "range" not in request.headers]) == 1


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("tags", [True, False])
def test_a_file_that_changes_between_requests_is_noticed(data, ranges, tags):
    data.ranges, data.tags = ranges, tags
    file = at(data)
    listed = at(data, size=file.size, version=file.version)
    data.files["/train.bin"], data.date = DATA[::-1], 60
    with pytest.raises(ChangedError, match=r"^train\.bin has changed since it was listed\.$"):
        read(listed)


def test_a_file_that_changes_while_it_is_read_is_noticed(data):
    with at(data).open() as reader:
        reader.read(10)
        data.files["/train.bin"] = DATA[::-1]
        with pytest.raises(ChangedError):
            reader.read()


def test_a_server_that_keeps_to_if_range_need_not_repeat_the_tag(data):
    with at(data).open() as reader:
        reader.read(10)
        data.plan(Fault(headers={"ETag": ""}))
        assert DATA[10:] == reader.read()


@pytest.mark.parametrize("ranges", [True, False])
def test_another_length_than_the_listed_is_damage(data, ranges):
    data.ranges = ranges
    listed = at(data)
    known = {"size": listed.size, "version": listed.version}
    data.plan(Fault(shorten=1, times=99, headers={"ETag": f'"{listed.version}"'}))
    with pytest.raises(DamagedError, match=f"{len(DATA) - 1} bytes instead of {len(DATA)}"):
        read(at(data, **known))


@pytest.mark.parametrize("span", ["bytes 5-9/3145728", "", "items 0-1"])
def test_a_range_that_was_not_asked_for_is_damage(data, span):
    data.plan(Fault(headers={"Content-Range": span, "x": "y"}, times=99))
    data.send = lambda handler, content, headers: handler._send(
        206, content[5:9], handler.fault.headers
    )
    with pytest.raises(DamagedError, match="asked from byte 0"):
        read(at(data, size=len(DATA)))


def test_a_server_without_a_length_is_read_to_its_end(data):
    def chunked(handler, content, headers):
        handler._log(200, len(content))
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for start in range(0, len(content), 1 << 20):
            piece = content[start : start + (1 << 20)]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    data.send = chunked
    assert at(data).size is None
    with at(data).open() as reader:
        assert reader.seek(0, io.SEEK_END) == len(DATA)
        reader.seek(0)
        assert reader.read() == DATA


def test_what_a_server_compresses_unasked_is_restored(data):
    data.gzips = True
    assert read(at(data)) == DATA
    assert {request.headers["accept-encoding"] for request in data.requests()} == {"identity"}


def test_a_stored_gzip_file_that_is_labelled_so_stays_compressed(web):
    stored = zlib.compress(DATA[:999], wbits=31)
    web.files["/t.jsonl.gz"] = stored
    web.named["/t.jsonl.gz"] = {"Content-Encoding": "gzip"}
    assert read(at(web, "/t.jsonl.gz")) == stored


def test_an_unknown_compression_is_damage(data):
    data.named["/train.bin"] = {"Content-Encoding": "br"}
    with pytest.raises(DamagedError, match="compressed it with 'br'"):
        read(at(data))


def test_a_missing_file_is_named_without_its_signature(web):
    with pytest.raises(HttpError) as raised:
        _ = at(web, "/gone.csv" + SECRET).size
    assert raised.value.status == 404
    assert raised.value.what == f"{web.address}/gone.csv does not exist (404)."
    assert "5ecret" not in repr(raised.value.as_json())


@pytest.mark.parametrize(
    "fault",
    [Fault(status=500, times=99), Fault(cut=3, times=99), Fault(refuse=True, times=99)],
    ids=["500", "cut", "refuse"],
)
def test_no_message_shows_a_signature(web, fault, caplog):
    web.files["/f.csv"] = DATA
    web.ranges = False
    web.plan(fault)
    with pytest.raises(PlatformError) as raised:
        read(at(web, "/f.csv" + SECRET))
    assert "5ecret" not in repr(raised.value.as_json())


def test_a_server_that_is_not_there_is_said_in_plain_words():
    with pytest.raises(HttpError) as raised:
        _ = HttpFile("http://127.0.0.1:9/f.csv" + SECRET).size
    assert raised.value.status is None
    assert "Connection refused" in raised.value.what
    assert "5ecret" not in repr(raised.value.as_json())


@pytest.mark.parametrize(
    "url", ["ftp://x.org/f", "https://", "x.org/f", "https://me:5ecret@x.org/f", "http://x:y/f"]
)
def test_an_address_that_cannot_be_used_is_refused(url):
    with pytest.raises(MlccError) as raised:
        HttpFile(url)
    assert "5ecret" not in raised.value.what


def test_a_checksum_is_checked_of_whole_reads(data):
    import hashlib

    from mlcc_core.helpers.ranged import Checksum

    wrong = Checksum(hashlib.sha256(), "0" * 64, lambda: ValueError("differs"))
    with at(data).open(wrong) as reader:
        assert verifies(reader)
        with pytest.raises(ValueError, match="differs"):
            reader.read()


def test_a_closed_reader_closes_its_connection_and_its_temporary_file(data):
    data.ranges = False
    reader = at(data).open()
    reader.read(10)
    spool = reader.raw._content._spool
    reader.close()
    assert spool._file.closed
    assert spool._answer is None


@pytest.fixture(scope="module")
def long_lived():
    with Web() as server:
        yield server


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(min_size=1, max_size=300).map(lambda seed: seed * 9001),
    ranges=st.booleans(),
    cuts=st.lists(st.integers(1, 500_000), max_size=2),
    steps=st.lists(
        st.tuples(st.sampled_from(["read", "seek", "readline"]), st.integers(0, 3_000_000)),
        max_size=8,
    ),
)
def test_it_reads_as_bytes_io_does(long_lived, content, ranges, cuts, steps):
    long_lived.files["/f"] = content
    long_lived.ranges = ranges
    long_lived.journal.forget()
    long_lived.plan(*(Fault(cut=cut, after=1) for cut in cuts))
    with at(long_lived, "/f").open() as ours:
        plain = io.BytesIO(content)
        for action, amount in steps:
            assert getattr(ours, action)(amount) == getattr(plain, action)(amount)
            assert ours.tell() == plain.tell()
