// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/plan/new_image.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/elf_program.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/family/embedded.h"
#include "tools/lib/image/cpio.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/iscsi/iscsi_name.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSYBOX_MAX (16u << 20)

/* What initrd/new/init.sh calls */
static const char *const applets[] = {
	"bzip2",       "cat",	"cp",	"findfs", "gzip", "ls",
	"mkdir",       "mount", "rm",	"setsid", "sh",	  "sleep",
	"switch_root", "tar",	"tftp", "umount", "wget", "xz",
};

/* Where the script mounts; the kernel itself makes /dev and /root. */
static const char *const folders[] = { "proc", "sys", "run", "etc" };

/* A shell reads it between single quotes. */
static int check_plain(const char *text, struct failure *why)
{
	for (const char *p = text; *p; p++) {
		if (*p <= ' ' || *p >= 0x7f || *p == '\'' || *p == '\\')
			return fail(why, -EINVAL,
				    "%s: a blank, a quote, or another character"
				    " that has no place there",
				    text);
	}
	return 0;
}

int new_image_check_nfs(const char *nfs, struct failure *why)
{
	char host[ISCSI_HOST_MAX + 1];
	enum iscsi_host kind;
	const char *path;
	char text[256];
	uint16_t port;
	int err;

	if (!strcmp(nfs, "auto"))
		return 0;
	err = check_plain(nfs, why);
	if (err)
		return err;
	path = strstr(nfs, ":/");
	snprintf(text, sizeof(text), "%.*s", path ? (int)(path - nfs) : 0, nfs);
	if (!path || iscsi_portal_read(text, host, &kind, &port, NULL) || port)
		return fail(why, -EINVAL,
			    "%s: not ADDRESS:PATH[,OPTIONS], nor auto", nfs);
	if (kind == ISCSI_HOST_NAME)
		return fail(why, -EINVAL,
			    "%s: at boot nobody translates names: give the"
			    " server's address",
			    nfs);
	return 0;
}

int new_image_check_url(const char *url, struct failure *why)
{
	int err = check_plain(url, why);
	const char *host;

	if (err)
		return err;
	if (strncmp(url, "http://", 7) && strncmp(url, "tftp://", 7))
		return fail(why, -EINVAL, "%s: neither http:// nor tftp://",
			    url);
	host = url + 7;
	if (*host == '/' || !strchr(host, '/'))
		return fail(why, -EINVAL, "%s: which file of which server?",
			    url);
	return 0;
}

int new_image_base(struct buffer *archive, struct failure *why)
{
	return cpio_write_trailer(archive, why);
}

const char *const *new_image_modules(const struct new_image *n)
{
	static const char *const disk[] = { "?ext4", NULL };
	static const char *const nfs3[] = { "nfs", "nfsv3", NULL };
	static const char *const nfs4[] = { "nfs", "nfsv4", NULL };
	static const char *const nfs[] = { "nfs", "nfsv3", "nfsv4", NULL };

	if (!n->nfs)
		return disk;
	if (strstr(n->nfs, "vers=3"))
		return nfs3;
	return strstr(n->nfs, "vers=4") ? nfs4 : nfs;
}

static int add_busybox(const struct new_image *n, struct overlay *overlay,
		       struct failure *why)
{
	const char *path = n->busybox;
	struct buffer bytes = { 0 };
	struct elf_program elf;
	int err;

	if (!path)
		path = access("/usr/bin/busybox", F_OK) ? "/bin/busybox" :
							  "/usr/bin/busybox";
	err = buffer_read_file(&bytes, path, BUSYBOX_MAX, why);
	if (err == -ENOENT)
		fail_in(why, err,
			"no shell for the image (install busybox-static, or say"
			" where it is by --busybox)");
	if (!err) {
		err = elf_program_read(&elf, bytes.data, bytes.size, why);
		if (err)
			fail_in(why, err, "%s", path);
	}
	if (!err && elf.interpreter)
		err = fail(why, -EBADMSG,
			   "%s: needs %s, which the image has not got: install"
			   " busybox-static, or say where it is by --busybox",
			   path, elf.interpreter);
	if (!err)
		err = overlay_add(overlay, "bin/busybox", S_IFREG | 0755,
				  bytes.data, bytes.size, why);
	buffer_free(&bytes);
	return err;
}

static int add_links(struct overlay *overlay, struct failure *why)
{
	char path[64];
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(applets) / sizeof(applets[0]);
	     i++) {
		snprintf(path, sizeof(path), "bin/%s", applets[i]);
		err = overlay_add(overlay, path, S_IFLNK | 0777, "busybox",
				  strlen("busybox"), why);
	}
	for (size_t i = 0; !err && i < sizeof(folders) / sizeof(folders[0]);
	     i++)
		err = overlay_add(overlay, folders[i], S_IFDIR | 0755, "", 0,
				  why);
	return err;
}

/* Both are text that the script reads. */
static int add_settings(const struct new_image *n, const char *kernel,
			struct overlay *overlay, struct failure *why)
{
	struct buffer boot = { 0 };
	struct buffer made = { 0 };
	int err;

	err = buffer_printf(&boot, "root=%s\nnfs='%s'\nram='%s'\n",
			    n->nfs ? "nfs" : "iscsi", n->nfs ? n->nfs : "",
			    n->ram ? n->ram : "");
	if (!err)
		err = buffer_printf(&made,
				    "mkinitrd-en " CONNECTX_EN_VERSION "\n"
				    "kernel %s\n",
				    kernel);
	if (err)
		fail(why, err, "out of memory");
	else
		err = overlay_add(overlay, LOADER_DIRECTORY "/boot",
				  S_IFREG | 0644, boot.data, boot.size, why);
	if (!err)
		err = overlay_add(overlay, NEW_IMAGE_MARK, S_IFREG | 0644,
				  made.data, made.size, why);
	buffer_free(&boot);
	buffer_free(&made);
	return err;
}

int new_image_plan(const struct new_image *n, const char *kernel,
		   struct overlay *overlay, struct failure *why)
{
	int err;

	err = add_busybox(n, overlay, why);
	if (!err)
		err = add_links(overlay, why);
	if (!err)
		err = overlay_add(
			overlay, LOADER_DIRECTORY "/init", S_IFREG | 0755,
			embedded_new_init_sh,
			embedded_new_init_sh_end - embedded_new_init_sh, why);
	return err ? err : add_settings(n, kernel, overlay, why);
}
