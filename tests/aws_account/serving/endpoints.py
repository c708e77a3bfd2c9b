"""Models, endpoint configurations and endpoints; endpoints take a few looks to come and go."""

from __future__ import annotations

from typing import Any

from tests.aws_account.account import Account, Params, Result, chosen, page
from tests.aws_account.door.answers import ServiceError, invalid
from tests.aws_account.services.identity import Identity
from tests.aws_account.serving.changes import Changes


class Serving:
    """What the account serves from, components apart.

    Attributes:
        changes: how long creation and deletion take, and which fail (see :class:`Changes`).
    """

    def __init__(self, account: Account, identity: Identity, changes: Changes) -> None:
        self._account = account
        self._identity = identity
        self.changes = changes
        self.clear()

    def clear(self) -> None:
        self._models: dict[str, dict[str, Any]] = {}
        self._configs: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, dict[str, Any]] = {}

    def create_model(self, params: Params) -> Result:
        arn = self._account.arn("model", params["ModelName"])
        if params["ModelName"] in self._models:
            raise invalid(f'Cannot create already existing model "{arn}".')
        if not params.get("PrimaryContainer") and not params.get("Containers"):
            raise invalid("One of PrimaryContainer or Containers is required.")
        if role := params.get("ExecutionRoleArn"):
            self._identity.require_role(role)
        self._models[params["ModelName"]] = self._record(params, ModelArn=arn)
        return {"ModelArn": arn}

    def describe_model(self, params: Params) -> Result:
        return self._one(self._models, "model", params["ModelName"])

    def list_models(self, params: Params) -> Result:
        return self._list(params, self._models, "Model", "Models")

    def delete_model(self, params: Params) -> Result:
        self._one(self._models, "model", params["ModelName"])
        del self._models[params["ModelName"]]
        return {}

    def create_endpoint_config(self, params: Params) -> Result:
        name = params["EndpointConfigName"]
        arn = self._account.arn("endpoint-config", name)
        if name in self._configs:
            raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
        for variant in params["ProductionVariants"]:
            if model := variant.get("ModelName"):
                self._one(self._models, "model", model)
            elif not params.get("ExecutionRoleArn"):
                raise invalid("ExecutionRoleArn is required for a variant without ModelName.")
        self._configs[name] = self._record(params, EndpointConfigArn=arn)
        return {"EndpointConfigArn": arn}

    def describe_endpoint_config(self, params: Params) -> Result:
        return self._one(self._configs, "endpoint configuration", params["EndpointConfigName"])

    def list_endpoint_configs(self, params: Params) -> Result:
        return self._list(params, self._configs, "EndpointConfig", "EndpointConfigs")

    def delete_endpoint_config(self, params: Params) -> Result:
        name = params["EndpointConfigName"]
        self._one(self._configs, "endpoint configuration", name)
        del self._configs[name]
        return {}

    def create_endpoint(self, params: Params) -> Result:
        name = params["EndpointName"]
        arn = self._account.arn("endpoint", name)
        if name in self.endpoints:
            raise invalid(f'Cannot create already existing endpoint "{arn}".')
        config = self._one(self._configs, "endpoint configuration", params["EndpointConfigName"])
        self.endpoints[name] = self._record(params, EndpointArn=arn, EndpointStatus="Creating")
        self._provide(self.endpoints[name], config)
        self.changes.begin("endpoint", name, "Creating", "InService")
        return {"EndpointArn": arn}

    def role(self, endpoint: Params) -> str:
        """The execution role of an endpoint."""
        return str(self._configs[endpoint["EndpointConfigName"]].get("ExecutionRoleArn", ""))

    def _provide(self, endpoint: dict[str, Any], config: Params) -> None:
        endpoint["EndpointConfigName"] = config["EndpointConfigName"]
        endpoint["ProductionVariants"] = [
            {
                "VariantName": variant["VariantName"],
                "CurrentWeight": variant.get("InitialVariantWeight", 1.0),
                "DesiredWeight": variant.get("InitialVariantWeight", 1.0),
                "CurrentInstanceCount": variant.get("InitialInstanceCount", 1),
                "DesiredInstanceCount": variant.get("InitialInstanceCount", 1),
            }
            for variant in config["ProductionVariants"]
        ]

    def update_endpoint(self, params: Params) -> Result:
        endpoint = self.endpoint(params["EndpointName"])
        config = self._one(self._configs, "endpoint configuration", params["EndpointConfigName"])
        if endpoint["EndpointStatus"] != "InService":
            raise invalid(f'Cannot update in-progress endpoint "{endpoint["EndpointArn"]}".')
        self._provide(endpoint, config)
        self.changes.begin("endpoint", params["EndpointName"], "Updating", "InService")
        return {"EndpointArn": endpoint["EndpointArn"]}

    def describe_endpoint(self, params: Params) -> Result:
        name = params["EndpointName"]
        record = self.endpoint(name)
        self.changes.look("endpoint", name, record, "EndpointStatus")
        if record["EndpointStatus"] == "Deleted":
            del self.endpoints[name]
            raise self._missing("endpoint", name)
        return record

    def list_endpoints(self, params: Params) -> Result:
        rows = [row for row in self.endpoints.values() if row["EndpointStatus"] != "Deleted"]
        kept = chosen(params, rows, name="EndpointName", status="EndpointStatus")
        if wanted := params.get("StatusEquals"):
            kept = [row for row in kept if row["EndpointStatus"] == wanted]
        members = (
            "EndpointName",
            "EndpointArn",
            "CreationTime",
            "LastModifiedTime",
            "EndpointStatus",
        )
        return page(params, [{key: row[key] for key in members} for row in kept], "Endpoints")

    def delete_endpoint(self, params: Params) -> Result:
        record = self.endpoint(params["EndpointName"])
        if record["EndpointStatus"] in ("Creating", "Updating"):
            raise invalid(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')
        if self.changes.components_of(params["EndpointName"]):
            raise invalid(
                f'Endpoint "{record["EndpointArn"]}" cannot be deleted because it has inference '
                "components. Delete them first."
            )
        self.changes.begin("endpoint", params["EndpointName"], "Deleting", "Deleted")
        return {}

    def endpoint(self, name: str) -> dict[str, Any]:
        """The endpoint of this name.

        Raises:
            ServiceError: there is none.
        """
        record = self._one(self.endpoints, "endpoint", name)
        self.changes.settle("endpoint", name, record, "EndpointStatus")
        return record

    def _record(self, params: Params, **more: Any) -> dict[str, Any]:
        kept = {key: value for key, value in params.items() if key != "Tags"}
        return {
            **kept,
            **more,
            "CreationTime": self._account.clock.now(),
            **({"LastModifiedTime": self._account.clock.now()} if "EndpointStatus" in more else {}),
        }

    def _one(self, records: dict[str, dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
        if name not in records:
            raise self._missing(kind, name)
        return records[name]

    def _missing(self, kind: str, name: str) -> ServiceError:
        arn = self._account.arn(kind.replace("endpoint configuration", "endpoint-config"), name)
        return invalid(f'Could not find {kind} "{arn}".')

    def _list(
        self, params: Params, records: dict[str, dict[str, Any]], noun: str, under: str
    ) -> Result:
        name = f"{noun}Name"
        kept = chosen(params, records.values(), name=name, status=name)
        members = (name, f"{noun}Arn", "CreationTime")
        return page(params, [{key: row[key] for key in members} for row in kept], under)
