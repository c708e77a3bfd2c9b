"""``tune`` that is told to end, or killed, in the middle of an upload to S3."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.plugins.mlcc_sagemaker.conftest import BUCKET
from tests.plugins.mlcc_sagemaker.installed import make_installable, plugin_folder

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")

ROOT = Path(__file__).parents[4]
ROWS = [{"prompt": f"{n} + 1 =", "completion": f"{n + 1} " * 200} for n in range(6000)]
FLAGS = ("--technique", "sft", "--dataset", "s3://raw/a/", "--poll-interval", "0.02")
PROGRAM = """
from mlcc_aws import uploads
from mlcc_core.cli import main

uploads.PART_BYTES = 5 << 20
main()
"""
SLOW = 5.0
"""Seconds that S3 takes for each part."""

ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}


def start(project, site):
    paths = [str(path) for path in (site, plugin_folder(), ROOT, ROOT / "libs") if path]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "tune", *FLAGS],
        env={**os.environ, "MLCC_PROJECT": str(project), "PYTHONPATH": ":".join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def uploads(account):
    s3 = account.account.client("s3")
    return s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])


@pytest.mark.parametrize("number", ENDS)
def test_nothing_half_uploaded_is_taken_for_a_dataset(ready, account, tmp_path, number):
    half = len(ROWS) // 2
    lines = [json.dumps(row).encode() + b"\n" for row in ROWS]
    parts = {"a/1.jsonl": b"".join(lines[:half]), "a/2.jsonl": b"".join(lines[half:])}
    account.bucket("raw", parts)
    account.inject("s3:UploadPart", "slow", times=None, seconds=SLOW)
    process = start(ready.project, make_installable(tmp_path / "site"))
    while not uploads(account):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    time.sleep(0.3)  # it has heard of its upload, and waits for the first part
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == ENDS[number], err
    assert "Traceback" not in out + err
    assert [key for key in account.objects(BUCKET) if "/datasets/" in key] == []
    if number != signal.SIGKILL:
        assert "❌ Interrupted; nothing was submitted." in err
        assert uploads(account) == []
    account.faults.clear()
    ran = ready("tune", *FLAGS)
    assert ran.code == 0, ran
    staged = account.objects(BUCKET, "demo/datasets/")
    (data,) = (body for key, body in staged.items() if key.endswith(".jsonl"))
    assert [json.loads(line) for line in data.splitlines()] == ROWS
    (record,) = (json.loads(body) for key, body in staged.items() if key.endswith(".record.json"))
    assert record["rows"] == len(ROWS)
    assert [entry["written"] for entry in record["ledger"]["files"]] == [half, half]
