"""What stands before Bolt: a request that cannot be Slack's ends here, and nothing of it is read into a log."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

BODY_MAX = 300_000  # a view_submission may carry a view of 250 kB


async def refused(request: Request) -> Response | None:
    """The answer to a request that Bolt must not see, or None. Reads the body, which starlette then keeps."""
    stamp = request.headers.get("x-slack-request-timestamp", "")
    size = request.headers.get("content-length", "")
    if not size.isdecimal():
        return PlainTextResponse("length required", 411)
    if int(size) > BODY_MAX:
        return PlainTextResponse("too large", 413)
    body = await request.body()
    if body == b"ssl_check=1" or body.startswith(b"ssl_check=1&"):
        return None  # Slack's own check of the address comes unsigned; Bolt answers it before anything else
    if not stamp.isdecimal() or not request.headers.get("x-slack-signature"):
        return PlainTextResponse("not signed", 401)
    try:
        body.decode()
    except UnicodeDecodeError:
        return PlainTextResponse("not UTF-8", 400)
    return None
