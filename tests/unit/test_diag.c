/*
 * Diagnostics: places, carets, order, limits, text and JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "arena.h"
#include "diag.h"

static struct arena *arena;
static struct diagnostics *diagnostics;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	diagnostics = diag_new(arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct source *source_of(const char *path, const char *text, size_t length)
{
	struct source *source = arena_alloc(arena, sizeof *source);
	char *copy = arena_alloc(arena, length + 2);

	memcpy(copy, text, length);
	source->path = path;
	source->text = copy;
	source->length = (uint32_t)length;
	return source;
}

static const struct source *text(const char *content)
{
	return source_of("a.lwl", content, strlen(content));
}

static struct location at(const struct source *source, size_t start, size_t end)
{
	return (struct location){ source, (uint32_t)start, (uint32_t)end };
}

/* Where `piece` stands in the source. */
static struct location find(const struct source *source, const char *piece)
{
	size_t start = (size_t)(strstr(source->text, piece) - source->text);

	return at(source, start, start + strlen(piece));
}

static const char *printed(enum diag_format format)
{
	char *buffer, *copy;
	size_t length;
	FILE *out = open_memstream(&buffer, &length);

	assert_non_null(out);
	diag_print(diagnostics, out, format);
	fclose(out);
	copy = arena_copy(arena, buffer, length);
	free(buffer);
	return copy;
}

static void error_at(struct location where, const char *message)
{
	diag_error(diagnostics, DIAG_SYNTAX, where, "%s", message);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(diag_count(diagnostics), 0);
	assert_string_equal(printed(DIAG_TEXT), "");
	assert_string_equal(printed(DIAG_JSON), "[]\n");
}

static void test_whole_report(void **state)
{
	const struct source *source = text("group A {\n\treserved 8;\n        8: u64 birth;\n}\n");
	struct diag *report;

	(void)state;
	report = diag_error(diagnostics, DIAG_SYNTAX, find(source, "8:"),
			    "item number %d is reserved", 8);
	diag_note(diagnostics, report, find(source, "8;"), "reserved %s", "here");
	diag_note(diagnostics, report, at(NULL, 0, 0), "nowhere");
	diag_help(diagnostics, report, "the next free number is %d", 9);
	assert_string_equal(printed(DIAG_TEXT),
			    "a.lwl:3:9: error[L0001]: item number 8 is reserved\n"
			    "    3 |         8: u64 birth;\n"
			    "      |         ^~\n"
			    "a.lwl:2:11: note: reserved here\n"
			    "note: nowhere\n"
			    "help: the next free number is 9\n");
}

static void test_colour(void **state)
{
	struct diag *report;

	(void)state;
	report = diag_error(diagnostics, DIAG_SYNTAX, at(text("x"), 0, 1), "wrong");
	diag_help(diagnostics, report, "mend it");
	assert_string_equal(printed(DIAG_TEXT_COLOUR),
			    "\33[1ma.lwl:1:1:\33[0m \33[1;31merror[L0001]:\33[0m wrong\n"
			    "    1 | x\n"
			    "      | \33[1;31m^\33[0m\n"
			    "\33[1;36mhelp:\33[0m mend it\n");
}

static void test_no_place(void **state)
{
	(void)state;
	error_at(at(NULL, 0, 0), "no file");
	error_at(at(NULL, 0, 0), "no other file");
	error_at(at(NULL, 0, 0), "no file");
	assert_string_equal(printed(DIAG_TEXT),
			    "error[L0001]: no file\nerror[L0001]: no other file\n");
}

