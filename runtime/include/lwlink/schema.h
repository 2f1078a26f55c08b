/*
 * lwlink/schema.h - schemas as data: decode and encode any message of any schema, without compiling
 * anything.
 *
 * `lwlc --emit schema` writes a schema, with all that it imports, as a binary schema: a sequence of
 * messages, described by schemas/schema.lwl.  lwl_schema_load turns one into tables.  With these
 *
 *   - lwl_value_decode turns a message into a tree of values, and accepts and rejects exactly what
 *     the generated decoder of that message does, for the same mistake at the same place;
 *   - lwl_value_encode turns such a tree into the bytes that the generated encoder writes;
 *   - a printer walks the tables and the tree side by side.
 *
 * This is an optional part of the library, and the one that allocates, with malloc: tables in
 * lwl_schema_load, values in an arena with a limit.  Neither trusts anybody: a binary schema from a
 * stranger is checked before it is used, memory stays in proportion to its size, and so does the time
 * to load it.  The tables never change after loading, so threads may share them.
 */
#ifndef LWLINK_SCHEMA_H
#define LWLINK_SCHEMA_H

#include <lwlink/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	LWL_SCHEMA_SIZE_MAX = 64 << 20,	/* bytes of a binary schema */
	LWL_SCHEMA_MEMORY_FACTOR = 32,	/* its tables take at most so many times its size, and 64 KiB */
	LWL_SCHEMA_NESTING_MAX = 64,	/* structs in structs; one without inner structs is at 1 */
	LWL_STEPS_MAX = LWL_DEPTH_MAX + 1 + LWL_SCHEMA_NESTING_MAX
};

/* ---- tables ---- */

/* The numbers are those of schemas/schema.lwl. */
enum lwl_type_kind {
	LWL_TYPE_BOOL,
	LWL_TYPE_U8, LWL_TYPE_U16, LWL_TYPE_U32, LWL_TYPE_U64,
	LWL_TYPE_S8, LWL_TYPE_S16, LWL_TYPE_S32, LWL_TYPE_S64,
	LWL_TYPE_F32, LWL_TYPE_F64,
	LWL_TYPE_ENUM, LWL_TYPE_FLAGS, LWL_TYPE_STRUCT,
	LWL_TYPE_STRING, LWL_TYPE_BYTES,
	LWL_TYPE_GROUP, LWL_TYPE_UNION,
	LWL_TYPE_LINK
};

enum lwl_type_shape {
	LWL_SHAPE_ONE,			/* T */
	LWL_SHAPE_ARRAY,		/* T[N]: exactly max elements */
	LWL_SHAPE_LIST			/* T[..N]: up to max elements */
};

enum lwl_presence {
	LWL_PRESENCE_REQUIRED,
	LWL_PRESENCE_OPTIONAL,
	LWL_PRESENCE_DEFAULT,		/* absent: default_bits */
	LWL_PRESENCE_LIST		/* absent: empty */
};

struct lwl_schema_type {
	enum lwl_type_kind kind;
	enum lwl_type_shape shape;
	uint32_t min, max;		/* STRING, BYTES: length in bytes; otherwise elements of `shape` */
	uint32_t list_bytes;		/* G[..N in B]: B; 0: not given */
	uint32_t size, align;		/* of one element; 0 for STRING, BYTES, GROUP, UNION and LINK */
	/* What the kind calls for; the others are NULL.  Of a bare `link` the interface is NULL, too. */
	const struct lwl_schema_enum *enumeration;	/* ENUM, FLAGS */
	const struct lwl_schema_struct *structure;	/* STRUCT */
	const struct lwl_schema_group *group;		/* GROUP, UNION */
	const struct lwl_schema_interface *interface;	/* LINK */
};

/* What may be said of anything that has a name.  Texts are not longer than UINT32_MAX and may be "". */
struct lwl_schema_notes {
	const char *doc;		/* "": none */
	const char *deprecated;		/* NULL: it is not */
	uint32_t since;			/* 0: not said */
};

struct lwl_schema_library {
	const char *name;		/* "lwlink.vfs" */
	const char *prefix;		/* "vfs", its last component */
	uint32_t version;
	struct lwl_schema_notes notes;
	const struct lwl_schema_library *const *imports;	/* the direct ones */
	uint32_t import_count;
};

