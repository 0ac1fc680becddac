"""tcpreplay, as fast as it can: the capture read into memory beforehand, no pauses."""
from lab import lacks, lacks_pair


class Tcpreplay:
    def missing(self, lab, port):
        return lacks("tcpreplay", "taskset") or lacks_pair()

    def command(self, lab, port):
        return ["taskset", "-c", str(lab.cpus[0]), "tcpreplay", "--intf1", port, "--topspeed",
                "--preload-pcap", "--loop", "0", str(lab.sample_capture())]
