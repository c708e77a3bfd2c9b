"""The words beside the spinner of each command, until the command says more itself."""

from __future__ import annotations

from collections.abc import Sequence

DEFAULT = "Working"

TITLES = {
    "init": "Making the project",
    "tune": "Preparing the run",
    "stop": "Looking for the job",
    "logs": "Reading the log",
    "wait": "Looking at the runs",
    "runs": "Looking at the runs",
    "evaluate": "Preparing the evaluation",
    "push": "Preparing what is pushed",
    "check": "Checking the dataset",
    "adapter": "Looking at the adapters",
    "add-ic": "Deploying the model",
    "deploy": "Preparing the deployment",
    "undeploy": "Looking at what is deployed",
    "test": "Asking the models",
    "chat": "Waiting for the model",
    "serve": "Loading the models",
    "export": "Preparing the export",
    "train": "Preparing the training",
    "bootstrap": "Looking at the account",
    "secrets": "Asking the secret store",
    "plugins": "Looking at the plugins",
    "models": "Looking at the models",
    "catalog": "Reading the catalog",
    "doctor": "Checking what is needed",
    "demo": "Preparing the demo",
    "completion": "Writing the script",
}
"""By command, as in :data:`mlcc_core.project.commands.COMMANDS`."""


def title_of(words: Sequence[str]) -> str:
    """Return the words for a command line.

    Args:
        words: the command line, without the program's name.

    Example:
        >>> title_of(["check", "train.jsonl"])
        'Checking the dataset'
    """
    named = next((word for word in words if not word.startswith("-")), "")
    return TITLES.get(named, DEFAULT)
