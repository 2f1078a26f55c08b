/*
 * Hostile peers that are in a session, and break its rules or its connection.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostile.h"
#include "peer.h"

enum {
	ONE_KB = 900,
	JAM = 14,			/* answers of the largest size; the server can hold them */
	JAMMED_KB = ONE_KB + HELD_BYTES / 1024 + 256
};

/* ---- acks, the window ---- */

static void ack_falls(void)
{
	struct peer *p = peer_up();

	must_live(p);
	peer_send_ack(p, 2);
	must_live(p);
	peer_send_ack(p, 1);
	must_part(p, LWL_EMALFORMED, "ack");
}

static void ack_exceeds(void)
{
	struct peer *p = peer_up(), *q = peer_up();

	peer_send_ack(p, p->consumed + 1);
	must_part(p, LWL_EMALFORMED, "ack");
	peer_send_ack(q, UINT64_MAX);
	must_part(q, LWL_EMALFORMED, "ack");
}

static void ack_malformed(void)
{
	struct peer *p = peer_up();
	struct message m;

	message_begin(&m, 0, 0, LINK_CONTROL_ACK);
	message_u32(&m, 1, 0);
	peer_send(p, &m);
	must_live(p);
}

/* So many answers that the line to the peer is full, as long as it does not read.  How many. */
static uint32_t jam(struct peer *p)
{
	uint64_t until = milliseconds() + patience();
	uint32_t i, count = 0;

	p->rude = true;
	while (atomic_load(&shared->calls_in) < JAM / 4 && !is_wrong()) {
		for (i = 0; i < JAM; i++)
			peer_ask(p, HOSTILE_ROOT_BULK, HOSTILE_DATA_MAX);
		count += JAM;
		rest(20);
		if (milliseconds() > until)
			wrong("the line is never full");
	}
	return count;
}

/*
 * As long as the server can answer with acks it cannot be overrun, as it reads no more than the
 * window at a time.  So the line is jammed first; with TCP too many buffers are in it for that.
 */
static void window_overrun(void)
{
	struct peer *p = peer_up();
	struct message m;
	uint32_t i;

	if (strncmp(shared->address, "tcp:", 4) == 0)
		return;
	jam(p);
	message_begin(&m, p->root, 0, HOSTILE_ROOT_NOTE);
	message_u32(&m, 1, 1);
	for (i = 0; i < 4 * WINDOW / 24; i++)
		peer_send(p, &m);
	must_part(p, LWL_EMALFORMED, "window");
}

/* ---- control commands ---- */

static void welcome_again(void)
{
	struct peer *p = peer_up();
	struct message m;

	message_begin(&m, 0, 0, LINK_CONTROL_WELCOME);
	peer_send(p, &m);
	must_part(p, LWL_EMALFORMED, "a second hello or welcome");
}

static void unknown_unsequenced(void)
{
	struct peer *p = peer_up();
	struct message m;
	uint16_t command;

	for (command = LINK_CONTROL_GOODBYE + 1; command < LINK_CONTROL_OPEN; command++) {
		message_begin(&m, 0, command % 2, command);
		message_link(&m, 7, HOST_BIT | 77);
		peer_send(p, &m);
	}
	must_live(p);
}

static void unknown_sequenced(void)
{
	struct peer *p = peer_up();
	struct message m;
	uint16_t command;

	for (command = LINK_CONTROL_GONE + 1; command < 0x100 && !is_wrong(); command++) {
		message_begin(&m, 0, 0, command);
		peer_send(p, &m);
		message_begin(&m, 0, ++p->msgid, command);
		peer_send(p, &m);
		must_answer(p, p->msgid, LWL_EUNKNOWN);
	}
	for (command = LINK_CONTROL_RELEASE; command <= LINK_CONTROL_GONE; command++) {
		message_begin(&m, 0, ++p->msgid, command);
		peer_send(p, &m);
		must_answer(p, p->msgid, LWL_EMALFORMED);
	}
	must_live(p);
}

