"""Platforms: where data is staged, jobs run, and models are deployed and prompted."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.money.pricing import Pricing
from mlcc_core.contract.options import EvaluatorKind, Option
from mlcc_core.contract.platform.account import Account
from mlcc_core.contract.platform.answering import Answering
from mlcc_core.contract.platform.exporting import Exporting
from mlcc_core.contract.platform.known_model import KnownModels, LiveModel
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.contract.platform.serving import Serving
from mlcc_core.contract.platform.store import DataStore
from mlcc_core.contract.platform.values import Check, Context, Demo
from mlcc_core.contract.plugin_object import PluginObject
from mlcc_core.contract.script.running import ScriptRunner
from mlcc_core.contract.settings import Setting
from mlcc_core.contract.technique.recipe import Engine
from mlcc_core.errors import MlccError, PluginError


class Platform(PluginObject):
    """A place where jobs run, made of parts.

    A part is an object of its own, or this object: a platform that also inherits from
    :class:`DataStore` is its own store. Without serving, answering or account, the commands that
    need one say so.

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique; the value of ``--platform``.
        title: for people.
        default: used when neither flag, environment nor ``do/config`` names one; at most one
            installed platform says so.
        engines: the ways of training that it runs, the preferred one first.
        insists_on_catalog: only models of the catalog may be tuned.
        default_model: for projects that name none.
        options: flags of its own, shown by ``mlcc tune --help``.
        deploy_options: flags of its own, shown by ``mlcc deploy --help``; its serving finds the
            values in ``context.options``.
        settings: variables that it reads from ``do/config`` and the environment.
        evaluators: the kinds of evaluator that it can run.
        takes_settings: users may set what only the trainer knows (``--set``); its runner checks
            and lists that.
        demo: the material of ``mlcc demo``, if it can run without an account.
        costs_money: deployments cost money while they stand: ask first, remind after.
        trains_here: jobs run on this machine; rows are then held out unless the user says
            otherwise.
        trains_any: name of the platform that trains the models which this one does not:
            ``mlcc train`` uses it in projects of this platform; ``None``: this one itself.
        destinations: names of further places that its serving deploys to, for ``deploy --to``.
        poll_interval: seconds between two looks at a job, unless the user says otherwise.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    default: ClassVar[bool] = False
    engines: ClassVar[tuple[Engine, ...]] = ()
    insists_on_catalog: ClassVar[bool] = False
    default_model: ClassVar[str | None] = None
    options: ClassVar[tuple[Option, ...]] = ()
    deploy_options: ClassVar[tuple[Option, ...]] = ()
    settings: ClassVar[tuple[Setting, ...]] = ()
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = ()
    takes_settings: ClassVar[bool] = False
    costs_money: ClassVar[bool] = False
    trains_here: ClassVar[bool] = False
    trains_any: ClassVar[str | None] = None
    destinations: ClassVar[tuple[str, ...]] = ()
    poll_interval: ClassVar[float] = 15.0

    @property
    def store(self) -> DataStore:
        """The part that keeps datasets."""
        if isinstance(self, DataStore):
            return self
        raise PluginError(f"{type(self).__qualname__} has no data store: define `store`")

    @property
    def runner(self) -> JobRunner:
        """The part that runs jobs."""
        if isinstance(self, JobRunner):
            return self
        raise PluginError(f"{type(self).__qualname__} has no job runner: define `runner`")

    @property
    def serving(self) -> Serving | None:
        """The part that deploys models, if the platform has one."""
        return self if isinstance(self, Serving) else None

    @property
    def answering(self) -> Answering | None:
        """The part that answers the rows of an evaluation, if the platform has one."""
        return self if isinstance(self, Answering) else None

    @property
    def exporting(self) -> Exporting | None:
        """The part that writes models as files, if the platform has one."""
        return self if isinstance(self, Exporting) else None

    @property
    def pricing(self) -> Pricing | None:
        """The part that says what things cost; ``None`` where nothing costs anything."""
        return self if isinstance(self, Pricing) else None

    @property
    def managed(self) -> ManagedEvaluating | None:
        """The part that runs evaluations as jobs, if the platform has one."""
        return self if isinstance(self, ManagedEvaluating) else None

    @property
    def scripts(self) -> ScriptRunner | None:
        """The part that runs scripts of users, if the platform has one."""
        return self if isinstance(self, ScriptRunner) else None

    @property
    def account(self) -> Account | None:
        """The part that keeps secrets and prerequisites, if the platform has one."""
        return self if isinstance(self, Account) else None

    @property
    def demo(self) -> Demo | None:
        """The material of ``mlcc demo``."""
        return None

    def model_note(self, model: str) -> str | None:
        """Return a line about a model that every command says which uses it.

        Args:
            model: as the user named it.

        Returns:
            ``None`` for a model that needs no remark.
        """
        return None

    def model_name(self, name: str, root: Path) -> str:
        """Return the name of a model as a project keeps it: ``mlcc init`` writes it down.

        It is asked before there is a project, so it looks at the name and at this machine alone.
        Override it to refuse what can be no model here, and to keep a folder in a form that means
        the same from everywhere.

        Args:
            name: as typed.
            root: of the project; a path may also start from the current folder.

        Raises:
            MlccError: it can be no model; its hint may be of the flag alone, ``--model org/name``.
        """
        return name

    def models(self, context: Context) -> KnownModels:
        """Return the models that can be trained here, from files and lists that are at hand.

        Nothing is downloaded. The Supported Model Catalog is the core's to add.
        """
        return KnownModels()

    def live_models(self, context: Context) -> Sequence[LiveModel]:
        """Return every model that the platform can train now, as its own list has them.

        Raises:
            MlccError: it keeps no list.
            PlatformError: the list cannot be read.
        """
        raise MlccError(
            f"Platform {self.name!r} keeps no list of models.",
            where="--platform",
            hint="mlcc models",
        )

    def live_model(self, context: Context, model: str) -> LiveModel | None:
        """Return one model of that list; ``None`` for a model that is not there.

        Override it where one model can be asked for with fewer calls than all.

        Args:
            context: the surroundings.
            model: its id there.

        Raises:
            MlccError: the platform keeps no list.
            PlatformError: the list cannot be read.
        """
        wanted = model.casefold()
        return next((m for m in self.live_models(context) if m.id.casefold() == wanted), None)

    @abstractmethod
    def checks(self, context: Context) -> Sequence[Check]:
        """Return every prerequisite, without side effects. ``missing`` ones stop ``tune``."""
