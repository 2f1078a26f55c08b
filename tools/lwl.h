/*
 * lwl: messages of any schema, by hand.  What its files share.
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

struct arguments {
	const char *schema, *type, *interface;
	const char **include;
	size_t include_count;
	bool hex, brief;
	enum when pretty, colour;
	bool has_linkid, has_msgid;
	uint64_t linkid;
	uint32_t msgid;
};

/* The commands; each returns the exit status. */
int command_decode(const struct arguments *a);
int command_encode(const struct arguments *a);
int command_dump(const struct arguments *a);
int command_types(const struct arguments *a);

/* "lwl: …" and a newline to standard error.  What a terminal would obey is replaced by '?'. */
__attribute__((format(printf, 1, 2)))
void complain(const char *format, ...);

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

/* A TYPE of the command line; if there is none of that name, that and similar ones are printed. */
const struct lwl_schema_message *schema_find_type(const struct lwl_schema *schema, const char *type);

/* The same for an interface. */
const struct lwl_schema_interface *schema_find_interface(const struct lwl_schema *schema,
							 const char *name);

/* ---- codec.c ---- */

/* What is wrong with a message, with the names of fields where they are known. */
void complain_about_message(const char *before, const struct lwl_schema_message *message,
			    const struct lwl_error *err);

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
	const char *text;
	size_t length;
};

/*
 * Read a message of this type from the text, with values in the arena.  False: what is wrong has been
 * printed.  json_message_free is due in either case, after the values were used.  `ignore_msgid`: the
 * one in "$header" does not count, so it may be one that the message cannot have.
 */
bool json_message_read(struct json_message *out, const struct lwl_schema_message *message,
		       const char *text, size_t length, bool ignore_msgid, struct lwl_arena *arena);
void json_message_free(struct json_message *m);

/* Print what the encoder has against a value, with its place in the text. */
void json_message_complain(const struct json_message *m, const struct lwl_value_error *err);

#endif
