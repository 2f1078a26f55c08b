/*
 * PEER SERVER-CORE CLIENT-CORE SCENARIO SECONDS|COUNT
 *
 * One scenario with one peer: the server in a process that is forked off, the client in this one, each
 * with all its threads on its core.  Prints what was measured, a line each: NAME tab VALUE.  Nothing
 * is printed for what the peer cannot do.
 *
 *	latency		one command after the other: p50_us, p99_us
 *	depth64		that many outstanding all the time: per_second
 *	depth1000
 *	bulk		writes of 32 KiB, 16 outstanding: mb_per_second
 *	held		ns per command at depth 64 while 1, 1000, 10000, 100000 are held: held_N
 *	objects		the same over 1, 1000, 100000 (and 1000000) end points in no order: objects_N
 *	count		COUNT commands at depth 64, for whoever counts system calls; and, with
 *			allocations.c loaded before, allocations of both sides: allocations
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum {
	LATENCIES = 1 << 20,		/* as many are looked at */
	TIME_LIMIT_S = 120		/* after which both processes end whatever they do */
};

unsigned long link_allocations(void) __attribute__((weak));

static const struct link_peer *const peer = &link_peer;
static int ready_fd = -1;
static uint64_t begun, answered;
static uint64_t expected_a, expected_b, sum_a, sum_b;
static uint8_t payload[WRITE_DEPTH][WRITE_BYTES];
static uint32_t end_points = 1;

/* ---- what peers call ---- */

void link_fail(const char *what)
{
	fprintf(stderr, "%s: %s failed (errno: %s)\n", peer->name, what, strerror(errno));
	exit(1);
}

void link_ready(void)
{
	if (write(ready_fd, "", 1) != 1)
		link_fail("write");
	close(ready_fd);
}

void link_answered(uint64_t a, uint64_t b)
{
	sum_a += a;
	sum_b += b;
	answered++;
}

/* ---- commands, writes ---- */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Numbers without an order that caches could learn. */
static uint64_t mix(uint64_t v)
{
	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
	v = (v ^ v >> 27) * 0x94d049bb133111ebu;
	return v ^ v >> 31;
}

static void expect(uint64_t a, uint64_t b)
{
	expected_a += a;
	expected_b += b;
	begun++;
}

static void begin_call(void)
{
	uint64_t a = begun, b = mix(begun);
	uint32_t end_point = end_points > 1 ? (uint32_t)(b % end_points) : 0;

	expect(a + 1, b + 1 + end_point);
	peer->call(end_point, a, b);
}

/* Answers to writes come in order, so what was begun WRITE_DEPTH writes ago has been answered. */
static void begin_write(void)
{
	uint8_t *data = payload[begun % WRITE_DEPTH];
	uint64_t first = mix(begun);

	memcpy(data, &first, sizeof(first));
	expect(first + 1, WRITE_BYTES + 1);
	peer->write(data, WRITE_BYTES);
}

static void check_sums(void)
{
	if (sum_a == expected_a && sum_b == expected_b)
		return;
	fprintf(stderr, "%s: answers are wrong\n", peer->name);
	exit(1);
}

/* Wait for everything, except `held`. */
static void drain(uint64_t held)
{
	while (answered < begun - held)
		peer->turn();
}

struct speed {
	uint64_t count, ns;
};

/*
 * Keep `depth` outstanding for so long, or until so many have been begun, beside `held` that are never
 * answered.  The first fifth of the time is not counted.
 */
static struct speed keep_going(void (*begin)(void), uint32_t depth, uint64_t held, double seconds,
			       uint64_t most)
{
	uint64_t start = now_ns(), from = start, t = start, first = answered;
	uint64_t length = (uint64_t)(seconds * 1e9), last = begun + most;
	bool warm = false;
	struct speed speed;

	/* However long a turn took, what is counted lasts four fifths of the time. */
	while ((!warm || t - from < length / 5 * 4) && begun < last) {
		/* Where begin takes answers the depth may never be reached. */
		for (uint32_t i = 0; i < depth && begun - held - answered < depth; i++)
			begin();
		if (answered < begun - held)
			peer->turn();
		t = now_ns();
		if (!warm && t - start >= length / 5) {
			warm = true;
			from = t;
			first = answered;
		}
	}
	speed.count = answered - first;
	speed.ns = t - from;
	drain(held);
	return speed;
}

static double per_second(struct speed speed)
{
	return (double)speed.count * 1e9 / (double)speed.ns;
}

static double ns_each(struct speed speed)
{
	return (double)speed.ns / (double)speed.count;
}

/* ---- scenarios ---- */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void latency(double seconds)
{
	static uint32_t ns[LATENCIES];
	uint64_t length = (uint64_t)(seconds * 1e9), start = now_ns(), t = start;
	size_t count = 0;

	while ((t - start < length || count == 0) && count < LATENCIES) {
		uint64_t before = t;

		begin_call();
		drain(0);
		t = now_ns();
		if (t - start >= length / 5)
			ns[count++] = (uint32_t)(t - before);
	}
	qsort(ns, count, sizeof(ns[0]), compare);
	printf("p50_us\t%.3f\n", ns[count / 2] / 1e3);
	printf("p99_us\t%.3f\n", ns[count * 99 / 100] / 1e3);
}

static void depth(uint32_t depth, double seconds)
{
	if (peer->depth == 0 || peer->depth >= depth)
		printf("per_second\t%.1f\n",
		       per_second(keep_going(begin_call, depth, 0, seconds, UINT32_MAX)));
}

