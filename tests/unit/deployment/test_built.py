"""A build that can't run is never deployed."""

import platform
import sys
from pathlib import Path

import pytest

from deployment.built import faults_of_build

HERE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
ELSEWHERE = "x86_64" if HERE == "arm64" else "arm64"
ELF = {"x86_64": 62, "arm64": 183}

only_on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Lambda's packages are Linux's")

PINS = """# what the layer ships
typing-extensions==4.1 \\
    --hash=sha256:00
needed==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:00
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a build that is in order."""
    write(tmp_path / "layers/guardian/requirements.txt", PINS)
    layer = tmp_path / "built/GuardianLayer/python"
    write(layer / "pitr_guardian/__init__.py", "")
    write(layer / "pitr_guardian/rule.py", "import typing_extensions, botocore")
    write(layer / "pitr_guardian/page.py", "import jinja2")
    write(layer / "typing_extensions.py", "")
    write(layer / "typing_extensions-4.1.dist-info/METADATA", "")
    report = tmp_path / "built/Reports/ReportFunction"
    write(report / "requirements.txt", "jinja2==3.1 --hash=sha256:00\n")
    write(report / "report.py", "import jinja2, pitr_guardian")
    write(report / "jinja2/__init__.py", "")
    write(report / "jinja2-3.1.dist-info/METADATA", "")
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def machine_code(file: Path, architecture: str) -> None:
    file.write_bytes(b"\x7fELF" + bytes(14) + ELF[architecture].to_bytes(2, "little"))


def faults(root: Path, architecture: str = HERE) -> str:
    return "\n".join(faults_of_build(root, root / "built", architecture, Path(sys.executable)))


def test_a_build_in_order_has_no_faults(root: Path) -> None:
    machine_code(root / "built/GuardianLayer/python/typing_extensions.so", ELSEWHERE)
    assert not faults(root, ELSEWHERE)


@only_on_linux
def test_a_build_for_this_machine_is_imported_without_the_projects_environment(root: Path) -> None:
    assert not faults(root)


def test_a_layer_without_its_packages_is_found(root: Path) -> None:
    (root / "built/GuardianLayer/python/typing_extensions-4.1.dist-info/METADATA").unlink()
    (root / "built/GuardianLayer/python/typing_extensions-4.1.dist-info").rmdir()
    assert "typing-extensions 4.1 is missing" in faults(root)


def test_another_version_than_the_pinned_one_is_found(root: Path) -> None:
    layer = root / "built/GuardianLayer/python"
    (layer / "typing_extensions-4.1.dist-info").rename(layer / "typing_extensions-4.0.dist-info")
    assert "typing-extensions 4.1 is missing" in faults(root)


def test_what_a_function_ships_besides_is_looked_for_too(root: Path) -> None:
    (root / "built/Reports/ReportFunction/requirements.txt").write_text("jinja2==9\n")
    assert "jinja2 9 is missing" in faults(root)


def test_a_layer_without_the_package_itself_is_found(root: Path) -> None:
    (root / "built/GuardianLayer/python/pitr_guardian/__init__.py").unlink()
    assert "pitr_guardian is missing" in faults(root)


@pytest.mark.parametrize("folder", ["GuardianLayer/python", "Reports/ReportFunction"])
def test_machine_code_for_another_architecture_is_found(root: Path, folder: str) -> None:
    machine_code(root / "built" / folder / "fast.so", HERE)
    assert f"fast.so: is no machine code for {ELSEWHERE}" in faults(root, ELSEWHERE)


def test_what_is_no_machine_code_at_all_is_found(root: Path) -> None:
    write(root / "built/GuardianLayer/python/fast.so", "<html>")
    assert f"is no machine code for {HERE}" in faults(root)


@only_on_linux
def test_what_cannot_be_imported_is_found(root: Path) -> None:
    """pytest is in the environment that runs this, and in no layer."""
    write(root / "built/GuardianLayer/python/pitr_guardian/rule.py", "import pytest")
    assert "can't be imported by itself: ModuleNotFoundError: No module named 'pytest'" in faults(
        root
    )


@only_on_linux
def test_a_handler_that_cannot_be_imported_is_found(root: Path) -> None:
    write(root / "built/Reports/ReportFunction/report.py", "import pytest")
    assert "No module named 'pytest'" in faults(root)


@only_on_linux
def test_what_no_function_ships_is_found(root: Path) -> None:
    (root / "built/Reports/ReportFunction/jinja2/__init__.py").write_text("import markupsafe")
    assert "No module named 'markupsafe'" in faults(root)
