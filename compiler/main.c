/*
 * lwlc: the schema compiler.
 */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "c_backend.h"
#include "compat.h"
#include "emit.h"
#include "format.h"
#include "idl/arena.h"
#include "idl/idl.h"
#include "schema.h"

enum { EXIT_SCHEMA = 1, EXIT_OTHER = 2 };	/* the schema is wrong; anything else */

enum { EMIT_C = 1, EMIT_CODEC = 2, EMIT_SCHEMA = 4 };

enum { KEY_EMIT = 256, KEY_FORMAT, KEY_EXPLAIN, KEY_COLOUR };

const char *argp_program_version = "lwlc " LWLINK_VERSION;

static const char doc[] =
	"Compile a schema of commands and items (see lwl(5)) to C.\n"
	"`lwlc fmt FILE...' formats schemas, `lwlc diff OLD NEW' says what a change breaks;\n"
	"both have a --help of their own.\v"
	"Written to DIR, for vfs.lwl:\n"
	"  vfs.lwl.h, vfs.lwl.c    the messages: structs, encoders, decoders\n"
	"  vfs.link.h, vfs.link.c  the commands: dispatch tables, stubs, replies\n"
	"  vfs.lwlb                the binary schema, with --emit schema\n"
	"The second pair is left out where the schema declares no interface.  A file\n"
	"whose content would not change is not touched; after an error none is.\n"
	"\n"
	"Exit status: 0 done; 1 the schema has errors; 2 anything else.";

