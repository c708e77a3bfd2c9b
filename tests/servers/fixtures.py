"""Fixtures that start the stand-ins once a test process and hand each test an empty one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import data_files
from tests.servers.hub import Hub
from tests.servers.s3 import S3

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def hub_environment(endpoint: str, home: Path) -> dict[str, str]:
    """Variables that lead the Hub's clients to ``endpoint`` and keep them off everything else."""
    return {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }


def _use(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def _hub() -> Iterator[Hub]:
    with Hub() as hub:
        yield hub


@pytest.fixture
def hub(_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """An empty Hub that ``HF_ENDPOINT`` points to; no token is set."""
    _use(monkeypatch, hub_environment(_hub.endpoint, tmp_path / "hf-home"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield _hub
    _hub.clear()
    # An interrupted reading does not wait for its thread, which must not ask in the next test.
    for thread in threading.enumerate():
        if thread.name == "mlcc-read":
            thread.join(20)
    _hub.clear()


@pytest.fixture(scope="session")
def _s3() -> Iterator[S3]:
    data_files.read_once()
    with S3() as s3:
        yield s3


@pytest.fixture
def s3(_s3: S3, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """An empty S3 that boto3's environment points to, with credentials that may do everything."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    _use(monkeypatch, _s3.environment)
    yield _s3
    _s3.clear()
