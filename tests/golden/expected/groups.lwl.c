/*
 * golden.groups, version 2: encoders and decoders.
 *
 * Made by lwlc from groups.lwl: change that, not this.
 */
#include "groups.lwl.h"

const char *groups_kind_name(uint16_t v)
{
	switch (v) {
	case GROUPS_KIND_FILE: return "FILE";
	case GROUPS_KIND_FOLDER: return "FOLDER";
	default: return NULL;
	}
}

static bool get_groups_kind(struct lwl_reader *r, uint16_t number, bool required, uint16_t *out)
{
	if (!lwl_open_leaf(r, number, required, 2, 2)) {
		*out = 0;
		return false;
	}
	*out = lwl_load16(r->msg + r->value);
	lwl_check(r, groups_kind_valid(*out), LWL_BAD_ENUM);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_groups_kind(struct lwl_writer *w, uint16_t number, uint16_t v)
{
	lwl_require(w, groups_kind_valid(v));
	lwl_put_u16(w, number, v);
}

static void store_groups_time(uint8_t *p, const struct groups_time *in)
{
	lwl_store64(p, (uint64_t)in->sec);
	lwl_store32(p + 8, in->nsec);
	memset(p + 12, 0, 4);
}

static bool check_groups_time(struct lwl_reader *r, uint32_t at)
{
	if (!lwl_check_hole(r, at + 12, 4))
		return false;
	return true;
}

static bool is_zero_groups_time(const struct groups_time *in)
{
	if (in->sec != 0)
		return false;
	if (in->nsec != 0)
		return false;
	return true;
}

static bool get_groups_time_array(struct lwl_reader *r, uint16_t number, bool required,
		uint32_t min, uint32_t max, struct lwl_seq *out)
{
	uint32_t i;

	if (!lwl_open_array(r, number, required, 16, 8, min, max, out))
		return false;
	for (i = 0; i < out->count; i++)
		if (!check_groups_time(r, r->value + i * 16))
			return false;
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_groups_time_array(struct lwl_writer *w, uint16_t number, uint32_t min,
		uint32_t max, struct lwl_seq v)
{
	uint8_t *p = lwl_put_array(w, number, 16, 8, min, max, v);
	uint32_t i;

	for (i = 0; p != NULL && i < v.count; i++) {
		struct groups_time element = groups_time_at(v, i);

		store_groups_time(p + (size_t)i * 16, &element);
	}
}

static void store_groups_stat(uint8_t *p, const struct groups_stat *in)
{
	lwl_store64(p, in->ino);
	lwl_store32(p + 8, in->mode);
	lwl_store16(p + 12, in->kind);
	p[14] = in->shared;
	p[15] = 0;
	store_groups_time(p + 16, &in->mtime);
}

static bool check_groups_stat(struct lwl_reader *r, uint32_t at)
{
	if (!lwl_check(r, groups_kind_valid(lwl_load16(r->msg + at + 12)), LWL_BAD_ENUM))
		return false;
	if (!lwl_check(r, r->msg[at + 14] <= 1, LWL_BAD_BOOL))
		return false;
	if (!lwl_check_hole(r, at + 15, 1))
		return false;
	if (!check_groups_time(r, at + 16))
		return false;
	return true;
}

static bool valid_groups_stat(const struct groups_stat *in)
{
	if (!groups_kind_valid(in->kind))
		return false;
	return true;
}

static bool is_zero_groups_stat(const struct groups_stat *in)
{
	if (in->ino != 0)
		return false;
	if (in->mode != 0)
		return false;
	if (in->kind != 0)
		return false;
	if (in->shared)
		return false;
	if (!is_zero_groups_time(&in->mtime))
		return false;
	return true;
}

static bool get_groups_stat(struct lwl_reader *r, uint16_t number, bool required,
		struct groups_stat *out)
{
	if (!lwl_open_leaf(r, number, required, 32, 8)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	check_groups_stat(r, r->value);
	groups_stat_load(out, r->msg + r->value);
	lwl_close_leaf(r);
	return !r->failed;
}

static void put_groups_stat(struct lwl_writer *w, uint16_t number, const struct groups_stat *in)
{
	uint8_t *p = lwl_put_leaf(w, number, 32, 8);

	lwl_require(w, valid_groups_stat(in));
	if (p != NULL)
		store_groups_stat(p, in);
}

static bool get_groups_filter_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out);
static void put_groups_filter_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v);
static void put_groups_filter_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v);
static bool get_groups_pair_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out);
static void put_groups_pair_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v);
static void put_groups_pair_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v);

