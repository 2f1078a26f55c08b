/*
 * Sessions without a link: what each event does in each state, then the handshake, acks, the window,
 * keep-alive and the end one by one.
 *
 * Messages go in as a link hands them over, and what comes out is looked at as letters: `h`ello,
 * `w`elcome, `a`ck, `p`ing, p`o`ng, `g`oodbye.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/session.h"

#include "link.lwl.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

enum {
	NOW = 5000000,
	KEEPALIVE_MS = 2000,
	KEEPALIVE_US = KEEPALIVE_MS * 1000,
	PARTING_US = 1000000,		/* for a goodbye to get out */
	WINDOW = LINK_WINDOW_MIN,
	SEQUENCED = 0x0101,		/* a command of some interface */
	UNHEARD_OF = 0x3f		/* an unsequenced command that nobody knows */
};

static struct lwl_session s;
static struct lwl_ring ring;
static const uint8_t our_incarnation[LWL_ID_SIZE] = "our incarnation";
static const uint8_t their_incarnation[LWL_ID_SIZE] = "its incarnation";
static const uint8_t session_id[LWL_ID_SIZE] = "the session's id";
static const struct lwl_limits limits = {
	.window = WINDOW, .calls = 10, .endpoints = 20, .keepalive_ms = KEEPALIVE_MS, .retain_ms = 3
};

static int make(void **state)
{
	(void)state;
	lwl_session_init(&s, &limits, our_incarnation, NULL, session_id);
	return lwl_ring_init(&ring, 2 * WINDOW, WINDOW);
}

static int unmake(void **state)
{
	(void)state;
	lwl_ring_fini(&ring);
	return 0;
}

static void again(void)
{
	unmake(NULL);
	make(NULL);
}

/* ---- messages of the peer ---- */

static uint8_t msg[LWL_MESSAGE_MAX + 1];
static uint32_t msg_len;
static struct lwl_writer w;

static void begin(void)
{
	lwl_writer_init(&w, msg, sizeof msg, 0, 0);
}

static void end(int status)
{
	assert_int_equal(status, 0);
	msg_len = lwl_writer_size(&w);
}

static void give(uint64_t now)
{
	lwl_session_heard(&s, now);
	lwl_session_message(&s, &ring, msg, msg_len, now);
}

static struct link_limits their_limits(uint64_t window)
{
	struct link_limits out = { .window = window, .calls = 30, .endpoints = 40, .keepalive_ms = 50,
				   .retain_ms = 60 };

	return out;
}

static struct link_control_hello_msg hello(void)
{
	struct link_control_hello_msg out = { .version = 1, .epoch = 1,
					      .limits = their_limits(WINDOW) };

	out.incarnation = lwl_seq_of(their_incarnation, LWL_ID_SIZE);
	return out;
}

static struct link_control_welcome_msg welcome(void)
{
	struct link_control_welcome_msg out = { .result = LINK_RESULT_NEW, .version = 1, .epoch = 1,
						.limits = their_limits(WINDOW), .role = 1 };

	out.incarnation = lwl_seq_of(their_incarnation, LWL_ID_SIZE);
	out.has_session = true;
	out.session = lwl_seq_of(session_id, LWL_ID_SIZE);
	return out;
}

static void put_hello(const struct link_control_hello_msg *in)
{
	begin();
	end(link_control_hello_msg_encode(&w, in));
}

static void put_welcome(const struct link_control_welcome_msg *in)
{
	begin();
	end(link_control_welcome_msg_encode(&w, in));
}

static void put_ack(uint64_t received)
{
	struct link_control_ack_msg out = { received };

	begin();
	end(link_control_ack_msg_encode(&w, &out));
}

static void put_ping(uint64_t nonce)
{
	struct link_control_ping_msg out = { nonce };

	begin();
	end(link_control_ping_msg_encode(&w, &out));
}

static void put_pong(uint64_t nonce)
{
	struct link_control_pong_msg out = { nonce };

	begin();
	end(link_control_pong_msg_encode(&w, &out));
}

static void put_goodbye(uint32_t code, const char *detail, uint64_t received)
{
	struct link_control_goodbye_msg out = { .code = code, .detail = lwl_string_of(detail),
						.received = received };

	begin();
	end(link_control_goodbye_msg_encode(&w, &out));
}

/* A message with nothing in it. */
static void put_bare(uint16_t command, uint32_t msgid)
{
	const struct lwl_header h = { .msgid = msgid, .command = command, .length = LWL_HEADER_SIZE };

	lwl_header_store(msg, &h);
	msg_len = LWL_HEADER_SIZE;
}

static void give_ack(uint64_t received, uint64_t now)
{
	put_ack(received);
	give(now);
}

/* ---- what comes out ---- */

/* The last of each kind, and which there were, in order. */
static struct seen {
	struct link_control_hello_msg hello;
	struct link_control_welcome_msg welcome;
	struct link_control_ack_msg ack;
	struct link_control_ping_msg ping;
	struct link_control_pong_msg pong;
	struct link_control_goodbye_msg goodbye;
	char kinds[16];
	uint8_t bytes[2 * LWL_SESSION_OUT];
	uint32_t len;
} seen;

static void look_at(const uint8_t *p, uint32_t len)
{
	struct lwl_header h;
	char letter[2] = "?";

	lwl_header_load(&h, p);
	assert_int_equal(lwl_message_check(p, len, NULL), 0);
	assert_int_equal(h.linkid, 0);
	assert_int_equal(h.msgid, 0);
	assert_in_range(h.command, LINK_CONTROL_HELLO, LINK_CONTROL_GOODBYE);
	letter[0] = "?hwapog"[h.command];
	strcat(seen.kinds, letter);
	switch (h.command) {
	case LINK_CONTROL_HELLO:
		assert_int_equal(link_control_hello_msg_decode(&seen.hello, p, len, NULL), 0);
		assert_true(len <= LINK_HELLO_MAX);
		break;
	case LINK_CONTROL_WELCOME:
		assert_int_equal(link_control_welcome_msg_decode(&seen.welcome, p, len, NULL), 0);
		break;
	case LINK_CONTROL_ACK:
		assert_int_equal(link_control_ack_msg_decode(&seen.ack, p, len, NULL), 0);
		break;
	case LINK_CONTROL_PING:
		assert_int_equal(link_control_ping_msg_decode(&seen.ping, p, len, NULL), 0);
		break;
	case LINK_CONTROL_PONG:
		assert_int_equal(link_control_pong_msg_decode(&seen.pong, p, len, NULL), 0);
		break;
	default:
		assert_int_equal(link_control_goodbye_msg_decode(&seen.goodbye, p, len, NULL), 0);
		break;
	}
}

/* All that is to be sent, `step` bytes at a time. */
static const char *drain_by(uint64_t now, size_t step)
{
	struct lwl_slice slice;
	uint32_t at;

	memset(&seen, 0, sizeof seen);
	while (s.state != LWL_SESSION_OVER && (slice = lwl_session_output(&s, &ring, now)).len > 0) {
		size_t n = slice.len < step ? slice.len : step;

		assert_true(seen.len + n <= sizeof seen.bytes);
		memcpy(seen.bytes + seen.len, slice.data, n);
		seen.len += (uint32_t)n;
		lwl_session_sent(&s, n);
	}
	for (at = 0; at < seen.len; ) {
		uint32_t len = lwl_padded(lwl_load16(seen.bytes + at + 14));

		assert_true(at + len <= seen.len);
		look_at(seen.bytes + at, len);
		at += len;
	}
	return seen.kinds;
}

