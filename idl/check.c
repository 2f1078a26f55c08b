#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum {
	WORTH_EXPLAINING = 200,		/* as many reports as are printed */
	SUGGESTION_BUDGET = 20000000,	/* steps, a fraction of a second */
	MAX_CYCLE_NOTES = 8,
	MAX_SMALL_NUMBER = 0x3fff	/* of numbers of which a free one is looked for */
};

void *check_scratch(struct scratch *scratch, size_t count, size_t size)
{
	if (count > scratch->size / size || !scratch->memory) {
		size_t room = count * 2 + 64;

		free(scratch->memory);
		scratch->memory = calloc(room, size);
		if (!scratch->memory) {
			fprintf(stderr, "out of memory\n");
			exit(2);
		}
		scratch->size = room * size;
	}
	return scratch->memory;
}

bool check_is_worth_explaining(const struct checker *c)
{
	return diag_count(c->diagnostics) <= WORTH_EXPLAINING;
}

/* ---- names of declarations ---- */

static const char *with_article(enum ast_declaration_kind kind)
{
	switch (kind) {
	case AST_ENUM: return "an enum";
	case AST_INTERFACE: return "an interface";
	case AST_CONST: return "a constant";
	case AST_FLAGS: return "a flags type";
	case AST_STRUCT: return "a struct";
	case AST_GROUP: return "a group";
	}
	return "a declaration";
}

/* Levenshtein's distance, or more than `limit` if it exceeds that. */
static unsigned edit_distance(const char *a, size_t a_length, const char *b, size_t b_length,
			      unsigned limit)
{
	unsigned row[MAX_IDENTIFIER + 1];

	for (unsigned j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 0; i < a_length; i++) {
		unsigned diagonal = row[0], best = row[0] = (unsigned)i + 1;

		for (size_t j = 0; j < b_length; j++) {
			unsigned cost = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			if (diagonal + 1 < cost)
				cost = diagonal + 1;
			if (row[j] + 1 < cost)
				cost = row[j] + 1;
			row[j + 1] = cost;
			if (cost < best)
				best = cost;
		}
		if (best > limit)
			return limit + 1;
	}
	return row[b_length];
}

const char *check_suggest(struct checker *c, const char *name,
			  const char *(*nth)(const void *names, size_t i), const void *names,
			  size_t count)
{
	size_t length = strlen(name);
	unsigned limit = length < 3 ? 1 : length < 6 ? 2 : 3;
	const char *best = NULL;

	if (length > MAX_IDENTIFIER || !check_is_worth_explaining(c))
		return NULL;
	for (size_t i = 0; i < count && c->suggestion_budget > 0; i++) {
		const char *other = nth(names, i);
		size_t other_length = other ? strlen(other) : 0;
		uint64_t cost = 8 + length * other_length;

		if (!other || other_length > length + limit || length > other_length + limit ||
		    other_length > MAX_IDENTIFIER)
			cost = 1;
		c->suggestion_budget -= cost < c->suggestion_budget ? cost : c->suggestion_budget;
		if (cost == 1)
			continue;

		unsigned distance = edit_distance(name, length, other, other_length, limit);

		/* A short name all of whose letters differ is no suggestion. */
		if (distance <= limit && distance < length) {
			best = other;
			if (distance == 0)
				break;
			limit = distance - 1;
		}
	}
	return best;
}

static struct symbol *find_in_scope(const struct unit *unit, const char *name)
{
	struct symbol *symbol;

	HASH_FIND_STR(unit->scope, name, symbol);
	return symbol;
}

/* The library that a path leads to; NULL: its qualifier is unknown. */
static struct unit *find_unit(struct unit *unit, const struct ast_path *path)
{
	struct qualifier *qualifier;

	if (!path->qualifier)
		return unit;
	HASH_FIND_STR(unit->qualifiers, path->qualifier, qualifier);
	return qualifier ? qualifier->unit : NULL;
}

