/*
 * Text to syntax tree: every construct, every syntax error with its place, recovery, hostile text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "ast.h"
#include "diag.h"

static struct arena *arena;
static struct diagnostics *diagnostics;
static struct ast_file *file;
static struct source source;
static char *loaded;			/* the text of `source`, on the heap, where overruns show */

/* Parse `length` bytes, and see that the text is left as it was. */
static void parse_bytes(const char *text, size_t length)
{
	arena_free(arena);
	free(loaded);
	arena = arena_new();
	diagnostics = diag_new(arena);
	loaded = malloc(length + 2);
	assert_non_null(loaded);
	memcpy(loaded, text, length);
	loaded[length] = loaded[length + 1] = '\0';
	source = (struct source){ .path = "a.lwl", .text = loaded, .length = (uint32_t)length };
	file = ast_parse(&source, arena, diagnostics);
	assert_memory_equal(loaded, text, length);
	assert_int_equal(loaded[length] | loaded[length + 1], 0);
}

static void parse(const char *text)
{
	parse_bytes(text, strlen(text));
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	arena = NULL;
	free(loaded);
	loaded = NULL;
	return 0;
}

static const char *printed(void)
{
	char *buffer, *copy;
	size_t length;
	FILE *out = open_memstream(&buffer, &length);

	assert_non_null(out);
	diag_print(diagnostics, out, DIAG_TEXT);
	fclose(out);
	copy = arena_copy(arena, buffer, length);
	free(buffer);
	return copy;
}

/* All reports in short: "2:5 L0001 expected ...\n" each, help and notes left out. */
static const char *reports(void)
{
	char *copy = arena_printf(arena, "%s", printed()), *line, *save = NULL;
	const char *in_short = "";

	for (line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		char *error = strstr(line, "error[");
		unsigned row = 0, column = 0;

		if (error == NULL)
			continue;
		sscanf(line, "a.lwl:%u:%u:", &row, &column);
		in_short = arena_printf(arena, "%s%u:%u %.5s %s\n", in_short, row, column,
					error + 6, error + 14);
	}
	return in_short;
}

/* The tree as text, written back in one canonical form */

static void write_items(FILE *out, const struct ast_item *items);

/* A body that never ends in the text ends where the next declaration starts. */
static void assert_brace(const struct location *where)
{
	assert_true(file->incomplete || where->source->text[where->start] == '}');
}

static void write_value(FILE *out, const struct ast_value *value)
{
	if (value->negative)
		fputc('-', out);
	switch (value->kind) {
	case AST_INTEGER:
		fprintf(out, "%llu", (unsigned long long)value->integer);
		break;
	case AST_BOOLEAN:
		fputs(value->integer != 0 ? "true" : "false", out);
		break;
	case AST_FLOAT:
		fprintf(out, "f%s", value->text);
		break;
	case AST_NAME:
		fprintf(out, "%s|%s", value->path.qualifier != NULL ? value->path.qualifier : "",
			value->path.name);
		break;
	case AST_SET:
		fputc('[', out);
		for (const struct ast_value *name = value->elements; name; name = name->next) {
			write_value(out, name);
			fputc(' ', out);
		}
		fputc(']', out);
		break;
	}
}

static void write_path(FILE *out, const struct ast_path *path)
{
	fprintf(out, "%s|%s", path->qualifier != NULL ? path->qualifier : "", path->name);
}

static void write_type(FILE *out, const struct ast_type *type)
{
	switch (type->kind) {
	case AST_BUILTIN:
		fprintf(out, "#%d", (int)type->builtin);
		break;
	case AST_NAMED:
		write_path(out, &type->path);
		break;
	case AST_STRING:
	case AST_BYTES:
		fputs(type->kind == AST_STRING ? "string<" : "bytes<", out);
		if (type->min != NULL) {
			write_value(out, type->min);
			fputs("..", out);
		}
		write_value(out, type->max);
		fputc('>', out);
		break;
	case AST_LINK:
		fputs("link", out);
		if (type->path.name != NULL) {
			fputc('<', out);
			write_path(out, &type->path);
			fputc('>', out);
		}
		break;
	case AST_UNION:
		fputs("union ", out);
		write_items(out, type->members);
		assert_brace(&type->end);
		break;
	}
	if (type->shape != SHAPE_ONE) {
		fputs(type->shape == SHAPE_LIST ? "[.." : "[", out);
		write_value(out, type->count);
		if (type->list_bytes != NULL) {
			fputs(" in ", out);
			write_value(out, type->list_bytes);
		}
		fputc(']', out);
	}
	if (type->optional.source != NULL) {
		assert_int_equal(type->optional.source->text[type->optional.start], '?');
		fputc('?', out);
	}
}

static void write_notes(FILE *out, const struct ast_notes *notes)
{
	if (notes->since != NULL) {
		fputs(" since ", out);
		write_value(out, notes->since);
	}
	if (notes->deprecated.text != NULL)
		fprintf(out, " deprecated(%s)", notes->deprecated.text);
	if (notes->replay_safe.source != NULL)
		fputs(" safe", out);
	if (notes->doc != NULL)
		fprintf(out, " /%s/", notes->doc);
}

