"""The contract of every serving part, as tests."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

import pytest

from mlcc_core.actions.deploy.made_of import deployed_from, is_made_of, lies_in, sources_of
from mlcc_core.contract.job import Output
from mlcc_core.contract.platform.serving import Serving
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.testing.contracts.parts.part import PartContract


class ServingContract(PartContract):
    """Subclass it, give ``serving``, ``adapter`` and ``model``.

    The project of ``context`` has its base model deployed, where adapters need that.
    """

    @pytest.fixture
    def serving(self) -> Serving:
        """Return the serving part under test."""
        raise NotImplementedError("a subclass of ServingContract gives the fixture `serving`")

    @pytest.fixture
    def adapter(self) -> str:
        """Return the place of LoRA weights that were trained on the base model."""
        raise NotImplementedError("a subclass of ServingContract gives the fixture `adapter`")

    @pytest.fixture
    def model(self) -> str:
        """Return the place of a whole model."""
        raise NotImplementedError("a subclass of ServingContract gives the fixture `model`")

    @pytest.fixture
    def named(self, unique: str) -> str:
        """Return the name that a test deploys under."""
        return f"tuned-{unique}"

    def test_what_is_not_deployed(
        self, serving: Serving, context: Context, named: str, tmp_path: Path
    ) -> None:
        """A name or a place that holds nothing is an error that changes nothing."""
        before = names(serving, context)
        with pytest.raises(MlccError):
            serving.remove_adapter(context, named)
        with pytest.raises(MlccError):
            serving.add_adapter(context, named, str(tmp_path / "nothing-here"))
        with pytest.raises(MlccError):
            serving.add_component(context, named, str(tmp_path / "nothing-here"))
        assert names(serving, context) == before

    def test_an_adapter_stands_until_it_is_removed(
        self, serving: Serving, context: Context, adapter: str, named: str
    ) -> None:
        """An adapter is deployed once under its name, and is gone when it is removed."""
        before = names(serving, context)
        added = serving.add_adapter(context, named, adapter)
        assert (added.name, added.kind) == (named, "adapter")
        with pytest.raises(MlccError):
            serving.add_adapter(context, named, adapter)
        names_its_weights(serving, context, named, adapter, "adapter")
        stands_until_removed(serving, context, named, before)
        with pytest.raises(MlccError):
            serving.add_component(context, f"{named}-whole", adapter)

    def test_an_adapter_is_updated_in_place(
        self, serving: Serving, context: Context, adapter: str, named: str, tmp_path: Path
    ) -> None:
        """Other weights come under the name that is deployed; if that fails, nothing changes."""
        with pytest.raises(MlccError):
            serving.update(context, named, adapter)
        serving.add_adapter(context, named, adapter)
        assert serving.holds(context, named, adapter)
        before = serving.deployed(context)
        with pytest.raises(MlccError):
            serving.update(context, named, str(tmp_path / "nothing-here"))
        assert serving.deployed(context) == before
        updated = serving.update(context, named, adapter)
        assert (updated.name, updated.kind) == (named, "adapter")
        assert names(serving, context) == {item.name for item in before}
        assert serving.holds(context, named, adapter)
        names_its_weights(serving, context, named, adapter, "adapter")
        serving.remove_adapter(context, named)

    def test_a_model_stands_until_it_is_removed(
        self, serving: Serving, context: Context, model: str, named: str
    ) -> None:
        """A whole model stands beside the base model or in its place; undeploying takes it all."""
        before = names(serving, context)
        added = serving.add_component(context, named, model)
        assert (added.name, added.kind) == (named, "model")
        names_its_weights(serving, context, named, model, "model")
        stands_until_removed(serving, context, named, before)
        with pytest.raises(MlccError):
            serving.add_adapter(context, named, model)
        serving.deploy(context, model)
        in_use = list(deployed_from(serving, context, Output("model", model)))
        assert in_use, f"Serving.undeploy_notice does not name {model}, the base model's weights"
        serving.undeploy(context)
        assert names(serving, context) == set()

    def test_what_costs_stands_until_it_is_taken_down(
        self, serving: Serving, context: Context
    ) -> None:
        """A deployment that costs money is told with its expiry, and is gone when taken down."""
        first = float(round(time.time()) + 3600)
        for given, told in ((first, first), (first + 60, first + 60), (None, first + 60)):
            serving.deploy(context, None, given)
            standing = serving.standing(context)
            assert len({thing.name for thing in standing}) == len(standing)
            for thing in standing:
                assert thing.current, "nothing that do/config does not name was deployed"
                assert thing.kind
                assert thing.expires == told
                assert all(charge.by_the_hour for charge in thing.charges)
        for thing in (*standing, *standing):  # twice: one that is gone counts as taken down
            assert all(isinstance(line, str) for line in serving.take_down(context, thing.name))
        assert list(serving.standing(context)) == []
        serving.undeploy(context)
        assert list(serving.standing(context)) == []


def names(serving: Serving, context: Context) -> set[str]:
    """Return the names of what stands beside the base model."""
    return {adapter.name for adapter in serving.deployed(context)}


def stands_until_removed(serving: Serving, context: Context, name: str, before: set[str]) -> None:
    """Check that ``name`` is listed, and that it is not once it is removed."""
    assert names(serving, context) == before | {name}
    serving.remove_adapter(context, name)
    assert names(serving, context) == before
    with pytest.raises(MlccError):
        serving.remove_adapter(context, name)


def names_its_weights(
    serving: Serving, context: Context, name: str, weights: str, kind: Literal["adapter", "model"]
) -> None:
    """Check that what is deployed names what it was made of: ``runs remove`` then refuses the run.

    Its source is the artifacts as the job told them, or lies in them, or is a copy elsewhere of
    which ``holds`` says so; never a folder of this machine that no job told.
    """
    (item,) = (item for item in serving.deployed(context) if item.name == name)
    told = (
        f"Serving.deployed says that {name} was made of {item.source}, expected {weights}, the "
        "artifacts of the job: by them `mlcc runs remove` keeps weights that are in use"
    )
    assert is_made_of(serving, context, item, Output(kind, weights)), told
    fetched = Path(item.source).is_absolute() or item.source.startswith("./")
    sources = sources_of(context.root, item)
    assert not fetched or any(lies_in(source, weights) for source in sources), told
