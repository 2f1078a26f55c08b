/* nanopb: structs of fixed size, held ready and used again; no callbacks. */
#include <stdlib.h>
#include <string.h>

#include <pb_decode.h>
#include <pb_encode.h>

#include "bench.h"
#include "bench.pb.h"

const struct bench_peer *bench_peer_nanopb(void);

static bench_pb_Stat stats[SAMPLES], read_stat;
static bench_pb_Page page, read_page;
static bench_pb_Write small, large, read_write;

static void prepare(const struct samples *samples)
{
	page.entries_count = SAMPLES;
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample_entry *e = &samples->entries[i];

#define SET(name, lane) stats[i].name = e->stat.name;
		STAT_FIELDS(SET)
#undef SET
		page.entries[i].name.size = e->name_len;
		memcpy(page.entries[i].name.bytes, e->name, e->name_len);
		page.entries[i].has_stat = true;
		page.entries[i].stat = stats[i];
	}
	small.offset = samples->offset;
	small.data.size = WRITE_SMALL;
	memcpy(small.data.bytes, samples->data, WRITE_SMALL);
	large.offset = samples->offset;
	large.data.size = WRITE_LARGE;
	memcpy(large.data.bytes, samples->data, WRITE_LARGE);
}

ALWAYS_INLINE void sum_stat(bool deep, struct bench_sum *sum, const bench_pb_Stat *stat)
{
#define FOLD(name, lane) fold(deep, sum, lane, (uint64_t)stat->name);
	STAT_FIELDS(FOLD)
#undef FOLD
}

static struct bench_bytes put(uint8_t *out, const pb_msgdesc_t *fields, const void *message)
{
	pb_ostream_t stream = pb_ostream_from_buffer(out, MESSAGE_ROOM);

	if (!pb_encode(&stream, fields, message))
		abort();
	return (struct bench_bytes){ out, stream.bytes_written };
}

static void get(void *message, const pb_msgdesc_t *fields, struct bench_bytes in)
{
	pb_istream_t stream = pb_istream_from_buffer(in.data, in.len);

	if (!pb_decode(&stream, fields, message))
		abort();
}

static struct bench_bytes stat_put(uint8_t *out, uint32_t i)
{
	return put(out, bench_pb_Stat_fields, &stats[i]);
}

ALWAYS_INLINE uint64_t stat_get(bool deep, struct bench_bytes in)
{
	struct bench_sum sum = { { 0 } };

	get(&read_stat, bench_pb_Stat_fields, in);
	sum_stat(deep, &sum, &read_stat);
	return total(&sum);
}

static struct bench_bytes page_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return put(out, bench_pb_Page_fields, &page);
}

ALWAYS_INLINE uint64_t page_get(bool deep, struct bench_bytes in)
{
	struct bench_sum sum = { { 0 } };

	get(&read_page, bench_pb_Page_fields, in);
	for (size_t i = 0; i < read_page.entries_count; i++) {
		const bench_pb_Entry *e = &read_page.entries[i];

		fold_bytes(deep, &sum, e->name.bytes, e->name.size);
		sum_stat(deep, &sum, &e->stat);
	}
	return total(&sum);
}

static struct bench_bytes small_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return put(out, bench_pb_Write_fields, &small);
}

static struct bench_bytes large_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return put(out, bench_pb_Write_fields, &large);
}

ALWAYS_INLINE uint64_t write_get(bool deep, struct bench_bytes in)
{
	get(&read_write, bench_pb_Write_fields, in);
	return write_total(deep, read_write.offset, read_write.data.bytes,
			  read_write.data.size);
}

DEFINE_OP(stat)
DEFINE_OP(page)
DEFINE_ENCODE(small)
DEFINE_ENCODE(large)
DEFINE_DECODE(write)

const struct bench_peer *bench_peer_nanopb(void)
{
	static const struct bench_peer peer = {
		"nanopb", prepare, NULL,
		{
			OP(stat), OP(stat), OP(page),
			{ small_encode, write_decode, write_deep },
			{ large_encode, write_decode, write_deep },
		}
	};

	return &peer;
}