static void write_item(FILE *out, const struct ast_item *item)
{
	static const char *const kinds[] = {
		[AST_FIELD] = "", [AST_MEMBER] = "", [AST_ENUMERATOR] = "",
		[AST_RESERVED] = "reserved ", [AST_COMMAND] = "command ", [AST_ONEWAY] = "oneway ",
		[AST_USE] = "use ",
	};

	fputs(kinds[item->kind], out);
	if (item->number != NULL)
		write_value(out, item->number);
	if (item->kind == AST_FIELD)
		fputs(": ", out);
	if (item->kind == AST_FIELD || item->kind == AST_MEMBER) {
		write_type(out, item->type);
		fputc(' ', out);
	}
	if (item->name.text != NULL) {
		const struct location *where = &item->name.where;
		size_t length = where->end - where->start;

		fprintf(out, item->number != NULL && item->kind != AST_FIELD ? "=%s" : "%s",
			item->name.text);
		if (item->kind != AST_RESERVED)
			assert_int_equal(length, strlen(item->name.text));
	}
	switch (item->kind) {
	case AST_FIELD:
		if (item->value != NULL) {
			fputs(" = ", out);
			write_value(out, item->value);
		}
		break;
	case AST_RESERVED:
		if (item->last != NULL) {
			fputs("..", out);
			write_value(out, item->last);
		}
		break;
	case AST_USE:
		write_path(out, &item->path);
		break;
	default:
		break;
	}
	write_notes(out, &item->notes);
	if (item->kind == AST_COMMAND || item->kind == AST_ONEWAY) {
		fputc(' ', out);
		write_items(out, item->request);
		assert_brace(&item->request_end);
	}
	if (item->kind == AST_COMMAND) {
		write_items(out, item->response);
		assert_brace(&item->response_end);
	}
}

static void write_items(FILE *out, const struct ast_item *items)
{
	fputc('{', out);
	for (; items != NULL; items = items->next) {
		write_item(out, items);
		fputc(';', out);
	}
	fputc('}', out);
}

static const char *tree(void)
{
	static const char *const kinds[] = {
		[AST_CONST] = "const", [AST_ENUM] = "enum", [AST_FLAGS] = "flags",
		[AST_STRUCT] = "struct", [AST_GROUP] = "group", [AST_INTERFACE] = "interface",
	};
	char *buffer, *copy;
	size_t length;
	FILE *out = open_memstream(&buffer, &length);

	assert_non_null(out);
	if (file->library.text != NULL) {
		fprintf(out, "library %s ", file->library.text);
		write_value(out, file->version);
		write_notes(out, &file->notes);
		fputc('\n', out);
	}
	for (const struct ast_import *import = file->imports; import; import = import->next)
		fprintf(out, "import %s\n", import->path.text);
	for (const struct ast_declaration *d = file->declarations; d != NULL; d = d->next) {
		fprintf(out, "%s%s %s", d->flexible ? "flexible " : "", kinds[d->kind],
			d->name.text);
		if (d->type != NULL) {
			fputs(" : ", out);
			write_type(out, d->type);
		}
		if (d->value != NULL) {
			fputs(" = ", out);
			write_value(out, d->value);
		}
		write_notes(out, &d->notes);
		if (d->kind != AST_CONST) {
			fputc(' ', out);
			write_items(out, d->items);
			assert_brace(&d->end);
		}
		fputc('\n', out);
	}
	fclose(out);
	copy = arena_copy(arena, buffer, length);
	free(buffer);
	return copy;
}

#define HEAD "library a version 1;\n"

/* The language's own example, and what must come out. */
static const char example[] =
	"/// Files and directories, served by any program.\n"
	"library lwlink.vfs version 2;          // last component = the C prefix: vfs_\n"
	"import \"cache.lwl\";\n"
	"\n"
	"const u16 NAME_MAX = 255;\n"
	"\n"
	"enum FileType : u16 { REGULAR = 1; DIRECTORY = 2; SYMLINK = 3; }\n"
	"flexible enum Hint : u16 { NORMAL = 0; SEQUENTIAL = 1; }\n"
	"flags OpenFlags : u32 { READ = 0; WRITE = 1; APPEND = 2; }\n"
	"struct Time { s64 sec; u32 nsec; }     // fixed layout\n"
	"struct Stat { u64 ino; u32 mode; FileType type; u8[16] tag; Time mtime; }\n"
	"\n"
	"group Attr {\n"
	"    1: Stat     stat;\n"
	"    2: u32      weight = 1;\n"
	"    3: string<64>? owner since 2;\n"
	"    4: Time[..4] history;\n"
	"    reserved 8, 10..12, \"atime\";\n"
	"}\n"
	"group Entry { 1: bytes<1..NAME_MAX> name; 2: Stat stat; }\n"
	"\n"
	"interface Node id 0x10 {\n"
	"    /// Resolve `name` in this directory.\n"
	"    command lookup = 1 replay safe {\n"
	"        request  { 1: bytes<1..NAME_MAX> name; }\n"
	"        response { 1: link<Node> node; 2: Attr attr; }\n"
	"    }\n"
	"    command read = 2 replay safe {\n"
	"        request  { 1: u64 offset; 2: u32 count; }\n"
	"        response { 1: bytes<32768>? data; 2: link<cache.Object>? object; }\n"
	"    }\n"
	"    command readdir = 3 replay safe {\n"
	"        request  { 1: u64 cookie = 0; }\n"
	"        response { 1: Entry[..1024 in 60000] entries; 2: bool more = false; }\n"
	"    }\n"
	"    oneway hint = 4 { 1: u64 ino; 2: Hint hint = NORMAL; }\n"
	"    use cache.Closable;                // composition\n"
	"    deprecated \"use lookup\" command resolve = 9 since 1 { request { } response { } }\n"
	"    reserved 5..8;\n"
	"}\n";

