/*
 * lwl serve: a server for any schema, to try things out.
 *
 * What it hosts has no generated table of functions: each end point gets its commands as bytes, and
 * the schema's tables say what they are.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lwlink/loop.h>

#include "input.h"
#include "live.h"
#include "smallest.h"

enum { PARTING_US = 2000000 };	/* for what is running, when the server ends */

struct answer {
	const struct lwl_schema_message *message;
	size_t size;
	uint8_t *bytes;
};

struct peer {
	struct peer *next;
	struct lwl_link *link;
	unsigned long number;
};

struct server {
	const struct arguments *a;
	const struct lwl_schema *schema;
	const struct lwl_schema_interface *interface;
	char *interface_name;
	struct answer *answers;
	struct lwl_loop *loop;
	struct lwl_listener *listener;	/* NULL: no longer */
	struct peer *peers;
	unsigned long peer_count;	/* so far */
	unsigned interruptions;
	int status;
};

struct endpoint {
	struct server *server;
	struct peer *peer;
	const struct lwl_schema_interface *interface;	/* NULL: not known, for a bare link */
	uint64_t id;
	bool is_opened;			/* by the server's name */
	struct endpoint *next;		/* made for the same answer */
};

/* A request that is answered later. */
struct waiting {
	struct endpoint *endpoint;
	struct lwl_call *call;
	const struct lwl_schema_message *message;
	const void *msg;
	size_t len;
	uv_timer_t timer;
};

/* ---- printing ---- */

/* Each event is one line, and there when it happens. */
static void end_line(struct server *s)
{
	putchar('\n');
	if (s->status == 0 && !finish_output()) {
		s->status = EXIT_OTHER;
		lwl_loop_stop(s->loop);
	}
}

static void print_endpoint(const struct endpoint *e)
{
	printf("[%lu] ", e->peer->number);
	if (e->is_opened)
		printf("%s", e->server->a->operands[1]);
	else
		printf("0x%" PRIx64, e->id);
}

/* A command has the name of its message without ".request" or ".oneway". */
static void print_begin(const struct endpoint *e, const struct lwl_schema_message *message)
{
	print_endpoint(e);
	printf(" %.*s ", (int)(strrchr(message->name, '.') - message->name), message->name);
}

static void print_event(const struct endpoint *e, const char *what)
{
	print_endpoint(e);
	printf(" %s", what);
	end_line(e->server);
}

/* ---- end points ---- */

static void closed(void *self)
{
	struct endpoint *e = self;

	print_event(e, "closed");
	free(e);
}

static void take(void *self, struct lwl_call *call, const void *msg, size_t len);

static int host(struct endpoint **out, struct server *s, struct peer *peer,
		const struct lwl_schema_interface *interface)
{
	struct endpoint *e = allocate(NULL, sizeof *e);
	int status;

	memset(e, 0, sizeof *e);
	e->server = s;
	e->peer = peer;
	e->interface = interface;
	status = lwl_link_host_raw(peer->link, take, e, closed, &e->id);
	if (status != 0) {
		free(e);
		return status;
	}
	*out = e;
	return 0;
}

/* ---- answering ---- */

/* What a response needs while it is made. */
struct making {
	struct endpoint *for_;		/* whose command it is */
	struct endpoint *made;
	int status;
};

static bool make_link(void *ctx, const struct lwl_schema_interface *interface, uint64_t *id)
{
	struct making *m = ctx;
	struct endpoint *e;

	m->status = host(&e, m->for_->server, m->for_->peer, interface);
	if (m->status != 0)
		return false;
	e->next = m->made;
	m->made = e;
	*id = e->id;
	return true;
}

