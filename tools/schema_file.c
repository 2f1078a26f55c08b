#define _GNU_SOURCE	/* strcasestr */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/emit.h"
#include "compiler/schema.h"
#include "idl/idl.h"
#include "input.h"
#include "lwl.h"

static struct lwl_schema *load(const char *path, const void *data, size_t size)
{
	struct lwl_schema_error err;
	struct lwl_schema *schema;
	int status = lwl_schema_load(&schema, data, size, &err);

	if (status == -LWL_ENOMEM)
		complain("%s: no memory", path);
	else if (status != 0)
		complain("%s: not a good binary schema: record %lu, at offset %llu: %s", path,
			 (unsigned long)err.record, (unsigned long long)err.offset, err.text);
	return schema;
}

static struct lwl_schema *compile(const struct arguments *a)
{
	struct idl *idl = idl_load(a->schema, a->include, a->include_count);
	struct lwl_schema *schema = NULL;

	if (idl->model != NULL && diag_count(idl->diagnostics) == 0) {
		struct output out = { 0 };

		if (schema_emit(idl->model, &out))
			schema = load(a->schema, out.text, out.length);
		else
			complain("%s: a library's name is too long for this tool", a->schema);
		output_free(&out);
	}
	diag_print(idl->diagnostics, stderr,
		   wants_colour(a->colour, STDERR_FILENO) ? DIAG_TEXT_COLOUR : DIAG_TEXT);
	idl_free(idl);
	return schema;
}

/* The rest of a binary schema, of which 16 bytes have been read. */
static struct lwl_schema *read_binary(const char *path, struct input *in, const uint8_t start[16])
{
	struct lwl_schema *schema;
	size_t size;
	char *rest = input_read_all(in, LWL_SCHEMA_SIZE_MAX - 16, path, &size);

	if (rest == NULL)
		return NULL;
	rest = allocate(rest, size + 16);
	memmove(rest + 16, rest, size);
	memcpy(rest, start, 16);
	schema = load(path, rest, size + 16);
	free(rest);
	return schema;
}

static struct lwl_schema *open_content(const struct arguments *a, int fd, bool is_regular)
{
	struct input *in = allocate(NULL, sizeof *in);
	struct lwl_schema *schema = NULL;
	uint8_t start[16];
	size_t got;

	input_init(in, fd, false);
	got = input_read(in, start, sizeof start);
	if (got == sizeof start && lwl_schema_is_binary(start, got))
		schema = read_binary(a->schema, in, start);
	else if (is_regular && !in->failed)
		schema = compile(a);
	else if (!in->failed)
		complain("%s: neither a file, which a schema in text must be, nor a binary schema",
			 a->schema);
	free(in);
	return schema;
}

struct lwl_schema *schema_open(const struct arguments *a)
{
	struct lwl_schema *schema = NULL;
	struct stat status;
	int fd = open(a->schema, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) != 0)
		complain("%s: %s", a->schema, strerror(errno));
	else if (S_ISDIR(status.st_mode))
		complain("%s: is a directory; a schema is a file", a->schema);
	else
		schema = open_content(a, fd, S_ISREG(status.st_mode));
	if (fd >= 0)
		close(fd);
	return schema;
}

/* The first DIR/LIBRARY.lwl or .lwlb that is there; the caller frees it. */
static char *find_library(const struct arguments *a, const char *library, int length)
{
	static const char *const ends[] = { "lwl", "lwlb" };
	size_t i, k;

	for (i = 0; i <= a->include_count; i++) {
		const char *dir = i == 0 ? "." : a->include[i - 1];
		size_t size = strlen(dir) + (size_t)length + 8;
		char *path = allocate(NULL, size);

		for (k = 0; k < 2; k++) {
			snprintf(path, size, "%s%s%.*s.%s", i == 0 ? "" : dir, i == 0 ? "" : "/",
				 length, library, ends[k]);
			if (access(path, F_OK) == 0)
				return path;
		}
		free(path);
	}
	return NULL;
}

struct lwl_schema *schema_open_for(const struct arguments *a, const char *name)
{
	struct arguments with_schema = *a;
	struct lwl_schema *schema;
	int length = (int)strcspn(name, ".");
	char *path;

	if (name[length] == '\0') {
		complain("'%s' has no library in front, as kv.Store has", name);
		return NULL;
	}
	if (a->schema != NULL)
		return schema_open(a);
	path = find_library(a, name, length);
	if (path == NULL) {
		complain("there is no schema %.*s.lwl here; --schema says where it is", length, name);
		return NULL;
	}
	with_schema.schema = path;
	schema = schema_open(&with_schema);
	free(path);
	return schema;
}

char *interface_full_name(const struct lwl_schema_interface *interface)
{
	size_t size = strlen(interface->library->name) + strlen(interface->name) + 2;
	char *name = allocate(NULL, size);

	snprintf(name, size, "%s.%s", interface->library->name, interface->name);
	return name;
}

