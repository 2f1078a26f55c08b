/*
 * Tables.  Allocation goes through counters here, so that it can fail when a test wants it to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/table.h"

/* ---- memory that fails ---- */

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_realloc(void *p, size_t size);

static unsigned allocations;
static unsigned fail_at;		/* the allocation that fails; 0: none */

static bool fails(void)
{
	return ++allocations == fail_at;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

static int reset_memory(void **state)
{
	(void)state;
	allocations = 0;
	fail_at = 0;
	return 0;
}

/* ---- tests ---- */

struct entry {
	uint64_t index, twice, zero;
};

static void check_zero(const void *entry, size_t size)
{
	const uint8_t *bytes = entry;
	size_t i;

	for (i = 0; i < size; i++)
		assert_int_equal(bytes[i], 0);
}

static void test_empty(void **state)
{
	struct lwl_table t;

	(void)state;
	lwl_table_init(&t, sizeof(struct entry), 1000);
	assert_null(lwl_table_at(&t, 0));
	assert_null(lwl_table_at(&t, 999));
	assert_null(lwl_table_at(&t, UINT32_MAX));
	assert_int_equal(lwl_table_memory(&t), 0);
	assert_int_equal(allocations, 0);
	lwl_table_fini(&t);

	lwl_table_init(&t, 8, 0);
	assert_null(lwl_table_make(&t, 0));
	assert_null(lwl_table_make(&t, UINT32_MAX));
	assert_int_equal(allocations, 0);
	lwl_table_fini(&t);
}

/* What is made is zeros, is found again, and stays where it is while the table grows. */
static void test_entries_stay(void **state)
{
	enum { LIMIT = 5000 };
	static struct entry *places[LIMIT];
	struct lwl_table t;
	uint32_t k;

	(void)state;
	lwl_table_init(&t, sizeof(struct entry), LIMIT);
	/* In an order that jumps: 1777 and 5000 have no common factor. */
	for (k = 0; k < LIMIT; k++) {
		uint32_t i = k * 1777 % LIMIT;

		places[i] = lwl_table_make(&t, i);
		assert_non_null(places[i]);
		assert_int_equal((uintptr_t)places[i] % 8, 0);
		check_zero(places[i], sizeof *places[i]);
		places[i]->index = i;
		places[i]->twice = 2 * i;
	}
	for (k = 0; k < LIMIT; k++) {
		assert_ptr_equal(lwl_table_at(&t, k), places[k]);
		assert_ptr_equal(lwl_table_make(&t, k), places[k]);
		assert_int_equal(places[k]->index, k);
		assert_int_equal(places[k]->twice, 2 * k);
		assert_int_equal(places[k]->zero, 0);
	}
	lwl_table_fini(&t);
	assert_null(lwl_table_at(&t, 0));
	assert_null(lwl_table_make(&t, 0));
	assert_int_equal(lwl_table_memory(&t), 0);
}

/* Made one behind the other, the directory grows by doubling. */
static void test_directory(void **state)
{
	enum { CHUNKS = 1000 };
	struct lwl_table t;
	uint32_t i;

	(void)state;
	lwl_table_init(&t, 8, CHUNKS * LWL_CHUNK);
	for (i = 0; i < CHUNKS * LWL_CHUNK; i++)
		assert_non_null(lwl_table_make(&t, i));
	assert_int_equal(t.chunk_count, CHUNKS);
	assert_true(allocations <= CHUNKS + 11);
	assert_int_equal(lwl_table_memory(&t), CHUNKS * (sizeof(void *) + LWL_CHUNK * 8));
	lwl_table_fini(&t);
}

/* Each limit around a chunk's end: everything below it can be made, nothing else. */
static void test_limits(void **state)
{
	static const uint32_t limits[] = { 1, 2, 255, 256, 257, 511, 512, 513, 70000 };
	uint32_t k, i;

	(void)state;
	for (k = 0; k < sizeof limits / sizeof *limits; k++) {
		struct lwl_table t;
		uint32_t limit = limits[k], chunks = (limit + LWL_CHUNK - 1) / LWL_CHUNK;

		lwl_table_init(&t, 16, limit);
		assert_null(lwl_table_make(&t, limit));
		assert_null(lwl_table_make(&t, limit + LWL_CHUNK));
		assert_null(lwl_table_make(&t, UINT32_MAX));
		assert_int_equal(lwl_table_memory(&t), 0);
		assert_non_null(lwl_table_make(&t, limit - 1));
		assert_int_equal(t.chunk_count, chunks);
		assert_int_equal(lwl_table_memory(&t), chunks * sizeof(void *) + LWL_CHUNK * 16);
		assert_null(lwl_table_make(&t, limit));
		assert_null(lwl_table_at(&t, chunks * LWL_CHUNK));
		/* The end of the last chunk is no entry, but can be looked at. */
		for (i = limit; i < chunks * LWL_CHUNK; i++)
			check_zero(lwl_table_at(&t, i), 16);
		if (chunks > 1)
			assert_null(lwl_table_at(&t, 0));
		assert_non_null(lwl_table_make(&t, 0));
		lwl_table_fini(&t);
	}
}

/* The highest limit costs no more than the directory for what is used. */
static void test_far(void **state)
{
	struct lwl_table t;
	struct entry *low, *high;

	(void)state;
	lwl_table_init(&t, sizeof(struct entry), UINT32_MAX);
	low = lwl_table_make(&t, 3);
	assert_int_equal(t.chunk_count, 1);
	low->index = 3;
	high = lwl_table_make(&t, 10000000);
	assert_non_null(high);
	assert_int_equal(t.chunk_count, 10000000 / LWL_CHUNK + 1);
	assert_int_equal(low->index, 3);
	assert_ptr_equal(lwl_table_at(&t, 3), low);
	assert_null(lwl_table_at(&t, 5000000));
	assert_null(lwl_table_at(&t, UINT32_MAX));
	assert_null(lwl_table_make(&t, UINT32_MAX));
	lwl_table_fini(&t);
}

/* Whichever allocation fails, nothing is lost, and the next try goes on. */
static void test_no_memory(void **state)
{
	static const uint32_t wanted[] = { 0, 300, 90000, 512 };
	unsigned fail, k;

	(void)state;
	for (fail = 1; fail <= 8; fail++) {
		struct lwl_table t;
		unsigned failures = 0;

		allocations = 0;
		fail_at = fail;
		lwl_table_init(&t, 8, 100000);
		for (k = 0; k < 4; k++) {
			uint64_t *entry = lwl_table_make(&t, wanted[k]);

			if (entry == NULL) {
				failures++;
				assert_null(lwl_table_at(&t, wanted[k]));
				entry = lwl_table_make(&t, wanted[k]);
			}
			assert_non_null(entry);
			assert_int_equal(*entry, 0);
			*entry = k + 1;
		}
		/* Three times the directory, the last entry is within it; a chunk each. */
		assert_int_equal(failures, fail <= 7);
		for (k = 0; k < 4; k++)
			assert_int_equal(*(uint64_t *)lwl_table_at(&t, wanted[k]), k + 1);
		lwl_table_fini(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_empty, reset_memory),
		cmocka_unit_test_setup(test_entries_stay, reset_memory),
		cmocka_unit_test_setup(test_directory, reset_memory),
		cmocka_unit_test_setup(test_limits, reset_memory),
		cmocka_unit_test_setup(test_far, reset_memory),
		cmocka_unit_test_setup(test_no_memory, reset_memory),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
