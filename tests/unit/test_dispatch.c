/*
 * Generated tables, stubs and replies, over a link that is made up here: a request lies in a buffer
 * until deliver() takes it to the server's table of functions, as a link would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dispatch.link.h"

enum { BUFFER = 2048, MSGID = 31, CALLS = 4 };

struct message {
	uint8_t bytes[BUFFER];
	uint32_t size;
};

struct lwl_call {
	struct lwl_link *link;
	const struct lwl_command *command;
	struct lwl_header header;
	struct lwl_writer w;
	struct message response;
	bool answered, gone, held;
};

struct lwl_link {
	/* The client's side. */
	int refuse;				/* what the next begin returns */
	const struct lwl_command *begun;	/* the command that is being encoded */
	struct lwl_writer w;
	struct message request;
	bool is_waiting;			/* for deliver() */
	lwl_answer_fn *answer;
	lwl_done_fn *done;
	void *ctx;
	/* The server's. */
	const struct lwl_interface *interface;
	const void *ops;
	void *self;
	struct lwl_call calls[CALLS];
	unsigned call_count;
	int run;				/* what the last run returned */
	struct lwl_error err;			/* and why */
};

struct lwl_reply {
	struct lwl_error err;
};

/* ---- the link that is made up ---- */

int lwl_call_begin(struct lwl_link *link, uint64_t linkid, const struct lwl_command *command,
		   struct lwl_writer **w)
{
	if (link->refuse != 0)
		return link->refuse;
	assert_null(link->begun);
	assert_true(command->request_max <= BUFFER && command->request_max % 8 == 0);
	link->begun = command;
	lwl_writer_init(&link->w, link->request.bytes, command->request_max, linkid,
			command->oneway ? 0 : MSGID);
	*w = &link->w;
	return 0;
}

static int commit(struct lwl_link *link, int encoded, bool oneway)
{
	assert_non_null(link->begun);
	assert_int_equal(link->begun->oneway, oneway);
	link->begun = NULL;
	if (encoded != 0)
		return encoded;
	link->request.size = lwl_writer_size(&link->w);
	assert_int_equal(lwl_message_check(link->request.bytes, link->request.size, NULL), 0);
	link->is_waiting = true;
	return 0;
}

int lwl_call_commit(struct lwl_link *link, int encoded, lwl_answer_fn *answer, lwl_done_fn *done,
		    void *ctx)
{
	link->answer = answer;
	link->done = done;
	link->ctx = ctx;
	return commit(link, encoded, false);
}

int lwl_oneway_commit(struct lwl_link *link, int encoded)
{
	return commit(link, encoded, true);
}

struct lwl_error *lwl_reply_error(struct lwl_reply *reply)
{
	return &reply->err;
}

int lwl_reply_begin(struct lwl_call *call, struct lwl_writer **w)
{
	if (call->gone)
		return -LWL_EGONE;
	assert_false(call->answered);
	lwl_writer_init(&call->w, call->response.bytes, call->command->response_max,
			call->header.linkid, call->header.msgid);
	*w = &call->w;
	return 0;
}

int lwl_reply_commit(struct lwl_call *call, int encoded)
{
	if (encoded != 0)
		return encoded;
	call->response.size = lwl_writer_size(&call->w);
	call->answered = true;
	return 0;
}

int lwl_call_fail(struct lwl_call *call, int code, const char *detail)
{
	struct lwl_writer *w;
	int status = lwl_reply_begin(call, &w);

	return status == 0
	       ? lwl_reply_commit(call, lwl_error_encode(w, call->command->command, code, detail))
	       : status;
}

int lwl_call_hold(struct lwl_call *call)
{
	call->held = true;
	return 0;
}

/* Take the request that waits to the server. */
static void deliver(struct lwl_link *link)
{
	struct lwl_call *call = &link->calls[link->call_count];
	const void *table = link;	/* must be overwritten */

	assert_true(link->is_waiting);
	link->is_waiting = false;
	memset(call, 0, sizeof *call);
	call->link = link;
	lwl_header_load(&call->header, link->request.bytes);
	call->command = lwl_command_find(&table, link->interface, link->ops, call->header.command);
	assert_non_null(call->command);
	assert_int_equal(call->command->command, call->header.command);
	link->call_count++;
	link->run = call->command->run(table, link->self, call, link->request.bytes,
				       link->request.size, &link->err);
	if (link->run != 0 && !call->command->oneway)
		assert_int_equal(lwl_call_fail(call, -link->run, "not run"), 0);
}

