/*
 * Linkids and references: each operation by hand, then two random tests.  One compares endpoint.c
 * with a model that does everything the slow way, and is told wrong things, too; the other lets two
 * of them talk over queues, and no reference may be lost on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/endpoint.h"

#include <lwlink/link.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))
#define OURS(generation, index) ((uint64_t)(generation) << 32 | (index))
#define PEERS(generation, index) (LWL_HOST_BIT | OURS(generation, index))

enum { LIMIT = 10 };			/* of end points on each side, where not said otherwise */

static struct lwl_endpoints e;

/* ---- memory that runs out ---- */

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool no_memory;

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return no_memory ? NULL : __real_aligned_alloc(alignment, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return no_memory ? NULL : __real_realloc(p, size);
}

/* ---- messages ---- */

enum { LIST, NESTED };			/* their shapes */

static uint8_t msg[LWL_MESSAGE_MAX + 1];

static void put_some(struct lwl_writer *w, uint16_t number, const uint64_t **ids, uint32_t *left,
		     uint32_t n)
{
	struct lwl_link_any links[LWL_MESSAGE_MAX / 8];
	uint32_t i;

	for (i = 0; i < n && *left > 0; i++, (*left)--)
		links[i].id = *(*ids)++;
	lwl_put_links(w, number, UINT32_MAX, lwl_seq_of(links, i));
}

/* A message with these linkids, in order; besides it is full of what only looks like linkids. */
static void encode(uint8_t *out, const uint64_t *ids, uint32_t n, int shape)
{
	struct lwl_group outer, inner;
	struct lwl_writer w;
	int i;

	lwl_writer_init(&w, out, LWL_MESSAGE_MAX + 1, PEERS(1, 1), 7);
	lwl_writer_begin(&w, 0x1203, LWL_KIND_REQUEST);
	if (shape == NESTED) {
		lwl_put_u64(&w, 1, OURS(1, 0));
		for (i = 0; i < 2; i++) {
			lwl_begin_group(&w, 2, &outer);
			lwl_put_u64(&w, 1, PEERS(1, 0));
			if (n > 0) {
				lwl_put_link(&w, 2, *ids++);
				n--;
			}
			lwl_begin_group(&w, 3, &inner);
			put_some(&w, 1, &ids, &n, 2);
			lwl_put_u8(&w, 9, 1);
			lwl_end_group(&w, &inner);
			lwl_put_bytes(&w, 4, 0, 99, lwl_bytes_of("\0\0\0\0\1\0\0\x80", 8));
			lwl_end_group(&w, &outer);
		}
		lwl_begin_group(&w, 3, &outer);
		lwl_put_u64(&w, 1, PEERS(1, 0));
		lwl_end_group(&w, &outer);
	}
	put_some(&w, 0x3eff, &ids, &n, n);
	lwl_writer_set_deadline(&w, PEERS(1, 0));
	assert_int_equal(lwl_writer_finish(&w), 0);
	assert_int_equal(lwl_message_check(out, lwl_writer_size(&w), NULL), 0);
}

static int arrived(const uint64_t *ids, uint32_t n)
{
	encode(msg, ids, n, LIST);
	return lwl_endpoints_arrived(&e, msg);
}

static int arrived1(uint64_t id)
{
	return arrived(&id, 1);
}

static void return1(uint64_t id)
{
	encode(msg, &id, 1, LIST);
	lwl_endpoints_return(&e, msg);
}

static int commit(const uint64_t *ids, uint32_t n)
{
	encode(msg, ids, n, LIST);
	return lwl_endpoints_commit(&e, msg);
}

static int commit1(uint64_t id)
{
	return commit(&id, 1);
}

/* ---- what is hosted ---- */

static void closed(void *self)
{
	(void)self;
}

static int objects[4096];		/* what end points are hosted for */

static uint64_t host(void *self)
{
	struct lwl_hosted what = { .self = self, .closed = closed, .refs = 77, .generation = 77 };
	uint64_t id = 0;

	assert_int_equal(lwl_endpoints_host(&e, &what, &id), 0);
	return id;
}

/* Exactly this one is to be closed now; NULL: none. */
static void expect_closed(const void *expected)
{
	lwl_closed_fn *fn = NULL;
	void *self;

	if (expected != NULL) {
		assert_true(lwl_endpoints_next_closed(&e, &self, &fn));
		assert_ptr_equal(self, expected);
		assert_true(fn == closed);
	}
	assert_false(lwl_endpoints_next_closed(&e, &self, &fn));
}

static void expect_gone(const uint64_t *expected, uint32_t n)
{
	uint64_t ids[LIMIT];
	uint32_t i;

	assert_int_equal(lwl_endpoints_have_gone(&e), n > 0);
	assert_int_equal(lwl_endpoints_take_gone(&e, ids, LIMIT), n);
	for (i = 0; i < n; i++)
		assert_true(ids[i] == expected[i]);
	assert_false(lwl_endpoints_have_gone(&e));
}

static void expect_release(uint64_t id, uint64_t n)
{
	struct lwl_released out[2];

	assert_int_equal(lwl_endpoints_have_releases(&e), n > 0);
	assert_int_equal(lwl_endpoints_take_releases(&e, out, 2), n > 0);
	if (n > 0)
		assert_true(out[0].linkid == id && out[0].n == n);
	assert_false(lwl_endpoints_have_releases(&e));
}

static int addressed(uint64_t id)
{
	struct lwl_hosted *h = (struct lwl_hosted *)objects;
	int status = lwl_endpoints_addressed(&e, id, &h);

	assert_int_equal(h == NULL, status == -LWL_ENOENDPOINT);
	return status;
}

static void expect_counts(uint32_t hosted, uint64_t hosted_refs, uint32_t held, uint64_t held_refs)
{
	assert_int_equal(e.hosted_count, hosted);
	assert_true(e.hosted_refs == hosted_refs);
	assert_int_equal(e.held_count, held);
	assert_true(e.held_refs == held_refs);
}

static int setup(void **state)
{
	(void)state;
	lwl_endpoints_init(&e, 0, LIMIT, LIMIT);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lwl_endpoints_fini(&e);
	return 0;
}

static void test_sizes(void **state)
{
	(void)state;
	assert_true(sizeof(struct lwl_hosted) <= 64);
	assert_true(sizeof(struct lwl_held) <= 64);
}

static void test_host(void **state)
{
	static const struct lwl_interface interface;
	struct lwl_hosted what = { .interface = &interface, .ops = objects, .self = objects,
				   .closed = closed };
	const struct lwl_hosted *h;
	uint64_t id, i;

	(void)state;
	for (i = 0; i < LIMIT; i++) {
		assert_int_equal(lwl_endpoints_host(&e, &what, &id), 0);
		assert_true(id == OURS(1, i));
	}
	assert_int_equal(lwl_endpoints_host(&e, &what, &id), -LWL_EMFILE);
	expect_counts(LIMIT, 0, 0, 0);
	h = lwl_endpoints_hosted(&e, OURS(1, 3));
	assert_non_null(h);
	assert_true(h->ops == objects && h->self == objects && h->closed == closed);
	assert_ptr_equal(h->interface, &interface);
	assert_null(lwl_endpoints_hosted(&e, PEERS(1, 3)));
	assert_null(lwl_endpoints_hosted(&e, OURS(2, 3)));
	assert_null(lwl_endpoints_hosted(&e, OURS(0, 3)));
	assert_null(lwl_endpoints_hosted(&e, OURS(1, LIMIT)));
	assert_null(lwl_endpoints_hosted(&e, OURS(1, UINT32_MAX)));
	assert_null(lwl_endpoints_hosted(&e, 0));
	assert_int_equal(addressed(OURS(1, 3)), -LWL_ENOENDPOINT);
	expect_closed(NULL);
	/* The other side's. */
	lwl_endpoints_fini(&e);
	lwl_endpoints_init(&e, LWL_HOST_BIT, 1, 1);
	assert_true(host(objects) == PEERS(1, 0));
	assert_non_null(lwl_endpoints_hosted(&e, PEERS(1, 0)));
	assert_null(lwl_endpoints_hosted(&e, OURS(1, 0)));
	/* None at all. */
	lwl_endpoints_fini(&e);
	lwl_endpoints_init(&e, 0, 0, 0);
	assert_int_equal(lwl_endpoints_host(&e, &what, &id), -LWL_EMFILE);
	assert_int_equal(arrived1(PEERS(1, 0)), -LWL_EMALFORMED);
}

