// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which fault applies to a command.
 */
#include "emulator/adapter/command/faults.h"

const struct command_fault *faults_command(struct faults *faults, u16 opcode)
{
	for (unsigned int i = 0; i < COMMAND_FAULTS; i++) {
		struct command_fault *fault = &faults->command[i];

		if (!fault->kind || !fault->count)
			continue;
		if (fault->opcode != opcode &&
		    fault->opcode != FAULT_ANY_OPCODE)
			continue;
		if (fault->skip) {
			fault->skip--;
			continue;
		}
		if (fault->count != UINT32_MAX)
			fault->count--;
		return fault;
	}
	return NULL;
}
