/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of connectx-adapter.
 */
#ifndef EMULATOR_OPTIONS_H
#define EMULATOR_OPTIONS_H

#include "emulator/adapter/adapter.h"
#include "emulator/sandbox.h"

struct options {
	const char *socket;
	const char *port[ADAPTER_PORTS];
	const char *trace;
	const char *pcap;
	const char *control;
	enum sandbox_mode sandbox;
	u64 spin_ns;
	struct adapter_config adapter;
	u8 *rom;
	bool mac_given;
	const char *flash;
	u32 flash_size; /* 0: the file's, or the usual one */
};

/**
 * options_parse - read the command line
 *
 * Return: 0, 1 if --help or --version was answered, or -EINVAL after a line
 * on standard error.
 */
int options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif
