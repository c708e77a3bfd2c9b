"""Endpoints that stand: told with cost and expiry, taken down by project, orphans included."""

from __future__ import annotations

import json
import shutil
import time
from datetime import datetime
from pathlib import Path

import pytest

from mlcc_core.errors import MlccError, PlatformError
from mlcc_sagemaker import aws as aws_room
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER, MODEL
from tests.plugins.mlcc_sagemaker.conftest import LLAMA, make_context, set_variable

ENDPOINT = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/"


def tags(account, name="demo-endpoint"):
    found = account.client("sagemaker").list_tags(ResourceArn=f"{ENDPOINT}{name}")["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def expire(account, name="demo-endpoint"):
    """Let an endpoint have expired."""
    account.client("sagemaker").add_tags(
        ResourceArn=f"{ENDPOINT}{name}",
        Tags=[{"Key": "mlcc:expires", "Value": "2026-01-01T00:00:00Z"}],
    )


def endpoints(account):
    return sorted(
        e["EndpointName"] for e in account.client("sagemaker").list_endpoints()["Endpoints"]
    )


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def test_the_tag_is_there_from_creation_on(mlcc, account):
    ran = mlcc("deploy", "--yes", "--expires", "4h")
    assert ran.code == 0, ran
    created = account.log.only("CreateEndpoint").params["Tags"]
    assert created[0] == {"Key": "mlcc:project", "Value": "demo"}
    assert created[1]["Key"] == "mlcc:expires"
    assert abs(seconds(created[1]["Value"]) - time.time() - 4 * 3600) < 60
    assert account.log.calls("AddTags") == []
    assert "💰 endpoint ml.g5.2xlarge" in ran.err
    assert "mlcc undeploy --expired" in ran.out
    assert "⚠️  The deployment on sagemaker costs" in mlcc("adapter", "list").err


def test_the_price_list_is_told_and_held_to(mlcc, account):
    hosting = {"regionCode": "us-east-1", "instanceName": "ml.g5.2xlarge", "component": "Hosting"}
    account.prices.publish("AmazonSageMaker", hosting, "1.5150000000")
    ran = mlcc("deploy", "--yes", "--max-cost", "5")
    hint = ran.err.splitlines()[-1].strip()
    assert hint == "mlcc deploy --expires 3h --max-cost 5 --platform sagemaker --yes"
    assert account.log.calls("CreateEndpoint") == []
    ran = mlcc(*hint.split()[1:])
    assert ran.code == 0, ran
    assert "3 hours × $1.515 (AWS price list" in ran.err
    told = "The deployment on sagemaker costs $1.515 an hour since"
    assert f"⚠️  {told}" in mlcc("adapter", "list").err
    assert told in mlcc("doctor").out
    [thing] = json.loads(mlcc("runs", "list", "--json").out)["standing"]
    assert thing["charges"][0]["price"] == 1.515


def test_a_second_time_changes_the_tag(deployed, account):
    assert "mlcc:expires" not in tags(account)
    for words in ((), ("--force-ic", "--model-data", MODEL)):
        put_model(account)
        ran = deployed("deploy", "--yes", "--expires", "2d", *words)
        assert ran.code == 0, ran
        assert abs(seconds(tags(account)["mlcc:expires"]) - time.time() - 2 * 86_400) < 60
    assert account.log.calls("CreateEndpoint") == []
    kept = tags(account)
    ran = deployed("deploy", "--yes", "--json")
    assert tags(account) == kept
    assert json.loads(ran.out)["expires"] == seconds(kept["mlcc:expires"])


def put_model(account):
    from tests.aws_account.training import outputs
    from tests.plugins.mlcc_sagemaker.artifacts import put
    from tests.plugins.mlcc_sagemaker.conftest import QWEN

    put(account, "out/model/", outputs.full_model(QWEN, "checkpoints/hf_merged/"))


def test_another_machine_takes_down_what_has_expired(mlcc, account, tmp_path, monkeypatch):
    assert mlcc("deploy", "--yes", "--expires", "4h").code == 0
    fresh = tmp_path / "fresh"
    shutil.copytree(mlcc.project, fresh, ignore=shutil.ignore_patterns(".mlcc"))
    monkeypatch.setenv("MLCC_PROJECT", str(fresh))
    ran = mlcc("undeploy", "--expired")
    assert (ran.code, ran.out) == (0, "ℹ️  Nothing has expired.\n")
    expire(account)
    ran = mlcc("undeploy", "--expired")
    assert ran.code == 0, ran
    assert ran.out.splitlines()[-1] == (
        "✅ Removed the endpoint demo-endpoint; it costs nothing any more."
    )
    client = account.client("sagemaker")
    assert (endpoints(account), client.list_models()["Models"]) == ([], [])
    assert client.list_endpoint_configs()["EndpointConfigs"] == []
    assert mlcc("undeploy", "--expired").code == 0


def test_orphans_are_told_and_taken_down(mlcc, account):
    assert mlcc("deploy", "--yes").code == 0
    set_variable(mlcc, ENDPOINT_NAME="demo-endpoint-m-2")
    assert mlcc("deploy", "--yes").code == 0
    for words in (("runs", "list"), ("doctor",)):
        shown = [line.strip() for line in mlcc(*words).out.splitlines()]
        [orphan] = [line for line in shown if line.startswith("⚠️  endpoint demo-endpoint (InSer")]
        assert orphan.endswith(", an orphan: do/config does not name it")
        assert "holds: demo-endpoint-base" in shown
        assert "mlcc undeploy --orphans" in shown
        assert any(line.startswith("💰 endpoint demo-endpoint-m-2 (InService)") for line in shown)
    ran = mlcc("undeploy", "--orphans", "--yes")
    assert ran.code == 0, ran
    assert endpoints(account) == ["demo-endpoint-m-2"]
    models = account.client("sagemaker").list_models()["Models"]
    assert [m["ModelName"].startswith("demo-endpoint-m-2-m-") for m in models] == [True]
    assert mlcc("undeploy", "--orphans").out == "ℹ️  This project has no orphans.\n"
    assert mlcc("undeploy", "--yes").code == 0
    assert endpoints(account) == []


def test_an_orphan_expires_too(mlcc, account):
    assert mlcc("deploy", "--yes").code == 0
    expire(account)
    set_variable(mlcc, ENDPOINT_NAME="other")
    assert mlcc("deploy", "--yes").code == 0
    ran = mlcc("undeploy", "--expired")
    assert "the endpoint demo-endpoint (InService)" in ran.err
    assert (ran.code, endpoints(account)) == (0, ["other"])


def test_what_another_project_owns_is_left_alone(deployed, account, tmp_path, platform):
    other = make_context(tmp_path, account, {"ENDPOINT_NAME": "demo-endpoint"}, project="other")
    assert platform.serving.standing(other) == []
    expires = time.time() + 3600
    for step in (
        lambda: platform.serving.take_down(other, "demo-endpoint"),
        lambda: platform.serving.undeploy(other),
        lambda: platform.serving.deploy(other, None, expires),
    ):
        with pytest.raises(MlccError, match="belongs to the project 'demo'"):
            step()
    elsewhere = make_context(tmp_path, account, project="elsewhere")
    with pytest.raises(MlccError, match="belongs to the project 'demo'"):
        platform.serving.take_down(elsewhere, "demo-endpoint")
    assert endpoints(account) == ["demo-endpoint"]
    assert "mlcc:expires" not in tags(account)


def test_an_endpoint_made_by_hand(ready, account, tmp_path, platform):
    context = make_context(tmp_path, account)
    [thing] = platform.serving.standing(context)
    assert (thing.name, thing.current, thing.expires) == ("demo-endpoint", True, None)
    assert [charge.what for charge in thing.charges] == ["endpoint ml.g5.2xlarge"]
    stranger = make_context(tmp_path, account, {"ENDPOINT_NAME": "mine"})
    assert platform.serving.standing(stranger) == []
    with pytest.raises(MlccError, match="belongs to no project"):
        platform.serving.take_down(stranger, "demo-endpoint")
    with pytest.raises(PlatformError, match="VariantName must be"):  # it has another variant
        platform.serving.deploy(context, None, time.time() + 3600)
    assert tags(account)["mlcc:project"] == "demo"
    assert "mlcc:expires" in tags(account)


def test_instances_are_counted_as_they_run(deployed, account, tmp_path, platform):
    context = make_context(tmp_path, account)
    endpoint = account.serving.endpoints["demo-endpoint"]
    endpoint["ProductionVariants"][0]["CurrentInstanceCount"] = 3
    [thing] = platform.serving.standing(context)
    assert [charge.what for charge in thing.charges] == ["endpoint 3 × ml.g5.2xlarge"]
    assert thing.holds == ("demo-endpoint-base",)
    del endpoint["ProductionVariants"]  # as while it is created
    [thing] = platform.serving.standing(context)
    assert [charge.what for charge in thing.charges] == ["endpoint ml.g5.2xlarge"]
    account.client("sagemaker").delete_endpoint_config(EndpointConfigName="demo-endpoint-config")
    [thing] = platform.serving.standing(context)
    assert "demo-endpoint-config is gone" in thing.charges[0].note


def test_a_tag_that_says_no_time(deployed, account, context, platform):
    account.client("sagemaker").add_tags(
        ResourceArn=f"{ENDPOINT}demo-endpoint", Tags=[{"Key": "mlcc:expires", "Value": "soon"}]
    )
    [thing] = platform.serving.standing(context)
    assert thing.expires is None
    assert "is 'soon', expected a time like" in context.said[-1]


def test_many_endpoints_of_others(account, context, platform):
    client = account.client("sagemaker")
    variant = {"VariantName": "v", "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 1}
    client.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[variant], ExecutionRoleArn=account.role
    )
    for number in range(101):
        client.create_endpoint(EndpointName=f"e{number}", EndpointConfigName="c")
    mine = [{"Key": "mlcc:project", "Value": "demo"}]
    client.create_endpoint(EndpointName="zz", EndpointConfigName="c", Tags=mine)
    account.log.clear()
    assert [thing.name for thing in platform.serving.standing(context)] == ["zz"]
    assert len(account.log.calls("ListEndpoints")) == 2


def test_a_role_is_read_back_from_the_endpoint(mlcc, account):
    put_adapter(account)
    other = account.identity.add_role("other")
    ran = mlcc("deploy", "--yes", "--role", other)
    assert ran.code == 0, ran
    assert f"   role: {other}" in ran.err.splitlines()
    assert account.log.only("CreateEndpointConfig").params["ExecutionRoleArn"] == other
    assert account.log.only("CreateModel").params["ExecutionRoleArn"] == other
    set_variable(mlcc, ROLE_ARN="")
    put_model(account)
    assert mlcc("adapter", "add", "tuned", "--weights", ADAPTER).code == 0
    account.log.clear()
    assert mlcc("add-ic", "whole", "--model-data", MODEL).code == 0
    assert account.log.only("CreateModel").params["ExecutionRoleArn"] == other
    ran = mlcc("deploy", "--yes", "--role", account.role)
    assert f"❌ --role: The endpoint demo-endpoint runs with the role {other}" in ran.err
    assert mlcc("deploy", "--yes").code == 0
    ran = mlcc("deploy", "--yes", "--role", "admin")
    assert "'admin' is not an IAM role" in ran.err


def test_a_role_that_cannot_be_taken_is_refused_before_an_endpoint_costs(mlcc, account):
    gone = "arn:aws:iam::123456789012:role/gone"
    ran = mlcc("deploy", "--yes", "--role", gone)
    assert ran.code == 1
    assert f"❌ --role: The role {gone} does not exist." in ran.err.splitlines()
    set_variable(mlcc, ROLE_ARN=gone)
    assert "   mlcc bootstrap" in mlcc("deploy", "--yes").err.splitlines()
    assert account.log.calls("CreateEndpoint") == []


def put_adapter(account):
    from tests.aws_account.training import outputs
    from tests.plugins.mlcc_sagemaker.artifacts import put
    from tests.plugins.mlcc_sagemaker.conftest import QWEN

    put(account, "out/adapter/", outputs.adapter(QWEN, under="checkpoints/hf/"))


def test_a_licence_is_accepted_by_a_flag(mlcc, account):
    set_variable(mlcc, MODEL_ID=LLAMA)
    ran = mlcc("deploy", "--yes")
    assert "   mlcc deploy --accept-eula" in ran.err.splitlines()
    assert mlcc("deploy", "--yes", "--accept-eula").code == 0
    source = account.log.only("CreateModel").params["PrimaryContainer"]["ModelDataSource"]
    assert source["S3DataSource"]["ModelAccessConfig"] == {"AcceptEula": True}


def test_help_shows_the_options_and_asks_nobody(mlcc, account):
    account.log.clear()
    shown = mlcc("deploy", "--help").out
    assert "--role ARN" in shown
    assert "--accept-eula" in shown
    assert account.log.calls() == []


def test_lists_that_cannot_be_told(deployed, account):
    account.inject("sagemaker:ListTags", "denied", times=None)
    ran = deployed("runs", "list")
    assert ran.code == 0
    assert "Not known of sagemaker: what stands and costs." in ran.out
    assert "sagemaker:ListTags" in ran.out
    ran = deployed("undeploy", "--expired")
    assert (ran.code, len([li for li in ran.err.splitlines() if "❌" in li])) == (3, 1)
    ran = deployed("undeploy", "--yes")  # what costs money can be taken down all the same
    assert (ran.code, endpoints(account)) == (0, [])


def test_standing_asks_a_request_twice_at_most(deployed, account, context, platform):
    account.inject("sagemaker:ListEndpoints", "throttled", times=None)
    with pytest.raises(PlatformError, match="throttle"):
        platform.serving.standing(context)
    assert len(account.log.calls("ListEndpoints")) == 2


def test_the_policies_of_users_allow_all_of_it(mlcc, account):
    cfn_yaml = pytest.importorskip("cfnlint.decode.cfn_yaml")
    resources = cfn_yaml.load(str(Path(aws_room.__file__).with_name("template.yaml")))["Resources"]
    policies = [
        resource["Properties"]["PolicyDocument"]
        for resource in resources.values()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
    ]
    statements = [statement for policy in policies for statement in policy["Statement"]]
    allowed = {action for s in statements for action in _listed(s["Action"])}
    for words in (("deploy", "--yes"), ("deploy", "--yes", "--expires", "4h"), ("runs", "list")):
        assert mlcc(*words).code == 0
    expire(account)
    assert mlcc("undeploy", "--expired").code == 0
    used = {f"{call.service}:{call.operation}" for call in account.log.calls()}
    used = {name for name in used if name.startswith("sagemaker:")}
    assert {"sagemaker:ListTags", "sagemaker:AddTags", "sagemaker:ListEndpoints"} <= used
    assert used - allowed == set()


def _listed(action):
    return [action] if isinstance(action, str) else action
