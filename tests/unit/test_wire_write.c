/*
 * The writer of wire.h: exact bytes, exact fits, what is refused, and values by reference.
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

enum { COMMAND = 0x1203, MSGID = 77, CANARY = 0xaa };
#define LINKID UINT64_C(0x8000000100000003)

/* A buffer with a canary on both sides, at any distance from alignment. */
static uint8_t memory[8 + 65536 + 64];
static uint8_t *buf;
static struct lwl_writer w;

static void begin_sized(uint32_t size, uint32_t shift)
{
	memset(memory, CANARY, sizeof memory);
	buf = memory + 8 + shift;
	lwl_writer_init(&w, buf, size, LINKID, MSGID);
	lwl_writer_begin(&w, COMMAND, LWL_KIND_REQUEST);
}

static void begin(void)
{
	begin_sized(65536, 0);
}

/* Nothing outside the `size` bytes at buf was touched. */
static void check_canaries(uint32_t size)
{
	uint8_t *p;

	for (p = memory; p < buf; p++)
		assert_int_equal(*p, CANARY);
	for (p = buf + size; p < memory + sizeof memory; p++)
		assert_int_equal(*p, CANARY);
}

/* The message is `items` of `n` bytes behind the header, the last of them padding. */
static void expect(const void *items, uint32_t n, uint32_t padding)
{
	struct lwl_header h;

	assert_int_equal(lwl_writer_finish(&w), 0);
	assert_int_equal(lwl_writer_size(&w), 16 + n);
	lwl_header_load(&h, buf);
	assert_true(h.linkid == LINKID);
	assert_int_equal(h.msgid, MSGID);
	assert_int_equal(h.command, COMMAND);
	assert_int_equal(h.length, 16 + n - padding);
	assert_memory_equal(buf + 16, items, n);
	check_canaries(16 + n);
	assert_int_equal(lwl_message_check(buf, 16 + n, NULL), 0);
}

static void expect_error(int status)
{
	assert_int_equal(lwl_writer_finish(&w), status);
	assert_int_equal(lwl_writer_size(&w), 0);
	assert_int_equal(lwl_writer_finish(&w), status);
}

/* ---- values ---- */

static void test_empty_message(void **state)
{
	(void)state;
	begin();
	expect("", 0, 0);
}

static void test_scalars(void **state)
{
	static const uint8_t expected[] =
		"\1\0\5\0\1\0\0\0"				/* bool */
		"\2\0\5\0\xfe\0\0\0"				/* u8 */
		"\3\0\6\0\xdc\xfe\0\0"				/* u16 */
		"\4\0\x8\0\x98\xba\xdc\xfe"			/* u32 */
		"\5\0\x10\0\0\0\0\0\x10\x32\x54\x76\x98\xba\xdc\xfe"
		"\6\0\5\0\xfe\0\0\0"				/* s8 */
		"\7\0\6\0\0\x80\0\0"				/* s16 */
		"\x8\0\x8\0\0\0\0\x80"				/* s32 */
		"\x9\0\x10\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xa\0\x8\0\0\0\xc0\xbf"			/* f32 */
		"\xff\x3e\x10\0\0\0\0\0\0\0\0\0\0\0\2\x40";	/* f64, the highest number */

	(void)state;
	begin();
	lwl_put_bool(&w, 1, true);
	lwl_put_u8(&w, 2, 0xfe);
	lwl_put_u16(&w, 3, 0xfedc);
	lwl_put_u32(&w, 4, 0xfedcba98);
	lwl_put_u64(&w, 5, UINT64_C(0xfedcba9876543210));
	lwl_put_s8(&w, 6, -2);
	lwl_put_s16(&w, 7, INT16_MIN);
	lwl_put_s32(&w, 8, INT32_MIN);
	lwl_put_s64(&w, 9, -1);
	lwl_put_f32(&w, 10, -1.5f);
	assert_int_equal(lwl_writer_offset(&w), 16 + sizeof expected - 1 - 16);
	lwl_put_f64(&w, 0x3eff, 2.25);
	expect(expected, sizeof expected - 1, 0);
}

static void test_text(void **state)
{
	(void)state;
	begin();
	lwl_put_string(&w, 1, 0, 10, lwl_string_of(""));
	lwl_put_bytes(&w, 2, 0, 10, lwl_bytes_of(NULL, 0));
	lwl_put_string(&w, 3, 0, 10, lwl_string_of("abcd"));
	lwl_put_bytes(&w, 4, 5, 5, lwl_bytes_of("\0\xff\0\xff\1", 5));
	expect("\1\0\4\0\0\0\0\0" "\2\0\4\0\0\0\0\0" "\3\0\x8\0" "abcd"
	       "\4\0\x9\0\0\xff\0\xff\1\0\0\0\0\0\0\0", 40, 7);
	{
		struct lwl_string none = { NULL, 0 };

		begin();
		lwl_put_string(&w, 1, 0, 10, none);
		expect("\1\0\4\0\0\0\0\0", 8, 4);
	}
}

