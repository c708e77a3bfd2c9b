"""The extension of the documentation's site: contents, links into the repository, references."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from mlcc_site.comments import CommentsOfPage
from mlcc_site.contents import ContentsOfIndex


def setup(app: Sphinx) -> dict[str, Any]:
    """Add every part of the extension to a build."""
    app.add_transform(CommentsOfPage)
    app.add_transform(ContentsOfIndex)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
