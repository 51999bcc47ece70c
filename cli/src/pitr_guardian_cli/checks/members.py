"""Whether other accounts and regions are heard of, and let the guardian in."""

from __future__ import annotations

from collections.abc import Iterator

from pitr_guardian_cli.aws.members import members
from pitr_guardian_cli.checks.finding import Finding, fine, wrong
from pitr_guardian_cli.here import Here

_CHECK = "members"


def heard(here: Here) -> Iterator[Finding]:
    """List members that are silent, and accounts whose role is missing or refuses."""
    if not here.stack.parameter("OrganizationId"):
        return
    now = here.now()
    found = members(here.stack, here.ledger, now)
    for member in found.silent(now):
        yield wrong(
            _CHECK,
            f"nothing was heard of {member.account} in {member.region} since "
            f"{here.shown(member.heard_at)}: only the sweep protects its tables",
            f"aws cloudformation describe-stacks --region {member.region}, with credentials of "
            f"{member.account}: is organization/member.yaml there, with its heartbeat rule on?",
        )
    for account in found.closed:
        yield wrong(
            _CHECK,
            f"{account} doesn't let the guardian in: none of its tables is looked after",
            f"deploy organization/member.yaml to {account} in its MainRegion, with "
            f"GuardianAccountId={here.stack.account} and "
            f"InboxBusArn={here.stack.output('InboxBusArn')}",
        )
    if not found.known:
        yield wrong(
            _CHECK,
            f"no member of {here.stack.parameter('OrganizationId')} was ever heard of",
            "deploy organization/member.yaml to its accounts (docs/organization.md)",
        )
    elif not found.silent(now) and not found.closed:
        accounts = len({member.account for member in found.known})
        yield fine(_CHECK, f"{len(found.known)} regions of {accounts} accounts are heard of")
