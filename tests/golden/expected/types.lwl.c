/*
 * golden.types, version 3: encoders and decoders.
 *
 * Made by lwlc from types.lwl: change that, not this.
 */
#include "types.lwl.h"

const char *types_kind_name(uint8_t v)
{
	switch (v) {
	case TYPES_KIND_NONE: return "NONE";
	case TYPES_KIND_PLAIN: return "PLAIN";
	case TYPES_KIND_PACKED: return "PACKED";
	case TYPES_KIND_SEALED: return "SEALED";
	default: return NULL;
	}
}

const char *types_shift_name(int16_t v)
{
	switch (v) {
	case TYPES_SHIFT_DOWN: return "DOWN";
	case TYPES_SHIFT_LEVEL: return "LEVEL";
	case TYPES_SHIFT_UP: return "UP";
	default: return NULL;
	}
}

const char *types_serial_name(uint64_t v)
{
	switch (v) {
	case TYPES_SERIAL_FIRST: return "FIRST";
	case TYPES_SERIAL_LAST: return "LAST";
	default: return NULL;
	}
}

const char *types_hint_name(uint16_t v)
{
	switch (v) {
	case TYPES_HINT_NORMAL: return "NORMAL";
	case TYPES_HINT_SEQUENTIAL: return "SEQUENTIAL";
	default: return NULL;
	}
}

