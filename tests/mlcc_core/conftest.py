"""Distributions that are installed on disk, for the length of a test."""

import importlib
import sys
from textwrap import dedent

import pytest


class Site:
    """A folder on ``sys.path`` that plugins are installed in."""

    def __init__(self, folder):
        self.folder = folder
        self.modules = []

    def install(
        self, distribution, code=None, *, entry_points, version="1.0", group="mlcc", requires=()
    ):
        """Install a distribution with one module, ``mlcc_<name>``; gives the module's name."""
        module = distribution.replace("-", "_")
        if code is not None:
            (self.folder / f"{module}.py").write_text(dedent(code))
            self.modules.append(module)
        info = self.folder / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
            + "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
        )
        lines = "".join(f"{name} = {value}\n" for name, value in entry_points.items())
        (info / "entry_points.txt").write_text(f"[{group}]\n{lines}")
        importlib.invalidate_caches()
        return module


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.delenv("MLCC_DISABLE_PLUGINS", raising=False)
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    site = Site(folder)
    yield site
    for module in site.modules:
        sys.modules.pop(module, None)
