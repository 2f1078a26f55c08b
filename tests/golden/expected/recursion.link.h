/*
 * golden.recursion, version 1: the commands.
 *
 * Made by lwlc from recursion.lwl: change that, not this.
 */
#ifndef GOLDEN_RECURSION_LINK_H
#define GOLDEN_RECURSION_LINK_H

#include <lwlink/link.h>

#include "recursion.lwl.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * For each command X:
 *
 * X() sends the request and returns at once: 0, and then `done` is called exactly once, or an
 * error, and `done` is never called. `status` is 0, and `rsp` and what it points to are there
 * until `done` returns; or it is negative and rsp is NULL: lwl_reply_error(reply) says more. A
 * one-way has no answer. Errors at once: those of the encoder and of lwl_call_begin in
 * <lwlink/link.h>.
 *
 * X_wait() sends, runs the link until the answer is there, and decodes it into `rsp`, which points
 * into the `size` bytes at `buf`; X_RSP_MAX bytes are enough for any. Blocks. For tools.
 *
 * X_reply() answers a call, from the server's function or later, from anywhere, and ends it. What
 * cannot be encoded is an error, which the peer gets instead.
 */

/* ---- Eval ---- */

/*
 * What serves Eval: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct recursion_eval_ops {
	void (*eval)(void *self, struct lwl_call *call, const struct recursion_eval_eval_req *req);
	void (*grow)(void *self, struct lwl_call *call, const struct recursion_eval_grow_req *req);
};

extern const struct lwl_interface recursion_eval_interface;

typedef void recursion_eval_eval_done(void *ctx, int status,
		const struct recursion_eval_eval_rsp *rsp, struct lwl_reply *reply);
int recursion_eval_eval(struct lwl_link *link, struct recursion_eval to,
		const struct recursion_eval_eval_req *req, recursion_eval_eval_done *done,
		void *ctx);
int recursion_eval_eval_wait(struct lwl_link *link, struct recursion_eval to,
		const struct recursion_eval_eval_req *req, struct recursion_eval_eval_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int recursion_eval_eval_reply(struct lwl_call *call, const struct recursion_eval_eval_rsp *rsp);

typedef void recursion_eval_grow_done(void *ctx, int status,
		const struct recursion_eval_grow_rsp *rsp, struct lwl_reply *reply);
int recursion_eval_grow(struct lwl_link *link, struct recursion_eval to,
		const struct recursion_eval_grow_req *req, recursion_eval_grow_done *done,
		void *ctx);
int recursion_eval_grow_wait(struct lwl_link *link, struct recursion_eval to,
		const struct recursion_eval_grow_req *req, struct recursion_eval_grow_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int recursion_eval_grow_reply(struct lwl_call *call, const struct recursion_eval_grow_rsp *rsp);

#ifdef __cplusplus
}
#endif
#endif
