"""Bedrock's Custom Model Import: import jobs, and the models that they leave."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from tests.aws_account.account import Account, Params, Result, last_part
from tests.aws_account.bedrock.listing import chosen, page
from tests.aws_account.door.answers import ServiceError, invalid
from tests.aws_account.permissions import role_needs
from tests.aws_account.services.identity import Identity
from tests.aws_account.services.storage import Storage

SERVICE = "bedrock.amazonaws.com"

ARCHITECTURES = frozenset(
    {
        *("LlamaForCausalLM", "MllamaForConditionalGeneration", "MistralForCausalLM"),
        *("MixtralForCausalLM", "T5ForConditionalGeneration", "GPTBigCodeForCausalLM"),
        *("Qwen2ForCausalLM", "Qwen2VLForConditionalGeneration"),
        *("Qwen2_5_VLForConditionalGeneration", "Qwen3ForCausalLM", "Qwen3MoeForCausalLM"),
        "GptOssForCausalLM",
    }
)
UNITS = {"customModelUnitsPerModelCopy": 2, "customModelUnitsVersion": "v1.0"}


class Imports:
    """Import jobs and imported models of the account.

    Attributes:
        looks: how many times a job is seen in progress before it ends.
        failure: the reason for which jobs that are created from now on fail; empty for none.
        most_models, most_running: quotas.
    """

    def __init__(self, account: Account, identity: Identity, storage: Storage) -> None:
        self._account = account
        self._identity = identity
        self._storage = storage
        self.clear()

    def clear(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.models: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, str] = {}
        self._left: dict[str, int] = {}
        self._fate: dict[str, str] = {}
        self.looks = 1
        self.failure = ""
        self.most_models = 3
        self.most_running = 1

    def create_model_import_job(self, params: Params) -> Result:
        token = params.get("clientRequestToken")
        if token in self._tokens:
            return {"jobArn": self._tokens[str(token)]}
        name, model = params["jobName"], params["importedModelName"]
        self._check(name, model, params["roleArn"])
        number = sha256(f"job {name}".encode()).hexdigest()[:12]
        arn = self._account.arn("model-import-job", number, "bedrock")
        now = self._account.clock.now()
        self.jobs[arn] = {
            "jobArn": arn,
            "jobName": name,
            "importedModelName": model,
            "roleArn": params["roleArn"],
            "modelDataSource": params["modelDataSource"],
            "status": "InProgress",
            "creationTime": now,
            "lastModifiedTime": now,
            **({"vpcConfig": params["vpcConfig"]} if "vpcConfig" in params else {}),
        }
        self._left[arn], self._fate[arn] = self.looks, self.failure
        self._put_tags(arn, params.get("jobTags", ()))
        self._put_tags(f"{arn} model", params.get("importedModelTags", ()))
        if token:
            self._tokens[str(token)] = arn
        return {"jobArn": arn}

    def get_model_import_job(self, params: Params) -> Result:
        job = self._job(params["jobIdentifier"])
        seen = dict(job)
        if job["status"] == "InProgress":
            self._left[job["jobArn"]] -= 1
            if self._left[job["jobArn"]] < 0:
                self._end(job)
                seen = dict(job)
        return seen

    def list_model_import_jobs(self, params: Params) -> Result:
        shown = ("jobArn", "jobName", "status", "creationTime", "importedModelName")
        rows = [
            {name: job[name] for name in (*shown, "importedModelArn") if name in job}
            for job in self.jobs.values()
            if params.get("statusEquals") in (None, job["status"])
        ]
        return page(params, chosen(params, rows, "jobName"), "modelImportJobSummaries")

    def get_imported_model(self, params: Params) -> Result:
        return self.model(params["modelIdentifier"])

    def list_imported_models(self, params: Params) -> Result:
        shown = ("modelArn", "modelName", "creationTime", "instructSupported", "modelArchitecture")
        rows = [{name: model[name] for name in shown} for model in self.models.values()]
        return page(params, chosen(params, rows, "modelName"), "modelSummaries")

    def delete_imported_model(self, params: Params) -> Result:
        arn = self.model(params["modelIdentifier"])["modelArn"]
        del self.models[arn]
        self.tags.pop(arn, None)
        return {}

    def list_tags_for_resource(self, params: Params) -> Result:
        arn = params["resourceARN"]
        if arn not in {**self.jobs, **self.models}:
            raise missing(f"The resource {arn} could not be found.")
        tags = self.tags.get(arn, {})
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    def tag_resource(self, params: Params) -> Result:
        self._put_tags(params["resourceARN"], params["tags"])
        return {}

    def model(self, identifier: str) -> dict[str, Any]:
        """Return an imported model by its name or ARN.

        Raises:
            ServiceError: there is none.
        """
        for model in self.models.values():
            if identifier in (model["modelArn"], model["modelName"]):
                return model
        raise missing("Could not find the imported model.")

    def _job(self, identifier: str) -> dict[str, Any]:
        for job in self.jobs.values():
            if identifier in (job["jobArn"], job["jobName"], last_part(job["jobArn"])):
                return job
        raise missing("Could not find the model import job.")

    def _check(self, name: str, model: str, role: str) -> None:
        """Refuse names that are taken, a role that cannot be taken, and what a quota forbids."""
        running = [job for job in self.jobs.values() if job["status"] == "InProgress"]
        if any(job["jobName"] == name for job in self.jobs.values()):
            raise ServiceError("ConflictException", f"The job name {name} already exists.")
        names = [each["modelName"] for each in self.models.values()]
        names += [job["importedModelName"] for job in running]
        if model in names:
            raise ServiceError("ConflictException", f"The model name {model} already exists.")
        if not self._identity.trusts(role, SERVICE):
            raise invalid(
                "Could not assume provided IAM role. Please verify that the role exists and allows "
                "Bedrock to assume it."
            )
        if len(running) >= self.most_running:
            raise _quota("concurrent model import jobs")
        if len(self.models) >= self.most_models:
            raise _quota("imported models per account")

    def _end(self, job: dict[str, Any]) -> None:
        uri = str(job["modelDataSource"]["s3DataSource"]["s3Uri"])
        reason, architecture = self._fate[job["jobArn"]], ""
        needs = role_needs.to_import(self._account.region, job)
        reason = reason or self._identity.lacks(job["roleArn"], *needs)
        reason = reason or self._storage.download(job["roleArn"], uri)
        if not reason:
            reason, architecture = self._read(job["roleArn"], uri)
        job["lastModifiedTime"] = job["endTime"] = self._account.clock.now()
        if reason:
            job.update(status="Failed", failureMessage=reason)
            return
        number = sha256(f"model {job['jobName']}".encode()).hexdigest()[:12]
        arn = self._account.arn("imported-model", number, "bedrock")
        job.update(status="Completed", importedModelArn=arn)
        self.models[arn] = {
            "modelArn": arn,
            "modelName": job["importedModelName"],
            "jobName": job["jobName"],
            "jobArn": job["jobArn"],
            "modelDataSource": job["modelDataSource"],
            "creationTime": job["endTime"],
            "modelArchitecture": architecture,
            "instructSupported": True,
            "customModelUnits": dict(UNITS),
        }
        self.tags[arn] = self.tags.pop(f"{job['jobArn']} model", {})

    def _read(self, role: str, uri: str) -> tuple[str, str]:
        """Return why the model cannot be served, or "", and its architecture."""
        folder = f"{uri.rstrip('/')}/"
        if self._storage.read(role, f"{folder}config.json"):
            return f"The model at {uri} has no config.json.", ""
        config = json.loads(self._storage.content(f"{folder}config.json"))
        [architecture, *_] = config.get("architectures") or [""]
        if architecture not in ARCHITECTURES:
            return f"The model architecture {architecture!r} is not supported.", ""
        return "", str(config.get("model_type", ""))

    def _put_tags(self, arn: str, tags: Any) -> None:
        self.tags.setdefault(arn, {}).update({tag["key"]: tag["value"] for tag in tags})


def missing(message: str) -> ServiceError:
    """The error for what is not there."""
    return ServiceError("ResourceNotFoundException", message, 404)


def _quota(what: str) -> ServiceError:
    text = f"You have reached the quota for {what}."
    return ServiceError("ServiceQuotaExceededException", text)
