// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/install/install.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/root_path.h"
#include "tools/lib/base/json_text.h"

#include <stdio.h>
#include <string.h>

#define SIZE_MIN (UINT64_C(8) << 20)

static int read_uuid(char uuid[UUID_TEXT], struct failure *why)
{
	FILE *file = fopen("/proc/sys/kernel/random/uuid", "re");
	bool got = file && fgets(uuid, UUID_TEXT, file);

	if (file)
		fclose(file);
	return got ? 0 : fail(why, -EIO, "the kernel makes no UUID");
}

static bool is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(text) != strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == '-' ? text[i] != '-' :
				     !strchr("0123456789abcdefABCDEF", text[i]))
			return false;
	}
	return true;
}

static int check_request(const struct install_request *r, struct failure *why)
{
	size_t column;
	int err;

	if (r->uuid && !is_uuid(r->uuid))
		return fail(why, -EINVAL, "--uuid %s: no UUID", r->uuid);
	if (!*r->label || strlen(r->label) > LABEL_MAX)
		return fail(why, -EINVAL, "--label %s: 1 to %d bytes", r->label,
			    LABEL_MAX);
	if (!r->initiator)
		return 0;
	err = iscsi_name_check(r->initiator, strlen(r->initiator), &column,
			       why);
	return err ? fail_in(why, err, "--initiator %s: column %zu",
			     r->initiator, column + 1) :
		     0;
}

static int choose_size(struct install *install, struct failure *why)
{
	const struct disk *disk = &install->disk;
	uint64_t wanted = install->request.size;
	uint64_t least = install->source.bytes;

	if (disk->kind == DISK_DEVICE && wanted > disk->size)
		return fail(why, -ENOSPC, "%s: has only %llu bytes", disk->path,
			    (unsigned long long)disk->size);
	if (!wanted)
		wanted = disk->kind == DISK_DEVICE ?
				 disk->size :
				 source_disk_size(&install->source);
	/* In blocks of the file system */
	install->size = wanted & ~UINT64_C(4095);
	if (install->size < SIZE_MIN || install->size <= least)
		return fail(
			why, -ENOSPC,
			"%s: %llu bytes are too few: the tree has %llu, and"
			" %llu would be a good size",
			disk->path, (unsigned long long)wanted,
			(unsigned long long)least,
			(unsigned long long)source_disk_size(&install->source));
	return 0;
}

/* A disk in the tree would be copied into itself. */
static int check_apart(const struct install *install, struct failure *why)
{
	const char *folder = install->source.folder;
	size_t size = strlen(folder);

	if (install->disk.kind == DISK_DEVICE ||
	    strncmp(install->disk.path, folder, size) ||
	    (install->disk.path[size] != '/' && strcmp(folder, "/")))
		return 0;
	return fail(why, -EINVAL, "%s: is in the tree that is to be copied",
		    install->disk.path);
}

static int check_boot_files(const struct install *install, struct failure *why)
{
	const struct install_request *r = &install->request;
	const struct source *source = &install->source;

	if (r->kernel_out && !source->kernel)
		return fail(why, -ENOENT,
			    "--kernel-out: %s/boot has no vmlinuz-VERSION",
			    source->folder);
	if ((r->initrd_out || r->words || r->root) && !source->initrd)
		return fail(
			why, -ENOENT,
			"%s/boot has no initrd.img-VERSION of a kernel"
			" beside it: a root-path, --initrd-out and words for"
			" mkinitrd-en need one",
			source->folder);
	return 0;
}

int install_set_source(struct install *install, const char *folder,
		       struct failure *why)
{
	int err = source_look(&install->source, folder, why);

	if (!err)
		err = check_apart(install, why);
	if (!err)
		err = check_boot_files(install, why);
	return err ? err : choose_size(install, why);
}

int install_plan(struct install *install, const struct install_request *request,
		 struct failure *why)
{
	int err;

	memset(install, 0, sizeof(*install));
	install->request = *request;
	err = check_request(request, why);
	if (!err)
		err = disk_look(&install->disk, request->disk, request->force,
				why);
	if (!err && request->uuid)
		strcpy(install->uuid, request->uuid);
	else if (!err)
		err = read_uuid(install->uuid, why);
	if (!err && request->from)
		return install_set_source(install, request->from, why);
	if (!err)
		install->size = request->size;
	return err;
}

void install_free(struct install *install)
{
	disk_free(&install->disk);
	source_free(&install->source);
}

static const char *kind_name(const struct install *install)
{
	static const char *const names[] = { "new file", "file", "device" };

	return names[install->disk.kind];
}

static void target_text(const struct install *install, char text[ROOT_PATH_MAX])
{
	if (install->request.root)
		root_path_write(install->request.root, text);
	else
		strcpy(text, "known at boot");
}

void install_print(const struct install *install, FILE *out)
{
	const struct install_request *r = &install->request;
	const struct source *s = &install->source;
	char target[ROOT_PATH_MAX];

	target_text(install, target);
	fprintf(out, "disk      %s (%s)\n", install->disk.path,
		kind_name(install));
	if (r->suite)
		fprintf(out, "packages  of %s, by mmdebstrap%s%s\n", r->suite,
			r->mirror ? " from " : "", r->mirror ? r->mirror : "");
	if (s->folder)
		fprintf(out, "tree      %s: %llu files, %llu bytes\n",
			s->folder, (unsigned long long)s->files,
			(unsigned long long)s->bytes);
	if (install->size)
		fprintf(out, "size      %llu bytes\n",
			(unsigned long long)install->size);
	else
		fprintf(out, "size      by the packages\n");
	fprintf(out, "root      UUID=%s, label %s, ext4\n", install->uuid,
		r->label);
	fprintf(out, "initiator %s\n",
		r->initiator ? r->initiator : "made by each host");
	if (s->kernel)
		fprintf(out, "kernel    /%s\n", s->kernel);
	if (s->initrd)
		fprintf(out, "initrd    /%s, by mkinitrd-en; target %s\n",
			s->initrd, target);
	else if (s->folder)
		fprintf(out, "initrd    none in the tree\n");
	if (r->kernel_out)
		fprintf(out, "copy      of the kernel: %s\n", r->kernel_out);
	if (r->initrd_out)
		fprintf(out, "copy      of the initrd: %s\n", r->initrd_out);
}

struct json_object *install_json(const struct install *install)
{
	const struct install_request *r = &install->request;
	const struct source *s = &install->source;
	struct json_object *o = json_object_new_object();
	char target[ROOT_PATH_MAX];

	if (r->root)
		root_path_write(r->root, target);
	json_add_text(o, "disk", install->disk.path);
	json_add_text(o, "kind", kind_name(install));
	json_add_text(o, "suite", r->suite);
	json_add_text(o, "tree", r->from ? s->folder : NULL);
	if (s->folder) {
		json_add_number(o, "files", s->files);
		json_add_number(o, "bytes", s->bytes);
	}
	if (install->size)
		json_add_number(o, "size", install->size);
	json_add_text(o, "uuid", install->uuid);
	json_add_text(o, "label", r->label);
	json_add_text(o, "initiator", r->initiator);
	json_add_text(o, "release", s->release);
	json_add_text(o, "kernel", s->kernel);
	json_add_text(o, "initrd", s->initrd);
	json_add_text(o, "root_path", r->root ? target : NULL);
	json_add_text(o, "kernel_out", r->kernel_out);
	json_add_text(o, "initrd_out", r->initrd_out);
	return o;
}
