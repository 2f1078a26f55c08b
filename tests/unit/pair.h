/*
 * Two sides of a link in one program, and the bytes between them: as many at a time as a test likes.
 */
#ifndef LWLINK_TESTS_PAIR_H
#define LWLINK_TESTS_PAIR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lwlink/transport.h>

enum { REASON = 600 };

/* One side. */
struct side {
	struct lwl_link *link;
	unsigned ups, rooms, ends;
	int status;			/* with which it ended */
	char reason[REASON];
	uint64_t bytes;			/* sent by it */
	unsigned slices;		/* that flush may give at once; 0: all */
	/* What a test wants to do when it is told; each may be NULL. */
	void (*on_up)(struct side *side);
	void (*on_room)(struct side *side);
	void (*on_end)(struct side *side);
	void *ctx;			/* the test's */
};

struct pair {
	struct side a, b;		/* a dialled */
	uint64_t now;
	bool cut;			/* the connection is no more */
};

static inline void side_up(void *ctx, struct lwl_link *link)
{
	struct side *side = ctx;

	(void)link;
	side->ups++;
	if (side->on_up != NULL)
		side->on_up(side);
}

static inline void side_room(void *ctx, struct lwl_link *link)
{
	struct side *side = ctx;

	(void)link;
	side->rooms++;
	if (side->on_room != NULL)
		side->on_room(side);
}

static inline void side_ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct side *side = ctx;

	(void)link;
	side->ends++;
	side->status = status;
	snprintf(side->reason, sizeof side->reason, "%s", reason);
	if (side->on_end != NULL)
		side->on_end(side);
}

/* The same numbers in each run. */
static inline int not_random(void *buf, size_t size)
{
	static uint8_t next;
	uint8_t *p = buf;

	while (size-- > 0)
		*p++ = next++;
	return 0;
}

static const struct lwl_link_events side_events = { side_up, side_room, side_ended };

static inline void make_side(struct side *side, const struct lwl_link_config *config)
{
	struct lwl_link_config c = *config;

	memset(side, 0, sizeof *side);
	c.random = not_random;
	c.events = &side_events;
	c.ctx = side;
	if (lwl_link_new(&side->link, &c) != 0)
		abort();
}

/* Without a connection yet. */
static inline void pair_make(struct pair *p, const struct lwl_link_config *a, const struct lwl_link_config *b)
{
	memset(p, 0, sizeof *p);
	p->now = 1000000;
	make_side(&p->a, a);
	make_side(&p->b, b);
}

static inline void pair_connect(struct pair *p)
{
	if (lwl_link_connected(p->a.link, true, p->now) != 0 ||
	    lwl_link_connected(p->b.link, false, p->now) != 0)
		abort();
}

static inline void pair_init(struct pair *p, const struct lwl_link_config *a, const struct lwl_link_config *b)
{
	pair_make(p, a, b);
	pair_connect(p);
}

static inline void pair_fini(struct pair *p)
{
	lwl_link_free(p->a.link);
	lwl_link_free(p->b.link);
}

/* Up to `most` bytes from one side to the other; how many it were. */
static inline size_t carry(struct pair *p, struct side *from, struct side *to, size_t most)
{
	struct lwl_slice slices[8];
	unsigned i, n = lwl_link_flush(from->link, slices, from->slices != 0 ? from->slices : 8, p->now);
	size_t total = 0;

	for (i = 0; i < n; i++) {
		const uint8_t *data = slices[i].data;
		size_t left = slices[i].len;

		while (left > 0 && total < most) {
			size_t room, some = left < most - total ? left : most - total;
			uint8_t *buf;

			if (!p->cut && !lwl_link_is_done(to->link)) {
				buf = lwl_link_receive(to->link, &room);
				if (buf == NULL)
					break;
				if (some > room)
					some = room;
				memcpy(buf, data, some);
				(void)lwl_link_received(to->link, some, p->now);
			}
			data += some;
			left -= some;
			total += some;
		}
	}
	lwl_link_sent(from->link, total);
	from->bytes += total;
	return total;
}

/* Back and forth, at most `most` bytes at a time, until nothing moves any longer. */
static inline void pump_by(struct pair *p, size_t most)
{
	size_t moved;

	do {
		moved = carry(p, &p->a, &p->b, most);
		moved += carry(p, &p->b, &p->a, most);
	} while (moved > 0);
}

static inline void pump(struct pair *p)
{
	pump_by(p, SIZE_MAX);
}

/* Time passes for both. */
static inline void pass(struct pair *p, uint64_t microseconds)
{
	p->now += microseconds;
	lwl_link_tick(p->a.link, p->now);
	lwl_link_tick(p->b.link, p->now);
	pump(p);
}

#endif