/* ---- names of the command line ---- */

enum { SUGGESTIONS = 5 };

/* How far `name` is from what was asked for; what it contains in part comes first. */
static unsigned rank(const char *asked, const char *name)
{
	if (strcasecmp(asked, name) == 0)
		return 0;
	if (asked[0] != '\0' && strcasestr(name, asked) != NULL)
		return 1;
	return 1 + text_distance(asked, name, (unsigned)strlen(asked) / 2);
}

static void suggest(const char *asked, const char *(*get)(const void *context, uint32_t i),
		    const void *context, uint32_t count)
{
	const char *names[SUGGESTIONS];
	unsigned ranks[SUGGESTIONS], worst = 1 + (unsigned)strlen(asked) / 2, r;
	uint32_t kept = 0, at, i;

	for (i = 0; i < count; i++) {
		const char *name = get(context, i);

		r = rank(asked, name);
		if (r > worst)
			continue;
		for (at = kept; at > 0 && ranks[at - 1] > r; at--)
			if (at < SUGGESTIONS) {
				ranks[at] = ranks[at - 1];
				names[at] = names[at - 1];
			}
		if (at < SUGGESTIONS) {
			ranks[at] = r;
			names[at] = name;
			kept += kept < SUGGESTIONS;
		}
	}
	/* What differs by a letter or two is meant, and then what is far off is not. */
	for (i = 0; i < kept && (ranks[0] > 3 || ranks[i] <= 5); i++)
		fprintf(stderr, "%s  %s\n", i == 0 ? "similar names:\n" : "", names[i]);
}

static const char *message_name(const void *context, uint32_t i)
{
	return ((const struct lwl_schema *)context)->messages[i].name;
}

const struct lwl_schema_message *schema_find_type(const struct lwl_schema *schema, const char *type)
{
	const struct lwl_schema_message *message = lwl_schema_find(schema, type);

	if (message == NULL) {
		complain("there is no message '%s'; `lwl types' lists them all", type);
		suggest(type, message_name, schema, schema->message_count);
	}
	return message;
}

struct interface_names {
	char **names;
};

static const char *interface_name(const void *context, uint32_t i)
{
	return ((const struct interface_names *)context)->names[i];
}

const struct lwl_schema_interface *schema_find_interface(const struct lwl_schema *schema,
							 const char *name)
{
	const struct lwl_schema_interface *found = lwl_schema_find_interface(schema, name);
	struct interface_names all;
	uint32_t i;

	if (found != NULL)
		return found;
	complain("there is no interface '%s'", name);
	all.names = allocate(NULL, (schema->interface_count + 1) * sizeof *all.names);
	for (i = 0; i < schema->interface_count; i++) {
		const struct lwl_schema_interface *one = &schema->interfaces[i];
		size_t size = strlen(one->library->prefix) + strlen(one->name) + 2;

		all.names[i] = allocate(NULL, size);
		snprintf(all.names[i], size, "%s.%s", one->library->prefix, one->name);
	}
	suggest(name, interface_name, &all, schema->interface_count);
	for (i = 0; i < schema->interface_count; i++)
		free(all.names[i]);
	free(all.names);
	return NULL;
}

/* Commands of an interface and of those that it uses, in this order. */
static const char *command_name(const void *context, uint32_t i)
{
	const struct lwl_schema_interface *const *interface =
		((const struct lwl_schema_interface *)context)->closure;

	for (; i >= (*interface)->command_count; interface++)
		i -= (*interface)->command_count;
	return (*interface)->commands[i].name;
}

bool schema_find_command(const struct lwl_schema *schema, const char *name,
			 const struct lwl_schema_interface **interface,
			 const struct lwl_schema_command **command)
{
	const char *dot = strrchr(name, '.');
	uint32_t count = 0, i, k;
	char *part;

	if (dot == NULL || strchr(name, '.') == dot) {
		complain("'%s' is no command, which are LIBRARY.Interface.command", name);
		return false;
	}
	part = allocate(NULL, (size_t)(dot - name) + 1);
	memcpy(part, name, (size_t)(dot - name));
	part[dot - name] = '\0';
	*interface = schema_find_interface(schema, part);
	free(part);
	if (*interface == NULL)
		return false;
	for (i = 0; i < (*interface)->closure_count; i++) {
		const struct lwl_schema_interface *one = (*interface)->closure[i];

		for (k = 0; k < one->command_count; k++) {
			*command = &one->commands[k];
			if (strcmp((*command)->name, dot + 1) == 0)
				return true;
		}
		count += one->command_count;
	}
	complain("%.*s has no command '%s'", (int)(dot - name), name, dot + 1);
	suggest(dot + 1, command_name, *interface, count);
	return false;
}
