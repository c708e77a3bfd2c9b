"""The log of a job: the driver's, until the first worker prints something."""

from __future__ import annotations

import json
import threading

import pytest

from mlcc_core import JobNotFound
from mlcc_ray import plugin
from mlcc_ray.job import logs
from mlcc_ray.job.logs import Growing

runner = plugin.runner


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(logs, "POLL", 0.05)


def test_lines_for_programs_are_left_out(place, sent):
    text = 'Loading …\nmlcc-progress {"step": 1}\nstep 1\nhalf'
    (sent.folder / "log.txt").write_text(text)
    assert list(runner.logs(place, sent.name, follow=False)) == ["Loading …", "step 1", "half"]


def test_a_driver_that_never_came_to_train_is_heard(place, sent, dashboard):
    dashboard.jobs[sent.name]["logs"] = "\x1b[36m(pid=1)\x1b[0m no torch\n"
    dashboard.end(sent.name, "FAILED")
    assert list(runner.logs(place, sent.name, follow=False)) == ["(pid=1) no torch"]


def test_a_driver_is_heard_by_another_way_to_its_cluster(place, sent, dashboard):
    noted = json.loads((sent.folder / "submissions.json").read_text())
    sent.write("submissions.json", [{**noted[0], "address": "http://127.0.0.1:9"}])
    dashboard.jobs[sent.name]["logs"] = "no torch\n"
    assert list(runner.logs(place, sent.name, follow=False)) == ["no torch"]


def test_a_log_is_followed_to_the_end_of_the_job(place, sent):
    log = sent.folder / "log.txt"
    log.write_text("one\n")

    def go_on():
        log.write_text("one\ntwo\nthr")
        sent.write("result.json", {"state": "stopped", "reason": "asked"})
        log.write_text("one\ntwo\nthree\n")

    lines = []
    for line in runner.logs(place, sent.name, follow=True):
        lines.append(line)
        if line == "one":
            threading.Timer(0.2, go_on).start()
    assert lines == ["one", "two", "three"]


def test_the_log_of_a_job_that_is_not_there_is_refused_at_once(place, sent):
    with pytest.raises(JobNotFound):
        runner.logs(place, "nowhere", follow=True)


def test_a_text_that_grows_is_told_once():
    text = Growing()
    data = "é\nb".encode()
    assert list(text.lines(data[:1])) == []
    assert list(text.lines(data)) == ["é"]
    assert list(text.lines(data + b"c\nd")) == ["bc"]
    assert text.rest == ["d"]
    assert list(text.lines(b"new\n")) == ["new"]
    assert text.rest == []
