"""Makes the pictures of the terminal in the documentation, by running mlcc: none is drawn by hand.

``python -m tests.docs.screens`` makes all of them anew in ``docs/screens``; with names, those.
"""

from __future__ import annotations

import subprocess
import sys

from tests.docs.pages.conftest import PROJECT
from tests.docs.screens.shots import EXAMPLES, SHOTS, environment, somewhere, write


def main(names: list[str]) -> None:
    """Make pictures."""
    with somewhere() as home:
        if any(SHOTS[name].project for name in names):
            subprocess.run(
                ["bash", "-euo", "pipefail", "-c", PROJECT],
                cwd=home,
                env={**environment(home), "DATASETS": str(EXAMPLES)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
        for name in names:
            print(write(name, home))


if __name__ == "__main__":
    main(sys.argv[1:] or list(SHOTS))
