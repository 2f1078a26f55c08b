/*
 * golden.docs, version 9: encoders and decoders.
 *
 * Made by lwlc from docs.lwl: change that, not this.
 */
#include "docs.lwl.h"

const char *docs_level_name(uint8_t v)
{
	switch (v) {
	case DOCS_LEVEL_LOW: return "LOW";
	case DOCS_LEVEL_HIGH: return "HIGH";
	default: return NULL;
	}
}

static void get_docs_item_choice_items(struct lwl_reader *r, struct docs_item_choice *out)
{
	bool known = true;

	memset(out, 0, sizeof *out);
	out->which = lwl_union_member(r);
	switch (out->which) {
	case DOCS_ITEM_CHOICE_FIRST:
		lwl_get_u8(r, 1, LWL_REQUIRED, &out->first);
		break;
	case DOCS_ITEM_CHOICE_SECOND:
		lwl_get_u16(r, 2, LWL_REQUIRED, &out->second);
		break;
	default:
		known = false;
		break;
	}
	lwl_check_union(r, known);
}

static bool get_docs_item_choice(struct lwl_reader *r, uint16_t number, bool required,
		struct docs_item_choice *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_docs_item_choice_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void get_docs_item_items(struct lwl_reader *r, struct docs_item *out)
{
	lwl_get_u8(r, 1, LWL_REQUIRED, &out->field);
	out->has_old = lwl_get_u8(r, 2, LWL_OPTIONAL, &out->old);
	out->has_both = lwl_get_u8(r, 3, LWL_OPTIONAL, &out->both);
	get_docs_item_choice(r, 4, LWL_REQUIRED, &out->choice);
}

bool docs_item_next(struct lwl_cursor *c, struct docs_item *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_docs_item_items(&r, out);
	return !r.failed;
}

int docs_doc_run_req_encode(struct lwl_writer *w, const struct docs_doc_run_req *in)
{
	uint8_t *p = lwl_begin_fixed(w, DOCS_DOC_RUN, LWL_KIND_REQUEST, 24, 21);

	if (p == NULL)
		return lwl_refuse_fixed(w, LWL_KIND_REQUEST, 24);
	lwl_store_head(p, 1, 5);
	p[4] = in->a;
	return lwl_end_fixed(w);
}

int docs_doc_run_req_decode(struct docs_doc_run_req *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, DOCS_DOC_RUN, LWL_KIND_REQUEST, err);
	lwl_get_u8(r, 1, LWL_REQUIRED, &out->a);
	return lwl_reader_finish(r);
}

int docs_doc_run_rsp_encode(struct lwl_writer *w, const struct docs_doc_run_rsp *in)
{
	(void)in;
	lwl_writer_begin(w, DOCS_DOC_RUN, LWL_KIND_RESPONSE);
	return lwl_writer_finish(w);
}

int docs_doc_run_rsp_decode(struct docs_doc_run_rsp *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, DOCS_DOC_RUN, LWL_KIND_RESPONSE, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

int docs_doc_go_msg_encode(struct lwl_writer *w, const struct docs_doc_go_msg *in)
{
	(void)in;
	lwl_writer_begin(w, DOCS_DOC_GO, LWL_KIND_ONEWAY);
	return lwl_writer_finish(w);
}

int docs_doc_go_msg_decode(struct docs_doc_go_msg *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, DOCS_DOC_GO, LWL_KIND_ONEWAY, err);
	out->lwl_none = 0;
	return lwl_reader_finish(r);
}

