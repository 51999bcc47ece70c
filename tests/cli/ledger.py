"""A ledger in moto, as the guardian writes it, and answers of AWS."""

from __future__ import annotations

import json
from typing import Any

import boto3

NAME = "ledger"
REGION = "eu-central-1"


class Written:
    """The ledger's table; records are written as `pitr_guardian.aws.ledger` does."""

    def __init__(self) -> None:
        self.client: Any = boto3.client("dynamodb", region_name=REGION)
        self.client.create_table(
            TableName=NAME,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )

    def put(self, pk: str, sk: str, **values: Any) -> None:
        item = {"pk": {"S": pk}, "sk": {"S": sk}, "expiresAt": {"N": "1800000000"}}
        for name, value in values.items():
            text = value if isinstance(value, str) else json.dumps(value)
            item[name] = {"S": text}
        self.client.put_item(TableName=NAME, Item=item)
