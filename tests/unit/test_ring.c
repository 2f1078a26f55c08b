/*
 * The transmit ring, against a model that knows nothing of positions: a list of messages, and where
 * each was said to be encoded.  Every number has a message of its own, so that what is sent can be
 * compared byte by byte.  What is acknowledged is overwritten here: nothing may look at it again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/ring.h"

enum { SMALLEST = 131072, LARGEST = 65536 };

/* ---- memory that fails ---- */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static bool no_memory;

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

/* ---- chance ---- */

static uint64_t chance_state;

static uint32_t chance(uint32_t below)
{
	chance_state = chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(chance_state >> 33) % below;
}

/* A size of a message, padded: small ones, large ones and the largest. */
static uint32_t chance_size(void)
{
	switch (chance(8)) {
	case 0:
		return LARGEST - 8 * chance(3);
	case 1:
		return 16 + 8 * chance(LARGEST / 8 - 1);
	case 2:
	case 3:
		return 16 + 8 * chance(1000);
	default:
		return 16 + 8 * chance(20);
	}
}

/* ---- the model ---- */

struct message {
	uint32_t len;			/* padded */
	uint32_t offset;		/* in the ring */
};

enum { MESSAGES = 16384 };		/* more than fit into the rings used here; a power of two */

static struct lwl_ring ring;
static struct message messages[MESSAGES];	/* by number */
static uint64_t acked, committed;	/* numbers */
static uint64_t sent;			/* whole */
static uint32_t sent_part;		/* bytes of the one behind */
static uint64_t window;
static uint8_t noise[2 * LARGEST];	/* bodies are taken from it */

static struct message *message(uint64_t number)
{
	return &messages[number % MESSAGES];
}

static void model_clear(uint64_t new_window)
{
	acked = committed = sent = 0;
	sent_part = 0;
	window = new_window;
}

static void start(uint32_t size, uint64_t new_window)
{
	uint32_t i;

	for (i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)chance(256);
	assert_int_equal(lwl_ring_init(&ring, size, new_window), 0);
	assert_int_equal((uintptr_t)ring.data % 8, 0);
	memset(ring.data, 0xee, size);
	model_clear(new_window);
}

/* The message with this number: the length is a padded one or a little below. */
static struct lwl_header header_of(uint64_t number)
{
	struct lwl_header h;

	h.linkid = number % 3 == 0 ? 0 : number;
	h.msgid = (uint32_t)number;
	h.command = (uint16_t)(0x40 + number % 1000);
	h.length = (uint16_t)(message(number)->len - (message(number)->len == 16 ? 0 : number % 8));
	if (message(number)->len == LARGEST)
		h.length = 65535;
	return h;
}

static const uint8_t *body_of(uint64_t number)
{
	return noise + number * 8 % LARGEST;
}

static void encode(uint8_t *p, uint64_t number)
{
	struct lwl_header h = header_of(number);

	lwl_header_store(p, &h);
	memcpy(p + 16, body_of(number), message(number)->len - 16);
}

/* `n` bytes at `p` are those of message `number` from `from` on. */
static void check_bytes(const uint8_t *p, uint64_t number, uint32_t from, uint32_t n)
{
	struct lwl_header h = header_of(number);
	uint8_t header[16];
	uint32_t in_header = from < 16 ? (n < 16 - from ? n : 16 - from) : 0;

	lwl_header_store(header, &h);
	if (in_header > 0)
		assert_memory_equal(p, header + from, in_header);
	if (n > in_header)
		assert_memory_equal(p + in_header, body_of(number) + from + in_header - 16,
				    n - in_header);
}

static uint64_t unacked_bytes(void)
{
	uint64_t bytes = 0, number;

	for (number = acked + 1; number <= committed; number++)
		bytes += message(number)->len;
	return bytes;
}

static uint64_t unsent_bytes(void)
{
	uint64_t bytes = 0, number;

	for (number = sent + 1; number <= committed; number++)
		bytes += message(number)->len;
	return bytes - sent_part;
}

/* Have `max` bytes a place in one piece, behind the newest message or at the ring's start? */
static bool place_expected(uint32_t max)
{
	uint32_t oldest, behind;

	if (acked == committed)
		return true;
	oldest = message(acked + 1)->offset;
	behind = message(committed)->offset + message(committed)->len;
	if (message(committed)->offset < oldest)
		return max <= oldest - behind;
	return max <= ring.size - behind || max <= oldest;
}

/* ---- what holds always ---- */