static void test_no_memory(void **state)
{
	struct lwl_hosted what = { .self = objects };
	uint64_t id;

	(void)state;
	no_memory = true;
	assert_int_equal(lwl_endpoints_host(&e, &what, &id), -LWL_ENOMEM);
	assert_int_equal(arrived1(PEERS(1, 0)), -LWL_ENOMEM);
	no_memory = false;
	expect_counts(0, 0, 0, 0);
	assert_true(host(objects) == OURS(1, 0));
	assert_int_equal(arrived1(PEERS(1, 0)), 0);
}

/* References go out and come back; then the slot serves again, and its old linkid does not. */
static void test_release(void **state)
{
	uint64_t first = host(&objects[0]), twice[] = { first, first }, second;

	(void)state;
	assert_int_equal(addressed(first), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_released(&e, first, 1), -LWL_EMALFORMED);
	assert_int_equal(commit(twice, 2), 0);
	assert_int_equal(commit1(first), 0);
	expect_counts(1, 3, 0, 0);
	assert_int_equal(addressed(first), 0);
	assert_int_equal(lwl_endpoints_released(&e, first, 0), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_released(&e, first, 4), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_released(&e, first, UINT64_MAX), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_released(&e, OURS(2, 0), 1), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_released(&e, OURS(1, 1), 1), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_released(&e, PEERS(1, 0), 1), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_released(&e, 0, 1), -LWL_EMALFORMED);
	expect_counts(1, 3, 0, 0);
	assert_int_equal(lwl_endpoints_released(&e, first, 2), 0);
	expect_counts(1, 1, 0, 0);
	expect_closed(NULL);
	assert_int_equal(addressed(first), 0);
	assert_int_equal(lwl_endpoints_released(&e, first, 1), 0);
	/* Between the last release and its being told, nothing names it. */
	assert_int_equal(addressed(first), -LWL_ENOENDPOINT);
	assert_null(lwl_endpoints_hosted(&e, first));
	assert_int_equal(lwl_endpoints_released(&e, first, 1), -LWL_EMALFORMED);
	assert_int_equal(commit1(first), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_revoke(&e, first), -LWL_ENOENDPOINT);
	expect_counts(1, 0, 0, 0);
	expect_closed(&objects[0]);
	expect_counts(0, 0, 0, 0);

	second = host(&objects[1]);
	assert_true(second == OURS(2, 0));
	assert_int_equal(commit1(second), 0);
	assert_int_equal(addressed(second), 0);
	assert_int_equal(addressed(first), -LWL_ENOENDPOINT);
	assert_int_equal(commit1(first), -LWL_ENOENDPOINT);
	assert_int_equal(arrived1(first), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_released(&e, first, 1), -LWL_EMALFORMED);
	expect_counts(1, 1, 0, 0);
	expect_gone(NULL, 0);
}

/* The last reference goes while commands run. */
static void test_running(void **state)
{
	uint64_t id = host(&objects[0]);
	struct lwl_hosted *h = NULL;

	(void)state;
	assert_int_equal(commit1(id), 0);
	assert_int_equal(lwl_endpoints_addressed(&e, id, &h), 0);
	lwl_endpoints_enter(h);
	lwl_endpoints_enter(h);
	lwl_endpoints_leave(&e, id, h);
	assert_int_equal(lwl_endpoints_released(&e, id, 1), 0);
	expect_closed(NULL);
	assert_int_equal(addressed(id), -LWL_ENOENDPOINT);
	/* It is still there: the command may give it to the peer again. */
	assert_ptr_equal(lwl_endpoints_hosted(&e, id), h);
	assert_int_equal(commit1(id), 0);
	assert_int_equal(addressed(id), 0);
	assert_int_equal(lwl_endpoints_released(&e, id, 1), 0);
	expect_closed(NULL);
	lwl_endpoints_leave(&e, id, h);
	expect_closed(&objects[0]);
}

static void test_revoke(void **state)
{
	uint64_t a = host(&objects[0]), b = host(&objects[1]), c = host(&objects[2]);
	uint64_t given[] = { b, c, b };
	struct lwl_hosted *h = lwl_endpoints_hosted(&e, c);

	(void)state;
	assert_int_equal(lwl_endpoints_revoke(&e, OURS(2, 0)), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_revoke(&e, PEERS(1, 0)), -LWL_ENOENDPOINT);
	/* Never given: over at once, and the peer has nothing to know. */
	assert_int_equal(lwl_endpoints_revoke(&e, a), 0);
	expect_gone(NULL, 0);
	expect_closed(&objects[0]);
	assert_int_equal(lwl_endpoints_revoke(&e, a), -LWL_ENOENDPOINT);
	/* With references: the peer is told, once. */
	assert_int_equal(commit(given, 3), 0);
	assert_int_equal(lwl_endpoints_revoke(&e, b), 0);
	assert_int_equal(lwl_endpoints_revoke(&e, b), 0);
	assert_int_equal(addressed(b), -LWL_EGONE);
	assert_non_null(lwl_endpoints_hosted(&e, b));
	expect_gone(&b, 1);
	assert_int_equal(lwl_endpoints_revoke(&e, b), 0);
	expect_gone(NULL, 0);
	expect_closed(NULL);
	assert_int_equal(lwl_endpoints_released(&e, b, 1), 0);
	assert_int_equal(addressed(b), -LWL_EGONE);
	assert_int_equal(lwl_endpoints_released(&e, b, 1), 0);
	assert_int_equal(addressed(b), -LWL_ENOENDPOINT);
	expect_closed(&objects[1]);
	/* With references and commands, which end last. */
	lwl_endpoints_enter(h);
	assert_int_equal(lwl_endpoints_revoke(&e, c), 0);
	expect_gone(&c, 1);
	assert_int_equal(lwl_endpoints_released(&e, c, 1), 0);
	expect_closed(NULL);
	lwl_endpoints_leave(&e, c, h);
	expect_closed(&objects[2]);
	expect_counts(0, 0, 0, 0);
}

/* While a command runs and the peer has no reference: nobody is told, the command ends it. */
static void test_revoke_running(void **state)
{
	uint64_t id = host(&objects[0]);
	struct lwl_hosted *h = lwl_endpoints_hosted(&e, id);

	(void)state;
	assert_int_equal(commit1(id), 0);
	lwl_endpoints_enter(h);
	assert_int_equal(lwl_endpoints_released(&e, id, 1), 0);
	assert_int_equal(lwl_endpoints_revoke(&e, id), 0);
	assert_int_equal(lwl_endpoints_revoke(&e, id), 0);
	expect_gone(NULL, 0);
	expect_closed(NULL);
	lwl_endpoints_leave(&e, id, h);
	expect_closed(&objects[0]);
}

