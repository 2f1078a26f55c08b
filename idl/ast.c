/*
 * The constructors of the syntax tree, and the way in: ast_parse().
 */
#include <string.h>

#include "parse.h"

/* Lists */

struct word {
	const char *text;
	struct word *next;
};

struct words words_add(struct parse *parse, struct words words, const char *text)
{
	struct word *word = arena_alloc(parse->arena, sizeof *word);

	word->text = text;
	if (words.last != NULL)
		words.last->next = word;
	else
		words.first = word;
	words.last = word;
	return words;
}

/* The words from `first` up to `end`, which is left out, with `between` between them. */
static const char *join(struct parse *parse, const struct word *first, const struct word *end,
			char between)
{
	const struct word *word;
	size_t room = 0, length;
	char *text, *at;

	for (word = first; word != end; word = word->next)
		room += strlen(word->text) + 1;
	text = at = arena_array(parse->arena, room, 1);
	for (word = first; word != end; word = word->next) {
		if (word != first)
			*at++ = between;
		length = strlen(word->text);
		memcpy(at, word->text, length);
		at += length;
	}
	return text;
}

struct values values_add(struct values values, struct ast_value *value)
{
	if (values.last != NULL)
		values.last->next = value;
	else
		values.first = value;
	values.last = value;
	return values;
}

struct items items_join(struct items items, struct items more)
{
	if (more.first == NULL)
		return items;
	if (items.last == NULL)
		return more;
	items.last->next = more.first;
	items.last = more.last;
	return items;
}

struct items items_add(struct items items, struct ast_item *item)
{
	return items_join(items, (struct items){ item, item });
}

/* Paths and values */

struct ast_path path_new(struct parse *parse, struct words words, struct span where)
{
	struct ast_path path = { NULL, words.last->text, parse_location(parse, where) };

	if (words.first != words.last)
		path.qualifier = join(parse, words.first, words.last, '.');
	return path;
}

static struct ast_value *value_new(struct parse *parse, enum ast_value_kind kind, struct span where)
{
	struct ast_value *value = arena_alloc(parse->arena, sizeof *value);

	value->kind = kind;
	value->where = parse_location(parse, where);
	return value;
}

struct ast_value *value_integer(struct parse *parse, uint64_t integer, bool negative,
				struct span where)
{
	struct ast_value *value = value_new(parse, AST_INTEGER, where);

	value->integer = integer;
	value->negative = negative;
	return value;
}

struct ast_value *value_float(struct parse *parse, const char *text, bool negative,
			      struct span where)
{
	struct ast_value *value = value_new(parse, AST_FLOAT, where);

	value->text = text;
	value->negative = negative;
	return value;
}

struct ast_value *value_boolean(struct parse *parse, bool boolean, struct span where)
{
	struct ast_value *value = value_new(parse, AST_BOOLEAN, where);

	value->integer = boolean;
	return value;
}

struct ast_value *value_name(struct parse *parse, struct ast_path path)
{
	struct ast_value *value = value_new(parse, AST_NAME, (struct span){ 0, 0 });

	value->path = path;
	value->where = path.where;
	return value;
}

struct ast_value *value_set(struct parse *parse, struct values elements, struct span where)
{
	struct ast_value *value = value_new(parse, AST_SET, where);

	value->elements = elements.first;
	return value;
}

/* Types */

static struct ast_type *type_new(struct parse *parse, enum ast_type_kind kind, struct span where)
{
	struct ast_type *type = arena_alloc(parse->arena, sizeof *type);

	type->kind = kind;
	type->where = parse_location(parse, where);
	type->shape = SHAPE_ONE;
	return type;
}

struct ast_type *type_builtin(struct parse *parse, const char *name, struct span where)
{
	static const struct {
		const char *name;
		enum type_kind kind;
	} builtins[] = {
		{ "bool", TYPE_BOOL },
		{ "u8", TYPE_U8 }, { "u16", TYPE_U16 }, { "u32", TYPE_U32 }, { "u64", TYPE_U64 },
		{ "s8", TYPE_S8 }, { "s16", TYPE_S16 }, { "s32", TYPE_S32 }, { "s64", TYPE_S64 },
		{ "f32", TYPE_F32 }, { "f64", TYPE_F64 },
	};
	struct ast_type *type = type_new(parse, AST_BUILTIN, where);
	size_t i = 0;