/* The bytes of the answer to a decoded request, or minus an error. */
static int make_answer(struct making *m, const struct lwl_schema_command *command,
		       const struct lwl_value *request, struct lwl_arena *arena, uint8_t *buf,
		       uint32_t *size)
{
	struct lwl_value response;
	struct lwl_writer w;
	int status;

	if (!smallest_answer(&response, command, request, arena, make_link, m))
		return m->status != 0 ? m->status : -LWL_ENOMEM;
	lwl_writer_init(&w, buf, LWL_MESSAGE_MAX + 1, 1, 1);
	status = lwl_value_encode(&w, command->response, &response, NULL);
	*size = lwl_writer_size(&w);
	return status == -LWL_ENOBUFS ? -LWL_ETOOLARGE : status;
}

static void answer(struct endpoint *e, struct lwl_call *call, const struct lwl_schema_message *message,
		   const struct lwl_value *request, struct lwl_arena *arena)
{
	static uint8_t buf[LWL_MESSAGE_MAX + 1];
	const struct server *s = e->server;
	struct making m = { .for_ = e };
	uint32_t size;
	int status;
	size_t i;

	if (s->a->fail != 0) {
		lwl_call_fail(call, (int)s->a->fail, NULL);
		return;
	}
	for (i = 0; i < s->a->answer_count; i++)
		if (s->answers[i].message == message->command->response) {
			lwl_reply_send(call, s->answers[i].bytes, s->answers[i].size);
			return;
		}
	status = make_answer(&m, message->command, request, arena, buf, &size);
	if (status == 0)
		lwl_reply_send(call, buf, size);
	else
		lwl_call_fail(call, -status, "lwl serve cannot make an answer");
	for (; status != 0 && m.made != NULL; m.made = m.made->next)
		lwl_link_revoke(e->peer->link, m.made->id);
}

/* The message that a command is, for the end point; NULL: it knows none such. */
static const struct lwl_schema_message *message_of(const struct endpoint *e, uint16_t command)
{
	return e->interface == NULL ? NULL
	       : lwl_schema_next(e->server->schema, e->interface, command, NULL);
}

/*
 * Decode a request, then print it, or answer it, or both.  Returns whether it was valid; if not, that
 * has been the answer.
 */
static bool look(struct endpoint *e, struct lwl_call *call, const struct lwl_schema_message *message,
		 const void *msg, size_t len, bool printing, bool answering)
{
	struct lwl_arena arena;
	struct lwl_value request;
	struct lwl_error err;
	char text[300];

	lwl_arena_init(&arena, LWL_ARENA_LIMIT);
	lwl_value_decode(message, msg, len, &arena, &request, &err);
	if (printing)
		print_begin(e, message);
	if (err.bad != LWL_BAD_NONE) {
		lwl_error_format(text, sizeof text, &err);
		printf("malformed: %s", text);
		lwl_call_fail(call, LWL_EMALFORMED, text);
	} else if (printing) {
		print_values(message, &request, false);
	}
	if (printing)
		end_line(e->server);
	if (err.bad == LWL_BAD_NONE && answering)
		answer(e, call, message, &request, &arena);
	lwl_arena_free(&arena);
	return err.bad == LWL_BAD_NONE;
}

/* ---- answering later ---- */

static void on_timer_closed(uv_handle_t *timer)
{
	free(timer->data);
}

static void on_delay_over(uv_timer_t *timer)
{
	struct waiting *w = timer->data;

	lwl_call_on_cancel(w->call, NULL, NULL);
	uv_close((uv_handle_t *)&w->timer, on_timer_closed);
	look(w->endpoint, w->call, w->message, w->msg, w->len, false, true);
}

static void cancelled(void *ctx, struct lwl_call *call)
{
	struct waiting *w = ctx;

	print_event(w->endpoint, "cancelled");
	uv_close((uv_handle_t *)&w->timer, on_timer_closed);
	lwl_call_fail(call, LWL_ECANCELLED, NULL);
}

