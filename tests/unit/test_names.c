/*
 * What schemas' names become in C, and the report of two that become one.  Schemas are written to a
 * temporary file, since that is what the library reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../compiler/c_names.h"
#include "../../idl/arena.h"
#include "../../idl/idl.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct idl *idl;
static struct c_names *names;

static void unload(void)
{
	if (idl == NULL)
		return;
	c_names_free(names);
	idl_free(idl);
	idl = NULL;
}

static int tear_down(void **state)
{
	(void)state;
	unload();
	return 0;
}

/* Load `text` behind a library line. */
static const struct library *load_as(const char *library, const char *text)
{
	char path[] = "/tmp/test-names-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	unload();
	assert_non_null(f);
	fprintf(f, "library %s version 9;\n%s", library, text);
	fclose(f);
	idl = idl_load(path, NULL, 0);
	unlink(path);
	names = c_names_new(idl->arena);
	if (idl->model == NULL) {
		diag_print(idl->diagnostics, stderr, DIAG_TEXT);
		fail_msg("the schema of a test is wrong");
	}
	return idl->model->library;
}

static const struct library *load(const char *text)
{
	return load_as("test.lib", text);
}

/* The reports of c_names_check, as text. */
static char *check(const struct library *library)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_ptr_equal(library, idl->model->library);
	c_names_check(names, idl->model, idl->diagnostics);
	diag_print(idl->diagnostics, f, DIAG_TEXT);
	fclose(f);
	return text;
}

/* ---- names ---- */

static void test_snake(void **state)
{
	static const struct { const char *name, *c; } cases[] = {
		{ "FileType", "lib_file_type" }, { "HTTPServer", "lib_http_server" },
		{ "NAME_MAX", "lib_name_max" }, { "A", "lib_a" }, { "AB", "lib_ab" },
		{ "aB", "lib_a_b" }, { "ABc", "lib_a_bc" }, { "lower", "lib_lower" },
		{ "x86", "lib_x86" }, { "U64", "lib_u64" }, { "Utf8Name", "lib_utf8_name" },
		{ "_Odd", "lib__odd" }, { "Odd_", "lib_odd_" }, { "A_B", "lib_a_b" },
		{ "IOError2X", "lib_io_error2_x" }
	};
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		const struct library *library;

		snprintf(text, sizeof text, "struct %s { u8 a; }", cases[i].name);
		library = load(text);
		assert_string_equal(c_structure(names, library->structures[0]), cases[i].c);
		/* The same pointer for the same thing. */
		assert_ptr_equal(c_structure(names, library->structures[0]),
				 c_structure(names, library->structures[0]));
	}
}

static void test_kinds(void **state)
{
	const struct library *library = load_as("a.b.MyLib",
		"const u8 NameMax = 1;\n"
		"enum FileType : u8 { REGULAR = 1; SymLink = 2; }\n"
		"group Attr { 1: union { 1: u8 a; 2: union { 1: u8 b; } Inner; } Body; }\n"
		"interface NodeOne id 1 {\n"
		"	command lookUp = 1 {\n"
		"		request { 1: union { 1: u8 c; } which; }\n"
		"		response { } }\n"
		"	oneway tell = 2 { }\n"
		"}\n");
	const struct enumeration *e = library->declarations[1].enumeration;
	const struct group *attr = library->declarations[2].group;
	const struct group *body = attr->fields[0].type.group;
	const struct interface *node = library->declarations[3].interface;
	const struct command *command = &node->commands[0];

	(void)state;
	assert_string_equal(c_constant(names, library, library->declarations[0].constant),
			    "MY_LIB_NAME_MAX");
	assert_string_equal(c_enumeration(names, e), "my_lib_file_type");
	assert_string_equal(c_enum_member(names, e, &e->members[0]), "MY_LIB_FILE_TYPE_REGULAR");
	assert_string_equal(c_enum_member(names, e, &e->members[1]), "MY_LIB_FILE_TYPE_SYMLINK");
	assert_string_equal(c_group(names, attr), "my_lib_attr");
	assert_string_equal(c_group(names, body), "my_lib_attr_body");
	assert_string_equal(c_group(names, body->fields[1].type.group), "my_lib_attr_body_inner");
	assert_string_equal(c_interface(names, node), "my_lib_node_one");
	assert_string_equal(c_command(names, command), "my_lib_node_one_lookUp");
	assert_string_equal(c_group(names, command->request), "my_lib_node_one_lookUp_req");
	assert_string_equal(c_group(names, command->response), "my_lib_node_one_lookUp_rsp");
	assert_string_equal(c_group(names, command->request->fields[0].type.group),
			    "my_lib_node_one_lookUp_req_which");
	assert_string_equal(c_group(names, node->commands[1].request), "my_lib_node_one_tell_msg");
	assert_string_equal(c_upper(names, c_command(names, command)), "MY_LIB_NODE_ONE_LOOKUP");
	assert_string_equal(c_upper(names, "a.b_9Z"), "A.B_9Z");
}

