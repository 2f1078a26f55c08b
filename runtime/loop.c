/*
 * Links on libuv: see lwlink/loop.h.
 *
 * A turn of the loop: libuv waits; what can be read is read, once for each link, and carried out;
 * then, when all have been read (uv_check), each link that has something to say is flushed, once.
 * Links that are stirred up outside of that are flushed before libuv waits again (uv_prepare).
 * For a command and its answer that is one wait, one read and one write on each side.
 *
 * A connection is a link and what carries it: connecting, open, lingering, closing.  The link is
 * freed when its end has been told; the connection goes in a callback of libuv, when nothing of
 * it is left.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <lwlink/transport.h>

#include <uv/tree.h>

#include "loop_private.h"

enum {
	LIMIT = 1024,			/* links of a listener, at first */
	ACCEPTS = 16,			/* in one turn */
	PAUSE_MS = 100,			/* of a listener, when there are no descriptors */
	RETRY_MS = 10,			/* when a Unix socket's queue is full, and how often */
	RETRIES = 500,
	LINGER_MS = 1000,		/* for the peer to take in our last words */
	EXIT_MS = 5000,			/* for a command to end by itself, then after a signal */
	KILL_MS = 2000,
	STUCK_US = 50000,		/* until the next look at what is due and cannot be sent */
	LAST_READS = 64,		/* after a write that failed */
	REASON_SIZE = 512,
	/* of a loop that spins */
	HOT_BYTES = 16384,
	SPIN_READS = 16,		/* of the link that was busy last, for each look at all */
	SPIN_TURNS = 64,		/* in a row without such a look */
	SPIN_FAILURES = 10,		/* 2 to this: how often it may be left out */
	SPIN_SAMPLE = 16		/* every so many successes are looked at more closely */
};

enum state {
	RESOLVING,
	RETRYING,			/* waits for room in a Unix socket's queue */
	CONNECTING,
	FAILED,
	OPEN,
	LINGERING,			/* all is said; until the peer closes, too */
	CLOSING
};

/* What only a connection that was dialled has. */
struct dial {
	struct lwl_address to;
	struct addrinfo *addresses;	/* libuv's */
	struct addrinfo *next;		/* to be tried */
	struct addrinfo local;		/* for a Unix socket */
	struct sockaddr_un path;
	uv_getaddrinfo_t resolve;
	uv_process_t process;
	unsigned tries, signals;
	int status;			/* of the first address that failed; then, why it ended */
	char reason[REASON_SIZE];
	char text[];			/* the address as it was given */
};

struct connection {
	struct lwl_loop *loop;
	struct connection *next, *previous, *next_dirty;
	struct lwl_link *link;
	struct lwl_listener *listener;
	const struct lwl_link_events *events;
	struct dial *dial;
	enum state state;
	bool dirty;			/* to be flushed */
	bool blocked;			/* what flush gave last waits for room */
	bool silent;			/* the peer says no more */
	bool tcp;
	bool over;			/* its end has been told */
	/* what libuv still has */
	bool streaming, resolving, child, timer_closing, timer_closed;
	struct lwl_stream stream;
	uv_timer_t timer;		/* to try again, to linger, for a command to end */
	RB_ENTRY(connection) by_due;
	uint64_t due;			/* for its tick, or earlier; UINT64_MAX: not in the tree */
};

struct lwl_listener {
	struct lwl_loop *loop;
	struct lwl_listener *next, *previous;
	struct lwl_link_config config;
	uint8_t node[16];
	lwl_accept_fn *accept;
	void *ctx;
	struct lwl_address at;
	struct stat file;
	int fd;				/* -1: made of descriptors, once */
	unsigned limit, links;
	bool watched, paused, active, closed;
	unsigned handles;
	uv_poll_t poll;
	uv_timer_t timer;
	char address[LWL_ADDRESS_SIZE + 16];
};

RB_HEAD(due_tree, connection);

struct post {
	struct post *next;
	lwl_post_fn *run;
	void *ctx;
};

struct lwl_loop {
	uv_loop_t *uv, own;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t idle;			/* active: do not wait */
	uv_async_t async;
	unsigned handles;
	uv_mutex_t lock;		/* of posts */
	struct post *posts, **posts_end;
	struct connection *connections;
	struct lwl_listener *listeners;
	unsigned active;		/* listeners that will make links */
	struct connection *dirty, **dirty_end;
	struct connection *driven;	/* somebody waits for an answer: its link has to stay */
	struct connection *kept;	/* it did; to be freed now */
	struct due_tree due;
	uv_poll_t alarm;
	int alarm_fd;
	uint64_t alarm_at;
	uint64_t now;			/* of this turn; 0: to be asked for */
	bool polling;			/* between uv_prepare and uv_check */
	bool running, stopped, calling, closing;
	bool to_end;			/* running until there is nothing left to do */
	/* spinning */
	unsigned spin;			/* microseconds */
	struct connection *hot;		/* what was read last */
	bool moved, got;		/* bytes, since it was looked at; in */
	bool spinning;
	bool once;			/* the loop is run turn by turn */
	uint64_t spin_until;
	unsigned failures, skip;
	unsigned successes;
	long interrupted;		/* how often this thread was */
};

static int from_uv(int status)
{
	if (status == UV_EAI_MEMORY)
		return -LWL_ENOMEM;
	if (status <= UV_EAI_ADDRFAMILY && status >= UV_EAI_PROTOCOL)
		return -LWL_EHOSTUNREACH;
	return status == 0 ? 0 : -lwl_error_from_errno(-status);
}

static uint64_t microseconds(void)
{
	return uv_hrtime() / 1000;
}

/* Between waiting and flushing, the clock is read once. */
static uint64_t now_of(struct lwl_loop *loop)
{
	if (!loop->polling)
		return microseconds();
	if (loop->now == 0)
		loop->now = microseconds();
	return loop->now;
}

/* ---- when links are due ---- */

