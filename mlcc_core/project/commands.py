"""The table of commands: module, help, and whether projects have a script for the command."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """A command of mlcc's own.

    Attributes:
        module: below ``mlcc_core.cli``; it has a ``command``: a click command, or a function that
            makes one.
        help: its line in ``mlcc --help``.
        script: every project has a script for it: ``do/tune``.
    """

    module: str
    help: str
    script: bool = False


COMMANDS = {
    "init": Command("project.init", "Make a new project."),
    "tune": Command("tune.tune", "Fine-tune a model on a dataset.", script=True),
    "stop": Command("tune.stop", "Stop a running job.", script=True),
    "logs": Command("tune.logs", "Show a job's log.", script=True),
    "wait": Command("runs.wait", "Watch runs until they are over.", script=True),
    "runs": Command("runs.runs", "List, show, compare, report and remove runs.", script=True),
    "evaluate": Command(
        "evaluate.evaluate", "Compare a tuned model with its base on held-out rows.", script=True
    ),
    "push": Command(
        "push.push", "Push a tuned model to a hub, with a card made of its record.", script=True
    ),
    "check": Command("data.check", "Check a dataset: every row, every error.", script=True),
    "adapter": Command(
        "deploy.adapter", "Add, update, list and remove LoRA adapters.", script=True
    ),
    "add-ic": Command(
        "deploy.add_ic", "Deploy a full model as a new inference component.", script=True
    ),
    "deploy": Command("deploy.deploy", "Deploy the base model, or replace it.", script=True),
    "undeploy": Command("deploy.undeploy", "Take down what was deployed.", script=True),
    "test": Command(
        "deploy.test", "Ask the deployed model, and compare an adapter with its base.", script=True
    ),
    "chat": Command("chat.chat", "Talk to a tuned model and to its base.", script=True),
    "serve": Command(
        "serve.serve", "Serve the base and every adapter under OpenAI's interface.", script=True
    ),
    "export": Command(
        "export.export", "Write a tuned model for other programs, and ask it again.", script=True
    ),
    "train": Command(
        "train.train", "Train any model, or run a script of your own as a job.", script=True
    ),
    "bootstrap": Command(
        "account.bootstrap", "Prepare an account: role, permissions, bucket.", script=True
    ),
    "secrets": Command(
        "account.secrets",
        "Keep the token for private datasets in the platform's secret store.",
        script=True,
    ),
    "plugins": Command("project.plugins", "List plugins of every kind, check one, begin your own."),
    "models": Command(
        "project.models", "List the models that are known, by size and by need of memory."
    ),
    "catalog": Command("project.catalog", "List, check and compare the supported models."),
    "doctor": Command("account.doctor", "Check every prerequisite, without side effects."),
    "demo": Command("project.demo", "See the whole loop on this machine, in two to five minutes."),
    "completion": Command("project.completion", "Print the completion script for a shell."),
}
"""Every command, in the order of ``--help``."""
