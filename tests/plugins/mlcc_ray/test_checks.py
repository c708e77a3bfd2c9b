"""What doctor says of a cluster and a storage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mlcc_ray import plugin


def named(context):
    return {check.name: check for check in plugin.checks(context)}


def test_a_cluster_and_a_storage_that_answer_are_told_with_what_they_have(place, dashboard, shared):
    dashboard.nodes = [{"CPU": 8.0}, {"CPU": 16.0, "GPU": 2.0}]
    found = named(place)
    assert {check.state for check in found.values()} == {"ok"}
    text = f"Ray 2.60.0, Python 3.12, 2 nodes, 24 CPUs, 2 GPUs at {dashboard.address}"
    assert found["cluster"].found == text
    assert found["storage"].found == f"{shared.as_uri()}, written and read from here"
    assert list(shared.iterdir()) == []


def test_a_cluster_that_is_too_old_is_missing_with_a_command(place, dashboard):
    dashboard.ray = "2.48.0"
    found = named(place)["cluster"]
    assert found.state == "missing"
    assert found.found == "The cluster runs Ray 2.48.0, expected 2.49 or newer."
    assert found.hint.startswith("export RAY_ADDRESS=")


def test_a_cluster_that_is_not_there_is_missing_with_a_command(place):
    nowhere = replace(place, settings={**place.settings, "RAY_ADDRESS": "http://127.0.0.1:9"})
    found = named(nowhere)["cluster"]
    assert found.state == "missing"
    assert "http://127.0.0.1:9 does not answer" in found.found
    assert found.hint.startswith("curl http://127.0.0.1:9/api/version")


def test_a_storage_that_is_not_there_is_missing_with_a_command(place, tmp_path):
    gone = (tmp_path / "gone").as_uri()
    found = named(replace(place, settings={**place.settings, "RAY_STORAGE": gone}))["storage"]
    assert found.state == "missing"
    assert found.hint.startswith("mkdir -p ")


def test_a_storage_that_cannot_be_used_says_why_with_a_command_for_it(place, tmp_path):
    (tmp_path / "file").write_text("")
    for path, told in (
        (tmp_path / "file", "is not a folder"),
        (tmp_path / "file" / "inner", "is not there"),
        (tmp_path / ("long" * 100), "File name too long"),
        (Path("/proc"), "Cannot write to /proc"),
    ):
        settings = {**place.settings, "RAY_STORAGE": path.as_uri()}
        found = named(replace(place, settings=settings))["storage"]
        assert found.state == "missing"
        assert told in found.found
        assert "RAY_ADDRESS" not in found.hint


def test_nothing_is_asked_where_nothing_is_named(place, dashboard):
    assert named(replace(place, settings={})).keys() == {"ray"}
    assert dashboard.asked == []
