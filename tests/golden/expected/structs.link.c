/*
 * golden.structs, version 1: dispatch tables, stubs and replies.
 *
 * Made by lwlc from structs.lwl: change that, not this.
 */
#include "structs.link.h"

/* ---- Store ---- */

static int run_structs_store_swap(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct structs_store_ops *table = ops;
	struct structs_store_swap_req req;
	int status;

	if (table == NULL || table->swap == NULL)
		return -LWL_EUNKNOWN;
	status = structs_store_swap_req_decode(&req, msg, len, err);
	if (status == 0)
		table->swap(self, call, &req);
	return status;
}

static const struct lwl_command structs_store_commands[] = {
	[1] = {
		.name = "swap",
		.run = run_structs_store_swap,
		.request_max = STRUCTS_STORE_SWAP_REQ_MAX,
		.response_max = STRUCTS_STORE_SWAP_RSP_MAX,
		.command = STRUCTS_STORE_SWAP,
		.replay_safe = true,
	},
};

const struct lwl_interface structs_store_interface = {
	.name = "golden.structs.Store",
	.version = 1,
	.id = STRUCTS_STORE_ID,
	.commands = structs_store_commands,
	.command_count = 2,
};

static void answer_structs_store_swap(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct structs_store_swap_rsp rsp;

	if (status == 0)
		status = structs_store_swap_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((structs_store_swap_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int structs_store_swap(struct lwl_link *link, struct structs_store to,
		const struct structs_store_swap_req *req, structs_store_swap_done *done, void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &structs_store_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, structs_store_swap_req_encode(w, req),
			answer_structs_store_swap, (lwl_done_fn *)done, ctx);
}

int structs_store_swap_wait(struct lwl_link *link, struct structs_store to,
		const struct structs_store_swap_req *req, struct structs_store_swap_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &structs_store_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, structs_store_swap_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? structs_store_swap_rsp_decode(rsp, buf, len, err) : status;
}

int structs_store_swap_reply(struct lwl_call *call, const struct structs_store_swap_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, structs_store_swap_rsp_encode(w, rsp)) : status;
}

