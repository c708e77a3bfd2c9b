"""Check the answers of reward functions against the contract in ``reward.py``.

An answer to two events, ``0`` and ``1``:

    {"statusCode": 200, "body": "[{\"id\": \"0\", \"aggregate_reward_score\": 1.0},
                                  {\"id\": \"1\", \"aggregate_reward_score\": 0.5}]"}
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence

from mlcc_core.errors import MlccError

SCORE = "aggregate_reward_score"
LARGEST = 1e15
"""Training squares scores in single precision, which ends at 3.4e38."""

EXPECTED = (
    '{"statusCode": 200, "body": a JSON list with one {"id", "aggregate_reward_score": number} '
    "for each event}"
)


class MissingKey(MlccError):
    """A reward function needs a key that the rows do not have.

    Args:
        name: the function's.
        key: as it looked it up.
        event: one of those that it was called with.
        where: the line of code.

    Attributes:
        key: as it looked it up.
    """

    def __init__(
        self, name: str, key: object, event: Mapping[str, object], where: str | None = None
    ) -> None:
        self.key = key
        super().__init__(
            f"Reward function {name} raised KeyError: {key!r}; a row that it gets has the keys "
            f"{', '.join(map(str, event))}.",
            where=where,
            hint=f"try it by hand with events like {shown(event)}",
        )


def check_answer(name: str, answer: object, ids: Sequence[str]) -> list[float]:
    """Return the scores that a reward function's answer holds, in the order of ``ids``.

    Args:
        name: the function's, for the error: ``path.py:name`` or an address.
        answer: the value that it returned, or that its service sent, decoded from JSON.
        ids: of the events that it was called with.

    Raises:
        MlccError: the answer breaks the contract; says how, and what was expected.
    """
    scores, broken = read_answer(name, answer, ids)
    if broken:
        raise broken[0]
    return [scores[event_id] for event_id in ids]


def read_answer(
    name: str, answer: object, ids: Sequence[str]
) -> tuple[dict[str, float], list[MlccError]]:
    """Read as many scores as an answer surely holds.

    An answer with ids that were not asked about may have counted the events by itself, and so have
    given one event's score to another: none of its scores is taken.

    Args:
        name: the function's, for the errors.
        answer: as for :func:`check_answer`.
        ids: of the events that it was called with.

    Returns:
        The scores by id, and an error for everything that breaks the contract.
    """
    try:
        items = _body(name, answer)
    except MlccError as error:
        return {}, [error]
    broken: list[MlccError] = []
    scores: dict[str, float] = {}
    seen: set[str] = set()
    for item in items:
        try:
            event_id, value = _item(name, item)
        except MlccError as error:
            broken.append(error)
            continue
        if event_id in seen:
            broken.append(_broken(name, f"id {event_id!r} twice"))
            scores.pop(event_id, None)
            continue
        seen.add(event_id)
        try:
            scores[event_id] = _number(name, value)
        except MlccError as error:
            broken.append(error)
    broken += _strangers(name, seen, ids)
    return ({} if seen - set(ids) else scores), broken


def shown(value: object) -> str:
    """Return a value in words short enough for a message."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    return text if len(text) <= 120 else text[:119] + "…"


def _body(name: str, answer: object) -> list[object]:
    if not isinstance(answer, Mapping):
        raise _broken(name, f"{shown(answer)} ({type(answer).__name__})")
    if answer.get("statusCode") != 200:
        raise _broken(name, f"statusCode {shown(answer.get('statusCode'))}")
    body = answer.get("body")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise _broken(name, f"a body that is not JSON ({error})") from None
    if not isinstance(body, list):
        raise _broken(name, f"the body {shown(body)}")
    return body


def _item(name: str, item: object) -> tuple[str, object]:
    if not isinstance(item, Mapping) or "id" not in item or SCORE not in item:
        raise _broken(name, f"an item {shown(item)}")
    return str(item["id"]), item[SCORE]


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _broken(name, f"the score {shown(value)} ({type(value).__name__})")
    if isinstance(value, float) and not math.isfinite(value):
        raise _broken(name, f"the score {value}, which is not a finite number")
    if abs(value) > LARGEST:
        raise _broken(name, f"the score {shown(value)}, which is beyond {LARGEST:g}")
    return float(value)


def _strangers(name: str, seen: Iterable[str], ids: Sequence[str]) -> list[MlccError]:
    """Return the errors for ids that are missing, and for those that were not asked for."""
    found = set(seen)
    errors = []
    if missing := [event_id for event_id in ids if event_id not in found]:
        errors.append(
            _broken(name, f"no score for id {missing[0]!r} ({len(missing)} of {len(ids)} missing)")
        )
    if unknown := found - set(ids):
        errors.append(_broken(name, f"a score for id {min(unknown)!r}, which it was not asked for"))
    return errors


def _broken(name: str, found: str) -> MlccError:
    return MlccError(f"Reward function {name} returned {found}, expected {EXPECTED}.", where=name)
