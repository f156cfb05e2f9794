/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints commands by name, their mailboxes field by field through the tables
 * of include/connectx/.
 */
#ifndef EMULATOR_ADAPTER_COMMAND_TRACE_H
#define EMULATOR_ADAPTER_COMMAND_TRACE_H

#include "connectx/types.h"

struct command;
struct trace;

/* @path: a file that is appended to; "-" is standard error. NULL on error. */
struct trace *trace_open(const char *path);
void trace_close(struct trace *trace);
void trace_command(struct trace *trace, const struct command *command,
		   u8 status);
void trace_note(struct trace *trace, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
