"""The values of the flags, read and held to what the service takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from mlcc_core import Context, MlccError, Option, attempt, raise_all
from mlcc_core.helpers import duration_seconds
from mlcc_sagemaker.aws.account import kms_key_of, options_of
from mlcc_sagemaker.request.options import declared
from mlcc_sagemaker.request.options.notifications import TOPIC

T = TypeVar("T")

KMS_ID = r"(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|mrk-[0-9a-f]{32})"
KMS_ALIAS = r"alias/[a-zA-Z0-9/_-]{1,250}"
KMS_KEY = re.compile(
    rf"(?:arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):\d{{12}}:(?:key/{KMS_ID}|{KMS_ALIAS})"
    rf"|{KMS_ID}|{KMS_ALIAS})\Z"
)
NETWORK_IDS: Mapping[Option, str] = {declared.SUBNETS: "subnet-", declared.SECURITY_GROUPS: "sg-"}
"""The beginnings of the ids that each flag takes."""

MOST_SUBNETS, MOST_GROUPS = 16, 5

TAG_CHARACTERS = r"[\w .:/=+\-@]"
TAG_KEY = re.compile(TAG_CHARACTERS + r"{1,128}\Z")
TAG_VALUE = re.compile(TAG_CHARACTERS + r"{1,256}\Z")
"""AWS takes an empty value, too, which the SageMaker SDK loses on the way."""
OWN_TAGS = ("aws:", "mlcc:", "sagemaker-sdk:")
"""The beginnings of keys that AWS, the SageMaker SDK and mlcc keep for themselves."""

MOST_TAGS = 46
"""Tags of a user: a job has at most 50, and four are mlcc's."""

LONGEST = 28 * 86_400
"""Seconds that the service lets a job run."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The values of the flags.

    Attributes:
        topic: the ARN of the SNS topic that is told; ``None`` for none.
        tags: by key.
        kms_key: of the output; ``None`` for S3's own.
        subnets, security_groups: of the job; empty for none, both or neither.
        seconds: that the job may run at most; ``None`` for the service's limit.
    """

    topic: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    kms_key: str | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    seconds: int | None = None

    @property
    def network(self) -> dict[str, list[str]]:
        """Return the ``VpcConfig`` of a request."""
        return {
            "SecurityGroupIds": list(self.security_groups),
            "Subnets": list(self.subnets),
        }


def read_surroundings(
    context: Context, options: Mapping[str, object], region: str | None = None
) -> Surroundings:
    """Read the flags of a job.

    Args:
        context: the surroundings of the project.
        options: of the spec, by key.
        region: where the job runs; ``None`` where nothing tells.

    Raises:
        MlccError, Problems: everything that is wrong with them.
    """
    given = options_of(context, options)
    problems: list[MlccError] = []

    def step(read: Callable[[], T]) -> T | None:
        return attempt(read, problems)

    subnets = step(lambda: _ids(given, declared.SUBNETS, MOST_SUBNETS))
    groups = step(lambda: _ids(given, declared.SECURITY_GROUPS, MOST_GROUPS))
    if subnets is not None and groups is not None and bool(subnets) != bool(groups):
        there, lacks = declared.SUBNETS, declared.SECURITY_GROUPS
        if groups:
            there, lacks = lacks, there
        problems.append(
            _refusal(lacks, f"{there.flag} needs {lacks.flag}, which is not given.", "ID")
        )
    found = Surroundings(
        topic=step(lambda: _topic(given)),
        tags=step(lambda: read_tags(_several(given.get(declared.TAG.key)))) or {},
        kms_key=step(lambda: _kms_key(context, options, region)),
        subnets=subnets or (),
        security_groups=groups or (),
        seconds=step(lambda: _seconds(given)),
    )
    raise_all(problems)
    return found


