/*
 * End points of one link: which linkids are valid, and who holds how many references to what
 * (docs/protocol.md, "Linkids and references").  All counting is done in endpoint.c.
 *
 * Two tables.  What we *host*, indexed by our own linkids: references that the peer holds, commands
 * that run.  What we *hold*, indexed by the peer's linkids: references that we have, and uses of
 * them in the program.  References go up when messages are committed or arrive, one for each time a
 * linkid stands in them; uses go up and down in between.  When there is no use left, all references
 * are queued to be released, in one count.
 *
 * Nothing here calls the program: what it must be told is queued (closing, dying), and the link
 * takes it from there when no function of the program is running.
 *
 * An end point is in one queue at most, and leaves it as soon as it has no business there: a queue
 * with anything in it has work for the link.  Queues give what has waited longest.
 */
#ifndef LWLINK_ENDPOINT_PRIVATE_H
#define LWLINK_ENDPOINT_PRIVATE_H

#include <lwlink/endpoint.h>

#include "table.h"

struct lwl_proxy;			/* proxy.c */

#define LWL_HOST_BIT (UINT64_C(1) << 63)
#define LWL_NONE UINT32_MAX		/* no index: they are below a limit of 32 bits */

enum { LWL_GENERATION_MAX = 0x7fffffff };

/* A queue of entries of one table, by their indices, and the place of an entry in it. */
struct lwl_queue {
	uint32_t first, last;		/* LWL_NONE: empty */
};

struct lwl_place {
	uint32_t next, prev;
};

/* An end point of ours. */
struct lwl_hosted {
	struct lwl_place place;		/* in closing, gone or free; the first member */
	const struct lwl_interface *interface;	/* NULL: raw */
	union {
		const void *ops;
		lwl_raw_fn *raw;
	};
	void *self;
	lwl_closed_fn *closed;		/* may be NULL */
	uint64_t refs;			/* that the peer holds, or that are on the way to it */
	uint32_t generation;		/* of the linkid; 31 bits */
	uint32_t running;		/* commands that are not answered yet */
	bool live;			/* false: a free slot, or one whose closing is queued */
	bool revoked;
	bool untold;			/* in gone: the peer is to be told */
};

/* An end point of the peer's. */
struct lwl_held {
	struct lwl_place place;		/* in releases: refs > 0, uses == 0; or in dying */
	uint64_t id;			/* 0: nothing is held at this index */
	uint64_t refs;			/* ours, not released yet; with the session they end */
	uint64_t uses;			/* kept by the program, and borrowed by what it looks at */
	lwl_died_fn *died;		/* who watches, or NULL */
	void *ctx;
	struct lwl_proxy *proxies;	/* that stand for it on other links; each is a use */
	bool dead;			/* gone, or the session has ended */
	bool dying;			/* in the queue of death notices; there are uses then */
};

struct lwl_endpoints {
	struct lwl_table hosted, held;
	uint64_t side;			/* bit 63 of what we host: 0 or LWL_HOST_BIT */
	uint32_t hosted_limit;		/* what the peer accepts */
	uint32_t hosted_top;		/* indices below have been used */
	uint32_t hosted_count;		/* live ones, and those whose closing is queued */
	uint32_t held_count;		/* entries with an id */
	uint64_t hosted_refs, held_refs;	/* sums: no count is above its one */
	struct lwl_queue free;		/* slots that were used before */
	struct lwl_queue closing;	/* those to be told that they are closed */
	struct lwl_queue gone;		/* revoked, the peer holds references and is not told yet */
	struct lwl_queue releases;	/* held entries without uses */
	struct lwl_queue dying;		/* held entries whose death notice is due */
};

/*
 * `side` is bit 63 of what we host, `hosted_limit` what the peer announced, `held_limit` what we
 * did.  Allocates nothing.
 */
void lwl_endpoints_init(struct lwl_endpoints *e, uint64_t side, uint32_t hosted_limit,
			uint32_t held_limit);

/* Frees all memory, whatever is still queued or in use. */
void lwl_endpoints_fini(struct lwl_endpoints *e);

/* ---- hosted ---- */

/*
 * A new end point, without references: `*id` is its linkid.  What it is made of is copied from
 * `what` (interface, ops, raw, self, closed).  -LWL_EMFILE: at the peer's limit; -LWL_ENOMEM.
 */
int lwl_endpoints_host(struct lwl_endpoints *e, const struct lwl_hosted *what, uint64_t *id);

/*
 * The end point that `id` names if it is ours, live, and of that generation; or NULL.  A revoked
 * one is live until its closing is queued.
 */
struct lwl_hosted *lwl_endpoints_hosted(const struct lwl_endpoints *e, uint64_t id);

/* `id` is going to be looked up soon: with many end points, memory is slower than everything else. */
static inline void lwl_endpoints_expect(const struct lwl_endpoints *e, uint64_t id)
{
#ifdef __GNUC__
	if ((id & LWL_HOST_BIT) == e->side)
		__builtin_prefetch(lwl_table_at(&e->hosted, (uint32_t)id));
#else
	(void)e, (void)id;
#endif
}

/*
 * What a command from the peer that is addressed to `id` meets.  -LWL_ENOENDPOINT: not ours, not
 * live, another generation, or the peer holds no reference; `*out` is NULL then.  -LWL_EGONE:
 * revoked, but referenced.
 */
