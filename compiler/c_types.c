/*
 * NAME.lwl.h: constants, enums, structs, the largest sizes, and what NAME.lwl.c offers.
 */
#include "c_codec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idl/arena.h"

/* ---- small things that all files of the backend need ---- */

static const struct {
	const char *c, *suffix;
	unsigned width;
	bool is_signed;
} scalars[] = {
	[TYPE_BOOL] = { "bool", "bool", 8, false },
	[TYPE_U8] = { "uint8_t", "u8", 8, false },
	[TYPE_U16] = { "uint16_t", "u16", 16, false },
	[TYPE_U32] = { "uint32_t", "u32", 32, false },
	[TYPE_U64] = { "uint64_t", "u64", 64, false },
	[TYPE_S8] = { "int8_t", "s8", 8, true },
	[TYPE_S16] = { "int16_t", "s16", 16, true },
	[TYPE_S32] = { "int32_t", "s32", 32, true },
	[TYPE_S64] = { "int64_t", "s64", 64, true },
	[TYPE_F32] = { "float", "f32", 32, false },
	[TYPE_F64] = { "double", "f64", 64, false },
};

const char *c_scalar(enum type_kind kind)
{
	return scalars[kind].c;
}

const char *c_suffix(enum type_kind kind)
{
	return scalars[kind].suffix;
}

enum type_kind c_stored(const struct type *type)
{
	return type->kind == TYPE_ENUM || type->kind == TYPE_FLAGS ? type->enumeration->underlying
								   : type->kind;
}

bool c_is_strict(const struct type *type)
{
	return (type->kind == TYPE_ENUM || type->kind == TYPE_FLAGS) &&
	       !type->enumeration->is_flexible;
}

const char *c_value_type(struct backend *b, const struct type *type)
{
	const char *name = NULL;

	switch (type->kind) {
	case TYPE_STRUCT:
		name = c_structure(b->names, type->structure);
		break;
	case TYPE_STRING:
		return "struct lwl_string";
	case TYPE_BYTES:
		return "struct lwl_bytes";
	case TYPE_GROUP:
	case TYPE_UNION:
		name = c_group(b->names, type->group);
		break;
	case TYPE_LINK:
		if (type->interface == NULL)
			return "struct lwl_link_any";
		name = c_interface(b->names, type->interface);
		break;
	default:
		return c_scalar(c_stored(type));
	}
	return arena_printf(b->arena, "struct %s", name);
}

const char *c_number(struct arena *arena, enum type_kind kind, uint64_t bits)
{
	switch (kind) {
	case TYPE_BOOL:
		return bits != 0 ? "true" : "false";
	case TYPE_U8:
	case TYPE_U16:
	case TYPE_U32:
	case TYPE_U64:
		if (bits <= INT32_MAX)
			return arena_printf(arena, "%" PRIu64, bits);
		if (kind == TYPE_U32)
			return arena_printf(arena, "UINT32_C(%" PRIu64 ")", bits);
		return arena_printf(arena, "UINT64_C(%" PRIu64 ")", bits);
	case TYPE_S8:
	case TYPE_S16:
	case TYPE_S32:
		if ((int64_t)bits == INT32_MIN)
			return "(-INT32_C(2147483647) - 1)";
		return arena_printf(arena, (int64_t)bits < 0 ? "(%" PRId64 ")" : "%" PRId64,
				    (int64_t)bits);
	case TYPE_S64:
		if ((int64_t)bits == INT64_MIN)
			return "(-INT64_C(9223372036854775807) - 1)";
		if ((int64_t)bits < 0)
			return arena_printf(arena, "(-INT64_C(%" PRIu64 "))", -bits);
		return arena_printf(arena, "INT64_C(%" PRIu64 ")", bits);
	case TYPE_F32:
		return arena_printf(arena, "lwl_f32_of(UINT32_C(0x%08" PRIx64 "))", bits);
	case TYPE_F64:
		return arena_printf(arena, "lwl_f64_of(UINT64_C(0x%016" PRIx64 "))", bits);
	default:
		abort();
	}
}

