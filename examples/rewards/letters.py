"""A reward that a small model can learn: how much of the reply is the letter asked for."""

import json
from collections.abc import Sequence
from typing import Any


def lambda_handler(event: Sequence[dict[str, Any]], _context: object) -> dict[str, object]:
    """Score each reply: ``event`` is a list of rows, the last message is the reply.

    The row's columns come along, here ``reference_answer``, the letter. The same function runs on
    AWS Lambda.
    """
    scores = []
    for row in event:
        reply = row["messages"][-1]["content"].lower()
        share = reply.count(row["reference_answer"]) / max(len(reply), 1)
        scores.append({"id": row["id"], "aggregate_reward_score": share})
    return {"statusCode": 200, "body": json.dumps(scores)}
