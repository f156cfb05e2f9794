/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read by sparse alone, ahead of every file of the modules: what the headers of
 * new kernels use and sparse 0.6.4 does not know. It would stop there, and say
 * nothing about our files.
 */
#define __sparse_integers(type) \
	unsigned type : (unsigned type)0, signed type : (signed type)0
#define __typeof_unqual__(x)                                                   \
	__typeof__(_Generic((x), char                                          \
			    : (char)0, __sparse_integers(char),                \
			      __sparse_integers(short),                        \
			      __sparse_integers(int), __sparse_integers(long), \
			      __sparse_integers(long long), default            \
			    : (x)))
/* MODULE_INFO() asserts on the length of a string literal. */
#define __builtin_strlen(string) (sizeof(string) - 1)