static void check_slices(void)
{
	struct lwl_slice slices[2];
	unsigned count, i;
	uint64_t number = sent + 1, total = 0;
	uint32_t from = sent_part;

	count = lwl_ring_unsent(&ring, slices);
	assert_true(count <= 2);
	for (i = 0; i < count; i++) {
		const uint8_t *p = slices[i].data;
		size_t left = slices[i].len;

		assert_true(left > 0);
		assert_true(p >= ring.data && p + left <= ring.data + ring.size);
		total += left;
		while (left > 0) {
			uint32_t n;

			assert_true(number <= committed);
			n = message(number)->len - from;
			if (n > left)
				n = (uint32_t)left;
			assert_ptr_equal(p, ring.data + message(number)->offset + from);
			check_bytes(p, number, from, n);
			p += n;
			left -= n;
			from += n;
			if (from == message(number)->len) {
				number++;
				from = 0;
			}
		}
	}
	assert_int_equal(total, unsent_bytes());
}

static void check_counts(void)
{
	assert_int_equal(ring.acked_count, acked);
	assert_int_equal(ring.committed_count, committed);
	assert_int_equal(ring.window, window);
	assert_int_equal(ring.unacked, unacked_bytes());
	assert_true(ring.unacked <= window);
	assert_true(ring.acked <= ring.sent && ring.sent <= ring.committed);
	assert_true(ring.committed - ring.acked <= ring.size);
}

static void check_rest(void)
{
	uint32_t rest = sent_part == 0 ? 0 : message(sent + 1)->len - sent_part;

	assert_int_equal(lwl_ring_rest(&ring), rest);
	assert_int_equal(lwl_ring_sent_count(&ring), sent + (sent_part > 0));
}

/* ---- steps, of the ring and of the model ---- */

/* Begin, and look at the place.  NULL where the model says so. */
static uint8_t *begin(uint32_t max)
{
	bool expected = place_expected(max);
	uint64_t number;
	uint32_t offset;
	uint8_t *p;

	assert_true(max >= 16 && max <= LARGEST);
	assert_int_equal(lwl_ring_has_room(&ring, max), expected && ring.unacked + max <= window);
	p = lwl_ring_begin(&ring, max);
	assert_int_equal(p != NULL, expected);
	if (p == NULL)
		return NULL;
	offset = (uint32_t)(p - ring.data);
	assert_true(p >= ring.data && offset + max <= ring.size);
	assert_int_equal(offset % 8, 0);
	for (number = acked + 1; number <= committed; number++)
		assert_true(message(number)->offset + message(number)->len <= offset ||
			    offset + max <= message(number)->offset);
	/* Nothing else until it is over. */
	assert_null(lwl_ring_begin(&ring, 16));
	assert_false(lwl_ring_has_room(&ring, 16));
	memset(p, 0xdd, max);
	return p;
}

/* Where the newest message ends and what is there, to see PADs come. */
static uint32_t newest_end(void)
{
	return committed == 0 ? 0 : message(committed)->offset + message(committed)->len;
}

static bool commit(uint8_t *p, uint32_t len)
{
	uint32_t offset = (uint32_t)(p - ring.data), end = newest_end();
	bool fits = unacked_bytes() + len <= window, wraps = offset < end && end < ring.size;
	uint64_t number;
	uint8_t before[16];

	*message(committed + 1) = (struct message){ len, offset };
	encode(p, committed + 1);
	if (wraps)
		memcpy(before, ring.data + end, 8);
	number = lwl_ring_commit(&ring, len);
	assert_int_equal(number, fits ? committed + 1 : 0);
	if (wraps && fits && ring.size - end >= 16) {
		const struct lwl_header pad = { 0, 0, 0, (uint16_t)(ring.size - end) };

		lwl_header_store(before, &pad);
		assert_memory_equal(before, ring.data + end, 16);
	} else if (wraps) {
		assert_memory_equal(before, ring.data + end, 8);
	}
	committed += fits;
	return fits;
}

static bool put(uint32_t len)
{
	uint8_t *p = begin(len);

	return p != NULL && commit(p, len);
}

static void step_put(void)
{
	uint32_t max = chance_size();
	uint32_t len = chance(2) == 0 ? max : 16 + 8 * chance((max - 8) / 8);
	struct lwl_ring before = ring;
	uint8_t *p = begin(max);

	if (p == NULL)
		return;
	if (chance(4) > 0) {
		commit(p, len);
		return;
	}
	if (chance(2) == 0)
		lwl_ring_abort(&ring);
	else
		assert_int_equal(lwl_ring_commit(&ring, 0), 0);	/* encoding has failed */
	assert_memory_equal(&before, &ring, sizeof before);
}