static const char *drain(uint64_t now)
{
	return drain_by(now, SIZE_MAX);
}

/* `count` messages of ours of 16 bytes each, sent to the last byte. */
static void send_messages(uint32_t count)
{
	const struct lwl_header h = { .linkid = 1, .command = SEQUENCED, .length = LWL_HEADER_SIZE };

	for (; count > 0; count--) {
		lwl_header_store(lwl_ring_begin(&ring, LWL_HEADER_SIZE), &h);
		assert_true(lwl_ring_commit(&ring, LWL_HEADER_SIZE) != 0);
		lwl_ring_sent(&ring, LWL_HEADER_SIZE);
	}
}

/* ---- states ---- */

/* Everything that is due on the way there has been sent. */
static void bring_to(enum lwl_session_state state)
{
	const struct link_control_hello_msg in_hello = hello();
	const struct link_control_welcome_msg in_welcome = welcome();

	again();
	switch (state) {
	case LWL_SESSION_IDLE:
		break;
	case LWL_SESSION_DIALLING:
		assert_int_equal(lwl_session_connected(&s, true, NOW), 0);
		assert_string_equal(drain(NOW), "h");
		break;
	case LWL_SESSION_ACCEPTING:
		assert_int_equal(lwl_session_connected(&s, false, NOW), 0);
		break;
	case LWL_SESSION_GREETED:
		bring_to(LWL_SESSION_ACCEPTING);
		put_hello(&in_hello);
		give(NOW);
		assert_string_equal(drain(NOW), "w");
		break;
	case LWL_SESSION_UP:
		bring_to(LWL_SESSION_DIALLING);
		put_welcome(&in_welcome);
		give(NOW);
		assert_string_equal(drain(NOW), "a");
		break;
	case LWL_SESSION_PARTING:
		bring_to(LWL_SESSION_UP);
		lwl_session_end(&s, LWL_EIO, "that was all", NOW);
		break;
	default:
		bring_to(LWL_SESSION_UP);
		lwl_session_broken(&s, -LWL_EPIPE);
		break;
	}
	assert_int_equal(s.state, state);
}

/* ---- every event in every state ---- */

#define EVENTS(X) \
	X(DIALLED) X(ACCEPTED) X(HELLO) X(HELLO_AS_CALL) X(WELCOME) X(REFUSAL) X(ACK) X(ACK_TOO_HIGH) \
	X(PING) X(PONG) X(UNKNOWN) X(GOODBYE) X(GOODBYE_ERROR) X(BAD_STRUCTURE) X(BAD_TYPE) \
	X(SEQUENCED_MESSAGE) X(CLOSED) X(BROKEN) X(TIME) X(MUCH_TIME) X(END) X(END_ERROR) X(MISTAKE)

enum event {
#define ENTRY(name) name,
	EVENTS(ENTRY)
#undef ENTRY
	EVENT_COUNT
};

static const char *const event_names[] = {
#define ENTRY(name) #name,
	EVENTS(ENTRY)
#undef ENTRY
};

static int happen(enum event event)
{
	const struct link_control_hello_msg in_hello = hello();
	struct link_control_welcome_msg in_welcome = welcome();
	const struct lwl_error err = { .bad = LWL_BAD_DEPTH, .offset = 16 };

	switch (event) {
	case DIALLED:
		return lwl_session_connected(&s, true, NOW);
	case ACCEPTED:
		return lwl_session_connected(&s, false, NOW);
	case HELLO:
		put_hello(&in_hello);
		break;
	case HELLO_AS_CALL:
		put_hello(&in_hello);
		lwl_store32(msg + 8, 7);
		break;
	case REFUSAL:
		in_welcome.result = LINK_RESULT_REFUSED;
		/* fall through */
	case WELCOME:
		put_welcome(&in_welcome);
		break;
	case ACK:
		put_ack(0);
		break;
	case ACK_TOO_HIGH:
		put_ack(1);
		break;
	case PING:
		put_ping(77);
		break;
	case PONG:
		put_pong(77);
		break;
	case UNKNOWN:
		put_bare(UNHEARD_OF, 0);
		break;
	case GOODBYE:
		put_goodbye(0, "", 0);
		break;
	case GOODBYE_ERROR:
		put_goodbye(LWL_ENOSPC, "no space", 0);
		break;
	case BAD_STRUCTURE:
		put_ping(77);
		lwl_store16(msg + 16, 0);
		break;
	case BAD_TYPE:
		put_bare(LINK_CONTROL_PING, 0);
		break;
	case SEQUENCED_MESSAGE:
		return lwl_session_expects(&s, SEQUENCED, false) ? 0 : 1;
	case CLOSED:
		lwl_session_broken(&s, 0);
		return 0;
	case BROKEN:
		lwl_session_broken(&s, -LWL_EPIPE);
		return 0;
	case TIME:
		lwl_session_tick(&s, NOW + KEEPALIVE_US / 4);
		return 0;
	case MUCH_TIME:
		lwl_session_tick(&s, NOW + KEEPALIVE_US);
		return 0;
	case END:
		lwl_session_end(&s, 0, NULL, NOW);
		return 0;
	case END_ERROR:
		lwl_session_end(&s, LWL_EIO, "enough", NOW);
		return 0;
	default:
		lwl_session_mistake(&s, &err, NOW);
		return 0;
	}
	give(NOW);
	return 0;
}

/* What an event brings about: the state and the status afterwards, and what goes out. */
struct reaction {
	enum lwl_session_state state;
	int status;
	const char *out;
	int result;			/* of the function that was called */
};

#define STAY(state) { LWL_SESSION_##state, 0, "", 0 }
#define OVER(error) { LWL_SESSION_OVER, -(error), "", 0 }
#define INSTEAD { LWL_SESSION_OVER, -LWL_EMALFORMED, "", 0 }
#define PART(error) { LWL_SESSION_OVER, -(error), "g", 0 }

