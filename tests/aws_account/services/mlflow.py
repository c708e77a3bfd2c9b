"""MLflow apps and tracking servers: as many as a test puts there."""

from __future__ import annotations

from typing import Any

from tests.aws_account.account import Account, Params, Result, chosen, not_found, page

VERSION = "3.4.0"


class Mlflow:
    """The account's MLflow resources; none at first."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clear()

    def clear(self) -> None:
        self._apps: dict[str, dict[str, Any]] = {}
        self._servers: dict[str, dict[str, Any]] = {}

    def add_app(self, name: str, bucket: str, role: str) -> str:
        """Put a usable app into the account; returns its ARN."""
        params = {"Name": name, "ArtifactStoreUri": f"s3://{bucket}/mlflow", "RoleArn": role}
        return str(self.create_mlflow_app(params)["Arn"])

    def add_server(self, name: str, bucket: str, role: str) -> str:
        """Put a running tracking server into the account; returns its ARN."""
        params = {
            "TrackingServerName": name,
            "ArtifactStoreUri": f"s3://{bucket}/mlflow",
            "RoleArn": role,
        }
        return str(self.create_mlflow_tracking_server(params)["TrackingServerArn"])

    def create_mlflow_app(self, params: Params) -> Result:
        arn = self._account.arn("mlflow-app", f"app-{len(self._apps) + 1:04d}")
        self._apps[arn] = {
            **{key: value for key, value in params.items() if key != "Tags"},
            "Arn": arn,
            "Status": "Created",
            "MlflowVersion": VERSION,
            **self._account.times({}),
        }
        return {"Arn": arn}

    def describe_mlflow_app(self, params: Params) -> Result:
        if params["Arn"] not in self._apps:
            raise not_found(f"MLflow app {params['Arn']} does not exist.")
        return self._apps[params["Arn"]]

    def list_mlflow_apps(self, params: Params) -> Result:
        members = ("Arn", "Name", "Status", "CreationTime", "LastModifiedTime", "MlflowVersion")
        kept = chosen(params, self._apps.values(), name="Name", status="Status")
        if wanted := params.get("Status"):
            kept = [row for row in kept if row["Status"] == wanted]
        return page(params, [{key: row[key] for key in members} for row in kept], "Summaries")

    def delete_mlflow_app(self, params: Params) -> Result:
        self.describe_mlflow_app(params)
        del self._apps[params["Arn"]]
        return {"Arn": params["Arn"]}

    def create_presigned_mlflow_app_url(self, params: Params) -> Result:
        self.describe_mlflow_app(params)
        app = params["Arn"].rsplit("/", 1)[-1]
        host = f"{app}.mlflow.sagemaker.{self._account.region}.app.aws"
        return {"AuthorizedUrl": f"https://{host}/auth?authToken=once"}

    def create_mlflow_tracking_server(self, params: Params) -> Result:
        name = params["TrackingServerName"]
        arn = self._account.arn("mlflow-tracking-server", name)
        self._servers[name] = {
            **{key: value for key, value in params.items() if key != "Tags"},
            "TrackingServerArn": arn,
            "TrackingServerStatus": "Created",
            "IsActive": "Active",
            "MlflowVersion": VERSION,
            "TrackingServerUrl": f"https://{name}.{self._account.region}.experiments.sagemaker.aws",
            **self._account.times({}),
        }
        return {"TrackingServerArn": arn}

    def describe_mlflow_tracking_server(self, params: Params) -> Result:
        name = params["TrackingServerName"]
        if name not in self._servers:
            raise not_found(f"MLflow tracking server {name} does not exist.")
        return self._servers[name]

    def list_mlflow_tracking_servers(self, params: Params) -> Result:
        members = (
            "TrackingServerArn",
            "TrackingServerName",
            "CreationTime",
            "LastModifiedTime",
            "TrackingServerStatus",
            "IsActive",
            "MlflowVersion",
        )
        kept = chosen(
            params,
            self._servers.values(),
            name="TrackingServerName",
            status="TrackingServerStatus",
        )
        rows: list[Any] = [{key: row[key] for key in members} for row in kept]
        return page(params, rows, "TrackingServerSummaries")

    def delete_mlflow_tracking_server(self, params: Params) -> Result:
        record = self.describe_mlflow_tracking_server(params)
        del self._servers[params["TrackingServerName"]]
        return {"TrackingServerArn": record["TrackingServerArn"]}

    def create_presigned_mlflow_tracking_server_url(self, params: Params) -> Result:
        record = self.describe_mlflow_tracking_server(params)
        return {"AuthorizedUrl": f"{record['TrackingServerUrl']}/auth?authToken=once"}
