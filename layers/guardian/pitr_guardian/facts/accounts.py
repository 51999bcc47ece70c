"""Accounts by their names: people know `payments-prod`, and not twelve digits.

A name is a courtesy. Where it isn't known, or can't be asked for at once, an alert has the id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.basics.legible import legible
from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.ports import AccountNames
from pitr_guardian.facts.words import word

KEPT = 3600.0
"""Seconds for which a name is taken for granted."""

ASKED_AGAIN = 10.0
"""Seconds after which it is asked again for a name that wasn't known, or couldn't be asked for."""

FIELD = "accountName"
"""What a message has beside its fact's own fields, where there are members."""

_LONGEST = 50  # AWS Organizations' own limit (API reference, Account)


@dataclass(frozen=True, slots=True)
class KnownAccounts:
    """Names accounts, and asks for each name now and then only."""

    names: AccountNames
    ticks: Callable[[], float]
    """Seconds, only ever more of them."""
    _kept: dict[str, tuple[str | None, float]] = field(default_factory=dict)

    def named(self, detail: Mapping[str, Any]) -> Mapping[str, Any]:
        """Tell a fact with the name of its account, or the id for want of one; raises nothing."""
        account = id_in(detail)
        return {**detail, FIELD: self.called(account)} if account else detail

    def called(self, account: str) -> str:
        """Tell what an account is called, its id for want of a name; raises nothing."""
        return self._name_of(account) or account

    def _name_of(self, account: str) -> str | None:
        name, until = self._kept.get(account, (None, None))
        if until is not None and self.ticks() < until:
            return name
        try:
            found = self.names.name_of(account)
        except (TryLaterError, RefusedError):
            found = name  # what it was called an hour ago
        self._kept[account] = found, self.ticks() + (KEPT if found else ASKED_AGAIN)
        return found


def id_in(detail: Mapping[str, Any]) -> str | None:
    """The account that a fact is about."""
    return word(mapping(detail.get("table")).get("account") or detail.get("account"))


def name_in(detail: Mapping[str, Any]) -> str | None:
    """What its account is called, its id for want of a name; None where there are no members."""
    name = word(detail.get(FIELD))
    return legible(name, _LONGEST) if name else None


def account_in(detail: Mapping[str, Any]) -> str | None:
    """The account for a person: the name, where there is one, with the id."""
    account, name = id_in(detail), name_in(detail)
    return f"{name} ({account})" if account and name and name != account else account


def in_account(heading: str, detail: Mapping[str, Any], longest: int) -> str:
    """A heading of a length at most that says whose account it is; the account is not cut off."""
    name = name_in(detail)
    where = f" ({name})" if name else ""
    if len(heading) + len(where) <= longest:
        return heading + where
    return f"{heading[: longest - len(where) - 3]}...{where}"
