"""The subprocess that runs a task: ``python -m mlcc_local.job.worker_main TASK ANSWER_FD``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import is_out_of_memory, out_of_memory

REPLY = "I do not know."
"""Reply that a judge is asked to score before a job."""


def forecast(arguments: Mapping[str, Any]) -> list[str]:
    """Forecast a job: device, memory, rows that are cut or teach nothing."""
    from mlcc_engine import request
    from mlcc_engine.forecast.forecast import forecast

    return forecast(request.parse(arguments["request"]))


def trial(arguments: Mapping[str, Any]) -> list[str]:
    """Score a few made-up replies to rows of the dataset, as the job would."""
    from mlcc_core.contract import reward

    evaluator, rows = arguments["evaluator"], arguments["rows"]
    if evaluator["kind"] == "function":
        return reward.try_reward_function(reward.load_function(evaluator["value"]), rows)
    from mlcc_engine import process
    from mlcc_engine.reward import judge

    process.quiet_libraries()
    ready = judge.load_judge(evaluator["value"], evaluator["settings"], patient=False)
    return judge.try_out(ready, reward.build_event(rows[0], REPLY, "0"))


TASKS: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "forecast": forecast,
    "trial": trial,
}


def main(task: str, answers: int) -> None:
    """Do ``task`` with the arguments on standard input, answer on the file descriptor."""
    arguments = json.load(sys.stdin)
    answer: dict[str, object]
    try:
        answer = {"lines": TASKS[task](arguments)}
    except MlccError as error:
        answer = {"error": error.as_json()}
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        problem = MlccError(f"The {task} failed: {type(error).__name__}: {first}")
        if is_out_of_memory(error):
            problem = out_of_memory(error, f"The {task}")
        answer = {"error": problem.as_json()}
    with os.fdopen(answers, "w", encoding="utf-8") as file:
        json.dump(answer, file)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
