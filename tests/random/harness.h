/*
 * What the programs made by make.py share: the checks that every message goes through.
 *
 * The generated part has, for each message of a random schema, its functions, some values, and some
 * functions that try to encode invalid ones.  The bytes that the reference makes of the values, and
 * bytes with mistakes together with what the reference says of them, come from a file.
 */
#ifndef RANDOM_HARNESS_H
#define RANDOM_HARNESS_H

/* Headers whose macros could meet the names of members. */
#include <assert.h>
#include <complex.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <lwlink/link.h>

/* For code that is generated: fails the comparison that it stands in. */
#define EXPECT(condition) \
	do { \
		if (!(condition)) \
			return expected(#condition, __func__); \
	} while (0)

/* Two lists of groups, of which the second is in host form; also for a reference to a group. */
#define SAME_GROUPS(name, got, want) \
	do { \
		struct lwl_cursor c_ = lwl_cursor_of(got), d_ = lwl_cursor_of(want); \
		struct name x_, y_; \
		uint32_t n_ = 0; \
		EXPECT((got).count == (want).count); \
		while (name##_next(&d_, &y_)) { \
			EXPECT(name##_next(&c_, &x_)); \
			EXPECT(same_##name(&x_, &y_)); \
			n_++; \
		} \
		EXPECT(n_ == (want).count && !name##_next(&c_, &x_)); \
	} while (0)

#define CHECK(condition) check((condition), #condition, __func__)

bool expected(const char *condition, const char *function);
bool check(bool ok, const char *what, const char *where);
bool same_text(const void *a, uint32_t a_len, const void *b, uint32_t b_len);

/* 65,536 bytes of letters, which long strings and bytes are taken from. */
extern uint8_t big[65536];

struct message {
	const char *name;
	const struct lwl_interface *interface;
	size_t size;			/* of the struct */
	uint32_t max;			/* the generated …_MAX */
	uint16_t command;
	enum lwl_kind kind;
	int (*encode)(struct lwl_writer *w, const void *in);
	int (*decode)(void *out, const void *msg, size_t len, struct lwl_error *err);
	bool (*same)(const void *got, const void *want);
	/* The client's stub of a request or one-way, or the reply of a response. */
	int (*send)(struct lwl_link *link, struct lwl_call *call, uint64_t to, const void *in);
	const void *ops;		/* of its interface, every function there */
};

struct value {
	uint16_t message;
	const void *in;
};

struct invalid {
	uint16_t message;
	int (*encode)(struct lwl_writer *w);
	const char *what;
};

/* The generated part. */
extern const struct message messages[];
extern const size_t message_count;
extern const struct value values[];
extern const size_t value_count;
extern const struct invalid invalids[];
extern const size_t invalid_count;
void check_tables(void);

/* Called by the generated handlers and by the functions that take an answer. */
void got_request(const void *in);
void got_answer(int status, const void *in);

#define FUNCTIONS(name) \
	static int encode_##name(struct lwl_writer *w, const void *in) \
	{ \
		return name##_encode(w, in); \
	} \
	static int decode_##name(void *out, const void *msg, size_t len, struct lwl_error *err) \
	{ \
		return name##_decode(out, msg, len, err); \
	}

#define TWOWAY(command, link_type) \
	FUNCTIONS(command##_req) \
	FUNCTIONS(command##_rsp) \
	static void on_##command(void *self, struct lwl_call *call, \
				 const struct command##_req *req) \
	{ \
		(void)self; \
		(void)call; \
		got_request(req); \
	} \
	static void done_##command(void *ctx, int status, const struct command##_rsp *rsp, \
				   struct lwl_reply *reply) \
	{ \
		(void)ctx; \
		(void)reply; \
		got_answer(status, rsp); \
	} \
	static int send_##command(struct lwl_link *link, struct lwl_call *call, uint64_t to, \
				  const void *in) \
	{ \
		(void)call; \
		return command(link, (struct link_type){ to }, in, done_##command, NULL); \
	} \
	static int reply_##command(struct lwl_link *link, struct lwl_call *call, uint64_t to, \
				   const void *in) \
	{ \
		(void)link; \
		(void)to; \
		return command##_reply(call, in); \
	}

#define ONEWAY(command, link_type) \
	FUNCTIONS(command##_msg) \
	static void on_##command(void *self, struct lwl_call *call, \
				 const struct command##_msg *msg) \
	{ \
		(void)self; \
		(void)call; \
		got_request(msg); \
	} \
	static int send_##command(struct lwl_link *link, struct lwl_call *call, uint64_t to, \
				  const void *in) \
	{ \
		(void)call; \
		return command(link, (struct link_type){ to }, in); \
	}

#define MESSAGE(command, interface, suffix, SUFFIX, CODE, KIND, send) \
	{ #command #suffix, &interface##_interface, sizeof(struct command##suffix), SUFFIX, CODE, \
	  LWL_KIND_##KIND, encode_##command##suffix, decode_##command##suffix, \
	  same_##command##suffix, send##_##command, &ops_##interface }

#endif
