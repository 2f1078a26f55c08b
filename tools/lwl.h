/*
 * lwl: messages and end points of any schema, by hand.  What its files share.
 */
#ifndef LWL_TOOLS_LWL_H
#define LWL_TOOLS_LWL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <lwlink/schema.h>

enum { EXIT_BAD_INPUT = 1, EXIT_OTHER = 2 };	/* a bad message or bad JSON; anything else */

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

enum { OPERANDS_MAX = 4 };

struct arguments {
	const char *schema, *type, *interface;
	const char **include;
	size_t include_count;
	bool hex, brief;
	enum when pretty, colour;
	bool has_linkid, has_msgid;
	uint64_t linkid;
	uint32_t msgid;
	/* of commands that make connections */
	const char *operands[OPERANDS_MAX];	/* those that were not given are NULL */
	const char **schemas;		/* trace; elsewhere the last one is in `schema` */
	size_t schema_count;
	const char **answers;		/* COMMAND=FILE */
	size_t answer_count;
	uint64_t timeout, delay;	/* microseconds; milliseconds */
	uint32_t fail;			/* 0: do not */
	bool once;
};

/* The commands; each returns the exit status. */
int command_decode(const struct arguments *a);
int command_encode(const struct arguments *a);
int command_dump(const struct arguments *a);
int command_types(const struct arguments *a);
int command_call(const struct arguments *a);
int command_serve(const struct arguments *a);
int command_trace(const struct arguments *a);

/* What a terminal would obey becomes '?'. */
void make_printable(char *text);

/* "lwl: …" and a newline to standard error, made printable. */
__attribute__((format(printf, 1, 2)))
void complain(const char *format, ...);

/* Say so, and end the program. */
_Noreturn void out_of_memory(void);

/* realloc that ends the program with a message instead of returning NULL. */
void *allocate(void *old, size_t size);

/* Standard output is complete and all of it has arrived, or the reason has been printed. */
bool finish_output(void);

/* Are colours wanted on this descriptor? */
bool wants_colour(enum when when, int fd);

/* ---- schema_file.c ---- */

/*
 * The schema of the command line, text or binary.  NULL: what is wrong with it has been printed.  The
 * caller frees it with lwl_schema_free.
 */
struct lwl_schema *schema_open(const struct arguments *a);

/*
 * The same, or, if the command line names none, that of the library in `name`: of "kv.Store.get" the
 * file kv.lwl or kv.lwlb, in the current folder or one of --include.
 */
struct lwl_schema *schema_open_for(const struct arguments *a, const char *name);

/* A TYPE of the command line; if there is none of that name, that and similar ones are printed. */
const struct lwl_schema_message *schema_find_type(const struct lwl_schema *schema, const char *type);

/* The same for an interface. */
const struct lwl_schema_interface *schema_find_interface(const struct lwl_schema *schema,
							 const char *name);

/*
 * "kv.Store.get": the interface, and the command among its own and those that it uses.  False: what
 * is wrong has been printed.
 */
bool schema_find_command(const struct lwl_schema *schema, const char *name,
			 const struct lwl_schema_interface **interface,
			 const struct lwl_schema_command **command);

/* "lwlink.vfs.Node", as a link's peer is asked for it.  The caller frees it. */
char *interface_full_name(const struct lwl_schema_interface *interface);

/* ---- codec.c ---- */

enum { JSON_SIZE = 64 << 20 };		/* the most that is read */

/* What is wrong with a message, with the names of fields where they are known. */
void complain_about_message(const char *before, const struct lwl_schema_message *message,
			    const struct lwl_error *err);

/*
 * Encode the message that the JSON means, with the writer.  Returns its size, or 0: what is wrong has
 * been printed.
 */
struct json_message;
size_t encode_json(struct lwl_writer *w, const struct lwl_schema_message *message,
		   const struct json_message *m);

/* The JSON of a message that has been decoded, on one line or, if `pretty`, on many. */
void print_values(const struct lwl_schema_message *message, const struct lwl_value *items, bool pretty);

/* ---- dump.c ---- */

/*
 * The beginning of a message, as `lwl dump` explains one without a schema; its length has been
 * verified, nothing else.
 */
void dump_beginning(const uint8_t *msg, uint32_t size, bool coloured);

/* ---- nearest.c ---- */

/* How many single changes turn one text into the other; above `limit`, limit + 1. */
unsigned text_distance(const char *a, const char *b, unsigned limit);

/* A name that is likely to be meant, or NULL.  `get` gives the i-th of `count`. */
const char *nearest_name(const char *name, const char *(*get)(const void *context, uint32_t i),
			 const void *context, uint32_t count);

/* ---- value_print.c ---- */

/* A bool, integer, float, enum, flags or link for people: as in JSON, but without quotes. */
void print_plain(FILE *out, const struct lwl_schema_type *type, uint64_t bits);

/*
 * Values as JSON (docs/language.md).  `indent`: the level of what is printed, or -1 for all on one
 * line.
 */
void print_text(FILE *out, const uint8_t *text, size_t length);
void print_base64(FILE *out, const uint8_t *data, size_t length);
void print_items(FILE *out, const struct lwl_schema_field *fields, uint32_t count,
		 const struct lwl_value *value, bool more_before, int indent);

/* ---- value_read.c ---- */

struct lwl_value;

/* A message from JSON. */
struct json_message {
	struct lwl_value items;
	bool has_linkid, has_msgid;	/* from "$header" */
	uint64_t linkid;
	uint32_t msgid;
	bool is_error;			/* from "$error" */
	uint32_t code;
	struct lwl_string detail;
	struct json_t *root;		/* texts point into it */
	const char *source;		/* for messages: "stdin", a file's name */
	const char *text;
	size_t length;
};

/*
 * Read a message of this type from the text, which came from `source`, with values in the arena.
 * False: what is wrong has been printed.  json_message_free is due in either case, after the values
 * were used.  `ignore_msgid`: the one in "$header" does not count, so it may be one that the message
 * cannot have.
 */
bool json_message_read(struct json_message *out, const struct lwl_schema_message *message,
		       const char *source, const char *text, size_t length, bool ignore_msgid,
		       struct lwl_arena *arena);
void json_message_free(struct json_message *m);

/* Print what the encoder has against a value, with its place in the text. */
void json_message_complain(const struct json_message *m, const struct lwl_value_error *err);

#endif