static void answer_later(struct endpoint *e, struct lwl_call *call,
			 const struct lwl_schema_message *message, const void *msg, size_t len)
{
	struct waiting *w;

	if (lwl_call_hold(call) != 0) {
		lwl_call_fail(call, LWL_ENOMEM, NULL);
		return;
	}
	w = allocate(NULL, sizeof *w);
	w->endpoint = e;
	w->call = call;
	w->message = message;
	w->msg = msg;
	w->len = len;
	uv_timer_init(lwl_loop_uv(e->server->loop), &w->timer);
	w->timer.data = w;
	uv_timer_start(&w->timer, on_delay_over, e->server->a->delay, 0);
	lwl_call_on_cancel(call, cancelled, w);
}

/* ---- what comes in ---- */

static void take(void *self, struct lwl_call *call, const void *msg, size_t len)
{
	struct endpoint *e = self;
	const struct lwl_schema_message *message = message_of(e, lwl_call_command(call));
	bool oneway = lwl_call_is_oneway(call), later = e->server->a->delay > 0;
	char text[80];

	if (message == NULL) {
		snprintf(text, sizeof text, "command 0x%04x, which is not known",
			 (unsigned)lwl_call_command(call));
		print_event(e, text);
		lwl_call_fail(call, LWL_EUNKNOWN, NULL);
	} else if (look(e, call, message, msg, len, true, !oneway && !later) && !oneway && later) {
		answer_later(e, call, message, msg, len);
	}
}

static bool is_text(struct lwl_string s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}

static struct peer *peer_of(const struct server *s, const struct lwl_link *link)
{
	struct peer *peer;

	for (peer = s->peers; peer->link != link; peer = peer->next)
		;
	return peer;
}

static void open_name(void *ctx, struct lwl_link *link, struct lwl_call *call, struct lwl_string name,
		      struct lwl_string interface, uint32_t version)
{
	struct server *s = ctx;
	struct peer *peer = peer_of(s, link);
	struct endpoint *e;
	int status;

	printf("[%lu] open ", peer->number);
	print_text(stdout, (const uint8_t *)name.data, name.len);
	fputs(" as ", stdout);
	print_text(stdout, (const uint8_t *)interface.data, interface.len);
	printf(" version %" PRIu32, version);
	end_line(s);
	if (!is_text(name, s->a->operands[1])) {
		lwl_call_fail(call, LWL_ENOENT, "nothing is offered under that name");
		return;
	}
	if (!is_text(interface, s->interface_name)) {
		lwl_call_fail(call, LWL_EINTERFACE, s->interface_name);
		return;
	}
	status = host(&e, s, peer, s->interface);
	if (status != 0) {
		lwl_call_fail(call, -status, NULL);
		return;
	}
	e->is_opened = true;
	lwl_open_reply(call, e->id, s->interface->library->version);
}

/* ---- links ---- */

static void up(void *ctx, struct lwl_link *link)
{
	struct server *s = ctx;
	struct peer *peer = allocate(NULL, sizeof *peer);

	peer->link = link;
	peer->number = ++s->peer_count;
	peer->next = s->peers;
	s->peers = peer;
	printf("[%lu] up", peer->number);
	end_line(s);
}

static void stop(struct server *s)
{
	if (s->listener != NULL)
		lwl_listener_close(s->listener);
	s->listener = NULL;
}

static void ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct server *s = ctx;
	struct peer **at, *peer;
	char text[600];

	(void)status;
	for (at = &s->peers; *at != NULL && (*at)->link != link; at = &(*at)->next)
		;
	peer = *at;
	if (peer == NULL) {
		/* It never was a session. */
		complain("%s", reason);
		return;
	}
	snprintf(text, sizeof text, "%s", reason);
	make_printable(text);
	printf("[%lu] ended: %s", peer->number, text);
	end_line(s);
	*at = peer->next;
	free(peer);
	if (s->a->once)
		stop(s);
}

/* The first time in order; the second time now. */
static void interrupted(void *ctx)
{
	struct server *s = ctx;
	struct peer *peer;

	stop(s);
	for (peer = s->peers; peer != NULL; peer = peer->next)
		lwl_link_shutdown(peer->link, s->interruptions == 0 ? PARTING_US : 0);
	s->interruptions++;
}

/* ---- the command line ---- */

