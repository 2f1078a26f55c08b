/*
 * Commands and their answers, in both directions: msgids, what is outstanding, dispatch.
 *
 * Ours: a table of what is pending; its index and a generation make the msgid.  The peer's: a table of
 * calls, found by msgid through a hash table whose function the peer does not know.
 */
#include <stdio.h>
#include <stdlib.h>

#include "link_private.h"

#include "link.lwl.h"

/* ---- tables ---- */

enum {
	ERROR_ROOM = 384,		/* the largest error response, and then some */
	EXTRAS_ROOM = 40,		/* a deadline and a trace */
	BUCKETS_MIN = 64
};

static const uint32_t NONE = (uint32_t)LWL_NONE;

void lwl_calls_init(struct lwl_calls *c, uint32_t ours, uint32_t theirs, uint64_t hash)
{
	lwl_table_init(&c->pending, sizeof(struct lwl_pending), ours);
	lwl_table_init(&c->calls, sizeof(struct lwl_call), theirs);
	c->pending_limit = ours;
	c->pending_free = c->call_free = NONE;
	c->fresh = NONE;
	c->hash = hash | 1;
}

void lwl_calls_fini(struct lwl_calls *c)
{
	lwl_table_fini(&c->pending);
	lwl_table_fini(&c->calls);
	lwl_heap_fini(&c->heap);
	free(c->buckets);
	free(c->cancels);
}

int lwl_link_error(const struct lwl_link *link)
{
	return lwl_session_is_over(&link->session) && link->session.status != 0 ? link->session.status
										 : -LWL_ENOTCONN;
}

bool lwl_link_checked(struct lwl_link *link, const uint8_t *msg, uint32_t len)
{
	struct lwl_error err;

	if (lwl_message_check(msg, len, &err) == 0)
		return true;
	lwl_session_mistake(&link->session, &err, link->now);
	return false;
}

/* The peer has broken a rule, or memory is short: this is the end of the session. */
static void end_session(struct lwl_link *link, int code, const char *why)
{
	lwl_session_end(&link->session, code, why, link->now);
}

/* ---- ours: starting ---- */

static int no_room(struct lwl_link *link, uint32_t size)
{
	if (size > link->wanted)
		link->wanted = size;
	return -LWL_ECALLS;
}

/* The slot that the next command gets; it is taken when the command is committed. */
static int find_pending(struct lwl_link *link, struct lwl_pending **out)
{
	struct lwl_calls *c = &link->calls;

	if (c->pending_count >= c->pending_limit)
		return no_room(link, LWL_HEADER_SIZE);
	if (c->pending_free != NONE) {
		*out = lwl_table_at(&c->pending, c->pending_free);
		return 0;
	}
	*out = lwl_table_make(&c->pending, c->pending_top);
	if (*out == NULL)
		return -LWL_ENOMEM;
	(*out)->msgid = 0;
	return 0;
}

/* The upper part of a msgid is from 1 to 4095, one more each time that the slot is used. */
static uint32_t next_msgid(const struct lwl_calls *c, const struct lwl_pending *p)
{
	return c->pending_free != NONE ? p->msgid : LWL_PENDING_MAX | c->pending_top;
}

static void take_pending(struct lwl_calls *c, struct lwl_pending *p, uint32_t msgid)
{
	if (c->pending_free != NONE)
		c->pending_free = p->next;
	else
		c->pending_top++;
	p->msgid = msgid;
	p->live = true;
	c->pending_count++;
	c->last_msgid = msgid;
}

static void free_pending(struct lwl_calls *c, struct lwl_pending *p)
{
	uint32_t index = p->msgid % LWL_PENDING_MAX, generation = p->msgid / LWL_PENDING_MAX;

	lwl_heap_remove(&c->heap, &p->due);
	generation = generation == UINT32_MAX / LWL_PENDING_MAX ? 1 : generation + 1;
	p->msgid = generation * LWL_PENDING_MAX + index;
	p->live = false;
	p->next = c->pending_free;
	c->pending_free = index;
	c->pending_count--;
}

static int begin(struct lwl_link *link, bool oneway, uint32_t size, uint8_t **buf, uint32_t *msgid)
{
	struct lwl_calls *c = &link->calls;
	int status;

	if (!lwl_session_is_up(&link->session))
		return lwl_link_error(link);
	if (link->shutting)
		return -LWL_ESHUTDOWN;
	/* What is owed to the peer goes first. */
	if (lwl_calls_wait_for_room(c))
		lwl_calls_flush(link);
	if (link->owes || lwl_calls_wait_for_room(c))
		return no_room(link, size);
	link->begun = NULL;
	*msgid = 0;
	if (!oneway) {
		status = find_pending(link, &link->begun);
		if (status != 0)
			return status;
		*msgid = next_msgid(c, link->begun);
	}
	*buf = lwl_ring_begin(&link->ring, size);
	return *buf != NULL ? 0 : no_room(link, size);
}

/* May we address this? */
static int addressable(struct lwl_link *link, uint64_t linkid)
{
	const struct lwl_held *held;

	if (!lwl_session_is_up(&link->session))
		return lwl_link_error(link);
	held = lwl_endpoints_held(&link->endpoints, linkid);
	if (held == NULL || held->uses == 0)
		return -LWL_ENOENDPOINT;
	return held->dead ? -LWL_EGONE : 0;
}

