/*
 * golden.interfaces, version 2: dispatch tables, stubs and replies.
 *
 * Made by lwlc from interfaces.lwl: change that, not this.
 */
#include "interfaces.link.h"

/* ---- Base ---- */

static int run_interfaces_base_ping(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct interfaces_base_ops *table = ops;
	struct interfaces_base_ping_req req;
	int status;

	if (table == NULL || table->ping == NULL)
		return -LWL_EUNKNOWN;
	status = interfaces_base_ping_req_decode(&req, msg, len, err);
	if (status == 0)
		table->ping(self, call, &req);
	return status;
}

static int run_interfaces_base_log(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct interfaces_base_ops *table = ops;
	struct interfaces_base_log_msg req;
	int status;

	if (table == NULL || table->log == NULL)
		return -LWL_EUNKNOWN;
	status = interfaces_base_log_msg_decode(&req, msg, len, err);
	if (status == 0)
		table->log(self, call, &req);
	return status;
}

static const struct lwl_command interfaces_base_commands[] = {
	[1] = {
		.name = "ping",
		.run = run_interfaces_base_ping,
		.request_max = INTERFACES_BASE_PING_REQ_MAX,
		.response_max = INTERFACES_BASE_PING_RSP_MAX,
		.command = INTERFACES_BASE_PING,
		.replay_safe = true,
	},
	[3] = {
		.name = "log",
		.run = run_interfaces_base_log,
		.request_max = INTERFACES_BASE_LOG_MSG_MAX,
		.command = INTERFACES_BASE_LOG,
		.oneway = true,
	},
};

const struct lwl_interface interfaces_base_interface = {
	.name = "golden.interfaces.Base",
	.version = 2,
	.id = INTERFACES_BASE_ID,
	.commands = interfaces_base_commands,
	.command_count = 4,
};

static void answer_interfaces_base_ping(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct interfaces_base_ping_rsp rsp;

	if (status == 0)
		status = interfaces_base_ping_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((interfaces_base_ping_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int interfaces_base_ping(struct lwl_link *link, struct interfaces_base to,
		const struct interfaces_base_ping_req *req, interfaces_base_ping_done *done,
		void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &interfaces_base_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, interfaces_base_ping_req_encode(w, req),
			answer_interfaces_base_ping, (lwl_done_fn *)done, ctx);
}

int interfaces_base_ping_wait(struct lwl_link *link, struct interfaces_base to,
		const struct interfaces_base_ping_req *req, struct interfaces_base_ping_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &interfaces_base_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, interfaces_base_ping_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? interfaces_base_ping_rsp_decode(rsp, buf, len, err) : status;
}

int interfaces_base_ping_reply(struct lwl_call *call, const struct interfaces_base_ping_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, interfaces_base_ping_rsp_encode(w,
			rsp)) : status;
}

int interfaces_base_log(struct lwl_link *link, struct interfaces_base to,
		const struct interfaces_base_log_msg *msg)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &interfaces_base_commands[3], &w);

	return status == 0 ? lwl_oneway_commit(link, interfaces_base_log_msg_encode(w,
			msg)) : status;
}

/* ---- Left ---- */

static int run_interfaces_left_left(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct interfaces_left_ops *table = ops;
	struct interfaces_left_left_req req;
	int status;

	if (table == NULL || table->left == NULL)
		return -LWL_EUNKNOWN;
	status = interfaces_left_left_req_decode(&req, msg, len, err);
	if (status == 0)
		table->left(self, call, &req);
	return status;
}

static const struct lwl_command interfaces_left_commands[] = {
	[1] = {
		.name = "left",
		.run = run_interfaces_left_left,
		.request_max = INTERFACES_LEFT_LEFT_REQ_MAX,
		.response_max = INTERFACES_LEFT_LEFT_RSP_MAX,
		.command = INTERFACES_LEFT_LEFT,
	},
};

static const struct lwl_use interfaces_left_uses[] = {
	{
		.interface = &interfaces_base_interface,
		.ops_offset = offsetof(struct interfaces_left_ops, interfaces_base),
		.from = 0,
		.to = 1,
	},
};

const struct lwl_interface interfaces_left_interface = {
	.name = "golden.interfaces.Left",
	.version = 2,
	.id = INTERFACES_LEFT_ID,
	.commands = interfaces_left_commands,
	.command_count = 2,
	.uses = interfaces_left_uses,
	.use_count = 1,
};

