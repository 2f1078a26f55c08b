/*
 * golden.other, version 4: the messages.
 *
 * What import.lwl imports.
 *
 * Made by lwlc from other.lwl: change that, not this.
 */
#ifndef GOLDEN_OTHER_LWL_H
#define GOLDEN_OTHER_LWL_H

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

#define OTHER_LIMIT 12

/* Stored as uint8_t; no others than these. */
enum other_sort {
	OTHER_SORT_UP = 1,
	OTHER_SORT_DOWN = 2
};

static inline bool other_sort_valid(uint8_t v)
{
	return v >= 1 && v <= 2;
}

/* "UP" for OTHER_SORT_UP and so on; NULL for a value without a name. */
const char *other_sort_name(uint8_t v);

/* A link to an end point that offers Closable. */
struct other_closable {
	uint64_t id;			/* the linkid; 0: none */
};

#define OTHER_CLOSABLE_ID 0x09

/* Element `i` of a sequence of these. */
static inline struct other_closable other_closable_at(struct lwl_seq seq, uint32_t i)
{
	struct other_closable link = { lwl_link_at(seq, i).id };

	return link;
}

/* 12 bytes in a message, aligned to 4; at the left, the offsets there. */
struct other_range {
	/*   0 */ uint32_t from;
	/*   4 */ uint32_t to;
	/*   8 */ bool open;
	/*   9: a hole of 3 bytes */
};

/* From its 12 bytes at `p` in a message. */
static inline void other_range_load(struct other_range *out, const uint8_t *p)
{
	out->from = lwl_load32(p);
	out->to = lwl_load32(p + 4);
	out->open = p[8] == 1;
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct other_range other_range_at(struct lwl_seq seq, uint32_t i)
{
	struct other_range v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct other_range *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		other_range_load(&v, (const uint8_t *)seq.data + (size_t)i * 12);
	return v;
}

struct other_name {
	struct lwl_string text;	/* up to 12 bytes */
	bool has_sort;
	uint8_t sort;	/* enum other_sort */
	struct lwl_seq more;	/* up to 2 of struct other_name */
};

/* The next of a list of these; false at its end. */
bool other_name_next(struct lwl_cursor *c, struct other_name *out);

/* ---- Closable.close ---- */

#define OTHER_CLOSABLE_CLOSE 0x0901
#define OTHER_CLOSABLE_CLOSE_REQ_MAX 80
#define OTHER_CLOSABLE_CLOSE_RSP_MAX 360

struct other_closable_close_req {
	char lwl_none;			/* it has no items */
};

struct other_closable_close_rsp {
	char lwl_none;			/* it has no items */
};

int other_closable_close_req_encode(struct lwl_writer *w,
		const struct other_closable_close_req *in);
int other_closable_close_req_decode(struct other_closable_close_req *out, const void *msg,
		size_t len, struct lwl_error *err);
int other_closable_close_rsp_encode(struct lwl_writer *w,
		const struct other_closable_close_rsp *in);
int other_closable_close_rsp_decode(struct other_closable_close_rsp *out, const void *msg,
		size_t len, struct lwl_error *err);

/* ---- Closable.abandon ---- */

/* A one-way. */
#define OTHER_CLOSABLE_ABANDON 0x0902
#define OTHER_CLOSABLE_ABANDON_MSG_MAX 80

struct other_closable_abandon_msg {
	char lwl_none;			/* it has no items */
};

int other_closable_abandon_msg_encode(struct lwl_writer *w,
		const struct other_closable_abandon_msg *in);
int other_closable_abandon_msg_decode(struct other_closable_abandon_msg *out, const void *msg,
		size_t len, struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
