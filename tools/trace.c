/*
 * lwl trace: what passes between two programs.
 *
 * Bytes are passed on as they are, whatever they mean, and a copy is shown.  Each connection has two
 * flows, one in each direction: what has been read from one side and not yet been written to the other.
 */
#define _GNU_SOURCE	/* accept4 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live.h"
#include "place.h"
#include "show.h"

enum {
	READ_SIZE = 65536,
	PENDING_MAX = 1 << 20,		/* bytes that wait; then their side is not read */
	DIALLER = 0, SERVER = 1		/* the sides */
};

struct trace {
	const char *address, *to_address;
	struct place at, to;
	struct show show;
	uv_loop_t uv;
	uv_poll_t listener;
	int fd;				/* that listens; -1: no longer */
	bool paused;			/* no descriptors are left: until a connection ends */
	struct signals signals;
	struct connection *connections;
	unsigned long count;
	uint64_t start;
	bool once;
	bool silent;			/* nobody reads what is printed */
	int status;
};

/* From side to side: flow 0 from the dialler to the server. */
struct flow {
	uint8_t *bytes;			/* `room` of them; those from `at` to `end` wait */
	size_t at, end, room;
	bool ended;			/* nothing more is read */
	bool passed;			/* and the other side knows */
};

struct connection {
	struct trace *trace;
	struct connection *next;
	unsigned long number;
	int fds[2];
	uv_poll_t polls[2];
	int events[2];			/* that are watched */
	struct flow flows[2];
	unsigned tried;			/* addresses of the server */
	bool connecting, closing;
	unsigned handles;
	struct show_connection shown;
};

static uint64_t now_of(const struct trace *t)
{
	return uv_hrtime() / 1000 - t->start;
}

/* A line that is about the connection itself. */
static void say(const struct connection *c, const char *what, const char *why)
{
	show_begin_line(&c->trace->show, c->number, now_of(c->trace));
	printf("%s%s%s\n", what, *why != '\0' ? ": " : "", why);
}

/* ---- the end ---- */

static void stop_listening(struct trace *t)
{
	if (t->fd < 0)
		return;
	uv_close((uv_handle_t *)&t->listener, NULL);
	close(t->fd);
	t->fd = -1;
	place_remove(&t->at);
}

static void on_dialled(uv_poll_t *listener, int status, int events);

static void on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data, **at;
	struct trace *t = c->trace;

	if (--c->handles > 0)
		return;
	for (at = &t->connections; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	show_connection_fini(&c->shown);
	free(c->flows[0].bytes);
	free(c->flows[1].bytes);
	free(c);
	if (t->paused && t->fd >= 0)
		uv_poll_start(&t->listener, UV_READABLE, on_dialled);
	t->paused = false;
}

static void close_side(struct connection *c, int side)
{
	if (c->fds[side] < 0)
		return;
	uv_close((uv_handle_t *)&c->polls[side], on_closed);
	close(c->fds[side]);
	c->fds[side] = -1;
}

static void close_connection(struct connection *c)
{
	if (c->closing)
		return;
	c->closing = true;
	say(c, "closed", "");
	close_side(c, DIALLER);
	close_side(c, SERVER);
	if (c->trace->once)
		stop_listening(c->trace);
}

static void stop(struct trace *t)
{
	struct connection *c;

	stop_listening(t);
	for (c = t->connections; c != NULL; c = c->next)
		close_connection(c);
}

static void interrupted(void *ctx)
{
	stop(ctx);
}

/* What has been shown is there when it happens. */
static void flush(struct trace *t)
{
	if (t->silent || finish_output())
		return;
	t->silent = true;
	t->status = EXIT_OTHER;
	stop(t);
}

/* ---- bytes ---- */

static size_t pending(const struct flow *flow)
{
	return flow->end - flow->at;
}

