"""DPDK's own generator: txonly and flowgen are the fastest that DPDK ships."""
import os
import queue
import re
import statistics
import subprocess
import threading
import time

from lab import lacks, lacks_pair, start, stop
from peers import Reading

RATE = re.compile(r"Tx-pps:\s+(\d+)")


def memory():
    """Hugepages when this user may use them, as spate does."""
    free = 0
    try:
        with open("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages") as file:
            free = int(file.read())
    except OSError:
        pass
    if os.geteuid() == 0 and free >= 256:
        return ["--in-memory"]
    return ["--no-huge", "--no-shconf", "-m", "1024"]


class Testpmd:
    """device: its device string, in which {} stands for the interface or the file."""

    def __init__(self, *mode, device="net_null0,size=60,copy=0,no-rx=1"):
        self.mode = mode
        self.device = device

    def missing(self, lab, port):
        if len(lab.cpus) < 2:
            return "needs 2 CPUs: one that sends, one for its main lcore"
        return lacks("dpdk-testpmd") or (lacks_pair() if port == "veth" else None)

    def command(self, lab, port):
        send, main = lab.cpus[:2]
        return ["dpdk-testpmd", "-l", f"{main},{send}", "--main-lcore", str(main), *memory(), "--no-pci",
                "--no-telemetry", f"--vdev={self.device.format(port)}", "--", "--nb-cores=1",
                "--stats-period=1", "--txpkts=60", *self.mode]

    def measure(self, lab, seconds):
        """The median of the figures that it prints every second; the first one is of its start."""
        process = start(self.command(lab, None), subprocess.PIPE)
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True).start()
        rates, said, end = [], [], time.monotonic() + seconds + 60
        try:
            while len(rates) <= max(1, round(seconds)):
                line = lines.get(timeout=max(0.01, end - time.monotonic()))
                said.append(line)
                rates += [int(rate) for rate in RATE.findall(line) if int(rate)]
        except queue.Empty:
            raise RuntimeError(f"no figures from dpdk-testpmd:\n{''.join(said)[-2000:]}") from None
        finally:
            stop(process)
        return Reading(pps=statistics.median(rates[1:]))