/* What is printed must not go where the messages go: they get a descriptor of their own. */
static const char *free_stdout(const char *address, char *buf, size_t size)
{
	int fd;

	if (strcmp(address, "fd:0,1") != 0)
		return address;
	fd = dup(STDOUT_FILENO);
	if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return address;
	snprintf(buf, size, "fd:0,%d", fd);
	return buf;
}

static void run(struct server *s)
{
	static const struct lwl_link_events events = { .up = up, .ended = ended };
	const struct lwl_link_config config = { .open = open_name, .events = &events, .ctx = s };
	struct signals signals;
	char error[500], buf[40];
	const char *address = free_stdout(s->a->operands[0], buf, sizeof buf);

	s->loop = loop_begin();
	if (s->loop == NULL)
		return;
	if (lwl_loop_listen(s->loop, &s->listener, address, &config, NULL, NULL, error,
			    sizeof error) == 0) {
		s->status = 0;
		complain("listening on %s", lwl_listener_address(s->listener));
		signals_begin(&signals, lwl_loop_uv(s->loop), interrupted, s);
		lwl_loop_run(s->loop);
		signals_end(&signals);
	} else {
		complain("%s", error);
	}
	lwl_loop_free(s->loop);
}

/* COMMAND=FILE */
static bool read_answer(struct server *s, struct answer *out, const char *argument)
{
	const struct lwl_schema_interface *interface;
	const struct lwl_schema_command *command;
	const char *equals = strchr(argument, '='), *path = equals != NULL ? equals + 1 : "";
	struct lwl_arena arena;
	struct json_message m;
	struct lwl_writer w;
	size_t size;
	char *name, *text;
	bool good;

	if (*path == '\0') {
		complain("--answer: '%s' is not COMMAND=FILE", argument);
		return false;
	}
	name = allocate(NULL, (size_t)(path - argument));
	memcpy(name, argument, (size_t)(equals - argument));
	name[equals - argument] = '\0';
	good = schema_find_command(s->schema, name, &interface, &command);
	if (good && command->is_oneway) {
		complain("--answer: %s is one-way and gets no answer", name);
		good = false;
	}
	free(name);
	text = good ? input_read_file(path, JSON_SIZE, &size) : NULL;
	if (text == NULL)
		return false;
	lwl_arena_init(&arena, 2 * (size_t)LWL_ARENA_LIMIT);
	out->message = command->response;
	out->bytes = allocate(NULL, LWL_MESSAGE_MAX + 1);
	out->size = 0;
	lwl_writer_init(&w, out->bytes, LWL_MESSAGE_MAX + 1, 1, 1);
	if (json_message_read(&m, command->response, path, text, size, true, &arena))
		out->size = encode_json(&w, command->response, &m);
	json_message_free(&m);
	lwl_arena_free(&arena);
	free(text);
	return out->size > 0;
}

static bool read_answers(struct server *s)
{
	size_t i;

	s->answers = allocate(NULL, (s->a->answer_count + 1) * sizeof *s->answers);
	memset(s->answers, 0, (s->a->answer_count + 1) * sizeof *s->answers);
	for (i = 0; i < s->a->answer_count; i++)
		if (!read_answer(s, &s->answers[i], s->a->answers[i]))
			return false;
	return true;
}

int command_serve(const struct arguments *a)
{
	struct server s = { .a = a, .status = EXIT_OTHER };
	struct lwl_schema *schema = schema_open_for(a, a->operands[2]);
	size_t i;

	if (schema == NULL)
		return EXIT_OTHER;
	s.schema = schema;
	s.interface = schema_find_interface(schema, a->operands[2]);
	if (s.interface != NULL) {
		s.interface_name = interface_full_name(s.interface);
		if (read_answers(&s))
			run(&s);
		for (i = 0; i < a->answer_count; i++)
			free(s.answers[i].bytes);
		free(s.answers);
		free(s.interface_name);
	}
	lwl_schema_free(schema);
	return s.status;
}
