"""Errors of the server, in OpenAI's form."""

from __future__ import annotations

from mlcc_core.contract.platform.chatting import PromptTooLong
from mlcc_core.errors import MlccError, PlatformError


class ApiError(Exception):
    """An error that a client is told.

    Args:
        status: of HTTP.
        message: for people.
        code: for programs.
        param: the parameter of the request that is wrong.
    """

    def __init__(self, status: int, message: str, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code = status, code
        kind = "invalid_request_error" if status < 500 else "server_error"
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def client_gone() -> ApiError:
    """Return the end, in the log alone, of a request whose client has gone."""
    return ApiError(499, "The client has gone.", "client_gone")


def server_stopping() -> ApiError:
    """Return the end of a reply that the server waits no longer for."""
    return ApiError(503, "The server is stopping.", "server_stopping")


def api_error(error: BaseException) -> ApiError:
    """Return the error that a client is told for one of a model."""
    if isinstance(error, ApiError):
        return error
    if not isinstance(error, MlccError):
        return ApiError(500, "The server failed; its log says how.", "internal_error")
    what = f"{error.where}: {error.what}" if error.where else error.what
    if isinstance(error, PlatformError):
        return ApiError(503, what, "model_unavailable")
    if isinstance(error, PromptTooLong):
        return ApiError(400, what, "context_length_exceeded", "messages")
    return ApiError(400, what, "invalid_prompt")