static const char example_tree[] =
	"library lwlink.vfs 2 /Files and directories, served by any program./\n"
	"import cache.lwl\n"
	"const NAME_MAX : #2 = 255\n"
	"enum FileType : #2 {1=REGULAR;2=DIRECTORY;3=SYMLINK;}\n"
	"flexible enum Hint : #2 {0=NORMAL;1=SEQUENTIAL;}\n"
	"flags OpenFlags : #3 {0=READ;1=WRITE;2=APPEND;}\n"
	"struct Time {#8 sec;#3 nsec;}\n"
	"struct Stat {#4 ino;#3 mode;|FileType type;#1[16] tag;|Time mtime;}\n"
	"group Attr {1: |Stat stat;2: #3 weight = 1;3: string<64>? owner since 2;"
	"4: |Time[..4] history;reserved 8;reserved 10..12;reserved atime;}\n"
	"group Entry {1: bytes<1..|NAME_MAX> name;2: |Stat stat;}\n"
	"interface Node = 16 {"
	"command 1=lookup safe /Resolve `name` in this directory./ {1: bytes<1..|NAME_MAX> name;}"
	"{1: link<|Node> node;2: |Attr attr;};"
	"command 2=read safe {1: #4 offset;2: #3 count;}"
	"{1: bytes<32768>? data;2: link<cache|Object>? object;};"
	"command 3=readdir safe {1: #4 cookie = 0;}"
	"{1: |Entry[..1024 in 60000] entries;2: #0 more = false;};"
	"oneway 4=hint {1: #4 ino;2: |Hint hint = |NORMAL;};"
	"use cache|Closable;"
	"command 9=resolve since 1 deprecated(use lookup) {}{};"
	"reserved 5..8;}\n";

static void test_example(void **state)
{
	char *with_cr;
	size_t length = 0;

	(void)state;
	parse(example);
	assert_string_equal(reports(), "");
	assert_false(file->incomplete);
	assert_string_equal(tree(), example_tree);

	with_cr = malloc(2 * sizeof example);
	assert_non_null(with_cr);
	memcpy(with_cr, "\357\273\277", 3);
	length = 3;
	for (const char *at = example; *at != '\0'; at++) {
		if (*at == '\n')
			with_cr[length++] = '\r';
		with_cr[length++] = *at;
	}
	parse_bytes(with_cr, length);
	free(with_cr);
	assert_string_equal(reports(), "");
	assert_string_equal(tree(), example_tree);
}

static void accept(const char *text, const char *expected)
{
	parse(text);
	assert_string_equal(reports(), "");
	assert_false(file->incomplete);
	assert_string_equal(tree(), expected);
}

static void test_constructs(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "library link version 0x7fffffffffffffff;",
		  "library link 9223372036854775807\n" },
		{ "library version.id.string version 1;", "library version.id.string 1\n" },
		{ HEAD "const u64 A = 18446744073709551615; const s8 B = -1; const x.y C = -0x0F;",
		  "library a 1\nconst A : #4 = 18446744073709551615\nconst B : #5 = -1\n"
		  "const C : x|y = -15\n" },
		{ HEAD "const f64 A = 1.5e-3; const f32 B = -0.0; const bool C = true;\n"
		  "const f32 D = 12.25E+10; const u8 E = b.c.F; const bool G = false;",
		  "library a 1\nconst A : #10 = f1.5e-3\nconst B : #9 = -f0.0\n"
		  "const C : #0 = true\n"
		  "const D : #9 = f12.25E+10\nconst E : #1 = b.c|F\nconst G : #0 = false\n" },
		{ HEAD "import \"a\"; const u8 A = 0; import \"b\\\\c\\\"d\"; import \"\303\244\";",
		  "library a 1\nimport a\nimport b\\c\"d\nimport \303\244\nconst A : #1 = 0\n" },
		{ HEAD "enum E : s16 { A = -5 since 3;"
		  " B = x.C deprecated \"d\"; reserved 1, \"Q\", 2..3; }",
		  "library a 1\nenum E : #6 {-5=A since 3;x|C=B deprecated(d);"
		  "reserved 1;reserved Q;reserved 2..3;}\n" },
		{ HEAD "flexible flags F : link.T { id = 0; reserved 0x1f; }",
		  "library a 1\nflexible flags F : link|T {0=id;reserved 31;}\n" },
		{ HEAD "struct S { u64 link; version version; "
		  "string.x[4] struct since 2; link in; }",
		  "library a 1\nstruct S {#4 link;|version version;string|x[4] struct since 2;"
		  "link in;}\n" },
		{ HEAD "group G { 1:string<1..5>a;2:string<N>b;3:bytes<0x10>c;"
		  "4:link d;5:link<a.b.C>e; }",
		  "library a 1\ngroup G {1: string<1..5> a;"
		  "2: string<|N> b;3: bytes<16> c;4: link d;"
		  "5: link<a.b|C> e;}\n" },
		{ HEAD "group G { 1: u8[N] a; 2: T[..x.N]? b; 3: T[..4 in link.B] c; 4: T? d; }",
		  "library a 1\ngroup G {1: #1[|N] a;2: |T[..x|N]? b;3: |T[..4 in link|B] c;"
		  "4: |T? d;}\n" },
		{ HEAD "group G { 1: F a = []; 2: F b = [A, x.B]; 3: E c = e.D; 4: s8 d = -7; }",
		  "library a 1\ngroup G {1: |F a = [];2: |F b = [|A x|B ];3: |E c = e|D;"
		  "4: #5 d = -7;}\n" },
		{ HEAD "group G { 1: union { 1: u8 a; "
		  "2: union { 7: G union; } b; reserved 3; }? u; }",
		  "library a 1\ngroup G {1: union {1: #1 a;2: union {7: |G union;} b;reserved 3;}?"
		  " u;}\n" },
		{ HEAD "group G { deprecated \"x\" 1: u8 a since 2; "
		  "2: u8 b deprecated \"y\" since 3;\n"
		  "3: u8 deprecated; 4: u8 since since 2; }",
		  "library a 1\ngroup G {1: #1 a since 2 deprecated(x);"
		  "2: #1 b since 3 deprecated(y);3: #1 deprecated;4: #1 since since 2;}\n" },
		{ HEAD "interface id id 1 { oneway request = 1 "
		  "since 2 replay safe deprecated \"\" { }\n"
		  "command response = 2 { request{1:u8 a;} response{} } use x; use link.x; }",
		  "library a 1\ninterface id = 1 {oneway 1=request since 2 deprecated() safe {};"
		  "command 2=response {1: #1 a;}{};use |x;use link|x;}\n" },
		{ HEAD "group G { } struct S { } interface I id 0 { } enum E : u8 { }",
		  "library a 1\ngroup G {}\nstruct S {}\ninterface I = 0 {}\nenum E : #1 {}\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		accept(cases[i].text, cases[i].expected);
}

