#include <string.h>

#include "smallest.h"

struct maker {
	struct lwl_arena *arena;
	smallest_link_fn *make_link;
	void *ctx;
	unsigned depth;			/* of groups */
};

static bool make_value(struct maker *m, const struct lwl_schema_type *type, struct lwl_value *out);

static struct lwl_value *take(struct maker *m, size_t count)
{
	struct lwl_value *values = lwl_arena_alloc(m->arena, (count > 0 ? count : 1) * sizeof *values);

	if (values != NULL)
		memset(values, 0, count * sizeof *values);
	return values;
}

static void be_group(struct lwl_value *out, const struct lwl_value *items, uint32_t count)
{
	out->kind = LWL_VALUE_GROUP;
	out->items = items;
	out->count = count;
}

static bool make_text(struct maker *m, const struct lwl_schema_type *type, struct lwl_value *out)
{
	uint8_t *text = lwl_arena_alloc(m->arena, type->min + 1);

	if (text == NULL)
		return false;
	memset(text, type->kind == LWL_TYPE_STRING ? 'x' : 0, type->min);
	out->kind = LWL_VALUE_TEXT;
	out->data = text;
	out->count = type->min;
	return true;
}

static bool make_struct(struct maker *m, const struct lwl_schema_struct *structure,
			struct lwl_value *out)
{
	struct lwl_value *items = take(m, structure->field_count);
	uint32_t i;

	for (i = 0; items != NULL && i < structure->field_count; i++) {
		if (!make_value(m, &structure->fields[i].type, &items[i]))
			return false;
		items[i].field = (uint16_t)i;
	}
	be_group(out, items, structure->field_count);
	return items != NULL;
}

static bool is_group(const struct lwl_schema_type *type)
{
	return type->kind == LWL_TYPE_GROUP || type->kind == LWL_TYPE_UNION;
}

/* The first member that is no group; groups may lead back here, so they are tried one by one. */
static bool make_member(struct maker *m, const struct lwl_schema_group *group, struct lwl_value *item)
{
	bool groups = false;
	uint32_t i;

	do {
		for (i = 0; i < group->field_count; i++) {
			const struct lwl_schema_type *type = &group->fields[i].type;

			if (is_group(type) == groups && make_value(m, type, item)) {
				item->field = (uint16_t)i;
				return true;
			}
		}
		groups = !groups;
	} while (groups);
	return false;
}

static bool make_group(struct maker *m, const struct lwl_schema_group *group, struct lwl_value *out)
{
	struct lwl_value *items = take(m, group->field_count);
	bool good = items != NULL && m->depth < LWL_DEPTH_MAX;
	uint32_t i, count = 0;

	m->depth++;
	if (good && group->form == LWL_GROUP_UNION)
		good = make_member(m, group, &items[count++]);
	else
		for (i = 0; good && i < group->field_count; i++) {
			if (group->fields[i].presence != LWL_PRESENCE_REQUIRED)
				continue;
			good = make_value(m, &group->fields[i].type, &items[count]);
			items[count++].field = (uint16_t)i;
		}
	m->depth--;
	be_group(out, items, count);
	return good;
}

static bool make_one(struct maker *m, const struct lwl_schema_type *type, struct lwl_value *out)
{
	switch (type->kind) {
	case LWL_TYPE_STRING:
	case LWL_TYPE_BYTES:
		return make_text(m, type, out);
	case LWL_TYPE_STRUCT:
		return make_struct(m, type->structure, out);
	case LWL_TYPE_GROUP:
	case LWL_TYPE_UNION:
		return make_group(m, type->group, out);
	case LWL_TYPE_LINK:
		out->kind = LWL_VALUE_BITS;
		return m->make_link(m->ctx, type->interface, &out->bits);
	case LWL_TYPE_ENUM:
		out->kind = LWL_VALUE_BITS;
		out->bits = type->enumeration->members[0].value;
		return true;
	default:
		out->kind = LWL_VALUE_BITS;
		out->bits = 0;
		return true;
	}
}

static bool make_value(struct maker *m, const struct lwl_schema_type *type, struct lwl_value *out)
{
	struct lwl_value *elements;
	uint32_t i;

	if (type->shape != LWL_SHAPE_ARRAY)
		return make_one(m, type, out);
	elements = take(m, type->max);
	for (i = 0; elements != NULL && i < type->max; i++)
		if (!make_one(m, type, &elements[i]))
			return false;
	out->kind = LWL_VALUE_LIST;
	out->items = elements;
	out->count = type->max;
	return elements != NULL;
}

/* ---- copies ---- */

static bool same_type(const struct lwl_schema_type *a, const struct lwl_schema_type *b)
{
	return a->kind == b->kind && a->shape == b->shape && a->min == b->min && a->max == b->max &&
	       a->list_bytes == b->list_bytes && a->enumeration == b->enumeration &&
	       a->structure == b->structure && a->group == b->group && a->interface == b->interface;
}

/* What the request has for this field of the response. */
static bool copy(struct lwl_value *out, const struct lwl_schema_field *field,
		 const struct lwl_schema_group *group, const struct lwl_value *request)
{
	const struct lwl_schema_field *other = lwl_schema_field_named(group, field->name);
	const struct lwl_value *value;

	if (other == NULL || !same_type(&field->type, &other->type))
		return false;
	value = lwl_value_get(request, (uint32_t)(other - group->fields));
	if (value == NULL && other->presence != LWL_PRESENCE_DEFAULT)
		return false;
	if (value != NULL) {
		*out = *value;
	} else {
		out->kind = LWL_VALUE_BITS;
		out->bits = other->default_bits;
	}
	return true;
}

bool smallest_answer(struct lwl_value *out, const struct lwl_schema_command *command,
		     const struct lwl_value *request, struct lwl_arena *arena,
		     smallest_link_fn *make_link, void *ctx)
{
	struct maker m = { arena, make_link, ctx, 0 };
	const struct lwl_schema_group *group = command->response->items;
	struct lwl_value *items = take(&m, group->field_count);
	uint32_t i, count = 0;

	if (items == NULL)
		return false;
	for (i = 0; i < group->field_count; i++) {
		const struct lwl_schema_field *field = &group->fields[i];

		if (!copy(&items[count], field, command->request->items, request)) {
			if (field->presence != LWL_PRESENCE_REQUIRED)
				continue;
			if (!make_value(&m, &field->type, &items[count]))
				return false;
		}
		items[count++].field = (uint16_t)i;
	}
	memset(out, 0, sizeof *out);
	be_group(out, items, count);
	return true;
}