/* The release crosses `gone`: the peer that has nothing any longer is not told. */
static void test_gone_crosses_release(void **state)
{
	uint64_t ids[5], left[2], out[2];
	uint32_t i;

	(void)state;
	for (i = 0; i < 5; i++)
		ids[i] = host(&objects[i]);
	assert_int_equal(commit(ids, 5), 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(lwl_endpoints_revoke(&e, ids[i]), 0);
	/* From the middle, the beginning and the end of the queue. */
	assert_int_equal(lwl_endpoints_released(&e, ids[2], 1), 0);
	expect_closed(&objects[2]);
	assert_int_equal(lwl_endpoints_released(&e, ids[0], 1), 0);
	expect_closed(&objects[0]);
	assert_int_equal(lwl_endpoints_released(&e, ids[4], 1), 0);
	expect_closed(&objects[4]);
	/* A slot of those serves again meanwhile, and is revoked again. */
	ids[0] = host(&objects[0]);
	assert_true((uint32_t)ids[0] == 4);
	assert_int_equal(commit1(ids[0]), 0);
	assert_int_equal(lwl_endpoints_revoke(&e, ids[0]), 0);
	assert_int_equal(lwl_endpoints_take_gone(&e, out, 0), 0);
	assert_int_equal(lwl_endpoints_take_gone(&e, out, 2), 2);
	assert_true(out[0] == ids[1] && out[1] == ids[3]);
	left[0] = OURS(2, 4);
	expect_gone(left, 1);
	expect_counts(3, 3, 0, 0);
}

/* A revoked end point is given once more: the peer's new reference gets its `gone`, too. */
static void test_give_revoked(void **state)
{
	uint64_t id = host(&objects[0]), twice[] = { id, id };
	struct lwl_hosted *h = lwl_endpoints_hosted(&e, id);

	(void)state;
	assert_int_equal(commit1(id), 0);
	assert_int_equal(lwl_endpoints_revoke(&e, id), 0);
	assert_int_equal(commit1(id), 0);
	expect_gone(&id, 1);
	assert_int_equal(commit(twice, 2), 0);
	expect_gone(&id, 1);
	lwl_endpoints_enter(h);
	assert_int_equal(lwl_endpoints_released(&e, id, 4), 0);
	assert_int_equal(commit1(id), 0);
	lwl_endpoints_leave(&e, id, h);
	assert_int_equal(addressed(id), -LWL_EGONE);
	expect_gone(&id, 1);
	expect_closed(NULL);
	assert_int_equal(lwl_endpoints_released(&e, id, 1), 0);
	expect_closed(&objects[0]);
}

/* The last generation of a slot: it does not come again. */
static void test_retire(void **state)
{
	struct lwl_hosted what = { .self = objects };
	uint64_t id = host(&objects[0]), last = OURS(LWL_GENERATION_MAX, 0);
	uint32_t i;

	(void)state;
	lwl_endpoints_hosted(&e, id)->generation = LWL_GENERATION_MAX - 1;
	assert_int_equal(lwl_endpoints_revoke(&e, OURS(LWL_GENERATION_MAX - 1, 0)), 0);
	expect_closed(&objects[0]);
	id = host(&objects[1]);
	assert_true(id == last);
	assert_int_equal(commit1(id), 0);
	assert_int_equal(addressed(id), 0);
	assert_int_equal(lwl_endpoints_released(&e, id, 1), 0);
	expect_closed(&objects[1]);
	for (i = 1; i < LIMIT; i++)
		assert_true(host(&objects[2]) == OURS(1, i));
	assert_int_equal(lwl_endpoints_host(&e, &what, &id), -LWL_EMFILE);
	assert_null(lwl_endpoints_hosted(&e, last));
	assert_null(lwl_endpoints_hosted(&e, OURS(0, 0)));
	/* The peer's may have it, of course. */
	assert_int_equal(arrived1(PEERS(LWL_GENERATION_MAX, 0)), 0);
	assert_non_null(lwl_endpoints_held(&e, PEERS(LWL_GENERATION_MAX, 0)));
}

static void test_commit(void **state)
{
	uint64_t own = host(&objects[0]), lent = PEERS(1, 1), ids[3];
	uint32_t i;

	(void)state;
	assert_int_equal(commit(NULL, 0), 0);
	assert_int_equal(arrived1(lent), 0);
	/* Each kind of bad one behind good ones: nothing is counted. */
	for (i = 0; i < 5; i++) {
		const uint64_t bad[] = { OURS(2, 0), OURS(1, 1), PEERS(2, 1), PEERS(1, 2),
					 PEERS(1, LIMIT) };

		ids[0] = own;
		ids[1] = lent;
		ids[2] = bad[i];
		assert_int_equal(commit(ids, 3), -LWL_ENOENDPOINT);
		expect_counts(1, 0, 1, 1);
		assert_int_equal(addressed(own), -LWL_ENOENDPOINT);
	}
	/* The peer's own linkid moves no count. */
	assert_int_equal(commit(ids, 2), 0);
	expect_counts(1, 1, 1, 1);
	/* Held, but on its way back. */
	return1(lent);
	assert_int_equal(commit(ids, 2), -LWL_ENOENDPOINT);
	expect_counts(1, 1, 1, 1);
	expect_release(lent, 1);
	assert_int_equal(commit1(lent), -LWL_ENOENDPOINT);
	/* No count wraps. */
	lwl_endpoints_hosted(&e, own)->refs = UINT64_MAX - 1;
	e.hosted_refs = UINT64_MAX - 1;
	ids[1] = own;
	assert_int_equal(commit(ids, 2), -LWL_EOVERFLOW);
	assert_true(lwl_endpoints_hosted(&e, own)->refs == UINT64_MAX - 1);
	assert_int_equal(commit1(own), 0);
	assert_int_equal(commit1(own), -LWL_EOVERFLOW);
	assert_int_equal(lwl_endpoints_released(&e, own, UINT64_MAX), 0);
	expect_closed(&objects[0]);
	expect_counts(0, 0, 0, 0);
}

/* ---- what is held ---- */

static uint64_t uses(uint64_t id)
{
	const struct lwl_held *h = lwl_endpoints_held(&e, id);

	return h == NULL ? 0 : h->uses;
}

/* Linkids are found wherever they are in a message, and nothing else is. */
static void test_arrived(void **state)
{
	const uint64_t ids[] = { PEERS(1, 1), PEERS(1, 2), PEERS(5, 3), PEERS(1, 1), PEERS(9, 4),
				 PEERS(1, 5), PEERS(1, 1), PEERS(1, 6), PEERS(1, LIMIT - 1) };
	struct lwl_released out[LIMIT];
	uint64_t own = host(&objects[0]), given[10];
	uint32_t i;
	int shape;

	(void)state;
	for (shape = LIST; shape <= NESTED; shape++) {
		encode(msg, ids, COUNT(ids), shape);
		assert_int_equal(lwl_endpoints_arrived(&e, msg), 0);
		expect_counts(1, 0, 7, 9);
		assert_int_equal(uses(PEERS(1, 1)), 3);
		assert_int_equal(uses(PEERS(9, 4)), 1);
		assert_null(lwl_endpoints_held(&e, PEERS(1, 0)));
		assert_null(lwl_endpoints_held(&e, PEERS(2, 1)));
		assert_null(lwl_endpoints_held(&e, OURS(1, 1)));
		assert_false(lwl_endpoints_have_releases(&e));
		lwl_endpoints_return(&e, msg);
		expect_counts(1, 0, 7, 9);
		assert_int_equal(lwl_endpoints_take_releases(&e, out, 0), 0);
		assert_int_equal(lwl_endpoints_take_releases(&e, out, 3), 3);
		assert_int_equal(lwl_endpoints_take_releases(&e, out + 3, LIMIT), 4);
		for (i = 0; i < 7; i++)
			assert_int_equal(out[i].n, out[i].linkid == PEERS(1, 1) ? 3 : 1);
		/* That which was returned first; the three of 1 were over only with the third. */
		assert_true(out[0].linkid == PEERS(1, 2) && out[4].linkid == PEERS(1, 1));
		expect_counts(1, 0, 0, 0);

		for (i = 0; i < 10; i++)
			given[i] = own;
		encode(msg, given, 10, shape);
		assert_int_equal(lwl_endpoints_commit(&e, msg), 0);
		expect_counts(1, 10, 0, 0);
		/* Our own ones come back: no count moves. */
		assert_int_equal(lwl_endpoints_arrived(&e, msg), 0);
		lwl_endpoints_return(&e, msg);
		expect_counts(1, 10, 0, 0);
		assert_int_equal(lwl_endpoints_released(&e, own, 10), 0);
		expect_closed(&objects[0]);
		own = host(&objects[0]);
	}
}

/* Linkids of our side that the peer should not have: the rest is counted, and can be given back. */
static void test_arrived_not_ours(void **state)
{
	uint64_t own = host(&objects[0]), revoked = host(&objects[1]), ids[3];
	const uint64_t bad[] = { own, OURS(2, 0), OURS(1, 7), OURS(0, 1), OURS(1, UINT32_MAX) };
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		ids[0] = PEERS(1, 1);
		ids[1] = bad[i];
		ids[2] = PEERS(1, 2);
		assert_int_equal(arrived(ids, 3), -LWL_ENOENDPOINT);
		expect_counts(2, 0, 2, 2 * (i + 1));
		lwl_endpoints_return(&e, msg);
		assert_int_equal(uses(PEERS(1, 2)), 0);
	}
	/* Revoked, but referenced: that is the peer's right.  Without a reference it is not. */
	assert_int_equal(commit1(revoked), 0);
	assert_int_equal(lwl_endpoints_revoke(&e, revoked), 0);
	assert_int_equal(arrived1(revoked), 0);
	lwl_endpoints_enter(lwl_endpoints_hosted(&e, revoked));
	assert_int_equal(lwl_endpoints_released(&e, revoked, 1), 0);
	assert_int_equal(arrived1(revoked), -LWL_ENOENDPOINT);
	/* Something worse in the same message is what counts. */
	ids[1] = OURS(1, 7);
	ids[2] = PEERS(0, 2);
	assert_int_equal(arrived(ids, 3), -LWL_EMALFORMED);
}

