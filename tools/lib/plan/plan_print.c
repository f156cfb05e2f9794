// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/codec/codec.h"
#include "tools/lib/family/family.h"
#include "tools/lib/plan/plan.h"

#include <json-c/json.h>
#include <string.h>

static const char *action_name(enum module_action action)
{
	switch (action) {
	case MODULE_ADD:
		return "add";
	case MODULE_SHARE:
		return "share";
	default:
		return "built-in";
	}
}

static const char *family_name(const struct plan *plan)
{
	return plan->family ? plan->family->name : "unknown";
}

static void print_segments(const struct plan *plan, FILE *out)
{
	for (size_t i = 0; i < plan->image.n_segments; i++) {
		const struct segment *s = &plan->image.segments[i];

		fprintf(out,
			"segment   at %-10llu %10llu bytes  %-5s %6u entries"
			"%s%s\n",
			(unsigned long long)s->offset,
			(unsigned long long)s->size, segment_codec_name(s),
			s->entries, s->early ? "  (early)" : "",
			s->ours ? "  (ours: will be replaced)" : "");
	}
	if (plan->image.end != plan->image.size)
		fprintf(out, "bootconfig at %zu (stays last)\n",
			plan->image.end);
}

/* Of a secret only the key is told. */
static void each_setting(const struct iscsi_target *t,
			 void (*visit)(void *ctx, const char *key,
				       const char *value),
			 void *ctx)
{
	const char *at = (const char *)t->settings.data;
	const char *end = at + t->settings.size;
	char line[1024];

	while (at < end) {
		const char *stop = memchr(at, '\n', end - at);
		char *value;

		snprintf(line, sizeof(line), "%.*s", (int)(stop - at), at);
		value = strchr(line, '=');
		*value++ = '\0';
		visit(ctx, line,
		      strstr(line, "secret") ? "(not shown)" : value);
		at = stop + 1;
	}
}

static void print_setting(void *ctx, const char *key, const char *value)
{
	fprintf(ctx, "          %s %s\n", key, value);
}

static void print_target(const struct iscsi_target *t, FILE *out)
{
	char lun[ISCSI_LUN_TEXT];

	if (*t->host)
		fprintf(out, "target    %s port %u\n", t->host,
			t->port ? t->port : ISCSI_PORT);
	else
		fprintf(out, "target    known at boot\n");
	fprintf(out, "          name %s\n",
		*t->name ? t->name : "from the lease's root-path");
	if (t->has_lun) {
		iscsi_lun_text(t->lun, lun);
		fprintf(out, "          LUN %s (%ld)\n", lun,
			iscsi_lun_number(t->lun));
	} else {
		fprintf(out, "          LUN %s\n",
			*t->name ? "0" : "from the lease's root-path");
	}
	fprintf(out, "          initiator %s\n",
		*t->initiator ? t->initiator : "made at boot");
	each_setting(t, print_setting, out);
}

static size_t output_size(const struct plan *plan)
{
	return plan->is_uki ? plan->layout.total : plan->splice.total;
}

static void print_removal(const struct plan *plan, FILE *out)
{
	if (plan->nothing)
		fprintf(out, "nothing   of mkinitrd-en in it\n");
	else
		fprintf(out, "remove    %zu bytes\noutput    %s, %zu bytes\n",
			plan->initrd_size - plan->splice.total, plan->output,
			output_size(plan));
}

static void print_output(const struct plan *plan, FILE *out)
{
	const struct rebuild *r = &plan->rebuild;

	if (plan->request.mode != PLAN_REBUILD) {
		fprintf(out, "%-9s %zu bytes (%s)\n",
			plan->request.mode == PLAN_NEW ? "new" : "append",
			plan->splice.insert.size, plan->codec->name);
		fprintf(out, "output    %s, %zu bytes\n", plan->output,
			output_size(plan));
		return;
	}
	fprintf(out, "rebuild   %zu entries (%s", r->count, r->codec->name);
	if (r->codec->level_max)
		fprintf(out, ", level %d", r->level);
	fprintf(out, ")");
	if (r->head)
		fprintf(out, " behind %zu bytes as they are", r->head);
	fprintf(out, "\noutput    %s\n", plan->output);
}

