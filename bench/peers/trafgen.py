"""trafgen of netsniff-ng: frames written into the kernel's ring of packets."""
from lab import lacks, lacks_pair

# spate's flood in trafgen's words, but only the source port differs from packet to packet.
PACKET = """{
  eth(da=02:00:00:00:00:02, sa=02:00:00:00:00:01),
  ipv4(sa=198.18.0.1, da=198.19.0.1, ttl=64),
  udp(sp=dinc(1024, 1087), dp=9),
  fill(0, 18)
}
"""


class Trafgen:
    def __init__(self, cpus=1):
        self.cpus = cpus

    def missing(self, lab, port):
        if len(lab.cpus) < self.cpus:
            return f"needs {self.cpus} CPUs"
        return lacks("trafgen", "taskset") or lacks_pair()

    def command(self, lab, port):
        packet = lab.directory / "trafgen.cfg"
        packet.write_text(PACKET)
        chosen = ",".join(str(cpu) for cpu in lab.cpus[:self.cpus])
        return ["taskset", "-c", chosen, "trafgen", "--dev", port, "--conf", str(packet),
                "--cpus", str(self.cpus), "--no-sock-mem", "--notouch-irq", "--no-cpu-stats"]
