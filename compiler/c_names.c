#include "c_names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "idl/arena.h"

/* Words that no member of a struct can be called. */
static const char *const taken[] = {
	/* C, up to C23 */
	"alignas", "alignof", "asm", "auto", "bool", "break", "case", "char", "const", "constexpr",
	"continue", "default", "do", "double", "else", "enum", "extern", "false", "float", "for",
	"goto", "if", "inline", "int", "long", "nullptr", "register", "restrict", "return", "short",
	"signed", "sizeof", "static", "static_assert", "struct", "switch", "thread_local", "true",
	"typedef", "typeof", "typeof_unqual", "union", "unsigned", "void", "volatile", "while",
	/* C++ */
	"and", "and_eq", "bitand", "bitor", "catch", "char16_t", "char32_t", "char8_t", "class",
	"co_await", "co_return", "co_yield", "compl", "concept", "consteval", "constinit",
	"const_cast", "decltype", "delete", "dynamic_cast", "explicit", "export", "friend", "mutable",
	"namespace", "new", "noexcept", "not", "not_eq", "operator", "or", "or_eq", "private",
	"protected", "public", "reinterpret_cast", "requires", "static_cast", "template", "this",
	"throw", "try", "typeid", "typename", "using", "virtual", "wchar_t", "xor", "xor_eq",
	/* macros of libc headers and of compilers */
	"EOF", "I", "NAN", "NULL", "INFINITY", "assert", "complex", "errno", "fortran", "htonl",
	"htons", "i386", "imaginary", "isnan", "linux", "major", "makedev", "minor", "noreturn",
	"ntohl", "ntohs", "offsetof", "s_addr", "sa_handler", "sa_sigaction", "setjmp", "sigev_notify_function", "si_addr",
	"si_band", "si_fd", "si_int", "si_overrun", "si_pid", "si_ptr", "si_signo", "si_status",
	"si_timerid", "si_uid", "si_value", "st_atime", "st_ctime", "st_mtime", "stderr", "stdin",
	"stdout", "unix", "va_arg", "va_copy", "va_end", "va_start", "va_list",
	/* what the generated code itself calls a member */
	"lwl_none", "which",
};

/* Constants of libc headers that PREFIX_NAME can be. */
static const char *const constants[] = {
	"ARG_MAX", "BUFSIZ", "CHAR_BIT", "CHAR_MAX", "CHAR_MIN", "CLOCKS_PER_SEC", "DBL_MAX", "DBL_MIN",
	"EXIT_FAILURE", "EXIT_SUCCESS", "FLT_MAX", "FLT_MIN", "FOPEN_MAX", "HOST_NAME_MAX", "HUGE_VAL",
	"INT16_MAX", "INT16_MIN", "INT32_MAX", "INT32_MIN", "INT64_MAX", "INT64_MIN", "INT8_MAX", "INT8_MIN",
	"INTMAX_MAX", "INTMAX_MIN", "INTPTR_MAX", "INTPTR_MIN", "INT_MAX", "INT_MIN", "IOV_MAX", "LINE_MAX",
	"LLONG_MAX", "LLONG_MIN", "LOGIN_NAME_MAX", "LONG_MAX", "LONG_MIN", "MB_CUR_MAX", "MB_LEN_MAX",
	"NAME_MAX", "OPEN_MAX", "PATH_MAX", "PIPE_BUF", "PTRDIFF_MAX", "PTRDIFF_MIN", "RAND_MAX", "SCHAR_MAX",
	"SCHAR_MIN", "SEEK_CUR", "SEEK_END", "SEEK_SET", "SHRT_MAX", "SHRT_MIN", "SIG_ATOMIC_MAX",
	"SIG_ATOMIC_MIN", "SIZE_MAX", "SSIZE_MAX", "TMP_MAX", "UCHAR_MAX", "UINT16_MAX", "UINT32_MAX",
	"UINT64_MAX", "UINT8_MAX", "UINTMAX_MAX", "UINTPTR_MAX", "UINT_MAX", "ULLONG_MAX", "ULONG_MAX",
	"USHRT_MAX", "WCHAR_MAX", "WCHAR_MIN", "WINT_MAX", "WINT_MIN",
};

