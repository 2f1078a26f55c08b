/*
 * Frames.  A test makes a stream of messages and PADs, feeds it in pieces of every kind, and looks
 * at each message as soon as its last byte is there.  Allocation is counted, and fails when a test
 * wants it to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/frame.h"

enum { SMALLEST = 131072 };		/* chunk */

/* ---- memory ---- */

void *__real_malloc(size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void __wrap_free(void *p);

static unsigned live;			/* what is allocated */
static bool no_memory;

void *__wrap_malloc(size_t size)
{
	void *p = no_memory ? NULL : __real_malloc(size);

	live += p != NULL;
	return p;
}

void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

/* ---- chance ---- */

static uint64_t chance_state;

static uint32_t chance(uint32_t below)
{
	chance_state = chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(chance_state >> 33) % below;
}

/* ---- a stream ---- */

struct unit {
	uint32_t at, padded;
	bool pad;
};

static uint8_t stream[4 << 20];
static uint32_t stream_size;
static struct unit units[4096];
static uint32_t unit_count;

static int begin_stream(void **state)
{
	(void)state;
	chance_state = 1;
	stream_size = 0;
	unit_count = 0;
	no_memory = false;
	live = 0;
	return 0;
}

static int end_stream(void **state)
{
	(void)state;
	assert_int_equal(live, 0);
	return 0;
}

/* The body is any bytes, as nobody looks at items here. */
static uint8_t *put(uint32_t length, uint64_t linkid, uint16_t command)
{
	struct lwl_header h = { linkid, 0, command, (uint16_t)length };
	uint8_t *p = stream + stream_size;
	uint32_t padded = (length + 7) / 8 * 8, i;

	assert_true(length <= 65535);
	h.msgid = chance(2) * chance(UINT32_MAX);
	assert_true(stream_size + padded <= sizeof stream && unit_count < 4096);
	lwl_header_store(p, &h);
	for (i = 16; i < length; i++)
		p[i] = (uint8_t)chance(256);
	memset(p + length, 0, padded - length);
	units[unit_count++] = (struct unit){ stream_size, padded, false };
	stream_size += padded;
	return p;
}

static void put_message(uint32_t length)
{
	put(length, 1 + chance(1000), (uint16_t)chance(65536));
}

/* A PAD, and its padding is anything. */
static void put_pad(uint32_t length)
{
	uint8_t *p = put(length, 0, 0);

	for (; length % 8 != 0; length++)
		p[length] = 0xff;
	units[unit_count - 1].pad = true;
}

/* ---- feeding it ---- */

struct reception {
	struct lwl_frame f;
	uint32_t arrived;
	uint32_t consumed;		/* units */
};

static struct reception begin(uint32_t chunk)
{
	struct reception r;

	memset(&r, 0, sizeof r);
	lwl_frame_init(&r.f, chunk);
	return r;
}

/* At most `n` bytes at `from`, and behind them something that nobody may look at. */
static uint32_t feed(struct lwl_frame *f, const uint8_t *from, uint32_t n)
{
	size_t room, behind;
	uint8_t *p = lwl_frame_room(f, &room);

	assert_non_null(p);
	assert_true(room >= 65536);
	if (n > room)
		n = (uint32_t)room;
	memcpy(p, from, n);
	behind = room - n < 64 ? room - n : 64;
	memset(p + n, n % 2 == 0 ? 0 : 0xff, behind);
	lwl_frame_fill(f, n);
	return n;
}

static bool next_unit(struct reception *r, struct unit *out)
{
	if (r->consumed == unit_count)
		return false;
	*out = units[r->consumed];
	if (out->at + out->padded > r->arrived)
		return false;
	r->consumed++;
	return true;
}

/* All messages that are whole come now, and no others. */
static void drain(struct reception *r)
{
	struct lwl_error err;
	const uint8_t *msg;
	uint32_t len;
	struct unit unit;

	memset(&err, 0x55, sizeof err);
	while (next_unit(r, &unit)) {
		if (unit.pad)
			continue;
		assert_int_equal(lwl_frame_next(&r->f, &msg, &len, &err), 1);
		assert_int_equal((uintptr_t)msg % 8, 0);
		assert_int_equal(len, unit.padded);
		assert_memory_equal(msg, stream + unit.at, len);
	}
	assert_int_equal(lwl_frame_next(&r->f, &msg, &len, &err), 0);
	assert_int_equal(lwl_frame_next(&r->f, &msg, &len, NULL), 0);
	assert_int_equal(lwl_frame_pending(&r->f),
			 r->arrived - (r->consumed == unit_count ? stream_size
								 : units[r->consumed].at));
	assert_int_equal(err.bad, 0x55555555);
}

static void feed_to(struct reception *r, uint32_t end)
{
	while (r->arrived < end) {
		r->arrived += feed(&r->f, stream + r->arrived, end - r->arrived);
		drain(r);
	}
}

static void end(struct reception *r)
{
	assert_int_equal(r->consumed, unit_count);
	lwl_frame_fini(&r->f);
	assert_int_equal(live, 0);
}

/* Messages of all sizes, PADs in between. */
static void put_small(void)
{
	uint32_t length;

	for (length = 16; length <= 33; length++) {
		put_message(length);
		if (length % 3 == 0)
			put_pad(16 + length % 10);
	}
	put_pad(16);
	put_pad(17);
	put_message(100);
}

static void put_large(void)
{
	static const uint32_t lengths[] = {
		65535, 16, 65528, 65529, 24, 65521, 65520, 32768, 17, 65535, 65535, 4096, 65534
	};
	uint32_t i;

	for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		put_message(lengths[i]);
		if (i % 4 == 1)
			put_pad(16 + 65535 - lengths[i]);
	}
	put_pad(65535);
	put_message(23);
}

