"""Models of Amazon Bedrock that judge: SageMaker's list of them, and their lifecycle."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.aws_account.account import Account, Params, Result
from tests.aws_account.door.answers import ServiceError

LIST_KEY = "fmhMetadata/supported-llmaj-judge-models.json"
NOVA = "amazon.nova-pro-v1:0"
SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
RETIRED = "anthropic.claude-3-haiku-20240307-v1:0"


class Bedrock:
    """The foundation models of the region.

    Attributes:
        ends: when each model is past its life, by id; ``None`` for none in sight.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clear()

    def clear(self) -> None:
        self.ends: dict[str, datetime | None] = {
            NOVA: None,
            SONNET: None,
            RETIRED: datetime(2026, 9, 10, tzinfo=UTC),
        }

    def objects(self) -> dict[str, bytes]:
        """The list in AWS's bucket, which also has models past their life, by key."""
        listed = [{"model_id": name} for name in (NOVA, SONNET, RETIRED)]
        return {LIST_KEY: json.dumps({"supported_judge_models": listed}).encode()}

    def get_foundation_model(self, params: Params) -> Result:
        name = params["modelIdentifier"].rpartition("/")[2]
        if name not in self.ends:
            text = f"Could not resolve the foundation model from the model identifier {name}."
            raise ServiceError("ResourceNotFoundException", text, 404)
        ends = self.ends[name]
        lifecycle = {"status": "ACTIVE", **({"endOfLifeTime": ends} if ends else {})}
        details = {
            "modelArn": f"arn:aws:bedrock:{self._account.region}::foundation-model/{name}",
            "modelId": name,
            "modelLifecycle": lifecycle,
        }
        return {"modelDetails": details}
