"""What was found of a table, as a row of the report's part files."""

from pitr_guardian.report.sweep import TableRow
from pitr_guardian.sweep.judgement import Finding
from pitr_guardian.tables.observation import OUT_OF_REACH


def row_of(finding: Finding) -> TableRow:
    """Write a finding as a row; what isn't known of a table that failed is null."""
    table, leave = finding.table, finding.exemption
    switch = finding.seen.switch if finding.seen else None
    window = switch.window if switch else None
    return TableRow(
        arn=table.arn,
        name=table.name,
        account=table.account,
        region=table.region,
        status=finding.status,
        period_in_days=switch.period if switch else None,
        own_period_in_days=finding.own_period,
        earliest=window.earliest if window else None,
        latest=window.latest if window else None,
        exempt_until=leave.last_day if leave else None,
        exempt_reason=leave.reason if leave else None,
        exempt_owner=leave.owner if leave else None,
        error=finding.error,
        table_status=_status(finding),
    )


def _status(finding: Finding) -> str | None:
    """The table's status, where it isn't as a table's should be."""
    status = finding.seen.status if finding.seen else None
    return status if status in OUT_OF_REACH else None
