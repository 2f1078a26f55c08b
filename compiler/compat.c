/*
 * Two checked models, and what changed from one to the other.
 *
 * Libraries are matched by name, the two named files' own with each other whatever they are called;
 * declarations by name; items, commands and members of enums by number.  A declaration whose name
 * is gone counts as renamed if something that held it now holds one of a new name with the same
 * form.
 */
#include "compat.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "idl/arena.h"
#include "idl/ast.h"

/* Types in types that are looked through in order to recognise a renaming. */
enum { MAX_NESTED = 64 };

/* ---- `reserved` lines: the model does not have them, the syntax tree has ---- */

struct range {
	uint64_t first, last;
	struct location where;
};

struct reserves {
	struct range *ranges;		/* ascending */
	const char **names;		/* ascending */
	size_t range_count, name_count;
};

enum { PART_BODY, PART_REQUEST, PART_RESPONSE };

/* A body is known by where its name stands; a union by its keyword, a message by its command. */
struct body_key {
	const struct source *source;
	uint32_t start;
	uint32_t part;
};

struct body {
	struct body_key key;
	struct reserves reserves;
	UT_hash_handle hh;
};

/* ---- declarations by name ---- */

struct symbol {
	const char *name;
	const struct declaration *declaration;
	struct symbol *other;		/* on the other side, under this name or renamed; or NULL */
	UT_hash_handle hh;
};

struct pair {				/* a library that both sides have */
	const struct library *old, *new;
	struct symbol *olds, *news;	/* arrays in the order of the source */
	struct symbol *old_names, *new_names;	/* hashes of them */
	bool is_raised;			/* its version */
	struct pair *next;
};

/* Whether two declarations of different names have different forms on the wire. */
struct verdict {
	const void *things[2];		/* old, new */
	bool is_broken;
	UT_hash_handle hh;
};

struct renaming {
	const struct declaration *old, *new;
	struct pair *pair;
	struct renaming *next;
};

struct comparer {
	struct arena *arena;
	struct body *bodies;		/* hash; of both sides */
	struct pair *pairs;
	struct pair *pair;		/* what is being compared */
	struct compat_change *changes, **next_change;
	size_t count;
	struct verdict *verdicts;	/* hash */
	struct renaming *renamings, **next_renaming;	/* still to be compared */
	unsigned quiet;			/* how deep in questions of form: no reports there */
	bool is_broken;			/* the answer */
};

/* ---- reports ---- */

__attribute__((format(printf, 7, 8)))
static void report(struct comparer *c, enum compat_tier tier, unsigned breaks, const char *kind,
		   struct location old, struct location new, const char *format, ...)
{
	struct compat_change *change;
	va_list ap;

	if (c->quiet > 0) {
		c->is_broken = c->is_broken || tier == COMPAT_WIRE;
		return;
	}
	change = arena_alloc(c->arena, sizeof *change);
	*change = (struct compat_change){ tier, breaks, kind, NULL, old, new, c->count++, NULL };
	va_start(ap, format);
	change->message = arena_vprintf(c->arena, format, ap);
	va_end(ap);
	*c->next_change = change;
	c->next_change = &change->next;
}

/* Where something that is new goes: it is in order if the version rose. */
static enum compat_tier addition(const struct comparer *c)
{
	return c->pair->is_raised ? COMPAT_FINE : COMPAT_VERSION;
}

/* ---- reading the `reserved` lines ---- */

