"""Rows of JSON text converted one by one; every other way of converting must agree with this one.

A string is written as every other way writes it, so that the same text comes out as the same
bytes from any format; other values arrive as their own bytes, character for character.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlcc_core.staging.model.row_issues import RowIssue, RowIssues, kind_of
from mlcc_core.staging.rules.context import lost_context
from mlcc_core.staging.rules.conversation.chat_text import (
    is_repr,
    looks_like_chat,
    read_chat,
    repr_issue,
)
from mlcc_core.staging.rules.conversation.events import Event, what_happens
from mlcc_core.staging.rules.conversation.turns import read_turns
from mlcc_core.staging.rules.message_check import check_messages
from mlcc_core.staging.rules.messages import as_message, detect, flatten, is_blank, to_chatml
from mlcc_core.staging.rules.plan import OBJECT_FORM, ColumnPlan, ConversionPlan, Tally
from mlcc_core.staging.rules.renaming import Renaming
from mlcc_core.staging.rules.strict_json import encode, parse_object, parse_raw

if TYPE_CHECKING:
    from mlcc_core.staging.model.row_check import RowCheck


class RowConverter:
    """Converts rows of one file by a plan.

    Args:
        renames: source to target, for this file.
        tally: counts what the rows hold.
    """

    def __init__(self, plan: ConversionPlan, renames: Mapping[str, str], tally: Tally) -> None:
        self._plan = plan
        self._renaming = Renaming(renames, plan.joins, plan.left_out)
        self._tally = tally
        self._known = frozenset(column.name for column in plan.columns)
        self._keys = {column.name: encode(column.name) + b":" for column in plan.columns}
        self._consumed = frozenset(plan.rewrite.reads if plan.rewrite else ())
        self._whole = frozenset(
            name
            for name in (plan.rewrite.makes if plan.rewrite else ())
            if any(c.name == name and WHOLE & set(c.types) for c in plan.columns)
        )
        self._met: list[tuple[Counter[str], str]] = []

    def convert(self, line: bytes) -> bytes:
        """Return the row to write for one JSON object, newline included.

        Raises:
            RowIssues: all issues of the row.
        """
        self._met.clear()
        try:
            record, raw = self._read(line)
        except RowIssue as issue:
            raise RowIssues([issue]) from None
        written: dict[str, bytes] = {}
        issues: list[RowIssue] = []
        for column in self._plan.columns:
            try:
                value = self._value(column, record, raw)
            except RowIssue as issue:
                issue.column = column.name
                issues.append(issue)
            else:
                if value is not None:
                    written[column.name] = value
        issues = issues or list(self._of_the_whole(record, written))
        if issues:
            raise RowIssues(issues)
        parts = [self._keys[name] + value for name, value in written.items()]
        parts += self._others(raw)
        row = b"{" + b",".join(parts) + b"}\n"
        if self._plan.check is not None:
            changed = self._plan.check.changed(parse_object(row))
            if changed is not None:
                return self._convert_changed(changed, self._plan.check)
        for counter, name in self._met:
            counter[name] += 1
        return row

    def _convert_changed(self, row: bytes, check: RowCheck) -> bytes:
        """Return a row that the technique gives in place of another.

        Raises:
            PluginError: its own schema does not take it.
        """
        others = {} if self._plan.keep_other else parse_raw(row)
        unknown = next((name for name in others if name not in self._known), None)
        if unknown is not None:
            raise check.fault(f"with a column {unknown!r}, which its schema lacks")
        try:
            return RowConverter(self._plan.settled(), {}, self._tally).convert(row)
        except RowIssues as error:
            first = error.issues[0]
            place = f"in column {first.column!r} " if first.column else ""
            raise check.fault(f"with {first.found} {place}(expected {first.expected})") from error

    def _read(self, line: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Return the row after rename and rewrite: its values, and the JSON text of each."""
        record, raw = parse_object(line), parse_raw(line)
        if self._renaming:
            joined = self._renaming.joined(record)
            texts = {name: encode(text) for name, text in joined.items()}
            record, raw = self._renaming.apply(record, joined), self._renaming.apply(raw, texts)
        if self._plan.rewrite:
            made = self._plan.rewrite.apply(record)
            self._meet_all(self._plan.rewrite.happens(record))
            for name, value in made.items():
                record[name] = value
                raw[name] = encode(value)
            for name in (name for name, value in made.items() if value is None):
                del record[name], raw[name]
        return record, raw

    def _of_the_whole(
        self, record: Mapping[str, Any], written: Mapping[str, bytes]
    ) -> Iterator[RowIssue]:
        """Yield the issues of a row whose columns are right."""
        for issue in equal_columns(written, self._plan.differ):
            if self._plan.equal_left_out:
                yield issue
            self._meet(True, self._tally.equal, issue.column or "")
        yield from lost_context(record, filter(self._plan.watches, record), written)

    def _value(
        self, plan: ColumnPlan, record: dict[str, Any], raw: dict[str, bytes]
    ) -> bytes | None:
        value = record.get(plan.name)
        if value is None:
            if plan.required:
                found = "null" if plan.name in record else "no such key"
                raise RowIssue(found, plan.column.type_text())
            return raw.get(plan.name)
        if plan.name in self._whole:
            return raw[plan.name]
        if plan.column.evaluator:
            self._meet_evaluator(value)
        text = value if isinstance(value, str) else None
        if text is not None:
            value = self._chat(text, plan)
            if value is text and ("string" in plan.types or plan.wrap):
                return self._text(text, plan)
        strategy = plan.strategy
        if text is not None and "string" in plan.types:
            strategy = strategy or detect(value) or "mixed_roles"
        if strategy:
            flat, role = flatten(value, strategy)
            self._meet_all(what_happens(value if text is None else text, plan.name))
            self._meet_blank(flat, plan)
            other = plan.role is not None and role != plan.role
            self._meet(other, self._tally.other_role, plan.name)
            return encode(flat)
        turns = to_chatml(value) if plan.wrap else None
        check_type(turns or value, plan)
        self._meet(turns is not None, self._tally.translated, plan.name)
        self._meet(value is not text and text is not None, self._tally.read_text, plan.name)
        return encode(turns or value) if turns or text is not None else raw[plan.name]

    def _text(self, text: str, plan: ColumnPlan) -> bytes:
        """Return a string as it is written: as it is, or as a message of the user."""
        self._meet_blank(text, plan)
        if "string" in plan.types:
            return encode(text)
        if plan.roles is not None:
            plan.roles.check(["user"])
        self._meet(True, self._tally.wrapped, plan.name)
        return encode(as_message(text))

    def _chat(self, text: str, plan: ColumnPlan) -> Any:
        """Return the messages that a text is the JSON of; any other text as it is.

        Raises:
            RowIssue: messages in the notation of Python or numpy, or where they must not be read.
        """
        if plan.chat_text == "keep" or not looks_like_chat(text):
            return text
        if is_repr(text):
            raise repr_issue(text)
        found = read_chat(text)
        if found is None:
            return text
        if plan.chat_text == "refuse":
            raise RowIssue("messages as JSON text", "text, as it is not converted")
        return found

    def _meet_blank(self, text: str, plan: ColumnPlan) -> None:
        """Count a text that says nothing.

        Raises:
            RowIssue: it is to be learned.
        """
        if not is_blank(text):
            return
        if plan.column.learned:
            raise RowIssue("no text", "a text to learn", reason="nothing to train")
        self._meet(True, self._tally.blank, plan.name)

    def _meet(self, true: bool, counter: Counter[str], name: str) -> None:
        """Count something about this row, if it turns out to be valid."""
        if true:
            self._met.append((counter, name))

    def _meet_all(self, events: Iterable[Event]) -> None:
        """Count what reading messages does with a row, if it turns out to be valid."""
        for kind, name in events:
            self._meet(True, getattr(self._tally, kind), name)

    def _meet_evaluator(self, value: object) -> None:
        if isinstance(value, str):
            self._meet(self._tally.knows(value), self._tally.evaluators, value)
        else:
            self._meet(True, self._tally.kinds, OBJECT_FORM)

    def _others(self, raw: dict[str, bytes]) -> list[bytes]:
        parts: list[bytes] = []
        for name, value in raw.items():
            if name in self._known or name in self._consumed:
                continue
            if self._plan.keep_other:
                self._tally.add_column(self._tally.kept, name)
                parts.append(encode(name) + b":" + value)
            else:
                self._tally.add_column(self._tally.dropped, name)
        return parts