static void test_text_refused(void **state)
{
	static const char *const bad[] = { "\xff", "\xc0\x80", "\xed\xa0\x80", "a\xf0\x90\x80",
	"12345678\x80" };
	struct lwl_string with_nul = { "a\0b", 3 };
	uint32_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		bool fits = i >= 2 && i <= 5;

		begin();
		lwl_put_string(&w, 1, 2, 5, (struct lwl_string){ "abcdefgh", i });
		if (fits)
			assert_int_equal(lwl_writer_finish(&w), 0);
		else
			expect_error(-LWL_EINVAL);
		begin();
		lwl_put_bytes(&w, 1, 2, 5, lwl_bytes_of("abcdefgh", i));
		if (fits)
			assert_int_equal(lwl_writer_finish(&w), 0);
		else
			expect_error(-LWL_EINVAL);
	}
	for (i = 0; i < COUNT(bad); i++) {
		begin();
		lwl_put_string(&w, 1, 0, 99, lwl_string_of(bad[i]));
		expect_error(-LWL_EINVAL);
	}
	begin();
	lwl_put_string(&w, 1, 0, 99, with_nul);
	expect_error(-LWL_EINVAL);
	/* Lengths that no buffer has: the memory is not looked at. */
	begin();
	lwl_put_bytes(&w, 1, 0, 65535, lwl_bytes_of("", SIZE_MAX));
	expect_error(-LWL_EINVAL);
	begin();
	lwl_put_bytes(&w, 1, 0, UINT32_MAX, lwl_bytes_of("", UINT32_MAX));
	expect_error(-LWL_ETOOLARGE);
	begin();
	lwl_put_bytes(&w, 1, 0, UINT32_MAX, lwl_bytes_of("", 65532));
	expect_error(-LWL_ETOOLARGE);
}

static void test_links(void **state)
{
	struct lwl_link_any two[] = { { LINKID }, { 5 } };
	uint8_t wire[17];

	(void)state;
	begin();
	lwl_put_link(&w, 1, LINKID);
	lwl_put_links(&w, 2, 2, lwl_seq_of(two, 2));
	lwl_put_links(&w, 3, 2, lwl_seq_of(NULL, 0));
	expect("\1\x40\x10\0\0\0\0\0\3\0\0\0\1\0\0\x80"
	       "\2\x40\x18\0\0\0\0\0\3\0\0\0\1\0\0\x80\5\0\0\0\0\0\0\0", 40, 0);
	/* From wire form, unaligned. */
	lwl_store64(wire + 1, 9);
	lwl_store64(wire + 9, 8);
	begin();
	lwl_put_links(&w, 1, 2, (struct lwl_seq){ wire + 1, 2, 16, 0 });
	expect("\1\x40\x18\0\0\0\0\0\x9\0\0\0\0\0\0\0\x8\0\0\0\0\0\0\0", 24, 0);

	begin();
	lwl_put_link(&w, 1, 0);
	expect_error(-LWL_EINVAL);
	begin();
	lwl_put_links(&w, 1, 1, lwl_seq_of(two, 2));
	expect_error(-LWL_EINVAL);
	two[1].id = 0;
	begin();
	lwl_put_links(&w, 1, 2, lwl_seq_of(two, 2));
	expect_error(-LWL_EINVAL);
	begin();
	lwl_put_links(&w, 1, 2, (struct lwl_seq){ wire, 2, 15, 0 });
	expect_error(-LWL_EINVAL);
	begin();
	lwl_put_links(&w, 1, UINT32_MAX, lwl_seq_of(two, SIZE_MAX));
	expect_error(-LWL_ETOOLARGE);
}

