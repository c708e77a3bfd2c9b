"""Changes of a row's columns, after rename and before flattening."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mlcc_core.contract.technique.schema import DatasetSchema
from mlcc_core.errors import MlccError
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.rules.conversation.events import Event, what_happens, whole_conversation
from mlcc_core.staging.rules.conversation.whole import (
    conversation_columns,
    read_by,
    stage_conversation,
)
from mlcc_core.staging.rules.preferences import (
    PREFERENCE_ROWS,
    asked,
    read_preferences,
    settings_of,
)
from mlcc_core.staging.rules.prompt_extraction import extract_prompt, from_messages

Record = dict[str, Any]


@dataclass(frozen=True)
class ColumnRewrite:
    """A change of each record's columns, after rename and before flattening.

    Attributes:
        flag: of the command line; empty where the data's own form asks for it.
        apply: returns the values to set, by column (``None``: the row has none); raises
            :class:`RowIssue` for a row that it does not fit.
        happens: yields what applying it does with a row that it fits, for the tally.
        reads: columns that it consumes.
        makes: columns of the schema that it makes or changes.
        lists: for each of those, whether it becomes an array of messages instead of a string.
        fresh: those of them that need not exist before.
        needs: columns that are not in the schema and must exist.
        note: a description for the user; empty for none.
    """

    flag: str
    apply: Callable[[Record], Record]
    happens: Callable[[Record], Iterable[Event]]
    reads: tuple[str, ...]
    makes: tuple[str, ...]
    lists: Mapping[str, bool]
    fresh: tuple[str, ...]
    needs: tuple[str, ...]
    note: str


def rewrite_of(job: DatasetJob, names: Sequence[str] = ()) -> ColumnRewrite | None:
    """Return the rewrite that the conversion, the schema or the data's own form asks for.

    Args:
        job: the dataset.
        names: its columns after rename, as far as they are known.

    Raises:
        MlccError: the technique lacks its columns, or it contradicts another flag.
    """
    conversion = job.conversion
    if not conversion.extract_prompt and not conversion.from_messages:
        return _whole_conversation(job.schema) or preference_rows(job.schema, names)
    flag = "--extract-prompt" if conversion.extract_prompt else "--from-messages"
    if conversion.extract_prompt and conversion.from_messages:
        raise _contradiction(job, "--from-messages", from_messages=False)
    if not conversion.transform:
        raise _contradiction(job, "--no-transform", transform=True)
    makes = (
        ("prompt", "chosen", "rejected")
        if conversion.extract_prompt
        else (
            "prompt",
            "completion",
        )
    )
    lists: dict[str, bool] = {}
    for name in makes:
        column = job.schema.column(name)
        if column is None:
            changes = {flag.removeprefix("--").replace("-", "_"): False}
            raise MlccError(
                f"{flag} makes the columns {', '.join(makes)}, but this technique has no "
                f"{name!r}: its columns are {', '.join(c.name for c in job.schema.columns)}.",
                where=flag,
                hint=job.command_with(**changes),
            )
        lists[name] = "string" not in column.types
    if conversion.extract_prompt:
        return ColumnRewrite(
            flag,
            lambda record: extract_prompt(record, lists),
            partial(_in_columns, columns=("chosen", "rejected")),
            reads=makes,
            makes=makes,
            lists=lists,
            fresh=("prompt",),
            needs=(),
            note="Extracted column 'prompt' from what 'chosen' and 'rejected' share",
        )
    return ColumnRewrite(
        flag,
        lambda record: from_messages(record, lists),
        partial(_in_columns, columns=("messages",)),
        reads=("messages", "tools", *makes),
        makes=makes,
        lists=lists,
        fresh=makes,
        needs=("messages",),
        note="Made columns 'prompt' and 'completion' from column 'messages'\n"
        "Format: the last assistant message is the completion",
    )


def _contradiction(job: DatasetJob, other: str, **changes: object) -> MlccError:
    flag = "--extract-prompt" if job.conversion.extract_prompt else "--from-messages"
    return MlccError(
        f"{flag} and {other} contradict each other.", where=flag, hint=job.command_with(**changes)
    )


def _in_columns(record: Record, columns: Sequence[str]) -> Iterator[Event]:
    """Yield what reading the messages of some columns does."""
    for column in columns:
        value = record.get(column)
        yield from what_happens(
            asked(value) if column == PREFERENCE_ROWS["prompt"] else value, column
        )


def _in_preferences(record: Record) -> Iterator[Event]:
    """Yield what reading a preference row does."""
    yield from _in_columns(record, tuple(PREFERENCE_ROWS.values()))
    for name in settings_of(record.get(PREFERENCE_ROWS["prompt"])):
        yield "settings", name


def _whole_conversation(schema: DatasetSchema) -> ColumnRewrite | None:
    conversation, tools = conversation_columns(schema)
    if conversation is None:
        return None
    makes = (conversation, tools) if tools else (conversation,)
    return ColumnRewrite(
        "",
        partial(stage_conversation, conversation=conversation, tools=tools),
        partial(whole_conversation, column=conversation),
        reads=read_by(conversation, tools),
        makes=makes,
        lists=dict.fromkeys(makes, True),
        fresh=(),
        needs=(),
        note="",
    )


def preference_rows(schema: DatasetSchema, names: Sequence[str]) -> ColumnRewrite | None:
    """Return the rewrite of OpenAI's preference rows; ``None`` for data of any other form.

    Args:
        schema: which must have a prompt and two answers, all of them text.
        names: the data's columns, after rename.
    """
    makes = tuple(PREFERENCE_ROWS)
    columns = [schema.column(name) for name in makes]
    if any(column is None or column.types != ("string",) for column in columns):
        return None
    if set(makes) & set(names) or not set(PREFERENCE_ROWS.values()) <= set(names):
        return None
    return ColumnRewrite(
        "",
        read_preferences,
        _in_preferences,
        reads=tuple(PREFERENCE_ROWS.values()),
        makes=makes,
        lists=dict.fromkeys(makes, False),
        fresh=makes,
        needs=(),
        note="Made columns 'prompt', 'chosen' and 'rejected' from columns 'input', "
        "'preferred_output' and 'non_preferred_output'",
    )
