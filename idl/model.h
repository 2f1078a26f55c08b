/*
 * The checked model of a schema: what every backend reads.
 *
 * check.c builds it from the syntax tree, layout.c fills in sizes and offsets; after idl_load() has
 * returned it without an error it never changes.  All of it lives in the arena of its `struct idl`
 * and goes with idl_free().  Whatever stands here has been checked: numbers ascend and are unique,
 * every pointer that is not said to be NULL points to something, every bound is in range, every
 * message fits.  A backend decides nothing about the language.
 */
#ifndef LWL_IDL_MODEL_H
#define LWL_IDL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MAX_DEPTH = 8,			/* a group directly in a message is at depth 1 */
	MAX_NUMBER = 0x3eff,		/* item numbers above it are the protocol's own */
	MAX_IDENTIFIER = 255,		/* bytes */
	MESSAGE_HEADER = 16,		/* bytes */
	MESSAGE_ROOM = 64,		/* left in each message for deadline and trace */
	MAX_MESSAGE = 65535 - MESSAGE_ROOM,	/* the largest logical length of a schema's message */
	ERROR_FORM = 291		/* logical length of a response with an error of 255 bytes of detail */
};

/* A piece of source text: byte offsets, `end` exclusive.  diag.c turns it into line and column. */
struct location {
	const struct source *source;
	uint32_t start, end;
};

enum type_kind {
	TYPE_BOOL,
	TYPE_U8, TYPE_U16, TYPE_U32, TYPE_U64,
	TYPE_S8, TYPE_S16, TYPE_S32, TYPE_S64,
	TYPE_F32, TYPE_F64,
	TYPE_ENUM, TYPE_FLAGS, TYPE_STRUCT,
	TYPE_STRING, TYPE_BYTES,
	TYPE_GROUP, TYPE_UNION,
	TYPE_LINK
};

enum type_shape {
	SHAPE_ONE,			/* T */
	SHAPE_ARRAY,			/* T[N]: exactly max elements */
	SHAPE_LIST			/* T[..N]: up to max elements */
};

/* The type of a field, a struct's member or a constant. */
struct type {
	enum type_kind kind;
	enum type_shape shape;
	uint32_t min, max;		/* STRING, BYTES: length in bytes; otherwise elements of `shape` */
	uint32_t list_bytes;		/* G[..N in B]: B; 0 when not given */
	union {
		const struct enumeration *enumeration;	/* ENUM, FLAGS */
		const struct structure *structure;	/* STRUCT */
		const struct group *group;		/* GROUP, UNION */
		const struct interface *interface;	/* LINK; NULL: any interface */
	};
	/* Of one element, by layout.c; for scalars, enums, flags and structs only. */
	uint32_t size, align;
};

/* What may stand on anything that is declared. */
struct common {
	const char *name;
	const char *doc;		/* text of the `///` lines, '\n' between them; NULL: none */
	const char *deprecated;		/* NULL: not */
	uint32_t since;			/* 0: not said */
	struct location where;		/* of the name */
};

struct constant {
	struct common c;
	struct type type;		/* bool, an integer or a float */
	/* Integers: two's complement, sign-extended; floats: IEEE 754 of the type's width; bool 0, 1. */
	uint64_t bits;
};

struct enum_member {
	struct common c;
	uint64_t value;			/* ENUM: two's complement, sign-extended; FLAGS: the bit's number */
};

struct enumeration {			/* an enum, or flags */
	struct common c;
	const struct library *library;
	enum type_kind underlying;	/* an integer; unsigned for flags */
	bool is_flags, is_flexible;
	const struct enum_member *members;	/* as declared */
	size_t member_count;
	uint64_t known_bits;		/* FLAGS: the bits that have names */
};

struct struct_member {
	struct common c;
	struct type type;		/* shape ONE or ARRAY */
	uint32_t offset;
	uint32_t hole;			/* unused bytes behind this member, up to the next or the end */
};