LWL_SHARED void get_groups_attr_items(struct lwl_reader *r, struct groups_attr *out)
{
	get_groups_stat(r, 1, LWL_REQUIRED, &out->stat);
	if (!lwl_get_u32(r, 2, LWL_OPTIONAL, &out->weight))
		out->weight = 1;
	out->has_weight = true;
	out->has_owner = lwl_get_string(r, 3, LWL_OPTIONAL, 0, 64, &out->owner);
	get_groups_time_array(r, 4, LWL_OPTIONAL, 0, 4, &out->history);
	lwl_get_u64(r, 9, LWL_OPTIONAL, &out->birth);
}

static void put_groups_attr_items(struct lwl_writer *w, const struct groups_attr *in)
{
	put_groups_stat(w, 1, &in->stat);
	if (in->has_weight && in->weight != 1)
		lwl_put_u32(w, 2, in->weight);
	else
		lwl_require(w, in->has_weight || in->weight == 0);
	if (in->has_owner)
		lwl_put_string(w, 3, 0, 64, in->owner);
	else
		lwl_require(w, in->owner.len == 0);
	put_groups_time_array(w, 4, 0, 4, in->history);
	if (in->birth != 0)
		lwl_put_u64(w, 9, in->birth);
}

static bool is_zero_groups_attr(const struct groups_attr *in)
{
	if (!is_zero_groups_stat(&in->stat))
		return false;
	if (in->has_weight || in->weight != 0)
		return false;
	if (in->has_owner || in->owner.len != 0)
		return false;
	if (in->history.count != 0)
		return false;
	if (in->birth != 0)
		return false;
	return true;
}

bool groups_attr_next(struct lwl_cursor *c, struct groups_attr *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_groups_attr_items(&r, out);
	return !r.failed;
}

static bool get_groups_attr(struct lwl_reader *r, uint16_t number, bool required,
		struct groups_attr *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_groups_attr_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_groups_attr(struct lwl_writer *w, uint16_t number, const struct groups_attr *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_groups_attr_items(w, in);
	lwl_end_group(w, &group);
}

LWL_SHARED void get_groups_entry_items(struct lwl_reader *r, struct groups_entry *out)
{
	lwl_get_bytes(r, 1, LWL_REQUIRED, 1, 255, &out->name);
	out->has_attr = get_groups_attr(r, 2, LWL_OPTIONAL, &out->attr);
	out->has_node = lwl_get_link(r, 3, LWL_OPTIONAL, &out->node.id);
}

static void put_groups_entry_items(struct lwl_writer *w, const struct groups_entry *in)
{
	lwl_put_bytes(w, 1, 1, 255, in->name);
	if (in->has_attr)
		put_groups_attr(w, 2, &in->attr);
	else
		lwl_require(w, is_zero_groups_attr(&in->attr));
	if (in->has_node)
		lwl_put_link(w, 3, in->node.id);
	else
		lwl_require(w, in->node.id == 0);
}

bool groups_entry_next(struct lwl_cursor *c, struct groups_entry *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_groups_entry_items(&r, out);
	return !r.failed;
}

static void get_groups_entry_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct groups_entry element;

	memset(out, 0, sizeof *out);
	while (lwl_open_element(r, number, max, bytes, out, &inner)) {
		get_groups_entry_items(&inner, &element);
		lwl_close_group(r, &inner);
	}
}

static void put_groups_entry_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct groups_entry element;
	const struct groups_entry *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, groups_entry_next(&list.cursor, &element));
		put_groups_entry_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

LWL_SHARED void get_groups_empty_items(struct lwl_reader *r, struct groups_empty *out)
{
	(void)r;
	out->lwl_none = 0;
}

static void put_groups_empty_items(struct lwl_writer *w, const struct groups_empty *in)
{
	(void)w;
	(void)in;
}

static bool is_zero_groups_empty(const struct groups_empty *in)
{
	(void)in;
	return true;
}

bool groups_empty_next(struct lwl_cursor *c, struct groups_empty *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_groups_empty_items(&r, out);
	return !r.failed;
}

