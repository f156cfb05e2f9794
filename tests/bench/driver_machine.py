# SPDX-License-Identifier: GPL-2.0-only
"""A machine whose driver's instructions are counted, and the loads it is
measured under."""

import collections
import contextlib
import re
import socket
import struct
import time

from bench_machine import ADDRESS, KERNEL
from counter import (PAGES, SLAB, Counter, Symbols, card_registers, difference)
from lab import Lab, LabError, paths
from lab.testbed import SERVER

# What a driver is made of: for all of them everything that stands between the
# stack and the card, also where it is split into several modules.
Driver = collections.namedtuple("Driver", "nic modules modprobe xdp")
DRIVERS = {
    "ours": Driver("connectx", ("mlx4_core", "mlx4_en"), ("mlx4_en",),
                   "xdpdrv"),
    "mlx4": Driver("connectx", ("mlx4_core", "mlx4_en"), ("mlx4_en",),
                   "xdpdrv"),
    "igb": Driver("igb", ("igb",), (), "xdpdrv"),
    # has no XDP of its own: what the stack does in its place
    "e1000e": Driver("e1000e", ("e1000e",), (), "xdpgeneric"),
    "virtio-net": Driver(
        "virtio-net-pci",
        ("virtio_net", "virtio_ring", "virtio", "virtio_pci",
         "virtio_pci_modern_dev", "virtio_pci_legacy_dev"), (), "xdpdrv"),
}

# A destination that the lab's end drops because it is another host's
NOBODY_MAC = "02:00:00:00:00:99"
# UDP ports: that nobody listens on (the XDP program's), of udp_sink. What
# is sent to the subnet and not heard is dropped without an ICMP message, which
# would cost more than what is measured.
CLOSED, SINK = 9, 5009
SUBNET = "11.4.3.255"
# Frames that arrive at once, and in a phase
BURST, MOST_FRAMES = 32, 1280
# A frame's headers: Ethernet, IPv4, UDP
HEADERS = 14 + 20 + 8

Sample = collections.namedtuple(
    "Sample", "packets module guest writes reads interrupts allocations "
              "functions seconds")


