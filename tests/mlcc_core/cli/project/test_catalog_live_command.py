"""``mlcc catalog diff`` and ``add``, ``list --discover``, and what ``tune`` says of such models."""

import pytest

from mlcc_core.contract.platform.known_model import LiveModel
from mlcc_core.errors import PlatformError
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

CATALOG = """
provider = "Acme"
[[family]]
name = "One"
techniques.fake = ["lora", "full-rank"]
techniques.second = ["lora"]
[[family.model]]
id = "acme-one-1b"
name = "Acme One 1B"
size = "1B"
[[family.model]]
id = "acme-old-1b"
name = "Acme Old 1B"
size = "1B"
"""
BOTH = {"fake": ("lora", "full-rank")}


@pytest.fixture
def listed(world: World, monkeypatch):
    """A catalog of two models; the platform's list has one of them, another and a strange one."""
    path = world.root / "acme.toml"
    path.write_text(CATALOG)
    monkeypatch.setattr("mlcc_core.catalog.lookup.PACKAGED_FOLDER", world.root / "none")
    monkeypatch.setenv("MLCC_CATALOG", str(path))
    world.platform.live = [
        LiveModel("acme-two-2b", "Acme Two 2B", BOTH, "Acme", True, None, "the list"),
        LiveModel("acme-one-1b", "One", {"fake": ("lora",)}, licence=True, place="the list"),
        LiveModel("acme-odd-3b", "Acme Odd 3B", {"dance": ("lora",)}, place="the list"),
    ]
    return world


def test_diff_tells_new_changed_and_gone(listed: World, mlcc: Mlcc):
    said = mlcc("catalog", "diff", "--json")
    assert said.code == 0
    found = said.document
    told = {row["model"]: (row["state"], row["changes"]) for row in found["differences"]}
    assert told == {
        "acme-two-2b": ("new", ["+ fake (lora, full-rank)", "+ licence"]),
        "acme-one-1b": ("changed", ["- fake (full-rank)", "- second (lora)", "+ licence"]),
        "acme-old-1b": ("gone", []),
    }
    assert (found["place"], found["same"], found["left_out"]) == ("the list", 0, ["acme-odd-3b"])
    assert mlcc("catalog", "diff", "--require", "same").code == 4


def test_what_diff_prints_is_a_catalog_file(listed: World, mlcc: Mlcc, tmp_path):
    out = mlcc("catalog", "diff").out
    assert out.startswith("new      acme-two-2b\n         + fake (lora, full-rank)\n")
    assert "the list: 1 new, 1 changed, 1 gone, 0 models the same." in out
    assert "Left out, for techniques that no plugin ships: acme-odd-3b" in out
    first, _, second = out.partition("# catalog/acme-two-2b.toml")[2].partition("\n# catalog/")
    for number, text in enumerate((first, second)):
        pasted = tmp_path / f"{number}.toml"
        pasted.write_text(text.partition("\n")[2])
        assert mlcc("catalog", "validate", str(pasted)).code == 0


def test_nothing_differs(listed: World, mlcc: Mlcc):
    types = {"fake": ("lora", "full-rank"), "second": ("lora",)}
    listed.platform.live = [
        LiveModel(name, name, types, licence=False) for name in ("acme-one-1b", "acme-old-1b")
    ]
    said = mlcc("catalog", "diff", "--require", "same")
    assert (said.code, said.out.splitlines()) == (
        0,
        ["✅ The catalog and the list of fake say the same of 2 models."],
    )
    assert mlcc("catalog", "list", "--discover").out.startswith("✅ The catalog has every model")


def test_discover_lists_what_the_catalog_lacks(listed: World, mlcc: Mlcc):
    [found] = mlcc("catalog", "list", "--discover", "--json").document["discovered"]
    assert (found["id"], found["licence"]) == ("acme-two-2b", True)
    out = mlcc("catalog", "list", "--discover").out
    assert out.startswith("acme-two-2b\n         Acme Two 2B; licence: to be accepted\n")
    assert out.splitlines()[-1] == "mlcc catalog add acme-two-2b"


def test_add_writes_a_row_of_the_project(listed: World, mlcc: Mlcc):
    said = mlcc("catalog", "add", "acme-two-2b", "--json")
    assert said.code == 0
    model = said.document["model"]
    assert (model["eula"], model["size"], model["provider"]) == (True, "2B", "Acme")
    assert mlcc("catalog", "validate").code == 0
    assert mlcc("catalog", "show", "acme-two-2b").code == 0
    again = mlcc("catalog", "add", "acme-two-2b")
    assert again.code == 1
    assert "mlcc catalog add acme-two-2b --replace" in again.err
    assert mlcc("catalog", "add", "acme-two-2b", "--replace").code == 0
    states = [row["state"] for row in mlcc("catalog", "diff", "--json").document["differences"]]
    assert states == ["changed", "gone"]


def test_add_takes_the_id_on_the_hub_of_a_row_that_there_is(listed: World, mlcc: Mlcc):
    path = listed.root / "acme.toml"
    path.write_text(
        path.read_text().replace('id = "acme-one-1b"', 'id = "acme-one-1b"\nhub_id = "acme/One"')
    )
    assert mlcc("catalog", "add", "acme/One").code == 0
    assert (listed.root / "catalog/acme-one-1b.toml").exists()


@pytest.mark.parametrize("name", ["acme-two-2", "acme-odd-3b", "", "../x"])
def test_add_refuses_what_the_list_has_not(listed: World, mlcc: Mlcc, name):
    said = mlcc("catalog", "add", name)
    assert said.code == 1
    assert len(said.crosses) == 1
    assert f"has no model {name!r} that can be tuned." in said.crosses[0]
    if name == "acme-two-2":
        assert "Did you mean 'acme-two-2b'?" in said.err
    assert not (listed.root / "catalog").exists()


@pytest.mark.parametrize("words", [("diff",), ("list", "--discover"), ("add", "x")])
def test_a_list_that_is_not_kept_or_cannot_be_read(listed: World, mlcc: Mlcc, words):
    listed.platform.fail("live_models", PlatformError("no network"))
    said = mlcc("catalog", *words)
    assert (said.code, said.crosses) == (3, ["❌ no network"])
    listed.platform.live = None
    said = mlcc("catalog", *words)
    assert (said.code, said.crosses) == (
        1,
        ["❌ --platform: Platform 'fake' keeps no list of models."],
    )


def test_tune_says_how_to_add_a_model_of_the_list(listed: World, mlcc: Mlcc, monkeypatch):
    monkeypatch.setattr(type(listed.platform), "insists_on_catalog", True)
    words = ("tune", "--technique", "fake", "--dataset", "train.jsonl", "--dry-run", "--model")
    said = mlcc(*words, "acme-two-2b")
    assert said.code == 1
    assert 'Model "acme-two-2b" is not yet supported' in said.crosses[0]
    assert "the list has it: fake (lora, full-rank)." in said.err
    assert "mlcc catalog add acme-two-2b" in said.err
    for model in ("acme-odd-3b", "nothing"):
        assert "catalog add" not in mlcc(*words, model).err
    listed.platform.fail("live_models", PlatformError("no network"))
    assert "no network" not in mlcc(*words, "acme-two-2b").err
