"""Asking imported models, by the runtime of Bedrock.

Models imported since November 2025 take OpenAI's chat completions, whatever their architecture,
and answer in the same form, each chunk of a stream one JSON document (AWS's page
invoke-imported-model.html): Bedrock applies the chat template of the model's tokenizer. One that
was not asked for some minutes is not loaded, and refuses (``ModelNotReadyException``) until it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mlcc_core import Context, MlccError, TransientError
from mlcc_core.helpers import first_line
from mlcc_sagemaker.answering.asking import AnyPlace, Waking, container_failed
from mlcc_sagemaker.aws.calls import client

JSON = "application/json"
REFUSED, TIMED_OUT = 400, 408


@dataclass(frozen=True, slots=True)
class ImportedPlace(AnyPlace):
    """A model that Bedrock has imported.

    Attributes:
        model: its name.
        arn: by which it is asked: the runtime takes no names.
    """

    model: str
    arn: str

    action: ClassVar[str] = "bedrock:InvokeModel"
    stream_action: ClassVar[str] = "bedrock:InvokeModelWithResponseStream"

    @property
    def name(self) -> str:
        return self.model

    @property
    def where(self) -> str:
        return " in Bedrock"

    @property
    def log(self) -> str:
        return f"aws bedrock get-imported-model --model-identifier {self.model}"

    def ask(self, context: Context, body: bytes, attempts: int) -> bytes:
        runtime = client(context, "bedrock-runtime", attempts=attempts)
        data: bytes = runtime.invoke_model(**self._arguments(body))["body"].read()
        return data

    def stream(self, context: Context, body: bytes) -> Any:
        runtime = client(context, "bedrock-runtime", attempts=1)
        return runtime.invoke_model_with_response_stream(**self._arguments(body))["body"]

    def part(self, event: Mapping[str, Any]) -> bytes:
        data: bytes = event.get("chunk", {}).get("bytes", b"")
        return data + b"\n"

    def refusals(self) -> Mapping[str, Callable[[str], MlccError]]:
        return {
            **AnyPlace.refusals(self),
            "ModelNotReadyException": lambda words: Waking(
                f"Bedrock loads {self.model!r}, which was not asked for a while; this takes "
                "minutes.",
                hint="run the same command again in some minutes",
            ),
            "ValidationException": lambda words: container_failed(self, words, REFUSED),
            "ModelErrorException": lambda words: container_failed(self, words),
            "ModelTimeoutException": lambda words: container_failed(self, words, TIMED_OUT),
            "ServiceQuotaExceededException": lambda words: TransientError(
                f"{self.model!r} cannot be asked: {first_line(words)}",
                hint="run the same command again in a minute",
            ),
        }

    def _arguments(self, body: bytes) -> dict[str, object]:
        return {"modelId": self.arn, "contentType": JSON, "accept": JSON, "body": body}
