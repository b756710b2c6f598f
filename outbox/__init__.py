"""Telling each thing to each person, once: notices, messages and every try to send them."""