static void answer_interfaces_left_left(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct interfaces_left_left_rsp rsp;

	if (status == 0)
		status = interfaces_left_left_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((interfaces_left_left_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int interfaces_left_left(struct lwl_link *link, struct interfaces_left to,
		const struct interfaces_left_left_req *req, interfaces_left_left_done *done,
		void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &interfaces_left_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, interfaces_left_left_req_encode(w, req),
			answer_interfaces_left_left, (lwl_done_fn *)done, ctx);
}

int interfaces_left_left_wait(struct lwl_link *link, struct interfaces_left to,
		const struct interfaces_left_left_req *req, struct interfaces_left_left_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &interfaces_left_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, interfaces_left_left_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? interfaces_left_left_rsp_decode(rsp, buf, len, err) : status;
}

int interfaces_left_left_reply(struct lwl_call *call, const struct interfaces_left_left_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, interfaces_left_left_rsp_encode(w,
			rsp)) : status;
}

/* ---- Right ---- */

static int run_interfaces_right_right(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct interfaces_right_ops *table = ops;
	struct interfaces_right_right_msg req;
	int status;

	if (table == NULL || table->right == NULL)
		return -LWL_EUNKNOWN;
	status = interfaces_right_right_msg_decode(&req, msg, len, err);
	if (status == 0)
		table->right(self, call, &req);
	return status;
}

static const struct lwl_command interfaces_right_commands[] = {
	[255] = {
		.name = "right",
		.run = run_interfaces_right_right,
		.request_max = INTERFACES_RIGHT_RIGHT_MSG_MAX,
		.command = INTERFACES_RIGHT_RIGHT,
		.oneway = true,
	},
};

static const struct lwl_use interfaces_right_uses[] = {
	{
		.interface = &interfaces_base_interface,
		.ops_offset = offsetof(struct interfaces_right_ops, interfaces_base),
		.from = 0,
		.to = 1,
	},
};

const struct lwl_interface interfaces_right_interface = {
	.name = "golden.interfaces.Right",
	.version = 2,
	.id = INTERFACES_RIGHT_ID,
	.commands = interfaces_right_commands,
	.command_count = 256,
	.uses = interfaces_right_uses,
	.use_count = 1,
};

int interfaces_right_right(struct lwl_link *link, struct interfaces_right to,
		const struct interfaces_right_right_msg *msg)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &interfaces_right_commands[255], &w);

	return status == 0 ? lwl_oneway_commit(link, interfaces_right_right_msg_encode(w,
			msg)) : status;
}

/* ---- Top ---- */

static int run_interfaces_top_twice(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct interfaces_top_ops *table = ops;
	struct interfaces_top_twice_req req;
	int status;

	if (table == NULL || table->twice == NULL)
		return -LWL_EUNKNOWN;
	status = interfaces_top_twice_req_decode(&req, msg, len, err);
	if (status == 0)
		table->twice(self, call, &req);
	return status;
}

static int run_interfaces_top_double(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct interfaces_top_ops *table = ops;
	struct interfaces_top_double_req req;
	int status;

	if (table == NULL || table->double_ == NULL)
		return -LWL_EUNKNOWN;
	status = interfaces_top_double_req_decode(&req, msg, len, err);
	if (status == 0)
		table->double_(self, call, &req);
	return status;
}

static const struct lwl_command interfaces_top_commands[] = {
	[10] = {
		.name = "twice",
		.run = run_interfaces_top_twice,
		.request_max = INTERFACES_TOP_TWICE_REQ_MAX,
		.response_max = INTERFACES_TOP_TWICE_RSP_MAX,
		.command = INTERFACES_TOP_TWICE,
		.replay_safe = true,
	},
	[200] = {
		.name = "double",
		.run = run_interfaces_top_double,
		.request_max = INTERFACES_TOP_DOUBLE_REQ_MAX,
		.response_max = INTERFACES_TOP_DOUBLE_RSP_MAX,
		.command = INTERFACES_TOP_DOUBLE,
	},
};

static const struct lwl_use interfaces_top_uses[] = {
	{
		.interface = &interfaces_left_interface,
		.ops_offset = offsetof(struct interfaces_top_ops, interfaces_left),
		.from = 0,
		.to = 1,
	},
	{
		.interface = &interfaces_right_interface,
		.ops_offset = offsetof(struct interfaces_top_ops, interfaces_right),
		.from = 0,
		.to = 3,
	},
	{
		.interface = &interfaces_base_interface,
		.ops_offset = offsetof(struct interfaces_left_ops, interfaces_base),
		.from = 1,
		.to = 2,
	},
	{
		.interface = &interfaces_base_interface,
		.ops_offset = offsetof(struct interfaces_right_ops, interfaces_base),
		.from = 3,
		.to = 2,
	},
};

const struct lwl_interface interfaces_top_interface = {
	.name = "golden.interfaces.Top",
	.version = 2,
	.id = INTERFACES_TOP_ID,
	.commands = interfaces_top_commands,
	.command_count = 201,
	.uses = interfaces_top_uses,
	.use_count = 4,
};

