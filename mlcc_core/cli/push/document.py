"""The document of ``mlcc push --json``."""

from __future__ import annotations

from typing import Literal

from mlcc_core.cli.document import Document


class PushDocument(Document):
    """``mlcc push``: the repository that holds the model.

    Attributes:
        repo: name of the repository.
        address: of the repository's page.
        revision: the commit that holds the model.
        job: the run that made the model.
        form: adapter, or merged into its base.
        private: others cannot see it.
        changed: the content was another one before.
        files: that the model consists of, with its card.
        removed: files that were there before.
        loads: commands with which others use it.
    """

    repo: str
    address: str
    revision: str
    job: str
    form: Literal["adapter", "merged"]
    private: bool
    changed: bool
    files: list[str]
    removed: list[str]
    loads: list[str]
