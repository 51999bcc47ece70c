"""What these suites deploy is what may be deployed."""

import platform
import sys
from pathlib import Path

from deployment.built import faults_of_build

ROOT = Path(__file__).parents[2]


def test_the_build_is_whole_and_runs_without_the_projects_environment() -> None:
    here = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    assert not faults_of_build(ROOT, ROOT / ".aws-sam/local", here, Path(sys.executable))
