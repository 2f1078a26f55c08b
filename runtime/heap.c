/*
 * A heap of times: see heap.h.
 */
#include <stdlib.h>

#include <lwlink/error.h>

#include "heap.h"

static void put(struct lwl_heap *h, uint32_t place, struct lwl_due *due)
{
	h->at[place] = due;
	due->place = place;
}

static void sift_up(struct lwl_heap *h, uint32_t place, struct lwl_due *due)
{
	for (; place > 1 && h->at[place / 2]->when > due->when; place /= 2)
		put(h, place, h->at[place / 2]);
	put(h, place, due);
}

static void sift_down(struct lwl_heap *h, uint32_t place, struct lwl_due *due)
{
	uint32_t child;

	while ((child = 2 * place) <= h->count) {
		if (child < h->count && h->at[child + 1]->when < h->at[child]->when)
			child++;
		if (h->at[child]->when >= due->when)
			break;
		put(h, place, h->at[child]);
		place = child;
	}
	put(h, place, due);
}

int lwl_heap_add(struct lwl_heap *h, struct lwl_due *due, uint64_t when)
{
	if (h->count + 1 >= h->room) {
		uint32_t room = h->room > 0 ? 2 * h->room : 64;
		struct lwl_due **at = realloc(h->at, room * sizeof at[0]);

		if (at == NULL)
			return -LWL_ENOMEM;
		h->at = at;
		h->room = room;
	}
	due->when = when;
	sift_up(h, ++h->count, due);
	return 0;
}

void lwl_heap_take(struct lwl_heap *h, struct lwl_due *due)
{
	uint32_t place = due->place;
	struct lwl_due *last;

	due->place = 0;
	last = h->at[h->count--];
	if (last == due)
		return;
	/* The last one takes the place, and goes up or down from there. */
	if (place > 1 && h->at[place / 2]->when > last->when)
		sift_up(h, place, last);
	else
		sift_down(h, place, last);
}

void lwl_heap_fini(struct lwl_heap *h)
{
	free(h->at);
	h->at = NULL;
	h->count = h->room = 0;
}