static uint8_t *room_for(struct flow *flow, size_t size)
{
	if (flow->at > 0) {
		memmove(flow->bytes, flow->bytes + flow->at, pending(flow));
		flow->end -= flow->at;
		flow->at = 0;
	}
	if (flow->room - flow->end < size) {
		flow->room = flow->end + 2 * size;
		flow->bytes = allocate(flow->bytes, flow->room);
	}
	return flow->bytes + flow->end;
}

static void end_flow(struct connection *c, int side)
{
	if (c->flows[side].ended)
		return;
	c->flows[side].ended = true;
	show_end(&c->shown, side == SERVER, now_of(c->trace));
}

/* Bytes that have come, and stay where they are until the next read; 0: none, or the end. */
static size_t read_side(struct connection *c, int side, const uint8_t **bytes)
{
	struct flow *flow = &c->flows[side];
	uint8_t *room = room_for(flow, READ_SIZE);
	ssize_t n = recv(c->fds[side], room, READ_SIZE, 0);

	*bytes = room;
	if (n > 0)
		flow->end += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		end_flow(c, side);
	return n > 0 ? (size_t)n : 0;
}

/* What waits for this side. */
static void write_side(struct connection *c, int side)
{
	struct flow *flow = &c->flows[!side];
	ssize_t n = 0;

	if (pending(flow) > 0)
		n = send(c->fds[side], flow->bytes + flow->at, pending(flow), MSG_NOSIGNAL);
	if (n > 0) {
		flow->at += (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		/* Nobody will take it. */
		end_flow(c, !side);
		flow->at = flow->end;
	}
	if (flow->ended && pending(flow) == 0 && !flow->passed) {
		flow->passed = true;
		shutdown(c->fds[side], SHUT_WR);
	}
}

static void on_ready(uv_poll_t *poll, int status, int events);

static void watch(struct connection *c, int side)
{
	const struct flow *from = &c->flows[side], *to = &c->flows[!side];
	int events = 0;

	if (c->connecting && side == SERVER)
		events = UV_WRITABLE;
	else if (!from->ended && pending(from) < PENDING_MAX)
		events = UV_READABLE;
	if (pending(to) > 0)
		events |= UV_WRITABLE;
	if (events == c->events[side])
		return;
	c->events[side] = events;
	if (events != 0)
		uv_poll_start(&c->polls[side], events, on_ready);
	else
		uv_poll_stop(&c->polls[side]);
}

static void watch_both(struct connection *c)
{
	if (c->closing)
		return;
	watch(c, DIALLER);
	if (c->fds[SERVER] >= 0)
		watch(c, SERVER);
}

/* ---- connecting ---- */

static void dial(struct connection *c, int error)
{
	struct trace *t = c->trace;

	while (c->tried < t->to.count) {
		int fd = place_dial(&t->to, c->tried++);

		if (fd < 0) {
			error = errno;
			continue;
		}
		c->fds[SERVER] = fd;
		c->events[SERVER] = 0;
		uv_poll_init(&t->uv, &c->polls[SERVER], fd);
		c->polls[SERVER].data = c;
		c->handles++;
		return;
	}
	say(c, t->to_address, strerror(error));
	if (t->once)
		t->status = EXIT_OTHER;
	close_connection(c);
}

/* The address was not the right one; libuv has let go of it. */
static void on_given_up(uv_handle_t *handle)
{
	struct connection *c = handle->data;

	if (!c->closing)
		dial(c, ECONNREFUSED);
	watch_both(c);
	flush(c->trace);
	on_closed(handle);
}

/* What became of it. */
static void connected(struct connection *c)
{
	int error = 0;
	socklen_t size = sizeof error;

	getsockopt(c->fds[SERVER], SOL_SOCKET, SO_ERROR, &error, &size);
	if (error == 0) {
		c->connecting = false;
		return;
	}
	uv_close((uv_handle_t *)&c->polls[SERVER], on_given_up);
	close(c->fds[SERVER]);
	c->fds[SERVER] = -1;
}

/* ---- what libuv tells ---- */

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct connection *c = poll->data;
	int side = poll == &c->polls[SERVER] ? SERVER : DIALLER;
	const uint8_t *bytes = NULL;
	size_t size = 0;

	/* After an error of the descriptor nothing is watched; reading tells which it is. */
	if (status < 0) {
		c->events[side] = 0;
		events = UV_READABLE | UV_WRITABLE;
	}
	if (c->connecting && side == SERVER)
		connected(c);
	else if ((events & UV_READABLE) != 0 && !c->flows[side].ended)
		size = read_side(c, side, &bytes);
	if (!c->connecting) {
		write_side(c, SERVER);
		write_side(c, DIALLER);
	}
	if (size > 0)
		show_bytes(&c->shown, side == SERVER, bytes, size, now_of(c->trace));
	if (c->flows[0].passed && c->flows[1].passed)
		close_connection(c);
	watch_both(c);
	flush(c->trace);
}