/* Bring the answer of the last call back. */
static void answer(struct lwl_link *link)
{
	struct lwl_call *call = &link->calls[link->call_count - 1];
	struct lwl_reply reply;

	assert_true(call->answered);
	memset(&reply, 0, sizeof reply);
	link->answer(0, call->response.bytes, call->response.size, &reply, link->done, link->ctx);
}

int lwl_call_wait(struct lwl_link *link, int encoded, void *buf, size_t size, size_t *len)
{
	struct lwl_call *call;
	int status = commit(link, encoded, false);

	if (status != 0)
		return status;
	deliver(link);
	call = &link->calls[link->call_count - 1];
	assert_true(call->answered);
	if (call->response.size > size)
		return -LWL_ENOBUFS;
	memcpy(buf, call->response.bytes, call->response.size);
	*len = call->response.size;
	return 0;
}

/* ---- a server ---- */

struct file {
	char name[17];
	uint64_t size;
	unsigned closed, touched, like_ids, reads;
	struct lwl_call *waiting;
};

static void on_close(void *self, struct lwl_call *call,
		     const struct dispatch_closable_close_req *req)
{
	struct file *file = self;
	struct dispatch_closable_close_rsp rsp = { 0 };

	assert_non_null(req);
	file->closed++;
	assert_int_equal(dispatch_closable_close_reply(call, &rsp), 0);
}

static void on_rename(void *self, struct lwl_call *call,
		      const struct dispatch_named_rename_req *req)
{
	struct file *file = self;
	struct dispatch_named_rename_rsp rsp = { lwl_string_of(file->name), 3 };

	assert_int_equal(dispatch_named_rename_reply(call, &rsp), 0);
	memcpy(file->name, req->name.data, req->name.len);
	file->name[req->name.len] = '\0';
}

static void on_resize(void *self, struct lwl_call *call,
		      const struct dispatch_sized_resize_req *req)
{
	struct file *file = self;
	struct dispatch_sized_resize_rsp rsp = { file->size };

	file->size = req->size;
	assert_int_equal(dispatch_sized_resize_reply(call, &rsp), 0);
}

static void on_read(void *self, struct lwl_call *call, const struct dispatch_file_read_req *req)
{
	static const uint8_t data[2000] = "contents";
	struct file *file = self;
	struct dispatch_file_read_rsp rsp = { .data = { data, req->count } };

	file->reads++;
	if (req->offset > 100) {
		assert_int_equal(lwl_call_fail(call, LWL_EINVAL, "offset beyond the end"), 0);
	} else if (req->offset == 50) {
		lwl_call_hold(call);
		file->waiting = call;		/* answered later */
	} else if (req->count > 1000) {
		/* What the schema does not allow is refused; the call waits for another answer. */
		assert_int_equal(dispatch_file_read_reply(call, &rsp), -LWL_EINVAL);
		assert_false(call->answered);
		assert_int_equal(lwl_call_fail(call, LWL_ETOOLARGE, NULL), 0);
	} else {
		rsp.has_next = req->offset == 7;
		rsp.next.id = rsp.has_next ? UINT64_C(0x8000000100000009) : 0;
		assert_int_equal(dispatch_file_read_reply(call, &rsp), 0);
	}
}

static void on_touch(void *self, struct lwl_call *call, const struct dispatch_file_touch_msg *msg)
{
	struct file *file = self;

	assert_non_null(call);
	file->touched += msg->times;
	file->like_ids += msg->has_like;
}

static void on_default(void *self, struct lwl_call *call,
		       const struct dispatch_file_default_req *req)
{
	struct dispatch_file_default_rsp rsp = { 0 };

	assert_non_null(self);
	assert_true(req->int_);
	assert_int_equal(dispatch_file_default_reply(call, &rsp), 0);
}

