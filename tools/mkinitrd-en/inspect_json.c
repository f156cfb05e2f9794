// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/family.h"
#include "tools/lib/inspect/findings.h"
#include "tools/mkinitrd-en/inspect.h"
#include "tools/mkinitrd-en/print.h"

#include <json-c/json.h>
#include <stdlib.h>

static struct json_object *segment_json(const struct view *v, size_t i)
{
	const struct segment *s = &v->image.segments[i];
	struct json_object *o = json_object_new_object();

	json_put_number(o, "number", i + 1);
	json_put_number(o, "offset", s->offset);
	json_put_number(o, "size", s->size);
	json_put_text(o, "compression", segment_codec_name(s));
	json_put_number(o, "unpacked", s->unpacked);
	json_put_number(o, "entries", s->entries);
	json_put_number(o, "padding", view_padding(v, i));
	json_put_bool(o, "early", s->early);
	json_put_bool(o, "ours", s->ours);
	json_put_bool(o, "continued", s->continued);
	json_put_bool(o, "trailer", s->trailer);
	json_put_bool(o, "damaged", s->damaged);
	json_put_bool(o, "bad_check", s->bad_check);
	return o;
}

static struct json_object *log_json(const struct tree_log *log, bool lost)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < log->kept; i++) {
		const struct tree_event *e = &log->list[i];
		struct json_object *o = json_object_new_object();

		json_put_text(o, "path", e->path);
		json_put_number(o, "segment",
				(lost ? e->segment : e->before) + 1);
		if (lost)
			json_put_text(o, "reason", e->reason);
		else
			json_put_number(o, "by", e->segment + 1);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *settings_json(const struct inserted *in)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < in->n_settings; i++)
		json_put_text(o, in->settings[i].key, in->settings[i].value);
	return o;
}

static struct json_object *loads_json(const struct inserted *in)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < in->n_modules; i++) {
		const struct inserted_module *m = &in->modules[i];
		struct json_object *o = json_object_new_object();

		json_put_text(o, "path", m->path);
		json_put_text(o, "kernel", m->release);
		json_put_bool(o, "present", m->inode);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *inserted_json(const struct view *v)
{
	const struct inserted *in = &v->inserted;
	struct json_object *o;

	if (!in->found)
		return NULL;
	o = json_object_new_object();
	json_put_number(o, "segment", in->segment + 1);
	json_put_text(o, "version", in->version);
	json_put_text(o, "kernel", in->kernel);
	json_put_text(o, "target", in->target);
	json_put_text(o, "load", in->load ? in->load : "wrapper");
	json_put_text(o, "hook", in->hook);
	json_put(o, "base_size",
		 in->has_base ? json_object_new_int64(in->base_size) : NULL);
	json_put(o, "settings", settings_json(in));
	json_put(o, "loads", loads_json(in));
	return o;
}

static struct json_object *uki_json(const struct view *v)
{
	struct json_object *o;

	if (!v->is_uki)
		return NULL;
	o = json_object_new_object();
	json_put(o, "offset", json_object_new_int64(v->pe.initrd.offset));
	json_put_bool(o, "signed", v->pe.signature_size);
	return o;
}

static struct json_object *findings_json(struct findings *f)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < f->count; i++) {
		struct json_object *o = json_object_new_object();

		json_put_text(o, "level",
			      f->list[i].error ? "error" : "warning");
		json_put_text(o, "text", f->list[i].text);
		json_object_array_add(list, o);
	}
	findings_free(f);
	return list;
}

static struct json_object *misfits_json(const struct view *v)
{
	struct findings f = { 0 };

	findings_fit(&f, &v->image, &v->inserted, &v->modules);
	return findings_json(&f);
}

static struct json_object *lacks_json(const struct view *v)
{
	struct findings f = { 0 };

	findings_kernel(&f, &v->image, &v->kernel);
	return findings_json(&f);
}

static struct json_object *gaps_json(const struct view *v, bool firmware)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < v->modules.n_gaps; i++) {
		const struct module_gap *gap = &v->modules.gaps[i];
		struct json_object *o;

