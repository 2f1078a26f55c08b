/*
 * golden.recursion, version 1: encoders and decoders.
 *
 * Made by lwlc from recursion.lwl: change that, not this.
 */
#include "recursion.lwl.h"

static bool get_recursion_tree_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out);
static void put_recursion_tree_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v);
static void put_recursion_tree_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v);
static void get_recursion_folder_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out);
static void put_recursion_folder_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v);
static void get_recursion_ping_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out);
static void put_recursion_ping_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v);
static bool get_recursion_pong_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out);
static void put_recursion_pong_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v);
static void put_recursion_pong_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v);
static bool get_recursion_expr_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out);
static void put_recursion_expr_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v);
static void put_recursion_expr_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v);
static bool get_recursion_binary_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out);
static void put_recursion_binary_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v);
static void put_recursion_binary_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v);

LWL_SHARED void get_recursion_tree_items(struct lwl_reader *r, struct recursion_tree *out)
{
	lwl_get_u32(r, 1, LWL_REQUIRED, &out->value);
	out->has_left = get_recursion_tree_ref(r, 2, LWL_OPTIONAL, &out->left);
	out->has_right = get_recursion_tree_ref(r, 3, LWL_OPTIONAL, &out->right);
}

LWL_SHARED void put_recursion_tree_items(struct lwl_writer *w, const struct recursion_tree *in)
{
	lwl_put_u32(w, 1, in->value);
	if (in->has_left)
		put_recursion_tree_ref(w, 2, in->left);
	else
		lwl_require(w, in->left.count == 0);
	if (in->has_right)
		put_recursion_tree_ref(w, 3, in->right);
	else
		lwl_require(w, in->right.count == 0);
}

static bool is_zero_recursion_tree(const struct recursion_tree *in)
{
	if (in->value != 0)
		return false;
	if (in->has_left || in->left.count != 0)
		return false;
	if (in->has_right || in->right.count != 0)
		return false;
	return true;
}

bool recursion_tree_next(struct lwl_cursor *c, struct recursion_tree *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_recursion_tree_items(&r, out);
	return !r.failed;
}

static bool get_recursion_tree(struct lwl_reader *r, uint16_t number, bool required,
		struct recursion_tree *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_recursion_tree_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_recursion_tree(struct lwl_writer *w, uint16_t number,
		const struct recursion_tree *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_recursion_tree_items(w, in);
	lwl_end_group(w, &group);
}

static void put_recursion_tree_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct recursion_tree element;
	const struct recursion_tree *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, recursion_tree_next(&list.cursor, &element));
		put_recursion_tree_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

static bool get_recursion_tree_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct recursion_tree looked_at;

	memset(out, 0, sizeof *out);
	if (!lwl_open_group(r, number, required, &inner))
		return false;
	*out = lwl_group_view(r);
	get_recursion_tree_items(&inner, &looked_at);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_recursion_tree_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v)
{
	lwl_require(w, v.count == 1);
	put_recursion_tree_list(w, number, 1, 65535, v);
}

LWL_SHARED void get_recursion_folder_items(struct lwl_reader *r, struct recursion_folder *out)
{
	lwl_get_string(r, 1, LWL_REQUIRED, 0, 20, &out->name);
	get_recursion_folder_list(r, 2, 5, 2000, &out->folders);
}

LWL_SHARED void put_recursion_folder_items(struct lwl_writer *w, const struct recursion_folder *in)
{
	lwl_put_string(w, 1, 0, 20, in->name);
	put_recursion_folder_list(w, 2, 5, 2000, in->folders);
}

static bool is_zero_recursion_folder(const struct recursion_folder *in)
{
	if (in->name.len != 0)
		return false;
	if (in->folders.count != 0)
		return false;
	return true;
}

bool recursion_folder_next(struct lwl_cursor *c, struct recursion_folder *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_recursion_folder_items(&r, out);
	return !r.failed;
}

static bool get_recursion_folder(struct lwl_reader *r, uint16_t number, bool required,
		struct recursion_folder *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_recursion_folder_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_recursion_folder(struct lwl_writer *w, uint16_t number,
		const struct recursion_folder *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_recursion_folder_items(w, in);
	lwl_end_group(w, &group);
}

static void get_recursion_folder_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct recursion_folder element;

	memset(out, 0, sizeof *out);
	while (lwl_open_element(r, number, max, bytes, out, &inner)) {
		get_recursion_folder_items(&inner, &element);
		lwl_close_group(r, &inner);
	}
}

static void put_recursion_folder_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct recursion_folder element;
	const struct recursion_folder *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, recursion_folder_next(&list.cursor, &element));
		put_recursion_folder_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

LWL_SHARED void get_recursion_ping_items(struct lwl_reader *r, struct recursion_ping *out)
{
	out->has_pong = get_recursion_pong_ref(r, 1, LWL_OPTIONAL, &out->pong);
}

static void put_recursion_ping_items(struct lwl_writer *w, const struct recursion_ping *in)
{
	if (in->has_pong)
		put_recursion_pong_ref(w, 1, in->pong);
	else
		lwl_require(w, in->pong.count == 0);
}

