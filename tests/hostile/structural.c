/*
 * Hostile peers whose messages are broken in a way that needs no schema to be seen: each must get a
 * goodbye with 4098 that names the mistake, whatever message it is made in.
 */
#include "hostile.h"
#include "peer.h"

enum { ONE_KB = 900 };			/* a link, with its ring and what it reads into */

static const uint64_t mine = UINT64_C(1) << 32 | 5;	/* an end point of the peer's */

/* What a mistake can be made in: each of them is read by another part of the server. */
enum carrier {
	A_COMMAND,			/* that generated code decodes */
	A_ONEWAY,
	AN_UNKNOWN_COMMAND,
	A_COMMAND_TO_NOBODY,
	A_COMMAND_TO_THE_LINK,
	AN_UNKNOWN_ONE_TO_THE_LINK,
	AN_UNSEQUENCED_ONE,
	AN_ANSWER,
	CARRIERS
};

/* What the schema demands; the mistake stands behind it, in items that it does not know. */
static void begin(struct peer *p, struct message *m, enum carrier carrier)
{
	uint32_t msgid;

	switch (carrier) {
	case A_COMMAND:
		message_begin(m, p->root, 100, HOSTILE_ROOT_ECHO);
		message_item(m, 1, 4, "abc", 3);
		break;
	case A_ONEWAY:
		message_begin(m, p->root, 0, HOSTILE_ROOT_NOTE);
		message_u32(m, 1, 1);
		break;
	case AN_UNKNOWN_COMMAND:
		message_begin(m, p->root, 100, HOSTILE_ROOT_ECHO + 100);
		break;
	case A_COMMAND_TO_NOBODY:
		message_begin(m, p->root + 1, 100, HOSTILE_ROOT_ECHO);
		break;
	case A_COMMAND_TO_THE_LINK:
		message_begin(m, 0, 100, LINK_CONTROL_OPEN);
		message_item(m, 1, 4, "root", 4);
		message_item(m, 2, 4, "test.hostile.Root", 17);
		message_u32(m, 3, 1);
		break;
	case AN_UNKNOWN_ONE_TO_THE_LINK:
		message_begin(m, 0, 0, 0x77);
		break;
	case AN_UNSEQUENCED_ONE:
		message_begin(m, 0, 0, 0x37);
		break;
	default:
		peer_ask_link(p, HOSTILE_ROOT_CALL, mine);
		msgid = must_be_called(p, mine);
		message_begin(m, mine, msgid, HOSTILE_OBJECT_TOUCH | LWL_RESPONSE);
		message_u32(m, 1, 1);
		break;
	}
}

typedef void mistake(struct message *m);

static void everywhere(mistake *make, const char *text)
{
	static struct message m;
	unsigned carrier;

	for (carrier = 0; carrier < CARRIERS && !is_wrong(); carrier++) {
		struct peer *p = peer_up();

		begin(p, &m, carrier);
		make(&m);
		peer_send(p, &m);
		must_part(p, LWL_EMALFORMED, text);
		if (!is_wrong())
			peer_close(p);
	}
}

/* ---- the message ---- */

static void header_length(void)
{
	uint8_t header[16] = { 0 };
	unsigned length;

	for (length = 0; length < 16 && !is_wrong(); length++) {
		struct peer *p = peer_up(), *stranger = peer_dial();

		lwl_store16(header + 12, HOSTILE_ROOT_ECHO);
		lwl_store16(header + 14, (uint16_t)length);
		lwl_store64(header, p->root);
		peer_send_bytes(p, header, sizeof header);
		must_part(p, LWL_EMALFORMED, "LENGTH");
		peer_send_bytes(stranger, header, sizeof header);
		must_close(stranger);
		if (!is_wrong()) {
			peer_close(p);
			peer_close(stranger);
		}
	}
}

static void put_dirty_end(struct message *m)
{
	message_item(m, 100, 4, "a", 1);
	message_bytes(m)[m->end + 2] = 1;
}

static void padding_of_message(void)
{
	everywhere(put_dirty_end, "PADDING");
}

/* ---- items ---- */

static void put_cut_header(struct message *m)
{
	uint32_t at = lwl_padded(m->end);

	message_bytes(m)[at] = 100;
	m->end = at + 2;
}

static void item_header_cut(void)
{
	everywhere(put_cut_header, "ITEM_HEADER");
}

