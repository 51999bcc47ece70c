"""What happened to a table, told as a fact: who did it, for how long, and what was lost."""

from datetime import datetime, timedelta
from typing import TypedDict

from pitr_guardian.basics.instants import iso
from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.decision import Decision
from pitr_guardian.drift.loss import could_bring_about
from pitr_guardian.drift.memory import (
    Drift,
    How,
    Lost,
    Memory,
    Mended,
)
from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.advice import advice_for
from pitr_guardian.facts.facts import (
    DriftDetected,
    DriftTolerated,
    ExemptionExpired,
    ExemptionInvalid,
    ExemptionNoted,
    Exposure,
    FightDetected,
    HistoryLost,
    LostWindow,
    PeriodInvalid,
    PitrReenabled,
    ProtectionFailed,
    RecoveryPeriodRestored,
    TableFact,
    TableId,
    TableProtected,
    fact_id,
)
from pitr_guardian.facts.severity import severity_of
from pitr_guardian.tables.observation import (
    OUT_OF_REACH,
    Observed,
    Window,
)
from pitr_guardian.tables.policy import (
    MAX_PERIOD,
    MIN_PERIOD,
    Exemption,
    ExemptionFault,
    Policy,
)
from pitr_guardian.tables.reference import TableRef


def blame(
    drift: Drift, memory: Memory, hint: Cause | None = None, born: datetime | None = None
) -> Drift:
    """Drop the cause of a drift where the event that was at hand can't have caused it.

    A call that did something else, a duplicate of the event behind the last incident, and a call
    older than a moment at which PITR was seen on are somebody else's story. CloudTrail's times are
    in whole seconds, so the comparison is too. Drift that was tolerated until now keeps its first
    cause.

    Args:
        drift: the drift, with the event that was at hand when it was noticed.
        memory: what was remembered of the table before.
        hint: the event at hand now; another message may have noticed the drift before it came.
        born: when the table was created, where that is known: earlier calls were about another.
    """
    suspects = [cause for cause in (drift.cause, hint) if cause is not None]
    guilty = (
        cause
        for cause in suspects
        if _could_bring_about(drift, cause)
        and not _is_stale(cause, memory)
        and (born is None or cause.time >= born.replace(microsecond=0))
    )
    cause = next(guilty, None)
    told = memory.tolerated
    if (cause is None or cause.is_birth) and told is not None and told.kind == drift.kind:
        return told  # it was left alone so far, and is the same drift still
    return drift.model_copy(update={"cause": cause})


def explained(mended: Mended, cause: Cause | None) -> Drift:
    """The drift that was put right, with the event at hand where that explains it."""
    drift = mended.drift
    is_earlier = cause is not None and cause.time <= drift.noticed_at
    return blame(drift, mended.before, cause if is_earlier else None)


def told_at_last(table: TableRef, mended: Mended, drift: Drift) -> TableFact:
    """Tell of drift that was put right a while ago.

    Its id is that of an unexplained happening, whether it was explained since or not: whoever
    tells it again after a crash may not have the event.

    Args:
        table: the table.
        mended: the drift as it was put right.
        drift: the same as it was ``explained``.
    """
    named, unnamed = (
        remedied(table, each, mended.before, mended.period, mended.reason, mended.at)
        for each in (drift, explained(mended, None))
    )
    return named.model_copy(update={"id": unnamed.id})


def _could_bring_about(drift: Drift, cause: Cause) -> bool:
    if drift.lost is not None:
        return could_bring_about(drift.lost, drift.period, cause)
    if drift.period is None:
        return cause.disables or cause.is_birth
    return cause.named_period == drift.period


def _is_stale(cause: Cause, memory: Memory) -> bool:
    if cause.event_id == memory.last_event_id:
        return True
    on_at = memory.seen_on_at
    return on_at is not None and cause.time < on_at.replace(microsecond=0)


def remedied(
    table: TableRef, drift: Drift, memory: Memory, period: int, reason: str, now: datetime
) -> TableFact:
    """Tell of drift that was put right.

    Args:
        table: the table.
        drift: what was wrong, with its cause where that is known.
        memory: what was remembered of the table before.
        period: the recovery period now, in days.
        reason: the decision's sentence.
        now: when it was put right.
    """
    if drift.lost is not None:
        return _history_lost(table, drift, drift.lost, memory, period, reason, now)
    if drift.period is not None:
        return RecoveryPeriodRestored(
            **_common(RecoveryPeriodRestored, table, drift, memory),
            time=now,
            severity=severity_of("Recovery Period Restored"),
            reason=reason,
            from_=drift.period,
            to=period,
            lost_window=_cut_off(drift, drift.period, memory),
        )
    switched_off = drift.cause is not None and drift.cause.disables
    if not memory.ever_on and not switched_off:
        return TableProtected(
            **_common(TableProtected, table, drift, memory),
            time=now,
            severity=severity_of("Table Protected"),
            reason=reason,
            created_by=drift.cause.call if drift.cause else None,
            recovery_period_in_days=period,
        )
    since = _off_since(drift, memory)
    return PitrReenabled(
        **_common(PitrReenabled, table, drift, memory),
        time=now,
        severity=severity_of("PITR Re-enabled"),
        reason=reason,
        recovery_period_in_days=period,
        exposure=Exposure(from_=since, to=now, seconds=_seconds(since, now)),
        lost_window=_lost(memory, since),
    )


