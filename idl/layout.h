/*
 * Sizes and offsets: the only owner, in the compiler, of the rule that everything starts at a
 * multiple of 8.  All of it is arithmetic on a model whose names and types have been checked;
 * nothing here reports an error.  Sizes saturate at UINT32_MAX.
 */
#ifndef LWL_IDL_LAYOUT_H
#define LWL_IDL_LAYOUT_H

#include "model.h"

enum {
	LAYOUT_MAX_ITEM = 65535,	/* an item's logical length */
	LAYOUT_MAX_STRUCT = 65000	/* bytes; leaves every message room for its other items */
};

/* `size` rounded up to a multiple of 8, saturating. */
uint32_t layout_pad(uint32_t size);

/* Bytes of one value of a scalar type: TYPE_BOOL .. TYPE_F64. */
uint32_t layout_scalar_size(enum type_kind kind);

/* Fill in type->size and type->align, where the kind has them; a struct must have been laid out. */
void layout_type(struct type *type);

/*
 * Place the members of `structure`, whose types have been through layout_type(): offsets, holes,
 * size, alignment, has_checks.  False if it would exceed LAYOUT_MAX_STRUCT; then what has been
 * filled in means nothing.
 */
bool layout_structure(struct structure *structure, struct struct_member *members);

/* Where the payload of an item of this type starts, counted from the item: 4 or 8. */
uint32_t layout_payload(const struct type *type);

/*
 * The largest logical length of what a field of this type puts into a group at depth `depth`: one
 * item, or all items of a list of groups with the padding between them.  0: it cannot be there, as
 * groups nest at most MAX_DEPTH deep.
 */
uint32_t layout_largest(const struct type *type, unsigned depth);

/* Fill in `largest` and `possible` of all groups; they must hold every group that they refer to. */
void layout_groups(struct group *const *groups, size_t count);

/* The largest logical length of a message, its header included. */
uint32_t layout_message(const struct group *message);

/* What command.request_max and command.response_max hold. */
uint32_t layout_request_max(const struct group *request);
uint32_t layout_response_max(const struct group *response);

#endif