	while (strcmp(builtins[i].name, name) != 0)
		i++;
	type->builtin = builtins[i].kind;
	return type;
}

struct ast_type *type_named(struct parse *parse, struct ast_path path)
{
	struct ast_type *type = type_new(parse, AST_NAMED, (struct span){ 0, 0 });

	type->path = path;
	type->where = path.where;
	return type;
}

struct ast_type *type_sized(struct parse *parse, enum ast_type_kind kind, struct ast_value *min,
			    struct ast_value *max, struct span where)
{
	struct ast_type *type = type_new(parse, kind, where);

	type->min = min;
	type->max = max;
	return type;
}

struct ast_type *type_link(struct parse *parse, struct ast_path path, struct span where)
{
	struct ast_type *type = type_new(parse, AST_LINK, where);

	type->path = path;
	return type;
}

struct ast_type *type_union(struct parse *parse, struct items members, struct span brace,
			    struct span where)
{
	struct ast_type *type = type_new(parse, AST_UNION, where);

	type->members = members.first;
	type->end = parse_location(parse, brace);
	return type;
}

struct ast_type *type_shaped(struct parse *parse, struct ast_type *type, enum type_shape shape,
			     struct ast_value *count, struct ast_value *bytes, struct span end)
{
	(void)parse;
	type->shape = shape;
	type->count = count;
	type->list_bytes = bytes;
	type->where.end = end.end;
	return type;
}

struct ast_type *type_optional(struct parse *parse, struct ast_type *type, struct span mark)
{
	type->optional = parse_location(parse, mark);
	type->where.end = mark.end;
	return type;
}

/* Notes */

static struct note *note_new(struct parse *parse, enum note_kind kind, struct span where)
{
	struct note *note = arena_alloc(parse->arena, sizeof *note);

	note->kind = kind;
	note->where = parse_location(parse, where);
	return note;
}

struct note *note_since(struct parse *parse, struct ast_value *version, struct span where)
{
	struct note *note = note_new(parse, NOTE_SINCE, where);

	note->since = version;
	return note;
}

struct note *note_deprecated(struct parse *parse, struct ast_word why, struct span where)
{
	struct note *note = note_new(parse, NOTE_DEPRECATED, where);

	note->why = why;
	return note;
}

struct note *note_replay_safe(struct parse *parse, struct span where)
{
	return note_new(parse, NOTE_REPLAY_SAFE, where);
}

struct note *note_add(struct note *notes, struct note *note)
{
	note->next = notes;
	return note;
}

struct lead *lead_new(struct parse *parse, struct words docs, struct span docs_where,
		      struct note *deprecated)
{
	struct lead *lead = arena_alloc(parse->arena, sizeof *lead);

	lead->docs = docs;
	lead->docs_where = parse_location(parse, docs_where);
	lead->deprecated = deprecated;
	return lead;
}

static void report_stray_docs(struct parse *parse, struct location where)
{
	diag_help(parse->diagnostics,
		  diag_error(parse->diagnostics, DIAG_STRAY_DOC, where,
			     "this doc comment documents nothing"),
		  "write '//' for a comment that is not documentation");
}

void docs_stray(struct parse *parse, struct span where)
{
	report_stray_docs(parse, parse_location(parse, where));
}

enum {					/* which notes something takes */
	TAKES_NONE = 0,
	TAKES_HISTORY = 1 << NOTE_SINCE | 1 << NOTE_DEPRECATED,
	TAKES_ALL = TAKES_HISTORY | 1 << NOTE_REPLAY_SAFE
};

static const struct {
	const char *text, *place;
} note_texts[] = {
	[NOTE_SINCE] = { "since", "commands, items and members" },
	[NOTE_DEPRECATED] = { "deprecated", "commands, items and members" },
	[NOTE_REPLAY_SAFE] = { "replay safe", "commands and one-ways" },
};

