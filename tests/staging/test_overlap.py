"""Reading ahead and writing behind: in order, bounded, and no error is lost."""

import threading

import pytest

from mlcc_core.staging.overlap import AHEAD, BEHIND, ReadAhead, WriteBehind


def test_items_come_in_order():
    with ReadAhead(iter(range(100))) as items:
        assert list(items) == list(range(100))


def test_what_the_source_raises_comes_after_its_items():
    def source():
        yield 1
        raise ValueError("broken")

    with ReadAhead(source()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="broken"):
            next(items)


def test_reading_stays_a_few_items_ahead():
    read = []
    with ReadAhead(read.append(n) or n for n in range(100)) as items:
        for taken in items:
            assert len(read) <= taken + AHEAD + 3


def test_leaving_early_ends_the_reading():
    with ReadAhead(iter(int, 1)) as items:
        next(items)
    assert not [t for t in threading.enumerate() if t.name == "mlcc-read"]


def test_everything_is_written_in_order():
    written = []
    with WriteBehind(written.append) as behind:
        for n in range(10 * BEHIND):
            behind.put(b"%d" % n)
    assert written == [b"%d" % n for n in range(10 * BEHIND)]


def test_a_failed_write_is_raised_once_and_nothing_follows_it():
    written = []

    def write(data):
        if data == b"3":
            raise OSError("full")
        written.append(data)

    def put_all():
        with WriteBehind(write) as behind:
            for n in range(100):
                behind.put(b"%d" % n)

    with pytest.raises(OSError, match="full"):
        put_all()
    assert written == [b"0", b"1", b"2"]


def test_what_waits_is_dropped_when_the_block_fails():
    going, written = threading.Event(), []

    def write(data):
        going.wait(10)
        written.append(data)

    def fail():
        with WriteBehind(write) as behind:
            for n in range(3):
                behind.put(b"%d" % n)
            threading.Timer(0.1, going.set).start()
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert len(written) <= 1
