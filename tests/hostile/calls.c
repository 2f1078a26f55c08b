/*
 * Hostile peers whose commands and answers are not what they should be.
 */
#include "hostile.h"
#include "peer.h"

enum { ONE_KB = 900 };

static const uint64_t mine = UINT64_C(1) << 32 | 5;	/* an end point of the peer's */

/* A command that nothing is wrong with, but what the caller changes. */
static void send_empty(struct peer *p, uint64_t linkid, uint32_t msgid, uint16_t command)
{
	struct message m;

	message_begin(&m, linkid, msgid, command);
	peer_send(p, &m);
}

/* ---- msgids ---- */

static void msgid_reused(void)
{
	struct peer *p = peer_up();
	uint32_t msgid = peer_ask(p, HOSTILE_ROOT_LATER, 0);

	p->msgid = msgid - 1;
	peer_ask(p, HOSTILE_ROOT_BULK, 1);
	must_part(p, LWL_EMALFORMED, "a msgid that is still outstanding");
}

/* After the answer it is free again; and any number is one. */
static void msgid_reused_when_free(void)
{
	struct peer *p = peer_up();
	uint32_t i;

	for (i = 0; i < 100 && !is_wrong(); i++) {
		p->msgid = 76;
		must_answer(p, peer_ask(p, HOSTILE_ROOT_BULK, 10), 0);
	}
	p->msgid = UINT32_MAX - 1;
	must_answer(p, peer_ask(p, HOSTILE_ROOT_BULK, 10), 0);
	MUST(p->header.msgid == UINT32_MAX);
}

static void more_calls_than_allowed(void)
{
	struct peer *p = peer_up();
	uint32_t i;

	for (i = 0; i < CALLS; i++)
		peer_ask(p, HOSTILE_ROOT_LATER, 0);
	EVENTUALLY(atomic_load(&shared->calls_in) >= CALLS);
	peer_ask(p, HOSTILE_ROOT_LATER, 0);
	must_part(p, LWL_EMALFORMED, "more commands than were allowed");
}

static void oneway_with_msgid(void)
{
	struct peer *p = peer_up();
	uint64_t notes = atomic_load(&shared->notes);

	must_answer(p, peer_ask(p, HOSTILE_ROOT_NOTE, 1), LWL_EMALFORMED);
	must_live(p);
	rest(20);
	MUST(atomic_load(&shared->notes) == notes);
}

static void command_without_msgid(void)
{
	struct peer *p = peer_up();
	struct message m;

	message_begin(&m, p->root, 0, HOSTILE_ROOT_MAKE);
	message_u32(&m, 1, 100);
	peer_send(p, &m);
	send_empty(p, 0, 0, LINK_CONTROL_OPEN);
	must_live(p);
	rest(20);
	MUST(atomic_load(&shared->objects) == 0);
}

/* ---- commands ---- */

static void unknown_commands(void)
{
	struct peer *p = peer_up();
	uint32_t number;

	for (number = 0; number < 256 && !is_wrong(); number++) {
		if (number >= 1 && number <= (HOSTILE_ROOT_STOP & 0xff))
			continue;
		send_empty(p, p->root, ++p->msgid, (uint16_t)(HOSTILE_ROOT_ID << 8 | number));
		must_answer(p, p->msgid, LWL_EUNKNOWN);
		send_empty(p, p->root, 0, (uint16_t)(HOSTILE_ROOT_ID << 8 | number));
	}
	must_live(p);
}

static void wrong_interfaces(void)
{
	struct peer *p = peer_up();
	uint32_t id;

	for (id = 1; id < 128 && !is_wrong(); id++) {
		if (id != HOSTILE_ROOT_ID) {
			send_empty(p, p->root, ++p->msgid, (uint16_t)(id << 8 | 1));
			must_answer(p, p->msgid, LWL_EINTERFACE);
		}
		send_empty(p, 0, ++p->msgid, (uint16_t)(id << 8 | 1));
		must_answer(p, p->msgid, LWL_EUNKNOWN);
	}
	must_live(p);
}

