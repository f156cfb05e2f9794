// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/mapped_file.h"
#include "tools/lib/base/program.h"
#include "tools/lib/install/debootstrap.h"
#include "tools/lib/install/files.h"
#include "tools/lib/install/initrd.h"
#include "tools/lib/install/install.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 32

/* What is put into place at the end, all of it */
struct outputs {
	struct atomic_file disk;
	struct atomic_file kernel;
	struct atomic_file initrd;
	int device; /* of a disk that is no file */
};

static void step(const struct install *install, const char *text)
{
	if (install->request.progress)
		install->request.progress(text);
}

static int make_file_system(const struct install *install, const char *target,
			    int fd, struct failure *why)
{
	const struct source *source = &install->source;
	const char *words[WORDS_MAX];
	struct program mke2fs = { .words = words, .file = fd };
	char blocks[32];
	char inodes[32];
	size_t n = 0;

	snprintf(blocks, sizeof(blocks), "%lluk",
		 (unsigned long long)(install->size / 1024));
	snprintf(inodes, sizeof(inodes), "%llu",
		 (unsigned long long)source_inodes(source));
	if (source->owners != OWNERS_AS_THEY_ARE) {
		words[n++] = "unshare";
		words[n++] = "--map-root-user";
		if (source->owners == OWNERS_SUBORDINATE)
			words[n++] = "--map-auto";
		words[n++] = "--";
	}
	words[n++] = "mke2fs";
	words[n++] = "-q";
	words[n++] = "-F";
	words[n++] = "-t";
	words[n++] = "ext4";
	words[n++] = "-b";
	words[n++] = "4096";
	words[n++] = "-L";
	words[n++] = install->request.label;
	words[n++] = "-U";
	words[n++] = install->uuid;
	words[n++] = "-E";
	words[n++] = "root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0";
	words[n++] = "-d";
	words[n++] = source->folder;
	/* mke2fs makes one for each 16 KiB: not enough for small files. */
	if (source_inodes(source) > install->size / 16384) {
		words[n++] = "-N";
		words[n++] = inodes;
	}
	words[n++] = target;
	words[n++] = blocks;
	words[n] = NULL;
	return program_run(&mke2fs, NULL, why);
}

static int check(const char *target, int fd, struct failure *why)
{
	const char *const words[] = { "e2fsck", "-f", "-n", target, NULL };
	struct program e2fsck = { .words = words, .file = fd };

	return program_run(&e2fsck, NULL, why);
}

static int fill_disk(const struct install *install, struct disk_files *files,
		     struct outputs *out, struct failure *why)
{
	bool device = install->disk.kind == DISK_DEVICE;
	const char *target = device ? install->disk.path : PROGRAM_FILE;
	int fd = device ? 0 : out->disk.fd;
	int err;

	if (!device && ftruncate(fd, install->size))
		return fail(why, -errno, "%s: cannot be made so large: %s",
			    install->disk.path, strerror(errno));
	step(install, "copying to the disk");
	err = make_file_system(install, target, fd, why);
	if (!err)
		err = disk_files_put(files, target, fd, why);
	step(install, "checking the disk");
	return err ? err : check(target, fd, why);
}

static int copy_out(struct atomic_file *to, const char *path,
		    const char *folder, const char *name, mode_t mode,
		    struct failure *why)
{
	struct stat like = { .st_mode = mode,
			     .st_uid = geteuid(),
			     .st_gid = getegid() };
	struct mapped_file from = { 0 };
	char source[PATH_MAX];
	int err;

	snprintf(source, sizeof(source), "%s/%s", folder, name);
	err = mapped_file_open(&from, source, why);
	if (err)
		return err;
	err = atomic_file_begin(to, path, &like, why);
	if (!err)
		err = atomic_file_write(to, from.data, from.size, why);
	if (!err)
		err = atomic_file_sync(to, why);
	mapped_file_close(&from);
	return err;
}

static int begin(const struct install *install, struct outputs *out,
		 struct failure *why)
{
	const struct disk *disk = &install->disk;
	/* The passwords are in it. */
	struct stat like = { .st_mode = 0600,
			     .st_uid = geteuid(),
			     .st_gid = getegid() };

	if (disk->kind == DISK_DEVICE) {
		out->device = open(disk->path, O_RDWR | O_CLOEXEC);
		return out->device < 0 ? fail(why, -errno, "%s: %s", disk->path,
					      strerror(errno)) :
					 0;
	}
	return atomic_file_begin(&out->disk, disk->path,
				 disk->kind == DISK_FILE ? &disk->st : &like,
				 why);
}

static int commit(const struct install *install, struct outputs *out,
		  struct failure *why)
{
	int err = 0;

	step(install, "syncing");
	if (install->disk.kind != DISK_DEVICE)
		err = atomic_file_sync(&out->disk, why);
	else if (fsync(out->device))
		err = fail(why, -errno, "%s: cannot write: %s",
			   install->disk.path, strerror(errno));
	if (!err && install->disk.kind != DISK_DEVICE)
		err = atomic_file_commit(&out->disk, why);
	if (!err && out->kernel.path)
		err = atomic_file_commit(&out->kernel, why);
	if (!err && out->initrd.path)
		err = atomic_file_commit(&out->initrd, why);
	return err;
}

static int write_outputs(const struct install *install, const char *staging,
			 struct disk_files *files, struct failure *why)
{
	struct outputs out = {
		.disk.fd = -1, .kernel.fd = -1, .initrd.fd = -1, .device = -1
	};
	int err = begin(install, &out, why);

	program_catch_signals();
	if (!err)
		err = fill_disk(install, files, &out, why);
	if (!err && install->request.kernel_out)
		err = copy_out(&out.kernel, install->request.kernel_out,
			       install->source.folder, install->source.kernel,
			       0644, why);
	if (!err && install->request.initrd_out)
		err = copy_out(&out.initrd, install->request.initrd_out,
			       staging, "initrd", 0600, why);
	if (!err)
		err = commit(install, &out, why);
	atomic_file_end(&out.initrd);
	atomic_file_end(&out.kernel);
	atomic_file_end(&out.disk);
	if (out.device >= 0)
		close(out.device);
	return err;
}

static int make_source(struct install *install, const char *staging,
		       struct failure *why)
{
	char folder[PATH_MAX + 8];
	int err;

	if (!install->request.suite)
		return 0;
	step(install, "installing packages by mmdebstrap");
	snprintf(folder, sizeof(folder), "%s/root", staging);
	err = debootstrap(&install->request, folder, why);
	if (!err)
		err = install_set_source(install, folder, why);
	return err;
}

static int make(struct install *install, const char *staging,
		struct failure *why)
{
	struct disk_files files = { .staging = staging };
	int err = make_source(install, staging, why);

	if (!err && install->source.initrd) {
		step(install, "drivers and target into the initrd");
		err = initrd_make(install, staging, why);
	}
	if (!err)
		err = disk_files_make(&files, install, install->source.initrd,
				      why);
	return err ? err : write_outputs(install, staging, &files, why);
}

int install_carry_out(struct install *install, struct failure *why)
{
	const char *place = getenv("TMPDIR");
	char staging[PATH_MAX];
	struct failure left;
	int err;

	snprintf(staging, sizeof(staging), "%s/iscsi-root.XXXXXX",
		 place && *place ? place : "/tmp");
	if (!mkdtemp(staging))
		return fail(why, -errno, "%s: %s", staging, strerror(errno));
	program_catch_signals();
	err = make(install, staging, why);
	if (remove_tree(staging, &left) && !err)
		err = fail(why, -EIO, "%s: stays behind: %s", staging,
			   left.text);
	return err;
}
