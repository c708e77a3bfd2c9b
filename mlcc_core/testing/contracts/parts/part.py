"""Fixtures that the suites of all parts of a platform share."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import pytest

from mlcc_core.contract.platform.values import Context

ROWS = b'{"prompt": "2 + 2 =", "completion": "4"}\n{"prompt": "3 + 3 =", "completion": "6"}\n'


class PartContract:
    """The surroundings of a part.

    The suites share an account with others: they look at nothing that they did not make, and give
    everything a name of its own (:meth:`unique`).

    Attributes:
        rows: a dataset, JSON lines that fit the technique of the jobs.
    """

    rows: ClassVar[bytes] = ROWS

    @pytest.fixture
    def context(self, tmp_path: Path) -> Context:
        """Return the surroundings that the part is given: an empty project without settings.

        Override it for a platform that reads variables of ``do/config`` or flags of its own:
        ``Context(root=tmp_path, project="contract", settings={"RAY_ADDRESS": "…"})``.
        """
        return Context(root=tmp_path, project="contract")

    @pytest.fixture
    def unique(self) -> str:
        """Return eight characters that no other test has, for names and keys."""
        return uuid4().hex[:8]
