/*
 * A server and a client of everything in talk.lwl, for the tests of links; and a peer by hand, which
 * says whatever a test wants it to say.  To be included behind cmocka.h.
 */
#ifndef LWLINK_TESTS_TALK_H
#define LWLINK_TESTS_TALK_H

#include "pair.h"
#include "talk.link.h"

#include "link.lwl.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))


enum { LATER_MAX = 64, SECOND = 1000000, ACK_US = 100000 };

/* What has happened, a letter each, for tests of its order. */
static char story[1024];

static inline void tell(char letter)
{
	size_t len = strlen(story);

	assert_true(len + 1 < sizeof story);
	story[len] = letter;
	story[len + 1] = '\0';
}

/* ---- a server of everything ---- */

struct object {
	unsigned runs;			/* of any command */
	unsigned notes, closed, cancelled;
	uint32_t tag;			/* of the last note, or `later` */
	uint64_t peer;			/* that came with the last note or give; borrowed */
	struct lwl_call *later[LATER_MAX];	/* not answered yet */
	unsigned later_count;
	unsigned hosted;		/* end points that make has made for it */
	uint64_t made;			/* by the last make */
	struct object *child;		/* what make gives out; NULL: itself */
	/* Called before anything is done for a request; may be NULL. */
	void (*hook)(struct object *object, struct lwl_call *call);
	void *ctx;			/* the test's */
};

static inline void count_closed(void *self)
{
	((struct object *)self)->closed++;
}

static inline void enter(struct object *object, struct lwl_call *call)
{
	object->runs++;
	if (object->hook != NULL)
		object->hook(object, call);
}

static inline void on_cancel(void *ctx, struct lwl_call *call)
{
	assert_true(lwl_call_cancelled(call));
	((struct object *)ctx)->cancelled++;
}

static inline void serve_echo(void *self, struct lwl_call *call, const struct talk_peer_echo_req *req)
{
	const struct talk_peer_echo_rsp rsp = { .data = req->data };

	enter(self, call);
	(void)talk_peer_echo_reply(call, &rsp);
}

static const struct talk_peer_ops peer_ops;

static inline void serve_make(void *self, struct lwl_call *call, const struct talk_peer_make_req *req)
{
	struct object *object = self;
	struct object *child = object->child != NULL ? object->child : object;
	struct talk_peer peers[101];
	struct talk_peer_make_rsp rsp;
	uint32_t i;

	enter(object, call);
	for (i = 0; i < req->count; i++) {
		int status = lwl_link_host(lwl_call_link(call), &talk_peer_interface, &peer_ops,
					   child, count_closed,
					   &peers[i].id);

		if (status != 0) {
			lwl_call_fail(call, -status, "no more");
			while (i-- > 0)
				lwl_link_revoke(lwl_call_link(call), peers[i].id);
			return;
		}
		object->made = peers[i].id;
		child->hosted++;
	}
	rsp.peers = lwl_seq_of(peers, req->count);
	(void)talk_peer_make_reply(call, &rsp);
}

static inline void serve_give(void *self, struct lwl_call *call, const struct talk_peer_give_req *req)
{
	struct object *object = self;
	const struct talk_peer_give_rsp rsp = { .has_back = true, .back = req->peer };

	object->peer = req->peer.id;
	enter(object, call);
	if (req->keep)
		assert_int_equal(lwl_link_keep(lwl_call_link(call), req->peer.id), 0);
	(void)talk_peer_give_reply(call, &rsp);
}

static inline void serve_later(void *self, struct lwl_call *call, const struct talk_peer_later_req *req)
{
	struct object *object = self;

	if (object->later_count == LATER_MAX) {
		lwl_call_fail(call, LWL_EBUSY, NULL);
		return;
	}
	object->tag = req->tag;
	object->later[object->later_count++] = call;
	lwl_call_on_cancel(call, on_cancel, object);
	enter(object, call);
}

static inline void serve_note(void *self, struct lwl_call *call, const struct talk_peer_note_msg *msg)
{
	struct object *object = self;

	object->notes++;
	object->tag = msg->tag;
	object->peer = msg->has_peer ? msg->peer.id : 0;
	enter(object, call);
}

static inline void serve_blob(void *self, struct lwl_call *call, const struct talk_peer_blob_msg *msg)
{
	struct object *object = self;

	object->notes++;
	object->tag = msg->tag;
	enter(object, call);
}

