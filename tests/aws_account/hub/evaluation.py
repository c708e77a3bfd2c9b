"""The evaluation recipe of the public hub's models, and the parameters that it brings.

Which parameters there are and what begins them is the SDK's reader; ranges are made up.
"""

from __future__ import annotations

import json
from typing import Any

from tests.aws_account.hub.recipes import BUCKET, Spec, choice, integer, real, text

PREFIX = "recipes/open-source-deterministic-eval"


def parameters() -> dict[str, Spec]:
    """The override parameters document."""
    return {
        "max_new_tokens": integer(8192, 1, 16384),
        "temperature": real(0, 0, 2),
        "top_k": integer(-1, -1, 200),
        "top_p": real(1.0, 0, 1),
        "aggregation": choice("", "", "min", "max", "average", "sum"),
        "postprocessing": text("False"),
        "max_model_len": integer(12000, 1, 131072),
        "output_path": text(),
    }


def entry() -> dict[str, Any]:
    """The recipe in a model's ``RecipeCollection``."""
    return {
        "Name": "open-source-deterministic-eval",
        "DisplayName": "General text benchmark evaluation",
        "Type": "Evaluation",
        "EvaluationType": "DeterministicEvaluation",
        "Versions": ["1.0.0"],
        "Hardware": "GPU",
        "SmtjOverrideParamsS3Uri": f"s3://{BUCKET}/{PREFIX}/override_params.json",
    }


def objects() -> dict[str, bytes]:
    """The recipe's objects in AWS's bucket, by key."""
    return {f"{PREFIX}/override_params.json": json.dumps(parameters()).encode()}
