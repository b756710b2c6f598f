"""Making the scan of a signed page fit to keep: as that of any paper."""

from issues.scans import keep

__all__ = ["keep"]
