/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mkinitrd-en does: one file a verb. Each reads its own options (argv[0] is
 * the verb), prints, and returns the exit status.
 */
#ifndef TOOLS_MKINITRD_EN_VERBS_H
#define TOOLS_MKINITRD_EN_VERBS_H

#define EXIT_USAGE 2

/* Without a verb */
int add_main(int argc, char **argv);

int inspect_main(int argc, char **argv);
int verify_main(int argc, char **argv);
int diff_main(int argc, char **argv);

/* Says what is wrong (NULL: was said already) and where help is; EXIT_USAGE. */
int usage_hint(const char *verb, const char *text);

#endif