static const struct reaction table[LWL_SESSION_STATE_COUNT][EVENT_COUNT] = {
	[LWL_SESSION_IDLE] = {
		[DIALLED] = { LWL_SESSION_DIALLING, 0, "h", 0 },
		[ACCEPTED] = STAY(ACCEPTING),
		/* Nothing comes without a connection; a link that hands it over anyway is not harmed. */
		[HELLO] = STAY(IDLE), [HELLO_AS_CALL] = STAY(IDLE), [WELCOME] = STAY(IDLE),
		[REFUSAL] = STAY(IDLE), [ACK] = STAY(IDLE), [ACK_TOO_HIGH] = STAY(IDLE), [PING] = STAY(IDLE),
		[PONG] = STAY(IDLE), [UNKNOWN] = STAY(IDLE), [GOODBYE] = STAY(IDLE), [GOODBYE_ERROR] = STAY(IDLE),
		[BAD_STRUCTURE] = OVER(LWL_EMALFORMED), [BAD_TYPE] = STAY(IDLE),
		[SEQUENCED_MESSAGE] = STAY(IDLE),
		[CLOSED] = OVER(LWL_ECONNRESET), [BROKEN] = OVER(LWL_EPIPE),
		[TIME] = STAY(IDLE), [MUCH_TIME] = STAY(IDLE),
		[END] = OVER(0), [END_ERROR] = OVER(LWL_EIO), [MISTAKE] = OVER(LWL_EMALFORMED)
	},
	[LWL_SESSION_DIALLING] = {
		[DIALLED] = { LWL_SESSION_DIALLING, 0, "", -LWL_EISCONN },
		[ACCEPTED] = { LWL_SESSION_DIALLING, 0, "", -LWL_EISCONN },
		[HELLO] = INSTEAD, [HELLO_AS_CALL] = INSTEAD,
		[WELCOME] = { LWL_SESSION_UP, 0, "a", 0 },
		[REFUSAL] = OVER(LWL_EREFUSED),
		[ACK] = INSTEAD, [ACK_TOO_HIGH] = INSTEAD, [PING] = INSTEAD, [PONG] = INSTEAD,
		[UNKNOWN] = INSTEAD, [GOODBYE] = INSTEAD, [GOODBYE_ERROR] = INSTEAD,
		[BAD_STRUCTURE] = INSTEAD, [BAD_TYPE] = INSTEAD,
		[SEQUENCED_MESSAGE] = { LWL_SESSION_OVER, -LWL_EMALFORMED, "", 1 },
		[CLOSED] = OVER(LWL_ECONNRESET), [BROKEN] = OVER(LWL_EPIPE),
		[TIME] = STAY(DIALLING), [MUCH_TIME] = OVER(LWL_ETIMEDOUT),
		[END] = OVER(0), [END_ERROR] = OVER(LWL_EIO), [MISTAKE] = OVER(LWL_EMALFORMED)
	},
	[LWL_SESSION_ACCEPTING] = {
		[DIALLED] = { LWL_SESSION_ACCEPTING, 0, "", -LWL_EISCONN },
		[ACCEPTED] = { LWL_SESSION_ACCEPTING, 0, "", -LWL_EISCONN },
		[HELLO] = { LWL_SESSION_GREETED, 0, "w", 0 },
		[HELLO_AS_CALL] = STAY(ACCEPTING),
		[WELCOME] = INSTEAD, [REFUSAL] = INSTEAD, [ACK] = INSTEAD, [ACK_TOO_HIGH] = INSTEAD,
		[PING] = INSTEAD, [PONG] = INSTEAD, [UNKNOWN] = INSTEAD, [GOODBYE] = INSTEAD,
		[GOODBYE_ERROR] = INSTEAD, [BAD_STRUCTURE] = INSTEAD, [BAD_TYPE] = INSTEAD,
		[SEQUENCED_MESSAGE] = { LWL_SESSION_OVER, -LWL_EMALFORMED, "", 1 },
		[CLOSED] = OVER(LWL_ECONNRESET), [BROKEN] = OVER(LWL_EPIPE),
		[TIME] = STAY(ACCEPTING), [MUCH_TIME] = OVER(LWL_ETIMEDOUT),
		[END] = OVER(0), [END_ERROR] = OVER(LWL_EIO), [MISTAKE] = OVER(LWL_EMALFORMED)
	},
	[LWL_SESSION_GREETED] = {
		[DIALLED] = { LWL_SESSION_GREETED, 0, "", -LWL_EISCONN },
		[ACCEPTED] = { LWL_SESSION_GREETED, 0, "", -LWL_EISCONN },
		[HELLO] = PART(LWL_EMALFORMED), [HELLO_AS_CALL] = PART(LWL_EMALFORMED),
		[WELCOME] = PART(LWL_EMALFORMED), [REFUSAL] = PART(LWL_EMALFORMED),
		[ACK] = STAY(UP), [ACK_TOO_HIGH] = PART(LWL_EMALFORMED),
		[PING] = PART(LWL_EMALFORMED), [PONG] = PART(LWL_EMALFORMED), [UNKNOWN] = PART(LWL_EMALFORMED),
		[GOODBYE] = OVER(0), [GOODBYE_ERROR] = OVER(LWL_ENOSPC),
		[BAD_STRUCTURE] = PART(LWL_EMALFORMED), [BAD_TYPE] = PART(LWL_EMALFORMED),
		[SEQUENCED_MESSAGE] = { LWL_SESSION_OVER, -LWL_EMALFORMED, "g", 1 },
		[CLOSED] = OVER(LWL_ECONNRESET), [BROKEN] = OVER(LWL_EPIPE),
		[TIME] = STAY(GREETED), [MUCH_TIME] = OVER(LWL_ETIMEDOUT),
		[END] = PART(0), [END_ERROR] = PART(LWL_EIO), [MISTAKE] = PART(LWL_EMALFORMED)
	},
	[LWL_SESSION_UP] = {
		[DIALLED] = { LWL_SESSION_UP, 0, "", -LWL_EISCONN },
		[ACCEPTED] = { LWL_SESSION_UP, 0, "", -LWL_EISCONN },
		[HELLO] = PART(LWL_EMALFORMED), [HELLO_AS_CALL] = PART(LWL_EMALFORMED),
		[WELCOME] = PART(LWL_EMALFORMED), [REFUSAL] = PART(LWL_EMALFORMED),
		[ACK] = STAY(UP), [ACK_TOO_HIGH] = PART(LWL_EMALFORMED),
		[PING] = { LWL_SESSION_UP, 0, "o", 0 },
		[PONG] = STAY(UP), [UNKNOWN] = STAY(UP),
		[GOODBYE] = OVER(0), [GOODBYE_ERROR] = OVER(LWL_ENOSPC),
		[BAD_STRUCTURE] = PART(LWL_EMALFORMED), [BAD_TYPE] = STAY(UP),
		[SEQUENCED_MESSAGE] = STAY(UP),
		[CLOSED] = OVER(LWL_ECONNRESET), [BROKEN] = OVER(LWL_EPIPE),
		[TIME] = STAY(UP), [MUCH_TIME] = { LWL_SESSION_UP, 0, "p", 0 },
		[END] = PART(0), [END_ERROR] = PART(LWL_EIO), [MISTAKE] = PART(LWL_EMALFORMED)
	},
	/* Ended with EIO: nothing changes that, and the goodbye goes out unless the connection breaks. */
	[LWL_SESSION_PARTING] = {
		[DIALLED] = { LWL_SESSION_OVER, -LWL_EIO, "g", -LWL_EIO },
		[ACCEPTED] = { LWL_SESSION_OVER, -LWL_EIO, "g", -LWL_EIO },
		[HELLO] = PART(LWL_EIO), [HELLO_AS_CALL] = PART(LWL_EIO), [WELCOME] = PART(LWL_EIO),
		[REFUSAL] = PART(LWL_EIO), [ACK] = PART(LWL_EIO), [ACK_TOO_HIGH] = PART(LWL_EIO),
		[PING] = PART(LWL_EIO), [PONG] = PART(LWL_EIO), [UNKNOWN] = PART(LWL_EIO),
		[GOODBYE] = PART(LWL_EIO), [GOODBYE_ERROR] = PART(LWL_EIO), [BAD_STRUCTURE] = PART(LWL_EIO),
		[BAD_TYPE] = PART(LWL_EIO), [SEQUENCED_MESSAGE] = PART(LWL_EIO),
		[CLOSED] = OVER(LWL_EIO), [BROKEN] = OVER(LWL_EIO),
		[TIME] = PART(LWL_EIO), [MUCH_TIME] = OVER(LWL_EIO),
		[END] = PART(LWL_EIO), [END_ERROR] = PART(LWL_EIO), [MISTAKE] = PART(LWL_EIO)
	},
	/* Broken with EPIPE. */
	[LWL_SESSION_OVER] = {
		[DIALLED] = { LWL_SESSION_OVER, -LWL_EPIPE, "", -LWL_EPIPE },
		[ACCEPTED] = { LWL_SESSION_OVER, -LWL_EPIPE, "", -LWL_EPIPE },
		[HELLO] = OVER(LWL_EPIPE), [HELLO_AS_CALL] = OVER(LWL_EPIPE), [WELCOME] = OVER(LWL_EPIPE),
		[REFUSAL] = OVER(LWL_EPIPE), [ACK] = OVER(LWL_EPIPE), [ACK_TOO_HIGH] = OVER(LWL_EPIPE),
		[PING] = OVER(LWL_EPIPE), [PONG] = OVER(LWL_EPIPE), [UNKNOWN] = OVER(LWL_EPIPE),
		[GOODBYE] = OVER(LWL_EPIPE), [GOODBYE_ERROR] = OVER(LWL_EPIPE), [BAD_STRUCTURE] = OVER(LWL_EPIPE),
		[BAD_TYPE] = OVER(LWL_EPIPE), [SEQUENCED_MESSAGE] = OVER(LWL_EPIPE),
		[CLOSED] = OVER(LWL_EPIPE), [BROKEN] = OVER(LWL_EPIPE),
		[TIME] = OVER(LWL_EPIPE), [MUCH_TIME] = OVER(LWL_EPIPE),
		[END] = OVER(LWL_EPIPE), [END_ERROR] = OVER(LWL_EPIPE), [MISTAKE] = OVER(LWL_EPIPE)
	}
};

