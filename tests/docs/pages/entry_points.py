"""Plugins of this checkout that an older installation of it does not declare yet."""

from __future__ import annotations

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

from tests.docs.pages.page import ROOT

GROUP = "mlcc"


def declare_new(site: Path) -> None:
    """Write a distribution with those entry points, for programs that have ``site`` on their path.

    After an installation of the checkout there are none, and nothing is written.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    installed = {point.name for point in entry_points(group=GROUP)}
    new = {
        name: value
        for name, value in project["entry-points"][GROUP].items()
        if name not in installed
    }
    if new:
        info = site / "mlcc_checkout-0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mlcc-checkout\nVersion: 0\n")
        lines = "".join(f"{name} = {value}\n" for name, value in new.items())
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}")