/* Take over `note` as the one of its kind, unless it cannot stand here. */
static void take_note(struct parse *parse, struct ast_notes *notes, const struct note **seen,
		      int takes, const struct note *note)
{
	struct diag *report;

	if ((takes & 1 << note->kind) == 0) {
		diag_error(parse->diagnostics, DIAG_SYNTAX, note->where,
			   "'%s' stands on %s only", note_texts[note->kind].text,
			   note_texts[note->kind].place);
		return;
	}
	if (seen[note->kind] != NULL) {
		report = diag_error(parse->diagnostics, DIAG_SYNTAX, note->where,
				    "'%s' is given twice", note_texts[note->kind].text);
		diag_note(parse->diagnostics, report, seen[note->kind]->where, "first given here");
		return;
	}
	seen[note->kind] = note;
	switch (note->kind) {
	case NOTE_SINCE:
		notes->since = note->since;
		break;
	case NOTE_DEPRECATED:
		notes->deprecated = note->why;
		break;
	case NOTE_REPLAY_SAFE:
		notes->replay_safe = note->where;
		break;
	}
}

/* What stands in front of a thing, and the notes behind its name, the last one first. */
static struct ast_notes notes_of(struct parse *parse, const struct lead *lead, struct note *behind,
				 int takes)
{
	const struct note *seen[NOTE_REPLAY_SAFE + 1] = { NULL };
	struct ast_notes notes = { 0 };
	struct note *ordered = NULL, *next;

	if (lead != NULL && lead->docs.first != NULL)
		notes.doc = join(parse, lead->docs.first, NULL, '\n');
	if (lead != NULL && lead->deprecated != NULL)
		take_note(parse, &notes, seen, takes, lead->deprecated);
	for (; behind != NULL; behind = next) {
		next = behind->next;
		ordered = note_add(ordered, behind);
	}
	for (; ordered != NULL; ordered = ordered->next)
		take_note(parse, &notes, seen, takes, ordered);
	return notes;
}

/* For what takes nothing in front of it, not even documentation. */
static void refuse_lead(struct parse *parse, const struct lead *lead)
{
	if (lead == NULL)
		return;
	if (lead->docs.first != NULL)
		report_stray_docs(parse, lead->docs_where);
	if (lead->deprecated != NULL)
		notes_of(parse, &(struct lead){ .deprecated = lead->deprecated }, NULL, TAKES_NONE);
}

/* Items */

static struct ast_item *item_new(struct parse *parse, enum ast_item_kind kind, struct span where)
{
	struct ast_item *item = arena_alloc(parse->arena, sizeof *item);

	item->kind = kind;
	item->where = parse_location(parse, where);
	if (++parse->item_count == ITEM_LIMIT + 1)
		diag_error(parse->diagnostics, DIAG_ITEMS, item->where,
			   "more than %d items in one file; the rest is not read", ITEM_LIMIT);
	return item;
}

struct ast_item *item_field(struct parse *parse, const struct lead *lead, struct ast_value *number,
			    struct ast_type *type, struct ast_word name, struct ast_value *value,
			    struct note *notes, struct span where)
{
	struct ast_item *item = item_new(parse, AST_FIELD, where);

	item->number = number;
	item->type = type;
	item->name = name;
	item->value = value;
	item->notes = notes_of(parse, lead, notes, TAKES_HISTORY);
	return item;
}

struct ast_item *item_member(struct parse *parse, const struct lead *lead, struct ast_type *type,
			     struct ast_word name, struct note *notes, struct span where)
{
	struct ast_item *item = item_new(parse, AST_MEMBER, where);

	item->type = type;
	item->name = name;
	item->notes = notes_of(parse, lead, notes, TAKES_HISTORY);
	return item;
}

struct ast_item *item_enumerator(struct parse *parse, const struct lead *lead, struct ast_word name,
				 struct ast_value *value, struct note *notes, struct span where)
{
	struct ast_item *item = item_new(parse, AST_ENUMERATOR, where);

	item->name = name;
	item->number = value;
	item->notes = notes_of(parse, lead, notes, TAKES_HISTORY);
	return item;
}

