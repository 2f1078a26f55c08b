/*
 * Hostile peers that do not count, or name what they must not.
 */
#include <stdlib.h>

#include "hostile.h"
#include "peer.h"

enum { ONE_KB = 900, MANY = 100000, MANY_IN_MESSAGE = 8000 };

static uint64_t mine(uint32_t generation, uint32_t index)
{
	return (uint64_t)generation << 32 | index;
}

static uint32_t touch(struct peer *p, uint64_t linkid)
{
	struct message m;

	message_begin(&m, linkid, ++p->msgid, HOSTILE_OBJECT_TOUCH);
	message_u32(&m, 1, 1);
	peer_send(p, &m);
	return p->msgid;
}

/* ---- whom a command is for ---- */

static void nobodys_end_point(void)
{
	struct peer *p = peer_up();
	uint64_t object;

	MUST(peer_make(p, 1, &object) == 1);
	must_answer(p, touch(p, object), 0);
	must_answer(p, touch(p, object + 1), LWL_ENOENDPOINT);
	must_answer(p, touch(p, object | UINT32_MAX), LWL_ENOENDPOINT);
	must_answer(p, touch(p, UINT64_MAX), LWL_ENOENDPOINT);
	/* Generation 0, and one that is still to come. */
	must_answer(p, touch(p, HOST_BIT | (uint32_t)object), LWL_ENOENDPOINT);
	must_answer(p, touch(p, object + (UINT64_C(1) << 32)), LWL_ENOENDPOINT);
	must_live(p);
}

static void stale_generation(void)
{
	struct peer *p = peer_up();
	uint64_t object, other;

	MUST(peer_make(p, 1, &object) == 1);
	peer_release(p, object, 1);
	must_answer(p, touch(p, object), LWL_ENOENDPOINT);
	MUST(peer_make(p, 1, &other) == 1);
	MUST((uint32_t)object == (uint32_t)other && object != other);
	must_answer(p, touch(p, object), LWL_ENOENDPOINT);
	must_answer(p, touch(p, other), 0);
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_REVOKE, object), LWL_ENOENDPOINT);
	must_live(p);
}

static void own_end_point(void)
{
	struct peer *p = peer_up(), *q = peer_up();

	touch(p, mine(1, 5));
	must_part(p, LWL_EMALFORMED, "of its sender");
	touch(q, 1);
	must_part(q, LWL_EMALFORMED, "of its sender");
}

static void revoked_end_point(void)
{
	struct peer *p = peer_up();
	uint64_t object;

	MUST(peer_make(p, 1, &object) == 1);
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_REVOKE, object), 0);
	must_answer(p, touch(p, object), LWL_EGONE);
	EVENTUALLY((peer_drain(p), p->gone == 1));
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_REVOKE, object), 0);
	peer_release(p, object, 1);
	must_answer(p, touch(p, object), LWL_ENOENDPOINT);
	must_live(p);
}

/* The last reference goes while a command runs: the command is answered all the same. */
static void released_while_running(void)
{
	struct message m;
	struct peer *p = peer_up();
	uint32_t msgid = peer_ask(p, HOSTILE_ROOT_LATER, 0);

	peer_release(p, p->root, 1);
	must_answer(p, peer_echo(p, 1), LWL_ENOENDPOINT);
	message_begin(&m, 0, 0, LINK_CONTROL_CANCEL);
	message_u32(&m, 1, msgid);
	peer_send(p, &m);
	must_answer(p, msgid, LWL_ECANCELLED);
	peer_open(p);
	must_live(p);
}

/* ---- releases, deaths ---- */

static void release_wrong(uint64_t (*which)(struct peer *p), uint64_t n)
{
	struct peer *p = peer_up();

	peer_release(p, which(p), n);
	must_part(p, LWL_EMALFORMED, "a release of references that are not held");
}

static uint64_t the_root(struct peer *p)
{
	return p->root;
}