bool recursion_ping_next(struct lwl_cursor *c, struct recursion_ping *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_recursion_ping_items(&r, out);
	return !r.failed;
}

static void get_recursion_ping_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct recursion_ping element;

	memset(out, 0, sizeof *out);
	while (lwl_open_element(r, number, max, bytes, out, &inner)) {
		get_recursion_ping_items(&inner, &element);
		lwl_close_group(r, &inner);
	}
}

static void put_recursion_ping_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct recursion_ping element;
	const struct recursion_ping *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, recursion_ping_next(&list.cursor, &element));
		put_recursion_ping_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

LWL_SHARED void get_recursion_pong_items(struct lwl_reader *r, struct recursion_pong *out)
{
	get_recursion_ping_list(r, 1, 2, 65535, &out->pings);
	lwl_get_u8(r, 2, LWL_OPTIONAL, &out->n);
}

LWL_SHARED void put_recursion_pong_items(struct lwl_writer *w, const struct recursion_pong *in)
{
	put_recursion_ping_list(w, 1, 2, 65535, in->pings);
	if (in->n != 0)
		lwl_put_u8(w, 2, in->n);
}

bool recursion_pong_next(struct lwl_cursor *c, struct recursion_pong *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_recursion_pong_items(&r, out);
	return !r.failed;
}

static bool get_recursion_pong(struct lwl_reader *r, uint16_t number, bool required,
		struct recursion_pong *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_recursion_pong_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_recursion_pong(struct lwl_writer *w, uint16_t number,
		const struct recursion_pong *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_recursion_pong_items(w, in);
	lwl_end_group(w, &group);
}

static void put_recursion_pong_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct recursion_pong element;
	const struct recursion_pong *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, recursion_pong_next(&list.cursor, &element));
		put_recursion_pong_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

static bool get_recursion_pong_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct recursion_pong looked_at;

	memset(out, 0, sizeof *out);
	if (!lwl_open_group(r, number, required, &inner))
		return false;
	*out = lwl_group_view(r);
	get_recursion_pong_items(&inner, &looked_at);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_recursion_pong_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v)
{
	lwl_require(w, v.count == 1);
	put_recursion_pong_list(w, number, 1, 65535, v);
}

static void get_recursion_expr_of_items(struct lwl_reader *r, struct recursion_expr_of *out)
{
	bool known = true;

	memset(out, 0, sizeof *out);
	out->which = lwl_union_member(r);
	switch (out->which) {
	case RECURSION_EXPR_OF_NUMBER:
		lwl_get_u64(r, 1, LWL_REQUIRED, &out->number);
		break;
	case RECURSION_EXPR_OF_BINARY:
		get_recursion_binary_ref(r, 2, LWL_REQUIRED, &out->binary);
		break;
	case RECURSION_EXPR_OF_NEGATED:
		get_recursion_expr_ref(r, 3, LWL_REQUIRED, &out->negated);
		break;
	default:
		known = false;
		break;
	}
	lwl_check_union(r, known);
}

static void put_recursion_expr_of_items(struct lwl_writer *w, const struct recursion_expr_of *in)
{
	switch (in->which) {
	case RECURSION_EXPR_OF_NUMBER:
		lwl_put_u64(w, 1, in->number);
		break;
	case RECURSION_EXPR_OF_BINARY:
		put_recursion_binary_ref(w, 2, in->binary);
		break;
	case RECURSION_EXPR_OF_NEGATED:
		put_recursion_expr_ref(w, 3, in->negated);
		break;
	default:
		lwl_require(w, false);
		break;
	}
}

static bool get_recursion_expr_of(struct lwl_reader *r, uint16_t number, bool required,
		struct recursion_expr_of *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_recursion_expr_of_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_recursion_expr_of(struct lwl_writer *w, uint16_t number,
		const struct recursion_expr_of *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_recursion_expr_of_items(w, in);
	lwl_end_group(w, &group);
}

LWL_SHARED void get_recursion_expr_items(struct lwl_reader *r, struct recursion_expr *out)
{
	get_recursion_expr_of(r, 1, LWL_REQUIRED, &out->of);
}

LWL_SHARED void put_recursion_expr_items(struct lwl_writer *w, const struct recursion_expr *in)
{
	put_recursion_expr_of(w, 1, &in->of);
}

bool recursion_expr_next(struct lwl_cursor *c, struct recursion_expr *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_recursion_expr_items(&r, out);
	return !r.failed;
}

static bool get_recursion_expr(struct lwl_reader *r, uint16_t number, bool required,
		struct recursion_expr *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_recursion_expr_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_recursion_expr(struct lwl_writer *w, uint16_t number,
		const struct recursion_expr *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_recursion_expr_items(w, in);
	lwl_end_group(w, &group);
}

static void put_recursion_expr_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct recursion_expr element;
	const struct recursion_expr *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, recursion_expr_next(&list.cursor, &element));
		put_recursion_expr_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

static bool get_recursion_expr_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct recursion_expr looked_at;

	memset(out, 0, sizeof *out);
	if (!lwl_open_group(r, number, required, &inner))
		return false;
	*out = lwl_group_view(r);
	get_recursion_expr_items(&inner, &looked_at);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_recursion_expr_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v)
{
	lwl_require(w, v.count == 1);
	put_recursion_expr_list(w, number, 1, 65535, v);
}

