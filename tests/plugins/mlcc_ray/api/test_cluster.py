"""Ray's client, bounded in time: whatever answers, the user gets one line."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time

import pytest

from mlcc_core.errors import MlccError, PlatformError
from mlcc_ray.api import cluster as module
from mlcc_ray.api.cluster import Cluster
from mlcc_ray.api.errors import cluster_errors
from mlcc_ray.api.facts import Facts, facts_of
from mlcc_ray.api.nodes import look_at_nodes
from tests.plugins.mlcc_ray import jobs_api
from tests.plugins.mlcc_ray.jobs_api import broken, silent


@pytest.fixture
def cluster(dashboard):
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
def test_a_cluster_that_never_answers_is_given_up_in_time(cluster, dashboard, monkeypatch, path):
    monkeypatch.setattr(module, "LOOK_SECONDS", 1.0)
    dashboard.faults["GET", path] = silent
    began = time.monotonic()
    with pytest.raises(PlatformError, match="did not answer within 1 seconds") as caught:
        cluster.find("a")
    assert time.monotonic() - began < 60
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


def test_a_proxy_gets_the_headers_that_it_wants_with_every_request(cluster, dashboard, monkeypatch):
    seen = []

    def proxy(handler):
        seen.append(handler.headers.get("Authorization"))
        if seen[-1] == "Bearer hunter2":
            return False
        return forbidden(handler)

    for method in ("GET", "POST", "PUT", "DELETE"):
        dashboard.faults[method, "/"] = proxy
    with pytest.raises(PlatformError, match="wants a token"):
        cluster.find("a")
    monkeypatch.setenv("RAY_JOB_HEADERS", '{"Authorization": "Bearer hunter2"}')
    cluster.submit("a", "true", {})
    assert cluster.find("a").lives
    assert look_at_nodes(cluster).head == dashboard.head
    assert facts_of(cluster) == Facts("2.60.0", "3.12")
    cluster.delete("a")
    assert "hunter2" not in str(dashboard.jobs)
    assert len(seen) > 6


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        '["hunter2"]',
        '{"A": 1}',
        '{"A": "hunter2\\n"}',
        '{"A b": "hunter2"}',
        '{"A": ""}',
    ],
)
def test_headers_that_are_none_are_refused_and_not_repeated(cluster, dashboard, monkeypatch, text):
    monkeypatch.setenv("RAY_JOB_HEADERS", text)
    with pytest.raises(MlccError, match="RAY_JOB_HEADERS is not what Ray takes") as caught:
        cluster.find("a")
    assert "hunter2" not in str(caught.value.as_json())
    assert dashboard.asked == []


def test_a_token_is_set_where_the_address_has_a_way_for_it(monkeypatch):
    for address, told in (("http://head", "RAY_AUTH_TOKEN="), ("https://head", "RAY_JOB_HEADERS=")):
        with pytest.raises(PlatformError) as caught, cluster_errors(address, "look"):
            raise RuntimeError("Request failed with status code 403: Forbidden.")
        assert told in caught.value.hint


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_a_certificate_that_is_not_trusted_is_told(dashboard, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *names, *files], check=True, capture_output=True)
    safe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    safe.load_cert_chain(certificate, key)
    with jobs_api.serve(safe) as behind:
        address = behind.address.replace("http:", "https:")
        with pytest.raises(PlatformError) as caught:
            Cluster(address).find("a")
        assert "has a certificate that this machine does not trust" in caught.value.what
        assert caught.value.hint.startswith("export REQUESTS_CA_BUNDLE=")
        assert not caught.value.transient
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert Cluster(address).find("a") is None
    with pytest.raises(PlatformError) as caught:
        Cluster(dashboard.address.replace("http:", "https:")).find("a")
    assert "does not speak https" in caught.value.what
    assert caught.value.hint == f"export RAY_ADDRESS={dashboard.address}"
