"""Work behind what passes by: in order, bounded, and heard of when it fails."""

from __future__ import annotations

import threading
import time

import pytest

from mlcc_core.staging.run.background import WAITING, background_worker


def test_everything_is_done_in_order():
    done = []
    with background_worker(done.append) as put:
        for number in range(100):
            put(b"%d" % number)
    assert done == [b"%d" % number for number in range(100)]


def test_only_a_few_pieces_wait():
    go, put_so_far, done = threading.Event(), [], []

    def fill():
        with background_worker(lambda piece: (go.wait(10), done.append(piece))) as put:
            for _ in range(50):
                put(b"x")
                put_so_far.append(1)

    thread = threading.Thread(target=fill)
    thread.start()
    time.sleep(0.2)
    assert len(put_so_far) <= WAITING + 1
    go.set()
    thread.join(10)
    assert len(done) == 50


def test_a_failure_is_raised_soon():
    calls = []

    def fail(piece):
        raise ValueError(piece)

    def fill(pieces):
        with background_worker(fail) as put:
            for number in range(pieces):
                put(b"%d" % number)
                calls.append(number)

    with pytest.raises(ValueError, match="0"):
        fill(100)
    assert len(calls) <= WAITING + 1
    with pytest.raises(ValueError, match="0"):
        fill(1)


def test_what_waits_is_dropped_when_the_rest_fails():
    go, done = threading.Event(), []

    def work(piece):
        go.wait(10)
        done.append(piece)

    def fill():
        with background_worker(work) as put:
            for _ in range(WAITING + 1):
                put(b"x")
            threading.Timer(0.2, go.set).start()
            raise KeyError

    with pytest.raises(KeyError):
        fill()
    assert len(done) == 1