void plan_print(const struct plan *plan, FILE *out)
{
	if (plan->request.mode == PLAN_NEW) {
		fprintf(out, "image     from nothing\n");
	} else {
		fprintf(out, "image     %s\n", plan->input);
		if (plan->is_uki)
			fprintf(out,
				"uki       .initrd at offset %zu, %zu bytes%s\n",
				plan->pe.initrd.offset, plan->initrd_size,
				plan->layout.moved ? ", gets another address" :
						     "");
		print_segments(plan, out);
	}
	if (tree_lost(plan->image.tree))
		fprintf(out, "          the kernel loses %u entries of it\n",
			tree_lost(plan->image.tree));
	if (plan->request.mode == PLAN_REMOVE) {
		print_removal(plan, out);
		return;
	}
	fprintf(out, "family    %s\n", family_name(plan));
	fprintf(out, "kernel    %s\n", plan->modules.kernel);
	fprintf(out, "driver    %s%s%s\n", plan->modules.driver,
		plan->modules.driver_folder ? ", " : "",
		plan->modules.driver_folder ? plan->modules.driver_folder : "");
	for (size_t i = 0; i < plan->modules.count; i++) {
		const struct module *m = &plan->modules.list[i];

		fprintf(out, "module    %-20s %-8s %s\n", m->name,
			action_name(m->action),
			m->action == MODULE_SHARE ? m->in_image : m->source);
	}
	fprintf(out, "load      %s, by /%s", load_way_name(plan->loader.chosen),
		plan->loader.hook);
	if (plan->loader.line)
		fprintf(out, " from line %u on", plan->loader.line);
	fprintf(out, "\n");
	for (size_t i = 0; i < plan->modules.n_notes; i++)
		fprintf(out, "note      %s\n", plan->modules.notes[i]);
	if (plan->request.has_target)
		print_target(&plan->request.target, out);
	if (plan->request.new_image.nfs)
		fprintf(out, "nfs       %s\n", plan->request.new_image.nfs);
	if (plan->request.new_image.ram)
		fprintf(out, "memory    %s\n", plan->request.new_image.ram);
	if (plan->brings_initiator)
		fprintf(out, "initiator brought along, from %s\n",
			plan->request.initiator);
	for (size_t i = 0; i < plan->overlay.count; i++)
		fprintf(out, "file      %06o %8zu %s\n",
			plan->overlay.files[i].mode,
			plan->overlay.files[i].bytes.size,
			plan->overlay.files[i].path);
	print_output(plan, out);
}

static void put(struct json_object *o, const char *key,
		struct json_object *value)
{
	json_object_object_add(o, key, value);
}

static void put_text(struct json_object *o, const char *key, const char *text)
{
	put(o, key, text ? json_object_new_string(text) : NULL);
}

static void put_number(struct json_object *o, const char *key, uint64_t value)
{
	put(o, key, json_object_new_int64(value));
}