static void interface_0_elsewhere(void)
{
	static const uint16_t commands[] = {
		LINK_CONTROL_PAD, LINK_CONTROL_HELLO, LINK_CONTROL_GOODBYE, LINK_CONTROL_OPEN,
		LINK_CONTROL_RELEASE
	};
	struct peer *p = peer_up();
	uint32_t i;

	for (i = 0; i < HOSTILE_COUNT(commands) && !is_wrong(); i++) {
		send_empty(p, p->root, ++p->msgid, commands[i]);
		must_answer(p, p->msgid, LWL_EUNKNOWN);
		send_empty(p, p->root, 0, commands[i]);
	}
	must_live(p);
}

static void malformed_requests(void)
{
	struct peer *p = peer_up();
	struct message m;

	/* Nothing of what must be there; a wrong size; another kind; too much; a bool of 2. */
	send_empty(p, p->root, ++p->msgid, HOSTILE_ROOT_ECHO);
	must_answer(p, p->msgid, LWL_EMALFORMED);
	message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_BULK);
	message_u64(&m, 1, 1);
	peer_send(p, &m);
	must_answer(p, p->msgid, LWL_EMALFORMED);
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_BULK, mine), LWL_EMALFORMED);
	message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_ECHO);
	message_item(&m, 1, 4, NULL, HOSTILE_DATA_MAX + 1);
	peer_send(p, &m);
	must_answer(p, p->msgid, LWL_EMALFORMED);
	message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_ECHO);
	message_item(&m, 1, 4, "a", 1);
	message_item(&m, 2, 4, "\2", 1);
	peer_send(p, &m);
	must_answer(p, p->msgid, LWL_EMALFORMED);
	/* An error item has no place in a command. */
	message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_ECHO);
	message_item(&m, 1, 4, "a", 1);
	message_close(&m, message_open(&m, LWL_ITEM_ERROR | LWL_ITEM_GROUP));
	peer_send(p, &m);
	must_answer(p, p->msgid, LWL_EMALFORMED);
	/* And a one-way of that sort is dropped. */
	send_empty(p, p->root, 0, HOSTILE_ROOT_NOTE);
	/* References in what is not run go back. */
	EVENTUALLY((peer_drain(p), p->released == 1));
	must_live(p);
}

static void ask_with_deadline(struct peer *p, const void *value, uint32_t start, uint32_t size)
{
	struct message m;

	message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_LATER);
	message_item(&m, LWL_ITEM_DEADLINE, start, value, size);
	peer_send(p, &m);
}

static void deadlines(void)
{
	struct peer *p = peer_up();
	uint64_t value = 0;
	uint32_t endless, i;

	ask_with_deadline(p, &value, 8, 8);
	must_answer(p, p->msgid, LWL_ECANCELLED);
	value = UINT64_MAX;
	ask_with_deadline(p, &value, 8, 8);
	value = UINT64_MAX / 2;
	ask_with_deadline(p, &value, 8, 8);
	endless = p->msgid;
	ask_with_deadline(p, &value, 4, 4);
	must_answer(p, p->msgid, LWL_EMALFORMED);
	ask_with_deadline(p, &value, 4, 0);
	must_answer(p, p->msgid, LWL_EMALFORMED);
	/* As many as there may be, all over at once. */
	for (i = 3; i < CALLS; i++) {
		value = 20000 - i;
		ask_with_deadline(p, &value, 8, 8);
	}
	must_answer(p, p->msgid - 7, LWL_ECANCELLED);
	EVENTUALLY((peer_drain(p), p->answers >= CALLS + 1));
	must_answer(p, peer_ask(p, HOSTILE_ROOT_ANSWER, 0), 0);
	MUST(p->msgid != endless);
	must_live(p);
}

static void open_what(struct peer *p, const char *name, uint32_t size, const char *interface,
		      uint32_t code)
{
	struct message m;

	message_begin(&m, 0, ++p->msgid, LINK_CONTROL_OPEN);
	message_item(&m, 1, 4, name, size);
	message_item(&m, 2, 4, interface, (uint32_t)strlen(interface));
	message_u32(&m, 3, 1);
	peer_send(p, &m);
	must_answer(p, p->msgid, code);
}