static int compare_ranges(const void *left, const void *right)
{
	const struct range *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void collect_bodies(struct comparer *c, const struct ast_item *items, struct location where,
			   uint32_t part)
{
	struct reserves r = { NULL, NULL, 0, 0 };
	struct body *body;

	for (const struct ast_item *item = items; item != NULL; item = item->next) {
		if (item->kind == AST_RESERVED)
			*(item->number != NULL ? &r.range_count : &r.name_count) += 1;
		else if (item->kind == AST_FIELD && item->type->kind == AST_UNION)
			collect_bodies(c, item->type->members, item->type->where, PART_BODY);
		else if (item->kind == AST_COMMAND || item->kind == AST_ONEWAY) {
			collect_bodies(c, item->request, item->name.where, PART_REQUEST);
			collect_bodies(c, item->kind == AST_COMMAND ? item->response : NULL,
				       item->name.where, PART_RESPONSE);
		}
	}
	if (r.range_count + r.name_count == 0)
		return;
	r.ranges = arena_array(c->arena, r.range_count, sizeof *r.ranges);
	r.names = arena_array(c->arena, r.name_count, sizeof *r.names);
	r.range_count = r.name_count = 0;
	for (const struct ast_item *item = items; item != NULL; item = item->next) {
		if (item->kind != AST_RESERVED)
			continue;
		if (item->number != NULL)
			r.ranges[r.range_count++] = (struct range){
				item->number->integer,
				(item->last != NULL ? item->last : item->number)->integer,
				item->where
			};
		else
			r.names[r.name_count++] = item->name.text;
	}
	qsort(r.ranges, r.range_count, sizeof *r.ranges, compare_ranges);
	qsort(r.names, r.name_count, sizeof *r.names, compare_names);
	body = arena_alloc(c->arena, sizeof *body);
	body->key = (struct body_key){ where.source, where.start, part };
	body->reserves = r;
	HASH_ADD(hh, c->bodies, key, sizeof body->key, body);
}

static void collect_library(struct comparer *c, const struct library *library)
{
	const struct ast_file *file = ast_parse(library->c.where.source, c->arena,
						diag_new(c->arena));
	const struct ast_declaration *d;

	for (d = file->declarations; d != NULL; d = d->next)
		collect_bodies(c, d->items, d->name.where, PART_BODY);
}

static const struct reserves *reserves_at(const struct comparer *c, struct location where,
					  uint32_t part)
{
	static const struct reserves none;
	struct body_key key = { where.source, where.start, part };
	struct body *body;

	HASH_FIND(hh, c->bodies, &key, sizeof key, body);
	return body != NULL ? &body->reserves : &none;
}

static const struct reserves *reserves_of_group(const struct comparer *c, const struct group *group)
{
	if (group->command == NULL)
		return reserves_at(c, group->c.where, PART_BODY);
	return reserves_at(c, group->command->c.where,
			   group == group->command->response ? PART_RESPONSE : PART_REQUEST);
}

/* The range that holds `number`, or else the first one above it, or NULL. */
static const struct range *range_from(const struct reserves *r, uint64_t number)
{
	size_t low = 0, high = r->range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->ranges[middle].last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->range_count ? &r->ranges[low] : NULL;
}

static bool is_reserved(const struct reserves *r, uint64_t number)
{
	const struct range *range = range_from(r, number);

	return range != NULL && range->first <= number;
}

static bool is_name_reserved(const struct reserves *r, const char *name)
{
	return r->name_count > 0 &&
	       bsearch(&name, r->names, r->name_count, sizeof *r->names, compare_names) != NULL;
}

/* ---- words ---- */

static const char *const type_names[] = {
	[TYPE_BOOL] = "bool", [TYPE_U8] = "u8", [TYPE_U16] = "u16", [TYPE_U32] = "u32",
	[TYPE_U64] = "u64", [TYPE_S8] = "s8", [TYPE_S16] = "s16", [TYPE_S32] = "s32",
	[TYPE_S64] = "s64", [TYPE_F32] = "f32", [TYPE_F64] = "f64", [TYPE_STRING] = "string",
	[TYPE_BYTES] = "bytes", [TYPE_UNION] = "union", [TYPE_LINK] = "link"
};

/* What a type names. */
struct named {
	const struct library *library;	/* NULL: nothing */
	const char *name;
	const void *thing;
};

static struct named named_of(const struct type *type)
{
	switch (type->kind) {
	case TYPE_ENUM:
	case TYPE_FLAGS:
		return (struct named){ type->enumeration->library, type->enumeration->c.name,
				       type->enumeration };
	case TYPE_STRUCT:
		return (struct named){ type->structure->library, type->structure->c.name,
				       type->structure };
	case TYPE_GROUP:
		return (struct named){ type->group->library, type->group->c.name, type->group };
	case TYPE_LINK:
		if (type->interface != NULL)
			return (struct named){ type->interface->library, type->interface->c.name,
					       type->interface };
		/* fall through */
	default:
		return (struct named){ NULL, NULL, NULL };
	}
}

/* A type as it stands in the schema of `library`, with numbers for constants. */
static const char *type_text(const struct comparer *c, const struct library *library,
			     const struct type *type, enum presence presence)
{
	const char *foreign = "", *text, *shape = "";
	struct named named = named_of(type);

	if (named.library != NULL && named.library != library)
		foreign = arena_printf(c->arena, "%s.", named.library->prefix);
	if (type->kind == TYPE_STRING || type->kind == TYPE_BYTES)
		text = type->min == 0
		       ? arena_printf(c->arena, "%s<%" PRIu32 ">", type_names[type->kind],
				      type->max)
		       : arena_printf(c->arena, "%s<%" PRIu32 "..%" PRIu32 ">",
				      type_names[type->kind], type->min, type->max);
	else if (named.library != NULL)
		text = arena_printf(c->arena, type->kind == TYPE_LINK ? "link<%s%s>" : "%s%s",
				    foreign, named.name);
	else
		text = type_names[type->kind];
	if (type->shape == SHAPE_ARRAY)
		shape = arena_printf(c->arena, "[%" PRIu32 "]", type->max);
	else if (type->shape == SHAPE_LIST)
		shape = type->list_bytes == 0
			? arena_printf(c->arena, "[..%" PRIu32 "]", type->max)
			: arena_printf(c->arena, "[..%" PRIu32 " in %" PRIu32 "]", type->max,
				       type->list_bytes);
	return arena_printf(c->arena, "%s%s%s", text, shape,
			    presence == PRESENCE_OPTIONAL ? "?" : "");
}

static const char *integer_text(const struct comparer *c, uint64_t number, bool is_signed)
{
	return is_signed ? arena_printf(c->arena, "%" PRId64, (int64_t)number)
			 : arena_printf(c->arena, "%" PRIu64, number);
}

static bool is_signed_kind(enum type_kind kind)
{
	return kind >= TYPE_S8 && kind <= TYPE_S64;
}

static const char *value_text(const struct comparer *c, const struct type *type, uint64_t bits)
{
	uint32_t narrow = (uint32_t)bits;
	double wide;
	float small;

	switch (type->kind) {
	case TYPE_BOOL:
		return bits != 0 ? "true" : "false";
	case TYPE_F32:
		memcpy(&small, &narrow, sizeof small);
		return arena_printf(c->arena, "%.9g", (double)small);
	case TYPE_F64:
		memcpy(&wide, &bits, sizeof wide);
		return arena_printf(c->arena, "%.17g", wide);
	case TYPE_ENUM:
		for (size_t i = 0; i < type->enumeration->member_count; i++)
			if (type->enumeration->members[i].value == bits)
				return type->enumeration->members[i].c.name;
		return integer_text(c, bits, is_signed_kind(type->enumeration->underlying));
	case TYPE_FLAGS:
		return arena_printf(c->arena, "0x%" PRIx64, bits);
	default:
		return integer_text(c, bits, is_signed_kind(type->kind));
	}
}

/* ---- things with numbers and names: items, members, commands ---- */

struct entry {
	uint64_t number;
	const struct common *common;
	const void *thing;
	bool is_taken;			/* has been found under its name, with another number */
};

struct table {
	struct entry *entries;		/* by number */
	struct entry **names;		/* by name */
	size_t count;
};

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	return (a->number > b->number) - (a->number < b->number);
}

static int compare_entry_names(const void *left, const void *right)
{
	const struct entry *const *a = left, *const *b = right;

	return strcmp((*a)->common->name, (*b)->common->name);
}

static struct table table_new(const struct comparer *c, size_t count)
{
	return (struct table){ arena_array(c->arena, count, sizeof(struct entry)),
			       arena_array(c->arena, count, sizeof(struct entry *)), 0 };
}

static void table_add(struct table *table, uint64_t number, const struct common *common,
		      const void *thing)
{
	table->entries[table->count++] = (struct entry){ number, common, thing, false };
}

static void table_sort(struct table *table)
{
	qsort(table->entries, table->count, sizeof *table->entries, compare_entries);
	for (size_t i = 0; i < table->count; i++)
		table->names[i] = &table->entries[i];
	qsort(table->names, table->count, sizeof *table->names, compare_entry_names);
}

static struct entry *by_number(const struct table *table, uint64_t number)
{
	struct entry key = { number, NULL, NULL, false };

	return table->count == 0 ? NULL : bsearch(&key, table->entries, table->count,
						  sizeof key, compare_entries);
}

static struct entry *by_name(const struct table *table, const struct common *common)
{
	struct entry entry = { 0, common, NULL, false }, *key = &entry, **found;

	if (table->count == 0)
		return NULL;
	found = bsearch(&key, table->names, table->count, sizeof key, compare_entry_names);
	return found != NULL ? *found : NULL;
}

/* What becomes of something that is only there on one side. */
struct effect {
	enum compat_tier tier;
	unsigned breaks;
	const char *text;
};

/* A body with numbers, on both sides. */
struct numbered {
	const char *subject, *noun;	/* "Attr", "item" */
	bool is_signed;
	bool is_closed;			/* union, strict enum: readers reject the unknown */
	struct location old, new;
	const struct reserves *old_reserves, *new_reserves;
	struct table olds, news;
	void (*compare)(struct comparer *c, const struct numbered *body, const char *subject,
			const void *old, const void *new);
	struct effect (*removed)(const struct comparer *c, const struct numbered *body,
				 const void *old);
	struct effect (*added)(const struct comparer *c, const struct numbered *body,
			       const void *new);
};

