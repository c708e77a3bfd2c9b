"""Texts of a report without secrets and without places on this machine."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from mlcc_core.helpers.text import shown_uri

HIDDEN = "•••"
SECRET_NAME = re.compile(
    r"(?:\A|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|(?:API_?)?KEY)(?:_|\Z)"
)
"""Names of variables whose values are secrets, whichever plugin reads them."""
SHORTEST = 6
"""Characters of a value that is taken for a secret, at least: shorter ones are words, too."""

ADDRESS = re.compile(r"https?://[^\s'\"]+", re.IGNORECASE)
FOLDER = r"[^\s/'\"](?:[^\n/'\"]*[^\s/'\"])?"
PLACE = re.compile(
    rf"(?<![\w/:.~-])(?:file:(?://[\w.-]*)?)?/(?:{FOLDER}/)+([^\s/'\":,;]*)", re.IGNORECASE
)
"""An absolute path of at least two parts, or its address. Names of folders may hold spaces."""


class Private:
    """Hides secrets and places.

    Args:
        root: the project's folder.
        settings: variables, of which those with the name of a secret hold one.
        variables: further names of secrets.
    """

    def __init__(
        self, root: Path, settings: Mapping[str, str], variables: Collection[str] = ()
    ) -> None:
        names = (name for name in settings if SECRET_NAME.search(name) or name in variables)
        values = {settings[name] for name in names}
        self._secrets = sorted((v for v in values if len(v) >= SHORTEST), key=len, reverse=True)
        home = os.environ.get("HOME", "")
        known = {str(root): ".", str(root.resolve()): ".", home: "~"}
        known.pop("/", None)
        known.pop("", None)
        self._places = sorted(known.items(), key=lambda item: len(item[0]), reverse=True)

    def words(self, text: str) -> str:
        """Return words of a row or a model, in which paths may be meant: known ones alone go."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for place, name in self._places:
            text = re.sub(rf"{re.escape(place)}(?![\w-])", name, text)
        return text

    def place(self, text: str) -> str:
        """Return a text of mlcc: of other absolute paths, the last part is left."""
        text = ADDRESS.sub(lambda found: shown_uri(found[0]), self.words(text))
        return PLACE.sub(lambda found: f"…/{found[1]}", text)

    def value(self, value: object) -> object:
        """Return a value as JSON has it, its texts cleaned."""
        if isinstance(value, str):
            return self.place(value)
        if isinstance(value, Mapping):
            return {str(key): self.value(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(each) for each in value]
        return value