/* Out of order, so that the table can be read row by row; here it is walked whole. */
static void test_table(void **state)
{
	uint32_t i, j;

	(void)state;
	for (i = 0; i < LWL_SESSION_STATE_COUNT; i++) {
		for (j = 0; j < EVENT_COUNT; j++) {
			const struct reaction *r = &table[i][j];
			const char *out;
			int result;

			/* Each place of the table has been filled in. */
			assert_non_null(r->out);
			bring_to((enum lwl_session_state)i);
			result = happen((enum event)j);
			out = drain(j == MUCH_TIME ? NOW + KEEPALIVE_US : NOW);
			if (s.state != r->state || s.status != r->status || strcmp(out, r->out) != 0 ||
			    result != r->result)
				fail_msg("%s in state %u: state %u, status %d, result %d, sent \"%s\"",
					 event_names[j], i, (unsigned)s.state, s.status, result, out);
			assert_true(s.state != LWL_SESSION_OVER || s.reason[0] != '\0');
			assert_true(s.state == LWL_SESSION_OVER || s.reason[0] == '\0');
			assert_true(s.state != LWL_SESSION_OVER || lwl_session_deadline(&s) == UINT64_MAX);
		}
	}
}

/* ---- meeting ---- */

static void test_hello(void **state)
{
	static const uint8_t node[LWL_ID_SIZE] = "a node";
	uint8_t bytes[LWL_ID_SIZE];
	uint32_t i;

	(void)state;
	lwl_session_init(&s, &limits, our_incarnation, node, session_id);
	assert_false(lwl_session_is_up(&s));
	assert_int_equal(lwl_session_deadline(&s), UINT64_MAX);
	assert_int_equal(lwl_session_connected(&s, true, NOW), 0);
	assert_int_equal(lwl_session_deadline(&s), NOW + KEEPALIVE_US);
	assert_string_equal(drain(NOW), "h");
	assert_int_equal(seen.hello.version, 1);
	assert_int_equal(seen.hello.features, 0);
	assert_int_equal(seen.hello.required, 0);
	assert_true(seen.hello.has_node);
	for (i = 0; i < LWL_ID_SIZE; i++)
		bytes[i] = lwl_u8_at(seen.hello.node, i);
	assert_memory_equal(bytes, node, LWL_ID_SIZE);
	for (i = 0; i < LWL_ID_SIZE; i++)
		bytes[i] = lwl_u8_at(seen.hello.incarnation, i);
	assert_memory_equal(bytes, our_incarnation, LWL_ID_SIZE);
	assert_false(seen.hello.has_session);
	assert_int_equal(seen.hello.epoch, 1);
	assert_int_equal(seen.hello.received, 0);
	assert_int_equal(seen.hello.retained, 1);
	assert_int_equal(seen.hello.limits.window, WINDOW);
	assert_int_equal(seen.hello.limits.calls, 10);
	assert_int_equal(seen.hello.limits.endpoints, 20);
	assert_int_equal(seen.hello.limits.keepalive_ms, KEEPALIVE_MS);
	assert_int_equal(seen.hello.limits.retain_ms, 3);
	assert_int_equal(seen.hello.role, 0);
	/* Once. */
	assert_string_equal(drain(NOW), "");
}

static void test_welcome(void **state)
{
	struct link_control_hello_msg in = hello();
	uint8_t bytes[LWL_ID_SIZE];
	uint32_t i;

	(void)state;
	in.epoch = 9;
	in.features = 0xff;		/* what the peer could do besides is its own affair */
	bring_to(LWL_SESSION_ACCEPTING);
	put_hello(&in);
	give(NOW);
	assert_true(lwl_session_is_up(&s));
	assert_int_equal(s.role, 1);
	assert_int_equal(s.peer.window, WINDOW);
	assert_int_equal(s.peer.calls, 30);
	assert_int_equal(s.peer.endpoints, 40);
	assert_int_equal(s.peer.keepalive_ms, 50);
	assert_int_equal(s.peer.retain_ms, 60);
	assert_memory_equal(s.peer_incarnation, their_incarnation, LWL_ID_SIZE);
	assert_string_equal(drain(NOW), "w");
	assert_int_equal(seen.welcome.result, LINK_RESULT_NEW);
	assert_int_equal(seen.welcome.version, 1);
	assert_int_equal(seen.welcome.required, 0);
	assert_false(seen.welcome.has_node);
	assert_true(seen.welcome.has_session);
	for (i = 0; i < LWL_ID_SIZE; i++)
		bytes[i] = lwl_u8_at(seen.welcome.session, i);
	assert_memory_equal(bytes, session_id, LWL_ID_SIZE);
	assert_int_equal(seen.welcome.epoch, 9);
	assert_int_equal(seen.welcome.limits.window, WINDOW);
	assert_int_equal(seen.welcome.role, 1);
	assert_false(seen.welcome.has_reason);
}

