/*
 * golden.import, version 1: the messages.
 *
 * Made by lwlc from import.lwl: change that, not this.
 */
#ifndef GOLDEN_IMPORT_LWL_H
#define GOLDEN_IMPORT_LWL_H

#include <lwlink/wire.h>

#include "other.lwl.h"

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

/* A link to an end point that offers Finder. */
struct import_finder {
	uint64_t id;			/* the linkid; 0: none */
};

#define IMPORT_FINDER_ID 0x05

/* Element `i` of a sequence of these. */
static inline struct import_finder import_finder_at(struct lwl_seq seq, uint32_t i)
{
	struct import_finder link = { lwl_link_at(seq, i).id };

	return link;
}

/*
 * Nothing of its own.
 *
 * A link to an end point that offers Handle.
 */
struct import_handle {
	uint64_t id;			/* the linkid; 0: none */
};

#define IMPORT_HANDLE_ID 0x06

/* Element `i` of a sequence of these. */
static inline struct import_handle import_handle_at(struct lwl_seq seq, uint32_t i)
{
	struct import_handle link = { lwl_link_at(seq, i).id };

	return link;
}

struct import_query {
	struct other_name name;
	struct lwl_seq ranges;	/* up to 12 of struct other_range */
	bool has_sort;
	uint8_t sort;	/* enum other_sort */
	bool has_handle;
	struct other_closable handle;
	struct lwl_seq sorts;	/* up to 3 of uint8_t */
	struct lwl_seq names;	/* up to 4 of struct other_name */
	bool has_range;
	struct other_range range;
};

/* The next of a list of these; false at its end. */
bool import_query_next(struct lwl_cursor *c, struct import_query *out);

/* ---- Finder.find ---- */

#define IMPORT_FINDER_FIND 0x0501
#define IMPORT_FINDER_FIND_REQ_MAX 20608
#define IMPORT_FINDER_FIND_RSP_MAX 8256

struct import_finder_find_req {
	struct import_query query;
};

struct import_finder_find_rsp {
	struct other_closable handle;
	bool has_name;
	struct other_name name;
};

int import_finder_find_req_encode(struct lwl_writer *w, const struct import_finder_find_req *in);
int import_finder_find_req_decode(struct import_finder_find_req *out, const void *msg, size_t len,
		struct lwl_error *err);
int import_finder_find_rsp_encode(struct lwl_writer *w, const struct import_finder_find_rsp *in);
int import_finder_find_rsp_decode(struct import_finder_find_rsp *out, const void *msg, size_t len,
		struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