static void test_arrived_malformed(void **state)
{
	(void)state;
	assert_int_equal(arrived1(PEERS(0, 1)), -LWL_EMALFORMED);
	assert_int_equal(arrived1(PEERS(1, LIMIT)), -LWL_EMALFORMED);
	assert_int_equal(arrived1(PEERS(1, UINT32_MAX)), -LWL_EMALFORMED);
	expect_counts(0, 0, 0, 0);
	assert_int_equal(arrived1(PEERS(2, 1)), 0);
	/* Another one there, while we have references, even if they are about to go back. */
	assert_int_equal(arrived1(PEERS(3, 1)), -LWL_EMALFORMED);
	assert_int_equal(arrived1(PEERS(1, 1)), -LWL_EMALFORMED);
	return1(PEERS(2, 1));
	assert_int_equal(arrived1(PEERS(3, 1)), -LWL_EMALFORMED);
	expect_counts(0, 0, 1, 1);
	expect_release(PEERS(2, 1), 1);
	assert_int_equal(arrived1(PEERS(3, 1)), 0);
	expect_counts(0, 0, 1, 1);
	e.held_refs = UINT64_MAX;
	assert_int_equal(arrived1(PEERS(3, 1)), -LWL_EMALFORMED);
	assert_int_equal(arrived1(PEERS(1, 2)), -LWL_EMALFORMED);
	/* At the edge of what an index can be. */
	lwl_endpoints_fini(&e);
	lwl_endpoints_init(&e, 0, UINT32_MAX, UINT32_MAX);
	assert_int_equal(arrived1(PEERS(1, UINT32_MAX)), -LWL_EMALFORMED);
}

static void test_uses(void **state)
{
	uint64_t id = PEERS(1, 1);

	(void)state;
	assert_int_equal(lwl_endpoints_use(&e, id), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_unuse(&e, id), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_use(&e, 0), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_unuse(&e, 0), -LWL_ENOENDPOINT);
	assert_int_equal(arrived1(id), 0);
	/* Entry 0 has no linkid, and still is not what 0 names. */
	assert_null(lwl_endpoints_held(&e, 0));
	assert_int_equal(lwl_endpoints_use(&e, 0), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_use(&e, PEERS(2, 1)), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_use(&e, OURS(1, 1)), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_use(&e, id), 0);
	return1(id);
	assert_int_equal(uses(id), 1);
	expect_release(id, 0);
	assert_int_equal(arrived1(id), 0);
	return1(id);
	expect_release(id, 0);
	assert_int_equal(lwl_endpoints_unuse(&e, id), 0);
	assert_int_equal(lwl_endpoints_unuse(&e, id), -LWL_ENOENDPOINT);
	/* Queued, and then used again in time, in both ways. */
	assert_int_equal(lwl_endpoints_use(&e, id), 0);
	assert_false(lwl_endpoints_have_releases(&e));
	assert_int_equal(lwl_endpoints_unuse(&e, id), 0);
	assert_int_equal(arrived1(id), 0);
	assert_false(lwl_endpoints_have_releases(&e));
	return1(id);
	expect_release(id, 3);
	assert_int_equal(lwl_endpoints_use(&e, id), -LWL_ENOENDPOINT);
	assert_null(lwl_endpoints_held(&e, id));
	expect_counts(0, 0, 0, 0);
	/* More references were on their way. */
	assert_int_equal(arrived1(id), 0);
	return1(id);
	expect_release(id, 1);
}

/* ---- deaths ---- */

static void died(void *ctx, uint64_t id)
{
	(void)ctx;
	(void)id;
}

static struct lwl_proxy *a_proxy(void)
{
	return (struct lwl_proxy *)objects;	/* only passed through */
}

static void watch(uint64_t id)
{
	struct lwl_held *h = lwl_endpoints_held(&e, id);

	assert_non_null(h);
	h->died = died;
	h->ctx = &objects[(uint32_t)id];
}

/* The next notice is this one; 0: none is due. */
static void expect_death(uint64_t expected, bool watched, const struct lwl_proxy *expected_proxies)
{
	struct lwl_proxy *proxies;
	lwl_died_fn *fn;
	uint64_t id;
	void *ctx;

	if (expected == 0) {
		assert_false(lwl_endpoints_next_death(&e, &id, &fn, &ctx, &proxies));
		return;
	}
	assert_true(lwl_endpoints_next_death(&e, &id, &fn, &ctx, &proxies));
	assert_true(id == expected);
	assert_true(fn == (watched ? died : NULL));
	assert_ptr_equal(ctx, watched ? &objects[(uint32_t)id] : NULL);
	assert_ptr_equal(proxies, expected_proxies);
}

static void test_died(void **state)
{
	const uint64_t ids[] = { PEERS(1, 0), PEERS(1, 1), PEERS(1, 2), PEERS(1, 3), PEERS(1, 4),
				 PEERS(1, 5) };

	(void)state;
	assert_int_equal(lwl_endpoints_died(&e, OURS(1, 0)), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_died(&e, 0), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_died(&e, PEERS(0, 0)), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_died(&e, PEERS(1, LIMIT)), -LWL_EMALFORMED);
	assert_int_equal(lwl_endpoints_died(&e, ids[0]), 0);
	expect_counts(0, 0, 0, 0);
	assert_int_equal(arrived(ids, 6), 0);
	watch(ids[0]);
	watch(ids[1]);
	watch(ids[2]);
	watch(ids[3]);
	watch(ids[4]);
	lwl_endpoints_held(&e, ids[1])->proxies = a_proxy();
	lwl_endpoints_held(&e, ids[5])->proxies = a_proxy();
	assert_int_equal(lwl_endpoints_died(&e, PEERS(2, 0)), 0);
	assert_false(lwl_endpoints_held(&e, ids[0])->dead);
	expect_death(0, false, NULL);
	assert_int_equal(lwl_endpoints_died(&e, ids[1]), 0);
	assert_int_equal(lwl_endpoints_died(&e, ids[1]), 0);
	assert_int_equal(lwl_endpoints_died(&e, ids[3]), 0);
	assert_int_equal(lwl_endpoints_died(&e, ids[4]), 0);
	assert_int_equal(lwl_endpoints_died(&e, ids[0]), 0);
	assert_true(lwl_endpoints_held(&e, ids[3])->dead);
	/* Nobody wants to know any longer: one is not watched, one is dropped. */
	lwl_endpoints_held(&e, ids[3])->died = NULL;
	assert_int_equal(lwl_endpoints_unuse(&e, ids[4]), 0);
	expect_release(ids[4], 1);
	expect_death(ids[1], true, a_proxy());
	expect_death(ids[0], true, NULL);
	expect_death(0, false, NULL);
	assert_int_equal(lwl_endpoints_died(&e, ids[0]), 0);
	expect_death(0, false, NULL);
	/* Dead ones are given back like others. */
	assert_int_equal(lwl_endpoints_unuse(&e, ids[0]), 0);
	expect_release(ids[0], 1);
	/* With the session die the others, once. */
	lwl_endpoints_end(&e);
	expect_death(ids[2], true, NULL);
	expect_death(ids[5], false, a_proxy());
	expect_death(0, false, NULL);
	lwl_endpoints_end(&e);
	expect_death(0, false, NULL);
	expect_counts(0, 0, 4, 0);
}

