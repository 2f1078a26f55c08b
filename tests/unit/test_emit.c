/* Text with holes, folding, comments; and files that are written whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../compiler/emit.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- holes ---- */

static void test_holes(void **state)
{
	struct output out = { 0 };

	(void)state;
	emit(&out, "no holes\n", NULL);
	emit(&out, "int $f$_decode(struct $f$ *$o$)\n", "f", "vfs_attr", "o", "out", NULL);
	emit(&out, "$a$$b$$a$", "a", "x", "b", "", NULL);
	emit(&out, "\n", NULL);
	assert_string_equal(out.text, "no holes\nint vfs_attr_decode(struct vfs_attr *out)\nxx\n");
	assert_int_equal(out.length, strlen(out.text));
	output_free(&out);
	assert_null(out.text);
	assert_int_equal(out.length, 0);
	/* What a value holds is not looked at again. */
	emit(&out, "$a$ $aa$\n", "aa", "$b$", "a", "$a$", NULL);
	assert_string_equal(out.text, "$a$ $b$\n");
	output_free(&out);
}

static void test_text(void **state)
{
	struct output out = { 0 };
	size_t i;

	(void)state;
	emit_text(&out, "");
	emit_text(&out, "100% $of$ %s\n");
	assert_string_equal(out.text, "100% $of$ %s\n");
	output_free(&out);
	for (i = 0; i < 10000; i++)
		emit_text(&out, "0123456789");
	assert_int_equal(out.length, 100000);
	for (i = 0; i < out.length; i++)
		assert_int_equal(out.text[i], '0' + (char)(i % 10));
	assert_int_equal(out.text[out.length], '\0');
	output_free(&out);
}

/* Runs `mistake` in a process of its own; it must abort. */
static void expect_abort(void (*mistake)(struct output *out))
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct output out = { 0 };

		signal(SIGABRT, SIG_DFL);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(3);
		mistake(&out);
		output_free(&out);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void no_value(struct output *out)
{
	emit(out, "$a$ $b$\n", "a", "x", NULL);
}

static void no_hole(struct output *out)
{
	emit(out, "$a$\n", "a", "x", "b", "y", NULL);
}

static void no_end(struct output *out)
{
	emit(out, "$a$ and $a\n", "a", "x", NULL);
}

static void no_name(struct output *out)
{
	emit(out, "$$\n", NULL);
}

static void longer_name(struct output *out)
{
	emit(out, "$ab$\n", "a", "x", NULL);
}

static void too_many(struct output *out)
{
	emit(out, "$a$$b$$c$$d$$e$$f$$g$$h$$i$$j$$k$$l$$m$$n$$o$$p$$q$\n", "a", "", "b", "", "c",
	     "", "d",
	     "", "e", "", "f", "", "g", "", "h", "", "i", "", "j", "", "k", "", "l", "", "m", "",
		"n", "",
	     "o", "", "p", "", "q", "", NULL);
}

static void test_mistakes_abort(void **state)
{
	(void)state;
	expect_abort(no_value);
	expect_abort(no_hole);
	expect_abort(no_end);
	expect_abort(no_name);
	expect_abort(longer_name);
	expect_abort(too_many);
}

/* ---- long lines ---- */

static size_t columns(const char *line, size_t length)
{
	size_t i, n = 0;

	for (i = 0; i < length; i++)
		n = line[i] == '\t' ? (n / 8 + 1) * 8 : n + 1;
	return n;
}

/* No line of `text` is longer than 100 columns, and without its white space it is `original`. */
static void check_folded(const char *text, const char *original)
{
	const char *line = text, *end;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		assert_true(columns(line, (size_t)(end - line)) <= 100);
		assert_true(end == line || (end[-1] != ' ' && end[-1] != '\t'));
	}
	assert_int_equal(*line, '\0');
	for (;;) {
		text += strspn(text, " \t\n");
		original += strspn(original, " \t\n");
		assert_int_equal(*text, *original);
		if (*text == '\0')
			return;
		text++;
		original++;
	}
}