int lwl_endpoints_addressed(const struct lwl_endpoints *e, uint64_t id, struct lwl_hosted **out);

/*
 * A command has begun to run on it; and has been answered, which may queue the closing.  `h` stays
 * where it is in between.
 */
void lwl_endpoints_enter(struct lwl_hosted *h);
void lwl_endpoints_leave(struct lwl_endpoints *e, uint64_t id, struct lwl_hosted *h);

/*
 * It is no more: queues the peer's `gone`, if the peer holds references; commands to it get
 * -LWL_EGONE; its closing is queued when references and commands are gone, or at once if there are
 * none.  The second time nothing happens.  -LWL_ENOENDPOINT: not a live end point of ours.
 */
int lwl_endpoints_revoke(struct lwl_endpoints *e, uint64_t id);

/*
 * The peer returns `n` references.  -LWL_EMALFORMED: 0, more than it holds, or of nothing that it
 * could hold; nothing has changed then.
 */
int lwl_endpoints_released(struct lwl_endpoints *e, uint64_t id, uint64_t n);

/*
 * The next one to be closed: its slot is free again with this, or retired when all its generations
 * have been used.  False: none.
 */
bool lwl_endpoints_next_closed(struct lwl_endpoints *e, void **self, lwl_closed_fn **closed);

/* Up to `max` linkids that the peer has to be told are gone. */
uint32_t lwl_endpoints_take_gone(struct lwl_endpoints *e, uint64_t *ids, uint32_t max);
static inline bool lwl_endpoints_have_gone(const struct lwl_endpoints *e)
{
	return e->gone.first != LWL_NONE;
}

/* ---- held ---- */

/*
 * The entry that `id` names, if we hold a reference to it, or still use it after the session's end
 * (it is dead then); or NULL.
 */
struct lwl_held *lwl_endpoints_held(const struct lwl_endpoints *e, uint64_t id);

/* One more use, for instance by the program.  -LWL_ENOENDPOINT: there is no such entry. */
int lwl_endpoints_use(struct lwl_endpoints *e, uint64_t id);

/*
 * One use less.  With the last one all references are queued for release, and nobody watches any
 * longer, also if a notice was due.  -LWL_ENOENDPOINT: there is no such entry, or no use of it.
 */
int lwl_endpoints_unuse(struct lwl_endpoints *e, uint64_t id);

/*
 * The peer says that it is gone; no error if we hold nothing there (the two may have crossed), or
 * know already.  -LWL_EMALFORMED: not an id that the peer can host.
 */
int lwl_endpoints_died(struct lwl_endpoints *e, uint64_t id);

/*
 * Up to `max` counts to release; each with its linkid.  Their references are given up with this, so
 * the message with them must be committed.
 */
struct lwl_released {
	uint64_t linkid, n;
};
uint32_t lwl_endpoints_take_releases(struct lwl_endpoints *e, struct lwl_released *out,
				     uint32_t max);
static inline bool lwl_endpoints_have_releases(const struct lwl_endpoints *e)
{
	return e->releases.first != LWL_NONE;
}

/*
 * The next death notice that is due, and the proxies of the dead end point (NULL: none).  Each end
 * point gives one, and has no watcher afterwards; its proxies stay with it.  What nobody watches
 * and has no proxies when its turn comes gives none.  False: no more.
 */
bool lwl_endpoints_next_death(struct lwl_endpoints *e, uint64_t *id, lwl_died_fn **died, void **ctx,
			      struct lwl_proxy **proxies);

/* ---- messages ---- */

/*
 * A checked message from the peer: each linkid of the peer's gives us a reference and a use, each
 * of ours must be one that the peer holds.
 *	-LWL_ENOENDPOINT	one of ours that is not valid; the rest has been counted
 *				nevertheless, and lwl_endpoints_return gives it back
 *	-LWL_EMALFORMED		an index that is not below the limit, generation 0, or an index that
 *				cannot have another generation yet, as we hold references to what
 *				has it: the session must end
 *	-LWL_ENOMEM		the session must end
 *
 * After the last two, part of the message has been counted, and must not be given back: that part
 * goes with lwl_endpoints_fini.
 */
int lwl_endpoints_arrived(struct lwl_endpoints *e, const uint8_t *msg);

/* The uses that came with it are over. */
void lwl_endpoints_return(struct lwl_endpoints *e, const uint8_t *msg);

/*
 * A checked message of ours is about to be committed: each linkid of ours must be live and gives
 * the peer a reference, each of the peer's must be one that we use.  A revoked one is given as
 * well, and the peer is told that it is gone, again if need be.  Nothing has changed after
 *	-LWL_ENOENDPOINT	one is not what it must be
 *	-LWL_EOVERFLOW		more references than can be counted
 */
int lwl_endpoints_commit(struct lwl_endpoints *e, const uint8_t *msg);

/* ---- the end ---- */

/*
 * The session is over: all references that the peer held are dropped (closings are queued; for end
 * points with running commands when those are answered; those that the peer has never had are
 * closed, too), all that we held are dead and need no release.  Death notices are due.  Uses of the
 * program stay, and use, unuse and return work.
 */
void lwl_endpoints_end(struct lwl_endpoints *e);

#endif