struct entry {				/* a name that was worked out */
	const void *thing;
	const char *name;
	UT_hash_handle hh;
};

struct use {				/* a name that the generated C declares */
	const char *name;
	struct location where;
	struct location before;		/* who had it before; source NULL: nobody */
	size_t order;
};

enum { RECENT = 256 };

struct c_names {
	struct arena *arena;
	struct entry *names;		/* by thing */
	struct entry *recent[RECENT];	/* some of them: who asks for a name often asks again soon */
	struct entry *uppers;		/* by the text of thing */
	struct entry *words;		/* `taken`, by text */
	struct entry *constants;	/* `constants`, by text */
	uint64_t word_lengths[256], constant_lengths[256];	/* by first byte: see may_be */
	struct use *used;		/* of one scope at a time */
	size_t used_count, used_room;
	struct diagnostics *diagnostics;
};

static struct entry *new_entry(struct c_names *names, const void *thing, const char *name)
{
	struct entry *e = arena_alloc(names->arena, sizeof *e);

	e->thing = thing;
	e->name = name;
	return e;
}

/*
 * Most names have another first letter or another length than all of a list: bit n of an entry says
 * that the list has a name of that first byte and of n bytes.
 */
static void add_length(uint64_t lengths[256], const char *name)
{
	lengths[(unsigned char)name[0]] |= UINT64_C(1) << (strlen(name) % 64);
}

static bool may_be(const uint64_t lengths[256], const char *name, size_t length)
{
	return (lengths[(unsigned char)name[0]] >> (length % 64) & 1) != 0;
}

struct c_names *c_names_new(struct arena *arena)
{
	struct c_names *names = arena_alloc(arena, sizeof *names);
	size_t i;

	names->arena = arena;
	for (i = 0; i < sizeof taken / sizeof taken[0]; i++) {
		struct entry *e = new_entry(names, NULL, taken[i]);

		HASH_ADD_KEYPTR(hh, names->words, e->name, strlen(e->name), e);
		add_length(names->word_lengths, e->name);
	}
	for (i = 0; i < sizeof constants / sizeof constants[0]; i++) {
		struct entry *e = new_entry(names, NULL, constants[i]);

		HASH_ADD_KEYPTR(hh, names->constants, e->name, strlen(e->name), e);
		add_length(names->constant_lengths, e->name);
	}
	return names;
}

void c_names_free(struct c_names *names)
{
	HASH_CLEAR(hh, names->names);
	HASH_CLEAR(hh, names->uppers);
	HASH_CLEAR(hh, names->words);
	HASH_CLEAR(hh, names->constants);
	free(names->used);
}

static const char *known(struct c_names *names, const void *thing)
{
	struct entry **recent = &names->recent[(uintptr_t)thing / 16 % RECENT], *e = *recent;

	if (e != NULL && e->thing == thing)
		return e->name;
	HASH_FIND_PTR(names->names, &thing, e);
	if (e == NULL)
		return NULL;
	*recent = e;
	return e->name;
}

static const char *remember(struct c_names *names, const void *thing, const char *name)
{
	struct entry *e = new_entry(names, thing, name);

	HASH_ADD_PTR(names->names, thing, e);
	return name;
}

/* FileType -> file_type, HTTPServer -> http_server, NAME_MAX -> name_max */
static const char *snake(struct c_names *names, const char *name)
{
	size_t length = strlen(name), i;
	char *out = arena_alloc(names->arena, 2 * length + 1), *p = out;

	for (i = 0; i < length; i++) {
		unsigned char c = (unsigned char)name[i];

		if (isupper(c) && i > 0 && name[i - 1] != '_' &&
		    (!isupper((unsigned char)name[i - 1]) || islower((unsigned char)name[i + 1])))
			*p++ = '_';
		*p++ = (char)tolower(c);
	}
	return out;
}

