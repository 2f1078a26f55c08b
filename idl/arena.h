/*
 * Memory that is freed all at once: the syntax tree and the model live in one.
 * Running out of memory ends the program with a message; nothing here returns NULL.
 */
#ifndef LWL_IDL_ARENA_H
#define LWL_IDL_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);

/* `size` zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/* An array of `count` zeroed elements; `count` may be 0. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of `length` bytes at `text`, with a NUL behind it. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

__attribute__((format(printf, 2, 3)))
char *arena_printf(struct arena *arena, const char *format, ...);
__attribute__((format(printf, 2, 0)))
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments);

#endif