/* Gone before its notice was given, and then the session's end: still one. */
static void test_died_twice(void **state)
{
	uint64_t id = PEERS(1, 1);

	(void)state;
	assert_int_equal(arrived1(id), 0);
	watch(id);
	assert_int_equal(lwl_endpoints_died(&e, id), 0);
	lwl_endpoints_end(&e);
	expect_death(id, true, NULL);
	expect_death(0, false, NULL);
}

/* The watch ends with the last use, so that nobody is called who may be gone. */
static void test_watch_ends(void **state)
{
	uint64_t id = PEERS(1, 1);

	(void)state;
	assert_int_equal(arrived1(id), 0);
	watch(id);
	return1(id);
	assert_int_equal(lwl_endpoints_died(&e, id), 0);
	assert_int_equal(lwl_endpoints_use(&e, id), 0);
	assert_true(lwl_endpoints_held(&e, id)->dead);
	assert_true(lwl_endpoints_held(&e, id)->died == NULL);
	lwl_endpoints_end(&e);
	expect_death(0, false, NULL);
	assert_int_equal(lwl_endpoints_unuse(&e, id), 0);
	expect_counts(0, 0, 0, 0);
}

/* ---- the end of the session ---- */

static void test_end(void **state)
{
	uint64_t never = host(&objects[0]), given = host(&objects[1]), running = host(&objects[2]);
	uint64_t revoked = host(&objects[3]), over = host(&objects[4]);
	const uint64_t out[] = { given, running, revoked, over, given };
	const uint64_t in[] = { PEERS(1, 1), PEERS(1, 2), PEERS(1, 3), PEERS(1, 1) };
	struct lwl_hosted *h = lwl_endpoints_hosted(&e, running);
	lwl_closed_fn *fn;
	uint32_t i;
	void *self;

	(void)state;
	assert_int_equal(commit(out, 5), 0);
	lwl_endpoints_enter(h);
	assert_int_equal(lwl_endpoints_revoke(&e, revoked), 0);
	assert_int_equal(lwl_endpoints_released(&e, over, 1), 0);
	assert_int_equal(arrived(in, 4), 0);
	assert_int_equal(lwl_endpoints_unuse(&e, PEERS(1, 3)), 0);
	assert_true(lwl_endpoints_have_gone(&e) && lwl_endpoints_have_releases(&e));
	expect_counts(5, 4, 3, 4);

	lwl_endpoints_end(&e);
	expect_counts(5, 0, 2, 0);
	expect_gone(NULL, 0);
	expect_release(0, 0);
	for (i = 0; i < 4; i++) {
		static int *const order[] = { &objects[4], &objects[0], &objects[1], &objects[3] };

		assert_true(lwl_endpoints_next_closed(&e, &self, &fn));
		assert_ptr_equal(self, order[i]);
	}
	expect_closed(NULL);
	assert_null(lwl_endpoints_hosted(&e, never));
	assert_int_equal(lwl_endpoints_revoke(&e, running), 0);
	lwl_endpoints_leave(&e, running, h);
	expect_closed(&objects[2]);
	/* What the program still has is dead, and can be kept and dropped. */
	assert_true(lwl_endpoints_held(&e, PEERS(1, 1))->dead);
	assert_null(lwl_endpoints_held(&e, PEERS(1, 3)));
	assert_int_equal(lwl_endpoints_use(&e, PEERS(1, 1)), 0);
	encode(msg, in, 4, LIST);
	lwl_endpoints_return(&e, msg);
	expect_counts(0, 0, 1, 0);
	assert_int_equal(lwl_endpoints_unuse(&e, PEERS(1, 1)), 0);
	assert_int_equal(lwl_endpoints_unuse(&e, PEERS(1, 1)), -LWL_ENOENDPOINT);
	assert_int_equal(lwl_endpoints_use(&e, PEERS(1, 2)), -LWL_ENOENDPOINT);
	expect_counts(0, 0, 0, 0);
	expect_release(0, 0);
	expect_death(0, false, NULL);
}

/* Few entries, far apart in a large table. */
static void test_end_sparse(void **state)
{
	const uint64_t ids[] = { PEERS(1, 3), PEERS(1, 1000000), PEERS(1, 2 * LWL_CHUNK) };
	uint32_t i;

	(void)state;
	lwl_endpoints_fini(&e);
	lwl_endpoints_init(&e, 0, 1000001, 1000001);
	assert_int_equal(arrived(ids, 3), 0);
	for (i = 0; i < 3; i++)
		lwl_endpoints_held(&e, ids[i])->proxies = a_proxy();
	lwl_endpoints_end(&e);
	expect_death(ids[0], false, a_proxy());
	expect_death(ids[2], false, a_proxy());
	expect_death(ids[1], false, a_proxy());
	expect_death(0, false, NULL);
}

/* ---- many ---- */

enum { MANY = 1000000, BATCH = 8000 };

static void test_million(void **state)
{
	static struct lwl_released out[BATCH];
	static uint64_t ids[BATCH];
	struct lwl_hosted what = { .self = objects };
	lwl_closed_fn *fn;
	uint32_t i, k, round;
	void *self;

	(void)state;
	lwl_endpoints_fini(&e);
	lwl_endpoints_init(&e, 0, MANY, MANY);
	for (round = 1; round <= 2; round++) {
		for (i = 0; i < MANY; i += BATCH) {
			for (k = 0; k < BATCH; k++)
				assert_int_equal(lwl_endpoints_host(&e, &what, &ids[k]), 0);
			assert_int_equal(commit(ids, BATCH), 0);
			for (k = 0; k < BATCH; k++)
				ids[k] = PEERS(round, i + k);
			assert_int_equal(arrived(ids, BATCH), 0);
		}
		assert_int_equal(lwl_endpoints_host(&e, &what, &ids[0]), -LWL_EMFILE);
		expect_counts(MANY, MANY, MANY, MANY);
		assert_true(lwl_table_memory(&e.hosted) < (size_t)MANY * 74);
		assert_true(lwl_table_memory(&e.held) < (size_t)MANY * 74);
		for (i = 0; i < MANY; i++) {
			assert_int_equal(lwl_endpoints_released(&e, OURS(round, i), 1), 0);
			assert_int_equal(lwl_endpoints_unuse(&e, PEERS(round, i)), 0);
		}
		for (i = 0; i < MANY; i += BATCH)
			assert_int_equal(lwl_endpoints_take_releases(&e, out, BATCH), BATCH);
		for (i = 0; i < MANY; i++)
			assert_true(lwl_endpoints_next_closed(&e, &self, &fn));
		expect_closed(NULL);
		expect_release(0, 0);
		expect_counts(0, 0, 0, 0);
	}
}

/* ---- against a model ---- */

static uint64_t random_state;

static uint32_t below(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % n;
}

/*
 * The model says of everything since when it waits: 0 if it does not.  What is due is found by
 * looking at all of it.
 */
struct model_hosted {
	uint64_t id;			/* 0: nobody */
	uint64_t refs;
	uint32_t running, generation;
	bool given, revoked;
	uint32_t gone_since, closing_since;
	void *self;
};

struct model_held {
	uint64_t id, refs, uses, kept;
	bool dead, watched, proxied;
	uint32_t release_since, death_since;
};

enum { OUTSTANDING = 6, MESSAGE_IDS = 9, STALE = 64 };

struct model {
	uint64_t side;
	struct model_hosted hosted[LIMIT];
	struct model_held held[LIMIT];
	uint64_t stale[STALE];		/* linkids that were ours once */
	uint32_t stale_count, made, now;
	uint64_t borrowed[OUTSTANDING][MESSAGE_IDS];
	uint32_t borrowed_count[OUTSTANDING];	/* linkids; 0: no such message */
	bool over;
};

