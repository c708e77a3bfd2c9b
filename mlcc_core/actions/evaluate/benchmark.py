"""Two models compared on the documents of a benchmark, by its own metric."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mlcc_core.actions.evaluate.asking.desk import Desk
from mlcc_core.actions.evaluate.measuring.compare import SEED, compare
from mlcc_core.actions.evaluate.measuring.scoring import GivenMeasure, Scores
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.rows.samples import USER
from mlcc_core.actions.evaluate.statistics import ENOUGH_ROWS
from mlcc_core.actions.evaluate.targets import Match
from mlcc_core.actions.evaluate.task import Measured
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.evaluation import RowResult
from mlcc_core.contract.platform.benchmark import Benchmark
from mlcc_core.helpers.text import plural


@dataclass(frozen=True)
class BenchmarkTask:
    """The work for one target and one benchmark.

    Attributes:
        match: the two models.
        request: as it was asked.
        benchmark: that both are asked.
        documents: places of those that are asked, each content once.
    """

    match: Match
    request: EvaluateRequest
    benchmark: Benchmark
    documents: Sequence[int]

    @property
    def label(self) -> str:
        """Return the benchmark, as it is shown."""
        return f"benchmark {self.benchmark.name}"

    @property
    def settings(self) -> Mapping[str, object]:
        """Return what else decides the numbers."""
        return {
            "benchmark": self.benchmark.name,
            "benchmark_fingerprint": self.benchmark.fingerprint,
            "samples": self.request.samples,
            "seed": SEED,
        }

    def announced(self, desk: Desk) -> Iterator[str]:
        """Yield the lines about what is to begin."""
        match, found = self.match, self.benchmark
        asked = plural(len(self.documents), "document")
        direction = "higher is better" if found.higher_is_better else "lower is better"
        missing = sum(
            desk.missing_documents(subject, found, self.documents) for subject in match.subjects
        )
        stored = len(match.subjects) * len(self.documents) - missing
        yield f"📋 {match.target.title} against {match.against.title} on {asked}: {self.label}"
        yield f"   Decides: {found.title} ({direction})."
        begin = f"To ask: {plural(missing, 'answer')}" if missing else "Nothing to ask"
        yield f"   {begin}; {plural(stored, 'answer')} stored already."
        if len(self.documents) < len(found.documents):
            of = plural(len(found.documents), "document")
            yield f"ℹ️  {len(self.documents):,} of {of} taken, each content once, by their content."
        if len(self.documents) < ENOUGH_ROWS:
            yield f"⚠️  {asked}: too few for a verdict, which takes {ENOUGH_ROWS}."

    def measure(self, desk: Desk) -> Measured:
        """Ask both models, and compare their values.

        Raises:
            MlccError: a model cannot answer a document.
            PlatformError: a model cannot be asked any more.
        """
        found = self.benchmark
        ours, theirs = (
            desk.benchmark(subject, found, self.documents) for subject in self.match.subjects
        )
        metric = GivenMeasure(found.metric, found.title, found.higher_is_better)
        scores = Scores(metric, [one.value for one in ours], [one.value for one in theirs])
        rows = tuple(
            RowResult(
                row=found.documents[place],
                prompt=({"role": USER, "content": one.prompt},),
                expected=one.expected,
                reply=one.reply,
                against_reply=other.reply,
                values={found.metric: one.value},
                against_values={found.metric: other.value},
            )
            for place, one, other in zip(self.documents, ours, theirs, strict=True)
        )
        return Measured((compare(scores, decides=True),), rows, ())


def benchmark_tasks(
    matches: Sequence[Match], request: EvaluateRequest, reporter: Reporter
) -> Iterator[BenchmarkTask]:
    """Yield what is to be done for each target and benchmark.

    Raises:
        MlccError: there is no such benchmark, or it cannot be used.
        PlatformError: its documents cannot be reached.
    """
    found: dict[tuple[str, str], Benchmark] = {}
    for match in matches:
        for name in dict.fromkeys(request.benchmarks):
            key = (match.platform.name, name)
            if key not in found:
                with reporter.working(f"Reading the benchmark {name}"):
                    found[key] = match.answering.find_benchmark(match.context, name)
            documents = _chosen(found[key].documents, request.samples)
            yield BenchmarkTask(match, request, found[key], documents)


def _chosen(documents: Sequence[str], samples: int | None) -> list[int]:
    """Return the places of documents that are asked, each content once."""
    places = {document: place for place, document in reversed([*enumerate(documents)])}
    if samples is not None and samples < len(places):
        return sorted(places[document] for document in heapq.nsmallest(samples, places))
    return sorted(places.values())
