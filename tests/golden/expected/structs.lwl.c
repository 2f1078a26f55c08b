/*
 * golden.structs, version 1: encoders and decoders.
 *
 * Made by lwlc from structs.lwl: change that, not this.
 */
#include "structs.lwl.h"

const char *structs_colour_name(uint8_t v)
{
	switch (v) {
	case STRUCTS_COLOUR_RED: return "RED";
	case STRUCTS_COLOUR_GREEN: return "GREEN";
	case STRUCTS_COLOUR_BLUE: return "BLUE";
	default: return NULL;
	}
}

const char *structs_open_name(uint32_t v)
{
	switch (v) {
	case STRUCTS_OPEN_ZERO: return "ZERO";
	default: return NULL;
	}
}

static void store_structs_tiny(uint8_t *p, const struct structs_tiny *in)
{
	p[0] = in->only;
}

static bool is_zero_structs_tiny(const struct structs_tiny *in)
{
	if (in->only != 0)
		return false;
	return true;
}

static bool get_structs_tiny_array(struct lwl_reader *r, uint16_t number, bool required,
		uint32_t min, uint32_t max, struct lwl_seq *out)
{
	if (!lwl_open_array(r, number, required, 1, 1, min, max, out))
		return false;
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_structs_tiny_array(struct lwl_writer *w, uint16_t number, uint32_t min,
		uint32_t max, struct lwl_seq v)
{
	uint8_t *p = lwl_put_array(w, number, 1, 1, min, max, v);
	uint32_t i;

	for (i = 0; p != NULL && i < v.count; i++) {
		struct structs_tiny element = structs_tiny_at(v, i);

		store_structs_tiny(p + (size_t)i * 1, &element);
	}
}

static void store_structs_holes(uint8_t *p, const struct structs_holes *in)
{
	p[0] = in->a;
	memset(p + 1, 0, 3);
	lwl_store32(p + 4, in->b);
	memcpy(p + 8, in->c, 3);
	memset(p + 11, 0, 5);
	lwl_store64(p + 16, in->d);
	lwl_store16(p + 24, in->e);
	memset(p + 26, 0, 6);
}

static bool check_structs_holes(struct lwl_reader *r, uint32_t at)
{
	if (!lwl_check_hole(r, at + 1, 3))
		return false;
	if (!lwl_check_hole(r, at + 11, 5))
		return false;
	if (!lwl_check_hole(r, at + 26, 6))
		return false;
	return true;
}

static bool is_zero_structs_holes(const struct structs_holes *in)
{
	uint32_t i;

	if (in->a != 0)
		return false;
	if (in->b != 0)
		return false;
	for (i = 0; i < 3; i++)
		if (in->c[i] != 0)
			return false;
	if (in->d != 0)
		return false;
	if (in->e != 0)
		return false;
	return true;
}

static bool get_structs_holes(struct lwl_reader *r, uint16_t number, bool required,
		struct structs_holes *out)
{
	if (!lwl_open_leaf(r, number, required, 32, 8)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	check_structs_holes(r, r->value);
	structs_holes_load(out, r->msg + r->value);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_structs_holes(struct lwl_writer *w, uint16_t number, const struct structs_holes *in)
{
	uint8_t *p = lwl_put_leaf(w, number, 32, 8);

	if (p != NULL)
		store_structs_holes(p, in);
}

static void store_structs_checked(uint8_t *p, const struct structs_checked *in)
{
	uint32_t i;

	p[0] = in->yes;
	for (i = 0; i < 3; i++)
		p[1 + i] = in->many[i];
	p[4] = in->colour;
	memcpy(p + 5, in->colours, 2);
	p[7] = 0;
	lwl_store16(p + 8, in->bits);
	memset(p + 10, 0, 2);
	lwl_store32(p + 12, in->open);
}

static bool check_structs_checked(struct lwl_reader *r, uint32_t at)
{
	uint32_t i;

	if (!lwl_check(r, r->msg[at] <= 1, LWL_BAD_BOOL))
		return false;
	for (i = 0; i < 3; i++)
		if (!lwl_check(r, r->msg[at + 1 + i] <= 1, LWL_BAD_BOOL))
			return false;
	if (!lwl_check(r, structs_colour_valid(r->msg[at + 4]), LWL_BAD_ENUM))
		return false;
	for (i = 0; i < 2; i++)
		if (!lwl_check(r, structs_colour_valid(r->msg[at + 5 + i]), LWL_BAD_ENUM))
			return false;
	if (!lwl_check_hole(r, at + 7, 1))
		return false;
	if (!lwl_check(r, structs_bits_valid(lwl_load16(r->msg + at + 8)), LWL_BAD_FLAGS))
		return false;
	if (!lwl_check_hole(r, at + 10, 2))
		return false;
	return true;
}

static bool valid_structs_checked(const struct structs_checked *in)
{
	uint32_t i;

	if (!structs_colour_valid(in->colour))
		return false;
	for (i = 0; i < 2; i++)
		if (!structs_colour_valid(in->colours[i]))
			return false;
	if (!structs_bits_valid(in->bits))
		return false;
	return true;
}

static bool is_zero_structs_checked(const struct structs_checked *in)
{
	uint32_t i;

	if (in->yes)
		return false;
	for (i = 0; i < 3; i++)
		if (in->many[i])
			return false;
	if (in->colour != 0)
		return false;
	for (i = 0; i < 2; i++)
		if (in->colours[i] != 0)
			return false;
	if (in->bits != 0)
		return false;
	if (in->open != 0)
		return false;
	return true;
}

static bool get_structs_checked_array(struct lwl_reader *r, uint16_t number, bool required,
		uint32_t min, uint32_t max, struct lwl_seq *out)
{
	uint32_t i;

	if (!lwl_open_array(r, number, required, 16, 4, min, max, out))
		return false;
	for (i = 0; i < out->count; i++)
		if (!check_structs_checked(r, r->value + i * 16))
			return false;
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_structs_checked_array(struct lwl_writer *w, uint16_t number, uint32_t min,
		uint32_t max, struct lwl_seq v)
{
	uint8_t *p = lwl_put_array(w, number, 16, 4, min, max, v);
	uint32_t i;

	for (i = 0; p != NULL && i < v.count; i++) {
		struct structs_checked element = structs_checked_at(v, i);

		lwl_require(w, valid_structs_checked(&element));
		store_structs_checked(p + (size_t)i * 16, &element);
	}
}

static void store_structs_outer(uint8_t *p, const struct structs_outer *in)
{
	uint32_t i;

	store_structs_tiny(p, &in->tiny);
	memset(p + 1, 0, 7);
	for (i = 0; i < 2; i++)
		store_structs_holes(p + 8 + 32 * i, &in->holes[i]);
	store_structs_checked(p + 72, &in->checked);
	lwl_storef32(p + 88, in->x);
	memset(p + 92, 0, 4);
	for (i = 0; i < 2; i++)
		lwl_storef64(p + 96 + 8 * i, in->y[i]);
	p[112] = (uint8_t)in->low;
	p[113] = 0;
	for (i = 0; i < 3; i++)
		lwl_store16(p + 114 + 2 * i, (uint16_t)in->lows[i]);
	memcpy(p + 120, in->tag, 16);
}

static bool check_structs_outer(struct lwl_reader *r, uint32_t at)
{
	uint32_t i;

	if (!lwl_check_hole(r, at + 1, 7))
		return false;
	for (i = 0; i < 2; i++)
		if (!check_structs_holes(r, at + 8 + 32 * i))
			return false;
	if (!check_structs_checked(r, at + 72))
		return false;
	if (!lwl_check_hole(r, at + 92, 4))
		return false;
	if (!lwl_check_hole(r, at + 113, 1))
		return false;
	return true;
}

static bool valid_structs_outer(const struct structs_outer *in)
{
	if (!valid_structs_checked(&in->checked))
		return false;
	return true;
}

static bool is_zero_structs_outer(const struct structs_outer *in)
{
	uint32_t i;

	if (!is_zero_structs_tiny(&in->tiny))
		return false;
	for (i = 0; i < 2; i++)
		if (!is_zero_structs_holes(&in->holes[i]))
			return false;
	if (!is_zero_structs_checked(&in->checked))
		return false;
	if (lwl_f32_bits(in->x) != 0)
		return false;
	for (i = 0; i < 2; i++)
		if (lwl_f64_bits(in->y[i]) != 0)
			return false;
	if (in->low != 0)
		return false;
	for (i = 0; i < 3; i++)
		if (in->lows[i] != 0)
			return false;
	for (i = 0; i < 16; i++)
		if (in->tag[i] != 0)
			return false;
	return true;
}

static bool get_structs_outer(struct lwl_reader *r, uint16_t number, bool required,
		struct structs_outer *out)
{
	if (!lwl_open_leaf(r, number, required, 136, 8)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	check_structs_outer(r, r->value);
	structs_outer_load(out, r->msg + r->value);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_structs_outer(struct lwl_writer *w, uint16_t number, const struct structs_outer *in)
{
	uint8_t *p = lwl_put_leaf(w, number, 136, 8);

	lwl_require(w, valid_structs_outer(in));
	if (p != NULL)
		store_structs_outer(p, in);
}

static void store_structs_plain(uint8_t *p, const struct structs_plain *in)
{
	if (STRUCTS_PLAIN_AS_IS) {
		memcpy(p, in, 24);
		return;
	}
	lwl_store64(p, in->ino);
	lwl_store64(p + 8, in->size);
	lwl_store32(p + 16, in->mode);
	lwl_store32(p + 20, in->links);
}

static bool is_zero_structs_plain(const struct structs_plain *in)
{
	if (in->ino != 0)
		return false;
	if (in->size != 0)
		return false;
	if (in->mode != 0)
		return false;
	if (in->links != 0)
		return false;
	return true;
}

static bool get_structs_plain(struct lwl_reader *r, uint16_t number, bool required,
		struct structs_plain *out)
{
	if (!lwl_open_leaf(r, number, required, 24, 8)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	if (STRUCTS_PLAIN_AS_IS)
		memcpy(out, r->msg + r->value, 24);
	else
		structs_plain_load(out, r->msg + r->value);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_structs_plain(struct lwl_writer *w, uint16_t number, const struct structs_plain *in)
{
	uint8_t *p = lwl_put_leaf(w, number, 24, 8);

	if (p != NULL)
		store_structs_plain(p, in);
}

static bool get_structs_plain_array(struct lwl_reader *r, uint16_t number, bool required,
		uint32_t min, uint32_t max, struct lwl_seq *out)
{
	if (!lwl_open_array(r, number, required, 24, 8, min, max, out))
		return false;
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_structs_plain_array(struct lwl_writer *w, uint16_t number, uint32_t min,
		uint32_t max, struct lwl_seq v)
{
	uint8_t *p = lwl_put_array(w, number, 24, 8, min, max, v);
	uint32_t i;

	for (i = 0; p != NULL && i < v.count; i++) {
		struct structs_plain element = structs_plain_at(v, i);

		store_structs_plain(p + (size_t)i * 24, &element);
	}
}

LWL_SHARED void get_structs_box_items(struct lwl_reader *r, struct structs_box *out)
{
	get_structs_outer(r, 1, LWL_REQUIRED, &out->outer);
	out->has_holes = get_structs_holes(r, 2, LWL_OPTIONAL, &out->holes);
	get_structs_plain_array(r, 3, LWL_OPTIONAL, 0, 8, &out->plains);
	get_structs_checked_array(r, 4, LWL_REQUIRED, 2, 2, &out->pair);
	get_structs_tiny_array(r, 5, LWL_OPTIONAL, 0, 3, &out->tinies);
	out->has_other = get_structs_outer(r, 6, LWL_OPTIONAL, &out->other);
}

static void put_structs_box_items(struct lwl_writer *w, const struct structs_box *in)
{
	put_structs_outer(w, 1, &in->outer);
	if (in->has_holes)
		put_structs_holes(w, 2, &in->holes);
	else
		lwl_require(w, is_zero_structs_holes(&in->holes));
	put_structs_plain_array(w, 3, 0, 8, in->plains);
	put_structs_checked_array(w, 4, 2, 2, in->pair);
	put_structs_tiny_array(w, 5, 0, 3, in->tinies);
	if (in->has_other)
		put_structs_outer(w, 6, &in->other);
	else
		lwl_require(w, is_zero_structs_outer(&in->other));
}

static bool is_zero_structs_box(const struct structs_box *in)
{
	if (!is_zero_structs_outer(&in->outer))
		return false;
	if (in->has_holes || !is_zero_structs_holes(&in->holes))
		return false;
	if (in->plains.count != 0)
		return false;
	if (in->pair.count != 0)
		return false;
	if (in->tinies.count != 0)
		return false;
	if (in->has_other || !is_zero_structs_outer(&in->other))
		return false;
	return true;
}

bool structs_box_next(struct lwl_cursor *c, struct structs_box *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_structs_box_items(&r, out);
	return !r.failed;
}

static bool get_structs_box(struct lwl_reader *r, uint16_t number, bool required,
		struct structs_box *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_structs_box_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_structs_box(struct lwl_writer *w, uint16_t number, const struct structs_box *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_structs_box_items(w, in);
	lwl_end_group(w, &group);
}

int structs_store_swap_req_encode(struct lwl_writer *w, const struct structs_store_swap_req *in)
{
	lwl_writer_begin(w, STRUCTS_STORE_SWAP, LWL_KIND_REQUEST);
	put_structs_outer(w, 1, &in->outer);
	if (in->has_plain)
		put_structs_plain(w, 2, &in->plain);
	else
		lwl_require(w, is_zero_structs_plain(&in->plain));
	return lwl_writer_finish(w);
}

int structs_store_swap_req_decode(struct structs_store_swap_req *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, STRUCTS_STORE_SWAP, LWL_KIND_REQUEST, err);
	get_structs_outer(r, 1, LWL_REQUIRED, &out->outer);
	out->has_plain = get_structs_plain(r, 2, LWL_OPTIONAL, &out->plain);
	return lwl_reader_finish(r);
}

int structs_store_swap_rsp_encode(struct lwl_writer *w, const struct structs_store_swap_rsp *in)
{
	lwl_writer_begin(w, STRUCTS_STORE_SWAP, LWL_KIND_RESPONSE);
	if (in->has_box)
		put_structs_box(w, 1, &in->box);
	else
		lwl_require(w, is_zero_structs_box(&in->box));
	put_structs_checked_array(w, 2, 0, 100, in->history);
	return lwl_writer_finish(w);
}

int structs_store_swap_rsp_decode(struct structs_store_swap_rsp *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, STRUCTS_STORE_SWAP, LWL_KIND_RESPONSE, err);
	out->has_box = get_structs_box(r, 1, LWL_OPTIONAL, &out->box);
	get_structs_checked_array(r, 2, LWL_OPTIONAL, 0, 100, &out->history);
	return lwl_reader_finish(r);
}

