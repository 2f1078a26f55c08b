/*
 * The transmit ring.
 *
 * Where the rest up to the ring's end is skipped there is a *gap*.  It comes into being when the
 * message behind it is committed, so a message always follows it, and as no more than `size` bytes
 * are kept, the kept ones hold one gap at most: `gap` and the end of the ring say where it is.  A
 * cursor never stands in front of it or in it, but always behind it.
 */
#include <stdlib.h>

#include "ring.h"

enum { AT_LENGTH = 14 };

/* ---- positions ---- */

/* The end of the message at `position`, which is committed. */
static uint64_t message_end(const struct lwl_ring *r, uint64_t position)
{
	return position + lwl_padded(lwl_load16(lwl_ring_at(r, position) + AT_LENGTH));
}

static uint64_t skip_gap(const struct lwl_ring *r, uint64_t position)
{
	return position == r->gap ? lwl_ring_end_behind(r, position) : position;
}

/* ---- in ---- */

int lwl_ring_init(struct lwl_ring *r, uint32_t size, uint64_t window)
{
	r->data = malloc(size);
	r->size = size;
	lwl_ring_clear(r, window);
	return r->data == NULL ? -LWL_ENOMEM : 0;
}

void lwl_ring_fini(struct lwl_ring *r)
{
	free(r->data);
	r->data = NULL;
}

void lwl_ring_clear(struct lwl_ring *r, uint64_t window)
{
	r->window = window;
	r->unacked = 0;
	r->acked = r->sent = r->committed = 0;
	r->acked_count = r->committed_count = 0;
	r->begun = LWL_RING_NOWHERE;
	r->gap = LWL_RING_NOWHERE;
	r->mark = 0;
	r->mark_count = 0;
}

/* From what is committed to `end`, which is one of the ring, nothing will be. */
void lwl_ring_make_gap(struct lwl_ring *r, uint64_t end)
{
	const struct lwl_header pad = { .length = (uint16_t)(end - r->committed) };

	r->gap = r->committed;
	if (end - r->gap >= LWL_HEADER_SIZE)
		lwl_header_store(lwl_ring_at(r, r->gap), &pad);
	r->acked = skip_gap(r, r->acked);
	r->sent = skip_gap(r, r->sent);
	r->mark = skip_gap(r, r->mark);
}

/* ---- out ---- */

unsigned lwl_ring_unsent(const struct lwl_ring *r, struct lwl_slice out[2])
{
	uint64_t end = lwl_ring_end_behind(r, r->sent), stop = r->committed;

	if (r->sent == r->committed)
		return 0;
	if (r->committed > end)
		stop = r->gap > r->sent && r->gap < end ? r->gap : end;
	out[0] = (struct lwl_slice){ lwl_ring_at(r, r->sent), (size_t)(stop - r->sent) };
	if (r->committed <= end)
		return 1;
	out[1] = (struct lwl_slice){ lwl_ring_at(r, end), (size_t)(r->committed - end) };
	return 2;
}

void lwl_ring_sent(struct lwl_ring *r, size_t n)
{
	uint64_t to = r->sent + n;

	if (r->sent < r->gap && r->gap <= to)
		to += lwl_ring_end_behind(r, r->gap) - r->gap;
	r->sent = to;
}

/* Move the mark to the last border that is not behind `sent`. */
static void move_mark(struct lwl_ring *r)
{
	while (r->mark < r->sent) {
		uint64_t end = message_end(r, r->mark);

		if (end > r->sent)
			break;
		r->mark = skip_gap(r, end);
		r->mark_count++;
	}
}

uint32_t lwl_ring_rest(struct lwl_ring *r)
{
	move_mark(r);
	return r->mark == r->sent ? 0 : (uint32_t)(message_end(r, r->mark) - r->sent);
}

uint64_t lwl_ring_sent_count(struct lwl_ring *r)
{
	move_mark(r);
	return r->mark_count + (r->mark < r->sent);
}

/* ---- acknowledged ---- */

/* The messages up to number `count` are consumed, which are to end at `limit` or before. */
static int consume(struct lwl_ring *r, uint64_t count, uint64_t limit)
{
	uint64_t position = r->acked, bytes = 0, n;

	if (count < r->acked_count || count > r->committed_count)
		return -LWL_EMALFORMED;
	for (n = r->acked_count; n < count; n++) {
		uint64_t end = message_end(r, position);

		if (end > limit)
			return -LWL_EMALFORMED;
		bytes += end - position;
		position = skip_gap(r, end);
	}
	r->acked = position;
	r->acked_count = count;
	r->unacked -= bytes;
	return 0;
}

int lwl_ring_ack(struct lwl_ring *r, uint64_t count)
{
	int status = consume(r, count, r->sent);

	if (status == 0 && r->mark < r->acked) {
		r->mark = r->acked;
		r->mark_count = count;
	}
	return status;
}

int lwl_ring_resume(struct lwl_ring *r, uint64_t count)
{
	int status = consume(r, count, r->committed);

	if (status == 0) {
		r->sent = r->mark = r->acked;
		r->mark_count = count;
	}
	return status;
}
