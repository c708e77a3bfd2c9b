"""Commands that plugins bring."""

import sys
import zipfile

from mlcc_core.cli.extra_commands import extra_commands
from mlcc_core.cli.main import run

HELLO = """
    import click

    @click.command("hello")
    def command():
        click.echo("hello from a plugin")
"""


def install(site, code=HELLO, name="hello"):
    entry_points = {name: "mlcc_hello:command"}
    site.install("mlcc-hello", code, entry_points=entry_points, group="mlcc.commands")


def test_without_any_nothing_is_searched_at_length(site):
    assert extra_commands() == {}


def test_it_is_listed_without_being_imported_and_loaded_when_called(site, capsys):
    install(site)
    assert run(["--help"]) == 0
    assert "mlcc_hello" not in sys.modules
    assert "from mlcc-hello" in capsys.readouterr().out
    assert run(["hello"]) == 0
    assert capsys.readouterr().out == "hello from a plugin\n"


def test_one_in_an_archive_is_found(site, tmp_path, monkeypatch):
    install(site)
    archive = tmp_path / "plugins.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in site.folder.rglob("*"):
            packed.write(path, path.relative_to(site.folder))
            if path.is_file():
                path.unlink()
    monkeypatch.syspath_prepend(str(archive))
    assert list(extra_commands()) == ["hello"]


def test_it_cannot_take_the_place_of_ours(site, capsys):
    install(site, name="train")
    assert run(["train"]) != 0 or "hello" not in capsys.readouterr().out
    assert "mlcc_hello" not in sys.modules


def test_one_that_cannot_be_imported_is_its_own_fault(site, capsys):
    install(site, "import no_such")
    assert run(["hello"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == (
        "❌ Command 'hello' (mlcc_hello:command, mlcc-hello) cannot be loaded: "
        "ModuleNotFoundError: No module named 'no_such'"
    )
    assert run(["--help"]) == 0


def test_one_that_is_no_command(site, capsys):
    install(site, "command = 7")
    assert run(["hello"]) == 1
    assert "is a int, expected a click command." in capsys.readouterr().err


def test_an_unknown_command_is_met_with_those_of_plugins(site, capsys):
    install(site)
    assert run(["helo"]) == 1
    assert "Unknown command 'helo'. Did you mean 'hello'" in capsys.readouterr().err