static bool get_types_kind(struct lwl_reader *r, uint16_t number, bool required, uint8_t *out)
{
	if (!lwl_open_leaf(r, number, required, 1, 1)) {
		*out = 0;
		return false;
	}
	*out = r->msg[r->value];
	lwl_check(r, types_kind_valid(*out), LWL_BAD_ENUM);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_types_kind(struct lwl_writer *w, uint16_t number, uint8_t v)
{
	lwl_require(w, types_kind_valid(v));
	lwl_put_u8(w, number, v);
}

static bool get_types_kind_array(struct lwl_reader *r, uint16_t number, bool required,
		uint32_t min, uint32_t max, struct lwl_seq *out)
{
	uint32_t i;

	if (!lwl_open_array(r, number, required, 1, 1, min, max, out))
		return false;
	for (i = 0; i < out->count; i++)
		lwl_check(r, types_kind_valid(lwl_u8_at(*out, i)), LWL_BAD_ENUM);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_types_kind_array(struct lwl_writer *w, uint16_t number, uint32_t min, uint32_t max,
		struct lwl_seq v)
{
	uint32_t i;

	lwl_require_seq(w, v, 1, min, max);
	for (i = 0; w->status == 0 && i < v.count; i++)
		lwl_require(w, types_kind_valid(lwl_u8_at(v, i)));
	lwl_put_packed(w, number, 1, min, max, v);
}

static bool get_types_shift(struct lwl_reader *r, uint16_t number, bool required, int16_t *out)
{
	if (!lwl_open_leaf(r, number, required, 2, 2)) {
		*out = 0;
		return false;
	}
	*out = (int16_t)lwl_load16(r->msg + r->value);
	lwl_check(r, types_shift_valid(*out), LWL_BAD_ENUM);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_types_shift(struct lwl_writer *w, uint16_t number, int16_t v)
{
	lwl_require(w, types_shift_valid(v));
	lwl_put_s16(w, number, v);
}

static bool get_types_shift_array(struct lwl_reader *r, uint16_t number, bool required,
		uint32_t min, uint32_t max, struct lwl_seq *out)
{
	uint32_t i;

	if (!lwl_open_array(r, number, required, 2, 2, min, max, out))
		return false;
	for (i = 0; i < out->count; i++)
		lwl_check(r, types_shift_valid(lwl_s16_at(*out, i)), LWL_BAD_ENUM);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_types_shift_array(struct lwl_writer *w, uint16_t number, uint32_t min,
		uint32_t max, struct lwl_seq v)
{
	uint32_t i;

	lwl_require_seq(w, v, 2, min, max);
	for (i = 0; w->status == 0 && i < v.count; i++)
		lwl_require(w, types_shift_valid(lwl_s16_at(v, i)));
	lwl_put_packed(w, number, 2, min, max, v);
}

static bool get_types_serial(struct lwl_reader *r, uint16_t number, bool required, uint64_t *out)
{
	if (!lwl_open_leaf(r, number, required, 8, 8)) {
		*out = 0;
		return false;
	}
	*out = lwl_load64(r->msg + r->value);
	lwl_check(r, types_serial_valid(*out), LWL_BAD_ENUM);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_types_serial(struct lwl_writer *w, uint16_t number, uint64_t v)
{
	lwl_require(w, types_serial_valid(v));
	lwl_put_u64(w, number, v);
}

static bool get_types_mode(struct lwl_reader *r, uint16_t number, bool required, uint32_t *out)
{
	if (!lwl_open_leaf(r, number, required, 4, 4)) {
		*out = 0;
		return false;
	}
	*out = lwl_load32(r->msg + r->value);
	lwl_check(r, types_mode_valid(*out), LWL_BAD_FLAGS);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_types_mode(struct lwl_writer *w, uint16_t number, uint32_t v)
{
	lwl_require(w, types_mode_valid(v));
	lwl_put_u32(w, number, v);
}

static bool get_types_full(struct lwl_reader *r, uint16_t number, bool required, uint8_t *out)
{
	if (!lwl_open_leaf(r, number, required, 1, 1)) {
		*out = 0;
		return false;
	}
	*out = r->msg[r->value];
	lwl_check(r, types_full_valid(*out), LWL_BAD_FLAGS);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_types_full(struct lwl_writer *w, uint16_t number, uint8_t v)
{
	lwl_require(w, types_full_valid(v));
	lwl_put_u8(w, number, v);
}

LWL_SHARED void get_types_required_items(struct lwl_reader *r, struct types_required *out)
{
	const uint8_t *p;

	lwl_get_bool(r, 1, LWL_REQUIRED, &out->flag);
	p = lwl_next_run(r, 104, 104);
	if (p != NULL &&
	    lwl_is_leaf(p, 2, 1, 1) &&
	    lwl_is_leaf(p + 8, 3, 2, 2) &&
	    lwl_is_leaf(p + 16, 4, 4, 4) &&
	    lwl_is_leaf(p + 24, 5, 8, 8) &&
	    lwl_is_leaf(p + 40, 6, 1, 1) &&
	    lwl_is_leaf(p + 48, 7, 2, 2) &&
	    lwl_is_leaf(p + 56, 8, 4, 4) &&
	    lwl_is_leaf(p + 64, 9, 8, 8) &&
	    lwl_is_leaf(p + 80, 10, 4, 4) &&
	    lwl_is_leaf(p + 88, 11, 8, 8)) {
		out->a = p[4];
		out->b = lwl_load16(p + 12);
		out->c = lwl_load32(p + 20);
		out->d = lwl_load64(p + 32);
		out->e = (int8_t)p[44];
		out->f = (int16_t)lwl_load16(p + 52);
		out->g = (int32_t)lwl_load32(p + 60);
		out->h = (int64_t)lwl_load64(p + 72);
		out->i = lwl_loadf32(p + 84);
		out->j = lwl_loadf64(p + 96);
		lwl_take_run(r, 104, 11);
	} else {
		lwl_get_u8(r, 2, LWL_REQUIRED, &out->a);
		lwl_get_u16(r, 3, LWL_REQUIRED, &out->b);
		lwl_get_u32(r, 4, LWL_REQUIRED, &out->c);
		lwl_get_u64(r, 5, LWL_REQUIRED, &out->d);
		lwl_get_s8(r, 6, LWL_REQUIRED, &out->e);
		lwl_get_s16(r, 7, LWL_REQUIRED, &out->f);
		lwl_get_s32(r, 8, LWL_REQUIRED, &out->g);
		lwl_get_s64(r, 9, LWL_REQUIRED, &out->h);
		lwl_get_f32(r, 10, LWL_REQUIRED, &out->i);
		lwl_get_f64(r, 11, LWL_REQUIRED, &out->j);
	}
	get_types_kind(r, 12, LWL_REQUIRED, &out->kind);
	get_types_mode(r, 13, LWL_REQUIRED, &out->mode);
	lwl_get_string(r, 14, LWL_REQUIRED, 0, 255, &out->name);
	lwl_get_bytes(r, 15, LWL_REQUIRED, 1, 16, &out->key);
	lwl_get_link(r, 16, LWL_REQUIRED, &out->peer.id);
}

static void put_types_required_items(struct lwl_writer *w, const struct types_required *in)
{
	uint8_t *p;

	lwl_require(w, types_kind_valid(in->kind));
	lwl_require(w, types_mode_valid(in->mode));
	p = lwl_put_run(w, 128, 128);
	if (p != NULL) {
		lwl_store_head(p, 1, 5);
		p[4] = in->flag;
		lwl_store_head(p + 8, 2, 5);
		p[12] = in->a;
		lwl_store_head(p + 16, 3, 6);
		lwl_store16(p + 20, in->b);
		lwl_store_head(p + 24, 4, 8);
		lwl_store32(p + 28, in->c);
		lwl_store_head(p + 32, 5, 16);
		lwl_store64(p + 40, in->d);
		lwl_store_head(p + 48, 6, 5);
		p[52] = (uint8_t)in->e;
		lwl_store_head(p + 56, 7, 6);
		lwl_store16(p + 60, (uint16_t)in->f);
		lwl_store_head(p + 64, 8, 8);
		lwl_store32(p + 68, (uint32_t)in->g);
		lwl_store_head(p + 72, 9, 16);
		lwl_store64(p + 80, (uint64_t)in->h);
		lwl_store_head(p + 88, 10, 8);
		lwl_storef32(p + 92, in->i);
		lwl_store_head(p + 96, 11, 16);
		lwl_storef64(p + 104, in->j);
		lwl_store_head(p + 112, 12, 5);
		p[116] = in->kind;
		lwl_store_head(p + 120, 13, 8);
		lwl_store32(p + 124, in->mode);
	}
	lwl_put_string(w, 14, 0, 255, in->name);
	lwl_put_bytes(w, 15, 1, 16, in->key);
	lwl_put_link(w, 16, in->peer.id);
}

static bool is_zero_types_required(const struct types_required *in)
{
	if (in->flag)
		return false;
	if (in->a != 0)
		return false;
	if (in->b != 0)
		return false;
	if (in->c != 0)
		return false;
	if (in->d != 0)
		return false;
	if (in->e != 0)
		return false;
	if (in->f != 0)
		return false;
	if (in->g != 0)
		return false;
	if (in->h != 0)
		return false;
	if (lwl_f32_bits(in->i) != 0)
		return false;
	if (lwl_f64_bits(in->j) != 0)
		return false;
	if (in->kind != 0)
		return false;
	if (in->mode != 0)
		return false;
	if (in->name.len != 0)
		return false;
	if (in->key.len != 0)
		return false;
	if (in->peer.id != 0)
		return false;
	return true;
}

bool types_required_next(struct lwl_cursor *c, struct types_required *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_types_required_items(&r, out);
	return !r.failed;
}

static bool get_types_required(struct lwl_reader *r, uint16_t number, bool required,
		struct types_required *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_types_required_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_types_required(struct lwl_writer *w, uint16_t number,
		const struct types_required *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_types_required_items(w, in);
	lwl_end_group(w, &group);
}

LWL_SHARED void get_types_optional_items(struct lwl_reader *r, struct types_optional *out)
{
	out->has_flag = lwl_get_bool(r, 1, LWL_OPTIONAL, &out->flag);
	out->has_a = lwl_get_u8(r, 2, LWL_OPTIONAL, &out->a);
	out->has_d = lwl_get_u64(r, 3, LWL_OPTIONAL, &out->d);
	out->has_i = lwl_get_f32(r, 4, LWL_OPTIONAL, &out->i);
	out->has_j = lwl_get_f64(r, 5, LWL_OPTIONAL, &out->j);
	out->has_kind = get_types_kind(r, 6, LWL_OPTIONAL, &out->kind);
	out->has_hint = lwl_get_u16(r, 7, LWL_OPTIONAL, &out->hint);
	out->has_name = lwl_get_string(r, 8, LWL_OPTIONAL, 1, 8, &out->name);
	out->has_key = lwl_get_bytes(r, 9, LWL_OPTIONAL, 0, 255, &out->key);
	out->has_peer = lwl_get_link(r, 10, LWL_OPTIONAL, &out->peer.id);
}

static void put_types_optional_items(struct lwl_writer *w, const struct types_optional *in)
{
	if (in->has_flag)
		lwl_put_bool(w, 1, in->flag);
	else
		lwl_require(w, !in->flag);
	if (in->has_a)
		lwl_put_u8(w, 2, in->a);
	else
		lwl_require(w, in->a == 0);
	if (in->has_d)
		lwl_put_u64(w, 3, in->d);
	else
		lwl_require(w, in->d == 0);
	if (in->has_i)
		lwl_put_f32(w, 4, in->i);
	else
		lwl_require(w, lwl_f32_bits(in->i) == 0);
	if (in->has_j)
		lwl_put_f64(w, 5, in->j);
	else
		lwl_require(w, lwl_f64_bits(in->j) == 0);
	if (in->has_kind)
		put_types_kind(w, 6, in->kind);
	else
		lwl_require(w, in->kind == 0);
	if (in->has_hint)
		lwl_put_u16(w, 7, in->hint);
	else
		lwl_require(w, in->hint == 0);
	if (in->has_name)
		lwl_put_string(w, 8, 1, 8, in->name);
	else
		lwl_require(w, in->name.len == 0);
	if (in->has_key)
		lwl_put_bytes(w, 9, 0, 255, in->key);
	else
		lwl_require(w, in->key.len == 0);
	if (in->has_peer)
		lwl_put_link(w, 10, in->peer.id);
	else
		lwl_require(w, in->peer.id == 0);
}

static bool is_zero_types_optional(const struct types_optional *in)
{
	if (in->has_flag || in->flag)
		return false;
	if (in->has_a || in->a != 0)
		return false;
	if (in->has_d || in->d != 0)
		return false;
	if (in->has_i || lwl_f32_bits(in->i) != 0)
		return false;
	if (in->has_j || lwl_f64_bits(in->j) != 0)
		return false;
	if (in->has_kind || in->kind != 0)
		return false;
	if (in->has_hint || in->hint != 0)
		return false;
	if (in->has_name || in->name.len != 0)
		return false;
	if (in->has_key || in->key.len != 0)
		return false;
	if (in->has_peer || in->peer.id != 0)
		return false;
	return true;
}

bool types_optional_next(struct lwl_cursor *c, struct types_optional *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_types_optional_items(&r, out);
	return !r.failed;
}

static bool get_types_optional(struct lwl_reader *r, uint16_t number, bool required,
		struct types_optional *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_types_optional_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_types_optional(struct lwl_writer *w, uint16_t number,
		const struct types_optional *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_types_optional_items(w, in);
	lwl_end_group(w, &group);
}

LWL_SHARED void get_types_defaults_items(struct lwl_reader *r, struct types_defaults *out)
{
	if (!lwl_get_bool(r, 1, LWL_OPTIONAL, &out->on))
		out->on = true;
	out->has_on = true;
	lwl_get_bool(r, 2, LWL_OPTIONAL, &out->off);
	if (!lwl_get_u32(r, 3, LWL_OPTIONAL, &out->count))
		out->count = 4096;
	out->has_count = true;
	lwl_get_u32(r, 4, LWL_OPTIONAL, &out->zero);
	if (!lwl_get_s8(r, 5, LWL_OPTIONAL, &out->low))
		out->low = (-128);
	out->has_low = true;
	if (!lwl_get_s64(r, 6, LWL_OPTIONAL, &out->lowest))
		out->lowest = (-INT64_C(9223372036854775807) - 1);
	out->has_lowest = true;
	if (!lwl_get_f32(r, 7, LWL_OPTIONAL, &out->half))
		out->half = lwl_f32_of(UINT32_C(0x3f000000));
	out->has_half = true;
	if (!lwl_get_f64(r, 8, LWL_OPTIONAL, &out->minus_zero))
		out->minus_zero = lwl_f64_of(UINT64_C(0x8000000000000000));
	out->has_minus_zero = true;
	if (!get_types_kind(r, 9, LWL_OPTIONAL, &out->kind))
		out->kind = TYPES_KIND_PLAIN;
	out->has_kind = true;
	get_types_shift(r, 10, LWL_OPTIONAL, &out->shift);
	if (!get_types_mode(r, 11, LWL_OPTIONAL, &out->mode))
		out->mode = 33;
	out->has_mode = true;
	if (!lwl_get_u64(r, 12, LWL_OPTIONAL, &out->wide))
		out->wide = UINT64_C(9223372036854775808);
	out->has_wide = true;
	if (!get_types_serial(r, 13, LWL_OPTIONAL, &out->serial))
		out->serial = TYPES_SERIAL_LAST;
	out->has_serial = true;
	if (!lwl_get_u64(r, 14, LWL_OPTIONAL, &out->highest))
		out->highest = UINT64_C(18446744073709551615);
	out->has_highest = true;
	if (!get_types_full(r, 15, LWL_OPTIONAL, &out->full))
		out->full = 129;
	out->has_full = true;
}

static void put_types_defaults_items(struct lwl_writer *w, const struct types_defaults *in)
{
	if (in->has_on && !in->on)
		lwl_put_bool(w, 1, in->on);
	else
		lwl_require(w, in->has_on || !in->on);
	if (in->off)
		lwl_put_bool(w, 2, in->off);
	if (in->has_count && in->count != 4096)
		lwl_put_u32(w, 3, in->count);
	else
		lwl_require(w, in->has_count || in->count == 0);
	if (in->zero != 0)
		lwl_put_u32(w, 4, in->zero);
	if (in->has_low && in->low != (-128))
		lwl_put_s8(w, 5, in->low);
	else
		lwl_require(w, in->has_low || in->low == 0);
	if (in->has_lowest && in->lowest != (-INT64_C(9223372036854775807) - 1))
		lwl_put_s64(w, 6, in->lowest);
	else
		lwl_require(w, in->has_lowest || in->lowest == 0);
	if (in->has_half && lwl_f32_bits(in->half) != 1056964608)
		lwl_put_f32(w, 7, in->half);
	else
		lwl_require(w, in->has_half || lwl_f32_bits(in->half) == 0);
	if (in->has_minus_zero && lwl_f64_bits(in->minus_zero) != UINT64_C(9223372036854775808))
		lwl_put_f64(w, 8, in->minus_zero);
	else
		lwl_require(w, in->has_minus_zero || lwl_f64_bits(in->minus_zero) == 0);
	if (in->has_kind && in->kind != TYPES_KIND_PLAIN)
		put_types_kind(w, 9, in->kind);
	else
		lwl_require(w, in->has_kind || in->kind == 0);
	if (in->shift != TYPES_SHIFT_LEVEL)
		put_types_shift(w, 10, in->shift);
	if (in->has_mode && in->mode != 33)
		put_types_mode(w, 11, in->mode);
	else
		lwl_require(w, in->has_mode || in->mode == 0);
	if (in->has_wide && in->wide != UINT64_C(9223372036854775808))
		lwl_put_u64(w, 12, in->wide);
	else
		lwl_require(w, in->has_wide || in->wide == 0);
	if (in->has_serial && in->serial != TYPES_SERIAL_LAST)
		put_types_serial(w, 13, in->serial);
	else
		lwl_require(w, in->has_serial || in->serial == 0);
	if (in->has_highest && in->highest != UINT64_C(18446744073709551615))
		lwl_put_u64(w, 14, in->highest);
	else
		lwl_require(w, in->has_highest || in->highest == 0);
	if (in->has_full && in->full != 129)
		put_types_full(w, 15, in->full);
	else
		lwl_require(w, in->has_full || in->full == 0);
}

static bool is_zero_types_defaults(const struct types_defaults *in)
{
	if (in->has_on || in->on)
		return false;
	if (in->off)
		return false;
	if (in->has_count || in->count != 0)
		return false;
	if (in->zero != 0)
		return false;
	if (in->has_low || in->low != 0)
		return false;
	if (in->has_lowest || in->lowest != 0)
		return false;
	if (in->has_half || lwl_f32_bits(in->half) != 0)
		return false;
	if (in->has_minus_zero || lwl_f64_bits(in->minus_zero) != 0)
		return false;
	if (in->has_kind || in->kind != 0)
		return false;
	if (in->shift != 0)
		return false;
	if (in->has_mode || in->mode != 0)
		return false;
	if (in->has_wide || in->wide != 0)
		return false;
	if (in->has_serial || in->serial != 0)
		return false;
	if (in->has_highest || in->highest != 0)
		return false;
	if (in->has_full || in->full != 0)
		return false;
	return true;
}

bool types_defaults_next(struct lwl_cursor *c, struct types_defaults *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_types_defaults_items(&r, out);
	return !r.failed;
}

static bool get_types_defaults(struct lwl_reader *r, uint16_t number, bool required,
		struct types_defaults *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_types_defaults_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_types_defaults(struct lwl_writer *w, uint16_t number,
		const struct types_defaults *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_types_defaults_items(w, in);
	lwl_end_group(w, &group);
}

LWL_SHARED void get_types_arrays_items(struct lwl_reader *r, struct types_arrays *out)
{
	lwl_get_packed(r, 1, LWL_REQUIRED, 1, 16, 16, &out->exactly);
	lwl_get_packed(r, 2, LWL_OPTIONAL, 1, 0, 16, &out->some);
	lwl_get_bools(r, 3, LWL_OPTIONAL, 0, 9, &out->bits);
	out->has_maybe = lwl_get_packed(r, 4, LWL_OPTIONAL, 2, 4, 4, &out->maybe);
	lwl_get_packed(r, 5, LWL_OPTIONAL, 4, 0, 100, &out->numbers);
	lwl_get_packed(r, 6, LWL_REQUIRED, 4, 2, 2, &out->point);
	lwl_get_packed(r, 7, LWL_OPTIONAL, 8, 0, 3, &out->curve);
	get_types_kind_array(r, 8, LWL_OPTIONAL, 0, 8, &out->kinds);
	lwl_get_packed(r, 9, LWL_REQUIRED, 2, 2, 2, &out->hints);
	lwl_get_packed(r, 10, LWL_OPTIONAL, 8, 0, 2, &out->wides);
	lwl_get_links(r, 11, 4, &out->links);
	out->has_shifts = get_types_shift_array(r, 12, LWL_OPTIONAL, 3, 3, &out->shifts);
}

static void put_types_arrays_items(struct lwl_writer *w, const struct types_arrays *in)
{
	lwl_put_packed(w, 1, 1, 16, 16, in->exactly);
	lwl_put_packed(w, 2, 1, 0, 16, in->some);
	lwl_put_bools(w, 3, 0, 9, in->bits);
	if (in->has_maybe)
		lwl_put_packed(w, 4, 2, 4, 4, in->maybe);
	else
		lwl_require(w, in->maybe.count == 0);
	lwl_put_packed(w, 5, 4, 0, 100, in->numbers);
	lwl_put_packed(w, 6, 4, 2, 2, in->point);
	lwl_put_packed(w, 7, 8, 0, 3, in->curve);
	put_types_kind_array(w, 8, 0, 8, in->kinds);
	lwl_put_packed(w, 9, 2, 2, 2, in->hints);
	lwl_put_packed(w, 10, 8, 0, 2, in->wides);
	lwl_put_links(w, 11, 4, in->links);
	if (in->has_shifts)
		put_types_shift_array(w, 12, 3, 3, in->shifts);
	else
		lwl_require(w, in->shifts.count == 0);
}

static bool is_zero_types_arrays(const struct types_arrays *in)
{
	if (in->exactly.count != 0)
		return false;
	if (in->some.count != 0)
		return false;
	if (in->bits.count != 0)
		return false;
	if (in->has_maybe || in->maybe.count != 0)
		return false;
	if (in->numbers.count != 0)
		return false;
	if (in->point.count != 0)
		return false;
	if (in->curve.count != 0)
		return false;
	if (in->kinds.count != 0)
		return false;
	if (in->hints.count != 0)
		return false;
	if (in->wides.count != 0)
		return false;
	if (in->links.count != 0)
		return false;
	if (in->has_shifts || in->shifts.count != 0)
		return false;
	return true;
}

bool types_arrays_next(struct lwl_cursor *c, struct types_arrays *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_types_arrays_items(&r, out);
	return !r.failed;
}

static bool get_types_arrays(struct lwl_reader *r, uint16_t number, bool required,
		struct types_arrays *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_types_arrays_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_types_arrays(struct lwl_writer *w, uint16_t number, const struct types_arrays *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_types_arrays_items(w, in);
	lwl_end_group(w, &group);
}

int types_all_put_req_encode(struct lwl_writer *w, const struct types_all_put_req *in)
{
	lwl_writer_begin(w, TYPES_ALL_PUT, LWL_KIND_REQUEST);
	put_types_required(w, 1, &in->required);
	put_types_optional(w, 2, &in->optional);
	put_types_defaults(w, 3, &in->defaults);
	put_types_arrays(w, 4, &in->arrays);
	return lwl_writer_finish(w);
}

int types_all_put_req_decode(struct types_all_put_req *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, TYPES_ALL_PUT, LWL_KIND_REQUEST, err);
	get_types_required(r, 1, LWL_REQUIRED, &out->required);
	get_types_optional(r, 2, LWL_REQUIRED, &out->optional);
	get_types_defaults(r, 3, LWL_REQUIRED, &out->defaults);
	get_types_arrays(r, 4, LWL_REQUIRED, &out->arrays);
	return lwl_reader_finish(r);
}

int types_all_put_rsp_encode(struct lwl_writer *w, const struct types_all_put_rsp *in)
{
	(void)in;
	lwl_writer_begin(w, TYPES_ALL_PUT, LWL_KIND_RESPONSE);
	return lwl_writer_finish(w);
}

int types_all_put_rsp_decode(struct types_all_put_rsp *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, TYPES_ALL_PUT, LWL_KIND_RESPONSE, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int types_all_tell_msg_encode(struct lwl_writer *w, const struct types_all_tell_msg *in)
{
	lwl_writer_begin(w, TYPES_ALL_TELL, LWL_KIND_ONEWAY);
	if (in->has_required)
		put_types_required(w, 1, &in->required);
	else
		lwl_require(w, is_zero_types_required(&in->required));
	if (in->has_optional)
		put_types_optional(w, 2, &in->optional);
	else
		lwl_require(w, is_zero_types_optional(&in->optional));
	if (in->has_defaults)
		put_types_defaults(w, 3, &in->defaults);
	else
		lwl_require(w, is_zero_types_defaults(&in->defaults));
	if (in->has_arrays)
		put_types_arrays(w, 4, &in->arrays);
	else
		lwl_require(w, is_zero_types_arrays(&in->arrays));
	return lwl_writer_finish(w);
}

int types_all_tell_msg_decode(struct types_all_tell_msg *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, TYPES_ALL_TELL, LWL_KIND_ONEWAY, err);
	out->has_required = get_types_required(r, 1, LWL_OPTIONAL, &out->required);
	out->has_optional = get_types_optional(r, 2, LWL_OPTIONAL, &out->optional);
	out->has_defaults = get_types_defaults(r, 3, LWL_OPTIONAL, &out->defaults);
	out->has_arrays = get_types_arrays(r, 4, LWL_OPTIONAL, &out->arrays);
	return lwl_reader_finish(r);
}

