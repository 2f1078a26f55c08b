/*
 * Whole links: how they are made, meet, are carried, and end; and what a peer does to itself that
 * breaks the rules of the protocol.  Two links in one program, or one and a peer by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "talk.h"

/* ---- making ---- */

static int bad_luck(void *buf, size_t size)
{
	static unsigned count;

	memset(buf, 7, size);
	return count++ % 2 == 0 ? 0 : -LWL_EIO;
}

static int no_luck(void *buf, size_t size)
{
	(void)buf;
	(void)size;
	return -LWL_EAGAIN;
}

static void test_new(void **state)
{
	struct lwl_link_config config = { .random = not_random, .ctx = &config };
	const struct lwl_limits bad[] = {
		{ .window = 131071 }, { .calls = 1048577 }, { .endpoints = 16777217 }
	}, good[] = {
		{ 0 }, { .window = 131072 }, { .calls = 1048576 }, { .endpoints = 16777216 },
		{ .window = UINT64_MAX, .calls = 1, .endpoints = 1, .keepalive_ms = UINT32_MAX,
		  .retain_ms = UINT32_MAX }
	};
	struct lwl_link *link = NULL;
	struct lwl_slice slice;
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		config.limits = bad[i];
		assert_int_equal(lwl_link_new(&link, &config), -LWL_EINVAL);
	}
	for (i = 0; i < COUNT(good); i++) {
		config.limits = good[i];
		assert_int_equal(lwl_link_new(&link, &config), 0);
		assert_ptr_equal(lwl_link_context(link), &config);
		assert_false(lwl_link_is_up(link));
		assert_false(lwl_link_is_done(link));
		assert_int_equal(lwl_link_deadline(link), UINT64_MAX);
		assert_int_equal(lwl_link_flush(link, &slice, 1, 0), 0);
		lwl_link_free(link);
	}
	config.limits = good[0];
	config.random = NULL;
	assert_int_equal(lwl_link_new(&link, &config), -LWL_EINVAL);
	config.random = no_luck;
	assert_int_equal(lwl_link_new(&link, &config), -LWL_EAGAIN);
	config.random = bad_luck;
	assert_int_equal(lwl_link_new(&link, &config), -LWL_EIO);
	lwl_link_free(NULL);
}

/* What limits and names a hello carries. */
static void test_config(void **state)
{
	static const uint8_t incarnation[16] = "an incarnation", node[16] = "a node";
	struct lwl_link_config config = { .incarnation = incarnation, .node = node };
	struct link_control_hello_msg in;
	struct hand hand;
	const uint8_t *msg;
	uint32_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (i == 1)
			config.limits = (struct lwl_limits){ 200000, 5, 6, 7, 8 };
		hand_make(&hand, &config);
		assert_int_equal(lwl_link_connected(hand.side.link, true, hand.now), 0);
		msg = hand_expect(&hand, LINK_CONTROL_HELLO);
		assert_int_equal(link_control_hello_msg_decode(&in, msg, hand.len, NULL), 0);
		assert_int_equal(in.limits.window, i == 0 ? LWL_WINDOW_DEFAULT : 200000);
		assert_int_equal(in.limits.calls, i == 0 ? LWL_CALLS_DEFAULT : 5);
		assert_int_equal(in.limits.endpoints, i == 0 ? LWL_ENDPOINTS_DEFAULT : 6);
		assert_int_equal(in.limits.keepalive_ms, i == 0 ? LWL_KEEPALIVE_DEFAULT : 7);
		assert_int_equal(in.limits.retain_ms, i == 0 ? LWL_RETAIN_DEFAULT : 8);
		assert_int_equal(lwl_u8_at(in.incarnation, 3), incarnation[3]);
		assert_int_equal(lwl_u8_at(in.node, 5), node[5]);
		hand_fini(&hand);
	}
}

/* Before there is a session. */
static void test_early(void **state)
{
	struct lwl_link_config config = { 0 };
	struct side side;
	struct answer answer = { 0 };
	struct lwl_slice slice;
	uint64_t id;

	(void)state;
	make_side(&side, &config);
	assert_int_equal(call_echo(side.link, 1, 0, &answer), -LWL_ENOTCONN);
	assert_int_equal(send_note(side.link, 1, 0, 0), -LWL_ENOTCONN);
	assert_int_equal(lwl_link_open(side.link, "root", &talk_peer_interface, opened, &answer),
			 -LWL_ENOTCONN);
	assert_int_equal(lwl_link_host(side.link, &talk_peer_interface, &peer_ops, NULL, NULL, &id),
			 -LWL_ENOTCONN);
	assert_int_equal(lwl_link_revoke(side.link, 1), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_link_keep(side.link, 1), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_link_drop(side.link, 1), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_link_watch(side.link, 1, NULL, NULL), -LWL_ENOENDPOINT);
	assert_null(lwl_link_self(side.link, 1, NULL));
	assert_int_equal(lwl_link_references(side.link, 1), 0);
	assert_int_equal(lwl_call_cancel(side.link, 1), -LWL_ENOENT);
	assert_int_equal(lwl_call_cancel(side.link, 0), -LWL_ENOENT);
	assert_int_equal(lwl_link_connected(side.link, true, 5), 0);
	assert_int_equal(lwl_link_connected(side.link, true, 5), -LWL_EISCONN);
	assert_int_equal(lwl_link_connected(side.link, false, 5), -LWL_EISCONN);
	assert_int_equal(call_echo(side.link, 1, 0, &answer), -LWL_ENOTCONN);
	/* Freed as it is. */
	lwl_link_free(side.link);
	assert_int_equal(side.ends, 1);
	assert_int_equal(side.status, 0);
	/* Ended without ever having been connected. */
	make_side(&side, &config);
	lwl_link_end(side.link, LWL_EACCES, "no");
	assert_int_equal(side.ends, 0);
	assert_int_equal(lwl_link_flush(side.link, &slice, 1, 6), 0);
	assert_int_equal(side.ends, 1);
	assert_int_equal(side.status, -LWL_EACCES);
	assert_true(lwl_link_is_done(side.link));
	assert_int_equal(lwl_link_connected(side.link, true, 7), -LWL_EACCES);
	assert_int_equal(call_echo(side.link, 1, 0, &answer), -LWL_EACCES);
	lwl_link_free(side.link);
	assert_int_equal(side.ends, 1);
	make_side(&side, &config);
	lwl_link_shutdown(side.link, SECOND);
	assert_int_equal(lwl_link_flush(side.link, &slice, 1, 6), 0);
	assert_int_equal(side.ends, 1);
	assert_int_equal(side.status, 0);
	lwl_link_free(side.link);
	assert_int_equal(answer.count, 0);
}

/* ---- being carried ---- */

static void test_smoke(void **state)
{
	struct talk talk;
	struct answer answer = { 0 };
	unsigned i;

	(void)state;
	talk_init(&talk, NULL, NULL);
	for (i = 0; i < 1000; i++) {
		assert_int_equal(call_echo(talk.pair.a.link, talk.of_b, 60000, &answer), 0);
		assert_int_equal(call_echo(talk.pair.b.link, talk.of_a, i, &answer), 0);
		pump(&talk.pair);
		assert_int_equal(answer.count, 2 * i + 2);
		assert_int_equal(answer.status, 0);
	}
	pass(&talk.pair, ACK_US);
	assert_int_equal(stats_of(&talk.pair.a).bytes_unacked, 0);
	assert_int_equal(stats_of(&talk.pair.a).messages_out, 2002);
	assert_int_equal(stats_of(&talk.pair.a).messages_in, 2002);
	talk_is_idle(&talk);
	talk_fini(&talk);
}

/* The same however few bytes are carried at a time, and however few slices. */
static void test_pieces(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 7, 8, 9, 15, 16, 17, 100, 1000, 65535, 65536,
					SIZE_MAX };
	uint32_t i, slices;

	(void)state;
	for (i = 0; i < COUNT(steps); i++) {
		for (slices = 1; slices <= 4; slices++) {
			struct talk talk;
			struct answer echo = { 0 }, make = { 0 }, pass_on = { 0 };
			struct object passed_on = { 0 };
			uint32_t j, size = steps[i] < 100 ? 300 : 50000;
			uint64_t id = 0;

			talk_make(&talk, NULL, NULL);
			talk.pair.a.slices = talk.pair.b.slices = slices;
			talk_connect(&talk, steps[i]);
			for (j = 0; j < 5; j++) {
				assert_int_equal(call_echo(talk.pair.a.link, talk.of_b, size,
							   &echo), 0);
				assert_int_equal(call_make(talk.pair.a.link, talk.of_b, 10, &make), 0);
				assert_int_equal(lwl_link_host(talk.pair.b.link,
							       &talk_peer_interface, &peer_ops,
							       &passed_on, count_closed, &id), 0);
				assert_int_equal(call_pass(talk.pair.b.link, talk.of_a, id, size,
							   &pass_on), 0);
				assert_int_equal(send_note(talk.pair.b.link, talk.of_a, j, 0), 0);
			}
			pump_by(&talk.pair, steps[i]);
			assert_int_equal(echo.count, 5);
			assert_int_equal(echo.len, size);
			assert_int_equal(make.ids, 50);
			assert_int_equal(pass_on.count, 5);
			assert_int_equal(pass_on.id, id);
			assert_int_equal(talk.at_a.notes, 5);
			talk.pair.now += 2 * 100000;
			pump_by(&talk.pair, steps[i]);
			assert_int_equal(talk.at_b.closed, 50);
			assert_int_equal(passed_on.closed, 5);
			talk.at_b.closed = 0;
			talk_is_idle(&talk);
			talk_fini(&talk);
		}
	}
}

