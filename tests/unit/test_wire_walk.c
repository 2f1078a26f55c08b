/*
 * What wire.h does without a schema: the structural check, finding items, walking over linkids and
 * changing them in place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lwlink/wire.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

/* A message of the bytes of one or more items, behind a header with this logical length. */
static uint8_t made[65536 + 8];

static uint32_t make(const void *items, uint32_t n, uint32_t length)
{
	struct lwl_header h = { 1, 2, 0x0101, (uint16_t)length };

	memset(made, 0, sizeof made);
	lwl_header_store(made, &h);
	memcpy(made + 16, items, n);
	return lwl_padded(length);
}

/* Checked from memory of exactly this size. */
static int check(uint32_t size, struct lwl_error *err)
{
	uint8_t *copy = malloc(size + 1);
	int status;

	assert_non_null(copy);
	memcpy(copy + 1, made, size);
	status = lwl_message_check(copy + 1, size, err);
	free(copy);
	return status;
}

static void test_structure(void **state)
{
	static const struct {
		const char *items;
		uint32_t n, length;		/* bytes given; logical length of the message */
		enum lwl_bad bad;
		uint32_t offset, depth;
	} cases[] = {
		{ "", 0, 16, LWL_BAD_NONE, 0, 0 },
		{ "\1\0\4\0\0\0\0\0", 8, 20, LWL_BAD_NONE, 0, 0 },
		{ "\1\0\5\0x\0\0\0", 8, 21, LWL_BAD_NONE, 0, 0 },
		{ "\1\0\5\0x\0\0\0\2\0\4\0", 12, 28, LWL_BAD_NONE, 0, 0 },
		{ "\1\0\4\0\0\0\0\0", 8, 17, LWL_BAD_ITEM_HEADER, 16, 0 },
		{ "\1\0\4\0\0\0\0\0", 8, 19, LWL_BAD_ITEM_HEADER, 16, 0 },
		{ "\1\0\4\0\0\0\0\0", 8, 21, LWL_BAD_END, 16, 1 },
		{ "\1\0\4\0\0\0\0\0", 8, 24, LWL_BAD_END, 16, 1 },
		{ "\1\0\3\0\0\0\0\0", 8, 20, LWL_BAD_ITEM_LENGTH, 16, 1 },
		{ "\1\0\0\0\0\0\0\0", 8, 20, LWL_BAD_ITEM_LENGTH, 16, 1 },
		{ "\1\0\5\0\0\0\0\0", 8, 20, LWL_BAD_ITEM_LENGTH, 16, 1 },
		{ "\1\0\xff\xff\0\0\0\0", 8, 20, LWL_BAD_ITEM_LENGTH, 16, 1 },
		{ "\0\0\4\0\0\0\0\0", 8, 20, LWL_BAD_NUMBER, 16, 1 },
		{ "\0\x80\x8\0\0\0\0\0", 8, 24, LWL_BAD_NUMBER, 16, 1 },
		{ "\2\0\4\0\0\0\0\0\1\0\4\0", 12, 28, LWL_BAD_ORDER, 24, 1 },
		{ "\2\0\4\0\0\0\0\0\2\0\4\0", 12, 28, LWL_BAD_ORDER, 24, 1 },
		{ "\2\x40\x10\0\0\0\0\0\1\0\0\0\0\0\0\0\2\x40\x10\0\0\0\0\0\1\0\0\0\0\0\0\0", 32,
		  48,
		  LWL_BAD_ORDER, 32, 1 },
		{ "\2\x80\x8\0\0\0\0\0\2\x80\x8\0\0\0\0\0", 16, 32, LWL_BAD_NONE, 0, 0 },
		{ "\2\x80\x8\0\0\0\0\0\2\0\4\0", 12, 28, LWL_BAD_ORDER, 24, 1 },
		{ "\2\0\4\0\0\0\0\0\2\x80\x8\0\0\0\0\0", 16, 32, LWL_BAD_ORDER, 24, 1 },
		{ "\1\0\4\0\1\0\0\0\2\0\4\0", 12, 28, LWL_BAD_PADDING, 20, 1 },
		{ "\1\0\7\0\0\0\0\1\2\0\4\0", 12, 28, LWL_BAD_PADDING, 23, 1 },
		{ "\1\0\4\0\0\0\1\0", 8, 20, LWL_BAD_PADDING, 22, 0 },
		/* Links: their padding, their number, linkid 0. */
		{ "\1\x40\x10\0\0\0\0\0\1\0\0\0\0\0\0\0", 16, 32, LWL_BAD_NONE, 0, 0 },
		{ "\1\x40\x8\0\0\0\0\0", 8, 24, LWL_BAD_ITEM_LENGTH, 16, 1 },
		{ "\1\x40\x4\0\0\0\0\0", 8, 20, LWL_BAD_ITEM_LENGTH, 16, 1 },
		{ "\1\x40\xf\0\0\0\0\0\1\0\0\0\0\0\0\0", 16, 31, LWL_BAD_ITEM_LENGTH, 16, 1 },
		{ "\1\x40\x10\0\0\0\0\1\1\0\0\0\0\0\0\0", 16, 32, LWL_BAD_PADDING, 23, 1 },
		{ "\1\x40\x10\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, 32, LWL_BAD_LINKID, 16, 1 },
		{ "\1\x40\x18\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, 40, LWL_BAD_LINKID,
		  16, 1 },
		/* Groups: their padding, their link bit, what is in them. */
		{ "\1\x80\x7\0\0\0\0\0", 8, 23, LWL_BAD_ITEM_LENGTH, 16, 1 },
		{ "\1\x80\x8\0\1\0\0\0", 8, 24, LWL_BAD_PADDING, 20, 1 },
		{ "\1\xc0\x8\0\0\0\0\0", 8, 24, LWL_BAD_LINK_BIT, 16, 1 },
		{ "\1\xc0\x10\0\0\0\0\0\1\0\x8\0\1\0\0\0", 16, 32, LWL_BAD_LINK_BIT, 16, 1 },
		{ "\1\x80\x18\0\0\0\0\0\1\x40\x10\0\0\0\0\0\1\0\0\0\0\0\0\0", 24, 40,
		  LWL_BAD_LINK_BIT, 16, 1 },
		{ "\1\xc0\x18\0\0\0\0\0\1\x40\x10\0\0\0\0\0\1\0\0\0\0\0\0\0", 24, 40, LWL_BAD_NONE,
		  0, 0 },
		{ "\1\xc0\x20\0\0\0\0\0\1\x80\x18\0\0\0\0\0\1\x40\x10\0\0\0\0\0\1\0\0\0\0\0\0\0",
		  32, 48,
		  LWL_BAD_LINK_BIT, 24, 2 },
		{ "\1\x80\xb\0\0\0\0\0\1\0\4\0", 12, 27, LWL_BAD_ITEM_HEADER, 24, 1 },
		{ "\1\x80\xd\0\0\0\0\0\1\0\4\0", 12, 29, LWL_BAD_END, 24, 2 },
		{ "\1\x80\xc\0\0\0\0\0\1\0\5\0", 12, 28, LWL_BAD_ITEM_LENGTH, 24, 2 },
		{ "\1\x80\xc\0\0\0\0\0\0\0\4\0", 12, 28, LWL_BAD_NUMBER, 24, 2 },
		{ "\1\x80\xc\0\0\0\0\0\1\0\4\0\0\0\0\1\2\0\4\0", 20, 36, LWL_BAD_PADDING, 31, 1 },
		/* A leaf's contents are nobody's business here. */
		{ "\1\0\x10\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16, 32,
		  LWL_BAD_NONE, 0, 0 },
		{ "\1\x3f\4\0", 4, 20, LWL_BAD_NONE, 0, 0 },
		{ "\xff\x3f\4\0", 4, 20, LWL_BAD_NONE, 0, 0 }
	};
	struct lwl_error err;
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		uint32_t size = make(cases[i].items, cases[i].n, cases[i].length);
		int expected = cases[i].bad == LWL_BAD_NONE ? 0 : -LWL_EMALFORMED;

		if (check(size, &err) != expected || err.bad != cases[i].bad ||
		    err.offset != cases[i].offset || err.depth != cases[i].depth)
			fail_msg("case %u: %s at %u, depth %u", (unsigned)i, lwl_bad_name(err.bad),
				 (unsigned)err.offset, (unsigned)err.depth);
		assert_int_equal(check(size, NULL), expected);
		assert_true(expected == 0 || lwl_bad_is_structural(err.bad));
	}
}

