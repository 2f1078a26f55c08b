/*
 * golden.unions, version 1: the commands.
 *
 * Made by lwlc from unions.lwl: change that, not this.
 */
#ifndef GOLDEN_UNIONS_LINK_H
#define GOLDEN_UNIONS_LINK_H

#include <lwlink/link.h>

#include "unions.lwl.h"

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

/* ---- Canvas ---- */

/*
 * What serves Canvas: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct unions_canvas_ops {
	void (*draw)(void *self, struct lwl_call *call, const struct unions_canvas_draw_req *req);
};

extern const struct lwl_interface unions_canvas_interface;

typedef void unions_canvas_draw_done(void *ctx, int status,
		const struct unions_canvas_draw_rsp *rsp, struct lwl_reply *reply);
int unions_canvas_draw(struct lwl_link *link, struct unions_canvas to,
		const struct unions_canvas_draw_req *req, unions_canvas_draw_done *done, void *ctx);
int unions_canvas_draw_wait(struct lwl_link *link, struct unions_canvas to,
		const struct unions_canvas_draw_req *req, struct unions_canvas_draw_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int unions_canvas_draw_reply(struct lwl_call *call, const struct unions_canvas_draw_rsp *rsp);

#ifdef __cplusplus
}
#endif
#endif
