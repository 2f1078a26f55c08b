/*
 * lwlink/loop.h over real descriptors: every kind of address, both ways, and what goes wrong with
 * them.
 *
 *	test_loop			all tests
 *	test_loop serve ADDRESS		the server of the tests, by itself; the tests run it, too
 *	test_loop many N		connect N times, one after the other
 *
 * Server and client mostly share a loop: whoever waits for an answer drives both.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include <lwlink/loop.h>
#include <lwlink/transport.h>

#include "echo.link.h"

enum {
	ERROR = 400,
	SECOND = 1000000,
	THREADS = 4,
	POSTS = 5000			/* of each thread */
};

/* ---- the server ---- */

struct counter {
	uint64_t sum;
};

static unsigned counters;		/* alive */
static uint64_t notes, notes_sum;

static void counter_add(void *self, struct lwl_call *call, const struct e2e_counter_add_req *req)
{
	struct counter *counter = self;
	struct e2e_counter_add_rsp rsp;

	rsp.sum = counter->sum += req->value;
	e2e_counter_add_reply(call, &rsp);
}

static void counter_closed(void *self)
{
	counters--;
	free(self);
}

static const struct e2e_counter_ops counter_ops = { counter_add };

static void echo(void *self, struct lwl_call *call, const struct e2e_echo_echo_req *req)
{
	struct e2e_echo_echo_rsp rsp = { .data = req->data };

	(void)self;
	e2e_echo_echo_reply(call, &rsp);
}

static void add(void *self, struct lwl_call *call, const struct e2e_echo_add_req *req)
{
	struct e2e_echo_add_rsp rsp = { .sum = req->a + req->b };

	(void)self;
	e2e_echo_add_reply(call, &rsp);
}

static void note(void *self, struct lwl_call *call, const struct e2e_echo_note_msg *msg)
{
	(void)self;
	(void)call;
	notes++;
	notes_sum += msg->value;
}

static void get_notes(void *self, struct lwl_call *call, const struct e2e_echo_notes_req *req)
{
	struct e2e_echo_notes_rsp rsp = { .count = notes, .sum = notes_sum };

	(void)self;
	(void)req;
	e2e_echo_notes_reply(call, &rsp);
}

static void make_counter(void *self, struct lwl_call *call, const struct e2e_echo_counter_req *req)
{
	struct counter *counter = calloc(1, sizeof *counter);
	struct e2e_echo_counter_rsp rsp;

	(void)self;
	counter->sum = req->start;
	counters++;
	assert_int_equal(lwl_link_host(lwl_call_link(call), &e2e_counter_interface, &counter_ops,
				       counter, counter_closed, &rsp.counter.id), 0);
	e2e_echo_counter_reply(call, &rsp);
}

static void heard_twice(void *ctx, int status, const struct e2e_listener_twice_rsp *rsp,
			struct lwl_reply *reply)
{
	struct lwl_call *call = ctx;
	struct e2e_echo_listen_rsp out;

	(void)reply;
	if (status != 0) {
		lwl_call_fail(call, -status, NULL);
		return;
	}
	out.twice = rsp->value;
	e2e_echo_listen_reply(call, &out);
}

static void call_back(void *self, struct lwl_call *call, const struct e2e_echo_listen_req *req)
{
	struct e2e_listener_tell_msg tell = { .value = req->value };
	struct e2e_listener_twice_req twice = { .value = req->value };
	struct lwl_link *link = lwl_call_link(call);

	(void)self;
	/* Until the call ends, so that the link to the listener stays borrowed. */
	assert_int_equal(lwl_call_hold(call), 0);
	assert_int_equal(e2e_listener_tell(link, req->listener, &tell), 0);
	assert_int_equal(e2e_listener_twice(link, req->listener, &twice, heard_twice, call), 0);
}

/* A call that another thread finds the answer to. */
struct job {
	struct lwl_loop *loop;
	struct lwl_call *call;
	uint32_t milliseconds;
	pthread_t thread;
};

static struct lwl_loop *serving;

static void job_done(void *ctx)
{
	struct job *job = ctx;
	struct e2e_echo_later_rsp rsp = { .ran = true };

	pthread_join(job->thread, NULL);
	e2e_echo_later_reply(job->call, &rsp);
	free(job);
}

static void *work(void *ctx)
{
	struct job *job = ctx;

	usleep(job->milliseconds * 1000);
	lwl_loop_post(job->loop, job_done, job);
	return NULL;
}

static void later(void *self, struct lwl_call *call, const struct e2e_echo_later_req *req)
{
	struct job *job = malloc(sizeof *job);

	(void)self;
	job->loop = serving;
	job->call = call;
	job->milliseconds = req->milliseconds;
	assert_int_equal(pthread_create(&job->thread, NULL, work, job), 0);
}

static const struct e2e_echo_ops echo_ops = {
	.echo = echo, .add = add, .note = note, .notes = get_notes, .counter = make_counter,
	.listen = call_back, .later = later
};
static const struct lwl_export exports[] = {
	{ .name = "echo", .interface = &e2e_echo_interface, .ops = &echo_ops }
};

/* ---- links and what they told ---- */

struct told {
	unsigned up, ended;
	int status;
	char reason[ERROR];
};

static void on_up(void *ctx, struct lwl_link *link)
{
	struct told *told = ctx;

	assert_ptr_equal(lwl_link_context(link), told);
	told->up++;
}

static void on_ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct told *told = ctx;

	assert_ptr_equal(lwl_link_context(link), told);
	assert_int_equal(told->ended, 0);
	told->ended++;
	told->status = status;
	snprintf(told->reason, sizeof told->reason, "%s", reason);
}

static const struct lwl_link_events events = { .up = on_up, .ended = on_ended };

/* What the links of servers told, in all. */
static unsigned server_ups, server_ends;
static int server_status;
static char server_reason[ERROR];

static struct lwl_link *server_link;	/* the last */

static void on_server_up(void *ctx, struct lwl_link *link)
{
	(void)ctx;
	server_link = link;
	server_ups++;
}

static void on_server_ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	(void)ctx;
	(void)link;
	server_ends++;
	server_status = status;
	snprintf(server_reason, sizeof server_reason, "%s", reason);
}

static const struct lwl_link_events server_events = {
	.up = on_server_up, .ended = on_server_ended
};

static const struct lwl_link_config server_config = {
	.exports = exports, .export_count = 1, .events = &server_events
};

/* ---- every test has a loop, and leaves no descriptor ---- */

static struct lwl_loop *loop;
static char error[ERROR];
static char directory[] = "/tmp/lwlink-loop-XXXXXX";

