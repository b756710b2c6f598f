"""A mailbox for the tests that read one; asked for as a plugin."""

import pytest

from tests.inbox.imap_server import ImapServer


@pytest.fixture
def imap(settings):
    """A mailbox that is read in this test."""
    server = ImapServer()
    server.start()
    settings.IMAP_URL = server.url
    settings.REPLY_ADDRESS = "reply@vedika.example"
    yield server
    server.stop()