const char *c_file_stem(struct arena *arena, const struct library *library)
{
	size_t length = strlen(library->file);

	if (length > 4 && strcmp(library->file + length - 4, ".lwl") == 0)
		length -= 4;
	return arena_copy(arena, library->file, length);
}

const char *c_guard(struct backend *b, const char *kind)
{
	char *guard = arena_printf(b->arena, "%s_%s_H", c_upper(b->names, b->library->c.name), kind);
	char *p;

	for (p = guard; *p != '\0'; p++)
		if (*p == '.')
			*p = '_';
	return guard;
}

void c_banner(struct backend *b, const char *what)
{
	const char *text = arena_printf(b->arena, "%s\n\nMade by lwlc from %s: change that, not this.",
					what, b->library->file);

	emit_comment(b->out, "", text, NULL);
}

bool c_has_interfaces(const struct library *library)
{
	size_t i;

	for (i = 0; i < library->declaration_count; i++)
		if (library->declarations[i].kind == DECL_INTERFACE)
			return true;
	return false;
}

void c_each_message(struct backend *b, void (*each)(struct backend *b, const struct group *message))
{
	size_t i, k;

	for (i = 0; i < b->library->declaration_count; i++) {
		const struct declaration *d = &b->library->declarations[i];

		if (d->kind != DECL_INTERFACE)
			continue;
		for (k = 0; k < d->interface->command_count; k++) {
			each(b, d->interface->commands[k].request);
			if (d->interface->commands[k].response != NULL)
				each(b, d->interface->commands[k].response);
		}
	}
}

/* ---- comments ---- */

/* "Since version 2. Deprecated: use lookup.", or NULL. */
static const char *notes(struct backend *b, const struct common *c)
{
	const char *since = c->since != 0 ? arena_printf(b->arena, "Since version %u.", c->since) : "";

	if (c->since == 0 && c->deprecated == NULL)
		return NULL;
	if (c->deprecated == NULL)
		return since;
	return arena_printf(b->arena, "%s%sDeprecated: %s", since, c->since != 0 ? " " : "",
			    c->deprecated);
}

static void comment(struct backend *b, const char *indent, const struct common *c)
{
	emit_comment(b->out, indent, c->doc, notes(b, c));
}

/* ---- constants and enums ---- */

static void emit_constant(struct backend *b, const struct constant *constant)
{
	const char *value = c_number(b->arena, constant->type.kind, constant->bits);

	comment(b, "", &constant->c);
	emit(b->out, "#define $NAME$ $value$\n",
	     "NAME", c_constant(b->names, b->library, constant), "value", value, NULL);
}

static bool fits_int(enum type_kind underlying, uint64_t bits)
{
	if (scalars[underlying].is_signed)
		return (int64_t)bits >= INT32_MIN && (int64_t)bits <= INT32_MAX;
	return bits <= INT32_MAX;
}

