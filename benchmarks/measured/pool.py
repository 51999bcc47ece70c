"""A bare boto3 thread pool: list the tables, describe each one's backups, count what is off."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

AT_ONCE = 32

begun = time.perf_counter()
dynamodb = boto3.client("dynamodb", config=Config(max_pool_connections=AT_ONCE))
pages = dynamodb.get_paginator("list_tables").paginate()
names = [name for page in pages for name in page["TableNames"]]


def is_on(name: str) -> bool:
    answer = dynamodb.describe_continuous_backups(TableName=name)
    switch = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return bool(switch.get("PointInTimeRecoveryStatus") == "ENABLED")


with ThreadPoolExecutor(AT_ONCE) as pool:
    on = sum(pool.map(is_on, names))
print(json.dumps({"seconds": time.perf_counter() - begun, "checked": len(names), "on": on}))
