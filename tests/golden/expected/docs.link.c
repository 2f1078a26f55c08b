/*
 * golden.docs, version 9: dispatch tables, stubs and replies.
 *
 * Made by lwlc from docs.lwl: change that, not this.
 */
#include "docs.link.h"

/* ---- Doc ---- */

static int run_docs_doc_run(const void *ops, void *self, struct lwl_call *call, const void *msg,
		size_t len, struct lwl_error *err)
{
	const struct docs_doc_ops *table = ops;
	struct docs_doc_run_req req;
	int status;

	if (table == NULL || table->run == NULL)
		return -LWL_EUNKNOWN;
	status = docs_doc_run_req_decode(&req, msg, len, err);
	if (status == 0)
		table->run(self, call, &req);
	return status;
}

static int run_docs_doc_go(const void *ops, void *self, struct lwl_call *call, const void *msg,
		size_t len, struct lwl_error *err)
{
	const struct docs_doc_ops *table = ops;
	struct docs_doc_go_msg req;
	int status;

	if (table == NULL || table->go == NULL)
		return -LWL_EUNKNOWN;
	status = docs_doc_go_msg_decode(&req, msg, len, err);
	if (status == 0)
		table->go(self, call, &req);
	return status;
}

static const struct lwl_command docs_doc_commands[] = {
	[1] = {
		.name = "run",
		.run = run_docs_doc_run,
		.request_max = DOCS_DOC_RUN_REQ_MAX,
		.response_max = DOCS_DOC_RUN_RSP_MAX,
		.command = DOCS_DOC_RUN,
		.replay_safe = true,
	},
	[2] = {
		.name = "go",
		.run = run_docs_doc_go,
		.request_max = DOCS_DOC_GO_MSG_MAX,
		.command = DOCS_DOC_GO,
		.oneway = true,
	},
};

const struct lwl_interface docs_doc_interface = {
	.name = "golden.docs.Doc",
	.version = 9,
	.id = DOCS_DOC_ID,
	.commands = docs_doc_commands,
	.command_count = 3,
};

static void answer_docs_doc_run(int status, const void *msg, size_t len, struct lwl_reply *reply,
		lwl_done_fn *done, void *ctx)
{
	struct docs_doc_run_rsp rsp;

	if (status == 0)
		status = docs_doc_run_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((docs_doc_run_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int docs_doc_run(struct lwl_link *link, struct docs_doc to, const struct docs_doc_run_req *req,
		docs_doc_run_done *done, void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &docs_doc_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, docs_doc_run_req_encode(w, req), answer_docs_doc_run,
			(lwl_done_fn *)done, ctx);
}

int docs_doc_run_wait(struct lwl_link *link, struct docs_doc to,
		const struct docs_doc_run_req *req, struct docs_doc_run_rsp *rsp, void *buf,
		size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &docs_doc_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, docs_doc_run_req_encode(w, req), buf, size, &len);
	return status == 0 ? docs_doc_run_rsp_decode(rsp, buf, len, err) : status;
}

int docs_doc_run_reply(struct lwl_call *call, const struct docs_doc_run_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, docs_doc_run_rsp_encode(w, rsp)) : status;
}

int docs_doc_go(struct lwl_link *link, struct docs_doc to, const struct docs_doc_go_msg *msg)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &docs_doc_commands[2], &w);

	return status == 0 ? lwl_oneway_commit(link, docs_doc_go_msg_encode(w, msg)) : status;
}

