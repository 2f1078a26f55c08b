/*
 * libtirpc with what rpcgen generates, over a socketpair.  One call after the other is all it can do:
 * no depth, no writes that are outstanding, and nothing held.
 */
#include <poll.h>
#include <unistd.h>

#include <rpc/rpc.h>
#include <rpc/svc.h>

#include "bench.h"
#include "link_tirpc.h"

/* What rpcgen wrote for the server: decodes, calls, encodes. */
void link_bench_1(struct svc_req *request, SVCXPRT *transport);

static CLIENT *client;
static uint64_t next_a, next_b;

pair *call_1_svc(pair *request, struct svc_req *unused)
{
	static pair answer;

	(void)unused;
	answer.a = request->a + 1;
	answer.b = request->b + 1;
	return &answer;
}

static void serve(const struct link_end *end)
{
	struct pollfd waiting = { .fd = end->fd, .events = POLLIN };
	SVCXPRT *transport = svc_fd_create(end->fd, 0, 0);

	if (transport == NULL ||
	    !svc_reg(transport, LINK_BENCH, LINK_BENCH_1, link_bench_1, NULL))
		link_fail("svc_reg");
	link_ready();
	/* The transport leaves svc_pollfd when the client has gone. */
	while (svc_max_pollfd > 0 && poll(&waiting, 1, -1) > 0) {
		struct pollfd found = waiting;

		svc_getreq_poll(&found, 1);
		if (waiting.revents & (POLLHUP | POLLERR | POLLNVAL))
			return;
	}
}

static void start(const struct link_end *end)
{
	struct netbuf nobody = { 0, 0, NULL };

	client = clnt_vc_create(end->fd, &nobody, LINK_BENCH, LINK_BENCH_1, 0, 0);
	if (client == NULL)
		link_fail("clnt_vc_create");
}

static void call(uint32_t end_point, uint64_t a, uint64_t b)
{
	(void)end_point;
	next_a = a;
	next_b = b;
}

static void turn(void)
{
	pair request = { next_a, next_b };
	const pair *answer = call_1(&request, client);

	if (answer == NULL)
		link_fail("call");
	link_answered(answer->a, answer->b);
}

static void stop(void)
{
	clnt_control(client, CLSET_FD_CLOSE, NULL);
	clnt_destroy(client);
}

const struct link_peer link_peer = {
	.name = "libtirpc",
	.depth = 1,
	.serve = serve,
	.start = start,
	.call = call,
	.turn = turn,
	.stop = stop
};