/* Fields that C, C++, a libc header or the generated code has taken. */
static void test_taken(void **state)
{
	static const char *const taken[] = {
		"int", "class", "new", "errno", "bool", "true", "_Bool", "restrict", "typeof",
			"xor_eq",
		"NULL", "EOF", "I", "linux", "unix", "i386", "major", "minor", "makedev",
			"st_mtime",
		"assert", "offsetof", "stdin", "noreturn", "complex", "co_await", "char8_t", "this",
		"template", "export", "lwl_none", "which", "_Generic", "__LINE__", "_X"
	};
	static const char *const fine[] = {
		"name", "_name", "_", "Int", "INT", "link", "string", "bytes", "struct_", "x",
			"has_x", "error", "data",
		"len", "out", "in", "req"
	};
	size_t i;

	(void)state;
	load("struct A { u8 a; }");
	for (i = 0; i < COUNT(taken); i++) {
		const char *c = c_member(names, taken[i]);
		size_t length = strlen(taken[i]);

		assert_memory_equal(c, taken[i], length);
		assert_string_equal(c + length, "_");
	}
	for (i = 0; i < COUNT(fine); i++)
		assert_string_equal(c_member(names, fine[i]), fine[i]);
}

/* ---- names that meet ---- */

static void test_no_collision(void **state)
{
	static const char *const schemas[] = {
		"struct A { u8 a; u8 A; }\n",
		"struct A { u8 int; u8 Int; }\n",
		"group A { 1: u8? x; 2: u8 has_y; 3: u8 y; }\n",
		"group A { 1: union { 1: u8 x; 2: u8 y; } b; 2: u8 which; }\n",
		/* Types and members of different enums do not meet. */
		"enum A : u8 { X = 0; }\nenum B : u8 { X = 0; }\n",
		"interface A id 1 { oneway x = 1 { } }\ninterface B id 2 { oneway y = 1 { } use A; }\n"
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(schemas); i++) {
		char *text = check(load(schemas[i]));

		assert_string_equal(text, "");
		free(text);
	}
}

