/*
 * Whole links, two in one program: handshake, calls both ways, references, the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pair.h"
#include "talk.link.h"

/* ---- a server of everything ---- */

struct object {
	unsigned echoes, notes, closed, given, cancelled;
	uint32_t tag;			/* of the last note */
	struct lwl_call *later;		/* not answered yet */
	uint64_t kept;
	uint64_t made;
};

static void count_closed(void *self)
{
	((struct object *)self)->closed++;
}

static void serve_echo(void *self, struct lwl_call *call, const struct talk_peer_echo_req *req)
{
	struct talk_peer_echo_rsp rsp = { .data = req->data };

	((struct object *)self)->echoes++;
	assert_int_equal(talk_peer_echo_reply(call, &rsp), 0);
}

static const struct talk_peer_ops ops;
static struct object child;

static void serve_make(void *self, struct lwl_call *call, const struct talk_peer_make_req *req)
{
	struct talk_peer peers[100];
	struct talk_peer_make_rsp rsp;
	uint32_t i;

	for (i = 0; i < req->count; i++) {
		assert_int_equal(lwl_link_host(lwl_call_link(call), &talk_peer_interface, &ops, &child,
					       count_closed, &peers[i].id), 0);
		((struct object *)self)->made = peers[i].id;
	}
	rsp.peers = lwl_seq_of(peers, req->count);
	assert_int_equal(talk_peer_make_reply(call, &rsp), 0);
}

static void serve_give(void *self, struct lwl_call *call, const struct talk_peer_give_req *req)
{
	struct object *object = self;
	struct talk_peer_give_rsp rsp = { 0 };

	object->given++;
	if (req->keep) {
		assert_int_equal(lwl_link_keep(lwl_call_link(call), req->peer.id), 0);
		object->kept = req->peer.id;
	}
	rsp.has_back = true;
	rsp.back = req->peer;
	assert_int_equal(talk_peer_give_reply(call, &rsp), 0);
}

static void on_cancel(void *ctx, struct lwl_call *call)
{
	(void)call;
	((struct object *)ctx)->cancelled++;
}

static void serve_later(void *self, struct lwl_call *call, const struct talk_peer_later_req *req)
{
	struct object *object = self;

	object->tag = req->tag;
	object->later = call;
	lwl_call_on_cancel(call, on_cancel, object);
}

static void serve_note(void *self, struct lwl_call *call, const struct talk_peer_note_msg *msg)
{
	(void)call;
	((struct object *)self)->notes++;
	((struct object *)self)->tag = msg->tag;
}

static void serve_much(void *self, struct lwl_call *call, const struct talk_peer_much_req *req)
{
	static const uint8_t zeros[200];
	struct talk_peer_much_rsp rsp = { .data = lwl_bytes_of(zeros, req->size) };

	(void)self;
	talk_peer_much_reply(call, &rsp);
}

static const struct talk_peer_ops ops = {
	.echo = serve_echo, .make = serve_make, .give = serve_give, .later = serve_later,
	.note = serve_note, .much = serve_much
};

/* ---- a client of everything ---- */

struct answer {
	unsigned count;
	int status;
	uint64_t id;
	uint32_t tag, len;
};

static void opened(void *ctx, int status, uint64_t id, uint32_t version, struct lwl_reply *reply)
{
	struct answer *answer = ctx;

	(void)reply;
	answer->count++;
	answer->status = status;
	answer->id = id;
	answer->tag = version;
}

static void echoed(void *ctx, int status, const struct talk_peer_echo_rsp *rsp, struct lwl_reply *reply)
{
	struct answer *answer = ctx;

	(void)reply;
	answer->count++;
	answer->status = status;
	answer->len = status == 0 ? rsp->data.len : 0;
}

static void lated(void *ctx, int status, const struct talk_peer_later_rsp *rsp, struct lwl_reply *reply)
{
	struct answer *answer = ctx;

	(void)reply;
	answer->count++;
	answer->status = status;
	answer->tag = status == 0 ? rsp->tag : 0;
}

struct talk {
	struct pair pair;
	struct object root;		/* what b exports */
	struct lwl_export exports[1];
	uint64_t id;			/* of root, on a's link */
};

struct keeper {
	struct talk *talk;
	struct answer answer;
};

static void open_and_keep(void *ctx, int status, uint64_t id, uint32_t version, struct lwl_reply *reply)
{
	struct talk *talk = ctx;

	(void)reply;
	assert_int_equal(status, 0);
	assert_int_equal(version, 3);
	assert_int_equal(lwl_link_keep(talk->pair.a.link, id), 0);
	talk->id = id;
}

static void talk_init(struct talk *talk, size_t step)
{
	struct lwl_link_config a = { 0 }, b = { 0 };

	memset(talk, 0, sizeof *talk);
	memset(&child, 0, sizeof child);
	talk->exports[0] = (struct lwl_export){ "root", &talk_peer_interface, &ops, &talk->root, count_closed, 0 };
	b.exports = talk->exports;
	b.export_count = 1;
	pair_init(&talk->pair, &a, &b);
	pump_by(&talk->pair, step);
	assert_int_equal(talk->pair.a.ups, 1);
	assert_int_equal(talk->pair.b.ups, 1);
	assert_int_equal(lwl_link_open(talk->pair.a.link, "root", &talk_peer_interface, open_and_keep, talk), 0);
	pump_by(&talk->pair, step);
	assert_true(talk->id != 0);
}

static void test_smoke(void **state)
{
	static uint8_t bytes[60000];
	struct talk talk;
	struct talk_peer root;
	struct talk_peer_echo_req req = { .data = lwl_bytes_of(bytes, sizeof bytes) };
	struct answer answer = { 0 };
	unsigned i;

	(void)state;
	talk_init(&talk, SIZE_MAX);
	root.id = talk.id;
	for (i = 0; i < 1000; i++) {
		assert_int_equal(talk_peer_echo(talk.pair.a.link, root, &req, echoed, &answer), 0);
		pump(&talk.pair);
		assert_int_equal(answer.count, i + 1);
		assert_int_equal(answer.status, 0);
		assert_int_equal(answer.len, sizeof bytes);
	}
	lwl_link_shutdown(talk.pair.a.link, 1000000);
	pump(&talk.pair);
	assert_int_equal(talk.pair.a.ends, 1);
	assert_int_equal(talk.pair.b.ends, 1);
	assert_int_equal(talk.pair.a.status, 0);
	assert_int_equal(talk.pair.b.status, 0);
	assert_int_equal(talk.root.closed, 1);
	pair_fini(&talk.pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smoke),
	};
	(void)opened;
	(void)lated;

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
