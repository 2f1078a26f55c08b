/*
 * The room and its members.
 *
 * A member is two end points: a Seat, which we host, and a Listener, which the client hosts.  It lives as
 * long as the Seat: until the client has given that back, or is gone.
 */
#include <stdlib.h>
#include <string.h>

#include "room.h"

struct member {
	struct member *next;		/* of those who are here */
	struct room *room;
	struct lwl_link *link;		/* there until `closed` has been called */
	struct chat_seat seat;
	struct chat_listener listener;	/* kept; 0: not yet */
	char name[CHAT_NAME_MAX + 1];
};

static void tell(struct room *room, const struct member *from, const char *who, struct lwl_string text)
{
	struct chat_listener_heard_msg msg = { .who = lwl_string_of(who), .text = text };
	const struct member *m;

	fprintf(room->log, "%s: %.*s\n", who, (int)text.len, text.data);
	fflush(room->log);
	/* One who does not read fast enough misses it (-LWL_ECALLS).  Of one who is gone `died` tells. */
	for (m = room->members; m != NULL; m = m->next)
		if (m != from)
			(void)chat_listener_heard(m->link, m->listener, &msg);
}

static void leave(struct member *m)
{
	struct member **at = &m->room->members;

	while (*at != NULL && *at != m)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	*at = m->next;
	tell(m->room, NULL, m->name, lwl_string_of("has left"));
}

/* The Listener is no more: its client has ended it, or is gone itself.  The Seat goes, too. */
static void died(void *ctx, uint64_t id)
{
	struct member *m = ctx;

	leave(m);
	lwl_link_revoke(m->link, m->seat.id);
	(void)id;
}

/* The Seat is no more, for whatever reason: nobody knows the member any longer. */
static void closed(void *self)
{
	struct member *m = self;

	leave(m);
	if (m->listener.id != 0) {
		lwl_link_watch(m->link, m->listener.id, NULL, NULL);
		lwl_link_drop(m->link, m->listener.id);
	}
	free(m);
}

/* Others see it on their terminals. */
static bool is_plain(struct lwl_string s)
{
	uint32_t i;

	for (i = 0; i < s.len; i++)
		if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f)
			return false;
	return true;
}

static void say(void *self, struct lwl_call *call, const struct chat_seat_say_req *req)
{
	struct member *m = self;

	if (is_plain(req->text)) {
		tell(m->room, m, m->name, req->text);
		chat_seat_say_reply(call, &(struct chat_seat_say_rsp){ 0 });
	} else {
		lwl_call_fail(call, LWL_EINVAL, "no control characters, please");
	}
}

static void seat_history(void *self, struct lwl_call *call, const struct chat_seat_history_req *req)
{
	history(((struct member *)self)->room, call);
	(void)req;
}

static const struct chat_seat_ops seat_ops = { .say = say, .history = seat_history };

static bool is_taken(const struct room *room, struct lwl_string name)
{
	const struct member *m;

	for (m = room->members; m != NULL; m = m->next)
		if (strlen(m->name) == name.len && memcmp(m->name, name.data, name.len) == 0)
			return true;
	return false;
}

/* A linkid that comes in a request is borrowed until the function returns.  This makes it ours. */
static int enter(struct member *m, struct chat_listener listener)
{
	int status = lwl_link_keep(m->link, listener.id);

	if (status != 0)
		return status;
	status = lwl_link_watch(m->link, listener.id, died, m);
	if (status != 0) {
		lwl_link_drop(m->link, listener.id);
		return status;
	}
	m->listener = listener;
	tell(m->room, NULL, m->name, lwl_string_of("has come in"));
	m->next = m->room->members;
	m->room->members = m;
	return 0;
}

static void join(void *self, struct lwl_call *call, const struct chat_room_join_req *req)
{
	struct member *m = calloc(1, sizeof *m);
	struct chat_room_join_rsp rsp;
	int status = m != NULL ? 0 : -LWL_ENOMEM;

	if (status == 0) {
		m->room = self;
		m->link = lwl_call_link(call);
		memcpy(m->name, req->name.data, req->name.len);
		status = is_plain(req->name) && !is_taken(self, req->name) ? 0 : -LWL_EEXIST;
	}
	if (status == 0)
		status = lwl_link_host(m->link, &chat_seat_interface, &seat_ops, m, closed, &m->seat.id);
	if (status != 0) {
		free(m);
		lwl_call_fail(call, -status, NULL);
		return;
	}
	/* From here on `closed` frees it: when the Seat is given back, or revoked. */
	rsp.seat = m->seat;
	status = enter(m, req->listener);
	if (status != 0)
		lwl_call_fail(call, -status, NULL);
	else
		status = chat_room_join_reply(call, &rsp);
	if (status != 0)
		lwl_link_revoke(m->link, m->seat.id);
}

const struct chat_room_ops room_ops = { .join = join };
