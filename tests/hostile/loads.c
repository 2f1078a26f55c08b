/*
 * Hostile peers that are many, or slow, or take nothing in.
 */
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostile.h"
#include "peer.h"

enum { ONE_KB = 900, HELD_KB = HELD_BYTES / 1024 + 256 };

/* As many huge answers as it may ask for, none of them taken. */
static void ask_for_much(struct peer *p)
{
	uint32_t i;

	p->rude = true;
	for (i = 0; i < CALLS; i++)
		peer_ask(p, HOSTILE_ROOT_BULK, HOSTILE_DATA_MAX);
}

/* It keeps talking, so it counts as alive; what it costs is bounded. */
static void never_reads(void)
{
	struct peer *p = peer_up();
	uint32_t i;
	uint8_t pad[16] = { 0 };

	ask_for_much(p);
	lwl_store16(pad + 14, 16);
	for (i = 0; i < 25; i++) {
		peer_send_bytes(p, pad, sizeof pad);
		rest(100);
		if (i == 5)
			must_be_calm();
	}
	/* In the end it reads: everything is there, or was refused for want of memory. */
	p->rude = false;
	while (p->answers < CALLS + 1 && peer_hear(p, patience()) == ANSWER)
		MUST(peer_error(p) == 0 || p->code == LWL_ECALLS);
	MUST(p->answers == CALLS + 1);
	must_live(p);
}

static void never_reads_and_falls_silent(void)
{
	struct peer *p = peer_up();

	ask_for_much(p);
	rest(100);
	must_be_calm();
	EVENTUALLY(all_closed());
}

/* The goodbye cannot get out. */
static void never_reads_and_errs(void)
{
	static const uint8_t no_length[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 8, 0 };
	struct peer *p = peer_up();

	ask_for_much(p);
	peer_send_bytes(p, no_length, sizeof no_length);
	EVENTUALLY(all_closed());
}

/*
 * Answers that are made later, when there is no telling any more that there is no room for them:
 * what bounds them is how many calls there may be.
 */
static void never_reads_what_comes_later(void)
{
	struct peer *p = peer_up();
	uint32_t i;

	p->rude = true;
	for (i = 0; i < CALLS - 1; i++)
		peer_ask(p, HOSTILE_ROOT_LATER, HOSTILE_DATA_MAX);
	peer_ask(p, HOSTILE_ROOT_ANSWER, 0);
	rest(100);
	p->rude = false;
	while (p->answers < CALLS + 1 && peer_hear(p, patience()) == ANSWER)
		;
	MUST(p->answers == CALLS + 1);
	must_live(p);
}

/* Twenty of the sort. */
static void many_never_read(void)
{
	uint32_t i;

	for (i = 0; i < 20 && !is_wrong(); i++)
		ask_for_much(peer_up());
	rest(100);
	must_be_calm();
}

static void reads_byte_by_byte(void)
{
	struct peer *p = peer_up();
	uint32_t i, msgid = peer_ask(p, HOSTILE_ROOT_BULK, HOSTILE_DATA_MAX);
	uint8_t *to = (uint8_t *)p->room;

	peer_ask(p, HOSTILE_ROOT_BULK, HOSTILE_DATA_MAX);
	for (i = 0; i < 60000 && recv(p->fd, to + p->end, 1, 0) == 1; i++)
		p->end++;
	MUST(i == 60000);
	must_answer(p, msgid, 0);
	must_answer(p, p->msgid, 0);
	must_live(p);
}

/* A message of the largest size, a byte at a time. */
static void writes_byte_by_byte(void)
{
	static struct message m;
	struct peer *p = peer_up();
	uint32_t i, len;

	message_begin(&m, p->root, 100, HOSTILE_ROOT_ECHO);
	message_item(&m, 1, 4, NULL, HOSTILE_DATA_MAX);
	len = message_seal(&m);
	for (i = 0; i < len && peer_send_bytes(p, message_bytes(&m) + i, 1); i++)
		;
	must_answer(p, 100, 0);
	must_live(p);
}