def _history_lost(
    table: TableRef,
    drift: Drift,
    lost: Lost,
    memory: Memory,
    period: int,
    reason: str,
    now: datetime,
) -> HistoryLost:
    # The same loss is the same happening, whoever finds it and whether anybody is named or not.
    kind = HistoryLost.detail_type
    return HistoryLost(
        id=fact_id(table.arn, memory.table_id or "", kind, drift.kind),
        time=now,
        severity=severity_of("History Lost", by_leave=lost.how is How.BY_TAG),
        reason=reason,
        table=TableId.of(table),
        actor=drift.cause.actor if drift.cause else None,
        how=lost.how.value,
        lost_window=LostWindow(earliest=lost.earliest, latest=lost.latest),
        recovery_period_in_days=period,
    )


def left_alone(
    table: TableRef, drift: Drift, memory: Memory, decision: Decision, now: datetime
) -> TableFact:
    """Tell of drift that the guardian doesn't touch."""
    leave = decision.exemption
    if leave is None:
        return DriftDetected(
            **_common(DriftDetected, table, drift, memory),
            time=now,
            severity=severity_of("Drift Detected", was_protected=_was_protected(drift, memory)),
            reason=decision.reason,
            drift="pitr-off" if drift.period is None else "period-shortened",
            lost_window=_gone(drift, memory),
        )
    return DriftTolerated(
        **_common(DriftTolerated, table, drift, memory),
        time=now,
        severity=severity_of("Drift Tolerated", is_far_off=leave.is_far_off(now)),
        reason=decision.reason,
        exempt_until=leave.last_day.isoformat(),
        exempt_reason=leave.reason,
        exempt_owner=leave.owner,
        lost_window=_gone(drift, memory),
    )


def _was_protected(drift: Drift, memory: Memory) -> bool:
    """Tell whether there was something to lose: PITR was on, or is on for too short a period."""
    switched_off = drift.cause is not None and drift.cause.disables
    return memory.ever_on or switched_off or drift.period is not None


def fight_over(incident: TableFact, count: int) -> FightDetected:
    """Tell of a fight, at its latest incident.

    Args:
        incident: what happened once too often.
        count: how often it happened within the hour.
    """
    return FightDetected(
        id=fact_id(incident.id, "fight"),
        time=incident.time,
        severity=severity_of("Fight Detected"),
        reason=(
            f"PITR of {incident.table.name} was disabled or shortened {count} times within an "
            "hour. The guardian goes on putting it right; single alerts are folded for an hour."
        ),
        table=incident.table,
        actor=incident.actor,
        count=count,
        advice=advice_for(incident.actor),
    )


def exemption_is_void(
    table: TableRef, observed: Observed, fault: ExemptionFault, policy: Policy, now: datetime
) -> ExemptionInvalid | ExemptionExpired:
    """Tell of an exemption tag that doesn't exempt; the same value is the same happening."""
    value = observed.tags[policy.exempt_tag]
    kind: type[ExemptionInvalid | ExemptionExpired] = ExemptionInvalid
    reason = f"The tag {policy.exempt_tag} holds {value!r:.100}, which is no date YYYY-MM-DD"
    if fault is ExemptionFault.EXPIRED:
        kind, reason = ExemptionExpired, f"The table's exemption ended on {value}"
    if fault is ExemptionFault.TOO_LONG:
        reason = (
            f"The tag {policy.exempt_tag} holds {value}, but an exemption may end "
            f"{policy.max_exemption_days} days ahead at most"
        )
    return kind(
        id=fact_id(table.arn, observed.table_id or "", f"exemption-{fault}", value),
        time=now,
        severity=severity_of("Exemption Invalid"),
        reason=f"{reason}; the table is enforced like any other.",
        table=TableId.of(table),
        actor=None,
        tag_key=policy.exempt_tag,
        tag_value=value,
    )


