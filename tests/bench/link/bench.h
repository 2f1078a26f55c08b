/*
 * The link benchmark's common part: what a peer is, and what it tells the driver.
 *
 * Each peer is one file that knows one way for two processes to talk, and defines `link_peer`; with
 * driver.c it becomes a program of its own.  Both C and C++ include this.
 *
 * All peers do the same four things:
 *
 *	a command	carries two u64, a and b, and is answered with a + 1 and b + 1
 *	a write		carries bytes; answered with (the first 8 of them as a u64 as it lies there) + 1,
 *			and with their number + 1
 *	a held command	is a command that the server does not answer until it is asked to release all
 *			that it holds
 *	an end point	is an object that the client has been given.  Number 0 is there from the start;
 *			a command to number i is answered with a + 1 and b + 1 + i, so that it
 *			matters which one got it
 *
 * The driver adds up all answers, and ends the run with an error if they are not what they should be.
 */
#ifndef LWLINK_LINK_BENCH_H
#define LWLINK_LINK_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	DEPTH = 64,			/* commands outstanding where nothing else is said */
	DEPTH_MAX = 1000,
	WRITE_BYTES = 32768,
	WRITE_DEPTH = 16,
	HELD_MAX = 100000,
	END_POINTS = 100000,
	END_POINTS_MAX = 1000000,	/* of peers with `many` */
	STEP_MAX = 500			/* made by one call of make, or held without an answer between */
};

/* What the two processes have in common.  A peer uses one of the two. */
struct link_end {
	int fd;				/* this side's end of a socketpair, which becomes the peer's */
	const char *path;		/* for a Unix socket: a name that does not exist yet, ending in
					   "/socket", in an empty folder that the driver removes */
};

/*
 * A function that is NULL: the peer cannot do that, and gets a dash.  Whatever fails ends the process
 * with link_fail.
 */
struct link_peer {
	const char *name;		/* in tables */
	uint32_t depth;			/* most commands outstanding; 0: no limit */

	/*
	 * The server's process: serve one client, and return (or _exit(0)) when it has gone.  Calls
	 * link_ready once, as soon as a client can connect.
	 */
	void (*serve)(const struct link_end *end);

	/* The client's process: connect.  Commands can be begun when it returns. */
	void (*start)(const struct link_end *end);

	/*
	 * Begin a command, a write, a held command.  Whether it is sent here or in turn is the
	 * peer's choice.  For the answer link_answered is called, once, from turn, or from any of
	 * these.  The bytes of a write stay as they are until then.
	 */
	void (*call)(uint32_t end_point, uint64_t a, uint64_t b);
	void (*write)(const void *data, size_t len);
	void (*hold)(uint64_t a, uint64_t b);

	/* Ask the server to answer all that it holds.  Need not wait for it. */
	void (*release)(void);

	/* Get the end points number `first` to `first + count - 1`; they are there when it returns. */
	void (*make)(uint32_t first, uint32_t count);

	/*
	 * Send what has been begun, wait until an answer is there, and take it.  Those that are there
	 * as well may be taken too.  Not called when nothing is outstanding.
	 */
	void (*turn)(void);

	/* Disconnect; everything has been answered.  The server sees that, and ends. */
	void (*stop)(void);

	/*
	 * With a million end points as well, for peers that are made for many; and then, what memory
	 * takes each: print "bytes_WHAT<tab>N", a line for each, or leave it NULL.
	 */
	bool many;
	void (*memory)(void);
};

extern const struct link_peer link_peer;

/* For peers, from the driver. */
void link_ready(void);
void link_answered(uint64_t a, uint64_t b);
void link_fail(const char *what) __attribute__((noreturn));

/* A write's first 8 bytes. */
static inline uint64_t link_first(const void *data)
{
	uint64_t v;

	memcpy(&v, data, sizeof(v));
	return v;
}

#ifdef __cplusplus
}
#endif
#endif
