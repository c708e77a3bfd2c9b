"""One start of a job's instances: data in, containers run, checkpoints and output out."""

from __future__ import annotations

import shutil
import threading
import time
import traceback
from pathlib import Path

from tests.aws_account.containers.job import InstanceJob
from tests.aws_account.containers.machine import config
from tests.aws_account.containers.machine.folders import Mirror, Transfer, archive, files
from tests.aws_account.containers.machine.host import Host
from tests.aws_account.containers.machine.logs import LogStream, Metrics
from tests.aws_account.containers.requests import CHECKPOINTS
from tests.aws_account.containers.surroundings import Ending, Surroundings, reason
from tests.aws_account.permissions import role_needs

TICK = 0.02
"""Seconds between looks at the containers."""

FLUSH = 0.2
"""Seconds after which new lines are in the log at the latest."""

SYNC = 1.0
"""Seconds between looks at the checkpoints."""


class Attempt:
    """One start of all instances of a job.

    Attributes:
        hosts: its instances; none before their data is downloaded.
    """

    def __init__(self, job: InstanceJob, around: Surroundings, folder: Path) -> None:
        self._job = job
        self._around = around
        self._folder = folder
        self._transfer = Transfer(around.account, around.identity, job.role)
        algorithm = job.request["AlgorithmSpecification"]
        self._metrics = Metrics(algorithm.get("MetricDefinitions", ()))
        self.hosts: list[Host] = []
        self._mirrors: list[Mirror] = []
        self._before = job.seconds
        self._problem = ""

    def go(self) -> Ending:
        """Run the containers to their end."""
        self._job.move("Downloading", "Downloading input data")
        self._began = self._around.account.clock.now()
        try:
            if problem := self._prepare():
                return Ending("refused", problem)
            self._job.move("Training", "Training image download completed. Training in progress.")
            return self._train()
        finally:
            self._count()

    def upload(self) -> str:
        """Write model and output data of all hosts to S3; returns why the role cannot, or ""."""
        job = self._job
        for place, name, packed in (
            ("model", "model", "model.tar.gz"),
            ("output/data", "data", "output.tar.gz"),
        ):
            contents = self._contents(place)
            if contents and job.compressed:
                found = {packed: archive(contents)}
            else:
                found = {f"{name}/{path}": body for path, body in contents.items()}
            key = job.request["OutputDataConfig"].get("KmsKeyId")
            for path, body in found.items():
                if problem := self._transfer.store(f"{job.output}/{path}", body, key):
                    return problem
        return ""

    def close(self) -> None:
        """Remove the folders."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _prepare(self) -> str:
        """Lay out all hosts and download their data; returns why that failed, or ""."""
        job, request = self._job, self._job.request
        needs = role_needs.to_train_on_instances(self._around.account.region, request)
        if denied := self._around.identity.lacks(job.role, *needs):
            return f"ClientError: {denied}"
        count, network = len(config.instances(request)), self._around.network()
        addresses = [f"{network}.{number}" for number in range(1, count + 1)]
        for index, address in enumerate(addresses):
            host = self._host(index, address)
            config.write(host.root / "input" / "config", request, addresses, index)
            for channel in request.get("InputDataConfig", ()):
                source = channel["DataSource"]["S3DataSource"]
                into = host.root / "input" / "data" / channel["ChannelName"]
                if problem := self._transfer.channel(source, into, index, count):
                    return problem
            if problem := self._checkpoints(host):
                return problem
            self.hosts.append(host)
        return ""

    def _host(self, index: int, address: str) -> Host:
        account = self._around.account
        began = int(account.clock.now().timestamp() * 1000)
        stream = f"{self._job.name}/algo-{index + 1}-{began}"
        log = LogStream(stream, self._around.storage, account.clock, self._metrics)
        host = Host(address, self._folder / f"algo-{index + 1}", log)
        host.lay_out()
        return host

    def _checkpoints(self, host: Host) -> str:
        chosen = self._job.request.get("CheckpointConfig")
        if chosen is None:
            return ""
        folder = Path(config.placed(chosen.get("LocalPath", CHECKPOINTS), host.root))
        self._mirrors.append(Mirror(folder, chosen["S3Uri"], self._transfer))
        return self._mirrors[-1].restore()

    def _train(self) -> Ending:
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(done,), daemon=True)
        keeper.start()
        try:
            ending = self._unwanted() or self._run()
        finally:
            for host in self.hosts:
                host.end()
            done.set()
            keeper.join()
        gracefully = ending.how not in ("taken", "lost", "cleared")
        if gracefully and (problem := self._push()) and not ending.reason:
            ending = Ending("refused", problem)
        self._measure()
        return ending

    def _start(self, host: Host) -> None:
        algorithm = self._job.request["AlgorithmSpecification"]
        words = [*algorithm["ContainerEntrypoint"], *algorithm.get("ContainerArguments", ())]
        programs = self._around.python(host.folder / "python")
        environment = self._around.environment(self._job, programs)
        host.start([config.placed(word, host.root) for word in words], environment)

    def _run(self) -> Ending:
        """Start the containers and look at them until they end or have to."""
        for host in self.hosts:
            self._start(host)
        flushed = time.monotonic()
        while True:
            if ending := self._ended() or self._unwanted():
                return ending
            if time.monotonic() - flushed >= FLUSH:
                self._flush()
                flushed = time.monotonic()
            with self._job.changed:
                self._job.changed.wait_for(lambda: bool(self._job.wish), TICK)

    def _ended(self) -> Ending | None:
        codes = [host.code() for host in self.hosts]
        for host, code in zip(self.hosts, codes, strict=True):
            if code:
                failure = host.failure or next((h.failure for h in self.hosts if h.failure), "")
                return Ending("exited", reason(failure, code))
        return Ending("exited") if all(code == 0 for code in codes) else None

    def _unwanted(self) -> Ending | None:
        """Find an end that somebody or the time demands, and give the containers their grace."""
        job = self._job
        if self._problem:
            return Ending("refused", self._problem)
        if job.wish == "clear":
            return Ending("cleared")
        if job.wish == "lose":
            return Ending("lost")
        if job.wish == "take":
            return Ending("taken")
        limit = job.record["StoppingCondition"]["MaxRuntimeInSeconds"]
        if job.wish == "interrupt":
            ending = Ending("interrupted")
        elif job.wish == "stop":
            ending = Ending("stopped")
        elif self._spent() > limit:
            ending = Ending("too long")
        elif self._around.waited(job):
            ending = Ending("waited")
        else:
            return None
        if ending.how in ("too long", "waited"):
            job.move("Stopping", "Stopping the training job", "Stopping")
        return self._let_end() or ending

    def _let_end(self) -> Ending | None:
        """Ask the containers to end and give them time."""
        for host in self.hosts:
            host.terminate()
        last = time.monotonic() + self._around.grace()
        while time.monotonic() < last and any(host.running for host in self.hosts):
            if self._job.wish == "clear":
                return Ending("cleared")
            self._flush()
            time.sleep(TICK)
        return None

    def _keep(self, done: threading.Event) -> None:
        """Copy checkpoints to S3 as they change."""
        try:
            while not done.wait(TICK if self._around.plans else SYNC):
                self._problem = self._problem or self._push()
                self._carry_out()
        except Exception:
            self._around.bugs.append(traceback.format_exc())

    def _carry_out(self) -> None:
        """Have the wish that a test has planned for now."""
        plan = next(iter(self._around.plans), None)
        if plan and all(mirror.holds(plan.saved) for mirror in self._mirrors):
            self._around.plans.remove(plan)
            with self._job.changed:
                self._job.wish = plan.wish
                self._job.changed.notify_all()

    def _push(self) -> str:
        return next((problem for one in self._mirrors if (problem := one.push())), "")

    def _flush(self) -> None:
        for host in self.hosts:
            host.log.flush()
        self._measure()

    def _measure(self) -> None:
        if found := self._metrics.final():
            with self._around.account.lock:
                self._job.record["FinalMetricDataList"] = found

    def _spent(self) -> float:
        now = self._around.account.clock.now()
        return self._before + (now - self._began).total_seconds()

    def _count(self) -> None:
        self._job.seconds = self._spent()

    def _contents(self, place: str) -> dict[str, bytes]:
        return {
            path.relative_to(host.root / place).as_posix(): path.read_bytes()
            for host in self.hosts
            for path in files(host.root / place)
        }
