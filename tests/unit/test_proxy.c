/*
 * Relays: two ends, and up to three programs between them, each with two links.
 *
 *	left end - relay - relay - right end
 *
 * The ends speak talk.lwl; the relays know no schema, and pass on what they are asked to open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "play.h"

enum { PAIRS = 4 };

/* pairs[i].a is the link to the right of node i, pairs[i].b that to the left of node i + 1. */
static struct chain {
	unsigned relays;
	struct pair pairs[PAIRS];
	struct object left, right;
	struct lwl_export exports[2];
	struct answer left_opened, right_opened;
	uint64_t of_left, of_right;	/* the roots, as the other end sees them */
	bool freed[PAIRS][2];
} chain;

#define LEFT (chain.pairs[0].a.link)
#define RIGHT (chain.pairs[chain.relays].b.link)
#define LEFT_SIDE (&chain.pairs[0].a)
#define RIGHT_SIDE (&chain.pairs[chain.relays].b)

/* A relay is asked for a name: it asks on its other link. */
static void forward_open(void *ctx, struct lwl_link *link, struct lwl_call *call,
			 struct lwl_string name,
			 struct lwl_string interface, uint32_t version)
{
	struct side *side = ctx, *other = side->ctx;

	(void)link;
	if (other->link != NULL)
		lwl_open_forward(call, other->link, name, interface, version);
	else
		lwl_call_fail(call, LWL_EGONE, NULL);
}

/* A program that does not need this link any longer. */
static void free_side(unsigned pair, bool b)
{
	struct side *side = b ? &chain.pairs[pair].b : &chain.pairs[pair].a;

	lwl_link_free(side->link);
	side->link = NULL;
	chain.freed[pair][b] = true;
}

/* Bytes along the whole chain, until nothing moves: what the last link tells may be for the first. */
static void pump_chain_by(size_t most)
{
	unsigned i, still = 0;

	while (still < 2) {
		size_t moved = 0;

		for (i = 0; i <= chain.relays; i++) {
			if (chain.freed[i][0] || chain.freed[i][1])
				continue;
			moved += carry(&chain.pairs[i], &chain.pairs[i].a, &chain.pairs[i].b, most);
			moved += carry(&chain.pairs[i], &chain.pairs[i].b, &chain.pairs[i].a, most);
		}
		still = moved > 0 ? 0 : still + 1;
	}
}

static void pump_chain(void)
{
	pump_chain_by(SIZE_MAX);
}

static void pass_chain(uint64_t microseconds)
{
	unsigned i;

	for (i = 0; i <= chain.relays; i++) {
		chain.pairs[i].now += microseconds;
		if (!chain.freed[i][0])
			lwl_link_tick(chain.pairs[i].a.link, chain.pairs[i].now);
		if (!chain.freed[i][1])
			lwl_link_tick(chain.pairs[i].b.link, chain.pairs[i].now);
	}
	pump_chain();
}

/* Until acks are sent, too, and what they bring about. */
static void settle(void)
{
	unsigned i;

	pump_chain();
	for (i = 0; i < 2 * PAIRS; i++)
		pass_chain(ACK_US);
}

/* `configs`: of the links from left to right, two each; NULL: usual ones. */
static void chain_make(unsigned relays, const struct lwl_link_config *configs)
{
	unsigned i;

	for (i = 0; i <= relays; i++) {
		struct lwl_link_config a = { 0 }, b = { 0 };

		if (configs != NULL) {
			a = configs[2 * i];
			b = configs[2 * i + 1];
		}
		a.open = b.open = forward_open;
		if (i == 0) {
			a.open = NULL;
			a.exports = &chain.exports[0];
			a.export_count = 1;
		}
		if (i == relays) {
			b.open = NULL;
			b.exports = &chain.exports[1];
			b.export_count = 1;
		}
		pair_make(&chain.pairs[i], &a, &b);
	}
	for (i = 0; i < relays; i++) {
		chain.pairs[i].b.ctx = &chain.pairs[i + 1].a;
		chain.pairs[i + 1].a.ctx = &chain.pairs[i].b;
	}
	for (i = 0; i <= relays; i++)
		pair_connect(&chain.pairs[i]);
	pump_chain();
}

static void chain_init_with(unsigned relays, const struct lwl_link_config *configs)
{
	memset(&chain, 0, sizeof chain);
	chain.relays = relays;
	chain.exports[0] = (struct lwl_export){ "root", &talk_peer_interface, &peer_ops,
						&chain.left, count_closed, 0 };
	chain.exports[1] = chain.exports[0];
	chain.exports[1].self = &chain.right;
	chain_make(relays, configs);
	chain.left_opened.keeper = LEFT;
	chain.right_opened.keeper = RIGHT;
	assert_int_equal(lwl_link_open(LEFT, "root", &talk_peer_interface, opened,
				       &chain.left_opened), 0);
	assert_int_equal(lwl_link_open(RIGHT, "root", &talk_peer_interface, opened,
				       &chain.right_opened), 0);
	pump_chain();
	assert_int_equal(chain.left_opened.status, 0);
	assert_int_equal(chain.right_opened.status, 0);
	assert_int_equal(chain.left_opened.tag, 3);
	chain.of_right = chain.left_opened.id;
	chain.of_left = chain.right_opened.id;
}

static void chain_init(unsigned relays)
{
	chain_init_with(relays, NULL);
}

/* Only the roots are there, once each on every link. */
static void chain_is_idle(void)
{
	unsigned i, k;

	settle();
	for (i = 0; i <= chain.relays; i++) {
		for (k = 0; k < 2; k++) {
			struct lwl_link_stats stats = stats_of(k == 0 ? &chain.pairs[i].a : &chain.pairs[i].b);

			assert_int_equal(stats.calls_out + stats.calls_in, 0);
			assert_int_equal(stats.hosted, 1);
			assert_int_equal(stats.held, 1);
			assert_int_equal(stats.hosted_references, 1);
			assert_int_equal(stats.held_references, 1);
			assert_int_equal(stats.held_bytes, 0);
			assert_int_equal(stats.bytes_unacked, 0);
		}
	}
}

