/*
 * Syntax trees in, checked model out.  This header is what the files check*.c and values.c share
 * with each other and with idl.c, which loads the files; nobody else includes it.
 *
 * The order of work: names of every library (check.c); then, one library after the other, imports
 * first, its constants (values.c), enums and structs (check_types.c), fields of its groups and
 * messages (check_fields.c), interfaces (check_interfaces.c); at last, over the whole program,
 * recursion and sizes (check_sizes.c).
 *
 * One mistake makes one report: what could not be understood is marked broken or left out of the
 * model, and whatever depends on it keeps silent.
 */
#ifndef LWL_IDL_CHECK_H
#define LWL_IDL_CHECK_H

#include <uthash.h>

#include "ast.h"
#include "diag.h"
#include "graph.h"
#include "model.h"

struct arena;
struct unit;

enum symbol_state { SYMBOL_NEW, SYMBOL_BUSY, SYMBOL_READY, SYMBOL_BROKEN };

/* An enumeration and an index of its members by name. */
struct checked_enum {
	struct enumeration enumeration;
	const struct enum_member **by_name;	/* sorted */
	size_t by_name_count;
	bool is_incomplete;		/* a member was left out, after a report about it */
};

/* `group` comes first, so that a pointer to it is one to this. */
struct checked_group {
	struct group group;
	const struct ast_item *items;
	uint32_t index;			/* in checker.groups */
	bool is_incomplete;		/* a field was left out, after a report about it */
};

/* `interface` comes first, so that a pointer to it is one to this. */
struct checked_interface {
	struct interface interface;
	struct command_name **names;	/* of its commands */
	const struct ast_item **use_items;	/* where interface.uses were named */
	const struct ast_item *used_at;	/* scratch of check_uses(): by the interface `user` */
	const struct interface *user;
	bool is_broken;			/* its closure could not be worked out */
};

/* All commands of one name in the program, and the last one that a closure was found to hold. */
struct command_name {
	const char *text;
	const struct interface *holder;	/* of the closure */
	const struct command *command;
	UT_hash_handle hh;
};

struct symbol {
	const char *name;
	struct unit *unit;
	const struct ast_declaration *ast;
	enum symbol_state state;	/* of constants, enums and structs; others never break */
	uint32_t index;			/* among the structs, or the interfaces, of its library */
	union {
		struct constant *constant;
		struct checked_enum *enumeration;
		struct structure *structure;
		struct checked_group *group;
		struct checked_interface *interface;
	};
	UT_hash_handle hh;
};

/* By what a library calls another one that it imports: "cache", "lwlink.cache". */
struct qualifier {
	const char *text;
	struct unit *unit;
	UT_hash_handle hh;
};

/* One file. */
struct unit {
	struct source source;
	const struct ast_file *ast;
	struct unit **imports;		/* those that could be read */
	size_t import_count;
	bool has_lost_imports;
	struct library *library;
	struct symbol *symbols;		/* in the order of the source, without duplicates */
	size_t symbol_count;
	struct symbol *scope;		/* hash of the same */
	struct qualifier *qualifiers;
};

struct scratch {
	void *memory;
	size_t size;
};

struct checker {
	struct arena *arena;
	struct diagnostics *diagnostics;
	struct unit *const *units;	/* an import before its importer */
	size_t unit_count;
	struct checked_group **groups;	/* of the program: declared ones, unions, messages */
	size_t group_count, group_room;
	struct command_name *command_names;	/* hash */
	struct scratch names, numbers, ranges;	/* reused, so that a large schema needs them once */
	uint64_t suggestion_budget;	/* what may still be spent on "did you mean" */
};

/*
 * Check all files of a program; `units` has imports before importers, and the named file last.  The
 * model is complete only if no error was reported.
 */
const struct model *check_program(struct arena *arena, struct diagnostics *diagnostics,
				  struct unit *const *units, size_t unit_count);

/* check.c: names, and what is common to all bodies */

/* Room for an array; what an earlier call returned for the same scratch is lost. */
void *check_scratch(struct scratch *scratch, size_t count, size_t size);

/* Reports are not printed without end; past the limit there is no point in costly explanations. */
bool check_is_worth_explaining(const struct checker *c);

/* The symbol that `path` names, of whatever kind; NULL if there is none.  Reports nothing. */
struct symbol *check_find(struct unit *unit, const struct ast_path *path);

