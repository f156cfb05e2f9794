// SPDX-License-Identifier: GPL-2.0-only
/*
 * LIO, the kernel's target: a saveconfig.json, which targetctl or targetcli
 * restores. What the backing is decides which backstore it gets.
 */
#include "tools/lib/base/failure.h"
#include "tools/lib/base/hash.h"
#include "tools/lib/iscsi/chap.h"
#include "tools/lib/base/json_text.h"
#include "tools/lib/server/server_config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Below /dev also what is not there: the target may be another machine. */
static bool is_device(const char *path)
{
	struct stat st;

	if (!stat(path, &st))
		return S_ISBLK(st.st_mode);
	return !strncmp(path, "/dev/", 5);
}

/* What rtslib takes for a name of the iSCSI fabric, whatever RFC 7143 says */
static int check_name(const char *name, struct failure *why)
{
	for (const char *p = name; *p; p++) {
		if (isupper((unsigned char)*p))
			return fail(why, -EINVAL,
				    "%s: LIO has names in small letters only",
				    name);
	}
	if (!strncmp(name, "iqn.", 4) && !strchr(name + 12, '.'))
		return fail(why, -EINVAL,
			    "%s: LIO wants a domain of two parts in the name",
			    name);
	if (!strncmp(name, "naa.", 4) &&
	    (strlen(name) != 20 || !strchr("125", name[4])))
		return fail(why, -EINVAL,
			    "%s: LIO wants an naa name of 16 digits that"
			    " begins with 1, 2 or 5",
			    name);
	return 0;
}

static int check_backing(const struct boot_host *host, enum host_field *field,
			 struct failure *why)
{
	const char *path = host->text[FIELD_BACKING];
	struct stat st;

	if (is_device(path)) {
		*field = FIELD_SIZE;
		return !host->size ?
			       0 :
			       fail(why, -EINVAL,
				    "%s: a device has a size of its own", path);
	}
	*field = FIELD_BACKING;
	if (stat(path, &st)) {
		*field = FIELD_SIZE;
		return host->size ? 0 :
				    fail(why, -ENOENT,
					 "%s is not there: LIO makes it if its"
					 " size is said",
					 path);
	}
	if (!S_ISREG(st.st_mode))
		return fail(why, -EINVAL, "%s: neither a file nor a device",
			    path);
	if (host->size && host->size != (uint64_t)st.st_size) {
		*field = FIELD_SIZE;
		return fail(why, -EINVAL,
			    "%s is there, with %lld bytes: leave the size out",
			    path, (long long)st.st_size);
	}
	return 0;
}

static int check(const struct boot_host *host, enum host_field *field,
		 struct failure *why)
{
	const struct root_path *path = &host->root_path;
	int err;

	*field = FIELD_ROOT_PATH;
	err = check_name(path->name, why);
	if (err)
		return err;
	if (server_lun(path->lun) < 0)
		return fail(why, -EINVAL,
			    "LIO has LUNs 0 to 16383 of one level");
	*field = FIELD_INITIATOR;
	if (host->text[FIELD_INITIATOR])
		err = check_name(host->text[FIELD_INITIATOR], why);
	if (err)
		return err;
	*field = FIELD_PORTAL;
	if (*host->portal && host->portal_kind == ISCSI_HOST_NAME)
		return fail(why, -EINVAL, "%s: LIO wants an address, no name",
			    host->portal);
	return check_backing(host, field, why);
}

/*
 * The disk's serial number. Without one LIO makes a new one each time, and the
 * disk's names in /dev/disk/by-id change.
 */
static void write_serial(const char *name, char text[40])
{
	uint64_t high = hash_of(name, strlen(name));
	struct hash h;
	uint64_t low;

	hash_init(&h);
	hash_add(&h, &high, sizeof(high));
	hash_add(&h, name, strlen(name));
	low = hash_value(&h);
	/* A UUID of version 8 (RFC 9562): made in a way of our own */
	snprintf(text, 40, "%08x-%04x-8%03x-%04x-%012llx",
		 (unsigned int)(high >> 32),
		 (unsigned int)(high >> 16) & 0xffff,
		 (unsigned int)high & 0xfff,
		 (unsigned int)(low >> 48 & 0x3fff) | 0x8000,
		 (unsigned long long)(low & 0xffffffffffffULL));
}

static struct json_object *storage_object(const struct boot_host *host)
{
	const char *path = host->text[FIELD_BACKING];
	struct json_object *o = json_object_new_object();
	bool device = is_device(path);
	char serial[40];
	struct stat st;

	write_serial(host->root_path.name, serial);
	json_add_text(o, "name", host->root_path.name);
	json_add_text(o, "plugin", device ? "block" : "fileio");
	json_add_text(o, "dev", path);
	json_add_text(o, "wwn", serial);
	if (device)
		json_add_flag(o, "readonly", host->read_only);
	else if (host->size)
		json_add_number(o, "size", host->size);
	else if (!stat(path, &st))
		json_add_number(o, "size", st.st_size);
	return o;
}