static struct model m;

static uint64_t model_id(uint64_t side, uint32_t generation, uint32_t index)
{
	return side | OURS(generation, index);
}

static struct model_hosted *model_hosted(uint64_t id)
{
	uint32_t i;

	for (i = 0; i < LIMIT; i++)
		if (id != 0 && m.hosted[i].id == id && m.hosted[i].closing_since == 0)
			return &m.hosted[i];
	return NULL;
}

static struct model_held *model_held(uint64_t id)
{
	uint32_t i;

	for (i = 0; i < LIMIT; i++)
		if (id != 0 && m.held[i].id == id)
			return &m.held[i];
	return NULL;
}

/* After a step: what has become due, and what no longer is. */
static void model_settle(void)
{
	uint32_t i;

	m.now++;
	for (i = 0; i < LIMIT; i++) {
		struct model_hosted *h = &m.hosted[i];
		struct model_held *g = &m.held[i];

		if (h->refs == 0)
			h->gone_since = 0;
		if (h->id != 0 && h->closing_since == 0 && h->refs == 0 && h->running == 0 &&
		    (h->given || h->revoked))
			h->closing_since = m.now;
		if (g->id != 0 && g->refs == 0 && g->uses == 0)
			memset(g, 0, sizeof *g);
		if (g->uses == 0) {
			g->watched = false;
			g->death_since = 0;
		}
		if (g->uses > 0 || g->refs == 0)
			g->release_since = 0;
		else if (g->release_since == 0)
			g->release_since = m.now;
	}
}

static void model_die(struct model_held *g)
{
	if (!g->dead && g->uses > 0)
		g->death_since = m.now;
	g->dead = true;
}

/* Of the values since when something waits, the one that is the longest; or LIMIT. */
static uint32_t oldest(const uint32_t *since, size_t stride)
{
	uint32_t i, best = LIMIT, least = UINT32_MAX;

	for (i = 0; i < LIMIT; i++) {
		uint32_t v = *(const uint32_t *)(const void *)((const char *)since + i * stride);

		if (v != 0 && v < least) {
			least = v;
			best = i;
		}
	}
	return best;
}

#define OLDEST(array, member) oldest(&m.array[0].member, sizeof m.array[0])

/* A linkid to try: often a good one. */
static uint64_t some_own(void)
{
	const struct model_hosted *h = &m.hosted[below(LIMIT)];

	if (below(50) == 0 || h->id == 0)
		return m.stale_count > 0 ? m.stale[below(m.stale_count)]
					 : model_id(m.side, 1 + below(3), below(LIMIT));
	return h->id;
}

static uint64_t some_peers(void)
{
	uint32_t i = below(LIMIT);

	if (m.held[i].id != 0 && below(100) != 0)
		return m.held[i].id;
	return model_id(m.side ^ LWL_HOST_BIT, 1 + below(3), i);
}

static bool model_malformed(uint64_t id)
{
	return (id & LWL_HOST_BIT) == m.side || ((id >> 32) & LWL_GENERATION_MAX) == 0 ||
	       (uint32_t)id >= LIMIT;
}

static void model_arrived(void)
{
	uint32_t slot = below(OUTSTANDING), n = 1 + below(MESSAGE_IDS), i;
	uint64_t *ids = m.borrowed[slot];
	int expected = 0;

	if (m.borrowed_count[slot] != 0)
		return;
	for (i = 0; i < n; i++) {
		ids[i] = below(4) == 0 ? some_own() : some_peers();
		if (below(4000) == 0)
			ids[i] = model_id(m.side ^ LWL_HOST_BIT, below(2), LIMIT - below(2));
		if (ids[i] == 0)
			ids[i] = model_id(m.side, 0, 1);
	}
	encode(msg, ids, n, (int)below(2));
	for (i = 0; i < n && expected != -LWL_EMALFORMED; i++) {
		const struct model_hosted *h = model_hosted(ids[i]);
		struct model_held *g = &m.held[(uint32_t)ids[i] % LIMIT];

		if ((ids[i] & LWL_HOST_BIT) == m.side) {
			if (h == NULL || h->refs == 0)
				expected = -LWL_ENOENDPOINT;
		} else if (model_malformed(ids[i]) || (g->id != 0 && g->id != ids[i])) {
			expected = -LWL_EMALFORMED;
		} else {
			g->id = ids[i];
			g->refs++;
			g->uses++;
		}
	}
	assert_int_equal(lwl_endpoints_arrived(&e, msg), expected);
	m.over = expected == -LWL_EMALFORMED;
	if (!m.over)
		m.borrowed_count[slot] = n;
}

static void model_return(uint32_t slot)
{
	uint32_t n = m.borrowed_count[slot], i;

	encode(msg, m.borrowed[slot], n, (int)below(2));
	for (i = 0; i < n; i++) {
		struct model_held *g = model_held(m.borrowed[slot][i]);

		if (g != NULL)
			g->uses--;
		model_settle();		/* one after the other */
	}
	m.borrowed_count[slot] = 0;
	lwl_endpoints_return(&e, msg);
}

static void model_commit(void)
{
	uint32_t n = 1 + below(MESSAGE_IDS), i;
	uint64_t ids[MESSAGE_IDS];
	int expected = 0;

	for (i = 0; i < n; i++) {
		const struct model_held *g;

		ids[i] = below(4) == 0 ? some_peers() : some_own();
		g = model_held(ids[i]);
		if (model_hosted(ids[i]) == NULL && (g == NULL || g->uses == 0))
			expected = -LWL_ENOENDPOINT;
	}
	encode(msg, ids, n, (int)below(2));
	assert_int_equal(lwl_endpoints_commit(&e, msg), expected);
	for (i = 0; i < n && expected == 0; i++) {
		struct model_hosted *h = model_hosted(ids[i]);

		if (h == NULL)
			continue;
		h->refs++;
		h->given = true;
		if (h->revoked && h->gone_since == 0)
			h->gone_since = m.now;
		m.now++;
	}
}

static void model_host(void)
{
	struct lwl_hosted what = { .self = &objects[m.made++ % COUNT(objects)], .closed = closed };
	struct model_hosted *h;
	uint32_t i, taken = 0;
	uint64_t id;

	for (i = 0; i < LIMIT; i++)
		taken += m.hosted[i].id != 0;
	if (taken == LIMIT) {
		assert_int_equal(lwl_endpoints_host(&e, &what, &id), -LWL_EMFILE);
		return;
	}
	assert_int_equal(lwl_endpoints_host(&e, &what, &id), 0);
	assert_true((uint32_t)id < LIMIT);
	h = &m.hosted[(uint32_t)id];
	assert_true(h->id == 0);
	assert_true(id == model_id(m.side, h->generation + 1, (uint32_t)id));
	h->id = id;
	h->generation++;
	h->self = what.self;
}

static void model_released(void)
{
	uint64_t id = some_own(), n = below(4);
	struct model_hosted *h = model_hosted(id);

	if (h != NULL && below(3) == 0)
		n = h->refs;
	if (h == NULL || n == 0 || n > h->refs) {
		assert_int_equal(lwl_endpoints_released(&e, id, n), -LWL_EMALFORMED);
		return;
	}
	assert_int_equal(lwl_endpoints_released(&e, id, n), 0);
	h->refs -= n;
}

static void model_revoke(void)
{
	uint64_t id = some_own();
	struct model_hosted *h = model_hosted(id);

	assert_int_equal(lwl_endpoints_revoke(&e, id), h == NULL ? -LWL_ENOENDPOINT : 0);
	if (h == NULL || h->revoked)
		return;
	h->revoked = true;
	if (h->refs > 0)
		h->gone_since = m.now;
}

static void model_enter(void)
{
	uint64_t id = below(8) == 0 ? some_peers() : some_own();
	struct model_hosted *h = model_hosted(id);
	struct lwl_hosted *found;
	int expected = h == NULL || h->refs == 0 ? -LWL_ENOENDPOINT : h->revoked ? -LWL_EGONE : 0;

	assert_int_equal(lwl_endpoints_addressed(&e, id, &found), expected);
	if (expected != 0)
		return;
	assert_ptr_equal(found->self, h->self);
	lwl_endpoints_enter(found);
	h->running++;
}