struct lwl_schema_constant {
	const char *name;
	const struct lwl_schema_library *library;
	struct lwl_schema_notes notes;
	enum lwl_type_kind kind;	/* BOOL .. F64 */
	uint64_t bits;			/* as in struct lwl_value */
};

struct lwl_schema_member {
	const char *name;
	struct lwl_schema_notes notes;
	uint64_t value;			/* ENUM: as in struct lwl_value; FLAGS: the bit's number */
};

struct lwl_schema_enum {		/* or flags */
	const char *name;
	const struct lwl_schema_library *library;
	struct lwl_schema_notes notes;
	bool is_flags, is_flexible;
	enum lwl_type_kind underlying;	/* U8 .. S64 */
	const struct lwl_schema_member *members;	/* as declared */
	uint32_t member_count;
	uint64_t known_bits;		/* FLAGS: those that have names */
	const struct lwl_schema_member *const *by_value;	/* ascending as uint64_t */
	const struct lwl_schema_member *const *by_name;		/* ascending by strcmp */
};

/* An item of a group, a member of a union or of a struct. */
struct lwl_schema_field {
	const char *name;
	struct lwl_schema_notes notes;
	uint16_t number;		/* of the item; in a struct 0 */
	struct lwl_schema_type type;
	enum lwl_presence presence;
	uint64_t default_bits;		/* as in struct lwl_value */
	uint32_t offset;		/* in a struct: from its start */
	uint32_t hole;			/* in a struct: unused bytes behind it */
};

struct lwl_schema_struct {
	const char *name;
	const struct lwl_schema_library *library;
	struct lwl_schema_notes notes;
	const struct lwl_schema_field *fields;	/* as declared */
	uint32_t field_count;
	uint32_t size, align;
	uint32_t nesting;		/* 1: no structs in it; at most LWL_SCHEMA_NESTING_MAX */
	const struct lwl_schema_field *const *by_name;	/* ascending by strcmp */
};

enum lwl_group_form { LWL_GROUP_NAMED, LWL_GROUP_UNION, LWL_GROUP_MESSAGE };

/* A group, an inline union, or the items of a message. */
struct lwl_schema_group {
	const char *name;		/* "" unless the form is NAMED */
	const struct lwl_schema_library *library;
	struct lwl_schema_notes notes;
	enum lwl_group_form form;
	const struct lwl_schema_field *fields;	/* ascending by number */
	uint32_t field_count;
	const struct lwl_schema_field *const *by_name;	/* ascending by strcmp */
	const uint32_t *next_required;	/* of each field: the first required one from it on, or field_count */
};

struct lwl_schema_command {
	const char *name;
	const struct lwl_schema_interface *interface;
	struct lwl_schema_notes notes;
	uint8_t number;
	bool is_oneway, is_replay_safe;
	const struct lwl_schema_message *request;	/* the one message of a one-way */
	const struct lwl_schema_message *response;	/* NULL for a one-way */
};

struct lwl_schema_interface {
	const char *name;
	const struct lwl_schema_library *library;
	struct lwl_schema_notes notes;
	uint8_t id;
	const struct lwl_schema_command *commands;	/* ascending by number */
	uint32_t command_count;
	const struct lwl_schema_interface *const *uses;	/* as declared */
	uint32_t use_count;
	/* This one first, then all that `use` reaches, once each. */
	const struct lwl_schema_interface *const *closure;
	uint32_t closure_count;
};

struct lwl_schema_message {
	/* "vfs.Node.lookup.request", "….response", "vfs.Node.hint.oneway": a TYPE. */
	const char *name;
	const struct lwl_schema_command *command;
	enum lwl_kind kind;
	uint16_t header;		/* what the header's command field must be, response bit included */
	const struct lwl_schema_group *items;
	/* Bytes that any such message fits in, the generated …_MAX; and the largest logical length. */
	uint32_t room, largest;
};