static int compare_due(const struct connection *a, const struct connection *b)
{
	if (a->due != b->due)
		return a->due < b->due ? -1 : 1;
	return a == b ? 0 : (uintptr_t)a < (uintptr_t)b ? -1 : 1;
}

RB_GENERATE_STATIC(due_tree, connection, by_due, compare_due)

static void disarm(struct connection *c)
{
	if (c->due != UINT64_MAX)
		RB_REMOVE(due_tree, &c->loop->due, c);
	c->due = UINT64_MAX;
}

/*
 * Have the alarm go off when the link says, or earlier: it is not set back, and not set at all for
 * most messages.
 */
static void arm(struct connection *c)
{
	struct lwl_loop *loop = c->loop;
	uint64_t at = lwl_link_deadline(c->link), now;

	if (at >= c->due)
		return;
	/* What is due and was not done just now waits for room, and does not need the time. */
	now = now_of(loop);
	if (at <= now)
		at = now + STUCK_US;
	if (at >= c->due)
		return;
	disarm(c);
	c->due = at;
	RB_INSERT(due_tree, &loop->due, c);
	if (at < loop->alarm_at) {
		loop->alarm_at = at;
		lwl_alarm_set(loop->alarm_fd, at);
	}
}

/* ---- what a link tells ---- */

/*
 * The link that is being run by this thread.  The program's events are called through ours, so
 * that an end can be told in the words of who knows why there is no connection.
 */
static _Thread_local struct connection *current;

static struct connection *enter(struct connection *c)
{
	struct connection *before = current;

	current = c;
	return before;
}

static void leave(struct connection *before)
{
	current = before;
}

static void say(char *error, size_t size, const char *address, const char *why)
{
	if (error != NULL && size > 0)
		snprintf(error, size, "%.200s: %s", address, why);
}

static void tell_up(void *ctx, struct lwl_link *link)
{
	if (current->events != NULL && current->events->up != NULL)
		current->events->up(ctx, link);
}

static void tell_room(void *ctx, struct lwl_link *link)
{
	if (current->events != NULL && current->events->room != NULL)
		current->events->room(ctx, link);
}

static void tell_ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct dial *d = current->dial;

	if (d != NULL) {
		if (d->reason[0] != '\0')
			reason = d->reason;
		else
			say(d->reason, sizeof d->reason, d->text, reason);
		d->status = status;
	}
	if (current->events != NULL && current->events->ended != NULL)
		current->events->ended(ctx, link, status, reason);
}

static const struct lwl_link_events our_events = { tell_up, tell_room, tell_ended };

/* ---- connections: making, closing ---- */

static void on_idle(uv_idle_t *idle)
{
	(void)idle;
}

/* To be flushed before the loop waits. */
static void stir(struct connection *c)
{
	struct lwl_loop *loop = c->loop;

	if (c->dirty || c->over)
		return;
	c->dirty = true;
	c->next_dirty = NULL;
	*loop->dirty_end = c;
	loop->dirty_end = &c->next_dirty;
	uv_idle_start(&loop->idle, on_idle);
}

static void calm(struct connection *c)
{
	struct connection **at = &c->loop->dirty;

	if (!c->dirty)
		return;
	while (*at != c)
		at = &(*at)->next_dirty;
	*at = c->next_dirty;
	if (c->next_dirty == NULL)
		c->loop->dirty_end = at;
	c->dirty = false;
}

static void run_loop(struct lwl_loop *loop, uv_run_mode mode, struct connection *driven);
static bool is_inside(const struct lwl_loop *loop);

static void wake(void *ctx)
{
	stir(ctx);
}

static int drive(void *ctx)
{
	struct connection *c = ctx;

	if (c->over)
		return -LWL_ENOTCONN;
	if (is_inside(c->loop))
		return -LWL_EDEADLK;
	run_loop(c->loop, UV_RUN_ONCE, c);
	return 0;
}

static const struct lwl_transport our_transport = { wake, drive };

static int draw(void *buf, size_t size)
{
	return from_uv(uv_random(NULL, NULL, buf, size, 0, NULL));
}

/* Drawn once by each process, also by one that was forked off. */
static int draw_incarnation(uint8_t out[16])
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static uint8_t drawn[16];
	static pid_t drawn_by;
	int status = 0;

	pthread_mutex_lock(&lock);
	if (drawn_by != getpid())
		status = draw(drawn, sizeof drawn);
	if (status == 0) {
		drawn_by = getpid();
		memcpy(out, drawn, sizeof drawn);
	}
	pthread_mutex_unlock(&lock);
	return status;
}

static int connection_new(struct connection **out, struct lwl_loop *loop,
			  const struct lwl_link_config *given)
{
	struct connection *c = calloc(1, sizeof *c);
	struct lwl_link_config config = *given;
	uint8_t incarnation[16];
	int status;

	if (c == NULL)
		return -LWL_ENOMEM;
	c->events = config.events;
	config.events = &our_events;
	status = draw_incarnation(incarnation);
	if (config.incarnation == NULL)
		config.incarnation = incarnation;
	if (config.random == NULL)
		config.random = draw;
	if (status == 0)
		status = lwl_link_new(&c->link, &config);
	if (status != 0) {
		free(c);
		return status;
	}
	lwl_link_set_transport(c->link, &our_transport, c);
	c->loop = loop;
	c->due = UINT64_MAX;
	uv_timer_init(loop->uv, &c->timer);
	c->timer.data = c;
	c->next = loop->connections;
	if (c->next != NULL)
		c->next->previous = c;
	loop->connections = c;
	*out = c;
	return 0;
}

static void listener_update(struct lwl_listener *l);
static void on_timer(uv_timer_t *timer);

static void connection_free(struct connection *c)
{
	struct lwl_listener *l = c->listener;

	if (c->next != NULL)
		c->next->previous = c->previous;
	if (c->previous != NULL)
		c->previous->next = c->next;
	else
		c->loop->connections = c->next;
	if (l != NULL) {
		l->links--;
		listener_update(l);
	}
	if (c->dial != NULL)
		uv_freeaddrinfo(c->dial->addresses);
	free(c->dial);
	free(c);
}

