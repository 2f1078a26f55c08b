/*
 * lwl call: one command to a server, and its answer.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lwlink/loop.h>

#include "input.h"
#include "live.h"

enum { PARTING_US = 2000000 };	/* for the goodbye, after the answer has been printed */

struct call {
	const struct arguments *a;
	const struct lwl_schema_interface *interface;
	const struct lwl_schema_command *command;
	const char *address, *name, *command_name;	/* as they were given */
	uint8_t *msg;
	size_t size;
	struct lwl_loop *loop;
	struct lwl_link *link;		/* NULL: it has ended */
	uv_timer_t timer;
	uint64_t until;			/* of uv_hrtime, in microseconds */
	const char *fate;		/* what is known of a command without an answer */
	bool sent;			/* a one-way: it gets no answer */
	bool done;			/* there is nothing more to be printed */
	int status;			/* of the program */
};

static void fail(struct call *c, int status)
{
	c->done = true;
	c->status = status;
	if (c->link != NULL)
		lwl_link_end(c->link, 0, NULL);
}

/* ---- time ---- */

static void time_is_over(struct call *c)
{
	complain("%s: no answer within %g s", c->address, (double)c->a->timeout / 1e6);
	fail(c, EXIT_OTHER);
}

static void on_timer(uv_timer_t *timer)
{
	struct call *c = timer->data;

	if (!c->done)
		time_is_over(c);
}

/* Microseconds until then; never 0, which would be for ever. */
static uint64_t remaining(const struct call *c)
{
	uint64_t now = uv_hrtime() / 1000;

	return now < c->until ? c->until - now : 1;
}

/*
 * For commands that are started now.  Of ours, which is sent as it was encoded, what is left goes in
 * place of the whole.
 */
static void set_timeout(struct call *c)
{
	struct lwl_item deadline;

	if (c->a->timeout == 0)
		return;
	lwl_link_set_timeout(c->link, remaining(c));
	if (lwl_message_find(&deadline, c->msg, LWL_ITEM_DEADLINE))
		lwl_store64(c->msg + deadline.offset + 8, remaining(c));
}

static void start_timer(struct call *c)
{
	if (c->a->timeout != 0)
		uv_timer_start(&c->timer, on_timer, remaining(c) / 1000 + 1, 0);
}

static void interrupted(void *ctx)
{
	struct call *c = ctx;

	if (!c->done)
		complain("interrupted");
	fail(c, c->done ? c->status : EXIT_OTHER);
}

/* ---- the way of a command ---- */

static void complain_about_error(const char *what, uint32_t code, struct lwl_string detail)
{
	char text[600];

	error_text(text, sizeof text, code, detail);
	complain("%s: %s", what, text);
}

static void print_answer(struct call *c, const void *msg, size_t len)
{
	const struct lwl_schema_message *message = c->command->response;
	bool pretty = c->a->pretty == WHEN_AUTO ? isatty(STDOUT_FILENO) : c->a->pretty == WHEN_ALWAYS;
	uint32_t code = lwl_value_error_code(msg, len);
	struct lwl_arena arena;
	struct lwl_value items;
	struct lwl_error err;
	int status;

	lwl_arena_init(&arena, LWL_ARENA_LIMIT);
	status = lwl_value_decode(message, msg, len, &arena, &items, &err);
	if (err.bad != LWL_BAD_NONE) {
		complain_about_message("the answer is invalid: ", message, &err);
	} else if (code != 0) {
		complain_about_error(c->command_name, code, err.detail);
		c->status = EXIT_BAD_INPUT;
	} else if (status != 0) {
		complain("the answer's values need too much memory");
	} else {
		print_values(message, &items, pretty);
		putchar('\n');
		c->status = finish_output() ? 0 : EXIT_OTHER;
	}
	lwl_arena_free(&arena);
}

static void answered(int status, const void *msg, size_t len, struct lwl_reply *reply,
		     lwl_done_fn *done, void *ctx)
{
	struct call *c = ctx;

	(void)reply;
	(void)done;
	if (c->done)
		return;
	if (status == -LWL_EDEADLINE) {
		time_is_over(c);
	} else if (status == -LWL_ENOTRUN) {
		c->fate = "it did not run";
	} else if (status == -LWL_EFATE) {
		c->fate = "it may have run";
	} else if (status != 0) {
		complain("the answer is invalid: %s", lwl_strerror(status));
		fail(c, EXIT_OTHER);
	} else {
		print_answer(c, msg, len);
		c->done = true;
		lwl_link_shutdown(c->link, PARTING_US);
	}
}

