/*
 * Cap'n Proto: built in place in the output by a FlatMessageBuilder, whose memory must be zero, and
 * framed as one segment.  It checks bounds when a value is read.
 */
#include <cstdlib>
#include <cstring>

#include <capnp/message.h>
#include <capnp/serialize.h>

#include "bench.capnp.h"
#include "bench.h"

extern "C" const struct bench_peer *bench_peer_capnp(void);

namespace {

struct samples values;

void prepare(const struct samples *samples)
{
	values = *samples;
}

template <typename B> ALWAYS_INLINE void set_stat(B b, const struct sample_stat &s)
{
	b.setIno(s.ino);
	b.setSize(s.size);
	b.setBlocks(s.blocks);
	b.setChange(s.change);
	b.setAtime(s.atime);
	b.setMtime(s.mtime);
	b.setCtime(s.ctime);
	b.setMtimeNsec(s.mtime_nsec);
	b.setNlink(s.nlink);
	b.setUid(s.uid);
	b.setGid(s.gid);
	b.setBlksize(s.blksize);
	b.setType(s.type);
	b.setMode(s.mode);
}

template <typename R> ALWAYS_INLINE void sum_stat(bool deep, struct bench_sum *sum, R r)
{
	fold(deep, sum, 0, r.getIno());
	fold(deep, sum, 1, r.getSize());
	fold(deep, sum, 2, r.getBlocks());
	fold(deep, sum, 3, r.getChange());
	fold(deep, sum, 0, static_cast<uint64_t>(r.getAtime()));
	fold(deep, sum, 1, static_cast<uint64_t>(r.getMtime()));
	fold(deep, sum, 2, static_cast<uint64_t>(r.getCtime()));
	fold(deep, sum, 3, r.getMtimeNsec());
	fold(deep, sum, 0, r.getNlink());
	fold(deep, sum, 1, r.getUid());
	fold(deep, sum, 2, r.getGid());
	fold(deep, sum, 3, r.getBlksize());
	fold(deep, sum, 0, r.getType());
	fold(deep, sum, 1, r.getMode());
}

/* A message of at most `room` words behind the 8 bytes of framing. */
template <typename Fill> ALWAYS_INLINE bench_bytes build(uint8_t *out, size_t room, Fill fill)
{
	auto words = kj::arrayPtr(reinterpret_cast<capnp::word *>(out) + 1, room);
	uint32_t frame[2] = { 0, 0 };

	std::memset(out, 0, 8 * (room + 1));
	capnp::FlatMessageBuilder builder(words);
	fill(builder);
	frame[1] = static_cast<uint32_t>(builder.getSegmentsForOutput()[0].size());
	std::memcpy(out, frame, sizeof frame);
	return { out, 8 * (static_cast<size_t>(frame[1]) + 1) };
}

ALWAYS_INLINE kj::ArrayPtr<const capnp::word> words_of(bench_bytes in)
{
	return kj::arrayPtr(reinterpret_cast<const capnp::word *>(in.data), in.len / 8);
}

bench_bytes stat_put(uint8_t *out, uint32_t i)
{
	return build(out, 11, [i](capnp::MessageBuilder &b) {
		set_stat(b.initRoot<Stat>(), values.entries[i].stat);
	});
}

ALWAYS_INLINE uint64_t stat_get(bool deep, bench_bytes in)
{
	struct bench_sum sum = { { 0 } };
	capnp::FlatArrayMessageReader reader(words_of(in));

	sum_stat(deep, &sum, reader.getRoot<Stat>());
	return total(&sum);
}

bench_bytes page_put(uint8_t *out, uint32_t)
{
	/* The root and its list, and for each entry 11 words and a name of at most 3. */
	return build(out, 4 + SAMPLES * (11 + (NAME_ROOM + 7) / 8), [](capnp::MessageBuilder &b) {
		auto list = b.initRoot<Page>().initEntries(SAMPLES);

		for (unsigned k = 0; k < SAMPLES; k++) {
			const struct sample_entry &e = values.entries[k];
			auto entry = list[k];

			std::memcpy(entry.initName(e.name_len).begin(), e.name, e.name_len);
			set_stat(entry.getStat(), e.stat);
		}
	});
}

ALWAYS_INLINE uint64_t page_get(bool deep, bench_bytes in)
{
	capnp::FlatArrayMessageReader reader(words_of(in));
	struct bench_sum sum = { { 0 } };

	for (auto entry : reader.getRoot<Page>().getEntries()) {
		auto name = entry.getName();

		fold_bytes(deep, &sum, name.begin(), name.size());
		sum_stat(deep, &sum, entry.getStat());
	}
	return total(&sum);
}

ALWAYS_INLINE bench_bytes write_put(uint8_t *out, size_t size)
{
	return build(out, 4 + size / 8, [size](capnp::MessageBuilder &b) {
		auto write = b.initRoot<Write>();

		write.setOffset(values.offset);
		write.setData(kj::arrayPtr(values.data, size));
	});
}

bench_bytes small_put(uint8_t *out, uint32_t)
{
	return write_put(out, WRITE_SMALL);
}

bench_bytes large_put(uint8_t *out, uint32_t)
{
	return write_put(out, WRITE_LARGE);
}

ALWAYS_INLINE uint64_t write_get(bool deep, bench_bytes in)
{
	capnp::FlatArrayMessageReader reader(words_of(in));
	auto write = reader.getRoot<Write>();
	auto data = write.getData();

	return write_total(deep, write.getOffset(), data.begin(), data.size());
}

DEFINE_OP(stat)
DEFINE_OP(page)
DEFINE_ENCODE(small)
DEFINE_ENCODE(large)
DEFINE_DECODE(write)

const struct bench_peer peer = {
	"Cap'n Proto", prepare, nullptr,
	{
		OP(stat), OP(stat), OP(page),
		{ small_encode, write_decode, write_deep },
		{ large_encode, write_decode, write_deep },
	}
};

}

const struct bench_peer *bench_peer_capnp(void)
{
	return &peer;
}