static inline void serve_much(void *self, struct lwl_call *call, const struct talk_peer_much_req *req)
{
	static const uint8_t zeros[70000];
	const struct talk_peer_much_rsp rsp = { .data = lwl_bytes_of(zeros, req->size) };
	int status;

	enter(self, call);
	status = talk_peer_much_reply(call, &rsp);
	assert_int_equal(status == 0, req->size <= 100);
}

static inline void serve_pass(void *self, struct lwl_call *call, const struct talk_peer_pass_req *req)
{
	const struct talk_peer_pass_rsp rsp = { .peers = req->peers, .has_data = req->has_data,
						.data = req->data, .has_box = req->has_box, .box = req->box };

	enter(self, call);
	(void)talk_peer_pass_reply(call, &rsp);
}

/* All but `never`. */
static const struct talk_peer_ops peer_ops = {
	.echo = serve_echo, .make = serve_make, .give = serve_give, .later = serve_later,
	.note = serve_note, .much = serve_much, .pass = serve_pass, .blob = serve_blob
};

/* Answer the call of `later` that has waited longest. */
static inline int answer_later(struct object *object)
{
	const struct talk_peer_later_rsp rsp = { .tag = object->tag };
	struct lwl_call *call = object->later[0];

	assert_true(object->later_count > 0);
	object->later_count--;
	memmove(object->later, object->later + 1, object->later_count * sizeof object->later[0]);
	return (talk_peer_later_reply(call, &rsp));
}

/* ---- a client of everything ---- */

struct answer {
	unsigned count;
	int status;
	uint64_t id;			/* the last end point in it */
	uint32_t ids;			/* how many there were */
	uint32_t tag, len;
	char detail[256];
	struct lwl_link *keeper;	/* keeps the end points in it; NULL: nobody does */
	void (*hook)(struct answer *answer);	/* may be NULL */
	void *ctx;			/* the test's */
};

static inline void note_answer(struct answer *answer, int status, struct lwl_reply *reply)
{
	const struct lwl_error *err = lwl_reply_error(reply);

	answer->count++;
	answer->status = status;
	snprintf(answer->detail, sizeof answer->detail, "%.*s", (int)err->detail.len,
		 err->detail.data != NULL ? err->detail.data : "");
}

static inline void note_id(struct answer *answer, uint64_t id)
{
	answer->id = id;
	answer->ids++;
	if (answer->keeper != NULL)
		assert_int_equal(lwl_link_keep(answer->keeper, id), 0);
}

static inline void end_answer(struct answer *answer)
{
	if (answer->hook != NULL)
		answer->hook(answer);
}

static inline void opened(void *ctx, int status, uint64_t id, uint32_t version, struct lwl_reply *reply)
{
	note_answer(ctx, status, reply);
	((struct answer *)ctx)->tag = version;
	if (status == 0)
		note_id(ctx, id);
	end_answer(ctx);
}

static inline void echoed(void *ctx, int status, const struct talk_peer_echo_rsp *rsp,
			  struct lwl_reply *reply)
{
	note_answer(ctx, status, reply);
	((struct answer *)ctx)->len = status == 0 ? rsp->data.len : 0;
	end_answer(ctx);
}

static inline void made(void *ctx, int status, const struct talk_peer_make_rsp *rsp,
			struct lwl_reply *reply)
{
	uint32_t i;

	note_answer(ctx, status, reply);
	for (i = 0; status == 0 && i < rsp->peers.count; i++)
		note_id(ctx, talk_peer_at(rsp->peers, i).id);
	end_answer(ctx);
}

static inline void gave(void *ctx, int status, const struct talk_peer_give_rsp *rsp,
			struct lwl_reply *reply)
{
	note_answer(ctx, status, reply);
	if (status == 0 && rsp->has_back)
		note_id(ctx, rsp->back.id);
	end_answer(ctx);
}

static inline void lated(void *ctx, int status, const struct talk_peer_later_rsp *rsp,
			 struct lwl_reply *reply)
{
	note_answer(ctx, status, reply);
	((struct answer *)ctx)->tag = status == 0 ? rsp->tag : 0;
	end_answer(ctx);
}

static inline void nevered(void *ctx, int status, const struct talk_peer_never_rsp *rsp,
			   struct lwl_reply *reply)
{
	(void)rsp;
	note_answer(ctx, status, reply);
	end_answer(ctx);
}

