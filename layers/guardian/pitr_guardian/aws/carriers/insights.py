"""Contributor insights, of the table and of each index."""

from typing import Any

from pitr_guardian.aws.carriers.table import described
from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.restore.ports import Kept
from pitr_guardian.restore.request import Setting
from pitr_guardian.tables.reference import TableRef

_ON = ("ENABLED", "ENABLING")


class InsightsCarrier:
    """Carries contributor insights."""

    setting = Setting.CONTRIBUTOR_INSIGHTS

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB."""
        self._client_for = client_for

    @needs("dynamodb:ListContributorInsights", on="everything")
    def read(self, source: TableRef) -> Kept | None:
        """See ``restore.ports.Carrier``. The table itself is the index with the empty name."""
        watched: dict[str, str | None] = {}
        token: dict[str, Any] = {}
        while True:  # boto3 has no paginator for it
            with later_if_passing():
                page = self._client_for(source).list_contributor_insights(
                    TableName=source.arn, **token
                )
            watched |= {
                summary.get("IndexName", ""): summary.get("ContributorInsightsMode")
                for summary in page.get("ContributorInsightsSummaries", [])
                if summary.get("ContributorInsightsStatus") in _ON
            }
            if "NextToken" not in page:
                insights = [{"index": index, "mode": watched[index]} for index in sorted(watched)]
                return {"insights": insights} if insights else None
            token = {"NextToken": page["NextToken"]}

    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``restore.ports.Carrier``."""
        there = {
            index["IndexName"]
            for index in described(self._client_for, target).get("GlobalSecondaryIndexes", [])
        }
        already = (self.read(target) or {"insights": []})["insights"]
        for entry in kept["insights"]:
            if entry not in already and (entry["index"] == "" or entry["index"] in there):
                self._enable(target, entry["index"], entry["mode"])
        return None

    @needs("dynamodb:UpdateContributorInsights", on="table")
    @needs("dynamodb:UpdateContributorInsights", on="index")
    def _enable(self, target: TableRef, index: str, mode: str | None) -> None:
        of_index: dict[str, Any] = {"IndexName": index} if index else {}
        if mode:
            of_index["ContributorInsightsMode"] = mode
        with later_if_passing("ResourceInUseException"):
            self._client_for(target).update_contributor_insights(
                TableName=target.arn, ContributorInsightsAction="ENABLE", **of_index
            )
