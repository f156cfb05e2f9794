/* SPDX-License-Identifier: GPL-2.0-only */
/* A network namespace of the test's own, and interfaces in it. */
#ifndef TESTS_UNIT_EMULATOR_PACKET_TAP_LAB_H
#define TESTS_UNIT_EMULATOR_PACKET_TAP_LAB_H

#include <stdbool.h>
#include <stdint.h>

/* Return: false if this machine does not allow it; says why on stderr */
bool lab_enter_namespace(void);
/* Up, and silent: no IPv6 of the kernel's own. Return: the interface's index */
int lab_interface_up(const char *name);
void lab_interface_down(const char *name);
void lab_interface_delete(const char *name);
/* An IPv4 address 10.77.0.@host/24 */
void lab_interface_address(const char *name, unsigned int host);
/* A packet socket with virtio headers that sees what comes from the tap */
int lab_packet_socket(int index);
/* A tap descriptor as a parent process would open it; @header 0: none */
int lab_open_tap(const char *name, int header);

#endif
