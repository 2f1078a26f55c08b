/* Schemas from text to the checked model: what comes out of good ones, and that bad ones fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../idl/idl.h"

/* ---- a folder of schemas for each test ---- */

struct folder {
	char path[512];
	char files[16][600];
	size_t count;
	struct idl *idl;
};

static int set_up(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);
	const char *base = getenv("TMPDIR");

	if (!folder)
		return -1;
	snprintf(folder->path, sizeof folder->path, "%.400s/lwl-check-XXXXXX", base ? base : P_tmpdir);
	if (!mkdtemp(folder->path))
		return -1;
	*state = folder;
	return 0;
}

static int tear_down(void **state)
{
	struct folder *folder = *state;

	if (folder->idl)
		idl_free(folder->idl);
	while (folder->count > 0)
		remove(folder->files[--folder->count]);
	rmdir(folder->path);
	free(folder);
	return 0;
}

static const char *path_of(struct folder *folder, const char *name)
{
	char path[sizeof folder->files[0]];
	int length = snprintf(path, sizeof path, "%s/%s", folder->path, name);

	assert_in_range(length, 1, sizeof path - 1);
	assert_true(folder->count < sizeof folder->files / sizeof *folder->files);
	return memcpy(folder->files[folder->count++], path, sizeof path);
}

