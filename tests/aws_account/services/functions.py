"""Lambda functions that are Python functions of the test."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.aws_account.account import Account, Params
from tests.aws_account.door.answers import Answer, ServiceError

Handler = Callable[[Any, Any], Any]


class Functions:
    """Functions by name; whatever else Lambda can do is moto's."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clear()

    def clear(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def add(self, name: str, handler: Handler) -> str:
        """Let ``handler(event, context)`` be the function ``name``; returns its ARN."""
        self._handlers[name] = handler
        return self.arn(name)

    def arn(self, name: str) -> str:
        return f"arn:aws:lambda:{self._account.region}:{self._account.id}:function:{name}"

    def knows(self, params: Params) -> bool:
        """Whether the request is about one of these functions."""
        return self._name(params) in self._handlers

    def _name(self, params: Params) -> str:
        parts = str(params.get("FunctionName", "")).split(":")
        return parts[parts.index("function") + 1] if "function" in parts else parts[-1]

    def invoke(self, params: Params) -> Answer:
        """Run the function on the request's payload, as Lambda does.

        Raises:
            ServiceError: there is no such function, or the payload is not JSON.
        """
        handler = self._handlers.get(self._name(params))
        if handler is None:
            text = f"Function not found: {self.arn(self._name(params))}"
            raise ServiceError("ResourceNotFoundException", text, 404, {"Type": "User"})
        try:
            event = json.loads(params.get("Payload") or b"null")
        except ValueError as error:
            text = f"Could not parse request body into json: {error}"
            raise ServiceError("InvalidRequestContentException", text, 400) from None
        if params.get("InvocationType") == "DryRun":
            return Answer(204)
        headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST"}
        context = SimpleNamespace(function_name=self._name(params), aws_request_id="request")
        try:
            body = json.dumps(handler(event, context))
        except Exception as error:
            headers["X-Amz-Function-Error"] = "Unhandled"
            body = json.dumps(
                {
                    "errorMessage": str(error),
                    "errorType": type(error).__name__,
                    "stackTrace": traceback.format_tb(error.__traceback__)[1:],
                }
            )
        return Answer(200, body.encode(), headers)

    def get_function(self, params: Params) -> dict[str, Any]:
        return {"Configuration": self.get_function_configuration(params), "Code": {}}

    def get_function_configuration(self, params: Params) -> dict[str, Any]:
        name = self._name(params)
        return {
            "FunctionName": name,
            "FunctionArn": self.arn(name),
            "Runtime": "python3.12",
            "Handler": "lambda_function.lambda_handler",
            "State": "Active",
            "Timeout": 60,
            "Version": "$LATEST",
        }
