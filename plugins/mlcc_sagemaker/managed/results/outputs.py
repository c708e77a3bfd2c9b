"""The files that an evaluation leaves in S3, found and read.

Below the job's ``S3OutputPath``, as AWS's documentation and the SageMaker SDK have it::

    <job>/output/output/<evaluation>/eval_results/results_<time>.json           benchmark, scorer
    <job>/output/output/<evaluation>/eval_results/inference_output.jsonl        scorer, replies
    <job>/output/output/<evaluation>/eval_results/bedrock_llm_judge_results.json      judge
    <evaluation>/<…>/<…>_output.jsonl                                   judge: every row
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from mlcc_aws.objects import read_object
from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import split_uri
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.job.jobs import read_description

FOLDER = "output/output/"


class Outputs:
    """The output of one job that completed.

    Attributes:
        base: the S3 URI below which all evaluations of the project write.
        job: its name.
    """

    def __init__(self, context: Context, job: str) -> None:
        where = read_description(context, job)["OutputDataConfig"]["S3OutputPath"]
        self.context = context
        self.job = job
        self.base = str(where).rstrip("/")
        self._keys: dict[str, list[str]] = {}

    def keys(self, under: str) -> list[str]:
        """Return the keys that begin so, relative to ``base``, in order; asked for once."""
        if under not in self._keys:
            bucket, prefix = split_uri(self.base)
            start = f"{prefix}/{under}"
            action = f"s3:ListBucket on arn:aws:s3:::{bucket}"
            with aws_call(f"list s3://{bucket}/{start}", action):
                pages = client(self.context, "s3").get_paginator("list_objects_v2")
                found = [
                    item["Key"].removeprefix(f"{prefix}/")
                    for page in pages.paginate(Bucket=bucket, Prefix=start)
                    for item in page.get("Contents", ())
                ]
            self._keys[under] = sorted(found)
        return self._keys[under]

    def find(self, fits: Callable[[str], bool]) -> str | None:
        """Return the last key of the job's own files whose name fits; ``None`` for none.

        Names of results end with the time, so that the last one is the newest.
        """
        keys = self.keys(f"{self.job}/{FOLDER}")
        return next((key for key in reversed(keys) if fits(key.rpartition("/")[2])), None)

    def require(self, what: str, fits: Callable[[str], bool]) -> str:
        """Return the key of :meth:`find`.

        Raises:
            MlccError: there is no such file.
        """
        key = self.find(fits)
        if key is None:
            uri = f"{self.base}/{self.job}/{FOLDER}"
            raise MlccError(
                f"The job {self.job} left no {what} below {uri}.",
                hint=f"aws s3 ls --recursive {shlex.quote(uri)}   # shows what it left",
            )
        return key

    def uri(self, key: str) -> str:
        """Return the address of a file."""
        return f"{self.base}/{key}"

    def read(self, key: str) -> bytes:
        """Return a file's content.

        Raises:
            PlatformError: it cannot be read.
        """
        bucket, path = split_uri(self.uri(key))
        action = f"s3:GetObject on arn:aws:s3:::{bucket}/{path}"
        with aws_call(f"read {self.uri(key)}", action):
            return read_object(client(self.context, "s3"), bucket, path)

    def read_json(self, key: str) -> Mapping[str, Any]:
        """Return a file's JSON object.

        Raises:
            MlccError: it is none.
        """
        try:
            document = json.loads(self.read(key))
        except ValueError:
            document = None
        if not isinstance(document, Mapping):
            raise self.strange(key, "is not a JSON object")
        return document

    def read_lines(self, key: str) -> list[Mapping[str, Any]]:
        """Return the JSON objects of a file with one on each line.

        Raises:
            MlccError: a line is none; it is named.
        """
        rows = []
        for number, line in enumerate(self.read(key).split(b"\n"), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, Mapping):
                raise self.strange(key, f"has no JSON object on line {number}")
            rows.append(row)
        return rows

    def strange(self, key: str, why: str) -> MlccError:
        """Return the error for a file that is not as expected."""
        uri = self.uri(key)
        return MlccError(
            f"The result of {self.job} cannot be understood: {uri} {why}.",
            hint=f"aws s3 cp {shlex.quote(uri)} -   # shows what it is",
        )
