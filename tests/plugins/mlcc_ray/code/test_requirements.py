"""The user's packages: what Ray can install, and nothing that is on this machine alone."""

from __future__ import annotations

import pytest

from mlcc_core.errors import MlccError
from mlcc_ray import plugin
from mlcc_ray.code.requirements import find_requirements


@pytest.fixture
def named(tmp_path):
    def make(text):
        path = tmp_path / "requirements.txt"
        path.write_text(text)
        return {"packages": str(path)}

    return make


def test_lines_are_taken_without_comments(named):
    found = find_requirements(named("# mine\nevaluate>=0.4  # scores\n\nrouge_score==0.1.2\n"))
    assert found.lines == ("evaluate>=0.4", "rouge_score==0.1.2")
    assert found.names == ("evaluate", "rouge-score")
    assert find_requirements({}).lines == ()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ray==2.40", "would replace the cluster's Ray"),
        ("./mine.whl", "is not the name of a package"),
        ("-r other.txt", "names what is on this machine"),
        ("--index-url https://me:hunter2@host/simple", "holds a user name or password"),
    ],
)
def test_what_a_cluster_cannot_install_is_refused(named, line, told):
    with pytest.raises(MlccError) as caught:
        find_requirements(named(f"evaluate\n{line}\n"))
    assert told in caught.value.what
    assert "requirements.txt:2" in caught.value.what
    assert "hunter2" not in str(caught.value.as_json())


def test_ray_installs_them_for_the_job_alone(place, spec, named, dashboard, monkeypatch):
    monkeypatch.setattr("mlcc_ray.code.packages.OWN", ("mlcc_aws",))
    request = plugin.runner.build_request(place, spec(options=named("evaluate>=0.4\n")))
    assert request.body["packages"] == ["evaluate>=0.4"]
    plugin.runner.submit(place, "demo-sft-1", request)
    pip = dashboard.jobs["demo-sft-1"]["runtime_env"]["pip"]
    assert pip["packages"] == ["evaluate>=0.4"]
