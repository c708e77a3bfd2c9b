"""Reading ahead: in order, bounded, and no error is lost."""

import threading

import pytest

from mlcc_core.staging.read.prefetch import AHEAD, Prefetcher, without_prefetch


def test_items_come_in_order():
    with Prefetcher(iter(range(100))) as items:
        assert list(items) == list(range(100))


def test_what_the_source_raises_comes_after_its_items():
    def source():
        yield 1
        raise ValueError("broken")

    with Prefetcher(source()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="broken"):
            next(items)


def test_reading_stays_a_few_items_ahead():
    read = []
    with Prefetcher(read.append(n) or n for n in range(100)) as items:
        for taken in items:
            assert len(read) <= taken + AHEAD + 3


def test_leaving_early_ends_the_reading():
    with Prefetcher(iter(int, 1)) as items:
        next(items)
    assert not [t for t in threading.enumerate() if t.name == "mlcc-read"]


def endless(closed):
    try:
        while True:
            yield 1
    finally:
        closed.append(threading.current_thread().name)


def test_a_generator_is_closed_by_the_thread_that_runs_it():
    closed = []
    with Prefetcher(endless(closed)) as items:
        next(items)
    assert closed == ["mlcc-read"]


def test_a_ctrl_c_leaves_no_thread_and_nothing_open():
    closed = []

    def interrupted():
        with Prefetcher(endless(closed)) as items:
            next(items)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    for thread in threading.enumerate():
        if thread.name == "mlcc-read":
            thread.join(60)
            assert not thread.is_alive()
    assert closed == ["mlcc-read"]


def test_what_closing_raises_comes_last():
    def source():
        try:
            yield 1
        finally:
            raise ValueError("changed")

    with Prefetcher(source()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="changed"):
            next(items)


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ValueError])
def test_a_generator_in_turn_learns_of_a_ctrl_c_alone(raised):
    learnt = []

    def source():
        try:
            yield 1
        except BaseException as error:
            learnt.append(type(error))
            raise

    def interrupted():
        with without_prefetch(source()) as items:
            next(items)
            raise raised

    with pytest.raises(raised):
        interrupted()
    assert learnt == [KeyboardInterrupt if raised is KeyboardInterrupt else GeneratorExit]
