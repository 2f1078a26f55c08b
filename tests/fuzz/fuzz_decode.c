/*
 * Decoders of tests/golden/groups.lwl, chosen by the header's command, fed with anything.
 *
 *	- What fails lwl_message_check fails to decode; what decodes passes it.
 *	- A structural mistake that the decoder found first is the one that the check finds.
 *	- Everything that a decoded struct offers lies inside the message.
 *	- What decodes re-encodes; that decodes, and re-encodes to the same bytes.
 *	- The walk over the linkids ends, inside the message.
 *	- Rows, which have code of their own, decode and encode as the same group does that is none.
 *
 * With -DREPLAY it is a program that runs the files it is given.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.lwl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition); \
			abort(); \
		} \
	} while (0)

/* The message at hand. */
static const uint8_t *start;
static size_t length;
static uint64_t touched;		/* so that what is read is read */

static void look_at(const void *data, uint32_t len)
{
	const uint8_t *p = data;
	uint32_t i;

	if (len == 0)
		return;
	HOLDS(p >= start && (size_t)(p - start) <= length && len <= length - (size_t)(p - start));
	for (i = 0; i < len; i++)
		touched += p[i];
}

static void look_at_seq(struct lwl_seq seq, uint32_t max)
{
	HOLDS(seq.count <= max);
	HOLDS((seq.count == 0) == (seq.wire == 0));
	look_at(seq.data, seq.wire);
}

static void look_at_links(struct lwl_seq seq, uint32_t max)
{
	uint32_t i;

	look_at_seq(seq, max);
	for (i = 0; i < seq.count; i++)
		HOLDS(lwl_link_at(seq, i).id != 0);
}

static void look_at_stat(const struct groups_stat *stat)
{
	HOLDS(groups_kind_valid(stat->kind));
	touched += stat->ino + stat->mode + stat->shared;
	touched += (uint64_t)stat->mtime.sec + stat->mtime.nsec;
}

static void look_at_attr(const struct groups_attr *attr)
{
	uint32_t i;

	look_at_stat(&attr->stat);
	HOLDS(attr->has_weight);
	HOLDS(attr->owner.len <= 64 && (attr->has_owner || attr->owner.len == 0));
	look_at(attr->owner.data, attr->owner.len);
	look_at_seq(attr->history, 4);
	for (i = 0; i < attr->history.count; i++)
		touched += groups_time_at(attr->history, i).nsec;
}

static void look_at_entries(struct lwl_seq entries, uint32_t max)
{
	struct lwl_cursor c = lwl_cursor_of(entries);
	struct groups_entry entry;
	uint32_t n = 0;

	look_at_seq(entries, max);
	for (; groups_entry_next(&c, &entry); n++) {
		HOLDS(entry.name.len >= 1 && entry.name.len <= 255);
		look_at(entry.name.data, entry.name.len);
		if (entry.has_attr)
			look_at_attr(&entry.attr);
		HOLDS(entry.has_node == (entry.node.id != 0));
	}
	HOLDS(n == entries.count);
}

/* Recursion ends where the groups do, 8 deep. */
static void look_at_filter(const struct groups_filter *filter, unsigned depth)
{
	struct groups_filter inner;
	struct groups_pair pair;
	struct lwl_cursor c;

	HOLDS(depth <= LWL_DEPTH_MAX);
	switch (filter->rule.which) {
	case GROUPS_FILTER_RULE_WORD:
		HOLDS(filter->rule.word.len <= 32);
		look_at(filter->rule.word.data, filter->rule.word.len);
		break;
	case GROUPS_FILTER_RULE_BOTH:
		look_at_seq(filter->rule.both, 1);
		c = lwl_cursor_of(filter->rule.both);
		HOLDS(groups_pair_next(&c, &pair));
		c = lwl_cursor_of(pair.left);
		HOLDS(groups_filter_next(&c, &inner));
		look_at_filter(&inner, depth + 1);
		c = lwl_cursor_of(pair.right);
		HOLDS(groups_filter_next(&c, &inner));
		look_at_filter(&inner, depth + 1);
		HOLDS(!groups_filter_next(&c, &inner));
		break;
	case GROUPS_FILTER_RULE_NOT:
		look_at_seq(filter->rule.not_, 1);
		c = lwl_cursor_of(filter->rule.not_);
		HOLDS(groups_filter_next(&c, &inner));
		look_at_filter(&inner, depth + 1);
		break;
	case GROUPS_FILTER_RULE_KIND:
		HOLDS(groups_kind_valid(filter->rule.kind));
		break;
	default:
		HOLDS(filter->rule.which == GROUPS_FILTER_RULE_ANY);
		break;
	}
}

