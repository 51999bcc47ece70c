"""What a month of an organization costs: one guardian with members, beside its alternatives."""

from __future__ import annotations

from typing import Any

from benchmarks.billing import Bill, Stack, Usage, config_rule, guardian
from benchmarks.figures import Figure

_A_DAY = 1 / 24


def figures(usage: Usage, inputs: dict[str, Any], stack: Stack) -> list[Figure]:
    """A figure beside a stack in each account and region, and one beside AWS Config."""
    hourly, daily = (one_guardian(usage, inputs, stack, rate) for rate in (1.0, _A_DAY))
    separate = a_stack_each(usage, inputs, stack)
    rule = config_rule(_month(inputs, scopes_of(inputs)))
    members = inputs["organization"]
    what = (
        f"a month of {members['accounts']} accounts with {members['regions']} regions and "
        f"{members['tables']} tables in each: one guardian, swept every hour"
    )
    totals = {name: sum(bill.values()) for name, bill in (("hourly", hourly), ("daily", daily))}
    alone, theirs = sum(separate.values()), sum(rule.values())
    return [
        Figure(
            what=what,
            against="a stack of its own in each account and region",
            measured=f"${totals['hourly']:,.2f}, beside ${alone:,.2f}",
            goal="at most a tenth",
            reached=totals["hourly"] <= alone / 10,
            note=f"One guardian: {_lines(hourly)}. Members have no code; their events and "
            "heartbeats are a dollar a million, and nothing else of theirs is billed. A scope's "
            "stretch is an Express execution; should AWS bill the start of each as a transition, "
            f"which its pages don't say, ${_starts(inputs):,.2f} more.",
        ),
        Figure(
            what=f"{what}, or once a day",
            against="AWS Config with a conformance pack that has the rule `dynamodb-pitr-enabled`, "
            "remediated by AWS's runbook, in each account and region",
            measured=f"${totals['hourly']:,.2f}, or ${totals['daily']:,.2f}, beside ${theirs:,.2f}",
            goal="no more, swept once a day",
            reached=totals["daily"] <= theirs,
            note=f"Once a day: {_lines(daily)}. Config: {_lines(rule)}, recording tables alone; in "
            f"its first month ${_first(inputs):,.2f} more for the tables that are there. "
            "`SweepSchedule` says how often; events repair within seconds whatever it says.",
        ),
    ]


def scopes_of(inputs: dict[str, Any]) -> int:
    members = inputs["organization"]
    return int(members["accounts"] * members["regions"])


def one_guardian(usage: Usage, inputs: dict[str, Any], stack: Stack, sweeps_an_hour: float) -> Bill:
    """One guardian for all scopes, with what members pay for events."""
    scopes = scopes_of(inputs)
    month = _month(inputs, scopes)
    bill = guardian(usage, month, stack, scopes=scopes, sweeps_an_hour=sweeps_an_hour)
    return bill | {
        "heartbeats": _heartbeats(inputs, scopes, stack),
        "members' events": _forwarded(month) * inputs["prices"]["events"]["custom_event"],
    }


def a_stack_each(usage: Usage, inputs: dict[str, Any], stack: Stack) -> Bill:
    """A guardian in each scope, for its tables alone."""
    scopes = scopes_of(inputs)
    alone = guardian(usage, _month(inputs, 1), stack)
    return {name: scopes * dollars for name, dollars in alone.items()}


def _month(inputs: dict[str, Any], scopes: int) -> dict[str, Any]:
    """What happens in so many scopes, in the proportions of `month`."""
    month, tables = inputs["month"], scopes * inputs["organization"]["tables"]
    share = tables / month["tables"]
    happening = {name: month[name] * share for name in ("births", "drifts", "restores")}
    return {**inputs, "month": {**month, **happening, "tables": tables}}


def _heartbeats(inputs: dict[str, Any], scopes: int, stack: Stack) -> float:
    """Each is an event on the inbox, a function's run, a read and a write of the ledger."""
    prices, assumed = inputs["prices"], inputs["organization"]
    each = (
        prices["events"]["custom_event"]
        + prices["lambda"]["request"]
        + stack.memory_gb * assumed["heartbeat_seconds"] * prices["lambda"]["gb_second"]
        + prices["dynamodb"]["read_unit"]
        + prices["dynamodb"]["write_unit"]
        + prices["xray"]["trace"]
    )
    return float(scopes * inputs["month"]["hours"] * each)


def _forwarded(inputs: dict[str, Any]) -> float:
    """Each birth is the owner's event and the guardian's; so is each drift."""
    month = inputs["month"]
    return float(2 * (month["births"] + month["restores"] + month["drifts"]))


def _starts(inputs: dict[str, Any]) -> float:
    sweeps = scopes_of(inputs) * inputs["month"]["hours"]
    return float(sweeps * inputs["prices"]["states"]["transition"])


def _first(inputs: dict[str, Any]) -> float:
    config = inputs["prices"]["config"]
    tables = scopes_of(inputs) * inputs["organization"]["tables"]
    return float(tables * (config["item"] + config["evaluation"]))


def _lines(bill: Bill) -> str:
    by_size = sorted(bill.items(), key=lambda line: line[1], reverse=True)
    return ", ".join(f"{name} ${dollars:,.2f}" for name, dollars in by_size)
