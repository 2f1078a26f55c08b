/*
 * What things of a schema are called in C.
 *
 *	group Attr of library vfs		struct vfs_attr
 *	enum FileType, member REGULAR		enum vfs_file_type, VFS_FILE_TYPE_REGULAR
 *	interface Node				struct vfs_node (a link to one), struct vfs_node_ops
 *	command lookup of Node			vfs_node_lookup(), VFS_NODE_LOOKUP
 *	its request, response, a one-way	struct vfs_node_lookup_req, …_rsp, …_msg
 *	a union in field `body` of Attr		struct vfs_attr_body
 *
 * Fields keep their names, with a '_' behind those that C, C++ or a libc header has taken.
 */
#ifndef LWL_COMPILER_C_NAMES_H
#define LWL_COMPILER_C_NAMES_H

#include "idl/diag.h"
#include "idl/model.h"

struct arena;
struct c_names;

struct c_names *c_names_new(struct arena *arena);
void c_names_free(struct c_names *names);

/* "vfs_attr": without "struct".  Of a group that is a message: "vfs_node_lookup_req". */
const char *c_group(struct c_names *names, const struct group *group);
const char *c_structure(struct c_names *names, const struct structure *structure);
const char *c_enumeration(struct c_names *names, const struct enumeration *enumeration);
const char *c_interface(struct c_names *names, const struct interface *interface);
const char *c_command(struct c_names *names, const struct command *command);

/* The same in capitals, as in the constants that belong to it. */
const char *c_upper(struct c_names *names, const char *name);

/* The name of a field, a struct's member or a command in a struct. */
const char *c_member(struct c_names *names, const char *name);

/* Does the field have a `has_` member beside it? */
bool c_has_flag(const struct field *field);

const char *c_constant(struct c_names *names, const struct library *library,
		       const struct constant *constant);
const char *c_enum_member(struct c_names *names, const struct enumeration *enumeration,
			  const struct enum_member *member);

/*
 * Report what would be declared twice in the generated C of the model's library, because different
 * names of the schema become one.
 */
void c_names_check(struct c_names *names, const struct model *model,
		   struct diagnostics *diagnostics);

#endif
