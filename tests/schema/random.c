/* Random numbers, and random values of messages. */
#include "test.h"

static uint64_t state;

void random_seed(uint64_t seed)
{
	state = seed;
}

/* A counter that is mixed well: each value of 64 bits comes once in 2^64. */
uint64_t random_bits(void)
{
	uint64_t x;

	state += UINT64_C(0x9e3779b97f4a7c15);
	x = state;
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint32_t random_below(uint32_t n)
{
	return (uint32_t)(random_bits() % n);
}

bool random_chance(uint32_t percent)
{
	return random_below(100) < percent;
}

/* ---- values ---- */

struct maker {
	struct lwl_arena *arena;
	uint32_t depth;			/* of groups */
	uint32_t generous;		/* percent: how likely is what may be absent, how long are lists */
};

static void *make(struct maker *m, size_t count, size_t size)
{
	void *memory = lwl_arena_alloc(m->arena, (count + 1) * size);

	if (memory == NULL) {
		fputs("out of memory\n", stderr);
		exit(2);
	}
	memset(memory, 0, (count + 1) * size);
	return memory;
}

/* Lists in lists would not fit in a message anyway. */
static bool has_room(const struct maker *m)
{
	return m->arena->total < 16 * MESSAGE_BYTES;
}

static uint32_t width_of(enum lwl_type_kind kind)
{
	switch (kind) {
	case LWL_TYPE_U8: case LWL_TYPE_S8: return 8;
	case LWL_TYPE_U16: case LWL_TYPE_S16: return 16;
	case LWL_TYPE_U32: case LWL_TYPE_S32: case LWL_TYPE_F32: return 32;
	default: return 64;
	}
}

static uint64_t random_integer(enum lwl_type_kind kind)
{
	static const uint64_t edges[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
		0x80000000, 0xffffffff, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX };
	uint64_t bits = random_chance(50) ? random_bits()
					  : edges[random_below(sizeof edges / sizeof *edges)];
	uint32_t width = width_of(kind);

	if (width == 64)
		return bits;
	bits &= (UINT64_C(1) << width) - 1;
	if (kind >= LWL_TYPE_S8 && kind <= LWL_TYPE_S64 && bits >> (width - 1) != 0)
		bits |= ~UINT64_C(0) << width;
	return bits;
}

static uint64_t random_scalar(const struct lwl_schema_type *t)
{
	const struct lwl_schema_enum *e = t->enumeration;
	uint64_t bits = 0;

	switch (t->kind) {
	case LWL_TYPE_BOOL:
		return random_below(2);
	case LWL_TYPE_ENUM:
		if (e->is_flexible && random_chance(30))
			return random_integer(e->underlying);
		return e->members[random_below(e->member_count)].value;
	case LWL_TYPE_FLAGS:
		bits = random_integer(e->underlying);
		return e->is_flexible && random_chance(30) ? bits : bits & e->known_bits;
	case LWL_TYPE_LINK:
		do
			bits = random_bits();
		while (bits == 0);
		return bits;
	default:
		return random_integer(t->kind);
	}
}

static struct lwl_value random_text(struct maker *m, const struct lwl_schema_type *t)
{
	static const char *const characters[] = { "a", "Z", "\x7f", "\xc3\xa9", "\xe2\x82\xac",
						  "\xf0\x9f\x90\x9f", "\n", "\"" };
	uint32_t most = random_chance(3) ? t->max : t->min + random_below(24), length = 0;
	uint8_t *data;

	if (most > t->max)
		most = t->max;
	data = make(m, most + 4, 1);
	while (length < most) {
		const char *c = characters[random_below(8)];
		uint32_t n = (uint32_t)strlen(c);

		if (t->kind == LWL_TYPE_BYTES)
			data[length++] = (uint8_t)random_bits();
		else if (length + n <= most)
			for (; *c != '\0'; c++)
				data[length++] = (uint8_t)*c;
	}
	return (struct lwl_value){ .kind = LWL_VALUE_TEXT, .count = length, .data = data };
}

static struct lwl_value random_group(struct maker *m, const struct lwl_schema_group *g);
static struct lwl_value random_field(struct maker *m, const struct lwl_schema_field *f);

static struct lwl_value random_struct(struct maker *m, const struct lwl_schema_struct *s)
{
	struct lwl_value *items = make(m, s->field_count, sizeof *items);
	uint32_t i;

	for (i = 0; i < s->field_count; i++) {
		items[i] = random_field(m, &s->fields[i]);
		items[i].field = (uint16_t)i;
	}
	return (struct lwl_value){ .kind = LWL_VALUE_GROUP, .count = s->field_count, .items = items };
}

static struct lwl_value random_one(struct maker *m, const struct lwl_schema_type *t)
{
	struct lwl_value v;

	switch (t->kind) {
	case LWL_TYPE_STRING: case LWL_TYPE_BYTES:
		return random_text(m, t);
	case LWL_TYPE_STRUCT:
		return random_struct(m, t->structure);
	case LWL_TYPE_GROUP: case LWL_TYPE_UNION:
		m->depth++;
		v = random_group(m, t->group);
		m->depth--;
		return v;
	default:
		return (struct lwl_value){ .kind = LWL_VALUE_BITS, .bits = random_scalar(t) };
	}
}

static struct lwl_value random_field(struct maker *m, const struct lwl_schema_field *f)
{
	const struct lwl_schema_type *t = &f->type;
	uint32_t count = t->max, i;
	struct lwl_value *items;

	if (t->shape == LWL_SHAPE_ONE)
		return random_one(m, t);
	if (t->shape == LWL_SHAPE_LIST) {
		count = random_chance(5) ? t->max : random_below(1 + m->generous / 12);
		if (count > t->max)
			count = t->max;
	}
	items = make(m, count, sizeof *items);
	for (i = 0; i < count && (t->shape == LWL_SHAPE_ARRAY || has_room(m)); i++)
		items[i] = random_one(m, t);
	return (struct lwl_value){ .kind = LWL_VALUE_LIST, .count = i, .items = items };
}

/* Can it have an end: a group that needs no more than so many levels below it. */
static bool ends_within(const struct lwl_schema_group *g, uint32_t levels)
{
	bool is_union = g->form == LWL_GROUP_UNION;
	uint32_t i;

	for (i = 0; i < g->field_count; i++) {
		const struct lwl_schema_field *f = &g->fields[i];
		bool ends = f->type.group == NULL ||
			    (levels > 0 && ends_within(f->type.group, levels - 1));

		if (is_union && ends)
			return true;
		if (!is_union && !ends && f->presence == LWL_PRESENCE_REQUIRED)
			return false;
	}
	return !is_union;
}

static bool is_possible(const struct maker *m, const struct lwl_schema_field *f)
{
	return f->type.group == NULL ||
	       (m->depth < LWL_DEPTH_MAX &&
		ends_within(f->type.group, LWL_DEPTH_MAX - m->depth - 1));
}

static struct lwl_value random_group(struct maker *m, const struct lwl_schema_group *g)
{
	struct lwl_value *items = make(m, g->field_count, sizeof *items);
	uint32_t i, count = 0;

	if (g->form == LWL_GROUP_UNION) {
		do
			i = random_below(g->field_count);
		while (!is_possible(m, &g->fields[i]));
		items[0] = random_field(m, &g->fields[i]);
		items[0].field = (uint16_t)i;
		count = 1;
	}
	for (i = 0; g->form != LWL_GROUP_UNION && i < g->field_count; i++) {
		const struct lwl_schema_field *f = &g->fields[i];

		if (f->presence != LWL_PRESENCE_REQUIRED &&
		    (!is_possible(m, f) || !has_room(m) || !random_chance(m->generous)))
			continue;
		items[count] = random_field(m, f);
		if (f->presence == LWL_PRESENCE_DEFAULT && random_chance(20))
			items[count].bits = f->default_bits;
		items[count++].field = (uint16_t)i;
	}
	return (struct lwl_value){ .kind = LWL_VALUE_GROUP, .count = count, .items = items };
}

struct lwl_value random_message(struct lwl_arena *arena, const struct lwl_schema_message *message)
{
	struct maker m = { .arena = arena, .generous = random_chance(20) ? 100 : random_below(80) };

	return random_group(&m, message->items);
}