/*
 * The symbol that `path` names.  If there is none, or its kind is not among `wanted` (bits, 1 <<
 * kind of a declaration): reports it and returns NULL.  `noun` says what was wanted: "type".
 */
struct symbol *check_lookup(struct checker *c, struct unit *unit, const struct ast_path *path,
			    unsigned wanted, const char *noun);

/* The one of `count` names that is most like `name`, or NULL if none is like it. */
const char *check_suggest(struct checker *c, const char *name,
			  const char *(*nth)(const void *names, size_t i), const void *names,
			  size_t count);

struct common check_common(struct checker *c, const struct unit *unit, struct ast_word name,
			   const struct ast_notes *notes);

/* A number that an item has, as a key that compares like the number does. */
struct used_number {
	uint64_t key;
	const struct ast_item *item;
	struct location where;
};

/* How the numbers of one kind of body are called and which there are. */
struct number_rules {
	const char *noun;		/* "item number" */
	enum diag_number duplicate;	/* the report of one that is used twice */
	bool is_signed;
	uint64_t min, max;		/* keys */
	bool has_next_free;		/* small numbers, of which another may be proposed */
};

/* A number as a key: ascending keys are ascending numbers.  False if 64 bits do not hold it. */
bool check_number_key(bool negative, uint64_t magnitude, bool is_signed, uint64_t *key);

/* Names in a body, those of its `reserved` lines included.  `noun`: "field". */
void check_names(struct checker *c, const struct ast_item *items, const char *noun);

/* Numbers in a body against each other and against its `reserved` lines; sorts `used` by key. */
void check_numbers(struct checker *c, const struct ast_item *items,
		   const struct number_rules *rules, struct used_number *used, size_t used_count);

/* Notes that tell the edges of a cycle: "A contains B". */
void check_cycle_notes(struct checker *c, struct diag *report, const struct graph *graph,
		       uint32_t node, const char *verb);

/* values.c */

enum value_kind { VALUE_BOOLEAN, VALUE_INTEGER, VALUE_FLOAT };

struct value {
	enum value_kind kind;
	bool negative;			/* INTEGER, FLOAT */
	uint64_t magnitude;		/* INTEGER; BOOLEAN: 0 or 1 */
	double real;			/* FLOAT: of a constant, or of the literal `text` */
	const char *text;		/* FLOAT: a literal's digits, or NULL */
};

/* A literal, or a constant by its name; false if it was reported, or depends on what was. */
bool value_read(struct checker *c, struct unit *unit, const struct ast_value *ast,
		struct value *value);

/* The bits of `value` as a scalar of `kind`; reports what does not fit. */
bool value_fit(struct checker *c, const struct ast_value *ast, const struct value *value,
	       enum type_kind kind, uint64_t *bits);

/* A bound: an integer in min..max.  `noun`: "a string's length". */
bool value_bound(struct checker *c, struct unit *unit, const struct ast_value *ast,
		 const char *noun, uint32_t min, uint32_t max, uint32_t *bound);

/* The default of a field of type `type`: a scalar, an enum or flags. */
bool value_default(struct checker *c, struct unit *unit, const struct type *type,
		   const struct ast_value *ast, uint64_t *bits);

bool value_is_signed(enum type_kind kind);
const char *value_type_name(enum type_kind kind);

void check_constants(struct checker *c, struct unit *unit);

/* check_types.c */

void check_enums(struct checker *c, struct unit *unit);
void check_structures(struct checker *c, struct unit *unit);

/* Whether a type is one of those that structs and arrays are made of. */
bool check_is_plain(enum type_kind kind);

/*
 * What a type names, its string bounds and its shape's, into `type`; not yet size and alignment, as
 * structs may still be without.  `symbol`: the declaration that it names, or NULL.
 */
bool check_type(struct checker *c, struct unit *unit, const struct ast_type *ast,
		struct type *type, struct symbol **symbol);

/* check_fields.c */

/* A new group of the program; its fields are worked out by check_fields(). */
struct checked_group *check_add_group(struct checker *c, const struct unit *unit,
				      const struct ast_item *items);
/* The fields of all groups from number `first` on, and of the unions in them. */
void check_fields(struct checker *c, struct unit *unit, size_t first);

/* check_interfaces.c */

/* Commands with their messages as new groups; to be done before check_fields(). */
void check_commands(struct checker *c, struct unit *unit);
void check_uses(struct checker *c, struct unit *unit);

/* check_sizes.c: recursion, order, sizes of the whole program */

void check_sizes(struct checker *c);

#endif
