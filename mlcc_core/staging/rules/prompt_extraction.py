"""Rows rewritten on request: extract the prompt from answers, or split a conversation.

The first is TRL's ``extract_prompt``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core.helpers.text import join_turns
from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.conversation.chat_text import is_repr, read_chat, repr_issue
from mlcc_core.staging.rules.conversation.fields import is_empty_list
from mlcc_core.staging.rules.messages import ANSWERING, detect, keys_of, read_message

Record = dict[str, Any]

TOOL_ROLES = frozenset({"tool", "function", "function_call", "observation"})
"""Roles of messages that only conversations with tools have."""

TRANSCRIPT_TURNS = {"\n\nAssistant:": "\n\nHuman:", "### Assistant:": "### Human:"}
"""Text before each reply, and before each question, in transcripts that are one string:
Anthropic's ``hh-rlhf``, and ``openassistant-guanaco``."""


def extract_prompt(record: Record, lists: Mapping[str, bool]) -> Record:
    """Split chosen and rejected into the messages that they share and one answer each.

    An existing prompt column must equal the extracted prompt, or one of its messages.

    Args:
        record: the row.
        lists: by column, whether it is to be an array of messages instead of a string.

    Raises:
        RowIssue: a lossy row: no shared first message, several messages after it, another prompt.
    """
    chosen, rejected, given = (
        messages_or_text(record.get(name), name) for name in ("chosen", "rejected", "prompt")
    )
    if chosen is None or rejected is None:
        return {}
    if isinstance(chosen, str) and isinstance(rejected, str):
        return {} if given is not None else _split_transcripts(chosen, rejected)
    left, right = _turns(chosen, "chosen"), _turns(rejected, "rejected")
    shared = shared_turns(left, right)
    if shared == 0 and given is None:
        raise _lossy("no first message that both share", "a shared prompt", "no shared prompt")
    for name, turns in (("chosen", left), ("rejected", right)):
        if len(turns) != shared + 1:
            found = f"{len(turns) - shared} messages after the shared ones"
            raise _lossy(found, "one answer", "answers of several messages", name)
        role = read_message(turns[-1])[0]
        if role.casefold() not in ANSWERING:
            raise _lossy(f"the role {role!r} last", "an assistant's answer", "no answer", name)
    answers = {
        name: [_with_role(turns[-1])] if lists[name] else read_message(turns[-1])[1]
        for name, turns in (("chosen", left), ("rejected", right))
    }
    if shared == 0:
        return answers
    return answers | {"prompt": _prompt(left[:shared], given, as_list=lists["prompt"])}


def shared_turns(left: list[Record], right: list[Record]) -> int:
    """Count the first messages that two conversations share, without the last of each.

    Raises:
        RowIssue: a lossy row: a message has more than role and content.
    """
    count = 0
    while count < min(len(left), len(right)) - 1 and (
        read_message(left[count]) == read_message(right[count])
    ):
        count += 1
    return count


def from_messages(record: Record, lists: Mapping[str, bool]) -> Record:
    """Split a conversation into its last assistant message and everything before.

    Raises:
        RowIssue: a lossy row: not a conversation of at least two messages with an answer last;
            tools; another value in a prompt or completion column.
    """
    messages = messages_or_text(record.get("messages"), "messages")
    if messages is None:
        raise RowIssue(
            "null" if "messages" in record else "no such key",
            "array of message objects",
            column="messages",
        )
    if not is_empty_list(record.get("tools")):
        raise _lossy("tools", "a conversation without tools", "tools", "tools")
    if isinstance(messages, str):
        return _from_transcript(messages, record)
    turns = _turns(messages, "messages")
    if len(turns) < 2:
        found = f"{len(turns)} message{'s' * (len(turns) != 1)}"
        raise _lossy(found, "a question and an answer", "no conversation", "messages")
    role, answer = read_message(turns[-1])
    if role.casefold() not in ANSWERING:
        raise _lossy(f"the role {role!r} last", "an assistant's answer", "no answer", "messages")
    given = record.get("completion")
    if given is not None and given not in (answer, turns[-1], turns[-1:]):
        raise _lossy("another completion", "the last message", "another completion", "completion")
    return {
        "prompt": _prompt(turns[:-1], record.get("prompt"), as_list=lists["prompt"]),
        "completion": [_with_role(turns[-1])] if lists["completion"] else answer,
    }


