"""The judge that reads a reward prompt: behind an address, or a model that is loaded here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from mlcc_core import EvaluatorKind, MlccError, Option
from mlcc_engine.hub import cache
from mlcc_engine.hub.names import parse
from mlcc_engine.model.models import BUILT_IN
from mlcc_folders.model.models import HubIds, find_path, resolve_model
from mlcc_folders.model.pinning import pinned

URL, MODEL = "judge_url", "judge_model"
EXAMPLE = "http://127.0.0.1:8000/v1"

JUDGE_OPTIONS = (
    Option(
        "--judge-url",
        str,
        "Judge: the OpenAI-compatible address it answers at (http://HOST/v1)",
        "URL",
        also=("--judge-base-url", "--judge-api-base"),
        evaluator=EvaluatorKind.PROMPT,
    ),
    Option(
        "--judge-model",
        str,
        "Judge: its name at --judge-url; without one, a model that is loaded here",
        "MODEL",
        also=("--judge", "--reward-model", "--reward-model-path"),
        evaluator=EvaluatorKind.PROMPT,
    ),
)


def find_judge(settings: Mapping[str, object], root: Path, hub_ids: HubIds) -> Mapping[str, str]:
    """The judge's settings as the engine takes them; nothing is loaded or requested.

    Raises:
        MlccError: no judge is named, or one that cannot be.
    """
    url, model = settings.get(URL), settings.get(MODEL)
    if url:
        _check_url(str(url))
        return {URL: str(url), **({MODEL: str(model)} if model else {})}
    if model:
        judge = resolve_model(str(model), root, hub_ids, "--judge-model")
        return {MODEL: pinned(judge, "--judge-model")}
    raise MlccError(
        "A reward prompt needs a judge: --judge-url names one behind an address, "
        "--judge-model one to load here.",
        where="--judge-url",
        hint=f"pass --judge-url {EXAMPLE}, or --judge-model ORG/NAME",
    )


def why_unasked(settings: Mapping[str, object], root: Path) -> str | None:
    """Return why a judge is not asked where that must cost nothing; ``None`` where it may be."""
    url, model = settings.get(URL), settings.get(MODEL)
    if url:
        return "its judge is behind an address, where answers may cost money"
    name = parse(str(model))
    here = str(model) in BUILT_IN or find_path(str(model), root) is not None
    if here or name is None or cache.find(name) is not None:
        return None
    return f"its judge {model} would be downloaded"


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or any(char.isspace() for char in url):
        raise MlccError(
            f"--judge-url {url!r} is not an address, expected http://HOST[:PORT]/v1.",
            where="--judge-url",
            hint=f"pass --judge-url {EXAMPLE}",
        )
    if parts.username or parts.password:
        raise MlccError(
            "--judge-url holds a user name or password, which would be kept with the job.",
            where="--judge-url",
            hint="leave it out, and export MLCC_JUDGE_API_KEY=…",
        )