struct symbol *check_find(struct unit *unit, const struct ast_path *path)
{
	struct unit *target = find_unit(unit, path);

	return target ? find_in_scope(target, path->name) : NULL;
}

static void report_unknown_library(struct checker *c, const struct unit *unit,
				   const struct ast_path *path)
{
	const struct library *own = unit->library;
	struct diag *report;

	/* The import that could not be read, or the part that did not parse, may be the one. */
	if (unit->has_lost_imports || unit->ast->incomplete)
		return;
	report = diag_error(c->diagnostics, DIAG_UNKNOWN_LIBRARY, path->where,
			    "no library '%s' is imported here", path->qualifier);
	if (!check_is_worth_explaining(c))
		return;
	if (strcmp(path->qualifier, own->prefix) == 0 || strcmp(path->qualifier, own->c.name) == 0) {
		diag_help(c->diagnostics, report,
			  "names of this library are written without it: '%s'", path->name);
		return;
	}
	for (size_t i = 0; i < c->unit_count; i++) {
		const struct library *other = c->units[i]->library;

		if (strcmp(path->qualifier, other->prefix) == 0 ||
		    strcmp(path->qualifier, other->c.name) == 0) {
			diag_help(c->diagnostics, report,
				  "it must be imported by this file itself: import \"%s\";", other->file);
			return;
		}
	}
}

/* What a suggestion may propose: the names of the wanted kinds in one scope. */
struct wanted_names {
	const struct unit *unit;
	unsigned wanted;
};

static const char *nth_wanted(const void *names, size_t i)
{
	const struct wanted_names *all = names;
	const struct symbol *symbol = &all->unit->symbols[i];

	return all->wanted >> symbol->ast->kind & 1 ? symbol->name : NULL;
}

static void report_undefined(struct checker *c, struct unit *unit, struct unit *target,
			     const struct ast_path *path, unsigned wanted, const char *noun)
{
	struct wanted_names names = { target, wanted };
	struct diag *report;
	const char *similar;

	if (target->ast->incomplete)
		return;
	report = diag_error(c->diagnostics, DIAG_UNDEFINED_NAME, path->where,
			    "library '%s' declares no %s '%s'", target->library->c.name, noun,
			    path->name);
	if (!check_is_worth_explaining(c))
		return;
	for (size_t i = 0; !path->qualifier && i < unit->import_count; i++) {
		const struct unit *other = unit->imports[i];

		if (find_in_scope(other, path->name)) {
			diag_help(c->diagnostics, report, "did you mean '%s.%s'?",
				  other->library->prefix, path->name);
			return;
		}
	}
	similar = check_suggest(c, path->name, nth_wanted, &names, target->symbol_count);
	if (similar)
		diag_help(c->diagnostics, report, "did you mean '%s%s%s'?",
			  path->qualifier ? path->qualifier : "", path->qualifier ? "." : "", similar);
}

static void report_wrong_kind(struct checker *c, const struct ast_path *path,
			      const struct symbol *symbol, const char *noun)
{
	enum ast_declaration_kind kind = symbol->ast->kind;
	const char *qualifier = path->qualifier ? path->qualifier : "";
	const char *dot = path->qualifier ? "." : "";
	struct diag *report = diag_error(c->diagnostics, DIAG_WRONG_KIND, path->where,
					 "'%s' is %s, where %s %s is needed", path->name,
					 with_article(kind), strchr("aeiou", noun[0]) ? "an" : "a",
					 noun);

	diag_note(c->diagnostics, report, symbol->ast->name.where, "declared here");
	if (kind == AST_INTERFACE && strcmp(noun, "type") == 0)
		diag_help(c->diagnostics, report, "an end point is passed as 'link<%s%s%s>'", qualifier,
			  dot, path->name);
}

