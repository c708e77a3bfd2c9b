"""The endpoint: moto's server and our services behind one door, and the test's handles on them."""

from __future__ import annotations

import contextlib
import logging
import urllib.request
from collections.abc import Mapping
from typing import Any, cast

from tests.aws_account import clients
from tests.aws_account.account import ACCOUNT_ID, Account
from tests.aws_account.bedrock.imports import Imports
from tests.aws_account.bedrock.runtime import BedrockRuntime
from tests.aws_account.containers.containers import Containers
from tests.aws_account.door.answers import ServiceError
from tests.aws_account.door.asked import Asked
from tests.aws_account.door.faults import Fault, Faults, Kind
from tests.aws_account.door.front import Door, DoorServer, Operation
from tests.aws_account.door.log import Log
from tests.aws_account.door.traffic import Traffic
from tests.aws_account.door.trap import Trap
from tests.aws_account.hub import models
from tests.aws_account.hub.hubs import Hubs
from tests.aws_account.hub.recipes import BUCKET
from tests.aws_account.permissions.caller import Caller
from tests.aws_account.services.foundations import (
    JUDGES_KEY,
    Foundations,
    judges_bucket,
    judges_document,
)
from tests.aws_account.services.functions import Functions
from tests.aws_account.services.identity import Identity
from tests.aws_account.services.mlflow import Mlflow
from tests.aws_account.services.packages import Packages
from tests.aws_account.services.pipelines import Pipelines
from tests.aws_account.services.prices import Prices
from tests.aws_account.services.stacks import Stacks
from tests.aws_account.services.storage import Storage
from tests.aws_account.services.tags import Tags
from tests.aws_account.serving.changes import Changes
from tests.aws_account.serving.components import Components
from tests.aws_account.serving.endpoints import Serving
from tests.aws_account.serving.runtime import Runtime
from tests.aws_account.training.evaluations import Evaluations
from tests.aws_account.training.jobs import Jobs

REGION = "us-east-1"
ROLE = "SageMakerExecution"


