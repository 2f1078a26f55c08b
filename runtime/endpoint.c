/*
 * End points of one link: the counting.
 */
#include "endpoint.h"

/* ---- queues ---- */

static struct lwl_place *place(const struct lwl_table *t, uint32_t i)
{
	return lwl_table_at(t, i);
}

static void append(const struct lwl_table *t, struct lwl_queue *q, uint32_t i)
{
	struct lwl_place *p = place(t, i);

	p->next = LWL_NONE;
	p->prev = q->last;
	if (q->last == LWL_NONE)
		q->first = i;
	else
		place(t, q->last)->next = i;
	q->last = i;
}

static void take_out(const struct lwl_table *t, struct lwl_queue *q, uint32_t i)
{
	const struct lwl_place *p = place(t, i);

	if (p->prev == LWL_NONE)
		q->first = p->next;
	else
		place(t, p->prev)->next = p->next;
	if (p->next == LWL_NONE)
		q->last = p->prev;
	else
		place(t, p->next)->prev = p->prev;
}

static void empty(struct lwl_queue *q)
{
	q->first = LWL_NONE;
	q->last = LWL_NONE;
}

/* ---- linkids ---- */

static uint32_t index_of(uint64_t id)
{
	return (uint32_t)id;
}

static uint32_t generation_of(uint64_t id)
{
	return (uint32_t)(id >> 32) & LWL_GENERATION_MAX;
}

static bool is_ours(const struct lwl_endpoints *e, uint64_t id)
{
	return (id & LWL_HOST_BIT) == e->side;
}

/* Can the peer host what has this linkid? */
static bool is_peers(const struct lwl_endpoints *e, uint64_t id)
{
	return !is_ours(e, id) && generation_of(id) != 0 && index_of(id) < e->held.limit;
}

/* ---- the whole ---- */

void lwl_endpoints_init(struct lwl_endpoints *e, uint64_t side, uint32_t hosted_limit,
			uint32_t held_limit)
{
	memset(e, 0, sizeof *e);
	lwl_table_init(&e->hosted, sizeof(struct lwl_hosted), hosted_limit);
	lwl_table_init(&e->held, sizeof(struct lwl_held), held_limit);
	e->side = side;
	e->hosted_limit = hosted_limit;
	empty(&e->free);
	empty(&e->closing);
	empty(&e->gone);
	empty(&e->releases);
	empty(&e->dying);
}

void lwl_endpoints_fini(struct lwl_endpoints *e)
{
	lwl_table_fini(&e->hosted);
	lwl_table_fini(&e->held);
	lwl_endpoints_init(e, e->side, 0, 0);
}

/* ---- hosted ---- */

int lwl_endpoints_host(struct lwl_endpoints *e, const struct lwl_hosted *what, uint64_t *id)
{
	struct lwl_hosted *h;
	uint32_t i = e->free.last;	/* the one that was used last: it is in the cache */

	if (i != LWL_NONE) {
		take_out(&e->hosted, &e->free, i);
		h = lwl_table_at(&e->hosted, i);
	} else {
		i = e->hosted_top;
		if (i >= e->hosted_limit)
			return -LWL_EMFILE;
		h = lwl_table_make(&e->hosted, i);
		if (h == NULL)
			return -LWL_ENOMEM;
		e->hosted_top++;
	}
	h->interface = what->interface;
	if (what->interface != NULL)
		h->ops = what->ops;
	else
		h->raw = what->raw;
	h->self = what->self;
	h->closed = what->closed;
	/* A free slot has no references and no commands, and is not untold. */
	h->generation++;
	h->live = true;
	h->revoked = false;
	e->hosted_count++;
	*id = e->side | (uint64_t)h->generation << 32 | i;
	return 0;
}

struct lwl_hosted *lwl_endpoints_hosted(const struct lwl_endpoints *e, uint64_t id)
{
	struct lwl_hosted *h = lwl_table_at(&e->hosted, index_of(id));

	if (!is_ours(e, id) || h == NULL || !h->live || h->generation != generation_of(id))
		return NULL;
	return h;
}

int lwl_endpoints_addressed(const struct lwl_endpoints *e, uint64_t id, struct lwl_hosted **out)
{
	*out = lwl_endpoints_hosted(e, id);
	if (*out != NULL && (*out)->refs == 0)
		*out = NULL;
	if (*out == NULL)
		return -LWL_ENOENDPOINT;
	return (*out)->revoked ? -LWL_EGONE : 0;
}

/* Called when the last reference, the last command, or the end point itself has just gone. */
static void close_if_over(struct lwl_endpoints *e, struct lwl_hosted *h, uint32_t i)
{
	if (h->refs > 0 || h->running > 0)
		return;
	h->live = false;
	append(&e->hosted, &e->closing, i);
}

