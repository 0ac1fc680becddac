"""spate on its null port, on the cores that the peers get."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Case:
    def __init__(self, name, binary, template, options):
        self.name = name
        self.binary = binary
        self.template = ROOT / "configs" / template
        self.options = options

    def missing(self):
        if not os.access(self.binary, os.X_OK):
            return f"{self.binary} is not there: build it (scripts/demo) or name it with --spate"
        return None

    def packets_per_second(self, seconds):
        command = [self.binary, "run", str(self.template), "--rate", "max", "--duration", f"{seconds}s",
                   "--json", "--quiet"] + self.options
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["ports"][0]["tx_pps"]


def cases(binary):
    # The cores as testpmd's: the one that sends is CPU 1, CPU 0 does the rest.
    return [
        Case("spate, run to completion", binary, "udp-flood-1m.json", ["--gen", "0", "--emit", "1", "--lcores", "1"]),
        Case("spate, over the ring", binary, "udp-flood-1m.json", ["--gen", "1", "--emit", "1", "--lcores", "1,0"]),
    ]
