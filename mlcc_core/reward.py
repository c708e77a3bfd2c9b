"""The one contract of reward functions: what they are called with, what they must answer.

A reward function is called with a list of events, one for each reply, and answers with one score
for each of them:

    [{"id": "0", "messages": [{"role": "user", "content": "2 + 2?"},
                              {"role": "assistant", "content": "4"}],
      "reference_answer": "4", ...the row's other columns}]

    {"statusCode": 200, "body": "[{\"id\": \"0\", \"aggregate_reward_score\": 1.0}]"}

The same function runs wherever a platform runs it, as a file or behind an address; so the events
are built here, and the answers checked here.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import math
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core.errors import MlccError

DEFAULT_NAME = "lambda_handler"
SCORE = "aggregate_reward_score"
EXPECTED = (
    '{"statusCode": 200, "body": a JSON list with one {"id", "aggregate_reward_score": number} '
    "for each event}"
)


@dataclass(frozen=True, slots=True)
class RewardFunction:
    """A reward function that can be called here.

    Attributes:
        name: as the user gave it, with the function's name: ``rewards.py:score``.
        call: takes the list of events, returns the answer; may raise an ``MlccError`` of its own.
    """

    name: str
    call: Callable[[list[dict[str, Any]]], object]


def load_function(value: str, folder: Path | None = None) -> RewardFunction:
    """The function that ``path.py[:name]`` names; its module is executed once.

    Args:
        value: a path, and the function's name (default ``lambda_handler``).
        folder: what a relative path starts from; the current folder by default.

    Raises:
        MlccError: no such file or function, or the module fails when it is imported.
    """
    text, _, name = value.rpartition(":")
    path_text, function = (text, name) if text.endswith(".py") else (value, DEFAULT_NAME)
    path = (folder or Path()) / Path(path_text).expanduser()
    if not path.is_file():
        raise MlccError(
            f"Reward function file {path_text!r} does not exist, expected path.py[:name].",
            where=value,
        )
    if path.suffix != ".py":
        raise MlccError(
            f"Reward function file {path_text!r} is no Python file, expected path.py[:name].",
            where=value,
        )
    found = getattr(_execute(path), function, None)
    if not callable(found):
        raise MlccError(
            f"{path_text} has no function {function!r}.",
            where=value,
            hint=f"define {function}(events) in it, or name another: {path_text}:NAME",
        )
    return RewardFunction(f"{path_text}:{function}", _with_context(found))


def build_event(row: Mapping[str, Any], reply: str, event_id: str) -> dict[str, Any]:
    """The event for one reply to one row.

    Args:
        row: the dataset's row: ``prompt`` (messages, or a string) and whatever else it has.
        reply: the model's reply.
        event_id: unique among the events of one call.

    Returns:
        ``id``, ``messages`` (the prompt and the reply), ``reference_answer`` (the column of that
        name, else ``reward_model.ground_truth``, else ``None``), and the row's other columns. A
        column ``id`` of the row's own comes as ``row_id``, a column ``messages`` not at all.
    """
    prompt = row.get("prompt", [])
    asked = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
    others = {key: value for key, value in row.items() if key not in ("prompt", "messages", "id")}
    if "id" in row:
        others["row_id"] = row["id"]
    rule = row.get("reward_model")
    truth = rule.get("ground_truth") if isinstance(rule, Mapping) else None
    return {
        **others,
        "id": event_id,
        "messages": [*asked, {"role": "assistant", "content": reply}],
        "reference_answer": row.get("reference_answer", truth),
    }


def score(function: RewardFunction, events: Sequence[dict[str, Any]]) -> list[float]:
    """The scores of the events, in their order.

    Raises:
        MlccError: the function raises, or its answer breaks the contract.
    """
    try:
        answer = function.call(list(events))
    except MlccError:
        raise  # whoever calls it elsewhere knows better what went wrong
    except (Exception, SystemExit) as error:
        raise MlccError(
            f"Reward function {function.name} raised {type(error).__name__}: {_first_line(error)}",
            where=_place(error),
            hint=f"try it by hand with events like {_shown(events[0]) if events else '[]'}",
        ) from None
    return check_answer(function.name, answer, [event["id"] for event in events])


def check_answer(name: str, answer: object, ids: Sequence[str]) -> list[float]:
    """The scores that a reward function's answer holds, in the order of ``ids``.

    Args:
        name: the function's, for the error: ``path.py:name`` or an address.
        answer: what it returned, or what its service sent, decoded from JSON.
        ids: of the events that it was called with.

    Raises:
        MlccError: the answer breaks the contract; says how, and what was expected.
    """
    by_id: dict[str, float] = {}
    for item in _body(name, answer):
        if not isinstance(item, Mapping) or "id" not in item or SCORE not in item:
            raise _broken(name, f"an item {_shown(item)}")
        value = item[SCORE]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _broken(name, f"the score {_shown(value)} ({type(value).__name__})")
        if not math.isfinite(value):
            raise _broken(name, f"the score {value}, which is no finite number")
        if str(item["id"]) in by_id:
            raise _broken(name, f"id {item['id']!r} twice")
        by_id[str(item["id"])] = float(value)
    if missing := [event_id for event_id in ids if event_id not in by_id]:
        raise _broken(
            name, f"no score for id {missing[0]!r} ({len(missing)} of {len(ids)} missing)"
        )
    if unknown := by_id.keys() - set(ids):
        raise _broken(name, f"a score for id {min(unknown)!r}, which it was not asked for")
    return [by_id[event_id] for event_id in ids]


def try_out(function: RewardFunction, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Call the function on a few rows before a job, with good, bad and empty replies.

    Args:
        function: what to try.
        rows: of the dataset.

    Returns:
        Lines for the user: the scores, and a warning when they never differ (nothing could be
        learned from them).

    Raises:
        MlccError: as :func:`score`.
    """
    events: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        truth = build_event(row, "", "")["reference_answer"]
        replies = [str(truth)] if truth is not None else []
        for reply in (*replies, "I do not know.", ""):
            events.append(build_event(row, reply, f"{index}-{len(events)}"))
    scores = score(function, events)
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    lines = [
        (
            f"Reward function {function.name} scored {len(scores)} trial replies "
            f"from {low:g} to {high:g}."
        )
    ]
    if low == high:
        lines.append(
            "All trial replies scored the same: unless real replies differ, nothing is learned."
        )
    return lines


