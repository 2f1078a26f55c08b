/*
 * Messages to values and back, by the tables of schema.c: the rules of docs/protocol.md once more, so
 * that the generated code can be held against them.  Of the library it uses what generated code uses,
 * the readers and writers of single items in wire.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include <lwlink/schema.h>

/* ---- memory ---- */

enum { BLOCK_SIZE = 16384 };

struct block {
	struct block *next;
	union {				/* what follows is aligned for any of these */
		long double number;
		void *pointer;
		uint64_t bits;
	} start[];
};

void lwl_arena_init(struct lwl_arena *arena, size_t limit)
{
	memset(arena, 0, sizeof *arena);
	arena->limit = limit;
}

void *lwl_arena_alloc(struct lwl_arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	size_t unit = sizeof block->start[0];
	void *memory;

	if (size > arena->limit - arena->total || size > SIZE_MAX / 2)
		return NULL;
	size += (unit - size % unit) % unit;
	if (block == NULL || size > arena->room - arena->used) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = malloc(sizeof *block + room);
		if (block == NULL)
			return NULL;
		block->next = arena->blocks;
		arena->blocks = block;
		arena->room = room;
		arena->used = 0;
	}
	memory = (uint8_t *)block->start + arena->used;
	arena->used += size;
	arena->total = size < arena->limit - arena->total ? arena->total + size : arena->limit;
	return memory;
}

void lwl_arena_free(struct lwl_arena *arena)
{
	struct block *block = arena->blocks;

	while (block != NULL) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
	lwl_arena_init(arena, arena->limit);
}

/* ---- scalars ---- */

static enum lwl_type_kind stored(const struct lwl_schema_type *t)
{
	return t->enumeration != NULL ? t->enumeration->underlying : t->kind;
}

static uint64_t load_bits(enum lwl_type_kind kind, const uint8_t *p)
{
	switch (kind) {
	case LWL_TYPE_S8: return (uint64_t)(int64_t)(int8_t)p[0];
	case LWL_TYPE_S16: return (uint64_t)(int64_t)(int16_t)lwl_load16(p);
	case LWL_TYPE_S32: return (uint64_t)(int64_t)(int32_t)lwl_load32(p);
	case LWL_TYPE_BOOL: case LWL_TYPE_U8: return p[0];
	case LWL_TYPE_U16: return lwl_load16(p);
	case LWL_TYPE_U32: case LWL_TYPE_F32: return lwl_load32(p);
	default: return lwl_load64(p);
	}
}

static void store_bits(uint8_t *p, uint32_t size, uint64_t bits)
{
	if (size == 1)
		p[0] = (uint8_t)(bits & 0xff);
	else if (size == 2)
		lwl_store16(p, (uint16_t)(bits & 0xffff));
	else if (size == 4)
		lwl_store32(p, (uint32_t)(bits & 0xffffffff));
	else
		lwl_store64(p, bits);
}

/* What is wrong with these bits as a value of the type, or NONE. */
static enum lwl_bad bits_mistake(const struct lwl_schema_type *t, uint64_t bits)
{
	if (t->kind == LWL_TYPE_BOOL)
		return bits > 1 ? LWL_BAD_BOOL : LWL_BAD_NONE;
	if (t->enumeration == NULL || t->enumeration->is_flexible)
		return LWL_BAD_NONE;
	if (t->kind == LWL_TYPE_FLAGS)
		return (bits & ~t->enumeration->known_bits) != 0 ? LWL_BAD_FLAGS : LWL_BAD_NONE;
	return lwl_schema_member_of(t->enumeration, bits) == NULL ? LWL_BAD_ENUM : LWL_BAD_NONE;
}

/* ---- decoding ---- */

/*
 * Values are gathered on a stack; when a level is complete, its part of the stack becomes an array in
 * the arena.
 */
struct decoder {
	struct lwl_arena *arena;
	struct lwl_value *stack;
	size_t count, room;
	bool no_memory;
};

static void push(struct decoder *d, struct lwl_value v)
{
	if (d->count == d->room) {
		size_t room = d->room * 2 + 64;
		struct lwl_value *more = NULL;

		if (room <= d->arena->limit / sizeof *more)
			more = realloc(d->stack, room * sizeof *more);
		if (more == NULL) {
			d->no_memory = true;
			return;
		}
		d->stack = more;
		d->room = room;
	}
	d->stack[d->count++] = v;
}