/* What has no number goes between the messages of the ring, not inside one. */
static void test_between(void **state)
{
	struct hand hand;
	struct lwl_slice slices[8];
	uint32_t sent;

	(void)state;
	for (sent = 8; sent < 60000; sent += sent < 64 ? 8 : 9000) {
		unsigned n;

		hand_init(&hand, NULL, true);
		hand_begin(&hand, hand.root_id, 5, TALK_PEER_ECHO);
		lwl_put_bytes(&hand.w, 1, 0, 60000, lwl_bytes_of(bulk, 60000));
		assert_int_equal(hand_send(&hand), 0);
		/* Its answer is sent in part, and then the peer asks whether anybody is there. */
		n = lwl_link_flush(hand.side.link, slices, 8, hand.now);
		assert_int_equal(n, 1);
		memcpy(hand.out + hand.end, slices[0].data, sent);
		hand.end += sent;
		lwl_link_sent(hand.side.link, sent);
		hand_begin(&hand, hand.root_id, 6, TALK_PEER_LATER);
		assert_int_equal(hand_send(&hand), 0);
		answer_later(&hand.root);
		hand_begin(&hand, 0, 0, LINK_CONTROL_PING);
		lwl_put_u64(&hand.w, 1, 44);
		assert_int_equal(hand_send(&hand), 0);
		/* One slice at a time is enough to get there. */
		n = lwl_link_flush(hand.side.link, slices, 1, hand.now);
		assert_int_equal(n, 1);
		assert_int_equal(slices[0].len, 60024 - sent);
		n = lwl_link_flush(hand.side.link, slices, 8, hand.now);
		assert_int_equal(n, 3);
		hand_expect(&hand, TALK_PEER_ECHO | LWL_RESPONSE);
		hand_expect(&hand, LINK_CONTROL_PONG);
		hand_expect(&hand, TALK_PEER_LATER | LWL_RESPONSE);
		hand_fini(&hand);
	}
}

static unsigned wakes;

static void count_wake(void *ctx)
{
	assert_ptr_equal(ctx, &wakes);
	wakes++;
}

static void wake_from_inside(struct object *object, struct lwl_call *call)
{
	(void)object;
	assert_int_equal(lwl_link_open(lwl_call_link(call), "root", &talk_peer_interface, opened,
				       object->ctx), 0);
}

/* Once for all that is to be flushed, and not for what is done from inside the link. */
static void test_wake(void **state)
{
	static const struct lwl_transport transport = { .wake = count_wake };
	struct talk talk;
	struct answer answer = { 0 }, later = { 0 };
	struct lwl_slice slices[8];

	(void)state;
	talk_init(&talk, NULL, NULL);
	lwl_link_set_transport(talk.pair.b.link, &transport, &wakes);
	wakes = 0;
	talk.at_b.hook = wake_from_inside;
	talk.at_b.ctx = &answer;
	assert_int_equal(call_later(talk.pair.a.link, talk.of_b, 0, &later), 0);
	pump(&talk.pair);
	talk.at_b.hook = NULL;
	assert_int_equal(answer.count, 1);
	assert_int_equal(wakes, 0);
	assert_int_equal(call_echo(talk.pair.b.link, talk.of_a, 5, &answer), 0);
	assert_int_equal(call_echo(talk.pair.b.link, talk.of_a, 5, &answer), 0);
	assert_int_equal(wakes, 1);
	pump(&talk.pair);
	assert_int_equal(answer.count, 3);
	assert_int_equal(answer_later(&talk.at_b), 0);
	assert_int_equal(wakes, 2);
	pump(&talk.pair);
	assert_int_equal(lwl_link_keep(talk.pair.b.link, talk.of_a), 0);
	assert_int_equal(lwl_link_drop(talk.pair.b.link, talk.of_a), 0);
	assert_int_equal(wakes, 3);
	lwl_link_broken(talk.pair.b.link, 0, talk.pair.now);
	assert_int_equal(wakes, 3);
	assert_int_equal(lwl_link_flush(talk.pair.b.link, slices, 8, talk.pair.now), 0);
	assert_int_equal(talk.pair.b.ends, 1);
	lwl_link_end(talk.pair.a.link, 0, NULL);
	pair_fini(&talk.pair);
}

