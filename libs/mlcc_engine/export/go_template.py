"""A chat template in the language of Ollama, where it can be said there without a doubt.

Most templates put each message between two marks of its role. Such a one is found by rendering
conversations of unlikely words, and is held to the original by others. A template that does
anything else has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

SYSTEM, USER, REPLY = "Zaphod q1", "Trillian q2", "Marvin q3"
"""Contents that stand out in what is rendered, and that trimming leaves alone."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The texts around messages.

    Attributes:
        around: before and after a message, by role.
        default: what a conversation without a system message begins with.
        opening: what a reply is put behind.
    """

    around: dict[str, tuple[str, str]]
    default: str
    opening: str

    def rendered(self, messages: list[dict[str, str]]) -> str:
        """Return a conversation as these marks render it, ready for a reply."""
        begin = "" if messages[0]["role"] == "system" else self.default
        parts = [
            f"{before}{m['content']}{after}"
            for m in messages
            for before, after in [self.around[m["role"]]]
        ]
        return f"{begin}{''.join(parts)}{self.opening}"


def go_template(tokenizer: Any) -> str | None:
    """Return the template of a tokenizer in Go's language; ``None`` where it cannot be said."""
    try:
        marks = _marks(tokenizer)
        good = marks is not None and all(
            marks.rendered(each) == _render(tokenizer, each) for each in _trials()
        )
    except Exception:  # a template may refuse any conversation, in its own words
        return None
    if marks is None or not good:
        return None
    texts = [*(text for pair in marks.around.values() for text in pair), marks.default]
    if any(sign in text for text in (*texts, marks.opening) for sign in ("{{", "}}", '"""')):
        return None
    begun = tokenizer.bos_token
    if begun and _render(tokenizer, _trials()[0]).startswith(begun) and _adds_begin(tokenizer):
        return None  # llama.cpp would add it again
    return _in_go(marks)


def _marks(tokenizer: Any) -> Marks | None:
    """Return the marks that a few renderings show."""
    user, system = _message("user", USER), _message("system", SYSTEM)
    bare, asked = (_render(tokenizer, [user], prompt=prompt) for prompt in (False, True))
    told = _render(tokenizer, [system, user], prompt=False)
    longer = _render(tokenizer, [system, user, _message("assistant", REPLY), user], prompt=False)
    before_system, _, after_system = told.partition(SYSTEM)
    before_reply, _, after_reply = longer.removeprefix(told).partition(REPLY)
    before, _, after = bare.partition(USER)
    texts = [before, *(text.partition(USER)[0] for text in (after_system, after_reply))]
    # All that stands before a user's message each time, without the end of another message.
    first = _shared_end(texts).removeprefix(after)
    ending = f"{first}{USER}{after}"
    if not first or not asked.startswith(bare):
        return None
    return Marks(
        {
            "system": (before_system, after_system.removesuffix(ending)),
            "user": (first, after),
            "assistant": (before_reply, after_reply.removesuffix(ending)),
        },
        bare.removesuffix(ending),
        asked.removeprefix(bare),
    )


def _shared_end(texts: list[str]) -> str:
    """Return the longest text that all texts end with."""
    alike = takewhile(lambda signs: len({*signs}) == 1, zip(*map(reversed, texts), strict=False))
    return "".join(signs[0] for signs in alike)[::-1]


def _trials() -> list[list[dict[str, str]]]:
    """Return conversations by which a template is held to the original."""
    say = _message
    long = [say("user", "One?"), say("assistant", "Two."), say("user", "Three?")]
    return [
        [say("user", "Hello, you.")],
        [say("system", "Be brief."), say("user", "Hello, you.")],
        long,
        [say("system", "Be brief."), *long, say("assistant", "4"), say("user", "5\n6")],
    ]


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _render(tokenizer: Any, messages: list[dict[str, str]], *, prompt: bool = True) -> str:
    rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt)
    return str(rendered)


def _adds_begin(tokenizer: Any) -> bool:
    return bool(tokenizer("a")["input_ids"][0] == tokenizer.bos_token_id)


def _in_go(marks: Marks) -> str:
    parts = []
    if marks.default:
        parts.append('{{ if ne (index .Messages 0).Role "system" }}' + marks.default + "{{ end }}")
    parts.append("{{ range .Messages }}")
    for place, (role, (before, after)) in enumerate(marks.around.items()):
        word = "if" if place == 0 else "else if"
        parts.append(f'{{{{ {word} eq .Role "{role}" }}}}{before}{{{{ .Content }}}}{after}')
    parts.append("{{ end }}{{ end }}" + marks.opening)
    return "".join(parts)
