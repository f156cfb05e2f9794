# SPDX-License-Identifier: GPL-2.0-only
"""Every allocation in probe, open, reconfiguration and close fails once."""

import pytest

from tests.debug.checked import BIND, BOUND, COMPLAINTS, UNBIND

# The n-th allocation of the task that carries the step out fails: slab and
# pages, sleeping or not. What a step does in work queues is not counted.
FAIL_NTH = """
for kind in failslab fail_page_alloc; do
	cd /sys/kernel/debug/$kind
	echo N >ignore-gfp-wait; echo 1 >verbose
	echo 0 >verbose_ratelimit_interval_ms
done
echo 0 >min-order; echo N >ignore-gfp-highmem
"""

# A step, and what puts things back so that it can be tried again.
STEPS = {
    "probe": (BIND, f"[ ! -e {BOUND} ] || {UNBIND}"),
    "open": ("ip link set eth0 up", "ip link set eth0 down"),
    "mtu": ("ip link set eth0 mtu 9000", "ip link set eth0 mtu 1500"),
    "rings": ("ethtool -G eth0 rx 2048 tx 512",
              "ethtool -G eth0 rx 1024 tx 1024 || :"),
    "channels": ("ethtool -L eth0 rx 1 tx 1", "ethtool -L eth0 rx 2 tx 2 || :"),
    "close": ("ip link set eth0 down", "ip link set eth0 up"),
    "remove": (UNBIND, BIND),
}
MOST = 4000


def sweep(step, undo, first, count):
    """Tries `step` with the first .. first+count-1-th allocation failing; says
    how far it came: a step that no failure met any more ends it."""
    return f"""
n={first}; last=$(({first} + {count}))
while [ $n -lt $last ]; do
	echo "fail-nth $n" >/dev/kmsg
	dmesg -C
	sh -c 'echo '$n' >/proc/self/fail-nth; {step}' >/dev/null 2>&1
	if ! dmesg | grep -q "FAULT_INJECTION: forcing a failure"; then
		echo "end $n"; {undo}; exit 0
	fi
	if dmesg | grep -E "{COMPLAINTS}|DMA-API:"; then
		dmesg | tail -n 100; echo "complaint $n"; exit 1
	fi
	{undo}
	n=$((n + 1))
done
echo "more $n"
"""


@pytest.mark.parametrize("step", STEPS)
def test_every_allocation_fails_once(checked, step):
    """The step fails or does without; nothing oopses, leaks or hangs, and the
    step works afterwards."""
    action, undo = STEPS[step]
    checked.run(FAIL_NTH)
    if step not in ("probe",):
        if not checked.bound():
            checked.bind()
        checked.wait_ports()
    if step in ("mtu", "rings", "channels", "close"):
        checked.up()
    elif step == "probe" and checked.bound():
        checked.unbind()
    number = 1
    while number < MOST:
        result = checked.run(sweep(action, undo, number, 50), 600, check=False)
        assert result.status == 0, result.stdout + result.stderr
        word, number = result.stdout.split()[-2:]
        number = int(number)
        if word == "end":
            break
    assert 1 < number < MOST, "no allocation was made to fail"
    print(f"{step}: {number - 1} allocations")
    if step in ("probe", "remove") and not checked.bound():
        checked.bind()
    checked.wait_ports()
    checked.up()
    checked.reachable()
    assert checked.leaks() == ""
