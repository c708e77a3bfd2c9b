"""``python -m mlcc_ray.cluster STORAGE NAME``: the entry point of a Ray job."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence

OLDEST = (3, 11)
"""Of Python's versions. Nothing of this file needs it, what it imports then does."""


def refused(version: tuple[int, ...] = sys.version_info[:2]) -> str | None:
    """Return why this Python runs no jobs; ``None`` where it does."""
    if version >= OLDEST:
        return None
    found, oldest = (".".join(map(str, each)) for each in (version[:2], OLDEST))
    return (
        f"❌ The Python of the cluster's node {socket.gethostname()} is {found}, expected {oldest} "
        f"or newer. Hint: start the node where python is a newer one: ray start --head"
    )


def parse(words: Sequence[str]) -> tuple[str, str]:
    """Read the command line: the URI of the storage, and the job's name."""
    parser = argparse.ArgumentParser(prog="python -m mlcc_ray.cluster", description=__doc__)
    parser.add_argument("storage", help="file:///shared/folder or s3://bucket/prefix")
    parser.add_argument("name", help="of the job: jobs/NAME/request.json is there")
    given = parser.parse_args(words)
    return given.storage, given.name


if __name__ == "__main__":
    if told := refused():
        print(told, flush=True)
        sys.exit(3)
    from mlcc_ray.cluster.driver import main

    sys.exit(main(*parse(sys.argv[1:])))
