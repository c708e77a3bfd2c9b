"""Flags of other programs: what they lead to is what ``--set`` takes."""

from __future__ import annotations

import pytest

from mlcc_core.contract.options import Option
from mlcc_core.loader.flags import also_faults
from mlcc_engine.engine import TRL
from mlcc_engine.options.elsewhere import DECIDES, SETTINGS


def test_names_are_well_made_and_mean_one_thing():
    names = [name for each in SETTINGS.values() for name in each]
    assert list(also_faults(tuple(names), "settings")) == []
    assert list(also_faults(tuple(name.removesuffix("=") for name in DECIDES), "decides")) == []
    flags = [name.partition("=")[0] for name in (*names, *DECIDES)]
    assert len(flags) == len(set(flags))
    assert Option("--x", int, "x").also == ()
    assert TRL.settings is SETTINGS
    assert TRL.decides is DECIDES


@pytest.mark.slow  # imports the trainers
def test_every_setting_is_one_of_a_trainer_or_of_lora():
    from mlcc_engine.settings.listing import listed

    known: set[str] = set()
    for name in ("SFT", "DPO", "GRPO"):
        known |= {each.name for each in listed(f"trl:{name}Trainer", {}, "lora")}
    assert set(SETTINGS) <= known
