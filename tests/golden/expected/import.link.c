/*
 * golden.import, version 1: dispatch tables, stubs and replies.
 *
 * Made by lwlc from import.lwl: change that, not this.
 */
#include "import.link.h"

/* ---- Finder ---- */

static int run_import_finder_find(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct import_finder_ops *table = ops;
	struct import_finder_find_req req;
	int status;

	if (table == NULL || table->find == NULL)
		return -LWL_EUNKNOWN;
	status = import_finder_find_req_decode(&req, msg, len, err);
	if (status == 0)
		table->find(self, call, &req);
	return status;
}

static const struct lwl_command import_finder_commands[] = {
	[1] = {
		.name = "find",
		.run = run_import_finder_find,
		.request_max = IMPORT_FINDER_FIND_REQ_MAX,
		.response_max = IMPORT_FINDER_FIND_RSP_MAX,
		.command = IMPORT_FINDER_FIND,
	},
};

static const struct lwl_use import_finder_uses[] = {
	{
		.interface = &other_closable_interface,
		.ops_offset = offsetof(struct import_finder_ops, other_closable),
		.from = 0,
		.to = 1,
	},
};

const struct lwl_interface import_finder_interface = {
	.name = "golden.import.Finder",
	.version = 1,
	.id = IMPORT_FINDER_ID,
	.commands = import_finder_commands,
	.command_count = 2,
	.uses = import_finder_uses,
	.use_count = 1,
};

static void answer_import_finder_find(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct import_finder_find_rsp rsp;

	if (status == 0)
		status = import_finder_find_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((import_finder_find_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int import_finder_find(struct lwl_link *link, struct import_finder to,
		const struct import_finder_find_req *req, import_finder_find_done *done, void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &import_finder_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, import_finder_find_req_encode(w, req),
			answer_import_finder_find, (lwl_done_fn *)done, ctx);
}

int import_finder_find_wait(struct lwl_link *link, struct import_finder to,
		const struct import_finder_find_req *req, struct import_finder_find_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &import_finder_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, import_finder_find_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? import_finder_find_rsp_decode(rsp, buf, len, err) : status;
}

int import_finder_find_reply(struct lwl_call *call, const struct import_finder_find_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, import_finder_find_rsp_encode(w, rsp)) : status;
}

/* ---- Handle ---- */

static const struct lwl_use import_handle_uses[] = {
	{
		.interface = &import_finder_interface,
		.ops_offset = offsetof(struct import_handle_ops, import_finder),
		.from = 0,
		.to = 1,
	},
	{
		.interface = &other_closable_interface,
		.ops_offset = offsetof(struct import_handle_ops, other_closable),
		.from = 0,
		.to = 2,
	},
	{
		.interface = &other_closable_interface,
		.ops_offset = offsetof(struct import_finder_ops, other_closable),
		.from = 1,
		.to = 2,
	},
};

const struct lwl_interface import_handle_interface = {
	.name = "golden.import.Handle",
	.version = 1,
	.id = IMPORT_HANDLE_ID,
	.uses = import_handle_uses,
	.use_count = 3,
};