static int begin_encoding(struct lwl_link *link, uint64_t linkid, const struct lwl_command *command,
			  struct lwl_writer **w)
{
	uint8_t *buf;
	uint32_t msgid;
	int status = begin(link, command->oneway, command->request_max, &buf, &msgid);

	if (status != 0)
		return status;
	lwl_writer_init(&link->writer, buf, command->request_max, linkid, msgid);
	if (link->timeout != 0 && !command->oneway)
		lwl_writer_set_deadline(&link->writer, link->timeout);
	if (link->has_trace)
		lwl_writer_set_trace(&link->writer, link->trace);
	*w = &link->writer;
	return 0;
}

int lwl_call_begin(struct lwl_link *link, uint64_t linkid, const struct lwl_command *command,
		   struct lwl_writer **w)
{
	int status = addressable(link, linkid);

	return status != 0 ? status : begin_encoding(link, linkid, command, w);
}

int lwl_calls_begin_control(struct lwl_link *link, const struct lwl_command *command,
			    struct lwl_writer **w)
{
	return begin_encoding(link, 0, command, w);
}

/* Into the ring with `len` bytes, their references counted; or all as it was before begin. */
static int commit(struct lwl_link *link, int status, uint32_t len, bool links, uint64_t *number)
{
	struct lwl_ring *ring = &link->ring;

	if (status == 0 && ring->unacked + len > ring->window)
		status = no_room(link, len);
	if (status == 0 && links)
		status = lwl_endpoints_commit(&link->endpoints, link->writer.buf);
	if (status != 0) {
		lwl_ring_abort(ring);
		return status;
	}
	*number = lwl_ring_commit(ring, len);
	lwl_link_stir(link);
	return 0;
}

static int commit_command(struct lwl_link *link, int status, uint32_t len, bool links, bool raw,
			  lwl_answer_fn *answer, lwl_done_fn *done, void *ctx)
{
	struct lwl_pending *p = link->begun;
	uint64_t number;

	if (p == NULL)
		return commit(link, status, len, links, &number);
	status = commit(link, status, len, links, &number);
	if (status != 0)
		return status;
	p->answer = answer;
	p->done = done;
	p->ctx = ctx;
	p->linkid = link->writer.linkid;
	p->number = number;
	p->command = lwl_load16(link->writer.buf + 12);
	p->cancel = false;
	p->raw = raw;
	p->due.place = 0;
	p->due.kind = LWL_DUE_PENDING;
	take_pending(&link->calls, p, link->writer.msgid);
	if (link->timeout != 0) {
		/* What the link takes for the time may be long past. */
		p->due.when = link->timeout;
		p->next = link->calls.fresh;
		link->calls.fresh = link->writer.msgid % LWL_PENDING_MAX;
	}
	return 0;
}

void lwl_calls_start_time(struct lwl_link *link)
{
	struct lwl_calls *c = &link->calls;

	while (c->fresh != NONE) {
		struct lwl_pending *p = lwl_table_at(&c->pending, c->fresh);

		c->fresh = p->next;
		if (p->due.when < UINT64_MAX - link->now &&
		    lwl_heap_add(&c->heap, &p->due, link->now + p->due.when) != 0)
			end_session(link, LWL_ENOMEM, "no memory for a deadline");
	}
}

int lwl_call_commit(struct lwl_link *link, int encoded, lwl_answer_fn *answer, lwl_done_fn *done,
		    void *ctx)
{
	return commit_command(link, encoded, lwl_writer_size(&link->writer), link->writer.links, false,
			      answer, done, ctx);
}

int lwl_oneway_commit(struct lwl_link *link, int encoded)
{
	return commit_command(link, encoded, lwl_writer_size(&link->writer), link->writer.links, false,
			      NULL, NULL, NULL);
}

/* ---- ours: copies ---- */

/* With room for `more` bytes behind it. */
static void fill_copy(struct lwl_link *link, uint8_t *buf, const void *msg, size_t len, uint32_t more,
		      const struct lwl_header *h)
{
	memcpy(buf, msg, len);
	lwl_header_store(buf, h);
	lwl_writer_init(&link->writer, buf, len + more, h->linkid, h->msgid);
	link->writer.at = (uint32_t)len;
	link->writer.end = h->length;
	link->writer.links = (lwl_message_glance(buf, h->length) & LWL_HAS_LINKS) != 0;
}

int lwl_calls_begin_copy(struct lwl_link *link, uint64_t linkid, const void *msg, size_t len,
			 uint32_t more, uint8_t **buf)
{
	struct lwl_header h;
	int status;

	if (len < LWL_HEADER_SIZE || len > LWL_MESSAGE_MAX + 1)
		return -LWL_EINVAL;
	if (more > LWL_MESSAGE_MAX + 1 - len)
		more = (uint32_t)(LWL_MESSAGE_MAX + 1 - len);
	lwl_header_load(&h, msg);
	if (lwl_padded(h.length) != len || (h.command & LWL_RESPONSE) != 0)
		return -LWL_EINVAL;
	status = addressable(link, linkid);
	if (status == 0)
		status = begin(link, h.msgid == 0, (uint32_t)len + more, buf, &h.msgid);
	if (status != 0)
		return status;
	h.linkid = linkid;
	fill_copy(link, *buf, msg, len, more, &h);
	return 0;
}