static void on_timer_closed(uv_handle_t *timer)
{
	struct connection *c = timer->data;

	c->timer_closed = true;
	if (c->link == NULL)
		connection_free(c);
}

static void link_free(struct connection *c)
{
	struct connection *before = enter(c);

	lwl_link_free(c->link);
	c->link = NULL;
	leave(before);
	if (c->timer_closed)
		connection_free(c);
}

/* One thing after the other is closed, until nothing is left. */
static void settle(struct connection *c)
{
	if (!c->over || c->streaming || c->resolving)
		return;
	if (c->child) {
		if (c->dial->signals == 0) {
			c->dial->signals = 1;
			uv_timer_start(&c->timer, on_timer, EXIT_MS, 0);
		}
		return;
	}
	if (!c->timer_closing) {
		c->timer_closing = true;
		uv_close((uv_handle_t *)&c->timer, on_timer_closed);
	}
}

static void close_stream(struct connection *c)
{
	c->state = CLOSING;
	lwl_stream_close(&c->stream);
}

/* Its end has been told. */
static void finish(struct connection *c)
{
	struct lwl_loop *loop = c->loop;

	c->over = true;
	calm(c);
	disarm(c);
	if (loop->hot == c)
		loop->hot = NULL;
	uv_timer_stop(&c->timer);
	if (c->resolving)
		uv_cancel((uv_req_t *)&c->dial->resolve);
	if (c->state == OPEN && c->tcp && c->blocked)
		lwl_stream_forget(&c->stream);
	if (c->state == OPEN && c->tcp && !c->silent && !c->blocked) {
		/* TCP forgets what is on its way if we close while the peer still sends. */
		c->state = LINGERING;
		lwl_stream_end_writing(&c->stream);
		lwl_stream_watch(&c->stream, true, false);
		uv_timer_start(&c->timer, on_timer, LINGER_MS, 0);
	} else if (c->state == OPEN || c->state == CONNECTING) {
		/* Between two addresses it is being closed already. */
		if (c->streaming && !uv_is_closing((uv_handle_t *)&c->stream.poll[0]))
			close_stream(c);
	}
	c->state = c->state == LINGERING ? LINGERING : CLOSING;
	if (loop->driven == c)
		loop->kept = c;
	else
		link_free(c);
	settle(c);
}

/* ---- bytes ---- */

static void broken(struct connection *c, int status)
{
	c->silent = true;
	lwl_stream_watch(&c->stream, false, false);
	lwl_link_broken(c->link, status, now_of(c->loop));
}

/* One read, carried out.  True: something came. */
static bool take_in(struct connection *c)
{
	struct connection *before;
	size_t room, n = 0;
	void *buf = lwl_link_receive(c->link, &room);
	int status = 0;

	if (buf != NULL)
		status = lwl_stream_read(&c->stream, buf, room, &n);
	else
		stir(c);	/* without memory it has ended */
	if (status == 0 && n == 0)
		return false;
	before = enter(c);
	if (n > 0) {
		/* Who sends much at a time is not one to be asked before the others. */
		c->loop->hot = n <= HOT_BYTES ? c : NULL;
		c->loop->moved = c->loop->got = true;
		lwl_link_received(c->link, n, now_of(c->loop));
	} else {
		/* A Unix socket that is closed with bytes unread says so by a reset. */
		broken(c, status < 0 && status != -LWL_ECONNRESET ? status : 0);
	}
	leave(before);
	stir(c);
	return n > 0;
}

static void write_out(struct connection *c, const struct lwl_slice *slices, unsigned count)
{
	size_t n, total = 0;
	unsigned i;
	int status = lwl_stream_write(&c->stream, slices, count, &n);

	if (status != 0) {
		/* What the peer said before it went away still counts. */
		for (i = 0; i < LAST_READS && !c->silent && take_in(c); i++)
			;
		if (!c->silent)
			broken(c, status);
		return;
	}
	for (i = 0; i < count; i++)
		total += slices[i].len;
	c->blocked = n < total;
	if (n > 0) {
		c->loop->moved = true;
		lwl_link_sent(c->link, n);
	}
}

static void flush(struct connection *c)
{
	struct lwl_slice slices[LWL_STREAM_SLICES];
	struct connection *before = enter(c);
	unsigned count = lwl_link_flush(c->link, slices, LWL_STREAM_SLICES, now_of(c->loop));

	if (count > 0 && c->state == OPEN && !c->silent && !c->blocked)
		write_out(c, slices, count);
	leave(before);
	if (lwl_link_is_done(c->link)) {
		finish(c);
		return;
	}
	if (c->state == OPEN && !c->silent)
		lwl_stream_watch(&c->stream, true, c->blocked);
	arm(c);
}

static void flush_all(struct lwl_loop *loop)
{
	struct connection *c = loop->dirty, *next;

	/* Those that are stirred up meanwhile have their turn afterwards. */
	loop->dirty = NULL;
	loop->dirty_end = &loop->dirty;
	for (; c != NULL; c = next) {
		next = c->next_dirty;
		c->dirty = false;
		flush(c);
	}
}

/* ---- dialling ---- */

enum doing { LOOKING_UP, DIALLING, LISTENING };

static const char *explain(enum doing what, const struct lwl_address *a, int status)
{
	bool fd = a->kind == LWL_AT_FD, is_unix = a->kind == LWL_AT_UNIX;

	switch (-status) {
	case LWL_ECONNREFUSED:
		return "nobody listens there: is the server running?";
	case LWL_ENOENT:
		return what == LISTENING ? "no such directory"
					 : "no such file: is the server running?";
	case LWL_EADDRINUSE:
		return "somebody listens there already";
	case LWL_EHOSTUNREACH:
		return what == LOOKING_UP ? "no host of that name was found"
					  : "the host cannot be reached";
	case LWL_EAGAIN:
		return is_unix ? "the server does not take connections: its queue is full" :
		       lwl_strerror(status);
	case LWL_EEXIST:
		return is_unix ? "a file of that name is there, and it is not a socket" :
		       fd ? "the descriptor is in use already" : lwl_strerror(status);
	case LWL_EBADF:
		return fd ? "there is no such descriptor" : lwl_strerror(status);
	case LWL_EPERM:
		return fd ? "a plain file cannot be waited for" : lwl_strerror(status);
	case LWL_EPROTOTYPE:
		return fd ? "the socket is not one for streams" : lwl_strerror(status);
	default:
		return lwl_strerror(status);
	}
}

