// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/install/files.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/mapped_file.h"
#include "tools/lib/base/program.h"
#include "tools/lib/install/fstab.h"
#include "tools/lib/install/install.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FSTAB_MAX (1U << 20)
#define BACK ".back"

/*
 * logout-all.sh of Debian's open-iscsi takes this file for the sign that the
 * root is on iSCSI (docs/hardware/initrd.md).
 */
static const char session_kept[] =
	"# The root of this system is on iSCSI. mkinitrd-en has put the target\n"
	"# into the initrd; that this file is there tells open-iscsi not to log\n"
	"# out from it.\n";

static int write_staged(const struct disk_files *files, const char *name,
			const void *data, size_t size, struct failure *why)
{
	char path[PATH_MAX];
	FILE *out;
	int err = 0;

	snprintf(path, sizeof(path), "%s/%s", files->staging, name);
	out = fopen(path, "we");
	if (!out)
		return fail(why, -errno, "%s: %s", path, strerror(errno));
	if (size && fwrite(data, 1, size, out) != size)
		err = -EIO;
	if (fclose(out) || err)
		return fail(why, -EIO, "%s: cannot write", path);
	return 0;
}

static bool tree_has(const struct install *install, const char *folder,
		     const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s/%s", install->source.folder, folder,
		 name);
	return !lstat(path, &st);
}

static struct disk_file *add(struct disk_files *files,
			     const struct install *install, const char *staged,
			     const char *folder, const char *name,
			     unsigned int mode)
{
	struct disk_file *f = &files->list[files->count++];

	f->staged = staged;
	snprintf(f->folder, sizeof(f->folder), "%s", folder);
	snprintf(f->name, sizeof(f->name), "%s", name);
	f->mode = mode;
	f->replaces = tree_has(install, folder, name);
	return f;
}

static int make_fstab(struct disk_files *files, const struct install *install,
		      struct failure *why)
{
	struct buffer old = { 0 };
	struct buffer text = { 0 };
	char path[PATH_MAX];
	struct stat st;
	int err = 0;

	snprintf(path, sizeof(path), "%s/etc/fstab", install->source.folder);
	/* Where a link in the tree leads to is none of its business. */
	if (!lstat(path, &st) && S_ISREG(st.st_mode))
		err = buffer_read_file(&old, path, FSTAB_MAX, why);
	if (!err &&
	    fstab_make((const char *)old.data, old.size, install->uuid, &text))
		err = fail(why, -ENOMEM, "out of memory");
	if (!err)
		err = write_staged(files, "fstab", text.data, text.size, why);
	if (!err)
		add(files, install, "fstab", "etc", "fstab", 0644);
	buffer_free(&old);
	buffer_free(&text);
	return err;
}

static int make_initiator(struct disk_files *files,
			  const struct install *install, struct failure *why)
{
	const char *name = install->request.initiator;
	char text[512];
	int err;

	/* One that was copied would be the name of two hosts. */
	snprintf(text, sizeof(text), "%s%s\n",
		 name ? "InitiatorName=" : "GenerateName=yes",
		 name ? name : "");
	err = write_staged(files, "initiatorname", text, strlen(text), why);
	if (!err)
		err = write_staged(files, "session", session_kept,
				   strlen(session_kept), why);
	if (err)
		return err;
	add(files, install, "initiatorname", "etc/iscsi", "initiatorname.iscsi",
	    0600);
	add(files, install, "session", "etc/iscsi", "iscsi.initramfs", 0600);
	return 0;
}

int disk_files_make(struct disk_files *files, const struct install *install,
		    bool has_initrd, struct failure *why)
{
	char path[PATH_MAX];
	struct stat st;
	int err = make_fstab(files, install, why);

	snprintf(path, sizeof(path), "%s/etc/iscsi", install->source.folder);
	if (!err && !lstat(path, &st) && S_ISDIR(st.st_mode))
		err = make_initiator(files, install, why);
	if (!err && has_initrd)
		add(files, install, "initrd", "boot",
		    strrchr(install->source.initrd, '/') + 1, 0600);
	return err;
}

static int run_debugfs(const struct disk_files *files, const char *script,
		       bool writes, const char *target, int fd,
		       struct failure *why)
{
	const char *const words[] = {
		"debugfs", "-f", script, target, writes ? "-w" : NULL, NULL
	};
	struct program debugfs = {
		.words = words,
		.folder = files->staging,
		.file = fd,
	};

	return program_run(&debugfs, NULL, why);
}

/* debugfs ends well whatever goes wrong: what is there now is looked at. */
static int compare(const struct disk_files *files, const struct disk_file *f,
		   struct failure *why)
{
	struct mapped_file wanted = { 0 };
	struct mapped_file found = { 0 };
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/%s", files->staging, f->staged);
	err = mapped_file_open(&wanted, path, why);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/%s" BACK, files->staging, f->staged);
	err = mapped_file_open(&found, path, NULL);
	if (err || wanted.size != found.size ||
	    memcmp(wanted.data, found.data, wanted.size))
		err = fail(why, -EIO,
			   "/%s/%s could not be written to the disk (is it too"
			   " small? --size)",
			   f->folder, f->name);
	mapped_file_close(&found);
	mapped_file_close(&wanted);
	return err;
}

int disk_files_put(const struct disk_files *files, const char *target, int fd,
		   struct failure *why)
{
	struct buffer in = { 0 };
	struct buffer back = { 0 };
	int err = 0;

	for (size_t i = 0; !err && i < files->count; i++) {
		const struct disk_file *f = &files->list[i];

		err = buffer_printf(&in, "cd /%s\n", f->folder);
		if (!err && f->replaces)
			err = buffer_printf(&in, "rm \"%s\"\n", f->name);
		if (!err)
			err = buffer_printf(
				&in,
				"write %s \"%s\"\nsif \"%s\" mode 0%o\n"
				"sif \"%s\" uid 0\nsif \"%s\" gid 0\n",
				f->staged, f->name, f->name, S_IFREG | f->mode,
				f->name, f->name);
		if (!err)
			err = buffer_printf(&back,
					    "dump \"/%s/%s\" %s" BACK "\n",
					    f->folder, f->name, f->staged);
	}
	if (err)
		err = fail(why, -ENOMEM, "out of memory");
	if (!err)
		err = write_staged(files, "script", in.data, in.size, why);
	if (!err)
		err = write_staged(files, "script" BACK, back.data, back.size,
				   why);
	if (!err)
		err = run_debugfs(files, "script", true, target, fd, why);
	if (!err)
		err = run_debugfs(files, "script" BACK, false, target, fd, why);
	for (size_t i = 0; !err && i < files->count; i++)
		err = compare(files, &files->list[i], why);
	buffer_free(&in);
	buffer_free(&back);
	return err;
}