static bool get_groups_empty(struct lwl_reader *r, uint16_t number, bool required,
		struct groups_empty *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_groups_empty_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_groups_empty(struct lwl_writer *w, uint16_t number, const struct groups_empty *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_groups_empty_items(w, in);
	lwl_end_group(w, &group);
}

static void get_groups_filter_rule_items(struct lwl_reader *r, struct groups_filter_rule *out)
{
	bool known = true;

	memset(out, 0, sizeof *out);
	out->which = lwl_union_member(r);
	switch (out->which) {
	case GROUPS_FILTER_RULE_WORD:
		lwl_get_string(r, 1, LWL_REQUIRED, 0, 32, &out->word);
		break;
	case GROUPS_FILTER_RULE_BOTH:
		get_groups_pair_ref(r, 2, LWL_REQUIRED, &out->both);
		break;
	case GROUPS_FILTER_RULE_NOT:
		get_groups_filter_ref(r, 3, LWL_REQUIRED, &out->not_);
		break;
	case GROUPS_FILTER_RULE_KIND:
		get_groups_kind(r, 4, LWL_REQUIRED, &out->kind);
		break;
	case GROUPS_FILTER_RULE_ANY:
		get_groups_empty(r, 5, LWL_REQUIRED, &out->any);
		break;
	default:
		known = false;
		break;
	}
	lwl_check_union(r, known);
}

static void put_groups_filter_rule_items(struct lwl_writer *w, const struct groups_filter_rule *in)
{
	switch (in->which) {
	case GROUPS_FILTER_RULE_WORD:
		lwl_put_string(w, 1, 0, 32, in->word);
		break;
	case GROUPS_FILTER_RULE_BOTH:
		put_groups_pair_ref(w, 2, in->both);
		break;
	case GROUPS_FILTER_RULE_NOT:
		put_groups_filter_ref(w, 3, in->not_);
		break;
	case GROUPS_FILTER_RULE_KIND:
		put_groups_kind(w, 4, in->kind);
		break;
	case GROUPS_FILTER_RULE_ANY:
		put_groups_empty(w, 5, &in->any);
		break;
	default:
		lwl_require(w, false);
		break;
	}
}

static bool get_groups_filter_rule(struct lwl_reader *r, uint16_t number, bool required,
		struct groups_filter_rule *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_groups_filter_rule_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_groups_filter_rule(struct lwl_writer *w, uint16_t number,
		const struct groups_filter_rule *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_groups_filter_rule_items(w, in);
	lwl_end_group(w, &group);
}

LWL_SHARED void get_groups_filter_items(struct lwl_reader *r, struct groups_filter *out)
{
	get_groups_filter_rule(r, 1, LWL_REQUIRED, &out->rule);
}

LWL_SHARED void put_groups_filter_items(struct lwl_writer *w, const struct groups_filter *in)
{
	put_groups_filter_rule(w, 1, &in->rule);
}

static bool is_zero_groups_filter(const struct groups_filter *in)
{
	if (in->rule.which != 0)
		return false;
	return true;
}

bool groups_filter_next(struct lwl_cursor *c, struct groups_filter *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_groups_filter_items(&r, out);
	return !r.failed;
}

static bool get_groups_filter(struct lwl_reader *r, uint16_t number, bool required,
		struct groups_filter *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_groups_filter_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_groups_filter(struct lwl_writer *w, uint16_t number, const struct groups_filter *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_groups_filter_items(w, in);
	lwl_end_group(w, &group);
}

static void put_groups_filter_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct groups_filter element;
	const struct groups_filter *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, groups_filter_next(&list.cursor, &element));
		put_groups_filter_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

static bool get_groups_filter_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct groups_filter looked_at;

	memset(out, 0, sizeof *out);
	if (!lwl_open_group(r, number, required, &inner))
		return false;
	*out = lwl_group_view(r);
	get_groups_filter_items(&inner, &looked_at);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_groups_filter_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v)
{
	lwl_require(w, v.count == 1);
	put_groups_filter_list(w, number, 1, 65535, v);
}

LWL_SHARED void get_groups_pair_items(struct lwl_reader *r, struct groups_pair *out)
{
	get_groups_filter_ref(r, 1, LWL_REQUIRED, &out->left);
	get_groups_filter_ref(r, 2, LWL_REQUIRED, &out->right);
}

static void put_groups_pair_items(struct lwl_writer *w, const struct groups_pair *in)
{
	put_groups_filter_ref(w, 1, in->left);
	put_groups_filter_ref(w, 2, in->right);
}

bool groups_pair_next(struct lwl_cursor *c, struct groups_pair *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_groups_pair_items(&r, out);
	return !r.failed;
}

static void put_groups_pair_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct groups_pair element;
	const struct groups_pair *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, groups_pair_next(&list.cursor, &element));
		put_groups_pair_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

