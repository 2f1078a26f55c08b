/*
 * arena.h on top of the C library's obstacks.
 */
#define _GNU_SOURCE			/* strchrnul */
#include <limits.h>
#include <obstack.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

struct arena {
	struct obstack blocks;
};

enum { BLOCK_SIZE = 65536 - 64 };	/* below a power of two, for malloc's own header */

static _Noreturn void out_of_memory(void)
{
	fputs("out of memory\n", stderr);
	exit(2);
}

static void *block_alloc(size_t size)
{
	void *block = malloc(size);

	if (block == NULL)
		out_of_memory();
	return block;
}

#define obstack_chunk_alloc	block_alloc
#define obstack_chunk_free	free

struct arena *arena_new(void)
{
	struct arena *arena = block_alloc(sizeof *arena);

	obstack_begin(&arena->blocks, BLOCK_SIZE);
	return arena;
}

void arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	obstack_free(&arena->blocks, NULL);
	free(arena);
}

/* The C library's own macro rounds addresses up by offsets from a null pointer. */
__attribute__((no_sanitize("pointer-overflow")))
static void *grab(struct arena *arena, size_t size)
{
	/* Obstacks count in int. */
	if (size > INT_MAX / 2)
		out_of_memory();
	return obstack_alloc(&arena->blocks, (int)size);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(grab(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		out_of_memory();
	return arena_alloc(arena, count * size);
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
	char *copy = grab(arena, length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

/*
 * Formats of %s, %u and %.*s alone, which are nearly all, take a short way: the length of what was
 * written to `out`, or `room` if it is another one or does not fit.
 */
static size_t print_plain(char *out, size_t room, const char *format, va_list arguments)
{
	char digits[3 * sizeof(unsigned)], *end = digits + sizeof digits;
	size_t at = 0;

	for (;;) {
		const char *percent = strchrnul(format, '%'), *text = format;
		size_t length = (size_t)(percent - format);

		if (length >= room - at)
			return room;
		memcpy(out + at, text, length);
		at += length;
		if (*percent == '\0')
			return at;
		format = percent + 2;
		if (percent[1] == 's') {
			text = va_arg(arguments, const char *);
			length = strlen(text);
		} else if (percent[1] == 'u') {
			unsigned n = va_arg(arguments, unsigned);
			char *digit = end;

			do
				*--digit = (char)('0' + n % 10);
			while ((n /= 10) != 0);
			text = digit;
			length = (size_t)(end - digit);
		} else if (strncmp(percent, "%.*s", 4) == 0) {
			int most = va_arg(arguments, int);

			text = va_arg(arguments, const char *);
			length = strnlen(text, (size_t)most);
			format = percent + 4;
		} else {
			return room;
		}
		if (length >= room - at)
			return room;
		memcpy(out + at, text, length);
		at += length;
	}
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	char buffer[256];
	va_list again;
	char *text;
	size_t plain;
	int length;

	va_copy(again, arguments);
	plain = print_plain(buffer, sizeof buffer, format, again);
	va_end(again);
	if (plain < sizeof buffer)
		return arena_copy(arena, buffer, plain);
	va_copy(again, arguments);
	length = vsnprintf(buffer, sizeof buffer, format, arguments);
	if (length < 0)
		out_of_memory();
	if ((size_t)length < sizeof buffer) {
		text = arena_copy(arena, buffer, (size_t)length);
	} else {
		text = grab(arena, (size_t)length + 1);
		vsnprintf(text, (size_t)length + 1, format, again);
	}
	va_end(again);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return text;
}