static void model_leave(struct model_hosted *h)
{
	if (h->running == 0)
		return;
	h->running--;
	lwl_endpoints_leave(&e, h->id, lwl_endpoints_hosted(&e, h->id));
}

static bool model_next_closed(void)
{
	uint32_t i = OLDEST(hosted, closing_since);
	lwl_closed_fn *fn;
	void *self;

	assert_int_equal(lwl_endpoints_next_closed(&e, &self, &fn), i < LIMIT);
	if (i == LIMIT)
		return false;
	assert_ptr_equal(self, m.hosted[i].self);
	m.stale[m.stale_count < STALE ? m.stale_count++ : below(STALE)] = m.hosted[i].id;
	m.hosted[i] = (struct model_hosted){ .generation = m.hosted[i].generation };
	return true;
}

static void model_take_gone(void)
{
	uint64_t ids[3];
	uint32_t n = lwl_endpoints_take_gone(&e, ids, below(4)), k;

	for (k = 0; k < n; k++) {
		uint32_t i = OLDEST(hosted, gone_since);

		assert_true(i < LIMIT && ids[k] == m.hosted[i].id);
		m.hosted[i].gone_since = 0;
	}
}

static void model_take_releases(void)
{
	struct lwl_released out[3];
	uint32_t max = below(4), n = lwl_endpoints_take_releases(&e, out, max), k;

	for (k = 0; k < n; k++) {
		uint32_t i = OLDEST(held, release_since);

		assert_true(i < LIMIT);
		assert_true(out[k].linkid == m.held[i].id && out[k].n == m.held[i].refs);
		memset(&m.held[i], 0, sizeof m.held[i]);
	}
	assert_true(n == max || OLDEST(held, release_since) == LIMIT);
}

static void model_keep(void)
{
	uint64_t id = some_peers();
	struct model_held *g = model_held(id);

	assert_int_equal(lwl_endpoints_use(&e, id), g == NULL ? -LWL_ENOENDPOINT : 0);
	if (g == NULL)
		return;
	g->uses++;
	g->kept++;
}

static void model_drop(void)
{
	uint64_t id = some_peers();
	struct model_held *g = model_held(id);

	/* What messages use is not the program's to drop. */
	if (g != NULL && g->uses > 0 && g->kept == 0)
		return;
	assert_int_equal(lwl_endpoints_unuse(&e, id),
			 g == NULL || g->uses == 0 ? -LWL_ENOENDPOINT : 0);
	if (g == NULL || g->uses == 0)
		return;
	g->uses--;
	g->kept--;
}

static void model_died(void)
{
	uint64_t id = below(20) == 0 ? some_own() : some_peers();
	struct model_held *g = model_held(id);

	assert_int_equal(lwl_endpoints_died(&e, id), model_malformed(id) ? -LWL_EMALFORMED : 0);
	if (g != NULL)
		model_die(g);
}

/* Watching is the link's business, as are proxies: that is done here by hand. */
static void model_watch(void)
{
	struct model_held *g = &m.held[below(LIMIT)];
	struct lwl_held *h = lwl_endpoints_held(&e, g->id);

	if (g->uses == 0 || g->dead)
		return;
	g->watched = below(3) != 0;
	h->died = g->watched ? died : NULL;
	h->ctx = g->watched ? &objects[(uint32_t)g->id] : NULL;
}

static bool model_next_death(void)
{
	uint32_t i = OLDEST(held, death_since);

	while (i < LIMIT && !m.held[i].watched) {
		m.held[i].death_since = 0;
		i = OLDEST(held, death_since);
	}
	expect_death(i < LIMIT ? m.held[i].id : 0, true, NULL);
	if (i == LIMIT)
		return false;
	m.held[i].death_since = 0;
	m.held[i].watched = false;
	return true;
}

static void model_end(void)
{
	uint32_t i;

	lwl_endpoints_end(&e);
	for (i = 0; i < LIMIT; i++) {
		m.hosted[i].refs = 0;
		m.hosted[i].revoked = true;
		m.held[i].refs = 0;
		if (m.held[i].id != 0)
			model_die(&m.held[i]);
		/* One after the other, as there is an order in which they are told. */
		if (m.hosted[i].id != 0 && m.hosted[i].running == 0 &&
		    m.hosted[i].closing_since == 0)
			m.hosted[i].closing_since = m.now;
		m.now++;
	}
}

static void model_compare(void)
{
	uint64_t hosted_refs = 0, held_refs = 0;
	uint32_t hosted_count = 0, held_count = 0, i;

	for (i = 0; i < LIMIT; i++) {
		const struct model_hosted *h = &m.hosted[i];
		const struct model_held *g = &m.held[i];
		const struct lwl_hosted *hosted = lwl_endpoints_hosted(&e, h->id);
		const struct lwl_held *held = lwl_endpoints_held(&e, g->id);

		assert_int_equal(hosted != NULL, h->id != 0 && h->closing_since == 0);
		if (hosted != NULL)
			assert_true(hosted->self == h->self && hosted->refs == h->refs &&
				    hosted->running == h->running &&
				    hosted->revoked == h->revoked &&
				    hosted->untold == (h->gone_since != 0));
		assert_int_equal(held != NULL, g->id != 0);
		if (held != NULL)
			assert_true(held->refs == g->refs && held->uses == g->uses &&
				    held->dead == g->dead && (held->died != NULL) == g->watched);
		hosted_count += h->id != 0;
		hosted_refs += h->refs;
		held_count += g->id != 0;
		held_refs += g->refs;
	}
	for (i = 0; i < m.stale_count; i++)
		assert_null(lwl_endpoints_hosted(&e, m.stale[i]));
	expect_counts(hosted_count, hosted_refs, held_count, held_refs);
	assert_int_equal(lwl_endpoints_have_gone(&e), OLDEST(hosted, gone_since) < LIMIT);
	assert_int_equal(lwl_endpoints_have_releases(&e), OLDEST(held, release_since) < LIMIT);
}

static void model_step(void)
{
	uint32_t slot = below(OUTSTANDING);

	switch (below(16)) {
	case 0: model_host(); break;
	case 1: case 2: model_commit(); break;
	case 3: case 4: model_released(); break;
	case 5: if (below(3) == 0) model_revoke(); break;
	case 6: model_enter(); break;
	case 7: model_leave(&m.hosted[below(LIMIT)]); break;
	case 8: model_next_closed(); break;
	case 9: model_arrived(); break;
	case 10: if (m.borrowed_count[slot] > 0) model_return(slot); break;
	case 11: model_keep(); break;
	case 12: model_drop(); break;
	case 13: if (below(2) == 0) model_died(); else model_watch(); break;
	case 14: if (below(2) == 0) model_take_gone(); else model_next_death(); break;
	default: model_take_releases(); break;
	}
	model_settle();
	model_compare();
}

/* One session, to its end, and until nothing is left of it. */
static void model_session(uint64_t seed)
{
	uint32_t steps, i;
	bool broken;

	random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
	memset(&m, 0, sizeof m);
	m.side = seed % 2 == 0 ? 0 : LWL_HOST_BIT;
	lwl_endpoints_fini(&e);
	lwl_endpoints_init(&e, m.side, LIMIT, LIMIT);
	for (steps = 0; steps < 4000 && !m.over; steps++)
		model_step();
	broken = m.over;
	model_end();
	model_settle();
	model_compare();
	for (i = 0; i < LIMIT; i++) {
		while (m.hosted[i].running > 0) {
			model_leave(&m.hosted[i]);
			model_settle();
		}
		if (below(2) == 0)
			model_next_death();
		while (m.held[i].kept > 0) {
			assert_int_equal(lwl_endpoints_unuse(&e, m.held[i].id), 0);
			m.held[i].kept--;
			m.held[i].uses--;
			model_settle();
		}
	}
	while (model_next_closed() || model_next_death())
		model_compare();
	for (i = 0; i < OUTSTANDING; i++)
		model_return(i);
	model_compare();
	assert_int_equal(e.hosted_count, 0);
	if (!broken)
		assert_int_equal(e.held_count, 0);
}

