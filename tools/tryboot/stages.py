# SPDX-License-Identifier: GPL-2.0-only
"""The stages of a diskless boot: by what signs each begins and ends.

A sign is a regular expression on the lines of a source:
  console  the serial port, without what a terminal would not show
  adapter  "command NAME STATUS", "link PORT up|down SPEED", "reset KIND"
  dhcp     the log of dnsmasq
  target   "session INITIATOR"
"""

import collections
import re

Stage = collections.namedtuple("Stage", "name title status begin end what")


def signs(**sources):
    return {source: re.compile(pattern) for source, pattern in sources.items()}


DISK = r"(?:sd[a-z]+\d*|dm-\d+|vd[a-z]+\d*)"

# In their order. `status` is the exit status of a boot that stopped before
# the stage was done.
STAGES = (
    Stage("power", "power-on", 10, {}, {}, "the machine is switched on"),
    Stage("firmware", "firmware", 11,
          # It begins with the machine: Watch.mark
          {},
          # The first line of a kernel that says nothing else yet
          signs(console=r"(?:^|\] )Linux version \d|^Decompressing Linux"),
          "firmware, and the ROM where it boots"),
    Stage("kernel", "kernel", 12,
          signs(console=r"(?:^|\] )Linux version \d"),
          signs(console=r"Run \S+ as init process"),
          "kernel up, initrd unpacked"),
    Stage("init", "init", 13,
          signs(console=r"Run \S+ as init process"),
          signs(console=r"connectx-en: loaded|mlx4_core: Mellanox|"
                        r"mlx4_core [0-9a-f:.]+: |mlx4_core: ConnectX",
                adapter=r"^command QUERY_FW OK"),
          "the image's init runs, and loads the driver"),
    Stage("driver", "driver", 14,
          signs(adapter=r"^command QUERY_FW OK",
                console=r"mlx4_core: Mellanox"),
          signs(adapter=r"^command INIT_HCA OK"),
          "the driver has the adapter"),
    Stage("link", "link", 15,
          signs(adapter=r"^command (?:SET_PORT|INIT_PORT) OK"),
          signs(adapter=r"^link \d up"),
          "the port has a link"),
    Stage("address", "address", 16,
          signs(dhcp=r"DHCPDISCOVER|DHCPREQUEST"),
          signs(dhcp=r"DHCPACK",
                console=r"address \S+ by the settings|"
                        r"address by a router's announcement"),
          "the host has its address"),
    Stage("login", "iSCSI login", 17,
          signs(console=r"scsi host\d+: iSCSI Initiator|"
                        r"iscsistart: |Loading iSCSI transport"),
          signs(target=r"^session "),
          "logged in to the target"),
    Stage("disk", "disk", 18,
          signs(console=r"scsi \d+:0:0:\d+: "),
          signs(console=r"sd \d+:0:0:\d+: \[sd[a-z]+\] Attached SCSI"),
          "the disk is there"),
    Stage("root", "root", 19,
          signs(console=r"connectx-en: (?:disk|root file system)|"
                        rf"\({DISK}\): mounted filesystem|"
                        rf"\({DISK}\): Mounting"),
          # A root of the user's own: not when it was only looked at, which
          # iscsi-root does without the journal
          signs(console=rf"EXT4-fs \({DISK}\): mounted filesystem.* "
                        r"(?:ordered|writeback|data=journal|journalled)|"
                        rf"XFS \({DISK}\): Ending clean mount|"
                        r"Switching root|^INIT: version \d|"
                        r"^\S+ login: |Welcome to .*!$"),
          "the root is mounted"),
)
NAMES = tuple(stage.name for stage in STAGES)
BY_NAME = {stage.name: stage for stage in STAGES}

# After one of these nothing more will come.
END = re.compile(
    r"Kernel panic - not syncing|end Kernel panic|^\(initramfs\)|"
    r"Entering emergency mode|Press Enter for maintenance|"
    r"Rebooting automatically due to panic=|"
    r"dracut Warning: Could not boot|reboot: (?:Power down|System halted|"
    r"Restarting system)|No bootable device|iPXE initialisation failed")

# Lines worth quoting where a boot has stopped: what went wrong
TROUBLE = re.compile(
    r"^(?!.*tainting kernel)(?:.*)(?:"
    r"connectx-en: .*(?:no |not |cannot|does not|error)|"
    r"Initramfs unpacking failed|rootfs image is not initramfs|"
    r"Kernel panic - not syncing|mlx4.*(?:fail|error|timed? ?out|abort)|"
    r"iscsistart: .*(?:fail|error|cannot|not )|iscsiadm: |"
    r"initiator reported error|ALERT!|"
    r"(?:EXT4-fs|XFS|BTRFS)[^:]*: .*(?:error|fail|can't|unable|bad)|"
    r"VFS: (?:Unable|Cannot)|No init found|No root device|Gave up waiting|"
    r"timed out|dracut.*(?:Warning|FATAL)|insmod: |"
    r"(?:disagrees about version|Unknown symbol|invalid module format|"
    r"Exec format error|key was rejected))",
    re.IGNORECASE)
