/*
 * Tables whose entries keep their place: chunks of a power of two, made when first touched.
 *
 * An index costs a division by a constant and one load more than in an array; in return a table
 * grows without moving what programs point to, and an index near the limit costs one chunk (and a
 * directory of 8 bytes a chunk), not the whole table.
 */
#ifndef LWLINK_TABLE_H
#define LWLINK_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { LWL_CHUNK = 256 };		/* entries */

struct lwl_table {
	uint8_t **chunks;		/* NULL: not made yet */
	uint32_t chunk_count;		/* of the directory */
	uint32_t limit;			/* every index is below it */
	size_t size;			/* of an entry */
};

/* Entries of `size` bytes, a multiple of 8.  Allocates nothing. */
void lwl_table_init(struct lwl_table *t, size_t size, uint32_t limit);

/* Frees all chunks; the table is as after init with the limit 0. */
void lwl_table_fini(struct lwl_table *t);

/*
 * Entry `i`, or NULL if its chunk was never made.  `i` may be anything: what the last chunk holds
 * from the limit on stays zeros.
 */
static inline void *lwl_table_at(const struct lwl_table *t, uint32_t i)
{
	uint32_t c = i / LWL_CHUNK;

	return c < t->chunk_count && t->chunks[c] != NULL ? t->chunks[c] + t->size * (i % LWL_CHUNK)
							  : NULL;
}

/* Entry `i`, its chunk made of zeros if need be.  NULL: i is not below the limit, or no memory. */
void *lwl_table_make(struct lwl_table *t, uint32_t i);

/* Bytes of memory that the table takes. */
size_t lwl_table_memory(const struct lwl_table *t);

#endif
