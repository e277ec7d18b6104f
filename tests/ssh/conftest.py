from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ssh.sshd import SSHD, Sshd, running_sshd


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    if SSHD is None:
        pytest.skip("no sshd (apt-get install openssh-server), or no login shell")
    folder: Path = tmp_path_factory.mktemp("sshd")
    with running_sshd(folder) as running:
        yield running