union message {
	struct groups_node_lookup_req lookup_req;
	struct groups_node_lookup_rsp lookup_rsp;
	struct groups_node_readdir_req readdir_req;
	struct groups_node_readdir_rsp readdir_rsp;
	struct groups_node_move_req move_req;
	struct groups_node_move_rsp move_rsp;
	struct groups_node_touch_msg touch_msg;
	struct groups_node_rows_req rows_req;
	struct groups_node_rows_rsp rows_rsp;
	struct groups_node_plain_req plain_req;
	struct groups_node_plain_rsp plain_rsp;
};

static void look_at_row(const struct groups_row *row)
{
	HOLDS(row->name.len >= 1 && row->name.len <= 30 && row->tag.len <= 2);
	look_at(row->name.data, row->name.len);
	look_at(row->tag.data, row->tag.len);
	touched += row->kind + (uint64_t)row->ino + lwl_f32_bits(row->weight);
}

static void look_at_rows(struct lwl_seq rows, uint32_t max, uint32_t bytes)
{
	struct lwl_cursor c = lwl_cursor_of(rows);
	struct groups_row row;
	uint32_t n = 0;

	look_at_seq(rows, max);
	HOLDS(lwl_padded(rows.wire) <= bytes);
	for (; groups_row_next(&c, &row); n++)
		look_at_row(&row);
	HOLDS(n == rows.count);
}

static void look_at_message(const union message *m, uint16_t command)
{
	uint32_t i;

	switch (command) {
	case GROUPS_NODE_LOOKUP:
		HOLDS(m->lookup_req.name.len >= 1 && m->lookup_req.name.len <= 255);
		look_at(m->lookup_req.name.data, m->lookup_req.name.len);
		break;
	case GROUPS_NODE_LOOKUP | LWL_RESPONSE:
		HOLDS(m->lookup_rsp.node.id != 0);
		look_at_attr(&m->lookup_rsp.attr);
		break;
	case GROUPS_NODE_READDIR:
		if (m->readdir_req.has_filter)
			look_at_filter(&m->readdir_req.filter, 1);
		else
			HOLDS(m->readdir_req.filter.rule.which == 0);
		break;
	case GROUPS_NODE_READDIR | LWL_RESPONSE:
		look_at_entries(m->readdir_rsp.entries, 100);
		HOLDS(m->readdir_rsp.entries.wire <= 40000);
		look_at_links(m->readdir_rsp.others, 3);
		break;
	case GROUPS_NODE_MOVE:
		HOLDS(m->move_req.to.id != 0);
		look_at_entries(m->move_req.entries, 2);
		break;
	case GROUPS_NODE_TOUCH:
		look_at_seq(m->touch_msg.inos, 10);
		for (i = 0; i < m->touch_msg.inos.count; i++)
			touched += lwl_u64_at(m->touch_msg.inos, i);
		HOLDS(m->touch_msg.has_kind && groups_kind_valid(m->touch_msg.kind));
		look_at_seq(m->touch_msg.at, 3);
		HOLDS(m->touch_msg.at.count == (m->touch_msg.has_at ? 3 : 0));
		look_at_seq(m->touch_msg.marks, 9);
		for (i = 0; i < m->touch_msg.marks.count; i++)
			touched += lwl_bool_at(m->touch_msg.marks, i);
		break;
	case GROUPS_NODE_ROWS:
		look_at_row(&m->rows_req.row);
		look_at_rows(m->rows_req.rows, 3, 65536);
		break;
	case GROUPS_NODE_ROWS | LWL_RESPONSE:
		look_at_rows(m->rows_rsp.rows, 20, 600);
		break;
	default:
		break;
	}
}

