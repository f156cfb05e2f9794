/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The newc archive ("070701", and "070702" with a checksum) as the kernel's
 * init/initramfs.c reads it, and as we write it.
 */
#ifndef TOOLS_LIB_CPIO_H
#define TOOLS_LIB_CPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct failure;

#define CPIO_HEADER_SIZE 110
/* With its NUL; the kernel passes over entries with longer names. */
#define CPIO_NAME_MAX 4096
#define CPIO_TRAILER "TRAILER!!!"

struct cpio_entry {
	uint32_t ino;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint32_t nlink;
	uint32_t mtime;
	uint32_t size;
	uint32_t major;
	uint32_t minor;
	uint32_t rmajor;
	uint32_t rminor;
	uint32_t name_size;
	uint32_t checksum;
	bool crc;
	uint64_t offset; /* of the header, from the start of the stream */
	const char *name; /* as it stands in the archive */
};

/*
 * What a reader hands on. Each returns 0 or -errno, which ends the reading.
 * data is called 0 or more times between begin and end.
 */
struct cpio_sink {
	int (*begin)(void *ctx, const struct cpio_entry *entry,
		     struct failure *why);
	int (*data)(void *ctx, const uint8_t *data, size_t size,
		    struct failure *why);
	int (*end)(void *ctx, struct failure *why);
	int (*trailer)(void *ctx, struct failure *why);
	/* An entry that the kernel passes over (name NULL: has none); may be
	 * NULL */
	void (*skipped)(void *ctx, const struct cpio_entry *entry,
			const char *reason);
};

enum cpio_state {
	CPIO_BOUNDARY, /* between entries: zeroes, a header or something else */
	CPIO_HEADER,
	CPIO_NAME,
	CPIO_NAME_PADDING,
	CPIO_BODY,
	CPIO_PADDING,
};

struct cpio_reader {
	const struct cpio_sink *sink;
	void *ctx;
	enum cpio_state state;
	uint64_t position; /* alignment counts from where this is 0 */
	bool stop_at_trailer;
	bool trailer; /* a TRAILER!!! has been read */
	bool skip; /* the kernel passes over this entry */
	const char *skip_reason;
	uint32_t want; /* bytes that the present state still takes */
	uint32_t have;
	uint32_t sum;
	uint32_t entries;
	struct cpio_entry entry;
	uint8_t header[CPIO_HEADER_SIZE];
	char name[CPIO_NAME_MAX];
};

/*
 * Begins a stream whose first byte is at @position for the alignment: 0 for
 * a decompressed one, the offset in the file for a raw one.
 */
void cpio_reader_init(struct cpio_reader *r, const struct cpio_sink *sink,
		      void *ctx, uint64_t position);

/*
 * Reads a piece of any size. Stops early, with *@used < @size, at a byte
 * between two entries that begins no entry, and behind a trailer when
 * stop_at_trailer is set. 0, -EBADMSG, or what the sink returned.
 */
int cpio_reader_feed(struct cpio_reader *r, const uint8_t *data, size_t size,
		     size_t *used, struct failure *why);

/*
 * Whether a stream may end here; else -ENODATA with a message.
 */
int cpio_reader_finish(const struct cpio_reader *r, struct failure *why);

/*
 * Appends an entry: @data holds @entry->size bytes. name_size, offset and
 * the checksum are the writer's own matter. 0, -EINVAL or -ENOMEM.
 */
int cpio_write(struct buffer *out, const struct cpio_entry *entry,
	       const void *data, struct failure *why);

/* Its header and name only; its body goes behind, padded to 4. */
int cpio_write_head(struct buffer *out, const struct cpio_entry *entry,
		    struct failure *why);

/* Appends TRAILER!!!, which alone resets the kernel's hard link table. */
int cpio_write_trailer(struct buffer *out, struct failure *why);

#endif
