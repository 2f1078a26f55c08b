/*
 * golden.import, version 1: encoders and decoders.
 *
 * Made by lwlc from import.lwl: change that, not this.
 */
#include "import.lwl.h"

static bool get_other_sort(struct lwl_reader *r, uint16_t number, bool required, uint8_t *out)
{
	if (!lwl_open_leaf(r, number, required, 1, 1)) {
		*out = 0;
		return false;
	}
	*out = r->msg[r->value];
	lwl_check(r, other_sort_valid(*out), LWL_BAD_ENUM);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_other_sort(struct lwl_writer *w, uint16_t number, uint8_t v)
{
	lwl_require(w, other_sort_valid(v));
	lwl_put_u8(w, number, v);
}

static bool get_other_sort_array(struct lwl_reader *r, uint16_t number, bool required,
		uint32_t min, uint32_t max, struct lwl_seq *out)
{
	uint32_t i;

	if (!lwl_open_array(r, number, required, 1, 1, min, max, out))
		return false;
	for (i = 0; i < out->count; i++)
		lwl_check(r, other_sort_valid(lwl_u8_at(*out, i)), LWL_BAD_ENUM);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_other_sort_array(struct lwl_writer *w, uint16_t number, uint32_t min, uint32_t max,
		struct lwl_seq v)
{
	uint32_t i;

	lwl_require_seq(w, v, 1, min, max);
	for (i = 0; w->status == 0 && i < v.count; i++)
		lwl_require(w, other_sort_valid(lwl_u8_at(v, i)));
	lwl_put_packed(w, number, 1, min, max, v);
}

static void store_other_range(uint8_t *p, const struct other_range *in)
{
	lwl_store32(p, in->from);
	lwl_store32(p + 4, in->to);
	p[8] = in->open;
	memset(p + 9, 0, 3);
}

static bool check_other_range(struct lwl_reader *r, uint32_t at)
{
	if (!lwl_check(r, r->msg[at + 8] <= 1, LWL_BAD_BOOL))
		return false;
	if (!lwl_check_hole(r, at + 9, 3))
		return false;
	return true;
}

static bool is_zero_other_range(const struct other_range *in)
{
	if (in->from != 0)
		return false;
	if (in->to != 0)
		return false;
	if (in->open)
		return false;
	return true;
}

static bool get_other_range(struct lwl_reader *r, uint16_t number, bool required,
		struct other_range *out)
{
	if (!lwl_open_leaf(r, number, required, 12, 4)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	check_other_range(r, r->value);
	other_range_load(out, r->msg + r->value);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_other_range(struct lwl_writer *w, uint16_t number, const struct other_range *in)
{
	uint8_t *p = lwl_put_leaf(w, number, 12, 4);

	if (p != NULL)
		store_other_range(p, in);
}

static bool get_other_range_array(struct lwl_reader *r, uint16_t number, bool required,
		uint32_t min, uint32_t max, struct lwl_seq *out)
{
	uint32_t i;

	if (!lwl_open_array(r, number, required, 12, 4, min, max, out))
		return false;
	for (i = 0; i < out->count; i++)
		if (!check_other_range(r, r->value + i * 12))
			return false;
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_other_range_array(struct lwl_writer *w, uint16_t number, uint32_t min,
		uint32_t max, struct lwl_seq v)
{
	uint8_t *p = lwl_put_array(w, number, 12, 4, min, max, v);
	uint32_t i;

	for (i = 0; p != NULL && i < v.count; i++) {
		struct other_range element = other_range_at(v, i);

		store_other_range(p + (size_t)i * 12, &element);
	}
}

static void get_other_name_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out);
static void put_other_name_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v);

LWL_SHARED void get_other_name_items(struct lwl_reader *r, struct other_name *out)
{
	lwl_get_string(r, 1, LWL_REQUIRED, 0, 12, &out->text);
	if (!get_other_sort(r, 2, LWL_OPTIONAL, &out->sort))
		out->sort = OTHER_SORT_UP;
	out->has_sort = true;
	get_other_name_list(r, 3, 2, 65535, &out->more);
}

LWL_SHARED void put_other_name_items(struct lwl_writer *w, const struct other_name *in)
{
	lwl_put_string(w, 1, 0, 12, in->text);
	if (in->has_sort && in->sort != OTHER_SORT_UP)
		put_other_sort(w, 2, in->sort);
	else
		lwl_require(w, in->has_sort || in->sort == 0);
	put_other_name_list(w, 3, 2, 65535, in->more);
}

static bool is_zero_other_name(const struct other_name *in)
{
	if (in->text.len != 0)
		return false;
	if (in->has_sort || in->sort != 0)
		return false;
	if (in->more.count != 0)
		return false;
	return true;
}

static bool get_other_name(struct lwl_reader *r, uint16_t number, bool required,
		struct other_name *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_other_name_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_other_name(struct lwl_writer *w, uint16_t number, const struct other_name *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_other_name_items(w, in);
	lwl_end_group(w, &group);
}

static void get_other_name_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct other_name element;

	memset(out, 0, sizeof *out);
	while (lwl_open_element(r, number, max, bytes, out, &inner)) {
		get_other_name_items(&inner, &element);
		lwl_close_group(r, &inner);
	}
}

static void put_other_name_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct other_name element;
	const struct other_name *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, other_name_next(&list.cursor, &element));
		put_other_name_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

LWL_SHARED void get_import_query_items(struct lwl_reader *r, struct import_query *out)
{
	get_other_name(r, 1, LWL_REQUIRED, &out->name);
	get_other_range_array(r, 2, LWL_OPTIONAL, 0, 12, &out->ranges);
	if (!get_other_sort(r, 3, LWL_OPTIONAL, &out->sort))
		out->sort = OTHER_SORT_DOWN;
	out->has_sort = true;
	out->has_handle = lwl_get_link(r, 4, LWL_OPTIONAL, &out->handle.id);
	get_other_sort_array(r, 5, LWL_OPTIONAL, 0, 3, &out->sorts);
	get_other_name_list(r, 6, 4, 65535, &out->names);
	out->has_range = get_other_range(r, 7, LWL_OPTIONAL, &out->range);
}

static void put_import_query_items(struct lwl_writer *w, const struct import_query *in)
{
	put_other_name(w, 1, &in->name);
	put_other_range_array(w, 2, 0, 12, in->ranges);
	if (in->has_sort && in->sort != OTHER_SORT_DOWN)
		put_other_sort(w, 3, in->sort);
	else
		lwl_require(w, in->has_sort || in->sort == 0);
	if (in->has_handle)
		lwl_put_link(w, 4, in->handle.id);
	else
		lwl_require(w, in->handle.id == 0);
	put_other_sort_array(w, 5, 0, 3, in->sorts);
	put_other_name_list(w, 6, 4, 65535, in->names);
	if (in->has_range)
		put_other_range(w, 7, &in->range);
	else
		lwl_require(w, is_zero_other_range(&in->range));
}

bool import_query_next(struct lwl_cursor *c, struct import_query *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_import_query_items(&r, out);
	return !r.failed;
}

static bool get_import_query(struct lwl_reader *r, uint16_t number, bool required,
		struct import_query *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_import_query_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_import_query(struct lwl_writer *w, uint16_t number, const struct import_query *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_import_query_items(w, in);
	lwl_end_group(w, &group);
}

int import_finder_find_req_encode(struct lwl_writer *w, const struct import_finder_find_req *in)
{
	lwl_writer_begin(w, IMPORT_FINDER_FIND, LWL_KIND_REQUEST);
	put_import_query(w, 1, &in->query);
	return lwl_writer_finish(w);
}

int import_finder_find_req_decode(struct import_finder_find_req *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, IMPORT_FINDER_FIND, LWL_KIND_REQUEST, err);
	get_import_query(r, 1, LWL_REQUIRED, &out->query);
	return lwl_reader_finish(r);
}

int import_finder_find_rsp_encode(struct lwl_writer *w, const struct import_finder_find_rsp *in)
{
	lwl_writer_begin(w, IMPORT_FINDER_FIND, LWL_KIND_RESPONSE);
	lwl_put_link(w, 1, in->handle.id);
	if (in->has_name)
		put_other_name(w, 2, &in->name);
	else
		lwl_require(w, is_zero_other_name(&in->name));
	return lwl_writer_finish(w);
}

int import_finder_find_rsp_decode(struct import_finder_find_rsp *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, IMPORT_FINDER_FIND, LWL_KIND_RESPONSE, err);
	lwl_get_link(r, 1, LWL_REQUIRED, &out->handle.id);
	out->has_name = get_other_name(r, 2, LWL_OPTIONAL, &out->name);
	return lwl_reader_finish(r);
}