static const struct dispatch_closable_ops closable_ops = { .close = on_close };
static const struct dispatch_named_ops named_ops = { .dispatch_closable = &closable_ops,
.rename = on_rename };
static const struct dispatch_sized_ops sized_ops = { .dispatch_closable = &closable_ops,
.resize = on_resize };
static const struct dispatch_file_ops file_ops = {
	.read = on_read, .touch = on_touch, .default_ = on_default,
	.dispatch_named = &named_ops, .dispatch_sized = &sized_ops
};

static const struct dispatch_file there = { UINT64_C(0x8000000100000003) };

static void set_up(struct lwl_link *link, struct file *file)
{
	memset(link, 0, sizeof *link);
	memset(file, 0, sizeof *file);
	strcpy(file->name, "old");
	link->interface = &dispatch_file_interface;
	link->ops = &file_ops;
	link->self = file;
}

/* ---- the tables ---- */

static void test_tables(void **state)
{
	const struct lwl_interface *file = &dispatch_file_interface;

	(void)state;
	assert_string_equal(file->name, "unit.dispatch.File");
	assert_int_equal(file->version, 6);
	assert_int_equal(file->id, 0x7f);
	assert_int_equal(file->command_count, 10);
	assert_int_equal(file->use_count, 4);	/* its own, and those of what it uses */
	assert_ptr_equal(file->uses[0].interface, &dispatch_named_interface);
	assert_ptr_equal(file->uses[1].interface, &dispatch_sized_interface);
	assert_ptr_equal(dispatch_named_interface.uses[0].interface, &dispatch_closable_interface);
	assert_int_equal(dispatch_sized_interface.command_count, 256);
	assert_null(file->commands[0].name);
	assert_null(file->commands[3].name);
	assert_string_equal(file->commands[2].name, "read");
	assert_true(file->commands[2].replay_safe);
	assert_false(file->commands[2].oneway);
	assert_int_equal(file->commands[2].command, DISPATCH_FILE_READ);
	assert_int_equal(file->commands[2].request_max, DISPATCH_FILE_READ_REQ_MAX);
	assert_int_equal(file->commands[2].response_max, DISPATCH_FILE_READ_RSP_MAX);
	assert_string_equal(file->commands[5].name, "touch");
	assert_true(file->commands[5].oneway);
	assert_int_equal(file->commands[5].response_max, 0);
	assert_false(file->commands[9].replay_safe);
	assert_string_equal(file->commands[9].name, "default");
	assert_int_equal(DISPATCH_SIZED_RESIZE, 0x03ff);
}

static void test_find(void **state)
{
	static const struct dispatch_file_ops without = { .dispatch_sized = &sized_ops };
	const struct lwl_interface *file = &dispatch_file_interface;
	const void *table;
	uint32_t command, found = 0;

	(void)state;
	assert_ptr_equal(lwl_command_find(&table, file, &file_ops, DISPATCH_FILE_READ),
			 &file->commands[2]);
	assert_ptr_equal(table, &file_ops);
	assert_ptr_equal(lwl_command_find(&table, file, &file_ops, DISPATCH_NAMED_RENAME),
			 &dispatch_named_interface.commands[4]);
	assert_ptr_equal(table, &named_ops);
	assert_ptr_equal(lwl_command_find(&table, file, &file_ops, DISPATCH_SIZED_RESIZE),
			 &dispatch_sized_interface.commands[255]);
	assert_ptr_equal(table, &sized_ops);
	assert_ptr_equal(lwl_command_find(&table, file, &file_ops, DISPATCH_CLOSABLE_CLOSE),
			 &dispatch_closable_interface.commands[1]);
	assert_ptr_equal(table, &closable_ops);
	/* No table at all, or none of a used interface: the command is known all the same. */
	assert_non_null(lwl_command_find(&table, file, NULL, DISPATCH_CLOSABLE_CLOSE));
	assert_null(table);
	assert_non_null(lwl_command_find(&table, file, NULL, DISPATCH_FILE_READ));
	assert_null(table);
	assert_non_null(lwl_command_find(&table, file, &without, DISPATCH_NAMED_RENAME));
	assert_null(table);
	/* The first way to Closable leads over a table that is missing; the second one is taken. */
	assert_non_null(lwl_command_find(&table, file, &without, DISPATCH_CLOSABLE_CLOSE));
	assert_ptr_equal(table, sized_ops.dispatch_closable);
	assert_non_null(table);
	/* All others are not. */
	for (command = 0; command < 65536; command++)
		found += lwl_command_find(&table, file, &file_ops, (uint16_t)command) != NULL;
	assert_int_equal(found, 6);
	assert_null(lwl_command_find(&table, file, &file_ops, DISPATCH_FILE_READ | LWL_RESPONSE));
	assert_null(lwl_command_find(&table, &dispatch_closable_interface, &closable_ops,
				     DISPATCH_FILE_READ));
}

