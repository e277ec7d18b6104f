"""A process writes to stderr what went wrong, and nothing of what it was working on."""

import subprocess
import sys

WORD = "typed-by-a-person"
SCRIPT = f"""
import logging, sys
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.logger import get_bolt_logger
from bot.logs import log_to_stderr

log = structlog.get_logger()
log_to_stderr()

def fails(words):
    return words[{{}}["missing-key"]]

try:
    fails("".join(["typed-", "by-a-", "person"]))
except KeyError:
    log.exception("it failed", number=7)
for name in ("slack_sdk.socket_mode.aiohttp", "slack_sdk.web.base_client", "paramiko.transport", "aiohttp.access"):
    logging.getLogger(name).error("{WORD}")
get_bolt_logger(AsyncApp).error("{WORD}")
"""


def test_a_failure_is_told_with_its_place_but_without_values_and_not_on_stdout() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert "it failed" in ran.stderr
    assert "KeyError: 'missing-key'" in ran.stderr
    assert WORD not in ran.stderr
    assert ran.stdout == ""


def test_every_command_keeps_its_log_off_stdout() -> None:
    script = "import structlog; from bot.cli import main\ntry: main(['--help'])\nfinally: structlog.get_logger().error('logged')"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "logged" in ran.stderr
    assert "logged" not in ran.stdout
