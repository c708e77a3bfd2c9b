"""Servers of the tests of the HTTP reader."""

import pytest

from tests.mlcc_core.helpers.http.web import Web


@pytest.fixture
def web():
    with Web() as server:
        yield server


@pytest.fixture
def other():
    with Web() as server:
        yield server


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("mlcc_core.helpers.http.retries.WAITS", (0.01, 0.01, 0.01, 0.01))