/* The caret line repeats the line's tabs, and columns are characters. */
static void test_caret(void **state)
{
	static const struct {
		const char *content, *piece, *expected;
	} cases[] = {
		{ "\ta\tbad;", "bad", "a.lwl:1:4: error[L0001]: m\n    1 | \ta\tbad;\n"
		  "      | \t \t^~~\n" },
		{ "// \303\244\342\202\254\360\237\230\200 bad", "bad",
		  "a.lwl:1:8: error[L0001]: m\n    1 | // \303\244\342\202\254\360\237\230\200"
		  " bad\n"
		  "      |        ^~~\n" },
		{ "\303\244\303\244 x", "\303\244\303\244",
		  "a.lwl:1:1: error[L0001]: m\n    1 | \303\244\303\244 x\n      | ^~\n" },
		{ "\357\273\277bad", "bad", "a.lwl:1:1: error[L0001]: m\n    1 | bad\n"
		  "      | ^~~\n" },
		{ "x\r\nbad;\r\ny\r\n", "bad;",
		  "a.lwl:2:1: error[L0001]: m\n    2 | bad;\n      | ^~~~\n" },
		{ "bad {\n}\n", "bad {\n}",
		  "a.lwl:1:1: error[L0001]: m\n    1 | bad {\n      | ^~~~~\n" },
		{ "a\33[2Jb\302\205c bad", "bad",
		  "a.lwl:1:10: error[L0001]: m\n    1 | a?[2Jb?c bad\n      |          ^~~\n" },
		{ "a\342\200\256b bad", "bad",
		  "a.lwl:1:5: error[L0001]: m\n    1 | a?b bad\n      |     ^~~\n" },
		{ "\377\300\200 bad", "bad",
		  "a.lwl:1:5: error[L0001]: m\n    1 | ??? bad\n      |     ^~~\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		diagnostics = diag_new(arena);
		error_at(find(text(cases[i].content), cases[i].piece), "m");
		assert_string_equal(printed(DIAG_TEXT), cases[i].expected);
	}
}

static void test_ends(void **state)
{
	const struct source *source = text("abc\n\nde\n");

	(void)state;
	error_at(at(source, 3, 3), "end of line");
	error_at(at(source, 4, 4), "empty line");
	error_at(at(source, 8, 8), "end of file");
	error_at(at(source, 99, 100), "behind it");
	assert_string_equal(printed(DIAG_TEXT),
			    "a.lwl:1:4: error[L0001]: end of line\n    1 | abc\n      |    ^\n"
			    "a.lwl:2:1: error[L0001]: empty line\n    2 |\n      | ^\n"
			    "a.lwl:4:1: error[L0001]: end of file\n    4 |\n      | ^\n"
			    "a.lwl:4:1: error[L0001]: behind it\n    4 |\n      | ^\n");
}

static void test_empty_file(void **state)
{
	(void)state;
	error_at(at(text(""), 0, 0), "nothing");
	assert_string_equal(printed(DIAG_TEXT),
			    "a.lwl:1:1: error[L0001]: nothing\n    1 |\n      | ^\n");
}

/* The line that is shown, and where the caret stands in it, without the margins. */
static void shown(const struct source *source, size_t offset, const char **line, size_t *caret)
{
	const char *output, *end;

	diagnostics = diag_new(arena);
	error_at(at(source, offset, offset + 1), "m");
	output = strchr(printed(DIAG_TEXT), '\n') + 1;
	end = strchr(output, '\n');
	*line = arena_copy(arena, output + 8, (size_t)(end - output - 8));
	*caret = (size_t)(strchr(end, '^') - (end + 1) - 8);
}

static void test_long_line(void **state)
{
	char content[400 + 1];
	const char *line;
	size_t caret;

	(void)state;
	for (size_t i = 0; i < sizeof content - 1; i++)
		content[i] = (char)('a' + i % 26);
	content[sizeof content - 1] = '\0';
	for (size_t offset = 0; offset < sizeof content - 1; offset++) {
		shown(text(content), offset, &line, &caret);
		assert_in_range(strlen(line), 50, 96);
		assert_int_equal(line[caret], content[offset]);
		assert_int_equal(strncmp(line, "...", 3) == 0, offset > 50);
	}
	content[100] = '\0';
	shown(text(content), 99, &line, &caret);
	assert_string_equal(line, content);
	content[100] = 'x';
	content[101] = '\n';
	shown(text(content), 0, &line, &caret);
	assert_string_equal(line + 90, "...");
}

/* Far into a large line, in characters of two bytes that no mark falls between. */
static void test_huge_line(void **state)
{
	size_t count = 1000000;
	char *content = arena_alloc(arena, 1 + 2 * count + 1);
	const struct source *source;
	json_t *array;

	(void)state;
	content[0] = 'x';
	for (size_t i = 0; i < count; i++)
		memcpy(content + 1 + 2 * i, "\303\244", 2);
	source = source_of("a.lwl", content, 1 + 2 * count);
	error_at(at(source, 1 + 2 * 777777, 1 + 2 * 777778), "m");
	array = json_loads(printed(DIAG_JSON), 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(array, 0), "column")),
			 777779);
	json_decref(array);
}

static void test_order(void **state)
{
	struct source *first = arena_alloc(arena, sizeof *first);
	const struct source *second = text("abcdef");

	(void)state;
	*first = *second;
	first->path = "b.lwl";
	first->order = 1;
	error_at(at(first, 0, 1), "5");
	error_at(at(second, 4, 5), "4");
	diag_error(diagnostics, DIAG_CHARACTER, at(second, 2, 3), "3");
	error_at(at(second, 2, 3), "2");
	error_at(at(NULL, 0, 0), "1");
	assert_string_equal(printed(DIAG_TEXT),
			    "error[L0001]: 1\n"
			    "a.lwl:1:3: error[L0001]: 2\n    1 | abcdef\n      |   ^\n"
			    "a.lwl:1:3: error[L0002]: 3\n    1 | abcdef\n      |   ^\n"
			    "a.lwl:1:5: error[L0001]: 4\n    1 | abcdef\n      |     ^\n"
			    "b.lwl:1:1: error[L0001]: 5\n    1 | abcdef\n      | ^\n");
}

