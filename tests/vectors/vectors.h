/*
 * Byte vectors: the parts of their runner.
 *
 *	vectors.c	reads a file of vectors and checks one of them against the generated C
 *	text.c		values as JSON, in the form that the files have
 *	run.c		cmocka, a test for each vector
 *	run_plain.c	the same without cmocka, for machines that have none
 *
 * and what make_runner.py writes: vector_types.
 */
#ifndef VECTORS_H
#define VECTORS_H

#include <lwlink/wire.h>

/* ---- text.c ---- */

struct text {
	char *data;			/* NUL-terminated, or NULL while it is empty */
	size_t length, room;
	bool unexpected;		/* a text_expect failed */
};

struct flag_bit {
	const char *name;		/* NULL: the end of a table */
	unsigned bit;
};

/* Memory that runs out ends the program. */
void *vectors_alloc(void *old, size_t size);

void text_char(struct text *t, char c);
void text_put(struct text *t, const char *s, size_t length);
void text_free(struct text *t);

/* What a decoder has promised of a struct. */
void text_expect(struct text *t, bool promised);

/* The name and colon of the next member of an object; the comma before the next of an array. */
void text_key(struct text *t, const char *name);
void text_element(struct text *t);

void text_bool(struct text *t, bool v);
void text_u64(struct text *t, uint64_t v);
void text_s64(struct text *t, int64_t v);
void text_f32(struct text *t, float v);
void text_f64(struct text *t, double v);
void text_string(struct text *t, const char *data, uint32_t length);
void text_base64(struct text *t, const uint8_t *data, uint32_t length);
void text_link(struct text *t, uint64_t id);
void text_enum_u64(struct text *t, const char *name, uint64_t v);
void text_enum_s64(struct text *t, const char *name, int64_t v);
void text_flags(struct text *t, const struct flag_bit *bits, uint64_t v);

/* ---- made by make_runner.py ---- */

struct vector_type {
	const char *name;		/* "vectors.Scalars.all.request"; NULL: the end */
	uint16_t command;
	enum lwl_kind kind;
	size_t size;			/* of its struct */
	int (*decode)(void *out, const void *msg, size_t len, struct lwl_error *err);
	int (*encode)(struct lwl_writer *w, const void *in);
	void (*print)(struct text *t, const void *in);
};

extern const struct vector_type vector_types[];

/* ---- vectors.c ---- */

struct vector_bytes {
	uint8_t *data;
	size_t length;
};

struct vector_bad {
	bool given;
	enum lwl_bad bad;		/* LWL_BAD_NONE: there is no mistake */
	uint32_t offset, depth;
	struct lwl_step path[LWL_DEPTH_MAX + 1];
};

struct vector {
	char *name;
	const char *file;		/* the path that was passed to vectors_load */
	unsigned line;
	const struct vector_type *type;	/* NULL: the vector is about structure alone */
	struct vector_bytes bytes, reencode, trace;
	struct vector_bad bad, check;
	struct text value;		/* without spaces; NULL: no value is expected */
	struct text links;		/* "40:0x5 48:0x6" */
	bool is_remote, has_deadline, has_bytes, has_reencode, has_trace;
	uint32_t remote;		/* the code as it is on the wire */
	struct text detail;
	uint64_t deadline;
};

struct vectors {
	struct vector *list;
	size_t count;
};

/* Adds the vectors of a file.  0, or -1 and a message about the line that is wrong. */
int vectors_load(struct vectors *set, const char *path, char *message, size_t size);
void vectors_free(struct vectors *set);

/* 0 if everything that the vector says is so; otherwise -1 and a message that says what is not. */
int vector_check(const struct vector *v, char *message, size_t size);

#endif