/* ---- whole and cut ---- */

static void test_nothing(void **state)
{
	struct lwl_frame f;
	const uint8_t *msg;
	uint32_t len;

	(void)state;
	lwl_frame_init(&f, SMALLEST);
	assert_int_equal(live, 0);
	assert_int_equal(lwl_frame_next(&f, &msg, &len, NULL), 0);
	assert_int_equal(lwl_frame_pending(&f), 0);
	lwl_frame_reset(&f);
	lwl_frame_fini(&f);

	lwl_frame_init(&f, SMALLEST);
	assert_int_equal(feed(&f, stream, 0), 0);
	assert_int_equal(lwl_frame_next(&f, &msg, &len, NULL), 0);
	lwl_frame_fini(&f);
}

static void test_whole(void **state)
{
	static const uint32_t chunks[] = { SMALLEST, SMALLEST + 8, 262144, 1 << 20 };
	uint32_t i;

	(void)state;
	put_small();
	put_large();
	put_small();
	for (i = 0; i < 4; i++) {
		struct reception r = begin(chunks[i]);

		feed_to(&r, stream_size);
		assert_int_equal(live, 1);
		end(&r);
	}
}

static void test_every_size(void **state)
{
	struct reception r = begin(SMALLEST);
	uint32_t length;

	(void)state;
	for (length = 16; length <= 65535; length += length < 4200 || length > 65500 ? 1 : 1009) {
		unit_count = stream_size = r.arrived = r.consumed = 0;
		put_message(length);
		feed_to(&r, stream_size);
		assert_int_equal(r.consumed, 1);
	}
	end(&r);
}

static void test_byte_by_byte(void **state)
{
	struct reception r = begin(SMALLEST);
	uint32_t at;

	(void)state;
	put_small();
	put_large();
	put_small();
	for (at = 1; at <= stream_size; at++)
		feed_to(&r, at);
	assert_int_equal(live, 1);
	end(&r);
}

static void test_cut_once(void **state)
{
	uint32_t cut;

	(void)state;
	put_small();
	for (cut = 0; cut <= stream_size; cut++) {
		struct reception r = begin(SMALLEST);

		feed_to(&r, cut);
		feed_to(&r, stream_size);
		end(&r);
	}
}

