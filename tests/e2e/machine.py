# SPDX-License-Identifier: GPL-2.0-only
"""A machine of one combination: the lab, the adapter, the guest, and what rows
ask of them again and again."""

import contextlib
import json
import pathlib
import re
import shutil
import time

from tests.e2e.far_end import far_end
from tests.lab import Lab, wait_for

HERE = pathlib.Path(__file__).resolve().parent

# Guest's addresses, by port
IPV4 = {1: "11.4.3.130", 2: "11.4.4.130"}
IPV6 = {1: "fd11:4:3::130", 2: "fd11:4:4::130"}
# The lab's
SERVER4 = {1: "11.4.3.7", 2: "11.4.4.7"}
SERVER6 = {1: "fd11:4:3::7", 2: "fd11:4:4::7"}
# A VLAN on port 2
VLAN = 5
VLAN_SERVER4, VLAN_SERVER6 = "11.4.5.7", "fd11:4:5::7"
VLAN_IPV4, VLAN_IPV6 = "11.4.5.130", "fd11:4:5::130"
# What QEMU's command line has behind the shared memory of every guest
UNSHARED = {
    None: "",
    "private": "-object memory-backend-memfd,id=unshared,size={}M,share=off "
               "-machine memory-backend=unshared",
    "anonymous": "-object memory-backend-ram,id=unshared,size={}M "
                 "-machine memory-backend=unshared"}
# A VXLAN tunnel over port 2
VNI = 42
VXLAN_SERVER4, VXLAN_IPV4 = "11.4.6.7", "11.4.6.130"
MAC = {1: "00:02:c9:00:00:bb", 2: "00:02:c9:00:00:bc"}

# Lines that mlx4_en prints at warning level at each start and change of
# channels, on every card, whatever the adapter says: they carry no complaint.
# And what the kernel says of every module that is not its own.
ALWAYS_SAID = re.compile(r"Using \d+ [TR]X rings|"
                         r"loading out-of-tree module taints kernel|"
                         r"Port \d: Initializing port")
# What ethtool -K calls a feature, and -k
FEATURES = {"rx": "rx-checksumming", "tx": "tx-checksumming",
            "tso": "tcp-segmentation-offload",
            "gro": "generic-receive-offload", "rxvlan": "rx-vlan-offload",
            "txvlan": "tx-vlan-offload", "rxhash": "receive-hashing",
            "ntuple": "ntuple-filters", "loopback": "loopback"}
COMPLAINT = re.compile(r"mlx4|Call Trace|WARNING:|BUG:|Oops|hung task|"
                       r"NETDEV WATCHDOG|soft lockup|rcu.*stall|"
                       r"page allocation failure")


