"""What the stack has for all of its functions: the ledger, the fact bus and the queue."""

from pitr_guardian.aws import clients
from pitr_guardian.aws.drift.queue import EnforcementQueue
from pitr_guardian.aws.facts.bus import FactBus
from pitr_guardian.aws.ledger.members import ClosedLedger
from pitr_guardian.aws.ledger.recollection import DynamoRecollection
from pitr_guardian.aws.ledger.tables import DynamoLedger
from pitr_guardian.aws.member_roles import MemberRoles
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.members.closed import ClosedDoors
from pitr_guardian.members.leave import Leave
from pitr_guardian.settings import home_from, member_role_from, setting


def ledger() -> DynamoLedger:
    """The ledger."""
    return DynamoLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))


def recollection() -> DynamoRecollection:
    """The ledger, to read what is remembered of tables."""
    return DynamoRecollection(clients.own_dynamodb(), setting("LEDGER_TABLE"))


def closed_doors() -> ClosedDoors:
    """Who tells of accounts that let nobody in."""
    notes = ClosedLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))
    return ClosedDoors(notes=notes, facts=fact_bus(), clock=utc_now)


def leave() -> Leave:
    """Who knows what members allow."""
    role = member_role_from()
    return Leave(roles=MemberRoles(clients.iam, role), home=home_from(), has_members=bool(role))


def fact_bus() -> FactBus:
    """The fact bus."""
    return FactBus(clients.events, setting("FACT_BUS"))


def looks() -> EnforcementQueue:
    """The enforcement queue."""
    return EnforcementQueue(clients.sqs, setting("ENFORCEMENT_QUEUE_URL"))
