"""The result of benchmarks and scorers: means with their standard errors, and a scorer's rows."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlcc_core import Context, ManagedRow, ManagedScore, ManagedScores, ManagedSpec
from mlcc_sagemaker.managed.benchmarks import find_benchmark
from mlcc_sagemaker.managed.metrics import OF_TEXT, REWARD, title
from mlcc_sagemaker.managed.results.outputs import Outputs
from mlcc_sagemaker.managed.results.values import read_list, read_number

ERROR = "_stderr"
WHOLE = "all"
REPLIES_FILE = "inference_output.jsonl"


def read_scores(context: Context, name: str, spec: ManagedSpec) -> ManagedScores:
    """Return the result of a benchmark or a scorer.

    Raises:
        MlccError: there is none, or it cannot be understood.
        PlatformError: it cannot be read.
    """
    outputs = Outputs(context, name)
    key = outputs.require(
        "results", lambda file: file.startswith("results_") and file.endswith(".json")
    )
    numbers = _numbers(outputs.read_json(key))
    if not numbers:
        raise outputs.strange(key, "has no numbers under results")
    rows = _rows(outputs) if spec.kind == "scorer" else ()
    decisive, note = _decisive(spec, numbers)
    scores = [
        ManagedScore(
            metric,
            title(metric),
            value,
            rows=len(rows) or None,
            error=error,
            decides=metric == decisive,
        )
        for metric, (value, error) in numbers.items()
    ]
    scores.sort(key=lambda score: not score.decides)
    return ManagedScores(tuple(scores), tuple(rows), (note,) if note else ())


def _numbers(document: Mapping[str, Any]) -> dict[str, tuple[float, float | None]]:
    """Return each metric's mean and standard error: over all tasks, else of the first that has any.

    Example:
        >>> _numbers({"results": {"all": {"accuracy": 0.5, "accuracy_stderr": 0.01}}})
        {'accuracy': (0.5, 0.01)}
    """
    results = document.get("results")
    results = results if isinstance(results, Mapping) else {}
    tasks = [results.get(WHOLE), *results.values()]
    chosen = next((task for task in tasks if isinstance(task, Mapping) and task), {})
    values = {str(name): read_number(value) for name, value in chosen.items()}
    return {
        name: (value, values.get(f"{name}{ERROR}"))
        for name, value in values.items()
        if value is not None and not name.endswith(ERROR)
    }


def _decisive(spec: ManagedSpec, names: Iterable[str]) -> tuple[str, str | None]:
    """Return the metric by which the evaluation is judged, and a note where that is a guess.

    A benchmark's is known. A scorer's is its own: what it gives beside the comparisons with the
    row's reply that every result has.
    """
    known = list(names)
    if spec.kind == "benchmark":
        _, benchmark, _ = find_benchmark(spec.benchmark or "")
        if benchmark.metric in known:
            return benchmark.metric, None
        return known[0], (
            f"The result names no {title(benchmark.metric)}; {title(known[0])} stands in for it."
        )
    own = [name for name in known if name not in OF_TEXT]
    if own:
        return (REWARD if REWARD in own else own[0]), None
    return known[0], "The result has no number of the scorer's own, only comparisons with replies."


def _rows(outputs: Outputs) -> Sequence[ManagedRow]:
    """Return the rows that a scorer was given; the service keeps no scores of single rows."""
    key = outputs.find(lambda file: file == REPLIES_FILE)
    if key is None:
        return ()
    hashes = RowHashes()
    rows = []
    for line in outputs.read_lines(key):
        expected = _text(line.get("gold"))
        prompt = as_messages(line.get("prompt"))
        reply = _text(line.get("inference"))
        rows.append(ManagedRow(hashes.next(prompt, expected), prompt, expected, reply))
    return rows


class RowHashes:
    """Hashes of rows by their content; a row that comes again has one of its own."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def next(self, prompt: Sequence[Mapping[str, object]], expected: str | None) -> str:
        """Return the hash of the next row: 16 hexadecimal digits, the same for every model."""
        content = json.dumps([list(prompt), expected], sort_keys=True, ensure_ascii=False)
        times = self._seen[content]
        self._seen[content] += 1
        text = f"{content} {times}" if times else content
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def as_messages(prompt: object) -> tuple[Mapping[str, object], ...]:
    """Return a prompt of a result as messages: a list of them, also as text, or a user's text."""
    listed = read_list(prompt)
    if listed and all(isinstance(one, Mapping) and "content" in one for one in listed):
        return tuple({"role": one.get("role", "user"), "content": one["content"]} for one in listed)
    text = _text(prompt)
    return () if text is None else ({"role": "user", "content": text},)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
