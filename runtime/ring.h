/*
 * The transmit ring: messages are encoded in it, sent from it, kept in it until the peer has consumed
 * them, and sent again from it (docs/protocol.md, "Numbers and the transmit ring").
 *
 *	acknowledged ≤ sent ≤ committed
 *
 * Positions run freely, in bytes; a message never crosses the ring's end.  What is left there when
 * one does not fit is skipped, and no cursor stands in front of it: a ring in shared memory has a PAD
 * for it (written here in any case, unless just 8 bytes are left), a stream does not carry it.
 */
#ifndef LWLINK_RING_H
#define LWLINK_RING_H

#include <lwlink/wire.h>

struct lwl_ring {
	uint8_t *data;			/* 8-aligned */
	uint32_t size;			/* a power of two */
	uint64_t window;		/* what the peer takes: bytes of messages not acknowledged */
	uint64_t unacked;		/* such bytes now, without PADs */
	uint64_t acked, sent, committed;	/* positions */
	uint64_t acked_count;		/* the number of the last message that was acknowledged */
	uint64_t committed_count;	/* the number of the last one that was committed */
	uint64_t begun;			/* where the message being encoded starts, or UINT64_MAX */
	uint64_t gap;			/* the last skipped place, up to the ring's end, or UINT64_MAX */
	uint64_t mark;			/* the last message border that is known not to be behind sent */
	uint64_t mark_count;		/* the number of the message before that */
};

/* A ring of `size` bytes, a power of two from 131,072 on.  0 or -LWL_ENOMEM. */
int lwl_ring_init(struct lwl_ring *r, uint32_t size, uint64_t window);
void lwl_ring_fini(struct lwl_ring *r);

/*
 * Room to encode a message of up to `max` bytes (a multiple of 8, at most 65,536), 8-aligned and in
 * one piece, or NULL: not now.  While a message is begun, no other can be.
 */
static inline uint8_t *lwl_ring_begin(struct lwl_ring *r, uint32_t max);

/*
 * The message is there: `len` padded bytes, at most `max`, as its header says.  Returns its number,
 * or 0, and the message is taken back: `len` is 0, as lwl_writer_size says after an error; or the
 * window has no room for it; or the ring was cleared since begin.
 */
static inline uint64_t lwl_ring_commit(struct lwl_ring *r, uint32_t len);

/* There will be no message after all: as if nothing had been begun. */
static inline void lwl_ring_abort(struct lwl_ring *r);

/* Would begin succeed now, and a message of that size be committed? */
static inline bool lwl_ring_has_room(const struct lwl_ring *r, uint32_t max);

/*
 * What is committed and not sent, in order, PADs left out: up to two slices.  Returns how many.
 */
unsigned lwl_ring_unsent(const struct lwl_ring *r, struct lwl_slice out[2]);

/* The first `n` bytes of that were sent. */
void lwl_ring_sent(struct lwl_ring *r, size_t n);

/*
 * How many bytes of the message that has been sent in part are left: 0 when none has.  Between
 * messages a transport may put others, which are not in the ring.
 */
uint32_t lwl_ring_rest(struct lwl_ring *r);

/* The number of the last message of which anything has been sent. */
uint64_t lwl_ring_sent_count(struct lwl_ring *r);

/*
 * The peer has consumed all messages up to number `count`.  -LWL_EMALFORMED: that is fewer than
 * before, or more than were sent (whole); nothing has changed then.
 */
int lwl_ring_ack(struct lwl_ring *r, uint64_t count);

/*
 * On a new connection: the peer has consumed all messages up to number `count`, and everything behind
 * is to be sent, again or not.  The same errors, but what was committed counts as sent: `count` from
 * acked_count to committed_count.
 */
int lwl_ring_resume(struct lwl_ring *r, uint64_t count);

/* Drop everything: a new session.  Numbers start again at 1. */
void lwl_ring_clear(struct lwl_ring *r, uint64_t window);

/* ---- what is short, and in the way of each message ---- */

#define LWL_RING_NOWHERE UINT64_MAX

static inline uint8_t *lwl_ring_at(const struct lwl_ring *r, uint64_t position)
{
	return r->data + (position & (r->size - 1));
}

/* The next end of the ring behind a position. */
static inline uint64_t lwl_ring_end_behind(const struct lwl_ring *r, uint64_t position)
{
	return (position | (r->size - 1)) + 1;
}

/* Where something of `max` bytes starts that is put behind all that is committed; or nowhere. */
static inline uint64_t lwl_ring_place(const struct lwl_ring *r, uint32_t max)
{
	uint64_t end = lwl_ring_end_behind(r, r->committed);
	uint64_t start = end - r->committed < max ? end : r->committed;

	return r->begun == LWL_RING_NOWHERE && start + max - r->acked <= r->size ? start
										  : LWL_RING_NOWHERE;
}

static inline uint8_t *lwl_ring_begin(struct lwl_ring *r, uint32_t max)
{
	uint64_t start = lwl_ring_place(r, max);

	if (start == LWL_RING_NOWHERE)
		return NULL;
	r->begun = start;
	return lwl_ring_at(r, start);
}

static inline bool lwl_ring_has_room(const struct lwl_ring *r, uint32_t max)
{
	return lwl_ring_place(r, max) != LWL_RING_NOWHERE && max <= r->window - r->unacked;
}

/* From what is committed to `end`, which is one of the ring, nothing will be. */
void lwl_ring_make_gap(struct lwl_ring *r, uint64_t end);

static inline uint64_t lwl_ring_commit(struct lwl_ring *r, uint32_t len)
{
	uint64_t start = r->begun;

	r->begun = LWL_RING_NOWHERE;
	if (start == LWL_RING_NOWHERE || len == 0 || len > r->window - r->unacked)
		return 0;
	if (start != r->committed)
		lwl_ring_make_gap(r, start);
	r->committed = start + len;
	r->unacked += len;
	return ++r->committed_count;
}

static inline void lwl_ring_abort(struct lwl_ring *r)
{
	r->begun = LWL_RING_NOWHERE;
}

#endif
