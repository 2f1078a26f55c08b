/* Every vector in the files that are named, without a test framework. */
#include "vectors.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	static char message[1 << 20];
	struct vectors set = { NULL, 0 };
	size_t failed = 0, i;

	for (i = 1; i < (size_t)argc; i++)
		if (vectors_load(&set, argv[i], message, sizeof message) != 0) {
			fprintf(stderr, "%s\n", message);
			return 1;
		}
	for (i = 0; i < set.count; i++)
		if (vector_check(&set.list[i], message, sizeof message) != 0) {
			printf("%s\n", message);
			failed++;
		}
	printf("vectors: %zu passed, %zu failed\n", set.count - failed, failed);
	vectors_free(&set);
	return failed != 0 || i == 0;
}
