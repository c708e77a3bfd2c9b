"""The price list is asked once a day, near by, within seconds, and a refusal is a note."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlcc_core.helpers import default_cache
from mlcc_sagemaker.money import price_list
from mlcc_sagemaker.money.hours import endpoint_hours
from tests.plugins.mlcc_sagemaker.conftest import make_context
from tests.plugins.mlcc_sagemaker.money.published import GPU, publish_instance

FAULTS = {
    "denied": "access denied; the permission pricing:GetProducts is missing.",
    "throttled": "AWS throttles requests (ThrottlingException).",
    "refused": "Connection was closed",
    "cut": "is cut short, or is not from AWS",
    "truncated": "is cut short, or is not from AWS",
    "empty": "is cut short, or is not from AWS (it is empty)",
    "page": "is cut short, or is not from AWS (a page of HTML)",
    "failed": "AWS answered InternalFailure",
    "expired": "the AWS credentials have expired",
}
AGAIN = """
import sys
from pathlib import Path
from mlcc_core.contract.platform.values import Context
from mlcc_sagemaker.money.hours import endpoint_hours
import os
charge = endpoint_hours(Context(Path(sys.argv[1]), "demo", dict(os.environ)), sys.argv[2])
print(charge.price, charge.source)
"""


@pytest.fixture(autouse=True)
def no_memory(monkeypatch):
    """As in a new process."""
    monkeypatch.setattr(price_list, "_ANSWERS", {})


def asked(account) -> int:
    return len(account.log.calls("pricing:GetProducts"))


def test_one_question_a_process_and_one_a_day(account, context, monkeypatch):
    publish_instance(account, "1.5150000000")
    for _ in range(3):
        assert endpoint_hours(context, GPU).price == 1.515
    assert asked(account) == 1
    monkeypatch.setattr(price_list, "_ANSWERS", {})
    assert endpoint_hours(context, GPU).price == 1.515
    assert asked(account) == 1


@pytest.mark.slow
def test_other_processes_do_not_ask_again(account, context, tmp_path):
    publish_instance(account, "1.5150000000")
    first = endpoint_hours(context, GPU)
    ran = subprocess.run(
        [sys.executable, "-c", AGAIN, str(tmp_path), GPU],
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.strip() == f"{first.price} {first.source}"
    assert asked(account) == 1


def test_the_day_is_told(account, context):
    publish_instance(account, "1.5150000000")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert endpoint_hours(context, GPU).source == f"AWS price list, {today}"


def cache_files() -> list[Path]:
    return [path for path in (default_cache() / "aws-prices").iterdir() if path.is_file()]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"asked": 0, "items": []}', b"\xff"])
def test_a_damaged_file_is_written_anew(account, context, monkeypatch, damage):
    publish_instance(account, "1.5150000000")
    endpoint_hours(context, GPU)
    (file,) = cache_files()
    file.write_bytes(damage)
    monkeypatch.setattr(price_list, "_ANSWERS", {})
    assert endpoint_hours(context, GPU).price == 1.515
    assert asked(account) == 2
    assert file.read_bytes() != damage


@pytest.mark.parametrize("hours", [24.01, -1.0], ids=["yesterday", "tomorrow"])
def test_another_day_is_asked_anew(account, context, monkeypatch, hours):
    publish_instance(account, "1.5150000000")
    endpoint_hours(context, GPU)
    now = time.time()
    monkeypatch.setattr(price_list, "_ANSWERS", {})
    monkeypatch.setattr(price_list.time, "time", lambda: now + hours * 3600)
    endpoint_hours(context, GPU)
    assert asked(account) == 2


def test_a_cache_that_cannot_be_written_does_not_matter(account, context, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLCC_CACHE", str(tmp_path / "file"))
    publish_instance(account, "1.5150000000")
    assert endpoint_hours(context, GPU).price == 1.515


def test_the_umask_says_who_may_read(account, context):
    publish_instance(account, "1.5150000000")
    endpoint_hours(context, GPU)
    (file,) = cache_files()
    new = file.parent / "new"
    new.touch()
    assert file.stat().st_mode == new.stat().st_mode


@pytest.mark.parametrize("kind", FAULTS)
def test_a_refusal_is_a_note_and_not_tried_again(account, context, kind):
    publish_instance(account, "1.5150000000")
    account.inject("GetProducts", kind, times=None)
    for instance in (GPU, "ml.g5.12xlarge"):
        charge = endpoint_hours(context, instance)
        assert charge.price is None
        assert charge.note.startswith("Cannot read the AWS price list: ")
        assert FAULTS[kind] in charge.note
    assert asked(account) == 1


def test_a_refusal_is_not_kept_for_the_next_command(account, context, monkeypatch):
    publish_instance(account, "1.5150000000")
    account.inject("GetProducts", "denied")
    assert endpoint_hours(context, GPU).price is None
    monkeypatch.setattr(price_list, "_ANSWERS", {})
    assert endpoint_hours(context, GPU).price == 1.515


def test_the_next_command_knows_what_was_kept_without_asking(account, context, monkeypatch):
    publish_instance(account, "1.5150000000")
    endpoint_hours(context, GPU)
    monkeypatch.setattr(price_list, "_ANSWERS", {})
    account.inject("GetProducts", "denied", times=None)
    assert endpoint_hours(context, "ml.g5.12xlarge").price is None
    assert endpoint_hours(context, GPU).price == 1.515


def test_nobody_waits_for_a_price(account, context, monkeypatch):
    monkeypatch.setattr(price_list, "SECONDS", 0.2)
    account.inject("GetProducts", "slow", seconds=60.0)
    began = time.monotonic()
    charge = endpoint_hours(context, GPU)
    assert time.monotonic() - began < 20
    assert "timeout" in charge.note


def test_all_pages_are_read(account, context, monkeypatch):
    monkeypatch.setattr(price_list, "PAGE", 1)
    for _ in range(3):
        publish_instance(account, "1.5150000000")
    publish_instance(account, "1.6")
    assert "several prices" in endpoint_hours(context, GPU).note
    assert asked(account) == 4


def test_an_answer_that_is_not_understood_is_no_price(account, context):
    publish_instance(account, "1.5150000000")
    account.prices.publish_text("AmazonSageMaker", "no JSON")
    note = endpoint_hours(context, GPU).note
    assert note == "The answer of the AWS price list is not understood."


@pytest.mark.parametrize(
    ("region", "near"),
    [
        ("us-east-1", "us-east-1"),
        ("us-west-2", "us-east-1"),
        ("eu-west-1", "eu-central-1"),
        ("ap-northeast-1", "ap-south-1"),
        ("sa-east-1", "us-east-1"),
        ("cn-north-1", "cn-northwest-1"),
    ],
)
def test_the_nearest_region_with_the_service_is_asked(account, tmp_path, region, near):
    context = make_context(tmp_path, account, {"AWS_REGION": region})
    assert endpoint_hours(context, GPU).note == (
        f"The AWS price list has no price of {GPU} in {region}."
    )
    assert account.log.only("GetProducts").region == near


def test_a_partition_without_the_service_is_said(account, tmp_path):
    context = make_context(tmp_path, account, {"AWS_REGION": "us-gov-west-1"})
    assert endpoint_hours(context, GPU).note == (
        "AWS has no service for its price list in the partition of us-gov-west-1."
    )
    assert asked(account) == 0
