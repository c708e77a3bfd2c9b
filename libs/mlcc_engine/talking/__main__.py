"""The process that talks: ``python -m mlcc_engine.talking ANSWER_FD``.

It does tasks as :mod:`mlcc_engine.child.tasks` reads them, many at the same time. Every task has a
number, and every answer that of its task; ``end`` or ``error`` is the last one:

    {"task": "reply", "arguments": {"number": 7, "weights": {"model": "mlcc-tiny", "adapter": null},
     "prompt": {"messages": [{"role": "user", "content": "Hi"}], "tools": []},
     "choice": {"temperature": 0}, "prompted_as": null}}
    {"number": 7, "pieces": [["Hel", false], ["lo.", false]]}
    {"number": 7, "end": {"ended": true, "tokens": 7, "prompt_tokens": 12}}

``prepare`` loads a model, ``stop`` ends the reply of its number.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import partial

from mlcc_engine import orphans
from mlcc_engine.child import tasks
from mlcc_engine.talking.talker import Talker


def main(answers: int) -> None:
    """Talk until the input ends; end with the parent, whatever is said by then."""
    orphans.stop_with_parent(os.getppid(), lambda: os.killpg(0, signal.SIGKILL))
    warnings.simplefilter("ignore")
    with tasks.channel(answers) as (source, file):
        talker = Talker(partial(tasks.answer, file))
        known: Mapping[str, Callable[..., None]] = {
            "prepare": talker.prepare,
            "reply": talker.reply,
            "stop": talker.stop,
        }
        for task, arguments in tasks.asked(source, idle=0):
            known[task](**arguments)
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