static bool get_groups_pair_ref(struct lwl_reader *r, uint16_t number, bool required,
		struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct groups_pair looked_at;

	memset(out, 0, sizeof *out);
	if (!lwl_open_group(r, number, required, &inner))
		return false;
	*out = lwl_group_view(r);
	get_groups_pair_items(&inner, &looked_at);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_groups_pair_ref(struct lwl_writer *w, uint16_t number, struct lwl_seq v)
{
	lwl_require(w, v.count == 1);
	put_groups_pair_list(w, number, 1, 65535, v);
}

LWL_SHARED void get_groups_row_items(struct lwl_reader *r, struct groups_row *out)
{
	lwl_get_u16(r, 1, LWL_REQUIRED, &out->kind);
	lwl_get_bytes(r, 2, LWL_REQUIRED, 1, 30, &out->name);
	lwl_get_s64(r, 3, LWL_REQUIRED, &out->ino);
	lwl_get_bytes(r, 4, LWL_REQUIRED, 0, 2, &out->tag);
	lwl_get_f32(r, 7, LWL_REQUIRED, &out->weight);
}

LWL_SHARED void put_groups_row_items(struct lwl_writer *w, const struct groups_row *in)
{
	lwl_put_u16(w, 1, in->kind);
	lwl_put_bytes(w, 2, 1, 30, in->name);
	lwl_put_s64(w, 3, in->ino);
	lwl_put_bytes(w, 4, 0, 2, in->tag);
	lwl_put_f32(w, 7, in->weight);
}

bool groups_row_next_of_any(struct lwl_cursor *c, struct groups_row *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_groups_row_items(&r, out);
	return !r.failed;
}

static bool get_groups_row(struct lwl_reader *r, uint16_t number, bool required,
		struct groups_row *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_groups_row_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_groups_row(struct lwl_writer *w, uint16_t number, const struct groups_row *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_groups_row_items(w, in);
	lwl_end_group(w, &group);
}

static void get_groups_row_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out)
{
	struct lwl_rows rows = lwl_begin_rows(r, number, max, bytes);
	struct lwl_reader inner;
	struct groups_row element, unused;

	memset(out, 0, sizeof *out);
	while (lwl_take_row(&rows, groups_row_usual(&unused, rows.at, rows.left, rows.id)))
		;
	lwl_end_rows(r, out, rows, max);
	while (lwl_open_element(r, number, max, bytes, out, &inner)) {
		get_groups_row_items(&inner, &element);
		lwl_close_group(r, &inner);
	}
}

static void put_groups_row_rows(struct lwl_writer *w, struct lwl_list *list)
{
	struct lwl_row_writer rows = lwl_begin_put_rows(w, list);
	const struct groups_row *in = list->cursor.seq.data;

	for (; rows.more > 0; in++) {
		uint8_t *p;

		if (in->name.len < 1 || in->name.len > 30)
			break;
		if (in->tag.len > 2)
			break;
		p = lwl_put_row(&rows,
				40 + lwl_padded(4 + in->name.len) + lwl_padded(4 + in->tag.len));
		if (p == NULL)
			break;
		lwl_store_head(p, 1, 6);
		lwl_store16(p + 4, in->kind);
		p = lwl_store_bytes(p + 8, 2, in->name);
		lwl_store_head(p, 3, 16);
		lwl_store64(p + 8, (uint64_t)in->ino);
		p = lwl_store_bytes(p + 16, 4, in->tag);
		lwl_store_head(p, 7, 8);
		lwl_storef32(p + 4, in->weight);
	}
	lwl_end_put_rows(w, list, rows);
}

static void put_groups_row_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct groups_row element;
	const struct groups_row *in;

	lwl_begin_list(w, &list, number, max, v);
	put_groups_row_rows(w, &list);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, groups_row_next_of_any(&list.cursor, &element));
		put_groups_row_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

