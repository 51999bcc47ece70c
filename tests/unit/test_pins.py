"""What is tested is what ships, and the hashes say what that is, whichever registry served it."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from botocore.model import StructureShape
from botocore.session import get_session

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers/guardian/requirements.txt"
REPORT = ROOT / "functions/report/requirements.txt"
UNDO_PAGES = ROOT / "functions/undo/pages/requirements.txt"
DRILL_PAGES = ROOT / "functions/drills/pages/requirements.txt"
PAGES = (REPORT, UNDO_PAGES, DRILL_PAGES)
DEV = ROOT / "requirements/dev.txt"
PINNED = [LAYER, *PAGES, *sorted((ROOT / "requirements").glob("*.txt"))]
NPM = ROOT / "tools/package-lock.json"

every_pinned_file = pytest.mark.parametrize(
    "file", PINNED, ids=lambda file: str(file.relative_to(ROOT))
)


def requirements(file: Path) -> list[str]:
    """The requirements, one string each, hashes included, comments left out."""
    lines = [line for line in file.read_text().splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines).replace("\\\n", " ").splitlines()


def pins(file: Path) -> dict[str, str]:
    matches = (re.match(r"([a-z0-9._-]+)==([^\s;]+)", each) for each in requirements(file))
    return {match[1]: match[2] for match in matches if match}


@pytest.mark.parametrize(
    ("package", "shipped"),
    sorted({pin for file in (LAYER, *PAGES) for pin in pins(file).items()}),
)
def test_the_tests_run_on_the_version_that_is_shipped(package: str, shipped: str) -> None:
    assert pins(DEV).get(package) == shipped
    assert version(package) == shipped


def test_a_function_ships_nothing_that_the_layer_has() -> None:
    assert not {name for file in PAGES for name in pins(file)} & pins(LAYER).keys()


def test_the_layer_brings_its_own_botocore_and_no_boto3() -> None:
    assert "botocore" in pins(LAYER)
    assert "boto3" not in pins(LAYER)


@pytest.mark.parametrize("operation", ["RestoreTableToPointInTime", "RestoreTableFromBackup"])
def test_the_shipped_service_model_knows_vector_indexes(operation: str) -> None:
    """The runtime's lags behind, and a client refuses what its model doesn't know."""
    shape = get_session().get_service_model("dynamodb").operation_model(operation).input_shape
    assert isinstance(shape, StructureShape)
    assert "VectorIndexOverride" in shape.members


@every_pinned_file
def test_every_requirement_is_one_version_with_its_hashes(file: Path) -> None:
    assert requirements(file)
    for requirement in requirements(file):
        assert re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", requirement), requirement


@every_pinned_file
def test_no_pinned_file_names_a_registry(file: Path) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links", file.read_text())


def test_the_npm_lock_file_names_no_registry() -> None:
    packages = json.loads(NPM.read_text())["packages"].values()
    assert packages
    assert not [package for package in packages if "resolved" in package]
