/* The fields of groups, unions and messages: numbers, types, presence, defaults. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "layout.h"

enum { FIRST_PROTOCOL_NUMBER = MAX_NUMBER + 1, MAX_WIRE_NUMBER = 0x3fff, UNION_KEYWORD = 5 };

struct checked_group *check_add_group(struct checker *c, const struct unit *unit,
				      const struct ast_item *items)
{
	struct checked_group *added = arena_alloc(c->arena, sizeof *added);

	if (c->group_count == c->group_room) {
		size_t room = c->group_room ? c->group_room * 2 : 64;
		struct checked_group **groups = arena_array(c->arena, room, sizeof *groups);

		if (c->group_count)
			memcpy(groups, c->groups, c->group_count * sizeof *groups);
		c->groups = groups;
		c->group_room = room;
	}
	added->items = items;
	added->index = (uint32_t)c->group_count;
	added->group.library = unit->library;
	c->groups[c->group_count++] = added;
	return added;
}

static bool is_good_number(const struct ast_value *number)
{
	return number->integer >= 1 && number->integer <= MAX_NUMBER && !number->negative;
}

static void report_number(struct checker *c, const struct ast_value *number)
{
	if (number->integer == 0)
		diag_error(c->diagnostics, DIAG_NUMBER_ZERO, number->where,
			   "item numbers start at 1");
	else if (number->negative || number->integer > MAX_WIRE_NUMBER)
		diag_error(c->diagnostics, DIAG_NUMBER_RANGE, number->where,
			   "item number %s%llu is out of range: items have the numbers 1 to %d",
			   number->negative ? "-" : "", (unsigned long long)number->integer, MAX_NUMBER);
	else
		diag_error(c->diagnostics, DIAG_NUMBER_PROTOCOL, number->where,
			   "item number %llu is the protocol's own: %d to %d are not for schemas",
			   (unsigned long long)number->integer, FIRST_PROTOCOL_NUMBER, MAX_WIRE_NUMBER);
}

/* ---- types ---- */

static bool report_element(struct checker *c, const struct ast_type *ast, const struct type *type)
{
	struct diag *report = diag_error(c->diagnostics, DIAG_ELEMENT_TYPE, ast->where,
					 "a %s cannot be the element of a list",
					 type->kind == TYPE_BYTES ? "field of bytes" :
								    value_type_name(type->kind));

	diag_help(c->diagnostics, report,
		  "declare a group that holds the %s, and write a list of that group: Name[..%u]",
		  value_type_name(type->kind),
		  (unsigned)(ast->count->kind == AST_INTEGER ? ast->count->integer : 8));
	return false;
}

static bool is_field_shape(struct checker *c, const struct ast_type *ast, struct type *type)
{
	if (type->shape != SHAPE_ONE && (type->kind == TYPE_STRING || type->kind == TYPE_BYTES ||
					 type->kind == TYPE_UNION))
		return report_element(c, ast, type);
	if (type->shape == SHAPE_ARRAY && !check_is_plain(type->kind)) {
		struct diag *report = diag_error(c->diagnostics, DIAG_FIXED_ARRAY, ast->where,
						 "there are no fixed arrays of %ss",
						 value_type_name(type->kind));

		diag_help(c->diagnostics, report, "a list of up to %u is written [..%u]",
			  (unsigned)type->max, (unsigned)type->max);
		return false;
	}
	if (ast->list_bytes && !(type->kind == TYPE_GROUP && type->shape == SHAPE_LIST)) {
		diag_error(c->diagnostics, DIAG_LIST_BYTES, ast->list_bytes->where,
			   "only a list of groups is bounded in bytes");
		return false;
	}
	layout_type(type);
	/* A group's size depends on what it holds, and is checked with the messages. */
	if (type->shape != SHAPE_ONE && type->kind != TYPE_GROUP &&
	    layout_largest(type, 0) > LAYOUT_MAX_ITEM) {
		diag_error(c->diagnostics, DIAG_BOUND_RANGE, ast->count->where,
			   "%u elements take %u bytes, but an item has at most %d", (unsigned)type->max,
			   (unsigned)layout_largest(type, 0), (int)LAYOUT_MAX_ITEM);
		return false;
	}
	return true;
}

static bool takes_default(const struct type *type)
{
	return type->shape == SHAPE_ONE && type->kind <= TYPE_FLAGS;
}

static bool is_union_member(struct checker *c, const struct ast_item *item)
{
	const struct ast_type *type = item->type;

	if (type->optional.source)
		diag_error(c->diagnostics, DIAG_UNION_MEMBER, type->optional,
			   "a member of a union cannot be optional: exactly one member is there");
	else if (item->value)
		diag_error(c->diagnostics, DIAG_UNION_MEMBER, item->value->where,
			   "a member of a union has no default: exactly one member is there");
	else if (type->shape == SHAPE_LIST)
		diag_error(c->diagnostics, DIAG_UNION_MEMBER, type->where,
			   "a member of a union cannot be a list, which may be empty and then is absent");
	else
		return true;
	return false;
}