int lwl_calls_commit_copy(struct lwl_link *link, int status, lwl_answer_fn *answer, lwl_done_fn *done,
			  void *ctx)
{
	return commit_command(link, status, lwl_writer_size(&link->writer), link->writer.links, true,
			      answer, done, ctx);
}

int lwl_call_send(struct lwl_link *link, uint64_t linkid, const void *msg, size_t len,
		  lwl_answer_fn *answer, lwl_done_fn *done, void *ctx)
{
	struct lwl_writer *w = &link->writer;
	uint8_t *buf;
	int status = lwl_calls_begin_copy(link, linkid, msg, len, EXTRAS_ROOM, &buf);
	unsigned found;

	if (status != 0)
		return status;
	/* Unless the message says so itself, as what is encoded here. */
	found = lwl_message_glance(buf, lwl_load16(buf + 14));
	if (link->timeout != 0 && w->msgid != 0 && (found & (LWL_HAS_DEADLINE | LWL_HAS_TRACE)) == 0)
		lwl_writer_set_deadline(w, link->timeout);
	if (link->has_trace && (found & LWL_HAS_TRACE) == 0)
		lwl_writer_set_trace(w, link->trace);
	return lwl_calls_commit_copy(link, lwl_writer_finish(w), answer, done, ctx);
}

/* ---- messages that wait for room: one-ways that are passed on, and the peer's answers ---- */

/*
 * What it names is in use while it waits, or it might be released before it is sent.  That is over in
 * drop_delayed.
 */
static void append_delayed(struct lwl_link *link, struct lwl_delayed *delayed, struct lwl_call *call,
			   uint32_t len)
{
	struct lwl_calls *c = &link->calls;
	const uint8_t *msg = (const uint8_t *)delayed->msg;
	struct lwl_linkids walk;
	uint32_t at;

	delayed->next = NULL;
	delayed->call = call;
	delayed->len = len;
	link->held_bytes += len;
	(void)lwl_endpoints_use(&link->endpoints, lwl_load64(msg));
	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &at))
		(void)lwl_endpoints_use(&link->endpoints, lwl_load64(msg + at));
	if (c->delayed == NULL)
		c->delayed = delayed;
	else
		c->delayed_last->next = delayed;
	c->delayed_last = delayed;
}

int lwl_calls_begin_delayed(struct lwl_link *link, uint64_t linkid, const void *msg, size_t len,
			    uint8_t **buf)
{
	struct lwl_delayed *delayed;
	struct lwl_header h;
	int status = addressable(link, linkid);

	if (status != 0)
		return status;
	if (link->held_bytes + len > link->held_bytes_max)
		return -LWL_ENOMEM;
	delayed = malloc(sizeof *delayed + len);
	if (delayed == NULL)
		return -LWL_ENOMEM;
	lwl_header_load(&h, msg);
	h.linkid = linkid;
	*buf = (uint8_t *)delayed->msg;
	fill_copy(link, *buf, msg, len, 0, &h);
	link->begun_delayed = delayed;
	return 0;
}

int lwl_calls_commit_delayed(struct lwl_link *link, int status)
{
	if (status == 0 && link->writer.links)
		status = lwl_endpoints_commit(&link->endpoints, link->writer.buf);
	if (status == 0)
		append_delayed(link, link->begun_delayed, NULL, lwl_writer_size(&link->writer));
	else
		free(link->begun_delayed);
	return status;
}

/* ---- ours: waiting ---- */

struct waiter {
	struct lwl_link *link;
	uint8_t *buf;
	size_t size, len;
	int status;
	bool done;
};

static void answer_waiter(int status, const void *msg, size_t len, struct lwl_reply *reply,
			  lwl_done_fn *done, void *ctx)
{
	struct waiter *waiter = ctx;
	struct lwl_linkids walk;
	uint32_t at;

	(void)reply;
	(void)done;
	waiter->done = true;
	waiter->status = status != 0 ? status : len > waiter->size ? -LWL_ENOBUFS : 0;
	if (waiter->status != 0)
		return;
	waiter->len = len;
	memcpy(waiter->buf, msg, len);
	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &at))
		(void)lwl_endpoints_use(&waiter->link->endpoints, lwl_load64((const uint8_t *)msg + at));
}

int lwl_call_wait(struct lwl_link *link, int encoded, void *buf, size_t size, size_t *len)
{
	struct waiter waiter = { link, buf, size, 0, 0, false };
	struct lwl_pending *p = link->begun;
	int status = encoded;

	if (status == 0 && link->inside > 0)
		status = -LWL_EDEADLK;
	if (status == 0 && (link->transport == NULL || link->transport->drive == NULL))
		status = -LWL_EOPNOTSUPP;
	status = commit_command(link, status, lwl_writer_size(&link->writer), link->writer.links, true,
				answer_waiter, NULL, &waiter);
	if (status != 0)
		return status;
	while (!waiter.done && status == 0)
		status = link->transport->drive(link->transport_ctx);
	if (!waiter.done) {
		p->answer = NULL;
		return status;
	}
	*len = waiter.len;
	return waiter.status;
}

/* ---- ours: answers ---- */

struct lwl_reply {
	struct lwl_error error;
};

struct lwl_error *lwl_reply_error(struct lwl_reply *reply)
{
	return &reply->error;
}

static void no_error(struct lwl_reply *reply)
{
	reply->error.bad = LWL_BAD_NONE;
	reply->error.offset = reply->error.depth = 0;
	reply->error.detail.data = NULL;
	reply->error.detail.len = 0;
}

