/*
 * Hostile peers that do not introduce themselves as they should.
 */
#include "hostile.h"
#include "peer.h"

enum { ONE_KB = 900 };

/* ---- hello ---- */

static void says_nothing(void)
{
	must_close(peer_dial());
}

static void hello_wrong_version(void)
{
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p = peer_dial();

	hello.version = 2;
	peer_send_hello(p, &hello);
	must_refuse(p, "version");
}

static void hello_requires_features(void)
{
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p = peer_dial();

	hello.required = UINT64_C(1) << 63;
	peer_send_hello(p, &hello);
	must_refuse(p, "features");
}

static void hello_window_0(void)
{
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p = peer_dial(), *q = peer_dial();

	hello.limits.window = 0;
	peer_send_hello(p, &hello);
	must_refuse(p, "window");
	hello.limits.window = LINK_WINDOW_MIN - 1;
	peer_send_hello(q, &hello);
	must_refuse(q, "window");
}

/* The numbers are as large as they go; what they cost is for the server to decide. */
static void hello_announces_everything(void)
{
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p;

	hello.limits.window = UINT64_MAX;
	hello.limits.calls = hello.limits.endpoints = UINT32_MAX;
	hello.limits.keepalive_ms = hello.limits.retain_ms = UINT32_MAX;
	hello.features = hello.epoch = hello.received = hello.retained = UINT64_MAX;
	hello.has_retained = true;
	hello.role = 255;
	p = peer_up_with(&hello);
	must_live(p);
}

static void hello_announces_nothing(void)
{
	struct link_control_hello_msg hello = peer_hello();
	struct message m;
	struct peer *p;

	hello.limits.calls = hello.limits.endpoints = hello.limits.keepalive_ms = 0;
	p = peer_dial_with(&hello);
	peer_send_ack(p, 0);
	message_begin(&m, 0, 1, LINK_CONTROL_OPEN);
	message_item(&m, 1, 4, "root", 4);
	message_item(&m, 2, 4, "test.hostile.Root", 17);
	message_u32(&m, 3, 1);
	peer_send(p, &m);
	must_answer(p, 1, LWL_EMFILE);
}

static void hello_resumes_what_never_was(void)
{
	static const uint8_t session[16] = "no such session";
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p;

	hello.has_session = true;
	hello.session = lwl_seq_of(session, 16);
	p = peer_dial_with(&hello);
	MUST(p->welcome.result == LINK_RESULT_NEW);
	peer_send_ack(p, 0);
	peer_open(p);
	must_live(p);
}

static void put_hello(struct message *m)
{
	uint32_t limits;

	message_begin(m, 0, 0, LINK_CONTROL_HELLO);
	message_u32(m, 1, 1);
	message_u64(m, 2, 0);
	message_u64(m, 3, 0);
	message_item(m, 5, 4, "a hostile peer.", 16);
	message_u64(m, 7, 1);
	limits = message_open(m, 10 | LWL_ITEM_GROUP);
	message_u64(m, 1, 1 << 20);
	message_u32(m, 2, 1000);
	message_u32(m, 3, 1000);
	message_u32(m, 4, 60000);
	message_u32(m, 5, 0);
	message_close(m, limits);
	message_item(m, 11, 4, "", 1);
}

static void hello_too_long(void)
{
	static struct message m;
	struct peer *p = peer_dial(), *q = peer_dial();

	put_hello(&m);
	message_item(&m, 100, 4, NULL, 4096 - 4 - lwl_padded(m.end));
	peer_send(p, &m);
	MUST(peer_hear(p, patience()) == WELCOME);
	put_hello(&m);
	message_item(&m, 100, 4, NULL, 5000);
	peer_send(q, &m);
	must_close(q);
}

static void hello_malformed(void)
{
	static struct message m;
	struct peer *p = peer_dial(), *q = peer_dial(), *r = peer_dial(), *s = peer_dial();

	message_begin(&m, 0, 0, LINK_CONTROL_HELLO);
	message_u32(&m, 1, 1);
	peer_send(p, &m);
	put_hello(&m);
	message_item(&m, 100 | LWL_ITEM_GROUP, 4, "", 0);
	peer_send(q, &m);
	put_hello(&m);
	lwl_store32(message_bytes(&m) + 8, 1);		/* a msgid */
	peer_send(r, &m);
	put_hello(&m);
	message_link(&m, 100, 17);
	peer_send(s, &m);
	must_close(p);
	must_close(q);
	must_close(r);
	/* Linkids mean nothing yet, and are in an item that nobody knows. */
	MUST(peer_hear(s, patience()) == WELCOME);
}

static void hello_twice(void)
{
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p = peer_dial_with(&hello), *q = peer_up();

	peer_send_hello(p, &hello);
	must_part(p, LWL_EMALFORMED, "instead of the first ack");
	peer_send_hello(q, &hello);
	must_part(q, LWL_EMALFORMED, "a second hello");
}

/* Each byte shows that somebody is there, and it still takes too long. */
static void hello_byte_by_byte(void)
{
	static struct message m;
	uint64_t until = milliseconds() + patience();
	struct peer *p = peer_dial();
	uint32_t i;

	put_hello(&m);
	message_item(&m, 100, 4, NULL, 4096 - 4 - lwl_padded(m.end));
	message_seal(&m);
	for (i = 0; i < 4096 && peer_send_bytes(p, message_bytes(&m) + i, 1); i++) {
		rest(5);
		MUST(milliseconds() < until);
	}
	MUST(i >= 40 && i < 4096);
	must_close(p);
}

static void hello_never_finished(void)
{
	static struct message m;
	struct peer *p = peer_dial();

	put_hello(&m);
	peer_send_bytes(p, m.words, message_seal(&m) - 1);
	must_close(p);
}

