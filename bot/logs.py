"""What a process says about itself: on stderr, without a request's body, a secret, or the value of any variable."""

from __future__ import annotations

import logging
import sys

import structlog

# Their own words repeat a request's body or an address with its ticket; ours say what happened. A level would not do:
# Bolt gives its loggers the root's.
MUTE = ("slack_bolt", "slack_sdk", "paramiko", "aiohttp.access")


def log_to_stderr() -> None:
    """Stdout is for answers. To be called before anything can go wrong."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # structlog's default prints the local variables of every frame.
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    for name in MUTE:
        logging.getLogger(name).addHandler(logging.NullHandler())  # instead of the handler of last resort
    logging.getLogger("asyncio").setLevel(logging.ERROR)