static void opens(void)
{
	struct peer *p = peer_up();
	char name[256];
	uint32_t i;

	memset(name, '/', sizeof name);
	open_what(p, "nothing", 7, "test.hostile.Root", LWL_ENOENT);
	open_what(p, "roo", 3, "test.hostile.Root", LWL_ENOENT);
	open_what(p, "root2", 5, "test.hostile.Root", LWL_ENOENT);
	open_what(p, name, 255, "test.hostile.Root", LWL_ENOENT);
	open_what(p, "root", 4, "test.hostile.Object", LWL_EINTERFACE);
	open_what(p, name, 256, "test.hostile.Root", LWL_EMALFORMED);
	open_what(p, "", 0, "test.hostile.Root", LWL_EMALFORMED);
	open_what(p, "root", 4, "", LWL_EMALFORMED);
	open_what(p, "\xff", 1, "test.hostile.Root", LWL_EMALFORMED);
	for (i = 0; i < 5000 && !is_wrong(); i++)
		open_what(p, "root", 4, "test.hostile.Root", 0);
	/* All are the same end point. */
	MUST(atomic_load(&shared->hosted) <= 2);
	peer_release(p, p->root, 5000);
	must_live(p);
}

/* Without waiting for the answers, and without taking them in. */
static void open_flood(void)
{
	struct peer *p = peer_up();
	struct message m;
	uint32_t i;

	for (i = 0; i < 20 * CALLS; i++) {
		message_begin(&m, 0, ++p->msgid, LINK_CONTROL_OPEN);
		message_item(&m, 1, 4, "root", 4);
		message_item(&m, 2, 4, "test.hostile.Root", 17);
		message_u32(&m, 3, 1);
		if (!peer_send(p, &m))
			break;
	}
	must_answer(p, p->msgid, 0);
	must_live(p);
}

/* ---- answers ---- */

/* The server calls; returns the msgid. */
static uint32_t be_called(struct peer *p)
{
	peer_ask_link(p, HOSTILE_ROOT_CALL, mine);
	return must_be_called(p, mine);
}

static void send_answer(struct peer *p, uint64_t linkid, uint32_t msgid, uint16_t command)
{
	struct message m;

	message_begin(&m, linkid, msgid, command | LWL_RESPONSE);
	message_u32(&m, 1, 9);
	peer_send(p, &m);
}

static void answer_unasked(void)
{
	struct peer *p = peer_up(), *q = peer_up(), *r = peer_up();

	send_answer(p, mine, 1, HOSTILE_OBJECT_TOUCH);
	must_part(p, LWL_EMALFORMED, "what was not asked");
	send_answer(q, 0, 1, LINK_CONTROL_OPEN);
	must_part(q, LWL_EMALFORMED, "what was not asked");
	send_answer(r, mine, 0, HOSTILE_OBJECT_TOUCH);
	must_part(r, LWL_EMALFORMED, "what was not asked");
}

/*
 * The msgid of the server's first command can be guessed.  The answer comes in the same bytes as
 * what makes the server ask, so that it is there before the question has been sent.
 */
static void answer_before_the_question(void)
{
	struct peer *p = peer_up();
	struct message ask, answer;
	uint8_t bytes[128];
	uint32_t n, i;

	message_begin(&ask, p->root, ++p->msgid, HOSTILE_ROOT_CALL);
	message_link(&ask, 1, mine);
	message_begin(&answer, mine, 1 << 20, HOSTILE_OBJECT_TOUCH | LWL_RESPONSE);
	message_u32(&answer, 1, 9);
	n = message_seal(&ask);
	memcpy(bytes, ask.words, n);
	memcpy(bytes + n, answer.words, message_seal(&answer));
	peer_send_bytes(p, bytes, n + message_seal(&answer));
	for (i = 0; i < 20 && !p->closed; i++) {
		if (peer_hear(p, TOUCH_US / 10000) == GOODBYE)
			break;
	}
	MUST(p->code == LWL_EMALFORMED && strstr(p->text, "what was not asked") != NULL);
}

static void answer_twice(void)
{
	struct peer *p = peer_up();
	uint32_t msgid = be_called(p);

	send_answer(p, mine, msgid, HOSTILE_OBJECT_TOUCH);
	must_answer(p, p->msgid, 0);
	send_answer(p, mine, msgid, HOSTILE_OBJECT_TOUCH);
	must_part(p, LWL_EMALFORMED, "what was not asked");
}

