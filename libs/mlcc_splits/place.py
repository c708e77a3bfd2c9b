"""A dataset as the rule for splits and its messages speak of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mlcc_core import MlccError, OtherUri
from mlcc_core.helpers import is_data_file

FLAG = "--dataset"


@dataclass(frozen=True, slots=True)
class Place:
    """A dataset at one source.

    Attributes:
        title: the dataset, as a sentence begins with it ("Dataset org/name").
        names: of all its files, ``/``-separated, sorted.
        uri: returns its URI with other values for ``config``, ``split`` or ``file``, which are
            given by their names.
        called: the name that the user gave to just this part of it, if any: the last part of
            a folder's path.
    """

    title: str
    names: Sequence[str]
    uri: Callable[..., str]
    called: str = ""

    @property
    def name(self) -> str:
        """Return the title as it stands within a sentence."""
        return self.title.replace("Dataset ", "dataset ", 1)

    def other(self, what: str, *detail: str, **parts: str) -> MlccError:
        """Return an error that offers another URI of this dataset.

        Args:
            what: the error's sentence.
            detail: further lines of it.
            parts: of the other URI.
        """
        return OtherUri(what, where=FLAG, uri=self.uri(**parts), detail=detail)

    def misdescribed(self, what: str) -> MlccError:
        """Return the error for a README that cannot be followed; it offers files by their names.

        Args:
            what: the error's sentence.
        """
        pattern = "*train*" if any("train" in n for n in self.names if is_data_file(n)) else "*"
        return self.other(what, file=pattern)
