// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/login.h"

#include "initrd/iscsi-root/run_program.h"
#include "initrd/iscsi-root/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 24

/*
 * What mkinitrd-en puts into an image without an initiator. The interpreter and
 * all libraries are there too, so that the image's own do not matter.
 */
#define FOLDER "/connectx-en/initiator"
#define PROGRAM FOLDER "/iscsistart"
#define INTERPRETER FOLDER "/ld.so"

const char *login_brought_iscsistart(void)
{
	return access(PROGRAM, X_OK) ? NULL : PROGRAM;
}

static unsigned int add_program(const char **words, const char *program)
{
	unsigned int n = 0;

	if (!strcmp(program, PROGRAM) && !access(INTERPRETER, X_OK)) {
		words[n++] = INTERPRETER;
		words[n++] = "--library-path";
		words[n++] = FOLDER;
	}
	words[n++] = program;
	return n;
}

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
	unsigned int n;
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", port);
	n = add_program(words, program);
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
