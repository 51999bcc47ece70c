"""Contributor insights of tables and indexes. MiniStack forgets their mode, and leaves ENABLING
when it is next asked."""

from __future__ import annotations

from datetime import timedelta

from localcloud.clock import Clock
from localcloud.dynamodb.table_names import table_name
from localcloud.ministack.internals import Engine
from localcloud.settings import Settings
from localcloud.wire import (
    Answer,
    Call,
    Json,
)

_CHANGING = {"ENABLED": "ENABLING", "DISABLED": "DISABLING"}
_FINAL = {"ENABLE": "ENABLED", "DISABLE": "DISABLED"}
_MODE, _DEFAULT_MODE = "ContributorInsightsMode", "ACCESSED_AND_THROTTLED_KEYS"


class ContributorInsights:
    def __init__(self, engine: Engine, clock: Clock, settings: Settings) -> None:
        self._engine = engine
        self._clock = clock
        self._settings = settings

    def update(self, call: Call) -> Answer:
        """UpdateContributorInsights: ENABLING or DISABLING for a while."""
        known = self._known(call.parameters) or {}
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if answer.error_code:
            return answer
        kept = known.get("_mode", _DEFAULT_MODE)
        record = self._known(call.parameters)
        if record is not None:
            record |= {
                "_mode": call.parameters.get(_MODE) or kept,
                "_final": _FINAL[call.parameters["ContributorInsightsAction"]],
                "_final_at": self._clock.now() + timedelta(seconds=self._settings.updating_seconds),
            }
        self._correct(answer.body)
        return answer

    def describe(self, call: Call) -> Answer:
        """DescribeContributorInsights."""
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if answer.error_code is None:
            self._correct(answer.body)
        return answer

    def list_insights(self, call: Call) -> Answer:
        """ListContributorInsights: of whatever had them once."""
        answer = self._engine.dynamodb(call.operation, call.parameters)
        for summary in answer.body.get("ContributorInsightsSummaries", []):
            self._correct(summary)
        return answer

    def _correct(self, told: Json) -> None:
        """Put status and mode right in an answer of MiniStack's that names table and index."""
        known = self._known(told)
        if known and "_final" in known:
            final = known["_final"]
            done = self._clock.now() >= known["_final_at"]
            told["ContributorInsightsStatus"] = final if done else _CHANGING[final]
            told[_MODE] = known["_mode"]

    def _known(self, named: Json) -> Json | None:
        name, index = table_name(str(named.get("TableName", ""))), named.get("IndexName")
        return self._engine.insights().get(f"{name}/index/{index}" if index else name)
