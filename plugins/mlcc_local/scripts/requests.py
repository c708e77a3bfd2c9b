"""Requests of scripts: which one runs with which words and data, by absolute paths.

A body has two parts: ``request``, and ``fingerprints`` of all files that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from mlcc_core import (
    Context,
    JobRunner,
    MlccError,
    ReportedScript,
    Request,
    ScriptRunner,
    ScriptSpec,
    attempt,
    files_checksum,
    raise_all,
    script_files,
)
from mlcc_core.helpers.hints import looked_at
from mlcc_folders.job.folders import find, read_document


class LocalScripts(ScriptRunner):
    """Runs scripts as processes of this machine, in the environment of mlcc."""

    def build_request(self, context: Context, spec: ScriptSpec) -> Request:
        problems: list[MlccError] = []
        _refuse_options(spec, problems)
        marks = {
            name: attempt(_marking(name, place), problems) for name, place in spec.inputs.items()
        }
        raise_all(problems)
        request = {
            "script": spec.script,
            "folder": spec.folder,
            "requirements": spec.requirements,
            "hyperparameters": dict(spec.hyperparameters),
            "inputs": dict(spec.inputs),
        }
        fingerprints = {
            "script": spec.checksum,
            "requirements": spec.requirements_checksum,
            "inputs": marks,
        }
        return Request({"request": request, "fingerprints": fingerprints})

    def read_spec(self, body: Mapping[str, object]) -> ReportedScript:
        request = cast("Mapping[str, Any]", body["request"])
        marks = cast("Mapping[str, Any]", body.get("fingerprints") or {})
        content = {f"content of {name}": mark for name, mark in (marks.get("inputs") or {}).items()}
        return ReportedScript(
            script=Path(request["script"]).name,
            checksum=marks.get("script"),
            requirements_checksum=marks.get("requirements"),
            hyperparameters=request["hyperparameters"],
            inputs=request["inputs"],
            extra=content,
        )

    def reported(self, context: Context, name: str, runner: JobRunner) -> ReportedScript | None:
        folder = find(context.root, name)
        request, proof = read_document(folder.request), read_document(folder.proof)
        if request is None:
            return None
        return self.read_spec({**(proof or {}), "request": request})


def _refuse_options(spec: ScriptSpec, problems: list[MlccError]) -> None:
    for key in spec.options:
        flag = "--" + key.replace("_", "-")
        problems.append(
            MlccError(
                f"{flag} means nothing for a script, which decides that itself.",
                where=flag,
                hint="mlcc train --help",
            )
        )


def _marking(name: str, place: str) -> Callable[[], str]:
    return lambda: _content(name, place)


def _content(name: str, place: str) -> str:
    """Return the fingerprint of a channel's files.

    Raises:
        MlccError: they are not on this machine, or there are none.
    """
    where = f"--input {name}"
    if "://" in place:
        raise MlccError(
            f"{place} is not on this machine, where the script reads it.",
            where=where,
            hint=f"pass --input {name}=data/   # a file or a folder with a copy of it",
        )
    path = Path(place)
    if not path.exists():
        raise MlccError(
            f"There is nothing at {place}.",
            where=where,
            hint=looked_at(path.parent),
        )
    files = {path.name: path} if path.is_file() else script_files(path / "-", folder=True)
    if not files:
        raise MlccError(f"The folder {place} has no file.", where=where, hint=looked_at(path))
    return files_checksum(files)