static void test_first_ack(void **state)
{
	struct link_control_welcome_msg in = welcome();

	(void)state;
	in.epoch = 4;
	bring_to(LWL_SESSION_DIALLING);
	put_welcome(&in);
	give(NOW);
	assert_true(lwl_session_is_up(&s));
	assert_int_equal(s.role, 0);
	assert_int_equal(s.epoch, 4);
	assert_memory_equal(s.id, session_id, LWL_ID_SIZE);
	assert_int_equal(s.peer.calls, 30);
	assert_string_equal(drain(NOW), "a");
	assert_int_equal(seen.ack.received, 0);
	/* And the other side of it: until then the accepter waits, but not for ever. */
	bring_to(LWL_SESSION_GREETED);
	assert_int_equal(lwl_session_deadline(&s), NOW + KEEPALIVE_US);
	give_ack(0, NOW);
	assert_int_equal(s.state, LWL_SESSION_UP);
	assert_int_equal(s.give_up, UINT64_MAX);
}

/* Hellos that are answered with a refusal, and why. */
static void test_refused_hello(void **state)
{
	static const struct {
		uint32_t version;
		uint64_t required, window;
		const char *why;
	} cases[] = {
		{ 2, 0, WINDOW, "the peer speaks another version of the protocol" },
		{ 0, 0, WINDOW, "the peer speaks another version of the protocol" },
		{ 1, 1, WINDOW, "the peer requires features that are not known here" },
		{ 1, UINT64_C(1) << 63, WINDOW, "the peer requires features that are not known here" },
		{ 1, 0, WINDOW - 1, "the peer's window is too small" },
		{ 1, 0, 0, "the peer's window is too small" }
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct link_control_hello_msg in = hello();

		in.version = cases[i].version;
		in.required = cases[i].required;
		in.limits.window = cases[i].window;
		bring_to(LWL_SESSION_ACCEPTING);
		put_hello(&in);
		give(NOW);
		assert_false(lwl_session_is_up(&s));
		assert_true(lwl_session_is_over(&s));
		assert_string_equal(drain_by(NOW, 8), "w");
		assert_int_equal(seen.welcome.result, LINK_RESULT_REFUSED);
		assert_false(seen.welcome.has_session);
		assert_true(seen.welcome.has_reason);
		assert_int_equal(seen.welcome.reason.code, LWL_EREFUSED);
		assert_int_equal(seen.welcome.reason.detail.len, strlen(cases[i].why));
		assert_memory_equal(seen.welcome.reason.detail.data, cases[i].why,
				    strlen(cases[i].why));
		assert_int_equal(s.state, LWL_SESSION_OVER);
		assert_int_equal(s.status, -LWL_EREFUSED);
		assert_non_null(strstr(s.reason, cases[i].why));
	}
	/* The refusal is not waited for for ever. */
	bring_to(LWL_SESSION_ACCEPTING);
	{
		struct link_control_hello_msg in = hello();

		in.version = 2;
		put_hello(&in);
		give(NOW);
	}
	assert_int_equal(lwl_session_deadline(&s), NOW + PARTING_US);
	lwl_session_tick(&s, NOW + PARTING_US);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	assert_int_equal(s.status, -LWL_EREFUSED);
}

static void test_bad_hello(void **state)
{
	struct link_control_hello_msg in = hello();
	uint32_t i;

	(void)state;
	/* Without one of its items: a hello of the right structure that says too little. */
	for (i = 0; i < 3; i++) {
		bring_to(LWL_SESSION_ACCEPTING);
		begin();
		lwl_writer_begin(&w, LINK_CONTROL_HELLO, LWL_KIND_ONEWAY);
		if (i > 0)
			lwl_put_u32(&w, 1, 1);
		if (i > 1)
			lwl_put_u64(&w, 2, 0);
		end(lwl_writer_finish(&w));
		give(NOW);
		assert_int_equal(s.state, LWL_SESSION_OVER);
		assert_int_equal(s.status, -LWL_EMALFORMED);
		assert_non_null(strstr(s.reason, "the peer's hello: MISSING"));
		assert_string_equal(drain(NOW), "");
	}
	/* Of the largest size and, with unknown items, above it. */
	for (i = 0; i < 2; i++) {
		static const uint8_t zeros[LINK_HELLO_MAX];

		bring_to(LWL_SESSION_ACCEPTING);
		put_hello(&in);
		lwl_put_bytes(&w, 100, 0, sizeof zeros, lwl_bytes_of(zeros,
								     LINK_HELLO_MAX - msg_len - 4 + 8 * i));
		end(lwl_writer_finish(&w));
		assert_int_equal(msg_len, LINK_HELLO_MAX + 8 * i);
		give(NOW);
		assert_int_equal(s.state, i == 0 ? LWL_SESSION_GREETED : LWL_SESSION_OVER);
	}
	assert_string_equal(s.reason, "the peer's hello: too long");
	/* What it holds is looked at as a message first. */
	bring_to(LWL_SESSION_ACCEPTING);
	put_hello(&in);
	lwl_store16(msg + 16, 0);
	give(NOW);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	assert_non_null(strstr(s.reason, "NUMBER at offset 16"));
	assert_string_equal(drain(NOW), "");
}

static void test_refused_welcome(void **state)
{
	static const struct {
		uint32_t result, version;
		uint64_t required, window;
		bool session, reason;
		const char *why;
	} cases[] = {
		{ LINK_RESULT_RESUMED, 1, 0, WINDOW, true, false, "the peer refuses the session" },
		{ LINK_RESULT_STALE_EPOCH, 1, 0, WINDOW, true, false, "the peer refuses the session" },
		{ LINK_RESULT_REFUSED, 1, 0, WINDOW, false, true,
		  "the peer refuses the session: not you" },
		{ LINK_RESULT_REFUSED, 7, 0, 0, false, true, "the peer refuses the session: not you" },
		{ 99, 1, 0, WINDOW, true, true, "the peer refuses the session: not you" },
		{ LINK_RESULT_NEW, 2, 0, WINDOW, true, false, "another version" },
		{ LINK_RESULT_NEW, 1, 2, WINDOW, true, false, "features" },
		{ LINK_RESULT_NEW, 1, 0, WINDOW - 1, true, false, "window" },
		{ LINK_RESULT_NEW, 1, 0, WINDOW, false, false, "names no session" }
	};
	static const struct {
		uint32_t code;
		int status;
	} codes[] = {
		{ LWL_EACCES, -LWL_EACCES }, { 9999, -9999 }, { 0, -LWL_EREFUSED },
		{ UINT32_C(1) << 31, -LWL_EREFUSED }, { UINT32_MAX, -LWL_EREFUSED }
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct link_control_welcome_msg in = welcome();

		in.result = (enum link_result)cases[i].result;
		in.version = cases[i].version;
		in.required = cases[i].required;
		in.limits.window = cases[i].window;
		in.has_session = cases[i].session;
		if (!in.has_session)
			in.session = lwl_seq_of(NULL, 0);
		in.has_reason = cases[i].reason;
		if (in.has_reason) {
			in.reason.code = LWL_EREFUSED;
			in.reason.detail = lwl_string_of("not you");
		}
		bring_to(LWL_SESSION_DIALLING);
		put_welcome(&in);
		give(NOW);
		assert_int_equal(s.state, LWL_SESSION_OVER);
		assert_int_equal(s.status, -LWL_EREFUSED);
		assert_non_null(strstr(s.reason, cases[i].why));
		assert_string_equal(drain(NOW), "");
	}
	/* The code of a refusal is its sender's, if it is one. */
	for (i = 0; i < COUNT(codes); i++) {
		struct link_control_welcome_msg in = welcome();

		in.result = LINK_RESULT_REFUSED;
		in.has_reason = true;
		in.reason.code = codes[i].code;
		bring_to(LWL_SESSION_DIALLING);
		put_welcome(&in);
		give(NOW);
		assert_int_equal(s.state, LWL_SESSION_OVER);
		assert_int_equal(s.status, codes[i].status);
		assert_string_equal(s.reason, "the peer refuses the session");
	}
	bring_to(LWL_SESSION_DIALLING);
	put_bare(LINK_CONTROL_WELCOME, 0);
	give(NOW);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	assert_int_equal(s.status, -LWL_EMALFORMED);
	assert_non_null(strstr(s.reason, "the peer's welcome: MISSING"));
}

