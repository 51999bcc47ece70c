"""What to do about each of the stack's alarms, by what follows the stack in its name.

The template says the same as the alarms' descriptions, for who reads them in CloudWatch. Those
can be changed by whoever may put an alarm; these can't.
"""

_FUNCTIONS = (
    "enforce",
    "announce",
    "list-scopes",
    "audit",
    "check-trail",
    "sum-up",
    "report",
    "accept-restore",
    "abandoned-restore",
)
_STEPS = ("survey-settings", "start-restore", "check-restore", "carry-settings")
_RULES = (
    "drift",
    "birth",
    "replica",
    "tag",
    "deletion",
    "restore-ended",
    "alarm",
    "fact",
    "request",
)

_RESTORE_ENDED = (
    "A restore workflow was ended from outside or ran out of time; what it began may go on without "
    "it. See what became of the target table, and send the request again under a new request id. "
    'See docs/operations.md, "A restore workflow was ended".'
)
_UNDO_ENDED = (
    "An undo workflow was ended from outside or ran out of time. See what was told of the undo: "
    "where it was being carried out, part of its items may be as planned. Ask again under a new "
    'request id. See docs/operations.md, "An undo workflow was ended".'
)
_SWEEP_FAILED = (
    "A sweep did not come to its end: some tables were not checked. Look at which state failed, "
    'and why; the next sweep starts afresh. See docs/operations.md, "A sweep failed".'
)
_NOT_DELIVERED = (
    "A rule could not deliver an event to its target. It is in a dead-letter queue, or lost: let "
    'the sweep look at all tables now. See docs/operations.md, "A rule could not deliver".'
)
_FUNCTION_FAILS = (
    "The function fails again and again. Look at its log for why; what it could not handle is in a "
    'dead-letter queue. See docs/operations.md, "A function fails".'
)
_STEP_FAILS = (
    "A step of the restore workflow has been failing for an hour: restores do not get on. Look at "
    "the log of the restore functions for why. "
    'See docs/operations.md, "A step of the restore workflow fails".'
)
_THROTTLED = (
    "The function was throttled for 15 minutes: the account has no concurrency left for it in this "
    "region, and everything waits. Find what uses it up, or have the quota raised. "
    'See docs/operations.md, "A function is throttled".'
)

ADVICE = {
    "enforcement-dead-letters": "Messages that nobody could handle: tables may be unprotected. "
    "Look at what they are about, put its cause right and redrive them. "
    'See docs/operations.md, "Dead letters".',
    "undelivered": "Facts, alarms or restore requests that their function never managed to handle: "
    "somebody waits for an answer, or was not told. Put the cause right and hand them in again. "
    'See docs/operations.md, "Undelivered events".',
    "enforcement-stuck": "Tables have been waiting for an hour to be looked at: drift is not "
    "repaired. See whether the enforce function runs, and is not throttled. "
    'See docs/operations.md, "Enforcement is stuck".',
    "alerts-not-delivered": "SNS gave up delivering alerts to a subscriber. Find out to which, and "
    'repair or remove it. See docs/operations.md, "Alerts do not arrive".',
    "alerts-late": "Facts wait for a quarter of an hour and longer to be announced: functions fail "
    "again and again, or the account has no concurrency left for them. Look at their logs, and at "
    'what uses it up. See docs/operations.md, "Alerts are late".',
    "sweep-missing": "No sweep has come to its end for hours: lost events stay lost, and the "
    "tables of SweepRegions are unprotected. Look at the last executions of the sweep workflow and "
    'at its schedule. See docs/operations.md, "No sweep has run".',
    "tables-unprotected": "Two sweeps running found tables that are not protected as they should "
    "be, although each hands them over for repair. Look at the report for which, and at the dead "
    'letters for why. See docs/operations.md, "Tables are unprotected".',
    "restore-aborted": _RESTORE_ENDED,
    "restore-timed-out": _RESTORE_ENDED,
    **{f"undo-{half}-aborted": _UNDO_ENDED for half in ("plan", "apply")},
    **{f"undo-{half}-timed-out": _UNDO_ENDED for half in ("plan", "apply")},
    "sweep-failed": _SWEEP_FAILED,
    "sweep-timed-out": _SWEEP_FAILED,
    **{f"{rule}-rule-not-delivered": _NOT_DELIVERED for rule in _RULES},
    **{f"{function}-fails": _FUNCTION_FAILS for function in _FUNCTIONS},
    **{f"{step}-fails": _STEP_FAILS for step in _STEPS},
    **{f"{function}-throttled": _THROTTLED for function in (*_FUNCTIONS, *_STEPS)},
}
"""By the name of the alarm without its stack: what it means, and what to do."""
