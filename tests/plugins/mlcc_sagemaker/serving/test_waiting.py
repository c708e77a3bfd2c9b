"""Waiting that takes too long says what it waited for: something to come, or to go."""

from __future__ import annotations

import pytest

from mlcc_core.errors import PlatformError
from mlcc_sagemaker.serving import waiting


def test_what_does_not_go(context, monkeypatch):
    monkeypatch.setattr(waiting, "PATIENCE", -1.0)
    with pytest.raises(PlatformError, match=r"The endpoint demo is still there after .*; it may"):
        waiting.wait_until_gone(context, "the endpoint demo", dict, 0.0)


def test_what_does_not_come(context, monkeypatch):
    monkeypatch.setattr(waiting, "PATIENCE", -1.0)
    creating = {"EndpointStatus": "Creating"}
    with pytest.raises(PlatformError, match=r"The endpoint demo is not there after .*; it may"):
        waiting.wait_until_in_service(
            context, "the endpoint demo", lambda: creating, "EndpointStatus", "/log", 0.0
        )
