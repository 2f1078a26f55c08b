/*
 * A peer made of bytes: it sends what it is told to, however wrong, and looks at what comes back.
 *
 * Of its own accord it takes in what the server sends (peer_hear), and acknowledges it and answers
 * pings unless it is `rude`.  What must come is waited for; if it does not, the case is wrong.
 */
#ifndef HOSTILE_PEER_H
#define HOSTILE_PEER_H

#include <lwlink/wire.h>

#include "link.lwl.h"
#include "server.lwl.h"

#define HOST_BIT (UINT64_C(1) << 63)	/* in the server's linkids */

/* ---- messages by hand ---- */

struct message {
	uint64_t words[8192 + 1];
	uint32_t end;			/* logical, of what is there */
};

void message_begin(struct message *m, uint64_t linkid, uint32_t msgid, uint16_t command);

/* An item whose value of `n` bytes (NULL: zeros) starts at `start`, 4 or 8; returns its offset. */
uint32_t message_item(struct message *m, uint32_t id, uint32_t start, const void *value,
		      uint32_t n);
uint32_t message_u32(struct message *m, uint32_t id, uint32_t value);
uint32_t message_u64(struct message *m, uint32_t id, uint64_t value);
uint32_t message_link(struct message *m, uint32_t number, uint64_t linkid);
uint32_t message_open(struct message *m, uint32_t id);	/* a group */
void message_close(struct message *m, uint32_t at);
uint8_t *message_bytes(struct message *m);
/* The header's length as it should be; returns the padded one. */
uint32_t message_seal(struct message *m);

/* ---- the peer ---- */

enum { PEER_ROOM = 1 << 18 };

struct peer {
	int fd;
	bool rude;			/* sends neither acks nor pongs */
	bool closed;			/* by the server, and all has been taken in */
	uint32_t msgid;			/* the last that was used */
	uint64_t root;			/* the server's end point, if it was opened */
	/* what has come */
	uint64_t consumed;		/* messages with numbers, … */
	uint64_t unacked;		/* … and bytes of such since the last ack */
	uint64_t acked;			/* by the server: messages of ours */
	uint64_t released;		/* references that it has given back */
	uint64_t gone;			/* end points that it says are dead */
	uint64_t cancels, pings, pongs, answers;
	uint64_t errors;		/* of those answers */
	uint64_t nonce;			/* of the last pong */
	uint64_t sent;			/* messages with numbers that peer_send has sent */
	bool welcomed;
	struct link_control_welcome_msg welcome;	/* texts in it are not there any more */
	char text[256];			/* of the last welcome, goodbye or error */
	uint32_t code;			/* of it */
	struct lwl_header header;	/* of the message that came last: */
	const uint8_t *msg;
	uint32_t len;
	uint64_t room[PEER_ROOM / 8];
	size_t at, end;
};

enum heard {
	NOTHING,			/* within the time */
	ANSWER, COMMAND, GOODBYE, WELCOME, CONTROL,
	CLOSED
};

/* A peer that is connected, no more.  They are closed when the case ends. */
struct peer *peer_dial(void);
/* The same, greeted and acknowledged; and with the server's end point opened. */
struct peer *peer_greeted(void);
struct peer *peer_up(void);
/* The same with another hello: change `hello` in between. */
struct link_control_hello_msg peer_hello(void);
struct peer *peer_dial_with(const struct link_control_hello_msg *hello);
struct peer *peer_up_with(const struct link_control_hello_msg *hello);
void peer_open(struct peer *p);
void peer_close(struct peer *p);
void peer_close_all(void);

/* False: the server takes nothing any more. */
bool peer_send_bytes(struct peer *p, const void *data, size_t n);
bool peer_send(struct peer *p, struct message *m);
bool peer_send_hello(struct peer *p, const struct link_control_hello_msg *hello);
bool peer_send_ack(struct peer *p, uint64_t received);

/* The next message, or what else happens within that time. */
enum heard peer_hear(struct peer *p, unsigned ms);
/* Take in what is there; no waiting. */
void peer_drain(struct peer *p);
/* The same, and wait until the window has room, when each message has so many bytes. */
void peer_pace(struct peer *p, uint32_t len);

/* The error code of the answer that came last, 0 if it holds none; `text` is its detail. */
uint32_t peer_error(struct peer *p);

/* Commands to the server's end point; returns the msgid. */
uint32_t peer_ask(struct peer *p, uint16_t command, uint32_t value);
uint32_t peer_ask_link(struct peer *p, uint16_t command, uint64_t linkid);
uint32_t peer_echo(struct peer *p, uint32_t bytes);
/* The answer to a `make`: its end points. */
uint32_t peer_make(struct peer *p, uint32_t count, uint64_t *ids);
void peer_release(struct peer *p, uint64_t linkid, uint64_t n);

/* ---- what must happen ---- */

/* A goodbye with that code and a text that holds this, then the end of the connection. */
void must_part(struct peer *p, uint32_t code, const char *text);
/* The end of the connection without a word. */
void must_close(struct peer *p);
/* A welcome that refuses with such a text, then the end. */
void must_refuse(struct peer *p, const char *text);
/* The answer to that: an error with that code, or, with 0, none. */
void must_answer(struct peer *p, uint32_t msgid, uint32_t code);
/* A command to an end point of ours; its msgid. */
uint32_t must_be_called(struct peer *p, uint64_t linkid);
/* The link works: the server has overlooked what came before. */
void must_live(struct peer *p);

#endif
