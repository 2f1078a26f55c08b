/*
 * Tables whose entries keep their place.
 */
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum { LINE = 64 };

void lwl_table_init(struct lwl_table *t, size_t size, uint32_t limit)
{
	t->chunks = NULL;
	t->chunk_count = 0;
	t->limit = limit;
	t->size = size;
}

void lwl_table_fini(struct lwl_table *t)
{
	uint32_t c;

	for (c = 0; c < t->chunk_count; c++)
		free(t->chunks[c]);
	free(t->chunks);
	lwl_table_init(t, t->size, 0);
}

/* Make the directory reach chunk `c`: twice as long, but not longer than it can become. */
static int grow(struct lwl_table *t, uint32_t c)
{
	uint32_t most = (t->limit - 1) / LWL_CHUNK + 1, count = t->chunk_count * 2;
	uint8_t **chunks;

	if (count > most)
		count = most;
	if (count <= c)
		count = c + 1;
	chunks = realloc(t->chunks, count * sizeof *chunks);
	if (chunks == NULL)
		return -1;
	for (; t->chunk_count < count; t->chunk_count++)
		chunks[t->chunk_count] = NULL;
	t->chunks = chunks;
	return 0;
}

/* Aligned so that an entry of 64 bytes is one line of a cache. */
static uint8_t *make_chunk(const struct lwl_table *t)
{
	size_t bytes = (LWL_CHUNK * t->size + LINE - 1) / LINE * LINE;
	uint8_t *chunk = aligned_alloc(LINE, bytes);

	if (chunk != NULL)
		memset(chunk, 0, bytes);
	return chunk;
}

void *lwl_table_make(struct lwl_table *t, uint32_t i)
{
	uint32_t c = i / LWL_CHUNK;

	if (i >= t->limit || (c >= t->chunk_count && grow(t, c) != 0))
		return NULL;
	if (t->chunks[c] == NULL)
		t->chunks[c] = make_chunk(t);
	return lwl_table_at(t, i);
}

size_t lwl_table_memory(const struct lwl_table *t)
{
	size_t bytes = t->chunk_count * sizeof *t->chunks;
	uint32_t c;

	for (c = 0; c < t->chunk_count; c++)
		if (t->chunks[c] != NULL)
			bytes += LWL_CHUNK * t->size;
	return bytes;
}