/* ---- calls ---- */

struct result {
	unsigned done;
	int status;
	char text[64];
	uint64_t number;
	bool has_response;
};

static void read_done(void *ctx, int status, const struct dispatch_file_read_rsp *rsp,
		      struct lwl_reply *reply)
{
	struct result *result = ctx;
	struct lwl_string detail = lwl_reply_error(reply)->detail;

	result->done++;
	result->status = status;
	result->has_response = rsp != NULL;
	if (rsp != NULL) {
		result->number = rsp->has_next ? rsp->next.id : 0;
		memcpy(result->text, rsp->data.data, rsp->data.len < 63 ? rsp->data.len : 63);
	} else if (detail.len > 0) {
		memcpy(result->text, detail.data, detail.len);
	}
}

static struct result do_read(struct lwl_link *link, uint64_t offset, uint32_t count)
{
	struct dispatch_file_read_req req = { .offset = offset, .count = count };
	struct result result = { 0 };

	assert_int_equal(dispatch_file_read(link, there, &req, read_done, &result), 0);
	assert_int_equal(result.done, 0);
	deliver(link);
	answer(link);
	assert_int_equal(result.done, 1);
	assert_int_equal(result.has_response, result.status == 0);
	return result;
}

static void test_call(void **state)
{
	struct lwl_link link;
	struct lwl_header h;
	struct result result;
	struct file file;

	(void)state;
	set_up(&link, &file);
	result = do_read(&link, 7, 8);
	assert_int_equal(result.status, 0);
	assert_string_equal(result.text, "contents");
	assert_true(result.number == UINT64_C(0x8000000100000009));
	lwl_header_load(&h, link.request.bytes);
	assert_true(h.linkid == there.id);
	assert_int_equal(h.msgid, MSGID);
	assert_int_equal(h.command, DISPATCH_FILE_READ);
	lwl_header_load(&h, link.calls[0].response.bytes);
	assert_true(h.linkid == there.id);
	assert_int_equal(h.msgid, MSGID);
	assert_int_equal(h.command, DISPATCH_FILE_READ | LWL_RESPONSE);
	result = do_read(&link, 0, 0);
	assert_int_equal(result.status, 0);
	assert_true(result.number == 0);
	assert_int_equal(file.reads, 2);
}

static void test_error_response(void **state)
{
	struct lwl_link link;
	struct result result;
	struct file file;

	(void)state;
	set_up(&link, &file);
	result = do_read(&link, 101, 8);
	assert_int_equal(result.status, -LWL_EINVAL);
	assert_string_equal(result.text, "offset beyond the end");
	result = do_read(&link, 0, 1001);
	assert_int_equal(result.status, -LWL_ETOOLARGE);
	assert_string_equal(result.text, "");
}

static void test_answer_later(void **state)
{
	static const struct dispatch_file_read_req req = { .offset = 50, .count = 1 };
	struct dispatch_file_read_rsp rsp = { .data = { (const uint8_t *)"late", 4 } };
	struct result result = { 0 };
	struct lwl_link link;
	struct file file;

	(void)state;
	set_up(&link, &file);
	assert_int_equal(dispatch_file_read(&link, there, &req, read_done, &result), 0);
	deliver(&link);
	assert_int_equal(link.run, 0);
	assert_true(file.waiting->held);
	assert_false(file.waiting->answered);
	/* Its peer has gone, then is back. */
	file.waiting->gone = true;
	assert_int_equal(dispatch_file_read_reply(file.waiting, &rsp), -LWL_EGONE);
	file.waiting->gone = false;
	assert_int_equal(dispatch_file_read_reply(file.waiting, &rsp), 0);
	answer(&link);
	assert_int_equal(result.done, 1);
	assert_int_equal(result.status, 0);
	assert_string_equal(result.text, "late");
}