/* Everything lives as long as the schema.  Imported libraries come before those that import them. */
struct lwl_schema {
	const struct lwl_schema_library *library;	/* the one that was compiled: the last */
	const struct lwl_schema_library *libraries;
	const struct lwl_schema_constant *constants;
	const struct lwl_schema_enum *enums;
	const struct lwl_schema_struct *structs;
	const struct lwl_schema_group *groups;
	const struct lwl_schema_interface *interfaces;
	const struct lwl_schema_message *messages;	/* by interface, then command; response last */
	uint32_t library_count, constant_count, enum_count, struct_count, group_count, interface_count,
		 message_count;
};

/* ---- loading ---- */

struct lwl_schema_error {
	uint64_t offset;		/* of the message that is wrong, from the start of the bytes */
	uint32_t record;		/* which one, from 0 */
	struct lwl_error wire;		/* bad is not NONE: what is wrong with it as a message */
	char text[400];			/* for people: "group 12, field \"size\": there is no struct 9" */
};

/*
 * Do the bytes look like a binary schema?  Looks at the first 16 only: for tools that take text, too.
 */
bool lwl_schema_is_binary(const void *data, size_t size);

/*
 * Make tables of a binary schema.  Returns 0 and *out, to be freed by the caller; or
 *	-LWL_EMALFORMED	it is none, or it says what the language does not allow; *err says where
 *	-LWL_ETOOLARGE	it exceeds one of the limits above; *err says which
 *	-LWL_ENOMEM
 * with *out NULL.  `err` may be NULL.  The bytes are not needed afterwards.
 */
int lwl_schema_load(struct lwl_schema **out, const void *data, size_t size,
		    struct lwl_schema_error *err);

void lwl_schema_free(struct lwl_schema *schema);	/* NULL is fine */

/* ---- finding ---- */

/* A message by its TYPE, or NULL.  Only the whole name finds it. */
const struct lwl_schema_message *lwl_schema_find(const struct lwl_schema *schema, const char *type);

/*
 * The messages that may have this command field in their header: the first, or the next after
 * `previous`; NULL: no more.  Several, because interface ids are unique only within an end point.
 * Given an interface, only those that an end point which speaks it understands: at most one.
 */
const struct lwl_schema_message *lwl_schema_next(const struct lwl_schema *schema,
	const struct lwl_schema_interface *interface, uint16_t header,
	const struct lwl_schema_message *previous);

/* An interface by "vfs.Node", or NULL. */
const struct lwl_schema_interface *lwl_schema_find_interface(const struct lwl_schema *schema,
	const char *name);

/* The field with this number or name, or NULL. */
const struct lwl_schema_field *lwl_schema_field_numbered(const struct lwl_schema_group *group,
	uint16_t number);
const struct lwl_schema_field *lwl_schema_field_named(const struct lwl_schema_group *group,
	const char *name);
const struct lwl_schema_field *lwl_schema_struct_field(const struct lwl_schema_struct *structure,
	const char *name);

/* A member by its value (FLAGS: the bit's number) or name, or NULL. */
const struct lwl_schema_member *lwl_schema_member_of(const struct lwl_schema_enum *enumeration,
	uint64_t value);
const struct lwl_schema_member *lwl_schema_member_named(const struct lwl_schema_enum *enumeration,
	const char *name);

/*
 * The type as the language writes it, "bytes<1..255>", "vfs.Stat[..4]", "union"; without `?` and
 * default.  Cut off at `size` bytes with its NUL; returns the length that it would have had.
 */
size_t lwl_schema_type_format(char *buf, size_t size, const struct lwl_schema_type *type);

/* ---- memory for values ---- */

/* Blocks that are freed together.  What it hands out is aligned for any type and not zeroed. */
struct lwl_arena {
	void *blocks;
	size_t room, used;		/* of the newest block */
	size_t total, limit;		/* of all */
};

/* `limit`: bytes in all, before an allocation fails; LWL_ARENA_LIMIT is enough for any message of a
 * schema that is not made to be nasty. */
enum { LWL_ARENA_LIMIT = 64 << 20 };
void lwl_arena_init(struct lwl_arena *arena, size_t limit);
void *lwl_arena_alloc(struct lwl_arena *arena, size_t size);	/* NULL: no memory, or the limit */
void lwl_arena_free(struct lwl_arena *arena);			/* everything; it can be used again */

/* ---- values ---- */

