/*
 * lwlc diff: the command line, and the changes as text or as JSON.
 */
#include "compat.h"

#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "idl/arena.h"
#include "idl/diag.h"

enum { EXIT_OTHER = 2 };

static const struct {
	const char *name, *title;
	int status;
} tiers[COMPAT_TIERS] = {
	[COMPAT_WIRE] = { "wire", "breaks the wire", 1 },
	[COMPAT_SOURCE] = { "source", "breaks C source", 3 },
	[COMPAT_VERSION] = { "version", "needs the library's version raised", 4 },
	[COMPAT_FINE] = { "compatible", "compatible", 0 },
};

/* ---- places ---- */

/* A place, as far as the last one that was asked for: they are asked for in ascending order. */
struct reader {
	const struct source *source;
	uint32_t offset;
	unsigned line, column;
};

static void find(struct reader *reader, struct location where)
{
	if (reader->source != where.source || reader->offset > where.start)
		*reader = (struct reader){ where.source, 0, 1, 1 };
	while (reader->offset < where.start) {
		unsigned char byte = (unsigned char)where.source->text[reader->offset++];

		if (byte == '\n') {
			reader->line++;
			reader->column = 1;
		} else {
			/* Characters count, and a byte order mark is none. */
			reader->column += (byte & 0xc0) != 0x80 &&
					  !(reader->offset == 1 && byte == 0xef);
		}
	}
}

/* A path as it can be printed: no control characters, and UTF-8. */
static const char *shown_path(struct arena *arena, const char *path)
{
	char *shown = arena_copy(arena, path, strlen(path));
	json_t *string = json_string(path);
	bool is_utf8 = string != NULL;

	json_decref(string);
	for (char *at = shown; *at != '\0'; at++) {
		unsigned char byte = (unsigned char)*at;

		if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_utf8))
			*at = '?';
	}
	return shown;
}

/* ---- order ---- */

static int compare_places(struct location a, struct location b)
{
	uint32_t a_order = a.source->order, b_order = b.source->order;

	if (a_order != b_order)
		return (a_order > b_order) - (a_order < b_order);
	return (a.start > b.start) - (a.start < b.start);
}

static int compare_changes(const void *left, const void *right)
{
	const struct compat_change *a = *(const struct compat_change *const *)left;
	const struct compat_change *b = *(const struct compat_change *const *)right;
	int order;

	if (a->tier != b->tier)
		return (a->tier > b->tier) - (a->tier < b->tier);
	order = compare_places(a->new, b->new);
	if (order == 0)
		order = compare_places(a->old, b->old);
	return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

struct result {
	struct compat_change **changes;	/* by tier, then by place */
	size_t count, counts[COMPAT_TIERS];
	enum compat_tier tier;		/* the worst; FINE: nothing breaks */
};

static struct result sort(struct arena *arena, struct compat_change *changes)
{
	struct result result = { .tier = COMPAT_FINE };
	struct compat_change *change;
	size_t i = 0;

	for (change = changes; change != NULL; change = change->next) {
		result.counts[change->tier]++;
		result.count++;
		if (change->tier < result.tier)
			result.tier = change->tier;
	}
	result.changes = arena_array(arena, result.count, sizeof *result.changes);
	for (change = changes; change != NULL; change = change->next)
		result.changes[i++] = change;
	if (result.count > 0)
		qsort(result.changes, result.count, sizeof *result.changes, compare_changes);
	return result;
}

/* ---- text ---- */

static const char *whom(unsigned breaks)
{
	static const char *const texts[] = {
		"nobody yet",
		"old readers of new messages",
		"new readers of old messages",
		"old readers of new messages and new readers of old messages"
	};

	return texts[breaks];
}

static void print_text(struct arena *arena, const struct result *result, bool is_verbose)
{
	struct reader old = { NULL, 0, 1, 1 }, new = old;
	enum compat_tier tier = COMPAT_TIERS;

	for (size_t i = 0; i < result->count; i++) {
		const struct compat_change *change = result->changes[i];

		if (change->tier == COMPAT_FINE && !is_verbose)
			break;
		if (change->tier != tier) {
			tier = change->tier;
			printf("%s# %s: %zu\n", i > 0 ? "\n" : "", tiers[tier].title,
			       result->counts[tier]);
		}
		find(&new, change->new);
		find(&old, change->old);
		printf("%s:%u:%u: %s: %s\n", shown_path(arena, change->new.source->path), new.line,
		       new.column, tiers[tier].name, change->message);
		printf("%s:%u:%u: note: before\n", shown_path(arena, change->old.source->path),
		       old.line, old.column);
		if (tier == COMPAT_WIRE)
			printf("breaks: %s\n", whom(change->breaks));
	}
	if (result->tier != COMPAT_FINE)
		printf("\n");
	printf("%zu break the wire, %zu break C source, %zu need the version raised, %zu are "
	       "compatible\n", result->counts[COMPAT_WIRE], result->counts[COMPAT_SOURCE],
	       result->counts[COMPAT_VERSION], result->counts[COMPAT_FINE]);
}

/* ---- JSON ---- */

static json_t *json_place(struct arena *arena, struct reader *reader, struct location where)
{
	find(reader, where);
	return json_pack("{s:s, s:i, s:i}", "file", shown_path(arena, where.source->path), "line",
			 (int)reader->line, "column", (int)reader->column);
}

static json_t *json_side(struct arena *arena, const struct library *library)
{
	return json_pack("{s:s, s:s, s:I}", "file", shown_path(arena, library->path), "library",
			 library->c.name, "version", (json_int_t)library->version);
}

static json_t *json_whom(unsigned breaks)
{
	json_t *array = json_array();

	if (breaks & COMPAT_OLD_READS_NEW)
		json_array_append_new(array, json_string("old readers of new messages"));
	if (breaks & COMPAT_NEW_READS_OLD)
		json_array_append_new(array, json_string("new readers of old messages"));
	return array;
}

static void print_json(struct arena *arena, const struct result *result,
		       const struct library *was, const struct library *is, bool is_verbose)
{
	struct reader old = { NULL, 0, 1, 1 }, new = old;
	json_t *root = json_object(), *array = json_array();

	for (size_t i = 0; i < result->count; i++) {
		const struct compat_change *change = result->changes[i];

		if (change->tier == COMPAT_FINE && !is_verbose)
			break;
		json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}",
			"tier", tiers[change->tier].name, "kind", change->kind,
			"message", change->message, "breaks", json_whom(change->breaks),
			"new", json_place(arena, &new, change->new),
			"old", json_place(arena, &old, change->old)));
	}
	json_object_set_new(root, "verdict", json_string(tiers[result->tier].name));
	json_object_set_new(root, "old", json_side(arena, was));
	json_object_set_new(root, "new", json_side(arena, is));
	json_object_set_new(root, "changes", array);
	json_dumpf(root, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(root);
}