static struct json_object *segments_json(const struct image *image)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *s = &image->segments[i];
		struct json_object *o = json_object_new_object();

		put_number(o, "offset", s->offset);
		put_number(o, "size", s->size);
		put_number(o, "unpacked", s->unpacked);
		put_number(o, "entries", s->entries);
		put_text(o, "compression", segment_codec_name(s));
		put(o, "early", json_object_new_boolean(s->early));
		put(o, "ours", json_object_new_boolean(s->ours));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *modules_json(const struct modules *modules)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < modules->count; i++) {
		const struct module *m = &modules->list[i];
		struct json_object *o = json_object_new_object();

		put_text(o, "name", m->name);
		put_text(o, "action", action_name(m->action));
		put_text(o, "source", m->source);
		put_text(o, "in_image", m->in_image);
		put(o, "differs", json_object_new_boolean(m->differs));
		put_number(o, "size", m->bytes.size);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *load_json(const struct loader *l)
{
	struct json_object *o;

	if (l->chosen == LOAD_BY_FAMILY)
		return NULL;
	o = json_object_new_object();
	put_text(o, "by", load_way_name(l->chosen));
	put_text(o, "hook", l->hook);
	put(o, "line", l->line ? json_object_new_int64(l->line) : NULL);
	return o;
}

static void setting_json(void *ctx, const char *key, const char *value)
{
	put_text(ctx, key, value);
}

static struct json_object *target_json(const struct iscsi_target *t)
{
	struct json_object *settings = json_object_new_object();
	struct json_object *o = json_object_new_object();
	char lun[ISCSI_LUN_TEXT];

	put_text(o, "address", *t->host ? t->host : NULL);
	put_number(o, "port", t->port ? t->port : ISCSI_PORT);
	put_text(o, "name", *t->name ? t->name : NULL);
	iscsi_lun_text(t->lun, lun);
	put_text(o, "lun", t->has_lun || *t->name ? lun : NULL);
	put_text(o, "initiator", *t->initiator ? t->initiator : NULL);
	put(o, "settings", settings);
	each_setting(t, setting_json, settings);
	return o;
}

static struct json_object *files_json(const struct overlay *overlay)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < overlay->count; i++) {
		struct json_object *o = json_object_new_object();

		put_text(o, "path", overlay->files[i].path);
		put_number(o, "mode", overlay->files[i].mode);
		put_number(o, "size", overlay->files[i].bytes.size);
		json_object_array_add(list, o);
	}
	return list;
}

static const char *mode_name(const struct plan *plan)
{
	static const char *const names[] = { "append", "overlay-only",
					     "rebuild", "remove", "new" };

	return names[plan->request.mode];
}

/* What is known of the output before it is written */
static void put_output(struct json_object *o, const struct plan *plan)
{
	const struct rebuild *r = &plan->rebuild;
	bool rebuild = plan->request.mode == PLAN_REBUILD;

	put_text(o, "mode", mode_name(plan));
	put_text(o, "compression", plan->codec ? plan->codec->name : NULL);
	put(o, "output_size",
	    rebuild ? NULL : json_object_new_int64(output_size(plan)));
	put(o, "level",
	    rebuild && r->codec->level_max ? json_object_new_int(r->level) :
					     NULL);
	put(o, "entries", rebuild ? json_object_new_int64(r->count) : NULL);
	put_number(o, "appended", plan->splice.insert.size);
}

struct json_object *plan_json(const struct plan *plan)
{
	struct json_object *o = json_object_new_object();
	struct json_object *notes = json_object_new_array();

	for (size_t i = 0; i < plan->modules.n_notes; i++)
		json_object_array_add(
			notes, json_object_new_string(plan->modules.notes[i]));
	put_text(o, "input",
		 plan->request.mode == PLAN_NEW ? NULL : plan->input);
	put_text(o, "output", plan->output);
	put_text(o, "family", plan->family ? plan->family->name : NULL);
	put_text(o, "kernel", plan->modules.kernel);
	put_text(o, "driver", plan->modules.driver);
	put_text(o, "driver_folder", plan->modules.driver_folder);
	put_number(o, "input_size", plan->file.size);
	put(o, "uki", json_object_new_boolean(plan->is_uki));
	put_number(o, "lost_entries", tree_lost(plan->image.tree));
	put(o, "segments", segments_json(&plan->image));
	put(o, "modules", modules_json(&plan->modules));
	put(o, "load", load_json(&plan->loader));
	put(o, "target",
	    plan->request.has_target ? target_json(&plan->request.target) :
				       NULL);
	put_text(o, "nfs", plan->request.new_image.nfs);
	put_text(o, "ramroot", plan->request.new_image.ram);
	put_text(o, "initiator_from",
		 plan->brings_initiator ? plan->request.initiator : NULL);
	put(o, "files", files_json(&plan->overlay));
	put_output(o, plan);
	put(o, "notes", notes);
	return o;
}