static void answer_that_does_not_match(void)
{
	struct peer *p = peer_up(), *q = peer_up(), *r = peer_up(), *s = peer_up();

	send_answer(p, mine + 1, be_called(p), HOSTILE_OBJECT_TOUCH);
	must_part(p, LWL_EMALFORMED, "what was not asked");
	send_answer(q, mine, be_called(q), HOSTILE_OBJECT_TOUCH + 1);
	must_part(q, LWL_EMALFORMED, "what was not asked");
	send_answer(r, mine, be_called(r) + 1, HOSTILE_OBJECT_TOUCH);
	must_part(r, LWL_EMALFORMED, "what was not asked");
	/* The slot is right, its generation is not. */
	send_answer(s, mine, be_called(s) ^ 1U << 31, HOSTILE_OBJECT_TOUCH);
	must_part(s, LWL_EMALFORMED, "what was not asked");
}

/* What the server makes of the answer in `m`, whose items have been put. */
static void must_make(struct peer *p, struct message *m, uint32_t code)
{
	struct hostile_root_call_rsp rsp = { 0 };

	peer_send(p, m);
	must_answer(p, p->msgid, 0);
	if (is_wrong())
		return;
	MUST(hostile_root_call_rsp_decode(&rsp, p->msg, p->len, NULL) == 0);
	if (rsp.code != code)
		wrong("the server takes it for %u, not %u", rsp.code, code);
}

static void begin_answer(struct peer *p, struct message *m)
{
	message_begin(m, mine, be_called(p), HOSTILE_OBJECT_TOUCH | LWL_RESPONSE);
}

static void put_error(struct message *m, uint32_t code, const char *text, uint32_t size)
{
	uint32_t group = message_open(m, LWL_ITEM_ERROR | LWL_ITEM_GROUP);

	message_u32(m, 1, code);
	message_item(m, 2, 4, text, size);
	message_close(m, group);
}

static void malformed_answers(void)
{
	struct peer *p = peer_up();
	struct message m;
	char text[256];
	uint32_t group;

	memset(text, 0xc0, sizeof text);
	begin_answer(p, &m);
	must_make(p, &m, LWL_EMALFORMED);
	begin_answer(p, &m);
	message_u64(&m, 1, 9);
	must_make(p, &m, LWL_EMALFORMED);
	/* An error, and something else. */
	begin_answer(p, &m);
	message_u32(&m, 1, 9);
	put_error(&m, LWL_ENOENT, "no", 2);
	must_make(p, &m, LWL_EMALFORMED);
	begin_answer(p, &m);
	put_error(&m, LWL_ENOENT, "no", 2);
	put_error(&m, LWL_ENOENT, "no", 2);
	must_make(p, &m, LWL_EMALFORMED);
	begin_answer(p, &m);
	put_error(&m, LWL_ENOENT, "no", 2);
	message_u64(&m, LWL_ITEM_DEADLINE, 9);
	must_make(p, &m, LWL_EMALFORMED);
	/* No error at all. */
	begin_answer(p, &m);
	put_error(&m, 0, "fine", 4);
	must_make(p, &m, LWL_EMALFORMED);
	begin_answer(p, &m);
	group = message_open(&m, LWL_ITEM_ERROR | LWL_ITEM_GROUP);
	message_u32(&m, 1, LWL_ENOENT);
	message_close(&m, group);
	must_make(p, &m, LWL_EMALFORMED);
	/* A detail that is no text, one that is too long. */
	begin_answer(p, &m);
	put_error(&m, LWL_ENOENT, text, 255);
	must_make(p, &m, LWL_EMALFORMED);
	memset(text, 'x', sizeof text);
	begin_answer(p, &m);
	put_error(&m, LWL_ENOENT, text, 256);
	must_make(p, &m, LWL_EMALFORMED);
	must_live(p);
}

static void errors(void)
{
	struct peer *p = peer_up();
	struct message m;
	char text[256];

	memset(text, 'x', sizeof text);
	begin_answer(p, &m);
	put_error(&m, LWL_ENOENT, text, 255);
	must_make(p, &m, LWL_ENOENT);
	/* Numbers that nobody knows; what remains of them is some error. */
	begin_answer(p, &m);
	put_error(&m, INT32_MAX, "%s%s%n", 6);
	must_make(p, &m, INT32_MAX);
	begin_answer(p, &m);
	put_error(&m, UINT32_MAX, "", 0);
	peer_send(p, &m);
	must_answer(p, p->msgid, 0);
	begin_answer(p, &m);
	put_error(&m, UINT32_C(1) << 31, "", 0);
	peer_send(p, &m);
	must_answer(p, p->msgid, 0);
	must_live(p);
}

