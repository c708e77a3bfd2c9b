"""Flags about a job's surroundings: read, refused in one line, sent, and no part of a plan."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_sagemaker.request.options.declared import OPTIONS
from mlcc_sagemaker.request.options.values import LONGEST, read_surroundings, read_tags
from tests.plugins.mlcc_sagemaker.conftest import make_context, make_order
from tests.plugins.mlcc_sagemaker.request.test_request import job, problems

SIX = ",".join(f"sg-{number}" for number in range(1, 7))
ONE = {"subnets": "subnet-1", "security_groups": "sg-1"}
ALIAS = "arn:aws:kms:us-east-1:123456789012:alias/mine"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_all_of_them_are_sent(account, context, platform):
    options = {
        "tag": ("team=red bus", "cost=7"),
        "kms_key": KEY,
        "subnets": "subnet-1, subnet-2",
        "security_groups": "sg-1",
        "stop_after": "1d2h30m5s",
    }
    sent = job(platform, context, make_order(account, options=options))
    assert sent["Tags"][-2:] == [
        {"Key": "team", "Value": "red bus"},
        {"Key": "cost", "Value": "7"},
    ]
    assert sent["OutputDataConfig"]["KmsKeyId"] == KEY
    network = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    assert sent["VpcConfig"] == network
    assert sent["StoppingCondition"] == {"MaxRuntimeInSeconds": 86_400 + 2 * 3_600 + 30 * 60 + 5}


def test_a_key_of_the_flag_beats_that_of_the_config_and_encrypts_what_is_staged(
    account, platform, tmp_path
):
    from mlcc_sagemaker.data.staging import encryption

    settings = {"TUNE_KMS_KEY_ID": ALIAS}
    context = make_context(tmp_path, account, settings)
    assert job(platform, context, make_order(account))["OutputDataConfig"]["KmsKeyId"] == ALIAS
    flagged = make_context(tmp_path, account, settings, options={"kms_key": KEY})
    assert job(platform, flagged, make_order(account))["OutputDataConfig"]["KmsKeyId"] == KEY
    assert encryption(flagged)["SSEKMSKeyId"] == KEY


@pytest.mark.parametrize(
    ("options", "what", "hint"),
    [
        ({"tag": ("team",)}, "--tag 'team' is not understood: expected KEY=", "--tag team=re"),
        ({"tag": ("team=",)}, "--tag 'team=' is not understood: expected KEY=", "--tag team=re"),
        ({"tag": ("a=b", "c=d", "a=c")}, "--tag a is given twice", "pass --tag c=d --tag a=c"),
        ({"tag": ("a=b", "x", "c=d")}, "--tag 'x' is", "--tag a=b --tag team=research --tag c=d"),
        ({"tag": ("aws:x=b",)}, "--tag aws:x cannot be set", "--tag team=research"),
        ({"tag": ("mlcc:project=b",)}, "--tag mlcc:project cannot be set", "--tag team="),
        ({"tag": ("a=b!",)}, "--tag 'a=b!' is not understood", "--tag team=research"),
        ({"tag": ("k" * 129 + "=v",)}, "is not understood", "--tag team=research"),
        ({"tag": ("k=" + "v" * 257,)}, "is not understood", "--tag team=research"),
        ({"tag": tuple(f"k{n}=v" for n in range(47))}, "is given 47 times", "--tag k45=v"),
        ({"kms_key": "my key"}, "'my key' is not a KMS key", "--kms-key alias/NAME"),
        ({"kms_key": "mine"}, "'mine' is not a KMS key", "--kms-key alias/NAME"),
        (
            {"kms_key": KEY.replace("us-east", "eu-west")},
            "is not in us-east-1, where",
            "alias/NAME",
        ),
        ({"subnets": "subnet-1"}, "--subnets needs --security-groups", "--security-groups ID"),
        ({"security_groups": "sg-1"}, "--security-groups needs --subnets", "--subnets ID"),
        ({**ONE, "subnets": "subnet-1,b"}, "'b' is not an id", "--subnets subnet-0a1b2c3d"),
        ({**ONE, "subnets": ","}, "is not an id", "--subnets subnet-0a1b2c3d"),
        ({**ONE, "security_groups": "subnet-1"}, "is not an id", "--security-groups sg-0a1b2c3d"),
        ({**ONE, "security_groups": SIX}, "names 6, expected at most 5", "sg-1,sg-2"),
        ({"stop_after": "soon"}, "--stop-after 'soon' is not a duration", "--stop-after 4h"),
        ({"stop_after": "0s"}, "--stop-after '0s' is not a duration", "--stop-after 4h"),
        ({"stop_after": "29d"}, "--stop-after '29d' is not a duration", "--stop-after 28d"),
        ({"notify": "me"}, "--notify 'me' is not an SNS topic", "--notify arn:aws:sns:"),
        ({"notify": "me.fifo"}, "is not a standard SNS topic", "--notify arn:aws:sns:"),
    ],
)
def test_each_wrong_value_is_one_line(account, context, platform, options, what, hint):
    (problem,) = problems(platform, context, make_order(account, options=options))
    assert what in problem.what
    assert "\n" not in problem.what
    assert problem.hint.startswith("pass --")
    assert hint in problem.hint


def test_all_wrong_values_are_told_at_once(account, context, platform):
    options = {"tag": ("x",), "kms_key": "?", "stop_after": "1", "notify": "me", "subnets": "_"}
    found = problems(platform, context, make_order(account, options=options))
    assert [problem.where for problem in found] == [
        *("--subnets", "--notify", "--tag", "--kms-key", "--stop-after")
    ]


def test_a_wrong_key_of_the_config_is_told_by_its_name(account, platform, tmp_path):
    context = make_context(tmp_path, account, {"TUNE_KMS_KEY_ID": "a key"})
    (problem,) = problems(platform, context, make_order(account))
    assert problem.where == "TUNE_KMS_KEY_ID"


ALLOWED = st.text(
    st.characters(categories=("L", "Nd"), include_characters="_.:/=+-@ "), min_size=1, max_size=128
)


@given(st.dictionaries(ALLOWED.filter(lambda key: "=" not in key), ALLOWED, max_size=46))
def test_any_tags_that_aws_takes_are_read(tags):
    kept = {
        key: value
        for key, value in tags.items()
        if not key.lower().startswith(("aws:", "mlcc:", "sagemaker-sdk:"))
    }
    assert read_tags(f"{key}={value}" for key, value in kept.items()) == kept


@given(st.text())
def test_no_tag_makes_a_traceback(text):
    with suppress(MlccError):
        assert len(read_tags([text])) == 1


@given(st.integers(1, LONGEST))
def test_durations(seconds):
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    assert stops_after(f"{days}d{hours}h{minutes}m{left}s") == seconds
    assert stops_after(f"{seconds}s") == seconds


@pytest.mark.parametrize("text", ["", " ", "1", "h", "1h1d", "1.5h", "-1h", "1w", "1 h"])
def test_what_is_no_duration(text):
    with pytest.raises(MlccError, match="is not a duration from 1s to 28d"):
        stops_after(text)


def stops_after(text):
    context = Context(root=Path(), project="demo")
    return read_surroundings(context, {"stop_after": text}).seconds


def test_none_of_them_decides_what_is_trained():
    assert [option.flag for option in OPTIONS if option.decides] == []


@pytest.mark.slow
def test_the_same_job_is_found_with_other_tags_and_told(ready, account):
    tune = ("tune", "--technique", "sft", "--dataset", "s3://data/sft.jsonl")
    words = (*tune, "--poll-interval", "0.01")
    job = json.loads(ready(*words, "--tag", "a=b", "--tag", "c=d", "--json").out)["job"]
    again = ready(*words, "--stop-after", "4h")
    assert again.code == 0
    assert (
        f"⚠️  {job} was started without --stop-after, which --stop-after 4h does not change"
        in again.err
    )
    assert len(account.jobs.all()) == 1
    tags = account.log.only("CreateTrainingJob").params["Tags"]
    assert tags[-2:] == [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]