def _execute(path: Path) -> object:
    """The module at ``path``; files beside it can be imported by it, as on a command line."""
    name = f"mlcc_reward_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise MlccError(f"Reward function file {str(path)!r} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise MlccError(
            f"Reward function file {path.name!r} fails when imported: "
            f"{type(error).__name__}: {_first_line(error)}",
            where=_place(error) or str(path),
        ) from None
    return module


def _with_context(function: Callable[..., object]) -> Callable[[list[dict[str, Any]]], object]:
    """The function of events alone; one that also takes a Lambda context is given ``None``."""
    try:
        inspect.signature(function).bind([])
    except TypeError:
        return lambda events: function(events, None)
    except ValueError:
        pass
    return function


def _body(name: str, answer: object) -> list[object]:
    if not isinstance(answer, Mapping):
        raise _broken(name, f"{_shown(answer)} ({type(answer).__name__})")
    if answer.get("statusCode") != 200:
        raise _broken(name, f"statusCode {_shown(answer.get('statusCode'))}")
    body = answer.get("body")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError as error:
            raise _broken(name, f"a body that is no JSON ({error})") from None
    if not isinstance(body, list):
        raise _broken(name, f"the body {_shown(body)}")
    return body


def _broken(name: str, found: str) -> MlccError:
    return MlccError(f"Reward function {name} returned {found}, expected {EXPECTED}.", where=name)


def _place(error: BaseException) -> str | None:
    """The last line of code that an error came through: ``file:line``."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if len(frames) > 1 else None


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else "(no message)"


def _shown(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 120 else text[:119] + "…"
