/*
 * golden.unions, version 1: encoders and decoders.
 *
 * Made by lwlc from unions.lwl: change that, not this.
 */
#include "unions.lwl.h"

const char *unions_side_name(uint8_t v)
{
	switch (v) {
	case UNIONS_SIDE_LEFT: return "LEFT";
	case UNIONS_SIDE_RIGHT: return "RIGHT";
	default: return NULL;
	}
}

static bool get_unions_side(struct lwl_reader *r, uint16_t number, bool required, uint8_t *out)
{
	if (!lwl_open_leaf(r, number, required, 1, 1)) {
		*out = 0;
		return false;
	}
	*out = r->msg[r->value];
	lwl_check(r, unions_side_valid(*out), LWL_BAD_ENUM);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_unions_side(struct lwl_writer *w, uint16_t number, uint8_t v)
{
	lwl_require(w, unions_side_valid(v));
	lwl_put_u8(w, number, v);
}

static void store_unions_point(uint8_t *p, const struct unions_point *in)
{
	lwl_store32(p, (uint32_t)in->x);
	lwl_store32(p + 4, (uint32_t)in->y);
}

static bool get_unions_point(struct lwl_reader *r, uint16_t number, bool required,
		struct unions_point *out)
{
	if (!lwl_open_leaf(r, number, required, 8, 4)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	unions_point_load(out, r->msg + r->value);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_unions_point(struct lwl_writer *w, uint16_t number, const struct unions_point *in)
{
	uint8_t *p = lwl_put_leaf(w, number, 8, 4);

	if (p != NULL)
		store_unions_point(p, in);
}

LWL_SHARED void get_unions_line_items(struct lwl_reader *r, struct unions_line *out)
{
	get_unions_point(r, 1, LWL_REQUIRED, &out->from);
	get_unions_point(r, 2, LWL_REQUIRED, &out->to);
}

static void put_unions_line_items(struct lwl_writer *w, const struct unions_line *in)
{
	put_unions_point(w, 1, &in->from);
	put_unions_point(w, 2, &in->to);
}

bool unions_line_next(struct lwl_cursor *c, struct unions_line *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_unions_line_items(&r, out);
	return !r.failed;
}

static bool get_unions_line(struct lwl_reader *r, uint16_t number, bool required,
		struct unions_line *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_unions_line_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_unions_line(struct lwl_writer *w, uint16_t number, const struct unions_line *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_unions_line_items(w, in);
	lwl_end_group(w, &group);
}

static void get_unions_shape_body_inner_items(struct lwl_reader *r,
		struct unions_shape_body_inner *out)
{
	bool known = true;

	memset(out, 0, sizeof *out);
	out->which = lwl_union_member(r);
	switch (out->which) {
	case UNIONS_SHAPE_BODY_INNER_NUMBER:
		lwl_get_u64(r, 1, LWL_REQUIRED, &out->number);
		break;
	case UNIONS_SHAPE_BODY_INNER_END:
		lwl_get_link(r, 2, LWL_REQUIRED, &out->end.id);
		break;
	case UNIONS_SHAPE_BODY_INNER_SIDE:
		get_unions_side(r, 3, LWL_REQUIRED, &out->side);
		break;
	default:
		known = false;
		break;
	}
	lwl_check_union(r, known);
}

static void put_unions_shape_body_inner_items(struct lwl_writer *w,
		const struct unions_shape_body_inner *in)
{
	switch (in->which) {
	case UNIONS_SHAPE_BODY_INNER_NUMBER:
		lwl_put_u64(w, 1, in->number);
		break;
	case UNIONS_SHAPE_BODY_INNER_END:
		lwl_put_link(w, 2, in->end.id);
		break;
	case UNIONS_SHAPE_BODY_INNER_SIDE:
		put_unions_side(w, 3, in->side);
		break;
	default:
		lwl_require(w, false);
		break;
	}
}

static bool get_unions_shape_body_inner(struct lwl_reader *r, uint16_t number, bool required,
		struct unions_shape_body_inner *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_unions_shape_body_inner_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_unions_shape_body_inner(struct lwl_writer *w, uint16_t number,
		const struct unions_shape_body_inner *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_unions_shape_body_inner_items(w, in);
	lwl_end_group(w, &group);
}

static void get_unions_shape_scale_items(struct lwl_reader *r, struct unions_shape_scale *out)
{
	bool known = true;

	memset(out, 0, sizeof *out);
	out->which = lwl_union_member(r);
	switch (out->which) {
	case UNIONS_SHAPE_SCALE_SMALL:
		lwl_get_u8(r, 1, LWL_REQUIRED, &out->small);
		break;
	case UNIONS_SHAPE_SCALE_LARGE:
		lwl_get_u64(r, 2, LWL_REQUIRED, &out->large);
		break;
	default:
		known = false;
		break;
	}
	lwl_check_union(r, known);
}

static void put_unions_shape_scale_items(struct lwl_writer *w, const struct unions_shape_scale *in)
{
	switch (in->which) {
	case UNIONS_SHAPE_SCALE_SMALL:
		lwl_put_u8(w, 1, in->small);
		break;
	case UNIONS_SHAPE_SCALE_LARGE:
		lwl_put_u64(w, 2, in->large);
		break;
	default:
		lwl_require(w, false);
		break;
	}
}

static bool get_unions_shape_scale(struct lwl_reader *r, uint16_t number, bool required,
		struct unions_shape_scale *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_unions_shape_scale_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_unions_shape_scale(struct lwl_writer *w, uint16_t number,
		const struct unions_shape_scale *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_unions_shape_scale_items(w, in);
	lwl_end_group(w, &group);
}

static void get_unions_shape_body_items(struct lwl_reader *r, struct unions_shape_body *out)
{
	bool known = true;

	memset(out, 0, sizeof *out);
	out->which = lwl_union_member(r);
	switch (out->which) {
	case UNIONS_SHAPE_BODY_DOT:
		get_unions_point(r, 1, LWL_REQUIRED, &out->dot);
		break;
	case UNIONS_SHAPE_BODY_LINE:
		get_unions_line(r, 2, LWL_REQUIRED, &out->line);
		break;
	case UNIONS_SHAPE_BODY_INNER:
		get_unions_shape_body_inner(r, 3, LWL_REQUIRED, &out->inner);
		break;
	case UNIONS_SHAPE_BODY_COLOUR:
		lwl_get_packed(r, 4, LWL_REQUIRED, 1, 4, 4, &out->colour);
		break;
	case UNIONS_SHAPE_BODY_TEXT:
		lwl_get_string(r, 5, LWL_REQUIRED, 0, 40, &out->text);
		break;
	case UNIONS_SHAPE_BODY_RADIUS:
		lwl_get_f64(r, 6, LWL_REQUIRED, &out->radius);
		break;
	case UNIONS_SHAPE_BODY_HIDDEN:
		lwl_get_bool(r, 7, LWL_REQUIRED, &out->hidden);
		break;
	default:
		known = false;
		break;
	}
	lwl_check_union(r, known);
}

static void put_unions_shape_body_items(struct lwl_writer *w, const struct unions_shape_body *in)
{
	switch (in->which) {
	case UNIONS_SHAPE_BODY_DOT:
		put_unions_point(w, 1, &in->dot);
		break;
	case UNIONS_SHAPE_BODY_LINE:
		put_unions_line(w, 2, &in->line);
		break;
	case UNIONS_SHAPE_BODY_INNER:
		put_unions_shape_body_inner(w, 3, &in->inner);
		break;
	case UNIONS_SHAPE_BODY_COLOUR:
		lwl_put_packed(w, 4, 1, 4, 4, in->colour);
		break;
	case UNIONS_SHAPE_BODY_TEXT:
		lwl_put_string(w, 5, 0, 40, in->text);
		break;
	case UNIONS_SHAPE_BODY_RADIUS:
		lwl_put_f64(w, 6, in->radius);
		break;
	case UNIONS_SHAPE_BODY_HIDDEN:
		lwl_put_bool(w, 7, in->hidden);
		break;
	default:
		lwl_require(w, false);
		break;
	}
}

static bool get_unions_shape_body(struct lwl_reader *r, uint16_t number, bool required,
		struct unions_shape_body *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_unions_shape_body_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_unions_shape_body(struct lwl_writer *w, uint16_t number,
		const struct unions_shape_body *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_unions_shape_body_items(w, in);
	lwl_end_group(w, &group);
}

LWL_SHARED void get_unions_shape_items(struct lwl_reader *r, struct unions_shape *out)
{
	get_unions_shape_body(r, 1, LWL_REQUIRED, &out->body);
	out->has_scale = get_unions_shape_scale(r, 2, LWL_OPTIONAL, &out->scale);
}

LWL_SHARED void put_unions_shape_items(struct lwl_writer *w, const struct unions_shape *in)
{
	put_unions_shape_body(w, 1, &in->body);
	if (in->has_scale)
		put_unions_shape_scale(w, 2, &in->scale);
	else
		lwl_require(w, in->scale.which == 0);
}

bool unions_shape_next(struct lwl_cursor *c, struct unions_shape *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_unions_shape_items(&r, out);
	return !r.failed;
}

static bool get_unions_shape(struct lwl_reader *r, uint16_t number, bool required,
		struct unions_shape *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_unions_shape_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_unions_shape(struct lwl_writer *w, uint16_t number, const struct unions_shape *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_unions_shape_items(w, in);
	lwl_end_group(w, &group);
}

static void get_unions_shape_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct unions_shape element;

	memset(out, 0, sizeof *out);
	while (lwl_open_element(r, number, max, bytes, out, &inner)) {
		get_unions_shape_items(&inner, &element);
		lwl_close_group(r, &inner);
	}
}

static void put_unions_shape_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct unions_shape element;
	const struct unions_shape *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, unions_shape_next(&list.cursor, &element));
		put_unions_shape_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

static void get_unions_canvas_draw_req_where_items(struct lwl_reader *r,
		struct unions_canvas_draw_req_where *out)
{
	bool known = true;

	memset(out, 0, sizeof *out);
	out->which = lwl_union_member(r);
	switch (out->which) {
	case UNIONS_CANVAS_DRAW_REQ_WHERE_LAYER:
		lwl_get_u32(r, 1, LWL_REQUIRED, &out->layer);
		break;
	case UNIONS_CANVAS_DRAW_REQ_WHERE_NAMED:
		lwl_get_string(r, 2, LWL_REQUIRED, 0, 16, &out->named);
		break;
	default:
		known = false;
		break;
	}
	lwl_check_union(r, known);
}

static void put_unions_canvas_draw_req_where_items(struct lwl_writer *w,
		const struct unions_canvas_draw_req_where *in)
{
	switch (in->which) {
	case UNIONS_CANVAS_DRAW_REQ_WHERE_LAYER:
		lwl_put_u32(w, 1, in->layer);
		break;
	case UNIONS_CANVAS_DRAW_REQ_WHERE_NAMED:
		lwl_put_string(w, 2, 0, 16, in->named);
		break;
	default:
		lwl_require(w, false);
		break;
	}
}

static bool get_unions_canvas_draw_req_where(struct lwl_reader *r, uint16_t number, bool required,
		struct unions_canvas_draw_req_where *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_unions_canvas_draw_req_where_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_unions_canvas_draw_req_where(struct lwl_writer *w, uint16_t number,
		const struct unions_canvas_draw_req_where *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_unions_canvas_draw_req_where_items(w, in);
	lwl_end_group(w, &group);
}

static void get_unions_canvas_draw_rsp_result_items(struct lwl_reader *r,
		struct unions_canvas_draw_rsp_result *out)
{
	bool known = true;

	memset(out, 0, sizeof *out);
	out->which = lwl_union_member(r);
	switch (out->which) {
	case UNIONS_CANVAS_DRAW_RSP_RESULT_BOUNDS:
		get_unions_shape(r, 1, LWL_REQUIRED, &out->bounds);
		break;
	case UNIONS_CANVAS_DRAW_RSP_RESULT_COUNT:
		lwl_get_u32(r, 2, LWL_REQUIRED, &out->count);
		break;
	default:
		known = false;
		break;
	}
	lwl_check_union(r, known);
}

static void put_unions_canvas_draw_rsp_result_items(struct lwl_writer *w,
		const struct unions_canvas_draw_rsp_result *in)
{
	switch (in->which) {
	case UNIONS_CANVAS_DRAW_RSP_RESULT_BOUNDS:
		put_unions_shape(w, 1, &in->bounds);
		break;
	case UNIONS_CANVAS_DRAW_RSP_RESULT_COUNT:
		lwl_put_u32(w, 2, in->count);
		break;
	default:
		lwl_require(w, false);
		break;
	}
}

static bool get_unions_canvas_draw_rsp_result(struct lwl_reader *r, uint16_t number, bool required,
		struct unions_canvas_draw_rsp_result *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_unions_canvas_draw_rsp_result_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_unions_canvas_draw_rsp_result(struct lwl_writer *w, uint16_t number,
		const struct unions_canvas_draw_rsp_result *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_unions_canvas_draw_rsp_result_items(w, in);
	lwl_end_group(w, &group);
}

int unions_canvas_draw_req_encode(struct lwl_writer *w, const struct unions_canvas_draw_req *in)
{
	lwl_writer_begin(w, UNIONS_CANVAS_DRAW, LWL_KIND_REQUEST);
	put_unions_shape_list(w, 1, 50, 65535, in->shapes);
	put_unions_canvas_draw_req_where(w, 2, &in->where);
	return lwl_writer_finish(w);
}

int unions_canvas_draw_req_decode(struct unions_canvas_draw_req *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, UNIONS_CANVAS_DRAW, LWL_KIND_REQUEST, err);
	get_unions_shape_list(r, 1, 50, 65535, &out->shapes);
	get_unions_canvas_draw_req_where(r, 2, LWL_REQUIRED, &out->where);
	return lwl_reader_finish(r);
}

int unions_canvas_draw_rsp_encode(struct lwl_writer *w, const struct unions_canvas_draw_rsp *in)
{
	lwl_writer_begin(w, UNIONS_CANVAS_DRAW, LWL_KIND_RESPONSE);
	if (in->has_result)
		put_unions_canvas_draw_rsp_result(w, 1, &in->result);
	else
		lwl_require(w, in->result.which == 0);
	return lwl_writer_finish(w);
}

int unions_canvas_draw_rsp_decode(struct unions_canvas_draw_rsp *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, UNIONS_CANVAS_DRAW, LWL_KIND_RESPONSE, err);
	out->has_result = get_unions_canvas_draw_rsp_result(r, 1, LWL_OPTIONAL, &out->result);
	return lwl_reader_finish(r);
}

