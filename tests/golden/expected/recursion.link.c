/*
 * golden.recursion, version 1: dispatch tables, stubs and replies.
 *
 * Made by lwlc from recursion.lwl: change that, not this.
 */
#include "recursion.link.h"

/* ---- Eval ---- */

static int run_recursion_eval_eval(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct recursion_eval_ops *table = ops;
	struct recursion_eval_eval_req req;
	int status;

	if (table == NULL || table->eval == NULL)
		return -LWL_EUNKNOWN;
	status = recursion_eval_eval_req_decode(&req, msg, len, err);
	if (status == 0)
		table->eval(self, call, &req);
	return status;
}

static int run_recursion_eval_grow(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct recursion_eval_ops *table = ops;
	struct recursion_eval_grow_req req;
	int status;

	if (table == NULL || table->grow == NULL)
		return -LWL_EUNKNOWN;
	status = recursion_eval_grow_req_decode(&req, msg, len, err);
	if (status == 0)
		table->grow(self, call, &req);
	return status;
}

static const struct lwl_command recursion_eval_commands[] = {
	[1] = {
		.name = "eval",
		.run = run_recursion_eval_eval,
		.request_max = RECURSION_EVAL_EVAL_REQ_MAX,
		.response_max = RECURSION_EVAL_EVAL_RSP_MAX,
		.command = RECURSION_EVAL_EVAL,
		.replay_safe = true,
	},
	[2] = {
		.name = "grow",
		.run = run_recursion_eval_grow,
		.request_max = RECURSION_EVAL_GROW_REQ_MAX,
		.response_max = RECURSION_EVAL_GROW_RSP_MAX,
		.command = RECURSION_EVAL_GROW,
	},
};

const struct lwl_interface recursion_eval_interface = {
	.name = "golden.recursion.Eval",
	.version = 1,
	.id = RECURSION_EVAL_ID,
	.commands = recursion_eval_commands,
	.command_count = 3,
};

static void answer_recursion_eval_eval(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct recursion_eval_eval_rsp rsp;

	if (status == 0)
		status = recursion_eval_eval_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((recursion_eval_eval_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int recursion_eval_eval(struct lwl_link *link, struct recursion_eval to,
		const struct recursion_eval_eval_req *req, recursion_eval_eval_done *done,
		void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &recursion_eval_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, recursion_eval_eval_req_encode(w, req),
			answer_recursion_eval_eval, (lwl_done_fn *)done, ctx);
}

int recursion_eval_eval_wait(struct lwl_link *link, struct recursion_eval to,
		const struct recursion_eval_eval_req *req, struct recursion_eval_eval_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &recursion_eval_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, recursion_eval_eval_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? recursion_eval_eval_rsp_decode(rsp, buf, len, err) : status;
}

int recursion_eval_eval_reply(struct lwl_call *call, const struct recursion_eval_eval_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, recursion_eval_eval_rsp_encode(w,
			rsp)) : status;
}

static void answer_recursion_eval_grow(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct recursion_eval_grow_rsp rsp;

	if (status == 0)
		status = recursion_eval_grow_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((recursion_eval_grow_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int recursion_eval_grow(struct lwl_link *link, struct recursion_eval to,
		const struct recursion_eval_grow_req *req, recursion_eval_grow_done *done,
		void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &recursion_eval_commands[2], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, recursion_eval_grow_req_encode(w, req),
			answer_recursion_eval_grow, (lwl_done_fn *)done, ctx);
}

int recursion_eval_grow_wait(struct lwl_link *link, struct recursion_eval to,
		const struct recursion_eval_grow_req *req, struct recursion_eval_grow_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &recursion_eval_commands[2], &w);

	if (status == 0)
		status = lwl_call_wait(link, recursion_eval_grow_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? recursion_eval_grow_rsp_decode(rsp, buf, len, err) : status;
}

int recursion_eval_grow_reply(struct lwl_call *call, const struct recursion_eval_grow_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, recursion_eval_grow_rsp_encode(w,
			rsp)) : status;
}

