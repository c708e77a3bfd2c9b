"""``deploy``, ``undeploy --expired`` and lists, hit by faults and killed: one tagged endpoint.

``--full`` meets every operation with every kind of fault.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlcc_core.project.deployments import remembered_deployment
from mlcc_core.project.project import Project
from tests.plugins.mlcc_sagemaker.installed import make_installable, plugin_folder
from tests.plugins.mlcc_sagemaker.serving.test_standing import endpoints, expire, tags

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
PROGRAM = "import sys; from mlcc_core.cli.main import run; sys.exit(run(sys.argv[1:]))"
DEPLOY = ("deploy", "--yes", "--expires", "4h")
KINDS = ("lost", "cut", "empty", "page", "refused", "throttled", "failed", "denied", "expired")


LISTING = ("ListEndpoints", "ListTags", "DescribeEndpointConfig")
TAKING_DOWN = (
    *("ListEndpoints", "ListTags", "DescribeEndpoint", "DescribeEndpointConfig"),
    *("ListInferenceComponents", "DeleteInferenceComponent", "DeleteEndpoint"),
    *("DeleteEndpointConfig", "ListModels", "DeleteModel"),
)

FEW = ("lost", "throttled", "denied")
"""Kinds that every operation meets in every run."""


def pairs(operations, always=()):
    """Return operations with kinds of faults; ``full`` marks what not every run needs.

    Args:
        operations: of SageMaker.
        always: those that meet all kinds in every run.
    """
    return [
        pytest.param(
            *(operation, kind),
            marks=[] if operation in always or kind in FEW else pytest.mark.full,
        )
        for operation in operations
        for kind in KINDS
    ]


def ends_well_or_in_a_line(ran):
    assert "Traceback" not in ran.out + ran.err, ran
    assert "bug in mlcc" not in ran.err, ran
    assert ran.code in (0, 3), ran
    assert ran.code == 0 or "❌" in ran.err, ran


def stands_once_and_tagged(account):
    assert endpoints(account) == ["demo-endpoint"]
    assert len([call for call in account.log.calls("CreateEndpoint") if not call.error]) == 1
    assert {"mlcc:project", "mlcc:expires"} <= tags(account).keys()


@pytest.mark.parametrize(
    ("operation", "kind"),
    pairs(("CreateEndpoint", "CreateEndpointConfig"), always=("CreateEndpoint",)),
)
def test_a_fault_in_a_deployment(mlcc, account, once, operation, kind):
    fault = account.inject(f"sagemaker:{operation}", kind)
    ends_well_or_in_a_line(mlcc(*DEPLOY))
    assert fault.struck == 1
    account.faults.clear()
    if endpoints(account):  # what costs money is remembered, whatever was answered
        assert {"mlcc:project", "mlcc:expires"} <= tags(account).keys()
        assert remembered_deployment(Project(mlcc.project), "sagemaker") is not None
    assert mlcc(*DEPLOY).code == 0
    assert endpoints(account) == ["demo-endpoint"]
    assert {"mlcc:project", "mlcc:expires"} <= tags(account).keys()


@pytest.mark.parametrize(("operation", "kind"), pairs(("AddTags", "ListTags"), always=("AddTags",)))
def test_a_fault_while_an_expiry_is_changed(deployed, account, once, operation, kind):
    fault = account.inject(f"sagemaker:{operation}", kind)
    ends_well_or_in_a_line(deployed(*DEPLOY))
    assert fault.struck == 1
    account.faults.clear()
    assert deployed(*DEPLOY).code == 0
    assert {"mlcc:project", "mlcc:expires"} <= tags(account).keys()
    assert account.log.calls("CreateEndpoint") == []


@pytest.mark.parametrize(("operation", "kind"), pairs(TAKING_DOWN))
def test_a_fault_while_it_is_taken_down(mlcc, account, once, operation, kind):
    assert mlcc(*DEPLOY).code == 0
    expire(account)
    record = Project(mlcc.project).state_folder / "deployments" / "sagemaker.json"
    record.write_text('{"platform": "sagemaker", "began": 1, "expires": 2, "hourly": null}')
    fault = account.inject(f"sagemaker:{operation}", kind)
    ends_well_or_in_a_line(mlcc("undeploy", "--expired"))
    assert fault.struck == 1
    account.faults.clear()
    assert mlcc("undeploy", "--expired").code == 0
    client = account.client("sagemaker")
    assert endpoints(account) == []
    assert client.list_endpoint_configs()["EndpointConfigs"] == []
    assert client.list_models()["Models"] == []
    assert not record.exists()


@pytest.mark.parametrize(("operation", "kind"), pairs(LISTING))
def test_a_fault_fails_no_list(deployed, account, once, operation, kind):
    account.inject(f"sagemaker:{operation}", kind)
    ran = deployed("runs", "list")
    assert ran.code == 0, ran
    assert "Traceback" not in ran.err
    assert "Not known of sagemaker: what stands and costs." in ran.out


WRITES = ("CreateEndpointConfig", "CreateEndpoint", "CreateModel", "CreateInferenceComponent")


def killed_at(mlcc, account, site, operation, *words):
    """Kill the command when AWS has done an operation and it does not know yet."""
    account.inject(f"sagemaker:{operation}", "slow", seconds=3)
    paths = [str(path) for path in (site, plugin_folder(), ROOT, ROOT / "libs") if path]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        env={**os.environ, "MLCC_PROJECT": str(mlcc.project), "PYTHONPATH": ":".join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not account.log.calls(operation) and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    account.faults.clear()


@pytest.mark.timeout(600)
def test_killed_at_each_thing_that_is_created(mlcc, account, tmp_path):
    """Between two of them nothing changes: a kill there is one after the first."""
    site = make_installable(tmp_path / "site")
    for operation in WRITES:
        killed_at(mlcc, account, site, operation, *DEPLOY)
        kept = remembered_deployment(Project(mlcc.project), "sagemaker")
        assert kept is not None
        assert abs((kept.expires or 0) - time.time() - 4 * 3600) < 120
        assert "The deployment on sagemaker costs" in mlcc("runs", "list").err
        if endpoints(account):
            assert {"mlcc:project", "mlcc:expires"} <= tags(account).keys()
    assert mlcc(*DEPLOY).code == 0
    stands_once_and_tagged(account)


@pytest.mark.timeout(600)
def test_killed_at_each_thing_that_is_taken_down(mlcc, account, tmp_path):
    site = make_installable(tmp_path / "site")
    assert mlcc(*DEPLOY).code == 0
    expire(account)
    record = Project(mlcc.project).state_folder / "deployments" / "sagemaker.json"
    record.write_text('{"platform": "sagemaker", "began": 1, "expires": 2, "hourly": null}')
    words = ("undeploy", "--expired")
    for operation in ("DeleteInferenceComponent", "DeleteEndpoint", "DeleteEndpointConfig"):
        killed_at(mlcc, account, site, operation, *words)
        assert "expired" in mlcc("runs", "list").err
    assert mlcc(*words).code == 0
    client = account.client("sagemaker")
    assert (endpoints(account), client.list_models()["Models"]) == ([], [])
    assert client.list_endpoint_configs()["EndpointConfigs"] == []
    assert not record.exists()
