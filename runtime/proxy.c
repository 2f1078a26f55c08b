/*
 * Proxies: end points that stand on one link for what the peer of another link hosts
 * (docs/protocol.md, "Proxies").
 *
 * Nothing here knows a schema: where the linkids in a message are is seen from the bits of its items,
 * and they are translated where they stand.
 */
#include <stdio.h>
#include <stdlib.h>

#include "link_private.h"

struct lwl_proxy {
	struct lwl_link *near;		/* hosts it, … */
	uint64_t near_id;		/* by this linkid */
	struct lwl_link *far;		/* and here is what it stands for; NULL: that link is no more */
	uint64_t far_id;
	struct lwl_proxy *next;		/* another one for the same */
};

static void forward(void *self, struct lwl_call *call, const void *msg, size_t len);

/* ---- coming and going ---- */

/* No reference is left, no command runs: the one use that it had is over, too. */
static void closed(void *self)
{
	struct lwl_proxy *proxy = self;
	struct lwl_held *held;
	struct lwl_proxy **at;

	if (proxy->far != NULL) {
		held = lwl_endpoints_held(&proxy->far->endpoints, proxy->far_id);
		for (at = &held->proxies; *at != proxy; at = &(*at)->next)
			;
		*at = proxy->next;
		lwl_link_drop(proxy->far, proxy->far_id);
	}
	free(proxy);
}

void lwl_proxies_died(struct lwl_proxy *first)
{
	for (; first != NULL; first = first->next)
		lwl_link_revoke(first->near, first->near_id);
}

void lwl_proxies_orphaned(struct lwl_link *link)
{
	struct lwl_proxy *proxy;
	uint32_t i;

	for (i = 0; i < link->endpoints.held.limit; i++) {
		struct lwl_held *held = lwl_table_at(&link->endpoints.held, i);

		if (held == NULL) {
			i |= LWL_CHUNK - 1;
			continue;
		}
		for (proxy = held->proxies; proxy != NULL; proxy = proxy->next)
			proxy->far = NULL;
		held->proxies = NULL;
	}
}

static const struct lwl_proxy *proxy_of(const struct lwl_hosted *hosted)
{
	return hosted->interface == NULL && hosted->raw == forward ? hosted->self : NULL;
}

static int make(struct lwl_link *to, struct lwl_link *from, uint64_t id, struct lwl_held *held, uint64_t *out)
{
	struct lwl_proxy *proxy = malloc(sizeof *proxy);
	int status;

	if (proxy == NULL)
		return -LWL_ENOMEM;
	status = lwl_link_host_raw(to, forward, proxy, closed, out);
	if (status != 0) {
		free(proxy);
		return status;
	}
	proxy->near = to;
	proxy->near_id = *out;
	proxy->far = from;
	proxy->far_id = id;
	proxy->next = held->proxies;
	held->proxies = proxy;
	return lwl_endpoints_use(&from->endpoints, id);
}

int lwl_link_pass(struct lwl_link *to, struct lwl_link *from, uint64_t id, uint64_t *out)
{
	const struct lwl_hosted *hosted = lwl_endpoints_hosted(&from->endpoints, id);
	const struct lwl_proxy *proxy;
	struct lwl_held *held;

	if (to == from)
		return -LWL_EINVAL;
	if (hosted != NULL) {
		proxy = proxy_of(hosted);
		if (proxy == NULL || proxy->far == NULL)
			return -LWL_ENOENDPOINT;
		if (proxy->far != to)
			return lwl_link_pass(to, proxy->far, proxy->far_id, out);
		*out = proxy->far_id;
		return 0;
	}
	held = lwl_endpoints_held(&from->endpoints, id);
	if (held == NULL || held->uses == 0)
		return -LWL_ENOENDPOINT;
	if (held->dead)
		return -LWL_EGONE;
	for (proxy = held->proxies; proxy != NULL; proxy = proxy->next) {
		hosted = proxy->near == to ? lwl_endpoints_hosted(&to->endpoints, proxy->near_id) : NULL;
		if (hosted != NULL && !hosted->revoked) {
			*out = proxy->near_id;
			return 0;
		}
	}
	return make(to, from, id, held, out);
}

/* ---- translating ---- */

/* Proxies that were made for a message that is not sent, in the linkids before `end`, go again. */
static void discard(struct lwl_link *to, const uint8_t *msg, uint32_t end)
{
	struct lwl_linkids walk;
	uint32_t at;

	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &at) && at < end) {
		uint64_t id = lwl_load64(msg + at);
		const struct lwl_hosted *hosted = lwl_endpoints_hosted(&to->endpoints, id);

		if (hosted != NULL && hosted->refs == 0)
			lwl_link_revoke(to, id);
	}
}

