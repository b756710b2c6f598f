"""The record of a session: drafted from its outcomes, commented, approved, published."""
