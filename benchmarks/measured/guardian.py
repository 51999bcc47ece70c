"""The guardian's sweep: its audit function, stretch by stretch as the workflow calls it, or its
report function on what that left. Arguments: `audit` or `report`, and the sweep's id.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

REGION = "us-east-1"


class Context(LambdaContext):
    _function_name = "benchmark"
    _function_version = "$LATEST"
    _invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:benchmark"
    _memory_limit_in_mb = 512
    _aws_request_id = "benchmark"


def sweep(sweep_id: str) -> dict[str, int]:
    """What statemachines/sweep.asl.json does for a region: on from where the last stretch ended."""
    total: dict[str, int] = {"stretches": 0}
    after, part = None, 1
    while after or part == 1:
        tally: dict[str, Any] = audit(
            {
                "sweepId": sweep_id,
                "account": os.environ["ACCOUNT"],
                "region": REGION,
                "part": part,
                "after": after,
                "lastSweptAt": None,
            },
            Context(),
        )
        after, part = tally.pop("next"), part + 1
        total = {name: total.get(name, 0) + count for name, count in tally.items()} | {
            "stretches": part - 1
        }
    return total


def write_report(sweep_id: str) -> dict[str, Any]:
    done = {
        "sweepId": sweep_id,
        "startedAt": datetime.now(UTC).isoformat(),
        "regions": [{"region": REGION, "trail": "recording"}],
    }
    bucket = ReportBucket(clients.s3(), os.environ["REPORT_BUCKET"])
    bucket.keep_sweep(Sweep.model_validate(done))
    return report({"sweepId": sweep_id}, Context())


def peak_mb() -> float:
    """The most memory that this process had. Linux's getrusage tells the parent's, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


function, sweep_id = sys.argv[1:]
if function == "audit":
    from functions.sweep.audit import handler as audit
else:
    from functions.report.report import handler as report
    from pitr_guardian.aws import clients
    from pitr_guardian.aws.report.bucket import ReportBucket
    from pitr_guardian.report.sweep import Sweep

before, begun = peak_mb(), time.perf_counter()
found = sweep(sweep_id) if function == "audit" else write_report(sweep_id)
seconds = time.perf_counter() - begun
print(json.dumps({**found, "seconds": seconds, "before_mb": before, "peak_mb": peak_mb()}))
