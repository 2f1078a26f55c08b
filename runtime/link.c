/*
 * A link: the layers put together, and what programs and transports see of them.
 */
#include <stdlib.h>

#include "link_private.h"

#include "link.link.h"

enum {
	ENDPOINTS_MAX = 1 << 24,
	BATCH = 256,			/* end points in one release or gone; more follow */
	ROUNDS = 8			/* of telling the program, before the bytes are looked at */
};

/* ---- making and freeing ---- */

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
	return value != 0 ? value : otherwise;
}

static bool limits_of(struct lwl_limits *out, const struct lwl_limits *in)
{
	out->window = in->window != 0 ? in->window : LWL_WINDOW_DEFAULT;
	out->calls = or_default(in->calls, LWL_CALLS_DEFAULT);
	out->endpoints = or_default(in->endpoints, LWL_ENDPOINTS_DEFAULT);
	out->keepalive_ms = or_default(in->keepalive_ms, LWL_KEEPALIVE_DEFAULT);
	out->retain_ms = or_default(in->retain_ms, LWL_RETAIN_DEFAULT);
	return out->window >= LINK_WINDOW_MIN && out->calls <= LWL_PENDING_MAX &&
	       out->endpoints <= ENDPOINTS_MAX;
}

int lwl_link_new(struct lwl_link **out, const struct lwl_link_config *config)
{
	struct lwl_limits limits;
	uint8_t random[2 * LWL_ID_SIZE];
	struct lwl_link *link;
	int status;

	if (config->random == NULL || !limits_of(&limits, &config->limits))
		return -LWL_EINVAL;
	status = config->random(random, sizeof random);
	if (status != 0)
		return status;
	link = calloc(1, sizeof *link);
	if (link == NULL)
		return -LWL_ENOMEM;
	if (config->export_count > 0) {
		link->exported = calloc(config->export_count, sizeof link->exported[0]);
		if (link->exported == NULL) {
			free(link);
			return -LWL_ENOMEM;
		}
	}
	lwl_session_init(&link->session, &limits, config->incarnation != NULL ? config->incarnation : random,
			 config->node, random + LWL_ID_SIZE);
	lwl_frame_init(&link->frame, LWL_CHUNK_BYTES);
	lwl_endpoints_init(&link->endpoints, 0, 0, 0);
	lwl_calls_init(&link->calls, 0, 0, 0);
	status = config->random(&link->calls.hash, sizeof link->calls.hash);
	if (status != 0) {
		lwl_link_release(link);
		return status;
	}
	link->held_bytes_max = config->held_bytes != 0 ? config->held_bytes : LWL_HELD_BYTES_DEFAULT;
	link->ring_max = or_default(config->ring, LWL_RING_DEFAULT);
	link->exports = config->exports;
	link->export_count = config->export_count;
	link->open = config->open;
	link->events = config->events;
	link->ctx = config->ctx;
	link->shutdown_at = link->shutdown_in = UINT64_MAX;
	*out = link;
	return 0;
}

void lwl_link_release(struct lwl_link *link)
{
	lwl_calls_fini(&link->calls);
	lwl_endpoints_fini(&link->endpoints);
	lwl_ring_fini(&link->ring);
	lwl_frame_fini(&link->frame);
	free(link->exported);
	free(link);
}

void *lwl_link_context(const struct lwl_link *link)
{
	return link->ctx;
}

void lwl_link_set_transport(struct lwl_link *link, const struct lwl_transport *transport, void *ctx)
{
	link->transport = transport;
	link->transport_ctx = ctx;
}

const char *lwl_link_goodbye(const struct lwl_link *link, int *code)
{
	const struct lwl_session *s = &link->session;

	if (code != NULL)
		*code = s->orderly ? 0 : s->status < 0 ? -s->status : LWL_EIO;
	return s->said ? s->detail : NULL;
}

bool lwl_link_is_up(const struct lwl_link *link)
{
	return lwl_session_is_up(&link->session);
}

/* ---- a session is in force ---- */

