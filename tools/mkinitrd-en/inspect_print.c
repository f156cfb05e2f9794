// SPDX-License-Identifier: GPL-2.0-only
/* The tables for people, at most 100 columns wide. */
#include "tools/lib/family/family.h"
#include "tools/lib/inspect/findings.h"
#include "tools/mkinitrd-en/inspect.h"
#include "tools/mkinitrd-en/print.h"

#include <inttypes.h>

#define NAME_WIDTH 60

static void print_head(const struct view *v)
{
	uint64_t unpacked = view_unpacked(v);
	char size[SIZE_TEXT];
	char whole[SIZE_TEXT];

	print_name(stdout, v->name);
	printf("\n%s, unpacks to %s", size_text(size, v->image.size),
	       size_text(whole, unpacked));
	if (v->image.size)
		printf(" (%.1f times)", (double)unpacked / v->image.size);
	printf(", %" PRIu64 " entries\n", view_entries(v));
	if (v->is_uki)
		printf("in a unified kernel image, .initrd at offset %zu%s\n",
		       v->pe.initrd.offset,
		       v->pe.signature_size ? ", signed" : "");
	putchar('\n');
}

static void print_segment(const struct view *v, size_t i)
{
	const struct segment *s = &v->image.segments[i];
	char size[SIZE_TEXT];
	char unpacked[SIZE_TEXT];
	char padding[SIZE_TEXT];

	printf("%7zu %12" PRIu64 "  %-6s %10s %10s %8u %10s", i + 1, s->offset,
	       segment_codec_name(s), size_text(size, s->size),
	       size_text(unpacked, s->unpacked), s->entries,
	       size_text(padding, view_padding(v, i)));
	printf("%s%s%s%s%s\n", s->early ? "  early" : "",
	       s->ours ? "  mkinitrd-en" : "",
	       s->continued ? "  continued" : "",
	       s->bad_check ? "  BAD CRC" : "", s->damaged ? "  DAMAGED" : "");
}

static void print_segments(const struct view *v)
{
	printf("%7s %12s  %-6s %10s %10s %8s %10s\n", "segment", "offset",
	       "packed", "size", "unpacked", "entries", "padding");
	for (size_t i = 0; i < v->image.n_segments; i++)
		print_segment(v, i);
	putchar('\n');
}

static void print_kind(const struct view *v)
{
	const struct family *family;
	char size[SIZE_TEXT];

	if (!family_find(&v->image, &family, NULL))
		printf("family      %s\n", family->name);
	else
		printf("family      unknown (%s)\n", family_seen(&v->image));
	fputs("kernel      ", stdout);
	if (!v->modules.n_releases)
		fputs("unknown (no modules)", stdout);
	for (size_t i = 0; i < v->modules.n_releases; i++) {
		fputs(i ? ", " : "", stdout);
		print_name(stdout, v->modules.releases[i]);
	}
	printf("\nmodules     %zu\n", v->modules.count);
	if (v->image.end != v->image.size)
		printf("bootconfig  at offset %zu, %s\n", v->image.end,
		       size_text(size, v->image.size - v->image.end));
}

static void print_lost(const struct view *v)
{
	const struct tree_log *lost = tree_lost_log(v->image.tree);

	if (!lost->count)
		return;
	printf("\nlost by the kernel: %" PRIu64 "\n", lost->count);
	for (size_t i = 0; i < lost->kept; i++) {
		printf("%7u  ", lost->list[i].segment + 1);
		print_short_name(stdout, lost->list[i].path, 36);
		printf("  %s\n", lost->list[i].reason);
	}
	if (lost->count > lost->kept)
		printf("%7s  and %" PRIu64 " more\n", "",
		       lost->count - lost->kept);
}

static void print_field(const char *key, const char *value)
{
	if (!value)
		return;
	printf("  %-12s", key);
	print_name(stdout, value);
	putchar('\n');
}

static void print_inserted(const struct view *v)
{
	const struct inserted *in = &v->inserted;
	char size[SIZE_TEXT];

	if (!in->found)
		return;
	printf("\nput in by mkinitrd-en (segment %u)\n", in->segment + 1);
	print_field("version", in->version);
	print_field("kernel", in->kernel);
	print_field("target", in->target);
	print_field("loaded by", in->load ? in->load : "wrapper");
	print_field("hook", in->hook);
	for (size_t i = 0; i < in->n_settings; i++)
		print_field(in->settings[i].key, in->settings[i].value ?
							 in->settings[i].value :
							 "(set, not shown)");
	for (size_t i = 0; i < in->n_modules; i++) {
		const struct inserted_module *m = &in->modules[i];

		printf("  load %-6zu /", i + 1);
		print_short_name(stdout, m->path, NAME_WIDTH);
		printf("  %10s\n",
		       m->inode ? size_text(size, m->inode->size) : "MISSING");
	}
}

/* Missing modules of all; missing firmware of what we load, or of all. */
static bool shown(const struct view *v, const struct module_gap *gap,
		  bool firmware, bool all)
{
	return gap->firmware == firmware &&
	       (!firmware || all ||
		inserted_loads(&v->inserted, gap->module->inode));
}

static void print_gaps(const struct view *v, bool firmware, bool all,
		       const char *title)
{
	bool begun = false;

	for (size_t i = 0; i < v->modules.n_gaps; i++) {
		const struct module_gap *gap = &v->modules.gaps[i];

		if (!shown(v, gap, firmware, all))
			continue;
		if (!begun)
			printf("\n%s\n", title);
		begun = true;
		fputs("  ", stdout);
		print_short_name(stdout, gap->module->name, 24);
		fputs("  ", stdout);
		print_name(stdout, gap->needs);
		putchar('\n');
	}
}

static void print_findings(struct findings *f, const char *title)
{
	if (f->count)
		printf("\n%s\n", title);
	for (size_t i = 0; i < f->count; i++) {
		printf("  %s: ", f->list[i].error ? "error" : "warning");
		print_name(stdout, f->list[i].text);
		putchar('\n');
	}
	findings_free(f);
}

static void print_fit(const struct view *v)
{
	struct findings f = { 0 };

	findings_kernel(&f, &v->image, &v->kernel);
	print_findings(&f, "compressors that the kernel lacks");
	findings_fit(&f, &v->image, &v->inserted, &v->modules);
	print_findings(&f, "modules that may not fit the image's kernel");
}

static void print_damage(const struct view *v)
{
	const char *would = kernel_would(&v->image, v->damage);

	if (!v->damage)
		return;
	printf("\nDAMAGED at offset %zu\n", v->image.stopped_at);
	if (would)
		printf("  %s\n", would);
}

void inspect_print(const struct view *v, const struct inspect_options *o)
{
	print_head(v);
	print_segments(v);
	print_kind(v);
	print_lost(v);
	print_inserted(v);
	print_fit(v);
	print_gaps(v, false, true, "modules that others depend on, missing");
	print_gaps(v, true, o->files,
		   "firmware that may be asked for, missing");
	if (v->modules.n_unseen && !o->files)
		printf("\npacked modules: %zu (what they need is told with"
		       " --files)\n",
		       v->modules.n_unseen);
	print_damage(v);
}