static void chain_free(void)
{
	unsigned i;

	for (i = 0; i <= chain.relays; i++) {
		if (!chain.freed[i][0])
			lwl_link_free(chain.pairs[i].a.link);
		if (!chain.freed[i][1])
			lwl_link_free(chain.pairs[i].b.link);
		assert_int_equal(chain.pairs[i].a.ends, 1);
		assert_int_equal(chain.pairs[i].b.ends, 1);
	}
}

/* The roots are dropped, and then nothing at all is left on any link. */
static void chain_fini(void)
{
	unsigned i;

	chain_is_idle();
	assert_int_equal(lwl_link_drop(LEFT, chain.of_right), 0);
	assert_int_equal(lwl_link_drop(RIGHT, chain.of_left), 0);
	settle();
	for (i = 0; i <= chain.relays; i++) {
		side_is_empty(&chain.pairs[i].a);
		side_is_empty(&chain.pairs[i].b);
	}
	assert_int_equal(chain.left.closed, 1);
	assert_int_equal(chain.right.closed, 1);
	chain_free();
}

/* The same test with 0 (which has nothing to do with relays, and must be the same) to 3 of them. */
static void for_each_chain(void (*test)(void))
{
	unsigned relays;

	for (relays = 0; relays < PAIRS; relays++) {
		chain_init(relays);
		test();
		chain_fini();
	}
}

/* ---- commands and answers ---- */

static void forward_all(void)
{
	static const size_t steps[] = { SIZE_MAX, 5000, 13 };
	struct answer echo = { 0 }, never = { 0 }, hello = { 0 }, much = { 0 }, later = { 0 }, back = { 0 };
	const struct talk_other_hello_req hello_req = { 0 };
	unsigned i;

	for (i = 0; i < COUNT(steps); i++) {
		assert_int_equal(call_echo(LEFT, chain.of_right, i == 2 ? 100 : 60000, &echo), 0);
		assert_int_equal(call_never(LEFT, chain.of_right, 0, &never), 0);
		assert_int_equal(talk_other_hello(LEFT, (struct talk_other){ chain.of_right },
						  &hello_req,
						  (talk_other_hello_done *)(lwl_done_fn *)nevered, &hello), 0);
		assert_int_equal(call_much(LEFT, chain.of_right, 200, &much), 0);
		assert_int_equal(call_later(LEFT, chain.of_right, i, &later), 0);
		assert_int_equal(send_note(LEFT, chain.of_right, 10 + i, 0), 0);
		assert_int_equal(call_echo(RIGHT, chain.of_left, 33, &back), 0);
		assert_int_equal(send_note(RIGHT, chain.of_left, 20 + i, 0), 0);
		pump_chain_by(steps[i]);
		assert_int_equal(echo.count, i + 1);
		assert_int_equal(echo.status, 0);
		assert_int_equal(echo.len, i == 2 ? 100 : 60000);
		/* Errors, unchanged. */
		assert_int_equal(never.status, -LWL_EUNKNOWN);
		assert_int_equal(hello.status, -LWL_EINTERFACE);
		assert_int_equal(much.status, -LWL_EINVAL);
		assert_int_equal(chain.right.tag, 10 + i);
		assert_int_equal(chain.left.tag, 20 + i);
		assert_int_equal(back.count, i + 1);
		assert_int_equal(later.count, i);
		chain.right.tag = 77 + i;
		assert_int_equal(answer_later(&chain.right), 0);
		pump_chain_by(steps[i]);
		assert_int_equal(later.count, i + 1);
		assert_int_equal(later.tag, 77 + i);
	}
	assert_int_equal(call_later(LEFT, chain.of_right, 1, &later), 0);
	pump_chain();
	assert_int_equal(lwl_call_fail(chain.right.later[0], 4321, "for reasons of its own"), 0);
	chain.right.later_count = 0;
	pump_chain();
	assert_int_equal(later.status, -4321);
	assert_string_equal(later.detail, "for reasons of its own");
}

static void test_forward(void **state)
{
	(void)state;
	for_each_chain(forward_all);
}

static uint32_t next_tag;

static void in_order(struct object *object, struct lwl_call *call)
{
	(void)call;
	assert_int_equal(object->tag, next_tag);
	next_tag++;
}

static void many_oneways(void)
{
	unsigned i;

	next_tag = 0;
	chain.right.hook = in_order;
	for (i = 0; i < 300; i++) {
		int status = i % 3 == 0 ? send_blob(LEFT, chain.of_right, i, 100 * i) :
			     send_note(LEFT, chain.of_right, i, i % 2 == 0 ? chain.of_right : 0);

		assert_int_equal(status, 0);
		if (i % 5 == 0)
			pump_chain_by(1000 + i);
	}
	pump_chain();
	assert_int_equal(next_tag, 300);
	chain.right.hook = NULL;
}

static void test_oneways(void **state)
{
	(void)state;
	for_each_chain(many_oneways);
}

/* ---- end points ---- */

