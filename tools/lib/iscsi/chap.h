/* SPDX-License-Identifier: GPL-2.0-only */
/* By what an initiator proves who it is (RFC 7143, section 12.1). */
#ifndef TOOLS_LIB_ISCSI_CHAP_H
#define TOOLS_LIB_ISCSI_CHAP_H

struct failure;

#define CHAP_SECRET_MIN 12
#define CHAP_TEXT_MAX 255

struct chap {
	char user[CHAP_TEXT_MAX + 1];
	char secret[CHAP_TEXT_MAX + 1];
};

/*
 * Reads a file of two lines, the user and the secret, that nobody but its
 * owner can read. Where @target is not NULL, two more may follow, by which the
 * target proves itself; else its user is empty. 0 or -errno.
 */
int chap_read_file(struct chap *chap, struct chap *target, const char *path,
		   struct failure *why);

#endif
