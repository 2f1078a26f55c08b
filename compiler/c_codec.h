/*
 * What the two files of the codec share: c_codec.c (fields, groups, messages) and c_values.c (enums and
 * fixed structs).
 */
#ifndef LWL_COMPILER_C_CODEC_H
#define LWL_COMPILER_C_CODEC_H

#include "c_backend.h"

/*
 * What the file needs of a type, as bits.  Reading and writing are needed apart: a group that no
 * message holds can still be read, by its _next.
 */
enum need {
	NEED_GET = 1,			/* GROUP: its items; STRUCT: check */
	NEED_PUT = 2,			/* GROUP: its items; STRUCT: store */
	NEED_BOTH = NEED_GET | NEED_PUT,
	NEED_ONE = 4,			/* a field of it: times NEED_GET, NEED_PUT */
	NEED_ARRAY = 16,		/* an array or list of it: likewise */
	NEED_REF = 64,			/* GROUP: a field on a cycle: likewise */
	NEED_ZERO = 256,		/* is it all zeros? */
	NEED_PROTOTYPES = 1024		/* GROUP: functions of it are called before they are defined */
};

struct codec {
	struct backend *b;
	struct output *out;
	struct needed *needed;		/* what is needed of each type */
	struct work *work;
};

/* A load of the scalar `kind` from the bytes at `place`, as an expression. */
const char *c_load(struct arena *arena, enum type_kind kind, const char *place);

/* A statement, without ';', that stores the scalar `value` at `place`. */
const char *c_store(struct arena *arena, enum type_kind kind, const char *place, const char *value);

/* c_rows.c: groups for which a faster way is tried first. */
bool c_is_row(const struct group *g);
void c_row_emit_next(struct backend *b, const struct group *g);
void c_row_emit_get(struct codec *c, const char *name);
void c_row_emit_put(struct codec *c, const struct group *g);

/*
 * c_runs.c: how many fields from `from` on are written, or read, together; 0: that one is by itself.
 * And what the function declares for them.
 */
size_t c_put_run(const struct group *g, size_t from);
size_t c_get_run(const struct group *g, size_t from);
const char *c_run_variables(const struct group *g, bool put);
void c_run_emit_put(struct codec *c, const struct group *g, size_t from, size_t count);
void c_run_emit_get(struct codec *c, const struct group *g, size_t from, size_t count);

/* A message that is one run is written whole: the body of its encoder. */
bool c_is_fixed_message(const struct group *g);
void c_fixed_message_emit_put(struct codec *c, const struct group *g, const char *command,
			      const char *kind);

/* The call of a function of wire.h, or of a static one, that takes in a field. */
const char *c_get_call(struct codec *c, const struct field *f);

/* In the header: a struct's _load and _at. */
void c_structure_emit_inline(struct backend *b, const struct structure *s);

/* A number as text that lives as long as the run. */
const char *c_num(struct codec *c, uint32_t n);

/* Whether `value` of this type is zero, or is not, as a C expression. */
const char *c_zero_test(struct codec *c, const struct type *t, bool on_cycle, const char *value,
			bool zero);

/* The functions that `need`, bits of enum need, asks for. */
void c_enumeration_emit(struct codec *c, const struct enumeration *e, unsigned need);
void c_enum_name_emit(struct codec *c, const struct enumeration *e);
void c_structure_emit(struct codec *c, const struct structure *s, unsigned need);

#endif
