"""The command line: parses, asks and prints; the functions of ``actions`` decide and do."""

from __future__ import annotations

import gc


def main() -> None:
    """Run ``mlcc`` and exit with the documented code."""
    try:
        from mlcc_core.cli.main import run
    except BaseException as error:
        from mlcc_core.errors import is_interrupt

        if not is_interrupt(error):
            raise
        code = _interrupted()
    else:
        code = run()
    from mlcc_core.errors import ExitCode

    if code in (ExitCode.HUNG_UP, ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        from mlcc_core.cli.signals import leave_at_once

        leave_at_once(code)
    from mlcc_core.cli.waiting.spinner import watching
    from mlcc_core.helpers.process.endings import run_endings

    with watching("Finishing what was begun"):
        run_endings()
    # Looking for garbage once more, at the end, takes seconds where a large library was loaded.
    gc.freeze()
    raise SystemExit(code)


def _interrupted() -> int:
    """Report a Ctrl-C that came early, without click, which may be half loaded."""
    import json
    import sys

    from mlcc_core.errors import Interrupted

    error = Interrupted("Interrupted.")
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps({"error": error.as_json()}, indent=2) + "\n")
    sys.stderr.write(f"❌ {error.what}\n")
    return error.exit_code