/* The slot is free for the next command before the program's function runs. */
static void complete(struct lwl_link *link, struct lwl_pending *p, int status, const uint8_t *msg,
		     uint32_t len)
{
	lwl_answer_fn *answer = p->answer;
	lwl_done_fn *done = p->done;
	void *ctx = p->ctx;
	struct lwl_reply reply;

	free_pending(&link->calls, p);
	if (answer == NULL)
		return;
	no_error(&reply);
	link->inside++;
	answer(status, status == 0 ? msg : NULL, len, &reply, done, ctx);
	link->inside--;
	/* A mistake of that kind may hide one that costs the session. */
	if (status == 0 && reply.error.bad != LWL_BAD_NONE)
		(void)lwl_link_checked(link, msg, len);
}

void lwl_calls_answered(struct lwl_link *link, const struct lwl_header *h, const uint8_t *msg, uint32_t len)
{
	struct lwl_pending *p = lwl_table_at(&link->calls.pending, h->msgid % LWL_PENDING_MAX);
	unsigned found = lwl_message_glance(msg, h->length);
	int status = 0;

	if (p == NULL || !p->live || p->msgid != h->msgid || p->linkid != h->linkid ||
	    (p->command | LWL_RESPONSE) != h->command || p->number > lwl_ring_sent_count(&link->ring)) {
		end_session(link, LWL_EMALFORMED, "a response to what was not asked");
		return;
	}
	if (((found & (LWL_HAS_LINKS | LWL_IS_BAD)) != 0 || p->raw || p->answer == NULL) &&
	    !lwl_link_checked(link, msg, len))
		return;
	if ((found & LWL_HAS_LINKS) != 0) {
		status = lwl_endpoints_arrived(&link->endpoints, msg);
		if (status != 0 && status != -LWL_ENOENDPOINT) {
			end_session(link, -status, "linkids that cannot be");
			return;
		}
	}
	complete(link, p, status != 0 ? -LWL_EMALFORMED : 0, msg, len);
	if ((found & LWL_HAS_LINKS) != 0)
		lwl_endpoints_return(&link->endpoints, msg);
}

int lwl_answer_status(const void *msg, size_t len, struct lwl_error *err)
{
	struct lwl_header h;
	struct lwl_reader r;

	lwl_header_load(&h, msg);
	if ((lwl_message_glance(msg, h.length) & LWL_HAS_ERROR) == 0)
		return 0;
	lwl_reader_begin(&r, msg, len, (uint16_t)(h.command & ~LWL_RESPONSE), LWL_KIND_RESPONSE, err);
	return lwl_reader_finish(&r);
}

/* ---- ours: cancelling, time ---- */

uint32_t lwl_call_last(const struct lwl_link *link)
{
	return link->calls.last_msgid;
}

static int queue_cancel(struct lwl_calls *c, struct lwl_pending *p)
{
	if (p->cancel)
		return 0;
	if (c->cancel_count == c->cancel_room) {
		uint32_t room = c->cancel_room > 0 ? 2 * c->cancel_room : 16;
		uint32_t *cancels = realloc(c->cancels, room * sizeof cancels[0]);

		if (cancels == NULL)
			return -LWL_ENOMEM;
		c->cancels = cancels;
		c->cancel_room = room;
	}
	c->cancels[c->cancel_count++] = p->msgid;
	p->cancel = true;
	return 0;
}

int lwl_call_cancel(struct lwl_link *link, uint32_t call)
{
	struct lwl_pending *p = lwl_table_at(&link->calls.pending, call % LWL_PENDING_MAX);
	int status;

	if (p == NULL || !p->live || p->msgid != call)
		return -LWL_ENOENT;
	status = queue_cancel(&link->calls, p);
	lwl_link_stir(link);
	return status;
}

/* The answer that will still come is taken for the sake of the msgid. */
static void time_is_over(struct lwl_link *link, struct lwl_pending *p)
{
	lwl_answer_fn *answer = p->answer;
	struct lwl_reply reply;

	p->answer = NULL;
	(void)queue_cancel(&link->calls, p);
	if (answer == NULL)
		return;
	no_error(&reply);
	link->inside++;
	answer(-LWL_EDEADLINE, NULL, 0, &reply, p->done, p->ctx);
	link->inside--;
}

/* As far as there is room. */
static void send_cancels(struct lwl_link *link)
{
	struct lwl_calls *c = &link->calls;
	uint32_t i;

	for (i = 0; i < c->cancel_count; i++) {
		const struct lwl_pending *p = lwl_table_at(&c->pending, c->cancels[i] % LWL_PENDING_MAX);
		struct link_control_cancel_msg out = { .msgid = c->cancels[i] };
		struct lwl_writer w;
		uint8_t *buf;

		if (!p->live || p->msgid != out.msgid)
			continue;
		if (!lwl_ring_has_room(&link->ring, LINK_CONTROL_CANCEL_MSG_MAX))
			break;
		buf = lwl_ring_begin(&link->ring, LINK_CONTROL_CANCEL_MSG_MAX);
		lwl_writer_init(&w, buf, LINK_CONTROL_CANCEL_MSG_MAX, 0, 0);
		link_control_cancel_msg_encode(&w, &out);
		lwl_ring_commit(&link->ring, lwl_writer_size(&w));
	}
	c->cancel_count -= i;
	memmove(c->cancels, c->cancels + i, c->cancel_count * sizeof c->cancels[0]);
}

