// SPDX-License-Identifier: GPL-2.0-only
/* No compression, as a compressor: small pieces gathered to larger ones. */
#include "tools/lib/base/failure.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"

#include <stdlib.h>
#include <string.h>

#define GATHER (256U << 10)

struct gathered {
	size_t size;
	uint8_t data[GATHER];
};

static int none_open(struct encoder *e, struct failure *why)
{
	struct gathered *g = malloc(sizeof(*g));

	if (!g)
		return fail(why, -ENOMEM, "out of memory");
	g->size = 0;
	e->state = g;
	return 0;
}

static int none_write(struct encoder *e, const uint8_t *in, size_t size,
		      bool last, struct failure *why)
{
	struct gathered *g = e->state;
	int err = 0;

	if (last || size > GATHER - g->size) {
		err = e->sink(e->ctx, g->data, g->size, why);
		g->size = 0;
	}
	if (err || !size)
		return err;
	if (size > GATHER)
		return e->sink(e->ctx, in, size, why);
	memcpy(g->data + g->size, in, size);
	g->size += size;
	return 0;
}

static void none_close(struct encoder *e)
{
	free(e->state);
}

static const struct encoder_ops none_encoder = {
	.open = none_open,
	.write = none_write,
	.close = none_close,
};

const struct codec codec_none = {
	.name = "none",
	.encoder = &none_encoder,
};
