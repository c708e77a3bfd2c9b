"""An evaluation, once made, is in the list of runs, in comparisons and in the report."""

from __future__ import annotations

from html import unescape

from tests.mlcc_core.actions.evaluate.conftest import Lab
from tests.mlcc_core.cli.conftest import Mlcc


def test_any_installed_metric_is_shown_wherever_runs_are(lab: Lab, mlcc: Mlcc) -> None:
    (job,) = lab.world.jobs()
    other = lab.world.tune(values={"epochs": 7}, force=True).job
    assert mlcc("evaluate", job, "--metric", "same", "--metric", "size").code == 0
    listed = mlcc("runs", "list").out.splitlines()
    assert [line.split()[0] for line in listed if "same text 0 → 1, better" in line] == [job]
    compared = mlcc("runs", "compare", job, other).out.splitlines()
    (row,) = [line for line in compared if line.startswith("Same text")]
    assert "1 (against 0, better)" in row
    assert mlcc("runs", "report", job, "--to", "page.html").code == 0
    page = unescape((lab.world.root / "page.html").read_text())
    for part in ("Better than base", "Same text: 0 → 1", "Size", 'class="example"'):
        assert part in page
