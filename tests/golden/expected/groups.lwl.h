/*
 * golden.groups, version 2: the messages.
 *
 * Groups in groups, lists of groups, links, unions and a cycle: what the fuzzer of the decoders
 * feeds on, too.
 *
 * Made by lwlc from groups.lwl: change that, not this.
 */
#ifndef GOLDEN_GROUPS_LWL_H
#define GOLDEN_GROUPS_LWL_H

#include <lwlink/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A message is a plain struct. Its _encode fills it into a writer that lwl_writer_init has begun,
 * and returns 0 or what lwl_writer_finish in <lwlink/wire.h> says. Its _decode takes one message
 * with its header and padding; strings, bytes and sequences then point into it. It returns 0,
 * -LWL_EMALFORMED with `*err` telling where (err may be NULL), or, of an error response, minus the
 * error's code; only after 0 does the struct hold the message. Neither blocks or allocates. Of an
 * item that is optional, or has a default other than 0, has_… says whether it is there.
 */

/* Stored as uint16_t; no others than these. */
enum groups_kind {
	GROUPS_KIND_FILE = 1,
	GROUPS_KIND_FOLDER = 2
};

static inline bool groups_kind_valid(uint16_t v)
{
	return v >= 1 && v <= 2;
}

/* "FILE" for GROUPS_KIND_FILE and so on; NULL for a value without a name. */
const char *groups_kind_name(uint16_t v);

/* A link to an end point that offers Node. */
struct groups_node {
	uint64_t id;			/* the linkid; 0: none */
};

#define GROUPS_NODE_ID 0x10

/* Element `i` of a sequence of these. */
static inline struct groups_node groups_node_at(struct lwl_seq seq, uint32_t i)
{
	struct groups_node link = { lwl_link_at(seq, i).id };

	return link;
}

/* 16 bytes in a message, aligned to 8; at the left, the offsets there. */
struct groups_time {
	/*   0 */ int64_t sec;
	/*   8 */ uint32_t nsec;
	/*  12: a hole of 4 bytes */
};

