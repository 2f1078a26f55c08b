/*
 * Answers out of nothing: what a response must have, as small as it can be.
 */
#ifndef LWL_TOOLS_SMALLEST_H
#define LWL_TOOLS_SMALLEST_H

#include <stdbool.h>
#include <stdint.h>

#include <lwlink/schema.h>

/* An end point for a field that needs one; false: there is none. */
typedef bool smallest_link_fn(void *ctx, const struct lwl_schema_interface *interface, uint64_t *id);

/*
 * The items of a response, in the arena: what the request has under the same name, with the same type;
 * and the smallest valid value, empty, zero, the first member, for whatever else is required.  Texts
 * point into the request.  False: no memory, no end point, or groups that cannot end.
 */
bool smallest_answer(struct lwl_value *out, const struct lwl_schema_command *command,
		     const struct lwl_value *request, struct lwl_arena *arena,
		     smallest_link_fn *make_link, void *ctx);

#endif
