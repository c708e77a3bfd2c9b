"""The command line: parses, asks and prints; everything it does is a function of the core."""

from __future__ import annotations


def main() -> None:
    """Run ``mlcc`` and exit with the documented code."""
    from mlcc_core.cli.main import run

    raise SystemExit(run())
