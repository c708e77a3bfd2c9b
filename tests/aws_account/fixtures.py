"""The fixture ``aws``: an account for one test, and the environment that leads clients to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws_account import sdk_schema
from tests.aws_account.aws import Aws
from tests.aws_account.door.front import BUG
from tests.servers import data_files

DEFAULTS = """\
SchemaVersion: '1.0'
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""
PROXIES = ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy")


@pytest.fixture(scope="session")
def _aws() -> Iterator[Aws]:
    """One endpoint a process: the SDK keeps clients for the endpoint of its first import."""
    data_files.read_once()
    sdk_schema.check_once()
    with Aws() as aws:
        yield aws


@pytest.fixture
def aws(_aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """A fresh account that the environment points to; nothing gets past ``HTTPS_PROXY``."""
    defaults = tmp_path / "sagemaker-defaults.yaml"
    defaults.write_text(DEFAULTS)
    for name in (*PROXIES, "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in _aws.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(defaults))
    if not _aws.is_provided():
        _aws.clear()
    yield _aws
    bugs = [call.message for call in _aws.log.calls() if call.error == BUG]
    bugs += _aws.containers.bugs
    _aws.clear()
    assert not bugs, bugs