/* ---- the peer's: the table of calls ---- */

static uint32_t bucket_of(const struct lwl_calls *c, uint32_t msgid)
{
	return (uint32_t)(msgid * c->hash >> 32) & (c->bucket_count - 1);
}

static struct lwl_call *find_call(const struct lwl_calls *c, uint32_t msgid)
{
	uint32_t i = c->bucket_count > 0 ? c->buckets[bucket_of(c, msgid)] : NONE;

	while (i != NONE) {
		struct lwl_call *call = lwl_table_at(&c->calls, i);

		if (call->msgid == msgid)
			return call;
		i = call->next;
	}
	return NULL;
}

static void hash_call(struct lwl_calls *c, struct lwl_call *call)
{
	uint32_t *bucket = &c->buckets[bucket_of(c, call->msgid)];

	call->next = *bucket;
	*bucket = call->index;
}

static bool grow_buckets(struct lwl_calls *c)
{
	uint32_t i, count = c->bucket_count > 0 ? 2 * c->bucket_count : BUCKETS_MIN;
	uint32_t *buckets = malloc(count * sizeof buckets[0]);

	if (buckets == NULL)
		return false;
	memset(buckets, 0xff, count * sizeof buckets[0]);
	free(c->buckets);
	c->buckets = buckets;
	c->bucket_count = count;
	for (i = 0; i < c->call_top; i++) {
		struct lwl_call *call = lwl_table_at(&c->calls, i);

		if (call->msgid != 0)
			hash_call(c, call);
	}
	return true;
}

static struct lwl_call *new_call(struct lwl_link *link, uint32_t msgid)
{
	struct lwl_calls *c = &link->calls;
	struct lwl_call *call;

	if (c->call_count >= c->bucket_count && !grow_buckets(c))
		return NULL;
	if (c->call_free != NONE) {
		call = lwl_table_at(&c->calls, c->call_free);
		c->call_free = call->next;
	} else {
		call = lwl_table_make(&c->calls, c->call_top);
		if (call == NULL)
			return NULL;
		call->index = c->call_top++;
	}
	c->call_count++;
	call->msgid = msgid;
	hash_call(c, call);
	return call;
}

struct lwl_call *lwl_calls_take(struct lwl_link *link, const struct lwl_header *h, const uint8_t *msg)
{
	struct lwl_calls *c = &link->calls;
	struct lwl_call *call = &c->oneway;

	if (h->msgid != 0) {
		if (find_call(c, h->msgid) != NULL) {
			end_session(link, LWL_EMALFORMED, "a msgid that is still outstanding");
			return NULL;
		}
		if (c->call_count >= link->session.own.calls) {
			end_session(link, LWL_EMALFORMED, "more commands than were allowed");
			return NULL;
		}
		call = new_call(link, h->msgid);
		if (call == NULL) {
			end_session(link, LWL_ENOMEM, "no memory for a command");
			return NULL;
		}
	}
	call->link = link;
	call->host = NULL;
	call->command = NULL;
	call->msg = msg;
	call->chunk = NULL;
	call->answer = NULL;
	call->cancelled = NULL;
	call->linkid = h->linkid;
	call->due.place = 0;
	call->number = h->command;
	call->oneway = h->msgid == 0;
	call->borrowed = false;
	call->is_cancelled = false;
	call->waiting = false;
	call->has_deadline = false;
	return call;
}

static void unhash_call(struct lwl_calls *c, struct lwl_call *call)
{
	uint32_t *at = &c->buckets[bucket_of(c, call->msgid)];

	while (*at != call->index)
		at = &((struct lwl_call *)lwl_table_at(&c->calls, *at))->next;
	*at = call->next;
}

static void unhold(struct lwl_call *call)
{
	if (call->chunk != NULL)
		lwl_chunk_unpin(call->chunk, &call->link->frame);
	call->chunk = NULL;
	call->msg = NULL;
}

/* It is answered, and the answer is in the ring or nobody wants it. */
static void end_call(struct lwl_call *call)
{
	struct lwl_link *link = call->link;
	struct lwl_calls *c = &link->calls;

	if (c->running == call) {
		/* The function that was given the request still looks at it: see run. */
		c->running = NULL;
	} else if (call->borrowed) {
		lwl_endpoints_return(&link->endpoints, call->msg);
	}
	unhold(call);
	if (call->host != NULL)
		lwl_endpoints_leave(&link->endpoints, call->linkid, call->host);
	lwl_heap_remove(&c->heap, &call->due);
	unhash_call(c, call);
	call->msgid = 0;
	call->next = c->call_free;
	c->call_free = call->index;
	c->call_count--;
	if (lwl_session_is_up(&link->session)) {
		lwl_link_stir(link);
		return;
	}
	if (link->ended_told)
		lwl_calls_tell_closed(link);
	if (link->freed && c->call_count == 0 && link->inside == 0)
		lwl_link_release(link);
}

bool lwl_calls_tell_closed(struct lwl_link *link)
{
	lwl_closed_fn *closed;
	void *self;
	bool any = false;

	link->inside++;
	while (lwl_endpoints_next_closed(&link->endpoints, &self, &closed)) {
		any = true;
		if (closed != NULL)
			closed(self);
	}
	link->inside--;
	return any;
}

