"""Hubs and their contents: the public one with models and recipes, private ones with evaluators."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.aws_account.account import (
    Account,
    Params,
    Result,
    chosen,
    in_use,
    last_part,
    not_found,
    page,
)
from tests.aws_account.door.answers import invalid

PUBLIC = "SageMakerPublicHub"
REGISTRY = "Registry"
CONTENT_ARN = re.compile(r"arn:aws:sagemaker:[^:]+:[^:]+:hub-content/([^/]+)/([^/]+)/([^/]+)/?(.*)")
FIRST_VERSION = "1.0.0"
DETAILS = ("HubContentDocument", "HubName", "HubArn", "LastModifiedTime", "HubContentMarkdown")


class Hubs:
    """The hubs that the account sees.

    Attributes:
        importing: how many DescribeHubContent calls see an imported content as ``Importing``
            before it is ``Available``.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clear()

    def clear(self) -> None:
        self.importing = 0
        self._hubs: dict[str, dict[str, Any]] = {}
        self._contents: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        self._pending: dict[str, int] = {}
        self._add_hub(PUBLIC, f"arn:aws:sagemaker:{self._account.region}:aws:hub/{PUBLIC}", {})

    def _add_hub(self, name: str, arn: str, more: Params) -> None:
        self._hubs[name] = {
            **{key: value for key, value in more.items() if key != "Tags"},
            "HubName": name,
            "HubArn": arn,
            "HubStatus": "InService",
            **self._account.times({}),
        }

    def publish(
        self,
        name: str,
        document: Params,
        *,
        keywords: list[str] | None = None,
        version: str = "1.0.0",
        title: str | None = None,
    ) -> str:
        """Add a model to the public hub, or a newer version of it; returns its ARN."""
        return self._import(
            {
                "HubName": PUBLIC,
                "HubContentType": "Model",
                "HubContentName": name,
                "HubContentVersion": version,
                "HubContentDisplayName": title or name,
                "HubContentDocument": json.dumps(document),
                "DocumentSchemaVersion": "2.2.0",
                "HubContentSearchKeywords": keywords or [],
            }
        )

    def register(self, name: str, reference: str, kind: str = "RewardFunction") -> str:
        """Add an evaluator (``RewardFunction`` of a Lambda ARN, ``RewardPrompt`` of an S3 URI).

        It lands in the private hub ``Registry``, as the SDK would write it. Returns its ARN.
        """
        if REGISTRY not in self._hubs:
            self._add_hub(REGISTRY, self._account.arn("hub", REGISTRY), {})
        content = json.dumps({"Reference": reference, "EvaluatorType": kind})
        document = json.dumps({"SubType": "AWS/Evaluator", "JsonContent": content})
        return self._import(
            {
                "HubName": REGISTRY,
                "HubContentType": "JsonDoc",
                "HubContentName": name,
                "HubContentDocument": document,
                "DocumentSchemaVersion": "2.0.0",
            }
        )

    def create_hub(self, params: Params) -> Result:
        name = params["HubName"]
        if name in self._hubs:
            raise in_use(f"Hub {name} already exists.")
        self._add_hub(name, self._account.arn("hub", name), params)
        return {"HubArn": self._hubs[name]["HubArn"]}

    def describe_hub(self, params: Params) -> Result:
        return self._hub(params)

    def list_hubs(self, params: Params) -> Result:
        kept = chosen(params, self._hubs.values(), name="HubName", status="HubStatus")
        members = ("HubName", "HubArn", "HubStatus", "CreationTime", "LastModifiedTime")
        return page(params, [{key: row[key] for key in members} for row in kept], "HubSummaries")

    def delete_hub(self, params: Params) -> Result:
        hub = self._hub(params)
        if any(key[0] == hub["HubName"] and rows for key, rows in self._contents.items()):
            raise in_use(f"Hub {hub['HubName']} has contents.")
        del self._hubs[hub["HubName"]]
        return {}

    def _hub(self, params: Params) -> dict[str, Any]:
        name = last_part(params["HubName"])
        if name not in self._hubs:
            raise not_found(f"Hub {name} does not exist.")
        return self._hubs[name]

    def import_hub_content(self, params: Params) -> Result:
        hub = self._hub(params)
        if hub["HubName"] == PUBLIC:
            raise invalid("The public hub is read-only.")
        arn = self._import(params)
        if self.importing:
            self._pending[arn] = self.importing
        return {"HubArn": hub["HubArn"], "HubContentArn": arn}

    def _import(self, params: Params) -> str:
        hub = self._hub(params)
        kind, name = params["HubContentType"], params["HubContentName"]
        versions = self._contents.setdefault((hub["HubName"], kind, name), [])
        version = params.get("HubContentVersion") or _after(versions)
        if any(row["HubContentVersion"] == version for row in versions):
            raise in_use(f"HubContent {name} version {version} already exists.")
        base = hub["HubArn"].replace(":hub/", ":hub-content/")
        arn = f"{base}/{kind}/{name}/{version}"
        versions.append(
            {
                **{key: value for key, value in params.items() if key != "Tags"},
                "HubName": hub["HubName"],
                "HubArn": hub["HubArn"],
                "HubContentVersion": version,
                "HubContentArn": arn,
                "HubContentStatus": "Available",
                **self._account.times({}),
            }
        )
        return arn

    def describe_hub_content(self, params: Params) -> Result:
        row = self._content(params)
        if left := self._pending.get(row["HubContentArn"], 0):
            self._pending[row["HubContentArn"]] = left - 1
            return {**row, "HubContentStatus": "Importing"}
        return row

    def list_hub_contents(self, params: Params) -> Result:
        hub = self._hub(params)["HubName"]
        wanted = (hub, params["HubContentType"])
        rows = [
            versions[-1]
            for key, versions in self._contents.items()
            if key[:2] == wanted and versions
        ]
        return self._summaries(params, rows)

    def list_hub_content_versions(self, params: Params) -> Result:
        return self._summaries(params, list(self._versions(params)))

    def _summaries(self, params: Params, rows: list[dict[str, Any]]) -> Result:
        keys = {"HubContentName": "HubContentName", "HubContentStatus": "HubContentStatus"}
        names = {"name": "HubContentName", "status": "HubContentStatus"}
        kept = chosen(params, rows, keys=keys, **names)
        shown: list[Any] = [{k: v for k, v in row.items() if k not in DETAILS} for row in kept]
        return page(params, shown, "HubContentSummaries")

    def delete_hub_content(self, params: Params) -> Result:
        row = self._content(params)
        self._versions(params).remove(row)
        return {}

    def _versions(self, params: Params) -> list[dict[str, Any]]:
        hub = self._hub(params)["HubName"]
        kind, name = params["HubContentType"], params["HubContentName"]
        versions = self._contents.get((hub, kind, name))
        if not versions:
            raise not_found(f"HubContent {name} of type {kind} does not exist in hub {hub}.")
        return versions

    def _content(self, params: Params) -> dict[str, Any]:
        versions = self._versions(params)
        wanted = params.get("HubContentVersion") or versions[-1]["HubContentVersion"]
        for row in versions:
            if row["HubContentVersion"] == wanted:
                return row
        raise not_found(f"HubContent {params['HubContentName']} has no version {wanted}.")

    def require(self, arn: str) -> dict[str, Any]:
        """The content of this ARN (without a version: the newest).

        Raises:
            ServiceError: there is none, or that is no ARN of a hub content.
        """
        match = CONTENT_ARN.fullmatch(arn)
        if not match:
            raise invalid(f"Invalid hub content ARN: {arn}")
        hub, kind, name, version = match.groups()
        params = {"HubName": hub, "HubContentType": kind, "HubContentName": name}
        return self._content({**params, "HubContentVersion": version})

    def recipe(self, serverless: Params) -> dict[str, Any]:
        """The recipe that a serverless job asks for; empty if the model has none."""
        length = serverless.get("SequenceLength")
        for recipe in self._document(serverless["BaseModelArn"]).get("RecipeCollection", []):
            if (
                recipe.get("CustomizationTechnique") == serverless.get("CustomizationTechnique")
                and recipe.get("Peft") == serverless.get("Peft")
                and length in (None, recipe.get("SequenceLength"))
            ):
                return dict(recipe)
        return {}

    def made_by(self, base: Params) -> dict[str, Any]:
        """The recipe that a package's ``BaseModel`` names; empty if the model has it no more."""
        hub = f"arn:aws:sagemaker:{self._account.region}:aws:hub-content/{PUBLIC}/Model"
        document = self._document(f"{hub}/{base['HubContentName']}/{base['HubContentVersion']}")
        named = (r for r in document["RecipeCollection"] if r["Name"] == base.get("RecipeName"))
        return dict(next(named, {}))

    def _document(self, arn: str) -> dict[str, Any]:
        return dict(json.loads(self.require(arn)["HubContentDocument"]))

    def check_job(self, serverless: Params, hyperparameters: Params) -> None:
        """Refuse a serverless job that the model's recipes do not offer.

        Raises:
            ServiceError: unknown model, technique or training type; an agreement not accepted;
                a reward function or evaluator that is missing or unknown.
        """
        document = self._document(serverless["BaseModelArn"])
        technique = serverless.get("CustomizationTechnique")
        if serverless["JobType"] == "FineTuning" and not self.recipe(serverless):
            wanted = {key: serverless.get(key) for key in ("Peft", "SequenceLength")}
            raise invalid(f"The model does not support {technique} with {wanted}.")
        if document.get("GatedBucket") and not serverless.get("AcceptEula"):
            raise invalid("AcceptEula must be true to use this model.")
        evaluator = serverless.get("EvaluatorArn")
        if evaluator and ":hub-content/" in evaluator:
            self.require(evaluator)
        if technique == "RLVR" and not (evaluator or hyperparameters.get("preset_reward_function")):
            raise invalid(
                "RLVR requires EvaluatorArn or the preset_reward_function hyperparameter."
            )


def _after(versions: list[dict[str, Any]]) -> str:
    if not versions:
        return FIRST_VERSION
    major, minor, patch = versions[-1]["HubContentVersion"].split(".")
    return f"{major}.{minor}.{int(patch) + 1}"
