"""Beginning the drills that are due."""

from collections.abc import Iterator
from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.drills.tagged import DynamoTaggedTables
from pitr_guardian.aws.ledger.drill_book import DrillBookLedger
from pitr_guardian.aws.ledger.members import MemberLedger
from pitr_guardian.aws.sweep.catalogue import DynamoCatalogue
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.drills.due import DueDrills
from pitr_guardian.logs import received_drill
from pitr_guardian.members.scopes import scopes_of
from pitr_guardian.settings import home_from, member_role_from, names, setting
from pitr_guardian.tables.reference import Scope
from pitr_guardian.wiring.drills.receiving import orders, workflow
from pitr_guardian.wiring.stack import fact_bus


@cache
def due_drills() -> DueDrills:
    """Who begins what is due, in this environment."""
    home = home_from()
    catalogue = DynamoCatalogue(clients.dynamodb_once, clients.tagging)
    return DueDrills(
        tagged=DynamoTaggedTables(catalogue, _scopes, home.account, received_drill),
        orders=orders(),
        workflow=workflow(),
        ledger=DrillBookLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"), utc_now),
        facts=fact_bus(),
        tag_key=setting("DRILL_TAG_KEY"),
        budget_in_usd=float(setting("DRILL_MONTHLY_BUDGET_USD")),
        account=home.account,
        clock=utc_now,
        log=received_drill,
    )


def _scopes() -> Iterator[Scope]:
    """Where sweeps look, too."""
    members = MemberLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))
    known = members.members() if member_role_from() else ()
    return scopes_of(home_from(), names("SWEEP_REGIONS"), known, utc_now())
