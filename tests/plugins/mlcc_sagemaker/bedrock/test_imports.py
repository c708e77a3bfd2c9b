"""``deploy --to bedrock``: imported once, asked by its name, listed, removed."""

from __future__ import annotations

import json

import pytest

from tests.plugins.mlcc_sagemaker.artifacts import MODEL
from tests.plugins.mlcc_sagemaker.bedrock.conftest import begun, jobs, models
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, set_variable

TO = ("deploy", "--to", "bedrock", "--model-data", MODEL, "--name", "tuned-v1")


def test_a_whole_model_from_its_import_to_its_removal(project, stored):
    ran = project(*TO, "--yes")
    assert ran.code == 0, ran
    assert "📋 Amazon Bedrock, Custom Model Import in us-east-1: the model tuned-v1" in ran.err
    assert f"weights: {MODEL}/checkpoints/hf_merged/" in ran.err
    assert "✅ tuned-v1 is deployed to bedrock" in ran.out
    assert "📋 Next: ./do/test --ic tuned-v1" in ran.out
    request = stored.log.only("CreateModelImportJob").params
    assert models(stored) == ["tuned-v1"]

    ran = project("test", "--ic", "tuned-v1", "--prompt", "Hello")
    assert ran.code == 0, ran
    assert "Tuned:  tuned-v1 says: Hello" in ran.out
    assert "Base:" not in ran.out
    ran = project("adapter", "list", "--json")
    [row] = json.loads(ran.out)["adapters"]
    assert row == {
        "name": "tuned-v1",
        "kind": "model",
        "status": "Imported",
        "source": request["modelDataSource"]["s3DataSource"]["s3Uri"],
    }
    ran = project("undeploy", "--yes")
    assert ran.code == 0, ran
    assert "the imported model tuned-v1" in ran.out
    assert models(stored) == []
    assert "BEDROCK_MODELS=" not in project.config.read_text().replace("BEDROCK_MODELS=''", "")


def test_the_same_command_again_changes_nothing(project, stored):
    for _ in range(2):
        ran = project(*TO, "--yes")
        assert ran.code == 0, ran
    assert len(stored.log.calls("CreateModelImportJob")) == 1
    assert "📋" not in ran.err  # nothing to decide on
    project("undeploy", "--yes")
    assert project(*TO, "--yes").code == 0
    first, second = jobs(stored)
    assert second == f"{first}-2"


def test_several_models_are_removed_together(project, stored):
    for name in ("one", "two", "three"):
        assert project(*TO[:-1], name, "--yes").code == 0
    assert "BEDROCK_MODELS='one two three'" in project.config.read_text()
    assert project("adapter", "remove", "two").code == 0
    assert models(stored) == ["one", "three"]
    ran = project("undeploy", "--yes")
    assert ran.code == 0, ran
    assert models(stored) == []
    assert "one" not in project.config.read_text()


def test_no_answer_and_no_terminal(project, stored):
    ran = project(*TO)
    assert ran.code == 1
    assert "Deploying tuned-v1 to bedrock costs money. Go ahead?" in ran.err
    assert stored.log.calls("CreateModelImportJob") == []


def test_the_output_of_a_run_has_its_name(project, stored):
    from tests.aws_account.training import courses

    stored.jobs.course = courses.at_once()
    ran = project(
        *("tune", "--technique", "sft", "--dataset", "s3://data/sft.jsonl"),
        *("--poll-interval", "0.01", "--training-type", "full-rank"),
    )
    assert ran.code == 0, ran
    ran = project("deploy", "--to", "bedrock", "--from-tune", "sft", "--yes", "--json")
    assert ran.code == 0, ran
    document = json.loads(ran.out)
    [job] = stored.jobs.all()
    assert (document["deployed"], document["destination"]) == (job.name, "bedrock")
    assert models(stored) == [job.name]
    ran = project("test", "--ic", job.name, "--prompt", "Hi")
    assert f"{job.name} says: Hi" in ran.out


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--to", "mars", "--from-tune"), "deploys nothing to 'mars', expected one of: bedrock"),
        (("--to", "bedrock"), "Expected either --from-tune or --model-data."),
        (("--to", "bedrock", "--model-data", MODEL), "--model-data needs --name"),
        (("--from-tune", "sft"), "--from-tune goes with --to"),
        (("--name", "sft"), "--name goes with --to"),
        (("--to", "bedrock", "--from-tune", "--expires", "2h"), "--expires is about the base"),
        (("--to", "bedrock", "--from-tune"), "The latest tune output does not exist"),
        (("--subnets", "subnet-1", "--yes"), "--subnets is for imports"),
    ],
)
def test_words_that_do_not_go_together(project, stored, words, what):
    ran = project("deploy", *words)
    assert ran.code == 1
    assert ran.err.count("❌") == 1
    assert what in ran.err
    assert stored.log.writing() == []


def test_a_name_of_the_endpoint(project, stored):
    assert project("deploy", "--yes").code == 0
    weights = f"s3://{BUCKET}/out/adapter/"
    assert project("adapter", "add", "tuned-v1", "--weights", weights).code == 0
    ran = project(*TO, "--yes")
    assert ran.code == 1, ran
    assert ran.err.count("❌") == 1
    assert "'tuned-v1' is taken: it is deployed on the endpoint demo-endpoint" in ran.err
    assert stored.log.calls("CreateModelImportJob") == []


def test_no_role_is_set(mlcc, stored):
    ran = mlcc(*TO, "--yes")
    assert ran.code == 3
    assert "no role (IMPORT_ROLE_ARN) is set" in ran.err
    assert "mlcc bootstrap" in ran.err


def test_a_role_that_bedrock_cannot_take(project, stored):
    set_variable(project, IMPORT_ROLE_ARN=stored.role)
    ran = project(*TO, "--yes")
    assert ran.code == 1
    assert "does not trust bedrock.amazonaws.com" in ran.err
    assert stored.log.calls("CreateModelImportJob") == []


def test_orphans_are_told_and_taken_down(project, stored):
    project(*TO, "--yes")
    set_variable(project, BEDROCK_MODELS="")
    assert "imported model tuned-v1 (Imported)" in project("doctor").out
    ran = project("undeploy", "--yes")
    assert "An orphan of this project still stands: the imported model tuned-v1" in ran.out
    ran = project("undeploy", "--orphans", "--yes")
    assert ran.code == 0, ran
    assert models(stored) == []


def test_an_import_that_goes_on_is_waited_for_before_it_is_removed(around, platform, stored):
    stored.imports.looks = 4
    context, serving = around, platform.serving
    job = begun(context)
    assert [item.status for item in serving.deployed(context)] == ["Importing"]
    assert list(serving.undeploy_notice(context)) == ["the imported model tuned-v1 (Importing)"]
    serving.undeploy(context)
    assert any("cannot be stopped: it is waited for" in line for line in context.said)
    assert (models(stored), jobs(stored)) == ([], [job])
    assert serving.deployed(context) == []