/* ---- the peer's: dispatch ---- */

static const struct lwl_command *command_of(const struct lwl_hosted *host, uint16_t number, const void **ops,
					    int *status)
{
	const struct lwl_interface *interface = host->interface;
	const struct lwl_command *command;
	uint32_t i;

	/* The end point's own interface is the usual case. */
	if (number / 256 == interface->id && number % 256 < interface->command_count &&
	    interface->commands[number % 256].name != NULL) {
		*ops = host->ops;
		return &interface->commands[number % 256];
	}
	command = lwl_command_find(ops, interface, host->ops, number);
	if (command != NULL)
		return command;
	*status = -LWL_EUNKNOWN;
	if (number / 256 == interface->id || number / 256 == LINK_CONTROL_ID)
		return NULL;
	for (i = 0; i < interface->use_count; i++) {
		if (number / 256 == interface->uses[i].interface->id)
			return NULL;
	}
	*status = -LWL_EINTERFACE;
	return NULL;
}

/* The program's function, and what remains to be done with the request afterwards. */
static void run(struct lwl_link *link, struct lwl_call *call, const void *ops, const uint8_t *msg, uint32_t len)
{
	struct lwl_hosted *host = call->host;
	struct lwl_calls *c = &link->calls;
	struct lwl_error err;
	bool borrowed = call->borrowed, ended;
	char text[256];
	int status = 0;

	c->running = call;
	link->inside++;
	if (host->interface == NULL)
		host->raw(host->self, call, msg, len);
	else
		status = call->command->run(ops, host->self, call, msg, len, &err);
	link->inside--;
	ended = c->running == NULL;
	c->running = NULL;
	if (borrowed && (ended || call->chunk == NULL)) {
		lwl_endpoints_return(&link->endpoints, msg);
		if (!ended)
			call->borrowed = false;
	}
	if (!ended && call->chunk == NULL)
		call->msg = NULL;
	if (status != 0 && !lwl_link_checked(link, msg, len)) {
		/* Nobody has looked at it before, or the decoder has stopped at something harmless. */
	} else if (status != 0 && !call->oneway) {
		if (status == -LWL_EMALFORMED)
			lwl_error_format(text, sizeof text, &err);
		lwl_call_fail(call, -status, status == -LWL_EMALFORMED ? text : NULL);
		return;
	}
	if (call->oneway)
		lwl_endpoints_leave(&link->endpoints, call->linkid, host);
	else if (status != 0)
		end_call(call);
}

void lwl_calls_dispatch(struct lwl_link *link, const struct lwl_header *h, const uint8_t *msg, uint32_t len)
{
	struct lwl_endpoints *e = &link->endpoints;
	const struct lwl_command *command = NULL;
	unsigned found = lwl_message_glance(msg, h->length);
	struct lwl_hosted *host = NULL;
	struct lwl_call *call;
	const void *ops = NULL;
	uint64_t deadline;
	int status;

	if ((h->linkid & LWL_HOST_BIT) != e->side) {
		end_session(link, LWL_EMALFORMED, "a command for an end point of its sender");
		return;
	}
	status = lwl_endpoints_addressed(e, h->linkid, &host);
	if (status == 0 && host->interface != NULL)
		command = command_of(host, h->command, &ops, &status);
	else if (status == 0 && h->command / 256 == LINK_CONTROL_ID)
		status = -LWL_EUNKNOWN;
	/* What no generated decoder will see is checked here. */
	if ((status != 0 || command == NULL || (found & (LWL_HAS_LINKS | LWL_IS_BAD)) != 0) &&
	    !lwl_link_checked(link, msg, len))
		return;
	if (status == 0 && command != NULL && command->oneway != (h->msgid == 0)) {
		if (!lwl_link_checked(link, msg, len))
			return;
		status = -LWL_EMALFORMED;
	}
	/* A one-way holds nothing, and nobody would hear that it was refused. */
	if (status == 0 && h->msgid != 0 && link->held_bytes > link->held_bytes_max)
		status = -LWL_ECALLS;
	if (status == 0 && link->shutting)
		status = -LWL_ENOTRUN;
	if ((found & LWL_HAS_LINKS) != 0) {
		int arrived = lwl_endpoints_arrived(e, msg);

		if (arrived != 0 && arrived != -LWL_ENOENDPOINT) {
			end_session(link, -arrived, "linkids that cannot be");
			return;
		}
		if (status == 0)
			status = arrived;
	}
	call = lwl_calls_take(link, h, msg);
	if (call == NULL)
		return;
	if (status != 0) {
		if ((found & LWL_HAS_LINKS) != 0)
			lwl_endpoints_return(e, msg);
		if (!call->oneway)
			lwl_call_fail(call, -status, NULL);
		return;
	}
	call->host = host;
	call->command = command;
	call->borrowed = (found & LWL_HAS_LINKS) != 0;
	lwl_endpoints_enter(host);
	if ((found & LWL_HAS_DEADLINE) != 0 && !call->oneway && lwl_message_deadline(&deadline, msg)) {
		call->due.kind = LWL_DUE_CALL;
		/* Without memory for it the call has no deadline: the caller keeps its own. */
		call->has_deadline = deadline < UINT64_MAX - link->now &&
				     lwl_heap_add(&link->calls.heap, &call->due, link->now + deadline) == 0;
	}
	run(link, call, ops, msg, len);
}