struct symbol *check_lookup(struct checker *c, struct unit *unit, const struct ast_path *path,
			    unsigned wanted, const char *noun)
{
	struct unit *target = find_unit(unit, path);
	struct symbol *symbol;

	if (!target) {
		report_unknown_library(c, unit, path);
		return NULL;
	}
	symbol = find_in_scope(target, path->name);
	if (!symbol) {
		report_undefined(c, unit, target, path, wanted, noun);
		return NULL;
	}
	if (!(wanted >> symbol->ast->kind & 1)) {
		report_wrong_kind(c, path, symbol, noun);
		return NULL;
	}
	return symbol;
}

/* ---- what bodies have in common ---- */

struct common check_common(struct checker *c, const struct unit *unit, struct ast_word name,
			   const struct ast_notes *notes)
{
	struct common common = {
		.name = name.text, .doc = notes->doc, .deprecated = notes->deprecated.text,
		.where = name.where
	};
	uint32_t version = unit->library->version;

	if (!notes->since || version == 0)
		return common;
	if (notes->since->integer == 0 || notes->since->integer > version) {
		struct diag *report = diag_error(c->diagnostics, DIAG_SINCE, notes->since->where,
						 "'since %llu' names a version that library '%s' does not "
						 "have", (unsigned long long)notes->since->integer,
						 unit->library->c.name);

		if (unit->ast->version)
			diag_note(c->diagnostics, report, unit->ast->version->where,
				  "it is at version %u", (unsigned)version);
		return common;
	}
	common.since = (uint32_t)notes->since->integer;
	return common;
}

static int compare_names(const void *left, const void *right)
{
	const struct ast_item *a = *(const struct ast_item *const *)left;
	const struct ast_item *b = *(const struct ast_item *const *)right;
	int order = strcmp(a->name.text, b->name.text);

	if (order)
		return order;
	return (a->name.where.start > b->name.where.start) - (a->name.where.start < b->name.where.start);
}

/* All uses of one name in one body. */
static void check_one_name(struct checker *c, const struct ast_item *const *items, size_t count,
			   const char *noun)
{
	const struct ast_item *used = NULL, *reserved = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct ast_item **first = items[i]->kind == AST_RESERVED ? &reserved : &used;
		struct diag *report;

		if (!*first) {
			*first = items[i];
			continue;
		}
		if (items[i]->kind == AST_RESERVED)
			report = diag_error(c->diagnostics, DIAG_RESERVED_RANGE, items[i]->name.where,
					    "the name '%s' is reserved twice", items[i]->name.text);
		else
			report = diag_error(c->diagnostics, DIAG_DUPLICATE_MEMBER, items[i]->name.where,
					    "there are two %ss named '%s'", noun, items[i]->name.text);
		diag_note(c->diagnostics, report, (*first)->name.where, "the first one");
	}
	if (used && reserved) {
		struct diag *report = diag_error(c->diagnostics, DIAG_RESERVED_NAME, used->name.where,
						 "the name '%s' is reserved", used->name.text);

		diag_note(c->diagnostics, report, reserved->name.where, "reserved here");
	}
}

void check_names(struct checker *c, const struct ast_item *items, const char *noun)
{
	const struct ast_item **all;
	size_t count = 0, begin = 0;

	for (const struct ast_item *item = items; item; item = item->next)
		count += item->kind != AST_USE && item->name.text;
	if (count < 2)
		return;
	all = check_scratch(&c->names, count, sizeof *all);
	count = 0;
	for (const struct ast_item *item = items; item; item = item->next) {
		if (item->kind != AST_USE && item->name.text)
			all[count++] = item;
	}
	qsort(all, count, sizeof *all, compare_names);
	for (size_t i = 1; i <= count; i++) {
		if (i < count && strcmp(all[i]->name.text, all[begin]->name.text) == 0)
			continue;
		if (i - begin > 1)
			check_one_name(c, &all[begin], i - begin, noun);
		begin = i;
	}
}

/* ---- numbers in a body ---- */

static const uint64_t SIGN = (uint64_t)1 << 63;

bool check_number_key(bool negative, uint64_t magnitude, bool is_signed, uint64_t *key)
{
	if (!is_signed) {
		*key = magnitude;
		return !negative || magnitude == 0;
	}
	if (magnitude > SIGN - !negative)
		return false;
	*key = negative ? SIGN - magnitude : SIGN + magnitude;
	return true;
}

/* "8", "-3": what stood in the schema. */
static const char *number_text(struct checker *c, uint64_t key, bool is_signed)
{
	if (is_signed && key < SIGN)
		return arena_printf(c->arena, "-%llu", (unsigned long long)(SIGN - key));
	return arena_printf(c->arena, "%llu", (unsigned long long)(is_signed ? key - SIGN : key));
}

struct reserved_range {
	uint64_t first, last;
	struct location where;
};

static int compare_ranges(const void *left, const void *right)
{
	const struct reserved_range *a = left, *b = right;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (a->where.start > b->where.start) - (a->where.start < b->where.start);
}

static int compare_used(const void *left, const void *right)
{
	const struct used_number *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->where.start > b->where.start) - (a->where.start < b->where.start);
}

static bool read_range(struct checker *c, const struct ast_item *item,
		       const struct number_rules *rules, struct reserved_range *range)
{
	const struct ast_value *first = item->number, *last = item->last ? item->last : item->number;

	range->where = first->where;
	range->where.end = last->where.end;
	if (!check_number_key(first->negative, first->integer, rules->is_signed, &range->first) ||
	    !check_number_key(last->negative, last->integer, rules->is_signed, &range->last) ||
	    range->first < rules->min || range->last > rules->max) {
		diag_error(c->diagnostics, DIAG_RESERVED_RANGE, range->where,
			   "%ss go from %s to %s here", rules->noun,
			   number_text(c, rules->min, rules->is_signed),
			   number_text(c, rules->max, rules->is_signed));
		return false;
	}
	if (range->first > range->last) {
		struct diag *report = diag_error(c->diagnostics, DIAG_RESERVED_RANGE, range->where,
						 "the range ends before it starts");

		diag_help(c->diagnostics, report, "write %s..%s",
			  number_text(c, range->last, rules->is_signed),
			  number_text(c, range->first, rules->is_signed));
		return false;
	}
	return true;
}

static size_t read_ranges(struct checker *c, const struct ast_item *items,
			  const struct number_rules *rules, struct reserved_range **ranges)
{
	size_t count = 0, kept = 0;

	for (const struct ast_item *item = items; item; item = item->next)
		count += item->kind == AST_RESERVED && item->number;
	if (count == 0)
		return 0;
	*ranges = check_scratch(&c->ranges, count, sizeof **ranges);
	for (const struct ast_item *item = items; item; item = item->next) {
		if (item->kind == AST_RESERVED && item->number &&
		    read_range(c, item, rules, &(*ranges)[kept]))
			kept++;
	}
	qsort(*ranges, kept, sizeof **ranges, compare_ranges);

	/* Overlapping ranges are reported and merged: what follows needs them disjoint. */
	count = kept;
	kept = 0;
	for (size_t i = 0; i < count; i++) {
		struct reserved_range *range = &(*ranges)[i];
		struct reserved_range *before = kept ? &(*ranges)[kept - 1] : NULL;

		if (!before || range->first > before->last) {
			(*ranges)[kept++] = *range;
			continue;
		}

		const struct reserved_range *later =
			range->where.start > before->where.start ? range : before;
		const struct reserved_range *earlier = later == range ? before : range;
		struct diag *report = diag_error(c->diagnostics, DIAG_RESERVED_RANGE, later->where,
						 "%s %s is reserved twice", rules->noun,
						 number_text(c, range->first, rules->is_signed));

		diag_note(c->diagnostics, report, earlier->where, "reserved here as well");
		if (range->last > before->last)
			before->last = range->last;
	}
	return kept;
}

