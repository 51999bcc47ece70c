"""Cloud Custodian's policy for PITR, run as `custodian run` does; in an environment of its own."""

import json
import tempfile
import time

from c7n.config import Config
from c7n.loader import PolicyLoader
from c7n.policy import PolicyCollection
from c7n.resources import load_resources

POLICY = {
    "name": "dynamodb-pitr-disabled",
    "resource": "aws.dynamodb-table",
    "filters": [
        {
            "type": "continuous-backup",
            "key": "PointInTimeRecoveryDescription.PointInTimeRecoveryStatus",
            "op": "ne",
            "value": "ENABLED",
        }
    ],
}

load_resources(("aws.dynamodb-table",))
with tempfile.TemporaryDirectory() as folder:
    config = Config.empty(
        region="us-east-1", account_id="123456789012", output_dir=folder, cache="memory"
    )
    policies: PolicyCollection = PolicyLoader(config).load_data(
        {"policies": [POLICY]}, "memory://policy"
    )
    begun = time.perf_counter()
    (off,) = [policy.run() for policy in policies]
    print(json.dumps({"seconds": time.perf_counter() - begun, "off": len(off)}))