/* ---- the peer's: answers ---- */

/* Room for an answer of up to `size` bytes: in the ring, or, while that is full, apart. */
static uint8_t *answer_room(struct lwl_call *call, uint32_t size)
{
	struct lwl_link *link = call->link;
	uint8_t *buf = NULL;

	if (call->answer != NULL)
		free(call->answer);
	call->answer = NULL;
	if (link->calls.delayed == NULL && size <= link->ring.window - link->ring.unacked)
		buf = lwl_ring_begin(&link->ring, size);
	if (buf != NULL)
		return buf;
	call->answer = malloc(sizeof *call->answer + size);
	return call->answer != NULL ? (uint8_t *)call->answer->msg : NULL;
}

static void wait_for_room(struct lwl_call *call, uint32_t len)
{
	struct lwl_link *link = call->link;
	struct lwl_delayed *smaller = realloc(call->answer, sizeof *smaller + len);

	if (smaller != NULL)
		call->answer = smaller;
	call->waiting = true;
	call->cancelled = NULL;
	append_delayed(link, call->answer, call, len);
	/* Its request is not needed any longer. */
	if (link->calls.running == call)
		link->calls.running = NULL;
	else if (call->borrowed)
		lwl_endpoints_return(&link->endpoints, call->msg);
	call->borrowed = false;
	unhold(call);
}

/* The answer is encoded where answer_room said. */
static void send_answer(struct lwl_call *call, uint32_t len)
{
	if (call->answer != NULL) {
		wait_for_room(call, len);
		return;
	}
	lwl_ring_commit(&call->link->ring, len);
	end_call(call);
}

/*
 * Nobody is there to be answered.  What a peer's goodbye has said is not taken for the one error after
 * which a call goes on.
 */
static int answer_nobody(struct lwl_call *call)
{
	int status = lwl_link_error(call->link);

	free(call->answer);
	call->answer = NULL;
	end_call(call);
	return status == -LWL_EINVAL ? -LWL_ENOTCONN : status;
}

/* The answer cannot be given: this error is one. */
static int answer_error(struct lwl_call *call, int status)
{
	(void)lwl_call_fail(call, -status, NULL);
	return status;
}

int lwl_reply_begin(struct lwl_call *call, struct lwl_writer **w)
{
	struct lwl_link *link = call->link;
	uint32_t size;
	uint8_t *buf;

	if (call->oneway)
		return -LWL_EINVAL;
	if (!lwl_session_is_up(&link->session))
		return answer_nobody(call);
	size = call->command->response_max;
	buf = answer_room(call, size);
	if (buf == NULL)
		return answer_error(call, -LWL_ENOMEM);
	lwl_writer_init(&link->writer, buf, size, call->linkid, call->msgid);
	*w = &link->writer;
	return 0;
}

int lwl_reply_commit(struct lwl_call *call, int encoded)
{
	struct lwl_link *link = call->link;
	struct lwl_writer *w = &link->writer;
	int status = encoded;

	if (status == 0 && w->links)
		status = lwl_endpoints_commit(&link->endpoints, w->buf);
	if (status != 0) {
		if (call->answer == NULL)
			lwl_ring_abort(&link->ring);
		lwl_call_fail(call, status == -LWL_ENOBUFS ? LWL_ETOOLARGE : -status, NULL);
		return status;
	}
	send_answer(call, lwl_writer_size(w));
	return 0;
}

int lwl_call_fail(struct lwl_call *call, int code, const char *detail)
{
	struct lwl_link *link = call->link;
	struct lwl_writer w;
	uint8_t *buf;

	if (call->oneway)
		return 0;
	if (!lwl_session_is_up(&link->session))
		return answer_nobody(call);
	buf = answer_room(call, ERROR_ROOM);
	if (buf == NULL) {
		end_session(link, LWL_ENOMEM, "no memory for an answer");
		return answer_nobody(call);
	}
	lwl_writer_init(&w, buf, ERROR_ROOM, call->linkid, call->msgid);
	if (lwl_error_encode(&w, call->number, code > 0 ? code : LWL_EIO, detail) != 0) {
		/* The text is not UTF-8. */
		lwl_writer_init(&w, buf, ERROR_ROOM, call->linkid, call->msgid);
		lwl_error_encode(&w, call->number, code > 0 ? code : LWL_EIO, NULL);
	}
	send_answer(call, lwl_writer_size(&w));
	return 0;
}

int lwl_calls_begin_answer(struct lwl_call *call, const void *msg, size_t len, uint8_t **buf)
{
	struct lwl_link *link = call->link;
	struct lwl_header h;

	if (call->oneway || len < LWL_HEADER_SIZE || len > LWL_MESSAGE_MAX + 1)
		return -LWL_EINVAL;
	lwl_header_load(&h, msg);
	if (lwl_padded(h.length) != len || h.command != (call->number | LWL_RESPONSE))
		return -LWL_EINVAL;
	if (!lwl_session_is_up(&link->session))
		return answer_nobody(call);
	*buf = answer_room(call, (uint32_t)len);
	if (*buf == NULL)
		return answer_error(call, -LWL_ENOMEM);
	h.linkid = call->linkid;
	h.msgid = call->msgid;
	fill_copy(link, *buf, msg, len, 0, &h);
	return 0;
}

