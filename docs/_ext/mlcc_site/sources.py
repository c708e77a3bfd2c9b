"""Links from a page into the repository lead to a page with that file, or that folder's names.

On GitHub such a link opens the file; on the site it would lead nowhere. A link to a path that does
not exist stays a link that is not found, which Sphinx warns about.
"""

from __future__ import annotations

import html
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.highlighting import PygmentsBridge
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

logger = logging.getLogger(__name__)

FOLDER = "source"
"""The part of the site that shows files of the repository."""

KEPT = "mlcc_linked"
"""The attribute of Sphinx's environment, which is kept between builds, that holds the links."""


class LinksIntoRepository(SphinxTransform):
    """Leads every link to a file outside the documentation to its page on the site."""

    default_priority = 380

    def apply(self, **kwargs: object) -> None:
        kinds = (addnodes.pending_xref, addnodes.download_reference)
        links = [link for kind in kinds for link in self.document.findall(kind)]
        for link in links:
            path = outside(self.env, link)
            if path is None:
                continue
            shown = str(path.relative_to(self.repository))
            self.check_anchor(link, path)
            linked(self.env).setdefault(self.env.docname, set()).add(shown)
            target = relative_uri(f"{self.env.docname}.html", self.address(shown))
            reference = nodes.reference("", "", *link.children, internal=True, refuri=target)
            link.replace_self(reference)

    def address(self, shown: str) -> str:
        """Return where the site has a file: a page of its own, itself, or a page that shows it."""
        copied = shown.removeprefix("docs/")
        if copied.partition("/")[0] in self.config.mlcc_copied_folders and Path(shown).suffix:
            return copied
        return f"{self.config.mlcc_wrapped_pages.get(shown) or f'{FOLDER}/{shown}'}.html"

    def check_anchor(self, link: nodes.Element, path: Path) -> None:
        """Warn where a link names a heading that Markdown elsewhere does not have."""
        target = str(link.get("reftarget", ""))
        anchor = link.get("reftargetid") or target.partition("#")[2]
        if anchor and path.suffix == ".md" and anchor not in headings(path):
            where = path.relative_to(self.repository)
            logger.warning("%s has no heading #%s", where, anchor, location=link)

    @property
    def repository(self) -> Path:
        """The folder above the documentation's."""
        return Path(self.env.srcdir).parent


def outside(env: BuildEnvironment, link: nodes.Element) -> Path | None:
    """Return the existing path of the repository that a link names, if it is not a page."""
    docs = Path(env.srcdir)
    target = str(link.get("reftarget", "")).partition("#")[0]
    if not target or link.get("refdomain") not in (None, "doc", ""):
        return None
    path = Path(os.path.normpath((docs / env.docname).parent / target))
    if link.get("refdomain") == "doc":  # a page, or the path of Markdown that is elsewhere
        path = Path(os.path.normpath(docs / f"{target}.md"))
    inside = path.is_relative_to(docs) and env.path2doc(path) in env.found_docs
    repository = docs.parent
    return path if path.exists() and path.is_relative_to(repository) and not inside else None


def headings(path: Path) -> set[str]:
    """Return the anchors of the headings of Markdown, as GitHub makes them."""
    found = re.findall(r"^#+ +(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


def linked(env: BuildEnvironment) -> dict[str, set[str]]:
    """Return the paths that each page links, by the page's name."""
    if not hasattr(env, KEPT):
        setattr(env, KEPT, {})
    found: dict[str, set[str]] = getattr(env, KEPT)
    return found


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget the links of a page that is read again."""
    linked(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Take over what another process has read."""
    linked(env).update({name: paths for name, paths in linked(other).items() if name in docnames})


def shown_files(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield a page for each file and folder that is linked."""
    repository = Path(app.srcdir).parent
    wrapped = app.config.mlcc_wrapped_pages
    for shown in sorted({path for paths in linked(app.env).values() for path in paths}):
        path = repository / shown
        copied = shown.removeprefix("docs/").partition("/")[0] in app.config.mlcc_copied_folders
        if shown not in wrapped and not (copied and path.is_file()):
            body = names_of(path) if path.is_dir() else text_of(path)
            title = html.escape(shown)
            context = {"title": title, "body": f"<h1>{title}</h1>{body}", "parents": []}
            yield f"{FOLDER}/{shown}", context, "page.html"


def copy_folders(app: Sphinx, error: Exception | None) -> None:
    """Copy the folders whose files are linked as they are."""
    if error is None:
        for name in app.config.mlcc_copied_folders:
            shutil.copytree(Path(app.srcdir) / name, Path(app.outdir) / name, dirs_exist_ok=True)


def names_of(folder: Path) -> str:
    """Return the names in a folder as HTML."""
    names = sorted(
        f"{path.name}/" if path.is_dir() else path.name
        for path in folder.iterdir()
        if not path.name.startswith((".", "__pycache__"))
    )
    return f"<ul>{''.join(f'<li><code>{html.escape(name)}</code></li>' for name in names)}</ul>"


def text_of(path: Path) -> str:
    """Return a file as HTML, with its syntax in colours."""
    try:
        language = get_lexer_for_filename(path.name).aliases[0]
    except ClassNotFound:
        language = "text"
    return PygmentsBridge("html").highlight_block(path.read_text(encoding="utf-8"), language)
