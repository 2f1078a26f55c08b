/* Types by their names, enums, flags and fixed structs. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "layout.h"

enum {
	MAX_STRING = LAYOUT_MAX_ITEM - 4,
	MAX_ELEMENTS = 65535,
	MIN_LIST_BYTES = 8		/* an empty group */
};

bool check_is_plain(enum type_kind kind)
{
	return kind <= TYPE_STRUCT;
}

static bool resolve_name(struct checker *c, struct unit *unit, const struct ast_path *path,
			 struct type *type, struct symbol **symbol)
{
	unsigned types = 1 << AST_ENUM | 1 << AST_FLAGS | 1 << AST_STRUCT | 1 << AST_GROUP;

	*symbol = check_lookup(c, unit, path, types, "type");
	if (!*symbol || (*symbol)->state == SYMBOL_BROKEN)
		return false;
	switch ((*symbol)->ast->kind) {
	case AST_STRUCT:
		type->kind = TYPE_STRUCT;
		type->structure = (*symbol)->structure;
		break;
	case AST_GROUP:
		type->kind = TYPE_GROUP;
		type->group = &(*symbol)->group->group;
		break;
	default:
		type->kind = (*symbol)->ast->kind == AST_FLAGS ? TYPE_FLAGS : TYPE_ENUM;
		type->enumeration = &(*symbol)->enumeration->enumeration;
		break;
	}
	return true;
}

static bool resolve_link(struct checker *c, struct unit *unit, const struct ast_path *path,
			 struct type *type)
{
	const struct symbol *symbol;

	type->kind = TYPE_LINK;
	if (!path->name)
		return true;
	symbol = check_lookup(c, unit, path, 1 << AST_INTERFACE, "interface");
	if (!symbol)
		return false;
	type->interface = &symbol->interface->interface;
	return true;
}

static bool string_bounds(struct checker *c, struct unit *unit, const struct ast_type *ast,
			  struct type *type)
{
	const char *noun = ast->kind == AST_STRING ? "the length of a string" : "the length of bytes";
	bool has_min = !ast->min || value_bound(c, unit, ast->min, noun, 0, MAX_STRING, &type->min);
	bool has_max = value_bound(c, unit, ast->max, noun, 1, MAX_STRING, &type->max);

	type->kind = ast->kind == AST_STRING ? TYPE_STRING : TYPE_BYTES;
	if (!has_min || !has_max)
		return false;
	if (type->min > type->max) {
		diag_error(c->diagnostics, DIAG_BOUND_ORDER, ast->min->where,
			   "the least length, %u, exceeds the greatest, %u", (unsigned)type->min,
			   (unsigned)type->max);
		return false;
	}
	return true;
}

static bool shape_bounds(struct checker *c, struct unit *unit, const struct ast_type *ast,
			 struct type *type)
{
	uint32_t count = 1;

	type->shape = ast->shape;
	if (ast->shape != SHAPE_ONE &&
	    !value_bound(c, unit, ast->count, "the number of elements", 1, MAX_ELEMENTS, &count))
		return false;
	if (ast->list_bytes &&
	    !value_bound(c, unit, ast->list_bytes, "the room of a list", MIN_LIST_BYTES, MAX_MESSAGE,
			 &type->list_bytes))
		return false;
	if (type->kind != TYPE_STRING && type->kind != TYPE_BYTES) {
		type->min = ast->shape == SHAPE_LIST ? 0 : count;
		type->max = count;
	}
	return true;
}

bool check_type(struct checker *c, struct unit *unit, const struct ast_type *ast,
		struct type *type, struct symbol **symbol)
{
	bool is_good = true;

	*type = (struct type){ .kind = TYPE_UNION };
	*symbol = NULL;
	switch (ast->kind) {
	case AST_BUILTIN:
		type->kind = ast->builtin;
		break;
	case AST_NAMED:
		is_good = resolve_name(c, unit, &ast->path, type, symbol);
		break;
	case AST_STRING:
	case AST_BYTES:
		is_good = string_bounds(c, unit, ast, type);
		break;
	case AST_LINK:
		is_good = resolve_link(c, unit, &ast->path, type);
		break;
	case AST_UNION:
		break;
	}
	/* Both, so that a wrong name does not hide a wrong bound. */
	return shape_bounds(c, unit, ast, type) && is_good;
}

