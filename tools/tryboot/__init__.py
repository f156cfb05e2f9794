# SPDX-License-Identifier: GPL-2.0-only
"""Boots an initrd on the virtual adapter, to see that it reaches its root.

namespace, supervisor, testbed, services, adapter and machine make a network of
its own with servers, card and machine; the lab of the tests (tests/lab) is made
of them too. All else here is the program.
"""