static const struct argp_option options[] = {
	{ "output", 'o', "DIR", 0, "Write to DIR, which must exist (default: the current one)", 0 },
	{ "include", 'I', "DIR", 0, "Look for imports in DIR, too, after the importing file's own", 0 },
	{ "emit", KEY_EMIT, "WHAT", 0,
	  "What to write, separated by commas: c (default: all C), codec (messages only), schema (the "
	  "binary schema), none", 0 },
	{ "depfile", 'M', "D|F FILE", 0,
	  "-MD: also write a make rule with all files that were read, to NAME.d in DIR;  -MF FILE: "
	  "to FILE", 0 },
	{ "format", KEY_FORMAT, "text|json", 0, "How errors are printed, on standard error", 0 },
	{ "color", KEY_COLOUR, "auto|always|never", 0, "Colours in errors (default: on a terminal)", 0 },
	{ "explain", KEY_EXPLAIN, "NUMBER", 0,
	  "Explain an error number such as L0042 and exit; `list' names them all", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

struct arguments {
	const char *schema, *output, *depfile, *explain;
	const char **include;
	size_t include_count;
	unsigned emit;
	bool write_depfile, json;
	enum { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER } colour;
};

static void parse_emit(struct argp_state *state, unsigned *emits, char *list)
{
	char *word;

	*emits = 0;
	for (word = strtok(list, ","); word != NULL; word = strtok(NULL, ",")) {
		if (strcmp(word, "c") == 0)
			*emits |= EMIT_C;
		else if (strcmp(word, "codec") == 0)
			*emits |= EMIT_CODEC;
		else if (strcmp(word, "schema") == 0)
			*emits |= EMIT_SCHEMA;
		else if (strcmp(word, "none") != 0)
			argp_error(state, "--emit: '%s' is none of c, codec, schema, none", word);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'o':
		a->output = arg;
		return 0;
	case 'I':
		a->include = realloc(a->include, (a->include_count + 1) * sizeof *a->include);
		if (a->include == NULL)
			argp_failure(state, EXIT_OTHER, ENOMEM, "-I");
		a->include[a->include_count++] = arg;
		return 0;
	case 'M':
		a->write_depfile = true;
		if (strcmp(arg, "F") == 0 && state->next < state->argc)
			a->depfile = state->argv[state->next++];
		else if (arg[0] == 'F' && arg[1] != '\0')
			a->depfile = arg + 1;
		else if (strcmp(arg, "D") != 0)
			argp_error(state, "-M goes on with D, or with F and a file");
		return 0;
	case KEY_EMIT:
		parse_emit(state, &a->emit, arg);
		return 0;
	case KEY_FORMAT:
		a->json = strcmp(arg, "json") == 0;
		if (!a->json && strcmp(arg, "text") != 0)
			argp_error(state, "--format: '%s' is neither text nor json", arg);
		return 0;
	case KEY_COLOUR:
		if (strcmp(arg, "auto") == 0)
			a->colour = COLOUR_AUTO;
		else if (strcmp(arg, "always") == 0)
			a->colour = COLOUR_ALWAYS;
		else if (strcmp(arg, "never") == 0)
			a->colour = COLOUR_NEVER;
		else
			argp_error(state, "--color: '%s' is none of auto, always, never", arg);
		return 0;
	case KEY_EXPLAIN:
		a->explain = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (a->schema != NULL)
			argp_error(state, "one schema at a time; its imports are found by themselves");
		a->schema = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->schema == NULL && a->explain == NULL)
			argp_error(state, "which schema?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int explain(const char *what)
{
	char *end;
	unsigned long number;

	if (strcmp(what, "list") == 0) {
		diag_list(stdout);
		return 0;
	}
	number = strtoul(what[0] == 'L' || what[0] == 'l' ? what + 1 : what, &end, 10);
	if (*end != '\0' || end == what || number > 9999 || !diag_explain(stdout, (unsigned)number)) {
		fprintf(stderr, "lwlc: there is no error %s; `lwlc --explain list' names them all\n", what);
		return EXIT_OTHER;
	}
	return 0;
}

static const char *in_directory(struct arena *arena, const char *directory, const char *stem,
				const char *ending)
{
	return directory == NULL ? arena_printf(arena, "%s%s", stem, ending)
				 : arena_printf(arena, "%s/%s%s", directory, stem, ending);
}

struct kind {				/* a file that is made of each schema */
	const char *ending;
	unsigned emit;
	bool interfaces_only;
	void (*write)(struct backend *b);
};

static const struct kind kinds[] = {
	{ ".lwl.h", EMIT_C | EMIT_CODEC, false, c_types_emit },
	{ ".lwl.c", EMIT_C | EMIT_CODEC, false, c_codec_emit },
	{ ".link.h", EMIT_C, true, c_dispatch_emit_header },
	{ ".link.c", EMIT_C, true, c_dispatch_emit_source },
};

/* A file name in a make rule. */
static void emit_make_name(struct output *out, const char *name)
{
	for (; *name != '\0'; name++) {
		char text[3] = { '\\', *name, '\0' };

		if (*name == '$')
			emit_text(out, "$$");
		else
			emit_text(out, strchr(" #\\", *name) != NULL ? text : text + 1);
	}
}

static void make_depfile(struct output *out, const struct idl *idl, const char *const *targets,
			 size_t target_count)
{
	size_t i;

	for (i = 0; i < target_count; i++) {
		emit_text(out, i > 0 ? " " : "");
		emit_make_name(out, targets[i]);
	}
	emit_text(out, ":");
	for (i = 0; i < idl->file_count; i++) {
		emit_text(out, " \\\n ");
		emit_make_name(out, idl->files[i]);
	}
	emit_text(out, "\n");
	/* A file that goes away is no reason to fail: it was an import once. */
	for (i = 1; i < idl->file_count; i++) {
		emit_text(out, "\n");
		emit_make_name(out, idl->files[i]);
		emit_text(out, ":\n");
	}
}

static bool compile(const struct arguments *a, const struct idl *idl, struct c_names *names)
{
	struct output_set *files = output_set_new();
	struct backend b = { idl->model, idl->model->library, names, idl->arena, NULL };
	const char *stem = c_file_stem(idl->arena, idl->model->library);
	const char *targets[sizeof kinds / sizeof kinds[0] + 1];
	size_t i, count = 0;
	bool done = true;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct output out = { 0 };

		if ((kinds[i].emit & a->emit) == 0 ||
		    (kinds[i].interfaces_only && !c_has_interfaces(idl->model->library)))
			continue;
		b.out = &out;
		kinds[i].write(&b);
		targets[count] = in_directory(idl->arena, a->output, stem, kinds[i].ending);
		output_set_add(files, targets[count++], &out);
	}
	if ((a->emit & EMIT_SCHEMA) != 0) {
		struct output out = { 0 };

		done = schema_emit(idl->model, &out);
		if (!done)
			fprintf(stderr, "lwlc: %s: a library's name is too long for a binary schema\n",
				a->schema);
		targets[count] = in_directory(idl->arena, a->output, stem, ".lwlb");
		output_set_add(files, targets[count++], &out);
	}
	if (a->write_depfile && count > 0) {
		struct output out = { 0 };

		make_depfile(&out, idl, targets, count);
		output_set_add(files, a->depfile != NULL ? a->depfile
			       : in_directory(idl->arena, a->output, stem, ".lwl.d"), &out);
	}
	done = done && output_set_write(files);
	output_set_free(files);
	return done;
}

static enum diag_format diag_format_of(const struct arguments *a)
{
	if (a->json)
		return DIAG_JSON;
	if (a->colour == COLOUR_AUTO)
		return isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL ? DIAG_TEXT_COLOUR
									   : DIAG_TEXT;
	return a->colour == COLOUR_ALWAYS ? DIAG_TEXT_COLOUR : DIAG_TEXT;
}

static const struct {
	const char *name;
	char *program;			/* what its --help shows */
	int (*run)(int argc, char **argv);
} subcommands[] = {
	{ "diff", (char []){ "lwlc diff" }, compat_main },
	{ "fmt", (char []){ "lwlc fmt" }, format_main },
};

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "FILE.lwl", doc, NULL, NULL, NULL };
	struct arguments a = { .emit = EMIT_C };
	struct idl *idl;
	int status = EXIT_SCHEMA;

	for (size_t i = 0; argc > 1 && i < sizeof subcommands / sizeof *subcommands; i++) {
		if (strcmp(argv[1], subcommands[i].name) == 0) {
			argv[1] = subcommands[i].program;
			return subcommands[i].run(argc - 1, argv + 1);
		}
	}
	argp_err_exit_status = EXIT_OTHER;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return EXIT_OTHER;
	if (a.explain != NULL) {
		free(a.include);
		return explain(a.explain);
	}
	idl = idl_load(a.schema, a.include, a.include_count);
	if (idl->model != NULL) {
		struct c_names *names = c_names_new(idl->arena);

		c_names_check(names, idl->model, idl->diagnostics);
		if (diag_count(idl->diagnostics) == 0)
			status = compile(&a, idl, names) ? 0 : EXIT_OTHER;
		c_names_free(names);
	}
	if (diag_count(idl->diagnostics) > 0 || a.json)
		diag_print(idl->diagnostics, stderr, diag_format_of(&a));
	idl_free(idl);
	free(a.include);
	return status;
}
