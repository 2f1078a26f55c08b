/*
 * The table-driven codec (lwlink/schema.h) held against the generated one.  What the files of this
 * test share.
 */
#ifndef SCHEMA_TEST_H
#define SCHEMA_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lwlink/schema.h>

#include "compiler/schema.h"
#include "idl/idl.h"

/* One message's generated functions; its name is the C one, "vfs_node_lookup_req". */
struct generated {
	const char *name;
	size_t size;			/* of its struct */
	int (*encode)(struct lwl_writer *w, const void *in);
	int (*decode)(void *out, const void *msg, size_t len, struct lwl_error *err);
};

/* Made by glue.py. */
extern const struct generated generated[];
extern const size_t generated_count;

enum { MESSAGE_BYTES = LWL_MESSAGE_MAX + 1 };

/* A schema in all its forms. */
struct subject {
	const char *path;
	struct idl *idl;
	struct output bytes;		/* the binary schema */
	struct lwl_schema *schema;
};

/* Says and counts what failed, with the subject and the message at hand. */
extern uint32_t failed;
bool check(bool ok, const char *what);

extern const struct subject *subject_at_hand;
extern const struct lwl_schema_message *message_at_hand;

/* random.c: numbers that a seed determines */
void random_seed(uint64_t seed);
uint64_t random_bits(void);
uint32_t random_below(uint32_t n);	/* n > 0 */
bool random_chance(uint32_t percent);

/* random.c: a value of a message, valid except that it may be too large */
struct lwl_value random_message(struct lwl_arena *arena, const struct lwl_schema_message *message);

/* items.c: change the message of *len bytes in place; at most MESSAGE_BYTES come out */
void mutate(uint8_t *msg, size_t *len);

/* model.c: does the schema that was loaded say what the compiler's model does? */
void check_model(const struct subject *s);

/* model.c: each record of a binary schema is what the generated code of schemas/schema.lwl makes */
void check_records(const struct subject *s);

#endif
