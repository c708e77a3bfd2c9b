"""The contract of rewards: arguments and answers of functions, and the form of prompts.

A reward function is called with a list of events, one for each reply, and answers with one score
for each of them:

    [{"id": "0", "messages": [{"role": "user", "content": "2 + 2?"},
                              {"role": "assistant", "content": "4"}],
      "reference_answer": "4", ...the row's other columns}]

    {"statusCode": 200, "body": "[{\"id\": \"0\", \"aggregate_reward_score\": 1.0}]"}

The same function runs wherever a platform runs it, as a file or behind an address; so the events
are built here, and the answers checked beside it, in ``reward_answer.py``.
"""

from __future__ import annotations

import copy
import importlib.util
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_core.contract.rewards.reward_answer import MissingKey, check_answer, read_answer, shown
from mlcc_core.contract.rewards.signature import of_events
from mlcc_core.errors import MlccError
from mlcc_core.helpers.memory import is_out_of_memory, out_of_memory
from mlcc_core.helpers.text import first_line

DEFAULT_REWARD_FUNCTION = "lambda_handler"
"""The function of a file that is named without one: ``path.py`` for ``path.py:NAME``."""

REFERENCE = "reference_answer"
"""The key of an event for the right answer, by convention."""


SLOW = 0.1
"""Seconds to score a reply from which on they are told."""


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
    """Load the function that ``path.py[:name]`` names; its module is executed once.

    Args:
        value: a path, and the function's name (default ``lambda_handler``).
        folder: what a relative path starts from; the current folder by default.

    Raises:
        MlccError: no such file or function, or the module fails when it is imported.
    """
    text, _, name = value.rpartition(":")
    path_text, function = (text, name) if text.endswith(".py") else (value, DEFAULT_REWARD_FUNCTION)
    path = (folder or Path()) / Path(path_text).expanduser()
    if not path.is_file():
        raise MlccError(
            f"Reward function file {path_text!r} does not exist, expected path.py[:name].",
            where=value,
        )
    if path.suffix != ".py":
        raise MlccError(
            f"Reward function file {path_text!r} is not a Python file, expected path.py[:name].",
            where=value,
        )
    found = getattr(_execute(path), function, None)
    if not callable(found):
        raise MlccError(
            f"{path_text} has no function {function!r}.",
            where=value,
            hint=f"define {function}(events) in it, or name another: {path_text}:NAME",
        )
    return RewardFunction(f"{path_text}:{function}", of_events(found, value))


def build_event(row: Mapping[str, Any], reply: str, event_id: str) -> dict[str, Any]:
    """Build the event for one reply to one row.

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
        REFERENCE: row.get(REFERENCE, truth),
    }


def score(function: RewardFunction, events: Sequence[dict[str, Any]]) -> list[float]:
    """Return the scores of the events, in their order.

    Raises:
        MlccError: the function raises, or its answer breaks the contract.
    """
    answer = _call(function, events)
    return check_answer(function.name, answer, [event["id"] for event in events])


def score_each(
    function: RewardFunction, events: Sequence[dict[str, Any]]
) -> Iterator[float | MlccError]:
    """Score the events as far as possible: one that fails costs no other its score.

    The function is called with all events. Where it raises, or leaves some without a score that
    keeps to the contract, it is called again with each of these alone, when its turn comes.

    Args:
        function: what scores.
        events: of different ids.

    Yields:
        For each event, in their order, its score or the reason why it has none.
    """
    ids = [event["id"] for event in events]
    try:
        found, broken = read_answer(function.name, _call(function, events), ids)
    except MlccError as error:
        found, broken = {}, [error]
    for event_id, event in zip(ids, events, strict=True):
        if event_id in found:
            yield found[event_id]
        else:
            yield broken[0] if len(events) == 1 else _score_alone(function, event)


def _score_alone(function: RewardFunction, event: dict[str, Any]) -> float | MlccError:
    try:
        return score(function, [event])[0]
    except MlccError as error:
        return error


def _call(function: RewardFunction, events: Sequence[dict[str, Any]]) -> object:
    """Call the function with copies: it may be called with the same events again.

    Raises:
        MlccError: the function raises.
    """
    try:
        return function.call(copy.deepcopy(list(events)))
    except MlccError:
        raise  # the caller knows better what went wrong
    except (Exception, SystemExit) as error:
        if is_out_of_memory(error):
            raise out_of_memory(error, f"Reward function {function.name}") from None
        if isinstance(error, KeyError) and error.args and events:
            raise MissingKey(function.name, error.args[0], events[0], _place(error)) from None
        raise MlccError(
            f"Reward function {function.name} raised {type(error).__name__}: {_first_line(error)}",
            where=_place(error),
            hint=f"try it by hand with events like {shown(events[0]) if events else '[]'}",
        ) from None


def try_reward_function(function: RewardFunction, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Call the function on a few rows before a job, with good, bad and empty replies.

    Args:
        function: what to try.
        rows: of the dataset.

    Returns:
        Lines for the user: the scores, and a warning when they never differ (nothing could be
        learned from them).

    Raises:
        MlccError: as :func:`score`; a key that the function needs and the rows lack is named.
    """
    events: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        truth = build_event(row, "", "")[REFERENCE]
        replies = [str(truth)] if truth is not None else []
        for reply in (*replies, "I do not know.", ""):
            events.append(build_event(row, reply, f"{index}-{len(events)}"))
    began = time.monotonic()
    try:
        scores = score(function, events)
    except MlccError:
        _check_reference(function, events)
        raise
    each = (time.monotonic() - began) / max(len(events), 1)
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    lines = [
        (
            f"Reward function {function.name} scored {len(scores)} trial replies "
            f"from {low:g} to {high:g}."
        )
    ]
    if each >= SLOW:
        lines.append(f"It took {each:.2g} s a reply, for which training waits at every step.")
    if low == high:
        lines.append(
            "All trial replies scored the same: unless real replies differ, nothing is learned."
        )
    return lines


def _check_reference(function: RewardFunction, events: Sequence[dict[str, Any]]) -> None:
    """See whether a function that failed needs the reference answer, which the rows do not have.

    Raises:
        MissingKey: it does.
    """
    bare = [
        {key: value for key, value in event.items() if (key, value) != (REFERENCE, None)}
        for event in events
    ]
    if bare == events:
        return
    try:
        score(function, bare)
    except MissingKey as error:
        if error.key == REFERENCE:
            raise
    except MlccError:
        return


def _execute(path: Path) -> object:
    """Execute the module at ``path``; it can import files beside it."""
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
        if is_out_of_memory(error):
            raise out_of_memory(error, f"Importing {path.name}") from None
        raise MlccError(
            f"Reward function file {path.name!r} fails when imported: "
            f"{type(error).__name__}: {_first_line(error)}",
            where=_place(error) or str(path),
        ) from None
    return module


def _place(error: BaseException) -> str | None:
    """Return the last line of code that an error came through: ``file:line``."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if len(frames) > 1 else None


def _first_line(error: BaseException) -> str:
    return first_line(error)[:300] or "(no message)"