static void test_cut_twice(void **state)
{
	uint32_t first, second;

	(void)state;
	put_message(17);
	put_pad(19);
	put_message(16);
	put_pad(16);
	put_pad(32);
	put_message(40);
	for (first = 0; first <= stream_size; first++)
		for (second = first; second <= stream_size; second++) {
			struct reception r = begin(SMALLEST);

			feed_to(&r, first);
			feed_to(&r, second);
			feed_to(&r, stream_size);
			end(&r);
		}
}

/* Around the end of the smallest chunk, where what is incomplete has to be moved. */
static void test_cut_large(void **state)
{
	uint32_t first, second;

	(void)state;
	put_large();
	for (first = 65536 - 40; first < 65536 + 40; first++)
		for (second = 131072 - 40; second < 131072 + 40; second++) {
			struct reception r = begin(SMALLEST);

			feed_to(&r, first);
			feed_to(&r, second);
			feed_to(&r, 131072 + 65536);
			lwl_frame_fini(&r.f);
		}
}

static void test_cut_by_chance(void **state)
{
	uint32_t seed;

	(void)state;
	put_small();
	put_large();
	put_large();
	for (seed = 1; seed <= 60; seed++) {
		struct reception r = begin(SMALLEST + 8 * (seed % 5) * (seed % 5));
		uint32_t most = 1u << (1 + seed % 17);

		chance_state = seed;
		while (r.arrived < stream_size) {
			uint32_t piece = 1 + chance(2 * most);

			feed_to(&r, piece > stream_size - r.arrived ? stream_size
								    : r.arrived + piece);
		}
		end(&r);
	}
}

/* The caller may ask for room before all is consumed: it gets what there is. */
static void test_room_without_consuming(void **state)
{
	struct lwl_frame f;
	const uint8_t *msg;
	uint32_t len, at = 0, i;
	size_t room;

	(void)state;
	lwl_frame_init(&f, SMALLEST);
	while (stream_size <= SMALLEST)
		put_message(16 + chance(2000));
	/* The first ones are consumed, and their room comes back. */
	feed(&f, stream, units[3].at + 5);
	for (i = 0; i < 3; i++)
		assert_int_equal(lwl_frame_next(&f, &msg, &len, NULL), 1);
	for (at = units[3].at + 5;;) {
		uint8_t *p = lwl_frame_room(&f, &room);
		uint32_t piece = 1 + chance(5000);

		assert_non_null(p);
		if (room == 0)
			break;
		if (piece > room)
			piece = (uint32_t)room;
		if (piece > stream_size - at)
			piece = stream_size - at;
		if (piece == 0)
			break;
		memcpy(p, stream + at, piece);
		lwl_frame_fill(&f, piece);
		at += piece;
	}
	assert_int_equal(at, units[3].at + SMALLEST < stream_size ? units[3].at + SMALLEST
								  : stream_size);
	for (i = 3; lwl_frame_next(&f, &msg, &len, NULL) == 1; i++) {
		assert_int_equal(len, units[i].padded);
		assert_memory_equal(msg, stream + units[i].at, len);
	}
	assert_int_equal(lwl_frame_pending(&f), at - (i == unit_count ? stream_size : units[i].at));
	lwl_frame_fini(&f);
}

/* ---- PADs ---- */

static void test_pads_only(void **state)
{
	struct reception r = begin(SMALLEST);
	uint32_t length;

	(void)state;
	for (length = 16; length < 120; length++)
		put_pad(length);
	put_pad(65535);
	put_pad(65528);
	for (length = 1; length <= stream_size; length += length < 9000 ? 1 : 4093)
		feed_to(&r, length);
	feed_to(&r, stream_size);
	assert_int_equal(lwl_frame_pending(&r.f), 0);
	end(&r);
}