static void test_any_word(void **state)
{
	static const char *const words[] = {
		"library", "import", "const", "enum", "flexible", "flags", "struct", "group",
		"union", "interface", "command", "oneway", "request", "response", "use", "reserved",
		"deprecated", "in", "true", "false", "bool", "u8", "u16", "u32", "u64", "s8", "s16",
		"s32", "s64", "f32", "f64", "string", "bytes", "link", "version", "id", "since",
		"replay", "safe", "_", "A9_",
	};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *w = words[i];
		char text[600], expected[600];

		snprintf(text, sizeof text,
			 HEAD "struct S { x.%s %s; }\n"
			 "group G { 1: u8 %s; 2: union { 1: u8 %s; } %s; }\n"
			 "interface I id 1 { command %s = 1 { request { } response { } }\n"
			 "oneway %s = 2 { } }\n", w, w, w, w, w, w, w);
		snprintf(expected, sizeof expected,
			 "library a 1\nstruct S {x|%s %s;}\n"
			 "group G {1: #1 %s;2: union {1: #1 %s;} %s;}\n"
			 "interface I = 1 {command 1=%s {}{};oneway 2=%s {};}\n",
			 w, w, w, w, w, w, w);
		accept(text, expected);
	}
}

static void test_docs(void **state)
{
	(void)state;
	accept("/// Lib.\r\n///\r\n///  two \t\r\nlibrary a version 1;\n"
	       "//// no doc\n/// E\n\n// between\n/// F\nenum E : u8 {\n///a\nA = 1;\n/// b\n"
	       "B = 2;\n}\n"
	       "/// s\nstruct S {\n/// m\nu8 m; }\n/// c\nconst u8 C = 1;\n/// fl\n"
	       "flexible flags F : u8 { }\n"
	       "/// i\ninterface I id 1 {\n/// w\noneway w = 1 {\n/// it \302\265\n1: u8 a; }\n"
	       "/// k\ncommand k = 2 { request {\n/// r\n"
	       "deprecated \"z\" 1: u8 a; } response { } } }\n",
	       "library a 1 /Lib.\n\n two/\n"
	       "enum E : #1 /E\nF/ {1=A /a/;2=B /b/;}\n"
	       "struct S /s/ {#1 m /m/;}\nconst C : #1 = 1 /c/\nflexible flags F : #1 /fl/ {}\n"
	       "interface I = 1 /i/ {oneway 1=w /w/ {1: #1 a /it \302\265/;};"
	       "command 2=k /k/ {1: #1 a deprecated(z) /r/;}{};}\n");
}

struct bad {
	const char *text, *expected;
};

static void check_bad(const struct bad *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		parse(cases[i].text);
		assert_string_equal(reports(), cases[i].expected);
	}
}

#define CHECK_BAD(cases) check_bad(cases, sizeof (cases) / sizeof *(cases))

