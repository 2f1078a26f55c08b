/*
 * XDR as rpcgen generates it: structs held ready, and memory given beforehand for what is read, so
 * that it allocates nothing.
 */
#include <stdlib.h>

#include "bench.h"
#include "bench_xdr.h"

const struct bench_peer *bench_peer_xdr(void);

static struct samples values;
static xdr_stat_values stats[SAMPLES], read_stat;
static xdr_entry entries[SAMPLES], read_entries[SAMPLES];
static xdr_page page, read_page;
static xdr_write small, large, read_write;
static char read_names[SAMPLES][256], read_data[WRITE_LARGE];

static void prepare(const struct samples *samples)
{
	values = *samples;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct sample_entry *e = &values.entries[i];

#define SET(name, lane) stats[i].name = e->stat.name;
		STAT_FIELDS(SET)
#undef SET
		entries[i].name.name_len = e->name_len;
		entries[i].name.name_val = e->name;
		entries[i].stat = stats[i];
		read_entries[i].name.name_val = read_names[i];
	}
	page.entries.entries_len = SAMPLES;
	page.entries.entries_val = entries;
	read_page.entries.entries_val = read_entries;
	small.offset = values.offset;
	small.data.data_val = (char *)values.data;
	large = small;
	small.data.data_len = WRITE_SMALL;
	large.data.data_len = WRITE_LARGE;
	read_write.data.data_val = read_data;
}

ALWAYS_INLINE void sum_stat(bool deep, struct bench_sum *sum, const xdr_stat_values *stat)
{
#define FOLD(name, lane) fold(deep, sum, lane, (uint64_t)stat->name);
	STAT_FIELDS(FOLD)
#undef FOLD
}

/* What PUT(&xdr, value) writes to `out`. */
#define XDR_PUT(PUT, out, value) \
	do { \
		XDR xdr; \
		\
		xdrmem_create(&xdr, (char *)(out), MESSAGE_ROOM, XDR_ENCODE); \
		if (!PUT(&xdr, value)) \
			abort(); \
		return (struct bench_bytes){ out, xdr_getpos(&xdr) }; \
	} while (0)

#define XDR_GET(GET, in, value) \
	do { \
		XDR xdr; \
		\
		xdrmem_create(&xdr, (char *)(uintptr_t)(in).data, (unsigned)(in).len, XDR_DECODE); \
		if (!GET(&xdr, value)) \
			abort(); \
	} while (0)

static struct bench_bytes stat_put(uint8_t *out, uint32_t i)
{
	XDR_PUT(xdr_xdr_stat_values, out, &stats[i]);
}

ALWAYS_INLINE uint64_t stat_get(bool deep, struct bench_bytes in)
{
	struct bench_sum sum = { { 0 } };

	XDR_GET(xdr_xdr_stat_values, in, &read_stat);
	sum_stat(deep, &sum, &read_stat);
	return total(&sum);
}

static struct bench_bytes page_put(uint8_t *out, uint32_t i)
{
	(void)i;
	XDR_PUT(xdr_xdr_page, out, &page);
}

ALWAYS_INLINE uint64_t page_get(bool deep, struct bench_bytes in)
{
	struct bench_sum sum = { { 0 } };

	XDR_GET(xdr_xdr_page, in, &read_page);
	for (size_t i = 0; i < read_page.entries.entries_len; i++) {
		const xdr_entry *e = &read_page.entries.entries_val[i];

		fold_bytes(deep, &sum, e->name.name_val, e->name.name_len);
		sum_stat(deep, &sum, &e->stat);
	}
	return total(&sum);
}

static struct bench_bytes small_put(uint8_t *out, uint32_t i)
{
	(void)i;
	XDR_PUT(xdr_xdr_write, out, &small);
}

static struct bench_bytes large_put(uint8_t *out, uint32_t i)
{
	(void)i;
	XDR_PUT(xdr_xdr_write, out, &large);
}

ALWAYS_INLINE uint64_t write_get(bool deep, struct bench_bytes in)
{
	XDR_GET(xdr_xdr_write, in, &read_write);
	return write_total(deep, read_write.offset, read_write.data.data_val,
			  read_write.data.data_len);
}

DEFINE_OP(stat)
DEFINE_OP(page)
DEFINE_ENCODE(small)
DEFINE_ENCODE(large)
DEFINE_DECODE(write)

const struct bench_peer *bench_peer_xdr(void)
{
	static const struct bench_peer peer = {
		"XDR", prepare, NULL,
		{
			OP(stat), OP(stat), OP(page),
			{ small_encode, write_decode, write_deep },
			{ large_encode, write_decode, write_deep },
		}
	};

	return &peer;
}