static void pass_end_points(void)
{
	struct object child = { 0 }, given = { 0 };
	struct answer make = { .keeper = LEFT }, echo = { 0 }, pass_on = { 0 }, give = { 0 };
	uint64_t id, at_right;
	unsigned i;

	/* New ones of the right end's. */
	chain.right.child = &child;
	assert_int_equal(call_make(LEFT, chain.of_right, 20, &make), 0);
	pump_chain();
	assert_int_equal(make.ids, 20);
	for (i = 0; i < 20; i++) {
		assert_int_equal(call_echo(LEFT, make.id - i, 7, &echo), 0);
		assert_int_equal(send_note(LEFT, make.id - i, 7, 0), 0);
	}
	pump_chain();
	assert_int_equal(echo.count, 20);
	assert_int_equal(child.notes, 20);
	/* They go back to where they live, and arrive as what they are there. */
	assert_int_equal(send_note(LEFT, chain.of_right, 1, make.id), 0);
	pump_chain();
	assert_ptr_equal(lwl_link_self(RIGHT, chain.right.peer, &talk_peer_interface), &child);
	assert_int_equal(chain.right.peer, chain.right.made);
	/* There and back again. */
	assert_int_equal(call_pass(LEFT, chain.of_right, make.id, 9, &pass_on), 0);
	pump_chain();
	assert_int_equal(pass_on.id, make.id);
	for (i = 0; i < 20; i++)
		assert_int_equal(lwl_link_drop(LEFT, make.id - i), 0);
	assert_int_equal(child.closed, 0);
	settle();
	assert_int_equal(child.closed, 20);
	/* One of the left end's, kept on the right, which calls it. */
	assert_int_equal(lwl_link_host(LEFT, &talk_peer_interface, &peer_ops, &given, count_closed,
				       &id), 0);
	assert_int_equal(call_give(LEFT, chain.of_right, id, true, &give), 0);
	pump_chain();
	assert_int_equal(give.id, id);
	at_right = chain.right.peer;
	assert_null(lwl_link_self(RIGHT, at_right, NULL));
	assert_int_equal(call_echo(RIGHT, at_right, 11, &echo), 0);
	assert_int_equal(call_give(RIGHT, at_right, at_right, false, &give), 0);
	pump_chain();
	assert_int_equal(echo.len, 11);
	assert_int_equal(given.peer, id);
	assert_int_equal(give.id, at_right);
	/* Given once more it is the same. */
	assert_int_equal(send_note(LEFT, chain.of_right, 1, id), 0);
	pump_chain();
	assert_int_equal(chain.right.peer, at_right);
	assert_int_equal(lwl_link_drop(RIGHT, at_right), 0);
	settle();
	assert_int_equal(given.closed, 1);
	/* And the root itself, which stays. */
	assert_int_equal(call_give(LEFT, chain.of_right, chain.of_right, false, &give), 0);
	pump_chain();
	assert_int_equal(give.id, chain.of_right);
	assert_ptr_equal(lwl_link_self(RIGHT, chain.right.peer, NULL), &chain.right);
	chain.right.child = NULL;
}

static void chain_reopen(void)
{
	/* References to the roots are counted until they are dropped: start again with one. */
	assert_int_equal(lwl_link_drop(LEFT, chain.of_right), 0);
	assert_int_equal(lwl_link_drop(RIGHT, chain.of_left), 0);
	settle();
	chain.left.closed = chain.right.closed = 0;
	assert_int_equal(lwl_link_open(LEFT, "root", &talk_peer_interface, opened,
				       &chain.left_opened), 0);
	assert_int_equal(lwl_link_open(RIGHT, "root", &talk_peer_interface, opened,
				       &chain.right_opened), 0);
	pump_chain();
	chain.of_right = chain.left_opened.id;
	chain.of_left = chain.right_opened.id;
}

static void test_end_points(void **state)
{
	unsigned relays;

	(void)state;
	for (relays = 0; relays < PAIRS; relays++) {
		chain_init(relays);
		pass_end_points();
		chain_reopen();
		chain_fini();
	}
}

/* Deep inside a message, where only the bits of the items say that there are linkids. */
static void pass_deep(void)
{
	struct object child = { 0 };
	struct answer make = { .keeper = LEFT }, answer = { 0 };
	struct talk_peer peers[3] = { { 0 } };
	struct talk_box boxes[2];
	struct talk_peer_pass_req req = { .peers = lwl_seq_of(peers, 3), .has_data = true,
					  .has_box = true };
	uint64_t id;

	chain.right.child = &child;
	assert_int_equal(call_make(LEFT, chain.of_right, 1, &make), 0);
	pump_chain();
	assert_int_equal(lwl_link_host(LEFT, &talk_peer_interface, &peer_ops, &child, count_closed,
				       &id), 0);
	req.data = lwl_bytes_of(bulk, 30000);
	peers[0].id = make.id;
	peers[1].id = id;
	peers[2].id = make.id;
	memset(boxes, 0, sizeof boxes);
	boxes[0].has_peer = true;
	boxes[0].peer.id = id;
	boxes[1].has_peer = true;
	boxes[1].peer.id = make.id;
	boxes[1].has_inner = true;
	boxes[1].inner = lwl_seq_of(&boxes[0], 1);
	req.box = boxes[1];
	assert_int_equal(talk_peer_pass(LEFT, (struct talk_peer){ chain.of_right }, &req, passed,
					&answer), 0);
	pump_chain();
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.ids, 4);
	assert_int_equal(answer.id, make.id);
	assert_int_equal(lwl_link_drop(LEFT, make.id), 0);
	settle();
	assert_int_equal(child.closed, 2);
	chain.right.child = NULL;
}

static void test_deep(void **state)
{
	(void)state;
	for_each_chain(pass_deep);
}

/* ---- cancelling, time ---- */

static void cancel_through(void)
{
	struct answer answer = { 0 };
	uint64_t left = 0;

	assert_int_equal(call_later(LEFT, chain.of_right, 1, &answer), 0);
	pump_chain();
	assert_int_equal(lwl_call_cancel(LEFT, lwl_call_last(LEFT)), 0);
	pump_chain();
	assert_int_equal(chain.right.cancelled, 1);
	assert_int_equal(lwl_call_fail(chain.right.later[0], LWL_ECANCELLED, "as you like"), 0);
	chain.right.later_count = 0;
	pump_chain();
	assert_int_equal(answer.status, -LWL_ECANCELLED);
	assert_string_equal(answer.detail, "as you like");
	/* The deadline is known to all, and whoever has it first tells the next. */
	lwl_link_set_timeout(LEFT, 10 * SECOND);
	assert_int_equal(call_later(LEFT, chain.of_right, 1, &answer), 0);
	lwl_link_set_timeout(LEFT, 0);
	pump_chain();
	assert_true(lwl_call_deadline(chain.right.later[0], &left));
	assert_int_equal(left, 10 * SECOND);
	pass_chain(10 * SECOND);
	assert_int_equal(answer.count, 2);
	assert_int_equal(answer.status, -LWL_EDEADLINE);
	assert_int_equal(chain.right.cancelled, 2);
	assert_int_equal(answer_later(&chain.right), 0);
	pump_chain();
	assert_int_equal(answer.count, 2);
	chain.right.cancelled = 0;
}

static void test_cancel(void **state)
{
	(void)state;
	for_each_chain(cancel_through);
}

