"""Pipelines and lineage, as far as the SDK's evaluators go: kept, and never run."""

from __future__ import annotations

from typing import Any

from tests.aws_account.account import Account, Params, Result, last_part, not_found, page


class Pipelines:
    """Pipelines with their definitions, their executions, and the artifacts of lineage."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.clear()

    def clear(self) -> None:
        self._pipelines: dict[str, dict[str, Any]] = {}
        self._executions: dict[str, dict[str, Any]] = {}
        self._artifacts: dict[str, dict[str, Any]] = {}

    def create_pipeline(self, params: Params) -> Result:
        name = params["PipelineName"]
        self._pipelines[name] = {
            **{k: v for k, v in params.items() if k not in ("ClientRequestToken", "Tags")},
            "PipelineArn": self._account.arn("pipeline", name),
            "PipelineStatus": "Active",
            **self._account.times({}),
        }
        return {"PipelineArn": self._pipelines[name]["PipelineArn"]}

    def describe_pipeline(self, params: Params) -> Result:
        name = last_part(params["PipelineName"])
        if name not in self._pipelines:
            raise not_found(f"Pipeline {name} does not exist.")
        return self._pipelines[name]

    def list_pipelines(self, params: Params) -> Result:
        start = params.get("PipelineNamePrefix", "")
        members = ("PipelineArn", "PipelineName", "RoleArn", "CreationTime", "LastModifiedTime")
        rows: list[Any] = [
            {key: row[key] for key in members if key in row}
            for name, row in self._pipelines.items()
            if name.startswith(start)
        ]
        return page(params, rows, "PipelineSummaries")

    def start_pipeline_execution(self, params: Params) -> Result:
        pipeline = self.describe_pipeline(params)
        number = f"{len(self._executions):012d}"
        arn = f"{pipeline['PipelineArn']}/execution/{number}"
        self._executions[arn] = {
            "PipelineArn": pipeline["PipelineArn"],
            "PipelineExecutionArn": arn,
            "PipelineExecutionStatus": "Executing",
            **self._account.times({}),
        }
        return {"PipelineExecutionArn": arn}

    def describe_pipeline_execution(self, params: Params) -> Result:
        arn = params["PipelineExecutionArn"]
        if arn not in self._executions:
            raise not_found(f"Pipeline execution {arn} does not exist.")
        return self._executions[arn]

    def create_artifact(self, params: Params) -> Result:
        arn = self._account.arn("artifact", f"{len(self._artifacts):032d}")
        self._artifacts[arn] = {**params, "ArtifactArn": arn, **self._account.times({})}
        return {"ArtifactArn": arn}

    def describe_artifact(self, params: Params) -> Result:
        arn = params["ArtifactArn"]
        if arn not in self._artifacts:
            raise not_found(f"Artifact {arn} does not exist.")
        record = self._artifacts[arn]
        return {key: value for key, value in record.items() if key != "Tags"}

    def list_artifacts(self, params: Params) -> Result:
        wanted = params.get("SourceUri")
        members = ("ArtifactArn", "ArtifactName", "Source", "ArtifactType", "CreationTime")
        rows: list[Any] = [
            {key: row[key] for key in members if key in row}
            for row in self._artifacts.values()
            if wanted in (None, row["Source"]["SourceUri"])
        ]
        return page(params, rows, "ArtifactSummaries")
