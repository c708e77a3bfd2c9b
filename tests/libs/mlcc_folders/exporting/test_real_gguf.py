"""The real converter on a real model, where this machine has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core import Context, ExportPlan
from mlcc_engine.export import converter
from tests.libs.mlcc_folders.answering.asked import ANSWERING, opened, prompt
from tests.libs.mlcc_folders.exporting.conftest import EXPORTING

LACKING = converter.lacking()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(LACKING is not None, reason=f"it cannot run here: {LACKING}"),
]

PROMPTS = [prompt(text) for text in ("What is the capital of France?", "Name three colours.")]


def test_a_gguf_answers_as_its_model(
    real_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLCC_CACHE", str(real_model.parent))
    context = Context(root=tmp_path, project="demo")
    base = ANSWERING.base_subject(context, "smollm2-135m")
    folder = tmp_path / "out"
    folder.mkdir()
    written = EXPORTING.export(context, ExportPlan(base, "gguf", "small"), folder)
    assert written.dtype == "float16"
    assert [line for line in written.lines if line.startswith("⚠️")] == []
    assert b"/tmp" not in (folder / "small.gguf").read_bytes()
    text = (folder / "small.Modelfile").read_text()
    assert text.startswith('FROM ./small.gguf\nTEMPLATE """')
    assert 'PARAMETER stop "<|im_end|>"' in text
    assert written.subject is not None
    with opened(context, base, written.subject) as session:
        ours = dict(session.replies(base, PROMPTS, 32))
        assert dict(session.replies(written.subject, PROMPTS, 32)) == ours