static bool field_presence(struct checker *c, struct unit *unit, const struct ast_item *item,
			   struct field *field)
{
	const struct ast_type *type = item->type;
	struct diag *report;

	if (type->optional.source && item->value) {
		report = diag_error(c->diagnostics, DIAG_OPTIONAL_DEFAULT, type->optional,
				    "a field cannot be optional and have a default");
		diag_help(c->diagnostics, report,
			  "leave out the '?': a field with a default may be absent");
		return false;
	}
	if (type->optional.source && field->type.shape == SHAPE_LIST) {
		report = diag_error(c->diagnostics, DIAG_OPTIONAL_LIST, type->optional,
				    "a list cannot be optional");
		diag_help(c->diagnostics, report, "leave out the '?': a list may be empty");
		return false;
	}
	if (item->value && !takes_default(&field->type)) {
		diag_error(c->diagnostics, DIAG_DEFAULT_TYPE, item->value->where,
			   "only a single bool, integer, float, enum or flags has a default");
		return false;
	}
	if (item->value) {
		field->presence = PRESENCE_DEFAULT;
		return value_default(c, unit, &field->type, item->value, &field->default_bits);
	}
	if (type->optional.source)
		field->presence = PRESENCE_OPTIONAL;
	else if (field->type.shape == SHAPE_LIST)
		field->presence = PRESENCE_LIST;
	return true;
}

/* Fill in `field`, which already is where it stays; false if it must be left out of the model. */
static bool build_field(struct checker *c, struct unit *unit, const struct group *owner,
			const struct ast_item *item, struct field *field)
{
	const struct ast_type *ast = item->type;
	struct checked_group *nested = NULL;
	struct symbol *symbol;
	bool is_good;

	*field = (struct field){ .number = (uint16_t)item->number->integer };
	field->c = check_common(c, unit, item->name, &item->notes);
	if (ast->kind == AST_UNION) {
		nested = check_add_group(c, unit, ast->members);
		nested->group.is_union = true;
		nested->group.parent = owner;
		nested->group.c.where = ast->where;
		nested->group.c.where.end = ast->where.start + UNION_KEYWORD;
		if (!ast->members && !unit->ast->incomplete)
			diag_error(c->diagnostics, DIAG_EMPTY_BODY, nested->group.c.where,
				   "the union has no members");
	}
	is_good = check_type(c, unit, ast, &field->type, &symbol);
	if (nested)
		field->type.group = &nested->group;
	is_good = is_good && is_field_shape(c, ast, &field->type);
	if (owner->is_union)
		is_good = is_union_member(c, item) && is_good;
	else
		is_good = is_good && field_presence(c, unit, item, field);
	if (is_good && nested)
		nested->group.parent_field = field;
	return is_good;
}

static int compare_places(const void *left, const void *right)
{
	const struct field *a = *(const struct field *const *)left;
	const struct field *b = *(const struct field *const *)right;

	return (a->c.where.start > b->c.where.start) - (a->c.where.start < b->c.where.start);
}

static void build_group(struct checker *c, struct unit *unit, struct checked_group *checked)
{
	static const struct number_rules rules = {
		.noun = "item number", .duplicate = DIAG_DUPLICATE_NUMBER, .min = 1, .max = MAX_NUMBER,
		.has_next_free = true
	};
	struct group *group = &checked->group;
	size_t count = 0, used_count = 0, kept = 0;
	struct used_number *used;
	struct field *fields;
	const struct field **declared;

	check_names(c, checked->items, group->is_union ? "member" : "field");
	for (const struct ast_item *item = checked->items; item; item = item->next)
		count += item->kind == AST_FIELD;
	used = check_scratch(&c->numbers, count, sizeof *used);
	for (const struct ast_item *item = checked->items; item; item = item->next) {
		if (item->kind != AST_FIELD)
			continue;
		if (is_good_number(item->number))
			used[used_count++] = (struct used_number){ item->number->integer, item,
								   item->number->where };
		else
			report_number(c, item->number);
	}
	check_numbers(c, checked->items, &rules, used, used_count);

	fields = arena_array(c->arena, count, sizeof *fields);
	for (size_t i = 0; i < used_count; i++)
		kept += build_field(c, unit, group, used[i].item, &fields[kept]);
	/* Those without a place in the order have types that are worth a report, too. */
	for (const struct ast_item *item = checked->items; item && used_count < count;
	     item = item->next) {
		if (item->kind == AST_FIELD && !is_good_number(item->number))
			kept += build_field(c, unit, group, item, &fields[kept]);
	}
	group->fields = fields;
	group->field_count = kept;
	checked->is_incomplete = kept < count || (group->is_union && kept == 0);

	declared = arena_array(c->arena, kept, sizeof *declared);
	for (size_t i = 0; i < kept; i++)
		declared[i] = &fields[i];
	qsort(declared, kept, sizeof *declared, compare_places);
	group->declared = declared;
}

void check_fields(struct checker *c, struct unit *unit, size_t first)
{
	/* Unions are added at the end meanwhile, and so get their turn. */
	for (size_t i = first; i < c->group_count; i++)
		build_group(c, unit, c->groups[i]);
}
