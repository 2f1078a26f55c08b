/*
 * nng: a pair of sockets over ipc, whose messages name what they ask for; the message that came is
 * sent back as the answer.  What is held is a message that is kept.
 *
 * Its request and reply sockets would match answers to requests.  In a trial they were slower at depth
 * 1; at depth 64 on two cores they were up to twice as quick, but only with a client that does
 * everything in nng's own threads, which is not what is measured here.
 */
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"

enum kind { CALL, WRITE, HOLD, RELEASE };

enum { QUEUE = 2 * DEPTH_MAX };

struct message {
	uint64_t kind, a, b;
};

static nng_socket sock;

static void check(int error, const char *what)
{
	if (error == 0)
		return;
	fprintf(stderr, "nng: %s\n", nng_strerror(error));
	link_fail(what);
}

static void open_socket(void)
{
	check(nng_pair0_open(&sock), "nng_pair0_open");
	check(nng_socket_set_int(sock, NNG_OPT_SENDBUF, QUEUE), "NNG_OPT_SENDBUF");
	check(nng_socket_set_int(sock, NNG_OPT_RECVBUF, QUEUE), "NNG_OPT_RECVBUF");
	check(nng_socket_set_size(sock, NNG_OPT_RECVMAXSZ, 0), "NNG_OPT_RECVMAXSZ");
}

static void gone(nng_pipe pipe, nng_pipe_ev event, void *ctx)
{
	(void)pipe;
	(void)event;
	(void)ctx;
	_exit(0);
}

static void answer(nng_msg *msg)
{
	struct message *m = nng_msg_body(msg);

	m->a++;
	m->b++;
	check(nng_sendmsg(sock, msg, 0), "nng_sendmsg");
}

static void serve(const struct link_end *end)
{
	static nng_msg *held[HELD_MAX];
	char address[256];
	size_t count = 0;

	snprintf(address, sizeof(address), "ipc://%s", end->path);
	open_socket();
	check(nng_pipe_notify(sock, NNG_PIPE_EV_REM_POST, gone, NULL), "nng_pipe_notify");
	check(nng_listen(sock, address, NULL, 0), "nng_listen");
	link_ready();
	for (;;) {
		struct message *m;
		nng_msg *msg;

		check(nng_recvmsg(sock, &msg, 0), "nng_recvmsg");
		m = nng_msg_body(msg);
		if (nng_msg_len(msg) < sizeof(*m))
			link_fail("nng_recvmsg");
		switch (m->kind) {
		case CALL:
			answer(msg);
			break;
		case WRITE:
			m->a = link_first(m + 1);
			m->b = nng_msg_len(msg) - sizeof(*m);
			nng_msg_chop(msg, m->b);
			answer(msg);
			break;
		case HOLD:
			held[count++] = msg;
			break;
		case RELEASE:
			nng_msg_free(msg);
			for (size_t i = 0; i < count; i++)
				answer(held[i]);
			count = 0;
			break;
		}
	}
}

static void start(const struct link_end *end)
{
	char address[256];

	snprintf(address, sizeof(address), "ipc://%s", end->path);
	open_socket();
	check(nng_dial(sock, address, NULL, 0), "nng_dial");
}

static void put(enum kind kind, uint64_t a, uint64_t b, const void *data, size_t len)
{
	struct message m = { kind, a, b };
	nng_msg *msg;
	uint8_t *body;

	check(nng_msg_alloc(&msg, sizeof(m) + len), "nng_msg_alloc");
	body = nng_msg_body(msg);
	memcpy(body, &m, sizeof(m));
	if (len > 0)
		memcpy(body + sizeof(m), data, len);
	check(nng_sendmsg(sock, msg, 0), "nng_sendmsg");
}

static void call(uint32_t end_point, uint64_t a, uint64_t b)
{
	(void)end_point;
	put(CALL, a, b, NULL, 0);
}

static void write_data(const void *data, size_t len)
{
	put(WRITE, 0, 0, data, len);
}

static void hold(uint64_t a, uint64_t b)
{
	put(HOLD, a, b, NULL, 0);
}

static void release(void)
{
	put(RELEASE, 0, 0, NULL, 0);
}

static void turn(void)
{
	int flags = 0, error;
	nng_msg *msg;

	while ((error = nng_recvmsg(sock, &msg, flags)) == 0) {
		const struct message *m = nng_msg_body(msg);

		link_answered(m->a, m->b);
		nng_msg_free(msg);
		flags = NNG_FLAG_NONBLOCK;
	}
	if (error != NNG_EAGAIN)
		check(error, "nng_recvmsg");
}

static void stop(void)
{
	nng_close(sock);
}

const struct link_peer link_peer = {
	.name = "nng",
	.serve = serve,
	.start = start,
	.call = call,
	.write = write_data,
	.hold = hold,
	.release = release,
	.turn = turn,
	.stop = stop
};
