/*
 * lwlink: generated stubs and dispatch on libuv, one socketpair.  With SPIN, microseconds, both sides
 * poll for so long before they sleep.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <lwlink/loop.h>

#include "bench.h"
#include "link_lwlink.link.h"

#ifndef SPIN
#define SPIN 0
#endif

static const struct lwl_limits limits = { .calls = 1 << 18, .endpoints = 1 << 21 };

static struct lwl_loop *loop;

static void check(int status, const char *what)
{
	if (status == 0)
		return;
	fprintf(stderr, "lwlink: %s: ", lwl_strerror(status));
	link_fail(what);
}

/* ---- the server ---- */

static struct lwl_call *held[HELD_MAX];
static struct echo_end_hold_rsp held_answers[HELD_MAX];
static size_t held_count;

static void serve_add(void *self, struct lwl_call *call, const struct echo_end_add_req *req)
{
	struct echo_end_add_rsp rsp = { req->a + 1, req->b + 1 + (uintptr_t)self };

	echo_end_add_reply(call, &rsp);
}

static void serve_write(void *self, struct lwl_call *call, const struct echo_end_write_req *req)
{
	struct echo_end_write_rsp rsp = { link_first(req->data.data) + 1, req->data.len + 1 };

	(void)self;
	echo_end_write_reply(call, &rsp);
}

static void serve_hold(void *self, struct lwl_call *call, const struct echo_end_hold_req *req)
{
	(void)self;
	held_answers[held_count] = (struct echo_end_hold_rsp){ req->a + 1, req->b + 1 };
	held[held_count++] = call;
}

static void serve_release(void *self, struct lwl_call *call, const struct echo_end_release_msg *msg)
{
	size_t i;

	(void)self;
	(void)call;
	(void)msg;
	for (i = 0; i < held_count; i++)
		echo_end_hold_reply(held[i], &held_answers[i]);
	held_count = 0;
}

static void serve_make(void *self, struct lwl_call *call, const struct echo_end_make_req *req);

static const struct echo_end_ops ops = { serve_add, serve_write, serve_hold, serve_release, serve_make };

static void serve_make(void *self, struct lwl_call *call, const struct echo_end_make_req *req)
{
	struct echo_end ends[STEP_MAX];
	struct echo_end_make_rsp rsp = { .ends = lwl_seq_of(ends, req->count) };
	uint32_t i;

	(void)self;
	for (i = 0; i < req->count; i++)
		check(lwl_link_host(lwl_call_link(call), &echo_end_interface, &ops,
				    (void *)(uintptr_t)(req->first + i), NULL, &ends[i].id), "host");
	echo_end_make_reply(call, &rsp);
}

static void ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	(void)ctx;
	(void)link;
	(void)reason;
	_exit(status == 0 ? 0 : 1);
}

static void serve(const struct link_end *end)
{
	static const struct lwl_export exports[] = { { "end", &echo_end_interface, &ops, NULL, NULL, 0 } };
	static const struct lwl_link_events events = { .ended = ended };
	const struct lwl_link_config config = { .limits = limits, .exports = exports, .export_count = 1,
						.events = &events };
	struct lwl_listener *listener;
	char address[32], error[200];

	snprintf(address, sizeof address, "fd:%d", end->fd);
	check(lwl_loop_new(&loop, NULL), "loop");
	lwl_loop_set_spin(loop, SPIN);
	if (lwl_loop_listen(loop, &listener, address, &config, NULL, NULL, error, sizeof error) != 0)
		link_fail(error);
	link_ready();
	lwl_loop_run(loop);
}

/* ---- the client ---- */

static struct lwl_link *link_;
static struct echo_end ends[END_POINTS_MAX + STEP_MAX];
static unsigned answers;

static void start(const struct link_end *end)
{
	const struct lwl_link_config config = { .limits = limits };
	char address[32], error[200];

	snprintf(address, sizeof address, "fd:%d", end->fd);
	check(lwl_loop_new(&loop, NULL), "loop");
	lwl_loop_set_spin(loop, SPIN);
	if (lwl_loop_dial_wait(loop, &link_, address, &config, error, sizeof error) != 0)
		link_fail(error);
	check(lwl_link_open_wait(link_, "end", &echo_end_interface, &ends[0].id), "open");
}

static void turn(void)
{
	unsigned before = answers;

	do
		check(lwl_loop_turn(loop, true), "turn");
	while (answers == before);
}

static void added(void *ctx, int status, const struct echo_end_add_rsp *rsp, struct lwl_reply *reply)
{
	(void)ctx;
	(void)reply;
	check(status, "add");
	answers++;
	link_answered(rsp->a, rsp->b);
}

static void written(void *ctx, int status, const struct echo_end_write_rsp *rsp, struct lwl_reply *reply)
{
	(void)ctx;
	(void)reply;
	check(status, "write");
	answers++;
	link_answered(rsp->a, rsp->b);
}

static void was_held(void *ctx, int status, const struct echo_end_hold_rsp *rsp, struct lwl_reply *reply)
{
	(void)ctx;
	(void)reply;
	check(status, "hold");
	answers++;
	link_answered(rsp->a, rsp->b);
}

static void call(uint32_t end_point, uint64_t a, uint64_t b)
{
	struct echo_end_add_req req = { a, b };

	check(echo_end_add(link_, ends[end_point], &req, added, NULL), "add");
}

static void write_data(const void *data, size_t len)
{
	struct echo_end_write_req req = { lwl_bytes_of(data, len) };

	check(echo_end_write(link_, ends[0], &req, written, NULL), "write");
}

static void hold(uint64_t a, uint64_t b)
{
	struct echo_end_hold_req req = { a, b };

	check(echo_end_hold(link_, ends[0], &req, was_held, NULL), "hold");
}

static void release(void)
{
	check(echo_end_release(link_, ends[0], &(struct echo_end_release_msg){ 0 }), "release");
}

static void make(uint32_t first, uint32_t count)
{
	struct echo_end_make_req req = { first, count };
	struct echo_end_make_rsp rsp;
	static uint8_t buf[ECHO_END_MAKE_RSP_MAX];
	uint32_t i;

	check(echo_end_make_wait(link_, ends[0], &req, &rsp, buf, sizeof buf, NULL), "make");
	for (i = 0; i < count; i++)
		ends[first + i].id = lwl_link_at(rsp.ends, i).id;
}

static void memory(void)
{
	struct lwl_link_stats stats;

	lwl_link_stats(link_, &stats);
	printf("bytes_hosted\t%u\nbytes_held\t%u\nbytes_pending\t%u\nbytes_call\t%u\n",
	       (unsigned)stats.memory_of_hosted, (unsigned)stats.memory_of_held,
	       (unsigned)stats.memory_of_pending, (unsigned)stats.memory_of_call);
}

static void stop(void)
{
	lwl_link_shutdown(link_, 1000000);
	lwl_loop_run(loop);
}

const struct link_peer link_peer = {
	.name = SPIN > 0 ? "lwlink, polling" : "lwlink", .serve = serve, .start = start, .call = call,
	.write = write_data, .hold = hold, .release = release, .make = make, .turn = turn, .many = true,
	.memory = memory, .stop = stop
};
