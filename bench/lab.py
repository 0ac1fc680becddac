"""What the cases run on: CPUs, a directory in memory, a veth pair in namespaces of its own."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TMPFS = pathlib.Path("/dev/shm")
# A capture in memory grows to this at most while it is measured.
MOST_BYTES = 1 << 30


class Pair:
    """Two network namespaces with a veth pair between them; nothing else is in there."""

    def __init__(self):
        tag = os.getpid()
        self.near, self.far = f"bench-{tag}-a", f"bench-{tag}-b"
        self.near_link, self.far_link = "bench0", "bench1"

    def __enter__(self):
        try:
            for space in (self.near, self.far):
                run("ip", "netns", "add", space)
                # Nothing but what is measured goes over the link.
                run(*within(space), "/bin/sh", "-c",
                    "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6")
            run(*within(self.near), "ip", "link", "add", self.near_link, "type", "veth",
                "peer", "name", self.far_link, "netns", self.far)
            run(*within(self.near), "ip", "link", "set", self.near_link, "up")
            run(*within(self.far), "ip", "link", "set", self.far_link, "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for space in (self.near, self.far):
            subprocess.run(["ip", "netns", "del", space], stderr=subprocess.DEVNULL, check=False)

    def inside(self, command):
        return [*within(self.near), *command]

    def received(self):
        """Packets that have come out at the far end."""
        shown = run(*within(self.far), "ip", "-j", "-s", "link", "show", "dev", self.far_link)
        return json.loads(shown)[0]["stats64"]["rx"]["packets"]


class Lab:
    """cpus: the one that sends first, then the ones that generate or keep house."""

    def __init__(self, spate, cpus):
        self.spate = spate
        self.cpus = cpus
        self._directory = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def directory(self):
        """In memory, made when first asked for."""
        if self._directory is None:
            self._directory = pathlib.Path(tempfile.mkdtemp(prefix="spate-bench-", dir=TMPFS))
        return self._directory

    def sample_capture(self):
        """A capture of the packets that spate sends on veth, for programs that replay one."""
        path = self.directory / "sample.pcap"
        if not path.exists():
            run(self.spate, "run", str(ROOT / "configs/udp-flood-1m.json"), "--port", str(path),
                "--packets", "10k", "--quiet")
        return path


def within(space):
    """Not `ip netns exec` or `ip -n`: they mount, which a container or a chroot may not let them."""
    return ["nsenter", f"--net=/run/netns/{space}"]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def lacks(*programs):
    """Why a case cannot run: the first program that is not there, with the package it is in."""
    packages = {"dpdk-testpmd": "dpdk-dev", "trafgen": "netsniff-ng", "tcpreplay": "tcpreplay",
                "ip": "iproute2", "taskset": "util-linux"}
    for program in programs:
        if shutil.which(program) is None:
            return f"{program} is not there: apt-get install {packages[program]}"
    return None


def lacks_pair():
    if os.geteuid():
        return "network namespaces need root"
    return lacks("ip")


def lacks_tmpfs():
    if not TMPFS.is_dir() or not os.access(TMPFS, os.W_OK):
        return f"no {TMPFS} to write to"
    if shutil.disk_usage(TMPFS).free < 2 * MOST_BYTES:
        return f"less than {2 * MOST_BYTES >> 20} MiB free in {TMPFS}"
    return None


def watch(command, count, seconds, settle=0.5, most=None):
    """Events a second of count() while the command runs; it is stopped with SIGINT afterwards."""
    with tempfile.TemporaryFile() as said:
        process = start(command, said)
        try:
            before = count()
            wait_until(lambda: count() > before, process, said, 60)
            time.sleep(settle)
            begin, first = time.monotonic(), count()
            while time.monotonic() < begin + seconds and (most is None or count() < most):
                time.sleep(0.02)
            elapsed, last = time.monotonic() - begin, count()
            if process.poll() is not None or last == first:
                raise RuntimeError(f"{' '.join(command)} ended, or stood still, while it was measured")
        finally:
            stop(process)
    return (last - first) / elapsed


def start(command, output):
    """In a session of its own, so that it can be stopped with all that it forks."""
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, text=True,
                            start_new_session=True)


def wait_until(condition, process, said, most_seconds):
    end = time.monotonic() + most_seconds
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            said.seek(0)
            text = said.read()[-2000:].decode(errors="replace").strip()
            raise RuntimeError(f"{' '.join(process.args)} sent nothing: {text}")
        time.sleep(0.02)


def stop(process):
    """SIGINT to it and to what it has forked, as from a terminal; SIGKILL for what does not listen."""
    for number, patience in ((signal.SIGINT, 10), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            pass