static uint64_t the_next(struct peer *p)
{
	return p->root + 1;
}

static uint64_t one_of_its_own(struct peer *p)
{
	(void)p;
	return mine(1, 5);
}

static uint64_t the_link(struct peer *p)
{
	(void)p;
	return 0;
}

static void release_0(void)
{
	release_wrong(the_root, 0);
}

static void release_too_many(void)
{
	release_wrong(the_root, 2);
	release_wrong(the_root, UINT64_MAX);
}

static void release_of_nothing(void)
{
	release_wrong(the_next, 1);
	release_wrong(the_link, 1);
}

static void release_of_its_own(void)
{
	release_wrong(one_of_its_own, 1);
}

/* The sum of the counts is what counts. */
static void release_twice(void)
{
	struct message m;
	uint8_t counts[32];
	struct peer *p = peer_up();

	peer_open(p);
	lwl_store64(counts, p->root);
	lwl_store64(counts + 8, 2);
	lwl_store64(counts + 16, p->root);
	lwl_store64(counts + 24, 1);
	message_begin(&m, 0, 0, LINK_CONTROL_RELEASE);
	message_item(&m, 1, 8, counts, sizeof counts);
	peer_send(p, &m);
	must_part(p, LWL_EMALFORMED, "a release of references that are not held");
}

static void release_malformed(void)
{
	static uint8_t counts[4001 * 16];
	static struct message m;
	struct peer *p = peer_up();

	message_begin(&m, 0, 0, LINK_CONTROL_RELEASE);
	peer_send(p, &m);
	message_item(&m, 1, 8, counts, 24);
	peer_send(p, &m);
	message_begin(&m, 0, 0, LINK_CONTROL_RELEASE);
	message_item(&m, 1, 8, counts, sizeof counts);
	peer_send(p, &m);
	must_live(p);
}

static void send_gone(struct peer *p, uint64_t linkid)
{
	struct message m;

	message_begin(&m, 0, 0, LINK_CONTROL_GONE);
	message_u64(&m, 1, linkid);
	peer_send(p, &m);
}

static void gone_of_what_it_does_not_host(void)
{
	struct peer *p = peer_up(), *q = peer_up(), *r = peer_up();

	send_gone(p, p->root);
	must_part(p, LWL_EMALFORMED, "the death of what its sender cannot host");
	send_gone(q, mine(1, ENDPOINTS));
	must_part(q, LWL_EMALFORMED, "the death of what its sender cannot host");
	send_gone(r, 0);
	must_part(r, LWL_EMALFORMED, "the death of what its sender cannot host");
}

static void gone_and_gone_again(void)
{
	struct peer *p = peer_up();
	uint32_t i;

	/* Nobody has ever heard of it. */
	send_gone(p, mine(7, 7));
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_KEEP, mine(1, 5)), 0);
	for (i = 0; i < 1000; i++)
		send_gone(p, mine(1, 5));
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_CALL, mine(1, 5)), LWL_EGONE);
	must_answer(p, peer_ask(p, HOSTILE_ROOT_DROP, 0), 0);
	EVENTUALLY((peer_drain(p), p->released == 2));
	must_live(p);
}

/* ---- linkids in messages ---- */

static void shown_wrong(uint64_t linkid)
{
	struct peer *p = peer_up();

	peer_ask_link(p, HOSTILE_ROOT_KEEP, linkid);
	must_part(p, LWL_EMALFORMED, "linkids that cannot be");
}

static void index_beyond_limit(void)
{
	struct peer *p = peer_up();

	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_KEEP, mine(1, ENDPOINTS - 1)), 0);
	must_live(p);
	shown_wrong(mine(1, ENDPOINTS));
	shown_wrong(mine(1, UINT32_MAX));
}

static void generation_0(void)
{
	shown_wrong(mine(0, 5));
	shown_wrong(1);
}