static uint64_t member_bits(const struct enumeration *e, const struct enum_member *m)
{
	return e->is_flags ? UINT64_C(1) << m->value : m->value;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/*
 * The condition under which v is a value of a strict enum: few ranges, since values come in runs.
 * Signed values are sorted as unsigned ones, which splits a run at 0; the lowest comes behind the
 * highest and continues no run.  A bound that the type has anyway is left out: compilers warn of it.
 */
static const char *valid_values(struct backend *b, const struct enumeration *e)
{
	uint64_t *values = arena_array(b->arena, e->member_count, sizeof *values);
	unsigned width = scalars[e->underlying].width;
	bool is_signed = scalars[e->underlying].is_signed;
	uint64_t highest = UINT64_MAX >> (64 - width + is_signed);
	uint64_t lowest = is_signed ? ~highest : 0;
	struct output text = { 0 };
	const char *result;
	size_t i, from;

	for (i = 0; i < e->member_count; i++)
		values[i] = e->members[i].value;
	qsort(values, e->member_count, sizeof *values, by_value);
	for (i = 0; i < e->member_count; i++) {
		const char *lo, *hi;

		from = i;
		while (i + 1 < e->member_count && values[i] != highest &&
		       values[i + 1] == values[i] + 1)
			i++;
		lo = c_number(b->arena, e->underlying, values[from]);
		hi = c_number(b->arena, e->underlying, values[i]);
		if (from > 0)
			emit_text(&text, " || ");
		if (from == i)
			emit(&text, "v == $lo$", "lo", lo, NULL);
		else if (values[from] == lowest)
			emit(&text, "v <= $hi$", "hi", hi, NULL);
		else if (values[i] == highest)
			emit(&text, "v >= $lo$", "lo", lo, NULL);
		else if (from == 0 && i + 1 == e->member_count)
			emit(&text, "v >= $lo$ && v <= $hi$", "lo", lo, "hi", hi, NULL);
		else
			emit(&text, "(v >= $lo$ && v <= $hi$)", "lo", lo, "hi", hi, NULL);
	}
	result = arena_copy(b->arena, text.text, text.length);
	output_free(&text);
	return result;
}

/* Every value of a small type may be valid; then there is nothing to compare. */
static bool accepts_all(const struct enumeration *e)
{
	unsigned width = scalars[e->underlying].width;

	if (e->is_flags)
		return e->known_bits == (width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1);
	return width < 32 && e->member_count == (size_t)1 << width;
}

static void emit_enumeration(struct backend *b, const struct enumeration *e)
{
	const char *name = c_enumeration(b->names, e), *type = c_scalar(e->underlying);
	const char *what;
	bool all_int = true;
	size_t i;

	for (i = 0; i < e->member_count; i++)
		all_int = all_int && fits_int(e->underlying, member_bits(e, &e->members[i]));
	what = arena_printf(b->arena, "Stored as %s; %s.", type,
			    e->is_flexible ? "others than these pass, too" : "no others than these");
	emit_comment(b->out, "", e->c.doc, what);
	if (all_int)
		emit(b->out, "enum $name$ {\n", "name", name, NULL);
	for (i = 0; i < e->member_count; i++) {
		const struct enum_member *m = &e->members[i];
		const char *constant = c_enum_member(b->names, e, m);
		const char *value = c_number(b->arena, all_int ? TYPE_S32 : e->underlying,
					     member_bits(e, m));

		comment(b, all_int ? "\t" : "", &m->c);
		if (all_int)
			emit(b->out, "\t$NAME$ = $value$$comma$\n", "NAME", constant, "value", value,
			     "comma", i + 1 < e->member_count ? "," : "", NULL);
		else
			emit(b->out, "#define $NAME$ $value$\n", "NAME", constant, "value", value, NULL);
	}
	if (all_int)
		emit_text(b->out, "};\n");
	emit_text(b->out, "\n");
	if (!e->is_flexible) {
		const char *test;

		if (accepts_all(e))
			test = "true";
		else if (e->is_flags)
			test = arena_printf(b->arena, "(v & ~UINT64_C(%" PRIu64 ")) == 0", e->known_bits);
		else
			test = valid_values(b, e);
		emit(b->out,
		     "static inline bool $name$_valid($type$ v)\n"
		     "{\n"
		     "$all$"
		     "\treturn $test$;\n"
		     "}\n\n", "name", name, "type", type, "test", test,
		     "all", accepts_all(e) ? "\t(void)v;\n" : "", NULL);
	}
	if (!e->is_flags)
		emit(b->out, "/* \"$first$\" for $FIRST$ and so on; NULL for a value without a name. */\n"
			     "const char *$name$_name($type$ v);\n\n",
		     "first", e->members[0].c.name,
		     "FIRST", c_enum_member(b->names, e, &e->members[0]),
		     "name", name, "type", type, NULL);
}

/* ---- structs ---- */

static void emit_structure(struct backend *b, const struct structure *s)
{
	const char *layout = arena_printf(b->arena,
		"%u bytes in a message, aligned to %u; at the left, the offsets there.", s->size, s->align);
	size_t i;

	emit_comment(b->out, "", s->c.doc, layout);
	emit(b->out, "struct $name$ {\n", "name", c_structure(b->names, s), NULL);
	for (i = 0; i < s->member_count; i++) {
		const struct struct_member *m = &s->members[i];
		char array[16] = "", at[16];

		comment(b, "\t", &m->c);
		if (m->type.shape == SHAPE_ARRAY)
			snprintf(array, sizeof array, "[%u]", m->type.max);
		snprintf(at, sizeof at, "%3u", m->offset);
		emit(b->out, "\t/* $at$ */ $type$ $name$$array$;\n", "at", at,
		     "type", c_value_type(b, &m->type), "name", c_member(b->names, m->c.name),
		     "array", array, NULL);
		if (m->hole > 0) {
			uint32_t offset = m->offset + m->type.size *
					  (m->type.shape == SHAPE_ARRAY ? m->type.max : 1);

			emit(b->out, "\t/* $at$: a hole of $n$ */\n",
			     "at", arena_printf(b->arena, "%3u", offset),
			     "n", arena_printf(b->arena, m->hole == 1 ? "%u byte" : "%u bytes", m->hole),
			     NULL);
		}
	}
	emit_text(b->out, "};\n\n");
}

/* "4 of uint64_t", "up to 16 of struct vfs_entry, 60000 bytes in all": what a lwl_seq holds. */
static const char *sequence_note(struct backend *b, const struct field *f)
{
	const struct type *t = &f->type;

	if (f->on_cycle && t->shape == SHAPE_ONE)
		return arena_printf(b->arena, "one of %s", c_value_type(b, t));
	if (t->shape == SHAPE_ARRAY)
		return arena_printf(b->arena, "%u of %s", t->max, c_value_type(b, t));
	if (t->list_bytes != 0)
		return arena_printf(b->arena, "up to %u of %s, %u bytes in all", t->max,
				    c_value_type(b, t), t->list_bytes);
	return arena_printf(b->arena, "up to %u of %s", t->max, c_value_type(b, t));
}

/* What cannot be seen from the member's type: bounds, elements, the default. */
static const char *field_note(struct backend *b, const struct field *f)
{
	const struct type *t = &f->type;

	if (t->shape != SHAPE_ONE || (t->kind == TYPE_GROUP && f->on_cycle))
		return sequence_note(b, f);
	if (t->kind == TYPE_ENUM || t->kind == TYPE_FLAGS)
		return arena_printf(b->arena, "%s %s", t->kind == TYPE_ENUM ? "enum" : "flags",
				    c_enumeration(b->names, t->enumeration));
	if (t->kind == TYPE_STRING || t->kind == TYPE_BYTES)
		return t->min > 0 ? arena_printf(b->arena, "%u..%u bytes", t->min, t->max)
				  : arena_printf(b->arena, "up to %u bytes", t->max);
	return NULL;
}

static void emit_field(struct backend *b, const char *indent, const struct field *f)
{
	const char *name = c_member(b->names, f->c.name), *note = field_note(b, f);
	const char *type = f->type.shape != SHAPE_ONE || f->on_cycle ? "struct lwl_seq"
								     : c_value_type(b, &f->type);

	comment(b, indent, &f->c);
	if (c_has_flag(f))
		emit(b->out, "$indent$bool has_$name$;\n", "indent", indent, "name", f->c.name, NULL);
	emit(b->out, "$indent$$type$ $name$;", "indent", indent, "type", type, "name", name, NULL);
	if (note != NULL)
		emit(b->out, "\t/* $note$ */", "note", note, NULL);
	emit_text(b->out, "\n");
}

static void emit_union_members(struct backend *b, const struct group *g)
{
	const char *upper = c_upper(b->names, c_group(b->names, g));
	size_t i;

	emit(b->out, "enum {\t\t\t\t/* struct $name$, which */\n", "name", c_group(b->names, g), NULL);
	for (i = 0; i < g->field_count; i++)
		emit(b->out, "\t$UNION$_$MEMBER$ = $number$$comma$\n", "UNION", upper,
		     "MEMBER", c_upper(b->names, g->fields[i].c.name),
		     "number", arena_printf(b->arena, "%u", g->fields[i].number),
		     "comma", i + 1 < g->field_count ? "," : "", NULL);
	emit(b->out, "};\n\nstruct $name$ {\n\tuint16_t which;\n\tunion {\n",
	     "name", c_group(b->names, g), NULL);
	for (i = 0; i < g->field_count; i++)
		emit_field(b, "\t\t", g->declared[i]);
	emit_text(b->out, "\t};\n};\n\n");
}

static void emit_group_struct(struct backend *b, const struct group *g)
{
	size_t i;

	comment(b, "", &g->c);
	if (g->is_union) {
		emit_union_members(b, g);
		return;
	}
	emit(b->out, "struct $name$ {\n", "name", c_group(b->names, g), NULL);
	for (i = 0; i < g->field_count; i++)
		emit_field(b, "\t", g->declared[i]);
	if (g->field_count == 0)
		emit_text(b->out, "\tchar lwl_none;\t\t\t/* it has no items */\n");
	emit_text(b->out, "};\n\n");
}

/* ---- commands ---- */

static void emit_command_constants(struct backend *b, const struct command *command)
{
	const char *upper = c_upper(b->names, c_command(b->names, command));
	const char *number = arena_printf(b->arena, "0x%04x",
					  (unsigned)command->interface->id << 8 | command->number);
	const char *request = arena_printf(b->arena, "%u", command->request_max);

	emit(b->out, "#define $NAME$ $number$\n", "NAME", upper, "number", number, NULL);
	if (command->is_oneway) {
		emit(b->out, "#define $NAME$_MSG_MAX $max$\n", "NAME", upper, "max", request, NULL);
		return;
	}
	emit(b->out, "#define $NAME$_REQ_MAX $max$\n", "NAME", upper, "max", request, NULL);
	emit(b->out, "#define $NAME$_RSP_MAX $max$\n", "NAME", upper,
	     "max", arena_printf(b->arena, "%u", command->response_max), NULL);
}

static void emit_codec_prototypes(struct backend *b, const struct group *message)
{
	emit(b->out,
	     "int $name$_encode(struct lwl_writer *w, const struct $name$ *in);\n"
	     "int $name$_decode(struct $name$ *out, const void *msg, size_t len, struct lwl_error *err);\n",
	     "name", c_group(b->names, message), NULL);
}

static void emit_command(struct backend *b, const struct command *command)
{
	const char *kind = command->is_oneway ? "A one-way." : command->is_replay_safe
			   ? "Replay safe." : NULL;
	const char *extra = notes(b, &command->c);

	if (kind != NULL && extra != NULL)
		extra = arena_printf(b->arena, "%s %s", kind, extra);
	else if (kind != NULL)
		extra = kind;
	emit(b->out, "/* ---- $interface$.$command$ ---- */\n\n",
	     "interface", command->interface->c.name, "command", command->c.name, NULL);
	emit_comment(b->out, "", command->c.doc, extra);
	emit_command_constants(b, command);
	emit_text(b->out, "\n");
	emit_group_struct(b, command->request);
	if (command->response != NULL)
		emit_group_struct(b, command->response);
	emit_codec_prototypes(b, command->request);
	if (command->response != NULL)
		emit_codec_prototypes(b, command->response);
	emit_text(b->out, "\n");
}

static void emit_interface_type(struct backend *b, const struct interface *interface)
{
	const char *name = c_interface(b->names, interface);

	emit_comment(b->out, "", interface->c.doc,
		     arena_printf(b->arena, "A link to an end point that offers %s.", interface->c.name));
	emit(b->out,
	     "struct $name$ {\n"
	     "\tuint64_t id;\t\t\t/* the linkid; 0: none */\n"
	     "};\n\n"
	     "#define $NAME$_ID $id$\n\n"
	     "/* Element `i` of a sequence of these. */\n"
	     "static inline struct $name$ $name$_at(struct lwl_seq seq, uint32_t i)\n"
	     "{\n"
	     "\tstruct $name$ link = { lwl_link_at(seq, i).id };\n\n"
	     "\treturn link;\n"
	     "}\n\n",
	     "name", name, "NAME", c_upper(b->names, name),
	     "id", arena_printf(b->arena, "0x%02x", interface->id), NULL);
}

static const char usage[] =
	"A message is a plain struct. Its _encode fills it into a writer that lwl_writer_init has begun,\n"
	"and returns 0 or what lwl_writer_finish in <lwlink/wire.h> says. Its _decode takes one message\n"
	"with its header and padding; strings, bytes and sequences then point into it. It returns 0,\n"
	"-LWL_EMALFORMED with `*err` telling where (err may be NULL), or, of an error response, minus the\n"
	"error's code; only after 0 does the struct hold the message. Neither blocks or allocates. Of an\n"
	"item that is optional, or has a default other than 0, has_… says whether it is there.";

void c_types_emit(struct backend *b)
{
	const struct library *library = b->library;
	const char *guard = c_guard(b, "LWL");
	bool constants = false;
	size_t i, k;

	c_banner(b, arena_printf(b->arena, "%s, version %u: the messages.%s%s", library->c.name,
				 library->version, library->c.doc != NULL ? "\n\n" : "",
				 library->c.doc != NULL ? library->c.doc : ""));
	emit(b->out, "#ifndef $guard$\n#define $guard$\n\n#include <lwlink/wire.h>\n\n",
	     "guard", guard, NULL);
	for (i = 0; i < library->import_count; i++)
		emit(b->out, "#include \"$stem$.lwl.h\"\n$blank$",
		     "stem", c_file_stem(b->arena, library->imports[i]),
		     "blank", i + 1 == library->import_count ? "\n" : "", NULL);
	emit_text(b->out, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
	if (c_has_interfaces(library)) {
		emit_comment(b->out, "", usage, NULL);
		emit_text(b->out, "\n");
	}
	for (i = 0; i < library->declaration_count; i++)
		if (library->declarations[i].kind == DECL_CONSTANT) {
			emit_constant(b, library->declarations[i].constant);
			constants = true;
		}
	if (constants)
		emit_text(b->out, "\n");
	for (i = 0; i < library->declaration_count; i++)
		if (library->declarations[i].kind == DECL_ENUM)
			emit_enumeration(b, library->declarations[i].enumeration);
	for (i = 0; i < library->declaration_count; i++)
		if (library->declarations[i].kind == DECL_INTERFACE)
			emit_interface_type(b, library->declarations[i].interface);
	for (i = 0; i < library->structure_count; i++) {
		emit_structure(b, library->structures[i]);
		c_structure_emit_inline(b, library->structures[i]);
	}
	for (i = 0; i < library->group_count; i++) {
		const struct group *g = library->groups[i];

		emit_group_struct(b, g);
		if (c_is_row(g))
			c_row_emit_next(b, g);
		else if (!g->is_union)
			emit(b->out,
			     "/* The next of a list of these; false at its end. */\n"
			     "bool $name$_next(struct lwl_cursor *c, struct $name$ *out);\n\n",
			     "name", c_group(b->names, g), NULL);
	}
	for (i = 0; i < library->declaration_count; i++) {
		const struct interface *interface = library->declarations[i].interface;

		if (library->declarations[i].kind != DECL_INTERFACE)
			continue;
		for (k = 0; k < interface->command_count; k++)
			emit_command(b, &interface->commands[k]);
	}
	emit_text(b->out, "#ifdef __cplusplus\n}\n#endif\n#endif\n");
}