static int count_descriptors(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 4096; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static int descriptors;

static int set_up(void **state)
{
	(void)state;
	descriptors = count_descriptors();
	notes = notes_sum = 0;
	server_ups = server_ends = 0;
	server_status = 1;
	server_reason[0] = error[0] = '\0';
	if (lwl_loop_new(&loop, NULL) != 0)
		return -1;
	serving = loop;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lwl_loop_free(loop);
	if (count_descriptors() != descriptors)
		fprintf(stderr, "%d descriptors before, %d afterwards\n", descriptors,
			count_descriptors());
	return count_descriptors() != descriptors || counters != 0;
}

static const char *path(const char *name)
{
	static char text[2][200];
	static unsigned next;

	next = !next;
	snprintf(text[next], sizeof text[next], "%s/%s", directory, name);
	return text[next];
}

static const char *unix_address(const char *name)
{
	static char text[2][200];
	static unsigned next;

	next = !next;
	snprintf(text[next], sizeof text[next], "unix:%s", path(name));
	return text[next];
}

static struct lwl_listener *serve(const char *address)
{
	struct lwl_listener *listener;
	int status = lwl_loop_listen(loop, &listener, address, &server_config, NULL, NULL, error,
				     sizeof error);

	if (status != 0)
		fail_msg("listening at %s: %s", address, error);
	return listener;
}

/* Listening there is an error, said like this. */
static void serve_in_vain(const char *address, int status, const char *why)
{
	struct lwl_listener *listener;
	char expected[ERROR];

	assert_int_equal(lwl_loop_listen(loop, &listener, address, &server_config, NULL, NULL,
					 error, sizeof error), status);
	snprintf(expected, sizeof expected, "%s: %s", address, why);
	assert_string_equal(error, expected);
}

/* Begin to dial. */
static struct lwl_link *dial_later(const char *address, struct told *told)
{
	struct lwl_link_config config = { .events = &events, .ctx = told };
	struct lwl_link *link;

	memset(told, 0, sizeof *told);
	assert_int_equal(lwl_loop_dial(loop, &link, address, &config, error, sizeof error), 0);
	assert_int_equal(told->ended, 0);
	return link;
}

static int try_to_dial(const char *address)
{
	struct lwl_link_config config = { 0 };
	struct lwl_link *link;

	return lwl_loop_dial_wait(loop, &link, address, &config, error, sizeof error);
}

static struct lwl_link *dial(const char *address, struct told *told)
{
	struct lwl_link_config config = { .events = told != NULL ? &events : NULL, .ctx = told };
	struct lwl_link *link;

	if (told != NULL)
		memset(told, 0, sizeof *told);
	if (lwl_loop_dial_wait(loop, &link, address, &config, error, sizeof error) != 0)
		fail_msg("dialling %s: %s", address, error);
	assert_true(lwl_link_is_up(link));
	return link;
}

static struct e2e_echo open_echo(struct lwl_link *link)
{
	struct e2e_echo to;

	assert_int_equal(lwl_link_open_wait(link, "echo", &e2e_echo_interface, &to.id), 0);
	return to;
}

static void add_once(struct lwl_link *link, struct e2e_echo to)
{
	struct e2e_echo_add_req req = { 40, 2 };
	struct e2e_echo_add_rsp rsp;
	struct lwl_error err;
	uint8_t buf[E2E_ECHO_ADD_RSP_MAX];

	assert_int_equal(e2e_echo_add_wait(link, to, &req, &rsp, buf, sizeof buf, &err), 0);
	assert_int_equal(rsp.sum, 42);
}

/* Turns until something is so; a deadline keeps a test that fails from hanging. */
#define UNTIL(condition) \
	do { \
		uint64_t until_ = uv_hrtime() + UINT64_C(20000000000); \
		struct lwl_loop *woken_ = loop; \
		uv_timer_t *tick_ = ticking(); \
		while (!(condition)) { \
			lwl_loop_turn(woken_, true); \
			if (uv_hrtime() > until_) \
				fail_msg("%s:%d: in vain: %s", __FILE__, __LINE__, #condition); \
		} \
		stop_ticking(tick_); \
	} while (0)

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
}

static uv_timer_t *ticking(void)
{
	uv_timer_t *timer = malloc(sizeof *timer);

	uv_timer_init(lwl_loop_uv(loop), timer);
	uv_timer_start(timer, on_tick, 10, 10);
	return timer;
}

static void free_timer(uv_handle_t *timer)
{
	free(timer);
}

static void stop_ticking(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, free_timer);
}

/* ---- the whole program ---- */

static unsigned tells;

static void tell(void *self, struct lwl_call *call, const struct e2e_listener_tell_msg *msg)
{
	(void)self;
	(void)call;
	tells += msg->value;
}

static void twice(void *self, struct lwl_call *call, const struct e2e_listener_twice_req *req)
{
	struct e2e_listener_twice_rsp rsp = { .value = 2 * req->value };

	(void)self;
	e2e_listener_twice_reply(call, &rsp);
}

static const struct e2e_listener_ops listener_ops = { tell, twice };

static void echo_bytes(struct lwl_link *link, struct e2e_echo to, uint32_t size)
{
	static uint8_t data[E2E_DATA_MAX], buf[E2E_ECHO_ECHO_RSP_MAX];
	struct e2e_echo_echo_req req = { .data = { data, size } };
	struct e2e_echo_echo_rsp rsp;
	struct lwl_error err;
	uint32_t i;

	for (i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + size);
	assert_int_equal(e2e_echo_echo_wait(link, to, &req, &rsp, buf, sizeof buf, &err), 0);
	assert_int_equal(rsp.data.len, size);
	assert_memory_equal(rsp.data.data, data, size);
}

/* Bulk: echoes that overlap. */
static struct {
	struct lwl_link *link;
	struct e2e_echo to;
	unsigned left, running;
} bulk;

static uint8_t bulk_data[E2E_DATA_MAX];

static void bulk_more(void);

static void bulk_done(void *ctx, int status, const struct e2e_echo_echo_rsp *rsp,
		      struct lwl_reply *reply)
{
	(void)ctx;
	(void)reply;
	assert_int_equal(status, 0);
	assert_int_equal(rsp->data.len, sizeof bulk_data);
	assert_int_equal(rsp->data.data[sizeof bulk_data - 1], bulk_data[sizeof bulk_data - 1]);
	bulk.running--;
	bulk_more();
}

static void bulk_more(void)
{
	struct e2e_echo_echo_req req = { .data = { bulk_data, sizeof bulk_data } };

	while (bulk.left > 0 && bulk.running < 10) {
		int status = e2e_echo_echo(bulk.link, bulk.to, &req, bulk_done, NULL);

		if (status == -LWL_ECALLS && bulk.running > 0)
			return;
		assert_int_equal(status, 0);
		bulk.left--;
		bulk.running++;
	}
}

