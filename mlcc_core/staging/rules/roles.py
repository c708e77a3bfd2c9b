"""The roles that the messages of a column may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlcc_core.contract.technique.row_rules import MessageRules
from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.messages import ANSWERING

USING = frozenset({"user", "human"})
"""Roles (in lower case) of the user in published datasets."""


@dataclass(frozen=True)
class RoleRules:
    """The rules of a column's messages, with every name of a role in lower case.

    Attributes:
        rules: as the technique declares them.
        roles, last: the roles that any message and the last one may have; ``None`` for any.
        not_last: the roles that the last message must not have.
    """

    rules: MessageRules
    roles: frozenset[str] | None
    last: frozenset[str] | None
    not_last: frozenset[str]

    @classmethod
    def of(cls, rules: MessageRules) -> RoleRules:
        """Return the rules of a column."""
        return cls(
            rules,
            _all_names(rules.roles) or None,
            _all_names(rules.last_role) or None,
            _all_names(rules.not_last),
        )

    def fit(self, roles: Sequence[str]) -> bool:
        """Return whether messages with these roles, at least one, keep the rules."""
        if self.roles is not None and not all(role.lower() in self.roles for role in roles):
            return False
        return self.fits_last(roles[-1])

    def fits_last(self, role: str) -> bool:
        """Return whether the last message may have this role."""
        name = role.lower()
        return name not in self.not_last and (self.last is None or name in self.last)

    def check(self, roles: Sequence[str]) -> None:
        """Check the roles of messages, at least one.

        Raises:
            RowIssue: the first message that breaks a rule.
        """
        for number, role in enumerate(roles, 1):
            if self.roles is not None and role.lower() not in self.roles:
                raise RowIssue(
                    f"message {number} with the role {role!r}",
                    f"messages of {_any_of(self.rules.roles)}",
                    reason="a role that is not allowed",
                )
        if not self.fits_last(roles[-1]):
            raise RowIssue(
                f"a last message with the role {roles[-1]!r}",
                self._expected_last(),
                reason="a last message of a role that is not allowed there",
            )

    def _expected_last(self) -> str:
        if self.last is not None:
            allowed = [role for role in self.rules.last_role if role not in self.not_last]
            return f"a last message of {_any_of(allowed)}"
        return f"a last message not of {_any_of(self.rules.not_last)}"


def _all_names(roles: Iterable[str]) -> frozenset[str]:
    """Return the roles in lower case, and the other names of the two speakers."""
    names = {role.lower() for role in roles}
    for speaker in (ANSWERING, USING):
        if names & speaker:
            names |= speaker
    return frozenset(names)


def _any_of(roles: Sequence[str]) -> str:
    return " or ".join(map(repr, roles))