static void test_length(void **state)
{
	struct lwl_error err;
	uint32_t size = make("\1\0\5\0x\0\0\0", 8, 21), len;

	(void)state;
	for (len = 0; len < size + 24; len++) {
		uint8_t *copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, made, len);
		assert_int_equal(lwl_message_check(copy, len, &err),
				 len == size ? 0 : -LWL_EMALFORMED);
		if (len != size) {
			assert_int_equal(err.bad, LWL_BAD_LENGTH);
			assert_int_equal(err.offset, 14);
			assert_int_equal(err.depth, 0);
		}
		free(copy);
	}
	for (len = 0; len < 16; len++) {
		make("", 0, len);
		assert_int_equal(lwl_message_check(made, 16, &err), -LWL_EMALFORMED);
		assert_int_equal(err.bad, LWL_BAD_LENGTH);
		assert_int_equal(lwl_message_check(made, 0, &err), -LWL_EMALFORMED);
	}
	assert_int_equal(lwl_message_check(made, SIZE_MAX, &err), -LWL_EMALFORMED);
	assert_int_equal(lwl_message_check(made, UINT32_MAX, &err), -LWL_EMALFORMED);
}

static void test_largest(void **state)
{
	uint32_t size, at, i;
	struct lwl_item item;

	(void)state;
	size = make("\1\0\xef\xff", 4, 65535);
	assert_int_equal(size, 65536);
	assert_int_equal(check(size, NULL), 0);
	made[65535] = 1;
	assert_int_equal(check(size, NULL), -LWL_EMALFORMED);
	/* As many items as a message can hold. */
	size = make("", 0, 65532);
	for (i = 1, at = 16; at < size; at += 8, i++) {
		lwl_store16(made + at, (uint16_t)i);
		lwl_store16(made + at + 2, 4);
	}
	assert_int_equal(check(size, NULL), 0);
	assert_true(lwl_message_find(&item, made, 8190));
	assert_int_equal(item.offset, 16 + 8 * 8189);
	assert_false(lwl_message_find(&item, made, 8191));
}

