"""A platform need not deploy models or keep secrets: the commands that need it say so."""

import pytest

from mlcc_core.cli.main import run

BARE = """
    from mlcc_core.testing.platform import FakePlatform
    from mlcc_core.testing.technique import FakeTechnique

    class Bare(FakePlatform):
        name = "bare"
        default = False
        serving = None
        account = None

    platform, technique = Bare(), FakeTechnique()

    def mlcc_platforms():
        return [platform]

    def mlcc_techniques():
        return [technique]
"""
SERVING = "Platform 'bare' does not deploy models."
ACCOUNT = "Platform 'bare' has no account to set up."


@pytest.fixture
def project(site, folder, monkeypatch, capsys):
    site.install("mlcc-bare", BARE, entry_points={"bare": "mlcc_bare"})
    assert run(["init", "p", "--platform", "bare"]) == 0
    monkeypatch.chdir(folder / "p")
    capsys.readouterr()
    return folder / "p"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["deploy", "--yes"], SERVING),
        (["undeploy", "--yes"], SERVING),
        (["adapter", "add", "tuned", "--weights", "somewhere"], SERVING),
        (["adapter", "list"], SERVING),
        (["adapter", "remove", "tuned"], SERVING),
        (["add-ic", "whole", "--model-data", "somewhere"], SERVING),
        (["test", "--prompt", "2 + 2 ="], SERVING),
        (["bootstrap", "--yes"], ACCOUNT),
        (["secrets", "check"], ACCOUNT),
    ],
    ids=lambda words: words[0] if isinstance(words, list) else "",
)
def test_the_command_says_which_part_is_missing(project, capsys, words, said):
    assert run(words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = (line for line in err.splitlines() if line.startswith("❌"))
    assert said in line


def test_what_needs_neither_part_works(project, capsys):
    (project / "rows.jsonl").write_text('{"prompt": "2 + 2 =", "completion": "4"}\n' * 3)
    ran = run(["tune", "--technique", "fake", "--dataset", "rows.jsonl"])
    out, err = capsys.readouterr()
    assert ran == 0, err
    assert "completed" in out
    assert "adapter add" not in out, "a command that this platform cannot do is proposed"
    assert run(["tune", "--status"]) == 0
    assert run(["doctor"]) == 0