static void model_sent(size_t n)
{
	while (n > 0) {
		uint32_t left = message(sent + 1)->len - sent_part;

		if (n < left) {
			sent_part += (uint32_t)n;
			return;
		}
		n -= left;
		sent_part = 0;
		sent++;
	}
}

static void step_sent(void)
{
	uint32_t n = (uint32_t)unsent_bytes();

	if (chance(2) == 0)
		n = chance(n + 1);
	else if (chance(2) == 0 && n > 100)
		n = chance(100);
	lwl_ring_sent(&ring, n);
	model_sent(n);
}

/* The model's side of an ack: the freed bytes are dirtied. */
static void model_ack(uint64_t count)
{
	while (acked < count) {
		acked++;
		memset(ring.data + message(acked)->offset, 0xee, message(acked)->len);
	}
}

static void expect_refused(int (*function)(struct lwl_ring *r, uint64_t count), uint64_t count)
{
	struct lwl_ring before = ring;

	assert_int_equal(function(&ring, count), -LWL_EMALFORMED);
	assert_memory_equal(&before, &ring, sizeof before);
}

static void check_refusals(void)
{
	if (acked > 0) {
		expect_refused(lwl_ring_ack, acked - 1);
		expect_refused(lwl_ring_ack, 0);
		expect_refused(lwl_ring_resume, acked - 1);
	}
	expect_refused(lwl_ring_ack, sent + 1);
	expect_refused(lwl_ring_ack, committed + 1);
	expect_refused(lwl_ring_ack, UINT64_MAX);
	expect_refused(lwl_ring_resume, committed + 1);
	expect_refused(lwl_ring_resume, UINT64_MAX);
}

static void step_ack(void)
{
	uint64_t count = acked + chance((uint32_t)(sent - acked) + 1), mark = ring.mark;

	if (chance(3) == 0)
		check_refusals();
	assert_int_equal(lwl_ring_ack(&ring, count), 0);
	/* Or the same messages would be walked over again. */
	assert_true(ring.mark >= mark && ring.mark >= ring.acked);
	model_ack(count);
}

static void resume(uint64_t count)
{
	assert_int_equal(lwl_ring_resume(&ring, count), 0);
	model_ack(count);
	sent = count;
	sent_part = 0;
}

static void step_clear(void)
{
	uint64_t new_window = SMALLEST / 2 + 8 * chance(40000);

	lwl_ring_clear(&ring, new_window);
	model_clear(new_window);
}

/* ---- by chance ---- */

static void run(uint32_t seed)
{
	static const uint32_t sizes[] = { SMALLEST, SMALLEST, 262144 };
	static const uint64_t windows[] = { SMALLEST, 65536, UINT64_MAX, 20000, 200000 };
	uint32_t steps;

	chance_state = seed;
	start(sizes[seed % 3], windows[seed % 5]);
	for (steps = 0; steps < 4000; steps++) {
		uint32_t what = chance(1000);

		if (what < 500)
			step_put();
		else if (what < 750)
			step_sent();
		else if (what < 950)
			step_ack();
		else if (what < 998)
			resume(acked + chance((uint32_t)(committed - acked) + 1));
		else
			step_clear();
		check_counts();
		if (chance(2) == 0)
			check_rest();
		if (chance(4) == 0)
			check_slices();
	}
	lwl_ring_fini(&ring);
}

static void test_by_chance(void **state)
{
	uint32_t seed;

	(void)state;
	for (seed = 1; seed <= 60; seed++)
		run(seed);
}

/* ---- one by one ---- */

static void test_empty(void **state)
{
	struct lwl_slice slices[2];

	(void)state;
	start(SMALLEST, SMALLEST);
	assert_int_equal(lwl_ring_unsent(&ring, slices), 0);
	lwl_ring_sent(&ring, 0);
	check_rest();
	check_counts();
	assert_int_equal(lwl_ring_ack(&ring, 0), 0);
	assert_int_equal(lwl_ring_resume(&ring, 0), 0);
	check_refusals();
	assert_true(lwl_ring_has_room(&ring, LARGEST));
	assert_int_equal(lwl_ring_commit(&ring, 16), 0);	/* nothing was begun */
	lwl_ring_abort(&ring);
	check_counts();
	lwl_ring_fini(&ring);
}

static void test_no_memory(void **state)
{
	(void)state;
	no_memory = true;
	assert_int_equal(lwl_ring_init(&ring, SMALLEST, SMALLEST), -LWL_ENOMEM);
	no_memory = false;
	lwl_ring_fini(&ring);
}