LWL_SHARED void get_recursion_binary_items(struct lwl_reader *r, struct recursion_binary *out)
{
	get_recursion_expr_ref(r, 1, LWL_REQUIRED, &out->left);
	get_recursion_expr_ref(r, 2, LWL_REQUIRED, &out->right);
}

static void put_recursion_binary_items(struct lwl_writer *w, const struct recursion_binary *in)
{
	put_recursion_expr_ref(w, 1, in->left);
	put_recursion_expr_ref(w, 2, in->right);
}

bool recursion_binary_next(struct lwl_cursor *c, struct recursion_binary *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_recursion_binary_items(&r, out);
	return !r.failed;
}

static void put_recursion_binary_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct recursion_binary element;
	const struct recursion_binary *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, recursion_binary_next(&list.cursor, &element));
		put_recursion_binary_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

static bool get_recursion_binary_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct recursion_binary looked_at;

	memset(out, 0, sizeof *out);
	if (!lwl_open_group(r, number, required, &inner))
		return false;
	*out = lwl_group_view(r);
	get_recursion_binary_items(&inner, &looked_at);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_recursion_binary_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v)
{
	lwl_require(w, v.count == 1);
	put_recursion_binary_list(w, number, 1, 65535, v);
}

int recursion_eval_eval_req_encode(struct lwl_writer *w, const struct recursion_eval_eval_req *in)
{
	lwl_writer_begin(w, RECURSION_EVAL_EVAL, LWL_KIND_REQUEST);
	put_recursion_expr(w, 1, &in->expr);
	return lwl_writer_finish(w);
}

int recursion_eval_eval_req_decode(struct recursion_eval_eval_req *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, RECURSION_EVAL_EVAL, LWL_KIND_REQUEST, err);
	get_recursion_expr(r, 1, LWL_REQUIRED, &out->expr);
	return lwl_reader_finish(r);
}

int recursion_eval_eval_rsp_encode(struct lwl_writer *w, const struct recursion_eval_eval_rsp *in)
{
	uint8_t *p = lwl_begin_fixed(w, RECURSION_EVAL_EVAL, LWL_KIND_RESPONSE, 32, 32);

	if (p == NULL)
		return lwl_refuse_fixed(w, LWL_KIND_RESPONSE, 32);
	lwl_store_head(p, 1, 16);
	lwl_store64(p + 8, in->value);
	return lwl_end_fixed(w);
}

int recursion_eval_eval_rsp_decode(struct recursion_eval_eval_rsp *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, RECURSION_EVAL_EVAL, LWL_KIND_RESPONSE, err);
	lwl_get_u64(r, 1, LWL_REQUIRED, &out->value);
	return lwl_reader_finish(r);
}

int recursion_eval_grow_req_encode(struct lwl_writer *w, const struct recursion_eval_grow_req *in)
{
	lwl_writer_begin(w, RECURSION_EVAL_GROW, LWL_KIND_REQUEST);
	put_recursion_tree(w, 1, &in->tree);
	if (in->has_folder)
		put_recursion_folder(w, 2, &in->folder);
	else
		lwl_require(w, is_zero_recursion_folder(&in->folder));
	put_recursion_ping_list(w, 3, 3, 65535, in->pings);
	return lwl_writer_finish(w);
}

int recursion_eval_grow_req_decode(struct recursion_eval_grow_req *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, RECURSION_EVAL_GROW, LWL_KIND_REQUEST, err);
	get_recursion_tree(r, 1, LWL_REQUIRED, &out->tree);
	out->has_folder = get_recursion_folder(r, 2, LWL_OPTIONAL, &out->folder);
	get_recursion_ping_list(r, 3, 3, 65535, &out->pings);
	return lwl_reader_finish(r);
}

int recursion_eval_grow_rsp_encode(struct lwl_writer *w, const struct recursion_eval_grow_rsp *in)
{
	lwl_writer_begin(w, RECURSION_EVAL_GROW, LWL_KIND_RESPONSE);
	if (in->has_tree)
		put_recursion_tree(w, 1, &in->tree);
	else
		lwl_require(w, is_zero_recursion_tree(&in->tree));
	put_recursion_pong(w, 2, &in->pong);
	return lwl_writer_finish(w);
}

int recursion_eval_grow_rsp_decode(struct recursion_eval_grow_rsp *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, RECURSION_EVAL_GROW, LWL_KIND_RESPONSE, err);
	out->has_tree = get_recursion_tree(r, 1, LWL_OPTIONAL, &out->tree);
	get_recursion_pong(r, 2, LWL_REQUIRED, &out->pong);
	return lwl_reader_finish(r);
}

