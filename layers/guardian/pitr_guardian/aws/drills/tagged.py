"""The tables that have a tag, wherever the guardian looks after tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import attrgetter

from pitr_guardian.aws.sweep.catalogue import DynamoCatalogue
from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.tables.reference import Scope, TableRef

_AT_ONCE = 8
"""Accounts that are asked side by side; one account's regions are asked one after the other, since
botocore's sessions make clients for one thread at a time."""


class DynamoTaggedTables:
    """``drills.ports.TaggedTables`` on the Resource Groups Tagging API."""

    def __init__(
        self,
        catalogue: DynamoCatalogue,
        scopes: Callable[[], Iterable[Scope]],
        account: str,
        log: Callable[[str, str], None],
    ) -> None:
        """Take how to look.

        Args:
            catalogue: that of sweeps.
            scopes: where to look.
            account: the guardian's own; what can't be asked of others is logged, and left out.
            log: takes what it is about, and what is to be said.
        """
        self._catalogue = catalogue
        self._scopes = scopes
        self._account = account
        self._log = log

    def tagged(self, key: str) -> Mapping[TableRef, str]:
        """See ``drills.ports.TaggedTables``."""
        ordered = sorted(self._scopes(), key=attrgetter("account", "region"))
        accounts = [list(each) for _, each in groupby(ordered, attrgetter("account"))]
        found: dict[TableRef, str] = {}
        with ThreadPoolExecutor(_AT_ONCE, "tagged") as pool:
            for tables in pool.map(lambda scopes: self._in_account(scopes, key), accounts):
                found |= tables
        return found

    def _in_account(self, scopes: Sequence[Scope], key: str) -> dict[TableRef, str]:
        found = {}
        for scope in scopes:
            try:
                answer = self._catalogue.tags(scope, (key,))
            except (RefusedError, TryLaterError) as problem:
                if scope.account == self._account:
                    raise
                where = f"{scope.account} in {scope.region}"
                self._log("due", f"{where} can't be asked for its tables: {problem}")
                continue
            for table, tags in answer.items():
                # A member speaks of its own tables only.
                if key in tags and (table.account, table.region) == (scope.account, scope.region):
                    found[table] = tags[key]
        return found
