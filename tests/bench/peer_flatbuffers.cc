/*
 * FlatBuffers: one builder that is used again and again; its own buffer is what would be sent. 
 * Read behind its Verifier.  The attributes are a table here, and, in the second peer, a struct
 * that can never change.
 */
#include <cstdlib>

#include "bench.h"
#include "bench_generated.h"

extern "C" const struct bench_peer *bench_peer_flatbuffers(void);
extern "C" const struct bench_peer *bench_peer_flatbuffers_struct(void);

namespace {

using namespace bench_fb;

struct samples values;
flatbuffers::FlatBufferBuilder builder(MESSAGE_ROOM);

void prepare(const struct samples *samples)
{
	values = *samples;
}

ALWAYS_INLINE bench_bytes built()
{
	return { builder.GetBufferPointer(), builder.GetSize() };
}

template <typename T> ALWAYS_INLINE const T *verified(bench_bytes in)
{
	flatbuffers::Verifier verifier(in.data, in.len);

	if (!verifier.VerifyBuffer<T>(nullptr))
		abort();
	return flatbuffers::GetRoot<T>(in.data);
}

template <typename T> ALWAYS_INLINE void sum_stat(bool deep, struct bench_sum *sum, const T *stat)
{
#define FOLD(name, lane) fold(deep, sum, lane, static_cast<uint64_t>(stat->name()));
	STAT_FIELDS(FOLD)
#undef FOLD
}

ALWAYS_INLINE Fixed fixed(const struct sample_stat &s)
{
	return Fixed(s.ino, s.size, s.blocks, s.change, s.atime, s.mtime, s.ctime, s.mtime_nsec,
		     s.nlink, s.uid, s.gid, s.blksize, s.type, s.mode);
}

ALWAYS_INLINE flatbuffers::Offset<Stat> table(const struct sample_stat &s)
{
	return CreateStat(builder, s.ino, s.size, s.blocks, s.change, s.atime, s.mtime, s.ctime,
			  s.mtime_nsec, s.nlink, s.uid, s.gid, s.blksize, s.type, s.mode);
}

using Bytes = flatbuffers::Vector<uint8_t>;

ALWAYS_INLINE flatbuffers::Offset<Bytes> name_of(const struct sample_entry &e)
{
	return builder.CreateVector(reinterpret_cast<const uint8_t *>(e.name), e.name_len);
}

bench_bytes stat_put(uint8_t *, uint32_t i)
{
	builder.Clear();
	builder.Finish(table(values.entries[i].stat));
	return built();
}

ALWAYS_INLINE uint64_t stat_get(bool deep, bench_bytes in)
{
	struct bench_sum sum = { { 0 } };

	sum_stat(deep, &sum, verified<Stat>(in));
	return total(&sum);
}

bench_bytes fixed_put(uint8_t *, uint32_t i)
{
	Fixed stat = fixed(values.entries[i].stat);

	builder.Clear();
	builder.Finish(CreateFixedGetattr(builder, &stat));
	return built();
}

ALWAYS_INLINE uint64_t fixed_get(bool deep, bench_bytes in)
{
	struct bench_sum sum = { { 0 } };

	sum_stat(deep, &sum, verified<FixedGetattr>(in)->stat());
	return total(&sum);
}

template <typename T> ALWAYS_INLINE uint64_t sum_page(bool deep, const T *page)
{
	struct bench_sum sum = { { 0 } };

	for (const auto *entry : *page->entries()) {
		const auto *name = entry->name();

		fold_bytes(deep, &sum, name->data(), name->size());
		sum_stat(deep, &sum, entry->stat());
	}
	return total(&sum);
}

bench_bytes page_put(uint8_t *, uint32_t)
{
	flatbuffers::Offset<Entry> entries[SAMPLES];

	builder.Clear();
	for (size_t k = 0; k < SAMPLES; k++) {
		auto stat = table(values.entries[k].stat);

		entries[k] = CreateEntry(builder, name_of(values.entries[k]), stat);
	}
	builder.Finish(CreatePage(builder, builder.CreateVector(entries, SAMPLES)));
	return built();
}

ALWAYS_INLINE uint64_t page_get(bool deep, bench_bytes in)
{
	return sum_page(deep, verified<Page>(in));
}

bench_bytes fixed_page_put(uint8_t *, uint32_t)
{
	flatbuffers::Offset<FixedEntry> entries[SAMPLES];

	builder.Clear();
	for (size_t k = 0; k < SAMPLES; k++) {
		Fixed stat = fixed(values.entries[k].stat);

		entries[k] = CreateFixedEntry(builder, name_of(values.entries[k]), &stat);
	}
	builder.Finish(CreateFixedPage(builder, builder.CreateVector(entries, SAMPLES)));
	return built();
}

ALWAYS_INLINE uint64_t fixed_page_get(bool deep, bench_bytes in)
{
	return sum_page(deep, verified<FixedPage>(in));
}

ALWAYS_INLINE bench_bytes write_put(size_t size)
{
	builder.Clear();
	builder.Finish(CreateWrite(builder, values.offset,
				   builder.CreateVector(values.data, size)));
	return built();
}

bench_bytes small_put(uint8_t *, uint32_t)
{
	return write_put(WRITE_SMALL);
}

bench_bytes large_put(uint8_t *, uint32_t)
{
	return write_put(WRITE_LARGE);
}

ALWAYS_INLINE uint64_t write_get(bool deep, bench_bytes in)
{
	const Write *write = verified<Write>(in);

	return write_total(deep, write->offset(), write->data()->data(),
			  write->data()->size());
}

DEFINE_OP(stat)
DEFINE_OP(fixed)
DEFINE_OP(page)
DEFINE_OP(fixed_page)
DEFINE_ENCODE(small)
DEFINE_ENCODE(large)
DEFINE_DECODE(write)

const struct bench_peer tables = {
	"FlatBuffers", prepare, nullptr,
	{
		OP(stat), OP(stat), OP(page),
		{ small_encode, write_decode, write_deep },
		{ large_encode, write_decode, write_deep },
	}
};

const struct bench_peer structs = {
	"FlatBuffers, struct", prepare, nullptr, { OP(fixed), NO_OP, OP(fixed_page), NO_OP, NO_OP }
};

}

const struct bench_peer *bench_peer_flatbuffers(void)
{
	return &tables;
}

const struct bench_peer *bench_peer_flatbuffers_struct(void)
{
	return &structs;
}