/* ---- enums and flags ---- */

static bool enum_type(struct checker *c, const struct symbol *symbol,
		      struct enumeration *enumeration)
{
	const struct ast_type *type = symbol->ast->type;
	bool is_integer = type->kind == AST_BUILTIN && type->shape == SHAPE_ONE &&
			  !type->optional.source && type->builtin >= TYPE_U8 && type->builtin <= TYPE_S64;

	enumeration->is_flags = symbol->ast->kind == AST_FLAGS;
	enumeration->is_flexible = symbol->ast->flexible;
	if (!is_integer || (enumeration->is_flags && value_is_signed(type->builtin))) {
		diag_error(c->diagnostics, DIAG_UNDERLYING_TYPE, type->where, "%s",
			   enumeration->is_flags ? "flags are stored as u8, u16, u32 or u64" :
						   "an enum is stored as an integer: u8 to u64 or s8 to s64");
		return false;
	}
	enumeration->underlying = type->builtin;
	return true;
}

static struct number_rules enum_rules(const struct enumeration *enumeration)
{
	unsigned width = 8 * layout_scalar_size(enumeration->underlying);
	struct number_rules rules = { .noun = "value", .duplicate = DIAG_DUPLICATE_VALUE };

	if (enumeration->is_flags) {
		rules.noun = "bit";
		rules.has_next_free = true;
		rules.max = width - 1;
		return rules;
	}
	rules.is_signed = value_is_signed(enumeration->underlying);
	if (!rules.is_signed) {
		rules.max = UINT64_MAX >> (64 - width);
		return rules;
	}

	uint64_t half = (uint64_t)1 << (width - 1);

	check_number_key(true, half, true, &rules.min);
	check_number_key(false, half - 1, true, &rules.max);
	return rules;
}

/* The value of a member, or its bit, as bits and as a key. */
static bool member_value(struct checker *c, struct unit *unit,
			 const struct enumeration *enumeration,
			 const struct number_rules *rules, const struct ast_item *item,
			 uint64_t *bits, uint64_t *key)
{
	struct value value;

	if (!value_read(c, unit, item->number, &value))
		return false;
	if (!enumeration->is_flags) {
		if (!value_fit(c, item->number, &value, enumeration->underlying, bits))
			return false;
		return check_number_key(value.negative, value.magnitude, rules->is_signed, key);
	}
	if (value.kind != VALUE_INTEGER)
		return value_fit(c, item->number, &value, enumeration->underlying, bits);
	if ((value.negative && value.magnitude) || value.magnitude > rules->max) {
		struct diag *report = diag_error(c->diagnostics, DIAG_BIT_RANGE, item->number->where,
						 "%s has the bits 0 to %u", value_type_name(enumeration->underlying),
						 (unsigned)rules->max);

		diag_help(c->diagnostics, report, "a member of flags is the number of a bit, not a mask");
		return false;
	}
	*bits = *key = value.magnitude;
	return true;
}

static int compare_members(const void *left, const void *right)
{
	const struct enum_member *a = *(const struct enum_member *const *)left;
	const struct enum_member *b = *(const struct enum_member *const *)right;

	return strcmp(a->c.name, b->c.name);
}

static void index_members(struct checker *c, struct checked_enum *checked)
{
	const struct enumeration *enumeration = &checked->enumeration;

	checked->by_name_count = enumeration->member_count;
	checked->by_name = arena_array(c->arena, enumeration->member_count, sizeof *checked->by_name);
	for (size_t i = 0; i < enumeration->member_count; i++)
		checked->by_name[i] = &enumeration->members[i];
	qsort(checked->by_name, checked->by_name_count, sizeof *checked->by_name, compare_members);
}

