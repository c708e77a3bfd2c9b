"""Tokenizers are loaded as in the process that trains: from this machine alone."""

from tests.libs.mlcc_engine.conftest import keep_offline  # noqa: F401 - a fixture