static inline void muched(void *ctx, int status, const struct talk_peer_much_rsp *rsp,
			  struct lwl_reply *reply)
{
	note_answer(ctx, status, reply);
	((struct answer *)ctx)->len = status == 0 ? rsp->data.len : 0;
	end_answer(ctx);
}

static inline void passed(void *ctx, int status, const struct talk_peer_pass_rsp *rsp,
			  struct lwl_reply *reply)
{
	struct answer *answer = ctx;
	uint32_t i;

	note_answer(answer, status, reply);
	for (i = 0; status == 0 && i < rsp->peers.count; i++)
		note_id(answer, talk_peer_at(rsp->peers, i).id);
	if (status == 0 && rsp->has_box && rsp->box.has_peer)
		note_id(answer, rsp->box.peer.id);
	answer->len = status == 0 && rsp->has_data ? rsp->data.len : 0;
	end_answer(answer);
}

static const uint8_t bulk[60000];

/* Commands in one line; what they return at once. */
static inline int call_echo(struct lwl_link *link, uint64_t id, uint32_t size, struct answer *answer)
{
	const struct talk_peer_echo_req req = { .data = lwl_bytes_of(bulk, size) };

	return talk_peer_echo(link, (struct talk_peer){ id }, &req, echoed, answer);
}

static inline int call_make(struct lwl_link *link, uint64_t id, uint32_t count, struct answer *answer)
{
	const struct talk_peer_make_req req = { .has_count = true, .count = count };

	return talk_peer_make(link, (struct talk_peer){ id }, &req, made, answer);
}

static inline int call_give(struct lwl_link *link, uint64_t id, uint64_t peer, bool keep,
			    struct answer *answer)
{
	const struct talk_peer_give_req req = { .peer = { peer }, .keep = keep };

	return talk_peer_give(link, (struct talk_peer){ id }, &req, gave, answer);
}

static inline int call_later(struct lwl_link *link, uint64_t id, uint32_t tag, struct answer *answer)
{
	const struct talk_peer_later_req req = { .tag = tag };

	return talk_peer_later(link, (struct talk_peer){ id }, &req, lated, answer);
}

static inline int call_never(struct lwl_link *link, uint64_t id, uint64_t peer, struct answer *answer)
{
	const struct talk_peer_never_req req = { .has_peer = peer != 0, .peer = { peer } };

	return talk_peer_never(link, (struct talk_peer){ id }, &req, nevered, answer);
}

static inline int call_much(struct lwl_link *link, uint64_t id, uint32_t size, struct answer *answer)
{
	const struct talk_peer_much_req req = { .size = size };

	return talk_peer_much(link, (struct talk_peer){ id }, &req, muched, answer);
}

/* `peers` is one end point, or 0. */
static inline int call_pass(struct lwl_link *link, uint64_t id, uint64_t peer, uint32_t size,
			    struct answer *answer)
{
	const struct talk_peer peers[1] = { { peer } };
	const struct talk_peer_pass_req req = { .peers = lwl_seq_of(peers, peer != 0), .has_data = true,
						.data = lwl_bytes_of(bulk, size) };

	return talk_peer_pass(link, (struct talk_peer){ id }, &req, passed, answer);
}

static inline int send_note(struct lwl_link *link, uint64_t id, uint32_t tag, uint64_t peer)
{
	const struct talk_peer_note_msg msg = { .tag = tag, .has_peer = peer != 0, .peer = { peer } };

	return talk_peer_note(link, (struct talk_peer){ id }, &msg);
}

static inline int send_blob(struct lwl_link *link, uint64_t id, uint32_t tag, uint32_t size)
{
	const struct talk_peer_blob_msg msg = { .tag = tag, .data = lwl_bytes_of(bulk, size) };

	return talk_peer_blob(link, (struct talk_peer){ id }, &msg);
}

static inline struct lwl_link_stats stats_of(const struct side *side)
{
	struct lwl_link_stats out;

	lwl_link_stats(side->link, &out);
	return out;
}

/* ---- both, on one link: each side offers "root" and has opened that of the other ---- */

struct talk {
	struct pair pair;
	struct object at_a, at_b;	/* what they export */
	struct lwl_export a_exports[1], b_exports[1];
	struct answer a_opened, b_opened;
	uint64_t of_a, of_b;		/* the roots: of_b is held by a */
};

