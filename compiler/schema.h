/*
 * The binary schema: NAME.lwlb.  Its records are described by schemas/schema.lwl, its reader is
 * lwlink/schema.h.
 */
#ifndef LWL_COMPILER_SCHEMA_H
#define LWL_COMPILER_SCHEMA_H

#include "emit.h"
#include "idl/model.h"

/*
 * Append the binary schema of the model, all of its libraries, to `out`, which is empty.  False, and
 * nothing appended, if a library's name is too long for a record: the one thing that the language
 * allows and the format does not.
 */
bool schema_emit(const struct model *model, struct output *out);

#endif
