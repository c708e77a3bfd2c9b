"""Policies, evaluated as IAM does: an explicit deny wins, and what nothing allows is denied."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Any, Literal

Decision = Literal["allowed", "implicitDeny", "explicitDeny"]
Policy = Mapping[str, Any]


@dataclass(frozen=True)
class Need:
    """One action on one resource, which a request or a job takes.

    Attributes:
        action: ``s3:GetObject``.
        resource: its ARN; ``*`` for actions that have none.
        context: what conditions ask for, by key (``iam:PassedToService``).
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.action} on resource: {self.resource}"


def parsed(policy: Policy | str) -> Policy:
    """The document, whether it is JSON or not."""
    return json.loads(policy) if isinstance(policy, str) else policy


def decide(policies: Iterable[Policy], need: Need) -> Decision:
    """What all the policies of an identity together say."""
    effects = {
        statement["Effect"]
        for policy in policies
        for statement in statements(policy)
        if _concerns(statement, need)
    }
    if "Deny" in effects:
        return "explicitDeny"
    return "allowed" if "Allow" in effects else "implicitDeny"


def statements(policy: Policy) -> list[Mapping[str, Any]]:
    """The policy's statements, of which there may be one without a list."""
    return _several(policy["Statement"])


def unused(policy: Policy, used: Iterable[Need]) -> list[str]:
    """The actions of each statement that no use takes, and then its resources, after its name."""
    used = list(used)
    found = []
    for statement in statements(policy):
        hits = [need for need in used if _concerns(statement, need)]
        found += [
            f"{statement.get('Sid', '?')}: {pattern}"
            for element, taken in (
                ("Action", [need.action.lower() for need in hits]),
                ("Resource", [need.resource for need in hits]),
            )
            for pattern in _several(statement[element])
            if not any(
                matches(pattern.lower() if element == "Action" else pattern, one) for one in taken
            )
        ]
    return found


def matches(pattern: str, value: str) -> bool:
    """Whether a pattern with ``*`` and ``?`` fits; upper and lower case differ."""
    return _compiled(pattern).match(value) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))


def _concerns(statement: Mapping[str, Any], need: Need) -> bool:
    """Whether the statement speaks of this action, on this resource, under these conditions."""
    action = need.action.lower()
    return (
        _named(statement, "Action", lambda pattern: matches(pattern.lower(), action))
        and _named(statement, "Resource", lambda pattern: matches(pattern, need.resource))
        and all(_holds(*condition, need.context) for condition in _conditions(statement))
    )


def _named(statement: Mapping[str, Any], element: str, fits: Callable[[str], bool]) -> bool:
    if f"Not{element}" in statement:
        return not any(fits(pattern) for pattern in _several(statement[f"Not{element}"]))
    return any(fits(pattern) for pattern in _several(statement[element]))


def _conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield operator, key, [_text(value) for value in _several(values)]


def _holds(operator: str, key: str, values: list[str], context: Mapping[str, str]) -> bool:
    """Whether one condition holds; every key of it must.

    Raises:
        NotImplementedError: the operator is none of those that are evaluated here.
    """
    kind = operator.removesuffix("IfExists")
    asked = {name.lower(): value for name, value in context.items()}.get(key.lower())
    if kind == "Null":
        return (asked is None) == (values == ["true"])
    negative = kind.startswith(("StringNot", "ArnNot"))
    if asked is None:
        return negative or operator != kind
    found = any(_fits(kind.replace("Not", ""), value, asked) for value in values)
    return found != negative


def _fits(kind: str, value: str, asked: str) -> bool:
    if kind in ("StringLike", "ArnLike", "ArnEquals"):
        return matches(value, asked)
    if kind == "StringEquals":
        return value == asked
    if kind in ("StringEqualsIgnoreCase", "Bool"):
        return value.lower() == asked.lower()
    raise NotImplementedError(f"the condition {kind}; add it to permissions/policies.py")


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