static void test_folding(void **state)
{
	static const char call[] =
		"\t\tstatus = a_function_with_a_long_name(the_first_of_many, the_second_of_many, "
		"the_third, fourth, the_fifth_of_many, the_sixth_of_many, the_seventh_of_many, "
		"the_eighth_of_many);\n";
	static const char condition[] =
		"\tif (this_is_the_first_condition_of_all && this_is_the_second_condition_of_all "
		"|| and_this_is_the_third_of_all)\n";
	struct output out = { 0 };
	char line[512];
	int width;

	(void)state;
	emit(&out, call, NULL);
	check_folded(out.text, call);
	assert_non_null(strstr(out.text, ",\n\t\t\t\t"));
	output_free(&out);
	emit(&out, condition, NULL);
	check_folded(out.text, condition);
	output_free(&out);
	/* A line that is put together of pieces is folded as one. */
	emit(&out, "before\n\treturn a_function_with_a_long_name(the_first_of_many, the_second,",
	     NULL);
	emit_text(&out, " the_third_of_many,");
	emit(&out, " $a$, $b$);\nbehind\n", "a", "the_fourth_of_many", "b", "the_fifth_of_many",
	     NULL);
	check_folded(out.text,
		     "before\n\treturn a_function_with_a_long_name(the_first_of_many, the_second, "
		     "the_third_of_many, the_fourth_of_many, the_fifth_of_many);\nbehind\n");
	assert_memory_equal(out.text, "before\n\treturn", 14);
	output_free(&out);
	/* Up to 100 columns a line stays as it is. */
	for (width = 20; width < 70; width++) {
		snprintf(line, sizeof line, "\tvoid f(int a_%.*d, int b_%.*d, int c);\n", width, 0,
			 width / 2, 0);
		emit(&out, line, NULL);
		if (columns(line, strlen(line) - 1) <= 100)
			assert_string_equal(out.text, line);
		else
			check_folded(out.text, line);
		output_free(&out);
	}
}

static void test_not_folded(void **state)
{
	static const char *const lines[] = {
		"#define A_MACRO_WITH_A_LONG_NAME a_long_value_for_it, and_another_value_for_it, "
		"and_one_more_for_good_measure\n",
		"\t * a comment that is long, and has commas, many of them, but is not to be "
		"broken, whatever there is, by this\n",
		"/* a comment that is long, and has commas, many of them, but is not to be broken, "
		"whatever there is, by this */\n",
		"\tthere_is_no_place_to_break_this_line_of_code_since_it_has_neither_comma_nor_"
		"operator_in_it_at_all()\n",
		"\tputs(\"a, string, that, is, so, long, that, it, goes, far, beyond, the, last, "
		"column, of, a, line, here\")\n"
	};
	struct output out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(lines); i++) {
		assert_true(columns(lines[i], strlen(lines[i]) - 1) > 100);
		emit(&out, "$line$", "line", lines[i], NULL);
		assert_string_equal(out.text, lines[i]);
		output_free(&out);
	}
}

/* ---- comments ---- */

static void check_comment(const char *indent, const char *text, const char *extra,
			  const char *expected)
{
	struct output out = { 0 };

	emit_comment(&out, indent, text, extra);
	assert_string_equal(out.text != NULL ? out.text : "", expected);
	output_free(&out);
}

static void test_comments(void **state)
{
	(void)state;
	check_comment("", NULL, NULL, "");
	check_comment("", "one line", NULL, "/* one line */\n");
	check_comment("\t", NULL, "one line", "\t/* one line */\n");
	check_comment("\t", "two\nlines", NULL, "\t/*\n\t * two\n\t * lines\n\t */\n");
	check_comment("", "text", "extra", "/*\n * text\n *\n * extra\n */\n");
	check_comment("", "a\n\nb", NULL, "/*\n * a\n *\n * b\n */\n");
	check_comment("", "100% $hole$ %s", NULL, "/* 100% $hole$ %s */\n");
	check_comment("", "", NULL, "");
	check_comment("", "", "extra", "/* extra */\n");
	/* Nothing that turns text around, or moves a terminal's cursor. */
	check_comment("", "a\u202eb\u2066c\u200fd\u061ce", NULL, "/* a?b?c?d?e */\n");
	check_comment("", "a\033[2Jb\fc\177", NULL, "/* a?[2Jb?c? */\n");
	check_comment("", "\u00fc \u20ac \u2065", NULL, "/* \u00fc \u20ac \u2065 */\n");
}