static void fail(struct connection *c, int status)
{
	struct dial *d = c->dial;

	if (d != NULL)
		say(d->reason, sizeof d->reason, d->text,
		    explain(c->state == RESOLVING ? LOOKING_UP : DIALLING, &d->to, status));
	c->state = FAILED;
	lwl_link_broken(c->link, status, now_of(c->loop));
	stir(c);
}

static void open_connection(struct connection *c)
{
	int status;

	c->state = OPEN;
	status = lwl_stream_watch(&c->stream, true, false);
	if (status == 0)
		lwl_link_connected(c->link, c->dial != NULL, now_of(c->loop));
	else
		broken(c, status);
	stir(c);
}

static void on_ready(void *ctx, bool readable, bool writable);
static void connect_next(struct connection *c);

static void on_stream_closed(void *ctx)
{
	struct connection *c = ctx;

	c->streaming = false;
	if (c->state == CONNECTING)
		connect_next(c);
	else
		settle(c);
}

/* The descriptors are the connection's, whatever the result. */
static int attach(struct connection *c, int in, int out, bool shared)
{
	c->stream.ready = on_ready;
	c->stream.closed = on_stream_closed;
	c->stream.ctx = c;
	c->streaming = true;
	c->blocked = c->silent = false;
	return lwl_stream_open(&c->stream, c->loop->uv, in, out, shared);
}

/* This address is none; on_stream_closed goes on with the next. */
static void give_up_address(struct connection *c, int status)
{
	if (c->dial->status == 0)
		c->dial->status = status;
	lwl_stream_close(&c->stream);
}

static void connect_next(struct connection *c)
{
	struct dial *d = c->dial;

	c->state = CONNECTING;
	while (d->next != NULL) {
		struct addrinfo *to = d->next;
		int fd, more, status = lwl_socket_connect(&fd, to->ai_addr, to->ai_addrlen);

		if (status == -LWL_EAGAIN && to == &d->local && ++d->tries < RETRIES) {
			c->state = RETRYING;
			uv_timer_start(&c->timer, on_timer, RETRY_MS, 0);
			return;
		}
		d->next = to->ai_next;
		if (status >= 0) {
			more = status;
			status = attach(c, fd, fd, false);
			if (status == 0 && more == 0)
				open_connection(c);
			else if (status == 0)
				status = lwl_stream_watch(&c->stream, false, true);
			if (status != 0)
				give_up_address(c, status);
			return;
		}
		if (d->status == 0)
			d->status = status;
	}
	fail(c, d->status);
}

static void on_resolved(uv_getaddrinfo_t *resolve, int status, struct addrinfo *addresses)
{
	struct connection *c = resolve->data;

	c->resolving = false;
	c->dial->addresses = c->dial->next = addresses;
	if (c->over)
		settle(c);
	else if (status != 0)
		fail(c, from_uv(status));
	else
		connect_next(c);
}

static void dial_tcp(struct connection *c)
{
	struct dial *d = c->dial;
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	int status;

	c->tcp = true;
	c->state = RESOLVING;
	d->resolve.data = c;
	/* Numbers need no thread that asks around. */
	if (uv_getaddrinfo(c->loop->uv, &d->resolve, NULL, d->to.text, d->to.port, &hints) == 0) {
		d->addresses = d->next = d->resolve.addrinfo;
		connect_next(c);
		return;
	}
	hints.ai_flags = AI_NUMERICSERV;
	status = uv_getaddrinfo(c->loop->uv, &d->resolve, on_resolved, d->to.text, d->to.port,
				&hints);
	c->resolving = status == 0;
	if (status != 0)
		fail(c, from_uv(status));
}

static void dial_unix(struct connection *c)
{
	struct dial *d = c->dial;

	d->local.ai_addrlen = lwl_socket_unix(&d->path, d->to.text);
	d->local.ai_addr = (struct sockaddr *)&d->path;
	d->next = &d->local;
	connect_next(c);
}

static void dial_fd(struct connection *c)
{
	const struct lwl_address *to = &c->dial->to;
	int status;

	c->state = CONNECTING;
	status = attach(c, to->in, to->out, true);
	if (status == 0) {
		open_connection(c);
		return;
	}
	fail(c, status);
	lwl_stream_close(&c->stream);
}

static void on_process_closed(uv_handle_t *process)
{
	struct connection *c = process->data;

	c->child = false;
	if (c->over)
		uv_timer_stop(&c->timer);
	settle(c);
}

static void on_exited(uv_process_t *process, int64_t status, int signal)
{
	(void)status;
	(void)signal;
	uv_close((uv_handle_t *)process, on_process_closed);
}

static void dial_exec(struct connection *c)
{
	struct dial *d = c->dial;
	char shell[] = "/bin/sh", option[] = "-c";
	char *args[] = { shell, option, (char *)(uintptr_t)d->to.command, NULL };
	uv_stdio_container_t stdio[3] = { { .flags = UV_INHERIT_FD }, { .flags = UV_INHERIT_FD },
					  { .flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO } };
	uv_process_options_t options = { .file = shell, .args = args, .stdio = stdio,
					 .stdio_count = 3, .exit_cb = on_exited };
	int ours, theirs, status = lwl_socket_pair(&ours, &theirs);

	if (status != 0) {
		fail(c, status);
		return;
	}
	stdio[0].data.fd = stdio[1].data.fd = theirs;
	status = from_uv(uv_spawn(c->loop->uv, &d->process, &options));
	lwl_socket_close(theirs);
	d->process.data = c;
	c->child = true;
	if (status != 0)
		uv_close((uv_handle_t *)&d->process, on_process_closed);
	if (status == 0)
		status = attach(c, ours, ours, false);
	else
		lwl_socket_close(ours);
	if (status == 0) {
		open_connection(c);
		return;
	}
	fail(c, status);
	if (c->streaming)
		lwl_stream_close(&c->stream);
}

