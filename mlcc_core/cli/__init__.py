"""The command line: parses, asks and prints; everything it does is a function of the core."""

from __future__ import annotations


def main() -> None:
    """Run ``mlcc`` and exit with the documented code."""
    from mlcc_core.cli.main import run
    from mlcc_core.errors import ExitCode

    code = run()
    if code in (ExitCode.HUNG_UP, ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        from mlcc_core.cli.signals import leave_at_once

        leave_at_once(code)
    raise SystemExit(code)
