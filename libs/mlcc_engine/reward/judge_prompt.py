"""Read the prompt file of a judge, and fill its places for one reply.

Does the reply answer {prompt} as well as {reference_answer} does? Score from 1 to 10.

{response}
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_tokens.conversation import PROMPT
from mlcc_tokens.messages import as_messages, transcript

RESPONSE = "response"
PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}|\{(\w+)\}")


def read_template(prompt_file: str) -> str:
    """Return the text of a prompt file.

    Raises:
        MlccError: it is missing, empty, or not UTF-8.
    """
    try:
        text = Path(prompt_file).expanduser().read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeError) as error:
        raise MlccError(
            f"Cannot read the reward prompt {prompt_file!r}: {error}.", where="reward prompt"
        ) from None
    if not text:
        raise MlccError(f"The reward prompt {prompt_file!r} is empty.", where="reward prompt")
    return text


def own_words(template: str) -> str:
    """Return the text of a template without its places."""
    return PLACE.sub("…", template)


def render(template: str, event: Mapping[str, Any], instruction: str = "") -> str:
    """Return the prompt for one event: places that name a column are filled, other braces stay.

    Args:
        template: the prompt file's text; without the place ``{response}``, the reply and, where
            there is no ``{prompt}`` either, the conversation before it are appended.
        event: of the reward contract.
        instruction: comes last, after a blank line.

    Raises:
        MlccError: the event's conversation is not text.
    """
    *asked, reply = as_messages(event["messages"], "user", "event")
    values = {
        **event,
        PROMPT: transcript(asked) if asked else "",
        RESPONSE: reply["content"],
    }
    used = set()

    def fill(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in values:
            return match[0]
        used.add(name)
        value = values[name]
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    parts = [PLACE.sub(fill, template)]
    if RESPONSE not in used:
        parts += [] if PROMPT in used else [f"## Prompt\n{values[PROMPT]}"]
        parts.append(f"## Response\n{values[RESPONSE]}")
    if instruction:
        parts.append(instruction)
    return "\n\n".join(parts)
