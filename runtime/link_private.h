/*
 * A link, as its own files see it: the layers, one after the other.
 *
 * call.c uses what is above the line "calls" and itself; link.c puts everything together.  proxy.c
 * stands beside link.c: on its public functions, and told by it what has died.  Nothing below calls
 * anything in the two.
 */
#ifndef LWLINK_LINK_PRIVATE_H
#define LWLINK_LINK_PRIVATE_H

#include <lwlink/link.h>
#include <lwlink/transport.h>

#include "endpoint.h"
#include "frame.h"
#include "heap.h"
#include "ring.h"
#include "session.h"
#include "table.h"

enum {
	LWL_PENDING_MAX = 1 << 20,	/* commands of ours; their index is the lower part of a msgid */
	LWL_CHUNK_BYTES = 256 << 10	/* that are read at once at most */
};

/* A command of ours that is not answered. */
struct lwl_pending {
	lwl_answer_fn *answer;		/* NULL: its time is over, the answer is taken for the msgid */
	lwl_done_fn *done;
	void *ctx;
	uint64_t linkid;
	uint64_t number;		/* of its message */
	struct lwl_due due;
	uint32_t msgid;			/* with the generation in its upper bits */
	uint32_t next;			/* free slot, or in the list of fresh ones */
	uint16_t command;
	bool live;			/* otherwise a free slot, with the msgid that is its next */
	bool cancel;			/* asked for */
	bool raw;			/* `answer` has no schema: it gets checked messages */
};

/* A command that came in.  Also made, in place, for a one-way while its function runs. */
struct lwl_call {
	struct lwl_link *link;
	struct lwl_hosted *host;	/* NULL: linkid 0 */
	const struct lwl_command *command;	/* NULL: raw */
	const uint8_t *msg;		/* the request, while it runs or is held */
	struct lwl_chunk *chunk;	/* what holds it */
	struct lwl_delayed *answer;	/* encoded apart, while there is no room in the ring */
	lwl_cancelled_fn *cancelled;
	void *ctx;
	uint64_t linkid;
	struct lwl_due due;
	uint32_t msgid;
	uint32_t index;			/* in the table */
	uint32_t next;			/* free slot, or in its bucket */
	uint16_t number;		/* the command's, as in the header */
	bool oneway;
	bool borrowed;			/* linkids of the request are in use */
	bool is_cancelled;
	bool waiting;			/* answered; the answer waits for room */
	bool has_deadline;		/* in due.when, also when it is over */
};

enum { LWL_DUE_PENDING, LWL_DUE_CALL };

/* A message that waits for room, a forwarded one-way or an answer; references in it are counted. */
struct lwl_delayed {
	struct lwl_delayed *next;
	struct lwl_call *call;		/* that it answers, or NULL */
	uint32_t len;
	uint64_t msg[];			/* for its alignment */
};

struct lwl_calls {
	/* ours */
	struct lwl_table pending;
	uint32_t pending_top, pending_free, pending_count, pending_limit;
	uint32_t *cancels;		/* msgids of those whose cancel is to be sent */
	uint32_t cancel_count, cancel_room;
	uint32_t last_msgid;
	uint32_t fresh;			/* those whose time begins when the clock is looked at next */
	/* the peer's */
	struct lwl_table calls;
	uint32_t call_top, call_free, call_count;
	uint32_t *buckets;		/* by msgid */
	uint32_t bucket_count;		/* a power of two */
	uint64_t hash;			/* a random odd number */
	struct lwl_delayed *delayed, *delayed_last;	/* what waits for room, in order */
	/* both */
	struct lwl_heap heap;
	struct lwl_call *running;	/* the call whose function is being run, unless it has ended */
	struct lwl_call oneway;
};

struct lwl_link {
	struct lwl_session session;
	struct lwl_frame frame;
	struct lwl_ring ring;
	struct lwl_endpoints endpoints;
	uint64_t now;			/* the last that was heard of it */
	uint64_t held_bytes, held_bytes_max;
	bool established;		/* there was a session: ring, tables are there */
	bool shutting;			/* lwl_link_shutdown */
	/* ---- calls ---- */
	struct lwl_calls calls;
	struct lwl_writer writer;
	struct lwl_pending *begun;	/* for the command that is being encoded; NULL: a one-way */
	struct lwl_delayed *begun_delayed;
	uint64_t timeout;
	uint8_t trace[16];
	bool has_trace;
	bool owes;			/* releases and the like wait for room */
	uint32_t wanted;		/* bytes for which there was no room; 0: nobody waits */
	unsigned inside;		/* functions of the program, or of transport.h, are running */
	bool woken;			/* transport->wake was called, and flush not yet */
	const struct lwl_transport *transport;
	void *transport_ctx;
	/* ---- link ---- */
	const struct lwl_link_events *events;
	void *ctx;
	const struct lwl_export *exports;
	uint64_t *exported;		/* the linkid of each export, or 0 */
	uint32_t export_count;
	lwl_open_fn *open;
	uint32_t ring_max;
	uint64_t shutdown_at, shutdown_in;	/* the latter until the clock is looked at */
	size_t flushed_rest, flushed_session;	/* of what flush gave last, see lwl_link_sent */
	bool ended_told;
	bool freed;			/* by the program; calls are left */
};

/* ---- call.c, for link.c and proxy.c ---- */

