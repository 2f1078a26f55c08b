/*
 * The session of a link: see session.h.
 */
#include <stdio.h>

#include "session.h"

#include "link.lwl.h"

enum {
	PROTOCOL_VERSION = 1,
	PARTING_US = 1000000,		/* for the goodbye to get out */
	MILLI = 1000
};

/* What can happen to a session. */
enum event {
	DIALLED,
	ACCEPTED,
	HELLO,
	WELCOME,
	ACK,
	PING,
	PONG,
	GOODBYE,
	BROKEN,
	TIME
};

static void set_state(struct lwl_session *s, enum lwl_session_state state)
{
	s->state = state;
}

void lwl_session_init(struct lwl_session *s, const struct lwl_limits *own,
		      const uint8_t incarnation[LWL_ID_SIZE], const uint8_t *node,
		      const uint8_t id[LWL_ID_SIZE])
{
	memset(s, 0, sizeof *s);
	s->own = *own;
	memcpy(s->incarnation, incarnation, LWL_ID_SIZE);
	memcpy(s->id, id, LWL_ID_SIZE);
	s->has_node = node != NULL;
	if (node != NULL)
		memcpy(s->node, node, LWL_ID_SIZE);
	s->ack_due = UINT64_MAX;
	s->give_up = UINT64_MAX;
	set_state(s, LWL_SESSION_IDLE);
}

/* ---- the end ---- */

static void remember(struct lwl_session *s, int status, const char *what, const char *detail)
{
	s->status = status;
	snprintf(s->reason, sizeof s->reason, "%s%s%s", what,
		 *what != '\0' && *detail != '\0' ? ": " : "", detail);
}

static void over(struct lwl_session *s)
{
	s->hello = s->welcome = s->ack = s->ping = s->pong = s->goodbye = false;
	s->ack_due = UINT64_MAX;
	s->give_up = UINT64_MAX;
	set_state(s, LWL_SESSION_OVER);
}

/* With something to say to the peer, as far as it can hear us. */
static void part(struct lwl_session *s, uint64_t now)
{
	bool greeted = s->state == LWL_SESSION_GREETED || s->state == LWL_SESSION_UP;
	bool welcome = s->welcome;

	over(s);
	/* A dialler that has no welcome yet says nothing but hello; to a refused one it is said
	 * in the welcome. */
	if (!greeted)
		return;
	s->welcome = welcome;
	s->goodbye = !welcome;
	s->give_up = now + PARTING_US;
	set_state(s, LWL_SESSION_PARTING);
}