/* From its 16 bytes at `p` in a message. */
static inline void groups_time_load(struct groups_time *out, const uint8_t *p)
{
	out->sec = (int64_t)lwl_load64(p);
	out->nsec = lwl_load32(p + 8);
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct groups_time groups_time_at(struct lwl_seq seq, uint32_t i)
{
	struct groups_time v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct groups_time *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		groups_time_load(&v, (const uint8_t *)seq.data + (size_t)i * 16);
	return v;
}

/* 32 bytes in a message, aligned to 8; at the left, the offsets there. */
struct groups_stat {
	/*   0 */ uint64_t ino;
	/*   8 */ uint32_t mode;
	/*  12 */ uint16_t kind;
	/*  14 */ bool shared;
	/*  15: a hole of 1 byte */
	/*  16 */ struct groups_time mtime;
};

/* From its 32 bytes at `p` in a message. */
static inline void groups_stat_load(struct groups_stat *out, const uint8_t *p)
{
	out->ino = lwl_load64(p);
	out->mode = lwl_load32(p + 8);
	out->kind = lwl_load16(p + 12);
	out->shared = p[14] == 1;
	groups_time_load(&out->mtime, p + 16);
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct groups_stat groups_stat_at(struct lwl_seq seq, uint32_t i)
{
	struct groups_stat v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct groups_stat *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		groups_stat_load(&v, (const uint8_t *)seq.data + (size_t)i * 32);
	return v;
}

struct groups_attr {
	struct groups_stat stat;
	bool has_weight;
	uint32_t weight;
	bool has_owner;
	struct lwl_string owner;	/* up to 64 bytes */
	struct lwl_seq history;	/* up to 4 of struct groups_time */
	/* Since version 2. */
	uint64_t birth;
};

/* The next of a list of these; false at its end. */
bool groups_attr_next(struct lwl_cursor *c, struct groups_attr *out);

struct groups_entry {
	struct lwl_bytes name;	/* 1..255 bytes */
	bool has_attr;
	struct groups_attr attr;
	bool has_node;
	struct groups_node node;
};

/* The next of a list of these; false at its end. */
bool groups_entry_next(struct lwl_cursor *c, struct groups_entry *out);

struct groups_empty {
	char lwl_none;			/* it has no items */
};

/* The next of a list of these; false at its end. */
bool groups_empty_next(struct lwl_cursor *c, struct groups_empty *out);

enum {				/* struct groups_filter_rule, which */
	GROUPS_FILTER_RULE_WORD = 1,
	GROUPS_FILTER_RULE_BOTH = 2,
	GROUPS_FILTER_RULE_NOT = 3,
	GROUPS_FILTER_RULE_KIND = 4,
	GROUPS_FILTER_RULE_ANY = 5
};

struct groups_filter_rule {
	uint16_t which;
	union {
		struct lwl_string word;	/* up to 32 bytes */
		struct lwl_seq both;	/* one of struct groups_pair */
		struct lwl_seq not_;	/* one of struct groups_filter */
		uint16_t kind;	/* enum groups_kind */
		struct groups_empty any;
	};
};

struct groups_filter {
	struct groups_filter_rule rule;
};

/* The next of a list of these; false at its end. */
bool groups_filter_next(struct lwl_cursor *c, struct groups_filter *out);

struct groups_pair {
	struct lwl_seq left;	/* one of struct groups_filter */
	struct lwl_seq right;	/* one of struct groups_filter */
};

/* The next of a list of these; false at its end. */
bool groups_pair_next(struct lwl_cursor *c, struct groups_pair *out);

struct groups_row {
	uint16_t kind;
	struct lwl_bytes name;	/* 1..30 bytes */
	int64_t ino;
	struct lwl_bytes tag;	/* up to 2 bytes */
	float weight;
};

/* For the two below: an element at `p` in its usual form; its size, or 0 if it is not. */
LWL_ALWAYS_INLINE uint32_t groups_row_usual(struct groups_row *out, const uint8_t *p,
		uint32_t left, uint32_t id)
{
	uint32_t size = lwl_usual_group(p, left, id, 56), at = 8;

	if (size == 0)
		return 0;
	if (!lwl_is_leaf(p + at, 1, 2, 2))
		return 0;
	out->kind = lwl_load16(p + at + 4);
	at += 8;
	if (!lwl_usual_bytes(&out->name, p, &at, size - 32, 2, 1, 30))
		return 0;
	if (!lwl_is_leaf(p + at, 3, 8, 8))
		return 0;
	out->ino = (int64_t)lwl_load64(p + at + 8);
	at += 16;
	if (!lwl_usual_bytes(&out->tag, p, &at, size - 8, 4, 0, 2))
		return 0;
	if (!lwl_is_leaf(p + at, 7, 4, 4))
		return 0;
	out->weight = lwl_loadf32(p + at + 4);
	at += 8;
	return at == size ? size : 0;
}

/* The same for one that is known to be. */
LWL_ALWAYS_INLINE uint32_t groups_row_row(struct groups_row *out, const uint8_t *p, uint32_t left)
{
	uint32_t at = 8;

	if (left < 56)
		return 0;
	out->kind = lwl_load16(p + at + 4);
	at += 8;
	if (!lwl_row_bytes(&out->name, p, &at, left - 32))
		return 0;
	out->ino = (int64_t)lwl_load64(p + at + 8);
	at += 16;
	if (!lwl_row_bytes(&out->tag, p, &at, left - 8))
		return 0;
	out->weight = lwl_loadf32(p + at + 4);
	at += 8;
	return at;
}

bool groups_row_next_of_any(struct lwl_cursor *c, struct groups_row *out);

/* The next of a list of these; false at its end. */
LWL_ALWAYS_INLINE bool groups_row_next(struct lwl_cursor *c, struct groups_row *out)
{
	uint32_t size;

	if (c->seq.rows == 0) {
		/* Copies, so that neither of the two needs a place in memory. */
		struct lwl_cursor cursor = *c;
		struct groups_row element;
		bool there = groups_row_next_of_any(&cursor, &element);

		*c = cursor;
		if (there)
			*out = element;
		return there;
	}
	size = groups_row_row(out, (const uint8_t *)c->seq.data + c->at, c->seq.wire - c->at);
	c->at += size;
	c->index++;
	return size != 0;
}

struct groups_plain {
	uint16_t kind;
	struct lwl_bytes name;	/* 1..30 bytes */
	int64_t ino;
	struct lwl_bytes tag;	/* up to 2 bytes */
	float weight;
	bool has_never;
	uint8_t never;
};

/* The next of a list of these; false at its end. */
bool groups_plain_next(struct lwl_cursor *c, struct groups_plain *out);

/* ---- Node.lookup ---- */

/*
 * Resolve `name` in this directory.
 *
 * Replay safe.
 */
#define GROUPS_NODE_LOOKUP 0x1001
#define GROUPS_NODE_LOOKUP_REQ_MAX 344
#define GROUPS_NODE_LOOKUP_RSP_MAX 360

struct groups_node_lookup_req {
	struct lwl_bytes name;	/* 1..255 bytes */
};

struct groups_node_lookup_rsp {
	struct groups_node node;
	struct groups_attr attr;
};

int groups_node_lookup_req_encode(struct lwl_writer *w, const struct groups_node_lookup_req *in);
int groups_node_lookup_req_decode(struct groups_node_lookup_req *out, const void *msg, size_t len,
		struct lwl_error *err);
int groups_node_lookup_rsp_encode(struct lwl_writer *w, const struct groups_node_lookup_rsp *in);
int groups_node_lookup_rsp_decode(struct groups_node_lookup_rsp *out, const void *msg, size_t len,
		struct lwl_error *err);

/* ---- Node.readdir ---- */

/* Replay safe. */
#define GROUPS_NODE_READDIR 0x1002
#define GROUPS_NODE_READDIR_REQ_MAX 392
#define GROUPS_NODE_READDIR_RSP_MAX 40120

struct groups_node_readdir_req {
	uint64_t cookie;
	bool has_filter;
	struct groups_filter filter;
};

struct groups_node_readdir_rsp {
	struct lwl_seq entries;	/* up to 100 of struct groups_entry, 40000 bytes in all */
	bool more;
	struct lwl_seq others;	/* up to 3 of struct lwl_link_any */
};

int groups_node_readdir_req_encode(struct lwl_writer *w, const struct groups_node_readdir_req *in);
int groups_node_readdir_req_decode(struct groups_node_readdir_req *out, const void *msg,
		size_t len, struct lwl_error *err);
int groups_node_readdir_rsp_encode(struct lwl_writer *w, const struct groups_node_readdir_rsp *in);
int groups_node_readdir_rsp_decode(struct groups_node_readdir_rsp *out, const void *msg,
		size_t len, struct lwl_error *err);

/* ---- Node.move ---- */

#define GROUPS_NODE_MOVE 0x1003
#define GROUPS_NODE_MOVE_REQ_MAX 1112
#define GROUPS_NODE_MOVE_RSP_MAX 360

struct groups_node_move_req {
	struct groups_node to;
	struct lwl_seq entries;	/* up to 2 of struct groups_entry */
	bool has_overwrite;
	struct groups_empty overwrite;
};

struct groups_node_move_rsp {
	struct groups_empty done;
};

int groups_node_move_req_encode(struct lwl_writer *w, const struct groups_node_move_req *in);
int groups_node_move_req_decode(struct groups_node_move_req *out, const void *msg, size_t len,
		struct lwl_error *err);
int groups_node_move_rsp_encode(struct lwl_writer *w, const struct groups_node_move_rsp *in);
int groups_node_move_rsp_decode(struct groups_node_move_rsp *out, const void *msg, size_t len,
		struct lwl_error *err);

/* ---- Node.touch ---- */

/* A one-way. */
#define GROUPS_NODE_TOUCH 0x1007
#define GROUPS_NODE_TOUCH_MSG_MAX 208

struct groups_node_touch_msg {
	struct lwl_seq inos;	/* up to 10 of uint64_t */
	bool has_kind;
	uint16_t kind;	/* enum groups_kind */
	bool has_at;
	struct lwl_seq at;	/* 3 of float */
	struct lwl_seq marks;	/* up to 9 of bool */
};

int groups_node_touch_msg_encode(struct lwl_writer *w, const struct groups_node_touch_msg *in);
int groups_node_touch_msg_decode(struct groups_node_touch_msg *out, const void *msg, size_t len,
		struct lwl_error *err);

/* ---- Node.rows ---- */

/* Rows are read and written in a way of their own. */
#define GROUPS_NODE_ROWS 0x1008
#define GROUPS_NODE_ROWS_REQ_MAX 440
#define GROUPS_NODE_ROWS_RSP_MAX 688

struct groups_node_rows_req {
	struct groups_row row;
	struct lwl_seq rows;	/* up to 3 of struct groups_row */
	uint8_t behind;
};

struct groups_node_rows_rsp {
	struct lwl_seq rows;	/* up to 20 of struct groups_row, 600 bytes in all */
	uint8_t behind;
};

int groups_node_rows_req_encode(struct lwl_writer *w, const struct groups_node_rows_req *in);
int groups_node_rows_req_decode(struct groups_node_rows_req *out, const void *msg, size_t len,
		struct lwl_error *err);
int groups_node_rows_rsp_encode(struct lwl_writer *w, const struct groups_node_rows_rsp *in);
int groups_node_rows_rsp_decode(struct groups_node_rows_rsp *out, const void *msg, size_t len,
		struct lwl_error *err);

/* ---- Node.plain ---- */

/* The same bytes, of a group that is not a row. */
#define GROUPS_NODE_PLAIN 0x1009
#define GROUPS_NODE_PLAIN_REQ_MAX 472
#define GROUPS_NODE_PLAIN_RSP_MAX 688

struct groups_node_plain_req {
	struct groups_plain row;
	struct lwl_seq rows;	/* up to 3 of struct groups_plain */
	uint8_t behind;
};

struct groups_node_plain_rsp {
	struct lwl_seq rows;	/* up to 20 of struct groups_plain, 600 bytes in all */
	uint8_t behind;
};

int groups_node_plain_req_encode(struct lwl_writer *w, const struct groups_node_plain_req *in);
int groups_node_plain_req_decode(struct groups_node_plain_req *out, const void *msg, size_t len,
		struct lwl_error *err);
int groups_node_plain_rsp_encode(struct lwl_writer *w, const struct groups_node_plain_rsp *in);
int groups_node_plain_rsp_decode(struct groups_node_plain_rsp *out, const void *msg, size_t len,
		struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