static void test_without_answer(void **state)
{
	static const int codes[] = { -LWL_ENOTRUN, -LWL_EFATE, -LWL_ECANCELLED, -LWL_EDEADLINE };
	static const struct dispatch_file_read_req req = { .count = 1 };
	struct lwl_link link;
	struct file file;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof codes / sizeof *codes; i++) {
		struct result result = { 0 };
		struct lwl_reply reply;

		set_up(&link, &file);
		memset(&reply, 0, sizeof reply);
		assert_int_equal(dispatch_file_read(&link, there, &req, read_done, &result), 0);
		link.answer(codes[i], NULL, 0, &reply, link.done, link.ctx);
		assert_int_equal(result.done, 1);
		assert_int_equal(result.status, codes[i]);
		assert_false(result.has_response);
	}
}

/* A response that does not decode: -LWL_EMALFORMED, with the place. */
static enum lwl_bad broken_bad;

static void broken_done(void *ctx, int status, const struct dispatch_file_read_rsp *rsp,
			struct lwl_reply *reply)
{
	*(int *)ctx = status;
	assert_null(rsp);
	broken_bad = lwl_reply_error(reply)->bad;
}

static void test_broken_response(void **state)
{
	static const struct dispatch_file_read_req req = { .count = 1 };
	struct lwl_link link;
	struct file file;
	int status = 0;

	(void)state;
	set_up(&link, &file);
	assert_int_equal(dispatch_file_read(&link, there, &req, broken_done, &status), 0);
	deliver(&link);
	/* The required item gets another number. */
	lwl_store16(link.calls[0].response.bytes + 16, 9);
	answer(&link);
	assert_int_equal(status, -LWL_EMALFORMED);
	assert_int_equal(broken_bad, LWL_BAD_MISSING);
	/* Another command's response. */
	lwl_store16(link.calls[0].response.bytes + 12, DISPATCH_CLOSABLE_CLOSE | LWL_RESPONSE);
	answer(&link);
	assert_int_equal(status, -LWL_EMALFORMED);
	assert_int_equal(broken_bad, LWL_BAD_COMMAND);
}

static void never_done(void *ctx, int status, const struct dispatch_named_rename_rsp *rsp,
		       struct lwl_reply *reply)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)reply;
	fail_msg("done was called");
}

static void test_begin_and_encode_fail(void **state)
{
	static const struct dispatch_named_rename_req good = { { "new", 3 } };
	static const struct dispatch_named_rename_req empty = { { "", 0 } }, bad = { { "\xff",
	1 } };
	static const struct dispatch_file_touch_msg hidden = { .has_times = true, .like = { 5 } };
	const struct dispatch_named named = { there.id };
	struct dispatch_named_rename_rsp rsp;
	struct lwl_error err;
	struct lwl_link link;
	struct file file;
	uint8_t buf[16];

	(void)state;
	set_up(&link, &file);
	assert_int_equal(dispatch_named_rename(&link, named, &empty, never_done, NULL),
			 -LWL_EINVAL);
	assert_int_equal(dispatch_named_rename(&link, named, &bad, never_done, NULL), -LWL_EINVAL);
	assert_int_equal(dispatch_file_touch(&link, there, &hidden), -LWL_EINVAL);
	assert_int_equal(dispatch_named_rename_wait(&link, named, &bad, &rsp, buf, sizeof buf,
						    &err),
			 -LWL_EINVAL);
	link.refuse = -LWL_ECALLS;
	assert_int_equal(dispatch_named_rename(&link, named, &good, never_done, NULL), -LWL_ECALLS);
	assert_int_equal(dispatch_named_rename_wait(&link, named, &good, &rsp, buf, sizeof buf,
						    &err),
			 -LWL_ECALLS);
	assert_int_equal(dispatch_file_touch(&link, there, &hidden), -LWL_ECALLS);
	assert_false(link.is_waiting);
	assert_null(link.begun);
}