/* Whatever the text, the comment ends where it should, and does not start another. */
static void test_comment_escapes(void **state)
{
	static const char alphabet[] = "*/?\n\\ a";
	enum { LENGTH = 5 };
	size_t letters = sizeof alphabet - 1, total = 1, round, i;

	(void)state;
	for (i = 0; i < LENGTH; i++)
		total *= letters;
	for (round = 0; round < total; round++) {
		struct output out = { 0 };
		char text[LENGTH + 1];
		size_t rest = round;

		for (i = 0; i < LENGTH; i++, rest /= letters)
			text[i] = alphabet[rest % letters];
		text[LENGTH] = '\0';
		emit_comment(&out, "\t", round % 2 ? text : NULL, round % 2 ? NULL : text);
		emit_comment(&out, "", text, text);
		assert_null(strstr(out.text, "??"));
		/* Every end is followed by a line's end and every start is a line's start. */
		for (i = 0; i + 1 < out.length; i++) {
			if (memcmp(out.text + i, "*/", 2) == 0)
				assert_int_equal(out.text[i + 2], '\n');
			if (memcmp(out.text + i, "/*", 2) == 0)
				assert_true(i == 0 || out.text[i - 1] == '\n' ||
					    out.text[i - 1] == '\t');
		}
		output_free(&out);
	}
	check_comment("", "end */ and /* start ?\?/", NULL, "/* end * / and / * start ? ?/ */\n");
}

/* ---- files ---- */

static char folder[] = "/tmp/test-emit-XXXXXX";
static char scratch[sizeof folder + 8];

static int make_folder(void **state)
{
	(void)state;
	strcpy(scratch, folder);
	return mkdtemp(scratch) == NULL;
}

static const char *in_folder(const char *name)
{
	static char paths[4][sizeof scratch + 256];
	static unsigned next;
	char *path = paths[next++ % COUNT(paths)];

	snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
	return path;
}

/* How many names there are in the folder. */
static unsigned count_files(void)
{
	DIR *dir = opendir(scratch);
	const struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static int remove_folder(void **state)
{
	DIR *dir = opendir(scratch);
	const struct dirent *entry;

	(void)state;
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    unlink(in_folder(entry->d_name)) != 0)
			rmdir(in_folder(entry->d_name));
	if (dir != NULL)
		closedir(dir);
	return rmdir(scratch);
}

static void check_file(const char *name, const char *expected)
{
	char text[256] = "";
	FILE *f = fopen(in_folder(name), "rb");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	assert_int_equal(n, strlen(expected));
	assert_string_equal(text, expected);
}

static void add(struct output_set *set, const char *name, const char *text)
{
	struct output out = { 0 };

	emit_text(&out, text);
	output_set_add(set, in_folder(name), &out);
	assert_null(out.text);
}

/* Write with what is said on standard error kept out of the tests' own. */
static bool write_quietly(struct output_set *set, char *said, size_t size)
{
	int saved = dup(STDERR_FILENO), pipes[2];
	ssize_t n;
	bool done;

	assert_true(saved >= 0 && pipe(pipes) == 0);
	fflush(stderr);
	dup2(pipes[1], STDERR_FILENO);
	close(pipes[1]);
	done = output_set_write(set);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(pipes[0], said, size - 1);
	said[n > 0 ? n : 0] = '\0';
	close(pipes[0]);
	return done;
}

