"""A lab by hand: `python -m tests.lab up 3 --links 2`, then `exec`, `kill`, `link`, `down` and the like."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable

from tests.lab.inventory import inventory, memory
from tests.lab.kernel import LabError
from tests.lab.lab import Lab
from tests.lab.requirements import why_not

Words = argparse.Namespace


def up(lab: Lab, words: Words) -> None:
    """boot nodes that form one quorate cluster"""
    began = time.monotonic()
    lab.up(words.count, words.links, qnetd=words.qnetd, standalone=words.standalone, token=words.token)
    _say(f"{words.count} nodes up in {time.monotonic() - began:.1f} s, {memory(lab) >> 20} MiB")


def exec_(lab: Lab, words: Words) -> int:
    """run a command in a node, past SSH"""
    return lab.exec(words.node, *_command(words), capture_output=False, stdin=None).returncode


def run(lab: Lab, words: Words) -> None:
    """run a command, e.g. a test run, in the lab's own network"""
    lab.enter_network()
    os.execvp(_command(words)[0], _command(words))


def kill(lab: Lab, words: Words) -> None:
    """power off hard, the disk stays"""
    lab.kill(*words.names)


def start(lab: Lab, words: Words) -> None:
    """boot again"""
    lab.start(*words.names)


def partition(lab: Lab, words: Words) -> None:
    """cut these nodes off from the others; the bot still reaches all"""
    lab.partition(*words.names)


def cut_ssh(lab: Lab, words: Words) -> None:
    """silence the network between the bot and these nodes"""
    lab.cut_ssh(*words.names)


def heal(lab: Lab, _words: Words) -> None:
    """mend every cable"""
    lab.heal()


def link(lab: Lab, words: Words) -> None:
    """one corosync link of one node, up or down"""
    lab.link(words.node, words.number, words.state)


def guests(lab: Lab, words: Words) -> None:
    """what guests a node has: vm:100:running:web ct:200"""
    lab.guests(words.node, *words.what)


def osds(lab: Lab, words: Words) -> None:
    """what Ceph OSDs a node has"""
    lab.osds(words.node, *words.what)


def status(lab: Lab, _words: Words) -> None:
    """nodes, addresses, keys, as JSON"""
    _say(json.dumps(inventory(lab), indent=1))


def ssh_config(lab: Lab, _words: Words) -> None:
    """for `ssh -F`"""
    _say(lab.ssh_config().rstrip())


def known_hosts(lab: Lab, _words: Words) -> None:
    """the nodes' host keys"""
    _say(lab.known_hosts().rstrip())


def down(lab: Lab, _words: Words) -> None:
    """end and remove everything"""
    lab.down()


def why_not_(_lab: Lab, _words: Words) -> int:
    """the reason this machine cannot run the lab"""
    reason = why_not()
    _say(reason or "this machine can run the lab")
    return int(bool(reason))


def _command(words: Words) -> list[str]:
    argv: list[str] = words.argv
    return argv[1:] if argv[:1] == ["--"] else argv


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


COMMANDS: tuple[Callable[[Lab, Words], int | None], ...] = (
    *(up, exec_, run, kill, start, partition, cut_ssh, heal, link, guests, osds),
    *(status, ssh_config, known_hosts, down, why_not_),
)


def parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    words.add_argument("--name", default="default", help="which lab, when there are several")
    sub = words.add_subparsers(required=True)
    for function in COMMANDS:
        name = function.__name__.rstrip("_").replace("_", "-")
        one = sub.add_parser(name, help=function.__doc__)
        one.set_defaults(function=function)
        _arguments(name, one)
    return words


def _arguments(name: str, one: argparse.ArgumentParser) -> None:
    match name:
        case "up":
            one.add_argument("count", type=int)
            one.add_argument("--links", type=int, default=1, choices=(1, 2))
            one.add_argument("--token", type=int, help="totem token timeout in ms (default: corosync's own)")
            one.add_argument("--qnetd", action="store_true")
            one.add_argument("--standalone", action="store_true")
        case "kill" | "start" | "partition" | "cut-ssh":
            one.add_argument("names", nargs="+")
        case "link" | "guests" | "osds" | "exec":
            one.add_argument("node")
    match name:
        case "link":
            one.add_argument("number", type=int)
            one.add_argument("state", choices=("up", "down"))
        case "guests" | "osds":
            one.add_argument("what", nargs="*")
        case "exec" | "run":
            one.add_argument("argv", nargs=argparse.REMAINDER)


def main() -> int:
    words = parser().parse_args()
    try:
        return words.function(Lab(words.name), words) or 0
    except LabError as error:
        sys.stderr.write(f"lab: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