/* A cancel that comes while the answer is on its way. */
static void cancel_late(void)
{
	struct answer answer = { 0 };
	unsigned i;

	assert_int_equal(call_later(LEFT, chain.of_right, 1, &answer), 0);
	pump_chain();
	assert_int_equal(answer_later(&chain.right), 0);
	for (i = 0; i < chain.relays; i++)
		carry(&chain.pairs[chain.relays - i], &chain.pairs[chain.relays - i].b,
		      &chain.pairs[chain.relays - i].a, SIZE_MAX);
	assert_int_equal(lwl_call_cancel(LEFT, lwl_call_last(LEFT)), 0);
	pump_chain();
	assert_int_equal(answer.status, 0);
	assert_int_equal(chain.right.cancelled, 0);
}

static void test_cancel_late(void **state)
{
	(void)state;
	for_each_chain(cancel_late);
}

/* ---- opening ---- */

static void open_all(void)
{
	struct answer answer = { 0 };

	assert_int_equal(lwl_link_open(LEFT, "door", &talk_peer_interface, opened, &answer), 0);
	pump_chain();
	assert_int_equal(answer.status, -LWL_ENOENT);
	assert_string_equal(answer.detail, "nothing is offered under that name");
	assert_int_equal(lwl_link_open(LEFT, "root", &talk_other_interface, opened, &answer), 0);
	pump_chain();
	assert_int_equal(answer.status, -LWL_EINTERFACE);
	assert_string_equal(answer.detail, "unit.talk.Peer");
	assert_int_equal(lwl_link_open(LEFT, "root", &talk_peer_interface, opened, &answer), 0);
	pump_chain();
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.id, chain.of_right);
	assert_int_equal(answer.tag, 3);
}

static void test_open(void **state)
{
	unsigned relays;

	(void)state;
	for (relays = 0; relays < PAIRS; relays++) {
		chain_init(relays);
		open_all();
		chain_reopen();
		chain_fini();
	}
}

/* One of the two links ends while the other end is asked. */
static void test_open_and_end(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 6; i++) {
		struct answer answer = { 0 };

		chain_init(1);
		if (i == 0) {
			/* The link behind the relay is no more. */
			lwl_link_broken(chain.pairs[1].a.link, -LWL_EPIPE, chain.pairs[1].now);
			pump_chain();
		}
		assert_int_equal(lwl_link_open(LEFT, "root", &talk_peer_interface, opened, &answer), 0);
		carry(&chain.pairs[0], &chain.pairs[0].a, &chain.pairs[0].b, SIZE_MAX);
		switch (i) {
		case 0:
			pump_chain();
			assert_int_equal(answer.status, -LWL_EGONE);
			break;
		case 1:
			lwl_link_broken(chain.pairs[1].a.link, -LWL_EPIPE, chain.pairs[1].now);
			pump_chain();
			assert_int_equal(answer.status, -LWL_ENOTRUN);
			break;
		case 2:
			lwl_link_end(RIGHT, LWL_EBUSY, NULL);
			pump_chain();
			assert_int_equal(answer.count, 1);
			break;
		case 3:
			lwl_link_broken(chain.pairs[0].b.link, -LWL_EPIPE, chain.pairs[0].now);
			pump_chain();
			break;
		case 4:
			free_side(1, false);
			pump_chain();
			assert_int_equal(answer.status, -LWL_ENOTRUN);
			break;
		default:
			free_side(0, true);
			pump_chain();
			break;
		}
		settle();
		chain_free();
		assert_int_equal(answer.count, 1);
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

static void die_at_the_far_end(void)
{
	struct object child = { 0 };
	struct answer make = { .keeper = LEFT }, answer = { 0 }, crossing = { 0 };

	memset(&death, 0, sizeof death);
	chain.right.child = &child;
	assert_int_equal(call_make(LEFT, chain.of_right, 2, &make), 0);
	pump_chain();
	assert_int_equal(lwl_link_watch(LEFT, make.id, died, &death), 0);
	assert_int_equal(call_later(LEFT, make.id, 1, &answer), 0);
	pump_chain();
	assert_int_equal(lwl_link_revoke(RIGHT, chain.right.made), 0);
	assert_int_equal(call_echo(LEFT, make.id, 1, &crossing), 0);
	settle();
	assert_int_equal(death.count, 1);
	assert_int_equal(death.id, make.id);
	assert_int_equal(crossing.status, -LWL_EGONE);
	assert_int_equal(call_echo(LEFT, make.id, 1, &crossing), -LWL_EGONE);
	assert_int_equal(child.runs, 1);
	/* What ran is answered. */
	assert_int_equal(answer_later(&child), 0);
	pump_chain();
	assert_int_equal(answer.status, 0);
	assert_int_equal(child.closed, 0);
	assert_int_equal(lwl_link_drop(LEFT, make.id), 0);
	assert_int_equal(lwl_link_drop(LEFT, make.id - 1), 0);
	settle();
	assert_int_equal(child.closed, 2);
	chain.right.child = NULL;
}

static void test_death(void **state)
{
	(void)state;
	for_each_chain(die_at_the_far_end);
}

/*
 * The link `which` of the chain breaks, with commands running both ways and end points kept on both
 * ends: those that stood behind it die, commands that went through it are completed, and the rest of
 * the chain lives on.
 */
static void break_link(unsigned relays, unsigned which, bool freed)
{
	struct object left_child = { 0 }, right_child = { 0 };
	struct answer make = { 0 }, a = { 0 }, b = { 0 }, echo = { 0 };
	struct pair *p = &chain.pairs[which];
	struct death deaths[4];
	uint64_t id;
	unsigned i;

	memset(deaths, 0, sizeof deaths);
	chain_init(relays);
	chain.right.child = &right_child;
	make.keeper = LEFT;
	assert_int_equal(call_make(LEFT, chain.of_right, 3, &make), 0);
	assert_int_equal(lwl_link_host(LEFT, &talk_peer_interface, &peer_ops, &left_child,
				       count_closed, &id), 0);
	assert_int_equal(call_give(LEFT, chain.of_right, id, true, &echo), 0);
	settle();
	assert_int_equal(lwl_link_watch(LEFT, make.id, died, &deaths[0]), 0);
	assert_int_equal(lwl_link_watch(LEFT, chain.of_right, died, &deaths[1]), 0);
	assert_int_equal(lwl_link_watch(RIGHT, chain.right.peer, died, &deaths[2]), 0);
	assert_int_equal(call_later(LEFT, make.id, 1, &a), 0);
	assert_int_equal(call_later(RIGHT, chain.right.peer, 1, &b), 0);
	pump_chain();
	assert_int_equal(right_child.later_count, 1);
	assert_int_equal(left_child.later_count, 1);
	/* Something is under way, too. */
	assert_int_equal(call_make(LEFT, chain.of_right, 5, &echo), 0);
	for (i = 0; i < which; i++)
		carry(&chain.pairs[i], &chain.pairs[i].a, &chain.pairs[i].b, SIZE_MAX);
	if (freed) {
		free_side(which, false);
		free_side(which, true);
	} else {
		p->cut = true;
		lwl_link_broken(p->a.link, -LWL_EPIPE, p->now);
		lwl_link_broken(p->b.link, -LWL_EPIPE, p->now);
	}
	settle();
	assert_int_equal(p->a.ends, 1);
	assert_int_equal(p->b.ends, 1);
	assert_int_equal(deaths[0].count, 1);
	assert_int_equal(deaths[1].count, 1);
	assert_int_equal(deaths[2].count, 1);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.status, -LWL_EFATE);
	assert_int_equal(b.count, 1);
	assert_int_equal(b.status, -LWL_EFATE);
	/* What had not left the last link before the break certainly did not run. */
	assert_int_equal(echo.count, 2);
	assert_int_equal(echo.status, -LWL_ENOTRUN);
	/* Those that work on it have been told. */
	assert_int_equal(right_child.cancelled, 1);
	assert_int_equal(left_child.cancelled, 1);
	for (i = 0; i <= relays; i++) {
		if (i != which) {
			assert_true(lwl_link_is_up(chain.pairs[i].a.link));
			assert_true(lwl_link_is_up(chain.pairs[i].b.link));
		}
	}
	(void)answer_later(&right_child);
	(void)answer_later(&left_child);
	if (!freed || which != 0) {
		assert_int_equal(call_echo(LEFT, make.id, 1, &echo),
				 which == 0 ? -LWL_EPIPE : -LWL_EGONE);
		assert_int_equal(lwl_link_open(LEFT, "root", &talk_peer_interface, opened, &echo),
				 which == 0 ? -LWL_EPIPE : 0);
		settle();
		if (which != 0)
			assert_int_equal(echo.status, -LWL_EGONE);
		for (i = 0; i < 3; i++)
			assert_int_equal(lwl_link_drop(LEFT, make.id - i), 0);
		assert_int_equal(lwl_link_drop(LEFT, chain.of_right), 0);
	}
	if (!freed || which != relays) {
		assert_int_equal(lwl_link_drop(RIGHT, chain.right.peer), 0);
		assert_int_equal(lwl_link_drop(RIGHT, chain.of_left), 0);
	}
	settle();
	/* All is given back on both sides of the break. */
	assert_int_equal(right_child.closed, 3);
	assert_int_equal(left_child.closed, 1);
	assert_int_equal(chain.right.closed, 1);
	assert_int_equal(chain.left.closed, 1);
	for (i = 0; i <= relays; i++) {
		if (i != which) {
			side_is_empty(&chain.pairs[i].a);
			side_is_empty(&chain.pairs[i].b);
		}
	}
	chain_free();
}

