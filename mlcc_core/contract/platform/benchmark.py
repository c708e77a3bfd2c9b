"""Benchmarks: tests of models with documents, prompts and a metric of their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark that a platform can run.

    Attributes:
        name: as the user named it.
        source: by which the platform finds it again.
        metric: name of its metric: ``arc_easy_acc``.
        title: of the metric, for people.
        higher_is_better: the direction of an improvement.
        documents: hash of the content of each of its documents.
        fingerprint: changes with the way its documents are asked and measured: answers are
            stored under it.
    """

    name: str
    source: str
    metric: str
    title: str
    higher_is_better: bool
    documents: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class BenchmarkAnswer:
    """The answer of a model to one document of a benchmark.

    Attributes:
        value: of the benchmark's metric.
        prompt: text that the document asks with.
        expected: the right answer, where the benchmark tells it.
        reply: the answer, or the choice that the model finds most likely.
    """

    value: float
    prompt: str
    expected: str | None = None
    reply: str | None = None
