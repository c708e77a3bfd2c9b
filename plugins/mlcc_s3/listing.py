"""The objects that an ``s3://`` URI means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from mlcc_aws.errors import DENIED_CODES, aws_errors, error_code
from mlcc_aws.sessions import s3_client
from mlcc_core import DatasetFile, Listing, MlccError, OtherUri
from mlcc_core.helpers import (
    close_files,
    file_lines,
    is_data_file,
    plural,
    select_files,
    usual_suffixes,
)
from mlcc_s3.uri import S3Uri, listed, parse
from mlcc_splits import STANDALONE, Choice, Place, choose, configs_of, header, mixed_splits

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FLAG = "--dataset"

MOST_OBJECTS = 100_000
"""Objects under one prefix that are listed at most: 100 requests."""


@dataclass(frozen=True, slots=True)
class Object:
    """One listed object.

    Attributes:
        key: its name in the bucket.
        size: bytes.
        etag: as S3 sends it, in quotation marks.
        alone: no other key of the bucket begins with this one.
    """

    key: str
    size: int
    etag: str
    alone: bool = False


def find(text: str, settings: Mapping[str, str]) -> Listing:
    """The files that the URI ``text`` means: one object, or the data files under a prefix.

    Raises:
        MlccError: no such bucket or key, no data file.
        PlatformError: credentials, permission, network.
    """
    uri = parse(text)
    needs = (
        f"s3:ListBucket on arn:aws:s3:::{uri.bucket} and "
        f"s3:GetObject on arn:aws:s3:::{uri.bucket}/*"
    )
    with aws_errors(f"list {uri}", needs, lambda error: _no_bucket(uri, error_code(error))):
        client = s3_client(settings)
        objects = _list(client, uri)
        base, found, notes = _find(uri, objects)
        if not found:
            raise _nothing(client, uri, objects)
        choice = _choose(client, uri, base, found, objects)
    files = {file.name: file for file in (_file(uri.bucket, base, each) for each in found)}
    names = list(choice.files)
    if uri.file is not None:
        names = select_files(names, uri.file, label=str(uri))
        notes += mixed_splits(names) if choice.split is None else ()
    count = (plural(len(names), "file"),) if len(names) > 1 and not notes else ()
    return Listing(
        uri=text,
        files=tuple(files[name] for name in names),
        label=str(uri),
        notes=(*notes, *choice.notes, *count),
        split=choice.split,
        other_splits={} if uri.file is not None else choice.other_splits,
    )


def _list(client: S3Client, uri: S3Uri) -> list[Object]:
    """All objects whose keys begin with the URI's, in the order of their keys.

    Without the permission to list, the object of just this key, if there is one.
    """
    from botocore.exceptions import ClientError

    found: list[Object] = []
    try:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=uri.bucket, Prefix=uri.key)
        for page in pages:
            found += [Object(o["Key"], o["Size"], o["ETag"]) for o in page.get("Contents", ())]
            if len(found) > MOST_OBJECTS:
                raise MlccError(
                    f"{uri} holds more than {MOST_OBJECTS} objects; a dataset is fewer files.",
                    where=FLAG,
                    hint="name a longer prefix",
                )
    except ClientError as error:
        if error_code(error) not in DENIED_CODES or not uri.key or uri.key.endswith("/"):
            raise
        head = client.head_object(Bucket=uri.bucket, Key=uri.key)
        return [Object(uri.key, head["ContentLength"], head["ETag"])]
    return [
        replace(this, alone=not after.key.startswith(this.key))
        for this, after in pairwise([*found, Object("", 0, "")])
    ]


def _choose(
    client: S3Client, uri: S3Uri, base: str, found: Sequence[Object], objects: Sequence[Object]
) -> Choice:
    """Return those of the data files that are of the split that is read."""
    names = sorted(_name(base, each) for each in found)
    is_folder = base.endswith("/") or not uri.key
    picked = uri.file is not None and uri.config is None and uri.split is None
    if picked or not (is_folder or uri.config or uri.split):
        return Choice(tuple(names))

    called = uri.key.rstrip("/").rpartition("/")[2]
    place = Place(str(uri), names, uri.with_parts, called=called)
    card: dict[str, object] = {}
    for name in ("README.md", STANDALONE) if is_folder else ():
        if any(each.key == f"{base}{name}" for each in objects):
            body = client.get_object(Bucket=uri.bucket, Key=f"{base}{name}")["Body"]
            card.update(header(body.read(), name, place))
    return choose(place, configs_of(card, place), uri.config, uri.split)


def _find(uri: S3Uri, objects: Sequence[Object]) -> tuple[str, list[Object], tuple[str, ...]]:
    """The object itself, else the data files of the folder, else of all that begins so.

    Returns:
        What to take off the keys to get names, the objects, and what to tell the user.
    """
    if objects and objects[0].key == uri.key and not uri.key.endswith("/"):
        return uri.key.rpartition("/")[0], [objects[0]], ()
    folder = uri.key if uri.key.endswith("/") or not uri.key else f"{uri.key}/"
    inside = _data_files(objects, folder)
    if inside:
        return folder, inside, ()
    above = uri.key.rpartition("/")[0]
    begun = _data_files(objects, f"{above}/" if above else "")
    return above, begun, (f"{len(begun)} files whose keys begin with {uri.key!r}",)


def _data_files(objects: Sequence[Object], folder: str) -> list[Object]:
    return [o for o in objects if o.key.startswith(folder) and is_data_file(o.key[len(folder) :])]


def _name(base: str, found: Object) -> str:
    return found.key.removeprefix(base).lstrip("/")


def _file(bucket: str, base: str, found: Object) -> DatasetFile:
    return DatasetFile(
        name=_name(base, found),
        uri=f"s3://{bucket}/{found.key}",
        size=found.size,
        fingerprint=f"etag:{found.etag} {found.size}",
        exact=found.alone,
    )


def _no_bucket(uri: S3Uri, code: str) -> MlccError | None:
    if code == "NoSuchBucket":
        return MlccError(
            f"Bucket {uri.bucket!r} does not exist.",
            where=FLAG,
            hint="see which buckets you have: aws s3 ls",
        )
    if code in ("404", "NoSuchKey"):
        return MlccError(f"{uri} does not exist.", where=FLAG, hint=listed(uri))
    return None


def _nothing(client: S3Client, uri: S3Uri, objects: Sequence[Object]) -> MlccError:
    """The error for a key that is none: what there is under it, or near it."""
    if objects:
        return MlccError(
            f"{uri} holds no data file.",
            where=FLAG,
            hint=f"name a prefix with {usual_suffixes()} files",
            detail=("It holds:", *file_lines([o.key for o in objects])),
        )
    if not uri.key:
        return MlccError(
            f"Bucket {uri.bucket!r} is empty.",
            where=FLAG,
            hint=f"aws s3 cp train.jsonl s3://{uri.bucket}/",
        )
    folder, near = _near(client, uri)
    close = close_files(uri.key.removeprefix(folder).partition("/")[0], near)
    meant = f" Did you mean {' or '.join(repr(key) for key in close)}?" if close else ""
    what = f"{uri} does not exist.{meant}"
    detail = ("Near it:", *file_lines(near)) if near else ()
    if close:
        return OtherUri(what, where=FLAG, uri=f"s3://{uri.bucket}/{close[0]}", detail=detail)
    return MlccError(what, where=FLAG, hint=listed(f"s3://{uri.bucket}/"), detail=detail)


def _near(client: S3Client, uri: S3Uri) -> tuple[str, list[str]]:
    """The nearest folder above the key that holds anything, and the keys and folders in it."""
    folder = uri.key.rstrip("/")
    while folder:
        folder = folder.rpartition("/")[0]
        prefix = f"{folder}/" if folder else ""
        page = client.list_objects_v2(Bucket=uri.bucket, Prefix=prefix, Delimiter="/")
        keys = [o["Key"] for o in page.get("Contents", ())]
        keys += [entry["Prefix"] for entry in page.get("CommonPrefixes", ())]
        if keys:
            return prefix, sorted(keys)
    return "", []