struct ast_item *item_reserved(struct parse *parse, struct ast_value *first, struct ast_value *last,
			       const char *name, struct span where)
{
	struct ast_item *item = item_new(parse, AST_RESERVED, where);

	item->number = first;
	item->last = last;
	item->name.text = name;
	if (name != NULL)
		item->name.where = item->where;
	return item;
}

struct items items_reserved(struct parse *parse, const struct lead *lead, struct items things)
{
	refuse_lead(parse, lead);
	return things;
}

struct ast_item *item_oneway(struct parse *parse, const struct lead *lead, struct ast_word name,
			     struct ast_value *number, struct note *notes, struct items items,
			     struct span brace, struct span where)
{
	struct ast_item *item = item_new(parse, AST_ONEWAY, where);

	item->name = name;
	item->number = number;
	item->notes = notes_of(parse, lead, notes, TAKES_ALL);
	item->request = items.first;
	item->request_end = parse_location(parse, brace);
	return item;
}

struct ast_item *item_use(struct parse *parse, const struct lead *lead, struct ast_path path,
			  struct span where)
{
	struct ast_item *item = item_new(parse, AST_USE, where);

	refuse_lead(parse, lead);
	item->path = path;
	return item;
}

/* Commands */

struct parts *parts_new(struct parse *parse)
{
	return arena_alloc(parse->arena, sizeof(struct parts));
}

struct parts *parts_broken(struct parts *parts)
{
	parts->is_broken = true;
	return parts;
}

static void report_second(struct parse *parse, const char *which, struct span where,
			  struct location first)
{
	struct diag *report;

	report = diag_error(parse->diagnostics, DIAG_SYNTAX, parse_location(parse, where),
			    "a command has one %s", which);
	diag_note(parse->diagnostics, report, first, "the first one is here");
}

struct parts *parts_request(struct parse *parse, struct parts *parts, const struct lead *lead,
			    struct items items, struct span brace, struct span where)
{
	refuse_lead(parse, lead);
	if (parts->request.where.source != NULL) {
		report_second(parse, "request", where, parts->request.where);
		return parts;
	}
	if (parts->response.where.source != NULL)
		diag_error(parse->diagnostics, DIAG_SYNTAX, parse_location(parse, where),
			   "the request stands before the response");
	parts->request.items = items;
	parts->request.where = parse_location(parse, where);
	parts->request.end = parse_location(parse, brace);
	return parts;
}

struct parts *parts_response(struct parse *parse, struct parts *parts, const struct lead *lead,
			     struct items items, struct span brace, struct span where)
{
	refuse_lead(parse, lead);
	if (parts->response.where.source != NULL) {
		report_second(parse, "response", where, parts->response.where);
		return parts;
	}
	parts->response.items = items;
	parts->response.where = parse_location(parse, where);
	parts->response.end = parse_location(parse, brace);
	return parts;
}

struct ast_item *item_command(struct parse *parse, const struct lead *lead, struct ast_word name,
			      struct ast_value *number, struct note *notes,
			      const struct parts *parts, struct span brace, struct span where)
{
	struct ast_item *item = item_new(parse, AST_COMMAND, where);
	struct location end = parse_location(parse, brace);
	bool has_request = parts->request.where.source != NULL;
	bool has_response = parts->response.where.source != NULL;

	item->name = name;
	item->number = number;
	item->notes = notes_of(parse, lead, notes, TAKES_ALL);
	item->request = parts->request.items.first;
	item->request_end = has_request ? parts->request.end : end;
	item->response = parts->response.items.first;
	item->response_end = has_response ? parts->response.end : end;
	if (!(has_request && has_response) && !parts->is_broken) {
		const char *missing = has_request ? "response" : has_response ? "request"
								 : "request and no response";
		struct diag *report = diag_error(parse->diagnostics, DIAG_SYNTAX, name.where,
						 "command '%s' has no %s", name.text, missing);

		if (has_request)
			diag_help(parse->diagnostics, report,
				  "write 'response { }', or 'oneway' for a command without one");
		else
			diag_help(parse->diagnostics, report,
				  "write 'request { }' for one without items");
	}
	return item;
}