static struct json_object *list_of(struct json_object *only)
{
	struct json_object *list = json_object_new_array();

	json_object_array_add(list, only);
	return list;
}

static struct json_object *lun_object(const struct boot_host *host)
{
	struct json_object *o = json_object_new_object();
	char text[32 + ISCSI_NAME_MAX];

	snprintf(text, sizeof(text), "/backstores/%s/%s",
		 is_device(host->text[FIELD_BACKING]) ? "block" : "fileio",
		 host->root_path.name);
	json_add_number(o, "index", server_lun(host->root_path.lun));
	json_add_text(o, "storage_object", text);
	return o;
}

static struct json_object *portal_object(const struct boot_host *host)
{
	const struct root_path *path = &host->root_path;
	struct json_object *o = json_object_new_object();
	bool given = *host->portal;
	enum iscsi_host kind = given ? host->portal_kind : path->kind;
	char text[ISCSI_HOST_MAX + 3];

	snprintf(text, sizeof(text), kind == ISCSI_HOST_IPV6 ? "[%s]" : "%s",
		 given			 ? host->portal :
		 kind == ISCSI_HOST_NAME ? "0.0.0.0" :
					   path->server);
	json_add_text(o, "ip_address", text);
	json_add_number(o, "port",
			host->portal_port ? host->portal_port : path->port);
	return o;
}

static void add_chap(struct json_object *o, const struct chap *chap)
{
	if (!chap)
		return;
	json_add_text(o, "chap_userid", chap->user);
	json_add_text(o, "chap_password", chap->secret);
}

static struct json_object *node_acl(const struct boot_host *host,
				    const struct boot_host *target)
{
	struct json_object *mapped = json_object_new_object();
	struct json_object *o = json_object_new_object();
	long lun = server_lun(target->root_path.lun);

	json_add_text(o, "node_wwn", host->text[FIELD_INITIATOR]);
	json_add_number(mapped, "index", lun);
	json_add_number(mapped, "tpg_lun", lun);
	json_add_flag(mapped, "write_protect", target->read_only);
	json_object_object_add(o, "mapped_luns", list_of(mapped));
	add_chap(o, target->chap);
	return o;
}

static struct json_object *node_acls(const struct boot_host *target)
{
	struct json_object *list = json_object_new_array();
	const struct boot_host *host = target;

	for (; host && host->text[FIELD_INITIATOR]; host = host->next_of_target)
		json_object_array_add(list, node_acl(host, target));
	return list;
}

/* LIO makes an ACL of its own for whoever logs in, if none is named. */
static struct json_object *attributes(const struct boot_host *target)
{
	struct json_object *o = json_object_new_object();
	bool open = !target->text[FIELD_INITIATOR];

	json_add_number(o, "authentication", target->chap != NULL);
	json_add_number(o, "generate_node_acls", open);
	json_add_number(o, "cache_dynamic_acls", open);
	json_add_number(o, "demo_mode_write_protect", target->read_only);
	return o;
}

static struct json_object *target_object(const struct boot_host *host)
{
	struct json_object *tpg = json_object_new_object();
	struct json_object *o = json_object_new_object();

	json_add_number(tpg, "tag", 1);
	json_add_flag(tpg, "enable", true);
	json_object_object_add(tpg, "attributes", attributes(host));
	json_object_object_add(tpg, "luns", list_of(lun_object(host)));
	json_object_object_add(tpg, "portals", list_of(portal_object(host)));
	json_object_object_add(tpg, "node_acls", node_acls(host));
	if (!host->text[FIELD_INITIATOR])
		add_chap(tpg, host->chap);
	json_add_text(o, "fabric", "iscsi");
	json_add_text(o, "wwn", host->root_path.name);
	json_object_object_add(o, "tpgs", list_of(tpg));
	return o;
}

static int write(const struct host_table *table, struct buffer *out)
{
	struct json_object *storage = json_object_new_array();
	struct json_object *targets = json_object_new_array();
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < table->count; i++) {
		const struct boot_host *host = &table->hosts[i];

		if (!host->first_of_target)
			continue;
		json_object_array_add(storage, storage_object(host));
		json_object_array_add(targets, target_object(host));
	}
	json_object_object_add(o, "fabric_modules", json_object_new_array());
	json_object_object_add(o, "storage_objects", storage);
	json_object_object_add(o, "targets", targets);
	return json_append(out, o);
}

const struct server target_server_lio = {
	.name = "lio",
	.reads = 1U << FIELD_ROOT_PATH | 1U << FIELD_BACKING,
	.check = check,
	.write = write,
};