def messages_or_text(value: object, column: str) -> Any:
    """Return the messages that a value is the JSON text of; any other value as it is.

    Raises:
        RowIssue: messages in the notation of Python or numpy.
    """
    if not isinstance(value, str):
        return value
    if is_repr(value):
        raise repr_issue(value, column)
    found = read_chat(value)
    return value if found is None else found


def _turns(value: object, column: str) -> list[Record]:
    """Return the messages of a value, all of which can be flattened without loss."""
    if detect(value) is None:
        raise RowIssue("no messages", "array of message objects", column=column)
    turns: list[Record] = value if isinstance(value, list) else [value]  # type: ignore[list-item]
    for turn in turns:
        try:
            role, _ = read_message(turn)
        except RowIssue as issue:
            issue.column = column
            raise
        if role in TOOL_ROLES:
            raise _lossy(f"the role {role!r}", "a conversation without tools", "tools", column)
    return turns


def _prompt(turns: list[Record], given: object, *, as_list: bool) -> object:
    pairs = [read_message(turn) for turn in turns]
    prompt = pairs[0][1] if len(pairs) == 1 else join_turns(pairs)
    same = given is None or given in (prompt, turns) or given in [text for _, text in pairs]
    if not same:
        raise _lossy(
            "another prompt than the messages have", "the same prompt", "another prompt", "prompt"
        )
    if not as_list:
        return prompt
    return [_with_role(turn) for turn in turns]


def _with_role(turn: Record) -> Record:
    role, content = read_message(turn)
    return turn if keys_of(turn) == ("role", "content") else {"role": role, "content": content}


def is_transcript(value: object) -> bool:
    """Return whether a value is a conversation in one string."""
    return isinstance(value, str) and any(label in value for label in TRANSCRIPT_TURNS)


def _split_transcripts(chosen: str, rejected: str) -> Record:
    """Split two transcripts that differ only in their last reply."""
    (prompt, good), (other, bad) = _last_reply(chosen, "chosen"), _last_reply(rejected, "rejected")
    if prompt != other:
        raise _lossy("no shared transcript", "one prompt before the last reply", "no shared prompt")
    return {"prompt": prompt, "chosen": good, "rejected": bad}


def _from_transcript(text: str, record: Record) -> Record:
    """Split a transcript before its last reply; other columns must not contradict it."""
    prompt, answer = _last_reply(text, "messages")
    for name, whole, same in (
        ("prompt", prompt, str.__contains__),
        ("completion", answer, str.__eq__),
    ):
        given = record.get(name)
        if given is not None and not (isinstance(given, str) and same(whole, given)):
            raise _lossy(f"another {name}", "what the transcript has", f"another {name}", name)
    return {"prompt": prompt, "completion": answer}


def _last_reply(text: str, column: str) -> tuple[str, str]:
    """Split a transcript into the text before its last reply, and that reply.

    Raises:
        RowIssue: a lossy row: not a transcript, or one that ends with a question.
    """
    reply = max(TRANSCRIPT_TURNS, key=text.rfind)
    before, label, answer = text.rpartition(reply)
    if not label:
        raise _lossy(
            "a string that is not a transcript", f"one with {reply!r}", "no transcript", column
        )
    if TRANSCRIPT_TURNS[reply] in answer:
        raise _lossy("a question last", "an assistant's answer", "no answer", column)
    return before + label, answer.removeprefix(" ")


def _lossy(found: str, expected: str, reason: str, column: str | None = "chosen") -> RowIssue:
    return RowIssue(found, expected, reason=reason, column=column)
