"""One thread computes at a time, and none waits for long."""

from __future__ import annotations

import threading
import time

import pytest

from mlcc_engine.talking import turns
from mlcc_engine.talking.turns import Turns


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SLICE", 0.0)


def test_one_thread_computes_at_a_time_and_all_go_on() -> None:
    turn, computing, order = Turns(), threading.Lock(), []

    def compute(name: int) -> None:
        with turn.held():
            for _ in range(20):
                assert computing.acquire(blocking=False)
                order.append(name)
                time.sleep(0.0001)
                computing.release()
                turn.hand_on()

    threads = [threading.Thread(target=compute, args=(name,)) for name in range(8)]
    with turn.held():
        for thread in threads:
            thread.start()
        while len(turn._new) < len(threads):
            time.sleep(0.001)
    for thread in threads:
        thread.join(30)
    assert sorted(order) == sorted(list(range(8)) * 20)
    assert order != sorted(order)


def test_who_has_not_begun_comes_first_but_for_every_second_time() -> None:
    turn, begun, order = Turns(), threading.Event(), []

    def wait(queue: str) -> None:
        turn._take(turn._new if queue == "new" else turn._begun)
        order.append(queue)
        turn._give()

    threads = []
    with turn.held():
        for queue in ("begun", "begun", "new", "new", "new"):
            threads.append(threading.Thread(target=wait, args=(queue,)))
            threads[-1].start()
        while len(turn._new) + len(turn._begun) < 5:
            time.sleep(0.001)
        begun.set()
    for thread in threads:
        thread.join(30)
    assert order == ["new", "begun", "new", "begun", "new"]


def test_the_turn_is_kept_while_none_waits() -> None:
    turn = Turns()
    with turn.held():
        assert not turn.hand_on(begun=True)
    with turn.held():
        pass