LWL_SHARED void get_groups_plain_items(struct lwl_reader *r, struct groups_plain *out)
{
	lwl_get_u16(r, 1, LWL_REQUIRED, &out->kind);
	lwl_get_bytes(r, 2, LWL_REQUIRED, 1, 30, &out->name);
	lwl_get_s64(r, 3, LWL_REQUIRED, &out->ino);
	lwl_get_bytes(r, 4, LWL_REQUIRED, 0, 2, &out->tag);
	lwl_get_f32(r, 7, LWL_REQUIRED, &out->weight);
	out->has_never = lwl_get_u8(r, 16127, LWL_OPTIONAL, &out->never);
}

LWL_SHARED void put_groups_plain_items(struct lwl_writer *w, const struct groups_plain *in)
{
	lwl_put_u16(w, 1, in->kind);
	lwl_put_bytes(w, 2, 1, 30, in->name);
	lwl_put_s64(w, 3, in->ino);
	lwl_put_bytes(w, 4, 0, 2, in->tag);
	lwl_put_f32(w, 7, in->weight);
	if (in->has_never)
		lwl_put_u8(w, 16127, in->never);
	else
		lwl_require(w, in->never == 0);
}

bool groups_plain_next(struct lwl_cursor *c, struct groups_plain *out)
{
	struct lwl_reader r;

	if (lwl_cursor_next(c, &r, out, sizeof *out))
		get_groups_plain_items(&r, out);
	return !r.failed;
}

static bool get_groups_plain(struct lwl_reader *r, uint16_t number, bool required,
		struct groups_plain *out)
{
	struct lwl_reader inner;

	if (!lwl_open_group(r, number, required, &inner)) {
		memset(out, 0, sizeof *out);
		return false;
	}
	get_groups_plain_items(&inner, out);
	lwl_close_group(r, &inner);
	return !r->failed;
}

static void put_groups_plain(struct lwl_writer *w, uint16_t number, const struct groups_plain *in)
{
	struct lwl_group group;

	lwl_begin_group(w, number, &group);
	put_groups_plain_items(w, in);
	lwl_end_group(w, &group);
}

static void get_groups_plain_list(struct lwl_reader *r, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq *out)
{
	struct lwl_reader inner;
	struct groups_plain element;

	memset(out, 0, sizeof *out);
	while (lwl_open_element(r, number, max, bytes, out, &inner)) {
		get_groups_plain_items(&inner, &element);
		lwl_close_group(r, &inner);
	}
}

static void put_groups_plain_list(struct lwl_writer *w, uint16_t number, uint32_t max,
		uint32_t bytes, struct lwl_seq v)
{
	struct lwl_list list;
	struct groups_plain element;
	const struct groups_plain *in;

	lwl_begin_list(w, &list, number, max, v);
	while ((in = lwl_put_element(w, &list, &element, sizeof element)) != NULL) {
		if (in == &element)
			lwl_require(w, groups_plain_next(&list.cursor, &element));
		put_groups_plain_items(w, in);
	}
	lwl_end_list(w, &list, bytes);
}

int groups_node_lookup_req_encode(struct lwl_writer *w, const struct groups_node_lookup_req *in)
{
	lwl_writer_begin(w, GROUPS_NODE_LOOKUP, LWL_KIND_REQUEST);
	lwl_put_bytes(w, 1, 1, 255, in->name);
	return lwl_writer_finish(w);
}

int groups_node_lookup_req_decode(struct groups_node_lookup_req *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_LOOKUP, LWL_KIND_REQUEST, err);
	lwl_get_bytes(r, 1, LWL_REQUIRED, 1, 255, &out->name);
	return lwl_reader_finish(r);
}

int groups_node_lookup_rsp_encode(struct lwl_writer *w, const struct groups_node_lookup_rsp *in)
{
	lwl_writer_begin(w, GROUPS_NODE_LOOKUP, LWL_KIND_RESPONSE);
	lwl_put_link(w, 1, in->node.id);
	put_groups_attr(w, 2, &in->attr);
	return lwl_writer_finish(w);
}