/* What was pushed since the stack had `base` values. */
static struct lwl_value pop(struct decoder *d, size_t base, enum lwl_value_kind kind)
{
	size_t count = d->count - base;
	struct lwl_value *items = lwl_arena_alloc(d->arena, (count + 1) * sizeof *items);
	struct lwl_value v = { .kind = (uint8_t)kind, .count = (uint32_t)count };

	if (items == NULL)
		d->no_memory = true;
	else if (count > 0)
		memcpy(items, d->stack + base, count * sizeof *items);
	if (items == NULL)
		v.count = 0;
	v.items = items;
	d->count = base;
	return v;
}

static void push_bits(struct decoder *d, uint32_t field, uint64_t bits)
{
	push(d, (struct lwl_value){ .kind = LWL_VALUE_BITS, .field = (uint16_t)field, .bits = bits });
}

static void push_text(struct decoder *d, uint32_t field, const void *data, uint32_t length)
{
	push(d, (struct lwl_value){ .kind = LWL_VALUE_TEXT, .field = (uint16_t)field, .count = length,
				    .data = data });
}

static void push_level(struct decoder *d, uint32_t field, size_t base, enum lwl_value_kind kind)
{
	struct lwl_value v = pop(d, base, kind);

	v.field = (uint16_t)field;
	push(d, v);
}

/* May the next value be read? */
static bool goes_on(const struct decoder *d, const struct lwl_reader *r)
{
	return !d->no_memory && !r->failed;
}

static void decode_struct(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_struct *s,
			  uint32_t at, uint32_t field);

/* One scalar, enum, flags or struct at `at` in the open leaf. */
static void decode_packed(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_type *t,
			  uint32_t at, uint32_t field)
{
	uint64_t bits;
	enum lwl_bad bad;

	if (t->kind == LWL_TYPE_STRUCT) {
		decode_struct(d, r, t->structure, at, field);
		return;
	}
	bits = load_bits(stored(t), r->msg + at);
	bad = bits_mistake(t, bits);
	if (lwl_check(r, bad == LWL_BAD_NONE, bad))
		push_bits(d, field, bits);
}

static void decode_elements(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_type *t,
			    uint32_t at, uint32_t count, uint32_t field)
{
	size_t base = d->count;
	uint32_t i;

	for (i = 0; i < count && goes_on(d, r); i++)
		decode_packed(d, r, t, at + i * t->size, 0);
	push_level(d, field, base, LWL_VALUE_LIST);
}

static void decode_struct(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_struct *s,
			  uint32_t at, uint32_t field)
{
	size_t base = d->count;
	uint32_t i;

	for (i = 0; i < s->field_count && goes_on(d, r); i++) {
		const struct lwl_schema_field *m = &s->fields[i];
		uint32_t from = at + m->offset, size = m->type.size;

		if (m->type.shape == LWL_SHAPE_ARRAY) {
			decode_elements(d, r, &m->type, from, m->type.max, i);
			size *= m->type.max;
		} else {
			decode_packed(d, r, &m->type, from, i);
		}
		if (m->hole > 0 && goes_on(d, r))
			lwl_check_hole(r, from + size, m->hole);
	}
	push_level(d, field, base, LWL_VALUE_GROUP);
}

static void decode_items(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_group *g,
			 uint32_t field);

static void decode_links(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_field *f,
			 uint32_t field)
{
	struct lwl_seq links;
	size_t base = d->count;
	uint32_t i;

	lwl_get_links(r, f->number, f->type.max, &links);
	for (i = 0; i < links.count && goes_on(d, r); i++)
		push_bits(d, 0, lwl_link_at(links, i).id);
	if (links.count > 0)
		push_level(d, field, base, LWL_VALUE_LIST);
}