static uint32_t nest(uint32_t levels)
{
	uint32_t i, size = make("", 0, 16 + levels * 8);

	for (i = 0; i < levels; i++) {
		lwl_store16(made + 16 + i * 8, 7 | LWL_ITEM_GROUP);
		lwl_store16(made + 16 + i * 8 + 2, (uint16_t)((levels - i) * 8));
	}
	return size;
}

static void test_depth(void **state)
{
	struct lwl_error err;
	uint32_t levels, i;

	(void)state;
	for (levels = 0; levels <= 8; levels++)
		assert_int_equal(check(nest(levels), &err), 0);
	for (levels = 9; levels < 8000; levels = levels * 3) {
		assert_int_equal(check(nest(levels), &err), -LWL_EMALFORMED);
		assert_int_equal(err.bad, LWL_BAD_DEPTH);
		assert_int_equal(err.offset, 16 + 64);
		assert_int_equal(err.depth, 9);
		for (i = 0; i < 9; i++) {
			assert_int_equal(err.path[i].number, 7);
			assert_int_equal(err.path[i].index, 0);
		}
	}
}

static void test_index_in_path(void **state)
{
	struct lwl_error err;
	uint32_t size, i;

	(void)state;
	size = make("", 0, 16 + 8000 * 8);
	for (i = 0; i < 8000; i++) {
		lwl_store16(made + 16 + i * 8, 3 | LWL_ITEM_GROUP);
		lwl_store16(made + 16 + i * 8 + 2, 8);
	}
	assert_int_equal(check(size, &err), 0);
	made[16 + 7777 * 8 + 4] = 1;
	assert_int_equal(check(size, &err), -LWL_EMALFORMED);
	assert_int_equal(err.bad, LWL_BAD_PADDING);
	assert_int_equal(err.path[0].number, 3);
	assert_int_equal(err.path[0].index, 7777);
}