class DriverMachine:
    """driver: a name of DRIVERS. device: of the virtual ConnectX."""

    def __init__(self, driver, tools, device=4099, kernel=KERNEL,
                 icount="shift=2"):
        self.driver = DRIVERS[driver]
        self.lab = Lab()
        try:
            counter = Counter(self.lab)
            self.guest = self.lab.guest(
                kernel=kernel, nics=[self._nic(device)], smp=1,
                modprobe=self.driver.modprobe, boot_timeout=400,
                # the counter's condition
                append="nokaslr",
                files=self._files(tools),
                qemu=[*counter.qemu, *(["-icount", icount] if icount else [])],
                **({"driver": "ours"} if driver == "ours" else {}))
            self.run = self.guest.run
            self._network()
            self.read_symbols()
            counter.begin()
            self.read = counter.read
            self._state = self.state()
        except BaseException:
            self.close()
            raise

    def _nic(self, device):
        if self.driver.nic != "connectx":
            return self.driver.nic
        self.adapter = self.lab.adapter(device=device, port2="none")
        return self.adapter

    @staticmethod
    def _files(tools):
        init = (paths.REPOSITORY / "tests/lab/guest/init").read_text()
        # What PID 1 does each second is no part of what is measured.
        quiet = init.replace("\tsleep 1\n", "\tsleep 100000\n")
        if quiet == init:
            raise LabError("the guest's init has changed: quiet it otherwise")
        return {"/init": (quiet, 0o755),
                **{f"/bench/{path.name}": (path.read_bytes(), 0o755)
                   for path in tools.iterdir()}}

    def _network(self):
        """One card, one peer, nobody who asks for anything by himself."""
        self.lab.run("sysctl -qw net.ipv6.conf.tap1.disable_ipv6=1")
        self.run(
            "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6\n"
            "modprobe pktgen\n"
            f"ip link set eth0 up && ip address add {ADDRESS}/24 dev eth0")
        self.run("for i in $(busybox seq 100); do "
                 f"ping -c 1 -W 1 {SERVER} >/dev/null && exit 0; sleep 0.2; "
                 "done; exit 1", 200)
        self.mac = self.run("cat /sys/class/net/eth0/address").stdout.strip()
        self.server_mac = self.lab.run(
            "cat /sys/class/net/tap1/address").stdout.strip()
        self.run(f"ip neigh replace {SERVER} lladdr {self.server_mac} "
                 "dev eth0 nud permanent")
        self.lab.run(f"ip neigh replace {ADDRESS} lladdr {self.mac} dev tap1 "
                     "nud permanent")

    def close(self):
        self.lab.close()

    def read_symbols(self):
        """Ask the guest for its symbols: after its modules are loaded."""
        with self.lab.socket() as listener:
            listener.bind((SERVER, 7000))
            listener.listen(1)
            started = self.guest.start(
                f"busybox nc {SERVER} 7000 </proc/kallsyms", 120)
            listener.settimeout(60)
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(60)
                data = b"".join(iter(lambda: connection.recv(1 << 16), b""))
            self.guest.finish(started)
        self.symbols = Symbols(data.decode())

    # phases

    def state(self):
        """What the guest counts itself, by now."""
        text = self.run("/bench/state", 240).stdout
        numbers, table, udp, pktgen = text.split("\n\n", 3)
        wanted = set(numbers.split())
        names, values = [line.split()[1:] for line in udp.splitlines()]
        sent = re.search(r"pkts-sofar: (\d+)\s+errors: (\d+)", pktgen)
        return {"interrupts": sum(int(line.split()[1])
                                  for line in table.splitlines()
                                  if line.split(":")[0].strip() in wanted),
                "sent": int(sent[1]) - int(sent[2]) if sent else 0,
                **dict(zip(names, map(int, values)))}

    @contextlib.contextmanager
    def phase(self):
        """What is executed inside goes into the dictionary that this yields
        as "sample", with the states "before" and "after". "packets" of the
        sample are pktgen's if the dictionary gets no others."""
        result = {"before": self._state}
        before, started = self.read(), time.monotonic()
        yield result
        after, seconds = self.read(), time.monotonic() - started
        self._state = result["after"] = self.state()
        counts = difference(before, after)
        reads, writes = card_registers(counts.devices)
        functions = self.symbols.functions(counts.executed)
        result["executed"] = counts.executed
        result["sample"] = Sample(
            packets=result.get("packets", self._state["sent"]),
            module=sum(count for (module, _), count in functions.items()
                       if module in self.driver.modules),
            guest=counts.user + sum(counts.executed.values()),
            writes=writes, reads=reads,
            interrupts=self._state["interrupts"] -
            result["before"]["interrupts"],
            allocations=self.symbols.calls(counts.executed, SLAB) +
            self.symbols.calls(counts.executed, PAGES),
            functions=functions, seconds=seconds)

    def prepare_transmit(self, size, burst):
        """Have pktgen send frames of `size` bytes, `burst` at a time."""
        self.run("\n".join(
            f"echo '{line}' >/proc/net/pktgen/{where}" for where, line in (
                ("kpktgend_0", "rem_device_all"),
                ("kpktgend_0", "add_device eth0"),
                ("eth0", f"pkt_size {size}"), ("eth0", "clone_skb 0"),
                ("eth0", "delay 0"), ("eth0", f"burst {burst}"),
                ("eth0", f"dst {SERVER}"), ("eth0", f"dst_mac {NOBODY_MAC}"),
                ("eth0", "udp_dst_min 9"), ("eth0", "udp_dst_max 9"))))

    def transmit(self, count):
        """pktgen: `count` frames, or some more: it ends with a whole burst."""
        with self.phase() as result:
            self.run(f"echo count {count} >/proc/net/pktgen/eth0\n"
                     "echo start >/proc/net/pktgen/pgctrl", 120)
        if not count <= result["sample"].packets < count + 64:
            raise LabError(f"pktgen sent {result['sample'].packets} of {count}")
        return result["sample"]

    def frame(self, size, to, port):
        """A frame of the server's to an address and port."""
        payload = size - HEADERS
        udp = struct.pack(">HHHH", 2000, port, 8 + payload, 0)
        address = socket.inet_aton(SERVER) + socket.inet_aton(to)
        header = struct.pack(">BBHHHBBH", 0x45, 0, 28 + payload, 1, 0, 64, 17,
                             0) + address
        words = struct.unpack(">10H", header)
        total = sum(words)
        total = (total & 0xffff) + (total >> 16)
        total = ~((total & 0xffff) + (total >> 16)) & 0xffff
        header = header[:10] + struct.pack(">H", total) + header[12:]
        ether = bytes.fromhex((self.mac + self.server_mac).replace(":", "")) \
            + b"\x08\x00"
        return ether + header + udp + bytes(payload)

    def receive(self, frame, count, received):
        """`count` frames; received(result of the phase) says how many there
        were. They come in bursts for which the machine is stopped: so a burst
        is there as a whole when the guest sees its first frame, however slow
        the guest is and whatever else the host does. Each phase takes the same
        time, so that what a driver does each second is none of a packet."""
        with self.lab.packet_socket("tap1") as wire, self.phase() as result:
            result["packets"] = count
            for at in range(0, MOST_FRAMES, BURST):
                self.guest.qmp("stop")
                for _ in range(min(BURST, max(count - at, 0))):
                    wire.send(frame)
                # the virtual adapter takes them meanwhile
                time.sleep(0.005)
                self.guest.qmp("cont")
                time.sleep(0.03)
            time.sleep(0.3)
        if received(result) != count:
            raise LabError(f"{received(result)} of {count} frames arrived")
        return result["sample"]

    def to_stack(self, size, count):
        """Received by UDP, where nobody listens."""
        return self.receive(self.frame(size, SUBNET, CLOSED), count,
                            lambda result: result["after"]["IgnoredMulti"] -
                            result["before"]["IgnoredMulti"])

    def to_socket(self, size, count):
        """Received by a program, in sink()."""
        return self.receive(self.frame(size, ADDRESS, SINK), count,
                            lambda result: result["after"]["InDatagrams"] -
                            result["before"]["InDatagrams"])

    @contextlib.contextmanager
    def sink(self):
        """A program that receives."""
        sink = self.run(f"/bench/udp_sink {SINK} >/run/sink 2>&1 & echo $!")
        try:
            yield
        finally:
            self.run(f"kill {sink.stdout.strip()}")

    @contextlib.contextmanager
    def xdp(self):
        """The program that drops, on the card."""
        self.run(f"ip link set dev eth0 {self.driver.xdp} obj /bench/xdp.o "
                 "sec drop")
        try:
            time.sleep(1)
            self.run(f"ping -c 1 -W 5 {SERVER}")
            found = self.run("grep 'bpf_prog_.*_xdp_drop' /proc/kallsyms")
            self._program = int(found.stdout.split()[0], 16)
            yield
        finally:
            self.run(f"ip link set dev eth0 {self.driver.xdp} off")

    def to_xdp(self, size, count):
        """Dropped by XDP: how often the program ran is counted."""
        return self.receive(self.frame(size, SUBNET, CLOSED), count,
                            lambda result:
                            result["executed"].get(self._program, 0))

    def tcp(self, direction, size):
        """`size` bytes over one connection; a packet is a KiB of them here."""
        with self.lab.socket() as listener, self.phase() as result:
            listener.bind((SERVER, 0))
            listener.listen(1)
            listener.settimeout(60)
            started = self.guest.start(
                f"/bench/tcp_bulk {direction} {SERVER} "
                f"{listener.getsockname()[1]} {size}", 200)
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(120)
                if direction == "rx":
                    connection.sendall(bytes(size))
                else:
                    while connection.recv(1 << 16):
                        pass
            self.guest.finish(started)
            result["packets"] = size / 1024
        return result["sample"]


def a_packet(small, large):
    """Sample of one packet: what two phases of different length differ by,
    divided by the packets that they differ by. What starts and ends a phase
    is in both."""
    packets = large.packets - small.packets
    values = {field: (getattr(large, field) - getattr(small, field)) / packets
              for field in ("guest", "writes", "reads", "interrupts",
                            "allocations", "module", "seconds")}
    functions = {key: (large.functions[key] - small.functions[key]) / packets
                 for key in large.functions}
    return Sample(packets=packets, functions=functions, **values)
