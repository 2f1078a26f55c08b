/*
 * golden.structs, version 1: the messages.
 *
 * Made by lwlc from structs.lwl: change that, not this.
 */
#ifndef GOLDEN_STRUCTS_LWL_H
#define GOLDEN_STRUCTS_LWL_H

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

/* Stored as uint8_t; no others than these. */
enum structs_colour {
	STRUCTS_COLOUR_RED = 1,
	STRUCTS_COLOUR_GREEN = 2,
	STRUCTS_COLOUR_BLUE = 3
};

static inline bool structs_colour_valid(uint8_t v)
{
	return v >= 1 && v <= 3;
}

/* "RED" for STRUCTS_COLOUR_RED and so on; NULL for a value without a name. */
const char *structs_colour_name(uint8_t v);

/* Stored as uint16_t; no others than these. */
enum structs_bits {
	STRUCTS_BITS_ONE = 1,
	STRUCTS_BITS_TWO = 2
};

static inline bool structs_bits_valid(uint16_t v)
{
	return (v & ~UINT64_C(3)) == 0;
}

/* Stored as uint32_t; others than these pass, too. */
enum structs_open {
	STRUCTS_OPEN_ZERO = 0
};

/* "ZERO" for STRUCTS_OPEN_ZERO and so on; NULL for a value without a name. */
const char *structs_open_name(uint32_t v);

/* A link to an end point that offers Store. */
struct structs_store {
	uint64_t id;			/* the linkid; 0: none */
};

#define STRUCTS_STORE_ID 0x02

/* Element `i` of a sequence of these. */
static inline struct structs_store structs_store_at(struct lwl_seq seq, uint32_t i)
{
	struct structs_store link = { lwl_link_at(seq, i).id };

	return link;
}

/* 1 bytes in a message, aligned to 1; at the left, the offsets there. */
struct structs_tiny {
	/*   0 */ uint8_t only;
};