/* Each linkid of `from` in a checked message becomes the one that stands for it on `to`. */
static int translate(struct lwl_link *to, struct lwl_link *from, uint8_t *msg)
{
	struct lwl_linkids walk;
	uint32_t at;

	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &at)) {
		uint64_t id;
		int status = lwl_link_pass(to, from, lwl_load64(msg + at), &id);

		if (status != 0) {
			discard(to, msg, at);
			return status;
		}
		lwl_store64(msg + at, id);
	}
	return 0;
}

/* ---- commands ---- */

static void answered(int status, const void *msg, size_t len, struct lwl_reply *reply, lwl_done_fn *done,
		     void *ctx)
{
	struct lwl_call *call = ctx;
	const struct lwl_proxy *proxy = call->host->self;
	struct lwl_link *near = call->link;
	uint8_t *buf;

	(void)reply;
	(void)done;
	if (status != 0) {
		lwl_call_fail(call, -status, "the link behind the relay has ended");
		return;
	}
	status = lwl_calls_begin_answer(call, msg, len, &buf);
	if (status != 0)
		return;
	status = near->writer.links ? translate(near, proxy->far, buf) : 0;
	lwl_reply_commit(call, status);
}

static void cancelled(void *ctx, struct lwl_call *call)
{
	const struct lwl_proxy *proxy = call->host->self;

	if (proxy->far != NULL)
		lwl_call_cancel(proxy->far, (uint32_t)(uintptr_t)ctx);
}

/* A one-way finds no room: it waits.  If too much waits, the peer that takes nothing loses its session. */
static void delay(const struct lwl_proxy *proxy, const void *msg, size_t len)
{
	struct lwl_link *near = proxy->near, *far = proxy->far;
	uint8_t *buf;
	int status = lwl_calls_begin_delayed(far, proxy->far_id, msg, len, &buf);

	if (status == -LWL_ENOMEM)
		lwl_link_end(far, LWL_ECALLS, "what is forwarded finds no room");
	if (status != 0)
		return;
	status = far->writer.links ? translate(far, near, buf) : 0;
	(void)lwl_calls_commit_delayed(far, status);
}

static void forward(void *self, struct lwl_call *call, const void *msg, size_t len)
{
	const struct lwl_proxy *proxy = self;
	struct lwl_link *near = proxy->near, *far = proxy->far;
	uint8_t *buf;
	int status;

	if (far == NULL) {
		lwl_call_fail(call, LWL_EGONE, NULL);
		return;
	}
	status = lwl_calls_begin_copy(far, proxy->far_id, msg, len, 0, &buf);
	if (status == 0) {
		bool links = far->writer.links;

		if (links)
			status = translate(far, near, buf);
		if (status == 0) {
			status = lwl_calls_commit_copy(far, 0, answered, NULL, call);
			if (status != 0 && links)
				discard(far, buf, LWL_MESSAGE_MAX);
		} else {
			(void)lwl_calls_commit_copy(far, status, NULL, NULL, NULL);
		}
	}
	if (status == 0 && !call->oneway)
		lwl_call_on_cancel(call, cancelled, (void *)(uintptr_t)lwl_call_last(far));
	else if (status == -LWL_ECALLS && call->oneway)
		delay(proxy, msg, len);
	else if (status != 0)
		lwl_call_fail(call, lwl_link_is_up(far) ? -status : LWL_EGONE,
			      status == -LWL_ECALLS ? "the relay has no room" : NULL);
}

/* ---- opening ---- */

static void opened(void *ctx, int status, uint64_t id, uint32_t version, struct lwl_reply *reply)
{
	struct lwl_call *call = ctx;
	const struct lwl_error *err = lwl_reply_error(reply);
	char detail[256];
	uint64_t out;

	if (status == 0)
		status = lwl_link_pass(call->link, call->ctx, id, &out);
	if (status == 0) {
		lwl_open_reply(call, out, version);
		return;
	}
	snprintf(detail, sizeof detail, "%.*s", (int)err->detail.len, err->detail.data != NULL ? err->detail.data : "");
	lwl_call_fail(call, -status, detail);
}

void lwl_open_forward(struct lwl_call *call, struct lwl_link *to, struct lwl_string name,
		      struct lwl_string interface, uint32_t version)
{
	const char *why = NULL;
	int status, code;

	call->ctx = to;
	status = lwl_link_open_named(to, name, interface, version, opened, call);
	if (status == 0)
		return;
	code = -status;
	if (!lwl_link_is_up(to)) {
		/* If somebody has ended that link: for the same reason. */
		why = lwl_link_goodbye(to, &code);
		if (why == NULL || code == 0)
			code = LWL_EGONE;
	}
	lwl_call_fail(call, code, why);
}
