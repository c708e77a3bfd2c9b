"""The contract of every exporting part, as tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.answering import Answering, Prompt, Subject
from mlcc_core.contract.platform.exporting import (
    EXPORT_FORMATS,
    EXPORT_FORMS,
    ExportForm,
    Exporting,
    ExportPlan,
)
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.testing.contracts.parts.part import PartContract

QUESTIONS = (Prompt(({"role": "user", "content": "2 + 2 ="},)),)


class ExportingContract(PartContract):
    """Subclass it, give ``exporting``, ``answering``, ``base_model`` and ``tuned``.

    ``answering`` is that of the same platform: it asks what was written.
    """

    @pytest.fixture
    def exporting(self) -> Exporting:
        """Return the exporting part under test."""
        raise NotImplementedError("a subclass of ExportingContract gives the fixture `exporting`")

    @pytest.fixture
    def answering(self) -> Answering:
        """Return the part that asks models."""
        raise NotImplementedError("a subclass of ExportingContract gives the fixture `answering`")

    @pytest.fixture
    def base_model(self) -> str:
        """Return the name of the base model."""
        raise NotImplementedError("a subclass of ExportingContract gives the fixture `base_model`")

    @pytest.fixture
    def tuned(self) -> Output:
        """Return the output of a run on the base model."""
        raise NotImplementedError("a subclass of ExportingContract gives the fixture `tuned`")

    def test_a_form_that_cannot_be_had_is_an_error(
        self, exporting: Exporting, answering: Answering, context: Context, base_model: str
    ) -> None:
        """Each form can be had, or an error in one line says why; looking writes nothing."""
        subject = answering.base_subject(context, base_model)
        before = sorted(context.root.rglob("*"))
        for form in EXPORT_FORMS:
            why = exporting.lacks(context, subject, form)
            assert why is None or (isinstance(why, MlccError) and why.what.strip())
            assert why is None or "\n" not in why.what
        assert sorted(context.root.rglob("*")) == before

    def test_what_was_written_can_be_asked(
        self,
        exporting: Exporting,
        answering: Answering,
        context: Context,
        base_model: str,
        tuned: Output,
        tmp_path: Path,
    ) -> None:
        """Each form is files in the folder alone; lines load them, and the platform asks them."""
        subject = answering.run_subject(context, "contract-1", base_model, tuned)
        lines = exporting.loads(context, base_model, tuned)
        assert all("\n" not in line for line in lines.values())
        forms = [form for form in EXPORT_FORMS if exporting.lacks(context, subject, form) is None]
        written = [exported(exporting, context, subject, form, tmp_path) for form in forms]
        readable = [each for each in written if each is not None]
        with answering.open(context, (subject, *readable)) as session:
            for each in (subject, *readable):
                ((place, answer),) = session.replies(each, QUESTIONS, 5)
                assert place == 0
                assert isinstance(answer.text, str)


def exported(
    exporting: Exporting, context: Context, subject: Subject, form: ExportForm, root: Path
) -> Subject | None:
    """Export a model, check what was written, and return it as it is asked."""
    folder = root / "exported" / form
    folder.mkdir(parents=True)
    before = set(context.root.rglob("*"))
    written = exporting.export(context, ExportPlan(subject, form, "named"), folder)
    new = set(context.root.rglob("*")) - before
    assert all(path.is_relative_to(folder) for path in new)
    assert {path.name for path in folder.iterdir()} - {*written.scratch}
    assert all((folder / name).exists() for name in written.scratch)
    assert written.dtype in (None, *EXPORT_FORMATS)
    assert all("\n" not in line for line in written.loads.values())
    assert form != "gguf" or (folder / "named.gguf").is_file()
    assert written.subject is not None or written.lines
    return written.subject