/* The header promises 65,535 bytes, and nearly all of them come. */
static void hello_never_finished_and_large(void)
{
	static uint8_t message[65536];
	struct peer *p = peer_dial();

	message[12] = LINK_CONTROL_HELLO;
	lwl_store16(message + 14, 65535);
	peer_send_bytes(p, message, sizeof message - 8);
	must_close(p);
}

/* ---- something else instead ---- */

static void instead(uint64_t linkid, uint32_t msgid, uint16_t command)
{
	struct message m;
	struct peer *p = peer_dial();

	message_begin(&m, linkid, msgid, command);
	peer_send(p, &m);
	must_close(p);
}

static void welcome_instead(void)
{
	uint64_t buf[128];
	static const uint8_t bytes[16] = { 1 };
	struct link_control_welcome_msg welcome = {
		.result = LINK_RESULT_NEW, .version = 1, .incarnation = lwl_seq_of(bytes, 16),
		.has_session = true, .session = lwl_seq_of(bytes, 16), .epoch = 1,
		.limits = { .window = 1 << 20 }
	};
	struct lwl_writer w;
	struct peer *p = peer_dial();

	lwl_writer_init(&w, buf, sizeof buf, 0, 0);
	MUST(link_control_welcome_msg_encode(&w, &welcome) == 0);
	peer_send_bytes(p, buf, lwl_writer_size(&w));
	must_close(p);
}

static void anything_instead(void)
{
	instead(0, 0, LINK_CONTROL_ACK);
	instead(0, 0, LINK_CONTROL_PING);
	instead(0, 0, LINK_CONTROL_GOODBYE);
	instead(0, 0, 0x3f);
	instead(0, 1, LINK_CONTROL_OPEN);
	instead(0, 0, LINK_CONTROL_RELEASE);
	instead(HOST_BIT | UINT64_C(1) << 32, 1, HOSTILE_ROOT_ECHO);
	instead(HOST_BIT | UINT64_C(1) << 32, 1, HOSTILE_ROOT_ECHO | LWL_RESPONSE);
	instead(0, 1, LWL_RESPONSE);
	instead(UINT64_MAX, UINT32_MAX, UINT16_MAX);
}

/* They are skipped wherever they stand, but keep nobody waiting. */
static void pads_instead(void)
{
	static uint8_t pads[65536];
	uint64_t until = milliseconds() + patience();
	struct peer *p = peer_dial();
	uint32_t i;

	for (i = 0; i < sizeof pads; i += 16)
		lwl_store16(pads + i + 14, 16);
	while (peer_send_bytes(p, pads, sizeof pads) && !is_wrong()) {
		rest(5);
		MUST(milliseconds() < until);
	}
	must_close(p);
}

/* ---- behind the welcome ---- */

static void never_acks(void)
{
	struct link_control_hello_msg hello = peer_hello();

	must_close(peer_dial_with(&hello));
}

static void something_before_the_ack(void)
{
	static const uint16_t commands[] = {
		LINK_CONTROL_PING, LINK_CONTROL_WELCOME, 0x20, LINK_CONTROL_OPEN,
		LINK_CONTROL_CANCEL, HOSTILE_ROOT_ECHO, HOSTILE_ROOT_ECHO | LWL_RESPONSE
	};
	struct link_control_hello_msg hello = peer_hello();
	uint32_t i;

	for (i = 0; i < HOSTILE_COUNT(commands) && !is_wrong(); i++) {
		struct peer *p = peer_dial_with(&hello);
		struct message m;

		message_begin(&m, 0, commands[i] == LINK_CONTROL_OPEN, commands[i]);
		peer_send(p, &m);
		must_part(p, LWL_EMALFORMED, "instead of the first ack");
	}
}

static void first_ack_exceeds(void)
{
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p = peer_dial_with(&hello);

	peer_send_ack(p, 1);
	must_part(p, LWL_EMALFORMED, "ack");
}

const struct hostile handshakes[] = {
	HOSTILE(says_nothing, ONE_KB, "be cut off when the time for the handshake is over"),
	HOSTILE(hello_wrong_version, ONE_KB, "be refused with a text"),
	HOSTILE(hello_requires_features, ONE_KB, "be refused with a text"),
	HOSTILE(hello_window_0, ONE_KB, "be refused with a text"),
	HOSTILE(hello_announces_everything, ONE_KB, "be served, and cost no more than others"),
	HOSTILE(hello_announces_nothing, ONE_KB, "get EMFILE for what needs an end point"),
	HOSTILE(hello_resumes_what_never_was, ONE_KB, "get a new session"),
	HOSTILE(hello_too_long, ONE_KB, "be cut off from 4,097 bytes on"),
	HOSTILE(hello_malformed, ONE_KB, "be cut off"),
	HOSTILE(hello_twice, 2 * ONE_KB, "get a goodbye"),
	HOSTILE(hello_byte_by_byte, ONE_KB, "be cut off when the time for the handshake is over"),
	HOSTILE(hello_never_finished, ONE_KB, "be cut off when the time for the handshake is over"),
	HOSTILE(hello_never_finished_and_large, ONE_KB, "be cut off when the time is over"),
	HOSTILE(welcome_instead, ONE_KB, "be cut off"),
	HOSTILE(anything_instead, ONE_KB, "be cut off"),
	HOSTILE(pads_instead, ONE_KB, "be cut off when the time for the handshake is over"),
	HOSTILE(never_acks, ONE_KB, "be cut off when the time for the handshake is over"),
	HOSTILE(something_before_the_ack, 7 * ONE_KB, "get a goodbye"),
	HOSTILE(first_ack_exceeds, ONE_KB, "get a goodbye"),
};
const uint32_t handshakes_count = HOSTILE_COUNT(handshakes);
