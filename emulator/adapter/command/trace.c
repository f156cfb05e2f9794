// SPDX-License-Identifier: GPL-2.0-only
/*
 * One line a command, one line a field that is not zero.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "connectx/access_reg.h"
#include "connectx/device.h"
#include "connectx/port.h"
#include "emulator/adapter/adapter.h"
#include "emulator/adapter/command/trace.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_US UINT64_C(1000)

struct trace {
	FILE *file;
	u64 start;
};

#define ROWS(layout)                                          \
	static const struct cx_field_row rows_##layout[] = {  \
		CX_##layout##_FIELDS(CX_FIELD_ROW){ NULL, 0 } \
	};

ROWS(QUERY_FW)
ROWS(DEV_CAP)
ROWS(QUERY_ADAPTER)
ROWS(INIT_HCA)
ROWS(QUERY_PORT)
ROWS(EQC)
ROWS(CQC)
ROWS(QPC)
ROWS(MPT)
ROWS(MAP_ENTRY)

struct layout {
	u16 opcode;
	bool output;
	u16 offset; /* of the layout in the mailbox */
	const struct cx_field_row *rows;
};

static const struct layout layouts[] = {
	{ CX_CMD_QUERY_FW, true, 0, rows_QUERY_FW },
	{ CX_CMD_QUERY_DEV_CAP, true, 0, rows_DEV_CAP },
	{ CX_CMD_QUERY_ADAPTER, true, 0, rows_QUERY_ADAPTER },
	{ CX_CMD_INIT_HCA, false, 0, rows_INIT_HCA },
	{ CX_CMD_QUERY_HCA, true, 0, rows_INIT_HCA },
	{ CX_CMD_QUERY_PORT, true, 0, rows_QUERY_PORT },
	{ CX_CMD_SW2HW_EQ, false, 0, rows_EQC },
	{ CX_CMD_QUERY_EQ, true, 0, rows_EQC },
	{ CX_CMD_SW2HW_CQ, false, 0, rows_CQC },
	{ CX_CMD_MODIFY_CQ, false, 0, rows_CQC },
	{ CX_CMD_QUERY_CQ, true, 0, rows_CQC },
	{ CX_CMD_RST2INIT_QP, false, CX_QP_MAILBOX_CONTEXT, rows_QPC },
	{ CX_CMD_INIT2RTR_QP, false, CX_QP_MAILBOX_CONTEXT, rows_QPC },
	{ CX_CMD_RTR2RTS_QP, false, CX_QP_MAILBOX_CONTEXT, rows_QPC },
	{ CX_CMD_RTS2RTS_QP, false, CX_QP_MAILBOX_CONTEXT, rows_QPC },
	{ CX_CMD_QUERY_QP, true, CX_QP_MAILBOX_CONTEXT, rows_QPC },
	{ CX_CMD_UPDATE_QP, false, CX_UPDATE_QP_CONTEXT, rows_QPC },
	{ CX_CMD_SW2HW_MPT, false, 0, rows_MPT },
	{ CX_CMD_QUERY_MPT, true, 0, rows_MPT },
	{ CX_CMD_MAP_FA, false, 0, rows_MAP_ENTRY },
	{ CX_CMD_MAP_ICM, false, 0, rows_MAP_ENTRY },
	{ CX_CMD_MAP_ICM_AUX, false, 0, rows_MAP_ENTRY },
};

struct trace *trace_open(const char *path)
{
	struct trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return NULL;
	trace->file = strcmp(path, "-") ? fopen(path, "ae") : stderr;
	trace->start = loop_now();
	if (!trace->file) {
		free(trace);
		return NULL;
	}
	setvbuf(trace->file, NULL, _IOLBF, 0);
	return trace;
}

void trace_close(struct trace *trace)
{
	if (!trace)
		return;
	if (trace->file != stderr)
		fclose(trace->file);
	free(trace);
}

static void print_time(struct trace *trace)
{
	u64 ns = loop_now() - trace->start;

	fprintf(trace->file, "%5" PRIu64 ".%06" PRIu64 " ", ns / NS_PER_SECOND,
		ns % NS_PER_SECOND / NS_PER_US);
}

static void print_rows(struct trace *trace, const char *direction,
		       const struct cx_field_row *row, const u8 *mailbox)
{
	for (; row->name; row++) {
		u64 value = cx_get(mailbox, row->field);

		if (value)
			fprintf(trace->file, "    %s %-24s 0x%" PRIx64 "\n",
				direction, row->name, value);
	}
}

void trace_command(struct trace *trace, const struct command *command,
		   u8 status)
{
	print_time(trace);
	fprintf(trace->file,
		"%s (0x%03x) op_mod %u in_mod 0x%x in 0x%" PRIx64
		" out 0x%" PRIx64 " -> %s",
		command_name(command->opcode), command->opcode, command->op_mod,
		command->in_mod, command->in_param, command->out_param,
		status_name(status));
	if (command->out_imm)
		fprintf(trace->file, " 0x%" PRIx64, command->out_imm);
	fputc('\n', trace->file);
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct layout *layout = &layouts[i];

		if (layout->opcode != command->opcode)
			continue;
		if (layout->output && !status)
			print_rows(trace, "<", layout->rows,
				   command->out + layout->offset);
		else if (!layout->output)
			print_rows(trace, ">", layout->rows,
				   command->in + layout->offset);
	}
}

void trace_note(struct trace *trace, const char *format, ...)
{
	va_list arguments;

	print_time(trace);
	va_start(arguments, format);
	vfprintf(trace->file, format, arguments);
	va_end(arguments);
	fputc('\n', trace->file);
}