/* Whatever differs from a PAD in one bit of linkid or command is a message. */
static void test_nearly_pads(void **state)
{
	struct reception r = begin(SMALLEST);
	uint32_t bit;

	(void)state;
	for (bit = 0; bit < 64; bit++)
		put(16 + bit, UINT64_C(1) << bit, 0);
	for (bit = 0; bit < 16; bit++)
		put(16 + bit, 0, (uint16_t)(1u << bit));
	feed_to(&r, stream_size);
	end(&r);
}

/* ---- mistakes ---- */

/* The next message is wrong, is said to be so every time, and stays. */
static void expect_bad(struct lwl_frame *f, enum lwl_bad bad, uint32_t offset)
{
	const uint8_t *msg;
	uint32_t len, pending, i;

	for (i = 0; i < 2; i++) {
		struct lwl_error err;

		memset(&err, 0x55, sizeof err);
		assert_int_equal(lwl_frame_next(f, &msg, &len, &err), -LWL_EMALFORMED);
		pending = lwl_frame_pending(f);
		assert_int_equal(err.bad, bad);
		assert_int_equal(err.offset, offset);
		assert_int_equal(err.depth, 0);
		assert_null(err.detail.data);
		assert_int_equal(err.detail.len, 0);
		assert_int_equal(lwl_frame_next(f, &msg, &len, NULL), -LWL_EMALFORMED);
		assert_int_equal(lwl_frame_pending(f), pending);
	}
}

/* Known with the header's last byte, on messages and on PADs, first or later. */
static void test_wrong_lengths(void **state)
{
	uint32_t length, kind, before;

	(void)state;
	for (length = 0; length < 16; length++)
		for (kind = 0; kind < 2; kind++)
			for (before = 0; before < 3; before++) {
				struct reception r = begin(SMALLEST);
				uint8_t *p;

				unit_count = stream_size = 0;
				if (before > 0)
					put_message(21);
				if (before > 1)
					put_pad(21);
				p = put(16, kind, 0);
				feed_to(&r, stream_size - 16);
				unit_count--;
				stream_size -= 16;
				lwl_store16(p + 14, (uint16_t)length);
				assert_int_equal(feed(&r.f, p, 15), 15);
				r.arrived += 15;
				drain(&r);
				assert_int_equal(feed(&r.f, p + 15, 1), 1);
				expect_bad(&r.f, LWL_BAD_LENGTH, 14);
				assert_int_equal(lwl_frame_pending(&r.f), 16);
				lwl_frame_fini(&r.f);
			}
}

static void expect_as_check(uint32_t padded, uint32_t offset)
{
	struct lwl_error err;

	assert_int_equal(lwl_message_check(stream, padded, &err), -LWL_EMALFORMED);
	assert_int_equal(err.bad, LWL_BAD_PADDING);
	assert_int_equal(err.offset, offset);
}

/* Each bit of each padding byte, with and without others behind it. */
static void test_wrong_padding(void **state)
{
	uint32_t length, at, bit, more;

	(void)state;
	for (length = 17; length <= 65535; length += length == 40 ? 65535 - 47 : 1) {
		uint32_t padded = (length + 7) / 8 * 8;

		unit_count = stream_size = 0;
		put(length, 7, 0);
		if (length >= 20) {	/* one leaf, so that all of it is a good message */
			lwl_store16(stream + 16, 1);
			lwl_store16(stream + 18, (uint16_t)(length - 16));
		}
		for (at = length; at < padded; at++)
			for (bit = 0; bit < 8; bit++)
				for (more = 0; more < 2; more++) {
					struct reception r = begin(SMALLEST);

					memset(stream + length, 0, padded - length);
					if (more)
						memset(stream + at, 0x80, padded - at);
					stream[at] = (uint8_t)(1u << bit);
					/* Not seen before the message is whole. */
					feed_to(&r, padded - 1);
					feed(&r.f, stream + padded - 1, 1);
					expect_bad(&r.f, LWL_BAD_PADDING, at);
					assert_int_equal(lwl_frame_pending(&r.f), padded);
					if (length >= 20)
						expect_as_check(padded, at);
					lwl_frame_fini(&r.f);
				}
	}
}

