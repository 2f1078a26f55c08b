/*
 * golden.groups, version 2: dispatch tables, stubs and replies.
 *
 * Made by lwlc from groups.lwl: change that, not this.
 */
#include "groups.link.h"

/* ---- Node ---- */

static int run_groups_node_lookup(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct groups_node_ops *table = ops;
	struct groups_node_lookup_req req;
	int status;

	if (table == NULL || table->lookup == NULL)
		return -LWL_EUNKNOWN;
	status = groups_node_lookup_req_decode(&req, msg, len, err);
	if (status == 0)
		table->lookup(self, call, &req);
	return status;
}

static int run_groups_node_readdir(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct groups_node_ops *table = ops;
	struct groups_node_readdir_req req;
	int status;

	if (table == NULL || table->readdir == NULL)
		return -LWL_EUNKNOWN;
	status = groups_node_readdir_req_decode(&req, msg, len, err);
	if (status == 0)
		table->readdir(self, call, &req);
	return status;
}

static int run_groups_node_move(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct groups_node_ops *table = ops;
	struct groups_node_move_req req;
	int status;

	if (table == NULL || table->move == NULL)
		return -LWL_EUNKNOWN;
	status = groups_node_move_req_decode(&req, msg, len, err);
	if (status == 0)
		table->move(self, call, &req);
	return status;
}

static int run_groups_node_touch(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct groups_node_ops *table = ops;
	struct groups_node_touch_msg req;
	int status;

	if (table == NULL || table->touch == NULL)
		return -LWL_EUNKNOWN;
	status = groups_node_touch_msg_decode(&req, msg, len, err);
	if (status == 0)
		table->touch(self, call, &req);
	return status;
}

static int run_groups_node_rows(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct groups_node_ops *table = ops;
	struct groups_node_rows_req req;
	int status;

	if (table == NULL || table->rows == NULL)
		return -LWL_EUNKNOWN;
	status = groups_node_rows_req_decode(&req, msg, len, err);
	if (status == 0)
		table->rows(self, call, &req);
	return status;
}

static int run_groups_node_plain(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct groups_node_ops *table = ops;
	struct groups_node_plain_req req;
	int status;

	if (table == NULL || table->plain == NULL)
		return -LWL_EUNKNOWN;
	status = groups_node_plain_req_decode(&req, msg, len, err);
	if (status == 0)
		table->plain(self, call, &req);
	return status;
}

static const struct lwl_command groups_node_commands[] = {
	[1] = {
		.name = "lookup",
		.run = run_groups_node_lookup,
		.request_max = GROUPS_NODE_LOOKUP_REQ_MAX,
		.response_max = GROUPS_NODE_LOOKUP_RSP_MAX,
		.command = GROUPS_NODE_LOOKUP,
		.replay_safe = true,
	},
	[2] = {
		.name = "readdir",
		.run = run_groups_node_readdir,
		.request_max = GROUPS_NODE_READDIR_REQ_MAX,
		.response_max = GROUPS_NODE_READDIR_RSP_MAX,
		.command = GROUPS_NODE_READDIR,
		.replay_safe = true,
	},
	[3] = {
		.name = "move",
		.run = run_groups_node_move,
		.request_max = GROUPS_NODE_MOVE_REQ_MAX,
		.response_max = GROUPS_NODE_MOVE_RSP_MAX,
		.command = GROUPS_NODE_MOVE,
	},
	[7] = {
		.name = "touch",
		.run = run_groups_node_touch,
		.request_max = GROUPS_NODE_TOUCH_MSG_MAX,
		.command = GROUPS_NODE_TOUCH,
		.oneway = true,
	},
	[8] = {
		.name = "rows",
		.run = run_groups_node_rows,
		.request_max = GROUPS_NODE_ROWS_REQ_MAX,
		.response_max = GROUPS_NODE_ROWS_RSP_MAX,
		.command = GROUPS_NODE_ROWS,
	},
	[9] = {
		.name = "plain",
		.run = run_groups_node_plain,
		.request_max = GROUPS_NODE_PLAIN_REQ_MAX,
		.response_max = GROUPS_NODE_PLAIN_RSP_MAX,
		.command = GROUPS_NODE_PLAIN,
	},
};

const struct lwl_interface groups_node_interface = {
	.name = "golden.groups.Node",
	.version = 2,
	.id = GROUPS_NODE_ID,
	.commands = groups_node_commands,
	.command_count = 10,
};

