"""``python -m mlcc_engine.smollm2 [CACHE]``: fetch and convert the model; print its folder."""

from __future__ import annotations

import sys
from pathlib import Path

from mlcc_core import MlccError
from mlcc_engine.model.models import default_cache
from mlcc_engine.smollm2 import model


def say(line: str) -> None:
    """Print a line of progress to standard error."""
    print(line, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Make the model in the cache that is named, or in mlcc's; return the exit code."""
    cache = Path(arguments[0]).absolute() if arguments else default_cache()
    try:
        print(model.ensure(cache, say))
    except MlccError as error:
        say(f"❌ {error.what}")
        if error.hint:
            say(f"   {error.hint}")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