/* Two links and the time: acks, pings, and a peer that is silent. */
static void test_time(void **state)
{
	const struct lwl_link_config config = { .limits = { .keepalive_ms = 1000 } };
	struct talk talk;
	struct answer answer = { 0 };
	unsigned i;

	(void)state;
	talk_init(&talk, &config, &config);
	for (i = 0; i < 20; i++)
		pass(&talk.pair, 900000);
	assert_true(lwl_link_is_up(talk.pair.a.link));
	assert_true(lwl_link_is_up(talk.pair.b.link));
	assert_true(lwl_link_deadline(talk.pair.a.link) > talk.pair.now);
	assert_int_equal(call_echo(talk.pair.a.link, talk.of_b, 1, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(lwl_link_deadline(talk.pair.b.link), talk.pair.now + 100000);
	pass(&talk.pair, 100000);
	assert_int_equal(stats_of(&talk.pair.b).bytes_unacked, 0);
	/* From here on nothing arrives. */
	talk.pair.cut = true;
	pass(&talk.pair, 1000000);
	assert_int_equal(talk.pair.a.ends, 0);
	pass(&talk.pair, 1000000);
	assert_int_equal(talk.pair.a.ends, 1);
	assert_int_equal(talk.pair.a.status, -LWL_ETIMEDOUT);
	assert_string_equal(talk.pair.a.reason, "the peer is silent");
	assert_int_equal(talk.pair.b.status, -LWL_ETIMEDOUT);
	assert_true(lwl_link_is_done(talk.pair.a.link));
	pair_fini(&talk.pair);
	/* A handshake that does not come about. */
	talk_make(&talk, &config, &config);
	pair_connect(&talk.pair);
	talk.pair.cut = true;
	assert_int_equal(lwl_link_deadline(talk.pair.a.link), talk.pair.now + 1000000);
	pass(&talk.pair, 999999);
	assert_int_equal(talk.pair.a.ends + talk.pair.b.ends, 0);
	pass(&talk.pair, 1);
	assert_int_equal(talk.pair.a.ends + talk.pair.b.ends, 2);
	assert_int_equal(talk.pair.a.status, -LWL_ETIMEDOUT);
	assert_int_equal(talk.pair.b.status, -LWL_ETIMEDOUT);
	assert_int_equal(talk.pair.a.ups + talk.pair.b.ups, 0);
	pair_fini(&talk.pair);
}

/* A clock that goes backwards is not believed. */
static void test_clock(void **state)
{
	struct talk talk;
	struct answer answer = { 0 };

	(void)state;
	talk_init(&talk, NULL, NULL);
	talk.pair.now += 5000000;
	pump(&talk.pair);
	talk.pair.now = 3;
	lwl_link_set_timeout(talk.pair.a.link, SECOND);
	assert_int_equal(call_later(talk.pair.a.link, talk.of_b, 1, &answer), 0);
	pump(&talk.pair);
	lwl_link_tick(talk.pair.a.link, 4);
	assert_int_equal(answer.count, 0);
	assert_int_equal(lwl_link_deadline(talk.pair.a.link), 6000000 + SECOND);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 1);
	talk_fini(&talk);
}

/* ---- cut at every byte ---- */

struct play {
	struct talk talk;
	struct answer open, echo, make, give, later;
	unsigned begun;			/* commands that got their 0 */
	unsigned deaths;
};

static void play_died(void *ctx, uint64_t id)
{
	struct play *play = ctx;

	play->deaths++;
	assert_int_equal(lwl_link_drop(play->talk.pair.a.link, id), 0);
}

static void play_made(struct answer *answer)
{
	struct play *play = answer->ctx;
	struct lwl_link *link = play->talk.pair.a.link;

	if (answer->status != 0)
		return;
	assert_int_equal(lwl_link_watch(link, answer->id, play_died, play), 0);
	assert_int_equal(call_give(link, play->open.id, answer->id, false, &play->give), 0);
	assert_int_equal(send_note(link, answer->id, 1, answer->id), 0);
	play->begun++;
}

static void play_opened(struct answer *answer)
{
	struct play *play = answer->ctx;
	struct lwl_link *link = play->talk.pair.a.link;

	if (answer->status != 0)
		return;
	assert_int_equal(call_echo(link, answer->id, 20, &play->echo), 0);
	assert_int_equal(call_later(link, answer->id, 20, &play->later), 0);
	assert_int_equal(call_make(link, answer->id, 1, &play->make), 0);
	play->begun += 3;
}

static void play_up(struct side *side)
{
	struct play *play = side->ctx;

	assert_int_equal(lwl_link_open(side->link, "root", &talk_peer_interface, opened,
				       &play->open), 0);
	play->begun++;
}

static void play_init(struct play *play)
{
	struct pair *p = &play->talk.pair;

	memset(play, 0, sizeof *play);
	talk_make(&play->talk, NULL, NULL);
	p->a.on_up = play_up;
	p->a.ctx = play;
	play->open.keeper = play->make.keeper = p->a.link;
	play->open.ctx = play->make.ctx = play;
	play->open.hook = play_opened;
	play->make.hook = play_made;
	pair_connect(p);
}

/* Everything up to a number of bytes, of both together.  False: there were not as many. */
static bool play_until(struct play *play, uint64_t bytes)
{
	struct pair *p = &play->talk.pair;
	size_t moved;

	do {
		moved = carry(p, &p->a, &p->b, (size_t)(bytes - p->a.bytes - p->b.bytes));
		moved += carry(p, &p->b, &p->a, (size_t)(bytes - p->a.bytes - p->b.bytes));
	} while (moved > 0);
	return p->a.bytes + p->b.bytes == bytes;
}

static void test_cut(void **state)
{
	static struct play play;
	uint64_t bytes;
	bool more = true;

	(void)state;
	for (bytes = 0; more; bytes++) {
		struct pair *p = &play.talk.pair;
		struct lwl_slice slices[8];
		struct lwl_link_stats stats;

		play_init(&play);
		more = play_until(&play, bytes);
		p->cut = true;
		lwl_link_broken(p->a.link, 0, p->now);
		lwl_link_broken(p->b.link, -LWL_ECONNRESET, p->now);
		assert_int_equal(lwl_link_flush(p->a.link, slices, 8, p->now), 0);
		assert_int_equal(lwl_link_flush(p->b.link, slices, 8, p->now), 0);
		assert_int_equal(p->a.ends, 1);
		assert_int_equal(p->b.ends, 1);
		assert_int_equal(p->a.status, -LWL_ECONNRESET);
		assert_int_equal(p->b.status, -LWL_ECONNRESET);
		/* Each command has its answer, and what was kept has died. */
		assert_int_equal(play.open.count + play.echo.count + play.make.count + play.give.count +
				 play.later.count, play.begun);
		assert_int_equal(play.deaths, play.make.ids);
		assert_int_equal(lwl_link_drop(p->a.link, play.open.id),
				 play.open.ids > 0 ? 0 : -LWL_ENOENDPOINT);
		stats = stats_of(&p->a);
		assert_int_equal(stats.held + stats.calls_out + stats.hosted, 0);
		stats = stats_of(&p->b);
		assert_int_equal(stats.held_references + stats.hosted_references, 0);
		assert_int_equal(stats.calls_in, play.talk.at_b.later_count);
		if (play.talk.at_b.later_count > 0) {
			assert_int_equal(play.talk.at_b.cancelled, 1);
			assert_int_equal(answer_later(&play.talk.at_b), -LWL_ECONNRESET);
		}
		stats = stats_of(&p->b);
		assert_int_equal(stats.hosted + stats.calls_in, 0);
		pair_fini(p);
	}
	/* The whole of it. */
	assert_true(bytes > 700);
	assert_int_equal(play.begun, 5);
	assert_int_equal(play.later.status, -LWL_EFATE);
	assert_int_equal(play.give.status, 0);
}

/* ---- who does not get in ---- */

static void test_refused(void **state)
{
	struct hand hand;

	(void)state;
	hand_make(&hand, NULL);
	hand.limits.window = 131071;
	assert_int_equal(lwl_link_connected(hand.side.link, false, hand.now), 0);
	hand_put_hello(&hand);
	assert_int_equal(hand_feed(&hand, hand.msg, lwl_writer_size(&hand.w)), -LWL_EREFUSED);
	hand_expect(&hand, LINK_CONTROL_WELCOME);
	assert_null(hand_next(&hand));
	assert_int_equal(hand.side.ups, 0);
	assert_int_equal(hand.side.ends, 1);
	assert_int_equal(hand.side.status, -LWL_EREFUSED);
	assert_true(lwl_link_is_done(hand.side.link));
	hand_fini(&hand);
	/* Both sides see it. */
	{
		struct pair p;
		const struct lwl_link_config config = { 0 };

		pair_make(&p, &config, &config);
		assert_int_equal(lwl_link_connected(p.a.link, true, p.now), 0);
		assert_int_equal(lwl_link_connected(p.b.link, true, p.now), 0);
		pump(&p);
		assert_int_equal(p.b.ends, 1);
		assert_int_equal(p.b.status, -LWL_EMALFORMED);
		assert_non_null(strstr(p.b.reason, "something else came instead of a welcome"));
		lwl_link_broken(p.a.link, 0, p.now);
		pump(&p);
		assert_int_equal(p.a.ends, 1);
		assert_int_equal(p.a.status, -LWL_ECONNRESET);
		pair_fini(&p);
	}
}

/* ---- in order ---- */

static void test_shutdown(void **state)
{
	struct talk talk;
	struct pair *p = &talk.pair;
	struct answer a = { 0 }, b = { 0 }, refused = { 0 };

	(void)state;
	talk_init(&talk, NULL, NULL);
	assert_int_equal(call_later(p->a.link, talk.of_b, 1, &a), 0);
	assert_int_equal(call_later(p->b.link, talk.of_a, 2, &b), 0);
	pump(p);
	lwl_link_shutdown(p->a.link, 10 * SECOND);
	assert_int_equal(lwl_link_deadline(p->a.link), p->now + 100000);
	pump(p);
	/* No more of ours, and no more of the peer's. */
	assert_int_equal(call_echo(p->a.link, talk.of_b, 1, &refused), -LWL_ESHUTDOWN);
	assert_int_equal(send_note(p->a.link, talk.of_b, 1, 0), -LWL_ESHUTDOWN);
	assert_int_equal(lwl_link_open(p->a.link, "root", &talk_peer_interface, opened, &refused),
			 -LWL_ESHUTDOWN);
	assert_int_equal(call_echo(p->b.link, talk.of_a, 1, &refused), 0);
	pump(p);
	assert_int_equal(refused.count, 1);
	assert_int_equal(refused.status, -LWL_ENOTRUN);
	assert_int_equal(lwl_link_open(p->b.link, "root", &talk_peer_interface, opened, &refused), 0);
	pump(p);
	assert_int_equal(refused.count, 2);
	assert_int_equal(refused.status, -LWL_ENOTRUN);
	assert_int_equal(p->a.ends, 0);
	/* What runs is answered. */
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(p);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.status, 0);
	assert_int_equal(p->a.ends, 0);
	assert_int_equal(answer_later(&talk.at_a), 0);
	pump(p);
	assert_int_equal(b.count, 1);
	assert_int_equal(b.status, 0);
	assert_int_equal(p->a.ends, 1);
	assert_int_equal(p->b.ends, 1);
	assert_int_equal(p->a.status, 0);
	assert_int_equal(p->b.status, 0);
	assert_string_equal(p->a.reason, "closed");
	assert_string_equal(p->b.reason, "the peer closed the link");
	assert_int_equal(talk.at_a.cancelled + talk.at_b.cancelled, 0);
	/* And afterwards it is over. */
	assert_int_equal(call_echo(p->b.link, talk.of_a, 1, &refused), -LWL_ENOTCONN);
	pair_fini(p);
}

static void test_shutdown_timeout(void **state)
{
	struct talk talk;
	struct pair *p = &talk.pair;
	struct answer a = { 0 }, b = { 0 };

	(void)state;
	talk_init(&talk, NULL, NULL);
	pass(p, 100000);
	assert_int_equal(call_later(p->a.link, talk.of_b, 1, &a), 0);
	assert_int_equal(call_later(p->b.link, talk.of_a, 2, &b), 0);
	pump(p);
	pass(p, 100000);
	lwl_link_shutdown(p->a.link, 5 * SECOND);
	lwl_link_shutdown(p->a.link, 10 * SECOND);
	/* The time begins when the link is run. */
	lwl_link_tick(p->a.link, p->now);
	assert_int_equal(lwl_link_deadline(p->a.link), p->now + 5 * SECOND);
	lwl_link_shutdown(p->a.link, 3 * SECOND);
	lwl_link_tick(p->a.link, p->now);
	assert_int_equal(lwl_link_deadline(p->a.link), p->now + 3 * SECOND);
	lwl_link_shutdown(p->a.link, UINT64_MAX);
	pump(p);
	pass(p, 3 * SECOND - 1);
	assert_int_equal(p->a.ends, 0);
	pass(p, 1);
	assert_int_equal(p->a.ends, 1);
	assert_int_equal(p->b.ends, 1);
	assert_int_equal(a.status, -LWL_EFATE);
	assert_int_equal(b.status, -LWL_EFATE);
	assert_int_equal(p->a.status, 0);
	assert_int_equal(p->b.status, 0);
	assert_int_equal(talk.at_a.cancelled, 1);
	assert_int_equal(talk.at_b.cancelled, 1);
	assert_int_equal(answer_later(&talk.at_a), -LWL_ENOTCONN);
	assert_int_equal(answer_later(&talk.at_b), -LWL_ENOTCONN);
	pair_fini(p);
	assert_int_equal(a.count, 1);
	assert_int_equal(b.count, 1);
}