static void note_flood(void)
{
	static struct message notes;
	struct peer *p = peer_up();
	struct message m;
	uint32_t i, k, len;

	message_begin(&m, p->root, 0, HOSTILE_ROOT_NOTE);
	message_u32(&m, 1, 1);
	len = message_seal(&m);
	for (k = 0; k < 65536 / len; k++)
		memcpy(message_bytes(&notes) + k * len, m.words, len);
	for (i = 0; i < 400; i++) {
		peer_send_bytes(p, notes.words, k * len);
		p->sent += k;
		peer_pace(p, len);
	}
	must_live(p);
}

/* ---- very many connections ---- */

static int connect_plainly(void)
{
	struct peer *p = peer_dial();
	int fd = p->fd;

	p->fd = -1;
	peer_close(p);
	return fd;
}

static void thousand_silent(void)
{
	static int fds[1000];
	uint32_t i;
	char byte;

	for (i = 0; i < 1000 && !is_wrong(); i++)
		fds[i] = connect_plainly();
	must_be_calm();
	while (i-- > 0) {
		if (!is_wrong())
			MUST(recv(fds[i], &byte, 1, 0) == 0);
		close(fds[i]);
	}
}

/* More than the server takes: the others wait outside, and whoever is inside is served. */
static void more_than_it_takes(void)
{
	static int fds[LINKS + 300];
	uint32_t i;

	for (i = 0; i < LINKS + 300 && !is_wrong(); i++)
		fds[i] = connect_plainly();
	must_be_calm();
	/* When the first have had their time, there is room again. */
	must_live(peer_up());
	while (i-- > 0)
		close(fds[i]);
}

static void ten_thousand_come_and_go(void)
{
	uint32_t i;

	for (i = 0; i < 10000 && !is_wrong(); i++)
		close(connect_plainly());
}

static void thousand_handshakes(void)
{
	struct link_control_hello_msg hello = peer_hello();
	uint32_t i;

	for (i = 0; i < 1000 && !is_wrong(); i++) {
		struct peer *p = i % 2 == 0 ? peer_dial_with(&hello) : peer_up();

		peer_close(p);
	}
}

static void fifty_links(void)
{
	struct peer *p[50];
	uint32_t i;

	for (i = 0; i < 50 && !is_wrong(); i++)
		p[i] = peer_up();
	for (i = 0; i < 50 && !is_wrong(); i++)
		must_live(p[i]);
	must_be_calm();
}

const struct hostile loads[] = {
	HOSTILE(never_reads, ONE_KB + HELD_KB, "cost no more than the ring and the held bytes"),
	HOSTILE(never_reads_and_falls_silent, ONE_KB + HELD_KB, "be closed after the keep-alive"),
	HOSTILE(never_reads_and_errs, ONE_KB + HELD_KB, "be closed, without the goodbye"),
	HOSTILE(never_reads_what_comes_later, ONE_KB + CALLS * 64,
		"cost no more than the largest answer to each call"),
	HOSTILE(many_never_read, 20 * (ONE_KB + HELD_KB), "cost no more than each of them may"),
	HOSTILE(reads_byte_by_byte, ONE_KB, "be answered"),
	HOSTILE(writes_byte_by_byte, ONE_KB, "be answered"),
	HOSTILE(note_flood, ONE_KB, "be taken in; others are served beside it"),
	HOSTILE(thousand_silent, 12000, "be closed when the time for the handshake is over"),
	HOSTILE(more_than_it_takes, 14000, "wait outside"),
	HOSTILE(ten_thousand_come_and_go, 14000, "be forgotten"),
	HOSTILE(thousand_handshakes, 4 * ONE_KB, "be forgotten"),
	HOSTILE(fifty_links, 50 * ONE_KB, "be served, all of them"),
};
const uint32_t loads_count = HOSTILE_COUNT(loads);