/* When the session is in force: tables for as many calls as both allow. */
void lwl_calls_init(struct lwl_calls *c, uint32_t ours, uint32_t theirs, uint64_t hash);
void lwl_calls_fini(struct lwl_calls *c);

/* A response, or a command not on linkid 0, that has come: whole, in session, not checked. */
void lwl_calls_answered(struct lwl_link *link, const struct lwl_header *h, const uint8_t *msg, uint32_t len);
void lwl_calls_dispatch(struct lwl_link *link, const struct lwl_header *h, const uint8_t *msg, uint32_t len);

/*
 * Take a command into the table of calls (or, for a one-way, the place for those).  NULL: the session
 * has been ended for it, or there is no memory, and then, too.
 */
struct lwl_call *lwl_calls_take(struct lwl_link *link, const struct lwl_header *h, const uint8_t *msg);

/* Begin a message on linkid 0, which needs no reference. */
int lwl_calls_begin_control(struct lwl_link *link, const struct lwl_command *command,
			    struct lwl_writer **w);

/*
 * Commands and answers that are copied, whole messages of `len` padded bytes.  `*buf` is where they
 * come to stand: with the contents of `msg`, and the header as it must be; linkids may be translated
 * there before the commit; `more` bytes are free behind it.  As lwl_call_begin and lwl_call_commit, lwl_reply_begin and
 * lwl_reply_commit.
 */
int lwl_calls_begin_copy(struct lwl_link *link, uint64_t linkid, const void *msg, size_t len,
			 uint32_t more, uint8_t **buf);
int lwl_calls_commit_copy(struct lwl_link *link, int status, lwl_answer_fn *answer, lwl_done_fn *done,
			  void *ctx);
/*
 * A one-way for which there was no room: it waits, so that it is not lost.  `*buf` as above; to be
 * followed by lwl_calls_commit_delayed.  -LWL_ENOMEM: too much is waiting already.
 */
int lwl_calls_begin_delayed(struct lwl_link *link, uint64_t linkid, const void *msg, size_t len,
			    uint8_t **buf);
int lwl_calls_commit_delayed(struct lwl_link *link, int status);

int lwl_calls_begin_answer(struct lwl_call *call, const void *msg, size_t len, uint8_t **buf);

/* The peer no longer wants the answer to this. */
void lwl_calls_cancel(struct lwl_link *link, uint32_t msgid);

/* Answers and cancels that waited go to the ring as far as there is room. */
void lwl_calls_flush(struct lwl_link *link);
static inline bool lwl_calls_wait_for_room(const struct lwl_calls *c)
{
	return c->cancel_count > 0 || c->delayed != NULL;
}

/* It is `now`: the time of commands that were started in between begins. */
void lwl_calls_start_time(struct lwl_link *link);

/* Commands and calls whose time is over. */
void lwl_calls_tick(struct lwl_link *link);

/* The session is over: each command of ours is completed, those who work for the peer are told. */
void lwl_calls_end(struct lwl_link *link);

/* `closed` of each end point whose time has come.  True: there was one. */
bool lwl_calls_tell_closed(struct lwl_link *link);

/* ---- for all of them ---- */

/* Why nothing can be sent: negative. */
int lwl_link_error(const struct lwl_link *link);

/* There is something to flush. */
static inline void lwl_link_stir(struct lwl_link *link)
{
	if (link->inside > 0 || link->woken || link->transport == NULL || link->transport->wake == NULL)
		return;
	link->woken = true;
	link->transport->wake(link->transport_ctx);
}

/* What the top of a message holds, without a check of more than the headers of the items there. */
enum {
	LWL_HAS_LINKS = 1,
	LWL_HAS_DEADLINE = 2,
	LWL_HAS_TRACE = 4,
	LWL_HAS_ERROR = 8,
	LWL_IS_BAD = 16			/* lwl_message_check knows what is wrong */
};

static inline unsigned lwl_message_glance(const uint8_t *msg, uint32_t length)
{
	uint32_t at = LWL_HEADER_SIZE;
	unsigned found = 0;

	while (at < length) {
		uint32_t id, size;

		if (length - at < 4)
			return LWL_IS_BAD;
		id = lwl_load16(msg + at);
		size = lwl_load16(msg + at + 2);
		if (size < 4 || size > length - at)
			return LWL_IS_BAD;
		if ((id & LWL_ITEM_LINKS) != 0)
			found |= LWL_HAS_LINKS;
		else if ((id & LWL_ITEM_NUMBER) >= LWL_ITEM_ERROR)
			found |= id == LWL_ITEM_DEADLINE ? LWL_HAS_DEADLINE :
				 id == LWL_ITEM_TRACE ? LWL_HAS_TRACE : LWL_HAS_ERROR;
		at += lwl_padded(size);
	}
	return found;
}

/* lwl_message_check, and the session ends if it finds anything. */
bool lwl_link_checked(struct lwl_link *link, const uint8_t *msg, uint32_t len);

/* The link was freed by the program, and the last call has ended: the memory goes. */
void lwl_link_release(struct lwl_link *link);

/* ---- proxy.c ---- */

/* The end point that these stand for is dead. */
void lwl_proxies_died(struct lwl_proxy *first);

/* The link is freed: those that stand for what it held have nobody to ask any longer. */
void lwl_proxies_orphaned(struct lwl_link *link);

#endif