static void test_first_numbers(void **state)
{
	(void)state;
	start(SMALLEST, SMALLEST);
	assert_int_equal(lwl_ring_commit(&ring, 16), 0);
	assert_true(put(16));
	assert_true(put(24));
	assert_int_equal(ring.committed_count, 2);
	expect_refused(lwl_ring_ack, 1);	/* not sent */
	lwl_ring_sent(&ring, 15);
	model_sent(15);
	check_rest();
	expect_refused(lwl_ring_ack, 1);	/* not whole */
	lwl_ring_sent(&ring, 1);
	model_sent(1);
	check_rest();
	assert_int_equal(lwl_ring_ack(&ring, 1), 0);
	model_ack(1);
	assert_int_equal(lwl_ring_ack(&ring, 1), 0);
	check_refusals();
	check_counts();
	check_slices();
	lwl_ring_fini(&ring);
}

/* Full to the last byte, and one more. */
static void test_window(void **state)
{
	uint32_t size;

	(void)state;
	for (size = 131072; size <= 262144; size *= 2) {
		uint8_t *p;

		start(size, 100000);
		assert_true(put(60000));
		assert_false(lwl_ring_has_room(&ring, 40008));
		assert_true(lwl_ring_has_room(&ring, 40000));
		/* What was begun larger may be committed smaller. */
		p = begin(48000);
		assert_non_null(p);
		assert_true(commit(p, 40000));
		assert_false(lwl_ring_has_room(&ring, 16));
		p = begin(16);
		assert_non_null(p);
		assert_false(commit(p, 16));
		check_counts();
		check_slices();
		lwl_ring_sent(&ring, 60000);
		model_sent(60000);
		assert_int_equal(lwl_ring_ack(&ring, 1), 0);
		model_ack(1);
		assert_true(put(16));
		check_counts();
		check_slices();
		lwl_ring_fini(&ring);
	}
}

/* The first message is acknowledged; others go up to `rest` bytes before the end, or are behind. */
static void make_wrapped(uint32_t rest)
{
	start(SMALLEST, UINT64_MAX);
	assert_true(put(65536));
	lwl_ring_sent(&ring, 65536);
	model_sent(65536);
	assert_int_equal(lwl_ring_ack(&ring, 1), 0);
	model_ack(1);
	assert_true(put(40));
	assert_true(put(16));
	assert_true(put(24));
	assert_true(put(SMALLEST - 65536 - 80 - rest - 64));
	assert_true(put(48));
	assert_true(put(16));
	assert_int_equal(newest_end(), SMALLEST - rest);
	assert_true(put(rest + 8 > 16 ? rest + 8 : 16));
	assert_int_equal(message(committed)->offset, 0);
	assert_true(put(24));
	assert_true(put(16));
}

static const uint32_t rests[] = { 0, 8, 16, 24, 32, 40, 4096, 16384 };

enum { RESTS = sizeof rests / sizeof *rests };

/* What is sent may end at each byte, in two steps; and then be acknowledged or not. */
static void test_every_cut(void **state)
{
	uint32_t k, cut, total, first;

	(void)state;
	for (k = 0; k < RESTS; k++) {
		struct lwl_ring begun;

		make_wrapped(rests[k]);
		begun = ring;
		total = (uint32_t)unsent_bytes();
		for (cut = 0; cut <= total; cut++) {
			uint64_t number;

			ring = begun;
			sent = acked;
			sent_part = 0;
			first = chance(cut + 1);
			lwl_ring_sent(&ring, first);
			model_sent(first);
			if (chance(2) == 0)
				check_rest();
			lwl_ring_sent(&ring, cut - first);
			model_sent(cut - first);
			if (chance(2) == 0)
				check_rest();
			check_counts();
			if (cut < 100 || cut % 16 == 0)
				check_slices();
			for (number = acked; number <= sent; number++) {
				struct lwl_ring before = ring;

				assert_int_equal(lwl_ring_ack(&ring, number), 0);
				assert_int_equal(ring.acked_count, number);
				check_rest();
				ring = before;
			}
			check_refusals();
		}
		lwl_ring_fini(&ring);
	}
}

/* From every count, wherever sending was. */
static void test_every_resume(void **state)
{
	uint32_t k, n;
	uint64_t count;

	(void)state;
	for (k = 0; k < RESTS; k++) {
		make_wrapped(rests[k]);
		lwl_ring_fini(&ring);
		for (count = 1; count <= committed; count++)
			for (n = 0; n < 40; n++) {
				uint32_t bytes;

				make_wrapped(rests[k]);
				bytes = n == 0 ? 0 : chance((uint32_t)unsent_bytes() + 1);
				lwl_ring_sent(&ring, bytes);
				model_sent(bytes);
				if (n % 2 == 0)
					check_rest();
				resume(count);
				check_counts();
				check_slices();
				check_rest();
				check_refusals();
				lwl_ring_fini(&ring);
			}
	}
}

