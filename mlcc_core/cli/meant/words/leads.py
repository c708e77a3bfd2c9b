"""Words that people type for a command, and the command that does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Lead(NamedTuple):
    """The way from a word to a command.

    Attributes:
        command: what stands for the word; further words of the line follow it.
        says: a sentence; empty for what the command's own help says.
        alone: the command where nothing follows the word and the command needs more.
    """

    command: str
    says: str = ""
    alone: str = ""


def _all(words: str, lead: Lead) -> Iterator[tuple[str, Lead]]:
    for word in words.split():
        yield word, lead


LEADS: Mapping[str, Lead] = dict(
    (
        *_all(
            "finetune fine-tune fine_tune run fit learn launch submit customize qlora peft",
            Lead("tune", alone="tune --help"),
        ),
        *_all("status state", Lead("tune --status", "Jobs and how they stand:")),
        *_all("list ls jobs job history ps experiments", Lead("runs list")),
        *_all("show describe info", Lead("runs show", alone="runs list")),
        *_all("compare", Lead("runs compare", alone="runs list")),
        *_all(
            "report html dashboard web ui gui app studio board",
            Lead("runs report", alone="runs list", says="A run is written as an HTML page:"),
        ),
        *_all("rm remove delete clean prune", Lead("runs remove", alone="runs list")),
        *_all("cancel kill abort terminate", Lead("stop")),
        *_all("log tail", Lead("logs")),
        *_all("watch monitor follow attach", Lead("wait")),
        *_all(
            "resume continue restart retry",
            Lead("tune --status", "The command that began a run goes on with it, and is shown by:"),
        ),
        *_all("eval score bench measure", Lead("evaluate")),
        *_all("benchmark", Lead("evaluate --benchmark", alone="evaluate --help")),
        *_all("predict generate infer inference complete ask query sample", Lead("test")),
        *_all("talk converse repl playground interactive prompt", Lead("chat")),
        *_all("api server host endpoint inference-server", Lead("serve")),
        *_all("merge save convert fuse", Lead("export", alone="export --to exported")),
        *_all(
            "quantize quantise gguf", Lead("export", alone="export --to model.gguf --dtype q8_0")
        ),
        *_all("upload publish share", Lead("push", alone="push --help")),
        *_all(
            "download pull fetch",
            Lead("models", "Models and datasets are downloaded when they are used. Known models:"),
        ),
        *_all("model search", Lead("models")),
        *_all(
            "login logout auth signin token",
            Lead("doctor", "Credentials are those of the environment; what is missing is said by:"),
        ),
        *_all("whoami env info check-env diagnose health devices gpu gpus debug", Lead("doctor")),
        *_all(
            "install uninstall requirements",
            Lead("doctor", "Each thing that is missing stands with the command that mends it in:"),
        ),
        *_all(
            "config configure settings setting preferences",
            Lead("init .", "The settings of a project are lines of do/config; to write some:"),
        ),
        *_all("new create setup start scaffold project", Lead("init", alone="init my-project")),
        *_all(
            "update upgrade",
            Lead("init . --update", "To give a project the scripts that it lacks:"),
        ),
        *_all("quickstart tutorial example examples tour hello", Lead("demo")),
        *_all("docs doc man usage commands", Lead("help")),
        *_all("exit quit bye q", Lead("help", "A command ends by itself; all that there are:")),
        *_all(
            "undo revert rollback",
            Lead("runs list", "'mlcc stop' and 'mlcc runs remove' take back a run of these:"),
        ),
        *_all(
            "validate lint data dataset datasets inspect prepare preprocess",
            Lead("check", alone="check --help"),
        ),
        *_all(
            "plan estimate cost price pricing",
            Lead("tune --dry-run", "A dry run shows the plan and what it costs:", "tune --help"),
        ),
        *_all("adapters lora loras", Lead("adapter list")),
        *_all("up", Lead("deploy")),
        *_all("down destroy teardown delete-endpoint", Lead("undeploy")),
        *_all("plugin extensions extension techniques platforms sources metrics", Lead("plugins")),
        *_all("secret", Lead("secrets", alone="secrets --help")),
    )
)
"""The way by the word; mlcc's own commands and those of plugins come first."""

IN_GROUPS: Mapping[str, tuple[str, ...]] = {
    "ls": ("list",),
    "all": ("list",),
    **dict.fromkeys(("rm", "delete", "del", "clean", "prune"), ("remove",)),
    **dict.fromkeys(("create", "deploy", "attach", "load"), ("add", "new")),
    **dict.fromkeys(("describe", "info", "get", "view", "cat"), ("show",)),
    **dict.fromkeys(("replace", "set", "edit", "swap"), ("update",)),
    **dict.fromkeys(("html", "export", "open"), ("report",)),
    **dict.fromkeys(("verify", "test", "lint"), ("check", "validate")),
    "diff": ("compare",),
}
"""Commands of groups by words for them; of several, the first that a group has."""

ALONE = ("list", "ls", "all", "show")
"""Words for what a group does by itself, where it has no command of that kind."""
