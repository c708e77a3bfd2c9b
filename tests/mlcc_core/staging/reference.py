"""The rules of the pipeline once more: slow, obvious, a row at a time, on Python values.

Only for schemas of required string columns. ``expected`` says what must become of each row.
"""

import json

ROLES_AND_CONTENTS = (("role", "content"), ("from", "value"))


def detect(value):
    messages = value if isinstance(value, list) else [value]
    if not messages or not all(isinstance(m, dict) for m in messages):
        return None
    roles = []
    for message in messages:
        pair = [(r, c) for r, c in ROLES_AND_CONTENTS if r in message and c in message]
        if not pair:
            return None
        roles.append(message[pair[0][0]])
    if isinstance(value, dict):
        return "single_dict"
    if len(messages) == 1:
        return "single_message"
    return "same_role" if all(role == roles[0] for role in roles) else "mixed_roles"


def chat_text(text):
    """The messages that a text is the JSON of, or None."""
    if text.strip(" \t\n\r")[:1] not in ("[", "{"):
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return None
    return value if detect(value) else None


def flatten(value, strategy):
    """The string, or the word ``misfit``, or the word ``error`` (as a one-element tuple)."""
    messages = value if isinstance(value, list) else [value]
    turns = []
    for message in messages:
        if not isinstance(message, dict):
            return ("error",)
        pair = [(r, c) for r, c in ROLES_AND_CONTENTS if r in message and c in message]
        if not pair and not ("role" in message or "content" in message):
            return ("error",)
        role, content = pair[0] if pair else ("role", "content")
        turns.append((message.get(role), message.get(content), message, {role, content}))
    if not turns:
        return ("misfit",)
    for role, content, message, keys in turns:
        extra = [k for k, v in message.items() if k not in keys and v is not None]
        if not isinstance(role, str) or not isinstance(content, str) or extra:
            return ("misfit",)
    if strategy.startswith("single"):
        return turns[0][1] if len(turns) == 1 else ("misfit",)
    if strategy == "same_role":
        if len({turn[0] for turn in turns}) > 1:
            return ("misfit",)
        return "\n".join(turn[1] for turn in turns)
    return "\n".join(f"{turn[0]}: {turn[1]}" for turn in turns)


def expected_prompt(prompt, roles, last, not_last):
    """The messages to write, ``misfit`` or ``error``; rules name roles in lower case, or none."""
    if isinstance(prompt, str):
        prompt = [{"role": "user", "content": prompt}]
    if not prompt:
        return "error"
    for message in prompt:
        if not isinstance(message["role"], str) or not isinstance(message["content"], str):
            return "error"
    said = [message["role"].lower() for message in prompt]
    said = ["assistant" if role in ("gpt", "model") else role for role in said]
    said = ["user" if role == "human" else role for role in said]
    if roles and any(role not in roles for role in said):
        return "misfit"
    if (last and said[-1] not in last) or said[-1] in not_last:
        return "misfit"
    return prompt


def as_string(value, strategy):
    """The string to write, or ``misfit`` or ``error`` as a one-element tuple."""
    if isinstance(value, str):
        messages = chat_text(value)
        return value if messages is None else flatten(messages, strategy or detect(messages))
    return ("error",) if strategy is None else flatten(value, strategy)


def expected(rows, columns, differ=()):
    """For each row the row to write, ``misfit`` or ``error``."""
    strategies = {}
    for column in columns:
        first = [row[column] for row in rows[:10] if row.get(column) is not None]
        value = first[0] if first else None
        value = (chat_text(value) or value) if isinstance(value, str) else value
        strategies[column] = detect(value)
    outcomes = []
    for row in rows:
        written, bad = {}, set()
        for column in columns:
            value = row.get(column)
            if value is None:
                bad.add("error")
            else:
                written[column] = as_string(value, strategies[column])
                if isinstance(written[column], tuple):
                    bad.add(written[column][0])
        if not bad and any(written[a] == written[b] for a, b in differ):
            bad.add("misfit")
        outcomes.append("error" if "error" in bad else "misfit" if bad else written)
    return outcomes


def has_text(value):
    if isinstance(value, str):
        return value.strip(" \t\n\r\u2028") not in ("", "[]", "{}", "null")
    if isinstance(value, (list, dict)):
        return any(map(has_text, value.values() if isinstance(value, dict) else value))
    return False


def joined(row, sources):
    """The parts that have text with a blank line between; ``error`` for a part that is no text."""
    parts = [row.get(name) for name in sources]
    if any(not isinstance(part, (str, type(None))) for part in parts):
        return ("error",)
    if all(part is None for part in parts) or len(parts) == 1:
        return parts[0]
    return "\n\n".join(part for part in parts if part and part.strip(" \t\n\r\u2028"))


def expected_pairs(rows, prompt, completion, watched):
    """For each row of ``prompt`` and ``completion`` the row to write, or ``error``.

    Both are made of the named columns; text of ``watched`` columns must be somewhere in the row.
    """
    outcomes = []
    for row in rows:
        written = {"prompt": joined(row, prompt), "completion": joined(row, completion)}
        texts = list(written.values())
        fine = all(isinstance(text, str) for text in texts)
        for name in watched if fine else ():
            value = row.get(name)
            if has_text(value) and not (
                isinstance(value, str) and any(value.strip(" \t\n\r\u2028") in t for t in texts)
            ):
                fine = False
        outcomes.append(written if fine else "error")
    return outcomes
