// SPDX-License-Identifier: GPL-2.0-only
/* What all hosts of a table have to agree on. */
#include "tools/lib/base/failure.h"
#include "tools/lib/base/hash.h"
#include "tools/lib/iscsi/chap.h"
#include "tools/lib/server/host_table.h"
#include "tools/lib/server/problems.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 4096

/* Who has a text: open addressing, twice the room that is needed */
struct text_index {
	struct owner {
		uint64_t hash;
		struct boot_host *host; /* NULL: free */
	} * owners;
	size_t mask;
	const char *(*text_of)(const struct boot_host *host);
	bool ignore_case;
};

static bool index_begin(struct text_index *index, size_t count)
{
	size_t room = 16;

	while (room < 2 * count)
		room *= 2;
	index->owners = calloc(room, sizeof(*index->owners));
	index->mask = room - 1;
	return index->owners;
}

static uint64_t hash_text(const struct text_index *index, const char *text)
{
	char key[KEY_MAX];
	size_t size = 0;

	for (; text[size] && size < sizeof(key); size++)
		key[size] = index->ignore_case ?
				    tolower((unsigned char)text[size]) :
				    text[size];
	return hash_of(key, size);
}

static bool same_text(const struct text_index *index, const char *a,
		      const char *b)
{
	return index->ignore_case ? !strcasecmp(a, b) : !strcmp(a, b);
}

/* The host that has had this host's text first, which may be itself */
static struct boot_host *index_owner(struct text_index *index,
				     struct boot_host *host)
{
	const char *text = index->text_of(host);
	uint64_t hash = hash_text(index, text);
	size_t at = hash & index->mask;

	for (;; at = (at + 1) & index->mask) {
		struct owner *owner = &index->owners[at];

		if (!owner->host) {
			owner->hash = hash;
			owner->host = host;
			return host;
		}
		if (owner->hash == hash &&
		    same_text(index, index->text_of(owner->host), text))
			return owner->host;
	}
}

static const char *host_of(const struct boot_host *host)
{
	return host->text[FIELD_HOST];
}

static const char *mac_of(const struct boot_host *host)
{
	return *host->mac ? host->mac : NULL;
}

static const char *address_of(const struct boot_host *host)
{
	return host->text[FIELD_ADDRESS];
}

static const char *target_of(const struct boot_host *host)
{
	return *host->root_path.name ? host->root_path.name : NULL;
}

static const char *backing_of(const struct boot_host *host)
{
	return host->text[FIELD_BACKING];
}

static void say_line(const struct host_table *table,
		     const struct boot_host *host, enum host_field field,
		     struct problems *problems, const char *what,
		     const struct boot_host *other)
{
	struct failure why;

	fail(&why, 0, "%s %s line %lu", host->text[field], what, other->line);
	host_problem(table, host, field, problems, why.text);
}

static void check_unique(struct host_table *table, enum host_field field,
			 const char *(*text_of)(const struct boot_host *host),
			 struct problems *problems)
{
	struct text_index index = { .text_of = text_of, .ignore_case = true };

	if (!index_begin(&index, table->count)) {
		problems_add(problems, "out of memory");
		return;
	}
	for (size_t i = 0; i < table->count; i++) {
		struct boot_host *host = &table->hosts[i];
		struct boot_host *owner;

		if (!text_of(host))
			continue;
		owner = index_owner(&index, host);
		if (owner != host)
			say_line(table, host, field, problems,
				 "is there already, in", owner);
	}
	free(index.owners);
}

static bool differ(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : a != b;
}