WHOLE = frozenset({"conversation", "tools"})
"""Types of columns whose values are written anew as a whole."""

_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def check_type(value: object, plan: ColumnPlan) -> None:
    """Check that a value that is not null has one of the column's types.

    Raises:
        RowIssue: it has none of them.
    """
    if any(_TESTS[kind](value) for kind in plan.types if kind != "messages"):
        return
    if "conversation" in plan.types and isinstance(value, list):
        read_turns(value)
        return
    if "tools" in plan.types and isinstance(value, list):
        return
    if "messages" in plan.types and isinstance(value, list):
        check_messages(value)
        if plan.roles is not None:
            plan.roles.check([message["role"] for message in value])
        return
    raise RowIssue(kind_of(value), plan.column.type_text())


def equal_columns(
    written: Mapping[str, bytes], differ: Sequence[tuple[str, str]]
) -> Iterator[RowIssue]:
    """Yield an issue for each pair of columns that must differ and does not.

    Args:
        written: the JSON text of each column that is not wrong.
        differ: pairs of columns.
    """
    for first, second in differ:
        values = [written.get(name, b"null") for name in (first, second)]
        if b"null" in values or (values[0] != values[1] and not _same_json(*values)):
            continue
        yield RowIssue(
            f"the same value as in column {first!r}",
            f"another value than in column {first!r}",
            column=second,
            reason=f"the same as {first}",
        )


def _same_json(left: bytes, right: bytes) -> bool:
    """Return whether two JSON texts mean the same; strings have one text each."""
    if left[:1] == right[:1] == b'"' or left[:1] != right[:1]:
        return False
    return _canonical(left) == _canonical(right)


def _canonical(text: bytes) -> str:
    return json.dumps(json.loads(text), sort_keys=True)
