// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/login.h"

#include "initrd/iscsi-root/run_program.h"
#include "initrd/iscsi-root/settings.h"

#include <stdio.h>

#define WORDS_MAX 24

static unsigned int add_chap(const char **words, unsigned int n,
			     const struct chap *chap, const char *user,
			     const char *secret)
{
	if (!*chap->user)
		return n;
	words[n++] = user;
	words[n++] = chap->user;
	words[n++] = secret;
	words[n++] = chap->secret;
	return n;
}

int login_by_iscsistart(const char *program, const struct settings *s,
			const char *address, unsigned int port, double end)
{
	const char *words[WORDS_MAX];
	unsigned int n = 0;
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", port);
	words[n++] = program;
	words[n++] = "-i";
	words[n++] = s->initiator;
	words[n++] = "-t";
	words[n++] = s->name;
	words[n++] = "-g";
	words[n++] = "1";
	words[n++] = "-a";
	words[n++] = address;
	words[n++] = "-p";
	words[n++] = digits;
	n = add_chap(words, n, &s->chap, "-u", "-w");
	n = add_chap(words, n, &s->chap_in, "-U", "-W");
	words[n] = NULL;
	return run_program(words, end);
}
