/*
 * golden.interfaces, version 2: the messages.
 *
 * Made by lwlc from interfaces.lwl: change that, not this.
 */
#ifndef GOLDEN_INTERFACES_LWL_H
#define GOLDEN_INTERFACES_LWL_H

#include <lwlink/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A message is a plain struct. Its _encode fills it into a writer that lwl_writer_init has begun,
 * and returns 0 or what lwl_writer_finish in <lwlink/wire.h> says. Its _decode takes one message
 * with its header and padding; strings, bytes and sequences then point into it. It returns 0,
 * -LWL_EMALFORMED with `*err` telling where (err may be NULL), or, of an error response, minus the
 * error's code; only after 0 does the struct hold the message. Neither blocks or allocates. Of an
 * item that is optional, or has a default other than 0, has_… says whether it is there.
 */

/*
 * At the bottom.
 *
 * A link to an end point that offers Base.
 */
struct interfaces_base {
	uint64_t id;			/* the linkid; 0: none */
};

#define INTERFACES_BASE_ID 0x01

/* Element `i` of a sequence of these. */
static inline struct interfaces_base interfaces_base_at(struct lwl_seq seq, uint32_t i)
{
	struct interfaces_base link = { lwl_link_at(seq, i).id };

	return link;
}

/* A link to an end point that offers Left. */
struct interfaces_left {
	uint64_t id;			/* the linkid; 0: none */
};

#define INTERFACES_LEFT_ID 0x02

/* Element `i` of a sequence of these. */
static inline struct interfaces_left interfaces_left_at(struct lwl_seq seq, uint32_t i)
{
	struct interfaces_left link = { lwl_link_at(seq, i).id };

	return link;
}

/* A link to an end point that offers Right. */
struct interfaces_right {
	uint64_t id;			/* the linkid; 0: none */
};

#define INTERFACES_RIGHT_ID 0x03

/* Element `i` of a sequence of these. */
static inline struct interfaces_right interfaces_right_at(struct lwl_seq seq, uint32_t i)
{
	struct interfaces_right link = { lwl_link_at(seq, i).id };

	return link;
}

/*
 * A diamond.
 *
 * A link to an end point that offers Top.
 */
struct interfaces_top {
	uint64_t id;			/* the linkid; 0: none */
};

#define INTERFACES_TOP_ID 0x7f

/* Element `i` of a sequence of these. */
static inline struct interfaces_top interfaces_top_at(struct lwl_seq seq, uint32_t i)
{
	struct interfaces_top link = { lwl_link_at(seq, i).id };

	return link;
}

/*
 * Offers nothing, and is passed around all the same.
 *
 * A link to an end point that offers Token.
 */
struct interfaces_token {
	uint64_t id;			/* the linkid; 0: none */
};

#define INTERFACES_TOKEN_ID 0x04

/* Element `i` of a sequence of these. */
static inline struct interfaces_token interfaces_token_at(struct lwl_seq seq, uint32_t i)
{
	struct interfaces_token link = { lwl_link_at(seq, i).id };

	return link;
}

/* A link to an end point that offers Keeper. */
struct interfaces_keeper {
	uint64_t id;			/* the linkid; 0: none */
};

#define INTERFACES_KEEPER_ID 0x05

/* Element `i` of a sequence of these. */
static inline struct interfaces_keeper interfaces_keeper_at(struct lwl_seq seq, uint32_t i)
{
	struct interfaces_keeper link = { lwl_link_at(seq, i).id };

	return link;
}

/* ---- Base.ping ---- */

/*
 * Is somebody there?
 *
 * Replay safe.
 */
#define INTERFACES_BASE_PING 0x0101
#define INTERFACES_BASE_PING_REQ_MAX 80
#define INTERFACES_BASE_PING_RSP_MAX 360

struct interfaces_base_ping_req {
	char lwl_none;			/* it has no items */
};

struct interfaces_base_ping_rsp {
	uint64_t time;
};

int interfaces_base_ping_req_encode(struct lwl_writer *w,
		const struct interfaces_base_ping_req *in);
int interfaces_base_ping_req_decode(struct interfaces_base_ping_req *out, const void *msg,
		size_t len, struct lwl_error *err);
int interfaces_base_ping_rsp_encode(struct lwl_writer *w,
		const struct interfaces_base_ping_rsp *in);
int interfaces_base_ping_rsp_decode(struct interfaces_base_ping_rsp *out, const void *msg,
		size_t len, struct lwl_error *err);

/* ---- Base.log ---- */

/* A one-way. */
#define INTERFACES_BASE_LOG 0x0103
#define INTERFACES_BASE_LOG_MSG_MAX 288

struct interfaces_base_log_msg {
	struct lwl_string line;	/* up to 200 bytes */
};