static void test_broken(void **state)
{
	unsigned relays, which;

	(void)state;
	for (relays = 1; relays < PAIRS; relays++) {
		for (which = 0; which <= relays; which++) {
			break_link(relays, which, false);
			break_link(relays, which, true);
		}
	}
}

/*
 * The session of the one who asks ends with whatever its goodbye says, also with the errors after which
 * a call would still wait; then the answer comes.
 */
static void test_any_goodbye(void **state)
{
	static const int codes[] = { 0, LWL_ENOMEM, LWL_EINVAL, LWL_ENOTCONN, LWL_ECALLS,
				     LWL_ENOENDPOINT, 9999 };
	unsigned i, k;

	(void)state;
	for (i = 0; i < COUNT(codes); i++) {
		for (k = 0; k < 4; k++) {
			struct answer answer = { 0 };
			int status;

			chain_init(1);
			if (k < 3)
				assert_int_equal(call_later(LEFT, chain.of_right, 1, &answer), 0);
			else
				assert_int_equal(lwl_link_open(LEFT, "root", &talk_peer_interface,
							       opened, &answer), 0);
			carry(&chain.pairs[0], &chain.pairs[0].a, &chain.pairs[0].b, SIZE_MAX);
			if (k < 3)
				pump_chain();
			lwl_link_end(LEFT, codes[i], NULL);
			carry(&chain.pairs[0], &chain.pairs[0].a, &chain.pairs[0].b, SIZE_MAX);
			if (k == 0) {
				assert_int_equal(answer_later(&chain.right), 0);
			} else if (k == 1) {
				assert_int_equal(lwl_call_fail(chain.right.later[0], LWL_EIO, NULL), 0);
				chain.right.later_count = 0;
			} else if (k == 2) {
				/* Or its end. */
				lwl_link_end(RIGHT, codes[i], NULL);
				pump_chain();
				status = answer_later(&chain.right);
				assert_true(status < 0 && status != -LWL_EINVAL);
			}
			settle();
			assert_int_equal(answer.count, 1);
			chain_free();
		}
	}
}

/* The relay frees its links in one order or the other, with calls running and end points given. */
static void test_free_relay(void **state)
{
	unsigned order;

	(void)state;
	for (order = 0; order < 8; order++) {
		struct object child = { 0 };
		struct answer make = { 0 }, a = { 0 }, b = { 0 };
		unsigned i;

		chain_init(1);
		chain.right.child = &child;
		make.keeper = LEFT;
		assert_int_equal(call_make(LEFT, chain.of_right, 3, &make), 0);
		pump_chain();
		for (i = 0; i < 3; i++) {
			assert_int_equal(call_later(LEFT, make.id, i, &a), 0);
			assert_int_equal(call_later(RIGHT, chain.of_left, i, &b), 0);
		}
		pump_chain();
		for (i = 0; i < 2; i++) {
			bool near = (order & 1) == i;

			free_side(near ? 0 : 1, near);
			if ((order & 2) != 0)
				settle();
			if (i == 0 && (order & 4) != 0) {
				/* The ends go on as if nothing had happened. */
				(void)call_echo(LEFT, make.id, 1, &a);
				(void)call_echo(RIGHT, chain.of_left, 1, &b);
				settle();
				while (child.later_count > 0)
					(void)answer_later(&child);
				while (chain.left.later_count > 0)
					(void)answer_later(&chain.left);
				settle();
			}
		}
		chain_free();
		while (child.later_count > 0)
			(void)answer_later(&child);
		while (chain.left.later_count > 0)
			(void)answer_later(&chain.left);
		assert_int_equal(child.closed, 3);
		assert_int_equal(chain.right.closed, 1);
		assert_int_equal(chain.left.closed, 1);
	}
}

