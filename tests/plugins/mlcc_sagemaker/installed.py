"""The plugin as an installed distribution, for as long as none declares its entry point."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path


def make_installable(folder: Path) -> Path | None:
    """A folder for ``sys.path`` with the metadata of a distribution that ships the platform;
    ``None`` when one is installed."""
    if any(point.name == "sagemaker" for point in entry_points(group="mlcc")):
        return None
    info = folder / "mlcc_sagemaker-0.0.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mlcc-sagemaker\nVersion: 0.0.0\n")
    (info / "entry_points.txt").write_text("[mlcc]\nsagemaker = mlcc_sagemaker\n")
    return folder


def plugin_folder() -> str:
    """Where the plugin's package is imported from."""
    import mlcc_sagemaker

    return str(Path(mlcc_sagemaker.__path__[0]).parent)


def path_for_children(extra: Path | None) -> str:
    """``PYTHONPATH`` of a child process that is to see the same distributions."""
    return ":".join(str(p) for p in (extra, plugin_folder(), *sys.path[:1]) if p)