static void test_syntax_errors(void **state)
{
	static const struct bad cases[] = {
		{ "", "1:1 L0001 the file does not start with a library line\n" },
		{ "// x\n\n  group G { }",
		  "3:3 L0001 the file does not start with a library line\n" },
		{ "libary a version 1;", "1:1 L0001 expected 'library', found 'libary'\n" },
		{ "library a;", "1:10 L0001 expected 'version', found ';'\n" },
		{ "library a version 1", "1:20 L0001 expected ';', found end of file\n" },
		{ "import \"x\"; library a version 1;",
		  "1:13 L0001 the library line comes before imports and declarations\n" },
		{ HEAD "library b version 1;", "2:1 L0001 a file has one library line\n" },
		{ HEAD "grup G { 1: u8 a; 2: u8 b; }\ngroup H { }",
		  "2:1 L0001 expected a declaration, found 'grup'\n" },
		{ HEAD "group { 1: u8 a; 2: u8 b; }", "2:7 L0001 expected a name, found '{'\n" },
		{ HEAD "group union { 1: u8 a; }", "2:7 L0001 expected a name, found 'union'\n" },
		{ HEAD "const u8 A = ;", "2:14 L0001 expected a value, found ';'\n" },
		{ HEAD "const string<5> A = 1;", "2:13 L0001 unexpected '<'\n" },
		{ HEAD "group G { 1: u8 ; }", "2:17 L0001 expected a name, found ';'\n" },
		{ HEAD "group G { 1: ; }", "2:14 L0001 expected a type, found ';'\n" },
		{ HEAD "group G { 1: string a; }", "2:21 L0001 expected '<', found 'a'\n" },
		{ HEAD "group G { 1: u8 a = [A; }", "2:23 L0001 expected ',' or ']', found ';'\n" },
		{ HEAD "group G { 1: u8[ a; 2: u8[..] b; }",
		  "2:19 L0001 expected ']', found ';'\n"
		  "2:29 L0001 expected a name or a number, found ']'\n" },
		{ HEAD "group G { A = 1; }",
		  "2:11 L0001 expected a number, '}' or 'reserved', found 'A'\n" },
		{ HEAD "group G { reserved ; }",
		  "2:20 L0001 expected a number or a string, found ';'\n" },
		{ HEAD "struct S { u8 a = 1; u8 b; reserved 1; }",
		  "2:17 L0001 expected ';', found '='\n"
		  "2:28 L0001 expected a type or '}', found 'reserved'\n" },
		{ HEAD "enum E : u8 { A; B = 1; }", "2:16 L0001 expected '=', found ';'\n" },
		{ HEAD "flags F : u8 { A = -1; B = C; D = 2; }",
		  "2:20 L0001 the value of a flag is the number of its bit, from 0 on\n"
		  "2:28 L0001 the value of a flag is the number of its bit, from 0 on\n" },
		{ HEAD "interface I { }", "2:13 L0001 expected 'id', found '{'\n" },
		{ HEAD "interface I id 1 { comand a = 1 { request { } response { } }\nuse x; }",
		  "2:20 L0001 expected a command, '}', 'use' or 'reserved', found 'comand'\n" },
		{ HEAD "interface I id 1 { command a = 1 { } command b = 2 { request { } }\n"
		  "command c = 3 { response { } } }",
		  "2:28 L0001 command 'a' has no request and no response\n"
		  "2:46 L0001 command 'b' has no response\n"
		  "3:9 L0001 command 'c' has no request\n" },
		{ HEAD "interface I id 1 { "
		  "command a = 1 { response { } request { } response { } request { } } }",
		  "2:49 L0001 the request stands before the response\n"
		  "2:61 L0001 a command has one response\n"
		  "2:74 L0001 a command has one request\n" },
		{ HEAD "interface I id 1 { command a = 1 { x; } oneway b = 2 { request { } } }",
		  "2:36 L0001 expected '}', 'request' or 'response', found 'x'\n"
		  "2:56 L0001 expected a number, '}' or 'reserved', found 'request'\n" },
		{ HEAD "group G { };\ninterface I id 1 { oneway a = 1 { };\n"
		  "command b = 2 { request { }; response { } } };",
		  "2:12 L0001 this ';' ends nothing\n3:36 L0001 this ';' ends nothing\n"
		  "4:28 L0001 this ';' ends nothing\n4:46 L0001 this ';' ends nothing\n" },
		{ HEAD "group G { 1: u8 a; } }\ngroup H { }",
		  "2:22 L0001 '}' without a '{' that it could close\n" },
		{ HEAD "group G {\n\t1: u8 a;\n",
		  "3:10 L0001 expected a number, '}' or 'reserved', "
		  "found end of file\n" },
		{ HEAD "group aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee\n"
		  "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee {}",
		  "3:1 L0001 expected '{', found 'aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...'\n" },
	};

	(void)state;
	CHECK_BAD(cases);
}

static void test_notes(void **state)
{
	static const struct bad cases[] = {
		{ HEAD "group G { 1: u8 a since 1 deprecated \"x\" since 2; }",
		  "2:42 L0001 'since' is given twice\n" },
		{ HEAD "group G { deprecated \"x\" 1: u8 a deprecated \"y\"; }",
		  "2:34 L0001 'deprecated' is given twice\n" },
		{ HEAD "interface I id 1 { oneway a = 1 replay safe replay safe { } }",
		  "2:45 L0001 'replay safe' is given twice\n" },
		{ HEAD "group G { 1: u8 a replay safe; }",
		  "2:19 L0001 'replay safe' stands on commands and one-ways only\n" },
		{ HEAD "struct S { u8 a replay safe; } enum E : u8 { A = 1 replay safe; }",
		  "2:17 L0001 'replay safe' stands on commands and one-ways only\n"
		  "2:52 L0001 'replay safe' stands on commands and one-ways only\n" },
		{ HEAD "group G since 1 { }\nstruct S deprecated \"x\" { }\n"
		  "interface I replay safe id 1 { }\ndeprecated \"x\" const u8 A since 1 = 1;\n"
		  "enum E since 1 : u8 { }\n",
		  "2:9 L0001 'since' stands on commands, items and members only\n"
		  "3:10 L0001 'deprecated' stands on commands, items and members only\n"
		  "4:13 L0001 'replay safe' stands on commands and one-ways only\n"
		  "5:1 L0001 'deprecated' stands on commands, items and members only\n"
		  "5:27 L0001 'since' stands on commands, items and members only\n"
		  "6:8 L0001 'since' stands on commands, items and members only\n" },
		{ HEAD "deprecated \"x\" import \"y\";\ngroup G { deprecated \"x\" reserved 1; }\n"
		  "interface I id 1 { deprecated \"x\" use y; }",
		  "2:1 L0001 'deprecated' stands on commands, items and members only\n"
		  "3:11 L0001 'deprecated' stands on commands, items and members only\n"
		  "4:20 L0001 'deprecated' stands on commands, items and members only\n" },
		{ "deprecated \"x\" library a version 1;",
		  "1:1 L0001 'deprecated' stands on commands, items and members only\n" },
	};

	(void)state;
	CHECK_BAD(cases);
	parse(cases[0].text);
	assert_false(file->incomplete);
	assert_non_null(strstr(printed(), "a.lwl:2:19: note: first given here\n"));
}

