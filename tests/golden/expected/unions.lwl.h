/*
 * golden.unions, version 1: the messages.
 *
 * Made by lwlc from unions.lwl: change that, not this.
 */
#ifndef GOLDEN_UNIONS_LWL_H
#define GOLDEN_UNIONS_LWL_H

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
enum unions_side {
	UNIONS_SIDE_LEFT = 0,
	UNIONS_SIDE_RIGHT = 1
};

static inline bool unions_side_valid(uint8_t v)
{
	return v <= 1;
}

/* "LEFT" for UNIONS_SIDE_LEFT and so on; NULL for a value without a name. */
const char *unions_side_name(uint8_t v);

/* A link to an end point that offers Canvas. */
struct unions_canvas {
	uint64_t id;			/* the linkid; 0: none */
};

#define UNIONS_CANVAS_ID 0x03

/* Element `i` of a sequence of these. */
static inline struct unions_canvas unions_canvas_at(struct lwl_seq seq, uint32_t i)
{
	struct unions_canvas link = { lwl_link_at(seq, i).id };

	return link;
}

/* 8 bytes in a message, aligned to 4; at the left, the offsets there. */
struct unions_point {
	/*   0 */ int32_t x;
	/*   4 */ int32_t y;
};

/* From its 8 bytes at `p` in a message. */
static inline void unions_point_load(struct unions_point *out, const uint8_t *p)
{
	out->x = (int32_t)lwl_load32(p);
	out->y = (int32_t)lwl_load32(p + 4);
}

/* Element `i` of a sequence of these; zeros when there are not so many. */
static inline struct unions_point unions_point_at(struct lwl_seq seq, uint32_t i)
{
	struct unions_point v;

	if (i < seq.count && seq.wire == 0)
		return ((const struct unions_point *)seq.data)[i];
	memset(&v, 0, sizeof v);
	if (i < seq.count)
		unions_point_load(&v, (const uint8_t *)seq.data + (size_t)i * 8);
	return v;
}

struct unions_line {
	struct unions_point from;
	struct unions_point to;
};

/* The next of a list of these; false at its end. */
bool unions_line_next(struct lwl_cursor *c, struct unions_line *out);

enum {				/* struct unions_shape_body_inner, which */
	UNIONS_SHAPE_BODY_INNER_NUMBER = 1,
	UNIONS_SHAPE_BODY_INNER_END = 2,
	UNIONS_SHAPE_BODY_INNER_SIDE = 3
};

struct unions_shape_body_inner {
	uint16_t which;
	union {
		uint64_t number;
		struct lwl_link_any end;
		uint8_t side;	/* enum unions_side */
	};
};

enum {				/* struct unions_shape_scale, which */
	UNIONS_SHAPE_SCALE_SMALL = 1,
	UNIONS_SHAPE_SCALE_LARGE = 2
};

struct unions_shape_scale {
	uint16_t which;
	union {
		uint8_t small;
		uint64_t large;
	};
};

enum {				/* struct unions_shape_body, which */
	UNIONS_SHAPE_BODY_DOT = 1,
	UNIONS_SHAPE_BODY_LINE = 2,
	UNIONS_SHAPE_BODY_INNER = 3,
	UNIONS_SHAPE_BODY_COLOUR = 4,
	UNIONS_SHAPE_BODY_TEXT = 5,
	UNIONS_SHAPE_BODY_RADIUS = 6,
	UNIONS_SHAPE_BODY_HIDDEN = 7
};

struct unions_shape_body {
	uint16_t which;
	union {
		/* A single dot. */
		struct unions_point dot;
		struct unions_line line;
		struct lwl_string text;	/* up to 40 bytes */
		struct unions_shape_body_inner inner;
		struct lwl_seq colour;	/* 4 of uint8_t */
		double radius;
		bool hidden;
	};
};

struct unions_shape {
	/* What is drawn. */
	struct unions_shape_body body;
	bool has_scale;
	struct unions_shape_scale scale;
};

/* The next of a list of these; false at its end. */
bool unions_shape_next(struct lwl_cursor *c, struct unions_shape *out);

enum {				/* struct unions_canvas_draw_req_where, which */
	UNIONS_CANVAS_DRAW_REQ_WHERE_LAYER = 1,
	UNIONS_CANVAS_DRAW_REQ_WHERE_NAMED = 2
};

struct unions_canvas_draw_req_where {
	uint16_t which;
	union {
		uint32_t layer;
		struct lwl_string named;	/* up to 16 bytes */
	};
};

enum {				/* struct unions_canvas_draw_rsp_result, which */
	UNIONS_CANVAS_DRAW_RSP_RESULT_BOUNDS = 1,
	UNIONS_CANVAS_DRAW_RSP_RESULT_COUNT = 2
};

struct unions_canvas_draw_rsp_result {
	uint16_t which;
	union {
		struct unions_shape bounds;
		uint32_t count;
	};
};

/* ---- Canvas.draw ---- */

#define UNIONS_CANVAS_DRAW 0x0301
#define UNIONS_CANVAS_DRAW_REQ_MAX 4512
#define UNIONS_CANVAS_DRAW_RSP_MAX 360

struct unions_canvas_draw_req {
	struct lwl_seq shapes;	/* up to 50 of struct unions_shape */
	struct unions_canvas_draw_req_where where;
};

struct unions_canvas_draw_rsp {
	bool has_result;
	struct unions_canvas_draw_rsp_result result;
};

int unions_canvas_draw_req_encode(struct lwl_writer *w, const struct unions_canvas_draw_req *in);
int unions_canvas_draw_req_decode(struct unions_canvas_draw_req *out, const void *msg, size_t len,
		struct lwl_error *err);
int unions_canvas_draw_rsp_encode(struct lwl_writer *w, const struct unions_canvas_draw_rsp *in);
int unions_canvas_draw_rsp_decode(struct unions_canvas_draw_rsp *out, const void *msg, size_t len,
		struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
