"""Layers, precedence, and what is said about a file that is wrong."""

import pytest

from mlcc_core import MlccError, Problems, build_manager
from mlcc_core.catalog.lookup import load_catalog

FILE = """
provider = "Acme"

[[family]]
name = "One"
eula = true
techniques.dream = ["lora", "full-rank"]
techniques.sleep = ["lora"]
dataset_formats.dream = "converse"

[[family.model]]
id = "acme-one-1b"
hub_id = "acme/One-1B"
name = "Acme One 1B"
size = "1B"

[[family.model]]
id = "acme-one-2b"
name = "Acme One 2B"
size = "2B"
eula = false
vision_language = true
techniques.dream = ["lora"]
techniques.sleep = []
dataset_formats.dream = "default"
"""


def written(folder, text=FILE, name="acme.toml"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def error_of(tmp_path, text):
    path = written(tmp_path, text)
    with pytest.raises(MlccError) as caught:
        load_catalog(env={"MLCC_CATALOG": str(path)})
    errors = caught.value.problems if isinstance(caught.value, Problems) else (caught.value,)
    assert all(str(path) in error.what for error in errors)
    return " | ".join(error.what.replace(str(path), "FILE") for error in errors)


def test_a_family_speaks_for_its_models_and_a_model_for_itself(tmp_path):
    catalog = load_catalog(env={"MLCC_CATALOG": str(written(tmp_path))})
    one, two = catalog.find("ACME/one-1b"), catalog.find("acme-one-2b")
    assert (one.eula, one.vision_language, list(one.techniques)) == (
        True,
        False,
        ["dream", "sleep"],
    )
    assert (two.eula, two.vision_language, list(two.techniques)) == (False, True, ["dream"])
    assert one.techniques["dream"].training_types == ("lora", "full-rank")
    assert one.dataset_format("dream") == "converse"
    assert one.dataset_format("sleep") == one.dataset_format("unknown") == "default"
    assert two.dataset_format("dream") == "default"
    assert two.hub_id is None


def test_layers_override_each_other_model_by_model(tmp_path):
    class Brings:
        def mlcc_catalog_files(self):
            return [written(tmp_path / "plugin", FILE.replace("Acme One", "Plugin"))]

    plugins, project = build_manager([Brings()]), tmp_path / "project"
    variable = written(tmp_path / "variable", FILE.replace("Acme One", "Variable"))

    def name(*layers):
        catalog = load_catalog(*layers)
        assert catalog.find("Qwen/Qwen3-8B") is not None
        assert len(catalog.models) == 34
        return catalog.find("acme-one-1b").name

    assert name(plugins, None, {}) == "Plugin 1B"
    assert name(plugins, project, {}) == "Plugin 1B"
    written(project / "catalog", FILE.replace("Acme One", "Project"))
    assert name(plugins, project, {}) == "Project 1B"
    assert name(plugins, project, {"MLCC_CATALOG": str(variable)}) == "Variable 1B"
    assert name(plugins, project, {"MLCC_CATALOG": str(variable.parent)}) == "Variable 1B"


def test_one_model_is_overridden_and_the_others_stay(tmp_path):
    override = FILE.partition('[[family.model]]\nid = "acme-one-2b"')[0].replace(
        "acme-one-1b", "HUGGINGFACE-reasoning-qwen3-8b"
    )
    catalog = load_catalog(env={"MLCC_CATALOG": str(written(tmp_path, override))})
    assert len(catalog.models) == 32
    assert catalog.find("huggingface-reasoning-qwen3-8b").provider == "Acme"
    assert catalog.lines["Acme"] == "Acme One"


def test_an_edit_takes_effect_at_the_next_load(tmp_path):
    path = written(tmp_path / "catalog")
    assert load_catalog(None, tmp_path, {}).find("acme-one-1b").size == "1B"
    path.write_text(FILE.replace('size = "1B"', 'size = "1.1B"'))
    assert load_catalog(None, tmp_path, {}).find("acme-one-1b").size == "1.1B"


def test_a_provider_without_a_line_gets_one_of_its_families(tmp_path):
    text = FILE + FILE.replace('provider = "Acme"', "").replace('"One"', '"Two"').replace(
        "acme-one", "acme-two"
    ).replace("acme/One", "acme/Two")
    catalog = load_catalog(env={"MLCC_CATALOG": str(written(tmp_path, text))})
    assert catalog.lines["Acme"] == "Acme One / Two"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('provider = "Acme"', "", "FILE: provider: is missing."),
        ('size = "1B"', "size = 1", 'model "acme-one-1b", size: expected a string, found 1.'),
        ('size = "1B"', "", 'family "One", model "acme-one-1b", size: is missing.'),
        (
            'size = "1B"',
            'sise = "1B"',
            "sise: is not a key of a catalog file; did you mean 'size'?",
        ),
        ('id = "acme-one-1b"', "", 'model "Acme One 1B", id: is missing'),
        ('"acme-one-1b"', '"acme one"', 'model "acme one", id: expected a name without spaces'),
        ('name = "One"', 'name = " One"', "expected a name without spaces around it"),
        ('["lora"]\ndataset', '["lara"]\ndataset', 'sleep[0]: expected "lora" or "full-rank"'),
        ('["lora"]\ndataset', '"lora"\ndataset', "techniques.sleep: expected a list, found 'lora'"),
        ("eula = true", 'eula = "yes"', "eula: expected true or false, found 'yes'."),
        ("techniques.sleep", "techniques.Sleep", 'family "One", techniques.Sleep: expected a name'),
        ('["lora"]\ntechniques.sleep = []', "[]\ntechniques.sleep = []", "it supports none"),
        ('"acme-one-2b"', '"ACME-one-1B"', 'model "ACME-one-1B": is also in FILE'),
        ('"acme-one-2b"', '"acme/one-1b"', 'model "acme/one-1b": is also in FILE'),
        ('provider = "Acme"', 'provider = "Acme', "not valid TOML"),
        (FILE, "", "provider: is missing"),
        (FILE, 'provider = "A"\nfamily = []', "family: expected at least one, found []"),
        (FILE, 'provider = "A"\nfamily = [1]', "family number 1: expected a table, found 1"),
        (FILE, "a = " + "[" * 5000, "FILE: n"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(tmp_path, before, after, said):
    assert before in FILE
    assert said in error_of(tmp_path, FILE.replace(before, after, 1))


def test_every_problem_of_every_file_is_found_at_once(tmp_path):
    written(tmp_path, FILE.replace("size", "sise"), "a.toml")
    written(tmp_path, "=", "b.toml")
    with pytest.raises(Problems) as caught:
        load_catalog(env={"MLCC_CATALOG": str(tmp_path)})
    assert len(caught.value.problems) == 5


def test_bytes_that_are_not_text(tmp_path):
    (tmp_path / "x.toml").write_bytes(b"provider = '\xff'")
    with pytest.raises(MlccError, match="byte 12 is not UTF-8"):
        load_catalog(env={"MLCC_CATALOG": str(tmp_path)})


def test_a_variable_that_leads_nowhere(tmp_path):
    with pytest.raises(MlccError, match=r"MLCC_CATALOG=.*gone\.toml does not exist"):
        load_catalog(env={"MLCC_CATALOG": str(tmp_path / "gone.toml")})
    with pytest.raises(MlccError, match=r"holds no \.toml file"):
        load_catalog(env={"MLCC_CATALOG": str(tmp_path)})


def test_a_plugin_whose_file_is_gone_is_named_by_its_file(tmp_path):
    class Brings:
        def mlcc_catalog_files(self):
            return [tmp_path / "gone.toml"]

    with pytest.raises(MlccError, match=r"gone\.toml cannot be read: No such file"):
        load_catalog(build_manager([Brings()]), None, {})