static inline void talk_connect(struct talk *talk, size_t step)
{
	struct pair *p = &talk->pair;

	pair_connect(p);
	pump_by(p, step);
	assert_int_equal(p->a.ups, 1);
	assert_int_equal(p->b.ups, 1);
	talk->a_opened.keeper = p->a.link;
	talk->b_opened.keeper = p->b.link;
	assert_int_equal(lwl_link_open(p->a.link, "root", &talk_peer_interface, opened,
				       &talk->a_opened), 0);
	assert_int_equal(lwl_link_open(p->b.link, "root", &talk_peer_interface, opened,
				       &talk->b_opened), 0);
	pump_by(p, step);
	assert_int_equal(talk->a_opened.count, 1);
	assert_int_equal(talk->b_opened.count, 1);
	assert_int_equal(talk->a_opened.status, 0);
	assert_int_equal(talk->b_opened.status, 0);
	assert_int_equal(talk->a_opened.tag, 3);
	talk->of_b = talk->a_opened.id;
	talk->of_a = talk->b_opened.id;
}

static inline void talk_make(struct talk *talk, const struct lwl_link_config *a,
			     const struct lwl_link_config *b)
{
	struct lwl_link_config with_a = { 0 }, with_b = { 0 };

	memset(talk, 0, sizeof *talk);
	story[0] = '\0';
	if (a != NULL)
		with_a = *a;
	if (b != NULL)
		with_b = *b;
	talk->a_exports[0] = (struct lwl_export){ "root", &talk_peer_interface, &peer_ops, &talk->at_a,
						  count_closed, 0 };
	talk->b_exports[0] = talk->a_exports[0];
	talk->b_exports[0].self = &talk->at_b;
	with_a.exports = talk->a_exports;
	with_b.exports = talk->b_exports;
	with_a.export_count = with_b.export_count = 1;
	pair_make(&talk->pair, &with_a, &with_b);
}

/* NULL: a configuration of zeros. */
static inline void talk_init(struct talk *talk, const struct lwl_link_config *a,
			     const struct lwl_link_config *b)
{
	talk_make(talk, a, b);
	talk_connect(talk, SIZE_MAX);
}

/* Nothing is outstanding, and no references are there but those of the roots. */
static inline void talk_is_idle(struct talk *talk)
{
	struct lwl_link_stats a = stats_of(&talk->pair.a), b = stats_of(&talk->pair.b);

	assert_int_equal(a.calls_out, 0);
	assert_int_equal(a.calls_in, 0);
	assert_int_equal(b.calls_out, 0);
	assert_int_equal(b.calls_in, 0);
	assert_int_equal(a.held, 1);
	assert_int_equal(b.held, 1);
	assert_int_equal(a.hosted, 1);
	assert_int_equal(b.hosted, 1);
	assert_int_equal(a.held_references, 1);
	assert_int_equal(b.held_references, 1);
	assert_int_equal(a.hosted_references, 1);
	assert_int_equal(b.hosted_references, 1);
	assert_int_equal(a.held_bytes, 0);
	assert_int_equal(b.held_bytes, 0);
}

/* In order, and freed. */
static inline void talk_fini(struct talk *talk)
{
	struct pair *p = &talk->pair;

	lwl_link_shutdown(p->a.link, SECOND);
	pump(p);
	assert_int_equal(p->a.ends, 1);
	assert_int_equal(p->b.ends, 1);
	assert_int_equal(p->a.status, 0);
	assert_int_equal(p->b.status, 0);
	assert_true(lwl_link_is_done(p->a.link));
	assert_true(lwl_link_is_done(p->b.link));
	assert_int_equal(talk->at_a.closed, 1);
	assert_int_equal(talk->at_b.closed, 1);
	pair_fini(p);
	assert_int_equal(p->a.ends, 1);
	assert_int_equal(p->b.ends, 1);
}

/* ---- a peer by hand ---- */

enum { HAND_BYTES = 1 << 20 };

struct hand {
	struct side side;		/* the link that it talks to */
	uint64_t now;
	bool dialled;			/* by the link */
	struct lwl_limits limits;	/* of ours, the hand's; 0: generous ones */
	uint8_t *out;			/* what has come from the link, */
	uint32_t at, end;		/* of which this is not looked at yet */
	uint64_t received;		/* messages with numbers that have been looked at */
	struct lwl_header h;		/* of the last one */
	uint32_t len;
	uint8_t msg[LWL_MESSAGE_MAX + 1];
	struct lwl_writer w;
	struct object root;		/* that the link offers as "root" */
	struct lwl_export exports[1];
	uint64_t root_id;
};