/* The bytes of the next message are no padding of this one. */
static void test_next_is_no_padding(void **state)
{
	struct reception r = begin(SMALLEST);
	uint32_t length;

	(void)state;
	for (length = 16; length <= 48; length++) {
		uint8_t *p = put(length, UINT64_MAX, 0xffff);

		memset(p + 16, 0xff, length - 16);
	}
	feed_to(&r, stream_size);
	end(&r);
}

/* ---- pins ---- */

struct pin {
	struct lwl_chunk *chunk;
	const uint8_t *msg;
	uint32_t len, at;		/* in the stream */
};

enum { PINS = 12 };

static struct pin pins[PINS];
static uint32_t pin_count;

static void check_pin(const struct pin *p)
{
	assert_memory_equal(p->msg, stream + p->at, p->len);
}

static void drop_pin(uint32_t i, struct lwl_frame *f)
{
	check_pin(&pins[i]);
	lwl_chunk_unpin(pins[i].chunk, f);
	pins[i] = pins[--pin_count];
}

/* How many chunks are pinned and not the current one. */
static uint32_t pinned_chunks(const struct lwl_frame *f)
{
	uint32_t i, k, count = 0;

	for (i = 0; i < pin_count; i++) {
		for (k = 0; k < i && pins[k].chunk != pins[i].chunk; k++)
			;
		count += k == i && pins[i].chunk != f->chunk;
	}
	return count;
}

static void check_chunks(const struct lwl_frame *f)
{
	assert_int_equal(f->pinned, pinned_chunks(f));
	assert_int_equal(live, f->pinned + (f->chunk != NULL) + (f->spare != NULL));
}

/* The stream over and over, in pieces by chance; pins and resets by chance. */
static void flow(uint32_t seed, uint64_t bytes, uint32_t most_pins)
{
	struct lwl_frame f;
	uint32_t at = 0, i = 0;
	uint64_t flown = 0;

	chance_state = seed;
	pin_count = 0;
	lwl_frame_init(&f, SMALLEST + 8 * chance(3) * chance(20000));
	while (flown < bytes) {
		uint32_t piece = 1 + chance(2u << chance(18)), len;
		const uint8_t *msg;

		if (piece > stream_size - at)
			piece = stream_size - at;
		piece = feed(&f, stream + at, piece);
		at += piece;
		flown += piece;
		while (lwl_frame_next(&f, &msg, &len, NULL) == 1) {
			for (; units[i].pad; i++)
				;
			assert_int_equal(len, units[i].padded);
			assert_int_equal(lwl_load64(msg + 8), lwl_load64(stream + units[i].at + 8));
			if (pin_count < most_pins && chance(20) == 0)
				pins[pin_count++] = (struct pin){ lwl_frame_pin(&f), msg, len,
								  units[i].at };
			i++;
		}
		if (at == stream_size) {
			assert_int_equal(lwl_frame_pending(&f), 0);
			at = i = 0;
		} else if (chance(200) == 0) {
			lwl_frame_reset(&f);
			assert_int_equal(lwl_frame_pending(&f), 0);
			assert_int_equal(lwl_frame_next(&f, &msg, &len, NULL), 0);
			at = i = 0;
		}
		for (len = 0; len < pin_count; len++)
			if (chance(30) == 0)
				drop_pin(len, &f);
		check_chunks(&f);
	}
	/* Half of the pins before the frame goes, half behind. */
	while (pin_count > most_pins / 2)
		drop_pin(pin_count - 1, &f);
	check_chunks(&f);
	lwl_frame_fini(&f);
	while (pin_count > 0)
		drop_pin(0, NULL);
	assert_int_equal(live, 0);
}

