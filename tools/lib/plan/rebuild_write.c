// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"
#include "tools/lib/image/cpio.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/walk.h"
#include "tools/lib/plan/rebuild.h"

#include <sched.h>
#include <string.h>

/* Each thread has a window of its own: memory, not processors, ends this. */
#define MAX_THREADS 16

static const uint8_t zeros[4];

struct writer {
	const struct rebuild *r;
	struct encoder encoder;
	struct buffer head;
	uint32_t ino;
	/* While the old image is read: */
	size_t next; /* the item that is due */
	uint32_t entry;
	bool copies;
	uint64_t left;
};

static unsigned int processors(void)
{
	cpu_set_t set;
	unsigned int n;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	n = CPU_COUNT(&set);
	return n < MAX_THREADS ? n : MAX_THREADS;
}

/* How many items from @at on are names of the same file. */
static size_t names_at(const struct rebuild *r, size_t at)
{
	size_t n = 1;

	if (!r->items[at].inode || S_ISDIR(r->items[at].mode))
		return 1;
	while (at + n < r->count &&
	       r->items[at + n].inode == r->items[at].inode)
		n++;
	return n;
}

static int write_head(struct writer *w, const struct rebuild_item *item,
		      uint32_t nlink, uint32_t size, struct failure *why)
{
	const struct cpio_entry e = { .name = item->path,
				      .ino = w->ino,
				      .mode = item->mode,
				      .uid = item->uid,
				      .gid = item->gid,
				      .nlink = nlink,
				      .mtime = item->mtime,
				      .size = size,
				      .rmajor = item->rmajor,
				      .rminor = item->rminor };
	int err;

	w->head.size = 0;
	err = cpio_write_head(&w->head, &e, why);
	if (err)
		return err;
	return encoder_write(&w->encoder, w->head.data, w->head.size, why);
}

/* As cpio does: the last name of a hard link carries the contents. */
static int write_names(struct writer *w, size_t at, size_t n,
		       struct failure *why)
{
	const struct rebuild_item *items = &w->r->items[at];
	int err = 0;

	w->ino++;
	for (size_t i = 0; !err && i < n; i++)
		err = write_head(w, &items[i], n,
				 i + 1 == n ? items[i].size : 0, why);
	return err;
}

static int pad(struct writer *w, uint64_t size, struct failure *why)
{
	return encoder_write(&w->encoder, zeros, -size & 3, why);
}

/* Everything whose contents are in memory, or that has none. */
static int write_first(struct writer *w, struct failure *why)
{
	const struct rebuild *r = w->r;
	int err = 0;

	while (!err && w->next < r->count) {
		const struct rebuild_item *item = &r->items[w->next];
		size_t n = names_at(r, w->next);

		if (item->size && !item->bytes)
			break;
		err = write_names(w, w->next, n, why);
		if (!err)
			err = encoder_write(&w->encoder, item->bytes,
					    item->size, why);
		if (!err)
			err = pad(w, item->size, why);
		w->next += n;
	}
	return err;
}

static int changed(struct failure *why)
{
	return fail(why, -EAGAIN, "changed while it was read");
}

static int on_begin(void *ctx, const struct cpio_entry *entry,
		    struct failure *why)
{
	struct writer *w = ctx;
	size_t n;

	w->entry++;
	w->copies = w->next < w->r->count &&
		    w->r->items[w->next].inode->entry == w->entry;
	if (!w->copies)
		return 0;
	if (entry->size != w->r->items[w->next].size)
		return changed(why);
	w->left = entry->size;
	n = names_at(w->r, w->next);
	w->next += n;
	return write_names(w, w->next - n, n, why);
}

static int on_data(void *ctx, const uint8_t *data, size_t size,
		   struct failure *why)
{
	struct writer *w = ctx;

	return w->copies ? encoder_write(&w->encoder, data, size, why) : 0;
}

static int on_end(void *ctx, struct failure *why)
{
	struct writer *w = ctx;

	return w->copies ? pad(w, w->left, why) : 0;
}

static int on_trailer(void *ctx, struct failure *why)
{
	return 0;
}

static int write_rest(struct writer *w, const struct image *image,
		      struct failure *why)
{
	static const struct cpio_sink sink = { .begin = on_begin,
					       .data = on_data,
					       .end = on_end,
					       .trailer = on_trailer };
	int err = image_walk(image, &sink, w, why);

	return err || w->next == w->r->count ? err : changed(why);
}

static int write_trailer(struct writer *w, struct failure *why)
{
	int err;

	w->head.size = 0;
	err = cpio_write_trailer(&w->head, why);
	if (err)
		return err;
	err = encoder_write(&w->encoder, w->head.data, w->head.size, why);
	return err ? err : encoder_finish(&w->encoder, why);
}

static int to_file(void *ctx, const void *data, size_t size,
		   struct failure *why)
{
	return atomic_file_write(ctx, data, size, why);
}

int rebuild_write(const struct rebuild *r, const struct image *image,
		  struct atomic_file *f, struct failure *why)
{
	struct writer w = { .r = r,
			    .encoder = { .codec = r->codec,
					 .level = r->level,
					 .threads = processors(),
					 .sink = to_file,
					 .ctx = f } };
	int err;

	err = atomic_file_write(f, image->data, r->head, why);
	/* An archive that is not compressed wants to begin on a multiple. */
	if (!err)
		err = atomic_file_write(f, zeros, -r->head & 3, why);
	if (!err)
		err = encoder_open(&w.encoder, why);
	if (!err)
		err = write_first(&w, why);
	if (!err)
		err = write_rest(&w, image, why);
	if (!err)
		err = write_trailer(&w, why);
	encoder_close(&w.encoder);
	buffer_free(&w.head);
	if (!err)
		err = atomic_file_write(f, image->data + image->end,
					image->size - image->end, why);
	return err;
}