static void put_long(struct message *m)
{
	uint32_t at = message_item(m, 100, 4, "abcd", 4);

	lwl_store16(message_bytes(m) + at + 2, 9);
}

static void put_longest(struct message *m)
{
	uint32_t at = message_item(m, 100, 4, "abcd", 4);

	lwl_store16(message_bytes(m) + at + 2, 0xffff);
}

static void put_short(struct message *m)
{
	uint32_t at = message_item(m, 100, 4, "abcd", 4);

	lwl_store16(message_bytes(m) + at + 2, 3);
}

static void put_nothing(struct message *m)
{
	uint32_t at = message_item(m, 100, 4, "abcd", 4);

	lwl_store16(message_bytes(m) + at + 2, 0);
}

static void put_short_group(struct message *m)
{
	message_item(m, 100 | LWL_ITEM_GROUP, 4, "", 0);
}

static void put_short_links(struct message *m)
{
	message_item(m, 100 | LWL_ITEM_LINKS, 8, "", 0);
}

static void put_odd_links(struct message *m)
{
	message_item(m, 100 | LWL_ITEM_LINKS, 8, "abcdefghijkl", 12);
}

static void item_length(void)
{
	everywhere(put_long, "ITEM_LENGTH");
	everywhere(put_longest, "ITEM_LENGTH");
	everywhere(put_short, "ITEM_LENGTH");
	everywhere(put_nothing, "ITEM_LENGTH");
}

static void item_length_of_its_kind(void)
{
	everywhere(put_short_group, "ITEM_LENGTH");
	everywhere(put_short_links, "ITEM_LENGTH");
	everywhere(put_odd_links, "ITEM_LENGTH");
}

/* The length takes in the padding behind the last item. */
static void put_end_in_padding(struct message *m)
{
	message_item(m, 100, 4, "a", 1);
	m->end += 3;
}

static void put_group_end_in_padding(struct message *m)
{
	uint32_t group = message_open(m, 100 | LWL_ITEM_GROUP);

	message_item(m, 1, 4, "a", 1);
	m->end += 3;
	message_close(m, group);
}

static void end_in_padding(void)
{
	everywhere(put_end_in_padding, "END");
	everywhere(put_group_end_in_padding, "END");
}

static void put_number_0(struct message *m)
{
	message_u32(m, 0, 1);
}

static void put_group_number_0(struct message *m)
{
	message_close(m, message_open(m, LWL_ITEM_GROUP));
}

static void number_0(void)
{
	everywhere(put_number_0, "NUMBER");
	everywhere(put_group_number_0, "NUMBER");
}

static void put_falling(struct message *m)
{
	message_u32(m, 101, 1);
	message_u32(m, 100, 1);
}

static void put_twice(struct message *m)
{
	message_u32(m, 100, 1);
	message_u32(m, 100, 1);
}

static void put_group_behind_leaf(struct message *m)
{
	message_u32(m, 100, 1);
	message_close(m, message_open(m, 100 | LWL_ITEM_GROUP));
}

static void order(void)
{
	everywhere(put_falling, "ORDER");
	everywhere(put_twice, "ORDER");
	everywhere(put_group_behind_leaf, "ORDER");
}

static void put_hidden_links(struct message *m)
{
	uint32_t group = message_open(m, 100 | LWL_ITEM_GROUP);

	message_link(m, 1, mine);
	message_close(m, group);
}

static void put_announced_links(struct message *m)
{
	uint32_t group = message_open(m, 100 | LWL_ITEM_GROUP | LWL_ITEM_LINKS);

	message_u32(m, 1, 1);
	message_close(m, group);
}

static void link_bit(void)
{
	everywhere(put_hidden_links, "LINK_BIT");
	everywhere(put_announced_links, "LINK_BIT");
}

static void put_linkid_0(struct message *m)
{
	message_link(m, 100, 0);
}

static void put_inner_linkid_0(struct message *m)
{
	uint32_t group = message_open(m, 100 | LWL_ITEM_GROUP | LWL_ITEM_LINKS);

	message_link(m, 1, mine);
	message_link(m, 2, 0);
	message_close(m, group);
}

static void linkid_0(void)
{
	everywhere(put_linkid_0, "LINKID");
	everywhere(put_inner_linkid_0, "LINKID");
}

static void put_depth(struct message *m, unsigned depth)
{
	uint32_t groups[16];
	unsigned i;

	for (i = 0; i < depth; i++)
		groups[i] = message_open(m, 100 | LWL_ITEM_GROUP);
	while (i-- > 0)
		message_close(m, groups[i]);
}

