/*
 * The schema compiler, fed with anything: text to model, reports, names, C.
 *
 *	- It ends, without a mistake that a sanitizer sees.
 *	- Either there is a model and no report, or there is a report.
 *	- What has a model makes C, the same each time, and makes it again from the same text.
 *
 * With -DREPLAY it is a program that runs the files it is given.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compiler/c_backend.h"
#include "idl/arena.h"
#include "idl/idl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLDS(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition); \
			abort(); \
		} \
	} while (0)

/* The reports of one format, printed to nowhere. */
static void print_reports(const struct idl *idl, enum diag_format format)
{
	char *text = NULL;
	size_t length = 0;
	FILE *f = open_memstream(&text, &length);

	HOLDS(f != NULL);
	diag_print(idl->diagnostics, f, format);
	fclose(f);
	HOLDS(length > 0);
	free(text);
}

/* All files in one text, or nothing after a report about names. */
static struct output make_c(struct idl *idl)
{
	static void (*const writers[])(struct backend *b) = {
		c_types_emit, c_codec_emit, c_dispatch_emit_header, c_dispatch_emit_source
	};
	struct c_names *names = c_names_new(idl->arena);
	struct output out = { 0 };
	struct backend b = { idl->model, idl->model->library, names, idl->arena, &out };
	size_t i;

	c_names_check(names, idl->model, idl->diagnostics);
	if (diag_count(idl->diagnostics) == 0)
		for (i = 0; i < sizeof writers / sizeof *writers; i++)
			writers[i](&b);
	else
		print_reports(idl, DIAG_TEXT);
	c_names_free(names);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum diag_format formats[] = { DIAG_TEXT, DIAG_TEXT_COLOUR, DIAG_JSON };
	char path[64];
	int fd = memfd_create("schema.lwl", 0);
	struct idl *idl;

	HOLDS(fd >= 0);
	HOLDS(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	idl = idl_load(path, NULL, 0);
	HOLDS((idl->model == NULL) == (diag_count(idl->diagnostics) > 0));
	if (idl->model == NULL) {
		/* One of the formats: to print takes longer than all the rest. */
		print_reports(idl, formats[size % 3]);
	} else {
		struct idl *twin = idl_load(path, NULL, 0);
		struct output first = make_c(idl), second;

		HOLDS(twin->model != NULL);
		second = make_c(twin);
		HOLDS(first.length == second.length &&
		      (first.length == 0 || memcmp(first.text, second.text, first.length) == 0));
		HOLDS((first.length > 0) == (diag_count(idl->diagnostics) == 0));
		output_free(&first);
		output_free(&second);
		idl_free(twin);
	}
	idl_free(idl);
	close(fd);
	return 0;
}

#ifdef REPLAY
int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	int i;

	for (i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		size_t n;

		if (f == NULL) {
			perror(argv[i]);
			return 1;
		}
		n = fread(data, 1, sizeof data, f);
		fclose(f);
		LLVMFuzzerTestOneInput(data, n);
	}
	printf("%d passed, 0 failed\n", argc - 1);
	return 0;
}
#endif
