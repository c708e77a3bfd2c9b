"""MLflow: a server, a database or a folder that ``MLFLOW_TRACKING_URI`` names."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from ssl import SSLError
from typing import TYPE_CHECKING, Any

from mlcc_core import MlccError
from mlcc_core.helpers import shown_uri
from mlcc_trackers.private import shown_address
from mlcc_trackers.tracker import Ending, Point, Tracker

if TYPE_CHECKING:
    from mlflow import MlflowClient

VARIABLE = "MLFLOW_TRACKING_URI"
TAG = "mlcc.job"
KNOCK = 3.0
"""Seconds in which a server must answer anything."""

PARAMS_AT_ONCE = 100
METRICS_AT_ONCE = 1000
LONGEST_PARAM = 6000
LONGEST_TAG = 5000
ENDINGS = {"completed": "FINISHED", "failed": "FAILED", "stopped": "KILLED"}

QUIET = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""Variables of this process, unless the user set them: by itself MLflow tries for minutes, prints
where results are expected, and tells others that it is used."""


class MlflowTracker(Tracker):
    """A run of MLflow, found again by its tag."""

    name = "mlflow"
    module = "mlflow"
    requirement = "mlcc[track]"
    client: MlflowClient
    id = ""
    open = False

    @classmethod
    def check(cls, settings: Mapping[str, str]) -> None:
        if not settings.get(VARIABLE):
            raise MlccError(
                f"--tracker mlflow needs {VARIABLE}, the address of a server.",
                where="--tracker",
                hint=f"export {VARIABLE}=http://127.0.0.1:5000   # mlflow server",
            )
        super().check(settings)

    @property
    def place(self) -> str:
        return f"MLflow at {shown_address(self.variables.get(VARIABLE, ''))}"

    def reach(self) -> None:
        _knock(shown_uri(self.variables[VARIABLE]))

    def load(self) -> None:
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        # A plugin of MLflow that finds nothing to do says so at every request.
        logging.getLogger("mlflow.tracking.request_header").setLevel(logging.ERROR)
        from mlflow import MlflowClient

        self.client = MlflowClient(self.variables[VARIABLE])

    def start(self) -> None:
        experiment = self._experiment()
        named = f"tags.`{TAG}` = '{self.run.name}'"
        found = self.client.search_runs([experiment], named, max_results=1)
        run = found[0] if found else self._created(experiment)
        self.made = self.made or not found
        self.id, self.open = run.info.run_id, run.info.status == "RUNNING"
        if not found or not run.data.params:
            self._params()

    def log(self, points: Sequence[Point]) -> None:
        if not self.open:
            self.client.update_run(self.id, status="RUNNING")
            self.open = True
        self._metrics(points)

    def finish(self, ending: Ending) -> None:
        self.client.set_terminated(self.id, ENDINGS[ending])
        self.open = False

    def summarize(self, numbers: Mapping[str, float], tags: Mapping[str, str]) -> None:
        self._metrics([Point(0, time.time(), numbers)])
        for key, value in tags.items():
            self.client.set_tag(self.id, key, value[:LONGEST_TAG])

    def attach(self, name: str, document: Mapping[str, object]) -> None:
        self.client.log_dict(self.id, dict(document), name)

    def _experiment(self) -> str:
        name = self.variables.get("MLFLOW_EXPERIMENT_NAME") or self.run.project
        found = self.client.get_experiment_by_name(name)
        return str(found.experiment_id if found else self.client.create_experiment(name))

    def _created(self, experiment: str) -> Any:
        tags = {key: value[:LONGEST_TAG] for key, value in self.run.tags.items()}
        tags |= {TAG: self.run.name, "mlflow.source.name": "mlcc"}
        return self.client.create_run(experiment, tags=tags, run_name=self.run.name)

    def _params(self) -> None:
        from mlflow.entities import Param

        settings = self.run.settings.items()
        params = [Param(key, str(value)[:LONGEST_PARAM]) for key, value in settings]
        for some in _parts(params, PARAMS_AT_ONCE):
            self.client.log_batch(self.id, params=some)

    def _metrics(self, points: Sequence[Point]) -> None:
        from mlflow.entities import Metric

        metrics = [
            Metric(key, value, int(point.when * 1000), point.step)
            for point in points
            for key, value in point.numbers.items()
        ]
        for some in _parts(metrics, METRICS_AT_ONCE):
            self.client.log_batch(self.id, metrics=some)


def _knock(address: str) -> None:
    """Ask a server for anything, before a package is imported for it that takes seconds.

    Raises:
        OSError: it cannot be reached, or does not answer.
    """
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    if not address.startswith(("http://", "https://")):
        return
    try:
        urlopen(f"{address.rstrip('/')}/health", timeout=KNOCK).close()  # noqa: S310 - as above
    except HTTPError:
        return  # it answers
    except URLError as error:
        if not isinstance(error.reason, OSError) or isinstance(error.reason, SSLError):
            return  # MLflow has settings of its own for certificates
        raise error.reason from None


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]