/* What stands at the top of a file */

void file_library_starts(struct parse *parse)
{
	parse->library_seen = true;
}

void file_library(struct parse *parse, const struct lead *lead, struct ast_path name,
		  struct ast_value *version, struct span where)
{
	struct ast_file *file = parse->file;
	struct location here = parse_location(parse, where);
	struct diag *report;

	if (file->library.text != NULL) {
		report = diag_error(parse->diagnostics, DIAG_SYNTAX, here,
				    "a file has one library line");
		diag_note(parse->diagnostics, report, file->library.where, "the first one is here");
		return;
	}
	if (parse->content_seen)
		diag_error(parse->diagnostics, DIAG_SYNTAX, here,
			   "the library line comes before imports and declarations");
	file->library.text = name.qualifier == NULL ? name.name :
			     arena_printf(parse->arena, "%s.%s", name.qualifier, name.name);
	file->library.where = name.where;
	file->version = version;
	file->notes = notes_of(parse, lead, NULL, TAKES_NONE);
}

void file_import(struct parse *parse, const struct lead *lead, struct ast_word path)
{
	struct ast_import *import = arena_alloc(parse->arena, sizeof *import);

	refuse_lead(parse, lead);
	import->path = path;
	*parse->next_import = import;
	parse->next_import = &import->next;
	parse->content_seen = true;
}

static struct ast_declaration *declare(struct parse *parse, enum ast_declaration_kind kind,
				       const struct lead *lead, struct ast_word name,
				       struct note *notes)
{
	struct ast_declaration *declaration = arena_alloc(parse->arena, sizeof *declaration);

	declaration->kind = kind;
	declaration->name = name;
	declaration->notes = notes_of(parse, lead, notes, TAKES_NONE);
	*parse->next_declaration = declaration;
	parse->next_declaration = &declaration->next;
	parse->content_seen = true;
	return declaration;
}

void file_const(struct parse *parse, const struct lead *lead, struct ast_type *type,
		struct ast_word name, struct note *notes, struct ast_value *value)
{
	struct ast_declaration *constant = declare(parse, AST_CONST, lead, name, notes);

	constant->type = type;
	constant->value = value;
	constant->end = value->where;
}

void file_enum(struct parse *parse, const struct lead *lead, bool is_flexible, struct ast_word name,
	       struct note *notes, struct ast_type *type, struct items items, struct span brace)
{
	struct ast_declaration *enumeration = declare(parse, AST_ENUM, lead, name, notes);

	enumeration->flexible = is_flexible;
	enumeration->type = type;
	enumeration->items = items.first;
	enumeration->end = parse_location(parse, brace);
}

void file_flags(struct parse *parse, const struct lead *lead, bool is_flexible,
		struct ast_word name, struct note *notes, struct ast_type *type,
		struct items items, struct span brace)
{
	struct ast_declaration *flags = declare(parse, AST_FLAGS, lead, name, notes);
	struct ast_item **link = &flags->items;

	flags->flexible = is_flexible;
	flags->type = type;
	flags->items = items.first;
	flags->end = parse_location(parse, brace);
	while (*link != NULL) {
		const struct ast_item *item = *link;

		if (item->kind == AST_ENUMERATOR &&
		    (item->number->kind != AST_INTEGER || item->number->negative)) {
			diag_error(parse->diagnostics, DIAG_SYNTAX, item->number->where,
				   "the value of a flag is the number of its bit, from 0 on");
			parse->file->incomplete = true;
			*link = item->next;
		} else {
			link = &(*link)->next;
		}
	}
}

void file_struct(struct parse *parse, const struct lead *lead, struct ast_word name,
		 struct note *notes, struct items members, struct span brace)
{
	struct ast_declaration *structure = declare(parse, AST_STRUCT, lead, name, notes);

	structure->items = members.first;
	structure->end = parse_location(parse, brace);
}

void file_group(struct parse *parse, const struct lead *lead, struct ast_word name,
		struct note *notes, struct items items, struct span brace)
{
	struct ast_declaration *group = declare(parse, AST_GROUP, lead, name, notes);

	group->items = items.first;
	group->end = parse_location(parse, brace);
}

