"""Facts of a cluster for people, as its dashboard shows them: nothing depends on them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from mlcc_ray.api.cluster import LOOK_SECONDS

PYTHON = re.compile(r"/python(3\.\d+)/site-packages/ray/")
"""The path of Ray in the command lines of its own programs."""

MOST_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Facts:
    """Versions that a dashboard tells of its cluster.

    Attributes:
        ray: the version of Ray; ``None`` where it does not tell.
        python: that of Python, like ``3.12``; ``None`` where it does not tell.
    """

    ray: str | None = None
    python: str | None = None


def facts_of(address: str) -> Facts:
    """Ask a dashboard; where it does not tell, the facts are unknown.

    Args:
        address: ``http://HOST:8265``.
    """
    version = _document(f"{address}/api/version")
    text = json.dumps(_document(f"{address}/nodes?view=summary"))
    match = PYTHON.search(text)
    ray = version.get("ray_version") if isinstance(version, dict) else None
    return Facts(None if ray is None else str(ray), None if match is None else match[1])


def _document(url: str) -> Any:
    import urllib3

    timeout = urllib3.Timeout(total=LOOK_SECONDS)
    try:
        with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
            answer = pool.request("GET", url, preload_content=False)
            return json.loads(answer.read(MOST_BYTES))
    except (urllib3.exceptions.HTTPError, ValueError):
        return None
