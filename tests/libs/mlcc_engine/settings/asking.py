"""A request with settings of its user."""

from __future__ import annotations

from typing import Any

from mlcc_engine import request


def asked(settings: dict[str, Any], **changes: Any) -> request.Request:
    body = {
        "job": "test",
        "technique": "sft",
        "trainer": "trl:SFTTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": "rows.jsonl",
        "output": "out",
        "user_settings": settings,
        **changes,
    }
    return request.parse(body)