/* Linkids of the hand's own end points, and of the link's. */
static inline uint64_t hand_id(const struct hand *hand, uint32_t generation, uint32_t index)
{
	return (hand->dialled ? UINT64_C(1) << 63 : 0) | (uint64_t)generation << 32 | index;
}

static inline uint64_t link_id(const struct hand *hand, uint32_t generation, uint32_t index)
{
	return hand_id(hand, generation, index) ^ UINT64_C(1) << 63;
}

/* Bytes to the link.  What lwl_link_received returns. */
static inline int hand_feed(struct hand *hand, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	int status = 0;

	while (len > 0) {
		size_t room, some;
		uint8_t *buf = lwl_link_receive(hand->side.link, &room);

		some = len < room ? len : room;
		memcpy(buf, p, some);
		status = lwl_link_received(hand->side.link, some, hand->now);
		p += some;
		len -= some;
	}
	return status;
}

/* All that the link has to say. */
static inline void hand_pull(struct hand *hand)
{
	struct lwl_slice slices[8];
	unsigned i, n;

	while ((n = lwl_link_flush(hand->side.link, slices, 8, hand->now)) > 0) {
		size_t total = 0;

		for (i = 0; i < n; i++) {
			if (hand->end + slices[i].len > HAND_BYTES) {
				memmove(hand->out, hand->out + hand->at, hand->end - hand->at);
				hand->end -= hand->at;
				hand->at = 0;
			}
			assert_true(hand->end + slices[i].len <= HAND_BYTES);
			memcpy(hand->out + hand->end, slices[i].data, slices[i].len);
			hand->end += (uint32_t)slices[i].len;
			total += slices[i].len;
		}
		lwl_link_sent(hand->side.link, total);
	}
}

/* The next message of the link, or NULL. */
static inline const uint8_t *hand_next(struct hand *hand)
{
	const uint8_t *msg;

	hand_pull(hand);
	if (hand->at == hand->end)
		return NULL;
	msg = hand->out + hand->at;
	lwl_header_load(&hand->h, msg);
	hand->len = lwl_padded(hand->h.length);
	assert_true(hand->end - hand->at >= hand->len);
	assert_int_equal(lwl_message_check(msg, hand->len, NULL), 0);
	hand->at += hand->len;
	if (hand->h.linkid != 0 || hand->h.command >= LINK_CONTROL_OPEN)
		hand->received++;
	return msg;
}

/* The next one, which must be this; acks in front of it are skipped. */
static inline const uint8_t *hand_expect(struct hand *hand, uint16_t command)
{
	const uint8_t *msg;

	do {
		msg = hand_next(hand);
		assert_non_null(msg);
	} while (hand->h.linkid == 0 && hand->h.command == LINK_CONTROL_ACK && command != LINK_CONTROL_ACK);
	assert_int_equal(hand->h.command, command);
	return msg;
}

/* An error response with this code, to the message `msgid`. */
static inline void hand_expect_error(struct hand *hand, uint32_t msgid, uint16_t command, int code)
{
	const uint8_t *msg = hand_expect(hand, command | LWL_RESPONSE);

	assert_int_equal(hand->h.msgid, msgid);
	assert_int_equal(lwl_answer_status(msg, hand->len, NULL), -code);
}

/* Nothing but acks. */
static inline void hand_expect_nothing(struct hand *hand)
{
	while (hand_next(hand) != NULL) {
		assert_int_equal(hand->h.linkid, 0);
		assert_int_equal(hand->h.command, LINK_CONTROL_ACK);
	}
}

/* A message to the link: begin, lwl_put_… on hand->w, send.  With a msgid it is no one-way. */
static inline void hand_begin(struct hand *hand, uint64_t linkid, uint32_t msgid, uint16_t command)
{
	lwl_writer_init(&hand->w, hand->msg, sizeof hand->msg, linkid, msgid);
	lwl_writer_begin(&hand->w, command & 0x7fff, (command & LWL_RESPONSE) != 0 ? LWL_KIND_RESPONSE :
			 msgid != 0 ? LWL_KIND_REQUEST : LWL_KIND_ONEWAY);
}

static inline uint32_t hand_finish(struct hand *hand)
{
	assert_int_equal(lwl_writer_finish(&hand->w), 0);
	return lwl_writer_size(&hand->w);
}