static int decode(union message *m, uint16_t command, const uint8_t *msg, size_t len,
		  struct lwl_error *err)
{
	switch (command) {
	case GROUPS_NODE_LOOKUP:
		return groups_node_lookup_req_decode(&m->lookup_req, msg, len, err);
	case GROUPS_NODE_LOOKUP | LWL_RESPONSE:
		return groups_node_lookup_rsp_decode(&m->lookup_rsp, msg, len, err);
	case GROUPS_NODE_READDIR:
		return groups_node_readdir_req_decode(&m->readdir_req, msg, len, err);
	case GROUPS_NODE_READDIR | LWL_RESPONSE:
		return groups_node_readdir_rsp_decode(&m->readdir_rsp, msg, len, err);
	case GROUPS_NODE_MOVE:
		return groups_node_move_req_decode(&m->move_req, msg, len, err);
	case GROUPS_NODE_MOVE | LWL_RESPONSE:
		return groups_node_move_rsp_decode(&m->move_rsp, msg, len, err);
	case GROUPS_NODE_ROWS:
		return groups_node_rows_req_decode(&m->rows_req, msg, len, err);
	case GROUPS_NODE_ROWS | LWL_RESPONSE:
		return groups_node_rows_rsp_decode(&m->rows_rsp, msg, len, err);
	case GROUPS_NODE_PLAIN:
		return groups_node_plain_req_decode(&m->plain_req, msg, len, err);
	case GROUPS_NODE_PLAIN | LWL_RESPONSE:
		return groups_node_plain_rsp_decode(&m->plain_rsp, msg, len, err);
	default:
		return groups_node_touch_msg_decode(&m->touch_msg, msg, len, err);
	}
}

static int encode(struct lwl_writer *w, uint16_t command, const union message *m)
{
	switch (command) {
	case GROUPS_NODE_LOOKUP:
		return groups_node_lookup_req_encode(w, &m->lookup_req);
	case GROUPS_NODE_LOOKUP | LWL_RESPONSE:
		return groups_node_lookup_rsp_encode(w, &m->lookup_rsp);
	case GROUPS_NODE_READDIR:
		return groups_node_readdir_req_encode(w, &m->readdir_req);
	case GROUPS_NODE_READDIR | LWL_RESPONSE:
		return groups_node_readdir_rsp_encode(w, &m->readdir_rsp);
	case GROUPS_NODE_MOVE:
		return groups_node_move_req_encode(w, &m->move_req);
	case GROUPS_NODE_MOVE | LWL_RESPONSE:
		return groups_node_move_rsp_encode(w, &m->move_rsp);
	case GROUPS_NODE_ROWS:
		return groups_node_rows_req_encode(w, &m->rows_req);
	case GROUPS_NODE_ROWS | LWL_RESPONSE:
		return groups_node_rows_rsp_encode(w, &m->rows_rsp);
	case GROUPS_NODE_PLAIN:
		return groups_node_plain_req_encode(w, &m->plain_req);
	case GROUPS_NODE_PLAIN | LWL_RESPONSE:
		return groups_node_plain_rsp_encode(w, &m->plain_rsp);
	default:
		return groups_node_touch_msg_encode(w, &m->touch_msg);
	}
}

/* The largest that the compiler says a message of this command can be. */
static size_t largest(uint16_t command)
{
	switch (command) {
	case GROUPS_NODE_LOOKUP: return GROUPS_NODE_LOOKUP_REQ_MAX;
	case GROUPS_NODE_LOOKUP | LWL_RESPONSE: return GROUPS_NODE_LOOKUP_RSP_MAX;
	case GROUPS_NODE_READDIR: return GROUPS_NODE_READDIR_REQ_MAX;
	case GROUPS_NODE_READDIR | LWL_RESPONSE: return GROUPS_NODE_READDIR_RSP_MAX;
	case GROUPS_NODE_MOVE: return GROUPS_NODE_MOVE_REQ_MAX;
	case GROUPS_NODE_MOVE | LWL_RESPONSE: return GROUPS_NODE_MOVE_RSP_MAX;
	case GROUPS_NODE_ROWS: return GROUPS_NODE_ROWS_REQ_MAX;
	case GROUPS_NODE_ROWS | LWL_RESPONSE: return GROUPS_NODE_ROWS_RSP_MAX;
	case GROUPS_NODE_PLAIN: return GROUPS_NODE_PLAIN_REQ_MAX;
	case GROUPS_NODE_PLAIN | LWL_RESPONSE: return GROUPS_NODE_PLAIN_RSP_MAX;
	default: return GROUPS_NODE_TOUCH_MSG_MAX;
	}
}