static int dial(struct connection **out, struct lwl_loop *loop, const char *address,
		const struct lwl_link_config *config, char *error, size_t size)
{
	static void (*const ways[])(struct connection *c) = {
		[LWL_AT_UNIX] = dial_unix, [LWL_AT_TCP] = dial_tcp,
		[LWL_AT_FD] = dial_fd, [LWL_AT_EXEC] = dial_exec
	};
	size_t length = strlen(address);
	struct dial *d = calloc(1, sizeof *d + length + 1);
	int status;

	if (d == NULL) {
		say(error, size, address, lwl_strerror(LWL_ENOMEM));
		return -LWL_ENOMEM;
	}
	memcpy(d->text, address, length);
	status = lwl_address_parse(&d->to, d->text, false, error, size);
	if (status == 0) {
		status = loop->closing ? -LWL_ESHUTDOWN : connection_new(out, loop, config);
		if (status != 0)
			say(error, size, address, lwl_strerror(status));
	}
	if (status != 0) {
		free(d);
		return status;
	}
	(*out)->dial = d;
	ways[d->to.kind](*out);
	return 0;
}

int lwl_loop_check_address(const char *address, bool listening, char *error, size_t size)
{
	struct lwl_address a;

	return lwl_address_parse(&a, address, listening, error, size);
}

int lwl_loop_dial(struct lwl_loop *loop, struct lwl_link **out, const char *address,
		  const struct lwl_link_config *config, char *error, size_t size)
{
	struct connection *c;
	int status = dial(&c, loop, address, config, error, size);

	if (status == 0)
		*out = c->link;
	return status;
}

static void free_kept(struct lwl_loop *loop)
{
	struct connection *c = loop->kept;

	loop->kept = NULL;
	if (c != NULL)
		link_free(c);
}

int lwl_loop_dial_wait(struct lwl_loop *loop, struct lwl_link **out, const char *address,
		       const struct lwl_link_config *config, char *error, size_t size)
{
	struct connection *c;
	int status = is_inside(loop) ? -LWL_EDEADLK : 0;

	if (status != 0) {
		say(error, size, address, lwl_strerror(status));
		return status;
	}
	status = dial(&c, loop, address, config, error, size);
	if (status != 0)
		return status;
	while (!c->over && !lwl_link_is_up(c->link))
		run_loop(loop, UV_RUN_ONCE, c);
	if (!c->over) {
		*out = c->link;
		return 0;
	}
	status = c->dial->status != 0 ? c->dial->status : -LWL_ENOTCONN;
	if (error != NULL && size > 0)
		snprintf(error, size, "%s", c->dial->reason);
	free_kept(loop);
	return status;
}

/* ---- what libuv tells of connections ---- */

static void on_ready(void *ctx, bool readable, bool writable)
{
	struct connection *c = ctx;
	int status;

	switch (c->state) {
	case CONNECTING:
		status = lwl_socket_result(c->stream.in);
		if (status == 0)
			open_connection(c);
		else
			give_up_address(c, status);
		break;
	case OPEN:
		if (writable && c->blocked) {
			c->blocked = false;
			stir(c);
		}
		if (readable && !c->silent)
			take_in(c);
		/* After an error libuv watches no longer; there may be more to read. */
		if (!c->silent)
			lwl_stream_watch(&c->stream, true, c->stream.watched[1]);
		break;
	case LINGERING:
		if (lwl_stream_discard(&c->stream)) {
			uv_timer_stop(&c->timer);
			close_stream(c);
		}
		break;
	default:
		break;
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct connection *c = timer->data;

	if (c->state == RETRYING) {
		connect_next(c);
	} else if (c->state == LINGERING) {
		lwl_stream_forget(&c->stream);
		close_stream(c);
	} else {
		/* A command that has not noticed that nobody listens to it. */
		uv_process_kill(&c->dial->process, c->dial->signals++ == 1 ? SIGTERM : SIGKILL);
		uv_timer_start(timer, on_timer, KILL_MS, 0);
	}
}

static void on_alarm(uv_poll_t *alarm, int status, int events)
{
	struct lwl_loop *loop = alarm->data;
	struct connection *c, *before;
	uint64_t now = now_of(loop);

	(void)status;
	(void)events;
	while ((c = RB_MIN(due_tree, &loop->due)) != NULL && c->due <= now) {
		disarm(c);
		if (now >= lwl_link_deadline(c->link)) {
			before = enter(c);
			lwl_link_tick(c->link, now);
			leave(before);
			stir(c);
		} else {
			arm(c);
		}
	}
	/* Also takes back that it went off. */
	loop->alarm_at = c != NULL ? c->due : UINT64_MAX;
	lwl_alarm_set(loop->alarm_fd, loop->alarm_at);
}

/* ---- listening ---- */

static bool is_full(const struct lwl_listener *l)
{
	return l->limit != 0 && l->links >= l->limit;
}

static void on_dialled(uv_poll_t *poll, int status, int events);

/* Watched, or not watched, as it should be. */
static void listener_update(struct lwl_listener *l)
{
	bool wanted = l->fd >= 0 && !l->paused && !is_full(l);

	if (l->closed || wanted == l->watched)
		return;
	l->watched = wanted;
	if (wanted)
		uv_poll_start(&l->poll, UV_READABLE, on_dialled);
	else
		uv_poll_stop(&l->poll);
}

static void on_pause_over(uv_timer_t *timer)
{
	struct lwl_listener *l = timer->data;

	l->paused = false;
	listener_update(l);
}

/* Somebody has dialled.  Takes the descriptors. */
static void greet(struct lwl_listener *l, int in, int out)
{
	struct lwl_loop *loop = l->loop;
	struct lwl_link_config config = l->config;
	bool shared = l->fd < 0;
	struct connection *c;
	bool accepted;
	int status = 0;

	if (l->accept != NULL) {
		loop->calling = true;
		status = l->accept(l->ctx, &config);
		loop->calling = false;
	}
	accepted = status == 0;
	if (status == 0)
		status = l->closed ? -LWL_ESHUTDOWN : connection_new(&c, loop, &config);
	if (status != 0) {
		if (!shared)
			lwl_socket_close(in);
		/* What accept has prepared has an end as well. */
		if (accepted && l->accept != NULL && config.events != NULL && config.events->ended != NULL)
			config.events->ended(config.ctx, NULL, status, "no link could be made");
		return;
	}
	c->listener = l;
	l->links++;
	c->tcp = l->at.kind == LWL_AT_TCP;
	status = attach(c, in, out, shared);
	if (status == 0) {
		open_connection(c);
		return;
	}
	fail(c, status);
	lwl_stream_close(&c->stream);
}

static void on_dialled(uv_poll_t *poll, int status, int events)
{
	struct lwl_listener *l = poll->data;
	unsigned i;
	int fd;

	(void)events;
	if (status < 0)
		l->watched = false;
	for (i = 0; i < ACCEPTS && status >= 0 && !l->closed && !is_full(l); i++) {
		status = lwl_socket_accept(l->fd, &fd, l->at.kind == LWL_AT_TCP);
		if (status == -LWL_EAGAIN)
			return;
		if (status == 0)
			greet(l, fd, fd);
	}
	/* No descriptors, mostly: they have been given back in a while, or not.  Until then whoever
	 * dials waits in the system's queue. */
	if (status < 0 && !l->closed) {
		l->paused = true;
		uv_timer_start(&l->timer, on_pause_over, PAUSE_MS, 0);
	}
	listener_update(l);
}

static void on_descriptors(uv_timer_t *timer)
{
	struct lwl_listener *l = timer->data;

	l->active = false;
	l->loop->active--;
	greet(l, l->at.in, l->at.out);
}

/* Is it an address that only this machine can reach? */
static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)address;
		const struct in6_addr *at = &in6->sin6_addr;

		return IN6_IS_ADDR_LOOPBACK(at) ||
		       (IN6_IS_ADDR_V4MAPPED(at) && at->s6_addr[12] == 127);
	}
	return false;
}

