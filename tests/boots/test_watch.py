# SPDX-License-Identifier: GPL-2.0-only
"""What tryboot makes of a boot's lines: stages, where it stopped, the hint."""

import pytest

from tryboot import hints
from tryboot.stages import NAMES, STAGES
from tryboot.watch import Follower, Watch

WORD = "0123456789abcdef01234567"
NAME = "iqn.2007-08.7.3.4.10:iscsiboot"

# A boot as its parts tell it: (seconds, source, line, stage that is then done)
GOOD = (
    (1.0, "console", "SeaBIOS (version 1.17.0-debian-1.17.0-1)", None),
    (2.0, "console", "[    0.000000] Linux version 6.12.118 (gcc) #1 SMP",
     "firmware"),
    (2.1, "console", "[    0.000000] Command line: console=ttyS0", None),
    (4.0, "console", "[    2.096575] Run /init as init process", "kernel"),
    (4.2, "adapter", "command QUERY_FW OK", "init"),
    (4.4, "adapter", "command INIT_HCA OK", "driver"),
    (4.5, "console", "[    2.461678] connectx-en: loaded mlx4_core.ko", None),
    (6.0, "adapter", "command INIT_PORT OK", None),
    (6.1, "adapter", "link 1 up 10000", "link"),
    (7.0, "dhcp", "dnsmasq-dhcp: 10 DHCPDISCOVER(tap1) 00:02:c9:00:00:bb",
     None),
    (7.2, "dhcp", "dnsmasq-dhcp: 10 DHCPACK(tap1) 11.4.3.112", "address"),
    (8.0, "console", "[    7.115204] scsi host0: iSCSI Initiator over TCP/IP",
     None),
    (8.3, "target", "session iqn.2007-08.7.3.4.10:host.0002c90000bb",
     "login"),
    (8.5, "console", "[    8.20] scsi 0:0:0:1: Direct-Access IET", None),
    (8.6, "console", "[    8.26] sd 0:0:0:1: [sda] Attached SCSI disk",
     "disk"),
    # iscsi-root looks for a root
    (8.7, "console", "[    8.75] EXT4-fs (sda): mounted filesystem 41fa47a6 "
     "ro without journal. Quota mode: none.", None),
    (8.8, "console", "[    8.79] EXT4-fs (sda): unmounting filesystem", None),
    (9.0, "console", "[    9.33] EXT4-fs (sda): mounted filesystem 41fa47a6 "
     "ro with ordered data mode. Quota mode: none.", None),
    (9.5, "console", f"tryboot: root mounted {WORD} /dev/sda ext4", "root"),
)
LAB = {"port": 1, "image_port": None, "name": NAME, "image_name": None,
       "lun": 1, "image_lun": None, "busy": False}


def watch_of(lines, word=WORD, **options):
    watch = Watch(word, **options)
    watch.mark("power", 0.0)
    for time, source, text, *_ in lines:
        watch.line(source, text, time)
    return watch


def until(name):
    """The good boot up to the end of a stage."""
    lines = []
    for line in GOOD:
        lines.append(line)
        if line[3] == name:
            break
    return lines


def explain(watch, **lab):
    return hints.explain(watch, {**LAB, **lab})


def test_what_a_rom_does_is_the_firmwares():
    """iPXE takes the adapter, gets a lease and logs in; the kernel's driver
    does all of it again."""
    rom = [(1.0 + line[0] / 100, *line[1:3]) for line in GOOD
           if line[1] in ("adapter", "dhcp", "target")]
    watch = watch_of(rom, rom=True)
    assert watch.reached() == "power" and watch.stopped_at() == "firmware"
    assert watch_of(rom).stopped_at() != "firmware"
    watch = watch_of(rom + [(10 + line[0], *line[1:3]) for line in GOOD],
                     rom=True)
    plain = watch_of(GOOD)
    assert watch.mounted()
    assert {name: mark.time - 10 for name, mark in watch.done.items()
            if name != "power"} == pytest.approx(
                {name: mark.time for name, mark in plain.done.items()
                 if name != "power"})


