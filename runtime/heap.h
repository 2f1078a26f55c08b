/*
 * What is due when: a binary heap of times, each in something that knows its own place in it.
 */
#ifndef LWLINK_HEAP_H
#define LWLINK_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct lwl_due {
	uint64_t when;
	uint32_t place;			/* in the heap, from 1; 0: not in it */
	uint32_t kind;			/* the owner's */
};

struct lwl_heap {
	struct lwl_due **at;		/* from 1 on; the earliest first */
	uint32_t count, room;
};

/* Adds `due` for the time `when`.  0 or -LWL_ENOMEM. */
int lwl_heap_add(struct lwl_heap *h, struct lwl_due *due, uint64_t when);

/* Takes it out, if it is in. */
void lwl_heap_take(struct lwl_heap *h, struct lwl_due *due);
static inline void lwl_heap_remove(struct lwl_heap *h, struct lwl_due *due)
{
	if (due->place != 0)
		lwl_heap_take(h, due);
}

void lwl_heap_fini(struct lwl_heap *h);

/* The time of the earliest; UINT64_MAX: none. */
static inline uint64_t lwl_heap_first(const struct lwl_heap *h)
{
	return h->count > 0 ? h->at[1]->when : UINT64_MAX;
}

#endif
