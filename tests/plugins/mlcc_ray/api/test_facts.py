"""A cluster that is too old for jobs is refused, one that does not tell is tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlcc_core.errors import MlccError
from mlcc_ray.api import facts
from mlcc_ray.api.cluster import Cluster
from mlcc_ray.api.facts import Facts, check_versions, facts_of
from tests.plugins.mlcc_ray.jobs_api import broken

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Facts("2.9.3", "3.12"), "runs Ray 2.9.3, expected 2.49 or newer"),
        (Facts("2.48.0rc1", "3.9"), "runs Ray 2.48.0rc1"),
        (Facts("2.60.0", "3.9"), "runs Python 3.9, expected 3.11 or newer"),
    ],
)
def test_what_is_too_old_is_refused(found, told):
    with pytest.raises(MlccError, match=told) as caught:
        check_versions(found)
    assert caught.value.where == "RAY_ADDRESS"


@pytest.mark.parametrize("found", [Facts(), Facts("2.49.0", "3.11"), Facts("3.0.0.dev0", "3.14")])
def test_what_is_not_known_or_new_enough_is_tried(found):
    check_versions(found)


def test_a_job_is_refused_before_anything_is_sent(place, spec, dashboard, shared):
    from mlcc_ray import plugin

    dashboard.python = "3.10"
    with pytest.raises(MlccError, match="runs Python"):
        plugin.runner.build_request(place, spec())
    assert dashboard.submissions() == 0


def test_a_dashboard_that_shows_nothing(dashboard):
    for path in ("/nodes", "/api/version"):
        dashboard.faults["GET", path] = broken
    assert facts_of(Cluster(dashboard.address)) == Facts()


def test_the_versions_are_those_of_the_package_and_the_guide():
    package = (ROOT / "pyproject.toml").read_text()
    assert f"ray[default,train]>={facts.RAY}" in package
    assert f'requires-python = ">={facts.PYTHON_ITSELF}' in package
    guide = (ROOT / "docs" / "guides" / "ray.md").read_text()
    assert re.search(f"Ray {facts.RAY} or newer, Python {facts.PYTHON_ITSELF} or newer", guide)
