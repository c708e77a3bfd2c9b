"""The documents of ``mlcc init``, ``mlcc demo`` and ``mlcc plugins``."""

from __future__ import annotations

from typing_extensions import TypedDict

from mlcc_core.actions.plugins.line import PluginCheck
from mlcc_core.cli.document import Document


class InitDocument(Document):
    """``mlcc init``; every variable of ``do/config`` that may be shown is a field, too.

    Attributes:
        root: the project's folder.
        existed: it was a project already, and the missing parts were written.
    """

    root: str
    existed: bool


class AddedScriptsDocument(Document):
    """``mlcc init --update``.

    Attributes:
        root: the project's folder.
        added: names of the scripts in ``do/`` that were written.
    """

    root: str
    added: list[str]


class DemoAnswer(TypedDict):
    """A question of the demo with its answers.

    Attributes:
        prompt: the question.
        base: the base model's answer; null for a base that has learned nothing.
        answer: the tuned model's.
    """

    prompt: str
    base: str | None
    answer: str


class DemoDocument(Document):
    """``mlcc demo``.

    Attributes:
        root: the folder of the project that was made.
        model: the base model; null for the platform's default.
        answers: a question each.
    """

    root: str
    model: str | None
    answers: list[DemoAnswer]


class NewPluginDocument(Document):
    """``mlcc plugins new``.

    Attributes:
        folder: of the distribution that was written.
        files: names in it.
        next_steps: commands to go on with.
    """

    folder: str
    files: list[str]
    next_steps: list[str]


class PluginChecksDocument(Document):
    """``mlcc plugins check``.

    Attributes:
        ok: no check failed.
        checks: in the order in which they were made.
    """

    ok: bool
    checks: list[PluginCheck]


class PluginRow(TypedDict):
    """An object that a plugin provides.

    Attributes:
        kind: ``technique``, ``source``, ``platform``, ``metric``, ``model_hub``, ``command`` or
            ``hooks``; ``?`` for an entry point that could not be loaded.
        name: of the object, or of its entry point.
        distribution: the package that it comes with.
        version: of that package.
        origin: the value of its entry point.
        state: ``ok``, ``disabled``, ``broken`` (left out) or ``faulty`` (in use, and a part of it
            fails).
        reason: one line for one that is not ``ok``; empty else.
    """

    kind: str
    name: str
    distribution: str
    version: str
    origin: str
    state: str
    reason: str


class PluginsDocument(Document):
    """``mlcc plugins``.

    Attributes:
        plugins: everything that was found.
        warnings: what is wrong with them and does not stop mlcc.
    """

    plugins: list[PluginRow]
    warnings: list[str]
