/*
 * golden.other, version 4: dispatch tables, stubs and replies.
 *
 * Made by lwlc from other.lwl: change that, not this.
 */
#include "other.link.h"

/* ---- Closable ---- */

static int run_other_closable_close(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct other_closable_ops *table = ops;
	struct other_closable_close_req req;
	int status;

	if (table == NULL || table->close == NULL)
		return -LWL_EUNKNOWN;
	status = other_closable_close_req_decode(&req, msg, len, err);
	if (status == 0)
		table->close(self, call, &req);
	return status;
}

static int run_other_closable_abandon(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct other_closable_ops *table = ops;
	struct other_closable_abandon_msg req;
	int status;

	if (table == NULL || table->abandon == NULL)
		return -LWL_EUNKNOWN;
	status = other_closable_abandon_msg_decode(&req, msg, len, err);
	if (status == 0)
		table->abandon(self, call, &req);
	return status;
}

static const struct lwl_command other_closable_commands[] = {
	[1] = {
		.name = "close",
		.run = run_other_closable_close,
		.request_max = OTHER_CLOSABLE_CLOSE_REQ_MAX,
		.response_max = OTHER_CLOSABLE_CLOSE_RSP_MAX,
		.command = OTHER_CLOSABLE_CLOSE,
	},
	[2] = {
		.name = "abandon",
		.run = run_other_closable_abandon,
		.request_max = OTHER_CLOSABLE_ABANDON_MSG_MAX,
		.command = OTHER_CLOSABLE_ABANDON,
		.oneway = true,
	},
};

const struct lwl_interface other_closable_interface = {
	.name = "golden.other.Closable",
	.version = 4,
	.id = OTHER_CLOSABLE_ID,
	.commands = other_closable_commands,
	.command_count = 3,
};

static void answer_other_closable_close(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct other_closable_close_rsp rsp;

	if (status == 0)
		status = other_closable_close_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((other_closable_close_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int other_closable_close(struct lwl_link *link, struct other_closable to,
		const struct other_closable_close_req *req, other_closable_close_done *done,
		void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &other_closable_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, other_closable_close_req_encode(w, req),
			answer_other_closable_close, (lwl_done_fn *)done, ctx);
}

int other_closable_close_wait(struct lwl_link *link, struct other_closable to,
		const struct other_closable_close_req *req, struct other_closable_close_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &other_closable_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, other_closable_close_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? other_closable_close_rsp_decode(rsp, buf, len, err) : status;
}

int other_closable_close_reply(struct lwl_call *call, const struct other_closable_close_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, other_closable_close_rsp_encode(w,
			rsp)) : status;
}

int other_closable_abandon(struct lwl_link *link, struct other_closable to,
		const struct other_closable_abandon_msg *msg)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &other_closable_commands[2], &w);

	return status == 0 ? lwl_oneway_commit(link, other_closable_abandon_msg_encode(w,
			msg)) : status;
}

