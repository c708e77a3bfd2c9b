"""Inference components: base models, further models, and adapters on a base component."""

from __future__ import annotations

from typing import Any

from tests.aws_account.account import Account, Params, Result, chosen, page
from tests.aws_account.door.answers import ServiceError, invalid
from tests.aws_account.permissions import role_needs
from tests.aws_account.services.identity import Identity
from tests.aws_account.services.storage import Storage
from tests.aws_account.serving.changes import Changes
from tests.aws_account.serving.endpoints import Serving

KIND = "inference-component"


class Components:
    """The account's inference components."""

    def __init__(
        self,
        account: Account,
        identity: Identity,
        storage: Storage,
        serving: Serving,
        changes: Changes,
    ) -> None:
        self._account = account
        self._identity = identity
        self._storage = storage
        self._serving = serving
        self._changes = changes
        changes.components_of = self.of_endpoint
        self.clear()

    def clear(self) -> None:
        self.components: dict[str, dict[str, Any]] = {}

    def of_endpoint(self, endpoint: str) -> list[str]:
        """Names of the components on an endpoint, those that are going included."""
        return [name for name, row in self.components.items() if row["EndpointName"] == endpoint]

    def serves(self, name: str) -> bool:
        """Whether the component answers invocations now."""
        return self._get(name)["InferenceComponentStatus"] in ("InService", "Updating")

    def create_inference_component(self, params: Params) -> Result:
        name = params["InferenceComponentName"]
        arn = self._account.arn(KIND, name)
        if name in self.components:
            raise invalid(f'Cannot create already existing inference component "{arn}".')
        endpoint = self._serving.endpoint(params["EndpointName"])
        if endpoint["EndpointStatus"] != "InService":
            raise invalid(
                f'Endpoint "{endpoint["EndpointArn"]}" must be InService, it is '
                f"{endpoint['EndpointStatus']}."
            )
        specification = params.get("Specification")
        if not specification:
            raise invalid("Specification is required.")
        self._check(params, specification, endpoint)
        self.components[name] = {
            "InferenceComponentName": name,
            "InferenceComponentArn": arn,
            "EndpointName": params["EndpointName"],
            "EndpointArn": endpoint["EndpointArn"],
            "VariantName": params.get(
                "VariantName", endpoint["ProductionVariants"][0]["VariantName"]
            ),
            "InferenceComponentStatus": "Creating",
            **self._account.times({}),
        }
        self._specify(self.components[name], params)
        problem = self._unreadable(specification, endpoint)
        self._changes.begin(KIND, name, "Creating", "InService", problem)
        return {"InferenceComponentArn": arn}

    def _check(self, params: Params, specification: Params, endpoint: Params) -> None:
        if base := specification.get("BaseInferenceComponentName"):
            self._check_adapter(base, params, specification)
            return
        variants = [variant["VariantName"] for variant in endpoint["ProductionVariants"]]
        if params.get("VariantName") not in variants:
            raise invalid(f"VariantName must be one of {variants}.")
        if not params.get("RuntimeConfig"):
            raise invalid("RuntimeConfig is required.")
        if not specification.get("ComputeResourceRequirements"):
            raise invalid("ComputeResourceRequirements is required.")
        if model := specification.get("ModelName"):
            self._serving.describe_model({"ModelName": model})
        elif not specification.get("Container", {}).get("Image"):
            raise invalid("Either ModelName or Container.Image is required.")

    def _check_adapter(self, base: str, params: Params, specification: Params) -> None:
        if base not in self.components:
            raise self._missing(base)
        if self.components[base]["EndpointName"] != params["EndpointName"]:
            raise invalid(f'Base inference component "{base}" is on another endpoint.')
        self._changes.settle(KIND, base, self.components[base], "InferenceComponentStatus")
        if self.components[base]["InferenceComponentStatus"] != "InService":
            raise invalid(f'Base inference component "{base}" must be InService.')
        if more := sorted({*specification} - {"BaseInferenceComponentName", "Container"}):
            raise invalid(f"{more} cannot be specified with BaseInferenceComponentName.")
        artifact = specification.get("Container", {}).get("ArtifactUrl")
        if not artifact:
            raise invalid("Container.ArtifactUrl is required for an adapter.")
        if not self._storage.first(artifact):
            raise invalid(f"Could not find artifact {artifact}.")

    def _unreadable(self, specification: Params, endpoint: Params) -> str:
        """Why the weights cannot be loaded with the model's or the endpoint's role, or ""."""
        if model := specification.get("ModelName"):
            described = self._serving.describe_model({"ModelName": model})
            role = described["ExecutionRoleArn"]
            # A model names one container, or a list whose first one holds the weights.
            container = described.get("PrimaryContainer") or described["Containers"][0]
            uri = container.get("ModelDataSource", {}).get("S3DataSource", {}).get("S3Uri", "")
        else:
            role = self._serving.role(endpoint)
            uri = specification.get("Container", {}).get("ArtifactUrl", "")
        needs = role_needs.to_serve(self._account.region)
        return self._identity.lacks(role, *needs) or (
            self._storage.denied(role, uri) if uri else ""
        )

    def _specify(self, record: dict[str, Any], params: Params) -> None:
        specification = dict(params["Specification"])
        if container := specification.get("Container"):
            shown = {k: v for k, v in container.items() if k in ("ArtifactUrl", "Environment")}
            if image := container.get("Image"):
                shown["DeployedImage"] = {"SpecifiedImage": image, "ResolvedImage": image}
            specification["Container"] = shown
        record["Specification"] = specification
        count = params.get("RuntimeConfig", {}).get("CopyCount", 1)
        record["RuntimeConfig"] = {"DesiredCopyCount": count, "CurrentCopyCount": count}

    def update_inference_component(self, params: Params) -> Result:
        name = params["InferenceComponentName"]
        record = self._get(name)
        if record["InferenceComponentStatus"] not in ("InService", "Failed"):
            raise invalid(f'Cannot update in-progress inference component "{name}".')
        before = record["Specification"]
        record.pop("FailureReason", None)
        if params.get("Specification"):
            self._specify(record, params)
        record["LastModifiedTime"] = self._account.clock.now()
        endpoint = self._serving.endpoint(record["EndpointName"])
        problem = self._unreadable(params.get("Specification") or {}, endpoint)

        def undo() -> None:
            record["Specification"] = before

        self._changes.begin(KIND, name, "Updating", "InService", problem, undo)
        return {"InferenceComponentArn": record["InferenceComponentArn"]}

    def describe_inference_component(self, params: Params) -> Result:
        name = params["InferenceComponentName"]
        record = self._get(name)
        self._changes.look(KIND, name, record, "InferenceComponentStatus")
        if record["InferenceComponentStatus"] == "Deleted":
            del self.components[name]
            raise self._missing(name)
        return record

    def list_inference_components(self, params: Params) -> Result:
        filters = {
            "EndpointNameEquals": "EndpointName",
            "VariantNameEquals": "VariantName",
            "StatusEquals": "InferenceComponentStatus",
        }
        rows = [
            row
            for row in self.components.values()
            if row["InferenceComponentStatus"] != "Deleted"
            and all(row[m] == params[f] for f, m in filters.items() if params.get(f))
        ]
        members = (
            "CreationTime",
            "InferenceComponentArn",
            "InferenceComponentName",
            "EndpointArn",
            "EndpointName",
            "VariantName",
            "InferenceComponentStatus",
            "LastModifiedTime",
        )
        kept = chosen(
            params, rows, name="InferenceComponentName", status="InferenceComponentStatus"
        )
        return page(params, [{m: row[m] for m in members} for row in kept], "InferenceComponents")

    def delete_inference_component(self, params: Params) -> Result:
        name = params["InferenceComponentName"]
        record = self._get(name)
        adapters = [
            other
            for other, row in self.components.items()
            if row["Specification"].get("BaseInferenceComponentName") == name
        ]
        if adapters:
            raise invalid(
                f'Inference component "{record["InferenceComponentArn"]}" cannot be deleted '
                f"because adapter components use it: {', '.join(adapters)}."
            )
        self._changes.begin(KIND, name, "Deleting", "Deleted")
        return {}

    def _get(self, name: str) -> dict[str, Any]:
        if name not in self.components:
            raise self._missing(name)
        record = self.components[name]
        self._changes.settle(KIND, name, record, "InferenceComponentStatus")
        return record

    def _missing(self, name: str) -> ServiceError:
        return invalid(f'Could not find inference component "{self._account.arn(KIND, name)}".')
