"""Logs for people: the first host's lines, errors of the others, nothing that is for programs."""

from __future__ import annotations

from mlcc_sagemaker.instances.job.log.people import People

LEADER, OTHER = "demo-1/algo-1-1000", "demo-1/algo-2-1000"


def shown(*events):
    people = People()
    return [line for stream, message in events for line in people.of(stream, message)]


def test_the_first_hosts_lines_are_shown_as_they_are():
    assert shown((LEADER, "one"), (LEADER, "  two\nthree"), (LEADER, "")) == [
        *("one", "  two", "three", "")
    ]


def test_lines_for_programs_are_hidden():
    lines = 'hello\nmlcc-progress {"step": 1}\nmlcc-result {"state": "completed"}\nbye'
    assert shown((LEADER, lines)) == ["hello", "bye"]
    assert shown((LEADER, 'mlcc-state {"state": "loading"}')) == []


def test_other_hosts_are_shown_where_they_fail():
    traceback = [
        "Traceback (most recent call last):",
        '  File "train.py", line 3, in <module>',
        "    fail()",
        "torch.distributed.DistBackendError: NCCL error",
    ]
    events = [(OTHER, line) for line in ["Loading", *traceback, "Bye", "RuntimeError: x"]]
    assert shown(*events) == [f"[algo-2] {line}" for line in [*traceback, "RuntimeError: x"]]


def test_words_about_errors_are_none():
    lines = ("0 errors so far", "error_rate=0.1", "No error.", "loss 0.5")
    assert shown(*((OTHER, line) for line in lines)) == []


def test_a_traceback_is_followed_over_events_of_other_hosts():
    assert shown(
        (OTHER, "Traceback (most recent call last):"),
        (LEADER, "fine"),
        (OTHER, '  File "a.py", line 1'),
        (OTHER, "KeyError: 'x'"),
        (OTHER, "fine, too"),
    ) == [
        "[algo-2] Traceback (most recent call last):",
        "fine",
        '[algo-2]   File "a.py", line 1',
        "[algo-2] KeyError: 'x'",
    ]
