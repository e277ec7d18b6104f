"""The scripts behind `make`, where they cannot do what they would: they say what is missing, why, and what to do."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = ("bash", "sh", "id", "grep", "cat", "dirname", "env")


def tools(folder: Path, **own: str) -> Path:
    """A PATH with the barest tools, and those of *own* as shell scripts."""
    folder.mkdir()
    for name in TOOLS:
        found = next(Path(place, name) for place in ("/usr/bin", "/bin") if Path(place, name).exists())
        (folder / name).symlink_to(found)
    for name, text in own.items():
        path = folder / name.replace("_", "-")
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    return folder


def run(script: str, path: Path, *, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", str(ROOT / "scripts" / script)],
        env={"PATH": str(path), "HOME": "/nonexistent", **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_plain_user_is_told_what_may_be_skipped_and_why(tmp_path: Path) -> None:
    ran = run("install-test-packages", tools(tmp_path / "bin", id="echo 1000", apt_get="exit 1", dpkg_query="exit 1"))
    assert ran.returncode == 0
    for what in ("the lab", "tests of check with sudo", "PostgreSQL tests", "peer tests"):
        (line,) = [one for one in ran.stdout.splitlines() if one.startswith(f"{what} may be skipped")]
        assert line.endswith("only root installs packages")
    assert "postgresql" in ran.stdout
    assert "they need root" in ran.stdout


def test_where_there_is_no_apt_get_root_is_told_so(tmp_path: Path) -> None:
    ran = run("install-test-packages", tools(tmp_path / "bin", id="echo 0"))
    assert ran.returncode == 0
    assert "PostgreSQL tests may be skipped: not installed from packages: postgresql; there is no apt-get" in ran.stdout


# As Debian and Ubuntu have it without python3-venv: the interpreter is there, ensurepip is not.
WITHOUT_ENSUREPIP = f"""
case "$*" in *ensurepip*) exit 1;; *venv*) echo "made with $*"; exit 0;; esac
exec {sys.executable} "$@"
"""


def test_a_plain_user_without_ensurepip_is_told_what_to_install(tmp_path: Path) -> None:
    path = tools(tmp_path / "bin", id="echo 1000", python3=WITHOUT_ENSUREPIP)
    ran = run("make-venv", path, cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr == "python3 has no ensurepip: install it first, as root: apt-get install python3-venv\n"


def test_root_without_ensurepip_gets_it_from_the_packages(tmp_path: Path) -> None:
    path = tools(tmp_path / "bin", id="echo 0", python3=WITHOUT_ENSUREPIP, apt_get='echo "apt-get $*"')
    ran = run("make-venv", path, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "apt-get update -qq",
        "apt-get install -qq -y --no-install-recommends python3-venv",
        "made with -m venv .venv",
    ]


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = 'case "$1" in -c) exit 1;; esac; echo "Python 3.9.2"'
    ran = run("make-venv", tools(tmp_path / "bin", old=old), cwd=tmp_path, PYTHON="old")
    assert ran.returncode == 1
    assert ran.stderr == "Python 3.11 or later is needed; old is Python 3.9.2\n"


def test_nothing_is_installed_outside_the_virtual_environment() -> None:
    """PEP 668: the system's own pip refuses, and would be right to."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pips = [line.strip() for line in makefile.splitlines() if "pip install" in line]
    assert pips
    assert all(line.startswith("$(BIN)/python -m pip ") for line in pips)
    assert "--break-system-packages" not in makefile
