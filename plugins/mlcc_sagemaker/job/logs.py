"""A job's log, from CloudWatch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlcc_core import Context
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.job.jobs import LOG_GROUP

LOOK_SECONDS = 5.0

PAGE_EVENTS = 10_000
"""Events of one answer, the most that the service gives; it ends at a megabyte, too."""


def read_log(context: Context, name: str, follow: bool, ended: Callable[[], bool]) -> Iterator[str]:
    """Lines of all streams of the job so far, by time; with ``follow``, on until it has ended.

    Args:
        context: the surroundings of the project.
        name: of the job.
        follow: go on until the job ends.
        ended: whether the job has ended by now.
    """
    tokens: dict[str, str] = {}
    waiting = False
    while True:
        # Asked before the log is read, so that the last lines are not missed.
        last = not follow or ended()
        events = [
            event
            for stream in streams_of(context, name)
            for event in new_events(context, stream, tokens)
        ]
        events.sort(key=lambda event: event.get("timestamp", 0))
        for event in events:
            yield from str(event.get("message", "")).rstrip("\n").split("\n")
        if last:
            return
        if not tokens and not waiting:
            context.say(f"⏳ {name} has logged nothing so far; waiting for its first line.")
            waiting = True
        time.sleep(LOOK_SECONDS)


def streams_of(context: Context, name: str) -> list[str]:
    """Return the names of a job's log streams; none before its first line."""

    def ask() -> list[str]:
        pages = client(context, "logs").get_paginator("describe_log_streams")
        found_pages = pages.paginate(logGroupName=LOG_GROUP, logStreamNamePrefix=f"{name}/")
        return [stream["logStreamName"] for page in found_pages for stream in page["logStreams"]]

    return found(ask, f"look for the log of {name}", "logs:DescribeLogStreams") or []


def new_events(context: Context, stream: str, tokens: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the events since the last look.

    Args:
        context: the surroundings of the project.
        stream: its name.
        tokens: of the streams that were looked at, brought up to date.
    """
    while True:
        answer = read_page(context, stream, tokens.get(stream), forward=True)
        yield from answer.get("events", ())
        token = answer.get("nextForwardToken")
        # The service answers with the same token at the end.
        if not token or token == tokens.get(stream):
            return
        tokens[stream] = token


def read_page(
    context: Context, stream: str, token: str | None, *, forward: bool
) -> Mapping[str, Any]:
    """Read one page of a log stream, as ``GetLogEvents`` answers.

    Args:
        context: the surroundings of the project.
        stream: its name.
        token: of an earlier answer; ``None`` for the first page, or the last.
        forward: from older to newer pages.
    """
    at = {} if token is None else {"nextToken": token}
    with aws_call(f"read the log {stream}", "logs:GetLogEvents"):
        answer: Mapping[str, Any] = client(context, "logs").get_log_events(
            logGroupName=LOG_GROUP,
            logStreamName=stream,
            startFromHead=forward,
            limit=PAGE_EVENTS,
            **at,
        )
    return answer