static void suggest_next_free(struct checker *c, struct diag *report, uint64_t number,
			      const struct number_rules *rules, const struct used_number *used,
			      size_t used_count, const struct reserved_range *ranges, size_t range_count)
{
	bool taken[MAX_SMALL_NUMBER + 1] = { false };

	if (!rules->has_next_free || !check_is_worth_explaining(c))
		return;
	for (size_t i = 0; i < used_count; i++)
		taken[used[i].key] = true;
	for (size_t i = 0; i < range_count; i++) {
		for (uint64_t n = ranges[i].first; n <= ranges[i].last; n++)
			taken[n] = true;
	}
	for (uint64_t n = number + 1; n <= rules->max; n++) {
		if (!taken[n]) {
			diag_help(c->diagnostics, report, "the next free number is %u", (unsigned)n);
			return;
		}
	}
	for (uint64_t n = rules->min; n < number; n++) {
		if (!taken[n]) {
			diag_help(c->diagnostics, report, "the first free number is %u", (unsigned)n);
			return;
		}
	}
}

void check_numbers(struct checker *c, const struct ast_item *items,
		   const struct number_rules *rules, struct used_number *used, size_t used_count)
{
	struct reserved_range *ranges = NULL;
	size_t range_count = read_ranges(c, items, rules, &ranges), at = 0;
	size_t first = 0;

	qsort(used, used_count, sizeof *used, compare_used);
	for (size_t i = 0; i < used_count; i++) {
		struct diag *report;

		if (i > 0 && used[i].key == used[first].key) {
			report = diag_error(c->diagnostics, rules->duplicate, used[i].where,
					    "%s %s is used twice", rules->noun,
					    number_text(c, used[i].key, rules->is_signed));
			diag_note(c->diagnostics, report, used[first].where, "first used here");
			suggest_next_free(c, report, used[i].key, rules, used, used_count, ranges,
					  range_count);
			continue;
		}
		first = i;
		while (at < range_count && ranges[at].last < used[i].key)
			at++;
		if (at == range_count || ranges[at].first > used[i].key)
			continue;
		report = diag_error(c->diagnostics, DIAG_RESERVED_NUMBER, used[i].where,
				    "%s %s is reserved", rules->noun,
				    number_text(c, used[i].key, rules->is_signed));
		diag_note(c->diagnostics, report, ranges[at].where, "reserved here");
		suggest_next_free(c, report, used[i].key, rules, used, used_count, ranges, range_count);
	}
}

/* ---- cycles ---- */

void check_cycle_notes(struct checker *c, struct diag *report, const struct graph *graph,
		       uint32_t node, const char *verb)
{
	uint32_t length;
	const struct graph_edge **cycle = graph_cycle(graph, node, &length);

	for (uint32_t i = 0; i < length; i++) {
		if (length > MAX_CYCLE_NOTES && i == MAX_CYCLE_NOTES - 2) {
			uint32_t skipped = length - MAX_CYCLE_NOTES + 1;

			diag_note(c->diagnostics, report, (struct location){ .source = NULL },
				  "and so on, %u more", (unsigned)skipped);
			i += skipped - 1;
			continue;
		}
		diag_note(c->diagnostics, report, cycle[i]->where, "%s %s %s",
			  graph->names[cycle[i]->from], verb, graph->names[cycle[i]->to]);
	}
}

/* ---- libraries ---- */

static void declare_library(struct checker *c, struct unit *unit)
{
	const struct ast_file *ast = unit->ast;
	struct library *library = arena_alloc(c->arena, sizeof *library);
	const char *slash = strrchr(unit->source.path, '/');
	const char *dot;

	unit->library = library;
	library->c = (struct common){
		.name = ast->library.text ? ast->library.text : "", .doc = ast->notes.doc,
		.deprecated = ast->notes.deprecated.text, .where = ast->library.where
	};
	dot = strrchr(library->c.name, '.');
	library->prefix = dot ? dot + 1 : library->c.name;
	library->path = unit->source.path;
	library->file = slash ? slash + 1 : unit->source.path;
	if (ast->version && (ast->version->negative || ast->version->integer == 0 ||
			     ast->version->integer > UINT32_MAX))
		diag_error(c->diagnostics, DIAG_VERSION, ast->version->where,
			   "a library's version is a number from 1 to 4294967295");
	else if (ast->version)
		library->version = (uint32_t)ast->version->integer;
}