def read_tags(typed: Iterable[str]) -> dict[str, str]:
    """Return tags by key.

    Args:
        typed: as ``KEY=VALUE`` each.

    Raises:
        MlccError: one is not understood, or not taken by AWS.

    Example:
        >>> read_tags(["team=red bus", "cost=7"])
        {'team': 'red bus', 'cost': '7'}
    """
    option, pairs = declared.TAG, tuple(typed)
    tags: dict[str, str] = {}
    for at, pair in enumerate(pairs):
        wrong = _wrong_tag(pair)
        if wrong is not None:
            others = (*pairs[:at], "team=research", *pairs[at + 1 :])
            raise _refusal(option, f"{option.flag} {wrong}", *others)
        key, _, value = pair.partition("=")
        if key in tags:
            others = tuple(one for one in pairs if one == pair or not one.startswith(f"{key}="))
            raise _refusal(option, f"{option.flag} {key} is given twice: expected once.", *others)
        tags[key] = value
    if len(tags) > MOST_TAGS:
        what = f"{option.flag} is given {len(tags)} times: expected at most {MOST_TAGS}."
        raise _refusal(option, what, *pairs[:MOST_TAGS])
    return tags


def _wrong_tag(pair: str) -> str | None:
    """Return what is wrong with a tag, to go on after the flag; ``None`` where nothing is."""
    key, equals, value = pair.partition("=")
    if not equals or not TAG_KEY.match(key) or not TAG_VALUE.match(value):
        return (
            f"{pair!r} is not understood: expected KEY=VALUE, a key of 1 to 128 and a value of "
            "1 to 256 letters, digits, spaces and any of _.:/=+-@."
        )
    if key.lower().startswith(OWN_TAGS):
        begins = ", ".join(OWN_TAGS)
        return f"{key} cannot be set: keys that begin with {begins} are kept for AWS and mlcc."
    return None


def _seconds(given: Mapping[str, object]) -> int | None:
    option = declared.STOP_AFTER
    text = given.get(option.key)
    if text is None:
        return None
    seconds = None if "." in str(text) else duration_seconds(str(text).strip())
    if seconds is None or not 1 <= seconds <= LONGEST:
        what = f"{option.flag} {text!r} is not a duration from 1s to 28d: expected one like 4h30m."
        raise _refusal(option, what, "28d" if seconds and seconds > LONGEST else "4h")
    return int(seconds)


def _topic(given: Mapping[str, object]) -> str | None:
    option = declared.NOTIFY
    arn = given.get(option.key)
    if arn is None or TOPIC.match(str(arn)):
        return None if arn is None else str(arn)
    form = "arn:aws:sns:us-east-1:123456789012:TOPIC"
    kind = "a standard SNS topic" if str(arn).endswith(".fifo") else "an SNS topic"
    raise _refusal(option, f"{option.flag} {arn!r} is not {kind}: expected {form}.", form)


def _kms_key(context: Context, options: Mapping[str, object], region: str | None) -> str | None:
    option = declared.KMS_KEY
    key = kms_key_of(context, options)
    if key is None:
        return None
    match = KMS_KEY.match(key)
    if match is None:
        what = f"{key!r} is not a KMS key: expected its ARN, its id, or alias/NAME."
    elif region and match["region"] not in (None, region):
        what = f"The KMS key {key} is not in {region}, where the job runs."
    else:
        return key
    flag = option.key in options_of(context, options)
    error = _refusal(option, what, "alias/NAME")
    error.where = option.flag if flag else "TUNE_KMS_KEY_ID"
    raise error


def _ids(given: Mapping[str, object], option: Option, most: int) -> tuple[str, ...]:
    """Return the ids of a list that is separated by commas."""
    text = given.get(option.key)
    if text is None:
        return ()
    ids = tuple(dict.fromkeys(part.strip() for part in str(text).split(",") if part.strip()))
    form = re.compile(rf"{NETWORK_IDS[option]}[0-9a-z]{{1,24}}\Z")
    wrong = next((each for each in ids if not form.match(each)), None)
    like = f"{NETWORK_IDS[option]}0a1b2c3d"
    if wrong is not None or not ids:
        what = f"{option.flag} {wrong or text!r} is not an id: expected ids like {like}."
        raise _refusal(option, what, like)
    if len(ids) > most:
        what = f"{option.flag} names {len(ids)}, expected at most {most}."
        raise _refusal(option, what, ",".join(ids[:most]))
    return ids


def _several(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, (tuple, list)) else (str(value),)


def _refusal(option: Option, what: str, *better: str) -> MlccError:
    flags = " ".join(f"{option.flag} {shlex.quote(each)}" for each in better)
    return MlccError(what, where=option.flag, hint=f"pass {flags}")
