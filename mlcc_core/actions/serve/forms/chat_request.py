"""The body of a request for a chat completion, checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from mlcc_core.actions.serve.forms.errors import ApiError
from mlcc_core.contract.platform.answering import Prompt
from mlcc_core.contract.platform.chatting import Sampling
from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.conversation.tools import read_calls, read_tools

IGNORED = frozenset(
    (
        *("metadata", "parallel_tool_calls", "prediction", "prompt_cache_key", "safety_identifier"),
        *("prompt_cache_retention", "service_tier", "store", "user"),
    )
)
"""Parameters that change nothing about a reply."""

NEUTRAL: dict[str, tuple[object, ...]] = {
    **dict.fromkeys(("frequency_penalty", "presence_penalty", "top_logprobs"), (0,)),
    **dict.fromkeys(("function_call", "tool_choice"), ("none", "auto")),
    "functions": ([],),
    "logit_bias": ({},),
    "logprobs": (False,),
    "n": (1,),
    "modalities": (["text"],),
    "response_format": ({"type": "text"},),
    "verbosity": ("medium",),
}
"""Values that ask for nothing, of parameters that would change a reply in ways not offered here."""


def _text(value: object) -> object:
    """Join the parts of a message; parts that are not text are refused."""
    if not isinstance(value, list):
        return "" if value is None else value
    for part in value:
        kind = part.get("type") if isinstance(part, dict) else part
        if kind != "text" or not isinstance(part.get("text"), str):
            raise ValueError(f"only parts of type 'text' can be read here, not {kind!r}")
    return "\n".join(part["text"] for part in value)


def _rows(read: Callable[[object], object]) -> BeforeValidator:
    """Take what the rows of datasets may hold, in the form that they are given."""

    def take(value: object) -> object:
        try:
            return read(value)
        except RowIssue as issue:
            raise ValueError(f"{issue.found}, expected {issue.expected}") from None

    return BeforeValidator(take)


def _texts(value: object) -> object:
    return [value] if isinstance(value, str) else value


class ChatMessage(BaseModel):
    """A message; a field with a value that no model would be told is refused."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Annotated[str, BeforeValidator(_text)] = ""
    name: str | None = None
    tool_call_id: str | None = None
    reasoning_content: str | None = None
    tool_calls: Annotated[
        list[dict[str, Any]] | None, _rows(partial(read_calls, as_written=True))
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _said(cls, message: Any) -> Any:
        """Leave out what has no value: clients send replies back with every field they know."""
        if not isinstance(message, dict):
            return message
        return {key: value for key, value in message.items() if value not in (None, [], {})}

    def as_row(self) -> dict[str, Any]:
        """Return the message as the rows of datasets have it."""
        row = {key: value for key, value in self.model_dump().items() if value}
        role = "system" if self.role == "developer" else self.role
        return {**row, "role": role, "content": self.content}


class ChatRequest(BaseModel):
    """A request for a chat completion."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False)

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    stop: Annotated[list[Annotated[str, Field(min_length=1)]] | None, BeforeValidator(_texts)] = (
        None
    )
    stream: bool | None = None
    stream_options: dict[str, bool | None] | None = None
    tools: Annotated[list[dict[str, Any]] | None, _rows(read_tools)] = None

    @property
    def prompt(self) -> Prompt:
        """Return the conversation."""
        choice = (self.model_extra or {}).get("tool_choice")
        tools = () if choice == "none" else tuple(self.tools or ())
        return Prompt(tuple(message.as_row() for message in self.messages), tools)

    @property
    def sampling(self) -> Sampling:
        """Return how the reply is chosen; without a temperature it is the most likely one."""
        longest = self.max_completion_tokens or self.max_tokens
        chosen = self.temperature or 0.0, self.top_p or 1.0
        return Sampling(*chosen, longest, self.seed, tuple(self.stop or ()))

    @property
    def include_usage(self) -> bool:
        """Return whether a streamed reply ends with the numbers of its tokens."""
        return bool((self.stream_options or {}).get("include_usage"))


def read_request(body: bytes) -> ChatRequest:
    """Return a request that can be answered as it is meant.

    Raises:
        ApiError: it cannot; the parameter is named.
    """
    try:
        request = ChatRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in first["loc"])
        param = place.removeprefix(".")
        raise _wrong(param, first["msg"].removeprefix("Value error, ")) from None
    for name, value in (request.model_extra or {}).items():
        if name not in IGNORED and value is not None and value not in NEUTRAL.get(name, ()):
            known = "this value is not offered" if name in NEUTRAL else "it is not offered"
            raise _wrong(name, f"{known} by this server", "unsupported_parameter")
    if request.messages[-1].role not in ("user", "tool"):
        raise _wrong("messages", "the last one must be the user's, or the answer of a tool")
    if request.stream_options and not request.stream:
        raise _wrong("stream_options", "only a streamed reply has them")
    return request


def _wrong(param: str, what: str, code: str = "invalid_value") -> ApiError:
    return ApiError(400, f"{param or 'The body'}: {what}.", code, param or None)
