/*
 * golden.groups, version 2: the commands.
 *
 * Made by lwlc from groups.lwl: change that, not this.
 */
#ifndef GOLDEN_GROUPS_LINK_H
#define GOLDEN_GROUPS_LINK_H

#include <lwlink/link.h>

#include "groups.lwl.h"

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

/* ---- Node ---- */

/*
 * What serves Node: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct groups_node_ops {
	void (*lookup)(void *self, struct lwl_call *call, const struct groups_node_lookup_req *req);
	void (*readdir)(void *self, struct lwl_call *call,
			const struct groups_node_readdir_req *req);
	void (*move)(void *self, struct lwl_call *call, const struct groups_node_move_req *req);
	void (*touch)(void *self, struct lwl_call *call, const struct groups_node_touch_msg *msg);
	void (*rows)(void *self, struct lwl_call *call, const struct groups_node_rows_req *req);
	void (*plain)(void *self, struct lwl_call *call, const struct groups_node_plain_req *req);
};

extern const struct lwl_interface groups_node_interface;

typedef void groups_node_lookup_done(void *ctx, int status,
		const struct groups_node_lookup_rsp *rsp, struct lwl_reply *reply);
int groups_node_lookup(struct lwl_link *link, struct groups_node to,
		const struct groups_node_lookup_req *req, groups_node_lookup_done *done, void *ctx);
int groups_node_lookup_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_lookup_req *req, struct groups_node_lookup_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int groups_node_lookup_reply(struct lwl_call *call, const struct groups_node_lookup_rsp *rsp);

typedef void groups_node_readdir_done(void *ctx, int status,
		const struct groups_node_readdir_rsp *rsp, struct lwl_reply *reply);
int groups_node_readdir(struct lwl_link *link, struct groups_node to,
		const struct groups_node_readdir_req *req, groups_node_readdir_done *done,
		void *ctx);
int groups_node_readdir_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_readdir_req *req, struct groups_node_readdir_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int groups_node_readdir_reply(struct lwl_call *call, const struct groups_node_readdir_rsp *rsp);

typedef void groups_node_move_done(void *ctx, int status, const struct groups_node_move_rsp *rsp,
		struct lwl_reply *reply);
int groups_node_move(struct lwl_link *link, struct groups_node to,
		const struct groups_node_move_req *req, groups_node_move_done *done, void *ctx);
int groups_node_move_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_move_req *req, struct groups_node_move_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int groups_node_move_reply(struct lwl_call *call, const struct groups_node_move_rsp *rsp);

int groups_node_touch(struct lwl_link *link, struct groups_node to,
		const struct groups_node_touch_msg *msg);

typedef void groups_node_rows_done(void *ctx, int status, const struct groups_node_rows_rsp *rsp,
		struct lwl_reply *reply);
int groups_node_rows(struct lwl_link *link, struct groups_node to,
		const struct groups_node_rows_req *req, groups_node_rows_done *done, void *ctx);
int groups_node_rows_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_rows_req *req, struct groups_node_rows_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int groups_node_rows_reply(struct lwl_call *call, const struct groups_node_rows_rsp *rsp);

typedef void groups_node_plain_done(void *ctx, int status, const struct groups_node_plain_rsp *rsp,
		struct lwl_reply *reply);
int groups_node_plain(struct lwl_link *link, struct groups_node to,
		const struct groups_node_plain_req *req, groups_node_plain_done *done, void *ctx);
int groups_node_plain_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_plain_req *req, struct groups_node_plain_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int groups_node_plain_reply(struct lwl_call *call, const struct groups_node_plain_rsp *rsp);

#ifdef __cplusplus
}
#endif
#endif