static void test_packed(void **state)
{
	static const uint16_t words[] = { 0x0102, 0x0304, 0x0506 };
	static const uint32_t longs[] = { 0x01020304, 0xfffefdfc };
	static const uint64_t wides[] = { UINT64_C(0x0102030405060708) };
	static const bool flags[] = { true, false, true };
	static const float floats[] = { 1.0f };
	uint8_t wire[7] = { 0, 2, 1, 4, 3, 6, 5 };

	(void)state;
	begin();
	lwl_put_packed(&w, 1, 1, 0, 9, lwl_seq_of("\1\2\3", 3));
	lwl_put_packed(&w, 2, 2, 3, 3, lwl_seq_of(words, 3));
	lwl_put_packed(&w, 3, 4, 0, 9, lwl_seq_of(longs, 2));
	lwl_put_packed(&w, 4, 8, 0, 9, lwl_seq_of(wides, 1));
	lwl_put_packed(&w, 5, 4, 0, 9, lwl_seq_of(floats, 1));
	lwl_put_bools(&w, 6, 0, 9, lwl_seq_of(flags, 3));
	lwl_put_packed(&w, 7, 4, 0, 9, lwl_seq_of(NULL, 0));
	lwl_put_bools(&w, 8, 0, 9, lwl_seq_of(NULL, 0));
	lwl_put_packed(&w, 9, 2, 0, 9, (struct lwl_seq){ wire + 1, 3, 6, 0 });
	expect("\1\0\7\0\1\2\3\0" "\2\0\xa\0\2\1\4\3\6\5\0\0\0\0\0\0"
	       "\3\0\xc\0\4\3\2\1\xfc\xfd\xfe\xff\0\0\0\0"
	       "\4\0\x10\0\0\0\0\0\x8\7\6\5\4\3\2\1" "\5\0\x8\0\0\0\x80\x3f"
	       "\6\0\7\0\1\0\1\0" "\x9\0\xa\0\2\1\4\3\6\5\0\0\0\0\0\0", 88, 6);

	begin();
	lwl_put_packed(&w, 1, 2, 0, 2, lwl_seq_of(words, 3));
	expect_error(-LWL_EINVAL);
	begin();
	lwl_put_packed(&w, 1, 2, 2, 2, lwl_seq_of(words, 1));
	expect_error(-LWL_EINVAL);
	begin();
	lwl_put_packed(&w, 1, 2, 2, 2, lwl_seq_of(NULL, 0));
	expect_error(-LWL_EINVAL);
	begin();
	lwl_put_bools(&w, 1, 0, 2, lwl_seq_of(flags, 3));
	expect_error(-LWL_EINVAL);
	/* Wire bytes of another type. */
	begin();
	lwl_put_packed(&w, 1, 2, 0, 9, (struct lwl_seq){ wire, 3, 5, 0 });
	expect_error(-LWL_EINVAL);
	begin();
	lwl_put_packed(&w, 1, 8, 0, UINT32_MAX, lwl_seq_of(wides, SIZE_MAX));
	expect_error(-LWL_ETOOLARGE);
	begin();
	lwl_put_packed(&w, 1, 8, 0, UINT32_MAX, lwl_seq_of(wides, UINT32_C(0x20000001)));
	expect_error(-LWL_ETOOLARGE);
}

static void test_leaf(void **state)
{
	uint8_t *p;

	(void)state;
	begin();
	p = lwl_put_leaf(&w, 1, 3, 1);
	assert_ptr_equal(p, buf + 20);
	memcpy(p, "abc", 3);
	p = lwl_put_leaf(&w, 2, 16, 8);
	assert_ptr_equal(p, buf + 32);
	memset(p, 7, 16);
	p = lwl_put_array(&w, 3, 5, 1, 0, 2, lwl_seq_of("", 1));
	memcpy(p, "12345", 5);
	assert_null(lwl_put_array(&w, 4, 5, 1, 0, 2, lwl_seq_of("", 0)));
	expect("\1\0\7\0" "abc\0" "\2\0\x18\0\0\0\0\0\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7"
	       "\3\0\x9\0" "12345\0\0\0\0\0\0\0", 48, 7);
	assert_null(lwl_put_array(&w, 5, 5, 1, 0, 2, lwl_seq_of("", 3)));
	expect_error(-LWL_EINVAL);
	begin();
	assert_null(lwl_put_leaf(&w, 1, 65536, 8));
	expect_error(-LWL_ETOOLARGE);
	assert_null(lwl_put_leaf(&w, 1, 4, 4));
}

/* ---- groups ---- */

static void test_groups(void **state)
{
	struct lwl_group outer, inner;

	(void)state;
	begin();
	lwl_begin_group(&w, 1, &outer);
	lwl_end_group(&w, &outer);
	lwl_begin_group(&w, 2, &outer);
	lwl_put_u8(&w, 1, 9);
	lwl_begin_group(&w, 2, &inner);
	lwl_put_link(&w, 1, 5);
	lwl_end_group(&w, &inner);
	lwl_begin_group(&w, 3, &inner);
	lwl_put_u16(&w, 1, 8);
	lwl_end_group(&w, &inner);
	lwl_end_group(&w, &outer);
	lwl_begin_group(&w, 3, &outer);
	lwl_put_bytes(&w, 1, 0, 9, lwl_bytes_of("x", 1));
	lwl_end_group(&w, &outer);
	expect("\1\x80\x8\0\0\0\0\0"
	       "\2\xc0\x36\0\0\0\0\0"
		       "\1\0\5\0\x9\0\0\0"
		       "\2\xc0\x18\0\0\0\0\0\1\x40\x10\0\0\0\0\0\5\0\0\0\0\0\0\0"
		       "\3\x80\xe\0\0\0\0\0\1\0\6\0\x8\0\0\0"
	       "\3\x80\xd\0\0\0\0\0\1\0\5\0x\0\0\0", 80, 3);
}

static void test_depth(void **state)
{
	struct lwl_group groups[9];
	struct lwl_error err;
	uint32_t levels, i;

	(void)state;
	for (levels = 1; levels <= 9; levels++) {
		begin();
		for (i = 0; i < levels; i++)
			lwl_begin_group(&w, (uint16_t)(i + 1), &groups[i]);
		lwl_put_link(&w, 1, 5);
		for (i = levels; i > 0; i--)
			lwl_end_group(&w, &groups[i - 1]);
		if (levels == 9) {
			expect_error(-LWL_ETOOLARGE);
			continue;
		}
		assert_int_equal(lwl_writer_finish(&w), 0);
		assert_int_equal(lwl_message_check(buf, lwl_writer_size(&w), &err), 0);
		for (i = 0; i < levels; i++)
			assert_int_equal(lwl_load16(buf + 16 + 8 * i), (i + 1) | 0xc000);
	}
	/* Leaving a level makes room for another. */
	begin();
	for (i = 0; i < 20; i++) {
		lwl_begin_group(&w, (uint16_t)(i + 1), &groups[0]);
		lwl_end_group(&w, &groups[0]);
	}
	assert_int_equal(lwl_writer_finish(&w), 0);
}

