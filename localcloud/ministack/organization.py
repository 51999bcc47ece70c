"""An organization of AWS accounts: its id in policies, its accounts in AWS Organizations' API.

To MiniStack, every account is the master of an organization of its own.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from localcloud.wire import (
    HttpAnswer,
    Json,
    decoded,
)

PAGE = 20
"""Accounts on a page of ListAccounts, at most (its service model)."""

_MANAGEMENT = "999999999999"
_REFUSED = "You don't have permissions to access this resource."


class Organization:
    """One organization; accounts that aren't in it are in none.

    The account of `Settings.account_id` is a member from the beginning.
    """

    id = "o-localcloud"
    management = _MANAGEMENT
    """The management account, which deploys no stacks."""

    def __init__(self, first: str) -> None:
        self._accounts = {_MANAGEMENT: "management"}
        self._administrators = {_MANAGEMENT}
        self.join(first, "home")
        evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
        evaluator._principal_org_id = self.of
        self._know_resources(evaluator)

    @property
    def accounts(self) -> Mapping[str, str]:
        """Names of the accounts, the management account's among them, by their ids."""
        return MappingProxyType(self._accounts)

    def join(self, account: str, name: str = "") -> None:
        self._accounts[account] = name or f"account {account}"

    def leave(self, account: str) -> None:
        """Take an account out, if it is there. Nothing in it changes."""
        self._accounts.pop(account, None)
        self._administrators.discard(account)

    def delegate(self, account: str) -> None:
        """Let a member read the list of accounts, as a delegated administrator may."""
        self._administrators.add(account)

    def of(self, account: str | None) -> str | None:
        """The id of an account's organization; None where it is in none."""
        return self.id if account in self._accounts else None

    # -- its API ------------------------------------------------------------------------------

    def answering(self, scope: Callable[[], tuple[str, str]]) -> Callable[[Any], Any]:
        """A wrap for MiniStack's handler, which answers what is asked about this organization.

        ListAccounts is for the management account and delegated administrators,
        DescribeOrganization for every member (their service models).
        """

        def wrap(handler: Any) -> Any:
            async def handle(
                method: str,
                path: str,
                headers: Mapping[str, str],
                body: bytes,
                query: Mapping[str, Any],
            ) -> HttpAnswer:
                asks = headers.get("x-amz-target", "").rpartition(".")[2]
                if asks not in {"ListAccounts", "DescribeOrganization"}:
                    answer: HttpAnswer = await handler(method, path, headers, body, query)
                    return answer
                caller, _ = scope()
                if caller not in self._accounts:
                    return _refused("AWSOrganizationsNotInUseException", "It is in none.")
                if asks == "DescribeOrganization":
                    return _answered({"Organization": self._described()})
                if caller not in self._administrators:
                    return _refused("AccessDeniedException", _REFUSED)
                return _answered(self._page(decoded(body)))

            return handle

        return wrap

    def _described(self) -> Json:
        place = f"arn:aws:organizations::{_MANAGEMENT}"
        return {
            "Id": self.id,
            "Arn": f"{place}:organization/{self.id}",
            "FeatureSet": "ALL",
            "MasterAccountArn": f"{place}:account/{self.id}/{_MANAGEMENT}",
            "MasterAccountId": _MANAGEMENT,
            "MasterAccountEmail": "management@example.com",
        }

    def _page(self, asked: Json) -> Json:
        begin = int(asked.get("NextToken") or 0)
        end = begin + min(int(asked.get("MaxResults") or PAGE), PAGE)
        accounts = sorted(self._accounts.items())
        listed = [
            {
                "Id": account,
                "Arn": f"arn:aws:organizations::{_MANAGEMENT}:account/{self.id}/{account}",
                "Email": f"{account}@example.com",
                "Name": name,
                "Status": "ACTIVE",
                "State": "ACTIVE",
                "JoinedMethod": "CREATED",
                "JoinedTimestamp": 1700000000,
            }
            for account, name in accounts[begin:end]
        ]
        return {"Accounts": listed, **({"NextToken": str(end)} if accounts[end:] else {})}

    # -- in policies --------------------------------------------------------------------------

    def _know_resources(self, evaluator: Any) -> None:
        """`aws:ResourceOrgID`, `aws:ResourceAccount`: of whoever owns what a call is about.

        To MiniStack, a bucket is its caller's.
        """
        resolve = evaluator._resolve_condition_key

        def resolve_key(key: str, context: Any) -> Any:
            match key.lower():
                case "aws:resourceorgid":
                    return self.of(self._owner(evaluator, context))
                case "aws:resourceaccount" | "s3:resourceaccount":
                    return self._owner(evaluator, context)
            return resolve(key, context)

        evaluator._resolve_condition_key = resolve_key

    def _owner(self, evaluator: Any, context: Any) -> str | None:
        if context.resource_arn.startswith("arn:aws:s3:::"):
            s3: Any = importlib.import_module("ministack.services.s3")
            bucket = context.resource_arn.removeprefix("arn:aws:s3:::").partition("/")[0]
            owner: str | None = s3._bucket_owner_account(bucket)
            return owner
        named: str | None = evaluator._account_from_arn(context.resource_arn)
        return named or str(context.principal_account)


def _answered(body: Json, status: int = 200) -> HttpAnswer:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(body).encode()


def _refused(code: str, message: str) -> HttpAnswer:
    return _answered({"__type": code, "Message": message}, 400)