static void talk(struct lwl_link *link)
{
	struct e2e_echo to = open_echo(link);
	struct e2e_echo_notes_req ask = { 0 };
	struct e2e_echo_notes_rsp before, after;
	struct e2e_echo_counter_req make = { .start = 1000 };
	struct e2e_echo_counter_rsp made;
	struct e2e_counter_add_req count = { .value = 7 };
	struct e2e_counter_add_rsp counted = { 0 };
	struct e2e_echo_listen_req listen_ = { .value = 21 };
	struct e2e_echo_listen_rsp listened;
	struct lwl_error err;
	uint8_t buf[256];
	uint32_t i;

	add_once(link, to);
	echo_bytes(link, to, 0);
	echo_bytes(link, to, 1);
	echo_bytes(link, to, E2E_DATA_MAX);

	assert_int_equal(e2e_echo_notes_wait(link, to, &ask, &before, buf, sizeof buf, &err), 0);
	for (i = 1; i <= 10; i++) {
		struct e2e_echo_note_msg msg = { .value = i };

		assert_int_equal(e2e_echo_note(link, to, &msg), 0);
	}
	assert_int_equal(e2e_echo_notes_wait(link, to, &ask, &after, buf, sizeof buf, &err), 0);
	assert_int_equal(after.count - before.count, 10);
	assert_int_equal(after.sum - before.sum, 55);

	assert_int_equal(e2e_echo_counter_wait(link, to, &make, &made, buf, sizeof buf, &err), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(e2e_counter_add_wait(link, made.counter, &count, &counted, buf,
						      sizeof buf, &err), 0);
	assert_int_equal(counted.sum, 1021);
	assert_int_equal(lwl_link_drop(link, made.counter.id), 0);

	tells = 0;
	assert_int_equal(lwl_link_host(link, &e2e_listener_interface, &listener_ops, NULL, NULL,
				       &listen_.listener.id), 0);
	assert_int_equal(e2e_echo_listen_wait(link, to, &listen_, &listened, buf, sizeof buf, &err),
			 0);
	assert_int_equal(listened.twice, 42);
	assert_int_equal(tells, 21);

	bulk.link = link;
	bulk.to = to;
	bulk.left = 200;
	bulk.running = 0;
	bulk_more();
	UNTIL(bulk.left == 0 && bulk.running == 0);
}

/* In order, to the end on both sides. */
static void part(struct lwl_link *link, struct told *told)
{
	lwl_link_shutdown(link, SECOND);
	UNTIL(told->ended == 1);
	if (told->status != 0)
		fail_msg("ended with %d: %s", told->status, told->reason);
	assert_string_equal(told->reason, "closed");
	assert_int_equal(told->up, 1);
}

static void whole(const char *address)
{
	struct told told;
	struct lwl_link *link = dial(address, &told);

	talk(link);
	part(link, &told);
}

static void served_in_order(unsigned links)
{
	UNTIL(server_ends == links);
	assert_int_equal(server_ups, links);
	assert_int_equal(server_status, 0);
	assert_string_equal(server_reason, "the peer closed the link");
}

/* ---- transports ---- */

static void test_unix(void **state)
{
	struct lwl_listener *listener = serve(unix_address("socket"));
	struct stat file;

	(void)state;
	assert_string_equal(lwl_listener_address(listener), unix_address("socket"));
	whole(unix_address("socket"));
	whole(lwl_listener_address(listener));
	served_in_order(2);
	assert_int_equal(stat(path("socket"), &file), 0);
	lwl_listener_close(listener);
	assert_int_equal(stat(path("socket"), &file), -1);
	/* Nothing is left to do. */
	assert_int_equal(lwl_loop_run(loop), 0);
}

static void test_abstract(void **state)
{
	char address[100];

	(void)state;
	snprintf(address, sizeof address, "unix:@lwlink-loop-%ld", (long)getpid());
	serve(address);
	whole(address);
	served_in_order(1);
}

static void test_tcp(void **state)
{
	struct lwl_listener *listener = serve("tcp:127.0.0.1:0");
	char named[100];

	(void)state;
	assert_memory_equal(lwl_listener_address(listener), "tcp:127.0.0.1:", 14);
	whole(lwl_listener_address(listener));
	/* By name, and if the name means ::1 first, the second address is tried, too. */
	snprintf(named, sizeof named, "tcp:localhost:%s", lwl_listener_address(listener) + 14);
	whole(named);
	served_in_order(2);
}

static void test_tcp_named(void **state)
{
	(void)state;
	whole(lwl_listener_address(serve("tcp:localhost:0")));
}

static void test_tcp6(void **state)
{
	struct lwl_listener *listener;

	(void)state;
	if (lwl_loop_listen(loop, &listener, "tcp:[::1]:0", &server_config, NULL, NULL, error,
			    sizeof error) != 0)
		skip();
	assert_memory_equal(lwl_listener_address(listener), "tcp:[::1]:", 10);
	whole(lwl_listener_address(listener));
}

static void test_public(void **state)
{
	(void)state;
	serve_in_vain("tcp:0.0.0.0:0", -LWL_EACCES, "other machines can dial that, and nobody asks "
		      "who they are: put \"?public\" behind it if that is meant");
	whole(lwl_listener_address(serve("tcp:0.0.0.0:0?public")));
}

static void test_socketpair(void **state)
{
	char ours[20], theirs[20];
	int pair[2], copy;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	snprintf(ours, sizeof ours, "fd:%d", pair[0]);
	snprintf(theirs, sizeof theirs, "fd:%d", pair[1]);
	copy = dup(pair[0]);
	serve(theirs);
	whole(ours);
	served_in_order(1);
	/* It is as it was for whoever else has it, and ours is closed. */
	assert_int_equal(fcntl(copy, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fcntl(pair[0], F_GETFD), -1);
	close(copy);
	assert_int_equal(lwl_loop_run(loop), 0);
}

static void test_pipes(void **state)
{
	char ours[40], theirs[40];
	int up[2], down[2];

	(void)state;
	assert_int_equal(pipe(up), 0);
	assert_int_equal(pipe(down), 0);
	snprintf(ours, sizeof ours, "fd:%d,%d", down[0], up[1]);
	snprintf(theirs, sizeof theirs, "fd:%d,%d", up[0], down[1]);
	serve(theirs);
	whole(ours);
	served_in_order(1);
}

static char self[1024];			/* this program */

static void test_exec(void **state)
{
	char address[1100];

	(void)state;
	snprintf(address, sizeof address, "exec:exec '%s' serve fd:0,1", self);
	whole(address);
	/* The command has ended by itself, and was waited for. */
	assert_int_equal(lwl_loop_run(loop), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_exec_of_pipeline(void **state)
{
	char address[1100];

	(void)state;
	snprintf(address, sizeof address, "exec:cat | '%s' serve fd:0,1 | cat", self);
	whole(address);
	assert_int_equal(lwl_loop_run(loop), 0);
}

/* ---- addresses ---- */

#define NO_KIND "it begins with none of unix:, tcp:, fd: and exec:"
#define NO_PORT "there is no port, as in tcp:localhost:7000"
#define BAD_PORT "the port is not a number from 1 to 65535"
#define BAD_FD "descriptors are numbers, as in fd:3 or fd:3,4"

static void test_addresses(void **state)
{
	static const struct {
		const char *address, *error;
		bool listening;
	} bad[] = {
		{ "", NO_KIND, false },
		{ "/run/socket", NO_KIND, false },
		{ "udp:localhost:7000", NO_KIND, false },
		{ "unix:", "there is no path behind unix:", false },
		{ "unix:@", "there is no path behind unix:", true },
		{ "unix:/123456789/123456789/123456789/123456789/123456789/123456789/123456789"
		  "/123456789/123456789/123456789/1234567", "a socket's path has at most 107 bytes",
		  false },
		{ "tcp:", NO_PORT, false },
		{ "tcp:localhost", NO_PORT, false },
		{ "tcp::7000", "there is no host, as in tcp:localhost:7000", false },
		{ "tcp:[]:7000", "there is no host, as in tcp:localhost:7000", false },
		{ "tcp:::1:7000", "an address of IPv6 goes in brackets, as in tcp:[::1]:7000",
		  false },
		{ "tcp:[::1", "the bracket is not closed", false },
		{ "tcp:[::1]", NO_PORT, false },
		{ "tcp:[::1]7000", NO_PORT, false },
		{ "tcp:localhost:", BAD_PORT, false },
		{ "tcp:localhost:http", BAD_PORT, false },
		{ "tcp:localhost:0", BAD_PORT, false },
		{ "tcp:localhost:65536", "the port is not a number from 0 to 65535", true },
		{ "tcp:localhost:99999999999999999999", BAD_PORT, false },
		{ "tcp:localhost:-1", BAD_PORT, false },
		{ "tcp:localhost:7000?public", "\"?public\" is for listening", false },
		{ "tcp:localhost:7000?private", "\"?private\" is not known here; \"?public\" is",
		  true },
		{ "fd:", BAD_FD, false },
		{ "fd:three", BAD_FD, false },
		{ "fd:3,", BAD_FD, false },
		{ "fd:3,4,5", BAD_FD, false },
		{ "fd:-1", BAD_FD, false },
		{ "fd:99999999999", BAD_FD, false },
		{ "exec:", "there is no command behind exec:", false },
		{ "exec:  ", "there is no command behind exec:", false },
		{ "exec:cat", "a command can only be dialled", true }
	};
	struct lwl_link_config config = { 0 };
	struct lwl_listener *listener;
	struct lwl_link *link;
	char expected[ERROR], tiny[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int status = bad[i].listening
			? lwl_loop_listen(loop, &listener, bad[i].address, &config, NULL, NULL,
					  error, sizeof error)
			: lwl_loop_dial(loop, &link, bad[i].address, &config, error, sizeof error);

		assert_int_equal(status, -LWL_EINVAL);
		snprintf(expected, sizeof expected, "\"%.100s\" is not an address: %s",
			 bad[i].address, bad[i].error);
		assert_string_equal(error, expected);
	}
	assert_int_equal(lwl_loop_dial(loop, &link, "x", &config, NULL, 0), -LWL_EINVAL);
	assert_int_equal(lwl_loop_dial_wait(loop, &link, "x", &config, tiny, sizeof tiny),
			 -LWL_EINVAL);
	assert_string_equal(tiny, "\"x\" is ");
}

/* What waiting says, and what the event says: the same. */
static void dial_in_vain(const char *address, int status, const char *why)
{
	struct told told;
	char expected[ERROR];

	snprintf(expected, sizeof expected, "%s: %s", address, why);
	assert_int_equal(try_to_dial(address), status);
	assert_string_equal(error, expected);
	dial_later(address, &told);
	assert_int_equal(lwl_loop_run(loop), 0);
	assert_int_equal(told.ended, 1);
	assert_int_equal(told.up, 0);
	assert_int_equal(told.status, status);
	assert_string_equal(told.reason, expected);
}

/* A socket's file that nobody listens on. */
static void leave_dead(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(at.sun_path, path(name));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 1), 0);
	close(fd);
}

static void test_dial_errors(void **state)
{
	struct lwl_listener *listener = serve("tcp:127.0.0.1:0");
	static const char label[] = "tcp:12345678901234567890123456789012"
				    "34567890123456789012345678901234:7000";
	char address[100];
	int fd;

	(void)state;
	snprintf(address, sizeof address, "%s", lwl_listener_address(listener));
	lwl_listener_close(listener);
	dial_in_vain(unix_address("none"), -LWL_ENOENT, "no such file: is the server running?");
	leave_dead("dead");
	dial_in_vain(unix_address("dead"), -LWL_ECONNREFUSED,
		     "nobody listens there: is the server running?");
	unlink(path("dead"));
	dial_in_vain(address, -LWL_ECONNREFUSED, "nobody listens there: is the server running?");
	/* No host can have such a name, so that nobody has to be asked. */
	dial_in_vain(label, -LWL_EHOSTUNREACH, "no host of that name was found");
	dial_in_vain("fd:4000", -LWL_EBADF, "there is no such descriptor");
	/* What cannot be used is left as it is. */
	fd = open(self, O_RDONLY);
	snprintf(address, sizeof address, "fd:%d", fd);
	dial_in_vain(address, -LWL_EPERM, "a plain file cannot be waited for");
	assert_int_equal(close(fd), 0);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	snprintf(address, sizeof address, "fd:%d", fd);
	dial_in_vain(address, -LWL_EPROTOTYPE, "the socket is not one for streams");
	assert_int_equal(close(fd), 0);
}

static void test_exec_errors(void **state)
{
	(void)state;
	assert_int_equal(try_to_dial("exec:exit 3"), -LWL_ECONNRESET);
	assert_string_equal(error, "exec:exit 3: the peer closed the connection before it said who "
			    "it is");
	assert_int_equal(try_to_dial("exec:head -c 100 /dev/zero"), -LWL_EMALFORMED);
	assert_int_equal(lwl_loop_run(loop), 0);
}

static void test_not_started(void **state)
{
	struct told told;

	/* Ended by the program while a name is being looked up. */
	(void)state;
	lwl_link_end(dial_later("tcp:localhost:7000", &told), 0, NULL);
	assert_int_equal(lwl_loop_run(loop), 0);
	assert_int_equal(told.ended, 1);
	assert_int_equal(told.status, 0);
}

/* ---- listening ---- */

static void test_dead_socket(void **state)
{
	struct lwl_listener *listener;
	int fd;

	(void)state;
	leave_dead("socket");
	listener = serve(unix_address("socket"));
	whole(unix_address("socket"));
	/* Somebody is there now. */
	serve_in_vain(unix_address("socket"), -LWL_EADDRINUSE, "somebody listens there already");
	/* The file of somebody else is left alone. */
	assert_int_equal(unlink(path("socket")), 0);
	leave_dead("socket");
	lwl_listener_close(listener);
	assert_int_equal(unlink(path("socket")), 0);
	/* So is a file that is no socket. */
	fd = open(path("socket"), O_CREAT | O_WRONLY, 0600);
	close(fd);
	serve_in_vain(unix_address("socket"), -LWL_EEXIST,
		      "a file of that name is there, and it is not a socket");
	assert_int_equal(unlink(path("socket")), 0);
	serve_in_vain("unix:/no/such/directory/socket", -LWL_ENOENT, "no such directory");
}

static void test_mode(void **state)
{
	struct stat file;
	mode_t before = umask(077);

	(void)state;
	serve(unix_address("socket"));
	umask(before);
	assert_int_equal(stat(path("socket"), &file), 0);
	assert_int_equal(file.st_mode & 0777, 0700);
}

static void test_limit(void **state)
{
	struct lwl_listener *listener = serve(unix_address("socket"));
	struct told first, second, third;
	struct lwl_link *a, *b, *c;
	int i;

	(void)state;
	lwl_listener_set_limit(listener, 2);
	a = dial(unix_address("socket"), &first);
	b = dial(unix_address("socket"), &second);
	c = dial_later(unix_address("socket"), &third);
	for (i = 0; i < 20; i++) {
		lwl_loop_turn(loop, false);
		usleep(1000);
	}
	assert_int_equal(third.up, 0);
	part(a, &first);
	UNTIL(third.up == 1);
	/* More room takes effect at once. */
	a = dial_later(unix_address("socket"), &first);
	for (i = 0; i < 20; i++)
		lwl_loop_turn(loop, false);
	assert_int_equal(first.up, 0);
	lwl_listener_set_limit(listener, 0);
	UNTIL(first.up == 1);
	part(a, &first);
	part(b, &second);
	part(c, &third);
}

static unsigned asked;

static int refuse_second(void *ctx, struct lwl_link_config *config)
{
	assert_ptr_equal(ctx, &asked);
	config->ctx = ctx;
	return ++asked == 2 ? -LWL_EREFUSED : 0;
}

static struct lwl_listener *to_be_closed;

static int close_listener(void *ctx, struct lwl_link_config *config)
{
	(void)ctx;
	(void)config;
	lwl_listener_close(to_be_closed);
	return 0;
}

static void test_accept(void **state)
{
	struct lwl_listener *listener;
	struct lwl_link *link;
	struct told told;

	(void)state;
	asked = 0;
	assert_int_equal(lwl_loop_listen(loop, &listener, unix_address("socket"), &server_config,
					 refuse_second, &asked, error, sizeof error), 0);
	link = dial(unix_address("socket"), &told);
	assert_int_equal(try_to_dial(unix_address("socket")), -LWL_ECONNRESET);
	lwl_listener_close(listener);
	/* The first lives on. */
	add_once(link, open_echo(link));
	part(link, &told);

	assert_int_equal(lwl_loop_listen(loop, &to_be_closed, unix_address("socket"),
					 &server_config, close_listener, NULL, error, sizeof error),
			 0);
	assert_int_equal(try_to_dial(unix_address("socket")), -LWL_ECONNRESET);
}

/* ---- peers that behave badly ---- */

static int dial_raw(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(at.sun_path, path(name));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

static void test_peer_leaves(void **state)
{
	char byte;
	int fd;

	(void)state;
	serve(unix_address("socket"));
	fd = dial_raw("socket");
	close(fd);
	UNTIL(server_ends == 1);
	assert_int_equal(server_status, -LWL_ECONNRESET);
	assert_string_equal(server_reason, "the peer closed the connection before it said who it "
			    "is");
	/* Half closed is closed. */
	fd = dial_raw("socket");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	UNTIL(server_ends == 2);
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
	/* And rubbish is not the protocol. */
	fd = dial_raw("socket");
	assert_int_equal(write(fd, "This is not it\0\0", 16), 16);
	UNTIL(server_ends == 3);
	assert_int_equal(server_status, -LWL_EMALFORMED);
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
}

/* A peer whose every read and write is up to the test: the other side of a pair. */
struct peer {
	struct lwl_link *link;
	int fd, theirs;
	uint64_t now, opened;
};

static int some_random(void *buf, size_t size)
{
	return uv_random(NULL, NULL, buf, size, 0, NULL);
}

static void peer_new(struct peer *peer, bool dials)
{
	struct lwl_link_config config = { .random = some_random };
	int pair[2], small = 4096;
	char address[20];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	peer->fd = pair[1];
	peer->theirs = pair[0];
	peer->now = 1;
	assert_int_equal(lwl_link_new(&peer->link, &config), 0);
	assert_int_equal(lwl_link_connected(peer->link, dials, peer->now), 0);
	snprintf(address, sizeof address, "fd:%d", pair[0]);
	if (dials)
		serve(address);
}

static void peer_read(struct peer *peer)
{
	size_t room;
	void *buf = lwl_link_receive(peer->link, &room);
	ssize_t n = read(peer->fd, buf, room);

	if (n > 0)
		lwl_link_received(peer->link, (size_t)n, peer->now);
}

static bool peer_write(struct peer *peer)
{
	struct lwl_slice slices[8];
	unsigned i, count = lwl_link_flush(peer->link, slices, 8, peer->now);

	for (i = 0; i < count; i++) {
		ssize_t n = send(peer->fd, slices[i].data, slices[i].len, MSG_NOSIGNAL);

		if (n > 0)
			lwl_link_sent(peer->link, (size_t)n);
		if (n < (ssize_t)slices[i].len)
			return false;
	}
	return true;
}

static void peer_turn(struct peer *peer)
{
	peer_read(peer);
	peer_write(peer);
	lwl_loop_turn(loop, false);
}

static void opened(void *ctx, int status, uint64_t id, uint32_t version, struct lwl_reply *reply)
{
	struct peer *peer = ctx;

	(void)reply;
	assert_int_equal(status, 0);
	assert_int_equal(version, 3);
	peer->opened = id;
	assert_int_equal(lwl_link_keep(peer->link, id), 0);
}

static void peer_open(struct peer *peer, struct e2e_echo *to)
{
	int i;

	peer_new(peer, true);
	for (i = 0; i < 100 && !lwl_link_is_up(peer->link); i++)
		peer_turn(peer);
	peer->opened = 0;
	assert_int_equal(lwl_link_open(peer->link, "echo", &e2e_echo_interface, opened, peer), 0);
	for (i = 0; i < 100 && peer->opened == 0; i++)
		peer_turn(peer);
	to->id = peer->opened;
	assert_true(to->id != 0);
}

static void ignore_echo(void *ctx, int status, const struct e2e_echo_echo_rsp *rsp,
			struct lwl_reply *reply)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)reply;
}

static void test_peer_does_not_read(void **state)
{
	struct e2e_echo_echo_req big = { .data = { bulk_data, sizeof bulk_data } };
	struct peer peer;
	struct e2e_echo to;
	int i;

	(void)state;
	peer_open(&peer, &to);
	/* Answers that nobody takes: the server cannot write any more. */
	for (i = 0; i < 8; i++)
		assert_int_equal(e2e_echo_echo(peer.link, to, &big, ignore_echo, NULL), 0);
	while (!peer_write(&peer))
		lwl_loop_turn(loop, false);
	/* It still reads. */
	for (i = 1; i <= 100; i++) {
		struct e2e_echo_note_msg msg = { .value = 1 };

		assert_int_equal(e2e_echo_note(peer.link, to, &msg), 0);
		peer_write(&peer);
		lwl_loop_turn(loop, false);
	}
	while (!peer_write(&peer))
		lwl_loop_turn(loop, false);
	for (i = 0; i < 10; i++)
		lwl_loop_turn(loop, false);
	assert_int_equal(notes, 100);
	/* Nor does a goodbye that nobody takes keep it: the loop ends within a second or so. */
	assert_int_equal(server_ends, 0);
	lwl_loop_free(loop);
	assert_int_equal(server_ends, 1);
	assert_int_equal(lwl_loop_new(&loop, NULL), 0);
	lwl_link_free(peer.link);
	close(peer.fd);
}

/* The server hangs up while the client still sends as much as it can: it gets to know why. */
static void test_hanging_up(void **state)
{
	struct e2e_echo_note_msg msg = { .value = 1, .data = { bulk_data, sizeof bulk_data } };
	struct lwl_listener *listener = serve("tcp:127.0.0.1:0");
	struct lwl_link *link;
	struct e2e_echo to;
	struct told told;
	unsigned round;

	(void)state;
	for (round = 1; round <= 20; round++) {
		link = dial(lwl_listener_address(listener), &told);
		to = open_echo(link);
		while (e2e_echo_note(link, to, &msg) == 0)
			;
		lwl_loop_turn(loop, false);
		lwl_link_end(server_link, LWL_EREFUSED, "enough");
		UNTIL(told.ended == 1);
		assert_int_equal(told.status, -LWL_EREFUSED);
		assert_non_null(strstr(told.reason, "enough"));
		UNTIL(server_ends == round);
		assert_int_equal(server_status, -LWL_EREFUSED);
	}
}

/* A Unix socket whose queue is full: dialling waits until it is not. */
static void test_full_queue(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct told told;
	struct pollfd waiting = { .events = POLLIN };
	int server = socket(AF_UNIX, SOCK_STREAM, 0), fds[8], count = 0, i;

	(void)state;
	strcpy(at.sun_path, path("socket"));
	assert_int_equal(bind(server, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(server, 0), 0);
	do
		fds[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	while (connect(fds[count++], (struct sockaddr *)&at, sizeof at) == 0 && count < 8);
	assert_true(count < 8);
	dial_later(unix_address("socket"), &told);
	for (i = 0; i < 5; i++)
		lwl_loop_turn(loop, true);
	assert_int_equal(told.ended, 0);
	/* All that came before, and then the dialler, which speaks first. */
	for (i = 0; i < count; i++) {
		if (i > 0)
			close(waiting.fd);
		while (poll(&(struct pollfd){ server, POLLIN, 0 }, 1, 0) == 0)
			lwl_loop_turn(loop, true);
		waiting.fd = accept(server, NULL, NULL);
		assert_true(waiting.fd >= 0);
	}
	while (poll(&waiting, 1, 0) == 0)
		lwl_loop_turn(loop, false);
	assert_int_equal(told.ended, 0);
	close(waiting.fd);
	UNTIL(told.ended == 1);
	for (i = 0; i < count; i++)
		close(fds[i]);
	close(server);
	unlink(path("socket"));
}

/* The peer writes its goodbye and closes while we still write to it: the goodbye counts. */
static void test_last_words(void **state)
{
	struct peer peer;
	struct e2e_echo to;
	struct e2e_echo_echo_req big = { .data = { bulk_data, 10 } };

	(void)state;
	peer_open(&peer, &to);
	assert_int_equal(e2e_echo_echo(peer.link, to, &big, ignore_echo, NULL), 0);
	peer_write(&peer);
	lwl_link_end(peer.link, LWL_ETIMEDOUT, "tired");
	peer_write(&peer);
	close(peer.fd);
	UNTIL(server_ends == 1);
	assert_int_equal(server_status, -LWL_ETIMEDOUT);
	assert_non_null(strstr(server_reason, "tired"));
	lwl_link_free(peer.link);
}

static void test_twice(void **state)
{
	struct told told;
	struct peer peer;
	struct e2e_echo to;
	char address[20];

	/* A descriptor that a link of this loop has is not taken from it. */
	(void)state;
	peer_open(&peer, &to);
	snprintf(address, sizeof address, "fd:%d", peer.theirs);
	dial_later(address, &told);
	while (told.ended == 0)
		lwl_loop_turn(loop, false);
	assert_int_equal(told.status, -LWL_EEXIST);
	assert_non_null(strstr(told.reason, ": the descriptor is in use already"));
	assert_int_equal(server_ends, 0);
	lwl_link_end(peer.link, 0, NULL);
	peer_write(&peer);
	UNTIL(server_ends == 1);
	assert_int_equal(server_status, 0);
	lwl_link_free(peer.link);
	close(peer.fd);
}

static void test_pipe_without_reader(void **state)
{
	struct peer peer;
	char address[40];
	int up[2], down[2], i;

	/* SIGPIPE must not come. */
	(void)state;
	assert_int_equal(pipe2(up, O_NONBLOCK), 0);
	assert_int_equal(pipe2(down, O_NONBLOCK), 0);
	snprintf(address, sizeof address, "fd:%d,%d", up[0], down[1]);
	serve(address);
	peer.link = NULL;
	close(down[0]);
	{
		struct lwl_link_config config = { .random = some_random };
		struct lwl_slice slices[8];

		assert_int_equal(lwl_link_new(&peer.link, &config), 0);
		assert_int_equal(lwl_link_connected(peer.link, true, 1), 0);
		assert_int_equal(lwl_link_flush(peer.link, slices, 8, 1), 1);
		assert_int_equal(write(up[1], slices[0].data, slices[0].len), slices[0].len);
	}
	for (i = 0; i < 10 && server_ends == 0; i++)
		lwl_loop_turn(loop, true);
	assert_int_equal(server_ends, 1);
	assert_int_equal(server_status, -LWL_EPIPE);
	lwl_link_free(peer.link);
	close(up[1]);
}

/* ---- fairness ---- */

static volatile bool flooding;

static void *flood(void *ctx)
{
	struct lwl_link_config config = { 0 };
	struct e2e_echo_note_msg msg = { .value = 1, .data = { bulk_data, 1000 } };
	struct lwl_loop *own;
	struct lwl_link *link;
	struct e2e_echo to;
	char text[ERROR];

	assert_int_equal(lwl_loop_new(&own, NULL), 0);
	if (lwl_loop_dial_wait(own, &link, ctx, &config, text, sizeof text) != 0 ||
	    lwl_link_open_wait(link, "echo", &e2e_echo_interface, &to.id) != 0)
		return NULL;
	while (__atomic_load_n(&flooding, __ATOMIC_RELAXED)) {
		while (e2e_echo_note(link, to, &msg) == 0)
			;
		lwl_loop_turn(own, true);
	}
	lwl_loop_free(own);
	return ctx;
}

static unsigned turns;

static void on_turn(uv_prepare_t *prepare)
{
	(void)prepare;
	turns++;
}

static void test_fairness(void **state)
{
	uv_prepare_t prepare;
	struct e2e_echo to;
	struct lwl_link *link;
	struct told told;
	pthread_t thread;
	void *result;
	unsigned i, before, most = 0;

	(void)state;
	serve(unix_address("socket"));
	flooding = true;
	assert_int_equal(pthread_create(&thread, NULL, flood,
					(void *)(uintptr_t)unix_address("socket")), 0);
	link = dial(unix_address("socket"), &told);
	to = open_echo(link);
	UNTIL(notes > 10000);
	uv_prepare_init(lwl_loop_uv(loop), &prepare);
	uv_prepare_start(&prepare, on_turn);
	for (i = 0; i < 100; i++) {
		before = turns;
		add_once(link, to);
		if (turns - before > most)
			most = turns - before;
	}
	/* There and back take a turn each, whatever the other one sends. */
	assert_true(most <= 6);
	uv_close((uv_handle_t *)&prepare, NULL);
	__atomic_store_n(&flooding, false, __ATOMIC_RELAXED);
	part(link, &told);
	UNTIL(server_ends == 2);
	pthread_join(thread, &result);
	assert_non_null(result);
}

/* ---- posts ---- */

struct poster {
	pthread_t thread;
	unsigned index, posted, ran;
};

static struct poster posters[THREADS];

struct posted {
	struct poster *poster;
	unsigned number;
};

static unsigned posts_ran;

static void take_post(void *ctx)
{
	struct posted *posted = ctx;

	/* In the order in which each thread has posted them. */
	assert_int_equal(posted->number, posted->poster->ran);
	posted->poster->ran++;
	if (++posts_ran == THREADS * POSTS)
		lwl_loop_stop(loop);
	free(posted);
}

static void *post_many(void *ctx)
{
	struct poster *poster = ctx;

	for (; poster->posted < POSTS; poster->posted++) {
		struct posted *posted = malloc(sizeof *posted);

		posted->poster = poster;
		posted->number = poster->posted;
		if (lwl_loop_post(loop, take_post, posted) != 0)
			return NULL;
	}
	return ctx;
}

static void test_posts(void **state)
{
	void *result;
	unsigned i;

	(void)state;
	serve(unix_address("socket"));
	posts_ran = 0;
	memset(posters, 0, sizeof posters);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&posters[i].thread, NULL, post_many, &posters[i]),
				 0);
	assert_int_equal(lwl_loop_run(loop), 0);
	for (i = 0; i < THREADS; i++) {
		pthread_join(posters[i].thread, &result);
		assert_non_null(result);
		assert_int_equal(posters[i].ran, POSTS);
	}
}

static void count_post(void *ctx)
{
	++*(unsigned *)ctx;
}

static void post_again(void *ctx)
{
	assert_int_equal(lwl_loop_post(loop, count_post, ctx), 0);
}

static void test_posts_alone(void **state)
{
	unsigned count = 0;

	/* Without links and listeners: they are run, and then nothing is left. */
	(void)state;
	assert_int_equal(lwl_loop_post(loop, post_again, &count), 0);
	assert_int_equal(lwl_loop_run(loop), 0);
	assert_int_equal(count, 1);
	/* And those that are pending when the loop is freed. */
	assert_int_equal(lwl_loop_post(loop, post_again, &count), 0);
	lwl_loop_free(loop);
	assert_int_equal(count, 2);
	assert_int_equal(lwl_loop_new(&loop, NULL), 0);
}

static void count_later(void *ctx, int status, const struct e2e_echo_later_rsp *rsp,
			struct lwl_reply *reply)
{
	(void)reply;
	assert_int_equal(status, 0);
	assert_true(rsp->ran);
	++*(unsigned *)ctx;
}

static void test_worker(void **state)
{
	struct e2e_echo_later_req req = { 0 };
	struct lwl_link *link;
	struct e2e_echo to;
	struct told told;
	unsigned i, answers = 0;

	(void)state;
	serve(unix_address("socket"));
	link = dial(unix_address("socket"), &told);
	to = open_echo(link);
	for (i = 0; i < 8; i++) {
		req.milliseconds = (8 - i) * 5;
		assert_int_equal(e2e_echo_later(link, to, &req, count_later, &answers), 0);
	}
	/* The link stays open for others meanwhile. */
	add_once(link, to);
	UNTIL(answers == 8);
	/* Shutting down waits for an answer that is being found. */
	assert_int_equal(e2e_echo_later(link, to, &req, count_later, &answers), 0);
	part(link, &told);
	assert_int_equal(answers, 9);
}

/* ---- many ---- */

static void connect_many(unsigned n)
{
	struct lwl_link *link;
	struct told told;
	unsigned i;
	int fds = 0;

	serve(unix_address("socket"));
	for (i = 0; i < n; i++) {
		link = dial(unix_address("socket"), &told);
		add_once(link, open_echo(link));
		part(link, &told);
		UNTIL(server_ends == i + 1);
		if (i == 10)
			fds = count_descriptors();
	}
	lwl_loop_turn(loop, false);
	assert_true(count_descriptors() <= fds);
}

static void test_many(void **state)
{
	(void)state;
	connect_many(1000);
}

static void test_at_once(void **state)
{
	enum { LINKS = 200 };
	static struct told told[LINKS];
	static struct lwl_link *links[LINKS];
	struct lwl_listener *listener = serve("tcp:127.0.0.1:0");
	unsigned i;

	(void)state;
	for (i = 0; i < LINKS; i++)
		links[i] = dial_later(lwl_listener_address(listener), &told[i]);
	for (i = 0; i < LINKS; i++)
		UNTIL(told[i].up == 1);
	assert_int_equal(server_ups, LINKS);
	add_once(links[LINKS / 2], open_echo(links[LINKS / 2]));
	/* Freed with the loop, in order: no link ends with an error. */
	lwl_loop_free(loop);
	for (i = 0; i < LINKS; i++) {
		assert_int_equal(told[i].ended, 1);
		assert_int_equal(told[i].status, 0);
	}
	assert_int_equal(server_ends, LINKS);
	assert_int_equal(server_status, 0);
	assert_int_equal(lwl_loop_new(&loop, NULL), 0);
}

static void test_no_descriptors(void **state)
{
	enum { DIALS = 5 };
	struct rlimit limit, tight;
	uv_prepare_t prepare;
	uv_timer_t *tick;
	uint64_t until;
	pid_t child;
	int wait_for[2], i;

	(void)state;
	serve(unix_address("socket"));
	assert_int_equal(pipe(wait_for), 0);
	child = fork();
	if (child == 0) {
		char byte;

		for (i = 0; i < DIALS; i++)
			dial_raw("socket");
		_exit(read(wait_for[0], &byte, 1) != 1);
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	tight = limit;
	tight.rlim_cur = (rlim_t)count_descriptors() + 2;
	uv_prepare_init(lwl_loop_uv(loop), &prepare);
	uv_prepare_start(&prepare, on_turn);
	tick = ticking();
	uv_timer_set_repeat(tick, 50);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	turns = 0;
	/* Half a second in which three wait in vain: no more turns than timers make. */
	for (until = uv_hrtime() + 500000000; uv_hrtime() < until; )
		lwl_loop_turn(loop, true);
	assert_true(turns < 200);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(write(wait_for[1], "x", 1), 1);
	UNTIL(server_ends == DIALS);
	assert_int_equal(waitpid(child, NULL, 0), child);
	stop_ticking(tick);
	uv_close((uv_handle_t *)&prepare, NULL);
	close(wait_for[0]);
	close(wait_for[1]);
	lwl_loop_turn(loop, false);
}

/* ---- the loop ---- */

static void test_spin(void **state)
{
	struct lwl_link *link;
	struct told told;
	char address[1100];
	unsigned i;

	(void)state;
	lwl_loop_set_spin(loop, 200);
	serve(unix_address("socket"));
	link = dial(unix_address("socket"), &told);
	talk(link);
	part(link, &told);
	/* With the peer in another process. */
	snprintf(address, sizeof address, "exec:exec '%s' serve fd:0,1", self);
	link = dial(address, &told);
	for (i = 0; i < 200; i++)
		add_once(link, open_echo(link));
	talk(link);
	/* A pause is a pause. */
	usleep(20000);
	talk(link);
	part(link, &told);
}

static int inside[4];

static void block_in_answer(void *ctx, int status, const struct e2e_echo_add_rsp *rsp,
			    struct lwl_reply *reply)
{
	(void)ctx;
	(void)rsp;
	(void)reply;
	assert_int_equal(status, 0);
	inside[0] = lwl_loop_turn(loop, true);
	inside[1] = lwl_loop_run(loop);
}

static struct e2e_echo wait_inside_to;

static void wait_inside(void *ctx)
{
	struct e2e_echo_add_req req = { 40, 2 };
	struct e2e_echo_add_rsp rsp;
	struct lwl_error err;
	uint8_t buf[E2E_ECHO_ADD_RSP_MAX];

	inside[3] = e2e_echo_add_wait(ctx, wait_inside_to, &req, &rsp, buf, sizeof buf, &err);
}

static void block_outside_of_links(void *ctx)
{
	inside[0] = lwl_loop_turn(loop, true);
	inside[1] = lwl_loop_run(loop);
	inside[2] = try_to_dial(unix_address("socket"));
	wait_inside(ctx);
}

static void test_deadlock(void **state)
{
	struct e2e_echo_add_req req = { 1, 2 };
	struct lwl_link *link;
	struct told told;

	(void)state;
	serve(unix_address("socket"));
	link = dial(unix_address("socket"), &told);
	wait_inside_to = open_echo(link);
	memset(inside, 0, sizeof inside);
	assert_int_equal(lwl_loop_post(loop, block_outside_of_links, link), 0);
	UNTIL(inside[3] != 0);
	assert_int_equal(inside[0], -LWL_EDEADLK);
	assert_int_equal(inside[1], -LWL_EDEADLK);
	assert_int_equal(inside[2], -LWL_EDEADLK);
	assert_int_equal(inside[3], -LWL_EDEADLK);
	memset(inside, 0, sizeof inside);
	assert_int_equal(e2e_echo_add(link, wait_inside_to, &req, block_in_answer, NULL), 0);
	UNTIL(inside[1] != 0);
	assert_int_equal(inside[0], -LWL_EDEADLK);
	assert_int_equal(inside[1], -LWL_EDEADLK);
	part(link, &told);
}

/* Waiting for an answer while the peer goes away: the error, and the link is there a bit longer. */
static void test_wait_for_the_dead(void **state)
{
	struct e2e_echo_later_req req = { .milliseconds = 0 };
	struct e2e_echo_later_rsp rsp;
	struct lwl_error err;
	struct lwl_link *link;
	struct e2e_echo to;
	struct told told;
	char address[1100];
	uint8_t buf[E2E_ECHO_LATER_RSP_MAX];

	(void)state;
	snprintf(address, sizeof address, "exec:exec '%s' serve fd:0,1", self);
	link = dial(address, &told);
	to = open_echo(link);
	/* The server of that program ends itself when it is asked for this. */
	req.milliseconds = 123456;
	assert_int_equal(e2e_echo_later_wait(link, to, &req, &rsp, buf, sizeof buf, &err),
			 -LWL_EFATE);
	assert_int_equal(told.ended, 1);
	assert_int_equal(told.status, -LWL_ECONNRESET);
	assert_false(lwl_link_is_up(link));
	assert_int_equal(e2e_echo_later_wait(link, to, &req, &rsp, buf, sizeof buf, &err),
			 -LWL_ECONNRESET);
	assert_int_equal(lwl_loop_run(loop), 0);
}

static void stop_loop(void *ctx)
{
	lwl_loop_stop(ctx);
}

static void close_that(void *ctx)
{
	lwl_listener_close(ctx);
}

static void test_stop(void **state)
{
	uv_timer_t hour;

	(void)state;
	/* What the program has in the loop does not count. */
	uv_timer_init(lwl_loop_uv(loop), &hour);
	uv_timer_start(&hour, on_tick, 3600000, 0);
	assert_int_equal(lwl_loop_post(loop, close_that, serve(unix_address("socket"))), 0);
	assert_int_equal(lwl_loop_run(loop), 0);
	whole(lwl_listener_address(serve("tcp:127.0.0.1:0")));
	uv_close((uv_handle_t *)&hour, NULL);
	lwl_loop_turn(loop, false);
	serve(unix_address("socket"));
	assert_int_equal(lwl_loop_post(loop, stop_loop, loop), 0);
	assert_int_equal(lwl_loop_run(loop), 0);
	/* Before it runs, too. */
	lwl_loop_stop(loop);
	assert_int_equal(lwl_loop_run(loop), 0);
}

static void test_own_loop(void **state)
{
	struct lwl_loop *mine = loop;
	struct lwl_listener *listener;
	struct told told;
	struct lwl_link *link;
	uv_loop_t uv;

	(void)state;
	assert_int_equal(uv_loop_init(&uv), 0);
	assert_int_equal(lwl_loop_new(&loop, &uv), 0);
	assert_ptr_equal(lwl_loop_uv(loop), &uv);
	serving = loop;
	/* Nothing of ours keeps it running. */
	assert_int_equal(uv_run(&uv, UV_RUN_DEFAULT), 0);
	listener = serve(unix_address("socket"));
	whole(unix_address("socket"));
	link = dial_later(unix_address("socket"), &told);
	while (told.up == 0)
		uv_run(&uv, UV_RUN_ONCE);
	lwl_link_shutdown(link, SECOND);
	lwl_listener_close(listener);
	assert_int_equal(uv_run(&uv, UV_RUN_DEFAULT), 0);
	assert_int_equal(told.ended, 1);
	lwl_loop_free(loop);
	assert_int_equal(uv_loop_close(&uv), 0);
	loop = serving = mine;
}

/* ---- the program by itself ---- */

/* In the server that another process is: dies when it is asked for an answer in 123,456 ms. */
static void later_or_die(void *self_, struct lwl_call *call, const struct e2e_echo_later_req *req)
{
	if (req->milliseconds == 123456)
		_exit(3);
	later(self_, call, req);
}

static int serve_alone(const char *address)
{
	struct e2e_echo_ops ops = echo_ops;
	struct lwl_export export = exports[0];
	struct lwl_link_config config = { .exports = &export, .export_count = 1 };
	struct lwl_listener *listener;

	ops.later = later_or_die;
	export.ops = &ops;
	if (lwl_loop_new(&loop, NULL) != 0)
		return 1;
	serving = loop;
	if (lwl_loop_listen(loop, &listener, address, &config, NULL, NULL, error,
			    sizeof error) != 0) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	lwl_loop_run(loop);
	lwl_loop_free(loop);
	return 0;
}

static unsigned how_many;

static void test_how_many(void **state)
{
	(void)state;
	connect_many(how_many);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(unix), TEST(abstract), TEST(tcp), TEST(tcp_named), TEST(tcp6), TEST(public),
		TEST(socketpair), TEST(pipes), TEST(exec), TEST(exec_of_pipeline),
		TEST(addresses), TEST(dial_errors), TEST(exec_errors), TEST(not_started),
		TEST(dead_socket), TEST(mode), TEST(limit), TEST(accept),
		TEST(peer_leaves), TEST(peer_does_not_read), TEST(last_words), TEST(hanging_up),
		TEST(full_queue), TEST(twice), TEST(pipe_without_reader),
		TEST(fairness), TEST(posts), TEST(posts_alone), TEST(worker),
		TEST(many), TEST(at_once), TEST(no_descriptors),
		TEST(spin), TEST(deadlock), TEST(wait_for_the_dead), TEST(stop), TEST(own_loop)
	};
	const struct CMUnitTest many[] = { TEST(how_many) };
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	int failed;

	if (length < 0)
		return 2;
	self[length] = '\0';
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve_alone(argv[2]);
	/* libuv's own descriptors of the process are there from now on. */
	if (mkdtemp(directory) == NULL || lwl_loop_new(&loop, NULL) != 0)
		return 2;
	lwl_loop_free(loop);
	if (argc == 3 && strcmp(argv[1], "many") == 0) {
		how_many = (unsigned)strtoul(argv[2], NULL, 10);
		failed = cmocka_run_group_tests(many, NULL, NULL);
	} else {
		if (argc == 2)
			cmocka_set_test_filter(argv[1]);
		failed = cmocka_run_group_tests(tests, NULL, NULL);
	}
	rmdir(directory);
	return failed;
}
