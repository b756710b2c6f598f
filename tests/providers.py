"""A provider's HTTP server on this machine, which can misbehave: Telegram's or a gateway's."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


class Provider:
    """Keeps what it was asked, in order; answers as told, or that all is well.

    ``plan`` the next answers: (status, object or text, headers), a number of seconds to be slow
    for before the answer, or "close" to hang up once it has read the request.
    """

    def __init__(self):
        self.asked, self.plan, self.updates, self.serial = [], [], [], 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def sent(self):
        """What was to be told: everything but the questions for updates."""
        return [fields for path, fields, _headers in self.asked if "getUpdates" not in path]

    def write(self, text, *, chat=77, kind="private", language="en"):
        """Let somebody write this to the bot."""
        self.updates.append(
            {
                "update_id": 1000 + len(self.updates),
                "message": {
                    "chat": {"id": chat, "type": kind},
                    "from": {"id": chat, "language_code": language},
                    "text": text,
                },
            }
        )

    def answer_to(self, path, fields):
        if "getUpdates" in path:
            found = [one for one in self.updates if one["update_id"] >= fields["offset"]]
            return 200, {"ok": True, "result": found}, {}
        if self.plan:
            return self.plan.pop(0)
        self.serial += 1
        if "/bot" in path:
            result = {"message_id": self.serial, "chat": {"id": fields["chat_id"]}}
            return 200, {"ok": True, "result": result}, {}
        return 200, {"id": f"gw-{self.serial}"}, {}

    def _handler(provider):  # noqa: N805 - the handler's own self is another
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                is_json = self.headers["Content-Type"] == "application/json"
                fields = json.loads(body) if is_json else dict(parse_qsl(body))
                provider.asked.append((self.path, fields, dict(self.headers)))
                answer = provider.answer_to(self.path, fields)
                if isinstance(answer, int | float):
                    time.sleep(answer)
                    answer = provider.answer_to(self.path, fields)
                if answer == "close":
                    self.close_connection = True
                    return
                self._say(*answer)

            def _say(self, status, said, headers):
                content = (said if isinstance(said, str) else json.dumps(said)).encode()
                self.send_response(status)
                for name, value in (headers | {"Content-Length": len(content)}).items():
                    self.send_header(name, str(value))
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:  # who asked has gone
                    self.close_connection = True

            def log_message(self, *args):
                """Say nothing."""

        return Handler
