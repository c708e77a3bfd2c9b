"""Plugins that are installed on disk, as the command line meets them."""

import json
from importlib import metadata

import pytest

from mlcc_core import MlccError, build_manager
from mlcc_core.cli.main import run
from mlcc_core.loader.entry_points import COMMAND_GROUP, GROUP, points_of

BUILT_IN = {
    *(("technique", name) for name in ("sft", "dpo", "rlaif", "rlvr")),
    *(("source", name) for name in ("file", "s3", "hf")),
    ("platform", "local"),
}

GOOD = """
    from mlcc_core.testing.technique import FakeTechnique

    class Good(FakeTechnique):
        name = "good"

    plugin = Good()
"""


@pytest.fixture
def built_in(site):
    """What is there before a test installs anything."""
    return names(build_manager())


def names(plugins, state="ok"):
    return {(r.kind, r.name) for r in plugins.records if r.state == state}


def test_the_built_in_plugins_come_through_the_public_door(site):
    plugins = build_manager()
    assert names(plugins) >= BUILT_IN
    assert {r.origin.distribution for r in plugins.records} == {"mlcc"}
    assert plugins.warnings == []


def test_an_installed_plugin_is_found_with_its_provenance(site, built_in):
    site.install("mlcc-good", GOOD, entry_points={"good": "mlcc_good:plugin"}, version="2.3")
    plugins = build_manager()
    assert names(plugins) == built_in | {("technique", "good")}
    assert plugins.technique("good").provenance == "technique good (mlcc-good 2.3)"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise RuntimeError('first line\\nsecond line')", "RuntimeError: first line"),
        ("raise RuntimeError", "RuntimeError"),
        ("import sys; sys.exit('bye')", "SystemExit: bye"),
        ("plugin = (", "SyntaxError: '(' was never closed (mlcc_bad.py, line 1)"),
        ("other = 1", "AttributeError: module 'mlcc_bad' has no attribute 'plugin'"),
        (None, "ModuleNotFoundError: No module named 'mlcc_bad'"),
    ],
)
def test_a_plugin_that_fails_to_import_is_left_out_and_the_others_work(site, built_in, code, said):
    site.install("mlcc-bad", code, entry_points={"bad": "mlcc_bad:plugin"})
    plugins = build_manager()
    assert names(plugins) == built_in
    assert names(plugins, "broken") == {("?", "bad")}
    assert plugins.warnings == [f"Plugin bad (mlcc-bad 1.0) is left out: {said}"]


def test_asking_for_a_broken_plugin_says_why_it_is_not_there(site):
    site.install("mlcc-bad", "import no_such", entry_points={"bad": "mlcc_bad:plugin"})
    with pytest.raises(MlccError, match=r"technique 'bad' is broken: ModuleNotFoundError: No mod"):
        build_manager().technique("bad")


def test_a_plugin_that_fails_while_it_hands_in_its_nouns_is_left_out(site, built_in):
    code = "def mlcc_techniques():\n    import no_such"
    site.install("mlcc-bad", code, entry_points={"bad": "mlcc_bad"})
    plugins = build_manager()
    assert names(plugins) == built_in
    assert "No module named 'no_such'" in plugins.warnings[0]


def test_a_class_that_lacks_a_method_is_refused_by_name(site):
    code = GOOD.replace("FakeTechnique", "Technique").replace(
        "mlcc_core.testing.technique", "mlcc_core"
    )
    site.install("mlcc-good", code, entry_points={"good": "mlcc_good:plugin"})
    with pytest.raises(MlccError) as caught:
        build_manager()
    assert caught.value.what == (
        "Plugin good (mlcc-good 1.0): mlcc_good.Good lacks mlcc_dataset_schema, mlcc_trainer."
    )
    assert caught.value.hint == "MLCC_DISABLE_PLUGINS=good mlcc …"


def test_the_hint_for_a_plugin_that_breaks_the_contract_works(site, monkeypatch):
    site.install("mlcc-good", GOOD.replace("()", ""), entry_points={"good": "mlcc_good:plugin"})
    with pytest.raises(MlccError, match="mlcc_good:plugin is a class, expected an object"):
        build_manager()
    monkeypatch.setenv("MLCC_DISABLE_PLUGINS", "good")
    assert names(build_manager(), "disabled") == {("?", "good")}


