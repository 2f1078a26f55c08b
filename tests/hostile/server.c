/*
 * The two processes beside the hostile peers: the server, and a client that is well-behaved and
 * watches over it.
 */
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lwlink/loop.h>

#include "hostile.h"
#include "server.link.h"

/* ---- the server ---- */

/* An answer that is not due yet. */
struct waiting {
	struct waiting *next;
	struct client *client;
	struct lwl_call *call;
	uint32_t size;
};

/* What is kept of a client; there as long as its link. */
struct client {
	struct client *next, *previous;
	struct lwl_link *link;
	struct waiting *waiting;
	uint64_t *kept;
	uint32_t kept_count;
};

enum { KEPT_MAX = 20000 };

static struct client *clients;
static uint32_t link_count, object_count;
static uint64_t note_count;
static struct lwl_loop *loop;

static const uint8_t zeros[HOSTILE_DATA_MAX];

static struct client *client_of(struct lwl_call *call)
{
	return lwl_link_context(lwl_call_link(call));
}

static void serve_touch(void *self, struct lwl_call *call,
			const struct hostile_object_touch_req *req)
{
	struct hostile_object_touch_rsp rsp = { .value = req->value };

	(void)self;
	hostile_object_touch_reply(call, &rsp);
}

static const struct hostile_object_ops object_ops = { .touch = serve_touch };

static void serve_echo(void *self, struct lwl_call *call, const struct hostile_root_echo_req *req)
{
	struct hostile_root_echo_rsp rsp = { .data = req->data };

	(void)self;
	hostile_root_echo_reply(call, &rsp);
}

static void serve_note(void *self, struct lwl_call *call, const struct hostile_root_note_msg *msg)
{
	(void)self;
	(void)call;
	(void)msg;
	note_count++;
}

static void object_closed(void *self)
{
	(void)self;
	object_count--;
}

static void serve_make(void *self, struct lwl_call *call, const struct hostile_root_make_req *req)
{
	struct hostile_object objects[HOSTILE_OBJECTS_MAX];
	struct hostile_root_make_rsp rsp;
	struct lwl_link *link = lwl_call_link(call);
	uint32_t i, count = req->count < HOSTILE_OBJECTS_MAX ? req->count : HOSTILE_OBJECTS_MAX;
	int status = 0;

	(void)self;
	for (i = 0; i < count && status == 0; i++) {
		status = lwl_link_host(link, &hostile_object_interface, &object_ops, NULL,
				       object_closed, &objects[i].id);
		if (status == 0)
			object_count++;
	}
	if (status == 0) {
		rsp.objects = lwl_seq_of(objects, count);
		hostile_root_make_reply(call, &rsp);
		return;
	}
	for (i--; i > 0; i--)
		lwl_link_revoke(link, objects[i - 1].id);
	lwl_call_fail(call, -status, NULL);
}

static void serve_revoke(void *self, struct lwl_call *call,
			 const struct hostile_root_revoke_req *req)
{
	struct hostile_root_revoke_rsp rsp = { 0 };
	int status = lwl_link_revoke(lwl_call_link(call), req->object.id);

	(void)self;
	if (status != 0)
		lwl_call_fail(call, -status, NULL);
	else
		hostile_root_revoke_reply(call, &rsp);
}

static void serve_keep(void *self, struct lwl_call *call, const struct hostile_root_keep_req *req)
{
	struct hostile_root_keep_rsp rsp = { 0 };
	struct client *client = client_of(call);
	int status = client->kept_count < KEPT_MAX ? 0 : -LWL_ENOSPC;

	(void)self;
	if (client->kept == NULL)
		client->kept = malloc(KEPT_MAX * sizeof client->kept[0]);
	if (client->kept == NULL)
		status = -LWL_ENOMEM;
	if (status == 0)
		status = lwl_link_keep(client->link, req->object.id);
	if (status != 0) {
		lwl_call_fail(call, -status, NULL);
		return;
	}
	client->kept[client->kept_count++] = req->object.id;
	hostile_root_keep_reply(call, &rsp);
}

static void serve_drop(void *self, struct lwl_call *call, const struct hostile_root_drop_req *req)
{
	struct hostile_root_drop_rsp rsp = { 0 };
	struct client *client = client_of(call);

	(void)self;
	(void)req;
	while (client->kept_count > 0)
		lwl_link_drop(client->link, client->kept[--client->kept_count]);
	hostile_root_drop_reply(call, &rsp);
}

static void cancelled(void *ctx, struct lwl_call *call)
{
	struct waiting *w = ctx, **at = &w->client->waiting;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	free(w);
	lwl_call_fail(call, LWL_ECANCELLED, NULL);
}

