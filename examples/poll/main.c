/* A link without an event loop library: two processes, a socket pair, and poll(2). */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <lwlink/transport.h>

#include "adder.link.h"

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Write until nothing is left, or the socket takes no more: returns what to wait for. */
static short write_out(struct lwl_link *link, int fd)
{
	struct lwl_slice slices[8];	/* the same two members as struct iovec */
	struct msghdr out = { .msg_iov = (struct iovec *)slices };
	ssize_t n;

	while ((out.msg_iovlen = lwl_link_flush(link, slices, 8, now())) > 0) {
		n = sendmsg(fd, &out, MSG_DONTWAIT | MSG_NOSIGNAL);
		/* That the peer has gone is found out by reading: it may have said something before. */
		if (n < 0)
			return errno == EAGAIN ? POLLIN | POLLOUT : POLLIN;
		lwl_link_sent(link, (size_t)n);
	}
	return POLLIN;
}

static void read_in(struct lwl_link *link, int fd)
{
	size_t room;
	void *buf = lwl_link_receive(link, &room);
	ssize_t n = buf != NULL ? recv(fd, buf, room, MSG_DONTWAIT) : 0;

	if (n > 0)
		lwl_link_received(link, (size_t)n, now());
	else if (n == 0 || errno != EAGAIN)
		lwl_link_broken(link, n == 0 ? 0 : -lwl_error_from_errno(errno), now());
}

/* Until the link has ended. */
static void carry(struct lwl_link *link, int fd)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = write_out(link, fd) };
		uint64_t deadline = lwl_link_deadline(link), time = now(), hour = 3600000000;
		uint64_t left = deadline < time ? 0 : deadline - time < hour ? deadline - time : hour;

		if (lwl_link_is_done(link))
			return;
		if (poll(&p, 1, (int)((left + 999) / 1000)) > 0 && p.revents != POLLOUT)
			read_in(link, fd);
		lwl_link_tick(link, now());
	}
}

static void add(void *self, struct lwl_call *call, const struct adder_adder_add_req *req)
{
	adder_adder_add_reply(call, &(struct adder_adder_add_rsp){ .sum = req->a + req->b });
	(void)self;
}

static const struct adder_adder_ops adder = { .add = add };
static const struct lwl_export exports[] = { { "adder", &adder_adder_interface, &adder, NULL, NULL, 0 } };

/* The client: each answer leads to the next step. */
static void added(void *ctx, int status, const struct adder_adder_add_rsp *rsp, struct lwl_reply *reply)
{
	printf("2 + 3: %s, %u\n", lwl_strerror(status), status == 0 ? (unsigned)rsp->sum : 0);
	lwl_link_shutdown(ctx, 1000000);
	(void)reply;
}

static void opened(void *ctx, int status, uint64_t id, uint32_t version, struct lwl_reply *reply)
{
	struct adder_adder_add_req req = { .a = 2, .b = 3 };

	/* `id` is ours until we return; a command that is on its way by then needs it no longer. */
	if (status != 0 || adder_adder_add(ctx, (struct adder_adder){ id }, &req, added, ctx) != 0)
		lwl_link_end(ctx, LWL_EIO, "there is no adder");
	(void)version, (void)reply;
}

static void up(void *ctx, struct lwl_link *link)
{
	lwl_link_open(link, "adder", &adder_adder_interface, opened, link);
	(void)ctx;
}

int main(void)
{
	static const struct lwl_link_events events = { .up = up };
	struct lwl_link_config client = { .random = getentropy, .events = &events };
	struct lwl_link_config server = { .random = getentropy, .exports = exports, .export_count = 1 };
	struct lwl_link *link;
	int fds[2], serves;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return 1;
	serves = fork() == 0;
	close(fds[!serves]);
	if (lwl_link_new(&link, serves ? &server : &client) != 0)
		return 1;
	lwl_link_connected(link, !serves, now());
	carry(link, fds[serves]);
	lwl_link_free(link);
	return serves || wait(NULL) > 0 ? 0 : 1;
}
