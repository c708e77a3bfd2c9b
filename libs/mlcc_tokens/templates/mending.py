"""A chat template that is mended: wrapped in a template of ours, and found again inside of it.

The template of the model's author stays as it is, character by character; ours calls it as a
macro and changes what goes in or comes out:

    {# mlcc thinking=off +#}…{# mlcc begin +#}THE AUTHOR'S TEMPLATE{#+ mlcc end #}…
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

BEGIN, END = "{# mlcc begin +#}", "{#+ mlcc end #}"
WRAPPED = re.compile(
    r"\{# mlcc thinking=(on|off|none)( unopened)? \+#\}.*?"
    + re.escape(BEGIN)
    + "(.*)"
    + re.escape(END),
    re.DOTALL,
)

PARTS = (
    "{%- set mlcc = namespace(messages=[]) -%}"
    "{%- for message in messages -%}"
    "{%- if message['content'] is string -%}"
    "{%- set message = dict(message, content=[{'type': 'text', 'text': message['content']}]) -%}"
    "{%- endif -%}"
    "{%- set mlcc.messages = mlcc.messages + [message] -%}"
    "{%- endfor -%}"
)
"""For templates that take contents as lists of parts, and render texts as nothing."""


@dataclass(frozen=True, slots=True)
class Mending:
    """The changes to a template.

    Attributes:
        original: of the model's author.
        thinking: what the switch is set to, unless who renders sets it.
        switch: the template's variable that takes it; ``None`` without one.
        parts: contents go in as lists of parts.
        closes_with_eos: the last reply is followed by the end-of-sequence token.
        cut_end: so many blanks and line breaks are cut from the end of a prompt: they would
            merge with the reply into other tokens.
        cut_thought: what opens a thought, cut from the end of a prompt: replies hold none.
        cut_start: text that is cut once from the start (a second beginning of sequence).
        reply: the last reply is written by us, after what opens a reply.
        tag: encloses a thought.
        opened: what opens a reply has opened a thought, which is closed at once.
        end: follows a reply that we write.
    """

    original: str
    thinking: Literal["on", "off"] | None = None
    switch: str | None = None
    parts: bool = False
    closes_with_eos: bool = False
    cut_end: int = 0
    cut_thought: str = ""
    cut_start: str = ""
    reply: bool = False
    tag: str = "think"
    opened: bool = False
    end: str = ""

    def but(self, **changes: Any) -> Mending:
        """Return a copy with changes."""
        return replace(self, **changes)

    @property
    def template(self) -> str:
        """The template; the author's own where nothing is changed."""
        before, after = self._switched(), self._around()
        if not before and not after:
            return self.original
        unopened = " unopened" if self.cut_thought else ""
        mark = f"{{# mlcc thinking={self.thinking or 'none'}{unopened} +#}}"
        if not after:
            return f"{mark}{before}{BEGIN}{self.original}{END}"
        head = "{%- macro mlcc_chat(messages, add_generation_prompt) -%}"
        body = self.original.removesuffix("\n")  # as the engine does at the end of a template
        return f"{mark}{before}{head}{BEGIN}{body}{END}{{%- endmacro -%}}{after}"

    def _switched(self) -> str:
        if self.switch is None or self.thinking is None:
            return ""
        value = "true" if self.thinking == "on" else "false"
        return (
            f"{{%- if {self.switch} is not defined -%}}"
            f"{{%- set {self.switch} = {value} -%}}{{%- endif -%}}"
        )

    def _around(self) -> str:
        """Return the calls of the author's template that change its text."""
        changed = self.parts or self.closes_with_eos or self.cut_end or self.cut_start
        if not (changed or self.reply or self.cut_thought):
            return ""
        messages = "mlcc.messages" if self.parts else "messages"
        before = PARTS if self.parts else ""
        asked = self._call(messages, "true")
        answered = self._call(messages, "false")
        prompt = f"{asked} ~ {quoted(closing(self.tag))}" if self.opened else asked
        if self.cut_end:
            prompt = f"({prompt})[:-{self.cut_end}]"
        if self.cut_thought:
            opened = quoted(self.cut_thought)
            prompt = f"({prompt}).removesuffix({opened})"
        last = f"{{%- elif {messages}[-1]['role'] == 'assistant' -%}}"
        if self.reply:
            last += self._own_reply(self._call(f"{messages}[:-1]", "true"))
        elif self.closes_with_eos:
            last += f"{{{{- {answered} ~ eos_token -}}}}"
        else:
            last = ""
        return (
            f"{before}{{%- if add_generation_prompt -%}}{{{{- {prompt} -}}}}{last}"
            f"{{%- else -%}}{{{{- {answered} -}}}}{{%- endif -%}}"
        )

    def _call(self, messages: str, opens_reply: str) -> str:
        call = f"mlcc_chat({messages}, {opens_reply})"
        return f"({call})[{len(self.cut_start)}:]" if self.cut_start else call

    def _own_reply(self, asked: str) -> str:
        """The last reply after what opens it; with thoughts on, its thought closed as usual."""
        end = quoted(self.end)
        if self.thinking != "on":
            opened = f" ~ {quoted(closing(self.tag))}" if self.opened else ""
            return f"{{{{- {asked}{opened} ~ messages[-1]['content'] ~ {end} -}}}}"
        close = quoted(f"</{self.tag}>")
        return (
            f"{{%- set mlcc_text = messages[-1]['content'] -%}}"
            f"{{%- if {close} in mlcc_text -%}}"
            f"{{%- set mlcc_thought = mlcc_text.split({close})[0] -%}}"
            f"{{%- set mlcc_thought = mlcc_thought.split({quoted(f'<{self.tag}>')})[-1] -%}}"
            f"{{%- set mlcc_text = mlcc_text.split({close}, 1)[1].lstrip() -%}}"
            f"{{{{- {asked} ~ mlcc_thought.strip() ~ {quoted(closing(self.tag))}"
            f" ~ mlcc_text ~ {end} -}}}}"
            f"{{%- else -%}}"
            f"{{{{- {asked} ~ {quoted(closing(self.tag).lstrip())} ~ mlcc_text ~ {end} -}}}}"
            f"{{%- endif -%}}"
        )


def taken_apart(template: str) -> tuple[str, Literal["on", "off"] | None]:
    """The author's template, and the switch that a mended one was made with.

    Args:
        template: mended or not.
    """
    found = WRAPPED.match(template)
    if found is None:
        return template, None
    thinking = None if found[1] == "none" else cast('Literal["on", "off"]', found[1])
    return found[3], thinking


def is_called(template: str) -> bool:
    """Return whether the author's template is called as a macro, which changes its text.

    Args:
        template: mended or not.
    """
    return WRAPPED.match(template) is not None and "mlcc_chat(" in template


def is_unopened(template: str) -> bool:
    """Return whether a mended template leaves out what opens a thought.

    Args:
        template: mended or not.
    """
    found = WRAPPED.match(template)
    return found is not None and found[2] is not None


def closing(tag: str) -> str:
    r"""Return the text that closes a thought before the reply's content: ``\n</think>\n\n``."""
    return f"\n</{tag}>\n\n"


def with_thought(thought: str, content: str, tag: str) -> str:
    """A reply as its text holds a thought: the tag on lines of its own."""
    return f"<{tag}>\n{thought}{closing(tag)}{content}"


def quoted(text: str) -> str:
    """A literal of the template language."""
    return json.dumps(text, ensure_ascii=False)