static void check_enum(struct checker *c, struct unit *unit, struct symbol *symbol)
{
	struct checked_enum *checked = symbol->enumeration;
	struct enumeration *enumeration = &checked->enumeration;
	struct number_rules rules;
	struct enum_member *members;
	struct used_number *used;
	size_t count = 0, kept = 0;

	check_names(c, symbol->ast->items, "member");
	for (const struct ast_item *item = symbol->ast->items; item; item = item->next)
		count += item->kind == AST_ENUMERATOR;
	if (count == 0 && !unit->ast->incomplete)
		diag_error(c->diagnostics, DIAG_EMPTY_BODY, symbol->ast->name.where,
			   "%s '%s' has no members", symbol->ast->kind == AST_FLAGS ? "flags" : "enum",
			   symbol->name);
	checked->is_incomplete = unit->ast->incomplete;
	if (!enum_type(c, symbol, enumeration)) {
		symbol->state = SYMBOL_BROKEN;
		return;
	}
	rules = enum_rules(enumeration);
	members = arena_array(c->arena, count, sizeof *members);
	used = check_scratch(&c->numbers, count, sizeof *used);
	for (const struct ast_item *item = symbol->ast->items; item; item = item->next) {
		struct enum_member *member = &members[kept];

		if (item->kind != AST_ENUMERATOR)
			continue;
		member->c = check_common(c, unit, item->name, &item->notes);
		if (!member_value(c, unit, enumeration, &rules, item, &member->value, &used[kept].key)) {
			checked->is_incomplete = true;
			continue;
		}
		used[kept].item = item;
		used[kept].where = item->number->where;
		if (enumeration->is_flags)
			enumeration->known_bits |= (uint64_t)1 << member->value;
		kept++;
	}
	enumeration->members = members;
	enumeration->member_count = kept;
	check_numbers(c, symbol->ast->items, &rules, used, kept);
	index_members(c, checked);
	symbol->state = SYMBOL_READY;
}

void check_enums(struct checker *c, struct unit *unit)
{
	for (size_t i = 0; i < unit->symbol_count; i++) {
		enum ast_declaration_kind kind = unit->symbols[i].ast->kind;

		if (kind == AST_ENUM || kind == AST_FLAGS)
			check_enum(c, unit, &unit->symbols[i]);
	}
}

/* ---- fixed structs ---- */

static bool is_struct_member(struct checker *c, const struct ast_type *ast, const struct type *type)
{
	struct diag *report;

	if (ast->optional.source) {
		report = diag_error(c->diagnostics, DIAG_STRUCT_MEMBER, ast->optional,
				    "a member of a struct cannot be optional");
		diag_help(c->diagnostics, report, "a struct is fixed; a group can have optional fields");
		return false;
	}
	if (check_is_plain(type->kind) && type->shape != SHAPE_LIST) {
		if (!ast->list_bytes)
			return true;
		diag_error(c->diagnostics, DIAG_LIST_BYTES, ast->list_bytes->where,
			   "only a list of groups is bounded in bytes");
		return false;
	}
	if (type->shape == SHAPE_LIST && check_is_plain(type->kind))
		report = diag_error(c->diagnostics, DIAG_STRUCT_MEMBER, ast->where,
				    "a struct cannot hold a list");
	else
		report = diag_error(c->diagnostics, DIAG_STRUCT_MEMBER, ast->where,
				    "a struct cannot hold a %s", value_type_name(type->kind));
	diag_help(c->diagnostics, report, "a struct has scalars, enums, flags, structs and fixed "
		  "arrays of these; a group can hold the others");
	return false;
}

/* The members of one struct, and an edge to each struct of the same library among their types. */
static void struct_members(struct checker *c, struct unit *unit, struct symbol *symbol,
			   struct graph *graph)
{
	struct structure *structure = symbol->structure;
	struct struct_member *members;
	size_t count = 0;

