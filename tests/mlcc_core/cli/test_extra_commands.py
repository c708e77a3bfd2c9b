"""Commands that plugins bring."""

import json
import sys
import zipfile

import pytest

from mlcc_core.cli.main import run
from mlcc_core.cli.plugins.extra_commands import extra_commands
from mlcc_core.loader.commands import CORE_COMMANDS
from mlcc_core.project.commands import COMMANDS

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


def test_the_librarys_backport_looks_in_no_other_place(site, monkeypatch):
    """Many packages import it; each command would then read the metadata of all that is there."""
    finder = pytest.importorskip("importlib_metadata").MetadataPathFinder()
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    monkeypatch.setattr("mlcc_core.loader.commands.points_of", lambda _: pytest.fail("read"))
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


def row(capsys, name="hello"):
    capsys.readouterr()
    assert run(["plugins", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["plugins"]
    (found,) = [row for row in rows if row["kind"] == "command"]
    return found["name"], found["distribution"], found["state"], found["reason"]


def test_the_names_of_core_commands_are_those_of_the_table():
    assert set(COMMANDS) == CORE_COMMANDS


def test_it_is_a_row_of_plugins(site, capsys):
    install(site)
    assert row(capsys) == ("hello", "mlcc-hello", "ok", "")
    assert "mlcc_hello" not in sys.modules


def test_it_can_be_disabled(site, capsys, monkeypatch):
    install(site)
    for text in ("hello", "command:hello"):
        monkeypatch.setenv("MLCC_DISABLE_PLUGINS", text)
        assert row(capsys) == ("hello", "mlcc-hello", "disabled", "by MLCC_DISABLE_PLUGINS")
        assert run(["hello"]) == 1
        assert capsys.readouterr().err.splitlines() == [
            "❌ Command 'hello' (mlcc-hello 1.0) is disabled: by MLCC_DISABLE_PLUGINS.",
            "   mlcc plugins",
        ]
        assert run(["--help"]) == 0
        assert "mlcc-hello" not in capsys.readouterr().out
    assert "mlcc_hello" not in sys.modules


def test_one_named_as_ours_is_refused_with_a_line(site, capsys):
    install(site, name="train")
    said = "mlcc has a command 'train' of its own"
    assert row(capsys, "train") == ("train", "mlcc-hello", "broken", said)
    assert run(["plugins"]) == 0
    assert f"Plugin train (mlcc-hello 1.0) is left out: {said}" in capsys.readouterr().err


def test_two_of_one_name_are_both_refused(site, capsys):
    install(site)
    points = {"hello": "mlcc_other:command"}
    site.install("mlcc-other", HELLO, entry_points=points, group="mlcc.commands")
    assert run(["hello"]) == 1
    said = capsys.readouterr().err
    assert "mlcc-hello 1.0" in said
    assert "mlcc-other 1.0" in said
    assert run(["--help"]) == 0


def test_one_that_needs_another_mlcc_is_left_out(site, capsys):
    points = {"hello": "mlcc_hello:command"}
    site.install(
        "mlcc-hello", HELLO, entry_points=points, group="mlcc.commands", requires=["mlcc>=99"]
    )
    assert run(["hello"]) == 1
    assert "it needs mlcc >=99" in capsys.readouterr().err


SESSION = """
    import click
    from mlcc_core import pass_session

    @click.command("where")
    @click.option("--loud", is_flag=True)
    @pass_session
    def command(session, loud):
        click.echo(f"{session.project.root.name} {session.platform.name} {loud}")
"""


def test_it_is_given_the_session_of_the_project(site, capsys, folder):
    install(site, SESSION, name="where")
    assert run(["where"]) == 1
    assert "is not an mlcc project" in capsys.readouterr().err
    assert run(["init", "."]) == 0
    capsys.readouterr()
    assert run(["where", "--loud"]) == 0
    assert capsys.readouterr().out == f"{folder.name} local True\n"


def test_one_that_fails_is_named(site, capsys):
    install(site, HELLO.replace('click.echo("hello from a plugin")', "{}['x']"))
    assert run(["hello"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == (
        "❌ Plugin hello (mlcc-hello 1.0) failed in command: KeyError: 'x'"
    )