static void test_oneway(void **state)
{
	static const struct dispatch_file_touch_msg once = { 0 };
	static const struct dispatch_file_touch_msg often = {
		.has_times = true, .times = 41, .has_like = true, .like = { 9 }
	};
	struct lwl_link link;
	struct lwl_header h;
	struct file file;

	(void)state;
	set_up(&link, &file);
	assert_int_equal(dispatch_file_touch(&link, there, &once), 0);
	lwl_header_load(&h, link.request.bytes);
	assert_int_equal(h.msgid, 0);
	assert_int_equal(h.length, 16);
	deliver(&link);
	assert_int_equal(link.run, 0);
	assert_int_equal(file.touched, 1);
	assert_int_equal(dispatch_file_touch(&link, there, &often), 0);
	deliver(&link);
	assert_int_equal(file.touched, 42);
	assert_int_equal(file.like_ids, 1);
	/* With a msgid it is malformed, and not run. */
	assert_int_equal(dispatch_file_touch(&link, there, &often), 0);
	lwl_store32(link.request.bytes + 8, 7);
	deliver(&link);
	assert_int_equal(link.run, -LWL_EMALFORMED);
	assert_int_equal(link.err.bad, LWL_BAD_MSGID);
	assert_int_equal(file.touched, 42);
}

static void test_wait(void **state)
{
	static const struct dispatch_sized_resize_req resize = { 99 };
	static const struct dispatch_named_rename_req rename = { { "new name", 8 } };
	static const struct dispatch_file_default_req taken = { true };
	static const struct dispatch_file_read_req beyond = { .offset = 500, .count = 1 };
	uint8_t buf[DISPATCH_FILE_READ_RSP_MAX];
	struct dispatch_sized_resize_rsp resized;
	struct dispatch_named_rename_rsp renamed;
	struct dispatch_file_default_rsp defaulted;
	struct dispatch_file_read_rsp data;
	struct lwl_error err;
	struct lwl_link link;
	struct file file;

	(void)state;
	set_up(&link, &file);
	file.size = 5;
	assert_int_equal(dispatch_sized_resize_wait(&link, (struct dispatch_sized){ there.id },
						    &resize,
						    &resized, buf, sizeof buf, &err), 0);
	assert_true(resized.before == 5 && file.size == 99);
	assert_int_equal(dispatch_named_rename_wait(&link, (struct dispatch_named){ there.id },
						    &rename,
						    &renamed, buf, sizeof buf, &err), 0);
	assert_string_equal(file.name, "new name");
	assert_int_equal(renamed.before.len, 3);
	assert_memory_equal(renamed.before.data, "old", 3);
	assert_int_equal(renamed.times, 3);
	assert_true((const uint8_t *)renamed.before.data > buf &&
		    (const uint8_t *)renamed.before.data < buf + sizeof buf);
	assert_int_equal(dispatch_file_default_wait(&link, there, &taken, &defaulted, buf,
						    sizeof buf,
						    NULL), 0);
	assert_int_equal(dispatch_file_read_wait(&link, there, &beyond, &data, buf, sizeof buf,
						 &err),
			 -LWL_EINVAL);
	assert_int_equal(err.detail.len, 21);
	link.call_count = 0;
	assert_int_equal(dispatch_sized_resize_wait(&link, (struct dispatch_sized){ there.id },
						    &resize,
						    &resized, buf, 16, &err), -LWL_ENOBUFS);
}

