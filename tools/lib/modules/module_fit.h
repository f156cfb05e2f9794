/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether our modules fit the kernel that an image is for, judged by what
 * else is known to fit it: the image's own modules, Module.symvers.
 */
#ifndef TOOLS_LIB_MODULE_FIT_H
#define TOOLS_LIB_MODULE_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

struct module_misfit {
	bool error; /* it cannot be loaded; else it may not be */
	char *text; /* one line */
};

struct fit_module {
	const char *path;
	const char *facts;
	size_t size;
	bool misfit; /* told once is enough */
};

struct fit_symbol {
	const char *name;
	uint32_t crc;
	size_t module; /* which of ours imports it */
};

struct module_fit {
	struct fit_module *modules; /* ours */
	size_t n_modules;
	struct fit_symbol *symbols; /* sorted; not those that are ours */
	size_t n_symbols;
	bool signed_other; /* one of the others is */
	struct module_misfit *list;
	size_t count;
};

/*
 * Adds one of our modules. @facts as of module_facts.h; it and @path must
 * stay where they are. module_fit_free is due. All of these: 0 or -ENOMEM.
 */
int module_fit_add(struct module_fit *fit, const char *path, const char *facts,
		   size_t size);

/* When all of ours are added, before any of the others. */
int module_fit_ready(struct module_fit *fit);

/* Holds ours against a module of the same kernel that was not made by us. */
int module_fit_meet(struct module_fit *fit, const char *path, const char *facts,
		    size_t size);

/*
 * The same with a Module.symvers: lines of CRC, symbol, module, separated by
 * tabs. Other lines are passed over.
 */
int module_fit_symvers(struct module_fit *fit, const char *path,
		       const uint8_t *data, size_t size);

/* When all others were met: what is to be said of signatures. */
int module_fit_end(struct module_fit *fit);

void module_fit_free(struct module_fit *fit);

#endif
