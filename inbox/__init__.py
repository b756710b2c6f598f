"""Mail that comes in: kept first, then read, matched, or held for a person."""