static void name_tcp(struct lwl_listener *l)
{
	struct sockaddr_storage got;
	char host[INET6_ADDRSTRLEN] = "";
	bool six;

	lwl_socket_address(l->fd, &got);
	six = got.ss_family == AF_INET6;
	uv_ip_name((const struct sockaddr *)&got, host, sizeof host);
	/* The port stands at the same place in both. */
	snprintf(l->address, sizeof l->address, six ? "tcp:[%s]:%u" : "tcp:%s:%u", host,
		 (unsigned)ntohs(((const struct sockaddr_in *)(const void *)&got)->sin_port));
}

static int listen_tcp(struct lwl_listener *l, const char *address, char *error, size_t size)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	uv_getaddrinfo_t resolve;
	struct addrinfo *at;
	int first = 0, status;

	status = from_uv(uv_getaddrinfo(l->loop->uv, &resolve, NULL, l->at.text, l->at.port,
					&hints));
	if (status != 0) {
		say(error, size, address, explain(LOOKING_UP, &l->at, status));
		return status;
	}
	status = -LWL_EACCES;
	for (at = resolve.addrinfo; at != NULL && status != 0; at = at->ai_next) {
		if (!l->at.is_public && !is_loopback(at->ai_addr))
			continue;
		status = lwl_socket_listen(&l->fd, at->ai_addr, at->ai_addrlen, &l->file);
		if (first == 0)
			first = status;
	}
	uv_freeaddrinfo(resolve.addrinfo);
	if (status == 0)
		name_tcp(l);
	else if (first == 0)
		say(error, size, address, "other machines can dial that, and nobody asks who they "
		    "are: put \"?public\" behind it if that is meant");
	else
		say(error, size, address, explain(LISTENING, &l->at, first));
	return status == 0 || first == 0 ? status : first;
}

static int listen_unix(struct lwl_listener *l, const char *address, char *error, size_t size)
{
	struct sockaddr_un path;
	socklen_t len = lwl_socket_unix(&path, l->at.text);
	int status = lwl_socket_listen(&l->fd, (struct sockaddr *)&path, len, &l->file);

	if (status != 0)
		say(error, size, address, explain(LISTENING, &l->at, status));
	return status;
}

int lwl_loop_listen(struct lwl_loop *loop, struct lwl_listener **out, const char *address,
		    const struct lwl_link_config *config, lwl_accept_fn *accept, void *ctx,
		    char *error, size_t size)
{
	struct lwl_listener *l = calloc(1, sizeof *l);
	int status;

	if (l == NULL || loop->closing) {
		free(l);
		status = l == NULL ? -LWL_ENOMEM : -LWL_ESHUTDOWN;
		say(error, size, address, lwl_strerror(status));
		return status;
	}
	l->loop = loop;
	l->fd = -1;
	status = lwl_address_parse(&l->at, address, true, error, size);
	snprintf(l->address, sizeof l->address, "%s", address);
	if (status == 0 && l->at.kind == LWL_AT_TCP)
		status = listen_tcp(l, address, error, size);
	else if (status == 0 && l->at.kind == LWL_AT_UNIX)
		status = listen_unix(l, address, error, size);
	if (status == 0 && l->fd >= 0) {
		status = from_uv(uv_poll_init(loop->uv, &l->poll, l->fd));
		if (status != 0) {
			say(error, size, address, lwl_strerror(status));
			lwl_socket_close(l->fd);
		}
	}
	if (status != 0) {
		free(l);
		return status;
	}
	l->config = *config;
	if (config->node != NULL) {
		memcpy(l->node, config->node, sizeof l->node);
		l->config.node = l->node;
	}
	l->accept = accept;
	l->ctx = ctx;
	l->limit = LIMIT;
	l->active = true;
	l->handles = l->fd >= 0 ? 2 : 1;
	l->poll.data = l->timer.data = l;
	uv_timer_init(loop->uv, &l->timer);
	loop->active++;
	l->next = loop->listeners;
	if (l->next != NULL)
		l->next->previous = l;
	loop->listeners = l;
	if (l->fd >= 0)
		listener_update(l);
	else
		uv_timer_start(&l->timer, on_descriptors, 0, 0);
	*out = l;
	return 0;
}

