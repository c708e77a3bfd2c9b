"""Ray's client, bounded in time: whatever answers, the user gets one line."""

from __future__ import annotations

import time

import pytest

from mlcc_core.errors import PlatformError
from mlcc_ray.api import cluster as module
from mlcc_ray.api.cluster import Cluster
from mlcc_ray.api.nodes import look_at_nodes
from tests.plugins.mlcc_ray.jobs_api import broken, silent


@pytest.fixture
def cluster(dashboard, monkeypatch):
    monkeypatch.setattr(module, "LOOK_SECONDS", 1.0)
    return Cluster(dashboard.address)


def garbled(handler):
    handler.answer(200, "<html>welcome</html>")
    return True


def forbidden(handler):
    handler.answer(401, "Unauthorized: Missing authentication token")
    return True


def elsewhere(handler):
    handler.answer(404, "404 page not found")
    return True


def test_a_job_is_created_found_stopped_and_deleted(cluster, dashboard):
    assert cluster.find("a") is None
    cluster.submit("a", "true", {})
    assert cluster.find("a").lives
    cluster.stop("a")
    assert cluster.find("a").status == "STOPPED"
    cluster.delete("a")
    assert cluster.find("a") is None
    cluster.stop("a")
    cluster.delete("a")
    assert cluster.log("a") == ""


@pytest.mark.parametrize("path", ["/api/version", "/api/jobs/"])
def test_a_cluster_that_never_answers_is_given_up_in_time(cluster, dashboard, path):
    dashboard.faults["GET", path] = silent
    began = time.monotonic()
    with pytest.raises(PlatformError, match="did not answer within 1 seconds") as caught:
        cluster.find("a")
    assert time.monotonic() - began < 15
    assert caught.value.transient
    assert caught.value.hint.startswith("curl ")


@pytest.mark.parametrize(
    ("fault", "told", "transient"),
    [
        (broken, "answered 500 (RuntimeError: GCS is down)", True),
        (garbled, "is not the dashboard of a Ray cluster", False),
        (forbidden, "wants a token", False),
        (elsewhere, "is not the dashboard of a Ray cluster", False),
    ],
)
def test_an_answer_that_is_none_is_one_line(cluster, dashboard, fault, told, transient):
    path = "/api/version" if fault is elsewhere else "/api/jobs/"
    dashboard.faults["GET", path] = fault
    with pytest.raises(PlatformError) as caught:
        cluster.find("a")
    assert told in caught.value.what
    assert "\n" not in caught.value.what
    assert caught.value.transient == transient
    assert caught.value.hint


def test_the_address_that_is_asked_is_the_one_that_is_given(cluster, dashboard, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "http://127.0.0.1:9")
    monkeypatch.setenv("RAY_API_SERVER_ADDRESS", "http://127.0.0.1:9")
    assert cluster.find("a") is None
    assert look_at_nodes(cluster).head == dashboard.head
    import os

    assert os.environ["RAY_ADDRESS"] == "http://127.0.0.1:9"
