"""The process that is asked: ``python -m mlcc_engine.answers ANSWER_FD``.

It does tasks as :mod:`mlcc_engine.child.tasks` reads them. ``replies``, ``log_probabilities`` and
``benchmark`` are answered batch by batch, others at once; an answer without ``results`` is the last
one:

    {"task": "replies", "arguments": {"weights": {"model": "mlcc-tiny", "adapter": "/out"},
     "prompts": [{"messages": [{"role": "user", "content": "Hi"}], "tools": []}], "longest": 256}}
    {"results": [[0, {"text": "Hello.", "tokens": 7, "ended": true}]]}
    {}
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlcc_core import MlccError
from mlcc_engine import orphans
from mlcc_engine.answers.ready import make_ready
from mlcc_engine.child import tasks
from mlcc_engine.child.tasks import channel

Results = list[tuple[int, object]]


class Answerer:
    """Does tasks, with the models that were loaded so far."""

    def __init__(self) -> None:
        self._models: Any = None
        self._scorers: Any = None

    def load(self, weights: list[Mapping[str, Any]]) -> Iterator[Results]:
        """Load models, each once."""
        from mlcc_engine.answers.models import Weights

        for each in weights:
            self._loader().load(Weights(**each))
        yield from ()

    def replies(
        self, weights: Mapping[str, Any], prompts: list[Mapping[str, Any]], longest: int
    ) -> Iterator[Results]:
        """Reply to prompts."""
        from mlcc_engine.answers import replies
        from mlcc_engine.answers.models import Weights
        from mlcc_engine.answers.prompts import Encoder, of_json

        with self._loader().ready(Weights(**weights)) as model:
            encoder = Encoder(model)
            ids = encoder.prompts(list(of_json(prompts)))
            for places, said in replies.replies(model, ids, longest, encoder.context):
                yield [
                    (place, {"text": each.content, "tokens": each.tokens, "ended": each.ended})
                    for place, each in zip(places, said, strict=True)
                ]

    def log_probabilities(
        self, weights: Mapping[str, Any], prompts: list[Mapping[str, Any]], replies: list[str]
    ) -> Iterator[Results]:
        """Measure the replies that a dataset holds."""
        from mlcc_engine.answers.log_probabilities import log_probabilities
        from mlcc_engine.answers.models import Weights
        from mlcc_engine.answers.prompts import Encoder, of_json

        with self._loader().ready(Weights(**weights)) as model:
            passages = Encoder(model).passages(list(zip(of_json(prompts), replies, strict=True)))
            for places, found in log_probabilities(model, passages):
                yield list(zip(places, found, strict=True))

    def rewards(
        self,
        evaluator: Mapping[str, Any],
        rows: list[Mapping[str, Any]],
        replies: list[str],
    ) -> Iterator[Results]:
        """Score replies as a run's evaluator does."""
        from mlcc_engine.answers import rewards
        from mlcc_engine.request import Judging

        self._scorers = self._scorers or rewards.Scorers()
        found = rewards.rewards(self._scorers.find(Judging(**evaluator)), rows, replies)
        yield [(place, _reward(each)) for place, each in enumerate(found)]

    def find_benchmark(self, name: str) -> Iterator[Results]:
        """Look at a benchmark, without any model."""
        from mlcc_engine import process

        process.quiet_libraries()
        with process.quick_imports(alone=True):
            from mlcc_engine.benchmarks import found
        yield [(0, found.find(name))]

    def benchmark(
        self, weights: Mapping[str, Any], source: str, documents: list[int]
    ) -> Iterator[Results]:
        """Answer documents of a benchmark."""
        from mlcc_engine.answers.models import Weights

        with self._loader().ready(Weights(**weights)) as model:
            from mlcc_engine.benchmarks import documents as asking

            for places, answers in asking.answer(model, source, documents):
                yield list(zip(places, answers, strict=True))

    def _loader(self) -> Any:
        if self._models is None:
            make_ready()
            from mlcc_engine.answers.models import Models

            self._models = Models()
        return self._models


def _reward(found: float | MlccError) -> object:
    return {"error": found.as_json()} if isinstance(found, MlccError) else found


def main(answers: int) -> None:
    """Answer until the input ends; end with the parent, and with all that was started here."""
    orphans.stop_with_parent(os.getppid(), lambda: os.killpg(0, signal.SIGKILL))
    warnings.simplefilter("ignore")
    answerer = Answerer()
    known: Mapping[str, Callable[..., Iterator[Results]]] = {
        "load": answerer.load,
        "replies": answerer.replies,
        "log_probabilities": answerer.log_probabilities,
        "rewards": answerer.rewards,
        "find_benchmark": answerer.find_benchmark,
        "benchmark": answerer.benchmark,
    }
    with channel(answers) as (source, file):
        for task, arguments in tasks.asked(source, idle=0):
            last: Mapping[str, object] = {}
            try:
                for results in known[task](**arguments):
                    tasks.answer(file, {"results": results})
            except Exception as error:
                last = tasks.failure("evaluation", error)
            tasks.answer(file, last)


if __name__ == "__main__":
    main(int(sys.argv[1]))