/* ---- room ---- */

static void test_no_room(void **state)
{
	const struct lwl_link_config configs[] = { [3] = { .limits = { .calls = 2 } } };
	struct answer answers[5];
	unsigned i;

	(void)state;
	memset(answers, 0, sizeof answers);
	chain_init_with(1, configs);
	for (i = 0; i < 5; i++)
		assert_int_equal(call_later(LEFT, chain.of_right, i, &answers[i]), 0);
	pump_chain();
	for (i = 0; i < 5; i++) {
		assert_int_equal(answers[i].count, i >= 2);
		if (i >= 2) {
			assert_int_equal(answers[i].status, -LWL_ECALLS);
			assert_string_equal(answers[i].detail, "the relay has no room");
		}
	}
	while (chain.right.later_count > 0)
		assert_int_equal(answer_later(&chain.right), 0);
	pump_chain();
	assert_int_equal(answers[1].count, 1);
	assert_int_equal(call_later(LEFT, chain.of_right, i, &answers[0]), 0);
	pump_chain();
	assert_int_equal(answer_later(&chain.right), 0);
	pump_chain();
	assert_int_equal(answers[0].count, 2);
	chain_fini();
}

/* End points that the relay has no room for: what had been made for the message goes again. */
static void test_no_end_points(void **state)
{
	const struct lwl_link_config configs[] = { [0] = { .limits = { .endpoints = 4 } },
						   [3] = { .limits = { .endpoints = 4 } } };
	struct object child = { 0 };
	struct answer make = { 0 }, pass_on = { 0 };
	struct talk_peer peers[5] = { { 0 } };
	const struct talk_peer_pass_req req = { .peers = lwl_seq_of(peers, 5) };
	unsigned i;

	(void)state;
	chain_init_with(1, configs);
	chain.right.child = &child;
	assert_int_equal(call_make(LEFT, chain.of_right, 3, &make), 0);
	settle();
	assert_int_equal(make.status, 0);
	assert_int_equal(call_make(LEFT, chain.of_right, 4, &make), 0);
	settle();
	assert_int_equal(make.status, -LWL_EMFILE);
	assert_int_equal(child.closed, 7);
	for (i = 0; i < 5; i++)
		assert_int_equal(lwl_link_host(LEFT, &talk_peer_interface, &peer_ops, &child,
					       count_closed, &peers[i].id), 0);
	assert_int_equal(talk_peer_pass(LEFT, (struct talk_peer){ chain.of_right }, &req, passed,
					&pass_on), 0);
	settle();
	assert_int_equal(pass_on.status, -LWL_EMFILE);
	assert_int_equal(child.closed, 12);
	chain_fini();
}

/* One-ways are not lost: they wait in the relay, in order, and commands do not overtake them. */
static void test_oneways_wait(void **state)
{
	const struct lwl_link_config configs[] = {
		[1] = { .limits = { .window = 4 << 20 } }, [2] = { .ring = 131072 },
		[3] = { .limits = { .window = 131072 } }
	};
	struct object child = { 0 };
	struct answer answer = { 0 };
	uint64_t id;
	unsigned i, k;

	(void)state;
	for (k = 0; k < 3; k++) {
		unsigned sent = 0;

		chain_init_with(1, configs);
		memset(&child, 0, sizeof child);
		next_tag = 0;
		chain.right.hook = in_order;
		for (i = 0; i < 15; i++) {
			/* One end point each, that is given up by the sender at once. */
			assert_int_equal(send_blob(LEFT, chain.of_right, sent++, 50000), 0);
			assert_int_equal(lwl_link_host(LEFT, &talk_peer_interface, &peer_ops,
						       &child, count_closed, &id), 0);
			assert_int_equal(send_note(LEFT, chain.of_right, sent++, id), 0);
		}
		assert_int_equal(call_later(LEFT, chain.of_right, 1, &answer), 0);
		carry(&chain.pairs[0], &chain.pairs[0].a, &chain.pairs[0].b, SIZE_MAX);
		assert_true(stats_of(&chain.pairs[1].a).held_bytes > 300000);
		if (k == 1) {
			/* The proxy is given up while they wait, and must not be before them. */
			assert_int_equal(lwl_link_drop(LEFT, chain.of_right), 0);
		} else if (k == 2) {
			lwl_link_shutdown(chain.pairs[1].a.link, 60 * SECOND);
		}
		settle();
		for (i = 0; i < 100 && next_tag < sent; i++)
			pass_chain(ACK_US);
		assert_int_equal(next_tag, sent);
		assert_int_equal(answer.count, k + 1);
		assert_int_equal(answer.status, -LWL_ECALLS);
		chain.right.hook = NULL;
		settle();
		assert_int_equal(child.closed, 15);
		if (k == 0) {
			chain_fini();
			continue;
		}
		if (k == 1)
			assert_int_equal(chain.right.closed, 1);
		else
			assert_int_equal(chain.pairs[1].a.status, 0);
		chain_free();
	}
}

/* What was sent first arrives first, also when it has to wait in the relay: one-ways, then the answer. */
static void notes_first(struct object *object, struct lwl_call *call)
{
	unsigned i;

	(void)object;
	(void)call;
	for (i = 0; i < 6; i++)
		assert_int_equal(send_blob(LEFT, chain.of_right, i, 50000), 0);
}

static void tell_note(struct object *object, struct lwl_call *call)
{
	(void)object;
	(void)call;
	tell('n');
}

static void tell_answer(struct answer *answer)
{
	assert_int_equal(answer->status, 0);
	tell('a');
}