static void tell_gone(struct lwl_endpoints *e, struct lwl_hosted *h, uint32_t i)
{
	if (!h->untold)
		append(&e->hosted, &e->gone, i);
	h->untold = true;
}

void lwl_endpoints_enter(struct lwl_hosted *h)
{
	h->running++;
}

void lwl_endpoints_leave(struct lwl_endpoints *e, uint64_t id, struct lwl_hosted *h)
{
	h->running--;
	close_if_over(e, h, index_of(id));
}

int lwl_endpoints_revoke(struct lwl_endpoints *e, uint64_t id)
{
	struct lwl_hosted *h = lwl_endpoints_hosted(e, id);

	if (h == NULL)
		return -LWL_ENOENDPOINT;
	if (h->revoked)
		return 0;
	h->revoked = true;
	if (h->refs > 0)
		tell_gone(e, h, index_of(id));
	else
		close_if_over(e, h, index_of(id));
	return 0;
}

int lwl_endpoints_released(struct lwl_endpoints *e, uint64_t id, uint64_t n)
{
	struct lwl_hosted *h = lwl_endpoints_hosted(e, id);

	if (h == NULL || n == 0 || n > h->refs)
		return -LWL_EMALFORMED;
	h->refs -= n;
	e->hosted_refs -= n;
	if (h->refs > 0)
		return 0;
	if (h->untold)
		take_out(&e->hosted, &e->gone, index_of(id));
	h->untold = false;
	close_if_over(e, h, index_of(id));
	return 0;
}

bool lwl_endpoints_next_closed(struct lwl_endpoints *e, void **self, lwl_closed_fn **closed)
{
	uint32_t i = e->closing.first;
	const struct lwl_hosted *h;

	if (i == LWL_NONE)
		return false;
	take_out(&e->hosted, &e->closing, i);
	h = lwl_table_at(&e->hosted, i);
	*self = h->self;
	*closed = h->closed;
	e->hosted_count--;
	if (h->generation < LWL_GENERATION_MAX)
		append(&e->hosted, &e->free, i);
	return true;
}

uint32_t lwl_endpoints_take_gone(struct lwl_endpoints *e, uint64_t *ids, uint32_t max)
{
	uint32_t n;

	for (n = 0; n < max && lwl_endpoints_have_gone(e); n++) {
		uint32_t i = e->gone.first;
		struct lwl_hosted *h = lwl_table_at(&e->hosted, i);

		take_out(&e->hosted, &e->gone, i);
		h->untold = false;
		ids[n] = e->side | (uint64_t)h->generation << 32 | i;
	}
	return n;
}

/* ---- held ---- */

struct lwl_held *lwl_endpoints_held(const struct lwl_endpoints *e, uint64_t id)
{
	struct lwl_held *h = is_ours(e, id) ? NULL : lwl_table_at(&e->held, index_of(id));

	return id != 0 && h != NULL && h->id == id ? h : NULL;
}

static void forget(struct lwl_endpoints *e, struct lwl_held *h)
{
	memset(h, 0, sizeof *h);
	e->held_count--;
}

static void use(struct lwl_endpoints *e, struct lwl_held *h)
{
	if (h->uses == 0 && h->refs > 0)
		take_out(&e->held, &e->releases, index_of(h->id));
	h->uses++;
}

int lwl_endpoints_use(struct lwl_endpoints *e, uint64_t id)
{
	struct lwl_held *h = lwl_endpoints_held(e, id);

	if (h == NULL)
		return -LWL_ENOENDPOINT;
	use(e, h);
	return 0;
}

int lwl_endpoints_unuse(struct lwl_endpoints *e, uint64_t id)
{
	struct lwl_held *h = lwl_endpoints_held(e, id);

	if (h == NULL || h->uses == 0)
		return -LWL_ENOENDPOINT;
	if (--h->uses > 0)
		return 0;
	/* What the watcher was given may not be there any longer. */
	h->died = NULL;
	h->ctx = NULL;
	if (h->dying)
		take_out(&e->held, &e->dying, index_of(id));
	h->dying = false;
	if (h->refs > 0)
		append(&e->held, &e->releases, index_of(id));
	else
		forget(e, h);
	return 0;
}

/* Death comes once.  Without uses nobody is there to be told. */
static void die(struct lwl_endpoints *e, struct lwl_held *h)
{
	if (!h->dead && h->uses > 0) {
		append(&e->held, &e->dying, index_of(h->id));
		h->dying = true;
	}
	h->dead = true;
}

int lwl_endpoints_died(struct lwl_endpoints *e, uint64_t id)
{
	struct lwl_held *h = lwl_endpoints_held(e, id);

	if (!is_peers(e, id))
		return -LWL_EMALFORMED;
	if (h != NULL)
		die(e, h);
	return 0;
}