/* Both at once, and with more answers than find room at first. */
static void test_shutdown_both(void **state)
{
	const struct lwl_link_config small = { .limits = { .window = 131072 }, .ring = 131072 };
	struct talk talk;
	struct pair *p = &talk.pair;
	struct answer a = { 0 }, b = { 0 };
	unsigned i;

	(void)state;
	talk_init(&talk, &small, &small);
	for (i = 0; i < 2; i++) {
		assert_int_equal(call_echo(p->a.link, talk.of_b, 50000, &a), 0);
		assert_int_equal(call_echo(p->b.link, talk.of_a, 50000, &b), 0);
	}
	carry(p, &p->a, &p->b, SIZE_MAX);
	assert_int_equal(talk.at_b.runs, 2);
	assert_true(stats_of(&p->b).held_bytes > 0);
	lwl_link_shutdown(p->b.link, 60 * SECOND);
	lwl_link_shutdown(p->a.link, 60 * SECOND);
	pump(p);
	for (i = 0; i < 10; i++)
		pass(p, 100000);
	assert_int_equal(a.count, 2);
	assert_int_equal(a.status, 0);
	assert_int_equal(b.count, 2);
	/* These came after the shutdown of the other side. */
	assert_int_equal(b.status, -LWL_ENOTRUN);
	assert_int_equal(p->a.ends, 1);
	assert_int_equal(p->b.ends, 1);
	assert_int_equal(p->a.status, 0);
	assert_int_equal(p->b.status, 0);
	pair_fini(p);
}

/* A command whose time is over is waited for: its answer says whether it ran, if to nobody. */
static void test_shutdown_late_answer(void **state)
{
	struct talk talk;
	struct pair *p = &talk.pair;
	struct answer a = { 0 };

	(void)state;
	talk_init(&talk, NULL, NULL);
	lwl_link_set_timeout(p->a.link, SECOND);
	assert_int_equal(call_later(p->a.link, talk.of_b, 1, &a), 0);
	pump(p);
	pass(p, SECOND);
	assert_int_equal(a.status, -LWL_EDEADLINE);
	lwl_link_shutdown(p->a.link, 10 * SECOND);
	pump(p);
	assert_int_equal(p->a.ends, 0);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(p);
	assert_int_equal(p->a.ends, 1);
	assert_int_equal(a.count, 1);
	pair_fini(p);
}

/* During the handshake. */
static void test_shutdown_early(void **state)
{
	const struct lwl_link_config config = { 0 };
	struct pair p;

	(void)state;
	pair_init(&p, &config, &config);
	carry(&p, &p.a, &p.b, SIZE_MAX);
	lwl_link_shutdown(p.a.link, SECOND);
	pump(&p);
	assert_int_equal(p.a.ends, 1);
	assert_int_equal(p.a.status, 0);
	lwl_link_broken(p.b.link, 0, p.now);
	pump(&p);
	assert_int_equal(p.b.ends, 1);
	pair_fini(&p);
}

/* ---- the end, from wherever ---- */

static void end_from_call(struct object *object, struct lwl_call *call)
{
	(void)object;
	lwl_link_end(lwl_call_link(call), LWL_ENOSPC, "no more space");
}

static void end_from_answer(struct answer *answer)
{
	lwl_link_end(answer->ctx, LWL_ENOSPC, "no more space");
}

static void end_from_side(struct side *side)
{
	lwl_link_end(side->link, LWL_ENOSPC, "no more space");
}

static void end_from_death(void *ctx, uint64_t id)
{
	(void)id;
	lwl_link_end(ctx, LWL_ENOSPC, "no more space");
}

static void end_from_closed(void *self)
{
	end_from_death(self, 0);
}

static void end_from_cancel(void *ctx, struct lwl_call *call)
{
	(void)ctx;
	lwl_link_end(lwl_call_link(call), LWL_ENOSPC, "no more space");
}

enum place {
	IN_CALL, IN_ONEWAY, IN_ANSWER, IN_OPENED, IN_DEATH, IN_CLOSED, IN_CANCEL, IN_DEADLINE, IN_UP, IN_PEERS_UP,
	IN_ROOM, PLACES
};

/* The program ends side b from inside one of its functions; side a hears why. */
static void end_in(enum place place)
{
	const struct lwl_link_config small = { .ring = 131072 };
	struct talk talk;
	struct pair *p = &talk.pair;
	struct side *ender = &p->b, *other = &p->a;
	struct answer answer = { 0 }, second = { 0 };
	uint64_t id;

	if (place == IN_UP || place == IN_PEERS_UP) {
		talk_make(&talk, NULL, NULL);
		ender = place == IN_UP ? &p->a : &p->b;
		other = place == IN_UP ? &p->b : &p->a;
		ender->on_up = end_from_side;
		pair_connect(p);
	} else {
		talk_init(&talk, NULL, &small);
	}
	answer.ctx = p->b.link;
	switch (place) {
	case IN_CALL:
		talk.at_b.hook = end_from_call;
		assert_int_equal(call_echo(p->a.link, talk.of_b, 100, &second), 0);
		assert_int_equal(call_echo(p->a.link, talk.of_b, 100, &second), 0);
		break;
	case IN_ONEWAY:
		talk.at_b.hook = end_from_call;
		assert_int_equal(send_note(p->a.link, talk.of_b, 100, 0), 0);
		assert_int_equal(send_note(p->a.link, talk.of_b, 100, 0), 0);
		break;
	case IN_ANSWER:
		answer.hook = end_from_answer;
		assert_int_equal(call_make(p->b.link, talk.of_a, 3, &answer), 0);
		assert_int_equal(call_echo(p->b.link, talk.of_a, 3, &second), 0);
		break;
	case IN_OPENED:
		answer.hook = end_from_answer;
		assert_int_equal(lwl_link_open(p->b.link, "root", &talk_peer_interface, opened,
					       &answer), 0);
		break;
	case IN_DEATH:
		answer.keeper = p->b.link;
		assert_int_equal(call_make(p->b.link, talk.of_a, 1, &answer), 0);
		pump(p);
		assert_int_equal(lwl_link_watch(p->b.link, answer.id, end_from_death, p->b.link), 0);
		assert_int_equal(lwl_link_revoke(p->a.link, answer.id), 0);
		break;
	case IN_CLOSED:
		assert_int_equal(lwl_link_host(p->b.link, &talk_peer_interface, &peer_ops, p->b.link,
					       end_from_closed, &id), 0);
		assert_int_equal(lwl_link_revoke(p->b.link, id), 0);
		break;
	case IN_CANCEL:
		assert_int_equal(call_later(p->a.link, talk.of_b, 1, &second), 0);
		pump(p);
		lwl_call_on_cancel(talk.at_b.later[0], end_from_cancel, NULL);
		assert_int_equal(lwl_call_cancel(p->a.link, lwl_call_last(p->a.link)), 0);
		break;
	case IN_DEADLINE:
		lwl_link_set_timeout(p->b.link, SECOND);
		answer.hook = end_from_answer;
		assert_int_equal(call_later(p->b.link, talk.of_a, 1, &answer), 0);
		pump(p);
		pass(p, SECOND);
		break;
	case IN_ROOM:
		p->b.on_room = end_from_side;
		while (call_echo(p->b.link, talk.of_a, 60000, &second) == 0)
			;
		break;
	default:
		break;
	}
	pump(p);
	if (place == IN_ROOM)
		pass(p, 100000);
	assert_int_equal(ender->ends, 1);
	assert_int_equal(ender->status, -LWL_ENOSPC);
	assert_non_null(strstr(ender->reason, "no more space"));
	assert_int_equal(other->ends, 1);
	assert_int_equal(other->status, -LWL_ENOSPC);
	assert_non_null(strstr(other->reason, "no more space"));
	assert_true(lwl_link_is_done(ender->link));
	assert_true(lwl_link_is_done(other->link));
	while (talk.at_a.later_count > 0)
		answer_later(&talk.at_a);
	while (talk.at_b.later_count > 0)
		answer_later(&talk.at_b);
	assert_int_equal(stats_of(ender).calls_out + stats_of(ender).calls_in + stats_of(ender).hosted, 0);
	assert_int_equal(stats_of(other).calls_out + stats_of(other).calls_in + stats_of(other).hosted, 0);
	pair_fini(p);
}

static void test_end_inside(void **state)
{
	uint32_t place;

	(void)state;
	for (place = 0; place < PLACES; place++)
		end_in((enum place)place);
}

/*
 * The end of the program's own making comes behind what has been committed, and that behind what is
 * half sent; wherever it comes.
 */
