/*
 * The reader of wire.h.  Messages are put together here byte by byte, without the writer, and each
 * is read from memory of exactly its size, so that a sanitizer sees every byte too many.
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
#define GROUP LWL_ITEM_GROUP
#define LINKS LWL_ITEM_LINKS

enum { COMMAND = 0x1203, MSGID = 77 };

/* ---- messages by hand ---- */

static uint8_t made[65536 + 64];
static uint32_t made_end;		/* logical */

static void start(uint16_t command, uint32_t msgid)
{
	memset(made, 0, sizeof made);
	lwl_store64(made, UINT64_C(0x8000000100000003));
	lwl_store32(made + 8, msgid);
	lwl_store16(made + 12, command);
	made_end = 16;
}

static uint32_t header(uint16_t id)
{
	uint32_t at = (made_end + 7) / 8 * 8;

	lwl_store16(made + at, id);
	made_end = at + 4;
	return at;
}

static void close_item(uint32_t at)
{
	lwl_store16(made + at + 2, (uint16_t)(made_end - at));
}

/* An item whose payload of `n` bytes starts behind `start` bytes; returns its offset. */
static uint32_t item(uint16_t id, uint32_t header_size, const void *payload, uint32_t n)
{
	uint32_t at = header(id);

	made_end = at + header_size + n;
	if (n > 0)
		memcpy(made + at + header_size, payload, n);
	close_item(at);
	return at;
}

static uint32_t open_item(uint16_t id)
{
	uint32_t at = header(id);

	made_end = at + 8;
	return at;
}

/* A little-endian integer of `n` bytes. */
static uint32_t number(uint16_t id, uint64_t value, uint32_t n)
{
	uint8_t bytes[8];

	lwl_store64(bytes, value);
	return item(id, n == 8 ? 8 : 4, bytes, n);
}

static uint32_t seal(void)
{
	lwl_store16(made + 14, (uint16_t)made_end);
	return (made_end + 7) / 8 * 8;
}

/* A copy with nothing behind it, `shift` bytes off alignment; free with drop(). */
static uint8_t *exact(const uint8_t *bytes, uint32_t size, uint32_t shift)
{
	uint8_t *memory = malloc(size + shift + (size + shift == 0));

	assert_non_null(memory);
	if (size > 0)
		memcpy(memory + shift, bytes, size);
	return memory + shift;
}

static void drop(uint8_t *copy, uint32_t shift)
{
	free(copy - shift);
}

/* A reader at the items of what was made, and its copy of it. */
static struct lwl_reader reader;
static struct lwl_error error;
static uint8_t *copy;

static struct lwl_reader *begin(void)
{
	uint32_t size = seal();

	free(copy);
	copy = exact(made, size, 0);
	lwl_reader_begin(&reader, copy, size, COMMAND, LWL_KIND_REQUEST, &error);
	return &reader;
}

static int drop_copy(void **state)
{
	(void)state;
	free(copy);
	copy = NULL;
	return 0;
}

/* What must have been found: a mistake at `offset`, with a path of one step, or none if 0. */
static void expect(struct lwl_reader *r, enum lwl_bad bad, uint32_t offset, uint16_t step)
{
	assert_int_equal(lwl_reader_finish(r), bad == LWL_BAD_NONE ? 0 : -LWL_EMALFORMED);
	assert_string_equal(lwl_bad_name(error.bad), lwl_bad_name(bad));
	assert_int_equal(error.offset, offset);
	assert_int_equal(error.depth, step != 0);
	if (step != 0)
		assert_int_equal(error.path[0].number, step);
}

/* ---- loads, stores, headers ---- */

static void test_loads_and_stores(void **state)
{
	uint8_t bytes[16 + 8];
	uint32_t shift;

	(void)state;
	for (shift = 1; shift < 8; shift++) {
		uint8_t *p = bytes + shift;

		memset(bytes, 0xaa, sizeof bytes);
		lwl_store16(p, 0x1234);
		assert_memory_equal(p, "\x34\x12\xaa", 3);
		assert_int_equal(lwl_load16(p), 0x1234);
		lwl_store32(p, 0x89abcdef);
		assert_memory_equal(p, "\xef\xcd\xab\x89\xaa", 5);
		assert_int_equal(lwl_load32(p), 0x89abcdef);
		lwl_store64(p, UINT64_C(0x8123456789abcdef));
		assert_memory_equal(p, "\xef\xcd\xab\x89\x67\x45\x23\x81\xaa", 9);
		assert_true(lwl_load64(p) == UINT64_C(0x8123456789abcdef));
		lwl_storef32(p, 1.5f);
		assert_memory_equal(p, "\x00\x00\xc0\x3f", 4);
		assert_true(lwl_f32_bits(lwl_loadf32(p)) == 0x3fc00000);
		lwl_storef64(p, -0.0);
		assert_memory_equal(p, "\x00\x00\x00\x00\x00\x00\x00\x80\xaa", 9);
		assert_true(lwl_f64_bits(lwl_loadf64(p)) == UINT64_C(0x8000000000000000));
		assert_int_equal(bytes[0], 0xaa);
	}
	assert_true(lwl_f32_bits(lwl_f32_of(0x7fc00001)) == 0x7fc00001);
	assert_true(lwl_f64_bits(lwl_f64_of(UINT64_C(0x7ff8000000000001))) ==
		    UINT64_C(0x7ff8000000000001));
	assert_int_equal(lwl_padded(0), 0);
	assert_int_equal(lwl_padded(1), 8);
	assert_int_equal(lwl_padded(8), 8);
	assert_int_equal(lwl_padded(65535), 65536);
}

static void test_header(void **state)
{
	static const uint8_t bytes[] =
		"\x01\x02\x03\x04\x05\x06\x07\x88\x11\x12\x13\x14\x21\xa2\x31\x32";
	struct lwl_header h = { UINT64_C(0x8807060504030201), 0x14131211, 0xa221, 0x3231 }, got;
	uint32_t shift;

	(void)state;
	for (shift = 0; shift < 8; shift++) {
		uint8_t *p = exact(bytes, 16, shift), canary[32];

		lwl_header_load(&got, p);
		assert_true(got.linkid == h.linkid);
		assert_int_equal(got.msgid, h.msgid);
		assert_int_equal(got.command, h.command);
		assert_int_equal(got.length, h.length);
		drop(p, shift);
		memset(canary, 0xaa, sizeof canary);
		lwl_header_store(canary + shift, &h);
		assert_memory_equal(canary + shift, bytes, 16);
		assert_int_equal(canary[16 + shift], 0xaa);
		if (shift > 0)
			assert_int_equal(canary[shift - 1], 0xaa);
	}
}

/* ---- scalars ---- */