def test_two_providers_of_one_name_are_both_named_and_the_guest_may_go(site):
    code = GOOD.replace('"good"', '"sft"')
    site.install("mlcc-good", code, entry_points={"a_first": "mlcc_good:plugin"}, version="0.3")
    own = build_manager(disable="a_first").technique("sft").provenance
    with pytest.raises(MlccError) as caught:
        build_manager()
    assert caught.value.what == (
        "Two plugins provide technique 'sft': mlcc-good 0.3 (mlcc_good:plugin) and "
        f"{own.partition('(')[2][:-1]} (mlcc_sft:plugin)."
    )
    assert caught.value.hint == "MLCC_DISABLE_PLUGINS=a_first mlcc …"


def test_two_providers_under_one_entry_point_name(site):
    code = GOOD.replace('"good"', '"sft"')
    site.install("mlcc-good", code, entry_points={"sft": "mlcc_good:plugin"})
    with pytest.raises(MlccError, match="Two plugins provide technique 'sft'") as caught:
        build_manager()
    assert caught.value.hint == "pip uninstall mlcc-good"


MANY = """
from mlcc_good import plugin

def mlcc_techniques():
    return [plugin]
"""


@pytest.mark.parametrize("many", ["a_many", "many"])
def test_the_hint_for_two_guests_of_one_name_leaves_one_of_them(site, monkeypatch, many):
    """The name of the technique would leave out both, as each provides it."""
    site.install("mlcc-good", GOOD, entry_points={"good": "mlcc_good:plugin"})
    site.install("mlcc-many", MANY, entry_points={many: "mlcc_many"})
    with pytest.raises(MlccError, match="Two plugins provide technique 'good'") as caught:
        build_manager()
    assert caught.value.hint == f"MLCC_DISABLE_PLUGINS={many} mlcc …"
    monkeypatch.setenv("MLCC_DISABLE_PLUGINS", many)
    assert build_manager().technique("good").name == "good"


def test_a_guest_that_cannot_be_left_out_alone_is_to_be_removed(site):
    """Its entry point has the metric's name, by which mlcc's own would be left out, too."""
    code = """
    from mlcc_core.testing.metric import FakeMetric

    class Exact(FakeMetric):
        name = "exact_match"

    plugin = Exact()
    """
    site.install("mlcc-exact", code, entry_points={"exact_match": "mlcc_exact:plugin"})
    with pytest.raises(MlccError, match="Two plugins provide metric 'exact_match'") as caught:
        build_manager()
    assert caught.value.hint == "pip uninstall mlcc-exact"


def test_a_module_named_without_its_object_is_pointed_to_it(site):
    site.install("mlcc-good", GOOD, entry_points={"good": "mlcc_good"})
    with pytest.raises(MlccError, match=r"has no mlcc_ hook; did you mean mlcc_good:plugin\?"):
        build_manager()


def test_one_object_under_two_entry_points(site):
    site.install(
        "mlcc-two",
        "def mlcc_job_submitted(job): ...",
        entry_points={"one": "mlcc_two", "two": "mlcc_two"},
    )
    with pytest.raises(MlccError, match=r"Plugin two .* registered already"):
        build_manager()


def test_one_distribution_seen_twice_on_the_path_counts_once(site, tmp_path, monkeypatch):
    site.install("mlcc-good", GOOD, entry_points={"good": "mlcc_good:plugin"})
    monkeypatch.syspath_prepend(str(site.folder))
    again = tmp_path / "again"
    again.mkdir()
    (site.folder / "mlcc_good-1.0.dist-info").rename(again / "mlcc_good-1.0.dist-info")
    monkeypatch.syspath_prepend(str(again))
    monkeypatch.syspath_prepend(f"{again}/.")
    assert ("technique", "good") in names(build_manager())


