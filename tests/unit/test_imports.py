"""What a function imports is what its cold start pays for."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_enforcing_imports_only_what_it_uses() -> None:
    program = "import sys, functions.drift.enforce; print(*sys.modules)"
    path = os.pathsep.join(map(str, (ROOT, ROOT / "layers/guardian")))
    done = subprocess.run(  # noqa: S603 - a program of our own
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(done.stdout.split())
    assert "pitr_guardian.drift.enforcement" in imported
    # The first two by way of libraries, which lint-imports doesn't look into.
    unused = {"asyncio", "boto3", "pitr_guardian.restore.request", "pitr_guardian.sweep.audit"}
    assert not imported & unused