uint32_t lwl_endpoints_take_releases(struct lwl_endpoints *e, struct lwl_released *out,
				     uint32_t max)
{
	uint32_t n;

	for (n = 0; n < max && lwl_endpoints_have_releases(e); n++) {
		uint32_t i = e->releases.first;
		struct lwl_held *h = lwl_table_at(&e->held, i);

		take_out(&e->held, &e->releases, i);
		out[n].linkid = h->id;
		out[n].n = h->refs;
		e->held_refs -= h->refs;
		forget(e, h);
	}
	return n;
}

bool lwl_endpoints_next_death(struct lwl_endpoints *e, uint64_t *id, lwl_died_fn **died, void **ctx,
			      struct lwl_proxy **proxies)
{
	while (e->dying.first != LWL_NONE) {
		uint32_t i = e->dying.first;
		struct lwl_held *h = lwl_table_at(&e->held, i);

		take_out(&e->held, &e->dying, i);
		h->dying = false;
		if (h->died == NULL && h->proxies == NULL)
			continue;
		*id = h->id;
		*died = h->died;
		*ctx = h->ctx;
		*proxies = h->proxies;
		h->died = NULL;
		h->ctx = NULL;
		return true;
	}
	return false;
}

/* ---- messages ---- */

/* One linkid of the peer's in a message from it. */
static int take_in(struct lwl_endpoints *e, uint64_t id)
{
	struct lwl_held *h;

	if (!is_peers(e, id) || e->held_refs == UINT64_MAX)
		return -LWL_EMALFORMED;
	h = lwl_table_make(&e->held, index_of(id));
	if (h == NULL)
		return -LWL_ENOMEM;
	if (h->id == 0) {
		h->id = id;
		e->held_count++;
	} else if (h->id != id) {
		/* What is here has references, so its host cannot reuse the index. */
		return -LWL_EMALFORMED;
	}
	use(e, h);
	h->refs++;
	e->held_refs++;
	return 0;
}

int lwl_endpoints_arrived(struct lwl_endpoints *e, const uint8_t *msg)
{
	struct lwl_linkids walk;
	struct lwl_hosted *h;
	uint32_t at;
	int result = 0;

	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &at)) {
		uint64_t id = lwl_load64(msg + at);
		int status = is_ours(e, id) ? lwl_endpoints_addressed(e, id, &h) : take_in(e, id);

		if (status == -LWL_EMALFORMED || status == -LWL_ENOMEM)
			return status;
		if (status == -LWL_ENOENDPOINT)
			result = status;
	}
	return result;
}

void lwl_endpoints_return(struct lwl_endpoints *e, const uint8_t *msg)
{
	struct lwl_linkids walk;
	uint32_t at;

	/* Ours are none that are held. */
	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &at))
		lwl_endpoints_unuse(e, lwl_load64(msg + at));
}

int lwl_endpoints_commit(struct lwl_endpoints *e, const uint8_t *msg)
{
	struct lwl_linkids walk;
	uint32_t at, ours = 0;

	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &at)) {
		uint64_t id = lwl_load64(msg + at);
		const struct lwl_held *held = lwl_endpoints_held(e, id);

		if (held != NULL ? held->uses == 0 : lwl_endpoints_hosted(e, id) == NULL)
			return -LWL_ENOENDPOINT;
		if (held == NULL)
			ours++;
	}
	/* No count is above the sum of them. */
	if (ours > UINT64_MAX - e->hosted_refs)
		return -LWL_EOVERFLOW;
	e->hosted_refs += ours;
	lwl_linkids_init(&walk, msg);
	while (ours > 0 && lwl_linkids_next(&walk, &at)) {
		uint64_t id = lwl_load64(msg + at);
		struct lwl_hosted *h = lwl_endpoints_hosted(e, id);

		if (h == NULL)
			continue;
		h->refs++;
		if (h->revoked)
			tell_gone(e, h, index_of(id));
		ours--;
	}
	return 0;
}

/* ---- the end ---- */

void lwl_endpoints_end(struct lwl_endpoints *e)
{
	uint32_t i;
	uint64_t k;

	empty(&e->gone);
	empty(&e->releases);
	e->hosted_refs = 0;
	e->held_refs = 0;
	for (i = 0; i < e->hosted_top; i++) {
		struct lwl_hosted *h = lwl_table_at(&e->hosted, i);

		if (!h->live)
			continue;
		h->refs = 0;
		h->revoked = true;
		h->untold = false;
		close_if_over(e, h, i);
	}
	for (k = 0; k < (uint64_t)e->held.chunk_count * LWL_CHUNK; k++) {
		struct lwl_held *h = lwl_table_at(&e->held, (uint32_t)k);

		if (h == NULL) {
			k += LWL_CHUNK - 1;	/* nothing was ever held in this chunk */
			continue;
		}
		if (h->id == 0)
			continue;
		h->refs = 0;
		die(e, h);
		if (h->uses == 0)
			forget(e, h);
	}
}