/* ---- room ---- */

/* A message with an item of every kind, 192 bytes. */
static int fill(void)
{
	static const uint32_t longs[] = { 1, 2, 3 };
	struct lwl_link_any links[] = { { 1 }, { 2 } };
	struct lwl_group outer, inner;

	lwl_put_bool(&w, 1, true);
	lwl_put_u64(&w, 2, 2);
	lwl_put_string(&w, 3, 0, 20, lwl_string_of("twelve bytes"));
	lwl_begin_group(&w, 4, &outer);
	lwl_put_bytes(&w, 1, 0, 9, lwl_bytes_of("123", 3));
	lwl_begin_group(&w, 2, &inner);
	lwl_put_link(&w, 1, 3);
	lwl_end_group(&w, &inner);
	lwl_end_group(&w, &outer);
	lwl_put_links(&w, 5, 2, lwl_seq_of(links, 2));
	lwl_put_packed(&w, 6, 4, 0, 3, lwl_seq_of(longs, 3));
	lwl_put_f32(&w, 7, 1);
	return lwl_writer_finish(&w);
}

static void test_exact_fit(void **state)
{
	uint8_t expected[256];
	uint32_t full, size, shift;

	(void)state;
	begin();
	assert_int_equal(fill(), 0);
	full = lwl_writer_size(&w);
	assert_true(full <= sizeof expected && full % 8 == 0);
	memcpy(expected, buf, full);
	for (shift = 0; shift < 8; shift++)
		for (size = 0; size <= full + 8; size++) {
			begin_sized(size, shift);
			if (size < full) {
				assert_int_equal(fill(), -LWL_ENOBUFS);
				assert_int_equal(lwl_writer_size(&w), 0);
			} else {
				assert_int_equal(fill(), 0);
				assert_int_equal(lwl_writer_size(&w), full);
				assert_memory_equal(buf, expected, full);
			}
			check_canaries(size < full ? size : full);
		}
}

static void test_largest_message(void **state)
{
	static uint8_t payload[65536];
	uint32_t n;

	(void)state;
	memset(payload, 'x', sizeof payload);
	for (n = 65510; n < 65530; n++) {
		begin();
		lwl_put_bytes(&w, 1, 0, UINT32_MAX, lwl_bytes_of(payload, n));
		if (16 + 4 + n <= 65535) {
			assert_int_equal(lwl_writer_finish(&w), 0);
			assert_int_equal(lwl_writer_size(&w), lwl_padded(20 + n));
			assert_int_equal(lwl_load16(buf + 14), 20 + n);
			assert_int_equal(lwl_message_check(buf, lwl_writer_size(&w), NULL), 0);
			check_canaries(lwl_writer_size(&w));
		} else {
			expect_error(-LWL_ETOOLARGE);
			check_canaries(65536);
		}
	}
	/* A buffer that is larger is not used further; one that is smaller is another error. */
	begin_sized(UINT32_MAX, 0);
	for (n = 0; n < 8191; n++)
		lwl_put_u8(&w, 1, 1);
	expect_error(-LWL_ETOOLARGE);
	check_canaries(65536);
	begin_sized(65528, 0);
	for (n = 0; n < 8191; n++)
		lwl_put_u8(&w, 1, 1);
	expect_error(-LWL_ENOBUFS);
	check_canaries(65528);
}

static void test_group_at_the_end(void **state)
{
	static uint8_t payload[65536];
	struct lwl_group group;
	uint32_t n;

	(void)state;
	for (n = 65500; n < 65520; n++) {
		begin();
		lwl_begin_group(&w, 1, &group);
		lwl_put_bytes(&w, 1, 0, UINT32_MAX, lwl_bytes_of(payload, n));
		lwl_end_group(&w, &group);
		if (16 + 8 + 4 + n <= 65535) {
			assert_int_equal(lwl_writer_finish(&w), 0);
			assert_int_equal(lwl_load16(buf + 18), 8 + 4 + n);
			assert_int_equal(lwl_message_check(buf, lwl_writer_size(&w), NULL), 0);
		} else {
			expect_error(-LWL_ETOOLARGE);
		}
	}
}

/* ---- the first error stays ---- */

