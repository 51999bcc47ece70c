"""Which tables a DynamoDB call names."""

from __future__ import annotations

import re

from localcloud.wire import Json

_STATEMENT_TABLE = re.compile(r"""\b(?:FROM|INTO|UPDATE)\s+["']?([\w.\-]+)""", re.IGNORECASE)


def table_name(name_or_arn: str) -> str:
    """The name in a table's ARN (or that of its index, stream or backup); a name as it is."""
    if name_or_arn.startswith("arn:"):
        return name_or_arn.rpartition(":table/")[2].partition("/")[0]
    return name_or_arn


def tables_named(parameters: Json) -> set[str]:
    """Names of every table that a call reads, writes or manages; ARNs are resolved to names."""
    named = [
        parameters.get(field)
        for field in ("TableName", "SourceTableName", "SourceTableArn", "TargetTableName")
    ]
    for field in ("ResourceArn", "TableArn", "BackupArn", "ExportArn"):
        value = parameters.get(field)
        if isinstance(value, str) and ":table/" in value:
            named.append(value)
    if isinstance(items := parameters.get("RequestItems"), dict):
        named.extend(items)
    for item in _dicts(parameters.get("TransactItems")):
        named.extend(inner.get("TableName") for inner in _dicts(list(item.values())))
    statements = [parameters, *_dicts(parameters.get("Statements"))]
    statements += _dicts(parameters.get("TransactStatements"))
    for statement in statements:
        named.extend(_STATEMENT_TABLE.findall(str(statement.get("Statement", ""))))
    named.append((parameters.get("TableCreationParameters") or {}).get("TableName"))
    return {table_name(value) for value in named if isinstance(value, str) and value}


def _dicts(values: object) -> list[Json]:
    return (
        [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
    )
