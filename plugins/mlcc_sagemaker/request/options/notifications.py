"""Notifications: a rule of EventBridge that tells an SNS topic when jobs of the project end.

Rule and target are those of the SageMaker SDK (``notifications={"sns_topic_arn": …}``), which the
tests hold them to; its ``job_name_prefix`` is the project, so that other jobs of the account are
not told of. The name of the rule follows from topic, events and project: it is made once.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.request.options.declared import NOTIFY

TOPIC = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[a-z0-9-]+):\d{12}:(?P<name>[\w-]{1,256})\Z")
EVENTS = ("Completed", "Failed", "Stopped")
SERVICE = "events.amazonaws.com"

PATHS = {
    "job_name": "$.detail.TrainingJobName",
    "status": "$.detail.TrainingJobStatus",
    "time": "$.time",
    "region": "$.region",
    "failure_reason": "$.detail.FailureReason",
    "account": "$.account",
}
"""The parts of an event that a message has, by their names in :data:`MESSAGE`."""

MESSAGE = (
    '{"Job": "<job_name>", "Status": "<status>", "Time": "<time>", "Region": "<region>", '
    '"Account": "<account>", "Failure Reason": "<failure_reason>", "Console": '
    '"https://<region>.console.aws.amazon.com/sagemaker/home?region=<region>#/jobs/<job_name>"}'
)


@dataclass(frozen=True, slots=True)
class Notification:
    """A rule and its target, as EventBridge is sent them.

    Attributes:
        rule: the members of PutRule.
        targets: the members of PutTargets.
    """

    rule: Mapping[str, Any]
    targets: Mapping[str, Any]

    @classmethod
    def of(cls, topic: str, project: str) -> Notification:
        """Return what tells ``topic`` of the jobs of ``project``."""
        prefix = f"{project}-"
        config = f"{topic}|{','.join(sorted(EVENTS))}|{prefix}"
        name = f"sm-pysdk-job-notif-{hashlib.sha256(config.encode()).hexdigest()[:8]}"
        pattern = {
            "source": ["aws.sagemaker"],
            "detail-type": ["SageMaker Training Job State Change"],
            "detail": {"TrainingJobStatus": EVENTS, "TrainingJobName": [{"prefix": prefix}]},
        }
        rule = {
            "Name": name,
            "EventPattern": json.dumps(pattern),
            "State": "ENABLED",
            "Description": f"SageMaker PySDK training job notifications -> {topic}",
        }
        message = {"InputPathsMap": PATHS, "InputTemplate": MESSAGE}
        target = {"Id": f"{name}-sns-target", "Arn": topic, "InputTransformer": message}
        return cls(rule, {"Rule": name, "Targets": [target]})

    @property
    def name(self) -> str:
        """Return the name of the rule."""
        return str(self.rule["Name"])

    @property
    def topic(self) -> str:
        """Return the ARN of the topic."""
        return str(self.targets["Targets"][0]["Arn"])

    @property
    def removal(self) -> str:
        """Return the commands that remove it; nothing else does."""
        target = self.targets["Targets"][0]["Id"]
        events = f"aws events --region {self.topic.split(':')[3]}"
        return (
            f"{events} remove-targets --rule {self.name} --ids {target} && "
            f"{events} delete-rule --name {self.name}"
        )

    def note(self, project: str) -> str:
        """Return a line about it for the user."""
        return (
            f"The EventBridge rule {self.name} tells {self.topic} when jobs {project}-… have "
            f"completed, failed or stopped. It stays until: {self.removal}"
        )


def find_topic(context: Context, topic: str) -> str | None:
    """Look at a topic, and whether rules can be looked at; nothing is created.

    Args:
        context: the surroundings of the project.
        topic: its ARN.

    Returns:
        A warning where the topic's policy does not let EventBridge publish to it.

    Raises:
        MlccError: there is no such topic in the project's region.
        PlatformError: it, or the rules of EventBridge, cannot be looked at.
    """
    match = TOPIC.match(topic)
    region = region_of(context)
    if match is None or match["region"] != region:
        raise MlccError(
            f"{NOTIFY.flag} {topic} is not in {region}, where the job runs.",
            where=NOTIFY.flag,
            hint=f"pass {NOTIFY.flag} arn:aws:sns:{region}:123456789012:TOPIC",
        )

    def missing(words: str) -> MlccError:
        return MlccError(
            f"There is no SNS topic {topic}.",
            detail=(words,),
            where=NOTIFY.flag,
            hint=f"aws sns list-topics --region {region}   # or: create-topic --name NAME",
        )

    on = {"missing": missing, "NotFound": missing, "NotFoundException": missing}
    with aws_call(f"look at {topic}", "sns:GetTopicAttributes", on):
        answer = client(context, "sns").get_topic_attributes(TopicArn=topic)
    with aws_call("look at the rules of EventBridge", "events:ListRules"):
        name = Notification.of(topic, context.project).name
        client(context, "events").list_rules(NamePrefix=name, Limit=1)
    policy = str((answer.get("Attributes") or {}).get("Policy") or "")
    if SERVICE in policy:
        return None
    return (
        f"The policy of {topic} does not let EventBridge publish: no message arrives before "
        f"{SERVICE} may. To let it: {_letting(topic, policy)}"
    )


def _letting(topic: str, policy: str) -> str:
    """Return the command that lets EventBridge publish to a topic, besides those who may."""
    try:
        document = json.loads(policy)
        before = document["Statement"]
    except (ValueError, KeyError, TypeError):
        document, before = {"Version": "2012-10-17"}, []
    statement = {
        "Sid": "mlcc-events",
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    statements = [*(before if isinstance(before, list) else [before]), statement]
    wider = json.dumps({**document, "Statement": statements})
    return (
        f"aws sns --region {topic.split(':')[3]} set-topic-attributes --topic-arn {topic} "
        f"--attribute-name Policy --attribute-value {shlex.quote(wider)}"
    )


def ensure_notified(context: Context, notification: Notification) -> None:
    """Make the rule and its target, or bring those that are there to this form.

    Raises:
        PlatformError: EventBridge does not take them, or they cannot be made.
    """
    name = notification.name
    events = client(context, "events")
    with aws_call(f"make the EventBridge rule {name}", f"events:PutRule on rule/{name}"):
        events.put_rule(**notification.rule)
    with aws_call(f"add the target of the rule {name}", f"events:PutTargets on rule/{name}"):
        answer = events.put_targets(**notification.targets)
    if answer.get("FailedEntryCount"):
        entry = (answer.get("FailedEntries") or [{}])[0]
        why = f"{entry.get('ErrorCode') or 'no code'}: {entry.get('ErrorMessage') or 'no reason'}"
        raise PlatformError(
            f"EventBridge does not take {notification.topic} as the target of {name} ({why}).",
            where=NOTIFY.flag,
            hint="run the same command again, or leave --notify out",
        )