static void test_sticky(void **state)
{
	struct lwl_link_any link = { 1 };
	struct lwl_group group;
	uint8_t before[512];
	uint32_t at;

	(void)state;
	begin();
	lwl_put_u8(&w, 1, 1);
	lwl_require(&w, true);
	assert_int_equal(w.status, 0);
	lwl_require(&w, false);
	at = lwl_writer_offset(&w);
	memcpy(before, buf, sizeof before);
	lwl_put_bool(&w, 2, true);
	lwl_put_u8(&w, 2, 2);
	lwl_put_u16(&w, 2, 2);
	lwl_put_u32(&w, 2, 2);
	lwl_put_u64(&w, 2, 2);
	lwl_put_s8(&w, 2, 2);
	lwl_put_s16(&w, 2, 2);
	lwl_put_s32(&w, 2, 2);
	lwl_put_s64(&w, 2, 2);
	lwl_put_f32(&w, 2, 2);
	lwl_put_f64(&w, 2, 2);
	lwl_put_string(&w, 2, 0, 9, lwl_string_of("x"));
	lwl_put_bytes(&w, 2, 0, 9, lwl_bytes_of("x", 1));
	lwl_put_link(&w, 2, 1);
	lwl_put_links(&w, 2, 1, lwl_seq_of(&link, 1));
	lwl_put_packed(&w, 2, 1, 0, 9, lwl_seq_of("x", 1));
	lwl_put_bools(&w, 2, 0, 9, lwl_seq_of("\1", 1));
	assert_null(lwl_put_leaf(&w, 2, 4, 4));
	assert_null(lwl_put_array(&w, 2, 4, 4, 0, 9, lwl_seq_of("x", 1)));
	lwl_begin_group(&w, 2, &group);
	lwl_end_group(&w, &group);
	lwl_put_bytes(&w, 2, 0, UINT32_MAX, lwl_bytes_of("", UINT32_MAX));
	assert_int_equal(lwl_writer_offset(&w), at);
	assert_memory_equal(buf, before, sizeof before);
	expect_error(-LWL_EINVAL);
	/* Not the later, other error. */
	begin_sized(24, 0);
	lwl_put_u64(&w, 1, 1);
	lwl_put_link(&w, 1, 0);
	expect_error(-LWL_ENOBUFS);
}

/* ---- headers ---- */

static void test_kinds(void **state)
{
	static const struct {
		uint32_t msgid;
		enum lwl_kind kind;
		int status;
		uint16_t command;
	} cases[] = {
		{ 5, LWL_KIND_REQUEST, 0, COMMAND },
		{ 0, LWL_KIND_REQUEST, -LWL_EINVAL, 0 },
		{ 5, LWL_KIND_RESPONSE, 0, COMMAND | LWL_RESPONSE },
		{ 0, LWL_KIND_RESPONSE, -LWL_EINVAL, 0 },
		{ 0, LWL_KIND_ONEWAY, 0, COMMAND },
		{ 5, LWL_KIND_ONEWAY, -LWL_EINVAL, 0 },
		{ UINT32_MAX, LWL_KIND_REQUEST, 0, COMMAND }
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		begin();
		lwl_writer_init(&w, buf, 64, LINKID, cases[i].msgid);
		lwl_writer_begin(&w, COMMAND, cases[i].kind);
		assert_int_equal(lwl_writer_finish(&w), cases[i].status);
		if (cases[i].status != 0)
			continue;
		assert_int_equal(lwl_load16(buf + 12), cases[i].command);
		assert_int_equal(lwl_load32(buf + 8), cases[i].msgid);
	}
}

enum { NO_EXTRAS, DEADLINE, TRACE, SLICES, ALL_EXTRAS };

static void init_with(uint32_t size, uint32_t msgid, uint32_t extras, struct lwl_slice *out)
{
	static const uint8_t trace[16] = "0123456789abcdef";

	lwl_writer_init(&w, buf, size, LINKID, msgid);
	if (extras == DEADLINE || extras == ALL_EXTRAS)
		lwl_writer_set_deadline(&w, 77);
	if (extras == TRACE || extras == ALL_EXTRAS)
		lwl_writer_set_trace(&w, trace);
	if (extras == SLICES || extras == ALL_EXTRAS)
		lwl_writer_by_reference(&w, out, 2, 1);
}

/* What a generated encoder does for a u64 and a u8, if the values are allowed. */
static int put_fixed(enum lwl_kind kind, bool allowed)
{
	uint8_t *p = allowed ? lwl_begin_fixed(&w, COMMAND, kind, 40, 37) : NULL;

	if (p == NULL)
		return lwl_refuse_fixed(&w, kind, 40);
	lwl_store_head(p, 1, 16);
	lwl_store64(p + 8, 0x0102030405060708);
	lwl_store_head(p + 16, 2, 5);
	p[20] = 9;
	return lwl_end_fixed(&w);
}

