"""Artifacts in S3, by hand."""

from __future__ import annotations

import io
import tarfile

from tests.plugins.mlcc_sagemaker.conftest import BUCKET

ADAPTER = f"s3://{BUCKET}/out/adapter"
MODEL = f"s3://{BUCKET}/out/model"


def put(account, prefix, files, bucket=BUCKET):
    s3 = account.account.client("s3")
    for name, data in files.items():
        s3.put_object(Bucket=bucket, Key=prefix + name, Body=data)


def archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