def test_a_good_boot():
    watch = Watch(WORD)
    watch.mark("power", 0.0)
    for time, source, text, done in GOOD:
        before = set(watch.done)
        watch.line(source, text, time)
        assert watch.done.keys() - before == ({done} if done else set()), text
    assert watch.mounted() and watch.stopped_at() is None
    assert watch.status() == 0 and explain(watch) == (None, None)
    assert watch.root == {"device": "/dev/sda", "type": "ext4"}
    stages = {stage["name"]: stage for stage in watch.stages()}
    assert all(stage["state"] == "done" for stage in stages.values())
    assert (stages["kernel"]["begin"], stages["kernel"]["end"]) == (2.0, 4.0)
    assert stages["firmware"]["begin"] == 0.0
    assert stages["address"]["seconds"] == pytest.approx(0.2)
    assert stages["root"]["sign"].endswith("/dev/sda ext4")


@pytest.mark.parametrize("name", NAMES[:-1])
def test_it_stops_behind_each_stage(name):
    """Each has an exit status of its own, a reason and a hint."""
    watch = watch_of(until(name) if name != "power" else [])
    behind = STAGES[NAMES.index(name) + 1]
    assert watch.reached() == name and watch.stopped_at() == behind.name
    assert watch.status() == behind.status
    why, hint = explain(watch)
    assert why and hint
    states = [stage["state"] for stage in watch.stages()]
    at = NAMES.index(behind.name)
    assert states[:at] == ["done"] * at
    assert states[at] == "stopped"
    assert set(states[at + 1:]) <= {"waiting"}


def test_statuses_differ():
    statuses = [stage.status for stage in STAGES]
    assert len(set(statuses)) == len(statuses)
    assert not {0, 1, 2} & set(statuses)


def test_a_look_at_the_disk_is_no_mount():
    """A root of the user's own: no word on it."""
    looked = [line for line in GOOD if line[0] < 9.0]
    watch = watch_of(looked, word=None)
    assert watch.stopped_at() == "root"
    watch.line("console", GOOD[-2][2], 9.0)
    assert watch.mounted() and watch.root is None


@pytest.mark.parametrize("text", (
    "[    9.1] XFS (sda1): Ending clean mount",
    "[    9.1] systemd[1]: Switching root.",
    "host7 login: ", "Welcome to Debian GNU/Linux 13 (trixie)!"))
def test_roots_of_others(text):
    watch = watch_of([*until("disk"), (9.1, "console", text)], word=None)
    assert watch.mounted()


def test_another_disks_word_does_not_count():
    """The image mounted some other root."""
    watch = watch_of([*until("disk"), (
        9.0, "console", "tryboot: root mounted feedfeedfeedfeed /dev/sdb ext4")])
    assert not watch.mounted()
    assert "another disk" in explain(watch)[0]


def test_the_word_alone_is_no_sign_without_a_boot():
    """A marker in the middle of a line of something else."""
    watch = watch_of([(1.0, "console", f"root mounted {WORD}")])
    assert not watch.mounted()


def test_a_static_address_has_no_lease():
    lines = [line for line in GOOD if line[1] != "dhcp"]
    lines.insert(9, (7.0, "console", "[  7.0] connectx-en: eth0: address "
                     "11.4.3.130/24 by the settings"))
    watch = watch_of(lines, skip=("address",))
    assert watch.mounted()
    stopped = watch_of([line for line in lines if line[0] < 7.0],
                       skip=("address",))
    assert stopped.stopped_at() == "login"
    assert {stage["name"]: stage["state"] for stage in
            stopped.stages()}["address"] == "none"


def test_a_stage_that_says_nothing_is_passed():
    """A driver of another make: no words, but a lease."""
    watch = watch_of([line for line in GOOD
                      if not line[2].startswith("link")])
    states = {stage["name"]: stage["state"] for stage in watch.stages()}
    assert states["link"] == "unseen" and watch.mounted()


