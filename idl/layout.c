#include "layout.h"

enum { ITEM_HEADER = 4, WIDE_HEADER = 8, LINK_SIZE = 8 };

static uint32_t saturate(uint64_t size)
{
	return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

static uint64_t pad_to(uint64_t size, uint32_t align)
{
	return (size + align - 1) / align * align;
}

uint32_t layout_pad(uint32_t size)
{
	return saturate(pad_to(size, 8));
}

uint32_t layout_scalar_size(enum type_kind kind)
{
	switch (kind) {
	case TYPE_BOOL: case TYPE_U8: case TYPE_S8:
		return 1;
	case TYPE_U16: case TYPE_S16:
		return 2;
	case TYPE_U32: case TYPE_S32: case TYPE_F32:
		return 4;
	default:
		return 8;
	}
}

void layout_type(struct type *type)
{
	switch (type->kind) {
	case TYPE_STRUCT:
		type->size = type->structure->size;
		type->align = type->structure->align;
		break;
	case TYPE_ENUM: case TYPE_FLAGS:
		type->size = type->align = layout_scalar_size(type->enumeration->underlying);
		break;
	case TYPE_STRING: case TYPE_BYTES: case TYPE_GROUP: case TYPE_UNION: case TYPE_LINK:
		type->size = type->align = 0;
		break;
	default:
		type->size = type->align = layout_scalar_size(type->kind);
		break;
	}
}

/* Not every value of its size is valid for it: strict enums and flags. */
static bool type_is_strict(const struct type *type)
{
	switch (type->kind) {
	case TYPE_ENUM: case TYPE_FLAGS:
		return !type->enumeration->is_flexible;
	case TYPE_STRUCT:
		return type->structure->has_strict;
	default:
		return false;
	}
}

static bool type_has_checks(const struct type *type)
{
	return type->kind == TYPE_BOOL || type_is_strict(type) ||
	       (type->kind == TYPE_STRUCT && type->structure->has_checks);
}

bool layout_structure(struct structure *structure, struct struct_member *members)
{
	size_t count = structure->member_count;
	uint64_t end = 0;
	uint32_t align = 1;
	bool has_checks = false, has_strict = false, has_gaps = false;

	for (size_t i = 0; i < count; i++) {
		const struct type *type = &members[i].type;
		uint64_t offset = pad_to(end, type->align);

		if (i > 0)
			members[i - 1].hole = (uint32_t)(offset - end);
		has_checks = has_checks || offset > end || type_has_checks(type);
		has_strict = has_strict || type_is_strict(type);
		has_gaps = has_gaps || offset > end || type->kind == TYPE_BOOL ||
			   (type->kind == TYPE_STRUCT && !type->structure->is_dense);
		end = offset + (uint64_t)type->size * (type->shape == SHAPE_ARRAY ? type->max : 1);
		if (end > LAYOUT_MAX_STRUCT)
			return false;
		members[i].offset = (uint32_t)offset;
		if (type->align > align)
			align = type->align;
	}

	uint64_t size = pad_to(end, align);

	if (size > LAYOUT_MAX_STRUCT)
		return false;
	if (count > 0)
		members[count - 1].hole = (uint32_t)(size - end);
	structure->size = (uint32_t)size;
	structure->align = align;
	structure->has_checks = has_checks || size > end;
	structure->has_strict = has_strict;
	structure->is_dense = !has_gaps && size == end;
	return true;
}

uint32_t layout_payload(const struct type *type)
{
	switch (type->kind) {
	case TYPE_STRING: case TYPE_BYTES:
		return ITEM_HEADER;
	case TYPE_GROUP: case TYPE_UNION: case TYPE_LINK:
		return WIDE_HEADER;
	default:
		return type->align == 8 ? WIDE_HEADER : ITEM_HEADER;
	}
}

static uint32_t largest_groups(const struct type *type, unsigned depth)
{
	if (depth >= MAX_DEPTH || !type->group->possible[depth + 1])
		return 0;

	uint64_t item = (uint64_t)WIDE_HEADER + type->group->largest[depth + 1];

	if (type->shape == SHAPE_ONE)
		return saturate(item);

	uint64_t all = (type->max - 1) * pad_to(item, 8) + item;

	/* Padded sizes are multiples of 8, so what B has beyond one is of no use. */
	if (type->list_bytes && all > type->list_bytes / 8 * 8)
		all = type->list_bytes / 8 * 8;
	return saturate(all);
}

uint32_t layout_largest(const struct type *type, unsigned depth)
{
	uint64_t count = type->shape == SHAPE_ONE ? 1 : type->max;

	switch (type->kind) {
	case TYPE_GROUP: case TYPE_UNION:
		return largest_groups(type, depth);
	case TYPE_STRING: case TYPE_BYTES:
		return saturate((uint64_t)ITEM_HEADER + type->max);
	case TYPE_LINK:
		return saturate(WIDE_HEADER + count * LINK_SIZE);
	default:
		return saturate(layout_payload(type) + count * type->size);
	}
}

static bool is_possible(const struct group *group, unsigned depth)
{
	for (size_t i = 0; i < group->field_count; i++) {
		const struct field *field = &group->fields[i];
		bool fits = layout_largest(&field->type, depth) > 0;

		if (group->is_union && fits)
			return true;
		if (!group->is_union && !fits && field->presence == PRESENCE_REQUIRED)
			return false;
	}
	return !group->is_union;
}

static uint32_t largest_items(const struct group *group, unsigned depth)
{
	uint32_t largest = 0;

	for (size_t i = 0; i < group->field_count; i++) {
		uint32_t size = layout_largest(&group->fields[i].type, depth);

		if (group->is_union)
			largest = size > largest ? size : largest;
		else if (size > 0)	/* what stands before it is padded, it itself is not yet */
			largest = saturate(pad_to(largest, 8) + size);
	}
	return largest;
}

void layout_groups(struct group *const *groups, size_t count)
{
	/* A group at one depth depends only on groups one deeper, so no other order is needed. */
	for (unsigned depth = MAX_DEPTH + 1; depth-- > 0;) {
		for (size_t i = 0; i < count; i++) {
			struct group *group = groups[i];

			group->possible[depth] = is_possible(group, depth);
			group->largest[depth] = group->possible[depth] ? largest_items(group, depth) : 0;
		}
	}
}

uint32_t layout_message(const struct group *message)
{
	return saturate((uint64_t)MESSAGE_HEADER + message->largest[0]);
}

uint32_t layout_request_max(const struct group *request)
{
	return saturate((uint64_t)layout_pad(layout_message(request)) + MESSAGE_ROOM);
}

uint32_t layout_response_max(const struct group *response)
{
	uint32_t size = layout_message(response);

	return saturate((uint64_t)layout_pad(size > ERROR_FORM ? size : ERROR_FORM) + MESSAGE_ROOM);
}
