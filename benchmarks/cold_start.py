"""A cold start of enforce beside ten lines of boto3, and beside Cloud Custodian's handler.

Each side is laid out as on Lambda: the function, the layer as `sam build` made it, and a runtime
that has boto3 and nothing else. What Lambda brings has its bytecode; the packages are read-only, so
that what comes without bytecode is compiled at each start.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import boto3

from benchmarks.figures import Figure
from benchmarks.processes import CUSTODIAN_PYTHON, ROOT, measured
from benchmarks.words import seconds, times

_BUILT = ROOT / ".aws-sam/local"
_RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
_PROCESSES = 3  # a side and run
_ENFORCE = {
    "MODE": "remediate",
    "RECOVERY_PERIOD_IN_DAYS": "35",
    "EXEMPT_TAG_KEY": "pitr-guardian:exempt",
    "RECOVERY_PERIOD_TAG_KEY": "pitr-guardian:recovery-days",
    "BIRTH_GRACE_MINUTES": "60",
    "MINIMUM_RECOVERY_PERIOD_IN_DAYS": "1",
    "MAXIMUM_EXEMPTION_DAYS": "0",
    "LEDGER_TABLE": "ledger",
    "FACT_BUS": "facts",
    "ENFORCEMENT_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/enforcement",
    "MAX_RECEIVES": "5",
    "RESTORE_SOURCE_PATTERN": "*",
    "RESTORE_TARGET_PATTERN": "*",
    "POWERTOOLS_SERVICE_NAME": "pitr-guardian",
}
_POLICY = {
    "execution-options": {"account_id": "123456789012"},
    "policies": [
        {
            "name": "dynamodb-pitr-on",
            "resource": "aws.dynamodb-table",
            "mode": {
                "type": "cloudtrail",
                "role": "arn:aws:iam::123456789012:role/custodian",
                "events": [
                    {
                        "source": "dynamodb.amazonaws.com",
                        "event": "UpdateContinuousBackups",
                        "ids": "requestParameters.tableName",
                    }
                ],
            },
            "filters": [
                {
                    "type": "continuous-backup",
                    "key": "PointInTimeRecoveryDescription.PointInTimeRecoveryStatus",
                    "op": "ne",
                    "value": "ENABLED",
                }
            ],
            "actions": [{"type": "set-continuous-backup", "state": True}],
        }
    ],
}


def run(runs: int = 5) -> list[Figure]:
    took: dict[str, list[float]] = {"ten_lines": [], "enforce": [], "custodian": []}
    with TemporaryDirectory() as folder:
        place = Path(folder)
        for side in took:
            _lay_out(place / "first", side)
            _start(place / "first", side, keeps_bytecode=True)  # the runtime's, and c7n's
            _lay_out(place / side, side)
        for _ in range(runs * _PROCESSES):
            for side, starts in took.items():
                starts.append(_start(place / side, side))
    mine, bare, custodian = (took[side] for side in ("enforce", "ten_lines", "custodian"))
    beside_bare = median(mine) / median(bare)
    beside_custodian = median(mine) / median(custodian)
    what = "cold start of enforce: imports and client set-up"
    return [
        Figure(
            what=what,
            against="ten lines of boto3 that only call UpdateContinuousBackups",
            measured=f"{times(beside_bare)}: {seconds(mine)}, {seconds(bare)}",
            goal="at most 1.4 times",
            reached=beside_bare <= 1.4,
            note="Processor time, in processes on this machine, without Lambda's own part "
            "(download, sandbox, interpreter), which is the same for both. That boto3 comes with "
            "bytecode in Lambda's runtime is assumed, in favour of the ten lines.",
        ),
        Figure(
            what=what,
            against="Cloud Custodian's handler, with one policy for continuous backups",
            measured=f"{times(beside_custodian)}: {seconds(mine)}, {seconds(custodian)}",
            goal="less than 1 time",
            reached=beside_custodian < 1,
            note="Custodian is measured with bytecode, which the archive that it deploys lacks.",
        ),
    ]


def _lay_out(place: Path, side: str) -> None:
    """The folders of a side: its package, and the runtime's packages beside it."""
    shutil.rmtree(place, ignore_errors=True)
    if side == "custodian":
        place.mkdir(parents=True)
        (place / "config.json").write_text(json.dumps(_POLICY))
        return
    task = (
        _BUILT / "Enforcement/EnforceFunction"
        if side == "enforce"
        else ROOT / "benchmarks/ten_lines"
    )
    shutil.copytree(task, place / "task", ignore=shutil.ignore_patterns("__pycache__"))
    if side == "enforce":
        shutil.copytree(_BUILT / "GuardianLayer/python", place / "layer")
    (place / "runtime").mkdir()
    for name in _RUNTIME:
        (place / "runtime" / name).symlink_to(Path(boto3.__file__).parents[1] / name)


def _start(place: Path, side: str, *, keeps_bytecode: bool = False) -> float:
    python, folders = Path(sys.executable), [place / "task", place / "layer", place / "runtime"]
    if side == "custodian":
        python = CUSTODIAN_PYTHON
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        folders = [python.parents[1] / "lib" / version / "site-packages"]
    variables = {
        **_ENFORCE,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYTHONDONTWRITEBYTECODE": "" if keeps_bytecode else "1",
    }
    found = measured("cold.py", side, variables=variables, python=python, bare=True, folder=place)
    return float(found["seconds"])