void file_interface(struct parse *parse, const struct lead *lead, struct ast_word name,
		    struct note *notes, struct ast_value *id, struct items items,
		    struct span brace)
{
	struct ast_declaration *interface = declare(parse, AST_INTERFACE, lead, name, notes);

	interface->value = id;
	interface->items = items.first;
	interface->end = parse_location(parse, brace);
}

void stray_semicolon(struct parse *parse, struct span where)
{
	diag_help(parse->diagnostics,
		  diag_error(parse->diagnostics, DIAG_SYNTAX, parse_location(parse, where),
			     "this ';' ends nothing"),
		  "no ';' behind '}'");
}

/* Text */

/* The length of the UTF-8 character at `text`, of which `left` bytes are left; 0: not valid. */
static uint32_t valid_length(const char *text, size_t left)
{
	const unsigned char *byte = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;	/* of the second byte */
	uint32_t length;

	if (byte[0] < 0x80)
		return 1;
	if (byte[0] < 0xc2 || byte[0] > 0xf4)
		return 0;
	length = byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
	if (byte[0] == 0xe0)
		low = 0xa0;	/* shorter forms exist */
	else if (byte[0] == 0xed)
		high = 0x9f;	/* surrogates */
	else if (byte[0] == 0xf0)
		low = 0x90;
	else if (byte[0] == 0xf4)
		high = 0x8f;	/* above U+10FFFF */
	if (left < length || byte[1] < low || byte[1] > high)
		return 0;
	for (uint32_t i = 2; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	}
	return length;
}

/* Report the first byte that no text file has, if there is one. */
static bool check_text(const struct source *source, struct diagnostics *diagnostics)
{
	uint32_t length;

	for (uint32_t at = 0; at < source->length; at += length) {
		struct location where = { source, at, at + 1 };

		length = valid_length(source->text + at, source->length - at);
		if (source->text[at] == '\0') {
			diag_error(diagnostics, DIAG_NUL, where,
				   "NUL byte; the file is not a schema");
			return false;
		}
		if (length == 0) {
			diag_error(diagnostics, DIAG_ENCODING, where,
				   "byte 0x%02x is not valid UTF-8 here",
				   (unsigned char)source->text[at]);
			return false;
		}
	}
	return true;
}

/* The offset of the first token, for what is missing there; of the end, if there is none. */
static uint32_t first_token(const struct source *source, uint32_t start)
{
	const char *text = source->text;

	for (;;) {
		while (text[start] == ' ' || text[start] == '\t' || text[start] == '\r' ||
		       text[start] == '\n')
			start++;
		if (text[start] != '/' || text[start + 1] != '/')
			return start;
		while (start < source->length && text[start] != '\n')
			start++;
	}
}

struct ast_file *ast_parse_tokens(const struct source *source, struct arena *arena,
				  struct diagnostics *diagnostics, struct ast_tokens *tokens)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct parse parse = { .source = source, .arena = arena, .diagnostics = diagnostics,
			       .tokens = tokens };
	uint32_t first;

	parse.file = arena_alloc(arena, sizeof *parse.file);
	parse.next_import = &parse.file->imports;
	parse.next_declaration = &parse.file->declarations;
	if (!check_text(source, diagnostics)) {
		parse.file->incomplete = true;
		return parse.file;
	}
	if (strncmp(source->text, byte_order_mark, 3) == 0)
		parse.start = 3;
	lexer_open(&parse);
	if (!grammar_run(&parse))
		parse.file->incomplete = true;
	lexer_close(&parse);
	if (!parse.library_seen) {
		first = first_token(source, parse.start);
		diag_help(diagnostics,
			  diag_error(diagnostics, DIAG_SYNTAX,
				     (struct location){ source, first, first },
				     "the file does not start with a library line"),
			  "the first line is 'library NAME version 1;'");
		parse.file->incomplete = true;
	}
	return parse.file;
}

struct ast_file *ast_parse(const struct source *source, struct arena *arena,
			   struct diagnostics *diagnostics)
{
	return ast_parse_tokens(source, arena, diagnostics, NULL);
}
