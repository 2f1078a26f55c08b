/*
 * Commands over a link: both ways, with end points in them, cancelled, too late, held, refused; opened
 * names; and a random program on both sides, after which every reference must be back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "play.h"

static struct talk talk;

/* The two links. */
#define A (talk.pair.a.link)
#define B (talk.pair.b.link)

static int setup(void **state)
{
	(void)state;
	talk_init(&talk, NULL, NULL);
	return 0;
}

/* Each of these tests ends with the link as it was, and in order. */
static int teardown(void **state)
{
	(void)state;
	pump(&talk.pair);
	pass(&talk.pair, ACK_US);
	talk_is_idle(&talk);
	talk_fini(&talk);
	return 0;
}

static void set_up_with(const struct lwl_link_config *a, const struct lwl_link_config *b)
{
	pair_fini(&talk.pair);
	talk_init(&talk, a, b);
}

/* ---- there and back ---- */

static void test_both_ways(void **state)
{
	struct answer answers[2][20], echo = { 0 };
	unsigned i;

	(void)state;
	memset(answers, 0, sizeof answers);
	for (i = 0; i < 20; i++) {
		assert_int_equal(call_later(A, talk.of_b, 100 + i, &answers[0][i]), 0);
		assert_int_equal(call_later(B, talk.of_a, 200 + i, &answers[1][i]), 0);
		assert_int_equal(call_echo(A, talk.of_b, i, &echo), 0);
		assert_int_equal(call_echo(B, talk.of_a, i, &echo), 0);
		/* Never from inside the call. */
		assert_int_equal(echo.count, 2 * i);
		pump(&talk.pair);
		assert_int_equal(echo.count, 2 * i + 2);
	}
	assert_int_equal(talk.at_a.later_count, 20);
	assert_int_equal(stats_of(&talk.pair.a).calls_out, 20);
	assert_int_equal(stats_of(&talk.pair.a).calls_in, 20);
	/* In any order. */
	for (i = 20; i-- > 0; ) {
		const struct talk_peer_later_rsp rsp = { .tag = i };

		assert_int_equal(talk_peer_later_reply(talk.at_a.later[i], &rsp), 0);
		assert_int_equal(talk_peer_later_reply(talk.at_b.later[i], &rsp), 0);
		pump(&talk.pair);
		assert_int_equal(answers[0][i].count, 1);
		assert_int_equal(answers[0][i].tag, i);
		assert_int_equal(answers[1][i].tag, i);
	}
}

static uint32_t expected_tag;

static void note_in_order(struct object *object, struct lwl_call *call)
{
	assert_int_equal(object->tag, expected_tag);
	expected_tag++;
	assert_true(lwl_call_is_oneway(call));
	assert_ptr_equal(lwl_call_link(call), object->ctx);
	assert_int_equal(lwl_call_linkid(call), talk.of_b);
	assert_int_equal(lwl_call_hold(call), -LWL_EINVAL);
	assert_int_equal(lwl_call_fail(call, LWL_EIO, "nobody hears it"), 0);
}

static void test_oneways(void **state)
{
	unsigned i;

	(void)state;
	expected_tag = 0;
	talk.at_b.hook = note_in_order;
	talk.at_b.ctx = B;
	for (i = 0; i < 500; i++) {
		assert_int_equal(i % 2 == 0 ? send_note(A, talk.of_b, i, 0) : send_blob(A, talk.of_b, i, i), 0);
		if (i % 7 == 0)
			carry(&talk.pair, &talk.pair.a, &talk.pair.b, i);
	}
	pump(&talk.pair);
	assert_int_equal(expected_tag, 500);
	assert_int_equal(stats_of(&talk.pair.a).calls_out, 0);
}

static void look_at_call(struct object *object, struct lwl_call *call)
{
	uint64_t time = 0;

	assert_ptr_equal(lwl_call_link(call), B);
	assert_int_equal(lwl_call_linkid(call), talk.of_b);
	assert_int_equal(lwl_call_command(call), TALK_PEER_LATER);
	assert_false(lwl_call_is_oneway(call));
	assert_false(lwl_call_cancelled(call));
	assert_false(lwl_call_deadline(call, &time));
	assert_null(lwl_call_trace(call));
	object->ctx = call;
}

static void test_call_facts(void **state)
{
	struct answer answer = { 0 };

	(void)state;
	talk.at_b.hook = look_at_call;
	assert_int_equal(call_later(A, talk.of_b, 1, &answer), 0);
	pump(&talk.pair);
	look_at_call(&talk.at_b, talk.at_b.ctx);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 1);
}

/* From inside answers and requests, further commands. */
static void call_again(struct answer *answer)
{
	if (answer->count < 50)
		assert_int_equal(call_echo(A, talk.of_b, answer->count, answer), 0);
}

static void call_back(struct object *object, struct lwl_call *call)
{
	assert_int_equal(call_echo(lwl_call_link(call), talk.of_a, 3, object->ctx), 0);
}