static const char *label(const struct comparer *c, const struct numbered *body,
			 const struct entry *entry)
{
	if (c->quiet > 0)
		return "";
	return arena_printf(c->arena, "%s, %s %s '%s'", body->subject, body->noun,
			    integer_text(c, entry->number, body->is_signed), entry->common->name);
}

static void compare_entry(struct comparer *c, const struct numbered *body, const struct entry *old,
			  const struct entry *new)
{
	const char *subject = label(c, body, new);
	const struct common *was = old->common, *is = new->common;

	if (strcmp(was->name, is->name) != 0)
		report(c, COMPAT_SOURCE, 0, "name", was->where, is->where,
		       "%s: it was called '%s'", subject, was->name);
	if (was->deprecated == NULL && is->deprecated != NULL)
		report(c, COMPAT_FINE, 0, "deprecated", was->where, is->where,
		       "%s: it is deprecated now", subject);
	body->compare(c, body, subject, old->thing, new->thing);
}

static void entry_is_gone(struct comparer *c, const struct numbered *body, const struct entry *old)
{
	struct entry *moved = by_name(&body->news, old->common);
	struct effect effect;
	bool is_kept;

	if (moved != NULL && by_number(&body->olds, moved->number) == NULL) {
		moved->is_taken = true;
		report(c, COMPAT_WIRE, COMPAT_BOTH, "number", old->common->where,
		       moved->common->where, "%s: the number was %s", label(c, body, moved),
		       integer_text(c, old->number, body->is_signed));
		compare_entry(c, body, old, moved);
		return;
	}
	effect = body->removed(c, body, old->thing);
	is_kept = is_reserved(body->new_reserves, old->number);
	report(c, is_kept ? effect.tier : COMPAT_WIRE, effect.breaks, "removed",
	       old->common->where, body->new, "%s: it is gone%s%s", label(c, body, old),
	       effect.text, is_kept ? "" : "; its number is not reserved, so it may come back with "
					   "another meaning");
}

static void entry_is_new(struct comparer *c, const struct numbered *body, const struct entry *new)
{
	struct effect effect = body->added(c, body, new->thing);
	bool is_reuse = is_reserved(body->old_reserves, new->number);

	report(c, is_reuse ? COMPAT_WIRE : effect.tier, effect.breaks,
	       is_reuse ? "reserved" : "added", body->old, new->common->where, "%s: it is new%s%s",
	       label(c, body, new), effect.text,
	       is_reuse ? "; its number was reserved, and had another meaning once" : "");
	if (is_name_reserved(body->old_reserves, new->common->name))
		report(c, COMPAT_SOURCE, 0, "reserved", body->old, new->common->where,
		       "%s: the name was reserved", label(c, body, new));
}

/* Numbers that were reserved, and are neither reserved any more nor in use. */
static void compare_reserves(struct comparer *c, const struct numbered *body)
{
	for (size_t i = 0; i < body->old_reserves->range_count; i++) {
		const struct range *old = &body->old_reserves->ranges[i], *kept;
		uint64_t at = old->first, end;
		size_t next = 0;

		for (;;) {
			kept = range_from(body->new_reserves, at);
			while (next < body->news.count && body->news.entries[next].number < at)
				next++;
			if (kept != NULL && kept->first <= at) {
				end = kept->last;
			} else if (next < body->news.count &&
				   body->news.entries[next].number == at) {
				end = at;
			} else {
				end = old->last;
				if (kept != NULL && kept->first - 1 < end)
					end = kept->first - 1;
				if (next < body->news.count &&
				    body->news.entries[next].number - 1 < end)
					end = body->news.entries[next].number - 1;
				report(c, COMPAT_WIRE, 0, "reserved", old->where, body->new,
				       at == end ? "%s: %s %s%.0s is not reserved any more"
						 : "%s: %ss %s..%s are not reserved any more",
				       body->subject, body->noun, integer_text(c, at, false),
				       integer_text(c, end, false));
			}
			if (end >= old->last)
				break;
			at = end + 1;
		}
	}
	for (size_t i = 0; i < body->old_reserves->name_count; i++) {
		const char *name = body->old_reserves->names[i];
		struct common common = { .name = name };

		if (!is_name_reserved(body->new_reserves, name) &&
		    by_name(&body->news, &common) == NULL)
			report(c, COMPAT_SOURCE, 0, "reserved", body->old, body->new,
			       "%s: the name '%s' is not reserved any more", body->subject, name);
	}
}

static void compare_numbered(struct comparer *c, struct numbered *body)
{
	table_sort(&body->olds);
	table_sort(&body->news);
	for (size_t i = 0; i < body->olds.count; i++) {
		const struct entry *old = &body->olds.entries[i];
		const struct entry *new = by_number(&body->news, old->number);

		if (new != NULL)
			compare_entry(c, body, old, new);
		else
			entry_is_gone(c, body, old);
	}
	for (size_t i = 0; i < body->news.count; i++) {
		const struct entry *new = &body->news.entries[i];

		if (!new->is_taken && by_number(&body->olds, new->number) == NULL)
			entry_is_new(c, body, new);
	}
	compare_reserves(c, body);
}

/* ---- what a type names ---- */

static void compare_enumeration(struct comparer *c, const char *subject,
				const struct enumeration *old, const struct enumeration *new);
static void compare_structure(struct comparer *c, const char *subject, const struct structure *old,
			      const struct structure *new);
static void compare_group(struct comparer *c, const char *subject, const struct group *old,
			  const struct group *new);

static struct pair *pair_of(const struct comparer *c, const struct library *old)
{
	struct pair *pair = c->pairs;

	while (pair != NULL && pair->old != old)
		pair = pair->next;
	return pair;
}

static struct symbol *symbol_of(struct symbol *names, const char *name)
{
	struct symbol *symbol;

	HASH_FIND_STR(names, name, symbol);
	return symbol;
}

/* Whether both are one declaration that kept its name, or was found to be renamed. */
static bool is_same_named(const struct comparer *c, struct named old, struct named new)
{
	const struct pair *pair = pair_of(c, old.library);
	const struct symbol *symbol;

	if (pair == NULL || pair->new != new.library)
		return false;
	symbol = symbol_of(pair->old_names, old.name);
	return symbol->other != NULL && strcmp(symbol->other->name, new.name) == 0;
}

