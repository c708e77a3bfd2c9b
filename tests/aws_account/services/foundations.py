"""Bedrock's foundation models: which a region serves, and AWS's list of those that judge."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.aws_account.account import Account, Params, Result
from tests.aws_account.door.answers import ServiceError, invalid

JUDGES_KEY = "fmhMetadata/supported-llmaj-judge-models.json"
TRAINING = (
    "openai.gpt-oss-120b-1:0",
    "openai.gpt-oss-20b-1:0",
    "qwen.qwen3-32b-v1:0",
    "qwen.qwen3-coder-30b-a3b-v1:0",
)
"""Judges that the SDK's trainer of RLAIF knows, in every region."""

NOVA = "amazon.nova-pro-v1:0"
SONNET = "anthropic.claude-sonnet-4-6"
RETIRED = "anthropic.claude-3-haiku-20240307-v1:0"
EVALUATION = (NOVA, SONNET, "openai.gpt-oss-120b-1:0", RETIRED)
"""Some of the judges that AWS lists for evaluations, one past its life among them."""


def judges_bucket(region: str) -> str:
    """The bucket in which AWS keeps a region's list of judges."""
    return f"jumpstart-cache-prod-{region}"


def judges_document(judges: Iterable[str] = EVALUATION) -> bytes:
    """The list as the SageMaker SDK 3.27 reads it."""
    rows = [{"model_id": judge} for judge in judges]
    return json.dumps({"schema_version": "1.0", "supported_judge_models": rows}).encode()


class Foundations:
    """Foundation models by id; each is served unless its life has ended.

    Attributes:
        ends: when the life of a model ends, by id (also in the past).
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clear()

    def clear(self) -> None:
        self.models = list(dict.fromkeys((*TRAINING, *EVALUATION)))
        self.ends: dict[str, datetime] = {RETIRED: datetime(2026, 9, 10, tzinfo=UTC)}

    def end(self, model: str, *, days: int) -> None:
        """Let the life of a model end in so many days; a negative number is in the past."""
        self.ends[model] = datetime.now(UTC) + timedelta(days=days)

    def get_foundation_model(self, params: Params) -> Result:
        model = str(params["modelIdentifier"]).rpartition("/")[2]
        if model not in self.models:
            if "." not in model:
                raise invalid("The provided model identifier is invalid.")
            text = "Could not resolve the foundation model from the provided model identifier."
            raise ServiceError("ResourceNotFoundException", text, 404)
        return {"modelDetails": self._details(model)}

    def list_foundation_models(self, params: Params) -> Result:
        provider = str(params.get("byProvider", "")).casefold()
        chosen = [model for model in self.models if model.startswith(provider)]
        return {"modelSummaries": [self._details(model) for model in chosen]}

    def _details(self, model: str) -> dict[str, Any]:
        lifecycle: dict[str, Any] = {"status": "LEGACY" if model in self.ends else "ACTIVE"}
        if model in self.ends:
            lifecycle["endOfLifeTime"] = self.ends[model]
        return {
            "modelArn": f"arn:aws:bedrock:{self._account.region}::foundation-model/{model}",
            "modelId": model,
            "modelName": model.partition(".")[2][:20],
            "providerName": model.partition(".")[0],
            "inputModalities": ["TEXT"],
            "outputModalities": ["TEXT"],
            "inferenceTypesSupported": ["ON_DEMAND"],
            "modelLifecycle": lifecycle,
        }