/* Two libraries of one prefix would generate the same C names. */
static void check_library_names(struct checker *c)
{
	struct qualifier *all = c->unit_count ? arena_array(c->arena, c->unit_count, sizeof *all) : NULL;
	struct qualifier *table = NULL;

	for (size_t i = 0; i < c->unit_count; i++) {
		struct unit *unit = c->units[i];
		const struct library *library = unit->library;
		struct qualifier *other;
		struct diag *report;

		if (!library->prefix[0])
			continue;
		HASH_FIND_STR(table, library->prefix, other);
		if (!other) {
			all[i].text = library->prefix;
			all[i].unit = unit;
			HASH_ADD_KEYPTR(hh, table, all[i].text, strlen(all[i].text), &all[i]);
			continue;
		}
		if (strcmp(library->c.name, other->unit->library->c.name) == 0)
			report = diag_error(c->diagnostics, DIAG_LIBRARY_NAME, library->c.where,
					    "two libraries are named '%s'", library->c.name);
		else
			report = diag_error(c->diagnostics, DIAG_LIBRARY_NAME, library->c.where,
					    "two libraries have names that end in '%s'", library->prefix);
		diag_note(c->diagnostics, report, other->unit->library->c.where, "the other one");
	}
	HASH_CLEAR(hh, table);
}

static void declare_imports(struct checker *c, struct unit *unit)
{
	const struct library **imports = arena_array(c->arena, unit->import_count, sizeof *imports);
	struct qualifier *all = arena_array(c->arena, unit->import_count * 2, sizeof *all);

	for (size_t i = 0; i < unit->import_count; i++) {
		struct unit *other = unit->imports[i];
		const char *names[2] = { other->library->prefix, other->library->c.name };

		imports[i] = other->library;
		/* Without its library line a file cannot be referred to, but that was reported. */
		if (!other->ast->library.text)
			unit->has_lost_imports = true;
		for (size_t k = 0; k < 2 && other->ast->library.text; k++) {
			struct qualifier *known, *added = &all[2 * i + k];

			HASH_FIND_STR(unit->qualifiers, names[k], known);
			if (known)
				continue;
			added->text = names[k];
			added->unit = other;
			HASH_ADD_KEYPTR(hh, unit->qualifiers, added->text, strlen(added->text), added);
		}
	}
	unit->library->imports = imports;
	unit->library->import_count = unit->import_count;
}

/* The object that a symbol stands for; its content comes later, so that order does not matter. */
static void create_object(struct checker *c, struct unit *unit, struct symbol *symbol,
			  struct declaration *declaration)
{
	const struct ast_declaration *ast = symbol->ast;
	struct common common = check_common(c, unit, ast->name, &ast->notes);