class Machine:
    """lab, adapter, guest; port 1 is eth0 on tap1, port 2 is eth1 on tap2.
    The adapter hands large segments to tap1 in one piece; to tap2 it gives
    them as a wire would carry them.

    smp, memory, reboot: as of Guest; append: further words of the kernel's
    command line. pcap: the adapter's capture, by name.
    qemu: further words of QEMU's command line.
    unshared: memory that the adapter can reach by messages only: "private"
    (mapped, but share=off) or "anonymous" (no file behind it)."""

    def __init__(self, combination, smp=2, memory=640, reboot=False,
                 pcap=None, modprobe=("mlx4_en",), unshared=None, append="",
                 qemu=""):
        self.combination = combination
        self.broken = None
        self.lab = Lab()
        try:
            self._prepare_network()
            self.adapter = self.lab.adapter(
                device=combination.device, trace="trace.log", pcap=pcap,
                mac=MAC[1], port2="tap:tap2,gso=off")
            self.guest = self.lab.guest(
                kernel=combination.kernel, nics=[self.adapter], smp=smp,
                memory=memory, reboot=reboot,
                append=f"{combination.append} {append}",
                driver=combination.driver,
                segments=("python",), modprobe=modprobe, boot_timeout=120,
                qemu=f"{UNSHARED[unshared].format(memory)} {qemu}".split(),
                files={f"/e2e/{path.name}": path.read_text()
                       for path in (HERE / "guest").glob("*.py")})
            self.run = self.guest.run
            if modprobe:
                self.set_up()
        except BaseException:
            self.close()
            raise

    def close(self):
        self.lab.close()

    def _prepare_network(self):
        tftp = self.lab.folder / "served"
        tftp.mkdir()
        (tftp / "hello").write_text("a file of the lab\n")
        for port in (1, 2):
            self.lab.run(f"sysctl -qw net.ipv6.conf.tap{port}."
                         "router_solicitations=0")
        self.lab.dnsmasq(tftp=tftp)
        self.lab.iperf3()
        self.lab.http(tftp)
        self.served = tftp

    @contextlib.contextmanager
    def vlan(self, tpid=0x8100):
        """eth1.5 with its addresses, and the VLAN's far end on tap2."""
        name = f"vlan{VLAN}"
        protocol = {0x8100: "802.1Q", 0x88a8: "802.1ad"}[tpid]
        with far_end(self.lab, name, "vlan_peer.py", "tap2",
                     f"{tpid:#x}:{VLAN}", name, f"{VLAN_SERVER4}/24",
                     f"{VLAN_SERVER6}/64"):
            self.run(
                f"ip link add link eth1 name eth1.{VLAN} type vlan "
                f"protocol {protocol} id {VLAN} "
                f"&& ip link set eth1.{VLAN} up && "
                f"ip address add {VLAN_IPV4}/24 dev eth1.{VLAN} && "
                f"ip -6 address add {VLAN_IPV6}/64 dev eth1.{VLAN} nodad")
            try:
                yield
            finally:
                self.run(f"ip link del eth1.{VLAN}")

    @contextlib.contextmanager
    def vxlan(self, port=4789):
        """vx0 over port 2 with its addresses, and the tunnel's far end."""
        with far_end(self.lab, "vxlan", "vxlan_peer.py", SERVER4[2],
                     IPV4[2], port, VNI, "vxlan", f"{VXLAN_SERVER4}/24"):
            self.run(
                f"ip link add vx0 type vxlan id {VNI} dev eth1 "
                f"local {IPV4[2]} remote {SERVER4[2]} dstport {port} && "
                "ip link set vx0 mtu 1450 up && "
                f"ip address add {VXLAN_IPV4}/24 dev vx0")
            try:
                yield
            finally:
                self.run("ip link del vx0")

    # the guest's network

    def set_up(self):
        """Addresses and links as every row finds them."""
        script = ["set -e"]
        for port in (1, 2):
            dev = self.dev(port)
            script += [
                f"echo 0 >/proc/sys/net/ipv6/conf/{dev}/accept_dad",
                f"echo 0 >/proc/sys/net/ipv6/conf/{dev}/router_solicitations",
                f"ip link set {dev} mtu 1500",
                f"ip link set {dev} up",
                f"ip address replace {IPV4[port]}/24 dev {dev}",
                f"ip -6 address replace {IPV6[port]}/64 dev {dev} nodad"]
        self.run("\n".join(script))
        for port in (1, 2):
            self.wait_link(port)

    @staticmethod
    def dev(port):
        return f"eth{port - 1}"

    def carrier(self, port):
        text = self.run(f"cat /sys/class/net/{self.dev(port)}/carrier",
                        check=False).stdout.strip()
        return text == "1"

    def wait_link(self, port, up=True, timeout=15):
        wait_for(lambda: self.carrier(port) == up, timeout,
                 f"port {port}: link is {'down' if up else 'up'}", 0.1)

    def ethtool_command(self, words, port=1):
        """An ethtool command; the port's device is put behind the first
        word."""
        first, *rest = words.split(None, 1)
        # 6.1 refuses what newer ethtools send for this one
        tool = "ethtool-bookworm" if first == "-X" and \
            self.combination.kernel == "6.1" else "ethtool"
        return f"{tool} {first} {self.dev(port)} {' '.join(rest)}"

    def ethtool(self, words, port=1, check=True):
        """The output of ethtool_command()."""
        return self.run(self.ethtool_command(words, port), check=check).stdout

    def counters(self, port=1):
        """ethtool -S as a dictionary."""
        return {name: int(value) for name, value in
                re.findall(r"^\s*(\S+): (\d+)$", self.ethtool("-S", port),
                           re.MULTILINE)}

    def settled_counters(self, port=1):
        """The same when those that the driver asks the adapter for, every 250
        ms, or sums up then, have caught up."""
        self.run("sleep 0.6")
        return self.counters(port)

    def received(self, port=1):
        """Packets received by each ring."""
        found = {int(name): value for name, value in (
            (match[1], count) for match, count in (
                (re.fullmatch(r"rx(\d+)_packets", key), count)
                for key, count in self.counters(port).items()) if match)}
        return [found[ring] for ring in sorted(found)]

    def snmp(self):
        """The guest's /proc/net/snmp and snmp6 as a dictionary."""
        return parse_snmp(
            self.run("cat /proc/net/snmp /proc/net/snmp6").stdout)

    def lab_snmp(self):
        """The same of the lab's namespace."""
        return parse_snmp(
            self.lab.run("cat /proc/net/snmp /proc/net/snmp6").stdout)

    def ping(self, address, count=1, size=56, options="", timeout=20):
        """Ping an address of the lab from the guest; the answers' number."""
        out = self.run(f"ping -n -q -c {count} -i 0.05 -W 2 -s {size} "
                       f"{options} {address}", timeout, check=False).stdout
        found = re.search(r"(\d+) received", out)
        return int(found[1]) if found else 0

    def reachable(self, port=1, timeout=20):
        """Wait until the lab answers over a port."""
        wait_for(lambda: self.ping(SERVER4[port]) == 1, timeout,
                 f"port {port}: {SERVER4[port]} does not answer")

    @contextlib.contextmanager
    def mtu(self, size, port=1):
        """An MTU on both ends."""
        tap, dev = f"tap{port}", self.dev(port)
        self.lab.run(f"ip link set {tap} mtu {size}")
        try:
            self.run(f"ip link set {dev} mtu {size}")
            self.wait_link(port)
            yield
        finally:
            self.run(f"ip link set {dev} mtu 1500")
            self.lab.run(f"ip link set {tap} mtu 1500")
            self.wait_link(port)

    def features(self, port=1):
        """What can be switched on and off, and is it on?"""
        return {name: state == "on" for name, state in
                re.findall(r"^\s*(\S+): (on|off)$", self.ethtool("-k", port),
                           re.MULTILINE)}

    @contextlib.contextmanager
    def feature(self, port=1, **states):
        """Features (of FEATURES) on or off for a while."""
        features = self.features(port)
        dev = self.dev(port)

        def switch(wanted):
            words = " ".join(f"{name} {'on' if state else 'off'}"
                             for name, state in wanted.items())
            self.run(f"ethtool -K {dev} {words}")
            self.wait_link(port)
        switch(states)
        try:
            yield
        finally:
            switch({name: features[FEATURES[name]] for name in states})

    def put(self, path, content):
        """A file into the guest, over the network."""
        name = f"put-{self.lab.number()}"
        (self.served / name).write_bytes(
            content.encode() if isinstance(content, str) else content)
        try:
            self.run(f"wget -q -O {path} http://{SERVER4[1]}/{name}", 60)
        finally:
            (self.served / name).unlink()

    # packets, by the program in the guest

    def send(self, orders, port=1, device=None):
        """Have the guest send frames (guest/packets.py says the orders), by a
        port or a device on top of it."""
        path = f"/run/orders-{self.lab.number()}"
        self.put(path, json.dumps(orders))
        return self.run(f"python3 /e2e/packets.py send "
                        f"{device or self.dev(port)} {path}; s=$?; rm {path}; exit $s", 60)

    def capture(self, expression, port=1, count=1, timeout=20, options=""):
        """Capture `count` frames of a port in the guest whose bytes at 12..
        begin with the hexadecimal `expression`; yields a list that holds them
        at the end (guest/packets.py says what each is)."""
        return self.capture_on(self.dev(port), expression, count, timeout,
                               options)

    @contextlib.contextmanager
    def capture_on(self, device, expression, count=1, timeout=20, options=""):
        """The same on any device of the guest."""
        name = f"/run/capture-{self.lab.number()}"
        started = self.guest.start(
            f"python3 /e2e/packets.py capture {device} '{expression}' "
            f"{count} {timeout} {name} {options}", timeout + 30)
        frames = []
        wait_for(lambda: self.run(f"test -e {name}", check=False).status == 0
                 or started[2].done.is_set(), 30, "the capture does not start")
        yield frames
        result = self.guest.finish(started)
        frames.extend(json.loads(line) for line in result.stdout.splitlines())
        self.run(f"rm -f {name}")

    # what the kernel says

    def mark(self, text):
        """A line in the kernel's log where a row begins."""
        self.run(f"echo 'e2e: {text}' >/dev/kmsg")

    def complaints(self, mark=None, tolerate=None):
        """What the kernel has complained about since a mark: lines of the
        driver at warning level or above, and crashes of any part."""
        out = self.run("dmesg -r").stdout
        if mark is not None:
            out = out.rpartition(f"e2e: {mark}\n")[2]
        found = []
        for line in out.splitlines():
            head = re.match(r"<(\d+)>(.*)", line)
            if not head or int(head[1]) & 7 > 4:
                continue
            if not COMPLAINT.search(head[2]) or ALWAYS_SAID.search(head[2]):
                continue
            if tolerate and re.search(tolerate, head[2]):
                continue
            found.append(head[2])
        return found

    # failures

    def save_logs(self, folder):
        """Keep what explains a failure."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in self.lab.folder.iterdir():
            if path.suffix in (".log", ".command", ".pcap") and \
                    path.stat().st_size < 50 << 20:
                shutil.copy(path, folder)


def parse_snmp(text):
    """/proc/net/snmp (pairs of lines) and snmp6 (name value)."""
    values = {}
    lines = text.splitlines()
    while lines:
        line = lines.pop(0)
        if ":" in line:
            family = line.split(":")[0]
            for name, value in zip(line.split()[1:], lines.pop(0).split()[1:]):
                values[family + name] = int(value)
        elif line.strip():
            name, value = line.split()
            values[name] = int(value)
    return values


def until(condition, timeout, what, interval=0.2):
    """wait_for that returns when `condition` no longer raises AssertionError;
    the last one is the row's failure."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return condition()
        except AssertionError as error:
            if time.monotonic() > deadline:
                raise AssertionError(f"after {timeout} s: {what}: {error}")
        time.sleep(interval)
