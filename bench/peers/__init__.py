"""One file per program that bench/compare measures.

A program has missing(lab, port): why it cannot send there, or None; and for what it can send to,
  null:  measure(lab, seconds) -> Reading, by its own account: nobody else counts on a null device
  file:  command(lab, path) that writes a capture to the path until it is stopped
  veth:  command(lab, interface) that sends on it until it is stopped
"""
import dataclasses


@dataclasses.dataclass
class Reading:
    """What one measurement gave; cycles of the TSC a packet, on the lcore that had most to do."""
    pps: float
    cycles: float | None = None
    start_s: float | None = None    # from the start of the program to the first packet
    memory: int | None = None       # bytes, at most
    lcores: list = dataclasses.field(default_factory=list)