static void answer_interfaces_top_twice(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct interfaces_top_twice_rsp rsp;

	if (status == 0)
		status = interfaces_top_twice_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((interfaces_top_twice_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int interfaces_top_twice(struct lwl_link *link, struct interfaces_top to,
		const struct interfaces_top_twice_req *req, interfaces_top_twice_done *done,
		void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &interfaces_top_commands[10], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, interfaces_top_twice_req_encode(w, req),
			answer_interfaces_top_twice, (lwl_done_fn *)done, ctx);
}

int interfaces_top_twice_wait(struct lwl_link *link, struct interfaces_top to,
		const struct interfaces_top_twice_req *req, struct interfaces_top_twice_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &interfaces_top_commands[10], &w);

	if (status == 0)
		status = lwl_call_wait(link, interfaces_top_twice_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? interfaces_top_twice_rsp_decode(rsp, buf, len, err) : status;
}

int interfaces_top_twice_reply(struct lwl_call *call, const struct interfaces_top_twice_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, interfaces_top_twice_rsp_encode(w,
			rsp)) : status;
}

static void answer_interfaces_top_double(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct interfaces_top_double_rsp rsp;

	if (status == 0)
		status = interfaces_top_double_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((interfaces_top_double_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int interfaces_top_double(struct lwl_link *link, struct interfaces_top to,
		const struct interfaces_top_double_req *req, interfaces_top_double_done *done,
		void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &interfaces_top_commands[200], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, interfaces_top_double_req_encode(w, req),
			answer_interfaces_top_double, (lwl_done_fn *)done, ctx);
}

int interfaces_top_double_wait(struct lwl_link *link, struct interfaces_top to,
		const struct interfaces_top_double_req *req, struct interfaces_top_double_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &interfaces_top_commands[200], &w);

	if (status == 0)
		status = lwl_call_wait(link, interfaces_top_double_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? interfaces_top_double_rsp_decode(rsp, buf, len, err) : status;
}

int interfaces_top_double_reply(struct lwl_call *call, const struct interfaces_top_double_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, interfaces_top_double_rsp_encode(w,
			rsp)) : status;
}

/* ---- Token ---- */

const struct lwl_interface interfaces_token_interface = {
	.name = "golden.interfaces.Token",
	.version = 2,
	.id = INTERFACES_TOKEN_ID,
};

/* ---- Keeper ---- */

static int run_interfaces_keeper_keep(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct interfaces_keeper_ops *table = ops;
	struct interfaces_keeper_keep_req req;
	int status;

	if (table == NULL || table->keep == NULL)
		return -LWL_EUNKNOWN;
	status = interfaces_keeper_keep_req_decode(&req, msg, len, err);
	if (status == 0)
		table->keep(self, call, &req);
	return status;
}

static const struct lwl_command interfaces_keeper_commands[] = {
	[1] = {
		.name = "keep",
		.run = run_interfaces_keeper_keep,
		.request_max = INTERFACES_KEEPER_KEEP_REQ_MAX,
		.response_max = INTERFACES_KEEPER_KEEP_RSP_MAX,
		.command = INTERFACES_KEEPER_KEEP,
	},
};

const struct lwl_interface interfaces_keeper_interface = {
	.name = "golden.interfaces.Keeper",
	.version = 2,
	.id = INTERFACES_KEEPER_ID,
	.commands = interfaces_keeper_commands,
	.command_count = 2,
};

static void answer_interfaces_keeper_keep(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct interfaces_keeper_keep_rsp rsp;

	if (status == 0)
		status = interfaces_keeper_keep_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((interfaces_keeper_keep_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int interfaces_keeper_keep(struct lwl_link *link, struct interfaces_keeper to,
		const struct interfaces_keeper_keep_req *req, interfaces_keeper_keep_done *done,
		void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &interfaces_keeper_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, interfaces_keeper_keep_req_encode(w, req),
			answer_interfaces_keeper_keep, (lwl_done_fn *)done, ctx);
}

int interfaces_keeper_keep_wait(struct lwl_link *link, struct interfaces_keeper to,
		const struct interfaces_keeper_keep_req *req,
		struct interfaces_keeper_keep_rsp *rsp, void *buf, size_t size,
		struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &interfaces_keeper_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, interfaces_keeper_keep_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? interfaces_keeper_keep_rsp_decode(rsp, buf, len, err) : status;
}

int interfaces_keeper_keep_reply(struct lwl_call *call,
		const struct interfaces_keeper_keep_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, interfaces_keeper_keep_rsp_encode(w,
			rsp)) : status;
}

