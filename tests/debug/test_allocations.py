# SPDX-License-Identifier: GPL-2.0-only
"""Every allocation in probe, open, reconfiguration and close fails once."""

import os

import pytest

from tests.debug.checked import (BIND, BOUND, FEW, HANG_SECONDS, PCI, SMALL_RINGS,
                                 UNBIND)

KINDS = ("failslab", "fail_page_alloc")
# The n-th allocation fails that the task which carries the step out makes
# below a function of our modules, at most DEPTH calls deep: slab and pages,
# sleeping or not. Deeper ones are the kernel's own, thousands a probe: ACPI's
# interpreter alone has 2,400 when a PCI device is enabled.
DEPTH = 12
FAIL_NTH = """
cd /sys/kernel/debug/{kind} || exit 1
echo N >ignore-gfp-wait
echo 1 >verbose
echo 0 >verbose_ratelimit_interval_ms
echo {depth} >stacktrace-depth
echo {first:#x} >require-start
echo {last:#x} >require-end
echo {kept:#x} >reject-start
echo {kept_end:#x} >reject-end
"""
# The checker of DMA switches itself off when it gets no memory.
CHECKER = "add_dma_entry"
MORE = {"fail_page_alloc": "echo 0 >min-order; echo N >ignore-gfp-highmem"}

# A step, and what puts things back so that it can be tried again. The step is
# one task: what it does in work queues is for test_allocations_fail_at_random.
STEPS = {
    "probe": (BIND, f"[ ! -e {BOUND} ] || {UNBIND}"),
    "open": ("exec ip link set eth0 up", "ip link set eth0 down"),
    "mtu": ("exec ip link set eth0 mtu 9000", "ip link set eth0 mtu 1500"),
    "rings": (f"exec ethtool -G eth0 rx {2 * FEW} tx {4 * FEW}",
              SMALL_RINGS),
    "channels": ("exec ethtool -L eth0 rx 1 tx 1",
                 "ethtool -L eth0 rx 2 tx 2"),
    "address": ("exec ip link set eth0 address 02:00:00:00:00:77",
                "ip link set eth0 address 02:00:00:00:00:78"),
    "questions": ("exec ethtool -S eth0", ":"),
    "test": ("exec ethtool -t eth0 online", ":"),
    "close": ("exec ip link set eth0 down", "ip link set eth0 up"),
    "reload": (f"exec devlink dev reload pci/{PCI}",
               f"[ -e /sys/class/net/eth1 ] || devlink dev reload pci/{PCI}"),
    "remove": (UNBIND, BIND),
}
CLOSED = ("probe", "open", "reload", "remove")
MOST = 4000
BATCH = 40
# A sweep that has been stopped goes on here.
FIRST = int(os.environ.get("FIRST", "1"))

# Steps with the first .. last-1-th allocation failing: says how far it came. A
# step that no failure met any more ends it. How long a step takes if nothing
# fails says how busy this machine is.
SWEEP = """
cd /sys/kernel/debug
n={first}
read from rest </proc/uptime
sh -c '{step}' >/dev/null 2>&1
read to rest </proc/uptime
{{ {undo}; }} >/dev/null 2>&1
limit=$(({limit} + 2 * (${{to%.*}} - ${{from%.*}})))
while [ $n -lt {last} ]; do
	echo "fail-nth $n" >/dev/kmsg
	echo 1 >failslab/times; echo 1 >fail_page_alloc/times
	read from rest </proc/uptime
	sh -c 'echo '$n' >/proc/self/fail-nth; {step}' >/dev/null 2>&1
	read to rest </proc/uptime
	read slab <failslab/times; read page <fail_page_alloc/times
	{{ {undo}; }} >/dev/null 2>&1
	took=$((${{to%.*}} - ${{from%.*}}))
	[ $took -le $limit ] || {{ echo "took $took s: $n"; exit 1; }}
	[ $slab$page != 11 ] || {{ echo "end $n"; exit 0; }}
	n=$((n + 1))
done
echo "more $n"
"""