static uint32_t power_of_two(uint64_t n)
{
	uint32_t size = LINK_WINDOW_MIN;

	while (size < n && size < UINT32_C(1) << 31)
		size *= 2;
	return size;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void establish(struct lwl_link *link)
{
	struct lwl_session *s = &link->session;
	uint64_t window = smaller(s->peer.window, power_of_two(link->ring_max));

	/* Twice the window: what is lost where the ring ends does not narrow it. */
	if (lwl_ring_init(&link->ring, power_of_two(2 * window), window) != 0) {
		lwl_session_end(s, LWL_ENOMEM, "no memory for a session", link->now);
		return;
	}
	lwl_endpoints_init(&link->endpoints, s->role != 0 ? LWL_HOST_BIT : 0,
			   (uint32_t)smaller(s->peer.endpoints, ENDPOINTS_MAX), s->own.endpoints);
	lwl_calls_init(&link->calls, (uint32_t)smaller(s->peer.calls, LWL_PENDING_MAX), s->own.calls,
		       link->calls.hash);
	link->established = true;
	if (link->events != NULL && link->events->up != NULL) {
		link->inside++;
		link->events->up(link->ctx, link);
		link->inside--;
	}
}

/* ---- commands on linkid 0 ---- */

static bool is_text(struct lwl_string s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}

static void open_export(struct lwl_link *link, struct lwl_call *call, uint32_t i,
			const struct link_control_open_req *req)
{
	const struct lwl_export *export = &link->exports[i];
	int status = 0;

	if (!is_text(req->interface, export->interface->name)) {
		lwl_call_fail(call, LWL_EINTERFACE, export->interface->name);
		return;
	}
	if (req->version < export->oldest) {
		lwl_call_fail(call, LWL_EINTERFACE, "this version of the interface is not supported any longer");
		return;
	}
	if (lwl_endpoints_hosted(&link->endpoints, link->exported[i]) == NULL)
		status = lwl_link_host(link, export->interface, export->ops, export->self, export->closed,
				       &link->exported[i]);
	if (status == 0)
		lwl_open_reply(call, link->exported[i], export->interface->version);
	else
		lwl_call_fail(call, -status, NULL);
}

static void take_open(struct lwl_link *link, struct lwl_call *call, const uint8_t *msg, uint32_t len)
{
	struct link_control_open_req req;
	struct lwl_error err;
	char text[256];
	uint32_t i;

	call->command = &link_control_interface.commands[LINK_CONTROL_OPEN];
	if (link_control_open_req_decode(&req, msg, len, &err) != 0) {
		lwl_error_format(text, sizeof text, &err);
		lwl_call_fail(call, LWL_EMALFORMED, text);
		return;
	}
	if (link->shutting) {
		lwl_call_fail(call, LWL_ENOTRUN, NULL);
		return;
	}
	for (i = 0; i < link->export_count; i++) {
		if (is_text(req.name, link->exports[i].name)) {
			open_export(link, call, i, &req);
			return;
		}
	}
	if (link->open == NULL) {
		lwl_call_fail(call, LWL_ENOENT, "nothing is offered under that name");
		return;
	}
	link->calls.running = call;
	link->inside++;
	link->open(link->ctx, link, call, req.name, req.interface, req.version);
	link->inside--;
	if (link->calls.running != NULL && call->chunk == NULL)
		call->msg = NULL;
	link->calls.running = NULL;
}

static void take_releases(struct lwl_link *link, const uint8_t *msg, uint32_t len)
{
	struct link_control_release_msg in;
	uint32_t i;

	if (link_control_release_msg_decode(&in, msg, len, NULL) != 0)
		return;
	for (i = 0; i < in.counts.count; i++) {
		struct link_count count = link_count_at(in.counts, i);

		if (lwl_endpoints_released(&link->endpoints, count.linkid, count.n) != 0) {
			lwl_session_end(&link->session, LWL_EMALFORMED,
					"a release of references that are not held", link->now);
			return;
		}
	}
}

static void take_gone(struct lwl_link *link, const uint8_t *msg, uint32_t len)
{
	struct link_control_gone_msg in;
	uint32_t i;

	if (link_control_gone_msg_decode(&in, msg, len, NULL) != 0)
		return;
	for (i = 0; i < in.linkids.count; i++) {
		if (lwl_endpoints_died(&link->endpoints, lwl_u64_at(in.linkids, i)) != 0) {
			lwl_session_end(&link->session, LWL_EMALFORMED,
					"the death of what its sender cannot host", link->now);
			return;
		}
	}
}

static void take_control(struct lwl_link *link, const struct lwl_header *h, const uint8_t *msg, uint32_t len)
{
	struct lwl_endpoints *e = &link->endpoints;
	bool oneway = h->command == LINK_CONTROL_RELEASE || h->command == LINK_CONTROL_CANCEL ||
		      h->command == LINK_CONTROL_GONE;
	struct lwl_call *call;

	if (!lwl_link_checked(link, msg, len))
		return;
	/* No command here takes linkids; those in it go back. */
	if ((lwl_message_glance(msg, h->length) & LWL_HAS_LINKS) != 0) {
		int status = lwl_endpoints_arrived(e, msg);

		if (status != 0 && status != -LWL_ENOENDPOINT) {
			lwl_session_end(&link->session, -status, "linkids that cannot be", link->now);
			return;
		}
		lwl_endpoints_return(e, msg);
	}
	if (h->msgid == 0) {
		struct link_control_cancel_msg cancel;

		if (h->command == LINK_CONTROL_RELEASE)
			take_releases(link, msg, len);
		else if (h->command == LINK_CONTROL_GONE)
			take_gone(link, msg, len);
		else if (h->command == LINK_CONTROL_CANCEL &&
			 link_control_cancel_msg_decode(&cancel, msg, len, NULL) == 0)
			lwl_calls_cancel(link, cancel.msgid);
		return;
	}
	call = lwl_calls_take(link, h, msg);
	if (call == NULL)
		return;
	if (h->command == LINK_CONTROL_OPEN)
		take_open(link, call, msg, len);
	else
		lwl_call_fail(call, oneway ? LWL_EMALFORMED : LWL_EUNKNOWN, NULL);
}

/* ---- bytes in ---- */

static void take_message(struct lwl_link *link, const uint8_t *msg, uint32_t len)
{
	struct lwl_session *s = &link->session;
	struct lwl_header h;

	lwl_header_load(&h, msg);
	if (h.linkid == 0 && h.command < LINK_CONTROL_OPEN) {
		lwl_session_message(s, &link->ring, msg, len, link->now);
		if (lwl_session_is_up(s) && !link->established)
			establish(link);
		return;
	}
	if (!lwl_session_expects(s, h.command, false))
		return;
	/* It counts whatever becomes of it: nothing is acknowledged before flush. */
	lwl_session_consumed(s, len, link->now);
	if (lwl_session_is_over(s))
		return;
	if ((h.command & LWL_RESPONSE) != 0)
		lwl_calls_answered(link, &h, msg, len);
	else if (h.linkid == 0)
		take_control(link, &h, msg, len);
	else
		lwl_calls_dispatch(link, &h, msg, len);
}

/* What was started since counts from now on, not from when the link was run last. */
static void set_now(struct lwl_link *link, uint64_t now)
{
	if (now > link->now)
		link->now = now;
	if (link->calls.fresh != LWL_NONE)
		lwl_calls_start_time(link);
	if (link->shutdown_in < UINT64_MAX - link->now && link->now + link->shutdown_in < link->shutdown_at)
		link->shutdown_at = link->now + link->shutdown_in;
	link->shutdown_in = UINT64_MAX;
}

int lwl_link_connected(struct lwl_link *link, bool dialled, uint64_t now)
{
	set_now(link, now);
	return lwl_session_connected(&link->session, dialled, link->now);
}

void *lwl_link_receive(struct lwl_link *link, size_t *room)
{
	void *buf = lwl_frame_room(&link->frame, room);

	if (buf == NULL)
		lwl_session_end(&link->session, LWL_ENOMEM, "no memory to receive", link->now);
	return buf;
}

/* A stranger that says something else is not listened to until he has finished. */
static void expect_introduction(struct lwl_link *link)
{
	struct lwl_header h;

	if (lwl_session_is_up(&link->session) || lwl_frame_pending(&link->frame) < LWL_HEADER_SIZE)
		return;
	lwl_header_load(&h, link->frame.data + link->frame.at);
	lwl_session_expects(&link->session, h.command, h.linkid == 0 && h.command < LINK_CONTROL_OPEN &&
			    h.length <= LINK_HELLO_MAX);
}

int lwl_link_received(struct lwl_link *link, size_t n, uint64_t now)
{
	struct lwl_session *s = &link->session;
	const uint8_t *msg;
	uint32_t len;
	struct lwl_error err;
	int status = 1;

	set_now(link, now);
	lwl_frame_fill(&link->frame, n);
	lwl_session_heard(s, link->now);
	link->inside++;
	while (!lwl_session_is_over(s)) {
		status = lwl_frame_next(&link->frame, &msg, &len, &err);
		if (status == 0) {
			expect_introduction(link);
			break;
		}
		lwl_endpoints_expect(&link->endpoints, lwl_frame_next_linkid(&link->frame));
		if (status < 0)
			lwl_session_mistake(s, &err, link->now);
		else
			take_message(link, msg, len);
	}
	link->inside--;
	if (!lwl_session_is_over(s))
		return 0;
	lwl_frame_reset(&link->frame);
	return lwl_link_error(link);
}

void lwl_link_broken(struct lwl_link *link, int status, uint64_t now)
{
	set_now(link, now);
	lwl_session_broken(&link->session, status);
	lwl_link_stir(link);
}

/* ---- the end ---- */

static void tell_deaths(struct lwl_link *link)
{
	struct lwl_proxy *proxies;
	lwl_died_fn *died;
	uint64_t id;
	void *ctx;

	while (lwl_endpoints_next_death(&link->endpoints, &id, &died, &ctx, &proxies)) {
		lwl_proxies_died(proxies);
		if (died != NULL)
			died(ctx, id);
	}
}

/* Commands, then deaths, then the end itself. */
static void finish(struct lwl_link *link)
{
	struct lwl_session *s = &link->session;

	if (link->established) {
		lwl_calls_end(link);
		lwl_endpoints_end(&link->endpoints);
		tell_deaths(link);
		lwl_calls_tell_closed(link);
	}
	link->ended_told = true;
	if (link->events != NULL && link->events->ended != NULL)
		link->events->ended(link->ctx, link, s->orderly ? 0 : lwl_link_error(link), s->reason);
}

void lwl_link_free(struct lwl_link *link)
{
	if (link == NULL)
		return;
	set_now(link, link->now);
	lwl_session_end(&link->session, 0, NULL, link->now);
	link->inside++;
	if (!link->ended_told)
		finish(link);
	if (link->established)
		lwl_proxies_orphaned(link);
	link->inside--;
	link->transport = NULL;
	link->freed = true;
	if (link->calls.call_count == 0)
		lwl_link_release(link);
}

void lwl_link_end(struct lwl_link *link, int code, const char *detail)
{
	lwl_session_end(&link->session, code, detail, link->now);
	link->session.last = true;
	lwl_link_stir(link);
}

void lwl_link_shutdown(struct lwl_link *link, uint64_t timeout_us)
{
	if (timeout_us < link->shutdown_in)
		link->shutdown_in = timeout_us;
	link->shutting = true;
	lwl_link_stir(link);
}

/* Is there nothing left that has to be waited for? */
static bool is_quiet(const struct lwl_link *link)
{
	return link->calls.pending_count == 0 && link->calls.call_count == 0 && !link->owes &&
	       !lwl_endpoints_have_releases(&link->endpoints) && !lwl_endpoints_have_gone(&link->endpoints) &&
	       link->ring.sent == link->ring.committed;
}

/* ---- bytes out ---- */

/* What is collected and then said: references given back, end points gone.  False: no room. */
static bool send_releases(struct lwl_link *link)
{
	struct lwl_released released[BATCH];
	struct link_control_release_msg release = { { 0 } };
	struct link_count counts[BATCH];
	struct lwl_writer w;
	uint32_t i, n, size = LWL_HEADER_SIZE + 8 + BATCH * 16;

	while (lwl_endpoints_have_releases(&link->endpoints)) {
		if (!lwl_ring_has_room(&link->ring, size))
			return false;
		n = lwl_endpoints_take_releases(&link->endpoints, released, BATCH);
		if (n == 0)
			continue;
		for (i = 0; i < n; i++) {
			counts[i].linkid = released[i].linkid;
			counts[i].n = released[i].n;
		}
		release.counts = lwl_seq_of(counts, n);
		lwl_writer_init(&w, lwl_ring_begin(&link->ring, size), size, 0, 0);
		link_control_release_msg_encode(&w, &release);
		lwl_ring_commit(&link->ring, lwl_writer_size(&w));
	}
	return true;
}

static bool send_gone(struct lwl_link *link)
{
	uint64_t ids[BATCH];
	struct link_control_gone_msg gone = { { 0 } };
	struct lwl_writer w;
	uint32_t size = LWL_HEADER_SIZE + 8 + BATCH * 8;

	while (lwl_endpoints_have_gone(&link->endpoints)) {
		if (!lwl_ring_has_room(&link->ring, size))
			return false;
		gone.linkids = lwl_seq_of(ids, lwl_endpoints_take_gone(&link->endpoints, ids, BATCH));
		if (gone.linkids.count == 0)
			continue;
		lwl_writer_init(&w, lwl_ring_begin(&link->ring, size), size, 0, 0);
		link_control_gone_msg_encode(&w, &gone);
		lwl_ring_commit(&link->ring, lwl_writer_size(&w));
	}
	return true;
}

static bool tell_room(struct lwl_link *link)
{
	const struct lwl_calls *c = &link->calls;

	if (link->wanted == 0 || link->owes || lwl_calls_wait_for_room(c) ||
	    c->pending_count >= c->pending_limit || !lwl_ring_has_room(&link->ring, link->wanted))
		return false;
	link->wanted = 0;
	if (link->events == NULL || link->events->room == NULL)
		return false;
	link->events->room(link->ctx, link);
	return true;
}

/* What is due to the peer goes to the ring, and what is due to the program is told. */
static void work(struct lwl_link *link)
{
	struct lwl_session *s = &link->session;
	unsigned round;
	bool again = true, released;

	for (round = 0; again && round < ROUNDS && lwl_session_is_up(s); round++) {
		/*
		 * Releases first, or they might wait for ever behind answers that wait; what those
		 * name is in use.  But nobody is told that something is gone before he has got it.
		 */
		released = send_releases(link);
		lwl_calls_flush(link);
		link->owes = !released || lwl_calls_wait_for_room(&link->calls) || !send_gone(link);
		tell_deaths(link);
		again = lwl_calls_tell_closed(link);
		again = (lwl_session_is_up(s) && tell_room(link)) || again;
	}
	if (link->shutting && (link->now >= link->shutdown_at || !link->established || is_quiet(link)))
		lwl_session_end(s, 0, NULL, link->now);
	if (lwl_session_is_over(s) && !link->ended_told)
		finish(link);
}

unsigned lwl_link_flush(struct lwl_link *link, struct lwl_slice *out, unsigned max, uint64_t now)
{
	struct lwl_session *s = &link->session;
	struct lwl_slice ring[2], session;
	unsigned i = 0, n = 0, count;

	set_now(link, now);
	link->inside++;
	work(link);
	link->inside--;
	link->woken = false;
	link->flushed_rest = link->flushed_session = 0;
	if (s->state == LWL_SESSION_OVER || max == 0)
		return 0;
	count = link->established ? lwl_ring_unsent(&link->ring, ring) : 0;
	if (s->state == LWL_SESSION_PARTING && s->last && count > 0 && !lwl_session_is_inside(s)) {
		for (n = 0; n < count && n < max; n++)
			out[n] = ring[n];
		return n;
	}
	session = lwl_session_output(s, &link->ring, link->now);
	if (session.len > 0) {
		/* Between messages of the ring, not inside one. */
		if (count > 0)
			link->flushed_rest = lwl_ring_rest(&link->ring);
		if (link->flushed_rest > 0) {
			out[n].data = ring[0].data;
			out[n++].len = link->flushed_rest;
			ring[0].data = (const uint8_t *)ring[0].data + link->flushed_rest;
			ring[0].len -= link->flushed_rest;
		}
		if (n == max)
			return n;
		link->flushed_session = session.len;
		out[n++] = session;
	}
	if (s->state == LWL_SESSION_PARTING)
		return n;
	for (i = 0; i < count && n < max; i++) {
		if (ring[i].len > 0)
			out[n++] = ring[i];
	}
	return n;
}

bool lwl_link_sent(struct lwl_link *link, size_t n)
{
	size_t rest = (size_t)smaller(n, link->flushed_rest);
	size_t session = (size_t)smaller(n - rest, link->flushed_session);
	bool more;

	if (n > session)
		lwl_ring_sent(&link->ring, n - session);
	link->flushed_rest -= rest;
	link->flushed_session -= session;
	if (session > 0)
		lwl_session_sent(&link->session, session);
	/* What became due while an earlier piece was stuck has not been given by flush yet. */
	more = lwl_session_has_more(&link->session);
	if (more || (link->shutting && !lwl_session_is_over(&link->session)))
		lwl_link_stir(link);
	/* In a shutdown, what has been sent may have been the last thing before the goodbye. */
	if (link->shutting && lwl_session_is_up(&link->session) && is_quiet(link))
		more = true;
	return more || link->flushed_rest > 0 || link->flushed_session > 0 ||
	       ((link->session.state != LWL_SESSION_PARTING || link->session.last) &&
		link->ring.sent != link->ring.committed);
}

uint64_t lwl_link_deadline(const struct lwl_link *link)
{
	uint64_t at = smaller(lwl_session_deadline(&link->session), lwl_heap_first(&link->calls.heap));

	return link->shutting && !lwl_session_is_over(&link->session) ? smaller(at, link->shutdown_at) : at;
}

void lwl_link_tick(struct lwl_link *link, uint64_t now)
{
	set_now(link, now);
	link->inside++;
	lwl_session_tick(&link->session, link->now);
	lwl_calls_tick(link);
	link->inside--;
}

bool lwl_link_is_done(const struct lwl_link *link)
{
	return link->session.state == LWL_SESSION_OVER && link->ended_told;
}

/* ---- end points ---- */

static int host(struct lwl_link *link, const struct lwl_hosted *what, uint64_t *id)
{
	if (!lwl_session_is_up(&link->session))
		return lwl_link_error(link);
	return lwl_endpoints_host(&link->endpoints, what, id);
}

int lwl_link_host(struct lwl_link *link, const struct lwl_interface *interface, const void *ops,
		  void *self, lwl_closed_fn *closed, uint64_t *id)
{
	struct lwl_hosted what = { .interface = interface, .ops = ops, .self = self, .closed = closed };

	return host(link, &what, id);
}

int lwl_link_host_raw(struct lwl_link *link, lwl_raw_fn *raw, void *self, lwl_closed_fn *closed,
		      uint64_t *id)
{
	struct lwl_hosted what = { .raw = raw, .self = self, .closed = closed };

	return host(link, &what, id);
}

int lwl_link_revoke(struct lwl_link *link, uint64_t id)
{
	int status = lwl_endpoints_revoke(&link->endpoints, id);

	lwl_link_stir(link);
	return status;
}

void *lwl_link_self(const struct lwl_link *link, uint64_t id, const struct lwl_interface *interface)
{
	const struct lwl_hosted *hosted = lwl_endpoints_hosted(&link->endpoints, id);

	return hosted != NULL && !hosted->revoked &&
	       (interface == NULL || interface == hosted->interface) ? hosted->self : NULL;
}

uint64_t lwl_link_references(const struct lwl_link *link, uint64_t id)
{
	const struct lwl_hosted *hosted = lwl_endpoints_hosted(&link->endpoints, id);

	return hosted != NULL ? hosted->refs : 0;
}

int lwl_link_keep(struct lwl_link *link, uint64_t id)
{
	if (lwl_endpoints_hosted(&link->endpoints, id) != NULL)
		return 0;
	return lwl_endpoints_use(&link->endpoints, id);
}

int lwl_link_drop(struct lwl_link *link, uint64_t id)
{
	int status;

	if (lwl_endpoints_hosted(&link->endpoints, id) != NULL)
		return 0;
	status = lwl_endpoints_unuse(&link->endpoints, id);
	lwl_link_stir(link);
	return status;
}

int lwl_link_watch(struct lwl_link *link, uint64_t id, lwl_died_fn *died, void *ctx)
{
	struct lwl_held *held = lwl_endpoints_held(&link->endpoints, id);

	if (held == NULL || held->uses == 0)
		return -LWL_ENOENDPOINT;
	if (died != NULL && held->dead)
		return -LWL_EGONE;
	if (died != NULL && held->died != NULL)
		return -LWL_EBUSY;
	held->died = died;
	held->ctx = ctx;
	return 0;
}

/* ---- opening ---- */

static void answer_open(int status, const void *msg, size_t len, struct lwl_reply *reply,
			lwl_done_fn *done, void *ctx)
{
	struct link_control_open_rsp rsp = { { 0 }, 0 };

	if (status == 0)
		status = link_control_open_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((lwl_opened_fn *)done)(ctx, status, status == 0 ? rsp.endpoint.id : 0,
				status == 0 ? rsp.version : 0, reply);
}

int lwl_link_open_named(struct lwl_link *link, struct lwl_string name, struct lwl_string interface,
			uint32_t version, lwl_opened_fn *done, void *ctx)
{
	struct link_control_open_req req = { .name = name, .interface = interface, .version = version };
	struct lwl_writer *w;
	int status = lwl_calls_begin_control(link, &link_control_interface.commands[LINK_CONTROL_OPEN], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, link_control_open_req_encode(w, &req), answer_open, (lwl_done_fn *)done,
			       ctx);
}

int lwl_link_open(struct lwl_link *link, const char *name, const struct lwl_interface *interface,
		  lwl_opened_fn *done, void *ctx)
{
	return lwl_link_open_named(link, lwl_string_of(name), lwl_string_of(interface->name),
				   interface->version, done, ctx);
}

int lwl_link_open_wait(struct lwl_link *link, const char *name, const struct lwl_interface *interface,
		       uint64_t *id)
{
	struct link_control_open_req req = { .name = lwl_string_of(name),
					     .interface = lwl_string_of(interface->name),
					     .version = interface->version };
	struct link_control_open_rsp rsp;
	uint8_t buf[LINK_CONTROL_OPEN_RSP_MAX];
	struct lwl_writer *w;
	size_t len;
	int status = lwl_calls_begin_control(link, &link_control_interface.commands[LINK_CONTROL_OPEN], &w);

	if (status == 0)
		status = lwl_call_wait(link, link_control_open_req_encode(w, &req), buf, sizeof buf, &len);
	if (status == 0)
		status = link_control_open_rsp_decode(&rsp, buf, len, NULL);
	if (status == 0)
		*id = rsp.endpoint.id;
	return status;
}

int lwl_open_reply(struct lwl_call *call, uint64_t id, uint32_t version)
{
	struct link_control_open_rsp rsp = { .endpoint = { id }, .version = version };
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, link_control_open_rsp_encode(w, &rsp)) : status;
}