const char *c_upper(struct c_names *names, const char *name)
{
	struct entry *e;
	char *upper;
	size_t i;

	HASH_FIND(hh, names->uppers, name, strlen(name), e);
	if (e != NULL)
		return e->name;
	upper = arena_copy(names->arena, name, strlen(name));
	for (i = 0; upper[i] != '\0'; i++)
		upper[i] = (char)toupper((unsigned char)upper[i]);
	e = new_entry(names, name, upper);
	HASH_ADD_KEYPTR(hh, names->uppers, name, strlen(name), e);
	return upper;
}

static const char *declared(struct c_names *names, const void *thing, const struct library *library,
			    const char *name)
{
	const char *c = known(names, thing);

	return c != NULL ? c : remember(names, thing, arena_printf(names->arena, "%s_%s",
					snake(names, library->prefix), snake(names, name)));
}

const char *c_group(struct c_names *names, const struct group *group)
{
	const char *c = known(names, group);

	if (c != NULL)
		return c;
	if (group->command != NULL && !group->is_union) {
		const struct command *command = group->command;
		const char *what = command->is_oneway ? "msg"
				   : group == command->request ? "req" : "rsp";

		return remember(names, group, arena_printf(names->arena, "%s_%s",
							   c_command(names, command), what));
	}
	if (group->is_union)
		return remember(names, group, arena_printf(names->arena, "%s_%s",
				c_group(names, group->parent),
				snake(names, group->parent_field->c.name)));
	return declared(names, group, group->library, group->c.name);
}

const char *c_structure(struct c_names *names, const struct structure *structure)
{
	return declared(names, structure, structure->library, structure->c.name);
}

const char *c_enumeration(struct c_names *names, const struct enumeration *enumeration)
{
	return declared(names, enumeration, enumeration->library, enumeration->c.name);
}

const char *c_interface(struct c_names *names, const struct interface *interface)
{
	return declared(names, interface, interface->library, interface->c.name);
}

const char *c_command(struct c_names *names, const struct command *command)
{
	const char *c = known(names, command);

	return c != NULL ? c : remember(names, command, arena_printf(names->arena, "%s_%s",
					c_interface(names, command->interface), command->c.name));
}

const char *c_member(struct c_names *names, const char *name)
{
	/* Like _Bool and __LINE__: there is no list of what compilers and their headers take. */
	bool reserved = name[0] == '_' && (name[1] == '_' || isupper((unsigned char)name[1]));
	struct entry *e = NULL;
	size_t length = strlen(name);

	if (may_be(names->word_lengths, name, length))
		HASH_FIND(hh, names->words, name, length, e);
	return e != NULL || reserved ? arena_printf(names->arena, "%s_", name) : name;
}

const char *c_constant(struct c_names *names, const struct library *library,
		       const struct constant *constant)
{
	return c_upper(names, declared(names, constant, library, constant->c.name));
}

const char *c_enum_member(struct c_names *names, const struct enumeration *enumeration,
			  const struct enum_member *member)
{
	const char *c = known(names, member);

	return c != NULL ? c : remember(names, member, arena_printf(names->arena, "%s_%s",
		c_upper(names, c_enumeration(names, enumeration)), c_upper(names, member->c.name)));
}

/* ---- names that meet ---- */

static void use(struct c_names *names, const char *name, struct location where)
{
	struct entry *e = NULL;
	size_t length = strlen(name);

	if (names->used_count == names->used_room) {
		names->used_room = names->used_room * 2 + 64;
		names->used = realloc(names->used, names->used_room * sizeof *names->used);
		if (names->used == NULL)
			abort();
	}
	if (may_be(names->constant_lengths, name, length))
		HASH_FIND(hh, names->constants, name, length, e);
	if (e != NULL)
		diag_help(names->diagnostics,
			  diag_error(names->diagnostics, DIAG_C_NAME, where,
				     "the C name %s is one of libc's", name),
			  "give it another name");
	names->used[names->used_count] =
		(struct use){ .name = name, .where = where, .order = names->used_count };
	names->used_count++;
}