static void bulk(double seconds)
{
	if (peer->write == NULL || (peer->depth != 0 && peer->depth < WRITE_DEPTH))
		return;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i / WRITE_BYTES][i % WRITE_BYTES] = (uint8_t)mix(i);
	printf("mb_per_second\t%.1f\n", WRITE_BYTES / 1e6 *
	       per_second(keep_going(begin_write, WRITE_DEPTH, 0, seconds, UINT32_MAX)));
}

static void held(double seconds)
{
	static const uint32_t counts[] = { 1, 1000, 10000, HELD_MAX };
	uint64_t now_held = 0, since = 0;

	if (peer->hold == NULL)
		return;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		while (now_held < counts[i]) {
			uint64_t a = begun, b = mix(begun);

			expect(a + 1, b + 1);
			peer->hold(a, b);
			now_held++;
			if (++since == STEP_MAX || now_held == counts[i]) {
				since = 0;
				begin_call();
				drain(now_held);
			}
		}
		printf("held_%u\t%.1f\n", counts[i],
		       ns_each(keep_going(begin_call, DEPTH, now_held, seconds, UINT32_MAX)));
	}
	if (answered != begun - now_held) {
		fprintf(stderr, "%s: held commands were answered too early\n", peer->name);
		exit(1);
	}
	peer->release();
	drain(0);
}

static void objects(double seconds)
{
	static const uint32_t counts[] = { 1, 1000, END_POINTS, END_POINTS_MAX };

	if (peer->make == NULL)
		return;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (counts[i] > END_POINTS && !peer->many)
			break;
		while (end_points < counts[i]) {
			uint32_t step = counts[i] - end_points;

			if (step > STEP_MAX)
				step = STEP_MAX;
			peer->make(end_points, step);
			end_points += step;
		}
		printf("objects_%u\t%.1f\n", counts[i],
		       ns_each(keep_going(begin_call, DEPTH, 0, seconds, UINT32_MAX)));
	}
	if (peer->memory != NULL)
		peer->memory();
}

static void count(uint64_t commands)
{
	unsigned long before;

	if (peer->depth != 0 && peer->depth < DEPTH)
		return;
	if (link_allocations == NULL) {
		keep_going(begin_call, DEPTH, 0, TIME_LIMIT_S, commands);
		return;
	}
	/* What is allocated once, for the first commands, is not counted. */
	keep_going(begin_call, DEPTH, 0, TIME_LIMIT_S, commands / 5);
	before = link_allocations();
	keep_going(begin_call, DEPTH, 0, TIME_LIMIT_S, commands);
	printf("allocations\t%.4f\n", (double)(link_allocations() - before) / (double)commands);
}

static bool run(const char *scenario, double amount)
{
	if (strcmp(scenario, "latency") == 0)
		latency(amount);
	else if (strcmp(scenario, "depth64") == 0)
		depth(DEPTH, amount);
	else if (strcmp(scenario, "depth1000") == 0)
		depth(DEPTH_MAX, amount);
	else if (strcmp(scenario, "bulk") == 0)
		bulk(amount);
	else if (strcmp(scenario, "held") == 0)
		held(amount);
	else if (strcmp(scenario, "objects") == 0)
		objects(amount);
	else if (strcmp(scenario, "count") == 0)
		count((uint64_t)amount);
	else
		return false;
	return true;
}

/* ---- the two processes ---- */

/* Threads that a peer starts later are there as well. */
static void pin(const char *core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)strtoul(core, NULL, 10), &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		link_fail("sched_setaffinity");
}

/* The server ends by itself; if not, that is an error. */
static bool wait_for_server(pid_t pid)
{
	int status;

	for (int i = 0; i < 500; i++) {
		pid_t done = waitpid(pid, &status, WNOHANG);

		if (done == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
			return true;
		if (done != 0) {
			fprintf(stderr, "%s: the server failed\n", peer->name);
			return false;
		}
		usleep(10000);
	}
	fprintf(stderr, "%s: the server does not end\n", peer->name);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return false;
}

int main(int argc, char **argv)
{
	const char *temporary = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	char folder[80], path[sizeof(folder) + 8], byte;
	pid_t server, parent = getpid();
	int sockets[2], ready[2];
	bool good;

	if (argc != 5) {
		fprintf(stderr, "usage: %s SERVER-CORE CLIENT-CORE SCENARIO SECONDS|COUNT\n", argv[0]);
		return 2;
	}
	if (snprintf(folder, sizeof(folder), "%s/link-XXXXXX", temporary) >= (int)sizeof(folder) ||
	    mkdtemp(folder) == NULL)
		link_fail("mkdtemp");
	snprintf(path, sizeof(path), "%s/socket", folder);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0 || pipe(ready) != 0)
		link_fail("socketpair");
	server = fork();
	if (server < 0)
		link_fail("fork");
	alarm(TIME_LIMIT_S);
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			return 1;
		close(sockets[0]);
		close(ready[0]);
		ready_fd = ready[1];
		pin(argv[1]);
		peer->serve(&(struct link_end){ sockets[1], path });
		return 0;
	}
	close(sockets[1]);
	close(ready[1]);
	pin(argv[2]);
	good = read(ready[0], &byte, 1) == 1;
	if (good) {
		peer->start(&(struct link_end){ sockets[0], path });
		if (!run(argv[3], strtod(argv[4], NULL))) {
			fprintf(stderr, "%s: no such scenario\n", argv[3]);
			return 2;
		}
		check_sums();
		peer->stop();
	}
	good = wait_for_server(server) && good;
	unlink(path);
	rmdir(folder);
	return good ? 0 : 1;
}