/* ---- find ---- */

/* 1: leaf; 3: links; 5: two groups, the first with items 1 and 9; deadline, trace. */
static const uint8_t example[] =
	"\1\0\6\0\x11\x22\0\0"					/* 16 */
	"\3\x40\x18\0\0\0\0\0\1\0\0\0\1\0\0\x80\2\0\0\0\1\0\0\0"	/* 24 */
	"\5\x80\x17\0\0\0\0\0"					/* 48 */
		"\1\0\5\0x\0\0\0" "\x9\0\7\0abc\0"		/* 56, 64 */
	"\5\xc0\x28\0\0\0\0\0"					/* 72 */
		"\2\xc0\x18\0\0\0\0\0"				/* 80 */
			"\1\x40\x10\0\0\0\0\0\3\0\0\0\1\0\0\0"	/* 88 */
		"\7\0\x8\0\1\2\3\4"				/* 104 */
	"\2\x3f\x10\0\0\0\0\0\5\0\0\0\0\0\0\0"			/* 112 */
	"\3\x3f\x14\0" "0123456789abcdef";			/* 128 */

enum { EXAMPLE_LENGTH = 148 };

static uint32_t make_example(void)
{
	return make(example, sizeof example - 1, EXAMPLE_LENGTH);
}

static void test_find(void **state)
{
	static const struct { uint16_t number; bool found; uint16_t id,
	length; uint32_t offset; } cases[] = {
		{ 0, false, 0, 0, 0 }, { 1, true, 1, 6, 16 }, { 2, false, 0, 0, 0 },
		{ 3, true, 0x4003, 24, 24 }, { 4, false, 0, 0, 0 }, { 5, true, 0x8005, 23, 48 },
		{ 7, false, 0, 0, 0 }, { 9, false, 0, 0, 0 },
		{ LWL_ITEM_DEADLINE, true, LWL_ITEM_DEADLINE, 16, 112 },
		{ LWL_ITEM_TRACE, true, LWL_ITEM_TRACE, 20, 128 }, { 0x3fff, false, 0, 0, 0 }
	};
	struct lwl_item item;
	uint32_t size = make_example(), i, shift;

	(void)state;
	assert_int_equal(check(size, NULL), 0);
	for (shift = 0; shift < 8; shift++) {
		uint8_t *copy = malloc(size + shift);

		assert_non_null(copy);
		memcpy(copy + shift, made, size);
		for (i = 0; i < COUNT(cases); i++) {
			memset(&item, 0, sizeof item);
			assert_int_equal(lwl_message_find(&item, copy + shift, cases[i].number),
					 cases[i].found);
			assert_int_equal(item.id, cases[i].id);
			assert_int_equal(item.length, cases[i].length);
			assert_int_equal(item.offset, cases[i].offset);
		}
		free(copy);
	}
	make("", 0, 16);
	assert_false(lwl_message_find(&item, made, 1));
}

