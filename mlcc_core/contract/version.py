"""The version of the contract between mlcc and its plugins."""

from __future__ import annotations

API_VERSION = "2.0"
"""``MAJOR.MINOR``. A plugin that states another major version is left out; a higher minor version
than this one needs a newer mlcc."""