/* ---- the command line ---- */

enum { KEY_FORMAT = 256 };

static const char doc[] =
	"Say what breaks when a schema changes from OLD to NEW, in tiers.\v"
	"wire: programs made from the two do not understand each other.  source: a\n"
	"program that uses the generated C has to follow.  version: something was\n"
	"added, but the library's version did not rise.  Imported libraries that both\n"
	"have are compared, too.\n"
	"\n"
	"Exit status: 0 compatible; 1 the wire breaks; 3 only C source breaks; 4 only\n"
	"the version must rise; 2 a schema has errors, or anything else.";

static const struct argp_option options[] = {
	{ "include", 'I', "DIR", 0, "Look for imports of both in DIR, too", 0 },
	{ "format", KEY_FORMAT, "text|json", 0, "How changes are printed (default: text)", 0 },
	{ "verbose", 'v', NULL, 0, "List compatible changes, too", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

struct arguments {
	const char *files[2];
	int file_count;
	const char **include;
	size_t include_count;
	bool is_json, is_verbose;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'I':
		a->include = realloc(a->include, (a->include_count + 1) * sizeof *a->include);
		if (a->include == NULL)
			argp_failure(state, EXIT_OTHER, ENOMEM, "-I");
		a->include[a->include_count++] = arg;
		return 0;
	case KEY_FORMAT:
		a->is_json = strcmp(arg, "json") == 0;
		if (!a->is_json && strcmp(arg, "text") != 0)
			argp_error(state, "--format: '%s' is neither text nor json", arg);
		return 0;
	case 'v':
		a->is_verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->file_count == 2)
			argp_error(state, "two schemas, OLD and NEW");
		a->files[a->file_count++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->file_count < 2)
			argp_error(state, "two schemas, OLD and NEW");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* False: it has errors, and they have been printed. */
static bool load(struct idl **idl, const struct arguments *a, const char *path)
{
	*idl = idl_load(path, a->include, a->include_count);
	if ((*idl)->model != NULL)
		return true;
	diag_print((*idl)->diagnostics, stderr,
		   isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL ? DIAG_TEXT_COLOUR
								       : DIAG_TEXT);
	return false;
}

int compat_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "OLD NEW", doc, NULL, NULL, NULL };
	struct arguments a = { .file_count = 0 };
	struct idl *old = NULL, *new = NULL;
	bool is_good;
	int status = EXIT_OTHER;

	argp_err_exit_status = EXIT_OTHER;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return EXIT_OTHER;
	is_good = load(&old, &a, a.files[0]);
	is_good = load(&new, &a, a.files[1]) && is_good;
	if (is_good) {
		struct arena *arena = arena_new();
		struct result result = sort(arena, compat_compare(arena, old, new));

		if (a.is_json)
			print_json(arena, &result, old->model->library, new->model->library,
				   a.is_verbose);
		else
			print_text(arena, &result, a.is_verbose);
		status = tiers[result.tier].status;
		arena_free(arena);
	}
	idl_free(old);
	idl_free(new);
	free(a.include);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "lwlc: cannot write the standard output: %s\n", strerror(errno));
		status = EXIT_OTHER;
	}
	return status;
}
