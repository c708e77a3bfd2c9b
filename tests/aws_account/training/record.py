"""A job as DescribeTrainingJob and ListTrainingJobs show it, whatever moves it on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.aws_account.account import Account, Params

DEFAULT_RUNTIME = 86400
"""``MaxRuntimeInSeconds`` of a request that has none, by botocore's model."""

SWITCHES = (
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
)
"""Members that DescribeTrainingJob has for every job on instances."""

TERMINAL = frozenset({"Completed", "Failed", "Stopped"})
REASON_LIMIT = 1024
SUMMARY = ("TrainingJobName", "TrainingJobArn", "CreationTime", "LastModifiedTime")
BILLED_ON_SPOT = 0.3
"""Part of a spot job's time that is billed; AWS's examples of savings are about 70 percent."""


class JobRecord:
    """A training job as the service shows it.

    Attributes:
        request: the CreateTrainingJob that made it.
        record: what DescribeTrainingJob says, but for the two statuses.
        status: ``TrainingJobStatus``.
        secondary: ``SecondaryStatus``.
    """

    def __init__(self, request: Params, account: Account) -> None:
        self.request = dict(request)
        self.name: str = request["TrainingJobName"]
        self.status = "InProgress"
        self.secondary = ""
        self._account = account
        self.record: dict[str, Any] = {
            **({} if "ServerlessJobConfig" in request else dict.fromkeys(SWITCHES, False)),
            **{key: value for key, value in request.items() if key != "Tags"},
            "StoppingCondition": {
                "MaxRuntimeInSeconds": DEFAULT_RUNTIME,
                **request.get("StoppingCondition", {}),
            },
            "TrainingJobArn": account.arn("training-job", self.name),
            "ModelArtifacts": {"S3ModelArtifacts": self.artifacts},
            "SecondaryStatusTransitions": [],
            **account.times({}),
        }

    @property
    def arn(self) -> str:
        return str(self.record["TrainingJobArn"])

    @property
    def role(self) -> str:
        return str(self.request["RoleArn"])

    @property
    def on_instances(self) -> bool:
        """True if the request names the machines that it runs on."""
        return "ServerlessJobConfig" not in self.request

    @property
    def ended(self) -> bool:
        return self.status in TERMINAL

    @property
    def spot(self) -> bool:
        return bool(self.request.get("EnableManagedSpotTraining"))

    @property
    def output(self) -> str:
        """S3 prefix of all that the job leaves."""
        base = self.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        return f"{base}/{self.name}/output"

    @property
    def compressed(self) -> bool:
        """True if the output is one archive: so of jobs on instances that do not say otherwise."""
        kind = self.request["OutputDataConfig"].get("CompressionType", "GZIP")
        return self.on_instances and kind == "GZIP"

    @property
    def artifacts(self) -> str:
        """S3 prefix of the model, or the archive of it, as ``ModelArtifacts`` names it."""
        return f"{self.output}/model{'.tar.gz' if self.compressed else ''}"

    def shown(self) -> dict[str, Any]:
        """Answer DescribeTrainingJob."""
        transitions = [dict(one) for one in self.record["SecondaryStatusTransitions"]]
        return {**self.record, "SecondaryStatusTransitions": transitions, **self._state()}

    def summary(self) -> dict[str, Any]:
        """Answer ListTrainingJobs about this job."""
        members = [key for key in (*SUMMARY, "TrainingEndTime") if key in self.record]
        return {**{key: self.record[key] for key in members}, **self._state()}

    def _state(self) -> dict[str, str]:
        return {"TrainingJobStatus": self.status, "SecondaryStatus": self.secondary}

    def _show(self, secondary: str, status: str, message: str, now: datetime) -> None:
        """Be in another secondary status from now on."""
        transitions = self.record["SecondaryStatusTransitions"]
        if transitions:
            transitions[-1]["EndTime"] = now
        transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": message})
        self.status, self.secondary = status, secondary
        self.record["LastModifiedTime"] = now

    def _close(self, now: datetime, reason: str, seconds: float | None) -> None:
        """End, with the time that the training took, if it ever began."""
        self.record["SecondaryStatusTransitions"][-1]["EndTime"] = now
        self.record["TrainingEndTime"] = now
        if seconds is not None:
            spent = max(1, int(seconds))
            billed = max(1, int(spent * BILLED_ON_SPOT)) if self.spot else spent
            self.record |= {"TrainingTimeInSeconds": spent, "BillableTimeInSeconds": billed}
        if reason:
            self.record["FailureReason"] = reason[:REASON_LIMIT]