/* An index cannot be used again before the references to what had it are back. */
static void index_reused(void)
{
	struct peer *p = peer_up();

	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_KEEP, mine(1, 5)), 0);
	send_gone(p, mine(1, 5));
	peer_ask_link(p, HOSTILE_ROOT_KEEP, mine(2, 5));
	must_part(p, LWL_EMALFORMED, "linkids that cannot be");
}

static void shows_what_it_does_not_hold(void)
{
	struct peer *p = peer_up();
	struct message m;
	uint64_t objects[2];

	MUST(peer_make(p, 2, objects) == 2);
	peer_release(p, objects[1], 1);
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_KEEP, objects[0]), 0);
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_KEEP, objects[1]), LWL_ENOENDPOINT);
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_KEEP, HOST_BIT), LWL_ENOENDPOINT);
	/* One of its own beside it is given back. */
	message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_KEEP);
	message_link(&m, 1, mine(1, 5));
	message_link(&m, 100, objects[1]);
	peer_send(p, &m);
	must_answer(p, p->msgid, LWL_ENOENDPOINT);
	EVENTUALLY((peer_drain(p), p->released == 1));
	must_live(p);
}

/* In messages that no function of the program gets to see, or that have no field for them. */
static void linkids_that_nobody_wants(void)
{
	static struct message m;
	struct peer *p = peer_up();
	uint32_t msgid;

	message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_ECHO + 100);
	message_link(&m, 1, mine(1, 1));
	peer_send(p, &m);
	message_begin(&m, p->root, 0, HOSTILE_ROOT_ECHO + 100);
	message_link(&m, 1, mine(1, 2));
	peer_send(p, &m);
	message_begin(&m, p->root, 0, HOSTILE_ROOT_ECHO);
	message_item(&m, 1, 4, "", 0);
	message_link(&m, 100, mine(1, 3));
	peer_send(p, &m);
	message_begin(&m, p->root + 1, ++p->msgid, HOSTILE_ROOT_ECHO);
	message_link(&m, 1, mine(1, 4));
	peer_send(p, &m);
	message_begin(&m, 0, ++p->msgid, LINK_CONTROL_OPEN);
	message_link(&m, 1, mine(1, 5));
	peer_send(p, &m);
	message_begin(&m, 0, 0, 0x77);
	message_link(&m, 1, mine(1, 6));
	peer_send(p, &m);
	message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_LATER);
	message_link(&m, 100, mine(1, 7));
	peer_send(p, &m);
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_KEEP, mine(1, 9)), 0);
	EVENTUALLY((peer_drain(p), p->released == 7));
	/* An answer that comes too late, and one with a mistake. */
	peer_ask_link(p, HOSTILE_ROOT_CALL, mine(1, 9));
	msgid = must_be_called(p, mine(1, 9));
	must_answer(p, p->msgid, 0);
	message_begin(&m, mine(1, 9), msgid, HOSTILE_OBJECT_TOUCH | LWL_RESPONSE);
	message_u32(&m, 1, 1);
	message_link(&m, 2, mine(1, 10));
	peer_send(p, &m);
	peer_ask_link(p, HOSTILE_ROOT_CALL, mine(1, 9));
	msgid = must_be_called(p, mine(1, 9));
	message_begin(&m, mine(1, 9), msgid, HOSTILE_OBJECT_TOUCH | LWL_RESPONSE);
	message_u64(&m, 1, 1);
	message_link(&m, 2, mine(1, 11));
	peer_send(p, &m);
	must_answer(p, p->msgid, 0);
	EVENTUALLY((peer_drain(p), p->released == 9));
	must_answer(p, peer_ask(p, HOSTILE_ROOT_DROP, 0), 0);
	/* The one that was kept came three times. */
	EVENTUALLY((peer_drain(p), p->released == 12));
	must_live(p);
}

