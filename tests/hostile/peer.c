/*
 * A peer made of bytes: see peer.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "hostile.h"
#include "peer.h"

enum {
	PEERS_MAX = 64,
	ACK_BYTES = 65536
};

static struct peer *peers[PEERS_MAX];

/* ---- messages by hand ---- */

uint8_t *message_bytes(struct message *m)
{
	return (uint8_t *)m->words;
}

void message_begin(struct message *m, uint64_t linkid, uint32_t msgid, uint16_t command)
{
	struct lwl_header h = { linkid, msgid, command, 0 };

	memset(m, 0, sizeof *m);
	lwl_header_store(m->words, &h);
	m->end = LWL_HEADER_SIZE;
}

static uint32_t start_item(struct message *m, uint32_t id)
{
	uint32_t at = lwl_padded(m->end);

	lwl_store16(message_bytes(m) + at, (uint16_t)id);
	return at;
}

void message_close(struct message *m, uint32_t at)
{
	lwl_store16(message_bytes(m) + at + 2, (uint16_t)(m->end - at));
}

uint32_t message_item(struct message *m, uint32_t id, uint32_t start, const void *value,
		      uint32_t n)
{
	uint32_t at = start_item(m, id);

	if (value != NULL)
		memcpy(message_bytes(m) + at + start, value, n);
	m->end = at + start + n;
	message_close(m, at);
	return at;
}

uint32_t message_u32(struct message *m, uint32_t id, uint32_t value)
{
	uint8_t bytes[4];

	lwl_store32(bytes, value);
	return message_item(m, id, 4, bytes, sizeof bytes);
}

uint32_t message_u64(struct message *m, uint32_t id, uint64_t value)
{
	uint8_t bytes[8];

	lwl_store64(bytes, value);
	return message_item(m, id, 8, bytes, sizeof bytes);
}

uint32_t message_link(struct message *m, uint32_t number, uint64_t linkid)
{
	return message_u64(m, number | LWL_ITEM_LINKS, linkid);
}

uint32_t message_open(struct message *m, uint32_t id)
{
	uint32_t at = start_item(m, id);

	m->end = at + 8;
	return at;
}

uint32_t message_seal(struct message *m)
{
	lwl_store16(message_bytes(m) + 14, (uint16_t)m->end);
	return lwl_padded(m->end);
}

/* ---- connections ---- */

static int connect_to(const char *address)
{
	struct timeval limit = { patience() / 1000, 0 };
	int fd, status, small = 32768, one = 1;

	if (strncmp(address, "unix:@", 6) == 0) {
		struct sockaddr_un at = { .sun_family = AF_UNIX };
		size_t length = strlen(address + 6);

		memcpy(at.sun_path + 1, address + 6, length);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		status = connect(fd, (struct sockaddr *)&at,
				 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length));
	} else {
		struct sockaddr_in at = { .sin_family = AF_INET };
		const char *port = strrchr(address, ':');

		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		at.sin_port = htons((uint16_t)atoi(port + 1));
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		/* The server is to notice early who does not read. */
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		status = connect(fd, (struct sockaddr *)&at, sizeof at);
	}
	if (status != 0) {
		wrong("cannot connect: %s", strerror(errno));
		close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	return fd;
}

struct peer *peer_dial(void)
{
	struct peer *p = calloc(1, sizeof *p);
	uint32_t i = 0;

	while (i < PEERS_MAX && peers[i] != NULL)
		i++;
	if (p == NULL || i == PEERS_MAX)
		abort();
	peers[i] = p;
	p->fd = connect_to(shared->address);
	p->closed = p->fd < 0;
	return p;
}

void peer_close(struct peer *p)
{
	uint32_t i;

	for (i = 0; i < PEERS_MAX; i++)
		if (peers[i] == p)
			peers[i] = NULL;
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}

void peer_close_all(void)
{
	uint32_t i;

	for (i = 0; i < PEERS_MAX; i++)
		if (peers[i] != NULL)
			peer_close(peers[i]);
}

