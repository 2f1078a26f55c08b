/*
 * Hostile peers: a server and a well-behaved client beside it, each a process of its own, and peers
 * that speak byte by byte (peer.h), each with what must happen to it.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What the server accepts. */
enum {
	WINDOW = 262144,
	CALLS = 64,
	ENDPOINTS = 16384,
	KEEPALIVE_MS = 1000,		/* and for the handshake */
	LINKS = 1100,
	/* and what it is ready to spend on one link */
	RING = 262144,
	HELD_BYTES = 1 << 20,
	TOUCH_US = 300000		/* on the answer to a command of its own */
};

/* ---- what the processes tell each other ---- */

struct shared {
	_Atomic bool ready;		/* `address` can be dialled */
	char address[128];
	/* by the well-behaved client, all the time */
	_Atomic uint64_t echoes;	/* that it got from the server */
	_Atomic uint64_t longest_us;	/* that one took; it may be set to 0 */
	_Atomic bool lost;		/* something went wrong with its link */
	_Atomic uint32_t links, objects;	/* of the server, as it says */
	_Atomic uint64_t memory, peak;	/* of its links; the largest, which may be set to 0 */
	_Atomic uint64_t hosted, held, calls_in, calls_out, notes;
	_Atomic bool stop;		/* it is to end */
};

extern struct shared *shared;
extern bool verbose;

/* The two processes (server.c): run until they are told to stop, return what to exit with. */
int serve(const char *address);
int be_a_neighbour(void);

/* ---- the catalogue ---- */

struct hostile {
	const char *name;
	void (*run)(void);
	uint32_t kilobytes;		/* that the server may need for it at most */
	const char *must;		/* happen */
};

#define HOSTILE(run, kilobytes, must) { #run, run, kilobytes, must }

extern const struct hostile structural[], handshakes[], sessions[], calls[], references[], loads[];
extern const uint32_t structural_count, handshakes_count, sessions_count, calls_count,
	references_count, loads_count;

#define HOSTILE_COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

/* What did not happen as it must; the first of a case is told, and the case does nothing more. */
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool is_wrong(void);
#define MUST(condition) \
	do { \
		if (!(condition)) \
			wrong("line %d: %s", __LINE__, #condition); \
	} while (0)

/* Wait until it is so, two seconds at most. */
#define EVENTUALLY(condition) \
	do { \
		uint64_t until_ = milliseconds() + patience(); \
		while (!(condition) && !is_wrong() && milliseconds() < until_) \
			rest(2); \
		if (!(condition)) \
			wrong("line %d: not in time: %s", __LINE__, #condition); \
	} while (0)

uint64_t milliseconds(void);
void rest(unsigned ms);
/* Milliseconds that the server has for anything. */
unsigned patience(void);
/* Numbers that the seed determines. */
uint64_t random_bits(void);
uint32_t random_below(uint32_t n);
/* Does the server work little while nothing happens? */
void must_be_calm(void);
/* Has it closed all connections but that of its neighbour? */
bool all_closed(void);

#endif
