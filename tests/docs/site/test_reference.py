"""The reference has everything that the code has."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from mlcc_core.cli.console import Console
from mlcc_core.cli.main import mlcc
from mlcc_core.contract import hookspecs
from mlcc_core.errors import ExitCode
from tests.docs import api

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def extension(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The extension of the site can be imported, as Sphinx does."""
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    yield
    for name in [name for name in sys.modules if name.startswith("mlcc_site")]:
        del sys.modules[name]


def made(name: str, *part: str) -> str:
    text: str = import_module(f"mlcc_site.reference.{name}").markdown(*part)
    return text


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command with its whole name."""
    waiting: list[tuple[click.Command, click.Context]] = [
        (mlcc, click.Context(mlcc, info_name="mlcc", obj=Console([])))
    ]
    while waiting:
        command, context = waiting.pop()
        yield context.command_path, command, context
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                waiting.append((inner, click.Context(inner, info_name=name, parent=context)))


def test_every_command_and_option_is_there() -> None:
    text = made("commands")
    found = list(commands())
    assert len(found) > 30
    for name, command, context in found:
        if name == "mlcc":
            continue
        section = re.search(rf"^#+ {re.escape(name)}\n(.*?)(?=^#|\Z)", text, re.M | re.S)
        assert section is not None, name
        for param in command.get_params(context):
            if isinstance(param, click.Option) and not param.hidden:
                assert param.opts[-1] in section[1], (name, param.opts)
        for heading in getattr(command, "sections", {}):
            used = command.sections[heading]  # type: ignore[attr-defined]
            if any(param.name in used for param in command.get_params(context)):
                assert f"**{heading}" in section[1].replace("\\", ""), (name, heading)


def test_every_example_of_a_command_is_code() -> None:
    section = made("commands").partition("## mlcc tune\n")[2].partition("\n## ")[0]
    examples = re.findall(r"^```sh\n(.*?)^```$", section, re.M | re.S)
    assert "mlcc tune train.jsonl\n" in examples[0]
    assert "\b" not in made("commands")


def test_every_exit_code_is_there_with_its_meaning() -> None:
    rows = dict(re.findall(r"^\| `(\d+)` \| `\w+` \| (.+) \|$", made("exit_codes"), re.M))
    assert {int(code) for code in rows} == {int(each) for each in ExitCode}
    assert all(len(meaning) > 4 for meaning in rows.values())


def test_every_hook_is_there() -> None:
    names = {name for name in vars(hookspecs) if name.startswith("mlcc_")}
    assert set(re.findall(r"^### (mlcc_\w+)$", made("hooks"), re.M)) == names


def test_every_public_name_is_on_one_page() -> None:
    classes = import_module("mlcc_site.reference.classes")
    shown = [name for group in classes.GROUPS for name in classes.names(group)]
    public = [name for module in api.MODULES for name in import_module(module).__all__]
    assert sorted(shown) == sorted(public)
    for group in classes.GROUPS:
        page = ROOT / "docs" / "reference" / "classes" / f"{group}.md"
        assert f"<!-- made: classes {group} -->" in page.read_text()
        headings = re.findall(r"^## (\w+)$", made("classes", group), re.M)
        assert headings == classes.names(group)


def test_every_class_member_and_value_is_described() -> None:
    classes = import_module("mlcc_site.reference.classes")
    for group in classes.GROUPS:
        text = made("classes", group)
        assert [
            heading
            for heading, words in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.M | re.S)
            if not re.sub(
                r"```.*?```|^One of .*|^A value of .*", "", words, flags=re.M | re.S
            ).strip()
        ] == []
        assert re.findall(r"^(`.+`)\n: *$", text, re.M) == []
        assert "Inherited." not in text


def test_every_field_of_a_public_class_is_described() -> None:
    from mlcc_core.cli.documents.schema import field_words

    public = (
        getattr(import_module(module), name)
        for module in api.MODULES
        for name in import_module(module).__all__
    )
    undescribed = [
        (value.__name__, field.name)
        for value in public
        if isinstance(value, type) and dataclasses.is_dataclass(value)
        for field in dataclasses.fields(value)
        if not field.name.startswith("_") and field.name not in field_words(value)
    ]
    assert undescribed == []


def test_every_key_of_a_run_file_is_there() -> None:
    from mlcc_core.actions.runs.run_file.keys import key_options, mapping_fields
    from mlcc_core.loader.manager import build_manager

    keys = {*key_options(build_manager()), *mapping_fields()}
    rows = dict(re.findall(r"^\| `(\w+)` \| .*? \| (.*) \|$", made("run_files"), re.M))
    assert set(rows) == keys
    assert [key for key, means in rows.items() if not means.strip()] == []


def test_every_document_and_model_is_there() -> None:
    from mlcc_core.cli.documents import DOCUMENTS

    headings = set(re.findall(r"^## ([\w-]+)$", made("schemas"), re.M))
    assert headings == set(DOCUMENTS)
    catalog = made("catalog")
    for file in (ROOT / "catalog").glob("*.toml"):
        for model in re.findall(r'^id = "(.+)"', file.read_text(), re.M):
            assert f"`{model}`" in catalog


def test_every_field_of_a_document_is_described() -> None:
    from mlcc_core.cli.documents import DOCUMENTS
    from mlcc_core.cli.documents.schema import json_schema

    for document in DOCUMENTS:
        schema = json_schema(document)
        for name, part in {document: schema, **schema.get("$defs", {})}.items():
            for field, value in part.get("properties", {}).items():
                words = value.get("description", "").strip(" .")
                assert words.casefold() not in ("", field, f"the {field}"), (name, field)
    rows = re.findall(r"^\| `\w+` \| .+ \| (.*) \|$", made("schemas"), re.M)
    assert len(rows) > 300
    assert [row for row in rows if not row.removesuffix("(may be missing)").strip()] == []


def test_every_command_with_json_has_a_document() -> None:
    from mlcc_core.cli.documents import DOCUMENTS
    from mlcc_core.cli.documents.schema import json_schema

    about = " ".join(json_schema(name)["description"] for name in DOCUMENTS)
    named = set(re.findall(r"``(mlcc[\w -]*?)(?: --[\w -]+)?``", about))
    with_json = {
        name
        for name, command, _ in commands()
        if name != "mlcc" and any("--json" in param.opts for param in command.params)
    }
    groups = {"mlcc adapter", "mlcc catalog", "mlcc runs"}  # only their commands have results
    assert len(with_json) > 30
    assert with_json - named - groups == set()


def test_docstrings_become_markdown() -> None:
    def example(given: int, *more: str) -> str:
        """Return ``x`` of a :class:`~mlcc_core.errors.MlccError` <here>.

        * one
        * two

        Args:
            given: a number
                of things.
            more: texts.

        Raises:
            MlccError, Problems: it is wrong.

        Example:
            >>> example(1)
            'x'
        """
        return ""

    text = import_module("mlcc_site.reference.docstrings").function_entry(example, level=2)
    assert text.startswith("## example\n\n```python\nexample(given: int, *more: str) -> str\n```")
    assert "Return `x` of a `MlccError` \\<here>." in text
    assert "- `given`: a number of things.\n- `more`: texts.\n" in text
    assert "- `MlccError`, `Problems`: it is wrong." in text
    assert "```pycon\n>>> example(1)\n'x'\n```" in text
