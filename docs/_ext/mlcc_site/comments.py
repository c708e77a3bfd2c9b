"""Comments of a page stay out of the site; ``<!-- cards -->`` shows the list after it as cards."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.transforms import SphinxTransform

COMMENTS = re.compile(r"(?:\s*<!--.*?-->)+\s*", re.DOTALL)
CARDS = "<!-- cards -->"


class CommentsOfPage(SphinxTransform):
    """Removes comments, after it has done what they ask for."""

    default_priority = 390

    def apply(self, **kwargs: object) -> None:
        for comment in list(self.document.findall(nodes.raw)):
            if not COMMENTS.fullmatch(comment.astext()):
                continue
            if CARDS in comment.astext():
                following = comment.next_node(descend=False, siblings=True)
                if isinstance(following, nodes.bullet_list):
                    show_as_cards(following)
            comment.parent.remove(comment)


def show_as_cards(items: nodes.bullet_list) -> None:
    """Have the items of a list be cards: the link is a title, and the words after it a sentence."""
    items["classes"].append("cards")
    for words in list(items.findall(nodes.Text)):
        if words.startswith(": "):
            sentence = words.removeprefix(": ")
            words.parent.replace(words, nodes.Text(sentence[:1].upper() + sentence[1:]))
