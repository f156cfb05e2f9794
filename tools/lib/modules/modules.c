// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/modules.h"

#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/modules/driver.h"
#include "tools/lib/modules/firmware.h"
#include "tools/lib/modules/modinfo.h"
#include "tools/lib/modules/module_file.h"

#include <libkmod.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How deep modules of one provider need each other; cycles end here */
#define DEPTH_MAX 16

/* Where every file of the image that is a module of our names stands. */
struct in_image {
	const char *kernel;
	const char *name;
	uint64_t hash_plain;
	uint64_t hash_stored;
	bool found;
	bool same;
	char *same_path; /* the same and not compressed */
};

int modules_note(struct modules *m, const char *format, ...)
{
	char **more = realloc(m->notes, (m->n_notes + 1) * sizeof(*more));
	va_list args;
	int length;

	if (!more)
		return -ENOMEM;
	m->notes = more;
	va_start(args, format);
	length = vasprintf(&more[m->n_notes], format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	m->n_notes++;
	return 0;
}

/* Whether @path is a file of the module @name of that kernel. */
static bool is_module_path(const char *path, const char *kernel,
			   const char *name)
{
	const char *at = module_file_below(path);
	size_t length = strlen(kernel);
	char found[256];

	if (!at || strncmp(at, kernel, length) || at[length] != '/')
		return false;
	return !module_file_name(path, found, sizeof(found)) &&
	       !strcmp(found, name);
}

/* The releases that the image has modules of, as a list for people too. */
struct releases {
	const struct image *image;
	unsigned int count;
	bool wanted_found;
	const char *wanted;
	char first[256];
	char text[512];
};

static int note_release(void *ctx, const char *path, const struct inode *inode)
{
	const char *at = module_file_below(path);
	struct releases *r = ctx;
	size_t used = strlen(r->text);

	if (!at || !*at || strchr(at, '/') || !S_ISDIR(inode->mode) ||
	    strlen(at) >= sizeof(r->first) ||
	    !tree_children(r->image->tree, path))
		return 0;
	if (!r->count++)
		strcpy(r->first, at);
	if (r->wanted && !strcmp(r->wanted, at))
		r->wanted_found = true;
	snprintf(r->text + used, sizeof(r->text) - used, "%s%s",
		 used ? ", " : "", at);
	return 0;
}

int modules_kernel_of(const struct image *image, const char *wanted,
		      char **release, struct failure *why)
{
	struct releases r = { .image = image, .wanted = wanted };

	if (wanted && (!*wanted || strchr(wanted, '/') || *wanted == '.'))
		return fail(why, -EINVAL, "%s: not a kernel release", wanted);
	tree_each(image->tree, note_release, &r);
	if (wanted && r.count && !r.wanted_found)
		return fail(why, -EINVAL,
			    "the image is for kernel %s, not for %s", r.text,
			    wanted);
	if (!wanted && !r.count)
		return fail(why, -ENOENT,
			    "the image holds no modules that tell its kernel:"
			    " say it with --kernel VERSION");
	if (!wanted && r.count > 1)
		return fail(why, -EEXIST,
			    "the image is for several kernels (%s): say which"
			    " with --kernel VERSION",
			    r.text);
	*release = strdup(wanted ? wanted : r.first);
	return *release ? 0 : fail(why, -ENOMEM, "out of memory");
}

static int look_at(void *ctx, const char *path, const struct inode *inode)
{
	struct in_image *in = ctx;

	if (!S_ISREG(inode->mode) ||
	    !is_module_path(path, in->kernel, in->name))
		return 0;
	in->found = true;
	if (inode->hash == in->hash_plain && module_file_is_plain(path)) {
		in->same = true;
		free(in->same_path);
		in->same_path = strdup(path);
		return in->same_path ? 0 : -ENOMEM;
	}
	if (inode->hash == in->hash_stored)
		in->same = true;
	return 0;
}

static bool image_has(const struct image *image, const char *kernel,
		      const char *name)
{
	struct in_image in = { .kernel = kernel, .name = name };

	tree_each(image->tree, look_at, &in);
	free(in.same_path);
	return in.found;
}

static int check_modinfo(struct modules *m, const struct image *image,
			 const struct module *mod, struct failure *why)
{
	const char *firmware = NULL;
	const char *magic;
	struct modinfo info;
	size_t length;
	int err;

	err = modinfo_find(&info, mod->bytes.data, mod->bytes.size, why);
	if (err)
		return fail_in(why, err, "%s", mod->source);
	magic = modinfo_next(&info, "vermagic", NULL);
	if (!magic)
		return fail(why, -EINVAL,
			    "%s: does not say its kernel"
			    " (no vermagic)",
			    mod->source);
	length = strcspn(magic, " ");
	if (length != strlen(m->kernel) || strncmp(magic, m->kernel, length))
		return fail(why, -EINVAL,
			    "%s: made for kernel %.*s, but the image is for"
			    " %s",
			    mod->source, (int)length, magic, m->kernel);
	while ((firmware = modinfo_next(&info, "firmware", firmware))) {
		if (!firmware_found(image, m->kernel, firmware) &&
		    modules_note(
			    m,
			    "%s may ask for firmware %s, which the image has"
			    " not got",
			    mod->name, firmware))
			return fail(why, -ENOMEM, "out of memory");
	}
	return 0;
}

/*
 * The whole set comes from one provider. A file that the image has in the
 * same form is shared; a compressed one is not, since neither the loader nor
 * every kernel can decompress it.
 */
static int compare_with_image(struct modules *m, const struct image *image,
			      struct module *mod, uint64_t stored,
			      struct failure *why)
{
	struct in_image in = {
		.kernel = m->kernel,
		.name = mod->name,
		.hash_stored = stored,
		.hash_plain = hash_of(mod->bytes.data, mod->bytes.size),
	};

	if (tree_each(image->tree, look_at, &in))
		return fail(why, -ENOMEM, "out of memory");
	mod->differs = in.found && !in.same;
	mod->in_image = in.same_path;
	mod->action = in.same_path ? MODULE_SHARE : MODULE_ADD;
	if (mod->differs &&
	    modules_note(m,
			 "the image holds another build of %s; the one from %s"
			 " is loaded first",
			 mod->name, m->directory))
		return fail(why, -ENOMEM, "out of memory");
	return 0;
}

static struct module *find_module(struct modules *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++) {
		if (!strcmp(m->list[i].name, name))
			return &m->list[i];
	}
	return NULL;
}

