/*
 * golden.other, version 4: the commands.
 *
 * Made by lwlc from other.lwl: change that, not this.
 */
#ifndef GOLDEN_OTHER_LINK_H
#define GOLDEN_OTHER_LINK_H

#include <lwlink/link.h>

#include "other.lwl.h"

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

/* ---- Closable ---- */

/*
 * What serves Closable: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct other_closable_ops {
	void (*close)(void *self, struct lwl_call *call,
			const struct other_closable_close_req *req);
	void (*abandon)(void *self, struct lwl_call *call,
			const struct other_closable_abandon_msg *msg);
};

extern const struct lwl_interface other_closable_interface;

typedef void other_closable_close_done(void *ctx, int status,
		const struct other_closable_close_rsp *rsp, struct lwl_reply *reply);
int other_closable_close(struct lwl_link *link, struct other_closable to,
		const struct other_closable_close_req *req, other_closable_close_done *done,
		void *ctx);
int other_closable_close_wait(struct lwl_link *link, struct other_closable to,
		const struct other_closable_close_req *req, struct other_closable_close_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int other_closable_close_reply(struct lwl_call *call, const struct other_closable_close_rsp *rsp);

int other_closable_abandon(struct lwl_link *link, struct other_closable to,
		const struct other_closable_abandon_msg *msg);

#ifdef __cplusplus
}
#endif
#endif