static void same_linkid_again_and_again(void)
{
	static struct message m;
	uint64_t ids[500];
	struct peer *p = peer_up();
	uint32_t i;

	for (i = 0; i < 500; i++)
		ids[i] = mine(1, 5);
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_KEEP, mine(1, 5)), 0);
	for (i = 0; i < 200 && !is_wrong(); i++) {
		message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_ECHO);
		message_item(&m, 1, 4, "", 0);
		message_item(&m, 100 | LWL_ITEM_LINKS, 8, ids, sizeof ids);
		peer_send(p, &m);
		must_answer(p, p->msgid, 0);
	}
	must_answer(p, peer_ask(p, HOSTILE_ROOT_DROP, 0), 0);
	EVENTUALLY((peer_drain(p), p->released == 200 * 500 + 1));
	must_live(p);
}

/* 8,000 in each of many of the largest messages, in an item that nobody knows. */
static void linkids_by_the_thousand(void)
{
	static uint64_t ids[MANY_IN_MESSAGE];
	static struct message m;
	struct peer *p = peer_up();
	uint32_t i, k;

	for (i = 0; i < 40 && !is_wrong(); i++) {
		for (k = 0; k < MANY_IN_MESSAGE; k++)
			ids[k] = mine(i / 2 + 1, (i % 2 * MANY_IN_MESSAGE + k) % ENDPOINTS);
		message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_ECHO);
		message_item(&m, 1, 4, "", 0);
		message_item(&m, 100 | LWL_ITEM_LINKS, 8, ids, sizeof ids);
		while (m.end < LWL_MESSAGE_MAX - 700)
			message_item(&m, 101 + m.end / 600, 4, ids, 500);
		peer_send(p, &m);
		must_answer(p, p->msgid, 0);
		EVENTUALLY((peer_drain(p), p->released == (uint64_t)(i + 1) * MANY_IN_MESSAGE));
	}
	must_live(p);
}

/* The same without reading, as much as the window takes: what is to be released waits as counts. */
static void linkids_by_the_thousand_unread(void)
{
	static uint64_t ids[MANY_IN_MESSAGE];
	static struct message m;
	struct peer *p = peer_up();
	uint32_t i, k;

	p->rude = true;
	for (i = 0; i < 4; i++) {
		for (k = 0; k < MANY_IN_MESSAGE; k++)
			ids[k] = mine(1, k * 2 + i % 2);
		message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_ECHO);
		message_item(&m, 1, 4, "", 0);
		message_item(&m, 100 | LWL_ITEM_LINKS, 8, ids, sizeof ids);
		peer_send(p, &m);
	}
	p->rude = false;
	EVENTUALLY((peer_drain(p), p->released == 4 * MANY_IN_MESSAGE));
	must_live(p);
}

/* ---- very many ---- */

/* As many as the peer says that it takes, and all of them back. */
static void hundred_thousand_end_points(void)
{
	static uint64_t ids[MANY + MANY_IN_MESSAGE];
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p;
	uint32_t i, count = 0;

	hello.limits.endpoints = MANY;
	p = peer_up_with(&hello);
	/* One of them is the one that was opened. */
	while (count + MANY_IN_MESSAGE < MANY && !is_wrong())
		count += peer_make(p, MANY_IN_MESSAGE, ids + count);
	must_answer(p, peer_ask(p, HOSTILE_ROOT_MAKE, MANY_IN_MESSAGE), LWL_EMFILE);
	count += peer_make(p, MANY - 1 - count, ids + count);
	must_answer(p, peer_ask(p, HOSTILE_ROOT_MAKE, 1), LWL_EMFILE);
	EVENTUALLY(atomic_load(&shared->objects) == MANY - 1);
	for (i = 0; i < count && !is_wrong(); i++) {
		peer_release(p, ids[i], 1);
		if (i % 1000 == 0)
			peer_pace(p, 40);
	}
	EVENTUALLY((peer_drain(p), atomic_load(&shared->objects) == 0));
	MUST(peer_make(p, 100, ids) == 100);
	must_live(p);
}

