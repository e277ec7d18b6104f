"""What stands before Bolt: only what Slack signed just now gets further, and nothing of the rest is read or logged."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.names import Secret

BODY_MAX = 300_000  # a view_submission may carry a view of 250 kB
OLDEST_US = 300 * 1_000_000  # Slack: what is older may be a replay
_SIZE = re.compile(r"[0-9]{1,12}")
_STAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


@dataclass(frozen=True)
class Guard:
    """Bolt reads a body before it checks who sent it, so the check is made here, over the bytes as they came."""

    secret: Secret
    now_us: Callable[[], int]

    async def answer(self, request: Request) -> Response | None:
        """To a request that Bolt must not see, else None. Reads the body, which starlette then keeps."""
        size = request.headers.get("content-length", "")
        if not _SIZE.fullmatch(size):
            return PlainTextResponse("length required", 411)
        if int(size) > BODY_MAX:
            return PlainTextResponse("too large", 413)
        body = await request.body()
        if body == b"ssl_check=1" or body.startswith(b"ssl_check=1&"):
            return PlainTextResponse("")  # Slack's own check of the address comes unsigned, and wants 200
        if not self._is_signed(request, body):
            return PlainTextResponse("not signed by Slack just now", 401)
        return None

    def _is_signed(self, request: Request, body: bytes) -> bool:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if not _STAMP.fullmatch(stamp) or not _SIGNATURE.fullmatch(signature):
            return False
        if abs(self.now_us() - int(stamp) * 1_000_000) > OLDEST_US:
            return False
        mac = hmac.new(self.secret.reveal().encode(), b"v0:" + stamp.encode() + b":" + body, sha256)
        return hmac.compare_digest(f"v0={mac.hexdigest()}", signature)