static void test_deadline_and_trace(void **state)
{
	uint64_t deadline = 99;

	(void)state;
	make_example();
	assert_true(lwl_message_deadline(&deadline, made));
	assert_true(deadline == 5);
	assert_memory_equal(lwl_message_trace(made), "0123456789abcdef", 16);
	/* None; of another size; of another kind. */
	make("", 0, 16);
	assert_false(lwl_message_deadline(&deadline, made));
	assert_null(lwl_message_trace(made));
	make("\2\x3f\x8\0\1\2\3\4\3\x3f\x8\0\1\2\3\4", 16, 32);
	assert_int_equal(check(32, NULL), 0);
	assert_false(lwl_message_deadline(&deadline, made));
	assert_null(lwl_message_trace(made));
	make("\2\x7f\x10\0\0\0\0\0\1\0\0\0\0\0\0\0", 16, 32);
	assert_int_equal(check(32, NULL), 0);
	assert_false(lwl_message_deadline(&deadline, made));
	make("\3\xbf\x8\0\0\0\0\0", 8, 24);
	assert_int_equal(check(24, NULL), 0);
	assert_null(lwl_message_trace(made));
}

/* ---- linkids ---- */

static void test_linkids(void **state)
{
	static const uint32_t offsets[] = { 32, 40, 96 };
	uint32_t size = make_example(), offset, i, shift, k;

	(void)state;
	for (shift = 0; shift < 8; shift++) {
		uint8_t *copy = malloc(size + shift);
		struct lwl_linkids walk;

		assert_non_null(copy);
		memcpy(copy + shift, made, size);
		lwl_linkids_init(&walk, copy + shift);
		for (i = 0; i < 3; i++) {
			uint8_t *p;

			assert_true(lwl_linkids_next(&walk, &offset));
			assert_int_equal(offset, offsets[i]);
			/* Translate it on the way. */
			p = copy + shift + offset;
			lwl_store64(p, lwl_load64(p) ^ UINT64_C(0x8000000000000000));
		}
		assert_false(lwl_linkids_next(&walk, &offset));
		assert_false(lwl_linkids_next(&walk, &offset));
		/* Nothing else has changed. */
		for (k = 0; k < size; k++)
			assert_int_equal(copy[shift + k] ^ made[k],
					 k == 32 + 7 || k == 40 + 7 || k == 96 + 7 ? 0x80 : 0);
		free(copy);
	}
	make("\1\0\4\0", 4, 20);
	{
		struct lwl_linkids walk;

		lwl_linkids_init(&walk, made);
		assert_false(lwl_linkids_next(&walk, &offset));
		make("", 0, 16);
		lwl_linkids_init(&walk, made);
		assert_false(lwl_linkids_next(&walk, &offset));
	}
}

/* As many as fit. */
static void test_many_linkids(void **state)
{
	uint32_t count = (65535 - 16 - 8) / 8, length = 16 + 8 + count * 8, i, offset;
	struct lwl_linkids walk;
	uint32_t size = make("", 0, length);

	(void)state;
	lwl_store16(made + 16, 1 | LWL_ITEM_LINKS);
	lwl_store16(made + 18, (uint16_t)(8 + count * 8));
	for (i = 0; i < count; i++)
		lwl_store64(made + 24 + i * 8, i + 1);
	assert_int_equal(check(size, NULL), 0);
	lwl_linkids_init(&walk, made);
	for (i = 0; i < count; i++) {
		assert_true(lwl_linkids_next(&walk, &offset));
		assert_int_equal(offset, 24 + i * 8);
	}
	assert_false(lwl_linkids_next(&walk, &offset));
}

/* The slow way: every links item, found by recursion. */
static uint32_t collect(uint32_t at, uint32_t end, uint32_t *found, uint32_t count)
{
	while (at < end) {
		uint16_t id = lwl_load16(made + at), length = lwl_load16(made + at + 2);
		uint32_t i;

		if (id & LWL_ITEM_GROUP)
			count = collect(at + 8, at + length, found, count);
		else if (id & LWL_ITEM_LINKS)
			for (i = 8; i < length; i += 8)
				found[count++] = at + i;
		at += lwl_padded(length);
	}
	return count;
}

static uint32_t seed;

