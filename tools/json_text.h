/*
 * The text of a JSON document: which line and column, and which place in the document, an offset is.
 * Documents are read by a library; that says neither for a value.
 */
#ifndef LWL_TOOLS_JSON_TEXT_H
#define LWL_TOOLS_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_place {
	unsigned long line, column;	/* from 1; columns in characters */
};

struct text_place text_place_of(const char *text, size_t length, size_t offset);

/* Values in the document, or more: commas and brackets outside strings. */
size_t json_count_values(const char *text, size_t length);

/*
 * Where in a well-formed document the value starts to which `steps` lead: at each level, how many
 * members or elements come before it.  Or, for a member, where its key does.
 */
size_t json_find(const char *text, size_t length, const uint32_t *steps, size_t count, bool key);

/*
 * The path of what stands before `offset`, "entries[3].stat", also in a document that is broken
 * there.  Empty at the top.  Cut off when it is too long for the buffer.
 */
void json_path_at(char *buffer, size_t size, const char *text, size_t length, size_t offset);

#endif
