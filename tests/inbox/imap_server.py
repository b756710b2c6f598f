"""A real little IMAP server on a loopback port: what a mailbox needs that is only read.

It speaks the part of RFC 3501 that the client asks for; ``mails`` are those of its one folder by
uid. ``gone`` hangs up where a mail is asked for.
"""

import re
import socketserver
import threading
from dataclasses import dataclass, field

DATE = '" 7-May-2026 09:00:00 +0700"'
USER, PASSWORD = "vedika", "secret word"


@dataclass
class ImapServer:
    mails: dict[int, bytes] = field(default_factory=dict)
    uidvalidity: int = 7
    gone: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler)
        self.server.imap = self
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"imap://{USER}:secret%20word@127.0.0.1:{self.port}/INBOX"

    def start(self):
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def deliver(self, *contents: bytes) -> None:
        for content in contents:
            self.mails[max(self.mails, default=0) + 1] = content


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, _space, command = line.partition(" ")
            self.server.imap.asked.append(command)
            name = re.match(r"(?:UID )?\w+", command.upper())[0].replace(" ", "_")
            if self.server.imap.gone and name == "UID_FETCH":
                return
            answer = getattr(self, name, None)
            self.say(f"{tag} {answer(command) if answer else 'BAD unknown'}")
            if name == "LOGOUT":
                return

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def CAPABILITY(self, _command):  # noqa: N802
        self.say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def LOGIN(self, command):  # noqa: N802
        is_right = command.split(" ", 1)[1] in (
            f'"{USER}" "{PASSWORD}"',
            f'{USER} "{PASSWORD}"',
        )
        return "OK done" if is_right else "NO wrong"

    def EXAMINE(self, _command):  # noqa: N802
        self.say(f"* {len(self.server.imap.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.server.imap.uidvalidity}] valid")
        return "OK [READ-ONLY] done"

    def UID_SEARCH(self, command):  # noqa: N802
        first = int(re.search(r"UID (\d+):\*", command.removeprefix("UID SEARCH"))[1])
        found = [uid for uid in self.server.imap.mails if uid >= first]
        found = (
            found or list(self.server.imap.mails)[-1:]
        )  # "*" is the last one, whatever stands before
        self.say("* SEARCH " + " ".join(map(str, found)))
        return "OK done"

    def UID_FETCH(self, command):  # noqa: N802
        uid, items = re.match(r"UID FETCH (\d+) \((.*)\)", command).groups()
        content = self.server.imap.mails[int(uid)]
        if items.startswith("BODY.PEEK"):
            section = items.replace(".PEEK", "")
            if "HEADER" in section:
                content = content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            self.wfile.write(f"* 1 FETCH (UID {uid} {section} {{{len(content)}}}\r\n".encode())
            self.wfile.write(content + b")\r\n")
        else:
            facts = f"RFC822.SIZE {len(content)} INTERNALDATE {DATE}"
            self.say(f"* 1 FETCH (UID {uid} {facts})")
        return "OK done"

    def LOGOUT(self, _command):  # noqa: N802
        self.say("* BYE bye")
        return "OK done"