static char *names_of_needs(struct kmod_module *kmod)
{
	struct kmod_list *needed = kmod_module_get_dependencies(kmod);
	struct buffer text = { 0 };
	struct kmod_list *item;
	int err = 0;

	kmod_list_foreach(item, needed)
	{
		struct kmod_module *dep = kmod_module_get_module(item);

		if (!err)
			err = buffer_printf(&text, "%s,",
					    kmod_module_get_name(dep));
		kmod_module_unref(dep);
	}
	kmod_module_unref_list(needed);
	if (!err)
		err = buffer_add_zeros(&text, 1);
	if (err)
		buffer_free(&text);
	return (char *)text.data;
}

/*
 * @path: its file; NULL: it is built in. @needs: names of the modules that it
 * needs, a ',' behind each; it is taken over. NULL: no memory.
 */
static int add_file(struct modules *m, const struct image *image,
		    const char *name, const char *path, char *needs,
		    struct failure *why)
{
	struct module *mod;
	uint64_t stored;
	int err;

	if (find_module(m, name)) {
		free(needs);
		return 0;
	}
	mod = realloc(m->list, (m->count + 1) * sizeof(*mod));
	if (!mod) {
		free(needs);
		return fail(why, -ENOMEM, "out of memory");
	}
	m->list = mod;
	mod += m->count++;
	memset(mod, 0, sizeof(*mod));
	mod->name = strdup(name);
	mod->source = strdup(path ? path : "");
	mod->needs = needs;
	if (!mod->name || !mod->source || !mod->needs)
		return fail(why, -ENOMEM, "out of memory");
	if (!path) {
		mod->action = MODULE_BUILT_IN;
		return 0;
	}
	err = module_file_read(path, &mod->bytes, &stored, why);
	if (!err)
		err = check_modinfo(m, image, mod, why);
	if (!err)
		err = compare_with_image(m, image, mod, stored, why);
	return err;
}

static int add_module(struct modules *m, const struct image *image,
		      struct kmod_module *kmod, struct failure *why)
{
	return add_file(m, image, kmod_module_get_name(kmod),
			kmod_module_get_path(kmod), names_of_needs(kmod), why);
}