static void test_order(void **state)
{
	const struct lwl_link_config configs[] = {
		[2] = { .ring = 131072 }, [3] = { .limits = { .window = 131072 } }
	};
	struct answer answer = { .hook = tell_answer };
	unsigned i;

	(void)state;
	chain_init_with(1, configs);
	story[0] = '\0';
	chain.left.hook = notes_first;
	chain.right.hook = tell_note;
	for (i = 0; i < 3; i++)
		assert_int_equal(call_echo(RIGHT, chain.of_left, i * 20000, &answer), 0);
	for (i = 0; i < 20; i++)
		pass_chain(ACK_US);
	assert_string_equal(story, "nnnnnnannnnnnannnnnna");
	chain_fini();
}

/* Too many wait: the link that takes nothing ends, and only that. */
static void test_too_many_wait(void **state)
{
	const struct lwl_link_config configs[] = {
		[1] = { .limits = { .window = 4 << 20 } }, [2] = { .ring = 131072,
								   .held_bytes = 300000 },
		[3] = { .limits = { .window = 131072 } }
	};
	struct answer answer = { 0 };
	unsigned i;

	(void)state;
	chain_init_with(1, configs);
	for (i = 0; i < 15; i++)
		assert_int_equal(send_blob(LEFT, chain.of_right, i, 50000), 0);
	carry(&chain.pairs[0], &chain.pairs[0].a, &chain.pairs[0].b, SIZE_MAX);
	settle();
	assert_int_equal(chain.pairs[1].a.ends, 1);
	assert_int_equal(chain.pairs[1].a.status, -LWL_ECALLS);
	assert_int_equal(chain.pairs[1].b.status, -LWL_ECALLS);
	assert_true(lwl_link_is_up(LEFT));
	assert_int_equal(call_echo(LEFT, chain.of_right, 1, &answer), -LWL_EGONE);
	chain_free();
}

/* ---- lwl_link_pass ---- */

