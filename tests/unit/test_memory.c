/*
 * Links without memory: a small program on two ends and a relay between them, once for each
 * allocation that can fail, alone or with all that follow.  Whatever fails, every command is answered
 * once, every end point is closed once, and nothing is lost or used after it was freed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "talk.h"

/* ---- memory that runs out ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static unsigned allocations;
static unsigned fail_at;		/* the allocation that fails; 0: none */
static bool fail_on;			/* and all behind it */

static bool fails(void)
{
	allocations++;
	return fail_at != 0 && (fail_on ? allocations >= fail_at : allocations == fail_at);
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

/* ---- left - relay - right ---- */

static struct pair pairs[2];
static struct object left, right;
static struct answer answers[64];	/* of commands that could be begun */
static unsigned begun, hosted;
static uint64_t kept;			/* what the left end keeps */

#define LEFT (pairs[0].a.link)
#define RIGHT (pairs[1].b.link)

static void forward_open(void *ctx, struct lwl_link *link, struct lwl_call *call, struct lwl_string name,
			 struct lwl_string interface, uint32_t version)
{
	struct side *side = ctx, *other = side->ctx;

	(void)link;
	lwl_open_forward(call, other->link, name, interface, version);
}

static struct side *side_of(unsigned i)
{
	return i % 2 == 0 ? &pairs[i / 2].a : &pairs[i / 2].b;
}

static bool make_links(struct lwl_export *exports)
{
	struct lwl_link_config config = { .random = not_random, .events = &side_events,
					  .limits = { .window = 131072 }, .ring = 131072 };
	unsigned i;

	for (i = 0; i < 4; i++) {
		struct side *side = side_of(i);

		config.open = i == 1 || i == 2 ? forward_open : NULL;
		config.exports = i == 3 ? exports : NULL;
		config.export_count = i == 3;
		config.ctx = side;
		if (lwl_link_new(&side->link, &config) != 0)
			return false;
		assert_int_equal(lwl_link_connected(side->link, i % 2 == 0, 1), 0);
	}
	pairs[0].b.ctx = &pairs[1].a;
	pairs[1].a.ctx = &pairs[0].b;
	return true;
}

static void pump_all(void)
{
	unsigned i, still = 0;

	while (still < 2) {
		size_t moved = 0;

		for (i = 0; i < 4; i++)
			moved += carry(&pairs[i / 2], side_of(i), side_of(i ^ 1), SIZE_MAX);
		still = moved > 0 ? 0 : still + 1;
	}
}

static void pass_all(uint64_t microseconds)
{
	unsigned i;

	for (i = 0; i < 4; i++) {
		pairs[i / 2].now += i % 2 == 0 ? microseconds : 0;
		lwl_link_tick(side_of(i)->link, pairs[i / 2].now);
	}
	pump_all();
}

static void check(int status)
{
	if (status == 0)
		begun++;
}

#define NEXT (&answers[begun])

static void hold_some(struct object *object, struct lwl_call *call)
{
	if (!lwl_call_is_oneway(call) && object->runs % 2 == 0)
		(void)lwl_call_hold(call);
}

static void died(void *ctx, uint64_t id)
{
	(void)ctx;
	(void)lwl_link_drop(LEFT, id);
}

/* The rings of the right end and of the relay are full, to the left: answers have to wait. */
static void open_without_room(void)
{
	uint64_t id = 0, left_bytes;
	unsigned i;

	if (lwl_link_host(LEFT, &talk_peer_interface, &peer_ops, &left, count_closed, &id) != 0)
		return;
	hosted++;
	check(call_give(LEFT, kept, id, true, NEXT));
	for (i = 0; i < 4; i++)
		pass_all(ACK_US);
	for (i = 0; i < 3; i++) {
		left_bytes = 131072 - stats_of(&pairs[1].b).bytes_unacked - 128;
		(void)send_blob(RIGHT, right.peer, 1, left_bytes < 60000 ? (uint32_t)left_bytes : 60000);
	}
	check(lwl_link_open(LEFT, "root", &talk_peer_interface, opened, NEXT));
	check(call_echo(LEFT, kept, 200, NEXT));
	carry(&pairs[0], &pairs[0].a, &pairs[0].b, SIZE_MAX);
	carry(&pairs[1], &pairs[1].a, &pairs[1].b, SIZE_MAX);
	/* They wait on the right; then they go on, and wait in the relay. */
	carry(&pairs[1], &pairs[1].b, &pairs[1].a, SIZE_MAX);
	carry(&pairs[1], &pairs[1].a, &pairs[1].b, SIZE_MAX);
	carry(&pairs[1], &pairs[1].b, &pairs[1].a, SIZE_MAX);
	for (i = 0; i < 4; i++)
		pass_all(ACK_US);
	(void)lwl_link_drop(RIGHT, right.peer);
}

/* A little of everything; each step may fail. */
static void play(void)
{
	static const uint8_t data[50000];
	const struct talk_peer_blob_msg blob = { .tag = 1, .data = lwl_bytes_of(data, sizeof data) };
	uint64_t id = 0;
	unsigned i, k;

	answers[0].keeper = LEFT;
	check(lwl_link_open(LEFT, "root", &talk_peer_interface, opened, NEXT));
	pump_all();
	kept = answers[0].id;
	right.hook = hold_some;
	lwl_link_set_timeout(LEFT, SECOND);
	check(call_echo(LEFT, kept, 50000, NEXT));
	check(call_later(LEFT, kept, 1, NEXT));
	lwl_link_set_timeout(LEFT, 0);
	for (i = 0; i < 3; i++)
		check(call_later(LEFT, kept, 1, NEXT));
	(void)lwl_call_cancel(LEFT, lwl_call_last(LEFT));
	check(call_make(LEFT, kept, 20, NEXT));
	pump_all();
	if (lwl_link_host(LEFT, &talk_peer_interface, &peer_ops, &left, count_closed, &id) == 0) {
		hosted++;
		check(call_give(LEFT, kept, id, false, NEXT));
		check(call_pass(LEFT, kept, id, 40000, NEXT));
		(void)send_note(LEFT, kept, 1, id);
	}
	/* More than there is room for. */
	for (i = 0; i < 6; i++) {
		check(call_echo(LEFT, kept, 50000, NEXT));
		check(lwl_link_open(LEFT, "root", &talk_peer_interface, opened, NEXT));
		(void)talk_peer_blob(LEFT, (struct talk_peer){ kept }, &blob);
		carry(&pairs[0], &pairs[0].a, &pairs[0].b, SIZE_MAX);
	}
	pass_all(2 * SECOND);
	open_without_room();
	answers[begun].keeper = LEFT;
	check(call_make(LEFT, kept, 1, NEXT));
	pump_all();
	if (begun > 0 && answers[begun - 1].ids == 1)
		(void)lwl_link_watch(LEFT, answers[begun - 1].id, died, NULL);
	(void)lwl_link_revoke(RIGHT, right.made);
	pump_all();
	while (right.later_count > 0)
		(void)answer_later(&right);
	for (i = 0; i < 4; i++)
		pass_all(ACK_US);
	/* Nobody waits for ever. */
	for (i = 0; i < 4 && lwl_link_is_up(side_of(i)->link); i++)
		;
	for (k = 0; i == 4 && k < begun; k++)
		assert_int_equal(answers[k].count, 1);
	check(call_later(LEFT, kept, 1, NEXT));
	pump_all();
	(void)lwl_link_drop(LEFT, kept);
	pass_all(ACK_US);
}

/* With the `n`th allocation failing.  False: there were fewer. */
static bool run(unsigned n, bool on)
{
	struct lwl_export exports[1] = { { "root", &talk_peer_interface, &peer_ops, &right, NULL, 0 } };
	bool failed;
	unsigned i;

	memset(pairs, 0, sizeof pairs);
	memset(&left, 0, sizeof left);
	memset(&right, 0, sizeof right);
	memset(answers, 0, sizeof answers);
	begun = hosted = 0;
	kept = 0;
	allocations = 0;
	fail_at = n;
	fail_on = on;
	if (make_links(exports)) {
		pump_all();
		play();
		assert_true(begun < COUNT(answers));
	}
	failed = allocations >= n;
	fail_at = 0;
	for (i = 0; i < 4; i++) {
		if (side_of(i)->ends == 0)
			assert_int_equal(side_of(i)->status, 0);
		lwl_link_free(side_of(i)->link);
	}
	while (right.later_count > 0)
		(void)answer_later(&right);
	for (i = 0; i < begun; i++)
		assert_int_equal(answers[i].count, 1);
	assert_int_equal(left.closed, hosted);
	assert_int_equal(right.closed, right.hosted);
	for (i = 0; i < 4; i++)
		assert_int_equal(side_of(i)->ends, side_of(i)->link != NULL);
	return failed;
}

static void run_all(bool on)
{
	unsigned n = 1;

	while (run(n, on))
		n++;
	assert_true(n > 50);
}

static void test_one_fails(void **state)
{
	(void)state;
	run_all(false);
}

static void test_all_fail(void **state)
{
	(void)state;
	run_all(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_fails),
		cmocka_unit_test(test_all_fail),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