/* A message of a fixed size comes out as by single calls, and fails as they do. */
static void test_fixed(void **state)
{
	static const enum lwl_kind kinds[] = { LWL_KIND_REQUEST, LWL_KIND_RESPONSE, LWL_KIND_ONEWAY };
	uint8_t expected[128];
	struct lwl_slice slice[2];
	uint32_t size, i, extras, msgid;
	int status;

	(void)state;
	for (size = 0; size <= 100; size++)
		for (i = 0; i < COUNT(kinds) * 2 * (ALL_EXTRAS + 1); i++) {
			enum lwl_kind kind = kinds[i % COUNT(kinds)];

			msgid = i / COUNT(kinds) % 2;
			extras = i / COUNT(kinds) / 2;
			begin_sized(size, 0);
			init_with(size, msgid, extras, slice);
			lwl_writer_begin(&w, COMMAND, kind);
			lwl_put_u64(&w, 1, 0x0102030405060708);
			lwl_put_u8(&w, 2, 9);
			status = lwl_writer_finish(&w);
			memcpy(expected, buf, size);

			begin_sized(size, 0);
			init_with(size, msgid, extras, slice);
			assert_int_equal(put_fixed(kind, true), status);
			check_canaries(size);
			assert_int_equal(w.status, status);
			assert_false(w.links);
			if (status != 0) {
				assert_int_equal(put_fixed(kind, true), status);
				continue;
			}
			assert_memory_equal(buf, expected, size);
			if (extras == SLICES) {
				assert_int_equal(w.slice_count, 1);
				assert_ptr_equal(slice[0].data, buf);
				assert_int_equal(slice[0].len, lwl_writer_size(&w));
			}
		}
	begin_sized(40, 0);
	lwl_writer_init(&w, buf, 40, LINKID, MSGID);
	assert_int_equal(put_fixed(LWL_KIND_REQUEST, false), -LWL_EINVAL);
	assert_int_equal(put_fixed(LWL_KIND_REQUEST, true), -LWL_EINVAL);
}