/* ---- settings, figures ---- */

void lwl_link_set_timeout(struct lwl_link *link, uint64_t microseconds)
{
	link->timeout = microseconds;
}

void lwl_link_set_trace(struct lwl_link *link, const uint8_t trace[16])
{
	link->has_trace = trace != NULL;
	if (trace != NULL)
		memcpy(link->trace, trace, sizeof link->trace);
}

void lwl_link_stats(const struct lwl_link *link, struct lwl_link_stats *out)
{
	const struct lwl_endpoints *e = &link->endpoints;
	const struct lwl_calls *c = &link->calls;

	memset(out, 0, sizeof *out);
	out->messages_out = link->ring.committed_count;
	out->messages_in = link->session.received;
	out->bytes_unacked = link->ring.unacked;
	out->calls_out = c->pending_count;
	out->calls_in = c->call_count;
	out->hosted = e->hosted_count;
	out->held = e->held_count;
	out->hosted_references = e->hosted_refs;
	out->held_references = e->held_refs;
	out->held_bytes = link->held_bytes + (uint64_t)link->frame.pinned * link->frame.size;
	out->memory = sizeof *link + link->ring.size + (uint64_t)link->frame.size * (link->frame.pinned + 1) +
		      lwl_table_memory(&e->hosted) + lwl_table_memory(&e->held) +
		      lwl_table_memory(&c->pending) + lwl_table_memory(&c->calls) +
		      c->bucket_count * sizeof c->buckets[0] + link->held_bytes;
	out->memory_of_call = sizeof(struct lwl_call) + sizeof c->buckets[0];
	out->memory_of_pending = sizeof(struct lwl_pending);
	out->memory_of_hosted = (uint32_t)e->hosted.size;
	out->memory_of_held = (uint32_t)e->held.size;
}
