/*
 * lwlink.  The message structs are held ready, as a program does that fills them where it finds the
 * values; the second peer fills them from the program's own structs each time.  The third hands the
 * payload on by reference.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench.lwl.h"

enum { SLICES = 4, THRESHOLD = 1024, LINKID = 5, MSGID = 1 };

const struct bench_peer *bench_peer_lwlink(void);
const struct bench_peer *bench_peer_filled(void);
const struct bench_peer *bench_peer_reference(void);

static struct samples values;
static struct bench_node_getattr_rsp stats[SAMPLES];
static struct bench_node_items_rsp items[SAMPLES];
static struct bench_entry entries[SAMPLES];
static struct bench_node_readdir_rsp page;
static struct bench_node_write_req small, large;
static struct lwl_slice slices[SLICES];
static struct lwl_writer by_reference;

ALWAYS_INLINE void fill_stat(struct bench_stat *out, const struct sample_stat *in)
{
#define SET(name, lane) out->name = in->name;
	STAT_FIELDS(SET)
#undef SET
}

ALWAYS_INLINE void fill_items(struct bench_node_items_rsp *out, const struct sample_stat *in)
{
#define SET(name, lane) out->name = in->name;
	STAT_FIELDS(SET)
#undef SET
}

ALWAYS_INLINE void fill_page(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample_entry *e = &values.entries[i];

		entries[i].name = lwl_bytes_of(e->name, e->name_len);
		fill_stat(&entries[i].stat, &e->stat);
	}
	page.entries = lwl_seq_of(entries, SAMPLES);
}

static void prepare(const struct samples *samples)
{
	values = *samples;
	for (size_t i = 0; i < SAMPLES; i++) {
		fill_stat(&stats[i].stat, &values.entries[i].stat);
		fill_items(&items[i], &values.entries[i].stat);
	}
	fill_page();
	small.offset = values.offset;
	small.data = lwl_bytes_of(values.data, WRITE_SMALL);
	large.offset = values.offset;
	large.data = lwl_bytes_of(values.data, WRITE_LARGE);
}

/* After an error the size is 0, which the driver notices. */
ALWAYS_INLINE struct bench_bytes written(const struct lwl_writer *w)
{
	return (struct bench_bytes){ w->buf, lwl_writer_size(w) };
}

static struct bench_bytes stat_put(uint8_t *out, uint32_t i)
{
	struct lwl_writer w;

	lwl_writer_init(&w, out, MESSAGE_ROOM, LINKID, MSGID);
	bench_node_getattr_rsp_encode(&w, &stats[i]);
	return written(&w);
}

static struct bench_bytes filled_put(uint8_t *out, uint32_t i)
{
	struct bench_node_getattr_rsp rsp;
	struct lwl_writer w;

	fill_stat(&rsp.stat, &values.entries[i].stat);
	lwl_writer_init(&w, out, MESSAGE_ROOM, LINKID, MSGID);
	bench_node_getattr_rsp_encode(&w, &rsp);
	return written(&w);
}

static struct bench_bytes items_put(uint8_t *out, uint32_t i)
{
	struct lwl_writer w;

	lwl_writer_init(&w, out, MESSAGE_ROOM, LINKID, MSGID);
	bench_node_items_rsp_encode(&w, &items[i]);
	return written(&w);
}

static struct bench_bytes filled_items_put(uint8_t *out, uint32_t i)
{
	struct bench_node_items_rsp rsp;
	struct lwl_writer w;

	fill_items(&rsp, &values.entries[i].stat);
	lwl_writer_init(&w, out, MESSAGE_ROOM, LINKID, MSGID);
	bench_node_items_rsp_encode(&w, &rsp);
	return written(&w);
}

static struct bench_bytes page_put(uint8_t *out, uint32_t i)
{
	struct lwl_writer w;

	(void)i;
	lwl_writer_init(&w, out, MESSAGE_ROOM, LINKID, MSGID);
	bench_node_readdir_rsp_encode(&w, &page);
	return written(&w);
}

static struct bench_bytes filled_page_put(uint8_t *out, uint32_t i)
{
	fill_page();
	return page_put(out, i);
}

static struct bench_bytes small_put(uint8_t *out, uint32_t i)
{
	struct lwl_writer w;

	(void)i;
	lwl_writer_init(&w, out, MESSAGE_ROOM, LINKID, MSGID);
	bench_node_write_req_encode(&w, &small);
	return written(&w);
}

static struct bench_bytes large_put(uint8_t *out, uint32_t i)
{
	struct lwl_writer w;

	(void)i;
	lwl_writer_init(&w, out, MESSAGE_ROOM, LINKID, MSGID);
	bench_node_write_req_encode(&w, &large);
	return written(&w);
}

