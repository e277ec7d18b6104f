"""What may stand in the files of /etc/pve; each is put back at the end."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.lab import Lab

RESOURCES, MANAGER = "ha/resources.cfg", "/etc/pve/ha/manager_status"


@contextmanager
def pve_file(lab: Lab, node: str, path: str, text: str) -> Iterator[None]:
    """*path* below /etc/pve says *text*; at the end what it said before, or it is gone."""
    file = shlex.quote(f"/etc/pve/{path}")
    before = lab.exec(node, "cat", f"/etc/pve/{path}")
    _write(lab, node, file, text)
    try:
        yield
    finally:
        if before.returncode:
            lab.exec(node, "sh", "-c", f"rm -f {file}", check=True)
        else:
            _write(lab, node, file, before.stdout)


@contextmanager
def ha_services(lab: Lab, node: str, *sids: str) -> Iterator[None]:
    """`vm:100` and the like are guests of *node* and services of HA there: its manager has placed them."""
    lab.guests(node, *sids)
    text = "".join(f"{kind}: {id_}\n\tstate started\n\n" for kind, _, id_ in (sid.partition(":") for sid in sids))
    wanted = " && ".join(f"grep -q '\"{sid}\"' {MANAGER}" for sid in sids)
    try:
        with pve_file(lab, node, RESOURCES, text):
            lab.wait_for(node, command=wanted)
            yield
            with pve_file(lab, node, RESOURCES, ""):  # its manager lets go of them
                lab.wait_for(node, command=f"""grep -q '"service_status": {{}}' {MANAGER}""")
    finally:
        lab.exec(node, "rm", "-f", MANAGER)
        lab.guests(node)


@contextmanager
def ha_rule(lab: Lab, node: str, name: str, nodes: tuple[str, ...], *sids: str) -> Iterator[None]:
    """A node-affinity rule, as Proxmox VE 9 keeps it."""
    text = f"node-affinity: {name}\n\tnodes {','.join(nodes)}\n\tresources {','.join(sids)}\n\n"
    with pve_file(lab, node, "ha/rules.cfg", text):
        yield


@contextmanager
def storage(lab: Lab, node: str, name: str, nodes: tuple[str, ...]) -> Iterator[None]:
    """A storage that only these nodes may use."""
    text = (
        "dir: local\n\tpath /var/lib/vz\n\tcontent iso,vztmpl,backup\n\n"
        f"dir: {name}\n\tpath /mnt/{name}\n\tcontent images\n\tnodes {','.join(nodes)}\n\n"
    )
    with pve_file(lab, node, "storage.cfg", text):
        yield


@contextmanager
def replication(lab: Lab, node: str, guest: int, target: str) -> Iterator[None]:
    """The disks of *guest* are copied to *target* now and then."""
    with pve_file(lab, node, "replication.cfg", f"local: {guest}-0\n\ttarget {target}\n\n"):
        yield


@contextmanager
def second_factor(lab: Lab, node: str) -> Iterator[None]:
    """root@pam logs in with its password and a number."""
    entry = {"info": {"id": "0", "description": "phone", "created": 1, "enable": True}, "data": "otpauth://totp/root"}
    with pve_file(lab, node, "priv/tfa.cfg", json.dumps({"users": {"root@pam": {"totp": [entry]}}})):
        yield


def _write(lab: Lab, node: str, file: str, text: str) -> None:
    lab.exec(node, "sh", "-c", f"cat >{file}.new && mv {file}.new {file}", input=text, check=True)