static void walk_linkids(uint8_t *msg, size_t len)
{
	struct lwl_linkids walk;
	uint32_t offset, last = 0;

	lwl_linkids_init(&walk, msg);
	while (lwl_linkids_next(&walk, &offset)) {
		HOLDS(offset > last && offset % 8 == 0 && offset <= len - 8);
		HOLDS(lwl_load64(msg + offset) != 0);
		last = offset;
	}
}

static void check_re_encoding(const struct lwl_header *h, const union message *m)
{
	static uint8_t first[65536], second[65536];
	union message again;
	struct lwl_error err;
	struct lwl_writer w;
	size_t size = largest(h->command);

	lwl_writer_init(&w, first, size, h->linkid, h->msgid);
	HOLDS(encode(&w, h->command, m) == 0);
	size = lwl_writer_size(&w);
	HOLDS(lwl_message_check(first, size, &err) == 0);
	memset(&again, 0xee, sizeof again);
	HOLDS(decode(&again, h->command, first, size, &err) == 0);
	start = first;
	length = size;
	look_at_message(&again, h->command);
	lwl_writer_init(&w, second, sizeof second, h->linkid, h->msgid);
	HOLDS(encode(&w, h->command, &again) == 0);
	HOLDS(lwl_writer_size(&w) == size && memcmp(first, second, size) == 0);
}

/* Does the item that only the one of the two groups knows come somewhere? */
static bool has_never(const uint8_t *msg, size_t size)
{
	size_t i;

	for (i = LWL_HEADER_SIZE; i + 1 < size; i += 2)
		if ((lwl_load16(msg + i) & LWL_ITEM_NUMBER) == 0x3eff)
			return true;
	return false;
}

static bool same_bytes(struct lwl_bytes a, struct lwl_bytes b)
{
	return a.len == b.len && a.data == b.data;
}

/* Rows and the elements of another group that has the same bytes. */
static void compare_rows(struct lwl_seq rows, struct lwl_seq plains)
{
	struct lwl_cursor c = lwl_cursor_of(rows), d = lwl_cursor_of(plains);
	struct groups_plain plain;
	struct groups_row row;

	HOLDS(rows.data == plains.data && rows.count == plains.count && rows.wire == plains.wire);
	while (groups_row_next(&c, &row)) {
		HOLDS(groups_plain_next(&d, &plain));
		HOLDS(row.kind == plain.kind && row.ino == plain.ino && same_bytes(row.name,
										   plain.name) &&
		      same_bytes(row.tag, plain.tag) &&
		      lwl_f32_bits(row.weight) == lwl_f32_bits(plain.weight));
	}
	HOLDS(!groups_plain_next(&d, &plain));
}

/* The list once as rows from a host's array, and once as the other group: the same bytes. */
static void compare_row_encoding(const struct groups_node_rows_rsp *rsp)
{
	static uint8_t first[4096], second[4096];
	struct groups_row rows[20];
	struct groups_plain plains[20];
	struct groups_node_rows_rsp a = *rsp;
	struct groups_node_plain_rsp b = { .behind = rsp->behind };
	struct lwl_cursor c = lwl_cursor_of(rsp->rows);
	struct lwl_writer v, w;
	uint32_t i, size, n = rsp->rows.count;

	memset(plains, 0, sizeof plains);
	for (i = 0; i < n; i++) {
		HOLDS(groups_row_next(&c, &rows[i]));
		plains[i].kind = rows[i].kind;
		plains[i].name = rows[i].name;
		plains[i].ino = rows[i].ino;
		plains[i].tag = rows[i].tag;
		plains[i].weight = rows[i].weight;
	}
	a.rows = lwl_seq_of(rows, n);
	b.rows = lwl_seq_of(plains, n);
	for (size = 0; size <= 1024; size += 8 + size / 4) {
		lwl_writer_init(&v, first, size, 1, 2);
		lwl_writer_init(&w, second, size, 1, 2);
		HOLDS(groups_node_rows_rsp_encode(&v, &a) == groups_node_plain_rsp_encode(&w, &b));
		HOLDS(lwl_writer_size(&v) == lwl_writer_size(&w));
		if (lwl_writer_size(&v) != 0)
			HOLDS(memcmp(first + 16, second + 16, lwl_writer_size(&v) - 16) == 0);
	}
}