	switch (ast->kind) {
	case AST_CONST:
		symbol->constant = arena_alloc(c->arena, sizeof *symbol->constant);
		symbol->constant->c = common;
		declaration->kind = DECL_CONSTANT;
		declaration->constant = symbol->constant;
		break;
	case AST_ENUM:
	case AST_FLAGS:
		symbol->enumeration = arena_alloc(c->arena, sizeof *symbol->enumeration);
		symbol->enumeration->enumeration.c = common;
		symbol->enumeration->enumeration.library = unit->library;
		declaration->kind = DECL_ENUM;
		declaration->enumeration = &symbol->enumeration->enumeration;
		break;
	case AST_STRUCT:
		symbol->structure = arena_alloc(c->arena, sizeof *symbol->structure);
		symbol->structure->c = common;
		symbol->structure->library = unit->library;
		declaration->kind = DECL_STRUCT;
		declaration->structure = symbol->structure;
		break;
	case AST_GROUP:
		symbol->group = check_add_group(c, unit, ast->items);
		symbol->group->group.c = common;
		declaration->kind = DECL_GROUP;
		declaration->group = &symbol->group->group;
		break;
	case AST_INTERFACE:
		symbol->interface = arena_alloc(c->arena, sizeof *symbol->interface);
		symbol->interface->interface.c = common;
		symbol->interface->interface.library = unit->library;
		declaration->kind = DECL_INTERFACE;
		declaration->interface = &symbol->interface->interface;
		break;
	}
}

static void declare_symbols(struct checker *c, struct unit *unit)
{
	struct declaration *declarations;
	uint32_t struct_count = 0, interface_count = 0;
	size_t count = 0;

	for (const struct ast_declaration *ast = unit->ast->declarations; ast; ast = ast->next)
		count++;
	unit->symbols = arena_array(c->arena, count, sizeof *unit->symbols);
	declarations = arena_array(c->arena, count, sizeof *declarations);
	for (const struct ast_declaration *ast = unit->ast->declarations; ast; ast = ast->next) {
		struct symbol *symbol = &unit->symbols[unit->symbol_count];
		const struct symbol *first = find_in_scope(unit, ast->name.text);

		if (first) {
			struct diag *report = diag_error(c->diagnostics, DIAG_DUPLICATE_NAME,
							 ast->name.where, "'%s' is declared twice",
							 ast->name.text);

			diag_note(c->diagnostics, report, first->ast->name.where,
				  "the first one, %s", with_article(first->ast->kind));
			continue;
		}
		symbol->name = ast->name.text;
		symbol->unit = unit;
		symbol->ast = ast;
		if (ast->kind == AST_STRUCT)
			symbol->index = struct_count++;
		else if (ast->kind == AST_INTERFACE)
			symbol->index = interface_count++;
		create_object(c, unit, symbol, &declarations[unit->symbol_count++]);
		HASH_ADD_KEYPTR(hh, unit->scope, symbol->name, strlen(symbol->name), symbol);
	}
	unit->library->declarations = declarations;
	unit->library->declaration_count = unit->symbol_count;
}

const struct model *check_program(struct arena *arena, struct diagnostics *diagnostics,
				  struct unit *const *units, size_t unit_count)
{
	struct checker c = {
		.arena = arena, .diagnostics = diagnostics, .units = units, .unit_count = unit_count,
		.suggestion_budget = SUGGESTION_BUDGET
	};
	struct model *model = arena_alloc(arena, sizeof *model);
	const struct library **libraries = arena_array(arena, unit_count, sizeof *libraries);

	for (size_t i = 0; i < unit_count; i++) {
		declare_library(&c, units[i]);
		libraries[i] = units[i]->library;
	}
	check_library_names(&c);
	for (size_t i = 0; i < unit_count; i++) {
		size_t first_group = c.group_count;

		declare_imports(&c, units[i]);
		declare_symbols(&c, units[i]);
		check_constants(&c, units[i]);
		check_enums(&c, units[i]);
		check_structures(&c, units[i]);
		check_commands(&c, units[i]);
		check_fields(&c, units[i], first_group);
		check_uses(&c, units[i]);
	}
	check_sizes(&c);

	for (size_t i = 0; i < unit_count; i++) {
		HASH_CLEAR(hh, units[i]->scope);
		HASH_CLEAR(hh, units[i]->qualifiers);
	}
	HASH_CLEAR(hh, c.command_names);
	free(c.names.memory);
	free(c.numbers.memory);
	free(c.ranges.memory);
	model->library = unit_count ? libraries[unit_count - 1] : NULL;
	model->libraries = libraries;
	model->library_count = unit_count;
	return model;
}