int lwl_reply_send(struct lwl_call *call, const void *msg, size_t len)
{
	uint8_t *buf;
	int status = lwl_calls_begin_answer(call, msg, len, &buf);

	return status != 0 ? status : lwl_reply_commit(call, 0);
}

/* The oldest that waits is in the ring, or nobody will ever get it. */
static void drop_delayed(struct lwl_link *link)
{
	struct lwl_delayed *delayed = link->calls.delayed;
	const uint8_t *msg = (const uint8_t *)delayed->msg;
	struct lwl_call *call = delayed->call;

	link->calls.delayed = delayed->next;
	link->held_bytes -= delayed->len;
	(void)lwl_endpoints_unuse(&link->endpoints, lwl_load64(msg));
	lwl_endpoints_return(&link->endpoints, msg);
	free(delayed);
	if (call != NULL) {
		call->answer = NULL;
		end_call(call);
	}
}

void lwl_calls_flush(struct lwl_link *link)
{
	struct lwl_calls *c = &link->calls;

	/* Cancels are few and small; behind the others they might wait for ever. */
	if (c->cancel_count > 0)
		send_cancels(link);
	/* These stay in their order. */
	while (c->delayed != NULL && lwl_ring_has_room(&link->ring, c->delayed->len)) {
		uint32_t len = c->delayed->len;

		memcpy(lwl_ring_begin(&link->ring, len), c->delayed->msg, len);
		lwl_ring_commit(&link->ring, len);
		drop_delayed(link);
	}
}

/* ---- the peer's: for those who work on it ---- */

struct lwl_link *lwl_call_link(const struct lwl_call *call)
{
	return call->link;
}

uint64_t lwl_call_linkid(const struct lwl_call *call)
{
	return call->linkid;
}

uint16_t lwl_call_command(const struct lwl_call *call)
{
	return call->number;
}

bool lwl_call_is_oneway(const struct lwl_call *call)
{
	return call->oneway;
}

bool lwl_call_deadline(const struct lwl_call *call, uint64_t *microseconds)
{
	uint64_t now = call->link->now;

	if (call->has_deadline)
		*microseconds = call->due.when > now ? call->due.when - now : 0;
	return call->has_deadline;
}

const uint8_t *lwl_call_trace(const struct lwl_call *call)
{
	return call->msg != NULL ? lwl_message_trace(call->msg) : NULL;
}

bool lwl_call_cancelled(const struct lwl_call *call)
{
	return call->is_cancelled;
}

void lwl_call_on_cancel(struct lwl_call *call, lwl_cancelled_fn *cancelled, void *ctx)
{
	call->cancelled = cancelled;
	call->ctx = ctx;
}

int lwl_call_hold(struct lwl_call *call)
{
	struct lwl_link *link = call->link;

	if (call->oneway || call->msg == NULL)
		return -LWL_EINVAL;
	if (call->chunk != NULL)
		return 0;
	if (link->held_bytes + (link->frame.pinned + 1ull) * link->frame.size > link->held_bytes_max)
		return -LWL_ENOMEM;
	call->chunk = lwl_frame_pin(&link->frame);
	return 0;
}

static void cancel_call(struct lwl_link *link, struct lwl_call *call)
{
	lwl_cancelled_fn *cancelled = call->cancelled;

	call->is_cancelled = true;
	call->cancelled = NULL;
	if (cancelled == NULL)
		return;
	link->inside++;
	cancelled(call->ctx, call);
	link->inside--;
}

void lwl_calls_cancel(struct lwl_link *link, uint32_t msgid)
{
	struct lwl_call *call = msgid != 0 ? find_call(&link->calls, msgid) : NULL;

	if (call != NULL && !call->waiting)
		cancel_call(link, call);
}

/* ---- time, and the end ---- */

#define OWNER_OF(pointer, type, member) ((type *)(void *)((uint8_t *)(pointer) - offsetof(type, member)))

void lwl_calls_tick(struct lwl_link *link)
{
	struct lwl_heap *heap = &link->calls.heap;

	while (lwl_heap_first(heap) <= link->now) {
		struct lwl_due *due = heap->at[1];

		lwl_heap_remove(heap, due);
		if (due->kind == LWL_DUE_PENDING)
			time_is_over(link, OWNER_OF(due, struct lwl_pending, due));
		else
			cancel_call(link, OWNER_OF(due, struct lwl_call, due));
	}
}

void lwl_calls_end(struct lwl_link *link)
{
	const struct lwl_session *s = &link->session;
	struct lwl_calls *c = &link->calls;
	uint64_t last = lwl_ring_sent_count(&link->ring);
	uint32_t i;

	/* What the peer says that it has consumed counts, if it can be true. */
	if (s->final && s->final_received < last)
		last = s->final_received;
	for (i = 0; i < c->pending_top; i++) {
		struct lwl_pending *p = lwl_table_at(&c->pending, i);

		if (p->live)
			complete(link, p, p->number > last ? -LWL_ENOTRUN : -LWL_EFATE, NULL, 0);
	}
	c->cancel_count = 0;
	while (c->delayed != NULL)
		drop_delayed(link);
	for (i = 0; i < c->call_top; i++) {
		struct lwl_call *call = lwl_table_at(&c->calls, i);

		if (call->msgid == 0)
			continue;
		lwl_heap_remove(&c->heap, &call->due);
		cancel_call(link, call);
	}
}
