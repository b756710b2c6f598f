"""What never stands in a log line: the values of a row, and the address of a page."""

import logging
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Leaves out the rows that PostgreSQL quotes under DETAIL in its errors."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        lines = super().formatException(ei).splitlines()
        kept = [line for line in lines if not line.lstrip().startswith("DETAIL:")]
        return "\n".join(kept)


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