static const char *write_file(struct folder *folder, const char *name, const char *text)
{
	const char *path = path_of(folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void load_path(struct folder *folder, const char *path, const char *include)
{
	if (folder->idl)
		idl_free(folder->idl);
	folder->idl = idl_load(path, &include, include ? 1 : 0);
}

/* Every error's number, in the order of the output: "L0031 L0042". */
static void assert_errors(const struct folder *folder, const char *expected)
{
	char *text = NULL, found[2048] = "";
	size_t size, at = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	diag_print(folder->idl->diagnostics, out, DIAG_TEXT);
	assert_int_equal(fclose(out), 0);
	for (const char *error = text; (error = strstr(error, "error[L")) != NULL; error++)
		at += (size_t)snprintf(found + at, sizeof found - at, "%s%.5s", at ? " " : "", error + 6);
	if (strcmp(found, expected) != 0)
		print_message("%s", text);
	free(text);
	assert_string_equal(found, expected);
	assert_true((folder->idl->model == NULL) == (expected[0] != '\0'));
}

static void load_text(struct folder *folder, const char *body, const char *expected)
{
	char *text = malloc(strlen(body) + 64);

	assert_non_null(text);
	sprintf(text, "library test.t version 3;\n%s", body);
	folder->count = 0;
	load_path(folder, write_file(folder, "t.lwl", text), NULL);
	free(text);
	assert_errors(folder, expected);
}

/* ---- finding things in a model ---- */

static const struct declaration *find(const struct folder *folder, const char *name)
{
	const struct library *library = folder->idl->model->library;

	for (size_t i = 0; i < library->declaration_count; i++) {
		const struct declaration *declaration = &library->declarations[i];
		/* `c` comes first in everything that is declared. */
		const struct common *common = (const struct common *)(const void *)declaration->constant;

		if (strcmp(common->name, name) == 0)
			return declaration;
	}
	fail_msg("no declaration %s", name);
	return NULL;
}

static const struct field *field_of(const struct group *group, const char *name)
{
	for (size_t i = 0; i < group->field_count; i++) {
		if (strcmp(group->fields[i].c.name, name) == 0)
			return &group->fields[i];
	}
	fail_msg("no field %s", name);
	return NULL;
}

static const struct command *command_of(const struct folder *folder, const char *interface,
					const char *name)
{
	const struct interface *found = find(folder, interface)->interface;

	for (size_t i = 0; i < found->command_count; i++) {
		if (strcmp(found->commands[i].c.name, name) == 0)
			return &found->commands[i];
	}
	fail_msg("no command %s", name);
	return NULL;
}

/* ---- good schemas ---- */

static const char vfs_text[] =
	"/// Files.\n"
	"library lwlink.vfs version 2;\n"
	"import \"cache.lwl\";\n"
	"group Attr {\n"
	"	4: Time[..4] history;\n"
	"	1: Stat stat;\n"
	"	2: u32 weight = 1;\n"
	"	3: string<64>? owner since 2;\n"
	"	reserved 8, 10..12, \"atime\";\n"
	"}\n"
	"struct Stat { u64 ino; u64 size; u32 mode; FileType type; u8[16] tag; Time mtime; }\n"
	"struct Time { s64 sec; u32 nsec; }\n"
	"const u16 NAME_MAX = LONGEST;\n"
	"const u16 LONGEST = 255;\n"
	"enum FileType : u16 { REGULAR = 1; DIRECTORY = 2; SYMLINK = 3; }\n"
	"flexible enum Hint : s16 { NORMAL = -1; SEQUENTIAL = 1; }\n"
	"flags OpenFlags : u32 { READ = 0; WRITE = 1; APPEND = 31; }\n"
	"group Entry { 1: bytes<1..NAME_MAX> name; 2: Stat stat; }\n"
	"interface Node id 0x10 {\n"
	"	deprecated \"use lookup\" command resolve = 9 since 1 { request { } response { } }\n"
	"	/// Resolve `name`.\n"
	"	command lookup = 1 replay safe {\n"
	"		request { 1: bytes<1..NAME_MAX> name; }\n"
	"		response { 1: link<Node> node; 2: Attr attr; }\n"
	"	}\n"
	"	command read = 2 {\n"
	"		request { 1: u64 offset; 2: u32 count; 3: OpenFlags how = [WRITE, APPEND]; }\n"
	"		response { 1: bytes<32768>? data; 2: link<cache.Object>? object; 3: link any; }\n"
	"	}\n"
	"	command readdir = 3 {\n"
	"		request { 1: u64 cookie = 0; }\n"
	"		response { 1: Entry[..1024 in 60000] entries; 2: bool more = false; }\n"
	"	}\n"
	"	oneway hint = 4 { 1: u64 ino; 2: Hint hint = NORMAL; }\n"
	"	use lwlink.cache.Closable;\n"
	"	reserved 5..8;\n"
	"}\n";

static const char cache_text[] =
	"library lwlink.cache version 1;\n"
	"interface Closable id 1 { oneway close = 1 { } }\n"
	"interface Object id 2 { use Closable; }\n";

static void load_vfs(struct folder *folder)
{
	write_file(folder, "cache.lwl", cache_text);
	load_path(folder, write_file(folder, "vfs.lwl", vfs_text), NULL);
	assert_errors(folder, "");
}

static void test_library(void **state)
{
	struct folder *folder = *state;
	const struct model *model;
	const struct library *library;

	load_vfs(folder);
	model = folder->idl->model;
	library = model->library;
	assert_string_equal(library->c.name, "lwlink.vfs");
	assert_string_equal(library->c.doc, "Files.");
	assert_string_equal(library->prefix, "vfs");
	assert_string_equal(library->file, "vfs.lwl");
	assert_int_equal(library->version, 2);
	assert_int_equal(model->library_count, 2);
	assert_ptr_equal(model->libraries[1], library);
	assert_int_equal(library->import_count, 1);
	assert_ptr_equal(library->imports[0], model->libraries[0]);
	assert_int_equal(folder->idl->file_count, 2);
	assert_string_equal(folder->idl->files[0], folder->files[1]);
	assert_int_equal(library->declaration_count, 10);
	assert_string_equal(library->declarations[0].group->c.name, "Attr");
	assert_int_equal(library->declarations[9].kind, DECL_INTERFACE);
	/* What is contained stands before what contains it, whatever the order of the source. */
	assert_int_equal(library->structure_count, 2);
	assert_string_equal(library->structures[0]->c.name, "Time");
	assert_string_equal(library->structures[1]->c.name, "Stat");
}

static void test_values(void **state)
{
	struct folder *folder = *state;
	const struct enumeration *hint, *flags;
	const struct field *how;

	load_vfs(folder);
	assert_int_equal(find(folder, "NAME_MAX")->constant->bits, 255);
	assert_int_equal(find(folder, "NAME_MAX")->constant->type.size, 2);
	hint = find(folder, "Hint")->enumeration;
	assert_true(hint->is_flexible);
	assert_false(hint->is_flags);
	assert_true(hint->members[0].value == UINT64_MAX);
	flags = find(folder, "OpenFlags")->enumeration;
	assert_true(flags->is_flags);
	assert_true(flags->known_bits == 0x80000003);
	assert_int_equal(flags->members[2].value, 31);
	how = field_of(command_of(folder, "Node", "read")->request, "how");
	assert_int_equal(how->presence, PRESENCE_DEFAULT);
	assert_true(how->default_bits == 0x80000002);
	assert_true(field_of(command_of(folder, "Node", "hint")->request, "hint")->default_bits ==
		    UINT64_MAX);
}

static void test_fields(void **state)
{
	struct folder *folder = *state;
	const struct group *attr;
	const struct field *field;

	load_vfs(folder);
	attr = find(folder, "Attr")->group;
	assert_int_equal(attr->field_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(attr->fields[i].number, i + 1);
	assert_ptr_equal(attr->declared[0], &attr->fields[3]);
	assert_ptr_equal(attr->declared[1], &attr->fields[0]);
	assert_ptr_equal(attr->declared[3], &attr->fields[2]);
	assert_int_equal(attr->fields[0].presence, PRESENCE_REQUIRED);
	assert_int_equal(attr->fields[0].type.size, 56);
	assert_int_equal(attr->fields[1].default_bits, 1);
	assert_int_equal(attr->fields[2].presence, PRESENCE_OPTIONAL);
	assert_int_equal(attr->fields[2].c.since, 2);
	assert_int_equal(attr->fields[2].type.max, 64);
	assert_int_equal(attr->fields[3].presence, PRESENCE_LIST);
	assert_int_equal(attr->fields[3].type.shape, SHAPE_LIST);
	assert_int_equal(attr->fields[3].type.max, 4);
	field = field_of(find(folder, "Entry")->group, "name");
	assert_int_equal(field->type.min, 1);
	assert_int_equal(field->type.max, 255);
	field = field_of(command_of(folder, "Node", "readdir")->response, "entries");
	assert_int_equal(field->type.list_bytes, 60000);
	assert_int_equal(field->type.max, 1024);
	assert_null(field_of(command_of(folder, "Node", "read")->response, "any")->type.interface);
}

static void test_commands(void **state)
{
	struct folder *folder = *state;
	const struct interface *node;
	const struct command *lookup, *hint, *resolve;

	load_vfs(folder);
	node = find(folder, "Node")->interface;
	assert_int_equal(node->id, 0x10);
	assert_int_equal(node->command_count, 5);
	lookup = &node->commands[0];
	assert_string_equal(lookup->c.name, "lookup");
	assert_string_equal(lookup->c.doc, "Resolve `name`.");
	assert_true(lookup->is_replay_safe);
	assert_ptr_equal(lookup->request->command, lookup);
	assert_ptr_equal(field_of(lookup->response, "node")->type.interface, node);
	hint = &node->commands[3];
	assert_true(hint->is_oneway);
	assert_false(hint->is_replay_safe);
	assert_null(hint->response);
	resolve = &node->commands[4];
	assert_int_equal(resolve->number, 9);
	assert_string_equal(resolve->c.deprecated, "use lookup");
	assert_int_equal(resolve->c.since, 1);
	assert_int_equal(node->closure_count, 2);
	assert_ptr_equal(node->closure[0], node);
	assert_string_equal(node->closure[1]->c.name, "Closable");
}

static void test_sizes(void **state)
{
	struct folder *folder = *state;
	const struct command *lookup, *readdir;

	load_vfs(folder);
	lookup = command_of(folder, "Node", "lookup");
	/* 16 + (4 + 255) = 275, padded 280 */
	assert_int_equal(lookup->request_max, 280 + 64);
	/* Attr: stat 8 + 56, weight 8, owner 68 padded 72, history 8 + 64: 216 */
	assert_int_equal(find(folder, "Attr")->group->largest[1], 216);
	/* 16 + 16 + (8 + 216) = 256, less than the error's form, 291 */
	assert_int_equal(lookup->response_max, 296 + 64);
	readdir = command_of(folder, "Node", "readdir");
	/* 16 + 60000 + 5 = 60021 */
	assert_int_equal(readdir->response_max, 60024 + 64);
	/* 16 + 16 + 6 = 38 */
	assert_int_equal(command_of(folder, "Node", "hint")->request_max, 40 + 64);
	assert_int_equal(command_of(folder, "Node", "hint")->response_max, 0);
}

static void test_largest_message(void **state)
{
	struct folder *folder = *state;

	load_text(folder, "interface I id 1 { oneway m = 1 { 1: bytes<65451> data; } }\n", "");
	assert_int_equal(command_of(folder, "I", "m")->request_max, 65472 + 64);
	load_text(folder, "interface I id 1 { oneway m = 1 { 1: bytes<65452> data; } }\n", "L0083");
	/* 65472 of 65471: the last element's padding is no part of the message. */
	load_text(folder, "group G { 1: bytes<47> data; }\n"
			  "interface I id 1 { oneway m = 1 { 1: G[..1022] a; 2: bytes<28> b; } }\n", "");
}

static void test_numbers_of_floats(void **state)
{
	struct folder *folder = *state;

	load_text(folder, "const f32 TENTH = 0.1;\nconst f64 MINUS = -2.5;\nconst f64 ZERO = -0.0;\n"
			  "const f32 NARROW = MINUS;\nconst s64 LEAST = -9223372036854775808;\n"
			  "const u64 MOST = 18446744073709551615;\nconst f32 TINY = 1.0e-45;\n"
			  "group G { 1: s8 less = LOW; }\nconst s32 LOW = -128;\n", "");
	assert_true(find(folder, "TENTH")->constant->bits == 0x3dcccccd);
	assert_true(find(folder, "MINUS")->constant->bits == 0xc004000000000000);
	assert_true(find(folder, "ZERO")->constant->bits == 0x8000000000000000);
	assert_true(find(folder, "NARROW")->constant->bits == 0xc0200000);
	assert_true(find(folder, "LEAST")->constant->bits == 0x8000000000000000);
	assert_true(find(folder, "MOST")->constant->bits == UINT64_MAX);
	assert_true(find(folder, "TINY")->constant->bits == 1);
	assert_true(find(folder, "G")->group->fields[0].default_bits == (uint64_t)-128);
	load_text(folder, "const f32 A = 3.5e38;\nconst f32 B = 1.0e-50;\nconst f64 C = 1.0e309;\n"
			  "const s64 D = 9223372036854775808;\n", "L0064 L0064 L0064 L0064");
}

/* ---- recursion ---- */

static void test_on_cycle(void **state)
{
	struct folder *folder = *state;
	const struct group *a, *b, *c, *choice;
	const struct library *library;

	load_text(folder, "group A { 1: B? b; 2: Leaf leaf; 3: Self[..2] selves; }\n"
			  "group B { 1: A[..3 in 400] a; 2: Leaf? leaf; }\n"
			  "group C { 1: union { 1: C again; 2: Leaf leaf; 3: union { 1: C deep; } in; } u;\n"
			  "	2: A a; }\n"
			  "group Leaf { 1: u8 x; }\n"
			  "group Self { 1: Self? next; }\n"
			  "interface I id 1 { oneway m = 1 { 1: union { 1: A a; 2: u8 b; } u; } }\n", "");
	a = find(folder, "A")->group;
	b = find(folder, "B")->group;
	c = find(folder, "C")->group;
	assert_true(field_of(a, "b")->on_cycle);
	assert_false(field_of(a, "leaf")->on_cycle);
	assert_false(field_of(a, "selves")->on_cycle);
	assert_true(field_of(b, "a")->on_cycle);
	assert_false(field_of(b, "leaf")->on_cycle);
	assert_true(field_of(find(folder, "Self")->group, "next")->on_cycle);
	/* The union is a part of C; what leads back is its member. */
	assert_false(field_of(c, "u")->on_cycle);
	assert_false(field_of(c, "a")->on_cycle);
	choice = field_of(c, "u")->type.group;
	assert_true(choice->is_union);
	assert_ptr_equal(choice->parent, c);
	assert_ptr_equal(choice->parent_field, field_of(c, "u"));
	assert_true(field_of(choice, "again")->on_cycle);
	assert_false(field_of(choice, "leaf")->on_cycle);
	assert_false(field_of(choice, "in")->on_cycle);
	assert_true(field_of(field_of(choice, "in")->type.group, "deep")->on_cycle);
	assert_false(field_of(command_of(folder, "I", "m")->request, "u")->on_cycle);

	/* Five groups and three unions, what is contained first, except on a cycle. */
	library = folder->idl->model->library;
	assert_int_equal(library->group_count, 8);
	for (size_t i = 0; i < library->group_count; i++) {
		const struct group *group = library->groups[i];

		assert_null(group->command);
		for (size_t k = 0; k < group->field_count; k++) {
			const struct field *field = &group->fields[k];
			bool is_before = false;

			if (field->type.kind != TYPE_GROUP && field->type.kind != TYPE_UNION)
				continue;
			for (size_t n = 0; n < i; n++)
				is_before = is_before || library->groups[n] == field->type.group;
			assert_true(is_before || field->on_cycle);
		}
	}
}

static void test_finite(void **state)
{
	struct folder *folder = *state;

	load_text(folder, "group A { 1: A? a; 2: A[..2] b; }\n"
			  "group B { 1: union { 1: B b; 2: C c; } u; }\ngroup C { 1: B? b; }\n", "");
	load_text(folder, "group A { 1: A a; }\n", "L0082");
	load_text(folder, "group A { 1: union { 1: A a; 2: B b; } u; }\ngroup B { 1: A a; }\n", "L0082");
	/* Two cycles, two reports; what merely leads to one gets none. */
	load_text(folder, "group A { 1: A a; }\ngroup B { 1: C c; }\ngroup C { 1: B b; 2: A a; }\n"
			  "group D { 1: A a; 2: C c; }\n"
			  "interface I id 1 { oneway m = 1 { 1: D d; } }\n", "L0082 L0082");
}

static void test_depth(void **state)
{
	struct folder *folder = *state;
	const char *chain = "group A { 1: B? b; }\ngroup B { 1: C? c; }\ngroup C { 1: D? d; }\n"
			    "group D { 1: E? e; }\ngroup E { 1: F? f; }\ngroup F { 1: G? g; }\n"
			    "group G { 1: union { 1: u8 x; } u; }\n";
	char text[1024];

	snprintf(text, sizeof text, "%sinterface I id 1 { oneway m = 1 { 1: A a; } }\n", chain);
	load_text(folder, text, "");
	snprintf(text, sizeof text, "%sgroup Top { 1: A? a; }\n"
				    "interface I id 1 { oneway m = 1 { 1: Top t; } }\n", chain);
	load_text(folder, text, "L0084");
	/* No message, no limit. */
	snprintf(text, sizeof text, "%sgroup Top { 1: A? a; }\ngroup Over { 1: Top t; }\n", chain);
	load_text(folder, text, "");
	/* Recursion counts once: 7 levels above it leave it the last one. */
	load_text(folder, "group R { 1: R? r; 2: S? s; }\ngroup S { 1: R? r; }\n"
			  "group P1 { 1: P2? p; }\ngroup P2 { 1: P3? p; }\ngroup P3 { 1: P4? p; }\n"
			  "group P4 { 1: P5? p; }\ngroup P5 { 1: P6? p; }\ngroup P6 { 1: P7? p; }\n"
			  "group P7 { 1: R? r; }\n"
			  "interface I id 1 { oneway m = 1 { 1: P1 p; } }\n", "");
	/* The same, but what the recursive group requires has no room even at its first level. */
	load_text(folder, "group R { 1: R? r; 2: S s; }\ngroup S { 1: R? r; }\n"
			  "group P1 { 1: P2? p; }\ngroup P2 { 1: P3? p; }\ngroup P3 { 1: P4? p; }\n"
			  "group P4 { 1: P5? p; }\ngroup P5 { 1: P6? p; }\ngroup P6 { 1: P7? p; }\n"
			  "group P7 { 1: R? r; }\n"
			  "interface I id 1 { oneway m = 1 { 1: P1 p; } oneway n = 2 { 1: P2 p; } }\n",
		  "L0084");
}

/* ---- names and numbers ---- */

static void test_one_mistake_one_report(void **state)
{
	struct folder *folder = *state;

	load_text(folder, "struct S { Missing m; }\nstruct T { S s; }\ngroup G { 1: T t; 2: T[..4] u; }\n"
			  "interface I id 1 { oneway m = 1 { 1: G g; 2: S s; } }\n", "L0031");
	load_text(folder, "const u8 A = MISSING;\nconst u8 B = A;\ngroup G { 1: u8[B] x; 2: u8 y = A; }\n",
		  "L0031");
	load_text(folder, "enum E : f64 { A = 1; }\ngroup G { 1: E e = A; 2: E[..2] f; }\n", "L0058");
	load_text(folder, "enum E : u8 { A = 256; }\ngroup G { 1: E e = A; }\n", "L0064");
	load_text(folder, "interface A id 1 { use Missing; }\ninterface B id 1 { use A; }\n", "L0031");
	load_text(folder, "interface A id 1 { }\ninterface B id 1 { use A; }\n"
			  "interface C id 2 { use B; }\n",
		  "L0072");
	/* What did not parse may hold the missing name. */
	load_text(folder, "group G { 1: Lost a; 2: u8[LOST] b; }\nstruct Lost { u8 u8 u8; }\n"
			  "group H { 0: u8 x; }\n", "L0001 L0043");
}

static void test_names(void **state)
{
	struct folder *folder = *state;

	load_text(folder, "group G { 1: u8 link; 2: u8 group; 3: u8 id; }\nconst u8 version = 1;\n", "");
	load_text(folder, "group G { 1: u8 a; 2: u8 a; 3: u8 a; reserved \"a\"; }\n",
		  "L0035 L0034 L0034");
	load_text(folder, "group G { }\nenum G : u8 { A = 1; }\ninterface G id 1 { }\n", "L0030 L0030");
	/* Scopes of bodies are their own. */
	load_text(folder, "group a { 1: u8 a; }\nenum E : u8 { a = 1; }\nenum F : u8 { a = 1; }\n", "");
}

static void test_numbers(void **state)
{
	struct folder *folder = *state;

	load_text(folder, "group G { 16127: u8 a; 1: u8 b; reserved 2..16126; }\n", "");
	load_text(folder, "enum E : s64 { A = -9223372036854775808; B = 9223372036854775807; C = 0; }\n",
		  "");
	load_text(folder, "enum E : u64 { A = 18446744073709551615; B = 0; reserved 1..5; }\n", "");
	load_text(folder, "flags F : u64 { A = 63; reserved 0..62; }\n", "");
	load_text(folder, "group G { 5: u8 a; 5: u8 b; reserved 4..6, 5..9; }\n", "L0042 L0040 L0045");
	load_text(folder, "interface I id 0 { oneway a = 0 { } }\n", "L0070 L0071");
}

static void test_link_library(void **state)
{
	struct folder *folder = *state;

	load_path(folder, write_file(folder, "link.lwl", "library lwlink.link version 1;\n"
				     "interface Control id 0 { oneway pad = 0 { } reserved 6..0x3f; }\n"),
		  NULL);
	assert_errors(folder, "");
	assert_int_equal(find(folder, "Control")->interface->id, 0);
}

static void test_versions(void **state)
{
	struct folder *folder = *state;

	load_text(folder, "group G { 1: u8 a since 1; 2: u8 b since 3; 3: u8 c since 4; }\n"
			  "enum E : u8 { A = 1 since 0; }\nstruct S { u8 a since 9; }\n",
		  "L0036 L0036 L0036");
}

static void test_use(void **state)
{
	struct folder *folder = *state;
	const struct interface *top;

	load_text(folder, "interface Top id 4 { use Left; use Right; oneway top = 1 { } }\n"
			  "interface Left id 2 { use Base; oneway left = 1 { } }\n"
			  "interface Right id 3 { use Base; oneway right = 1 { } }\n"
			  "interface Base id 1 { oneway base = 1 { } }\n", "");
	top = find(folder, "Top")->interface;
	assert_int_equal(top->use_count, 2);
	assert_int_equal(top->closure_count, 4);
	assert_ptr_equal(top->closure[0], top);
	assert_string_equal(top->closure[1]->c.name, "Left");
	assert_string_equal(top->closure[2]->c.name, "Base");
	assert_string_equal(top->closure[3]->c.name, "Right");
	load_text(folder, "interface Top id 4 { use Left; oneway base = 1 { } }\n"
			  "interface Left id 2 { use Base; }\n"
			  "interface Base id 1 { oneway base = 1 { } }\n", "L0073");
	/* One name in interfaces that never meet is fine. */
	load_text(folder, "interface A id 1 { oneway x = 1 { } }\ninterface B id 1 { oneway x = 1 { } }\n",
		  "");
}

/* ---- files ---- */

static void test_imports(void **state)
{
	struct folder *folder = *state;
	char include[600];
	const char *top;

	snprintf(include, sizeof include, "%s/more", folder->path);
	assert_int_equal(mkdir(include, 0700), 0);
	path_of(folder, "more");
	/* Beside the importing file comes before -I; `far` is only there. */
	write_file(folder, "more/near.lwl", "library wrong version 1;\n");
	write_file(folder, "near.lwl", "library near version 1;\nimport \"base.lwl\";\n"
		   "group Near { 1: base.Base b; }\n");
	write_file(folder, "more/far.lwl", "library org.far version 1;\nimport \"../base.lwl\";\n"
		   "group Far { 1: base.Base b; }\n");
	write_file(folder, "base.lwl", "library base version 1;\nstruct Base { u8 x; }\n"
		   "const u8 N = 3;\n");
	top = write_file(folder, "top.lwl", "library top version 1;\nimport \"near.lwl\";\n"
			 "import \"far.lwl\";\nimport \"more/../base.lwl\";\n"
			 "group Top { 1: near.Near a; 2: far.Far b; 3: org.far.Far c; 4: base.Base d;\n"
			 "	5: u8[base.N] e; }\n");
	load_path(folder, top, include);
	assert_errors(folder, "");
	/* base.lwl was reached by three paths and is one library. */
	assert_int_equal(folder->idl->model->library_count, 4);
	assert_int_equal(folder->idl->file_count, 4);
	assert_string_equal(folder->idl->model->libraries[0]->prefix, "base");
	assert_string_equal(folder->idl->model->libraries[3]->prefix, "top");
	assert_ptr_equal(find(folder, "Top")->group->fields[1].type.group,
			 find(folder, "Top")->group->fields[2].type.group);
	load_path(folder, top, NULL);
	assert_errors(folder, "L0020");
}

static void test_imports_are_not_passed_on(void **state)
{
	struct folder *folder = *state;

	write_file(folder, "a.lwl", "library a version 1;\nstruct A { u8 x; }\n");
	write_file(folder, "b.lwl", "library b version 1;\nimport \"a.lwl\";\n");
	load_path(folder, write_file(folder, "c.lwl", "library c version 1;\nimport \"b.lwl\";\n"
				     "group C { 1: a.A x; 2: b.B y; 3: A z; }\n"), NULL);
	assert_errors(folder, "L0032 L0031 L0031");
}

static void test_libraries_of_one_name(void **state)
{
	struct folder *folder = *state;

	write_file(folder, "a.lwl", "library x.same version 1;\n");
	write_file(folder, "b.lwl", "library b version 1;\nimport \"a.lwl\";\n");
	load_path(folder, write_file(folder, "c.lwl", "library y.same version 1;\nimport \"b.lwl\";\n"),
		  NULL);
	assert_errors(folder, "L0024");
}

static void test_import_of_itself(void **state)
{
	struct folder *folder = *state;

	load_path(folder, write_file(folder, "a.lwl", "library a version 1;\nimport \"./a.lwl\";\n"),
		  NULL);
	assert_errors(folder, "L0021");
}

static void test_unreadable(void **state)
{
	struct folder *folder = *state;
	char missing[600];

	load_path(folder, folder->path, NULL);
	assert_errors(folder, "L0020");
	assert_int_equal(folder->idl->file_count, 0);
	snprintf(missing, sizeof missing, "%s/missing.lwl", folder->path);
	load_path(folder, missing, NULL);
	assert_errors(folder, "L0020");
	load_path(folder, "/dev/null", NULL);
	assert_errors(folder, "L0020");
}

static void test_pipe(void **state)
{
	static const char text[] = "library piped version 1;\ngroup G { 1: u8 x; }\n";
	struct folder *folder = *state;
	char path[64];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, sizeof text - 1), (int)(sizeof text - 1));
	close(ends[1]);
	snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
	load_path(folder, path, NULL);
	close(ends[0]);
	assert_errors(folder, "");
	assert_int_equal(find(folder, "G")->group->field_count, 1);
}

/* ---- schemas made to hurt ---- */

static void load_chain(struct folder *folder, const char *link, const char *end, unsigned length,
		       const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (unsigned i = 0; i < length; i++) {
		for (const char *at = link; *at; at++) {
			if (*at == '@')
				fprintf(out, "%u", i);
			else if (*at == '#')
				fprintf(out, "%u", i + 1);
			else
				fputc(*at, out);
		}
	}
	fprintf(out, end, length);
	assert_int_equal(fclose(out), 0);
	load_text(folder, text, expected);
	free(text);
}

static void test_long_chains(void **state)
{
	struct folder *folder = *state;

	load_chain(folder, "group G@ { 1: G#? next; }\n",
		   "group G%u { }\ninterface I id 1 { oneway m = 1 { 1: G0 g; } }\n", 20000, "L0084");
	load_chain(folder, "group G@ { 1: G# next; }\n", "group G%u { 1: G0 first; }\n", 20000, "L0082");
	load_chain(folder, "group G@ { 1: G#? next; }\n",
		   "group G%u { 1: G0? first; }\n"
		   "interface I id 1 { oneway m = 1 { 1: G0 g; } }\n", 20000, "");
	assert_true(field_of(find(folder, "G19999")->group, "next")->on_cycle);
	load_chain(folder, "struct S@ { S# next; }\n", "struct S%u { u8 x; }\n", 20000, "");
	assert_int_equal(find(folder, "S0")->structure->size, 1);
	load_chain(folder, "struct S@ { S# next; }\n", "struct S%u { S0 x; }\n", 20000, "L0080");
	load_chain(folder, "const u32 C@ = C#;\n", "const u32 C%u = 7;\n", 50000, "");
	assert_int_equal(find(folder, "C0")->constant->bits, 7);
	load_chain(folder, "const u32 C@ = C#;\n", "const u32 C%u = C0;\n", 50000, "L0065");
	load_chain(folder, "interface I@ id 1 { use I#; }\n", "interface I%u id 2 { }\n", 10000, "L0072");
}

static void test_exponential_sizes(void **state)
{
	struct folder *folder = *state;

	load_text(folder, "group T { 1: T[..65535] a; 2: T[..65535] b; 3: bytes<65531> c; }\n"
			  "interface I id 1 { oneway m = 1 { 1: T t; } }\n", "L0083");
	load_text(folder, "group T { 1: T[..65535 in 2000] a; 2: bytes<100> c; }\n"
			  "interface I id 1 { oneway m = 1 { 1: T t; } }\n", "");
	/* 16 + 8 + 2000 + 104 */
	assert_int_equal(command_of(folder, "I", "m")->request_max, 2128 + 64);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_library), TEST(test_values), TEST(test_fields), TEST(test_commands),
		TEST(test_sizes), TEST(test_largest_message), TEST(test_numbers_of_floats),
		TEST(test_on_cycle), TEST(test_finite), TEST(test_depth),
		TEST(test_one_mistake_one_report), TEST(test_names), TEST(test_numbers),
		TEST(test_link_library), TEST(test_versions), TEST(test_use),
		TEST(test_imports), TEST(test_imports_are_not_passed_on),
		TEST(test_libraries_of_one_name), TEST(test_import_of_itself), TEST(test_unreadable),
		TEST(test_pipe), TEST(test_long_chains), TEST(test_exponential_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
