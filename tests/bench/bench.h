/*
 * The codec benchmark's common part: the values that every peer carries, how they are summed up,
 * and what a peer is.
 *
 * Both C and C++ include this.  Each peer is one file that knows one codec and nothing of the
 * others.
 */
#ifndef LWLINK_BENCH_H
#define LWLINK_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	SAMPLES = 64,			/* different attributes, and entries in a page */
	NAME_ROOM = 23,			/* the longest name among them */
	MESSAGE_ROOM = 65536,
	WRITE_SMALL = 4096,
	WRITE_LARGE = 32768
};

/* The attributes: 14 scalars of three widths, 80 bytes without holes; and fold's lane for each. */
#define STAT_FIELDS(X) \
	X(ino, 0) X(size, 1) X(blocks, 2) X(change, 3) X(atime, 0) X(mtime, 1) X(ctime, 2) \
	X(mtime_nsec, 3) X(nlink, 0) X(uid, 1) X(gid, 2) X(blksize, 3) X(type, 0) X(mode, 1)

struct sample_stat {
	uint64_t ino, size, blocks, change;
	int64_t atime, mtime, ctime;
	uint32_t mtime_nsec, nlink, uid, gid, blksize;
	uint16_t type, mode;
};

struct sample_entry {
	struct sample_stat stat;
	uint8_t name_len;
	char name[NAME_ROOM];
};

struct samples {
	struct sample_entry entries[SAMPLES];
	uint64_t offset;		/* of the write */
	uint8_t data[WRITE_LARGE];
};

/* What is measured.  GETATTR and ITEMS differ for codecs that have both forms. */
enum bench_case {
	GETATTR,
	ITEMS,
	ENTRIES,
	SMALL,				/* a write of WRITE_SMALL bytes */
	LARGE,
	CASES
};

struct bench_bytes {
	const uint8_t *data;
	size_t len;
};

/*
 * One codec and one case.  Loops are part of the peer, so that a codec made of inline functions is
 * not called through pointers.
 *
 * encode writes sample `i % SAMPLES` in round `i`, to `out` or to memory of its own, and says where
 * the last message is.  decode takes the messages `in[i % SAMPLES]`, verifies what its codec can
 * verify, reads every field, and returns the sum of all; deep does that for one message with a sum
 * that depends on every byte and on the order.
 */
struct bench_op {
	struct bench_bytes (*encode)(uint8_t *out, uint32_t rounds);
	uint64_t (*decode)(const struct bench_bytes *in, uint32_t rounds);
	uint64_t (*deep)(const struct bench_bytes *in);
};

struct bench_peer {
	const char *name;
	/* Takes the values over into what the codec's users hold them in.  Not timed. */
	void (*prepare)(const struct samples *samples);
	/* The last message in one piece, where encode leaves it in several; or NULL. */
	struct bench_bytes (*gather)(uint8_t *out);
	struct bench_op ops[CASES];	/* encode is NULL for a case that the peer has not */
};

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/*
 * What all values come to.  Four lanes, since additions that wait for each other would take longer
 * than the faster codecs.
 */
struct bench_sum {
	uint64_t lane[4];
};

/* One more value.  A deep sum depends on the order, and is all in one lane. */
ALWAYS_INLINE void fold(bool deep, struct bench_sum *sum, int lane, uint64_t v)
{
	if (deep)
		sum->lane[0] = (sum->lane[0] << 7 ^ sum->lane[0] >> 57 ^ v) * 0x9e3779b97f4a7c15u;
	else
		sum->lane[lane] += v;
}

/*
 * One more value of bytes.  When time is taken its length, first and last byte stand for it:
 * reading it all would measure this loop, and a codec that hands out views would not be told from
 * one that copies.
 */
ALWAYS_INLINE void fold_bytes(bool deep, struct bench_sum *sum, const void *data, size_t len)
{
	const uint8_t *p = (const uint8_t *)data;

	fold(deep, sum, 0, len);
	if (deep) {
		for (size_t i = 0; i < len; i++)
			fold(true, sum, 0, p[i]);
	} else if (len > 0) {
		fold(false, sum, 1, p[0]);
		fold(false, sum, 2, p[len - 1]);
	}
}

ALWAYS_INLINE uint64_t total(const struct bench_sum *sum)
{
	return sum->lane[0] + sum->lane[1] + sum->lane[2] + sum->lane[3];
}

/* A write's sum. */
ALWAYS_INLINE uint64_t write_total(bool deep, uint64_t offset, const void *data, size_t len)
{
	struct bench_sum sum = { { 0 } };

	fold(deep, &sum, 3, offset);
	fold_bytes(deep, &sum, data, len);
	return total(&sum);
}

/* The compiler must take it that memory was read and changed. */
ALWAYS_INLINE void barrier(void)
{
	__asm__ volatile("" ::: "memory");
}

/*
 * The three loops of an op, from `struct bench_bytes NAME_put(uint8_t *out, uint32_t i)` and
 * `uint64_t NAME_get(bool deep, struct bench_bytes in)`.
 */
#define DEFINE_ENCODE(NAME) \
	static struct bench_bytes NAME##_encode(uint8_t *out, uint32_t rounds) \
	{ \
		struct bench_bytes last = { NULL, 0 }; \
		\
		for (uint32_t i = 0; i < rounds; i++) { \
			last = NAME##_put(out, i % SAMPLES); \
			barrier(); \
		} \
		return last; \
	}
#define DEFINE_DECODE(NAME) \
	static uint64_t NAME##_decode(const struct bench_bytes *in, uint32_t rounds) \
	{ \
		uint64_t sum = 0; \
		\
		for (uint32_t i = 0; i < rounds; i++) { \
			sum += NAME##_get(false, in[i % SAMPLES]); \
			barrier(); \
		} \
		return sum; \
	} \
	static uint64_t NAME##_deep(const struct bench_bytes *in) \
	{ \
		return NAME##_get(true, *in); \
	}
#define DEFINE_OP(NAME) DEFINE_ENCODE(NAME) DEFINE_DECODE(NAME)
#define OP(NAME) { NAME##_encode, NAME##_decode, NAME##_deep }
#define NO_OP { NULL, NULL, NULL }

#ifdef __cplusplus
}
#endif
#endif