static void test_end_behind(void **state)
{
	uint32_t sent;

	(void)state;
	for (sent = 0; sent < 60000; sent += sent < 96 ? 1 : 7001) {
		struct hand hand;
		struct lwl_slice slices[8];
		struct link_control_goodbye_msg in;
		const uint8_t *msg;
		uint32_t left = sent;
		unsigned i, n;
		int code = -1;

		hand_init(&hand, NULL, sent % 2 == 0);
		hand_begin(&hand, 0, 0, LINK_CONTROL_PING);
		lwl_put_u64(&hand.w, 1, 44);
		assert_int_equal(hand_send(&hand), 0);
		hand_begin(&hand, hand.root_id, 5, TALK_PEER_ECHO);
		lwl_put_bytes(&hand.w, 1, 0, 60000, lwl_bytes_of(bulk, 60000));
		assert_int_equal(hand_send(&hand), 0);
		n = lwl_link_flush(hand.side.link, slices, 8, hand.now);
		for (i = 0; i < n && left > 0; i++) {
			size_t some = left < slices[i].len ? left : slices[i].len;

			memcpy(hand.out + hand.end, slices[i].data, some);
			hand.end += (uint32_t)some;
			left -= (uint32_t)some;
		}
		lwl_link_sent(hand.side.link, sent);
		/* Something more without a number is due. */
		hand_begin(&hand, 0, 0, LINK_CONTROL_PING);
		lwl_put_u64(&hand.w, 1, 45);
		assert_int_equal(hand_send(&hand), 0);
		lwl_link_end(hand.side.link, LWL_EBUSY, "other things to do");
		hand_pull(&hand);
		/* In whatever order, but whole, and the goodbye is the last. */
		n = 0;
		while ((msg = hand_next(&hand)) != NULL && hand.h.command != LINK_CONTROL_GOODBYE)
			n += hand.h.command == (TALK_PEER_ECHO | LWL_RESPONSE);
		assert_int_equal(n, 1);
		assert_non_null(msg);
		assert_int_equal(link_control_goodbye_msg_decode(&in, msg, hand.len, NULL), 0);
		assert_int_equal(in.code, LWL_EBUSY);
		assert_null(hand_next(&hand));
		assert_true(lwl_link_is_done(hand.side.link));
		assert_string_equal(lwl_link_goodbye(hand.side.link, &code), "other things to do");
		assert_int_equal(code, LWL_EBUSY);
		hand_fini(&hand);
	}
}

/* Shut down as soon as the session is in force. */
static void shutdown_from_side(struct side *side)
{
	lwl_link_shutdown(side->link, SECOND);
}

static void test_shutdown_when_up(void **state)
{
	const struct lwl_link_config config = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct pair p;

		pair_make(&p, &config, &config);
		(i == 0 ? &p.a : &p.b)->on_up = shutdown_from_side;
		pair_connect(&p);
		pump(&p);
		assert_int_equal(p.a.ends, 1);
		assert_int_equal(p.b.ends, 1);
		assert_int_equal(i == 0 ? p.a.status : p.b.status, 0);
		assert_int_equal(i == 0 ? p.b.status : p.a.status, i == 0 ? 0 : -LWL_EREFUSED);
		pair_fini(&p);
	}
}

/* ---- what comes when, at the end ---- */

static void tell_answer(struct answer *answer)
{
	tell('a');
	/* Nothing can be begun any more, from inside as well as later. */
	assert_true(call_echo(answer->ctx, answer->id, 1, answer) < 0);
	assert_int_not_equal(send_note(answer->ctx, answer->id, 1, 0), 0);
}

static void tell_death(void *ctx, uint64_t id)
{
	(void)ctx;
	(void)id;
	tell('d');
}

static void tell_closed(void *self)
{
	(void)self;
	tell('c');
}

static void tell_end(struct side *side)
{
	(void)side;
	tell('e');
}

static void tell_cancel(void *ctx, struct lwl_call *call)
{
	(void)ctx;
	(void)call;
	tell('x');
}

static void test_order_of_the_end(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct talk talk;
		struct pair *p = &talk.pair;
		struct answer answer = { 0 }, make = { 0 }, of_b = { 0 };
		uint64_t id;

		talk_init(&talk, NULL, NULL);
		make.keeper = p->a.link;
		assert_int_equal(call_make(p->a.link, talk.of_b, 2, &make), 0);
		pump(p);
		assert_int_equal(lwl_link_watch(p->a.link, make.id, tell_death, NULL), 0);
		assert_int_equal(lwl_link_watch(p->a.link, make.id - 1, tell_death, NULL), 0);
		assert_int_equal(lwl_link_watch(p->a.link, talk.of_b, tell_death, NULL), 0);
		assert_int_equal(lwl_link_host(p->a.link, &talk_peer_interface, &peer_ops, NULL,
					       tell_closed, &id), 0);
		assert_int_equal(send_note(p->a.link, talk.of_b, 1, id), 0);
		p->a.on_end = tell_end;
		answer.ctx = p->a.link;
		answer.id = talk.of_b;
		answer.hook = tell_answer;
		assert_int_equal(call_later(p->a.link, talk.of_b, 1, &answer), 0);
		assert_int_equal(call_later(p->a.link, make.id, 1, &answer), 0);
		assert_int_equal(call_later(p->b.link, talk.of_a, 1, &of_b), 0);
		pump(p);
		/* The note's end point went back to us. */
		assert_string_equal(story, "c");
		story[0] = '\0';
		assert_int_equal(lwl_link_host(p->a.link, &talk_peer_interface, &peer_ops, NULL,
					       tell_closed, &id), 0);
		lwl_call_on_cancel(talk.at_a.later[0], tell_cancel, NULL);
		if (i == 0)
			lwl_link_broken(p->a.link, -LWL_EPIPE, p->now);
		else if (i == 1)
			lwl_link_end(p->a.link, LWL_EIO, "enough");
		else if (i == 2)
			lwl_link_end(p->b.link, 0, "enough");
		assert_string_equal(story, "");
		if (i == 3)
			lwl_link_free(p->a.link);
		else
			pump(p);
		assert_string_equal(story, "aaxdddce");
		/* A call that came in can be answered still, and dead end points be dropped. */
		if (i == 3) {
			answer_later(&talk.at_a);
			lwl_link_free(p->b.link);
			while (talk.at_b.later_count > 0)
				answer_later(&talk.at_b);
			continue;
		}
		assert_int_equal(lwl_link_watch(p->a.link, make.id, tell_death, NULL), -LWL_EGONE);
		assert_int_equal(lwl_link_drop(p->a.link, make.id), 0);
		assert_int_equal(lwl_link_drop(p->a.link, make.id), -LWL_ENOENDPOINT);
		assert_true(answer_later(&talk.at_a) < 0);
		while (talk.at_b.later_count > 0)
			answer_later(&talk.at_b);
		pair_fini(p);
	}
}

/* Not executed, or nobody knows: by what was sent, and by what the peer says that it has taken in. */
static void test_fate(void **state)
{
	static const struct {
		bool goodbye;
		uint64_t received;	/* above what came before the commands */
		const char *fates;	/* `f`ate unknown, `n`ot run; the last two have not been sent whole */
	} cases[] = {
		{ false, 0, "ffffn" }, { true, 0, "nnnnn" }, { true, 1, "fnnnn" }, { true, 2, "ffnnn" },
		{ true, 3, "fffnn" }, { true, 4, "ffffn" },
		/* That cannot be: nothing is known then but what was sent. */
		{ true, 5, "ffffn" }, { true, UINT64_MAX / 2, "ffffn" }
	};
	uint32_t i, j;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct hand hand;
		struct answer answers[5];
		struct lwl_slice slices[8];
		uint32_t before;
		uint64_t id;

		memset(answers, 0, sizeof answers);
		hand_init(&hand, NULL, i % 2 == 0);
		/* An end point of the hand's, which the link keeps. */
		id = hand_id(&hand, 1, 0);
		hand_begin(&hand, hand.root_id, 7, TALK_PEER_GIVE);
		lwl_put_link(&hand.w, 1, id);
		lwl_put_bool(&hand.w, 2, true);
		assert_int_equal(hand_send(&hand), 0);
		hand_expect(&hand, TALK_PEER_GIVE | LWL_RESPONSE);
		for (j = 0; j < 3; j++)
			assert_int_equal(call_later(hand.side.link, id, j, &answers[j]), 0);
		hand_pull(&hand);
		before = (uint32_t)hand.received;
		for (; j < 5; j++)
			assert_int_equal(call_later(hand.side.link, id, j, &answers[j]), 0);
		/* The fourth in part. */
		assert_true(lwl_link_flush(hand.side.link, slices, 8, hand.now) > 0);
		lwl_link_sent(hand.side.link, 8);
		if (cases[i].goodbye) {
			const struct link_control_goodbye_msg out = { .received = before + cases[i].received };

			lwl_writer_init(&hand.w, hand.msg, sizeof hand.msg, 0, 0);
			assert_int_equal(link_control_goodbye_msg_encode(&hand.w, &out), 0);
			assert_int_equal(hand_feed(&hand, hand.msg, lwl_writer_size(&hand.w)),
					 -LWL_ENOTCONN);
		} else {
			lwl_link_broken(hand.side.link, 0, hand.now);
		}
		assert_int_equal(lwl_link_flush(hand.side.link, slices, 8, hand.now), 0);
		for (j = 0; j < 5; j++) {
			assert_int_equal(answers[j].count, 1);
			assert_int_equal(answers[j].status,
					 cases[i].fates[j] == 'f' ? -LWL_EFATE : -LWL_ENOTRUN);
		}
		hand_fini(&hand);
	}
}

