"""Headers that a proxy before a cluster wants, as Ray's own command line takes them."""

from __future__ import annotations

import json
import os
import re

from mlcc_core import MlccError

VARIABLE = "RAY_JOB_HEADERS"
"""The environment variable with them. They are secrets: no file of the project has them."""

NAME, VALUE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"), re.compile(r"[!-~]([ -~]*[!-~])?")
"""Names and values that HTTP takes; of others a client would tell, the secret in its words."""


def headers() -> dict[str, str]:
    """Return the headers of every request to a cluster.

    Raises:
        MlccError: they are written wrongly; nothing of them is repeated.
    """
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict) and all(_fits(*each) for each in found.items()):
        return found
    raise MlccError(
        f"{VARIABLE} is not what Ray takes, expected JSON with names and values of headers.",
        where=VARIABLE,
        hint=f"""export {VARIABLE}='{{"Authorization": "Bearer TOKEN"}}'""",
    )


def _fits(name: str, value: object) -> bool:
    return bool(NAME.fullmatch(name) and isinstance(value, str) and VALUE.fullmatch(value))