ALWAYS_INLINE struct bench_bytes reference_put(uint8_t *out, const struct bench_node_write_req *req)
{
	lwl_writer_init(&by_reference, out, MESSAGE_ROOM, LINKID, MSGID);
	lwl_writer_by_reference(&by_reference, slices, SLICES, THRESHOLD);
	bench_node_write_req_encode(&by_reference, req);
	return written(&by_reference);
}

static struct bench_bytes small_reference_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return reference_put(out, &small);
}

static struct bench_bytes large_reference_put(uint8_t *out, uint32_t i)
{
	(void)i;
	return reference_put(out, &large);
}

/* What writev would send. */
static struct bench_bytes gather(uint8_t *out)
{
	size_t at = 0;

	for (uint32_t i = 0; i < by_reference.slice_count; i++) {
		memcpy(out + at, slices[i].data, slices[i].len);
		at += slices[i].len;
	}
	return (struct bench_bytes){ out, at };
}

ALWAYS_INLINE void sum_stat(bool deep, struct bench_sum *sum, const struct bench_stat *stat)
{
#define FOLD(name, lane) fold(deep, sum, lane, (uint64_t)stat->name);
	STAT_FIELDS(FOLD)
#undef FOLD
}

ALWAYS_INLINE uint64_t stat_get(bool deep, struct bench_bytes in)
{
	struct bench_sum sum = { { 0 } };
	struct bench_node_getattr_rsp rsp;

	if (bench_node_getattr_rsp_decode(&rsp, in.data, in.len, NULL) != 0)
		abort();
	sum_stat(deep, &sum, &rsp.stat);
	return total(&sum);
}

ALWAYS_INLINE uint64_t items_get(bool deep, struct bench_bytes in)
{
	struct bench_node_items_rsp rsp;
	struct bench_sum sum = { { 0 } };

	if (bench_node_items_rsp_decode(&rsp, in.data, in.len, NULL) != 0)
		abort();
#define FOLD(name, lane) fold(deep, &sum, lane, (uint64_t)rsp.name);
	STAT_FIELDS(FOLD)
#undef FOLD
	return total(&sum);
}

ALWAYS_INLINE uint64_t page_get(bool deep, struct bench_bytes in)
{
	struct bench_node_readdir_rsp rsp;
	struct lwl_cursor cursor;
	struct bench_entry e;
	struct bench_sum sum = { { 0 } };

	if (bench_node_readdir_rsp_decode(&rsp, in.data, in.len, NULL) != 0)
		abort();
	cursor = lwl_cursor_of(rsp.entries);
	while (bench_entry_next(&cursor, &e)) {
		fold_bytes(deep, &sum, e.name.data, e.name.len);
		sum_stat(deep, &sum, &e.stat);
	}
	return total(&sum);
}

ALWAYS_INLINE uint64_t write_get(bool deep, struct bench_bytes in)
{
	struct bench_node_write_req req;

	if (bench_node_write_req_decode(&req, in.data, in.len, NULL) != 0)
		abort();
	return write_total(deep, req.offset, req.data.data, req.data.len);
}

DEFINE_OP(stat)
DEFINE_OP(items)
DEFINE_OP(page)
DEFINE_ENCODE(filled)
DEFINE_ENCODE(filled_items)
DEFINE_ENCODE(filled_page)
DEFINE_ENCODE(small)
DEFINE_ENCODE(large)
DEFINE_ENCODE(small_reference)
DEFINE_ENCODE(large_reference)
DEFINE_DECODE(write)

const struct bench_peer *bench_peer_lwlink(void)
{
	static const struct bench_peer peer = {
		"lwlink", prepare, NULL,
		{
			OP(stat), OP(items), OP(page),
			{ small_encode, write_decode, write_deep },
			{ large_encode, write_decode, write_deep },
		}
	};

	return &peer;
}

const struct bench_peer *bench_peer_filled(void)
{
	static const struct bench_peer peer = {
		"lwlink, filled first", prepare, NULL,
		{
			{ filled_encode, NULL, stat_deep },
			{ filled_items_encode, NULL, items_deep },
			{ filled_page_encode, NULL, page_deep },
			NO_OP, NO_OP,
		}
	};

	return &peer;
}

const struct bench_peer *bench_peer_reference(void)
{
	static const struct bench_peer peer = {
		"lwlink, by reference", prepare, gather,
		{
			NO_OP, NO_OP, NO_OP,
			{ small_reference_encode, NULL, write_deep },
			{ large_reference_encode, NULL, write_deep },
		}
	};

	return &peer;
}
