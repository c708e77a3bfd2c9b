"""Streams of the runtime, read by the real boto3: frames, errors within, broken connections."""

from __future__ import annotations

import json
import time
from contextlib import closing
from threading import Event

import pytest
import urllib3
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from botocore.exceptions import ClientError, EventStreamError

from tests.aws_account.door import event_stream
from tests.aws_account.door.answers import ServiceError
from tests.aws_account.tests.test_serving import base, endpoint, sagemaker  # noqa: F401 - the fixtures

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("base")]

WAIT = 10.0


def ask(aws, **more):
    """The stream of an answer in the form of a chat."""
    return aws.client("sagemaker-runtime").invoke_endpoint_with_response_stream(
        EndpointName="endpoint",
        InferenceComponentName="base-ic",
        ContentType="application/json",
        Body=json.dumps({"messages": [{"role": "user", "content": "hé?"}], **more}),
    )["Body"]


def joined(stream):
    return b"".join(event["PayloadPart"]["Bytes"] for event in stream)


def texts(data):
    """The texts of the chunks in server-sent events."""
    events = data.decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    return [c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"]]


def test_an_answer_comes_word_by_word_in_parts_that_end_anywhere(aws):
    stream = list(ask(aws, stream=True))
    assert len(stream) > 5
    assert "".join(texts(joined(stream))) == "base-ic says: hé?"


def test_an_answer_that_was_not_asked_to_stream_comes_whole(aws):
    whole = json.loads(joined(ask(aws)))
    assert whole["choices"][0]["message"]["content"] == "base-ic says: hé?"


def test_a_part_is_sent_before_the_next_is_there(aws):
    read = Event()

    def stream(component, document):
        yield b"first"
        assert read.wait(WAIT)
        yield b"second"

    aws.runtime.streamer = stream
    parts = iter(ask(aws))
    assert next(parts)["PayloadPart"]["Bytes"] == b"first"
    read.set()
    assert joined(parts) == b"second"


def test_errors_before_the_first_part_and_after_it(aws):
    def refused(component, document):
        raise ServiceError("ModelError", "out of memory", 424, {"OriginalStatusCode": 500})

    def broken(component, document):
        yield b"first"
        raise ServiceError("ModelStreamError", "it is gone", more={"ErrorCode": "StreamBroken"})

    aws.runtime.streamer = refused
    with pytest.raises(ClientError, match="out of memory"):
        ask(aws)
    aws.runtime.streamer = broken
    with closing(ask(aws)) as stream:
        parts = iter(stream)
        assert next(parts)["PayloadPart"]["Bytes"] == b"first"
        with pytest.raises(EventStreamError, match=r"\(ModelStreamError\).*it is gone"):
            next(parts)


def test_a_connection_that_breaks(aws):
    aws.inject("InvokeEndpointWithResponseStream", "cut")
    with closing(ask(aws, stream=True)) as stream, pytest.raises(urllib3.exceptions.HTTPError):
        joined(stream)


def test_a_client_that_goes_away_ends_the_stream(aws):
    ended = Event()

    def endless(component, document):
        try:
            while True:
                yield b"more"
                time.sleep(0.005)
        finally:
            ended.set()

    aws.runtime.streamer = endless
    stream = ask(aws)
    next(iter(stream))
    stream.close()
    assert ended.wait(WAIT)
    assert aws.runtime.left == 1


def test_frames_hold_their_checksums():
    good = event_stream.payload_part(b"x" * 300)
    buffer = EventStreamBuffer()
    buffer.add_data(good)
    assert next(buffer).payload == b"x" * 300
    buffer = EventStreamBuffer()
    buffer.add_data(good.replace(b"xxx", b"xyx", 1))
    with pytest.raises(ChecksumMismatch):
        next(buffer)
