// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/module_fit.h"

#include "tools/lib/modules/modinfo.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int misfit(struct module_fit *fit, bool error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int misfit(struct module_fit *fit, bool error, const char *format, ...)
{
	struct module_misfit *more;
	va_list args;
	int length;

	more = realloc(fit->list, (fit->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	fit->list = more;
	more += fit->count;
	more->error = error;
	va_start(args, format);
	length = vasprintf(&more->text, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	fit->count++;
	return 0;
}

int module_fit_add(struct module_fit *fit, const char *path, const char *facts,
		   size_t size)
{
	struct fit_module *more;

	more = realloc(fit->modules, (fit->n_modules + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	fit->modules = more;
	more[fit->n_modules++] =
		(struct fit_module){ path, facts, size, false };
	return 0;
}

/* The linker may keep a name as the end of a longer one. */
static bool is_ours(const struct module_fit *fit, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < fit->n_modules; i++) {
		const struct modinfo info = { .text = fit->modules[i].facts,
					      .size = fit->modules[i].size };
		const char *own = NULL;

		while ((own = modinfo_next(&info, "export", own))) {
			size_t all = strlen(own);

			if (all >= length && !strcmp(own + all - length, name))
				return true;
		}
	}
	return false;
}

/* "CRC NAME"; NULL: not so */
static const char *read_import(const char *value, uint32_t *crc)
{
	char *end;

	*crc = strtoul(value, &end, 16);
	return end == value + 8 && *end == ' ' && end[1] ? end + 1 : NULL;
}

static int add_symbols(struct module_fit *fit, size_t module)
{
	const struct modinfo info = { .text = fit->modules[module].facts,
				      .size = fit->modules[module].size };
	const char *value = NULL;
	struct fit_symbol *more;
	size_t count = 0;

	while ((value = modinfo_next(&info, "import", value)))
		count++;
	more = realloc(fit->symbols,
		       (fit->n_symbols + count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	fit->symbols = more;
	while ((value = modinfo_next(&info, "import", value))) {
		struct fit_symbol *s = &fit->symbols[fit->n_symbols];

		s->name = read_import(value, &s->crc);
		s->module = module;
		/* What we bring along ourselves, the image has otherwise. */
		if (s->name && !is_ours(fit, s->name))
			fit->n_symbols++;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct fit_symbol *one = a;
	const struct fit_symbol *two = b;

	return strcmp(one->name, two->name);
}

int module_fit_ready(struct module_fit *fit)
{
	int err = 0;

	for (size_t i = 0; !err && i < fit->n_modules; i++)
		err = add_symbols(fit, i);
	if (fit->n_symbols)
		qsort(fit->symbols, fit->n_symbols, sizeof(*fit->symbols),
		      compare);
	return err;
}

static int meet_symbol(struct module_fit *fit, const char *name, uint32_t crc,
		       const char *path, bool error)
{
	const struct fit_symbol *end = fit->symbols + fit->n_symbols;
	const struct fit_symbol key = { .name = name };
	const struct fit_symbol *s;
	int err = 0;

	if (!fit->n_symbols)
		return 0;
	s = bsearch(&key, fit->symbols, fit->n_symbols, sizeof(*s), compare);
	while (s && s > fit->symbols && !strcmp(s[-1].name, name))
		s--;
	for (; !err && s && s < end && !strcmp(s->name, name); s++) {
		struct fit_module *ours = &fit->modules[s->module];

		if (s->crc == crc || ours->misfit)
			continue;
		ours->misfit = true;
		err = misfit(fit, error,
			     "%s: disagrees about version of symbol %s"
			     " (0x%08x; in %s 0x%08x): it was made for another"
			     " build of the kernel, which will not load it",
			     ours->path, name, s->crc, path, crc);
	}
	return err;
}

static int meet_machine(struct module_fit *fit, const char *path,
			const char *machine)
{
	int err = 0;

	for (size_t i = 0; !err && i < fit->n_modules; i++) {
		struct fit_module *ours = &fit->modules[i];
		const struct modinfo info = { .text = ours->facts,
					      .size = ours->size };
		const char *own = modinfo_next(&info, "machine", NULL);

		if (ours->misfit || !own || !strcmp(own, machine))
			continue;
		ours->misfit = true;
		err = misfit(fit, true,
			     "%s: made for another processor (ELF machine %s;"
			     " %s: %s)",
			     ours->path, own, path, machine);
	}
	return err;
}

int module_fit_meet(struct module_fit *fit, const char *path, const char *facts,
		    size_t size)
{
	const struct modinfo info = { .text = facts, .size = size };
	const char *machine;
	const char *value = NULL;
	uint32_t crc;
	int err = 0;

	if (!size)
		return 0;
	machine = modinfo_next(&info, "machine", NULL);
	if (machine)
		err = meet_machine(fit, path, machine);
	if (modinfo_next(&info, "signed", NULL))
		fit->signed_other = true;
	while (!err && (value = modinfo_next(&info, "import", value))) {
		const char *name = read_import(value, &crc);

		if (name)
			err = meet_symbol(fit, name, crc, path, true);
	}
	return err;
}

/* A kernel without CRCs has a list of zeroes. */
static int meet_line(struct module_fit *fit, const char *path, const char *line,
		     size_t length)
{
	const char *tab = memchr(line, '\t', length);
	const char *end;
	char text[256];
	uint32_t crc;
	char *stop;

	if (!tab || tab - line != 10)
		return 0;
	memcpy(text, line, 10);
	text[10] = '\0';
	crc = strtoul(text, &stop, 16);
	tab++;
	end = memchr(tab, '\t', line + length - tab);
	if (*stop || !crc || !end || (size_t)(end - tab) >= sizeof(text))
		return 0;
	memcpy(text, tab, end - tab);
	text[end - tab] = '\0';
	return meet_symbol(fit, text, crc, path, false);
}

int module_fit_symvers(struct module_fit *fit, const char *path,
		       const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	const char *end = line + size;
	int err = 0;

	while (!err && line < end) {
		const char *stop = memchr(line, '\n', end - line);

		if (!stop)
			stop = end;
		err = meet_line(fit, path, line, stop - line);
		line = stop + 1;
	}
	return err;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int module_fit_end(struct module_fit *fit)
{
	char names[512] = "";
	size_t used = 0;

	for (size_t i = 0; fit->signed_other && i < fit->n_modules; i++) {
		const struct fit_module *ours = &fit->modules[i];
		const struct modinfo info = { .text = ours->facts,
					      .size = ours->size };

		if (modinfo_next(&info, "signed", NULL) ||
		    used >= sizeof(names))
			continue;
		used += snprintf(names + used, sizeof(names) - used, "%s%s",
				 used ? ", " : "", base_name(ours->path));
	}
	if (!used)
		return 0;
	return misfit(fit, false,
		      "%s: no signature, but the image's own modules have one:"
		      " a kernel that enforces signatures (Secure Boot,"
		      " module.sig_enforce) will not load them",
		      names);
}

void module_fit_free(struct module_fit *fit)
{
	for (size_t i = 0; i < fit->count; i++)
		free(fit->list[i].text);
	free(fit->list);
	free(fit->modules);
	free(fit->symbols);
	memset(fit, 0, sizeof(*fit));
}