static void test_model(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 60; seed++)
		model_session(seed);
}

/* ---- two of them ---- */

enum { RELEASE, GONE, MESSAGE };	/* what is on the way */

struct packet {
	int kind;
	uint32_t n;
	uint64_t ids[MESSAGE_IDS], counts[MESSAGE_IDS];
};

enum { WIRE = 64 };

struct peer {
	struct lwl_endpoints e;
	struct packet wire[WIRE];	/* to it, in order */
	uint32_t wire_count;
	struct packet borrowed[OUTSTANDING];
	uint64_t kept[LIMIT];		/* linkids of the other one's, or 0 */
	uint64_t hosted[LIMIT];		/* its own by slot, or 0 */
};

static struct peer peers[2];

/* References to `id`, which side `a` hosts, wherever they are, according to the other side. */
static uint64_t references(const struct peer *a, const struct peer *b, uint64_t id)
{
	const struct lwl_held *h = lwl_endpoints_held(&b->e, id);
	uint64_t sum = h != NULL ? h->refs : 0;
	uint32_t i, k;

	for (i = 0; i < b->wire_count; i++)
		for (k = 0; k < b->wire[i].n; k++)
			sum += b->wire[i].kind == MESSAGE && b->wire[i].ids[k] == id;
	for (i = 0; i < a->wire_count; i++)
		for (k = 0; k < a->wire[i].n; k++)
			if (a->wire[i].kind == RELEASE && a->wire[i].ids[k] == id)
				sum += a->wire[i].counts[k];
	return sum;
}

static void check_references(const struct peer *a, const struct peer *b)
{
	uint32_t i;

	for (i = 0; i < LIMIT; i++) {
		const struct lwl_hosted *h = lwl_endpoints_hosted(&a->e, a->hosted[i]);

		if (h != NULL)
			assert_true(h->refs == references(a, b, a->hosted[i]));
		else if (a->hosted[i] != 0)
			assert_true(references(a, b, a->hosted[i]) == 0);
	}
}

/* Messages of what there is: own end points, and what is used of the other one's. */
static void pair_send(struct peer *a, struct peer *b)
{
	struct packet *p = &b->wire[b->wire_count];
	uint32_t i, n = 1 + below(MESSAGE_IDS);

	p->kind = MESSAGE;
	p->n = 0;
	for (i = 0; i < n; i++) {
		uint64_t own = a->hosted[below(LIMIT)], kept = a->kept[below(LIMIT)];

		if (below(3) != 0 && lwl_endpoints_hosted(&a->e, own) != NULL)
			p->ids[p->n++] = own;
		else if (kept != 0)
			p->ids[p->n++] = kept;
	}
	encode(msg, p->ids, p->n, (int)below(2));
	assert_int_equal(lwl_endpoints_commit(&a->e, msg), 0);
	b->wire_count++;
}

static void pair_flush(struct peer *a, struct peer *b)
{
	struct packet *p = &b->wire[b->wire_count];
	struct lwl_released out[MESSAGE_IDS];
	uint32_t i;

	if (below(2) == 0) {
		p->kind = GONE;
		p->n = lwl_endpoints_take_gone(&a->e, p->ids, MESSAGE_IDS);
	} else {
		p->kind = RELEASE;
		p->n = lwl_endpoints_take_releases(&a->e, out, MESSAGE_IDS);
		for (i = 0; i < p->n; i++) {
			p->ids[i] = out[i].linkid;
			p->counts[i] = out[i].n;
		}
	}
	b->wire_count += p->n > 0;
}

static void pair_return(struct peer *a, struct packet *p)
{
	encode(msg, p->ids, p->n, LIST);
	lwl_endpoints_return(&a->e, msg);
	p->n = 0;
}

static void pair_receive(struct peer *a)
{
	struct packet p = a->wire[0], *slot = &a->borrowed[below(OUTSTANDING)];
	uint32_t i;

	if (a->wire_count == 0)
		return;
	memmove(a->wire, a->wire + 1, --a->wire_count * sizeof *a->wire);
	for (i = 0; i < p.n && p.kind != MESSAGE; i++)
		assert_int_equal(p.kind == GONE ? lwl_endpoints_died(&a->e, p.ids[i])
				 : lwl_endpoints_released(&a->e, p.ids[i], p.counts[i]), 0);
	if (p.kind != MESSAGE)
		return;
	encode(msg, p.ids, p.n, (int)below(2));
	assert_int_equal(lwl_endpoints_arrived(&a->e, msg), 0);
	for (i = 0; i < p.n; i++) {
		uint32_t k = (uint32_t)p.ids[i];

		if (below(4) == 0 && lwl_endpoints_held(&a->e, p.ids[i]) && a->kept[k] == 0) {
			assert_int_equal(lwl_endpoints_use(&a->e, p.ids[i]), 0);
			a->kept[k] = p.ids[i];
		}
	}
	pair_return(a, slot);
	*slot = p;
}

static void pair_host(struct peer *a)
{
	struct lwl_hosted what = { .self = objects };
	uint64_t id;

	if (lwl_endpoints_host(&a->e, &what, &id) == 0)
		a->hosted[(uint32_t)id] = id;
}

static void pair_drop(struct peer *a, uint32_t k)
{
	if (a->kept[k] != 0)
		assert_int_equal(lwl_endpoints_unuse(&a->e, a->kept[k]), 0);
	a->kept[k] = 0;
}

static void pair_step(struct peer *a, struct peer *b, bool settling)
{
	uint32_t i = below(LIMIT), k = below(OUTSTANDING);
	lwl_closed_fn *fn;
	void *self;

	switch (below(settling ? 6 : 10)) {
	case 0: case 1: pair_receive(a); break;
	case 2: if (b->wire_count < WIRE) pair_flush(a, b); break;
	case 3: pair_return(a, &a->borrowed[k]); break;
	case 4: lwl_endpoints_next_closed(&a->e, &self, &fn); break;
	case 5: pair_drop(a, i); break;
	case 6: if (below(5) == 0) lwl_endpoints_revoke(&a->e, a->hosted[i]); break;
	case 7: pair_host(a); break;
	default: if (b->wire_count < WIRE) pair_send(a, b); break;
	}
}

static void pair_session(uint64_t seed)
{
	uint32_t step, i;
	int a;

	random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
	memset(peers, 0, sizeof peers);
	lwl_endpoints_init(&peers[0].e, 0, LIMIT, LIMIT);
	lwl_endpoints_init(&peers[1].e, LWL_HOST_BIT, LIMIT, LIMIT);
	for (step = 0; step < 6000; step++) {
		a = (int)below(2);
		pair_step(&peers[a], &peers[!a], step >= 4000);
		check_references(&peers[a], &peers[!a]);
		check_references(&peers[!a], &peers[a]);
		if (step == 4000)
			for (i = 0; i < LIMIT; i++) {
				lwl_endpoints_revoke(&peers[0].e, peers[0].hosted[i]);
				lwl_endpoints_revoke(&peers[1].e, peers[1].hosted[i]);
			}
	}
	for (a = 0; a < 2; a++) {
		assert_int_equal(peers[a].wire_count, 0);
		assert_int_equal(peers[a].e.hosted_count, 0);
		assert_int_equal(peers[a].e.held_count, 0);
		assert_true(peers[a].e.hosted_refs == 0 && peers[a].e.held_refs == 0);
		lwl_endpoints_fini(&peers[a].e);
	}
}

static void test_pair(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 20; seed++)
		pair_session(seed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sizes), TEST(host), TEST(no_memory), TEST(release), TEST(running),
		TEST(revoke), TEST(revoke_running), TEST(gone_crosses_release),
		TEST(give_revoked), TEST(retire),
		TEST(commit), TEST(arrived), TEST(arrived_not_ours), TEST(arrived_malformed),
		TEST(uses), TEST(died), TEST(died_twice), TEST(watch_ends), TEST(end),
		TEST(end_sparse), TEST(million), TEST(model), TEST(pair)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
