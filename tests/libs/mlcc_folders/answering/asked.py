"""Questions for the models of a project."""

from collections.abc import Iterator
from contextlib import contextmanager

from mlcc_core import Context, Prompt, Subject
from mlcc_core.contract.platform.answering import AnswerSession
from mlcc_folders.folder_answering import FolderAnswering

ANSWERING = FolderAnswering("mlcc-tiny")


def prompt(text: str) -> Prompt:
    return Prompt(({"role": "user", "content": text},))


@contextmanager
def opened(context: Context, *subjects: Subject) -> Iterator[AnswerSession]:
    with ANSWERING.open(context, subjects) as session:
        yield session
