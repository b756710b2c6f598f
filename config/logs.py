"""What never stands in a log line: the values of a row, and the address of a page."""

import logging
from collections.abc import Iterator
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


ROW = "DETAIL:"  # what PostgreSQL says of a row comes last; a text in it has lines of its own


class DiscreetFormatter(logging.Formatter):
    """Leaves out the rows that PostgreSQL quotes under DETAIL in its errors."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        record.message = _without_row(record.message)  # Celery writes the error into its message
        return super().formatMessage(record)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        lines = super().formatException(ei)
        for error in _chain(ei[1]):
            said = str(error)
            lines = lines.replace(said, _without_row(said))
        return lines


def _without_row(said: str) -> str:
    return said.partition(ROW)[0].rstrip() if ROW in said else said


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those out of which it came."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class WithoutAddress(logging.Filter):
    """Names the view instead of the address, which holds references and keys."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", "")
        if path:
            match = getattr(request, "resolver_match", None)
            record.msg = record.getMessage().replace(
                path, match.view_name if match else "(no view)"
            )
            record.args = ()
        return True