static void test_pins_by_chance(void **state)
{
	uint32_t seed, i;

	(void)state;
	for (i = 0; i < 150; i++)
		put_message(16 + chance(2u << chance(15)));
	put_pad(100);
	put_large();
	for (seed = 1; seed <= 24; seed++)
		flow(seed, 8 << 20, seed % (PINS + 1));
}

/* One message is kept while a gigabyte goes by: two chunks and one spare at most. */
static void test_pinned_for_long(void **state)
{
	struct lwl_frame f;
	struct lwl_chunk *chunk;
	const uint8_t *msg, *kept;
	uint64_t flown = 0;
	uint32_t len;

	(void)state;
	put_message(1000);
	put_large();
	lwl_frame_init(&f, 262144);
	feed(&f, stream, units[1].at);
	assert_int_equal(lwl_frame_next(&f, &kept, &len, NULL), 1);
	chunk = lwl_frame_pin(&f);
	while (flown < 1 << 30) {
		uint32_t at = units[1].at;

		while (at < stream_size) {
			at += feed(&f, stream + at, stream_size - at);
			while (lwl_frame_next(&f, &msg, &len, NULL) == 1)
				flown += len;
		}
	}
	assert_int_equal(live, 2);
	assert_int_equal(f.pinned, 1);
	assert_memory_equal(kept, stream, 1000);
	lwl_chunk_unpin(chunk, &f);
	assert_int_equal(f.pinned, 0);
	assert_ptr_equal(f.spare, chunk);
	lwl_frame_fini(&f);
}

/* The frame comes and goes around the pins. */
static void test_spare(void **state)
{
	struct lwl_frame f;
	struct lwl_chunk *chunks[4];
	const uint8_t *msg;
	uint32_t len, i;

	(void)state;
	put_message(65535);
	lwl_frame_init(&f, SMALLEST);
	for (i = 0; i < 4; i++) {
		/* A second one begins, and leaves less room than another would need. */
		feed(&f, stream, stream_size);
		assert_int_equal(lwl_frame_next(&f, &msg, &len, NULL), 1);
		chunks[i] = lwl_frame_pin(&f);
		feed(&f, stream, 16);
		assert_int_equal(lwl_frame_next(&f, &msg, &len, NULL), 0);
		assert_ptr_equal(lwl_frame_pin(&f), chunks[i]);
		assert_int_equal(f.pinned, i);
		assert_int_equal(live, i + 1);
		/* What is incomplete goes along to the new chunk. */
		assert_int_equal(feed(&f, stream + 16, stream_size - 16), stream_size - 16);
		assert_int_equal(f.pinned, i + 1);
		assert_int_equal(lwl_frame_next(&f, &msg, &len, NULL), 1);
		assert_memory_equal(msg, stream, stream_size);
	}
	for (i = 0; i < 4; i++) {
		lwl_chunk_unpin(chunks[i], &f);
		assert_int_equal(f.pinned, 4 - i);
		lwl_chunk_unpin(chunks[i], &f);
		assert_int_equal(f.pinned, 3 - i);
		assert_ptr_equal(f.spare, chunks[0]);
		assert_int_equal(live, 5 - i);
	}
	lwl_frame_fini(&f);
}

/* The current chunk stays the frame's when its pin goes, and is used from its start again. */
static void test_pin_current(void **state)
{
	struct lwl_frame f;
	struct lwl_chunk *chunk;
	const uint8_t *first, *msg;
	uint32_t len;

	(void)state;
	put_message(40);
	lwl_frame_init(&f, SMALLEST);
	feed(&f, stream, stream_size);
	assert_int_equal(lwl_frame_next(&f, &first, &len, NULL), 1);
	chunk = lwl_frame_pin(&f);
	feed(&f, stream, stream_size);
	assert_int_equal(lwl_frame_next(&f, &msg, &len, NULL), 1);
	assert_ptr_equal(msg, first + 40);
	assert_int_equal(f.pinned, 0);
	lwl_chunk_unpin(chunk, &f);
	assert_int_equal(f.pinned, 0);
	feed(&f, stream, stream_size);
	assert_int_equal(lwl_frame_next(&f, &msg, &len, NULL), 1);
	assert_ptr_equal(msg, first);
	assert_null(f.spare);
	assert_int_equal(live, 1);

	/* Pinned when the frame goes: the chunk goes with the pin. */
	chunk = lwl_frame_pin(&f);
	lwl_frame_fini(&f);
	assert_int_equal(live, 1);
	assert_memory_equal(first, stream, stream_size);
	lwl_chunk_unpin(chunk, NULL);
}

