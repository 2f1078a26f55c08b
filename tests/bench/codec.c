/*
 * Runs the peers side by side.
 *
 *	codec ROUNDS			a line for each time taken: peer, case, what, bytes, ns
 *	codec PEER CASE WHAT TIMES	one loop and nothing else, for a profiler
 *
 * First every peer's messages are read back and compared, all bytes of all values, so that what is
 * timed is right and complete.  Then, ROUNDS times: each case, each peer after the other, for about
 * a millisecond of processor time each.
 *
 * PEERS, a list of X(name), comes from the command line: those that could be built.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

enum { BATCH_NS = 1000000, SLOT = 65536 + 1024 };

#define X(name) const struct bench_peer *bench_peer_##name(void);
PEERS
#undef X

static const struct bench_peer *(*const makers[])(void) = {
#define X(name) bench_peer_##name,
	PEERS
#undef X
};

enum { PEER_COUNT = sizeof makers / sizeof makers[0] };

static const char *const case_names[CASES] = {
	"getattr", "items", "entries", "write4k", "write32k"
};

/* An op, ready to run. */
struct job {
	const struct bench_peer *peer;
	const struct bench_op *op;
	struct bench_bytes messages[SAMPLES];
	uint64_t sums[SAMPLES];
	uint32_t encode_rounds, decode_rounds;
};

static struct samples samples;
static struct job jobs[PEER_COUNT][CASES];
static _Alignas(64) uint8_t out[SLOT];

static void die(const struct bench_peer *peer, int which, const char *what)
{
	fprintf(stderr, "codec: %s, %s: %s\n", peer->name, case_names[which], what);
	exit(1);
}

