"""The runs that an output comes from, written down beside it, so that a copy still tells them.

``mlcc_lineage.json``:

    {"format": 1, "job": "demo-dpo-1", "technique": "dpo", "kind": "adapter",
     "from": [{"job": "demo-sft-1", "technique": "sft", "kind": "adapter",
               "path": "demo-sft-1", "fingerprint": "5f0c…"}]}

``path`` is the name of a folder: outputs are handed on, and say nothing of this machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core import Ancestor
from mlcc_engine.request import Request

FILE = "mlcc_lineage.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Written:
    """The document beside an output.

    Attributes:
        job, technique: of the run that made the output.
        ancestors: the runs before it, oldest first.
    """

    job: str
    technique: str
    ancestors: tuple[Ancestor, ...] = ()


def write(folder: Path, request: Request) -> None:
    """Write down beside the output of ``request`` where it comes from.

    Raises:
        OSError: the disk refuses.
    """
    start = request.start
    document = {
        "format": FORMAT,
        "job": request.job,
        "technique": request.technique,
        "kind": "adapter" if request.training_type == "lora" else "model",
        "from": [_named(ancestor) for ancestor in start.lineage] if start else [],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")


def _named(ancestor: Mapping[str, Any]) -> dict[str, Any]:
    name = ancestor.get("job") or Path(str(ancestor["path"])).name
    return {**ancestor, "path": name}


def read(folder: Path) -> Written | None:
    """Return what is written beside an output; ``None`` for one that was made elsewhere."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        document: Any = json.loads((folder / FILE).read_bytes())
        if document["format"] == FORMAT:
            ancestors = tuple(Ancestor(**ancestor) for ancestor in document["from"])
            return Written(str(document["job"]), str(document["technique"]), ancestors)
    return None
