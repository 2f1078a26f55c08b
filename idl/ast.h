/*
 * The syntax tree of one source file: what the grammar saw, before anything is checked.
 *
 * Every node lives in the arena of the parse and is never freed alone.  Lists are singly linked
 * through `next` in the order of the source.  Strings are NUL-terminated copies; a string's length
 * is its strlen, because the scanner lets no NUL byte through.
 */
#ifndef LWL_IDL_AST_H
#define LWL_IDL_AST_H

#include "model.h"

struct diagnostics;
struct arena;

struct ast_word {			/* a name, or a number's or string's text where it stands */
	const char *text;
	struct location where;
};

struct ast_path {			/* Node, cache.Object, lwlink.cache.Object */
	const char *qualifier;		/* "cache", "lwlink.cache"; NULL: none */
	const char *name;		/* the last word */
	struct location where;
};

enum ast_value_kind { AST_INTEGER, AST_FLOAT, AST_BOOLEAN, AST_NAME, AST_SET };

struct ast_value {
	enum ast_value_kind kind;
	bool negative;			/* INTEGER, FLOAT: written with a minus sign */
	struct location where;
	union {
		uint64_t integer;	/* INTEGER: magnitude; BOOLEAN: 0 or 1 */
		const char *text;	/* FLOAT: digits, without the sign, for strtod */
		struct ast_path path;	/* NAME */
		struct ast_value *elements;	/* SET: names */
	};
	struct ast_value *next;		/* in a set */
};

/* `since 2`, `deprecated "why"`, `replay safe`, and the doc comment before */
struct ast_notes {
	const char *doc;		/* NULL: none; what is behind `///` and a space */
	struct ast_word deprecated;	/* text NULL: not */
	struct ast_value *since;	/* NULL: not; an INTEGER */
	struct location replay_safe;	/* source NULL: not */
};

enum ast_type_kind { AST_BUILTIN, AST_NAMED, AST_STRING, AST_BYTES, AST_LINK, AST_UNION };

struct ast_type {
	enum ast_type_kind kind;
	enum type_kind builtin;		/* BUILTIN: TYPE_BOOL .. TYPE_F64 */
	enum type_shape shape;
	struct location where;		/* the whole type */
	union {
		struct ast_path path;	/* NAMED; LINK: the interface, name NULL for a bare link */
		struct {		/* STRING, BYTES: string<min..max>; min NULL: not given */
			struct ast_value *min, *max;
		};
		struct {		/* UNION */
			struct ast_item *members;
			struct location end;	/* the closing brace */
		};
	};
	struct ast_value *count;	/* ARRAY, LIST */
	struct ast_value *list_bytes;	/* LIST: `in B`; NULL: not given */
	struct location optional;	/* the `?`; source NULL: none */
};

/* What stands in a body that has numbers or names: groups, unions, structs, enums, interfaces. */
enum ast_item_kind {
	AST_FIELD,			/* 1: Type name = default;      groups, unions, messages */
	AST_MEMBER,			/* Type name;                   structs (number NULL) */
	AST_ENUMERATOR,			/* NAME = value;                enums, flags */
	AST_RESERVED,			/* one number, one range or one name of a `reserved` line */
	AST_COMMAND, AST_ONEWAY, AST_USE	/* interfaces */
};

struct ast_item {
	enum ast_item_kind kind;
	struct location where;		/* the whole item */
	struct ast_word name;		/* not of USE; RESERVED: the name, text NULL if a number */
	struct ast_value *number;	/* FIELD, COMMAND, ONEWAY: INTEGER; ENUMERATOR: the value;
					   RESERVED: the (first) number */
	struct ast_notes notes;
	struct ast_item *next;
	union {				/* by kind: a large schema has many items */
		struct {		/* FIELD, MEMBER */
			struct ast_type *type;
			struct ast_value *value;	/* FIELD: the default; NULL: none */
		};
		struct ast_value *last;	/* RESERVED: end of the range, included; NULL: one number */
		struct {		/* COMMAND, ONEWAY */
			struct ast_item *request;	/* the items of the message */
			struct ast_item *response;	/* COMMAND */
			struct location request_end, response_end;	/* the closing braces */
		};
		struct ast_path path;	/* USE */
	};
};

enum ast_declaration_kind { AST_CONST, AST_ENUM, AST_FLAGS, AST_STRUCT, AST_GROUP, AST_INTERFACE };

struct ast_declaration {
	enum ast_declaration_kind kind;
	struct ast_word name;
	struct ast_notes notes;
	bool flexible;			/* ENUM, FLAGS */
	struct ast_type *type;		/* CONST: its type; ENUM, FLAGS: the underlying one */
	struct ast_value *value;	/* CONST; INTERFACE: the id */
	struct ast_item *items;
	struct location end;		/* the closing brace */
	struct ast_declaration *next;
};

struct ast_import {
	struct ast_word path;		/* the text between the quotes */
	struct ast_import *next;
};

struct ast_file {
	struct ast_word library;	/* text NULL: the library line is missing or broken */
	struct ast_value *version;
	struct ast_notes notes;
	struct ast_import *imports;
	struct ast_declaration *declarations;
	/*
	 * Something in the file did not parse, so a name that cannot be found may stand in the part
	 * that was lost: check.c then keeps silent about undefined names.
	 */
	bool incomplete;
};

/*
 * Parse the text of `source` (see diag.h).  Always returns a file, of what could be understood;
 * errors go to `diagnostics`.  Recovers at ';' and '}', so that one run tells of every mistake.
 */
struct ast_file *ast_parse(const struct source *source, struct arena *arena,
			   struct diagnostics *diagnostics);

/*
 * The tokens of a text as they stand, doc comments included.  Between two of them, and around them,
 * are only blanks, line ends and ordinary comments.
 */
struct ast_token {
	uint32_t start, end;		/* byte offsets, `end` exclusive */
};

struct ast_tokens {
	struct ast_token *tokens;	/* in the arena of the parse */
	size_t count, room;
};

/* As ast_parse(), and fills in `tokens`; without a report they are all that the text holds. */
struct ast_file *ast_parse_tokens(const struct source *source, struct arena *arena,
				  struct diagnostics *diagnostics, struct ast_tokens *tokens);

#endif