/* Whether a reader made for one understands the other: the same numbers, types and bounds. */
static bool has_other_form(struct comparer *c, const struct type *old, const struct type *new)
{
	const void *things[2] = { named_of(old).thing, named_of(new).thing };
	struct verdict *verdict;
	bool before = c->is_broken;

	HASH_FIND(hh, c->verdicts, things, sizeof things, verdict);
	if (verdict != NULL)
		return verdict->is_broken;
	if (c->quiet == MAX_NESTED)
		return true;
	verdict = arena_alloc(c->arena, sizeof *verdict);
	memcpy(verdict->things, things, sizeof things);
	HASH_ADD(hh, c->verdicts, things, sizeof verdict->things, verdict);
	c->quiet++;
	c->is_broken = false;
	if (old->kind == TYPE_GROUP)
		compare_group(c, "", old->group, new->group);
	else if (old->kind == TYPE_STRUCT)
		compare_structure(c, "", old->structure, new->structure);
	else
		compare_enumeration(c, "", old->enumeration, new->enumeration);
	c->quiet--;
	verdict->is_broken = c->is_broken;
	c->is_broken = before;
	return verdict->is_broken;
}

/* The old declaration is gone, the new one was not there: note that one is the other renamed. */
static bool note_renaming(struct comparer *c, struct named old, struct named new)
{
	struct pair *pair = pair_of(c, old.library);
	struct symbol *was, *is;
	struct renaming *renaming;

	if (pair == NULL || pair->new != new.library)
		return false;
	was = symbol_of(pair->old_names, old.name);
	is = symbol_of(pair->new_names, new.name);
	if (was->other != NULL || is->other != NULL)
		return false;
	if (c->quiet > 0)
		return true;
	was->other = is;
	is->other = was;
	renaming = arena_alloc(c->arena, sizeof *renaming);
	*renaming = (struct renaming){ was->declaration, is->declaration, pair, NULL };
	*c->next_renaming = renaming;
	c->next_renaming = &renaming->next;
	return true;
}

/* ---- types ---- */

/* A type where it is used. */
struct use {
	const struct type *type;
	enum presence presence;
	uint64_t default_bits;
	struct location where;
	const struct library *library;
};

static void report_type(struct comparer *c, enum compat_tier tier, unsigned breaks,
			const char *subject, const struct use *old, const struct use *new)
{
	if (c->quiet == 0)
		report(c, tier, breaks, "type", old->where, new->where,
		       "%s: the type was %s, is %s", subject,
		       type_text(c, old->library, old->type, old->presence),
		       type_text(c, new->library, new->type, new->presence));
	else
		report(c, tier, breaks, "type", old->where, new->where, "%s", subject);
}

static bool is_number(enum type_kind kind)
{
	return kind <= TYPE_FLAGS && kind != TYPE_BOOL && kind != TYPE_F32 && kind != TYPE_F64;
}

static bool is_strict(const struct type *type)
{
	return type->kind == TYPE_ENUM || type->kind == TYPE_FLAGS
	       ? !type->enumeration->is_flexible : false;
}

static enum type_kind underlying(const struct type *type)
{
	return type->kind == TYPE_ENUM || type->kind == TYPE_FLAGS ? type->enumeration->underlying
								   : type->kind;
}

static bool is_in_closure(const struct comparer *c, const struct interface *old,
			  const struct interface *new, bool in_new)
{
	const struct interface *holder = in_new ? new : old;

	for (size_t i = 0; i < holder->closure_count; i++) {
		const struct interface *held = holder->closure[i];
		struct named was = { old->library, old->c.name, old };
		struct named is = { new->library, new->c.name, new };

		if (in_new)
			is = (struct named){ held->library, held->c.name, held };
		else
			was = (struct named){ held->library, held->c.name, held };
		if (is_same_named(c, was, is))
			return true;
	}
	return false;
}

/*
 * Who is wrong about the interface of the other's links.  Nothing of it is on the wire: what breaks
 * is the first command.
 */
static unsigned link_breaks(const struct comparer *c, const struct interface *old,
			    const struct interface *new)
{
	unsigned breaks = 0;

	if (old != NULL && (new == NULL || !is_in_closure(c, old, new, true)))
		breaks |= COMPAT_OLD_READS_NEW;
	if (new != NULL && (old == NULL || !is_in_closure(c, old, new, false)))
		breaks |= COMPAT_NEW_READS_OLD;
	return breaks;
}

/* Whom other bounds break, for values between min and max. */
static unsigned bound_breaks(uint32_t old_min, uint32_t old_max, uint32_t new_min, uint32_t new_max)
{
	return (new_min < old_min || new_max > old_max ? COMPAT_OLD_READS_NEW : 0U) |
	       (old_min < new_min || old_max > new_max ? COMPAT_NEW_READS_OLD : 0U);
}

/* A change of the kind.  False: that is reported, and there is no more to say about the type. */
static bool compare_kind(struct comparer *c, const char *subject, const struct use *old,
			 const struct use *new)
{
	const struct type *was = old->type, *is = new->type;
	unsigned breaks = COMPAT_BOTH;

	if (was->kind == is->kind)
		return true;
	if (is_number(was->kind) && is_number(is->kind) && underlying(was) == underlying(is) &&
	    (was->kind < TYPE_ENUM || is->kind < TYPE_ENUM)) {
		/* An integer and an enum or flags: the same bytes; one side may reject some. */
		breaks = (is_strict(was) ? COMPAT_OLD_READS_NEW : 0U) |
			 (is_strict(is) ? COMPAT_NEW_READS_OLD : 0U);
		report_type(c, breaks != 0 ? COMPAT_WIRE : addition(c), breaks, subject, old, new);
		return true;
	}
	if ((was->kind == TYPE_STRING && is->kind == TYPE_BYTES) ||
	    (was->kind == TYPE_BYTES && is->kind == TYPE_STRING))
		breaks = bound_breaks(was->min, was->max, is->min, is->max) |
			 (was->kind == TYPE_STRING ? COMPAT_OLD_READS_NEW : COMPAT_NEW_READS_OLD);
	report_type(c, COMPAT_WIRE, breaks, subject, old, new);
	return false;
}

/* What the type names; as compare_kind(). */
static bool compare_named(struct comparer *c, const char *subject, const struct use *old,
			  const struct use *new)
{
	struct named was = named_of(old->type), is = named_of(new->type);
	unsigned breaks;

	if (old->type->kind == TYPE_UNION) {
		compare_group(c, subject, old->type->group, new->type->group);
		return true;
	}
	if (old->type->kind == TYPE_LINK) {
		if (was.library == is.library && was.library == NULL)
			return true;
		if (was.library != NULL && is.library != NULL && is_same_named(c, was, is))
			return true;
		breaks = link_breaks(c, old->type->interface, new->type->interface);
		report_type(c, breaks != 0 ? COMPAT_WIRE : COMPAT_SOURCE, breaks, subject, old,
			    new);
		return false;
	}
	if (was.library == NULL || is_same_named(c, was, is))
		return true;
	if (has_other_form(c, old->type, new->type)) {
		report_type(c, COMPAT_WIRE, COMPAT_BOTH, subject, old, new);
		return false;
	}
	if (!note_renaming(c, was, is))
		report_type(c, COMPAT_SOURCE, 0, subject, old, new);
	return true;
}