static void test_token_errors(void **state)
{
	static const struct bad cases[] = {
		{ HEAD "group G { 1: u8 a @@; 2: u8 b; }\n#include",
		  "2:19 L0002 no token starts with '@'\n3:1 L0002 no token starts with '#'\n" },
		{ HEAD "const u8 A = (((((5)))));",
		  "2:14 L0002 no token starts with '('\n2:20 L0002 no token starts with ')'\n" },
		{ HEAD "const u8 A \1\2\3= 5;\n",
		  "2:12 L0002 no token starts with character U+0001\n" },
		{ HEAD "const u8\rA = 5;\n", "2:9 L0002 no token starts with character U+000D\n" },
		{ HEAD "const u8\302\240A = 5;\n",
		  "2:9 L0002 no token starts with character U+00A0\n" },
		{ HEAD "import \342\200\234x;\n",
		  "2:8 L0002 no token starts with character U+201C\n" },
		{ HEAD "const u8 A = 5 / 2;\n", "2:16 L0002 no token starts with '/'\n" },
		{ HEAD "group G\303\266\303\266 { 1: u8 \346\227\245; }",
		  "2:8 L0002 '\303\266' in a name\n2:19 L0002 '\346\227\245' in a name\n" },
		{ HEAD "import \"x;\nimport \"y\";",
		  "2:8 L0005 the string does not end on its line\n" },
		{ HEAD "import \"x\\", "2:8 L0005 the string does not end on its line\n" },
		{ HEAD "import \"a\\n\";",
		  "2:10 L0005 a backslash stands only before '\"' or '\\' in a string\n" },
		{ HEAD "import \"a\tb\";", "2:10 L0005 control character in a string\n" },
		{ HEAD "import \"a\302\205b\";", "2:10 L0005 control character in a string\n" },
		{ HEAD "const u8 A = 12ab;", "2:14 L0006 '12ab' is not a number\n" },
		{ HEAD "const u8 A = 0x;", "2:14 L0006 '0x' is not a number\n" },
		{ HEAD "const u8 A = 0xfg;", "2:14 L0006 '0xfg' is not a number\n" },
		{ HEAD "const u8 A = 1.;", "2:14 L0006 '1.' is not a number\n" },
		{ HEAD "const u8 A = .5;", "2:14 L0006 '.5' is not a number\n" },
		{ HEAD "const u8 A = 1e5;", "2:14 L0006 '1e5' is not a number\n" },
		{ HEAD "const u8 A = 1e-5;", "2:14 L0006 '1e-5' is not a number\n" },
		{ HEAD "const u8 A = 1.5e;", "2:14 L0006 '1.5e' is not a number\n" },
		{ HEAD "const u8 A = 1.5e+;", "2:14 L0006 '1.5e+' is not a number\n" },
		{ HEAD "const u8 A = 1.2.3;", "2:14 L0006 '1.2.3' is not a number\n" },
		{ HEAD "const u8 A = 1.5f;", "2:14 L0006 '1.5f' is not a number\n" },
		{ HEAD "const u8 A = 007;", "2:14 L0006 '007' starts with a zero\n" },
		{ HEAD "const u8 A = 18446744073709551616;",
		  "2:14 L0006 '18446744073709551616' does not fit in 64 bits\n" },
		{ HEAD "const u8 A = 0x10000000000000000;",
		  "2:14 L0006 '0x10000000000000000' does not fit in 64 bits\n" },
		{ HEAD "group G { 1: string<1..05> a; 2: u8 b }",
		  "2:24 L0006 '05' starts with a zero\n"
		  "2:39 L0001 expected '=' or ';', found '}'\n" },
		{ HEAD "/* const u8 A = 5;\n\"*/ const u8 B = 5;", "2:1 L0010 block comment\n" },
		{ HEAD "group G { } /* to the end **", "2:13 L0010 block comment\n" },
	};

	(void)state;
	CHECK_BAD(cases);
	parse(cases[24].text);
	assert_non_null(strstr(printed(), "\nhelp: write it without leading zeros\n"));
}

