"""The subprocess that runs tasks: ``python -m mlcc_local.job.worker_main ANSWER_FD``.

It reads one task a line from its standard input and answers each with a line:

    {"task": "forecast", "arguments": {"request": {…}}}
    {"lines": ["Device: CPU, 2 cores, float32", …]}
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import is_out_of_memory, one_line, out_of_memory

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


def main(answers: int) -> None:
    """Do tasks until the input ends; a user's code finds an empty standard input."""
    tasks = os.fdopen(os.dup(0), "rb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    with tasks, os.fdopen(answers, "w", encoding="utf-8") as file:
        for line in tasks:
            asked = json.loads(line)
            file.write(json.dumps(attempt(asked["task"], asked["arguments"])) + "\n")
            file.flush()


def attempt(task: str, arguments: Mapping[str, Any]) -> Mapping[str, object]:
    """Do a task; return the answer, with its lines or its error."""
    try:
        return {"lines": TASKS[task](arguments)}
    except MlccError as error:
        return {"error": error.as_json()}
    except Exception as error:
        problem = MlccError(f"The {task} failed: {one_line(error)}")
        if is_out_of_memory(error):
            problem = out_of_memory(error, f"The {task}")
        return {"error": problem.as_json()}


if __name__ == "__main__":
    main(int(sys.argv[1]))