/* A session that is over before the welcome has been sent: the dialler is to hear that, and nothing else. */
static void test_end_before_welcome(void **state)
{
	static const struct {
		int code;
		const char *detail;
		const char *heard;
	} cases[] = {
		{ 0, NULL, "" }, { 0, "closing time", "closing time" }, { LWL_EACCES, "not today",
									  "not today" },
		{ LWL_EACCES, "\xff", "" }
	};
	const struct link_control_hello_msg in = hello();
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		bring_to(LWL_SESSION_ACCEPTING);
		put_hello(&in);
		give(NOW);
		assert_int_equal(s.state, LWL_SESSION_GREETED);
		lwl_session_end(&s, cases[i].code, cases[i].detail, NOW);
		assert_int_equal(s.state, LWL_SESSION_PARTING);
		assert_string_equal(drain(NOW), "w");
		assert_int_equal(seen.welcome.result, LINK_RESULT_REFUSED);
		assert_false(seen.welcome.has_session);
		assert_true(seen.welcome.has_reason);
		assert_int_equal(seen.welcome.reason.code,
				 cases[i].code != 0 ? cases[i].code : LWL_EREFUSED);
		assert_int_equal(seen.welcome.reason.detail.len, strlen(cases[i].heard));
		assert_int_equal(s.state, LWL_SESSION_OVER);
		assert_int_equal(s.status, -cases[i].code);
	}
	/* The same for a dialler that does not wait for the welcome. */
	bring_to(LWL_SESSION_ACCEPTING);
	put_hello(&in);
	give(NOW);
	assert_false(lwl_session_expects(&s, SEQUENCED, false));
	assert_string_equal(drain(NOW), "w");
	assert_int_equal(seen.welcome.result, LINK_RESULT_REFUSED);
	/* Half of the welcome is out: then it is a welcome, and a goodbye follows. */
	bring_to(LWL_SESSION_ACCEPTING);
	put_hello(&in);
	give(NOW);
	assert_true(lwl_session_output(&s, &ring, NOW).len > 8);
	lwl_session_end(&s, LWL_EACCES, "not today", NOW);
	assert_string_equal(drain(NOW), "wg");
	assert_int_equal(seen.welcome.result, LINK_RESULT_NEW);
}

/* ---- acks ---- */

static void test_ack_delay(void **state)
{
	(void)state;
	bring_to(LWL_SESSION_UP);
	lwl_session_consumed(&s, 16, NOW + 10);
	assert_int_equal(lwl_session_deadline(&s), NOW + 10 + LWL_ACK_US);
	lwl_session_consumed(&s, 16, NOW + 50000);
	assert_int_equal(lwl_session_deadline(&s), NOW + 10 + LWL_ACK_US);
	lwl_session_tick(&s, NOW + 10 + LWL_ACK_US - 1);
	assert_string_equal(drain(NOW + 10 + LWL_ACK_US - 1), "");
	lwl_session_tick(&s, NOW + 10 + LWL_ACK_US);
	assert_string_equal(drain(NOW + 10 + LWL_ACK_US), "a");
	assert_int_equal(seen.ack.received, 2);
	/* That was all. */
	assert_int_equal(lwl_session_deadline(&s), NOW + KEEPALIVE_US);
	assert_string_equal(drain(NOW + 10 + 2 * LWL_ACK_US), "");
	lwl_session_consumed(&s, 16, NOW + 300000);
	assert_int_equal(lwl_session_deadline(&s), NOW + 300000 + LWL_ACK_US);
	assert_string_equal(drain(NOW + 300000 + LWL_ACK_US), "a");
	assert_int_equal(seen.ack.received, 3);
}

static void test_ack_of_half(void **state)
{
	uint32_t i;

	(void)state;
	bring_to(LWL_SESSION_UP);
	for (i = 0; i < 3; i++) {
		lwl_session_consumed(&s, WINDOW / 2 - 8, NOW);
		assert_string_equal(drain(NOW), "");
		lwl_session_consumed(&s, 8, NOW);
		assert_string_equal(drain(NOW), "a");
		assert_int_equal(seen.ack.received, 2 * i + 2);
		/* The delay of the first half is over with it. */
		assert_int_equal(lwl_session_deadline(&s), NOW + KEEPALIVE_US);
	}
	/* One message alone. */
	lwl_session_consumed(&s, WINDOW / 2, NOW);
	assert_string_equal(drain(NOW), "a");
	assert_int_equal(seen.ack.received, 7);
}

/* Several become due while nothing can be written: one, with the newest value, is what goes out. */
static void test_ack_is_the_newest(void **state)
{
	(void)state;
	bring_to(LWL_SESSION_UP);
	lwl_session_consumed(&s, WINDOW / 2, NOW);
	lwl_session_consumed(&s, 16, NOW);
	put_ping(1);
	give(NOW);
	put_ping(2);
	give(NOW);
	assert_string_equal(drain_by(NOW, 1), "ao");
	assert_int_equal(seen.ack.received, 2);
	assert_int_equal(seen.pong.nonce, 2);
}

static void test_acks_of_the_peer(void **state)
{
	static const struct {
		uint64_t received;
		bool fine;
	} cases[] = {
		{ 0, true }, { 2, true }, { 2, true }, { 5, true }, { 4, false }
	}, above = { 6, false };
	uint32_t i;

	(void)state;
	bring_to(LWL_SESSION_UP);
	send_messages(5);
	for (i = 0; i < COUNT(cases); i++) {
		give_ack(cases[i].received, NOW);
		assert_int_equal(lwl_session_is_up(&s), cases[i].fine);
		assert_int_equal(ring.acked_count, cases[i].fine ? cases[i].received : 5);
	}
	assert_int_equal(s.status, -LWL_EMALFORMED);
	assert_non_null(strstr(s.reason, "an ack falls"));
	bring_to(LWL_SESSION_UP);
	send_messages(5);
	give_ack(above.received, NOW);
	assert_false(lwl_session_is_up(&s));
	assert_string_equal(drain(NOW), "g");
	assert_int_equal(seen.goodbye.code, LWL_EMALFORMED);
	/* Committed is not sent. */
	bring_to(LWL_SESSION_UP);
	send_messages(1);
	put_bare(SEQUENCED, 0);
	memcpy(lwl_ring_begin(&ring, LWL_HEADER_SIZE), msg, LWL_HEADER_SIZE);
	assert_int_equal(lwl_ring_commit(&ring, LWL_HEADER_SIZE), 2);
	lwl_ring_sent(&ring, 8);
	give_ack(2, NOW);
	assert_false(lwl_session_is_up(&s));
	/* An ack that does not decode is not for anybody. */
	bring_to(LWL_SESSION_UP);
	put_bare(LINK_CONTROL_ACK, 0);
	give(NOW);
	assert_int_equal(s.state, LWL_SESSION_UP);
	bring_to(LWL_SESSION_GREETED);
	put_bare(LINK_CONTROL_ACK, 0);
	give(NOW);
	assert_int_equal(s.state, LWL_SESSION_GREETED);
}

