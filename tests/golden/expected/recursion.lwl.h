/*
 * golden.recursion, version 1: the messages.
 *
 * Groups that contain themselves: directly, by turns, in lists, behind a union.
 *
 * Made by lwlc from recursion.lwl: change that, not this.
 */
#ifndef GOLDEN_RECURSION_LWL_H
#define GOLDEN_RECURSION_LWL_H

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

/* A link to an end point that offers Eval. */
struct recursion_eval {
	uint64_t id;			/* the linkid; 0: none */
};

#define RECURSION_EVAL_ID 0x04

/* Element `i` of a sequence of these. */
static inline struct recursion_eval recursion_eval_at(struct lwl_seq seq, uint32_t i)
{
	struct recursion_eval link = { lwl_link_at(seq, i).id };

	return link;
}

struct recursion_tree {
	uint32_t value;
	bool has_left;
	struct lwl_seq left;	/* one of struct recursion_tree */
	bool has_right;
	struct lwl_seq right;	/* one of struct recursion_tree */
};

/* The next of a list of these; false at its end. */
bool recursion_tree_next(struct lwl_cursor *c, struct recursion_tree *out);

struct recursion_folder {
	struct lwl_string name;	/* up to 20 bytes */
	struct lwl_seq folders;	/* up to 5 of struct recursion_folder, 2000 bytes in all */
};

/* The next of a list of these; false at its end. */
bool recursion_folder_next(struct lwl_cursor *c, struct recursion_folder *out);

struct recursion_ping {
	bool has_pong;
	struct lwl_seq pong;	/* one of struct recursion_pong */
};

/* The next of a list of these; false at its end. */
bool recursion_ping_next(struct lwl_cursor *c, struct recursion_ping *out);

struct recursion_pong {
	struct lwl_seq pings;	/* up to 2 of struct recursion_ping */
	uint8_t n;
};

/* The next of a list of these; false at its end. */
bool recursion_pong_next(struct lwl_cursor *c, struct recursion_pong *out);

enum {				/* struct recursion_expr_of, which */
	RECURSION_EXPR_OF_NUMBER = 1,
	RECURSION_EXPR_OF_BINARY = 2,
	RECURSION_EXPR_OF_NEGATED = 3
};

struct recursion_expr_of {
	uint16_t which;
	union {
		uint64_t number;
		struct lwl_seq binary;	/* one of struct recursion_binary */
		struct lwl_seq negated;	/* one of struct recursion_expr */
	};
};

struct recursion_expr {
	struct recursion_expr_of of;
};

/* The next of a list of these; false at its end. */
bool recursion_expr_next(struct lwl_cursor *c, struct recursion_expr *out);

struct recursion_binary {
	struct lwl_seq left;	/* one of struct recursion_expr */
	struct lwl_seq right;	/* one of struct recursion_expr */
};

/* The next of a list of these; false at its end. */
bool recursion_binary_next(struct lwl_cursor *c, struct recursion_binary *out);

/* ---- Eval.eval ---- */

/* Replay safe. */
#define RECURSION_EVAL_EVAL 0x0401
#define RECURSION_EVAL_EVAL_REQ_MAX 280
#define RECURSION_EVAL_EVAL_RSP_MAX 360

struct recursion_eval_eval_req {
	struct recursion_expr expr;
};

struct recursion_eval_eval_rsp {
	uint64_t value;
};

int recursion_eval_eval_req_encode(struct lwl_writer *w, const struct recursion_eval_eval_req *in);
int recursion_eval_eval_req_decode(struct recursion_eval_eval_req *out, const void *msg,
		size_t len, struct lwl_error *err);
int recursion_eval_eval_rsp_encode(struct lwl_writer *w, const struct recursion_eval_eval_rsp *in);
int recursion_eval_eval_rsp_decode(struct recursion_eval_eval_rsp *out, const void *msg,
		size_t len, struct lwl_error *err);

/* ---- Eval.grow ---- */

#define RECURSION_EVAL_GROW 0x0402
#define RECURSION_EVAL_GROW_REQ_MAX 7272
#define RECURSION_EVAL_GROW_RSP_MAX 4640

struct recursion_eval_grow_req {
	struct recursion_tree tree;
	bool has_folder;
	struct recursion_folder folder;
	struct lwl_seq pings;	/* up to 3 of struct recursion_ping */
};

struct recursion_eval_grow_rsp {
	bool has_tree;
	struct recursion_tree tree;
	struct recursion_pong pong;
};

int recursion_eval_grow_req_encode(struct lwl_writer *w, const struct recursion_eval_grow_req *in);
int recursion_eval_grow_req_decode(struct recursion_eval_grow_req *out, const void *msg,
		size_t len, struct lwl_error *err);
int recursion_eval_grow_rsp_encode(struct lwl_writer *w, const struct recursion_eval_grow_rsp *in);
int recursion_eval_grow_rsp_decode(struct recursion_eval_grow_rsp *out, const void *msg,
		size_t len, struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
