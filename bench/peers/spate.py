"""spate itself."""
import json
import os
import subprocess
import time

from lab import ROOT, lacks_pair
from peers import Reading


class Spate:
    """generation: lcores beside the emission ones; none: run to completion.

    device: DPDK's name of a driver that sends on an interface; none: spate's own choice.
    """

    def __init__(self, template, emission=1, generation=0, sets=(), device=None):
        self.template = ROOT / template
        self.emission = emission
        self.generation = generation
        self.sets = [word for value in sets for word in ("--set", value)]
        self.device = device

    def missing(self, lab, port):
        if not os.access(lab.spate, os.X_OK):
            return f"{lab.spate} is not there: build it (scripts/demo) or name it with --spate"
        if len(lab.cpus) < self.emission + self.generation:
            return f"needs {self.emission + self.generation} CPUs"
        return lacks_pair() if port == "veth" else None

    def command(self, lab, port, *options):
        if self.device is not None:
            port = f"{self.device},iface={port}"
        cpus = map(str, lab.cpus[:self.emission + self.generation])
        if not options:
            options = ["--packets", "1g"]  # a file port wants an end
        return [lab.spate, "run", str(self.template), *self.sets, "--port", str(port), "--rate", "max", "--quiet",
                "--gen", str(self.generation), "--emit", str(self.emission), "--lcores", ",".join(cpus), *options]

    def measure(self, lab, seconds):
        command = self.command(lab, "null", "--duration", f"{seconds}s", "--json")
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        output, errors = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        took = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)}: {errors.strip()}")
        account = json.loads(output)
        lcores = [lcore for lcore in account["lcores"] if lcore["packets"]]
        return Reading(pps=account["ports"][0]["tx_pps"], roles=by_role(lcores),
                       cycles=max(lcore["cycles_per_packet"] for lcore in lcores),
                       start_s=took - account["elapsed_s"], memory=usage.ru_maxrss * 1024,
                       tsc_hz=cycles(lcores[:1]) / lcores[0]["busy"] / account["elapsed_s"])


def cycles(lcores):
    return sum(lcore["cycles_per_packet"] * lcore["packets"] for lcore in lcores)


def by_role(lcores):
    """Cycles a packet of all lcores that do the same."""
    found = {}
    for role in dict.fromkeys(lcore["role"] for lcore in lcores):
        mine = [lcore for lcore in lcores if lcore["role"] == role]
        found[role] = cycles(mine) / sum(lcore["packets"] for lcore in mine)
    return found