static bool may_be_absent(enum presence presence)
{
	return presence != PRESENCE_REQUIRED;
}

/* How many elements there are, and whether there may be none. */
static unsigned shape_breaks(const struct use *old, const struct use *new)
{
	uint32_t old_min = old->type->shape == SHAPE_ARRAY ? old->type->max : 1;
	uint32_t new_min = new->type->shape == SHAPE_ARRAY ? new->type->max : 1;
	uint32_t old_max = old->type->shape == SHAPE_ONE ? 1 : old->type->max;
	uint32_t new_max = new->type->shape == SHAPE_ONE ? 1 : new->type->max;
	unsigned breaks = bound_breaks(old_min, old_max, new_min, new_max);

	if (may_be_absent(new->presence) && !may_be_absent(old->presence))
		breaks |= COMPAT_OLD_READS_NEW;
	if (may_be_absent(old->presence) && !may_be_absent(new->presence))
		breaks |= COMPAT_NEW_READS_OLD;
	/* Nothing was a value, or is one: the same bytes mean something else. */
	if (may_be_absent(old->presence) && may_be_absent(new->presence) &&
	    (old->presence == PRESENCE_DEFAULT || new->presence == PRESENCE_DEFAULT))
		breaks = COMPAT_BOTH;
	return breaks;
}

static void compare_bound(struct comparer *c, const char *subject, const struct use *old,
			  const struct use *new, const char *noun, uint32_t was, uint32_t is,
			  bool is_minimum)
{
	bool shrinks = is_minimum ? is > was : is < was;

	if (was == is)
		return;
	if (shrinks)
		report(c, COMPAT_WIRE, COMPAT_NEW_READS_OLD, "bound", old->where, new->where,
		       "%s: the %s was %" PRIu32 ", is %" PRIu32, subject, noun, was, is);
	else
		report(c, addition(c), 0, "bound", old->where, new->where,
		       "%s: the %s was %" PRIu32 ", is %" PRIu32
		       "; older readers reject what only the new bounds allow",
		       subject, noun, was, is);
}

static void compare_shape(struct comparer *c, const char *subject, const struct use *old,
			  const struct use *new)
{
	const struct type *was = old->type, *is = new->type;
	unsigned breaks;

	if (was->kind == TYPE_STRING || was->kind == TYPE_BYTES) {
		compare_bound(c, subject, old, new, "least length", was->min, is->min, true);
		compare_bound(c, subject, old, new, "greatest length", was->max, is->max, false);
		return;
	}
	if (was->shape != is->shape || (was->shape == SHAPE_ARRAY && was->max != is->max)) {
		breaks = shape_breaks(old, new);
		report_type(c, breaks != 0 ? COMPAT_WIRE : COMPAT_SOURCE, breaks, subject, old,
			    new);
	} else if (was->shape == SHAPE_LIST) {
		compare_bound(c, subject, old, new, "greatest number of elements", was->max,
			      is->max, false);
		if (was->list_bytes == 0 && is->list_bytes != 0)
			report_type(c, COMPAT_WIRE, COMPAT_NEW_READS_OLD, subject, old, new);
		else if (was->list_bytes != 0 && is->list_bytes == 0)
			report_type(c, addition(c), 0, subject, old, new);
		else
			compare_bound(c, subject, old, new, "greatest number of bytes",
				      was->list_bytes, is->list_bytes, false);
	}
}

static const char *presence_text(const struct comparer *c, const struct use *use)
{
	switch (use->presence) {
	case PRESENCE_OPTIONAL:
		return "optional";
	case PRESENCE_DEFAULT:
		return arena_printf(c->arena, "%s by default",
				    value_text(c, use->type, use->default_bits));
	default:
		return "required";
	}
}

static void compare_presence(struct comparer *c, const char *subject, const struct use *old,
			     const struct use *new)
{
	if (old->type->shape != new->type->shape || old->type->shape == SHAPE_LIST)
		return;			/* the shape says it */
	if (old->presence != new->presence)
		report(c, COMPAT_WIRE, shape_breaks(old, new), "presence", old->where, new->where,
		       "%s: it was %s, is %s", subject, presence_text(c, old),
		       presence_text(c, new));
	else if (old->presence == PRESENCE_DEFAULT && old->default_bits != new->default_bits)
		report(c, COMPAT_WIRE, COMPAT_BOTH, "default", old->where, new->where,
		       "%s: the default was %s, is %s, and means what is left out", subject,
		       value_text(c, old->type, old->default_bits),
		       value_text(c, new->type, new->default_bits));
}

static bool compare_use(struct comparer *c, const char *subject, const struct use *old,
			const struct use *new)
{
	if (!compare_kind(c, subject, old, new))
		return false;
	if (old->type->kind == new->type->kind && !compare_named(c, subject, old, new))
		return false;
	compare_shape(c, subject, old, new);
	compare_presence(c, subject, old, new);
	return true;
}

/* ---- groups, unions, messages ---- */

static void compare_field(struct comparer *c, const struct numbered *body, const char *subject,
			  const void *old, const void *new)
{
	const struct field *was = old, *is = new;
	struct use old_use = { &was->type, was->presence, was->default_bits, was->c.where,
			       c->pair->old };
	struct use new_use = { &is->type, is->presence, is->default_bits, is->c.where,
			       c->pair->new };

	(void)body;
	if (compare_use(c, subject, &old_use, &new_use) && was->on_cycle != is->on_cycle)
		report(c, COMPAT_SOURCE, 0, "type", was->c.where, is->c.where,
		       is->on_cycle ? "%s: it leads back to its group now: a struct lwl_seq in C"
				    : "%s: it no longer leads back to its group: a struct in C",
		       subject);
}

static struct effect field_removed(const struct comparer *c, const struct numbered *body,
				   const void *old)
{
	const struct field *field = old;

	(void)c;
	if (body->is_closed)
		return (struct effect){ COMPAT_WIRE, COMPAT_NEW_READS_OLD,
					", and new readers reject it" };
	if (field->presence == PRESENCE_REQUIRED)
		return (struct effect){ COMPAT_WIRE, COMPAT_OLD_READS_NEW, ", and was required" };
	return (struct effect){ COMPAT_SOURCE, 0, "" };
}

static struct effect field_added(const struct comparer *c, const struct numbered *body,
				 const void *new)
{
	const struct field *field = new;

	if (body->is_closed)
		return (struct effect){ COMPAT_WIRE, COMPAT_OLD_READS_NEW,
					", and old readers reject it" };
	if (field->presence == PRESENCE_REQUIRED)
		return (struct effect){ COMPAT_WIRE, COMPAT_NEW_READS_OLD,
					", and required: it must be optional, a list or have a "
					"default" };
	return (struct effect){ addition(c), 0, "" };
}

