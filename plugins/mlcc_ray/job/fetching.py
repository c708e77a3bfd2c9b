"""The output of a job, fetched from the storage: whole or not at all."""

from __future__ import annotations

from mlcc_core import Context, PlatformError
from mlcc_core.helpers import disk_errors
from mlcc_folders.job import outputs
from mlcc_ray.job.mirror import Mirror
from mlcc_ray.storage import NotThere

OUTPUT = "output"


def fetch(context: Context, mirror: Mirror) -> None:
    """Bring the output of a job that completed to ``outputs/<job>/`` of the project.

    One that is here already stays as it is. One that the storage does not have any more is told by
    the state of the job.

    Args:
        context: the surroundings of the project.
        mirror: of the job.

    Raises:
        MlccError: something else has its place.
        PlatformError: it cannot be fetched, or the disk refuses.
    """
    target = mirror.folder.output
    if target.is_dir() and any(target.iterdir()):
        return
    source = mirror.path(OUTPUT)
    if not mirror.storage.is_whole(source):
        return
    with disk_errors(doing=f"fetch the output of {mirror.name}"):
        outputs.prepare(mirror.folder.root, mirror.name)
    context.say(f"↓ {mirror.storage.address(source)} to {target}")
    try:
        mirror.storage.download(source, target)
    except NotThere:
        return
    except PlatformError:
        if not target.is_dir():  # or another command was faster
            raise