static void serve_later(void *self, struct lwl_call *call, const struct hostile_root_later_req *req)
{
	struct waiting *w = malloc(sizeof *w);
	int status = w != NULL ? 0 : -LWL_ENOMEM;

	(void)self;
	if (status == 0 && req->hold)
		status = lwl_call_hold(call);
	if (status != 0) {
		free(w);
		lwl_call_fail(call, -status, NULL);
		return;
	}
	w->client = client_of(call);
	w->call = call;
	w->size = req->size < HOSTILE_DATA_MAX ? req->size : HOSTILE_DATA_MAX;
	w->next = w->client->waiting;
	w->client->waiting = w;
	lwl_call_on_cancel(call, cancelled, w);
}

static void serve_answer(void *self, struct lwl_call *call,
			 const struct hostile_root_answer_req *req)
{
	struct hostile_root_answer_rsp rsp = { 0 };
	struct client *client = client_of(call);

	(void)self;
	(void)req;
	while (client->waiting != NULL) {
		struct waiting *w = client->waiting;
		struct hostile_root_later_rsp answer = { .data = lwl_bytes_of(zeros, w->size) };

		client->waiting = w->next;
		hostile_root_later_reply(w->call, &answer);
		free(w);
		rsp.count++;
	}
	hostile_root_answer_reply(call, &rsp);
}

static void serve_bulk(void *self, struct lwl_call *call, const struct hostile_root_bulk_req *req)
{
	uint32_t size = req->size < HOSTILE_DATA_MAX ? req->size : HOSTILE_DATA_MAX;
	struct hostile_root_bulk_rsp rsp = { .data = lwl_bytes_of(zeros, size) };

	(void)self;
	hostile_root_bulk_reply(call, &rsp);
}

/* A command of the server's to an end point of the client's. */
struct touch {
	struct lwl_link *link;
	struct hostile_object object;
	struct lwl_call *call;		/* to be answered with what comes of it, or NULL */
};

static void touched(void *ctx, int status, const struct hostile_object_touch_rsp *answer,
		    struct lwl_reply *reply)
{
	struct touch *touch = ctx;
	struct hostile_root_call_rsp rsp = { (uint32_t)-status, status == 0 ? answer->value : 0 };

	(void)reply;
	if (touch->call != NULL)
		hostile_root_call_reply(touch->call, &rsp);
	lwl_link_drop(touch->link, touch->object.id);
	free(touch);
}

static int start_touch(struct lwl_link *link, struct hostile_object object, struct lwl_call *call)
{
	struct hostile_object_touch_req req = { .value = 7 };
	struct touch *touch = malloc(sizeof *touch);
	int status = touch != NULL ? lwl_link_keep(link, object.id) : -LWL_ENOMEM;

	if (status == 0) {
		touch->link = link;
		touch->object = object;
		touch->call = call;
		lwl_link_set_timeout(link, TOUCH_US);
		status = hostile_object_touch(link, object, &req, touched, touch);
		if (status == 0)
			return 0;
		lwl_link_drop(link, object.id);
	}
	free(touch);
	return status;
}

static void serve_call(void *self, struct lwl_call *call, const struct hostile_root_call_req *req)
{
	int status = start_touch(lwl_call_link(call), req->object, call);

	(void)self;
	if (status != 0)
		lwl_call_fail(call, -status, NULL);
}

static void serve_provoke(void *self, struct lwl_call *call,
			  const struct hostile_root_provoke_msg *msg)
{
	uint32_t i;

	(void)self;
	for (i = 0; i < msg->count; i++)
		if (start_touch(lwl_call_link(call), msg->object, NULL) != 0)
			break;
}

static void serve_totals(void *self, struct lwl_call *call,
			 const struct hostile_root_totals_req *req)
{
	struct hostile_root_totals_rsp rsp = { .links = link_count, .objects = object_count,
					       .notes = note_count };
	const struct client *client;

	(void)self;
	(void)req;
	for (client = clients; client != NULL; client = client->next) {
		struct lwl_link_stats stats;

		lwl_link_stats(client->link, &stats);
		rsp.memory += stats.memory;
		rsp.hosted += stats.hosted;
		rsp.held += stats.held;
		rsp.calls_in += stats.calls_in;
		rsp.calls_out += stats.calls_out;
	}
	/* What is free shows in the system's figures only when it has been given back. */
	if (link_count == 1)
		malloc_trim(0);
	hostile_root_totals_reply(call, &rsp);
}

static void serve_stop(void *self, struct lwl_call *call, const struct hostile_root_stop_msg *msg)
{
	(void)self;
	(void)call;
	if (msg->word == HOSTILE_STOP_WORD)
		lwl_loop_stop(loop);
}

static const struct hostile_root_ops root_ops = {
	.echo = serve_echo, .note = serve_note, .make = serve_make, .revoke = serve_revoke,
	.keep = serve_keep, .drop = serve_drop, .later = serve_later, .answer = serve_answer,
	.bulk = serve_bulk, .call = serve_call, .provoke = serve_provoke, .totals = serve_totals,
	.stop = serve_stop
};

