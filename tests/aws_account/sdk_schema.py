"""The SageMaker SDK's schema of its settings, checked once a test process."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any


@cache
def check_once() -> None:
    """Have each schema checked at its first use: the SDK checks its own whenever it reads settings.

    That takes two thirds of the time in which a job is submitted.
    """
    if find_spec("jsonschema") is None:  # it comes with the SDK
        return
    from jsonschema import Draft202012Validator

    check = Draft202012Validator.check_schema
    checked: dict[int, Any] = {}

    def check_schema(schema: Any, *args: Any, **keywords: Any) -> None:
        if id(schema) not in checked:
            check(schema, *args, **keywords)
            checked[id(schema)] = schema  # which keeps the number its own

    Draft202012Validator.check_schema = check_schema