/* A link is freed while calls are not answered: they keep the memory. */
static void test_free_with_calls(void **state)
{
	struct talk talk;
	struct pair *p = &talk.pair;
	struct answer answer = { 0 };
	uint64_t unused;
	unsigned i;

	(void)state;
	talk_init(&talk, NULL, NULL);
	for (i = 0; i < 3; i++) {
		assert_int_equal(call_later(p->a.link, talk.of_b, i, &answer), 0);
		assert_int_equal(call_later(p->b.link, talk.of_a, i, &answer), 0);
	}
	pump(p);
	lwl_link_free(p->a.link);
	lwl_link_free(p->b.link);
	assert_int_equal(p->a.ends, 1);
	assert_int_equal(p->b.ends, 1);
	assert_int_equal(answer.count, 6);
	assert_int_equal(talk.at_a.cancelled, 3);
	assert_int_equal(talk.at_b.cancelled, 3);
	/* The end points they are for are closed with the last of them. */
	for (i = 0; i < 3; i++) {
		assert_int_equal(talk.at_a.closed, 0);
		assert_true(lwl_call_cancelled(talk.at_a.later[0]));
		assert_false(lwl_call_deadline(talk.at_a.later[0], &unused));
		assert_int_equal(answer_later(&talk.at_a), -LWL_ENOTCONN);
	}
	assert_int_equal(talk.at_a.closed, 1);
	assert_int_equal(lwl_call_fail(talk.at_b.later[0], LWL_EIO, "late"), -LWL_ENOTCONN);
	assert_int_equal(lwl_call_fail(talk.at_b.later[1], LWL_EIO, "late"), -LWL_ENOTCONN);
	assert_int_equal(lwl_call_fail(talk.at_b.later[2], LWL_EIO, "late"), -LWL_ENOTCONN);
	assert_int_equal(talk.at_b.closed, 1);
}

/* A call is answered from inside what its end brings about. */
static void answer_on_cancel(void *ctx, struct lwl_call *call)
{
	struct object *object = ctx;

	object->cancelled++;
	assert_true(lwl_call_fail(call, LWL_ECANCELLED, NULL) < 0);
}

static void test_answer_at_the_end(void **state)
{
	struct talk talk;
	struct pair *p = &talk.pair;
	struct answer answer = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		unsigned j;

		talk_init(&talk, NULL, NULL);
		memset(&answer, 0, sizeof answer);
		for (j = 0; j < 3; j++)
			assert_int_equal(call_later(p->a.link, talk.of_b, j, &answer), 0);
		pump(p);
		for (j = 0; j < 3; j++)
			lwl_call_on_cancel(talk.at_b.later[j], answer_on_cancel, &talk.at_b);
		if (i == 0)
			lwl_link_end(p->b.link, 0, NULL);
		pair_fini(p);
		assert_int_equal(talk.at_b.cancelled, 3);
		assert_int_equal(talk.at_b.closed, 1);
		assert_int_equal(answer.count, 3);
	}
}

/* ---- mistakes of the peer's ---- */

/* Something with a structural mistake behind a header: the items, and where the length ends. */
struct shape {
	const char *what;
	uint8_t bytes[104];
	uint16_t size;			/* logical */
};

#define ITEM(id, length) (id) & 0xff, (id) >> 8, (length) & 0xff, (length) >> 8
#define GROUP_1(length) ITEM(0x8001, length), 0, 0, 0, 0

static const struct shape shapes[] = {
	{ "ITEM_HEADER", { ITEM(900, 4), 0, 0, 0, 0, 0 }, 10 },
	{ "ITEM_LENGTH", { ITEM(900, 3) }, 4 },
	{ "ITEM_LENGTH", { ITEM(900, 9), 1, 1, 1, 1 }, 8 },
	{ "NUMBER", { ITEM(0, 4) }, 4 },
	{ "ORDER", { ITEM(900, 4), 0, 0, 0, 0, ITEM(900, 4) }, 12 },
	{ "ORDER", { ITEM(900, 4), 0, 0, 0, 0, ITEM(899, 4) }, 12 },
	{ "DEPTH", { ITEM(0x8000 | 900, 72), 0, 0, 0, 0, GROUP_1(64), GROUP_1(56), GROUP_1(48),
		     GROUP_1(40), GROUP_1(32), GROUP_1(24),
		     GROUP_1(16), GROUP_1(8) }, 72 },
	{ "PADDING", { ITEM(900, 5), 1, 1, 0, 0, ITEM(901, 4) }, 12 },
	{ "PADDING", { ITEM(0x8000 | 900, 8), 0, 0, 1, 0 }, 8 },
	{ "END", { ITEM(900, 4), 0, 0, 0, 0 }, 8 },
	{ "LINK_BIT", { ITEM(0xc000 | 900, 8), 0, 0, 0, 0 }, 8 },
	{ "LINK_BIT", { ITEM(0x8000 | 900, 24), 0, 0, 0, 0, ITEM(0x4001, 16), 0, 0, 0, 0, 1, 0, 0,
			0, 1, 0, 0, 0 },
	  24 },
	{ "LINKID", { ITEM(0x4000 | 900, 16), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 16 },
	{ "ITEM_LENGTH", { ITEM(0x4000 | 900, 8), 0, 0, 0, 0 }, 8 }
};

/* What such items stand in. */
enum carrier {
	TO_ROOT, TO_ROOT_BROKEN, ONEWAY_TO_ROOT, ONEWAY_WITH_MSGID, TWOWAY_WITHOUT, TO_NULL_ENTRY,
	TO_UNKNOWN_COMMAND, TO_OTHER_INTERFACE,
	TO_UNKNOWN, ONEWAY_TO_UNKNOWN, TO_RAW, TO_REVOKED, AS_ANSWER, AS_ANSWER_BROKEN, AS_LATE_ANSWER,
	AS_RAW_ANSWER, TO_OPEN, TO_NOTHING_ON_LINK, AS_RELEASE, AS_ACK, AS_UNKNOWN_UNSEQUENCED, CARRIERS
};

static void swallow(void *self, struct lwl_call *call, const void *msg, size_t len)
{
	(void)msg;
	(void)len;
	((struct object *)self)->runs++;
	if (!lwl_call_is_oneway(call))
		lwl_call_fail(call, LWL_EIO, NULL);
}

static void raw_answered(int status, const void *msg, size_t len, struct lwl_reply *reply,
			 lwl_done_fn *done,
			 void *ctx)
{
	(void)msg;
	(void)len;
	(void)done;
	note_answer(ctx, status, reply);
}

/* Give the link an end point of the hand's to keep: its linkid. */
static uint64_t hand_give(struct hand *hand, uint32_t index)
{
	uint64_t id = hand_id(hand, 1, index);

	hand_begin(hand, hand->root_id, 7, TALK_PEER_GIVE);
	lwl_put_link(&hand->w, 1, id);
	lwl_put_bool(&hand->w, 2, true);
	assert_int_equal(hand_send(hand), 0);
	hand_expect(hand, TALK_PEER_GIVE | LWL_RESPONSE);
	return id;
}

static void break_structure(const struct shape *shape, enum carrier carrier, bool dialled)
{
	struct hand hand;
	struct answer answer = { 0 };
	struct lwl_header h = { .linkid = 0, .msgid = 50, .command = TALK_PEER_LATER, .length = 0 };
	uint8_t msg[LWL_HEADER_SIZE + 256] = { 0 };
	uint32_t size = LWL_HEADER_SIZE;
	unsigned runs;

	hand_init(&hand, NULL, dialled);
	h.linkid = hand.root_id;
	switch (carrier) {
	case TO_ROOT:
		lwl_store32(msg + size, 8 << 16 | 1);
		size += 8;
		break;
	case TO_ROOT_BROKEN:
		/* A value of another size comes first: the decoder stops there. */
		lwl_store32(msg + size, 5 << 16 | 1);
		size += 8;
		break;
	case ONEWAY_TO_ROOT:
		h.msgid = 0;
		h.command = TALK_PEER_NOTE;
		lwl_store32(msg + size, 8 << 16 | 1);
		size += 8;
		break;
	case ONEWAY_WITH_MSGID:
		h.command = TALK_PEER_NOTE;
		break;
	case TWOWAY_WITHOUT:
		h.msgid = 0;
		break;
	case TO_NULL_ENTRY:
		h.command = TALK_PEER_NEVER;
		break;
	case TO_UNKNOWN_COMMAND:
		h.command = 0x01ff;
		break;
	case TO_OTHER_INTERFACE:
		h.command = 0x7f01;
		break;
	case TO_UNKNOWN:
		h.linkid = link_id(&hand, 1, 3);
		break;
	case ONEWAY_TO_UNKNOWN:
		h.linkid = link_id(&hand, 1, 3);
		h.msgid = 0;
		break;
	case TO_RAW:
		assert_int_equal(lwl_link_host_raw(hand.side.link, swallow, &hand.root, NULL,
						   &h.linkid), 0);
		assert_int_equal(send_note(hand.side.link, hand_give(&hand, 0), 0, h.linkid), 0);
		break;
	case TO_REVOKED:
		h.linkid = hand_get(&hand, 1);
		assert_int_equal(lwl_link_revoke(hand.side.link, h.linkid), 0);
		break;
	case AS_ANSWER:
	case AS_ANSWER_BROKEN:
	case AS_LATE_ANSWER:
		h.linkid = hand_give(&hand, 0);
		if (carrier == AS_LATE_ANSWER)
			lwl_link_set_timeout(hand.side.link, SECOND);
		assert_int_equal(call_later(hand.side.link, h.linkid, 1, &answer), 0);
		hand_pull(&hand);
		h.msgid = lwl_call_last(hand.side.link);
		h.command = TALK_PEER_LATER | LWL_RESPONSE;
		lwl_store32(msg + size, (carrier == AS_ANSWER_BROKEN ? 5u : 8u) << 16 | 1);
		size += 8;
		if (carrier == AS_LATE_ANSWER) {
			lwl_link_tick(hand.side.link, hand.now);
			hand.now += SECOND;
			lwl_link_tick(hand.side.link, hand.now);
			assert_int_equal(answer.status, -LWL_EDEADLINE);
		}
		break;
	case AS_RAW_ANSWER:
		h.linkid = hand_give(&hand, 0);
		hand_begin(&hand, 1, 1, TALK_PEER_NEVER);
		assert_int_equal(lwl_call_send(hand.side.link, h.linkid, hand.msg,
					       hand_finish(&hand), raw_answered,
					       NULL, &answer), 0);
		h.msgid = lwl_call_last(hand.side.link);
		h.command = TALK_PEER_NEVER | LWL_RESPONSE;
		break;
	case TO_OPEN:
		h.linkid = 0;
		h.command = LINK_CONTROL_OPEN;
		break;
	case TO_NOTHING_ON_LINK:
		h.linkid = 0;
		h.command = 0x50;
		break;
	case AS_RELEASE:
		h.linkid = 0;
		h.msgid = 0;
		h.command = LINK_CONTROL_RELEASE;
		break;
	case AS_ACK:
		h.linkid = 0;
		h.msgid = 0;
		h.command = LINK_CONTROL_ACK;
		lwl_store32(msg + size, 16 << 16 | 1);
		lwl_store64(msg + size + 8, 1);
		size += 16;
		break;
	default:
		h.linkid = 0;
		h.msgid = 0;
		h.command = 0x30;
		break;
	}
	memcpy(msg + size, shape->bytes, sizeof shape->bytes);
	h.length = (uint16_t)(size + shape->size);
	lwl_header_store(msg, &h);
	hand_pull(&hand);
	runs = hand.root.runs;
	if (hand_feed(&hand, msg, lwl_padded(h.length)) != -LWL_EMALFORMED)
		fail_msg("%s in carrier %d does not end the link", shape->what, carrier);
	hand_expect_end(&hand, shape->what);
	assert_int_equal(hand.root.runs, runs);
	/* It was late, or the mistake is its answer, or the session's end: once in any case. */
	if (carrier == AS_ANSWER || carrier == AS_ANSWER_BROKEN || carrier == AS_RAW_ANSWER)
		assert_int_equal(answer.count, 1);
	hand_fini(&hand);
}

static void test_structure(void **state)
{
	uint32_t i, j;

	(void)state;
	for (i = 0; i < COUNT(shapes); i++) {
		for (j = 0; j < CARRIERS; j++) {
			break_structure(&shapes[i], (enum carrier)j, false);
			break_structure(&shapes[i], (enum carrier)j, true);
		}
	}
}

/* The header itself, and the bytes behind a message. */
static void test_frame_mistakes(void **state)
{
	struct hand hand;
	uint8_t msg[24] = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		hand_init(&hand, NULL, i == 0);
		lwl_store16(msg + 14, 15);
		assert_int_equal(hand_feed(&hand, msg, 16), -LWL_EMALFORMED);
		hand_expect_end(&hand, "LENGTH at offset 14");
		/* What comes behind is of no interest. */
		assert_int_equal(hand_feed(&hand, msg, 24), -LWL_EMALFORMED);
		hand_fini(&hand);
		hand_init(&hand, NULL, i == 0);
		hand_begin(&hand, hand.root_id, 0, TALK_PEER_NOTE);
		lwl_put_u8(&hand.w, 1, 0);
		hand_finish(&hand);
		hand.msg[22] = 1;
		assert_int_equal(hand_feed(&hand, hand.msg, 24), -LWL_EMALFORMED);
		hand_expect_end(&hand, "PADDING at offset 22");
		hand_fini(&hand);
	}
}