static void opened(void *ctx, int status, uint64_t id, uint32_t version, struct lwl_reply *reply)
{
	struct call *c = ctx;
	bool oneway = c->command->is_oneway;
	char what[300];

	(void)version;
	if (c->done || status == -LWL_ENOTRUN || status == -LWL_EFATE)
		return;
	if (status == -LWL_EDEADLINE) {
		time_is_over(c);
		return;
	}
	if (status != 0) {
		snprintf(what, sizeof what, "open %.255s", c->name);
		complain_about_error(what, (uint32_t)-status, lwl_reply_error(reply)->detail);
		fail(c, EXIT_BAD_INPUT);
		return;
	}
	set_timeout(c);
	status = lwl_link_keep(c->link, id);
	if (status == 0)
		status = lwl_call_send(c->link, id, c->msg, c->size, oneway ? NULL : answered, NULL, c);
	if (status != 0) {
		complain("%s: cannot be sent: %s", c->command_name, lwl_strerror(status));
		fail(c, EXIT_OTHER);
		return;
	}
	if (oneway) {
		/* In order: it goes out before the goodbye. */
		c->sent = true;
		start_timer(c);
		lwl_link_shutdown(c->link, UINT64_MAX);
	}
}

static void up(void *ctx, struct lwl_link *link)
{
	struct call *c = ctx;
	char *interface = interface_full_name(c->interface);
	int status;

	uv_timer_stop(&c->timer);
	set_timeout(c);
	status = lwl_link_open_named(link, lwl_string_of(c->name), lwl_string_of(interface),
				     c->interface->library->version, opened, c);
	free(interface);
	if (status != 0) {
		complain("open %.255s: %s", c->name, status == -LWL_EINVAL
			 ? "a name has 1 to 255 bytes of UTF-8" : lwl_strerror(status));
		fail(c, EXIT_OTHER);
	}
}

static void ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct call *c = ctx;
	char text[700];

	(void)link;
	c->link = NULL;
	uv_timer_stop(&c->timer);
	if (c->done)
		return;
	if (c->sent && status == 0) {
		c->status = 0;
		return;
	}
	snprintf(text, sizeof text, "%s%s%s", reason, c->fate != NULL ? "; " : "",
		 c->fate != NULL ? c->fate : "");
	complain_about_link(c->address, text);
}

/* ---- the command line ---- */

static void run(struct call *c)
{
	static const struct lwl_link_events events = { .up = up, .ended = ended };
	const struct lwl_link_config config = { .events = &events, .ctx = c };
	struct signals signals;
	char error[500];

	c->loop = loop_begin();
	if (c->loop == NULL)
		return;
	signals_begin(&signals, lwl_loop_uv(c->loop), interrupted, c);
	uv_timer_init(lwl_loop_uv(c->loop), &c->timer);
	c->timer.data = c;
	c->until = uv_hrtime() / 1000 + c->a->timeout;
	if (lwl_loop_dial(c->loop, &c->link, c->address, &config, error, sizeof error) == 0) {
		start_timer(c);
		lwl_loop_run(c->loop);
	} else {
		complain("%s", error);
	}
	signals_end(&signals);
	uv_close((uv_handle_t *)&c->timer, NULL);
	lwl_loop_free(c->loop);
}

/* The JSON of the command line; the caller frees it.  NULL: what is wrong has been printed. */
static char *read_json(const char *argument, const char **source, size_t *size)
{
	struct input *in;
	char *text;

	*source = "argument";
	if (argument == NULL)
		argument = "{}";
	if (strcmp(argument, "-") != 0) {
		*size = strlen(argument);
		text = allocate(NULL, *size + 1);
		memcpy(text, argument, *size + 1);
		return text;
	}
	*source = "stdin";
	in = allocate(NULL, sizeof *in);
	input_init(in, STDIN_FILENO, false);
	text = input_read_all(in, JSON_SIZE, "stdin", size);
	free(in);
	return text;
}

static size_t encode_request(const struct arguments *a, const struct lwl_schema_command *command,
			     uint8_t *msg)
{
	struct lwl_arena arena;
	struct json_message m;
	struct lwl_writer w;
	const char *source;
	size_t size = 0, length;
	char *text = read_json(a->operands[3], &source, &length);

	if (text == NULL)
		return 0;
	lwl_arena_init(&arena, 2 * (size_t)LWL_ARENA_LIMIT);
	lwl_writer_init(&w, msg, LWL_MESSAGE_MAX + 1, 1, command->is_oneway ? 0 : 1);
	if (a->timeout != 0 && !command->is_oneway)
		lwl_writer_set_deadline(&w, a->timeout);
	if (json_message_read(&m, command->request, source, text, length, true, &arena))
		size = encode_json(&w, command->request, &m);
	json_message_free(&m);
	lwl_arena_free(&arena);
	free(text);
	return size;
}

int command_call(const struct arguments *a)
{
	static uint8_t msg[LWL_MESSAGE_MAX + 1];
	struct call c = { .a = a, .address = a->operands[0], .name = a->operands[1],
			  .command_name = a->operands[2], .msg = msg, .status = EXIT_OTHER };
	struct lwl_schema *schema = schema_open_for(a, c.command_name);

	if (schema == NULL)
		return EXIT_OTHER;
	if (schema_find_command(schema, c.command_name, &c.interface, &c.command)) {
		c.size = encode_request(a, c.command, msg);
		if (c.size > 0)
			run(&c);
	}
	lwl_schema_free(schema);
	return c.status;
}
