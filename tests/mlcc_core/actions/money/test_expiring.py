"""Durations of deployments, as they are typed; reminders from the project's own files."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.actions.money.expiring import (
    LONGEST,
    SHORTEST,
    clock,
    remind,
    reminders,
    seconds_until,
)
from mlcc_core.errors import MlccError
from mlcc_core.project.deployments import (
    Deployment,
    forget_deployment,
    remember_deployment,
    remembered_deployment,
)
from mlcc_core.project.project import Project

UNITS = {"m": 60, "h": 3600, "d": 86_400}


@given(st.integers(1, 366), st.sampled_from("mhd"), st.sampled_from(["", " "]))
def test_a_duration_is_its_number_of_units(number: int, unit: str, space: str):
    assert seconds_until(f"{space}{number}{unit}{space}") == number * UNITS[unit]
    assert seconds_until(f"{number}{unit.upper()}") == number * UNITS[unit]


@given(st.integers(0, 23), st.integers(1, 59))
def test_units_add_up(hours: int, minutes: int):
    assert seconds_until(f"{hours}h{minutes}m") == hours * 3600 + minutes * 60


@given(st.text(max_size=12) | st.from_regex(r"[0-9.]{1,400}[smhd]?", fullmatch=True))
def test_any_text_is_a_duration_within_bounds_or_one_line(text: str):
    try:
        found = seconds_until(text)
    except MlccError as error:
        found = error
    if isinstance(found, MlccError):
        assert (found.where, len(found.what.splitlines())) == ("--expires", 1)
    else:
        assert SHORTEST <= found <= LONGEST


@pytest.mark.parametrize("text", ["4", "59s", "0h", "-4h", "367d", "9e9d", "4 h", "inf", ""])
def test_slips_are_refused(text: str):
    with pytest.raises(MlccError, match="expected a duration like"):
        seconds_until(text)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "do").mkdir()
    (tmp_path / "do" / "config").write_text("export PROJECT_NAME=demo\n")
    return Project(tmp_path)


def test_what_is_remembered_is_read_again(project: Project):
    assert remembered_deployment(project, "cloud") is None
    assert list(reminders(project)) == []
    kept = Deployment("cloud", 1_000.0, 5_000.5, 1.25)
    remember_deployment(project, kept)
    assert remembered_deployment(project, "cloud") == kept
    forget_deployment(project, "cloud")
    forget_deployment(project, "cloud")
    assert remembered_deployment(project, "cloud") is None


def test_before_expiry_and_after(project: Project):
    now = time.time()
    began = clock(now - 60)
    remember_deployment(project, Deployment("cloud", now - 60, now + 7230, 1.515))
    remember_deployment(project, Deployment("desk", now - 60, None, 1.0))
    remember_deployment(project, Deployment("late", now - 900, now - 600.2))
    said: list[str] = []
    remind(project, said.append)
    assert said == [
        f"⚠️  The deployment on cloud costs $1.515 an hour since {began}; it expires in 2 h 0 min.",
        (
            "⚠️  The deployment on late expired 10 min 0 s ago and may still cost money: "
            "mlcc undeploy --expired --platform late"
        ),
    ]


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "2026-11-30 12:00 UTC"),
        ("Europe/Berlin", "2026-11-30 13:00 UTC+01:00"),
        ("Asia/Kolkata", "2026-11-30 17:30 UTC+05:30"),
    ],
)
def test_a_time_names_its_zone(monkeypatch: pytest.MonkeyPatch, zone: str, shown: str):
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        found = clock(1_796_040_000)
    time.tzset()
    assert found == shown


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b"{}",
        json.dumps({"platform": "x", "began": 1, "expires": "soon", "hourly": None}).encode(),
        json.dumps({"platform": "x", "began": 1, "expires": 1e300, "hourly": None}).encode(),
        b'{"platform": "x", "began": 1, "expires": NaN, "hourly": null}',
    ],
)
def test_a_damaged_file_is_told_and_hides_no_other(project: Project, data: bytes):
    remember_deployment(project, Deployment("b", time.time(), time.time() + 600))
    damaged = project.state_folder / "deployments" / "a.json"
    damaged.write_bytes(data)
    first, second = reminders(project)
    assert str(damaged) in first
    assert f"rm {damaged}" in first
    assert "on b" in second


def test_reminding_costs_next_to_nothing(project: Project):
    def seconds() -> float:
        began = time.process_time()
        for _ in range(20):
            remind(project, print)
        return (time.process_time() - began) / 20

    assert min(seconds() for _ in range(5)) < 0.001