/* The notes and the help of a report that is dropped do not go to the one that is kept. */
static void test_twice(void **state)
{
	const struct source *source = text("abc");
	struct diag *report;

	(void)state;
	error_at(at(source, 1, 2), "first");
	report = diag_error(diagnostics, DIAG_SYNTAX, at(source, 1, 3), "second");
	diag_note(diagnostics, report, at(source, 0, 1), "note");
	diag_help(diagnostics, report, "help");
	assert_int_equal(diag_count(diagnostics), 1);
	assert_string_equal(printed(DIAG_TEXT),
			    "a.lwl:1:2: error[L0001]: first\n    1 | abc\n      |  ^\n");
}

static void test_limit(void **state)
{
	char content[301];
	const struct source *source;
	const char *output, *last;

	(void)state;
	memset(content, '\n', 300);
	content[300] = '\0';
	source = text(content);
	for (size_t i = 0; i < DIAG_LIMIT; i++)
		error_at(at(source, i, i + 1), "m");
	error_at(at(source, 0, 1), "m");
	assert_int_equal(diag_count(diagnostics), DIAG_LIMIT);
	for (size_t i = DIAG_LIMIT; i < 300; i++)
		error_at(at(source, i, i + 1), "m");
	assert_int_equal(diag_count(diagnostics), DIAG_LIMIT + 1);
	output = printed(DIAG_TEXT);
	last = strstr(output, "error[L0012]");
	assert_string_equal(last, "error[L0012]: more than 200 errors; the rest is not shown\n");
	assert_null(strstr(output, "a.lwl:201:"));
}

static void test_json(void **state)
{
	const struct source *source = source_of("\"a\"\n\377.lwl", "\tb\303\244d\nx", 8);
	struct diag *report;
	const char *output;
	json_error_t problem;
	json_t *array, *first;

	(void)state;
	report = diag_error(diagnostics, DIAG_NUMBER, at(source, 1, 7), "a \"%s\"", "b\377\33");
	diag_note(diagnostics, report, at(source, 1, 2), "there");
	diag_note(diagnostics, report, at(NULL, 0, 0), "nowhere");
	diag_help(diagnostics, report, "do");
	error_at(at(NULL, 0, 0), "no place");
	output = printed(DIAG_JSON);
	array = json_loads(output, 0, &problem);
	assert_non_null(array);
	assert_int_equal(json_array_size(array), 2);
	first = json_array_get(array, 0);
	assert_true(json_is_null(json_object_get(first, "file")));
	assert_true(json_is_null(json_object_get(first, "line")));
	assert_true(json_is_null(json_object_get(first, "help")));
	json_decref(array);
	assert_string_equal(strstr(output, "  {\n    \"number\": \"L0006\""),
			    "  {\n"
			    "    \"number\": \"L0006\",\n"
			    "    \"message\": \"a \\\"b\\\\xff\\\\x1b\\\"\",\n"
			    "    \"file\": \"\\\"a\\\"\\\\x0a\\\\xff.lwl\",\n"
			    "    \"line\": 1,\n"
			    "    \"column\": 2,\n"
			    "    \"end_line\": 2,\n"
			    "    \"end_column\": 2,\n"
			    "    \"notes\": [\n"
			    "      {\n"
			    "        \"message\": \"there\",\n"
			    "        \"file\": \"\\\"a\\\"\\\\x0a\\\\xff.lwl\",\n"
			    "        \"line\": 1,\n"
			    "        \"column\": 2,\n"
			    "        \"end_line\": 1,\n"
			    "        \"end_column\": 3\n"
			    "      },\n"
			    "      {\n"
			    "        \"message\": \"nowhere\",\n"
			    "        \"file\": null,\n"
			    "        \"line\": null,\n"
			    "        \"column\": null,\n"
			    "        \"end_line\": null,\n"
			    "        \"end_column\": null\n"
			    "      }\n"
			    "    ],\n"
			    "    \"help\": \"do\"\n"
			    "  }\n"
			    "]\n");
}

static void test_explain(void **state)
{
	static const unsigned numbers[] = {
#define DIAG(number, name, title, explanation) number,
#include "diag.def"
#undef DIAG
	};
	char *buffer;
	size_t length;
	FILE *out;

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if (i > 0)
			assert_true(numbers[i] > numbers[i - 1]);
		out = open_memstream(&buffer, &length);
		assert_true(diag_explain(out, numbers[i]));
		fclose(out);
		assert_non_null(strstr(buffer, "\n\n"));
		assert_int_equal(buffer[length - 1], '\n');
		free(buffer);
	}
	out = open_memstream(&buffer, &length);
	assert_false(diag_explain(out, 0));
	assert_false(diag_explain(out, 99999));
	diag_list(out);
	fclose(out);
	assert_int_equal(strncmp(buffer, "L0001 syntax error\nL0002 ", 25), 0);
	free(buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_whole_report, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_colour, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_caret, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_empty_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_huge_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_json, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_explain, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