static void check_rows(uint8_t *msg, size_t size, uint16_t command, const union message *m,
		       int decoded, const struct lwl_error *err)
{
	uint16_t response = command & LWL_RESPONSE;
	struct lwl_error plain_err;
	union message plain;
	int status;

	if ((command & ~LWL_RESPONSE) != GROUPS_NODE_ROWS || has_never(msg, size))
		return;
	/* In place, so that what points into one points into the other. */
	lwl_store16(msg + 12, GROUPS_NODE_PLAIN | response);
	status = decode(&plain, GROUPS_NODE_PLAIN | response, msg, size, &plain_err);
	HOLDS(status == decoded && plain_err.bad == err->bad && plain_err.offset == err->offset &&
	      plain_err.depth == err->depth &&
	      memcmp(plain_err.path, err->path, err->depth * sizeof *err->path) == 0);
	if (decoded == 0 && response != 0) {
		compare_rows(m->rows_rsp.rows, plain.plain_rsp.rows);
		HOLDS(m->rows_rsp.behind == plain.plain_rsp.behind);
		compare_row_encoding(&m->rows_rsp);
	} else if (decoded == 0) {
		compare_rows(m->rows_req.rows, plain.plain_req.rows);
		HOLDS(m->rows_req.row.kind == plain.plain_req.row.kind &&
		      m->rows_req.behind == plain.plain_req.behind);
	}
	lwl_store16(msg + 12, command);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lwl_error typed, structural;
	struct lwl_header h;
	union message m;
	uint8_t *msg;
	int decoded, checked;

	if (size < LWL_HEADER_SIZE || size > LWL_MESSAGE_MAX + 1)
		return 0;
	/* Of its own, so that a byte too many is seen; changed in place by the walk's user. */
	msg = malloc(size);
	HOLDS(msg != NULL);
	memcpy(msg, data, size);
	/* A length that fits is hard to find by chance: mostly it is put right. */
	if (data[0] % 4 != 0) {
		uint32_t logical = (uint32_t)size - data[0] / 4 % 8;

		if (lwl_padded(logical) == size && logical >= LWL_HEADER_SIZE)
			lwl_store16(msg + 14, (uint16_t)logical);
	}
	lwl_header_load(&h, msg);
	checked = lwl_message_check(msg, size, &structural);
	HOLDS(checked == 0 ? structural.bad == LWL_BAD_NONE
			   : checked == -LWL_EMALFORMED && lwl_bad_is_structural(structural.bad));
	if (checked == 0)
		walk_linkids(msg, size);
	memset(&m, 0xee, sizeof m);
	decoded = decode(&m, h.command, msg, size, &typed);
	HOLDS(typed.depth <= LWL_DEPTH_MAX + 1 && typed.offset <= size);
	HOLDS((decoded == -LWL_EMALFORMED && typed.bad != LWL_BAD_NONE) ||
	      (decoded <= 0 && typed.bad == LWL_BAD_NONE));
	if (checked != 0)
		HOLDS(decoded == -LWL_EMALFORMED && typed.bad != LWL_BAD_NONE);
	if (lwl_bad_is_structural(typed.bad))
		HOLDS(structural.bad == typed.bad && structural.offset == typed.offset &&
		      structural.depth == typed.depth &&
		      memcmp(structural.path, typed.path, typed.depth * sizeof *typed.path) == 0);
	check_rows(msg, size, h.command, &m, decoded, &typed);
	start = msg;
	length = size;
	if (decoded == 0) {
		look_at_message(&m, h.command);
		check_re_encoding(&h, &m);
	} else if (typed.bad == LWL_BAD_NONE) {
		HOLDS((h.command & LWL_RESPONSE) != 0);
		look_at(typed.detail.data, typed.detail.len);
	}
	free(msg);
	return 0;
}

#ifdef REPLAY
int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	int i;

	for (i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		size_t n;

		if (f == NULL) {
			perror(argv[i]);
			return 1;
		}
		n = fread(data, 1, sizeof data, f);
		fclose(f);
		LLVMFuzzerTestOneInput(data, n);
	}
	printf("%d passed, 0 failed\n", argc - 1);
	return 0;
}
#endif