void lwl_listener_set_limit(struct lwl_listener *l, unsigned links)
{
	l->limit = links;
	listener_update(l);
}

const char *lwl_listener_address(const struct lwl_listener *l)
{
	return l->address;
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct lwl_listener *l = handle->data;

	if (--l->handles > 0)
		return;
	if (l->next != NULL)
		l->next->previous = l->previous;
	if (l->previous != NULL)
		l->previous->next = l->next;
	else
		l->loop->listeners = l->next;
	free(l);
}

void lwl_listener_close(struct lwl_listener *l)
{
	struct connection *c;

	if (l == NULL || l->closed)
		return;
	l->closed = true;
	if (l->active)
		l->loop->active--;
	l->active = false;
	for (c = l->loop->connections; c != NULL; c = c->next)
		if (c->listener == l)
			c->listener = NULL;
	uv_close((uv_handle_t *)&l->timer, on_listener_closed);
	if (l->fd < 0)
		return;
	uv_close((uv_handle_t *)&l->poll, on_listener_closed);
	if (l->at.kind == LWL_AT_UNIX && l->at.text[0] != '@')
		lwl_socket_unlink(l->at.text, &l->file);
	lwl_socket_close(l->fd);
}

/* ---- posts ---- */

int lwl_loop_post(struct lwl_loop *loop, lwl_post_fn *run, void *ctx)
{
	struct post *post = malloc(sizeof *post);
	bool first;

	if (post == NULL)
		return -LWL_ENOMEM;
	post->next = NULL;
	post->run = run;
	post->ctx = ctx;
	uv_mutex_lock(&loop->lock);
	first = loop->posts == NULL;
	*loop->posts_end = post;
	loop->posts_end = &post->next;
	/* Under the lock, so that the loop is not freed in between. */
	if (first)
		uv_async_send(&loop->async);
	uv_mutex_unlock(&loop->lock);
	return 0;
}

static struct post *take_posts(struct lwl_loop *loop)
{
	struct post *posts;

	uv_mutex_lock(&loop->lock);
	posts = loop->posts;
	loop->posts = NULL;
	loop->posts_end = &loop->posts;
	uv_mutex_unlock(&loop->lock);
	return posts;
}

/* True: there were some. */
static bool run_posts(struct lwl_loop *loop)
{
	struct post *post = take_posts(loop), *next;
	bool any = post != NULL;

	for (; post != NULL; post = next) {
		next = post->next;
		loop->calling = true;
		post->run(post->ctx);
		loop->calling = false;
		free(post);
	}
	return any;
}

static bool has_posts(struct lwl_loop *loop)
{
	bool any;

	uv_mutex_lock(&loop->lock);
	any = loop->posts != NULL;
	uv_mutex_unlock(&loop->lock);
	return any;
}

static void on_async(uv_async_t *async)
{
	run_posts(async->data);
}

/* ---- spinning ---- */

void lwl_loop_set_spin(struct lwl_loop *loop, unsigned microseconds_)
{
	/* With one core, looking for what the peer does keeps the peer from doing it. */
	loop->spin = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? microseconds_ : 0;
	loop->spinning = false;
}

/*
 * Looking has helped.  Or has the peer answered only because the system has interrupted us?  Then both
 * sides are on one core, and looking keeps the peer from working.  Seen over several answers.
 */
static bool is_in_the_way(struct lwl_loop *loop)
{
	struct rusage usage = { 0 };
	long before = loop->interrupted;

	if (loop->successes++ % (SPIN_SAMPLE / 2) != 0)
		return false;
	getrusage(RUSAGE_THREAD, &usage);
	loop->interrupted = usage.ru_nivcsw;
	return loop->successes % SPIN_SAMPLE > 1 && loop->interrupted - before >= SPIN_SAMPLE / 4;
}

static void rest(struct lwl_loop *loop, unsigned failures)
{
	loop->spinning = false;
	loop->failures = failures < SPIN_FAILURES ? failures : SPIN_FAILURES;
	loop->skip = (1U << loop->failures) - 1;
}

/*
 * Shall the loop look once more instead of waiting?  After bytes have moved, for a while; and seldom if
 * that has never helped lately, as it does not if the peer is slow or runs on this core.
 */
static void consider_spinning(struct lwl_loop *loop)
{
	if (loop->got && loop->spinning)
		rest(loop, is_in_the_way(loop) ? SPIN_FAILURES : 0);
	if (loop->moved) {
		loop->moved = loop->got = false;
		loop->spinning = loop->skip == 0;
		if (loop->skip > 0)
			loop->skip--;
		else
			loop->spin_until = microseconds() + loop->spin;
	} else if (loop->spinning && microseconds() >= loop->spin_until) {
		rest(loop, loop->failures + 1);
	}
}

/* The link that was busy last is asked more often than the others, which epoll knows about. */
static void spin(struct lwl_loop *loop)
{
	unsigned i, turns;

	for (turns = i = 0; i < SPIN_READS && turns < SPIN_TURNS && loop->hot != NULL; i++) {
		if (loop->hot->silent || !take_in(loop->hot))
			continue;
		flush_all(loop);
		loop->now = 0;
		/* Who runs the loop turn by turn has something to do now. */
		if (loop->once)
			break;
		i = 0;
		turns++;
	}
}

/* ---- turns ---- */