int groups_node_lookup_rsp_decode(struct groups_node_lookup_rsp *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_LOOKUP, LWL_KIND_RESPONSE, err);
	lwl_get_link(r, 1, LWL_REQUIRED, &out->node.id);
	get_groups_attr(r, 2, LWL_REQUIRED, &out->attr);
	return lwl_reader_finish(r);
}

int groups_node_readdir_req_encode(struct lwl_writer *w, const struct groups_node_readdir_req *in)
{
	lwl_writer_begin(w, GROUPS_NODE_READDIR, LWL_KIND_REQUEST);
	if (in->cookie != 0)
		lwl_put_u64(w, 1, in->cookie);
	if (in->has_filter)
		put_groups_filter(w, 2, &in->filter);
	else
		lwl_require(w, is_zero_groups_filter(&in->filter));
	return lwl_writer_finish(w);
}

int groups_node_readdir_req_decode(struct groups_node_readdir_req *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_READDIR, LWL_KIND_REQUEST, err);
	lwl_get_u64(r, 1, LWL_OPTIONAL, &out->cookie);
	out->has_filter = get_groups_filter(r, 2, LWL_OPTIONAL, &out->filter);
	return lwl_reader_finish(r);
}

int groups_node_readdir_rsp_encode(struct lwl_writer *w, const struct groups_node_readdir_rsp *in)
{
	lwl_writer_begin(w, GROUPS_NODE_READDIR, LWL_KIND_RESPONSE);
	put_groups_entry_list(w, 1, 100, 40000, in->entries);
	if (in->more)
		lwl_put_bool(w, 2, in->more);
	lwl_put_links(w, 3, 3, in->others);
	return lwl_writer_finish(w);
}

int groups_node_readdir_rsp_decode(struct groups_node_readdir_rsp *out, const void *msg,
		size_t len, struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_READDIR, LWL_KIND_RESPONSE, err);
	get_groups_entry_list(r, 1, 100, 40000, &out->entries);
	lwl_get_bool(r, 2, LWL_OPTIONAL, &out->more);
	lwl_get_links(r, 3, 3, &out->others);
	return lwl_reader_finish(r);
}

int groups_node_move_req_encode(struct lwl_writer *w, const struct groups_node_move_req *in)
{
	lwl_writer_begin(w, GROUPS_NODE_MOVE, LWL_KIND_REQUEST);
	lwl_put_link(w, 1, in->to.id);
	put_groups_entry_list(w, 2, 2, 65535, in->entries);
	if (in->has_overwrite)
		put_groups_empty(w, 3, &in->overwrite);
	else
		lwl_require(w, is_zero_groups_empty(&in->overwrite));
	return lwl_writer_finish(w);
}

int groups_node_move_req_decode(struct groups_node_move_req *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_MOVE, LWL_KIND_REQUEST, err);
	lwl_get_link(r, 1, LWL_REQUIRED, &out->to.id);
	get_groups_entry_list(r, 2, 2, 65535, &out->entries);
	out->has_overwrite = get_groups_empty(r, 3, LWL_OPTIONAL, &out->overwrite);
	return lwl_reader_finish(r);
}

int groups_node_move_rsp_encode(struct lwl_writer *w, const struct groups_node_move_rsp *in)
{
	lwl_writer_begin(w, GROUPS_NODE_MOVE, LWL_KIND_RESPONSE);
	put_groups_empty(w, 1, &in->done);
	return lwl_writer_finish(w);
}

int groups_node_move_rsp_decode(struct groups_node_move_rsp *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_MOVE, LWL_KIND_RESPONSE, err);
	get_groups_empty(r, 1, LWL_REQUIRED, &out->done);
	return lwl_reader_finish(r);
}

int groups_node_touch_msg_encode(struct lwl_writer *w, const struct groups_node_touch_msg *in)
{
	lwl_writer_begin(w, GROUPS_NODE_TOUCH, LWL_KIND_ONEWAY);
	lwl_put_packed(w, 1, 8, 0, 10, in->inos);
	if (in->has_kind && in->kind != GROUPS_KIND_FILE)
		put_groups_kind(w, 2, in->kind);
	else
		lwl_require(w, in->has_kind || in->kind == 0);
	if (in->has_at)
		lwl_put_packed(w, 3, 4, 3, 3, in->at);
	else
		lwl_require(w, in->at.count == 0);
	lwl_put_bools(w, 4, 0, 9, in->marks);
	return lwl_writer_finish(w);
}