/* The gap comes when all before it is sent, or acknowledged, already: nothing waits in front. */
static void test_late_gap(void **state)
{
	uint32_t k, how;

	(void)state;
	for (k = 0; k < RESTS; k++)
		for (how = 0; how < 3; how++) {
			start(SMALLEST, UINT64_MAX);
			assert_true(put(60000));
			assert_true(put(SMALLEST - 60000 - 16384 - 16));
			assert_true(put(16));
			if (rests[k] < 16384)
				assert_true(put(16384 - rests[k]));
			lwl_ring_sent(&ring, (size_t)unsent_bytes());
			model_sent((size_t)unsent_bytes());
			if (how > 0)
				check_rest();
			if (how > 1) {
				assert_int_equal(lwl_ring_ack(&ring, committed), 0);
				model_ack(committed);
			} else {
				assert_int_equal(lwl_ring_ack(&ring, 1), 0);
				model_ack(1);
			}
			assert_true(put(rests[k] + 16));
			assert_int_equal(message(committed)->offset, 0);
			check_counts();
			check_slices();
			check_rest();
			check_refusals();
			/* The whole ring is free for what comes now. */
			if (how > 1) {
				assert_true(put(65536 - rests[k] - 16));
				assert_true(put(65536));
			}
			lwl_ring_sent(&ring, 1);
			model_sent(1);
			check_rest();
			check_slices();
			resume(committed - 1);
			check_counts();
			check_slices();
			lwl_ring_fini(&ring);
		}
}

/* An end that is met exactly leaves nothing to skip. */
static void test_exact_end(void **state)
{
	uint32_t round;

	(void)state;
	start(SMALLEST, UINT64_MAX);
	for (round = 0; round < 10; round++) {
		assert_true(put(65536));
		assert_true(put(65536));
		assert_null(begin(16));
		assert_int_equal(ring.committed - ring.acked, SMALLEST);
		check_counts();
		check_slices();
		lwl_ring_sent(&ring, 65536 + round);
		model_sent(65536 + round);
		check_rest();
		assert_int_equal(lwl_ring_ack(&ring, acked + 1), 0);
		model_ack(acked + 1);
		assert_true(put(16));
		assert_int_equal(message(committed)->offset, 0);
		check_slices();
		resume(committed - 2 * (round % 2));
		if (round % 2 == 1)
			resume(committed);
		/* The next round starts at the ring's start again. */
		while (newest_end() % 65536 != 0) {
			assert_true(put(65536 - 16));
			resume(committed);
		}
		assert_true(put(65536));
		resume(committed);
	}
	lwl_ring_fini(&ring);
}

/* With the largest messages, and with those that fit worst, there is always a way on. */
static void test_progress(void **state)
{
	uint32_t size, n;

	(void)state;
	for (size = LARGEST; size > LARGEST - 80; size -= 8) {
		start(SMALLEST, SMALLEST);
		for (n = 0; n < 200; n++) {
			assert_true(put(n % 3 == 0 ? 16 + 8 * chance(8000) : size));
			lwl_ring_sent(&ring, (size_t)unsent_bytes());
			model_sent((size_t)unsent_bytes());
			check_rest();
			assert_int_equal(lwl_ring_ack(&ring, committed), 0);
			model_ack(committed);
			check_counts();
		}
		lwl_ring_fini(&ring);
	}
}

/* A new session begins at 1, also in the middle of a message that is being encoded. */
static void test_clear(void **state)
{
	uint32_t k;

	(void)state;
	for (k = 0; k < RESTS; k++) {
		make_wrapped(rests[k]);
		lwl_ring_sent(&ring, 61);
		assert_non_null(lwl_ring_begin(&ring, 16));
		lwl_ring_clear(&ring, 70000);
		model_clear(70000);
		assert_int_equal(lwl_ring_commit(&ring, 16), 0);
		check_counts();
		check_slices();
		check_rest();
		check_refusals();
		assert_true(put(65536));
		assert_int_equal(message(1)->offset, 0);
		assert_int_equal(ring.committed_count, 1);
		check_slices();
		lwl_ring_fini(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_first_numbers),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_every_resume),
		cmocka_unit_test(test_late_gap),
		cmocka_unit_test(test_exact_end),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_by_chance),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
