"""The same bots on a real node: what it runs, it runs by its own systemd, over SSH."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.names import ClusterName
from bot.ssh.login import Login
from bot.ssh.nodes import SshNodes
from bot.store import upgrade
from bot.wiring import now_us
from bot.workflow import Cluster
from tests.chaos.kill import HABITS, brought_home, expected
from tests.chaos.points import PORTS, Point
from tests.dispatch.office import ONE_OTHER, Office, opened
from tests.dispatch.work import WORKED
from tests.dispatch.worker import Task
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.numbered import PVE01

HANDS = frozenset({"boot_id", "start", "trace"})


@dataclass(frozen=True)
class LabTask(Task):
    """It looks at files, and changes a real node."""

    lab: Lab | None = None

    @contextmanager
    def reached(self, cluster: str) -> Iterator[Cluster]:
        assert self.lab is not None
        login = Login(self.lab.address(PVE01), 22, "root", self.lab.key, known_hosts=self.lab.known_hosts_file())
        with closing(SshNodes({PVE01: login}, now_us=now_us, connect=connector(self.lab))) as hands:
            yield Cluster(ClusterName(cluster), self.nodes(cluster), frozenset({"CA"}), hands=hands)


@contextmanager
def office_in(lab: Lab, folder: Path) -> Iterator[Office]:
    url = f"sqlite:///{folder}/bot.db"
    upgrade(url, now_us)
    with opened(LabTask(folder, url, ("a",), (ONE_OTHER,), lab=lab), HABITS) as one:
        yield one


def killed_in(one: Office, lab: Lab, point: Point) -> None:
    """Fail unless every step ran exactly once on the node, and all of it was told."""
    lab.exec(PVE01, "rm", "-f", WORKED, check=True)
    request = brought_home(one, point, SshNodes if point.port in HANDS else PORTS[point.port])
    ran = lab.exec(PVE01, "sh", "-c", f"cat {WORKED} 2>/dev/null || true", check=True).stdout.split()
    assert ran == [str(number) for number in range(expected(request, point))]