static void on_dialled(uv_poll_t *listener, int status, int events)
{
	struct trace *t = listener->data;
	struct connection *c;
	int fd = accept4(t->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;

	(void)status;
	(void)events;
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
		complain("%s: %s", t->address, strerror(errno));
		uv_poll_stop(&t->listener);
		t->paused = true;
	}
	if (fd < 0)
		return;
	if (!t->at.is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	c = allocate(NULL, sizeof *c);
	memset(c, 0, sizeof *c);
	c->trace = t;
	c->number = ++t->count;
	c->next = t->connections;
	t->connections = c;
	c->fds[DIALLER] = fd;
	c->fds[SERVER] = -1;
	c->connecting = true;
	c->handles = 1;
	uv_poll_init(&t->uv, &c->polls[DIALLER], fd);
	c->polls[DIALLER].data = c;
	show_connection_init(&c->shown, &t->show, c->number);
	say(c, "opened", "");
	/* One is enough: whoever comes next is not taken. */
	if (t->once)
		stop_listening(t);
	dial(c, ECONNREFUSED);
	watch_both(c);
	flush(t);
}

/* ---- the command line ---- */

static void run(struct trace *t)
{
	uv_loop_init(&t->uv);
	uv_poll_init(&t->uv, &t->listener, t->fd);
	t->listener.data = t;
	uv_poll_start(&t->listener, UV_READABLE, on_dialled);
	signals_begin(&t->signals, &t->uv, interrupted, t);
	t->start = uv_hrtime() / 1000;
	t->status = 0;
	complain("tracing %s to %s", t->address, t->to_address);
	uv_run(&t->uv, UV_RUN_DEFAULT);
	signals_end(&t->signals);
	uv_run(&t->uv, UV_RUN_DEFAULT);
	uv_loop_close(&t->uv);
	flush(t);
}

int command_trace(const struct arguments *a)
{
	struct trace t = { .address = a->operands[0], .to_address = a->operands[1], .once = a->once,
			   .fd = -1, .status = EXIT_OTHER };
	struct lwl_schema **schemas = allocate(NULL, (a->schema_count + 1) * sizeof *schemas);
	struct arguments one = *a;
	bool good = true;
	size_t i;

	for (i = 0; i < a->schema_count && good; i++) {
		one.schema = a->schemas[i];
		schemas[i] = schema_open(&one);
		good = schemas[i] != NULL;
		t.show.schema_count += good;
	}
	t.show.schemas = (const struct lwl_schema *const *)schemas;
	t.show.coloured = wants_colour(a->colour, STDOUT_FILENO);
	t.show.hex = a->hex;
	if (good && show_init(&t.show) && place_parse(&t.at, t.address, true) &&
	    place_parse(&t.to, t.to_address, false)) {
		t.fd = place_listen(&t.at, t.address);
		if (t.fd >= 0)
			run(&t);
	}
	show_fini(&t.show);
	for (i = 0; i < t.show.schema_count; i++)
		lwl_schema_free(schemas[i]);
	free(schemas);
	return t.status;
}
