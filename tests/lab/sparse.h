/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read by sparse alone, ahead of every file of the modules: what the headers of
 * new kernels use and sparse 0.6.4 does not know. It would stop there, and say
 * nothing about our files.
 */
#define __typeof_unqual__ __typeof__
/* MODULE_INFO() asserts on the length of a string literal. */
#define __builtin_strlen(string) (sizeof(string) - 1)
