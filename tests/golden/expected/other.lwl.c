/*
 * golden.other, version 4: encoders and decoders.
 *
 * Made by lwlc from other.lwl: change that, not this.
 */
#include "other.lwl.h"

const char *other_sort_name(uint8_t v)
{
	switch (v) {
	case OTHER_SORT_UP: return "UP";
	case OTHER_SORT_DOWN: return "DOWN";
	default: return NULL;
	}
}

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

static void get_other_name_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out);

LWL_SHARED void get_other_name_items(struct lwl_reader *r, struct other_name *out)
{
	lwl_get_string(r, 1, LWL_REQUIRED, 0, 12, &out->text);
	if (!get_other_sort(r, 2, LWL_OPTIONAL, &out->sort))
		out->sort = OTHER_SORT_UP;
	out->has_sort = true;
	get_other_name_list(r, 3, 2, 65535, &out->more);
}

bool other_name_next(struct lwl_cursor *c, struct other_name *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_other_name_items(&r, out);
	return !r.failed;
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

int other_closable_close_req_encode(struct lwl_writer *w, const struct other_closable_close_req *in)
{
	(void)in;
	lwl_writer_begin(w, OTHER_CLOSABLE_CLOSE, LWL_KIND_REQUEST);
	return lwl_writer_finish(w);
}

int other_closable_close_req_decode(struct other_closable_close_req *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, OTHER_CLOSABLE_CLOSE, LWL_KIND_REQUEST, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int other_closable_close_rsp_encode(struct lwl_writer *w, const struct other_closable_close_rsp *in)
{
	(void)in;
	lwl_writer_begin(w, OTHER_CLOSABLE_CLOSE, LWL_KIND_RESPONSE);
	return lwl_writer_finish(w);
}

int other_closable_close_rsp_decode(struct other_closable_close_rsp *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, OTHER_CLOSABLE_CLOSE, LWL_KIND_RESPONSE, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int other_closable_abandon_msg_encode(struct lwl_writer *w,
		const struct other_closable_abandon_msg *in)
{
	(void)in;
	lwl_writer_begin(w, OTHER_CLOSABLE_ABANDON, LWL_KIND_ONEWAY);
	return lwl_writer_finish(w);
}

int other_closable_abandon_msg_decode(struct other_closable_abandon_msg *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, OTHER_CLOSABLE_ABANDON, LWL_KIND_ONEWAY, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