static void test_collisions(void **state)
{
	static const struct { const char *schema, *name; } cases[] = {
		{ "struct FileType { u8 a; }\nstruct fileType { u8 a; }\n", "lib_file_type" },
		{ "struct FileType { u8 a; }\ngroup file_type { 1: u8 a; }\n", "lib_file_type" },
		{ "const u8 MAX = 1;\nconst u8 max = 2;\n", "LIB_MAX" },
		{ "const u8 KIND_A = 1;\nenum Kind : u8 { A = 0; }\n", "LIB_KIND_A" },
		{ "enum Kind : u8 { a = 0; A = 1; }\n", "LIB_KIND_A" },
		{ "enum Kind : u8 { A = 0; }\nstruct Kind_valid { u8 a; }\n", "lib_kind_valid" },
		{ "enum Kind : u8 { A = 0; }\nstruct KindName { u8 a; }\n", "lib_kind_name" },
		{ "struct A { u8 a; }\nstruct AAt { u8 a; }\n", "lib_a_at" },
		{ "group A { 1: u8 a; }\ngroup ANext { 1: u8 a; }\n", "lib_a_next" },
		{ "struct A { u8 int; u8 int_; }\n", "int_" },
		{ "group A { 1: u8? x; 2: u8 has_x; }\n", "has_x" },
		{ "group A { 1: u8 x = 1; 2: u8 has_x; }\n", "has_x" },
		{ "group A { 1: union { 1: u8 x; } b; }\ngroup A_B { 1: u8 x; }\n",
		  "lib_a_b" },
		{ "group A { 1: union { 1: u8 x; } b; }\nconst u8 A_B_X = 1;\n", "LIB_A_B_X" },
		{ "group A { 1: union { 1: u8 x; 2: u8 X; } b; }\n", "LIB_A_B_X" },
		{ "interface A id 1 { }\nconst u8 A_ID = 1;\n", "LIB_A_ID" },
		{ "interface A id 1 { }\nstruct AOps { u8 a; }\n", "lib_a_ops" },
		{ "interface A id 1 { }\nstruct AInterface { u8 a; }\n", "lib_a_interface" },
		{ "interface A id 1 { command b = 1 { request { } response { } } }\n"
		  "struct A_b { u8 a; }\n", "lib_a_b" },
		{ "interface A id 1 { command b = 1 { request { } response { } } }\n"
		  "struct A_BReq { u8 a; }\n", "lib_a_b_req" },
		{ "interface A id 1 { command b = 1 { request { } response { } }\n"
		  "	command b_reply = 2 { request { } response { } } }\n", "lib_a_b_reply" },
		{ "interface A id 1 { command b = 1 { request { } response { } }\n"
		  "	command B = 2 { request { } response { } } }\n", "LIB_A_B" },
		{ "interface A id 1 { command b = 1 { request { } response { } }\n"
		  "	command b_req_max = 2 { request { } response { } } }\n",
			"LIB_A_B_REQ_MAX" },
		{ "interface A id 1 { oneway b = 1 { } oneway b_msg_encode = 2 { } }\n",
		  "lib_a_b_msg_encode" },
		{ "interface A id 1 { oneway int = 1 { } oneway int_ = 2 { } }\n", "int_" },
		{ "interface B id 1 { }\ninterface A id 2 { use B; oneway lib_b = 1 { } }\n",
		  "lib_b" }
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		char *text = check(load(cases[i].schema)), expected[128];

		snprintf(expected, sizeof expected, "error[L0090]: the C name %s is made twice\n",
			 cases[i].name);
		if (strstr(text, expected) == NULL)
			fail_msg("case %u, %s: %s", (unsigned)i, cases[i].name, text);
		assert_non_null(strstr(text, "note: here for the first time"));
		assert_non_null(strstr(text, "help: rename one of the two"));
		free(text);
	}
}

static void test_runtime_prefix(void **state)
{
	char *text = check(load_as("my.lwl", "struct A { u8 a; }\n"));

	(void)state;
	assert_non_null(strstr(text,
			       "error[L0090]: names that start with lwl_ in C are the runtime's"));
	free(text);
	text = check(load_as("my.LWL", "struct A { u8 a; }\n"));
	assert_non_null(strstr(text, "error[L0090]"));
	free(text);
	text = check(load_as("lwl.my", "struct A { u8 a; }\n"));
	assert_string_equal(text, "");
	free(text);
}

static void test_libc_constants(void **state)
{
	char *text = check(load_as("my.size", "const u16 MAX = 3;\nconst u16 MIN = 3;\n"));

	(void)state;
	assert_non_null(strstr(text, ":2:11: error[L0090]: the C name SIZE_MAX is one of libc's"));
	assert_null(strstr(text, "SIZE_MIN"));
	free(text);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_snake), TEST(test_kinds), TEST(test_taken), TEST(test_no_collision),
		TEST(test_collisions), TEST(test_runtime_prefix), TEST(test_libc_constants)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
