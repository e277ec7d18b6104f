"""Open sockets in the lab's network from any thread of a test, which itself stays where it is."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.lab.kernel import enter_network
from tests.lab.lab import Lab


def connect(lab: Lab, host: str, port: int, timeout_s: float) -> socket.socket:
    """As the SSH edge's own: a socket keeps the network it was made in."""
    with _inside(lab):
        return socket.create_connection((host, port), timeout_s)


def connector(lab: Lab) -> partial[socket.socket]:
    return partial(connect, lab)


@contextmanager
def _inside(lab: Lab) -> Iterator[None]:
    """This thread only (setns(2))."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    theirs = os.open(lab.network, os.O_RDONLY)
    try:
        enter_network(theirs)
        yield
    finally:
        enter_network(own)
        os.close(theirs)
        os.close(own)
