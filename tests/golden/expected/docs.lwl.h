/*
 * golden.docs, version 9: the messages.
 *
 * A comment that ends early * / int x; / * and starts again.
 * Trigraphs: ? ?/ ? ?= ? ?' and a line that ends in a backslash \
 * "quoted" 'text' % $hole$ %s \n \x41 // and ////
 *
 * An empty line above, stars * ** *** and slashes / // at the end * /
 *
 * Made by lwlc from docs.lwl: change that, not this.
 */
#ifndef GOLDEN_DOCS_LWL_H
#define GOLDEN_DOCS_LWL_H

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

/* * / */
#define DOCS_END 1
/* / * */
#define DOCS_START 2
/* * / * / * / * / ? ? ? ? ? ?/ */
#define DOCS_BOTH 3
/*
 * A line so long that it could never stand in a hundred columns, with words in it that are of no use to anybody, äöü € 𝄞 included, and on and on.
 */
#define DOCS_LONG 4
#define DOCS_EMPTY 5
/*     indented, and with	a tab and trailing blanks */
#define DOCS_BLANKS 6
/* $name$ and $ */
#define DOCS_DOLLAR 7

/*
 * On an enum * /
 *
 * Stored as uint8_t; no others than these.
 */
enum docs_level {
	/* On a member \ */
	DOCS_LEVEL_LOW = 0,
	/*
	 * Two
	 * lines.
	 *
	 * Since version 9. Deprecated: * / use LOW
	 */
	DOCS_LEVEL_HIGH = 1
};

static inline bool docs_level_valid(uint8_t v)
{
	return v <= 1;
}

/* "LOW" for DOCS_LEVEL_LOW and so on; NULL for a value without a name. */
const char *docs_level_name(uint8_t v);

/*
 * On an interface: * /
 *
 * A link to an end point that offers Doc.
 */
struct docs_doc {
	uint64_t id;			/* the linkid; 0: none */
};

#define DOCS_DOC_ID 0x01

/* Element `i` of a sequence of these. */
static inline struct docs_doc docs_doc_at(struct lwl_seq seq, uint32_t i)
{
	struct docs_doc link = { lwl_link_at(seq, i).id };

	return link;
}

/*
 * On a struct ? ?/
 *
 * 8 bytes in a message, aligned to 4; at the left, the offsets there.
 */
struct docs_pair {
	/* One. */
	/*   0 */ uint8_t one;
	/*   1: a hole of 3 bytes */
	/*
	 * Two, which
	 * takes two lines.
	 */
	/*   4 */ uint32_t two;
};

/* From its 8 bytes at `p` in a message. */
static inline void docs_pair_load(struct docs_pair *out, const uint8_t *p)
{
	out->one = p[0];
	out->two = lwl_load32(p + 4);
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct docs_pair docs_pair_at(struct lwl_seq seq, uint32_t i)
{
	struct docs_pair v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct docs_pair *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		docs_pair_load(&v, (const uint8_t *)seq.data + (size_t)i * 8);
	return v;
}

enum {				/* struct docs_item_choice, which */
	DOCS_ITEM_CHOICE_FIRST = 1,
	DOCS_ITEM_CHOICE_SECOND = 2
};

struct docs_item_choice {
	uint16_t which;
	union {
		/* The first. */
		uint8_t first;
		/* Since version 9. */
		uint16_t second;
	};
};

/* On a group. */
struct docs_item {
	/* On a field / * nested * / */
	uint8_t field;
	/* Since version 3. Deprecated: superseded by "field" ? ?/ * / \ */
	bool has_old;
	uint8_t old;
	/*
	 * Both.
	 *
	 * Deprecated: no reason
	 */
	bool has_both;
	uint8_t both;
	/*
	 * Of a union
	 * in lines.
	 */
	struct docs_item_choice choice;
};

/* The next of a list of these; false at its end. */
bool docs_item_next(struct lwl_cursor *c, struct docs_item *out);

/* ---- Doc.run ---- */

/*
 * On a command.
 * In two lines * /
 *
 * Replay safe. Since version 2. Deprecated: a text that is long enough to make the line of the comment go beyond the hundred columns that lines have
 */
#define DOCS_DOC_RUN 0x0101
#define DOCS_DOC_RUN_REQ_MAX 88
#define DOCS_DOC_RUN_RSP_MAX 360

struct docs_doc_run_req {
	/* In a request. */
	uint8_t a;
};

struct docs_doc_run_rsp {
	char lwl_none;			/* it has no items */
};

int docs_doc_run_req_encode(struct lwl_writer *w, const struct docs_doc_run_req *in);
int docs_doc_run_req_decode(struct docs_doc_run_req *out, const void *msg, size_t len,
		struct lwl_error *err);
int docs_doc_run_rsp_encode(struct lwl_writer *w, const struct docs_doc_run_rsp *in);
int docs_doc_run_rsp_decode(struct docs_doc_run_rsp *out, const void *msg, size_t len,
		struct lwl_error *err);

/* ---- Doc.go ---- */

/*
 * A one-way.
 *
 * A one-way. Since version 4.
 */
#define DOCS_DOC_GO 0x0102
#define DOCS_DOC_GO_MSG_MAX 80

struct docs_doc_go_msg {
	char lwl_none;			/* it has no items */
};

int docs_doc_go_msg_encode(struct lwl_writer *w, const struct docs_doc_go_msg *in);
int docs_doc_go_msg_decode(struct docs_doc_go_msg *out, const void *msg, size_t len,
		struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
