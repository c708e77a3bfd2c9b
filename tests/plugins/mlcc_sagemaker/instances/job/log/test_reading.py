"""The log, read from its end and each line once: by GetLogEvents of a real server."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from mlcc_core import Context
from mlcc_sagemaker.instances.job.chain import Chain, Link
from mlcc_sagemaker.instances.job.jobs import Known
from mlcc_sagemaker.instances.job.log import reading
from mlcc_sagemaker.instances.job.log.marks import PROGRESS, RESULT
from mlcc_sagemaker.instances.job.progress import progress_since
from mlcc_sagemaker.job import logs
from mlcc_sagemaker.job.jobs import LOG_GROUP

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NAME = "demo-sft-1a2b3c4d-1"


@pytest.fixture
def context(aws, tmp_path):
    return Context(root=tmp_path, project="demo", settings=aws.environment)


@pytest.fixture
def log(aws):
    """Writes lines to a stream of the training jobs' log."""
    client, made, clock = aws.account.client("logs"), set(), [int(time.time() * 1000) - 60_000]
    client.create_log_group(logGroupName=LOG_GROUP)

    def write(stream, *lines):
        if stream not in made:
            client.create_log_stream(logGroupName=LOG_GROUP, logStreamName=stream)
            made.add(stream)
        events = []
        for line in lines:
            clock[0] += 1
            events.append({"timestamp": clock[0], "message": line})
        client.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=events)

    return write


def step(number, **more):
    return PROGRESS + json.dumps({"step": number, "steps": 99, "loss": 1 / number, **more})


def chain_of(*starts):
    links = []
    for number, count in enumerate(starts, start=1):
        transitions = [{"Status": "Training"}] * count
        name = NAME if number == 1 else f"{NAME}-c{number}"
        links.append(Link(name, {"SecondaryStatusTransitions": transitions}))
    return Chain(NAME, tuple(links))


def steps_of(marked):
    return [each.document["step"] for each in marked if each.mark == PROGRESS]


def test_nothing_is_there_yet(context):
    assert reading.JobLog().marked(context, chain_of(1)) == []


def test_each_look_reads_what_is_new(aws, context, log):
    known = reading.JobLog()
    log(f"{NAME}/algo-1-1000", "hello", step(1), step(2))
    assert steps_of(known.marked(context, chain_of(1))) == [1, 2]
    log(f"{NAME}/algo-1-1000", step(3), "a word")
    aws.log.clear()
    assert steps_of(known.marked(context, chain_of(1))) == [1, 2, 3]
    assert steps_of(known.marked(context, chain_of(1))) == [1, 2, 3]
    assert "logs:DescribeLogStreams" not in aws.log.names()
    assert len(aws.log.calls("logs:GetLogEvents")) == 3


def test_other_hosts_and_other_jobs_are_not_read(context, log):
    log(f"{NAME}/algo-1-1000", step(1))
    log(f"{NAME}/algo-2-1000", step(7))
    log(f"{NAME}0/algo-1-1000", step(8))
    assert steps_of(reading.JobLog().marked(context, chain_of(1))) == [1]


def test_an_instance_that_was_taken_back_begins_another_stream(context, log):
    known = reading.JobLog()
    log(f"{NAME}/algo-1-1000", step(1), step(2), step(3))
    known.marked(context, chain_of(1))
    assert steps_of(known.marked(context, chain_of(2))) == [1, 2, 3]  # its stream comes late
    log(f"{NAME}/algo-1-2000", step(3, loss=7), step(4))
    assert steps_of(known.marked(context, chain_of(2))) == [3, 4]
    steps = progress_since(context, NAME, 0, Known(chain_of(2), known))
    assert [each.step for each in steps] == [1, 2, 3, 4]
    assert [each.loss for each in steps][2] == 7


def test_a_continuation_is_read_on(context, log):
    log(f"{NAME}/algo-1-2000", step(1), step(2), RESULT + '{"state": "failed"}')
    log(f"{NAME}-c2/algo-1-1000", "begins")
    known = reading.JobLog()
    chain = chain_of(1, 1)
    assert steps_of(known.marked(context, chain)) == [1, 2]
    assert known.of_newest_start(chain) == []
    log(f"{NAME}-c2/algo-1-1000", step(2), step(3))
    assert steps_of(known.marked(context, chain)) == [2, 3]
    assert [p.step for p in progress_since(context, NAME, 1, Known(chain, known))] == [2, 3]
    assert [p.step for p in progress_since(context, NAME, 0, Known(chain, known))] == [1, 2, 3]


def test_a_long_log_is_read_from_its_end(aws, context, log, monkeypatch):
    monkeypatch.setattr(logs, "PAGE_EVENTS", 10)
    log(f"{NAME}/algo-1-1000", *(step(n) for n in range(1, 51)))
    aws.log.clear()
    known = reading.JobLog()
    assert steps_of(known.marked(context, chain_of(1)))[-1] == 50
    assert len(aws.log.calls("logs:GetLogEvents")) == 1
    aws.log.clear()
    steps = progress_since(context, NAME, 45, Known(chain_of(1), known))
    assert [each.step for each in steps] == [*range(46, 51)]
    assert aws.log.calls("logs:GetLogEvents") == []  # a look has just been taken
    steps = progress_since(context, NAME, 0, Known(chain_of(1), known))
    assert [each.step for each in steps] == [*range(1, 51)]


def test_what_was_printed_long_before_the_end_is_found(context, log, monkeypatch):
    monkeypatch.setattr(logs, "PAGE_EVENTS", 10)
    log(f"{NAME}/algo-1-1000", step(1), *(f"word {n}" for n in range(35)))
    known = reading.JobLog()
    assert steps_of(known.marked(context, chain_of(1))) == [1]
    log(f"{NAME}/algo-1-1000", *(f"word {n}" for n in range(35)), step(2))
    assert steps_of(known.marked(context, chain_of(1))) == [1, 2]


@pytest.mark.parametrize(
    ("stream", "mine"),
    [
        (f"{NAME}/algo-1-1764500000", True),
        (f"{NAME}/algo-1-1764499999", True),  # rounded down
        (f"{NAME}/algo-1-1764499000", False),
        (f"{NAME}/algo-1-1764500000123", True),
        (f"{NAME}/algo-1-1764499000123", False),
        (f"{NAME}/algo-1", True),
    ],
)
def test_streams_of_a_deleted_job_of_the_name_are_not_its_own(stream, mine):
    created = datetime.fromtimestamp(1_764_500_000, UTC)
    assert reading.begun_by(Link(NAME, {"CreationTime": created}), stream) is mine
    assert reading.begun_by(Link(NAME, {}), stream)
