# SPDX-License-Identifier: GPL-2.0-only
"""Why a boot has stopped, and what a person can do: one line each."""

# Signs on the console, and what they mean, by the stage that was not reached;
# the first that is found counts.
KNOWN = {
    "firmware": (
        (r"No bootable device", "the firmware found nothing to boot",
         "does the adapter's ROM fit the firmware (--firmware)? Without --rom "
         "the kernel is started directly"),
        (r"Could not start|No more network devices",
         "the ROM did not get a kernel", "see the ROM's lines in the log")),
    "kernel": (
        (r"Kernel panic - not syncing: (.*)", "the kernel stopped: {0}",
         "an image that the kernel cannot unpack? mkinitrd-en verify says"),
        (r"Initramfs unpacking failed: (.*)",
         "the kernel cannot unpack the initrd: {0}",
         "mkinitrd-en verify says where it is damaged, or why this kernel "
         "does not take it")),
    "init": (
        (r"connectx-en: this initrd has no drivers for kernel (.*)",
         "the initrd has no drivers for kernel {0}",
         "give mkinitrd-en the modules of that kernel (--modules, --kernel)"),
        (r"connectx-en: (.* does not load: .*)", "a driver does not load: {0}",
         "were the modules built for this very kernel? mkinitrd-en verify "
         "--modules says"),
        (r"((?:mlx4_\w+): (?:disagrees|Unknown symbol|version magic).*)",
         "a driver does not load: {0}",
         "the modules are another kernel's: mkinitrd-en --modules with this "
         "one's"),
        (r"Initramfs unpacking failed: (.*)",
         "the kernel could not unpack all of the initrd: {0}",
         "mkinitrd-en verify says where it is damaged"),
        (r"Kernel panic - not syncing: (.*)", "the kernel stopped: {0}", None)),
    "driver": (
        (r"(mlx4_core.*(?:fail|error|time|abort).*)",
         "the driver does not come up: {0}",
         "the adapter's log and trace (--keep) show its last commands"),),
    "link": (
        (r"connectx-en: no port of an adapter that the settings allow.*",
         "the settings in the initrd allow no port of this adapter",
         "see --port and --mac of mkinitrd-en, and --port here"),
        (r"connectx-en: no port has a link after (\d+) s",
         "no port had a link within {0} s", None)),
    "address": (
        (r"connectx-en: (\S+: no DHCP lease: .*)", "no lease: {0}", None),
        (r"connectx-en: (\S+: the .*address cannot be set: .*)", "{0}", None)),
    "login": (
        (r"connectx-en: (no target: .*)", "{0}",
         "give mkinitrd-en --iscsi-iqn, or the lease a root-path"),
        (r"connectx-en: the image has no iSCSI initiator.*",
         "the image has no iSCSI initiator",
         "install open-iscsi before the image is made (dracut: --add iscsi)"),
        (r"(?:Login failed|initiator reported error|login rejected).*"
         r"(?:authentication|\(24\b|0201)",
         "the target refuses user or secret",
         "compare --iscsi-chap with what the target asks for"),
        (r"connectx-en: (\S+ at \S+ over \S+: .*)", "login refused: {0}",
         None)),
    "disk": (
        (r"connectx-en: (no disk appeared at LUN .*)", "LUN not there: {0}",
         None),),
    "root": (
        (r"connectx-en: (no root file system found on .*)", "no root: {0}",
         "a root is a file system with an init in it, on the disk or on one of "
         "its partitions"),
        (r"connectx-en: (\S+ on \S+ does not mount: .*)", "no root: {0}",
         "does the image have this file system's module?"),
        (r"ALERT!\s+(.*does not exist.*)", "no root: {0}",
         "compare root= on the command line with the disk"),
        (r"Kernel panic - not syncing: (.*)", "the kernel stopped: {0}",
         None)),
}

# Where nothing on the console says more
PLAIN = {
    "power": ("QEMU did not start", "see QEMU's words (--keep)"),
    "firmware": ("the kernel did not start",
                 "is --kernel a kernel for x86-64? Is its console on the "
                 "serial port (console=ttyS0 must not be overridden)?"),
    "kernel": ("the kernel did not come to the image's init",
               "mkinitrd-en verify says whether the image is sound; a large "
               "image may want more --memory or a longer --limit"),
    "init": ("no ConnectX driver was loaded",
             "mkinitrd-en puts it into the image; mkinitrd-en inspect shows "
             "what is in it and for which kernel"),
    "driver": ("the driver did not bring the adapter up",
               "the adapter's log and trace (--keep) show its last commands"),
    "link": ("no link", "is it the port that the image uses (--port)? On a "
                        "host: cable, module, switch port"),
    "address": ("no lease: the host got no address",
                "on a host: is the DHCP server reached from this port, and "
                "does it know the MAC address?"),
    "login": ("no login at the target",
              "compare address, port and name of the target"),
    "disk": ("LUN not there: no disk appeared",
             "compare the LUN in the image with the target's"),
    "root": ("no root: it was not mounted",
             "does the disk hold a file system that the image can mount? See "
             "root= on the command line"),
}


def _with_settings(stage, watch, lab):
    """Reason and hint out of what tryboot itself knows; (None, None)."""
    if stage == "link" and lab["port"] and lab["image_port"] and \
            lab["port"] != lab["image_port"]:
        return (f"no link: the image uses port {lab['image_port']}, the "
                f"network is on port {lab['port']}",
                "give mkinitrd-en the other --port, or tryboot")
    if stage == "address":
        if not watch.find("DHCPDISCOVER|DHCPREQUEST", "dhcp"):
            return None, ("no request reached the DHCP server: does the image "
                          "ask for an address, on this port?")
        if watch.find("DHCPOFFER", "dhcp"):
            return None, ("an address was offered and not taken: see the "
                          "capture (--pcap)")
    if stage == "login" and lab["image_name"] and \
            lab["image_name"] != lab["name"]:
        return (f"login refused: the image asks for {lab['image_name']}, the "
                f"target is {lab['name']}",
                "one of the two is wrong: mkinitrd-en --iscsi-iqn, or the "
                "target's configuration (iscsi-root target writes one)")
    if stage == "disk" and lab["image_lun"] is not None and \
            lab["image_lun"] != lab["lun"]:
        return (f"LUN not there: the image asks for LUN {lab['image_lun']:x}, "
                f"the disk is LUN {lab['lun']:x} (hexadecimal)",
                "mkinitrd-en --iscsi-lun is hexadecimal, as in RFC 4173")
    return None, None


def explain(watch, lab):
    """(why, hint) of a boot that has stopped, or (None, None).

    lab: port, image_port, name, image_name, lun, image_lun (numbers or None),
    busy (whether it was still at work when its time was over)."""
    stage = watch.stopped_at()
    if stage is None:
        return None, None
    why, hint = _with_settings(stage, watch, lab)
    for pattern, reason, advice in KNOWN.get(stage, ()):
        found = watch.find(pattern)
        if found:
            why = why or reason.format(*found.groups())
            hint = hint or advice
            break
    if watch.foreign_root:
        why = why or "another disk than this run's was mounted"
    plain_why, plain_hint = PLAIN[stage]
    if lab["busy"] and not why:
        return ("it was still at work when its time was over",
                "give it more time (--limit): this host may be busy")
    return why or plain_why, hint or plain_hint