int interfaces_base_log_msg_encode(struct lwl_writer *w, const struct interfaces_base_log_msg *in);
int interfaces_base_log_msg_decode(struct interfaces_base_log_msg *out, const void *msg,
		size_t len, struct lwl_error *err);

/* ---- Left.left ---- */

#define INTERFACES_LEFT_LEFT 0x0201
#define INTERFACES_LEFT_LEFT_REQ_MAX 80
#define INTERFACES_LEFT_LEFT_RSP_MAX 360

struct interfaces_left_left_req {
	char lwl_none;			/* it has no items */
};

struct interfaces_left_left_rsp {
	char lwl_none;			/* it has no items */
};

int interfaces_left_left_req_encode(struct lwl_writer *w,
		const struct interfaces_left_left_req *in);
int interfaces_left_left_req_decode(struct interfaces_left_left_req *out, const void *msg,
		size_t len, struct lwl_error *err);
int interfaces_left_left_rsp_encode(struct lwl_writer *w,
		const struct interfaces_left_left_rsp *in);
int interfaces_left_left_rsp_decode(struct interfaces_left_left_rsp *out, const void *msg,
		size_t len, struct lwl_error *err);

/* ---- Right.right ---- */

/* A one-way. */
#define INTERFACES_RIGHT_RIGHT 0x03ff
#define INTERFACES_RIGHT_RIGHT_MSG_MAX 80

struct interfaces_right_right_msg {
	char lwl_none;			/* it has no items */
};

int interfaces_right_right_msg_encode(struct lwl_writer *w,
		const struct interfaces_right_right_msg *in);
int interfaces_right_right_msg_decode(struct interfaces_right_right_msg *out, const void *msg,
		size_t len, struct lwl_error *err);

/* ---- Top.twice ---- */

/* Replay safe. Since version 1. Deprecated: use double */
#define INTERFACES_TOP_TWICE 0x7f0a
#define INTERFACES_TOP_TWICE_REQ_MAX 80
#define INTERFACES_TOP_TWICE_RSP_MAX 360

struct interfaces_top_twice_req {
	char lwl_none;			/* it has no items */
};

struct interfaces_top_twice_rsp {
	char lwl_none;			/* it has no items */
};

int interfaces_top_twice_req_encode(struct lwl_writer *w,
		const struct interfaces_top_twice_req *in);
int interfaces_top_twice_req_decode(struct interfaces_top_twice_req *out, const void *msg,
		size_t len, struct lwl_error *err);
int interfaces_top_twice_rsp_encode(struct lwl_writer *w,
		const struct interfaces_top_twice_rsp *in);
int interfaces_top_twice_rsp_decode(struct interfaces_top_twice_rsp *out, const void *msg,
		size_t len, struct lwl_error *err);

/* ---- Top.double ---- */

/* Since version 2. */
#define INTERFACES_TOP_DOUBLE 0x7fc8
#define INTERFACES_TOP_DOUBLE_REQ_MAX 120
#define INTERFACES_TOP_DOUBLE_RSP_MAX 360

struct interfaces_top_double_req {
	uint32_t int_;
	bool has_class;
	uint32_t class_;
	bool has_errno;
	struct interfaces_top errno_;
	bool has_new;
	bool new_;
};

struct interfaces_top_double_rsp {
	struct lwl_seq all;	/* up to 10 of struct interfaces_top */
};

int interfaces_top_double_req_encode(struct lwl_writer *w,
		const struct interfaces_top_double_req *in);
int interfaces_top_double_req_decode(struct interfaces_top_double_req *out, const void *msg,
		size_t len, struct lwl_error *err);
int interfaces_top_double_rsp_encode(struct lwl_writer *w,
		const struct interfaces_top_double_rsp *in);
int interfaces_top_double_rsp_decode(struct interfaces_top_double_rsp *out, const void *msg,
		size_t len, struct lwl_error *err);

/* ---- Keeper.keep ---- */

#define INTERFACES_KEEPER_KEEP 0x0501
#define INTERFACES_KEEPER_KEEP_REQ_MAX 112
#define INTERFACES_KEEPER_KEEP_RSP_MAX 360

struct interfaces_keeper_keep_req {
	struct interfaces_token token;
	struct lwl_link_any any;
};

struct interfaces_keeper_keep_rsp {
	char lwl_none;			/* it has no items */
};

int interfaces_keeper_keep_req_encode(struct lwl_writer *w,
		const struct interfaces_keeper_keep_req *in);
int interfaces_keeper_keep_req_decode(struct interfaces_keeper_keep_req *out, const void *msg,
		size_t len, struct lwl_error *err);
int interfaces_keeper_keep_rsp_encode(struct lwl_writer *w,
		const struct interfaces_keeper_keep_rsp *in);
int interfaces_keeper_keep_rsp_decode(struct interfaces_keeper_keep_rsp *out, const void *msg,
		size_t len, struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
