"""The extension of the documentation's site: contents, links into the repository, references."""

from __future__ import annotations

from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from mlcc_site import reference, sources
from mlcc_site.comments import CommentsOfPage
from mlcc_site.contents import ContentsOfIndex


def setup(app: Sphinx) -> dict[str, Any]:
    """Add every part of the extension to a build."""
    app.add_config_value("mlcc_wrapped_pages", {}, "env")
    app.add_config_value("mlcc_copied_folders", [], "env")
    for transform in (sources.LinksIntoRepository, CommentsOfPage, ContentsOfIndex):
        app.add_transform(transform)
    for language in ("csv", "jsonl"):  # Pygments has none for them
        app.add_lexer(language, TextLexer)
    app.connect("source-read", reference.fill_in)
    app.connect("env-purge-doc", sources.forget)
    app.connect("env-merge-info", sources.merge)
    app.connect("html-collect-pages", sources.shown_files)
    app.connect("build-finished", sources.copy_folders)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