/* And it leaves without giving back a single one. */
static void hundred_thousand_left_behind(void)
{
	static uint64_t ids[MANY + MANY_IN_MESSAGE];
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p;
	uint32_t count = 0;

	hello.limits.endpoints = UINT32_MAX;
	p = peer_up_with(&hello);
	while (count < MANY && !is_wrong())
		count += peer_make(p, MANY_IN_MESSAGE, ids + count);
	EVENTUALLY(atomic_load(&shared->objects) == count);
}

/* All that the server takes, at all indices, kept by it; then they die. */
static void shows_all_it_may(void)
{
	static uint64_t ids[ENDPOINTS];
	static struct message m;
	struct peer *p = peer_up();
	uint32_t i, k;

	for (i = 0; i < ENDPOINTS && !is_wrong(); i++) {
		ids[i] = mine(1, i);
		peer_ask_link(p, HOSTILE_ROOT_KEEP, ids[i]);
		if (i % (CALLS / 2) == 0)
			must_answer(p, p->msgid, 0);
	}
	must_answer(p, p->msgid, 0);
	EVENTUALLY(atomic_load(&shared->held) == ENDPOINTS);
	for (i = 0; i < ENDPOINTS; i += k) {
		k = ENDPOINTS - i < MANY_IN_MESSAGE ? ENDPOINTS - i : MANY_IN_MESSAGE;
		message_begin(&m, 0, 0, LINK_CONTROL_GONE);
		message_item(&m, 1, 8, ids + i, k * 8);
		peer_send(p, &m);
	}
	must_answer(p, peer_ask(p, HOSTILE_ROOT_DROP, 0), 0);
	EVENTUALLY((peer_drain(p), p->released == ENDPOINTS));
	must_live(p);
}

const struct hostile references[] = {
	HOSTILE(nobodys_end_point, ONE_KB, "get 4097"),
	HOSTILE(stale_generation, ONE_KB, "get 4097"),
	HOSTILE(own_end_point, 2 * ONE_KB, "get a goodbye"),
	HOSTILE(revoked_end_point, ONE_KB, "get 4106, and 4097 when it has released it"),
	HOSTILE(released_while_running, ONE_KB, "get the answer"),
	HOSTILE(release_0, ONE_KB, "get a goodbye"),
	HOSTILE(release_too_many, ONE_KB, "get a goodbye"),
	HOSTILE(release_of_nothing, ONE_KB, "get a goodbye"),
	HOSTILE(release_of_its_own, ONE_KB, "get a goodbye"),
	HOSTILE(release_twice, ONE_KB, "get a goodbye"),
	HOSTILE(release_malformed, ONE_KB, "be overlooked"),
	HOSTILE(gone_of_what_it_does_not_host, 3 * ONE_KB, "get a goodbye"),
	HOSTILE(gone_and_gone_again, ONE_KB, "be believed once"),
	HOSTILE(index_beyond_limit, 2 * ONE_KB, "get a goodbye"),
	HOSTILE(generation_0, ONE_KB, "get a goodbye"),
	HOSTILE(index_reused, ONE_KB, "get a goodbye"),
	HOSTILE(shows_what_it_does_not_hold, ONE_KB, "get 4097, and its own back"),
	HOSTILE(linkids_that_nobody_wants, ONE_KB, "get them back"),
	HOSTILE(same_linkid_again_and_again, ONE_KB, "get them back, as many as came"),
	HOSTILE(linkids_by_the_thousand, ONE_KB + 1300, "get them back"),
	HOSTILE(linkids_by_the_thousand_unread, ONE_KB + 1300, "get them back when it reads"),
	HOSTILE(hundred_thousand_end_points, ONE_KB + 10000, "get those it takes, then EMFILE"),
	HOSTILE(hundred_thousand_left_behind, ONE_KB + 10000, "have them taken away"),
	HOSTILE(shows_all_it_may, ONE_KB + 1800, "be taken in, and get them back"),
};
const uint32_t references_count = HOSTILE_COUNT(references);
