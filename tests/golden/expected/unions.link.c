/*
 * golden.unions, version 1: dispatch tables, stubs and replies.
 *
 * Made by lwlc from unions.lwl: change that, not this.
 */
#include "unions.link.h"

/* ---- Canvas ---- */

static int run_unions_canvas_draw(const void *ops, void *self, struct lwl_call *call,
		const void *msg, size_t len, struct lwl_error *err)
{
	const struct unions_canvas_ops *table = ops;
	struct unions_canvas_draw_req req;
	int status;

	if (table == NULL || table->draw == NULL)
		return -LWL_EUNKNOWN;
	status = unions_canvas_draw_req_decode(&req, msg, len, err);
	if (status == 0)
		table->draw(self, call, &req);
	return status;
}

static const struct lwl_command unions_canvas_commands[] = {
	[1] = {
		.name = "draw",
		.run = run_unions_canvas_draw,
		.request_max = UNIONS_CANVAS_DRAW_REQ_MAX,
		.response_max = UNIONS_CANVAS_DRAW_RSP_MAX,
		.command = UNIONS_CANVAS_DRAW,
	},
};

const struct lwl_interface unions_canvas_interface = {
	.name = "golden.unions.Canvas",
	.version = 1,
	.id = UNIONS_CANVAS_ID,
	.commands = unions_canvas_commands,
	.command_count = 2,
};

static void answer_unions_canvas_draw(int status, const void *msg, size_t len,
		struct lwl_reply *reply, lwl_done_fn *done, void *ctx)
{
	struct unions_canvas_draw_rsp rsp;

	if (status == 0)
		status = unions_canvas_draw_rsp_decode(&rsp, msg, len, lwl_reply_error(reply));
	((unions_canvas_draw_done *)done)(ctx, status, status == 0 ? &rsp : NULL, reply);
}

int unions_canvas_draw(struct lwl_link *link, struct unions_canvas to,
		const struct unions_canvas_draw_req *req, unions_canvas_draw_done *done, void *ctx)
{
	struct lwl_writer *w;
	int status = lwl_call_begin(link, to.id, &unions_canvas_commands[1], &w);

	if (status != 0)
		return status;
	return lwl_call_commit(link, unions_canvas_draw_req_encode(w, req),
			answer_unions_canvas_draw, (lwl_done_fn *)done, ctx);
}

int unions_canvas_draw_wait(struct lwl_link *link, struct unions_canvas to,
		const struct unions_canvas_draw_req *req, struct unions_canvas_draw_rsp *rsp,
		void *buf, size_t size, struct lwl_error *err)
{
	struct lwl_writer *w;
	size_t len;
	int status = lwl_call_begin(link, to.id, &unions_canvas_commands[1], &w);

	if (status == 0)
		status = lwl_call_wait(link, unions_canvas_draw_req_encode(w, req), buf, size,
				&len);
	return status == 0 ? unions_canvas_draw_rsp_decode(rsp, buf, len, err) : status;
}

int unions_canvas_draw_reply(struct lwl_call *call, const struct unions_canvas_draw_rsp *rsp)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0 ? lwl_reply_commit(call, unions_canvas_draw_rsp_encode(w, rsp)) : status;
}

