/*
 * golden.import, version 1: the commands.
 *
 * Made by lwlc from import.lwl: change that, not this.
 */
#ifndef GOLDEN_IMPORT_LINK_H
#define GOLDEN_IMPORT_LINK_H

#include <lwlink/link.h>

#include "import.lwl.h"
#include "other.link.h"

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

/* ---- Finder ---- */

/*
 * What serves Finder: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct import_finder_ops {
	void (*find)(void *self, struct lwl_call *call, const struct import_finder_find_req *req);
	const struct other_closable_ops *other_closable;
};

extern const struct lwl_interface import_finder_interface;

typedef void import_finder_find_done(void *ctx, int status,
		const struct import_finder_find_rsp *rsp, struct lwl_reply *reply);
int import_finder_find(struct lwl_link *link, struct import_finder to,
		const struct import_finder_find_req *req, import_finder_find_done *done, void *ctx);
int import_finder_find_wait(struct lwl_link *link, struct import_finder to,
		const struct import_finder_find_req *req, struct import_finder_find_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int import_finder_find_reply(struct lwl_call *call, const struct import_finder_find_rsp *rsp);

/* ---- Handle ---- */

/*
 * What serves Handle: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct import_handle_ops {
	const struct import_finder_ops *import_finder;
	const struct other_closable_ops *other_closable;
};

extern const struct lwl_interface import_handle_interface;

#ifdef __cplusplus
}
#endif
#endif
