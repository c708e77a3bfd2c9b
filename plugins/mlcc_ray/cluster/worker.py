"""One worker of a job: Ray Train runs :func:`train` in each of them."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlcc_core import MlccError
from mlcc_engine import job_result
from mlcc_engine.checkpoint.store import ELSEWHERE
from mlcc_engine.container.ending import LOGS, found
from mlcc_engine.job_result import JobResult
from mlcc_engine.ranks.blame import OUT_OF_REACH
from mlcc_engine.ranks.world import RANKS
from mlcc_ray.cluster import attempts, preparing
from mlcc_ray.cluster.meeting import Meeting, Rank
from mlcc_ray.cluster.mirror import REPLACED, Mirror
from mlcc_ray.cluster.place import END, ENDED, LOG, OUTPUT, STOP, WARNINGS, Place, result_of
from mlcc_ray.cluster.preparing import Work
from mlcc_ray.cluster.process import Training

LOOK = 0.2
"""Seconds from one look at the child to the next."""

LAST_CHANCE = 20.0
"""Seconds for a process whose others have failed: it may wait for them for long."""

STRAGGLERS = 5.0
"""Seconds for the others to say how they ended, once this one saw no more than that they did."""


class Lost(Exception):
    """The process that trained is gone, and no input is to blame: Ray Train tries again."""


def train(config: Mapping[str, Any]) -> dict[str, Any] | None:
    """Train as one of the processes of a job.

    Args:
        config: ``storage``, ``name``, and the mark of the ``driver``.

    Returns:
        The document of a result that the storage may not have taken; ``None`` otherwise.

    Raises:
        Lost: Ray Train is to start all workers anew.
    """
    from ray.train import get_context

    context = get_context()
    rank = Rank(
        context.get_world_rank(),
        context.get_world_size(),
        context.get_local_rank(),
        context.get_local_world_size(),
    )
    place = Place.at(str(config["storage"]), str(config["name"]))
    return Worker(place, rank, str(config["driver"])).run()


class Worker:
    """One worker of one attempt.

    Args:
        place: of the job, in the storage.
        rank: of the worker.
        driver: the mark of its driver.
    """

    def __init__(self, place: Place, rank: Rank, driver: str) -> None:
        self._place, self._rank, self._driver = place, rank, driver
        # Before anything that can fail: what fails each time is given up in time.
        self._begun = self._begin()
        self._meeting = Meeting(rank)

    def run(self) -> dict[str, Any] | None:
        """Prepare, train, and end the job where that is over."""
        try:
            with preparing.work_folder(self._place) as work:
                return self._run(work)
        except MlccError as error:
            return self._agreed(job_result.failure(error))

    def _run(self, work: Work) -> dict[str, Any] | None:
        mirror = Mirror(self._place, work, self._rank, self._driver)
        over = self._prepare(work, mirror)
        if (ended := self._agreed(over)) is not None:
            return ended
        mirror.start()
        try:
            code = self._train(work, mirror)
        finally:
            trouble = self._finish(mirror)
        return self._end(work, mirror, code, trouble)

    # --- before ----------------------------------------------------------------------------

    def _prepare(self, work: Work, mirror: Mirror) -> JobResult | None:
        """Make ready to train; return a result where the job is over before that."""
        if isinstance(self._begun, JobResult):
            return self._begun
        try:
            body = dict(self._place.request())
            body.pop("ray", None)
            mirror.fetch()
            if self._begun is not None:
                _append(work, WARNINGS, self._begun)
                _append(work, LOG, f"⚠️  {self._begun}")
            if missing := preparing.find_missing(str(body.get("trainer"))):
                return preparing.lacking(missing, self.node)
            preparing.write_request(self._place, work, body, self._rank.size)
            preparing.fetch_checkpoints(self._place, work, self._rank.rank, self._rank.size)
        except MlccError as error:
            failed = job_result.failure(error)
            return replace(failed, reason=f"On the cluster's node {self.node}: {failed.reason}")
        return None

    def _begin(self) -> JobResult | str | None:
        """Count this attempt, in the first worker.

        Returns:
            A result where the job is over; else what to tell people, if there is something.
        """
        try:
            if not self._leads:
                return self._place.result()
            if known := self._place.result():
                return known
            self._place.tell("preparing")
            step, reason, given_up = attempts.begin(self._place, self._rank.size)
        except MlccError as error:
            return job_result.failure(error)
        if given_up is not None or reason is None:
            return given_up
        goes_on = f"goes on from step {step}" if step else "begins anew"
        return f"The workers were started anew ({reason}); the training {goes_on}."

    def _agreed(self, over: JobResult | None) -> dict[str, Any] | None:
        """Have all workers train, or none; return the document of a result that ends the job."""
        mine = {} if over is None else job_result.as_document(over)
        results = [document for document in self._meeting.agree(mine) if document]
        return self._conclude(result_of(results[0])) if results else None

    # --- meanwhile -------------------------------------------------------------------------

    def _train(self, work: Work, mirror: Mirror) -> int:
        """Have the child train to its end; return its exit code."""
        environment = {
            ELSEWHERE: str(work.checkpoints),
            **self._meeting.environment(),
        }
        child = Training(work.folder, environment, self._line_of(work), self._state)
        patience, told = LAST_CHANCE, False
        try:
            while (code := child.wait(LOOK)) is None:
                if mirror.told is not None and not told:
                    told = True
                    if mirror.told == STOP:
                        (work.folder / STOP).touch()
                    child.tell()
                if self._failed():
                    patience -= LOOK
                if patience <= 0 or mirror.told == REPLACED:
                    child.kill()
        finally:
            child.kill()
        return code

    def _failed(self) -> bool:
        """Return whether the process of another worker has failed."""
        return any(told["result"]["state"] != "completed" for told in self._meeting.over().values())

    def _line_of(self, work: Work) -> Any:
        here, there = str(work.output), self._place.address(OUTPUT)

        def take(line: str) -> None:
            line = line.replace(here, there)
            print(line, flush=True)
            if self._leads:
                _append(work, LOG, line)

        return take

    def _state(self, state: str) -> None:
        if self._leads:
            self._place.tell(state)

    def _finish(self, mirror: Mirror) -> JobResult | None:
        """Copy what is left; return the result of a job whose storage refuses that."""
        try:
            mirror.finish()
        except MlccError as error:
            return job_result.failure(error)
        return None

    # --- after -----------------------------------------------------------------------------

    def _end(
        self, work: Work, mirror: Mirror, code: int, trouble: JobResult | None
    ) -> dict[str, Any] | None:
        """Tell the others, and end the job where it is over.

        Raises:
            Lost: it is not; the workers are to be started anew.
        """
        folder = work.folder / RANKS / str(self._rank.rank) if self._rank.rank else work.folder
        mine = _for_elsewhere(found(folder, code), work)
        lost = not _says_why(mine, code)
        self._meeting.tell({"lost": lost, "result": job_result.as_document(mine)})
        if mirror.told == REPLACED:
            return None
        if mirror.told == END and mine.state != "completed":
            self._state(ENDED)
            return None
        if mirror.told == STOP:
            lost, mine = False, JobResult("stopped", reason="it was asked to stop")
        result = self._of_the_others() if lost else mine
        if result is None:
            raise Lost(_why(mine, code, self.node))
        if trouble is not None and result.state == "completed":
            result = trouble
        if not self._leads:
            return None
        if result.state == "completed":
            try:
                self._place.tell("saving")
                self._place.storage.upload(work.output, self._place.path(OUTPUT))
            except MlccError as error:
                result = job_result.failure(error)
            else:
                result = replace(result, output=self._place.address(OUTPUT))
        return self._conclude(result)

    def _of_the_others(self) -> JobResult | None:
        """Return the result of another worker that says why; ``None`` where none does."""
        deadline = time.monotonic() + STRAGGLERS
        while len(over := self._meeting.over()) < self._rank.size - 1:
            if time.monotonic() > deadline:
                break
            time.sleep(LOOK)
        told = [over[rank] for rank in sorted(over) if not over[rank]["lost"]]
        telling = [result for each in told if (result := result_of(each["result"])).fault]
        return min(telling, key=lambda result: result.fault == "platform", default=None)

    def _conclude(self, result: JobResult) -> dict[str, Any] | None:
        """Write down how the job ended; the first worker alone does."""
        if not self._leads:
            return None
        try:
            result = self._place.end(result)
        except MlccError as error:
            result = result if result.state == "failed" else job_result.failure(error)
        else:
            if not result.interrupted:
                self._place.clear()
        return job_result.as_document(result)

    @property
    def _leads(self) -> bool:
        return self._rank.rank == 0

    @property
    def node(self) -> str:
        """Return the name of this machine, for people."""
        return socket.gethostname()


def _says_why(result: JobResult, code: int) -> bool:
    """Return whether a result is more than that a process, this one or another, is gone."""
    if code < 0:
        return False
    return not (result.interrupted and str(result.reason).startswith(OUT_OF_REACH))


def _why(result: JobResult, code: int, node: str) -> str:
    if code == -signal.SIGKILL:
        return f"the training process on {node} was killed, or the node ran out of memory"
    if code < 0:
        return f"the training process on {node} was ended by signal {-code}"
    return str(result.reason)


def _append(work: Work, name: str, line: str) -> None:
    with (work.folder / name).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
        file.flush()


def _for_elsewhere(result: JobResult, work: Work) -> JobResult:
    """Return a result that names no folder of this machine, which is gone with the worker."""
    if result.hint is not None and str(work.folder) in result.hint:
        return replace(result, hint=LOGS)
    return result