/* Everything else that ends a session. */
enum mistake {
	OWN_END_POINT, OWN_END_POINT_ONEWAY, ANSWER_TO_NOTHING, ANSWER_TO_ANOTHER_MSGID, ANSWER_OF_ANOTHER,
	ANSWER_TO_ANOTHER_COMMAND, ANSWER_AGAIN, ANSWER_LATE_AND_AGAIN, ANSWER_ON_LINK, MSGID_IN_USE,
	MSGID_IN_USE_OPEN, RELEASE_TOO_MANY, RELEASE_NOTHING, RELEASE_TWICE, RELEASE_UNKNOWN, RELEASE_STALE,
	RELEASE_OWN, RELEASE_OVERFLOW, GONE_OF_THE_LINK, GONE_GENERATION_0, GONE_TOO_HIGH, GIVE_GENERATION_0,
	GIVE_TOO_HIGH, GIVE_OTHER_GENERATION, GIVE_IN_ANSWER, GIVE_TO_UNKNOWN, GIVE_ON_LINK, ACK_FALLS,
	ACK_TOO_HIGH, TOO_MANY_CALLS, TOO_MANY_BYTES, SECOND_HELLO, SECOND_WELCOME, MISTAKES
};

enum { FEW = 5 };

static void make_mistake(enum mistake mistake, bool dialled)
{
	static const char *const reasons[MISTAKES] = {
		[OWN_END_POINT] = "its sender", [OWN_END_POINT_ONEWAY] = "its sender",
		[ANSWER_TO_NOTHING] = "not asked", [ANSWER_TO_ANOTHER_MSGID] = "not asked",
		[ANSWER_OF_ANOTHER] = "not asked", [ANSWER_TO_ANOTHER_COMMAND] = "not asked",
		[ANSWER_AGAIN] = "not asked", [ANSWER_LATE_AND_AGAIN] = "not asked",
		[ANSWER_ON_LINK] = "not asked", [MSGID_IN_USE] = "still outstanding",
		[MSGID_IN_USE_OPEN] = "still outstanding", [RELEASE_TOO_MANY] = "not held",
		[RELEASE_NOTHING] = "not held", [RELEASE_TWICE] = "not held", [RELEASE_UNKNOWN] = "not held",
		[RELEASE_STALE] = "not held", [RELEASE_OWN] = "not held", [RELEASE_OVERFLOW] = "not held",
		[GONE_OF_THE_LINK] = "cannot host", [GONE_GENERATION_0] = "cannot host",
		[GONE_TOO_HIGH] = "cannot host", [GIVE_GENERATION_0] = "cannot be",
		[GIVE_TOO_HIGH] = "cannot be", [GIVE_OTHER_GENERATION] = "cannot be",
		[GIVE_IN_ANSWER] = "cannot be", [GIVE_TO_UNKNOWN] = "cannot be", [GIVE_ON_LINK] = "cannot be",
		[ACK_FALLS] = "an ack falls", [ACK_TOO_HIGH] = "an ack falls",
		[TOO_MANY_CALLS] = "more commands", [TOO_MANY_BYTES] = "window",
		[SECOND_HELLO] = "second hello", [SECOND_WELCOME] = "second hello"
	};
	const struct lwl_link_config config = { .limits = { .window = 131072, .calls = FEW,
							    .endpoints = FEW } };
	struct hand hand;
	struct answer answer = { 0 };
	uint64_t id;
	uint32_t msgid;
	unsigned i;
	int status;

	hand_init(&hand, &config, dialled);
	id = hand_give(&hand, 0);
	/* A command of the link's, and one of the hand's, are outstanding. */
	assert_int_equal(call_later(hand.side.link, id, 1, &answer), 0);
	msgid = lwl_call_last(hand.side.link);
	assert_int_equal(hand_bare(&hand, hand.root_id, 40, TALK_PEER_LATER), 0);
	hand_pull(&hand);
	switch (mistake) {
	case OWN_END_POINT:
		status = hand_bare(&hand, id, 60, TALK_PEER_LATER);
		break;
	case OWN_END_POINT_ONEWAY:
		status = hand_bare(&hand, id, 0, TALK_PEER_LATER);
		break;
	case ANSWER_TO_NOTHING:
		status = hand_bare(&hand, id, 3, TALK_PEER_LATER | LWL_RESPONSE);
		break;
	case ANSWER_TO_ANOTHER_MSGID:
		status = hand_bare(&hand, id, msgid + (1 << 20), TALK_PEER_LATER | LWL_RESPONSE);
		break;
	case ANSWER_OF_ANOTHER:
		status = hand_bare(&hand, id + 1, msgid, TALK_PEER_LATER | LWL_RESPONSE);
		break;
	case ANSWER_TO_ANOTHER_COMMAND:
		status = hand_bare(&hand, id, msgid, TALK_PEER_ECHO | LWL_RESPONSE);
		break;
	case ANSWER_AGAIN:
		hand_begin(&hand, id, msgid, TALK_PEER_LATER | LWL_RESPONSE);
		lwl_put_u32(&hand.w, 1, 1);
		assert_int_equal(hand_send(&hand), 0);
		assert_int_equal(answer.status, 0);
		status = hand_feed(&hand, hand.msg, lwl_writer_size(&hand.w));
		break;
	case ANSWER_LATE_AND_AGAIN:
		lwl_link_set_timeout(hand.side.link, SECOND);
		assert_int_equal(call_later(hand.side.link, id, 1, &answer), 0);
		hand_pull(&hand);
		lwl_link_tick(hand.side.link, hand.now);
		hand.now += SECOND;
		lwl_link_tick(hand.side.link, hand.now);
		hand_begin(&hand, id, lwl_call_last(hand.side.link), TALK_PEER_LATER | LWL_RESPONSE);
		lwl_put_u32(&hand.w, 1, 1);
		assert_int_equal(hand_send(&hand), 0);
		assert_int_equal(answer.status, -LWL_EDEADLINE);
		assert_int_equal(answer.count, 1);
		status = hand_feed(&hand, hand.msg, lwl_writer_size(&hand.w));
		break;
	case ANSWER_ON_LINK:
		status = hand_bare(&hand, 0, msgid, LINK_CONTROL_OPEN | LWL_RESPONSE);
		break;
	case MSGID_IN_USE:
		status = hand_bare(&hand, hand.root_id, 40, TALK_PEER_ECHO);
		break;
	case MSGID_IN_USE_OPEN:
		hand_begin_open(&hand, 40, "root", "unit.talk.Peer", 3);
		status = hand_send(&hand);
		break;
	case RELEASE_TOO_MANY:
		status = hand_release(&hand, hand.root_id, 2);
		break;
	case RELEASE_NOTHING:
		status = hand_release(&hand, hand.root_id, 0);
		break;
	case RELEASE_TWICE:
		assert_int_equal(hand_release(&hand, hand.root_id, 1), 0);
		status = hand_release(&hand, hand.root_id, 1);
		break;
	case RELEASE_UNKNOWN:
		status = hand_release(&hand, link_id(&hand, 1, 1000), 1);
		break;
	case RELEASE_STALE:
		status = hand_release(&hand, link_id(&hand, 2, 0), 1);
		break;
	case RELEASE_OWN:
		status = hand_release(&hand, id, 1);
		break;
	case RELEASE_OVERFLOW:
		status = hand_release(&hand, hand.root_id, UINT64_MAX);
		break;
	case GONE_OF_THE_LINK:
		status = hand_gone(&hand, hand.root_id);
		break;
	case GONE_GENERATION_0:
		status = hand_gone(&hand, hand_id(&hand, 0, 1));
		break;
	case GONE_TOO_HIGH:
		assert_int_equal(hand_gone(&hand, hand_id(&hand, 1, FEW - 1)), 0);
		status = hand_gone(&hand, hand_id(&hand, 1, FEW));
		break;
	case GIVE_GENERATION_0:
	case GIVE_TOO_HIGH:
	case GIVE_OTHER_GENERATION:
		hand_begin(&hand, hand.root_id, 0, TALK_PEER_NOTE);
		lwl_put_u32(&hand.w, 1, 1);
		lwl_put_link(&hand.w, 2, mistake == GIVE_GENERATION_0 ? hand_id(&hand, 0, 1) :
			     mistake == GIVE_TOO_HIGH ? hand_id(&hand, 1, FEW) : hand_id(&hand, 2, 0));
		i = hand.root.runs;
		status = hand_send(&hand);
		assert_int_equal(hand.root.runs, i);
		break;
	case GIVE_IN_ANSWER:
		hand_begin(&hand, id, msgid, TALK_PEER_LATER | LWL_RESPONSE);
		lwl_put_u32(&hand.w, 1, 1);
		lwl_put_link(&hand.w, 2, hand_id(&hand, 1, FEW));
		status = hand_send(&hand);
		break;
	case GIVE_TO_UNKNOWN:
		hand_begin(&hand, link_id(&hand, 1, 3), 50, TALK_PEER_LATER);
		lwl_put_link(&hand.w, 2, hand_id(&hand, 1, FEW));
		status = hand_send(&hand);
		break;
	case GIVE_ON_LINK:
		hand_begin(&hand, 0, 0, 0x50);
		lwl_put_link(&hand.w, 2, hand_id(&hand, 1, FEW));
		status = hand_send(&hand);
		break;
	case ACK_FALLS:
		assert_int_equal(hand_ack_all(&hand), 0);
		status = hand_ack(&hand, hand.received - 1);
		break;
	case ACK_TOO_HIGH:
		assert_int_equal(hand_ack_all(&hand), 0);
		status = hand_ack(&hand, hand.received + 1);
		break;
	case TOO_MANY_CALLS:
		for (i = 1; i < FEW; i++)
			assert_int_equal(hand_bare(&hand, hand.root_id, 40 + i, TALK_PEER_LATER), 0);
		status = hand_bare(&hand, hand.root_id, 40 + FEW, TALK_PEER_LATER);
		break;
	case TOO_MANY_BYTES:
		/* All in one piece: the link does not come to acknowledge any of it. */
		{
			uint8_t *bytes = malloc(131072 + 65536);
			uint32_t size = 0, one;

			assert_non_null(bytes);
			hand_begin(&hand, hand.root_id, 0, TALK_PEER_BLOB);
			lwl_put_u32(&hand.w, 1, 1);
			lwl_put_bytes(&hand.w, 2, 0, 60000, lwl_bytes_of(bulk, 44000));
			one = hand_finish(&hand);
			while (size <= 131072) {
				memcpy(bytes + size, hand.msg, one);
				size += one;
			}
			status = hand_feed(&hand, bytes, size);
			free(bytes);
		}
		break;
	case SECOND_HELLO:
		hand_put_hello(&hand);
		status = hand_feed(&hand, hand.msg, lwl_writer_size(&hand.w));
		break;
	default:
		hand_put_welcome(&hand);
		status = hand_feed(&hand, hand.msg, lwl_writer_size(&hand.w));
		break;
	}
	if (status != -LWL_EMALFORMED)
		fail_msg("mistake %d does not end the link: %d", mistake, status);
	hand_expect_end(&hand, reasons[mistake]);
	assert_int_equal(answer.count, mistake == ANSWER_LATE_AND_AGAIN ? 2 : 1);
	assert_int_equal(hand.root.cancelled, hand.root.later_count);
	while (hand.root.later_count > 0)
		assert_int_equal(answer_later(&hand.root), -LWL_EMALFORMED);
	assert_int_equal(hand.root.closed, 1);
	hand_fini(&hand);
}

