/*
 * golden.docs, version 9: the commands.
 *
 * Made by lwlc from docs.lwl: change that, not this.
 */
#ifndef GOLDEN_DOCS_LINK_H
#define GOLDEN_DOCS_LINK_H

#include <lwlink/link.h>

#include "docs.lwl.h"

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

/* ---- Doc ---- */

/*
 * What serves Doc: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct docs_doc_ops {
	void (*run)(void *self, struct lwl_call *call, const struct docs_doc_run_req *req);
	void (*go)(void *self, struct lwl_call *call, const struct docs_doc_go_msg *msg);
};

extern const struct lwl_interface docs_doc_interface;

typedef void docs_doc_run_done(void *ctx, int status, const struct docs_doc_run_rsp *rsp,
		struct lwl_reply *reply);
int docs_doc_run(struct lwl_link *link, struct docs_doc to, const struct docs_doc_run_req *req,
		docs_doc_run_done *done, void *ctx);
int docs_doc_run_wait(struct lwl_link *link, struct docs_doc to,
		const struct docs_doc_run_req *req, struct docs_doc_run_rsp *rsp, void *buf,
		size_t size, struct lwl_error *err);
int docs_doc_run_reply(struct lwl_call *call, const struct docs_doc_run_rsp *rsp);

int docs_doc_go(struct lwl_link *link, struct docs_doc to, const struct docs_doc_go_msg *msg);

#ifdef __cplusplus
}
#endif
#endif
