"""The table of contents of an index page is made of its links: nothing is listed twice.

A link that begins an item of a list, or a cell of a table, puts its page into the sidebar, in the
order of the page. So an index reads well on GitHub, where directives are shown as code. A page
that no index lists is a warning of Sphinx, and so an error of a strict build.
"""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform


class ContentsOfIndex(SphinxTransform):
    """Puts a hidden ``toctree`` with the pages that an index lists at the end of it."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        page = self.env.docname
        if page.rpartition("/")[2] != "index" or any(self.document.findall(addnodes.toctree)):
            return
        pages = list(dict.fromkeys(self.listed(page)))
        if not pages:
            return
        tree = addnodes.toctree(
            "",
            parent=page,
            entries=[(None, listed) for listed in pages],
            includefiles=pages,
            maxdepth=2,
            caption=None,
            glob=False,
            hidden=True,
            includehidden=False,
            numbered=0,
            titlesonly=True,
        )
        top = next(iter(self.document.findall(nodes.section)), self.document)
        top += nodes.compound("", tree, classes=["toctree-wrapper"])

    def listed(self, page: str) -> Iterator[str]:
        """Yield the pages to which the first words of items and cells lead.

        Args:
            page: the index; links to itself or to the index above it are passed over.
        """
        above = {page, "index"}
        for place in self.document.findall(
            lambda node: isinstance(node, (nodes.list_item, nodes.entry))
        ):
            first = first_link(place)
            if first is None or first in above or first not in self.env.found_docs:
                continue
            folder = page.removesuffix("index")
            if first.startswith(folder) or "/" not in first:  # no page of another part
                yield first


def first_link(place: nodes.Element) -> str | None:
    """Return the page that the first words of an item or a cell lead to, if they lead to one."""
    node: nodes.Node = place
    while isinstance(node, nodes.Element):
        if isinstance(node, addnodes.pending_xref):
            target = node.get("reftarget")
            return target if node.get("refdomain") == "doc" and isinstance(target, str) else None
        children = [child for child in node.children if not isinstance(child, nodes.comment)]
        if not children:
            return None
        node = children[0]
    return None