static void compare_group(struct comparer *c, const char *subject, const struct group *old,
			  const struct group *new)
{
	struct numbered body = {
		.subject = subject, .noun = new->is_union ? "member" : "item",
		.is_closed = new->is_union,
		.old_reserves = reserves_of_group(c, old),
		.new_reserves = reserves_of_group(c, new),
		.old = old->command != NULL ? old->command->c.where : old->c.where,
		.new = new->command != NULL ? new->command->c.where : new->c.where,
		.olds = table_new(c, old->field_count), .news = table_new(c, new->field_count),
		.compare = compare_field, .removed = field_removed, .added = field_added
	};

	for (size_t i = 0; i < old->field_count; i++)
		table_add(&body.olds, old->fields[i].number, &old->fields[i].c, &old->fields[i]);
	for (size_t i = 0; i < new->field_count; i++)
		table_add(&body.news, new->fields[i].number, &new->fields[i].c, &new->fields[i]);
	compare_numbered(c, &body);
}

/* ---- structs ---- */

/* The member of a struct at `offset`; a struct has no two, as every member has a size. */
static const struct struct_member *member_at(const struct structure *structure, uint32_t offset)
{
	size_t low = 0, high = structure->member_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (structure->members[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < structure->member_count && structure->members[low].offset == offset
	       ? &structure->members[low] : NULL;
}

static void compare_members(struct comparer *c, const char *subject,
			    const struct struct_member *old, const struct struct_member *new)
{
	struct use old_use = { &old->type, PRESENCE_REQUIRED, 0, old->c.where, c->pair->old };
	struct use new_use = { &new->type, PRESENCE_REQUIRED, 0, new->c.where, c->pair->new };

	compare_use(c, subject, &old_use, &new_use);
}

static uint64_t member_size(const struct struct_member *member)
{
	return (uint64_t)member->type.size *
	       (member->type.shape == SHAPE_ARRAY ? member->type.max : 1);
}

static const char *member_label(const struct comparer *c, const char *subject,
				const struct struct_member *member)
{
	return c->quiet > 0 ? "" : arena_printf(c->arena, "%s, member '%s'", subject,
						member->c.name);
}

/*
 * Members are matched by name, and by place if the names are both only on one side: that is a
 * renaming.  What is moved only because a struct inside has grown is that struct's matter.
 */
static void compare_structure(struct comparer *c, const char *subject, const struct structure *old,
			      const struct structure *new)
{
	struct table olds = table_new(c, old->member_count), news = table_new(c, new->member_count);
	const struct struct_member *was, *is, *there;
	const struct entry *found;
	bool is_resized = false;	/* a member was reported that moves those behind it */

	for (size_t i = 0; i < old->member_count; i++)
		table_add(&olds, i, &old->members[i].c, &old->members[i]);
	for (size_t i = 0; i < new->member_count; i++)
		table_add(&news, i, &new->members[i].c, &new->members[i]);
	table_sort(&olds);
	table_sort(&news);
	for (size_t i = 0; i < old->member_count; i++) {
		was = &old->members[i];
		found = by_name(&news, &was->c);
		is = found != NULL ? found->thing : NULL;
		there = member_at(new, was->offset);
		if (is == NULL && there != NULL && by_name(&olds, &there->c) == NULL &&
		    was->type.kind == there->type.kind && member_size(was) == member_size(there)) {
			report(c, COMPAT_SOURCE, 0, "name", was->c.where, there->c.where,
			       "%s: it was called '%s'", member_label(c, subject, there),
			       was->c.name);
			is = there;
			news.entries[is - new->members].is_taken = true;
		}
		if (is == NULL) {
			report(c, COMPAT_WIRE, COMPAT_BOTH, "removed", was->c.where, new->c.where,
			       "%s: it is gone, and structs are frozen",
			       member_label(c, subject, was));
			is_resized = true;
			continue;
		}
		compare_members(c, member_label(c, subject, is), was, is);
		is_resized = is_resized || member_size(was) != member_size(is);
		if (!is_resized && was->offset != is->offset)
			report(c, COMPAT_WIRE, COMPAT_BOTH, "layout", was->c.where, is->c.where,
			       "%s: the offset was %" PRIu32 ", is %" PRIu32
			       ", and structs are frozen",
			       member_label(c, subject, is), was->offset, is->offset);
	}
	for (size_t i = 0; i < new->member_count; i++) {
		is = &new->members[i];
		if (!news.entries[i].is_taken && by_name(&olds, &is->c) == NULL)
			report(c, COMPAT_WIRE, COMPAT_BOTH, "added", old->c.where, is->c.where,
			       "%s: it is new, and structs are frozen",
			       member_label(c, subject, is));
	}
}

/* ---- enums and flags ---- */

static void compare_enumerator(struct comparer *c, const struct numbered *body, const char *subject,
			       const void *old, const void *new)
{
	/* Number and name are all there is to one. */
	(void)c, (void)body, (void)subject, (void)old, (void)new;
}

static struct effect enumerator_removed(const struct comparer *c, const struct numbered *body,
					const void *old)
{
	(void)c, (void)old;
	if (body->is_closed)
		return (struct effect){ COMPAT_WIRE, COMPAT_NEW_READS_OLD,
					", and new readers reject it" };
	return (struct effect){ COMPAT_SOURCE, 0, "" };
}

static struct effect enumerator_added(const struct comparer *c, const struct numbered *body,
				      const void *new)
{
	(void)new;
	if (body->is_closed)
		return (struct effect){ COMPAT_WIRE, COMPAT_OLD_READS_NEW,
					", and old readers reject it" };
	return (struct effect){ addition(c), 0, "" };
}

static void compare_enumeration(struct comparer *c, const char *subject,
				const struct enumeration *old, const struct enumeration *new)
{
	struct numbered body = {
		.subject = subject, .noun = new->is_flags ? "bit" : "value",
		.is_signed = is_signed_kind(new->underlying), .is_closed = !new->is_flexible,
		.old_reserves = reserves_at(c, old->c.where, PART_BODY),
		.new_reserves = reserves_at(c, new->c.where, PART_BODY),
		.old = old->c.where, .new = new->c.where,
		.olds = table_new(c, old->member_count), .news = table_new(c, new->member_count),
		.compare = compare_enumerator, .removed = enumerator_removed,
		.added = enumerator_added
	};

	if (old->underlying != new->underlying)
		report(c, COMPAT_WIRE, COMPAT_BOTH, "type", old->c.where, new->c.where,
		       "%s: the type was %s, is %s", subject, type_names[old->underlying],
		       type_names[new->underlying]);
	if (!old->is_flexible && new->is_flexible)
		report(c, COMPAT_SOURCE, 0, "flexible", old->c.where, new->c.where,
		       "%s: it was strict, is flexible; programs must expect unknown values, and "
		       "older ones still reject them", subject);
	if (old->is_flexible && !new->is_flexible)
		report(c, COMPAT_WIRE, COMPAT_NEW_READS_OLD, "flexible", old->c.where, new->c.where,
		       "%s: it was flexible, is strict", subject);
	for (size_t i = 0; i < old->member_count; i++)
		table_add(&body.olds, old->members[i].value, &old->members[i].c, &old->members[i]);
	for (size_t i = 0; i < new->member_count; i++)
		table_add(&body.news, new->members[i].value, &new->members[i].c, &new->members[i]);
	compare_numbered(c, &body);
}

/* ---- interfaces ---- */

static void compare_command(struct comparer *c, const struct numbered *body, const char *subject,
			    const void *old, const void *new)
{
	const struct command *was = old, *is = new;

	if (was->is_oneway != is->is_oneway) {
		report(c, COMPAT_WIRE, COMPAT_BOTH, "direction", was->c.where, is->c.where,
		       is->is_oneway ? "%s: it was a command with a response, is a oneway"
				     : "%s: it was a oneway, is a command with a response",
		       subject);
		return;
	}
	if (was->is_replay_safe && !is->is_replay_safe)
		report(c, COMPAT_WIRE, COMPAT_NEW_READS_OLD, "replay", was->c.where, is->c.where,
		       "%s: it is not replay safe any more; old programs may still send it twice",
		       subject);
	else if (!was->is_replay_safe && is->is_replay_safe)
		report(c, addition(c), 0, "replay", was->c.where, is->c.where,
		       "%s: it is replay safe now; older programs did not promise that", subject);
	compare_group(c, arena_printf(c->arena, "%s.%s%s", body->subject, is->c.name,
				      is->is_oneway ? "" : " request"), was->request, is->request);
	if (!is->is_oneway)
		compare_group(c, arena_printf(c->arena, "%s.%s response", body->subject,
					      is->c.name), was->response, is->response);
}

static struct effect command_removed(const struct comparer *c, const struct numbered *body,
				     const void *old)
{
	(void)c, (void)body, (void)old;
	return (struct effect){ COMPAT_WIRE, COMPAT_NEW_READS_OLD,
				", and old programs may send it" };
}

static struct effect command_added(const struct comparer *c, const struct numbered *body,
				   const void *new)
{
	(void)body, (void)new;
	return (struct effect){ addition(c), 0, "" };
}

static bool is_used_by(const struct comparer *c, const struct interface *old,
		       const struct interface *new, const struct interface *holder)
{
	for (size_t i = 0; i < holder->use_count; i++) {
		const struct interface *was = old != NULL ? old : holder->uses[i];
		const struct interface *is = new != NULL ? new : holder->uses[i];

		if (is_same_named(c, (struct named){ was->library, was->c.name, was },
				  (struct named){ is->library, is->c.name, is }))
			return true;
	}
	return false;
}

static void compare_interface(struct comparer *c, const char *subject, const struct interface *old,
			      const struct interface *new)
{
	struct numbered body = {
		.subject = subject, .noun = "command",
		.old_reserves = reserves_at(c, old->c.where, PART_BODY),
		.new_reserves = reserves_at(c, new->c.where, PART_BODY),
		.old = old->c.where, .new = new->c.where,
		.olds = table_new(c, old->command_count), .news = table_new(c, new->command_count),
		.compare = compare_command, .removed = command_removed, .added = command_added
	};

	if (old->id != new->id)
		report(c, COMPAT_WIRE, COMPAT_BOTH, "id", old->c.where, new->c.where,
		       "%s: the id was %u, is %u", subject, (unsigned)old->id, (unsigned)new->id);
	for (size_t i = 0; i < old->use_count; i++)
		if (!is_used_by(c, old->uses[i], NULL, new))
			report(c, COMPAT_WIRE, COMPAT_NEW_READS_OLD, "use", old->c.where,
			       new->c.where, "%s: it does not use %s any more", subject,
			       old->uses[i]->c.name);
	for (size_t i = 0; i < new->use_count; i++)
		if (!is_used_by(c, NULL, new->uses[i], old))
			report(c, addition(c), 0, "use", old->c.where, new->c.where,
			       "%s: it uses %s now", subject, new->uses[i]->c.name);
	for (size_t i = 0; i < old->command_count; i++)
		table_add(&body.olds, old->commands[i].number, &old->commands[i].c,
			  &old->commands[i]);
	for (size_t i = 0; i < new->command_count; i++)
		table_add(&body.news, new->commands[i].number, &new->commands[i].c,
			  &new->commands[i]);
	compare_numbered(c, &body);
}

/* ---- declarations ---- */

static const struct common *common_of(const struct declaration *d)
{
	switch (d->kind) {
	case DECL_CONSTANT:
		return &d->constant->c;
	case DECL_ENUM:
		return &d->enumeration->c;
	case DECL_STRUCT:
		return &d->structure->c;
	case DECL_GROUP:
		return &d->group->c;
	default:
		return &d->interface->c;
	}
}

static const char *noun_of(const struct declaration *d)
{
	static const char *const nouns[] = { "const", "enum", "struct", "group", "interface" };

	return d->kind == DECL_ENUM && d->enumeration->is_flags ? "flags" : nouns[d->kind];
}

static void compare_constant(struct comparer *c, const char *subject, const struct constant *old,
			     const struct constant *new)
{
	struct location was = old->c.where, is = new->c.where;

	if (old->type.kind != new->type.kind)
		report(c, COMPAT_SOURCE, 0, "type", was, is, "%s: the type was %s, is %s", subject,
		       type_names[old->type.kind], type_names[new->type.kind]);
	else if (old->bits != new->bits)
		report(c, COMPAT_SOURCE, 0, "value", was, is, "%s: the value was %s, is %s",
		       subject, value_text(c, &old->type, old->bits),
		       value_text(c, &new->type, new->bits));
}

static void compare_declaration(struct comparer *c, const struct declaration *old,
				const struct declaration *new)
{
	const char *subject = common_of(new)->name;

	if (strcmp(noun_of(old), noun_of(new)) != 0) {
		/* Its users say what that is on the wire; an interface is opened by its name. */
		bool is_wire = old->kind == DECL_INTERFACE;

		report(c, is_wire ? COMPAT_WIRE : COMPAT_SOURCE, is_wire ? COMPAT_NEW_READS_OLD : 0,
		       "kind", common_of(old)->where, common_of(new)->where,
		       "%s: it was declared as %s, is as %s", subject, noun_of(old), noun_of(new));
		return;
	}
	switch (old->kind) {
	case DECL_CONSTANT:
		compare_constant(c, subject, old->constant, new->constant);
		break;
	case DECL_ENUM:
		compare_enumeration(c, subject, old->enumeration, new->enumeration);
		break;
	case DECL_STRUCT:
		compare_structure(c, subject, old->structure, new->structure);
		break;
	case DECL_GROUP:
		compare_group(c, subject, old->group, new->group);
		break;
	case DECL_INTERFACE:
		compare_interface(c, subject, old->interface, new->interface);
		break;
	}
}

static void symbol_is_gone(struct comparer *c, const struct symbol *old)
{
	const struct declaration *d = old->declaration;
	const struct common *common = common_of(d);

	if (old->other != NULL && strcmp(old->name, old->other->name) == 0)
		return;
	if (old->other != NULL && d->kind == DECL_INTERFACE)
		report(c, COMPAT_WIRE, COMPAT_BOTH, "name", common->where,
		       common_of(old->other->declaration)->where,
		       "%s: the interface was called '%s', and is opened by its name",
		       old->other->name, old->name);
	else if (old->other != NULL)
		report(c, COMPAT_SOURCE, 0, "name", common->where,
		       common_of(old->other->declaration)->where, "%s: the %s was called '%s'",
		       old->other->name, noun_of(d), old->name);
	else if (d->kind == DECL_INTERFACE)
		report(c, COMPAT_WIRE, COMPAT_NEW_READS_OLD, "removed", common->where,
		       c->pair->new->c.where, "%s: the interface is gone", old->name);
	else
		report(c, COMPAT_SOURCE, 0, "removed", common->where, c->pair->new->c.where,
		       "%s: the %s is gone", old->name, noun_of(d));
}

/* ---- libraries ---- */

static struct symbol *symbols_of(struct comparer *c, const struct library *library,
				 struct symbol **names)
{
	struct symbol *symbols = arena_array(c->arena, library->declaration_count, sizeof *symbols);

	for (size_t i = 0; i < library->declaration_count; i++) {
		struct symbol *symbol = &symbols[i];

		symbol->declaration = &library->declarations[i];
		symbol->name = common_of(symbol->declaration)->name;
		HASH_ADD_KEYPTR(hh, *names, symbol->name, strlen(symbol->name), symbol);
	}
	return symbols;
}

/* Interfaces of a new name and an old number: few, so a look at all of them will do. */
static void match_interfaces(struct pair *pair)
{
	struct symbol *by_id[128] = { NULL };

	for (size_t i = 0; i < pair->new->declaration_count; i++) {
		struct symbol *is = &pair->news[i];

		if (is->declaration->kind == DECL_INTERFACE && is->other == NULL)
			by_id[is->declaration->interface->id] = is;
	}
	for (size_t i = 0; i < pair->old->declaration_count; i++) {
		struct symbol *was = &pair->olds[i], *is;

		if (was->declaration->kind != DECL_INTERFACE || was->other != NULL)
			continue;
		is = by_id[was->declaration->interface->id];
		if (is != NULL && is->other == NULL) {
			was->other = is;
			is->other = was;
		}
	}
}

static void add_pair(struct comparer *c, const struct library *old, const struct library *new)
{
	struct pair *pair = arena_alloc(c->arena, sizeof *pair);

	pair->old = old;
	pair->new = new;
	pair->is_raised = new->version > old->version;
	pair->olds = symbols_of(c, old, &pair->old_names);
	pair->news = symbols_of(c, new, &pair->new_names);
	for (size_t i = 0; i < old->declaration_count; i++) {
		struct symbol *was = &pair->olds[i], *is = symbol_of(pair->new_names, was->name);

		if (is != NULL) {
			was->other = is;
			is->other = was;
		}
	}
	match_interfaces(pair);
	pair->next = c->pairs;
	c->pairs = pair;
	collect_library(c, old);
	collect_library(c, new);
}

static void compare_libraries(struct comparer *c)
{
	const struct library *old = c->pair->old, *new = c->pair->new;
	bool has_interfaces = false;

	for (size_t i = 0; i < old->declaration_count; i++) {
		const struct symbol *symbol = &c->pair->olds[i];
		bool is_interface = symbol->declaration->kind == DECL_INTERFACE;

		has_interfaces = has_interfaces || is_interface;
		/* Other renamings are found on the way, and wait in a list of their own. */
		if (symbol->other != NULL &&
		    (is_interface || strcmp(symbol->name, symbol->other->name) == 0))
			compare_declaration(c, symbol->declaration, symbol->other->declaration);
	}
	if (strcmp(old->c.name, new->c.name) != 0)
		report(c, has_interfaces ? COMPAT_WIRE : COMPAT_SOURCE,
		       has_interfaces ? COMPAT_BOTH : 0, "library", old->c.where, new->c.where,
		       "library %s: it was called %s%s", new->c.name, old->c.name,
		       has_interfaces ? ", and interfaces are opened by the whole name" : "");
	if (new->version < old->version)
		report(c, COMPAT_VERSION, 0, "version", old->c.where, new->c.where,
		       "library %s: the version was %" PRIu32 ", is %" PRIu32, new->c.name,
		       old->version, new->version);
}

/* When all renamings are known: what is left without a partner. */
static void compare_rest(struct comparer *c)
{
	for (size_t i = 0; i < c->pair->old->declaration_count; i++)
		symbol_is_gone(c, &c->pair->olds[i]);
	for (size_t i = 0; i < c->pair->new->declaration_count; i++) {
		const struct symbol *symbol = &c->pair->news[i];

		if (symbol->other == NULL)
			report(c, addition(c), 0, "added", c->pair->old->c.where,
			       common_of(symbol->declaration)->where, "%s: the %s is new",
			       symbol->name, noun_of(symbol->declaration));
	}
}

struct compat_change *compat_compare(struct arena *arena, const struct idl *old,
				     const struct idl *new)
{
	struct comparer c = { .arena = arena };

	c.next_change = &c.changes;
	c.next_renaming = &c.renamings;
	for (size_t i = 0; i < old->model->library_count; i++) {
		const struct library *was = old->model->libraries[i];

		if (was == old->model->library) {
			add_pair(&c, was, new->model->library);
			continue;
		}
		for (size_t k = 0; k < new->model->library_count; k++) {
			const struct library *is = new->model->libraries[k];

			if (is != new->model->library && strcmp(was->c.name, is->c.name) == 0)
				add_pair(&c, was, is);
		}
	}
	for (c.pair = c.pairs; c.pair != NULL; c.pair = c.pair->next)
		compare_libraries(&c);
	while (c.renamings != NULL) {
		const struct renaming *renaming = c.renamings;

		c.renamings = renaming->next;
		if (c.renamings == NULL)
			c.next_renaming = &c.renamings;
		c.pair = renaming->pair;
		compare_declaration(&c, renaming->old, renaming->new);
	}
	for (c.pair = c.pairs; c.pair != NULL; c.pair = c.pair->next) {
		compare_rest(&c);
		HASH_CLEAR(hh, c.pair->old_names);
		HASH_CLEAR(hh, c.pair->new_names);
	}
	HASH_CLEAR(hh, c.bodies);
	HASH_CLEAR(hh, c.verdicts);
	return c.changes;
}
