/*
 * golden.interfaces, version 2: the commands.
 *
 * Made by lwlc from interfaces.lwl: change that, not this.
 */
#ifndef GOLDEN_INTERFACES_LINK_H
#define GOLDEN_INTERFACES_LINK_H

#include <lwlink/link.h>

#include "interfaces.lwl.h"

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

/* ---- Base ---- */

/*
 * What serves Base: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct interfaces_base_ops {
	void (*ping)(void *self, struct lwl_call *call, const struct interfaces_base_ping_req *req);
	void (*log)(void *self, struct lwl_call *call, const struct interfaces_base_log_msg *msg);
};

extern const struct lwl_interface interfaces_base_interface;

typedef void interfaces_base_ping_done(void *ctx, int status,
		const struct interfaces_base_ping_rsp *rsp, struct lwl_reply *reply);
int interfaces_base_ping(struct lwl_link *link, struct interfaces_base to,
		const struct interfaces_base_ping_req *req, interfaces_base_ping_done *done,
		void *ctx);
int interfaces_base_ping_wait(struct lwl_link *link, struct interfaces_base to,
		const struct interfaces_base_ping_req *req, struct interfaces_base_ping_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int interfaces_base_ping_reply(struct lwl_call *call, const struct interfaces_base_ping_rsp *rsp);

int interfaces_base_log(struct lwl_link *link, struct interfaces_base to,
		const struct interfaces_base_log_msg *msg);

/* ---- Left ---- */

/*
 * What serves Left: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct interfaces_left_ops {
	void (*left)(void *self, struct lwl_call *call, const struct interfaces_left_left_req *req);
	const struct interfaces_base_ops *interfaces_base;
};

extern const struct lwl_interface interfaces_left_interface;

typedef void interfaces_left_left_done(void *ctx, int status,
		const struct interfaces_left_left_rsp *rsp, struct lwl_reply *reply);
int interfaces_left_left(struct lwl_link *link, struct interfaces_left to,
		const struct interfaces_left_left_req *req, interfaces_left_left_done *done,
		void *ctx);
int interfaces_left_left_wait(struct lwl_link *link, struct interfaces_left to,
		const struct interfaces_left_left_req *req, struct interfaces_left_left_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int interfaces_left_left_reply(struct lwl_call *call, const struct interfaces_left_left_rsp *rsp);

/* ---- Right ---- */

/*
 * What serves Right: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct interfaces_right_ops {
	void (*right)(void *self, struct lwl_call *call,
			const struct interfaces_right_right_msg *msg);
	const struct interfaces_base_ops *interfaces_base;
};

extern const struct lwl_interface interfaces_right_interface;

int interfaces_right_right(struct lwl_link *link, struct interfaces_right to,
		const struct interfaces_right_right_msg *msg);

/* ---- Top ---- */

/*
 * What serves Top: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct interfaces_top_ops {
	void (*twice)(void *self, struct lwl_call *call,
			const struct interfaces_top_twice_req *req);
	void (*double_)(void *self, struct lwl_call *call,
			const struct interfaces_top_double_req *req);
	const struct interfaces_left_ops *interfaces_left;
	const struct interfaces_right_ops *interfaces_right;
};

extern const struct lwl_interface interfaces_top_interface;

typedef void interfaces_top_twice_done(void *ctx, int status,
		const struct interfaces_top_twice_rsp *rsp, struct lwl_reply *reply);
int interfaces_top_twice(struct lwl_link *link, struct interfaces_top to,
		const struct interfaces_top_twice_req *req, interfaces_top_twice_done *done,
		void *ctx);
int interfaces_top_twice_wait(struct lwl_link *link, struct interfaces_top to,
		const struct interfaces_top_twice_req *req, struct interfaces_top_twice_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int interfaces_top_twice_reply(struct lwl_call *call, const struct interfaces_top_twice_rsp *rsp);

typedef void interfaces_top_double_done(void *ctx, int status,
		const struct interfaces_top_double_rsp *rsp, struct lwl_reply *reply);
int interfaces_top_double(struct lwl_link *link, struct interfaces_top to,
		const struct interfaces_top_double_req *req, interfaces_top_double_done *done,
		void *ctx);
int interfaces_top_double_wait(struct lwl_link *link, struct interfaces_top to,
		const struct interfaces_top_double_req *req, struct interfaces_top_double_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err);
int interfaces_top_double_reply(struct lwl_call *call, const struct interfaces_top_double_rsp *rsp);

/* ---- Token ---- */

/*
 * What serves Token: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct interfaces_token_ops {
	char lwl_none;			/* it has no commands */
};

extern const struct lwl_interface interfaces_token_interface;

/* ---- Keeper ---- */

/*
 * What serves Keeper: a function for each command, NULL for those that it lacks.
 * `self` is the end point's own pointer. A request, and what it points to, is there
 * until the function returns, or after lwl_call_hold until the call ends.
 */
struct interfaces_keeper_ops {
	void (*keep)(void *self, struct lwl_call *call,
			const struct interfaces_keeper_keep_req *req);
};

extern const struct lwl_interface interfaces_keeper_interface;

typedef void interfaces_keeper_keep_done(void *ctx, int status,
		const struct interfaces_keeper_keep_rsp *rsp, struct lwl_reply *reply);
int interfaces_keeper_keep(struct lwl_link *link, struct interfaces_keeper to,
		const struct interfaces_keeper_keep_req *req, interfaces_keeper_keep_done *done,
		void *ctx);
int interfaces_keeper_keep_wait(struct lwl_link *link, struct interfaces_keeper to,
		const struct interfaces_keeper_keep_req *req,
		struct interfaces_keeper_keep_rsp *rsp, void *buf, size_t size,
		struct lwl_error *err);
int interfaces_keeper_keep_reply(struct lwl_call *call,
		const struct interfaces_keeper_keep_rsp *rsp);

#ifdef __cplusplus
}
#endif
#endif