static void test_window(void **state)
{
	uint32_t i;

	(void)state;
	/* To its last byte, as no ack of ours has been sent. */
	bring_to(LWL_SESSION_UP);
	lwl_session_consumed(&s, WINDOW - 16, NOW);
	lwl_session_consumed(&s, 16, NOW);
	assert_true(lwl_session_is_up(&s));
	lwl_session_consumed(&s, 16, NOW);
	assert_true(lwl_session_is_over(&s));
	assert_int_equal(s.status, -LWL_EMALFORMED);
	assert_non_null(strstr(s.reason, "more bytes than the window has"));
	assert_string_equal(drain(NOW), "g");
	assert_int_equal(seen.goodbye.code, LWL_EMALFORMED);
	assert_int_equal(seen.goodbye.received, 3);
	/* As much as one likes, with acks. */
	bring_to(LWL_SESSION_UP);
	for (i = 0; i < 100; i++) {
		lwl_session_consumed(&s, WINDOW, NOW);
		assert_true(lwl_session_is_up(&s));
		assert_string_equal(drain(NOW), "a");
	}
}

/* ---- is anybody there? ---- */

static void test_keepalive(void **state)
{
	uint64_t now = NOW;

	(void)state;
	bring_to(LWL_SESSION_UP);
	assert_int_equal(lwl_session_deadline(&s), now + KEEPALIVE_US);
	lwl_session_tick(&s, now + KEEPALIVE_US - 1);
	assert_string_equal(drain(now + KEEPALIVE_US - 1), "");
	now += KEEPALIVE_US;
	lwl_session_tick(&s, now);
	lwl_session_tick(&s, now);
	assert_string_equal(drain(now), "p");
	assert_int_equal(seen.ping.nonce, 1);
	assert_int_equal(lwl_session_deadline(&s), now + KEEPALIVE_US);
	/* Anything that comes is a sign of life, not only a pong. */
	lwl_session_heard(&s, now + 5);
	assert_int_equal(lwl_session_deadline(&s), now + 5 + KEEPALIVE_US);
	now += 5 + KEEPALIVE_US;
	lwl_session_tick(&s, now);
	assert_string_equal(drain(now), "p");
	assert_int_equal(seen.ping.nonce, 2);
	put_pong(2);
	give(now + 7);
	now += 7 + KEEPALIVE_US;
	lwl_session_tick(&s, now);
	assert_string_equal(drain(now), "p");
	now += KEEPALIVE_US;
	lwl_session_tick(&s, now - 1);
	assert_true(lwl_session_is_up(&s));
	lwl_session_tick(&s, now);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	assert_int_equal(s.status, -LWL_ETIMEDOUT);
	assert_string_equal(s.reason, "the peer is silent");
	assert_string_equal(drain(now), "");
}

/* A peer that does not read: the ping cannot be sent, and the time runs all the same. */
static void test_silence_while_blocked(void **state)
{
	uint64_t now = NOW;

	(void)state;
	bring_to(LWL_SESSION_UP);
	lwl_session_consumed(&s, WINDOW / 2, now);
	assert_true(lwl_session_output(&s, &ring, now).len > 0);
	/* From here on nothing is taken off our hands. */
	now += KEEPALIVE_US;
	lwl_session_tick(&s, now);
	lwl_session_output(&s, &ring, now);
	assert_true(lwl_session_is_up(&s));
	assert_true(lwl_session_deadline(&s) > now);
	now += KEEPALIVE_US;
	lwl_session_tick(&s, now);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	assert_int_equal(s.status, -LWL_ETIMEDOUT);
}

/* An ack that is due and cannot be sent must not keep an event loop busy. */
static void test_due_while_blocked(void **state)
{
	uint64_t now = NOW;

	(void)state;
	bring_to(LWL_SESSION_UP);
	lwl_session_consumed(&s, WINDOW / 2, now);
	assert_true(lwl_session_output(&s, &ring, now).len > 0);
	lwl_session_consumed(&s, 16, now);
	now += LWL_ACK_US;
	lwl_session_tick(&s, now);
	lwl_session_output(&s, &ring, now);
	assert_true(lwl_session_deadline(&s) > now);
	assert_string_equal(drain(now), "aa");
	assert_int_equal(seen.ack.received, 2);
	assert_int_equal(lwl_session_deadline(&s), NOW + KEEPALIVE_US);
}

/* ---- the end ---- */

static void test_goodbye_out(void **state)
{
	char text[600];

	(void)state;
	bring_to(LWL_SESSION_UP);
	lwl_session_consumed(&s, 16, NOW);
	lwl_session_consumed(&s, 16, NOW);
	lwl_session_end(&s, LWL_EBUSY, "other things to do", NOW);
	assert_true(lwl_session_is_over(&s));
	assert_false(s.orderly);
	assert_int_equal(s.status, -LWL_EBUSY);
	assert_non_null(strstr(s.reason, "other things to do"));
	assert_int_equal(lwl_session_deadline(&s), NOW + PARTING_US);
	/* The first reason stays. */
	lwl_session_end(&s, 0, NULL, NOW);
	assert_int_equal(s.status, -LWL_EBUSY);
	assert_string_equal(drain_by(NOW, 1), "g");
	assert_int_equal(seen.goodbye.code, LWL_EBUSY);
	assert_int_equal(seen.goodbye.detail.len, 18);
	assert_int_equal(seen.goodbye.received, 2);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	/* In order. */
	bring_to(LWL_SESSION_UP);
	lwl_session_end(&s, 0, NULL, NOW);
	assert_true(s.orderly);
	assert_int_equal(s.status, 0);
	assert_string_equal(s.reason, "closed");
	assert_string_equal(drain(NOW), "g");
	assert_int_equal(seen.goodbye.code, 0);
	assert_int_equal(seen.goodbye.detail.len, 0);
	/* Text that is too long is cut, where a character ends; what is no text is left out. */
	memset(text, 'a', sizeof text);
	memcpy(text + 252, "\xe2\x82\xac" "bc", 5);
	text[sizeof text - 1] = '\0';
	bring_to(LWL_SESSION_UP);
	lwl_session_end(&s, LWL_EIO, text, NOW);
	assert_string_equal(drain(NOW), "g");
	assert_int_equal(seen.goodbye.detail.len, 255);
	text[252] = 'a';
	memcpy(text + 253, "\xe2\x82\xac" "bc", 5);
	bring_to(LWL_SESSION_UP);
	lwl_session_end(&s, LWL_EIO, text, NOW);
	assert_string_equal(drain(NOW), "g");
	assert_int_equal(seen.goodbye.detail.len, 253);
	bring_to(LWL_SESSION_UP);
	lwl_session_end(&s, LWL_EIO, "\xff\xfe", NOW);
	assert_string_equal(drain(NOW), "g");
	assert_int_equal(seen.goodbye.code, LWL_EIO);
	assert_int_equal(seen.goodbye.detail.len, 0);
}