static void test_deadline_and_trace(void **state)
{
	static const uint8_t trace[16] = "0123456789abcdef";
	uint64_t deadline;

	(void)state;
	begin();
	lwl_writer_set_deadline(&w, 1000000);
	lwl_writer_set_trace(&w, trace);
	lwl_put_u8(&w, 1, 1);
	expect("\1\0\5\0\1\0\0\0" "\2\x3f\x10\0\0\0\0\0\x40\x42\xf\0\0\0\0\0"
	       "\3\x3f\x14\0" "0123456789abcdef\0\0\0\0", 48, 4);
	assert_true(lwl_message_deadline(&deadline, buf));
	assert_true(deadline == 1000000);
	assert_memory_equal(lwl_message_trace(buf), trace, 16);
	begin();
	lwl_writer_set_deadline(&w, 0);
	expect("\2\x3f\x10\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, 0);
	begin();
	lwl_writer_set_deadline(&w, UINT64_MAX);
	expect("\2\x3f\x10\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16, 0);
	begin_sized(24, 0);
	lwl_writer_set_deadline(&w, 5);
	expect_error(-LWL_ENOBUFS);
	begin_sized(32, 0);
	lwl_writer_set_trace(&w, trace);
	expect_error(-LWL_ENOBUFS);
}

/* ---- errors ---- */

static int decode_error(struct lwl_error *err)
{
	struct lwl_reader r;

	lwl_reader_begin(&r, buf, lwl_writer_size(&w), COMMAND, LWL_KIND_RESPONSE, err);
	return lwl_reader_finish(&r);
}

static int encode_error(uint32_t size, int code, const char *detail)
{
	memset(memory, CANARY, sizeof memory);
	buf = memory + 8;
	lwl_writer_init(&w, buf, size, LINKID, MSGID);
	return lwl_error_encode(&w, COMMAND, code, detail);
}

static void test_error_encode(void **state)
{
	struct lwl_error err;

	(void)state;
	assert_int_equal(encode_error(512, LWL_ENOENT, "no such entry"), 0);
	assert_int_equal(decode_error(&err), -LWL_ENOENT);
	assert_int_equal(err.detail.len, 13);
	assert_memory_equal(err.detail.data, "no such entry", 13);
	assert_int_equal(lwl_load16(buf + 12), COMMAND | LWL_RESPONSE);
	assert_memory_equal(buf + 16,
			    "\1\xbf\x21\0\0\0\0\0" "\1\0\x8\0\2\0\0\0" "\2\0\x11\0no such entry",
				33);
	assert_int_equal(encode_error(512, 4107, NULL), 0);
	assert_int_equal(decode_error(&err), -4107);
	assert_int_equal(err.detail.len, 0);
	assert_int_equal(encode_error(512, INT32_MAX, ""), 0);
	assert_int_equal(decode_error(&err), -INT32_MAX);
	assert_int_equal(encode_error(512, 0, NULL), -LWL_EINVAL);
	assert_int_equal(encode_error(512, -2, NULL), -LWL_EINVAL);
	assert_int_equal(encode_error(32, 2, "no such entry"), -LWL_ENOBUFS);
	check_canaries(32);
}

/* The detail is cut to 255 bytes at a character, and before anything that is not UTF-8. */
static void test_error_detail(void **state)
{
	static const char *const tails[] = { "y", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9d\x84\x9e" };
	struct lwl_error err;
	char text[400];
	uint32_t before, i;

	(void)state;
	for (i = 0; i < COUNT(tails); i++)
		for (before = 245; before < 260; before++) {
			uint32_t tail = (uint32_t)strlen(tails[i]), expected;

			memset(text, 'x', sizeof text);
			memcpy(text + before, tails[i], tail);
			strcpy(text + before + tail, "zzzzzzzzzzzzzz");
			expected = before + tail <= 255 ? 255 : before > 255 ? 255 : before;
			assert_int_equal(encode_error(512, 5, text), 0);
			assert_int_equal(decode_error(&err), -5);
			assert_int_equal(err.detail.len, expected);
			assert_memory_equal(err.detail.data, text, expected);
			/* The largest form fits in what every response has room for. */
			assert_true(lwl_writer_size(&w) <= 296);
		}
	assert_int_equal(encode_error(512, 5, "fine\xff not"), 0);
	assert_int_equal(decode_error(&err), -5);
	assert_int_equal(err.detail.len, 4);
	/* A detail of exactly 255 bytes, without anything readable behind its NUL. */
	{
		char *exact = malloc(256);

		assert_non_null(exact);
		memset(exact, 'e', 255);
		exact[255] = '\0';
		assert_int_equal(encode_error(512, 5, exact), 0);
		assert_int_equal(decode_error(&err), -5);
		assert_int_equal(err.detail.len, 255);
		free(exact);
	}
}

/* "The error item and nothing else", whatever was set for the call. */
static void test_error_is_alone(void **state)
{
	static const uint8_t trace[16] = "0123456789abcdef";
	struct lwl_error err;

	(void)state;
	begin();
	lwl_writer_init(&w, buf, 512, LINKID, MSGID);
	lwl_writer_set_deadline(&w, 1);
	lwl_writer_set_trace(&w, trace);
	assert_int_equal(lwl_error_encode(&w, COMMAND, 5, "why"), 0);
	assert_int_equal(decode_error(&err), -5);
}

/* ---- by reference ---- */

static struct lwl_slice slices[16];
static uint8_t joined[65536 + 8];

/* What the slices are together. */
static uint32_t join(void)
{
	uint32_t i, n = 0;

	for (i = 0; i < w.slice_count; i++) {
		assert_true(slices[i].len > 0 && slices[i].len <= sizeof joined - n);
		memcpy(joined + n, slices[i].data, slices[i].len);
		n += (uint32_t)slices[i].len;
	}
	return n;
}

static bool is_within(const void *data, const uint8_t *memory_start, size_t size)
{
	const uint8_t *p = data;

	return p >= memory_start && p < memory_start + size;
}

static int put_references(uint32_t n, const uint8_t *payload)
{
	struct lwl_group group;

	lwl_put_u8(&w, 1, 1);
	lwl_put_bytes(&w, 2, 0, 65535, lwl_bytes_of(payload, n));
	lwl_begin_group(&w, 3, &group);
	lwl_put_bytes(&w, 1, 0, 65535, lwl_bytes_of(payload, n + 1));
	lwl_put_link(&w, 2, 4);
	lwl_end_group(&w, &group);
	lwl_put_bytes(&w, 4, 0, 65535, lwl_bytes_of(payload, 0));
	lwl_put_bytes(&w, 5, 0, 65535, lwl_bytes_of(payload, n + 2));
	return lwl_writer_finish(&w);
}

static void begin_by_reference(uint32_t size, uint32_t room, uint32_t threshold)
{
	memset(memory, CANARY, sizeof memory);
	memset(slices, CANARY, sizeof slices);
	buf = memory + 8;
	lwl_writer_init(&w, buf, size, LINKID, MSGID);
	lwl_writer_by_reference(&w, slices, room, threshold);
	lwl_writer_begin(&w, COMMAND, LWL_KIND_REQUEST);
}

static void test_by_reference(void **state)
{
	static uint8_t payload[256], expected[1024];
	uint32_t n, room, i;

	(void)state;
	for (n = 0; n < sizeof payload; n++)
		payload[n] = (uint8_t)(n ^ 0x5a);
	for (n = 0; n < 200; n++) {
		uint32_t full;

		begin();
		assert_int_equal(put_references(n, payload), 0);
		full = lwl_writer_size(&w);
		memcpy(expected, buf, full);
		for (room = 1; room <= 9; room++) {
			uint32_t aside = 0, threshold;

			for (threshold = 0; threshold <= n + 3; threshold += n / 2 + 1) {
				begin_by_reference(65536, room, threshold);
				assert_int_equal(put_references(n, payload), 0);
				assert_int_equal(lwl_writer_size(&w), full);
				assert_true(w.slice_count >= 1 && w.slice_count <= room);
				for (i = w.slice_count; i < COUNT(slices); i++)
					assert_int_equal(((const uint8_t *)&slices[i])[0], CANARY);
				assert_int_equal(join(), full);
				assert_memory_equal(joined, expected, full);
				for (aside = 0, i = 0; i < w.slice_count; i++)
					if (is_within(slices[i].data, payload, sizeof payload)) {
						assert_true(slices[i].len >= threshold);
						aside += (uint32_t)slices[i].len;
					}
				assert_int_equal(aside, w.aside);
				check_canaries(full - aside);
				/* The buffer needs to hold no more than the rest. */
				begin_by_reference(full - aside, room, threshold);
				assert_int_equal(put_references(n, payload), 0);
				check_canaries(full - aside);
				begin_by_reference(full - aside - 1, room, threshold);
				assert_int_equal(put_references(n, payload), -LWL_ENOBUFS);
				check_canaries(full - aside - 1);
			}
		}
	}
}

/* Which of the values stay where they are, and in which order the slices come. */
static void test_slices_in_order(void **state)
{
	static const uint8_t a[20] = "aaaaaaaaaaaaaaaaaaa", b[10] = "bbbbbbbbb",
		c[20] = "cccccccccccccccccc";
	uint32_t size;

	(void)state;
	begin_by_reference(65536, 8, 11);
	lwl_put_bytes(&w, 1, 0, 99, lwl_bytes_of(a, 20));
	lwl_put_bytes(&w, 2, 0, 99, lwl_bytes_of(b, 10));
	lwl_put_bytes(&w, 3, 0, 99, lwl_bytes_of(c, 20));
	assert_int_equal(lwl_writer_finish(&w), 0);
	size = lwl_writer_size(&w);
	/* A payload of 20 bytes behind 4 of header needs no padding: nothing follows the last. */
	assert_int_equal(w.slice_count, 4);
	assert_ptr_equal(slices[0].data, buf);
	assert_int_equal(slices[0].len, 20);
	assert_ptr_equal(slices[1].data, a);
	assert_int_equal(slices[1].len, 20);
	assert_ptr_equal(slices[2].data, buf + 20);
	assert_int_equal(slices[2].len, 16 + 4);
	assert_ptr_equal(slices[3].data, c);
	assert_int_equal(join(), size);
	assert_int_equal(lwl_message_check(joined, size, NULL), 0);
	/* Room for three: one value, and what comes behind is copied. */
	begin_by_reference(65536, 4, 11);
	lwl_put_bytes(&w, 1, 0, 99, lwl_bytes_of(a, 20));
	lwl_put_bytes(&w, 2, 0, 99, lwl_bytes_of(b, 10));
	lwl_put_bytes(&w, 3, 0, 99, lwl_bytes_of(c, 20));
	assert_int_equal(lwl_writer_finish(&w), 0);
	assert_int_equal(w.slice_count, 3);
	assert_ptr_equal(slices[1].data, a);
	assert_int_equal(join(), size);
	/* Strings are always copied. */
	begin_by_reference(65536, 8, 0);
	lwl_put_string(&w, 1, 0, 99, lwl_string_of("a string that is not short"));
	assert_int_equal(lwl_writer_finish(&w), 0);
	assert_int_equal(w.slice_count, 1);
	assert_int_equal(slices[0].len, lwl_writer_size(&w));
}

static void test_by_reference_too_large(void **state)
{
	static uint8_t payload[65536];
	uint32_t n, size;

	(void)state;
	for (n = 65510; n <= 65536; n++) {
		begin_by_reference(64, 8, 100);
		lwl_put_bytes(&w, 1, 0, UINT32_MAX, lwl_bytes_of(payload, n));
		if (20 + n <= 65535) {
			assert_int_equal(lwl_writer_finish(&w), 0);
			size = lwl_writer_size(&w);
			assert_int_equal(size, lwl_padded(20 + n));
			assert_int_equal(join(), size);
			assert_int_equal(lwl_message_check(joined, size, NULL), 0);
		} else {
			expect_error(-LWL_ETOOLARGE);
		}
		check_canaries(64);
	}
	begin_by_reference(65536, 16, 100);
	lwl_put_bytes(&w, 1, 0, UINT32_MAX, lwl_bytes_of(payload, UINT32_MAX));
	expect_error(-LWL_ETOOLARGE);
	begin_by_reference(65536, 16, 100);
	lwl_put_bytes(&w, 1, 0, 65535, lwl_bytes_of(payload, 40000));
	lwl_put_bytes(&w, 2, 0, 65535, lwl_bytes_of(payload, 40000));
	expect_error(-LWL_ETOOLARGE);
	/* A large reference, then more than is left. */
	begin_by_reference(65536, 16, 100);
	lwl_put_bytes(&w, 1, 0, 65535, lwl_bytes_of(payload, 65484));
	lwl_put_u64(&w, 2, 1);
	assert_int_equal(w.status, 0);
	lwl_put_u64(&w, 3, 1);
	lwl_put_u64(&w, 4, 1);
	expect_error(-LWL_ETOOLARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_message), cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_text), cmocka_unit_test(test_text_refused),
		cmocka_unit_test(test_links), cmocka_unit_test(test_packed),
		cmocka_unit_test(test_leaf), cmocka_unit_test(test_groups),
		cmocka_unit_test(test_depth), cmocka_unit_test(test_exact_fit),
		cmocka_unit_test(test_largest_message), cmocka_unit_test(test_group_at_the_end),
		cmocka_unit_test(test_sticky), cmocka_unit_test(test_kinds), cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_deadline_and_trace), cmocka_unit_test(test_error_encode),
		cmocka_unit_test(test_error_detail), cmocka_unit_test(test_error_is_alone),
		cmocka_unit_test(test_by_reference), cmocka_unit_test(test_slices_in_order),
		cmocka_unit_test(test_by_reference_too_large)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