static void test_pass(void **state)
{
	struct lwl_link *near, *far;
	struct answer make = { 0 }, answer = { 0 };
	struct object child = { 0 }, own = { 0 };
	uint64_t id = 0, again = 0, back = 0, at_relay;
	unsigned i;

	(void)state;
	chain_init(1);
	near = chain.pairs[0].b.link;
	far = chain.pairs[1].a.link;
	chain.right.child = &child;
	/* The relay has an end point of the right end's of its own. */
	make.keeper = far;
	at_relay = (UINT64_C(1) << 63 | UINT64_C(1) << 32 | 0);
	assert_int_equal(call_make(far, at_relay, 1, &make), 0);
	pump_chain();
	assert_int_equal(make.status, 0);
	assert_int_equal(lwl_link_pass(near, far, make.id, &id), 0);
	assert_int_equal(lwl_link_pass(near, far, make.id, &again), 0);
	assert_int_equal(id, again);
	assert_int_equal(lwl_link_references(near, id), 0);
	assert_int_equal(lwl_link_pass(far, near, id, &back), 0);
	assert_int_equal(back, make.id);
	assert_int_equal(lwl_link_pass(near, near, id, &back), -LWL_EINVAL);
	assert_int_equal(lwl_link_pass(far, far, make.id, &back), -LWL_EINVAL);
	assert_int_equal(lwl_link_pass(near, far, make.id + 1, &back), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_link_pass(near, far, 0, &back), -LWL_ENOENDPOINT);
	/* The relay's own are no proxies. */
	assert_int_equal(lwl_link_host(far, &talk_peer_interface, &peer_ops, &own, count_closed,
				       &back), 0);
	assert_int_equal(lwl_link_pass(near, far, back, &again), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_link_revoke(far, back), 0);
	/* Not sent after all: revoked, it gives its use back. */
	assert_int_equal(lwl_link_drop(far, make.id), 0);
	settle();
	assert_int_equal(child.closed, 0);
	assert_int_equal(lwl_link_revoke(near, id), 0);
	settle();
	assert_int_equal(child.closed, 1);
	assert_int_equal(own.closed, 1);
	/* Sent, by the relay itself. */
	assert_int_equal(call_make(far, at_relay, 1, &make), 0);
	pump_chain();
	assert_int_equal(lwl_link_pass(near, far, make.id, &id), 0);
	assert_int_equal(call_give(near, (UINT64_C(1) << 32), id, true, &answer), 0);
	assert_int_equal(lwl_link_drop(far, make.id), 0);
	settle();
	assert_int_equal(answer.status, 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(call_echo(LEFT, id, i, &answer), 0);
	settle();
	assert_int_equal(child.runs, 3);
	/* A new one stands for it while the old one is revoked and still referenced. */
	assert_int_equal(lwl_link_keep(far, make.id), 0);
	assert_int_equal(lwl_link_revoke(near, id), 0);
	assert_int_equal(lwl_link_pass(near, far, make.id, &again), 0);
	assert_int_not_equal(again, id);
	assert_int_equal(lwl_link_revoke(near, again), 0);
	settle();
	assert_int_equal(call_echo(LEFT, id, i, &answer), -LWL_EGONE);
	assert_int_equal(lwl_link_drop(LEFT, id), 0);
	settle();
	assert_int_equal(child.closed, 1);
	/* What is dead is not passed. */
	assert_int_equal(lwl_link_revoke(RIGHT, chain.right.made), 0);
	settle();
	assert_int_equal(lwl_link_pass(near, far, make.id, &again), -LWL_EGONE);
	assert_int_equal(lwl_link_drop(far, make.id), 0);
	settle();
	assert_int_equal(child.closed, 2);
	chain_fini();
}

/* Three links of one program: what was passed from one to the next is passed on as what it stands for. */
static void test_star(void **state)
{
	const struct lwl_link_config config = { 0 };
	struct lwl_link_config with_root = { 0 };
	struct lwl_export export = { "root", &talk_peer_interface, &peer_ops, &chain.left,
				     count_closed, 0 };
	struct pair *p = chain.pairs;
	struct answer root = { 0 }, echo = { 0 };
	uint64_t on_1 = 0, on_2 = 0, again = 0;
	unsigned i;

	(void)state;
	memset(&chain, 0, sizeof chain);
	chain.relays = 2;
	with_root.exports = &export;
	with_root.export_count = 1;
	for (i = 0; i < 3; i++)
		pair_init(&p[i], &config, i == 0 ? &with_root : &config);
	pump_chain();
	root.keeper = p[0].a.link;
	assert_int_equal(lwl_link_open(p[0].a.link, "root", &talk_peer_interface, opened, &root), 0);
	pump_chain();
	assert_int_equal(lwl_link_pass(p[1].a.link, p[0].a.link, root.id, &on_1), 0);
	assert_int_equal(lwl_link_pass(p[2].a.link, p[1].a.link, on_1, &on_2), 0);
	assert_int_equal(lwl_link_pass(p[2].a.link, p[0].a.link, root.id, &again), 0);
	assert_int_equal(on_2, again);
	assert_int_equal(lwl_link_pass(p[0].a.link, p[2].a.link, on_2, &again), 0);
	assert_int_equal(again, root.id);
	assert_int_equal(lwl_link_pass(p[1].a.link, p[2].a.link, on_2, &again), 0);
	assert_int_equal(again, on_1);
	/* Each is an end point of its own. */
	assert_int_equal(lwl_link_revoke(p[1].a.link, on_1), 0);
	assert_int_equal(lwl_link_drop(p[0].a.link, root.id), 0);
	settle();
	assert_int_equal(chain.left.closed, 0);
	assert_int_equal(lwl_link_pass(p[1].a.link, p[2].a.link, on_2, &on_1), 0);
	assert_int_not_equal(again, on_1);
	assert_int_equal(lwl_link_revoke(p[1].a.link, on_1), 0);
	assert_int_equal(lwl_link_revoke(p[2].a.link, on_2), 0);
	settle();
	assert_int_equal(chain.left.closed, 1);
	assert_int_equal(call_echo(p[0].a.link, root.id, 1, &echo), -LWL_ENOENDPOINT);
	chain_free();
}

/*
 * A message with something in it that cannot be passed on, the relay's own end point: the command is
 * refused, and what had been made for it is gone.
 */
static void test_cannot_pass(void **state)
{
	struct object own = { 0 }, child = { 0 };
	struct answer answer = { 0 };
	struct talk_peer peers[3] = { { 0 } };
	const struct talk_peer_pass_req req = { .peers = lwl_seq_of(peers, 3) };
	struct talk_peer_note_msg note = { .has_peer = true };
	uint64_t id;
	unsigned i;

	(void)state;
	chain_init(1);
	assert_int_equal(lwl_link_host(chain.pairs[0].b.link, &talk_peer_interface, &peer_ops, &own,
				       count_closed, &id), 0);
	assert_int_equal(call_give(chain.pairs[0].b.link, UINT64_C(1) << 32, id, true, &answer), 0);
	pump_chain();
	for (i = 0; i < 2; i++)
		assert_int_equal(lwl_link_host(LEFT, &talk_peer_interface, &peer_ops, &child,
					       count_closed, &peers[2 * i].id), 0);
	peers[1].id = id;
	assert_int_equal(talk_peer_pass(LEFT, (struct talk_peer){ chain.of_right }, &req, passed,
					&answer), 0);
	note.peer.id = id;
	assert_int_equal(talk_peer_note(LEFT, (struct talk_peer){ chain.of_right }, &note), 0);
	settle();
	assert_int_equal(answer.count, 2);
	assert_int_equal(answer.status, -LWL_ENOENDPOINT);
	assert_int_equal(chain.right.runs, 0);
	assert_int_equal(child.closed, 2);
	assert_int_equal(stats_of(&chain.pairs[1].a).hosted, 1);
	assert_int_equal(lwl_link_drop(LEFT, id), 0);
	settle();
	assert_int_equal(own.closed, 1);
	/* In an answer: the one who asked hears of it. */
	chain_fini();
}

/* ---- a chain and a random program on both ends ---- */

static void play_along(uint64_t first, unsigned relays, bool bytewise)
{
	const struct lwl_link_config kinds[] = {
		{ .limits = { .window = 131072, .calls = 20, .endpoints = 100 }, .ring = 131072 },
		{ .limits = { .window = 200000, .calls = 40, .endpoints = 60 }, .ring = 1 << 18 },
		{ .ring = 0 }
	};
	struct lwl_link_config configs[2 * PAIRS];
	unsigned i, k, step;

	memset(&chain, 0, sizeof chain);
	chain.relays = relays;
	players_make(first, chain.exports);
	for (i = 0; i < COUNT(configs); i++)
		configs[i] = kinds[random_below(3)];
	chain_make(relays, configs);
	player_joins(&players[0], LEFT_SIDE);
	player_joins(&players[1], RIGHT_SIDE);
	largest = bytewise ? 200 : 30000;
	for (step = 0; step < STEPS; step++) {
		size_t most = bytewise ? 1 + random_below(200) : random_below(4) == 0 ? SIZE_MAX : random_below(30000);

		play(&players[random_below(2)]);
		for (i = 0; i <= relays; i++) {
			struct pair *p = &chain.pairs[i];

			for (k = 0; k < 2; k++) {
				if (random_below(4) != 0)
					carry(p, k == 0 ? &p->a : &p->b, k == 0 ? &p->b : &p->a, most);
			}
		}
		if (random_below(20) == 0)
			pass_chain(random_below(SECOND / 2));
		for (i = 0; i <= relays; i++) {
			assert_true(lwl_link_is_up(chain.pairs[i].a.link));
			assert_true(lwl_link_is_up(chain.pairs[i].b.link));
		}
	}
	for (i = 0; i < 50; i++) {
		players_leave();
		pass_chain(ACK_US);
	}
	players_are_done();
	for (i = 0; i <= relays; i++) {
		side_is_empty(&chain.pairs[i].a);
		side_is_empty(&chain.pairs[i].b);
	}
	chain_free();
}

static void test_random(void **state)
{
	unsigned i, relays;

	(void)state;
	for (relays = 1; relays < PAIRS; relays++) {
		for (i = 1; i <= SEEDS / 3; i++)
			play_along(1000 * relays + i, relays, i % 4 == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_oneways),
		cmocka_unit_test(test_end_points),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_cancel_late),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_open_and_end),
		cmocka_unit_test(test_death),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_any_goodbye),
		cmocka_unit_test(test_free_relay),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_no_end_points),
		cmocka_unit_test(test_oneways_wait),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_too_many_wait),
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_star),
		cmocka_unit_test(test_cannot_pass),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
