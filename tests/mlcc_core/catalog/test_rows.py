"""Rows that are made of a platform's list, and read again as catalog files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.catalog.files import read_file
from mlcc_core.catalog.model import CatalogModel, TechniqueSupport
from mlcc_core.catalog.rows import as_toml, row_of
from mlcc_core.contract.platform.known_model import LiveModel

DAY = "2026-11-30"
LIVE = LiveModel("acme-vlm-9-27b", "Acme 9 27B", {"sft": ("lora",)}, place="The Hub of Mars")
KNOWN = CatalogModel(
    id="acme-vlm-9-27b",
    hub_id="acme/Nine",
    name="Nine",
    provider="Acme",
    family="Nines",
    size="27B",
    vision_language=True,
    eula=True,
    techniques={"sft": TechniqueSupport(("lora", "full-rank"), "converse")},
    file=Path("acme.toml"),
)


@given(
    model=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,20}", fullmatch=True),
    name=st.text(max_size=20),
    provider=st.none() | st.text(max_size=10),
    place=st.none() | st.text(max_size=10),
    techniques=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
        st.sampled_from([("lora",), ("full-rank",), ("lora", "full-rank")]),
        min_size=1,
        max_size=3,
    ),
    licence=st.none() | st.booleans(),
    vision=st.none() | st.booleans(),
)
def test_any_row_is_a_catalog_file(
    tmp_path_factory, model, name, provider, place, techniques, licence, vision
):
    file = tmp_path_factory.mktemp("row") / "row.toml"
    live = LiveModel(model, name, techniques, provider, licence, vision, place)
    row = row_of(live, None, DAY, file)
    file.write_text(as_toml(row), encoding="utf-8")
    assert read_file(file).models == (row,)
    assert {name: s.training_types for name, s in row.techniques.items()} == techniques


def test_a_known_model_keeps_what_the_list_does_not_tell(tmp_path):
    row = row_of(LIVE, KNOWN, DAY, tmp_path / "row.toml")
    assert (row.hub_id, row.name, row.provider, row.family) == (
        "acme/Nine",
        "Nine",
        "Acme",
        "Nines",
    )
    assert (row.eula, row.vision_language) == (True, True)
    assert row.techniques == {"sft": TechniqueSupport(("lora",), "converse")}
    assert row.source == "The Hub of Mars, read 2026-11-30"
    row.file.write_text(as_toml(row))
    assert read_file(row.file).models == (row,)


@pytest.mark.parametrize(
    ("model", "name", "size"),
    [
        ("acme-vlm-9-6-35b-a3b", "Acme9.6 35B A3B", "35B"),
        ("acme-vlm-9-6-35b-a3b", "Acme", "35B"),
        ("acme-06b", "Acme 0.6B", "0.6B"),
        ("acme", "Acme", "unknown"),
    ],
)
def test_sizes_are_read_from_names(tmp_path, model, name, size):
    live = LiveModel(model, name, {"sft": ("lora",)})
    assert row_of(live, None, DAY, tmp_path / "row.toml").size == size
