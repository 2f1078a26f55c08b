/*
 * The floor: packed structs copied by memcpy behind a header like lwlink's, into what is sent and
 * out of what was received.  Nothing is checked.  Names stand in a fixed field of 23 bytes, so that
 * a page is one copy; the second peer writes them at their length, which is the floor of the bytes.
 */
#include <string.h>

#include "bench.h"

struct header {
	uint64_t linkid;
	uint32_t msgid;
	uint16_t command, length;
};

struct packed_stat {
	struct header header;
	struct sample_stat stat;
};

struct packed_page {
	struct header header;
	struct sample_entry entries[SAMPLES];
};

struct packed_write {
	struct header header;
	uint64_t offset;
	uint8_t data[WRITE_LARGE];
};

_Static_assert(sizeof(struct packed_stat) == 16 + 80, "no holes");
_Static_assert(sizeof(struct packed_page) == 16 + SAMPLES * (80 + 1 + NAME_ROOM), "no holes");
_Static_assert(offsetof(struct packed_write, data) == 16 + 8, "no holes");

/* An entry of the second peer, without the bytes of its name. */
enum { ENTRY_HEAD = offsetof(struct sample_entry, name) };

const struct bench_peer *bench_peer_packed(void);
const struct bench_peer *bench_peer_tight(void);

static struct packed_stat stats[SAMPLES];
static struct packed_page page;
static struct packed_write small, large;

static void prepare(const struct samples *samples)
{
	struct header header = { 5, 1, 1, 0 };

	for (size_t i = 0; i < SAMPLES; i++) {
		stats[i].header = header;
		stats[i].stat = samples->entries[i].stat;
	}
	page.header = header;
	memcpy(page.entries, samples->entries, sizeof page.entries);
	small.header = header;
	small.offset = samples->offset;
	memcpy(small.data, samples->data, WRITE_SMALL);
	large.header = header;
	large.offset = samples->offset;
	memcpy(large.data, samples->data, WRITE_LARGE);
}

ALWAYS_INLINE void sum_stat(bool deep, struct bench_sum *sum, const struct sample_stat *stat)
{
#define FOLD(name, lane) fold(deep, sum, lane, (uint64_t)stat->name);
	STAT_FIELDS(FOLD)
#undef FOLD
}

static struct bench_bytes stat_put(uint8_t *out, uint32_t i)
{
	memcpy(out, &stats[i], sizeof stats[i]);
	return (struct bench_bytes){ out, sizeof stats[i] };
}

ALWAYS_INLINE uint64_t stat_get(bool deep, struct bench_bytes in)
{
	struct bench_sum sum = { { 0 } };
	struct packed_stat v;

	memcpy(&v, in.data, sizeof v);
	__asm__ volatile("" : "+m"(v));
	sum_stat(deep, &sum, &v.stat);
	return total(&sum);
}

static struct bench_bytes page_put(uint8_t *out, uint32_t i)
{
	(void)i;
	memcpy(out, &page, sizeof page);
	return (struct bench_bytes){ out, sizeof page };
}

ALWAYS_INLINE uint64_t page_get(bool deep, struct bench_bytes in)
{
	static struct packed_page v;
	struct bench_sum sum = { { 0 } };

	memcpy(&v, in.data, sizeof v);
	__asm__ volatile("" : "+m"(v));
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample_entry *e = &v.entries[i];

		fold_bytes(deep, &sum, e->name, e->name_len);
		sum_stat(deep, &sum, &e->stat);
	}
	return total(&sum);
}

static struct bench_bytes tight_put(uint8_t *out, uint32_t i)
{
	uint8_t *p = out;

	(void)i;
	memcpy(p, &page.header, sizeof page.header);
	p += sizeof page.header;
	for (size_t k = 0; k < SAMPLES; k++) {
		const struct sample_entry *e = &page.entries[k];

		memcpy(p, e, ENTRY_HEAD);
		memcpy(p + ENTRY_HEAD, e->name, e->name_len);
		p += (size_t)ENTRY_HEAD + e->name_len;
	}
	return (struct bench_bytes){ out, (size_t)(p - out) };
}

ALWAYS_INLINE uint64_t tight_get(bool deep, struct bench_bytes in)
{
	const uint8_t *p = in.data + sizeof(struct header);
	struct bench_sum sum = { { 0 } };

	for (size_t k = 0; k < SAMPLES; k++) {
		struct sample_entry e;

		memcpy(&e, p, ENTRY_HEAD);
		__asm__ volatile("" : "+m"(e));
		fold_bytes(deep, &sum, p + ENTRY_HEAD, e.name_len);
		sum_stat(deep, &sum, &e.stat);
		p += (size_t)ENTRY_HEAD + e.name_len;
	}
	return total(&sum);
}

ALWAYS_INLINE struct bench_bytes write_put(uint8_t *out, const struct packed_write *v, size_t size)
{
	size += offsetof(struct packed_write, data);
	memcpy(out, v, size);
	return (struct bench_bytes){ out, size };
}

static struct bench_bytes small_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return write_put(out, &small, WRITE_SMALL);
}

static struct bench_bytes large_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return write_put(out, &large, WRITE_LARGE);
}

/* The payload is read where it is, as by a codec that hands out views. */
ALWAYS_INLINE uint64_t write_get(bool deep, struct bench_bytes in)
{
	const size_t head = offsetof(struct packed_write, data);
	uint64_t offset;

	memcpy(&offset, in.data + offsetof(struct packed_write, offset), sizeof offset);
	return write_total(deep, offset, in.data + head, in.len - head);
}

DEFINE_OP(stat)
DEFINE_OP(page)
DEFINE_OP(tight)
DEFINE_ENCODE(small)
DEFINE_ENCODE(large)
DEFINE_DECODE(write)

const struct bench_peer *bench_peer_packed(void)
{
	static const struct bench_peer peer = {
		"packed", prepare, NULL,
		{
			OP(stat), OP(stat), OP(page),
			{ small_encode, write_decode, write_deep },
			{ large_encode, write_decode, write_deep },
		}
	};

	return &peer;
}

const struct bench_peer *bench_peer_tight(void)
{
	static const struct bench_peer peer = {
		"packed, tight", prepare, NULL, { NO_OP, NO_OP, OP(tight), NO_OP, NO_OP }
	};

	return &peer;
}
