/*
 * Frames: bytes as a transport delivers them → whole messages.
 *
 * Messages start at multiples of 8 in a chunk, as they do in the stream: what is not consumed can
 * only be moved to a chunk's start, and after a reset the stream starts at the next multiple.
 */
#include <stdlib.h>
#include <string.h>

#include "frame.h"

enum {
	AT_COMMAND = 12,
	AT_LENGTH = 14,
	MESSAGE_BYTES = LWL_MESSAGE_MAX + 1	/* padded */
};

struct lwl_chunk {
	uint32_t refs;			/* pins, and one while a frame fills it */
	uint64_t data[];		/* for its alignment */
};

/* ---- chunks ---- */

static void unref(struct lwl_chunk *chunk)
{
	if (--chunk->refs == 0)
		free(chunk);
}

/* Go on in another chunk: the spare one if there is one.  Takes along what is not consumed. */
static int change_chunk(struct lwl_frame *f)
{
	struct lwl_chunk *next = f->spare;
	uint32_t rest = lwl_frame_pending(f);

	if (next == NULL)
		next = malloc(sizeof *next + f->size);
	if (next == NULL)
		return -LWL_ENOMEM;
	next->refs = 1;
	if (f->chunk != NULL) {
		memcpy(next->data, f->data + f->at, rest);
		f->chunk->refs--;	/* there are pins, or it would be used again */
		f->pinned++;
	}
	f->spare = NULL;
	f->chunk = next;
	f->data = (uint8_t *)next->data;
	f->at = 0;
	f->end = rest;
	return 0;
}

struct lwl_chunk *lwl_frame_pin(struct lwl_frame *f)
{
	f->chunk->refs++;
	return f->chunk;
}

void lwl_chunk_unpin(struct lwl_chunk *chunk, struct lwl_frame *f)
{
	if (f == NULL || chunk->refs > 1) {
		unref(chunk);
		return;
	}
	/* The frame has left it, and nobody else is there. */
	f->pinned--;
	if (f->spare == NULL)
		f->spare = chunk;
	else
		unref(chunk);
}

/* ---- the frame ---- */

void lwl_frame_init(struct lwl_frame *f, uint32_t size)
{
	memset(f, 0, sizeof *f);
	f->size = size;
}

void lwl_frame_fini(struct lwl_frame *f)
{
	if (f->chunk != NULL)
		unref(f->chunk);
	free(f->spare);
	lwl_frame_init(f, f->size);
}

void lwl_frame_reset(struct lwl_frame *f)
{
	f->end = lwl_padded(f->end);
	f->at = f->end;
}

uint8_t *lwl_frame_room(struct lwl_frame *f, size_t *room)
{
	uint32_t rest = lwl_frame_pending(f);
	bool narrow = f->size - f->end < MESSAGE_BYTES;

	*room = 0;
	if (f->chunk == NULL || (f->chunk->refs > 1 && narrow)) {
		if (change_chunk(f) != 0)
			return NULL;
	} else if (f->chunk->refs == 1 && (narrow || rest == 0)) {
		memmove(f->data, f->data + f->at, rest);
		f->at = 0;
		f->end = rest;
	}
	*room = f->size - f->end;
	return f->data + f->end;
}

void lwl_frame_fill(struct lwl_frame *f, size_t n)
{
	f->end += (uint32_t)n;
}

/* ---- messages ---- */

static int malformed(struct lwl_error *err, enum lwl_bad bad, uint32_t offset)
{
	if (err != NULL) {
		err->bad = bad;
		err->offset = offset;
		err->depth = 0;
		err->detail.data = NULL;
		err->detail.len = 0;
	}
	return -LWL_EMALFORMED;
}

static bool is_pad(const uint8_t *msg)
{
	return lwl_load64(msg) == 0 && lwl_load16(msg + AT_COMMAND) == 0;
}

int lwl_frame_next(struct lwl_frame *f, const uint8_t **msg, uint32_t *len, struct lwl_error *err)
{
	while (lwl_frame_pending(f) >= LWL_HEADER_SIZE) {
		const uint8_t *p = f->data + f->at;
		uint32_t length = lwl_load16(p + AT_LENGTH), padded = lwl_padded(length);

		if (length < LWL_HEADER_SIZE)
			return malformed(err, LWL_BAD_LENGTH, AT_LENGTH);
		if (padded > lwl_frame_pending(f))
			return 0;
		if (is_pad(p)) {
			f->at += padded;
			continue;
		}
		/* The padding in the last word: two shifts, as there may be none. */
		if (lwl_load64(p + padded - 8) >> 1 >> (63 - 8 * (padded - length)) != 0) {
			while (p[length] == 0)
				length++;
			return malformed(err, LWL_BAD_PADDING, length);
		}
		f->at += padded;
		*msg = p;
		*len = padded;
		return 1;
	}
	return 0;
}