static inline int hand_send(struct hand *hand)
{
	return hand_feed(hand, hand->msg, hand_finish(hand));
}

/* A message without items. */
static inline int hand_bare(struct hand *hand, uint64_t linkid, uint32_t msgid, uint16_t command)
{
	hand_begin(hand, linkid, msgid, command);
	return hand_send(hand);
}

static inline int hand_ack(struct hand *hand, uint64_t received)
{
	hand_begin(hand, 0, 0, LINK_CONTROL_ACK);
	lwl_put_u64(&hand->w, 1, received);
	return hand_send(hand);
}

/* Of everything, whatever it is. */
static inline int hand_ack_all(struct hand *hand)
{
	while (hand_next(hand) != NULL)
		;
	return hand_ack(hand, hand->received);
}

static inline int hand_release(struct hand *hand, uint64_t id, uint64_t n)
{
	const struct link_count counts[1] = { { id, n } };
	const struct link_control_release_msg out = { lwl_seq_of(counts, 1) };

	lwl_writer_init(&hand->w, hand->msg, sizeof hand->msg, 0, 0);
	assert_int_equal(link_control_release_msg_encode(&hand->w, &out), 0);
	return hand_feed(hand, hand->msg, lwl_writer_size(&hand->w));
}

static inline int hand_gone(struct hand *hand, uint64_t id)
{
	const uint64_t ids[1] = { id };
	const struct link_control_gone_msg out = { lwl_seq_of(ids, 1) };

	lwl_writer_init(&hand->w, hand->msg, sizeof hand->msg, 0, 0);
	assert_int_equal(link_control_gone_msg_encode(&hand->w, &out), 0);
	return hand_feed(hand, hand->msg, lwl_writer_size(&hand->w));
}

static inline int hand_cancel(struct hand *hand, uint32_t msgid)
{
	hand_begin(hand, 0, 0, LINK_CONTROL_CANCEL);
	lwl_put_u32(&hand->w, 1, msgid);
	return hand_send(hand);
}

static inline struct link_limits hand_limits(const struct hand *hand)
{
	struct link_limits out = { .window = hand->limits.window, .calls = hand->limits.calls,
				   .endpoints = hand->limits.endpoints,
				   .keepalive_ms = hand->limits.keepalive_ms,
				   .retain_ms = hand->limits.retain_ms };

	if (out.window == 0)
		out.window = 1 << 20;
	if (out.calls == 0)
		out.calls = 1000;
	if (out.endpoints == 0)
		out.endpoints = 1000;
	return out;
}

static inline void hand_put_hello(struct hand *hand)
{
	static const uint8_t incarnation[16];
	struct link_control_hello_msg out = { .version = 1, .epoch = 1, .limits = hand_limits(hand) };

	out.incarnation = lwl_seq_of(incarnation, 16);
	lwl_writer_init(&hand->w, hand->msg, sizeof hand->msg, 0, 0);
	assert_int_equal(link_control_hello_msg_encode(&hand->w, &out), 0);
}

static inline void hand_put_welcome(struct hand *hand)
{
	static const uint8_t incarnation[16];
	struct link_control_welcome_msg out = { .result = LINK_RESULT_NEW, .version = 1, .epoch = 1,
						.limits = hand_limits(hand), .role = 1 };

	out.incarnation = lwl_seq_of(incarnation, 16);
	out.has_session = true;
	out.session = lwl_seq_of(incarnation, 16);
	lwl_writer_init(&hand->w, hand->msg, sizeof hand->msg, 0, 0);
	assert_int_equal(link_control_welcome_msg_encode(&hand->w, &out), 0);
}

/* A link that offers "root", not connected; set limits now. */
static inline void hand_make(struct hand *hand, const struct lwl_link_config *config)
{
	struct lwl_link_config with = { 0 };

	memset(hand, 0, sizeof *hand);
	story[0] = '\0';
	hand->now = 1000000;
	hand->out = malloc(HAND_BYTES);
	assert_non_null(hand->out);
	if (config != NULL)
		with = *config;
	hand->exports[0] = (struct lwl_export){ "root", &talk_peer_interface, &peer_ops, &hand->root,
						count_closed, 0 };
	with.exports = hand->exports;
	with.export_count = 1;
	make_side(&hand->side, &with);
}