def exemption_came_late(
    table: TableRef, observed: Observed, leave: Exemption, now: datetime
) -> ExemptionNoted:
    """Tell of an exemption that came after the guardian had switched PITR on."""
    return ExemptionNoted(
        id=fact_id(table.arn, observed.table_id or "", "exemption-noted", str(leave.last_day)),
        time=now,
        severity=severity_of("Exemption Noted"),
        reason=(
            f"The table is exempt through {leave.last_day}. The tag came soon after its birth, "
            "when PITR was on already, and it stays on: whoever doesn't want it may switch it off "
            "now, and the guardian leaves it off for as long as the exemption holds."
        ),
        table=TableId.of(table),
        actor=None,
        exempt_until=leave.last_day.isoformat(),
        exempt_reason=leave.reason,
        exempt_owner=leave.owner,
    )


def period_is_void(
    table: TableRef, observed: Observed, policy: Policy, now: datetime
) -> PeriodInvalid:
    """Tell of a period tag that says no period; the same value is the same happening."""
    value = observed.tags[policy.period_tag]
    return PeriodInvalid(
        id=fact_id(table.arn, observed.table_id or "", "period-invalid", value),
        time=now,
        severity=severity_of("Period Invalid"),
        reason=(
            f"The tag {policy.period_tag} holds {value!r:.100}, which is no whole number from "
            f"{MIN_PERIOD} to {MAX_PERIOD}; the table keeps the period that it would have without "
            "the tag."
        ),
        table=TableId.of(table),
        actor=None,
        tag_key=policy.period_tag,
        tag_value=value,
    )


def out_of_reach(table: TableRef, observed: Observed, now: datetime) -> ProtectionFailed:
    """Tell of a table that can't be restored although PITR may be on; once for each status."""
    error = f"{observed.status}: {OUT_OF_REACH[observed.status]}"
    return ProtectionFailed(
        id=fact_id(table.arn, observed.table_id or "", "out-of-reach", observed.status),
        time=now,
        severity=severity_of("Protection Failed"),
        reason=f"The table {table.name} can't be read or restored now: it is {error}.",
        table=TableId.of(table),
        actor=None,
        error=error,
    )


def is_news(drift: Drift, memory: Memory) -> bool:
    """Tell whether drift that is left alone has yet to be reported.

    It is reported once for as long as it lasts, and again when somebody brings it about anew.
    """
    told = memory.tolerated
    if told is None or told.kind != drift.kind:
        return True
    if drift.cause is None or drift.cause.is_birth:
        return False
    if told.cause is None:
        return drift.cause.time > told.noticed_at
    return drift.cause.event_id != told.cause.event_id and drift.cause.time > told.cause.time


class _Common(TypedDict):
    id: str
    table: TableId
    actor: Actor | None


def _common(fact: type[TableFact], table: TableRef, drift: Drift, memory: Memory) -> _Common:
    cause = drift.cause
    happening = cause.event_id if cause else drift.noticed_at.isoformat()
    return {
        "id": fact_id(table.arn, memory.table_id or "", fact.detail_type, drift.kind, happening),
        "table": TableId.of(table),
        "actor": cause.actor if cause else None,
    }


def _off_since(drift: Drift, memory: Memory) -> datetime:
    """When PITR went off: the disabling call, else the last moment it was known to be on."""
    if drift.cause is not None and drift.cause.disables:
        return min(drift.cause.time, drift.noticed_at)
    return memory.seen_on_at or drift.noticed_at


def _lost(memory: Memory, off_since: datetime) -> LostWindow | None:
    """The window that went with PITR: it had moved on since it was last seen."""
    if memory.window is None:
        return None
    latest = max(off_since, memory.window.latest)
    earliest = _earliest_at(off_since, memory, memory.window)
    return LostWindow(earliest=min(earliest, latest), latest=latest)


def _cut_off(drift: Drift, period: int, memory: Memory) -> LostWindow | None:
    """What a shortening cost: the window's beginning, up to where it began when that was found."""
    if memory.window is None:
        return None
    at = min(drift.cause.time, drift.noticed_at) if drift.cause else drift.noticed_at
    earliest = _earliest_at(at, memory, memory.window)
    latest = drift.earliest or at - timedelta(days=period)
    return LostWindow(earliest=earliest, latest=latest) if earliest < latest else None


def _gone(drift: Drift, memory: Memory) -> LostWindow | None:
    """What drift cost that is only told of."""
    if drift.period is not None:
        return _cut_off(drift, drift.period, memory)
    return _lost(memory, _off_since(drift, memory)) if memory.ever_on else None


def _earliest_at(at: datetime, memory: Memory, window: Window) -> datetime:
    """Where a window began at an instant: a full one moves on, by the period that it had."""
    period = memory.seen_period or memory.period
    rolled = window.earliest if period is None else at - timedelta(days=period)
    return max(window.earliest, rolled)


def _seconds(since: datetime, now: datetime) -> float:
    """The time between two instants as they are told: to the millisecond, cut off."""
    told = (datetime.fromisoformat(iso(now)) - datetime.fromisoformat(iso(since))).total_seconds()
    return round(told, 3)
