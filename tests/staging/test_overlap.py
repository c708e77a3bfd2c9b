"""Working side by side: in order, bounded, and no error is lost."""

import random
import threading
import time

import pytest

from mlcc_core.staging.overlap import THREADS, WAITING, SideBySide


def test_results_come_in_order_however_long_each_takes():
    dice = random.Random(1)

    def work(n):
        time.sleep(dice.random() / 500)
        return n * n

    with SideBySide(iter(range(100)), work) as results:
        assert list(results) == [n * n for n in range(100)]


def test_items_are_worked_on_at_the_same_time():
    together = threading.Barrier(THREADS, timeout=10)
    with SideBySide(iter(range(THREADS * 3)), lambda n: together.wait() and n) as results:
        list(results)  # the barrier breaks, and raises, if one of them works alone


def test_the_source_is_asked_by_one_thread_at_a_time():
    def source():  # a generator that is asked while it runs raises ValueError
        for n in range(50):
            time.sleep(0.0005)
            yield n

    with SideBySide(source(), lambda n: n) as results:
        assert list(results) == list(range(50))


@pytest.mark.parametrize("broken", ["source", "work"])
def test_what_is_raised_comes_in_its_place(broken):
    def source():
        yield from range(3)
        if broken == "source":
            raise ValueError("broken")
        yield from range(3, 100)

    def work(n):
        if n == 3:
            raise ValueError("broken")
        return n

    with SideBySide(source(), work) as results:
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="broken"):
            next(results)


def test_only_a_few_items_are_held():
    read = []
    with SideBySide((read.append(n) or n for n in range(100)), lambda n: n) as results:
        for taken in results:
            time.sleep(0.001)
            assert len(read) <= taken + 1 + THREADS + WAITING


def test_leaving_early_waits_for_what_is_under_way_and_ends_the_rest():
    running = []

    def work(n):
        running.append(n)
        time.sleep(0.05)
        running.remove(n)

    with SideBySide(iter(int, 1), work) as results:
        next(results)
    assert running == []
    assert not [t for t in threading.enumerate() if t.name.startswith("mlcc-work")]


def test_leaving_because_of_an_error_ends_the_rest_too():
    def fail():
        with SideBySide(iter(int, 1), lambda n: n) as results:
            next(results)
            raise KeyError("taken")

    with pytest.raises(KeyError, match="taken"):
        fail()
    assert not [t for t in threading.enumerate() if t.name.startswith("mlcc-work")]