static int accepted(void *ctx, struct lwl_link_config *config)
{
	(void)ctx;
	config->ctx = calloc(1, sizeof(struct client));
	return config->ctx != NULL ? 0 : -LWL_ENOMEM;
}

static void client_up(void *ctx, struct lwl_link *link)
{
	struct client *client = ctx;

	client->link = link;
	client->next = clients;
	if (clients != NULL)
		clients->previous = client;
	clients = client;
	link_count++;
}

static void client_ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct client *client = ctx;

	(void)link;
	if (verbose)
		fprintf(stderr, "server: a link ended with %d: %s\n", status, reason);
	if (client->link != NULL) {
		if (client->next != NULL)
			client->next->previous = client->previous;
		if (client->previous != NULL)
			client->previous->next = client->next;
		else
			clients = client->next;
		link_count--;
		while (client->kept_count > 0)
			lwl_link_drop(client->link, client->kept[--client->kept_count]);
	}
	free(client->kept);
	free(client);
}

int serve(const char *address)
{
	static const struct lwl_export exports[] = {
		{ "root", &hostile_root_interface, &root_ops, NULL, NULL, 0 }
	};
	static const struct lwl_link_events events = { .up = client_up, .ended = client_ended };
	const struct lwl_link_config config = {
		.limits = { WINDOW, CALLS, ENDPOINTS, KEEPALIVE_MS, 0 },
		.ring = RING, .held_bytes = HELD_BYTES,
		.exports = exports, .export_count = 1, .events = &events
	};
	struct lwl_listener *listener;
	char error[200];

	if (lwl_loop_new(&loop, NULL) != 0)
		return 1;
	if (lwl_loop_listen(loop, &listener, address, &config, accepted, NULL, error,
			    sizeof error) != 0) {
		fprintf(stderr, "server: %s\n", error);
		return 1;
	}
	lwl_listener_set_limit(listener, LINKS);
	snprintf(shared->address, sizeof shared->address, "%s", lwl_listener_address(listener));
	atomic_store(&shared->ready, true);
	lwl_loop_run(loop);
	lwl_loop_free(loop);
	return clients == NULL && object_count == 0 ? 0 : 2;
}

/* ---- the neighbour ---- */

static uint64_t microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int watch(struct lwl_link *link, struct hostile_root root)
{
	static uint8_t buf[HOSTILE_ROOT_ECHO_RSP_MAX];
	struct hostile_root_echo_req req = { .data = lwl_bytes_of("are you there?", 14) };
	struct hostile_root_echo_rsp rsp;
	struct hostile_root_totals_req ask = { 0 };
	struct hostile_root_totals_rsp totals;
	uint64_t start = microseconds();
	int status = hostile_root_echo_wait(link, root, &req, &rsp, buf, sizeof buf, NULL);

	if (status == 0 && (rsp.data.len != 14 || memcmp(rsp.data.data, req.data.data, 14) != 0))
		status = -LWL_EIO;
	if (status == 0)
		status = hostile_root_totals_wait(link, root, &ask, &totals, buf, sizeof buf, NULL);
	if (status != 0)
		return status;
	start = microseconds() - start;
	if (start > atomic_load(&shared->longest_us))
		atomic_store(&shared->longest_us, start);
	atomic_store(&shared->links, totals.links);
	atomic_store(&shared->objects, totals.objects);
	atomic_store(&shared->memory, totals.memory);
	atomic_store(&shared->hosted, totals.hosted);
	atomic_store(&shared->held, totals.held);
	atomic_store(&shared->calls_in, totals.calls_in);
	atomic_store(&shared->calls_out, totals.calls_out);
	atomic_store(&shared->notes, totals.notes);
	if (totals.memory > atomic_load(&shared->peak))
		atomic_store(&shared->peak, totals.memory);
	atomic_fetch_add(&shared->echoes, 1);
	return 0;
}

int be_a_neighbour(void)
{
	const struct lwl_link_config config = { 0 };
	struct hostile_root root;
	struct lwl_loop *ours;
	struct lwl_link *link;
	char error[200] = "no memory";
	int status = lwl_loop_new(&ours, NULL);

	if (status == 0)
		status = lwl_loop_dial_wait(ours, &link, shared->address, &config, error,
					    sizeof error);
	if (status == 0)
		status = lwl_link_open_wait(link, "root", &hostile_root_interface, &root.id);
	while (status == 0 && !atomic_load(&shared->stop)) {
		status = watch(link, root);
		poll(NULL, 0, 3);
	}
	if (status != 0) {
		fprintf(stderr, "the well-behaved client: %s %s\n", lwl_strerror(status), error);
		atomic_store(&shared->lost, true);
		return 1;
	}
	lwl_loop_free(ours);
	return 0;
}