bool peer_send_bytes(struct peer *p, const void *data, size_t n)
{
	const uint8_t *at = data;

	while (n > 0 && !is_wrong() && p->fd >= 0) {
		ssize_t done = send(p->fd, at, n, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			wrong("the server does not read");
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return n == 0;
}

bool peer_send(struct peer *p, struct message *m)
{
	uint32_t len = message_seal(m);
	struct lwl_header h;

	lwl_header_load(&h, m->words);
	if (h.linkid != 0 || h.command >= LINK_CONTROL_OPEN)
		p->sent++;
	return peer_send_bytes(p, m->words, len);
}

/* ---- what it says of itself ---- */

struct link_control_hello_msg peer_hello(void)
{
	static const uint8_t incarnation[16] = "a hostile peer.";
	struct link_control_hello_msg hello = {
		.version = 1, .incarnation = lwl_seq_of(incarnation, 16), .epoch = 1,
		.limits = { .window = 1 << 20, .calls = 1000, .endpoints = 1000,
			    .keepalive_ms = 60000, .retain_ms = 0 }
	};

	return hello;
}

bool peer_send_hello(struct peer *p, const struct link_control_hello_msg *hello)
{
	uint64_t buf[(LINK_CONTROL_HELLO_MSG_MAX + 7) / 8];
	struct lwl_writer w;

	lwl_writer_init(&w, buf, sizeof buf, 0, 0);
	if (link_control_hello_msg_encode(&w, hello) != 0)
		abort();
	return peer_send_bytes(p, buf, lwl_writer_size(&w));
}

bool peer_send_ack(struct peer *p, uint64_t received)
{
	struct message m;

	p->unacked = 0;
	message_begin(&m, 0, 0, LINK_CONTROL_ACK);
	message_u64(&m, 1, received);
	return peer_send(p, &m);
}

struct peer *peer_dial_with(const struct link_control_hello_msg *hello)
{
	struct peer *p = peer_dial();
	enum heard heard = peer_send_hello(p, hello) ? peer_hear(p, patience()) : CLOSED;

	if (heard != WELCOME)
		wrong("no welcome");
	return p;
}

struct peer *peer_greeted(void)
{
	struct link_control_hello_msg hello = peer_hello();
	struct peer *p = peer_dial_with(&hello);

	peer_send_ack(p, 0);
	return p;
}

void peer_open(struct peer *p)
{
	struct message m;

	message_begin(&m, 0, ++p->msgid, LINK_CONTROL_OPEN);
	message_item(&m, 1, 4, "root", 4);
	message_item(&m, 2, 4, "test.hostile.Root", 17);
	message_u32(&m, 3, 1);
	peer_send(p, &m);
	must_answer(p, p->msgid, 0);
	if (!is_wrong()) {
		struct link_control_open_rsp rsp;

		MUST(link_control_open_rsp_decode(&rsp, p->msg, p->len, NULL) == 0);
		p->root = rsp.endpoint.id;
	}
}

struct peer *peer_up_with(const struct link_control_hello_msg *hello)
{
	struct peer *p = peer_dial_with(hello);

	peer_send_ack(p, 0);
	peer_open(p);
	return p;
}

struct peer *peer_up(void)
{
	struct link_control_hello_msg hello = peer_hello();

	return peer_up_with(&hello);
}

/* ---- what comes ---- */

static void keep_text(struct peer *p, struct lwl_string text)
{
	snprintf(p->text, sizeof p->text, "%.*s", (int)text.len, text.data);
}

static void answer_ping(struct peer *p, uint64_t nonce)
{
	struct message m;

	message_begin(&m, 0, 0, LINK_CONTROL_PONG);
	message_u64(&m, 1, nonce);
	peer_send(p, &m);
}

/* What belongs to the connection.  NOTHING: it needs nobody's attention. */
static enum heard take_unsequenced(struct peer *p)
{
	struct link_control_goodbye_msg goodbye;
	struct link_control_ping_msg ping;
	struct link_control_pong_msg pong;
	struct link_control_ack_msg ack;

	switch (p->header.command) {
	case LINK_CONTROL_WELCOME:
		MUST(link_control_welcome_msg_decode(&p->welcome, p->msg, p->len, NULL) == 0);
		if (p->welcome.has_reason) {
			keep_text(p, p->welcome.reason.detail);
			p->code = p->welcome.reason.code;
		}
		p->welcomed = true;
		return WELCOME;
	case LINK_CONTROL_ACK:
		MUST(link_control_ack_msg_decode(&ack, p->msg, p->len, NULL) == 0);
		MUST(ack.received >= p->acked);
		p->acked = ack.received;
		return NOTHING;
	case LINK_CONTROL_PING:
		MUST(link_control_ping_msg_decode(&ping, p->msg, p->len, NULL) == 0);
		p->pings++;
		if (!p->rude)
			answer_ping(p, ping.nonce);
		return NOTHING;
	case LINK_CONTROL_PONG:
		MUST(link_control_pong_msg_decode(&pong, p->msg, p->len, NULL) == 0);
		p->pongs++;
		p->nonce = pong.nonce;
		return NOTHING;
	case LINK_CONTROL_GOODBYE:
		MUST(link_control_goodbye_msg_decode(&goodbye, p->msg, p->len, NULL) == 0);
		keep_text(p, goodbye.detail);
		p->code = goodbye.code;
		return GOODBYE;
	default:
		wrong("the server sends an unknown control command");
		return NOTHING;
	}
}

static enum heard take_control(struct peer *p)
{
	struct link_control_release_msg release;
	struct link_control_gone_msg gone;
	uint32_t i;

	switch (p->header.command) {
	case LINK_CONTROL_RELEASE:
		MUST(link_control_release_msg_decode(&release, p->msg, p->len, NULL) == 0);
		for (i = 0; i < release.counts.count; i++)
			p->released += link_count_at(release.counts, i).n;
		return NOTHING;
	case LINK_CONTROL_GONE:
		MUST(link_control_gone_msg_decode(&gone, p->msg, p->len, NULL) == 0);
		p->gone += gone.linkids.count;
		return NOTHING;
	case LINK_CONTROL_CANCEL:
		p->cancels++;
		return NOTHING;
	default:
		return CONTROL;
	}
}

static enum heard take_message(struct peer *p)
{
	struct lwl_error err;
	struct lwl_item item;

	if (lwl_message_check(p->msg, p->len, &err) != 0) {
		wrong("the server sends a broken message");
		return NOTHING;
	}
	if (p->header.linkid == 0 && p->header.command < LINK_CONTROL_OPEN)
		return take_unsequenced(p);
	p->consumed++;
	p->unacked += p->len;
	if (!p->rude && p->unacked >= ACK_BYTES)
		peer_send_ack(p, p->consumed);
	if ((p->header.command & LWL_RESPONSE) != 0) {
		p->answers++;
		p->errors += lwl_message_find(&item, p->msg, LWL_ITEM_ERROR);
		return ANSWER;
	}
	return p->header.linkid == 0 ? take_control(p) : COMMAND;
}

static bool has_message(struct peer *p)
{
	const uint8_t *msg = (const uint8_t *)p->room + p->at;

	if (p->end - p->at < LWL_HEADER_SIZE)
		return false;
	lwl_header_load(&p->header, msg);
	p->len = lwl_padded(p->header.length);
	if (p->len < LWL_HEADER_SIZE || p->end - p->at < p->len)
		return false;
	p->msg = msg;
	p->at += p->len;
	return true;
}

/* More bytes.  False: none within that time. */
static bool listen_for(struct peer *p, unsigned ms)
{
	struct pollfd at = { p->fd, POLLIN, 0 };
	ssize_t n;

	if (poll(&at, 1, (int)ms) <= 0)
		return false;
	memmove(p->room, (uint8_t *)p->room + p->at, p->end - p->at);
	p->end -= p->at;
	p->at = 0;
	n = recv(p->fd, (uint8_t *)p->room + p->end, sizeof p->room - p->end, MSG_DONTWAIT);
	if (n > 0)
		p->end += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		p->closed = true;
	return true;
}

enum heard peer_hear(struct peer *p, unsigned ms)
{
	uint64_t until = milliseconds() + ms, now;

	while (!is_wrong()) {
		while (has_message(p)) {
			enum heard heard = take_message(p);

			if (heard != NOTHING)
				return heard;
		}
		if (p->closed)
			return CLOSED;
		now = milliseconds();
		if (!listen_for(p, now < until ? (unsigned)(until - now) : 0) && now >= until)
			return NOTHING;
	}
	return NOTHING;
}

void peer_drain(struct peer *p)
{
	enum heard heard;

	do
		heard = peer_hear(p, 0);
	while (heard != NOTHING && heard != CLOSED);
}

void peer_pace(struct peer *p, uint32_t len)
{
	uint64_t until = milliseconds() + patience();

	peer_drain(p);
	while ((p->sent - p->acked) * len > WINDOW / 2 && !p->closed && !is_wrong()) {
		peer_hear(p, 5);
		if (milliseconds() > until)
			wrong("no ack");
	}
}

/* ---- commands ---- */

uint32_t peer_ask(struct peer *p, uint16_t command, uint32_t value)
{
	struct message m;

	message_begin(&m, p->root, ++p->msgid, command);
	message_u32(&m, 1, value);
	peer_send(p, &m);
	return p->msgid;
}

uint32_t peer_ask_link(struct peer *p, uint16_t command, uint64_t linkid)
{
	struct message m;

	message_begin(&m, p->root, ++p->msgid, command);
	message_link(&m, 1, linkid);
	peer_send(p, &m);
	return p->msgid;
}

uint32_t peer_echo(struct peer *p, uint32_t bytes)
{
	struct message m;

	message_begin(&m, p->root, ++p->msgid, HOSTILE_ROOT_ECHO);
	message_item(&m, 1, 4, NULL, bytes);
	peer_send(p, &m);
	return p->msgid;
}

uint32_t peer_make(struct peer *p, uint32_t count, uint64_t *ids)
{
	struct hostile_root_make_rsp rsp = { 0 };
	uint32_t i;

	must_answer(p, peer_ask(p, HOSTILE_ROOT_MAKE, count), 0);
	if (is_wrong())
		return 0;
	MUST(hostile_root_make_rsp_decode(&rsp, p->msg, p->len, NULL) == 0);
	for (i = 0; i < rsp.objects.count; i++)
		ids[i] = hostile_object_at(rsp.objects, i).id;
	return rsp.objects.count;
}

void peer_release(struct peer *p, uint64_t linkid, uint64_t n)
{
	struct message m;
	uint8_t count[16];

	lwl_store64(count, linkid);
	lwl_store64(count + 8, n);
	message_begin(&m, 0, 0, LINK_CONTROL_RELEASE);
	message_item(&m, 1, 8, count, sizeof count);
	peer_send(p, &m);
}

/* ---- what must happen ---- */

void must_close(struct peer *p)
{
	enum heard heard;

	if (is_wrong())
		return;
	do
		heard = peer_hear(p, patience());
	while (heard == ANSWER || heard == COMMAND || heard == CONTROL || heard == WELCOME);
	if (heard == GOODBYE)
		wrong("goodbye with %u: %s", p->code, p->text);
	else if (heard != CLOSED)
		wrong("the connection is not closed");
}

void must_part(struct peer *p, uint32_t code, const char *text)
{
	enum heard heard;

	if (is_wrong())
		return;
	do
		heard = peer_hear(p, patience());
	while (heard == ANSWER || heard == COMMAND || heard == CONTROL || heard == WELCOME);
	if (heard == CLOSED)
		wrong("no goodbye with \"%s\", the connection is closed", text);
	else if (heard != GOODBYE)
		wrong("no goodbye with \"%s\"", text);
	else if (p->code != code || strstr(p->text, text) == NULL)
		wrong("goodbye with %u: %s, not \"%s\"", p->code, p->text, text);
	else if (peer_hear(p, patience()) != CLOSED || p->at != p->end)
		wrong("the goodbye is not the end");
}

void must_refuse(struct peer *p, const char *text)
{
	if (is_wrong())
		return;
	if (peer_hear(p, patience()) != WELCOME || p->welcome.result != LINK_RESULT_REFUSED)
		wrong("not refused");
	else if (strstr(p->text, text) == NULL)
		wrong("refused with: %s", p->text);
	else
		must_close(p);
}

uint32_t peer_error(struct peer *p)
{
	struct lwl_item item;
	const uint8_t *group;

	p->code = 0;
	p->text[0] = '\0';
	if (!lwl_message_find(&item, p->msg, LWL_ITEM_ERROR))
		return 0;
	/* Group, code, detail, as docs/protocol.md has it. */
	group = p->msg + item.offset;
	p->code = lwl_load32(group + 12);
	snprintf(p->text, sizeof p->text, "%.*s", lwl_load16(group + 18) - 4,
		 (const char *)group + 20);
	return p->code;
}

void must_answer(struct peer *p, uint32_t msgid, uint32_t code)
{
	enum heard heard;

	if (is_wrong())
		return;
	do
		heard = peer_hear(p, patience());
	while (heard == COMMAND || (heard == ANSWER && p->header.msgid != msgid));
	if (heard == GOODBYE) {
		wrong("goodbye with %u: %s, and no answer", p->code, p->text);
	} else if (heard != ANSWER) {
		wrong("no answer%s", heard == CLOSED ? ", the connection is closed" : "");
	} else {
		if (peer_error(p) != code)
			wrong("answer with code %u (%s), not %u", p->code, p->text, code);
	}
}

uint32_t must_be_called(struct peer *p, uint64_t linkid)
{
	enum heard heard;

	if (is_wrong())
		return 0;
	do
		heard = peer_hear(p, patience());
	while (heard == ANSWER);
	if (heard != COMMAND || p->header.linkid != linkid)
		wrong("the server does not call");
	return p->header.msgid;
}

void must_live(struct peer *p)
{
	must_answer(p, peer_echo(p, 40), 0);
}
