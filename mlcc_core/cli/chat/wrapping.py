"""Lines that break between words, where a terminal would break within them."""

from __future__ import annotations

from mlcc_core.cli.folding.width import display_width


class Wrapping:
    """A text that is wrapped as it comes; its last word is held back until it is whole.

    Args:
        width: of the lines.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._column = 0
        self._space = self._word = ""

    def add(self, text: str) -> str:
        """Take the next part of the text; return what can be shown."""
        shown = ""
        for char in text:
            if char == "\n":
                shown += self.end() + char
                self._column = 0
            elif char.isspace():
                shown += self.end()
                self._space += char
            else:
                self._word += char
                if display_width(char) > 1:  # scripts without spaces break anywhere
                    shown += self.end()
        return shown

    def end(self) -> str:
        """Return the word that was held back: the text is over, or the word is."""
        if not self._word:
            return ""
        word, space = self._word, self._space.expandtabs(4)
        self._word = self._space = ""
        if self._column and self._column + len(space) + display_width(word) > self._width:
            self._column = display_width(word)
            return f"\n{word}"
        self._column += len(space) + display_width(word)
        return f"{space}{word}"
