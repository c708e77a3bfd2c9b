"""Documents of a benchmark, asked of a model in blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import is_out_of_memory, reason_of
from mlcc_engine.answers.batches import in_batches
from mlcc_engine.benchmarks.model import wrap
from mlcc_engine.benchmarks.names import FLAG
from mlcc_engine.benchmarks.tasks import Loaded, load
from mlcc_engine.generate import ChatModel

BLOCK = 64
"""Documents whose answers come, and are stored, together."""

LISTED = " | "
"""Stands between right answers, where there are several."""


def answer(
    chat_model: ChatModel, source: str, documents: Sequence[int]
) -> Iterator[tuple[list[int], list[Mapping[str, object]]]]:
    """Yield the answers to documents, block by block, with their places in ``documents``.

    Args:
        chat_model: that is asked.
        source: file of the task.
        documents: places within the task.

    Raises:
        MlccError: the task fails, or has no number for a document.
    """
    loaded, model = load(Path(source)), wrap(chat_model)

    def ask(block: list[int]) -> list[Mapping[str, object]]:
        found = _asked(model, loaded, sorted({documents[place] for place in block}))
        return [found[documents[place]] for place in block]

    yield from in_batches([1] * len(documents), BLOCK, BLOCK, ask)


def _asked(model: Any, loaded: Loaded, documents: list[int]) -> dict[int, Mapping[str, object]]:
    """Return the answer to each document."""
    import lm_eval
    import torch

    torch.manual_seed(0)  # for tasks that sample
    try:
        found = lm_eval.evaluate(
            model,
            {"tasks": {loaded.name: loaded.task}, "groups": {}},
            samples={loaded.name: documents},
            bootstrap_iters=0,
            log_samples=True,
            apply_chat_template=True,
            fewshot_as_multiturn=True,
        )
    except Exception as error:  # tasks hold code and templates of anybody
        if isinstance(error, MlccError) or is_out_of_memory(error):
            raise
        raise MlccError(
            f"The benchmark {loaded.name} failed: {reason_of(error)}", where=FLAG
        ) from None
    samples = found["samples"][loaded.name]
    first = samples[0]["filter"]  # of several ways to read a reply
    return {
        int(sample["doc_id"]): _answer(loaded, sample)
        for sample in samples
        if sample["filter"] == first
    }


def _answer(loaded: Loaded, sample: Mapping[str, Any]) -> Mapping[str, object]:
    """Return the fields of a :class:`mlcc_core.BenchmarkAnswer`."""
    task, document = loaded.task, sample["doc"]
    asked, gold = task.doc_to_text(document), sample["target"]
    choices = None
    if task.OUTPUT_TYPE == "multiple_choice":
        choices = [str(choice) for choice in task.doc_to_choice(document)]
    if not isinstance(asked, str):  # the choices stand before the reply
        asked, gold = sample["arguments"][0][0], asked
    return {
        "value": _value(loaded, sample.get(loaded.metric)),
        "prompt": asked,
        "expected": _text(gold, choices),
        "reply": _reply(loaded, sample, choices),
    }


def _value(loaded: Loaded, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise MlccError(
            f"{loaded.name} has no number for each document: its {loaded.metric} is {value!r} "
            "for one.",
            where=FLAG,
            hint="choose another benchmark, or measure by a metric: mlcc evaluate --metric loss",
        )
    return number


def _reply(loaded: Loaded, sample: Mapping[str, Any], choices: list[str] | None) -> str | None:
    found = sample["filtered_resps"]
    if choices is not None:
        likely = [float(likelihood) for likelihood, _ in found[: len(choices)]]
        return choices[likely.index(max(likely))]
    return str(found[0]) if loaded.task.OUTPUT_TYPE == "generate_until" else None


def _text(gold: Any, choices: list[str] | None) -> str:
    """Return the right answer, or answers, as text."""
    if isinstance(gold, (list, tuple)):
        return LISTED.join(_text(each, choices) for each in gold)
    if choices is not None and isinstance(gold, int) and 0 <= gold < len(choices):
        return choices[gold]
    return str(gold)
