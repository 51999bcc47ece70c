"""What a backup tells of the table it is of."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

from localcloud.dynamodb.settings import streams
from localcloud.dynamodb.tables import Table
from localcloud.wire import Json


def source_of(table: Table, ttl: Json | None) -> Json:
    """SourceTableDetails and SourceTableFeatureDetails of a table as it is, or last was.

    `ttl`: its TimeToLiveDescription.
    """
    last = table.record
    details = {
        "TableName": table.name,
        "TableId": table.table_id,
        "TableArn": table.arn,
        "TableSizeBytes": last.get("TableSizeBytes", 0),
        "KeySchema": last.get("KeySchema", []),
        "TableCreationDateTime": round(table.created_at.timestamp(), 3),
        "ProvisionedThroughput": dict(last.get("ProvisionedThroughput", {})),
        "ItemCount": last.get("ItemCount", 0),
        "BillingMode": last.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
    }
    if on_demand := last.get("OnDemandThroughput"):
        details["OnDemandThroughput"] = on_demand
    features = {
        "GlobalSecondaryIndexes": copy.deepcopy(last.get("GlobalSecondaryIndexes")),
        "LocalSecondaryIndexes": copy.deepcopy(last.get("LocalSecondaryIndexes")),
        "VectorIndexes": table.vector_indexes,
        "StreamDescription": streams.specification(last),
        "TimeToLiveDescription": ttl,
        "SSEDescription": copy.deepcopy(last.get("SSEDescription")),
    }
    return {
        "SourceTableDetails": details,
        "SourceTableFeatureDetails": {name: told for name, told in features.items() if told},
    }


def source_description(backup: Json) -> Json:
    """The backed-up table in the shape of a TableDescription."""
    details, features = backup["SourceTableDetails"], backup["SourceTableFeatureDetails"]
    return {
        "TableName": details["TableName"],
        "TableArn": details["TableArn"],
        "KeySchema": details["KeySchema"],
        "AttributeDefinitions": backup["_attribute_definitions"],
        "BillingModeSummary": {"BillingMode": details["BillingMode"]},
        "ProvisionedThroughput": details["ProvisionedThroughput"],
        "OnDemandThroughput": details.get("OnDemandThroughput"),
        "GlobalSecondaryIndexes": features.get("GlobalSecondaryIndexes") or [],
        "LocalSecondaryIndexes": features.get("LocalSecondaryIndexes") or [],
        "VectorIndexes": features.get("VectorIndexes") or [],
        "SSEDescription": features.get("SSEDescription"),
    }


def created_at(backup: Json) -> datetime:
    return datetime.fromtimestamp(backup["BackupDetails"]["BackupCreationDateTime"], UTC)