static void test_mistakes(void **state)
{
	uint32_t mistake;

	(void)state;
	for (mistake = 0; mistake < MISTAKES; mistake++) {
		make_mistake((enum mistake)mistake, false);
		make_mistake((enum mistake)mistake, true);
	}
}

/* And both sides know why. */
static void test_mistake_of_a_link(void **state)
{
	static const uint8_t nonsense[16] = { [14] = 3 };
	struct talk talk;
	struct pair *p = &talk.pair;
	size_t room;

	(void)state;
	talk_init(&talk, NULL, NULL);
	memcpy(lwl_link_receive(p->b.link, &room), nonsense, sizeof nonsense);
	assert_int_equal(lwl_link_received(p->b.link, sizeof nonsense, p->now), -LWL_EMALFORMED);
	pump(p);
	assert_int_equal(p->b.status, -LWL_EMALFORMED);
	assert_non_null(strstr(p->b.reason, "LENGTH at offset 14"));
	assert_int_equal(p->a.status, -LWL_EMALFORMED);
	assert_non_null(strstr(p->a.reason, "LENGTH at offset 14"));
	pair_fini(p);
}

/* What is fine although it looks odd: PADs, unsequenced messages that nobody knows. */
static void test_tolerated(void **state)
{
	struct hand hand;
	uint8_t pad[64];
	struct lwl_header h = { .length = sizeof pad };
	unsigned i;

	(void)state;
	hand_init(&hand, NULL, true);
	for (i = 0; i < 3; i++) {
		memset(pad, 0xee, sizeof pad);
		h.msgid = i;
		h.length = (uint16_t)(sizeof pad - i);
		lwl_header_store(pad, &h);
		assert_int_equal(hand_feed(&hand, pad, sizeof pad), 0);
	}
	for (i = 7; i < 0x40; i++)
		assert_int_equal(hand_bare(&hand, 0, 0, (uint16_t)i), 0);
	/* Sequenced ones are counted, and unsequenced ones are not. */
	assert_int_equal(stats_of(&hand.side).messages_in, 1);
	assert_int_equal(hand_bare(&hand, 0, 0, 0x60), 0);
	assert_int_equal(stats_of(&hand.side).messages_in, 2);
	/* The death of what we have never heard of. */
	assert_int_equal(hand_gone(&hand, hand_id(&hand, 4, 4)), 0);
	/* Messages of the link's own that do not decode are not for anybody. */
	hand_begin(&hand, 0, 0, LINK_CONTROL_RELEASE);
	lwl_put_u64(&hand.w, 1, 1);
	assert_int_equal(hand_send(&hand), 0);
	hand_begin(&hand, 0, 0, LINK_CONTROL_GONE);
	lwl_put_u8(&hand.w, 1, 1);
	assert_int_equal(hand_send(&hand), 0);
	assert_int_equal(hand_bare(&hand, 0, 0, LINK_CONTROL_CANCEL), 0);
	assert_int_equal(hand_cancel(&hand, 0), 0);
	assert_int_equal(hand_cancel(&hand, 12345), 0);
	assert_true(lwl_link_is_up(hand.side.link));
	hand_fini(&hand);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_smoke),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_between),
		cmocka_unit_test(test_wake),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_shutdown_timeout),
		cmocka_unit_test(test_shutdown_both),
		cmocka_unit_test(test_shutdown_late_answer),
		cmocka_unit_test(test_shutdown_early),
		cmocka_unit_test(test_shutdown_when_up),
		cmocka_unit_test(test_end_inside),
		cmocka_unit_test(test_end_behind),
		cmocka_unit_test(test_order_of_the_end),
		cmocka_unit_test(test_fate),
		cmocka_unit_test(test_free_with_calls),
		cmocka_unit_test(test_answer_at_the_end),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_frame_mistakes),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_mistake_of_a_link),
		cmocka_unit_test(test_tolerated),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
