"""``FOLDER/script.json``: the script that a job runs, and all places that it is given.

Example::

    {"job": "demo-script-1a2b3c4d-1", "script": "/work/train.py", "folder": "/work",
     "launcher": ["/usr/bin/python3"], "hyperparameters": {"epochs": "3"},
     "inputs": {"train": "/data/train"}, "model_dir": "/job/model", "output_data_dir": "/job/data",
     "checkpoint_dir": null, "hosts": ["algo-1"], "current_host": "algo-1", "num_gpus": 0}
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mlcc_core import PlatformError

FILE = "script.json"


class ScriptRequest(BaseModel):
    """The script of a job. Paths are absolute.

    Attributes:
        job: the job's name.
        script: the file that is run.
        folder: that it is run in; modules beside it are found from there, too.
        launcher: the program and the words before the script: Python, or ``torchrun`` with its
            own arguments.
        hyperparameters: given to the script as ``--NAME VALUE``.
        inputs: the folder of each channel of data.
        model_dir: where the script leaves what is to be kept; made where it is missing.
        output_data_dir: for what else it leaves: plots, predictions.
        checkpoint_dir: kept when the job is interrupted; ``None``: nothing is.
        hosts: of the job, by name.
        current_host: this one.
        num_gpus: of this host.
        requirements: a file of pip that is installed into ``packages`` first; ``None`` for none.
        packages: a folder from which the script imports before all else.
        output: what ``model_dir`` becomes, in one step, once the script has ended well; it is
            emptied before. ``None``: it stays where it is, and nothing is emptied.
        grace: seconds that a script which is told to stop has to end by itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    job: str
    script: str
    folder: str
    launcher: tuple[str, ...]
    hyperparameters: dict[str, str] = {}
    inputs: dict[str, str] = {}
    model_dir: str
    output_data_dir: str
    checkpoint_dir: str | None = None
    hosts: tuple[str, ...] = ("algo-1",)
    current_host: str = "algo-1"
    num_gpus: int = 0
    requirements: str | None = None
    packages: str | None = None
    output: str | None = None
    grace: float = 20.0

    def words(self) -> list[str]:
        """Return the command that runs the script."""
        given = [
            word for pair in self.hyperparameters.items() for word in (f"--{pair[0]}", pair[1])
        ]
        return [*self.launcher, self.script, *given]


def read(folder: Path) -> ScriptRequest:
    """Read the request in a job's folder.

    Raises:
        PlatformError: it is missing, damaged, or incomplete.
    """
    path = folder / FILE
    try:
        return ScriptRequest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise PlatformError(f"Cannot read {path}: {error.strerror or error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "document"
        raise PlatformError(
            f"{path} is not the request of a script: {place}: {first['msg']}."
        ) from None
