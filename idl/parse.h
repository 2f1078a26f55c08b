/*
 * What scanner, grammar and tree builder share while one file is parsed.  For them alone: everybody
 * else includes ast.h.
 *
 * The scanner makes tokens and, behind a syntax error, skips to where the grammar can go on.  The
 * grammar's actions call the constructors below, which build the tree and report what the grammar
 * lets through.  Whatever they make lives in the arena of the parse, also if the text around it
 * does not parse, so nothing is ever freed one by one.
 */
#ifndef LWL_IDL_PARSE_H
#define LWL_IDL_PARSE_H

#include "arena.h"
#include "ast.h"
#include "diag.h"

struct span {				/* byte offsets; a location whose source is known */
	uint32_t start, end;
};

struct lexer;				/* private to lexer.l */

struct parse {
	const struct source *source;
	struct arena *arena;
	struct diagnostics *diagnostics;
	struct lexer *lexer;
	uint32_t start;			/* of the text, behind a byte order mark */
	struct ast_file *file;
	struct ast_import **next_import;
	struct ast_declaration **next_declaration;
	bool library_seen;		/* also a broken one */
	bool content_seen;		/* an import or a declaration */
	uint32_t item_count;
	struct ast_tokens *tokens;	/* where all tokens go, too; NULL: nowhere */
};

/*
 * Fields, members and entries of `reserved` in one file: more than any schema has, and few enough that
 * a file made to be hostile takes little memory.
 */
enum { ITEM_LIMIT = 75000 };

/* No more items are taken in: the rest of the file is not read. */
static inline bool parse_is_full(const struct parse *parse)
{
	return parse->item_count > ITEM_LIMIT;
}

static inline struct location parse_location(const struct parse *parse, struct span span)
{
	return (struct location){ parse->source, span.start, span.end };
}

static inline struct span span_join(struct span first, struct span last)
{
	return (struct span){ first.start, last.end };
}

/* lexer.l */

/* Start at byte parse->start of the source's text.  Until lexer_close() the scanner writes in it. */
void lexer_open(struct parse *parse);
void lexer_close(struct parse *parse);

/* The braces that are open; 0 outside of all bodies. */
uint32_t lexer_depth(const struct parse *parse);

/* The innermost open brace; false if there is none. */
bool lexer_open_brace(const struct parse *parse, struct span *brace);

/*
 * The last token does not fit: skip to where the grammar can go on, and deliver "a new start"
 * there.
 */
void lexer_recover(struct parse *parse);

/* grammar.y */

/* Run the grammar over the whole text.  False: it gave up before the end. */
bool grammar_run(struct parse *parse);

/* ast.c: lists while they grow.  A list of all zeros is empty. */

struct words {				/* of a path, of a doc comment */
	struct word *first, *last;
};

struct values {
	struct ast_value *first, *last;
};

struct items {
	struct ast_item *first, *last;
};

enum note_kind { NOTE_SINCE, NOTE_DEPRECATED, NOTE_REPLAY_SAFE };

struct note {
	enum note_kind kind;
	struct location where;
	struct ast_value *since;
	struct ast_word why;
	struct note *next;
};

struct lead {				/* what stands in front of an item or a declaration */
	struct words docs;
	struct location docs_where;
	struct note *deprecated;
};

struct parts {				/* the body of a command */
	struct {
		struct items items;
		struct location where, end;	/* source NULL: not there */
	} request, response;
	bool is_broken;			/* part of the body was skipped */
};

struct words words_add(struct parse *parse, struct words words, const char *text);
struct values values_add(struct values values, struct ast_value *value);
struct items items_add(struct items items, struct ast_item *item);
struct items items_join(struct items items, struct items more);

struct ast_path path_new(struct parse *parse, struct words words, struct span where);

struct ast_value *value_integer(struct parse *parse, uint64_t integer, bool negative,
				struct span where);
struct ast_value *value_float(struct parse *parse, const char *text, bool negative,
			      struct span where);
struct ast_value *value_boolean(struct parse *parse, bool boolean, struct span where);
struct ast_value *value_name(struct parse *parse, struct ast_path path);
struct ast_value *value_set(struct parse *parse, struct values elements, struct span where);

