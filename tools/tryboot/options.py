# SPDX-License-Identifier: GPL-2.0-only
"""The command line."""

import argparse
import ipaddress
import re
import stat
from pathlib import Path

try:
    from .version import VERSION  # made by the build
except ImportError:
    VERSION = "of the source tree"

WITHOUT = ("link", "dhcp", "target", "lun", "root")

DESCRIPTION = """\
Boots an initrd on the virtual ConnectX EN adapter, with a DHCP server and an
iSCSI target of its own, until its root is mounted. All of it is in a network
namespace: nothing of this host's network is touched, and no root is needed."""

EPILOG = """\
exit status: 0 the root was mounted; 1 it could not be tried; 2 wrong usage;
where the boot stopped: 10 power-on, 11 firmware, 12 kernel, 13 init,
14 driver, 15 link, 16 address, 17 iSCSI login, 18 disk, 19 root."""


def number(low, high):
    def read(text):
        try:
            value = int(text, 0)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"{text}: a number from {low} to {high}")
        return value
    return read


def lun(text):
    """RFC 4173's LUN: hexadecimal, or the long form, of a single level."""
    digits = text.replace("-", "")
    try:
        value = int(digits, 16)
    except ValueError:
        value = -1
    if len(digits) == 16:
        value = value >> 48 if not value & (1 << 48) - 1 else -1
    if not 1 <= value <= 0xff:
        raise argparse.ArgumentTypeError(
            f"{text}: a LUN from 1 to ff, hexadecimal (tgt has no disk at 0)")
    return value


def iscsi_name(text):
    if not re.fullmatch(r"(iqn|eui|naa)\.[\w.:-]{1,219}", text):
        raise argparse.ArgumentTypeError(
            f"{text}: a name that begins with iqn., eui. or naa.")
    return text


def portal(text):
    """(address, port) of ADDR[:PORT], IPv6 in brackets where a port follows."""
    host, port = text, "3260"
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        return str(ipaddress.ip_address(host)), number(1, 65535)(port)
    except (ValueError, argparse.ArgumentTypeError):
        raise argparse.ArgumentTypeError(
            f"{text}: an address, with :PORT or without") from None


def a_file(text):
    path = Path(text)
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"{text}: {error.strerror}") from None
    return path


def chap_file(text):
    """[(user, secret)] of a file as mkinitrd-en takes it: the initiator's, and
    the target's where there are four lines."""
    path = a_file(text)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise argparse.ArgumentTypeError(
            f"{text}: others can read the secret in it: chmod 600")
    try:
        lines = path.read_text("ascii").splitlines()
    except ValueError:
        lines = []
    if len(lines) not in (2, 4) or \
            not all(re.fullmatch(r"[!-~]{1,255}", line) for line in lines):
        raise argparse.ArgumentTypeError(
            f"{text}: the user on one line and the secret on the next, and the "
            "target's own on two more if it has to prove itself")
    # tgt's configuration has no way to quote.
    if re.search(r'[<>"#\\]', "".join(lines)):
        raise argparse.ArgumentTypeError(
            f'{text}: tgt cannot hold < > " # \\ in a user or secret')
    return list(zip(lines[::2], lines[1::2]))


def parser():
    made = argparse.ArgumentParser(
        prog="tryboot", description=DESCRIPTION, epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="tryboot [OPTIONS] IMAGE", allow_abbrev=False)
    add = made.add_argument
    add("image", metavar="IMAGE", type=a_file, help="the initrd")
    add("--kernel", metavar="VMLINUZ", type=a_file,
        help="the kernel (default: /boot/vmlinuz-VERSION, of the image's "
             "version)")
    add("--append", metavar="WORDS", action="append", default=[],
        help="more words for the kernel's command line; may be repeated")
    add("--disk", metavar="FILE", type=a_file,
        help="the root disk; a copy is used (default: a small one is made)")
    add("--iscsi-target", metavar="ADDR[:PORT]", type=portal,
        help="the target's address (default: as the image says)")
    add("--iscsi-iqn", metavar="NAME", type=iscsi_name,
        help="the target's name (default: as the image says)")
    add("--iscsi-lun", metavar="LUN", type=lun,
        help="the disk's LUN, hexadecimal (default: as the image says, or 1)")
    add("--iscsi-chap", metavar="FILE", type=chap_file,
        help="the target asks for the user and the secret in it, as "
             "mkinitrd-en's option does (default: it asks for none)")
    add("--port", type=int, choices=(1, 2),
        help="the adapter's port with the network (default: as the image "
             "says, or 1)")
    add("--device-id", metavar="ID", type=number(0, 0xffff), default=25448,
        help="the adapter's PCI device id (25448)")
    add("--rom", metavar="FILE", type=a_file,
        help="the adapter's expansion ROM; it loads kernel and image")
    add("--firmware", choices=("bios", "uefi"), default="bios",
        help="the machine's firmware (bios)")
    add("--memory", metavar="MIB", type=number(64, 1 << 20), default=1024,
        help="the machine's memory (1024)")
    add("--limit", metavar="SECONDS", type=number(1, 86400), default=300,
        help="how long a boot may take (300)")
    add("--without", metavar="PART", action="append", default=[],
        choices=WITHOUT,
        help="leave a part out, to see what the image does then: link, dhcp, "
             "target, lun or root; may be repeated")
    add("--report", metavar="FILE", type=Path,
        help="write a report, one HTML file")
    add("--pcap", metavar="FILE", type=Path,
        help="write what passed the port")
    add("--keep", metavar="DIR", type=Path,
        help="leave all logs in that folder")
    add("--name", metavar="TEXT",
        help="what the image is called in what is printed and written")
    add("--json", action="store_true", help="print the result as JSON")
    add("--lab", metavar="DIR",
        help="the programs of this lab (make lab), not of this host")
    add("--version", action="version", version=f"tryboot {VERSION}")
    return made