static int by_name(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : x->order < y->order ? -1 : 1;
}

static int by_order(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	return x->order < y->order ? -1 : 1;
}

/* The end of a scope: report the names that are in it more than once, in the order of their uses. */
static void end_scope(struct c_names *names)
{
	bool any = false;
	size_t i;

	if (names->used_count > 0)
		qsort(names->used, names->used_count, sizeof *names->used, by_name);
	for (i = 1; i < names->used_count; i++) {
		struct use *before = &names->used[i - 1], *u = &names->used[i];

		if (strcmp(u->name, before->name) == 0) {
			u->before = before->before.source != NULL ? before->before : before->where;
			any = true;
		}
	}
	if (any)
		qsort(names->used, names->used_count, sizeof *names->used, by_order);
	for (i = 0; any && i < names->used_count; i++) {
		const struct use *u = &names->used[i];
		struct diag *d;

		if (u->before.source == NULL)
			continue;
		d = diag_error(names->diagnostics, DIAG_C_NAME, u->where, "the C name %s is made twice",
			       u->name);
		diag_note(names->diagnostics, d, u->before, "here for the first time");
		diag_help(names->diagnostics, d, "rename one of the two");
	}
	names->used_count = 0;
}

static void use_with(struct c_names *names, const char *before, const char *name, const char *behind,
		     struct location where)
{
	use(names, arena_printf(names->arena, "%s%s%s", before, name, behind), where);
}

/* The functions in the generated C that belong to a type, the static ones too. */
static void use_helpers(struct c_names *names, const char *name, const char *const *patterns,
			struct location where)
{
	for (; *patterns != NULL; patterns++) {
		const char *hole = strchr(*patterns, '$');

		use(names, arena_printf(names->arena, "%.*s%s%s", (int)(hole - *patterns), *patterns,
					name, hole + 1), where);
	}
}

bool c_has_flag(const struct field *field)
{
	return field->presence == PRESENCE_OPTIONAL ||
	       (field->presence == PRESENCE_DEFAULT && field->default_bits != 0);
}

static void check_members(struct c_names *names, const struct group *group)
{
	size_t i;

	for (i = 0; i < group->field_count; i++) {
		const struct field *f = group->declared[i];

		use(names, c_member(names, f->c.name), f->c.where);
		if (c_has_flag(f))
			use_with(names, "has_", f->c.name, "", f->c.where);
	}
	end_scope(names);
}

static void check_group_name(struct c_names *names, const struct group *group)
{
	static const char *const helpers[] = {
		"$", "$_next", "$_next_of_any", "$_usual", "$_row", "get_$", "get_$_items", "get_$_list", "get_$_ref", "put_$", "put_$_items",
		"put_$_list", "put_$_ref", "put_$_rows", "is_zero_$", NULL
	};
	static const char *const union_helpers[] = {
		"$", "get_$", "get_$_items", "put_$", "put_$_items", "is_zero_$", NULL
	};
	const char *name = c_group(names, group);
	size_t i;

	use_helpers(names, name, group->is_union ? union_helpers : helpers, group->c.where);
	for (i = 0; group->is_union && i < group->field_count; i++)
		use_with(names, c_upper(names, name), "_",
			 c_upper(names, group->fields[i].c.name), group->fields[i].c.where);
}

static void check_command_names(struct c_names *names, const struct command *command)
{
	static const char *const twoway[] = {
		"$", "$_req", "$_rsp", "$_req_encode", "$_req_decode", "$_rsp_encode", "$_rsp_decode",
		"$_reply", "$_wait", "$_done", "run_$", "answer_$", NULL
	};
	static const char *const oneway[] = {
		"$", "$_msg", "$_msg_encode", "$_msg_decode", "run_$", NULL
	};
	const char *name = c_command(names, command), *upper = c_upper(names, name);

	use_helpers(names, name, command->is_oneway ? oneway : twoway, command->c.where);
	use(names, upper, command->c.where);
	use_with(names, upper, command->is_oneway ? "_MSG_MAX" : "_REQ_MAX", "", command->c.where);
	if (!command->is_oneway)
		use_with(names, upper, "_RSP_MAX", "", command->c.where);
}

