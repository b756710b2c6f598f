"""Windows of several persons on one server."""

import pytest

from tests.browser import screen


@pytest.fixture
def window(browser, live_server):
    """Open a window: ``window(language, size, user=…)``; see ``screen.Screen``."""
    with screen.screens(browser, live_server.url) as make:
        yield make