struct ast_type *type_builtin(struct parse *parse, const char *name, struct span where);
struct ast_type *type_named(struct parse *parse, struct ast_path path);
struct ast_type *type_sized(struct parse *parse, enum ast_type_kind kind, struct ast_value *min,
			    struct ast_value *max, struct span where);
struct ast_type *type_link(struct parse *parse, struct ast_path path, struct span where);
struct ast_type *type_union(struct parse *parse, struct items members, struct span brace,
			    struct span where);
struct ast_type *type_shaped(struct parse *parse, struct ast_type *type, enum type_shape shape,
			     struct ast_value *count, struct ast_value *bytes, struct span end);
struct ast_type *type_optional(struct parse *parse, struct ast_type *type, struct span mark);

struct note *note_since(struct parse *parse, struct ast_value *version, struct span where);
struct note *note_deprecated(struct parse *parse, struct ast_word why, struct span where);
struct note *note_replay_safe(struct parse *parse, struct span where);
/* In front: a list of notes is the last one first, until the thing is made that it belongs to. */
struct note *note_add(struct note *notes, struct note *note);
struct lead *lead_new(struct parse *parse, struct words docs, struct span docs_where,
		      struct note *deprecated);
/* A doc comment that nothing follows. */
void docs_stray(struct parse *parse, struct span where);

struct ast_item *item_field(struct parse *parse, const struct lead *lead, struct ast_value *number,
			    struct ast_type *type, struct ast_word name, struct ast_value *value,
			    struct note *notes, struct span where);
struct ast_item *item_member(struct parse *parse, const struct lead *lead, struct ast_type *type,
			     struct ast_word name, struct note *notes, struct span where);
struct ast_item *item_enumerator(struct parse *parse, const struct lead *lead, struct ast_word name,
				 struct ast_value *value, struct note *notes,
				 struct span where);
struct ast_item *item_reserved(struct parse *parse, struct ast_value *first, struct ast_value *last,
			       const char *name, struct span where);
struct ast_item *item_command(struct parse *parse, const struct lead *lead, struct ast_word name,
			      struct ast_value *number, struct note *notes,
			      const struct parts *parts, struct span brace, struct span where);
struct ast_item *item_oneway(struct parse *parse, const struct lead *lead, struct ast_word name,
			     struct ast_value *number, struct note *notes,
			     struct items items, struct span brace, struct span where);
struct ast_item *item_use(struct parse *parse, const struct lead *lead, struct ast_path path,
			  struct span where);
/* A `reserved` line takes nothing in front of it. */
struct items items_reserved(struct parse *parse, const struct lead *lead, struct items things);

struct parts *parts_new(struct parse *parse);
struct parts *parts_request(struct parse *parse, struct parts *parts, const struct lead *lead,
			    struct items items, struct span brace, struct span where);
struct parts *parts_response(struct parse *parse, struct parts *parts, const struct lead *lead,
			     struct items items, struct span brace, struct span where);
struct parts *parts_broken(struct parts *parts);

/* Declarations and the rest of what stands at the top of a file; each puts itself into the file. */

void file_library_starts(struct parse *parse);
void file_library(struct parse *parse, const struct lead *lead, struct ast_path name,
		  struct ast_value *version, struct span where);
void file_import(struct parse *parse, const struct lead *lead, struct ast_word path);
void file_const(struct parse *parse, const struct lead *lead, struct ast_type *type,
		struct ast_word name, struct note *notes, struct ast_value *value);
void file_enum(struct parse *parse, const struct lead *lead, bool is_flexible, struct ast_word name,
	       struct note *notes, struct ast_type *type, struct items items,
	       struct span brace);
void file_flags(struct parse *parse, const struct lead *lead, bool is_flexible,
		struct ast_word name, struct note *notes, struct ast_type *type,
		struct items items, struct span brace);
void file_struct(struct parse *parse, const struct lead *lead, struct ast_word name,
		 struct note *notes, struct items members, struct span brace);
void file_group(struct parse *parse, const struct lead *lead, struct ast_word name,
		struct note *notes, struct items items, struct span brace);
void file_interface(struct parse *parse, const struct lead *lead, struct ast_word name,
		    struct note *notes, struct ast_value *id, struct items items,
		    struct span brace);

/* A ';' that ends nothing. */
void stray_semicolon(struct parse *parse, struct span where);

#endif