HINTS = (
    ("kernel", "[ 4.1] connectx-en: this initrd has no drivers for kernel 6.6",
     "no drivers for kernel 6.6", "--modules"),
    ("kernel", "[ 4.1] connectx-en: mlx4_core.ko does not load: error 8",
     "mlx4_core.ko does not load", "verify"),
    ("kernel", "mlx4_en: disagrees about version of symbol mlx4_foo",
     "disagrees about version", "another kernel"),
    ("firmware", "[ 3.0] Initramfs unpacking failed: junk at the end",
     "junk at the end", "verify"),
    ("driver", "[ 9.9] connectx-en: no port has a link after 30 s",
     "within 30 s", "cable"),
    ("address", "connectx-en: the image has no iSCSI initiator (open-iscsi)",
     "no iSCSI initiator", "open-iscsi"),
    ("address", f"connectx-en: {NAME} at 11.4.3.7 over eth0: no login",
     "login refused", "address, port and name"),
    ("login", f"connectx-en: no disk appeared at LUN 0002 of {NAME}",
     "LUN 0002", "LUN"),
    ("disk", "connectx-en: no root file system found on sda",
     "no root file system found on sda", "init in it"),
    ("disk", "ALERT!  UUID=1234 does not exist.  Dropping to a shell!",
     "UUID=1234 does not exist", "root="),
)


@pytest.mark.parametrize("after,text,why,hint", HINTS)
def test_hints(after, text, why, hint):
    watch = watch_of([*until(after), (9.9, "console", text)])
    said, advice = explain(watch)
    assert why in said and hint in advice
    assert any(text.strip() in line for line in watch.trouble())


def test_hints_know_what_differs():
    """What tryboot has set counts more than what the console says."""
    watch = watch_of(until("address"))
    why, _ = explain(watch, image_name="iqn.2020-01.com.example:other")
    assert "iqn.2020-01.com.example:other" in why and NAME in why
    watch = watch_of(until("login"))
    assert "asks for LUN 10, the disk is LUN 2" in \
        explain(watch, image_lun=0x10, lun=2)[0]
    watch = watch_of(until("driver"))
    assert "uses port 2" in explain(watch, image_port=2)[0]


def test_more_time():
    """What is known to be wrong counts more than that it was at work."""
    watch = watch_of(until("init"))
    assert watch.heard_since(4.0) and not watch.heard_since(5.0)
    assert "--limit" in explain(watch, busy=True)[1]
    watch.line("console", "mlx4_core 0000:01:00.0: command 0x7 failed", 5.0)
    assert "--limit" not in explain(watch, busy=True)[1]


def test_no_lease_asked_or_not():
    watch = watch_of(until("link"))
    assert "no request reached" in explain(watch)[1]
    watch.line("dhcp", "dnsmasq-dhcp: 1 DHCPDISCOVER(tap1) 00:02", 7.0)
    assert "no request reached" not in explain(watch)[1]


@pytest.mark.parametrize("text", (
    "[ 5.0] Kernel panic - not syncing: VFS: Unable to mount root fs",
    "(initramfs) ", "Press Enter for maintenance",
    "[ 5.0] reboot: Power down"))
def test_the_end_is_known(text):
    watch = watch_of([*until("kernel"), (5.0, "console", text)])
    assert watch.ended.time == 5.0


def test_a_good_boot_has_no_end():
    assert watch_of(GOOD).ended is None


def test_follower(tmp_path):
    """Lines come whole, a prompt comes when it stands, escapes do not."""
    path = tmp_path / "log"
    follower = Follower(path)
    assert follower.lines() == []
    with open(path, "ab", buffering=0) as log:
        log.write(b"\x1bc\x1b[?7l\x1b[2Jone\r\ntw")
        assert follower.lines() == ["one"]
        log.write(b"o\r\r\nlogin: ")
        assert follower.lines() == ["two"]
        assert follower.lines() == ["login: "]
        assert follower.lines() == []
        log.write(b"\xff\n")
        assert follower.lines() == ["\N{REPLACEMENT CHARACTER}"]
