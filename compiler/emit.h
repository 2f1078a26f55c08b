/*
 * Text with named holes, into memory; and files that are written whole or not at all.
 */
#ifndef LWL_COMPILER_EMIT_H
#define LWL_COMPILER_EMIT_H

#include <stdbool.h>
#include <stddef.h>

/* One file of output while it is made. */
struct output {
	char *text;
	size_t length, room;
};

/*
 * Append `format`, in which each $name$ stands for a value.  The names and values follow in pairs,
 * ended by NULL:
 *
 *	emit(out, "int $f$_decode(struct $f$ *out)\n", "f", name, NULL);
 *
 * A hole without a value and a value without a hole are mistakes of ours: the program aborts.  A line
 * of code that comes out longer than 100 columns is broken behind a comma or an operator.
 */
__attribute__((sentinel))
void emit(struct output *out, const char *format, ...);

/* Append the text as it is. */
void emit_text(struct output *out, const char *text);

/*
 * Append a comment block with `text`, which may hold anything, each line indented by `indent`.
 * `extra`, a second paragraph, may be NULL; so may text.  Nothing is written without both.
 */
void emit_comment(struct output *out, const char *indent, const char *text, const char *extra);

void output_free(struct output *out);

/* The files of one run, to be put in place together. */
struct output_set;

struct output_set *output_set_new(void);

/* Takes the output over.  `path` is copied. */
void output_set_add(struct output_set *set, const char *path, struct output *out);

/*
 * Write them all: each beside its place under another name first, then all moved.  A file that
 * already has this content is left alone, so that its time does not change.  On failure nothing is
 * left of what was begun, the reason is on standard error, and the result is false.
 */
bool output_set_write(struct output_set *set);

void output_set_free(struct output_set *set);

#endif
