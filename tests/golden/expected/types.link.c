/*
 * golden.types, version 3: dispatch tables, stubs and replies.
 *
 * Made by lwlc from types.lwl: change that, not this.
 */
#include "types.link.h"

/* ---- All ---- */

static int run_types_all_put(const void *ops, void *self, struct lwl_call *call, const void *msg,
		size_t len, struct lwl_error *err)
{
	const struct types_all_ops *table = ops;
	struct types_all_put_req req;
	int status;

	if (table == NULL || table->put == NULL)
		return -LWL_EUNKNOWN;
	status = types_all_put_req_decode(&req, msg, len, err);
	if (status == 0)
		table->put(self, call, &req);
	return status;
}

static int run_types_all_tell(const void *ops, void *self, struct lwl_call *call, const void *msg,
		size_t len, struct lwl_error *err)
{
	const struct types_all_ops *table = ops;
	struct types_all_tell_msg req;
	int status;

	if (table == NULL || table->tell == NULL)
		return -LWL_EUNKNOWN;
	status = types_all_tell_msg_decode(&req, msg, len, err);
	if (status == 0)
		table->tell(self, call, &req);
	return status;
}

static const struct lwl_command types_all_commands[] = {
	[1] = {
		.name = "put",
		.run = run_types_all_put,
		.request_max = TYPES_ALL_PUT_REQ_MAX,
		.response_max = TYPES_ALL_PUT_RSP_MAX,
		.command = TYPES_ALL_PUT,
	},
	[2] = {
		.name = "tell",
		.run = run_types_all_tell,
		.request_max = TYPES_ALL_TELL_MSG_MAX,
		.command = TYPES_ALL_TELL,
		.oneway = true,
	},
};

const struct lwl_interface types_all_interface = {
	.name = "golden.types.All",
	.version = 3,
	.id = TYPES_ALL_ID,
	.commands = types_all_commands,
	.command_count = 3,
};

static void answer_types_all_put(int status, const void *msg, size_t len, struct lwl_reply *reply,
		lwl_done_fn *done, void *ctx)
{
	struct types_all_put_rsp rsp;

	if (status == 0)
		status = types_all_put_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((types_all_put_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int types_all_put(struct lwl_link *link, struct types_all to, const struct types_all_put_req *req,
		types_all_put_done *done, void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &types_all_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, types_all_put_req_encode(w, req), answer_types_all_put,
			(lwl_done_fn *)done, ctx);
}

int types_all_put_wait(struct lwl_link *link, struct types_all to,
		const struct types_all_put_req *req, struct types_all_put_rsp *rsp, void *buf,
		size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &types_all_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, types_all_put_req_encode(w, req), buf, size, &len);
	return status == 0 ? types_all_put_rsp_decode(rsp, buf, len, err) : status;
}

int types_all_put_reply(struct lwl_call *call, const struct types_all_put_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, types_all_put_rsp_encode(w, rsp)) : status;
}

int types_all_tell(struct lwl_link *link, struct types_all to, const struct types_all_tell_msg *msg)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &types_all_commands[2], &w);

	return status == 0 ? lwl_oneway_commit(link, types_all_tell_msg_encode(w, msg)) : status;
}