static void test_stray_docs(void **state)
{
	static const struct bad cases[] = {
		{ HEAD "/// x\n/// y\nimport \"x\";",
		  "2:1 L0009 this doc comment documents nothing\n" },
		{ HEAD "/// x", "2:1 L0009 this doc comment documents nothing\n" },
		{ HEAD "group G {\n1: u8 a; /// x\n}",
		  "3:10 L0009 this doc comment documents nothing\n" },
		{ HEAD "group G {\n/// x\nreserved 1; 1: u8 /// y\n/// z\na; }",
		  "3:1 L0009 this doc comment documents nothing\n"
		  "4:19 L0009 this doc comment documents nothing\n" },
		{ HEAD "interface I id 1 {\n/// x\nuse y; command a = 1 {\n/// r\nrequest { }\n"
		  "/// s\nresponse { }\n/// t\n} }",
		  "3:1 L0009 this doc comment documents nothing\n"
		  "5:1 L0009 this doc comment documents nothing\n"
		  "7:1 L0009 this doc comment documents nothing\n"
		  "9:1 L0009 this doc comment documents nothing\n" },
		{ HEAD "group G { 1: union { 1: u8 a; } /// x\nu; }",
		  "2:33 L0009 this doc comment documents nothing\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		parse(cases[i].text);
		assert_string_equal(reports(), cases[i].expected);
		assert_false(file->incomplete);
	}
}

static void test_bad_bytes(void **state)
{
	static const struct {
		const char *bytes;
		size_t length, bad;	/* offset of the first bad byte */
	} cases[] = {
		{ "\200", 1, 0 }, { "a\300\200", 3, 1 }, { "\301\277", 2, 0 }, { "\302", 1, 0 },
		{ "\302a", 2, 0 }, { "\340\237\277", 3, 0 }, { "\355\240\200", 3, 0 },
		{ "\360\217\277\277", 4, 0 }, { "\364\220\200\200", 4, 0 },
		{ "\365\200\200\200", 4, 0 },
		{ "\377", 1, 0 }, { "\342\202", 2, 0 }, { "\360\237\230", 3, 0 },
		{ "\360\237\230a", 4, 0 }, { "// \303\244 \303", 7, 6 }, { "\200\0", 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		parse_bytes(cases[i].bytes, cases[i].length);
		assert_int_equal(diag_count(diagnostics), 1);
		assert_non_null(strstr(reports(), " L0003 byte 0x"));
		assert_true(file->incomplete);
		assert_null(file->library.text);
		assert_non_null(strstr(printed(),
				       arena_printf(arena, "byte 0x%02x is not valid UTF-8 here\n",
						    (unsigned char)cases[i].bytes[cases[i].bad])));
	}
	parse_bytes(HEAD "\0\377", sizeof HEAD + 1);
	assert_string_equal(reports(), "2:1 L0004 NUL byte; the file is not a schema\n");
	assert_true(file->incomplete);
	parse(HEAD "// \302\200 \340\240\200 \355\237\277 \356\200\200 \360\220\200\200 "
	      "\364\217\277\277");
	assert_string_equal(reports(), "");
}

/* One run shows every mistake, in order, none of them twice, and reads what is right. */
static void test_recovery(void **state)
{
	(void)state;
	parse("library a version 1;\n"
	      "grup Foo { 1: u32 a; 2: union { 1: u8 a; } b; }\n"
	      "grup Bar { 1: u32 a; };\n"
	      "const u16 A = 5\n"
	      "const u16 B = 6;\n"
	      "group G {\n"
	      "\t1: u32 ;\n"
	      "\t2: u64 a\n"
	      "\t3: u64 b;\n"
	      "\t4: uniom { 1: A a; } name;\n"
	      "\t5: u32 c }\n"
	      "group Open {\n"
	      "\t1: union {\n"
	      "\t\t1: u32 a;\n"
	      "group Next { 1: u32 a; 2 u32 b; 3: u32 c; }\n"
	      "interface I id 1 {\n"
	      "\tcommand a = 1 { request { 1: u8 a } response { 1 u8 a; } }\n"
	      "\tcomand b = 2 { request { } response { } }\n"
	      "\tuse x\n"
	      "}\n"
	      "struct S {\n"
	      "\tu8 a;\n"
	      "\tenum X : u8 { A = 1; }\n"
	      "\tu8 b;\n"
	      "}\n"
	      "enum E : u8 { A = 1, B = 2; C = 3; }\n");
	assert_string_equal(reports(),
			    "2:1 L0001 expected a declaration, found 'grup'\n"
			    "3:1 L0001 expected a declaration, found 'grup'\n"
			    "5:1 L0001 expected ';', found 'const'\n"
			    "7:9 L0001 expected a name, found ';'\n"
			    "9:2 L0001 expected '=' or ';', found '3'\n"
			    "10:11 L0001 expected a name, found '{'\n"
			    "11:11 L0001 expected '=' or ';', found '}'\n"
			    "15:1 L0001 expected a number, '}' or 'reserved', found 'group'\n"
			    "15:26 L0001 expected ':', found 'u32'\n"
			    "17:36 L0001 expected '=' or ';', found '}'\n"
			    "17:51 L0001 expected ':', found 'u8'\n"
			    "18:2 L0001 expected a command, '}', 'use' or "
			    "'reserved', found 'comand'\n"
			    "20:1 L0001 expected ';', found '}'\n"
			    "23:2 L0001 expected a type or '}', found 'enum'\n"
			    "26:20 L0001 expected ';', found ','\n");
	assert_true(file->incomplete);
	assert_string_equal(tree(),
			    "library a 1\n"
			    "const B : #2 = 6\n"
			    "group G {3: #4 b;}\n"
			    "group Open {}\n"
			    "group Next {1: #3 a;3: #3 c;}\n"
			    "interface I = 1 {command 1=a {}{};}\n"
			    "struct S {#1 a;#1 b;}\n"
			    "enum E : #1 {3=C;}\n");
}

/* `before`, then `piece` again and again, then `after`. */
static void parse_many(const char *before, const char *piece, size_t count, const char *after)
{
	size_t head = strlen(before), length = strlen(piece), tail = strlen(after);
	char *text = malloc(head + count * length + tail + 1);

	assert_non_null(text);
	memcpy(text, before, head);
	for (size_t i = 0; i < count; i++)
		memcpy(text + head + i * length, piece, length);
	memcpy(text + head + count * length, after, tail);
	parse_bytes(text, head + count * length + tail);
	free(text);
	assert_non_null(printed());
}

static void test_long_names(void **state)
{
	(void)state;
	parse_many(HEAD "group ", "a", 255, " { }");
	assert_string_equal(reports(), "");
	parse_many(HEAD "group ", "a", 256, " { 1 }");
	assert_string_equal(reports(), "2:7 L0007 a name of 256 bytes; at most 255 are allowed\n"
				       "2:268 L0001 expected ':', found '}'\n");
	parse_many(HEAD "group ", "a", 1000000, " { }");
	assert_string_equal(reports(),
			    "2:7 L0007 a name of 1000000 bytes; at most 255 are allowed\n");
	assert_int_equal(strlen(file->declarations->name.text), 255);
}

static void test_nesting(void **state)
{
	char text[1024] = HEAD "group G { ";

	(void)state;
	parse_many(HEAD "group G { ", "1: union { ", 20000, "");
	assert_string_equal(reports(), "2:713 L0008 more than 64 braces are open\n"
				       "2:220010 L0001 expected a number, '}' or 'reserved', "
				       "found end of file\n");
	for (size_t i = 0; i < 64; i++)
		strcat(text, "} a; ");
	strcat(text, "} group H { }");
	parse_many(HEAD "group G { ", "1: union { ", 63, strstr(text, "} a; ") + 5);
	assert_string_equal(reports(), "");
	parse_many(HEAD "group G { ", "1: union { ", 64, strstr(text, "} a; "));
	assert_string_equal(reports(), "2:713 L0008 more than 64 braces are open\n");
	assert_string_equal(file->declarations->next->name.text, "H");
	parse_many(HEAD, "{", 1000000, "");
	assert_string_equal(reports(), "2:1 L0001 expected a declaration, found '{'\n");
}

/* A megabyte of the same few bytes: few reports, soon. */
static void test_masses(void **state)
{
	static const struct {
		const char *before, *piece;
		size_t bytes, reports;
	} cases[] = {
		{ HEAD, "(", 1000000, 1 }, { HEAD, "\1", 1000000, 1 }, { HEAD, "\r", 1000000, 1 },
		{ HEAD, "/*", 3, 1 }, { HEAD, "[", 1000000, 1 }, { HEAD, "\302\240", 1000000, 1 },
		{ HEAD, "\"", 1000000, 2 }, { HEAD, "\n", 1000000, 0 }, { HEAD, "/", 1000000, 0 },
		{ HEAD "const u8 A = ", "1", 1000000, 1 },
		{ HEAD "const u8 A = ", "1.", 1000000, 1 },
		{ HEAD "import \"", "\\", 1000000, 1 }, { HEAD, "( ", 1000000, DIAG_LIMIT + 1 },
		{ HEAD, ";", 1000000, DIAG_LIMIT + 1 }, { HEAD, "}", 1000000, DIAG_LIMIT + 1 },
		{ HEAD, "group\n", 1000000, DIAG_LIMIT + 1 },
		{ HEAD, "group G {\n", 1000000, DIAG_LIMIT + 1 },
		{ HEAD "group G { ", "1\n", 1000000, DIAG_LIMIT + 1 },
		{ HEAD "group G { 1: u8 a ", "since 1 ", 100000, 1 },
		{ HEAD "use ", "a.", 100000, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		parse_many(cases[i].before, cases[i].piece,
			   cases[i].bytes / strlen(cases[i].piece) + 1, "");
		assert_int_equal(diag_count(diagnostics), cases[i].reports);
	}
}

/* Xorshift: the same bytes in every run. */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/*
 * A valid schema with a few bytes changed, taken out or doubled.  Whatever comes of it, there is a
 * file, and it is whole or there is a report.
 */
static void test_mutations(void **state)
{
	static const char signs[] = "{}[]<>=:;,.?-/\"\\* \n09aAeu_x\r\t\1(#";
	char text[2 * sizeof example];
	uint32_t seed = 20060101;

	(void)state;
	for (size_t round = 0; round < 20000; round++) {
		size_t length = sizeof example - 1, changes = 1 + next_random(&seed) % 4;

		memcpy(text, example, length);
		while (changes-- > 0) {
			size_t place = next_random(&seed) % length;
			size_t piece = 1 + next_random(&seed) % 20;

			if (piece > length - place)
				piece = length - place;
			switch (next_random(&seed) % 4) {
			case 0:
				text[place] = (char)next_random(&seed);
				break;
			case 1:
				text[place] = signs[next_random(&seed) % (sizeof signs - 1)];
				break;
			case 2:
				memmove(text + place, text + place + piece, length - place - piece);
				length -= piece;
				break;
			default:
				memmove(text + place + piece, text + place, length - place);
				length += piece;
				break;
			}
		}
		parse_bytes(text, length);
		assert_true(!file->incomplete || diag_count(diagnostics) > 0);
		assert_in_range(diag_count(diagnostics), 0, 40);
		assert_non_null(tree());
		assert_non_null(printed());
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_example, tear_down),
		cmocka_unit_test_teardown(test_constructs, tear_down),
		cmocka_unit_test_teardown(test_any_word, tear_down),
		cmocka_unit_test_teardown(test_docs, tear_down),
		cmocka_unit_test_teardown(test_syntax_errors, tear_down),
		cmocka_unit_test_teardown(test_notes, tear_down),
		cmocka_unit_test_teardown(test_token_errors, tear_down),
		cmocka_unit_test_teardown(test_stray_docs, tear_down),
		cmocka_unit_test_teardown(test_bad_bytes, tear_down),
		cmocka_unit_test_teardown(test_recovery, tear_down),
		cmocka_unit_test_teardown(test_long_names, tear_down),
		cmocka_unit_test_teardown(test_nesting, tear_down),
		cmocka_unit_test_teardown(test_masses, tear_down),
		cmocka_unit_test_teardown(test_mutations, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