int groups_node_touch_msg_decode(struct groups_node_touch_msg *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_TOUCH, LWL_KIND_ONEWAY, err);
	lwl_get_packed(r, 1, LWL_OPTIONAL, 8, 0, 10, &out->inos);
	if (!get_groups_kind(r, 2, LWL_OPTIONAL, &out->kind))
		out->kind = GROUPS_KIND_FILE;
	out->has_kind = true;
	out->has_at = lwl_get_packed(r, 3, LWL_OPTIONAL, 4, 3, 3, &out->at);
	lwl_get_bools(r, 4, LWL_OPTIONAL, 0, 9, &out->marks);
	return lwl_reader_finish(r);
}

int groups_node_rows_req_encode(struct lwl_writer *w, const struct groups_node_rows_req *in)
{
	lwl_writer_begin(w, GROUPS_NODE_ROWS, LWL_KIND_REQUEST);
	put_groups_row(w, 1, &in->row);
	put_groups_row_list(w, 2, 3, 65535, in->rows);
	if (in->behind != 0)
		lwl_put_u8(w, 3, in->behind);
	return lwl_writer_finish(w);
}

int groups_node_rows_req_decode(struct groups_node_rows_req *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_ROWS, LWL_KIND_REQUEST, err);
	get_groups_row(r, 1, LWL_REQUIRED, &out->row);
	get_groups_row_list(r, 2, 3, 65535, &out->rows);
	lwl_get_u8(r, 3, LWL_OPTIONAL, &out->behind);
	return lwl_reader_finish(r);
}

int groups_node_rows_rsp_encode(struct lwl_writer *w, const struct groups_node_rows_rsp *in)
{
	lwl_writer_begin(w, GROUPS_NODE_ROWS, LWL_KIND_RESPONSE);
	put_groups_row_list(w, 1, 20, 600, in->rows);
	if (in->behind != 0)
		lwl_put_u8(w, 2, in->behind);
	return lwl_writer_finish(w);
}

int groups_node_rows_rsp_decode(struct groups_node_rows_rsp *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_ROWS, LWL_KIND_RESPONSE, err);
	get_groups_row_list(r, 1, 20, 600, &out->rows);
	lwl_get_u8(r, 2, LWL_OPTIONAL, &out->behind);
	return lwl_reader_finish(r);
}

int groups_node_plain_req_encode(struct lwl_writer *w, const struct groups_node_plain_req *in)
{
	lwl_writer_begin(w, GROUPS_NODE_PLAIN, LWL_KIND_REQUEST);
	put_groups_plain(w, 1, &in->row);
	put_groups_plain_list(w, 2, 3, 65535, in->rows);
	if (in->behind != 0)
		lwl_put_u8(w, 3, in->behind);
	return lwl_writer_finish(w);
}

int groups_node_plain_req_decode(struct groups_node_plain_req *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_PLAIN, LWL_KIND_REQUEST, err);
	get_groups_plain(r, 1, LWL_REQUIRED, &out->row);
	get_groups_plain_list(r, 2, 3, 65535, &out->rows);
	lwl_get_u8(r, 3, LWL_OPTIONAL, &out->behind);
	return lwl_reader_finish(r);
}

int groups_node_plain_rsp_encode(struct lwl_writer *w, const struct groups_node_plain_rsp *in)
{
	lwl_writer_begin(w, GROUPS_NODE_PLAIN, LWL_KIND_RESPONSE);
	put_groups_plain_list(w, 1, 20, 600, in->rows);
	if (in->behind != 0)
		lwl_put_u8(w, 2, in->behind);
	return lwl_writer_finish(w);
}

int groups_node_plain_rsp_decode(struct groups_node_plain_rsp *out, const void *msg, size_t len,
		struct lwl_error *err)
{
	struct lwl_reader reader, *r = &reader;

	lwl_reader_begin(r, msg, len, GROUPS_NODE_PLAIN, LWL_KIND_RESPONSE, err);
	get_groups_plain_list(r, 1, 20, 600, &out->rows);
	lwl_get_u8(r, 2, LWL_OPTIONAL, &out->behind);
	return lwl_reader_finish(r);
}