/* The server waits no longer than it wants to; an answer that comes later is one all the same. */
static void answers_too_late(void)
{
	struct hostile_root_call_rsp rsp = { 0 };
	struct peer *p = peer_up();
	uint32_t msgid = be_called(p);

	must_answer(p, p->msgid, 0);
	if (is_wrong())
		return;
	MUST(hostile_root_call_rsp_decode(&rsp, p->msg, p->len, NULL) == 0);
	MUST(rsp.code == LWL_EDEADLINE);
	EVENTUALLY((peer_drain(p), p->cancels == 1));
	send_answer(p, mine, msgid, HOSTILE_OBJECT_TOUCH);
	must_live(p);
	send_answer(p, mine, msgid, HOSTILE_OBJECT_TOUCH);
	must_part(p, LWL_EMALFORMED, "what was not asked");
}

/* Commands of the server's that are never answered: as many as the peer has allowed, no more. */
static void never_answers(void)
{
	struct peer *p = peer_up();
	struct message m;
	uint32_t i;

	message_begin(&m, p->root, 0, HOSTILE_ROOT_PROVOKE);
	message_link(&m, 1, mine);
	message_u32(&m, 2, 300);
	for (i = 0; i < 20; i++) {
		peer_send(p, &m);
		peer_drain(p);
	}
	EVENTUALLY((peer_drain(p), atomic_load(&shared->calls_out) == 1000));
	must_live(p);
	/* Its patience is over, but their msgids stay taken. */
	EVENTUALLY((peer_drain(p), p->cancels == 1000));
	must_answer(p, peer_ask_link(p, HOSTILE_ROOT_CALL, mine), LWL_ECALLS);
	must_live(p);
}

/* Requests that the server holds, until it has no memory for them. */
static void held_requests(void)
{
	static struct message m;
	struct peer *p = peer_up();
	uint32_t i;

	for (i = 0; i < CALLS - 1; i++) {
		message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_LATER);
		message_u32(&m, 1, 10);
		message_item(&m, 2, 4, "\1", 1);
		message_item(&m, 3, 4, NULL, HOSTILE_DATA_MAX);
		peer_send(p, &m);
		peer_pace(p, HOSTILE_DATA_MAX + 48);
	}
	must_answer(p, peer_ask(p, HOSTILE_ROOT_ANSWER, 0), 0);
	MUST(p->answers == CALLS + 1);
	MUST(p->errors > 0 && p->errors < CALLS);
	must_live(p);
}

const struct hostile calls[] = {
	HOSTILE(msgid_reused, ONE_KB, "get a goodbye"),
	HOSTILE(msgid_reused_when_free, ONE_KB, "be answered"),
	HOSTILE(more_calls_than_allowed, ONE_KB, "get a goodbye"),
	HOSTILE(oneway_with_msgid, ONE_KB, "get 4098, and it is not run"),
	HOSTILE(command_without_msgid, ONE_KB, "be dropped, and it is not run"),
	HOSTILE(unknown_commands, ONE_KB, "get 4096"),
	HOSTILE(wrong_interfaces, ONE_KB, "get 4107, and on the link 4096"),
	HOSTILE(interface_0_elsewhere, ONE_KB, "get 4096"),
	HOSTILE(malformed_requests, ONE_KB, "get 4098"),
	HOSTILE(deadlines, ONE_KB, "be cancelled when they are over, and 4098 for what is none"),
	HOSTILE(opens, ONE_KB, "get the error that it is; references to one end point"),
	HOSTILE(open_flood, ONE_KB, "be answered, as far as it keeps to the limit"),
	HOSTILE(answer_unasked, 3 * ONE_KB, "get a goodbye"),
	HOSTILE(answer_before_the_question, ONE_KB, "get a goodbye"),
	HOSTILE(answer_twice, ONE_KB, "get a goodbye"),
	HOSTILE(answer_that_does_not_match, 4 * ONE_KB, "get a goodbye"),
	HOSTILE(malformed_answers, ONE_KB, "be taken for 4098, and the link lives on"),
	HOSTILE(errors, ONE_KB, "be taken for errors"),
	HOSTILE(answers_too_late, ONE_KB, "be asked to cancel; a second answer gets a goodbye"),
	HOSTILE(never_answers, ONE_KB + 200, "be asked no more than it has allowed"),
	HOSTILE(held_requests, ONE_KB + 1024, "be refused when the memory for it is taken"),
};
const uint32_t calls_count = HOSTILE_COUNT(calls);