@pytest.mark.parametrize("listed", ["sft", "technique:sft", " sft , ", "sft,technique:sft"])
def test_a_plugin_is_left_out_by_name(site, monkeypatch, listed):
    monkeypatch.setenv("MLCC_DISABLE_PLUGINS", listed)
    plugins = build_manager()
    assert "sft" not in plugins.techniques
    assert "dpo" in plugins.techniques
    with pytest.raises(MlccError, match="technique 'sft' is disabled: by MLCC_DISABLE_PLUGINS"):
        plugins.technique("sft")


def test_a_noun_of_the_wrong_kind_is_not_left_out(site):
    plugins = build_manager(disable="source:sft")
    assert "sft" in plugins.techniques
    assert plugins.warnings == [
        (
            "MLCC_DISABLE_PLUGINS names 'source:sft', which is not a plugin. "
            "Did you mean 'technique:sft'?"
        )
    ]


def test_a_mistyped_name_in_the_variable_is_told(site):
    (warning,) = build_manager(disable="sfft").warnings
    assert warning.endswith("names 'sfft', which is not a plugin. Did you mean 'sft'?")
    (warning,) = build_manager(disable="zzz").warnings
    assert warning.endswith("names 'zzz', which is not a plugin. See: mlcc plugins")


def test_mlcc_plugins_shows_all_in_whatever_state(site, monkeypatch, capsys):
    site.install("mlcc-good", GOOD, entry_points={"good": "mlcc_good:plugin"}, version="2.3")
    site.install("mlcc-bad", "import no_such", entry_points={"bad": "mlcc_bad:plugin"})
    site.install("mlcc-ear", "def mlcc_job_submitted(job): ...", entry_points={"ear": "mlcc_ear"})
    monkeypatch.setenv("MLCC_DISABLE_PLUGINS", "technique:dpo")
    assert run(["plugins"]) == 0
    captured = capsys.readouterr()
    rows = {tuple(line.split()[:2]): line for line in captured.out.splitlines()}
    assert rows["technique", "good"].split()[2:] == ["mlcc-good", "2.3", "mlcc_good:plugin", "ok"]
    assert rows["?", "bad"].endswith("broken: ModuleNotFoundError: No module named 'no_such'")
    assert rows["technique", "dpo"].endswith("disabled: by MLCC_DISABLE_PLUGINS")
    assert rows["hooks", "ear"].endswith("ok")
    assert captured.err.splitlines() == [
        "⚠️  Plugin bad (mlcc-bad 1.0) is left out: ModuleNotFoundError: No module named 'no_such'"
    ]


def test_mlcc_plugins_as_json(site, built_in, capsys):
    site.install("mlcc-bad", "import no_such", entry_points={"bad": "mlcc_bad:plugin"})
    assert run(["plugins", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["plugins"]
    assert {(r["kind"], r["name"]) for r in rows if r["state"] == "ok"} == built_in
    assert rows[0] == {
        "kind": "?",
        "name": "bad",
        "distribution": "mlcc-bad",
        "version": "1.0",
        "origin": "mlcc_bad:plugin",
        "state": "broken",
        "reason": "ModuleNotFoundError: No module named 'no_such'",
    }


def test_a_breach_stops_with_one_line_and_the_mend(site, capsys):
    code = GOOD + "    Good.mlcc_flaten_rules = lambda self, schema: None\n"
    site.install("mlcc-good", code, entry_points={"good": "mlcc_good:plugin"})
    assert run(["plugins"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == (
        "❌ Plugin good (mlcc-good 1.0): there is no hook mlcc_flaten_rules; "
        "did you mean mlcc_flatten_rules?"
    )


def test_the_metadata_of_all_is_read_once_and_again_after_an_installation(site, monkeypatch):
    reads = []

    def counted():
        reads.append(1)
        return metadata.entry_points()

    monkeypatch.setattr("mlcc_core.loader.entry_points.entry_points", counted)
    site.install("mlcc-one", "", entry_points={"one": "mlcc_one"})
    for _ in range(2):
        assert "one" in {point.name for point in points_of(GROUP)}
        assert [*points_of(COMMAND_GROUP)] == []
    assert len(reads) == 1
    site.install("mlcc-two", "", entry_points={"two": "mlcc_two"}, group=COMMAND_GROUP)
    assert {point.name for point in points_of(COMMAND_GROUP)} == {"two"}
    assert len(reads) == 2
