/*
 * Schema text in, checked model out: the one door of the library in this folder.
 */
#ifndef LWL_IDL_IDL_H
#define LWL_IDL_IDL_H

#include "diag.h"
#include "model.h"

struct idl {
	struct arena *arena;
	struct diagnostics *diagnostics;
	const struct model *model;	/* NULL if there was an error */
	const char *const *files;	/* every file that was read, the named one first; for depfiles */
	size_t file_count;
};

/*
 * Read the schema at `path` and all that it imports.  An import is looked for beside the file that
 * imports it, then in each of `include` in turn.  Never fails to return: look at `model`, or count
 * and print the diagnostics.  The caller frees the result with idl_free().
 */
struct idl *idl_load(const char *path, const char *const *include, size_t include_count);

void idl_free(struct idl *idl);

#endif
