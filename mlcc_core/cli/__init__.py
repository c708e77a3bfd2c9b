"""The command line: parses, asks and prints; everything it does is a function of the core."""

from __future__ import annotations


def main() -> None:
    """Run ``mlcc`` and exit with the documented code."""
    try:
        from mlcc_core.cli.main import run

        code = run()
    except KeyboardInterrupt as interrupt:  # before it was loaded, or while it told of another one
        code = _interrupted(interrupt)
    from mlcc_core.errors import ExitCode

    if code in (ExitCode.HUNG_UP, ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        from mlcc_core.cli.signals import leave_at_once

        leave_at_once(code)
    raise SystemExit(code)


def _interrupted(interrupt: KeyboardInterrupt) -> int:
    import sys

    from mlcc_core.cli.console import Console
    from mlcc_core.cli.main import report

    console = Console(sys.argv[1:])
    console.json = "--json" in sys.argv
    return report(console, interrupt)
