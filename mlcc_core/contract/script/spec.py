"""Values of a script run: the script as it is asked of a platform, and as a job reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SCRIPT = "script"
"""The word that stands for scripts where a run's technique is named; no technique is called so."""


@dataclass(frozen=True, slots=True)
class ScriptSpec:
    """A script of a user's own, as it is asked of a platform.

    Attributes:
        project: the project's name; jobs and outputs are grouped by it.
        script: path of a Python file, absolute. The files beside it belong to it where
            ``folder`` says so.
        checksum: SHA-256 of all that is run: the script, and the files beside it.
        requirements: path of a requirements file of pip, absolute; ``None`` for none.
        requirements_checksum: SHA-256 of that file.
        hyperparameters: given to the script as ``--NAME VALUE``, in the user's words.
        inputs: path or URI of each channel of data, by the channel's name (``train``).
        options: the platform's own flags that were given, by key.
        folder: the script's whole folder is run, not the file alone.
    """

    project: str
    script: str
    checksum: str
    requirements: str | None = None
    requirements_checksum: str | None = None
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    folder: bool = False


@dataclass(frozen=True, slots=True)
class ReportedScript:
    """A script run as a request or a job describes itself, to be compared with its spec.

    Attributes:
        script: the file's name, without its folder.
        checksum, requirements_checksum: as in the spec; ``None`` where there are none.
        hyperparameters, inputs: as in the spec.
        extra: anything else worth comparing before and after.
    """

    script: str
    checksum: str | None
    requirements_checksum: str | None
    hyperparameters: Mapping[str, str]
    inputs: Mapping[str, str]
    extra: Mapping[str, object] = field(default_factory=dict)
