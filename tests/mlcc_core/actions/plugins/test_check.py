"""What ``plugins check`` finds."""

import json

import pytest

from mlcc_core.cli.main import run

TECHNIQUE = """
    {top}
    from mlcc_core import Column, DatasetSchema, Recipe
    from mlcc_core.testing.technique import FakeTechnique

    class Mine(FakeTechnique):
        name = "mine"
        api_version = "2.0"
        schemas = (DatasetSchema((Column("prompt"), Column("completion")), {example}),)
        recipes = {{"trl": Recipe("{trainer}", settings={settings})}}
        {body}

    plugin = Mine()
"""

GOOD = {
    "top": "",
    "example": {"prompt": "a", "completion": "b"},
    "trainer": "mlcc_light:LightTrainer",
    "settings": {},
    "body": "",
}


LIGHT = """
    import dataclasses

    @dataclasses.dataclass
    class LightConfig:
        learning_rate: float = 1.0

    class LightTrainer: ...
"""
"""A trainer whose import takes no time."""


def checked(site, capsys, name="mine", **changed):
    code = TECHNIQUE.format(**{**GOOD, **changed})
    site.install("mlcc-mine", code, entry_points={"mine": "mlcc_mine:plugin"})
    site.install("mlcc-light", LIGHT, entry_points={})
    code = run(["plugins", "check", name, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert "checks" in document, document
    assert code == (0 if document["ok"] else 1)
    return {check["name"]: (check["state"], check["found"]) for check in document["checks"]}


@pytest.mark.torch  # the trainer is imported
def test_a_good_one(site, capsys):
    checks = checked(site, capsys)
    assert {state for state, _ in checks.values()} == {"ok"}
    assert checks["plugin"] == ("ok", "technique mine (mlcc-mine 1.0)")
    assert checks["API version"] == ("ok", "2.0")
    assert checks["example row"] == ("ok", "prompt, completion")
    assert checks["recipe for trl on local"] == ("ok", "mlcc_light:LightTrainer")


@pytest.mark.parametrize(
    ("changed", "name", "state", "said"),
    [
        ({"top": "import numpy"}, "import", "failed", "it loads numpy"),
        ({"top": "print('hello')"}, "stdout", "failed", "prints to stdout: hello"),
        ({"top": "import no_such"}, "plugin", "failed", "broken: ModuleNotFoundError"),
        ({"example": {"prompt": "a"}}, "example row", "failed", "completion"),
        ({"example": {"prompt": 1, "completion": "b"}}, "example row", "failed", "prompt"),
        (
            {"body": "def mlcc_dataset_schema(self, model): return {}['x']"},
            "example row",
            "failed",
            "Technique mine (mlcc-mine 1.0) failed in",
        ),
        ({"body": "recipes = {}"}, "recipes", "failed", "no installed platform trains it"),
        pytest.param(
            {"trainer": "mlcc_light:NoSuchTrainer"},
            "recipe for trl on local",
            "failed",
            "NoSuchTrainer",
            marks=pytest.mark.torch,
        ),
        pytest.param(
            {"settings": {"no_such_setting": 1}},
            "recipe for trl on local",
            "failed",
            "no_such_setting",
            marks=pytest.mark.torch,
        ),
        ({"body": "api_version = None"}, "API version", "warning", "none is stated"),
        ({"body": "api_version = '1.0'"}, "plugin", "failed", "written for version 1.0"),
    ],
)
def test_what_is_wrong(site, capsys, changed, name, state, said):
    found = checked(site, capsys, **changed)
    assert found[name][0] == state, found
    assert said in found[name][1]


FORMS = """
        from mlcc_core import KEEP
        forms = (
            DatasetSchema((Column("prompt"),), {"prompt": "p"}),
            DatasetSchema((Column("text"),), {"text": TEXT}, format="texts"),
        )

        def mlcc_dataset_schema(self, model):
            return self.forms

        def mlcc_check_row(self, row, model):
            return CHECK
"""


@pytest.mark.parametrize(
    ("text", "verdict", "said"),
    [
        ("'a'", "self.KEEP", None),
        ("1", "self.KEEP", "text: found number, expected string"),
        ("'a'", "row['prompt'] and self.KEEP", "failed in mlcc_check_row: KeyError: 'prompt'"),
        (
            "'a'",
            "self.KEEP if model.dataset_format == 'texts' else row['prompt'] and self.KEEP",
            "failed in mlcc_check_row: KeyError: 'prompt'",
        ),
    ],
)
def test_the_example_of_each_form_is_checked(site, capsys, text, verdict, said):
    body = FORMS.strip().replace("TEXT", text).replace("CHECK", verdict)
    found = checked(site, capsys, body=body)
    assert found["example row of form 'default'"] == ("ok", "prompt")
    state, words = found["example row of form 'texts'"]
    assert state == ("failed" if said else "ok"), found
    assert (said or "text") in words


def test_what_a_hook_prints(site, capsys):
    body = "def mlcc_output(self, job): ..."
    body = "def mlcc_trainer(self, engine): print('here'); return self.recipes.get(engine)"
    assert checked(site, capsys, body=body)["output"] == ("warning", "it prints: here")


SLEEPS = """
import time
    from pathlib import Path
    looks = Path({looks!r})
    looks.write_text(looks.read_text() + "x")
    time.sleep(0.6 if len(looks.read_text()) < {slow} else 0)
"""


@pytest.mark.parametrize(("slow", "state"), [(3, "ok"), (99, "failed")])
def test_a_slow_import_is_measured_again_as_the_machine_may_be_busy(
    site, capsys, monkeypatch, tmp_path, slow, state
):
    monkeypatch.setattr("mlcc_core.actions.plugins.check.SLOW_SECONDS", 0.5)
    looks = tmp_path / "looks"
    looks.write_text("")
    top = SLEEPS.strip().format(looks=str(looks), slow=slow)
    found = checked(site, capsys, top=top)
    assert found["import"][0] == state, found
    assert "expected at most 0.5" in found["import"][1] or state == "ok"


def test_one_that_is_not_there(site, capsys):
    assert run(["plugins", "check", "sfft"]) == 1
    assert "Unknown plugin 'sfft'" in capsys.readouterr().err


def test_a_close_name_leads_to_its_check(site, capsys):
    assert run(["plugins", "check", "techniqe:sft"]) == 1
    assert "mlcc plugins check technique:sft" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        ("mlcc-my-tickets", "install -e 'mlcc-my-tickets[test]'"),
        (None, "install -e FOLDER"),
    ],
)
def test_one_that_is_not_installed_is_answered_with_how_to(
    site, capsys, tmp_path, monkeypatch, folder, command
):
    monkeypatch.chdir(tmp_path)
    if folder:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pyproject.toml").write_text("")
    assert run(["plugins", "check", "my_tickets"]) == 1
    said = capsys.readouterr().err
    assert "Unknown plugin 'my_tickets'" in said
    assert command in said