/* ---- reset and no memory ---- */

/* Wherever the old connection broke off, the new one begins well; pins stay. */
static void test_reset(void **state)
{
	uint32_t cut, pinned;

	(void)state;
	put_message(29);
	put_message(50);
	put_pad(21);
	put_message(16);
	for (cut = 0; cut <= stream_size; cut++)
		for (pinned = 0; pinned < 2; pinned++) {
			struct reception r = begin(SMALLEST);
			struct lwl_chunk *chunk = NULL;
			const uint8_t *start;

			feed_to(&r, units[1].at);
			start = r.f.data;
			if (pinned)
				chunk = lwl_frame_pin(&r.f);
			if (cut > units[1].at)
				feed_to(&r, cut);
			lwl_frame_reset(&r.f);
			r.arrived = stream_size;
			r.consumed = unit_count;
			drain(&r);
			r.arrived = r.consumed = 0;
			feed_to(&r, stream_size);
			if (pinned) {
				assert_memory_equal(start, stream, units[1].at);
				lwl_chunk_unpin(chunk, &r.f);
			}
			assert_int_equal(live, 1);
			end(&r);
		}
}

/* A reset at the very end of a pinned chunk. */
static void test_reset_full(void **state)
{
	struct reception r = begin(SMALLEST);
	struct lwl_chunk *chunk;

	(void)state;
	put_message(65535);
	put_message(65535);
	feed_to(&r, 65536);
	chunk = lwl_frame_pin(&r.f);
	feed_to(&r, 131072 - 1);
	assert_int_equal(r.f.pinned, 0);
	lwl_frame_reset(&r.f);
	r.arrived = r.consumed = 0;
	feed_to(&r, stream_size);
	assert_int_equal(r.f.pinned, 1);
	lwl_chunk_unpin(chunk, &r.f);
	end(&r);
}

static void test_no_memory(void **state)
{
	struct reception r = begin(SMALLEST);
	struct lwl_chunk *chunk;
	struct lwl_frame before;
	size_t room = 1;

	(void)state;
	put_message(65535);
	put_message(65535);
	put_message(65535);
	no_memory = true;
	assert_null(lwl_frame_room(&r.f, &room));
	assert_int_equal(room, 0);
	no_memory = false;
	feed_to(&r, 65536 + 100);
	chunk = lwl_frame_pin(&r.f);

	before = r.f;
	no_memory = true;
	assert_null(lwl_frame_room(&r.f, &room));
	assert_memory_equal(&before, &r.f, sizeof before);
	no_memory = false;
	feed_to(&r, stream_size);
	lwl_chunk_unpin(chunk, &r.f);
	/* Now there is a spare one, and no memory is needed. */
	chunk = lwl_frame_pin(&r.f);
	no_memory = true;
	r.arrived = r.consumed = 0;
	feed_to(&r, stream_size);
	no_memory = false;
	lwl_chunk_unpin(chunk, &r.f);
	end(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin_stream, end_stream)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing), TEST(whole), TEST(every_size), TEST(byte_by_byte), TEST(cut_once),
		TEST(cut_twice), TEST(cut_large), TEST(cut_by_chance),
		TEST(room_without_consuming), TEST(pads_only), TEST(nearly_pads),
		TEST(wrong_lengths), TEST(wrong_padding), TEST(next_is_no_padding),
		TEST(pins_by_chance), TEST(pinned_for_long), TEST(spare), TEST(pin_current),
		TEST(reset), TEST(reset_full), TEST(no_memory)
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