class Aws:
    """A running endpoint; README.md shows how a test uses it.

    Attributes:
        endpoint: what ``AWS_ENDPOINT_URL`` must say.
        log: every request (:class:`Log`).
        clock: the account's time (:class:`Clock`).
        jobs, hubs, packages, serving, components, mlflow, runtime: our SageMaker.
        changes: how endpoints and components come and go.
        containers: the images, instances and quotas of jobs on instances (:class:`Containers`).
        evaluations: what evaluation jobs measure, and what models reply in them.
        functions: Lambda functions of the test.
        prices: the items of the price list.
        foundations: models that Bedrock serves, judges among them (:class:`Foundations`).
        identity: roles, and what the policy simulation denies.
        caller: who makes the requests: an administrator, or somebody with policies.
        role: ARN of a role that may do everything.
        trap: who tried to leave this machine (``trap.hosts``).
    """

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it logs every request
        self._moto = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        self._moto.start()
        self.moto: tuple[str, int] = self._moto.get_host_and_port()
        self.account = account = Account(REGION, self._past_the_door)
        self.clock = account.clock
        self.log = Log()
        self.faults = Faults()
        self.traffic = Traffic()
        self.changes = Changes()
        self.identity = Identity(account)
        self.caller = Caller(account, self.identity)
        self.hubs = Hubs(account)
        self.packages = Packages(account)
        storage = Storage(account, self.identity)
        self.functions = Functions(account)
        self.evaluations = Evaluations(storage, self.hubs, self.packages, self.functions)
        self.containers = Containers(
            account, self.identity, storage, self.caller, lambda: self.environment
        )
        self.jobs = Jobs(
            account,
            self.identity,
            storage,
            self.hubs,
            self.packages,
            self.evaluations,
            self.containers,
        )
        self.serving = Serving(account, self.identity, self.changes)
        self.components = Components(account, self.identity, storage, self.serving, self.changes)
        self.mlflow = Mlflow(account)
        self.tags = Tags()
        self.runtime = Runtime(self.serving, self.components)
        self.pipelines = Pipelines(account)
        self.foundations = Foundations(account)
        self.imports = Imports(account, self.identity, storage)
        self.bedrock = BedrockRuntime(self.imports, self.runtime)
        self.stacks = Stacks(account)
        self.prices = Prices()
        self.trap = Trap()
        self.role = f"arn:aws:iam::{ACCOUNT_ID}:role/{ROLE}"
        door = type("_Door", (Door,), {"behind": self})
        self._server = DoorServer(cast(Any, door))
        self.endpoint = self._server.address
        self.clear()

    def __enter__(self) -> Aws:
        return self

    def __exit__(self, *_: object) -> None:
        self.containers.close()
        self._server.stop()
        self._moto.stop()
        self.trap.stop()

    @property
    def environment(self) -> dict[str, str]:
        """Variables for boto3 and the SDK, in this process or in a child."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": clients.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": clients.SECRET_KEY,
            "AWS_DEFAULT_REGION": self.account.region,
            "AWS_REGION": self.account.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "HTTPS_PROXY": self.trap.address,
            "https_proxy": self.trap.address,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client through the front door, with the test's credentials and no retries."""
        from botocore.config import Config

        settings = {"config": Config(retries={"total_max_attempts": 1}), **options}
        return clients.make(service, self.endpoint, self.account.region, **settings)

    def bucket(self, name: str, objects: Mapping[str, bytes] | None = None) -> None:
        """Make a bucket with these objects, unlogged."""
        s3 = self.account.client("s3")
        s3.create_bucket(Bucket=name)
        for key, body in (objects or {}).items():
            s3.put_object(Bucket=name, Key=key, Body=body)

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        """The objects below a prefix, by key, unlogged."""
        s3 = self.account.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [row["Key"] for page in pages for row in page.get("Contents", [])]
        found = {}
        for key in keys:
            with contextlib.suppress(s3.exceptions.NoSuchKey):  # a job deletes as it runs
                found[key] = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    def inject(
        self,
        operation: str,
        kind: Kind,
        *,
        times: int | None = 1,
        after: int = 0,
        status: int = 500,
        seconds: float = 0.0,
    ) -> Fault:
        """Plan a fault (:class:`Fault`); ``fault.struck`` says how often it has struck."""
        return self.faults.plan(Fault(operation, kind, times, after, status, seconds))

    def clear(self, region: str = REGION) -> None:
        """Back to the account as it was at first: the public hub, one role, nothing else.

        Args:
            region: where the account is from now on (``environment`` says so too).
        """
        self.containers.clear()  # first: containers make requests
        self.faults.clear()
        self.traffic.settle()
        self._post("reset")
        self.account.region = region
        for part in (
            self.log,
            self.changes,
            self.stacks,
            self.hubs,
            self.packages,
            self.jobs,
            self.evaluations,
            self.pipelines,
            self.serving,
            self.components,
            self.mlflow,
            self.tags,
            self.runtime,
            self.functions,
            self.foundations,
            self.imports,
            self.bedrock,
            self.identity,
            self.prices,
            self.caller,
        ):
            part.clear()
        self.clock.reset()
        self.trap.hosts.clear()
        self.identity.add_role(ROLE)
        self._provide(BUCKET, models.publish(self.hubs))
        self._provide(judges_bucket(region), {JUDGES_KEY: judges_document()})

    def _provide(self, name: str, objects: Mapping[str, bytes]) -> None:
        """As ``bucket``, past HTTP: every test begins with these fifty objects."""
        from moto.backends import get_backend

        s3 = get_backend("s3")[ACCOUNT_ID]["aws"]
        if name not in s3.buckets:
            s3.create_bucket(name, REGION)
        for key, body in objects.items():
            s3.put_object(name, key, body)

    def is_provided(self) -> bool:
        """Tell whether the hub's bucket exists: moto's servers share buckets within a process.

        A test of S3 that runs between two of this account resets moto, and so removes it.
        """
        from moto.backends import get_backend

        return BUCKET in get_backend("s3")[ACCOUNT_ID]["aws"].buckets

    def operation(self, asked: Asked) -> Operation | None:
        """Our own operation for this request, or ``None`` if it is moto's."""
        from botocore import xform_name

        name = xform_name(asked.operation)
        for part in self._parts(asked):
            if method := getattr(part, name, None):
                return lambda one: self._do(method, one)
        if asked.service in ("sagemaker", "sagemaker-runtime", "bedrock", "bedrock-runtime"):
            raise ServiceError("NotImplemented", f"{asked.name} is not served here.", 501)
        return None

    def _parts(self, asked: Asked) -> tuple[object, ...]:
        if asked.service == "sagemaker":
            return (
                self.jobs,
                self.hubs,
                self.packages,
                self.serving,
                self.components,
                self.mlflow,
                self.tags,
                self.pipelines,
            )
        if asked.service == "sagemaker-runtime":
            return (self.runtime,)
        if asked.service == "lambda" and (
            asked.operation == "Invoke" or self.functions.knows(asked.params)
        ):
            return (self.functions,)
        if asked.service == "pricing":
            return (self.prices,)
        if asked.service == "bedrock":
            return (self.foundations, self.imports)
        if asked.service == "bedrock-runtime":
            return (self.bedrock,)
        if asked.service == "cloudformation":
            return (self.stacks,)
        return (self.identity,) if asked.name == "iam:SimulatePrincipalPolicy" else ()

    def _do(self, method: Any, asked: Asked) -> Any:
        if asked.service == "bedrock":
            with self.account.lock:
                return method(asked.params)
        if asked.service != "sagemaker":
            return method(asked.params)
        with self.account.lock:
            value = method(asked.params)
            if asked.operation.startswith(("Create", "Import")):
                self.tags.born(asked.params, value)
            return value

    def _past_the_door(self, service: str) -> Any:
        host, port = self.moto
        # Buckets may be made anywhere from us-east-1 without saying where.
        region = REGION if service == "s3" else self.account.region
        return clients.make(service, f"http://{host}:{port}", region)

    def _post(self, action: str) -> None:
        host, port = self.moto
        request = urllib.request.Request(f"http://{host}:{port}/moto-api/{action}", data=b"")
        with urllib.request.urlopen(request, timeout=10):
            pass