/* Meet: `dialled` by the link. */
static inline void hand_meet(struct hand *hand, bool dialled)
{
	hand->dialled = dialled;
	assert_int_equal(lwl_link_connected(hand->side.link, dialled, hand->now), 0);
	if (dialled) {
		hand_expect(hand, LINK_CONTROL_HELLO);
		hand_put_welcome(hand);
		assert_int_equal(hand_feed(hand, hand->msg, lwl_writer_size(&hand->w)), 0);
		hand_expect(hand, LINK_CONTROL_ACK);
	} else {
		hand_put_hello(hand);
		assert_int_equal(hand_feed(hand, hand->msg, lwl_writer_size(&hand->w)), 0);
		hand_expect(hand, LINK_CONTROL_WELCOME);
		assert_int_equal(hand_ack(hand, 0), 0);
	}
	assert_int_equal(hand->side.ups, 1);
	assert_true(lwl_link_is_up(hand->side.link));
}

static inline void hand_begin_open(struct hand *hand, uint32_t msgid, const char *name,
				   const char *interface,
				   uint32_t version)
{
	hand_begin(hand, 0, msgid, LINK_CONTROL_OPEN);
	lwl_put_string(&hand->w, 1, 1, 255, lwl_string_of(name));
	lwl_put_string(&hand->w, 2, 1, 255, lwl_string_of(interface));
	lwl_put_u32(&hand->w, 3, version);
}

static inline void hand_open_root_as(struct hand *hand, uint64_t id)
{
	struct link_control_open_rsp rsp;
	const uint8_t *msg;

	hand_begin_open(hand, 1, "root", "unit.talk.Peer", 3);
	assert_int_equal(hand_send(hand), 0);
	msg = hand_expect(hand, LINK_CONTROL_OPEN | LWL_RESPONSE);
	assert_int_equal(hand->h.msgid, 1);
	assert_int_equal(link_control_open_rsp_decode(&rsp, msg, hand->len, NULL), 0);
	assert_int_equal(rsp.version, 3);
	hand->root_id = rsp.endpoint.id;
	assert_int_equal(rsp.endpoint.id, id);
}

static inline void hand_open_root(struct hand *hand)
{
	hand_open_root_as(hand, link_id(hand, 1, 0));
}

static inline void hand_init(struct hand *hand, const struct lwl_link_config *config, bool dialled)
{
	hand_make(hand, config);
	hand_meet(hand, dialled);
	hand_open_root(hand);
}

static inline void hand_fini(struct hand *hand)
{
	lwl_link_free(hand->side.link);
	assert_int_equal(hand->side.ends, 1);
	free(hand->out);
}

/* The link gives the hand `count` end points of its own; the first of them. */
static inline uint64_t hand_get(struct hand *hand, uint32_t count)
{
	struct talk_peer_make_rsp rsp;
	const uint8_t *msg;

	hand_begin(hand, hand->root_id, 999, TALK_PEER_MAKE);
	lwl_put_u32(&hand->w, 1, count);
	assert_int_equal(hand_send(hand), 0);
	msg = hand_expect(hand, TALK_PEER_MAKE | LWL_RESPONSE);
	assert_int_equal(talk_peer_make_rsp_decode(&rsp, msg, hand->len, NULL), 0);
	assert_int_equal(rsp.peers.count, count);
	return talk_peer_at(rsp.peers, 0).id;
}

/* The link is over, because of a mistake of the hand's, and says so. */
static inline void hand_expect_end(struct hand *hand, const char *reason)
{
	struct link_control_goodbye_msg in;
	const uint8_t *msg;

	hand_pull(hand);
	do {
		msg = hand_next(hand);
		assert_non_null(msg);
	} while (hand->h.linkid != 0 || hand->h.command != LINK_CONTROL_GOODBYE);
	assert_int_equal(link_control_goodbye_msg_decode(&in, msg, hand->len, NULL), 0);
	assert_int_equal(in.code, LWL_EMALFORMED);
	assert_int_equal(hand->at, hand->end);
	assert_int_equal(hand->side.ends, 1);
	assert_int_equal(hand->side.status, -LWL_EMALFORMED);
	if (strstr(hand->side.reason, reason) == NULL)
		fail_msg("\"%s\" instead of \"%s\"", hand->side.reason, reason);
	assert_true(in.detail.len > 0);
	assert_true(lwl_link_is_done(hand->side.link));
}

#endif
