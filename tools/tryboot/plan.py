# SPDX-License-Identifier: GPL-2.0-only
"""What is about to be tried: the options, completed by what the image says."""

import argparse
import ipaddress
import re
from pathlib import Path

from . import options
from .machine import TRUST_TSC
from .namespace import LabError
from .services import TARGET_NAME

# Of the user's manual. They exist in the lab's namespace only.
SERVER = "11.4.3.7"
MAC = "00:02:c9:00:00:bb"

# The timer check stops one TCG boot in some dozens; nobody is there to type
# into a shell. What the user appends comes later and counts more.
COMMAND_LINE = f"console=ttyS0 no_timer_check {TRUST_TSC} panic=1 rd.shell=0"


def next_mac(mac, step):
    value = int(mac.replace(":", ""), 16) + step
    return ":".join(f"{value >> shift & 255:02x}"
                    for shift in range(40, -8, -8))


def setting(settings, key, read, default=None):
    """A setting of the image, read; LabError if it is not understood: somebody
    else has made the image, and its words end up in command lines."""
    text = settings.get(key)
    if not text:
        return default
    try:
        return read(text)
    except (ValueError, argparse.ArgumentTypeError):
        raise LabError(f"the image's setting {key}={text!r} is not "
                       "understood") from None


def own_address(text):
    """(interface, gateway or None) of ADDR/LEN[,GATEWAY]; None for dhcp."""
    if "/" not in text:
        return None
    address, comma, gateway = text.partition(",")
    return (ipaddress.ip_interface(address),
            ipaddress.ip_address(gateway) if comma else None)


