"""A sweep of tables that are all in order, beside Cloud Custodian and a bare thread pool."""

from statistics import median

from benchmarks.deployment import audited, warm_up
from benchmarks.figures import Figure
from benchmarks.front.process import Front
from benchmarks.processes import CUSTODIAN_PYTHON, measured
from benchmarks.words import seconds, times

TABLES = 1_000
LATENCY = 0.01  # seconds
_WHAT = f"sweep of {TABLES:,} tables in order, answers after {LATENCY * 1000:.0f} ms, no rate limit"
# The front counts S3's calls by method. These are the calls to DynamoDB:
_OF_DYNAMODB = {"ListTables", "DescribeTable", "DescribeContinuousBackups", "BatchGetItem"}


def run(runs: int = 5) -> list[Figure]:
    took: dict[str, list[float]] = {"guardian": [], "pool": [], "custodian": []}
    calls: dict[str, dict[str, int]] = {}
    with Front() as front:
        warm_up(front)
        point = {"AWS_ENDPOINT_URL": front.endpoint}
        for number in range(runs):
            front.have(TABLES, latency=LATENCY)
            found = audited(front, f"sweep-{number}")
            if found["compliant"] != TABLES:
                raise RuntimeError(f"the guardian did not find all tables in order: {found}")
            took["guardian"].append(found["seconds"])
            calls["guardian"] = front.calls()
            front.have(TABLES, latency=LATENCY)
            took["pool"].append(measured("pool.py", variables=point)["seconds"])
            calls["pool"] = front.calls()
            front.have(TABLES, latency=LATENCY)
            custodian = measured("custodian.py", variables=point, python=CUSTODIAN_PYTHON)
            took["custodian"].append(custodian["seconds"])
            calls["custodian"] = front.calls()
    return _figures(took, calls)


def _figures(took: dict[str, list[float]], calls: dict[str, dict[str, int]]) -> list[Figure]:
    per_table = {
        side: sum(count for call, count in counted.items() if call in _OF_DYNAMODB) / TABLES
        for side, counted in calls.items()
    }
    all_of_ours = sum(calls["guardian"].values()) / TABLES
    mine = median(took["guardian"])
    faster = median(took["custodian"]) / mine
    beside_pool = mine / median(took["pool"])
    return [
        Figure(
            what=f"{_WHAT}: calls to DynamoDB per table",
            against="Cloud Custodian, a bare boto3 thread pool",
            measured=f"{per_table['guardian']:.3f}, beside {per_table['custodian']:.3f} and "
            f"{per_table['pool']:.3f}",
            goal="at most 1.02",
            reached=per_table["guardian"] <= 1.02,
            note="One look at each table; the list and the ledger are read a hundred tables at a "
            f"time. With the tags and the part file {all_of_ours:.3f} calls to AWS: three more for "
            "a stretch, which is 1,100 tables at the default pace of 8 a second.",
        ),
        Figure(
            what=f"{_WHAT}: time",
            against="Cloud Custodian's continuous-backup policy",
            measured=f"{faster:.1f} times faster: {seconds(took['guardian'])}, "
            f"{seconds(took['custodian'])}",
            goal="at least 5 times faster",
            reached=faster >= 5,
            note="Custodian describes each table as well, one call after the other.",
        ),
        Figure(
            what=f"{_WHAT}: time",
            against="a bare boto3 thread pool (32 threads) that only describes and counts",
            measured=f"{times(beside_pool)}: {seconds(took['guardian'])}, {seconds(took['pool'])}",
            goal="at most 1.3 times",
            reached=beside_pool <= 1.3,
            note="The guardian makes 24 calls at once, reads its ledger and the tags, judges, and "
            "writes down what it found. Both are bound by botocore's work on one core.",
        ),
    ]