/* Each: the right item, none (optional, then required), a byte too short and too long, a group. */
#define SCALAR_TEST(name, type, size, bits, value) \
static void test_##name(void **state) \
{ \
	type out; \
	uint32_t at; \
	(void)state; \
	start(COMMAND, MSGID); \
	number(5, bits, size); \
	memset(&out, 1, sizeof out); \
	assert_true(lwl_get_##name(begin(), 5, LWL_REQUIRED, &out)); \
	assert_true(out == (value)); \
	expect(&reader, LWL_BAD_NONE, 0, 0); \
	memset(&out, 1, sizeof out); \
	assert_false(lwl_get_##name(begin(), 4, LWL_OPTIONAL, &out)); \
	assert_true(out == 0); \
	expect(&reader, LWL_BAD_NONE, 0, 0); \
	assert_false(lwl_get_##name(begin(), 6, LWL_REQUIRED, &out)); \
	expect(&reader, LWL_BAD_MISSING, made_end, 6); \
	start(COMMAND, MSGID); \
	at = item(5, 4, "\0\0\0\0\0\0\0\0\0\0\0", (size) == 8 ? 11 : (size) - 1); \
	memset(&out, 1, sizeof out); \
	assert_false(lwl_get_##name(begin(), 5, LWL_OPTIONAL, &out)); \
	assert_true(out == 0); \
	expect(&reader, LWL_BAD_SIZE, at, 5); \
	start(COMMAND, MSGID); \
	at = item(5, (size) == 8 ? 8 : 4, "\0\0\0\0\0\0\0\0", (size) + 1); \
	assert_false(lwl_get_##name(begin(), 5, LWL_OPTIONAL, &out)); \
	expect(&reader, LWL_BAD_SIZE, at, 5); \
	start(COMMAND, MSGID); \
	at = open_item(5 | GROUP); \
	close_item(at); \
	assert_false(lwl_get_##name(begin(), 5, LWL_OPTIONAL, &out)); \
	expect(&reader, LWL_BAD_KIND, at, 5); \
	start(COMMAND, MSGID); \
	at = item(5 | LINKS, 8, "\1\0\0\0\0\0\0\0", 8); \
	assert_false(lwl_get_##name(begin(), 5, LWL_OPTIONAL, &out)); \
	expect(&reader, LWL_BAD_KIND, at, 5); \
}

SCALAR_TEST(bool, bool, 1, 1, true)
SCALAR_TEST(u8, uint8_t, 1, 0xfe, 0xfe)
SCALAR_TEST(u16, uint16_t, 2, 0xfedc, 0xfedc)
SCALAR_TEST(u32, uint32_t, 4, 0xfedcba98, 0xfedcba98)
SCALAR_TEST(u64, uint64_t, 8, UINT64_C(0xfedcba9876543210), UINT64_C(0xfedcba9876543210))
SCALAR_TEST(s8, int8_t, 1, 0xfe, -2)
SCALAR_TEST(s16, int16_t, 2, 0x8000, INT16_MIN)
SCALAR_TEST(s32, int32_t, 4, 0x80000000, INT32_MIN)
SCALAR_TEST(s64, int64_t, 8, UINT64_C(0x8000000000000000), INT64_MIN)
SCALAR_TEST(f32, float, 4, 0xbfc00000, -1.5f)
SCALAR_TEST(f64, double, 8, UINT64_C(0x4002000000000000), 2.25)

static void test_bool_values(void **state)
{
	uint32_t v, at;
	bool out;

	(void)state;
	for (v = 0; v < 256; v++) {
		start(COMMAND, MSGID);
		at = number(1, v, 1);
		out = v != 1;
		assert_int_equal(lwl_get_bool(begin(), 1, LWL_REQUIRED, &out), v <= 1);
		assert_int_equal(out, v == 1);
		expect(&reader, v <= 1 ? LWL_BAD_NONE : LWL_BAD_BOOL, v <= 1 ? 0 : at, v > 1);
	}
}

static void test_padding(void **state)
{
	uint32_t at, i;
	uint64_t wide;
	uint16_t out;

	(void)state;
	/* Between the short header and a value of eight bytes. */
	for (i = 4; i < 8; i++) {
		start(COMMAND, MSGID);
		at = number(1, 7, 8);
		made[at + i] = 1;
		assert_false(lwl_get_u64(begin(), 1, LWL_REQUIRED, &wide));
		expect(&reader, LWL_BAD_LEAF_PADDING, at + i, 1);
	}
	/* Behind an item that is not the last, and behind the last. */
	for (i = 6; i < 8; i++) {
		start(COMMAND, MSGID);
		at = number(1, 7, 2);
		number(2, 8, 2);
		made[at + i] = 0x80;
		assert_false(lwl_get_u16(begin(), 1, LWL_REQUIRED, &out));
		assert_false(lwl_get_u16(&reader, 2, LWL_REQUIRED, &out));
		assert_int_equal(out, 0);
		expect(&reader, LWL_BAD_PADDING, at + i, 1);
		start(COMMAND, MSGID);
		at = number(1, 7, 2);
		made[at + i] = 0x80;
		assert_true(lwl_get_u16(begin(), 1, LWL_REQUIRED, &out));
		expect(&reader, LWL_BAD_PADDING, at + i, 0);
	}
	/* A message that says it ends in the padding of its last item. */
	start(COMMAND, MSGID);
	at = number(1, 7, 2);
	made_end++;
	assert_false(lwl_get_u16(begin(), 1, LWL_REQUIRED, &out));
	expect(&reader, LWL_BAD_END, at, 1);
	start(COMMAND, MSGID);
	at = number(1, 7, 2);
	made_end += 2;
	assert_false(lwl_get_u16(begin(), 1, LWL_REQUIRED, &out));
	expect(&reader, LWL_BAD_END, at, 1);
}

/* ---- text ---- */

static void test_text_bounds(void **state)
{
	uint32_t n, at;

	(void)state;
	for (n = 0; n < 12; n++) {
		bool fits = n >= 2 && n <= 9;
		struct lwl_string s = { "x", 1 };
		struct lwl_bytes b = { (const uint8_t *)"x", 1 };

		start(COMMAND, MSGID);
		at = item(1, 4, "abcdefghijkl", n);
		assert_int_equal(lwl_get_string(begin(), 1, LWL_REQUIRED, 2, 9, &s), fits);
		assert_int_equal(s.len, fits ? n : 0);
		if (fits)
			assert_ptr_equal(s.data, copy + at + 4);
		else
			assert_null(s.data);
		expect(&reader, fits ? LWL_BAD_NONE : LWL_BAD_SIZE, fits ? 0 : at, !fits);
		assert_int_equal(lwl_get_bytes(begin(), 1, LWL_REQUIRED, 2, 9, &b), fits);
		assert_int_equal(b.len, fits ? n : 0);
		if (fits)
			assert_memory_equal(b.data, "abcdefghijkl", n);
		expect(&reader, fits ? LWL_BAD_NONE : LWL_BAD_SIZE, fits ? 0 : at, !fits);
	}
}

static void test_empty_text(void **state)
{
	struct lwl_string s;
	struct lwl_bytes b;

	(void)state;
	start(COMMAND, MSGID);
	item(1, 4, NULL, 0);
	item(2, 4, NULL, 0);
	assert_true(lwl_get_string(begin(), 1, LWL_REQUIRED, 0, 5, &s));
	assert_true(lwl_get_bytes(&reader, 2, LWL_REQUIRED, 0, 5, &b));
	assert_int_equal(s.len, 0);
	assert_int_equal(b.len, 0);
	expect(&reader, LWL_BAD_NONE, 0, 0);
}

static void test_largest_text(void **state)
{
	struct lwl_bytes b;

	(void)state;
	start(COMMAND, MSGID);
	header(1);
	memset(made + 20, 'x', 65535 - 20);
	made_end = 65535;
	close_item(16);
	assert_true(lwl_get_bytes(begin(), 1, LWL_REQUIRED, 0, 65535, &b));
	assert_int_equal(b.len, 65535 - 20);
	expect(&reader, LWL_BAD_NONE, 0, 0);
}

/* RFC 3629 once more, the slow way: decode to a code point, then look at it. */
static bool slow_utf8(const uint8_t *p, uint32_t n)
{
	uint32_t at = 0;

	while (at < n) {
		uint32_t length = p[at] < 0x80 ? 1 : p[at] < 0xc0 ? 0 : p[at] < 0xe0 ? 2
				  : p[at] < 0xf0 ? 3 : p[at] < 0xf8 ? 4 : 0;
		static const uint32_t least[] = { 0, 1, 0x80, 0x800, 0x10000 };
		uint32_t point, i;

		if (length == 0 || at + length > n)
			return false;
		point = length == 1 ? p[at] : p[at] & (0xffu >> (length + 1));
		for (i = 1; i < length; i++) {
			if (p[at + i] / 64 != 2)
				return false;
			point = point * 64 + p[at + i] % 64;
		}
		if (point < least[length] || point > 0x10ffff || (point >= 0xd800 &&
								  point <= 0xdfff))
			return false;
		at += length;
	}
	return true;
}

/* Is the text that starts at made + 20, `n` bytes, taken as a string?  It is read in place. */
static bool takes_text(uint32_t n)
{
	struct lwl_reader r;
	struct lwl_string s;

	made_end = 20 + n;
	close_item(16);
	memset(made + made_end, 0, 8);
	lwl_reader_begin(&r, made, seal(), COMMAND, LWL_KIND_REQUEST, NULL);
	lwl_get_string(&r, 1, LWL_REQUIRED, 0, 65535, &s);
	return lwl_reader_finish(&r) == 0;
}

static void test_utf8_all_short(void **state)
{
	uint32_t v, wrong = 0;

	(void)state;
	start(COMMAND, MSGID);
	header(1);
	for (v = 0; v < 1u << 24; v++) {
		made[20] = (uint8_t)(v >> 16);
		made[21] = (uint8_t)(v >> 8);
		made[22] = (uint8_t)v;
		wrong += takes_text(3) != slow_utf8(made + 20, 3);
	}
	for (v = 0; v < 1u << 16; v++) {
		made[20] = (uint8_t)(v >> 8);
		made[21] = (uint8_t)v;
		wrong += takes_text(2) != slow_utf8(made + 20, 2);
	}
	for (v = 0; v < 1u << 8; v++) {
		made[20] = (uint8_t)v;
		wrong += takes_text(1) != slow_utf8(made + 20, 1);
	}
	assert_int_equal(wrong, 0);
}

static const struct {
	const char *bytes;
	uint32_t n;
	bool valid;
} utf8_cases[] = {
	{ "\x00", 1, false }, { "\x01", 1, true }, { "\x7f", 1, true }, { "\x80", 1, false },
	{ "\xbf", 1, false }, { "\xc0\x80", 2, false }, { "\xc1\xbf", 2, false },
	{ "\xc2\x80", 2, true }, { "\xc2\x7f", 2, false }, { "\xc2\xc0", 2, false },
	{ "\xdf\xbf", 2, true }, { "\xdf", 1, false }, { "\xe0\x9f\xbf", 3, false },
	{ "\xe0\xa0\x80", 3, true }, { "\xe0\xa0", 2, false }, { "\xe0", 1, false },
	{ "\xec\xbf\xbf", 3, true }, { "\xed\x9f\xbf", 3, true }, { "\xed\xa0\x80", 3, false },
	{ "\xed\xbf\xbf", 3, false }, { "\xee\x80\x80", 3, true }, { "\xef\xbf\xbf", 3, true },
	{ "\xef\xbf\xc0", 3, false }, { "\xf0\x8f\xbf\xbf", 4, false },
	{ "\xf0\x90\x80\x80", 4, true }, { "\xf0\x90\x80", 3, false }, { "\xf0\x90", 2, false },
	{ "\xf0", 1, false }, { "\xf3\xbf\xbf\xbf", 4, true }, { "\xf4\x8f\xbf\xbf", 4, true },
	{ "\xf4\x90\x80\x80", 4, false }, { "\xf4\x8f\xbf\x7f", 4, false },
	{ "\xf5\x80\x80\x80", 4, false }, { "\xf8\x88\x80\x80\x80", 5, false },
	{ "\xfe", 1, false }, { "\xff", 1, false }, { "\xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e", 9,
	  true }
};

/* At every distance from the blocks of eight that are looked at together. */
static void test_utf8_boundaries(void **state)
{
	uint32_t before, behind, i;

	(void)state;
	start(COMMAND, MSGID);
	header(1);
	for (before = 0; before < 18; before++)
		for (behind = 0; behind < 18; behind++)
			for (i = 0; i < COUNT(utf8_cases); i++) {
				uint8_t *text = made + 20;
				uint32_t n = before + utf8_cases[i].n + behind;

				memset(text, 0x7f, n);
				memcpy(text + before, utf8_cases[i].bytes, utf8_cases[i].n);
				assert_int_equal(slow_utf8(text, n) && memchr(text, 0, n) == NULL,
						 utf8_cases[i].valid);
				assert_int_equal(takes_text(n), utf8_cases[i].valid);
			}
}

/* ---- links ---- */

static void test_links(void **state)
{
	static const uint8_t two[] = "\3\0\0\0\1\0\0\x80\4\0\0\0\1\0\0\0";
	struct lwl_seq seq;
	uint64_t id;
	uint32_t at;

	(void)state;
	start(COMMAND, MSGID);
	item(1 | LINKS, 8, two, 8);
	at = item(2 | LINKS, 8, two, 16);
	assert_true(lwl_get_link(begin(), 1, LWL_REQUIRED, &id));
	assert_true(id == UINT64_C(0x8000000100000003));
	lwl_get_links(&reader, 2, 2, &seq);
	assert_int_equal(seq.count, 2);
	assert_int_equal(seq.wire, 16);
	assert_ptr_equal(seq.data, copy + at + 8);
	assert_true(lwl_link_at(seq, 1).id == UINT64_C(0x0000000100000004));
	expect(&reader, LWL_BAD_NONE, 0, 0);

	assert_false(lwl_get_link(begin(), 2, LWL_REQUIRED, &id));
	assert_true(id == 0);
	expect(&reader, LWL_BAD_SIZE, at, 2);
	lwl_get_links(begin(), 2, 1, &seq);
	assert_int_equal(seq.count, 0);
	expect(&reader, LWL_BAD_COUNT, at, 2);
	assert_false(lwl_get_link(begin(), 3, LWL_REQUIRED, &id));
	expect(&reader, LWL_BAD_MISSING, made_end, 3);
	lwl_get_links(begin(), 3, 1, &seq);
	assert_int_equal(seq.count, 0);
	assert_null(seq.data);
	expect(&reader, LWL_BAD_NONE, 0, 0);

	made[at + 5] = 1;
	lwl_get_links(begin(), 2, 2, &seq);
	expect(&reader, LWL_BAD_PADDING, at + 5, 2);
	made[at + 5] = 0;
	memset(made + at + 16, 0, 8);
	lwl_get_links(begin(), 2, 2, &seq);
	assert_int_equal(seq.count, 0);
	expect(&reader, LWL_BAD_LINKID, at, 2);

	start(COMMAND, MSGID);
	at = item(1, 8, two, 8);
	assert_false(lwl_get_link(begin(), 1, LWL_REQUIRED, &id));
	expect(&reader, LWL_BAD_KIND, at, 1);
	start(COMMAND, MSGID);
	at = item(1 | LINKS, 8, two, 0);
	assert_false(lwl_get_link(begin(), 1, LWL_REQUIRED, &id));
	expect(&reader, LWL_BAD_ITEM_LENGTH, at, 1);
	start(COMMAND, MSGID);
	at = item(1 | LINKS, 8, two, 12);
	lwl_get_links(begin(), 1, 2, &seq);
	expect(&reader, LWL_BAD_ITEM_LENGTH, at, 1);
	start(COMMAND, MSGID);
	at = item(1 | LINKS, 4, two, 2);
	lwl_get_links(begin(), 1, 2, &seq);
	expect(&reader, LWL_BAD_ITEM_LENGTH, at, 1);
}

/* ---- arrays ---- */

static void test_packed(void **state)
{
	static const uint8_t bytes[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	static const uint32_t sizes[] = { 1, 2, 4, 8 };
	uint32_t i, n;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++)
		for (n = 0; n <= 32; n++) {
			uint32_t size = sizes[i], first = size == 8 ? 8 : 4, count = n / size, at;
			bool whole = n > 0 && n % size == 0, fits = whole && count <= 3;
			struct lwl_seq seq;

			start(COMMAND, MSGID);
			at = item(1, first, bytes, n);
			assert_int_equal(lwl_get_packed(begin(), 1, LWL_OPTIONAL, size, 0, 3, &seq),
					 fits);
			assert_int_equal(seq.count, fits ? count : 0);
			assert_int_equal(seq.wire, fits ? n : 0);
			if (fits)
				assert_ptr_equal(seq.data, copy + at + first);
			expect(&reader, fits ? LWL_BAD_NONE : whole ? LWL_BAD_COUNT : LWL_BAD_SIZE,
			       fits ? 0 : at, !fits);

			/* Exactly two: another number is another size. */
			fits = whole && count == 2;
			assert_int_equal(lwl_get_packed(begin(), 1, LWL_REQUIRED, size, 2, 2, &seq),
					 fits);
			expect(&reader, fits ? LWL_BAD_NONE : LWL_BAD_SIZE, fits ? 0 : at, !fits);
		}
	start(COMMAND, MSGID);
	{
		struct lwl_seq seq = { bytes, 9, 9, 0 };

		assert_false(lwl_get_packed(begin(), 1, LWL_REQUIRED, 4, 2, 2, &seq));
		assert_null(seq.data);
		assert_int_equal(seq.count, 0);
		expect(&reader, LWL_BAD_MISSING, 16, 1);
		assert_false(lwl_get_packed(begin(), 1, LWL_OPTIONAL, 4, 0, 2, &seq));
		expect(&reader, LWL_BAD_NONE, 0, 0);
	}
}

static void test_packed_padding(void **state)
{
	struct lwl_seq seq;
	uint32_t at;

	(void)state;
	start(COMMAND, MSGID);
	at = item(1, 8, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16);
	made[at + 7] = 9;
	assert_false(lwl_get_packed(begin(), 1, LWL_REQUIRED, 8, 0, 2, &seq));
	assert_int_equal(seq.count, 0);
	expect(&reader, LWL_BAD_LEAF_PADDING, at + 7, 1);
}

static void test_bools(void **state)
{
	struct lwl_seq seq;
	uint32_t at, i;

	(void)state;
	start(COMMAND, MSGID);
	at = item(1, 4, "\1\0\1", 3);
	assert_true(lwl_get_bools(begin(), 1, LWL_REQUIRED, 0, 5, &seq));
	assert_int_equal(seq.count, 3);
	assert_true(lwl_bool_at(seq, 0) && !lwl_bool_at(seq, 1) && lwl_bool_at(seq, 2));
	expect(&reader, LWL_BAD_NONE, 0, 0);
	for (i = 0; i < 3; i++) {
		start(COMMAND, MSGID);
		at = item(1, 4, "\1\0\1", 3);
		made[at + 4 + i] = 2;
		assert_false(lwl_get_bools(begin(), 1, LWL_REQUIRED, 0, 5, &seq));
		expect(&reader, LWL_BAD_BOOL, at, 1);
	}
}

/* ---- values with rules of their own ---- */

static void test_leaf_in_halves(void **state)
{
	uint32_t at, i;

	(void)state;
	start(COMMAND, MSGID);
	at = item(1, 8, "\1\2\3\4\5\0\0\0\0\0\0\0\0\0\0\7", 16);
	number(2, 3, 1);
	assert_true(lwl_open_leaf(begin(), 1, LWL_REQUIRED, 16, 8));
	assert_int_equal(reader.value, at + 8);
	for (i = 1; i <= 7; i++)
		assert_true(lwl_check_hole(&reader, at + 8 + 5, i));
	assert_true(lwl_check(&reader, true, LWL_BAD_ENUM));
	lwl_close_leaf(&reader);
	expect(&reader, LWL_BAD_NONE, 0, 0);

	/* Each size of hole finds each of its bytes, and nothing behind it. */
	for (i = 1; i <= 7; i++) {
		uint32_t dirty;

		for (dirty = 0; dirty < 8; dirty++) {
			start(COMMAND, MSGID);
			at = item(1, 8, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
			made[at + 8 + 4 + dirty] = 0x40;
			assert_true(lwl_open_leaf(begin(), 1, LWL_REQUIRED, 16, 8));
			assert_int_equal(lwl_check_hole(&reader, reader.value + 4, i), dirty >= i);
			lwl_close_leaf(&reader);
			expect(&reader, dirty >= i ? LWL_BAD_NONE : LWL_BAD_LEAF_PADDING,
			       dirty >= i ? 0 : at + 12 + dirty, dirty < i);
		}
	}

	start(COMMAND, MSGID);
	at = number(1, 9, 4);
	assert_true(lwl_open_leaf(begin(), 1, LWL_REQUIRED, 4, 4));
	assert_false(lwl_check(&reader, false, LWL_BAD_ENUM));
	assert_false(lwl_check(&reader, false, LWL_BAD_FLAGS));
	assert_false(lwl_open_leaf(&reader, 2, LWL_REQUIRED, 4, 4));
	expect(&reader, LWL_BAD_ENUM, at, 1);
}

/* ---- order, skipping, the end ---- */

static void test_skipping(void **state)
{
	uint32_t a = 0, c = 0, at;

	(void)state;
	/* Unknown items of every kind between the known ones. */
	start(COMMAND, MSGID);
	item(1, 4, "abcdefg", 7);
	number(2, 5, 4);
	at = open_item(3 | GROUP | LINKS);
	number(9, 5, 8);
	item(10 | LINKS, 8, "\1\0\0\0\0\0\0\0", 8);
	close_item(at);
	at = open_item(3 | GROUP);
	close_item(at);
	number(8, 6, 4);
	item(0x3eff, 4, "", 0);
	item(0x3f00, 4, "x", 1);
	item(0x3fff, 4, "x", 1);
	assert_true(lwl_get_u32(begin(), 2, LWL_REQUIRED, &a));
	assert_true(lwl_get_u32(&reader, 8, LWL_REQUIRED, &c));
	assert_int_equal(a, 5);
	assert_int_equal(c, 6);
	expect(&reader, LWL_BAD_NONE, 0, 0);
	/* The same without anybody who asks. */
	begin();
	expect(&reader, LWL_BAD_NONE, 0, 0);
}

static void test_order(void **state)
{
	uint32_t at, v;

	(void)state;
	start(COMMAND, MSGID);
	number(2, 1, 4);
	at = number(1, 1, 4);
	assert_true(lwl_get_u32(begin(), 2, LWL_REQUIRED, &v));
	expect(&reader, LWL_BAD_ORDER, at, 1);
	start(COMMAND, MSGID);
	number(2, 1, 4);
	at = number(2, 1, 4);
	assert_true(lwl_get_u32(begin(), 2, LWL_REQUIRED, &v));
	expect(&reader, LWL_BAD_ORDER, at, 2);
	start(COMMAND, MSGID);
	number(2, 1, 4);
	at = open_item(2 | GROUP);
	close_item(at);
	begin();
	expect(&reader, LWL_BAD_ORDER, at, 2);
	start(COMMAND, MSGID);
	at = open_item(2 | GROUP);
	close_item(at);
	at = number(2, 1, 4);
	begin();
	expect(&reader, LWL_BAD_ORDER, at, 2);
}

static void test_number_zero(void **state)
{
	uint32_t at;

	(void)state;
	start(COMMAND, MSGID);
	at = number(0, 1, 4);
	begin();
	assert_int_equal(lwl_reader_finish(&reader), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_NUMBER);
	assert_int_equal(error.offset, at);
	assert_int_equal(error.depth, 1);
	assert_int_equal(error.path[0].number, 0);
}

static void test_item_bounds(void **state)
{
	uint32_t at, length;

	(void)state;
	for (length = 0; length < 20; length++) {
		start(COMMAND, MSGID);
		at = item(1, 4, "12345678", 8);
		lwl_store16(made + at + 2, (uint16_t)length);
		begin();
		if (length == 12)
			expect(&reader, LWL_BAD_NONE, 0, 0);
		else if (length < 4 || length > 12)
			expect(&reader, LWL_BAD_ITEM_LENGTH, at, 1);
		else if (length > 8)
			expect(&reader, LWL_BAD_END, at, 1);
		else
			assert_int_equal(lwl_reader_finish(&reader), -LWL_EMALFORMED);
	}
	for (length = 1; length < 4; length++) {
		start(COMMAND, MSGID);
		made_end = 16 + length;
		made[16] = 1;
		begin();
		expect(&reader, LWL_BAD_ITEM_HEADER, 16, 0);
	}
}

static void test_missing_order(void **state)
{
	struct lwl_bytes bytes;
	uint32_t v;

	(void)state;
	start(COMMAND, MSGID);
	number(5, 1, 4);
	assert_false(lwl_get_u32(begin(), 2, LWL_REQUIRED, &v));
	assert_false(lwl_get_bytes(&reader, 4, LWL_REQUIRED, 0, 9, &bytes));
	assert_true(lwl_get_u32(&reader, 5, LWL_REQUIRED, &v));
	expect(&reader, LWL_BAD_MISSING, made_end, 2);
	/* What is wrong later in the message is found first. */
	start(COMMAND, MSGID);
	number(5, 1, 2);
	assert_false(lwl_get_u32(begin(), 2, LWL_REQUIRED, &v));
	assert_false(lwl_get_u32(&reader, 5, LWL_REQUIRED, &v));
	expect(&reader, LWL_BAD_SIZE, 16, 5);
}

static void test_first_error_stays(void **state)
{
	struct lwl_seq seq, list;
	struct lwl_string s;
	struct lwl_bytes b;
	struct lwl_reader inner;
	bool flag = true;
	uint8_t a = 1;
	uint64_t id = 1;
	double d = 1;
	uint32_t at;

	(void)state;
	start(COMMAND, MSGID);
	number(1, 1, 4);
	at = number(2, 2, 1);
	number(3, 1, 1);
	item(4, 4, "abc", 3);
	item(5, 4, "abc", 3);
	item(6 | LINKS, 8, "\1\0\0\0\0\0\0\0", 8);
	close_item(open_item(7 | GROUP));
	assert_false(lwl_get_bool(begin(), 2, LWL_REQUIRED, &flag));
	assert_false(flag);
	assert_false(lwl_get_u8(&reader, 3, LWL_REQUIRED, &a));
	assert_int_equal(a, 0);
	assert_false(lwl_get_string(&reader, 4, LWL_REQUIRED, 0, 9, &s));
	assert_int_equal(s.len, 0);
	assert_false(lwl_get_bytes(&reader, 5, LWL_REQUIRED, 0, 9, &b));
	assert_int_equal(b.len, 0);
	assert_false(lwl_get_link(&reader, 6, LWL_REQUIRED, &id));
	assert_true(id == 0);
	lwl_get_links(&reader, 6, 4, &seq);
	assert_int_equal(seq.count, 0);
	assert_false(lwl_open_group(&reader, 7, LWL_REQUIRED, &inner));
	memset(&list, 0, sizeof list);
	assert_false(lwl_open_element(&reader, 7, 4, 999, &list, &inner));
	assert_int_equal(lwl_union_member(&reader), 0);
	lwl_check_union(&reader, false);
	assert_false(lwl_get_f64(&reader, 8, LWL_REQUIRED, &d));
	assert_true(d == 0);
	assert_false(lwl_get_packed(&reader, 8, LWL_REQUIRED, 4, 0, 9, &seq));
	assert_false(lwl_get_bools(&reader, 8, LWL_REQUIRED, 0, 9, &seq));
	lwl_close_leaf(&reader);
	expect(&reader, LWL_BAD_BOOL, at, 2);
	expect(&reader, LWL_BAD_BOOL, at, 2);
}

/* ---- groups ---- */

static void test_group(void **state)
{
	struct lwl_reader inner;
	uint32_t at, child, v;

	(void)state;
	start(COMMAND, MSGID);
	at = open_item(3 | GROUP);
	number(1, 11, 4);
	number(7, 12, 4);
	close_item(at);
	number(4, 13, 4);
	assert_true(lwl_open_group(begin(), 3, LWL_REQUIRED, &inner));
	assert_true(lwl_get_u32(&inner, 1, LWL_REQUIRED, &v));
	assert_int_equal(v, 11);
	lwl_close_group(&reader, &inner);
	assert_true(lwl_get_u32(&reader, 4, LWL_REQUIRED, &v));
	assert_int_equal(v, 13);
	expect(&reader, LWL_BAD_NONE, 0, 0);

	/* Missing inside: at the end of the group, with both steps. */
	assert_true(lwl_open_group(begin(), 3, LWL_REQUIRED, &inner));
	assert_false(lwl_get_u32(&inner, 2, LWL_REQUIRED, &v));
	lwl_close_group(&reader, &inner);
	assert_int_equal(lwl_reader_finish(&reader), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_MISSING);
	assert_int_equal(error.offset, at + 8 + 16);
	assert_int_equal(error.depth, 2);
	assert_int_equal(error.path[0].number, 3);
	assert_int_equal(error.path[1].number, 2);

	/* Twice, where the schema has it once: not a structural mistake. */
	start(COMMAND, MSGID);
	close_item(open_item(3 | GROUP));
	at = open_item(3 | GROUP);
	close_item(at);
	assert_true(lwl_open_group(begin(), 3, LWL_REQUIRED, &inner));
	lwl_close_group(&reader, &inner);
	expect(&reader, LWL_BAD_COUNT, at, 3);

	/* A leaf, or links, instead. */
	start(COMMAND, MSGID);
	at = number(3, 1, 4);
	assert_false(lwl_open_group(begin(), 3, LWL_REQUIRED, &inner));
	expect(&reader, LWL_BAD_KIND, at, 3);

	/* Its length, its padding, the bit for links. */
	start(COMMAND, MSGID);
	at = item(3 | GROUP, 4, "\0\0\0", 3);
	assert_false(lwl_open_group(begin(), 3, LWL_REQUIRED, &inner));
	expect(&reader, LWL_BAD_ITEM_LENGTH, at, 3);
	start(COMMAND, MSGID);
	at = open_item(3 | GROUP);
	close_item(at);
	made[at + 6] = 1;
	assert_false(lwl_open_group(begin(), 3, LWL_REQUIRED, &inner));
	expect(&reader, LWL_BAD_PADDING, at + 6, 3);
	start(COMMAND, MSGID);
	at = open_item(3 | GROUP | LINKS);
	close_item(at);
	assert_true(lwl_open_group(begin(), 3, LWL_REQUIRED, &inner));
	lwl_close_group(&reader, &inner);
	expect(&reader, LWL_BAD_LINK_BIT, at, 3);
	start(COMMAND, MSGID);
	at = open_item(3 | GROUP);
	child = item(1 | LINKS, 8, "\1\0\0\0\0\0\0\0", 8);
	close_item(at);
	assert_true(lwl_open_group(begin(), 3, LWL_REQUIRED, &inner));
	lwl_close_group(&reader, &inner);
	expect(&reader, LWL_BAD_LINK_BIT, at, 3);
	/* A child that is longer than its parent. */
	lwl_store16(made + child + 2, 24);
	assert_true(lwl_open_group(begin(), 3, LWL_REQUIRED, &inner));
	lwl_close_group(&reader, &inner);
	assert_int_equal(lwl_reader_finish(&reader), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_ITEM_LENGTH);
	assert_int_equal(error.offset, child);
	assert_int_equal(error.depth, 2);
}

static void test_depth(void **state)
{
	uint32_t levels, at[10], i;

	(void)state;
	for (levels = 1; levels <= 9; levels++) {
		struct lwl_reader readers[10];
		uint32_t opened = 0;

		start(COMMAND, MSGID);
		for (i = 0; i < levels; i++)
			at[i] = open_item((uint16_t)((i + 1) | GROUP));
		for (i = levels; i > 0; i--)
			close_item(at[i - 1]);
		begin();
		readers[0] = reader;
		for (i = 0; i < levels; i++, opened++)
			if (!lwl_open_group(&readers[i], (uint16_t)(i + 1), LWL_REQUIRED,
					    &readers[i + 1]))
				break;
		assert_int_equal(opened, levels <= 8 ? levels : 8);
		for (i = opened; i > 0; i--)
			lwl_close_group(&readers[i - 1], &readers[i]);
		reader = readers[0];
		assert_int_equal(lwl_reader_finish(&reader), levels <= 8 ? 0 : -LWL_EMALFORMED);
		if (levels == 9) {
			assert_int_equal(error.bad, LWL_BAD_DEPTH);
			assert_int_equal(error.offset, at[8]);
			assert_int_equal(error.depth, 9);
			for (i = 0; i < 9; i++)
				assert_int_equal(error.path[i].number, i + 1);
		}
		/* And when nobody knows them. */
		begin();
		assert_int_equal(lwl_reader_finish(&reader), levels <= 8 ? 0 : -LWL_EMALFORMED);
		if (levels == 9) {
			assert_int_equal(error.bad, LWL_BAD_DEPTH);
			assert_int_equal(error.depth, 9);
		}
	}
}

/* Reads the list of groups number 1, each with a u16 number 1; returns the sum. */
static uint32_t read_list(uint32_t max, uint32_t bytes, struct lwl_seq *list)
{
	struct lwl_reader inner;
	uint32_t sum = 0;
	uint16_t v;

	memset(list, 0, sizeof *list);
	begin();
	while (lwl_open_element(&reader, 1, max, bytes, list, &inner)) {
		if (lwl_get_u16(&inner, 1, LWL_REQUIRED, &v))
			sum += v;
		lwl_close_group(&reader, &inner);
	}
	return sum;
}

static void make_list(uint32_t count)
{
	uint32_t i, at;

	start(COMMAND, MSGID);
	for (i = 0; i < count; i++) {
		at = open_item(1 | GROUP);
		number(1, 10 + i, 2);
		close_item(at);
	}
}

/* The list is at its end: an element is zeros, and the reader says so. */
static void assert_no_element(struct lwl_cursor *c)
{
	struct lwl_reader r;
	uint64_t v = 1;

	assert_false(lwl_cursor_next(c, &r, &v, sizeof v));
	assert_true(r.failed);
	assert_int_equal(v, 0);
}

static void test_list(void **state)
{
	struct lwl_seq list;
	struct lwl_cursor c;
	struct lwl_reader r;
	uint32_t at, i;
	uint16_t v;

	(void)state;
	make_list(3);
	assert_int_equal(read_list(3, 48, &list), 33);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.wire, 16 + 16 + 14);
	assert_ptr_equal(list.data, copy + 16);
	expect(&reader, LWL_BAD_NONE, 0, 0);
	c = lwl_cursor_of(list);
	for (i = 0; i < 3; i++) {
		assert_true(lwl_cursor_next(&c, &r, &v, sizeof v));
		assert_true(lwl_get_u16(&r, 1, LWL_REQUIRED, &v));
		assert_int_equal(v, 10 + i);
	}
	assert_no_element(&c);
	assert_no_element(&c);

	/* One too many, and a byte too little room. */
	assert_int_equal(read_list(2, 999, &list), 21);
	expect(&reader, LWL_BAD_COUNT, 48, 1);
	assert_int_equal(error.path[0].index, 2);
	assert_int_equal(read_list(3, 47, &list), 21);
	expect(&reader, LWL_BAD_COUNT, 48, 1);
	assert_int_equal(read_list(3, 15, &list), 0);
	expect(&reader, LWL_BAD_COUNT, 16, 1);
	assert_int_equal(list.count, 0);

	/* A mistake in the second: its index is in the path. */
	made[16 + 16 + 8 + 2] = 5;
	assert_int_equal(read_list(3, 48, &list), 10);
	assert_int_equal(lwl_reader_finish(&reader), -LWL_EMALFORMED);
	assert_int_equal(error.depth, 2);
	assert_int_equal(error.path[0].number, 1);
	assert_int_equal(error.path[0].index, 1);

	/* None at all. */
	start(COMMAND, MSGID);
	number(2, 1, 2);
	assert_int_equal(read_list(3, 48, &list), 0);
	assert_int_equal(list.count, 0);
	c = lwl_cursor_of(list);
	assert_no_element(&c);
	expect(&reader, LWL_BAD_NONE, 0, 0);

	/* A leaf of the same number behind the groups. */
	make_list(2);
	at = number(1, 1, 2);
	read_list(9, 999, &list);
	expect(&reader, LWL_BAD_ORDER, at, 1);
}

static void test_group_view(void **state)
{
	struct lwl_reader inner, again;
	struct lwl_seq view;
	struct lwl_cursor c;
	uint32_t at;
	uint16_t v;

	(void)state;
	start(COMMAND, MSGID);
	at = open_item(2 | GROUP);
	number(1, 5, 2);
	close_item(at);
	assert_true(lwl_open_group(begin(), 2, LWL_REQUIRED, &inner));
	view = lwl_group_view(&reader);
	lwl_close_group(&reader, &inner);
	expect(&reader, LWL_BAD_NONE, 0, 0);
	assert_int_equal(view.count, 1);
	assert_int_equal(view.wire, 14);
	c = lwl_cursor_of(view);
	assert_true(lwl_cursor_next(&c, &again, &v, sizeof v));
	assert_true(lwl_get_u16(&again, 1, LWL_REQUIRED, &v));
	assert_int_equal(v, 5);
	assert_no_element(&c);
}

/* ---- unions ---- */

static void read_union(void)
{
	struct lwl_reader inner;
	uint32_t v;
	uint16_t which;

	if (!lwl_open_group(begin(), 1, LWL_REQUIRED, &inner))
		return;
	which = lwl_union_member(&inner);
	if (which == 2)
		lwl_get_u32(&inner, 2, LWL_REQUIRED, &v);
	lwl_check_union(&inner, which == 2);
	lwl_close_group(&reader, &inner);
}

static void expect_in_union(enum lwl_bad bad, uint32_t offset, uint32_t depth, uint16_t step)
{
	read_union();
	assert_int_equal(lwl_reader_finish(&reader), -LWL_EMALFORMED);
	assert_string_equal(lwl_bad_name(error.bad), lwl_bad_name(bad));
	assert_int_equal(error.offset, offset);
	assert_int_equal(error.depth, depth);
	assert_int_equal(error.path[0].number, 1);
	if (depth == 2)
		assert_int_equal(error.path[1].number, step);
}

static void test_union(void **state)
{
	uint32_t at, child;

	(void)state;
	start(COMMAND, MSGID);
	at = open_item(1 | GROUP);
	child = number(2, 7, 4);
	close_item(at);
	read_union();
	expect(&reader, LWL_BAD_NONE, 0, 0);
	lwl_store16(made + child, 3);
	expect_in_union(LWL_BAD_UNION, child, 2, 3);
	lwl_store16(made + child, 0);
	expect_in_union(LWL_BAD_NUMBER, child, 2, 0);
	/* None. */
	start(COMMAND, MSGID);
	at = open_item(1 | GROUP);
	close_item(at);
	expect_in_union(LWL_BAD_UNION, at + 8, 1, 0);
	/* Two, the second known or not. */
	start(COMMAND, MSGID);
	at = open_item(1 | GROUP);
	number(2, 7, 4);
	child = number(9, 7, 4);
	close_item(at);
	expect_in_union(LWL_BAD_UNION, child, 2, 9);
	start(COMMAND, MSGID);
	at = open_item(1 | GROUP);
	child = number(1, 7, 4);
	number(2, 7, 4);
	close_item(at);
	expect_in_union(LWL_BAD_UNION, child, 2, 1);
}

/* ---- the message's header ---- */

static void test_message_header(void **state)
{
	struct lwl_reader r;
	uint32_t len, size;

	(void)state;
	start(COMMAND, MSGID);
	number(1, 1, 1);
	size = seal();
	for (len = 0; len <= size + 16; len++) {
		uint8_t *p = exact(made, len, 0);

		lwl_reader_begin(&r, p, len, COMMAND, LWL_KIND_REQUEST, &error);
		assert_int_equal(lwl_reader_finish(&r), len == size ? 0 : -LWL_EMALFORMED);
		if (len != size) {
			assert_int_equal(error.bad, LWL_BAD_LENGTH);
			assert_int_equal(error.offset, 14);
			assert_int_equal(error.depth, 0);
		}
		drop(p, 0);
	}
	/* A length below the header, with a buffer that it could mean. */
	for (len = 0; len < 16; len++) {
		start(COMMAND, MSGID);
		lwl_store16(made + 14, (uint16_t)len);
		lwl_reader_begin(&r, made, 16, COMMAND, LWL_KIND_REQUEST, &error);
		assert_int_equal(lwl_reader_finish(&r), -LWL_EMALFORMED);
		assert_int_equal(error.bad, LWL_BAD_LENGTH);
	}
	start(COMMAND, MSGID);
	lwl_reader_begin(&r, made, SIZE_MAX, COMMAND, LWL_KIND_REQUEST, &error);
	assert_int_equal(lwl_reader_finish(&r), -LWL_EMALFORMED);

	start(COMMAND, MSGID);
	size = seal();
	lwl_reader_begin(&r, made, size, COMMAND + 1, LWL_KIND_REQUEST, &error);
	assert_int_equal(lwl_reader_finish(&r), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_COMMAND);
	assert_int_equal(error.offset, 12);
	lwl_reader_begin(&r, made, size, COMMAND, LWL_KIND_RESPONSE, &error);
	assert_int_equal(lwl_reader_finish(&r), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_COMMAND);
	lwl_reader_begin(&r, made, size, COMMAND, LWL_KIND_ONEWAY, &error);
	assert_int_equal(lwl_reader_finish(&r), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_MSGID);
	assert_int_equal(error.offset, 8);
	start(COMMAND | LWL_RESPONSE, MSGID);
	size = seal();
	lwl_reader_begin(&r, made, size, COMMAND, LWL_KIND_RESPONSE, &error);
	assert_int_equal(lwl_reader_finish(&r), 0);
	lwl_reader_begin(&r, made, size, COMMAND, LWL_KIND_REQUEST, &error);
	assert_int_equal(lwl_reader_finish(&r), -LWL_EMALFORMED);
	start(COMMAND, 0);
	lwl_reader_begin(&r, made, size, COMMAND, LWL_KIND_REQUEST, &error);
	assert_int_equal(lwl_reader_finish(&r), -LWL_EMALFORMED);
	seal();
	lwl_reader_begin(&r, made, size, COMMAND, LWL_KIND_REQUEST, &error);
	assert_int_equal(lwl_reader_finish(&r), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_MSGID);
	lwl_reader_begin(&r, made, size, COMMAND, LWL_KIND_ONEWAY, NULL);
	assert_int_equal(lwl_reader_finish(&r), 0);
	start(COMMAND | LWL_RESPONSE, 0);
	seal();
	lwl_reader_begin(&r, made, size, COMMAND, LWL_KIND_RESPONSE, &error);
	assert_int_equal(lwl_reader_finish(&r), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_MSGID);
}

static void test_own_items(void **state)
{
	uint32_t at;

	(void)state;
	start(COMMAND, MSGID);
	number(LWL_ITEM_DEADLINE, 5, 8);
	item(LWL_ITEM_TRACE, 4, "0123456789abcdef", 16);
	begin();
	expect(&reader, LWL_BAD_NONE, 0, 0);
	start(COMMAND, MSGID);
	at = number(LWL_ITEM_DEADLINE, 5, 4);
	begin();
	expect(&reader, LWL_BAD_SIZE, at, LWL_ITEM_DEADLINE);
	start(COMMAND, MSGID);
	at = item(LWL_ITEM_TRACE, 4, "0123456789abcdef", 15);
	begin();
	expect(&reader, LWL_BAD_SIZE, at, LWL_ITEM_TRACE);
	start(COMMAND, MSGID);
	at = item(LWL_ITEM_DEADLINE | LINKS, 8, "\1\0\0\0\0\0\0\0", 8);
	begin();
	expect(&reader, LWL_BAD_KIND, at, LWL_ITEM_DEADLINE);
	start(COMMAND, MSGID);
	at = open_item(LWL_ITEM_ERROR | GROUP);
	number(1, 5, 4);
	item(2, 4, "", 0);
	close_item(at);
	begin();
	expect(&reader, LWL_BAD_ERROR_FORM, at, LWL_ITEM_ERROR);
}

/* ---- error responses ---- */

static int read_response(void)
{
	struct lwl_reader r;
	uint32_t size = seal(), v = 1;
	int status;

	free(copy);
	copy = exact(made, size, 0);
	lwl_reader_begin(&r, copy, size, COMMAND, LWL_KIND_RESPONSE, &error);
	lwl_get_u32(&r, 1, LWL_REQUIRED, &v);
	status = lwl_reader_finish(&r);
	assert_int_equal(v, status == 0 ? 9 : 0);
	return status;
}

static uint32_t make_error(uint32_t code, const char *detail, uint32_t n)
{
	uint32_t at;

	start(COMMAND | LWL_RESPONSE, MSGID);
	at = open_item(LWL_ITEM_ERROR | GROUP);
	number(1, code, 4);
	item(2, 4, detail, n);
	close_item(at);
	return at;
}

static void test_error_response(void **state)
{
	static const struct { uint32_t code; int status; } codes[] = {
		{ 1, -1 }, { 2, -LWL_ENOENT }, { 133, -133 }, { 134, -LWL_EIO }, { 4095, -LWL_EIO },
		{ 4096, -4096 }, { 4107, -4107 }, { 99999, -99999 }, { INT32_MAX, -INT32_MAX },
		{ UINT32_C(0x80000000), -LWL_EIO }, { UINT32_MAX, -LWL_EIO }
	};
	char long_text[257];
	uint32_t i, at, end;

	(void)state;
	start(COMMAND | LWL_RESPONSE, MSGID);
	number(1, 9, 4);
	assert_int_equal(read_response(), 0);
	for (i = 0; i < COUNT(codes); i++) {
		make_error(codes[i].code, "why", 3);
		assert_int_equal(read_response(), codes[i].status);
		assert_int_equal(error.bad, LWL_BAD_NONE);
		assert_int_equal(error.detail.len, 3);
		assert_memory_equal(error.detail.data, "why", 3);
	}
	memset(long_text, 'x', sizeof long_text);
	make_error(5, long_text, 255);
	assert_int_equal(read_response(), -5);
	assert_int_equal(error.detail.len, 255);
	make_error(5, long_text, 256);
	assert_int_equal(read_response(), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_SIZE);
	assert_int_equal(error.depth, 2);
	assert_int_equal(error.path[0].number, LWL_ITEM_ERROR);
	make_error(5, "\xff", 1);
	assert_int_equal(read_response(), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_UTF8);
	at = make_error(0, "why", 3);
	assert_int_equal(read_response(), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_ERROR_FORM);
	assert_int_equal(error.offset, at + 8);

	/* Something behind it, something before it, twice, not a group, no code, no detail. */
	make_error(5, "why", 3);
	end = number(LWL_ITEM_DEADLINE, 1, 8);
	assert_int_equal(read_response(), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_ERROR_FORM);
	assert_int_equal(error.offset, end);
	start(COMMAND | LWL_RESPONSE, MSGID);
	number(2, 9, 4);
	at = open_item(LWL_ITEM_ERROR | GROUP);
	number(1, 5, 4);
	item(2, 4, "", 0);
	close_item(at);
	assert_int_equal(read_response(), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_ERROR_FORM);
	assert_int_equal(error.offset, at);
	start(COMMAND | LWL_RESPONSE, MSGID);
	number(LWL_ITEM_ERROR, 5, 4);
	assert_int_equal(read_response(), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_KIND);
	start(COMMAND | LWL_RESPONSE, MSGID);
	at = open_item(LWL_ITEM_ERROR | GROUP);
	number(1, 5, 4);
	close_item(at);
	assert_int_equal(read_response(), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_MISSING);
	start(COMMAND | LWL_RESPONSE, MSGID);
	at = open_item(LWL_ITEM_ERROR | GROUP);
	item(2, 4, "x", 1);
	close_item(at);
	assert_int_equal(read_response(), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_MISSING);
	make_error(5, "why", 3);
	made[made_end] = 1;
	assert_int_equal(read_response(), -LWL_EMALFORMED);
	assert_int_equal(error.bad, LWL_BAD_PADDING);
}

/* ---- sequences ---- */

#define SEQUENCE_TEST(name, type, size, first, second) \
static void test_##name##_at(void **state) \
{ \
	static const type host[] = { first, second }; \
	uint8_t bytes[17]; \
	uint32_t shift; \
	(void)state; \
	for (shift = 0; shift < 2; shift++) { \
		struct lwl_seq seq = lwl_seq_of(host, 2); \
		assert_true(lwl_##name##_at(seq, 0) == (first)); \
		assert_true(lwl_##name##_at(seq, 1) == (second)); \
		assert_true(lwl_##name##_at(seq, 2) == 0); \
		assert_true(lwl_##name##_at(seq, UINT32_MAX) == 0); \
		memset(bytes, 0, sizeof bytes); \
		if ((size) == 1) { \
			bytes[shift] = (uint8_t)host[0]; \
			bytes[shift + 1] = (uint8_t)host[1]; \
		} else { \
			put_bits(bytes + shift, host, size); \
			put_bits(bytes + shift + size, host + 1, size); \
		} \
		seq.data = bytes + shift; \
		seq.wire = 2 * (size); \
		assert_true(lwl_##name##_at(seq, 0) == (first)); \
		assert_true(lwl_##name##_at(seq, 1) == (second)); \
		assert_true(lwl_##name##_at(seq, 2) == 0); \
		seq.count = 0; \
		seq.data = NULL; \
		assert_true(lwl_##name##_at(seq, 0) == 0); \
	} \
}

/* The value of `size` bytes at v, little-endian. */
static void put_bits(uint8_t *p, const void *v, uint32_t size)
{
	uint16_t two;
	uint32_t four;
	uint64_t eight;

	if (size == 2) {
		memcpy(&two, v, 2);
		lwl_store16(p, two);
	} else if (size == 4) {
		memcpy(&four, v, 4);
		lwl_store32(p, four);
	} else {
		memcpy(&eight, v, 8);
		lwl_store64(p, eight);
	}
}

SEQUENCE_TEST(bool, bool, 1, true, false)
SEQUENCE_TEST(u8, uint8_t, 1, 0xfe, 1)
SEQUENCE_TEST(u16, uint16_t, 2, 0xfedc, 2)
SEQUENCE_TEST(u32, uint32_t, 4, UINT32_C(0xfedcba98), 3)
SEQUENCE_TEST(u64, uint64_t, 8, UINT64_C(0xfedcba9876543210), 4)
SEQUENCE_TEST(s8, int8_t, 1, -2, 5)
SEQUENCE_TEST(s16, int16_t, 2, INT16_MIN, 6)
SEQUENCE_TEST(s32, int32_t, 4, INT32_MIN, 7)
SEQUENCE_TEST(s64, int64_t, 8, INT64_MIN, 8)
SEQUENCE_TEST(f32, float, 4, -1.5f, 0.25f)
SEQUENCE_TEST(f64, double, 8, 1e300, -0.125)

static void test_link_at(void **state)
{
	static const struct lwl_link_any host[] = { { UINT64_C(0x8000000100000001) }, { 7 } };
	uint8_t bytes[17];
	struct lwl_seq seq = lwl_seq_of(host, 2);

	(void)state;
	assert_true(lwl_link_at(seq, 0).id == host[0].id);
	assert_true(lwl_link_at(seq, 1).id == 7);
	assert_true(lwl_link_at(seq, 2).id == 0);
	lwl_store64(bytes + 1, host[0].id);
	lwl_store64(bytes + 9, host[1].id);
	seq.data = bytes + 1;
	seq.wire = 16;
	assert_true(lwl_link_at(seq, 0).id == host[0].id);
	assert_true(lwl_link_at(seq, 1).id == 7);
	assert_true(lwl_link_at(seq, 2).id == 0);
}

static void test_views(void **state)
{
	struct lwl_seq seq;
	struct lwl_cursor c;
	static const uint16_t array[] = { 4, 5, 6 };
	uint32_t i;

	(void)state;
	assert_int_equal(lwl_bytes_of("abc", 3).len, 3);
	assert_int_equal(lwl_bytes_of(NULL, 0).len, 0);
	assert_int_equal(lwl_string_of("").len, 0);
	assert_int_equal(lwl_string_of("grün").len, 5);
	if (SIZE_MAX > UINT32_MAX) {
		assert_int_equal(lwl_bytes_of("", SIZE_MAX).len, UINT32_MAX);
		assert_int_equal(lwl_seq_of(array, SIZE_MAX).count, UINT32_MAX);
	}
	seq = lwl_seq_of(array, 3);
	assert_int_equal(seq.wire, 0);
	c = lwl_cursor_of(seq);
	for (i = 0; i < 3; i++) {
		struct lwl_reader r;
		uint16_t v = 0;

		assert_false(lwl_cursor_next(&c, &r, &v, sizeof v));
		assert_false(r.failed);
		assert_int_equal(v, array[i]);
	}
	assert_no_element(&c);
	assert_no_element(&c);
}

/* ---- broken messages ---- */

/* What a generated decoder would be for a message with an item of each kind. */
static int decode_all(const uint8_t *msg, uint32_t len, struct lwl_error *err)
{
	struct lwl_reader r, inner, element;
	struct lwl_string text;
	struct lwl_bytes bytes;
	struct lwl_seq links, list, words, flags, times;
	const uint8_t *end = msg + len;
	uint64_t id, wide;
	uint32_t v, i;
	uint16_t which = 0;
	bool flag, known = true;
	int status;

	memset(&list, 0, sizeof list);
	memset(&text, 0, sizeof text);
	memset(&bytes, 0, sizeof bytes);
	lwl_reader_begin(&r, msg, len, COMMAND, LWL_KIND_REQUEST, err);
	lwl_get_bool(&r, 1, LWL_REQUIRED, &flag);
	lwl_get_u64(&r, 2, LWL_OPTIONAL, &wide);
	lwl_get_string(&r, 3, LWL_REQUIRED, 1, 20, &text);
	if (lwl_open_group(&r, 4, LWL_REQUIRED, &inner)) {
		lwl_get_bytes(&inner, 1, LWL_REQUIRED, 0, 20, &bytes);
		lwl_get_link(&inner, 2, LWL_REQUIRED, &id);
		while (lwl_open_element(&inner, 3, 2, 999, &list, &element)) {
			which = lwl_union_member(&element);
			known = which == 1 || which == 2;
			if (which == 1)
				lwl_get_u32(&element, 1, LWL_REQUIRED, &v);
			else if (which == 2)
				lwl_get_bools(&element, 2, LWL_REQUIRED, 3, 3, &flags);
			lwl_check_union(&element, known);
			lwl_close_group(&inner, &element);
		}
		lwl_close_group(&r, &inner);
	}
	lwl_get_links(&r, 5, 2, &links);
	lwl_get_packed(&r, 6, LWL_OPTIONAL, 2, 0, 4, &words);
	if (lwl_open_array(&r, 7, LWL_REQUIRED, 16, 8, 0, 4, &times)) {
		for (i = 0; i < times.count; i++)
			lwl_check_hole(&r, r.value + i * 16 + 12, 4);
		lwl_close_leaf(&r);
	}
	status = lwl_reader_finish(&r);
	if (status == 0) {
		assert_true(text.len >= 1 && text.len <= 20);
		assert_true((const uint8_t *)text.data >= msg &&
			    text.len <= end - (const uint8_t *)text.data);
		assert_true(bytes.data >= msg && bytes.len <= end - bytes.data);
		assert_true(id != 0 && known && links.count <= 2 && words.count <= 4 &&
			    list.count <= 2);
		for (i = 0; i < links.count; i++)
			assert_true(lwl_link_at(links, i).id != 0);
	}
	return status;
}

static uint32_t make_all(void)
{
	uint32_t outer, inner;

	start(COMMAND, MSGID);
	number(1, 1, 1);
	number(2, UINT64_C(0x1122334455667788), 8);
	item(3, 4, "gr\xc3\xbcn und gelb", 14);
	outer = open_item(4 | GROUP | LINKS);
	item(1, 4, "\1\2\3", 3);
	item(2 | LINKS, 8, "\1\0\0\0\1\0\0\x80", 8);
	inner = open_item(3 | GROUP);
	number(1, 99, 4);
	close_item(inner);
	inner = open_item(3 | GROUP);
	item(2, 4, "\1\0\1", 3);
	close_item(inner);
	close_item(outer);
	item(5 | LINKS, 8, "\1\0\0\0\1\0\0\x80\2\0\0\0\1\0\0\0", 16);
	item(6, 4, "\1\0\2\0\3\0", 6);
	item(7, 8, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0", 32);
	outer = open_item(9 | GROUP);
	number(4, 1, 2);
	close_item(outer);
	item(10, 4, "unknown", 7);
	return seal();
}

/* The decoder and the check without a schema agree on what is structurally wrong. */
static void compare_with_check(const uint8_t *msg, uint32_t len)
{
	struct lwl_error typed, structural;
	int decoded = decode_all(msg, len, &typed), checked = lwl_message_check(msg, len,
										&structural);

	assert_int_equal(decoded != 0, typed.bad != LWL_BAD_NONE);
	assert_int_equal(checked != 0, structural.bad != LWL_BAD_NONE);
	if (checked != 0) {
		assert_true(lwl_bad_is_structural(structural.bad));
		assert_int_equal(decoded, -LWL_EMALFORMED);
	}
	if (lwl_bad_is_structural(typed.bad)) {
		assert_string_equal(lwl_bad_name(structural.bad), lwl_bad_name(typed.bad));
		assert_int_equal(structural.offset, typed.offset);
		assert_int_equal(structural.depth, typed.depth);
	}
	assert_true(typed.depth <= LWL_DEPTH_MAX + 1 && typed.offset <= LWL_MESSAGE_MAX + 1);
}

static void test_cut_everywhere(void **state)
{
	uint32_t size = make_all(), cut, shift;
	struct lwl_error err;

	(void)state;
	for (shift = 0; shift < 8; shift++) {
		uint8_t *whole = exact(made, size, shift);

		assert_int_equal(decode_all(whole, size, &err), 0);
		compare_with_check(whole, size);
		drop(whole, shift);
		for (cut = 0; cut < size; cut++) {
			uint8_t *p = exact(made, cut, shift);

			assert_int_equal(decode_all(p, cut, &err), -LWL_EMALFORMED);
			compare_with_check(p, cut);
			/* And with a header that says so. */
			if (cut >= 16) {
				uint32_t padded = lwl_padded(cut);
				uint8_t *q = exact(made, padded, shift);

				lwl_store16(q + 14, (uint16_t)cut);
				compare_with_check(q, padded);
				memset(q + cut, 0, padded - cut);
				compare_with_check(q, padded);
				drop(q, shift);
			}
			drop(p, shift);
		}
	}
}

static void test_change_every_byte(void **state)
{
	uint32_t size = make_all(), at, v;

	(void)state;
	for (at = 0; at < size; at++) {
		uint8_t *p = exact(made, size, at % 8);

		for (v = 1; v < 256; v++) {
			p[at] = (uint8_t)(made[at] ^ v);
			compare_with_check(p, size);
		}
		drop(p, at % 8);
	}
}

/* Two bytes at once, in the headers: lengths that agree with each other and with nothing else. */
static void test_change_every_word(void **state)
{
	uint32_t size = make_all(), at, v;

	(void)state;
	for (at = 0; at < size; at += 2) {
		uint8_t *p = exact(made, size, 0);

		for (v = 0; v < 65536; v += at % 8 == 2 ? 1 : 257) {
			lwl_store16(p + at, (uint16_t)v);
			compare_with_check(p, size);
		}
		drop(p, 0);
	}
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, drop_copy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loads_and_stores), TEST(header), TEST(bool), TEST(u8), TEST(u16), TEST(u32),
		TEST(u64), TEST(s8), TEST(s16), TEST(s32), TEST(s64), TEST(f32), TEST(f64),
		TEST(bool_values), TEST(padding), TEST(text_bounds), TEST(empty_text),
		TEST(largest_text), TEST(utf8_all_short), TEST(utf8_boundaries), TEST(links),
		TEST(packed), TEST(packed_padding), TEST(bools), TEST(leaf_in_halves),
			TEST(skipping),
		TEST(order), TEST(number_zero), TEST(item_bounds), TEST(missing_order),
		TEST(first_error_stays), TEST(group), TEST(depth), TEST(list), TEST(group_view),
		TEST(union), TEST(message_header), TEST(own_items), TEST(error_response),
		TEST(bool_at), TEST(u8_at), TEST(u16_at), TEST(u32_at), TEST(u64_at), TEST(s8_at),
		TEST(s16_at), TEST(s32_at), TEST(s64_at), TEST(f32_at), TEST(f64_at), TEST(link_at),
		TEST(views), TEST(cut_everywhere), TEST(change_every_byte), TEST(change_every_word)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