static void pong_unasked(void)
{
	struct peer *p = peer_up();
	struct message m;
	uint32_t i;

	message_begin(&m, 0, 0, LINK_CONTROL_PONG);
	message_u64(&m, 1, UINT64_MAX);
	for (i = 0; i < 1000; i++)
		peer_send(p, &m);
	must_live(p);
}

/* The newest is answered, and what could not be is not kept. */
static void ping_flood(void)
{
	struct peer *p = peer_up();
	struct message m;
	uint32_t i, jammed = jam(p);

	for (i = 1; i <= 50000; i++) {
		message_begin(&m, 0, 0, LINK_CONTROL_PING);
		message_u64(&m, 1, i);
		peer_send(p, &m);
	}
	p->rude = false;
	EVENTUALLY((peer_drain(p), p->answers == jammed + 1));
	must_live(p);
	EVENTUALLY((peer_drain(p), p->nonce == 50000));
	MUST(p->pongs < 50000);
}

static void cancel(struct peer *p, uint32_t msgid)
{
	struct message m;

	message_begin(&m, 0, 0, LINK_CONTROL_CANCEL);
	message_u32(&m, 1, msgid);
	peer_send(p, &m);
}

static void cancel_flood(void)
{
	struct peer *p = peer_up();
	uint32_t i, msgid = peer_ask(p, HOSTILE_ROOT_LATER, 0);

	cancel(p, 0);
	cancel(p, p->msgid);
	cancel(p, UINT32_MAX);
	must_answer(p, msgid, LWL_ECANCELLED);
	for (i = 0; i < 100000; i++) {
		cancel(p, i % 3 == 0 ? msgid : (uint32_t)random_bits());
		if (i % 1000 == 0)
			peer_pace(p, 24);
	}
	must_live(p);
	MUST(p->answers == 3);
}

static void goodbye_with(uint32_t code, const char *text, uint32_t size, uint64_t received,
			 bool counts)
{
	struct peer *p = peer_up();
	struct message m;

	peer_ask(p, HOSTILE_ROOT_LATER, 0);
	message_begin(&m, 0, 0, LINK_CONTROL_GOODBYE);
	message_u32(&m, 1, code);
	message_item(&m, 2, 4, text, size);
	message_u64(&m, 3, received);
	peer_send(p, &m);
	if (counts)
		must_close(p);
	else
		must_live(p);
}

static void goodbyes(void)
{
	char text[256];

	memset(text, 'x', sizeof text);
	goodbye_with(0, "", 0, 0, true);
	goodbye_with(UINT32_MAX, text, 255, UINT64_MAX, true);
	goodbye_with(INT32_MAX, "%s%n\n", 5, 1, true);
	/* What is no goodbye is overlooked, as any one-way that does not match its schema. */
	goodbye_with(0, text, 256, 0, false);
	memset(text, 0xff, sizeof text);
	goodbye_with(0, text, 255, 0, false);
}

static void commands_behind_goodbye(void)
{
	static struct message m, note;
	struct peer *p = peer_up();
	uint64_t notes = atomic_load(&shared->notes);
	uint32_t i;

	message_begin(&m, 0, 0, LINK_CONTROL_GOODBYE);
	message_u32(&m, 1, 0);
	message_item(&m, 2, 4, "", 0);
	message_u64(&m, 3, 0);
	message_begin(&note, p->root, 0, HOSTILE_ROOT_NOTE);
	message_u32(&note, 1, 1);
	peer_send(p, &m);
	for (i = 0; i < 1000 && peer_send(p, &note); i++)
		;
	must_close(p);
	rest(20);
	MUST(atomic_load(&shared->notes) == notes);
}