static uint32_t chance(uint32_t n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static void put_random(struct lwl_writer *w, uint32_t depth)
{
	uint16_t number = 0;
	struct lwl_group group;

	while (chance(5) != 0 && w->status == 0) {
		number = (uint16_t)(number + 1 + chance(40));
		switch (chance(4)) {
		case 0:
			lwl_put_bytes(w, number, 0, 99, lwl_bytes_of("0123456789", chance(11)));
			break;
		case 1:
			lwl_put_link(w, number, 1 + chance(1000));
			break;
		case 2:
			lwl_put_packed(w, number, 8, 0, 9, lwl_seq_of("0123456789abcdef", 1));
			break;
		default:
			if (depth == 8)
				break;
			lwl_begin_group(w, number, &group);
			put_random(w, depth + 1);
			lwl_end_group(w, &group);
			break;
		}
	}
}

static void test_random_messages(void **state)
{
	uint32_t found[8192], round, count, i, offset;

	(void)state;
	for (round = 0; round < 20000; round++) {
		struct lwl_writer w;
		struct lwl_linkids walk;

		seed = round;
		lwl_writer_init(&w, made, 65536, 1, 2);
		lwl_writer_begin(&w, 0x0101, LWL_KIND_REQUEST);
		put_random(&w, 0);
		if (lwl_writer_finish(&w) != 0)
			continue;
		assert_int_equal(lwl_message_check(made, lwl_writer_size(&w), NULL), 0);
		count = collect(16, lwl_load16(made + 14), found, 0);
		lwl_linkids_init(&walk, made);
		for (i = 0; i < count; i++) {
			assert_true(lwl_linkids_next(&walk, &offset));
			assert_int_equal(offset, found[i]);
		}
		assert_false(lwl_linkids_next(&walk, &offset));
	}
}

/* A message that passed the check can be walked: nothing outside is read. */
static void use_checked(const uint8_t *msg, uint32_t size)
{
	struct lwl_linkids walk;
	struct lwl_error err;
	struct lwl_item item;
	uint32_t offset, number, last = 0;
	uint64_t deadline;

	if (lwl_message_check(msg, size, &err) != 0) {
		assert_true(lwl_bad_is_structural(err.bad) && err.depth <= 9);
		return;
	}
	assert_int_equal(err.bad, LWL_BAD_NONE);
	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &offset)) {
		assert_true(offset >= 24 && offset > last && offset + 8 <= size && offset % 8 == 0);
		assert_true(lwl_load64(msg + offset) != 0);
		last = offset;
	}
	for (number = 1; number < 12; number++)
		if (lwl_message_find(&item, msg, (uint16_t)number))
			assert_true(item.offset + item.length <= size);
	lwl_message_deadline(&deadline, msg);
	lwl_message_trace(msg);
}

static void test_broken_messages(void **state)
{
	uint32_t size = make_example(), at, v, cut;

	(void)state;
	for (cut = 16; cut <= size; cut++) {
		uint32_t padded = lwl_padded(cut);
		uint8_t *copy = malloc(padded);

		assert_non_null(copy);
		memcpy(copy, made, padded);
		lwl_store16(copy + 14, (uint16_t)cut);
		use_checked(copy, padded);
		free(copy);
	}
	for (at = 0; at < size; at++) {
		uint8_t *copy = malloc(size);

		assert_non_null(copy);
		memcpy(copy, made, size);
		for (v = 1; v < 256; v++) {
			copy[at] = (uint8_t)(made[at] ^ v);
			use_checked(copy, size);
		}
		if (at % 2 == 0)
			for (v = 0; v < 65536; v += at % 8 == 2 ? 1 : 7) {
				lwl_store16(copy + at, (uint16_t)v);
				use_checked(copy, size);
			}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structure), cmocka_unit_test(test_length),
		cmocka_unit_test(test_largest), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_index_in_path), cmocka_unit_test(test_find),
		cmocka_unit_test(test_deadline_and_trace), cmocka_unit_test(test_linkids),
		cmocka_unit_test(test_many_linkids), cmocka_unit_test(test_random_messages),
		cmocka_unit_test(test_broken_messages)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
