/*
 * protobuf-c: structs held ready; reading takes its memory from an allocator that only moves a
 * pointer and is emptied before each message.
 */
#include <stdlib.h>

#include "bench.h"
#include "bench.pb-c.h"

enum { ARENA_SIZE = 1 << 20, ARENA_ALIGN = 16 };

const struct bench_peer *bench_peer_protobuf_c(void);

static struct samples values;
static BenchPb__Stat stats[SAMPLES];
static BenchPb__Entry entries[SAMPLES];
static BenchPb__Entry *entry_pointers[SAMPLES];
static BenchPb__Page page;
static BenchPb__Write small, large;
static _Alignas(ARENA_ALIGN) uint8_t arena[ARENA_SIZE];
static size_t arena_used;

static void *arena_alloc(void *unused, size_t size)
{
	void *p = arena + arena_used;

	(void)unused;
	if (size > ARENA_SIZE - ARENA_ALIGN - arena_used)
		return NULL;
	arena_used += (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	return p;
}

static void arena_free(void *unused, void *p)
{
	(void)unused;
	(void)p;
}

static ProtobufCAllocator allocator = { arena_alloc, arena_free, NULL };

static void prepare(const struct samples *samples)
{
	values = *samples;
	bench_pb__page__init(&page);
	for (size_t i = 0; i < SAMPLES; i++) {
		struct sample_entry *e = &values.entries[i];

		bench_pb__stat__init(&stats[i]);
#define SET(name, lane) stats[i].name = e->stat.name;
		STAT_FIELDS(SET)
#undef SET
		bench_pb__entry__init(&entries[i]);
		entries[i].name.data = (uint8_t *)e->name;
		entries[i].name.len = e->name_len;
		entries[i].stat = &stats[i];
		entry_pointers[i] = &entries[i];
	}
	page.n_entries = SAMPLES;
	page.entries = entry_pointers;
	bench_pb__write__init(&small);
	small.offset = values.offset;
	small.data.data = values.data;
	large = small;
	small.data.len = WRITE_SMALL;
	large.data.len = WRITE_LARGE;
}

ALWAYS_INLINE void sum_stat(bool deep, struct bench_sum *sum, const BenchPb__Stat *stat)
{
#define FOLD(name, lane) fold(deep, sum, lane, (uint64_t)stat->name);
	STAT_FIELDS(FOLD)
#undef FOLD
}

static struct bench_bytes stat_put(uint8_t *out, uint32_t i)
{
	return (struct bench_bytes){ out, bench_pb__stat__pack(&stats[i], out) };
}

ALWAYS_INLINE uint64_t stat_get(bool deep, struct bench_bytes in)
{
	struct bench_sum sum = { { 0 } };
	const BenchPb__Stat *stat;

	arena_used = 0;
	stat = bench_pb__stat__unpack(&allocator, in.len, in.data);
	if (stat == NULL)
		abort();
	sum_stat(deep, &sum, stat);
	return total(&sum);
}

static struct bench_bytes page_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return (struct bench_bytes){ out, bench_pb__page__pack(&page, out) };
}

ALWAYS_INLINE uint64_t page_get(bool deep, struct bench_bytes in)
{
	const BenchPb__Page *read;
	struct bench_sum sum = { { 0 } };

	arena_used = 0;
	read = bench_pb__page__unpack(&allocator, in.len, in.data);
	if (read == NULL)
		abort();
	for (size_t i = 0; i < read->n_entries; i++) {
		const BenchPb__Entry *e = read->entries[i];

		fold_bytes(deep, &sum, e->name.data, e->name.len);
		sum_stat(deep, &sum, e->stat);
	}
	return total(&sum);
}

static struct bench_bytes small_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return (struct bench_bytes){ out, bench_pb__write__pack(&small, out) };
}

static struct bench_bytes large_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return (struct bench_bytes){ out, bench_pb__write__pack(&large, out) };
}

ALWAYS_INLINE uint64_t write_get(bool deep, struct bench_bytes in)
{
	const BenchPb__Write *read;

	arena_used = 0;
	read = bench_pb__write__unpack(&allocator, in.len, in.data);
	if (read == NULL)
		abort();
	return write_total(deep, read->offset, read->data.data, read->data.len);
}

DEFINE_OP(stat)
DEFINE_OP(page)
DEFINE_ENCODE(small)
DEFINE_ENCODE(large)
DEFINE_DECODE(write)

const struct bench_peer *bench_peer_protobuf_c(void)
{
	static const struct bench_peer peer = {
		"protobuf-c", prepare, NULL,
		{
			OP(stat), OP(stat), OP(page),
			{ small_encode, write_decode, write_deep },
			{ large_encode, write_decode, write_deep },
		}
	};

	return &peer;
}
