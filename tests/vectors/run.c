/* Every vector is a test.  The command line names the files; without any, all of VECTORS_DIR. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <glob.h>

#include "vectors.h"

#ifndef VECTORS_DIR
#define VECTORS_DIR "tests/vectors"
#endif

static void test_vector(void **state)
{
	static char message[1 << 20];

	if (vector_check(*state, message, sizeof message) != 0)
		fail_msg("%s", message);
}

/* A name that is there twice, or a word that nobody knows, must not pass for a vector. */
static void load(struct vectors *set, const char *path)
{
	char message[512];

	if (vectors_load(set, path, message, sizeof message) != 0) {
		fprintf(stderr, "%s\n", message);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct vectors set = { NULL, 0 };
	struct CMUnitTest *tests;
	glob_t files = { 0 };
	size_t i;
	int failed;

	for (i = 1; i < (size_t)argc; i++)
		load(&set, argv[i]);
	if (argc < 2 && glob(VECTORS_DIR "/*.txt", 0, NULL, &files) == 0)
		for (i = 0; i < files.gl_pathc; i++)
			load(&set, files.gl_pathv[i]);
	tests = vectors_alloc(NULL, (set.count + 1) * sizeof *tests);
	for (i = 0; i < set.count; i++) {
		struct vector *v = &set.list[i];

		tests[i] = (struct CMUnitTest){ v->name, test_vector, NULL, NULL, v };
	}
	failed = _cmocka_run_group_tests("vectors", tests, set.count, NULL, NULL);
	free(tests);
	vectors_free(&set);
	if (argc < 2)
		globfree(&files);
	return failed != 0;
}
