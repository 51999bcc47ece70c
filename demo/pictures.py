"""`python -m demo.pictures`: the command line's pictures for the documentation.

Each is what a command prints on a terminal, on the embedded AWS, as it is.
"""

from __future__ import annotations

import io
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from localcloud import LocalCloud, Settings
from localcloud.deploy import deploy

from .waiting import wait_for

_ROOT = Path(__file__).resolve().parents[1]
_FOLDER = _ROOT / "docs/pictures"
_COMMAND = _ROOT / ".venv/bin/pitr-guardian"
_COLUMNS = 100
_PATIENCE_SECONDS = 120.0
_TABLE = "Orders"


def main() -> int:
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pitr-guardian-pictures-") as folder:
        settings = Settings(log_file=Path(folder) / "engine.log")
        with LocalCloud.start(settings) as cloud:
            deploy(cloud, parameters={"RestorePollSeconds": "1", "UndoTablePattern": _TABLE})
            _story(cloud)
            _damage(cloud)
            _picture(
                cloud.environment(),
                "undo",
                "undo",
                _TABLE,
                "--from",
                "-10m",
                "--to",
                "-2m",
                "--yes",
            )
    return 0


def _damage(cloud: LocalCloud) -> None:
    """Orders of an hour, and a script that then gives some of them away and drops others."""
    orders = cloud.session().resource("dynamodb").Table(_TABLE)
    with orders.batch_writer() as batch:
        for number in range(1, 25):
            batch.put_item({"id": f"order-{number:03}", "total": 19 + number, "state": "paid"})
    cloud.age(orders.table_arn, minutes=60)
    for number in range(1, 9):
        orders.update_item(
            Key={"id": f"order-{number:03}"},
            UpdateExpression="SET #total = :nothing",
            ExpressionAttributeNames={"#total": "total"},
            ExpressionAttributeValues={":nothing": 0},
        )
    for number in range(20, 23):
        orders.delete_item(Key={"id": f"order-{number:03}"})
    orders.put_item(Item={"id": "order-999", "total": 1, "state": "paid"})
    cloud.age(orders.table_arn, minutes=5)
    orders.update_item(  # with good reason, into an item that the script spoilt
        Key={"id": "order-004"},
        UpdateExpression="SET #state = :sent",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":sent": "sent"},
    )


def _story(cloud: LocalCloud) -> None:
    environment = cloud.environment()
    dynamodb = cloud.client("dynamodb")
    for name in (_TABLE, "Customers", "Scratch"):
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
    for name in (_TABLE, "Customers", "Scratch"):
        wait_for(f"PITR of {name}", partial(_pitr, dynamodb, name), _is_on, _PATIENCE_SECONDS)
    week = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 86400))
    dynamodb.update_time_to_live(
        TableName=_TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "endsAt"}
    )
    orders = f"arn:aws:dynamodb:{cloud.settings.region}:{cloud.account_id}:table/{_TABLE}"
    dynamodb.tag_resource(ResourceArn=orders, Tags=[{"Key": "team", "Value": "checkout"}])
    _run(environment, "exempt", "Scratch", "--until", week, "--reason", "load test")
    dynamodb.update_continuous_backups(
        TableName="Scratch",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    _run(environment, "sweep")
    _picture(environment, "status", "status")
    _picture(environment, "restore", "restore", _TABLE, "--as", "Orders-rescued", "--to", "latest")


def _pitr(dynamodb: object, name: str) -> str:
    try:
        answer = dynamodb.describe_continuous_backups(TableName=name)  # type: ignore[attr-defined]
    except dynamodb.exceptions.TableNotFoundException:  # type: ignore[attr-defined]
        return "not there yet"
    description = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return str(description["PointInTimeRecoveryStatus"])


def _is_on(status: str) -> bool:
    return status == "ENABLED"


def _run(environment: Mapping[str, str], *words: str) -> None:
    subprocess.run([_COMMAND, *words], env={**os.environ, **environment}, check=False)


def _picture(environment: Mapping[str, str], name: str, *words: str) -> None:
    """Draw what a command shows on a terminal."""
    typed = Text.assemble(("$ ", "dim"), (" ".join(["pitr-guardian", *words]), "bold"))
    console = Console(
        record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False
    )
    console.print(typed)
    console.print(Text.from_ansi(_shown(environment, *words)))
    drawn = console.export_svg(title="pitr-guardian", unique_id=name)
    # Without fonts from elsewhere: a page of documentation loads nothing but itself.
    drawn = re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    (_FOLDER / f"{name}.svg").write_text(drawn)
    print(f"docs/pictures/{name}.svg")


def _shown(environment: Mapping[str, str], *words: str) -> str:
    """What stays on a terminal when a command has ended: results, without the moving line."""
    ours, theirs = pty.openpty()
    wanted = {
        **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
        **environment,
        "COLUMNS": str(_COLUMNS),
        "TERM": "xterm-256color",
        "TZ": "UTC",
    }
    process = subprocess.Popen(
        [_COMMAND, *words], env=wanted, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL
    )
    os.close(theirs)
    shown, deadline = b"", time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux's word for the end of a terminal
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    process.wait()
    return shown.decode().replace("\r\n", "\n").rstrip()


if __name__ == "__main__":
    sys.exit(main())
