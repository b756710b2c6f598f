"""The demonstration: the founding forum of 2018 and one of today, with people and issues.

Loaded once by ``load_demonstration``; nothing here is ever part of a real system.
"""