static void test_from_inside(void **state)
{
	struct answer answer = { .hook = call_again }, back = { 0 };

	(void)state;
	talk.at_b.hook = call_back;
	talk.at_b.ctx = &back;
	assert_int_equal(call_echo(A, talk.of_b, 1, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 50);
	assert_int_equal(back.count, 50);
}

/* ---- end points in messages ---- */

static void test_borrowed(void **state)
{
	struct answer make = { 0 }, other = { 0 };
	struct object child = { 0 };

	(void)state;
	talk.at_b.child = &child;
	assert_int_equal(call_make(A, talk.of_b, 100, &make), 0);
	carry(&talk.pair, &talk.pair.a, &talk.pair.b, SIZE_MAX);
	carry(&talk.pair, &talk.pair.b, &talk.pair.a, SIZE_MAX);
	assert_int_equal(make.ids, 100);
	assert_int_equal(lwl_link_references(B, make.id), 1);
	/* The answer has been looked at: it is ours no longer. */
	assert_int_equal(call_echo(A, make.id, 1, &other), -LWL_ENOENDPOINT);
	assert_int_equal(send_note(A, make.id, 1, 0), -LWL_ENOENDPOINT);
	assert_int_equal(call_give(A, talk.of_b, make.id, false, &other), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_link_drop(A, make.id), -LWL_ENOENDPOINT);
	assert_int_equal(stats_of(&talk.pair.a).held, 101);
	pump(&talk.pair);
	assert_int_equal(child.closed, 100);
	assert_int_equal(stats_of(&talk.pair.a).held, 1);
	assert_int_equal(lwl_link_keep(A, make.id), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_link_references(B, make.id), 0);
	assert_null(lwl_link_self(B, make.id, NULL));
}

static void test_kept(void **state)
{
	struct answer make = { .keeper = A }, echo = { 0 };
	struct object child = { 0 };
	unsigned i;

	(void)state;
	talk.at_b.child = &child;
	assert_int_equal(call_make(A, talk.of_b, 3, &make), 0);
	pump(&talk.pair);
	assert_int_equal(make.ids, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(call_echo(A, make.id - i, 1, &echo), 0);
		assert_int_equal(send_note(A, make.id - i, 1, 0), 0);
	}
	pump(&talk.pair);
	assert_int_equal(echo.count, 3);
	assert_int_equal(child.notes, 3);
	/* As often as one likes. */
	assert_int_equal(lwl_link_keep(A, make.id), 0);
	assert_int_equal(lwl_link_drop(A, make.id), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(lwl_link_drop(A, make.id - i), 0);
	assert_int_equal(lwl_link_drop(A, make.id), -LWL_ENOENDPOINT);
	assert_int_equal(call_echo(A, make.id, 1, &echo), -LWL_ENOENDPOINT);
	assert_int_equal(child.closed, 0);
	pump(&talk.pair);
	assert_int_equal(child.closed, 3);
}

/* In requests: kept there, or not, and coming back as the sender's own. */
static void test_given(void **state)
{
	struct object child = { 0 };
	struct answer give = { 0 }, echo = { 0 };
	uint64_t id;

	(void)state;
	assert_int_equal(lwl_link_host(A, &talk_peer_interface, &peer_ops, &child, count_closed,
				       &id), 0);
	assert_int_equal(lwl_link_references(A, id), 0);
	assert_int_equal(call_give(A, talk.of_b, id, true, &give), 0);
	assert_int_equal(lwl_link_references(A, id), 1);
	pump(&talk.pair);
	assert_int_equal(give.id, id);
	assert_ptr_equal(lwl_link_self(A, id, &talk_peer_interface), &child);
	assert_ptr_equal(lwl_link_self(A, id, NULL), &child);
	assert_null(lwl_link_self(A, id, &talk_other_interface));
	/* One's own is kept and dropped without any effect. */
	assert_int_equal(lwl_link_keep(A, id), 0);
	assert_int_equal(lwl_link_drop(A, id), 0);
	assert_int_equal(lwl_link_drop(A, id), 0);
	assert_int_equal(lwl_link_references(A, id), 1);
	assert_int_equal(call_echo(A, id, 1, &echo), -LWL_ENOENDPOINT);
	/* The other side has it now. */
	assert_int_equal(call_echo(B, id, 7, &echo), 0);
	assert_int_equal(call_give(A, talk.of_b, id, false, &give), 0);
	pump(&talk.pair);
	assert_int_equal(echo.len, 7);
	assert_int_equal(lwl_link_references(A, id), 2);
	assert_int_equal(lwl_link_drop(B, id), 0);
	pump(&talk.pair);
	assert_int_equal(child.closed, 1);
	/* Given and not kept: closed again at once. */
	assert_int_equal(lwl_link_host(A, &talk_peer_interface, &peer_ops, &child, count_closed,
				       &id), 0);
	assert_int_equal(send_note(A, talk.of_b, 1, id), 0);
	pump(&talk.pair);
	assert_int_equal(talk.at_b.peer, id);
	assert_int_equal(child.closed, 2);
}

/* Several times in one message, in lists and deep inside. */
static void test_many_in_one(void **state)
{
	struct object child = { 0 };
	struct answer answer = { 0 };
	struct talk_peer peers[10] = { { 0 } };
	struct talk_box boxes[2];
	struct talk_peer_pass_req req = { .peers = lwl_seq_of(peers, 10), .has_box = true };
	uint64_t id;
	unsigned i;

	(void)state;
	assert_int_equal(lwl_link_host(A, &talk_peer_interface, &peer_ops, &child, count_closed,
				       &id), 0);
	for (i = 0; i < 10; i++)
		peers[i].id = i % 3 == 0 ? talk.of_b : id;
	memset(boxes, 0, sizeof boxes);
	boxes[0].has_peer = true;
	boxes[0].peer.id = id;
	boxes[1].has_peer = true;
	boxes[1].peer.id = talk.of_b;
	boxes[1].has_inner = true;
	boxes[1].inner = lwl_seq_of(&boxes[0], 1);
	req.box = boxes[1];
	assert_int_equal(talk_peer_pass(A, (struct talk_peer){ talk.of_b }, &req, passed, &answer), 0);
	assert_int_equal(lwl_link_references(A, id), 7);
	assert_int_equal(lwl_link_references(B, talk.of_b), 1);
	carry(&talk.pair, &talk.pair.a, &talk.pair.b, SIZE_MAX);
	/* What of theirs came back to them is theirs; the answer has taken references to it. */
	assert_int_equal(stats_of(&talk.pair.b).held_references, 8);
	assert_int_equal(lwl_link_references(B, talk.of_b), 6);
	pump(&talk.pair);
	assert_int_equal(answer.ids, 11);
	assert_int_equal(child.closed, 1);
	/* They count until the last use is over: let go of it, and take it again. */
	assert_int_equal(lwl_link_drop(A, talk.of_b), 0);
	pump(&talk.pair);
	assert_int_equal(talk.at_b.closed, 1);
	talk.at_b.closed = 0;
	answer.keeper = A;
	assert_int_equal(lwl_link_open(A, "root", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	talk.of_b = answer.id;
}

/* A message with a linkid that cannot stand in it is not sent, and nothing has changed. */
static void test_not_ours_to_give(void **state)
{
	struct answer answer = { 0 };
	struct lwl_link_stats before = stats_of(&talk.pair.a), after;
	const uint64_t ids[] = {
		talk.of_a + (UINT64_C(1) << 32), talk.of_a + 1, talk.of_b + (UINT64_C(1) << 32), talk.of_b + 1,
		UINT64_MAX, 1
	};
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(ids); i++) {
		struct talk_peer peers[2] = { { talk.of_a }, { ids[i] } };
		const struct talk_peer_pass_req req = { .peers = lwl_seq_of(peers, 2) };

		assert_int_equal(call_give(A, talk.of_b, ids[i], true, &answer), -LWL_ENOENDPOINT);
		assert_int_equal(send_note(A, talk.of_b, 1, ids[i]), -LWL_ENOENDPOINT);
		assert_int_equal(talk_peer_pass(A, (struct talk_peer){ talk.of_b }, &req, passed,
						&answer),
				 -LWL_ENOENDPOINT);
		assert_int_equal(call_echo(A, ids[i], 1, &answer), -LWL_ENOENDPOINT);
	}
	assert_int_equal(call_echo(A, talk.of_a, 1, &answer), -LWL_ENOENDPOINT);
	assert_int_equal(call_echo(A, 0, 1, &answer), -LWL_ENOENDPOINT);
	/* A value that the schema does not allow takes the message back as well. */
	{
		const struct talk_peer_echo_req req = { .data = lwl_bytes_of(bulk, 60001) };

		assert_int_equal(talk_peer_echo(A, (struct talk_peer){ talk.of_b }, &req, echoed,
						&answer),
				 -LWL_EINVAL);
	}
	after = stats_of(&talk.pair.a);
	assert_int_equal(after.messages_out, before.messages_out);
	assert_int_equal(after.calls_out, 0);
	assert_int_equal(after.hosted_references, before.hosted_references);
	pump(&talk.pair);
	assert_int_equal(answer.count, 0);
}

/* A slot that is used again is another end point. */
static void test_generations(void **state)
{
	struct answer make = { .keeper = A }, answer = { 0 };
	uint64_t last = 0;
	unsigned i;

	(void)state;
	for (i = 1; i <= 5; i++) {
		assert_int_equal(call_make(A, talk.of_b, 1, &make), 0);
		pump(&talk.pair);
		assert_int_equal(make.id >> 32 & 0x7fffffff, i);
		assert_int_equal((uint32_t)make.id, 1);
		if (i > 1)
			assert_int_equal(call_echo(A, last, 1, &answer), -LWL_ENOENDPOINT);
		last = make.id;
		assert_int_equal(lwl_link_drop(A, last), 0);
		pump(&talk.pair);
	}
	talk.at_b.closed = 0;
}

static void test_stale(void **state)
{
	struct hand hand;
	uint64_t id;
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		hand_init(&hand, NULL, i == 0);
		id = hand_get(&hand, 1);
		assert_int_equal(hand_release(&hand, id, 1), 0);
		hand_expect_nothing(&hand);
		/* Nothing is there, then another one, then one that the hand has not been given. */
		assert_int_equal(hand_bare(&hand, id, 50, TALK_PEER_LATER), 0);
		hand_expect_error(&hand, 50, TALK_PEER_LATER, LWL_ENOENDPOINT);
		assert_int_equal(hand_get(&hand, 1), id + (UINT64_C(1) << 32));
		assert_int_equal(hand_bare(&hand, id, 50, TALK_PEER_LATER), 0);
		hand_expect_error(&hand, 50, TALK_PEER_LATER, LWL_ENOENDPOINT);
		assert_int_equal(lwl_link_host(hand.side.link, &talk_peer_interface, &peer_ops,
					       &hand.root, NULL, &id), 0);
		assert_int_equal(hand_bare(&hand, id, 50, TALK_PEER_LATER), 0);
		hand_expect_error(&hand, 50, TALK_PEER_LATER, LWL_ENOENDPOINT);
		/* The same in a message. */
		hand_begin(&hand, hand.root_id, 51, TALK_PEER_GIVE);
		lwl_put_link(&hand.w, 1, id);
		assert_int_equal(hand_send(&hand), 0);
		hand_expect_error(&hand, 51, TALK_PEER_GIVE, LWL_ENOENDPOINT);
		assert_int_equal(hand.root.runs, 2);
		hand_fini(&hand);
	}
}

/* ---- death ---- */

static struct death {
	unsigned count;
	uint64_t id;
} death;

static void died(void *ctx, uint64_t id)
{
	struct death *d = ctx;

	d->count++;
	d->id = id;
}

static void test_revoke(void **state)
{
	struct answer make = { .keeper = A }, answer = { 0 }, crossing = { 0 };
	struct object child = { 0 };

	(void)state;
	memset(&death, 0, sizeof death);
	talk.at_b.child = &child;
	assert_int_equal(call_make(A, talk.of_b, 2, &make), 0);
	pump(&talk.pair);
	assert_int_equal(lwl_link_watch(A, make.id, died, &death), 0);
	assert_int_equal(lwl_link_watch(A, make.id, died, &death), -LWL_EBUSY);
	assert_int_equal(lwl_link_watch(A, make.id - 1, died, &death), 0);
	assert_int_equal(lwl_link_watch(A, make.id - 1, NULL, NULL), 0);
	assert_int_equal(lwl_link_watch(A, talk.of_a, died, &death), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_link_watch(A, make.id + 1, died, &death), -LWL_ENOENDPOINT);
	assert_int_equal(call_later(A, make.id, 5, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(lwl_link_revoke(B, make.id), 0);
	assert_int_equal(lwl_link_revoke(B, make.id), 0);
	assert_int_equal(lwl_link_revoke(B, make.id - 1), 0);
	assert_int_equal(lwl_link_revoke(B, make.id + 7), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_link_revoke(A, make.id), -LWL_ENOENDPOINT);
	assert_null(lwl_link_self(B, make.id, NULL));
	/* A command that crosses the notice. */
	assert_int_equal(call_echo(A, make.id, 5, &crossing), 0);
	assert_int_equal(send_note(A, make.id, 5, 0), 0);
	pump(&talk.pair);
	assert_int_equal(death.count, 1);
	assert_int_equal(death.id, make.id);
	assert_int_equal(crossing.status, -LWL_EGONE);
	assert_int_equal(child.runs, 1);
	assert_int_equal(call_echo(A, make.id, 5, &crossing), -LWL_EGONE);
	assert_int_equal(send_note(A, make.id, 5, 0), -LWL_EGONE);
	assert_int_equal(lwl_link_watch(A, make.id, died, &death), -LWL_EGONE);
	/* What runs is answered, and what is dead is dropped; closed with the last of both. */
	assert_int_equal(lwl_link_drop(A, make.id), 0);
	assert_int_equal(lwl_link_drop(A, make.id - 1), 0);
	pump(&talk.pair);
	assert_int_equal(child.closed, 1);
	assert_int_equal(answer_later(&child), 0);
	assert_int_equal(child.closed, 1);
	pump(&talk.pair);
	assert_int_equal(child.closed, 2);
	assert_int_equal(answer.status, 0);
	assert_int_equal(death.count, 1);
}

static void test_revoke_unsent(void **state)
{
	struct object child = { 0 };
	uint64_t id;

	(void)state;
	assert_int_equal(lwl_link_host(A, &talk_peer_interface, &peer_ops, &child, count_closed,
				       &id), 0);
	assert_int_equal(lwl_link_revoke(A, id), 0);
	assert_int_equal(child.closed, 0);
	assert_int_equal(lwl_link_revoke(A, id), -LWL_ENOENDPOINT);
	pump(&talk.pair);
	assert_int_equal(child.closed, 1);
}

/* A dead one that is given once more: the peer is told once more. */
static void test_revoked_and_given(void **state)
{
	struct answer make = { .keeper = A }, give = { 0 };
	struct object child = { 0 };

	(void)state;
	memset(&death, 0, sizeof death);
	talk.at_b.child = &child;
	assert_int_equal(call_make(A, talk.of_b, 1, &make), 0);
	pump(&talk.pair);
	assert_int_equal(lwl_link_revoke(B, make.id), 0);
	assert_int_equal(call_give(B, talk.of_a, make.id, true, &give), 0);
	pump(&talk.pair);
	assert_int_equal(give.status, 0);
	assert_int_equal(lwl_link_watch(A, make.id, died, &death), -LWL_EGONE);
	assert_int_equal(lwl_link_drop(A, make.id), 0);
	assert_int_equal(child.closed, 0);
	assert_int_equal(lwl_link_drop(A, make.id), 0);
	pump(&talk.pair);
	assert_int_equal(child.closed, 1);
	/* And one that arrives for the first time after its death. */
	assert_int_equal(lwl_link_host(B, &talk_peer_interface, &peer_ops, &child, count_closed,
				       &make.id), 0);
	assert_int_equal(send_note(B, talk.of_a, 1, make.id), 0);
	assert_int_equal(lwl_link_revoke(B, make.id), 0);
	assert_int_equal(call_give(B, talk.of_a, make.id, true, &give), 0);
	pump(&talk.pair);
	assert_int_equal(lwl_link_watch(A, make.id, died, &death), -LWL_EGONE);
	assert_int_equal(lwl_link_drop(A, make.id), 0);
	pump(&talk.pair);
	assert_int_equal(child.closed, 2);
}

/* Who does not want to be told any more is not told, also when it has died just now. */
static uint64_t unwatched;

static void unwatch(struct object *object, struct lwl_call *call)
{
	(void)object;
	assert_int_equal(lwl_link_watch(lwl_call_link(call), unwatched, NULL, NULL), 0);
}

static void test_unwatch_dead(void **state)
{
	struct answer make = { .keeper = A };

	(void)state;
	memset(&death, 0, sizeof death);
	assert_int_equal(call_make(A, talk.of_b, 1, &make), 0);
	pump(&talk.pair);
	unwatched = make.id;
	assert_int_equal(lwl_link_watch(A, make.id, died, &death), 0);
	talk.at_a.hook = unwatch;
	assert_int_equal(lwl_link_revoke(B, make.id), 0);
	/* The note arrives with the notice, and is looked at before anybody is told. */
	{
		struct lwl_slice slices[8];

		assert_int_equal(lwl_link_flush(B, slices, 8, talk.pair.now), 1);
	}
	assert_int_equal(send_note(B, talk.of_a, 1, 0), 0);
	pump(&talk.pair);
	assert_int_equal(talk.at_a.notes, 1);
	assert_int_equal(death.count, 0);
	assert_int_equal(lwl_link_drop(A, make.id), 0);
	pump(&talk.pair);
	talk.at_b.closed = 0;
}

/* The last reference comes back while a command runs: closed when that is answered. */
static void test_release_while_running(void **state)
{
	struct hand hand;
	struct object child = { 0 };
	uint64_t id;

	(void)state;
	hand_init(&hand, NULL, false);
	hand.root.child = &child;
	id = hand_get(&hand, 1);
	assert_int_equal(hand_bare(&hand, id, 5, TALK_PEER_LATER), 0);
	assert_int_equal(hand_bare(&hand, id, 6, TALK_PEER_LATER), 0);
	assert_int_equal(hand_release(&hand, id, 1), 0);
	hand_expect_nothing(&hand);
	assert_int_equal(child.later_count, 2);
	assert_int_equal(child.closed, 0);
	/* It is still there, but not for the hand. */
	assert_int_equal(hand_bare(&hand, id, 7, TALK_PEER_LATER), 0);
	hand_expect_error(&hand, 7, TALK_PEER_LATER, LWL_ENOENDPOINT);
	assert_int_equal(answer_later(&child), 0);
	hand_expect(&hand, TALK_PEER_LATER | LWL_RESPONSE);
	assert_int_equal(child.closed, 0);
	assert_int_equal(answer_later(&child), 0);
	hand_expect(&hand, TALK_PEER_LATER | LWL_RESPONSE);
	assert_int_equal(hand.h.linkid, id);
	assert_int_equal(child.closed, 1);
	/* In a one-way, too; it ends there. */
	hand_fini(&hand);
}

/* ---- linkids that no program sees ---- */

/* Releases of the link's to the hand for this end point, until nothing more comes. */
static uint64_t released(struct hand *hand, uint64_t id)
{
	struct link_control_release_msg in;
	const uint8_t *msg;
	uint64_t n = 0;
	uint32_t i;

	while ((msg = hand_next(hand)) != NULL) {
		if (hand->h.linkid != 0 || hand->h.command != LINK_CONTROL_RELEASE)
			continue;
		assert_int_equal(link_control_release_msg_decode(&in, msg, hand->len, NULL), 0);
		for (i = 0; i < in.counts.count; i++) {
			assert_int_equal(link_count_at(in.counts, i).linkid, id);
			n += link_count_at(in.counts, i).n;
		}
	}
	return n;
}

/* An unknown item with a linkid, and one with two, deep inside. */
static void put_hidden(struct lwl_writer *w, uint64_t id)
{
	const struct lwl_link_any two[2] = { { id }, { id } };
	struct lwl_group outer, inner;

	lwl_put_link(w, 900, id);
	lwl_begin_group(w, 901, &outer);
	lwl_begin_group(w, 3, &inner);
	lwl_put_links(w, 8, 2, lwl_seq_of(two, 2));
	lwl_end_group(w, &inner);
	lwl_end_group(w, &outer);
}

enum { HIDDEN = 3 };

/* In commands that do or do not reach a function. */
enum way {
	W_ECHO, W_NOTE, W_LATER, W_GIVE, W_NULL_ENTRY, W_UNKNOWN_COMMAND, W_WRONG_INTERFACE, W_LINKS_OWN, W_UNKNOWN,
	W_UNKNOWN_ONEWAY, W_MALFORMED, W_MALFORMED_ONEWAY, W_ONEWAY_WITH_MSGID, W_TWOWAY_WITHOUT, W_REVOKED,
	W_RAW, W_SHUTTING, W_HOLD, W_STALE_OF_LINK, W_OPEN, W_OPEN_MALFORMED, W_CONTROL, W_CONTROL_UNKNOWN, W_RELEASE,
	W_ANSWER, W_ANSWER_MALFORMED, W_ANSWER_STALE, W_LATE_ANSWER, W_CANCELLED_ANSWER, W_RAW_ANSWER,
	WAYS
};

static void hold_call(struct object *object, struct lwl_call *call)
{
	(void)object;
	if (!lwl_call_is_oneway(call))
		assert_int_equal(lwl_call_hold(call), 0);
}

static void take_raw(void *self, struct lwl_call *call, const void *msg, size_t len)
{
	struct object *object = self;

	(void)msg;
	(void)len;
	object->runs++;
	if (!lwl_call_is_oneway(call))
		lwl_call_fail(call, LWL_EIO, NULL);
}

static void raw_answered(int status, const void *msg, size_t len, struct lwl_reply *reply,
			 lwl_done_fn *done,
			 void *ctx)
{
	struct answer *answer = ctx;

	(void)done;
	note_answer(answer, status, reply);
	answer->len = (uint32_t)len;
	if (status == 0)
		answer->status = lwl_answer_status(msg, len, lwl_reply_error(reply));
}

static void give_hidden(enum way way, bool dialled)
{
	/* The error that each costs; 0: none, or nobody hears of it. */
	static const int errors[WAYS] = {
		[W_NULL_ENTRY] = LWL_EUNKNOWN, [W_UNKNOWN_COMMAND] = LWL_EUNKNOWN,
		[W_WRONG_INTERFACE] = LWL_EINTERFACE, [W_LINKS_OWN] = LWL_EUNKNOWN, [W_UNKNOWN] = LWL_ENOENDPOINT,
		[W_MALFORMED] = LWL_EMALFORMED, [W_ONEWAY_WITH_MSGID] = LWL_EMALFORMED, [W_REVOKED] = LWL_EGONE,
		[W_RAW] = LWL_EIO, [W_SHUTTING] = LWL_ENOTRUN, [W_STALE_OF_LINK] = LWL_ENOENDPOINT,
		[W_OPEN_MALFORMED] = LWL_EMALFORMED, [W_CONTROL_UNKNOWN] = LWL_EUNKNOWN
	};
	struct hand hand;
	struct answer answer = { 0 };
	struct lwl_header h = { .msgid = 70, .command = TALK_PEER_ECHO };
	uint64_t id, own = 0;
	unsigned runs;
	const uint8_t *msg;

	hand_init(&hand, NULL, dialled);
	h.linkid = hand.root_id;
	id = hand_id(&hand, 3, 17);
	switch (way) {
	case W_NOTE:
		h.msgid = 0;
		h.command = TALK_PEER_NOTE;
		break;
	case W_LATER:
		h.command = TALK_PEER_LATER;
		break;
	case W_HOLD:
		h.command = TALK_PEER_LATER;
		hand.root.hook = hold_call;
		break;
	case W_GIVE:
		h.command = TALK_PEER_GIVE;
		break;
	case W_NULL_ENTRY:
		h.command = TALK_PEER_NEVER;
		break;
	case W_UNKNOWN_COMMAND:
		h.command = 0x01f0;
		break;
	case W_WRONG_INTERFACE:
		h.command = TALK_OTHER_HELLO;
		break;
	case W_LINKS_OWN:
		h.command = LINK_CONTROL_OPEN;
		break;
	case W_UNKNOWN:
		h.linkid = link_id(&hand, 1, 100);
		break;
	case W_UNKNOWN_ONEWAY:
		h.linkid = link_id(&hand, 1, 100);
		h.msgid = 0;
		break;
	case W_MALFORMED_ONEWAY:
		h.msgid = 0;
		h.command = TALK_PEER_NOTE;
		break;
	case W_ONEWAY_WITH_MSGID:
		h.command = TALK_PEER_NOTE;
		break;
	case W_TWOWAY_WITHOUT:
		h.msgid = 0;
		break;
	case W_REVOKED:
		h.linkid = hand_get(&hand, 1);
		lwl_link_revoke(hand.side.link, h.linkid);
		break;
	case W_RAW:
		assert_int_equal(lwl_link_host_raw(hand.side.link, take_raw, &hand.root, NULL,
						   &h.linkid), 0);
		hand_begin(&hand, hand.root_id, 7, TALK_PEER_GIVE);
		lwl_put_link(&hand.w, 1, hand_id(&hand, 1, 1));
		lwl_put_bool(&hand.w, 2, true);
		assert_int_equal(hand_send(&hand), 0);
		assert_int_equal(send_note(hand.side.link, hand_id(&hand, 1, 1), 0, h.linkid), 0);
		break;
	case W_SHUTTING:
		/* Something is outstanding, or the link would end. */
		assert_int_equal(hand_bare(&hand, hand.root_id, 71, TALK_PEER_LATER), 0);
		lwl_link_shutdown(hand.side.link, 10 * SECOND);
		break;
	case W_OPEN:
	case W_OPEN_MALFORMED:
		h.linkid = 0;
		h.command = LINK_CONTROL_OPEN;
		break;
	case W_CONTROL:
		h.linkid = 0;
		h.msgid = 0;
		h.command = 0x77;
		break;
	case W_CONTROL_UNKNOWN:
		h.linkid = 0;
		h.command = 0x77;
		break;
	case W_RELEASE:
		h.linkid = 0;
		h.msgid = 0;
		h.command = LINK_CONTROL_RELEASE;
		break;
	case W_ANSWER:
	case W_ANSWER_MALFORMED:
	case W_ANSWER_STALE:
	case W_LATE_ANSWER:
	case W_CANCELLED_ANSWER:
	case W_RAW_ANSWER:
		own = hand_id(&hand, 1, 1);
		hand_begin(&hand, hand.root_id, 7, TALK_PEER_GIVE);
		lwl_put_link(&hand.w, 1, own);
		lwl_put_bool(&hand.w, 2, true);
		assert_int_equal(hand_send(&hand), 0);
		if (way == W_LATE_ANSWER)
			lwl_link_set_timeout(hand.side.link, SECOND);
		if (way == W_RAW_ANSWER) {
			hand_begin(&hand, 1, 1, TALK_PEER_LATER);
			assert_int_equal(lwl_call_send(hand.side.link, own, hand.msg,
						       hand_finish(&hand),
						       raw_answered, NULL, &answer), 0);
		} else {
			assert_int_equal(call_later(hand.side.link, own, 1, &answer), 0);
		}
		h.linkid = own;
		h.msgid = lwl_call_last(hand.side.link);
		h.command = TALK_PEER_LATER | LWL_RESPONSE;
		hand_pull(&hand);
		if (way == W_LATE_ANSWER) {
			hand.now += SECOND;
			lwl_link_tick(hand.side.link, hand.now);
		} else if (way == W_CANCELLED_ANSWER) {
			assert_int_equal(lwl_call_cancel(hand.side.link, h.msgid), 0);
		}
		break;
	default:
		break;
	}
	while (hand_next(&hand) != NULL)
		;
	runs = hand.root.runs;
	hand_begin(&hand, h.linkid, h.msgid, h.command);
	if (way == W_GIVE)
		lwl_put_link(&hand.w, 1, id);
	else if (way == W_OPEN) {
		lwl_put_string(&hand.w, 1, 1, 255, lwl_string_of("root"));
		lwl_put_string(&hand.w, 2, 1, 255, lwl_string_of("unit.talk.Peer"));
		lwl_put_u32(&hand.w, 3, 3);
	} else if (way == W_NOTE || way == W_ANSWER || way == W_LATE_ANSWER || way == W_CANCELLED_ANSWER ||
		   way == W_ANSWER_STALE)
		lwl_put_u32(&hand.w, 1, 5);
	else if (way == W_MALFORMED)
		lwl_put_u32(&hand.w, 2, 5);
	else if (way != W_LATER && way != W_HOLD && way < W_ANSWER && way != W_MALFORMED_ONEWAY &&
		 way != W_OPEN_MALFORMED && way != W_RELEASE)
		lwl_put_bytes(&hand.w, 1, 0, 10, lwl_bytes_of(bulk, 3));
	put_hidden(&hand.w, id);
	if (way == W_STALE_OF_LINK || way == W_ANSWER_STALE)
		lwl_put_link(&hand.w, 902, link_id(&hand, 2, 0));
	else
		lwl_put_link(&hand.w, 902, hand.root_id);
	assert_int_equal(hand_send(&hand), 0);
	if (errors[way] != 0) {
		hand_expect_error(&hand, h.msgid, h.command & 0x7fff, errors[way]);
		assert_int_equal(hand.root.runs, runs + (way == W_RAW));
	} else if (way == W_LATER || way == W_HOLD) {
		/* Held linkids are in use until the call ends; those of others are not. */
		assert_int_equal(released(&hand, id), way == W_HOLD ? 0 : HIDDEN);
		assert_int_equal(lwl_link_keep(hand.side.link, id),
				 way == W_HOLD ? 0 : -LWL_ENOENDPOINT);
		if (way == W_HOLD)
			assert_int_equal(lwl_link_drop(hand.side.link, id), 0);
		assert_int_equal(answer_later(&hand.root), 0);
		hand_expect(&hand, TALK_PEER_LATER | LWL_RESPONSE);
		if (way == W_HOLD)
			assert_int_equal(released(&hand, id), HIDDEN);
	} else if (h.msgid != 0 && way < W_ANSWER) {
		msg = hand_expect(&hand, h.command | LWL_RESPONSE);
		assert_int_equal(lwl_answer_status(msg, hand.len, NULL), 0);
	} else if (way == W_UNKNOWN_ONEWAY || way == W_MALFORMED_ONEWAY || way == W_TWOWAY_WITHOUT) {
		assert_int_equal(hand.root.runs, runs);
	}
	if (way >= W_ANSWER) {
		assert_int_equal(answer.count, 1);
		assert_int_equal(answer.status,
				 way == W_ANSWER_MALFORMED || way == W_ANSWER_STALE ? -LWL_EMALFORMED :
				 way == W_LATE_ANSWER ? -LWL_EDEADLINE : 0);
	}
	if (way != W_LATER && way != W_HOLD)
		assert_int_equal(released(&hand, id), HIDDEN + (way == W_GIVE));
	/* The link lives on. */
	if (way != W_SHUTTING) {
		hand_begin(&hand, hand.root_id, 71, TALK_PEER_ECHO);
		lwl_put_bytes(&hand.w, 1, 0, 10, lwl_bytes_of(bulk, 3));
		hand.root.hook = NULL;
		assert_int_equal(hand_send(&hand), 0);
		hand_expect(&hand, TALK_PEER_ECHO | LWL_RESPONSE);
	}
	hand_fini(&hand);
	while (hand.root.later_count > 0)
		answer_later(&hand.root);
}

static void test_hidden(void **state)
{
	uint32_t way;

	(void)state;
	for (way = 0; way < WAYS; way++) {
		give_hidden((enum way)way, false);
		give_hidden((enum way)way, true);
	}
}

/* ---- errors that cost one command ---- */

static void test_errors(void **state)
{
	static const struct {
		int what;		/* linkid: 0 the link, 1 the root, 2 unknown, 3 a twin */
		uint32_t msgid;
		uint16_t command;
		int error;		/* 0: no answer at all */
	} cases[] = {
		{ 1, 5, TALK_PEER_NEVER, LWL_EUNKNOWN },
		{ 1, 5, 0x01ff, LWL_EUNKNOWN },
		{ 1, 5, 0x0100, LWL_EUNKNOWN },
		{ 1, 5, TALK_OTHER_HELLO, LWL_EINTERFACE },
		{ 1, 5, 0x7f01, LWL_EINTERFACE },
		{ 1, 5, LINK_CONTROL_OPEN, LWL_EUNKNOWN },
		{ 1, 5, 0, LWL_EUNKNOWN },
		{ 1, 5, LINK_CONTROL_RELEASE, LWL_EUNKNOWN },
		{ 1, 0, LINK_CONTROL_RELEASE, 0 },
		{ 1, 0, TALK_OTHER_HELLO, 0 },
		{ 2, 5, TALK_PEER_ECHO, LWL_ENOENDPOINT },
		{ 2, 5, 0x7f01, LWL_ENOENDPOINT },
		{ 2, 0, TALK_PEER_NOTE, 0 },
		{ 1, 5, TALK_PEER_ECHO, LWL_EMALFORMED },
		{ 1, 0, TALK_PEER_ECHO, 0 },
		{ 1, 5, TALK_PEER_NOTE, LWL_EMALFORMED },
		{ 1, 0, TALK_PEER_NOTE, 0 },
		{ 0, 5, TALK_PEER_ECHO, LWL_EUNKNOWN },
		{ 0, 0, TALK_PEER_NOTE, 0 },
		{ 0, 5, 0x44, LWL_EUNKNOWN },
		{ 0, 0, 0x44, 0 },
		{ 0, 5, LINK_CONTROL_RELEASE, LWL_EMALFORMED },
		{ 0, 5, LINK_CONTROL_CANCEL, LWL_EMALFORMED },
		{ 0, 5, LINK_CONTROL_GONE, LWL_EMALFORMED },
		{ 0, 5, LINK_CONTROL_OPEN, LWL_EMALFORMED },
		{ 0, 0, LINK_CONTROL_OPEN, 0 },
		{ 3, 5, TALK_TWIN_COUNT, LWL_EUNKNOWN },
		{ 3, 5, TALK_OTHER_HELLO, LWL_EUNKNOWN },
		{ 3, 5, 0x0202, LWL_EUNKNOWN },
		{ 3, 5, TALK_PEER_ECHO, LWL_EINTERFACE },
		{ 3, 5, LINK_CONTROL_OPEN, LWL_EUNKNOWN }
	};
	static const struct talk_twin_ops twin_ops;
	struct hand hand;
	uint64_t twin;
	unsigned i;

	(void)state;
	hand_init(&hand, NULL, false);
	hand_begin(&hand, hand.root_id, 5, TALK_PEER_GIVE);
	lwl_put_link(&hand.w, 1, hand_id(&hand, 1, 1));
	lwl_put_bool(&hand.w, 2, true);
	assert_int_equal(hand_send(&hand), 0);
	assert_int_equal(lwl_link_host(hand.side.link, &talk_twin_interface, &twin_ops, NULL, NULL,
				       &twin), 0);
	assert_int_equal(send_note(hand.side.link, hand_id(&hand, 1, 1), 1, twin), 0);
	while (hand_next(&hand) != NULL)
		;
	for (i = 0; i < COUNT(cases); i++) {
		uint64_t ids[] = { 0, 0, 0, 0 };
		unsigned runs = hand.root.runs;
		struct lwl_error err;
		const uint8_t *msg;

		ids[1] = hand.root_id;
		ids[2] = link_id(&hand, 9, 9);
		ids[3] = twin;
		assert_int_equal(hand_bare(&hand, ids[cases[i].what], cases[i].msgid,
					   cases[i].command), 0);
		if (cases[i].error == 0) {
			hand_expect_nothing(&hand);
		} else {
			msg = hand_expect(&hand, cases[i].command | LWL_RESPONSE);
			assert_int_equal(hand.h.msgid, cases[i].msgid);
			assert_int_equal(hand.h.linkid, ids[cases[i].what]);
			if (lwl_answer_status(msg, hand.len, &err) != -cases[i].error)
				fail_msg("case %u: %d", i, lwl_answer_status(msg, hand.len, NULL));
		}
		assert_int_equal(hand.root.runs, runs);
		assert_true(lwl_link_is_up(hand.side.link));
		assert_int_equal(stats_of(&hand.side).calls_in, 0);
		assert_int_equal(hand_ack_all(&hand), 0);
	}
	/* What was wrong with a request comes as text. */
	hand_begin(&hand, hand.root_id, 6, TALK_PEER_MUCH);
	lwl_put_u64(&hand.w, 1, 1);
	assert_int_equal(hand_send(&hand), 0);
	{
		struct lwl_error err;
		const uint8_t *msg = hand_expect(&hand, TALK_PEER_MUCH | LWL_RESPONSE);

		assert_int_equal(lwl_answer_status(msg, hand.len, &err), -LWL_EMALFORMED);
		assert_memory_equal(err.detail.data, "SIZE at offset 16, item 1", 25);
	}
	hand_fini(&hand);
}

/* The same seen by a program. */
static void test_errors_of_a_link(void **state)
{
	struct answer answer = { 0 };
	const struct talk_other_hello_req hello = { 0 };

	(void)state;
	assert_int_equal(call_never(A, talk.of_b, 0, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EUNKNOWN);
	assert_int_equal(talk_other_hello(A, (struct talk_other){ talk.of_b }, &hello,
					  (talk_other_hello_done *)(lwl_done_fn *)nevered, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EINTERFACE);
	assert_int_equal(call_much(A, talk.of_b, 100, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.len, 100);
	assert_int_equal(call_much(A, talk.of_b, 101, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EINVAL);
	assert_int_equal(call_much(A, talk.of_b, 70000, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EINVAL);
	assert_int_equal(answer.count, 5);
}

/* An answer that is not one: an error that the link survives. */
static void test_bad_answers(void **state)
{
	static const struct {
		uint16_t number;
		int size, status;
	} cases[] = {
		{ 1, 4, 0 }, { 1, 8, -LWL_EMALFORMED }, { 2, 4, -LWL_EMALFORMED }, { 0, 0,
										     -LWL_EMALFORMED }
	};
	struct hand hand;
	unsigned i;

	(void)state;
	hand_init(&hand, NULL, true);
	hand_begin(&hand, hand.root_id, 5, TALK_PEER_GIVE);
	lwl_put_link(&hand.w, 1, hand_id(&hand, 1, 1));
	lwl_put_bool(&hand.w, 2, true);
	assert_int_equal(hand_send(&hand), 0);
	for (i = 0; i < COUNT(cases); i++) {
		struct answer answer = { 0 };

		assert_int_equal(call_later(hand.side.link, hand_id(&hand, 1, 1), 1, &answer), 0);
		hand_pull(&hand);
		hand_begin(&hand, hand_id(&hand, 1, 1), lwl_call_last(hand.side.link),
			   TALK_PEER_LATER | LWL_RESPONSE);
		if (cases[i].size == 4)
			lwl_put_u32(&hand.w, cases[i].number, 77);
		else if (cases[i].size == 8)
			lwl_put_u64(&hand.w, cases[i].number, 77);
		assert_int_equal(hand_send(&hand), 0);
		assert_int_equal(answer.count, 1);
		assert_int_equal(answer.status, cases[i].status);
	}
	/* Errors, with text and with numbers that nobody has heard of. */
	for (i = 0; i < 3; i++) {
		static const int codes[] = { LWL_EACCES, 9999, 1 };
		struct answer answer = { 0 };

		assert_int_equal(call_later(hand.side.link, hand_id(&hand, 1, 1), 1, &answer), 0);
		hand_pull(&hand);
		lwl_writer_init(&hand.w, hand.msg, sizeof hand.msg, hand_id(&hand, 1, 1),
				lwl_call_last(hand.side.link));
		assert_int_equal(lwl_error_encode(&hand.w, TALK_PEER_LATER, codes[i],
						  "for a reason"), 0);
		assert_int_equal(hand_feed(&hand, hand.msg, lwl_writer_size(&hand.w)), 0);
		assert_int_equal(answer.status, -codes[i]);
		assert_string_equal(answer.detail, "for a reason");
	}
	assert_true(lwl_link_is_up(hand.side.link));
	hand_fini(&hand);
}

static int reply_status;

static void reply_too_long(struct object *object, struct lwl_call *call)
{
	struct lwl_writer *w;

	(void)object;
	talk.at_b.later_count = 0;
	assert_int_equal(lwl_reply_begin(call, &w), 0);
	lwl_writer_begin(w, TALK_PEER_LATER, LWL_KIND_RESPONSE);
	lwl_put_bytes(w, 1, 0, 60000, lwl_bytes_of(bulk, 5000));
	reply_status = lwl_reply_commit(call, lwl_writer_finish(w));
}

/* What cannot be said is answered all the same. */
static void test_reply_errors(void **state)
{
	struct answer answer = { 0 };

	(void)state;
	talk.at_b.hook = reply_too_long;
	assert_int_equal(call_later(A, talk.of_b, 1, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(reply_status, -LWL_ENOBUFS);
	assert_int_equal(answer.status, -LWL_ETOOLARGE);
	talk.at_b.hook = NULL;
	assert_int_equal(call_later(A, talk.of_b, 1, &answer), 0);
	pump(&talk.pair);
	/* A code that is none, a text that is no text, one that is too long. */
	assert_int_equal(lwl_call_fail(talk.at_b.later[0], 0, "\xff\xff"), 0);
	talk.at_b.later_count = 0;
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EIO);
	assert_string_equal(answer.detail, "");
	assert_int_equal(call_later(A, talk.of_b, 1, &answer), 0);
	pump(&talk.pair);
	{
		char text[1000];

		memset(text, 'z', sizeof text);
		text[sizeof text - 1] = '\0';
		assert_int_equal(lwl_call_fail(talk.at_b.later[0], LWL_EACCES, text), 0);
	}
	talk.at_b.later_count = 0;
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EACCES);
	assert_int_equal(strlen(answer.detail), 255);
	assert_int_equal(answer.count, 3);
}

static void give_a_stranger(void *self, struct lwl_call *call, const struct talk_peer_make_req *req)
{
	const struct talk_peer peers[] = { { talk.of_b }, { ((struct object *)self)->made } };
	const struct talk_peer_make_rsp rsp = { .peers = lwl_seq_of(peers, 2) };

	(void)req;
	reply_status = talk_peer_make_reply(call, &rsp);
}

/* An end point that is no more, in an answer. */
static void test_reply_with_a_stranger(void **state)
{
	static const struct talk_peer_ops ops = { .make = give_a_stranger };
	struct object object = { 0 };
	struct answer answer = { 0 };
	uint64_t id;
	unsigned i;

	(void)state;
	assert_int_equal(lwl_link_host(B, &talk_peer_interface, &ops, &object, count_closed, &id), 0);
	assert_int_equal(call_give(B, talk.of_a, id, true, &answer), 0);
	pump(&talk.pair);
	for (i = 0; i < 3; i++) {
		const uint64_t strangers[] = { talk.of_b + 100, talk.of_a + 100, talk.of_a };

		object.made = strangers[i];
		assert_int_equal(call_make(A, id, 1, &answer), 0);
		pump(&talk.pair);
		assert_int_equal(reply_status, i < 2 ? -LWL_ENOENDPOINT : 0);
		assert_int_equal(answer.status, reply_status);
		assert_int_equal(answer.count, i + 2);
	}
	assert_int_equal(lwl_link_drop(A, id), 0);
	/* The last answer has given the root once more. */
	assert_int_equal(lwl_link_drop(A, talk.of_b), 0);
	pump(&talk.pair);
	assert_int_equal(object.closed, 1);
	talk.at_b.closed = 0;
	answer.keeper = A;
	assert_int_equal(lwl_link_open(A, "root", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	talk.of_b = answer.id;
}

/* ---- cancelling ---- */

static void test_cancel(void **state)
{
	struct answer answer = { 0 }, other = { 0 };
	uint32_t call;

	(void)state;
	assert_int_equal(call_later(A, talk.of_b, 1, &answer), 0);
	call = lwl_call_last(A);
	assert_int_equal(call_later(A, talk.of_b, 2, &other), 0);
	assert_int_not_equal(lwl_call_last(A), call);
	pump(&talk.pair);
	assert_int_equal(lwl_call_cancel(A, call), 0);
	assert_int_equal(lwl_call_cancel(A, call), 0);
	pump(&talk.pair);
	assert_int_equal(talk.at_b.cancelled, 1);
	assert_true(lwl_call_cancelled(talk.at_b.later[0]));
	assert_false(lwl_call_cancelled(talk.at_b.later[1]));
	/* It is too late to be told now. */
	lwl_call_on_cancel(talk.at_b.later[0], on_cancel, &talk.at_b);
	assert_int_equal(lwl_call_cancel(A, call), 0);
	pump(&talk.pair);
	assert_int_equal(talk.at_b.cancelled, 1);
	/* The answer is the peer's. */
	assert_int_equal(answer.count, 0);
	assert_int_equal(lwl_call_fail(talk.at_b.later[0], LWL_ECANCELLED, NULL), 0);
	talk.at_b.later[0] = talk.at_b.later[1];
	talk.at_b.later_count = 1;
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_ECANCELLED);
	assert_int_equal(lwl_call_cancel(A, call), -LWL_ENOENT);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(other.status, 0);
	assert_int_equal(talk.at_b.cancelled, 1);
	/* The two cross, and the msgid is used again meanwhile. */
	assert_int_equal(call_later(A, talk.of_b, 3, &answer), 0);
	call = lwl_call_last(A);
	pump(&talk.pair);
	assert_int_equal(answer_later(&talk.at_b), 0);
	assert_int_equal(lwl_call_cancel(A, call), 0);
	carry(&talk.pair, &talk.pair.b, &talk.pair.a, SIZE_MAX);
	assert_int_equal(answer.count, 2);
	assert_int_equal(call_later(A, talk.of_b, 3, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(talk.at_b.cancelled, 1);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 3);
}

static void cancel_and_answer(void *ctx, struct lwl_call *call)
{
	struct object *object = ctx;

	object->cancelled++;
	object->later_count = 0;
	assert_int_equal(lwl_call_fail(call, LWL_ECANCELLED, "never mind"), 0);
}

/* Answered from inside; and by the first look, when it was cancelled before anybody could say so. */
static void test_cancel_inside(void **state)
{
	struct answer answer = { 0 };

	(void)state;
	assert_int_equal(call_later(A, talk.of_b, 1, &answer), 0);
	pump(&talk.pair);
	lwl_call_on_cancel(talk.at_b.later[0], cancel_and_answer, &talk.at_b);
	assert_int_equal(lwl_call_cancel(A, lwl_call_last(A)), 0);
	pump(&talk.pair);
	assert_int_equal(talk.at_b.cancelled, 1);
	assert_int_equal(answer.status, -LWL_ECANCELLED);
	assert_string_equal(answer.detail, "never mind");
	/* Nobody watches. */
	assert_int_equal(call_later(A, talk.of_b, 1, &answer), 0);
	pump(&talk.pair);
	lwl_call_on_cancel(talk.at_b.later[0], NULL, NULL);
	assert_int_equal(lwl_call_cancel(A, lwl_call_last(A)), 0);
	pump(&talk.pair);
	assert_true(lwl_call_cancelled(talk.at_b.later[0]));
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, 0);
}

/* More cancels than there is room for. */
static void test_many_cancels(void **state)
{
	static struct answer answers[LATER_MAX];
	struct answer echo = { 0 };
	uint32_t calls[LATER_MAX];
	struct lwl_link_config small = { .ring = 131072 };
	unsigned i;

	(void)state;
	set_up_with(&small, NULL);
	memset(answers, 0, sizeof answers);
	for (i = 0; i < LATER_MAX; i++) {
		assert_int_equal(call_later(A, talk.of_b, i, &answers[i]), 0);
		calls[i] = lwl_call_last(A);
	}
	pump(&talk.pair);
	assert_int_equal(talk.at_b.later_count, LATER_MAX);
	pass(&talk.pair, ACK_US);
	assert_int_equal(call_echo(A, talk.of_b, 60000, &echo), 0);
	assert_int_equal(call_echo(A, talk.of_b, 60000, &echo), 0);
	/* As good as full, of what the peer does not acknowledge yet. */
	while (send_note(A, talk.of_b, 1, 0) == 0)
		;
	for (i = 0; i < LATER_MAX; i += 2)
		assert_int_equal(lwl_call_cancel(A, calls[i]), 0);
	assert_int_equal(call_later(A, talk.of_b, 5, &echo), -LWL_ECALLS);
	carry(&talk.pair, &talk.pair.a, &talk.pair.b, SIZE_MAX);
	/* What is owed goes first. */
	assert_int_equal(call_later(A, talk.of_b, 5, &echo), -LWL_ECALLS);
	pump(&talk.pair);
	pass(&talk.pair, ACK_US);
	assert_int_equal(talk.at_b.cancelled, LATER_MAX / 2);
	assert_true(talk.pair.a.rooms > 0);
	for (i = 0; i < LATER_MAX; i++) {
		assert_int_equal(lwl_call_cancelled(talk.at_b.later[0]), i % 2 == 0);
		assert_int_equal(answer_later(&talk.at_b), 0);
	}
	pump(&talk.pair);
	for (i = 0; i < LATER_MAX; i++)
		assert_int_equal(answers[i].count, 1);
	assert_int_equal(echo.count, 2);
}

/* ---- time ---- */

static void test_deadline(void **state)
{
	struct answer answer = { 0 }, other = { 0 };
	uint64_t left = 0;

	(void)state;
	pass(&talk.pair, ACK_US);
	lwl_link_set_timeout(A, 2 * SECOND);
	assert_int_equal(call_later(A, talk.of_b, 1, &answer), 0);
	lwl_link_set_timeout(A, 0);
	assert_int_equal(call_later(A, talk.of_b, 2, &other), 0);
	pump(&talk.pair);
	/* It travels, and is looked at by both. */
	assert_int_equal(lwl_link_deadline(A), talk.pair.now + 2 * SECOND);
	pass(&talk.pair, SECOND);
	assert_int_equal(lwl_link_deadline(A), talk.pair.now + SECOND);
	assert_int_equal(lwl_link_deadline(B), talk.pair.now + SECOND);
	assert_true(lwl_call_deadline(talk.at_b.later[0], &left));
	assert_int_equal(left, SECOND);
	assert_false(lwl_call_deadline(talk.at_b.later[1], &left));
	/* The server alone: its clock is a little faster. */
	lwl_link_tick(B, talk.pair.now + SECOND);
	assert_int_equal(talk.at_b.cancelled, 1);
	assert_true(lwl_call_deadline(talk.at_b.later[0], &left));
	assert_int_equal(left, 0);
	assert_int_equal(answer.count, 0);
	pass(&talk.pair, SECOND - 1);
	assert_int_equal(answer.count, 0);
	pass(&talk.pair, 1);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.status, -LWL_EDEADLINE);
	/* The cancel comes too late to be told again; so does the answer. */
	assert_int_equal(talk.at_b.cancelled, 1);
	assert_int_equal(stats_of(&talk.pair.a).calls_out, 2);
	assert_int_equal(answer_later(&talk.at_b), 0);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 1);
	assert_int_equal(other.status, 0);
}

/* The client's clock is the faster one: the peer is asked to cancel. */
static void test_deadline_of_client(void **state)
{
	struct answer answer = { 0 };

	(void)state;
	lwl_link_set_timeout(A, SECOND);
	assert_int_equal(call_later(A, talk.of_b, 1, &answer), 0);
	assert_int_equal(call_make(A, talk.of_b, 10, &answer), 0);
	assert_int_equal(lwl_link_open(A, "root", &talk_peer_interface, opened, &answer), 0);
	/* Their time starts when the link looks at the clock. */
	lwl_link_tick(A, talk.pair.now);
	lwl_link_tick(A, talk.pair.now + SECOND);
	assert_int_equal(answer.count, 3);
	assert_int_equal(answer.status, -LWL_EDEADLINE);
	/* Nothing had been sent: now command and cancel go together.  What comes back goes back. */
	pump(&talk.pair);
	assert_int_equal(talk.at_b.cancelled, 1);
	assert_int_equal(talk.at_b.closed, 10);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 3);
	assert_int_equal(answer.ids, 0);
	talk.at_b.closed = 0;
	/* The late open has given the root once more. */
	assert_int_equal(lwl_link_drop(A, talk.of_b), 0);
	pump(&talk.pair);
	talk.at_b.closed = 0;
	lwl_link_set_timeout(A, 0);
	answer.keeper = A;
	assert_int_equal(lwl_link_open(A, "root", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	talk.of_b = answer.id;
}

/*
 * A peer that answers what it has not been sent yet: it can guess the msgid.  That is an answer to
 * nothing, and the command is not completed twice.
 */
static void begin_with_deadline(struct object *object, struct lwl_call *call)
{
	lwl_link_set_timeout(lwl_call_link(call), SECOND);
	assert_int_equal(call_later(lwl_call_link(call), object->peer, 1, object->ctx), 0);
	assert_int_equal(lwl_call_last(lwl_call_link(call)), 1 << 20);
}

static void test_early_answer(void **state)
{
	struct hand hand;
	struct answer answer = { 0 };
	uint8_t bytes[256];
	uint32_t size;

	(void)state;
	hand_init(&hand, NULL, true);
	hand.root.hook = begin_with_deadline;
	hand.root.ctx = &answer;
	hand_begin(&hand, hand.root_id, 0, TALK_PEER_NOTE);
	lwl_put_u32(&hand.w, 1, 1);
	lwl_put_link(&hand.w, 2, hand_id(&hand, 1, 0));
	size = hand_finish(&hand);
	memcpy(bytes, hand.msg, size);
	hand_begin(&hand, hand_id(&hand, 1, 0), 1 << 20, TALK_PEER_LATER | LWL_RESPONSE);
	lwl_put_u32(&hand.w, 1, 1);
	memcpy(bytes + size, hand.msg, hand_finish(&hand));
	size += lwl_writer_size(&hand.w);
	assert_int_equal(hand_feed(&hand, bytes, size), -LWL_EMALFORMED);
	hand_expect_end(&hand, "not asked");
	hand.now += SECOND;
	lwl_link_tick(hand.side.link, hand.now);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.status, -LWL_ENOTRUN);
	hand_fini(&hand);
}

/* Odd deadlines of a peer's: none left, for ever, of another form. */
static void test_odd_deadlines(void **state)
{
	struct hand hand;
	uint64_t left;

	(void)state;
	hand_init(&hand, NULL, true);
	hand_begin(&hand, hand.root_id, 5, TALK_PEER_LATER);
	lwl_put_u64(&hand.w, LWL_ITEM_DEADLINE, 0);
	assert_int_equal(hand_send(&hand), 0);
	assert_true(lwl_call_deadline(hand.root.later[0], &left));
	assert_int_equal(left, 0);
	assert_int_equal(lwl_link_deadline(hand.side.link), hand.now);
	lwl_link_tick(hand.side.link, hand.now);
	assert_int_equal(hand.root.cancelled, 1);
	hand_begin(&hand, hand.root_id, 6, TALK_PEER_LATER);
	lwl_put_u64(&hand.w, LWL_ITEM_DEADLINE, UINT64_MAX);
	assert_int_equal(hand_send(&hand), 0);
	assert_false(lwl_call_deadline(hand.root.later[1], &left));
	hand_begin(&hand, hand.root_id, 7, TALK_PEER_LATER);
	lwl_put_u32(&hand.w, LWL_ITEM_DEADLINE, 0);
	assert_int_equal(hand_send(&hand), 0);
	hand_expect_error(&hand, 7, TALK_PEER_LATER, LWL_EMALFORMED);
	hand_begin(&hand, hand.root_id, 0, TALK_PEER_NOTE);
	lwl_put_u32(&hand.w, 1, 1);
	lwl_put_u64(&hand.w, LWL_ITEM_DEADLINE, 0);
	assert_int_equal(hand_send(&hand), 0);
	assert_int_equal(hand.root.notes, 1);
	while (hand.root.later_count > 0)
		assert_int_equal(answer_later(&hand.root), 0);
	hand_pull(&hand);
	assert_int_equal(hand.root.cancelled, 1);
	hand_fini(&hand);
}

static const uint8_t mark[16] = "a mark of 16 by";

static void look_for_mark(struct object *object, struct lwl_call *call)
{
	uint64_t left;

	assert_non_null(lwl_call_trace(call));
	assert_memory_equal(lwl_call_trace(call), mark, 16);
	assert_int_equal(lwl_call_deadline(call, &left), !lwl_call_is_oneway(call));
	if (!lwl_call_is_oneway(call) && object->ctx != NULL)
		assert_int_equal(lwl_call_hold(call), 0);
}

static void test_trace(void **state)
{
	struct answer answer = { 0 };

	(void)state;
	lwl_link_set_trace(A, mark);
	lwl_link_set_timeout(A, SECOND);
	talk.at_b.hook = look_for_mark;
	assert_int_equal(call_echo(A, talk.of_b, 60000, &answer), 0);
	assert_int_equal(send_note(A, talk.of_b, 1, 0), 0);
	assert_int_equal(call_later(A, talk.of_b, 60000, &answer), 0);
	pump(&talk.pair);
	/* It is there as long as the request. */
	assert_null(lwl_call_trace(talk.at_b.later[0]));
	assert_int_equal(answer_later(&talk.at_b), 0);
	talk.at_b.ctx = &talk;
	assert_int_equal(call_later(A, talk.of_b, 60000, &answer), 0);
	pump(&talk.pair);
	look_for_mark(&talk.at_b, talk.at_b.later[0]);
	assert_int_equal(answer_later(&talk.at_b), 0);
	lwl_link_set_trace(A, NULL);
	lwl_link_set_timeout(A, 0);
	talk.at_b.hook = look_at_call;
	assert_int_equal(call_later(A, talk.of_b, 60000, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 4);
}

/* ---- holding ---- */

static struct held_request {
	struct lwl_call *call;
	const uint8_t *data;
	uint32_t len;
	uint64_t peer;
} held[4];
static unsigned held_count;
static int hold_status;

static void serve_held(void *self, struct lwl_call *call, const struct talk_peer_pass_req *req)
{
	struct held_request *h = &held[held_count++];

	(void)self;
	hold_status = lwl_call_hold(call);
	assert_int_equal(lwl_call_hold(call), hold_status);
	h->call = call;
	h->data = req->data.data;
	h->len = req->data.len;
	h->peer = req->peers.count > 0 ? talk_peer_at(req->peers, 0).id : 0;
}

static const struct talk_peer_ops holding_ops = { .pass = serve_held, .echo = serve_echo };

static void test_hold(void **state)
{
	static uint8_t patterns[4][50000];
	struct answer answers[4], echo = { 0 };
	struct object object = { 0 }, child = { 0 };
	uint64_t id, child_id;
	unsigned i, j;

	(void)state;
	memset(answers, 0, sizeof answers);
	held_count = 0;
	assert_int_equal(lwl_link_host(B, &talk_peer_interface, &holding_ops, &object, count_closed,
				       &id), 0);
	assert_int_equal(call_give(B, talk.of_a, id, true, &echo), 0);
	pump(&talk.pair);
	for (i = 0; i < 4; i++) {
		struct talk_peer peers[1] = { { 0 } };
		struct talk_peer_pass_req req = { .peers = lwl_seq_of(peers, 1), .has_data = true };

		assert_int_equal(lwl_link_host(A, &talk_peer_interface, &peer_ops, &child,
					       count_closed, &child_id), 0);
		peers[0].id = child_id;
		memset(patterns[i], (int)i + 1, sizeof patterns[i]);
		req.data = lwl_bytes_of(patterns[i], 10000 * (i + 1));
		assert_int_equal(talk_peer_pass(A, (struct talk_peer){ id }, &req, passed,
						&answers[i]), 0);
		pump(&talk.pair);
		assert_int_equal(hold_status, 0);
		/* Megabytes go by. */
		for (j = 0; j < 40; j++) {
			assert_int_equal(call_echo(A, id, 60000 - j, &echo), 0);
			pump_by(&talk.pair, 10000 + j);
		}
	}
	assert_true(stats_of(&talk.pair.b).held_bytes > 0);
	for (i = 0; i < 4; i++) {
		const struct talk_peer peers[1] = { { held[i].peer } };
		const struct talk_peer_pass_rsp rsp = { .peers = lwl_seq_of(peers, 1) };

		assert_int_equal(held[i].len, 10000 * (i + 1));
		assert_memory_equal(held[i].data, patterns[i], held[i].len);
		/* What is held is in use. */
		assert_int_equal(child.closed, i);
		assert_int_equal(send_note(B, held[i].peer, 5, 0), 0);
		if (i % 2 == 0)
			assert_int_equal(talk_peer_pass_reply(held[i].call, &rsp), 0);
		else
			assert_int_equal(lwl_call_fail(held[i].call, LWL_EIO, NULL), 0);
		pump(&talk.pair);
		assert_int_equal(answers[i].count, 1);
		assert_int_equal(child.closed, i + 1);
		assert_int_equal(child.notes, i + 1);
	}
	assert_int_equal(echo.count, 161);
	assert_int_equal(stats_of(&talk.pair.b).held_bytes, 0);
	assert_int_equal(lwl_link_drop(A, id), 0);
	pump(&talk.pair);
}

static void test_hold_limit(void **state)
{
	const struct lwl_link_config narrow = { .held_bytes = 400 << 10 }, none = { .held_bytes = 1 };
	struct answer answer = { 0 };
	struct object object = { 0 };
	uint64_t id;
	unsigned i;

	(void)state;
	/* One chunk of bytes, and not a second. */
	for (i = 0; i < 2; i++) {
		unsigned j;

		set_up_with(NULL, i == 0 ? &narrow : &none);
		memset(&answer, 0, sizeof answer);
		held_count = 0;
		assert_int_equal(lwl_link_host(B, &talk_peer_interface, &holding_ops, &object,
					       count_closed, &id), 0);
		assert_int_equal(call_give(B, talk.of_a, id, true, &answer), 0);
		pump(&talk.pair);
		assert_int_equal(call_pass(A, id, 0, 10, &answer), 0);
		pump(&talk.pair);
		assert_int_equal(hold_status, i == 0 ? 0 : -LWL_ENOMEM);
		for (j = 0; j < 10; j++) {
			assert_int_equal(call_echo(A, id, 60000, &answer), 0);
			pump(&talk.pair);
		}
		assert_int_equal(call_pass(A, id, 0, 10, &answer), 0);
		pump(&talk.pair);
		assert_int_equal(hold_status, -LWL_ENOMEM);
		/* The calls are there nevertheless. */
		for (j = 0; j < 2; j++)
			assert_int_equal(lwl_call_fail(held[j].call, LWL_ENOMEM, NULL), 0);
		assert_int_equal(lwl_link_drop(A, id), 0);
		pump(&talk.pair);
		assert_int_equal(answer.count, 13);
	}
}

/* ---- limits ---- */

/* As many commands as the peer allows, and when there is room again. */
static void test_calls_limit(void **state)
{
	const struct lwl_link_config few = { .limits = { .calls = 5 } };
	struct answer answer = { 0 };
	unsigned i;

	(void)state;
	set_up_with(NULL, &few);
	for (i = 0; i < 5; i++)
		assert_int_equal(call_later(A, talk.of_b, i, &answer), 0);
	assert_int_equal(call_later(A, talk.of_b, i, &answer), -LWL_ECALLS);
	assert_int_equal(lwl_link_open(A, "root", &talk_peer_interface, opened, &answer), -LWL_ECALLS);
	/* One-ways do not count; the other direction has a limit of its own. */
	assert_int_equal(send_note(A, talk.of_b, 1, 0), 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(call_echo(B, talk.of_a, i, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 20);
	assert_int_equal(talk.pair.a.rooms, 0);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(talk.pair.a.rooms, 1);
	assert_int_equal(call_later(A, talk.of_b, 9, &answer), 0);
	assert_int_equal(call_later(A, talk.of_b, 9, &answer), -LWL_ECALLS);
	pump(&talk.pair);
	while (talk.at_b.later_count > 0) {
		assert_int_equal(answer_later(&talk.at_b), 0);
		pump(&talk.pair);
	}
	/* Told once, and not again for what nobody has asked. */
	assert_int_equal(talk.pair.a.rooms, 2);
	assert_int_equal(answer.count, 26);
	/* A command whose time is over counts until its answer is there. */
	lwl_link_set_timeout(A, SECOND);
	for (i = 0; i < 5; i++)
		assert_int_equal(call_later(A, talk.of_b, i, &answer), 0);
	pump(&talk.pair);
	pass(&talk.pair, SECOND);
	assert_int_equal(answer.count, 31);
	assert_int_equal(call_later(A, talk.of_b, i, &answer), -LWL_ECALLS);
	while (talk.at_b.later_count > 0)
		assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	assert_int_equal(talk.pair.a.rooms, 3);
	/* msgids of slots that are used again and again. */
	lwl_link_set_timeout(A, 0);
	for (i = 0; i < 10000; i++) {
		assert_int_equal(call_echo(A, talk.of_b, 0, &answer), 0);
		assert_int_not_equal(lwl_call_last(A), 0);
		pump(&talk.pair);
	}
	assert_int_equal(answer.count, 10031);
}

static void test_endpoints_limit(void **state)
{
	const struct lwl_link_config few = { .limits = { .endpoints = 5 } };
	struct answer answer = { .keeper = A }, refused = { 0 };
	struct object child = { 0 };
	uint64_t ids[5];
	unsigned i;

	(void)state;
	set_up_with(&few, NULL);
	answer.keeper = A;
	talk.at_b.child = &child;
	assert_int_equal(call_make(A, talk.of_b, 4, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.ids, 4);
	assert_int_equal(call_make(A, talk.of_b, 1, &refused), 0);
	pump(&talk.pair);
	assert_int_equal(refused.status, -LWL_EMFILE);
	assert_int_equal(lwl_link_host(B, &talk_peer_interface, &peer_ops, &child, NULL, &ids[0]),
			 -LWL_EMFILE);
	/* The other side's limit is another one. */
	for (i = 0; i < 5; i++)
		assert_int_equal(lwl_link_host(A, &talk_peer_interface, &peer_ops, &child, NULL,
					       &ids[i]), 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(lwl_link_revoke(A, ids[i]), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(lwl_link_drop(A, answer.id - i), 0);
	pump(&talk.pair);
	assert_int_equal(child.closed, 4);
	/* Room again. */
	assert_int_equal(call_make(A, talk.of_b, 4, &refused), 0);
	pump(&talk.pair);
	assert_int_equal(refused.status, 0);
	pump(&talk.pair);
}

/* A peer that takes hardly anything. */
static void test_tight_peer(void **state)
{
	struct hand hand;
	struct answer answer = { 0 };
	uint64_t id;
	unsigned i;

	(void)state;
	hand_make(&hand, NULL);
	hand.limits.window = 131072;
	hand.limits.calls = 2;
	hand.limits.endpoints = 2;
	hand_meet(&hand, true);
	hand_open_root(&hand);
	hand_begin(&hand, hand.root_id, 7, TALK_PEER_GIVE);
	lwl_put_link(&hand.w, 1, hand_id(&hand, 1, 0));
	lwl_put_bool(&hand.w, 2, true);
	assert_int_equal(hand_send(&hand), 0);
	assert_int_equal(lwl_link_host(hand.side.link, &talk_peer_interface, &peer_ops, NULL, NULL,
				       &id), 0);
	assert_int_equal(lwl_link_host(hand.side.link, &talk_peer_interface, &peer_ops, NULL, NULL,
				       &id), -LWL_EMFILE);
	assert_int_equal(hand_ack_all(&hand), 0);
	/* The window, to the byte: two of 60,024 and one of 11,024. */
	id = hand_id(&hand, 1, 0);
	assert_int_equal(call_echo(hand.side.link, id, 60000, &answer), 0);
	assert_int_equal(call_echo(hand.side.link, id, 60000, &answer), 0);
	assert_int_equal(call_echo(hand.side.link, id, 1, &answer), -LWL_ECALLS);
	assert_int_equal(send_blob(hand.side.link, id, 1, 10997), -LWL_ECALLS);
	assert_int_equal(send_blob(hand.side.link, id, 1, 10972), 0);
	assert_int_equal(stats_of(&hand.side).bytes_unacked, 131072 - 24);
	assert_int_equal(send_note(hand.side.link, id, 1, 0), 0);
	assert_int_equal(stats_of(&hand.side).bytes_unacked, 131072);
	assert_int_equal(send_note(hand.side.link, id, 1, 0), -LWL_ECALLS);
	hand_pull(&hand);
	assert_int_equal(hand.side.rooms, 0);
	assert_int_equal(hand_ack_all(&hand), 0);
	hand_pull(&hand);
	/* The window is open, but two commands are outstanding. */
	assert_int_equal(hand.side.rooms, 0);
	for (i = 0; i < 2; i++) {
		hand_begin(&hand, id, 0x100000 + i, TALK_PEER_ECHO | LWL_RESPONSE);
		lwl_put_bytes(&hand.w, 1, 0, 10, lwl_bytes_of(bulk, 10));
		assert_int_equal(hand_send(&hand), 0);
	}
	assert_int_equal(answer.count, 2);
	hand_pull(&hand);
	assert_int_equal(hand.side.rooms, 1);
	hand_fini(&hand);
}

/* Fill the ring from the room event, again and again. */
static struct filler {
	struct answer answer;
	unsigned begun, most;
} filler;

static void fill(struct side *side)
{
	while (filler.begun < filler.most && call_echo(side->link, talk.of_b, 50000,
						       &filler.answer) == 0)
		filler.begun++;
}

static void test_room(void **state)
{
	const struct lwl_link_config small = { .limits = { .window = 131072, .calls = 3 },
					       .ring = 131072 };
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		set_up_with(&small, &small);
		memset(&filler, 0, sizeof filler);
		filler.most = 200;
		talk.pair.a.on_room = fill;
		fill(&talk.pair.a);
		do {
			pump_by(&talk.pair, i == 0 ? SIZE_MAX : 999);
			pass(&talk.pair, ACK_US);
		} while (filler.answer.count < filler.most && talk.pair.now < 1000 * SECOND);
		assert_int_equal(filler.answer.count, 200);
		assert_true(talk.pair.a.rooms >= 60);
	}
}

/* ---- answers that wait ---- */

/*
 * B cannot send: A takes no message any more.  `spare` is what is left of B's window, about, in bytes.
 */
static struct answer stuffing;

static void stuff(uint32_t spare)
{
	uint32_t size = 60000;

	memset(&stuffing, 0, sizeof stuffing);
	while (size > 1000) {
		uint64_t left = 131072 - stats_of(&talk.pair.b).bytes_unacked;

		if (left < spare + 32 + 40)
			break;
		if (size > left - spare - 40)
			size = (uint32_t)(left - spare - 40);
		assert_int_equal(send_blob(B, talk.of_a, 1, size), 0);
	}
}

/*
 * An answer with linkids of its receiver waits, while the request that brought them is over: the
 * references must not go back before it.
 */
static void test_waiting_answer_with_links(void **state)
{
	const struct lwl_link_config small = { .limits = { .window = 131072 } };
	struct answer answer = { 0 };
	struct object child = { 0 };
	uint64_t id;

	(void)state;
	set_up_with(&small, NULL);
	pass(&talk.pair, ACK_US);
	stuff(8000);
	assert_int_equal(lwl_link_host(A, &talk_peer_interface, &peer_ops, &child, count_closed,
				       &id), 0);
	assert_int_equal(call_pass(A, talk.of_b, id, 50000, &answer), 0);
	carry(&talk.pair, &talk.pair.a, &talk.pair.b, SIZE_MAX);
	assert_int_equal(talk.at_b.runs, 1);
	assert_true(stats_of(&talk.pair.b).held_bytes > 50000);
	pump(&talk.pair);
	pass(&talk.pair, ACK_US);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.id, id);
	assert_int_equal(child.closed, 1);
	talk.at_a.runs = 0;
}

/* An end point of ours dies while the answer that gives it waits: the notice goes behind it. */
static struct object waiting_child;

static void give_new(void *self, struct lwl_call *call, const struct talk_peer_pass_req *req)
{
	struct talk_peer peers[1] = { { 0 } };
	const struct talk_peer_pass_rsp rsp = { .peers = lwl_seq_of(peers, 1), .has_data = true,
						.data = req->data };

	(void)self;
	assert_int_equal(lwl_link_host(lwl_call_link(call), &talk_peer_interface, &peer_ops,
				       &waiting_child,
				       count_closed, &peers[0].id), 0);
	assert_int_equal(talk_peer_pass_reply(call, &rsp), 0);
	assert_int_equal(lwl_link_revoke(lwl_call_link(call), peers[0].id), 0);
}

static void watch_answer(struct answer *answer)
{
	assert_int_equal(lwl_link_watch(A, answer->id, died, &death), 0);
}

static void test_waiting_answer_and_death(void **state)
{
	static const struct talk_peer_ops ops = { .pass = give_new };
	const struct lwl_link_config small = { .limits = { .window = 131072 } };
	struct answer answer = { .hook = watch_answer }, give = { 0 };
	struct object object = { 0 };
	uint64_t id;

	(void)state;
	set_up_with(&small, NULL);
	memset(&death, 0, sizeof death);
	memset(&waiting_child, 0, sizeof waiting_child);
	answer.keeper = A;
	assert_int_equal(lwl_link_host(B, &talk_peer_interface, &ops, &object, count_closed, &id), 0);
	assert_int_equal(call_give(B, talk.of_a, id, true, &give), 0);
	pump(&talk.pair);
	pass(&talk.pair, ACK_US);
	stuff(8000);
	assert_int_equal(call_pass(A, id, 0, 50000, &answer), 0);
	carry(&talk.pair, &talk.pair.a, &talk.pair.b, SIZE_MAX);
	assert_true(stats_of(&talk.pair.b).held_bytes > 50000);
	pump(&talk.pair);
	pass(&talk.pair, ACK_US);
	assert_int_equal(answer.status, 0);
	assert_int_equal(death.count, 1);
	assert_int_equal(lwl_link_drop(A, answer.id), 0);
	assert_int_equal(lwl_link_drop(A, id), 0);
	pump(&talk.pair);
	assert_int_equal(waiting_child.closed, 1);
	assert_int_equal(object.closed, 1);
	talk.at_a.runs = 0;
}

/* Many answers wait, errors among them, in the order in which they were given. */
static void note_size(struct answer *answer)
{
	tell(answer->status == 0 ? (char)('0' + answer->len / 10000) : 'x');
}

static void test_waiting_order(void **state)
{
	const struct lwl_link_config small = { .limits = { .window = 131072 } };
	struct answer answer = { .hook = note_size }, later = { 0 };
	unsigned i;

	(void)state;
	set_up_with(&small, NULL);
	for (i = 0; i < 20; i++) {
		assert_int_equal(call_echo(A, talk.of_b, i * 17 % 6 * 10000, &answer), 0);
		if (i % 5 == 2)
			assert_int_equal(call_never(A, talk.of_b, 0, &answer), 0);
	}
	assert_int_equal(call_later(A, talk.of_b, 1, &later), 0);
	assert_int_equal(lwl_call_cancel(A, lwl_call_last(A)), 0);
	carry(&talk.pair, &talk.pair.a, &talk.pair.b, SIZE_MAX);
	assert_int_equal(talk.at_b.runs, 21);
	assert_true(stats_of(&talk.pair.b).calls_in > 15);
	/* New commands of B's wait behind the answers. */
	assert_int_equal(call_later(B, talk.of_a, 1, &later), -LWL_ECALLS);
	assert_int_equal(answer_later(&talk.at_b), 0);
	while (answer.count < 24)
		pass(&talk.pair, ACK_US);
	assert_string_equal(story, "054x32105x43210x54321x05");
	assert_int_equal(later.count, 1);
	assert_int_equal(talk.pair.b.rooms, 1);
}

/*
 * Answers wait all the time, and releases are not held up by that: with an end point of its own in
 * each command, the sender never has many more of them than commands.
 */
static struct flood {
	struct answer answer;
	struct object object;
	unsigned begun, most, hosted;
	uint32_t size;
	bool full;			/* once, it could not host any more */
} flood;

static void flood_one(void)
{
	const struct talk_peer to = { talk.of_a };
	struct talk_peer peers[1] = { { 0 } };
	const struct talk_peer_pass_req req = { .peers = lwl_seq_of(peers, 1), .has_data = true,
						.data = lwl_bytes_of(bulk, flood.size) };

	if (lwl_link_host(B, &talk_peer_interface, &peer_ops, &flood.object, count_closed,
			  &peers[0].id) != 0) {
		flood.full = true;
		return;
	}
	flood.hosted++;
	if (talk_peer_pass(B, to, &req, passed, &flood.answer) == 0)
		flood.begun++;
	else
		assert_int_equal(lwl_link_revoke(B, peers[0].id), 0);
}

static void flood_on(struct answer *answer)
{
	assert_int_equal(answer->status, 0);
	if (flood.begun < flood.most)
		flood_one();
}

static void test_releases_under_load(void **state)
{
	const struct lwl_link_config a = { .limits = { .endpoints = 100 },
					   .ring = 131072 }, b = { .ring = 1 << 20 };
	static const uint32_t sizes[] = { 20000, 50000, 300, 5000 };
	struct answer later = { 0 };
	unsigned i, k;

	(void)state;
	for (k = 0; k < COUNT(sizes); k++) {
		set_up_with(&a, &b);
		assert_int_equal(call_later(A, talk.of_b, 1, &later), 0);
		pump(&talk.pair);
		memset(&flood, 0, sizeof flood);
		flood.answer.hook = flood_on;
		flood.most = 2000;
		flood.size = sizes[k];
		for (i = 0; i < 40; i++)
			flood_one();
		for (i = 0; i < 20000 && flood.answer.count < flood.most; i++) {
			/* Requests come easily, answers do not go. */
			carry(&talk.pair, &talk.pair.b, &talk.pair.a, SIZE_MAX);
			carry(&talk.pair, &talk.pair.a, &talk.pair.b, 10000);
			if (i % 10 == 0)
				talk.pair.now += ACK_US;
			/* Neither are cancels. */
			if (i == 20)
				assert_int_equal(lwl_call_cancel(A, lwl_call_last(A)), 0);
			if (i == 60)
				assert_int_equal(talk.at_b.cancelled, 1);
		}
		assert_int_equal(answer_later(&talk.at_b), 0);
		assert_int_equal(flood.answer.count, flood.most);
		assert_false(flood.full);
		pump(&talk.pair);
		assert_int_equal(flood.object.closed, flood.hosted);
	}
}

/* Too much waits: commands are refused, one-ways are not. */
static void test_held_bytes(void **state)
{
	const struct lwl_link_config small = { .limits = { .window = 131072 } }, narrow = { .held_bytes = 100000 };
	struct answer answers[8];
	unsigned i;

	(void)state;
	set_up_with(&small, &narrow);
	memset(answers, 0, sizeof answers);
	for (i = 0; i < 8; i++)
		assert_int_equal(call_echo(A, talk.of_b, 50000, &answers[i]), 0);
	assert_int_equal(send_note(A, talk.of_b, 1, 0), 0);
	carry(&talk.pair, &talk.pair.a, &talk.pair.b, SIZE_MAX);
	assert_int_equal(talk.at_b.notes, 1);
	assert_true(stats_of(&talk.pair.b).held_bytes < 100000 + 2 * 50024);
	while (answers[7].count == 0)
		pass(&talk.pair, ACK_US);
	for (i = 0; i < 8; i++)
		assert_int_equal(answers[i].status, i < 4 ? 0 : -LWL_ECALLS);
}

/* Calls whose answers wait are cancelled, or their time is over, or the session. */
static void test_waiting_and_done(void **state)
{
	const struct lwl_link_config small = { .limits = { .window = 131072 } };
	struct answer answer = { 0 };
	struct object child = { 0 };
	uint64_t id = 0;
	uint32_t last;
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		set_up_with(&small, NULL);
		memset(&answer, 0, sizeof answer);
		assert_int_equal(lwl_link_host(A, &talk_peer_interface, &peer_ops, &child,
					       count_closed, &id), 0);
		lwl_link_set_timeout(A, SECOND);
		stuff(8000);
		assert_int_equal(call_pass(A, talk.of_b, id, 50000, &answer), 0);
		last = lwl_call_last(A);
		carry(&talk.pair, &talk.pair.a, &talk.pair.b, SIZE_MAX);
		assert_true(stats_of(&talk.pair.b).held_bytes > 50000);
		assert_int_equal(lwl_call_cancel(A, last), 0);
		carry(&talk.pair, &talk.pair.a, &talk.pair.b, SIZE_MAX);
		lwl_link_tick(B, talk.pair.now + SECOND);
		assert_int_equal(stats_of(&talk.pair.b).calls_in, 1);
		if (i == 0) {
			lwl_link_end(B, 0, NULL);
			pump(&talk.pair);
			assert_int_equal(stats_of(&talk.pair.b).calls_in, 0);
			assert_int_equal(stats_of(&talk.pair.b).held_bytes, 0);
			assert_int_equal(answer.status, -LWL_EFATE);
		}
	}
	pump(&talk.pair);
	pass(&talk.pair, ACK_US);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.id, id);
	assert_int_equal(child.closed, 2);
	lwl_link_set_timeout(A, 0);
}

/* ---- opening ---- */

static struct lwl_call *waiting_open;
static char open_name[64];
static unsigned opens;

static void open_later(void *ctx, struct lwl_link *link, struct lwl_call *call, struct lwl_string name,
		       struct lwl_string interface, uint32_t version)
{
	assert_ptr_equal(ctx, &talk.pair.b);
	assert_ptr_equal(lwl_call_link(call), link);
	assert_int_equal(lwl_call_linkid(call), 0);
	assert_int_equal(lwl_call_command(call), LINK_CONTROL_OPEN);
	assert_int_equal(interface.len, 14);
	assert_int_equal(version, 3);
	snprintf(open_name, sizeof open_name, "%.*s", (int)name.len, name.data);
	opens++;
	waiting_open = call;
	if (strcmp(open_name, "now") == 0)
		assert_int_equal(lwl_open_reply(call, talk.of_b, 9), 0);
	if (strcmp(open_name, "no") == 0)
		assert_int_equal(lwl_call_fail(call, LWL_EACCES, "not for you"), 0);
	if (strcmp(open_name, "held") == 0)
		assert_int_equal(lwl_call_hold(call), 0);
}

static void test_open(void **state)
{
	const struct lwl_link_config config = { .open = open_later };
	struct answer answer = { 0 };
	struct object child = { 0 };
	const struct lwl_string peer = lwl_string_of("unit.talk.Peer");
	char name[257];
	uint64_t id;

	(void)state;
	/* Without a function: only what is exported. */
	assert_int_equal(lwl_link_open(A, "rood", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_ENOENT);
	assert_int_equal(answer.id, 0);
	assert_string_equal(answer.detail, "nothing is offered under that name");
	assert_int_equal(lwl_link_open(A, "root", &talk_other_interface, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EINTERFACE);
	assert_string_equal(answer.detail, "unit.talk.Peer");
	talk.b_exports[0].oldest = 3;
	assert_int_equal(lwl_link_open_named(A, lwl_string_of("root"), peer, 2, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EINTERFACE);
	assert_int_equal(lwl_link_open_named(A, lwl_string_of("root"), peer, 4, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.tag, 3);
	/* The same end point while it is there. */
	assert_int_equal(answer.id, talk.of_b);
	memset(name, 'n', sizeof name);
	name[256] = '\0';
	assert_int_equal(lwl_link_open(A, name, &talk_peer_interface, opened, &answer), -LWL_EINVAL);
	assert_int_equal(lwl_link_open(A, "", &talk_peer_interface, opened, &answer), -LWL_EINVAL);
	name[255] = '\0';
	assert_int_equal(lwl_link_open(A, name, &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_ENOENT);
	assert_int_equal(answer.count, 5);
	/* By a function, at once, later, not at all. */
	set_up_with(NULL, &config);
	memset(&answer, 0, sizeof answer);
	answer.keeper = A;
	opens = 0;
	assert_int_equal(lwl_link_open(A, "now", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.tag, 9);
	assert_int_equal(answer.id, talk.of_b);
	assert_int_equal(lwl_link_drop(A, talk.of_b), 0);
	assert_int_equal(lwl_link_open(A, "no", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EACCES);
	assert_string_equal(answer.detail, "not for you");
	assert_int_equal(lwl_link_open(A, "held", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 2);
	assert_string_equal(open_name, "held");
	assert_int_equal(lwl_link_host(B, &talk_peer_interface, &peer_ops, &child, count_closed,
				       &id), 0);
	assert_int_equal(lwl_open_reply(waiting_open, id, 5), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 3);
	assert_int_equal(answer.tag, 5);
	assert_int_equal(lwl_link_drop(A, answer.id), 0);
	/* With an end point of the one who asks: its own. */
	assert_int_equal(lwl_link_open(A, "later", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(lwl_open_reply(waiting_open, talk.of_a, 5), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 4);
	assert_int_equal(answer.id, talk.of_a);
	/* What was opened while the root was kept has counted for it. */
	assert_int_equal(lwl_link_drop(A, talk.of_b), 0);
	pump(&talk.pair);
	assert_int_equal(talk.at_b.closed, 1);
	assert_int_equal(child.closed, 1);
	talk.at_b.closed = 0;
	/* Opened again it is another one. */
	assert_int_equal(lwl_link_open(A, "root", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(answer.id >> 32 & 0x7fffffff, 2);
	talk.of_b = answer.id;
	assert_int_equal(opens, 4);
}

/* What is exported needs an end point, and the peer's limit is what counts. */
static void test_open_without_room(void **state)
{
	struct hand hand;
	uint64_t id;

	(void)state;
	hand_make(&hand, NULL);
	hand.limits.endpoints = 1;
	hand_meet(&hand, false);
	assert_int_equal(lwl_link_host(hand.side.link, &talk_peer_interface, &peer_ops, NULL, NULL,
				       &id), 0);
	hand_begin_open(&hand, 5, "root", "unit.talk.Peer", 3);
	assert_int_equal(hand_send(&hand), 0);
	hand_expect_error(&hand, 5, LINK_CONTROL_OPEN, LWL_EMFILE);
	assert_int_equal(lwl_link_revoke(hand.side.link, id), 0);
	hand_pull(&hand);
	hand_open_root_as(&hand, link_id(&hand, 2, 0));
	hand_fini(&hand);
}

/* An open that nobody has answered when the session ends. */
static void test_open_unanswered(void **state)
{
	const struct lwl_link_config config = { .open = open_later };
	struct answer answer = { 0 };

	(void)state;
	set_up_with(NULL, &config);
	assert_int_equal(lwl_link_open(A, "later", &talk_peer_interface, opened, &answer), 0);
	pump(&talk.pair);
	lwl_link_end(A, 0, NULL);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_EFATE);
	assert_int_equal(lwl_open_reply(waiting_open, talk.of_b, 1), -LWL_ENOTCONN);
	set_up_with(NULL, NULL);
}

/* ---- waiting ---- */

static int drives, drive_status;

static int drive_pair(void *ctx)
{
	struct pair *p = ctx;

	drives++;
	p->now += ACK_US;
	lwl_link_tick(p->a.link, p->now);
	lwl_link_tick(p->b.link, p->now);
	pump(p);
	return drives > 50 ? drive_status : 0;
}

static const struct lwl_transport driven = { .drive = drive_pair };

static int wait_echo(uint32_t size, void *buf, size_t room, uint32_t *len)
{
	const struct talk_peer_echo_req req = { .data = lwl_bytes_of(bulk, size) };
	struct talk_peer_echo_rsp rsp;
	struct lwl_error err;
	int status = talk_peer_echo_wait(A, (struct talk_peer){ talk.of_b }, &req, &rsp, buf, room,
					 &err);

	*len = status == 0 ? rsp.data.len : 0;
	return status;
}

static void wait_inside(struct object *object, struct lwl_call *call)
{
	struct talk_peer_much_rsp rsp;
	const struct talk_peer_much_req req = { .size = 1 };
	uint8_t buf[TALK_PEER_MUCH_RSP_MAX];
	struct lwl_error err;
	uint64_t id;

	(void)call;
	object->ctx = &object->runs;
	assert_int_equal(talk_peer_much_wait(A, (struct talk_peer){ talk.of_b }, &req, &rsp, buf,
					     sizeof buf, &err),
			 -LWL_EDEADLK);
	assert_int_equal(lwl_link_open_wait(A, "root", &talk_peer_interface, &id), -LWL_EDEADLK);
}

static void test_wait(void **state)
{
	static uint8_t buf[TALK_PEER_ECHO_RSP_MAX];
	const struct talk_peer_make_req make = { .has_count = true, .count = 3 };
	struct talk_peer_make_rsp made_rsp;
	const struct talk_peer_never_req never = { 0 };
	struct talk_peer_never_rsp nothing;
	const struct talk_peer_later_req later = { 0 };
	struct talk_peer_later_rsp late;
	struct lwl_error err;
	uint64_t id = 0;
	uint32_t len, i;

	(void)state;
	assert_int_equal(wait_echo(5, buf, sizeof buf, &len), -LWL_EOPNOTSUPP);
	lwl_link_set_transport(A, &driven, &talk.pair);
	drives = 0;
	assert_int_equal(wait_echo(50000, buf, sizeof buf, &len), 0);
	assert_int_equal(len, 50000);
	assert_int_equal(wait_echo(0, buf, sizeof buf, &len), 0);
	assert_int_equal(wait_echo(1000, buf, 1000, &len), -LWL_ENOBUFS);
	assert_int_equal(wait_echo(60001, buf, sizeof buf, &len), -LWL_EINVAL);
	/* Linkids are kept. */
	assert_int_equal(talk_peer_make_wait(A, (struct talk_peer){ talk.of_b }, &make, &made_rsp,
					     buf, sizeof buf,
					     &err), 0);
	assert_int_equal(made_rsp.peers.count, 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(lwl_link_drop(A, talk_peer_at(made_rsp.peers, i).id), 0);
	/* But not those of an answer that finds no room. */
	assert_int_equal(talk_peer_make_wait(A, (struct talk_peer){ talk.of_b }, &make, &made_rsp,
					     buf, 8, &err),
			 -LWL_ENOBUFS);
	assert_int_equal(talk_peer_never_wait(A, (struct talk_peer){ talk.of_b }, &never, &nothing,
					      buf, sizeof buf,
					      &err), -LWL_EUNKNOWN);
	assert_int_equal(lwl_link_open_wait(A, "root", &talk_peer_interface, &id), 0);
	assert_int_equal(id, talk.of_b);
	assert_int_equal(lwl_link_drop(A, id), 0);
	assert_int_equal(lwl_link_open_wait(A, "door", &talk_peer_interface, &id), -LWL_ENOENT);
	/* From inside there is nobody to run the link. */
	talk.at_a.hook = wait_inside;
	assert_int_equal(send_note(B, talk.of_a, 1, 0), 0);
	pump(&talk.pair);
	assert_non_null(talk.at_a.ctx);
	/* A deadline, and a transport that gives up: the answer may come when it likes. */
	drives = 0;
	drive_status = -LWL_EINTR;
	assert_int_equal(talk_peer_later_wait(A, (struct talk_peer){ talk.of_b }, &later, &late,
					      buf, sizeof buf, &err),
			 -LWL_EINTR);
	lwl_link_set_timeout(A, SECOND);
	drives = 0;
	assert_int_equal(talk_peer_later_wait(A, (struct talk_peer){ talk.of_b }, &later, &late,
					      buf, sizeof buf, &err),
			 -LWL_EDEADLINE);
	assert_int_equal(talk.at_b.cancelled, 1);
	assert_int_equal(answer_later(&talk.at_b), 0);
	assert_int_equal(answer_later(&talk.at_b), 0);
	pump(&talk.pair);
	lwl_link_set_timeout(A, 0);
	lwl_link_set_transport(A, NULL, NULL);
	/* The opens and the root. */
	assert_int_equal(lwl_link_drop(A, talk.of_b), 0);
	pump(&talk.pair);
	talk.at_b.closed = 0;
	{
		struct answer answer = { .keeper = A };

		assert_int_equal(lwl_link_open(A, "root", &talk_peer_interface, opened, &answer), 0);
		pump(&talk.pair);
		talk.of_b = answer.id;
	}
}

static int end_while_driving(void *ctx)
{
	struct pair *p = ctx;

	lwl_link_end(p->b.link, LWL_EBUSY, NULL);
	pump(p);
	return 0;
}

static void test_wait_for_the_end(void **state)
{
	static const struct lwl_transport transport = { .drive = end_while_driving };
	uint8_t buf[100];
	uint32_t len;

	(void)state;
	lwl_link_set_transport(A, &transport, &talk.pair);
	/* It was not even sent. */
	talk.pair.cut = true;
	lwl_link_broken(A, 0, talk.pair.now);
	assert_int_equal(wait_echo(5, buf, sizeof buf, &len), -LWL_ECONNRESET);
	set_up_with(NULL, NULL);
	lwl_link_set_transport(A, &transport, &talk.pair);
	/* The peer says that it has not taken it in. */
	assert_int_equal(wait_echo(5, buf, sizeof buf, &len), -LWL_ENOTRUN);
	set_up_with(NULL, NULL);
}

/* ---- without a schema ---- */

static struct raw_seen {
	unsigned count;
	struct lwl_header h;
	uint64_t deadline;
	bool traced;
	struct lwl_call *call;
	uint8_t msg[LWL_MESSAGE_MAX + 1];
	size_t len;
} raw_seen;

static void see_raw(void *self, struct lwl_call *call, const void *msg, size_t len)
{
	struct object *object = self;

	raw_seen.count++;
	object->runs++;
	assert_int_equal(lwl_message_check(msg, len, NULL), 0);
	lwl_header_load(&raw_seen.h, msg);
	raw_seen.traced = lwl_call_trace(call) != NULL;
	if (!lwl_call_deadline(call, &raw_seen.deadline))
		raw_seen.deadline = 0;
	raw_seen.call = lwl_call_is_oneway(call) ? NULL : call;
	memcpy(raw_seen.msg, msg, len);
	raw_seen.len = len;
}

static void test_raw(void **state)
{
	static const uint8_t full[LWL_MESSAGE_MAX - LWL_HEADER_SIZE - 4];
	struct object object = { 0 };
	struct answer give = { 0 }, answer = { 0 };
	struct lwl_writer w;
	uint8_t msg[256];
	uint64_t id;
	uint32_t len;

	(void)state;
	memset(&raw_seen, 0, sizeof raw_seen);
	assert_int_equal(lwl_link_host_raw(B, see_raw, &object, count_closed, &id), 0);
	assert_int_equal(call_give(B, talk.of_a, id, true, &give), 0);
	pump(&talk.pair);
	/* Any command; header and extras as they should be. */
	lwl_writer_init(&w, msg, sizeof msg, 77, 88);
	lwl_writer_set_trace(&w, mark);
	lwl_writer_set_deadline(&w, 5 * SECOND);
	lwl_writer_begin(&w, 0x4507, LWL_KIND_REQUEST);
	lwl_put_u32(&w, 9, 9);
	assert_int_equal(lwl_writer_finish(&w), 0);
	len = lwl_writer_size(&w);
	assert_int_equal(lwl_call_send(A, id, msg, len, raw_answered, NULL, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(raw_seen.count, 1);
	assert_int_equal(raw_seen.h.linkid, id);
	assert_int_equal(raw_seen.h.command, 0x4507);
	assert_int_equal(raw_seen.len, len);
	assert_memory_equal(raw_seen.msg + LWL_HEADER_SIZE, msg + LWL_HEADER_SIZE,
			    len - LWL_HEADER_SIZE);
	assert_true(raw_seen.traced);
	assert_int_equal(raw_seen.deadline, 5 * SECOND);
	/* The answer; what is none is not taken, and the call still waits. */
	assert_int_equal(lwl_reply_send(raw_seen.call, msg, len), -LWL_EINVAL);
	assert_int_equal(lwl_reply_send(raw_seen.call, msg, 8), -LWL_EINVAL);
	lwl_writer_init(&w, msg, sizeof msg, 1, 1);
	lwl_writer_begin(&w, 0x4507, LWL_KIND_RESPONSE);
	lwl_put_u32(&w, 1, 9);
	assert_int_equal(lwl_writer_finish(&w), 0);
	assert_int_equal(lwl_reply_send(raw_seen.call, msg, lwl_writer_size(&w) + 8), -LWL_EINVAL);
	assert_int_equal(lwl_reply_send(raw_seen.call, msg, lwl_writer_size(&w)), 0);
	pump(&talk.pair);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.len, lwl_writer_size(&w));
	/* A response is no command, and a length must fit. */
	assert_int_equal(lwl_call_send(A, id, msg, lwl_writer_size(&w), raw_answered, NULL,
				       &answer), -LWL_EINVAL);
	lwl_writer_init(&w, msg, sizeof msg, 1, 0);
	lwl_writer_begin(&w, 0x4508, LWL_KIND_ONEWAY);
	lwl_put_link(&w, 1, talk.of_a);
	assert_int_equal(lwl_writer_finish(&w), 0);
	assert_int_equal(lwl_call_send(A, id, msg, lwl_writer_size(&w) - 8, NULL, NULL, NULL),
			 -LWL_EINVAL);
	assert_int_equal(lwl_call_send(A, id, msg, 8, NULL, NULL, NULL), -LWL_EINVAL);
	assert_int_equal(lwl_call_send(A, id + 1, msg, lwl_writer_size(&w), NULL, NULL, NULL),
			 -LWL_ENOENDPOINT);
	assert_int_equal(lwl_call_send(A, id, msg, lwl_writer_size(&w), NULL, NULL, NULL), 0);
	lwl_store64(msg + LWL_HEADER_SIZE + 8, talk.of_a + 9);
	assert_int_equal(lwl_call_send(A, id, msg, lwl_writer_size(&w), NULL, NULL, NULL),
			 -LWL_ENOENDPOINT);
	pump(&talk.pair);
	assert_int_equal(raw_seen.count, 2);
	assert_null(raw_seen.call);
	assert_int_equal(raw_seen.h.msgid, 0);
	/* What the link adds to commands, it adds to these, if they do not say so themselves. */
	lwl_link_set_timeout(A, 3 * SECOND);
	lwl_link_set_trace(A, mark);
	lwl_writer_init(&w, msg, sizeof msg, 1, 1);
	lwl_writer_begin(&w, 0x4509, LWL_KIND_REQUEST);
	lwl_put_u8(&w, 1, 1);
	assert_int_equal(lwl_writer_finish(&w), 0);
	assert_int_equal(lwl_call_send(A, id, msg, lwl_writer_size(&w), raw_answered, NULL,
				       &answer), 0);
	pump(&talk.pair);
	assert_int_equal(raw_seen.count, 3);
	assert_true(raw_seen.traced);
	assert_int_equal(raw_seen.deadline, 3 * SECOND);
	assert_int_equal(lwl_call_fail(raw_seen.call, LWL_EIO, NULL), 0);
	lwl_writer_init(&w, msg, sizeof msg, 1, 1);
	lwl_writer_set_deadline(&w, SECOND);
	lwl_writer_begin(&w, 0x4509, LWL_KIND_REQUEST);
	assert_int_equal(lwl_writer_finish(&w), 0);
	assert_int_equal(lwl_call_send(A, id, msg, lwl_writer_size(&w), raw_answered, NULL,
				       &answer), 0);
	pump(&talk.pair);
	assert_true(raw_seen.traced);
	assert_int_equal(raw_seen.deadline, SECOND);
	assert_int_equal(lwl_call_fail(raw_seen.call, LWL_EIO, NULL), 0);
	/* One that is full has no place for that, and is not sent; without it is. */
	lwl_writer_init(&w, raw_seen.msg, sizeof raw_seen.msg, 1, 0);
	lwl_writer_begin(&w, 0x4509, LWL_KIND_ONEWAY);
	lwl_put_bytes(&w, 1, 0, LWL_MESSAGE_MAX, lwl_bytes_of(full, sizeof full));
	assert_int_equal(lwl_writer_finish(&w), 0);
	assert_int_equal(lwl_writer_size(&w), LWL_MESSAGE_MAX + 1);
	assert_true(lwl_call_send(A, id, raw_seen.msg, lwl_writer_size(&w), NULL, NULL, NULL) < 0);
	lwl_link_set_timeout(A, 0);
	lwl_link_set_trace(A, NULL);
	assert_int_equal(lwl_call_send(A, id, raw_seen.msg, lwl_writer_size(&w), NULL, NULL, NULL), 0);
	pump(&talk.pair);
	assert_int_equal(raw_seen.count, 5);
	assert_int_equal(raw_seen.len, LWL_MESSAGE_MAX + 1);
	/* An error comes as what it is. */
	answer.count = 0;
	assert_int_equal(call_later(A, id, 1, &answer), 0);
	pump(&talk.pair);
	assert_int_equal(raw_seen.h.command, TALK_PEER_LATER);
	assert_int_equal(lwl_call_fail(raw_seen.call, LWL_ENOTDIR, "raw"), 0);
	pump(&talk.pair);
	assert_int_equal(answer.status, -LWL_ENOTDIR);
	assert_int_equal(lwl_link_drop(A, id), 0);
	/* The reference to A's root that the one-way gave. */
	assert_int_equal(lwl_link_drop(B, talk.of_a), 0);
	pump(&talk.pair);
	assert_int_equal(object.closed, 1);
	talk.at_a.closed = 0;
	give.keeper = B;
	assert_int_equal(lwl_link_open(B, "root", &talk_peer_interface, opened, &give), 0);
	pump(&talk.pair);
	talk.of_a = give.id;
}

/* Interface 0 is the link's own: no end point hears of it. */
static void test_raw_and_link_commands(void **state)
{
	struct hand hand;
	struct object object = { 0 };
	uint64_t id;
	unsigned i;

	(void)state;
	hand_init(&hand, NULL, true);
	memset(&raw_seen, 0, sizeof raw_seen);
	hand_begin(&hand, hand.root_id, 7, TALK_PEER_GIVE);
	lwl_put_link(&hand.w, 1, hand_id(&hand, 1, 0));
	lwl_put_bool(&hand.w, 2, true);
	assert_int_equal(hand_send(&hand), 0);
	assert_int_equal(lwl_link_host_raw(hand.side.link, see_raw, &object, NULL, &id), 0);
	assert_int_equal(send_note(hand.side.link, hand_id(&hand, 1, 0), 1, id), 0);
	while (hand_next(&hand) != NULL)
		;
	for (i = 0; i < 256; i += 5) {
		assert_int_equal(hand_bare(&hand, id, 9, (uint16_t)i), 0);
		hand_expect_error(&hand, 9, (uint16_t)i, LWL_EUNKNOWN);
		assert_int_equal(hand_bare(&hand, id, 0, (uint16_t)i), 0);
	}
	assert_int_equal(raw_seen.count, 0);
	hand_fini(&hand);
}

/* ---- a random program on both sides: play.h ---- */

/* With nothing on the way, both sides agree on who holds what. */
static void agree(struct pair *p)
{
	struct lwl_link_stats a, b;
	unsigned i, k;

	players[0].stalled = players[1].stalled = 0;
	pass(p, ACK_US);
	pass(p, ACK_US);
	a = stats_of(&p->a);
	b = stats_of(&p->b);
	assert_int_equal(a.hosted_references, b.held_references);
	assert_int_equal(b.hosted_references, a.held_references);
	assert_int_equal(a.calls_out, b.calls_in);
	assert_int_equal(b.calls_out, a.calls_in);
	assert_true(a.hosted >= b.held && b.hosted >= a.held);
	for (i = 0; i < 2; i++) {
		for (k = 0; k < players[i].kept_count; k++)
			assert_true(lwl_link_references(players[1 - i].link, players[i].kept[k]) > 0);
	}
}

static void play_a_seed(uint64_t first, bool bytewise)
{
	const struct lwl_link_config configs[2] = {
		{ .limits = { .window = 131072, .calls = 20, .endpoints = 100 }, .ring = 131072 },
		{ .limits = { .window = 200000, .calls = 40, .endpoints = 60 }, .ring = 1 << 18 }
	};
	struct lwl_link_config with[2] = { configs[0], configs[1] };
	struct lwl_export exports[2];
	struct pair p;
	unsigned i, step, quiet;

	players_make(first, exports);
	for (i = 0; i < 2; i++) {
		with[i].exports = &exports[i];
		with[i].export_count = 1;
	}
	pair_make(&p, &with[0], &with[1]);
	player_joins(&players[0], &p.a);
	player_joins(&players[1], &p.b);
	pair_connect(&p);
	pump(&p);
	largest = bytewise ? 200 : 50000;
	for (step = 0; step < STEPS; step++) {
		size_t most = bytewise ? 1 + random_below(200) : random_below(4) == 0 ? SIZE_MAX : random_below(30000);

		play(&players[random_below(2)]);
		p.a.slices = 1 + random_below(4);
		p.b.slices = 1 + random_below(4);
		for (i = 0; i < 2; i++) {
			if (players[i].stalled > 0)
				players[i].stalled--;
			else if (random_below(3) != 0)
				carry(&p, players[i].side, players[1 - i].side, most);
			if (random_below(200) == 0)
				players[i].stalled = random_below(100);
		}
		if (random_below(20) == 0) {
			p.now += random_below(SECOND / 2);
			lwl_link_tick(p.a.link, p.now);
			lwl_link_tick(p.b.link, p.now);
		}
		if (step % 100 == 99)
			agree(&p);
		assert_true(lwl_link_is_up(p.a.link));
		assert_true(lwl_link_is_up(p.b.link));
	}
	for (quiet = 0; quiet < 50; quiet++) {
		players_leave();
		pass(&p, ACK_US);
	}
	players_are_done();
	lwl_link_shutdown(p.b.link, SECOND);
	pump(&p);
	assert_int_equal(p.a.status, 0);
	assert_int_equal(p.a.ends + p.b.ends, 2);
	pair_fini(&p);
}

static void test_random(void **state)
{
	unsigned i;

	(void)state;
	for (i = 1; i <= SEEDS; i++)
		play_a_seed(i, false);
}

static void test_random_bytewise(void **state)
{
	unsigned i;

	(void)state;
	for (i = 1; i <= SEEDS / 4; i++)
		play_a_seed(i, true);
}

int main(void)
{
#define WITH_TALK(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_TALK(test_both_ways),
		WITH_TALK(test_oneways),
		WITH_TALK(test_call_facts),
		WITH_TALK(test_from_inside),
		WITH_TALK(test_borrowed),
		WITH_TALK(test_kept),
		WITH_TALK(test_given),
		WITH_TALK(test_many_in_one),
		WITH_TALK(test_not_ours_to_give),
		WITH_TALK(test_generations),
		cmocka_unit_test(test_stale),
		WITH_TALK(test_revoke),
		WITH_TALK(test_revoke_unsent),
		WITH_TALK(test_revoked_and_given),
		WITH_TALK(test_unwatch_dead),
		cmocka_unit_test(test_release_while_running),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_errors),
		WITH_TALK(test_errors_of_a_link),
		cmocka_unit_test(test_bad_answers),
		WITH_TALK(test_reply_errors),
		WITH_TALK(test_reply_with_a_stranger),
		WITH_TALK(test_cancel),
		WITH_TALK(test_cancel_inside),
		WITH_TALK(test_many_cancels),
		WITH_TALK(test_deadline),
		WITH_TALK(test_deadline_of_client),
		cmocka_unit_test(test_early_answer),
		cmocka_unit_test(test_odd_deadlines),
		WITH_TALK(test_trace),
		WITH_TALK(test_hold),
		WITH_TALK(test_hold_limit),
		WITH_TALK(test_calls_limit),
		WITH_TALK(test_endpoints_limit),
		cmocka_unit_test(test_tight_peer),
		WITH_TALK(test_room),
		WITH_TALK(test_waiting_answer_with_links),
		WITH_TALK(test_waiting_answer_and_death),
		WITH_TALK(test_waiting_order),
		WITH_TALK(test_releases_under_load),
		WITH_TALK(test_held_bytes),
		WITH_TALK(test_waiting_and_done),
		WITH_TALK(test_open),
		cmocka_unit_test(test_open_without_room),
		WITH_TALK(test_open_unanswered),
		WITH_TALK(test_wait),
		WITH_TALK(test_wait_for_the_end),
		WITH_TALK(test_raw),
		cmocka_unit_test(test_raw_and_link_commands),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_random_bytewise),
	};

	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