static void decode_groups(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_field *f,
			  uint32_t field)
{
	const struct lwl_schema_type *t = &f->type;
	struct lwl_reader inner;
	struct lwl_seq list = { 0 };
	size_t base = d->count;

	while (!d->no_memory &&
	       lwl_open_element(r, f->number, t->max,
				t->list_bytes != 0 ? t->list_bytes : LWL_MESSAGE_MAX, &list, &inner)) {
		decode_items(d, &inner, t->group, 0);
		lwl_close_group(r, &inner);
	}
	if (list.count > 0)
		push_level(d, field, base, LWL_VALUE_LIST);
}

static void decode_array(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_field *f,
			 uint32_t field)
{
	const struct lwl_schema_type *t = &f->type;
	struct lwl_seq elements;

	if (!lwl_open_array(r, f->number, f->presence == LWL_PRESENCE_REQUIRED, t->size, t->align,
			    t->min, t->max, &elements))
		return;
	decode_elements(d, r, t, r->value, elements.count, field);
	lwl_close_leaf(r);
}

static void decode_one(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_field *f,
		       uint32_t field)
{
	const struct lwl_schema_type *t = &f->type;
	bool required = f->presence == LWL_PRESENCE_REQUIRED;
	struct lwl_reader inner;
	struct lwl_string string;
	struct lwl_bytes bytes;
	uint64_t link;

	switch (t->kind) {
	case LWL_TYPE_STRING:
		if (lwl_get_string(r, f->number, required, t->min, t->max, &string))
			push_text(d, field, string.data, string.len);
		return;
	case LWL_TYPE_BYTES:
		if (lwl_get_bytes(r, f->number, required, t->min, t->max, &bytes))
			push_text(d, field, bytes.data, bytes.len);
		return;
	case LWL_TYPE_LINK:
		if (lwl_get_link(r, f->number, required, &link))
			push_bits(d, field, link);
		return;
	case LWL_TYPE_GROUP:
	case LWL_TYPE_UNION:
		if (!lwl_open_group(r, f->number, required, &inner))
			return;
		decode_items(d, &inner, t->group, field);
		if (!d->no_memory)
			lwl_close_group(r, &inner);
		return;
	default:
		if (!lwl_open_leaf(r, f->number, required, t->size, t->align))
			return;
		decode_packed(d, r, t, r->value, field);
		lwl_close_leaf(r);
		return;
	}
}

static void decode_field(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_group *g,
			 uint32_t i)
{
	const struct lwl_schema_field *f = &g->fields[i];

	if (f->type.shape == LWL_SHAPE_ONE)
		decode_one(d, r, f, i);
	else if (f->type.kind == LWL_TYPE_LINK)
		decode_links(d, r, f, i);
	else if (f->type.kind == LWL_TYPE_GROUP)
		decode_groups(d, r, f, i);
	else
		decode_array(d, r, f, i);
}

/*
 * From field `i` on, the first that the next item can belong to.  Absent fields between are not asked
 * for one by one: a group may have thousands, and a list as many elements.
 */