@pytest.mark.slow
def test_built_in_ones(site, capsys):
    for name in ("technique:dpo", "file", "local"):
        assert run(["plugins", "check", name]) == 0, capsys.readouterr().out


PLATFORM = """
    from mlcc_core.testing.platform import FakePlatform

    class Mine(FakePlatform):
        name = "mine"
        api_version = "2.0"
        default = False
        {body}

    plugin = Mine()
"""


@pytest.mark.parametrize(
    ("body", "state", "said"),
    [
        ("", None, ""),
        (
            "takes_settings = True",
            "failed",
            "the runner has no list_settings and no check_settings: nothing is known of --set",
        ),
        (
            "takes_settings = True; check_settings = lambda self, context, spec, request: ()",
            "failed",
            "the runner has no list_settings: nothing is known of --set",
        ),
        (
            "takes_settings = True; list_settings = lambda self, *asked: ()",
            "ok",
            "the runner lists them; build_request has to check them",
        ),
    ],
)
def test_a_platform(site, capsys, body, state, said):
    code = PLATFORM.format(body=body)
    site.install("mlcc-mine", code, entry_points={"mine": "mlcc_mine:plugin"})
    code = run(["plugins", "check", "platform:mine", "--json"])
    assert code == (1 if state == "failed" else 0)
    document = json.loads(capsys.readouterr().out)
    found = {check["name"]: (check["state"], check["found"]) for check in document["checks"]}
    assert found.get("takes_settings", (None, "")) == (state, said)
    parts = ("store", "runner", "serving", "answering", "exporting", "managed", "scripts")
    assert {found[part] for part in parts} == {("ok", "there")}
    assert found["pricing"] == ("ok", "none")