def text_of_modules(checked):
    """Where our modules' functions lie."""
    symbols = checked.run(r"grep -iE ' t .*\[mlx4_(core|en)\]' /proc/kallsyms")
    found = [int(line.split()[0], 16) for line in symbols.stdout.splitlines()]
    assert len(found) > 100 and min(found), "no symbols of our modules"
    return min(found), max(found) + 0x1000


def text_of(checked, function):
    """Where a function of the kernel begins, and the next one."""
    found = checked.run(f"grep -A 1 ' {function}$' /proc/kallsyms")
    begin, end = (int(line.split()[0], 16)
                  for line in found.stdout.splitlines())
    assert 0 < begin < end
    return begin, end


def prepare(checked):
    first, last = text_of_modules(checked)
    kept, kept_end = text_of(checked, CHECKER)
    for kind in KINDS:
        checked.run(FAIL_NTH.format(kind=kind, first=first, last=last,
                                    kept=kept, kept_end=kept_end, depth=DEPTH)
                    + MORE.get(kind, ""))


def sweep(checked, step, undo):
    """The last allocation that was made to fail; the first was FIRST."""
    number = FIRST
    while number < MOST:
        checked.forget()
        result = checked.run(SWEEP.format(
            first=number, last=number + BATCH, step=step, undo=undo,
            limit=HANG_SECONDS), 1200, check=False)
        found = checked.complaints()
        assert not found, found
        assert result.status == 0, result.stdout + result.stderr
        word, number = result.stdout.split()[-2:]
        number = int(number)
        if word == "end":
            break
    return number - 1


@pytest.mark.parametrize("step", STEPS)
def test_every_allocation_fails_once(checked, step):
    """The step fails or does without; nothing oopses, leaks or hangs, and the
    step works afterwards."""
    prepare(checked)
    checked.start_anew()
    if step not in CLOSED:
        checked.up()
    if step == "probe":
        checked.unbind()
    last = sweep(checked, *STEPS[step])
    print(f"{step}: allocations {FIRST} to {last}")
    assert last < MOST
    # A device is closed without any.
    assert last >= FIRST or step in ("close", "remove", "address")
    checked.works()


# Also what work queues, NAPI and the packets of others allocate
AT_RANDOM = """
cd /sys/kernel/debug
for kind in failslab fail_page_alloc; do
	echo {probability} >$kind/probability
	echo 0 >$kind/verbose; cat $kind/times; echo {most} >$kind/times
done
"""
RANDOM_MOST = 1000000
LIFE = """
ip link set eth0 up; ip address replace 11.4.3.100/24 dev eth0
ping -f -q -c 200 -w 3 11.4.3.7
ip link set eth0 promisc on; ip link set eth0 promisc off
ip link add link eth0 name eth0.7 type vlan id 7; ip link delete eth0.7
ethtool -L eth0 rx 1 tx 1; ethtool -G eth0 rx 512 tx 512
ip link set eth0 mtu 9000; ping -f -q -c 50 -w 3 -s 4000 11.4.3.7
ethtool -G eth0 rx 1024 tx 1024; ethtool -L eth0 rx 2 tx 2
ip link set eth0 mtu 1500; ethtool -S eth0; ethtool -t eth0 online
ip link set eth0 down
"""


def fail_at_random(checked, probability):
    """From now on so many per cent; how many have failed since the last call."""
    left = checked.run(AT_RANDOM.format(probability=probability,
                                        most=RANDOM_MOST))
    return sum(RANDOM_MOST - int(n) for n in left.stdout.split())


@pytest.mark.parametrize("probability", (1, 10, 50))
def test_allocations_fail_at_random(checked, probability):
    """So many per cent of all allocations below our functions fail, in any
    context, while the device lives its life, is reset and bound anew."""
    prepare(checked)
    checked.start_anew()
    failed = 0
    for number in range(6):
        checked.forget()
        fail_at_random(checked, probability)
        checked.run(LIFE, 300, check=False)
        checked.adapter.order(command="catastrophic", code=0x2000 + number)
        checked.run(f"sleep 4; {UNBIND}; {BIND}", 120, check=False)
        failed += fail_at_random(checked, 0)
        found = checked.complaints()
        assert not found, found
        checked.start_anew()
    print(f"{probability} %: {failed} allocations")
    assert failed > probability
    checked.works()
