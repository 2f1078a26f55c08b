/*
 * golden.interfaces, version 2: encoders and decoders.
 *
 * Made by lwlc from interfaces.lwl: change that, not this.
 */
#include "interfaces.lwl.h"

int interfaces_base_ping_req_encode(struct lwl_writer *w, const struct interfaces_base_ping_req *in)
{
	(void)in;
	lwl_writer_begin(w, INTERFACES_BASE_PING, LWL_KIND_REQUEST);
	return lwl_writer_finish(w);
}

int interfaces_base_ping_req_decode(struct interfaces_base_ping_req *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_BASE_PING, LWL_KIND_REQUEST, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int interfaces_base_ping_rsp_encode(struct lwl_writer *w, const struct interfaces_base_ping_rsp *in)
{
	uint8_t *p = lwl_begin_fixed(w, INTERFACES_BASE_PING, LWL_KIND_RESPONSE, 32, 32);

	if (p == NULL)
		return lwl_refuse_fixed(w, LWL_KIND_RESPONSE, 32);
	lwl_store_head(p, 1, 16);
	lwl_store64(p + 8, in->time);
	return lwl_end_fixed(w);
}

int interfaces_base_ping_rsp_decode(struct interfaces_base_ping_rsp *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_BASE_PING, LWL_KIND_RESPONSE, err);
	lwl_get_u64(r, 1, LWL_REQUIRED, &out->time);
	return lwl_reader_finish(r);
}

int interfaces_base_log_msg_encode(struct lwl_writer *w, const struct interfaces_base_log_msg *in)
{
	lwl_writer_begin(w, INTERFACES_BASE_LOG, LWL_KIND_ONEWAY);
	lwl_put_string(w, 1, 0, 200, in->line);
	return lwl_writer_finish(w);
}

int interfaces_base_log_msg_decode(struct interfaces_base_log_msg *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_BASE_LOG, LWL_KIND_ONEWAY, err);
	lwl_get_string(r, 1, LWL_REQUIRED, 0, 200, &out->line);
	return lwl_reader_finish(r);
}

int interfaces_left_left_req_encode(struct lwl_writer *w, const struct interfaces_left_left_req *in)
{
	(void)in;
	lwl_writer_begin(w, INTERFACES_LEFT_LEFT, LWL_KIND_REQUEST);
	return lwl_writer_finish(w);
}

int interfaces_left_left_req_decode(struct interfaces_left_left_req *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_LEFT_LEFT, LWL_KIND_REQUEST, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int interfaces_left_left_rsp_encode(struct lwl_writer *w, const struct interfaces_left_left_rsp *in)
{
	(void)in;
	lwl_writer_begin(w, INTERFACES_LEFT_LEFT, LWL_KIND_RESPONSE);
	return lwl_writer_finish(w);
}

int interfaces_left_left_rsp_decode(struct interfaces_left_left_rsp *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_LEFT_LEFT, LWL_KIND_RESPONSE, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int interfaces_right_right_msg_encode(struct lwl_writer *w,
		const struct interfaces_right_right_msg *in)
{
	(void)in;
	lwl_writer_begin(w, INTERFACES_RIGHT_RIGHT, LWL_KIND_ONEWAY);
	return lwl_writer_finish(w);
}

int interfaces_right_right_msg_decode(struct interfaces_right_right_msg *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_RIGHT_RIGHT, LWL_KIND_ONEWAY, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int interfaces_top_twice_req_encode(struct lwl_writer *w, const struct interfaces_top_twice_req *in)
{
	(void)in;
	lwl_writer_begin(w, INTERFACES_TOP_TWICE, LWL_KIND_REQUEST);
	return lwl_writer_finish(w);
}

int interfaces_top_twice_req_decode(struct interfaces_top_twice_req *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_TOP_TWICE, LWL_KIND_REQUEST, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int interfaces_top_twice_rsp_encode(struct lwl_writer *w, const struct interfaces_top_twice_rsp *in)
{
	(void)in;
	lwl_writer_begin(w, INTERFACES_TOP_TWICE, LWL_KIND_RESPONSE);
	return lwl_writer_finish(w);
}

int interfaces_top_twice_rsp_decode(struct interfaces_top_twice_rsp *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_TOP_TWICE, LWL_KIND_RESPONSE, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int interfaces_top_double_req_encode(struct lwl_writer *w,
		const struct interfaces_top_double_req *in)
{
	lwl_writer_begin(w, INTERFACES_TOP_DOUBLE, LWL_KIND_REQUEST);
	lwl_put_u32(w, 1, in->int_);
	if (in->has_class && in->class_ != 7)
		lwl_put_u32(w, 2, in->class_);
	else
		lwl_require(w, in->has_class || in->class_ == 0);
	if (in->has_errno)
		lwl_put_link(w, 3, in->errno_.id);
	else
		lwl_require(w, in->errno_.id == 0);
	if (in->has_new)
		lwl_put_bool(w, 4, in->new_);
	else
		lwl_require(w, !in->new_);
	return lwl_writer_finish(w);
}

int interfaces_top_double_req_decode(struct interfaces_top_double_req *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_TOP_DOUBLE, LWL_KIND_REQUEST, err);
	lwl_get_u32(r, 1, LWL_REQUIRED, &out->int_);
	if (!lwl_get_u32(r, 2, LWL_OPTIONAL, &out->class_))
		out->class_ = 7;
	out->has_class = true;
	out->has_errno = lwl_get_link(r, 3, LWL_OPTIONAL, &out->errno_.id);
	out->has_new = lwl_get_bool(r, 4, LWL_OPTIONAL, &out->new_);
	return lwl_reader_finish(r);
}

int interfaces_top_double_rsp_encode(struct lwl_writer *w,
		const struct interfaces_top_double_rsp *in)
{
	lwl_writer_begin(w, INTERFACES_TOP_DOUBLE, LWL_KIND_RESPONSE);
	lwl_put_links(w, 1, 10, in->all);
	return lwl_writer_finish(w);
}

int interfaces_top_double_rsp_decode(struct interfaces_top_double_rsp *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_TOP_DOUBLE, LWL_KIND_RESPONSE, err);
	lwl_get_links(r, 1, 10, &out->all);
	return lwl_reader_finish(r);
}

int interfaces_keeper_keep_req_encode(struct lwl_writer *w,
		const struct interfaces_keeper_keep_req *in)
{
	lwl_writer_begin(w, INTERFACES_KEEPER_KEEP, LWL_KIND_REQUEST);
	lwl_put_link(w, 1, in->token.id);
	lwl_put_link(w, 2, in->any.id);
	return lwl_writer_finish(w);
}

int interfaces_keeper_keep_req_decode(struct interfaces_keeper_keep_req *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_KEEPER_KEEP, LWL_KIND_REQUEST, err);
	lwl_get_link(r, 1, LWL_REQUIRED, &out->token.id);
	lwl_get_link(r, 2, LWL_REQUIRED, &out->any.id);
	return lwl_reader_finish(r);
}

int interfaces_keeper_keep_rsp_encode(struct lwl_writer *w,
		const struct interfaces_keeper_keep_rsp *in)
{
	(void)in;
	lwl_writer_begin(w, INTERFACES_KEEPER_KEEP, LWL_KIND_RESPONSE);
	return lwl_writer_finish(w);
}

int interfaces_keeper_keep_rsp_decode(struct interfaces_keeper_keep_rsp *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, INTERFACES_KEEPER_KEEP, LWL_KIND_RESPONSE, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

