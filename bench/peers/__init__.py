"""One file per program that bench/compare measures.

A program has missing(lab, port): why it cannot send there, or None; and for what it can send to,
  null:  measure(lab, seconds) -> Reading, by its own account: nobody else counts on a null device
  file:  command(lab, path) that writes a capture to the path until it is stopped
  veth:  command(lab, interface) that sends on it until it is stopped
"""
import dataclasses


@dataclasses.dataclass
class Reading:
    """What one measurement gave; cycles are those of the TSC, a packet."""
    pps: float
    cycles: float | None = None     # on the lcore that had most to do
    roles: dict = dataclasses.field(default_factory=dict)  # of all lcores of a role together
    start_s: float | None = None    # from the start of the program to the first packet
    memory: int | None = None       # bytes, at most
    tsc_hz: float | None = None
