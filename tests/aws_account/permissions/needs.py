"""The permissions that a request takes, by AWS's service authorization reference.

Most actions have the operation's name. The resources are built from the request; a resource type
that an operation requires is a permission of its own, and so are the tags of a new resource and a
role that is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import unquote

from tests.aws_account.account import ACCOUNT_ID, Params
from tests.aws_account.door.asked import Asked
from tests.aws_account.door.faults import ACTIONS
from tests.aws_account.permissions.policies import Need
from tests.aws_account.permissions.resources import (
    LISTS,
    NAMES,
    SAGEMAKER,
    hub_content,
    sagemaker_arn,
)

FREE = frozenset({"sts:GetCallerIdentity"})
"""Operations that nobody needs a permission for, by their documentation."""

Rule = Callable[[Asked], Iterator[Need]]


def needs(asked: Asked) -> list[Need]:
    """Every permission that the request takes, in the order in which a lack is told.

    Raises:
        NotImplementedError: nothing is known of the operation.
    """
    if asked.name in FREE or not asked.access_key:
        return []
    rule = RULES.get(asked.service)
    if rule is None:
        text = f"which permissions {asked.name} takes; add it to permissions/needs.py"
        raise NotImplementedError(text)
    return list(rule(asked))


def _sagemaker(asked: Asked) -> Iterator[Need]:
    """SageMaker's own actions; ``iam:PassRole`` and ``sagemaker:AddTags`` where it asks so."""
    params, action = asked.params, f"sagemaker:{asked.operation}"
    if asked.operation in LISTS:
        yield Need(action)
        return
    if asked.operation not in SAGEMAKER:
        text = f"the resources of {asked.name}; add them to permissions/resources.py"
        raise NotImplementedError(text)
    arns = [arn for kind in SAGEMAKER[asked.operation] if (arn := _resource(asked, kind))]
    yield from (Need(action, arn) for arn in arns)
    for role in (params.get("RoleArn"), params.get("ExecutionRoleArn")):
        if role:
            yield Need("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"})
    if params.get("Tags") and asked.operation != "AddTags":
        yield Need("sagemaker:AddTags", arns[-1])


def _resource(asked: Asked, kind: str) -> str:
    if kind == "hub-content":
        return hub_content(asked.region, asked.params)
    name = asked.params.get(NAMES[kind])
    return sagemaker_arn(asked.region, kind, str(name)) if name else ""


def _runtime(asked: Asked) -> Iterator[Need]:
    action, params = f"sagemaker:{asked.operation}", asked.params
    yield Need(action, sagemaker_arn(asked.region, "endpoint", params["EndpointName"]))
    if component := params.get("InferenceComponentName"):
        yield Need(action, sagemaker_arn(asked.region, "inference-component", component))


def _s3(asked: Asked) -> Iterator[Need]:
    params = asked.params
    action = ACTIONS.get(asked.name, asked.name)
    if "Bucket" not in params:
        yield Need(action)
        return
    bucket = bucket_arn(str(params["Bucket"]))
    if "CopySource" in params:
        source = unquote(str(params["CopySource"])).split("?")[0].lstrip("/")
        yield Need("s3:GetObject", f"arn:aws:s3:::{source}")
    if asked.operation == "DeleteObjects":
        for item in params["Delete"]["Objects"]:
            yield Need(action, f"{bucket}/{item['Key']}")
    elif "Key" in params:
        if params.get("VersionId") and action == "s3:GetObject":
            action = "s3:GetObjectVersion"
        yield Need(action, f"{bucket}/{params['Key']}")
    else:
        yield Need(action, bucket, {"s3:prefix": str(params.get("Prefix") or "")})


def bucket_arn(bucket: str) -> str:
    """The ARN of a bucket; that of an access point, which stands in its place, is one already."""
    return bucket if bucket.startswith("arn:") else f"arn:aws:s3:::{bucket}"


def _lambda(asked: Asked) -> Iterator[Need]:
    name = str(asked.params["FunctionName"])
    arn = f"arn:aws:lambda:{asked.region}:{ACCOUNT_ID}:function:{name}"
    yield Need(ACTIONS.get(asked.name, asked.name), name if name.startswith("arn:") else arn)


def _iam(asked: Asked) -> Iterator[Need]:
    params = asked.params
    role = params.get("PolicySourceArn") or f"arn:aws:iam::{ACCOUNT_ID}:role/{params['RoleName']}"
    yield Need(asked.name, role)


