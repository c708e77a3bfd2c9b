"""How many examples a property test looks at: fewer by default than with ``--full``."""

from __future__ import annotations

import os

SHARE = 3
"""A quick look takes one example of so many."""

FULL = "MLCC_ALL_EXAMPLES"
"""Set where ``--full`` was given, before any test is imported."""


def examples(most: int) -> int:
    """Return how many examples to look at, of so many with ``--full``."""
    return most if FULL in os.environ else -(-most // SHARE)
