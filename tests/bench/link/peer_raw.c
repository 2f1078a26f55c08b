/*
 * The floor: messages of 64 bytes over a socketpair, and nothing else.  One write and one read for
 * each, also when many are outstanding: what a system call for everything costs.  A write's header and
 * bytes are one sendmsg, and two reads.
 *
 * A socket takes a few hundred such messages; when it is full the client takes answers first.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench.h"

enum kind { CALL, WRITE, HOLD, RELEASE };

struct message {
	uint64_t kind, a, b;
	uint64_t unused[5];
};

static int fd;

static int read_all(void *to, size_t len)
{
	return recv(fd, to, len, MSG_WAITALL) == (ssize_t)len;
}

static void answer(struct message *m)
{
	m->a++;
	m->b++;
	if (send(fd, m, sizeof(*m), MSG_NOSIGNAL) != sizeof(*m))
		link_fail("send");
}

static void serve(const struct link_end *end)
{
	static struct message held[HELD_MAX];
	static uint8_t data[WRITE_BYTES];
	struct message m;
	size_t count = 0;

	fd = end->fd;
	link_ready();
	while (read_all(&m, sizeof(m))) {
		switch (m.kind) {
		case WRITE:
			if (m.b > sizeof(data) || !read_all(data, m.b))
				link_fail("recv");
			m.a = link_first(data);
			answer(&m);
			break;
		case HOLD:
			held[count++] = m;
			break;
		case RELEASE:
			for (size_t i = 0; i < count; i++)
				answer(&held[i]);
			count = 0;
			break;
		default:
			answer(&m);
		}
	}
}

static void start(const struct link_end *end)
{
	fd = end->fd;
}

static void turn(void)
{
	struct message m;

	if (!read_all(&m, sizeof(m)))
		link_fail("recv");
	link_answered(m.a, m.b);
}

static void put(enum kind kind, uint64_t a, uint64_t b)
{
	struct message m = { .kind = kind, .a = a, .b = b };

	while (send(fd, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof(m)) {
		struct pollfd room = { .fd = fd, .events = POLLIN | POLLOUT };

		if (errno != EAGAIN || poll(&room, 1, -1) < 0)
			link_fail("send");
		if (room.revents & POLLIN)
			turn();
	}
}

static void call(uint32_t end_point, uint64_t a, uint64_t b)
{
	(void)end_point;
	put(CALL, a, b);
}

/* Sixteen answers always fit in the socket, so the server goes on reading. */
static void write_data(const void *data, size_t len)
{
	struct message m = { .kind = WRITE, .b = len };
	struct iovec parts[2] = { { &m, sizeof(m) }, { (void *)(uintptr_t)data, len } };
	struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2 };

	if (sendmsg(fd, &header, MSG_NOSIGNAL) != (ssize_t)(sizeof(m) + len))
		link_fail("sendmsg");
}

static void hold(uint64_t a, uint64_t b)
{
	put(HOLD, a, b);
}

static void release(void)
{
	put(RELEASE, 0, 0);
}

static void stop(void)
{
	close(fd);
}

const struct link_peer link_peer = {
	.name = "raw socketpair",
	.serve = serve,
	.start = start,
	.call = call,
	.write = write_data,
	.hold = hold,
	.release = release,
	.turn = turn,
	.stop = stop
};
