"""A bare loop over a packet socket (bench/micro/packet_socket.cc): what AF_PACKET itself carries."""
import os
import pathlib

from lab import lacks, lacks_pair


class PacketSocket:
    def __init__(self, way):
        self.way = way

    @staticmethod
    def program(lab):
        return pathlib.Path(lab.spate).parents[1] / "bench" / "packet_socket"

    def missing(self, lab, port):
        if not os.access(self.program(lab), os.X_OK):
            return f"{self.program(lab)} is not there: ninja bench/packet_socket"
        return lacks("taskset") or lacks_pair()

    def command(self, lab, port):
        return ["taskset", "-c", str(lab.cpus[0]), str(self.program(lab)), port, self.way]
