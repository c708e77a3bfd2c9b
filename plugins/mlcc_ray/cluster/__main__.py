"""``python -m mlcc_ray.cluster STORAGE NAME``: the entry point of a Ray job."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mlcc_ray.cluster.driver import main


def parse(words: Sequence[str]) -> tuple[str, str]:
    """Read the command line: the URI of the storage, and the job's name."""
    parser = argparse.ArgumentParser(prog="python -m mlcc_ray.cluster", description=__doc__)
    parser.add_argument("storage", help="file:///shared/folder or s3://bucket/prefix")
    parser.add_argument("name", help="of the job: jobs/NAME/request.json is there")
    given = parser.parse_args(words)
    return given.storage, given.name


if __name__ == "__main__":
    sys.exit(main(*parse(sys.argv[1:])))
