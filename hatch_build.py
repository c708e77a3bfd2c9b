"""The README as a package index shows it: with no file beside it that a link could lead to.

On a code host the README's links lead to files beside it, and its picture is one of them. An index
shows the text alone, and knows no address of the source unless there is one to tell. So a link to a
file names the file, a picture is left out, and hidden comments go.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PICTURE = re.compile(r"^!\[[^\]]*\]\((?!https?://)[^)]+\)\n\n?", re.MULTILINE)
LINK = re.compile(r"\[(?P<text>[^\]]+)\]\((?!https?://|#)(?P<file>[^)#\s]+)(?:#[^)\s]*)?\)")
COMMENT = re.compile(r"^<!--.*?-->\n", re.MULTILINE | re.DOTALL)


def for_an_index(readme: str) -> str:
    """Return a README whose links all lead somewhere wherever it is shown.

    Example:
        ``[Data](docs/data.md)`` becomes ``Data (`docs/data.md`)``, and ``[LICENSE](LICENSE)``
        becomes ``LICENSE``; web addresses stay.
    """
    return LINK.sub(_named, COMMENT.sub("", PICTURE.sub("", readme)))


def _named(link: re.Match[str]) -> str:
    text, file = link["text"], link["file"]
    return text if text.strip("`") == file else f"{text} (`{file}`)"


class Readme(MetadataHookInterface):
    """Gives the distribution its long description."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put the README into the metadata."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": for_an_index(text)}
