"""One file per program that bench/compare measures; each has cases() -> list of cases.

A case has a name, missing() (why it cannot run here, or None) and packets_per_second(seconds).
"""