/* A target is one thing, however many hosts log in to it. */
static void check_same_target(const struct host_table *table,
			      const struct boot_host *host,
			      const struct boot_host *first,
			      struct problems *problems)
{
	static const enum host_field fields[] = { FIELD_BACKING, FIELD_SIZE,
						  FIELD_PORTAL, FIELD_READ_ONLY,
						  FIELD_CHAP };
	struct failure why;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (!differ(host->text[fields[i]], first->text[fields[i]]))
			continue;
		fail(&why, 0, "target %s has another %s in line %lu",
		     host->root_path.name, host_field_names[fields[i]],
		     first->line);
		host_problem(table, host, fields[i], problems, why.text);
	}
	if (!host->text[FIELD_INITIATOR] != !first->text[FIELD_INITIATOR]) {
		fail(&why, 0,
		     "target %s is for all initiators in one of the lines"
		     " %lu and %lu, and for a named one in the other",
		     host->root_path.name, first->line, host->line);
		host_problem(table, host, FIELD_INITIATOR, problems, why.text);
	}
	if (host->root_path.lun != first->root_path.lun ||
	    host->root_path.lun_given != first->root_path.lun_given)
		say_line(table, host, FIELD_ROOT_PATH, problems,
			 "names another LUN of the target of", first);
}

static void check_targets(struct host_table *table, struct problems *problems)
{
	/* iSCSI names are compared in small letters (RFC 3722). */
	struct text_index names = { .text_of = target_of, .ignore_case = true };
	struct text_index disks = { .text_of = backing_of };
	struct boot_host **last = calloc(table->count + 1, sizeof(*last));
	bool room = index_begin(&names, table->count) &&
		    index_begin(&disks, table->count) && last;

	if (!room)
		problems_add(problems, "out of memory");
	for (size_t i = 0; room && i < table->count; i++) {
		struct boot_host *host = &table->hosts[i];
		struct boot_host *first;
		struct boot_host *owner;

		if (!target_of(host))
			continue;
		first = index_owner(&names, host);
		host->first_of_target = first == host;
		if (first != host) {
			check_same_target(table, host, first, problems);
			last[first - table->hosts]->next_of_target = host;
		}
		last[first - table->hosts] = host;
		if (!host->first_of_target || !backing_of(host))
			continue;
		owner = index_owner(&disks, host);
		if (owner != host)
			say_line(table, host, FIELD_BACKING, problems,
				 "is the disk of another target, in", owner);
	}
	free(names.owners);
	free(disks.owners);
	free(last);
}

static const char *initiator_of(const struct boot_host *host)
{
	return host->text[FIELD_INITIATOR];
}

static const char *user_of(const struct boot_host *host)
{
	return host->chap ? host->chap->user : NULL;
}

void host_table_check_users(struct host_table *table, struct problems *problems)
{
	struct text_index index = { .text_of = user_of };

	if (!index_begin(&index, table->count)) {
		problems_add(problems, "out of memory");
		return;
	}
	for (size_t i = 0; i < table->count; i++) {
		struct boot_host *host = &table->hosts[i];
		struct boot_host *owner;

		if (!host->chap)
			continue;
		owner = index_owner(&index, host);
		if (strcmp(owner->chap->secret, host->chap->secret))
			say_line(table, host, FIELD_CHAP, problems,
				 "gives a user another secret than", owner);
	}
	free(index.owners);
}

static void check_needed(struct host_table *table, unsigned int needed,
			 struct problems *problems)
{
	/* Of a file whose first line is no good, that has been said. */
	for (size_t field = 0; table->columns && field < HOST_FIELDS; field++) {
		if (!(needed & ~table->columns & 1U << field))
			continue;
		problems_add(problems, "%s: column %s is missing", table->file,
			     host_field_names[field]);
		needed &= ~(1U << field);
	}
	for (size_t i = 0; i < table->count; i++) {
		struct boot_host *host = &table->hosts[i];

		for (size_t field = 0; field < HOST_FIELDS; field++) {
			if (needed & ~host->unread & 1U << field &&
			    !host->text[field])
				host_problem(table, host, field, problems,
					     "it is missing");
		}
	}
}

void host_table_check(struct host_table *table, unsigned int needed,
		      struct problems *problems)
{
	check_needed(table, needed, problems);
	check_unique(table, FIELD_HOST, host_of, problems);
	check_unique(table, FIELD_MAC, mac_of, problems);
	check_unique(table, FIELD_ADDRESS, address_of, problems);
	check_unique(table, FIELD_INITIATOR, initiator_of, problems);
	check_targets(table, problems);
}