static uint32_t next_field(const struct lwl_reader *r, const struct lwl_schema_group *g, uint32_t i)
{
	uint32_t low = i, high = g->field_count, number;

	if (r->failed || r->at == r->end)
		return g->field_count;
	if (r->end - r->at < 4)
		return i;		/* the reader says what is wrong */
	number = lwl_load16(r->msg + r->at) & LWL_ITEM_NUMBER;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (g->fields[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void decode_fields(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_group *g)
{
	uint32_t i = 0;

	while (i < g->field_count && !d->no_memory) {
		uint32_t next = next_field(r, g, i);
		uint32_t required = g->next_required[i];

		/* The reader notes the first one that is missing. */
		if (required < next)
			lwl_open_leaf(r, g->fields[required].number, LWL_REQUIRED, 1, 1);
		if (next < g->field_count)
			decode_field(d, r, g, next);
		i = next < g->field_count ? next + 1 : next;
	}
}

static void decode_union(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_group *g)
{
	const struct lwl_schema_field *f = lwl_schema_field_numbered(g, lwl_union_member(r));

	if (f != NULL)
		decode_field(d, r, g, (uint32_t)(f - g->fields));
	lwl_check_union(r, f != NULL);
}

static void decode_items(struct decoder *d, struct lwl_reader *r, const struct lwl_schema_group *g,
			 uint32_t field)
{
	size_t base = d->count;

	if (g->form == LWL_GROUP_UNION)
		decode_union(d, r, g);
	else
		decode_fields(d, r, g);
	push_level(d, field, base, LWL_VALUE_GROUP);
}

int lwl_value_decode(const struct lwl_schema_message *message, const void *msg, size_t len,
		     struct lwl_arena *arena, struct lwl_value *out, struct lwl_error *err)
{
	struct decoder d = { .arena = arena };
	struct lwl_reader r;
	int status;

	memset(out, 0, sizeof *out);
	out->kind = LWL_VALUE_GROUP;
	lwl_reader_begin(&r, msg, len, (uint16_t)(message->header & ~LWL_RESPONSE), message->kind, err);
	decode_fields(&d, &r, message->items);
	status = d.no_memory ? 0 : lwl_reader_finish(&r);
	if (status == 0 && !d.no_memory)
		*out = pop(&d, 0, LWL_VALUE_GROUP);
	free(d.stack);
	if (!d.no_memory)
		return status;
	r.err->bad = LWL_BAD_NONE;
	return -LWL_ENOMEM;
}

uint32_t lwl_value_error_code(const void *msg, size_t len)
{
	const uint8_t *p = msg;
	struct lwl_item item;

	if (lwl_message_check(msg, len, NULL) != 0 ||
	    !lwl_message_find(&item, msg, LWL_ITEM_ERROR) || (item.id & LWL_ITEM_GROUP) == 0 ||
	    item.length < 16 || lwl_load32(p + item.offset + 8) != (8u << 16 | 1))
		return 0;
	return lwl_load32(p + item.offset + 12);
}

const struct lwl_value *lwl_value_get(const struct lwl_value *group, uint32_t field)
{
	uint32_t low = 0, high = group->count;

	if (group->kind != LWL_VALUE_GROUP)
		return NULL;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (group->items[middle].field == field)
			return &group->items[middle];
		if (group->items[middle].field < field)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- encoding ---- */

struct encoder {
	struct lwl_writer *w;
	struct lwl_value_error *err;	/* its steps lead to the value at hand until one is wrong */
	bool wrong;
};

static void step_in(struct encoder *e, const struct lwl_schema_field *field)
{
	if (!e->wrong)
		e->err->steps[e->err->depth++] = (struct lwl_value_step){ .field = field };
}

static void step_to(struct encoder *e, uint32_t index)
{
	if (!e->wrong) {
		e->err->steps[e->err->depth - 1].index = index;
		e->err->steps[e->err->depth - 1].is_element = true;
	}
}

static void step_back(struct encoder *e)
{
	if (!e->wrong)
		e->err->steps[e->err->depth - 1].is_element = false;
}

static void step_out(struct encoder *e)
{
	if (!e->wrong)
		e->err->depth--;
}

/* The value at hand cannot be encoded. */
static void wrong(struct encoder *e, const struct lwl_value *value, const char *why)
{
	struct lwl_value_error *err = e->err;

	if (e->wrong || e->w->status != 0)
		return;
	e->wrong = true;
	err->why = why;
	err->value = value;
	err->field = err->depth > 0 ? err->steps[err->depth - 1].field : NULL;
	lwl_writer_fail(e->w, -LWL_EINVAL);
}

/* The writer has found out what is wrong. */
static void wrong_if_refused(struct encoder *e, const struct lwl_value *value, const char *why)
{
	if (e->w->status == -LWL_EINVAL && !e->wrong) {
		e->w->status = 0;
		wrong(e, value, why);
	}
}

static bool is_kind(struct encoder *e, const struct lwl_value *v, enum lwl_value_kind kind)
{
	static const char *const whys[] = {
		[LWL_VALUE_BITS] = "is not a single value", [LWL_VALUE_TEXT] = "is not a string or bytes",
		[LWL_VALUE_GROUP] = "is not a group of values", [LWL_VALUE_LIST] = "is not a list"
	};

	if (v->kind != kind)
		wrong(e, v, whys[kind]);
	return v->kind == kind && e->w->status == 0;
}

/* Would it come back as it is? */
static bool fits(const struct lwl_schema_type *t, uint64_t bits)
{
	uint8_t bytes[8];

	store_bits(bytes, t->size, bits);
	return load_bits(stored(t), bytes) == bits;
}

static bool check_bits(struct encoder *e, const struct lwl_schema_type *t, const struct lwl_value *v)
{
	if (!is_kind(e, v, LWL_VALUE_BITS))
		return false;
	if (t->kind != LWL_TYPE_LINK && !fits(t, v->bits)) {
		wrong(e, v, "does not fit its type");
		return false;
	}
	if (t->kind == LWL_TYPE_LINK && v->bits == 0) {
		wrong(e, v, "is linkid 0");
		return false;
	}
	switch (bits_mistake(t, v->bits)) {
	case LWL_BAD_BOOL:
		wrong(e, v, "is neither false nor true");
		return false;
	case LWL_BAD_ENUM:
		wrong(e, v, "is no member of its enum");
		return false;
	case LWL_BAD_FLAGS:
		wrong(e, v, "has bits that its flags do not know");
		return false;
	default:
		return true;
	}
}

static void store_struct(struct encoder *e, const struct lwl_schema_struct *s, uint8_t *p,
			 const struct lwl_value *v);

/* Into its bytes at `p`, which are zero. */
static void store_packed(struct encoder *e, const struct lwl_schema_type *t, uint8_t *p,
			 const struct lwl_value *v)
{
	if (t->kind == LWL_TYPE_STRUCT)
		store_struct(e, t->structure, p, v);
	else if (check_bits(e, t, v))
		store_bits(p, t->size, v->bits);
}

static void store_elements(struct encoder *e, const struct lwl_schema_type *t, uint8_t *p,
			   const struct lwl_value *v)
{
	uint32_t i;

	for (i = 0; i < v->count && e->w->status == 0; i++) {
		step_to(e, i);
		store_packed(e, t, p + (size_t)i * t->size, &v->items[i]);
		step_back(e);
	}
}

static bool check_count(struct encoder *e, const struct lwl_schema_type *t, const struct lwl_value *v)
{
	if (!is_kind(e, v, LWL_VALUE_LIST))
		return false;
	if (t->shape == LWL_SHAPE_ARRAY && v->count != t->max)
		wrong(e, v, "does not have as many elements as its type says");
	else if (v->count > t->max)
		wrong(e, v, "has more elements than its bound");
	return e->w->status == 0;
}

static void store_struct(struct encoder *e, const struct lwl_schema_struct *s, uint8_t *p,
			 const struct lwl_value *v)
{
	uint32_t i;

	if (!is_kind(e, v, LWL_VALUE_GROUP))
		return;
	for (i = 0; i < s->field_count && e->w->status == 0; i++) {
		const struct lwl_schema_field *m = &s->fields[i];

		step_in(e, m);
		if (i >= v->count || v->items[i].field != i)
			wrong(e, NULL, "is required");
		else if (m->type.shape == LWL_SHAPE_ONE)
			store_packed(e, &m->type, p + m->offset, &v->items[i]);
		else if (check_count(e, &m->type, &v->items[i]))
			store_elements(e, &m->type, p + m->offset, &v->items[i]);
		step_out(e);
	}
	if (v->count > s->field_count)
		wrong(e, v, "has members that its struct does not know");
}

static void encode_items(struct encoder *e, const struct lwl_schema_group *g,
			 const struct lwl_value *v);

static void encode_array(struct encoder *e, const struct lwl_schema_field *f,
			 const struct lwl_value *v)
{
	const struct lwl_schema_type *t = &f->type;
	const struct lwl_seq count = { .count = v->count };
	uint8_t *p;

	if (!check_count(e, t, v))
		return;
	p = lwl_put_array(e->w, f->number, t->size, t->align, t->min, t->max, count);
	if (p == NULL)
		return;
	memset(p, 0, (size_t)v->count * t->size);
	store_elements(e, t, p, v);
}

static int encode_links(struct encoder *e, const struct lwl_schema_field *f, const struct lwl_value *v)
{
	struct lwl_link_any *ids;
	uint32_t i;

	if (!check_count(e, &f->type, v) || v->count == 0)
		return 0;
	ids = malloc(v->count * sizeof *ids);
	if (ids == NULL)
		return -LWL_ENOMEM;
	for (i = 0; i < v->count; i++) {
		step_to(e, i);
		ids[i].id = check_bits(e, &f->type, &v->items[i]) ? v->items[i].bits : 0;
		step_back(e);
	}
	lwl_put_links(e->w, f->number, f->type.max, lwl_seq_of(ids, v->count));
	free(ids);
	return 0;
}

static void encode_group(struct encoder *e, const struct lwl_schema_field *f,
			 const struct lwl_value *v)
{
	struct lwl_group group;

	lwl_begin_group(e->w, f->number, &group);
	/* Groups that nest too deeply end here. */
	if (e->w->status != 0)
		return;
	encode_items(e, f->type.group, v);
	lwl_end_group(e->w, &group);
}

static void encode_groups(struct encoder *e, const struct lwl_schema_field *f,
			  const struct lwl_value *v)
{
	const struct lwl_schema_type *t = &f->type;
	uint32_t start = lwl_writer_offset(e->w), i;

	if (!check_count(e, t, v))
		return;
	for (i = 0; i < v->count && e->w->status == 0; i++) {
		step_to(e, i);
		encode_group(e, f, &v->items[i]);
		step_back(e);
	}
	if (t->list_bytes != 0 && lwl_writer_offset(e->w) - start > t->list_bytes)
		wrong(e, v, "takes more bytes than its bound");
}

static void encode_text(struct encoder *e, const struct lwl_schema_field *f, const struct lwl_value *v)
{
	const struct lwl_schema_type *t = &f->type;
	struct lwl_string string = { (const char *)v->data, v->count };
	struct lwl_bytes bytes = { v->data, v->count };

	if (!is_kind(e, v, LWL_VALUE_TEXT))
		return;
	if (v->count < t->min) {
		wrong(e, v, "is shorter than its bound");
	} else if (v->count > t->max) {
		wrong(e, v, "is longer than its bound");
	} else if (t->kind == LWL_TYPE_STRING) {
		lwl_put_string(e->w, f->number, t->min, t->max, string);
		wrong_if_refused(e, v, "is not valid UTF-8, or holds U+0000");
	} else {
		lwl_put_bytes(e->w, f->number, t->min, t->max, bytes);
	}
}

static void encode_one(struct encoder *e, const struct lwl_schema_field *f, const struct lwl_value *v)
{
	const struct lwl_schema_type *t = &f->type;
	uint8_t *p;

	switch (t->kind) {
	case LWL_TYPE_STRING:
	case LWL_TYPE_BYTES:
		encode_text(e, f, v);
		return;
	case LWL_TYPE_LINK:
		if (check_bits(e, t, v))
			lwl_put_link(e->w, f->number, v->bits);
		return;
	case LWL_TYPE_GROUP:
	case LWL_TYPE_UNION:
		encode_group(e, f, v);
		return;
	default:
		if (f->presence == LWL_PRESENCE_DEFAULT && v->kind == LWL_VALUE_BITS &&
		    v->bits == f->default_bits)
			return;
		p = lwl_put_leaf(e->w, f->number, t->size, t->align);
		if (p == NULL)
			return;
		memset(p, 0, t->size);
		store_packed(e, t, p, v);
		return;
	}
}

static void encode_field(struct encoder *e, const struct lwl_schema_field *f,
			 const struct lwl_value *v)
{
	if (f->type.shape == LWL_SHAPE_ONE) {
		encode_one(e, f, v);
	} else if (f->type.kind == LWL_TYPE_LINK) {
		int status = encode_links(e, f, v);

		if (status != 0)
			lwl_writer_fail(e->w, status);
	} else if (f->type.kind == LWL_TYPE_GROUP) {
		encode_groups(e, f, v);
	} else {
		encode_array(e, f, v);
	}
}

/* The fields from `from` up to `to` are absent: is one of them required? */
static void check_absent(struct encoder *e, const struct lwl_schema_group *g, uint32_t from,
			 uint32_t to)
{
	uint32_t required = g->next_required[from];

	if (g->form == LWL_GROUP_UNION || required >= to)
		return;
	step_in(e, &g->fields[required]);
	wrong(e, NULL, "is required");
	step_out(e);
}

static void encode_items(struct encoder *e, const struct lwl_schema_group *g,
			 const struct lwl_value *v)
{
	uint32_t i, next = 0;

	if (!is_kind(e, v, LWL_VALUE_GROUP))
		return;
	if (g->form == LWL_GROUP_UNION && v->count != 1) {
		wrong(e, v, "does not have exactly one member");
		return;
	}
	for (i = 0; i < v->count && e->w->status == 0; i++) {
		uint32_t field = v->items[i].field;

		if (field < next || field >= g->field_count) {
			wrong(e, &v->items[i], "has fields that do not ascend, or do not exist");
			return;
		}
		check_absent(e, g, next, field);
		step_in(e, &g->fields[field]);
		encode_field(e, &g->fields[field], &v->items[i]);
		step_out(e);
		next = field + 1;
	}
	if (e->w->status == 0)
		check_absent(e, g, next, g->field_count);
}

int lwl_value_encode(struct lwl_writer *w, const struct lwl_schema_message *message,
		     const struct lwl_value *value, struct lwl_value_error *err)
{
	struct lwl_value_error own;
	struct encoder e = { .w = w, .err = err != NULL ? err : &own };

	memset(e.err, 0, sizeof *e.err);
	lwl_writer_begin(w, (uint16_t)(message->header & ~LWL_RESPONSE), message->kind);
	wrong_if_refused(&e, NULL, message->kind == LWL_KIND_ONEWAY
				   ? "is a one-way: its msgid must be 0"
				   : "is not a one-way: its msgid must not be 0");
	encode_items(&e, message->items, value);
	return lwl_writer_finish(w);
}

/* ---- paths as text ---- */

struct text {
	char *buf;
	size_t size, length;
};

static void add_text(struct text *out, const char *text)
{
	size_t length = strlen(text);

	if (out->length < out->size) {
		size_t room = out->size - out->length - 1;

		memcpy(out->buf + out->length, text, length < room ? length : room);
		out->buf[out->length + (length < room ? length : room)] = '\0';
	}
	out->length += length;
}

static void add_number(struct text *out, const char *format, unsigned number)
{
	char text[32];

	snprintf(text, sizeof text, format, number);
	add_text(out, text);
}

size_t lwl_value_path_format(char *buf, size_t size, const struct lwl_value_error *err)
{
	struct text out = { buf, size, 0 };
	uint32_t i;

	add_text(&out, "");
	for (i = 0; i < err->depth; i++) {
		add_text(&out, i > 0 ? "." : "");
		add_text(&out, err->steps[i].field->name);
		if (err->steps[i].is_element)
			add_number(&out, "[%u]", (unsigned)err->steps[i].index);
	}
	return out.length;
}

/* Items at the top of a message that no schema declares. */
static const char *protocol_item(uint16_t number)
{
	switch (number) {
	case LWL_ITEM_ERROR: return "$error";
	case LWL_ITEM_DEADLINE: return "$deadline";
	case LWL_ITEM_TRACE: return "$trace";
	default: return NULL;
	}
}

size_t lwl_schema_path_format(char *buf, size_t size, const struct lwl_schema_message *message,
			      const struct lwl_error *err)
{
	const struct lwl_schema_group *g = message->items;
	struct text out = { buf, size, 0 };
	uint32_t i;

	add_text(&out, "");
	for (i = 0; i < err->depth; i++) {
		uint16_t number = err->path[i].number;
		const struct lwl_schema_field *f = g != NULL ? lwl_schema_field_numbered(g, number) : NULL;
		const char *name = f != NULL ? f->name : i == 0 ? protocol_item(number) : NULL;

		add_text(&out, i > 0 ? "." : "");
		if (name != NULL)
			add_text(&out, name);
		else
			add_number(&out, "%u", number);
		/* An item may repeat in lists of groups, and where nothing is known of it. */
		if (err->path[i].index > 0 ||
		    (f != NULL && f->type.kind == LWL_TYPE_GROUP &&
		     f->type.shape == LWL_SHAPE_LIST && err->bad != LWL_BAD_ORDER))
			add_number(&out, "[%u]", (unsigned)err->path[i].index);
		g = f != NULL ? f->type.group : NULL;
	}
	return out.length;
}