/* The same used interface by two ways, with one table behind both. */
static void test_diamond(void **state)
{
	static const struct dispatch_closable_close_req req = { 0 };
	const struct dispatch_closable closable = { there.id };
	struct dispatch_closable_close_rsp rsp;
	uint8_t buf[DISPATCH_CLOSABLE_CLOSE_RSP_MAX];
	struct lwl_link link;
	struct file file;

	(void)state;
	set_up(&link, &file);
	assert_int_equal(dispatch_closable_close_wait(&link, closable, &req, &rsp, buf, sizeof buf,
						      NULL), 0);
	assert_int_equal(file.closed, 1);
	link.interface = &dispatch_sized_interface;
	link.ops = &sized_ops;
	assert_int_equal(dispatch_closable_close_wait(&link, closable, &req, &rsp, buf, sizeof buf,
						      NULL), 0);
	link.interface = &dispatch_closable_interface;
	link.ops = &closable_ops;
	assert_int_equal(dispatch_closable_close_wait(&link, closable, &req, &rsp, buf, sizeof buf,
						      NULL), 0);
	assert_int_equal(file.closed, 3);
}

/* A function, or a table, that the server left out: unknown. */
static void test_null_entries(void **state)
{
	static const struct dispatch_file_ops none = { 0 };
	static const struct dispatch_file_touch_msg touch = { 0 };
	static const struct dispatch_closable_close_req req = { 0 };
	const struct dispatch_closable closable = { there.id };
	struct dispatch_closable_close_rsp rsp;
	uint8_t buf[DISPATCH_CLOSABLE_CLOSE_RSP_MAX];
	struct lwl_error err;
	struct lwl_link link;
	struct result result;
	struct file file;

	(void)state;
	set_up(&link, &file);
	link.ops = &none;
	result = do_read(&link, 0, 1);
	assert_int_equal(link.run, -LWL_EUNKNOWN);
	assert_int_equal(result.status, -LWL_EUNKNOWN);
	assert_string_equal(result.text, "not run");
	assert_int_equal(dispatch_file_touch(&link, there, &touch), 0);
	deliver(&link);
	assert_int_equal(link.run, -LWL_EUNKNOWN);
	assert_int_equal(dispatch_closable_close_wait(&link, closable, &req, &rsp, buf, sizeof buf,
						      &err),
			 -LWL_EUNKNOWN);
	link.call_count = 0;
	link.ops = NULL;
	result = do_read(&link, 0, 1);
	assert_int_equal(result.status, -LWL_EUNKNOWN);
	assert_int_equal(file.reads + file.touched + file.closed, 0);
}

static void test_malformed_request(void **state)
{
	static const struct dispatch_file_read_req req = { .offset = 3, .count = 1 };
	struct result result = { 0 };
	struct lwl_link link;
	struct file file;

	(void)state;
	set_up(&link, &file);
	assert_int_equal(dispatch_file_read(&link, there, &req, read_done, &result), 0);
	lwl_store16(link.request.bytes + 32, 7);	/* `count` has another number */
	deliver(&link);
	assert_int_equal(link.run, -LWL_EMALFORMED);
	assert_int_equal(link.err.bad, LWL_BAD_MISSING);
	assert_int_equal(link.err.path[0].number, 2);
	assert_int_equal(file.reads, 0);
	answer(&link);
	assert_int_equal(result.status, -LWL_EMALFORMED);
	/* A two-way command with msgid 0. */
	assert_int_equal(dispatch_file_read(&link, there, &req, read_done, &result), 0);
	lwl_store32(link.request.bytes + 8, 0);
	link.is_waiting = false;
	{
		struct lwl_call call = { .link = &link,
		.command = &dispatch_file_interface.commands[2] };

		assert_int_equal(call.command->run(&file_ops, &file, &call, link.request.bytes,
						   link.request.size, &link.err), -LWL_EMALFORMED);
		assert_int_equal(link.err.bad, LWL_BAD_MSGID);
		assert_int_equal(file.reads, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables), cmocka_unit_test(test_find),
			cmocka_unit_test(test_call),
		cmocka_unit_test(test_error_response), cmocka_unit_test(test_answer_later),
		cmocka_unit_test(test_without_answer), cmocka_unit_test(test_broken_response),
		cmocka_unit_test(test_begin_and_encode_fail), cmocka_unit_test(test_oneway),
		cmocka_unit_test(test_wait), cmocka_unit_test(test_diamond),
		cmocka_unit_test(test_null_entries), cmocka_unit_test(test_malformed_request)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
