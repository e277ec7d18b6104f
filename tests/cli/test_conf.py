"""`conf set`: the file that it writes, and what it leaves beside it."""

import os
from pathlib import Path

import pytest

from bot.cli import main
from tests.cli.shell import Shell
from tests.test_conf_command import CONF

SET = "totem.token=4000"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a file away")
NO_ROOM = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "corosync.conf").write_text(CONF)
    return tmp_path / "real" / "corosync.conf"


def set_(file: Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["conf", "set", str(file), SET])
    return int(ended.value.code or 0)


def test_a_symlink_to_the_clusters_own_file_hides_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder").symlink_to("/etc/pve")
    (tmp_path / "file").symlink_to("/etc/pve/corosync.conf")
    for hidden in (tmp_path / "folder" / "corosync.conf", tmp_path / "file"):
        assert set_(hidden) == 1
        assert "/etc/pve/corosync.conf is the cluster's own" in capsys.readouterr().err


def test_a_symlink_stays_one(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    assert set_(link) == 0
    assert link.is_symlink()
    assert "token: 4000" in file.read_text()


def test_a_symlink_in_a_circle_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "circle").symlink_to("circle")
    assert set_(tmp_path / "circle") == 1
    assert str(tmp_path / "circle") in capsys.readouterr().err


@needs_root
def test_owner_and_mode_stay(file: Path) -> None:
    os.chown(file, 65534, 65533)
    file.chmod(0o640)
    assert set_(file) == 0
    assert (file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o7777) == (65534, 65533, 0o640)
    assert "token: 4000" in file.read_text()


def test_what_could_not_be_written_leaves_the_file_alone_and_nothing_beside_it(file: Path) -> None:
    ran = Shell(file.parent, inside=NO_ROOM).plain("conf", "set", str(file), SET)
    assert "File too large" in ran.stderr
    assert ran.code == 1
    assert file.read_text() == CONF
    assert [*file.parent.iterdir()] == [file]