/* It does not take the goodbye for an answer. */
static void talks_on(void)
{
	static uint8_t pads[65536];
	uint64_t until = milliseconds() + patience();
	struct peer *p = peer_up();

	peer_send_ack(p, UINT64_MAX);
	lwl_store16(pads + 14, 65528);
	while (peer_send_bytes(p, pads, 65528) && !is_wrong()) {
		rest(1);
		MUST(milliseconds() < until);
	}
	EVENTUALLY(all_closed());
}

/* ---- PAD ---- */

static void pads_of_every_size(void)
{
	static uint8_t pad[65536];
	struct peer *p = peer_up();
	uint32_t size;

	/* Nobody looks into it, not even at what pads it. */
	memset(pad, 0xff, sizeof pad);
	memset(pad, 0, 8);
	lwl_store16(pad + 12, LINK_CONTROL_PAD);
	for (size = 16; size < 65536 && !is_wrong(); size += size < 3000 ? 1 : 997) {
		lwl_store16(pad + 14, (uint16_t)size);
		peer_send_bytes(p, pad, lwl_padded(size));
	}
	lwl_store16(pad + 14, 65535);
	peer_send_bytes(p, pad, 65536);
	must_live(p);
}

static void pad_flood(void)
{
	static uint8_t pads[1 << 16];
	struct peer *p = peer_up();
	uint32_t i;

	for (i = 0; i < sizeof pads; i += 16)
		lwl_store16(pads + i + 14, 16);
	for (i = 0; i < 512; i++)
		peer_send_bytes(p, pads, sizeof pads);
	must_live(p);
}

/* ---- the connection ---- */

static void half_closes(void)
{
	struct peer *p = peer_up();

	peer_ask(p, HOSTILE_ROOT_LATER, 0);
	shutdown(p->fd, SHUT_WR);
	must_close(p);
}

static void closes_in_a_message(void)
{
	uint32_t cut;

	for (cut = 1; cut < 64; cut += 3) {
		struct peer *p = peer_up();
		struct message m;

		message_begin(&m, p->root, 100, HOSTILE_ROOT_ECHO);
		message_item(&m, 1, 4, NULL, 44);
		message_seal(&m);
		peer_send_bytes(p, m.words, cut);
		if (cut % 2 == 0) {
			shutdown(p->fd, SHUT_WR);
			must_close(p);
		}
		peer_close(p);
	}
}

/* With answers on their way that nobody will take. */
static void resets(void)
{
	const struct linger none = { 1, 0 };
	struct peer *p = peer_up();

	jam(p);
	rest(20);
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	peer_close(p);
}

static void silent(void)
{
	struct peer *p = peer_up();

	p->rude = true;
	must_close(p);
	MUST(p->pings == 1);
}

/* ---- garbage ---- */

static void fill(uint8_t *to, size_t n)
{
	while (n-- > 0)
		*to++ = (uint8_t)random_bits();
}

/* Whatever comes of it, it comes to an end. */
static void take_what_comes(struct peer *p)
{
	uint32_t i;

	shutdown(p->fd, SHUT_WR);
	for (i = 0; i < 10000 && peer_hear(p, patience()) != CLOSED && !is_wrong(); i++)
		;
	MUST(p->closed);
	if (!is_wrong())
		peer_close(p);
}

static void garbage_at_once(void)
{
	static uint8_t bytes[3000];
	uint32_t i;

	for (i = 0; i < 200 && !is_wrong(); i++) {
		struct peer *p = peer_dial();

		fill(bytes, sizeof bytes);
		peer_send_bytes(p, bytes, random_below(sizeof bytes));
		take_what_comes(p);
	}
}

static void garbage_in_session(void)
{
	static uint8_t bytes[3000];
	uint32_t i;

	for (i = 0; i < 200 && !is_wrong(); i++) {
		struct peer *p = peer_up();

		fill(bytes, sizeof bytes);
		peer_send_bytes(p, bytes, random_below(sizeof bytes));
		take_what_comes(p);
	}
}