struct structure {
	struct common c;
	const struct library *library;
	const struct struct_member *members;
	size_t member_count;
	uint32_t size, align;
	bool has_checks;		/* holds a hole, a bool, a strict enum or strict flags */
	bool has_strict;		/* holds a strict enum or strict flags */
	bool is_dense;			/* no hole and no bool in it: every byte means a value's bits */
};

enum presence {
	PRESENCE_REQUIRED,
	PRESENCE_OPTIONAL,		/* `?` */
	PRESENCE_DEFAULT,		/* `= value` */
	PRESENCE_LIST			/* `[..N]`: absent means empty */
};

struct field {
	struct common c;
	uint16_t number;
	struct type type;
	enum presence presence;
	uint64_t default_bits;		/* DEFAULT: as constant.bits; FLAGS: the value */
	bool on_cycle;			/* GROUP, UNION: the type leads back to the enclosing group */
};

/* A group, an inline union, or the items of a request, a response or a one-way. */
struct group {
	struct common c;		/* a union's name is NULL; where is its keyword */
	const struct library *library;
	const struct group *parent;	/* of a union: the group (or union) whose field it types */
	const struct field *parent_field;
	const struct command *command;	/* of a message: its command; otherwise NULL */
	bool is_union;
	const struct field *fields;	/* ascending by number */
	size_t field_count;
	const struct field *const *declared;	/* the same in the order of the source */
	/*
	 * The largest logical length of all child items when the group itself is at depth d (0: a
	 * message), and whether it can exist there at all: a recursive group may have no room for
	 * what it requires.  Saturates at UINT32_MAX.
	 */
	uint32_t largest[MAX_DEPTH + 1];
	bool possible[MAX_DEPTH + 1];
};

struct command {
	struct common c;
	const struct interface *interface;
	uint8_t number;
	bool is_oneway, is_replay_safe;
	const struct group *request;	/* the one message of a one-way */
	const struct group *response;	/* NULL for a one-way */
	/* Room that any such message needs: a multiple of 8, MESSAGE_ROOM and the error form included. */
	uint32_t request_max, response_max;
};

struct interface {
	struct common c;
	const struct library *library;
	uint8_t id;			/* 0 only in the library lwlink.link */
	const struct command *commands;	/* ascending by number */
	size_t command_count;
	const struct interface *const *uses;	/* named by `use`, as declared */
	size_t use_count;
	const struct interface *const *closure;	/* this one first, then all that `use` reaches, once each */
	size_t closure_count;
};

enum declaration_kind { DECL_CONSTANT, DECL_ENUM, DECL_STRUCT, DECL_GROUP, DECL_INTERFACE };

struct declaration {
	enum declaration_kind kind;	/* DECL_ENUM: flags too */
	union {
		const struct constant *constant;
		const struct enumeration *enumeration;
		const struct structure *structure;
		const struct group *group;
		const struct interface *interface;
	};
};

struct library {
	struct common c;		/* name: the whole name, "lwlink.vfs" */
	const char *prefix;		/* the last component, "vfs" */
	uint32_t version;
	const char *path;		/* as it was opened */
	const char *file;		/* base name of the path, "vfs.lwl" */
	const struct library *const *imports;	/* direct, as written */
	size_t import_count;
	const struct declaration *declarations;	/* in the order of the source */
	size_t declaration_count;
	/*
	 * The groups, struct types and inline unions of the library, what is contained before what
	 * contains it, except where a field is `on_cycle`.  Messages are not among them, but the unions
	 * inside messages are.
	 */
	const struct structure *const *structures;
	size_t structure_count;
	const struct group *const *groups;	/* unions included */
	size_t group_count;
};

struct model {
	const struct library *library;	/* the file that was named */
	const struct library *const *libraries;	/* all that were read; an import before its importer */
	size_t library_count;
};

#endif
