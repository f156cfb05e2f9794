// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/view.h"

#include "tools/mkinitrd-en/progress.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The largest initrd that any boot loader loads */
#define INPUT_MAX (4ULL << 30)

static int read_input(struct view *v, const char *path, struct failure *why)
{
	struct stat st;

	if (strcmp(path, "-")) {
		v->name = path;
		return mapped_file_open(&v->file, path, why);
	}
	v->name = "standard input";
	if (!fstat(STDIN_FILENO, &st) && S_ISREG(st.st_mode) &&
	    !lseek(STDIN_FILENO, 0, SEEK_CUR))
		return mapped_file_of(&v->file, STDIN_FILENO, v->name, why);
	return buffer_read_fd(&v->input, STDIN_FILENO, INPUT_MAX, v->name, why);
}

int view_read(struct view *v, const char *path, const struct tree_watch *watch,
	      struct failure *why)
{
	const uint8_t *data;
	size_t size;
	int err;

	memset(v, 0, sizeof(*v));
	err = read_input(v, path, why);
	if (err)
		return err;
	data = v->file.data ? v->file.data : v->input.data;
	size = v->file.data ? v->file.size : v->input.size;
	v->is_uki = pe_is(data, size);
	if (v->is_uki) {
		err = pe_read(&v->pe, data, size, why);
		if (err)
			return fail_in(why, err, "%s", v->name);
		data += v->pe.initrd.offset;
		size = v->pe.initrd.size;
	}
	v->image.accept_own = true;
	v->image.like_kernel = true;
	v->image.watch = watch;
	v->image.progress = progress_shown();
	v->damage = image_read(&v->image, data, size, &v->damage_why);
	progress_end();
	if (v->damage == -ENOMEM) {
		*why = v->damage_why;
		return fail_in(why, v->damage, "%s", v->name);
	}
	err = image_modules_find(&v->modules, &v->image, why);
	if (!err)
		err = inserted_read(&v->inserted, &v->image, why);
	return err ? fail_in(why, err, "%s", v->name) : 0;
}

int view_kernel(struct view *v, const char *word, struct failure *why)
{
	int err = -ENOENT;

	if (word) {
		err = kernel_config_read(&v->kernel, word, why);
		return err ? fail_in(why, err, "--kernel") : 0;
	}
	for (size_t i = 0; err && i < v->modules.n_releases; i++) {
		kernel_config_free(&v->kernel);
		err = kernel_config_read(&v->kernel, v->modules.releases[i],
					 why);
	}
	return err == -ENOMEM ? err : 0;
}

void view_free(struct view *v)
{
	kernel_config_free(&v->kernel);
	inserted_free(&v->inserted);
	image_modules_free(&v->modules);
	image_free(&v->image);
	buffer_free(&v->input);
	mapped_file_close(&v->file);
}

uint64_t view_unpacked(const struct view *v)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < v->image.n_segments; i++)
		sum += v->image.segments[i].unpacked;
	return sum;
}

uint64_t view_entries(const struct view *v)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < v->image.n_segments; i++)
		sum += v->image.segments[i].entries;
	return sum;
}

uint64_t view_padding(const struct view *v, size_t segment)
{
	const struct segment *s = &v->image.segments[segment];
	uint64_t end = v->image.end;

	if (segment + 1 < v->image.n_segments)
		end = s[1].offset;
	else if (v->damage)
		return 0;
	return end - (s->offset + s->size);
}