/* What is half out when the end comes is finished first; what else was due is not said any more. */
static void test_goodbye_behind_the_rest(void **state)
{
	(void)state;
	bring_to(LWL_SESSION_UP);
	put_ping(1);
	give(NOW);
	assert_true(lwl_session_output(&s, &ring, NOW).len > 8);
	memset(&seen, 0, sizeof seen);
	put_ping(2);
	give(NOW);
	lwl_session_consumed(&s, WINDOW / 2, NOW);
	lwl_session_end(&s, LWL_EIO, "enough", NOW);
	assert_string_equal(drain_by(NOW, 8), "og");
	assert_int_equal(seen.pong.nonce, 1);
	assert_int_equal(seen.goodbye.received, 1);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	/* The peer goes while the goodbye is half out: it has been ended before. */
	bring_to(LWL_SESSION_PARTING);
	assert_true(lwl_session_output(&s, &ring, NOW).len > 8);
	lwl_session_sent(&s, 8);
	lwl_session_broken(&s, -LWL_EPIPE);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	assert_int_equal(s.status, -LWL_EIO);
	/* Or it does not take it. */
	bring_to(LWL_SESSION_PARTING);
	lwl_session_tick(&s, NOW + PARTING_US - 1);
	assert_int_equal(s.state, LWL_SESSION_PARTING);
	lwl_session_tick(&s, NOW + PARTING_US);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	assert_int_equal(s.status, -LWL_EIO);
}

static void test_goodbye_in(void **state)
{
	(void)state;
	bring_to(LWL_SESSION_UP);
	put_goodbye(0, "", 3);
	give(NOW);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	assert_true(s.orderly);
	assert_true(s.final);
	assert_int_equal(s.final_received, 3);
	assert_string_equal(s.reason, "the peer closed the link");
	bring_to(LWL_SESSION_UP);
	put_goodbye(LWL_EMALFORMED, "an odd number", 0);
	give(NOW);
	assert_false(s.orderly);
	assert_int_equal(s.status, -LWL_EMALFORMED);
	assert_string_equal(s.reason, "the peer ended the session: malformed message: an odd number");
	/* A code that nobody can have meant. */
	bring_to(LWL_SESSION_UP);
	put_goodbye(UINT32_MAX, "", 0);
	give(NOW);
	assert_int_equal(s.status, -LWL_EIO);
	assert_string_equal(s.reason, "the peer ended the session: an unknown error");
	/* One that does not decode is none. */
	bring_to(LWL_SESSION_UP);
	put_bare(LINK_CONTROL_GOODBYE, 0);
	give(NOW);
	assert_int_equal(s.state, LWL_SESSION_UP);
	/* With a msgid it is not what it seems. */
	put_goodbye(0, "", 0);
	lwl_store32(msg + 8, 1);
	give(NOW);
	assert_int_equal(s.state, LWL_SESSION_UP);
}

static void test_broken(void **state)
{
	static const struct {
		enum lwl_session_state in;
		const char *why;
	} cases[] = {
		{ LWL_SESSION_DIALLING, "the peer closed the connection before it said who it is" },
		{ LWL_SESSION_ACCEPTING, "the peer closed the connection before it said who it is" },
		{ LWL_SESSION_GREETED, "the peer closed the connection without a goodbye" },
		{ LWL_SESSION_UP, "the peer closed the connection without a goodbye" }
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		bring_to(cases[i].in);
		lwl_session_broken(&s, 0);
		assert_int_equal(s.status, -LWL_ECONNRESET);
		assert_string_equal(s.reason, cases[i].why);
		bring_to(cases[i].in);
		lwl_session_broken(&s, -LWL_EPIPE);
		assert_int_equal(s.status, -LWL_EPIPE);
		assert_memory_equal(s.reason, "the connection broke: ", 22);
		assert_false(s.final);
	}
}

static void test_mistakes(void **state)
{
	const struct lwl_error err = { .bad = LWL_BAD_ORDER, .offset = 48 };
	struct link_control_welcome_msg in = welcome();

	(void)state;
	bring_to(LWL_SESSION_UP);
	lwl_session_mistake(&s, &err, NOW);
	assert_int_equal(s.status, -LWL_EMALFORMED);
	assert_non_null(strstr(s.reason, "ORDER at offset 48"));
	assert_string_equal(drain(NOW), "g");
	assert_int_equal(seen.goodbye.code, LWL_EMALFORMED);
	assert_memory_equal(seen.goodbye.detail.data, "ORDER at offset 48", 18);
	/* A second welcome, and a structural mistake in what would have been ignored. */
	bring_to(LWL_SESSION_UP);
	put_welcome(&in);
	give(NOW);
	assert_non_null(strstr(s.reason, "a second hello or welcome"));
	bring_to(LWL_SESSION_UP);
	put_bare(UNHEARD_OF, 0);
	lwl_store16(msg + 14, 24);
	memset(msg + 16, 0, 8);
	msg_len = 24;
	give(NOW);
	assert_true(lwl_session_is_over(&s));
	assert_int_equal(s.status, -LWL_EMALFORMED);
}

/* All that can be due at once fits, with the longest texts. */
static void test_all_at_once(void **state)
{
	char text[300];

	(void)state;
	bring_to(LWL_SESSION_UP);
	lwl_session_consumed(&s, WINDOW / 2, NOW);
	put_ping(1);
	give(NOW);
	lwl_session_tick(&s, NOW + KEEPALIVE_US);
	assert_string_equal(drain(NOW + KEEPALIVE_US), "apo");
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	bring_to(LWL_SESSION_ACCEPTING);
	{
		const struct link_control_hello_msg in = hello();

		put_hello(&in);
		give(NOW);
	}
	lwl_session_end(&s, LWL_EIO, text, NOW);
	drain(NOW);
	assert_int_equal(s.state, LWL_SESSION_OVER);
	assert_int_equal(seen.welcome.reason.detail.len, 255);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(test_table),
		TEST(test_hello),
		TEST(test_welcome),
		TEST(test_first_ack),
		TEST(test_refused_hello),
		TEST(test_bad_hello),
		TEST(test_refused_welcome),
		TEST(test_end_before_welcome),
		TEST(test_ack_delay),
		TEST(test_ack_of_half),
		TEST(test_ack_is_the_newest),
		TEST(test_acks_of_the_peer),
		TEST(test_window),
		TEST(test_keepalive),
		TEST(test_silence_while_blocked),
		TEST(test_due_while_blocked),
		TEST(test_goodbye_out),
		TEST(test_goodbye_behind_the_rest),
		TEST(test_goodbye_in),
		TEST(test_broken),
		TEST(test_mistakes),
		TEST(test_all_at_once),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
