"""Evaluators on this machine: a function in a Python file, or the prompt of a judge in a file."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcc_core import (
    DEFAULT_REWARD_FUNCTION,
    Evaluator,
    EvaluatorKind,
    MlccError,
    Option,
    check_judge_prompt,
)
from mlcc_core.helpers import close_matches
from mlcc_engine.reward.scores import MAX_FAILED, MOST_FAILED, WINDOW
from mlcc_folders.model.models import find_path

FORM_BY_KIND: Mapping[EvaluatorKind, str] = {
    EvaluatorKind.FUNCTION: "path.py[:name]",
    EvaluatorKind.PROMPT: "FILE",
}

EVALUATOR_OPTIONS = (
    Option(
        "--max-failed-rewards",
        int,
        f"Most of the last {WINDOW} scores that may fail, in percent (default {MOST_FAILED})",
        "PERCENT",
        minimum=0,
        maximum=100,
        evaluator=tuple(EvaluatorKind),
    ),
)


def limits(evaluator: Evaluator) -> Mapping[str, object]:
    """Return the settings that hold for evaluators of every kind, as the engine takes them."""
    return {key: evaluator.settings[key] for key in (MAX_FAILED,) if key in evaluator.settings}


@dataclass(frozen=True, slots=True)
class FoundEvaluator:
    """An evaluator that is there.

    Attributes:
        value: as the engine takes it: ``/path.py:name``, or the prompt's path.
        sha256: of the file.
    """

    value: str
    sha256: str


def find_evaluator(evaluator: Evaluator, root: Path) -> FoundEvaluator:
    """Find the evaluator on this machine; nothing of it is run.

    Raises:
        MlccError: it is not there, or is not what its kind needs.
    """
    if evaluator.kind is EvaluatorKind.FUNCTION:
        return _find_function(evaluator, root)
    return _find_prompt(evaluator, root)


def _find_function(evaluator: Evaluator, root: Path) -> FoundEvaluator:
    text, _, name = evaluator.value.rpartition(":")
    if not text.endswith(".py"):
        text, name = evaluator.value, DEFAULT_REWARD_FUNCTION
    path = _find_file(evaluator, text, root)
    if path.suffix != ".py":
        raise _wrong(evaluator, f"{text} is not a Python file, expected path.py[:name].")
    data = _read(evaluator, path)
    try:
        names = sorted(set(_defined(ast.parse(data, filename=str(path)).body)))
    except SyntaxError as error:
        where = f"{path}:{error.lineno}" if error.lineno else path
        raise _wrong(evaluator, f"{where} is not valid Python: {error.msg}.") from None
    except (ValueError, RecursionError) as error:
        raise _wrong(evaluator, f"{path} is not valid Python: {error}.") from None
    if name not in names:
        close = close_matches(name, names)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        raise MlccError(
            f"{text} defines no function {name!r}.{meant}",
            where=evaluator.where,
            hint=f"pass {evaluator.flag} {text}:{(close or names or ['NAME'])[0]}",
            detail=(f"It defines: {', '.join(names) or '(nothing)'}",),
        )
    return FoundEvaluator(f"{path}:{name}", hashlib.sha256(data).hexdigest())


def _defined(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names that a module's statements bind to functions, under ``if`` and ``try``."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            for block in ("body", "orelse", "finalbody"):
                yield from _defined(getattr(node, block, []))
            for handler in getattr(node, "handlers", []):
                yield from _defined(handler.body)


def _find_prompt(evaluator: Evaluator, root: Path) -> FoundEvaluator:
    path = _find_file(evaluator, evaluator.value, root)
    data = _read(evaluator, path)
    text = check_judge_prompt(evaluator, data, str(path), FORM_BY_KIND[evaluator.kind])
    from mlcc_engine.reward.score_form import find_form

    try:
        find_form(text)
    except MlccError as error:
        raise MlccError(f"{path}: {error.what}", where=evaluator.where, hint=error.hint) from None
    return FoundEvaluator(str(path), hashlib.sha256(data).hexdigest())


def _find_file(evaluator: Evaluator, text: str, root: Path) -> Path:
    noun = evaluator.kind.value
    if text.startswith("arn:"):
        raise _wrong(evaluator, f"{text} is an ARN; on this machine the {noun} is a file.")
    if "://" in text:
        raise _wrong(evaluator, f"{text} is not on this machine; here the {noun} is a file.")
    path = _path_of(evaluator, text, root)
    if path is None:
        raise _wrong(evaluator, f"The {noun} {text!r} does not exist{_looked_in(evaluator)}.")
    if not path.is_file():
        raise _wrong(evaluator, f"The {noun} {text!r} is not a file.")
    return path


def _path_of(evaluator: Evaluator, text: str, root: Path) -> Path | None:
    """Return the file that ``text`` names: from the dataset's folder first, if its rows name it."""
    beside = None
    if evaluator.folder is not None and text and not text.startswith("~"):
        beside = find_path(str(evaluator.folder / text), root)
    return beside or find_path(text, root)


def _looked_in(evaluator: Evaluator) -> str:
    """Say where a path starts from that rows name."""
    if not evaluator.named_by_rows:
        return ""
    if evaluator.folder is None:
        return (
            ", expected a path of this machine, absolute or from the current folder: "
            "the dataset is elsewhere"
        )
    return f", neither from the dataset's folder {evaluator.folder} nor from the current one"


def _read(evaluator: Evaluator, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _wrong(evaluator, f"Cannot read {path}: {error.strerror}.") from None


def _wrong(evaluator: Evaluator, what: str) -> MlccError:
    return evaluator.error(what, FORM_BY_KIND[evaluator.kind])
