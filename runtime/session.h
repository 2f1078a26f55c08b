/*
 * The session of a link: how two peers meet, count what they have consumed, and part
 * (docs/protocol.md, "Sessions").
 *
 * One state, one function that reacts (session.c, react), one that changes the state.  Everything
 * unsequenced goes through here: it comes in as messages, and goes out from a small buffer that is
 * filled from what is due (a hello, one ack, one ping, one pong, a goodbye), never queued.
 *
 * The session knows nothing of commands: it says when they can begin (lwl_session_is_up) and that
 * they have come to an end.
 */
#ifndef LWLINK_SESSION_H
#define LWLINK_SESSION_H

#include <lwlink/link.h>

#include "ring.h"

/* X(name, what it is called for people) */
#define LWL_SESSION_STATE_LIST(X) \
	X(IDLE, "no connection yet") \
	X(DIALLING, "hello sent, waiting for the welcome") \
	X(ACCEPTING, "waiting for the hello") \
	X(GREETED, "welcome sent, waiting for the first ack") \
	X(UP, "in force") \
	X(PARTING, "over; the goodbye is on its way") \
	X(OVER, "over")

enum lwl_session_state {
#define LWL_SESSION_STATE_ENTRY(name, text) LWL_SESSION_##name,
	LWL_SESSION_STATE_LIST(LWL_SESSION_STATE_ENTRY)
#undef LWL_SESSION_STATE_ENTRY
	LWL_SESSION_STATE_COUNT
};

enum {
	LWL_ID_SIZE = 16,		/* of a session, an incarnation, a node */
	LWL_REASON_SIZE = 512,
	LWL_SESSION_OUT = 1536		/* bytes: all that can be due at once */
};

struct lwl_session {
	enum lwl_session_state state;
	uint8_t role;			/* bit 63 of what we host */
	bool welcome;			/* what has to be sent: these, and … */
	bool hello;
	bool ack;			/* … an ack without delay */
	bool ping;
	bool pong;
	bool goodbye;
	bool orderly;			/* ended by a goodbye with code 0, of either side */
	bool said;			/* one side has: `detail` */
	bool last;			/* our goodbye goes out after all that is committed, not before */
	bool final;			/* `final_received` is the peer's word */

	struct lwl_limits own, peer;
	uint8_t id[LWL_ID_SIZE];
	uint8_t incarnation[LWL_ID_SIZE], peer_incarnation[LWL_ID_SIZE];
	uint8_t node[LWL_ID_SIZE];
	bool has_node;
	uint64_t epoch;

	uint64_t received;		/* messages of the peer that were consumed */
	uint64_t received_bytes;
	uint64_t acked_bytes;		/* of these, what our last ack covered */
	uint64_t final_received;	/* of ours, as the goodbye says */

	uint64_t ack_due;		/* times; UINT64_MAX: none */
	uint64_t heard;			/* when something came last */
	uint64_t give_up;		/* on the handshake, or on getting the goodbye out */
	bool ping_waits;		/* for anything to come, since `pinged` */
	uint64_t pinged;		/* when the ping was due; it may still be on its way out */
	uint64_t ping_nonce, pong_nonce;

	int status;			/* why it is over: 0 in order, else negative */
	uint32_t goodbye_code;
	char reason[LWL_REASON_SIZE];	/* for people, in the words of this side */
	char detail[256];		/* what the goodbye says */

	uint8_t out[LWL_SESSION_OUT];	/* what is being sent */
	uint32_t out_at, out_end;
};

/* `own` has been checked; `id` is what a session will be called if this side accepts. */
void lwl_session_init(struct lwl_session *s, const struct lwl_limits *own,
		      const uint8_t incarnation[LWL_ID_SIZE], const uint8_t *node,
		      const uint8_t id[LWL_ID_SIZE]);

/* A connection is there.  -LWL_EISCONN. */
int lwl_session_connected(struct lwl_session *s, bool dialled, uint64_t now);

/* Bytes have come: whoever sent them is alive. */
static inline void lwl_session_heard(struct lwl_session *s, uint64_t now)
{
	s->heard = now;
	s->ping_waits = false;
}

/*
 * May this message come now?  `unsequenced` for one of linkid 0 below 0x40.  True, or the session has
 * been ended for it.
 */
bool lwl_session_expects_rarely(struct lwl_session *s, uint16_t command, bool unsequenced);
static inline bool lwl_session_expects(struct lwl_session *s, uint16_t command, bool unsequenced)
{
	return (s->state == LWL_SESSION_UP && !unsequenced) ||
	       lwl_session_expects_rarely(s, command, unsequenced);
}

/*
 * An unsequenced message, whole but not checked.  May end the session, bring it into force
 * (lwl_session_is_up), and move the ring on by an ack.
 */
void lwl_session_message(struct lwl_session *s, struct lwl_ring *ring, const uint8_t *msg, uint32_t len,
			 uint64_t now);

/*
 * A sequenced message of `len` bytes was consumed.  Ends the session if the peer has overrun the
 * window.
 */
static inline void lwl_session_consumed(struct lwl_session *s, uint32_t len, uint64_t now);

/* The connection is no more.  Status as in lwl_link_broken. */
void lwl_session_broken(struct lwl_session *s, int status);

/*
 * End it for a reason of this side: `code` is positive or 0, `detail` (may be NULL) what the peer and
 * our own reason say.  Nothing happens if it is over already.
 */
void lwl_session_end(struct lwl_session *s, int code, const char *detail, uint64_t now);

/* The same for a structural mistake of the peer's. */
void lwl_session_mistake(struct lwl_session *s, const struct lwl_error *err, uint64_t now);

/* Time has passed. */
void lwl_session_tick(struct lwl_session *s, uint64_t now);
uint64_t lwl_session_deadline(const struct lwl_session *s);

/*
 * What is to be sent between messages: encodes what is due if the last piece is out.  The slice's
 * length is 0 if nothing is.
 */
struct lwl_slice lwl_session_output(struct lwl_session *s, const struct lwl_ring *ring, uint64_t now);
void lwl_session_sent(struct lwl_session *s, size_t n);

/* Is something due that output has not encoded yet, as the piece before was still being sent? */
static inline bool lwl_session_has_more(const struct lwl_session *s)
{
	return s->hello || s->welcome || s->ack || s->ping || s->pong || s->goodbye;
}

/* Has a part of a message been sent?  Then nothing may come before the rest of it. */
static inline bool lwl_session_is_inside(const struct lwl_session *s)
{
	return s->out_at > 0 && s->out_at < s->out_end;
}

static inline bool lwl_session_is_up(const struct lwl_session *s)
{
	return s->state == LWL_SESSION_UP || s->state == LWL_SESSION_GREETED;
}

static inline bool lwl_session_is_over(const struct lwl_session *s)
{
	return s->state >= LWL_SESSION_PARTING;
}

/* ---- what is short ---- */

enum {
	LWL_ACK_US = 100000,
	/*
	 * Half of the smallest window: a peer whose ring is smaller than our window would otherwise
	 * wait for the time to pass.
	 */
	LWL_ACK_BYTES = 65536
};

static inline void lwl_session_consumed(struct lwl_session *s, uint32_t len, uint64_t now)
{
	s->received++;
	s->received_bytes += len;
	if (s->received_bytes - s->acked_bytes >= LWL_ACK_BYTES) {
		s->ack = true;
		if (s->received_bytes - s->acked_bytes > s->own.window)
			lwl_session_end(s, LWL_EMALFORMED, "more bytes than the window has", now);
	} else if (s->ack_due == UINT64_MAX) {
		s->ack_due = now + LWL_ACK_US;
	}
}

#endif