enum lwl_value_kind {
	LWL_VALUE_BITS,			/* a bool, integer, float, enum, flags or link: `bits` */
	LWL_VALUE_TEXT,			/* a string or bytes: `data`, `count` bytes */
	LWL_VALUE_GROUP,		/* a message, group, union or struct: `items`, `count` fields */
	LWL_VALUE_LIST			/* an array or list: `items`, `count` elements */
};

/*
 * A value; what type it is of is known from the field that it belongs to.
 *
 * `bits` holds a bool as 0 or 1; unsigned integers, enums and flags over them, and links as they are;
 * signed ones, and enums over them, in two's complement, sign-extended; floats as the bits of their
 * IEEE 754 form, an f32 in the lower half.
 *
 * A GROUP has only the fields that are there, in the order of the table: `field` of each is its index
 * in fields[] of the group or struct.  An absent optional, an absent default and an empty list are not
 * among them.  A struct has all of its members, a union exactly one.
 */
struct lwl_value {
	uint8_t kind;			/* enum lwl_value_kind */
	uint16_t field;			/* in a GROUP: which; elsewhere 0 */
	uint32_t count;
	union {
		uint64_t bits;
		const uint8_t *data;		/* after decoding: in the message */
		const struct lwl_value *items;
	};
};

/* What a field has in a GROUP, or NULL if it is absent.  `field` is an index in the table. */
const struct lwl_value *lwl_value_get(const struct lwl_value *group, uint32_t field);

/*
 * Decode one message of `len` bytes, padding included, which stays as it is while the values are used.
 * They are taken from the arena, and a GROUP for the whole message is put into *out.  Returns what the
 * generated decoder returns, and fills *err (which may be NULL) as it does: 0, -LWL_EMALFORMED, or
 * minus the code of an error response, whose text is then err->detail.  Moreover -LWL_ENOMEM, with
 * err->bad NONE, when memory or the arena's limit has run out.
 */
int lwl_value_decode(const struct lwl_schema_message *message, const void *msg, size_t len,
		     struct lwl_arena *arena, struct lwl_value *out, struct lwl_error *err);

/*
 * The code in an error response that lwl_value_decode has taken for one, as it was sent; 0 if the
 * message is none.  (What it returns is EIO for codes that mean nothing here.)
 */
uint32_t lwl_value_error_code(const void *msg, size_t len);

/* One step of the way to a value: a field, and where that is an array or a list, the element. */
struct lwl_value_step {
	const struct lwl_schema_field *field;
	uint32_t index;
	bool is_element;
};

/* Why a value cannot be encoded. */
struct lwl_value_error {
	const char *why;		/* "is required", "is longer than its bound": reads on after a path */
	const struct lwl_value *value;	/* the one that is wrong; NULL: one that is missing */
	const struct lwl_schema_field *field;	/* the last step's; NULL: the message as a whole */
	uint32_t depth;			/* steps */
	struct lwl_value_step steps[LWL_STEPS_MAX];
};

/*
 * Encode a message, whose items are `value`, a GROUP.  `w` comes from lwl_writer_init.  A field that
 * equals its default is left out.  Returns what the generated encoder returns: 0, -LWL_EINVAL,
 * -LWL_ENOBUFS, -LWL_ETOOLARGE; or -LWL_ENOMEM.  For -LWL_EINVAL *err (which may be NULL) says which
 * value is wrong.  A tree that is not of the message's shape is a wrong value, too, nothing worse; it
 * must only point to what is there.
 */
int lwl_value_encode(struct lwl_writer *w, const struct lwl_schema_message *message,
		     const struct lwl_value *value, struct lwl_value_error *err);

/* "entries[3].stat.mtime"; the message as a whole is "".  Size and result as snprintf's. */
size_t lwl_value_path_format(char *buf, size_t size, const struct lwl_value_error *err);

/*
 * The same for the path of a decoder's error, with the numbers of items that the schema does not know:
 * "entries[3].9".  A step that names no element of a list has no index.
 */
size_t lwl_schema_path_format(char *buf, size_t size, const struct lwl_schema_message *message,
			      const struct lwl_error *err);

#ifdef __cplusplus
}
#endif
#endif
