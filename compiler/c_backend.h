/*
 * The C backend: NAME.lwl.h and NAME.lwl.c (messages), NAME.link.h and NAME.link.c (commands).
 * What its files share.
 */
#ifndef LWL_COMPILER_C_BACKEND_H
#define LWL_COMPILER_C_BACKEND_H

#include "c_names.h"
#include "emit.h"
#include "idl/model.h"

struct backend {
	const struct model *model;
	const struct library *library;	/* the model's: what code is made for */
	struct c_names *names;
	struct arena *arena;		/* for texts that live as long as the run */
	struct output *out;		/* the file at hand */
};

/* Each writes one file to b->out. */
void c_types_emit(struct backend *b);		/* NAME.lwl.h */
void c_codec_emit(struct backend *b);		/* NAME.lwl.c */
void c_dispatch_emit_header(struct backend *b);	/* NAME.link.h */
void c_dispatch_emit_source(struct backend *b);	/* NAME.link.c */

/* The first lines of a generated file: what it is and where it comes from. */
void c_banner(struct backend *b, const char *what);

/* "NAME": the schema's file name without ".lwl". */
const char *c_file_stem(struct arena *arena, const struct library *library);

/* The macro that guards a header against being read twice. */
const char *c_guard(struct backend *b, const char *kind);

/* Does the library declare interfaces, so that there is a NAME.link.h? */
bool c_has_interfaces(const struct library *library);

/* Call `each` for every message of the library, in the order of the source. */
void c_each_message(struct backend *b, void (*each)(struct backend *b, const struct group *message));

/* Numbers as C constants that fit their type and stand in #if, too. */
const char *c_number(struct arena *arena, enum type_kind kind, uint64_t bits);

/* "uint16_t", "bool", "double": of a scalar; of an enum or flags the underlying type. */
const char *c_scalar(enum type_kind kind);

/* "u16": the suffix of the lwl_get_…, lwl_put_… and lwl_…_at of a scalar. */
const char *c_suffix(enum type_kind kind);

/* The scalar that an element of the type is stored as; itself if it is one, ENUM and FLAGS: theirs. */
enum type_kind c_stored(const struct type *type);

/* The type of a value in a struct: "struct vfs_stat", "uint32_t"; of one element for an array. */
const char *c_value_type(struct backend *b, const struct type *type);

/* Do its values have rules of their own: a strict enum, strict flags? */
bool c_is_strict(const struct type *type);

#endif
