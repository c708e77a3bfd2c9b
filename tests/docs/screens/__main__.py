"""Makes the pictures of the terminal in the documentation, by running mlcc: none is drawn by hand.

``python -m tests.docs.screens`` makes all of them anew in ``docs/screens``; with names, those.
``report`` is the report of a run, in HTML.
"""

from __future__ import annotations

import sys

from tests.docs.screens.shots import SHOTS, somewhere, write, write_report


def main(names: list[str]) -> None:
    """Make pictures."""
    with somewhere() as home:
        for name in names:
            made = write_report(home) if name == "report" else write(name, home)
            print(made, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or [*SHOTS, "report"])