static void test_write(void **state)
{
	struct output_set *set = output_set_new();
	struct stat st;
	mode_t mask = umask(027);

	(void)state;
	add(set, "a", "first");
	add(set, "b", "");
	assert_true(output_set_write(set));
	output_set_free(set);
	umask(mask);
	check_file("a", "first");
	check_file("b", "");
	assert_int_equal(count_files(), 2);
	assert_int_equal(stat(in_folder("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	set = output_set_new();
	assert_true(output_set_write(set));
	output_set_free(set);
}

/* An unchanged file is not touched: the same inode, the same time. */
static void test_unchanged(void **state)
{
	static const struct timespec old[2] = { { 1000000000, 5 }, { 1000000000, 5 } };
	struct output_set *set = output_set_new();
	struct stat before, behind;

	(void)state;
	add(set, "a", "same");
	add(set, "b", "other");
	assert_true(output_set_write(set));
	output_set_free(set);
	assert_int_equal(utimensat(AT_FDCWD, in_folder("a"), old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, in_folder("b"), old, 0), 0);
	assert_int_equal(stat(in_folder("a"), &before), 0);
	set = output_set_new();
	add(set, "a", "same");
	add(set, "b", "othes");
	assert_true(output_set_write(set));
	output_set_free(set);
	assert_int_equal(stat(in_folder("a"), &behind), 0);
	assert_true(before.st_ino == behind.st_ino && behind.st_mtim.tv_sec == 1000000000 &&
		    behind.st_mtim.tv_nsec == 5);
	assert_int_equal(stat(in_folder("b"), &behind), 0);
	assert_true(behind.st_mtim.tv_sec != 1000000000);
	check_file("b", "othes");
	/* Shorter and longer is not the same either. */
	set = output_set_new();
	add(set, "a", "sam");
	add(set, "b", "othess");
	assert_true(output_set_write(set));
	output_set_free(set);
	check_file("a", "sam");
	check_file("b", "othess");
	assert_int_equal(count_files(), 2);
}

/* When one of them cannot be written, none is, and nothing is left lying about. */
static void test_all_or_nothing(void **state)
{
	static const char *const bad[] = { "missing/file", "file/below", "folder" };
	static const int errors[] = { ENOENT, ENOTDIR, EISDIR };
	struct output_set *set = output_set_new();
	char said[512];
	size_t i, place;

	(void)state;
	add(set, "file", "old");
	add(set, "kept", "old");
	assert_true(output_set_write(set));
	output_set_free(set);
	assert_int_equal(mkdir(in_folder("folder"), 0777), 0);
	for (i = 0; i < COUNT(bad); i++)
		for (place = 0; place < 3; place++) {
			set = output_set_new();
			if (place == 0)
				add(set, bad[i], "x");
			add(set, "kept", "new");
			if (place == 1)
				add(set, bad[i], "x");
			add(set, "fresh", "new");
			if (place == 2)
				add(set, bad[i], "x");
			assert_false(write_quietly(set, said, sizeof said));
			output_set_free(set);
			assert_non_null(strstr(said, "lwlc: cannot write "));
			assert_non_null(strstr(said, bad[i]));
			assert_non_null(strstr(said, strerror(errors[i])));
			check_file("kept", "old");
			check_file("file", "old");
			assert_int_equal(count_files(), 3);
		}
}

/* A disk that fills up half-way: a limit on the size of files does the same. */
static void test_full(void **state)
{
	struct output_set *set = output_set_new();
	pid_t child;
	int status;

	(void)state;
	add(set, "kept", "old");
	assert_true(output_set_write(set));
	output_set_free(set);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit limit = { 100000, 100000 };
		char said[256];
		struct output out = { 0 };
		size_t i;

		set = output_set_new();
		add(set, "kept", "new");
		for (i = 0; i < 30000; i++)
			emit_text(&out, "0123456789");
		output_set_add(set, in_folder("large"), &out);
		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
			_exit(2);
		if (write_quietly(set, said, sizeof said))
			_exit(3);
		output_set_free(set);
		_exit(strstr(said, "large") != NULL ? 0 : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	check_file("kept", "old");
	assert_int_equal(count_files(), 1);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holes), cmocka_unit_test(test_text),
		cmocka_unit_test(test_mistakes_abort), cmocka_unit_test(test_folding),
		cmocka_unit_test(test_not_folded), cmocka_unit_test(test_comments),
		cmocka_unit_test(test_comment_escapes), FILE_TEST(test_write),
			FILE_TEST(test_unchanged),
		FILE_TEST(test_all_or_nothing), FILE_TEST(test_full)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