/* From its 1 bytes at `p` in a message. */
static inline void structs_tiny_load(struct structs_tiny *out, const uint8_t *p)
{
	out->only = p[0];
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct structs_tiny structs_tiny_at(struct lwl_seq seq, uint32_t i)
{
	struct structs_tiny v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct structs_tiny *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		structs_tiny_load(&v, (const uint8_t *)seq.data + (size_t)i * 1);
	return v;
}

/*
 * Holes behind members and at the end.
 *
 * 32 bytes in a message, aligned to 8; at the left, the offsets there.
 */
struct structs_holes {
	/*   0 */ uint8_t a;
	/*   1: a hole of 3 bytes */
	/*   4 */ uint32_t b;
	/*   8 */ uint8_t c[3];
	/*  11: a hole of 5 bytes */
	/*  16 */ uint64_t d;
	/*  24 */ uint16_t e;
	/*  26: a hole of 6 bytes */
};

/* From its 32 bytes at `p` in a message. */
static inline void structs_holes_load(struct structs_holes *out, const uint8_t *p)
{
	out->a = p[0];
	out->b = lwl_load32(p + 4);
	memcpy(out->c, p + 8, 3);
	out->d = lwl_load64(p + 16);
	out->e = lwl_load16(p + 24);
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct structs_holes structs_holes_at(struct lwl_seq seq, uint32_t i)
{
	struct structs_holes v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct structs_holes *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		structs_holes_load(&v, (const uint8_t *)seq.data + (size_t)i * 32);
	return v;
}

/* 16 bytes in a message, aligned to 4; at the left, the offsets there. */
struct structs_checked {
	/*   0 */ bool yes;
	/*   1 */ bool many[3];
	/* One of three. */
	/*   4 */ uint8_t colour;
	/*   5 */ uint8_t colours[2];
	/*   7: a hole of 1 byte */
	/*   8 */ uint16_t bits;
	/*  10: a hole of 2 bytes */
	/*  12 */ uint32_t open;
};

/* From its 16 bytes at `p` in a message. */
static inline void structs_checked_load(struct structs_checked *out, const uint8_t *p)
{
	uint32_t i;

	out->yes = p[0] == 1;
	for (i = 0; i < 3; i++)
		out->many[i] = p[1 + i] == 1;
	out->colour = p[4];
	memcpy(out->colours, p + 5, 2);
	out->bits = lwl_load16(p + 8);
	out->open = lwl_load32(p + 12);
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct structs_checked structs_checked_at(struct lwl_seq seq, uint32_t i)
{
	struct structs_checked v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct structs_checked *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		structs_checked_load(&v, (const uint8_t *)seq.data + (size_t)i * 16);
	return v;
}

/* 136 bytes in a message, aligned to 8; at the left, the offsets there. */
struct structs_outer {
	/*   0 */ struct structs_tiny tiny;
	/*   1: a hole of 7 bytes */
	/*   8 */ struct structs_holes holes[2];
	/*  72 */ struct structs_checked checked;
	/*  88 */ float x;
	/*  92: a hole of 4 bytes */
	/*  96 */ double y[2];
	/* 112 */ int8_t low;
	/* 113: a hole of 1 byte */
	/* 114 */ int16_t lows[3];
	/* 120 */ uint8_t tag[16];
};

/* From its 136 bytes at `p` in a message. */
static inline void structs_outer_load(struct structs_outer *out, const uint8_t *p)
{
	uint32_t i;

	structs_tiny_load(&out->tiny, p);
	for (i = 0; i < 2; i++)
		structs_holes_load(&out->holes[i], p + 8 + 32 * i);
	structs_checked_load(&out->checked, p + 72);
	out->x = lwl_loadf32(p + 88);
	for (i = 0; i < 2; i++)
		out->y[i] = lwl_loadf64(p + 96 + 8 * i);
	out->low = (int8_t)p[112];
	for (i = 0; i < 3; i++)
		out->lows[i] = (int16_t)lwl_load16(p + 114 + 2 * i);
	memcpy(out->tag, p + 120, 16);
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct structs_outer structs_outer_at(struct lwl_seq seq, uint32_t i)
{
	struct structs_outer v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct structs_outer *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		structs_outer_load(&v, (const uint8_t *)seq.data + (size_t)i * 136);
	return v;
}

/* 24 bytes in a message, aligned to 8; at the left, the offsets there. */
struct structs_plain {
	/*   0 */ uint64_t ino;
	/*   8 */ uint64_t size;
	/*  16 */ uint32_t mode;
	/*  20 */ uint32_t links;
};

/* Is it in memory as in a message? */
enum {
	STRUCTS_PLAIN_AS_IS = LWL_LITTLE_ENDIAN && sizeof(struct structs_plain) == 24 &&
		offsetof(struct structs_plain, ino) == 0 &&
		offsetof(struct structs_plain, size) == 8 &&
		offsetof(struct structs_plain, mode) == 16 &&
		offsetof(struct structs_plain, links) == 20
};

/* From its 24 bytes at `p` in a message. */
static inline void structs_plain_load(struct structs_plain *out, const uint8_t *p)
{
	out->ino = lwl_load64(p);
	out->size = lwl_load64(p + 8);
	out->mode = lwl_load32(p + 16);
	out->links = lwl_load32(p + 20);
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct structs_plain structs_plain_at(struct lwl_seq seq, uint32_t i)
{
	struct structs_plain v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct structs_plain *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		structs_plain_load(&v, (const uint8_t *)seq.data + (size_t)i * 24);
	return v;
}

struct structs_box {
	struct structs_outer outer;
	bool has_holes;
	struct structs_holes holes;
	struct lwl_seq plains;	/* up to 8 of struct structs_plain */
	struct lwl_seq pair;	/* 2 of struct structs_checked */
	struct lwl_seq tinies;	/* up to 3 of struct structs_tiny */
	bool has_other;
	struct structs_outer other;
};

/* The next of a list of these; false at its end. */
bool structs_box_next(struct lwl_cursor *c, struct structs_box *out);

/* ---- Store.swap ---- */

/* Replay safe. */
#define STRUCTS_STORE_SWAP 0x0201
#define STRUCTS_STORE_SWAP_REQ_MAX 256
#define STRUCTS_STORE_SWAP_RSP_MAX 2272

struct structs_store_swap_req {
	struct structs_outer outer;
	bool has_plain;
	struct structs_plain plain;
};

struct structs_store_swap_rsp {
	bool has_box;
	struct structs_box box;
	struct lwl_seq history;	/* up to 100 of struct structs_checked */
};

int structs_store_swap_req_encode(struct lwl_writer *w, const struct structs_store_swap_req *in);
int structs_store_swap_req_decode(struct structs_store_swap_req *out, const void *msg, size_t len,
		struct lwl_error *err);
int structs_store_swap_rsp_encode(struct lwl_writer *w, const struct structs_store_swap_rsp *in);
int structs_store_swap_rsp_decode(struct structs_store_swap_rsp *out, const void *msg, size_t len,
		struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