static void wait_or_not(struct lwl_loop *loop)
{
	if (loop->dirty != NULL || loop->spinning)
		uv_idle_start(&loop->idle, on_idle);
	else
		uv_idle_stop(&loop->idle);
}

static bool is_needed(struct lwl_loop *loop)
{
	return loop->connections != NULL || loop->active > 0 || has_posts(loop);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct lwl_loop *loop = prepare->data;

	if (loop->kept != loop->driven)
		free_kept(loop);
	flush_all(loop);
	loop->polling = true;
	loop->now = 0;
	if (loop->spin != 0) {
		consider_spinning(loop);
		if (loop->spinning)
			spin(loop);
	}
	wait_or_not(loop);
	/* The program's own handles do not count. */
	if (loop->to_end && !is_needed(loop))
		uv_stop(loop->uv);
}

static void on_check(uv_check_t *check)
{
	struct lwl_loop *loop = check->data;

	flush_all(loop);
	loop->polling = false;
	wait_or_not(loop);
}

static bool is_inside(const struct lwl_loop *loop)
{
	return loop->running || loop->calling || current != NULL;
}

/* One turn, or several: until uv_stop, or nothing is left. */
static void run_loop(struct lwl_loop *loop, uv_run_mode mode, struct connection *driven)
{
	free_kept(loop);
	loop->running = true;
	loop->driven = driven;
	if (run_posts(loop))
		mode = UV_RUN_NOWAIT;
	/* Here, and not only in uv_prepare: libuv decides before that whether it may wait. */
	flush_all(loop);
	wait_or_not(loop);
	loop->once = mode == UV_RUN_ONCE;
	uv_run(loop->uv, mode);
	loop->once = false;
	loop->driven = NULL;
	loop->running = false;
}

int lwl_loop_turn(struct lwl_loop *loop, bool wait)
{
	if (is_inside(loop))
		return -LWL_EDEADLK;
	run_loop(loop, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT, NULL);
	return 0;
}

int lwl_loop_run(struct lwl_loop *loop)
{
	if (is_inside(loop))
		return -LWL_EDEADLK;
	while (!loop->stopped && is_needed(loop)) {
		loop->to_end = true;
		run_loop(loop, UV_RUN_DEFAULT, NULL);
	}
	loop->to_end = loop->stopped = false;
	return 0;
}

void lwl_loop_stop(struct lwl_loop *loop)
{
	loop->stopped = true;
	if (loop->to_end)
		uv_stop(loop->uv);
}

/* ---- the loop ---- */

static void on_loop_closed(uv_handle_t *handle)
{
	((struct lwl_loop *)handle->data)->handles--;
}

static void close_handles(struct lwl_loop *loop)
{
	uv_handle_t *handles[] = { (uv_handle_t *)&loop->prepare, (uv_handle_t *)&loop->check,
				   (uv_handle_t *)&loop->idle, (uv_handle_t *)&loop->alarm,
				   (uv_handle_t *)&loop->async };
	unsigned i, count = loop->handles;

	for (i = 0; i < count; i++)
		uv_close(handles[i], on_loop_closed);
	while (loop->handles > 0)
		uv_run(loop->uv, UV_RUN_NOWAIT);
	if (loop->alarm_fd >= 0)
		lwl_socket_close(loop->alarm_fd);
	if (loop->uv == &loop->own)
		uv_loop_close(&loop->own);
	uv_mutex_destroy(&loop->lock);
	free(loop);
}

int lwl_loop_new(struct lwl_loop **out, uv_loop_t *uv)
{
	struct lwl_loop *loop = calloc(1, sizeof *loop);
	int status = 0;

	if (loop == NULL)
		return -LWL_ENOMEM;
	loop->uv = uv != NULL ? uv : &loop->own;
	loop->posts_end = &loop->posts;
	loop->dirty_end = &loop->dirty;
	loop->alarm_at = UINT64_MAX;
	if (uv == NULL)
		status = from_uv(uv_loop_init(&loop->own));
	if (status != 0) {
		free(loop);
		return status;
	}
	uv_mutex_init(&loop->lock);
	uv_prepare_init(loop->uv, &loop->prepare);
	uv_check_init(loop->uv, &loop->check);
	uv_idle_init(loop->uv, &loop->idle);
	loop->prepare.data = loop->check.data = loop->idle.data = loop;
	loop->alarm.data = loop->async.data = loop;
	loop->handles = 3;
	status = lwl_alarm_new(&loop->alarm_fd);
	if (status == 0)
		status = from_uv(uv_poll_init(loop->uv, &loop->alarm, loop->alarm_fd));
	if (status == 0) {
		loop->handles++;
		status = from_uv(uv_async_init(loop->uv, &loop->async, on_async));
	}
	if (status != 0) {
		close_handles(loop);
		return status;
	}
	loop->handles++;
	uv_prepare_start(&loop->prepare, on_prepare);
	uv_check_start(&loop->check, on_check);
	uv_poll_start(&loop->alarm, UV_READABLE, on_alarm);
	/* They alone keep nobody waiting. */
	uv_unref((uv_handle_t *)&loop->prepare);
	uv_unref((uv_handle_t *)&loop->check);
	uv_unref((uv_handle_t *)&loop->alarm);
	uv_unref((uv_handle_t *)&loop->async);
	*out = loop;
	return 0;
}

uv_loop_t *lwl_loop_uv(struct lwl_loop *loop)
{
	return loop->uv;
}

void lwl_loop_free(struct lwl_loop *loop)
{
	struct connection *c;
	struct lwl_listener *l;

	if (loop == NULL)
		return;
	loop->closing = true;
	for (l = loop->listeners; l != NULL; l = l->next)
		lwl_listener_close(l);
	for (c = loop->connections; c != NULL; c = c->next)
		if (!c->over)
			lwl_link_end(c->link, 0, NULL);
	while (loop->connections != NULL || loop->listeners != NULL || has_posts(loop))
		run_loop(loop, UV_RUN_ONCE, NULL);
	close_handles(loop);
}