def _logs(asked: Asked) -> Iterator[Need]:
    arn = f"arn:aws:logs:{asked.region}:{ACCOUNT_ID}:log-group:{asked.params['logGroupName']}"
    stream = asked.params.get("logStreamName")
    yield Need(asked.name, f"{arn}:log-stream:{stream}" if stream else arn)


def _secrets(asked: Asked) -> Iterator[Need]:
    name = str(asked.params.get("SecretId") or asked.params.get("Name"))
    arn = f"arn:aws:secretsmanager:{asked.region}:{ACCOUNT_ID}:secret:{name}-a1B2c3"
    yield Need(asked.name, name if name.startswith("arn:") else arn)


def _events(asked: Asked) -> Iterator[Need]:
    """EventBridge's rules on the default bus; the role of a rule or a target is passed on."""
    params = asked.params
    name = params.get("Name") or params.get("Rule")
    arn = f"arn:aws:events:{asked.region}:{ACCOUNT_ID}:rule/{name}"
    targets = params.get("Targets", ()) if asked.operation == "PutTargets" else ()
    for target in targets:
        yield Need(asked.name, arn, {"events:TargetArn": target["Arn"]})
    if not targets:
        yield Need(asked.name, arn if name else "*")
    for part in (params, *params.get("Targets", ())):
        if isinstance(part, dict) and part.get("RoleArn"):
            passed = {"iam:PassedToService": "events.amazonaws.com"}
            yield Need("iam:PassRole", part["RoleArn"], passed)


def _topics(asked: Asked) -> Iterator[Need]:
    yield Need(asked.name, str(asked.params.get("TopicArn") or "*"))


IMPORTS = {
    "CreateModelImportJob": "",
    "GetModelImportJob": "model-import-job",
    "ListModelImportJobs": "",
    "GetImportedModel": "imported-model",
    "ListImportedModels": "",
    "DeleteImportedModel": "imported-model",
    "ListTagsForResource": "tagged",
    "TagResource": "tagged",
}
"""Bedrock's operations on imported models, and the resource type that each one's action is for."""

ANY_ID = "0a1b2c3d4e5f"
"""Stands for the id of what is found by its name, or is about to be made."""


def _bedrock(asked: Asked) -> Iterator[Need]:
    if asked.operation in IMPORTS:
        yield from _imports(asked)
        return
    model = str(asked.params.get("modelIdentifier") or asked.params.get("modelId") or "")
    arn = f"arn:aws:bedrock:{asked.region}::foundation-model/{model}"
    action = f"bedrock:{asked.operation}"
    yield Need(action, "*" if not model else model if model.startswith("arn:") else arn)


def _imports(asked: Asked) -> Iterator[Need]:
    """Custom Model Import: the role is passed on, and tags take a permission of their own."""
    params, kind, action = asked.params, IMPORTS[asked.operation], f"bedrock:{asked.operation}"
    place = f"arn:aws:bedrock:{asked.region}:{ACCOUNT_ID}"
    named = str(
        params.get("jobIdentifier")
        or params.get("modelIdentifier")
        or params.get("resourceARN")
        or ""
    )
    arn = named if named.startswith("arn:") else f"{place}:{kind}/{ANY_ID}"
    yield Need(action, arn if kind else "*")
    if role := params.get("roleArn"):
        yield Need("iam:PassRole", role, {"iam:PassedToService": "bedrock.amazonaws.com"})
    for tags, tagged in (("jobTags", "model-import-job"), ("importedModelTags", "imported-model")):
        if params.get(tags):
            yield Need("bedrock:TagResource", f"{place}:{tagged}/{ANY_ID}")


def _anywhere(asked: Asked) -> Iterator[Need]:
    """A service whose actions know no resources."""
    yield Need(asked.name)


RULES: dict[str, Rule] = {
    "sagemaker": _sagemaker,
    "sagemaker-runtime": _runtime,
    "s3": _s3,
    "lambda": _lambda,
    "iam": _iam,
    "logs": _logs,
    "secretsmanager": _secrets,
    "events": _events,
    "sns": _topics,
    "bedrock": _bedrock,
    "bedrock-runtime": _bedrock,
    "pricing": _anywhere,
    "cloudwatch": _anywhere,
}


def listing(params: Params) -> Need:
    """What lets S3 say that an object is not there, rather than that it is forbidden."""
    return Need("s3:ListBucket", bucket_arn(str(params["Bucket"])))