static uint64_t next_random(void)
{
	static uint64_t state = 0x853c49e6748fea9b;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* The kind of values that a directory of a file system in use has. */
static void make_samples(void)
{
	static const char *const stems[] = {
		"README", "main", "src", "wire_reader", "index.html", "a", "liblwlink", "test",
		"Makefile", "photo_2024_0817", "notes", "x86_64-linux", "docs", "config", "bin",
		"log"
	};
	static const char *const ends[] = { "", ".c", ".txt", ".d" };
	enum { STEMS = sizeof stems / sizeof stems[0] };

	samples.offset = 1 << 20;
	for (size_t i = 0; i < WRITE_LARGE; i++)
		samples.data[i] = (uint8_t)next_random();
	for (uint32_t i = 0; i < SAMPLES; i++) {
		struct sample_entry *e = &samples.entries[i];
		struct sample_stat *s = &e->stat;
		char name[64];
		int len = snprintf(name, sizeof name, "%s%s", stems[next_random() % STEMS],
				   ends[i % 4]);

		if (len > NAME_ROOM)
			len = NAME_ROOM;
		e->name_len = (uint8_t)len;
		memcpy(e->name, name, (size_t)len);
		s->ino = 100000 + next_random() % 4000000;
		s->size = next_random() % (1u << (8 + i % 20));
		s->blocks = (s->size + 511) / 512;
		s->change = next_random() % 1000000;
		s->atime = 1700000000 + (int64_t)(next_random() % 30000000);
		s->mtime = s->atime - 86400;
		s->ctime = s->mtime + 1;
		s->mtime_nsec = (uint32_t)(next_random() % 1000000000);
		s->nlink = 1 + i % 3;
		s->uid = 1000;
		s->gid = 100 + i % 2;
		s->blksize = 4096;
		s->type = i % 5 == 0 ? 2 : 1;
		s->mode = s->type == 2 ? 0755 : 0644;
	}
}

/* What every peer must find, by the same sums over the values that it was given. */
static void sum_stat(bool deep, struct bench_sum *sum, const struct sample_stat *stat)
{
#define FOLD(name, lane) fold(deep, sum, lane, (uint64_t)stat->name);
	STAT_FIELDS(FOLD)
#undef FOLD
}

static uint64_t expected_sum(bool deep, int which, size_t i)
{
	struct bench_sum sum = { { 0 } };

	switch (which) {
	case GETATTR:
	case ITEMS:
		sum_stat(deep, &sum, &samples.entries[i].stat);
		return total(&sum);
	case ENTRIES:
		for (size_t k = 0; k < SAMPLES; k++) {
			const struct sample_entry *e = &samples.entries[k];

			fold_bytes(deep, &sum, e->name, e->name_len);
			sum_stat(deep, &sum, &e->stat);
		}
		return total(&sum);
	default:
		return write_total(deep, samples.offset, samples.data,
				  which == SMALL ? WRITE_SMALL : WRITE_LARGE);
	}
}

/* Makes the messages that will be decoded, and sees that they say what they should. */
static void prepare_job(struct job *job, int which)
{
	/* Only the attributes differ from round to round. */
	size_t different = which == GETATTR || which == ITEMS ? SAMPLES : 1;

	for (size_t i = 0; i < SAMPLES; i++) {
		struct bench_bytes made;
		uint8_t *copy;

		if (i >= different) {
			job->messages[i] = job->messages[0];
			job->sums[i] = job->sums[0];
			continue;
		}
		/* Encoding i + 1 of them, the last is number i. */
		memset(out, 0xff, sizeof out);
		made = job->op->encode(out, (uint32_t)i + 1);
		copy = aligned_alloc(64, SLOT);
		if (copy == NULL)
			die(job->peer, which, "no memory");
		if (made.len == 0 || made.len > MESSAGE_ROOM)
			die(job->peer, which, "encoding failed");
		if (job->peer->gather != NULL) {
			struct bench_bytes whole = job->peer->gather(copy);

			if (whole.len != made.len)
				die(job->peer, which, "the pieces are not the whole");
		} else {
			memcpy(copy, made.data, made.len);
		}
		job->messages[i] = (struct bench_bytes){ copy, made.len };
		job->sums[i] = expected_sum(false, which, i);
		if (job->op->deep(&job->messages[i]) != expected_sum(true, which, i))
			die(job->peer, which, "what was decoded is not what was encoded");
	}
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ns for each of `rounds`.  Not inlined: instructions.sh counts in these two alone. */
__attribute__((noinline))
static double time_encode(const struct job *job, int which, uint32_t rounds)
{
	double start = now_ns();
	struct bench_bytes last = job->op->encode(out, rounds);
	double took = now_ns() - start;

	if (last.len != job->messages[(rounds - 1) % SAMPLES].len)
		die(job->peer, which, "encoding failed");
	return took / rounds;
}

__attribute__((noinline))
static double time_decode(const struct job *job, int which, uint32_t rounds)
{
	double start = now_ns(), took;
	uint64_t sum = job->op->decode(job->messages, rounds), expected = 0;

	took = now_ns() - start;
	for (size_t i = 0; i < SAMPLES; i++)
		expected += job->sums[i] * (rounds / SAMPLES + (i < rounds % SAMPLES));
	if (sum != expected)
		die(job->peer, which, "the sum is wrong");
	return took / rounds;
}

static uint32_t calibrate(double (*run)(const struct job *, int, uint32_t), const struct job *job,
			  int which)
{
	uint32_t rounds = 64;

	while (rounds < 1u << 24 && run(job, which, rounds) * rounds < BATCH_NS)
		rounds *= 2;
	return rounds;
}

static void print(const struct job *job, int which, const char *what, double ns)
{
	size_t total = 0;

	for (size_t i = 0; i < SAMPLES; i++)
		total += job->messages[i].len;
	printf("%s\t%s\t%s\t%.1f\t%.3f\n", job->peer->name, case_names[which], what,
	       (double)total / SAMPLES, ns);
}

static void compare_peers(uint32_t rounds)
{
	for (int which = 0; which < CASES; which++)
		for (int p = 0; p < PEER_COUNT; p++) {
			struct job *job = &jobs[p][which];

			if (job->op == NULL)
				continue;
			job->encode_rounds = calibrate(time_encode, job, which);
			if (job->op->decode != NULL)
				job->decode_rounds = calibrate(time_decode, job, which);
		}
	for (uint32_t round = 0; round < rounds; round++)
		for (int which = 0; which < CASES; which++) {
			for (int p = 0; p < PEER_COUNT; p++) {
				const struct job *job = &jobs[p][which];

				if (job->encode_rounds != 0)
					print(job, which, "encode",
					      time_encode(job, which, job->encode_rounds));
			}
			for (int p = 0; p < PEER_COUNT; p++) {
				const struct job *job = &jobs[p][which];

				if (job->decode_rounds != 0)
					print(job, which, "decode",
					      time_decode(job, which, job->decode_rounds));
			}
		}
}

/* Returns whether there is such a job. */
static bool run_one(const char *peer, const char *name, const char *what, uint32_t times)
{
	for (int p = 0; p < PEER_COUNT; p++)
		for (int which = 0; which < CASES; which++) {
			const struct job *job = &jobs[p][which];

			if (job->op == NULL || strcmp(job->peer->name, peer) != 0 ||
			    strcmp(case_names[which], name) != 0)
				continue;
			if (strcmp(what, "encode") == 0)
				time_encode(job, which, times);
			else if (strcmp(what, "decode") == 0 && job->op->decode != NULL)
				time_decode(job, which, times);
			else
				return false;
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[argc - 1], NULL, 10) : 0;

	if ((argc != 2 && argc != 5) || count == 0 || count > UINT32_MAX) {
		fprintf(stderr, "usage: %s ROUNDS | PEER CASE encode|decode TIMES\n", argv[0]);
		return 2;
	}
	make_samples();
	for (int p = 0; p < PEER_COUNT; p++) {
		const struct bench_peer *peer = makers[p]();

		peer->prepare(&samples);
		for (int which = 0; which < CASES; which++) {
			if (peer->ops[which].encode == NULL)
				continue;
			if (argc == 5 && (strcmp(peer->name, argv[1]) != 0 ||
					  strcmp(case_names[which], argv[2]) != 0))
				continue;
			jobs[p][which].peer = peer;
			jobs[p][which].op = &peer->ops[which];
			prepare_job(&jobs[p][which], which);
		}
	}
	if (argc == 2) {
		compare_peers((uint32_t)count);
	} else if (!run_one(argv[1], argv[2], argv[3], (uint32_t)count)) {
		fprintf(stderr, "%s: no such peer and case\n", argv[0]);
		return 2;
	}
	return 0;
}