		if (gap->firmware != firmware)
			continue;
		o = json_object_new_object();
		json_put_text(o, "module", gap->module->path);
		json_put_text(o, firmware ? "firmware" : "needs", gap->needs);
		json_put_bool(o, "loaded",
			      inserted_loads(&v->inserted, gap->module->inode));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *file_json(const struct tree_path *p)
{
	struct json_object *o = json_object_new_object();
	const struct inode *inode = p->inode;
	char mode[MODE_TEXT];

	json_put_text(o, "path", p->path);
	json_put_text(o, "mode", mode_text(mode, inode->mode));
	json_put_number(o, "size", inode->size);
	json_put_number(o, "names", inode->names);
	json_put_number(o, "uid", inode->uid);
	json_put_number(o, "gid", inode->gid);
	json_put(o, "segment",
		 inode->segment == TREE_OF_KERNEL ?
			 NULL :
			 json_object_new_int64(inode->segment + 1));
	if (S_ISLNK(inode->mode))
		json_put_text(o, "target", (const char *)inode->data);
	if (S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) {
		json_put_number(o, "major", inode->rmajor);
		json_put_number(o, "minor", inode->rminor);
	}
	return o;
}

static int put_files(struct json_object *o, const struct view *v)
{
	struct json_object *list;
	struct tree_path *paths;
	size_t count;
	int err;

	err = tree_sorted(v->image.tree, &paths, &count);
	if (err)
		return err;
	list = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_object_array_add(list, file_json(&paths[i]));
	free(paths);
	json_put(o, "files", list);
	return 0;
}

static void put_kind(struct json_object *o, const struct view *v)
{
	struct json_object *kernels = json_object_new_array();
	const struct family *family = NULL;

	for (size_t i = 0; i < v->modules.n_releases; i++)
		json_object_array_add(kernels, json_object_new_string(
						       v->modules.releases[i]));
	family_find(&v->image, &family, NULL);
	json_put_text(o, "family", family ? family->name : NULL);
	json_put_text(o, "seen", family ? NULL : family_seen(&v->image));
	json_put(o, "kernels", kernels);
	json_put_number(o, "modules", v->modules.count);
}

static struct json_object *damage_json(const struct view *v)
{
	struct json_object *o;

	if (!v->damage)
		return NULL;
	o = json_object_new_object();
	json_put_number(o, "offset", v->image.stopped_at);
	json_put_text(o, "reason", v->damage_why.text);
	json_put_text(o, "kernel", kernel_would(&v->image, v->damage));
	return o;
}

int inspect_json(const struct view *v, const struct inspect_options *options)
{
	const struct tree_log *lost = tree_lost_log(v->image.tree);
	const struct tree_log *shadows = tree_shadow_log(v->image.tree);
	struct json_object *o = json_object_new_object();
	struct json_object *segments = json_object_new_array();
	int err = 0;

	for (size_t i = 0; i < v->image.n_segments; i++)
		json_object_array_add(segments, segment_json(v, i));
	json_put_text(o, "image", v->name);
	json_put_number(o, "size", v->image.size);
	json_put_number(o, "unpacked", view_unpacked(v));
	json_put_number(o, "entries", view_entries(v));
	json_put(o, "segments", segments);
	json_put(o, "bootconfig",
		 v->image.end == v->image.size ?
			 NULL :
			 json_object_new_int64(v->image.end));
	put_kind(o, v);
	json_put(o, "inserted", inserted_json(v));
	json_put(o, "uki", uki_json(v));
	json_put_text(o, "kernel_config", v->kernel.source);
	json_put(o, "kernel_lacks", lacks_json(v));
	json_put(o, "misfits", misfits_json(v));
	json_put(o, "missing_modules", gaps_json(v, false));
	json_put(o, "missing_firmware", gaps_json(v, true));
	json_put_number(o, "lost_entries", lost->count);
	json_put(o, "lost", log_json(lost, true));
	json_put_number(o, "shadowed_entries", shadows->count);
	if (options->shadowed)
		json_put(o, "shadowed", log_json(shadows, false));
	if (options->files)
		err = put_files(o, v);
	json_put(o, "damage", damage_json(v));
	json_print(o);
	return err;
}
