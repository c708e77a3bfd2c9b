"""Asking what is deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import endpoint_of
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.serving import components

MOST_TOKENS = 256
"""Tokens of a reply: enough to see how a model answers."""


def ask(context: Context, prompt: str, target: str | None) -> str:
    """The reply of the base model, or of the adapter or model ``target``, always the likeliest.

    Raises:
        MlccError: it is not deployed.
        PlatformError: it cannot be asked, or answers something else.
    """
    endpoint = endpoint_of(context)
    component = target or components.require_base(context)

    def absent(words: str) -> MlccError:
        return MlccError(
            f"{component!r} does not answer on the endpoint {endpoint}: {words}",
            hint="./do/adapter list",
        )

    def failed(words: str) -> MlccError:
        return PlatformError(
            f"{component!r} could not answer: {words}",
            hint=f"aws logs tail /aws/sagemaker/InferenceComponents/{component}",
        )

    on = {"ValidationError": absent, "missing": absent, "ModelError": failed}
    document = {
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": MOST_TOKENS,
        "temperature": 0,
    }
    with aws_call(f"ask {component}", "sagemaker:InvokeEndpoint", on):
        answer = client(context, "sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint,
            InferenceComponentName=component,
            ContentType="application/json",
            Accept="application/json",
            Body=json.dumps(document, ensure_ascii=False).encode(),
        )
        data = answer["Body"].read()
    try:
        return reply_in(json.loads(data))
    except (ValueError, KeyError, IndexError, TypeError):
        raise PlatformError(
            f"{component!r} answered something that is not a reply: {data[:200]!r}"
        ) from None


def reply_in(document: Any) -> str:
    """The text in an answer: a chat completion, or ``generated_text`` as older containers send.

    Raises:
        KeyError, IndexError, TypeError: there is none.
    """
    if isinstance(document, list):
        document = document[0]
    if not isinstance(document, Mapping):
        raise TypeError(type(document).__name__)
    if "choices" in document:
        choice = document["choices"][0]
        return str(choice["message"]["content"] if "message" in choice else choice["text"])
    return str(document["generated_text"])
