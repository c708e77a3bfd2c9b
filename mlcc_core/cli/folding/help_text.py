"""Help texts whose examples fit the terminal, however narrow it is."""

from __future__ import annotations

import click

from mlcc_core.cli.folding.folding import folded


class HelpText(click.HelpFormatter):
    """A formatter that folds what click leaves as it stands: examples run when they are pasted."""

    def getvalue(self) -> str:
        return folded(super().getvalue(), self.width)


def fold_help_texts() -> None:
    """Have every command use the formatter, those of plugins too, which choose their classes."""
    click.Context.formatter_class = HelpText
