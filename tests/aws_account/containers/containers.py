"""The instances that training jobs run on, and the test's handles on them."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.aws_account.account import Account, Params
from tests.aws_account.containers import images, requests
from tests.aws_account.containers.attempt import TICK
from tests.aws_account.containers.job import PATIENCE, InstanceJob, Wish
from tests.aws_account.containers.machine.config import instances
from tests.aws_account.containers.machine.place import Place
from tests.aws_account.containers.run import Run
from tests.aws_account.containers.surroundings import Plan, Surroundings
from tests.aws_account.door.answers import invalid
from tests.aws_account.permissions.caller import Caller
from tests.aws_account.services.identity import Identity
from tests.aws_account.services.storage import Storage
from tests.aws_account.training.record import JobRecord

GRACE = 120.0
"""Seconds from SIGTERM to SIGKILL, by the documentation of StopTrainingJob."""

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
OF_IMAGE = {
    "LANG": "C.UTF-8",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "UTF-8",
}
"""Variables that AWS's images set."""

OF_MACHINE = {
    "OMP_NUM_THREADS": "1",
    "GOMP_SPINCOUNT": "1000",
    "PIP_NO_WARN_CONFLICTS": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
"""Variables for a small machine: trainings do not wait for each other, and pip does not read for
seconds all that is installed ("0" is how pip takes an option that says no)."""

LONGEST = 5 * 24 * 3600
"""AWS's default quota of the longest run time of a training job, in seconds."""

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class Containers:
    """The containers of training jobs on instances.

    Attributes:
        runs: whether containers run; else jobs on instances follow ``aws.jobs.course`` too.
        images: patterns of the tags that there are, by ``registry/repository``.
        environment: further variables of every container, those of a Hub's address for example.
        grace: seconds from SIGTERM to SIGKILL.
        quotas: most instances at once by ``(type, "training" or "spot training")``.
        longest: most seconds that a job may ask to run, a quota too.
        bugs: mistakes of this package.
    """

    def __init__(
        self,
        account: Account,
        identity: Identity,
        storage: Storage,
        caller: Caller,
        environment: Callable[[], Mapping[str, str]],
    ) -> None:
        self._account = account
        self._identity = identity
        self._caller = caller
        self._of_account = environment
        self._place = Place()
        self._runs: dict[str, Run] = {}
        self.bugs: list[str] = []
        self._around = Surroundings(
            account,
            identity,
            storage,
            self._environment,
            self._place.image.environment,
            _network,
            lambda job: not job.instance_types & self._unavailable,
            self._waited,
            lambda: self.grace,
            self.bugs,
        )
        self.clear()

    def clear(self) -> None:
        """End all jobs, their processes and threads, and forget what a test has set."""
        for run in self._runs.values():
            with run.job.changed:
                run.job.wish = "clear"
                run.job.changed.notify_all()
        for run in self._runs.values():
            run.join()
        self._runs = {}
        self.bugs.clear()
        self._around.plans.clear()
        self.runs = True
        self.images = dict(images.AWS_IMAGES)
        self.environment: dict[str, str] = {}
        self.grace = GRACE
        self.longest = LONGEST
        self.quotas: dict[tuple[str, str], int] = {}
        self._unavailable: set[str] = set()

    def close(self) -> None:
        """Leave nothing behind."""
        self.clear()
        self._place.close()

    def capacity(self, instance: str, *, available: bool) -> None:
        """Have instances of a type, or none: spot jobs wait for them, other jobs fail."""
        if available:
            self._unavailable.discard(instance)
        else:
            self._unavailable.add(instance)

    def interrupt(self, name: str, *, kill: bool = False) -> None:
        """Take a job's spot instances away; they are gone when this returns.

        Args:
            name: the job's.
            kill: without SIGTERM, the time after it and a last copy of the checkpoints.

        Raises:
            RuntimeError: the job has ended.
            KeyError: it runs no containers.
        """
        self._wish(name, "take" if kill else "interrupt")

    def lose(self, name: str) -> None:
        """Let an instance of a job die; it is gone when this returns."""
        self._wish(name, "lose")

    def once_saved(self, name: str, wish: Wish) -> None:
        """Plan one interruption, for as soon as every host has a checkpoint in S3.

        A test that looked for the checkpoint itself would be late when the machine is busy.

        Args:
            name: of the file that completes a checkpoint, as ``manifest.json``.
            wish: ``interrupt`` or ``take`` for spot instances, ``lose`` for any.
        """
        self._around.plans.append(Plan(wish, name))

    def root(self, name: str, host: int = 1) -> Path:
        """Return the folder in the place of ``/opt/ml`` of a host, once its container runs.

        Raises:
            LookupError: it does not within half a minute.
        """
        run, last = self._runs[name], time.monotonic() + PATIENCE
        while time.monotonic() < last and not run.job.ended:
            attempt = run.attempt
            if attempt is not None and run.job.secondary == "Training":
                running = attempt.hosts[host - 1 : host]
                if running and running[0].running:
                    return running[0].root
            time.sleep(TICK)
        raise LookupError(f"host {host} of {name} does not run: {run.job.secondary}")

    def require(self, params: Params, others: Iterable[JobRecord]) -> None:
        """Refuse a request for a job on instances that the service would refuse.

        Args:
            params: the request.
            others: jobs on instances that are under way.

        Raises:
            ServiceError: it contradicts itself, its image cannot be pulled, or a quota is used up.
        """
        requests.check(params)
        image = params["AlgorithmSpecification"]["TrainingImage"]
        images.require(image, params["RoleArn"], self.images, self._account, self._identity)
        used = sum((requests.wanted(job.request) for job in others), Counter())
        requests.check_quotas(params, self.quotas, used, self.longest)
        if self.runs and sys.platform != "linux" and len(instances(params)) > 1:
            raise invalid("Several hosts have addresses of their own on Linux only.")

    def start(self, params: Params) -> InstanceJob:
        """Make a job and run it in a thread."""
        job = InstanceJob(params, self._account)
        run = self._runs[job.name] = Run(job, self._around, self._place.folder())
        run.start()
        return job

    def _wish(self, name: str, wish: Wish) -> None:
        self._runs[name].job.fulfil(wish, self.grace)

    def _waited(self, job: InstanceJob) -> bool:
        longest = job.request["StoppingCondition"].get("MaxWaitTimeInSeconds")
        now = self._account.clock.now()
        return longest is not None and (now - job.record["CreationTime"]).total_seconds() > longest

    def _environment(self, job: InstanceJob, programs: Path) -> Mapping[str, str]:
        """Gather the variables of a container; nothing of this process's own."""
        of_account = dict(self._of_account())
        if job.request.get("EnableNetworkIsolation"):
            of_account = {n: v for n, v in of_account.items() if n not in CREDENTIALS}
        else:
            of_account |= self._credentials(job)
        return {
            "PATH": os.pathsep.join((str(programs), str(self._place.image.bin), SYSTEM_PATH)),
            **OF_IMAGE,
            **OF_MACHINE,
            **of_account,
            **self.environment,
            "TRAINING_JOB_NAME": job.name,
            "TRAINING_JOB_ARN": job.arn,
            **job.request.get("Environment", {}),
        }

    def _credentials(self, job: InstanceJob) -> dict[str, str]:
        """Begin a session of the job's role; returns its credentials as variables."""
        given = self._account.client("sts").assume_role(
            RoleArn=job.role, RoleSessionName="SageMaker"
        )
        keys = given["Credentials"]
        self._caller.roles[keys["AccessKeyId"]] = job.role
        values = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        return dict(zip(CREDENTIALS, values, strict=True))


def _network() -> str:
    """Draw the first three numbers of the addresses of a job's hosts."""
    if sys.platform != "linux":
        return "127.0.0"
    return f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(256)}"
