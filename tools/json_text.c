#include <stdio.h>
#include <string.h>

#include "json_text.h"

struct text_place text_place_of(const char *text, size_t length, size_t offset)
{
	struct text_place place = { 1, 1 };
	size_t i;

	for (i = 0; i < offset && i < length; i++) {
		if (text[i] == '\n') {
			place.line++;
			place.column = 1;
		} else if ((text[i] & 0xc0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

/* Behind the string that starts at `at`. */
static size_t string_end(const char *text, size_t length, size_t at)
{
	for (at++; at < length && text[at] != '"'; at++)
		if (text[at] == '\\' && at + 1 < length)
			at++;
	return at < length ? at + 1 : length;
}

size_t json_count_values(const char *text, size_t length)
{
	size_t at = 0, count = 1;

	while (at < length) {
		if (text[at] == '"') {
			at = string_end(text, length, at);
		} else {
			count += text[at] == ',' || text[at] == '[' || text[at] == '{';
			at++;
		}
	}
	return count;
}

static size_t skip_blanks(const char *text, size_t length, size_t at)
{
	while (at < length && strchr(" \t\r\n", text[at]) != NULL)
		at++;
	return at;
}

/* Behind the value that starts at `at`: brackets need no names to be matched. */
static size_t value_end(const char *text, size_t length, size_t at)
{
	size_t depth = 0;

	while (at < length) {
		char c = text[at];

		if (c == '"') {
			at = string_end(text, length, at);
		} else if (c == '[' || c == '{') {
			depth++;
			at++;
		} else if (c == ']' || c == '}' || c == ',') {
			if (depth == 0)
				return at;
			depth -= c != ',';
			at++;
			continue;
		} else {
			at++;
			if (depth > 0 || (at < length && strchr(",]} \t\r\n", text[at]) == NULL))
				continue;
		}
		if (depth == 0)
			return at;
	}
	return length;
}

/* From a key or a value to the value. */
static size_t skip_key(const char *text, size_t length, size_t at)
{
	at = skip_blanks(text, length, string_end(text, length, at));
	return skip_blanks(text, length, at < length ? at + 1 : at);
}

size_t json_find(const char *text, size_t length, const uint32_t *steps, size_t count, bool key)
{
	size_t at = skip_blanks(text, length, 0), i;

	for (i = 0; i < count && at < length; i++) {
		bool is_object = text[at] == '{';
		uint32_t before;

		at = skip_blanks(text, length, at + 1);
		for (before = steps[i]; before > 0 && at < length; before--) {
			if (is_object)
				at = skip_key(text, length, at);
			at = skip_blanks(text, length, value_end(text, length, at));
			at = skip_blanks(text, length, at < length ? at + 1 : at);
		}
		if (is_object && !(key && i + 1 == count))
			at = skip_key(text, length, at);
	}
	return at;
}

struct level {
	bool is_object;
	size_t index;
	size_t key, key_end;		/* the last one, without its quotes; none: both 0 */
};

enum { PATH_DEPTH = 64 };

static size_t print_levels(char *buffer, size_t size, const char *text, const struct level *levels,
			   size_t depth)
{
	size_t used = 0, i;

	for (i = 0; i < depth && i < PATH_DEPTH && used < size; i++) {
		const struct level *l = &levels[i];
		int n = 0;

		if (!l->is_object)
			n = snprintf(buffer + used, size - used, "[%zu]", l->index);
		else if (l->key_end > 0)
			n = snprintf(buffer + used, size - used, "%s%.*s", used > 0 ? "." : "",
				     (int)(l->key_end - l->key > 255 ? 255 : l->key_end - l->key),
				     text + l->key);
		used += n > 0 ? (size_t)n : 0;
	}
	return used;
}

void json_path_at(char *buffer, size_t size, const char *text, size_t length, size_t offset)
{
	struct level levels[PATH_DEPTH];
	size_t depth = 0, at = 0, end = offset < length ? offset : length;
	bool key_expected = false;

	while (at < end) {
		char c = text[at];
		struct level *top = depth > 0 && depth <= PATH_DEPTH ? &levels[depth - 1] : NULL;
		size_t next = c == '"' ? string_end(text, length, at) : at + 1;

		/* At the offset itself the library may not have taken in all of what stands there. */
		if (next > end && c != '"')
			break;
		if (c == '"' && key_expected && top != NULL) {
			top->key = at + 1;
			top->key_end = next - 1;
			key_expected = false;
		} else if (c == '{' || c == '[') {
			if (depth < PATH_DEPTH)
				levels[depth] = (struct level){ c == '{', 0, 0, 0 };
			depth++;
			key_expected = c == '{';
		} else if ((c == '}' || c == ']') && depth > 0 && next < end) {
			depth--;
		} else if (c == ',' && top != NULL && next < end) {
			top->index++;
			key_expected = top->is_object;
		}
		at = next;
	}
	buffer[0] = '\0';
	print_levels(buffer, size, text, levels, depth);
}
