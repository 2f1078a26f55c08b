/*
 * protobuf C++: message objects held ready, written by one call each, and read into objects that
 * are used again, so that their memory is there already.
 */
#include <cstdlib>

#include "bench.h"
#include "bench.pb.h"

extern "C" const struct bench_peer *bench_peer_protobuf(void);

namespace {

struct messages {
	bench_pb::Stat stats[SAMPLES], stat;
	bench_pb::Page page, read_page;
	bench_pb::Write small, large, read_write;
};

struct messages *m;

void set_stat(bench_pb::Stat *out, const struct sample_stat &in)
{
#define SET(name, lane) out->set_##name(in.name);
	STAT_FIELDS(SET)
#undef SET
}

void prepare(const struct samples *samples)
{
	static struct messages messages;

	m = &messages;
	m->page.Clear();
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample_entry &e = samples->entries[i];
		bench_pb::Entry *entry = m->page.add_entries();

		set_stat(&m->stats[i], e.stat);
		entry->set_name(e.name, e.name_len);
		set_stat(entry->mutable_stat(), e.stat);
	}
	m->small.set_offset(samples->offset);
	m->small.set_data(samples->data, WRITE_SMALL);
	m->large.set_offset(samples->offset);
	m->large.set_data(samples->data, WRITE_LARGE);
}

template <typename T> ALWAYS_INLINE bench_bytes serialized(uint8_t *out, const T &message)
{
	size_t size = message.ByteSizeLong();

	message.SerializeWithCachedSizesToArray(out);
	return { out, size };
}

template <typename T> ALWAYS_INLINE void parse(T *message, bench_bytes in)
{
	if (!message->ParseFromArray(in.data, static_cast<int>(in.len)))
		abort();
}

ALWAYS_INLINE void sum_stat(bool deep, struct bench_sum *sum, const bench_pb::Stat &stat)
{
#define FOLD(name, lane) fold(deep, sum, lane, static_cast<uint64_t>(stat.name()));
	STAT_FIELDS(FOLD)
#undef FOLD
}

bench_bytes stat_put(uint8_t *out, uint32_t i)
{
	return serialized(out, m->stats[i]);
}

ALWAYS_INLINE uint64_t stat_get(bool deep, bench_bytes in)
{
	struct bench_sum sum = { { 0 } };

	parse(&m->stat, in);
	sum_stat(deep, &sum, m->stat);
	return total(&sum);
}

bench_bytes page_put(uint8_t *out, uint32_t)
{
	return serialized(out, m->page);
}

ALWAYS_INLINE uint64_t page_get(bool deep, bench_bytes in)
{
	struct bench_sum sum = { { 0 } };

	parse(&m->read_page, in);
	for (const auto &entry : m->read_page.entries()) {
		fold_bytes(deep, &sum, entry.name().data(), entry.name().size());
		sum_stat(deep, &sum, entry.stat());
	}
	return total(&sum);
}

bench_bytes small_put(uint8_t *out, uint32_t)
{
	return serialized(out, m->small);
}

bench_bytes large_put(uint8_t *out, uint32_t)
{
	return serialized(out, m->large);
}

ALWAYS_INLINE uint64_t write_get(bool deep, bench_bytes in)
{
	parse(&m->read_write, in);
	return write_total(deep, m->read_write.offset(), m->read_write.data().data(),
			  m->read_write.data().size());
}

DEFINE_OP(stat)
DEFINE_OP(page)
DEFINE_ENCODE(small)
DEFINE_ENCODE(large)
DEFINE_DECODE(write)

const struct bench_peer peer = {
	"protobuf C++", prepare, nullptr,
	{
		OP(stat), OP(stat), OP(page),
		{ small_encode, write_decode, write_deep },
		{ large_encode, write_decode, write_deep },
	}
};

}

const struct bench_peer *bench_peer_protobuf(void)
{
	return &peer;
}
