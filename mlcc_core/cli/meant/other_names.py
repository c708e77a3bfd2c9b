"""Names that other programs give the flags of mlcc's own.

Names of a plugin's flags are its ``Option.also``. Large and small letters, and ``_`` for ``-``, are
the same; ``--eval=auto`` is a switch elsewhere that stands for this value here.
"""

from __future__ import annotations

from collections.abc import Mapping

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    # tune, train, check
    "--technique": (
        *("--method", "--training-method", "--algorithm", "--algo", "--task", "--stage"),
        *("--trainer", "--trainer-type", "--objective", "--rl"),
    ),
    "--dataset": (
        *("--data", "--dataset-name", "--dataset-path", "--dataset-id", "--datasets", "--input"),
        *("--data-path", "--data-file", "--data-files", "--input-file"),
        *("--train-file", "--train-files", "--train-data", "--train-dataset", "--train-path"),
        *("--training-file", "--training-data", "--dataset-dir"),
    ),
    "--model": (
        *("--model-name-or-path", "--model-name", "--model-id", "--model-path"),
        *("--base-model", "--base", "--pretrained", "--pretrained-model", "--checkpoint"),
        *("--pretrained-model-name-or-path", "--base-model-name-or-path"),
    ),
    "--training-type": (
        *("--finetuning-type", "--tuning-type", "--train-type", "--type", "--peft-type"),
        *("--lora=lora", "--use-lora=lora", "--peft=lora", "--use-peft=lora"),
        *("--full=full-rank", "--full-finetuning=full-rank", "--full-rank=full-rank"),
        "--no-lora=full-rank",
    ),
    "--column-map": (
        *("--columns", "--column-mapping", "--columns-mapping", "--field-map", "--map"),
        *("--rename", "--rename-columns"),
    ),
    "--validation": (
        *("--eval=auto", "--do-eval=auto", "--val", "--eval-dataset", "--eval-file"),
        *("--eval-data", "--val-file", "--val-data", "--validation-file", "--validation-data"),
        *("--validation-dataset", "--val-dataset", "--eval-split", "--val-split"),
        *("--validation-split", "--test-split", "--val-size", "--val-set-size", "--test-size"),
        *("--eval-size", "--validation-size", "--holdout", "--held-out", "--test-file"),
    ),
    "--take": (
        *("--limit", "--max-samples", "--max-train-samples", "--num-samples", "--n-samples"),
        *("--max-rows", "--nrows", "--rows", "--head", "--first"),
    ),
    "--dry-run": ("--plan", "--simulate", "--just-print", "--what-if", "--preview", "--no-act"),
    "--no-wait": ("--detach", "--background", "--async", "--no-follow"),
    "--force": ("--overwrite", "--force-new", "--rerun", "--redo", "--new"),
    "--from-tune": ("--from-run", "--continue-from", "--from-job", "--parent"),
    "--from-weights": (
        *("--adapter-name-or-path", "--adapter-path", "--adapter", "--peft-model"),
        *("--lora-weights", "--lora-model-dir", "--from-adapter", "--init-from"),
    ),
    "--file": ("--config", "--cfg", "--config-file", "--run-file", "--yaml", "--params"),
    "--set": ("--param", "--override", "--hp", "--option"),
    "--status": ("--jobs", "--state"),
    "--list-models": ("--models",),
    "--list-settings": ("--settings", "--show-settings", "--help-settings", "--help-all"),
    "--max-cost": ("--budget", "--max-price", "--max-spend"),
    "--poll-interval": ("--interval", "--poll", "--refresh"),
    "--fixed": ("--output", "--out", "--save", "--write", "--fix", "--output-file"),
    "--show": ("--print", "--sample", "--samples", "--examples", "--preview"),
    # evaluate
    "--against": ("--baseline", "--compare", "--compare-to", "--compare-with", "--vs", "--base"),
    "--metric": ("--metrics", "--measure", "--scorer"),
    "--benchmark": ("--benchmarks", "--tasks", "--task", "--suite"),
    "--samples": ("--limit", "--num-samples", "--n-samples", "--max-samples", "--rows"),
    "--require": ("--assert", "--gate", "--fail-unless"),
    "--judge": ("--judge-model", "--grader"),
    # what a model is asked, and where it answers
    "--max-new-tokens": ("--max-tokens", "--max-length", "--max-completion-tokens", "--length"),
    "--temperature": ("--temp",),
    "--system": ("--system-prompt", "--system-message"),
    "--prompts": ("--prompt-file", "--prompts-file", "--input-file", "--input", "--questions"),
    "--prompt": ("--question", "--query", "--text", "--message"),
    "--adapter": ("--lora", "--lora-adapter", "--adapter-name"),
    "--both": ("--compare", "--side-by-side"),
    "--port": ("-P",),
    "--host": ("--bind", "--address", "--ip", "--listen"),
    "--api-key": ("--key", "--token", "--auth"),
    # what is written and sent
    "--to": (
        *("--output", "--output-dir", "--out", "--out-dir", "--outdir", "--output-path"),
        *("--output-file", "--outfile", "--save-to", "--save-dir", "--save-path", "--dest"),
        *("--destination", "--dir"),
    ),
    "--form": ("-f", "--format", "--output-format", "--type"),
    "--dtype": ("--precision", "--torch-dtype", "--outtype", "--quantize", "--quantization"),
    "--merged": ("--merge",),
    "--message": ("--commit-message", "-m"),
    "--public": ("--no-private",),
    "--weights": ("--adapter-path", "--weights-path", "--path"),
    "--model-data": ("--model-path", "--model-uri"),
    "--as-file": ("--as-yaml", "--yaml", "--export"),
    # everything else
    "--platform": (
        *("--backend", "--target", "--where", "--runner", "--compute", "--provider", "--on"),
        *("--cluster", "--engine"),
    ),
    "--name": ("--project", "--project-name"),
    "--region": ("--aws-region",),
    "--expires": ("--ttl", "--lifetime", "--for"),
    "--timeout": ("--max-wait", "--for"),
    "--fits": ("--fit", "--fitting"),
    "--follow": ("--tail", "--watch", "--stream"),
    "--yes": (
        *("--assume-yes", "--confirm", "--no-confirm", "--no-input", "--auto-approve"),
        *("--non-interactive", "--noninteractive"),
    ),
    "--debug": ("--verbose", "-v", "-vv", "--trace", "--traceback"),
    "--json": ("--as-json", "--output-json", "-j"),
}
"""Names by the flag of mlcc; they mean it in those commands that have it."""

OF_A_FOLDER = ("--dir", "--directory", "--folder", "--path", "--project-dir", "--output-dir")
"""Flags elsewhere for what is an argument here: the folder of a project."""

OF_A_TARGET = (
    "--model",
    "-m",
    "--run",
    "--run-id",
    "--job",
    "--job-name",
    "--target",
    "--checkpoint",
)
"""Flags elsewhere for what is an argument here: a run, an adapter, a model."""

NEEDLESS: Mapping[str, str] = {
    **dict.fromkeys(("--yes", "-y", *OTHER_NAMES["--yes"]), "There is nothing to confirm here."),
    **dict.fromkeys(("--no-color", "--no-colour"), "NO_COLOR=1 turns colours off."),
    "--private": "What is pushed is private unless --public.",
}
"""Flags that a command does without, each with the reason."""

QUIET = ("--quiet", "-q", "--silent", "-s", "--no-progress")
"""Flags elsewhere that turn progress off, which goes to stderr here."""

OUTPUT = OTHER_NAMES["--to"]
"""Flags elsewhere for the place of a training's output, which a run keeps by itself."""

PUSHED = ("--hub-model-id", "--repo-id", "--push-to")
"""Flags elsewhere for the repository that a training's output is pushed to."""