void lwl_session_end(struct lwl_session *s, int code, const char *detail, uint64_t now)
{
	const char *text = detail != NULL ? detail : "";
	size_t len = strlen(text);

	if (lwl_session_is_over(s))
		return;
	s->goodbye_code = (uint32_t)code;
	/* Cut between two characters. */
	if (len > LINK_DETAIL_MAX) {
		len = LINK_DETAIL_MAX;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	snprintf(s->detail, sizeof s->detail, "%.*s", (int)len, text);
	s->orderly = code == 0;
	s->said = true;
	remember(s, -code, code == 0 ? "closed" : lwl_strerror(code), text);
	part(s, now);
}

void lwl_session_mistake(struct lwl_session *s, const struct lwl_error *err, uint64_t now)
{
	char text[256];

	lwl_error_format(text, sizeof text, err);
	lwl_session_end(s, LWL_EMALFORMED, text, now);
}

/* ---- the handshake ---- */

static struct link_limits to_wire(const struct lwl_limits *l)
{
	struct link_limits out = { .window = l->window, .calls = l->calls, .endpoints = l->endpoints,
				   .keepalive_ms = l->keepalive_ms, .retain_ms = l->retain_ms };

	return out;
}

static struct lwl_limits from_wire(const struct link_limits *l)
{
	struct lwl_limits out = { .window = l->window, .calls = l->calls, .endpoints = l->endpoints,
				  .keepalive_ms = l->keepalive_ms, .retain_ms = l->retain_ms };

	return out;
}

/* What there is to say against a peer that introduces itself like this, or NULL. */
static const char *objection(uint32_t version, uint64_t required, const struct link_limits *limits)
{
	if (version != PROTOCOL_VERSION)
		return "the peer speaks another version of the protocol";
	if (required != 0)
		return "the peer requires features that are not known here";
	if (limits->window < LINK_WINDOW_MIN)
		return "the peer's window is too small";
	return NULL;
}

static void take_id(uint8_t out[LWL_ID_SIZE], struct lwl_seq bytes)
{
	uint32_t i;

	for (i = 0; i < LWL_ID_SIZE; i++)
		out[i] = lwl_u8_at(bytes, i);
}

static void begin(struct lwl_session *s, const struct link_limits *limits, struct lwl_seq incarnation,
		  uint64_t now)
{
	s->peer = from_wire(limits);
	take_id(s->peer_incarnation, incarnation);
	s->give_up = UINT64_MAX;
	s->heard = now;
}

static void take_hello(struct lwl_session *s, const uint8_t *msg, uint32_t len, uint64_t now)
{
	struct link_control_hello_msg in;
	struct lwl_error err;
	const char *against;

	if (len > LINK_HELLO_MAX || link_control_hello_msg_decode(&in, msg, len, &err) != 0) {
		char text[256] = "too long";

		if (len <= LINK_HELLO_MAX)
			lwl_error_format(text, sizeof text, &err);
		remember(s, -LWL_EMALFORMED, "the peer's hello", text);
		over(s);
		return;
	}
	s->role = 1;
	s->epoch = in.epoch;
	against = objection(in.version, in.required, &in.limits);
	s->welcome = true;
	if (against != NULL) {
		s->goodbye_code = LWL_EREFUSED;
		snprintf(s->detail, sizeof s->detail, "%s", against);
		remember(s, -LWL_EREFUSED, lwl_strerror(LWL_EREFUSED), against);
		s->give_up = now + PARTING_US;
		set_state(s, LWL_SESSION_PARTING);
		return;
	}
	begin(s, &in.limits, in.incarnation, now);
	set_state(s, LWL_SESSION_GREETED);
	s->give_up = now + (uint64_t)s->own.keepalive_ms * MILLI;
}

static void take_welcome(struct lwl_session *s, const uint8_t *msg, uint32_t len, uint64_t now)
{
	struct link_control_welcome_msg in;
	struct lwl_error err;
	const char *against;
	char text[LWL_REASON_SIZE - 64];

	if (link_control_welcome_msg_decode(&in, msg, len, &err) != 0) {
		lwl_error_format(text, sizeof text, &err);
		remember(s, -LWL_EMALFORMED, "the peer's welcome", text);
		over(s);
		return;
	}
	if (in.result != LINK_RESULT_NEW) {
		snprintf(s->detail, sizeof s->detail, "%.*s", in.has_reason ? (int)in.reason.detail.len : 0,
			 in.has_reason ? in.reason.detail.data : "");
		s->said = true;
		remember(s, in.reason.code - 1 < INT32_MAX ? -(int)in.reason.code : -LWL_EREFUSED,
			 "the peer refuses the session", s->detail);
		over(s);
		return;
	}
	against = objection(in.version, in.required, &in.limits);
	if (against == NULL && !in.has_session)
		against = "the peer's welcome names no session";
	if (against != NULL) {
		remember(s, -LWL_EREFUSED, lwl_strerror(LWL_EREFUSED), against);
		over(s);
		return;
	}
	s->role = 0;
	s->epoch = in.epoch;
	take_id(s->id, in.session);
	begin(s, &in.limits, in.incarnation, now);
	s->ack = true;
	set_state(s, LWL_SESSION_UP);
}

/* ---- reactions ---- */

static void take_ack(struct lwl_session *s, struct lwl_ring *ring, const uint8_t *msg, uint32_t len,
		     uint64_t now)
{
	struct link_control_ack_msg in;

	if (link_control_ack_msg_decode(&in, msg, len, NULL) != 0)
		return;
	if (s->state == LWL_SESSION_GREETED) {
		s->give_up = UINT64_MAX;
		set_state(s, LWL_SESSION_UP);
	}
	if (lwl_ring_ack(ring, in.received) != 0)
		lwl_session_end(s, LWL_EMALFORMED, "an ack falls, or is for what was not sent", now);
}

static void take_goodbye(struct lwl_session *s, const uint8_t *msg, uint32_t len)
{
	struct link_control_goodbye_msg in;
	char what[128];

	if (link_control_goodbye_msg_decode(&in, msg, len, NULL) != 0)
		return;
	s->final = true;
	s->final_received = in.received;
	s->orderly = in.code == 0;
	s->said = true;
	if (in.code == 0)
		snprintf(what, sizeof what, "the peer closed the link");
	else
		snprintf(what, sizeof what, "the peer ended the session: %s",
			 in.code <= INT32_MAX ? lwl_strerror((int)in.code) : "an unknown error");
	snprintf(s->detail, sizeof s->detail, "%.*s", (int)in.detail.len, in.detail.data);
	remember(s, in.code <= INT32_MAX ? -(int)in.code : -LWL_EIO, what, s->detail);
	over(s);
}

static void time_passed(struct lwl_session *s, uint64_t now)
{
	uint64_t keepalive = (uint64_t)s->own.keepalive_ms * MILLI;

	if (now >= s->give_up) {
		if (s->state != LWL_SESSION_PARTING)
			remember(s, -LWL_ETIMEDOUT, "", "the peer did not introduce itself in time");
		over(s);
		return;
	}
	if (!lwl_session_is_up(s))
		return;
	if (s->ping_waits && now >= s->pinged + keepalive) {
		remember(s, -LWL_ETIMEDOUT, "", "the peer is silent");
		over(s);
	} else if (!s->ping_waits && now >= s->heard + keepalive) {
		/* The time runs from here: a peer that does not even take the ping is silent, too. */
		s->ping = true;
		s->ping_waits = true;
		s->pinged = now;
	}
}

static void react(struct lwl_session *s, enum event event, struct lwl_ring *ring, const uint8_t *msg,
		  uint32_t len, uint64_t now)
{
	switch (s->state) {
	case LWL_SESSION_IDLE:
		if (event != DIALLED && event != ACCEPTED)
			return;
		s->hello = event == DIALLED;
		s->heard = now;
		s->give_up = now + (uint64_t)s->own.keepalive_ms * MILLI;
		set_state(s, event == DIALLED ? LWL_SESSION_DIALLING : LWL_SESSION_ACCEPTING);
		return;
	case LWL_SESSION_DIALLING:
		if (event == WELCOME)
			take_welcome(s, msg, len, now);
		break;
	case LWL_SESSION_ACCEPTING:
		if (event == HELLO)
			take_hello(s, msg, len, now);
		break;
	case LWL_SESSION_GREETED:
	case LWL_SESSION_UP:
		switch (event) {
		case ACK:
			take_ack(s, ring, msg, len, now);
			break;
		case PING: {
			struct link_control_ping_msg in;

			if (link_control_ping_msg_decode(&in, msg, len, NULL) == 0) {
				s->pong = true;
				s->pong_nonce = in.nonce;
			}
			break;
		}
		case GOODBYE:
			take_goodbye(s, msg, len);
			break;
		default:
			break;
		}
		break;
	case LWL_SESSION_PARTING:
	case LWL_SESSION_OVER:
	case LWL_SESSION_STATE_COUNT:
		break;
	}
	if (event == TIME)
		time_passed(s, now);
}

int lwl_session_connected(struct lwl_session *s, bool dialled, uint64_t now)
{
	if (s->state != LWL_SESSION_IDLE)
		return lwl_session_is_over(s) && s->status != 0 ? s->status : -LWL_EISCONN;
	react(s, dialled ? DIALLED : ACCEPTED, NULL, NULL, 0, now);
	return 0;
}

void lwl_session_broken(struct lwl_session *s, int status)
{
	if (s->state == LWL_SESSION_PARTING) {
		over(s);
		return;
	}
	if (s->state == LWL_SESSION_OVER)
		return;
	if (status != 0)
		remember(s, status, "the connection broke", lwl_strerror(status));
	else if (lwl_session_is_up(s))
		remember(s, -LWL_ECONNRESET, "", "the peer closed the connection without a goodbye");
	else
		remember(s, -LWL_ECONNRESET, "", "the peer closed the connection before it said who it is");
	over(s);
}

void lwl_session_tick(struct lwl_session *s, uint64_t now)
{
	react(s, TIME, NULL, NULL, 0, now);
}

uint64_t lwl_session_deadline(const struct lwl_session *s)
{
	uint64_t at = s->give_up;

	/* While something else is being sent the ack waits for that, and not for a time. */
	if (s->ack_due < at && s->out_at == s->out_end)
		at = s->ack_due;
	if (lwl_session_is_up(s)) {
		uint64_t silent = (s->ping_waits ? s->pinged : s->heard) +
				  (uint64_t)s->own.keepalive_ms * MILLI;

		if (silent < at)
			at = silent;
	}
	return at;
}

/* ---- messages in ---- */

bool lwl_session_expects_rarely(struct lwl_session *s, uint16_t command, bool unsequenced)
{
	const char *instead = NULL;

	switch (s->state) {
	case LWL_SESSION_DIALLING:
		if (!unsequenced || command != LINK_CONTROL_WELCOME)
			instead = "something else came instead of a welcome";
		break;
	case LWL_SESSION_ACCEPTING:
		if (!unsequenced || command != LINK_CONTROL_HELLO)
			instead = "something else came instead of a hello";
		break;
	case LWL_SESSION_GREETED:
		if (!unsequenced || (command != LINK_CONTROL_ACK && command != LINK_CONTROL_GOODBYE))
			instead = "something else came instead of the first ack";
		break;
	case LWL_SESSION_UP:
		if (unsequenced && (command == LINK_CONTROL_HELLO || command == LINK_CONTROL_WELCOME))
			instead = "a second hello or welcome";
		break;
	default:
		break;
	}
	if (instead == NULL)
		return true;
	if (lwl_session_is_up(s)) {
		lwl_session_end(s, LWL_EMALFORMED, instead, s->heard);
	} else {
		remember(s, -LWL_EMALFORMED, lwl_strerror(LWL_EMALFORMED), instead);
		over(s);
	}
	return false;
}

void lwl_session_message(struct lwl_session *s, struct lwl_ring *ring, const uint8_t *msg, uint32_t len,
			 uint64_t now)
{
	static const enum event events[] = {
		[LINK_CONTROL_HELLO] = HELLO, [LINK_CONTROL_WELCOME] = WELCOME,
		[LINK_CONTROL_ACK] = ACK, [LINK_CONTROL_PING] = PING,
		[LINK_CONTROL_PONG] = PONG, [LINK_CONTROL_GOODBYE] = GOODBYE
	};
	struct lwl_header h;
	struct lwl_error err;

	lwl_header_load(&h, msg);
	if (!lwl_session_expects(s, h.command, true))
		return;
	if (lwl_message_check(msg, len, &err) != 0) {
		lwl_session_mistake(s, &err, now);
		return;
	}
	if (h.command >= LINK_CONTROL_HELLO && h.command <= LINK_CONTROL_GOODBYE && h.msgid == 0)
		react(s, events[h.command], ring, msg, len, now);
}

/* ---- messages out ---- */

/* What both introductions say; the generated structs are two. */
#define INTRODUCE(out, s, ring) \
	do { \
		(out)->version = PROTOCOL_VERSION; \
		(out)->has_node = (s)->has_node; \
		if ((s)->has_node) \
			(out)->node = lwl_seq_of((s)->node, LWL_ID_SIZE); \
		(out)->incarnation = lwl_seq_of((s)->incarnation, LWL_ID_SIZE); \
		(out)->epoch = (s)->epoch; \
		(out)->received = (s)->received; \
		(out)->has_retained = true; \
		(out)->retained = (ring)->acked_count + 1; \
		(out)->limits = to_wire(&(s)->own); \
		(out)->role = (s)->role; \
	} while (0)

/* Where the next message goes. */
static void start_writing(struct lwl_writer *w, struct lwl_session *s)
{
	lwl_writer_init(w, s->out + s->out_end, sizeof s->out - s->out_end, 0, 0);
}

static int put_hello(struct lwl_writer *w, struct lwl_session *s, const struct lwl_ring *ring)
{
	struct link_control_hello_msg out = { 0 };

	s->epoch++;
	INTRODUCE(&out, s, ring);
	return link_control_hello_msg_encode(w, &out);
}

static int put_welcome(struct lwl_writer *w, struct lwl_session *s, const struct lwl_ring *ring)
{
	struct link_control_welcome_msg out = { .result = LINK_RESULT_NEW };

	INTRODUCE(&out, s, ring);
	if (s->state == LWL_SESSION_PARTING) {
		out.result = LINK_RESULT_REFUSED;
		out.has_reason = true;
		out.reason.code = s->goodbye_code != 0 ? s->goodbye_code : LWL_EREFUSED;
		out.reason.detail = lwl_string_of(s->detail);
	} else {
		out.has_session = true;
		out.session = lwl_seq_of(s->id, LWL_ID_SIZE);
	}
	if (link_control_welcome_msg_encode(w, &out) == 0)
		return 0;
	/* The program's text is not UTF-8: the code still matters. */
	start_writing(w, s);
	out.reason.detail.len = 0;
	return link_control_welcome_msg_encode(w, &out);
}

static int put_ack(struct lwl_writer *w, struct lwl_session *s)
{
	struct link_control_ack_msg out = { .received = s->received };

	s->acked_bytes = s->received_bytes;
	s->ack_due = UINT64_MAX;
	return link_control_ack_msg_encode(w, &out);
}

static int put_ping(struct lwl_writer *w, struct lwl_session *s)
{
	struct link_control_ping_msg out = { .nonce = ++s->ping_nonce };

	return link_control_ping_msg_encode(w, &out);
}

static int put_pong(struct lwl_writer *w, struct lwl_session *s)
{
	struct link_control_pong_msg out = { .nonce = s->pong_nonce };

	return link_control_pong_msg_encode(w, &out);
}

static int put_goodbye(struct lwl_writer *w, struct lwl_session *s)
{
	struct link_control_goodbye_msg out = { .code = s->goodbye_code,
						.detail = lwl_string_of(s->detail),
						.received = s->received };

	if (link_control_goodbye_msg_encode(w, &out) == 0)
		return 0;
	/* As above. */
	start_writing(w, s);
	out.detail.len = 0;
	return link_control_goodbye_msg_encode(w, &out);
}

/* One more message to `out`; they are small, and there is room for one of each. */
static void append(struct lwl_session *s, bool *due, const struct lwl_ring *ring)
{
	struct lwl_writer w;

	if (!*due)
		return;
	*due = false;
	start_writing(&w, s);
	if (due == &s->hello)
		put_hello(&w, s, ring);
	else if (due == &s->welcome)
		put_welcome(&w, s, ring);
	else if (due == &s->ack)
		put_ack(&w, s);
	else if (due == &s->ping)
		put_ping(&w, s);
	else if (due == &s->pong)
		put_pong(&w, s);
	else
		put_goodbye(&w, s);
	s->out_end += lwl_writer_size(&w);
}

struct lwl_slice lwl_session_output(struct lwl_session *s, const struct lwl_ring *ring, uint64_t now)
{
	struct lwl_slice out;

	if (s->out_at == s->out_end) {
		s->out_at = s->out_end = 0;
		if (now >= s->ack_due)
			s->ack = true;
		append(s, &s->hello, ring);
		append(s, &s->welcome, ring);
		append(s, &s->ack, ring);
		append(s, &s->ping, ring);
		append(s, &s->pong, ring);
		append(s, &s->goodbye, ring);
	}
	out.data = s->out + s->out_at;
	out.len = s->out_end - s->out_at;
	return out;
}

void lwl_session_sent(struct lwl_session *s, size_t n)
{
	s->out_at += (uint32_t)n;
	if (s->state == LWL_SESSION_PARTING && s->out_at == s->out_end && !s->goodbye && !s->welcome)
		over(s);
}
