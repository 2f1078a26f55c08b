/*
 * Sits in a chat room: what the others say is printed, lines from the standard input are said, and the
 * line /history asks for what was said before.
 * usage: chat-client ADDRESS NAME [MILLISECONDS TO WAIT FOR ANSWERS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lwlink/loop.h>

#include "chat.link.h"
#include "lines.h"

struct client {
	const char *name;
	struct lwl_link *link;		/* the loop's: there until `ended` */
	struct chat_seat seat;		/* kept */
	struct lines lines;
	int status;
};

/* The end: the session's, and with it of everything that the two sides had of each other. */
static void ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct client *c = ctx;

	if (status != 0)
		fprintf(stderr, "chat-client: %s\n", reason);
	c->status |= status != 0;
	lines_close(&c->lines);
	(void)link;
}

/* ---- what we ask for ---- */

static void complain(const char *what, int status, struct lwl_reply *reply)
{
	struct lwl_string why = lwl_reply_error(reply)->detail;

	if (why.len == 0)
		why = lwl_string_of(lwl_strerror(status));
	fprintf(stderr, "%s: %.*s\n", what, (int)why.len, why.data);
}

static void said(void *ctx, int status, const struct chat_seat_say_rsp *rsp, struct lwl_reply *reply)
{
	if (status != 0)
		complain("not said", status, reply);
	(void)ctx, (void)rsp;
}

static void remembered(void *ctx, int status, const struct chat_seat_history_rsp *rsp,
		       struct lwl_reply *reply)
{
	if (status != 0)
		complain("no history", status, reply);
	else
		printf("%.*s", (int)rsp->text.len, rsp->text.data);
	(void)ctx;
}

static bool take_line(void *ctx, const char *line, size_t len)
{
	struct client *c = ctx;
	struct chat_seat_history_req ask = { 0 };
	struct chat_seat_say_req say = { .text = { line, (uint32_t)len } };
	int status = 0;

	if (line == NULL)		/* what is on its way is still answered */
		lwl_link_shutdown(c->link, 5000000);
	else if (len == 8 && memcmp(line, "/history", len) == 0)
		status = chat_seat_history(c->link, c->seat, &ask, remembered, c);
	else if (len > 0)
		status = chat_seat_say(c->link, c->seat, &say, said, c);
	if (status != 0 && status != -LWL_ECALLS)
		fprintf(stderr, "not said: %s\n", lwl_strerror(status));
	return status != -LWL_ECALLS;	/* no room: `room` tells when there is */
}

static void room(void *ctx, struct lwl_link *link)
{
	struct client *c = ctx;

	lines_go_on(&c->lines);
	(void)link;
}

/* ---- what we are told ---- */

static void heard(void *self, struct lwl_call *call, const struct chat_listener_heard_msg *msg)
{
	printf("%.*s: %.*s\n", (int)msg->who.len, msg->who.data, (int)msg->text.len, msg->text.data);
	(void)self, (void)call;
}

static const struct chat_listener_ops listener_ops = { .heard = heard };

/* ---- coming in: a session, the room, a seat ---- */

static void joined(void *ctx, int status, const struct chat_room_join_rsp *rsp, struct lwl_reply *reply)
{
	struct client *c = ctx;

	if (status != 0) {
		complain("join", status, reply);
		c->status = 1;
		lwl_link_end(c->link, 0, NULL);
		return;
	}
	c->seat = rsp->seat;
	lwl_link_keep(c->link, c->seat.id);	/* or it would be given back when we return */
	lines_go_on(&c->lines);
}

static void opened(void *ctx, int status, uint64_t id, uint32_t version, struct lwl_reply *reply)
{
	struct client *c = ctx;
	struct chat_room_join_req req = { .name = lwl_string_of(c->name) };

	/* The room is borrowed, and we want nothing more of it.  Our listener needs no keeping. */
	if (status == 0)
		status = lwl_link_host(c->link, &chat_listener_interface, &listener_ops, c, NULL,
				       &req.listener.id);
	if (status == 0)
		status = chat_room_join(c->link, (struct chat_room){ id }, &req, joined, c);
	if (status != 0)
		joined(c, status, NULL, reply);
	(void)version;
}

static void up(void *ctx, struct lwl_link *link)
{
	if (lwl_link_open(link, "room", &chat_room_interface, opened, ctx) != 0)
		lwl_link_end(link, LWL_EIO, NULL);
}

int main(int argc, char **argv)
{
	static const struct lwl_link_events events = { up, room, ended };
	struct client c = { .name = argc > 2 ? argv[2] : "", .lines = { .take = take_line, .ctx = &c } };
	const struct lwl_link_config config = { .events = &events, .ctx = &c };
	struct lwl_loop *loop;
	char error[200];

	if (argc < 3) {
		fprintf(stderr, "usage: chat-client ADDRESS NAME [MILLISECONDS]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (lwl_loop_new(&loop, NULL) != 0)
		return 1;
	if (lines_init(&c.lines, lwl_loop_uv(loop)) != 0) {
		fprintf(stderr, "chat-client: the standard input is no terminal and no pipe\n");
		return 1;
	}
	if (lwl_loop_dial(loop, &c.link, argv[1], &config, error, sizeof error) != 0) {
		fprintf(stderr, "chat-client: %s\n", error);
		return 1;
	}
	if (argc > 3)
		lwl_link_set_timeout(c.link, strtoull(argv[3], NULL, 10) * 1000);
	lwl_loop_run(loop);		/* until there is no link any more */
	lwl_loop_free(loop);
	return c.status;
}
