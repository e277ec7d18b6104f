"""In front of npm emulate: the SDK puts into the query what emulate reads from the body of a POST only."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def relaying(to: str) -> Iterator[str]:
    """Pass every request on to *to* as a POST, until the block ends; yields the URL to use instead."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Relay", (_Relay,), {"to": to}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Relay(BaseHTTPRequestHandler):
    to = ""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self._pass(path, query.encode(), "application/x-www-form-urlencoded")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not body:
            return self.do_GET()
        return self._pass(self.path, body, self.headers.get("Content-Type") or "application/x-www-form-urlencoded")

    def log_message(self, *_words: object) -> None:
        """Say nothing on stderr."""

    def _pass(self, path: str, body: bytes, kind: str) -> None:
        headers = {"Content-Type": kind, "Authorization": self.headers.get("Authorization") or ""}
        asked = urllib.request.Request(self.to + path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                self._answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                self._answer(error.code, error.read())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
