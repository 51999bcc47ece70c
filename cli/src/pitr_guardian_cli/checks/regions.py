"""Whether there are tables that no sweep looks at."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from pitr_guardian_cli.aws.members import members
from pitr_guardian_cli.checks.finding import Finding, Level, fine, wrong
from pitr_guardian_cli.checks.trails import swept_regions
from pitr_guardian_cli.here import Here

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_AT_ONCE = 8
# What AWS says where a region isn't enabled for the account.
_NOT_ENABLED = {"UnrecognizedClientException", "InvalidClientTokenId"}


def unswept(here: Here) -> Iterator[Finding]:
    """List the regions that have tables and aren't swept."""
    known = members(here.stack, here.ledger, here.now()).known
    heard = {each.region for each in known if each.account == here.stack.account}
    swept = {*swept_regions(here), *heard}
    others = [region for region in here.door.regions_of("dynamodb") if region not in swept]
    clients = [here.door.dynamodb(region) for region in others]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = dict(zip(others, pool.map(_has_tables, clients), strict=True))
    found = [region for region, has in answers.items() if has is True]
    unknown = [region for region, has in answers.items() if isinstance(has, str)]
    if found:
        named = {*swept_regions(here), *found}
        regions = ",".join(sorted(named - {here.stack.region}))
        yield wrong(
            "regions",
            f"there are tables that no sweep looks at, in {', '.join(found)}",
            f"deploy with SweepRegions={regions}, or organization/member.yaml to each",
        )
    else:
        yield fine("regions", f"swept: {', '.join(sorted(swept))}; no tables seen elsewhere")
    if unknown:
        why = answers[unknown[0]]
        yield Finding(
            "regions",
            Level.UNKNOWN,
            f"whether there are tables in {', '.join(unknown)} could not be seen: {why}",
        )


def _has_tables(client: DynamoDBClient) -> bool | str:
    """Whether a region has tables; why that can't be seen."""
    try:
        return bool(client.list_tables(Limit=1)["TableNames"])
    except ClientError as error:
        if error.response["Error"]["Code"] in _NOT_ENABLED:
            return False
        return str(error)
    except BotoCoreError as error:
        return str(error)
