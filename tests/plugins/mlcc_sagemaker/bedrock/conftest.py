"""A project with a role for imports, and a whole model and an adapter in S3."""

from __future__ import annotations

import json

import pytest

from tests.aws_account.services.identity import TRUST
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import MODEL, put
from tests.plugins.mlcc_sagemaker.conftest import QWEN, make_context, set_variable

BEDROCK_TRUST = TRUST.replace("sagemaker.amazonaws.com", "bedrock.amazonaws.com")


@pytest.fixture
def importer(account):
    """The ARN of a role that Bedrock may take."""
    return account.identity.add_role("Importer", trust=BEDROCK_TRUST)


@pytest.fixture
def stored(account, importer):
    """The account with a whole model and an adapter in S3; its imports end at the first look."""
    put(account, "out/model/", outputs.full_model(QWEN, "checkpoints/hf_merged/"))
    put(account, "out/adapter/", outputs.adapter(QWEN, under="checkpoints/hf/"))
    account.imports.looks = 0
    account.log.clear()
    return account


@pytest.fixture
def project(mlcc, stored, importer):
    """Runs ``mlcc`` in a project that imports."""
    set_variable(mlcc, IMPORT_ROLE_ARN=importer)
    return mlcc


@pytest.fixture
def around(stored, importer, tmp_path):
    """The surroundings of a project that imports; what it saves is among its settings at once."""
    said, settings = [], {"IMPORT_ROLE_ARN": importer}
    context = make_context(tmp_path, stored, settings, say=said.append)
    object.__setattr__(context, "save", context.settings.update)
    object.__setattr__(context, "said", said)
    return context


def models(account):
    """Names of the models that Bedrock has."""
    return sorted(model["modelName"] for model in account.imports.models.values())


def jobs(account):
    """Names of the import jobs."""
    return sorted(job["jobName"] for job in account.imports.jobs.values())


def config_of(**changes):
    """The ``config.json`` of the stand-in's model with changes; ``None`` leaves a key out."""
    files = outputs.full_model(QWEN, "")
    config = {**json.loads(files["config.json"]), **changes}
    return json.dumps({k: v for k, v in config.items() if v is not None}).encode()


def begun(context, name="tuned-v1"):
    """Begin an import as a command that was killed after it does; returns the job's name."""
    from mlcc_sagemaker.aws.account import import_role_of
    from mlcc_sagemaker.bedrock import importing
    from mlcc_sagemaker.bedrock.models import remembered
    from mlcc_sagemaker.bedrock.weights.placing import place
    from mlcc_sagemaker.bedrock.weights.source import find_source

    source = find_source(context, MODEL)
    order = importing.Import(name, source.digest)
    job, _ = importing.find_job(context, order)
    placed, role = place(context, source, "us-east-1"), import_role_of(context)
    with remembered(context, name, job):
        importing.create(context, importing.request_of(context, order, job, placed, role))
    return job