/* Of "pre: a b post: c", a word that names a module which nobody has */
static int note_softdep(struct modules *m, const struct image *image,
			const struct module *mod, const char *word,
			size_t length)
{
	char name[256];

	if (!length || length >= sizeof(name) || word[length - 1] == ':')
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	for (char *p = name; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (find_module(m, name) || image_has(image, m->kernel, name))
		return 0;
	return modules_note(
		m,
		"%s likes to have module %s with it, which the image"
		" has not got",
		mod->name, name);
}

/* Soft dependencies help, but nothing fails without them: they are named. */
static int note_softdeps(struct modules *m, const struct image *image,
			 const struct module *mod)
{
	const char *words = NULL;
	struct modinfo info;
	int err = 0;

	if (!mod->bytes.size ||
	    modinfo_find(&info, mod->bytes.data, mod->bytes.size, NULL))
		return 0;
	while (!err && (words = modinfo_next(&info, "softdep", words))) {
		const char *word = words;

		while (!err && *word) {
			size_t length = strcspn(word, " ");

			err = note_softdep(m, image, mod, word, length);
			word += length + strspn(word + length, " ");
		}
	}
	return err;
}

static int add_with_dependencies(struct modules *m, const struct image *image,
				 struct kmod_module *kmod, struct failure *why)
{
	struct kmod_list *needed = kmod_module_get_dependencies(kmod);
	struct kmod_list *item;
	int err = 0;

	/* libkmod gives what is to be loaded first, first. */
	kmod_list_foreach(item, needed)
	{
		struct kmod_module *dep = kmod_module_get_module(item);

		if (!err)
			err = add_module(m, image, dep, why);
		kmod_module_unref(dep);
	}
	kmod_module_unref_list(needed);
	return err ? err : add_module(m, image, kmod, why);
}

static int add_by_name(struct modules *m, const struct image *image,
		       struct kmod_ctx *ctx, const char *name,
		       struct failure *why)
{
	struct kmod_list *found = NULL;
	struct kmod_module *kmod;
	bool optional = *name == '?';
	int err;

	name += optional;
	if (optional && image_has(image, m->kernel, name))
		return 0;
	if (kmod_module_new_from_lookup(ctx, name, &found) < 0 || !found) {
		/* Nobody misses an optional one of a kernel without it. */
		if (optional &&
		    modules_note(m, "%s has no module %s", m->directory, name))
			return fail(why, -ENOMEM, "out of memory");
		if (optional)
			return 0;
		return fail(why, -ENOENT,
			    "%s: no module %s for kernel %s (is a driver"
			    " package missing, or depmod not run?)",
			    m->directory, name, m->kernel);
	}
	kmod = kmod_module_get_module(found);
	err = add_with_dependencies(m, image, kmod, why);
	kmod_module_unref(kmod);
	kmod_module_unref_list(found);
	return err;
}

/* What a module says that it depends on, with ',' between. */
static int read_depends(const char *path, char *text, size_t room,
			struct failure *why)
{
	struct buffer elf = { 0 };
	const char *depends;
	struct modinfo info;
	uint64_t stored;
	int err = module_file_read(path, &elf, &stored, why);

	if (!err) {
		err = modinfo_find(&info, elf.data, elf.size, why);
		if (err)
			err = fail_in(why, err, "%s", path);
	}
	if (!err) {
		depends = modinfo_next(&info, "depends", NULL);
		if (snprintf(text, room, "%s", depends ? depends : "") >=
		    (int)room)
			err = fail(why, -E2BIG, "%s: depends on too much",
				   path);
	}
	buffer_free(&elf);
	return err;
}

/* @name and what it needs itself, which is to be loaded before it */
static int add_need(struct modules *m, const char *name, struct buffer *closure,
		    struct failure *why)
{
	const struct module *mod = find_module(m, name);
	int err = 0;

	if (mod && mod->needs)
		err = buffer_printf(closure, "%s", mod->needs);
	if (!err)
		err = buffer_printf(closure, "%s,", name);
	return err ? fail(why, err, "out of memory") : 0;
}

/*
 * Takes a module from @folder, with what it says that it needs: the index is
 * of another build of it. What the folder has not got comes by the index.
 */
static int add_from_folder(struct modules *m, const struct image *image,
			   struct kmod_ctx *ctx, const char *folder,
			   const char *name, unsigned int depth,
			   struct failure *why)
{
	struct buffer closure = { 0 };
	char needs[1024];
	char *rest = NULL;
	char *path;
	int err;

	if (find_module(m, name))
		return 0;
	if (depth > DEPTH_MAX)
		return fail(why, -ELOOP, "%s: the modules need each other",
			    folder);
	err = driver_file(folder, name, &path, why);
	if (err)
		return err;
	if (!path && driver_is(name))
		return fail(why, -ENOENT, "%s: holds no %s.ko", folder, name);
	if (!path)
		return add_by_name(m, image, ctx, name, why);
	err = read_depends(path, needs, sizeof(needs), why);
	for (char *need = strtok_r(needs, ",", &rest); !err && need;
	     need = strtok_r(NULL, ",", &rest)) {
		err = add_from_folder(m, image, ctx, folder, need, depth + 1,
				      why);
		if (!err)
			err = add_need(m, need, &closure, why);
	}
	if (!err && buffer_add_zeros(&closure, 1))
		err = fail(why, -ENOMEM, "out of memory");
	if (err)
		buffer_free(&closure);
	else
		err = add_file(m, image, name, path, (char *)closure.data, why);
	free(path);
	return err;
}

/* Both drivers are of one provider, whose name and place are kept. */
static int note_driver(struct modules *m, struct failure *why)
{
	const struct module *en = find_module(m, "mlx4_en");
	const struct module *core = find_module(m, "mlx4_core");
	const char *slash;

	m->driver = "built-in";
	if (!core || core->action == MODULE_BUILT_IN)
		return 0;
	m->driver = driver_kind(m->directory, core->source);
	slash = strrchr(core->source, '/');
	m->driver_folder = strndup(core->source, slash - core->source);
	if (!m->driver_folder)
		return fail(why, -ENOMEM, "out of memory");
	if (!en || en->action == MODULE_BUILT_IN ||
	    !strcmp(m->driver, driver_kind(m->directory, en->source)))
		return 0;
	return fail(why, -EINVAL,
		    "%s and %s are not made for each other: choose by"
		    " --driver dkms or in-tree",
		    core->source, en->source);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int find_directory(struct modules *m, const char *given,
			  struct failure *why)
{
	static const char *const places[] = { "/lib/modules",
					      "/usr/lib/modules", "" };
	char index[4096];

	if (!is_directory(given))
		return fail(why, -ENOENT, "%s: no such directory of modules",
			    given);
	for (int i = 0; i < 3; i++) {
		free(m->directory);
		if (asprintf(&m->directory, "%s%s/%s", given, places[i],
			     m->kernel) < 0) {
			m->directory = NULL;
			return fail(why, -ENOMEM, "out of memory");
		}
		if (is_directory(m->directory))
			return 0;
	}
	snprintf(index, sizeof(index), "%s/modules.dep", given);
	if (access(index, F_OK))
		return fail(why, -ENOENT, "%s: no modules for kernel %s there",
			    given, m->kernel);
	free(m->directory);
	m->directory = strdup(given);
	return m->directory ? 0 : fail(why, -ENOMEM, "out of memory");
}

/* As libkmod does, so that the paths that it gives begin with it. */
static int make_absolute(char **path, struct failure *why)
{
	char *here, *whole;

	if (**path == '/')
		return 0;
	here = get_current_dir_name();
	if (!here)
		return fail(why, -errno, "the working directory: %s",
			    strerror(errno));
	if (asprintf(&whole, "%s/%s", here, *path) < 0)
		whole = NULL;
	free(here);
	if (!whole)
		return fail(why, -ENOMEM, "out of memory");
	free(*path);
	*path = whole;
	return 0;
}

int modules_resolve(struct modules *m, const struct image *image,
		    const char *directory, const char *release,
		    const char *driver, const char *const *names,
		    struct failure *why)
{
	/* The host's modprobe.d is none of the image's business. */
	static const char *const no_config[] = { NULL };
	struct kmod_ctx *ctx;
	char *folder = NULL;
	char index[4096];
	int err;

	memset(m, 0, sizeof(*m));
	m->kernel = strdup(release);
	if (!m->kernel)
		return fail(why, -ENOMEM, "out of memory");
	err = find_directory(m, directory, why);
	if (!err)
		err = make_absolute(&m->directory, why);
	if (err)
		return err;
	snprintf(index, sizeof(index), "%s/modules.dep.bin", m->directory);
	if (access(index, R_OK))
		return fail(why, -ENOENT,
			    "%s: no index of the modules (run depmod %s)",
			    index, release);
	err = driver ? driver_folder(m->directory, driver, &folder, why) : 0;
	if (err) {
		free(folder);
		return err;
	}
	ctx = kmod_new(m->directory, no_config);
	if (!ctx) {
		free(folder);
		return fail(why, -ENOMEM, "%s: libkmod cannot use it",
			    m->directory);
	}
	kmod_set_log_fn(ctx, NULL, NULL);
	kmod_load_resources(ctx);
	for (; !err && *names; names++)
		err = folder && **names != '?' ?
			      add_from_folder(m, image, ctx, folder, *names, 0,
					      why) :
			      add_by_name(m, image, ctx, *names, why);
	kmod_unref(ctx);
	free(folder);
	if (!err)
		err = note_driver(m, why);
	for (size_t i = 0; !err && i < m->count; i++) {
		if (note_softdeps(m, image, &m->list[i]))
			err = fail(why, -ENOMEM, "out of memory");
	}
	return err;
}

void modules_free(struct modules *m)
{
	for (size_t i = 0; i < m->count; i++) {
		free(m->list[i].name);
		free(m->list[i].source);
		free(m->list[i].in_image);
		free(m->list[i].needs);
		buffer_free(&m->list[i].bytes);
	}
	for (size_t i = 0; i < m->n_notes; i++)
		free(m->notes[i]);
	free(m->notes);
	free(m->list);
	free(m->kernel);
	free(m->directory);
	free(m->driver_folder);
	memset(m, 0, sizeof(*m));
}
