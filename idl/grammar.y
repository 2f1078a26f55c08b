/*
 * The grammar of schemas.  Actions call one constructor each (parse.h) and decide nothing.
 *
 * There is no %destructor: every semantic value lives in the arena of the parse and goes with it,
 * also when the parser throws it away.
 *
 * Errors.  Each list has one production for an element that does not parse: `error "a new start"`.
 * Behind an error the scanner skips what belongs to the broken element, balanced braces included,
 * and then delivers the token "a new start", which no text holds.  So the parser is back in step
 * after one token, and the next error is one of its own.
 */
%require "3.8"
%define api.pure full
%define api.prefix {idl_}
%define api.token.prefix {T_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%param { struct parse *parse }

%code requires {
#include "parse.h"
}

%code {
#include <string.h>

#include "grammar.h"

/* A rule without symbols is a point behind what came before it; an empty symbol has no say. */
#define YYLLOC_DEFAULT(result, right, count)						\
	do {										\
		int first_ = 1;								\
											\
		while (first_ < (count) &&						\
		       YYRHSLOC(right, first_).start == YYRHSLOC(right, first_).end)	\
			first_++;							\
		(result).start = (count) > 0 ? YYRHSLOC(right, first_).start		\
					     : YYRHSLOC(right, 0).end;			\
		(result).end = YYRHSLOC(right, (count)).end;				\
	} while (0)

/*
 * Nothing that the scanner lets through nests as deep as the parser's stack, which this bounds, and
 * yyerror() below says so if that should change.
 */
#define YYMAXDEPTH 4000

static struct ast_word word_at(const struct parse *parse, const char *text, struct span where)
{
	return (struct ast_word){ text, parse_location(parse, where) };
}

static void idl_error(const struct span *where, struct parse *parse, const char *text);
int idl_lex(IDL_STYPE *value, struct span *where, struct parse *parse);
}

%union {
	const char *text;
	uint64_t number;
	bool flag;
	struct words words;
	struct values values;
	struct items items;
	struct ast_path path;
	struct ast_value *value;
	struct ast_type *type;
	struct ast_item *item;
	struct note *note;
	struct lead *lead;
	struct parts *parts;
}

%token		END 0		"end of file"
%token <text>	IDENTIFIER	"a name"
%token <number>	INTEGER		"a number"
%token <text>	FLOAT		"a number with a point"
%token <text>	TEXT		"a string"
%token <text>	DOC		"a doc comment"
%token		BAD		"a broken token"
%token		START		"a new start"

%token		OPEN		"{"
%token		CLOSE		"}"
%token		LEFT		"["
%token		COMMA		","
%token		RIGHT		"]"
%token		LESS		"<"
%token		GREATER		">"
%token		EQUALS		"="
%token		COLON		":"
%token		SEMICOLON	";"
%token		DOT		"."
%token		RANGE		".."
%token		QUESTION	"?"
%token		MINUS		"-"

/* Reserved words.  The first and the last one bound a range that the error messages use. */
%token <text>	LIBRARY		"library"
%token <text>	IMPORT		"import"
%token <text>	CONST		"const"
%token <text>	ENUM		"enum"
%token <text>	FLEXIBLE	"flexible"
%token <text>	FLAGS		"flags"
%token <text>	STRUCT		"struct"
%token <text>	GROUP		"group"
%token <text>	INTERFACE	"interface"
%token <text>	COMMAND		"command"
%token <text>	ONEWAY		"oneway"
%token <text>	REQUEST		"request"
%token <text>	RESPONSE	"response"
%token <text>	USE		"use"
%token <text>	RESERVED	"reserved"
%token <text>	DEPRECATED	"deprecated"
%token <text>	IN		"in"
%token <text>	TRUE		"true"
%token <text>	FALSE		"false"
%token <text>	UNION		"union"
%token <text>	BUILTIN		"a scalar type"
%token <text>	STRING		"string"
%token <text>	BYTES		"bytes"
%token <text>	LINK		"link"

/* Words with a meaning of their own in one place, names everywhere else. */
%token <text>	VERSION		"version"
%token <text>	ID		"id"
%token <text>	SINCE		"since"
%token <text>	REPLAY		"replay"
%token <text>	SAFE		"safe"

%type <text>	word name type_word reserved_word
%type <flag>	flexible
%type <words>	docs words path_words
%type <values>	names
%type <items>	items members enumerators body reserved things
%type <item>	item member enumerator command thing
%type <path>	path
%type <value>	integer signed bound value default
%type <type>	type shaped_type plain_type union scalar_type
%type <note>	notes note deprecated
%type <lead>	lead
%type <parts>	parts

%%

file:
	tops
|	tops docs			{ docs_stray(parse, @2); }
;

tops:
	%empty
|	tops top
|	tops error "a new start"	{ yyerrok; }
|	tops ";"			{ stray_semicolon(parse, @2); }
;

top:
	lead library words "version" integer ";"
		{ file_library(parse, $1, path_new(parse, $3, @3), $5, span_join(@2, @6)); }
|	lead "import" "a string" ";"
		{ file_import(parse, $1, word_at(parse, $3, @3)); }
|	lead "const" scalar_type name notes "=" value ";"
		{ file_const(parse, $1, $3, word_at(parse, $4, @4), $5, $7); }
|	lead flexible "enum" name notes ":" scalar_type "{" enumerators close
		{ file_enum(parse, $1, $2, word_at(parse, $4, @4), $5, $7, $9, @10); }
|	lead flexible "flags" name notes ":" scalar_type "{" enumerators close
		{ file_flags(parse, $1, $2, word_at(parse, $4, @4), $5, $7, $9, @10); }
|	lead "struct" name notes "{" members close
		{ file_struct(parse, $1, word_at(parse, $3, @3), $4, $6, @7); }
|	lead "group" name notes "{" items close
		{ file_group(parse, $1, word_at(parse, $3, @3), $4, $6, @7); }
|	lead "interface" name notes "id" integer "{" body close
		{ file_interface(parse, $1, word_at(parse, $3, @3), $4, $6, $8, @9); }
;

/* Said before the rest of the line is read: a broken library line is not a missing one. */
library:
	"library"			{ file_library_starts(parse); }
;

flexible:
	%empty				{ $$ = false; }
|	"flexible"			{ $$ = true; }
;

/* The end of a body.  A doc comment in front of it documents nothing. */
close:
	"}"
|	docs "}"			{ docs_stray(parse, @1); @$ = @2; }
;

/* What stands in front of an element. */
lead:
	%empty				{ $$ = NULL; }
|	docs				{ $$ = lead_new(parse, $1, @1, NULL); }
|	docs deprecated			{ $$ = lead_new(parse, $1, @1, $2); }
|	deprecated			{ $$ = lead_new(parse, (struct words){ 0 }, @1, $1); }
;

docs:
	"a doc comment"			{ $$ = words_add(parse, (struct words){ 0 }, $1); }
|	docs "a doc comment"		{ $$ = words_add(parse, $1, $2); }
;

deprecated:
	"deprecated" "a string"	{ $$ = note_deprecated(parse, word_at(parse, $2, @2), @$); }
;

notes:
	%empty				{ $$ = NULL; }
|	notes note			{ $$ = note_add($1, $2); }
;

note:
	"since" integer			{ $$ = note_since(parse, $2, @$); }
|	deprecated
|	"replay" "safe"			{ $$ = note_replay_safe(parse, @$); }
;

/* Groups, unions and messages */

items:
	%empty				{ $$ = (struct items){ 0 }; }
|	items item			{ $$ = items_add($1, $2); }
|	items reserved			{ $$ = items_join($1, $2); }
|	items error "a new start"	{ $$ = $1; yyerrok; }
;

item:
	lead integer ":" type word default notes ";"
		{ $$ = item_field(parse, $1, $2, $4, word_at(parse, $5, @5), $6, $7,
				  span_join(@2, @8)); }
;

default:
	%empty				{ $$ = NULL; }
|	"=" value			{ $$ = $2; }
;

reserved:
	lead "reserved" things ";"	{ $$ = items_reserved(parse, $1, $3); }
;

things:
	thing				{ $$ = items_add((struct items){ 0 }, $1); }
|	things "," thing		{ $$ = items_add($1, $3); }
;

thing:
	integer				{ $$ = item_reserved(parse, $1, NULL, NULL, @$); }
|	integer ".." integer		{ $$ = item_reserved(parse, $1, $3, NULL, @$); }
|	"a string"			{ $$ = item_reserved(parse, NULL, NULL, $1, @$); }
;

/* Structs, enums, flags */

members:
	%empty				{ $$ = (struct items){ 0 }; }
|	members member			{ $$ = items_add($1, $2); }
|	members error "a new start"	{ $$ = $1; yyerrok; }
;

member:
	lead type word notes ";"
		{ $$ = item_member(parse, $1, $2, word_at(parse, $3, @3), $4, span_join(@2, @5)); }
;

enumerators:
	%empty				{ $$ = (struct items){ 0 }; }
|	enumerators enumerator		{ $$ = items_add($1, $2); }
|	enumerators reserved		{ $$ = items_join($1, $2); }
|	enumerators error "a new start"	{ $$ = $1; yyerrok; }
;

enumerator:
	lead name "=" signed notes ";"
		{ $$ = item_enumerator(parse, $1, word_at(parse, $2, @2), $4, $5,
				       span_join(@2, @6)); }
;

/* Interfaces */

body:
	%empty				{ $$ = (struct items){ 0 }; }
|	body command			{ $$ = items_add($1, $2); }
|	body reserved			{ $$ = items_join($1, $2); }
|	body error "a new start"	{ $$ = $1; yyerrok; }
|	body ";"			{ $$ = $1; stray_semicolon(parse, @2); }
;

command:
	lead "command" word "=" integer notes "{" parts close
		{ $$ = item_command(parse, $1, word_at(parse, $3, @3), $5, $6, $8, @9,
				    span_join(@2, @9)); }
|	lead "oneway" word "=" integer notes "{" items close
		{ $$ = item_oneway(parse, $1, word_at(parse, $3, @3), $5, $6, $8, @9,
				   span_join(@2, @9)); }
|	lead "use" path ";"
		{ $$ = item_use(parse, $1, $3, span_join(@2, @4)); }
;

parts:
	%empty				{ $$ = parts_new(parse); }
|	parts lead "request" "{" items close
		{ $$ = parts_request(parse, $1, $2, $5, @6, span_join(@3, @6)); }
|	parts lead "response" "{" items close
		{ $$ = parts_response(parse, $1, $2, $5, @6, span_join(@3, @6)); }
|	parts error "a new start"	{ $$ = parts_broken($1); yyerrok; }
|	parts ";"			{ $$ = $1; stray_semicolon(parse, @2); }
;

/* Types */

type:
	shaped_type
|	shaped_type "?"			{ $$ = type_optional(parse, $1, @2); }
;

shaped_type:
	plain_type
|	plain_type "[" bound "]"
		{ $$ = type_shaped(parse, $1, SHAPE_ARRAY, $3, NULL, @4); }
|	plain_type "[" ".." bound "]"
		{ $$ = type_shaped(parse, $1, SHAPE_LIST, $4, NULL, @5); }
|	plain_type "[" ".." bound "in" bound "]"
		{ $$ = type_shaped(parse, $1, SHAPE_LIST, $4, $6, @7); }
;

plain_type:
	scalar_type
|	"string" "<" bound ">"
		{ $$ = type_sized(parse, AST_STRING, NULL, $3, @$); }
|	"string" "<" bound ".." bound ">"
		{ $$ = type_sized(parse, AST_STRING, $3, $5, @$); }
|	"bytes" "<" bound ">"
		{ $$ = type_sized(parse, AST_BYTES, NULL, $3, @$); }
|	"bytes" "<" bound ".." bound ">"
		{ $$ = type_sized(parse, AST_BYTES, $3, $5, @$); }
|	"link"
		{ $$ = type_link(parse, (struct ast_path){ 0 }, @$); }
|	"link" "<" path ">"
		{ $$ = type_link(parse, $3, @$); }
|	union
|	union docs			{ $$ = $1; docs_stray(parse, @2); }
;

/*
 * A symbol of its own, so that the parser leaves the body with its '}', whatever follows: like the
 * scanner, which counts braces.  Otherwise it would take an error behind the '}' for one inside.
 */
union:
	"union" "{" items close
		{ $$ = type_union(parse, $3, @4, @$); }
;

scalar_type:
	"a scalar type"			{ $$ = type_builtin(parse, $1, @$); }
|	path				{ $$ = type_named(parse, $1); }
;

bound:
	integer
|	path				{ $$ = value_name(parse, $1); }
;

/* Values */

integer:
	"a number"			{ $$ = value_integer(parse, $1, false, @$); }
;

signed:
	bound
|	"-" "a number"			{ $$ = value_integer(parse, $2, true, @$); }
;

value:
	signed
|	"a number with a point"		{ $$ = value_float(parse, $1, false, @$); }
|	"-" "a number with a point"	{ $$ = value_float(parse, $2, true, @$); }
|	"true"				{ $$ = value_boolean(parse, true, @$); }
|	"false"				{ $$ = value_boolean(parse, false, @$); }
|	"[" "]"				{ $$ = value_set(parse, (struct values){ 0 }, @$); }
|	"[" names "]"			{ $$ = value_set(parse, $2, @$); }
;

names:
	path
		{ $$ = values_add((struct values){ 0 }, value_name(parse, $1)); }
|	names "," path
		{ $$ = values_add($1, value_name(parse, $3)); }
;

/* Names */

path:
	path_words			{ $$ = path_new(parse, $1, @$); }
;

/* The first word may be a library's last component, which may be the name of a type: link.Error. */
path_words:
	name				{ $$ = words_add(parse, (struct words){ 0 }, $1); }
|	type_word "." word
		{ $$ = words_add(parse, words_add(parse, (struct words){ 0 }, $1), $3); }
|	path_words "." word		{ $$ = words_add(parse, $1, $3); }
;

words:
	word				{ $$ = words_add(parse, (struct words){ 0 }, $1); }
|	words "." word			{ $$ = words_add(parse, $1, $3); }
;

name:
	"a name" | "version" | "id" | "since" | "replay" | "safe"
;

word:
	name | reserved_word | type_word
;

type_word:
	"a scalar type" | "string" | "bytes" | "link"
;

reserved_word:
	"library" | "import" | "const" | "enum" | "flexible" | "flags" | "struct" | "group"
|	"interface" | "command" | "oneway" | "request" | "response" | "use" | "reserved"
|	"deprecated" | "in" | "true" | "false" | "union"
;

%%

/* The parser calls it for one reason: its stack is full. */
static void idl_error(const struct span *where, struct parse *parse, const char *text)
{
	(void)text;
	diag_error(parse->diagnostics, DIAG_NESTING, parse_location(parse, *where),
		   "nested too deeply to be read");
}

bool grammar_run(struct parse *parse)
{
	return idl_parse(parse) == 0;
}

/* What an error message shows of a symbol: "'group'", "a name". */
static const char *shown(const struct parse *parse, yysymbol_kind_t kind)
{
	const char *text = yysymbol_name(kind);

	switch (kind) {
	case YYSYMBOL_YYEOF:
	case YYSYMBOL_IDENTIFIER:
	case YYSYMBOL_INTEGER:
	case YYSYMBOL_FLOAT:
	case YYSYMBOL_TEXT:
	case YYSYMBOL_BUILTIN:
		return text;
	default:
		return arena_printf(parse->arena, "'%s'", text);
	}
}

enum { SHOWN_TOKEN = 40 };		/* bytes of the text of a token that does not fit */

static const char *shown_token(const struct parse *parse, yysymbol_kind_t kind, struct span where)
{
	const char *text = parse->source->text + where.start;
	uint32_t length = where.end - where.start;

	if (kind == YYSYMBOL_YYEOF || kind == YYSYMBOL_DOC)
		return yysymbol_name(kind);
	if (length <= SHOWN_TOKEN)
		return arena_printf(parse->arena, "'%.*s'", (int)length, text);
	for (length = SHOWN_TOKEN; ((unsigned char)text[length] & 0xc0) == 0x80; )
		length--;
	return arena_printf(parse->arena, "'%.*s...'", (int)length, text);
}

/*
 * What the parser expects, put in words: for a set of tokens that make up one notion, the notion;
 * nothing that may be left out when something else may not.
 */
struct expected {
	bool token[YYNTOKENS];
	const char *notion;		/* instead of tokens; NULL: none */
};

static void drop(struct expected *expected, int first, int last)
{
	for (int kind = first; kind <= last; kind++)
		expected->token[kind] = false;
}

static void simplify(const struct parse *parse, struct expected *expected)
{
	bool *token = expected->token;
	bool is_value = token[YYSYMBOL_TRUE], is_type = token[YYSYMBOL_UNION];

	/* What may also follow wherever it may follow. */
	token[YYSYMBOL_DOC] = token[YYSYMBOL_BAD] = token[YYSYMBOL_START] = false;
	token[YYSYMBOL_DOT] = false;
	if (token[YYSYMBOL_IMPORT] && token[YYSYMBOL_IN]) {
		expected->notion = "a name";
		drop(expected, YYSYMBOL_LIBRARY, YYSYMBOL_SAFE);
		token[YYSYMBOL_IDENTIFIER] = false;
		token[YYSYMBOL_LEFT] = token[YYSYMBOL_QUESTION] = token[YYSYMBOL_LESS] = false;
		return;
	}
	token[YYSYMBOL_DEPRECATED] = false;
	if (token[YYSYMBOL_IMPORT]) {
		expected->notion = parse->library_seen ? "a declaration" : "'library'";
		drop(expected, YYSYMBOL_LIBRARY, YYSYMBOL_INTERFACE);
		token[YYSYMBOL_SEMICOLON] = token[YYSYMBOL_YYEOF] = false;
	} else if (token[YYSYMBOL_BUILTIN]) {
		expected->notion = is_type ? "a type" : is_value ? "a value" : "a name";
		drop(expected, YYSYMBOL_TRUE, YYSYMBOL_SAFE);
		token[YYSYMBOL_IDENTIFIER] = false;
		if (is_value) {
			token[YYSYMBOL_INTEGER] = token[YYSYMBOL_FLOAT] = false;
			token[YYSYMBOL_MINUS] = token[YYSYMBOL_LEFT] = false;
		}
	} else if (token[YYSYMBOL_IDENTIFIER]) {
		drop(expected, YYSYMBOL_VERSION, YYSYMBOL_SAFE);
	} else {
		if (token[YYSYMBOL_COMMAND])
			expected->notion = "a command";
		if (token[YYSYMBOL_COMMAND] || token[YYSYMBOL_REQUEST])
			token[YYSYMBOL_SEMICOLON] = false;
		token[YYSYMBOL_COMMAND] = token[YYSYMBOL_ONEWAY] = false;
		token[YYSYMBOL_REPLAY] = token[YYSYMBOL_SINCE] = false;
	}
}

enum { SHOWN_EXPECTED = 4 };		/* with more of them, a message only says what it found */

static const char *listed(const struct parse *parse, const struct expected *expected)
{
	const char *list = expected->notion;
	int count = list != NULL, left = count;

	for (int kind = 0; kind < YYNTOKENS; kind++)
		left += expected->token[kind];
	if (left == 0 || left > SHOWN_EXPECTED)
		return NULL;
	left -= count;
	for (int kind = 0; kind < YYNTOKENS; kind++) {
		const char *text;

		if (!expected->token[kind])
			continue;
		text = shown(parse, (yysymbol_kind_t)kind);
		left--;
		list = list == NULL ? text
				    : arena_printf(parse->arena, "%s%s%s", list,
						   left == 0 ? " or " : ", ", text);
	}
	return list;
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parse *parse)
{
	yysymbol_kind_t kinds[YYNTOKENS], found = yypcontext_token(context);
	struct span where = *yypcontext_location(context), brace;
	struct expected expected = { { false }, NULL };
	const char *list, *token;
	struct diag *report;
	int count;

	parse->file->incomplete = true;
	lexer_recover(parse);
	/* A broken token has been reported, and what is dropped anyway needs no words. */
	if (found == YYSYMBOL_BAD || diag_count(parse->diagnostics) > DIAG_LIMIT ||
	    parse_is_full(parse))
		return 0;
	token = shown_token(parse, found, where);
	if (found == YYSYMBOL_CLOSE && lexer_depth(parse) == 0) {
		diag_error(parse->diagnostics, DIAG_SYNTAX, parse_location(parse, where),
			   "'}' without a '{' that it could close");
		return 0;
	}
	count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
	for (int i = 0; i < count; i++)
		expected.token[kinds[i]] = true;
	simplify(parse, &expected);
	list = listed(parse, &expected);
	if (list != NULL)
		report = diag_error(parse->diagnostics, DIAG_SYNTAX, parse_location(parse, where),
				    "expected %s, found %s", list, token);
	else
		report = diag_error(parse->diagnostics, DIAG_SYNTAX, parse_location(parse, where),
				    "unexpected %s", token);
	if (found == YYSYMBOL_YYEOF && lexer_open_brace(parse, &brace))
		diag_note(parse->diagnostics, report, parse_location(parse, brace),
			  "this '{' is not closed");
	return 0;
}