	for (const struct ast_item *item = symbol->ast->items; item; item = item->next)
		count += item->kind == AST_MEMBER;
	if (count == 0 && !unit->ast->incomplete)
		diag_error(c->diagnostics, DIAG_EMPTY_BODY, symbol->ast->name.where,
			   "struct '%s' has no members", symbol->name);
	if (count == 0)
		symbol->state = SYMBOL_BROKEN;
	check_names(c, symbol->ast->items, "member");
	members = arena_array(c->arena, count, sizeof *members);
	structure->members = members;
	for (const struct ast_item *item = symbol->ast->items; item; item = item->next) {
		struct struct_member *member = &members[structure->member_count];
		struct symbol *named;

		if (item->kind != AST_MEMBER)
			continue;
		member->c = check_common(c, unit, item->name, &item->notes);
		if (!check_type(c, unit, item->type, &member->type, &named) ||
		    !is_struct_member(c, item->type, &member->type)) {
			symbol->state = SYMBOL_BROKEN;
			continue;
		}
		structure->member_count++;
		if (member->type.kind == TYPE_STRUCT && named->unit == unit)
			graph_add(graph, symbol->index, named->index, item->type->where);
	}
}

static void report_struct_cycle(struct checker *c, const struct graph *graph, uint32_t component,
				struct symbol *const *symbols)
{
	uint32_t first = UINT32_MAX;
	struct diag *report;

	for (uint32_t i = graph->start[component]; i < graph->start[component + 1]; i++) {
		uint32_t node = graph->order[i];

		symbols[node]->state = SYMBOL_BROKEN;
		first = node < first ? node : first;
	}
	report = diag_error(c->diagnostics, DIAG_STRUCT_CYCLE, symbols[first]->ast->name.where,
			    "struct '%s' contains itself", symbols[first]->name);
	check_cycle_notes(c, report, graph, first, "contains");
}

static void place_members(struct checker *c, struct symbol *symbol, const struct graph *graph,
			  struct symbol *const *symbols)
{
	struct structure *structure = symbol->structure;
	struct struct_member *members = (struct struct_member *)(uintptr_t)structure->members;

	for (uint32_t i = graph->first[symbol->index]; i < graph->first[symbol->index + 1]; i++) {
		if (symbols[graph->edges[i].to]->state == SYMBOL_BROKEN)
			symbol->state = SYMBOL_BROKEN;
	}
	if (symbol->state == SYMBOL_BROKEN)
		return;
	for (size_t i = 0; i < structure->member_count; i++)
		layout_type(&members[i].type);
	symbol->state = SYMBOL_READY;
	if (layout_structure(structure, members))
		return;
	symbol->state = SYMBOL_BROKEN;
	diag_error(c->diagnostics, DIAG_STRUCT_SIZE, symbol->ast->name.where,
		   "struct '%s' is larger than %d bytes", symbol->name, (int)LAYOUT_MAX_STRUCT);
}

void check_structures(struct checker *c, struct unit *unit)
{
	struct symbol **symbols;
	const struct structure **structures;
	struct graph *graph;
	size_t count = 0;

	for (size_t i = 0; i < unit->symbol_count; i++)
		count += unit->symbols[i].ast->kind == AST_STRUCT;
	symbols = arena_array(c->arena, count, sizeof *symbols);
	structures = arena_array(c->arena, count, sizeof *structures);
	graph = graph_new(c->arena, count);
	for (size_t i = 0; i < unit->symbol_count; i++) {
		struct symbol *symbol = &unit->symbols[i];

		if (symbol->ast->kind != AST_STRUCT)
			continue;
		symbols[symbol->index] = symbol;
		graph->names[symbol->index] = arena_printf(c->arena, "'%s'", symbol->name);
		struct_members(c, unit, symbol, graph);
	}
	graph_components(graph);
	for (uint32_t i = 0; i < graph->component_count; i++) {
		if (graph_is_cyclic(graph, i))
			report_struct_cycle(c, graph, i, symbols);
	}
	for (uint32_t i = 0; i < graph->node_count; i++) {
		place_members(c, symbols[graph->order[i]], graph, symbols);
		structures[i] = symbols[graph->order[i]]->structure;
	}
	unit->library->structures = structures;
	unit->library->structure_count = count;
}
