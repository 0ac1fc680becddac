"""DPDK's own generator modes: the fastest that DPDK ships."""
import os
import re
import shutil
import signal
import statistics
import subprocess
import time

# One second of start-up figures is left out.
RATE = re.compile(r"Tx-pps:\s+(\d+)")


def memory():
    """Hugepages when this user may use them, as spate does."""
    free = 0
    try:
        with open("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages") as file:
            free = int(file.read())
    except OSError:
        pass
    if os.geteuid() == 0 and free >= 128:
        return ["--in-memory"]
    return ["--no-huge", "--no-shconf", "-m", "512"]


class Case:
    def __init__(self, name, mode):
        self.name = name
        self.mode = mode

    def missing(self):
        if shutil.which("dpdk-testpmd") is None:
            return "dpdk-testpmd is not there: apt-get install dpdk-dev"
        return None

    def packets_per_second(self, seconds):
        command = ["dpdk-testpmd", "-l", "0,1", *memory(), "--no-pci", "--no-telemetry",
                   "--vdev=net_null0,size=60,copy=0,no-rx=1", "--", "--nb-cores=1", "--stats-period=1",
                   "--txpkts=60", *self.mode]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        try:
            time.sleep(seconds + 2)
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=30)
        finally:
            process.kill()
        rates = [int(rate) for rate in RATE.findall(output)]
        rates = [rate for rate in rates if rate > 0][1:]
        if not rates:
            raise RuntimeError(f"{self.name}: no figures in testpmd's output:\n{output[-2000:]}")
        return statistics.median(rates)


def cases():
    return [
        Case("testpmd txonly", ["--forward-mode=txonly"]),
        Case("testpmd txonly multi-flow", ["--forward-mode=txonly", "--txonly-multi-flow"]),
        Case("testpmd flowgen", ["--forward-mode=flowgen"]),
    ]