def mac_address(text):
    if not re.fullmatch(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", text):
        raise ValueError(text)
    return text.lower()


class Plan:
    """A boot to be tried.

    server, server_port   the target's portal
    name, lun             the target's
    lease                 the network that leases are of; None: no DHCP
    addresses             of the server's interface, with /length
    port                  of the adapter, with the network; mac: of its port 1
    static                whether the image has an address of its own
    image_port, image_name, image_lun   what the image asks for, or None
    notes                 what a person should know
    """

    def __init__(self, chosen, image):
        self.chosen, self.image = chosen, image
        self.title = chosen.name or str(chosen.image)
        self.notes = [image.note] if image.note else []
        settings = image.settings
        self.kernel = chosen.kernel or self._find_kernel()
        self._read_target(settings)
        self._read_network(settings)
        self._read_port(settings)
        self.without = tuple(dict.fromkeys(chosen.without))
        if "dhcp" in self.without:
            self.lease = None

    def _find_kernel(self):
        for version in self.image.kernels:
            path = Path("/boot") / f"vmlinuz-{version}"
            if path.exists():
                return path
        known = ", ".join(self.image.kernels)
        raise LabError("which kernel? give --kernel VMLINUZ" + (
            f" (the image has modules of {known})" if known else ""))

    def _read_target(self, settings):
        server, port = SERVER, 3260
        told = settings.get("target", "auto")
        if self.chosen.iscsi_target:
            server, port = self.chosen.iscsi_target
        elif told not in ("", "auto"):
            try:
                server, port = options.portal(told)
            except argparse.ArgumentTypeError:
                raise LabError(
                    f"the image's target {told!r} is no address: a name is "
                    "not resolved here, give --iscsi-target") from None
        self.server, self.server_port = ipaddress.ip_address(server), port
        self.image_name = setting(settings, "name", options.iscsi_name)
        self.name = self.chosen.iscsi_iqn or self.image_name or TARGET_NAME
        self.image_lun = None
        if settings.get("lun"):
            try:
                self.image_lun = options.lun(settings["lun"])
            except argparse.ArgumentTypeError:
                self.notes.append(f"the image's LUN {settings['lun']} cannot "
                                  "be tried: tgt has LUN 1 to ff")
        self.lun = self.chosen.iscsi_lun or self.image_lun or 1
        if settings.get("chap_user") and not self.chosen.iscsi_chap:
            self.notes.append("the image's CHAP secret is not tried: this "
                              "target asks for none without --iscsi-chap")

    def _read_network(self, settings):
        told = setting(settings, "ip", own_address)
        self.static = told is not None
        self.mtu = setting(settings, "mtu", options.number(68, 65535))
        self.vlan = setting(settings, "vlan", options.number(1, 4094))
        self.lease = None
        if self.static:
            address, gateway = told
            network = address.network
            self.addresses = [f"{self.server}/{network.prefixlen}"]
            if self.server not in network:
                if not gateway:
                    self.notes.append(f"the target {self.server} is not in "
                                      f"{network}, and there is no gateway")
                else:
                    self.addresses = [f"{gateway}/{network.prefixlen}",
                                      f"{self.server}/"
                                      f"{self.server.max_prefixlen}"]
            return
        self.addresses = [f"{self.server}/24" if self.server.version == 4
                          else f"{self.server}/64"]
        if self.server.version == 6:
            self.addresses.append(f"{SERVER}/24")
        self.lease = ipaddress.ip_interface(
            next(each for each in self.addresses if "." in each))

    def _read_port(self, settings):
        # any is none
        self.image_port = {"1": 1, "2": 2}.get(settings.get("device_port"))
        self.port = self.chosen.port or self.image_port or 1
        self.mac = MAC
        told = setting(settings, "mac", mac_address)
        if told:
            self.mac = next_mac(told, 1 - self.port)

    def range(self):
        """First and last address of the leases: not the server's."""
        network, host = self.lease.network, int(self.lease.ip) & 255
        first, last = (20, 99) if 100 <= host < 200 else (100, 199)
        return str(network[first]), str(network[last])

    def network6(self):
        """The network that a router announces, where the target is in it."""
        return ipaddress.ip_interface(f"{self.server}/64").network

    def portal(self):
        """Where the target listens, as tgtd and root-paths write it."""
        if self.server.version == 6:
            return f"[{self.server}]"
        return str(self.server)

    def target(self, disk):
        """What targets.conf says of the target; disk: None without one."""
        lines = [f"<target {self.name}>"]
        if disk:
            lines += [f"<backing-store {disk}>", f"lun {self.lun}",
                      "</backing-store>"]
        for word, (user, secret) in zip(("incominguser", "outgoinguser"),
                                        self.chosen.iscsi_chap or ()):
            lines.append(f"{word} {user} {secret}")
        return "\n".join([*lines, "</target>", ""])

    def root_path(self):
        """RFC 4173's, for the lease."""
        port = "" if self.server_port == 3260 else self.server_port
        return f"iscsi:{self.portal()}::{port}:{self.lun:x}:{self.name}"

    def command_line(self):
        return " ".join([COMMAND_LINE, *self.chosen.append])

    def lab(self):
        """What the hints are made of."""
        return {"port": self.port, "image_port": self.image_port,
                "name": self.name, "image_name": self.image_name,
                "lun": self.lun, "image_lun": self.image_lun}

    def settings(self):
        """Everything that was set, for JSON and the report: {title: value}."""
        chosen = self.chosen
        return {
            "image": self.title,
            "image's make": self.image.family or "not known",
            "kernel": str(self.kernel),
            "command line": self.command_line(),
            "machine": f"QEMU q35, TCG, {chosen.memory} MiB, "
                       f"{chosen.firmware.upper()}",
            "adapter": f"virtual ConnectX EN, device id {chosen.device_id}, "
                       f"network on port {self.port}",
            "expansion ROM": str(chosen.rom) if chosen.rom else "none: the "
            "kernel is started directly",
            "MAC address": next_mac(self.mac, self.port - 1),
            "VLAN": str(self.vlan) if self.vlan else "none",
            "DHCP": "a lease of " + str(self.lease.network)
            if self.lease else "none",
            "root-path": self.root_path(),
            "CHAP": f"the user {chosen.iscsi_chap[0][0]}" +
            (" and the target" if len(chosen.iscsi_chap) > 1 else "")
            if chosen.iscsi_chap else "none",
            "root disk": f"a copy of {chosen.disk}" if chosen.disk
            else "a small one, made for this boot",
            "left out": ", ".join(self.without) or "nothing",
            "limit": f"{chosen.limit} s",
        }