static void answer_groups_node_lookup(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct groups_node_lookup_rsp rsp;

	if (status == 0)
		status = groups_node_lookup_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((groups_node_lookup_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int groups_node_lookup(struct lwl_link *link, struct groups_node to,
		const struct groups_node_lookup_req *req, groups_node_lookup_done *done, void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, groups_node_lookup_req_encode(w, req),
			answer_groups_node_lookup, (lwl_done_fn *)done, ctx);
}

int groups_node_lookup_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_lookup_req *req, struct groups_node_lookup_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, groups_node_lookup_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? groups_node_lookup_rsp_decode(rsp, buf, len, err) : status;
}

int groups_node_lookup_reply(struct lwl_call *call, const struct groups_node_lookup_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, groups_node_lookup_rsp_encode(w, rsp)) : status;
}

static void answer_groups_node_readdir(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct groups_node_readdir_rsp rsp;

	if (status == 0)
		status = groups_node_readdir_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((groups_node_readdir_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int groups_node_readdir(struct lwl_link *link, struct groups_node to,
		const struct groups_node_readdir_req *req, groups_node_readdir_done *done,
		void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[2], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, groups_node_readdir_req_encode(w, req),
			answer_groups_node_readdir, (lwl_done_fn *)done, ctx);
}

int groups_node_readdir_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_readdir_req *req, struct groups_node_readdir_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[2], &w);

	if (status == 0)
		status = lwl_call_wait(link, groups_node_readdir_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? groups_node_readdir_rsp_decode(rsp, buf, len, err) : status;
}

int groups_node_readdir_reply(struct lwl_call *call, const struct groups_node_readdir_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, groups_node_readdir_rsp_encode(w,
			rsp)) : status;
}

static void answer_groups_node_move(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct groups_node_move_rsp rsp;

	if (status == 0)
		status = groups_node_move_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((groups_node_move_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int groups_node_move(struct lwl_link *link, struct groups_node to,
		const struct groups_node_move_req *req, groups_node_move_done *done, void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[3], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, groups_node_move_req_encode(w, req), answer_groups_node_move,
			(lwl_done_fn *)done, ctx);
}

int groups_node_move_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_move_req *req, struct groups_node_move_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[3], &w);

	if (status == 0)
		status = lwl_call_wait(link, groups_node_move_req_encode(w, req), buf, size, &len);
	return status == 0 ? groups_node_move_rsp_decode(rsp, buf, len, err) : status;
}

int groups_node_move_reply(struct lwl_call *call, const struct groups_node_move_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, groups_node_move_rsp_encode(w, rsp)) : status;
}

int groups_node_touch(struct lwl_link *link, struct groups_node to,
		const struct groups_node_touch_msg *msg)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[7], &w);

	return status == 0 ? lwl_oneway_commit(link, groups_node_touch_msg_encode(w, msg)) : status;
}

static void answer_groups_node_rows(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct groups_node_rows_rsp rsp;

	if (status == 0)
		status = groups_node_rows_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((groups_node_rows_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int groups_node_rows(struct lwl_link *link, struct groups_node to,
		const struct groups_node_rows_req *req, groups_node_rows_done *done, void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[8], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, groups_node_rows_req_encode(w, req), answer_groups_node_rows,
			(lwl_done_fn *)done, ctx);
}

int groups_node_rows_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_rows_req *req, struct groups_node_rows_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[8], &w);

	if (status == 0)
		status = lwl_call_wait(link, groups_node_rows_req_encode(w, req), buf, size, &len);
	return status == 0 ? groups_node_rows_rsp_decode(rsp, buf, len, err) : status;
}

int groups_node_rows_reply(struct lwl_call *call, const struct groups_node_rows_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, groups_node_rows_rsp_encode(w, rsp)) : status;
}

static void answer_groups_node_plain(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct groups_node_plain_rsp rsp;

	if (status == 0)
		status = groups_node_plain_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((groups_node_plain_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int groups_node_plain(struct lwl_link *link, struct groups_node to,
		const struct groups_node_plain_req *req, groups_node_plain_done *done, void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[9], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, groups_node_plain_req_encode(w, req),
			answer_groups_node_plain, (lwl_done_fn *)done, ctx);
}

int groups_node_plain_wait(struct lwl_link *link, struct groups_node to,
		const struct groups_node_plain_req *req, struct groups_node_plain_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &groups_node_commands[9], &w);

	if (status == 0)
		status = lwl_call_wait(link, groups_node_plain_req_encode(w, req), buf, size, &len);
	return status == 0 ? groups_node_plain_rsp_decode(rsp, buf, len, err) : status;
}

int groups_node_plain_reply(struct lwl_call *call, const struct groups_node_plain_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, groups_node_plain_rsp_encode(w, rsp)) : status;
}