static void put_depth_9(struct message *m)
{
	put_depth(m, 9);
}

static void put_depth_16(struct message *m)
{
	put_depth(m, 16);
}

static void depth(void)
{
	everywhere(put_depth_9, "DEPTH");
	everywhere(put_depth_16, "DEPTH");
}

/* As deep as allowed, and thousands of them: no mistake at all. */
static void depth_8(void)
{
	static struct message m;
	struct peer *p = peer_up();

	message_begin(&m, p->root, 100, HOSTILE_ROOT_ECHO);
	message_item(&m, 1, 4, "abc", 3);
	while (m.end + 64 < LWL_MESSAGE_MAX)
		put_depth(&m, 8);
	peer_send(p, &m);
	must_answer(p, 100, 0);
	must_live(p);
}

static void put_dirty_group(struct message *m)
{
	uint32_t group = message_open(m, 100 | LWL_ITEM_GROUP);

	message_bytes(m)[group + 6] = 1;
	message_u32(m, 1, 1);
	message_close(m, group);
}

static void put_dirty_links(struct message *m)
{
	uint32_t at = message_link(m, 100, mine);

	message_bytes(m)[at + 7] = 1;
}

static void put_dirty_item(struct message *m)
{
	uint32_t at = message_item(m, 100, 4, "ab", 2);

	message_u32(m, 101, 1);
	message_bytes(m)[at + 6] = 1;
}

static void put_dirty_item_in_group(struct message *m)
{
	uint32_t group = message_open(m, 100 | LWL_ITEM_GROUP), at = message_item(m, 1, 4, "ab", 2);

	message_u32(m, 2, 1);
	message_close(m, group);
	message_bytes(m)[at + 6] = 1;
}

static void padding_of_items(void)
{
	everywhere(put_dirty_group, "PADDING");
	everywhere(put_dirty_links, "PADDING");
	everywhere(put_dirty_item, "PADDING");
	everywhere(put_dirty_item_in_group, "PADDING");
}

/* A mistake that costs one command stands before one that costs the session. */
static void behind_a_smaller_mistake(void)
{
	static struct message m;
	struct peer *p = peer_up(), *q = peer_up();
	uint32_t msgid;

	message_begin(&m, p->root, 100, HOSTILE_ROOT_BULK);
	message_item(&m, 1, 4, "abcdefgh", 8);
	put_number_0(&m);
	peer_send(p, &m);
	must_part(p, LWL_EMALFORMED, "NUMBER");
	peer_ask_link(q, HOSTILE_ROOT_CALL, mine);
	msgid = must_be_called(q, mine);
	message_begin(&m, mine, msgid, HOSTILE_OBJECT_TOUCH | LWL_RESPONSE);
	message_item(&m, 1, 4, "abcdefgh", 8);
	put_hidden_links(&m);
	peer_send(q, &m);
	must_part(q, LWL_EMALFORMED, "LINK_BIT");
}

const struct hostile structural[] = {
	HOSTILE(header_length, 2 * ONE_KB, "goodbye LENGTH for 0 to 15; a stranger is cut off"),
	HOSTILE(padding_of_message, ONE_KB, "goodbye PADDING"),
	HOSTILE(item_header_cut, ONE_KB, "goodbye ITEM_HEADER"),
	HOSTILE(item_length, ONE_KB, "goodbye ITEM_LENGTH"),
	HOSTILE(item_length_of_its_kind, ONE_KB, "goodbye ITEM_LENGTH"),
	HOSTILE(end_in_padding, ONE_KB, "goodbye END"),
	HOSTILE(number_0, ONE_KB, "goodbye NUMBER"),
	HOSTILE(order, ONE_KB, "goodbye ORDER"),
	HOSTILE(link_bit, ONE_KB, "goodbye LINK_BIT"),
	HOSTILE(linkid_0, ONE_KB, "goodbye LINKID"),
	HOSTILE(depth, ONE_KB, "goodbye DEPTH"),
	HOSTILE(depth_8, ONE_KB, "an answer: nothing is wrong"),
	HOSTILE(padding_of_items, ONE_KB, "goodbye PADDING"),
	HOSTILE(behind_a_smaller_mistake, 2 * ONE_KB, "goodbye for the larger mistake"),
};
const uint32_t structural_count = HOSTILE_COUNT(structural);
