/*
 * The heap of times, against an array that is searched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/heap.h"

enum { DUES = 300, STEPS = 20000 };

static uint64_t earliest(const struct lwl_due *dues)
{
	uint64_t first = UINT64_MAX;
	unsigned i;

	for (i = 0; i < DUES; i++) {
		if (dues[i].place != 0 && dues[i].when < first)
			first = dues[i].when;
	}
	return first;
}

static void test_model(void **state)
{
	static struct lwl_due dues[DUES];
	struct lwl_heap heap = { 0 };
	unsigned step, i;

	(void)state;
	srand(1);
	assert_true(lwl_heap_first(&heap) == UINT64_MAX);
	for (step = 0; step < STEPS; step++) {
		struct lwl_due *due = &dues[rand() % DUES];

		if (due->place == 0)
			assert_int_equal(lwl_heap_add(&heap, due, (uint64_t)(rand() % 1000)), 0);
		else if (rand() % 4 == 0)
			lwl_heap_remove(&heap, heap.at[1]);
		else
			lwl_heap_remove(&heap, due);
		assert_true(lwl_heap_first(&heap) == earliest(dues));
		for (i = 1; i <= heap.count; i++)
			assert_int_equal(heap.at[i]->place, i);
	}
	/* What is not in it can be taken out. */
	for (i = 0; i < DUES; i++) {
		lwl_heap_remove(&heap, &dues[i]);
		lwl_heap_remove(&heap, &dues[i]);
	}
	assert_int_equal(heap.count, 0);
	lwl_heap_fini(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_model) };

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
