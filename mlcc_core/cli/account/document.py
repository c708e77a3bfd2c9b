"""The documents of ``mlcc doctor``, ``mlcc bootstrap`` and ``mlcc secrets``."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from mlcc_core.actions.money.standing import NotAsked, Stands
from mlcc_core.cli.document import Document
from mlcc_core.contract.platform.values import Check


class DoctorSection(TypedDict):
    """Checks that belong together.

    Attributes:
        title: ``project``, or a platform or source with its name.
        usable: nothing that is needed is missing.
        chosen: it is the platform on which jobs of this project run.
        checks: one a prerequisite.
        standing: what the project has deployed there, and what that costs.
        not_asked: platforms that could not be asked what stands there.
    """

    title: str
    usable: bool
    chosen: bool
    checks: list[Check]
    standing: list[Stands]
    not_asked: list[NotAsked]


class DoctorDocument(Document):
    """``mlcc doctor``.

    Attributes:
        sections: the project first, then a platform or source each.
    """

    sections: list[DoctorSection]


class BootstrapDocument(Document):
    """``mlcc bootstrap``.

    Attributes:
        action: that was asked for.
        notes: the platform's lines about what was made or removed.
    """

    action: Literal["create", "update", "remove"]
    notes: list[str]


class SecretsDocument(Document):
    """``mlcc secrets``.

    Attributes:
        action: that was asked for.
        notes: the platform's lines; the secret itself is in none of them.
    """

    action: Literal["set", "check", "remove"]
    notes: list[str]