/* A message such as the server expects them, more or less. */
static void put_any(struct peer *p, struct message *m)
{
	static const uint16_t controls[] = {
		LINK_CONTROL_ACK, LINK_CONTROL_PING, LINK_CONTROL_PONG, LINK_CONTROL_GOODBYE,
		LINK_CONTROL_OPEN, LINK_CONTROL_RELEASE, LINK_CONTROL_CANCEL, LINK_CONTROL_GONE
	};
	bool control = random_below(4) == 0;
	uint16_t command = control ? controls[random_below(HOSTILE_COUNT(controls))]
				   : (uint16_t)(HOSTILE_ROOT_ECHO + random_below(11));
	uint32_t msgid = random_below(4) == 0 ? 0 : random_below(100) + 1, group, i;

	message_begin(m, control ? 0 : p->root, msgid, command);
	for (i = 1; i < 4; i++) {
		switch (random_below(6)) {
		case 0:
			message_u32(m, i, random_below(50));
			break;
		case 1:
			message_u64(m, i, random_below(50));
			break;
		case 2:
			message_link(m, i, (random_below(2) != 0 ? HOST_BIT : 0) |
				     (uint64_t)random_below(3) << 32 | random_below(4));
			break;
		case 3:
			message_item(m, i, 4, "root", 4);
			break;
		case 4:
			group = message_open(m, i | LWL_ITEM_GROUP);
			message_u32(m, 1, 4);
			message_close(m, group);
			break;
		default:
			break;
		}
	}
}

static void mutated_messages(void)
{
	static struct message m;
	uint32_t i, k, len;

	for (i = 0; i < 600 && !is_wrong(); i++) {
		struct peer *p = peer_up();

		for (k = 0; k < 20; k++) {
			put_any(p, &m);
			len = message_seal(&m);
			if (random_below(8) == 0)
				message_bytes(&m)[random_below(len)] ^=
					(uint8_t)(1u << random_below(8));
			if (!peer_send_bytes(p, m.words, len))
				break;
		}
		take_what_comes(p);
	}
}

const struct hostile sessions[] = {
	HOSTILE(ack_falls, ONE_KB, "get a goodbye"),
	HOSTILE(ack_exceeds, 2 * ONE_KB, "get a goodbye"),
	HOSTILE(ack_malformed, ONE_KB, "be overlooked"),
	HOSTILE(window_overrun, JAMMED_KB, "get a goodbye when it reads at last"),
	HOSTILE(welcome_again, ONE_KB, "get a goodbye"),
	HOSTILE(unknown_unsequenced, ONE_KB, "be overlooked"),
	HOSTILE(unknown_sequenced, ONE_KB, "get 4096, and 4098 for what is one-way"),
	HOSTILE(pong_unasked, ONE_KB, "be overlooked"),
	HOSTILE(ping_flood, JAMMED_KB, "get few pongs, the last for the last ping"),
	HOSTILE(cancel_flood, ONE_KB, "be overlooked but for the one that names a command"),
	HOSTILE(goodbyes, 5 * ONE_KB, "be closed without a word if it is one, else be overlooked"),
	HOSTILE(commands_behind_goodbye, ONE_KB, "be closed, and nothing is run"),
	HOSTILE(talks_on, ONE_KB, "be cut off"),
	HOSTILE(pads_of_every_size, ONE_KB, "be overlooked"),
	HOSTILE(pad_flood, ONE_KB, "be overlooked"),
	HOSTILE(half_closes, ONE_KB, "be closed on the other half, too"),
	HOSTILE(closes_in_a_message, 4 * ONE_KB, "be closed"),
	HOSTILE(resets, JAMMED_KB, "be forgotten"),
	HOSTILE(silent, ONE_KB, "be pinged once, then be closed"),
	HOSTILE(garbage_at_once, 4 * ONE_KB, "be closed"),
	HOSTILE(garbage_in_session, 4 * ONE_KB, "get an end of some sort"),
	HOSTILE(mutated_messages, 4 * ONE_KB, "get an end of some sort"),
};
const uint32_t sessions_count = HOSTILE_COUNT(sessions);