METRIC = """
    from mlcc_core import Column, Comparison, Metric, PairMetric

    class Mine({base}):
        columns = {columns}
        name = "mine"
        title = "Mine"
        api_version = "2.0"

        def score(self, samples): return {values}
        def questions(self, first, second): return ["Which is better?"]
        def compare(self, answers): return {outcome}

    plugin = Mine()
"""


PHRASES = "(Column('p', ('array',), note='phrases'),)"


@pytest.mark.parametrize(
    ("changed", "state", "said"),
    [
        ({}, "ok", "1 for a good reply, none for a bad one"),
        ({"values": "(1, None)"}, "ok", "1 for a good reply, none for a bad one"),
        ({"values": "[None, None]"}, "warning", "no value: the metric may need other rows"),
        ({"values": "[1.0]"}, "failed", "1 value for 2 samples, expected one for each"),
        ({"values": "[float('nan'), 1.0]"}, "failed", "the value nan, expected a finite number"),
        ({"values": "['good', 'bad']"}, "failed", "score returned list that holds str"),
        ({"values": "samples[2]"}, "failed", "IndexError"),
        (
            {"columns": PHRASES, "values": "[float(s.row['p'][0] in s.reply) for s in samples]"},
            "ok",
            "1 for a good reply, 0 for a bad one",
        ),
        ({"base": "PairMetric"}, "ok", "1 question to the judge"),
        ({"base": "PairMetric", "outcome": "Comparison(1.0)"}, "failed", "of empty answers"),
    ],
)
def test_a_metric(site, capsys, changed, state, said):
    good = {"base": "Metric", "columns": "()", "values": "[1.0, None]", "outcome": "None"}
    code = METRIC.format(**{**good, **changed})
    site.install("mlcc-mine", code, entry_points={"mine": "mlcc_mine:plugin"})
    code = run(["plugins", "check", "mine", "--json"])
    document = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check for check in document["checks"]}
    assert code == (1 if state == "failed" else 0), document
    assert checks["example row"]["state"] == state
    assert said in checks["example row"]["found"]
    assert checks["direction"]["found"] == "higher is better"
    columns = "p (array — phrases)" if "columns" in changed else None
    assert checks.get("columns", {}).get("found") == columns


def test_every_built_in_metric(site, capsys):
    for name in ("loss", "exact_match", "preference_margin", "judge", "length"):
        assert run(["plugins", "check", f"metric:{name}"]) == 0, capsys.readouterr().out


SOURCE = """
    from mlcc_core.testing.source import FakeSource

    class Mine(FakeSource):
        name = "mine"
        api_version = "2.0"
        uri_help = "{forms}"

    plugin = Mine()
"""


@pytest.mark.parametrize(
    ("forms", "state"),
    [("memory://folder/", "ok"), ("a folder: memory://folder/", "ok"), ("memory:f", "failed")],
)
def test_the_addresses_of_a_source(site, capsys, forms, state):
    site.install("mlcc-mine", SOURCE.format(forms=forms), entry_points={"mine": "mlcc_mine:plugin"})
    code = run(["plugins", "check", "mine", "--json"])
    checks = {one["name"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert (checks["addresses"]["state"], code) == (state, int(state == "failed"))
    if state == "failed":
        assert checks["addresses"]["found"] == "memory:f: expected memory://"
