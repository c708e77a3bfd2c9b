"""The contract of every account, as tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mlcc_core.contract.platform.account import Account
from mlcc_core.contract.platform.values import Context
from mlcc_core.contract.source import Credential
from mlcc_core.errors import MlccError
from mlcc_core.testing.contracts.parts.part import PartContract


class AccountContract(PartContract):
    """Subclass it, give ``account``. One secret is stored in the account, and removed."""

    @pytest.fixture
    def account(self) -> Account:
        """Return the account under test."""
        raise NotImplementedError("a subclass of AccountContract gives the fixture `account`")

    @pytest.fixture
    def credential(self, unique: str) -> Credential:
        """Return a credential that no account keeps yet."""
        return Credential(f"CONTRACT_{unique.upper()}", "the contract suite")

    def test_a_secret_that_was_never_stored(
        self, account: Account, context: Context, credential: Credential
    ) -> None:
        """A secret that the account does not keep is ``None``, not an error."""
        assert account.secret(context, credential) is None

    def test_a_secret_is_kept_until_it_is_removed(
        self, account: Account, context: Context, credential: Credential
    ) -> None:
        """A secret that the user typed is kept, never shown, and gone when it is removed."""
        value = f"value-of-{credential.variable}"
        given = replace(
            context,
            settings={**context.settings, credential.variable: value},
            read_secret=lambda prompt: value,
        )
        said, refusal = self._set(account, given, credential)
        if refusal is not None:  # an account need not keep any secret
            assert refusal.hint, "it does not say how else a secret is given"
            return
        assert account.secret(context, credential) == value
        said = [*said, *account.secrets(context, "check", credential)]
        assert said
        assert not any(value in line for line in said), "a secret was shown"
        account.secrets(context, "remove", credential)
        assert account.secret(context, credential) is None

    def _set(
        self, account: Account, context: Context, credential: Credential
    ) -> tuple[Sequence[str], MlccError | None]:
        try:
            return account.secrets(context, "set", credential), None
        except MlccError as error:
            return (), error