static void check_enum_names(struct c_names *names, const struct enumeration *e)
{
	static const char *const helpers[] = {
		"$", "$_valid", "$_name", "get_$", "get_$_array", "put_$", "put_$_array", NULL
	};
	size_t i;

	use_helpers(names, c_enumeration(names, e), helpers, e->c.where);
	for (i = 0; i < e->member_count; i++)
		use(names, c_enum_member(names, e, &e->members[i]), e->members[i].c.where);
}

static void check_interface_names(struct c_names *names, const struct interface *interface)
{
	static const char *const helpers[] = {
		"$", "$_at", "$_ops", "$_interface", "$_commands", "$_uses", NULL
	};
	size_t i;

	use_helpers(names, c_interface(names, interface), helpers, interface->c.where);
	use_with(names, c_upper(names, c_interface(names, interface)), "_ID", "", interface->c.where);
	for (i = 0; i < interface->command_count; i++)
		check_command_names(names, &interface->commands[i]);
}

static void use_library(struct c_names *names, const struct library *library)
{
	static const char *const structure_helpers[] = {
		"$", "$_at", "$_load", "get_$", "get_$_array", "put_$", "put_$_array", "store_$", "check_$",
		"valid_$", "is_zero_$", NULL
	};
	size_t i;

	for (i = 0; i < library->declaration_count; i++) {
		const struct declaration *d = &library->declarations[i];

		switch (d->kind) {
		case DECL_CONSTANT:
			use(names, c_constant(names, library, d->constant), d->constant->c.where);
			break;
		case DECL_ENUM:
			check_enum_names(names, d->enumeration);
			break;
		case DECL_STRUCT:
			use_helpers(names, c_structure(names, d->structure), structure_helpers,
				    d->structure->c.where);
			use_with(names, c_upper(names, c_structure(names, d->structure)), "_AS_IS",
				 "", d->structure->c.where);
			break;
		case DECL_GROUP:
			break;		/* among library->groups */
		case DECL_INTERFACE:
			check_interface_names(names, d->interface);
			break;
		}
	}
	for (i = 0; i < library->group_count; i++)
		check_group_name(names, library->groups[i]);
}

void c_names_check(struct c_names *names, const struct model *model, struct diagnostics *diagnostics)
{
	const struct library *library = model->library;
	size_t i, k;

	names->diagnostics = diagnostics;
	if (strcmp(snake(names, library->prefix), "lwl") == 0)
		diag_error(diagnostics, DIAG_C_NAME, library->c.where,
			   "names that start with lwl_ in C are the runtime's");
	/* The headers of imported libraries are included, so that their names count. */
	for (i = 0; i < model->library_count; i++)
		use_library(names, model->libraries[i]);
	end_scope(names);

	for (i = 0; i < library->group_count; i++)
		check_members(names, library->groups[i]);
	for (i = 0; i < library->declaration_count; i++) {
		const struct interface *interface = library->declarations[i].interface;

		if (library->declarations[i].kind == DECL_STRUCT) {
			const struct structure *s = library->declarations[i].structure;

			for (k = 0; k < s->member_count; k++)
				use(names, c_member(names, s->members[k].c.name),
				    s->members[k].c.where);
			end_scope(names);
		}
		if (library->declarations[i].kind != DECL_INTERFACE)
			continue;
		for (k = 0; k < interface->command_count; k++) {
			check_members(names, interface->commands[k].request);
			if (interface->commands[k].response != NULL)
				check_members(names, interface->commands[k].response);
		}
		for (k = 0; k < interface->command_count; k++)
			use(names, c_member(names, interface->commands[k].c.name),
			    interface->commands[k].c.where);
		for (k = 0; k < interface->use_count; k++)
			use(names, c_interface(names, interface->uses[k]), interface->c.where);
		end_scope(names);
	}
}
