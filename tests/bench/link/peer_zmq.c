/*
 * ZeroMQ: DEALER to ROUTER over ipc.  A message is one frame with what it asks for, behind the
 * sender's name where the ROUTER sees it; a write's bytes are a frame of their own, sent from where
 * they are.  It has no notion of an answer or of an object: what is held is kept here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "bench.h"

enum kind { CALL, WRITE, HOLD, RELEASE, QUIT };

struct message {
	uint64_t kind, a, b;
};

struct held {
	uint8_t name[8];
	size_t name_len;
	struct message message;
};

static void *context, *sock;

static void open_socket(int type, const char *path, int (*attach)(void *, const char *))
{
	char address[256];
	int unlimited = 0;

	snprintf(address, sizeof(address), "ipc://%s", path);
	context = zmq_ctx_new();
	sock = zmq_socket(context, type);
	if (sock == NULL ||
	    zmq_setsockopt(sock, ZMQ_SNDHWM, &unlimited, sizeof(unlimited)) != 0 ||
	    zmq_setsockopt(sock, ZMQ_RCVHWM, &unlimited, sizeof(unlimited)) != 0 ||
	    attach(sock, address) != 0)
		link_fail("zmq_socket");
}

static void close_socket(void)
{
	zmq_close(sock);
	zmq_ctx_term(context);		/* sends what is left */
}

static void answer(const void *name, size_t len, struct message *m)
{
	m->a++;
	m->b++;
	if (zmq_send(sock, name, len, ZMQ_SNDMORE) < 0 || zmq_send(sock, m, sizeof(*m), 0) < 0)
		link_fail("zmq_send");
}

static void serve(const struct link_end *end)
{
	struct held *held = calloc(HELD_MAX, sizeof(*held));
	struct message m = { 0 };
	zmq_msg_t data;
	size_t count = 0;

	open_socket(ZMQ_ROUTER, end->path, zmq_bind);
	zmq_msg_init(&data);
	link_ready();
	while (m.kind != QUIT) {
		uint8_t name[8];
		int len = zmq_recv(sock, name, sizeof(name), 0);

		if (held == NULL || len < 0 || len > (int)sizeof(name) ||
		    zmq_recv(sock, &m, sizeof(m), 0) != sizeof(m))
			link_fail("zmq_recv");
		switch (m.kind) {
		case CALL:
			answer(name, (size_t)len, &m);
			break;
		case WRITE:
			if (zmq_msg_recv(&data, sock, 0) < 0)
				link_fail("zmq_msg_recv");
			m.a = link_first(zmq_msg_data(&data));
			m.b = zmq_msg_size(&data);
			answer(name, (size_t)len, &m);
			break;
		case HOLD:
			memcpy(held[count].name, name, (size_t)len);
			held[count].name_len = (size_t)len;
			held[count++].message = m;
			break;
		case RELEASE:
			for (size_t i = 0; i < count; i++)
				answer(held[i].name, held[i].name_len, &held[i].message);
			count = 0;
			break;
		}
	}
	zmq_msg_close(&data);
	close_socket();
	free(held);
}

static void start(const struct link_end *end)
{
	open_socket(ZMQ_DEALER, end->path, zmq_connect);
}

static void put(enum kind kind, uint64_t a, uint64_t b, int flags)
{
	struct message m = { kind, a, b };

	if (zmq_send(sock, &m, sizeof(m), flags) < 0)
		link_fail("zmq_send");
}

static void call(uint32_t end_point, uint64_t a, uint64_t b)
{
	(void)end_point;
	put(CALL, a, b, 0);
}

static void keep(void *data, void *hint)
{
	(void)data;
	(void)hint;
}

static void write_data(const void *data, size_t len)
{
	zmq_msg_t frame;

	put(WRITE, 0, 0, ZMQ_SNDMORE);
	if (zmq_msg_init_data(&frame, (void *)(uintptr_t)data, len, keep, NULL) != 0 ||
	    zmq_msg_send(&frame, sock, 0) < 0)
		link_fail("zmq_msg_send");
}

static void hold(uint64_t a, uint64_t b)
{
	put(HOLD, a, b, 0);
}

static void release(void)
{
	put(RELEASE, 0, 0, 0);
}

static void turn(void)
{
	struct message m;
	int flags = 0;

	while (zmq_recv(sock, &m, sizeof(m), flags) == sizeof(m)) {
		link_answered(m.a, m.b);
		flags = ZMQ_DONTWAIT;
	}
	if (errno != EAGAIN)
		link_fail("zmq_recv");
}

static void stop(void)
{
	put(QUIT, 0, 0, 0);
	close_socket();
}

const struct link_peer link_peer = {
	.name = "ZeroMQ",
	.serve = serve,
	.start = start,
	.call = call,
	.write = write_data,
	.hold = hold,
	.release = release,
	.turn = turn,
	.stop = stop
};
