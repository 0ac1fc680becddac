"""Which programs bench/compare measures on what, and what spate is meant to reach."""
import dataclasses

from lab import MOST_BYTES, lacks_tmpfs, watch
from peers import Reading
from peers.packet_socket import PacketSocket
from peers.spate import Spate
from peers.tcpreplay import Tcpreplay
from peers.testpmd import Testpmd
from peers.trafgen import Trafgen

FLOOD = "configs/udp-flood-1m.json"
MULTI_FLOW = ["--forward-mode=txonly", "--txonly-multi-flow"]
BASE = "testpmd txonly multi-flow"


@dataclasses.dataclass
class Case:
    name: str
    program: object


@dataclasses.dataclass
class Suite:
    """port: null, file or veth; base: the case that the others are compared with."""
    name: str
    about: str
    port: str
    base: str
    cases: list

    def lacks(self):
        return lacks_tmpfs() if self.port == "file" else None


@dataclasses.dataclass
class Target:
    case: str
    against: str
    ratio: float


@dataclasses.dataclass
class Limit:
    """value: of the rows of one run by case, or None where it was not measured."""
    name: str
    most: float
    value: callable


def own(name, template, **options):
    return Case(name, Spate(f"bench/templates/{template}.json", **options))


base = Case(BASE, Testpmd(*MULTI_FLOW))

SUITES = [
    Suite("null", "null device, 64-byte frames", "null", BASE, [
        Case("spate, run to completion", Spate(FLOOD)),
        Case("spate, over the ring", Spate(FLOOD, generation=1)),
        own("spate, prefilled", "one-packet"),
        base,
        Case("testpmd txonly", Testpmd("--forward-mode=txonly")),
        Case("testpmd flowgen", Testpmd("--forward-mode=flowgen")),
    ]),
    Suite("flows", "many flows, 64-byte frames", "null", "testpmd flowgen, 1 M flows", [
        Case("spate, 1 M flows", Spate(FLOOD)),
        own("spate, 1 M flows, numbered", "flows"),
        own("spate, 1 flow, numbered", "flows", sets=["addresses=1", "ports=1"]),
        Case("testpmd flowgen, 1 M flows", Testpmd("--forward-mode=flowgen", "--flowgen-flows=1048576")),
    ]),
    Suite("frames", "frame sizes, address and port varying, run to completion", "null", "spate, 64 B", [
        own("spate, 64 B", "frames"),
        own("spate, IMIX", "frames-imix"),
        own("spate, 1518 B", "frames", sets=["size=1518"]),
    ]),
    Suite("fields", "what varies in a packet, run to completion", "null", BASE, [
        Case("spate, address and port", Spate(FLOOD)),
        own("spate, five modifiers", "five-modifiers"),
        own("spate, IMIX of 10 k flows", "imix-10k"),
        own("spate, Zipf and rows", "zipf-rows"),
        base,
    ]),
    Suite("timed", "flows with a clock and a state each, one generation lcore", "null", BASE, [
        own("spate, 1 M renewal clocks", "renewal", generation=1),
        own("spate, 10 M renewal clocks", "renewal", generation=1, sets=["flows=10000000"]),
        own("spate, chain of 20 states", "chain-20", generation=1),
        own("spate, TCP of 10 packets", "tcp-10", generation=1),
        base,
    ]),
    Suite("file", "capture file in memory, 64-byte frames", "file", "testpmd net_pcap", [
        Case("spate to *.pcap", Spate(FLOOD)),
        Case("testpmd net_pcap", Testpmd(*MULTI_FLOW, device="net_pcap0,tx_pcap={}")),
    ]),
    Suite("veth", "veth pair, 64-byte frames, counted at the far end", "veth", "testpmd af_packet", [
        Case("spate AF_XDP", Spate(FLOOD, prefix="xdp:")),
        Case("spate AF_PACKET", Spate(FLOOD)),
        Case("testpmd af_xdp", Testpmd(*MULTI_FLOW, device="net_af_xdp0,iface={}")),
        Case("testpmd af_packet", Testpmd(*MULTI_FLOW, device="net_af_packet0,iface={},qdisc_bypass=1")),
        Case("trafgen", Trafgen()),
        Case("tcpreplay", Tcpreplay()),
    ]),
    Suite("ways", "ways into a packet socket, by loops that do nothing else", "veth", "tcpreplay again", [
        Case("bare send", PacketSocket("send")),
        Case("bare sendmmsg", PacketSocket("sendmmsg")),
        Case("bare ring", PacketSocket("ring")),
        Case("bare ring, copied whole", PacketSocket("whole")),
        Case("spate AF_PACKET again", Spate(FLOOD)),
        Case("tcpreplay again", Tcpreplay()),
    ]),
]

TARGETS = [
    Target("spate, run to completion", BASE, 2.5),
    Target("spate, over the ring", BASE, 2.0),
    Target("spate, over the ring", "spate, run to completion", 0.85),
    Target("spate, prefilled", BASE, 4.5),
    Target("spate, 1 M flows", "testpmd flowgen, 1 M flows", 2.3),
    Target("spate, 1 M flows, numbered", "spate, 1 flow, numbered", 0.9),
    Target("spate, five modifiers", "spate, address and port", 0.6),
    Target("spate, IMIX of 10 k flows", "spate, address and port", 0.7),
    Target("spate, Zipf and rows", "spate, address and port", 0.5),
    Target("spate, 1 M renewal clocks", BASE, 0.5),
    Target("spate, 10 M renewal clocks", BASE, 0.3),
    Target("spate, chain of 20 states", BASE, 0.35),
    Target("spate, TCP of 10 packets", BASE, 0.35),
    Target("spate to *.pcap", "testpmd net_pcap", 2.0),
    Target("spate AF_XDP", "testpmd af_xdp", 1.0),
    Target("spate AF_PACKET", "testpmd af_packet", 1.0),
    Target("spate AF_PACKET", "trafgen", 1.0),
    Target("spate AF_PACKET", "tcpreplay", 2.0),
]

RENEWAL, MANY_RENEWAL = "spate, 1 M renewal clocks", "spate, 10 M renewal clocks"


def bytes_a_flow(rows):
    if RENEWAL not in rows or MANY_RENEWAL not in rows:
        return None
    return (rows[MANY_RENEWAL]["memory"] - rows[RENEWAL]["memory"]) / 9e6


LIMITS = [
    Limit(f"{RENEWAL}: seconds to compile and start", 2, lambda rows: rows.get(RENEWAL, {}).get("start_s")),
    Limit("spate, renewal clocks: bytes a flow", 64, bytes_a_flow),
]


def measure(case, suite, lab, pair, seconds):
    """One measurement: what the program says of itself, or what has arrived where it sends to."""
    if suite.port == "null":
        return case.program.measure(lab, seconds)
    if suite.port == "veth":
        command = pair.inside(case.program.command(lab, pair.near_link))
        return Reading(pps=watch(command, pair.received, seconds))
    path = lab.directory / "out.pcap"
    record = 16 + 60  # a record's header and a frame without FCS
    try:
        return Reading(pps=watch(case.program.command(lab, path), lambda: size(path) / record, seconds,
                                 settle=0.2, most=MOST_BYTES / record))
    finally:
        for name in names(path):
            name.unlink()


def names(path):
    """The file, or what it is called until it is complete."""
    return list(path.parent.glob(path.name + "*"))


def size(path):
    return sum(name.stat().st_size for name in names(path))
